/* build.c - slots to bytes. */
#include "build.h"

#include <stdio.h>

#include "../wire/ber.h"
#include "../wire/bits.h"
#include "../wire/checksum.h"
#include "assign.h"
#include "expand.h"
#include "name.h"
#include "option.h"
#include "real.h"

struct builder {
  struct pkt_arena *arena;
  struct pkt_buf *out;
  const struct pkt_packet *packet;
  uint32_t at;      /* the layer that is being built; nested layers are built as part of it */
  uint32_t padding; /* all Padding before this layer is written */
  struct pkt_endings *endings; /* of the message, where its names are compressed; or NULL */
  bool late;                   /* an item has a sum over what the packet that holds it has before */
  struct pkt_err *err;
};

/* A layer on its way out: where it starts, and the next bit to write, counted from there. */
struct writer {
  struct builder *b;
  struct pkt_layer *layer;
  const struct pkt_layer *below;
  size_t start;
  uint32_t bit;
};

static int write_layer(struct builder *b, struct pkt_layer *layer, const struct pkt_layer *below);
static int write_stack(struct writer *w, struct pkt_layer *const *layers, uint32_t n);
static int write_op(struct writer *w, const struct pkt_op *op, struct pkt_slot *s);
static void forget(struct pkt_layer *layer);

static int fail_op(struct writer *w, const struct pkt_op *op, enum pkt_errcode code,
                   const char *why) {
  return pkt_fail(w->b->err, code, "%s.%s: %s", w->layer->plan->id, pkt_op_name(op), why);
}

static void fill_scope(const struct writer *w, struct pkt_scope *scope) {
  *scope = (struct pkt_scope){.layer = w->layer, .below = w->below, .header = w->bit / 8};
  const struct pkt_packet *p = w->b->packet;
  if (w->b->at + 1 < p->len && p->layers[w->b->at] == w->layer)
    scope->above = p->layers[w->b->at + 1];
}

static struct writer writer_at(struct builder *b, struct pkt_layer *layer,
                               const struct pkt_layer *below, size_t start) {
  return (struct writer){.b = b, .layer = layer, .below = below, .start = start};
}

/* Append zeros until the layer has 'bits' bits, and give the layer's first byte. */
static uint8_t *reach(struct writer *w, uint32_t bits) {
  struct pkt_buf *out = w->b->out;
  size_t need = w->start + (bits + 7) / 8;
  if (need > out->len) {
    if (!pkt_buf_room(out, need - out->len)) return NULL;
    memset(out->data + out->len, 0, need - out->len);
    out->len = need;
  }
  return (uint8_t *)out->data + w->start;
}

static int write_number(struct writer *w, const struct pkt_op *op, const struct pkt_slot *s) {
  uint8_t *p = reach(w, pkt_op_end(op, w->bit));
  if (!p) return fail_op(w, op, PKT_ERR_MEMORY, "out of memory");
  pkt_op_store(op, p, w->bit, s->num ^ op->mask);
  w->bit += op->width;
  return 0;
}

static int write_bytes(struct writer *w, const void *p, uint32_t n) {
  if (w->bit % 8 != 0) (void)reach(w, w->bit = (w->bit + 7) & ~7u);
  pkt_buf_add(w->b->out, p, n);
  w->bit += n * 8;
  return w->b->out->failed ? -1 : 0;
}

static int write_zeros(struct writer *w, uint8_t fill, uint32_t n) {
  while (n-- > 0)
    if (write_bytes(w, &fill, 1) != 0) return -1;
  return 0;
}

/* Bytes of a fixed size are cut or filled up to it. */
static int write_field_bytes(struct writer *w, const struct pkt_op *op, const struct pkt_slot *s) {
  uint32_t n = s->len, wanted = op->fixed_size;
  if (op->counted) {
    uint8_t count[8];
    if (op->counted < 4 && n >> (8 * op->counted) != 0)
      return fail_op(w, op, PKT_ERR_VALUE, "the bytes are more than their count can say");
    pkt_put_be(count, op->counted, n);
    if (write_bytes(w, count, op->counted) != 0) return -1;
  }
  if (op->flags & PKT_OP_FIT) {
    struct pkt_scope scope;
    fill_scope(w, &scope);
    int64_t size = pkt_rule_eval(op->size, &scope);
    wanted = size < 0 ? 0 : size > PKT_MAX_PACKET ? PKT_MAX_PACKET : (uint32_t)size;
    if (wanted == 0) n = 0;
  }
  if (op->flags & PKT_OP_NETBIOS) {
    uint8_t letters[PKT_NETBIOS_SIZE];
    pkt_name_netbios_write(letters, s->bytes, n);
    return write_bytes(w, letters, sizeof letters);
  }
  if (wanted && n > wanted) n = wanted;
  if (write_bytes(w, s->bytes, n) != 0) return fail_op(w, op, PKT_ERR_MEMORY, "out of memory");
  bool ended = (op->flags & PKT_OP_ENDED) != 0;
  if (ended && !op->fixed_size && !(op->flags & PKT_OP_APART)) return write_bytes(w, &op->fill, 1);
  return wanted > n ? write_zeros(w, ended ? op->fill : 0, wanted - n) : 0;
}

static int write_name(struct writer *w, const struct pkt_op *op, const struct pkt_slot *s) {
  size_t before = w->b->out->len;
  bool partial = (op->flags & PKT_OP_PARTIAL) && (s->len == 0 || s->bytes[s->len - 1] != '.');
  bool absent = (op->flags & PKT_OP_OPTIONAL) && s->len == 0;
  const char *text = (const char *)s->bytes;
  bool whole = !w->b->endings || (op->flags & PKT_OP_WHOLE);
  if ((whole ? pkt_name_write(w->b->out, text, s->len)
             : pkt_name_compress(w->b->out, w->b->endings, text, s->len)) != 0)
    return fail_op(w, op, PKT_ERR_VALUE,
                   "a domain name of labels of 1 to 63 bytes, 255 in all, was expected");
  if ((partial || absent) && w->b->out->len > before) w->b->out->len--; /* the root */
  w->bit += (uint32_t)(w->b->out->len - before) * 8;
  if (op->flags & PKT_OP_NODE) return write_zeros(w, 0, pkt_name_node_fill(text, s->len));
  return 0;
}

