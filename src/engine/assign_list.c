/* assign_list.c - lists of values, and of packets within fields. */
#include "assign_inner.h"
#include "dissect.h"

struct pkt_list *pkt_new_list(struct pkt_target *t, uint32_t items, size_t size) {
  if (items > PKT_MAX_ITEMS) {
    pkt_fail(t->err, PKT_ERR_LIMIT, "%s.%s: %u items are more than %d", t->plan->id,
             pkt_op_name(t->op), items, PKT_MAX_ITEMS);
    return NULL;
  }
  struct pkt_list *list = pkt_calloc(t->c->arena, sizeof *list);
  if (list) list->slots = pkt_calloc(t->c->arena, items * size + 1);
  if (!list || !list->slots) {
    pkt_no_memory(t);
    return NULL;
  }
  return list;
}

/* The most bytes that an item's own count can say. */
static uint32_t item_room(const struct pkt_op *item) {
  bool small = item->counted > 0 && item->counted < 4;
  return small ? (1u << (8 * item->counted)) - 1 : UINT32_MAX;
}

/* A text for a list of strings that say how long they are is cut into as many as it needs (RFC 1035
** section 3.3.14). */
static int set_strings(struct pkt_target *t, const struct pkt_value *v, uint32_t room) {
  uint32_t n = (v->len - 1) / room + 1;
  struct pkt_value *items = pkt_calloc(t->c->arena, n * sizeof *items);
  if (!items) return pkt_no_memory(t);
  for (uint32_t i = 0, at = 0; i < n; i++, at += room) {
    items[i] = *v;
    items[i].ptr = v->ptr + at;
    items[i].len = v->len - at < room ? v->len - at : room;
  }
  return pkt_set_list(t, &(struct pkt_value){.type = PKT_V_LIST, .len = n, .items = items});
}

int pkt_set_items(struct pkt_target *t, const struct pkt_value *items, uint32_t n) {
  struct pkt_list *list = pkt_new_list(t, n, sizeof(struct pkt_slot));
  if (!list) return -1;
  for (uint32_t i = 0; i < n; i++) {
    struct pkt_target item = *t;
    item.op = t->op->item;
    item.slot = &list->slots[i];
    if ((items ? pkt_set_value(&item, &items[i]) : pkt_set_random(&item)) != 0) return -1;
    item.slot->state = PKT_SET;
  }
  list->len = n;
  t->slot->list = list;
  return 0;
}

int pkt_set_list(struct pkt_target *t, const struct pkt_value *v) {
  bool text = v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
  uint32_t room = item_room(t->op->item);
  if (text && v->len > room) return set_strings(t, v, room);
  const struct pkt_value *items = v->type == PKT_V_LIST ? v->items : v;
  return pkt_set_items(t, items, v->type == PKT_V_LIST ? v->len : 1);
}

/* Fields of a nested packet from members {"qname": "x.org"} or from [{"id","value"}]. */
static int set_member(struct pkt_target *t, struct pkt_layer *layer, const char *id,
                      uint32_t id_len, const struct pkt_value *v) {
  const struct pkt_op *op = pkt_plan_op(layer->plan, id, id_len);
  char quote[PKT_QUOTE_ROOM];
  if (!op)
    return pkt_fail(t->err, PKT_ERR_UNKNOWN, "%s.%s: %s has no field %s", t->plan->id,
                    pkt_op_name(t->op), layer->plan->id, pkt_quote(quote, id, id_len));
  return pkt_assign(t->c, layer, op, v, t->err);
}

static bool is_late(const struct pkt_plan *plan, const char *id, uint32_t id_len) {
  const struct pkt_op *op = pkt_plan_op(plan, id, id_len);
  return op && pkt_op_is_late(op);
}

