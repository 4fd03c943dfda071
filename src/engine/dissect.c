/* dissect.c - bytes to packets. */
#include <string.h>

#include "dissect_inner.h"

/* Does a rule that looks at what comes next hold of these bytes? Where it asks for more than there
** are, it doesn't. */
static bool begins_so(const struct pkt_rule *when, const uint8_t *bytes, size_t n) {
  bool missing = false;
  if (when->peeks) {
    int64_t v = pkt_rule_peek(when->code, bytes, (int64_t)n, &missing);
    return pkt_rule_amount(when, v) && !missing;
  }
  struct pkt_scope scope = {
      .peek = bytes, .left = (int64_t)n, .total = (int64_t)n, .missing = &missing};
  return pkt_rule_eval(when, &scope) && !missing;
}

const struct pkt_plan *pkt_dissect_variant(const struct pkt_plan *plan, const uint8_t *bytes,
                                           size_t n) {
  for (unsigned i = 0; i < plan->nvariants; i++)
    if (begins_so(plan->variants[i].when, bytes, n)) return plan->variants[i].plan;
  return plan;
}

const struct pkt_plan *pkt_dissect_link(const struct pkt_registry *r, uint32_t type,
                                        const uint8_t *bytes, size_t n) {
  for (uint32_t i = type < PKT_USUAL_LINKS ? r->first_link[type] : 0; i < r->nlinks; i++) {
    const struct pkt_link *link = &r->links[i];
    if (link->type != type) continue;
    if (!link->when || begins_so(link->when, bytes, n)) return link->plan;
  }
  return r->raw;
}

static int check_length(size_t n, struct pkt_err *err) {
  if (n <= PKT_MAX_PACKET) return 0;
  return pkt_fail(err, PKT_ERR_LIMIT, "%zu bytes are more than the %d that a packet may have", n,
                  PKT_MAX_PACKET);
}

/* How many of the bytes are the layer's own. A function of its own, and not inlined, since few
** protocols say so. */
__attribute__((noinline)) static uint32_t own_bytes(const struct pkt_plan *plan, const uint8_t *p,
                                                    uint32_t n) {
  bool missing = false;
  struct pkt_scope scope = {.peek = p, .left = n, .total = n, .missing = &missing};
  int64_t own = pkt_rule_eval(plan->own, &scope);
  return missing || own < 0 || own > n ? n : (uint32_t)own;
}

/* Read the layer that the 'n' bytes at 'p' begin with. */
static struct pkt_layer *read_one(struct pkt_cursor *c, const struct pkt_plan *plan,
                                  const struct pkt_layer *below, const uint8_t *p, uint32_t n) {
  struct pkt_layer *layer = c->layer = pkt_layer_alloc(c->arena, plan, plan->nops);
  if (!layer) {
    pkt_read_no_memory(c);
    return NULL;
  }
  if (plan->own) n = own_bytes(plan, p, n);
  c->below = below;
  c->p = c->message = p;
  c->n = c->message_len = n;
  c->bit = c->sections = c->missing = 0;
  c->pointed = &layer->compress;
  if (plan->is_raw && n > 0) {
    pkt_read_raw(layer, p, n);
    return layer;
  }
  if (pkt_read_layer(c) != 0) return NULL;
  if (layer->trailer) pkt_read_trailer(c, pkt_layer_extent(layer, below, p, n) - layer->trailer);
  return layer;
}

struct pkt_layer *pkt_dissect_layer(struct pkt_arena *arena, const struct pkt_plan *plan,
                                    const struct pkt_layer *below, const uint8_t *bytes, size_t n,
                                    struct pkt_err *err) {
  struct pkt_cursor c = {.arena = arena, .err = err};
  return check_length(n, err) == 0 ? read_one(&c, plan, below, bytes, (uint32_t)n) : NULL;
}

int pkt_dissect_field(struct pkt_arena *arena, struct pkt_layer *layer, const struct pkt_op *op,
                      const uint8_t *bytes, size_t n, struct pkt_slot *slot, struct pkt_err *err) {
  if (n > PKT_MAX_PACKET)
    return pkt_fail(err, PKT_ERR_LIMIT, "%s.%s: %zu bytes are more than the %d of a packet",
                    layer->plan->id, op->id, n, PKT_MAX_PACKET);
  bool pointed;
  struct pkt_cursor c = {.arena = arena,
                         .layer = layer,
                         .p = bytes,
                         .n = (uint32_t)n,
                         .message = bytes,
                         .message_len = (uint32_t)n,
                         .pointed = &pointed,
                         .err = err};
  struct pkt_op alone = *op; /* its size is that of the bytes */
  alone.size = alone.count = NULL;
  if (n < 2 && alone.access == PKT_AT_BITS16) alone.access = PKT_AT_BITS; /* it takes two bytes */
  return pkt_read_op(&c, &alone, slot);
}