static int write_list(struct writer *w, const struct pkt_op *op, struct pkt_list *list) {
  for (uint32_t i = 0; i < list->len; i++) {
    struct pkt_slot *item = &list->slots[i];
    item->bit = w->bit;
    if (write_op(w, op->item, item) != 0) return -1;
    item->nbits = w->bit - item->bit;
  }
  return 0;
}

/* 'n' bytes of padding as one option, or two where one byte has an option of its own. */
static int write_pad_option(struct writer *w, const struct pkt_op *op, uint32_t n) {
  const struct pkt_plan *plan = n == 1 && op->pad_one ? op->pad_one : op->pad_many;
  struct pkt_layer *layer = pkt_layer_new(w->b->arena, plan);
  if (!layer) return fail_op(w, op, PKT_ERR_MEMORY, "out of memory");
  size_t before = w->b->out->len;
  unsigned last = plan->nops - 1u;
  if (plan == op->pad_many) { /* its last field is what fills: all but the head */
    uint8_t *zeros = pkt_calloc(w->b->arena, n);
    if (!zeros) return fail_op(w, op, PKT_ERR_MEMORY, "out of memory");
    layer->slots[last] =
        (struct pkt_slot){.bytes = zeros, .len = n > 2 ? n - 2 : 0, .state = PKT_SET};
  }
  if (write_layer(w->b, layer, w->layer) != 0) return -1;
  w->bit += (uint32_t)(w->b->out->len - before) * 8;
  return 0;
}

/* Fill the gap before an item that wants to start at 'rest' modulo 'unit' bytes of the layer. */
static int write_gap(struct writer *w, const struct pkt_op *op, uint32_t unit, uint32_t rest) {
  uint32_t gap = (unit + rest - w->bit / 8 % unit) % unit;
  return gap ? write_pad_option(w, op, gap) : 0;
}

static bool pads_items(struct writer *w, const struct pkt_op *op) {
  struct pkt_scope scope;
  fill_scope(w, &scope);
  return op->pad_many && (!op->pad_when || pkt_rule_eval(op->pad_when, &scope));
}

/* An item's fields by which the list tells its kind, where nobody set them. */
static void bind_item(const struct pkt_op *op, struct pkt_layer *item) {
  for (uint32_t i = 0; !item->raw && i < op->pick_keys; i++) {
    if (op->kinds[i].upper != item->plan) continue;
    for (unsigned k = 0; k < op->kinds[i].nmatches; k++) {
      const struct pkt_match *m = &op->kinds[i].match[k];
      const struct pkt_op *key = &op->of->ops[m->slot];
      const struct pkt_op *own = pkt_plan_op(item->plan, key->id, key->id_len);
      struct pkt_slot *s = own ? &item->slots[own - item->plan->ops] : NULL;
      if (!s || s->state != PKT_UNSET || m->bytes) continue;
      s->num = m->value;
      s->state = PKT_WORKED;
    }
    return;
  }
}

static int write_item(struct writer *w, const struct pkt_op *op, struct pkt_layer *item) {
  size_t before = w->b->out->len;
  if (item->plan->depends) forget(item);
  bind_item(op, item);
  item->offset = w->bit / 8;
  if (write_layer(w->b, item, w->layer) != 0) return -1;
  w->bit += (uint32_t)(w->b->out->len - before) * 8;
  return 0;
}

/* The items from 'i' on that each ride on the one before; 1: the next one rides on none. */
static uint32_t stack_height(const struct pkt_list *list, uint32_t i) {
  uint32_t n = 1;
  while (i + n < list->len &&
         pkt_plan_rides(list->layers[i + n]->plan, list->layers[i + n - 1]->plan))
    n++;
  return n;
}

static int write_stacks(struct writer *w, const struct pkt_op *op, struct pkt_list *list) {
  for (uint32_t i = 0, n; i < list->len; i += n) {
    n = stack_height(list, i);
    bind_item(op, list->layers[i]);
    if (write_stack(w, &list->layers[i], n) != 0) return -1;
  }
  return 0;
}

static int write_layers(struct writer *w, const struct pkt_op *op, struct pkt_list *list) {
  if (op->flags & PKT_OP_STACK) return write_stacks(w, op, list);
  bool pads = pads_items(w, op);
  for (uint32_t i = 0; i < list->len; i++) {
    const struct pkt_plan *plan = list->layers[i]->plan;
    if (pads && plan->place_unit && write_gap(w, op, plan->place_unit, plan->place_rest) != 0)
      return -1;
    if (write_item(w, op, list->layers[i]) != 0) return -1;
  }
  return pads ? write_gap(w, op, op->align, 0) : 0;
}

static int write_options(struct writer *w, const struct pkt_op *op, const struct pkt_list *list) {
  uint32_t size = 0;
  for (uint32_t i = 0; i < list->len; i++) size += pkt_option_size(&list->options[i]);
  if (!pkt_buf_room(w->b->out, size)) return -1;
  uint8_t *p = (uint8_t *)w->b->out->data + w->b->out->len;
  for (uint32_t i = 0; i < list->len; i++) p = pkt_option_write(op, &list->options[i], p);
  w->b->out->len += size;
  w->bit += size * 8;
  return 0;
}

static int write_any_list(struct writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  struct pkt_list *list = s->list;
  if (!list) return 0;
  bool moved = w->b->endings && !list->as_bytes; /* pointers in it may point elsewhere by now */
  if (list->raw && !moved && !list->as_codes) return write_bytes(w, list->raw, list->raw_len);
  switch (op->kind) {
    case PKT_LIST: return write_list(w, op, list);
    case PKT_OPTIONS: return write_options(w, op, list);
    default: return write_layers(w, op, list);
  }
}

