/* model.c - the JSON form of a packet in a request. */
#include "model.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../wire/base64.h"
#include "build.h"
#include "generate.h"
#include "shown.h"
#include "text.h"

struct field {
  struct pkt_model_reader *r;
  const struct pkt_packet *packet; /* the layers so far: of a packet that was read, all */
  struct pkt_layer *layer;
  const struct pkt_op *op;
  struct pkt_err *err;
  const struct step *within; /* of a value in the field's value; NULL: the field's own */
};

/* The way to a value within a field's: an item of a list, or a field of a packet in it. */
struct step {
  const struct step *up;
  const char *name; /* NULL: the item 'index' */
  uint32_t len, index;
};

#define PLACE_ROOM 160

static size_t add_step(char *out, size_t at, const struct step *s) {
  if (!s) return at;
  at = add_step(out, at, s->up);
  size_t room = PLACE_ROOM - at;
  int n = s->name ? snprintf(out + at, room, ".%.*s", (int)s->len, s->name)
                  : snprintf(out + at, room, "[%u]", s->index + 1);
  return (size_t)n < room ? at + (size_t)n : at;
}

/* IP.ttl, DNS.qd[1].qname */
static const char *place_of(const struct field *f, char out[PLACE_ROOM]) {
  int n = snprintf(out, PLACE_ROOM, "%s.%s", f->layer->plan->id, f->op->id);
  size_t end = add_step(out, (size_t)n < PLACE_ROOM ? (size_t)n : PLACE_ROOM - 1, f->within);
  out[end] = 0; /* a step that has no room is left out */
  return out;
}

static int fail_field(const struct field *f, enum pkt_errcode code, const char *why) {
  char place[PLACE_ROOM];
  return pkt_fail(f->err, code, "%s: %s", place_of(f, place), why);
}

/* The bytes of a "base64" member. */
static int read_base64(const struct field *f, const struct pkt_value *v, struct pkt_value *out) {
  const struct pkt_value *text = pkt_value_get(v, "base64");
  if (!text || text->type != PKT_V_TEXT)
    return fail_field(f, PKT_ERR_VALUE, "\"base64\" with a text was expected");
  uint8_t *bytes = pkt_alloc(f->r->context.arena, text->len / 4 * 3 + 3);
  if (!bytes) return fail_field(f, PKT_ERR_MEMORY, "out of memory");
  size_t bad;
  ptrdiff_t n = pkt_base64_decode(bytes, text->ptr, text->len, &bad);
  if (n < 0)
    return pkt_fail(f->err, PKT_ERR_VALUE, "%s.%s: no base64 at character %zu", f->layer->plan->id,
                    f->op->id, bad + 1);
  *out = (struct pkt_value){.type = PKT_V_BYTES, .len = (uint32_t)n, .ptr = (const char *)bytes};
  return 0;
}

static int set_value(const struct field *f, const struct pkt_value *v) {
  return pkt_assign(&f->r->context, f->layer, f->op, v, f->err);
}

static int set_undefined(const struct field *f, const struct pkt_value *v) {
  (void)v;
  pkt_unset(f->layer, f->op);
  return 0;
}

static int set_random(const struct field *f, const struct pkt_value *v) {
  (void)v;
  return pkt_assign_random(&f->r->context, f->layer, f->op, f->err);
}

static int prefix_field(const struct field *f) {
  char place[PLACE_ROOM];
  pkt_err_prefix(f->err, ": ");
  pkt_err_prefix(f->err, place_of(f, place));
  return -1;
}

/* Is it an object whose bytes are to be generated? A null that says how counts as left out. */
static bool is_made(const struct pkt_value *v) {
  const struct pkt_value *way = pkt_value_get(v, "generate");
  return way && way->type != PKT_V_NULL;
}

static int generate(const struct field *f, const struct pkt_value *v, struct pkt_value *out) {
  struct pkt_generator g = {f->r->context.arena, f->packet, f->r->generated};
  int status = pkt_generate(&g, v, out, f->err);
  f->r->generated = g.spent;
  return status == 0 ? 0 : prefix_field(f);
}

static int set_bytes(const struct field *f, const struct pkt_value *v) {
  struct pkt_value bytes;
  if ((is_made(v) ? generate : read_base64)(f, v, &bytes) != 0) return -1;
  if (f->op->kind == PKT_UINT) return fail_field(f, PKT_ERR_VALUE, "bytes are no number");
  return set_value(f, &bytes);
}

