/* dissect_list.c - the bytes of lists: of values, of packets, of options. */
#include <string.h>

#include "dissect_inner.h"
#include "option.h"

/* The items that the list says it has. */
static inline int64_t said_count(const struct pkt_cursor *c, const struct pkt_op *op) {
  return op->count ? pkt_read_rule(c, op->count) : PKT_MAX_ITEMS;
}

static inline uint32_t within(int64_t count) {
  if (count < 0) return 0;
  return count > PKT_MAX_ITEMS ? PKT_MAX_ITEMS : (uint32_t)count;
}

/* The bytes that a list may take. */
static inline uint32_t list_region(const struct pkt_cursor *c, const struct pkt_op *op) {
  uint32_t left = pkt_bytes_left(c);
  return op->size ? pkt_read_size(c, op->size, left) : left;
}

static inline struct pkt_list *new_list(struct pkt_cursor *c) {
  struct pkt_list *list = pkt_alloc(c->arena, sizeof *list);
  if (list)
    *list = (struct pkt_list){.raw = c->p + c->bit / 8};
  else
    pkt_read_no_memory(c);
  return list;
}

static void *more_room(struct pkt_arena *a, void *items, uint32_t len, size_t size) {
  uint32_t room = len == 0 ? 8 : len * 2;
  void *more = pkt_alloc(a, room * size);
  if (more && len) memcpy(more, items, len * size);
  return more;
}

/* Make room for one more item of 'size' bytes in an array of 'len': doubling, in the arena. */
static inline void *grow(struct pkt_arena *a, void *items, uint32_t len, size_t size) {
  bool full = len == 0 || (len >= 8 && (len & (len - 1)) == 0);
  return full ? more_room(a, items, len, size) : items;
}

int pkt_read_list(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t count = within(said_count(c, op)), region = list_region(c, op);
  struct pkt_list *list = s->list = new_list(c);
  if (!list) return -1;
  uint32_t start = c->bit, whole = c->n;
  c->n = c->bit / 8 + region;
  int status = 0;
  while (list->len < count && pkt_bytes_left(c) > 0) {
    uint32_t before = c->bit;
    list->slots = grow(c->arena, list->slots, list->len, sizeof *list->slots);
    if (!list->slots) return pkt_read_no_memory(c);
    struct pkt_slot *item = &list->slots[list->len];
    memset(item, 0, sizeof *item);
    item->bit = c->bit;
    item->state = PKT_SET;
    status = pkt_read_op(c, op->item, item);
    if (status != 0 || c->bit == before) break;
    item->nbits = c->bit - before;
    list->len++;
  }
  c->n = whole;
  list->raw_len = (c->bit - start) / 8;
  if (status != 0) return status;
  if (op->size && !op->count) { /* what is left of a sized list belongs to it */
    c->bit = start + region * 8;
    list->raw_len = region;
  }
  return 0;
}

/* Unset the fields of an item that aren't kept as they were read, but worked out anew when the
** list is written. */
static void forget_lengths(struct pkt_layer *item) {
  for (unsigned i = 0; i < item->plan->nops; i++) {
    if (!(item->plan->ops[i].flags & PKT_OP_FORGET)) continue;
    item->slots[i].none = true;
    item->slots[i].state = PKT_UNSET;
  }
}

/* An item that can't be read takes what is left as Raw. */
static struct pkt_layer *raw_item(struct pkt_cursor *c, const struct pkt_plan *raw, uint32_t n) {
  struct pkt_layer *layer = pkt_layer_alloc(c->arena, raw, 1);
  if (!layer) return NULL;
  pkt_read_raw(layer, c->p + c->bit / 8, n);
  layer->offset = c->bit / 8;
  return layer;
}

/* An item takes all that its own length claims; what it didn't read of that is Raw on top of it,
** and its trailer is behind. */
static int keep_rest(struct pkt_cursor *c, struct pkt_cursor *item) {
  struct pkt_layer *layer = item->layer;
  uint32_t whole = layer->size + layer->trailer, extent = whole;
  if (layer->plan->extent) extent = pkt_layer_extent(layer, c->layer, item->p, item->n);
  if (layer->trailer) pkt_read_trailer(item, extent - layer->trailer);
  item->bit = layer->size * 8;
  layer->size = extent;
  layer->trailer = 0;
  if (extent == whole) return 0;
  layer->rest = raw_item(item, layer->plan->raw, extent - whole);
  return layer->rest ? 0 : pkt_read_no_memory(c);
}

