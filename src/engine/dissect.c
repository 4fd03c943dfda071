/* dissect.c - bytes to slots. */
#include "dissect.h"

#include <stdio.h>
#include <string.h>

#include "../wire/ber.h"
#include "../wire/bits.h"
#include "name.h"
#include "option.h"

/* Where reading stands. Everything is relative to the layer that is being read. */
struct cursor {
  struct pkt_arena *arena;
  struct pkt_layer *layer;
  const struct pkt_layer *below;
  const uint8_t *p;       /* the layer's first byte */
  uint32_t n;             /* bytes that it and all it carries may take */
  uint32_t bit;           /* the next bit to read */
  const uint8_t *message; /* start of the message that domain names point into */
  uint32_t message_len;
  uint32_t sections; /* the bit where the layer's first section of records begins; 0: none yet */
  uint32_t missing;  /* bytes that were announced, but lie behind the end */
  int depth;
  bool *pointed; /* set when a domain name holds a pointer */
  struct pkt_err *err;
};

static int read_layer(struct cursor *c);
static int read_body(struct cursor *c);
static void read_trailer(struct cursor *c, uint32_t at);
static const struct pkt_plan *next_plan(const struct pkt_layer *layer, const uint8_t *p, size_t n,
                                        enum pkt_reach reach);
static int read_op(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s);

static int out_of_memory(struct cursor *c) {
  return pkt_fail(c->err, PKT_ERR_MEMORY, "out of memory");
}

static int truncated(struct cursor *c, const struct pkt_op *op, uint32_t bits) {
  return pkt_fail(c->err, PKT_ERR_TRUNCATED, "%s.%s: %u bits at byte %u, but only %u are left",
                  c->layer->plan->id, pkt_op_name(op), bits, c->bit / 8, c->n * 8 - c->bit);
}

/* Bytes that haven't been begun. */
static uint32_t bytes_left(const struct cursor *c) {
  uint32_t at = (c->bit + 7) / 8;
  return at < c->n ? c->n - at : 0;
}

static struct pkt_scope scope_of(const struct cursor *c) {
  uint32_t left = bytes_left(c);
  return (struct pkt_scope){
      .layer = c->layer,
      .below = c->below,
      .peek = c->p + (c->n - left),
      .left = left,
      .total = c->n,
      .header = c->bit / 8,
      .payload = left,
  };
}

static int64_t eval(const struct cursor *c, const struct pkt_rule *rule) {
  if (pkt_rule_is_quick(rule)) return pkt_rule_quick(rule, c->layer);
  struct pkt_scope scope = scope_of(c);
  return pkt_rule_eval(rule, &scope);
}

/* A count that a rule gives, kept within 0 and 'most'. */
static uint32_t eval_count(const struct cursor *c, const struct pkt_rule *rule, uint32_t most) {
  int64_t v = eval(c, rule);
  if (v < 0) return 0;
  return v > most ? most : (uint32_t)v;
}

/* The bytes of the 'left' that a rule gives a field: one below 0, from a length that is too small
** for what it counts, leaves out so many bytes at the end, as the reference has it. */
static uint32_t eval_size(const struct cursor *c, const struct pkt_rule *rule, uint32_t left) {
  int64_t v = eval(c, rule);
  if (v >= 0) return v > left ? left : (uint32_t)v;
  return v < -(int64_t)left ? 0 : left - (uint32_t)-v;
}

static void read_sign(const struct pkt_op *op, struct pkt_slot *s) {
  s->num = pkt_sign_extend(s->num, op->width);
  s->negative = (int64_t)s->num < 0;
}

/* The first bytes of an IPv4 address; the others are zeros. */
static int read_prefix4(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t left = bytes_left(c), n = eval_size(c, op->size, left < 4 ? left : 4);
  s->num = n ? pkt_get_be(c->p + (c->n - left), n) << (32 - n * 8) : 0;
  c->bit += n * 8;
  return 0;
}

static int read_uint(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  if (op->kind == PKT_IPV4 && op->size) return read_prefix4(c, op, s);
  if (pkt_op_end(op, c->bit) > c->n * 8) return truncated(c, op, op->width);
  s->num = pkt_op_load(op, c->p, c->bit) ^ op->mask;
  if (op->flags & PKT_OP_SIGNED) read_sign(op, s);
  c->bit += op->width;
  return 0;
}

/* Take 'n' whole bytes as they are. */
static void take_bytes(struct cursor *c, struct pkt_slot *s, uint32_t n) {
  s->bytes = c->p + c->bit / 8;
  s->len = n;
  c->bit += n * 8;
}

/* Bytes behind a count of their own, as in a character string of RFC 1035 section 3.3. */
static int read_counted(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  if (bytes_left(c) < op->counted) return truncated(c, op, op->counted * 8u);
  uint64_t n = pkt_get_be(c->p + c->bit / 8, op->counted);
  c->bit += op->counted * 8u;
  uint32_t left = bytes_left(c);
  take_bytes(c, s, n > left ? left : (uint32_t)n);
  return 0;
}

/* Bytes up to a byte that ends them; where it doesn't come, all that is left, or that the size
** allows. Of a fixed size all bytes are taken. */
static int read_ended(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t left = bytes_left(c), start = c->bit;
  if (op->size) left = eval_size(c, op->size, left);
  if (op->fixed_size && op->fixed_size < left) left = op->fixed_size;
  const uint8_t *p = c->p + c->bit / 8;
  const uint8_t *end = memchr(p, op->fill, left);
  take_bytes(c, s, end ? (uint32_t)(end - p) : left);
  if (op->fixed_size)
    c->bit = start + left * 8;
  else if (end && !(op->flags & PKT_OP_APART))
    c->bit += 8;
  return 0;
}

/* Which of the texts the 'n' bytes begin with, the longest of them; NULL: none. */
static const uint8_t *text_at(const struct pkt_texts *t, const uint8_t *p, uint32_t n,
                              uint32_t *len) {
  const uint8_t *best = NULL;
  *len = 0;
  for (uint32_t i = 0; i < t->len; i++) {
    if (t->lens[i] > n || t->lens[i] <= *len || memcmp(p, t->texts[i], t->lens[i]) != 0) continue;
    best = t->texts[i];
    *len = t->lens[i];
  }
  return best;
}

