/* assign.c - a value into a slot. */
#include "assign.h"

#include <arpa/inet.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../wire/base64.h"
#include "../wire/ber.h"
#include "../wire/bits.h"
#include "buf.h"
#include "dissect.h"
#include "name.h"
#include "option.h"
#include "real.h"

#define NTP_TO_UNIX 2208988800u

/* What is being set, for the conversions and for messages. */
struct target {
  struct pkt_context *c;
  const struct pkt_plan *plan;
  struct pkt_layer *layer; /* NULL while a default is compiled */
  const struct pkt_op *op;
  struct pkt_slot *slot;
  struct pkt_err *err;
  bool odd; /* the field can't show the value as it was given */
};

static int assign(struct target *t, const struct pkt_value *v);

static int out_of_memory(struct target *t) {
  return pkt_fail(t->err, PKT_ERR_MEMORY, "out of memory");
}

/* "IP.ttl: "abc": 'wanted' expected". */
static int refuse(struct target *t, const struct pkt_value *v, const char *wanted) {
  char quote[PKT_QUOTE_ROOM];
  const char *id = t->plan->id, *field = pkt_op_name(t->op);
  switch (v->type) {
    case PKT_V_TEXT:
    case PKT_V_BYTES:
      return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s is not %s", id, field,
                      pkt_quote(quote, v->ptr, v->len), wanted);
    case PKT_V_INT:
      return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s%llu is not %s", id, field,
                      v->negative ? "-" : "", (unsigned long long)v->num, wanted);
    case PKT_V_LAYER:
      if (!t->c->registry || !pkt_registry_find(t->c->registry, v->layer->id, v->layer->id_len))
        return pkt_fail(t->err, PKT_ERR_UNKNOWN, "%s.%s: there is no protocol %s", id, field,
                        pkt_quote(quote, v->layer->id, v->layer->id_len));
      /* fall through */
    default:
      return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s is not %s", id, field, pkt_value_kind(v),
                      wanted);
  }
}

/* Are these the 'n' bytes of an address? Lua has one type for text and bytes. */
static bool are_bytes(const struct pkt_value *v, uint32_t n) {
  return v->len == n && (v->type == PKT_V_BYTES || (v->type == PKT_V_TEXT && v->lua));
}

static void *keep(struct target *t, const void *p, uint32_t n) {
  return pkt_memdup(t->c->arena, p, n);
}

/* Is this {"vtype": "BYTES", "base64": ...}? */
static bool is_wrapped(const struct pkt_value *v) {
  return v->type == PKT_V_MAP && pkt_value_is(pkt_value_get(v, "vtype"), "BYTES");
}

/* The bytes in it. */
static int unwrap(struct target *t, const struct pkt_value *v, struct pkt_value *out) {
  const struct pkt_value *text = pkt_value_get(v, "base64");
  if (!text || text->type != PKT_V_TEXT)
    return refuse(t, v, "bytes: {\"vtype\": \"BYTES\", \"base64\": ...}");
  uint8_t *bytes = pkt_alloc(t->c->arena, text->len / 4 * 3 + 3);
  if (!bytes) return out_of_memory(t);
  ptrdiff_t n = pkt_base64_decode(bytes, text->ptr, text->len, NULL);
  if (n < 0) return refuse(t, text, "base64");
  *out = (struct pkt_value){.type = PKT_V_BYTES, .len = (uint32_t)n, .ptr = (const char *)bytes};
  return 0;
}

/* ---------------------------------------------------------------------------------- numbers */

enum text_number { NOT_A_NUMBER, A_NUMBER, TOO_LARGE };

/* Decimal digits, or 0x and hexadecimal digits; nothing around them. */
static enum text_number read_number(const char *p, uint32_t n, uint64_t *v) {
  unsigned base = 10;
  if (n > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
    base = 16;
    p += 2;
    n -= 2;
  }
  if (n == 0) return NOT_A_NUMBER;
  uint64_t sum = 0;
  bool large = false;
  for (uint32_t i = 0; i < n; i++) {
    unsigned c = (unsigned char)p[i], digit;
    if (c >= '0' && c <= '9')
      digit = c - '0';
    else if (base == 16 && (c | 32) >= 'a' && (c | 32) <= 'f')
      digit = (c | 32) - 'a' + 10;
    else
      return NOT_A_NUMBER;
    if (sum > (UINT64_MAX - digit) / base) large = true;
    sum = sum * base + digit;
  }
  *v = sum;
  return large ? TOO_LARGE : A_NUMBER;
}

static int out_of_range(struct target *t, bool negative, uint64_t v) {
  unsigned w = t->op->width;
  const char *id = t->plan->id, *field = pkt_op_name(t->op);
  uint64_t most = w < 64 ? ((uint64_t)1 << w) - 1 : UINT64_MAX;
  if (t->op->flags & PKT_OP_SIGNED)
    return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s%llu is out of range: %lld to %lld", id, field,
                    negative ? "-" : "", (unsigned long long)v, (long long)(~(most >> 1)),
                    (long long)(most >> 1));
  return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s%llu is out of range: 0 to %llu", id, field,
                  negative ? "-" : "", (unsigned long long)v, (unsigned long long)most);
}

static bool in_range(const struct pkt_op *op, bool negative, uint64_t v) {
  unsigned w = op->width;
  if (op->flags & PKT_OP_SIGNED) {
    uint64_t half = (uint64_t)1 << (w - 1);
    return negative ? v <= half : v < half;
  }
  return !negative && (w >= 64 || v >> w == 0);
}

static int set_number(struct target *t, bool negative, uint64_t v) {
  const struct pkt_op *op = t->op;
  bool masked = (op->flags & (PKT_OP_BITFIELD | PKT_OP_MASKED)) && op->show != PKT_SHOW_FLAGS;
  if (!masked && !in_range(op, negative, v)) return out_of_range(t, negative, v);
  t->slot->num = negative ? 0 - v : v;
  t->slot->negative = negative;
  return 0;
}

/* A fixed-point field takes units, not steps: 0.5, or 1. What is too large for that is steps. */
static int set_fixed_point(struct target *t, double v) {
  int fraction = pkt_op_fraction(t->op);
  double most = ldexp(1.0, t->op->width - fraction);
  if (!(v >= 0))
    return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: a number from 0 was expected", t->plan->id,
                    pkt_op_name(t->op));
  double scaled = v < most ? ldexp(v, fraction) : v;
  if (scaled >= ldexp(1.0, t->op->width))
    return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %g is out of range: 0 to %.0f", t->plan->id,
                    pkt_op_name(t->op), v, most - 1);
  return set_number(t, false, (uint64_t)scaled);
}

static int set_int(struct target *t, bool negative, uint64_t v) {
  int fraction = pkt_op_fraction(t->op);
  if (fraction == 8 && (negative || v > 255))
    return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s%llu is out of range: 0 to 255", t->plan->id,
                    pkt_op_name(t->op), negative ? "-" : "", (unsigned long long)v);
  if (fraction == 0) return set_number(t, negative, v);
  if (!negative && v < (uint64_t)1 << (t->op->width - fraction))
    return set_number(t, false, v << fraction);
  return set_number(t, negative, v);
}

/* One flag by name; the number of its bit, or -1. */
static int find_flag(const struct pkt_op *op, const char *p, uint32_t n) {
  for (unsigned i = 0; i < op->width; i++) {
    const char *name = op->flag_names[i];
    if (name && strlen(name) == n && memcmp(name, p, n) == 0) return (int)i;
  }
  if (n > 3 && n < 6 && memcmp(p, "bit", 3) == 0) { /* how a flag without a name is shown */
    uint64_t bit;
    if (read_number(p + 3, n - 3, &bit) == A_NUMBER && bit < op->width) return (int)bit;
  }
  return -1;
}

static bool read_letters(const struct pkt_op *op, const char *p, uint32_t n, uint64_t *v) {
  for (uint32_t i = 0; i < n; i++) {
    int bit = find_flag(op, p + i, 1);
    if (bit < 0) return false;
    *v |= (uint64_t)1 << bit;
  }
  return true;
}

static bool read_flag_names(const struct pkt_op *op, const char *p, uint32_t n, uint64_t *v) {
  while (n > 0) {
    const char *plus = memchr(p, '+', n);
    uint32_t len = plus ? (uint32_t)(plus - p) : n;
    int bit = find_flag(op, p, len);
    if (bit < 0) return false;
    *v |= (uint64_t)1 << bit;
    if (!plus) return true;
    p += len + 1;
    n -= len + 1;
  }
  return false; /* a '+' at the end */
}

static int set_flags(struct target *t, const struct pkt_value *v) {
  uint64_t bits = 0;
  bool letters = (t->op->flags & PKT_OP_LETTERS) != 0;
  bool ok = letters ? read_letters(t->op, v->ptr, v->len, &bits)
                    : read_flag_names(t->op, v->ptr, v->len, &bits);
  if (ok) return set_number(t, false, bits);
  struct pkt_buf known = {0};
  for (unsigned i = 0; i < t->op->width; i++)
    if (t->op->flag_names[i]) pkt_buf_fmt(&known, letters ? "%s" : " %s", t->op->flag_names[i]);
  pkt_buf_byte(&known, 0);
  char wanted[200];
  snprintf(wanted, sizeof wanted,
           letters ? "made of the flags %s" : "made of the flags%s joined by +",
           known.failed ? "" : known.data);
  pkt_buf_free(&known);
  return refuse(t, v, wanted);
}

static bool copy_text(char *out, size_t room, const struct pkt_value *v) {
  if (v->len >= room || memchr(v->ptr, 0, v->len)) return false;
  memcpy(out, v->ptr, v->len);
  out[v->len] = 0;
  return true;
}

/* "Thu, 01 Jan 1970 00:00:00 +0000", and maybe " (0)" behind it, as replies show times. */
static bool read_time(const struct pkt_value *v, int64_t *seconds) {
  char text[80];
  struct tm tm = {0};
  if (!copy_text(text, sizeof text, v)) return false;
  const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S +0000", &tm);
  if (!end || (*end != 0 && *end != ' ')) return false;
  *seconds = (int64_t)timegm(&tm);
  return true;
}

static bool read_ms_of_day(const struct pkt_value *v, uint64_t *ms) {
  char text[40];
  unsigned h, m, s, rest = 0;
  int end = 0, fraction = 0;
  if (!copy_text(text, sizeof text, v)) return false;
  if (sscanf(text, "%4u:%2u:%2u%n.%3u%n", &h, &m, &s, &end, &rest, &fraction) < 3) return false;
  if (text[fraction ? fraction : end] != 0) return false;
  *ms = ((uint64_t)h * 3600 + m * 60u + s) * 1000 + rest;
  return true;
}

