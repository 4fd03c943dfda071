/* dissect_fuzz.c - any bytes read as any protocol, the two in front saying which: never a wrong
** access; what was read builds to the same bytes; built again from its fields alone, it builds or
** says why not; and the reply to either is JSON. */
#include "../src/engine/build.h"
#include "../src/engine/dissect.h"
#include "../src/engine/json.h"
#include "../src/engine/registry.h"
#include "../src/engine/reply.h"
#include "service.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES (64u << 20)

static struct pkt_service *service; /* open until the process ends */
static const struct pkt_registry *registry;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  service = open_service();
  registry = pkt_service_registry(service);
  return 0;
}

/* Zeros are Ether, which most of the bytes in captures are. */
static const struct pkt_plan *pick(const uint8_t *data) {
  unsigned n = (unsigned)data[0] << 8 | data[1];
  return n == 0 ? pkt_registry_find(registry, "Ether", 5) : &registry->plans[n % registry->len];
}

static void write_reply_in(enum pkt_dialect d, struct pkt_arena *arena, const struct pkt_packet *p,
                           const struct pkt_buf *bytes) {
  struct pkt_buf reply = {.len = 0}, scratch = {.len = 0};
  struct pkt_value v;
  struct pkt_err err = {.code = PKT_ERR_NONE};
  int status = pkt_reply_write(&reply, &scratch, d, arena, p, (const uint8_t *)bytes->data,
                               bytes->len, PKT_REACH_ALL, &err);
  require((status == 0) == (err.code == PKT_ERR_NONE));
  if (status == 0) require(pkt_json_read(arena, reply.data, reply.len, &v, &err) == 0);
  pkt_buf_free(&reply);
  pkt_buf_free(&scratch);
}

static void write_reply(struct pkt_arena *arena, const struct pkt_packet *p,
                        const struct pkt_buf *bytes) {
  write_reply_in(PKT_PYTHON, arena, p, bytes);
  write_reply_in(PKT_LUA, arena, p, bytes);
}

/* Every layer within the bytes, and all bytes in layers. */
static void check_places(const struct pkt_packet *p, size_t n) {
  size_t sum = 0;
  require(p->len <= PKT_PACKET_ROOM);
  for (uint32_t i = 0; i < p->len; i++) {
    require(p->layers[i]->offset <= n && p->layers[i]->size <= n - p->layers[i]->offset);
    sum += p->layers[i]->size + p->layers[i]->trailer;
  }
  require(sum == n);
}

static void forget_layer(struct pkt_layer *layer, bool items);

static void forget_slot(const struct pkt_op *op, struct pkt_slot *s) {
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  bool layers = op->kind == PKT_LAYERS || op->kind == PKT_LAYER;
  if (s->none || !(layers || op->kind == PKT_LIST || op->kind == PKT_OPTIONS) || !s->list) return;
  s->list->raw = NULL;
  for (uint32_t i = 0; layers && i < s->list->len; i++) forget_layer(s->list->layers[i], true);
}

/* As if each field had been set to the value it has; with 'items' those of nested layers too. */
static void forget_layer(struct pkt_layer *layer, bool items) {
  layer->raw = NULL;
  for (unsigned i = 0; items && i < layer->plan->nops; i++)
    if (layer->slots[i].state == PKT_SET) forget_slot(&layer->plan->ops[i], &layer->slots[i]);
}

static void build_anew(struct pkt_arena *arena, struct pkt_packet *p, bool items,
                       struct pkt_buf *out) {
  struct pkt_err err = {.code = PKT_ERR_NONE};
  for (uint32_t i = 0; i < p->len; i++) forget_layer(p->layers[i], items);
  int status = pkt_build(p, arena, out, &err);
  require((status == 0) == (err.code == PKT_ERR_NONE));
  if (status == 0 && out->len <= PKT_MAX_PACKET) write_reply(arena, p, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2) return 0;
  const struct pkt_plan *plan = pick(data);
  const uint8_t *bytes = data + 2;
  size_t n = size - 2;
  struct pkt_arena arena;
  struct pkt_buf out = {.limit = ARENA_BYTES};
  struct pkt_err err = {.code = PKT_ERR_NONE};
  pkt_arena_init(&arena, ARENA_BYTES);
  struct pkt_packet *p = pkt_dissect(&arena, plan, bytes, n, PKT_REACH_ALL, &err);
  require(p != NULL || err.code != PKT_ERR_NONE);
  if (p) {
    check_places(p, n);
    require(pkt_build(p, &arena, &out, &err) == 0);
    require(out.len == n && (n == 0 || memcmp(out.data, bytes, n) == 0));
    write_reply(&arena, p, &out);
    build_anew(&arena, p, false, &out);
    build_anew(&arena, p, true, &out);
  }
  pkt_buf_free(&out);
  pkt_arena_free(&arena);
  return 0;
}
