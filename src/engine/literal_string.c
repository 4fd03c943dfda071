/* literal_string.c - strings in literals: their prefixes, quotes and escapes. */
#include "literal_inner.h"

#include <stdio.h>

#include "text.h"

/* Does a prefix of 'n' letters go before a string? */
static bool is_prefix(const char *p, size_t n, struct lit_style *s) {
  static const char *const prefixes[] = {"", "b", "r", "u", "br", "rb", NULL};
  char lower[2] = {0};
  if (n > sizeof(lower)) return false;
  for (size_t i = 0; i < n; i++) lower[i] = (char)(p[i] | 0x20);
  for (const char *const *known = prefixes; *known; known++) {
    if (!lit_is_word(lower, n, *known)) continue;
    s->bytes = memchr(lower, 'b', n) != NULL;
    s->raw = memchr(lower, 'r', n) != NULL;
    return true;
  }
  return false;
}

bool lit_open_string(struct lit_reader *r, struct lit_style *s) {
  const char *p = lit_name_end(r, r->at);
  if (!lit_is_quote(lit_peek(r, p)) || !is_prefix(r->at, (size_t)(p - r->at), s)) return false;
  s->start = r->at;
  s->quote = *p;
  s->triple = lit_peek(r, p + 1) == *p && lit_peek(r, p + 2) == *p;
  if (s->triple) r->doubt = true; /* in Lua, b'''x''' is b'' 'x' '' */
  r->at = p + (s->triple ? 3 : 1);
  return true;
}

/* Pass over the closing quotes. */
static bool close_string(struct lit_reader *r, const struct lit_style *s) {
  if (lit_peek(r, r->at) != s->quote) return false;
  if (!s->triple) return lit_skip(r, s->quote);
  if (lit_peek(r, r->at + 1) != s->quote || lit_peek(r, r->at + 2) != s->quote) return false;
  r->at += 3;
  return true;
}

/* Pass over a line end, CR LF being one. */
static void skip_line_end(struct lit_reader *r) {
  if (*r->at++ == '\r') lit_skip(r, '\n');
}

/* Up to 'most' digits of 'base' at 'at', passed over; their value, and how many in *n. */
static uint32_t read_digits(struct lit_reader *r, int base, int most, int *n) {
  uint32_t v = 0;
  for (*n = 0; *n < most && lit_digit_value(lit_peek(r, r->at)) < base; ++*n)
    v = v * (uint32_t)base + (uint32_t)lit_digit_value(*r->at++);
  return v;
}

static int push_code_point(struct lit_reader *r, const struct lit_style *s, uint32_t c) {
  char utf8[4];
  if (s->bytes) return lit_push_char(r, (char)(c & 0xff));
  return lit_push(r, utf8, pkt_utf8_put(utf8, c));
}

/* \xNN, \uNNNN, \UNNNNNNNN: 'at' is behind the letter, 'start' at the backslash. */
static int read_hex_escape(struct lit_reader *r, const struct lit_style *s, const char *start,
                           int digits) {
  int n;
  uint32_t c = read_digits(r, 16, digits, &n);
  char what[40];
  snprintf(what, sizeof(what), "%d hex digits expected after \\%c", digits, start[1]);
  if (n < digits) /* \u{41} is Lua's */
    return n == 0 && start[1] == 'u' && lit_peek(r, r->at) == '{'
               ? lit_fail_at(r, start, what)
               : lit_fail_in_both(r, start, what);
  if (c > 0x10ffff) return lit_fail_in_both(r, start, "character beyond U+10FFFF");
  if (!s->bytes && c >= 0xd800 && c <= 0xdfff)
    return lit_refuse(r, PKT_ERR_VALUE, start, "lone surrogate");
  return push_code_point(r, s, c);
}

/* An escape that isn't one stands for itself. */
static int read_other_escape(struct lit_reader *r, const char *start) {
  if (start[1] == 'z') r->doubt = true; /* in Lua, passes over line ends */
  r->at = start + 1;
  return lit_push_char(r, '\\');
}

/* The escape at 'at', a backslash with something behind it. */
static int read_escape(struct lit_reader *r, const struct lit_style *s) {
  static const char shorts[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v"; /* the letter, its character */
  const char *start = r->at;
  char letter = start[1];
  int n;
  if (letter >= '0' && letter <= '7') {
    r->at = start + 1;
    return push_code_point(r, s, read_digits(r, 8, 3, &n));
  }
  r->at = start + 2;
  for (const char *c = shorts; *c; c += 2)
    if (*c == letter) return lit_push_char(r, c[1]);
  if (lit_is_line_end(letter)) {
    r->at = start + 1;
    skip_line_end(r);
    return 0;
  }
  if (letter == 'x') return read_hex_escape(r, s, start, 2);
  if (letter == 'u' && !s->bytes) return read_hex_escape(r, s, start, 4);
  if (letter == 'U' && !s->bytes) return read_hex_escape(r, s, start, 8);
  if (letter == 'N' && !s->bytes) return lit_fail_in_both(r, start, "\\N is not read");
  return read_other_escape(r, start);
}

/* One character that stands for itself, or a line end. */
static int read_char(struct lit_reader *r, const struct lit_style *s) {
  char c = *r->at;
  if (lit_is_line_end(c)) {
    if (!s->triple) return lit_fail_in_both(r, s->start, "string without an end on its line");
    skip_line_end(r);
    return lit_push_char(r, '\n');
  }
  if (c == '\0') return lit_fail_at(r, r->at, "zero byte in a string");
  size_t n = pkt_utf8_len(r->at, (size_t)(r->end - r->at));
  if (n == 0) return lit_fail_at(r, r->at, "invalid UTF-8");
  if (n > 1 && s->bytes)
    return lit_fail_at(r, r->at, "bytes are written with ASCII characters only");
  r->at += n;
  return lit_push(r, r->at - n, n);
}

/* A backslash of a raw string, and the character behind it, which ends nothing. */
static int read_raw_escape(struct lit_reader *r, const struct lit_style *s) {
  struct lit_style behind = *s;
  behind.triple = true; /* a line end is a character like others */
  r->at++;
  return lit_push_char(r, '\\') != 0 ? -1 : read_char(r, &behind);
}

/* Push the characters of one string up to its closing quotes. */
static int read_string(struct lit_reader *r, const struct lit_style *s) {
  while (!close_string(r, s)) {
    if (r->at == r->end || (*r->at == '\\' && r->at + 1 == r->end))
      return lit_fail_in_both(r, s->start, "string without an end");
    int status = *r->at != '\\' ? read_char(r, s)
                 : s->raw       ? read_raw_escape(r, s)
                                : read_escape(r, s);
    if (status != 0) return -1;
  }
  return 0;
}

int lit_read_strings(struct lit_reader *r, struct lit_style *s, struct pkt_value *out) {
  size_t base = r->stack.used;
  struct lit_style next;
  void *p;
  for (;;) {
    if (read_string(r, s) != 0) return -1;
    lit_skip_space(r);
    if (!lit_open_string(r, &next)) break;
    if (next.bytes != s->bytes) return lit_fail_at(r, next.start, "bytes next to text");
    *s = next;
  }
  size_t n = r->stack.used - base;
  if (lit_take(r, base, &p) != 0) return -1;
  *out = (struct pkt_value){
      .type = s->bytes ? PKT_V_BYTES : PKT_V_TEXT, .python = true, .len = (uint32_t)n};
  out->ptr = p ? p : "";
  return 0;
}
