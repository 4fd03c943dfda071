/* reply.c - the reply tree. */
#include "reply.h"

#include "dissect.h"
#include "json.h"
#include "show.h"

/* A layer as it was asked for, and as its bytes read. */
struct view {
  const struct pkt_layer *layer;
  const struct pkt_layer *seen;  /* read from its bytes and all behind; NULL: they can't be read */
  const struct pkt_layer *place; /* read from its own bytes, or else 'seen' */
  const struct pkt_plan *real;   /* what the bytes say it is; NULL: they say nothing */
  bool valid;
  enum pkt_dialect dialect; /* of expressions */
  uint32_t offset;          /* bytes from the start of the packet, as it is shown */
};

/* The length that is shown: true bytes, 0 for what isn't whole bytes, the nominal size of a field
** that takes none. */
static uint32_t shown_length(const struct pkt_op *op, const struct pkt_slot *s) {
  if (s->nbits == 0) return op->nominal;
  return s->bit % 8 == 0 && s->nbits % 8 == 0 ? s->nbits / 8 : 0;
}

static void write_geometry(struct pkt_buf *b, uint32_t bit, uint32_t length, uint32_t nbits) {
  pkt_buf_lit(b, ",\"offset\":");
  pkt_buf_u64(b, bit / 8);
  pkt_buf_lit(b, ",\"length\":");
  pkt_buf_u64(b, length);
  pkt_buf_lit(b, ",\"bit_offset\":");
  pkt_buf_u64(b, bit);
  pkt_buf_lit(b, ",\"bit_length\":");
  pkt_buf_u64(b, nbits);
}

static const char *keep(struct pkt_arena *a, const struct pkt_buf *b, uint32_t *len) {
  *len = (uint32_t)b->len;
  return b->failed ? NULL : pkt_memdup(a, b->data, b->len);
}

static int prepare_op(struct pkt_registry *r, struct pkt_op *op, struct pkt_buf *b) {
  pkt_buf_clear(b, SIZE_MAX);
  pkt_buf_lit(b, "{\"id\":");
  pkt_json_string(b, op->id, op->id_len);
  pkt_buf_byte(b, ',');
  op->head = keep(&r->arena, b, &op->head_len);
  if (!op->head) return -1;
  if (!(op->flags & PKT_OP_FIXED) || op->width == 0) return 0;
  struct pkt_slot place = {.bit = op->bit, .nbits = op->width};
  pkt_buf_clear(b, SIZE_MAX);
  write_geometry(b, op->bit, shown_length(op, &place), op->width);
  op->tail = keep(&r->arena, b, &op->tail_len);
  return op->tail ? 0 : -1;
}

static void write_preset(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                         const struct pkt_layer *layer, const struct pkt_op *op) {
  pkt_buf_clear(b, SIZE_MAX);
  pkt_buf_add(b, op->head, op->head_len);
  pkt_show_field(b, scratch, d, layer, op, &layer->slots[op - layer->plan->ops]);
  pkt_buf_add(b, op->tail, op->tail_len);
  pkt_buf_byte(b, '}');
}

/* Lay down the complete text of a field at a fixed place that is neither set nor worked out: in
** both dialects, which mostly share one text. */
static int prepare_preset(struct pkt_registry *r, const struct pkt_layer *layer, struct pkt_op *op,
                          struct pkt_buf *b, struct pkt_buf *scratch) {
  if (!op->tail || op->autorule || op->special->digits || op->sum || op->names_by ||
      op->flags & PKT_OP_TWIN)
    return 0;
  for (int d = 0; d < PKT_DIALECTS; d++) {
    write_preset(b, scratch, (enum pkt_dialect)d, layer, op);
    bool same = d > 0 && b->len == op->preset_len[0] && !b->failed &&
                memcmp(b->data, op->preset[0], b->len) == 0;
    op->preset[d] = same ? op->preset[0] : keep(&r->arena, b, &op->preset_len[d]);
    if (same) op->preset_len[d] = op->preset_len[0];
    if (!op->preset[d]) return -1;
  }
  return 0;
}