static int set_machine(const struct field *f, const struct pkt_value *v) {
  struct pkt_value bytes = {0};
  if (read_base64(f, v, &bytes) != 0) return -1;
  return pkt_assign_wire(&f->r->context, f->layer, f->op, (const uint8_t *)bytes.ptr, bytes.len,
                         f->err);
}

/* Digits in quotes for a field that holds a number. */
static bool is_number_as_text(const struct field *f, const struct pkt_value *v) {
  bool digits = v->type == PKT_V_TEXT && v->len > 0 && v->ptr[0] >= '0' && v->ptr[0] <= '9';
  return f->op->kind == PKT_UINT && digits;
}

/* OBJECT: the value as it is; a number isn't read from text. */
static int set_object(const struct field *f, const struct pkt_value *v) {
  const struct pkt_value *value = pkt_value_get(v, "value");
  if (!value)
    return fail_field(f, PKT_ERR_VALUE, "\"value\" was expected beside \"vtype\": \"OBJECT\"");
  if (is_number_as_text(f, value))
    return fail_field(f, PKT_ERR_VALUE, "a number was expected, not text");
  return set_value(f, value);
}

/* The text of an EXPRESSION: as it is, or {"base64": ...}. */
static int read_text(const struct field *f, const struct pkt_value *v, struct pkt_value *out) {
  const struct pkt_value *text = pkt_value_get(v, "expr");
  if (text && text->type == PKT_V_TEXT) {
    *out = *text;
    return 0;
  }
  if (!text || !pkt_value_get(text, "base64"))
    return fail_field(f, PKT_ERR_VALUE, "\"expr\" with a text was expected");
  if (read_base64(f, text, out) != 0) return -1;
  if (pkt_is_utf8(out->ptr, out->len)) return 0;
  return fail_field(f, PKT_ERR_SYNTAX, "the bytes of \"expr\" are no text in UTF-8");
}

static const struct pkt_plan *find_plan(const struct pkt_model_reader *r,
                                        const struct pkt_value *v) {
  const struct pkt_value *id = pkt_value_get(v, "id");
  const struct pkt_plan *plan = NULL;
  if (id && id->type == PKT_V_TEXT) plan = pkt_registry_find(r->context.registry, id->ptr, id->len);
  return plan && plan->builds ? plan->builds : plan;
}

/* Bind the layers that an expression can look at, as building will, so that they already name
** what they carry. */
static void bind_all(const struct field *f) {
  const struct pkt_model_reader *r = f->r;
  struct pkt_layer *layers[PKT_MAX_LAYERS + 1];
  uint32_t n = f->packet ? f->packet->len : 0;
  bool among = false;
  for (uint32_t i = 0; i < n; i++) {
    layers[i] = f->packet->layers[i];
    among = among || layers[i] == f->layer;
  }
  if (!among) layers[n++] = f->layer;
  const struct pkt_plan *above[2] = {NULL, NULL};
  for (uint32_t i = 0; i < 2 && i < r->nbehind; i++) above[i] = find_plan(r, &r->behind[i]);
  pkt_bind(layers, n, above);
}

/* The value of an EXPRESSION's text. */
static int evaluate(const struct field *f, const struct pkt_value *v, struct pkt_value *out) {
  struct pkt_place place = {f->packet, f->layer};
  struct pkt_value text;
  if (read_text(f, v, &text) != 0) return -1;
  if (!f->r->expression) return fail_field(f, PKT_ERR_VALUE, "expressions are not supported");
  bind_all(f);
  if (f->r->expression(f->r->expression_data, &f->r->context, &place, text.ptr, text.len, out,
                       f->err) == 0)
    return 0;
  return f->err->code == PKT_ERR_LATER ? -1 : prefix_field(f);
}

/* ---------------------------------------------------------------------- objects within values */

/* Is this an object with a vtype? Plain bytes and random values are for pkt_assign(), which takes
** them anywhere. */
static bool has_vtype(const struct pkt_value *v) {
  const struct pkt_value *type = pkt_value_get(v, "vtype");
  bool bytes = pkt_value_is(type, "BYTES") && !is_made(v);
  return type && !bytes && !pkt_value_is(type, "RANDOM");
}