/* Set fields from named members, which come in no particular order: those whose form depends on
** other fields are set last. */
static int set_members(struct pkt_target *t, struct pkt_layer *layer, const struct pkt_member *m,
                       uint32_t n) {
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < n; i++)
      if (m[i].key && is_late(layer->plan, m[i].key, m[i].key_len) == (pass == 1) &&
          set_member(t, layer, m[i].key, m[i].key_len, &m[i].value) != 0)
        return -1;
  return 0;
}

/* Of a list of {"id", "value"}, set the fields whose form depends on others, or only those whose
** form doesn't. */
static int set_some_fields(struct pkt_target *t, struct pkt_layer *layer,
                           const struct pkt_value *list, bool late) {
  for (uint32_t i = 0; i < list->len; i++) {
    const struct pkt_value *id = pkt_value_get(&list->items[i], "id");
    const struct pkt_value *value = pkt_value_get(&list->items[i], "value");
    if (!id || id->type != PKT_V_TEXT || !value)
      return pkt_refuse(t, &list->items[i], "a field: {\"id\": ..., \"value\": ...}");
    if (is_late(layer->plan, id->ptr, id->len) == late &&
        set_member(t, layer, id->ptr, id->len, value) != 0)
      return -1;
  }
  return 0;
}

static int set_model_fields(struct pkt_target *t, struct pkt_layer *layer,
                            const struct pkt_value *v) {
  if (v->type == PKT_V_MAP) return set_members(t, layer, v->members, v->len);
  if (v->type != PKT_V_LIST) return pkt_refuse(t, v, "fields");
  return set_some_fields(t, layer, v, false) == 0 ? set_some_fields(t, layer, v, true) : -1;
}

static const struct pkt_plan *find_plan(struct pkt_target *t, const struct pkt_value *id) {
  char quote[PKT_QUOTE_ROOM];
  const struct pkt_plan *plan = NULL;
  if (id->type == PKT_V_TEXT && t->c->registry)
    plan = pkt_registry_find(t->c->registry, id->ptr, id->len);
  if (!plan)
    pkt_fail(t->err, PKT_ERR_UNKNOWN, "%s.%s: there is no protocol %s", t->plan->id,
             pkt_op_name(t->op), pkt_quote(quote, id->ptr, id->type == PKT_V_TEXT ? id->len : 0));
  return plan;
}

static struct pkt_layer *make_layer(struct pkt_target *t, const struct pkt_plan *plan) {
  struct pkt_layer *layer = pkt_layer_new(t->c->arena, plan);
  if (!layer) pkt_no_memory(t);
  return layer;
}

/* IPOption(b'\x83\x07...'): the packet's bytes; what they are decides its kind. */
static bool is_wire_call(const struct pkt_ctor *call) {
  return call->len == 1 && !call->fields[0].key && call->fields[0].value.type == PKT_V_BYTES;
}

/* The variant of 'plan' that these bytes are: the one that the list being set would read them
** as, if it is a list of such packets. NULL without memory. */
static const struct pkt_plan *kind_of_wire(struct pkt_target *t, const struct pkt_plan *plan,
                                           const uint8_t *bytes, uint32_t n) {
  struct pkt_err why;
  struct pkt_slot slot = {0};
  bool listed = t->layer && t->op->kind == PKT_LAYERS && t->op->of == plan && !t->op->element;
  if (!listed) return pkt_dissect_variant(plan, bytes, n);
  if (pkt_dissect_field(t->c->arena, t->layer, t->op, bytes, n, &slot, &why) != 0) {
    if (why.code == PKT_ERR_MEMORY) return pkt_no_memory(t), NULL;
    return pkt_dissect_variant(plan, bytes, n);
  }
  const struct pkt_plan *first = slot.list->len > 0 ? slot.list->layers[0]->plan : NULL;
  return first && !first->is_raw ? first : pkt_dissect_variant(plan, bytes, n);
}