static int prepare_plan(struct pkt_registry *r, struct pkt_plan *plan, struct pkt_buf *b,
                        struct pkt_buf *scratch) {
  const struct pkt_layer layer = {.plan = plan,
                                  .slots = (struct pkt_slot *)(uintptr_t)plan->defaults};
  const char *shown = plan->shown ? plan->shown : plan->is_padding ? plan->raw->id : plan->id;
  pkt_buf_clear(b, SIZE_MAX);
  pkt_buf_lit(b, "{\"id\":");
  pkt_json_string(b, shown, strlen(shown));
  pkt_buf_lit(b, ",\"name\":");
  pkt_json_string(b, plan->title, strlen(plan->title));
  pkt_buf_lit(b, ",\"offset\":");
  plan->head = keep(&r->arena, b, &plan->head_len);
  pkt_buf_clear(b, SIZE_MAX);
  pkt_buf_lit(b, ",\"real_id\":");
  pkt_json_string(b, plan->id, plan->id_len);
  pkt_buf_lit(b, ",\"valid_structure\":true,\"fields\":[");
  plan->real = keep(&r->arena, b, &plan->real_len);
  if (!plan->head || !plan->real) return -1;
  for (unsigned i = 0; i < plan->nops; i++) {
    struct pkt_op *op = (struct pkt_op *)(uintptr_t)&plan->ops[i];
    if (prepare_op(r, op, b) != 0 || prepare_preset(r, &layer, op, b, scratch) != 0) return -1;
  }
  return 0;
}

int pkt_reply_prepare(struct pkt_registry *r, struct pkt_err *err) {
  struct pkt_buf b = {0}, scratch = {0};
  int status = 0;
  for (uint32_t i = 0; i < r->len && status == 0; i++)
    status = prepare_plan(r, &r->plans[i], &b, &scratch);
  pkt_buf_free(&b);
  pkt_buf_free(&scratch);
  return status == 0 ? 0 : pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
}

/* The slot of the same field in a layer that was read; NULL: it has no such field. */
static const struct pkt_slot *same_slot(const struct view *v, const struct pkt_layer *in,
                                        unsigned i) {
  const struct pkt_plan *plan = v->layer->plan;
  if (!in) return &v->layer->slots[i];
  if (in->plan == plan || in->plan->ops == plan->ops) return &in->slots[i];
  const struct pkt_op *op = pkt_plan_op(in->plan, plan->ops[i].id, plan->ops[i].id_len);
  return op ? &in->slots[op - in->plan->ops] : NULL;
}

static bool is_list(const struct pkt_op *op, const struct pkt_slot *s) {
  switch (op->kind) {
    case PKT_LIST: return true;
    case PKT_LAYERS:
      if (!(op->flags & PKT_OP_CHAIN)) return true; /* bytes of it are read, too */
      return !(s->list && s->list->as_bytes);
    case PKT_LAYER: return !(s->list && s->list->as_bytes);
    case PKT_OPTIONS: return s->list && !s->list->as_bytes;
    case PKT_CHOICE: return is_list(op->alts[s->alt].op, s);
    default: return false;
  }
}

/* The slot that is shown: what was asked for, but lists and fields that were left open are shown
** as they read back. */
static const struct pkt_slot *shown_slot(const struct pkt_op *op, const struct pkt_slot *s,
                                         const struct pkt_slot *seen) {
  if (!seen || !(s->none || is_list(op, s))) return s;
  if (op->kind == PKT_CHOICE && seen->state != PKT_SET) return s;
  return seen;
}

