/* errors.h - what a function of Lua answers that can't do what it was asked: nil and an error.
**
** An error is a table { code = "truncated", message = "..." }: a program reads the code, a person
** the message. As text, and so to assert(), the table is its message. (A wrong call raises instead,
** as luaL_argerror() words it.) */
#ifndef PKT_ERRORS_H
#define PKT_ERRORS_H

#include <lua.h>

#include "../engine/err.h"

/* Push nil and the error. Returns 2. Raises where Lua has no memory. */
int pkt_lua_push_error(lua_State *L, const struct pkt_err *err);

/* The same for an error that the engine has no code for; both texts are copied. */
int pkt_lua_push_failure(lua_State *L, const char *code, const char *message);

/* fail(code, message) -> nil and the error: core.fail(), for functions that are written in Lua. The
** code may be any value but nil. */
int pkt_lua_fail(lua_State *L);

#endif