/* What the protocol doesn't read of the bytes is Raw behind it. */
static struct pkt_layer *layer_from_wire(struct pkt_target *t, const struct pkt_plan *plan,
                                         const struct pkt_value *v) {
  if (v->len == 0) return make_layer(t, plan);
  const uint8_t *bytes = pkt_memdup(t->c->arena, v->ptr, v->len);
  if (!bytes) return pkt_no_memory(t), NULL;
  plan = kind_of_wire(t, plan, bytes, v->len);
  if (!plan) return NULL;
  struct pkt_layer *layer = pkt_dissect_layer(t->c->arena, plan, t->layer, bytes, v->len, t->err);
  if (!layer) return NULL;
  uint32_t size = layer->size, rest = v->len - size - layer->trailer;
  layer->size = v->len;
  if (rest == 0) return layer;
  layer->rest = pkt_dissect_layer(t->c->arena, plan->raw, layer, bytes + size, rest, t->err);
  return layer->rest ? layer : NULL;
}

/* Is a field that the call gives by its place given by its name, too? */
static bool is_given_twice(const struct pkt_plan *plan, const struct pkt_ctor *call,
                           const struct pkt_member *m) {
  const struct pkt_op *op = pkt_plan_op(plan, m->key, m->key_len);
  uint32_t place = op ? (uint32_t)(op - plan->ops) : call->len;
  return place < call->len && !call->fields[place].key;
}

static int check_call(struct pkt_target *t, const struct pkt_plan *plan,
                      const struct pkt_ctor *call) {
  for (uint32_t i = 0; i < call->len; i++) {
    const struct pkt_member *m = &call->fields[i];
    if (m->key && is_given_twice(plan, call, m))
      return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s.%.*s is given twice", t->plan->id,
                      pkt_op_name(t->op), plan->id, (int)m->key_len, m->key);
  }
  return 0;
}

/* DNSQR(qname="x.org") */
static struct pkt_layer *layer_from_call(struct pkt_target *t, const struct pkt_ctor *call) {
  const struct pkt_value id = {.type = PKT_V_TEXT, .ptr = call->id, .len = call->id_len};
  const struct pkt_plan *plan = find_plan(t, &id);
  if (plan && is_wire_call(call)) return layer_from_wire(t, plan, &call->fields[0].value);
  struct pkt_layer *layer = plan ? make_layer(t, plan) : NULL;
  if (!layer || check_call(t, plan, call) != 0) return NULL;
  if (plan->is_raw || plan->is_padding) /* a layer of a packet has "dummy", a call has no bytes */
    layer->slots[0] = (struct pkt_slot){.bytes = (const uint8_t *)"", .state = PKT_SET};
  for (uint32_t i = 0; i < call->len; i++) {
    const struct pkt_member *m = &call->fields[i];
    if (m->key) continue;
    if (i >= plan->nops) {
      pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s has %u fields, not %u", t->plan->id,
               pkt_op_name(t->op), plan->id, plan->nops, call->len);
      return NULL;
    } else if (pkt_assign(t->c, layer, &plan->ops[i], &m->value, t->err) != 0) {
      return NULL;
    }
  }
  return set_members(t, layer, call->fields, call->len) == 0 ? layer : NULL;
}

/* {"id":"DNSQR","fields":...}, {"qname":"x.org"} or ["x.org", "A"] */
static struct pkt_layer *layer_from_json(struct pkt_target *t, const struct pkt_value *v) {
  const struct pkt_value *id = pkt_value_get(v, "id"), *fields = pkt_value_get(v, "fields");
  bool model = id && id->type == PKT_V_TEXT &&
               (fields || v->len == 1 || !pkt_plan_op(t->op->of, "id", strlen("id")));
  const struct pkt_plan *plan = model ? find_plan(t, id) : t->op->of;
  struct pkt_layer *layer = plan ? make_layer(t, plan) : NULL;
  if (!layer) return NULL;
  if (model) {
    if (!fields && v->len > 1) {
      (void)pkt_refuse(t, v, "a packet, which has \"id\" and \"fields\"");
      return NULL;
    }
    if (fields && set_model_fields(t, layer, fields) != 0) return NULL;
  } else if (v->type == PKT_V_MAP) {
    if (set_model_fields(t, layer, v) != 0) return NULL;
  } else {
    for (uint32_t i = 0; i < v->len; i++) {
      if (i >= plan->nops) {
        pkt_refuse(t, v, "a list of the protocol's fields in their order");
        return NULL;
      }
      if (pkt_assign(t->c, layer, &plan->ops[i], &v->items[i], t->err) != 0) return NULL;
    }
  }
  return layer;
}

