/* build_field.c - a layer's fields to bytes. */
#include <stdio.h>
#include <string.h>

#include "../wire/ber.h"
#include "../wire/bits.h"
#include "assign.h"
#include "build_inner.h"
#include "name.h"
#include "option.h"
#include "real.h"

static int write_op(struct pkt_writer *w, const struct pkt_op *op, struct pkt_slot *s);

static int fail_op(struct pkt_writer *w, const struct pkt_op *op, enum pkt_errcode code,
                   const char *why) {
  return pkt_fail(w->b->err, code, "%s.%s: %s", w->layer->plan->id, pkt_op_name(op), why);
}

/* Append zeros until the layer has 'bits' bits, and give the layer's first byte. */
static uint8_t *reach(struct pkt_writer *w, uint32_t bits) {
  struct pkt_buf *out = w->b->out;
  size_t need = w->start + (bits + 7) / 8;
  if (need > out->len) {
    if (!pkt_buf_room(out, need - out->len)) return NULL;
    memset(out->data + out->len, 0, need - out->len);
    out->len = need;
  }
  return (uint8_t *)out->data + w->start;
}

static int write_number(struct pkt_writer *w, const struct pkt_op *op, const struct pkt_slot *s) {
  uint8_t *p = reach(w, pkt_op_end(op, w->bit));
  if (!p) return fail_op(w, op, PKT_ERR_MEMORY, "out of memory");
  pkt_op_store(op, p, w->bit, s->num ^ op->mask);
  w->bit += op->width;
  return 0;
}

static int write_bytes(struct pkt_writer *w, const void *p, uint32_t n) {
  if (w->bit % 8 != 0) (void)reach(w, w->bit = (w->bit + 7) & ~7u);
  pkt_buf_add(w->b->out, p, n);
  w->bit += n * 8;
  return w->b->out->failed ? -1 : 0;
}

static int write_zeros(struct pkt_writer *w, uint8_t fill, uint32_t n) {
  while (n-- > 0)
    if (write_bytes(w, &fill, 1) != 0) return -1;
  return 0;
}

