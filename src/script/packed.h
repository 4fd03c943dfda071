/* packed.h - values as a run of bytes, on their way between a worker and the expression process.
**
** Both ends run on one machine, so numbers are in its byte order. A value is a tag and what belongs
** to it:
**
**   NIL TRUE FALSE
**   INT      int64_t
**   REAL     double
**   STRING   uint32_t n, n bytes
**   ADDRESS  uint8_t width (6, 4 or 16), as many bytes
**   LIST     uint32_t n, n values
**   MAP      uint32_t n, n times: key as in STRING, value
**   LAYER    id as in STRING, uint32_t n, n times: key as in STRING (empty: a field by its place),
**            value
**   CHAIN    uint32_t n, n LAYERs, the lowest first
**   UNSET    a field of a layer that has no value yet
**
** Who reads trusts nothing: pkt_packed_read() checks every length and limit. */
#ifndef PKT_PACKED_H
#define PKT_PACKED_H

#include "../engine/arena.h"
#include "../engine/buf.h"
#include "../engine/err.h"
#include "../engine/packet.h"
#include "../engine/value.h"

/* What an expression may result in: a list of fields' values is smaller, and so are the largest
** options. */
#define PKT_MAX_RESULT_DEPTH 16
#define PKT_MAX_RESULT_ITEMS 4096
#define PKT_MAX_RESULT_VALUES (PKT_MAX_RESULT_ITEMS + 1) /* with the list that holds them */
#define PKT_MAX_RESULT_BYTES 0x10000 /* of all texts together: a field of 16 bits' length */

/* The most bytes that such a result is packed in: each item with a tag, two lengths and a
** number. */
#define PKT_MAX_PACKED (PKT_MAX_RESULT_BYTES + PKT_MAX_RESULT_ITEMS * 24)

enum pkt_packed_tag {
  PKT_PACKED_NIL = 'n',
  PKT_PACKED_TRUE = 't',
  PKT_PACKED_FALSE = 'f',
  PKT_PACKED_INT = 'i',
  PKT_PACKED_REAL = 'r',
  PKT_PACKED_STRING = 's',
  PKT_PACKED_ADDRESS = 'a',
  PKT_PACKED_LIST = 'l',
  PKT_PACKED_MAP = 'm',
  PKT_PACKED_LAYER = 'p',
  PKT_PACKED_CHAIN = 'c',
  PKT_PACKED_UNSET = 'u',
};

/* Read all 'n' bytes as one value into *out, which lies in 'arena' and points nowhere into 'data'.
** Strings become text, 'lua' set, where they are UTF-8, and bytes elsewhere; addresses become text
** with their bytes behind it; LAYER and CHAIN become constructor calls. Returns 0, or -1 with *err:
** PKT_ERR_MALFORMED, PKT_ERR_LIMIT, PKT_ERR_MEMORY. */
int pkt_packed_read(struct pkt_arena *arena, const void *data, size_t n, struct pkt_value *out,
                    struct pkt_err *err);

/* Append what a packet holds so far as a LIST of LAYERs, 'top' (NULL: none) behind those of 'p'.
** Numbers are INT, addresses ADDRESS, lists LIST, options lists of a name or code and its parts;
** what isn't set and has no default is UNSET. */
void pkt_packed_layers(struct pkt_buf *b, const struct pkt_packet *p, const struct pkt_layer *top);

#endif
