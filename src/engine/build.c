/* build.c - packets to bytes. */
#include <string.h>

#include "assign.h"
#include "build_inner.h"
#include "measure.h"
#include "name.h"

/* The field that the binding's k-th value goes to, or NULL. The layer may be a variant of the
** protocol that the binding names, with other fields: so it is looked up by id. */
static const struct pkt_op *bound_op(const struct pkt_binding *b, const struct pkt_plan *plan,
                                     unsigned k) {
  const struct pkt_op *said = &b->lower->ops[b->sets[k].slot];
  if (plan == b->lower) return said;
  unsigned slot = b->sets[k].slot;
  const struct pkt_op *same = slot < plan->nops ? &plan->ops[slot] : NULL;
  if (!same || strcmp(same->id, said->id) != 0) same = pkt_plan_op(plan, said->id, said->id_len);
  return same && same->kind == said->kind ? same : NULL;
}

static struct pkt_slot *bound_slot(const struct pkt_binding *b, struct pkt_layer *lower,
                                   unsigned k) {
  const struct pkt_op *op = bound_op(b, lower->plan, k);
  return op ? &lower->slots[op - lower->plan->ops] : NULL;
}

static void apply(const struct pkt_binding *b, struct pkt_layer *lower) {
  lower->bound = true;
  for (unsigned k = 0; k < b->nsets; k++) {
    struct pkt_slot *s = bound_slot(b, lower, k);
    if (!s || s->state != PKT_UNSET) continue;
    s->num = b->sets[k].value;
    s->none = false;
    s->state = PKT_WORKED;
    if (b->sets[k].bytes) {
      s->bytes = b->sets[k].bytes;
      s->len = b->sets[k].len;
    }
  }
}

/* The first of a protocol's bindings that has a layer in between, or that has none. */
static const struct pkt_binding *first_binding(const struct pkt_plan *upper,
                                               const struct pkt_plan *through) {
  return upper->bindings + (through ? upper->nbindings - upper->ndeep : 0);
}
static const struct pkt_binding *last_binding(const struct pkt_plan *upper,
                                              const struct pkt_plan *through) {
  return upper->bindings + upper->nbindings - (through ? 0 : upper->ndeep);
}

/* Set what building 'upper' on a layer sets in that layer or, where 'through' lies between the
** two, in the one below 'through'. */
static void bind(struct pkt_layer *lower, const struct pkt_plan *through,
                 const struct pkt_plan *upper) {
  if (lower->raw) return;
  for (; upper; upper = upper->base) {
    const struct pkt_binding *end = last_binding(upper, through);
    for (const struct pkt_binding *b = first_binding(upper, through); b < end; b++) {
      if (!pkt_plan_is_kind(lower->plan, b->lower)) continue;
      if (through && !pkt_plan_is_kind(through, b->through)) continue;
      apply(b, lower);
      return;
    }
  }
}

/* What building 'upper' on 'n' layers sets in the last two of them. */
static void bind_on(struct pkt_layer *const *layers, uint32_t n, const struct pkt_plan *upper) {
  if (n > 0) bind(layers[n - 1], NULL, upper);
  if (n > 1) bind(layers[n - 2], layers[n - 1]->plan, upper);
}

void pkt_bind(struct pkt_layer *const *layers, uint32_t n, const struct pkt_plan *const above[2]) {
  for (uint32_t i = 1; i < n; i++) bind_on(layers, i, layers[i]->plan);
  if (n == 0 || !above[0]) return;
  bind_on(layers, n, above[0]);
  if (above[1]) bind(layers[n - 1], above[0], above[1]);
}

static bool says(const struct pkt_slot *s, const struct pkt_match *m) {
  if (s->state != PKT_SET) return false;
  if (!m->bytes) return s->num == m->value;
  return s->len == m->len && memcmp(s->bytes, m->bytes, m->len) == 0;
}

/* A field that was read with the value that bind() would set keeps that value only until
** something else says otherwise: it becomes loose. */
static void loosen(const struct pkt_binding *b, struct pkt_layer *lower) {
  for (unsigned k = 0; k < b->nsets; k++) {
    struct pkt_slot *s = bound_slot(b, lower, k);
    if (s && says(s, &b->sets[k])) s->loose = true;
  }
}

/* A loose field that this binding sets is left to bind() again. */
static void give_way(const struct pkt_binding *b, struct pkt_layer *lower) {
  for (unsigned k = 0; k < b->nsets; k++) {
    const struct pkt_op *op = bound_op(b, lower->plan, k);
    if (op && lower->slots[op - lower->plan->ops].loose) pkt_unset(lower, op);
  }
}

