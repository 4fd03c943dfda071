/* json.h - JSON text to values and back, exact (RFC 8259).
**
** Integers keep all 64 bits and empty arrays stay arrays. A number written with '.', 'e' or 'E'
** is a real, also where its value is whole (1.0, 1e3); so is an integer whose magnitude is over
** 2^64-1. -0 is the integer 0. Refused, with line and column (both from 1, columns in
** characters): trailing text, duplicate keys, depth over PKT_MAX_DEPTH, invalid UTF-8, lone
** surrogates, control characters in strings, a byte order mark, reals too large for a double. */
#ifndef PKT_JSON_H
#define PKT_JSON_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "value.h"

/* Parse all of 'text' into *out. Strings without escapes point into 'text', which must outlive
** the value; the rest lies in 'arena'. Returns 0, or -1 with *err filled in (PKT_ERR_SYNTAX,
** PKT_ERR_LIMIT or PKT_ERR_MEMORY). */
int pkt_json_read(struct pkt_arena *arena, const char *text, size_t len, struct pkt_value *out,
                  struct pkt_err *err);

/* Append 's' as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD: what leaves
** is always valid. */
void pkt_json_string(struct pkt_buf *b, const char *s, size_t len);

/* The same for bytes, each byte one character U+0000 to U+00FF. */
void pkt_json_latin1(struct pkt_buf *b, const uint8_t *s, size_t len);

/* Append a value: layers as null, reals in the shortest form that reads back as the same real
** ("1.0", never "1"), NaN and infinities as null, bytes as Latin-1 text. Lists and maps deeper
** than PKT_MAX_DEPTH become null. */
void pkt_json_write(struct pkt_buf *b, const struct pkt_value *v);

#endif