/* The bytes before one that a text may begin with. */
static uint32_t until_first(const struct pkt_texts *t, const uint8_t *p, uint32_t n) {
  for (uint32_t i = 0; i < t->nfirsts; i++) {
    const uint8_t *at = memchr(p, t->firsts[i], n);
    if (at) n = (uint32_t)(at - p);
  }
  return n;
}

/* Bytes up to the first of some texts, or all that is left; or one of some texts, or nothing. */
static int read_text(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t left = bytes_left(c), n = 0;
  const uint8_t *p = c->p + (c->n - left);
  if (op->flags & PKT_OP_ONE_OF) {
    uint32_t len;
    take_bytes(c, s, text_at(op->texts, p, left, &len) ? len : 0);
    return 0;
  }
  for (uint32_t len;; n++) {
    n += until_first(op->texts, p + n, left - n);
    if (n == left || text_at(op->texts, p + n, left - n, &len)) break;
  }
  take_bytes(c, s, n);
  return 0;
}

static int read_netbios(struct cursor *c, struct pkt_slot *s) {
  uint32_t left = bytes_left(c), n = left < PKT_NETBIOS_SIZE ? left : PKT_NETBIOS_SIZE;
  uint8_t *name = pkt_calloc(c->arena, PKT_NETBIOS_SIZE);
  if (!name) return out_of_memory(c);
  s->bytes = name;
  s->len = pkt_name_netbios_read(name, c->p + c->bit / 8, n);
  c->bit += n * 8;
  return 0;
}

static int read_bytes(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t left = bytes_left(c), n = left;
  if (op->flags & PKT_OP_ENDED) return read_ended(c, op, s);
  if (op->texts) return read_text(c, op, s);
  if (op->flags & PKT_OP_NETBIOS) return read_netbios(c, s);
  if (op->counted) return read_counted(c, op, s);
  if (op->flags & PKT_OP_EXACT && left < op->fixed_size)
    return truncated(c, op, op->fixed_size * 8);
  if (op->fixed_size)
    n = op->fixed_size < left ? op->fixed_size : left;
  else if (op->size) {
    int64_t wanted = eval(c, op->size);
    n = eval_size(c, op->size, left);
    if (wanted > left && wanted < PKT_MAX_PACKET) c->missing += (uint32_t)wanted - left;
  }
  take_bytes(c, s, n);
  return 0;
}

/* The first bytes of an address; the others are zeros. */
static int read_prefix(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t left = bytes_left(c), n = eval_size(c, op->size, left < 16 ? left : 16);
  uint8_t *address = pkt_calloc(c->arena, 16);
  if (!address) return out_of_memory(c);
  memcpy(address, c->p + c->bit / 8, n);
  s->bytes = address;
  s->len = 16;
  c->bit += n * 8;
  return 0;
}

static int read_ipv6(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  if (op->size) return read_prefix(c, op, s);
  if (bytes_left(c) < 16) return truncated(c, op, 128);
  take_bytes(c, s, 16);
  return 0;
}

/* A name whose text ends in a dot only where there is a root: 'n' bytes hold all of its labels. */
static uint32_t partial_len(const char *text, uint32_t len, uint32_t n) {
  bool root = n > len || (n == 1 && text[0] == '.');
  return root ? len : len - 1;
}

static int read_name(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t at = (uint32_t)(c->p - c->message) + c->bit / 8, next;
  uint32_t left = bytes_left(c), end = at + (op->size ? eval_size(c, op->size, left) : left);
  const char *text;
  uint32_t len, missing;
  if (pkt_name_read(c->arena, c->message, c->message_len, at, end, &text, &len, &next, &missing,
                    c->pointed) != 0)
    return pkt_fail(c->err, PKT_ERR_MALFORMED, "%s.%s: no domain name at byte %u",
                    c->layer->plan->id, pkt_op_name(op), c->bit / 8);
  if (op->flags & PKT_OP_NODE && len > 0) {
    /* no dot at the end, so that the fill can be told from it */
    uint32_t fill = pkt_name_node_fill(text, len - 1);
    bool filled = fill <= end - next;
    for (uint32_t i = 0; filled && i < fill; i++) filled = c->message[next + i] == 0;
    if (filled) {
      len--;
      next += fill;
    }
  }
  if (op->flags & PKT_OP_PARTIAL) len = partial_len(text, len, next - at);
  if (op->flags & PKT_OP_OPTIONAL && next == at) len = 0;
  c->missing += missing;
  if (op->size) next = end; /* what is left of a sized name belongs to it */
  s->bytes = (const uint8_t *)text;
  s->len = len;
  c->bit += (next - at) * 8;
  return 0;
}

/* The bytes that a list may take, and how many items at most. */
static uint32_t list_region(const struct cursor *c, const struct pkt_op *op, uint32_t *count) {
  uint32_t left = bytes_left(c);
  *count = op->count ? eval_count(c, op->count, PKT_MAX_ITEMS) : PKT_MAX_ITEMS;
  return op->size ? eval_size(c, op->size, left) : left;
}

static struct pkt_list *new_list(struct cursor *c) {
  struct pkt_list *list = pkt_calloc(c->arena, sizeof *list);
  if (!list) {
    out_of_memory(c);
    return NULL;
  }
  list->raw = c->p + c->bit / 8;
  return list;
}

/* Make room for one more item of 'size' bytes in an array of 'len': doubling, in the arena. */
static void *grow(struct pkt_arena *a, void *items, uint32_t len, size_t size) {
  if (len != 0 && (len < 8 || (len & (len - 1)) != 0)) return items;
  uint32_t room = len == 0 ? 8 : len * 2;
  void *more = pkt_alloc(a, room * size);
  if (more && len) memcpy(more, items, len * size);
  return more;
}