/* Does a list, or do the fields of a packet in a list, hold an object with a vtype? */
static bool holds_vtype(const struct pkt_value *v) {
  if (has_vtype(v)) return true;
  for (uint32_t i = 0; v->type == PKT_V_LIST && i < v->len; i++)
    if (holds_vtype(&v->items[i])) return true;
  for (uint32_t i = 0; v->type == PKT_V_MAP && i < v->len; i++)
    if (holds_vtype(&v->members[i].value)) return true;
  return false;
}

/* The plain value of an object with a vtype. Only a request's own may be evaluated: what comes out
** of an expression is not an expression again. */
static int settle_object(const struct field *f, const struct pkt_value *v, bool given,
                         struct pkt_value *out) {
  const struct pkt_value *type = pkt_value_get(v, "vtype");
  if (pkt_value_is(type, "EXPRESSION") && given) return evaluate(f, v, out);
  if (pkt_value_is(type, "BYTES")) return generate(f, v, out);
  if (pkt_value_is(type, "OBJECT") && pkt_value_get(v, "value")) {
    *out = *pkt_value_get(v, "value");
    return 0;
  }
  if (pkt_value_is(type, "UNDEFINED")) {
    *out = (struct pkt_value){.type = PKT_V_NULL};
    return 0;
  }
  return fail_field(f, PKT_ERR_VALUE,
                    "within a value there may be objects of the vtypes EXPRESSION, BYTES, RANDOM, "
                    "OBJECT and UNDEFINED");
}

/* A copy of 'v' in which every object with a vtype is its value. */
static int settle(const struct field *f, const struct pkt_value *v, bool given,
                  struct pkt_value *out);

/* Does a member belong to the notation, as those of {"id": "qname", "value": ...} and those
** around a packet's fields do? Such a member is no step of the path that messages show. */
static bool is_envelope(const struct pkt_member *m) {
  return (m->key_len == 6 && memcmp(m->key, "fields", 6) == 0) ||
         (m->key_len == 5 && memcmp(m->key, "value", 5) == 0);
}

static int settle_item(const struct field *f, const struct pkt_value *v, uint32_t i, bool given,
                       struct pkt_value *out) {
  const struct pkt_value *item = &v->items[i], *id = pkt_value_get(item, "id");
  struct step step = {.up = f->within, .index = i};
  if (id && id->type == PKT_V_TEXT && pkt_value_get(item, "value")) {
    step.name = id->ptr;
    step.len = id->len;
  }
  struct field inner = *f;
  inner.within = &step;
  return settle(&inner, item, given, out);
}

static int settle_member(const struct field *f, const struct pkt_member *m, bool given,
                         struct pkt_value *out) {
  struct step step = {.up = f->within, .name = m->key, .len = m->key_len};
  struct field inner = *f;
  if (!is_envelope(m)) inner.within = &step;
  return settle(&inner, &m->value, given, out);
}

static int settle(const struct field *f, const struct pkt_value *v, bool given,
                  struct pkt_value *out) {
  struct pkt_arena *arena = f->r->context.arena;
  *out = *v;
  if (!holds_vtype(v)) return 0;
  if (has_vtype(v)) return settle_object(f, v, given, out);
  bool list = v->type == PKT_V_LIST;
  size_t size = list ? sizeof *v->items : sizeof *v->members;
  void *copy = pkt_memdup(arena, list ? (void *)v->items : (void *)v->members, v->len * size);
  if (!copy) return fail_field(f, PKT_ERR_MEMORY, "out of memory");
  if (list)
    out->items = copy;
  else
    out->members = copy;
  for (uint32_t i = 0; i < v->len; i++) {
    int status = list ? settle_item(f, v, i, given, &out->items[i])
                      : settle_member(f, &v->members[i], given, &out->members[i].value);
    if (status != 0) return -1;
  }
  return 0;
}

/* Null is how the reference shows that flags, or a number in hexadecimal, have no value; other
** texts that it shows for a field are no expressions either. */
static int set_expression(const struct field *f, const struct pkt_value *v) {
  struct pkt_arena *arena = f->r->context.arena;
  const struct pkt_value *text = pkt_value_get(v, "expr");
  struct pkt_value raw, result;
  if (text && text->type == PKT_V_NULL) return set_value(f, text);
  if (text && text->type == PKT_V_TEXT &&
      pkt_shown_read(arena, f->op, text->ptr, text->len, &result))
    return set_value(f, &result);
  if (evaluate(f, v, &raw) != 0 || settle(f, &raw, false, &result) != 0) return -1;
  if (is_number_as_text(f, &result))
    return fail_field(f, PKT_ERR_VALUE, "the expression gives text where a number was expected");
  bool list = f->op->kind == PKT_OPTIONS || f->op->kind == PKT_LAYERS;
  if (list && result.type == PKT_V_TEXT) result.type = PKT_V_BYTES; /* Lua has but one type */
  return set_value(f, &result);
}

