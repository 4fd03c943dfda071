/* core_packet.c - packets as objects: made, read, copied and built. */
#include "core_packet.h"

#include <lauxlib.h>
#include <string.h>

#include "../engine/build.h"
#include "../engine/dissect.h"
#include "../engine/model.h"
#include "../engine/reply.h"
#include "core_packet_inner.h"
#include "errors.h"
#include "values.h"

/* ------------------------------------------------------------------------------- making packets */

const struct pkt_plan *pkt_find_plan(const struct pkt_registry *r, const char *id, size_t n,
                                     struct pkt_err *err) {
  char quote[PKT_QUOTE_ROOM];
  const struct pkt_plan *plan = pkt_registry_find(r, id, n);
  if (!plan) pkt_fail(err, PKT_ERR_UNKNOWN, "there is no protocol %s", pkt_quote(quote, id, n));
  return plan;
}

/* The protocol with the id at 'index', or for whose number, a LINKTYPE, captures use it. */
static const struct pkt_plan *read_plan(lua_State *L, const struct pkt_registry *r, int index,
                                        const char *bytes, size_t n, struct pkt_err *err) {
  size_t len;
  if (lua_isinteger(L, index)) {
    lua_Integer link = lua_tointeger(L, index);
    luaL_argcheck(L, link >= 0 && link <= UINT16_MAX, index, "LINKTYPE of 0 to 65535 expected");
    return pkt_dissect_link(r, (uint32_t)link, (const uint8_t *)bytes, n);
  }
  const char *id = luaL_checklstring(L, index, &len);
  return pkt_find_plan(r, id, len, err);
}

static int l_new(lua_State *L) {
  pkt_push_empty(L, 1);
  return 1;
}

static int l_read(lua_State *L) {
  struct pkt_err err = {0};
  size_t n;
  const struct pkt_registry *r = pkt_core_registry(L, 1);
  const char *bytes = luaL_checklstring(L, 2, &n);
  const struct pkt_plan *plan = read_plan(L, r, 3, bytes, n, &err);
  if (!plan) return pkt_lua_push_error(L, &err);
  struct pkt_holder *h = pkt_push_packet(L, 1);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, -2, PKT_HOLDER_SOURCE);
  h->source = (struct pkt_span){(const uint8_t *)bytes, n};
  h->packet = pkt_dissect(&h->arena, plan, h->source.p, n, PKT_REACH_ALL, &err);
  if (!h->packet) return pkt_lua_push_error(L, &err);
  pkt_holder_settle(L, h);
  return 1;
}

int pkt_holder_set(struct pkt_holder *h, struct pkt_layer *layer, const struct pkt_op *op,
                   struct pkt_value *v, struct pkt_err *err) {
  struct pkt_model_reader r = {
      .context = {.arena = &h->arena, .registry = h->shop.registry, .rng = h->shop.rng}};
  bool list = op->kind == PKT_OPTIONS || op->kind == PKT_LAYERS || op->kind == PKT_LAYER;
  if (list && v->type == PKT_V_TEXT) v->type = PKT_V_BYTES;
  if (op->kind != PKT_CHOICE) v->lua = true;
  return pkt_model_set(&r, h->packet, layer, op, v, err);
}

int pkt_no_field(struct pkt_err *err, const struct pkt_layer *layer, const char *id, size_t n) {
  char quote[PKT_QUOTE_ROOM];
  return pkt_fail(err, PKT_ERR_UNKNOWN, "%s has no field %s", layer->plan->id,
                  pkt_quote(quote, id, n));
}

/* DNS{compress = true}: how the layer is written, where no field has that name. */
static bool is_way_of_writing(const struct pkt_member *m) {
  return m->key_len == 8 && memcmp(m->key, "compress", 8) == 0 && m->value.type == PKT_V_BOOL;
}