static struct pkt_layer *layer_from_bytes(struct pkt_target *t, const struct pkt_value *v) {
  const struct pkt_plan *raw = t->op->of->raw; /* NULL while a default is compiled */
  struct pkt_layer *layer = raw ? make_layer(t, raw) : NULL;
  if (!raw) (void)pkt_refuse(t, v, "a packet: {\"id\": ..., \"fields\": [...]}");
  if (layer && pkt_assign(t->c, layer, &raw->ops[0], v, t->err) != 0) return NULL;
  return layer;
}

static int count_calls(const struct pkt_value *v) {
  int n = 0;
  for (const struct pkt_ctor *c = v->layer; c && n <= PKT_MAX_ITEMS; c = c->above) n++;
  return n;
}

/* A()/B() makes two items, except for Raw on a packet that says how far it reaches: that is part
** of the packet. */
static int add_calls(struct pkt_target *t, struct pkt_list *list, const struct pkt_ctor *call) {
  struct pkt_layer *below = NULL;
  for (; call; call = call->above) {
    struct pkt_layer *layer = layer_from_call(t, call);
    if (!layer) return -1;
    bool claims = below && below->plan->extent && !(t->op->flags & PKT_OP_STACK);
    if (claims && layer->plan->is_raw && !below->rest)
      below->rest = layer;
    else
      list->layers[list->len++] = below = layer;
  }
  return 0;
}

static int add_layers(struct pkt_target *t, struct pkt_list *list, const struct pkt_value *v) {
  struct pkt_layer *layer = NULL;
  switch (v->type) {
    case PKT_V_LAYER: return add_calls(t, list, v->layer);
    case PKT_V_MAP:
    case PKT_V_LIST: layer = layer_from_json(t, v); break;
    case PKT_V_BYTES:
    case PKT_V_TEXT: layer = layer_from_bytes(t, v); break;
    default: return pkt_refuse(t, v, "a packet: {\"id\": ..., \"fields\": [...]}");
  }
  if (!layer) return -1;
  list->layers[list->len++] = layer;
  return 0;
}

int pkt_set_list_bytes(struct pkt_target *t, const struct pkt_value *v) {
  struct pkt_list *list = pkt_new_list(t, 0, 1);
  if (!list) return -1;
  list->raw = (const uint8_t *)v->ptr;
  list->raw_len = v->len;
  list->as_bytes = true;
  t->slot->list = list;
  return 0;
}

int pkt_set_layers(struct pkt_target *t, const struct pkt_value *v) {
  if (v->type == PKT_V_TEXT && v->len == 0) return pkt_set_list_bytes(t, v);
  if (v->type == PKT_V_TEXT)
    return pkt_refuse(t, v, "a list; for a constructor call use {\"vtype\": \"EXPRESSION\"}");
  if (v->type == PKT_V_BYTES) return pkt_set_list_bytes(t, v);
  bool many = v->type == PKT_V_LIST;
  const struct pkt_value *items = many ? v->items : v;
  uint32_t n = many ? v->len : 1, room = 0;
  for (uint32_t i = 0; i < n && room <= PKT_MAX_ITEMS; i++)
    room += items[i].type == PKT_V_LAYER ? (uint32_t)count_calls(&items[i]) : 1;
  struct pkt_list *list = pkt_new_list(t, room, sizeof(struct pkt_layer *));
  if (!list) return -1;
  for (uint32_t i = 0; i < n; i++)
    if (add_layers(t, list, &items[i]) != 0) return -1;
  t->slot->list = list;
  return 0;
}
