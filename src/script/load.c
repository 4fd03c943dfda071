#include "load.h"

#include <errno.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "budget.h"
#include "chunks.h"
#include "collected.h"
#include "core.h"

const struct pkt_known_chunks *pkt_known_chunks;

static int read_all(FILE *f, struct pkt_buf *text) {
  struct stat st;
  size_t want, got;
  if (fstat(fileno(f), &st) != 0) return errno;
  pkt_buf_room(text, (size_t)st.st_size + 1); /* the end is seen by reading over it */
  do {
    if (!pkt_buf_room(text, 1)) return ENOMEM;
    want = text->cap - text->len;
    got = fread(text->data + text->len, 1, want, f);
    text->len += got;
  } while (got == want); /* a file may not know its size, as those of /proc */
  return ferror(f) ? errno : 0;
}

/* All of a file into an empty buffer. Returns 0 or an errno. */
static int read_text(const char *path, struct pkt_buf *text) {
  FILE *f = fopen(path, "rb");
  if (!f) return errno;
  setvbuf(f, NULL, _IONBF, 0);
  int failed = read_all(f, text);
  fclose(f);
  return failed;
}

int pkt_read_file(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct pkt_buf *text = pkt_lua_push_buf(L);
  int failed = read_text(path, text);
  if (failed == ENOMEM) return luaL_error(L, "not enough memory");
  if (failed) {
    errno = failed;
    return luaL_fileresult(L, 0, NULL); /* no path in the message */
  }
  lua_pushlstring(L, text->data, text->len);
  pkt_buf_free(text);
  return 1;
}

/* Push the chunk of a text, which may be known, or why it is none; as luaL_loadbufferx(). */
static int load_text(lua_State *L, const struct pkt_buf *text, const char *name) {
  size_t len;
  const char *made = pkt_known_chunks ? pkt_known_chunks->find(text->data, text->len, &len) : NULL;
  if (made) {
    int status = luaL_loadbufferx(L, made, len, name, "b");
    pkt_known_chunks->loaded();
    if (status == LUA_OK) return LUA_OK;
    lua_pop(L, 1);
  }
  pkt_budget_watch(L);
  static const char mark[] = "\xef\xbb\xbf"; /* that editors put before UTF-8; as luaL_loadfile() */
  size_t skip = text->len >= 3 && memcmp(text->data, mark, 3) == 0 ? 3 : 0;
  return luaL_loadbufferx(L, text->data + skip, text->len - skip, name, "t");
}

int pkt_load_file(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  const char *name = lua_pushfstring(L, "@%s", luaL_checkstring(L, 2));
  struct pkt_buf *text = pkt_lua_push_buf(L);
  int failed = read_text(path, text);
  if (failed) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", name + 1, strerror(failed));
    return 2;
  }
  int status = load_text(L, text, name);
  if (status != LUA_OK && text->len > 0 && text->data[0] == LUA_SIGNATURE[0])
    lua_pushfstring(L, "%s: is compiled Lua; a file in Lua is its text", name + 1);
  pkt_buf_free(text);
  if (status == LUA_OK) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

/* ------------------------------------------------------------------------------------- modules */

/* A searcher of require(): the loader of a module of the home, and its path; or why there is
** none. */
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
