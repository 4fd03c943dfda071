/* literal.c - the grammar of literals: expressions, and what has brackets. */
#include "literal_inner.h"

#include <stdio.h>

/* What has brackets. */

int lit_open_bracket(struct lit_reader *r) {
  char what[40];
  snprintf(what, sizeof(what), "nested deeper than %d", PKT_MAX_DEPTH);
  if (r->depth == PKT_MAX_DEPTH) return lit_fail_limit(r, r->at, what);
  r->depth++;
  r->at++;
  lit_skip_space(r);
  return 0;
}

int lit_close_bracket(struct lit_reader *r, char c) {
  char wanted[16];
  snprintf(wanted, sizeof(wanted), "',' or '%c'", c);
  if (!lit_skip(r, c)) return lit_unexpected(r, wanted);
  r->depth--;
  return 0;
}

bool lit_at_close(const struct lit_reader *r, char close) {
  return r->at == r->end ? close == '\0' : close && *r->at == close;
}

int lit_check_count(struct lit_reader *r, size_t n, size_t most) {
  char what[40];
  snprintf(what, sizeof(what), "more than %zu items", most);
  return n > most ? lit_fail_limit(r, r->at, what) : 0;
}

static struct pkt_member *members_at(const struct lit_reader *r, size_t base) {
  return (struct pkt_member *)(void *)(r->stack.data + base);
}

/* Push the items before 'close', the first of them already pushed or not; then make the list of all
** above 'base'. */
static int read_items(struct lit_reader *r, char close, size_t base, struct pkt_value *out) {
  void *items;
  while (!lit_at_close(r, close)) {
    struct pkt_value item;
    if (lit_read_expr(r, &item) != 0 || lit_push(r, &item, sizeof(item)) != 0) return -1;
    if (lit_check_count(r, (r->stack.used - base) / sizeof(item), PKT_MAX_ITEMS) != 0) return -1;
    if (!lit_skip(r, ',')) break;
    lit_skip_space(r);
  }
  size_t n = (r->stack.used - base) / sizeof(*out);
  if (lit_take(r, base, &items) != 0) return -1;
  *out = (struct pkt_value){.type = PKT_V_LIST, .len = (uint32_t)n, .items = items};
  return 0;
}

/* One value before 'close', as it is; with a comma behind it, a list of all. */
static int read_group(struct lit_reader *r, char close, struct pkt_value *out) {
  size_t base = r->stack.used;
  if (lit_read_expr(r, out) != 0) return -1;
  if (!lit_skip(r, ',')) return 0;
  if (close) lit_mark_not_lua(r);
  lit_skip_space(r);
  return lit_push(r, out, sizeof(*out)) != 0 ? -1 : read_items(r, close, base, out);
}

static int read_parens(struct lit_reader *r, struct pkt_value *out) {
  if (lit_open_bracket(r) != 0) return -1;
  *out = (struct pkt_value){.type = PKT_V_LIST};
  if (lit_at_close(r, ')'))
    lit_mark_not_lua(r);
  else if (read_group(r, ')', out) != 0)
    return -1;
  return lit_close_bracket(r, ')');
}

/* Lua's [[string]] and [=[string]=] look like lists. */
static bool may_be_long_string(const struct lit_reader *r) {
  char closing[18] = "]";
  size_t level = 0;
  while (level < sizeof(closing) - 3 && lit_peek(r, r->at + 1 + level) == '=')
    closing[++level] = '=';
  if (level == sizeof(closing) - 3) return true; /* who knows */
  if (lit_peek(r, r->at + 1 + level) != '[') return false;
  closing[++level] = ']';
  return memmem(r->at, (size_t)(r->end - r->at), closing, level + 1) != NULL;
}

static int read_list(struct lit_reader *r, struct pkt_value *out) {
  if (!r->not_lua && !r->doubt) *(may_be_long_string(r) ? &r->doubt : &r->not_lua) = true;
  if (lit_open_bracket(r) != 0 || read_items(r, ']', r->stack.used, out) != 0) return -1;
  return lit_close_bracket(r, ']');
}