static const struct {
  const char *name;
  int (*set)(const struct field *f, const struct pkt_value *v);
} vtypes[] = {
    {"UNDEFINED", set_undefined}, {"BYTES", set_bytes},   {"RANDOM", set_random},
    {"MACHINE", set_machine},     {"OBJECT", set_object}, {"EXPRESSION", set_expression},
};

static int set_vtype(const struct field *f, const struct pkt_value *v) {
  const struct pkt_value *type = pkt_value_get(v, "vtype");
  char quote[PKT_QUOTE_ROOM];
  if (!type)
    return fail_field(f, PKT_ERR_VALUE,
                      "an object needs a \"vtype\", such as {\"vtype\": \"UNDEFINED\"}");
  for (size_t i = 0; i < sizeof vtypes / sizeof *vtypes; i++)
    if (pkt_value_is(type, vtypes[i].name)) return vtypes[i].set(f, v);
  bool text = type->type == PKT_V_TEXT;
  return pkt_fail(f->err, PKT_ERR_VALUE,
                  "%s.%s: there is no vtype %s; there are UNDEFINED, BYTES, RANDOM, MACHINE, "
                  "OBJECT and EXPRESSION",
                  f->layer->plan->id, f->op->id,
                  text ? pkt_quote(quote, type->ptr, type->len) : pkt_value_kind(type));
}

static int set_field(const struct field *f, const struct pkt_value *v) {
  if (v->type != PKT_V_MAP && v->type != PKT_V_LIST) return set_value(f, v);
  bool list = f->op->kind == PKT_LAYERS || f->op->kind == PKT_LAYER ||
              (f->op->kind == PKT_CHOICE && f->op->element); /* one form may be a packet */
  if (v->type == PKT_V_MAP && !(list && !pkt_value_get(v, "vtype"))) return set_vtype(f, v);
  struct pkt_value plain;
  return settle(f, v, true, &plain) == 0 ? set_value(f, &plain) : -1;
}

int pkt_model_set(struct pkt_model_reader *r, const struct pkt_packet *p, struct pkt_layer *layer,
                  const struct pkt_op *op, const struct pkt_value *v, struct pkt_err *err) {
  struct field f = {r, p, layer, op, err, NULL};
  return set_field(&f, v);
}

/* Is this id the same as the text but for upper and lower case? */
static bool is_meant(const char *id, const struct pkt_value *text) {
  return strlen(id) == text->len && strncasecmp(id, text->ptr, text->len) == 0;
}

/* Fail with 'of' and 'what', the id that it isn't, and the one that is meant unless it is NULL. */
static void fail_id(struct pkt_err *err, const char *of, const char *what,
                    const struct pkt_value *id, const char *meant) {
  char quote[PKT_QUOTE_ROOM];
  pkt_fail(err, PKT_ERR_UNKNOWN, "%s%s %s%s%s%s", of, what, pkt_quote(quote, id->ptr, id->len),
           meant ? ": \"" : "", meant ? meant : "", meant ? "\" is meant?" : "");
}

static void fail_no_field(const struct pkt_plan *plan, const struct pkt_value *id,
                          struct pkt_err *err) {
  const char *meant = NULL;
  for (unsigned i = 0; i < plan->nops && !meant; i++)
    if (is_meant(plan->ops[i].id, id)) meant = plan->ops[i].id;
  fail_id(err, plan->id, " has no field", id, meant);
}

static void fail_no_protocol(const struct pkt_registry *r, const struct pkt_value *id,
                             struct pkt_err *err) {
  const char *meant = NULL;
  for (uint32_t i = 0; i < r->len && !meant; i++)
    if (!r->plans[i].abstract && is_meant(r->plans[i].id, id)) meant = r->plans[i].id;
  fail_id(err, "", "there is no protocol", id, meant);
}

