/* compile.c - linked declarations to plans. */
#include "compile_inner.h"

#include <stdlib.h>
#include <string.h>

#include "../engine/assign.h"
#include "../engine/reply.h"

/* ----------------------------------------------------------------------------------- places */

/* Bits that lie within one byte or two, at a known place, are read as those bytes. */
static void narrow_access(struct pkt_op *op) {
  static const uint8_t accesses[] = {0, PKT_AT_BITS8, PKT_AT_BITS16};
  uint32_t span = (op->bit % 8 + op->width + 7) / 8;
  if (op->access != PKT_AT_BITS || span > 2) return;
  op->access = accesses[span];
  op->shift = (uint8_t)(span * 8 - op->bit % 8 - op->width);
}

/* Bit fields with 'little': what lies in the two bytes from an even one of the layer is a number
** whose least significant byte comes first; its bits are listed from the highest. All of its bits
** are such fields; 'end' is where they have to end, 0 when they have. */
static void place_little(struct compiler *c, struct pkt_op *op, bool known, uint32_t *end) {
  bool little = op->access == PKT_AT_LITTLE16;
  if (!little && op->bit >= *end) {
    *end = 0;
    return;
  }
  if (little && known && op->bit / 16 == (op->bit + op->width - 1) / 16) {
    op->shift = (uint8_t)(16 - op->bit % 16 - op->width);
    *end = pkt_op_end(op, op->bit);
    return;
  }
  pkt_at_field(c, op);
  pkt_mistake(c, "bits with 'little' fill two bytes, from an even one, at a fixed place");
}

/* Do presence, form or size of any field depend on this slot while the layer is being written? */
static bool needed_early(const struct pkt_plan *plan, unsigned slot) {
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_op *op = &plan->ops[i];
    if (pkt_rule_refers(op->when, slot) || pkt_rule_refers(op->special->pad_when, slot))
      return true;
    for (uint32_t k = 0; k < op->nalts; k++)
      if (pkt_rule_refers(op->alts[k].when, slot) || pkt_rule_refers(op->alts[k].op->size, slot))
        return true;
    if ((op->flags & PKT_OP_FIT) && pkt_rule_refers(op->size, slot)) return true;
  }
  return false;
}

/* The windows of the leading numbers: NULL where there are less than eight bytes, or one of the
** numbers has another byte order, a sign, or nine bytes to lie in. */
static const struct pkt_window *make_windows(struct compiler *c, const struct pkt_plan *plan,
                                             const struct pkt_op *ops) {
  if (plan->fixed_size < 8) return NULL;
  struct pkt_window *windows = pkt_compile_alloc(c, plan->nfixed * sizeof *windows);
  for (unsigned i = 0; i < plan->nfixed; i++) {
    uint32_t byte = ops[i].bit / 8;
    if (byte > plan->fixed_size - 8) byte = plan->fixed_size - 8;
    uint32_t up = ops[i].bit - byte * 8;
    bool little = ops[i].access == PKT_AT_LE || ops[i].access == PKT_AT_LITTLE16;
    bool odd = little || (ops[i].flags & PKT_OP_SIGNED);
    if (odd || up + ops[i].width > 64 || byte > UINT16_MAX) return NULL;
    windows[i] = (struct pkt_window){(uint16_t)byte, (uint8_t)up, (uint8_t)(64 - ops[i].width)};
  }
  return windows;
}

/* Is this a number that is always there, and what windows can be made of? */
static bool is_plain_number(const struct pkt_op *op) {
  bool number = op->kind == PKT_UINT || op->kind == PKT_MAC || op->kind == PKT_IPV4;
  bool little = op->access == PKT_AT_LE || op->access == PKT_AT_LITTLE16;
  return number && !op->element && !op->when && !op->align && !op->lead && !op->size && !op->mask &&
         !little && !(op->flags & (PKT_OP_SIGNED | PKT_OP_CHAIN));
}

/* Make a run of the numbers from op 'i' on that fill whole bytes. Returns how many there are. */
static unsigned make_run(struct pkt_op *ops, unsigned i, unsigned end) {
  unsigned n = 0, bits = 0, whole = 0;
  for (unsigned k = i; k < end && k - i < UINT8_MAX && is_plain_number(&ops[k]); k++) {
    bits += ops[k].width;
    if (bits % 8 != 0) continue;
    n = k - i + 1;
    whole = bits / 8;
  }
  if (n < 2 || whole < 8 || whole > UINT16_MAX) return n;
  for (unsigned k = i, bit = 0; k < i + n; bit += ops[k++].width) {
    unsigned byte = bit / 8 < whole - 8 ? bit / 8 : whole - 8, up = bit - byte * 8;
    if (up + ops[k].width > 64) return n;
    ops[k].window = (struct pkt_window){(uint16_t)byte, (uint8_t)up, (uint8_t)(64 - ops[k].width)};
  }
  ops[i].run = (uint8_t)n;
  ops[i].run_bytes = (uint16_t)whole;
  return n;
}

/* Runs of numbers behind those at fixed places. */
static void make_runs(const struct pkt_plan *plan, struct pkt_op *ops) {
  for (unsigned i = plan->nfixed; i < plan->nbody;) {
    unsigned n = make_run(ops, i, plan->nbody);
    i += n > 0 ? n : 1;
  }
}