/* "1.23 sec", the unit left out or not: hundredths of a second. */
static bool read_centi(const struct pkt_value *v, double *hundredths) {
  char text[40];
  double seconds;
  int end = 0;
  if (!copy_text(text, sizeof text, v) || sscanf(text, "%lf%n", &seconds, &end) != 1) return false;
  *hundredths = round(seconds * 100);
  return *hundredths >= 0 && (text[end] == 0 || strcmp(text + end, " sec") == 0);
}

/* "1:2": two numbers of 16 bits. */
static bool read_pair(const struct pkt_value *v, uint64_t *pair) {
  char text[40];
  unsigned high, low;
  int end = 0;
  if (!copy_text(text, sizeof text, v) || sscanf(text, "%6u:%6u%n", &high, &low, &end) != 2)
    return false;
  *pair = (uint64_t)high << 16 | low;
  return text[end] == 0 && high < 0x10000 && low < 0x10000;
}

/* "12 sec": units of four seconds. */
static bool read_quad(const struct pkt_value *v, uint64_t *units) {
  char text[40];
  unsigned seconds;
  int end = 0;
  if (!copy_text(text, sizeof text, v) || sscanf(text, "%9u sec%n", &seconds, &end) != 1 || !end)
    return false;
  *units = seconds / 4;
  return text[end] == 0;
}

/* 1: set, -1: refused. */
static int set_read(struct target *t, bool negative, uint64_t v) {
  return set_number(t, negative, v) == 0 ? 1 : -1;
}

static int set_centi(struct target *t, const struct pkt_value *v) {
  double hundredths;
  if (v->len > 8 && memcmp(v->ptr, "infinity", 8) == 0)
    return set_read(t, false, UINT64_MAX >> (64 - t->op->width));
  if (!read_centi(v, &hundredths)) return 0;
  return set_read(t, false, hundredths < 1e18 ? (uint64_t)hundredths : UINT64_MAX);
}

/* The other texts that a number is shown as. 1: taken, 0: not such a text, -1: refused. */
static int set_shown(struct target *t, const struct pkt_value *v) {
  int64_t seconds;
  uint64_t num;
  double real;
  char text[40];
  int end = 0;
  switch (t->op->show) {
    case PKT_SHOW_UTC:
      if (!read_time(v, &seconds)) return 0;
      seconds -= t->op->epoch;
      return set_read(t, seconds < 0, (uint64_t)(seconds < 0 ? -seconds : seconds));
    case PKT_SHOW_MS_OF_DAY: return read_ms_of_day(v, &num) ? set_read(t, false, num) : 0;
    case PKT_SHOW_QUAD: return read_quad(v, &num) ? set_read(t, false, num) : 0;
    case PKT_SHOW_PAIR: return read_pair(v, &num) ? set_read(t, false, num) : 0;
    case PKT_SHOW_CENTI: return set_centi(t, v);
    case PKT_SHOW_NTP:
      if (read_time(v, &seconds))
        return set_read(t, false, (uint64_t)(seconds + NTP_TO_UNIX) << 32);
      /* fall through */
    case PKT_SHOW_FIXED8:
    case PKT_SHOW_FIXED16:
      if (!copy_text(text, sizeof text, v) || sscanf(text, "%lf%n", &real, &end) != 1 || text[end])
        return 0;
      return set_fixed_point(t, real) == 0 ? 1 : -1;
    default: return 0;
  }
}

static int refuse_name(struct target *t, const struct pkt_value *v, const struct pkt_names *names) {
  char wanted[120];
  if (names->values > 0)
    snprintf(wanted, sizeof wanted, "a number or a name such as %.*s", (int)names->by_value[0].len,
             names->by_value[0].text);
  else
    snprintf(wanted, sizeof wanted, "a number");
  return refuse(t, v, wanted);
}

static int set_text_number(struct target *t, const struct pkt_value *v) {
  uint64_t num, most = UINT64_MAX >> (64 - t->op->width);
  bool is_signed = (t->op->flags & PKT_OP_SIGNED) != 0;
  switch (read_number(v->ptr, v->len, &num)) {
    case A_NUMBER: return set_int(t, false, num);
    case TOO_LARGE: return refuse(t, v, "a number below 2^64");
    default: break;
  }
  bool minus = is_signed && v->len > 1 && v->ptr[0] == '-';
  if (minus && read_number(v->ptr + 1, v->len - 1, &num) == A_NUMBER) return set_int(t, true, num);
  const struct pkt_names *names = t->layer ? pkt_op_names(t->op, t->layer) : t->op->names;
  if (names && pkt_names_read(names, v->ptr, v->len, is_signed ? UINT64_MAX : most, &num))
    return set_number(t, false, num);
  if (t->op->show == PKT_SHOW_FLAGS) return set_flags(t, v);
  int shown = set_shown(t, v);
  if (shown != 0) return shown > 0 ? 0 : -1;
  if (names) return refuse_name(t, v, names);
  char wanted[80];
  if (is_signed)
    snprintf(wanted, sizeof wanted, "a number from %lld to %lld", (long long)~(most >> 1),
             (long long)(most >> 1));
  else
    snprintf(wanted, sizeof wanted, "a number from 0 to %llu", (unsigned long long)most);
  return refuse(t, v, wanted);
}

static int set_real(struct target *t, const struct pkt_value *v) {
  if (pkt_op_fraction(t->op)) return set_fixed_point(t, v->real);
  double whole = floor(v->real);
  if (whole != v->real || fabs(whole) >= 18446744073709551616.0)
    return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %g is not a whole number", t->plan->id,
                    pkt_op_name(t->op), v->real);
  return set_int(t, whole < 0, (uint64_t)fabs(whole));
}

static int set_float_value(struct target *t, double v) {
  if (pkt_float_overflows(t->op->width, v))
    return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %g is out of range: %g to %g", t->plan->id,
                    pkt_op_name(t->op), v, (double)-FLT_MAX, (double)FLT_MAX);
  t->slot->num = pkt_float_bits(t->op->width, v);
  return 0;
}

/* nan(0x7fc00001): all bits of one that isn't the usual. */
static bool are_nan_bits(const struct target *t, uint64_t bits) {
  bool fits = t->op->width == 64 || bits >> 32 == 0;
  return fits && isnan(pkt_float_value(t->op->width, bits));
}

static int set_float_text(struct target *t, const struct pkt_value *v) {
  uint64_t num, nan;
  double real;
  if (read_number(v->ptr, v->len, &num) == A_NUMBER) return set_float_value(t, (double)num);
  if (!pkt_is_real_text(v->ptr, v->len, &nan) || (nan && !are_nan_bits(t, nan)))
    return refuse(t, v, "a number");
  if (nan) {
    t->slot->num = nan;
    return 0;
  }
  if (pkt_text_to_real(t->c->arena, v->ptr, v->len, &real) != 0) return out_of_memory(t);
  return set_float_value(t, real);
}

static int set_float(struct target *t, const struct pkt_value *v) {
  switch (v->type) {
    case PKT_V_INT: return set_float_value(t, v->negative ? -(double)v->num : (double)v->num);
    case PKT_V_REAL: return set_float_value(t, v->real);
    case PKT_V_TEXT: return set_float_text(t, v);
    default: return refuse(t, v, "a number");
  }
}

/* (1, 2) for a field that is shown as 1:2. */
static bool is_pair(const struct target *t, const struct pkt_value *v) {
  if (t->op->show != PKT_SHOW_PAIR || v->type != PKT_V_LIST || v->len != 2) return false;
  const struct pkt_value *high = &v->items[0], *low = &v->items[1];
  return high->type == PKT_V_INT && !high->negative && high->num < 0x10000 &&
         low->type == PKT_V_INT && !low->negative && low->num < 0x10000;
}

static int set_uint(struct target *t, const struct pkt_value *v) {
  if (t->op->show == PKT_SHOW_FLOAT) return set_float(t, v);
  if (is_pair(t, v)) return set_number(t, false, v->items[0].num << 16 | v->items[1].num);
  switch (v->type) {
    case PKT_V_INT:
      /* -1 and 2^64-1 are one integer in Lua */
      if (v->lua && v->negative && t->op->width == 64 && !(t->op->flags & PKT_OP_SIGNED))
        return set_int(t, false, 0 - v->num);
      return set_int(t, v->negative, v->num);
    case PKT_V_REAL: return set_real(t, v);
    case PKT_V_BOOL:
      if (t->op->element) return set_number(t, false, v->num ? 0xff : 0); /* X.690 section 11.1 */
      t->odd = t->op->show != PKT_SHOW_BOOLEAN; /* otherwise it is shown as it was given */
      return set_int(t, false, v->num);
    case PKT_V_TEXT: return set_text_number(t, v);
    case PKT_V_LIST: /* the reference takes a list as alternatives: the first of them */
      if (v->len > 0 && v->items[0].type == PKT_V_INT) return set_uint(t, &v->items[0]);
      return refuse(t, v, "a number");
    default: return refuse(t, v, "a number");
  }
}

/* -------------------------------------------------------------------------------- addresses */

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Six groups of one or two hexadecimal digits with ':' or '-' between; 'odd' where a group has one
** digit or the text isn't how it would be shown. */
static bool read_mac(const char *p, uint32_t n, uint64_t *mac, bool *odd) {
  uint64_t v = 0;
  uint32_t at = 0;
  for (int group = 0; group < 6; group++) {
    if (group > 0) {
      if (at >= n || (p[at] != ':' && p[at] != '-')) return false;
      if (p[at] == '-') *odd = true;
      at++;
    }
    if (at >= n || hex_digit(p[at]) < 0) return false;
    unsigned byte = (unsigned)hex_digit(p[at++]);
    if (at < n && hex_digit(p[at]) >= 0)
      byte = byte << 4 | (unsigned)hex_digit(p[at++]);
    else
      *odd = true;
    v = v << 8 | byte;
  }
  for (uint32_t i = 0; i < n; i++)
    if (p[i] >= 'A' && p[i] <= 'F') *odd = true;
  *mac = v;
  if (at < n && p[at] == ':') *odd = true; /* the reference takes the first six of more groups */
  return at == n || p[at] == ':';
}