static bool is_read(const struct pkt_slot *s) {
  return s->state == PKT_SET || s->state == PKT_UNREAD;
}

static bool slot_has(const struct pkt_slot *s, const struct pkt_match *m) {
  if (!is_read(s)) return false;
  if (!m->bytes) return s->num == m->value;
  return s->len == m->len && memcmp(s->bytes, m->bytes, m->len) == 0;
}

/* Not inlined: few riders have a condition, and its scope takes stack space and time. */
__attribute__((noinline)) static bool bytes_fit(const struct pkt_rule *when,
                                                const struct pkt_layer *below, const uint8_t *p,
                                                size_t n) {
  struct pkt_scope scope = {.below = below, .peek = p, .left = (int64_t)n, .total = (int64_t)n};
  return pkt_rule_eval(when, &scope) != 0;
}

/* Does a rider claim what follows 'layer', whose payload is p[0..n)? The first 'held' of its
** matches are already known to hold. */
static inline bool rider_claims(const struct pkt_rider *r, unsigned held,
                                const struct pkt_layer *layer, const uint8_t *p, size_t n,
                                enum pkt_reach reach) {
  if (r->upper->extra && reach == PKT_REACH_USUAL && !layer->plan->extra) return false;
  for (unsigned i = held; i < r->nmatches; i++)
    if (!slot_has(&layer->slots[r->match[i].slot], &r->match[i])) return false;
  return !r->when || bytes_fit(r->when, layer, p, n);
}

static const struct pkt_bucket *find_bucket(const struct pkt_table *t, uint64_t value) {
  uint32_t h = (uint32_t)(value * 0x9e3779b97f4a7c15u >> 32) & t->mask;
  while (t->buckets[h].len != 0 && t->buckets[h].value != value) h = (h + 1) & t->mask;
  return &t->buckets[h];
}

/* The first of a table's riders that claims what follows, if its rank is below 'rank'; NULL:
** none. */
static inline const struct pkt_rider *first_rider(const struct pkt_table *t, uint32_t rank,
                                                  const struct pkt_layer *layer, const uint8_t *p,
                                                  size_t n, enum pkt_reach reach) {
  const struct pkt_slot *s = &layer->slots[t->slot];
  const struct pkt_bucket *b = find_bucket(t, s->num);
  if (b->len == 0 || !is_read(s)) return NULL;
  const struct pkt_rider *const *r = b->riders, *const *end = r + b->len;
  do {
    if ((*r)->rank >= rank) return NULL;
    if (rider_claims(*r, 1, layer, p, n, reach)) return *r;
  } while (++r < end);
  return NULL;
}

const struct pkt_plan *pkt_riding_plan(const struct pkt_riders *riders,
                                       const struct pkt_plan *fallback,
                                       const struct pkt_layer *layer, const uint8_t *p, size_t n,
                                       enum pkt_reach reach) {
  const struct pkt_rider *r;
  uint32_t rank = UINT32_MAX;
  for (const struct pkt_table *t = riders->tables; t < riders->tables + riders->ntables; t++) {
    r = first_rider(t, rank, layer, p, n, reach);
    if (!r) continue;
    fallback = r->upper;
    rank = r->rank;
  }
  for (unsigned i = 0; i < riders->nloose && (r = riders->loose[i])->rank < rank; i++)
    if (rider_claims(r, 0, layer, p, n, reach)) return r->upper;
  return fallback;
}

static bool is_next(const struct pkt_next *next, const struct pkt_layer *layer,
                    const struct pkt_layer *below, const uint8_t *p, size_t n) {
  if (!next->when) return true;
  if (pkt_rule_is_quick(next->when)) return pkt_rule_quick(next->when, layer) != 0;
  struct pkt_scope scope = {.layer = layer,
                            .below = below,
                            .peek = p,
                            .left = (int64_t)n,
                            .payload = (int64_t)n,
                            .header = layer->size,
                            .total = layer->avail - layer->trailer};
  return pkt_rule_eval(next->when, &scope) != 0;
}