/* The op and value of one {"id","value"} of a model; *value NULL where none was given. */
static const struct pkt_op *read_field(const struct pkt_layer *layer, const struct pkt_value *v,
                                       const struct pkt_value **value, struct pkt_err *err) {
  const struct pkt_value *id = pkt_value_get(v, "id");
  if (!id || id->type != PKT_V_TEXT) {
    pkt_fail(err, PKT_ERR_VALUE, "%s: a field needs an \"id\"", layer->plan->id);
    return NULL;
  }
  const struct pkt_op *op = pkt_plan_op(layer->plan, id->ptr, id->len);
  if (!op) fail_no_field(layer->plan, id, err);
  *value = pkt_value_get(v, "value");
  return op;
}

/* Some clients can't tell an empty list from an empty object. */
static bool is_list(const struct pkt_value *v) {
  return v->type == PKT_V_LIST || (v->type == PKT_V_MAP && v->len == 0);
}

/* Read a layer's fields: those whose form depends on other fields come after all others. */
static int read_fields(struct pkt_model_reader *r, const struct pkt_packet *p,
                       struct pkt_layer *layer, const struct pkt_value *fields,
                       struct pkt_err *err) {
  if (!fields) return 0;
  if (!is_list(fields))
    return pkt_fail(err, PKT_ERR_VALUE, "%s: \"fields\" is %s, not a list of {\"id\", \"value\"}",
                    layer->plan->id, pkt_value_kind(fields));
  bool any_late = false;
  for (int pass = 0; pass < (any_late ? 2 : 1); pass++) {
    for (uint32_t i = 0; i < fields->len; i++) {
      const struct pkt_value *value;
      const struct pkt_op *op = read_field(layer, &fields->items[i], &value, err);
      if (!op) return -1;
      bool late = pkt_op_is_late(op);
      any_late |= late;
      if (late != (pass == 1)) continue;
      if (!value)
        return pkt_fail(err, PKT_ERR_VALUE, "%s.%s: a field needs a \"value\"", layer->plan->id,
                        op->id);
      struct field f = {r, p, layer, op, err, NULL};
      if (set_field(&f, value) != 0) return -1;
    }
  }
  return 0;
}

/* Members that aren't known are passed over, as the reference does, but for one that is meant as
** 'key'. */
static int check_member(const struct pkt_plan *plan, const struct pkt_value *v, const char *key,
                        struct pkt_err *err) {
  char quote[PKT_QUOTE_ROOM];
  const struct pkt_member *near = pkt_value_near(v, key);
  if (!near) return 0;
  return pkt_fail(err, PKT_ERR_UNKNOWN, "%s: a layer has no member %s: \"%s\" is meant?", plan->id,
                  pkt_quote(quote, near->key, near->key_len), key);
}

/* The fields of a layer of a model; NULL where it has none. */
static int find_fields(const struct pkt_plan *plan, const struct pkt_value *v,
                       const struct pkt_value **out, struct pkt_err *err) {
  *out = pkt_value_get(v, "fields");
  return check_member(plan, v, "fields", err);
}

static const struct pkt_plan *read_id(const struct pkt_model_reader *r, const struct pkt_value *v,
                                      struct pkt_err *err) {
  const struct pkt_value *id = pkt_value_get(v, "id");
  if (!id || id->type != PKT_V_TEXT) {
    pkt_fail(err, PKT_ERR_VALUE, "a layer needs an \"id\", such as {\"id\": \"Ether\"}");
    return NULL;
  }
  const struct pkt_plan *plan = pkt_registry_find(r->context.registry, id->ptr, id->len);
  if (!plan || plan->abstract) {
    fail_no_protocol(r->context.registry, id, err);
    return NULL;
  }
  return plan;
}

static int push_layer(struct pkt_model_reader *r, struct pkt_packet *p, const struct pkt_value *v,
                      struct pkt_err *err) {
  const struct pkt_plan *plan = read_id(r, v, err);
  if (!plan) return -1;
  struct pkt_layer *layer = pkt_layer_new(r->context.arena, plan->builds ? plan->builds : plan);
  if (!layer) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  const struct pkt_value *compress = pkt_value_get(v, "compress");
  layer->compress = compress && compress->type == PKT_V_BOOL && compress->num;
  const struct pkt_value *fields;
  if (find_fields(layer->plan, v, &fields, err) != 0 || read_fields(r, p, layer, fields, err) != 0)
    return -1;
  return pkt_packet_push(p, layer, err);
}

