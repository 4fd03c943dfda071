/* assign.c - a value into a slot: what all kinds of fields have in common. */
#include "assign.h"

#include <stdio.h>

#include "../wire/base64.h"
#include "assign_inner.h"
#include "dissect.h"
#include "real.h"

int pkt_no_memory(struct pkt_target *t) {
  return pkt_fail(t->err, PKT_ERR_MEMORY, "out of memory");
}

const char *pkt_describe(char out[PKT_QUOTE_ROOM], const struct pkt_value *v) {
  switch (v->type) {
    case PKT_V_TEXT:
    case PKT_V_BYTES: return pkt_quote(out, v->ptr, v->len);
    case PKT_V_INT:
      snprintf(out, PKT_QUOTE_ROOM, "%s%llu", v->negative ? "-" : "", (unsigned long long)v->num);
      return out;
    case PKT_V_REAL: snprintf(out, PKT_QUOTE_ROOM, "%g", v->real); return out;
    default: return pkt_value_kind(v);
  }
}

int pkt_refuse_call(struct pkt_err *err, const struct pkt_plan *plan, const struct pkt_op *op,
                    const struct pkt_ctor *call) {
  char what[PKT_QUOTE_ROOM];
  return pkt_fail(err, PKT_ERR_UNKNOWN,
                  "%s%s%s%sthere is no protocol %s; the method get_expression_help lists the words "
                  "of expressions",
                  plan ? plan->id : "", plan ? "." : "", op ? pkt_op_name(op) : "",
                  plan ? ": " : "", pkt_quote(what, call->id, call->id_len));
}

int pkt_refuse(struct pkt_target *t, const struct pkt_value *v, const char *wanted) {
  char what[PKT_QUOTE_ROOM];
  const char *id = t->plan->id, *field = pkt_op_name(t->op);
  const struct pkt_ctor *call = v->type == PKT_V_LAYER ? v->layer : NULL;
  if (call && (!t->c->registry || !pkt_registry_find(t->c->registry, call->id, call->id_len)))
    return pkt_refuse_call(t->err, t->plan, t->op, call);
  return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %s is not %s", id, field, pkt_describe(what, v),
                  wanted);
}

bool pkt_is_wrapped(const struct pkt_value *v) {
  return v->type == PKT_V_MAP && pkt_value_is(pkt_value_get(v, "vtype"), "BYTES");
}

int pkt_unwrap(struct pkt_target *t, const struct pkt_value *v, struct pkt_value *out) {
  const struct pkt_value *text = pkt_value_get(v, "base64");
  if (!text || text->type != PKT_V_TEXT)
    return pkt_refuse(t, v, "bytes: {\"vtype\": \"BYTES\", \"base64\": ...}");
  uint8_t *bytes = pkt_alloc(t->c->arena, text->len / 4 * 3 + 3);
  if (!bytes) return pkt_no_memory(t);
  ptrdiff_t n = pkt_base64_decode(bytes, text->ptr, text->len, NULL);
  if (n < 0) return pkt_refuse(t, text, "base64");
  *out = (struct pkt_value){.type = PKT_V_BYTES, .len = (uint32_t)n, .ptr = (const char *)bytes};
  return 0;
}

/* Is the refusal by the form that was asked for the final word? Text that is no address or name
** must not become a value of another kind of field; bytes may be wrong on purpose. */
static bool is_final(const struct pkt_op *form, const struct pkt_value *v) {
  bool named = form->kind == PKT_MAC || form->kind == PKT_IPV4 || form->kind == PKT_IPV6 ||
               form->kind == PKT_NAME;
  return named && v->type != PKT_V_BYTES;
}