const struct pkt_plan *pkt_dissect_next(const struct pkt_layer *layer,
                                        const struct pkt_layer *below, const uint8_t *p, size_t n,
                                        enum pkt_reach reach) {
  const struct pkt_plan *plan = layer->plan;
  for (unsigned i = 0; i < plan->nnext; i++)
    if (is_next(&plan->next[i], layer, below, p, n)) return plan->next[i].plan;
  return pkt_riding_plan(&plan->riders, plan->fallback, layer, p, n, reach);
}

/* Did the bytes end before the field without which the layer can't be? */
static bool lacks_required(const struct pkt_layer *layer) {
  uint16_t slot = layer->plan->required;
  return layer->unread && slot != PKT_NONE && layer->slots[slot].state == PKT_UNREAD;
}

uint32_t pkt_layer_extent(const struct pkt_layer *layer, const struct pkt_layer *below,
                          const uint8_t *p, uint32_t n) {
  struct pkt_scope scope = {.layer = layer,
                            .below = below,
                            .peek = p + layer->size,
                            .left = n - layer->size,
                            .payload = n - layer->size,
                            .header = layer->size,
                            .total = n};
  const struct pkt_rule *rule = layer->plan->extent;
  int64_t extent = rule ? pkt_rule_eval(rule, &scope) : n;
  if (extent < layer->size + layer->trailer) return layer->size + layer->trailer;
  return extent > n ? n : (uint32_t)extent;
}

uint32_t pkt_dissect_carried(const struct pkt_layer *layer, const struct pkt_layer *below) {
  return pkt_layer_extent(layer, below, layer->raw, layer->avail) - layer->size - layer->trailer;
}

/* A layer's bytes: from 'p', which lies 'offset' bytes behind the packet's start. */
struct piece {
  const uint8_t *p;
  uint32_t n, offset;
  uint16_t inside; /* of Padding: so many layers hold it */
};

static struct pkt_layer *plain_layer(struct pkt_cursor *c, const struct pkt_plan *plan,
                                     const struct piece *piece) {
  struct pkt_layer *layer = read_one(c, plan, NULL, piece->p, piece->n);
  if (layer) layer->offset = piece->offset;
  return layer;
}

/* Read these bytes as 'plan'; if that fails, then as Raw, unless it is the first layer. */
static struct pkt_layer *read_as(struct pkt_cursor *c, const struct pkt_plan *plan,
                                 const struct pkt_layer *below, const struct piece *piece,
                                 bool full) {
  if (full) return plain_layer(c, plan->raw, piece);
  const struct pkt_plan *variant =
      plan->nvariants > 0 ? pkt_dissect_variant(plan, piece->p, piece->n) : plan;
  struct pkt_layer *layer = read_one(c, variant, below, piece->p, piece->n);
  if (!below || (!layer && c->err->code == PKT_ERR_MEMORY)) return layer;
  if (!layer || lacks_required(layer)) return plain_layer(c, plan->raw, piece);
  layer->offset = piece->offset;
  return layer;
}

static int add_padding(struct pkt_cursor *c, struct pkt_packet *packet, const struct piece *padding,
                       uint32_t n) {
  const struct pkt_plan *plan = packet->layers[0]->plan->padding;
  while (n-- > 0) { /* the innermost layer's comes first */
    struct pkt_layer *layer = plain_layer(c, plan, &padding[n]);
    if (!layer) return -1;
    layer->inside = padding[n].inside;
    packet->layers[packet->len++] = layer;
  }
  return 0;
}

enum pkt_reach pkt_reach_of(const struct pkt_packet *p, enum pkt_reach reach) {
  for (uint32_t i = 0; i < p->len; i++)
    if (p->layers[i]->plan->extra) return PKT_REACH_ALL;
  return reach;
}

/* Make a layer of those bytes of a layer's own that its fields don't cover. */
static int add_rest(struct pkt_cursor *c, struct pkt_packet *packet, const struct pkt_layer *layer,
                    struct piece *rest) {
  uint32_t n = layer->avail - layer->size;
  if (n == 0 || packet->len >= PKT_MAX_LAYERS) return 0;
  const struct piece piece = {rest->p, n, rest->offset, 0};
  struct pkt_layer *raw = plain_layer(c, layer->plan->raw, &piece);
  if (!raw) return -1;
  raw->of_own = true;
  packet->layers[packet->len++] = raw;
  rest->p += n;
  rest->n -= n;
  rest->offset += n;
  return 0;
}

/* Is the rest, 'n' bytes to be read as 'plan' above 'layer', left for pkt_dissect_on()? Not where
** the layer's own bytes weren't all of its fields, nor where reading on is of no use. */
static bool is_enough(struct pkt_packet *packet, const struct pkt_layer *layer,
                      const struct pkt_sought *sought, unsigned found, const struct pkt_plan *plan,
                      uint32_t n) {
  bool full = packet->len >= PKT_MAX_LAYERS;
  if (n == 0 || full || layer->plan->own || pkt_is_promising(sought, found, plan)) return false;
  packet->above = plan;
  return true;
}