/* Of several layers of one protocol an error says which it is about. */
static int name_layer(const struct pkt_value *model, uint32_t at, struct pkt_err *err) {
  const struct pkt_value *id = pkt_value_get(&model->items[at], "id");
  char which[32];
  uint32_t same = 0;
  for (uint32_t i = 0; id && id->type == PKT_V_TEXT && i < model->len; i++) {
    const struct pkt_value *other = pkt_value_get(&model->items[i], "id");
    same += other && other->type == PKT_V_TEXT && other->len == id->len &&
            memcmp(other->ptr, id->ptr, id->len) == 0;
  }
  if (same < 2 || err->code == PKT_ERR_LATER) return -1;
  snprintf(which, sizeof which, "layer %u: ", at + 1);
  pkt_err_prefix(err, which);
  return -1;
}

/* The layers to come are those of the model from the i-th on. */
static void set_behind(struct pkt_model_reader *r, const struct pkt_value *model, uint32_t i) {
  r->nbehind = i < model->len ? model->len - i : 0;
  r->behind = model->items + (model->len - r->nbehind);
}

struct pkt_packet *pkt_model_read(struct pkt_model_reader *r, const struct pkt_value *model,
                                  struct pkt_err *err) {
  if (model->type != PKT_V_LIST || model->len == 0) {
    pkt_fail(err, PKT_ERR_VALUE, "the packet model is %s, not a list of layers",
             model->type == PKT_V_LIST ? "empty" : pkt_value_kind(model));
    return NULL;
  }
  if (model->len > PKT_MAX_LAYERS) {
    pkt_fail(err, PKT_ERR_LIMIT, "a packet holds at most %d layers, not %u", PKT_MAX_LAYERS,
             model->len);
    return NULL;
  }
  struct pkt_packet *p = pkt_packet_new(r->context.arena);
  if (!p) {
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    return NULL;
  }
  for (uint32_t i = 0; i < model->len; i++) {
    set_behind(r, model, i + 1);
    if (push_layer(r, p, &model->items[i], err) != 0) return name_layer(model, i, err), NULL;
  }
  return p;
}

static bool asks_delete(const struct pkt_value *v) {
  const struct pkt_value *d = pkt_value_get(v, "delete");
  return d && d->type == PKT_V_BOOL && d->num;
}

static int fail_other_id(uint32_t at, const struct pkt_plan *read, const struct pkt_plan *asked,
                         struct pkt_err *err) {
  return pkt_fail(err, PKT_ERR_VALUE,
                  "Protocol id inconsistent: layer %u of the packet is %s, the model says %s",
                  at + 1, read->id, asked->id);
}

static int edit_layer(struct pkt_model_reader *r, struct pkt_packet *p, uint32_t i,
                      const struct pkt_value *v, struct pkt_err *err) {
  struct pkt_layer *layer = p->layers[i];
  const struct pkt_value *fields;
  if (check_member(layer->plan, v, "delete", err) != 0 ||
      find_fields(layer->plan, v, &fields, err) != 0)
    return -1;
  return read_fields(r, p, layer, fields, err);
}

int pkt_model_edit(struct pkt_model_reader *r, struct pkt_packet *p, const struct pkt_value *model,
                   struct pkt_err *err) {
  if (!model || model->type == PKT_V_NULL) return 0;
  if (!is_list(model))
    return pkt_fail(err, PKT_ERR_VALUE, "the packet model is %s, not a list of layers",
                    pkt_value_kind(model));
  uint32_t read = p->len;
  for (uint32_t i = 0; i < model->len; i++) {
    const struct pkt_value *v = &model->items[i];
    set_behind(r, model, i < read ? read : i + 1);
    if (i < read && asks_delete(v)) { /* whatever it is */
      p->len = i;
      return 0;
    }
    if (i < read) {
      const struct pkt_plan *plan = read_id(r, v, err);
      if (!plan) return name_layer(model, i, err);
      if (plan != p->layers[i]->plan) return fail_other_id(i, p->layers[i]->plan, plan, err);
      if (edit_layer(r, p, i, v, err) != 0) return name_layer(model, i, err);
    } else if (!asks_delete(v)) {
      if (push_layer(r, p, v, err) != 0) return name_layer(model, i, err);
    }
  }
  return 0;
}