/* Choose the form: the one that the layer's other fields ask for, or else the first that takes
** the value; for bytes the last one, which takes any. */
static int set_choice(struct pkt_target *t, const struct pkt_value *v) {
  struct pkt_scope scope = {.layer = t->layer};
  bool by_value = (t->op->flags & PKT_OP_BY_VALUE) != 0;
  struct pkt_value text = *v;
  if (by_value && (v->type == PKT_V_TEXT || v->type == PKT_V_BYTES)) {
    text.type = PKT_V_TEXT; /* four bytes may be a name, as text they are no address */
    if (v->len >= 2 && v->ptr[0] == '\'' && v->ptr[v->len - 1] == '\'') {
      text.ptr = v->ptr + 1; /* as addresses are shown */
      text.len = v->len - 2;
    }
    v = &text;
  }
  bool by_rule = t->layer && !by_value;
  uint32_t wanted = by_rule ? pkt_op_form(t->op, &scope) : 0;
  uint32_t n = t->op->nalts, turns = by_rule && is_final(t->op->alts[wanted].op, v) ? 0 : n;
  const struct pkt_slot before = *t->slot;
  for (uint32_t turn = 0; turn <= turns; turn++) {
    uint32_t i = turn == 0 ? wanted : v->type == PKT_V_BYTES ? n - turn : turn - 1;
    struct pkt_target alt = *t;
    struct pkt_err ignored;
    alt.op = t->op->alts[i].op;
    if (turn != 0 || !t->err) alt.err = &ignored;
    if (pkt_set_value(&alt, v) == 0) {
      t->slot->alt = (uint8_t)i;
      t->odd = alt.odd;
      return 0;
    }
    if (alt.err->code == PKT_ERR_MEMORY) return pkt_no_memory(t);
    *t->slot = before; /* a form that refuses may leave anything in it */
  }
  return -1; /* with the error of the form that was asked for, or of the first */
}

bool pkt_is_random(const struct pkt_value *v) {
  return v->type == PKT_V_MAP && pkt_value_is(pkt_value_get(v, "vtype"), "RANDOM");
}

/* Not within pkt_set_value(): calls there are jumps as long as nothing of it is on the stack. */
__attribute__((noinline)) static int set_wrapped(struct pkt_target *t, const struct pkt_value *v) {
  struct pkt_value bytes;
  return pkt_unwrap(t, v, &bytes) == 0 ? pkt_set_value(t, &bytes) : -1;
}

int pkt_set_value(struct pkt_target *t, const struct pkt_value *v) {
  if (pkt_is_wrapped(v)) return set_wrapped(t, v);
  if (pkt_is_random(v) && t->c->rng) return pkt_set_random(t);
  if (t->op->element && t->op->element->name && pkt_is_object(v)) return pkt_set_object(t, v);
  switch (t->op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM: return pkt_set_uint(t, v);
    case PKT_MAC: return pkt_set_mac(t, v);
    case PKT_IPV4: return pkt_set_ipv4(t, v);
    case PKT_IPV6: return pkt_set_ipv6(t, v);
    case PKT_BYTES: return pkt_set_bytes(t, v);
    case PKT_NAME: return pkt_set_name(t, v);
    case PKT_LIST: return pkt_set_list(t, v);
    case PKT_LAYERS:
    case PKT_LAYER: return pkt_set_layers(t, v);
    case PKT_OPTIONS: return pkt_set_options(t, v);
    case PKT_INTEGER: return pkt_set_integer(t, v);
    case PKT_OID: return pkt_set_oid(t, v);
    case PKT_BITS: return pkt_set_bits(t, v);
    default: return t->op->element ? pkt_set_forms(t, v) : set_choice(t, v);
  }
}

/* Work out the values of auto fields, as far as they are known yet, so that rules which read
** them see them. */
static void guess_autos(struct pkt_layer *layer) {
  for (unsigned i = 0; i < layer->plan->nops; i++) {
    const struct pkt_op *op = &layer->plan->ops[i];
    if (layer->slots[i].state != PKT_UNSET) continue;
    if (!op->autorule) continue;
    struct pkt_scope scope = {.layer = layer};
    layer->slots[i].num = (uint64_t)pkt_rule_eval(op->autorule, &scope);
  }
}

/* A note of the value as it was given. NULL without memory. */
static struct pkt_given *make_given(const struct pkt_target *t, const struct pkt_value *v) {
  struct pkt_given *g = pkt_alloc(t->c->arena, sizeof *g);
  if (g) *g = (struct pkt_given){.value = *v, .slot = (uint16_t)(t->op - t->plan->ops)};
  return g;
}

static void add_given(struct pkt_layer *layer, struct pkt_given *g) {
  g->next = layer->given;
  layer->given = g;
}

static void forget_given(struct pkt_layer *layer, unsigned slot) {
  struct pkt_given **at = &layer->given;
  while (*at) {
    if ((*at)->slot == slot)
      *at = (*at)->next;
    else
      at = &(*at)->next;
  }
}

/* Is this the text that either dialect shows for "no value"? */
static bool is_none(const struct pkt_value *v) {
  return pkt_value_is(v, "None") || pkt_value_is(v, "nil");
}

/* Is this the name of a value, such as the addressing mode "None"? */
static bool is_name(const struct pkt_layer *layer, const struct pkt_op *op,
                    const struct pkt_value *v) {
  const struct pkt_names *names = op->kind == PKT_UINT ? pkt_op_names(op, layer) : NULL;
  uint64_t ignored;
  return names && pkt_names_read(names, v->ptr, v->len, UINT64_MAX, &ignored);
}

