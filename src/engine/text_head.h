/* text_head.h - the head of a message that is lines of text: a start line, header lines and a blank
** line, each ended by CRLF or LF (RFC 9112 section 2, RFC 3261 section 7). What it says of the body
** behind it. */
#ifndef PKT_TEXT_HEAD_H
#define PKT_TEXT_HEAD_H

#include <stddef.h>
#include <stdint.h>

#define PKT_HEAD_PART 0      /* its end isn't there yet */
#define PKT_HEAD_TOO_LONG -1 /* it is of more than PKT_MAX_HEAD bytes */

/* The bytes of the head that begins here, its blank line counted; or one of these. */
int64_t pkt_text_head(const uint8_t *p, size_t n);

#define PKT_NO_NUMBER -1  /* there is no such line */
#define PKT_BAD_NUMBER -2 /* what it says is none, or too large, or another line says otherwise */

/* The decimal number of a header line with one of these names, a space between each two; letters of
** either case. 'n': the bytes of the whole head. 0 to 10^18 - 1, or one of these. */
int64_t pkt_text_number(const uint8_t *p, size_t n, const char *names);

#endif