static int set_mac(struct target *t, const struct pkt_value *v) {
  uint64_t mac;
  bool text = v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
  if (v->type == PKT_V_BYTES && v->len == 6) {
    t->slot->num = pkt_get_be((const uint8_t *)v->ptr, 6);
  } else if (text && read_mac(v->ptr, v->len, &mac, &t->odd)) {
    t->slot->num = mac;
    t->odd |= v->type == PKT_V_BYTES;
  } else if (are_bytes(v, 6)) {
    t->slot->num = pkt_get_be((const uint8_t *)v->ptr, 6);
  } else if (v->type == PKT_V_INT && !v->negative && v->num >> 48 == 0) {
    t->slot->num = v->num;
    t->odd = true;
  } else {
    return refuse(t, v, "a MAC address such as 00:11:22:33:44:55");
  }
  return 0;
}

/* The reference takes the first address of a network, 10.0.0.0/30, and the first four of more
** parts; what it takes is cut out of 'text' here. */
static void cut_address(char *text) {
  int dots = 0;
  for (char *p = text; *p; p++) {
    if (*p == '.' && ++dots == 4) *p = 0;
    if (*p == '/' && p[1] && strspn(p + 1, "0123456789") == strlen(p + 1) && atoi(p + 1) <= 32)
      *p = 0;
    if (*p == 0) return;
  }
}

static int set_ipv4(struct target *t, const struct pkt_value *v) {
  char text[64];
  struct in_addr a;
  if (v->type == PKT_V_BYTES && v->len == 4) {
    t->slot->num = pkt_get_be32((const uint8_t *)v->ptr);
    return 0;
  }
  bool given = (v->type == PKT_V_TEXT || v->type == PKT_V_BYTES) && copy_text(text, sizeof text, v);
  if (given) cut_address(text);
  if (given && inet_pton(AF_INET, text, &a) == 1) {
    t->slot->num = ntohl(a.s_addr);
    return 0;
  }
  /* short forms, 10.1 for 10.0.0.1 (inet(3)); a bare number is none, nor is an octal one */
  if (given && strchr(text, '.') && !strstr(text, "0x") &&
      strspn(text, "0123456789.") == strlen(text) && inet_aton(text, &a)) {
    bool octal = false;
    for (const char *p = text; p; p = strchr(p, '.') ? strchr(p, '.') + 1 : NULL)
      if (p[0] == '0' && p[1] >= '0' && p[1] <= '9') octal = true;
    if (!octal) {
      t->slot->num = ntohl(a.s_addr);
      t->odd = true;
      return 0;
    }
  }
  if (are_bytes(v, 4)) {
    t->slot->num = pkt_get_be32((const uint8_t *)v->ptr);
    return 0;
  }
  return refuse(t, v, "an IPv4 address such as 10.0.0.1");
}

static int set_ipv6(struct target *t, const struct pkt_value *v) {
  char text[64];
  uint8_t addr[16];
  if (v->type == PKT_V_BYTES && v->len == 16) {
    memcpy(addr, v->ptr, 16);
  } else {
    bool given =
        (v->type == PKT_V_TEXT || v->type == PKT_V_BYTES) && copy_text(text, sizeof text, v);
    bool read = given && inet_pton(AF_INET6, text, addr) == 1;
    if (!read && !are_bytes(v, 16)) return refuse(t, v, "an IPv6 address such as 2001:db8::1");
    if (!read) memcpy(addr, v->ptr, 16);
  }
  t->slot->bytes = keep(t, addr, 16);
  t->slot->len = 16;
  return t->slot->bytes ? 0 : out_of_memory(t);
}

/* ------------------------------------------------------------------------------------ bytes */

/* 32 hexadecimal digits with '-' behind the 8th, 12th, 16th and 20th, or without. */
static bool read_uuid(const char *p, uint32_t n, uint8_t *uuid) {
  unsigned digits = 0;
  for (uint32_t i = 0; i < n; i++) {
    bool dash = n == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
    if (dash && p[i] == '-') continue;
    int digit = hex_digit(p[i]);
    if (dash || digit < 0 || digits == 32) return false;
    uuid[digits / 2] = (uint8_t)(uuid[digits / 2] << 4 | digit);
    digits++;
  }
  return digits == 32;
}

static void mirror(uint8_t uuid[16]) {
  for (unsigned i = 0; i < 8; i++) {
    uint8_t byte = uuid[i];
    uuid[i] = uuid[15 - i];
    uuid[15 - i] = byte;
  }
}

/* Its text, UUID('...') as it is shown, or its bytes. */
static int set_uuid(struct target *t, const struct pkt_value *v) {
  static const char call[] = "UUID('";
  uint8_t uuid[16] = {0};
  struct pkt_value text = *v;
  if (v->type == PKT_V_LAYER && v->layer->id_len == 4 && memcmp(v->layer->id, call, 4) == 0 &&
      v->layer->len == 1)
    text = v->layer->fields[0].value;
  bool is_text = text.type == PKT_V_TEXT || text.type == PKT_V_BYTES;
  if (is_text && text.len == 44 && memcmp(text.ptr, call, 6) == 0) {
    text.ptr += 6;
    text.len = 36;
  }
  if (text.type == PKT_V_BYTES && text.len == 16)
    memcpy(uuid, text.ptr, 16);
  else if (!is_text || !read_uuid(text.ptr, text.len, uuid))
    return refuse(t, text.type == PKT_V_TEXT ? &text : v,
                  "a UUID such as 00112233-4455-6677-8899-aabbccddeeff");
  else if (t->op->flags & PKT_OP_MIRRORED)
    mirror(uuid);
  t->slot->bytes = keep(t, uuid, 16);
  t->slot->len = 16;
  return t->slot->bytes ? 0 : out_of_memory(t);
}

/* The number of a record type, given as such or by name. */
static bool read_type(const struct target *t, const struct pkt_value *v, uint64_t *type) {
  *type = v->num;
  if (v->type == PKT_V_INT) return !v->negative && v->num <= UINT16_MAX;
  bool text = v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
  return text && t->op->names && pkt_names_read(t->op->names, v->ptr, v->len, UINT16_MAX, type);
}

/* Windows of up to 256 types, each with its number, its length, and a bit for each type, the most
** significant first (RFC 4034 section 4.1.2). */
static uint32_t write_bitmap(const uint8_t types[8192], uint8_t *out) {
  uint32_t at = 0;
  for (uint32_t window = 0; window < 256; window++) {
    const uint8_t *bits = types + window * 32;
    uint32_t n = 32;
    while (n > 0 && bits[n - 1] == 0) n--;
    if (n == 0) continue;
    out[at++] = (uint8_t)window;
    out[at++] = (uint8_t)n;
    memcpy(out + at, bits, n);
    at += n;
  }
  return at;
}

static int set_bitmap(struct target *t, const struct pkt_value *v) {
  uint8_t types[8192] = {0}, bytes[256 * 34];
  for (uint32_t i = 0; i < v->len; i++) {
    uint64_t type;
    if (!read_type(t, &v->items[i], &type))
      return refuse(t, &v->items[i], "a type of records: a number up to 65535 or a name such as A");
    types[type / 8] |= (uint8_t)(0x80 >> type % 8);
  }
  t->slot->len = write_bitmap(types, bytes);
  t->slot->bytes = keep(t, bytes, t->slot->len);
  return t->slot->bytes || t->slot->len == 0 ? 0 : out_of_memory(t);
}

static int set_bytes(struct target *t, const struct pkt_value *v) {
  if (t->op->show == PKT_SHOW_UUID) return set_uuid(t, v);
  if (t->op->flags & PKT_OP_BITMAP && v->type == PKT_V_LIST) return set_bitmap(t, v);
  if (v->type != PKT_V_TEXT && v->type != PKT_V_BYTES) return refuse(t, v, "text or bytes");
  if (v->len > PKT_MAX_PACKET)
    return pkt_fail(t->err, PKT_ERR_LIMIT, "%s.%s: %u bytes are more than the %d of a packet",
                    t->plan->id, pkt_op_name(t->op), v->len, PKT_MAX_PACKET);
  t->slot->bytes = (const uint8_t *)v->ptr;
  t->slot->len = v->len;
  t->odd |= v->type == PKT_V_TEXT && (t->op->flags & PKT_OP_EXACT);
  return 0;
}

static int set_name(struct target *t, const struct pkt_value *v) {
  if (v->type != PKT_V_TEXT && v->type != PKT_V_BYTES) return refuse(t, v, "a domain name");
  struct pkt_buf check = {0};
  int bad = pkt_name_write(&check, v->ptr, v->len);
  pkt_buf_free(&check);
  if (bad) return refuse(t, v, "a domain name of labels of 1 to 63 bytes, 255 in all");
  /* shown as it was given; the dot at the end is implied */
  t->slot->bytes = (const uint8_t *)v->ptr;
  t->slot->len = v->len;
  return 0;
}

/* ------------------------------------------------------------------------------------ lists */

static struct pkt_list *new_list(struct target *t, uint32_t items, size_t size) {
  if (items > PKT_MAX_ITEMS) {
    pkt_fail(t->err, PKT_ERR_LIMIT, "%s.%s: %u items are more than %d", t->plan->id,
             pkt_op_name(t->op), items, PKT_MAX_ITEMS);
    return NULL;
  }
  struct pkt_list *list = pkt_calloc(t->c->arena, sizeof *list);
  if (list) list->slots = pkt_calloc(t->c->arena, items * size + 1);
  if (!list || !list->slots) {
    out_of_memory(t);
    return NULL;
  }
  return list;
}

static int set_list(struct target *t, const struct pkt_value *v) {
  const struct pkt_value *items = v->type == PKT_V_LIST ? v->items : v;
  uint32_t n = v->type == PKT_V_LIST ? v->len : 1;
  struct pkt_list *list = new_list(t, n, sizeof(struct pkt_slot));
  if (!list) return -1;
  for (uint32_t i = 0; i < n; i++) {
    struct target item = *t;
    item.op = t->op->item;
    item.slot = &list->slots[i];
    if (assign(&item, &items[i]) != 0) return -1;
    item.slot->state = PKT_SET;
  }
  list->len = n;
  t->slot->list = list;
  return 0;
}

/* Fields of a nested packet from members {"qname": "x.org"} or from [{"id","value"}]. */
static int set_member(struct target *t, struct pkt_layer *layer, const char *id, uint32_t id_len,
                      const struct pkt_value *v) {
  const struct pkt_op *op = pkt_plan_op(layer->plan, id, id_len);
  char quote[PKT_QUOTE_ROOM];
  if (!op)
    return pkt_fail(t->err, PKT_ERR_UNKNOWN, "%s.%s: %s has no field %s", t->plan->id,
                    pkt_op_name(t->op), layer->plan->id, pkt_quote(quote, id, id_len));
  return pkt_assign(t->c, layer, op, v, t->err);
}

