/* core_packet_inner.h - what the files behind core_packet.h share: the userdata of packets and
** layers.
**
** core_holder.c makes these userdata and keeps their memory, which packet_keeper.c frees;
** core_packet.c has the functions of packets, core_packet_layers.c those about which layers a
** packet has, core_layer.c those of layers. */
#ifndef PKT_CORE_PACKET_INNER_H
#define PKT_CORE_PACKET_INNER_H

#include <lauxlib.h>
#include <lua.h>

#include "../engine/copy.h"
#include "../engine/measure.h"
#include "../engine/registry.h"
#include "core.h"
#include "core_packet.h"

/* Bytes of a packet's memory within its userdata, which Lua's collector counts: enough for most.
** More comes in blocks of that size and larger. */
#define PKT_HOLDER_ROOM 4096

/* What a packet and a layer begin with: told by it, and their size, they need no look at tables. */
extern const char pkt_packet_mark, pkt_layer_mark;

struct pkt_holder {
  const void *mark;
  lua_State *caller;         /* of the function that is at work on it */
  struct pkt_packet *packet; /* NULL once it is finalized */
  struct pkt_workshop shop;
  struct pkt_arena arena; /* of all that the packet is */
  struct pkt_span source;
  size_t compact_at; /* the size of the arena at which to compact it */
  size_t told;       /* the size that the collector was told of */
  uint32_t tags;     /* given to layers so far */
  bool built;        /* PKT_HOLDER_BUILT is what the slots say, and their places are right */
  bool refilled;     /* it is one packet after the other, and so are its layers */
  bool spent;        /* it took the spare keeper, which is to be replaced */
  /* Lua aligns to 8 bytes, an arena begins at a multiple of 16 */
  uint8_t room[PKT_HOLDER_ROOM + 16];
};

/* User values of a packet: its keeper, if it needs one; its registry, the bytes that it was read
** from, those that were built, and what names its lowest layers, made when first asked for. */
enum {
  PKT_HOLDER_KEEPER = 1,
  PKT_HOLDER_REGISTRY,
  PKT_HOLDER_SOURCE,
  PKT_HOLDER_BUILT,
  PKT_HOLDER_LAYERS,
  PKT_KEPT_LAYERS = 6,
  PKT_HOLDER_VALUES = PKT_HOLDER_BUILT + PKT_KEPT_LAYERS,
};

/* Names a layer of the packet that is its user value. */
struct pkt_handle {
  const void *mark;
  struct pkt_holder *packet;
  uint32_t tag;
  uint32_t place; /* where it was last */
};

/* The userdata of this size that begins with the mark; NULL: it is something else. */
static inline void *pkt_with_mark(lua_State *L, int index, size_t size, const void *mark) {
  void *p = lua_rawlen(L, index) == size ? lua_touserdata(L, index) : NULL;
  return p && *(const void **)p == mark ? p : NULL;
}

/* The packet at argument 'index'; raises for anything else, and where it is finalized. */
struct pkt_holder *pkt_check_packet(lua_State *L, int index);

/* Is neither the packet finalized nor its registry? When a state is closed, finalizers of a script's
** may still run after theirs. */
static inline bool pkt_holder_is_there(const struct pkt_holder *h) {
  return h->packet && h->shop.registry->plans;
}

/* Raises where it isn't. */
static inline void pkt_check_there(lua_State *L, const struct pkt_holder *h) {
  if (!pkt_holder_is_there(h)) luaL_error(L, "the packet is finalized");
}

/* Push a packet of the registry at 'registry', its layers still to be made; one without layers; one
** with the layers of 'from', which is at 1, copied: what it was read from is shared. They raise
** without memory. */
struct pkt_holder *pkt_push_packet(lua_State *L, int registry);
struct pkt_holder *pkt_push_empty(lua_State *L, int registry);
struct pkt_holder *pkt_push_copy(lua_State *L, const struct pkt_holder *from);

/* Push what names the layer at place 'i', from 0, of the packet at 'index', an absolute one. */
void pkt_push_handle(lua_State *L, int index, struct pkt_holder *h, uint32_t i);

/* Parts of pkt_holder_settle() that are rarely needed: make another spare keeper; copy what is
** needed of a packet's memory and give the rest back; tell Lua's collector of it, by a step that is
** as long. */
void pkt_holder_replace_keeper(lua_State *L, struct pkt_holder *h);
void pkt_holder_compact(struct pkt_holder *h);
void pkt_holder_tell(lua_State *L, struct pkt_holder *h);

/* Called last in what may have made the packet larger: no pointer into it is good afterwards. */
static inline void pkt_holder_settle(lua_State *L, struct pkt_holder *h) {
  if (h->spent) pkt_holder_replace_keeper(L, h);
  if (h->arena.used > h->compact_at) pkt_holder_compact(h);
  if (h->arena.used > h->told + PKT_HOLDER_ROOM) pkt_holder_tell(L, h);
}

/* The packet's memory beside its userdata, once it has any, is freed with it. */
void pkt_holder_keep_late(struct pkt_holder *h);

/* Read what wasn't read yet of a packet that is refilled; its layers stay where they are. Raises
** without memory. */
void pkt_holder_read_on(lua_State *L, struct pkt_holder *h);
static inline void pkt_holder_complete(lua_State *L, struct pkt_holder *h) {
  if (h->packet->above) pkt_holder_read_on(L, h);
}

/* The packet's bytes changed. */
static inline void pkt_holder_touch(struct pkt_holder *h) { h->built = false; }

/* A protocol by its id; NULL with *err filled in. */
const struct pkt_plan *pkt_find_plan(const struct pkt_registry *r, const char *id, size_t n,
                                     struct pkt_err *err);

/* Bytes, places and all that is worked out, as they are now: the bytes are user value
** PKT_HOLDER_BUILT of the packet at 'index'. Returns 0, or -1 with *err filled in. */
int pkt_holder_build(lua_State *L, int index, struct pkt_holder *h, struct pkt_err *err);

/* Text may be the bytes of an address, save where the value tells the field's form; for a list it
** is the bytes that it takes, since nothing else is meant by it in Lua. */
int pkt_holder_set(struct pkt_holder *h, struct pkt_layer *layer, const struct pkt_op *op,
                   struct pkt_value *v, struct pkt_err *err);

/* Fail: the layer has no such field. Returns -1. */
int pkt_no_field(struct pkt_err *err, const struct pkt_layer *layer, const char *id, size_t n);

/* Is the field worked out where it is unset? */
static inline bool pkt_is_worked_out(const struct pkt_op *op) {
  return op->autorule || op->special->digits || op->sum;
}

/* Those of packets in the layer's fields become unset, see measure.h. What was set as bytes
** stays. */
void pkt_unset_inner(struct pkt_layer *layer);

/* Metamethods do what scripts do most, and leave the rest to a function of Lua's that is upvalue 1:
** call that with the first arguments, for one result; push a metamethod with its upvalues, which
** are the arguments. Both return how many values they push. */
int pkt_leave_to_lua(lua_State *L, int arguments);
int pkt_push_usual(lua_State *L, lua_CFunction f, int upvalues);

/* Add to the table on top: the functions about which layers a packet has; those of layers; the
** metatables of both. */
void pkt_add_packet_layers(lua_State *L);
void pkt_add_layer_functions(lua_State *L);
void pkt_set_packet_classes(lua_State *L);

#endif