/* The leading numbers at fixed places, as bytes with their defaults and as slots that were read. */
static void make_image(struct compiler *c, struct pkt_plan *plan, struct pkt_op *ops,
                       struct pkt_slot *defaults) {
  uint32_t bits = 0, whole = 0;
  for (unsigned i = 0; i < plan->nops; i++) {
    if (ops[i].flags & PKT_OP_FIXED) {
      defaults[i].bit = ops[i].bit;
      defaults[i].nbits = ops[i].kind == PKT_PHANTOM ? 0 : ops[i].width;
    }
    ops[i].early = ops[i].autorule && needed_early(plan, i);
  }
  for (unsigned i = 0; i < plan->nops; i++) {
    bool number = ops[i].kind == PKT_UINT || ops[i].kind == PKT_MAC || ops[i].kind == PKT_IPV4;
    if (!number || !(ops[i].flags & PKT_OP_FIXED)) break;
    bits += ops[i].width;
    if (bits % 8 != 0) continue;
    plan->nfixed = (uint16_t)(i + 1);
    whole = bits / 8;
  }
  plan->fixed_size = whole;
  uint8_t *image = pkt_compile_alloc(c, whole);
  struct pkt_slot *seen = pkt_compile_alloc(c, plan->nfixed * sizeof *seen);
  for (unsigned i = 0; i < plan->nfixed; i++) {
    pkt_op_store(&ops[i], image, ops[i].bit, defaults[i].num);
    seen[i] = (struct pkt_slot){.bit = ops[i].bit, .nbits = ops[i].width, .state = PKT_SET};
  }
  plan->image = image;
  plan->windows = make_windows(c, plan, ops);
  plan->seen = seen;
}

/* Find each op's place where nothing before it varies, and read numbers by bits where they don't
** start on a byte. Behind a field of unknown size a bit field's place within its byte is known,
** since such fields take whole bytes. */
static void place_ops(struct compiler *c, struct pkt_plan *plan, struct pkt_op *ops,
                      const struct pkt_slot *defaults) {
  uint32_t bit = 0, little_end = 0;
  bool fixed = !plan->element;
  for (unsigned i = 0; i < plan->nbody; i++) {
    struct pkt_op *op = &ops[i];
    if (op->lead) {
      fixed = false;
      bit = 0;
    }
    bool number = op->kind == PKT_UINT || op->kind == PKT_MAC || op->kind == PKT_IPV4;
    bool whole = op->access != PKT_AT_BITS && op->access != PKT_AT_LITTLE16;
    if (number && whole && bit % 8 != 0) op->access = PKT_AT_BITS;
    op->bit = bit;
    uint32_t width = op->kind == PKT_PHANTOM ? 0 : number || op->kind == PKT_IPV6 ? op->width : 0;
    if (op->kind == PKT_BYTES) width = op->fixed_size * 8;
    bool valued = !defaults[i].none || op->autorule || op->sum;
    bool known = valued && !op->element && !op->when && !op->align && !op->size && !op->mask &&
                 (number || op->kind == PKT_IPV6 || op->kind == PKT_PHANTOM);
    place_little(c, op, fixed && known, &little_end);
    if (fixed && known) {
      op->flags |= PKT_OP_FIXED;
      if (number) narrow_access(op);
    }
    fixed = fixed && (known || (!op->when && !op->align && !op->element && op->kind == PKT_BYTES &&
                                op->fixed_size));
    bit += width;
    if (!fixed && !number) bit = 0;
  }
  if (bit < little_end) pkt_mistake(c, "bits with 'little' do not fill the last two bytes");
  plan->fixed = fixed;
  plan->size = fixed ? bit / 8 : 0;
}

/* The ops that stand behind what the layer carries are its last. */
static void part_trailer(struct compiler *c, struct pkt_plan *plan, const struct pkt_op *ops) {
  unsigned n = plan->nops, bits = 0;
  while (n > 0 && ops[n - 1].flags & PKT_OP_TRAILER) bits += ops[--n].width;
  plan->nbody = (uint16_t)n;
  plan->trailer = (uint16_t)(bits / 8);
  for (unsigned i = 0; i < n; i++)
    if (ops[i].flags & PKT_OP_TRAILER)
      pkt_mistake(c, "%s is a trailer, but not the last field", ops[i].id);
}

static void list_autos(struct compiler *c, struct pkt_plan *plan, struct pkt_op *ops) {
  uint16_t *autos = pkt_compile_alloc(c, plan->nops * sizeof *autos);
  uint16_t *sums = pkt_compile_alloc(c, plan->nops * sizeof *sums);
  for (unsigned i = 0; i < plan->nops; i++) {
    pkt_list_auto(c, plan, autos, i);
    if (plan->ops[i].sum) sums[plan->nsums++] = (uint16_t)i;
    const struct pkt_checksum *sum = plan->ops[i].sum;
    if (plan->ops[i].special->digits || (sum && sum->part == PKT_OVER_BEFORE)) plan->depends = true;
    for (unsigned k = 0; k < i; k++) {
      if (strcmp(plan->ops[k].id, plan->ops[i].id) != 0) continue;
      ops[k].flags |= PKT_OP_TWIN;
      ops[i].flags |= PKT_OP_TWIN;
    }
  }
  plan->autos = autos;
  plan->sums = sums;
}