typedef void visit_binding(const struct pkt_binding *b, struct pkt_layer *lower);

static void each_binding(struct pkt_layer *lower, const struct pkt_plan *through,
                         const struct pkt_plan *upper, visit_binding *visit) {
  for (; upper; upper = upper->base) {
    const struct pkt_binding *end = last_binding(upper, through);
    for (const struct pkt_binding *b = first_binding(upper, through); b < end; b++) {
      if (!pkt_plan_is_kind(lower->plan, b->lower)) continue;
      if (!through || pkt_plan_is_kind(through, b->through)) visit(b, lower);
    }
  }
}

/* Call 'visit' for every binding that has to do with layer 'i' and the one below it. */
static void each_binding_at(struct pkt_packet *p, uint32_t i, visit_binding *visit) {
  struct pkt_layer *const *at = p->layers;
  if (i == 0 || i >= p->len) return;
  each_binding(at[i - 1], NULL, at[i]->plan, visit);
  if (i > 1) each_binding(at[i - 2], at[i - 1]->plan, at[i]->plan, visit);
  if (i + 1 < p->len) each_binding(at[i - 1], at[i]->plan, at[i + 1]->plan, visit);
}

void pkt_unbind(struct pkt_packet *p, uint32_t i) { each_binding_at(p, i, loosen); }

void pkt_rebind(struct pkt_packet *p, uint32_t i) { each_binding_at(p, i, give_way); }

/* How many of the layer's own bytes its fields don't cover; they are the next layer. */
static uint32_t own_rest(const struct pkt_scope *scope) {
  bool rest = scope->above && scope->above->of_own && scope->layer->plan->own;
  return rest ? scope->above->size : 0;
}

/* Work out the layer's auto fields. 'end' is where what the layer carries ends in 'out'. Returns
** -1 with an error if a number doesn't fit in its field and isn't simply masked. */
static int work_out(struct pkt_writer *w, size_t end) {
  struct pkt_layer *layer = w->layer;
  const struct pkt_plan *plan = layer->plan;
  if (plan->nautos == 0) return 0;
  uint8_t *p = (uint8_t *)w->b->out->data + w->start;
  struct pkt_scope scope;
  pkt_written_scope(w, &scope);
  scope.header = layer->size + (layer->rest && !layer->raw ? layer->rest->size : 0);
  scope.header += own_rest(&scope);
  scope.total = (int64_t)(end - w->start);
  scope.payload = scope.total - scope.header;
  scope.peek = p + layer->size;
  scope.left = scope.payload;
  for (unsigned i = 0; i < plan->nautos; i++) {
    const struct pkt_op *op = &plan->ops[plan->autos[i]];
    struct pkt_slot *s = &layer->slots[plan->autos[i]];
    if (layer->raw && s->state == PKT_SET) pkt_store_again(op, p, s);
    if (s->state != PKT_UNSET) continue;
    uint64_t v = (uint64_t)pkt_rule_eval(op->autorule, &scope), most = pkt_op_most(op);
    if (v > most && s->nbits && !(op->flags & (PKT_OP_BITFIELD | PKT_OP_MASKED)))
      return pkt_fail_range(w, op->id, v, most);
    s->num = v & most;
    s->state = PKT_WORKED;
    if (s->nbits) pkt_op_store(op, p, s->bit, s->num);
  }
  return 0;
}

/* Work out lengths, counts and checksums of a layer that is otherwise as it was read, directly
** in its bytes, which have been written: first those of packets within its fields. 'end' and the
** result are as for work_out(). */
static int measure(struct pkt_writer *w, size_t end);

/* The same for the items from 'i' on, each of which carries the next one. Each lies where it was
** read. */
static int measure_stack(struct pkt_writer *w, const struct pkt_list *list, uint32_t i,
                         uint32_t n) {
  const struct pkt_layer *last = list->layers[i + n - 1];
  size_t end = w->start + last->offset + last->size;
  while (n-- > 0) {
    struct pkt_layer *item = list->layers[i + n];
    const struct pkt_layer *below = n > 0 ? list->layers[i + n - 1] : w->layer;
    struct pkt_writer of_item = pkt_writer_at(w->b, item, below, w->start + item->offset);
    if (!item->anew) continue;
    pkt_forget_built(item);
    if (measure(&of_item, end) != 0) return -1;
  }
  return 0;
}

