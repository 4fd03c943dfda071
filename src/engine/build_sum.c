/* build_sum.c - the checksums of a layer. */
#include <string.h>

#include "../wire/bits.h"
#include "../wire/checksum.h"
#include "build_inner.h"
#include "expand.h"

/* The address that an option of this extension header gives as the source (RFC 6275 section
** 6.1.7). */
static const struct pkt_slot *item_address(const struct pkt_layer *l) {
  const struct pkt_list *list = l->slots[l->plan->pseudo_items].list;
  for (uint32_t i = 0; list && i < list->len; i++)
    if (list->layers[i]->plan == l->plan->pseudo_item)
      return &list->layers[i]->slots[l->plan->pseudo_item_slot];
  return NULL;
}

/* The addresses of a pseudo-header. */
struct ends {
  uint32_t at; /* the network layer's index */
  const struct pkt_slot *src, *dst;
  struct pkt_slot made[2]; /* of a header that is compressed */
  uint8_t bytes[2][16];
};

/* The address of layer 'i' at one end; NULL: it is compressed, and can't be told. */
static const struct pkt_slot *end_of(const struct pkt_builder *b, uint32_t i, enum pkt_end end,
                                     struct ends *e) {
  const struct pkt_layer *l = b->packet->layers[i];
  const struct pkt_plan *plan = l->plan;
  if (plan->expansions[end].len == 0)
    return &l->slots[end == PKT_SOURCE ? plan->pseudo_src : plan->pseudo_dst];
  if (!pkt_expand(b->packet, i, end, e->bytes[end])) return NULL;
  e->made[end] = (struct pkt_slot){.bytes = e->bytes[end], .len = 16};
  return &e->made[end];
}

/* The final destination, where an extension header's list has it (RFC 8200 section 4.4). */
static const struct pkt_slot *listed_address(const struct pkt_layer *l) {
  const struct pkt_plan *plan = l->plan;
  const struct pkt_list *list = l->slots[plan->pseudo_last].list;
  struct pkt_scope scope = {.layer = l};
  if (!list || list->len == 0) return NULL;
  if (plan->pseudo_when && !pkt_rule_eval(plan->pseudo_when, &scope)) return NULL;
  return &list->slots[plan->pseudo_first ? 0 : list->len - 1];
}

/* The network layer whose addresses a checksum covers: itself, or right below, extension headers
** between. */
static const struct pkt_layer *find_ends(const struct pkt_builder *b, const struct pkt_checksum *k,
                                         struct ends *e) {
  e->src = e->dst = NULL;
  for (uint32_t i = b->at + (k->own ? 1 : 0); i-- > 0;) {
    const struct pkt_layer *l = b->packet->layers[i];
    const struct pkt_plan *plan = l->plan;
    if (plan->pseudo_src != PKT_NONE) {
      if (!e->src) e->src = end_of(b, i, PKT_SOURCE, e);
      if (!e->dst) e->dst = end_of(b, i, PKT_DESTINATION, e);
      e->at = i;
      return e->src && e->dst ? l : NULL;
    }
    if (!plan->pseudo_through) return NULL;
    if (plan->pseudo_item && !e->src) e->src = item_address(l);
    if (plan->pseudo_last != PKT_NONE && !e->dst) e->dst = listed_address(l);
  }
  return NULL;
}

/* Does layer 'at' hold Padding that the one being built doesn't? */
static bool holds_more(const struct pkt_builder *b, uint32_t at) {
  const struct pkt_packet *p = b->packet;
  for (uint32_t i = p->len; i-- > 0 && p->layers[i]->plan->is_padding;)
    if (p->layers[i]->inside > at && p->layers[i]->inside <= b->at) return true;
  return false;
}

