#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../wire/base64.h"

#define BUF_LEAST 256   /* the smallest allocation */
#define COPY_PIECE 1024 /* bytes that the C library copies without "rep movsb" */

/* The capacity for 'need' bytes: at least twice the old one, within the limit; 0 when over it. */
static size_t next_cap(const struct pkt_buf *b, size_t need) {
  size_t most = b->limit ? b->limit : SIZE_MAX / 2;
  if (need > most) return 0;
  size_t cap = b->cap > most / 2 ? most : b->cap * 2;
  if (cap < BUF_LEAST) cap = BUF_LEAST < most ? BUF_LEAST : most;
  return cap > need ? cap : need;
}

bool pkt_buf_grow(struct pkt_buf *b, size_t n) {
  if (b->failed) return false;
  if (n <= b->cap - b->len) return true;
  size_t cap = n <= SIZE_MAX - b->len ? next_cap(b, b->len + n) : 0;
  char *data = cap ? realloc(b->data, cap) : NULL;
  if (!data) {
    b->failed = true;
    b->limited = cap == 0;
    return false;
  }
  b->data = data;
  b->cap = cap;
  return true;
}

/* Copies in pieces: on AMD EPYC processors with "fsrm", "rep movsb" is 15 times slower if 'to'
** lies less than 16 bytes behind 'from', modulo 64. The size is volatile
** because a compiler that knows it would emit "rep movs" itself. */
void pkt_copy_long(char *to, const char *from, size_t n) {
  volatile size_t most = COPY_PIECE;
  for (size_t at = 0, piece; at < n; at += piece) {
    piece = most;
    if (piece > n - at) piece = n - at;
    memcpy(to + at, from + at, piece);
  }
}

void pkt_buf_str(struct pkt_buf *b, const char *s) { pkt_buf_add(b, s, strlen(s)); }

void pkt_buf_fmt(struct pkt_buf *b, const char *format, ...) {
  char small[256];
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(small, sizeof(small), format, args);
  if (n < 0) {
    b->failed = true;
  } else if ((size_t)n < sizeof(small)) {
    pkt_buf_add(b, small, (size_t)n);
  } else if (pkt_buf_room(b, (size_t)n + 1)) { /* vsnprintf ends with a NUL */
    vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
    b->len += (size_t)n;
  }
  va_end(again);
  va_end(args);
}

void pkt_buf_u64(struct pkt_buf *b, uint64_t v) {
  static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                              "25262728293031323334353637383940414243444546474849"
                              "50515253545556575859606162636465666768697071727374"
                              "75767778798081828384858687888990919293949596979899";
  char text[20]; /* the digits of 2^64 - 1 */
  size_t at = sizeof(text);
  for (; v >= 100; v /= 100) memcpy(text + (at -= 2), pairs + v % 100 * 2, 2);
  if (v >= 10)
    memcpy(text + (at -= 2), pairs + v * 2, 2);
  else
    text[--at] = (char)('0' + v);
  pkt_buf_add(b, text + at, sizeof(text) - at);
}

void pkt_buf_i64(struct pkt_buf *b, bool negative, uint64_t magnitude) {
  if (negative) pkt_buf_byte(b, '-');
  pkt_buf_u64(b, magnitude);
}

void pkt_buf_hex(struct pkt_buf *b, uint64_t v) {
  char text[18]; /* 0x and sixteen digits */
  size_t at = sizeof(text);
  do text[--at] = "0123456789abcdef"[v & 15];
  while (v >>= 4);
  text[--at] = 'x';
  text[--at] = '0';
  pkt_buf_add(b, text + at, sizeof(text) - at);
}

void pkt_buf_base64(struct pkt_buf *b, const uint8_t *p, size_t n) {
  size_t size = pkt_base64_size(n);
  if (!pkt_buf_room(b, size) || n == 0) return;
  pkt_base64_encode(b->data + b->len, p, n);
  b->len += size;
}

void pkt_buf_clear(struct pkt_buf *b, size_t keep) {
  b->len = 0;
  b->failed = b->limited = false;
  if (b->cap <= keep) return;
  char *data = keep ? realloc(b->data, keep) : NULL;
  if (!data) { /* nothing to keep, or not even room to shrink */
    free(b->data);
    keep = 0;
  }
  b->data = data;
  b->cap = keep;
}

void pkt_buf_free(struct pkt_buf *b) {
  free(b->data);
  *b = (struct pkt_buf){.limit = b->limit};
}
