/* load.h - files of Lua: protocols and modules, compiled, or known already (see chunks.h). */
#ifndef PKT_LOAD_H
#define PKT_LOAD_H

#include <lua.h>

/* chunk = core.load_file(path, name), or nil and why; 'name' is what messages call the file, and no
** path is in them. */
int pkt_load_file(lua_State *L);

/* bytes = core.read_file(path), or nil, why, without the path, and the errno. Raises where there is
** no memory. */
int pkt_read_file(lua_State *L);

/* Open Lua's libraries and luapkt.core, with the home of the program as 'core.home', and let
** require() find modules below its folder 'lua' before all others: "a.b" as a/b.lua or
** a/b/init.lua. May raise. */
void pkt_open_home(lua_State *L, const char *home);

#endif