/* Do rules by which a field is read ask about slot 'i' or a later one? */
static bool looks_ahead(const struct pkt_op *op, unsigned i) {
  if (pkt_rule_looks_ahead(op->when, i) || pkt_rule_looks_ahead(op->size, i) ||
      pkt_rule_looks_ahead(op->count, i) || pkt_rule_looks_ahead(op->special->stops, i))
    return true;
  for (uint32_t k = 0; k < op->nalts; k++)
    if (pkt_rule_looks_ahead(op->alts[k].when, i) || looks_ahead(op->alts[k].op, i)) return true;
  return op->item && looks_ahead(op->item, i);
}

static const struct pkt_id *make_ids(struct compiler *c, const struct pkt_plan *plan) {
  struct pkt_id *ids = pkt_compile_alloc(c, plan->nops * sizeof *ids);
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_op *op = &plan->ops[i];
    ids[i] = (struct pkt_id){pkt_id_key(op->id, op->id_len), op->id_len};
  }
  return ids;
}

static void read_fields(struct compiler *c, int t, struct pkt_plan *plan) {
  int list = pkt_push_table(c, t, "fields");
  struct pkt_op *ops = pkt_compile_alloc(c, plan->nops * sizeof *ops);
  struct pkt_slot *defaults = pkt_compile_alloc(c, plan->nops * sizeof *defaults);
  for (uint32_t i = 0; i < plan->nops; i++) {
    pkt_read_op(c, pkt_push_item(c, list, i), &ops[i], &defaults[i]);
    lua_pop(c->L, 1);
  }
  part_trailer(c, plan, ops);
  place_ops(c, plan, ops, defaults);
  plan->ops = ops;
  plan->ids = make_ids(c, plan);
  plan->defaults = defaults;
  make_image(c, plan, ops, defaults);
  make_runs(plan, ops);
  list_autos(c, plan, ops);
  pkt_check_fields(c, plan);
  for (unsigned i = 0; i < plan->nops; i++) {
    plan->ahead = plan->ahead || looks_ahead(&ops[i], i);
    plan->forgets = plan->forgets || (ops[i].flags & PKT_OP_FORGET);
  }
  plan->numbers = plan->windows && plan->nfixed == plan->nops && !plan->element;
  if (list) lua_pop(c->L, 1);
}

/* ------------------------------------------------------------------------------------- links */

/* Note which member of the declaration the next error is about, and for which lower protocol. */
static void at_member(struct compiler *c, const char *member, const char *lower) {
  c->member = member;
  c->lower = lower;
}

/* A condition that the author of another protocol wrote, about bytes that are yet to be read: it
** has no fields to refer to. */
static const struct pkt_rule *get_foreign_rule(struct compiler *c, int t, struct pkt_plan *author,
                                               const char *what) {
  struct pkt_plan *plan = c->plan;
  int slots = c->slots;
  c->plan = author;
  c->slots = 0;
  const struct pkt_rule *rule = pkt_get_rule(c, t, "when", what);
  c->plan = plan;
  c->slots = slots;
  return rule;
}

/* { { id =, when = }, ... } */
static void read_next(struct compiler *c, int t, struct pkt_plan *plan) {
  static const char *const known[] = {"id", "when", NULL};
  at_member(c, "next", NULL);
  int list = pkt_push_table(c, t, "next");
  if (!list) return;
  uint32_t n = pkt_length_of(c, list);
  if (pkt_count_members(c->L, list) != n) pkt_mistake(c, "next: a list of { id =, when = }");
  struct pkt_next *next = pkt_compile_alloc(c, n * sizeof *next);
  for (uint32_t i = 0; i < n; i++) {
    int at = pkt_push_item(c, list, i);
    if (!lua_istable(c->L, at) || lua_getfield(c->L, at, "id") != LUA_TSTRING)
      pkt_mistake(c, "next[%u] has no id", i + 1);
    c->lower = lua_tostring(c->L, -1);
    int decl = pkt_push_named(c);
    if (!decl) pkt_mistake(c, "next: there is no protocol '%s'", c->lower);
    pkt_known_members(c, at, "next", known);
    next[i].plan = pkt_plan_of(c, decl);
    next[i].when = pkt_get_rule(c, at, "when", "next");
    lua_pop(c->L, 2); /* the declaration or its id, the item */
  }
  plan->nnext = (uint16_t)n;
  plan->next = next;
  lua_pop(c->L, 1);
}

/* { { decl =, when = }, ... } */
static void read_variants(struct compiler *c, int t, struct pkt_plan *plan) {
  int list = pkt_push_table(c, t, "variants");
  if (!list) return;
  uint32_t n = pkt_length_of(c, list);
  struct pkt_next *variants = pkt_compile_alloc(c, n * sizeof *variants);
  at_member(c, "variant_of", plan->id);
  for (uint32_t i = 0; i < n; i++) {
    int at = pkt_push_item(c, list, i);
    struct pkt_plan *variant = pkt_get_plan(c, at, "decl");
    variants[i].plan = variant;
    variants[i].when = get_foreign_rule(c, at, variant, "variant_of");
    lua_pop(c->L, 1);
  }
  plan->nvariants = (uint16_t)n;
  plan->variants = variants;
  lua_pop(c->L, 1);
}

