/* core_literal.c - literals of the python dialect for Lua. */
#include "core_literal.h"

#include <lauxlib.h>

#include "../engine/literal.h"
#include "../engine/real.h"
#include "collected.h"
#include "errors.h"
#include "values.h"

/* read(text) -> value, or nil and an error: code "syntax", "value", "limit" or "memory", or
** "no literal" where the text may be Lua; and a message with line and column */
static int literal_read(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  struct pkt_value v;
  struct pkt_err err;
  struct pkt_arena *arena = pkt_lua_push_arena(L);
  int results, status = pkt_literal_read(arena, text, n, &v, &err);
  if (status == 0)
    results = pkt_lua_push_value(L, &v);
  else if (status > 0)
    results = pkt_lua_push_failure(L, "no literal", err.message);
  else
    results = pkt_lua_push_error(L, &err);
  pkt_arena_free(arena);
  return results;
}

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
