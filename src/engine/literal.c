#include "literal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"
#include "text.h"

/* One text being read, by recursive descent. Items, members and the characters of a string gather
** on 'stack' until their number is known, then they move to memory of their own. The stack moves as
** it grows, so a place on it is an offset. */
struct reader {
  const char *text, *at, *end;
  struct pkt_arena *arena;
  struct pkt_err *err;
  size_t made;                          /* of PKT_MAX_REPEATED */
  unsigned depth;                       /* open brackets */
  const struct pkt_constant *constants; /* NULL: none */
  bool not_lua;                         /* what has been read is the start of no Lua expression */
  bool doubt;     /* Lua's tokens may lie elsewhere from here on: not_lua is no longer set */
  bool maybe_lua; /* the error found: Lua may read the text */
  bool refused;   /* the grammar was kept, but there is no value; *err says why */
  bool calls;     /* there is a call, which Lua may have another value for */
  struct pkt_gather stack;
};

/* Errors. */

#define MAX_WHAT (PKT_QUOTE_ROOM + 80) /* a token and what was expected in its place */

/* The text is no literal. Lua may read it, unless something before says no. */
static int fail_at(struct reader *r, const char *where, const char *what) {
  r->maybe_lua = !r->not_lua;
  return pkt_fail_at(r->err, PKT_ERR_SYNTAX, r->text, where, what);
}

/* The same for what is as wrong in Lua, as long as Lua's tokens are ours. */
static int fail_in_both(struct reader *r, const char *where, const char *what) {
  r->maybe_lua = r->doubt && !r->not_lua;
  return pkt_fail_at(r->err, PKT_ERR_SYNTAX, r->text, where, what);
}

static int fail_limit(struct reader *r, const char *where, const char *what) {
  r->maybe_lua = false;
  return pkt_fail_at(r->err, PKT_ERR_LIMIT, r->text, where, what);
}

static int no_memory(struct reader *r) {
  r->maybe_lua = false;
  return pkt_fail(r->err, PKT_ERR_MEMORY, "no memory to read the text");
}

/* The grammar is kept, but there is no value. The first such mistake is told, unless a later one is
** against the grammar: so reading goes on, and this returns 0. */
static int refuse(struct reader *r, enum pkt_errcode code, const char *where, const char *what) {
  if (!r->refused) pkt_fail_at(r->err, code, r->text, where, what);
  r->refused = true;
  return 0;
}

/* What has just been read is in no Lua expression. */
static void mark_not_lua(struct reader *r) {
  if (!r->doubt) r->not_lua = true;
}

/* Characters and tokens. */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_char(char c) { return starts_name(c) || is_digit(c); }

static bool is_quote(char c) { return c == '\'' || c == '"'; }

static bool is_line_end(char c) { return c == '\n' || c == '\r'; }

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\f' || is_line_end(c); }

/* The character at 'p', NUL behind the end. */
static char peek(const struct reader *r, const char *p) { return p < r->end ? *p : '\0'; }

/* Within brackets a line end is a space. */
static void skip_space(struct reader *r) {
  while (r->at < r->end && is_space(*r->at) && (r->depth > 0 || !is_line_end(*r->at))) r->at++;
}

/* Pass over one character if it is 'c'. */
static bool skip(struct reader *r, char c) {
  if (r->at == r->end || *r->at != c) return false;
  r->at++;
  return true;
}

static const char *name_end(const struct reader *r, const char *p) {
  while (is_name_char(peek(r, p))) p++;
  return p;
}

static bool starts_with(const struct reader *r, const char *p, const char *s) {
  size_t n = strlen(s);
  return (size_t)(r->end - p) >= n && memcmp(p, s, n) == 0;
}

static bool is_word(const char *p, size_t n, const char *word) {
  return strlen(word) == n && memcmp(p, word, n) == 0;
}

/* The bytes of the token at 'p', before the end of the text: of names, numbers and operators of
** either language. */
static size_t token_len(const struct reader *r, const char *p) {
  static const char *const operators[] = {
      "...", "..", "**", "//", "==", "~=", "!=", "<=", ">=", "<<", ">>", "::", ":=", "->", NULL};
  size_t n = (size_t)(name_end(r, p) - p);
  if (n > 0) return n;
  for (const char *const *s = operators; *s; s++)
    if (starts_with(r, p, *s)) return strlen(*s);
  n = pkt_utf8_len(p, (size_t)(r->end - p));
  return n ? n : 1;
}

/* Write what stands at 'p', for a message. */
static void describe_token(const struct reader *r, const char *p, char *out, size_t room) {
  char quote[PKT_QUOTE_ROOM];
  if (p == r->end) {
    snprintf(out, room, "the end");
  } else if (is_line_end(*p)) {
    snprintf(out, room, "the end of the line");
  } else if (is_quote(*p)) {
    snprintf(out, room, "a string");
  } else {
    size_t n = token_len(r, p), shown = n < PKT_MAX_QUOTE ? n : PKT_MAX_QUOTE;
    if (*p > ' ' && *p < 0x7f)
      snprintf(out, room, "'%.*s'%s", (int)shown, p, shown < n ? "..." : "");
    else
      snprintf(out, room, "%s", pkt_quote(quote, p, n));
  }
}

