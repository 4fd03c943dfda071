/* plan.c - looking things up in plans. */
#include "plan.h"

#include <string.h>

#include "registry.h"

#define PLAN_BYTES ((size_t)8 << 10) /* what a protocol comes to, with room */
#define FEW_BYTES ((size_t)1 << 20)  /* not worth a huge page */

const struct pkt_special pkt_nothing_special = {0};

const char *const pkt_sum_names[] = {
#define X(name, text) text,
    PKT_SUMS(X)
#undef X
};

const char *const pkt_part_names[PKT_PARTS] = {"layer", "header", "payload", "before"};

const char *const pkt_kind_names[] = {
#define X(name, text) text,
    PKT_KINDS(X)
#undef X
};

/* Find an op by an id of more than eight bytes or by its alias. Kept apart from pkt_plan_op(),
** which rarely needs this. */
__attribute__((noinline)) static const struct pkt_op *find_long(const struct pkt_plan *plan,
                                                                const char *id, size_t len,
                                                                uint64_t key) {
  for (unsigned i = 0; len > 8 && i < plan->nops; i++) {
    const struct pkt_op *op = &plan->ops[i];
    if (plan->ids[i].key == key && op->id_len == len && memcmp(op->id, id, len) == 0) return op;
  }
  for (unsigned i = 0; i < plan->nops; i++) {
    const char *alias = plan->ops[i].alias;
    if (alias && strlen(alias) == len && memcmp(alias, id, len) == 0) return &plan->ops[i];
  }
  return NULL;
}

const struct pkt_op *pkt_plan_op(const struct pkt_plan *plan, const char *id, size_t len) {
  uint64_t key = pkt_id_key(id, len);
  const struct pkt_id *ids = plan->ids;
  for (unsigned i = 0, n = len <= 8 ? plan->nops : 0; i < n; i++)
    if (ids[i].key == key && ids[i].len == len) return &plan->ops[i];
  return find_long(plan, id, len, key);
}

bool pkt_op_is_late(const struct pkt_op *op) {
  bool by_rule = op->kind == PKT_CHOICE && !op->element;
  return by_rule || op->names_by || op->flags & PKT_OP_TWIN;
}

const struct pkt_op *pkt_plan_twin(const struct pkt_plan *plan, const struct pkt_op *op) {
  for (const struct pkt_op *at = op + 1; at < plan->ops + plan->nops; at++)
    if (strcmp(at->id, op->id) == 0) return at;
  return NULL;
}

bool pkt_plan_is(const struct pkt_plan *plan, const struct pkt_plan *other) {
  return pkt_plan_is_kind(plan, other) || pkt_plan_is_kind(other, plan);
}

bool pkt_plan_rides(const struct pkt_plan *upper, const struct pkt_plan *lower) {
  if (upper->is_raw) return true;
  for (; upper; upper = upper->base)
    for (unsigned i = 0; i < upper->nbindings; i++)
      if (!upper->bindings[i].through && pkt_plan_is_kind(lower, upper->bindings[i].lower))
        return true;
  return false;
}

const struct pkt_name *pkt_names_find(const struct pkt_names *names, uint64_t value) {
  if (value < names->direct_len) return names->direct[value];
  size_t low = 0, high = names->values;
  while (low < high) {
    size_t mid = (low + high) / 2;
    if ((int64_t)names->by_value[mid].value < (int64_t)value)
      low = mid + 1;
    else
      high = mid;
  }
  return low < names->values && names->by_value[low].value == value ? &names->by_value[low] : NULL;
}

bool pkt_names_read(const struct pkt_names *names, const char *text, size_t len, uint64_t most,
                    uint64_t *value) {
  for (uint32_t i = names->texts; i-- > 0;) {
    const struct pkt_name *n = &names->by_text[i];
    if (n->len == len && n->value <= most && memcmp(n->text, text, len) == 0) {
      *value = n->value;
      return true;
    }
  }
  return false;
}

const struct pkt_names *pkt_op_names(const struct pkt_op *op, const struct pkt_layer *layer) {
  if (op->names || !op->names_by) return op->names;
  uint64_t key = layer->slots[op->names_by->slot].num;
  for (uint32_t i = 0; i < op->names_by->len; i++)
    if (op->names_by->cases[i].key == key) return op->names_by->cases[i].names;
  return NULL;
}

const struct pkt_optdef *pkt_op_code(const struct pkt_op *op, unsigned code) {
  return code < 256 ? op->special->by_code[code] : NULL;
}

const char *pkt_op_name(const struct pkt_op *op) {
  while (op->owner) op = op->owner;
  return op->id;
}

