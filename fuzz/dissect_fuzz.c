/* dissect_fuzz.c - any bytes read as any protocol, the two in front saying which: never a wrong
** access; what was read builds to the same bytes; built again from its fields alone, it builds or
** says why not; the reply to either is JSON; and a layer that is sought is found, though not all is
** read. */
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

/* Kinds of layers, and what seeks them: soughts[k] is for the first k + 1 of them. */
static const char *const ids[] = {"IP", "TCP", "DNS", "SCTP"};
#define KINDS (sizeof ids / sizeof *ids)
static const struct pkt_plan *kinds[KINDS];
static struct pkt_sought *soughts[KINDS];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  service = open_service();
  registry = pkt_service_registry(service);
  for (unsigned i = 0; i < KINDS; i++) {
    kinds[i] = pkt_registry_find(registry, ids[i], strlen(ids[i]));
    soughts[i] = pkt_sought_new(registry, kinds, i + 1);
    require(soughts[i] != NULL);
  }
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

/* Are the first layers of both packets the same? */
static void compare(const struct pkt_packet *a, const struct pkt_packet *b, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    require(a->layers[i]->plan == b->layers[i]->plan && a->layers[i]->size == b->layers[i]->size);
    require(a->layers[i]->offset == b->layers[i]->offset);
    require(a->layers[i]->inside == b->layers[i]->inside);
  }
}

/* The first layers that are sought are among those that are read first; the others come then. */
static void seek(struct pkt_arena *arena, const struct pkt_packet *whole,
                 const struct pkt_plan *plan, const uint8_t *bytes, size_t n, unsigned k) {
  struct pkt_err err;
  bool found[KINDS] = {false};
  struct pkt_packet *p = pkt_dissect_sought(arena, plan, bytes, n, PKT_REACH_ALL, soughts[k], &err);
  require(p && p->len <= whole->len);
  compare(p, whole, p->len);
  for (uint32_t i = 0; i < whole->len; i++)
    for (unsigned kind = 0; kind <= k; kind++) {
      if (!pkt_plan_is_wanted(whole->layers[i]->plan, kinds[kind])) continue;
      require(i < p->len || found[kind]);
      found[kind] = true;
    }
  require(pkt_dissect_on(arena, p, PKT_REACH_ALL, &err) == 0 && p->len == whole->len);
  compare(p, whole, p->len);
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
    for (unsigned k = 0; k < KINDS; k++) seek(&arena, p, plan, bytes, n, k);
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
