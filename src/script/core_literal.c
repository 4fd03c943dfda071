/* core_literal.c - literals of the python dialect for Lua. */
#include "core_literal.h"

#include <lauxlib.h>

#include "../engine/literal.h"
#include "../engine/real.h"
#include "values.h"

/* read(text) -> value, or nil and an error: code "syntax", "value", "limit" or "memory", or
** "no literal" where the text may be Lua; and a message with line and column */
static int literal_read(lua_State *L) { return pkt_lua_read_text(L, pkt_literal_read); }

/* real(number) -> text: the shortest that reads back, as Python's repr has it */
static int literal_real(lua_State *L) {
  char text[PKT_REAL_ROOM];
  size_t n = pkt_real_text(text, luaL_checknumber(L, 1));
  lua_pushlstring(L, text, n);
  return 1;
}

int pkt_open_literal(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"read", literal_read}, {"real", literal_real}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
