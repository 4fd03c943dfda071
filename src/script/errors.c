/* errors.c - nil and an error for Lua. */
#include "errors.h"

#include <lauxlib.h>

#define ERROR_MT "luapkt.error"

static int l_error_text(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "message");
  luaL_tolstring(L, -1, NULL);
  return 1;
}

/* Pop a code and a message, push nil and an error table: as text it is the message, as which
** assert() raises it. */
static int make_error(lua_State *L) {
  lua_createtable(L, 0, 2);
  lua_insert(L, -3);
  lua_setfield(L, -3, "message");
  lua_setfield(L, -2, "code");
  if (luaL_newmetatable(L, ERROR_MT)) {
    lua_pushcfunction(L, l_error_text);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

int pkt_lua_push_failure(lua_State *L, const char *code, const char *message) {
  lua_pushstring(L, code);
  lua_pushstring(L, message);
  return make_error(L);
}

int pkt_lua_push_error(lua_State *L, const struct pkt_err *err) {
  return pkt_lua_push_failure(L, pkt_err_name(err->code), err->message);
}

int pkt_lua_fail(lua_State *L) {
  luaL_checkany(L, 1);
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  return make_error(L);
}