/* The length for the pseudo-header: normally 'length', but what the network layer ('at') says if
** the user set that, unless the packet is a fragment or carries bytes behind the upper layer. */
static size_t upper_length(const struct pkt_builder *b, uint32_t at, size_t length) {
  const struct pkt_layer *net = b->packet->layers[at];
  const struct pkt_plan *plan = net->plan;
  if (!plan->pseudo_len || plan->pseudo_len_slot == PKT_NONE || net->joined) return length;
  if (net->slots[plan->pseudo_len_slot].state != PKT_SET || holds_more(b, at)) return length;
  struct pkt_scope scope = {.layer = net, .header = net->size};
  int64_t said = pkt_rule_eval(plan->pseudo_len, &scope);
  return said < 0 ? 0 : (size_t)said;
}

/* The pseudo-header's part of a sum (RFC 793 section 3.1, RFC 8200 section 8.1); false: there is
** no network layer below. */
static bool pseudo_sum(const struct pkt_builder *b, const struct pkt_checksum *k, size_t length,
                       uint64_t *sum) {
  struct ends e;
  const struct pkt_layer *net = find_ends(b, k, &e);
  if (!net) return k->pseudo_ipv6;
  uint32_t proto = (uint32_t)k->pseudo;
  uint8_t head[40];
  size_t n;
  if (net->plan->ops[net->plan->pseudo_src].kind == PKT_IPV4) {
    if (k->pseudo_ipv6) return true;
    pkt_put_be32(head, (uint32_t)e.src->num);
    pkt_put_be32(head + 4, (uint32_t)e.dst->num);
    pkt_put_be16(head + 8, (uint16_t)proto);
    bool all = k->over == NULL || k->whole; /* else it is no length that the network layer says */
    pkt_put_be16(head + 10, (uint16_t)(all ? upper_length(b, e.at, length) : length));
    n = 12;
  } else {
    if (e.src->len != 16 || e.dst->len != 16) return false;
    memcpy(head, e.src->bytes, 16);
    memcpy(head + 16, e.dst->bytes, 16);
    pkt_put_be32(head + 32, (uint32_t)length);
    pkt_put_be32(head + 36, proto);
    n = 40;
  }
  *sum = pkt_inet_add(*sum, head, n);
  return true;
}

/* The bytes that are summed: 'n' at 'p', of a layer that takes 'all' bytes together with what it
** carries. */
struct summed {
  const uint8_t *p;
  size_t n, all;
};

/* The sum as it is stored at p[at]; 'sum' is the value to start from, before any of these bytes. */
static uint64_t plain_sum(const struct pkt_builder *b, const struct pkt_checksum *k, uint64_t sum,
                          const struct summed *of, size_t at) {
  const uint8_t *p = of->p;
  size_t n = of->n, length = (k->whole ? of->all : n) + 2u * k->nwords;
  uint32_t v;
  switch (k->kind) {
    case PKT_SUM_CRC32: return pkt_crc32(0, p, n);
    case PKT_SUM_CRC32C: return __builtin_bswap32(pkt_crc32c(0, p, n)); /* RFC 9260 appendix A */
    case PKT_SUM_ADLER32: return pkt_adler32(1, p, n);
    case PKT_SUM_FLETCHER: return at + 2 <= n ? pkt_fletcher16(p, n, at) : 0;
    case PKT_SUM_CRC16: return pkt_crc16(0, p, n);
    case PKT_SUM_CRC24: return __builtin_bswap32(pkt_crc24(PKT_CRC24_ADVERTISING, p, n)) >> 8;
    default: break;
  }
  if (k->pseudo >= 0 && !pseudo_sum(b, k, length, &sum)) return 0;
  bool is_signed = k->kind == PKT_SUM_INET_SIGNED;
  v = pkt_inet_fold(is_signed ? pkt_inet_add_signed(sum, p, n) : pkt_inet_add(sum, p, n));
  return v == 0 ? k->zero_as : v;
}

static uint64_t checksum(const struct pkt_builder *b, const struct pkt_checksum *k, uint64_t sum,
                         const struct summed *of, size_t at) {
  return plain_sum(b, k, sum, of, at) ^ k->mask;
}