/* Values given as text, such as addresses, become what the lower layer's slots hold. */
static void convert_sets(struct compiler *c, struct pkt_binding *b) {
  struct pkt_context context = {.arena = &c->r->arena, .registry = c->r};
  for (unsigned i = 0; i < b->nsets; i++) {
    struct pkt_match *m = (struct pkt_match *)(uintptr_t)&b->sets[i];
    const struct pkt_op *op = &b->lower->ops[m->slot];
    if (!m->bytes || op->kind == PKT_BYTES) continue;
    struct pkt_value text = {.type = PKT_V_TEXT, .len = m->len, .ptr = (const char *)m->bytes};
    struct pkt_slot slot = {0};
    struct pkt_err err;
    if (pkt_assign_default(&context, b->lower, op, &text, &slot, &err) != 0) {
      if (err.code == PKT_ERR_MEMORY) luaL_error(c->L, "%s", err.message);
      pkt_mistake(c, "over.%s", err.message);
    }
    bool bytes = op->kind == PKT_IPV6 || op->kind == PKT_NAME;
    *m = (struct pkt_match){.slot = m->slot, .value = slot.num};
    if (!bytes) continue;
    m->bytes = slot.bytes;
    m->len = slot.len;
  }
}

/* { lower =, through =, sets = { field = value, ... }, carried = } on top. */
static void read_binding(struct compiler *c, struct pkt_binding *b) {
  int at = lua_gettop(c->L);
  int lower = pkt_push_table(c, at, "lower");
  int sets = pkt_push_table(c, at, "sets");
  b->lower = pkt_plan_of(c, lower);
  at_member(c, "over", b->lower->id);
  b->through = pkt_get_plan(c, at, "through");
  b->sets = pkt_read_matches(c, sets, lower, &b->nsets);
  convert_sets(c, b);
  bool carried = pkt_get_flag(c, at, "carried"); /* said of a field that may be wider */
  if (!carried) pkt_check_matches(c, b->lower, b->sets, b->nsets, "over");
  lua_settop(c->L, at);
}

static void read_bindings(struct compiler *c, int t, struct pkt_plan *plan) {
  int top = lua_gettop(c->L);
  int near = pkt_push_table(c, t, "bindings"), deep = pkt_push_table(c, t, "deep_bindings");
  uint32_t n = pkt_length_of(c, near), all = n + pkt_length_of(c, deep);
  struct pkt_binding *bindings = pkt_compile_alloc(c, all * sizeof *bindings);
  for (uint32_t i = 0; i < all; i++) {
    pkt_push_item(c, i < n ? near : deep, i < n ? i : i - n);
    read_binding(c, &bindings[i]);
    lua_pop(c->L, 1);
  }
  plan->nbindings = (uint16_t)all;
  plan->ndeep = (uint16_t)(all - n);
  plan->bindings = bindings;
  lua_settop(c->L, top);
}

/* The match that a rider is looked up by: its first number; NULL: it has none. */
static const struct pkt_match *key_of(const struct pkt_rider *r) {
  return r->nmatches > 0 && !r->match[0].bytes ? &r->match[0] : NULL;
}

static bool is_keyed(const struct pkt_rider *r, uint16_t slot, uint64_t value) {
  const struct pkt_match *key = key_of(r);
  return key && key->slot == slot && key->value == value;
}

static int by_rank(const void *a, const void *b) {
  const struct pkt_rider *x = *(const struct pkt_rider *const *)a;
  const struct pkt_rider *y = *(const struct pkt_rider *const *)b;
  if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
  return x < y ? -1 : x > y; /* as they were declared */
}

/* The riders whose first number is the bucket's value of that slot. */
static void fill_bucket(struct compiler *c, struct pkt_bucket *b, const struct pkt_rider *riders,
                        uint32_t n, uint16_t slot) {
  uint32_t len = 0;
  for (uint32_t i = 0; i < n; i++) len += is_keyed(&riders[i], slot, b->value);
  const struct pkt_rider **list = pkt_compile_alloc(c, len * sizeof *list);
  for (uint32_t i = 0; i < n; i++)
    if (is_keyed(&riders[i], slot, b->value)) list[b->len++] = &riders[i];
  qsort(list, len, sizeof *list, by_rank);
  b->riders = list;
}

static void fill_table(struct compiler *c, struct pkt_table *t, const struct pkt_rider *riders,
                       uint32_t n) {
  uint32_t size = 4;
  while (size < n * 2 + 2) size *= 2;
  struct pkt_bucket *buckets = pkt_compile_alloc(c, size * sizeof *buckets);
  t->mask = size - 1;
  t->buckets = buckets;
  for (uint32_t i = 0; i < n; i++) {
    const struct pkt_match *key = key_of(&riders[i]);
    if (!key || key->slot != t->slot) continue;
    uint32_t h = (uint32_t)(key->value * 0x9e3779b97f4a7c15u >> 32) & t->mask;
    while (buckets[h].len != 0 && buckets[h].value != key->value) h = (h + 1) & t->mask;
    if (buckets[h].len != 0) continue;
    buckets[h].value = key->value;
    fill_bucket(c, &buckets[h], riders, n, t->slot);
  }
}

