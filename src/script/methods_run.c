/* methods_run.c - run_field_engine: the packets that a field engine's instructions make. */
#include "../engine/build.h"
#include "../engine/json.h"
#include "../engine/vm.h"
#include "service_inner.h"

typedef unsigned long long ull;

/* Has an object no members but the known ones? 'which' says what those are. */
static int check_keys(const struct pkt_value *v, const char *const *known, const char *which,
                      struct pkt_err *err) {
  char quote[PKT_QUOTE_ROOM];
  const struct pkt_member *stray = pkt_value_stray(v, known);
  if (!stray) return 0;
  return pkt_fail(err, PKT_ERR_UNKNOWN, "%s, and no %s", which,
                  pkt_quote(quote, stray->key, stray->key_len));
}

/* -------------------------------------------------------------------------------- the program */

/* Does a list hold instructions as TRex takes them? They have a type, a client's have an id. */
static bool is_compiled(const struct pkt_value *list) {
  return list && list->type == PKT_V_LIST && list->len > 0 &&
         pkt_value_get(&list->items[0], "type") != NULL;
}

/* What build_pkt_ex takes may stand in an object of its own, and what it answers in another. */
static const struct pkt_value *unwrap(const struct pkt_value *engine) {
  const struct pkt_value *inner = pkt_value_get(engine, "field_engine");
  if (inner) engine = inner;
  inner = pkt_value_get(engine, "instructions");
  return inner && inner->type == PKT_V_MAP ? inner : engine;
}

static int find_instructions(struct pkt_service *s, const struct pkt_packet *p,
                             const struct pkt_value *engine, struct pkt_value *out,
                             struct pkt_err *err) {
  static const struct pkt_value none = {.type = PKT_V_LIST};
  engine = unwrap(engine);
  const struct pkt_value *list = pkt_value_get(engine, "instructions");
  if (engine->type == PKT_V_NULL || (engine->type == PKT_V_LIST && engine->len == 0)) {
    *out = none;
    return 0;
  }
  if (is_compiled(engine) || is_compiled(list)) {
    *out = *engine;
    return 0;
  }
  if (engine->type != PKT_V_MAP)
    return pkt_fail(err, PKT_ERR_VALUE, "field_engine is %s, not an object",
                    pkt_value_kind(engine));
  static const char *const known[] = {"instructions", "global_parameters", "cache", NULL};
  if (check_keys(engine, known, "a field_engine has instructions and global_parameters", err) != 0)
    return -1;
  struct pkt_member member = {.key = "field_engine", .key_len = 12, .value = *engine};
  struct pkt_value options = {.type = PKT_V_MAP, .members = &member, .len = 1};
  return pkt_compile_instructions(s, p, &options, out, err);
}

struct pkt_vm *pkt_service_vm(struct pkt_service *s, const struct pkt_value *model,
                              const struct pkt_value *engine, uint32_t seed, struct pkt_err *err) {
  struct pkt_value instructions;
  struct pkt_model_reader r = pkt_service_reader(s);
  struct pkt_packet *p = pkt_model_read(&r, model, err);
  if (!p || pkt_build(p, &s->arena, &s->packet, err) != 0) return NULL;
  if (find_instructions(s, p, engine, &instructions, err) != 0) return NULL;
  const struct pkt_vm_setup setup = {.instructions = &instructions,
                                     .packet = (const uint8_t *)s->packet.data,
                                     .len = s->packet.len,
                                     .layers = p,
                                     .seed = seed};
  return pkt_vm_new(&s->arena, &setup, err);
}

/* ---------------------------------------------------------------------------------- the range */

struct range {
  uint64_t start, count, seed;
};

static int read_number(const struct pkt_value *range, const char *key, uint64_t min, uint64_t max,
                       uint64_t *out, struct pkt_err *err) {
  const struct pkt_value *v = pkt_value_get(range, key);
  if (!v || v->type == PKT_V_NULL) return 0;
  if (v->type != PKT_V_INT)
    return pkt_fail(err, PKT_ERR_VALUE, "%s is %s, not a whole number", key, pkt_value_kind(v));
  if ((v->negative && v->num > 0) || v->num < min || v->num > max)
    return pkt_fail(err, PKT_ERR_LIMIT, "%s is %s%llu, not from %llu to %llu", key,
                    v->negative ? "-" : "", (ull)v->num, (ull)min, (ull)max);
  *out = v->num;
  return 0;
}