static bool is_late(const struct pkt_plan *plan, const char *id, uint32_t id_len) {
  const struct pkt_op *op = pkt_plan_op(plan, id, id_len);
  return op && pkt_op_is_late(op);
}

/* Members with a name, those whose form depends on others last: they come in no order. */
static int set_members(struct target *t, struct pkt_layer *layer, const struct pkt_member *m,
                       uint32_t n) {
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < n; i++)
      if (m[i].key && is_late(layer->plan, m[i].key, m[i].key_len) == (pass == 1) &&
          set_member(t, layer, m[i].key, m[i].key_len, &m[i].value) != 0)
        return -1;
  return 0;
}

/* Those of a list of {"id", "value"} whose form depends on others, or the others. */
static int set_some_fields(struct target *t, struct pkt_layer *layer, const struct pkt_value *list,
                           bool late) {
  for (uint32_t i = 0; i < list->len; i++) {
    const struct pkt_value *id = pkt_value_get(&list->items[i], "id");
    const struct pkt_value *value = pkt_value_get(&list->items[i], "value");
    if (!id || id->type != PKT_V_TEXT || !value)
      return refuse(t, &list->items[i], "a field: {\"id\": ..., \"value\": ...}");
    if (is_late(layer->plan, id->ptr, id->len) == late &&
        set_member(t, layer, id->ptr, id->len, value) != 0)
      return -1;
  }
  return 0;
}

static int set_model_fields(struct target *t, struct pkt_layer *layer, const struct pkt_value *v) {
  if (v->type == PKT_V_MAP) return set_members(t, layer, v->members, v->len);
  if (v->type != PKT_V_LIST) return refuse(t, v, "fields");
  return set_some_fields(t, layer, v, false) == 0 ? set_some_fields(t, layer, v, true) : -1;
}

static const struct pkt_plan *find_plan(struct target *t, const struct pkt_value *id) {
  char quote[PKT_QUOTE_ROOM];
  const struct pkt_plan *plan = NULL;
  if (id->type == PKT_V_TEXT && t->c->registry)
    plan = pkt_registry_find(t->c->registry, id->ptr, id->len);
  if (!plan)
    pkt_fail(t->err, PKT_ERR_UNKNOWN, "%s.%s: there is no protocol %s", t->plan->id,
             pkt_op_name(t->op), pkt_quote(quote, id->ptr, id->type == PKT_V_TEXT ? id->len : 0));
  return plan;
}

static struct pkt_layer *make_layer(struct target *t, const struct pkt_plan *plan) {
  struct pkt_layer *layer = pkt_layer_new(t->c->arena, plan);
  if (!layer) out_of_memory(t);
  return layer;
}

/* IPOption(b'\x83\x07...'): the packet's bytes; what they are decides its kind. */
static bool is_wire_call(const struct pkt_ctor *call) {
  return call->len == 1 && !call->fields[0].key && call->fields[0].value.type == PKT_V_BYTES;
}

/* Which kind of 'plan' the bytes are: as an item of the list that is set, where it is one of 'of'. */
static const struct pkt_plan *kind_of_wire(struct target *t, const struct pkt_plan *plan,
                                           const uint8_t *bytes, uint32_t n) {
  struct pkt_err ignored;
  struct pkt_slot slot = {0};
  if (t->layer && t->op->kind == PKT_LAYERS && t->op->of == plan && !t->op->element &&
      pkt_dissect_field(t->c->arena, t->layer, t->op, bytes, n, &slot, &ignored) == 0 &&
      slot.list->len > 0 && !slot.list->layers[0]->plan->is_raw)
    return slot.list->layers[0]->plan;
  return pkt_dissect_variant(plan, bytes, n);
}

/* What the protocol doesn't read of the bytes is Raw behind it. */
static struct pkt_layer *layer_from_wire(struct target *t, const struct pkt_plan *plan,
                                         const struct pkt_value *v) {
  if (v->len == 0) return make_layer(t, plan);
  const uint8_t *bytes = keep(t, v->ptr, v->len);
  if (!bytes) return out_of_memory(t), NULL;
  plan = kind_of_wire(t, plan, bytes, v->len);
  struct pkt_layer *layer = pkt_dissect_layer(t->c->arena, plan, t->layer, bytes, v->len, t->err);
  if (!layer) return NULL;
  uint32_t size = layer->size, rest = v->len - size - layer->trailer;
  layer->size = v->len;
  if (rest == 0) return layer;
  layer->rest = pkt_dissect_layer(t->c->arena, plan->raw, layer, bytes + size, rest, t->err);
  return layer->rest ? layer : NULL;
}

/* DNSQR(qname="x.org") */
static struct pkt_layer *layer_from_call(struct target *t, const struct pkt_ctor *call) {
  const struct pkt_value id = {.type = PKT_V_TEXT, .ptr = call->id, .len = call->id_len};
  const struct pkt_plan *plan = find_plan(t, &id);
  if (plan && is_wire_call(call)) return layer_from_wire(t, plan, &call->fields[0].value);
  struct pkt_layer *layer = plan ? make_layer(t, plan) : NULL;
  if (!layer) return NULL;
  for (uint32_t i = 0; i < call->len; i++) {
    const struct pkt_member *m = &call->fields[i];
    if (m->key) continue;
    if (i >= plan->nops) {
      pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s has %u fields, not %u", t->plan->id,
               pkt_op_name(t->op), plan->id, plan->nops, call->len);
      return NULL;
    } else if (pkt_assign(t->c, layer, &plan->ops[i], &m->value, t->err) != 0) {
      return NULL;
    }
  }
  return set_members(t, layer, call->fields, call->len) == 0 ? layer : NULL;
}

/* {"id":"DNSQR","fields":...}, {"qname":"x.org"} or ["x.org", "A"] */
static struct pkt_layer *layer_from_json(struct target *t, const struct pkt_value *v) {
  const struct pkt_value *id = pkt_value_get(v, "id"), *fields = pkt_value_get(v, "fields");
  bool model = id && (fields || v->len == 1) && id->type == PKT_V_TEXT;
  const struct pkt_plan *plan = model ? find_plan(t, id) : t->op->of;
  struct pkt_layer *layer = plan ? make_layer(t, plan) : NULL;
  if (!layer) return NULL;
  if (model) {
    if (fields && set_model_fields(t, layer, fields) != 0) return NULL;
  } else if (v->type == PKT_V_MAP) {
    if (set_model_fields(t, layer, v) != 0) return NULL;
  } else {
    for (uint32_t i = 0; i < v->len; i++) {
      if (i >= plan->nops) {
        refuse(t, v, "a list of the protocol's fields in their order");
        return NULL;
      }
      if (pkt_assign(t->c, layer, &plan->ops[i], &v->items[i], t->err) != 0) return NULL;
    }
  }
  return layer;
}

static struct pkt_layer *layer_from_bytes(struct target *t, const struct pkt_value *v) {
  const struct pkt_plan *raw = t->op->of->raw;
  struct pkt_layer *layer = make_layer(t, raw);
  if (layer && pkt_assign(t->c, layer, &raw->ops[0], v, t->err) != 0) return NULL;
  return layer;
}

static int count_calls(const struct pkt_value *v) {
  int n = 0;
  for (const struct pkt_ctor *c = v->layer; c && n <= PKT_MAX_ITEMS; c = c->above) n++;
  return n;
}

/* A()/B(): two items, save that Raw on one which says how far it reaches is within that one. */
static int add_calls(struct target *t, struct pkt_list *list, const struct pkt_ctor *call) {
  struct pkt_layer *below = NULL;
  for (; call; call = call->above) {
    struct pkt_layer *layer = layer_from_call(t, call);
    if (!layer) return -1;
    bool claims = below && below->plan->extent && !(t->op->flags & PKT_OP_STACK);
    if (claims && layer->plan->is_raw && !below->rest)
      below->rest = layer;
    else
      list->layers[list->len++] = below = layer;
  }
  return 0;
}

static int add_layers(struct target *t, struct pkt_list *list, const struct pkt_value *v) {
  struct pkt_layer *layer = NULL;
  switch (v->type) {
    case PKT_V_LAYER: return add_calls(t, list, v->layer);
    case PKT_V_MAP:
    case PKT_V_LIST: layer = layer_from_json(t, v); break;
    case PKT_V_BYTES:
    case PKT_V_TEXT: layer = layer_from_bytes(t, v); break;
    default: return refuse(t, v, "a packet: {\"id\": ..., \"fields\": [...]}");
  }
  if (!layer) return -1;
  list->layers[list->len++] = layer;
  return 0;
}

/* A list given as the bytes it takes on the wire: kept, and shown, as such. */
static int set_list_bytes(struct target *t, const struct pkt_value *v) {
  struct pkt_list *list = new_list(t, 0, 1);
  if (!list) return -1;
  list->raw = (const uint8_t *)v->ptr;
  list->raw_len = v->len;
  list->as_bytes = true;
  t->slot->list = list;
  return 0;
}

static int set_layers(struct target *t, const struct pkt_value *v) {
  if (v->type == PKT_V_TEXT && v->len == 0) return set_list_bytes(t, v);
  if (v->type == PKT_V_TEXT)
    return refuse(t, v, "a list; for a constructor call use {\"vtype\": \"EXPRESSION\"}");
  if (v->type == PKT_V_BYTES) return set_list_bytes(t, v);
  bool many = v->type == PKT_V_LIST;
  const struct pkt_value *items = many ? v->items : v;
  uint32_t n = many ? v->len : 1, room = 0;
  for (uint32_t i = 0; i < n && room <= PKT_MAX_ITEMS; i++)
    room += items[i].type == PKT_V_LAYER ? (uint32_t)count_calls(&items[i]) : 1;
  struct pkt_list *list = new_list(t, room, sizeof(struct pkt_layer *));
  if (!list) return -1;
  for (uint32_t i = 0; i < n; i++)
    if (add_layers(t, list, &items[i]) != 0) return -1;
  t->slot->list = list;
  return 0;
}

/* ---------------------------------------------------------------------------------- options */

static int refuse_option(struct target *t, const struct pkt_option *o, const char *why) {
  char code[64];
  if (o->def)
    snprintf(code, sizeof code, "%.*s", (int)(o->def->name_len < 60 ? o->def->name_len : 60),
             o->def->name);
  else
    snprintf(code, sizeof code, "%u", o->code);
  return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: option %s: %s", t->plan->id, pkt_op_name(t->op),
                  code, why);
}

