/* literal_operator.c - what the operators of literals make of values: arithmetic, joining and
** repeating, stacking of layers. */
#include "literal_inner.h"

#include <math.h>
#include <stdio.h>

/* Arithmetic. */

static bool is_int(const struct pkt_value *v) { return v->type == PKT_V_INT; }

static bool is_number(const struct pkt_value *v) { return is_int(v) || v->type == PKT_V_REAL; }

static bool is_string(const struct pkt_value *v) {
  return v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
}

static bool is_sequence(const struct pkt_value *v) { return is_string(v) || v->type == PKT_V_LIST; }

/* In arithmetic True is 1. */
static void bool_to_int(struct pkt_value *v) {
  if (v->type == PKT_V_BOOL) *v = (struct pkt_value){.type = PKT_V_INT, .num = v->num};
}

static double to_real(const struct pkt_value *v) {
  if (v->type == PKT_V_REAL) return v->real;
  return v->negative ? -(double)v->num : (double)v->num;
}

static int set_real(struct lit_reader *r, const char *op, double v, struct pkt_value *out) {
  *out = (struct pkt_value){.type = PKT_V_REAL, .real = v};
  return isfinite(v) ? 0 : lit_refuse(r, PKT_ERR_VALUE, op, "the result is too large");
}

static int set_int(struct lit_reader *r, const char *op, bool negative, unsigned __int128 v,
                   struct pkt_value *out) {
  *out = (struct pkt_value){.type = PKT_V_INT, .negative = negative && v != 0, .num = (uint64_t)v};
  return v <= UINT64_MAX ? 0 : lit_refuse(r, PKT_ERR_VALUE, op, "the result is beyond 2^64-1");
}

/* a / b, rounded once, as Python does: all bits of the quotient that fit, and one that says whether
** there are more. */
static double divide_exactly(uint64_t a, uint64_t b) {
  if (a == 0) return 0;
  int shift = 64 + __builtin_clzll(a);
  unsigned __int128 dividend = (unsigned __int128)a << shift, quotient = dividend / b;
  quotient |= dividend % b != 0; /* it has 64 bits or more, a double 53 */
  return ldexp((double)quotient, -shift);
}

static int compute_int(struct lit_reader *r, const char *op, const struct pkt_value *a,
                       const struct pkt_value *b, struct pkt_value *out) {
  bool differ = a->negative != b->negative;
  __int128 x = a->negative ? -(__int128)a->num : a->num;
  __int128 y = b->negative ? -(__int128)b->num : b->num;
  double quotient;
  switch (*op) {
    case '*': return set_int(r, op, differ, (unsigned __int128)a->num * b->num, out);
    case '/':
      quotient = divide_exactly(a->num, b->num);
      return set_real(r, op, differ ? -quotient : quotient, out);
    case '-': y = -y; /* fall through */
    default: x += y; return set_int(r, op, x < 0, (unsigned __int128)(x < 0 ? -x : x), out);
  }
}

static int compute_real(struct lit_reader *r, const char *op, double x, double y,
                        struct pkt_value *out) {
  switch (*op) {
    case '*': return set_real(r, op, x * y, out);
    case '/': return set_real(r, op, x / y, out);
    case '-': return set_real(r, op, x - y, out);
    default: return set_real(r, op, x + y, out);
  }
}

static int compute(struct lit_reader *r, const char *op, const struct pkt_value *a,
                   const struct pkt_value *b, struct pkt_value *out) {
  if (*op == '/' && to_real(b) == 0) return lit_refuse(r, PKT_ERR_VALUE, op, "division by zero");
  if (is_int(a) && is_int(b)) return compute_int(r, op, a, b, out);
  return compute_real(r, op, to_real(a), to_real(b), out);
}

/* Joining and repeating. */

static size_t weigh(const struct pkt_value *v);

static size_t weigh_members(const struct pkt_member *m, uint32_t n) {
  size_t sum = 0;
  for (uint32_t i = 0; i < n; i++) sum += m[i].key_len + weigh(&m[i].value);
  return sum;
}

/* The number of values and bytes in 'v', shared ones counted each time. The result of repeating
** is bounded, and so is this. */
static size_t weigh(const struct pkt_value *v) {
  size_t sum = 1;
  switch (v->type) {
    case PKT_V_TEXT:
    case PKT_V_BYTES: return sum + v->len;
    case PKT_V_LIST:
      for (uint32_t i = 0; i < v->len; i++) sum += weigh(&v->items[i]);
      return sum;
    case PKT_V_MAP: return sum + weigh_members(v->members, v->len);
    case PKT_V_LAYER:
      for (const struct pkt_ctor *c = v->layer; c; c = c->above)
        sum += 1 + c->id_len + weigh_members(c->fields, c->len);
      return sum;
    default: return sum;
  }
}

static size_t unit(const struct pkt_value *v) {
  return is_string(v) ? 1 : sizeof(struct pkt_value);
}