static int read_list(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t count, whole = c->n;
  uint32_t region = list_region(c, op, &count);
  struct pkt_list *list = s->list = new_list(c);
  if (!list) return -1;
  uint32_t start = c->bit;
  c->n = c->bit / 8 + region;
  int status = 0;
  while (list->len < count && bytes_left(c) > 0) {
    uint32_t before = c->bit;
    list->slots = grow(c->arena, list->slots, list->len, sizeof *list->slots);
    if (!list->slots) return out_of_memory(c);
    struct pkt_slot *item = &list->slots[list->len];
    memset(item, 0, sizeof *item);
    item->bit = c->bit;
    item->state = PKT_SET;
    status = read_op(c, op->item, item);
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

static bool slot_has(const struct pkt_slot *s, const struct pkt_match *m) {
  if (s->state != PKT_SET && s->state != PKT_UNREAD) return false;
  if (!m->bytes) return s->num == m->value;
  return s->len == m->len && memcmp(s->bytes, m->bytes, m->len) == 0;
}

/* Do the fields of 'layer' have all the values that the rider asks for? */
static inline bool fields_match(const struct pkt_rider *r, const struct pkt_layer *layer) {
  for (unsigned i = 0; i < r->nmatches; i++)
    if (!slot_has(&layer->slots[r->match[i].slot], &r->match[i])) return false;
  return true;
}

/* The plan that an item's bytes ask for: the list's 'of', or one that rides on the list. Where the item
** had to be read as 'of' to know, and is one, item->layer is it. */
static const struct pkt_plan *item_plan(struct cursor *item, const struct pkt_op *op) {
  const struct pkt_plan *variant = pkt_dissect_variant(op->of, item->p, item->n);
  if (variant == op->of && op->flags & PKT_OP_KNOWN) return op->of->raw;
  if (variant != op->of || op->pick_keys == 0) return variant;
  struct cursor probe = *item;
  struct pkt_err ignored;
  probe.err = &ignored;
  probe.layer = pkt_layer_new(item->arena, op->of);
  if (!probe.layer) return op->of;
  int status = read_layer(&probe); /* what it could read is in the slots, even if it failed */
  for (uint32_t i = 0; i < op->pick_keys; i++)
    if (fields_match(&op->kinds[i], probe.layer)) return op->kinds[i].upper;
  if (status != 0 || op->of->trailer) return op->of;
  probe.err = item->err;
  *item = probe;
  return op->of;
}

static uint32_t layer_extent(const struct pkt_layer *layer, const struct pkt_layer *below,
                             const uint8_t *p, uint32_t n);
static struct pkt_layer *read_packet(struct cursor *c, const struct pkt_op *op, uint32_t n);

/* Fields that aren't kept where they were read, but worked out anew when the list is written. */
static void forget_lengths(struct pkt_layer *item) {
  for (unsigned i = 0; i < item->plan->nops; i++) {
    if (!(item->plan->ops[i].flags & PKT_OP_FORGET)) continue;
    item->slots[i].none = true;
    item->slots[i].state = PKT_UNSET;
  }
}

static struct pkt_layer *raw_item(struct cursor *c, const struct pkt_plan *raw, uint32_t n);

/* An item takes all that its own length claims; what it didn't read of that is Raw on top of it, and
** its trailer is behind. */
static int keep_rest(struct cursor *c, struct cursor *item) {
  struct pkt_layer *layer = item->layer;
  uint32_t whole = layer->size + layer->trailer, extent = whole;
  if (layer->plan->extent) extent = layer_extent(layer, c->layer, item->p, item->n);
  if (layer->trailer) read_trailer(item, extent - layer->trailer);
  item->bit = layer->size * 8;
  layer->size = extent;
  layer->trailer = 0;
  if (extent == whole) return 0;
  layer->rest = raw_item(item, layer->plan->raw, extent - whole);
  return layer->rest ? 0 : out_of_memory(c);
}

/* Read one nested packet of at most 'n' bytes at the cursor, as 'plan' if that is known. NULL: it
** can't be read. */
static struct pkt_layer *read_item(struct cursor *c, const struct pkt_op *op,
                                   const struct pkt_plan *plan, uint32_t n) {
  uint32_t at = c->bit / 8;
  struct cursor item = {
      .arena = c->arena,
      .below = c->layer,
      .p = c->p + at,
      .n = n,
      .message = c->message,
      .message_len = c->message_len,
      .depth = c->depth + 1,
      .pointed = c->pointed,
      .err = c->err,
  };
  if (item.depth > PKT_MAX_NEST) {
    pkt_fail(c->err, PKT_ERR_LIMIT, "packets nested deeper than %d", PKT_MAX_NEST);
    return NULL;
  }
  plan = plan ? pkt_dissect_variant(plan, item.p, n) : item_plan(&item, op);
  if (!item.layer) {
    item.layer = pkt_layer_alloc(c->arena, plan);
    if (!item.layer || (plan->trailer ? read_body(&item) : read_layer(&item)) != 0) return NULL;
  }
  item.layer->offset = at;
  if (plan->forgets) forget_lengths(item.layer);
  c->missing = item.missing;
  if (op->flags & PKT_OP_STACK) return item.layer; /* what it claims is what rides on it */
  return keep_rest(c, &item) == 0 ? item.layer : NULL;
}

/* What rides on an item, in the bytes that are left of what it claims; NULL: nothing. */
static const struct pkt_plan *rider_of(const struct pkt_layer *item, const uint8_t *p, uint32_t n) {
  return n > 0 ? next_plan(item, p, n, PKT_REACH_ALL) : NULL;
}

/* An item that can't be read takes what is left as Raw. */
static struct pkt_layer *raw_item(struct cursor *c, const struct pkt_plan *raw, uint32_t n) {
  struct pkt_layer *layer = pkt_layer_new(c->arena, raw);
  if (!layer) return NULL;
  layer->raw = c->p + c->bit / 8;
  layer->size = layer->avail = n;
  layer->offset = c->bit / 8;
  layer->slots[0].bytes = layer->raw;
  layer->slots[0].len = n;
  layer->slots[0].nbits = n * 8;
  layer->slots[0].state = PKT_SET;
  return layer;
}

static bool item_ends(const struct pkt_op *op, const struct pkt_layer *item) {
  const struct pkt_match *m = op->ends;
  return m && m->slot < item->plan->nops && item->slots[m->slot].num == m->value;
}

static bool item_continues(const struct pkt_op *op, const struct pkt_layer *item) {
  if (!op->more) return true;
  struct pkt_scope scope = {.layer = item};
  return item->plan == op->of && pkt_rule_eval(op->more, &scope) != 0;
}

/* A section that says it has more records than all sections have bytes: none is read, and what
** follows begins where the first section does, as the reference has it. */
static bool has_too_many(struct cursor *c, const struct pkt_op *op) {
  if (c->sections == 0) c->sections = c->bit;
  if (!op->count || eval(c, op->count) <= (int64_t)c->n - c->sections / 8) return false;
  c->bit = c->sections;
  c->missing = 0;
  return true;
}

/* Is this an error that no other way of reading the bytes helps against? */
static bool is_fatal(const struct pkt_err *err) {
  return err->code == PKT_ERR_MEMORY || err->code == PKT_ERR_LIMIT;
}

/* Does a packet have to fill its field: is it all that another element of ASN.1 has in it? */
static bool is_filled(const struct pkt_op *op) {
  return op->kind == PKT_LAYER && op->element->len > 0;
}

/* The bytes of a packet that is an element of ASN.1 and can't be read. */
static uint32_t packet_size(const struct cursor *c, const struct pkt_op *op, uint32_t left) {
  return is_filled(op) ? left : (uint32_t)pkt_ber_size(c->p + c->bit / 8, left);
}

static int read_layers(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t count;
  uint32_t region = list_region(c, op, &count);
  bool stack = (op->flags & PKT_OP_STACK) != 0;
  const struct pkt_plan *next = NULL;
  if (op->kind == PKT_LAYER && count > 1 && !stack) count = 1;
  struct pkt_list *list = s->list = new_list(c);
  if (!list) return -1;
  if (op->flags & PKT_OP_CHAIN && has_too_many(c, op)) {
    list->as_bytes = true;
    return 0;
  }
  uint32_t start = c->bit / 8, end = start + region;
  uint32_t top = end; /* the end of the stack that is read */
  while (list->len < count && c->bit / 8 < end) {
    if (op->stops && eval(c, op->stops)) break;
    uint32_t left = top - c->bit / 8;
    struct pkt_layer *item = op->element ? read_packet(c, op, left) : read_item(c, op, next, left);
    if (!item) {
      if (is_fatal(c->err)) return -1;
      if (op->flags & PKT_OP_CHAIN) return -1; /* as one that ends within a field of its own */
      item = raw_item(c, op->of->raw, op->element ? packet_size(c, op, left) : left);
      if (!item) return out_of_memory(c);
    }
    if (item->size == 0) break;
    list->layers = grow(c->arena, list->layers, list->len, sizeof *list->layers);
    if (!list->layers) return out_of_memory(c);
    list->layers[list->len++] = item;
    if (stack && !next) top = c->bit / 8 + layer_extent(item, c->layer, c->p + c->bit / 8, left);
    c->bit += item->size * 8;
    if (item_ends(op, item) || !item_continues(op, item)) break;
    if (stack) next = rider_of(item, c->p + c->bit / 8, top - c->bit / 8);
    if (!next) top = end;
  }
  if (op->size && !op->count) c->bit = end * 8;
  list->raw_len = c->bit / 8 - start;
  return 0;
}

static int read_options(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t count;
  uint32_t region = list_region(c, op, &count);
  struct pkt_list *list = s->list = new_list(c);
  if (!list) return -1;
  const uint8_t *p = list->raw;
  uint32_t at = 0;
  while (list->len < count && at < region) {
    list->options = grow(c->arena, list->options, list->len, sizeof *list->options);
    if (!list->options) return out_of_memory(c);
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

/* ------------------------------------------------------------------------- elements of ASN.1 */

static int malformed(struct cursor *c, const struct pkt_op *op, const char *why) {
  return pkt_fail(c->err, PKT_ERR_MALFORMED, "%s%s%s: %s at byte %u", c->layer->plan->id,
                  op ? "." : "", op ? pkt_op_name(op) : "", why, c->bit / 8);
}

/* Pass over an identifier and a length: what is left to read is their content. 'op' is NULL for the
** element that the whole layer is. */
static int open_head(struct cursor *c, const struct pkt_op *op, uint8_t id) {
  struct pkt_ber_head head;
  char wanted[48];
  uint32_t left = bytes_left(c);
  switch (pkt_ber_head_read(c->p + c->bit / 8, left, &head)) {
    case PKT_BER_SHORT: break;
    case PKT_BER_BAD: return malformed(c, op, "the length isn't definite");
    default:
      snprintf(wanted, sizeof wanted, "identifier 0x%02x, not 0x%02x, was expected", id, head.id);
      if (head.high || head.id != id) return malformed(c, op, wanted);
      c->bit += head.size * 8;
      if (head.len > left - head.size) break;
      c->n = c->bit / 8 + head.len;
      return 0;
  }
  return pkt_fail(c->err, PKT_ERR_TRUNCATED, "%s%s%s: the element ends behind the last byte, %u",
                  c->layer->plan->id, op ? "." : "", op ? pkt_op_name(op) : "", c->n);
}

static int open_element(struct cursor *c, const struct pkt_op *op, const struct pkt_element *e) {
  for (unsigned i = 0; i < e->len; i++) {
    if (open_head(c, op, e->ids[i]) != 0) return -1;
    if (!(e->zeros >> i & 1)) continue;
    if (bytes_left(c) == 0 || c->p[c->bit / 8] != 0)
      return malformed(c, op, "no octet for unused bits is");
    c->bit += 8;
  }
  return 0;
}

/* The content has to end where the last value in it does. */
static int close_element(struct cursor *c, const struct pkt_op *op, const struct pkt_element *e,
                         uint32_t whole) {
  if (e->len > 0 && c->bit != c->n * 8) return malformed(c, op, "the element has more in it");
  c->n = whole;
  return 0;
}

static int read_integer(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t n = bytes_left(c);
  const uint8_t *p = c->p + c->bit / 8;
  if (n == 0) return malformed(c, op, "there is no content");
  if (!pkt_ber_int_read(p, n, &s->num, &s->negative)) take_bytes(c, s, n);
  c->bit = c->n * 8;
  return 0;
}

static int read_bits(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t n = bytes_left(c);
  uint8_t unused = n > 0 ? c->p[c->bit / 8] : 8;
  if (unused > 7 || (n == 1 && unused > 0)) return malformed(c, op, "no number of unused bits is");
  take_bytes(c, s, n);
  return 0;
}

/* Any element, whole. */
static int read_any(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  struct pkt_ber_head head;
  uint32_t left = bytes_left(c);
  if (pkt_ber_head_read(c->p + c->bit / 8, left, &head) == PKT_BER_BAD)
    return malformed(c, op, "the length isn't definite");
  if (left == 0) return truncated(c, op, 16);
  take_bytes(c, s, (uint32_t)pkt_ber_size(c->p + c->bit / 8, left));
  return 0;
}

/* The form whose identifier comes next. */
static int read_form(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  if (bytes_left(c) == 0) return truncated(c, op, 16);
  uint8_t id = c->p[c->bit / 8];
  for (uint32_t i = 0; i < op->nalts; i++) {
    if (!pkt_op_begins(op->alts[i].op, id)) continue;
    s->alt = (uint8_t)i;
    return read_op(c, op->alts[i].op, s);
  }
  return malformed(c, op, "none of the identifiers that may be is");
}

/* The plan that another field says the packet has; NULL: it says none. */
static const struct pkt_plan *chosen_plan(const struct pkt_layer *layer, const struct pkt_op *op) {
  const struct pkt_chosen *chosen = op->chosen;
  const struct pkt_slot *s = chosen ? &layer->slots[chosen->slot] : NULL;
  for (uint32_t i = 0; chosen && !s->none && i < chosen->len; i++)
    if (chosen->picks[i].len == s->len && memcmp(chosen->picks[i].bytes, s->bytes, s->len) == 0)
      return chosen->picks[i].plan;
  return NULL;
}

/* Read a packet that is an element: as what another field says it is, or as what its bytes do. NULL: it
** can't be read, or doesn't fill the element that it has to. */
static struct pkt_layer *read_packet(struct cursor *c, const struct pkt_op *op, uint32_t n) {
  const struct pkt_plan *plan = chosen_plan(c->layer, op);
  struct pkt_layer *item = plan ? read_item(c, op, plan, n) : NULL;
  if (item && item->size != n && is_filled(op)) item = NULL;
  if (item || (plan && is_fatal(c->err))) return item;
  item = read_item(c, op, NULL, n);
  if (!item || item->size == n || !is_filled(op)) return item;
  (void)malformed(c, op, "the packet ends early");
  return NULL;
}

static bool is_left_out(const struct cursor *c, const struct pkt_op *op) {
  if (!(op->flags & PKT_OP_OPTIONAL)) return false;
  return bytes_left(c) == 0 || !pkt_op_begins(op, c->p[c->bit / 8]);
}

static int read_value(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s);

/* What is left out has no value; what isn't has to be there. */
static int read_element(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t whole = c->n;
  s->none = is_left_out(c, op);
  if (s->none) return 0;
  if (bytes_left(c) == 0) return truncated(c, op, 16);
  if (open_element(c, op, op->element) != 0 || read_value(c, op, s) != 0) return -1;
  if (op->kind == PKT_LAYER && s->list->len == 0) return truncated(c, op, 16);
  return close_element(c, op, op->element, whole);
}

static int read_choice(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  if (op->element) return read_form(c, op, s);
  struct pkt_scope scope = scope_of(c);
  s->alt = (uint8_t)pkt_op_form(op, &scope);
  return read_op(c, op->alts[s->alt].op, s);
}

static int read_value(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  switch (op->kind) {
    case PKT_UINT:
    case PKT_MAC:
    case PKT_IPV4: return read_uint(c, op, s);
    case PKT_IPV6: return read_ipv6(c, op, s);
    case PKT_BYTES:
      return op->element && op->element->len == 0 ? read_any(c, op, s) : read_bytes(c, op, s);
    case PKT_INTEGER: return read_integer(c, op, s);
    case PKT_OID: take_bytes(c, s, bytes_left(c)); return 0;
    case PKT_BITS: return read_bits(c, op, s);
    case PKT_NAME: return read_name(c, op, s);
    case PKT_LIST: return read_list(c, op, s);
    case PKT_LAYERS:
    case PKT_LAYER: return read_layers(c, op, s);
    case PKT_OPTIONS: return read_options(c, op, s);
    case PKT_CHOICE: return read_choice(c, op, s);
    default: return 0; /* PHANTOM */
  }
}

static int read_op(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  return op->element ? read_element(c, op, s) : read_value(c, op, s);
}

static void skip_padding(struct cursor *c, const struct pkt_op *op, const struct pkt_slot *s) {
  uint32_t unit = op->align * 8u, origin = op->flags & PKT_OP_ALIGN_OWN ? s->bit : 0;
  c->bit = origin + (c->bit - origin + unit - 1) / unit * unit;
  if (c->bit > c->n * 8) c->bit = c->n * 8;
}

/* The message that domain names point into begins here. */
static void begin_message(struct cursor *c) {
  c->message = c->p + c->bit / 8;
  c->message_len = c->n - c->bit / 8;
}

/* The leading numbers at fixed places, when all their bytes are there. Returns the next op. */
static unsigned read_fixed(struct cursor *c) {
  const struct pkt_plan *plan = c->layer->plan;
  struct pkt_slot *slots = c->layer->slots;
  unsigned n = plan->nfixed;
  if (n == 0 || c->n < plan->fixed_size) return 0;
  for (unsigned i = 0; plan->windows && i < n; i++) {
    const struct pkt_window *w = &plan->windows[i];
    slots[i] = plan->seen[i];
    slots[i].num = pkt_get_be64(c->p + w->byte) << w->up >> w->down;
  }
  for (unsigned i = 0; !plan->windows && i < n; i++) {
    const struct pkt_op *op = &plan->ops[i];
    slots[i] = plan->seen[i];
    slots[i].num = pkt_op_load(op, c->p, op->bit);
    if (op->flags & PKT_OP_SIGNED) read_sign(op, &slots[i]);
  }
  c->bit = plan->fixed_size * 8;
  if (plan->message < n) {
    c->message = c->p + plan->ops[plan->message].bit / 8;
    c->message_len = c->n - plan->ops[plan->message].bit / 8;
  }
  return n;
}

/* The numbers of a run that begins with op 'i', when all its bytes are there. Returns how many were
** read. */
static unsigned read_run(struct cursor *c, unsigned i) {
  const struct pkt_plan *plan = c->layer->plan;
  const struct pkt_op *ops = plan->ops + i;
  struct pkt_slot *slots = c->layer->slots + i;
  unsigned n = ops->run;
  if (c->bit % 8 != 0 || bytes_left(c) < ops->run_bytes) return 0;
  const uint8_t *p = c->p + c->bit / 8;
  for (unsigned k = 0; k < n; k++) {
    const struct pkt_window *w = &ops[k].window;
    if (i + k == plan->message) begin_message(c);
    slots[k] = (struct pkt_slot){.num = pkt_get_be64(p + w->byte) << w->up >> w->down,
                                 .bit = c->bit,
                                 .nbits = ops[k].width,
                                 .state = PKT_SET};
    c->bit += ops[k].width;
  }
  return n;
}

/* What a choice that wasn't read shows as: the form that was to come, where that is 'lazy'. */
static void choose_unread(struct cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  struct pkt_scope scope = scope_of(c);
  uint32_t i = pkt_op_form(op, &scope);
  if (!(op->alts[i].op->flags & PKT_OP_LAZY)) return;
  *s = op->alts[i].preset;
  s->alt = (uint8_t)i;
}

/* The bits that a field would take; its size is known where all fields before it were read. */
static uint32_t unread_bits(struct cursor *c, const struct pkt_op *op) {
  struct pkt_scope scope = scope_of(c);
  if (op->when) return 0;
  if (op->kind == PKT_CHOICE) op = op->alts[pkt_op_form(op, &scope)].op;
  if (op->size && !c->layer->unread) {
    int64_t n = eval(c, op->size);
    return n > 0 && n < PKT_MAX_PACKET ? (uint32_t)n * 8 : 0;
  }
  if (op->kind == PKT_PHANTOM) return 0;
  return op->fixed_size ? op->fixed_size * 8 : op->width;
}

/* The bytes ended: this field keeps its default. 'place' is where it would have been. */
static void leave_unread(struct cursor *c, unsigned i, uint32_t *place) {
  struct pkt_layer *layer = c->layer;
  const struct pkt_op *op = &layer->plan->ops[i];
  if (!layer->unread) *place = c->bit;
  layer->slots[i] = layer->plan->defaults[i];
  if (op->kind == PKT_CHOICE) choose_unread(c, op, &layer->slots[i]);
  layer->slots[i].bit = *place;
  layer->slots[i].state = PKT_UNREAD;
  *place += unread_bits(c, op);
  layer->unread = true;
}

/* Go on to where a field that begins at a multiple of 'lead' bytes does; false: there are no bytes
** there. */
static bool skip_lead(struct cursor *c, const struct pkt_op *op) {
  uint32_t at = (c->bit + 7) / 8;
  at = (at + op->lead - 1) / op->lead * op->lead;
  c->bit = (at < c->n ? at : c->n) * 8;
  return at < c->n;
}

static int read_field(struct cursor *c, unsigned i, uint32_t *place) {
  const struct pkt_op *op = &c->layer->plan->ops[i];
  struct pkt_slot *s = &c->layer->slots[i];
  *s = (struct pkt_slot){.bit = c->bit};
  if (op->flags & PKT_OP_CHAIN) s->bit += c->missing * 8; /* where it would be, were all there */
  if (op->when && !eval(c, op->when)) {
    s->none = true;
    s->state = PKT_ABSENT;
    return 0;
  }
  if (op->lead) {
    if (!skip_lead(c, op)) return leave_unread(c, i, place), 0;
    s->bit = c->bit;
  }
  if (op->kind == PKT_PHANTOM)
    s->num = c->layer->plan->defaults[i].num;
  else if (read_op(c, op, s) != 0)
    return -1;
  s->state = s->none ? PKT_ABSENT : PKT_SET;
  s->nbits = c->bit > s->bit ? c->bit - s->bit : 0;
  if (!op->align || op->flags & PKT_OP_APART) return 0;
  bool ends_early = op->size && eval(c, op->size) < 0; /* and so has no fill behind it */
  if (!ends_early) skip_padding(c, op, s);
  return 0;
}

/* Was a section of records read, with any in it? Behind it the others are empty, not unread. */
static bool is_full_section(const struct pkt_op *op, const struct pkt_slot *s) {
  return (op->flags & PKT_OP_CHAIN) && s->state == PKT_SET && s->list && s->list->len > 0;
}

/* Read every field of the layer, but for its trailer. */
static int read_layer(struct cursor *c) {
  struct pkt_layer *layer = c->layer;
  const struct pkt_plan *plan = layer->plan;
  uint32_t place = 0;
  unsigned run;
  bool in_sections = false;
  layer->avail = c->n;
  layer->raw = c->p;
  if (plan->ahead) memcpy(layer->slots, plan->defaults, plan->nops * sizeof *layer->slots);
  if (plan->element && open_element(c, NULL, plan->element) != 0) return -1;
  for (unsigned i = read_fixed(c); i < plan->nbody; i++) {
    if (plan->ops[i].run > 0 && (run = read_run(c, i)) > 0) {
      i += run - 1;
      continue;
    }
    if (i == plan->message) begin_message(c);
    const struct pkt_op *op = &plan->ops[i];
    bool may_be_empty = in_sections || op->texts || op->element; /* what isn't there is no text */
    may_be_empty = may_be_empty || (layer->trailer && op->when && !eval(c, op->when));
    if (c->bit >= c->n * 8 && !may_be_empty)
      leave_unread(c, i, &place);
    else if (read_field(c, i, &place) != 0)
      return -1;
    in_sections = in_sections || is_full_section(op, &layer->slots[i]);
  }
  if (plan->element && close_element(c, NULL, plan->element, layer->avail) != 0) return -1;
  layer->size = (c->bit + 7) / 8;
  if (layer->unread && place > c->bit) c->missing += (place - c->bit) / 8;
  return 0;
}

/* Read a layer that may have a trailer without it, and see whether that is there: bytes that end
** within the fields have none. */
static int read_body(struct cursor *c) {
  struct pkt_layer *layer = c->layer;
  const struct pkt_plan *plan = layer->plan;
  const struct cursor before = *c;
  uint32_t place = 0;
  if (c->n >= plan->trailer) {
    c->n -= plan->trailer;
    layer->trailer = plan->trailer;
    int status = read_layer(c);
    c->n = layer->avail = before.n;
    if (status == 0 && c->missing == before.missing) return 0;
    *c = before;
    layer->trailer = 0;
    layer->unread = false;
  }
  if (read_layer(c) != 0) return -1;
  for (unsigned i = plan->nbody; i < plan->nops; i++) leave_unread(c, i, &place);
  return 0;
}

/* Read the trailer, of which all bytes are there, at byte 'at'. */
static void read_trailer(struct cursor *c, uint32_t at) {
  const struct pkt_plan *plan = c->layer->plan;
  c->bit = at * 8;
  for (unsigned i = plan->nbody; i < plan->nops; i++) {
    struct pkt_slot *s = &c->layer->slots[i];
    *s = (struct pkt_slot){.bit = c->bit, .nbits = plan->ops[i].width, .state = PKT_SET};
    (void)read_uint(c, &plan->ops[i], s);
  }
}

const struct pkt_plan *pkt_dissect_variant(const struct pkt_plan *plan, const uint8_t *bytes,
                                           size_t n) {
  bool missing;
  struct pkt_scope scope = {
      .peek = bytes, .left = (int64_t)n, .total = (int64_t)n, .missing = &missing};
  for (unsigned i = 0; i < plan->nvariants; i++) {
    missing = false; /* bytes that aren't there say nothing */
    if (pkt_rule_eval(plan->variants[i].when, &scope) && !missing) return plan->variants[i].plan;
  }
  return plan;
}

const struct pkt_plan *pkt_dissect_link(const struct pkt_registry *r, uint32_t type,
                                        const uint8_t *bytes, size_t n) {
  bool missing;
  struct pkt_scope scope = {
      .peek = bytes, .left = (int64_t)n, .total = (int64_t)n, .missing = &missing};
  for (uint32_t i = type < PKT_USUAL_LINKS ? r->first_link[type] : 0; i < r->nlinks; i++) {
    const struct pkt_link *link = &r->links[i];
    missing = false;
    if (link->type != type) continue;
    if (!link->when || (pkt_rule_eval(link->when, &scope) && !missing)) return link->plan;
  }
  return r->raw;
}

static int check_length(size_t n, struct pkt_err *err) {
  if (n <= PKT_MAX_PACKET) return 0;
  return pkt_fail(err, PKT_ERR_LIMIT, "%zu bytes are more than the %d that a packet may have", n,
                  PKT_MAX_PACKET);
}

struct pkt_layer *pkt_dissect_layer(struct pkt_arena *arena, const struct pkt_plan *plan,
                                    const struct pkt_layer *below, const uint8_t *bytes, size_t n,
                                    struct pkt_err *err) {
  if (check_length(n, err) != 0) return NULL;
  struct cursor c = {
      .arena = arena,
      .layer = pkt_layer_alloc(arena, plan),
      .below = below,
      .p = bytes,
      .n = (uint32_t)n,
      .message = bytes,
      .message_len = (uint32_t)n,
      .err = err,
  };
  if (!c.layer) {
    out_of_memory(&c);
    return NULL;
  }
  c.pointed = &c.layer->compress;
  if ((plan->trailer ? read_body(&c) : read_layer(&c)) != 0) return NULL;
  if (c.layer->trailer)
    read_trailer(&c, layer_extent(c.layer, below, bytes, c.n) - c.layer->trailer);
  return c.layer;
}

int pkt_dissect_field(struct pkt_arena *arena, struct pkt_layer *layer, const struct pkt_op *op,
                      const uint8_t *bytes, size_t n, struct pkt_slot *slot, struct pkt_err *err) {
  if (n > PKT_MAX_PACKET)
    return pkt_fail(err, PKT_ERR_LIMIT, "%s.%s: %zu bytes are more than the %d of a packet",
                    layer->plan->id, op->id, n, PKT_MAX_PACKET);
  bool pointed;
  struct cursor c = {.arena = arena,
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
  return read_op(&c, &alone, slot);
}

/* Does a rider claim what follows 'layer', whose payload is p[0..n)? */
static bool rider_claims(const struct pkt_rider *r, const struct pkt_layer *layer, const uint8_t *p,
                         size_t n, enum pkt_reach reach) {
  if (r->upper->extra && reach == PKT_REACH_USUAL && !layer->plan->extra) return false;
  if (!fields_match(r, layer)) return false;
  if (!r->when) return true;
  struct pkt_scope scope = {
      .layer = NULL, .below = layer, .peek = p, .left = (int64_t)n, .total = (int64_t)n};
  return pkt_rule_eval(r->when, &scope) != 0;
}

/* The first of 'n' riders, in order of rank, that claims what follows and ranks before 'best'; none:
** 'best', which may be NULL. */
static const struct pkt_rider *better(const struct pkt_rider *best,
                                      const struct pkt_rider *const *riders, uint32_t n,
                                      const struct pkt_layer *layer, const uint8_t *p, size_t left,
                                      enum pkt_reach reach) {
  for (uint32_t i = 0; i < n && !(best && best->rank <= riders[i]->rank); i++)
    if (rider_claims(riders[i], layer, p, left, reach)) return riders[i];
  return best;
}

static const struct pkt_bucket *find_bucket(const struct pkt_table *t, uint64_t value) {
  uint32_t h = (uint32_t)(value * 0x9e3779b97f4a7c15u >> 32) & t->mask;
  while (t->buckets[h].len != 0 && t->buckets[h].value != value) h = (h + 1) & t->mask;
  return &t->buckets[h];
}

static bool is_next(const struct pkt_next *next, const struct pkt_layer *layer, const uint8_t *p,
                    size_t n) {
  if (!next->when) return true;
  if (pkt_rule_is_quick(next->when)) return pkt_rule_quick(next->when, layer) != 0;
  struct pkt_scope scope = {.layer = layer,
                            .peek = p,
                            .left = (int64_t)n,
                            .payload = (int64_t)n,
                            .header = layer->size,
                            .total = layer->avail - layer->trailer};
  return pkt_rule_eval(next->when, &scope) != 0;
}

/* Which protocol follows 'layer'? */
static const struct pkt_plan *next_plan(const struct pkt_layer *layer, const uint8_t *p, size_t n,
                                        enum pkt_reach reach) {
  const struct pkt_plan *plan = layer->plan;
  for (unsigned i = 0; i < plan->nnext; i++)
    if (is_next(&plan->next[i], layer, p, n)) return plan->next[i].plan;
  const struct pkt_rider *best = NULL;
  for (unsigned i = 0; i < plan->ntables; i++) {
    const struct pkt_bucket *b =
        find_bucket(&plan->tables[i], layer->slots[plan->tables[i].slot].num);
    if (b->len > 0) best = better(best, b->riders, b->len, layer, p, n, reach);
  }
  if (plan->nloose > 0) best = better(best, plan->loose, plan->nloose, layer, p, n, reach);
  return best ? best->upper : plan->fallback;
}

/* Did the bytes end before the field without which the layer can't be? */
static bool lacks_required(const struct pkt_layer *layer) {
  uint16_t slot = layer->plan->required;
  return layer->unread && slot != PKT_NONE && layer->slots[slot].state == PKT_UNREAD;
}

/* How many of the 'n' bytes from the layer's start belong to it and what it carries, its trailer
** included. */
static uint32_t layer_extent(const struct pkt_layer *layer, const struct pkt_layer *below,
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
  return layer_extent(layer, below, layer->raw, layer->avail) - layer->size - layer->trailer;
}

/* A layer's bytes: from 'p', which lies 'offset' bytes behind the packet's start. */
struct piece {
  const uint8_t *p;
  uint32_t n, offset;
};

static struct pkt_layer *plain_layer(struct pkt_arena *arena, const struct pkt_plan *plan,
                                     const struct piece *piece, struct pkt_err *err) {
  struct pkt_layer *layer = pkt_dissect_layer(arena, plan, NULL, piece->p, piece->n, err);
  if (layer) layer->offset = piece->offset;
  return layer;
}

/* The layer that these bytes are as 'plan', or else, above the first, as Raw. */
static struct pkt_layer *read_as(struct pkt_arena *arena, const struct pkt_plan *plan,
                                 const struct pkt_layer *below, const struct piece *piece,
                                 bool full, struct pkt_err *err) {
  const struct pkt_plan *variant =
      plan->nvariants > 0 ? pkt_dissect_variant(plan, piece->p, piece->n) : plan;
  struct pkt_layer *layer =
      full ? NULL : pkt_dissect_layer(arena, variant, below, piece->p, piece->n, err);
  if (!below) return layer;
  if (!layer || lacks_required(layer)) return plain_layer(arena, plan->raw, piece, err);
  layer->offset = piece->offset;
  return layer;
}

static int add_padding(struct pkt_arena *arena, struct pkt_packet *packet,
                       const struct piece *padding, uint32_t n, struct pkt_err *err) {
  const struct pkt_plan *plan = packet->layers[0]->plan->padding;
  while (n-- > 0) { /* the innermost layer's comes first */
    struct pkt_layer *layer = plain_layer(arena, plan, &padding[n], err);
    if (!layer) return -1;
    packet->layers[packet->len++] = layer;
  }
  return 0;
}

enum pkt_reach pkt_reach_of(const struct pkt_packet *p, enum pkt_reach reach) {
  for (uint32_t i = 0; i < p->len; i++)
    if (p->layers[i]->plan->extra) return PKT_REACH_ALL;
  return reach;
}

/* Read a packet's next layers, from the one as 'plan' up, out of all bytes that are there for them. */
static int read_up(struct pkt_arena *arena, struct pkt_packet *packet, const struct pkt_plan *plan,
                   struct piece rest, enum pkt_reach reach, struct pkt_err *err) {
  struct piece padding[PKT_MAX_LAYERS + 1];
  uint32_t paddings = 0;
  const struct pkt_layer *below = packet->len > 0 ? packet->layers[packet->len - 1] : NULL;
  do {
    bool full = packet->len >= PKT_MAX_LAYERS;
    struct pkt_layer *layer = read_as(arena, plan, below, &rest, full, err);
    if (!layer) return -1;
    packet->layers[packet->len++] = layer;
    uint32_t extent = rest.n;
    if (layer->plan->extent) extent = layer_extent(layer, below, rest.p, rest.n);
    if (extent < rest.n)
      padding[paddings++] = (struct piece){rest.p + extent, rest.n - extent, rest.offset + extent};
    uint32_t carried = extent - layer->size - layer->trailer;
    rest = (struct piece){rest.p + layer->size, carried, rest.offset + layer->size};
    if (rest.n > 0) plan = next_plan(layer, rest.p, rest.n, reach);
    below = layer;
  } while (rest.n > 0);
  return add_padding(arena, packet, padding, paddings, err);
}

struct pkt_packet *pkt_dissect(struct pkt_arena *arena, const struct pkt_plan *plan,
                               const uint8_t *bytes, size_t n, enum pkt_reach reach,
                               struct pkt_err *err) {
  struct pkt_packet *packet = pkt_packet_new(arena);
  if (!packet) {
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    return NULL;
  }
  if (check_length(n, err) != 0) return NULL;
  struct piece all = {bytes, (uint32_t)n, 0};
  return read_up(arena, packet, plan, all, reach, err) == 0 ? packet : NULL;
}

const struct pkt_plan *pkt_dissect_next(const struct pkt_layer *layer, const uint8_t *bytes,
                                        size_t n, enum pkt_reach reach) {
  return next_plan(layer, bytes, n, reach);
}

int pkt_dissect_above(struct pkt_arena *arena, struct pkt_packet *p, uint32_t at,
                      const struct pkt_plan *plan, const uint8_t *bytes, size_t n,
                      enum pkt_reach reach, struct pkt_err *err) {
  const struct pkt_layer *layer = p->layers[at];
  p->len = at + 1;
  if (check_length(n, err) != 0) return -1;
  if (n == 0) return 0;
  struct piece rest = {bytes, (uint32_t)n, layer->offset + layer->size};
  return read_up(arena, p, plan ? plan : next_plan(layer, bytes, n, reach), rest, reach, err);
}