/* "'wanted' expected, not 'x'" */
static const char *describe_mistake(const struct reader *r, const char *wanted, char *out) {
  char token[PKT_QUOTE_ROOM + 8];
  describe_token(r, r->at, token, sizeof(token));
  snprintf(out, MAX_WHAT, "%s expected, not %s", wanted, token);
  return out;
}

/* Is what stands here as wrong in Lua: the end, a closing bracket, or no token at all? */
static bool wrong_in_both(const struct reader *r) {
  if (r->at == r->end) return true;
  if (starts_with(r, r->at, "**")) return true;
  uint8_t c = (uint8_t)*r->at;
  return (c < ' ' && !strchr("\t\n\v\f\r", c)) || c == 0 || c >= 0x7f || strchr(")]}!$?@\\`", c);
}

static int unexpected(struct reader *r, const char *wanted) {
  char what[MAX_WHAT];
  describe_mistake(r, wanted, what);
  return wrong_in_both(r) ? fail_in_both(r, r->at, what) : fail_at(r, r->at, what);
}

/* The stack. */

static int push(struct reader *r, const void *p, size_t n) {
  if (pkt_gather_room(&r->stack, n) != 0) return no_memory(r);
  memcpy(r->stack.data + r->stack.used, p, n);
  r->stack.used += n;
  return 0;
}

static int push_char(struct reader *r, char c) { return push(r, &c, 1); }

/* Move what lies on the stack above 'base' to memory of its own: *out, NULL when it is nothing. */
static int take(struct reader *r, size_t base, void **out) {
  return pkt_gather_take(&r->stack, base, out) == 0 ? 0 : no_memory(r);
}

static struct pkt_member *members_at(const struct reader *r, size_t base) {
  return (struct pkt_member *)(void *)(r->stack.data + base);
}

/* Numbers. */

/* The end of a run of digits with single underscores between them; 'p' itself: there is none. */
static const char *skip_digits(const struct reader *r, const char *p) {
  if (!is_digit(peek(r, p))) return p;
  while (is_digit(peek(r, p)) || (peek(r, p) == '_' && is_digit(peek(r, p + 1)))) p++;
  return p;
}

