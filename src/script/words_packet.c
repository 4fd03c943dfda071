/* words_packet.c - packets within fields, and options. */
#include <string.h>

#include "words.h"

static char layer_key, chain_key; /* their addresses: where a class keeps what it is */

enum pkt_table_kind pkt_table_kind(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return PKT_TABLE_PLAIN;
  if (lua_rawgetp(L, -1, &layer_key) == LUA_TSTRING) {
    lua_remove(L, -2);
    return PKT_TABLE_LAYER;
  }
  bool chain = lua_rawgetp(L, -2, &chain_key) == LUA_TBOOLEAN;
  lua_pop(L, 3);
  return chain ? PKT_TABLE_CHAIN : PKT_TABLE_PLAIN;
}

static void push_chain_class(lua_State *L);

/* Append the layers of the value at 'index' to the table at the top. */
static void add_to_chain(lua_State *L, int index) {
  lua_Integer at = (lua_Integer)lua_rawlen(L, -1);
  switch (pkt_table_kind(L, index)) {
    case PKT_TABLE_LAYER:
      lua_pop(L, 1);
      lua_pushvalue(L, index);
      lua_rawseti(L, -2, at + 1);
      return;
    case PKT_TABLE_CHAIN:
      for (lua_Unsigned i = 1; i <= lua_rawlen(L, index); i++) {
        lua_rawgeti(L, index, (lua_Integer)i);
        lua_rawseti(L, -2, at + (lua_Integer)i);
      }
      return;
    default: luaL_error(L, "a %s is no layer to put on another", luaL_typename(L, index));
  }
}

/* A{}/B{} */
static int put_on_top(lua_State *L) {
  lua_newtable(L);
  add_to_chain(L, 1);
  add_to_chain(L, 2);
  if (lua_rawlen(L, -1) > PKT_MAX_LAYERS)
    return luaL_error(L, "more than %d layers", PKT_MAX_LAYERS);
  pkt_sandbox_charge(L, lua_rawlen(L, -1));
  push_chain_class(L);
  lua_setmetatable(L, -2);
  return 1;
}

/* Reading what isn't among layers on each other. */
static int no_layer(lua_State *L) {
  if (lua_type(L, 2) == LUA_TSTRING)
    return luaL_error(L, "layers on each other have no field '%s', but each has fields: [1].%s",
                      lua_tostring(L, 2), lua_tostring(L, 2));
  return luaL_error(L, "of layers on each other there are those from 1 to %I",
                    (lua_Integer)lua_rawlen(L, 1));
}

static void push_chain_class(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &chain_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushboolean(L, 1);
  lua_rawsetp(L, -2, &chain_key);
  lua_pushcfunction(L, put_on_top);
  lua_setfield(L, -2, "__div");
  lua_pushcfunction(L, no_layer);
  lua_setfield(L, -2, "__index");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &chain_key);
}

void pkt_push_layer_class(lua_State *L, int index) {
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, index);
  lua_rawsetp(L, -2, &layer_key);
  lua_pushcfunction(L, put_on_top);
  lua_setfield(L, -2, "__div");
}

/* Set the items and members of the table at 1 in the table at 'made'. */
static void copy_fields(lua_State *L, int made) {
  for (lua_pushnil(L); lua_next(L, 1);) {
    pkt_sandbox_charge(L, 1);
    lua_pushvalue(L, -2); /* key, value, key */
    lua_insert(L, -2);    /* key, key, value */
    lua_rawset(L, made);
  }
}

/* DNSQR{qname = "x.org"}, DNSQR("x.org"), DNSQR(). Upvalues: id, class. */
static int construct(lua_State *L) {
  int n = lua_gettop(L), made = n + 1;
  bool fields = n == 1 && lua_type(L, 1) == LUA_TTABLE && !lua_getmetatable(L, 1);
  lua_settop(L, n);
  lua_newtable(L);
  pkt_sandbox_charge(L, (size_t)made);
  if (fields) copy_fields(L, made);
  for (int i = 1; !fields && i <= n; i++) {
    lua_pushvalue(L, i);
    lua_rawseti(L, made, i);
  }
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_setmetatable(L, made);
  return 1;
}

/* Reading a field that a constructor wasn't given. Upvalue: id. */
static int unset_field(lua_State *L) {
  const char *id = lua_tostring(L, lua_upvalueindex(1));
  if (lua_type(L, 2) == LUA_TSTRING)
    return luaL_error(L, "%s.%s isn't set", id, lua_tostring(L, 2));
  if (lua_isinteger(L, 2)) return luaL_error(L, "%s[%I] isn't set", id, lua_tointeger(L, 2));
  return luaL_error(L, "%s has no field '%s'", id, luaL_typename(L, 2));
}

/* IP.ttl, as of the packet: IP makes others. */
static int no_field_of_function(lua_State *L) {
  if (lua_tocfunction(L, 1) != construct || lua_type(L, 2) != LUA_TSTRING)
    return luaL_error(L, "a function has no fields");
  const char *name = lua_tostring(L, 2), *id = lua_getupvalue(L, 1, 1) ? lua_tostring(L, -1) : "?";
  return luaL_error(L, "%s makes a packet within a field; for this packet's %s say pkt.%s.%s", id,
                    name, id, name);
}

/* All functions share a metatable, and text can't reach it. */
static void explain_fields(lua_State *L) {
  if (lua_getmetatable(L, -1)) {
    lua_pop(L, 1);
    return;
  }
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, no_field_of_function);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}

void pkt_push_constructor(lua_State *L) {
  pkt_push_layer_class(L, lua_gettop(L));
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, unset_field, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcclosure(L, construct, 2);
  explain_fields(L);
}

/* Options are a plain list; a name alone stands for an option without a value. The word is there so
** that a text says what it means, and that TCPOptions() is an empty list. */
static int options_of(lua_State *L, const char *word, const char *example) {
  int n = lua_gettop(L);
  if (n == 0) lua_newtable(L);
  if (n > 1 || lua_type(L, 1) != LUA_TTABLE)
    return luaL_error(L, "%s takes a list such as %s", word, example);
  if (lua_rawlen(L, 1) == 0 && (lua_pushnil(L), lua_next(L, 1)))
    return luaL_error(L, "%s takes a list, as options have an order: %s", word, example);
  lua_settop(L, 1);
  return 1;
}

int pkt_word_tcp_options(lua_State *L) {
  return options_of(L, "TCPOptions", "{{\"MSS\", 1460}, \"NOP\"}");
}

int pkt_word_dhcp_options(lua_State *L) {
  return options_of(L, "DHCPOptions", "{{\"message-type\", \"discover\"}, \"end\"}");
}