static int set_member(struct pkt_holder *h, struct pkt_layer *layer, struct pkt_member *m, int pass,
                      struct pkt_err *err) {
  if (!m->key) return pkt_fail(err, PKT_ERR_VALUE, "%s: fields are named", layer->plan->id);
  const struct pkt_op *op = pkt_plan_op(layer->plan, m->key, m->key_len);
  if (!op && is_way_of_writing(m)) {
    layer->compress = m->value.num != 0;
    return 0;
  }
  if (!op) return pkt_no_field(err, layer, m->key, m->key_len);
  return pkt_op_is_late(op) == (pass == 1) ? pkt_holder_set(h, layer, op, &m->value, err) : 0;
}

/* Those whose form depends on other fields come last. */
static int set_members(struct pkt_holder *h, struct pkt_layer *layer, struct pkt_value *map,
                       struct pkt_err *err) {
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < map->len; i++)
      if (set_member(h, layer, &map->members[i], pass, err) != 0) return -1;
  return 0;
}

static int l_make(lua_State *L) {
  struct pkt_err err = {0};
  size_t n;
  const char *id = luaL_checklstring(L, 2, &n);
  luaL_checktype(L, 3, LUA_TTABLE);
  const struct pkt_plan *plan = pkt_find_plan(pkt_core_registry(L, 1), id, n, &err);
  if (!plan) return pkt_lua_push_error(L, &err);
  if (plan->abstract) {
    pkt_fail(&err, PKT_ERR_UNKNOWN, "%s is a family of protocols, none itself", plan->id);
    return pkt_lua_push_error(L, &err);
  }
  struct pkt_holder *h = pkt_push_empty(L, 1);
  struct pkt_layer *layer = pkt_layer_new(&h->arena, plan->builds ? plan->builds : plan);
  if (!layer) return luaL_error(L, "out of memory");
  struct pkt_value map;
  if (pkt_lua_to_map(L, 3, &h->arena, &map, &err) != 0) {
    pkt_fail(&err, err.code, "%s.%s", plan->id, err.message);
    return pkt_lua_push_error(L, &err);
  }
  if (set_members(h, layer, &map, &err) != 0) return pkt_lua_push_error(L, &err);
  h->packet->layers[h->packet->len++] = layer;
  pkt_holder_settle(L, h);
  return 1;
}

/* Is there a userdata, as packets and layers are, in the value on top, or something deeper than
** values may be nested? */
static bool holds_objects(lua_State *L, int depth) {
  if (lua_isuserdata(L, -1)) return true;
  if (!lua_istable(L, -1)) return false;
  if (depth == PKT_MAX_DEPTH) return true;
  luaL_checkstack(L, 3, "values nested too deep");
  bool found = false;
  for (lua_pushnil(L); !found && lua_next(L, -2) != 0; lua_pop(L, 1))
    found = holds_objects(L, depth + 1);
  if (found) lua_pop(L, 1); /* the key */
  return found;
}

static int l_holds_objects(lua_State *L) {
  lua_settop(L, 1);
  lua_pushboolean(L, holds_objects(L, 0));
  return 1;
}

static int l_copy(lua_State *L) {
  const struct pkt_holder *from = pkt_check_packet(L, 1);
  struct pkt_holder *h = pkt_push_copy(L, from);
  if (from->built) {
    lua_getiuservalue(L, 1, PKT_HOLDER_BUILT);
    lua_setiuservalue(L, -2, PKT_HOLDER_BUILT);
    h->built = true;
  }
  pkt_holder_settle(L, h);
  return 1;
}

/* ------------------------------------------------------------------------------------- building */

int pkt_holder_build(lua_State *L, int index, struct pkt_holder *h, struct pkt_err *err) {
  if (h->built) return 0;
  struct pkt_buf *out = h->shop.out;
  if (pkt_build(h->packet, &h->arena, out, err) != 0) return -1;
  lua_pushlstring(L, out->data, out->len);
  lua_setiuservalue(L, index, PKT_HOLDER_BUILT);
  h->built = true;
  return 0;
}