/* Reading of an item of at most 'n' bytes begins at the cursor. */
static struct pkt_cursor begin_item(const struct pkt_cursor *c, uint32_t n) {
  return (struct pkt_cursor){
      .arena = c->arena,
      .below = c->layer,
      .p = c->p + c->bit / 8,
      .n = n,
      .message = c->message,
      .message_len = c->message_len,
      .depth = c->depth + 1,
      .pointed = c->pointed,
      .err = c->err,
  };
}

static int read_as(struct pkt_cursor *item, const struct pkt_plan *plan) {
  item->layer = pkt_layer_alloc(item->arena, plan, plan->nops);
  return item->layer ? pkt_read_layer(item) : pkt_read_no_memory(item);
}

/* Read the item as the list's protocol, as a variant of it or, if the list's fields say so, as a
** protocol that rides on it. */
static int read_kind(const struct pkt_cursor *c, struct pkt_cursor *item, const struct pkt_op *op,
                     uint32_t n) {
  const struct pkt_plan *variant = pkt_dissect_variant(op->of, item->p, n);
  if (variant == op->of && op->flags & PKT_OP_KNOWN) variant = op->of->raw;
  int status = read_as(item, variant);
  if (variant != op->of || !op->special->by_kind || !item->layer) return status;
  /* what could be read is in the slots, even if reading failed */
  const struct pkt_plan *kind =
      pkt_riding_plan(op->special->by_kind, NULL, item->layer, NULL, 0, PKT_REACH_ALL);
  if (!kind) return status;
  *item = begin_item(c, n);
  return read_as(item, kind);
}

struct pkt_layer *pkt_read_item(struct pkt_cursor *c, const struct pkt_op *op,
                                const struct pkt_plan *plan, uint32_t n) {
  struct pkt_cursor item = begin_item(c, n);
  if (item.depth > PKT_MAX_NEST) {
    pkt_fail(c->err, PKT_ERR_LIMIT, "packets nested deeper than %d", PKT_MAX_NEST);
    return NULL;
  }
  int status =
      plan ? read_as(&item, pkt_dissect_variant(plan, item.p, n)) : read_kind(c, &item, op, n);
  if (status != 0) return NULL;
  item.layer->offset = c->bit / 8;
  if (item.layer->plan->forgets) forget_lengths(item.layer);
  c->missing = item.missing;
  if (op->flags & PKT_OP_STACK) return item.layer; /* what it claims is what rides on it */
  return keep_rest(c, &item) == 0 ? item.layer : NULL;
}

/* What rides on an item, in the bytes that are left of what it claims; NULL: nothing. */
static const struct pkt_plan *rider_of(const struct pkt_layer *item, const uint8_t *p, uint32_t n) {
  return n > 0 ? pkt_dissect_next(item, NULL, p, n, PKT_REACH_ALL) : NULL;
}

static bool item_ends(const struct pkt_op *op, const struct pkt_layer *item) {
  const struct pkt_match *m = op->special->ends;
  return m && m->slot < item->plan->nops && item->slots[m->slot].num == m->value;
}

static bool item_continues(const struct pkt_op *op, const struct pkt_layer *item) {
  if (!op->special->more) return true;
  struct pkt_scope scope = {.layer = item};
  return item->plan == op->of && pkt_rule_eval(op->special->more, &scope) != 0;
}

/* Does a section claim more records than all sections have bytes? Then none is read, and what
** follows begins where the first section does, as with the reference. */
static bool has_too_many(struct pkt_cursor *c, const struct pkt_op *op, int64_t count) {
  if (!op->count || count <= (int64_t)c->n - c->sections / 8) return false;
  c->bit = c->sections;
  c->missing = 0;
  return true;
}

