/* layer_table.h - a layer as a Lua table, and its slots as the Lua values in it; where the layers
** of a packet lie. */
#ifndef PKT_LAYER_TABLE_H
#define PKT_LAYER_TABLE_H

#include <lua.h>

#include "../engine/packet.h"

/* Push the value of a slot as it stands in such a table: nil for none. Raises where Lua has no
** memory or no stack left. */
void pkt_lua_push_slot(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s);

/* Push a layer as { id = "IP", offset = 14, fields = { ttl = 64, ... } }: numbers as integers,
** addresses as text, bytes as strings, lists as tables, options as { name, value... }. Raises as
** above. */
void pkt_lua_push_layer(lua_State *L, const struct pkt_layer *layer);

/* Push what luapkt.field_engine takes as a packet, one that is built: where layers and fields lie.
** May raise. */
void pkt_push_places(lua_State *L, const struct pkt_packet *p);

#endif
