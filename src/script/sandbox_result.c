/* sandbox_result.c - what an expression comes to: Lua's values, packed for the worker. */
#include <lauxlib.h>
#include <string.h>

#include "sandbox_inner.h"
#include "vocabulary.h"

struct writer {
  uint8_t *at, *end;
  uint32_t items, text; /* values and bytes so far */
  unsigned depth;
};

static int too_large(lua_State *L, const char *what, unsigned most) {
  return luaL_error(L, "the value has more than %d %s", (int)most, what);
}

static void put(lua_State *L, struct writer *w, const void *p, size_t n) {
  if (n > (size_t)(w->end - w->at)) too_large(L, "bytes", PKT_MAX_RESULT_BYTES);
  memcpy(w->at, p, n);
  w->at += n;
}

static void put_tag(lua_State *L, struct writer *w, uint8_t tag) { put(L, w, &tag, 1); }

static void put_count(lua_State *L, struct writer *w, lua_Unsigned n) {
  uint32_t count = (uint32_t)n;
  if (n > PKT_MAX_RESULT_ITEMS) too_large(L, "items", PKT_MAX_RESULT_ITEMS);
  put(L, w, &count, sizeof count);
}

static void put_text(lua_State *L, struct writer *w, int index) {
  size_t n;
  const char *p = lua_tolstring(L, index, &n);
  if (n > PKT_MAX_RESULT_BYTES - w->text) too_large(L, "bytes", PKT_MAX_RESULT_BYTES);
  w->text += (uint32_t)n;
  uint32_t count = (uint32_t)n;
  put(L, w, &count, sizeof count);
  put(L, w, p, n);
}

static void put_value(lua_State *L, struct writer *w, int index);

/* What a table's keys are like. */
struct keys {
  lua_Unsigned numbered, named; /* how many */
  lua_Unsigned len;             /* 1 to 'len' are there */
};

static struct keys look_at_keys(lua_State *L, int t) {
  struct keys k = {.len = lua_rawlen(L, t)};
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    if (lua_isinteger(L, -2))
      k.numbered++;
    else if (lua_type(L, -2) == LUA_TSTRING)
      k.named++;
    else
      luaL_error(L, "a %s is no key of a value", luaL_typename(L, -2));
  }
  if (k.numbered != k.len)
    luaL_error(L, "a list whose places 1 to %d aren't all there",
               (int)(k.numbered > k.len ? k.numbered : k.len));
  return k;
}

static void put_items(lua_State *L, struct writer *w, int t, lua_Unsigned n) {
  for (lua_Unsigned i = 1; i <= n; i++) {
    lua_rawgeti(L, t, (lua_Integer)i);
    put_value(L, w, lua_gettop(L));
    lua_pop(L, 1);
  }
}

static void put_named(lua_State *L, struct writer *w, int t) {
  pkt_push_sorted_keys(L, t);
  int keys = lua_gettop(L);
  lua_Unsigned n = lua_rawlen(L, keys);
  for (lua_Unsigned i = 1; i <= n; i++) {
    if (lua_rawgeti(L, keys, (lua_Integer)i) == LUA_TSTRING) {
      put_text(L, w, -1);
      lua_rawget(L, t);
      put_value(L, w, lua_gettop(L));
    }
    lua_settop(L, keys);
  }
  lua_pop(L, 1);
}

/* A layer's class, with its id, is at the top: pkt_table_kind() has put it there. */
static void put_layer(lua_State *L, struct writer *w, int t) {
  struct keys k = look_at_keys(L, t);
  put_tag(L, w, PKT_PACKED_LAYER);
  put_text(L, w, -1);
  put_count(L, w, k.numbered + k.named);
  for (lua_Unsigned i = 1; i <= k.len; i++) {
    static const uint32_t by_place = 0;
    put(L, w, &by_place, sizeof by_place);
    lua_rawgeti(L, t, (lua_Integer)i);
    put_value(L, w, lua_gettop(L));
    lua_pop(L, 1);
  }
  if (k.named > 0) put_named(L, w, t);
}

