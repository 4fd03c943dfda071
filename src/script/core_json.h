/* core_json.h - the part "json" of the Lua module luapkt.core: Lua values to JSON and
** back, exactly.
**
** Values are as values.h has them, so that nothing is lost: null is json.null; an array is a table
** with the metatable json.array_mt, which json.array() gives it; an object is a plain table. An
** integer that a Lua integer can't hold is a json.u64, which encodes as the integer it is. */
#ifndef PKT_CORE_JSON_H
#define PKT_CORE_JSON_H

#include <lua.h>

#include "../engine/buf.h"
#include "../engine/err.h"

/* Push the table of functions. Returns 1 and sets no global. */
int pkt_open_json(lua_State *L);

/* Append the JSON form of the Lua value at 'index', an object's keys in byte order. Returns 0, or
** -1 with *err filled in: PKT_ERR_VALUE for what has no JSON form, PKT_ERR_LIMIT for tables
** deeper than PKT_MAX_DEPTH (or within themselves), PKT_ERR_MEMORY. Runs no metamethods. May raise
** where Lua has no memory, so 'b' belongs to something that outlives the error. */
int pkt_lua_write_json(lua_State *L, int index, struct pkt_buf *b, struct pkt_err *err);

#endif
