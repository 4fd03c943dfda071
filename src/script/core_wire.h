/* core_wire.h - the parts "wire", "json" and "literal" of the Lua module luapkt.core, and values to
** Lua.
**
** JSON in Lua: null is json.null (a light userdata of NULL, the same in every state). An array is
** a table with the metatable json.array_mt, so that [] stays []; an object is a plain table. An
** integer that a Lua integer can't hold, 2^63 to 2^64-1 in magnitude, is a json.u64: a userdata
** that prints, compares equal and encodes as the integer it is. A real is a Lua float. */
#ifndef PKT_CORE_WIRE_H
#define PKT_CORE_WIRE_H

#include <lua.h>

#include "../engine/buf.h"
#include "../engine/err.h"
#include "../engine/value.h"

/* Push the table of functions. All return 1 and set no global. */
int pkt_open_wire(lua_State *L);
int pkt_open_json(lua_State *L);
int pkt_open_literal(lua_State *L);

/* Push a value as above, bytes as a string, a layer as { id = "DNSQR", fields = { qtype = 1, "x" },
** above = <the layer on top of it> }, arguments without a name being 1 to n. Returns 1. Raises
** where Lua has no memory or no stack left, so 'v' belongs to something that outlives the error. */
int pkt_lua_push_value(lua_State *L, const struct pkt_value *v);

/* Push an empty buffer that the collector frees: what it holds survives what may raise. Free it as
** soon as it is of no more use, Lua doesn't count its bytes. */
struct pkt_buf *pkt_lua_push_buf(lua_State *L);

/* Set a field of the table at the top. */
void pkt_lua_set_integer(lua_State *L, const char *name, lua_Integer value);

/* Push nil and { code = "truncated", message = "..." }. Returns 2. */
int pkt_lua_push_error(lua_State *L, const struct pkt_err *err);

/* fail(code, message) -> nil, { code =, message = }: what a function in Lua answers that can't do
** what it was asked. As text, and so to assert(), the table is its message. */
int pkt_lua_fail(lua_State *L);

/* Push an empty buffer that is freed with its userdata, if not before by pkt_buf_free(). */
struct pkt_buf *pkt_lua_push_buf(lua_State *L);

/* Append the JSON form of the Lua value at 'index', an object's keys in byte order. Returns 0, or
** -1 with *err filled in: PKT_ERR_VALUE for what has no JSON form, PKT_ERR_LIMIT for tables
** deeper than PKT_MAX_DEPTH (or within themselves), PKT_ERR_MEMORY. Runs no metamethods. May raise
** where Lua has no memory, so 'b' belongs to something that outlives the error. */
int pkt_lua_write_json(lua_State *L, int index, struct pkt_buf *b, struct pkt_err *err);

#endif