static int measure_items(struct pkt_writer *w) {
  const struct pkt_plan *plan = w->layer->plan;
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_list *list = pkt_items(&plan->ops[i], &w->layer->slots[i]);
    bool stack = (plan->ops[i].flags & PKT_OP_STACK) != 0;
    for (uint32_t k = 0, n; list && list->anew && k < list->len; k += n) {
      n = stack ? pkt_stack_height(list, k) : 1;
      if (measure_stack(w, list, k, n) != 0) return -1;
    }
  }
  return 0;
}

/* Sums count themselves as zeros. */
static void blank_sums(struct pkt_writer *w) {
  const struct pkt_plan *plan = w->layer->plan;
  uint8_t *p = (uint8_t *)w->b->out->data + w->start;
  for (unsigned i = 0; i < plan->nsums; i++) {
    const struct pkt_slot *s = &w->layer->slots[plan->sums[i]];
    if (s->state == PKT_UNSET && s->nbits) pkt_op_store(&plan->ops[plan->sums[i]], p, s->bit, 0);
  }
}

static int begin_measure(struct pkt_writer *w) {
  if (measure_items(w) != 0) return -1;
  blank_sums(w);
  return 0;
}

static int measure(struct pkt_writer *w, size_t end) {
  if (begin_measure(w) != 0 || work_out(w, end) != 0) return -1;
  pkt_store_checksums(w, end);
  return 0;
}

/* As it was read: the bytes are still right, but for what is measured anew. */
static int copy_raw(struct pkt_builder *b, const struct pkt_layer *layer) {
  pkt_buf_add(b->out, layer->raw, layer->size);
  return b->out->failed ? -1 : 0; /* pkt_build() says why */
}

/* A nested packet without what is worked out: fields, and what it claims behind them. */
static int write_nested(struct pkt_writer *w) {
  struct pkt_builder *b = w->b;
  struct pkt_layer *layer = w->layer;
  if (layer->raw && !b->endings) return copy_raw(b, layer);
  layer->raw = NULL; /* written anew, it may have another size */
  if (pkt_write_fields(w) != 0) return -1;
  return layer->rest ? pkt_write_nested(b, layer->rest, layer) : 0;
}

/* What is worked out of a nested packet, which carries all up to here, and its trailer. */
static int finish_nested(struct pkt_writer *w) {
  size_t end = w->b->out->len;
  if (w->layer->raw) return w->layer->anew ? measure(w, end) : 0;
  if (work_out(w, end) != 0) return -1;
  if (w->layer->plan->trailer && pkt_write_trailer(w) != 0) return -1;
  pkt_store_checksums(w, end);
  return 0;
}

int pkt_write_nested(struct pkt_builder *b, struct pkt_layer *layer,
                     const struct pkt_layer *below) {
  struct pkt_writer w = pkt_writer_at(b, layer, below, b->out->len);
  if (write_nested(&w) != 0) return -1;
  return finish_nested(&w);
}

int pkt_write_stack(struct pkt_writer *w, struct pkt_layer *const *layers, uint32_t n) {
  struct pkt_builder *b = w->b;
  struct pkt_writer *writers = pkt_calloc(b->arena, n * sizeof *writers);
  if (!writers) return pkt_fail(b->err, PKT_ERR_MEMORY, "out of memory");
  size_t start = b->out->len;
  for (uint32_t i = 1; i < n; i++) bind(layers[i - 1], NULL, layers[i]->plan);
  for (uint32_t i = 0; i < n; i++) {
    const struct pkt_layer *below = i > 0 ? layers[i - 1] : w->layer;
    writers[i] = pkt_writer_at(b, layers[i], below, b->out->len);
    layers[i]->offset = w->bit / 8 + (uint32_t)(b->out->len - start);
    if (write_nested(&writers[i]) != 0) return -1;
  }
  for (uint32_t i = n; i-- > 0;)
    if (finish_nested(&writers[i]) != 0) return -1;
  w->bit += (uint32_t)(b->out->len - start) * 8;
  return 0;
}

static void forget_slot(struct pkt_layer *layer, struct pkt_slot *s) {
  const struct pkt_slot *preset = &layer->plan->defaults[s - layer->slots];
  if (layer->raw)
    pkt_unset_in_place(s, preset);
  else
    *s = *preset;
}