static void put_chain(lua_State *L, struct writer *w, int t) {
  lua_Unsigned n = lua_rawlen(L, t);
  if (n > PKT_MAX_LAYERS) luaL_error(L, "more than %d layers", PKT_MAX_LAYERS);
  if (n == 0) luaL_error(L, "of layers on each other none is left");
  put_tag(L, w, PKT_PACKED_CHAIN);
  put_count(L, w, n);
  for (lua_Unsigned i = 1; i <= n; i++) {
    lua_rawgeti(L, t, (lua_Integer)i);
    if (pkt_table_kind(L, lua_gettop(L)) != PKT_TABLE_LAYER)
      luaL_error(L, "layer %d of layers on each other is none", (int)i); /* a text has put it in */
    put_layer(L, w, lua_gettop(L) - 1);
    lua_pop(L, 2);
  }
}

static void put_table(lua_State *L, struct writer *w, int t) {
  switch (pkt_table_kind(L, t)) {
    case PKT_TABLE_LAYER:
      put_layer(L, w, t);
      lua_pop(L, 1);
      return;
    case PKT_TABLE_CHAIN: put_chain(L, w, t); return;
    default: break;
  }
  struct keys k = look_at_keys(L, t);
  if (k.numbered > 0 && k.named > 0)
    luaL_error(L, "a table with items and names is neither a list nor a set of fields");
  put_tag(L, w, k.named > 0 ? PKT_PACKED_MAP : PKT_PACKED_LIST);
  put_count(L, w, k.named + k.numbered);
  put_items(L, w, t, k.len);
  if (k.named > 0) put_named(L, w, t);
}

static void put_number(lua_State *L, struct writer *w, int index) {
  if (lua_isinteger(L, index)) {
    int64_t num = lua_tointeger(L, index);
    put_tag(L, w, PKT_PACKED_INT);
    put(L, w, &num, sizeof num);
  } else {
    double real = lua_tonumber(L, index);
    put_tag(L, w, PKT_PACKED_REAL);
    put(L, w, &real, sizeof real);
  }
}

static void put_address(lua_State *L, struct writer *w, int index) {
  unsigned width;
  const uint8_t *bytes = pkt_test_address(L, index, &width);
  uint8_t head[2] = {PKT_PACKED_ADDRESS, (uint8_t)width};
  if (!bytes) luaL_error(L, "a %s is no value of a field", luaL_typename(L, index));
  put(L, w, head, sizeof head);
  put(L, w, bytes, width);
}

static void put_value(lua_State *L, struct writer *w, int index) {
  pkt_sandbox_room(L, 8);
  if (++w->items > PKT_MAX_RESULT_VALUES) too_large(L, "items", PKT_MAX_RESULT_ITEMS);
  if (++w->depth > PKT_MAX_RESULT_DEPTH) too_large(L, "levels", PKT_MAX_RESULT_DEPTH);
  switch (lua_type(L, index)) {
    case LUA_TNIL: put_tag(L, w, PKT_PACKED_NIL); break;
    case LUA_TBOOLEAN:
      put_tag(L, w, lua_toboolean(L, index) ? PKT_PACKED_TRUE : PKT_PACKED_FALSE);
      break;
    case LUA_TNUMBER: put_number(L, w, index); break;
    case LUA_TSTRING:
      put_tag(L, w, PKT_PACKED_STRING);
      put_text(L, w, index);
      break;
    case LUA_TTABLE: put_table(L, w, index); break;
    default: put_address(L, w, index);
  }
  w->depth--;
}

uint8_t *pkt_sandbox_pack(lua_State *L, int index, uint8_t *at, uint8_t *end) {
  struct writer w = {.at = at, .end = end};
  put_value(L, &w, index);
  return w.at;
}
