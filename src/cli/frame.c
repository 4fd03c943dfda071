#include "frame.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/text.h"
#include "../wire/bits.h"

#define SECOND 1000000000.0
#define MOST_SECONDS 1e9 /* thirty years: what fits in nanoseconds with room to add */

static bool is_between(char c) { return c == ':' || c == '-' || isspace((unsigned char)c); }

/* False: there is anything but pairs of digits. */
static bool unhex(const char *text, struct pkt_buf *out) {
  for (;;) {
    while (is_between(*text)) text++;
    if (*text == '\0') return true;
    int high = pkt_hex_digit(text[0]), low = high < 0 ? -1 : pkt_hex_digit(text[1]);
    if (low < 0) return false;
    pkt_buf_byte(out, (char)(high << 4 | low));
    text += 2;
  }
}

bool pkt_frame_unhex(const struct pkt_options *o, const char *what, const char *text,
                     struct pkt_buf *out) {
  if (unhex(text, out)) return true;
  pkt_options_wrong(o, "%s: hexadecimal digits, two a byte, expected", what);
  return false;
}

bool pkt_frame_mac(const struct pkt_options *o, const char *what, const char *text,
                   uint8_t out[6]) {
  struct pkt_buf bytes = {.limit = 7};
  bool good = unhex(text, &bytes) && !bytes.failed && bytes.len == 6;
  if (good)
    memcpy(out, bytes.data, 6);
  else
    pkt_options_wrong(o, "%s: a MAC address such as 02:00:00:00:00:01 expected, got '%s'", what,
                      text);
  pkt_buf_free(&bytes);
  return good;
}

bool pkt_frame_type(const struct pkt_options *o, const char *what, const char *text,
                    uint16_t *out) {
  char *end = NULL;
  bool hex = text[0] == '0' && (text[1] | 0x20) == 'x';
  const char *digits = hex ? text + 2 : text;
  errno = 0;
  unsigned long v = isxdigit((unsigned char)*digits) ? strtoul(digits, &end, hex ? 16 : 10) : 0;
  if (end && *end == '\0' && errno == 0 && v <= UINT16_MAX) return *out = (uint16_t)v, true;
  pkt_options_wrong(o, "%s: an EtherType such as 0x0800 expected, got '%s'", what, text);
  return false;
}

bool pkt_frame_seconds(const struct pkt_options *o, const char *what, const char *text,
                       int64_t *out) {
  char *end = NULL;
  double v = isdigit((unsigned char)text[0]) || text[0] == '.' ? strtod(text, &end) : -1;
  if (end && *end == '\0' && v >= 0 && v <= MOST_SECONDS) return *out = (int64_t)(v * SECOND), true;
  pkt_options_wrong(o, "%s: a number of seconds expected, got '%s'", what, text);
  return false;
}

void pkt_frame_head(struct pkt_buf *out, const uint8_t dst[6], const uint8_t src[6],
                    uint16_t type) {
  uint8_t bytes[2];
  pkt_put_be16(bytes, type);
  pkt_buf_add(out, dst, 6);
  pkt_buf_add(out, src, 6);
  pkt_buf_add(out, bytes, sizeof bytes);
}

static struct pkt_raw_piece same_frame(void *ctx) {
  const struct pkt_buf *b = ctx;
  return (struct pkt_raw_piece){.bytes = (const uint8_t *)b->data, .len = (uint32_t)b->len};
}

struct pkt_raw_source pkt_frame_source(struct pkt_buf *frame) {
  return (struct pkt_raw_source){.next = same_frame, .ctx = frame, .life = PKT_RAW_SAME};
}

void pkt_frame_print_hex(FILE *out, const uint8_t *p, size_t n) {
  for (size_t i = 0; i < n; i++) fprintf(out, "%02x", p[i]);
  putc('\n', out);
}

/* One byte within quotes of this kind. */
static void print_byte(FILE *out, uint8_t c, char quote) {
  switch (c) {
    case '\t': fputs("\\t", out); break;
    case '\n': fputs("\\n", out); break;
    case '\r': fputs("\\r", out); break;
    default:
      if (c == '\\' || c == quote)
        fprintf(out, "\\%c", c);
      else if (c >= 0x20 && c < 0x7f)
        putc(c, out);
      else
        fprintf(out, "\\x%02x", c);
  }
}

/* Double quotes only where that saves escaping single ones. */
void pkt_frame_print_repr(FILE *out, const uint8_t *p, size_t n) {
  bool single = n > 0 && memchr(p, '\'', n) != NULL, twice = n > 0 && memchr(p, '"', n) != NULL;
  char quote = single && !twice ? '"' : '\'';
  fprintf(out, "b%c", quote);
  for (size_t i = 0; i < n; i++) print_byte(out, p[i], quote);
  fprintf(out, "%c\n", quote);
}

bool pkt_frame_flush(const struct pkt_options *o, FILE *out, const char *name) {
  if (fflush(out) == 0 && !ferror(out)) return true;
  fprintf(stderr, "%s: %s can't be written: %s\n", o->command, name, strerror(errno));
  return false;
}
