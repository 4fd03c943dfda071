/* shark_fuzz.c - any bytes as a capture that the shark reads, its streams followed and its
** datagrams joined: never a wrong access; each line of JSON is JSON, a line of text has nothing in
** it that does something to a terminal, and both come to the same end. */
#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "../src/script/core.h"
#include "require.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lua_State *L; /* open until the process ends */

/* Returns a function of a capture's bytes. */
static const char script[] =
    "package.path = (os.getenv 'LUAPKT_HOME' or '.') .. '/lua/?.lua;' .. package.path\n"
    "local core = require 'luapkt.core'\n"
    "local registry = require('luapkt.protocols').generation().core\n"
    "local function read(bytes, format, tell)\n"
    "  local parts = {}\n"
    "  local function write(text) parts[#parts + 1] = text return true end\n"
    "  local shark = core.shark.new(registry, core.capture.reader(bytes))\n"
    "  local done, err = shark:run { format = format, write = write, tell = tell }\n"
    "  shark:close() -- Lua does not know how much it holds\n"
    "  return table.concat(parts), done or err.message\n"
    "end\n"
    "return function(bytes)\n"
    "  local text, ended = read(bytes, 'text')\n"
    "  assert(not text:find '[\\0-\\9\\11-\\31\\127]' and utf8.len(text), text)\n"
    "  local json, also = read(bytes, 'jsonl')\n"
    "  assert(ended == also, tostring(ended) .. ' and ' .. tostring(also))\n"
    "  for line in json:gmatch '[^\\n]+' do assert(core.json.decode(line), line) end\n"
    "  assert(select(2, text:gsub('\\n', '')) == select(2, json:gsub('\\n', '')))\n"
    "  read(bytes, function(p, about, shark)\n"
    "    core.packet.copy(p)\n"
    "    return shark:src(true) .. shark:dst(true) .. shark:summary() .. shark:bytes()\n"
    "      .. about.number\n"
    "  end)\n"
    "  read(bytes, 'pcapng')\n"
    "end\n";

static void must(int status) {
  if (status != LUA_OK) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  require(status == LUA_OK);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  L = luaL_newstate();
  require(L != NULL);
  luaL_openlibs(L);
  luaL_requiref(L, "luapkt.core", luaopen_luapkt_core, 0);
  lua_settop(L, 0);
  must(luaL_loadstring(L, script));
  must(lua_pcall(L, 0, 1, 0));
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  lua_pushlstring(L, (const char *)data, size);
  must(lua_pcall(L, 1, 0, 0));
  return 0;
}