void pkt_index_riders(struct compiler *c, const struct pkt_rider *riders, uint32_t n,
                      unsigned slots, struct pkt_riders *index) {
  struct pkt_table *tables = pkt_compile_alloc(c, slots * sizeof *tables + 1);
  const struct pkt_rider **loose = pkt_compile_alloc(c, n * sizeof *loose);
  for (uint32_t i = 0; i < n; i++) {
    const struct pkt_match *key = key_of(&riders[i]);
    if (!key) {
      loose[index->nloose++] = &riders[i];
      continue;
    }
    unsigned k = 0;
    while (k < index->ntables && tables[k].slot != key->slot) k++;
    if (k < index->ntables) continue;
    tables[k].slot = key->slot;
    index->ntables++;
    fill_table(c, &tables[k], riders, n);
  }
  qsort(loose, index->nloose, sizeof *loose, by_rank);
  index->tables = tables;
  index->loose = loose;
}

/* { upper =, rank =, match = { field = value, ... }, when = } at 'at', on the layer at 't'. */
static void read_rider(struct compiler *c, int at, int t, struct pkt_rider *r) {
  struct pkt_plan *plan = c->plan, *upper = pkt_get_plan(c, at, "upper");
  int match = pkt_push_table(c, at, "match");
  r->upper = upper;
  r->rank = (uint16_t)pkt_get_int(c, at, "rank", PKT_USUAL_RANK);
  r->when = get_foreign_rule(c, at, upper, "when");
  c->plan = upper; /* whose mistake it would be */
  r->match = pkt_read_matches(c, match, t, &r->nmatches);
  pkt_check_matches(c, plan, r->match, r->nmatches, "over");
  c->plan = plan;
  lua_pop(c->L, 1);
}

