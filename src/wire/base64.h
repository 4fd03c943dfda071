/* base64.h - RFC 4648 section 4, standard alphabet, padded. */
#ifndef PKT_BASE64_H
#define PKT_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of text for 'n' bytes, without a NUL. */
static inline size_t pkt_base64_size(size_t n) { return (n + 2) / 3 * 4; }

/* Write pkt_base64_size(n) characters to 'out'. */
void pkt_base64_encode(char *out, const uint8_t *p, size_t n);

/* Decode 'n' characters into 'out', which has room for n / 4 * 3 + 3 bytes. White space and
** line ends are passed over; padding may be left out only where none is needed. Returns the
** number of bytes, or -1 with *bad (may be NULL) at the first character that doesn't belong:
** 'n' where the text ends in the middle of a group. */
ptrdiff_t pkt_base64_decode(uint8_t *out, const char *text, size_t n, size_t *bad);

#endif
