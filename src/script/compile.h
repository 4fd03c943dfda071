/* compile.h - declarations, linked to each other by lua/luapkt/compile.lua, into a registry.
**
** The Lua tables are read as the authors of protocols wrote them: ids become slots and plans, rules
** become programs, enumerations become sorted lists. Plans are laid down in the registry's arena;
** what is wrong with a declaration is said with its file, line, protocol and field. */
#ifndef PKT_COMPILE_H
#define PKT_COMPILE_H

#include <lua.h>

#include "../engine/registry.h"

/* Fill 'r' (zeroed, its arena started) from the table at 'index'. Raises a Lua error whose message
** is fit for the protocol's author; what was allocated lies in the registry's arena. */
void pkt_compile(lua_State *L, int index, struct pkt_registry *r);

#endif