struct pkt_member *lit_find_key(const struct lit_reader *r, size_t base,
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
static int read_pair(struct lit_reader *r, size_t base) {
  const char *start = r->at;
  struct pkt_value key;
  struct pkt_member m;
  char what[LIT_WHAT_ROOM];
  if (*start == '[') return lit_fail_at(r, start, "text expected as a key, not '['"); /* {[1]=2} */
  if (lit_read_expr(r, &key) != 0) return -1;
  if (!lit_skip(r, ':')) { /* {1} is a Lua table */
    lit_describe_mistake(r, "':'", what);
    return r->at == r->end ? lit_fail_in_both(r, r->at, what) : lit_fail_at(r, r->at, what);
  }
  lit_skip_space(r);
  if (lit_read_expr(r, &m.value) != 0) return -1;
  if (key.type != PKT_V_TEXT) return lit_refuse(r, PKT_ERR_VALUE, start, "text expected as a key");
  m.key = key.ptr;
  m.key_len = key.len;
  struct pkt_member *known = lit_find_key(r, base, &m);
  if (!known) return lit_push(r, &m, sizeof(m));
  known->value = m.value;
  return 0;
}

static int read_map(struct lit_reader *r, struct pkt_value *out) {
  size_t base = r->stack.used;
  void *members;
  if (lit_open_bracket(r) != 0) return -1;
  while (r->at < r->end && *r->at != '}') {
    if (read_pair(r, base) != 0) return -1;
    if (lit_check_count(r, (r->stack.used - base) / sizeof(struct pkt_member), PKT_MAX_ITEMS) != 0)
      return -1;
    if (!lit_skip(r, ',')) break;
    lit_skip_space(r);
  }
  size_t n = (r->stack.used - base) / sizeof(struct pkt_member);
  if (lit_take(r, base, &members) != 0) return -1;
  *out = (struct pkt_value){.type = PKT_V_MAP, .len = (uint32_t)n, .members = members};
  return lit_close_bracket(r, '}');
}

/* Operands and operators. */

/* A number; before an object it is the same number for people: 0x1 <ASN1_INTEGER[1]>. Lua may read
** both as a comparison. */
static int read_number_or_object(struct lit_reader *r, struct pkt_value *out) {
  if (lit_read_number(r, out) != 0) return -1;
  const char *after = r->at;
  if (lit_peek(r, after) == ' ' && lit_starts_object(r, after + 1)) {
    r->doubt = true;
    r->at++;
    return lit_read_object(r, out);
  }
  return 0;
}

int lit_read_operand(struct lit_reader *r, struct pkt_value *out) {
  struct lit_style s;
  char c = lit_peek(r, r->at);
  switch (c) {
    case '[': return read_list(r, out);
    case '(': return read_parens(r, out);
    case '{': return read_map(r, out);
    case '\'':
    case '"': lit_open_string(r, &s); return lit_read_strings(r, &s, out);
    default: break;
  }
  if (lit_is_digit(c) || (c == '.' && lit_is_digit(lit_peek(r, r->at + 1))))
    return read_number_or_object(r, out);
  if (lit_starts_object(r, r->at)) {
    lit_mark_not_lua(r);
    return lit_read_object(r, out);
  }
  return lit_starts_name(c) ? lit_read_name(r, out) : lit_unexpected(r, "a value");
}

/* A sign or operator has been passed over: is it the start of a comment in Lua? */
static void note_comment(struct lit_reader *r) {
  if (r->at[-1] == '-' && lit_peek(r, r->at) == '-') r->doubt = true;
}

/* An operand with signs before it; two minuses make a plus. */
static int read_signed(struct lit_reader *r, struct pkt_value *out) {
  const char *sign = NULL;
  bool negative = false;
  for (;; lit_skip_space(r)) {
    char c = lit_peek(r, r->at);
    if (c != '-' && c != '+') break;
    sign = r->at++;
    if (c == '-') negative = !negative;
    note_comment(r);
  }
  if (lit_read_operand(r, out) != 0) return -1;
  return sign ? lit_apply_sign(r, sign, negative, out) : 0;
}

/* Pass over an operator of one character that isn't the first half of another. */
static bool skip_operator(struct lit_reader *r, char c) {
  bool twice = (c == '*' || c == '/') && lit_peek(r, r->at + 1) == c;
  return !twice && lit_skip(r, c);
}

static int read_product(struct lit_reader *r, struct pkt_value *out) {
  if (read_signed(r, out) != 0) return -1;
  for (;;) {
    struct pkt_value right;
    lit_skip_space(r);
    const char *op = r->at;
    if (!skip_operator(r, '*') && !skip_operator(r, '/')) return 0;
    lit_skip_space(r);
    if (read_signed(r, &right) != 0 || lit_combine(r, op, out, &right) != 0) return -1;
  }
}

int lit_read_expr(struct lit_reader *r, struct pkt_value *out) {
  if (read_product(r, out) != 0) return -1;
  for (;;) {
    struct pkt_value right;
    const char *op = r->at;
    if (!skip_operator(r, '+') && !skip_operator(r, '-')) return 0;
    note_comment(r);
    lit_skip_space(r);
    if (read_product(r, &right) != 0 || lit_combine(r, op, out, &right) != 0) return -1;
  }
}

static int read_all(struct lit_reader *r, struct pkt_value *out) {
  while (r->end > r->text && lit_is_space(r->end[-1])) r->end--;
  while (r->at < r->end && lit_is_space(*r->at)) r->at++;
  if (read_group(r, '\0', out) != 0) return -1;
  return r->at == r->end ? 0 : lit_unexpected(r, "the end");
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
  struct lit_reader r; /* all but the stack cleared, which is large */
  memset(&r, 0, offsetof(struct lit_reader, stack));
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
