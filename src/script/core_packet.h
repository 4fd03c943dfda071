/* core_packet.h - the part "packet" of the Lua module luapkt.core: packets as objects.
**
** A packet owns its layers and slots; Lua sees it as a userdata, and its layers as userdata that
** name a layer of it. lua/luapkt/packet.lua makes of these functions what scripts use.
**
** Functions of the table, 'registry' being what core.compile() returns, 'p' a packet, 'l' a layer,
** 'place' a layer's place from 1; "or nil and an error" means { code, message }:
**
**   new(registry)                    an empty packet
**   make(registry, id, fields)       a packet of one layer, 'fields' being a table; or nil and
**                                    an error
**   read(registry, bytes, id)        dissected as 'id', a protocol's or a LINKTYPE's number; or nil
**                                    and an error
**   copy(p)                          the same once more
**   count(p), find(p, id, nth)       how many layers; the place of the nth of this id, or nil
**   layer(p, place)                  the layer there, or nil
**   insert(p, place, q)              the layers of q, copied, before the layer at that place: true,
**                                    or nil and an error
**   top(p, q)                        the place where q goes on top: before Padding
**   combine(p, q)                    a new packet: p with the layers of q on top; or nil and an
**                                    error
**   remove(p, place)
**   decode(p, place, id)             the layer there, and what it carries, read as another
**                                    protocol; true, or nil and an error
**   bytes(p)                         built if need be; or nil and an error
**   json(p)                          the reply tree, as text; or nil and an error
**   freeze(p)                        all that is unset becomes set; true, or nil and an error
**   recompute(p)                     lengths, counts and checksums become unset, also those of
**                                    packets in fields
**   forget(p, place)                 its bytes as they were read: from now on it is written from
**                                    its fields
**   kind(l), place(l), of(l)         its protocol's id, its place, its packet
**   is(l, id)                        is it of this protocol, or a kind of it?
**   compressed(l)                    whether its domain names are written compressed
**   range(l)                         its first byte in the packet, from 0, and its size
**   holds_objects(value)             is there a userdata in it, however deep?
**   layer_index(f, dress), layer_newindex(f), packet_index(f, methods), packet_divide(f)
**                                    metamethods that do what is usual and leave the rest to f;
**                                    dress(table) is what a script sees of a field's table
**   value(l, field), literal(l, field, python), text(l, field)
**                                    'field': an id, or a number from 1
**   field(l, number)                 a field as a table, or nil behind the last
**   shown(l, number)                 its id, what a person sees of it (false: it isn't there), and
**                                    its value if that is a number; or nothing
**   cover(l, field)                  what a checksum covers: a list of { offset, size } in the
**                                    packet, and the id of the layer whose addresses it covers,
**                                    too, or nil; or nil and an error
**   inner(l)                         the lengths and checksums of packets in its fields, each with
**                                    'within' (options[2]), kind, field, value, 'what' (length or
**                                    checksum), offset in the packet and size; or nil and an error
**   unset_inner(l, n)                the nth of them is unset; all of them, where n is left out
**   set(l, field, value)             nil: unset. true, or nil and an error
**
** 'packet_class' and 'layer_class' are their metatables. A layer whose packet lost it raises. */
#ifndef PKT_CORE_PACKET_H
#define PKT_CORE_PACKET_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "../engine/err.h"
#include "../engine/packet.h"
#include "../engine/sought.h"

/* Push the table of functions. Returns 1 and sets no global. */
int pkt_open_packet(lua_State *L);

/* Push a packet of the registry at 'registry' that is to be one packet of a capture after the
** other, and empty before the first. What names its layers goes over to the next packet's at the
** same place. What is returned is good while the packet is. */
struct pkt_holder;
struct pkt_holder *pkt_push_refilled(lua_State *L, int registry);

/* Make of it what 'n' bytes of a capture with this LINKTYPE are; they are copied. What
** can't be read even as its first layer is Raw. It is read as far as there may be what is 'sought',
** NULL: all, and the rest once somebody asks for more than a field of a layer that is known.
** Returns 0, or -1 with *err filled in and the packet empty. Raises without memory. */
int pkt_refill(lua_State *L, struct pkt_holder *h, uint32_t link, const uint8_t *bytes, size_t n,
               const struct pkt_sought *sought, struct pkt_err *err);

/* What it is now, all of it. Raises where a script has finalized it, and without memory. */
struct pkt_packet *pkt_refilled(lua_State *L, struct pkt_holder *h);

/* The same as far as it was read. */
struct pkt_packet *pkt_refilled_part(lua_State *L, struct pkt_holder *h);

/* The same, to be changed in the memory of '*arena' until it is filled again. The bytes that were
** built of it are its bytes no more. */
struct pkt_packet *pkt_refilled_anew(lua_State *L, struct pkt_holder *h, struct pkt_arena **arena);

/* Push what Lua sees of its layer 'i', from 0; the packet is at 'index', which counts from the
** stack's bottom. */
void pkt_push_refilled_layer(lua_State *L, int index, struct pkt_holder *h, uint32_t i);

/* The same for the packet's first layer that is wanted, pkt_plan_is_wanted(); nil: it has none. */
void pkt_push_refilled_kind(lua_State *L, int index, struct pkt_holder *h,
                            const struct pkt_plan *wanted);

#endif
