/* dissect_layer.c - the bytes of one layer, field by field. */
#include <string.h>

#include "dissect_inner.h"

static void skip_padding(struct pkt_cursor *c, const struct pkt_op *op, const struct pkt_slot *s) {
  uint32_t unit = op->align * 8u, origin = op->flags & PKT_OP_ALIGN_OWN ? s->bit : 0;
  c->bit = origin + (c->bit - origin + unit - 1) / unit * unit;
  if (c->bit > c->n * 8) c->bit = c->n * 8;
}

/* The message that domain names point into begins here. */
static void begin_message(struct pkt_cursor *c) {
  c->message = c->p + c->bit / 8;
  c->message_len = c->n - c->bit / 8;
}

void pkt_look_through(const struct pkt_plan *plan, const uint8_t *p, struct pkt_slot *slots) {
  const struct pkt_window *w = plan->windows;
  const struct pkt_slot *seen = plan->seen; /* the slots, right but for their numbers */
#pragma GCC unroll 4
  for (unsigned i = 0, n = plan->nfixed; i < n; i++) {
    slots[i].num = pkt_get_be64(p + w[i].byte) << w[i].up >> w[i].down;
    /* all that stands behind the number */
    memcpy(&slots[i].len, &seen[i].len, sizeof *slots - offsetof(struct pkt_slot, len));
  }
}

/* The same for a plan whose numbers can't be read through windows of eight bytes. */
static void load_each(const uint8_t *p, const struct pkt_plan *plan, struct pkt_slot *slots,
                      unsigned n) {
  for (unsigned i = 0; i < n; i++) {
    const struct pkt_op *op = &plan->ops[i];
    slots[i] = plan->seen[i];
    slots[i].num = pkt_op_load(op, p, op->bit);
    if (op->flags & PKT_OP_SIGNED) pkt_read_sign(op, &slots[i]);
  }
}

/* The leading numbers at fixed places, when all their bytes are there. Returns the next op. */
static unsigned read_fixed(struct pkt_cursor *c) {
  const struct pkt_plan *plan = c->layer->plan;
  struct pkt_slot *slots = c->layer->slots;
  unsigned n = plan->nfixed;
  if (n == 0 || c->n < plan->fixed_size) return 0;
  if (plan->windows)
    pkt_look_through(plan, c->p, slots);
  else
    load_each(c->p, plan, slots, n);
  c->bit = plan->fixed_size * 8;
  if (plan->message < n) {
    c->message = c->p + plan->ops[plan->message].bit / 8;
    c->message_len = c->n - plan->ops[plan->message].bit / 8;
  }
  return n;
}

