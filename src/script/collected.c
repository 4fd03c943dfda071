/* collected.c - arenas and buffers as userdata. */
#include "collected.h"

#include <lauxlib.h>

#define ARENA_MT "luapkt.arena"
#define BUF_MT "luapkt.buf"

static int arena_gc(lua_State *L) {
  pkt_arena_free(luaL_checkudata(L, 1, ARENA_MT));
  return 0;
}

static int buf_gc(lua_State *L) {
  pkt_buf_free(luaL_checkudata(L, 1, BUF_MT));
  return 0;
}

/* Give the userdata on top the metatable 'name', which has only a __gc. */
static void set_gc(lua_State *L, const char *name, lua_CFunction gc) {
  if (luaL_newmetatable(L, name)) {
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
}

struct pkt_arena *pkt_lua_push_arena(lua_State *L) {
  struct pkt_arena *a = lua_newuserdatauv(L, sizeof(*a), 0);
  pkt_arena_init(a, 0);
  set_gc(L, ARENA_MT, arena_gc);
  return a;
}

struct pkt_buf *pkt_lua_push_buf(lua_State *L) {
  struct pkt_buf *b = lua_newuserdatauv(L, sizeof(*b), 0);
  *b = (struct pkt_buf){.len = 0};
  set_gc(L, BUF_MT, buf_gc);
  return b;
}
