/* service_state.c - the Lua states behind services: a generation's, which has its declarations, and
** those of services that share it, which have none. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "core.h"
#include "heap.h"
#include "load.h"
#include "service_inner.h"

/* Push a list of the first 'n' folders, or of all that there are. */
static void push_folders(lua_State *L, char **folders, size_t n) {
  lua_newtable(L);
  for (size_t i = 0; i < n && folders[i]; i++) {
    lua_pushstring(L, folders[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

/* os.exit(), where the end of the program is nobody's to ask for. */
static int refuse_exit(lua_State *L) {
  return luaL_error(L, "os.exit: a file of protocols or templates can't end the program");
}

/* Push the module 'name', with what all of ours need. */
static void push_module(lua_State *L, const struct generation *g, const char *name) {
  lua_gc(L, LUA_GCSTOP); /* nearly all that loading makes is needed to its end */
  pkt_open_home(L, g->home);
  lua_getglobal(L, LUA_OSLIBNAME);
  lua_pushcfunction(L, refuse_exit);
  lua_setfield(L, -2, "exit");
  lua_pop(L, 1);
  lua_getglobal(L, "require");
  lua_pushstring(L, name);
  lua_call(L, 1, 1);
}

/* Push what clients are told. */
static void push_info(lua_State *L, const struct generation *g) {
  lua_newtable(L);
  lua_pushstring(L, g->handle);
  lua_setfield(L, -2, "handle");
  lua_pushliteral(L, PKT_MAJOR "." PKT_MINOR);
  lua_setfield(L, -2, "version");
  lua_pushliteral(L, "luapkt");
  lua_setfield(L, -2, "built_by");
  lua_pushboolean(L, g->extras);
  lua_setfield(L, -2, "extras");
}

/* A copy of the list of names on top, which is popped; NULL-terminated. May raise. */
static void keep_names(lua_State *L, char ***names) {
  lua_Unsigned n = lua_rawlen(L, -1);
  *names = calloc(n + 1, sizeof **names);
  if (!*names) luaL_error(L, "not enough memory");
  for (lua_Unsigned i = 0; i < n; i++) {
    lua_rawgeti(L, -1, (lua_Integer)i + 1);
    (*names)[i] = strdup(luaL_checkstring(L, -1));
    if (!(*names)[i]) luaL_error(L, "not enough memory");
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* Run what a service needs of Lua. Protected: may raise. */
static int p_open(lua_State *L) {
  struct generation *g = lua_touserdata(L, 1);
  push_module(L, g, "luapkt.service");
  int module = lua_gettop(L);
  lua_getfield(L, module, "handle_of");
  lua_pushliteral(L, PKT_MAJOR);
  lua_pushliteral(L, PKT_MINOR);
  lua_call(L, 2, 1);
  snprintf(g->handle, sizeof g->handle, "%s", luaL_checkstring(L, -1));
  lua_getfield(L, module, "open");
  push_folders(L, g->folders, g->protocol_folders);
  push_folders(L, g->folders + g->protocol_folders, SIZE_MAX);
  push_info(L, g);
  lua_call(L, 3, 2);
  if (lua_isnil(L, -2)) return luaL_error(L, "%s", lua_tostring(L, -1));
  lua_pop(L, 1);
  lua_getfield(L, -1, "core");
  g->registry = pkt_core_registry(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, "luapkt.generation");
  lua_getfield(L, -1, "names");
  keep_names(L, &g->methods);
  lua_getfield(L, -1, "on_worker");
  keep_names(L, &g->on_worker);
  lua_getfield(L, -1, "methods");
  lua_setfield(L, LUA_REGISTRYINDEX, "luapkt.methods");
  return 0;
}

/* Run what a sharer needs of Lua. Protected: may raise. */
static int p_open_worker(lua_State *L) {
  struct pkt_service *s = lua_touserdata(L, 1);
  push_module(L, s->generation, "luapkt.worker");
  lua_getfield(L, -1, "open");
  push_info(L, s->generation);
  lua_call(L, 1, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "luapkt.methods");
  lua_getglobal(L, "math"); /* what is drawn in Lua follows the seed, too */
  lua_getfield(L, -1, "randomseed");
  lua_pushinteger(L, (lua_Integer)pkt_rng_next(&s->rng));
  lua_call(L, 1, 0);
  return 0;
}

void pkt_collect_lua(lua_State *L) {
  if (lua_gc(L, LUA_GCGEN, 0, 0) == LUA_GCGEN) lua_gc(L, LUA_GCCOLLECT); /* else it has */
}

/* Open a sharer's own Lua state. */
static int open_worker_lua(struct pkt_service *s, struct pkt_err *err) {
  lua_State *L = luaL_newstate();
  if (!L) return pkt_fail(err, PKT_ERR_MEMORY, "not enough memory");
  lua_pushcfunction(L, p_open_worker);
  lua_pushlightuserdata(L, s);
  int status = lua_pcall(L, 1, 0, 0);
  if (status == LUA_OK) {
    lua_gc(L, LUA_GCRESTART);
    pkt_collect_lua(L);
    s->L = L;
    return 0;
  }
  lua_close(L);
  if (status == LUA_ERRMEM) return pkt_fail(err, PKT_ERR_MEMORY, "not enough memory");
  return pkt_fail(err, PKT_ERR_PROTOCOL, "a worker can't load the server's Lua files");
}

lua_State *pkt_service_lua(struct pkt_service *s, struct pkt_err *err) {
  if (s->owner) return s->generation->L;
  if (!s->L && open_worker_lua(s, err) != 0) return NULL;
  return s->L;
}

int pkt_open_generation_lua(struct generation *g, bool plain, struct pkt_err *err) {
  g->heap = pkt_heap_new(plain);
  g->L = g->heap ? lua_newstate(pkt_heap_alloc, g->heap) : NULL;
  if (!g->L) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  lua_pushcfunction(g->L, p_open);
  lua_pushlightuserdata(g->L, g);
  if (pkt_budget_trust(g->L, 1, g->budget_ms) == LUA_OK) {
    lua_gc(g->L, LUA_GCRESTART);
    return 0;
  }
  const char *why = lua_tostring(g->L, -1);
  return pkt_fail(err, PKT_ERR_PROTOCOL, "%s", why ? why : "unknown error");
}

/* methods:check(), its message raised. Protected. */
static int p_check(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "luapkt.methods");
  lua_getfield(L, -1, "check");
  lua_insert(L, -2);
  lua_call(L, 1, 2);
  return lua_isnil(L, -2) ? lua_error(L) : 0;
}

int pkt_service_check(struct pkt_service *s, struct pkt_err *err) {
  lua_State *L = s->generation->L;
  if (!s->owner) return 0;
  lua_settop(L, 0);
  lua_pushcfunction(L, p_check);
  if (pkt_budget_pcall(L, 0, s->generation->budget_ms) == LUA_OK) return 0;
  const char *why = lua_tostring(L, -1);
  pkt_fail(err, PKT_ERR_PROTOCOL, "%s", why ? why : "unknown error");
  lua_settop(L, 0);
  return -1;
}
