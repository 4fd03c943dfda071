/* request_fuzz.c - any text as a request: never a wrong access; the reply is a JSON-RPC answer with
** the request's id and a known error code; a good request in between is answered as ever.
**
** Half of the mutations are of JSON's own kind: a value of a good text becomes another, so that
** they get past the reader, and a packet's bytes are changed within their base64. */
#include "../src/engine/arena.h"
#include "../src/engine/json.h"
#include "../src/engine/registry.h"
#include "../src/wire/base64.h"
#include "service.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char good[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"build_pkt\",\"params\":[[{\"id\":\"Ether\"},"
    "{\"id\":\"IP\",\"fields\":[{\"id\":\"src\",\"value\":\"10.0.0.1\"}]},{\"id\":\"TCP\"}]]}";

static struct pkt_service *service;
static char *good_reply;
static size_t good_len;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  struct pkt_reply reply = {0};
  (void)argc;
  (void)argv;
  service = open_service();
  require(pkt_service_handle(service, good, sizeof good - 1, false, &reply) == PKT_REPLY);
  good_len = reply.len;
  good_reply = malloc(good_len);
  require(good_reply != NULL);
  memcpy(good_reply, reply.data, good_len);
  return 0;
}

static void release(const struct pkt_reply *reply) {
  if (reply->release) reply->release((void *)(uintptr_t)reply->data, reply->hint);
}

/* JSON-RPC 2.0, section 5.1, and the document's own codes. */
static bool known_code(const struct pkt_value *code) {
  static const unsigned codes[] = {32700, 32600, 32601, 32603, 32097, 32098};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (code && code->type == PKT_V_INT && code->negative && code->num == codes[i]) return true;
  return false;
}

static void check_error(const struct pkt_value *error) {
  const struct pkt_value *message = pkt_value_get(error, "message");
  require(known_code(pkt_value_get(error, "code")));
  require(message && message->type == PKT_V_TEXT && message->len > 0);
}

/* {"jsonrpc":"2.0","id":...,"result" or "error":...} and nothing else. */
static void check_reply(const struct pkt_reply *reply) {
  struct pkt_arena arena;
  struct pkt_value v;
  struct pkt_err err;
  pkt_arena_init(&arena, 0);
  require(pkt_json_read(&arena, reply->data, reply->len, &v, &err) == 0);
  const struct pkt_value *error = pkt_value_get(&v, "error");
  require(v.type == PKT_V_MAP && v.len == 3 && pkt_value_get(&v, "id"));
  require(pkt_value_is(pkt_value_get(&v, "jsonrpc"), "2.0"));
  require((error != NULL) != (pkt_value_get(&v, "result") != NULL));
  if (error) check_error(error);
  pkt_arena_free(&arena);
}

