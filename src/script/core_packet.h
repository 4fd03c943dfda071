/* core_packet.h - the part "packet" of the Lua module luapkt.core: packets as objects.
**
** A packet owns its layers and slots; Lua sees it as a userdata, and its layers as userdata that
** name a layer of it. lua/luapkt/packet.lua makes of these functions what scripts use.
**
** Functions of the table, 'registry' being what core.compile() returns, 'p' a packet, 'l' a layer,
** 'place' a layer's place from 1; "or nil and an error" means { code, message }:
**
**   new(registry)                    an empty packet
**   make(registry, id, fields)       a packet of one layer; or nil and an error. 'fields' is a table
**   read(registry, bytes, id)        dissected as 'id', a protocol's or a LINKTYPE's number; or nil
**                                    and an error
**   copy(p)                          the same once more
**   count(p), find(p, id, nth)       how many layers; the place of the nth of this id, or nil
**   layer(p, place)                  the layer there, or nil
**   insert(p, place, q)              the layers of q, copied, before the layer at that place: true,
**                                    or nil and an error
**   remove(p, place)
**   decode(p, place, id)             the layer there, and what it carries, read as another protocol;
**                                    true, or nil and an error
**   bytes(p)                         built if need be; or nil and an error
**   json(p)                          the reply tree, as text; or nil and an error
**   freeze(p)                        all that is unset becomes set; true, or nil and an error
**   recompute(p)                     lengths, counts and checksums become unset
**   forget(p, place)                 its bytes as they were read: written from its fields from now on
**   kind(l), place(l), of(l)         its protocol's id, its place, its packet
**   compressed(l)                    whether its domain names are written compressed
**   range(l)                         its first byte in the packet, from 0, and its size
**   value(l, field), literal(l, field, python), text(l, field)    'field': an id, or a number from 1
**   field(l, number)                 a field as a table, or nil behind the last
**   set(l, field, value)             nil: unset. true, or nil and an error
**
** 'packet_class' and 'layer_class' are their metatables. A layer whose packet lost it raises. */
#ifndef PKT_CORE_PACKET_H
#define PKT_CORE_PACKET_H

#include <lua.h>

/* Push the table of functions. Returns 1 and sets no global. */
int pkt_open_packet(lua_State *L);

#endif
