/* core_literal.h - the part "literal" of the Lua module luapkt.core: literals of the python
** dialect, which is read and never run. */
#ifndef PKT_CORE_LITERAL_H
#define PKT_CORE_LITERAL_H

#include <lua.h>

/* Push the table of functions. Returns 1 and sets no global. */
int pkt_open_literal(lua_State *L);

#endif