static void check_good(void) {
  struct pkt_reply reply = {0};
  require(pkt_service_handle(service, good, sizeof good - 1, false, &reply) == PKT_REPLY);
  require(reply.len == good_len && memcmp(reply.data, good_reply, good_len) == 0);
  release(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *text = (const char *)data;
  struct pkt_reply reply = {0};
  enum pkt_outcome outcome = pkt_service_handle(service, text, size, false, &reply);
  require(outcome != PKT_DEFER);
  if (outcome == PKT_RELOAD) pkt_service_reload_reply(service, text, size, NULL, &reply);
  check_reply(&reply);
  release(&reply);
  check_good();
  return 0;
}

/* -------------------------------------------------------------------------------- mutations */

#define MAX_NODES 4096
#define MAX_BYTES 4096

struct mutation {
  struct pkt_arena arena;
  struct pkt_value *nodes[MAX_NODES]; /* every value of the request */
  uint32_t len;
  uint64_t random;
};

static uint64_t draw(struct mutation *m, uint64_t below) { /* splitmix64 */
  uint64_t z = m->random += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return (z ^ z >> 31) % below;
}

static void collect(struct mutation *m, struct pkt_value *v) {
  if (m->len == MAX_NODES) return;
  m->nodes[m->len++] = v;
  for (uint32_t i = 0; v->type == PKT_V_LIST && i < v->len; i++) collect(m, &v->items[i]);
  for (uint32_t i = 0; v->type == PKT_V_MAP && i < v->len; i++) collect(m, &v->members[i].value);
}

static struct pkt_value text_value(const char *s) {
  return (struct pkt_value){.type = PKT_V_TEXT, .ptr = s, .len = (uint32_t)strlen(s)};
}

/* A protocol's id, or a field's. */
static const char *draw_id(struct mutation *m) {
  const struct pkt_registry *r = pkt_service_registry(service);
  const struct pkt_plan *plan = &r->plans[draw(m, r->len)];
  return plan->nops > 0 && draw(m, 2) ? plan->ops[draw(m, plan->nops)].id : plan->id;
}

static struct pkt_value draw_scalar(struct mutation *m) {
  static const char *const words[] = {"",           "None",    "0x10",        "255",    "-1",
                                      "10.0.0.1",   "::1",     "1:2:3:4:5:6", "BYTES",  "RANDOM",
                                      "UNDEFINED",  "MACHINE", "OBJECT",      "x.org.", "\xc3\xa9",
                                      "EXPRESSION", "AAECAw=="};
  unsigned bits = (unsigned)draw(m, 65);
  uint64_t number = bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - draw(m, 2);
  switch (draw(m, 6)) {
    case 0: return (struct pkt_value){.type = PKT_V_NULL};
    case 1: return (struct pkt_value){.type = PKT_V_BOOL, .num = draw(m, 2)};
    case 2: return (struct pkt_value){.type = PKT_V_REAL, .real = (double)number / 3};
    case 3: return text_value(words[draw(m, sizeof words / sizeof *words)]);
    case 4: return text_value(draw_id(m));
    default:
      return (struct pkt_value){
          .type = PKT_V_INT, .num = number, .negative = number && draw(m, 8) == 0};
  }
}

/* A value of the same request, copied whole: it may hold the place that it is to take. */
static struct pkt_value draw_copy(struct mutation *m) {
  struct pkt_buf text = {.len = 0};
  struct pkt_value copy = {.type = PKT_V_NULL};
  struct pkt_err err;
  pkt_json_write(&text, m->nodes[draw(m, m->len)]);
  const char *kept = pkt_memdup(&m->arena, text.data, text.len);
  if (kept && pkt_json_read(&m->arena, kept, text.len, &copy, &err) != 0)
    copy = (struct pkt_value){.type = PKT_V_NULL};
  pkt_buf_free(&text);
  return copy;
}

/* {"vtype": what, key: value} */
static struct pkt_value draw_vtype(struct mutation *m) {
  static const char *const keys[] = {"base64", "value", "expr", "generate"};
  static const char *const types[] = {"BYTES",   "OBJECT", "EXPRESSION",
                                      "MACHINE", "RANDOM", "UNDEFINED"};
  struct pkt_member *members = pkt_calloc(&m->arena, 2 * sizeof *members);
  if (!members) return draw_scalar(m);
  const char *key = keys[draw(m, 4)];
  members[0] = (struct pkt_member){.key = "vtype", .key_len = 5};
  members[0].value = text_value(types[draw(m, 6)]);
  members[1] = (struct pkt_member){.key = key, .key_len = (uint32_t)strlen(key)};
  members[1].value = draw(m, 2) ? draw_copy(m) : draw_scalar(m);
  return (struct pkt_value){.type = PKT_V_MAP, .len = 2, .members = members};
}

/* One item more (any value), or one less, or two in the other order. */
static void change_list(struct mutation *m, struct pkt_value *v) {
  uint32_t at = v->len ? (uint32_t)draw(m, v->len) : 0;
  struct pkt_value *items = pkt_calloc(&m->arena, (v->len + 1) * sizeof *items);
  if (!items) return;
  if (v->len) memcpy(items, v->items, v->len * sizeof *items);
  switch (draw(m, 3)) {
    case 0:
      items[v->len] = items[at];
      items[at] = draw(m, 2) ? draw_copy(m) : draw_scalar(m);
      v->len++;
      break;
    case 1:
      if (v->len) items[at] = items[--v->len];
      break;
    default:
      if (v->len) items[v->len] = items[at], items[at] = items[0], items[0] = items[v->len];
  }
  v->items = items;
}

/* The bytes within base64, or else the text, as libFuzzer changes bytes. */
static void change_text(struct mutation *m, struct pkt_value *v) {
  uint8_t bytes[MAX_BYTES + 3];
  ptrdiff_t n = -1;
  if (v->len <= MAX_BYTES) n = pkt_base64_decode(bytes, v->ptr, v->len, NULL);
  bool base64 = n > 0 && draw(m, 8) > 0;
  if (!base64) memcpy(bytes, v->ptr, (size_t)(n = v->len < MAX_BYTES ? v->len : MAX_BYTES));
  size_t size = LLVMFuzzerMutate(bytes, (size_t)n, MAX_BYTES / 4 * 3);
  char *text = pkt_alloc(&m->arena, pkt_base64_size(size) + 1);
  if (!text) return;
  if (base64) {
    pkt_base64_encode(text, bytes, size);
    size = pkt_base64_size(size);
  } else {
    memcpy(text, bytes, size);
  }
  v->ptr = text;
  v->len = (uint32_t)size;
}

static void change(struct mutation *m) {
  struct pkt_value *v = m->nodes[draw(m, m->len)];
  unsigned how = (unsigned)draw(m, 8);
  if (how < 4 && v->type == PKT_V_TEXT)
    change_text(m, v);
  else if (how < 4 && v->type == PKT_V_LIST)
    change_list(m, v);
  else if (how < 6)
    *v = draw_scalar(m);
  else
    *v = how == 6 ? draw_copy(m) : draw_vtype(m);
}

/* The size of the changed request in 'data'; 0: it is no JSON, or grew too large. */
static size_t change_json(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  static struct mutation m;
  struct pkt_value root;
  struct pkt_err err;
  struct pkt_buf text = {.len = 0};
  size_t changed = 0;
  m.len = 0;
  m.random = seed;
  pkt_arena_init(&m.arena, 64u << 20);
  if (pkt_json_read(&m.arena, (const char *)data, size, &root, &err) == 0) {
    collect(&m, &root);
    for (uint64_t turns = 1 + draw(&m, 3); turns > 0; turns--) change(&m);
    pkt_json_write(&text, &root);
    if (text.len <= max_size) memcpy(data, text.data, changed = text.len);
  }
  pkt_buf_free(&text);
  pkt_arena_free(&m.arena);
  return changed;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  size_t changed = seed % 2 ? change_json(data, size, max_size, seed) : 0;
  return changed > 0 ? changed : LLVMFuzzerMutate(data, size, max_size);
}