/* Does the field hold a number, whatever form it is shown in? */
static bool holds_number(const struct pkt_op *op) {
  if (op->kind == PKT_CHOICE) op = op->alts[op->nalts - 1].op;
  return op->kind == PKT_UINT || op->kind == PKT_PHANTOM || op->kind == PKT_INTEGER;
}

/* Is this a way of saying "nothing": null, empty text for a number, or how no value is shown? */
static bool unsets(const struct pkt_layer *layer, const struct pkt_op *op,
                   const struct pkt_value *v) {
  if (v->type == PKT_V_NULL) return true;
  if (v->type != PKT_V_TEXT || is_name(layer, op, v)) return false;
  bool number = op->kind == PKT_UINT || op->kind == PKT_PHANTOM || op->kind == PKT_INTEGER;
  bool address = op->kind == PKT_MAC || op->kind == PKT_IPV4 || op->kind == PKT_IPV6;
  bool list = op->kind == PKT_LIST || op->kind == PKT_LAYERS || op->kind == PKT_OPTIONS;
  bool choice = op->kind == PKT_CHOICE;
  bool no_default = layer->plan->defaults[op - layer->plan->ops].none;
  if ((list || choice) && (pkt_value_is(v, "[]") || pkt_value_is(v, "{}"))) return true;
  if ((list || choice || address || no_default) && is_none(v)) return true;
  bool section = (op->flags & PKT_OP_CHAIN) != 0; /* empty text is an empty section, set */
  if (v->len == 0) return holds_number(op) || (list && !section);
  bool shown = op->none_text && (*op->none_text < '0' || *op->none_text > '9');
  return number && (is_none(v) || (shown && pkt_value_is(v, op->none_text)));
}

static void put_slot(struct pkt_layer *layer, const struct pkt_op *op, struct pkt_slot slot) {
  unsigned i = (unsigned)(op - layer->plan->ops);
  forget_given(layer, i);
  layer->slots[i] = slot;
  layer->raw = NULL;
}

/* A new layer of Raw has some bytes, as the reference gives it; but no own ones to go back to. */
static void unset_one(struct pkt_layer *layer, const struct pkt_op *op) {
  static const struct pkt_slot no_bytes = {.state = PKT_SET, .bytes = (const uint8_t *)""};
  bool raw = layer->plan->is_raw || layer->plan->is_padding;
  if (layer->slots[op - layer->plan->ops].state == PKT_UNREAD) return; /* the bytes stay cut */
  put_slot(layer, op, raw ? no_bytes : layer->plan->defaults[op - layer->plan->ops]);
}

/* Is the element said not to be there? */
static bool leaves_out(const struct pkt_layer *layer, const struct pkt_op *op,
                       const struct pkt_value *v) {
  bool may_be_out = op->element && op->flags & PKT_OP_OPTIONAL;
  if (!may_be_out || v->type == PKT_V_NULL) return may_be_out;
  return v->type == PKT_V_TEXT && is_none(v) && !is_name(layer, op, v);
}

/* What an assignment makes of a field. */
struct change {
  struct pkt_slot slot;
  struct pkt_given *given;
  bool unset;
};

/* The layer stays as it was. */
static int read_change(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                       const struct pkt_value *v, struct change *out, struct pkt_err *err) {
  *out = (struct change){.slot = {.state = PKT_SET}};
  if (leaves_out(layer, op, v)) {
    out->slot.none = true;
    return 0;
  }
  if (unsets(layer, op, v)) {
    out->unset = true;
    return 0;
  }
  struct pkt_target t = {
      .c = c, .plan = layer->plan, .layer = layer, .op = op, .slot = &out->slot, .err = err};
  if (op->kind == PKT_CHOICE || op->names_by) guess_autos(layer);
  if (pkt_set_value(&t, v) != 0) return -1;
  out->given = t.odd ? make_given(&t, v) : NULL;
  return t.odd && !out->given ? pkt_no_memory(&t) : 0;
}

static void apply_change(struct pkt_layer *layer, const struct pkt_op *op,
                         const struct change *change) {
  if (change->unset) {
    unset_one(layer, op);
    return;
  }
  put_slot(layer, op, change->slot);
  if (change->given) add_given(layer, change->given);
}

static int assign_one(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                      const struct pkt_value *v, struct pkt_err *err) {
  struct change change;
  if (read_change(c, layer, op, v, &change, err) != 0) return -1;
  apply_change(layer, op, &change);
  return 0;
}

