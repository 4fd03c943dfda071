/* message_fuzz.c - what message_fuzz.lua claims of messages over Ethernet, whatever the input makes
** happen to them. The protocol is written in Lua, so its lines are what the fuzzer is told of as
** covered. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdint.h>

#include "../src/script/core.h"
#include "require.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_options(void);

#define LINES 4096 /* of a file, and different enough in another */

static lua_State *lua; /* open until the process ends; the function to call lies on its stack */
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[LINES];

/* What Lua holds by the end of one input is no leak, and there is too much of it to look
** through. */
const char *__lsan_default_options(void) { return "detect_leaks=0"; }

static void count_line(lua_State *L, lua_Debug *at) {
  (void)L;
  uint8_t *counter = &counters[(unsigned)at->currentline % LINES];
  if (*counter < UINT8_MAX) (*counter)++;
}

static void must(int status) {
  if (status == LUA_OK) return;
  fprintf(stderr, "%s\n", lua_tostring(lua, -1));
  require(status == LUA_OK);
}

static void set_paths(const char *home) {
  luaL_requiref(lua, "luapkt.core", luaopen_luapkt_core, 0);
  lua_getglobal(lua, "package");
  lua_pushfstring(lua, "%s/lua/?.lua;%s/lua/?/init.lua", home, home);
  lua_setfield(lua, -2, "path");
  lua_settop(lua, 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  const char *home = getenv("LUAPKT_HOME");
  (void)argc;
  (void)argv;
  lua = luaL_newstate();
  require(lua != NULL);
  luaL_openlibs(lua);
  set_paths(home ? home : ".");
  must(luaL_dofile(lua, lua_pushfstring(lua, "%s/fuzz/message_fuzz.lua", home ? home : ".")));
  require(lua_isfunction(lua, -1));
  lua_sethook(lua, count_line, LUA_MASKLINE, 0);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lua_pushvalue(lua, -1);
  lua_pushlstring(lua, (const char *)data, size);
  must(lua_pcall(lua, 1, 0, 0));
  return 0;
}