/* Was another field of the same id read? ICMP has two named 'unused'. */
static bool twin_read(const struct view *v, unsigned i) {
  if (!v->seen) return false;
  const struct pkt_plan *plan = v->layer->plan;
  for (unsigned k = 0; k < plan->nops; k++)
    if (k != i && strcmp(plan->ops[k].id, plan->ops[i].id) == 0 && k < v->seen->plan->nops &&
        v->seen->slots[k].state != PKT_UNREAD)
      return true;
  return false;
}

/* The reference keeps fields by id, so of two with the same id the one that was read last shows. */
static const struct pkt_slot *last_twin(const struct view *v, unsigned i) {
  const struct pkt_plan *plan = v->layer->plan;
  unsigned last = i;
  for (unsigned k = 0; k < plan->nops; k++)
    if (strcmp(plan->ops[k].id, plan->ops[i].id) == 0 && v->layer->slots[k].state != PKT_UNREAD)
      last = k;
  return shown_slot(&plan->ops[last], &v->layer->slots[last], &v->seen->slots[last]);
}

/* Does the slot hold its default, so that the text laid down for that is right? */
static bool holds_default(const struct pkt_layer *layer, const struct pkt_op *op,
                          const struct pkt_slot *s, unsigned i) {
  if (s->state == PKT_UNSET) return true;
  const struct pkt_slot *d = &layer->plan->defaults[i];
  bool number = op->kind == PKT_UINT || op->kind == PKT_MAC || op->kind == PKT_IPV4;
  return number && s->num == d->num && s->negative == d->negative && !layer->given &&
         op->show != PKT_SHOW_FIXED8;
}

static void write_field(struct pkt_buf *b, struct pkt_buf *scratch, const struct view *v,
                        unsigned i) {
  const struct pkt_op *op = &v->layer->plan->ops[i];
  const struct pkt_slot *s = &v->layer->slots[i];
  const struct pkt_slot *seen = same_slot(v, v->seen, i);
  if (op->preset[0] && seen && seen->state == PKT_SET && holds_default(v->layer, op, s, i)) {
    if (i) pkt_buf_byte(b, ',');
    pkt_buf_add(b, op->preset[v->dialect], op->preset_len[v->dialect]);
    return;
  }
  bool ignored = !seen || (seen->state == PKT_UNREAD && !(op->flags & PKT_OP_LISTED) &&
                           !(op->flags & PKT_OP_TWIN && twin_read(v, i)));
  const struct pkt_slot *shown = shown_slot(op, s, seen);
  if (op->flags & PKT_OP_TWIN && v->layer->raw && v->seen) shown = last_twin(v, i);
  if (i) pkt_buf_byte(b, ',');
  pkt_buf_add(b, op->head, op->head_len);
  pkt_show_field(b, scratch, v->dialect, shown == seen && seen != s ? v->seen : v->layer, op,
                 shown);
  const struct pkt_slot *place = same_slot(v, v->place, i);
  if (!place || (v->place && v->place->plan->ops != v->layer->plan->ops))
    place = s; /* another form of it */
  const struct pkt_slot *size = place->state == PKT_SET ? place : s;
  if (op->tail && size->nbits)
    pkt_buf_add(b, op->tail, op->tail_len);
  else
    write_geometry(b, place->bit, shown_length(op, size), size->nbits);
  if (ignored) pkt_buf_lit(b, ",\"ignored\":true");
  pkt_buf_byte(b, '}');
}

static void write_layer(struct pkt_buf *b, struct pkt_buf *scratch, const struct view *v) {
  const struct pkt_layer *layer = v->layer;
  pkt_buf_add(b, layer->plan->head, layer->plan->head_len);
  pkt_buf_u64(b, v->offset);
  if (v->valid)
    pkt_buf_add(b, v->real->real, v->real->real_len);
  else if (v->real)
    pkt_buf_fmt(b, ",\"real_id\":\"%s\",\"valid_structure\":false,\"fields\":[", v->real->id);
  else
    pkt_buf_lit(b, ",\"real_id\":null,\"valid_structure\":false,\"fields\":[");
  for (unsigned i = 0; i < layer->plan->nops; i++) write_field(b, scratch, v, i);
  pkt_buf_lit(b, "]}");
}

