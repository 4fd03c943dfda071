/* sandbox_view.c - the packet as expressions see it: what the worker has packed, as Lua's
** values. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox.h"
#include "vocabulary.h"

/* The view was packed by the worker, which is trusted; its sizes are checked all the same. */
struct view {
  const uint8_t *at, *end;
};

static void view_take(lua_State *L, struct view *v, void *out, size_t n) {
  if ((size_t)(v->end - v->at) < n) luaL_error(L, "the packet can't be looked at");
  memcpy(out, v->at, n);
  v->at += n;
}

static uint32_t view_count(lua_State *L, struct view *v) {
  uint32_t n;
  view_take(L, v, &n, sizeof n);
  if (n > (size_t)(v->end - v->at)) luaL_error(L, "the packet can't be looked at");
  return n;
}

static void view_push_text(lua_State *L, struct view *v) {
  uint32_t n = view_count(L, v);
  lua_pushlstring(L, (const char *)v->at, n);
  v->at += n;
}

static void view_push(lua_State *L, struct view *v);

static void view_push_list(lua_State *L, struct view *v) {
  uint32_t n = view_count(L, v);
  lua_createtable(L, n < INT32_MAX ? (int)n : 0, 0);
  for (uint32_t i = 1; i <= n; i++) {
    view_push(L, v);
    lua_rawseti(L, -2, i);
  }
}

/* Reading a field that a layer doesn't have, or not yet. Upvalues: id, the fields without a
** value. */
static int absent_field(lua_State *L) {
  const char *id = lua_tostring(L, lua_upvalueindex(1));
  const char *field = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
  lua_pushvalue(L, 2);
  bool waits = lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL;
  if (waits) return luaL_error(L, "%s.%s has no value yet", id, field);
  return luaL_error(L, "%s has no field '%s'", id, field);
}

/* Of the layer's class at the top: fields that aren't there are told of. The id is at 'id', the
** table of fields without a value at 'waiting'. */
static void tell_absent(lua_State *L, int id, int waiting) {
  lua_pushvalue(L, id);
  lua_pushvalue(L, waiting);
  lua_pushcclosure(L, absent_field, 2);
  lua_setfield(L, -2, "__index");
}

static void view_push_layer(lua_State *L, struct view *v) {
  pkt_sandbox_room(L, 8);
  view_push_text(L, v);
  int id = lua_gettop(L);
  lua_newtable(L);
  lua_newtable(L); /* the fields without a value */
  for (uint32_t n = view_count(L, v); n > 0; n--) {
    view_push_text(L, v);
    bool unset = v->at < v->end && *v->at == PKT_PACKED_UNSET;
    if (unset) {
      v->at++;
      lua_pushboolean(L, 1);
    } else {
      view_push(L, v);
    }
    lua_rawset(L, unset ? id + 2 : id + 1);
  }
  pkt_push_layer_class(L, id);
  tell_absent(L, id, id + 2);
  lua_setmetatable(L, id + 1);
  lua_pop(L, 1);
  lua_remove(L, id);
}

static void view_push_address(lua_State *L, struct view *v) {
  uint8_t width, bytes[16];
  view_take(L, v, &width, 1);
  if (width > sizeof bytes) luaL_error(L, "the packet can't be looked at");
  view_take(L, v, bytes, width);
  pkt_push_address(L, bytes, width);
}

static void view_push(lua_State *L, struct view *v) {
  uint8_t tag;
  int64_t num;
  double real;
  pkt_sandbox_room(L, 8);
  view_take(L, v, &tag, 1);
  switch (tag) {
    case PKT_PACKED_INT:
      view_take(L, v, &num, sizeof num);
      lua_pushinteger(L, num);
      break;
    case PKT_PACKED_REAL:
      view_take(L, v, &real, sizeof real);
      lua_pushnumber(L, real);
      break;
    case PKT_PACKED_STRING: view_push_text(L, v); break;
    case PKT_PACKED_ADDRESS: view_push_address(L, v); break;
    case PKT_PACKED_LIST: view_push_list(L, v); break;
    case PKT_PACKED_LAYER: view_push_layer(L, v); break;
    default: lua_pushboolean(L, 0); /* a place that must not be a hole */
  }
}

/* pkt.IP, pkt["IP:1"]: the first, second... layer of a protocol. */
static int find_layer(lua_State *L) {
  size_t n;
  lua_Integer skip = 0;
  if (lua_type(L, 2) != LUA_TSTRING)
    return luaL_error(L, "the packet has %d layers so far", (int)lua_rawlen(L, 1));
  const char *name = lua_tolstring(L, 2, &n), *colon = memchr(name, ':', n);
  if (colon) {
    size_t digits = strspn(colon + 1, "0123456789");
    skip = digits > 0 && digits < 6 && !colon[1 + digits] ? strtol(colon + 1, NULL, 10) : -1;
    lua_pushlstring(L, name, (size_t)(colon - name));
    lua_replace(L, 2);
  }
  lua_settop(L, 2);
  for (lua_Unsigned i = 1; i <= lua_rawlen(L, 1); i++) {
    lua_rawgeti(L, 1, (lua_Integer)i);
    bool layer = pkt_table_kind(L, 3) == PKT_TABLE_LAYER;
    if (layer && lua_rawequal(L, -1, 2) && skip-- == 0) {
      lua_settop(L, 3);
      return 1;
    }
    lua_settop(L, 2);
  }
  return luaL_error(L, "there is no layer %s so far", name);
}

static char packet_key; /* its address: where the registry keeps the packet */

void pkt_sandbox_push_packet(lua_State *L) {
  struct pkt_sandbox *s = pkt_sandbox_of(L);
  s->varies = true;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &packet_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  struct view v = {s->view, s->view + s->question->view_len};
  if (v.at == v.end) luaL_error(L, "there is no packet to look at here");
  view_push(L, &v);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, find_layer);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &packet_key);
}

void pkt_sandbox_push_layer(lua_State *L) {
  const struct pkt_question *q = pkt_sandbox_of(L)->question;
  if (q->view_len > 0 && !q->in_layer)
    luaL_error(L, "this is for no field of a layer: say pkt.LAYER.FIELD");
  pkt_sandbox_push_packet(L);
  lua_rawgeti(L, -1, (lua_Integer)lua_rawlen(L, -1));
  lua_remove(L, -2);
}
