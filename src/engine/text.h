/* text.h - stepping over text: what needs no escape, what is valid UTF-8, what a digit counts. */
#ifndef PKT_TEXT_H
#define PKT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Does the character stand for itself in a JSON string, and is it ASCII? */
static inline bool pkt_is_plain(char c) { return c >= ' ' && c != '"' && c != '\\' && !(c & 0x80); }

/* The number of plain characters at the start of 'p'. */
static inline size_t pkt_plain_run(const char *p, size_t n) {
  const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
  size_t i = 0;
  for (; n - i >= 8; i += 8) { /* the top bit of a byte in 'stop': it isn't plain */
    uint64_t w;
    memcpy(&w, p + i, 8);
    uint64_t quote = w ^ ones * '"', backslash = w ^ ones * '\\';
    uint64_t stop = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
    stop = (stop | ((w - ones * ' ') & ~w) | w) & tops;
    /* a borrow may mark bytes behind a true stop, never the first one */
    if (stop) return i + (size_t)__builtin_ctzll(stop) / 8;
  }
  while (i < n && pkt_is_plain(p[i])) i++;
  return i;
}

/* What a hexadecimal digit counts, or -1. */
static inline int pkt_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The length of the UTF-8 character at 'p', 1 to 4; 0 when the 'n' bytes (at least 1) start with
** none: overlong forms, surrogates and what lies over U+10FFFF are none (RFC 3629 section 4). */
static inline size_t pkt_utf8_len(const char *p, size_t n) {
  const uint8_t *s = (const uint8_t *)p;
  if (s[0] < 0x80) return 1;
  if (s[0] < 0xc2 || s[0] > 0xf4) return 0;
  size_t len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
  if (n < len) return 0;
  uint8_t low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80; /* bounds of the second byte */
  uint8_t high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
  if (s[1] < low || s[1] > high) return 0;
  for (size_t i = 2; i < len; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  return len;
}

/* Are all 'n' bytes UTF-8, as above? */
static inline bool pkt_is_utf8(const char *p, size_t n) {
  for (size_t i = 0, len; i < n; i += len)
    if ((len = pkt_utf8_len(p + i, n - i)) == 0) return false;
  return true;
}

/* Write a code point as UTF-8, 1 to 4 bytes; returns how many. */
static inline size_t pkt_utf8_put(char *out, uint32_t c) {
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = len; --i > 0; c >>= 6) out[i] = (char)(0x80 | (c & 0x3f));
  out[0] = (char)((0xf00 >> len & 0xf0) | c); /* as many leading ones as bytes */
  return len;
}

#endif