static void read_riders(struct compiler *c, int t, struct pkt_plan *plan) {
  int list = pkt_push_table(c, t, "riders");
  uint32_t n = pkt_length_of(c, list);
  struct pkt_rider *riders = pkt_compile_alloc(c, n * sizeof *riders);
  at_member(c, "over", plan->id);
  for (uint32_t i = 0; i < n; i++) {
    read_rider(c, pkt_push_item(c, list, i), t, &riders[i]);
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
  pkt_index_riders(c, riders, n, plan->nops, &plan->riders);
}

/* Auto fields that another layer's rules look at are guessed before they are worked out. */
static void guess_early(const struct pkt_rule *rule, const struct pkt_plan *plan) {
  for (unsigned i = 0; i < plan->nautos; i++)
    if (pkt_rule_refers(rule, plan->autos[i]))
      ((struct pkt_op *)(uintptr_t)&plan->ops[plan->autos[i]])->early = true;
}

/* "list.Item.field": the field of that item of a list. */
static void read_pseudo_item(struct compiler *c, const char *path, struct pkt_plan *plan) {
  const char *item = strchr(path, '.') + 1, *field = strchr(item, '.');
  if (!field) pkt_mistake(c, "pseudo.src: list.Item.field was expected");
  lua_pushlstring(c->L, path, (size_t)(item - 1 - path));
  plan->pseudo_items = pkt_read_slot(c);
  lua_pushlstring(c->L, item, (size_t)(field - item));
  int decl = pkt_push_named(c);
  if (!decl) pkt_mistake(c, "pseudo.src names '%s', which is no protocol", lua_tostring(c->L, -1));
  plan->pseudo_item = pkt_plan_of(c, decl);
  int slots = c->slots;
  c->slots = pkt_push_table(c, decl, "slots");
  lua_pushstring(c->L, field + 1);
  plan->pseudo_item_slot = pkt_read_slot(c);
  c->slots = slots;
  lua_pop(c->L, 2); /* slots, declaration */
}

static void read_pseudo_addresses(struct compiler *c, int at, struct pkt_plan *plan) {
  plan->pseudo_src = pkt_get_slot(c, at, "src");
  plan->pseudo_dst = pkt_get_slot(c, at, "dst");
  plan->pseudo_len = pkt_get_rule(c, at, "len", "pseudo.len");
  plan->pseudo_len_slot = pkt_get_slot(c, at, "unless_unset");
}

/* The forms of an address, each { when = rule, prefix = bytes, head = number, link = true }. */
static void read_expansions(struct compiler *c, int at, const char *key,
                            struct pkt_expansions *out) {
  int list = pkt_push_table(c, at, key);
  if (!list) return;
  out->len = pkt_length_of(c, list);
  struct pkt_expansion *forms = pkt_compile_alloc(c, out->len * sizeof *forms);
  for (uint32_t i = 0; i < out->len; i++) {
    uint32_t n = 0;
    int form = pkt_push_item(c, list, i);
    const char *prefix = pkt_get_text(c, form, "prefix", &n);
    forms[i].when = pkt_get_rule(c, form, "when", "pseudo.when");
    forms[i].head = (uint8_t)pkt_get_int(c, form, "head", 0);
    forms[i].link = pkt_get_flag(c, form, "link");
    if (n > sizeof forms[i].prefix || !forms[i].when)
      pkt_mistake(c, "pseudo.%s: forms with 'when' and a prefix of 16 bytes were expected", key);
    if (n > 0) memcpy(forms[i].prefix, prefix, n);
    lua_pop(c->L, 1);
  }
  out->list = forms;
  lua_pop(c->L, 1);
}

/* Where checksums of upper layers find addresses. */
static void read_pseudo(struct compiler *c, int t, struct pkt_plan *plan) {
  static const char *const known[] = {"src",        "dst",        "len",      "unless_unset",
                                      "expand_src", "expand_dst", "last",     "first",
                                      "when",       "link_src",   "link_dst", NULL};
  plan->pseudo_src = plan->pseudo_dst = plan->pseudo_last = PKT_NONE;
  plan->pseudo_items = plan->pseudo_item_slot = plan->pseudo_len_slot = PKT_NONE;
  plan->link_ends[0] = plan->link_ends[1] = PKT_NONE;
  plan->pseudo_through = pkt_get_flag(c, t, "shows_addresses");
  at_member(c, "pseudo", NULL);
  int at = pkt_push_table(c, t, "pseudo");
  if (!at) return;
  pkt_known_members(c, at, "pseudo", known);
  const char *src = pkt_get_text(c, at, "src", NULL);
  if (src && strchr(src, '.'))
    read_pseudo_item(c, src, plan);
  else if (src)
    read_pseudo_addresses(c, at, plan);
  read_expansions(c, at, "expand_src", &plan->expansions[0]);
  read_expansions(c, at, "expand_dst", &plan->expansions[1]);
  plan->link_ends[0] = pkt_get_slot(c, at, "link_src");
  plan->link_ends[1] = pkt_get_slot(c, at, "link_dst");
  plan->pseudo_first = pkt_get_flag(c, at, "first");
  plan->pseudo_last = pkt_get_slot(c, at, pkt_get_flag(c, at, "last") ? "last" : "first");
  if (plan->pseudo_last != PKT_NONE) plan->pseudo_when = pkt_get_rule(c, at, "when", "pseudo.when");
  guess_early(plan->pseudo_when, plan);
  lua_pop(c->L, 1);
}

/* { key = { fields }, at =, more = } */
static void read_pieces(struct compiler *c, int t, struct pkt_plan *plan) {
  static const char *const known[] = {"key", "at", "more", NULL};
  at_member(c, "pieces", NULL);
  int at = pkt_push_table(c, t, "pieces");
  if (!at) return;
  pkt_known_members(c, at, "pieces", known);
  struct pkt_pieces *pieces = pkt_compile_alloc(c, sizeof *pieces);
  int list = pkt_push_table(c, at, "key");
  pieces->nkeys = (uint16_t)pkt_length_of(c, list);
  if (pieces->nkeys > PKT_MAX_KEYS) pkt_mistake(c, "pieces.key: at most %d fields", PKT_MAX_KEYS);
  for (unsigned i = 0; i < pieces->nkeys; i++) {
    lua_rawgeti(c->L, list, (int)i + 1);
    pieces->keys[i] = pkt_read_slot(c);
  }
  pieces->at = pkt_get_rule(c, at, "at", "pieces.at");
  pieces->more = pkt_get_rule(c, at, "more", "pieces.more");
  if (!pieces->at || !pieces->more) pkt_mistake(c, "pieces: 'at' and 'more' are rules");
  plan->pieces = pieces;
  lua_settop(c->L, at - 1);
}

/* { src =, dst =, seq =, ack = fields, opens =, closes =, breaks = rules } */
static void read_segments(struct compiler *c, int t, struct pkt_plan *plan) {
  static const char *const known[] = {"src",   "dst",    "seq",    "ack",
                                      "opens", "closes", "breaks", NULL};
  at_member(c, "segments", NULL);
  int at = pkt_push_table(c, t, "segments");
  if (!at) return;
  pkt_known_members(c, at, "segments", known);
  struct pkt_segments *segments = pkt_compile_alloc(c, sizeof *segments);
  segments->src = pkt_get_slot(c, at, "src");
  segments->dst = pkt_get_slot(c, at, "dst");
  segments->seq = pkt_get_slot(c, at, "seq");
  segments->ack = pkt_get_slot(c, at, "ack");
  if (segments->src == PKT_NONE || segments->dst == PKT_NONE || segments->seq == PKT_NONE ||
      segments->ack == PKT_NONE)
    pkt_mistake(c, "segments: 'src', 'dst', 'seq' and 'ack' are fields");
  segments->opens = pkt_get_rule(c, at, "opens", "segments.opens");
  segments->closes = pkt_get_rule(c, at, "closes", "segments.closes");
  segments->breaks = pkt_get_rule(c, at, "breaks", "segments.breaks");
  if (!segments->opens || !segments->closes || !segments->breaks)
    pkt_mistake(c, "segments: 'opens', 'closes' and 'breaks' are rules");
  plan->segments = segments;
  lua_pop(c->L, 1);
}

/* Members of the declaration that name a protocol or a field, or are a rule about the layer. */
static const struct pkt_plan *get_protocol(struct compiler *c, int t, const char *key) {
  at_member(c, key, NULL);
  return pkt_get_named(c, t, key);
}

static uint16_t get_field(struct compiler *c, int t, const char *key) {
  at_member(c, key, NULL);
  return pkt_get_slot(c, t, key);
}

static const struct pkt_rule *get_rule(struct compiler *c, int t, const char *key) {
  at_member(c, key, NULL);
  return pkt_get_rule(c, t, key, key);
}

/* A rule about the first bytes of a layer, of which no field was read. */
static const struct pkt_rule *get_peeking(struct compiler *c, int t, const char *key) {
  int slots = c->slots;
  c->slots = 0;
  const struct pkt_rule *rule = get_rule(c, t, key);
  c->slots = slots;
  return rule;
}

static void read_place(struct compiler *c, int t, struct pkt_plan *plan) {
  at_member(c, "place", NULL);
  int at = pkt_push_table(c, t, "place");
  if (!at) return;
  lua_rawgeti(c->L, at, 1);
  lua_rawgeti(c->L, at, 2);
  lua_Integer unit = lua_tointeger(c->L, -2), rest = lua_tointeger(c->L, -1);
  bool whole = lua_isinteger(c->L, -2) && lua_isinteger(c->L, -1);
  if (!whole || unit < 1 || unit > UINT8_MAX || rest < 0 || rest >= unit)
    pkt_mistake(c, "place: { unit, rest } was expected, a unit of 1 to 255 and less than that");
  plan->place_unit = (uint8_t)unit;
  plan->place_rest = (uint8_t)rest;
  lua_pop(c->L, 3);
}

/* Check the fields by which the kinds of list items are told apart, now that all fields have
** been read. */
static void check_items(struct compiler *c, struct pkt_plan *plan) {
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_op *op = &plan->ops[i];
    pkt_at_field(c, op);
    if (op->special->ends) pkt_check_matches(c, op->of, op->special->ends, 1, "ends");
    const struct pkt_plan *many = op->special->pad_many;
    if (many && (many->nops == 0 || many->ops[many->nops - 1].kind != PKT_BYTES))
      pkt_mistake(c, "pad: the last field of %s is to be bytes, which fill", many->id);
    c->field = NULL;
    at_member(c, "over", NULL);
    for (uint32_t k = 0; k < op->special->pick_keys; k++) {
      c->plan =
          (struct pkt_plan *)(uintptr_t)op->special->kinds[k].upper; /* whose mistake it would be */
      pkt_check_matches(c, op->of, op->special->kinds[k].match, op->special->kinds[k].nmatches,
                        "over");
    }
    c->plan = plan;
  }
}

