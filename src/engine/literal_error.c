/* literal_error.c - mistakes in literals: what is said of them, and whether Lua may read the
** text. */
#include "literal_inner.h"

#include <stdio.h>

#include "text.h"

int lit_fail_at(struct lit_reader *r, const char *where, const char *what) {
  r->maybe_lua = !r->not_lua;
  return pkt_fail_at(r->err, PKT_ERR_SYNTAX, r->text, where, what);
}

int lit_fail_in_both(struct lit_reader *r, const char *where, const char *what) {
  r->maybe_lua = r->doubt && !r->not_lua;
  return pkt_fail_at(r->err, PKT_ERR_SYNTAX, r->text, where, what);
}

int lit_fail_limit(struct lit_reader *r, const char *where, const char *what) {
  r->maybe_lua = false;
  return pkt_fail_at(r->err, PKT_ERR_LIMIT, r->text, where, what);
}

int lit_no_memory(struct lit_reader *r) {
  r->maybe_lua = false;
  return pkt_fail(r->err, PKT_ERR_MEMORY, "no memory to read the text");
}

int lit_refuse(struct lit_reader *r, enum pkt_errcode code, const char *where, const char *what) {
  if (!r->refused) pkt_fail_at(r->err, code, r->text, where, what);
  r->refused = true;
  return 0;
}

/* The bytes of the token at 'p', before the end of the text: of names, numbers and operators of
** either language. */
static size_t token_len(const struct lit_reader *r, const char *p) {
  static const char *const operators[] = {
      "...", "..", "**", "//", "==", "~=", "!=", "<=", ">=", "<<", ">>", "::", ":=", "->", NULL};
  size_t n = (size_t)(lit_name_end(r, p) - p);
  if (n > 0) return n;
  for (const char *const *s = operators; *s; s++)
    if (lit_starts_with(r, p, *s)) return strlen(*s);
  n = pkt_utf8_len(p, (size_t)(r->end - p));
  return n ? n : 1;
}

/* Write what stands at 'p', for a message. */
static void describe_token(const struct lit_reader *r, const char *p, char *out, size_t room) {
  char quote[PKT_QUOTE_ROOM];
  if (p == r->end) {
    snprintf(out, room, "the end");
  } else if (lit_is_line_end(*p)) {
    snprintf(out, room, "the end of the line");
  } else if (lit_is_quote(*p)) {
    snprintf(out, room, "a string");
  } else {
    size_t n = token_len(r, p), shown = n < PKT_MAX_QUOTE ? n : PKT_MAX_QUOTE;
    if (*p > ' ' && *p < 0x7f)
      snprintf(out, room, "'%.*s'%s", (int)shown, p, shown < n ? "..." : "");
    else
      snprintf(out, room, "%s", pkt_quote(quote, p, n));
  }
}

const char *lit_describe_mistake(const struct lit_reader *r, const char *wanted,
                                 char out[LIT_WHAT_ROOM]) {
  char token[PKT_QUOTE_ROOM + 8];
  describe_token(r, r->at, token, sizeof(token));
  snprintf(out, LIT_WHAT_ROOM, "%s expected, not %s", wanted, token);
  return out;
}

/* Is what comes next just as wrong in Lua: the end of the text, a closing bracket, or no token
** of any kind? */
static bool wrong_in_both(const struct lit_reader *r) {
  if (r->at == r->end) return true;
  if (lit_starts_with(r, r->at, "**")) return true;
  uint8_t c = (uint8_t)*r->at;
  return (c < ' ' && !strchr("\t\n\v\f\r", c)) || c == 0 || c >= 0x7f || strchr(")]}!$?@\\`", c);
}

int lit_unexpected(struct lit_reader *r, const char *wanted) {
  char what[LIT_WHAT_ROOM];
  lit_describe_mistake(r, wanted, what);
  return wrong_in_both(r) ? lit_fail_in_both(r, r->at, what) : lit_fail_at(r, r->at, what);
}
