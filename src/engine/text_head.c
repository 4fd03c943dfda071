/* text_head.c - the head of a message that is lines of text. */
#include "text_head.h"

#include <stdbool.h>
#include <string.h>

#include "limits.h"
#include "text.h"

#define MAX_DIGITS 18 /* 64 bits have room for those, and for the bytes of the head */
#define MAX_CHUNK (INT64_C(1) << 60) /* no chunk has as many bytes, likewise */
#define LEAST_CHUNK 4 /* bytes of the last chunk, and of the line end before it: "\n0\n\n" */

/* The bytes of the line that begins here, its end counted; 0: the end isn't there. */
static size_t line_size(const uint8_t *p, size_t n) {
  const uint8_t *end = n > 0 ? memchr(p, '\n', n) : NULL;
  return end ? (size_t)(end - p) + 1 : 0;
}

static bool is_blank(const uint8_t *line, size_t size) {
  return size == 1 || (size == 2 && line[0] == '\r');
}

static size_t at_most(size_t n) { return n < PKT_MAX_HEAD ? n : PKT_MAX_HEAD; }

int64_t pkt_text_head(const uint8_t *p, size_t n) {
  size_t most = at_most(n);
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

/* The value behind the colon of a header line with one of these names; NULL: the line has
** another name. The line's end stops every search here. */
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

/* Does a value, up to the line behind it, list this word as its last? Commas may have nothing
** between them (RFC 9110 section 5.6.1.2). */
static bool ends_with(const uint8_t *p, const uint8_t *next, const char *word) {
  const uint8_t *end = next - 1;
  while (end > p && (is_space(end[-1]) || end[-1] == '\r' || end[-1] == ',')) end--;
  size_t len = strlen(word);
  if ((size_t)(end - p) < len || !is_alike(end - len, word, len)) return false;
  for (end -= len; end > p && is_space(end[-1]);) end--;
  return (end == p || end[-1] == ',') && !is_space(*next);
}

bool pkt_text_is_chunked(const uint8_t *p, size_t n, const char *names) {
  bool chunked = false;
  for (size_t at = line_size(p, n), size; at < n; at += size) {
    size = line_size(p + at, n - at);
    const uint8_t *value = value_of(p + at, size, names);
    if (value) chunked = ends_with(value, p + at + size, "chunked");
  }
  return chunked;
}

uint64_t pkt_text_first_chunk(const uint8_t *p, size_t n) {
  return n - (n > 1 && p[n - 2] == '\r' ? 2 : 1);
}

/* The bytes of a chunk, as its line says: digits, and extensions behind them. Below 0: it
** doesn't. */
static int64_t read_chunk_size(const uint8_t *line, size_t len) {
  const uint8_t *p = line;
  int64_t size = 0;
  for (int digit; (digit = pkt_hex_digit((char)*p)) >= 0; p++) {
    if (size >= MAX_CHUNK / 16) return -1;
    size = size * 16 + digit;
  }
  bool some = p > line;
  p = pass_spaces(p);
  return some && (*p == ';' || is_blank(p, len - (size_t)(p - line))) ? size : -1;
}

int64_t pkt_text_chunks(const uint8_t *p, size_t n, uint64_t *at) {
  while (*at < n) {
    size_t left = n - (size_t)*at, most = at_most(left);
    const uint8_t *chunk = p + *at;
    size_t end = line_size(chunk, most), line = line_size(chunk + end, most - end);
    if (end > 0 && !is_blank(chunk, end)) return PKT_BAD_CHUNKS;
    if (end == 0 || line == 0) return left < PKT_MAX_HEAD ? (int64_t)n + 1 : PKT_BAD_CHUNKS;
    int64_t size = read_chunk_size(chunk + end, line);
    if (size < 0) return PKT_BAD_CHUNKS;
    uint64_t data = *at + end + line;
    if (size == 0) { /* the last one, and a trailer section: lines as those of a head */
      int64_t trailer = pkt_text_head(p + data, n - (size_t)data);
      if (trailer == PKT_HEAD_PART) return (int64_t)n + 1;
      return trailer > 0 ? (int64_t)data + trailer : PKT_BAD_CHUNKS;
    }
    *at = data + (uint64_t)size;
  }
  return (int64_t)*at + LEAST_CHUNK;
}