static void read_links(struct compiler *c, int t, struct pkt_plan *plan) {
  check_items(c, plan);
  pkt_make_layers(c, plan);
  plan->base = get_protocol(c, t, "base");
  plan->fallback = get_protocol(c, t, "fallback");
  if (!plan->fallback) plan->fallback = c->r->raw;
  plan->builds = get_protocol(c, t, "builds");
  plan->extent = get_rule(c, t, "extent");
  plan->own = get_peeking(c, t, "own");
  plan->pdu = get_peeking(c, t, "pdu");
  plan->asks = get_peeking(c, t, "asks");
  plan->required = get_field(c, t, "required");
  plan->message = get_field(c, t, "message");
  plan->raw = c->r->raw;
  plan->padding = c->r->padding;
  plan->is_raw = plan == c->r->raw;
  plan->is_padding = plan == c->r->padding;
  read_next(c, t, plan);
  read_variants(c, t, plan);
  read_bindings(c, t, plan);
  read_riders(c, t, plan);
  read_pseudo(c, t, plan);
  read_pieces(c, t, plan);
  read_segments(c, t, plan);
  read_place(c, t, plan);
  pkt_check_rules(c, plan);
}

/* What the table of plans needs before any plan is read: ids, so that plans can name each other. */
static void read_head(struct compiler *c, int t, struct pkt_plan *plan) {
  plan->id = pkt_get_text(c, t, "id", &plan->id_len);
  plan->title = pkt_get_text(c, t, "title", NULL);
  if (!plan->title) plan->title = plan->id;
  plan->offset_name = pkt_get_text(c, t, "offset_name", NULL);
  if (!plan->offset_name) plan->offset_name = plan->title;
  plan->shown = pkt_get_text(c, t, "shown", NULL);
  plan->file = pkt_get_text(c, t, "file", NULL);
  plan->line = (int)pkt_get_int(c, t, "line", 1);
  plan->abstract = pkt_get_flag(c, t, "abstract");
  plan->hidden = pkt_get_flag(c, t, "hidden");
  plan->quote = pkt_get_flag(c, t, "quote");
  plan->option = pkt_get_flag(c, t, "option");
  plan->scapy = pkt_get_flag(c, t, "scapy");
  plan->extra = pkt_get_flag(c, t, "extra");
  at_member(c, "asn1", NULL);
  plan->element = pkt_read_envelope(c, t);
  at_member(c, "fields", NULL);
  int fields = pkt_push_table(c, t, "fields");
  uint32_t n = pkt_length_of(c, fields);
  if (n > PKT_MAX_FIELDS) pkt_mistake(c, "too many fields");
  if (fields && pkt_count_members(c->L, fields) != n) pkt_mistake(c, "'fields' is no list");
  plan->nops = (uint16_t)n;
  if (fields) lua_pop(c->L, 1);
}

/* { { type =, decl =, when = }, ... } */
static void read_links_of_captures(struct compiler *c, int root) {
  int list = pkt_push_table(c, root, "links");
  uint32_t n = pkt_length_of(c, list);
  struct pkt_link *links = pkt_compile_alloc(c, n * sizeof *links);
  uint32_t *first = c->r->first_link;
  for (uint32_t i = 0; i < PKT_USUAL_LINKS; i++) first[i] = n;
  for (uint32_t i = 0; i < n; i++) {
    int t = pkt_push_item(c, list, i);
    struct pkt_plan *plan = pkt_get_plan(c, t, "decl");
    at_member(c, "link", NULL);
    links[i].plan = plan;
    links[i].type = (uint16_t)pkt_get_int(c, t, "type", 0);
    links[i].when = get_foreign_rule(c, t, plan, "link.when");
    if (links[i].type < PKT_USUAL_LINKS && first[links[i].type] == n) first[links[i].type] = i;
    lua_pop(c->L, 1);
  }
  c->r->links = links;
  c->r->nlinks = n;
  lua_pop(c->L, 1);
}

