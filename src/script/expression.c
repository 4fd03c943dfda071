#include "expression.h"

#include <lua.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/builtins.h"
#include "../engine/clock.h"
#include "../engine/literal.h"
#include "sandbox.h"
#include "vocabulary.h"

struct pkt_evaluator {
  struct pkt_expression_limits limits;
  struct pkt_answers *answers;
  struct pkt_helper *helper;   /* NULL: none was needed yet, or expressions run in process */
  struct pkt_sandbox *sandbox; /* in process; NULL: not needed yet */
  void *memory, *reply;        /* in process: the sandbox's */
  struct pkt_buf question;
  int64_t used; /* nanoseconds of this request's expressions */
};

/* Is the Lua that this was built with free of the faults by which a text can crash it? */
static bool lua_is_sound(void) { return LUA_VERSION_RELEASE_NUM >= 50408; }

struct pkt_evaluator *pkt_evaluator_new(const struct pkt_expression_limits *limits,
                                        struct pkt_answers *answers, struct pkt_err *err) {
  if (limits->in_process && !lua_is_sound()) {
    pkt_fail(
        err, PKT_ERR_VALUE,
        "expressions can't be evaluated in the server's own process: a text can crash " LUA_RELEASE
        "; Lua 5.4.8 is needed");
    return NULL;
  }
  struct pkt_evaluator *e = calloc(1, sizeof *e);
  if (!e) {
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    return NULL;
  }
  e->limits = *limits;
  e->answers = answers;
  struct pkt_helper_limits *h = &e->limits.helper;
  if (h->memory == 0) h->memory = PKT_HELPER_MEMORY;
  if (h->instructions == 0) h->instructions = PKT_HELPER_INSTRUCTIONS;
  if (h->time_ms == 0) h->time_ms = PKT_HELPER_TIME_MS;
  if (e->limits.text == 0) e->limits.text = PKT_EXPRESSION_TEXT;
  if (e->limits.text > PKT_MAX_EXPRESSION) e->limits.text = PKT_MAX_EXPRESSION;
  return e;
}

void pkt_evaluator_free(struct pkt_evaluator *e) {
  if (!e) return;
  pkt_helper_free(e->helper);
  pkt_buf_free(&e->question);
  free(e->sandbox);
  free(e->memory);
  free(e->reply);
  free(e);
}

void pkt_evaluator_begin(struct pkt_evaluator *e) { e->used = 0; }

int pkt_evaluator_pid(const struct pkt_evaluator *e) {
  return e->helper ? pkt_helper_pid(e->helper) : 0;
}

