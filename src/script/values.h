/* values.h - Lua values to the engine's values and layers to Lua tables. */
#ifndef PKT_VALUES_H
#define PKT_VALUES_H

#include <lua.h>

#include "../engine/assign.h"

/* The Lua value at 'index' as a value in 'arena': strings are text, tables with an 'id' are nested
** packets, other tables lists or maps. Raises for what has no such form (functions, nesting over
** PKT_MAX_DEPTH) and without memory. Strings are copied. */
struct pkt_value pkt_lua_to_value(lua_State *L, int index, struct pkt_arena *arena);

/* The table at 'index' as a map, whatever its keys: the fields of a packet. */
struct pkt_value pkt_lua_to_map(lua_State *L, int index, struct pkt_arena *arena);

/* Push the value of a slot as it stands in such a table: nil for none. */
void pkt_lua_push_slot(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s);

/* Push a layer as { id = "IP", offset = 14, fields = { ttl = 64, ... } }: numbers as integers,
** addresses as text, bytes as strings, lists as tables, options as { name, value... }. */
void pkt_lua_push_layer(lua_State *L, const struct pkt_layer *layer);

#endif