static int digit_value(char c) {
  char lower = (char)(c | 0x20);
  if (is_digit(c)) return c - '0';
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

/* The digits from 'p' to 'end', underscores among them, as an integer. */
static int make_int(struct reader *r, const char *p, const char *end, unsigned base,
                    struct pkt_value *out) {
  const char *start = r->at;
  uint64_t v = 0;
  bool fits = true;
  for (; p < end; p++) {
    if (*p == '_') continue;
    if (__builtin_mul_overflow(v, base, &v) ||
        __builtin_add_overflow(v, (uint64_t)digit_value(*p), &v))
      fits = false;
  }
  *out = (struct pkt_value){.type = PKT_V_INT, .num = v};
  r->at = end;
  return fits ? 0 : refuse(r, PKT_ERR_VALUE, start, "number beyond 2^64-1");
}

/* The text from 'at' to 'end' as a real. */
static int make_real(struct reader *r, const char *end, struct pkt_value *out) {
  const char *start = r->at;
  *out = (struct pkt_value){.type = PKT_V_REAL};
  if (pkt_text_to_real(r->arena, start, (size_t)(end - start), &out->real) != 0)
    return no_memory(r);
  r->at = end;
  return isfinite(out->real) ? 0 : refuse(r, PKT_ERR_VALUE, start, "number too large");
}

/* 0x1F, 0o17, 0b101. Lua may read on where hexadecimal digits end: 0x1p4, 0x.8. */
static int read_based(struct reader *r, unsigned base, struct pkt_value *out) {
  const char *digits = r->at + 2, *p = digits;
  for (;;) {
    const char *d = p + (peek(r, p) == '_');
    if (digit_value(peek(r, d)) >= (int)base) break;
    p = d + 1;
  }
  if (p > digits && !is_name_char(peek(r, p)) && peek(r, p) != '.')
    return make_int(r, digits, p, base, out);
  return base == 16 ? fail_at(r, r->at, "malformed number")
                    : fail_in_both(r, r->at, "malformed number");
}

/* Python has no integers such as 007, but 00, 00.5 and 01e1. */
static bool has_leading_zero(const char *p, const char *end) {
  if (*p != '0') return false;
  while (p < end && (*p == '0' || *p == '_')) p++;
  return p < end;
}

static int read_decimal(struct reader *r, struct pkt_value *out) {
  const char *p = skip_digits(r, r->at);
  bool real = false;
  if (peek(r, p) == '.') {
    real = true;
    p = skip_digits(r, p + 1);
  }
  if (peek(r, p) == 'e' || peek(r, p) == 'E') {
    const char *digits = p + 1;
    if (peek(r, digits) == '+' || peek(r, digits) == '-') digits++;
    if ((p = skip_digits(r, digits)) == digits) return fail_in_both(r, r->at, "malformed number");
    real = true;
  }
  if (is_name_char(peek(r, p))) return fail_in_both(r, r->at, "malformed number");
  if (real) return make_real(r, p, out);
  if (has_leading_zero(r->at, p)) return fail_at(r, r->at, "number with a leading zero");
  return make_int(r, r->at, p, 10, out);
}

static int read_number(struct reader *r, struct pkt_value *out) {
  switch (*r->at == '0' ? peek(r, r->at + 1) | 0x20 : 0) {
    case 'x': return read_based(r, 16, out);
    case 'o': return read_based(r, 8, out);
    case 'b': return read_based(r, 2, out);
    default: return read_decimal(r, out);
  }
}

/* Strings. */

/* How a string is written: its prefix and its quotes. */
struct style {
  bool bytes, raw, triple;
  char quote;
  const char *start; /* where it starts in the text, for messages */
};

/* Does a prefix of 'n' letters go before a string? */
static bool is_prefix(const char *p, size_t n, struct style *s) {
  static const char *const prefixes[] = {"", "b", "r", "u", "br", "rb", NULL};
  char lower[2] = {0};
  if (n > sizeof(lower)) return false;
  for (size_t i = 0; i < n; i++) lower[i] = (char)(p[i] | 0x20);
  for (const char *const *known = prefixes; *known; known++) {
    if (!is_word(lower, n, *known)) continue;
    s->bytes = memchr(lower, 'b', n) != NULL;
    s->raw = memchr(lower, 'r', n) != NULL;
    return true;
  }
  return false;
}

/* Pass over the prefix and the opening quotes of a string. False when none stands here. */
static bool open_string(struct reader *r, struct style *s) {
  const char *p = name_end(r, r->at);
  if (!is_quote(peek(r, p)) || !is_prefix(r->at, (size_t)(p - r->at), s)) return false;
  s->start = r->at;
  s->quote = *p;
  s->triple = peek(r, p + 1) == *p && peek(r, p + 2) == *p;
  if (s->triple) r->doubt = true; /* in Lua, b'''x''' is b'' 'x' '' */
  r->at = p + (s->triple ? 3 : 1);
  return true;
}

/* Pass over the closing quotes. */
static bool close_string(struct reader *r, const struct style *s) {
  if (peek(r, r->at) != s->quote) return false;
  if (!s->triple) return skip(r, s->quote);
  if (peek(r, r->at + 1) != s->quote || peek(r, r->at + 2) != s->quote) return false;
  r->at += 3;
  return true;
}

/* Pass over a line end, CR LF being one. */
static void skip_line_end(struct reader *r) {
  if (*r->at++ == '\r') skip(r, '\n');
}

/* Up to 'most' digits of 'base' at 'at', passed over; their value, and how many in *n. */
static uint32_t read_digits(struct reader *r, int base, int most, int *n) {
  uint32_t v = 0;
  for (*n = 0; *n < most && digit_value(peek(r, r->at)) < base; ++*n)
    v = v * (uint32_t)base + (uint32_t)digit_value(*r->at++);
  return v;
}

static int push_code_point(struct reader *r, const struct style *s, uint32_t c) {
  char utf8[4];
  if (s->bytes) return push_char(r, (char)(c & 0xff));
  return push(r, utf8, pkt_utf8_put(utf8, c));
}

/* \xNN, \uNNNN, \UNNNNNNNN: 'at' is behind the letter, 'start' at the backslash. */
static int read_hex_escape(struct reader *r, const struct style *s, const char *start, int digits) {
  int n;
  uint32_t c = read_digits(r, 16, digits, &n);
  char what[40];
  snprintf(what, sizeof(what), "%d hex digits expected after \\%c", digits, start[1]);
  if (n < digits) /* \u{41} is Lua's */
    return n == 0 && start[1] == 'u' && peek(r, r->at) == '{' ? fail_at(r, start, what)
                                                              : fail_in_both(r, start, what);
  if (c > 0x10ffff) return fail_in_both(r, start, "character beyond U+10FFFF");
  if (!s->bytes && c >= 0xd800 && c <= 0xdfff)
    return refuse(r, PKT_ERR_VALUE, start, "lone surrogate");
  return push_code_point(r, s, c);
}

/* An escape that isn't one stands for itself. */
static int read_other_escape(struct reader *r, const char *start) {
  if (start[1] == 'z') r->doubt = true; /* in Lua, passes over line ends */
  r->at = start + 1;
  return push_char(r, '\\');
}

/* The escape at 'at', a backslash with something behind it. */
static int read_escape(struct reader *r, const struct style *s) {
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
    if (*c == letter) return push_char(r, c[1]);
  if (is_line_end(letter)) {
    r->at = start + 1;
    skip_line_end(r);
    return 0;
  }
  if (letter == 'x') return read_hex_escape(r, s, start, 2);
  if (letter == 'u' && !s->bytes) return read_hex_escape(r, s, start, 4);
  if (letter == 'U' && !s->bytes) return read_hex_escape(r, s, start, 8);
  if (letter == 'N' && !s->bytes) return fail_in_both(r, start, "\\N is not read");
  return read_other_escape(r, start);
}

/* One character that stands for itself, or a line end. */
static int read_char(struct reader *r, const struct style *s) {
  char c = *r->at;
  if (is_line_end(c)) {
    if (!s->triple) return fail_in_both(r, s->start, "string without an end on its line");
    skip_line_end(r);
    return push_char(r, '\n');
  }
  if (c == '\0') return fail_at(r, r->at, "zero byte in a string");
  size_t n = pkt_utf8_len(r->at, (size_t)(r->end - r->at));
  if (n == 0) return fail_at(r, r->at, "invalid UTF-8");
  if (n > 1 && s->bytes) return fail_at(r, r->at, "bytes are written with ASCII characters only");
  r->at += n;
  return push(r, r->at - n, n);
}

/* A backslash of a raw string, and the character behind it, which ends nothing. */
static int read_raw_escape(struct reader *r, const struct style *s) {
  struct style behind = *s;
  behind.triple = true; /* a line end is a character like others */
  r->at++;
  return push_char(r, '\\') != 0 ? -1 : read_char(r, &behind);
}

/* Push the characters of one string up to its closing quotes. */
static int read_string(struct reader *r, const struct style *s) {
  while (!close_string(r, s)) {
    if (r->at == r->end || (*r->at == '\\' && r->at + 1 == r->end))
      return fail_in_both(r, s->start, "string without an end");
    int status = *r->at != '\\' ? read_char(r, s)
                 : s->raw       ? read_raw_escape(r, s)
                                : read_escape(r, s);
    if (status != 0) return -1;
  }
  return 0;
}

/* A string, and those next to it, as one. */
static int read_strings(struct reader *r, struct style *s, struct pkt_value *out) {
  size_t base = r->stack.used;
  struct style next;
  void *p;
  for (;;) {
    if (read_string(r, s) != 0) return -1;
    skip_space(r);
    if (!open_string(r, &next)) break;
    if (next.bytes != s->bytes) return fail_at(r, next.start, "bytes next to text");
    *s = next;
  }
  size_t n = r->stack.used - base;
  if (take(r, base, &p) != 0) return -1;
  *out = (struct pkt_value){
      .type = s->bytes ? PKT_V_BYTES : PKT_V_TEXT, .python = true, .len = (uint32_t)n};
  out->ptr = p ? p : "";
  return 0;
}

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

static int set_real(struct reader *r, const char *op, double v, struct pkt_value *out) {
  *out = (struct pkt_value){.type = PKT_V_REAL, .real = v};
  return isfinite(v) ? 0 : refuse(r, PKT_ERR_VALUE, op, "the result is too large");
}

static int set_int(struct reader *r, const char *op, bool negative, unsigned __int128 v,
                   struct pkt_value *out) {
  *out = (struct pkt_value){.type = PKT_V_INT, .negative = negative && v != 0, .num = (uint64_t)v};
  return v <= UINT64_MAX ? 0 : refuse(r, PKT_ERR_VALUE, op, "the result is beyond 2^64-1");
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

static int compute_int(struct reader *r, const char *op, const struct pkt_value *a,
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

static int compute_real(struct reader *r, const char *op, double x, double y,
                        struct pkt_value *out) {
  switch (*op) {
    case '*': return set_real(r, op, x * y, out);
    case '/': return set_real(r, op, x / y, out);
    case '-': return set_real(r, op, x - y, out);
    default: return set_real(r, op, x + y, out);
  }
}

static int compute(struct reader *r, const char *op, const struct pkt_value *a,
                   const struct pkt_value *b, struct pkt_value *out) {
  if (*op == '/' && to_real(b) == 0) return refuse(r, PKT_ERR_VALUE, op, "division by zero");
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

/* The values and bytes of 'v', those met twice counted twice. What repeating has made is bounded,
** so this is too. */
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

/* Make *out a sequence as 'v' is one, 'len' units long and still without content, for which
** 'weight' is counted. False when it may not be; then the reader has refused, or has no memory. */
static bool make_sequence(struct reader *r, const char *op, const struct pkt_value *v, size_t len,
                          size_t weight, struct pkt_value *out) {
  bool fits = len <= (is_string(v) ? PKT_MAX_LITERAL : PKT_MAX_ITEMS);
  if (!fits || weight > PKT_MAX_REPEATED - r->made) {
    refuse(r, PKT_ERR_LIMIT, op, "the result is too large");
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

static int join(struct reader *r, const char *op, const struct pkt_value *a,
                const struct pkt_value *b, struct pkt_value *out) {
  size_t len = (size_t)a->len + b->len, first = a->len * unit(a), second = b->len * unit(b);
  struct pkt_value joined;
  if (!make_sequence(r, op, a, len, len, &joined)) return r->refused ? 0 : no_memory(r);
  if (first) memcpy(content(&joined), content(a), first);
  if (second) memcpy(content(&joined) + first, content(b), second);
  *out = joined;
  return 0;
}

static int repeat(struct reader *r, const char *op, const struct pkt_value *v,
                  const struct pkt_value *times, struct pkt_value *out) {
  uint64_t n = times->negative || v->len == 0 ? 0 : times->num;
  struct pkt_value repeated;
  /* v->len is 2^18 at most, and so is n: no product overflows */
  if (n > PKT_MAX_REPEATED) return refuse(r, PKT_ERR_LIMIT, op, "the result is too large");
  size_t weight = n ? weigh(v) * n : 0, size = v->len * unit(v);
  if (!make_sequence(r, op, v, v->len * n, weight, &repeated)) return r->refused ? 0 : no_memory(r);
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
static int stack_layers(struct reader *r, const char *op, const struct pkt_value *a,
                        const struct pkt_value *b) {
  struct pkt_ctor *top = a->layer;
  if (count_layers(a->layer) + count_layers(b->layer) > PKT_MAX_LAYERS)
    return refuse(r, PKT_ERR_LIMIT, op, "too many layers");
  while (top->above) top = top->above;
  top->above = b->layer;
  return 0;
}

/* Replace *a by *a op *b. */
static int combine(struct reader *r, const char *op, struct pkt_value *a, struct pkt_value *b) {
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
  if (call && !r->not_lua) return fail_at(r, op, what);
  return refuse(r, PKT_ERR_VALUE, op, what);
}

/* 'sign' is the last of several, 'negative' what they make together. */
static int apply_sign(struct reader *r, const char *sign, bool negative, struct pkt_value *v) {
  char what[80];
  if (r->refused) return 0;
  bool_to_int(v);
  if (!is_number(v)) {
    snprintf(what, sizeof(what), "'%c' before %s", *sign, pkt_value_kind(v));
    if (v->type == PKT_V_LAYER && !r->not_lua) return fail_at(r, sign, what); /* -abs(x) */
    return refuse(r, PKT_ERR_VALUE, sign, what);
  }
  if (negative && is_int(v)) v->negative = !v->negative && v->num != 0;
  if (negative && !is_int(v)) v->real = -v->real;
  return 0;
}

/* What has brackets. */

static int read_expr(struct reader *r, struct pkt_value *out);
static int read_operand(struct reader *r, struct pkt_value *out);

static int open_bracket(struct reader *r) {
  char what[40];
  snprintf(what, sizeof(what), "nested deeper than %d", PKT_MAX_DEPTH);
  if (r->depth == PKT_MAX_DEPTH) return fail_limit(r, r->at, what);
  r->depth++;
  r->at++;
  skip_space(r);
  return 0;
}

static int close_bracket(struct reader *r, char c) {
  char wanted[16];
  snprintf(wanted, sizeof(wanted), "',' or '%c'", c);
  if (!skip(r, c)) return unexpected(r, wanted);
  r->depth--;
  return 0;
}

/* Does 'close' come next? NUL: the end of the text. */
static bool at_close(const struct reader *r, char close) {
  return r->at == r->end ? close == '\0' : close && *r->at == close;
}

static int check_count(struct reader *r, size_t n, size_t most) {
  char what[40];
  snprintf(what, sizeof(what), "more than %zu items", most);
  return n > most ? fail_limit(r, r->at, what) : 0;
}

/* Push the items before 'close', the first of them already pushed or not; then make the list of all
** above 'base'. */
static int read_items(struct reader *r, char close, size_t base, struct pkt_value *out) {
  void *items;
  while (!at_close(r, close)) {
    struct pkt_value item;
    if (read_expr(r, &item) != 0 || push(r, &item, sizeof(item)) != 0) return -1;
    if (check_count(r, (r->stack.used - base) / sizeof(item), PKT_MAX_ITEMS) != 0) return -1;
    if (!skip(r, ',')) break;
    skip_space(r);
  }
  size_t n = (r->stack.used - base) / sizeof(*out);
  if (take(r, base, &items) != 0) return -1;
  *out = (struct pkt_value){.type = PKT_V_LIST, .len = (uint32_t)n, .items = items};
  return 0;
}

/* One value before 'close', as it is; with a comma behind it, a list of all. */
static int read_group(struct reader *r, char close, struct pkt_value *out) {
  size_t base = r->stack.used;
  if (read_expr(r, out) != 0) return -1;
  if (!skip(r, ',')) return 0;
  if (close) mark_not_lua(r);
  skip_space(r);
  return push(r, out, sizeof(*out)) != 0 ? -1 : read_items(r, close, base, out);
}

static int read_parens(struct reader *r, struct pkt_value *out) {
  if (open_bracket(r) != 0) return -1;
  *out = (struct pkt_value){.type = PKT_V_LIST};
  if (at_close(r, ')'))
    mark_not_lua(r);
  else if (read_group(r, ')', out) != 0)
    return -1;
  return close_bracket(r, ')');
}

/* Lua's [[string]] and [=[string]=] look like lists. */
static bool may_be_long_string(const struct reader *r) {
  char closing[18] = "]";
  size_t level = 0;
  while (level < sizeof(closing) - 3 && peek(r, r->at + 1 + level) == '=') closing[++level] = '=';
  if (level == sizeof(closing) - 3) return true; /* who knows */
  if (peek(r, r->at + 1 + level) != '[') return false;
  closing[++level] = ']';
  return memmem(r->at, (size_t)(r->end - r->at), closing, level + 1) != NULL;
}

static int read_list(struct reader *r, struct pkt_value *out) {
  if (!r->not_lua && !r->doubt) *(may_be_long_string(r) ? &r->doubt : &r->not_lua) = true;
  if (open_bracket(r) != 0 || read_items(r, ']', r->stack.used, out) != 0) return -1;
  return close_bracket(r, ']');
}

/* The member above 'base' with the same key as *m, or NULL. */
static struct pkt_member *find_key(const struct reader *r, size_t base,
                                   const struct pkt_member *m) {
  struct pkt_member *known = members_at(r, base);
  size_t n = (r->stack.used - base) / sizeof(*m);
  for (size_t i = 0; i < n; i++) {
    if (known[i].key && known[i].key_len == m->key_len &&
        memcmp(known[i].key, m->key, m->key_len) == 0)
      return &known[i];
  }
  return NULL;
}

/* "'a': 1" onto the stack. */
static int read_pair(struct reader *r, size_t base) {
  const char *start = r->at;
  struct pkt_value key;
  struct pkt_member m;
  char what[MAX_WHAT];
  if (*start == '[') return fail_at(r, start, "text expected as a key, not '['"); /* {[1]=2} */
  if (read_expr(r, &key) != 0) return -1;
  if (!skip(r, ':')) { /* {1} is a Lua table */
    describe_mistake(r, "':'", what);
    return r->at == r->end ? fail_in_both(r, r->at, what) : fail_at(r, r->at, what);
  }
  skip_space(r);
  if (read_expr(r, &m.value) != 0) return -1;
  if (key.type != PKT_V_TEXT) return refuse(r, PKT_ERR_VALUE, start, "text expected as a key");
  m.key = key.ptr;
  m.key_len = key.len;
  struct pkt_member *known = find_key(r, base, &m);
  if (!known) return push(r, &m, sizeof(m));
  known->value = m.value;
  return 0;
}

static int read_map(struct reader *r, struct pkt_value *out) {
  size_t base = r->stack.used;
  void *members;
  if (open_bracket(r) != 0) return -1;
  while (r->at < r->end && *r->at != '}') {
    if (read_pair(r, base) != 0) return -1;
    if (check_count(r, (r->stack.used - base) / sizeof(struct pkt_member), PKT_MAX_ITEMS) != 0)
      return -1;
    if (!skip(r, ',')) break;
    skip_space(r);
  }
  size_t n = (r->stack.used - base) / sizeof(struct pkt_member);
  if (take(r, base, &members) != 0) return -1;
  *out = (struct pkt_value){.type = PKT_V_MAP, .len = (uint32_t)n, .members = members};
  return close_bracket(r, '}');
}

/* Calls. */

static int copy_name(struct reader *r, const char *p, uint32_t n, const char **out) {
  *out = pkt_memdup(r->arena, p, n);
  return *out ? 0 : no_memory(r);
}

/* Pass over "name =" and put the name into *m; leave anything else where it is. */
static int read_keyword(struct reader *r, struct pkt_member *m) {
  const char *start = r->at;
  *m = (struct pkt_member){.key = NULL};
  if (!starts_name(peek(r, start))) return 0;
  r->at = name_end(r, start);
  uint32_t n = (uint32_t)(r->at - start);
  skip_space(r);
  if (peek(r, r->at) != '=' || peek(r, r->at + 1) == '=') {
    r->at = start;
    return 0;
  }
  r->at++;
  mark_not_lua(r);
  skip_space(r);
  m->key_len = n;
  return copy_name(r, start, n, &m->key);
}

/* One argument onto the stack. */
static int read_argument(struct reader *r, size_t base, bool *keywords) {
  const char *start = r->at;
  struct pkt_member m;
  if (read_keyword(r, &m) != 0) return -1;
  if (m.key && find_key(r, base, &m)) return fail_at(r, start, "argument given twice");
  if (read_expr(r, &m.value) != 0) return -1;
  if (!m.key && *keywords) return fail_at(r, start, "argument without a name after one with it");
  if (m.key) *keywords = true;
  return push(r, &m, sizeof(m));
}

/* The arguments of a call, 'at' being at its opening bracket. */
static int read_arguments(struct reader *r, struct pkt_ctor *call) {
  size_t base = r->stack.used;
  bool keywords = false;
  void *fields;
  if (open_bracket(r) != 0) return -1;
  while (!at_close(r, ')')) {
    if (read_argument(r, base, &keywords) != 0) return -1;
    if (check_count(r, (r->stack.used - base) / sizeof(struct pkt_member), PKT_MAX_FIELDS) != 0)
      return -1;
    if (!skip(r, ',')) break;
    skip_space(r);
  }
  call->len = (uint32_t)((r->stack.used - base) / sizeof(struct pkt_member));
  if (take(r, base, &fields) != 0) return -1;
  call->fields = fields;
  return close_bracket(r, ')');
}

static int read_call(struct reader *r, const char *name, size_t n, struct pkt_value *out) {
  struct pkt_ctor *call = pkt_calloc(r->arena, sizeof(*call));
  if (!call) return no_memory(r);
  call->id_len = (uint32_t)n;
  if (copy_name(r, name, call->id_len, &call->id) != 0 || read_arguments(r, call) != 0) return -1;
  *out = (struct pkt_value){.type = PKT_V_LAYER, .layer = call};
  r->calls = true;
  return 0;
}

/* Names with a meaning of their own in either language, as in "not (x)". */
static bool is_keyword(const char *p, size_t n) {
  static const char *const words[] = {
      "None",     "True",   "False",  "and",   "as",    "assert",  "async",    "await",
      "break",    "class",  "def",    "del",   "do",    "elif",    "else",     "elseif",
      "end",      "except", "false",  "for",   "from",  "finally", "function", "global",
      "goto",     "if",     "import", "in",    "is",    "lambda",  "local",    "nil",
      "nonlocal", "not",    "or",     "pass",  "raise", "repeat",  "return",   "then",
      "true",     "try",    "until",  "while", "with",  "yield",   "continue", NULL};
  for (const char *const *w = words; *w; w++)
    if (is_word(p, n, *w)) return true;
  return false;
}

/* The value of a name that is a constant. */
static bool find_constant(const struct reader *r, const char *p, size_t n, struct pkt_value *out) {
  for (const struct pkt_constant *c = r->constants; c && c->name; c++) {
    if (!is_word(p, n, c->name)) continue;
    *out = c->value;
    return true;
  }
  return false;
}

/* None, True, False, a constant, a call, or a string with a prefix. */
static int read_name(struct reader *r, struct pkt_value *out) {
  struct style s;
  if (open_string(r, &s)) return read_strings(r, &s, out);
  const char *start = r->at;
  size_t n = (size_t)(name_end(r, start) - start);
  r->at += n;
  skip_space(r);
  bool call = peek(r, r->at) == '(', keyword = is_keyword(start, n);
  if (call && !keyword) return read_call(r, start, n, out);
  if (call) {
    r->at = start;
    return unexpected(r, "a value");
  }
  *out = (struct pkt_value){.type = PKT_V_BOOL};
  if (is_word(start, n, "False")) return 0;
  out->num = 1;
  if (is_word(start, n, "True")) return 0;
  *out = (struct pkt_value){.type = PKT_V_NULL};
  if (is_word(start, n, "None") || find_constant(r, start, n, out)) return 0;
  r->at = start;
  return unexpected(r, keyword ? "a value" : "a value or a call");
}

/* The reference's objects of ASN.1. */

/* Pass over digits, and the dots that stand for more of them. */
static void skip_bit_digits(struct reader *r) {
  while (peek(r, r->at) == '0' || peek(r, r->at) == '1' || peek(r, r->at) == '.') r->at++;
}

/* The arguments of the call onto the stack: what is in brackets, or of a BIT STRING, whose digits are
** there, the bytes behind it and how many bits of the last one are unused. */
static int read_object_bits(struct reader *r) {
  struct pkt_member bytes = {0}, unused = {0};
  skip_bit_digits(r);
  if (!skip(r, ']') || !skip(r, '=')) return unexpected(r, "']='");
  if (read_operand(r, &bytes.value) != 0) return -1;
  skip_space(r);
  if (!skip(r, '(') || !is_digit(peek(r, r->at))) return unexpected(r, "'(' and a number");
  if (read_number(r, &unused.value) != 0) return -1;
  while (r->at < r->end && *r->at != ')' && !is_line_end(*r->at)) r->at++; /* unused bits */
  if (!skip(r, ')')) return unexpected(r, "')'");
  return push(r, &bytes, sizeof bytes) == 0 ? push(r, &unused, sizeof unused) : -1;
}

static int read_object_value(struct reader *r) {
  struct pkt_member m = {0};
  if (read_expr(r, &m.value) != 0 || push(r, &m, sizeof m) != 0) return -1;
  return skip(r, ']') ? 0 : unexpected(r, "']'");
}

/* Does an object begin at 'p': <ASN1_...? */
static bool starts_object(const struct reader *r, const char *p) {
  return starts_with(r, p, "<ASN1_");
}

/* <ASN1_OID['1.3']> is the call ASN1_OID('1.3'), <ASN1_BIT_STRING[01]=b'@' (6 unused bits)> is
** ASN1_BIT_STRING(b'@', 6). */
static int read_object(struct reader *r, struct pkt_value *out) {
  struct pkt_ctor *call = pkt_calloc(r->arena, sizeof *call);
  size_t base = r->stack.used;
  const char *name = r->at + 1, *end = name_end(r, name);
  void *fields;
  if (!call) return no_memory(r);
  call->id_len = (uint32_t)(end - name);
  if (copy_name(r, name, call->id_len, &call->id) != 0) return -1;
  r->at = end;
  if (peek(r, r->at) != '[') return unexpected(r, "'['");
  if (open_bracket(r) != 0) return -1;
  bool bits = is_word(name, call->id_len, "ASN1_BIT_STRING");
  if ((bits ? read_object_bits(r) : read_object_value(r)) != 0) return -1;
  r->depth--;
  if (!skip(r, '>')) return unexpected(r, "'>'");
  call->len = (uint32_t)((r->stack.used - base) / sizeof(struct pkt_member));
  if (take(r, base, &fields) != 0) return -1;
  call->fields = fields;
  *out = (struct pkt_value){.type = PKT_V_LAYER, .layer = call};
  return 0;
}

/* A number; before an object it is the same number for people: 0x1 <ASN1_INTEGER[1]>. Lua may read
** both as a comparison. */
static int read_number_or_object(struct reader *r, struct pkt_value *out) {
  if (read_number(r, out) != 0) return -1;
  const char *after = r->at;
  if (peek(r, after) == ' ' && starts_object(r, after + 1)) {
    r->doubt = true;
    r->at++;
    return read_object(r, out);
  }
  return 0;
}

/* Operands and operators. */

static int read_operand(struct reader *r, struct pkt_value *out) {
  struct style s;
  char c = peek(r, r->at);
  switch (c) {
    case '[': return read_list(r, out);
    case '(': return read_parens(r, out);
    case '{': return read_map(r, out);
    case '\'':
    case '"': open_string(r, &s); return read_strings(r, &s, out);
    default: break;
  }
  if (is_digit(c) || (c == '.' && is_digit(peek(r, r->at + 1))))
    return read_number_or_object(r, out);
  if (starts_object(r, r->at)) {
    mark_not_lua(r);
    return read_object(r, out);
  }
  return starts_name(c) ? read_name(r, out) : unexpected(r, "a value");
}

/* A sign or operator has been passed over: is it the start of a comment in Lua? */
static void note_comment(struct reader *r) {
  if (r->at[-1] == '-' && peek(r, r->at) == '-') r->doubt = true;
}

/* An operand with signs before it; two minuses make a plus. */
static int read_signed(struct reader *r, struct pkt_value *out) {
  const char *sign = NULL;
  bool negative = false;
  for (;; skip_space(r)) {
    char c = peek(r, r->at);
    if (c != '-' && c != '+') break;
    sign = r->at++;
    if (c == '-') negative = !negative;
    note_comment(r);
  }
  if (read_operand(r, out) != 0) return -1;
  return sign ? apply_sign(r, sign, negative, out) : 0;
}

/* Pass over an operator of one character that isn't the first half of another. */
static bool skip_operator(struct reader *r, char c) {
  bool twice = (c == '*' || c == '/') && peek(r, r->at + 1) == c;
  return !twice && skip(r, c);
}

static int read_product(struct reader *r, struct pkt_value *out) {
  if (read_signed(r, out) != 0) return -1;
  for (;;) {
    struct pkt_value right;
    skip_space(r);
    const char *op = r->at;
    if (!skip_operator(r, '*') && !skip_operator(r, '/')) return 0;
    skip_space(r);
    if (read_signed(r, &right) != 0 || combine(r, op, out, &right) != 0) return -1;
  }
}

/* A value, 'at' being behind the space before it; in the end it is behind that after it. */
static int read_expr(struct reader *r, struct pkt_value *out) {
  if (read_product(r, out) != 0) return -1;
  for (;;) {
    struct pkt_value right;
    const char *op = r->at;
    if (!skip_operator(r, '+') && !skip_operator(r, '-')) return 0;
    note_comment(r);
    skip_space(r);
    if (read_product(r, &right) != 0 || combine(r, op, out, &right) != 0) return -1;
  }
}

static int read_all(struct reader *r, struct pkt_value *out) {
  while (r->end > r->text && is_space(r->end[-1])) r->end--;
  while (r->at < r->end && is_space(*r->at)) r->at++;
  if (read_group(r, '\0', out) != 0) return -1;
  return r->at == r->end ? 0 : unexpected(r, "the end");
}

int pkt_literal_read(struct pkt_arena *arena, const char *text, size_t len, struct pkt_value *out,
                     struct pkt_err *err) {
  return pkt_literal_read_named(arena, NULL, text, len, out, err);
}

int pkt_literal_read_named(struct pkt_arena *arena, const struct pkt_constant *constants,
                           const char *text, size_t len, struct pkt_value *out,
                           struct pkt_err *err) {
  if (len > PKT_MAX_LITERAL)
    return pkt_fail(err, PKT_ERR_LIMIT, "%zu bytes of text, at most %d are read", len,
                    PKT_MAX_LITERAL);
  struct reader r; /* all but the stack cleared, which is large */
  memset(&r, 0, offsetof(struct reader, stack));
  r.text = r.at = text;
  r.end = text + len;
  r.arena = arena;
  r.constants = constants;
  r.err = err;
  pkt_gather_init(&r.stack, arena);
  if (read_all(&r, out) != 0) return r.maybe_lua ? 1 : -1;
  if (!r.refused) return 0;
  return err->code == PKT_ERR_VALUE && r.calls && !r.not_lua ? 1 : -1;
}
