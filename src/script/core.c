/* core.c - the Lua module luapkt.core: what the daemon registers and what stock Lua loads. */
#include "core.h"

#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../engine/build.h"
#include "../engine/dissect.h"
#include "../engine/limits.h"
#include "collected.h"
#include "compile.h"
#include "core_capture.h"
#include "core_json.h"
#include "core_literal.h"
#include "core_packet.h"
#include "core_shark.h"
#include "core_socket.h"
#include "core_vm.h"
#include "core_wire.h"
#include "errors.h"
#include "layer_table.h"
#include "load.h"
#include "plan_text.h"
#include "service.h"
#include "values.h"
#include "vocabulary.h"

#define REGISTRY_MT "luapkt.registry"
#define SERVICE_MT "luapkt.service"

#define MAX_FOLDERS 64 /* of protocols, and of templates, that a service takes beside its own */

/* A registry and what building and dissecting with it need; its arena for packets is reset with
** every call, so nothing of a packet outlives the call that made it. */
struct core {
  struct pkt_registry registry;
  struct pkt_arena arena;
  struct pkt_buf out, scratch;
  struct pkt_rng rng;
};

static struct core *check_core(lua_State *L) { return luaL_checkudata(L, 1, REGISTRY_MT); }

const struct pkt_registry *pkt_core_registry(lua_State *L, int index) {
  struct core *c = luaL_checkudata(L, index, REGISTRY_MT);
  return &c->registry;
}

void pkt_make_class(lua_State *L, const char *name, const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__metatable");
  lua_newtable(L);
  for (; methods->name; methods++) {
    bool meta = strncmp(methods->name, "__", 2) == 0;
    lua_pushcfunction(L, methods->func);
    lua_setfield(L, meta ? -3 : -2, methods->name);
  }
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void pkt_lua_set_integer(lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

struct pkt_workshop pkt_core_workshop(lua_State *L, int index) {
  struct core *c = luaL_checkudata(L, index, REGISTRY_MT);
  return (struct pkt_workshop){&c->registry, &c->arena, &c->out, &c->scratch, &c->rng};
}

static int l_gc(lua_State *L) {
  struct core *c = check_core(L);
  pkt_registry_free(&c->registry);
  pkt_arena_free(&c->arena);
  pkt_buf_free(&c->out);
  pkt_buf_free(&c->scratch);
  return 0;
}

/* registry = core.compile(linked): declarations as luapkt.compile links them */
static int l_compile(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  struct core *c = lua_newuserdatauv(L, sizeof *c, 0);
  memset(c, 0, sizeof *c);
  pkt_arena_init(&c->arena, 0);
  pkt_rng_seed(&c->rng, 1);
  luaL_setmetatable(L, REGISTRY_MT); /* from here on the collector frees what is allocated */
  pkt_compile(L, 1, &c->registry);
  return 1;
}

static const struct pkt_plan *check_plan(lua_State *L, struct core *c, int index) {
  size_t n;
  const char *id = luaL_checklstring(L, index, &n);
  const struct pkt_plan *plan = pkt_registry_find(&c->registry, id, n);
  if (!plan) luaL_error(L, "there is no protocol '%s'", id);
  return plan;
}

/* The fields of one layer, those whose form depends on others last. */
static int set_fields(struct pkt_context *ctx, struct pkt_layer *layer, const struct pkt_value *v,
                      struct pkt_err *err) {
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t i = 0; i < v->len; i++) {
      const struct pkt_member *m = &v->members[i];
      const struct pkt_op *op = m->key ? pkt_plan_op(layer->plan, m->key, m->key_len) : NULL;
      if (!m->key) return pkt_fail(err, PKT_ERR_VALUE, "%s: fields are named", layer->plan->id);
      if (!op)
        return pkt_fail(err, PKT_ERR_UNKNOWN, "%s has no field '%s'", layer->plan->id, m->key);
      if (pkt_op_is_late(op) == (pass == 1) && pkt_assign(ctx, layer, op, &m->value, err) != 0)
        return -1;
    }
  }
  return 0;
}

