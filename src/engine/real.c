/* real.c - floating point numbers as text and as bits. */
#include "real.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number as 0.DDD * 10^point. */
struct decimal {
  char digits[20];
  int len, point;
};

/* The nearest decimal of 'precision' digits. The locale's point may be of several bytes. */
static void round_to(double v, int precision, struct decimal *out) {
  char text[48];
  snprintf(text, sizeof text, "%.*e", precision - 1, v);
  out->len = 0;
  const char *p = text;
  for (; *p != 'e'; p++)
    if (*p >= '0' && *p <= '9') out->digits[out->len++] = *p;
  out->point = atoi(p + 1) + 1;
}

static double value_of(const struct decimal *d) {
  char text[40];
  snprintf(text, sizeof text, "%.*se%d", d->len, d->digits, d->point - d->len);
  return strtod(text, NULL);
}

static bool reads_back(const struct decimal *d, double v, unsigned width) {
  double back = value_of(d);
  return width == 32 ? (float)back == (float)v : back == v;
}

/* Below a power of two numbers lie closer: the next decimal above may read back where the nearest,
** below, doesn't. One whose last digit is 9 has been tried with a digit less. */
static bool next_reads_back(struct decimal *d, double v, unsigned width) {
  char *last = &d->digits[d->len - 1];
  if (*last == '9') return false;
  ++*last;
  return reads_back(d, v, width);
}

/* Few decimals, as most numbers have that people have to do with: found without text. A decimal of
** 'sure' digits or less is the only one that reads back, but for zeros at its end. */
static bool is_simple(double v, unsigned width, int sure, struct decimal *out) {
  const int places = 6;
  char text[24];
  if (!(v >= 1e-5 && v < 1e9)) return false;
  double scaled = nearbyint(v * 1e6), back = scaled / 1e6;
  if (scaled >= (sure == FLT_DIG ? 1e6 : 1e15)) return false;
  if (width == 32 ? (float)back != (float)v : back != v) return false;
  int n = 0;
  for (uint64_t rest = (uint64_t)scaled; rest > 0; rest /= 10) text[n++] = (char)('0' + rest % 10);
  for (int i = 0; i < n; i++) out->digits[i] = text[n - 1 - i];
  out->len = n;
  out->point = n - places;
  return true;
}

/* The shortest decimal of a positive number that reads back. All numbers but the smallest keep any
** decimal of 'sure' digits, so that a shorter one shows in zeros at its end. */
static void shorten(double v, unsigned width, struct decimal *out) {
  int sure = width == 32 ? FLT_DIG : DBL_DIG, most = width == 32 ? 9 : 17, exponent;
  bool small = v < (width == 32 ? (double)FLT_MIN : DBL_MIN);
  bool power = frexp(v, &exponent) == 0.5;
  bool simple = is_simple(v, width, sure, out);
  for (int precision = small ? 1 : sure; precision <= most && !simple; precision++) {
    round_to(v, precision, out);
    if (reads_back(out, v, width) || (power && next_reads_back(out, v, width))) break;
  }
  while (out->len > 1 && out->digits[out->len - 1] == '0') out->len--;
}

static char *put(char *out, const char *text, int n) {
  for (; n > 0; n--) *out++ = *text++;
  return out;
}

static char *put_zeros(char *out, int n) {
  for (; n > 0; n--) *out++ = '0';
  return out;
}

/* 12.5, 0.00125, 1200.0 */
static char *put_plain(char *out, const struct decimal *d) {
  int whole = d->point < 0 ? 0 : d->point < d->len ? d->point : d->len;
  if (whole == 0) *out++ = '0';
  out = put(out, d->digits, whole);
  out = put_zeros(out, d->point - whole);
  *out++ = '.';
  if (d->point < 0) out = put_zeros(out, -d->point);
  if (whole == d->len) *out++ = '0';
  return put(out, d->digits + whole, d->len - whole);
}