/* Read the next item, of at most 'left' bytes; as 'plan' if that isn't NULL. An item that can't
** be read becomes Raw, with all bytes that are left; but in a section of a chain that fails as a
** truncated field does. */
static struct pkt_layer *read_next(struct pkt_cursor *c, const struct pkt_op *op,
                                   const struct pkt_plan *plan, uint32_t left) {
  struct pkt_layer *item =
      op->element ? pkt_read_packet(c, op, left) : pkt_read_item(c, op, plan, left);
  if (item || pkt_is_fatal(c->err) || op->flags & PKT_OP_CHAIN) return item;
  item = raw_item(c, op->of->raw, op->element ? pkt_packet_size(c, op, left) : left);
  if (!item) pkt_read_no_memory(c);
  return item;
}

static int append(struct pkt_cursor *c, struct pkt_list *list, struct pkt_layer *item) {
  list->layers = grow(c->arena, list->layers, list->len, sizeof *list->layers);
  if (!list->layers) return pkt_read_no_memory(c);
  list->layers[list->len++] = item;
  return 0;
}

/* Read at most 'count' items, as long as they begin before 'end'. */
static int read_each(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_list *list,
                     uint32_t count, uint32_t end) {
  bool stack = (op->flags & PKT_OP_STACK) != 0;
  const struct pkt_plan *next = NULL; /* what rides on the last item of a stack */
  uint32_t top = end;                 /* the end of the stack that is read */
  while (list->len < count && c->bit / 8 < end) {
    if (op->special->stops && pkt_read_rule(c, op->special->stops)) break;
    uint32_t left = top - c->bit / 8;
    struct pkt_layer *item = read_next(c, op, next, left);
    if (!item) return -1;
    if (item->size == 0) break;
    if (append(c, list, item) != 0) return -1;
    if (stack && !next)
      top = c->bit / 8 + pkt_layer_extent(item, c->layer, c->p + c->bit / 8, left);
    c->bit += item->size * 8;
    if (item_ends(op, item) || !item_continues(op, item)) break;
    if (stack) next = rider_of(item, c->p + c->bit / 8, top - c->bit / 8);
    if (!next) top = end;
  }
  return 0;
}

/* Read the packets of a list that says it has some. */
static int read_items(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s,
                      int64_t said, uint32_t region) {
  uint32_t count = within(said), start = c->bit / 8, end = start + region;
  if (op->kind == PKT_LAYER && count > 1 && !(op->flags & PKT_OP_STACK)) count = 1;
  struct pkt_list *list = s->list = new_list(c);
  if (!list) return -1;
  if (op->flags & PKT_OP_CHAIN && has_too_many(c, op, said)) {
    list->as_bytes = true;
    return 0;
  }
  if (read_each(c, op, list, count, end) != 0) return -1;
  if (op->size && !op->count) c->bit = end * 8;
  list->raw_len = c->bit / 8 - start;
  return 0;
}

int pkt_read_layers(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  int64_t said = said_count(c, op);
  uint32_t region = list_region(c, op);
  bool section = (op->flags & PKT_OP_CHAIN) != 0;
  if (section && c->sections == 0) c->sections = c->bit;
  if (said > 0 && (region > 0 || section)) return read_items(c, op, s, said, region);
  s->list = new_list(c);
  return s->list ? 0 : -1;
}

int pkt_read_options(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t count = within(said_count(c, op)), region = list_region(c, op);
  struct pkt_list *list = s->list = new_list(c);
  if (!list) return -1;
  const uint8_t *p = list->raw;
  uint32_t at = 0;
  while (list->len < count && at < region) {
    list->options = grow(c->arena, list->options, list->len, sizeof *list->options);
    if (!list->options) return pkt_read_no_memory(c);
    struct pkt_option *o = &list->options[list->len];
    uint32_t size = pkt_option_read(op, p + at, region - at, o);
    if (size == 0) {
      list->rest = region - at;
      break;
    }
    list->len++;
    at += size;
    bool flag = o->form == PKT_OPTION_FLAG;
    if (flag && o->code == 0 && !(op->flags & PKT_OP_DHCP)) break; /* end of options */
  }
  list->raw_len = region;
  c->bit += region * 8;
  return 0;
}
