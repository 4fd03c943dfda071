/* core.h - the Lua module luapkt.core.
**
** The same function serves stock lua5.4 (as luapkt/core.so) and the daemon, which registers it
** under the same name. */
#ifndef PKT_CORE_H
#define PKT_CORE_H

#include <lua.h>

#include "../engine/registry.h"

__attribute__((visibility("default"))) int luaopen_luapkt_core(lua_State *L);

/* The registry in the userdata at 'index'; raises for anything else. It lives as long as that. */
const struct pkt_registry *pkt_core_registry(lua_State *L, int index);

#endif