/* Make *out a sequence of the same type as 'v', of 'len' units whose contents the caller fills
** in, and count 'weight' for it. False: it may not be made, and the reader has refused it or has
** no memory. */
static bool make_sequence(struct lit_reader *r, const char *op, const struct pkt_value *v,
                          size_t len, size_t weight, struct pkt_value *out) {
  bool fits = len <= (is_string(v) ? PKT_MAX_LITERAL : PKT_MAX_ITEMS);
  if (!fits || weight > PKT_MAX_REPEATED - r->made) {
    lit_refuse(r, PKT_ERR_LIMIT, op, "the result is too large");
    return false;
  }
  r->made += weight;
  struct pkt_value made = {.type = v->type, .len = (uint32_t)len};
  void *p = pkt_alloc(r->arena, len * unit(v) + 1);
  if (!p) return false;
  if (is_string(v))
    made.ptr = p;
  else
    made.items = p;
  *out = made;
  return true;
}

static uint8_t *content(const struct pkt_value *v) {
  return is_string(v) ? (uint8_t *)(uintptr_t)v->ptr : (uint8_t *)v->items;
}

static int join(struct lit_reader *r, const char *op, const struct pkt_value *a,
                const struct pkt_value *b, struct pkt_value *out) {
  size_t len = (size_t)a->len + b->len, first = a->len * unit(a), second = b->len * unit(b);
  struct pkt_value joined;
  if (!make_sequence(r, op, a, len, len, &joined)) return r->refused ? 0 : lit_no_memory(r);
  if (first) memcpy(content(&joined), content(a), first);
  if (second) memcpy(content(&joined) + first, content(b), second);
  *out = joined;
  return 0;
}

static int repeat(struct lit_reader *r, const char *op, const struct pkt_value *v,
                  const struct pkt_value *times, struct pkt_value *out) {
  uint64_t n = times->negative || v->len == 0 ? 0 : times->num;
  struct pkt_value repeated;
  /* v->len is 2^18 at most, and so is n: no product overflows */
  if (n > PKT_MAX_REPEATED) return lit_refuse(r, PKT_ERR_LIMIT, op, "the result is too large");
  size_t weight = n ? weigh(v) * n : 0, size = v->len * unit(v);
  if (!make_sequence(r, op, v, v->len * n, weight, &repeated))
    return r->refused ? 0 : lit_no_memory(r);
  for (uint64_t i = 0; i < n; i++) memcpy(content(&repeated) + i * size, content(v), size);
  *out = repeated;
  return 0;
}

static unsigned count_layers(const struct pkt_ctor *c) {
  unsigned n = 0;
  for (; c; c = c->above) n++;
  return n;
}

/* Put the layers of 'b' on those of 'a'. Neither is referenced by anything else. */
static int stack_layers(struct lit_reader *r, const char *op, const struct pkt_value *a,
                        const struct pkt_value *b) {
  struct pkt_ctor *top = a->layer;
  if (count_layers(a->layer) + count_layers(b->layer) > PKT_MAX_LAYERS)
    return lit_refuse(r, PKT_ERR_LIMIT, op, "too many layers");
  while (top->above) top = top->above;
  top->above = b->layer;
  return 0;
}

int lit_combine(struct lit_reader *r, const char *op, struct pkt_value *a, struct pkt_value *b) {
  char what[80];
  if (r->refused) return 0; /* they may be anything */
  bool_to_int(a);
  bool_to_int(b);
  if (is_number(a) && is_number(b)) return compute(r, op, a, b, a);
  if (*op == '+' && is_sequence(a) && a->type == b->type) return join(r, op, a, b, a);
  if (*op == '*' && is_sequence(a) && is_int(b)) return repeat(r, op, a, b, a);
  if (*op == '*' && is_int(a) && is_sequence(b)) return repeat(r, op, b, a, a);
  if (*op == '/' && a->type == PKT_V_LAYER && b->type == PKT_V_LAYER)
    return stack_layers(r, op, a, b);
  snprintf(what, sizeof(what), "'%c' between %s and %s", *op, pkt_value_kind(a), pkt_value_kind(b));
  bool call = a->type == PKT_V_LAYER || b->type == PKT_V_LAYER; /* ip(x)+1 */
  if (call && !r->not_lua) return lit_fail_at(r, op, what);
  return lit_refuse(r, PKT_ERR_VALUE, op, what);
}

int lit_apply_sign(struct lit_reader *r, const char *sign, bool negative, struct pkt_value *v) {
  char what[80];
  if (r->refused) return 0;
  bool_to_int(v);
  if (!is_number(v)) {
    snprintf(what, sizeof(what), "'%c' before %s", *sign, pkt_value_kind(v));
    if (v->type == PKT_V_LAYER && !r->not_lua) return lit_fail_at(r, sign, what); /* -abs(x) */
    return lit_refuse(r, PKT_ERR_VALUE, sign, what);
  }
  if (negative && is_int(v)) v->negative = !v->negative && v->num != 0;
  if (negative && !is_int(v)) v->real = -v->real;
  return 0;
}
