/* methods_packet.c - the methods that build and read packets. */
#include "../engine/assign.h"
#include "../engine/build.h"
#include "../engine/dissect.h"
#include "../engine/reply.h"
#include "../wire/base64.h"
#include "service_inner.h"

static int read_expression(void *data, struct pkt_context *c, const struct pkt_place *place,
                           const char *text, size_t len, struct pkt_value *out,
                           struct pkt_err *err) {
  struct pkt_service *s = data;
  return pkt_evaluate(s->evaluator, c, place, s->may_wait, text, len, out, err);
}

struct pkt_model_reader pkt_service_reader(struct pkt_service *s) {
  return (struct pkt_model_reader){
      .context = {.arena = &s->arena, .registry = s->registry, .rng = &s->rng},
      .expression = read_expression,
      .expression_data = s,
  };
}

enum pkt_dialect pkt_dialect_of(struct arguments a) { return a.handled ? PKT_PYTHON : PKT_LUA; }

int pkt_append_packet(struct pkt_service *s, struct pkt_arena *arena, enum pkt_dialect dialect,
                      struct pkt_packet *p, struct pkt_err *err) {
  if (pkt_build(p, arena, &s->packet, err) != 0) return -1;
  return pkt_reply_write(&s->out, &s->scratch, dialect, arena, p, (const uint8_t *)s->packet.data,
                         s->packet.len, s->reach, err);
}

/* Refuse a call of what is neither a protocol nor a word, in a list as well. */
static int check_calls(const struct pkt_registry *registry, const struct pkt_value *v,
                       struct pkt_err *err) {
  const struct pkt_ctor *call = v->type == PKT_V_LAYER ? v->layer : NULL;
  if (call && !pkt_registry_find(registry, call->id, call->id_len))
    return pkt_refuse_call(err, NULL, NULL, call);
  for (uint32_t i = 0; v->type == PKT_V_LIST && i < v->len; i++)
    if (check_calls(registry, &v->items[i], err) != 0) return -1;
  return 0;
}

int pkt_service_evaluate(struct pkt_service *s, const struct pkt_packet *p, const char *text,
                         size_t len, struct pkt_value *out, struct pkt_err *err) {
  struct pkt_model_reader r = pkt_service_reader(s);
  if (r.expression(r.expression_data, &r.context, &(struct pkt_place){p, NULL}, text, len, out,
                   err) != 0)
    return -1;
  return check_calls(s->registry, out, err);
}

bool pkt_answer_packet(struct pkt_service *s, const struct request *q, struct pkt_packet *p,
                       enum pkt_dialect dialect) {
  struct pkt_err err = {0};
  pkt_answer_begin(s, q);
  if (pkt_append_packet(s, &s->arena, dialect, p, &err) == 0) {
    s->out.len--; /* the result's closing brace */
    return true;
  }
  pkt_answer_failure(s, q, &err);
  return false;
}

static void reply_packet(struct pkt_service *s, const struct request *q, struct pkt_packet *p,
                         enum pkt_dialect dialect) {
  if (p->len == 0) {
    pkt_answer_begin(s, q);
    pkt_buf_lit(&s->out, "{\"data\":[],\"binary\":null}}");
  } else if (pkt_answer_packet(s, q, p, dialect)) {
    pkt_buf_lit(&s->out, "}}");
  }
}

void pkt_method_build(struct pkt_service *s, const struct request *q, struct arguments a) {
  struct pkt_err err = {0};
  struct pkt_model_reader r = pkt_service_reader(s);
  struct pkt_packet *p = pkt_model_read(&r, &a.at[0], &err);
  if (p)
    reply_packet(s, q, p, pkt_dialect_of(a));
  else
    pkt_answer_failure(s, q, &err);
}

bool pkt_check_payload_model(struct pkt_service *s, const struct request *q, struct arguments a) {
  struct pkt_err err = {0};
  struct pkt_model_reader r = pkt_service_reader(s);
  bool may_wait = s->may_wait;
  if (a.len != 1 && a.len != 2) return true; /* the method says how many it takes */
  s->may_wait = false;
  bool right = pkt_model_read(&r, &a.at[a.len - 1], &err) || err.code == PKT_ERR_LATER;
  s->may_wait = may_wait;
  if (!right) pkt_answer_failure(s, q, &err);
  return right;
}

uint8_t *pkt_read_base64(struct pkt_service *s, const struct pkt_value *text, const char *what,
                         size_t *n, struct pkt_err *err) {
  if (text->type != PKT_V_TEXT) {
    pkt_fail(err, PKT_ERR_VALUE, "%s is %s, not text in base64", what, pkt_value_kind(text));
    return NULL;
  }
  uint8_t *bytes = pkt_alloc(&s->arena, text->len / 4 * 3 + 3);
  size_t bad;
  ptrdiff_t len = bytes ? pkt_base64_decode(bytes, text->ptr, text->len, &bad) : 0;
  *n = (size_t)len;
  if (bytes && len >= 0) return bytes;
  if (bytes)
    pkt_fail(err, PKT_ERR_VALUE, "%s is no base64 at character %zu", what, bad + 1);
  else
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  return NULL;
}

struct pkt_packet *pkt_bare_packet(struct pkt_arena *arena, const struct pkt_plan *plan,
                                   struct pkt_err *err) {
  struct pkt_packet *p = pkt_packet_new(arena);
  struct pkt_layer *layer = p ? pkt_layer_new(arena, plan) : NULL;
  if (layer && pkt_packet_push(p, layer, err) == 0) return p;
  pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  return NULL;
}

/* How far bytes are read for a model: one that names an extra protocol asks for them. */
static enum pkt_reach reach_of_model(const struct pkt_service *s, const struct pkt_value *model) {
  uint32_t n = model && model->type == PKT_V_LIST ? model->len : 0;
  for (uint32_t i = 0; i < n; i++) {
    const struct pkt_value *id =
        model->items[i].type == PKT_V_MAP ? pkt_value_get(&model->items[i], "id") : NULL;
    const struct pkt_plan *plan =
        id && id->type == PKT_V_TEXT ? pkt_registry_find(s->registry, id->ptr, id->len) : NULL;
    if (plan && plan->extra) return PKT_REACH_ALL;
  }
  return s->reach;
}

/* The packet's bytes; an empty binary is a default Ethernet frame. */
static struct pkt_packet *read_binary(struct pkt_service *s, const struct pkt_value *text,
                                      enum pkt_reach reach, struct pkt_err *err) {
  const struct pkt_plan *ether = pkt_registry_find(s->registry, "Ether", 5);
  if (!ether) {
    pkt_fail(err, PKT_ERR_UNKNOWN, "there is no protocol Ether to read a packet as");
    return NULL;
  }
  size_t n;
  const uint8_t *bytes = pkt_read_base64(s, text, "the packet", &n, err);
  if (!bytes) return NULL;
  return n > 0 ? pkt_dissect(&s->arena, ether, bytes, n, reach, err)
               : pkt_bare_packet(&s->arena, ether, err);
}

void pkt_method_reconstruct(struct pkt_service *s, const struct request *q, struct arguments a) {
  struct pkt_err err = {0};
  const struct pkt_value *model = a.len > 1 ? &a.at[1] : NULL;
  struct pkt_packet *p = read_binary(s, &a.at[0], reach_of_model(s, model), &err);
  struct pkt_model_reader r = pkt_service_reader(s);
  if (p && pkt_model_edit(&r, p, model, &err) == 0)
    reply_packet(s, q, p, pkt_dialect_of(a));
  else
    pkt_answer_failure(s, q, &err);
}
