#include "load.h"

#include <errno.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "chunks.h"
#include "core.h"

const char *(*pkt_known_chunk)(const char *text, size_t n, size_t *len);

/* All of a file, to be freed; NULL with errno. */
static char *read_text(const char *path, size_t *n) {
  FILE *f = fopen(path, "rb");
  struct stat st;
  if (!f) return NULL;
  setvbuf(f, NULL, _IONBF, 0);
  char *text = NULL;
  if (fstat(fileno(f), &st) == 0) {
    text = malloc((size_t)st.st_size + 1); /* the end is seen by reading over it */
    *n = text ? fread(text, 1, (size_t)st.st_size + 1, f) : 0;
  }
  if (text && ferror(f)) {
    free(text);
    text = NULL;
  }
  fclose(f);
  return text;
}

/* Protected: the chunk of a text, which may be known. */
static int compile(lua_State *L) {
  size_t n = (size_t)lua_tointeger(L, 2), len;
  const char *text = lua_touserdata(L, 1), *name = lua_tostring(L, 3);
  const char *made = pkt_known_chunk ? pkt_known_chunk(text, n, &len) : NULL;
  if (made && luaL_loadbufferx(L, made, len, name, "b") == LUA_OK) return 1;
  if (luaL_loadbufferx(L, text, n, name, "t") != LUA_OK) return lua_error(L);
  return 1;
}

int pkt_load_file(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  const char *name = lua_pushfstring(L, "@%s", luaL_checkstring(L, 2));
  size_t n = 0;
  lua_pushcfunction(L, compile);
  char *text = read_text(path, &n);
  if (!text) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", name + 1, strerror(errno));
    return 2;
  }
  lua_pushlightuserdata(L, text);
  lua_pushinteger(L, (lua_Integer)n);
  lua_pushvalue(L, 3);
  int status = lua_pcall(L, 3, 1, 0);
  free(text);
  if (status == LUA_OK) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

/* ------------------------------------------------------------------------------------- modules */

/* A searcher of require(): the loader of a module of the home, and its path; or why there is none. */
static int search(lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_getfield(L, lua_upvalueindex(1), "searchpath");
  lua_pushvalue(L, 1);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_call(L, 2, 2);
  if (lua_isnil(L, 2)) return 1;
  lua_settop(L, 2);
  lua_pushcfunction(L, pkt_load_file);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 2);
  lua_call(L, 2, 2);
  if (lua_isnil(L, 3))
    return luaL_error(L, "module '%s' can't be loaded: %s", lua_tostring(L, 1), lua_tostring(L, 4));
  lua_pushvalue(L, 2);
  lua_replace(L, 4);
  return 2;
}

static void add_searcher(lua_State *L, const char *home) {
  lua_getglobal(L, LUA_LOADLIBNAME);
  lua_getfield(L, -1, "searchers");
  for (lua_Integer i = luaL_len(L, -1); i >= 2; i--) { /* behind the one of package.preload */
    lua_geti(L, -1, i);
    lua_seti(L, -2, i + 1);
  }
  lua_pushvalue(L, -2);
  lua_pushfstring(L, "%s/lua/?.lua;%s/lua/?/init.lua", home, home);
  lua_pushcclosure(L, search, 2);
  lua_seti(L, -2, 2);
  lua_pop(L, 2);
}

void pkt_open_home(lua_State *L, const char *home) {
  luaL_openlibs(L);
  add_searcher(L, home);
  luaL_requiref(L, "luapkt.core", luaopen_luapkt_core, 0);
  lua_pushstring(L, home);
  lua_setfield(L, -2, "home");
  lua_pop(L, 1);
}