/* What an alternative holds when nothing is set; as long as it has to be. */
static void take_preset(struct writer *w, const struct pkt_alternative *alt, uint8_t i,
                        struct pkt_slot *s, const struct pkt_scope *scope) {
  uint32_t bit = s->bit;
  *s = alt->preset;
  s->bit = bit;
  s->alt = i;
  s->state = PKT_UNSET;
  if (!(alt->op->flags & PKT_OP_FIT)) return;
  int64_t n = pkt_rule_eval(alt->op->size, scope);
  if (n <= 0 || n > 255 || s->len >= n) {
    s->none = n <= 0 && s->len == 0;
    return;
  }
  uint8_t *zeros = pkt_calloc(w->b->arena, (size_t)n);
  if (!zeros) return;
  s->bytes = zeros;
  s->len = (uint32_t)n;
}

/* The same where one of the forms is a float. */
static int reform_float(struct writer *w, const struct pkt_op *op, uint32_t i, struct pkt_slot *s) {
  const struct pkt_op *from = op->alts[s->alt].op;
  struct pkt_context c = {.arena = w->b->arena};
  struct pkt_value v = {.type = PKT_V_INT, .num = s->num, .negative = s->negative};
  if (s->negative) v.num = 0 - s->num;
  if (from->show == PKT_SHOW_FLOAT)
    v = (struct pkt_value){.type = PKT_V_REAL, .real = pkt_float_value(from->width, s->num)};
  s->negative = false;
  if (pkt_assign_default(&c, w->layer->plan, op->alts[i].op, &v, s, w->b->err) != 0) return -1;
  s->alt = (uint8_t)i;
  return 0;
}

/* A number that was set takes the form that is asked for by now: the rules may look at the layer
** below, or at what was changed since. */
static int reform_number(struct writer *w, const struct pkt_op *op, uint32_t i,
                         struct pkt_slot *s) {
  const struct pkt_op *from = op->alts[s->alt].op, *to = op->alts[i].op;
  if (from == to || from->kind != PKT_UINT || to->kind != PKT_UINT) return 0;
  if (op->flags & PKT_OP_BY_VALUE) return 0;
  if (from->show == PKT_SHOW_FLOAT || to->show == PKT_SHOW_FLOAT) return reform_float(w, op, i, s);
  uint64_t most = to->width < 64 ? ((uint64_t)1 << to->width) - 1 : UINT64_MAX;
  if (s->num > most)
    return pkt_fail(w->b->err, PKT_ERR_VALUE, "%s.%s: %llu is out of range: 0 to %llu",
                    w->layer->plan->id, op->id, (unsigned long long)s->num,
                    (unsigned long long)most);
  s->alt = (uint8_t)i;
  return 0;
}

/* Where a field lies within its layer moves by 'n' bytes, and so does what it holds. */
static void move_slot(const struct pkt_op *op, struct pkt_slot *s, uint32_t n) {
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  bool layers = op->kind == PKT_LAYERS || op->kind == PKT_LAYER;
  if (s->none || !(layers || op->kind == PKT_LIST) || !s->list) return;
  if (s->list->raw) return; /* which is written as it was read */
  for (uint32_t i = 0; i < s->list->len; i++) {
    if (layers) {
      s->list->layers[i]->offset += n;
    } else {
      s->list->slots[i].bit += n * 8;
      move_slot(op->item, &s->list->slots[i], n);
    }
  }
}

/* Put identifiers and lengths before what was written from 'at' on, of which all is their content.
** Returns the bytes that they take, or -1. */
static int write_heads(struct writer *w, const struct pkt_element *e, size_t at) {
  struct pkt_buf *out = w->b->out;
  uint8_t heads[PKT_MAX_HEADS * (PKT_BER_HEAD + 1)], head[PKT_BER_HEAD + 1];
  size_t first = sizeof heads, content = out->len - at;
  for (unsigned i = e->len; i-- > 0;) {
    unsigned zero = e->zeros >> i & 1;
    size_t n = pkt_ber_head_write(head, e->ids[i], (uint32_t)(content + zero));
    if (zero) head[n++] = 0;
    first -= n;
    memcpy(heads + first, head, n);
    content += n;
  }
  size_t n = sizeof heads - first;
  if (!pkt_buf_room(out, n)) return -1;
  char *p = out->data + at;
  memmove(p + n, p, out->len - at);
  memcpy(p, heads + first, n);
  out->len += n;
  w->bit += (uint32_t)n * 8;
  return (int)n;
}

static int write_value(struct writer *w, const struct pkt_op *op, struct pkt_slot *s);

/* An element of ASN.1: its value first, since that tells the lengths. */
static int write_element(struct writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  size_t at = w->b->out->len;
  if (s->none) return 0;
  if (write_value(w, op, s) != 0) return -1;
  int n = write_heads(w, op->element, at);
  if (n < 0) return -1;
  move_slot(op, s, (uint32_t)n);
  return 0;
}

static int write_integer(struct writer *w, const struct pkt_slot *s) {
  uint8_t content[PKT_BER_INT];
  if (pkt_slot_is_big(s)) return write_bytes(w, s->bytes, s->len);
  return write_bytes(w, content, (uint32_t)pkt_ber_int_write(content, s->num, s->negative));
}

static int write_choice(struct writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  if (op->element) return write_op(w, op->alts[s->alt].op, s);
  struct pkt_scope scope;
  fill_scope(w, &scope);
  uint32_t i = pkt_op_form(op, &scope);
  if (s->state == PKT_UNSET)
    take_preset(w, &op->alts[i], (uint8_t)i, s, &scope);
  else if (reform_number(w, op, i, s) != 0)
    return -1;
  return write_op(w, op->alts[s->alt].op, s);
}

