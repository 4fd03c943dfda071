/* literal_inner.h - what the files behind literal.h share: the text being read, steps in it, and
** what the parts of the grammar read of each other.
**
** literal.c has the grammar: expressions, and what has brackets. What stands in them is read in
** literal_number.c, literal_string.c, literal_call.c (names) and literal_asn1.c (the reference's
** objects); literal_operator.c works out what operators make of it, literal_error.c tells
** mistakes. */
#ifndef PKT_LITERAL_INNER_H
#define PKT_LITERAL_INNER_H

#include <string.h>

#include "gather.h"
#include "literal.h"

/* One text being read, by recursive descent. Items, members and the characters of a string gather
** on 'stack' until their number is known, then they move to memory of their own. The stack moves as
** it grows, so a place on it is an offset. */
struct lit_reader {
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

/* Mistakes. All but the last two return -1. */

/* The text is no literal. Lua may read it, unless something before says no. */
int lit_fail_at(struct lit_reader *r, const char *where, const char *what);

/* The same for a mistake that Lua would refuse as well, provided that Lua would have found the
** same tokens so far. */
int lit_fail_in_both(struct lit_reader *r, const char *where, const char *what);

/* One of these two: at 'at' stands something else than what is 'wanted'. */
int lit_unexpected(struct lit_reader *r, const char *wanted);

int lit_fail_limit(struct lit_reader *r, const char *where, const char *what);
int lit_no_memory(struct lit_reader *r);

/* Note that the text is a literal by its grammar but has no value. The first such mistake is
** reported, unless the text turns out to break the grammar later: so reading goes on, and this
** returns 0. */
int lit_refuse(struct lit_reader *r, enum pkt_errcode code, const char *where, const char *what);

/* "'wanted' expected, not 'x'", where 'x' is what stands at 'at'; returns 'out'. */
#define LIT_WHAT_ROOM (PKT_QUOTE_ROOM + 80)
const char *lit_describe_mistake(const struct lit_reader *r, const char *wanted,
                                 char out[LIT_WHAT_ROOM]);

/* What has just been read is in no Lua expression. */
static inline void lit_mark_not_lua(struct lit_reader *r) {
  if (!r->doubt) r->not_lua = true;
}

/* Characters and words. */

static inline bool lit_is_digit(char c) { return c >= '0' && c <= '9'; }

static inline bool lit_starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static inline bool lit_is_name_char(char c) { return lit_starts_name(c) || lit_is_digit(c); }

static inline bool lit_is_quote(char c) { return c == '\'' || c == '"'; }

static inline bool lit_is_line_end(char c) { return c == '\n' || c == '\r'; }

static inline bool lit_is_space(char c) {
  return c == ' ' || c == '\t' || c == '\f' || lit_is_line_end(c);
}

static inline bool lit_is_word(const char *p, size_t n, const char *word) {
  return strlen(word) == n && memcmp(p, word, n) == 0;
}

/* What a digit counts, in any base up to 16; 99: it is none. */
static inline int lit_digit_value(char c) {
  char lower = (char)(c | 0x20);
  if (lit_is_digit(c)) return c - '0';
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

/* Steps. */

/* The character at 'p', NUL behind the end. */
static inline char lit_peek(const struct lit_reader *r, const char *p) {
  return p < r->end ? *p : '\0';
}

/* Within brackets a line end is a space. */
static inline void lit_skip_space(struct lit_reader *r) {
  while (r->at < r->end && lit_is_space(*r->at) && (r->depth > 0 || !lit_is_line_end(*r->at)))
    r->at++;
}

/* Pass over one character if it is 'c'. */
static inline bool lit_skip(struct lit_reader *r, char c) {
  if (r->at == r->end || *r->at != c) return false;
  r->at++;
  return true;
}

static inline const char *lit_name_end(const struct lit_reader *r, const char *p) {
  while (lit_is_name_char(lit_peek(r, p))) p++;
  return p;
}

static inline bool lit_starts_with(const struct lit_reader *r, const char *p, const char *s) {
  size_t n = strlen(s);
  return (size_t)(r->end - p) >= n && memcmp(p, s, n) == 0;
}

/* The stack. Without memory these return -1, with an error. */

static inline int lit_push(struct lit_reader *r, const void *p, size_t n) {
  if (pkt_gather_room(&r->stack, n) != 0) return lit_no_memory(r);
  memcpy(r->stack.data + r->stack.used, p, n);
  r->stack.used += n;
  return 0;
}

static inline int lit_push_char(struct lit_reader *r, char c) { return lit_push(r, &c, 1); }

/* Move what lies on the stack above 'base' to memory of its own: *out, NULL when it is nothing. */
static inline int lit_take(struct lit_reader *r, size_t base, void **out) {
  return pkt_gather_take(&r->stack, base, out) == 0 ? 0 : lit_no_memory(r);
}

static inline int lit_copy_name(struct lit_reader *r, const char *p, uint32_t n, const char **out) {
  *out = pkt_memdup(r->arena, p, n);
  return *out ? 0 : lit_no_memory(r);
}

/* Parts of the grammar, read where 'at' is and passed over. What returns an int returns 0, or -1
** with an error; there may be anything in *out then. */

/* A value, 'at' being behind the space before it; in the end it is behind that after it. */
int lit_read_expr(struct lit_reader *r, struct pkt_value *out);

int lit_read_operand(struct lit_reader *r, struct pkt_value *out); /* without signs and operators */
int lit_read_number(struct lit_reader *r, struct pkt_value *out);  /* at a digit, or a point */

/* At a letter: None, True, False, a constant, a call, or a string with a prefix. */
int lit_read_name(struct lit_reader *r, struct pkt_value *out);

/* Does an object of ASN.1 begin at 'p': <ASN1_...? And read one. <ASN1_OID['1.3']> is the call
** ASN1_OID('1.3'), <ASN1_BIT_STRING[01]=b'@' (6 unused bits)> is ASN1_BIT_STRING(b'@', 6). */
bool lit_starts_object(const struct lit_reader *r, const char *p);
int lit_read_object(struct lit_reader *r, struct pkt_value *out);

/* How a string is written: its prefix and its quotes. */
struct lit_style {
  bool bytes, raw, triple;
  char quote;
  const char *start; /* where it starts in the text, for messages */
};

/* Pass over the prefix and the opening quotes of a string. False when none stands here. */
bool lit_open_string(struct lit_reader *r, struct lit_style *s);

/* The rest of a string, and those next to it, as one. */
int lit_read_strings(struct lit_reader *r, struct lit_style *s, struct pkt_value *out);

/* Pass over the opening bracket at 'at' and the space behind it; and over the closing one, 'c'. */
int lit_open_bracket(struct lit_reader *r);
int lit_close_bracket(struct lit_reader *r, char c);

/* Does 'close' come next? NUL: the end of the text. */
bool lit_at_close(const struct lit_reader *r, char close);

/* Fail if 'n' items are more than 'most'. */
int lit_check_count(struct lit_reader *r, size_t n, size_t most);

/* The member on the stack above 'base' with the same key as *m, or NULL. */
struct pkt_member *lit_find_key(const struct lit_reader *r, size_t base,
                                const struct pkt_member *m);

/* What operators make of values. These return 0, also where they refuse, or -1 with an error. */

/* Replace *a by *a op *b. */
int lit_combine(struct lit_reader *r, const char *op, struct pkt_value *a, struct pkt_value *b);

/* 'sign' is the last of several, 'negative' what they make together. */
int lit_apply_sign(struct lit_reader *r, const char *sign, bool negative, struct pkt_value *v);

#endif