/* The numbers of a run that begins with op 'i', when all its bytes are there. Returns how many were
** read. */
static unsigned read_run(struct pkt_cursor *c, unsigned i) {
  const struct pkt_plan *plan = c->layer->plan;
  const struct pkt_op *ops = plan->ops + i;
  struct pkt_slot *slots = c->layer->slots + i;
  unsigned n = ops->run;
  if (c->bit % 8 != 0 || pkt_bytes_left(c) < ops->run_bytes) return 0;
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

/* Choose the form that a choice which wasn't read is shown in: where it is 'lazy', the one that
** was to come. */
static void choose_unread(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  struct pkt_scope scope = pkt_read_scope(c);
  uint32_t i = pkt_op_form(op, &scope);
  if (!(op->alts[i].op->flags & PKT_OP_LAZY)) return;
  *s = op->alts[i].preset;
  s->alt = (uint8_t)i;
}

/* How many bits a field that wasn't read would take; that is known only if all fields before it
** were read. */
static uint32_t unread_bits(struct pkt_cursor *c, const struct pkt_op *op) {
  struct pkt_scope scope = pkt_read_scope(c);
  if (op->when) return 0;
  if (op->kind == PKT_CHOICE) op = op->alts[pkt_op_form(op, &scope)].op;
  if (op->size && !c->layer->unread) {
    int64_t n = pkt_read_rule(c, op->size);
    return n > 0 && n < PKT_MAX_PACKET ? (uint32_t)n * 8 : 0;
  }
  if (op->kind == PKT_PHANTOM) return 0;
  return op->fixed_size ? op->fixed_size * 8 : op->width;
}

/* Do fields that were read say that this one is present, and that it has bytes or items? */
static bool is_announced(struct pkt_cursor *c, const struct pkt_op *op) {
  if (c->layer->cut) return false;
  if (op->when && pkt_read_rule(c, op->when) == 0) return false;
  if (op->size && pkt_read_rule(c, op->size) <= 0) return false;
  if (op->count) return pkt_read_rule(c, op->count) > 0;
  return op->when != NULL;
}

/* The bytes ended: this field keeps its default. 'place' is where it would have been. */
static void leave_unread(struct pkt_cursor *c, unsigned i, uint32_t *place) {
  struct pkt_layer *layer = c->layer;
  const struct pkt_op *op = &layer->plan->ops[i];
  if (!layer->unread) *place = c->bit;
  layer->slots[i] = layer->plan->defaults[i];
  if (op->kind == PKT_CHOICE) choose_unread(c, op, &layer->slots[i]);
  layer->slots[i].bit = *place;
  layer->slots[i].state = PKT_UNREAD;
  uint32_t bits = unread_bits(c, op);
  *place += bits;
  if (i < layer->plan->nbody && (bits > 0 || is_announced(c, op))) layer->cut = true;
  layer->unread = true;
}

/* Go on to where a field that begins at a multiple of 'lead' bytes does; false: there are no bytes
** there. */
static bool skip_lead(struct pkt_cursor *c, const struct pkt_op *op) {
  uint32_t at = (c->bit + 7) / 8;
  at = (at + op->lead - 1) / op->lead * op->lead;
  c->bit = (at < c->n ? at : c->n) * 8;
  return at < c->n;
}

static int read_field(struct pkt_cursor *c, unsigned i, uint32_t *place) {
  const struct pkt_op *op = &c->layer->plan->ops[i];
  struct pkt_slot *s = &c->layer->slots[i];
  *s = (struct pkt_slot){.bit = c->bit};
  if (op->flags & PKT_OP_CHAIN) s->bit += c->missing * 8; /* where it would be, were all there */
  if (op->when && !pkt_read_rule(c, op->when)) {
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
  else if (pkt_read_op(c, op, s) != 0)
    return -1;
  s->state = s->none ? PKT_ABSENT : PKT_SET;
  s->nbits = c->bit > s->bit ? c->bit - s->bit : 0;
  if (!op->align || op->flags & PKT_OP_APART) return 0;
  bool ends_early = op->size && pkt_read_rule(c, op->size) < 0; /* and so has no fill behind it */
  if (!ends_early &&
      (op->special->pad_many || !op->special->pad_when || pkt_read_rule(c, op->special->pad_when)))
    skip_padding(c, op, s);
  return 0;
}

/* Can the field be read where no bytes are left? What isn't there is no text. */
static bool may_be_empty(const struct pkt_cursor *c, const struct pkt_op *op) {
  if (op->special->texts || op->element) return true;
  return c->layer->trailer && op->when && !pkt_read_rule(c, op->when);
}

/* Was a section of records read, with any in it? Behind it the others are empty, not unread. */
static bool has_items(const struct pkt_slot *s) {
  return s->state == PKT_SET && s->list && s->list->len > 0;
}

/* Reading failed at field 'i': those from there on hold defaults. */
static int leave_rest(struct pkt_cursor *c, unsigned i) {
  const struct pkt_plan *plan = c->layer->plan;
  memcpy(&c->layer->slots[i], &plan->defaults[i], (plan->nops - i) * sizeof *plan->defaults);
  return -1;
}

/* Read every field of the layer, but for its trailer. */
int pkt_read_fields(struct pkt_cursor *c) {
  struct pkt_layer *layer = c->layer;
  const struct pkt_plan *plan = layer->plan;
  uint32_t place = 0;
  unsigned run;
  bool in_sections = false;
  layer->avail = c->n;
  layer->raw = c->p;
  if (plan->ahead) memcpy(layer->slots, plan->defaults, plan->nops * sizeof *layer->slots);
  if (plan->element && pkt_open_element(c, NULL, plan->element) != 0) return leave_rest(c, 0);
  for (unsigned i = read_fixed(c); i < plan->nbody; i++) {
    if (plan->ops[i].run > 0 && (run = read_run(c, i)) > 0) {
      i += run - 1;
      continue;
    }
    if (i == plan->message) begin_message(c);
    const struct pkt_op *op = &plan->ops[i];
    if (c->bit >= c->n * 8 && !in_sections && !may_be_empty(c, op))
      leave_unread(c, i, &place);
    else if (read_field(c, i, &place) != 0)
      return leave_rest(c, i);
    if (op->flags & PKT_OP_CHAIN && has_items(&layer->slots[i])) in_sections = true;
  }
  if (plan->element && pkt_close_element(c, NULL, plan->element, layer->avail) != 0)
    return leave_rest(c, plan->nbody);
  layer->size = (c->bit + 7) / 8;
  if (layer->unread && place > c->bit) c->missing += (place - c->bit) / 8;
  return 0;
}

/* Read a layer that may have a trailer without it, and see whether that is there: bytes that end
** within the fields have none. */
int pkt_read_body(struct pkt_cursor *c) {
  struct pkt_layer *layer = c->layer;
  const struct pkt_plan *plan = layer->plan;
  const struct pkt_cursor before = *c;
  uint32_t place = 0;
  if (c->n >= plan->trailer) {
    c->n -= plan->trailer;
    layer->trailer = plan->trailer;
    int status = pkt_read_fields(c);
    c->n = layer->avail = before.n;
    if (status == 0 && c->missing == before.missing) return 0;
    *c = before;
    layer->trailer = 0;
    layer->unread = layer->cut = false;
  }
  if (pkt_read_fields(c) != 0) return -1;
  for (unsigned i = plan->nbody; i < plan->nops; i++) leave_unread(c, i, &place);
  return 0;
}

void pkt_read_trailer(struct pkt_cursor *c, uint32_t at) {
  const struct pkt_plan *plan = c->layer->plan;
  c->bit = at * 8;
  for (unsigned i = plan->nbody; i < plan->nops; i++) {
    struct pkt_slot *s = &c->layer->slots[i];
    *s = (struct pkt_slot){.bit = c->bit, .nbits = plan->ops[i].width, .state = PKT_SET};
    (void)pkt_read_uint(c, &plan->ops[i], s);
  }
}