static bool has_attributes(const struct target *t) { return t->op->flags & PKT_OP_ATTRIBUTES; }

static int option_bytes(struct target *t, struct pkt_option *o, const void *p, uint32_t n) {
  if (has_attributes(t) && n > PKT_MAX_ATTRIBUTE_BYTES)
    return refuse_option(t, o, "the value is longer than 65535 bytes");
  if (!has_attributes(t) && n > 253)
    return refuse_option(t, o, "the value is longer than 253 bytes");
  o->data = keep(t, p, n);
  o->len = n;
  return o->data || n == 0 ? 0 : out_of_memory(t);
}

static int option_number(struct target *t, const struct pkt_option *o, const struct pkt_value *v,
                         uint64_t *num) {
  const struct pkt_names *names = o->def ? o->def->names : NULL;
  if (v->type == PKT_V_INT && !v->negative) {
    *num = v->num;
    return 0;
  }
  bool text = v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
  if (text && (read_number(v->ptr, v->len, num) == A_NUMBER ||
               (names && pkt_names_read(names, v->ptr, v->len, UINT64_MAX, num))))
    return 0;
  return refuse_option(t, o, names ? "a number or a name was expected" : "a number was expected");
}

/* One number or address of an option's value at 'out'. */
static int option_part(struct target *t, const struct pkt_option *o, const struct pkt_value *v,
                       unsigned width, uint8_t *out) {
  uint64_t num;
  if (o->def->form == PKT_FORM_IPV4) {
    char text[32];
    struct in_addr a;
    if (v->type == PKT_V_BYTES && v->len == 4) {
      memcpy(out, v->ptr, 4);
      return 0;
    }
    if ((v->type != PKT_V_TEXT && v->type != PKT_V_BYTES) || !copy_text(text, sizeof text, v) ||
        inet_pton(AF_INET, text, &a) != 1)
      return refuse_option(t, o, "an IPv4 address was expected");
    memcpy(out, &a.s_addr, 4);
    return 0;
  }
  if (option_number(t, o, v, &num) != 0) return -1;
  if (width < 8 && num >> (8 * width) != 0) return refuse_option(t, o, "the number is too large");
  pkt_put_be(out, width, num);
  return 0;
}

static int option_parts(struct target *t, struct pkt_option *o, const struct pkt_value *items,
                        uint32_t n) {
  uint8_t bytes[256] = {0};
  if (o->def->count && n != o->def->count) {
    char why[60];
    snprintf(why, sizeof why, "%u values were expected, not %u", o->def->count, n);
    return refuse_option(t, o, why);
  }
  uint32_t at = 0;
  for (uint32_t i = 0; i < n; i++) {
    unsigned width = o->def->form == PKT_FORM_IPV4 ? 4 : o->def->width;
    if (width == 0) width = o->def->widths[i < PKT_MAX_PARTS ? i : 0];
    if (at + width > 253) return refuse_option(t, o, "too many values");
    if (option_part(t, o, &items[i], width, bytes + at) != 0) return -1;
    at += width;
  }
  return option_bytes(t, o, bytes, at);
}

/* Text for which the reference's rules hold, which only TCP's options have. */
static bool is_python(const struct pkt_op *op, const struct pkt_value *v) {
  return v->type == PKT_V_TEXT && v->python && !(op->flags & (PKT_OP_DHCP | PKT_OP_ATTRIBUTES));
}

/* The bytes that an attribute's number is written in: as many as a second value says. */
static int attribute_width(struct target *t, const struct pkt_option *o, uint64_t num,
                           const struct pkt_value *said, uint32_t *width) {
  *width = pkt_attribute_width(num);
  if (!said) return 0;
  if (said->type != PKT_V_INT || said->negative || said->num < 1 || said->num > 8)
    return refuse_option(t, o, "a size of 1 to 8 bytes was expected behind the number");
  *width = (uint32_t)said->num;
  if (*width < 8 && num >> (8 * *width) != 0) return refuse_option(t, o, "the number is too large");
  return 0;
}

/* A number of two bytes that has no size said is in the short form. */
static int attribute_number(struct target *t, struct pkt_option *o, const struct pkt_value *items,
                            uint32_t n) {
  uint64_t num;
  uint8_t bytes[8];
  if (n > 2) return refuse_option(t, o, "one value was expected, and its size in bytes");
  if (option_number(t, o, &items[0], &num) != 0 ||
      attribute_width(t, o, num, n > 1 ? &items[1] : NULL, &o->len) != 0)
    return -1;
  if (n == 1 && o->len == 2) o->form = PKT_OPTION_BASIC;
  pkt_put_be(bytes, o->len, num);
  return option_bytes(t, o, bytes, o->len);
}

/* Text that is no number stands for its bytes where the attribute may be long and has no names. */
static bool is_attribute_bytes(const struct pkt_option *o, const struct pkt_value *v) {
  uint64_t num;
  if (v->type == PKT_V_BYTES) return true;
  bool bytes = !o->def || (o->def->form == PKT_FORM_BYTES && !o->def->names);
  return v->type == PKT_V_TEXT && bytes && read_number(v->ptr, v->len, &num) != A_NUMBER;
}

/* 'AES-CBC', 256, 86400, b'\x00\x01\x51\x80'; a number and how many bytes it takes */
static int attribute_value(struct target *t, struct pkt_option *o, const struct pkt_value *items,
                           uint32_t n) {
  struct pkt_value bytes;
  o->form = PKT_OPTION_LONG;
  if (n == 1 && items[0].type == PKT_V_LIST && items[0].len > 0)
    return attribute_value(t, o, items[0].items, items[0].len);
  if (n == 1 && is_wrapped(&items[0])) {
    if (unwrap(t, &items[0], &bytes) != 0) return -1;
    return option_bytes(t, o, bytes.ptr, bytes.len);
  }
  if (n == 0) return refuse_option(t, o, "it has no value");
  if (n == 1 && is_attribute_bytes(o, &items[0]))
    return option_bytes(t, o, items[0].ptr, items[0].len);
  return attribute_number(t, o, items, n);
}

static int option_value(struct target *t, struct pkt_option *o, const struct pkt_value *items,
                        uint32_t n) {
  const struct pkt_value *first = n > 0 ? &items[0] : NULL;
  if (o->form == PKT_OPTION_FLAG) return 0;
  if (!first || first->type == PKT_V_NULL) return option_bytes(t, o, "", 0);
  if (n == 1 && first->type == PKT_V_LIST) return option_value(t, o, first->items, first->len);
  struct pkt_value bytes;
  if (is_wrapped(first)) {
    if (unwrap(t, first, &bytes) != 0) return -1;
    return option_bytes(t, o, bytes.ptr, bytes.len);
  }
  bool parts = o->def && (o->def->form == PKT_FORM_INTS || o->def->form == PKT_FORM_IPV4);
  bool as_bytes = first->type == PKT_V_BYTES || is_python(t->op, first);
  /* bytes stand for themselves; so does text where the form has no use for it */
  if (as_bytes && !(parts && o->def->form == PKT_FORM_IPV4 && first->len > 6))
    return option_bytes(t, o, first->ptr, first->len);
  if (parts) return option_parts(t, o, items, n);
  if (first->type == PKT_V_TEXT) return option_bytes(t, o, first->ptr, first->len);
  return refuse_option(t, o, "bytes or text was expected");
}

static const struct pkt_optdef *find_code(const struct pkt_op *op, const struct pkt_value *v) {
  for (uint32_t i = 0; i < op->ncodes; i++)
    if (op->codes[i].name_len == v->len && memcmp(op->codes[i].name, v->ptr, v->len) == 0)
      return &op->codes[i];
  return NULL;
}

/* Is this an option of the python dialect whose name isn't known? The reference leaves it out, and
** so does what clients have saved for it. */
static bool is_left_out(const struct pkt_op *op, const struct pkt_value *v) {
  uint64_t code;
  if (v->type != PKT_V_LIST || v->len == 0 || !is_python(op, &v->items[0])) return false;
  const struct pkt_value *name = &v->items[0];
  return !find_code(op, name) && read_number(name->ptr, name->len, &code) != A_NUMBER;
}

/* "NOP", ["MSS", 1460], [254, "abc"], ["name_server", "8.8.8.8", "8.8.4.4"] */
static int set_option(struct target *t, struct pkt_option *o, const struct pkt_value *v) {
  const struct pkt_value *head = v->type == PKT_V_LIST && v->len > 0 ? &v->items[0] : v;
  char quote[PKT_QUOTE_ROOM];
  uint64_t most = has_attributes(t) ? PKT_MAX_ATTRIBUTE : 255;
  if (head->type == PKT_V_INT && !head->negative && head->num <= most) {
    o->code = (uint16_t)head->num;
    o->def = pkt_op_code(t->op, o->code);
  } else if (head->type == PKT_V_TEXT || head->type == PKT_V_BYTES) {
    o->def = find_code(t->op, head);
    uint64_t code;
    if (o->def)
      o->code = o->def->code;
    else if (read_number(head->ptr, head->len, &code) == A_NUMBER && code <= most) {
      o->code = (uint16_t)code;
      o->def = pkt_op_code(t->op, o->code);
    } else
      return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: there is no option %s", t->plan->id,
                      pkt_op_name(t->op), pkt_quote(quote, head->ptr, head->len));
  } else {
    return refuse(t, v, "an option: [name or number, value]");
  }
  if (o->def && o->def->form == PKT_FORM_FLAG) o->form = PKT_OPTION_FLAG;
  uint32_t n = v->type == PKT_V_LIST && v->len > 0 ? v->len - 1 : 0;
  const struct pkt_value *items = n ? v->items + 1 : NULL;
  return has_attributes(t) ? attribute_value(t, o, items, n) : option_value(t, o, items, n);
}

/* Bytes for DHCP's options are the codes of options without a value, as the reference has it. */
static int set_codes(struct target *t, const struct pkt_value *v) {
  struct pkt_list *list = new_list(t, v->len, sizeof(struct pkt_option));
  if (!list) return -1;
  for (uint32_t i = 0; i < v->len; i++)
    list->options[i] = (struct pkt_option){.code = (uint8_t)v->ptr[i]};
  list->len = v->len;
  list->raw = (const uint8_t *)v->ptr;
  list->raw_len = v->len;
  list->as_bytes = list->as_codes = true;
  t->slot->list = list;
  return 0;
}

/* Bytes that name no option: what stands behind the last one. */
static bool is_rest(const struct pkt_op *op, const struct pkt_value *v) {
  return v->type == PKT_V_BYTES && !find_code(op, v);
}