/* What a sum's rules are asked about; 'n' bytes lie from the layer's start on. */
static void sum_scope(const struct pkt_writer *w, size_t n, struct pkt_scope *scope) {
  pkt_written_scope(w, scope);
  scope->header = w->layer->size;
  scope->total = (int64_t)n;
  scope->payload = scope->total - scope->header;
}

/* The words that a sum counts before its bytes. */
static uint64_t sum_words(struct pkt_writer *w, const struct pkt_checksum *k, size_t n) {
  uint64_t sum = 0;
  struct pkt_scope scope;
  if (k->nwords == 0) return 0;
  sum_scope(w, n, &scope);
  for (unsigned i = 0; i < k->nwords; i++) {
    uint8_t word[2];
    pkt_put_be16(word, (uint16_t)pkt_rule_eval(k->words[i], &scope));
    sum = pkt_inet_add(sum, word, sizeof word);
  }
  return sum;
}

/* Where the bytes that a sum covers end, counted from the layer's start, of the 'n' that there
** are. */
static size_t covered(struct pkt_writer *w, const struct pkt_checksum *k, size_t n) {
  if (k->part == PKT_OVER_HEADER) return w->layer->size;
  if (!k->over) return n;
  struct pkt_scope scope;
  sum_scope(w, n, &scope);
  int64_t end = pkt_rule_eval(k->over, &scope);
  return end < 0 ? 0 : (uint64_t)end > n ? n : (size_t)end;
}

/* All of the bytes that a sum covers, of the 'n' from the layer's start on, counted from there. */
static struct pkt_cover cover_of(struct pkt_writer *w, const struct pkt_checksum *k, size_t n) {
  struct pkt_cover c = {.to = (uint32_t)covered(w, k, n)};
  c.from = k->part == PKT_OVER_PAYLOAD ? w->layer->size : k->from;
  if (c.from > c.to) c.from = c.to;
  if (k->without == PKT_NONE) return c;
  const struct pkt_slot *s = &w->layer->slots[k->without];
  c.hole_from = s->bit / 8;
  c.hole_to = c.hole_from + s->nbits / 8;
  return c;
}

/* Zero the field that a sum leaves out. Returns a copy of its bytes, to be put back afterwards;
** NULL if there is no such field, or no memory: then building has failed. */
static uint8_t *blank(struct pkt_writer *w, const struct pkt_cover *c, uint8_t *p) {
  uint32_t len = c->hole_to - c->hole_from;
  uint8_t *kept = len ? pkt_alloc(w->b->arena, len) : NULL;
  if (len && !kept) w->b->out->failed = true;
  if (!kept) return NULL;
  memcpy(kept, p + c->hole_from, len);
  memset(p + c->hole_from, 0, len);
  return kept;
}

static uint64_t sum_of(struct pkt_writer *w, const struct pkt_checksum *k, uint8_t *p, size_t n,
                       const struct pkt_slot *s) {
  struct pkt_cover c = cover_of(w, k, n);
  size_t size = c.to - c.from, at = s->bit / 8;
  uint8_t *kept = blank(w, &c, p);
  const struct summed of = {p + c.from, size, n};
  uint64_t sum = checksum(w->b, k, sum_words(w, k, n), &of, at < c.from ? c.to : at - c.from);
  if (kept) memcpy(p + c.hole_from, kept, c.hole_to - c.hole_from);
  return sum;
}

static bool holds(const struct pkt_writer *w, const struct pkt_rule *rule) {
  struct pkt_scope scope;
  pkt_written_scope(w, &scope);
  return pkt_rule_eval(rule, &scope) != 0;
}

/* The layer whose addresses a sum covers; false: it needs one, and there is none. */
static bool find_network(const struct pkt_builder *b, const struct pkt_checksum *k,
                         const struct pkt_layer **out) {
  struct ends e;
  const struct pkt_layer *net = k->pseudo >= 0 ? find_ends(b, k, &e) : NULL;
  bool has_ipv4 = net && net->plan->ops[net->plan->pseudo_src].kind == PKT_IPV4;
  *out = k->pseudo_ipv6 && has_ipv4 ? NULL : net;
  return net || k->pseudo < 0 || k->pseudo_ipv6;
}