static int read_range(const struct pkt_value *v, struct range *r, struct pkt_err *err) {
  *r = (struct range){.start = 0, .count = 1, .seed = 1};
  if (v->type != PKT_V_MAP)
    return pkt_fail(err, PKT_ERR_VALUE,
                    "range is %s, not an object with start, count and seed (each may be left out)",
                    pkt_value_kind(v));
  static const char *const known[] = {"start", "count", "seed", NULL};
  if (check_keys(v, known, "a range has start, count and seed", err) != 0) return -1;
  if (read_number(v, "start", 0, INT64_MAX - PKT_MAX_RUN, &r->start, err) != 0) return -1;
  if (read_number(v, "count", 1, PKT_MAX_RUN, &r->count, err) != 0) return -1;
  return read_number(v, "seed", 0, UINT32_MAX, &r->seed, err);
}

/* So many packets can be too much work, or too long an answer. */
static int check_work(const struct pkt_service *s, const struct pkt_vm *vm, const struct range *r,
                      struct pkt_err *err) {
  uint64_t most = PKT_MAX_RUN_WORK / (2 * pkt_vm_cost(vm)), bytes = s->packet.len / 3 * 4 + 8;
  for (uint32_t i = 0; i < pkt_vm_values(vm); i++) bytes += strlen(pkt_vm_name(vm, i)) + 24;
  if (PKT_MAX_RUN_BYTES / bytes < most) most = PKT_MAX_RUN_BYTES / bytes;
  if (r->count <= most) return 0;
  return pkt_fail(err, PKT_ERR_LIMIT, "count is %llu: of this packet at most %llu are made at once",
                  (ull)r->count, (ull)most);
}

/* ---------------------------------------------------------------------------------- the reply */

static void write_packets(struct pkt_buf *out, struct pkt_vm *vm, const struct range *r) {
  pkt_buf_lit(out, "{\"packets\":[");
  pkt_vm_seek(vm, r->start);
  for (uint64_t i = 0; i < r->count; i++) {
    uint32_t len;
    const uint8_t *bytes = pkt_vm_next(vm, &len);
    pkt_buf_str(out, i ? ",\"" : "\"");
    pkt_buf_base64(out, bytes, len);
    pkt_buf_byte(out, '"');
  }
  pkt_buf_lit(out, "]");
}

/* {"src": 1, "t.ip": 2} for each packet. */
static void write_variables(struct pkt_buf *out, struct pkt_vm *vm, const struct range *r) {
  pkt_buf_lit(out, ",\"variables\":[");
  pkt_vm_seek(vm, r->start);
  for (uint64_t i = 0; i < r->count; i++) {
    uint32_t len;
    pkt_vm_next(vm, &len);
    pkt_buf_str(out, i ? ",{" : "{");
    for (uint32_t k = 0; k < pkt_vm_values(vm); k++) {
      if (k) pkt_buf_byte(out, ',');
      pkt_json_string(out, pkt_vm_name(vm, k), strlen(pkt_vm_name(vm, k)));
      pkt_buf_byte(out, ':');
      pkt_buf_u64(out, pkt_vm_value(vm, k));
    }
    pkt_buf_byte(out, '}');
  }
  pkt_buf_lit(out, "]");
}

static void write_result(struct pkt_buf *out, struct pkt_vm *vm, const struct range *r) {
  const char *text;
  write_packets(out, vm, r);
  write_variables(out, vm, r);
  pkt_buf_lit(out, ",\"cycle\":");
  pkt_buf_u64(out, pkt_vm_cycle(vm));
  pkt_buf_lit(out, ",\"warnings\":[");
  for (uint32_t i = 0; (text = pkt_vm_warning(vm, i)) != NULL; i++) {
    if (i) pkt_buf_byte(out, ',');
    pkt_json_string(out, text, strlen(text));
  }
  pkt_buf_lit(out, "]}");
}

static int run(struct pkt_service *s, const struct request *q, const struct pkt_value *at,
               struct pkt_err *err) {
  struct range r;
  if (read_range(&at[2], &r, err) != 0) return -1;
  struct pkt_vm *vm = pkt_service_vm(s, &at[0], &at[1], (uint32_t)r.seed, err);
  if (!vm || check_work(s, vm, &r, err) != 0) return -1;
  pkt_answer_begin(s, q);
  write_result(&s->out, vm, &r);
  pkt_buf_byte(&s->out, '}');
  return 0;
}

void pkt_method_run(struct pkt_service *s, const struct request *q, struct arguments a) {
  struct pkt_err err = {0};
  if (run(s, q, a.at, &err) != 0) pkt_answer_failure(s, q, &err);
}
