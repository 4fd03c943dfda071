/* compile.h - the flat form of declarations, as lua/luapkt/compile.lua makes it, into a registry.
**
** The Lua side has resolved names and lowered rules; this side lays plans down in the registry's
** arena, converts defaults, links plans to each other and checks every index once. */
#ifndef PKT_COMPILE_H
#define PKT_COMPILE_H

#include <lua.h>

#include "../engine/registry.h"

/* Fill 'r' (zeroed, its arena started) from the table at 'index'. Raises a Lua error whose message
** is fit for the protocol's author; what was allocated lies in the registry's arena. */
void pkt_compile(lua_State *L, int index, struct pkt_registry *r);

#endif