static const struct pkt_op *first_twin(const struct pkt_layer *layer, const struct pkt_op *op) {
  return op->flags & PKT_OP_TWIN ? pkt_plan_op(layer->plan, op->id, op->id_len) : op;
}

/* Is the field there, as far as the layer's own fields tell? */
static bool is_there(const struct pkt_layer *layer, const struct pkt_op *op) {
  struct pkt_scope scope = {.layer = layer};
  return !op->when || pkt_rule_eval(op->when, &scope) != 0;
}

/* Of the fields with the same id, the first that is present; the first of all if none is. */
static const struct pkt_op *present_twin(const struct pkt_layer *layer, const struct pkt_op *op) {
  const struct pkt_op *first = first_twin(layer, op);
  for (op = first; op; op = pkt_plan_twin(layer->plan, op))
    if (is_there(layer, op)) return op;
  return first;
}

static unsigned count_twins(const struct pkt_layer *layer, const struct pkt_op *op) {
  unsigned n = 0;
  for (op = first_twin(layer, op); op; op = pkt_plan_twin(layer->plan, op)) n++;
  return n;
}

/* The reference keeps values by id, so all fields with the same id get the same value. Those
** that are present have to take it, or none gets it; one that isn't falls back to its default if it
** can't hold the value. */
static int assign_twins(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                        const struct pkt_value *v, struct pkt_err *err) {
  guess_autos(layer);
  const struct pkt_op *present = present_twin(layer, op), *first = first_twin(layer, op);
  struct change *changes = pkt_alloc(c->arena, count_twins(layer, op) * sizeof *changes);
  if (!changes) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  struct change *change = changes;
  for (op = first; op; op = pkt_plan_twin(layer->plan, op), change++) {
    struct pkt_err why;
    if (read_change(c, layer, op, v, change, &why) == 0) continue;
    if (op == present || is_there(layer, op) || why.code == PKT_ERR_MEMORY)
      return pkt_fail(err, why.code, "%s", why.message);
    change->unset = true;
  }
  change = changes;
  for (op = first; op; op = pkt_plan_twin(layer->plan, op)) apply_change(layer, op, change++);
  return 0;
}

int pkt_assign(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
               const struct pkt_value *v, struct pkt_err *err) {
  if (op->flags & PKT_OP_TWIN) return assign_twins(c, layer, op, v, err);
  return assign_one(c, layer, op, v, err);
}

void pkt_unset(struct pkt_layer *layer, const struct pkt_op *op) {
  for (op = first_twin(layer, op); op; op = pkt_plan_twin(layer->plan, op)) unset_one(layer, op);
}

/* Give a number that one of several fields with the same id was set to to the others as well. */
static int share_number(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                        struct pkt_err *err) {
  if (!(op->flags & PKT_OP_TWIN) || op->kind != PKT_UINT) return 0;
  const struct pkt_slot *s = &layer->slots[op - layer->plan->ops];
  struct pkt_value v = {.type = PKT_V_INT, .num = s->num, .negative = s->negative};
  if (op->show == PKT_SHOW_FLOAT)
    v = (struct pkt_value){.type = PKT_V_REAL, .real = pkt_float_value(op->width, s->num)};
  return pkt_assign(c, layer, op, &v, err);
}

int pkt_assign_default(struct pkt_context *c, const struct pkt_plan *plan, const struct pkt_op *op,
                       const struct pkt_value *v, struct pkt_slot *slot, struct pkt_err *err) {
  struct pkt_target t = {.c = c, .plan = plan, .op = op, .slot = slot, .err = err};
  return pkt_set_value(&t, v);
}

int pkt_assign_wire(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                    const uint8_t *bytes, size_t n, struct pkt_err *err) {
  struct pkt_slot fresh = {0};
  if (op->flags & PKT_OP_TWIN) op = present_twin(layer, op);
  if (pkt_dissect_field(c->arena, layer, op, bytes, n, &fresh, err) != 0) return -1;
  fresh.state = PKT_SET;
  put_slot(layer, op, fresh);
  return share_number(c, layer, op, err);
}

int pkt_assign_random(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                      struct pkt_err *err) {
  struct pkt_slot fresh = {.state = PKT_SET};
  if (op->flags & PKT_OP_TWIN) op = present_twin(layer, op);
  struct pkt_target t = {
      .c = c, .plan = layer->plan, .layer = layer, .op = op, .slot = &fresh, .err = err};
  if (op->kind == PKT_CHOICE) guess_autos(layer);
  if (pkt_set_random(&t) != 0) return -1;
  put_slot(layer, op, fresh);
  return share_number(c, layer, op, err);
}
