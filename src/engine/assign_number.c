/* assign_number.c - numbers, flags, dates and times, floats. */
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "assign_inner.h"
#include "buf.h"
#include "real.h"

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

bool pkt_read_number(const char *p, uint32_t n, uint64_t *v) {
  return read_number(p, n, v) == A_NUMBER;
}

static bool is_masked(const struct pkt_op *op) {
  return op->flags & PKT_OP_BITFIELD && op->show != PKT_SHOW_FLAGS;
}

/* How many bits a number for this field may have. That is more than the field's width where the
** excess is masked away: the reference packs a three-byte field as four bytes. */
static unsigned range_width(const struct pkt_op *op) {
  if (is_masked(op)) return 64;
  return op->flags & PKT_OP_MASKED ? 32 : op->width;
}

static int refuse_range(struct pkt_target *t, const char *given) {
  unsigned w = range_width(t->op);
  const char *id = t->plan->id, *field = pkt_op_name(t->op);
  uint64_t most = w < 64 ? ((uint64_t)1 << w) - 1 : UINT64_MAX;
  if (t->op->flags & PKT_OP_SIGNED)
    return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s is out of range: %lld to %lld", id, field,
                    given, (long long)(~(most >> 1)), (long long)(most >> 1));
  return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s is out of range: 0 to %llu", id, field, given,
                  (unsigned long long)most);
}

static int out_of_range(struct pkt_target *t, bool negative, uint64_t v) {
  char given[24];
  snprintf(given, sizeof given, "%s%llu", negative ? "-" : "", (unsigned long long)v);
  return refuse_range(t, given);
}

/* The same for a number beyond 64 bits, showing all its digits if it is only a few digits
** longer. */
static int out_of_reach(struct pkt_target *t, double v) {
  char given[48];
  snprintf(given, sizeof given, fabs(v) < 1e24 ? "%.0f" : "%g", v);
  return refuse_range(t, given);
}

static bool in_range(const struct pkt_op *op, bool negative, uint64_t v) {
  unsigned w = range_width(op);
  if (op->flags & PKT_OP_SIGNED) {
    uint64_t half = (uint64_t)1 << (w - 1);
    return negative ? v <= half : v < half;
  }
  return !negative && (w >= 64 || v >> w == 0);
}

static int set_number(struct pkt_target *t, bool negative, uint64_t v) {
  const struct pkt_op *op = t->op;
  if (!is_masked(op) && !in_range(op, negative, v)) return out_of_range(t, negative, v);
  t->slot->num = negative ? 0 - v : v;
  t->slot->negative = negative;
  return 0;
}

/* A fixed-point field takes a value in units (0.5 or 1), not in the steps that are stored; a
** value too large to be one in units is taken as steps. */
static int set_fixed_point(struct pkt_target *t, double v) {
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

static int set_int(struct pkt_target *t, bool negative, uint64_t v) {
  int fraction = pkt_op_fraction(t->op);
  if (fraction == 8 && (negative || v > 255))
    return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s%llu is out of range: 0 to 255", t->plan->id,
                    pkt_op_name(t->op), negative ? "-" : "", (unsigned long long)v);
  if (fraction == 0) return set_number(t, negative, v);
  if (!negative && v < (uint64_t)1 << (t->op->width - fraction))
    return set_number(t, false, v << fraction);
  return set_number(t, negative, v);
}

/* One flag by name; the number of its bit, or -1. Of several with that name the first behind the
** flag 'last', as they are shown in their order, or else the first of all. */
static int find_flag(const struct pkt_op *op, const char *p, uint32_t n, int last) {
  int found = -1;
  for (int i = 0; i < op->width; i++) {
    const char *name = op->flag_names[i];
    if (!name || strlen(name) != n || memcmp(name, p, n) != 0) continue;
    if (i > last) return i;
    if (found < 0) found = i;
  }
  if (found >= 0) return found;
  if (n > 3 && n < 6 && memcmp(p, "bit", 3) == 0) { /* how a flag without a name is shown */
    uint64_t bit;
    if (pkt_read_number(p + 3, n - 3, &bit) && bit < op->width) return (int)bit;
  }
  return -1;
}

