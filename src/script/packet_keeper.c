/* packet_keeper.c - what frees the memory that a packet has beside its userdata.
**
** Lua's collector frees what has a finalizer a whole cycle later than what has none, and meanwhile
** takes it for memory in use: with a finalizer each, packets made in a loop while others are kept
** pile up. So only a packet that outgrows its userdata gets one, by an object of its own. */
#include <lauxlib.h>
#include <stddef.h>

#include "core_packet_inner.h"

#define KEEPER_MT "luapkt.packet_keeper"

/* The registry has a keeper under this key, made beforehand: what the engine asks for memory
** mustn't make one. */
static const char spare_key;

static int l_free(lua_State *L) {
  struct pkt_holder *h = *(struct pkt_holder **)luaL_checkudata(L, 1, KEEPER_MT);
  if (!h) return 0; /* of no packet yet */
  h->packet = NULL;
  pkt_arena_free(&h->arena);
  return 0;
}

static int l_prepare(lua_State *L) {
  struct pkt_holder **keeper = lua_newuserdatauv(L, sizeof(*keeper), 1);
  *keeper = NULL;
  if (luaL_newmetatable(L, KEEPER_MT)) {
    lua_pushcfunction(L, l_free);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &spare_key);
  return 0;
}

static bool is_prepared(lua_State *L) {
  bool there = lua_rawgetp(L, LUA_REGISTRYINDEX, &spare_key) != LUA_TNIL;
  lua_pop(L, 1);
  return there;
}

static bool prepare(lua_State *L) {
  lua_pushcfunction(L, l_prepare);
  bool done = lua_pcall(L, 0, 0, 0) == LUA_OK;
  if (!done) lua_pop(L, 1);
  return done;
}

/* The same in the middle of a change. Garbage collection is stopped meanwhile, because a
** script's finalizer could change the packet, too. */
static bool prepare_late(lua_State *L) {
  bool collects = lua_gc(L, LUA_GCISRUNNING);
  if (collects) lua_gc(L, LUA_GCSTOP);
  bool done = prepare(L);
  if (collects) lua_gc(L, LUA_GCRESTART);
  return done;
}

/* Push the packet, which the running function was called with, or a layer of it, or has made. */
static bool push_packet(lua_State *L, const struct pkt_holder *h) {
  for (int i = 1, top = lua_gettop(L); i <= top; i++) {
    const struct pkt_handle *handle = pkt_with_mark(L, i, sizeof *handle, &pkt_layer_mark);
    if (handle && handle->packet == h)
      lua_getiuservalue(L, i, 1);
    else if (lua_touserdata(L, i) == h)
      lua_pushvalue(L, i);
    else
      continue;
    return true;
  }
  return false;
}

/* The packet on top gets the spare keeper. They have each other, so that neither is finalized while
** the other is needed. Allocates nothing. */
static void attach(lua_State *L, struct pkt_holder *h) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &spare_key);
  *(struct pkt_holder **)lua_touserdata(L, -1) = h;
  lua_pushvalue(L, -2);
  lua_setiuservalue(L, -2, 1);
  lua_setiuservalue(L, -2, PKT_HOLDER_KEEPER);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &spare_key);
  lua_pop(L, 1);
  h->spent = true;
}

static int keep(struct pkt_arena *arena) {
  struct pkt_holder *h = (void *)((uint8_t *)arena - offsetof(struct pkt_holder, arena));
  lua_State *L = h->caller;
  if (!lua_checkstack(L, LUA_MINSTACK)) return -1;
  if (!is_prepared(L) && !prepare_late(L)) return -1;
  if (!push_packet(L, h)) return -1;
  attach(L, h);
  return 0;
}

void pkt_holder_keep_late(struct pkt_holder *h) { h->arena.outgrown = keep; }

void pkt_holder_replace_keeper(lua_State *L, struct pkt_holder *h) {
  h->spent = false;
  if (!is_prepared(L)) (void)prepare(L);
}