/* Bytes of a fixed size are cut or filled up to it. */
static int write_field_bytes(struct pkt_writer *w, const struct pkt_op *op,
                             const struct pkt_slot *s) {
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
    pkt_build_scope(w, &scope);
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

static int write_name(struct pkt_writer *w, const struct pkt_op *op, const struct pkt_slot *s) {
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

static int write_list(struct pkt_writer *w, const struct pkt_op *op, struct pkt_list *list) {
  for (uint32_t i = 0; i < list->len; i++) {
    struct pkt_slot *item = &list->slots[i];
    item->bit = w->bit;
    if (write_op(w, op->item, item) != 0) return -1;
    item->nbits = w->bit - item->bit;
  }
  return 0;
}

/* 'n' bytes of padding as one option, or two where one byte has an option of its own. */
static int write_pad_option(struct pkt_writer *w, const struct pkt_op *op, uint32_t n) {
  const struct pkt_plan *plan =
      n == 1 && op->special->pad_one ? op->special->pad_one : op->special->pad_many;
  struct pkt_layer *layer = pkt_layer_new(w->b->arena, plan);
  if (!layer) return fail_op(w, op, PKT_ERR_MEMORY, "out of memory");
  size_t before = w->b->out->len;
  unsigned last = plan->nops - 1u;
  if (plan == op->special->pad_many) { /* its last field is what fills: all but the head */
    uint8_t *zeros = pkt_calloc(w->b->arena, n);
    if (!zeros) return fail_op(w, op, PKT_ERR_MEMORY, "out of memory");
    layer->slots[last] =
        (struct pkt_slot){.bytes = zeros, .len = n > 2 ? n - 2 : 0, .state = PKT_SET};
  }
  if (pkt_write_nested(w->b, layer, w->layer) != 0) return -1;
  w->bit += (uint32_t)(w->b->out->len - before) * 8;
  return 0;
}

/* Fill the gap before an item that wants to start at 'rest' modulo 'unit' bytes of the layer. */
static int write_gap(struct pkt_writer *w, const struct pkt_op *op, uint32_t unit, uint32_t rest) {
  uint32_t gap = (unit + rest - w->bit / 8 % unit) % unit;
  return gap ? write_pad_option(w, op, gap) : 0;
}

static bool pads_items(struct pkt_writer *w, const struct pkt_op *op) {
  struct pkt_scope scope;
  pkt_build_scope(w, &scope);
  return op->special->pad_many &&
         (!op->special->pad_when || pkt_rule_eval(op->special->pad_when, &scope));
}

/* An item's fields by which the list tells its kind, where nobody set them. */
static void bind_item(const struct pkt_op *op, struct pkt_layer *item) {
  for (uint32_t i = 0; !item->raw && i < op->special->pick_keys; i++) {
    if (op->special->kinds[i].upper != item->plan) continue;
    for (unsigned k = 0; k < op->special->kinds[i].nmatches; k++) {
      const struct pkt_match *m = &op->special->kinds[i].match[k];
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

static int write_item(struct pkt_writer *w, const struct pkt_op *op, struct pkt_layer *item) {
  size_t before = w->b->out->len;
  if (item->plan->depends) pkt_forget_built(item);
  bind_item(op, item);
  item->offset = w->bit / 8;
  if (pkt_write_nested(w->b, item, w->layer) != 0) return -1;
  w->bit += (uint32_t)(w->b->out->len - before) * 8;
  return 0;
}

uint32_t pkt_stack_height(const struct pkt_list *list, uint32_t i) {
  uint32_t n = 1;
  while (i + n < list->len &&
         pkt_plan_rides(list->layers[i + n]->plan, list->layers[i + n - 1]->plan))
    n++;
  return n;
}

static int write_stacks(struct pkt_writer *w, const struct pkt_op *op, struct pkt_list *list) {
  for (uint32_t i = 0, n; i < list->len; i += n) {
    n = pkt_stack_height(list, i);
    bind_item(op, list->layers[i]);
    if (pkt_write_stack(w, &list->layers[i], n) != 0) return -1;
  }
  return 0;
}

static int write_layers(struct pkt_writer *w, const struct pkt_op *op, struct pkt_list *list) {
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

static int write_options(struct pkt_writer *w, const struct pkt_op *op,
                         const struct pkt_list *list) {
  uint32_t size = 0;
  for (uint32_t i = 0; i < list->len; i++) size += pkt_option_size(&list->options[i]);
  if (!pkt_buf_room(w->b->out, size)) return -1;
  uint8_t *p = (uint8_t *)w->b->out->data + w->b->out->len;
  for (uint32_t i = 0; i < list->len; i++) p = pkt_option_write(op, &list->options[i], p);
  w->b->out->len += size;
  w->bit += size * 8;
  return 0;
}

static int write_any_list(struct pkt_writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  struct pkt_list *list = s->list;
  if (!list) return 0;
  bool moved = w->b->endings && !list->as_bytes; /* pointers in it may point elsewhere by now */
  if (list->raw && !moved && !list->as_codes && !list->anew)
    return write_bytes(w, list->raw, list->raw_len);
  switch (op->kind) {
    case PKT_LIST: return write_list(w, op, list);
    case PKT_OPTIONS: return write_options(w, op, list);
    default: return write_layers(w, op, list);
  }
}

/* What an alternative holds when nothing is set; as long as it has to be. */
static void take_preset(struct pkt_writer *w, const struct pkt_alternative *alt, uint8_t i,
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

/* The same for a field one of whose forms is a float. */
static int reform_float(struct pkt_writer *w, const struct pkt_op *op, uint32_t i,
                        struct pkt_slot *s) {
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

int pkt_fail_range(const struct pkt_writer *w, const char *id, uint64_t v, uint64_t most) {
  return pkt_fail(w->b->err, PKT_ERR_VALUE, "%s.%s: %llu is out of range: 0 to %llu",
                  w->layer->plan->id, id, (unsigned long long)v, (unsigned long long)most);
}

/* Put a number that was set into the form that is called for now: the rules may look at the
** layer below, or at fields changed since it was set. */
static int reform_number(struct pkt_writer *w, const struct pkt_op *op, uint32_t i,
                         struct pkt_slot *s) {
  const struct pkt_op *from = op->alts[s->alt].op, *to = op->alts[i].op;
  if (from == to || from->kind != PKT_UINT || to->kind != PKT_UINT) return 0;
  if (op->flags & PKT_OP_BY_VALUE) return 0;
  if (from->show == PKT_SHOW_FLOAT || to->show == PKT_SHOW_FLOAT) return reform_float(w, op, i, s);
  if (s->num > pkt_op_most(to)) return pkt_fail_range(w, op->id, s->num, pkt_op_most(to));
  s->alt = (uint8_t)i;
  return 0;
}

/* Note that the field, with all that it holds, begins 'n' bytes later in its layer. */
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

/* Insert the element's identifiers and lengths before what was written from 'at' on, which is
** all its content. Returns how many bytes they take, or -1. */
static int write_heads(struct pkt_writer *w, const struct pkt_element *e, size_t at) {
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

static int write_value(struct pkt_writer *w, const struct pkt_op *op, struct pkt_slot *s);

/* An element of ASN.1: its value first, since that tells the lengths. */
static int write_element(struct pkt_writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  size_t at = w->b->out->len;
  if (s->none) return 0;
  if (write_value(w, op, s) != 0) return -1;
  int n = write_heads(w, op->element, at);
  if (n < 0) return -1;
  move_slot(op, s, (uint32_t)n);
  return 0;
}

static int write_integer(struct pkt_writer *w, const struct pkt_slot *s) {
  uint8_t content[PKT_BER_INT];
  if (pkt_slot_is_big(s)) return write_bytes(w, s->bytes, s->len);
  return write_bytes(w, content, (uint32_t)pkt_ber_int_write(content, s->num, s->negative));
}

static int write_choice(struct pkt_writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  if (op->element) return write_op(w, op->alts[s->alt].op, s);
  struct pkt_scope scope;
  pkt_build_scope(w, &scope);
  uint32_t i = pkt_op_form(op, &scope);
  if (s->state == PKT_UNSET)
    take_preset(w, &op->alts[i], (uint8_t)i, s, &scope);
  else if (reform_number(w, op, i, s) != 0)
    return -1;
  return write_op(w, op->alts[s->alt].op, s);
}

/* The bytes of an address that are written. */
static uint32_t prefix_size(const struct pkt_writer *w, const struct pkt_op *op) {
  struct pkt_scope scope;
  pkt_build_scope(w, &scope);
  int64_t n = pkt_rule_eval(op->size, &scope);
  return n < 0 ? 0 : n > 16 ? 16 : (uint32_t)n;
}

/* The first bytes of an IPv4 address. */
static int write_prefix4(struct pkt_writer *w, const struct pkt_op *op, const struct pkt_slot *s) {
  uint8_t address[4];
  uint32_t n = prefix_size(w, op);
  pkt_put_be32(address, (uint32_t)s->num);
  return write_bytes(w, address, n < 4 ? n : 4);
}

static int write_value(struct pkt_writer *w, const struct pkt_op *op, struct pkt_slot *s) {
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

static int write_op(struct pkt_writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  return op->element ? write_element(w, op, s) : write_value(w, op, s);
}

/* Fill up behind a field that has to end at a multiple of 'align'. */
static int write_padding(struct pkt_writer *w, const struct pkt_op *op, const struct pkt_slot *s) {
  struct pkt_scope scope;
  if (op->special->pad_many) return 0; /* filled with items already */
  if (op->flags & PKT_OP_APART) {
    pkt_build_scope(w, &scope);
    if (scope.above && scope.above->plan->is_padding) return 0; /* the fill as it was read */
  }
  if (op->special->pad_when) {
    pkt_build_scope(w, &scope);
    if (!pkt_rule_eval(op->special->pad_when, &scope)) return 0;
  }
  uint32_t unit = op->align * 8u, origin = op->flags & PKT_OP_ALIGN_OWN ? s->bit : 0;
  uint32_t over = (w->bit - origin) % unit;
  return over ? write_zeros(w, op->fill, (unit - over) / 8) : 0;
}

/* An early value for an auto field, before everything is written. It is right if its rule only
** looks at what precedes it, and sizes and conditions of later fields may depend on it. It is
** worked out again at the end. */
static uint64_t first_guess(const struct pkt_writer *w, const struct pkt_op *op) {
  struct pkt_scope scope;
  pkt_build_scope(w, &scope);
  return (uint64_t)pkt_rule_eval(op->autorule, &scope) & pkt_op_most(op);
}

static void store_fixed(const struct pkt_op *op, struct pkt_slot *s, uint8_t *p) {
  s->bit = op->bit;
  s->nbits = op->width;
  pkt_op_store(op, p, op->bit, s->num);
}

/* Auto fields among the leading numbers are 0 for now, except those that later fields depend on:
** they get an early value. */
static void begin_autos(const struct pkt_writer *w, uint8_t *p) {
  const struct pkt_plan *plan = w->layer->plan;
  for (unsigned i = 0; i < plan->nautos; i++) {
    const struct pkt_op *op = &plan->ops[plan->autos[i]];
    struct pkt_slot *s = &w->layer->slots[plan->autos[i]];
    if (plan->autos[i] >= plan->nfixed || s->state != PKT_UNSET) continue;
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
static int write_fixed(struct pkt_writer *w) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  if (!pkt_buf_room(w->b->out, plan->fixed_size)) return -1;
  uint8_t *p = (uint8_t *)w->b->out->data + w->b->out->len;
  memcpy(p, plan->image, plan->fixed_size);
  w->b->out->len += plan->fixed_size;
  for (struct pkt_slot *s = layer->slots, *end = s + plan->nfixed; s < end; s++) {
    if (s->state == PKT_UNSET) continue;
    if (s->state == PKT_UNREAD)
      *s = plan->defaults[s - layer->slots];
    else
      store_fixed(&plan->ops[s - layer->slots], s, p);
  }
  begin_autos(w, p);
  w->bit = plan->fixed_size * 8;
  return 0;
}

/* Is a conditional field there? One that wasn't when the layer was read has no value until it
** is. */
static bool settle_presence(struct pkt_writer *w, const struct pkt_op *op, struct pkt_slot *s,
                            const struct pkt_slot *preset) {
  bool was_absent = s->state == PKT_ABSENT && s->none;
  if (s->state == PKT_ABSENT || s->state == PKT_UNREAD) {
    bool none = s->none;
    *s = *preset;
    if (was_absent) s->none = none;
  }
  if (!op->when) return true;
  struct pkt_scope scope;
  pkt_build_scope(w, &scope);
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
static int write_lead(struct pkt_writer *w, const struct pkt_op *op) {
  uint32_t at = (w->bit + 7) / 8, over = at % op->lead;
  return over ? write_zeros(w, 0, op->lead - over) : 0;
}

/* A text field that nobody set is written as the decimal digits of a number that is worked out. */
static int spell(struct pkt_writer *w, const struct pkt_op *op, struct pkt_slot *s) {
  struct pkt_scope scope;
  char text[24];
  pkt_build_scope(w, &scope);
  int n =
      snprintf(text, sizeof text, "%lld", (long long)pkt_rule_eval(op->special->digits, &scope));
  s->bytes = pkt_memdup(w->b->arena, text, (size_t)n);
  if (!s->bytes) return fail_op(w, op, PKT_ERR_MEMORY, "out of memory");
  s->len = (uint32_t)n;
  s->none = false;
  s->state = PKT_WORKED;
  return 0;
}

static int write_field(struct pkt_writer *w, const struct pkt_op *op, struct pkt_slot *s,
                       const struct pkt_slot *preset) {
  if (!settle_presence(w, op, s, preset)) return 0;
  if (op->lead && write_lead(w, op) != 0) return -1;
  s->bit = w->bit;
  s->nbits = 0;
  if (s->state == PKT_UNSET) {
    if (op->kind == PKT_CHOICE && !op->element) s->none = false;
    if (op->sum || op->autorule) {
      s->none = false;
      s->num = op->autorule ? first_guess(w, op) : 0;
    }
    if (op->special->digits && spell(w, op, s) != 0) return -1;
  }
  if (write_op(w, op, s) != 0) return -1;
  s->nbits = w->bit - s->bit;
  return op->align ? write_padding(w, op, s) : 0;
}

/* Insert the head of the element that contains all of the layer's fields, which moves them. */
static int write_envelope(struct pkt_writer *w) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  int n = write_heads(w, plan->element, w->start);
  if (n < 0) return -1;
  for (unsigned i = 0; i < plan->nops; i++) {
    layer->slots[i].bit += (uint32_t)n * 8;
    move_slot(&plan->ops[i], &layer->slots[i], (uint32_t)n);
  }
  return 0;
}

int pkt_write_fields(struct pkt_writer *w) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  if (plan->nfixed && write_fixed(w) != 0) return -1;
  for (unsigned i = plan->nfixed; i < plan->nbody; i++) {
    if (i == plan->message && w->b->endings) w->b->endings->message = w->start + w->bit / 8;
    if (write_field(w, &plan->ops[i], &layer->slots[i], &plan->defaults[i]) != 0) return -1;
  }
  if (plan->element && write_envelope(w) != 0) return -1;
  layer->size = (w->bit + 7) / 8;
  return 0;
}

/* Write the trailer: the fields behind what the layer carries, at the end of what is written so
** far. An unchanged layer that was read without its trailer is written without it, too. */
int pkt_write_trailer(struct pkt_writer *w) {
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