/* One layer { "IP", { ttl = 1 } } or { id = "IP", fields = {...} }, at the top of the stack. */
static int add_layer(lua_State *L, struct core *c, struct pkt_packet *p, struct pkt_err *err) {
  int t = lua_gettop(L);
  if (!lua_istable(L, t)) return pkt_fail(err, PKT_ERR_VALUE, "a layer is a table");
  if (lua_rawgeti(L, t, 1) != LUA_TSTRING) lua_getfield(L, t, "id");
  size_t n;
  const char *id = lua_tolstring(L, -1, &n);
  if (!id) return pkt_fail(err, PKT_ERR_VALUE, "a layer needs a protocol's id");
  const struct pkt_plan *plan = pkt_registry_find(&c->registry, id, n);
  if (!plan || plan->abstract)
    return pkt_fail(err, PKT_ERR_UNKNOWN, "there is no protocol '%s'", id);
  struct pkt_layer *layer = pkt_layer_new(&c->arena, plan->builds ? plan->builds : plan);
  if (!layer) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  struct pkt_context ctx = {.arena = &c->arena, .registry = &c->registry, .rng = &c->rng};
  lua_getfield(L, t, "compress");
  layer->compress = lua_toboolean(L, -1);
  if (lua_rawgeti(L, t, 2) != LUA_TTABLE) lua_getfield(L, t, "fields");
  if (lua_istable(L, -1)) {
    struct pkt_value v = pkt_lua_to_map(L, -1, &c->arena);
    if (set_fields(&ctx, layer, &v, err) != 0) return -1;
  }
  return pkt_packet_push(p, layer, err);
}