/* The bytes of an address that are written. */
static uint32_t prefix_size(const struct writer *w, const struct pkt_op *op) {
  struct pkt_scope scope;
  fill_scope(w, &scope);
  int64_t n = pkt_rule_eval(op->size, &scope);
  return n < 0 ? 0 : n > 16 ? 16 : (uint32_t)n;
}

/* The first bytes of an IPv4 address. */
static int write_prefix4(struct writer *w, const struct pkt_op *op, const struct pkt_slot *s) {
  uint8_t address[4];
  uint32_t n = prefix_size(w, op);
  pkt_put_be32(address, (uint32_t)s->num);
  return write_bytes(w, address, n < 4 ? n : 4);
}

static int write_value(struct writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  if (s->none) return write_zeros(w, 0, op->fixed_size); /* bytes of that size; nothing else */
  switch (op->kind) {
    case PKT_UINT:
    case PKT_MAC: return write_number(w, op, s);
    case PKT_IPV4: return op->size ? write_prefix4(w, op, s) : write_number(w, op, s);
    case PKT_IPV6: return write_bytes(w, s->bytes, op->size ? prefix_size(w, op) : 16);
    case PKT_BYTES: return write_field_bytes(w, op, s);
    case PKT_NAME: return write_name(w, op, s);
    case PKT_INTEGER: return write_integer(w, s);
    case PKT_OID:
    case PKT_BITS: return write_bytes(w, s->bytes, s->len);
    case PKT_CHOICE: return write_choice(w, op, s);
    case PKT_PHANTOM: return 0;
    default: return write_any_list(w, op, s);
  }
}

static int write_op(struct writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  return op->element ? write_element(w, op, s) : write_value(w, op, s);
}

/* Fill up behind a field that has to end at a multiple of 'align'. */
static int write_padding(struct writer *w, const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->pad_many) return 0; /* filled with items already */
  if (op->flags & PKT_OP_APART) {
    struct pkt_scope scope;
    fill_scope(w, &scope);
    if (scope.above && scope.above->plan->is_padding) return 0; /* the fill as it was read */
  }
  uint32_t unit = op->align * 8u, origin = op->flags & PKT_OP_ALIGN_OWN ? s->bit : 0;
  uint32_t over = (w->bit - origin) % unit;
  return over ? write_zeros(w, op->fill, (unit - over) / 8) : 0;
}

/* An auto field before everything is written: right where its rule looks back only, which is what
** sizes and conditions of later fields may depend on. It is worked out again at the end. */
static uint64_t first_guess(const struct writer *w, const struct pkt_op *op) {
  struct pkt_scope scope;
  fill_scope(w, &scope);
  uint64_t v = (uint64_t)pkt_rule_eval(op->autorule, &scope);
  return op->width < 64 ? v & (((uint64_t)1 << op->width) - 1) : v;
}

static void store_fixed(const struct pkt_op *op, struct pkt_slot *s, uint8_t *p) {
  s->bit = op->bit;
  s->nbits = op->width;
  pkt_op_store(op, p, op->bit, s->num);
}

/* Auto fields among the leading numbers are 0 for now; those that later fields depend on,
** guessed. */
static void begin_autos(const struct writer *w, uint8_t *p) {
  const struct pkt_plan *plan = w->layer->plan;
  for (unsigned i = 0; i < plan->nautos && plan->autos[i] < plan->nfixed; i++) {
    const struct pkt_op *op = &plan->ops[plan->autos[i]];
    struct pkt_slot *s = &w->layer->slots[plan->autos[i]];
    if (s->state != PKT_UNSET) continue;
    s->none = false;
    s->num = 0;
    if (!op->early) continue;
    s->num = first_guess(w, op);
    store_fixed(op, s, p);
  }
  for (unsigned i = 0; i < plan->nsums && plan->sums[i] < plan->nfixed; i++) {
    struct pkt_slot *s = &w->layer->slots[plan->sums[i]];
    if (s->state == PKT_UNSET) s->none = false;
  }
}

/* The leading numbers at fixed places: their defaults at once, then what was set. */
static int write_fixed(struct writer *w) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  if (!pkt_buf_room(w->b->out, plan->fixed_size)) return -1;
  uint8_t *p = (uint8_t *)w->b->out->data + w->b->out->len;
  memcpy(p, plan->image, plan->fixed_size);
  w->b->out->len += plan->fixed_size;
  for (unsigned i = 0; i < plan->nfixed; i++) {
    struct pkt_slot *s = &layer->slots[i];
    if (s->state == PKT_UNSET) continue;
    if (s->state == PKT_UNREAD)
      *s = plan->defaults[i];
    else
      store_fixed(&plan->ops[i], s, p);
  }
  begin_autos(w, p);
  w->bit = plan->fixed_size * 8;
  return 0;
}

/* Is a conditional field there? One that wasn't when the layer was read has no value until it
** is. */
static bool settle_presence(struct writer *w, const struct pkt_op *op, struct pkt_slot *s,
                            const struct pkt_slot *preset) {
  bool was_absent = s->state == PKT_ABSENT && s->none;
  if (s->state == PKT_ABSENT || s->state == PKT_UNREAD) {
    bool none = s->none;
    *s = *preset;
    if (was_absent) s->none = none;
  }
  if (!op->when) return true;
  struct pkt_scope scope;
  fill_scope(w, &scope);
  if (pkt_rule_eval(op->when, &scope)) {
    if (was_absent) s->none = preset->none;
    return true;
  }
  s->bit = w->bit;
  s->nbits = 0;
  if (s->state == PKT_UNSET) s->state = PKT_ABSENT;
  return false;
}

/* Fill up before a field that has to begin at a multiple of 'lead' bytes of the layer. */
static int write_lead(struct writer *w, const struct pkt_op *op) {
  uint32_t at = (w->bit + 7) / 8, over = at % op->lead;
  return over ? write_zeros(w, 0, op->lead - over) : 0;
}

