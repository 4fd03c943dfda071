/* buf.h - bytes that grow: replies, packets, text.
**
** A buffer owns its memory. A failed allocation is remembered in 'failed' and makes every later
** call do nothing, so that writers need to look only once, at the end. */
#ifndef PKT_BUF_H
#define PKT_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct pkt_buf {
  char *data; /* 'len' bytes in use of 'cap'; not NUL-terminated */
  size_t len;
  size_t cap;
  bool failed;  /* out of memory, or over 'limit'... */
  bool limited; /* ...the latter, where 'failed' */
  size_t limit; /* 'len' may not pass this; 0: no limit */
};

/* Make room for 'n' more bytes. False when that failed. pkt_buf_grow() is the part of it that is
** rarely needed. */
bool pkt_buf_grow(struct pkt_buf *b, size_t n);
static inline bool pkt_buf_room(struct pkt_buf *b, size_t n) {
  return (n <= b->cap - b->len && !b->failed) || pkt_buf_grow(b, n);
}

/* Append 'n' bytes; a byte; the characters of a literal, of a C string; what printf would print. */
static inline void pkt_buf_add(struct pkt_buf *b, const void *p, size_t n) {
  if (pkt_buf_room(b, n) && n > 0) {
    memcpy(b->data + b->len, p, n);
    b->len += n;
  }
}

static inline void pkt_buf_byte(struct pkt_buf *b, char c) {
  if (pkt_buf_room(b, 1)) b->data[b->len++] = c;
}

#define pkt_buf_lit(b, s) pkt_buf_add((b), "" s, sizeof(s) - 1)

/* memcpy() for data that may be long (buf.c says why). */
void pkt_copy_long(char *to, const char *from, size_t n);

void pkt_buf_str(struct pkt_buf *b, const char *s);
void pkt_buf_fmt(struct pkt_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Append a number in decimal; 'hex' in lower case with 0x in front. */
void pkt_buf_u64(struct pkt_buf *b, uint64_t v);
void pkt_buf_i64(struct pkt_buf *b, bool negative, uint64_t magnitude);
void pkt_buf_hex(struct pkt_buf *b, uint64_t v);

/* Append bytes as base64 with padding (RFC 4648 section 4). */
void pkt_buf_base64(struct pkt_buf *b, const uint8_t *p, size_t n);

/* Empty it, keeping the memory up to 'keep' bytes; a failure is forgotten. */
void pkt_buf_clear(struct pkt_buf *b, size_t keep);

/* Free its memory. It is empty then, with the same limit, and can be used again. */
void pkt_buf_free(struct pkt_buf *b);

#endif
