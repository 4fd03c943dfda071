/* core_layer.c - the functions of layers in the part "packet" of luapkt.core. */
#include <lauxlib.h>

#include "../engine/build.h"
#include "../engine/model.h"
#include "../engine/show.h"
#include "core_packet_inner.h"
#include "errors.h"
#include "layer_table.h"
#include "values.h"

/* A layer that a function was called with. */
struct view {
  struct pkt_holder *h;
  struct pkt_layer *layer;
  uint32_t place;
};

static bool has_tag(const struct pkt_packet *p, uint32_t i, uint32_t tag) {
  return i < p->len && p->layers[i]->tag == tag;
}

/* The layer at argument 1; false: its packet lost it. */
static bool find_layer(lua_State *L, struct view *v) {
  struct pkt_handle *handle = pkt_with_mark(L, 1, sizeof *handle, &pkt_layer_mark);
  if (!handle) luaL_typeerror(L, 1, "layer");
  v->h = handle->packet;
  if (!pkt_holder_is_there(v->h)) luaL_argerror(L, 1, "its packet is finalized");
  v->h->caller = L;
  const struct pkt_packet *p = v->h->packet;
  uint32_t i = handle->place;
  if (!has_tag(p, i, handle->tag))
    for (i = 0; i < p->len && !has_tag(p, i, handle->tag);) i++;
  if (i == p->len) return false;
  handle->place = v->place = i;
  v->layer = p->layers[i];
  return true;
}

/* The same in a packet of which all is read; raises: its packet lost it. */
static struct view check_layer(lua_State *L) {
  struct view v;
  if (!find_layer(L, &v)) luaL_argerror(L, 1, "the layer was removed from its packet");
  pkt_holder_complete(L, v.h);
  return v;
}

/* Build the layer's packet. */
static int build_around(lua_State *L, const struct view *v, struct pkt_err *err) {
  if (v->h->built) return 0;
  pkt_holder_complete(L, v->h);
  lua_getiuservalue(L, 1, 1);
  int status = pkt_holder_build(L, lua_gettop(L), v->h, err);
  lua_pop(L, 1);
  return status;
}

/* The same for what is shown as far as it is known, also of a packet that can't be built. Raises
** without memory. */
static void try_to_build(lua_State *L, const struct view *v) {
  struct pkt_err err;
  if (build_around(L, v, &err) != 0 && err.code == PKT_ERR_MEMORY) luaL_error(L, "%s", err.message);
}

static const struct pkt_slot *slot_of(const struct view *v, const struct pkt_op *op) {
  return &v->layer->slots[op - v->layer->plan->ops];
}

/* Of fields of one id the first that is there, or the first. */
static const struct pkt_op *present(const struct view *v, const struct pkt_op *first) {
  for (const struct pkt_op *op = first; op; op = pkt_plan_twin(v->layer->plan, op)) {
    uint8_t state = slot_of(v, op)->state;
    if (state != PKT_ABSENT && state != PKT_UNREAD) return op;
  }
  return first;
}

/* The field that argument 2 names, or counts from 1; raises: there is none. */
static const struct pkt_op *check_op(lua_State *L, const struct view *v) {
  const struct pkt_plan *plan = v->layer->plan;
  struct pkt_err err;
  if (lua_isinteger(L, 2)) {
    lua_Integer i = lua_tointeger(L, 2);
    luaL_argcheck(L, i >= 1 && i <= plan->nops, 2, "the layer has no field of that number");
    return &plan->ops[i - 1];
  }
  size_t n;
  const char *id = luaL_checklstring(L, 2, &n);
  const struct pkt_op *op = pkt_plan_op(plan, id, n);
  if (op) return present(v, op);
  pkt_no_field(&err, v->layer, id, n);
  luaL_argerror(L, 2, err.message);
  return NULL;
}

