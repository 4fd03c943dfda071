#include <math.h>
#include <string.h>

#include "json.h"
#include "real.h"
#include "text.h"

/* Append a control character, a quote or a backslash, escaped. */
static void put_escape(struct pkt_buf *b, char c) {
  static const char letters[256] = {['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
                                    ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};
  char letter = letters[(uint8_t)c];
  if (letter) {
    pkt_buf_byte(b, '\\');
    pkt_buf_byte(b, letter);
    return;
  }
  static const char digits[] = "0123456789abcdef";
  char text[6] = {'\\', 'u', '0', '0', digits[c >> 4 & 15], digits[c & 15]};
  pkt_buf_add(b, text, sizeof(text));
}

/* Append the character at 's', which isn't plain; returns how many bytes that took. */
static size_t put_special(struct pkt_buf *b, const char *s, size_t len) {
  size_t n = pkt_utf8_len(s, len);
  if (n == 1)
    put_escape(b, *s);
  else if (n == 0)
    pkt_buf_lit(b, "\xef\xbf\xbd"); /* U+FFFD */
  else
    pkt_buf_add(b, s, n);
  return n ? n : 1;
}

void pkt_json_string(struct pkt_buf *b, const char *s, size_t len) {
  pkt_buf_byte(b, '"');
  while (len > 0 && !b->failed) {
    size_t run = pkt_plain_run(s, len);
    pkt_buf_add(b, s, run);
    if (run < len) run += put_special(b, s + run, len - run);
    s += run;
    len -= run;
  }
  pkt_buf_byte(b, '"');
}

void pkt_json_latin1(struct pkt_buf *b, const uint8_t *bytes, size_t len) {
  const char *s = (const char *)bytes;
  pkt_buf_byte(b, '"');
  while (len > 0 && !b->failed) {
    size_t run = pkt_plain_run(s, len);
    pkt_buf_add(b, s, run);
    if (run < len) {
      uint8_t c = (uint8_t)s[run++];
      char text[4];
      if (c < 0x80)
        put_escape(b, (char)c);
      else
        pkt_buf_add(b, text, pkt_utf8_put(text, c));
    }
    s += run;
    len -= run;
  }
  pkt_buf_byte(b, '"');
}

static void put_real(struct pkt_buf *b, double v) {
  char text[PKT_REAL_ROOM];
  if (isfinite(v))
    pkt_buf_add(b, text, pkt_real_text(text, v));
  else
    pkt_buf_lit(b, "null");
}

static void put_value(struct pkt_buf *b, const struct pkt_value *v, int depth);

static void put_list(struct pkt_buf *b, const struct pkt_value *v, int depth) {
  pkt_buf_byte(b, '[');
  for (uint32_t i = 0; i < v->len && !b->failed; i++) {
    if (i > 0) pkt_buf_byte(b, ',');
    put_value(b, &v->items[i], depth);
  }
  pkt_buf_byte(b, ']');
}

static void put_map(struct pkt_buf *b, const struct pkt_value *v, int depth) {
  pkt_buf_byte(b, '{');
  for (uint32_t i = 0; i < v->len && !b->failed; i++) {
    if (i > 0) pkt_buf_byte(b, ',');
    pkt_json_string(b, v->members[i].key, v->members[i].key_len);
    pkt_buf_byte(b, ':');
    put_value(b, &v->members[i].value, depth);
  }
  pkt_buf_byte(b, '}');
}

/* 'depth' is the number of lists and maps around the value. */
static void put_value(struct pkt_buf *b, const struct pkt_value *v, int depth) {
  bool nests = v->type == PKT_V_LIST || v->type == PKT_V_MAP;
  switch (nests && depth >= PKT_MAX_DEPTH ? PKT_V_NULL : v->type) {
    case PKT_V_BOOL: pkt_buf_str(b, v->num ? "true" : "false"); break;
    case PKT_V_INT: pkt_buf_i64(b, v->negative, v->num); break;
    case PKT_V_REAL: put_real(b, v->real); break;
    case PKT_V_TEXT: pkt_json_string(b, v->ptr, v->len); break;
    case PKT_V_BYTES: pkt_json_latin1(b, (const uint8_t *)v->ptr, v->len); break;
    case PKT_V_LIST: put_list(b, v, depth + 1); break;
    case PKT_V_MAP: put_map(b, v, depth + 1); break;
    default: pkt_buf_lit(b, "null"); break;
  }
}

void pkt_json_write(struct pkt_buf *b, const struct pkt_value *v) { put_value(b, v, 0); }
