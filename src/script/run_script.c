#include "run_script.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "heap.h"
#include "load.h"
#include "service.h"

/* A script with its words, or a module with its values. */
struct job {
  const char *home, *command;
  const char *const *dirs; /* of protocols, beside those that came with luapkt; ends with NULL */
  char *const *words;
  const char *module;
  const struct pkt_run_value *values;
};

/* Push the arguments, and set 'arg'. Returns how many. */
static int push_arguments(lua_State *L, char *const *words) {
  int n = 0;
  lua_newtable(L);
  for (; words[n]; n++) {
    lua_pushstring(L, words[n]);
    lua_rawseti(L, -2, n);
  }
  lua_setglobal(L, "arg");
  luaL_checkstack(L, n, "too many arguments");
  for (int i = 1; i < n; i++) lua_pushstring(L, words[i]);
  return n - 1;
}

static int traceback(lua_State *L) {
  const char *why = lua_tostring(L, 1);
  if (!why) why = luaL_tolstring(L, 1, NULL);
  luaL_traceback(L, L, why, 1);
  return 1;
}

/* Load the protocols of the job's folders. Returns how many values it pushed: none, or why they
** can't be loaded. */
static int load_protocols(lua_State *L, const struct job *job) {
  if (!job->dirs[0]) return 0;
  lua_getglobal(L, "require");
  lua_pushstring(L, "luapkt.protocols");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "load");
  lua_newtable(L);
  lua_getfield(L, -3, "folder");
  lua_call(L, 0, 1);
  lua_rawseti(L, -2, 1);
  for (lua_Integer n = 0; job->dirs[n]; n++) {
    lua_pushstring(L, job->dirs[n]);
    lua_rawseti(L, -2, n + 2);
  }
  lua_call(L, 1, 2);
  return lua_toboolean(L, -2) ? 0 : 1;
}

/* As lua5.4 itself does, the collector works by generations: in its other mode it takes packets for
** needed until they are finalized, waits for twice as much, and falls behind for good. */
static int run_script(lua_State *L, const struct job *job) {
  const char *path = strcmp(job->words[0], "-") == 0 ? NULL : job->words[0];
  if (luaL_loadfile(L, path) != LUA_OK)
    return 1; /* why: nothing has been called that could be traced */
  lua_gc(L, LUA_GCGEN, 0, 0);
  lua_call(L, push_arguments(L, job->words), 0);
  return 0;
}

/* Push a table of the values. */
static void push_values(lua_State *L, const struct pkt_run_value *values) {
  lua_newtable(L);
  for (; values->name; values++) {
    lua_pushstring(L, values->value);
    lua_setfield(L, -2, values->name);
  }
}

/* Returns nothing where the function returned true, or else why it failed, and whether what it was
** asked for was wrong. */
static int run_module(lua_State *L, const struct job *job) {
  lua_getglobal(L, "require");
  lua_pushstring(L, job->module);
  lua_call(L, 1, 1);
  push_values(L, job->values);
  lua_call(L, 1, 2);
  if (lua_toboolean(L, -2)) return 0;
  if (!lua_istable(L, -1)) {
    lua_pushboolean(L, false);
    return 2;
  }
  int why = lua_gettop(L);
  lua_getfield(L, why, "message");
  lua_getfield(L, why, "usage");
  return 2;
}

/* Protected: may raise. Returns why it failed, or nothing. */
static int run(lua_State *L) {
  const struct job *job = lua_touserdata(L, 1);
  pkt_open_home(L, job->home);
  lua_settop(L, 0);
  if (job->module) return run_module(L, job);
  if (load_protocols(L, job) != 0) return 1;
  return run_script(L, job);
}

static int run_in(lua_State *L, const struct job *job) {
  lua_pushcfunction(L, traceback);
  lua_pushcfunction(L, run);
  lua_pushlightuserdata(L, (void *)(uintptr_t)job);
  bool done = lua_pcall(L, 1, LUA_MULTRET, 1) == LUA_OK;
  if (done && lua_gettop(L) == 1) return 0;
  const char *why = lua_tostring(L, 2);
  fprintf(stderr, "%s: %s\n", job->command, why ? why : "unknown error");
  return done && lua_toboolean(L, 3) ? PKT_RUN_WRONG : -1;
}

static int run_job(const char *home, struct job *job) {
  char *found = pkt_find_home(home);
  struct pkt_heap *heap = found && job->module ? pkt_heap_new(false) : NULL;
  lua_State *L = heap ? lua_newstate(pkt_heap_alloc, heap) : NULL;
  if (found && !job->module) L = luaL_newstate(); /* with all that a script may know of it */
  int status = -1;
  job->home = found;
  if (!found)
    fprintf(stderr, "%s: %s\n", job->command, pkt_no_home());
  else if (!L)
    fprintf(stderr, "%s: out of memory\n", job->command);
  else
    status = run_in(L, job);
  if (L) lua_close(L);
  pkt_heap_free(heap);
  free(found);
  return status;
}

int pkt_run_script(const char *home, const char *const *dirs, char *const *words) {
  return run_job(home, &(struct job){.command = "luapkt run", .dirs = dirs, .words = words});
}

int pkt_run_module(const char *home, const char *command, const char *module,
                   const struct pkt_run_value *values) {
  return run_job(home, &(struct job){.command = command, .module = module, .values = values});
}