/* Text that nobody set is a number that is worked out, in decimal digits. */
static int spell(struct writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  struct pkt_scope scope;
  char text[24];
  fill_scope(w, &scope);
  int n = snprintf(text, sizeof text, "%lld", (long long)pkt_rule_eval(op->digits, &scope));
  s->bytes = pkt_memdup(w->b->arena, text, (size_t)n);
  if (!s->bytes) return fail_op(w, op, PKT_ERR_MEMORY, "out of memory");
  s->len = (uint32_t)n;
  s->none = false;
  s->state = PKT_WORKED;
  return 0;
}

static int write_field(struct writer *w, const struct pkt_op *op, struct pkt_slot *s,
                       const struct pkt_slot *preset) {
  if (!settle_presence(w, op, s, preset)) return 0;
  if (op->lead && write_lead(w, op) != 0)
    return fail_op(w, op, PKT_ERR_MEMORY, "the packet is too large");
  s->bit = w->bit;
  s->nbits = 0;
  if (s->state == PKT_UNSET) {
    if (op->kind == PKT_CHOICE && !op->element) s->none = false;
    if (op->sum || op->autorule) {
      s->none = false;
      s->num = op->autorule ? first_guess(w, op) : 0;
    }
    if (op->digits && spell(w, op, s) != 0) return -1;
  }
  if (write_op(w, op, s) != 0) {
    if (w->b->out->failed) return fail_op(w, op, PKT_ERR_MEMORY, "the packet is too large");
    return -1;
  }
  s->nbits = w->bit - s->bit;
  return op->align ? write_padding(w, op, s) : 0;
}

/* The head of the element that all of the layer's fields are in, which moves them. */
static int write_envelope(struct writer *w) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  int n = write_heads(w, plan->element, w->start);
  if (n < 0) return pkt_fail(w->b->err, PKT_ERR_MEMORY, "%s: the packet is too large", plan->id);
  for (unsigned i = 0; i < plan->nops; i++) {
    layer->slots[i].bit += (uint32_t)n * 8;
    move_slot(&plan->ops[i], &layer->slots[i], (uint32_t)n);
  }
  return 0;
}

static int write_fields(struct writer *w) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  if (plan->nfixed && write_fixed(w) != 0)
    return pkt_fail(w->b->err, PKT_ERR_MEMORY, "%s: the packet is too large", plan->id);
  for (unsigned i = plan->nfixed; i < plan->nbody; i++) {
    if (i == plan->message && w->b->endings) w->b->endings->message = w->start + w->bit / 8;
    if (write_field(w, &plan->ops[i], &layer->slots[i], &plan->defaults[i]) != 0) return -1;
  }
  if (plan->element && write_envelope(w) != 0) return -1;
  layer->size = (w->bit + 7) / 8;
  return 0;
}

/* The fields behind what the layer carries, at the end of what is written so far. Where they weren't
** there when an unchanged layer was read, they aren't written either. */
static int write_trailer(struct writer *w) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  size_t before = w->b->out->len;
  w->bit = (uint32_t)(before - w->start) * 8;
  for (unsigned i = plan->nbody; i < plan->nops; i++) {
    struct pkt_slot *s = &layer->slots[i];
    if (layer->raw && s->state == PKT_UNREAD) continue;
    if (write_field(w, &plan->ops[i], s, &plan->defaults[i]) != 0) return -1;
  }
  layer->trailer = (uint16_t)(w->b->out->len - before);
  return 0;
}

/* Work the layer's auto fields out. 'end' is the end of what it carries, in 'out'. */
static void work_out(struct writer *w, size_t end) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  if (plan->nautos == 0) return;
  uint8_t *p = (uint8_t *)w->b->out->data + w->start;
  struct pkt_scope scope;
  fill_scope(w, &scope);
  scope.header = layer->size + (layer->rest ? layer->rest->size : 0);
  scope.total = (int64_t)(end - w->start);
  scope.payload = scope.total - scope.header;
  scope.peek = p + layer->size;
  scope.left = scope.payload;
  for (unsigned i = 0; i < plan->nautos; i++) {
    const struct pkt_op *op = &plan->ops[plan->autos[i]];
    struct pkt_slot *s = &layer->slots[plan->autos[i]];
    if (s->state != PKT_UNSET) continue;
    uint64_t v = (uint64_t)pkt_rule_eval(op->autorule, &scope);
    s->num = op->width < 64 ? v & (((uint64_t)1 << op->width) - 1) : v;
    s->state = PKT_WORKED;
    if (s->nbits) pkt_op_store(op, p, s->bit, s->num);
  }
}

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
  const struct pkt_slot *src, *dst;
  struct pkt_slot made[2]; /* of a header that is compressed */
  uint8_t bytes[2][16];
};

