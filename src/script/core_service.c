/* core_service.c - services without a socket, as luapkt.core offers them. */
#include <lauxlib.h>

#include "core.h"
#include "core_inner.h"
#include "service.h"

#define SERVICE_MT "luapkt.service"

#define MAX_FOLDERS 64 /* of protocols, and of templates, that a service takes beside its own */

struct served {
  struct pkt_service *service; /* NULL once it is closed */
};

static struct served *check_served(lua_State *L) {
  struct served *s = luaL_checkudata(L, 1, SERVICE_MT);
  if (!s->service) luaL_error(L, "the service is closed");
  return s;
}

/* The folders listed in field 'key' of the options, kept alive by their table. */
static void read_folders(lua_State *L, const char *key, const char *dirs[MAX_FOLDERS + 1]) {
  if (lua_getfield(L, 1, key) != LUA_TTABLE) return;
  int list = lua_gettop(L);
  if (lua_rawlen(L, list) > MAX_FOLDERS) luaL_error(L, "%s: at most %d folders", key, MAX_FOLDERS);
  for (int i = 0; lua_rawgeti(L, list, i + 1) == LUA_TSTRING; i++) dirs[i] = lua_tostring(L, -1);
}

/* A limit in field 'key' of the table at 'index': 0 where it isn't given. */
static lua_Integer read_limit(lua_State *L, int index, const char *key, lua_Integer most) {
  lua_getfield(L, index, key);
  lua_Integer v = luaL_optinteger(L, -1, 0);
  lua_pop(L, 1);
  if (v < 0 || v > most) luaL_error(L, "%s: 0 to %I was expected, not %I", key, most, v);
  return v;
}

/* The limits of expressions in the table at 'index'; nil: all as a rule. */
static struct pkt_expression_limits read_expression_limits(lua_State *L, int index) {
  struct pkt_expression_limits limits = {.text = 0};
  if (lua_isnil(L, index)) return limits;
  luaL_checktype(L, index, LUA_TTABLE);
  limits.helper.memory = (size_t)read_limit(L, index, "memory", LUA_MAXINTEGER);
  limits.helper.instructions = (uint32_t)read_limit(L, index, "instructions", UINT32_MAX);
  limits.helper.time_ms = (uint32_t)read_limit(L, index, "time_ms", UINT32_MAX);
  limits.text = (uint32_t)read_limit(L, index, "text", UINT32_MAX);
  return limits;
}

int pkt_new_service(lua_State *L) {
  const char *protocols[MAX_FOLDERS + 1] = {NULL}, *templates[MAX_FOLDERS + 1] = {NULL};
  struct pkt_err err = {0};
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkstack(L, 2 * MAX_FOLDERS + 8, NULL);
  struct pkt_service_options options = {.protocol_dirs = protocols, .template_dirs = templates};
  lua_getfield(L, 1, "seed");
  options.seed = (uint64_t)luaL_optinteger(L, -1, 0);
  lua_getfield(L, 1, "plain_memory");
  options.plain_memory = lua_toboolean(L, -1);
  lua_getfield(L, 1, "extras");
  options.extras = lua_toboolean(L, -1);
  options.budget_ms = (uint32_t)read_limit(L, 1, "budget_ms", UINT32_MAX);
  lua_getfield(L, 1, "home");
  options.home = luaL_optstring(L, -1, NULL);
  lua_getfield(L, 1, "expressions");
  options.expressions = read_expression_limits(L, lua_gettop(L));
  read_folders(L, "protocols", protocols);
  read_folders(L, "templates", templates);
  struct served *s = lua_newuserdatauv(L, sizeof *s, 0);
  s->service = NULL;
  luaL_setmetatable(L, SERVICE_MT);
  s->service = pkt_service_open(&options, &err);
  if (s->service) return 1;
  lua_pushnil(L);
  lua_pushstring(L, err.message);
  return 2;
}

/* true = service:check(), or nil and why: what opening puts off is looked at */
static int l_check_service(lua_State *L) {
  struct served *s = check_served(L);
  struct pkt_err err = {0};
  bool good = pkt_service_check(s->service, &err) == 0;
  if (!good) lua_pushnil(L);
  if (good)
    lua_pushboolean(L, 1);
  else
    lua_pushstring(L, err.message);
  return good ? 1 : 2;
}

/* other = service:share(): as a server's worker has it; or nil and why */
static int l_share(lua_State *L) {
  const struct pkt_service_options options = {.seed = 0};
  struct pkt_err err = {0};
  struct served *s = check_served(L);
  struct served *other = lua_newuserdatauv(L, sizeof *other, 0);
  other->service = NULL;
  luaL_setmetatable(L, SERVICE_MT);
  other->service = pkt_service_share(s->service, &options, &err);
  if (other->service) return 1;
  lua_pushnil(L);
  lua_pushstring(L, err.message);
  return 2;
}

/* The reply that the pointer at 1 is to, as a string. Protected: raises without memory. */
static int p_push_reply(lua_State *L) {
  const struct pkt_reply *reply = lua_touserdata(L, 1);
  lua_pushlstring(L, reply->data ? reply->data : "", reply->len);
  return 1;
}

/* reply, outcome = service:handle(request, inline_only): outcome is "reply", "shut_down", "reload";
** of a shared service also "to_owner", with 'inline_only' also "defer". Only the first two have a
** reply. */
static int l_handle(lua_State *L) {
  static const char *const outcomes[] = {"reply", "defer", "shut_down", "reload", "to_owner"};
  struct served *s = check_served(L);
  size_t n;
  const char *request = luaL_checklstring(L, 2, &n);
  struct pkt_reply reply = {0};
  bool inline_only = lua_toboolean(L, 3);
  enum pkt_outcome outcome = pkt_service_handle(s->service, request, n, inline_only, &reply);
  lua_pushcfunction(L, p_push_reply);
  lua_pushlightuserdata(L, &reply);
  int status = lua_pcall(L, 1, 1, 0);
  if (reply.release) reply.release((void *)(uintptr_t)reply.data, reply.hint);
  if (status != LUA_OK) return lua_error(L);
  lua_pushstring(L, outcomes[outcome]);
  return 2;
}

/* pid = service:expression_pid(): of the process in which it evaluates expressions; 0: none runs */
static int l_expression_pid(lua_State *L) {
  lua_pushinteger(L, pkt_service_expression_pid(check_served(L)->service));
  return 1;
}

static int l_close_service(lua_State *L) {
  struct served *s = luaL_checkudata(L, 1, SERVICE_MT);
  pkt_service_close(s->service);
  s->service = NULL;
  return 0;
}

void pkt_make_service_class(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"handle", l_handle},         {"check", l_check_service},
      {"share", l_share},           {"expression_pid", l_expression_pid},
      {"close", l_close_service},   {"__gc", l_close_service},
      {"__close", l_close_service}, {NULL, NULL}};
  pkt_make_class(L, SERVICE_MT, methods);
}