/* The list's bytes, with others behind them. */
static int write_rest(struct target *t, struct pkt_list *list, const struct pkt_value *rest) {
  uint32_t size = rest->len;
  for (uint32_t i = 0; i < list->len; i++) size += pkt_option_size(&list->options[i]);
  uint8_t *p = pkt_alloc(t->c->arena, size + 1);
  if (!p) return out_of_memory(t);
  list->raw = p;
  list->raw_len = size;
  list->rest = rest->len;
  for (uint32_t i = 0; i < list->len; i++) p = pkt_option_write(t->op, &list->options[i], p);
  memcpy(p, rest->ptr, rest->len);
  return 0;
}

static int set_options(struct target *t, const struct pkt_value *v) {
  if (v->type == PKT_V_TEXT && has_attributes(t)) return set_list_bytes(t, v); /* as Lua has them */
  if (v->type == PKT_V_TEXT)
    return refuse(t, v, "a list of options; for a literal use {\"vtype\": \"EXPRESSION\"}");
  if (v->type == PKT_V_BYTES)
    return t->op->flags & PKT_OP_DHCP ? set_codes(t, v) : set_list_bytes(t, v);
  if (v->type != PKT_V_LIST) return refuse(t, v, "a list of options");
  struct pkt_list *list = new_list(t, v->len, sizeof(struct pkt_option));
  if (!list) return -1;
  const struct pkt_value *rest = v->len > 0 ? &v->items[v->len - 1] : NULL;
  if (rest && !is_rest(t->op, rest)) rest = NULL;
  uint32_t n = v->len - (rest ? 1 : 0);
  for (uint32_t i = 0; i < n; i++) {
    if (is_left_out(t->op, &v->items[i])) continue;
    if (set_option(t, &list->options[list->len++], &v->items[i]) != 0) return -1;
  }
  t->slot->list = list;
  return rest ? write_rest(t, list, rest) : 0;
}

/* ------------------------------------------------------------------------- elements of ASN.1 */

/* Is this ASN1_NAME(value), which is how <ASN1_NAME[value]> is read? */
static bool is_object(const struct pkt_value *v) {
  static const char prefix[] = "ASN1_";
  return v->type == PKT_V_LAYER && v->layer->len > 0 && !v->layer->fields[0].key &&
         v->layer->id_len >= sizeof prefix && memcmp(v->layer->id, prefix, 5) == 0;
}

static const struct pkt_value *in_object(const struct pkt_value *v) {
  return &v->layer->fields[0].value;
}

/* Content octets of an INTEGER: kept where they are beyond 64 bits. */
static int set_content(struct target *t, const uint8_t *p, uint32_t n) {
  if (n > PKT_MAX_PACKET)
    return pkt_fail(t->err, PKT_ERR_LIMIT, "%s.%s: %u bytes are more than the %d of a packet",
                    t->plan->id, pkt_op_name(t->op), n, PKT_MAX_PACKET);
  if (pkt_ber_int_read(p, n, &t->slot->num, &t->slot->negative)) return 0;
  t->slot->bytes = p;
  t->slot->len = n;
  return 0;
}

/* The negative of a number in two's complement. */
static void negate(uint8_t *p, uint32_t n) {
  unsigned carry = 1;
  for (uint32_t i = n; i-- > 0; carry >>= 8) {
    carry += (uint8_t)~p[i];
    p[i] = (uint8_t)carry;
  }
}

/* "0x" and any number of hexadecimal digits, maybe with '-' before them. */
static int set_hex_integer(struct target *t, const struct pkt_value *v) {
  bool minus = v->len > 0 && v->ptr[0] == '-';
  const char *digits = v->ptr + minus + 2;
  uint32_t n = v->len < minus + 3u ? 0 : v->len - minus - 2, size = n / 2 + 2;
  bool hex = n > 0 && digits[-2] == '0' && (digits[-1] | 32) == 'x';
  uint8_t *content = hex ? pkt_calloc(t->c->arena, size) : NULL;
  if (hex && !content) return out_of_memory(t);
  for (uint32_t i = 0; hex && i < n; i++) {
    int digit = hex_digit(digits[n - 1 - i]);
    hex = digit >= 0;
    if (hex) content[size - 1 - i / 2] |= (uint8_t)(digit << i % 2 * 4);
  }
  if (!hex) return refuse(t, v, "a whole number, in hexadecimal where it has more than 64 bits");
  if (minus) negate(content, size);
  while (size > 1 && content[0] == (content[1] >> 7 ? 0xff : 0)) content++, size--;
  return set_content(t, content, size);
}

static int set_text_integer(struct target *t, const struct pkt_value *v) {
  uint64_t num;
  bool minus = v->len > 1 && v->ptr[0] == '-';
  if (t->op->names && pkt_names_read(t->op->names, v->ptr, v->len, UINT64_MAX, &num)) {
    t->slot->num = num;
    return 0;
  }
  bool number = read_number(v->ptr + minus, v->len - minus, &num) == A_NUMBER;
  if (!number || (minus && num > (uint64_t)1 << 63)) return set_hex_integer(t, v);
  t->slot->num = minus ? 0 - num : num;
  t->slot->negative = minus && num > 0;
  return 0;
}

static int set_integer(struct target *t, const struct pkt_value *v) {
  double whole = v->type == PKT_V_REAL ? floor(v->real) : 0;
  switch (v->type) {
    case PKT_V_INT:
      if (v->negative && v->num > (uint64_t)1 << 63) return refuse(t, v, "a number from -2^63 on");
      t->slot->num = v->negative ? 0 - v->num : v->num;
      t->slot->negative = v->negative && v->num > 0;
      return 0;
    case PKT_V_BOOL: t->slot->num = v->num; return 0;
    case PKT_V_TEXT: return set_text_integer(t, v);
    case PKT_V_BYTES:
      if (v->len == 0) return refuse(t, v, "a number: its content octets");
      return set_content(t, (const uint8_t *)v->ptr, v->len);
    case PKT_V_REAL:
      if (whole != v->real || fabs(whole) >= 9223372036854775808.0)
        return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %g is not a whole number", t->plan->id,
                        pkt_op_name(t->op), v->real);
      t->slot->num = (uint64_t)(int64_t)whole;
      t->slot->negative = whole < 0;
      return 0;
    default: return refuse(t, v, "a number");
  }
}

/* Its name or its numbers as text; its content octets as bytes. */
static int set_oid(struct target *t, const struct pkt_value *v) {
  uint8_t octets[PKT_MAX_OID];
  bool text = v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
  const struct pkt_oid *known = text ? pkt_oids_named(t->op->element->oids, v->ptr, v->len) : NULL;
  ptrdiff_t n = text && !known ? pkt_ber_oid_read(octets, sizeof octets, v->ptr, v->len) : -1;
  if (known) {
    t->slot->bytes = known->bytes;
    t->slot->len = known->len;
  } else if (n >= 0) {
    t->slot->bytes = keep(t, octets, (uint32_t)n);
    t->slot->len = (uint32_t)n;
    if (!t->slot->bytes) return out_of_memory(t);
  } else if (v->type == PKT_V_BYTES) {
    t->slot->bytes = (const uint8_t *)v->ptr;
    t->slot->len = v->len;
  } else {
    return refuse(t, v, "an object identifier such as 1.3.6.1");
  }
  return 0;
}

/* A BIT STRING's content: so many bits are unused in the last of 'n' bytes, which are zeros for now. */
static uint8_t *new_bits(struct target *t, uint32_t n, unsigned unused) {
  uint8_t *content = pkt_calloc(t->c->arena, (size_t)n + 1);
  if (!content) {
    out_of_memory(t);
    return NULL;
  }
  content[0] = (uint8_t)unused;
  t->slot->bytes = content;
  t->slot->len = n + 1;
  return content;
}

static bool made_of(const struct pkt_value *v, const char *characters) {
  for (uint32_t i = 0; i < v->len; i++)
    if (v->ptr[i] == 0 || !strchr(characters, v->ptr[i])) return false;
  return true;
}

static int set_digits(struct target *t, const struct pkt_value *v) {
  uint32_t n = (v->len + 7) / 8;
  uint8_t *content = new_bits(t, n, n * 8 - v->len);
  if (!content) return -1;
  for (uint32_t i = 0; i < v->len; i++)
    if (v->ptr[i] == '1') content[1 + i / 8] |= (uint8_t)(0x80 >> i % 8);
  return 0;
}

static int set_hex_bits(struct target *t, const struct pkt_value *v) {
  uint8_t *content = new_bits(t, (v->len - 2) / 2, 0);
  if (!content) return -1;
  for (uint32_t i = 2; i < v->len; i++) {
    int digit = hex_digit(v->ptr[i]);
    if (digit < 0) return refuse(t, v, "bytes in hexadecimal");
    content[i / 2] = (uint8_t)(content[i / 2] << 4 | digit);
  }
  return 0;
}

static int set_whole_bits(struct target *t, const struct pkt_value *v, uint64_t unused) {
  uint8_t *content = unused < 8 ? new_bits(t, v->len, v->len ? (unsigned)unused : 0) : NULL;
  if (!content) return unused < 8 ? -1 : refuse(t, v, "bits of which fewer than 8 are unused");
  if (v->len) memcpy(content + 1, v->ptr, v->len);
  return 0;
}

/* Bytes, with none of their bits unused; text: a digit for each bit, or 0x and the bytes. */
static int set_bits(struct target *t, const struct pkt_value *v) {
  bool text = v->type == PKT_V_TEXT;
  if (text && v->len >= 2 && v->len % 2 == 0 && memcmp(v->ptr, "0x", 2) == 0)
    return set_hex_bits(t, v);
  if (text && made_of(v, "01")) return set_digits(t, v);
  if (v->type == PKT_V_BYTES || (text && v->lua)) return set_whole_bits(t, v, 0);
  return refuse(t, v, "bits: bytes, or text of the digits 0 and 1");
}

/* <ASN1_BIT_STRING[0110]=b'`' (4 unused bits)>: bytes, and how many bits are unused. */
static int set_bits_object(struct target *t, const struct pkt_ctor *object) {
  const struct pkt_value *bytes = &object->fields[0].value;
  const struct pkt_value *unused = object->len > 1 ? &object->fields[1].value : NULL;
  bool right = bytes->type == PKT_V_BYTES && unused && unused->type == PKT_V_INT;
  if (!right) return set_bits(t, bytes);
  return set_whole_bits(t, bytes, unused->num);
}

