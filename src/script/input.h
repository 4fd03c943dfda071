/* input.h - files and pipes whose bytes are taken as they come: sources of core.capture.reader().
**
**   input = core.capture.open(path)   -- "-" is the standard input; or nil and { code, message }
**   read, size = input:progress()     -- bytes read so far, and the file's: 0 where that is unknown
**
** A signal that ends captures (core.shark.until_interrupted) ends the input, too. */
#ifndef PKT_INPUT_H
#define PKT_INPUT_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "../engine/err.h"

struct pkt_input;

/* Make their class, before the first is opened. */
void pkt_open_input(lua_State *L);

/* open(path) */
int pkt_input_open(lua_State *L);

/* The input at 'index'; NULL: it is something else. */
struct pkt_input *pkt_to_input(lua_State *L, int index);

/* Wait for its next bytes. Returns 1: there are '*n' at '*bytes', good until the next call, or none
** yet, after PKT_LIVE_WAIT; 0: the end; -1 with *err. */
int pkt_input_read(struct pkt_input *in, const uint8_t **bytes, size_t *n, struct pkt_err *err);

#endif
