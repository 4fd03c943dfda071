/* literal_call.c - names in literals: constants and constructor calls. */
#include "literal_inner.h"

/* Pass over "name =" and put the name into *m; leave anything else where it is. */
static int read_keyword(struct lit_reader *r, struct pkt_member *m) {
  const char *start = r->at;
  *m = (struct pkt_member){.key = NULL};
  if (!lit_starts_name(lit_peek(r, start))) return 0;
  r->at = lit_name_end(r, start);
  uint32_t n = (uint32_t)(r->at - start);
  lit_skip_space(r);
  if (lit_peek(r, r->at) != '=' || lit_peek(r, r->at + 1) == '=') {
    r->at = start;
    return 0;
  }
  r->at++;
  lit_mark_not_lua(r);
  lit_skip_space(r);
  m->key_len = n;
  return lit_copy_name(r, start, n, &m->key);
}

/* One argument onto the stack. */
static int read_argument(struct lit_reader *r, size_t base, bool *keywords) {
  const char *start = r->at;
  struct pkt_member m;
  if (read_keyword(r, &m) != 0) return -1;
  if (m.key && lit_find_key(r, base, &m)) return lit_fail_at(r, start, "argument given twice");
  if (lit_read_expr(r, &m.value) != 0) return -1;
  if (!m.key && *keywords)
    return lit_fail_at(r, start, "argument without a name after one with it");
  if (m.key) *keywords = true;
  return lit_push(r, &m, sizeof(m));
}

/* The arguments of a call, 'at' being at its opening bracket. */
static int read_arguments(struct lit_reader *r, struct pkt_ctor *call) {
  size_t base = r->stack.used;
  bool keywords = false;
  void *fields;
  if (lit_open_bracket(r) != 0) return -1;
  while (!lit_at_close(r, ')')) {
    if (read_argument(r, base, &keywords) != 0) return -1;
    if (lit_check_count(r, (r->stack.used - base) / sizeof(struct pkt_member), PKT_MAX_FIELDS) != 0)
      return -1;
    if (!lit_skip(r, ',')) break;
    lit_skip_space(r);
  }
  call->len = (uint32_t)((r->stack.used - base) / sizeof(struct pkt_member));
  if (lit_take(r, base, &fields) != 0) return -1;
  call->fields = fields;
  return lit_close_bracket(r, ')');
}

static int read_call(struct lit_reader *r, const char *name, size_t n, struct pkt_value *out) {
  struct pkt_ctor *call = pkt_calloc(r->arena, sizeof(*call));
  if (!call) return lit_no_memory(r);
  call->id_len = (uint32_t)n;
  if (lit_copy_name(r, name, call->id_len, &call->id) != 0 || read_arguments(r, call) != 0)
    return -1;
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
    if (lit_is_word(p, n, *w)) return true;
  return false;
}

/* The value of a name that is a constant. */
static bool find_constant(const struct lit_reader *r, const char *p, size_t n,
                          struct pkt_value *out) {
  for (const struct pkt_constant *c = r->constants; c && c->name; c++) {
    if (!lit_is_word(p, n, c->name)) continue;
    *out = c->value;
    return true;
  }
  return false;
}

int lit_read_name(struct lit_reader *r, struct pkt_value *out) {
  struct lit_style s;
  if (lit_open_string(r, &s)) return lit_read_strings(r, &s, out);
  const char *start = r->at;
  size_t n = (size_t)(lit_name_end(r, start) - start);
  r->at += n;
  lit_skip_space(r);
  bool call = lit_peek(r, r->at) == '(', keyword = is_keyword(start, n);
  if (call && !keyword) return read_call(r, start, n, out);
  if (call) {
    r->at = start;
    return lit_unexpected(r, "a value");
  }
  *out = (struct pkt_value){.type = PKT_V_BOOL};
  if (lit_is_word(start, n, "False")) return 0;
  out->num = 1;
  if (lit_is_word(start, n, "True")) return 0;
  *out = (struct pkt_value){.type = PKT_V_NULL};
  if (lit_is_word(start, n, "None") || find_constant(r, start, n, out)) return 0;
  r->at = start;
  return lit_unexpected(r, keyword ? "a value" : "a value or a call");
}