/* What is in an object of ASN.1; of NULL it is 0. */
static int set_object(struct target *t, const struct pkt_value *v) {
  static const struct pkt_value nothing = {.type = PKT_V_BYTES, .ptr = ""};
  const struct pkt_value *in = in_object(v);
  bool null = t->op->kind == PKT_BYTES && in->type == PKT_V_INT && in->num == 0;
  if (t->op->kind == PKT_BITS) return set_bits_object(t, v->layer);
  if (is_object(in)) return refuse(t, v, "an object of ASN.1");
  return assign(t, null ? &nothing : in);
}

static bool is_type(const struct pkt_op *op, const char *name, uint32_t len) {
  const char *own = op->element->name;
  return own && strlen(own) == len && memcmp(own, name, len) == 0;
}

/* The form with this type's name; NULL: there is none. */
static const struct pkt_alternative *find_form(const struct pkt_op *op, const char *name,
                                               uint32_t len) {
  for (uint32_t i = 0; i < op->nalts; i++)
    if (is_type(op->alts[i].op, name, len)) return &op->alts[i];
  return NULL;
}

static int set_form(struct target *t, const struct pkt_alternative *form,
                    const struct pkt_value *v) {
  struct target alt = *t;
  alt.op = form->op;
  t->slot->alt = (uint8_t)(form - t->op->alts);
  if (assign(&alt, v) != 0) return -1;
  t->odd = alt.odd;
  return 0;
}

/* The first form that takes the value as what it is: bytes aren't meant as those of a number. */
static int set_any_form(struct target *t, const struct pkt_value *v) {
  struct pkt_err ignored;
  for (uint32_t i = 0; i < t->op->nalts; i++) {
    struct target one = *t;
    one.err = &ignored;
    if (v->type == PKT_V_BYTES && t->op->alts[i].op->kind != PKT_BYTES) continue;
    if (set_form(&one, &t->op->alts[i], v) == 0) {
      t->odd = one.odd;
      return 0;
    }
    if (ignored.code == PKT_ERR_MEMORY) return out_of_memory(t);
  }
  const char *name = t->op->alts[0].op->element->name;
  char wanted[120];
  snprintf(wanted, sizeof wanted, "a value, or its type and value: [\"%s\", ...]",
           name ? name : "NULL");
  return refuse(t, v, wanted);
}

/* The form that a text names, "STRING: public", and the text behind that; NULL: it names none. */
static const struct pkt_alternative *find_named(const struct pkt_op *op, const struct pkt_value *v,
                                                struct pkt_value *rest) {
  const char *colon = v->type == PKT_V_TEXT ? memchr(v->ptr, ':', v->len) : NULL;
  if (!colon) return NULL;
  uint32_t name = (uint32_t)(colon - v->ptr), behind = name + 1;
  if (behind < v->len && v->ptr[behind] == ' ') behind++;
  *rest = *v;
  rest->ptr += behind;
  rest->len -= behind;
  return find_form(op, v->ptr, name);
}

/* {"COUNTER32", 5}, "COUNTER32: 5", <ASN1_COUNTER32[5]>, or a value whose type tells which form is
** meant. */
static int set_forms(struct target *t, const struct pkt_value *v) {
  const struct pkt_value *name = v->type == PKT_V_LIST && v->len > 0 ? &v->items[0] : NULL;
  const struct pkt_alternative *form = NULL;
  if (is_object(v)) {
    form = find_form(t->op, v->layer->id + 5, v->layer->id_len - 5);
    if (form) return set_form(t, form, v);
  } else if (name && v->len == 2 && (name->type == PKT_V_TEXT || name->type == PKT_V_BYTES)) {
    form = find_form(t->op, name->ptr, name->len);
    if (form) return set_form(t, form, &v->items[1]);
  }
  struct pkt_value rest;
  form = find_named(t->op, v, &rest);
  if (form) return set_form(t, form, &rest);
  return set_any_form(t, v);
}

/* ----------------------------------------------------------------------------------- choice */

/* The form that the layer's other fields ask for, or else the first that takes the value. */
static int set_choice(struct target *t, const struct pkt_value *v) {
  struct pkt_scope scope = {.layer = t->layer};
  bool by_value = (t->op->flags & PKT_OP_BY_VALUE) != 0;
  struct pkt_value text = *v;
  if (by_value && (v->type == PKT_V_TEXT || v->type == PKT_V_BYTES)) {
    text.type = PKT_V_TEXT; /* four bytes may be a name, as text they are no address */
    if (v->len >= 2 && v->ptr[0] == '\'' && v->ptr[v->len - 1] == '\'') {
      text.ptr = v->ptr + 1; /* as addresses are shown */
      text.len = v->len - 2;
    }
    v = &text;
  }
  uint32_t wanted = t->layer && !by_value ? pkt_op_form(t->op, &scope) : 0;
  for (uint32_t turn = 0; turn <= t->op->nalts; turn++) {
    uint32_t i = turn == 0 ? wanted : turn - 1;
    struct target alt = *t;
    struct pkt_err ignored;
    alt.op = t->op->alts[i].op;
    if (turn != 0) alt.err = &ignored;
    if (assign(&alt, v) == 0) {
      t->slot->alt = (uint8_t)i;
      t->odd = alt.odd;
      return 0;
    }
    if (turn == 0 && t->err && t->err->code == PKT_ERR_MEMORY) return -1;
  }
  return -1; /* with the error of the form that was asked for, or of the first */
}

static int assign(struct target *t, const struct pkt_value *v) {
  struct pkt_value bytes;
  if (is_wrapped(v)) {
    if (unwrap(t, v, &bytes) != 0) return -1;
    v = &bytes;
  }
  if (t->op->element && t->op->element->name && is_object(v)) return set_object(t, v);
  switch (t->op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM: return set_uint(t, v);
    case PKT_MAC: return set_mac(t, v);
    case PKT_IPV4: return set_ipv4(t, v);
    case PKT_IPV6: return set_ipv6(t, v);
    case PKT_BYTES: return set_bytes(t, v);
    case PKT_NAME: return set_name(t, v);
    case PKT_LIST: return set_list(t, v);
    case PKT_LAYERS:
    case PKT_LAYER: return set_layers(t, v);
    case PKT_OPTIONS: return set_options(t, v);
    case PKT_INTEGER: return set_integer(t, v);
    case PKT_OID: return set_oid(t, v);
    case PKT_BITS: return set_bits(t, v);
    default: return t->op->element ? set_forms(t, v) : set_choice(t, v);
  }
}

/* What auto fields will be, as far as it is known, so that rules which read them see it. */
static void guess_autos(struct pkt_layer *layer) {
  for (unsigned i = 0; i < layer->plan->nops; i++) {
    const struct pkt_op *op = &layer->plan->ops[i];
    if (layer->slots[i].state != PKT_UNSET) continue;
    if (!op->autorule) continue;
    struct pkt_scope scope = {.layer = layer};
    layer->slots[i].num = (uint64_t)pkt_rule_eval(op->autorule, &scope);
  }
}

static int note_given(struct target *t, const struct pkt_value *v) {
  struct pkt_given *g = pkt_alloc(t->c->arena, sizeof *g);
  if (!g) return out_of_memory(t);
  *g = (struct pkt_given){
      .next = t->layer->given, .value = *v, .slot = (uint16_t)(t->op - t->plan->ops)};
  t->layer->given = g;
  return 0;
}

static void forget_given(struct pkt_layer *layer, unsigned slot) {
  struct pkt_given **at = &layer->given;
  while (*at) {
    if ((*at)->slot == slot)
      *at = (*at)->next;
    else
      at = &(*at)->next;
  }
}

/* How no value is shown, in either dialect. */
static bool is_none(const struct pkt_value *v) {
  return pkt_value_is(v, "None") || pkt_value_is(v, "nil");
}

/* Is this the name of a value, such as the addressing mode "None"? */
static bool is_name(const struct pkt_layer *layer, const struct pkt_op *op,
                    const struct pkt_value *v) {
  const struct pkt_names *names = op->kind == PKT_UINT ? pkt_op_names(op, layer) : NULL;
  uint64_t ignored;
  return names && pkt_names_read(names, v->ptr, v->len, UINT64_MAX, &ignored);
}

/* Is it a number, in whichever form? */
static bool holds_number(const struct pkt_op *op) {
  if (op->kind == PKT_CHOICE) op = op->alts[op->nalts - 1].op;
  return op->kind == PKT_UINT || op->kind == PKT_PHANTOM || op->kind == PKT_INTEGER;
}

/* Is this a way of saying "nothing": null, empty text for a number, or how no value is shown? */
static bool unsets(const struct pkt_layer *layer, const struct pkt_op *op,
                   const struct pkt_value *v) {
  if (v->type == PKT_V_NULL) return true;
  if (v->type != PKT_V_TEXT || is_name(layer, op, v)) return false;
  bool number = op->kind == PKT_UINT || op->kind == PKT_PHANTOM || op->kind == PKT_INTEGER;
  bool address = op->kind == PKT_MAC || op->kind == PKT_IPV4 || op->kind == PKT_IPV6;
  bool list = op->kind == PKT_LIST || op->kind == PKT_LAYERS || op->kind == PKT_OPTIONS;
  bool choice = op->kind == PKT_CHOICE;
  bool no_default = layer->plan->defaults[op - layer->plan->ops].none;
  if ((list || choice) && (pkt_value_is(v, "[]") || pkt_value_is(v, "{}"))) return true;
  if ((list || choice || address || no_default) && is_none(v)) return true;
  bool section = (op->flags & PKT_OP_CHAIN) != 0; /* empty text is an empty section, set */
  if (v->len == 0) return holds_number(op) || (list && !section);
  bool shown = op->none_text && (*op->none_text < '0' || *op->none_text > '9');
  return number && (is_none(v) || (shown && pkt_value_is(v, op->none_text)));
}

static void put_slot(struct pkt_layer *layer, const struct pkt_op *op, struct pkt_slot slot) {
  unsigned i = (unsigned)(op - layer->plan->ops);
  forget_given(layer, i);
  layer->slots[i] = slot;
  layer->raw = NULL;
}

static void unset_one(struct pkt_layer *layer, const struct pkt_op *op) {
  put_slot(layer, op, layer->plan->defaults[op - layer->plan->ops]);
}

/* Is the element said not to be there? */
static bool leaves_out(const struct pkt_layer *layer, const struct pkt_op *op,
                       const struct pkt_value *v) {
  bool may_be_out = op->element && op->flags & PKT_OP_OPTIONAL;
  if (!may_be_out || v->type == PKT_V_NULL) return may_be_out;
  return v->type == PKT_V_TEXT && is_none(v) && !is_name(layer, op, v);
}