int pkt_op_fraction(const struct pkt_op *op) {
  switch (op->show) {
    case PKT_SHOW_FIXED8: return 8;
    case PKT_SHOW_FIXED16: return 16;
    case PKT_SHOW_NTP: return 32;
    default: return 0;
  }
}

bool pkt_op_begins(const struct pkt_op *op, uint8_t id) {
  const struct pkt_element *e = op->element;
  if (e->len > 0) return id == e->ids[0];
  if (op->kind == PKT_CHOICE) {
    for (uint32_t i = 0; i < op->nalts; i++)
      if (pkt_op_begins(op->alts[i].op, id)) return true;
    return false;
  }
  bool whole = op->of && op->of->nvariants == 0 && op->of->element && op->of->element->len > 0;
  return !whole || id == op->of->element->ids[0];
}

static int compare_octets(const struct pkt_oid *oid, const uint8_t *bytes, size_t len) {
  size_t n = oid->len < len ? oid->len : len;
  int order = memcmp(oid->bytes, bytes, n);
  return order != 0 ? order : oid->len < len ? -1 : oid->len > len;
}

const struct pkt_oid *pkt_oids_find(const struct pkt_oids *oids, const uint8_t *bytes, size_t len) {
  size_t low = 0, high = oids ? oids->len : 0;
  while (low < high) {
    size_t mid = (low + high) / 2;
    int order = compare_octets(&oids->by_bytes[mid], bytes, len);
    if (order == 0) return &oids->by_bytes[mid];
    if (order < 0)
      low = mid + 1;
    else
      high = mid;
  }
  return NULL;
}

const struct pkt_oid *pkt_oids_named(const struct pkt_oids *oids, const char *name, size_t len) {
  for (uint32_t i = 0; oids && i < oids->len; i++) {
    const struct pkt_oid *oid = &oids->by_bytes[i];
    if (oid->name_len == len && memcmp(oid->name, name, len) == 0) return oid;
  }
  return NULL;
}

uint32_t pkt_op_form(const struct pkt_op *op, const struct pkt_scope *scope) {
  uint32_t i = 0;
  while (i + 1 < op->nalts && op->alts[i].when && !pkt_rule_eval(op->alts[i].when, scope)) i++;
  return i;
}

static uint32_t hash_id(const char *id, size_t len) {
  uint32_t h = 2166136261u; /* FNV-1a */
  for (size_t i = 0; i < len; i++) h = (h ^ (uint8_t)id[i]) * 16777619u;
  return h;
}

const struct pkt_plan *pkt_registry_find(const struct pkt_registry *r, const char *id, size_t len) {
  for (uint32_t h = hash_id(id, len) & r->hash_mask; r->hash[h]; h = (h + 1) & r->hash_mask) {
    const struct pkt_plan *plan = &r->plans[r->hash[h] - 1];
    if (plan->id_len == len && memcmp(plan->id, id, len) == 0) return plan;
  }
  return NULL;
}

void pkt_registry_reserve(struct pkt_registry *r, uint32_t protocols) {
  size_t n = (size_t)protocols * PLAN_BYTES;
  void *memory = n >= FEW_BYTES ? pkt_pages_map(&r->pages, n, n) : NULL;
  if (memory) pkt_arena_init_in(&r->arena, memory, n, 0);
}

void pkt_registry_settle(struct pkt_registry *r) { pkt_pages_trim(&r->pages, r->arena.at); }

void pkt_registry_free(struct pkt_registry *r) {
  pkt_arena_free(&r->arena);
  pkt_pages_unmap(&r->pages);
}

int pkt_registry_hash(struct pkt_registry *r, struct pkt_err *err) {
  uint32_t size = 16;
  while (size < r->len * 2) size *= 2;
  r->hash = pkt_calloc(&r->arena, size * sizeof *r->hash);
  if (!r->hash) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  r->hash_mask = size - 1;
  for (uint32_t i = 0; i < r->len; i++) {
    const struct pkt_plan *plan = &r->plans[i];
    const struct pkt_plan *twin = pkt_registry_find(r, plan->id, plan->id_len);
    if (twin)
      return pkt_fail(err, PKT_ERR_PROTOCOL, "%s: protocol %s is declared in %s already",
                      plan->file, plan->id, twin->file);
    uint32_t h = hash_id(plan->id, plan->id_len) & r->hash_mask;
    while (r->hash[h]) h = (h + 1) & r->hash_mask;
    r->hash[h] = (uint16_t)(i + 1);
  }
  return 0;
}