/* The address of layer 'i' at one end; NULL: it is compressed, and can't be told. */
static const struct pkt_slot *end_of(const struct builder *b, uint32_t i, enum pkt_end end,
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
static const struct pkt_layer *find_ends(const struct builder *b, const struct pkt_checksum *k,
                                         struct ends *e) {
  e->src = e->dst = NULL;
  for (uint32_t i = b->at + (k->own ? 1 : 0); i-- > 0;) {
    const struct pkt_layer *l = b->packet->layers[i];
    const struct pkt_plan *plan = l->plan;
    if (plan->pseudo_src != PKT_NONE) {
      if (!e->src) e->src = end_of(b, i, PKT_SOURCE, e);
      if (!e->dst) e->dst = end_of(b, i, PKT_DESTINATION, e);
      return e->src && e->dst ? l : NULL;
    }
    if (!plan->pseudo_through) return NULL;
    if (plan->pseudo_item && !e->src) e->src = item_address(l);
    if (plan->pseudo_last != PKT_NONE && !e->dst) e->dst = listed_address(l);
  }
  return NULL;
}

/* The length that goes into a pseudo-header: what the network layer says, where the user set it. */
static size_t upper_length(const struct pkt_layer *net, size_t length) {
  const struct pkt_plan *plan = net->plan;
  if (!plan->pseudo_len || plan->pseudo_len_slot == PKT_NONE) return length;
  if (net->slots[plan->pseudo_len_slot].state != PKT_SET) return length;
  struct pkt_scope scope = {.layer = net, .header = net->size};
  int64_t said = pkt_rule_eval(plan->pseudo_len, &scope);
  return said < 0 ? 0 : (size_t)said;
}

/* The pseudo-header's part of a sum (RFC 793 section 3.1, RFC 8200 section 8.1); false: there is
** no network layer below. */
static bool pseudo_sum(const struct builder *b, const struct pkt_checksum *k, size_t length,
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
    pkt_put_be16(head + 10, (uint16_t)upper_length(net, length));
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

/* The sum that goes to p[at], as it is; 'sum' is what it counts before those bytes. */
static uint64_t plain_sum(const struct builder *b, const struct pkt_checksum *k, uint64_t sum,
                          const uint8_t *p, size_t n, size_t at) {
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
  if (k->pseudo >= 0 && !pseudo_sum(b, k, n + 2u * k->nwords, &sum)) return 0;
  bool is_signed = k->kind == PKT_SUM_INET_SIGNED;
  v = pkt_inet_fold(is_signed ? pkt_inet_add_signed(sum, p, n) : pkt_inet_add(sum, p, n));
  return v == 0 ? k->zero_as : v;
}

static uint64_t checksum(const struct builder *b, const struct pkt_checksum *k, uint64_t sum,
                         const uint8_t *p, size_t n, size_t at) {
  return plain_sum(b, k, sum, p, n, at) ^ k->mask;
}

/* The words that a sum counts before its bytes; 'n' bytes lie from the layer's start on. */
static uint64_t sum_words(struct writer *w, const struct pkt_checksum *k, size_t n) {
  uint64_t sum = 0;
  struct pkt_scope scope;
  if (k->nwords == 0) return 0;
  fill_scope(w, &scope);
  scope.header = w->layer->size;
  scope.total = (int64_t)n;
  scope.payload = scope.total - scope.header;
  for (unsigned i = 0; i < k->nwords; i++) {
    uint8_t word[2];
    pkt_put_be16(word, (uint16_t)pkt_rule_eval(k->words[i], &scope));
    sum = pkt_inet_add(sum, word, sizeof word);
  }
  return sum;
}

/* The bytes that a sum covers, of the 'n' from the layer's start: up to which. */
static size_t covered(struct writer *w, const struct pkt_checksum *k, size_t n) {
  if (k->part == PKT_OVER_HEADER) return w->layer->size;
  if (!k->over) return n;
  struct pkt_scope scope;
  fill_scope(w, &scope);
  scope.header = w->layer->size;
  scope.total = (int64_t)n;
  scope.payload = scope.total - scope.header;
  int64_t end = pkt_rule_eval(k->over, &scope);
  return end < 0 ? 0 : (uint64_t)end > n ? n : (size_t)end;
}

/* The bytes that a sum covers, of the 'n' from the layer's start, and counted from there. */
static struct pkt_cover cover_of(struct writer *w, const struct pkt_checksum *k, size_t n) {
  struct pkt_cover c = {.to = (uint32_t)covered(w, k, n)};
  c.from = k->part == PKT_OVER_PAYLOAD ? w->layer->size : k->from;
  if (c.from > c.to) c.from = c.to;
  if (k->without == PKT_NONE) return c;
  const struct pkt_slot *s = &w->layer->slots[k->without];
  c.hole_from = s->bit / 8;
  c.hole_to = c.hole_from + s->nbits / 8;
  return c;
}

/* The field that a sum leaves out becomes zeros: its bytes, to be put back; NULL: none, or no
** memory. */
static uint8_t *blank(struct writer *w, const struct pkt_cover *c, uint8_t *p) {
  uint32_t len = c->hole_to - c->hole_from;
  uint8_t *kept = len ? pkt_alloc(w->b->arena, len) : NULL;
  if (!kept) return NULL;
  memcpy(kept, p + c->hole_from, len);
  memset(p + c->hole_from, 0, len);
  return kept;
}

static uint64_t sum_of(struct writer *w, const struct pkt_checksum *k, uint8_t *p, size_t n,
                       const struct pkt_slot *s) {
  struct pkt_cover c = cover_of(w, k, n);
  size_t size = c.to - c.from, at = s->bit / 8;
  uint8_t *kept = blank(w, &c, p);
  uint64_t sum =
      checksum(w->b, k, sum_words(w, k, n), p + c.from, size, at < c.from ? c.to : at - c.from);
  if (kept) memcpy(p + c.hole_from, kept, c.hole_to - c.hole_from);
  return sum;
}

static bool holds(const struct writer *w, const struct pkt_rule *rule) {
  struct pkt_scope scope;
  fill_scope(w, &scope);
  return pkt_rule_eval(rule, &scope) != 0;
}

/* The layer whose addresses a sum covers; false: it needs one, and there is none. */
static bool find_network(const struct builder *b, const struct pkt_checksum *k,
                         const struct pkt_layer **out) {
  struct ends e;
  const struct pkt_layer *net = k->pseudo >= 0 ? find_ends(b, k, &e) : NULL;
  bool has_ipv4 = net && net->plan->ops[net->plan->pseudo_src].kind == PKT_IPV4;
  *out = k->pseudo_ipv6 && has_ipv4 ? NULL : net;
  return net || k->pseudo < 0 || k->pseudo_ipv6;
}

/* Shift what is counted from the layer's start to where that lies; a hole beyond what is covered, or
** of no bytes, is none. */
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
  struct builder b = {.packet = p, .at = i};
  struct writer w = writer_at(&b, layer, i > 0 ? p->layers[i - 1] : NULL, layer->offset);
  const struct pkt_layer *network;
  if (op->sum->part == PKT_OVER_BEFORE) return false; /* a layer isn't an item */
  if (op->sum->when && !holds(&w, op->sum->when)) return false;
  if (!find_network(&b, op->sum, &network)) return false;
  *out = cover_of(&w, op->sum, layer->avail - layer->trailer);
  place_cover(out, layer->offset);
  out->network = network;
  return true;
}

/* The sums of an item over what lies before it: 'p' is the first byte of what holds it. */
static void close_item(const struct builder *b, struct pkt_layer *item, uint8_t *p) {
  for (unsigned i = 0; i < item->plan->nsums; i++) {
    const struct pkt_op *op = &item->plan->ops[item->plan->sums[i]];
    struct pkt_slot *s = &item->slots[item->plan->sums[i]];
    if (op->sum->part != PKT_OVER_BEFORE || s->state != PKT_WORKED || s->nbits == 0) continue;
    s->num = checksum(b, op->sum, 0, p, item->offset, item->offset);
    pkt_op_store(op, p + item->offset, s->bit, s->num);
  }
}

/* The layer's lengths are known by now. */
static void close_items(struct writer *w, uint8_t *p) {
  const struct pkt_plan *plan = w->layer->plan;
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_slot *s = &w->layer->slots[i];
    if (plan->ops[i].kind != PKT_LAYERS || s->none || !s->list || s->list->raw) continue;
    for (uint32_t k = 0; k < s->list->len; k++)
      if (!s->list->layers[k]->raw) close_item(w->b, s->list->layers[k], p);
  }
}