static int l_bytes(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = pkt_check_packet(L, 1);
  if (pkt_holder_build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  pkt_holder_settle(L, h);
  lua_getiuservalue(L, 1, PKT_HOLDER_BUILT);
  return 1;
}

static int write_json(struct pkt_holder *h, const char *bytes, size_t n, struct pkt_err *err) {
  struct pkt_buf *out = h->shop.out;
  pkt_buf_clear(out, SIZE_MAX);
  out->limit = PKT_MAX_TEXT;
  if (h->packet->len > 0)
    return pkt_reply_write(out, h->shop.scratch, PKT_LUA, h->shop.arena, h->packet,
                           (const uint8_t *)bytes, n, PKT_REACH_ALL, err);
  pkt_buf_lit(out, "{\"binary\":null,\"data\":[]}");
  return out->failed ? pkt_fail(err, PKT_ERR_MEMORY, "out of memory") : 0;
}

static int l_json(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = pkt_check_packet(L, 1);
  size_t n;
  if (pkt_holder_build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_getiuservalue(L, 1, PKT_HOLDER_BUILT);
  const char *bytes = lua_tolstring(L, -1, &n);
  pkt_arena_reset(h->shop.arena);
  if (write_json(h, bytes, n, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_pushlstring(L, h->shop.out->data, h->shop.out->len);
  pkt_holder_settle(L, h);
  return 1;
}

static void freeze_layer(struct pkt_layer *layer) {
  for (unsigned i = 0; i < layer->plan->nops; i++) {
    struct pkt_slot *s = &layer->slots[i];
    if ((s->state == PKT_UNSET && !s->none) || s->state == PKT_WORKED) s->state = PKT_SET;
    s->loose = false;
  }
}

static int l_freeze(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = pkt_check_packet(L, 1);
  if (pkt_holder_build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  for (uint32_t i = 0; i < h->packet->len; i++) freeze_layer(h->packet->layers[i]);
  pkt_holder_settle(L, h);
  lua_pushboolean(L, true);
  return 1;
}

static void recompute_layer(const struct pkt_packet *p, uint32_t i) {
  struct pkt_layer *layer = p->layers[i];
  const struct pkt_plan *plan = layer->plan;
  pkt_unset_inner(layer);
  for (unsigned k = 0; k < plan->nops; k++) {
    const struct pkt_op *op = &plan->ops[k];
    if (pkt_is_measure(op) && pkt_measure_is_known(p, i, op)) pkt_measure_anew(layer, op);
  }
}

/* From the top down: what is known of a layer is told by those below as they were. A packet that
** can't be built as it is, maybe for a length that is too large, is recomputed all the same. */
static int l_recompute(lua_State *L) {
  struct pkt_err err;
  struct pkt_holder *h = pkt_check_packet(L, 1);
  if (pkt_holder_build(L, 1, h, &err) != 0 && err.code == PKT_ERR_MEMORY) /* layers' sizes */
    return luaL_error(L, "%s", err.message);
  for (uint32_t i = h->packet->len; i-- > 0;) recompute_layer(h->packet, i);
  pkt_holder_touch(h);
  pkt_holder_settle(L, h);
  return 0;
}

/* ---------------------------------------------------------------------------------- metamethods */

int pkt_leave_to_lua(lua_State *L, int arguments) {
  lua_settop(L, arguments);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, arguments, 1);
  return 1;
}

int pkt_push_usual(lua_State *L, lua_CFunction f, int upvalues) {
  for (int i = 1; i <= upvalues; i++) luaL_checkany(L, i);
  lua_settop(L, upvalues);
  lua_pushcclosure(L, f, upvalues);
  return 1;
}

int pkt_open_packet(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"new", l_new},       {"make", l_make},           {"read", l_read},
      {"copy", l_copy},     {"bytes", l_bytes},         {"json", l_json},
      {"freeze", l_freeze}, {"recompute", l_recompute}, {"holds_objects", l_holds_objects},
      {NULL, NULL}};
  luaL_newlib(L, functions);
  pkt_add_packet_layers(L);
  pkt_add_layer_functions(L);
  pkt_set_packet_classes(L);
  return 1;
}