static void forget_slots(struct pkt_layer *layer, const uint16_t *slots, unsigned n) {
  for (unsigned i = 0; i < n; i++) {
    struct pkt_slot *s = &layer->slots[slots[i]];
    if (s->state == PKT_WORKED) forget_slot(layer, s);
  }
}

void pkt_forget_built(struct pkt_layer *layer) {
  const struct pkt_plan *plan = layer->plan;
  if (!pkt_is_measured(layer)) return;
  if (layer->bound || plan->depends) { /* it may be any field */
    for (struct pkt_slot *s = layer->slots, *end = s + plan->nops; s < end; s++)
      if (s->state == PKT_WORKED) forget_slot(layer, s);
  } else {
    forget_slots(layer, plan->autos, plan->nautos);
    forget_slots(layer, plan->sums, plan->nsums);
  }
  layer->bound = false;
}

/* A layer whose domain names point back to those before them. */
static int write_compressed(struct pkt_writer *w) {
  struct pkt_endings endings = {.message = w->start};
  w->b->endings = &endings;
  int status = pkt_write_fields(w);
  w->b->endings = NULL;
  return status;
}

static int write_one(struct pkt_builder *b, uint32_t i) {
  const struct pkt_packet *p = b->packet;
  struct pkt_layer *layer = p->layers[i];
  b->at = i;
  layer->offset = (uint32_t)b->out->len;
  if (layer->raw) return copy_raw(b, layer);
  struct pkt_writer w = pkt_writer_at(b, layer, i > 0 ? p->layers[i - 1] : NULL, b->out->len);
  return layer->compress ? write_compressed(&w) : pkt_write_fields(&w);
}

/* Write all layers but Padding, which lies behind them. */
static int write_all(struct pkt_builder *b) {
  const struct pkt_packet *p = b->packet;
  for (uint32_t i = 0; i < p->len; i++)
    if (!p->layers[i]->plan->is_padding && write_one(b, i) != 0) return -1;
  return 0;
}

/* Write the next Padding, as far as at least so many layers hold it. */
static int write_paddings(struct pkt_builder *b, unsigned inside) {
  const struct pkt_packet *p = b->packet;
  for (; b->padding < p->len; b->padding++) {
    const struct pkt_layer *layer = p->layers[b->padding];
    if (!layer->plan->is_padding) continue;
    if (layer->inside < inside) break;
    if (write_one(b, b->padding) != 0) return -1;
  }
  return 0;
}

/* From the innermost layer outwards: Padding that it holds, what is worked out, and what stands
** behind that it counts. */
static int work_out_all(struct pkt_builder *b) {
  const struct pkt_packet *p = b->packet;
  for (uint32_t i = p->len; i-- > 0;) {
    struct pkt_layer *layer = p->layers[i];
    if (layer->plan->is_padding) continue;
    if (write_paddings(b, i + 1) != 0) return -1;
    size_t end = b->out->len;
    layer->avail = (uint32_t)(end - layer->offset);
    bool measured = pkt_is_measured(layer);
    if (!measured && !layer->plan->trailer) continue;
    b->at = i;
    struct pkt_writer w = pkt_writer_at(b, layer, i > 0 ? p->layers[i - 1] : NULL, layer->offset);
    if (layer->raw && measured && begin_measure(&w) != 0) return -1;
    if (measured && work_out(&w, end) != 0) return -1;
    if (layer->plan->trailer && pkt_write_trailer(&w) != 0) return -1;
    layer->avail = (uint32_t)(b->out->len - layer->offset);
    if (measured) pkt_store_checksums(&w, end);
  }
  return 0;
}

int pkt_build(struct pkt_packet *p, struct pkt_arena *arena, struct pkt_buf *out,
              struct pkt_err *err) {
  struct pkt_builder b = {.arena = arena, .out = out, .packet = p, .err = err};
  out->len = 0;
  out->limit = PKT_MAX_PACKET;
  out->failed = out->limited = false;
  if (!pkt_buf_room(out, 1)) /* 'data' is never NULL, even of an empty packet */
    return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  for (uint32_t i = 0; i < p->len; i++) pkt_forget_built(p->layers[i]);
  for (uint32_t i = 1; i < p->len; i++) bind_on(p->layers, i, p->layers[i]->plan);
  int status = write_all(&b);
  if (status == 0) status = work_out_all(&b);
  if (status == 0) status = write_paddings(&b, 0);
  if (!out->failed) return status;
  if (!out->limited) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  return pkt_fail(err, PKT_ERR_LIMIT, "the packet is larger than %d bytes", PKT_MAX_PACKET);
}