static void store_checksums(struct writer *w, size_t end) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  uint8_t *p = (uint8_t *)w->b->out->data + w->start;
  if (w->b->late) close_items(w, p);
  for (unsigned i = 0; i < plan->nsums; i++) {
    const struct pkt_op *op = &plan->ops[plan->sums[i]];
    struct pkt_slot *s = &layer->slots[plan->sums[i]];
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

/* Unchanged since it was read: the bytes are still right. */
static int copy_raw(struct builder *b, const struct pkt_layer *layer) {
  pkt_buf_add(b->out, layer->raw, layer->size);
  if (b->out->failed)
    return pkt_fail(b->err, PKT_ERR_LIMIT, "%s: the packet is too large", layer->plan->id);
  return 0;
}

/* A nested packet without what is worked out: fields, and what it claims behind them. */
static int write_nested(struct writer *w) {
  struct builder *b = w->b;
  struct pkt_layer *layer = w->layer;
  if (layer->raw && !b->endings) return copy_raw(b, layer);
  layer->raw = NULL; /* written anew, it may have another size */
  if (write_fields(w) != 0) return -1;
  return layer->rest ? write_layer(b, layer->rest, layer) : 0;
}

/* What is worked out of a nested packet, which carries all up to here, and its trailer. */
static int finish_nested(struct writer *w) {
  size_t end = w->b->out->len;
  if (w->layer->raw) return 0;
  work_out(w, end);
  if (w->layer->plan->trailer && write_trailer(w) != 0) return -1;
  store_checksums(w, end);
  return 0;
}

/* A nested packet, whole. */
static int write_layer(struct builder *b, struct pkt_layer *layer, const struct pkt_layer *below) {
  struct writer w = writer_at(b, layer, below, b->out->len);
  if (write_nested(&w) != 0) return -1;
  return finish_nested(&w);
}

static void apply(const struct pkt_binding *b, struct pkt_layer *lower) {
  lower->bound = true;
  for (unsigned k = 0; k < b->nsets; k++) {
    struct pkt_slot *s = &lower->slots[b->sets[k].slot];
    if (s->state != PKT_UNSET) continue;
    s->num = b->sets[k].value;
    s->none = false;
    s->state = PKT_WORKED;
    if (b->sets[k].bytes) {
      s->bytes = b->sets[k].bytes;
      s->len = b->sets[k].len;
    }
  }
}

/* Of a protocol's bindings those with a layer between, or those without one. */
static const struct pkt_binding *first_binding(const struct pkt_plan *upper,
                                               const struct pkt_layer *through) {
  return upper->bindings + (through ? upper->nbindings - upper->ndeep : 0);
}
static const struct pkt_binding *last_binding(const struct pkt_plan *upper,
                                              const struct pkt_layer *through) {
  return upper->bindings + upper->nbindings - (through ? 0 : upper->ndeep);
}

/* What building 'upper' on a layer sets in that, or, with a layer between, in the one below it. */
static void bind(struct pkt_layer *lower, const struct pkt_layer *through,
                 const struct pkt_plan *upper) {
  if (lower->raw) return;
  for (; upper; upper = upper->base) {
    const struct pkt_binding *end = last_binding(upper, through);
    for (const struct pkt_binding *b = first_binding(upper, through); b < end; b++) {
      if (b->lower != lower->plan && !pkt_plan_is_kind(lower->plan, b->lower)) continue;
      if (through && !pkt_plan_is_kind(through->plan, b->through)) continue;
      apply(b, lower);
      return;
    }
  }
}

/* A nested packet with those that it carries. */
static int write_stack(struct writer *w, struct pkt_layer *const *layers, uint32_t n) {
  struct builder *b = w->b;
  struct writer *writers = pkt_calloc(b->arena, n * sizeof *writers);
  if (!writers) return pkt_fail(b->err, PKT_ERR_MEMORY, "out of memory");
  size_t start = b->out->len;
  for (uint32_t i = 1; i < n; i++) bind(layers[i - 1], NULL, layers[i]->plan);
  for (uint32_t i = 0; i < n; i++) {
    const struct pkt_layer *below = i > 0 ? layers[i - 1] : w->layer;
    writers[i] = writer_at(b, layers[i], below, b->out->len);
    layers[i]->offset = w->bit / 8 + (uint32_t)(b->out->len - start);
    if (write_nested(&writers[i]) != 0) return -1;
  }
  for (uint32_t i = n; i-- > 0;)
    if (finish_nested(&writers[i]) != 0) return -1;
  w->bit += (uint32_t)(b->out->len - start) * 8;
  return 0;
}

static bool says(const struct pkt_slot *s, const struct pkt_match *m) {
  if (s->state != PKT_SET) return false;
  if (!m->bytes) return s->num == m->value;
  return s->len == m->len && memcmp(s->bytes, m->bytes, m->len) == 0;
}

static void unapply(const struct pkt_binding *b, struct pkt_layer *lower) {
  for (unsigned k = 0; k < b->nsets; k++)
    if (says(&lower->slots[b->sets[k].slot], &b->sets[k]))
      pkt_unset(lower, &lower->plan->ops[b->sets[k].slot]);
}

/* Take back what bind() set, or reading found as it would have been set. */
static void unbind(struct pkt_layer *lower, const struct pkt_layer *through,
                   const struct pkt_plan *upper) {
  for (; upper; upper = upper->base) {
    const struct pkt_binding *end = last_binding(upper, through);
    for (const struct pkt_binding *b = first_binding(upper, through); b < end; b++) {
      if (!pkt_plan_is_kind(lower->plan, b->lower)) continue;
      if (!through || pkt_plan_is_kind(through->plan, b->through)) unapply(b, lower);
    }
  }
}

void pkt_unbind(struct pkt_packet *p, uint32_t i) {
  struct pkt_layer *const *at = p->layers;
  if (i == 0 || i >= p->len) return;
  unbind(at[i - 1], NULL, at[i]->plan);
  if (i > 1) unbind(at[i - 2], at[i - 1], at[i]->plan);
  if (i + 1 < p->len) unbind(at[i - 1], at[i], at[i + 1]->plan);
}

static void forget_slot(struct pkt_layer *layer, unsigned i) {
  if (layer->slots[i].state == PKT_WORKED) layer->slots[i] = layer->plan->defaults[i];
}

/* What an earlier build worked out is worked out anew; what reading left out takes defaults. */
static void forget(struct pkt_layer *layer) {
  const struct pkt_plan *plan = layer->plan;
  if (layer->raw) return;
  for (unsigned i = 0; i < plan->nautos; i++) forget_slot(layer, plan->autos[i]);
  for (unsigned i = 0; i < plan->nsums; i++) forget_slot(layer, plan->sums[i]);
  bool any = layer->bound || plan->depends;
  for (unsigned i = 0; any && i < plan->nops; i++) forget_slot(layer, i);
  layer->bound = false;
}

/* A layer whose domain names point back to those before them. */
static int write_compressed(struct writer *w) {
  struct pkt_endings endings = {.message = w->start};
  w->b->endings = &endings;
  int status = write_fields(w);
  w->b->endings = NULL;
  return status;
}

static int write_one(struct builder *b, uint32_t i) {
  const struct pkt_packet *p = b->packet;
  struct pkt_layer *layer = p->layers[i];
  b->at = i;
  layer->offset = (uint32_t)b->out->len;
  if (layer->raw) return copy_raw(b, layer);
  struct writer w = writer_at(b, layer, i > 0 ? p->layers[i - 1] : NULL, b->out->len);
  return layer->compress ? write_compressed(&w) : write_fields(&w);
}

/* Write all layers but Padding, which lies behind them. */
static int write_all(struct builder *b) {
  const struct pkt_packet *p = b->packet;
  for (uint32_t i = 0; i < p->len; i++)
    if (!p->layers[i]->plan->is_padding && write_one(b, i) != 0) return -1;
  return 0;
}

/* Write the next Padding, as far as that lies inside so many layers that may have a trailer. */
static int write_paddings(struct builder *b, unsigned inside) {
  const struct pkt_packet *p = b->packet;
  for (; b->padding < p->len; b->padding++) {
    const struct pkt_layer *layer = p->layers[b->padding];
    if (!layer->plan->is_padding) continue;
    if (layer->inside < inside) break;
    if (write_one(b, b->padding) != 0) return -1;
  }
  return 0;
}

/* From the innermost layer outwards: what is worked out, and what stands behind that it counts. */
static int work_out_all(struct builder *b) {
  const struct pkt_packet *p = b->packet;
  unsigned inside = 0;
  for (uint32_t i = 0; i < p->len; i++) inside += p->layers[i]->plan->trailer > 0;
  for (uint32_t i = p->len; i-- > 0;) {
    struct pkt_layer *layer = p->layers[i];
    size_t end = b->out->len;
    layer->avail = (uint32_t)(end - layer->offset);
    if (layer->plan->is_padding || (layer->raw && !layer->plan->trailer)) continue;
    b->at = i;
    struct writer w = writer_at(b, layer, i > 0 ? p->layers[i - 1] : NULL, layer->offset);
    if (!layer->raw) work_out(&w, end);
    if (layer->plan->trailer) {
      if (write_paddings(b, inside--) != 0) return -1;
      end = b->out->len;
      b->at = i;
      if (write_trailer(&w) != 0) return -1;
    }
    layer->avail = (uint32_t)(b->out->len - layer->offset);
    if (!layer->raw) store_checksums(&w, end);
  }
  return 0;
}

int pkt_build(struct pkt_packet *p, struct pkt_arena *arena, struct pkt_buf *out,
              struct pkt_err *err) {
  struct builder b = {.arena = arena, .out = out, .packet = p, .err = err};
  out->len = 0;
  out->limit = PKT_MAX_PACKET;
  out->failed = false;
  if (!pkt_buf_room(out, 1)) /* 'data' is never NULL, even of an empty packet */
    return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  for (uint32_t i = 0; i < p->len; i++) forget(p->layers[i]);
  for (uint32_t i = 1; i < p->len; i++) {
    bind(p->layers[i - 1], NULL, p->layers[i]->plan);
    if (i > 1) bind(p->layers[i - 2], p->layers[i - 1], p->layers[i]->plan);
  }
  int status = write_all(&b);
  if (status == 0) status = work_out_all(&b);
  if (status == 0) status = write_paddings(&b, 0);
  if (!out->failed) return status;
  return pkt_fail(err, PKT_ERR_LIMIT, "the packet is larger than %d bytes", PKT_MAX_PACKET);
}
