/* core_declare.c - what protocols' declarations are made with where Lua would be slow. */
#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

#include "core_inner.h"

#define MEMBERS 16 /* of a declaration, what linking adds included */

/* The table at 'from' copied into the one on top. */
static void copy_members(lua_State *L, int from) {
  for (lua_pushnil(L); lua_next(L, from) != 0;) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2); /* target, key, key, value */
    lua_rawset(L, -4);
  }
}

/* Is the type of the value on top one of the types in the text below it, or is that "any"? */
static bool is_known_type(lua_State *L) {
  const char *types = lua_tostring(L, -2);
  return strcmp(types, "any") == 0 || strstr(types, luaL_typename(L, -1)) != NULL;
}

int pkt_copy_declaration(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_createtable(L, 0, MEMBERS);
  for (lua_pushnil(L); lua_next(L, 1) != 0; lua_settop(L, 4)) {
    lua_pushvalue(L, 4);
    bool known = lua_rawget(L, 2) == LUA_TSTRING;
    lua_insert(L, 5); /* target, key, types, value */
    if (!known || !is_known_type(L)) {
      lua_pushnil(L);
      lua_pushvalue(L, 4);
      lua_pushvalue(L, 5);
      return 3;
    }
    lua_pushvalue(L, 4);
    lua_insert(L, -2);
    lua_rawset(L, 3);
  }
  return 1;
}

int pkt_list_slots(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
  lua_settop(L, 1);
  lua_createtable(L, 0, (int)n);
  for (lua_Integer i = n; i > 0; i--) { /* so the first of an id is what stays */
    bool table = lua_rawgeti(L, 1, i) == LUA_TTABLE;
    if (table) lua_pushliteral(L, "id");
    if (!table || lua_rawget(L, -2) != LUA_TSTRING || lua_rawlen(L, -1) == 0) {
      lua_pushnil(L);
      lua_pushinteger(L, i);
      return 2;
    }
    lua_pushinteger(L, i - 1);
    lua_rawset(L, 2);
    lua_pop(L, 1);
  }
  return 1;
}

/* Set the member whose name is at 'key', if one is given, to what follows it. */
static void set_given(lua_State *L, int key) {
  if (!lua_toboolean(L, key)) return;
  lua_pushvalue(L, key);
  lua_pushvalue(L, key + 1);
  lua_rawset(L, -3);
}

int pkt_declare_field(lua_State *L) {
  lua_Debug file;
  lua_settop(L, 8);
  if (!lua_isnoneornil(L, 3) && !lua_istable(L, 3)) {
    luaL_where(L, 2);
    lua_pushfstring(L, "field '%s': a table of options expected, got %s",
                    luaL_tolstring(L, 2, NULL), luaL_typename(L, 3));
    lua_remove(L, -2); /* the id's text */
    lua_concat(L, 2);
    return lua_error(L);
  }
  bool known = lua_getstack(L, 2, &file) && lua_getinfo(L, "l", &file);
  lua_createtable(L, 0, 8);
  lua_pushvalue(L, 1);
  lua_setfield(L, 9, "kind");
  lua_pushvalue(L, 2);
  lua_setfield(L, 9, "id");
  lua_pushinteger(L, known ? file.currentline : -1);
  lua_setfield(L, 9, "at");
  if (lua_istable(L, 3)) copy_members(L, 3);
  if (!lua_isnil(L, 4)) {
    lua_pushvalue(L, 4);
    lua_setfield(L, 9, "width");
  }
  set_given(L, 5);
  set_given(L, 7);
  return 1;
}