/* Read a layer on its own, from all the bytes there are, whatever the lengths of the layers
** below say. That is for one that the bytes don't name, that the bytes end within, or that is
** followed by padding. NULL with *err: it can't be read. */
static const struct pkt_layer *read_alone(struct pkt_arena *arena, const struct pkt_packet *p,
                                          uint32_t i, const uint8_t *bytes, size_t n,
                                          struct pkt_err *err) {
  const struct pkt_layer *layer = p->layers[i];
  size_t left = n - layer->offset;
  const uint8_t *at = bytes + layer->offset;
  const struct pkt_plan *plan = pkt_dissect_variant(layer->plan, at, left);
  return pkt_dissect_layer(arena, plan, i > 0 ? p->layers[i - 1] : NULL, at, left, err);
}

/* A layer without fields, a marker, is shown where the one below begins, as the reference has
** it. */
static uint32_t shown_offset(const struct pkt_packet *p, uint32_t i) {
  return p->layers[i > 0 && p->layers[i]->plan->nops == 0 ? i - 1 : i]->offset;
}

/* Was the layer found at its own place, with the fields that it has if read on its own? A
** variant may have other fields. */
static bool is_found_at(const struct pkt_layer *layer, const struct pkt_layer *found,
                        const uint8_t *bytes, size_t n) {
  if (found->offset != layer->offset) return false;
  const struct pkt_plan *plan = layer->plan;
  if (found->plan == plan || found->plan->ops == plan->ops || plan->nops == 0) return true;
  plan = pkt_dissect_variant(plan, bytes + layer->offset, n - layer->offset);
  return found->plan == plan || found->plan->ops == plan->ops;
}

int pkt_reply_write(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                    struct pkt_arena *arena, const struct pkt_packet *p, const uint8_t *bytes,
                    size_t n, enum pkt_reach reach, struct pkt_err *err) {
  struct pkt_err why; /* something can't be read: that is shown, unless it is for lack of memory */
  const struct pkt_packet *real =
      pkt_dissect(arena, p->layers[0]->plan, bytes, n, pkt_reach_of(p, reach), &why);
  if (!real && why.code == PKT_ERR_MEMORY) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  bool valid = real != NULL;
  size_t end = n;     /* of the layer: before the trailers of those below */
  size_t padding = 0; /* of those below: written behind all else, and none of the layer's bytes */
  pkt_buf_lit(b, "{\"binary\":\"");
  pkt_buf_base64(b, bytes, n);
  pkt_buf_lit(b, "\",\"data\":[");
  for (uint32_t i = 0; i < p->len; i++) {
    const struct pkt_layer *found = valid && i < real->len ? real->layers[i] : NULL;
    struct view v = {.layer = p->layers[i], .real = found ? found->plan : NULL, .dialect = d};
    v.offset = shown_offset(p, i);
    valid = v.valid = found && pkt_plan_is(p->layers[i]->plan, found->plan);
    bool is_padding = p->layers[i]->plan->is_padding;
    size_t stop = is_padding ? end : end - padding;
    bool there = valid && is_found_at(v.layer, found, bytes, stop);
    bool whole = there && !found->unread && found->offset + found->avail == stop;
    v.seen = whole ? found : read_alone(arena, p, i, bytes, stop, &why);
    if (!v.seen && why.code == PKT_ERR_MEMORY)
      return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    v.place = there ? found : v.seen;
    if (i) pkt_buf_byte(b, ',');
    write_layer(b, scratch, &v);
    end -= p->layers[i]->trailer;
    if (is_padding) padding += p->layers[i]->size;
  }
  pkt_buf_lit(b, "]}");
  if (!b->failed) return 0;
  return b->limited ? pkt_fail(err, PKT_ERR_LIMIT, "the reply is too large")
                    : pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
}
