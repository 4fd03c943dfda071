/* core_holder.c - what Lua has of a packet: its userdata and memory, and what names its layers. */
#include <lauxlib.h>

#include "../engine/dissect.h"
#include "core_packet_inner.h"

#define PACKET_MT "luapkt.packet"
#define LAYER_MT "luapkt.layer"

/* How much memory a packet may waste. Every change leaves the old value behind: once a packet
** takes this much more than twice what it needs, what it needs is copied and the rest given
** back. */
#define GROWTH ((size_t)256 << 10)
#define MOST ((size_t)64 << 20) /* the largest packet, with each byte in several nested lists */

const char pkt_packet_mark, pkt_layer_mark;

struct pkt_holder *pkt_check_packet(lua_State *L, int index) {
  struct pkt_holder *h = pkt_with_mark(L, index, sizeof *h, &pkt_packet_mark);
  if (!h) luaL_typeerror(L, index, "packet");
  if (!pkt_holder_is_there(h)) luaL_argerror(L, index, "the packet is finalized");
  h->caller = L;
  pkt_holder_complete(L, h);
  return h;
}

/* --------------------------------------------------------------------------------------- memory */

/* The layers copied into a new arena; false, and all is as it was, without memory. */
static bool move_layers(struct pkt_holder *h) {
  struct pkt_arena fresh;
  pkt_arena_init(&fresh, MOST);
  fresh.block = PKT_HOLDER_ROOM;
  struct pkt_packet *p = pkt_packet_new(&fresh);
  for (uint32_t i = 0; p && i < h->packet->len; i++) {
    p->layers[i] = pkt_layer_copy(&fresh, h->packet->layers[i], &h->source);
    p = p->layers[i] ? p : NULL;
  }
  if (!p) {
    pkt_arena_free(&fresh);
    return false;
  }
  p->len = h->packet->len;
  pkt_arena_free(&h->arena);
  h->arena = fresh;
  h->packet = p;
  return true;
}

void pkt_holder_compact(struct pkt_holder *h) {
  (void)move_layers(h);
  h->compact_at = 2 * h->arena.used + GROWTH;
  h->told = h->told < h->arena.used ? h->told : h->arena.used;
}

void pkt_holder_tell(lua_State *L, struct pkt_holder *h) {
  size_t more = h->arena.used - h->told;
  h->told = h->arena.used;
  if (lua_gc(L, LUA_GCISRUNNING)) lua_gc(L, LUA_GCSTEP, (int)(more >> 10));
}

static void begin_room(struct pkt_holder *h) {
  uint8_t *room = h->room + (16 - (uintptr_t)h->room % 16) % 16;
  pkt_arena_init_in(&h->arena, room, PKT_HOLDER_ROOM, MOST);
  pkt_holder_keep_late(h);
}

struct pkt_holder *pkt_push_packet(lua_State *L, int registry) {
  struct pkt_workshop shop = pkt_core_workshop(L, registry);
  registry = lua_absindex(L, registry);
  struct pkt_holder *h = lua_newuserdatauv(L, sizeof *h, PKT_HOLDER_VALUES);
  h->mark = &pkt_packet_mark;
  h->caller = L;
  h->packet = NULL;
  h->shop = shop;
  h->source = (struct pkt_span){NULL, 0};
  h->compact_at = GROWTH;
  h->told = 0;
  h->tags = 0;
  h->built = h->refilled = h->spent = false;
  begin_room(h);
  luaL_setmetatable(L, PACKET_MT);
  lua_pushvalue(L, registry);
  lua_setiuservalue(L, -2, PKT_HOLDER_REGISTRY);
  return h;
}

struct pkt_holder *pkt_push_empty(lua_State *L, int registry) {
  struct pkt_holder *h = pkt_push_packet(L, registry);
  h->packet = pkt_packet_new(&h->arena);
  if (!h->packet) luaL_error(L, "out of memory");
  return h;
}

struct pkt_holder *pkt_push_copy(lua_State *L, const struct pkt_holder *from) {
  lua_getiuservalue(L, 1, PKT_HOLDER_REGISTRY);
  struct pkt_holder *h = pkt_push_empty(L, -1);
  lua_remove(L, -2); /* the registry */
  if (from->source.p) {
    lua_getiuservalue(L, 1, PKT_HOLDER_SOURCE);
    lua_setiuservalue(L, -2, PKT_HOLDER_SOURCE);
    h->source = from->source;
  }
  for (uint32_t i = 0; i < from->packet->len; i++) {
    struct pkt_layer *layer = pkt_layer_copy(&h->arena, from->packet->layers[i], &h->source);
    if (!layer) luaL_error(L, "out of memory");
    layer->tag = 0;
    h->packet->layers[h->packet->len++] = layer;
  }
  return h;
}

