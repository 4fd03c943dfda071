/* core_wire.h - the part "wire" of the Lua module luapkt.core: what src/wire has, for
** scripts: bits and integers at any place of a string, sums, base64, md5, and the random numbers of
** MT19937. */
#ifndef PKT_CORE_WIRE_H
#define PKT_CORE_WIRE_H

#include <lua.h>

/* Push the table of functions. Returns 1 and sets no global. */
int pkt_open_wire(lua_State *L);

#endif
