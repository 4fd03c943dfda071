/* text_head.h - the head of a message that is lines of text: a start line, header lines and a blank
** line, each ended by CRLF or LF (RFC 9112 section 2, RFC 3261 section 7). What it says of the body
** behind it. */
#ifndef PKT_TEXT_HEAD_H
#define PKT_TEXT_HEAD_H

#include <stdbool.h>
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

/* Is "chunked" the last word that the header lines with one of these names list (RFC 9112 section
** 6.1)? 'n': the bytes of the whole head. */
bool pkt_text_is_chunked(const uint8_t *p, size_t n, const char *names);

/* Where the line end before a body's first chunk begins, the head having 'n' bytes: within the
** head's blank line. */
uint64_t pkt_text_first_chunk(const uint8_t *p, size_t n);

#define PKT_BAD_CHUNKS 0 /* a line of theirs makes no sense, or is longer than a head may be */

/* Walk over the chunks of a body and the trailer section behind them (RFC 9112 section 7.1). '*at'
** is where the line end before a chunk begins, the first one or one that a walk has come to; it is
** put behind the last chunk that was passed, which may end behind the 'n' bytes that are there.
** Returns the bytes from 'p' to the end of the body: where they are more than 'n', those that it
** has at least; or PKT_BAD_CHUNKS. A chunk has up to 2^60 - 1 bytes. */
int64_t pkt_text_chunks(const uint8_t *p, size_t n, uint64_t *at);

/* What was found out about a message; all 0: nothing yet. */
struct pkt_text {
  int64_t head;   /* as pkt_text_head() has it */
  uint64_t chunk; /* how far pkt_text_chunks() has come */
};

#endif