static int assign_one(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                      const struct pkt_value *v, struct pkt_err *err) {
  static const struct pkt_value no_bytes = {.type = PKT_V_BYTES, .ptr = ""};
  if (leaves_out(layer, op, v)) {
    put_slot(layer, op, (struct pkt_slot){.state = PKT_SET, .none = true});
    return 0;
  }
  if (v->type == PKT_V_NULL && op->kind == PKT_BYTES) {
    v = &no_bytes; /* no bytes, not the default ones */
  } else if (unsets(layer, op, v)) {
    unset_one(layer, op);
    return 0;
  }
  struct pkt_slot fresh = {.state = PKT_SET};
  struct target t = {
      .c = c, .plan = layer->plan, .layer = layer, .op = op, .slot = &fresh, .err = err};
  if (op->kind == PKT_CHOICE || op->names_by) guess_autos(layer);
  if (assign(&t, v) != 0) return -1;
  put_slot(layer, op, fresh);
  return t.odd ? note_given(&t, v) : 0;
}

static const struct pkt_op *first_twin(const struct pkt_layer *layer, const struct pkt_op *op) {
  return op->flags & PKT_OP_TWIN ? pkt_plan_op(layer->plan, op->id, op->id_len) : op;
}

/* Is the field there, as far as the layer's own fields tell? */
static bool is_there(const struct pkt_layer *layer, const struct pkt_op *op) {
  struct pkt_scope scope = {.layer = layer};
  return !op->when || pkt_rule_eval(op->when, &scope) != 0;
}

/* Of fields of one id the first that is there; the first of all where none is. */
static const struct pkt_op *present_twin(const struct pkt_layer *layer, const struct pkt_op *op) {
  const struct pkt_op *first = first_twin(layer, op);
  for (op = first; op; op = pkt_plan_twin(layer->plan, op))
    if (is_there(layer, op)) return op;
  return first;
}

/* Fields of one id have one value, since the reference keeps values by id. Those that are there
** have to take it; one that isn't has its default where the value is none for it. */
static int assign_twins(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                        const struct pkt_value *v, struct pkt_err *err) {
  guess_autos(layer);
  const struct pkt_op *present = present_twin(layer, op);
  if (assign_one(c, layer, present, v, err) != 0) return -1;
  for (op = first_twin(layer, op); op; op = pkt_plan_twin(layer->plan, op)) {
    struct pkt_err ignored;
    if (op == present || assign_one(c, layer, op, v, is_there(layer, op) ? err : &ignored) == 0)
      continue;
    if (is_there(layer, op)) return -1;
    unset_one(layer, op);
  }
  return 0;
}

int pkt_assign(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
               const struct pkt_value *v, struct pkt_err *err) {
  if (op->flags & PKT_OP_TWIN) return assign_twins(c, layer, op, v, err);
  return assign_one(c, layer, op, v, err);
}

void pkt_unset(struct pkt_layer *layer, const struct pkt_op *op) {
  for (op = first_twin(layer, op); op; op = pkt_plan_twin(layer->plan, op)) unset_one(layer, op);
}

/* The number that a field of several of its id was given goes to the others as well. */
static int share_number(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                        struct pkt_err *err) {
  if (!(op->flags & PKT_OP_TWIN) || op->kind != PKT_UINT) return 0;
  const struct pkt_slot *s = &layer->slots[op - layer->plan->ops];
  struct pkt_value v = {.type = PKT_V_INT, .num = s->num, .negative = s->negative};
  if (op->show == PKT_SHOW_FLOAT)
    v = (struct pkt_value){.type = PKT_V_REAL, .real = pkt_float_value(op->width, s->num)};
  return pkt_assign(c, layer, op, &v, err);
}

int pkt_assign_default(struct pkt_context *c, const struct pkt_plan *plan, const struct pkt_op *op,
                       const struct pkt_value *v, struct pkt_slot *slot, struct pkt_err *err) {
  struct target t = {.c = c, .plan = plan, .op = op, .slot = slot, .err = err};
  return assign(&t, v);
}

int pkt_assign_wire(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                    const uint8_t *bytes, size_t n, struct pkt_err *err) {
  struct pkt_slot fresh = {0};
  if (op->flags & PKT_OP_TWIN) op = present_twin(layer, op);
  if (pkt_dissect_field(c->arena, layer, op, bytes, n, &fresh, err) != 0) return -1;
  fresh.state = PKT_SET;
  put_slot(layer, op, fresh);
  return share_number(c, layer, op, err);
}

/* ----------------------------------------------------------------------------------- random */

static uint64_t rotl(uint64_t x, int k) { return x << k | x >> (64 - k); }

uint64_t pkt_rng_next(struct pkt_rng *rng) {
  uint64_t *s = rng->s;
  uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 45);
  return result;
}

void pkt_rng_seed(struct pkt_rng *rng, uint64_t seed) {
  for (int i = 0; i < 4; i++) { /* splitmix64, as the generator's authors advise */
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    rng->s[i] = z ^ z >> 31;
  }
}

static uint64_t random_bits(struct pkt_context *c, unsigned width) {
  return pkt_rng_next(c->rng) >> (64 - width);
}

static int random_bytes(struct target *t, uint32_t n) {
  uint8_t *p = pkt_alloc(t->c->arena, n + 1);
  if (!p) return out_of_memory(t);
  for (uint32_t i = 0; i < n; i++) p[i] = (uint8_t)random_bits(t->c, 8);
  t->slot->bytes = p;
  t->slot->len = n;
  return 0;
}

/* One of the attributes that have names, with a random number. */
static int random_attribute(struct target *t) {
  struct pkt_list *list = new_list(t, 1, sizeof(struct pkt_option));
  uint8_t *bytes = pkt_alloc(t->c->arena, 2);
  if (!list || !bytes) return out_of_memory(t);
  const struct pkt_optdef *def = &t->op->codes[random_bits(t->c, 32) % t->op->ncodes];
  pkt_put_be16(bytes, (uint16_t)random_bits(t->c, 16));
  list->options[0] = (struct pkt_option){
      .code = def->code, .form = PKT_OPTION_BASIC, .len = 2, .data = bytes, .def = def};
  list->len = 1;
  t->slot->list = list;
  return 0;
}

/* One option of a code that holds numbers or addresses, with random ones. */
static int random_options(struct target *t) {
  uint32_t fitting = 0, chosen = 0;
  const struct pkt_op *op = t->op;
  for (uint32_t i = 0; i < op->ncodes; i++) {
    bool parts = op->codes[i].form == PKT_FORM_INTS || op->codes[i].form == PKT_FORM_IPV4;
    if (parts && random_bits(t->c, 32) % ++fitting == 0) chosen = i;
  }
  struct pkt_list *list = new_list(t, 1, sizeof(struct pkt_option));
  if (!list) return -1;
  if (fitting > 0) {
    const struct pkt_optdef *def = &op->codes[chosen];
    uint32_t n = 0, unit = def->form == PKT_FORM_IPV4 ? 4 : def->width;
    for (uint32_t i = 0; i < (def->count ? def->count : 1u); i++)
      n += unit ? unit : def->widths[i < PKT_MAX_PARTS ? i : 0];
    uint8_t *bytes = pkt_alloc(t->c->arena, n);
    if (!bytes) return out_of_memory(t);
    for (uint32_t i = 0; i < n; i++) bytes[i] = (uint8_t)random_bits(t->c, 8);
    list->options[0] = (struct pkt_option){.code = def->code, .len = n, .data = bytes, .def = def};
    list->len = 1;
  }
  t->slot->list = list;
  return 0;
}

/* The exponent's highest bit: without it a float is finite, and below 2. */
static uint64_t finite_bit(const struct pkt_op *op) { return (uint64_t)1 << (op->width - 2); }

/* An identifier of MIB-2, 1.3.6.1.2.1.x.y. */
static int random_oid(struct target *t) {
  const uint8_t octets[] = {
      0x2b, 6, 1, 2, 1, (uint8_t)random_bits(t->c, 7), (uint8_t)random_bits(t->c, 7)};
  t->slot->bytes = keep(t, octets, sizeof octets);
  t->slot->len = sizeof octets;
  return t->slot->bytes ? 0 : out_of_memory(t);
}

static int set_random(struct target *t) {
  const struct pkt_op *op = t->op;
  switch (op->kind) {
    case PKT_UINT:
    case PKT_MAC:
    case PKT_IPV4:
      t->slot->num = random_bits(t->c, op->width);
      if (op->show == PKT_SHOW_FLOAT) t->slot->num &= ~finite_bit(op);
      if (!(op->flags & PKT_OP_SIGNED)) return 0;
      t->slot->num = pkt_sign_extend(t->slot->num, op->width);
      t->slot->negative = (int64_t)t->slot->num < 0;
      return 0;
    case PKT_OPTIONS: return has_attributes(t) ? random_attribute(t) : random_options(t);
    case PKT_IPV6: return random_bytes(t, 16);
    case PKT_INTEGER: t->slot->num = random_bits(t->c, 31); return 0;
    case PKT_OID: return random_oid(t);
    case PKT_BITS: return new_bits(t, 1 + (uint32_t)random_bits(t->c, 3), 0) ? 0 : -1;
    case PKT_BYTES:
      return random_bytes(t, op->fixed_size ? op->fixed_size : 1 + (uint32_t)random_bits(t->c, 4));
    case PKT_CHOICE: {
      struct pkt_scope scope = {.layer = t->layer};
      uint32_t i = 0;
      while (i + 1 < op->nalts && op->alts[i].when && !pkt_rule_eval(op->alts[i].when, &scope)) i++;
      t->slot->alt = (uint8_t)i;
      t->op = op->alts[i].op;
      return set_random(t);
    }
    default:
      return pkt_fail(t->err, PKT_ERR_VALUE,
                      "%s.%s: there are no random values for this kind of field", t->plan->id,
                      pkt_op_name(op));
  }
}

int pkt_assign_random(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                      struct pkt_err *err) {
  struct pkt_slot fresh = {.state = PKT_SET};
  if (op->flags & PKT_OP_TWIN) op = present_twin(layer, op);
  struct target t = {
      .c = c, .plan = layer->plan, .layer = layer, .op = op, .slot = &fresh, .err = err};
  if (op->kind == PKT_CHOICE) guess_autos(layer);
  if (set_random(&t) != 0) return -1;
  put_slot(layer, op, fresh);
  return share_number(c, layer, op, err);
}