static bool read_letters(const struct pkt_op *op, const char *p, uint32_t n, uint64_t *v) {
  int bit = -1;
  for (uint32_t i = 0; i < n; i++) {
    bit = find_flag(op, p + i, 1, bit);
    if (bit < 0) return false;
    *v |= (uint64_t)1 << bit;
  }
  return true;
}

static bool read_flag_names(const struct pkt_op *op, const char *p, uint32_t n, uint64_t *v) {
  int bit = -1;
  while (n > 0) {
    const char *plus = memchr(p, '+', n);
    uint32_t len = plus ? (uint32_t)(plus - p) : n;
    bit = find_flag(op, p, len, bit);
    if (bit < 0) return false;
    *v |= (uint64_t)1 << bit;
    if (!plus) return true;
    p += len + 1;
    n -= len + 1;
  }
  return false; /* a '+' at the end */
}

static int set_flags(struct pkt_target *t, const struct pkt_value *v) {
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
  if (known.failed) {
    pkt_buf_free(&known);
    return pkt_no_memory(t);
  }
  snprintf(wanted, sizeof wanted,
           letters ? "made of the flags %s" : "made of the flags%s joined by +", known.data);
  pkt_buf_free(&known);
  return pkt_refuse(t, v, wanted);
}

/* "Thu, 01 Jan 1970 00:00:00 +0000", and maybe " (0)" behind it, as replies show times. */
static bool read_time(const struct pkt_value *v, int64_t *seconds) {
  char text[80];
  struct tm tm = {0};
  if (!pkt_value_string(text, sizeof text, v)) return false;
  const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S +0000", &tm);
  if (!end || (*end != 0 && *end != ' ')) return false;
  *seconds = (int64_t)timegm(&tm);
  return true;
}

/* A time stamp of NTP as replies show it, with its number behind it. */
static bool read_ntp_number(const struct pkt_value *v, uint64_t *num) {
  char text[80], number[24];
  int64_t seconds;
  if (!pkt_value_string(text, sizeof text, v)) return false;
  bool old = strncmp(text, PKT_NTP_OLD_TEXT " ", strlen(PKT_NTP_OLD_TEXT " ")) == 0;
  const char *behind = strrchr(text, '(');
  if (!behind || !(old || read_time(v, &seconds))) return false;
  *num = strtoull(behind + 1, NULL, 10);
  snprintf(number, sizeof number, "(%llu)", (unsigned long long)*num);
  return strcmp(behind, number) == 0;
}

static bool read_ms_of_day(const struct pkt_value *v, uint64_t *ms) {
  char text[40];
  unsigned h, m, s, rest = 0;
  int end = 0, fraction = 0;
  if (!pkt_value_string(text, sizeof text, v)) return false;
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
  if (!pkt_value_string(text, sizeof text, v) || sscanf(text, "%lf%n", &seconds, &end) != 1)
    return false;
  *hundredths = round(seconds * 100);
  return *hundredths >= 0 && (text[end] == 0 || strcmp(text + end, " sec") == 0);
}

/* "1:2": two numbers of 16 bits. */
static bool read_pair(const struct pkt_value *v, uint64_t *pair) {
  char text[40];
  unsigned high, low;
  int end = 0;
  if (!pkt_value_string(text, sizeof text, v) || sscanf(text, "%6u:%6u%n", &high, &low, &end) != 2)
    return false;
  *pair = (uint64_t)high << 16 | low;
  return text[end] == 0 && high < 0x10000 && low < 0x10000;
}

/* "12 sec": units of four seconds. */
static bool read_quad(const struct pkt_value *v, uint64_t *units) {
  char text[40];
  unsigned seconds;
  int end = 0;
  if (!pkt_value_string(text, sizeof text, v) || sscanf(text, "%9u sec%n", &seconds, &end) != 1 ||
      !end)
    return false;
  *units = seconds / 4;
  return text[end] == 0;
}