/* ------------------------------------------------------------------- one packet after the other */

/* Its memory is kept from one packet to the next. */
struct pkt_holder *pkt_push_refilled(lua_State *L, int registry) {
  struct pkt_holder *h = pkt_push_packet(L, registry);
  pkt_arena_init(&h->arena, MOST);
  pkt_holder_keep_late(h);
  h->packet = pkt_packet_new(&h->arena);
  h->refilled = true;
  if (!h->packet) luaL_error(L, "out of memory");
  return h;
}

int pkt_refill(lua_State *L, struct pkt_holder *h, uint32_t link, const uint8_t *bytes, size_t n,
               const struct pkt_sought *sought, struct pkt_err *err) {
  pkt_check_there(L, h);
  const struct pkt_registry *r = h->shop.registry;
  pkt_arena_reset(&h->arena);
  h->told = 0;
  h->built = false;
  uint8_t *copy = pkt_memdup(&h->arena, bytes, n);
  const struct pkt_plan *plan = pkt_dissect_link(r, link, bytes, n);
  struct pkt_packet *p = NULL;
  if (copy)
    p = pkt_dissect_sought(&h->arena, plan, copy, n, PKT_REACH_ALL, sought, err);
  else
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  if (!p && err->code != PKT_ERR_MEMORY)
    p = pkt_dissect(&h->arena, r->raw, copy, n, PKT_REACH_ALL, err);
  h->packet = p ? p : pkt_packet_new(&h->arena);
  if (!h->packet) luaL_error(L, "out of memory");
  pkt_holder_settle(L, h);
  return p ? 0 : -1;
}

void pkt_holder_read_on(lua_State *L, struct pkt_holder *h) {
  struct pkt_err err;
  if (pkt_dissect_on(&h->arena, h->packet, PKT_REACH_ALL, &err) != 0)
    luaL_error(L, "%s", err.message);
}

struct pkt_packet *pkt_refilled_part(lua_State *L, struct pkt_holder *h) {
  pkt_check_there(L, h);
  return h->packet;
}

struct pkt_packet *pkt_refilled(lua_State *L, struct pkt_holder *h) {
  pkt_check_there(L, h);
  pkt_holder_complete(L, h);
  return h->packet;
}

struct pkt_packet *pkt_refilled_anew(lua_State *L, struct pkt_holder *h, struct pkt_arena **arena) {
  pkt_check_there(L, h);
  pkt_holder_touch(h);
  *arena = &h->arena;
  return h->packet;
}

/* ---------------------------------------------------------------------------- what names layers */

/* Push what was pushed before for the layer at place 'i' of the packet at 'index', if it is
** kept. */
static bool push_kept(lua_State *L, int index, const struct pkt_holder *h, uint32_t i) {
  if (i >= PKT_KEPT_LAYERS) return false;
  lua_getiuservalue(L, index, PKT_HOLDER_LAYERS + (int)i);
  struct pkt_handle *handle = lua_touserdata(L, -1);
  if (handle && h->refilled) handle->tag = h->packet->layers[i]->tag;
  if (handle && handle->tag == h->packet->layers[i]->tag) {
    handle->place = i;
    return true;
  }
  lua_pop(L, 1);
  return false;
}

void pkt_push_handle(lua_State *L, int index, struct pkt_holder *h, uint32_t i) {
  struct pkt_layer *layer = h->packet->layers[i];
  if (layer->tag == 0) layer->tag = ++h->tags;
  if (push_kept(L, index, h, i)) return;
  struct pkt_handle *handle = lua_newuserdatauv(L, sizeof *handle, 1);
  *handle = (struct pkt_handle){&pkt_layer_mark, h, layer->tag, i};
  luaL_setmetatable(L, LAYER_MT);
  lua_pushvalue(L, index);
  lua_setiuservalue(L, -2, 1);
  if (i >= PKT_KEPT_LAYERS) return;
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, index, PKT_HOLDER_LAYERS + (int)i);
}

void pkt_push_refilled_layer(lua_State *L, int index, struct pkt_holder *h, uint32_t i) {
  pkt_check_there(L, h);
  pkt_push_handle(L, index, h, i);
}

void pkt_set_packet_classes(lua_State *L) {
  luaL_newmetatable(L, PACKET_MT);
  lua_setfield(L, -2, "packet_class");
  luaL_newmetatable(L, LAYER_MT);
  lua_setfield(L, -2, "layer_class");
}
