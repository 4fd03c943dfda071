/* values.h - the engine's values (value.h) as Lua values, and back.
**
** null is a light userdata of NULL, the same in every state. A list is a table with the metatable
** of arrays, so that [] stays []; a map is a plain table. An integer that a Lua integer can't hold,
** 2^63 to 2^64-1 in magnitude, is wide: a userdata that prints and compares equal as the integer it
** is. A real is a Lua float; text and bytes are strings. A layer is { id = "DNSQR", fields =
** { qtype = 1, "x" }, above = <the layer on top of it> }, arguments without a name being 1 to n.
**
** Scripts have null, arrays and wide integers from core.json (core_json.h). */
#ifndef PKT_VALUES_H
#define PKT_VALUES_H

#include <lua.h>

#include "../engine/arena.h"
#include "../engine/err.h"
#include "../engine/value.h"

/* Push a value. Returns 1. Raises where Lua has no memory or no stack left, so 'v' belongs to
** something that outlives the error. */
int pkt_lua_push_value(lua_State *L, const struct pkt_value *v);

/* What reads a value from a text: pkt_json_read(), pkt_literal_read(). Strings may point into
** 'text'. Returns 0; less with *err; more with *err where the text is none of its texts. */
typedef int pkt_text_reader(struct pkt_arena *arena, const char *text, size_t len,
                            struct pkt_value *out, struct pkt_err *err);

/* A function of Lua: push the value in the text that is argument 1, or nil and an error, of code
** "no literal" for a text that is none of the reader's. Returns how many that are. Raises where the
** argument is no text, and where Lua has no memory. */
int pkt_lua_read_text(lua_State *L, pkt_text_reader *read);

/* Push an integer of that sign and magnitude: wide, where Lua's can't hold it. */
void pkt_lua_push_integer(lua_State *L, bool negative, uint64_t num);

/* Is the value at 'index' a wide integer? If so, its sign and its magnitude. */
bool pkt_lua_to_wide(lua_State *L, int index, bool *negative, uint64_t *num);

/* Push the metatable of arrays. */
void pkt_lua_push_array_mt(lua_State *L);

/* The Lua value at 'index' as a value in 'arena': strings are text, tables with an 'id' are nested
** packets, other tables lists or maps. Returns 0, or -1 with *err for what has no such form:
** functions, wide integers, nesting over PKT_MAX_DEPTH. Raises without memory. Strings are
** copied. */
int pkt_lua_to_value(lua_State *L, int index, struct pkt_arena *arena, struct pkt_value *out,
                     struct pkt_err *err);

/* The same of the table at 'index' as a map, whatever its keys: the fields of a packet. */
int pkt_lua_to_map(lua_State *L, int index, struct pkt_arena *arena, struct pkt_value *out,
                   struct pkt_err *err);

#endif