/* Make offsets that are counted from the start of the layer, which lies at 'offset', count from
** the start of the packet. An empty hole, or one beyond what is covered, becomes no hole. */
static void place_cover(struct pkt_cover *c, uint32_t offset) {
  if (c->hole_from < c->from) c->hole_from = c->from;
  if (c->hole_to > c->to) c->hole_to = c->to;
  bool hole = c->hole_from < c->hole_to;
  c->hole_from = hole ? c->hole_from + offset : 0;
  c->hole_to = hole ? c->hole_to + offset : 0;
  c->from += offset;
  c->to += offset;
}

bool pkt_build_cover(const struct pkt_packet *p, uint32_t i, const struct pkt_op *op,
                     struct pkt_cover *out) {
  struct pkt_layer *layer = p->layers[i];
  struct pkt_builder b = {.packet = p, .at = i};
  struct pkt_writer w = pkt_writer_at(&b, layer, i > 0 ? p->layers[i - 1] : NULL, layer->offset);
  const struct pkt_layer *network;
  if (op->sum->part == PKT_OVER_BEFORE) return false; /* a layer isn't an item */
  if (op->sum->when && !holds(&w, op->sum->when)) return false;
  if (!find_network(&b, op->sum, &network)) return false;
  *out = cover_of(&w, op->sum, layer->avail - layer->trailer);
  place_cover(out, layer->offset);
  out->network = network;
  return true;
}

/* Store an item's sums over what precedes it; 'p' is the first byte of the packet that holds the
** item. */
static void close_item(const struct pkt_builder *b, struct pkt_layer *item, uint8_t *p) {
  for (unsigned i = 0; i < item->plan->nsums; i++) {
    const struct pkt_op *op = &item->plan->ops[item->plan->sums[i]];
    struct pkt_slot *s = &item->slots[item->plan->sums[i]];
    if (op->sum->part != PKT_OVER_BEFORE || s->state != PKT_WORKED || s->nbits == 0) continue;
    const struct summed of = {p, item->offset, item->offset};
    s->num = checksum(b, op->sum, 0, &of, item->offset);
    pkt_op_store(op, p + item->offset, s->bit, s->num);
  }
}

/* The layer's lengths are known by now. */
static void close_items(struct pkt_writer *w, uint8_t *p) {
  const struct pkt_plan *plan = w->layer->plan;
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_slot *s = &w->layer->slots[i];
    if (plan->ops[i].kind != PKT_LAYERS || s->none || !s->list) continue;
    if (s->list->raw && !s->list->anew) continue;
    for (uint32_t k = 0; k < s->list->len; k++)
      if (pkt_is_measured(s->list->layers[k])) close_item(w->b, s->list->layers[k], p);
  }
}

void pkt_store_checksums(struct pkt_writer *w, size_t end) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  uint8_t *p = (uint8_t *)w->b->out->data + w->start;
  if (w->b->late) close_items(w, p);
  for (unsigned i = 0; i < plan->nsums; i++) {
    const struct pkt_op *op = &plan->ops[plan->sums[i]];
    struct pkt_slot *s = &layer->slots[plan->sums[i]];
    if (layer->raw && s->state == PKT_SET) pkt_store_again(op, p, s);
    if (s->state != PKT_UNSET) continue;
    s->state = PKT_WORKED;
    if (op->sum->part == PKT_OVER_BEFORE) { /* whose turn comes when that is whole */
      w->b->late = true;
      continue;
    }
    if (op->sum->when && !holds(w, op->sum->when)) continue;
    s->num = sum_of(w, op->sum, p, end - w->start, s);
    if (s->nbits) pkt_op_store(op, p, s->bit, s->num);
  }
}
