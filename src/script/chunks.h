/* chunks.h - protocols and modules that were compiled when the program was: no need to do it again at every
** start, as long as the file says the same.
**
** tools/chunks.c writes them one behind the other: a head each, and so many bytes of what lua_dump()
** made of the file, filled up to a multiple of 8. */
#ifndef PKT_CHUNKS_H
#define PKT_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

struct pkt_chunk {
  uint64_t hash; /* of the file's text: pkt_mix() from 0 */
  uint64_t size; /* of that text, in bytes */
  uint64_t len;  /* of what was made of it */
};

/* What lua_dump() made of this text, '*len' bytes; NULL: it isn't known. */
const char *pkt_chunk_find(const char *text, size_t n, size_t *len);

/* Who looks for a text that is to be compiled; NULL: nobody does. The program's own Lua is the one that
** compiled them; another, that loads the module luapkt.core, may read them otherwise. */
extern const char *(*pkt_known_chunk)(const char *text, size_t n, size_t *len);

#endif
