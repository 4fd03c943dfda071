/* literal_number.c - numbers in literals. */
#include "literal_inner.h"

#include <math.h>

/* The end of a run of digits with single underscores between them; 'p' itself: there is none. */
static const char *skip_digits(const struct lit_reader *r, const char *p) {
  if (!lit_is_digit(lit_peek(r, p))) return p;
  while (lit_is_digit(lit_peek(r, p)) ||
         (lit_peek(r, p) == '_' && lit_is_digit(lit_peek(r, p + 1))))
    p++;
  return p;
}

/* The digits from 'p' to 'end', underscores among them, as an integer. */
static int make_int(struct lit_reader *r, const char *p, const char *end, unsigned base,
                    struct pkt_value *out) {
  const char *start = r->at;
  uint64_t v = 0;
  bool fits = true;
  for (; p < end; p++) {
    if (*p == '_') continue;
    if (__builtin_mul_overflow(v, base, &v) ||
        __builtin_add_overflow(v, (uint64_t)lit_digit_value(*p), &v))
      fits = false;
  }
  *out = (struct pkt_value){.type = PKT_V_INT, .num = v};
  r->at = end;
  return fits ? 0 : lit_refuse(r, PKT_ERR_VALUE, start, "number beyond 2^64-1");
}

/* The text from 'at' to 'end' as a real. */
static int make_real(struct lit_reader *r, const char *end, struct pkt_value *out) {
  const char *start = r->at;
  *out = (struct pkt_value){.type = PKT_V_REAL};
  if (pkt_text_to_real(r->arena, start, (size_t)(end - start), &out->real) != 0)
    return lit_no_memory(r);
  r->at = end;
  return isfinite(out->real) ? 0 : lit_refuse(r, PKT_ERR_VALUE, start, "number too large");
}

/* 0x1F, 0o17, 0b101. Lua may read on where hexadecimal digits end: 0x1p4, 0x.8. */
static int read_based(struct lit_reader *r, unsigned base, struct pkt_value *out) {
  const char *digits = r->at + 2, *p = digits;
  for (;;) {
    const char *d = p + (lit_peek(r, p) == '_');
    if (lit_digit_value(lit_peek(r, d)) >= (int)base) break;
    p = d + 1;
  }
  if (p > digits && !lit_is_name_char(lit_peek(r, p)) && lit_peek(r, p) != '.')
    return make_int(r, digits, p, base, out);
  return base == 16 ? lit_fail_at(r, r->at, "malformed number")
                    : lit_fail_in_both(r, r->at, "malformed number");
}

/* Python has no integers such as 007, but 00, 00.5 and 01e1. */
static bool has_leading_zero(const char *p, const char *end) {
  if (*p != '0') return false;
  while (p < end && (*p == '0' || *p == '_')) p++;
  return p < end;
}

static int read_decimal(struct lit_reader *r, struct pkt_value *out) {
  const char *p = skip_digits(r, r->at);
  bool real = false;
  if (lit_peek(r, p) == '.') {
    real = true;
    p = skip_digits(r, p + 1);
  }
  if (lit_peek(r, p) == 'e' || lit_peek(r, p) == 'E') {
    const char *digits = p + 1;
    if (lit_peek(r, digits) == '+' || lit_peek(r, digits) == '-') digits++;
    if ((p = skip_digits(r, digits)) == digits)
      return lit_fail_in_both(r, r->at, "malformed number");
    real = true;
  }
  if (lit_is_name_char(lit_peek(r, p))) return lit_fail_in_both(r, r->at, "malformed number");
  if (real) return make_real(r, p, out);
  if (has_leading_zero(r->at, p)) return lit_fail_at(r, r->at, "number with a leading zero");
  return make_int(r, r->at, p, 10, out);
}

int lit_read_number(struct lit_reader *r, struct pkt_value *out) {
  switch (*r->at == '0' ? lit_peek(r, r->at + 1) | 0x20 : 0) {
    case 'x': return read_based(r, 16, out);
    case 'o': return read_based(r, 8, out);
    case 'b': return read_based(r, 2, out);
    default: return read_decimal(r, out);
  }
}