/* 1.25e-05 */
static char *put_scientific(char *out, const struct decimal *d) {
  *out++ = d->digits[0];
  if (d->len > 1) *out++ = '.';
  out = put(out, d->digits + 1, d->len - 1);
  return out + sprintf(out, "e%+03d", d->point - 1);
}

static size_t write_number(char out[PKT_REAL_ROOM], double v, unsigned width) {
  struct decimal d = {.digits = "0", .len = 1, .point = 1};
  char *p = out;
  if (signbit(v)) *p++ = '-';
  if (v != 0) shorten(fabs(v), width, &d);
  p = d.point > -4 && d.point <= 16 ? put_plain(p, &d) : put_scientific(p, &d);
  *p = 0;
  return (size_t)(p - out);
}

static size_t write_any(char out[PKT_REAL_ROOM], double v, unsigned width) {
  if (isfinite(v)) return write_number(out, v, width);
  strcpy(out, isnan(v) ? "nan" : v < 0 ? "-inf" : "inf");
  return strlen(out);
}

size_t pkt_real_text(char out[PKT_REAL_ROOM], double v) { return write_any(out, v, 64); }

size_t pkt_float_text(char out[PKT_REAL_ROOM], unsigned width, uint64_t bits) {
  double v = pkt_float_value(width, bits);
  if (isnan(v) && bits != pkt_float_bits(width, v))
    return (size_t)snprintf(out, PKT_REAL_ROOM, "nan(0x%llx)", (unsigned long long)bits);
  return write_any(out, v, width);
}

/* Pass over digits; how many there were. */
static size_t skip_digits(const char **p, const char *end) {
  const char *start = *p;
  while (*p < end && isdigit((unsigned char)**p)) ++*p;
  return (size_t)(*p - start);
}

static bool is_word(const char *p, size_t n, const char *word) {
  return strlen(word) == n && memcmp(p, word, n) == 0;
}

/* nan(0x7fc00001) */
static bool is_nan(const char *p, size_t n, uint64_t *bits) {
  char text[24], *end;
  if (n < 8 || n >= sizeof text || memcmp(p, "nan(0x", 6) != 0 || p[n - 1] != ')') return false;
  memcpy(text, p + 6, n - 7);
  text[n - 7] = 0;
  if (n - 7 > 16 || strspn(text, "0123456789abcdef") != n - 7) return false;
  *bits = strtoull(text, &end, 16);
  return true;
}

bool pkt_is_real_text(const char *text, size_t n, uint64_t *nan) {
  const char *p = text, *end = text + n;
  *nan = 0;
  if (is_nan(text, n, nan)) return true;
  if (p < end && (*p == '-' || *p == '+')) p++;
  size_t left = (size_t)(end - p);
  if (is_word(p, left, "inf") || is_word(p, left, "infinity") || is_word(p, left, "nan"))
    return true;
  size_t digits = skip_digits(&p, end);
  if (p < end && *p == '.') {
    p++;
    digits += skip_digits(&p, end);
  }
  if (digits == 0) return false;
  if (p < end && (*p == 'e' || *p == 'E')) {
    p++;
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (skip_digits(&p, end) == 0) return false;
  }
  return p == end;
}

double pkt_float_value(unsigned width, uint64_t bits) {
  if (width == 32) {
    uint32_t half = (uint32_t)bits;
    float v;
    memcpy(&v, &half, sizeof v);
    return (double)v;
  }
  double v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

uint64_t pkt_float_bits(unsigned width, double v) {
  if (isnan(v)) return width == 32 ? 0x7fc00000 : 0x7ff8000000000000;
  if (width == 32) {
    float single = (float)v;
    uint32_t half;
    memcpy(&half, &single, sizeof half);
    return half;
  }
  uint64_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

bool pkt_float_overflows(unsigned width, double v) {
  return width == 32 && isfinite(v) && !isfinite((float)v);
}