/* How a packet's layers are read: as which protocols, and what is sought (NULL: read
** everything). */
struct way {
  enum pkt_reach reach;
  const struct pkt_sought *sought;
};

/* Read a packet's next layers, from the one as 'plan' up, out of all bytes that are there for
** them. */
static int read_up(struct pkt_arena *arena, struct pkt_packet *packet, const struct pkt_plan *plan,
                   struct piece rest, struct way way, struct pkt_err *err) {
  struct piece padding[PKT_MAX_LAYERS + 1];
  uint32_t paddings = 0;
  unsigned found = 0;
  struct pkt_cursor c = {.arena = arena, .err = err};
  const struct pkt_layer *below = packet->len > 0 ? packet->layers[packet->len - 1] : NULL;
  do {
    bool full = packet->len >= PKT_MAX_LAYERS;
    struct pkt_layer *layer = read_as(&c, plan, below, &rest, full);
    if (!layer) return -1;
    packet->layers[packet->len++] = layer;
    uint16_t at = (uint16_t)(packet->len - 1);
    if (layer->plan->is_padding && at > 0) layer->inside = (uint16_t)(at - 1);
    uint32_t extent = rest.n;
    if (layer->plan->extent) extent = pkt_layer_extent(layer, below, rest.p, rest.n);
    if (extent < rest.n)
      padding[paddings++] =
          (struct piece){rest.p + extent, rest.n - extent, rest.offset + extent, at};
    rest.p += layer->size;
    rest.n = extent - layer->size - layer->trailer;
    rest.offset += layer->size;
    if (layer->plan->own && add_rest(&c, packet, layer, &rest) != 0) return -1;
    if (rest.n > 0) plan = pkt_dissect_next(layer, below, rest.p, rest.n, way.reach);
    if (way.sought) found |= way.sought->prospects[layer->plan->index].is;
    if (way.sought && paddings == 0 && is_enough(packet, layer, way.sought, found, plan, rest.n))
      return 0;
    below = layer;
  } while (rest.n > 0);
  return paddings > 0 ? add_padding(&c, packet, padding, paddings) : 0;
}

struct pkt_packet *pkt_dissect_sought(struct pkt_arena *arena, const struct pkt_plan *plan,
                                      const uint8_t *bytes, size_t n, enum pkt_reach reach,
                                      const struct pkt_sought *sought, struct pkt_err *err) {
  struct pkt_packet *packet = pkt_packet_new(arena);
  if (!packet) {
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    return NULL;
  }
  if (check_length(n, err) != 0) return NULL;
  struct piece all = {bytes, (uint32_t)n, 0, 0};
  struct way way = {reach, sought};
  return read_up(arena, packet, plan, all, way, err) == 0 ? packet : NULL;
}

struct pkt_packet *pkt_dissect(struct pkt_arena *arena, const struct pkt_plan *plan,
                               const uint8_t *bytes, size_t n, enum pkt_reach reach,
                               struct pkt_err *err) {
  return pkt_dissect_sought(arena, plan, bytes, n, reach, NULL, err);
}

int pkt_dissect_above(struct pkt_arena *arena, struct pkt_packet *p, uint32_t at,
                      const struct pkt_plan *plan, const uint8_t *bytes, size_t n,
                      enum pkt_reach reach, struct pkt_err *err) {
  const struct pkt_layer *layer = p->layers[at];
  p->len = at + 1;
  p->above = NULL;
  if (check_length(n, err) != 0) return -1;
  if (n == 0) return 0;
  struct piece rest = {bytes, (uint32_t)n, layer->offset + layer->size, 0};
  if (!plan) plan = pkt_dissect_next(layer, at > 0 ? p->layers[at - 1] : NULL, bytes, n, reach);
  return read_up(arena, p, plan, rest, (struct way){reach, NULL}, err);
}

int pkt_dissect_on(struct pkt_arena *arena, struct pkt_packet *p, enum pkt_reach reach,
                   struct pkt_err *err) {
  if (!p->above) return 0;
  const struct pkt_layer *layer =
      p->layers[p->len - 1]; /* whose extent is all that it could read */
  uint32_t n = layer->avail - layer->size - layer->trailer;
  return pkt_dissect_above(arena, p, p->len - 1, p->above, layer->raw + layer->size, n, reach, err);
}