/* 1: set, -1: refused. */
static int set_read(struct pkt_target *t, bool negative, uint64_t v) {
  return set_number(t, negative, v) == 0 ? 1 : -1;
}

static int set_centi(struct pkt_target *t, const struct pkt_value *v) {
  double hundredths;
  if (v->len > 8 && memcmp(v->ptr, "infinity", 8) == 0)
    return set_read(t, false, UINT64_MAX >> (64 - t->op->width));
  if (!read_centi(v, &hundredths)) return 0;
  return set_read(t, false, hundredths < 1e18 ? (uint64_t)hundredths : UINT64_MAX);
}

/* Eight bytes of two digits with colons between them. */
static bool read_eui64(const struct pkt_value *v, uint64_t *num) {
  if (v->len != 23) return false;
  *num = 0;
  for (uint32_t i = 0; i < v->len; i++) {
    unsigned char c = (unsigned char)v->ptr[i];
    if (i % 3 == 2 ? c != ':' : !isxdigit(c)) return false;
    if (i % 3 != 2) *num = *num << 4 | (c <= '9' ? c - '0' + 0u : (c | 0x20) - 'a' + 10u);
  }
  return true;
}

/* The number of an option of IPv6, and what that says in brackets. */
static bool read_ipv6_option(const struct pkt_value *v, uint64_t *num) {
  const char *bracket = memchr(v->ptr, '[', v->len);
  size_t digits = bracket ? (size_t)(bracket - v->ptr) : 0;
  return digits > 1 && bracket[-1] == ' ' && v->ptr[v->len - 1] == ']' &&
         pkt_read_number(v->ptr, (uint32_t)digits - 1, num);
}

/* The other texts that a number is shown as. 1: taken, 0: not such a text, -1: refused. */
static int set_shown(struct pkt_target *t, const struct pkt_value *v) {
  int64_t seconds;
  uint64_t num;
  double real;
  char text[40];
  int end = 0;
  switch (t->op->show) {
    case PKT_SHOW_UTC:
      if (!read_time(v, &seconds)) return 0;
      seconds -= t->op->special->epoch;
      return set_read(t, seconds < 0, (uint64_t)(seconds < 0 ? -seconds : seconds));
    case PKT_SHOW_EUI64: return read_eui64(v, &num) ? set_read(t, false, num) : 0;
    case PKT_SHOW_IPV6_OPTION: return read_ipv6_option(v, &num) ? set_read(t, false, num) : 0;
    case PKT_SHOW_MS_OF_DAY: return read_ms_of_day(v, &num) ? set_read(t, false, num) : 0;
    case PKT_SHOW_QUAD: return read_quad(v, &num) ? set_read(t, false, num) : 0;
    case PKT_SHOW_PAIR: return read_pair(v, &num) ? set_read(t, false, num) : 0;
    case PKT_SHOW_CENTI: return set_centi(t, v);
    case PKT_SHOW_NTP_NUMBER: return read_ntp_number(v, &num) ? set_read(t, false, num) : 0;
    case PKT_SHOW_NTP:
      if (read_time(v, &seconds))
        return set_read(t, false, (uint64_t)(seconds + PKT_NTP_TO_UNIX) << 32);
      /* fall through */
    case PKT_SHOW_FIXED8:
    case PKT_SHOW_FIXED16:
      if (!pkt_value_string(text, sizeof text, v) || sscanf(text, "%lf%n", &real, &end) != 1 ||
          text[end])
        return 0;
      return set_fixed_point(t, real) == 0 ? 1 : -1;
    default: return 0;
  }
}

static int refuse_name(struct pkt_target *t, const struct pkt_value *v,
                       const struct pkt_names *names) {
  char wanted[120];
  if (names->values > 0)
    snprintf(wanted, sizeof wanted, "a number or a name such as %.*s", (int)names->by_value[0].len,
             names->by_value[0].text);
  else
    snprintf(wanted, sizeof wanted, "a number");
  return pkt_refuse(t, v, wanted);
}

