/* copy.c - layers copied from arena to arena. */
#include "copy.h"

/* The first failed allocation is remembered, and looked for once, at the end. */
struct copier {
  struct pkt_arena *arena;
  const struct pkt_span *shared;
  bool failed;
};

static struct pkt_layer *copy_layer(struct copier *c, const struct pkt_layer *layer);

static void *allocate(struct copier *c, size_t n) {
  void *p = pkt_calloc(c->arena, n);
  if (!p) c->failed = true;
  return p;
}

/* A copy of 'n' bytes; not NULL for 0 bytes, as NULL would mean "no value". */
static const uint8_t *copy_bytes(struct copier *c, const uint8_t *p, size_t n) {
  static const uint8_t none[1] = {0};
  const struct pkt_span *s = c->shared;
  if (!p) return NULL;
  if (n == 0) return none;
  if (s && s->n > 0 && p >= s->p && p < s->p + s->n) return p;
  uint8_t *copy = allocate(c, n);
  if (copy) memcpy(copy, p, n);
  return copy;
}

static void copy_slot(struct copier *c, const struct pkt_op *op, const struct pkt_slot *from,
                      struct pkt_slot *to);

static void copy_slots(struct copier *c, const struct pkt_op *item, struct pkt_list *list) {
  const struct pkt_slot *from = list->slots;
  list->slots = allocate(c, list->len * sizeof *from);
  for (uint32_t i = 0; list->slots && i < list->len; i++)
    copy_slot(c, item, &from[i], &list->slots[i]);
}

static void copy_options(struct copier *c, struct pkt_list *list) {
  const struct pkt_option *from = list->options;
  list->options = allocate(c, list->len * sizeof *from);
  for (uint32_t i = 0; list->options && i < list->len; i++) {
    list->options[i] = from[i];
    list->options[i].data = copy_bytes(c, from[i].data, from[i].len);
  }
}

static void copy_layers(struct copier *c, struct pkt_list *list) {
  struct pkt_layer *const *from = list->layers;
  list->layers = allocate(c, list->len * sizeof *from);
  for (uint32_t i = 0; list->layers && i < list->len; i++) list->layers[i] = copy_layer(c, from[i]);
}

static struct pkt_list *copy_list(struct copier *c, const struct pkt_op *op,
                                  const struct pkt_list *list) {
  struct pkt_list *copy = list ? allocate(c, sizeof *copy) : NULL;
  if (!copy) return NULL;
  *copy = *list;
  copy->raw = copy_bytes(c, list->raw, list->raw_len);
  if (op->kind == PKT_LIST)
    copy_slots(c, op->item, copy);
  else if (op->kind == PKT_OPTIONS)
    copy_options(c, copy);
  else
    copy_layers(c, copy);
  return copy;
}

static void copy_slot(struct copier *c, const struct pkt_op *op, const struct pkt_slot *from,
                      struct pkt_slot *to) {
  *to = *from;
  switch (op->kind) {
    case PKT_UINT:
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_PHANTOM: return;
    case PKT_INTEGER:
      if (pkt_slot_is_big(from)) to->bytes = copy_bytes(c, from->bytes, from->len);
      return;
    case PKT_IPV6: to->bytes = copy_bytes(c, from->bytes, 16); return;
    case PKT_OID:
    case PKT_BITS:
    case PKT_BYTES:
    case PKT_NAME: to->bytes = copy_bytes(c, from->bytes, from->len); return;
    case PKT_CHOICE: copy_slot(c, op->alts[from->alt].op, from, to); return;
    default: to->list = copy_list(c, op, from->list);
  }
}

/* A value that is shown as it was given: a number, or text. */
static void copy_given(struct copier *c, const struct pkt_layer *layer, struct pkt_layer *copy) {
  struct pkt_given **at = &copy->given;
  *at = NULL;
  for (const struct pkt_given *g = layer->given; g; g = g->next) {
    struct pkt_given *to = allocate(c, sizeof *to);
    bool text = g->value.type == PKT_V_TEXT || g->value.type == PKT_V_BYTES;
    if (!to) return;
    *to = *g;
    to->next = NULL;
    to->value.address = 0; /* its bytes, behind the text, aren't shown */
    if (text)
      to->value.ptr = (const char *)copy_bytes(c, (const uint8_t *)g->value.ptr, g->value.len);
    else if (g->value.type >= PKT_V_LIST) /* shown as it is kept */
      continue;
    *at = to;
    at = &to->next;
  }
}

static struct pkt_layer *copy_layer(struct copier *c, const struct pkt_layer *layer) {
  struct pkt_layer *copy = pkt_layer_alloc(c->arena, layer->plan, layer->plan->nops);
  if (!copy) {
    c->failed = true;
    return NULL;
  }
  struct pkt_slot *slots = copy->slots;
  *copy = *layer;
  copy->slots = slots;
  copy->raw = copy_bytes(c, layer->raw, layer->size);
  copy->rest = layer->rest ? copy_layer(c, layer->rest) : NULL;
  copy_given(c, layer, copy);
  for (unsigned i = 0; i < layer->plan->nops; i++)
    copy_slot(c, &layer->plan->ops[i], &layer->slots[i], &slots[i]);
  return copy;
}

struct pkt_layer *pkt_layer_copy(struct pkt_arena *arena, const struct pkt_layer *layer,
                                 const struct pkt_span *shared) {
  struct copier c = {.arena = arena, .shared = shared};
  struct pkt_layer *copy = copy_layer(&c, layer);
  return c.failed ? NULL : copy;
}