/* bytes = registry:build(layers), or nil and an error */
static int l_build(lua_State *L) {
  struct core *c = check_core(L);
  struct pkt_err err = {0};
  luaL_checktype(L, 2, LUA_TTABLE);
  pkt_arena_reset(&c->arena);
  struct pkt_packet *p = pkt_packet_new(&c->arena);
  if (!p) return luaL_error(L, "out of memory");
  lua_Integer n = luaL_len(L, 2);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, 2, i);
    if (add_layer(L, c, p, &err) != 0) return pkt_lua_push_error(L, &err);
    lua_settop(L, 2);
  }
  if (pkt_build(p, &c->arena, &c->out, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_pushlstring(L, c->out.data ? c->out.data : "", c->out.len);
  return 1;
}

/* layers = registry:dissect(bytes, id [, usual]), or nil and an error; with 'usual' not as extra
** protocols */
static int l_dissect(lua_State *L) {
  struct core *c = check_core(L);
  struct pkt_err err = {0};
  size_t n;
  const char *bytes = luaL_checklstring(L, 2, &n);
  const struct pkt_plan *plan = check_plan(L, c, 3);
  pkt_arena_reset(&c->arena);
  enum pkt_reach reach = lua_toboolean(L, 4) ? PKT_REACH_USUAL : PKT_REACH_ALL;
  struct pkt_packet *p = pkt_dissect(&c->arena, plan, (const uint8_t *)bytes, n, reach, &err);
  if (!p) return pkt_lua_push_error(L, &err);
  lua_createtable(L, (int)p->len, 0);
  for (uint32_t i = 0; i < p->len; i++) {
    pkt_lua_push_layer(L, p->layers[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* bytes = registry:rebuild(bytes, id [, forget]): dissected and built again; with 'forget' from the
** fields' values, as if the layers had been changed. Or nil and an error. */
static int l_rebuild(lua_State *L) {
  struct core *c = check_core(L);
  struct pkt_err err = {0};
  size_t n;
  const char *bytes = luaL_checklstring(L, 2, &n);
  const struct pkt_plan *plan = check_plan(L, c, 3);
  bool forget = lua_toboolean(L, 4);
  pkt_arena_reset(&c->arena);
  struct pkt_packet *p =
      pkt_dissect(&c->arena, plan, (const uint8_t *)bytes, n, PKT_REACH_ALL, &err);
  if (!p) return pkt_lua_push_error(L, &err);
  for (uint32_t i = 0; forget && i < p->len; i++) p->layers[i]->raw = NULL;
  if (pkt_build(p, &c->arena, &c->out, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_pushlstring(L, c->out.data ? c->out.data : "", c->out.len);
  return 1;
}

/* text = registry:plan(id): what a protocol was compiled to */
static int l_plan(lua_State *L) {
  struct core *c = check_core(L);
  const struct pkt_plan *plan = check_plan(L, c, 2);
  c->out.len = 0;
  pkt_plan_text(&c->out, plan);
  lua_pushlstring(L, c->out.data ? c->out.data : "", c->out.len);
  return 1;
}

/* ------------------------------------------------------------------- a service without a socket */

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

/* service = core.service { home = ..., protocols = { folder... }, templates = { folder... },
** seed = n, extras = boolean, plain_memory = boolean, budget_ms = n, expressions = { memory = bytes,
** instructions = n, time_ms = n, text = bytes } }, or nil and why: the daemon's requests and replies,
** for specs and for programs that bring their own transport */
static int l_service(lua_State *L) {
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
  lua_pushlstring(L, reply.data ? reply.data : "", reply.len);
  lua_pushstring(L, outcomes[outcome]);
  if (reply.release) reply.release((void *)(uintptr_t)reply.data, reply.hint);
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

static void make_service_class(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"handle", l_handle},         {"check", l_check_service},
      {"share", l_share},           {"expression_pid", l_expression_pid},
      {"close", l_close_service},   {"__gc", l_close_service},
      {"__close", l_close_service}, {NULL, NULL}};
  pkt_make_class(L, SERVICE_MT, methods);
}

/* Fields of one word of expressions into the table at the top. */
static void set_word(lua_State *L, const struct pkt_word *word) {
  const char *const fields[][2] = {{"name", word->name},
                                   {"usage", word->usage},
                                   {"meaning", word->meaning},
                                   {"example", word->example}};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    lua_pushstring(L, fields[i][1]); /* nil for NULL */
    lua_setfield(L, -2, fields[i][0]);
  }
}

/* words = core.expression_words(): { { name =, usage =, meaning =, example = }, ... } */
static int l_expression_words(lua_State *L) {
  lua_createtable(L, (int)pkt_word_count, 0);
  for (unsigned i = 0; i < pkt_word_count; i++) {
    lua_createtable(L, 0, 4);
    set_word(L, &pkt_words[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

#define MEMBERS 16 /* of a declaration, what linking adds included */

/* The table at 'from' copied into the one on top. */
static void copy_members(lua_State *L, int from) {
  for (lua_pushnil(L); lua_next(L, from) != 0;) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2); /* target, key, key, value */
    lua_rawset(L, -4);
  }
}

/* Is the type of the value on top one of the types in the text below it, or is that "any"? */
static bool is_known_type(lua_State *L) {
  const char *types = lua_tostring(L, -2);
  return strcmp(types, "any") == 0 || strstr(types, luaL_typename(L, -1)) != NULL;
}

/* copy = core.copy(table, known): its members, with room for more; or nil and the name of one that
** isn't among the known ones, or has none of the types that these say, and then those types */
static int l_copy(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_createtable(L, 0, MEMBERS);
  for (lua_pushnil(L); lua_next(L, 1) != 0; lua_settop(L, 4)) {
    lua_pushvalue(L, 4);
    bool known = lua_rawget(L, 2) == LUA_TSTRING;
    lua_insert(L, 5); /* target, key, types, value */
    if (!known || !is_known_type(L)) {
      lua_pushnil(L);
      lua_pushvalue(L, 4);
      lua_pushvalue(L, 5);
      return 3;
    }
    lua_pushvalue(L, 4);
    lua_insert(L, -2);
    lua_rawset(L, 3);
  }
  return 1;
}

/* slots = core.slots(fields): { id = place from 0 }, of fields with the same id the first one's; or
** nil and the number of a field that has no id */
static int l_slots(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
  lua_settop(L, 1);
  lua_createtable(L, 0, (int)n);
  for (lua_Integer i = n; i > 0; i--) { /* so the first of an id is what stays */
    bool table = lua_rawgeti(L, 1, i) == LUA_TTABLE;
    if (table) lua_pushliteral(L, "id");
    if (!table || lua_rawget(L, -2) != LUA_TSTRING || lua_rawlen(L, -1) == 0) {
      lua_pushnil(L);
      lua_pushinteger(L, i);
      return 2;
    }
    lua_pushinteger(L, i - 1);
    lua_rawset(L, 2);
    lua_pop(L, 1);
  }
  return 1;
}

/* Set the member whose name is at 'key', if one is given, to what follows it. */
static void set_given(lua_State *L, int key) {
  if (!lua_toboolean(L, key)) return;
  lua_pushvalue(L, key);
  lua_pushvalue(L, key + 1);
  lua_rawset(L, -3);
}

/* decl = core.field(kind, id, options, width [, key, value [, key, value]]): a field's declaration, its
** options and what its constructor, which calls this, adds to them; 'at' is the line of the protocol
** file that calls the constructor, for messages. */
static int l_field(lua_State *L) {
  lua_Debug file;
  lua_settop(L, 8);
  if (!lua_isnoneornil(L, 3) && !lua_istable(L, 3)) {
    luaL_where(L, 2);
    lua_pushfstring(L, "field '%s': a table of options expected, got %s",
                    luaL_tolstring(L, 2, NULL), luaL_typename(L, 3));
    lua_remove(L, -2); /* the id's text */
    lua_concat(L, 2);
    return lua_error(L);
  }
  bool known = lua_getstack(L, 2, &file) && lua_getinfo(L, "l", &file);
  lua_createtable(L, 0, 8);
  lua_pushvalue(L, 1);
  lua_setfield(L, 9, "kind");
  lua_pushvalue(L, 2);
  lua_setfield(L, 9, "id");
  lua_pushinteger(L, known ? file.currentline : -1);
  lua_setfield(L, 9, "at");
  if (lua_istable(L, 3)) copy_members(L, 3);
  if (!lua_isnil(L, 4)) {
    lua_pushvalue(L, 4);
    lua_setfield(L, 9, "width");
  }
  set_given(L, 5);
  set_given(L, 7);
  return 1;
}

static bool ends_with(const char *name, const char *suffix) {
  size_t n = strlen(name), k = strlen(suffix);
  return n >= k && strcmp(name + n - k, suffix) == 0;
}

/* Does a symbolic link lead to what doesn't lie below 'root'? */
static bool leads_out(const char *path, const char *root) {
  char real[PATH_MAX];
  size_t n = strlen(root);
  if (!realpath(path, real)) return true;
  return strncmp(real, root, n) != 0 || real[n] != '/';
}

/* DT_REG, DT_DIR, or DT_UNKNOWN for what is left out. Links count as what they lead to, if that may
** be. The system is asked only about those, and on file systems that don't tell. */
static int file_type(const struct dirent *e, const char *path, const char *root) {
  struct stat st;
  if (e->d_type == DT_REG || e->d_type == DT_DIR) return e->d_type;
  if (root && (lstat(path, &st) != 0 || (S_ISLNK(st.st_mode) && leads_out(path, root))))
    return DT_UNKNOWN;
  if (stat(path, &st) != 0) return DT_UNKNOWN;
  return S_ISREG(st.st_mode) ? DT_REG : S_ISDIR(st.st_mode) ? DT_DIR : DT_UNKNOWN;
}

/* What files are looked for. */
struct search {
  const char *top, *suffix;
  const char *root; /* not NULL, without links: none that links find elsewhere */
  struct pkt_buf *out;
  struct pkt_err *err;
};

/* A folder can't be opened. One that has gone since it was seen is none. */
static int refuse_folder(const struct search *s, const char *folder) {
  char quote[PKT_QUOTE_ROOM];
  const char *why = strerror(errno), *below = folder + strlen(s->top);
  if (errno == ENOENT || errno == ENOTDIR) return 0;
  if (*below == 0) return pkt_fail(s->err, PKT_ERR_SYSTEM, "%s", why);
  return pkt_fail(s->err, PKT_ERR_SYSTEM, "its folder %s: %s",
                  pkt_quote(quote, below + 1, strlen(below + 1)), why);
}

/* Append the paths of the files of a folder and its sub-folders, a NUL behind each; hidden ones are
** left out. Returns 0, or -1 with *s->err: a folder can't be read. */
static int add_files(const struct search *s, const char *folder, int depth) {
  DIR *dir = opendir(folder);
  if (!dir) return refuse_folder(s, folder);
  struct dirent *e;
  int status = 0;
  while (status == 0 && (e = readdir(dir))) {
    char path[4096];
    if (e->d_name[0] == '.') continue;
    if (snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= (int)sizeof path) continue;
    int type = file_type(e, path, s->root);
    if (type == DT_DIR && depth > 0)
      status = add_files(s, path, depth - 1);
    else if (type == DT_REG && ends_with(e->d_name, s->suffix))
      pkt_buf_add(s->out, path, strlen(path) + 1);
  }
  closedir(dir);
  return status;
}

static void push_paths(lua_State *L, const struct pkt_buf *paths) {
  lua_newtable(L);
  lua_Integer n = 0;
  for (size_t at = 0; at < paths->len; at += strlen(paths->data + at) + 1) {
    lua_pushstring(L, paths->data + at);
    lua_rawseti(L, -2, ++n);
  }
}

/* paths = core.list_files(folder, suffix [, inside]): in no order, or nil and why; with 'inside'
** without what symbolic links find outside the folder */
static int l_list_files(lua_State *L) {
  const char *folder = luaL_checkstring(L, 1), *suffix = luaL_checkstring(L, 2);
  struct stat st;
  char root[PATH_MAX];
  bool inside = lua_toboolean(L, 3);
  if (stat(folder, &st) != 0) return luaL_fileresult(L, 0, NULL);
  if (!S_ISDIR(st.st_mode)) {
    lua_pushnil(L);
    lua_pushliteral(L, "is no folder");
    return 2;
  }
  if (inside && !realpath(folder, root)) return luaL_fileresult(L, 0, NULL);
  struct pkt_buf *paths = pkt_lua_push_buf(L);
  struct pkt_err err;
  const struct search search = {folder, suffix, inside ? root : NULL, paths, &err};
  if (add_files(&search, folder, PKT_MAX_FOLDER_DEPTH) != 0) {
    pkt_buf_free(paths);
    lua_pushnil(L);
    lua_pushstring(L, err.message);
    return 2;
  }
  if (paths->failed) return luaL_error(L, "not enough memory");
  push_paths(L, paths);
  pkt_buf_free(paths);
  return 1;
}

int luaopen_luapkt_core(lua_State *L) {
  static const luaL_Reg functions[] = {{"compile", l_compile},
                                       {"service", l_service},
                                       {"fail", pkt_lua_fail},
                                       {"expression_words", l_expression_words},
                                       {"read_file", pkt_read_file},
                                       {"load_file", pkt_load_file},
                                       {"list_files", l_list_files},
                                       {"field", l_field},
                                       {"copy", l_copy},
                                       {"slots", l_slots},
                                       {NULL, NULL}};
  static const luaL_Reg methods[] = {{"build", l_build},     {"dissect", l_dissect},
                                     {"rebuild", l_rebuild}, {"plan", l_plan},
                                     {"__gc", l_gc},         {NULL, NULL}};
  make_service_class(L);
  pkt_make_class(L, REGISTRY_MT, methods);
  luaL_newlib(L, functions);
  pkt_open_wire(L);
  lua_setfield(L, -2, "wire");
  pkt_open_json(L);
  lua_setfield(L, -2, "json");
  pkt_open_literal(L);
  lua_setfield(L, -2, "literal");
  pkt_open_capture(L);
  lua_setfield(L, -2, "capture");
  pkt_open_packet(L);
  lua_setfield(L, -2, "packet");
  pkt_open_vm(L);
  lua_setfield(L, -2, "vm");
  pkt_open_socket(L);
  lua_setfield(L, -2, "socket");
  pkt_open_shark(L);
  lua_setfield(L, -2, "shark");
  return 1;
}
