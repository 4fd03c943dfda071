/* load.h - files of Lua: protocols and modules, compiled, or known already (see chunks.h). */
#ifndef PKT_LOAD_H
#define PKT_LOAD_H

#include <lua.h>

/* chunk = core.load_file(path, name), or nil and why; 'name' is what messages call the file, and no path
** is in them. */
int pkt_load_file(lua_State *L);

/* Let require() find the modules of the program's home first: those below its folder 'lua', "a.b" as
** a/b.lua or a/b/init.lua. Lua's libraries must be open. May raise. */
void pkt_open_modules(lua_State *L, const char *home);

#endif
