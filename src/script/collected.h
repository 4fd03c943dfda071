/* collected.h - memory that Lua's collector frees: an arena or a buffer in a userdata, so that what
** raises in between leaks nothing.
**
** Lua doesn't count the bytes that such a userdata leads to: free them as soon as they are of no
** more use, by pkt_arena_free() or pkt_buf_free(), and the collector finds nothing left to free. */
#ifndef PKT_COLLECTED_H
#define PKT_COLLECTED_H

#include <lua.h>

#include "../engine/arena.h"
#include "../engine/buf.h"

/* Push one that is empty. It lives as long as its userdata. Raises where Lua has no memory. */
struct pkt_arena *pkt_lua_push_arena(lua_State *L);
struct pkt_buf *pkt_lua_push_buf(lua_State *L);

#endif
