/* text_head.c - the head of a message that is lines of text. */
#include "text_head.h"

#include <stdbool.h>
#include <string.h>

#include "limits.h"

#define MAX_DIGITS 18 /* 64 bits have room for those, and for the bytes of the head */

/* The bytes of the line that begins here, its end counted; 0: the end isn't there. */
static size_t line_size(const uint8_t *p, size_t n) {
  const uint8_t *end = n > 0 ? memchr(p, '\n', n) : NULL;
  return end ? (size_t)(end - p) + 1 : 0;
}

static bool is_blank(const uint8_t *line, size_t size) {
  return size == 1 || (size == 2 && line[0] == '\r');
}

int64_t pkt_text_head(const uint8_t *p, size_t n) {
  size_t most = n < PKT_MAX_HEAD ? n : PKT_MAX_HEAD;
  for (size_t at = 0, size; (size = line_size(p + at, most - at)) > 0; at += size)
    if (is_blank(p + at, size)) return (int64_t)(at + size);
  return n < PKT_MAX_HEAD ? PKT_HEAD_PART : PKT_HEAD_TOO_LONG;
}

static bool is_space(uint8_t c) { return c == ' ' || c == '\t'; }
static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c; }

static const uint8_t *pass_spaces(const uint8_t *p) {
  while (is_space(*p)) p++;
  return p;
}

static bool is_alike(const uint8_t *p, const char *name, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (lower(p[i]) != lower((uint8_t)name[i])) return false;
  return true;
}

/* What stands behind the colon of a line with one of these names; NULL: it has another. A line ends
** before anything that is looked for here does. */
static const uint8_t *value_of(const uint8_t *line, size_t size, const char *names) {
  while (*names) {
    size_t len = strcspn(names, " ");
    if (len < size && is_alike(line, names, len)) {
      const uint8_t *colon = pass_spaces(line + len); /* RFC 3261 section 25.1: HCOLON */
      if (*colon == ':') return pass_spaces(colon + 1);
    }
    names += len + (names[len] == ' ');
  }
  return NULL;
}

/* The number that is all of a value; 'next' is the line behind it, which may continue it. */
static int64_t read_number(const uint8_t *p, const uint8_t *next) {
  const uint8_t *first = p;
  int64_t number = 0;
  for (; is_digit(*p) && p - first < MAX_DIGITS; p++) number = number * 10 + (*p - '0');
  bool some = p > first;
  p = pass_spaces(p);
  return some && is_blank(p, (size_t)(next - p)) && !is_space(*next) ? number : PKT_BAD_NUMBER;
}

int64_t pkt_text_number(const uint8_t *p, size_t n, const char *names) {
  int64_t number = PKT_NO_NUMBER;
  for (size_t at = line_size(p, n), size; at < n; at += size) {
    size = line_size(p + at, n - at);
    const uint8_t *next = p + at + size, *value = value_of(p + at, size, names);
    if (!value) continue;
    int64_t v = read_number(value, next); /* the blank line, at least, is next */
    if (number != PKT_NO_NUMBER && v != number) return PKT_BAD_NUMBER;
    number = v;
  }
  return number;
}