/* -------------------------------------------------------------------------------- the question */

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word_char(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

/* The next name in the text from *at on; false: there is none. Names within quotes count too. */
static bool next_name(const char *text, size_t len, size_t *at, size_t *n) {
  size_t i = *at;
  while (i < len && !is_letter(text[i])) {
    if (is_word_char(text[i])) /* "0x1F" and "1e5" hold no names */
      while (i < len && is_word_char(text[i])) i++;
    else
      i++;
  }
  *at = i;
  while (i < len && is_word_char(text[i])) i++;
  *n = i - *at;
  return *n > 0;
}

static bool is_name(const char *name, size_t n, const char *text) {
  return strlen(text) == n && memcmp(name, text, n) == 0;
}

/* Append the ids of protocols in the text; *looks: it may look at the packet. */
static void add_names(struct pkt_buf *b, const struct pkt_registry *registry, const char *text,
                      size_t len, bool *looks) {
  size_t n;
  *looks = false;
  for (size_t at = 0; next_name(text, len, &at, &n); at += n) {
    *looks |= is_name(text + at, n, "pkt") || is_name(text + at, n, "layer");
    if (!pkt_registry_find(registry, text + at, n)) continue;
    pkt_buf_add(b, text + at, n);
    pkt_buf_byte(b, 0);
  }
}

static int make_question(struct pkt_evaluator *e, struct pkt_context *c,
                         const struct pkt_place *place, const char *text, size_t len,
                         struct pkt_err *err) {
  struct pkt_question q = {.text_len = (uint32_t)len, .seed = pkt_rng_next(c->rng)};
  struct pkt_buf *b = &e->question;
  bool looks;
  pkt_buf_clear(b, PKT_MAX_QUESTION);
  pkt_buf_add(b, &q, sizeof q);
  pkt_buf_add(b, text, len);
  size_t names = b->len;
  add_names(b, c->registry, text, len, &looks);
  size_t view = b->len;
  if (looks && place && (place->packet || place->layer))
    pkt_packed_layers(b, place->packet, place->layer);
  q.in_layer = place && place->layer ? 1 : 0;
  q.names_len = (uint32_t)(view - names);
  q.view_len = (uint32_t)(b->len - view);
  if (b->failed) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  if (q.view_len > PKT_MAX_VIEW)
    return pkt_fail(err, PKT_ERR_LIMIT,
                    "the packet so far is too large to be looked at: %u bytes, at most %d are",
                    q.view_len, PKT_MAX_VIEW);
  memcpy(b->data, &q, sizeof q);
  return 0;
}

/* ---------------------------------------------------------------------------------- the answer */

/* Evaluate here and now, in memory that is made with the first expression. */
static int ask_in_process(struct pkt_evaluator *e, const struct pkt_answer **answer,
                          struct pkt_err *err) {
  if (!e->memory) e->memory = malloc(e->limits.helper.memory);
  if (!e->reply) e->reply = malloc(PKT_MAX_ANSWER);
  if (!e->memory || !e->reply) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  if (!e->sandbox) {
    e->sandbox = malloc(sizeof *e->sandbox);
    if (!e->sandbox) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    pkt_sandbox_init(e->sandbox,
                     &(struct pkt_sandbox_limits){e->limits.helper.memory,
                                                  e->limits.helper.instructions},
                     e->memory);
  }
  pkt_sandbox_run(e->sandbox, e->question.data, e->question.len, e->reply);
  *answer = e->reply;
  return 0;
}

static int ask(struct pkt_evaluator *e, const struct pkt_answer **answer, struct pkt_err *err) {
  if (e->limits.in_process) return ask_in_process(e, answer, err);
  if (!e->helper) e->helper = pkt_helper_new(NULL, &e->limits.helper);
  if (!e->helper) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  return pkt_helper_ask(e->helper, e->question.data, e->question.len, answer, err);
}

static int take_answer(struct pkt_evaluator *e, struct pkt_context *c, const struct pkt_answer *a,
                       const char *text, size_t len, struct pkt_value *out, struct pkt_err *err) {
  static const enum pkt_errcode codes[] = {
      [PKT_VERDICT_SYNTAX] = PKT_ERR_SYNTAX,
      [PKT_VERDICT_FAILED] = PKT_ERR_VALUE,
      [PKT_VERDICT_LIMIT] = PKT_ERR_LIMIT,
  };
  if (a->verdict != PKT_VERDICT_VALUE) return pkt_fail_bytes(err, codes[a->verdict], a + 1, a->len);
  if (pkt_packed_read(c->arena, a + 1, a->len, out, err) != 0) return -1;
  if (!a->varies) pkt_answers_keep(e->answers, text, len, a + 1, a->len);
  return 0;
}

static int evaluate_anew(struct pkt_evaluator *e, struct pkt_context *c,
                         const struct pkt_place *place, const char *text, size_t len,
                         struct pkt_value *out, struct pkt_err *err) {
  const struct pkt_answer *answer;
  if (make_question(e, c, place, text, len, err) != 0 || ask(e, &answer, err) != 0) return -1;
  return take_answer(e, c, answer, text, len, out, err);
}

static int evaluate_lua(struct pkt_evaluator *e, struct pkt_context *c,
                        const struct pkt_place *place, bool wait, const char *text, size_t len,
                        struct pkt_value *out, struct pkt_err *err) {
  size_t n;
  if (len > e->limits.text)
    return pkt_fail(err, PKT_ERR_LIMIT, "%zu bytes of Lua, at most %u are read", len,
                    e->limits.text);
  const void *known = pkt_answers_find(e->answers, text, len, c->arena, &n);
  if (known) return pkt_packed_read(c->arena, known, n, out, err);
  if (!wait) return pkt_fail(err, PKT_ERR_LATER, "an expression takes its time");
  if (e->used > PKT_EXPRESSIONS_MS * INT64_C(1000000))
    return pkt_fail(err, PKT_ERR_LIMIT,
                    "the request's expressions take more than the %d ms that are allowed",
                    PKT_EXPRESSIONS_MS);
  int64_t since = pkt_clock(CLOCK_MONOTONIC);
  int result = evaluate_anew(e, c, place, text, len, out, err);
  e->used += pkt_clock(CLOCK_MONOTONIC) - since;
  return result;
}

/* -------------------------------------------------------------------------------- the dialect */

static bool calls_word(const struct pkt_value *v);

static bool member_calls_word(const struct pkt_member *m, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    if (calls_word(&m[i].value)) return true;
  return false;
}

/* A literal's call of a word, as in random(1, 6), is meant as Lua. */
static bool calls_word(const struct pkt_value *v) {
  switch (v->type) {
    case PKT_V_LIST:
      for (uint32_t i = 0; i < v->len; i++)
        if (calls_word(&v->items[i])) return true;
      return false;
    case PKT_V_MAP: return member_calls_word(v->members, v->len);
    case PKT_V_LAYER:
      for (const struct pkt_ctor *c = v->layer; c; c = c->above)
        if (pkt_word_find(c->id, c->id_len) || member_calls_word(c->fields, c->len)) return true;
      return false;
    default: return false;
  }
}

int pkt_evaluate(struct pkt_evaluator *e, struct pkt_context *c, const struct pkt_place *place,
                 bool wait, const char *text, size_t len, struct pkt_value *out,
                 struct pkt_err *err) {
  int read = pkt_literal_read_named(c->arena, pkt_constants, text, len, out, err);
  if (read == 0 && pkt_builtins_apply(c->arena, out, err) != 0) return -1;
  if (read == 0 && out->type == PKT_V_MAP && out->len == 0) out->type = PKT_V_LIST; /* {} is both */
  if (read < 0 || (read == 0 && !calls_word(out))) return read;
  return evaluate_lua(e, c, place, wait, text, len, out, err);
}