/* Push the field's value; a list that was set as bytes is pushed as bytes. */
static void push_value(lua_State *L, const struct view *v, const struct pkt_op *op) {
  const struct pkt_slot *s = slot_of(v, op);
  const struct pkt_op *form = op->kind == PKT_CHOICE ? op->alts[s->alt].op : op;
  bool list = form->kind == PKT_OPTIONS || form->kind == PKT_LAYERS || form->kind == PKT_LAYER;
  bool unknown = s->state == PKT_UNSET && pkt_is_worked_out(op) && !v->h->built;
  bool items = list || form->kind == PKT_LIST;
  if (items && s->state == PKT_UNREAD && !v->layer->cut)
    lua_newtable(L); /* nothing of it is missing */
  else if (s->state == PKT_ABSENT || s->state == PKT_UNREAD || unknown)
    lua_pushnil(L);
  else if (list && s->list && s->list->as_bytes && !s->none)
    lua_pushlstring(L, (const char *)s->list->raw, s->list->raw_len);
  else
    pkt_lua_push_slot(L, op, s);
}

/* Does the slot already hold the field's final value? If it isn't set, or is a list or one of
** several forms, only building tells. */
static bool stands(const struct view *v, const struct pkt_op *op) {
  return v->h->built || (slot_of(v, op)->state == PKT_SET && op->kind <= PKT_BYTES);
}

static void push_built_value(lua_State *L, const struct view *v, const struct pkt_op *op) {
  if (!stands(v, op)) try_to_build(L, v);
  push_value(L, v, op);
}

static int l_value(lua_State *L) {
  struct view v = check_layer(L);
  push_built_value(L, &v, check_op(L, &v));
  return 1;
}

/* Push what 'out' holds. */
static int push_text(lua_State *L, const struct view *v) {
  struct pkt_buf *out = v->h->shop.out;
  if (out->failed) return luaL_error(L, "out of memory");
  lua_pushlstring(L, out->data ? out->data : "", out->len);
  return 1;
}

static struct pkt_buf *begin_text(const struct view *v) {
  struct pkt_buf *out = v->h->shop.out;
  pkt_buf_clear(out, SIZE_MAX);
  out->limit = PKT_MAX_TEXT;
  return out;
}

static int push_plain(lua_State *L, const struct view *v, const struct pkt_op *op) {
  const struct pkt_slot *s = slot_of(v, op);
  struct pkt_buf *out = begin_text(v);
  if (s->state != PKT_ABSENT && s->state != PKT_UNREAD) pkt_show_plain(out, v->layer, op, s);
  return push_text(L, v);
}

static int l_text(lua_State *L) {
  struct view v = check_layer(L);
  const struct pkt_op *op = check_op(L, &v);
  try_to_build(L, &v);
  return push_plain(L, &v, op);
}

static int l_literal(lua_State *L) {
  lua_settop(L, 3);
  struct view v = check_layer(L);
  const struct pkt_op *op = check_op(L, &v);
  try_to_build(L, &v);
  pkt_show_literal(begin_text(&v), lua_toboolean(L, 3) ? PKT_PYTHON : PKT_LUA, v.layer, op,
                   slot_of(&v, op));
  return push_text(L, &v);
}

static void set_role(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s) {
  static const char *const states[] = {"default", "set", "auto", "absent", "unread"};
  bool worked = s->state == PKT_UNSET && pkt_is_worked_out(op);
  lua_pushstring(L, states[worked ? PKT_WORKED : s->state]);
  lua_setfield(L, -2, "state");
  if (!pkt_is_measure(op)) return;
  lua_pushstring(L, op->sum ? "checksum" : "length");
  lua_setfield(L, -2, "auto");
  if (!op->sum) return;
  lua_pushboolean(L, op->sum->zero_as != 0);
  lua_setfield(L, -2, "optional");
}

/* { id =, kind =, value =, text =, state =, offset =, bit_offset =, bit_length = }; of lengths and
** checksums also auto = "length" or "checksum", and of the latter whether it is optional. */
static int l_field(lua_State *L) {
  struct view v = check_layer(L);
  lua_Integer i = luaL_checkinteger(L, 2);
  if (i < 1 || i > v.layer->plan->nops) {
    lua_pushnil(L);
    return 1;
  }
  try_to_build(L, &v);
  const struct pkt_op *op = &v.layer->plan->ops[i - 1];
  const struct pkt_slot *s = slot_of(&v, op);
  lua_createtable(L, 0, 8);
  lua_pushlstring(L, op->id, op->id_len);
  lua_setfield(L, -2, "id");
  push_value(L, &v, op);
  lua_setfield(L, -2, "value");
  push_plain(L, &v, op);
  lua_setfield(L, -2, "text");
  lua_pushstring(L, pkt_kind_names[op->kind == PKT_CHOICE ? op->alts[s->alt].op->kind : op->kind]);
  lua_setfield(L, -2, "kind");
  pkt_lua_set_integer(L, "offset", s->bit / 8);
  pkt_lua_set_integer(L, "bit_offset", s->bit);
  pkt_lua_set_integer(L, "bit_length", s->nbits);
  set_role(L, op, s);
  return 1;
}