static const struct pkt_plan *required(struct compiler *c, const char *id) {
  const struct pkt_plan *plan = pkt_registry_find(c->r, id, strlen(id));
  if (!plan || plan->nops != 1)
    luaL_error(c->L, "there is no protocol %s of one field, which every packet may need", id);
  return plan;
}

/* Its field is what is left, whatever that is. */
static void check_required(struct compiler *c, const struct pkt_plan *plan) {
  const struct pkt_op *op = &plan->ops[0];
  c->plan = (struct pkt_plan *)(uintptr_t)plan;
  bool plain = op->kind == PKT_BYTES && !op->when && !op->size && !op->fixed_size && !op->counted;
  if (!plain || op->flags & (PKT_OP_ENDED | PKT_OP_UP_TO | PKT_OP_ONE_OF | PKT_OP_NETBIOS))
    pkt_mistake(c, "'%s' has to be bytes of any size: every packet may need them", op->id);
}

/* The same for fields that a rule of the layer above refers to. */
static void guess_looked_at(struct compiler *c, const struct pkt_plan *plan) {
  if (c->nlooked_at > MAX_LOOKED_AT) pkt_mistake(c, "too many rules with 'under'");
  for (uint32_t i = 0; i < c->nlooked_at; i++) {
    const struct pkt_op *op = pkt_plan_op(plan, c->looked_at[i], strlen(c->looked_at[i]));
    if (op && op->autorule) ((struct pkt_op *)(uintptr_t)op)->early = true;
  }
}

/* Push what all declarations are read with. */
static void push_common(struct compiler *c, int root) {
  c->ids = pkt_push_table(c, root, "ids");
  c->shared = pkt_push_table(c, root, "shared");
  c->none = pkt_push_table(c, root, "none");
  c->rule = pkt_push_table(c, root, "rule");
  bool lines = lua_getfield(c->L, root, "line") == LUA_TFUNCTION;
  c->line_of = lua_gettop(c->L);
  if (!c->ids || !c->shared || !c->none || !c->rule || !lines)
    luaL_error(c->L, "declarations as luapkt.compile links them were expected");
  const char *opcodes[PKT_RULE_NAMED];
  for (unsigned i = 0; i < PKT_RULE_NAMED; i++) opcodes[i] = pkt_rule_op_name(i);
  c->opcodes = pkt_push_words(c->L, opcodes, PKT_RULE_NAMED);
  c->kinds = pkt_push_words(c->L, pkt_kind_names, PKT_KIND_COUNT);
  c->options = pkt_push_options(c->L);
  lua_newtable(c->L);
  c->pool = lua_gettop(c->L);
  lua_newtable(c->L);
  c->rules = lua_gettop(c->L);
  lua_pushliteral(c->L, "op");
  c->op = lua_gettop(c->L);
}

/* Call 'read' for every declaration of the list with its plan, and its slots at hand. */
static void for_each(struct compiler *c, int list,
                     void (*read)(struct compiler *c, int t, struct pkt_plan *plan)) {
  for (uint32_t i = 0; i < c->r->len; i++) {
    int t = pkt_push_item(c, list, i);
    c->plan = &c->r->plans[i];
    c->plan->index = i;
    c->slots = pkt_push_table(c, t, "slots");
    at_member(c, NULL, NULL);
    read(c, t, c->plan);
    lua_settop(c->L, t - 1);
  }
}

void pkt_compile(lua_State *L, int index, struct pkt_registry *r) {
  struct compiler c = {.L = L, .r = r};
  struct pkt_err err;
  int root = lua_absindex(L, index), top = lua_gettop(L);
  luaL_checkstack(L, 28, NULL);
  int list = pkt_push_table(&c, root, "protocols");
  if (!list) luaL_error(L, "a table with a list of protocols was expected");
  push_common(&c, root);
  r->len = pkt_length_of(&c, list);
  pkt_registry_reserve(r, r->len);
  c.oids = pkt_read_oids(&c, root);
  r->plans = pkt_compile_alloc(&c, r->len * sizeof *r->plans);
  for_each(&c, list, read_head);
  if (pkt_registry_hash(r, &err) != 0) luaL_error(L, "%s", err.message);
  r->raw = required(&c, "Raw");
  r->padding = required(&c, "Padding");
  /* fields first: defaults and matches read the fields of other plans */
  for_each(&c, list, read_fields);
  check_required(&c, r->raw);
  check_required(&c, r->padding);
  c.field = NULL;
  for_each(&c, list, read_links);
  read_links_of_captures(&c, root);
  for (uint32_t i = 0; i < r->len; i++) guess_looked_at(&c, &r->plans[i]);
  lua_settop(L, top);
  if (pkt_reply_prepare(r, &err) != 0) luaL_error(L, "%s", err.message);
  pkt_registry_settle(r);
}
