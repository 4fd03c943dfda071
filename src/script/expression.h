/* expression.h - the text of an EXPRESSION to its value, in either dialect.
**
** A text that is wholly a literal of the python dialect (literal.h) is read as such; anything else
** is Lua. Lua runs in a helper's process (helper.h), or is looked up (answers.h) when it has always
** the same value. */
#ifndef PKT_EXPRESSION_H
#define PKT_EXPRESSION_H

#include <stdbool.h>

#include "../engine/model.h"
#include "answers.h"
#include "helper.h"

/* Bytes of an expression, at most and as a rule: a compiler's work can be quadratic in them ("a or
** a or a..."). */
#define PKT_MAX_EXPRESSION 0x4000
#define PKT_EXPRESSION_TEXT 4096

/* Of the clock, for all of a request's expressions together: its worker answers nobody else
** meanwhile. The last one may go beyond that. */
#define PKT_EXPRESSIONS_MS 500

struct pkt_expression_limits {
  struct pkt_helper_limits helper; /* members that are 0: as a rule (PKT_HELPER_...) */
  uint32_t text;   /* bytes of Lua, up to PKT_MAX_EXPRESSION; 0: as a rule (PKT_EXPRESSION_TEXT) */
  bool in_process; /* no helper: only with Lua 5.4.8 or later */
};

/* Where expressions are evaluated: one for a service, so for a thread at a time. */
struct pkt_evaluator;

/* 'answers' is shared and must outlive it. NULL with *err filled in: no memory, or 'in_process'
** with a Lua that isn't sound. */
struct pkt_evaluator *pkt_evaluator_new(const struct pkt_expression_limits *limits,
                                        struct pkt_answers *answers, struct pkt_err *err);

/* NULL is fine. */
void pkt_evaluator_free(struct pkt_evaluator *e);

/* A request begins: its expressions have all their time. */
void pkt_evaluator_begin(struct pkt_evaluator *e);

/* The value of a text in *out, which lies in the context's arena. 'place' says what it can look at.
** Where 'wait' is false and a helper would have to be asked, nothing is done: PKT_ERR_LATER.
**
** Returns 0, or -1 with *err: PKT_ERR_SYNTAX with line and column; PKT_ERR_VALUE; PKT_ERR_LIMIT
** with what was allowed; PKT_ERR_HOOK where the helper is gone; PKT_ERR_MEMORY. */
int pkt_evaluate(struct pkt_evaluator *e, struct pkt_context *c, const struct pkt_place *place,
                 bool wait, const char *text, size_t len, struct pkt_value *out,
                 struct pkt_err *err);

/* The process's id; 0: there is none now. For who watches over it. */
int pkt_evaluator_pid(const struct pkt_evaluator *e);

#endif