/* shown(layer, number) -> id, text, value: what a person sees of a field, false if it isn't there,
** and the value, if that is a number; nothing: there is no such field */
static int l_shown(lua_State *L) {
  struct view v = check_layer(L);
  lua_Integer i = luaL_checkinteger(L, 2);
  if (i < 1 || i > v.layer->plan->nops) return 0;
  try_to_build(L, &v);
  const struct pkt_op *op = &v.layer->plan->ops[i - 1];
  const struct pkt_slot *s = slot_of(&v, op);
  lua_pushlstring(L, op->id, op->id_len);
  if (s->state == PKT_ABSENT || s->state == PKT_UNREAD) {
    lua_pushboolean(L, 0);
    return 2;
  }
  push_value(L, &v, op);
  push_plain(L, &v, op);
  lua_insert(L, -2);
  if (lua_type(L, -1) == LUA_TNUMBER) return 3;
  lua_pop(L, 1);
  return 2;
}

/* Append { offset =, size = } to the list on top, unless it is empty. */
static void push_range(lua_State *L, uint32_t from, uint32_t to) {
  if (from == to) return;
  lua_createtable(L, 0, 2);
  pkt_lua_set_integer(L, "offset", from);
  pkt_lua_set_integer(L, "size", to - from);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* cover(l, number) -> what this checksum covers: a list of ranges, from the first byte of the
** packet to the last one, and the id of the layer whose addresses a pseudo-header holds, or nil */
static int l_cover(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_cover c;
  struct view v = check_layer(L);
  const struct pkt_op *op = check_op(L, &v);
  luaL_argcheck(L, op->sum, 2, "checksum expected");
  if (build_around(L, &v, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_newtable(L);
  if (!pkt_build_cover(v.h->packet, v.place, op, &c)) return 1;
  bool hole = c.hole_from < c.hole_to;
  push_range(L, c.from, hole ? c.hole_from : c.to);
  if (hole) push_range(L, c.hole_to, c.to);
  lua_pushstring(L, c.network ? c.network->plan->id : NULL);
  return 2;
}

/* Set a field to the value at 3, nil unsets it. Returns 0, or -1 with *err filled in. */
static int set_field(lua_State *L, const struct view *v, const struct pkt_op *op,
                     struct pkt_err *err) {
  int status = 0;
  if (lua_isnil(L, 3)) {
    pkt_unset(v->layer, op);
  } else {
    struct pkt_value value;
    status = pkt_lua_to_value(L, 3, &v->h->arena, &value, err);
    if (status == 0)
      status = pkt_holder_set(v->h, v->layer, op, &value, err);
    else
      pkt_fail(err, err->code, "%s.%s: %s", v->layer->plan->id, op->id, err->message);
  }
  if (status == 0) pkt_holder_touch(v->h);
  pkt_holder_settle(L, v->h);
  return status;
}

static int l_set(lua_State *L) {
  struct pkt_err err = {0};
  lua_settop(L, 3);
  struct view v = check_layer(L);
  if (set_field(L, &v, check_op(L, &v), &err) != 0) return pkt_lua_push_error(L, &err);
  lua_pushboolean(L, true);
  return 1;
}

/* nil: the layer was removed from its packet */
static int l_has(lua_State *L) {
  struct view v;
  size_t n;
  if (!find_layer(L, &v)) {
    lua_pushnil(L);
    return 1;
  }
  const char *id = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &n) : NULL;
  lua_pushboolean(L, id && pkt_plan_op(v.layer->plan, id, n));
  return 1;
}

static int l_kind(lua_State *L) {
  const struct pkt_plan *plan = check_layer(L).layer->plan;
  lua_pushlstring(L, plan->id, plan->id_len);
  lua_pushstring(L, plan->title);
  return 2;
}

static int l_is(lua_State *L) {
  struct view v = check_layer(L);
  size_t n;
  const char *id = luaL_checklstring(L, 2, &n);
  const struct pkt_plan *wanted = pkt_registry_find(v.h->shop.registry, id, n);
  lua_pushboolean(L, wanted && pkt_plan_is_wanted(v.layer->plan, wanted));
  return 1;
}

static int l_compressed(lua_State *L) {
  lua_pushboolean(L, check_layer(L).layer->compress);
  return 1;
}

static int l_place(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_layer(L).place + 1);
  return 1;
}

static int l_of(lua_State *L) {
  check_layer(L);
  lua_getiuservalue(L, 1, 1);
  return 1;
}

/* range(layer) -> its first byte, its size, and the bytes between what it carries and the end of
** the packet (or its Padding): trailers, its own and those of layers below */
static int l_range(lua_State *L) {
  struct pkt_err err = {0};
  struct view v = check_layer(L);
  if (build_around(L, &v, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_pushinteger(L, v.layer->offset);
  lua_pushinteger(L, v.layer->size);
  lua_pushinteger(L, pkt_packet_trailers(v.h->packet, v.place));
  return 3;
}

/* The field that the string at 2 names in the layer at 1; NULL: it is something else. */
static const struct pkt_op *usual_op(lua_State *L, struct view *v) {
  size_t n;
  if (lua_type(L, 2) != LUA_TSTRING || !find_layer(L, v)) return NULL;
  const char *id = lua_tolstring(L, 2, &n);
  return pkt_plan_op(v->layer->plan, id, n);
}

/* layer.ttl; upvalue 2 makes of a table what scripts see */
static int l_index_layer(lua_State *L) {
  struct view v;
  const struct pkt_op *op = usual_op(L, &v);
  if (!op) return pkt_leave_to_lua(L, 2);
  push_built_value(L, &v, op);
  if (!lua_istable(L, -1)) return 1;
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, -2);
  lua_call(L, 1, 1);
  return 1;
}

/* layer.ttl = 1; what is refused is so by Lua's function, which says where the caller is */
static int l_assign_layer(lua_State *L) {
  struct pkt_err ignored;
  struct view v;
  int type = lua_type(L, 3);
  bool simple = type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TNIL;
  const struct pkt_op *op = simple ? usual_op(L, &v) : NULL;
  if (op) pkt_holder_complete(L, v.h);
  if (!op || set_field(L, &v, op, &ignored) != 0) return pkt_leave_to_lua(L, 3);
  return 0;
}

/* --------------------------------------------------------------------------- packets in fields */

/* A look at each length and checksum of the packets in a layer's fields, and of those in theirs. */
struct look {
  lua_State *L;
  struct pkt_buf *path; /* where the packet is that is looked at: options[2]; NULL: no matter */
  lua_Integer n;        /* so many were met */
  lua_Integer wanted;   /* the one that is unset; ALL; NONE: they are listed in the table on top */
};
enum { ALL = 0, NONE = -1 };

static void list_field(struct look *k, const struct pkt_layer *layer, const struct pkt_op *op,
                       uint32_t offset) {
  lua_State *L = k->L;
  const struct pkt_slot *s = &layer->slots[op - layer->plan->ops];
  lua_createtable(L, 0, 8);
  lua_pushlstring(L, k->path->data, k->path->len);
  lua_setfield(L, -2, "within");
  lua_pushlstring(L, layer->plan->id, layer->plan->id_len);
  lua_setfield(L, -2, "kind");
  lua_pushlstring(L, op->id, op->id_len);
  lua_setfield(L, -2, "field");
  pkt_lua_push_slot(L, op, s);
  lua_setfield(L, -2, "value");
  pkt_lua_set_integer(L, "offset", offset + s->bit / 8);
  pkt_lua_set_integer(L, "size", (s->bit % 8 + s->nbits + 7) / 8);
  lua_pushstring(L, op->sum ? "checksum" : "length");
  lua_setfield(L, -2, "what");
  lua_rawseti(L, -2, k->n);
}

/* True: the field was set, and isn't any more. In a layer that was cut it is left as it is. */
static bool look_at_field(struct look *k, struct pkt_layer *layer, const struct pkt_op *op,
                          uint32_t offset) {
  const struct pkt_slot *s = &layer->slots[op - layer->plan->ops];
  if (!pkt_is_measure(op) || layer->cut) return false;
  if (k->wanted != ALL) {
    if (s->state == PKT_ABSENT || s->state == PKT_UNREAD) return false;
    if (s->none) return false; /* not kept when it was read */
    k->n++;
    if (k->wanted == NONE) list_field(k, layer, op, offset);
    if (k->wanted != k->n) return false;
  }
  return pkt_measure_anew(layer, op);
}

/* Something in an item of the layer's list changed: in its bytes, or else all is written anew. */
static void note_change(struct pkt_layer *layer, struct pkt_list *list,
                        const struct pkt_layer *item) {
  layer->anew = list->anew = true;
  if (!item->raw) layer->raw = list->raw = NULL;
}

/* Look at the packets in the layer's fields; it begins at byte 'offset' of the whole. True:
** something in them changed. */
static bool look_into(struct look *k, struct pkt_layer *layer, uint32_t offset) {
  bool any = false;
  size_t before = k->path ? k->path->len : 0;
  for (unsigned i = 0; i < layer->plan->nops; i++) {
    struct pkt_list *list = pkt_items(&layer->plan->ops[i], &layer->slots[i]);
    for (uint32_t n = 0; list && n < list->len; n++) {
      struct pkt_layer *item = list->layers[n];
      bool mine = false;
      if (k->path)
        pkt_buf_fmt(k->path, "%s%s[%u]", before ? "." : "", layer->plan->ops[i].id, n + 1);
      for (unsigned f = 0; f < item->plan->nops; f++)
        mine |= look_at_field(k, item, &item->plan->ops[f], offset + item->offset);
      mine |= look_into(k, item, offset + item->offset);
      if (k->path) k->path->len = before;
      if (mine) note_change(layer, list, item);
      any |= mine;
    }
  }
  return any;
}

static int l_inner(lua_State *L) {
  struct pkt_err err = {0};
  struct view v = check_layer(L);
  if (build_around(L, &v, &err) != 0) return pkt_lua_push_error(L, &err);
  struct look k = {.L = L, .path = begin_text(&v), .wanted = NONE};
  lua_newtable(L);
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  look_into(&k, v.layer, v.layer->offset);
  if (k.path->failed) return luaL_error(L, "out of memory");
  return 1;
}

static int l_unset_inner(lua_State *L) {
  struct view v = check_layer(L);
  struct look k = {.wanted = luaL_optinteger(L, 2, ALL)};
  luaL_argcheck(L, k.wanted >= ALL, 2, "a place from 1 expected");
  look_into(&k, v.layer, 0);
  pkt_holder_touch(v.h);
  return 0;
}

void pkt_unset_inner(struct pkt_layer *layer) {
  struct look k = {.wanted = ALL};
  look_into(&k, layer, 0);
}

/* measure(layer, number): that field is to be worked out; false: not all that it is about is
** there */
static int l_measure(lua_State *L) {
  struct view v = check_layer(L);
  const struct pkt_op *op = check_op(L, &v);
  luaL_argcheck(L, pkt_is_measure(op), 2, "length or checksum expected");
  bool known = pkt_measure_is_known(v.h->packet, v.place, op);
  if (known) pkt_measure_anew(v.layer, op);
  if (known) pkt_holder_touch(v.h);
  lua_pushboolean(L, known);
  return 1;
}

static int l_layer_index(lua_State *L) { return pkt_push_usual(L, l_index_layer, 2); }
static int l_layer_newindex(lua_State *L) { return pkt_push_usual(L, l_assign_layer, 1); }

void pkt_add_layer_functions(lua_State *L) {
  static const luaL_Reg functions[] = {{"kind", l_kind},
                                       {"is", l_is},
                                       {"place", l_place},
                                       {"of", l_of},
                                       {"range", l_range},
                                       {"value", l_value},
                                       {"text", l_text},
                                       {"literal", l_literal},
                                       {"field", l_field},
                                       {"shown", l_shown},
                                       {"cover", l_cover},
                                       {"inner", l_inner},
                                       {"unset_inner", l_unset_inner},
                                       {"has", l_has},
                                       {"set", l_set},
                                       {"measure", l_measure},
                                       {"compressed", l_compressed},
                                       {"layer_index", l_layer_index},
                                       {"layer_newindex", l_layer_newindex},
                                       {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