static int set_text_number(struct pkt_target *t, const struct pkt_value *v) {
  uint64_t num, most = UINT64_MAX >> (64 - t->op->width);
  bool is_signed = (t->op->flags & PKT_OP_SIGNED) != 0;
  switch (read_number(v->ptr, v->len, &num)) {
    case A_NUMBER: return set_int(t, false, num);
    case TOO_LARGE: return pkt_refuse(t, v, "a number below 2^64");
    default: break;
  }
  bool minus = is_signed && v->len > 1 && v->ptr[0] == '-';
  if (minus && pkt_read_number(v->ptr + 1, v->len - 1, &num)) return set_int(t, true, num);
  const struct pkt_names *names = t->layer ? pkt_op_names(t->op, t->layer) : t->op->names;
  if (names && pkt_names_read(names, v->ptr, v->len, is_signed ? UINT64_MAX : most, &num)) {
    t->odd = t->op->kind == PKT_PHANTOM; /* which the reference shows as it was given */
    return set_number(t, false, num);
  }
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
  return pkt_refuse(t, v, wanted);
}

static int set_real(struct pkt_target *t, const struct pkt_value *v) {
  if (pkt_op_fraction(t->op)) return set_fixed_point(t, v->real);
  double whole = floor(v->real);
  if (fabs(whole) >= 18446744073709551616.0) return out_of_reach(t, whole);
  if (whole != v->real)
    return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %g is not a whole number", t->plan->id,
                    pkt_op_name(t->op), v->real);
  return set_int(t, whole < 0, (uint64_t)fabs(whole));
}

static int set_float_value(struct pkt_target *t, double v) {
  if (pkt_float_overflows(t->op->width, v))
    return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %g is out of range: %g to %g", t->plan->id,
                    pkt_op_name(t->op), v, (double)-FLT_MAX, (double)FLT_MAX);
  t->slot->num = pkt_float_bits(t->op->width, v);
  return 0;
}

/* nan(0x7fc00001): all bits of one that isn't the usual. */
static bool are_nan_bits(const struct pkt_target *t, uint64_t bits) {
  bool fits = t->op->width == 64 || bits >> 32 == 0;
  return fits && isnan(pkt_float_value(t->op->width, bits));
}

static int set_float_text(struct pkt_target *t, const struct pkt_value *v) {
  uint64_t num, nan;
  double real;
  if (pkt_read_number(v->ptr, v->len, &num)) return set_float_value(t, (double)num);
  if (!pkt_is_real_text(v->ptr, v->len, &nan) || (nan && !are_nan_bits(t, nan)))
    return pkt_refuse(t, v, "a number");
  if (nan) {
    t->slot->num = nan;
    return 0;
  }
  if (pkt_text_to_real(t->c->arena, v->ptr, v->len, &real) != 0) return pkt_no_memory(t);
  return set_float_value(t, real);
}

static int set_float(struct pkt_target *t, const struct pkt_value *v) {
  switch (v->type) {
    case PKT_V_INT: return set_float_value(t, v->negative ? -(double)v->num : (double)v->num);
    case PKT_V_REAL: return set_float_value(t, v->real);
    case PKT_V_TEXT: return set_float_text(t, v);
    default: return pkt_refuse(t, v, "a number");
  }
}

/* (1, 2) for a field that is shown as 1:2. */
static bool is_pair(const struct pkt_target *t, const struct pkt_value *v) {
  if (t->op->show != PKT_SHOW_PAIR || v->type != PKT_V_LIST || v->len != 2) return false;
  const struct pkt_value *high = &v->items[0], *low = &v->items[1];
  return high->type == PKT_V_INT && !high->negative && high->num < 0x10000 &&
         low->type == PKT_V_INT && !low->negative && low->num < 0x10000;
}

int pkt_set_uint(struct pkt_target *t, const struct pkt_value *v) {
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
      if (v->len > 0 && v->items[0].type == PKT_V_INT) return pkt_set_uint(t, &v->items[0]);
      return pkt_refuse(t, v, "a number");
    default: return pkt_refuse(t, v, "a number");
  }
}
