/* vm_fuzz.c - any field engine on any packet: never a wrong access; packet n found at once is the
** packet that n times next comes to; and checksums that are kept are those worked out anew.
**
** Input: the packet's length in two bytes, a byte that is the seed, the packet, then JSON. */
#include "../src/engine/dissect.h"
#include "../src/engine/json.h"
#include "../src/engine/registry.h"
#include "../src/engine/vm.h"
#include "service.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES (64u << 20)
#define PACKETS 24       /* made in turn */
#define MOST_COST 200000 /* bytes worked on for one: beyond that it only takes long */
#define FAR (1ull << 62)

static struct pkt_service *service; /* open until the process ends */
static const struct pkt_registry *registry;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  service = open_service();
  registry = pkt_service_registry(service);
  return 0;
}

struct made {
  uint32_t len;
  uint8_t *bytes;
  uint64_t *values;
};

static struct made make(struct pkt_arena *arena, struct pkt_vm *vm) {
  struct made m;
  const uint8_t *bytes = pkt_vm_next(vm, &m.len);
  m.bytes = pkt_memdup(arena, bytes, m.len);
  m.values = pkt_alloc(arena, pkt_vm_values(vm) * sizeof *m.values + 1);
  require(m.bytes && m.values);
  for (uint32_t i = 0; i < pkt_vm_values(vm); i++) m.values[i] = pkt_vm_value(vm, i);
  return m;
}

static void require_same(struct pkt_vm *vm, const struct made *wanted, uint32_t values) {
  uint32_t len;
  const uint8_t *bytes = pkt_vm_next(vm, &len);
  require(len == wanted->len && (len == 0 || memcmp(bytes, wanted->bytes, len) == 0));
  for (uint32_t i = 0; i < values; i++) require(pkt_vm_value(vm, i) == wanted->values[i]);
}

/* In turn from 'start', then each one alone, from the last to the first; 'other' makes the same. */
static void compare(struct pkt_arena *arena, struct pkt_vm *vm, struct pkt_vm *other,
                    uint64_t start) {
  struct made made[PACKETS];
  uint32_t values = pkt_vm_values(vm);
  pkt_vm_seek(vm, start);
  for (int i = 0; i < PACKETS; i++) made[i] = make(arena, vm);
  require(pkt_vm_tell(vm) == start + PACKETS);
  for (int i = PACKETS; i-- > 0;) {
    pkt_vm_seek(vm, start + (uint64_t)i);
    require_same(vm, &made[i], values);
  }
  if (!other) return;
  pkt_vm_seek(other, start);
  for (int i = 0; i < PACKETS; i++) require_same(other, &made[i], values);
}

static struct pkt_value number(uint64_t n) {
  return (struct pkt_value){.type = PKT_V_INT, .num = n};
}

static struct pkt_value text(const char *s) {
  return (struct pkt_value){.type = PKT_V_TEXT, .ptr = s, .len = (uint32_t)strlen(s)};
}

static struct pkt_member member(const char *key, struct pkt_value v) {
  return (struct pkt_member){.key = key, .key_len = (uint32_t)strlen(key), .value = v};
}

/* The same program with a length that is varied, if only in name: so that nothing is kept from one
** packet to the next. NULL: it can't be. */
static struct pkt_vm *make_other(struct pkt_arena *arena, struct pkt_vm_setup setup) {
  const struct pkt_value *list = setup.instructions, *cache = pkt_value_get(list, "cache");
  struct pkt_err err;
  if (list->type == PKT_V_MAP) list = pkt_value_get(list, "instructions");
  if (setup.len > 65535 || !list || list->type != PKT_V_LIST) return NULL;
  struct pkt_member var[] = {member("type", text("flow_var")), member("name", text("\x01 len")),
                             member("size", number(2)), member("min_value", number(setup.len)),
                             member("max_value", number(setup.len))};
  struct pkt_member trim[] = {member("type", text("trim_pkt_size")),
                              member("name", text("\x01 len"))};
  struct pkt_value *items = pkt_alloc(arena, (list->len + 2) * sizeof *items);
  require(items != NULL);
  for (uint32_t i = 0; i < list->len; i++) items[i] = list->items[i];
  items[list->len] = (struct pkt_value){.type = PKT_V_MAP, .members = var, .len = 5};
  items[list->len + 1] = (struct pkt_value){.type = PKT_V_MAP, .members = trim, .len = 2};
  struct pkt_value all = {.type = PKT_V_LIST, .items = items, .len = list->len + 2};
  struct pkt_member frame[] = {member("instructions", all), member("cache", cache ? *cache : all)};
  struct pkt_value framed = {.type = PKT_V_MAP, .members = frame, .len = cache ? 2 : 1};
  setup.instructions = &framed;
  return pkt_vm_new(arena, &setup, &err);
}

/* Does the program trim already? Then the other one would undo it. */
static bool trims(const uint8_t *json, size_t n) { return memmem(json, n, "trim", 4) != NULL; }

static void check(struct pkt_arena *arena, const struct pkt_vm_setup *setup, bool trimmed) {
  struct pkt_err err = {.code = PKT_ERR_NONE};
  struct pkt_vm *vm = pkt_vm_new(arena, setup, &err);
  require((vm != NULL) == (err.code == PKT_ERR_NONE));
  if (!vm || pkt_vm_cost(vm) > MOST_COST) return;
  require(pkt_vm_cycle(vm) > 0);
  struct pkt_vm *other = trimmed ? NULL : make_other(arena, *setup);
  compare(arena, vm, other, 0);
  compare(arena, vm, other, pkt_vm_cycle(vm) < FAR ? pkt_vm_cycle(vm) - 1 : FAR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 3) return 0;
  size_t len = (size_t)data[0] << 8 | data[1];
  if (len > size - 3) len = size - 3;
  const uint8_t *json = data + 3 + len;
  size_t n = size - 3 - len;
  struct pkt_arena arena;
  struct pkt_value instructions;
  struct pkt_err err;
  pkt_arena_init(&arena, ARENA_BYTES);
  const struct pkt_plan *ether = pkt_registry_find(registry, "Ether", 5);
  if (pkt_json_read(&arena, (const char *)json, n, &instructions, &err) == 0) {
    struct pkt_vm_setup setup = {.instructions = &instructions,
                                 .packet = data + 3,
                                 .len = len,
                                 .layers =
                                     pkt_dissect(&arena, ether, data + 3, len, PKT_REACH_ALL, &err),
                                 .seed = data[2]};
    check(&arena, &setup, trims(json, n));
  }
  pkt_arena_free(&arena);
  return 0;
}
