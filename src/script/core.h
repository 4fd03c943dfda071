/* core.h - the Lua module luapkt.core.
**
** The same function serves stock lua5.4 (as luapkt/core.so) and the daemon, which registers it
** under the same name. */
#ifndef PKT_CORE_H
#define PKT_CORE_H

#include <lauxlib.h>
#include <lua.h>

#include "../engine/assign.h"
#include "../engine/buf.h"

__attribute__((visibility("default"))) int luaopen_luapkt_core(lua_State *L);

/* Make the metatable of a class of userdata: its methods, the metamethods among them, which a
** script can't get at: what they free is in use until nothing can ask for it. */
void pkt_make_class(lua_State *L, const char *name, const luaL_Reg *methods);

/* Set a field of the table at the top. */
void pkt_lua_set_integer(lua_State *L, const char *name, lua_Integer value);

/* What a registry's userdata lends to who works with it, for the length of one call: an arena that
** each call resets, buffers, random numbers. It lives as long as the userdata. */
struct pkt_workshop {
  const struct pkt_registry *registry;
  struct pkt_arena *arena;
  struct pkt_buf *out, *scratch;
  struct pkt_rng *rng;
};

/* That of the userdata at 'index'; raises for anything else. */
struct pkt_workshop pkt_core_workshop(lua_State *L, int index);

/* The registry in the userdata at 'index'; raises for anything else. It lives as long as that. */
const struct pkt_registry *pkt_core_registry(lua_State *L, int index);

#endif
