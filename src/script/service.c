/* service.c - the whole server without its socket. */
#include "service.h"

#include <lauxlib.h>
#include <lualib.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "../engine/json.h"
#include "budget.h"
#include "core.h"
#include "core_json.h"
#include "heap.h"
#include "load.h"
#include "plan_text.h"
#include "service_inner.h"
#include "values.h"

/* What a worker keeps between requests; of the buffer for replies, what the packets of a capture of
** a thousand take. */
#define KEEP_BYTES (256u << 10)
#define KEEP_REPLY (4u << 20)

/* The version that the reference says it has. */
#define MAJOR "1"
#define MINOR "02"

/* A reply from this size on is lent to the sender rather than copied. */
#define LEND_BYTES (256u << 10)

/* What a request's values and packets may take, and what a reply or a literal may. The first is
** what the densest JSON of a message's size needs. */
#define REQUEST_BYTES (768u << 20)
#define REPLY_BYTES (64u << 20)

/* A request above this goes to a worker: its cost isn't small. */
#define INLINE_BYTES (64u << 10)

/* What a method's parameters may come to in Lua: its text, and this for each value. */
#define LUA_BYTES (8u << 20)
#define LUA_VALUE_BYTES 64

/* ------------------------------------------------------------------------------------ replies */

static void begin_reply(struct pkt_service *s, const struct request *q) {
  pkt_buf_clear(&s->out, KEEP_REPLY);
  pkt_buf_lit(&s->out, "{\"jsonrpc\":\"2.0\",\"id\":");
  if (q->id.type == PKT_V_REAL) /* as it was sent, also where no double is the same */
    pkt_buf_add(&s->out, q->text + q->id.len, strspn(q->text + q->id.len, "+-.0123456789eE"));
  else
    pkt_json_write(&s->out, &q->id);
}

void pkt_answer_error(struct pkt_service *s, const struct request *q, int code, const char *prefix,
                      const char *message) {
  begin_reply(s, q);
  pkt_buf_fmt(&s->out, ",\"error\":{\"code\":%d,\"message\":", code);
  pkt_buf_clear(&s->scratch, KEEP_BYTES);
  pkt_buf_str(&s->scratch, prefix);
  pkt_buf_str(&s->scratch, message);
  pkt_json_string(&s->out, s->scratch.data, s->scratch.len);
  pkt_buf_lit(&s->out, "}}");
}

void pkt_answer_failure(struct pkt_service *s, const struct request *q, const struct pkt_err *err) {
  if (err->code == PKT_ERR_LATER) {
    s->deferred = true;
    return;
  }
  if (err->code == PKT_ERR_SYNTAX)
    pkt_answer_error(s, q, RPC_SYNTAX_ERROR, "", err->message);
  else
    pkt_answer_error(s, q, RPC_FAILED, "Scapy Server: ", err->message);
}

void pkt_answer_begin(struct pkt_service *s, const struct request *q) {
  begin_reply(s, q);
  pkt_buf_lit(&s->out, ",\"result\":");
}

/* ---------------------------------------------------------------------------- methods in Lua */

struct lua_call {
  struct pkt_service *s;
  const struct request *q;
  struct arguments a;
};

static void push_arguments(lua_State *L, const struct lua_call *call) {
  struct pkt_value list = {
      .type = PKT_V_LIST, .len = call->a.len, .items = (struct pkt_value *)(uintptr_t)call->a.at};
  pkt_lua_push_value(L, &list);
}

/* methods:call(name, params), the result written as JSON. Protected: may raise. */
static int p_call(lua_State *L) {
  const struct lua_call *call = lua_touserdata(L, 1);
  struct pkt_service *s = call->s;
  struct pkt_err err;
  lua_getfield(L, LUA_REGISTRYINDEX, "luapkt.methods");
  lua_getfield(L, -1, "call");
  lua_insert(L, -2);
  lua_pushlstring(L, call->q->method->ptr, call->q->method->len);
  push_arguments(L, call);
  lua_call(L, 3, 2);
  if (lua_istable(L, -1)) { /* nil, { code, message } */
    lua_getfield(L, -1, "code");
    lua_getfield(L, -2, "message");
    pkt_answer_error(s, call->q, (int)lua_tointeger(L, -2), "", lua_tostring(L, -1));
    return 0;
  }
  pkt_answer_begin(s, call->q);
  if (pkt_lua_write_json(L, -2, &s->out, &err) != 0) return luaL_error(L, "%s", err.message);
  pkt_buf_byte(&s->out, '}');
  return 0;
}

/* Take what a value costs in Lua from *left. False: there isn't as much. */
static bool take_cost(const struct pkt_value *v, size_t *left) {
  bool text = v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
  size_t cost = LUA_VALUE_BYTES + (text ? v->len : 0);
  if (cost > *left) return false;
  *left -= cost;
  for (uint32_t i = 0; v->type == PKT_V_LIST && i < v->len; i++)
    if (!take_cost(&v->items[i], left)) return false;
  for (uint32_t i = 0; v->type == PKT_V_MAP && i < v->len; i++) {
    const struct pkt_member *m = &v->members[i];
    if (m->key_len > *left) return false;
    *left -= m->key_len;
    if (!take_cost(&m->value, left)) return false;
  }
  return true;
}

bool pkt_fits_lua(const struct pkt_value *v, uint32_t n) {
  size_t left = LUA_BYTES;
  for (uint32_t i = 0; i < n; i++)
    if (!take_cost(&v[i], &left)) return false;
  return true;
}

/* Where it happened is said by file and line, but not by folder. */
void pkt_answer_raised(struct pkt_service *s, const struct request *q, lua_State *L) {
  const char *why = lua_tostring(L, -1);
  const char *slash = why ? strrchr(why, '/') : NULL;
  if (slash) why = slash + 1;
  pkt_answer_error(s, q, RPC_FAILED, "Scapy Server: ", why ? why : "unknown error");
  lua_settop(L, 0);
}

static void call_lua(struct pkt_service *s, const struct request *q, struct arguments a) {
  struct lua_call call = {s, q, a};
  struct pkt_err err = {0};
  lua_State *L = pkt_service_lua(s, &err);
  if (!L || !pkt_fits_lua(a.at, a.len)) {
    if (L) pkt_fail(&err, PKT_ERR_LIMIT, "the parameters hold too many values for this method");
    pkt_answer_failure(s, q, &err);
    return;
  }
  lua_settop(L, 0);
  lua_pushcfunction(L, p_call);
  lua_pushlightuserdata(L, &call);
  if (pkt_budget_pcall(L, 1, s->generation->budget_ms) != LUA_OK) pkt_answer_raised(s, q, L);
}

/* Is the first of them the handle that clients of this version pass? */
static bool is_handled(const struct pkt_service *s, struct arguments a) {
  return a.len > 0 && pkt_value_is(&a.at[0], s->generation->handle);
}

/* The text of the name, a C string, kept under it in the Lua registry: methods:text(name) when it is
** first asked for. Protected: may raise. */
static int p_constant(lua_State *L) {
  const char *name = lua_touserdata(L, 1);
  if (lua_getfield(L, LUA_REGISTRYINDEX, name) == LUA_TSTRING) return 1;
  lua_getfield(L, LUA_REGISTRYINDEX, "luapkt.methods");
  lua_getfield(L, -1, "text");
  lua_insert(L, -2);
  lua_pushstring(L, name);
  lua_call(L, 2, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, name);
  return 1;
}

/* Does the request ask for what is the same for everyone? The name to keep it under, or NULL. */
static const char *constant_name(const struct pkt_service *s, const struct request *q,
                                 struct arguments a) {
  if (is_handled(s, a)) a = (struct arguments){a.at + 1, a.len - 1, true};
  if (a.len == 0 && pkt_value_is(q->method, "get_all")) return "get_all";
  bool all = a.len == 1 && a.at[0].type == PKT_V_NULL;
  return all && pkt_value_is(q->method, "get_definitions") ? "get_definitions" : NULL;
}

/* The definitions of all protocols, and the databases, are one text each, encoded once, when first
** asked for. */
static bool reply_constant(struct pkt_service *s, const struct request *q, struct arguments a) {
  lua_State *L = s->generation->L;
  const char *name = s->owner ? constant_name(s, q, a) : NULL;
  if (!name) return false;
  size_t n;
  lua_settop(L, 0);
  lua_pushcfunction(L, p_constant);
  lua_pushlightuserdata(L, (void *)(uintptr_t)name);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) return false; /* the general way reports it */
  const char *text = lua_tolstring(L, -1, &n);
  pkt_answer_begin(s, q);
  pkt_buf_add(&s->out, text, n);
  pkt_buf_byte(&s->out, '}');
  lua_settop(L, 0);
  return true;
}

/* ----------------------------------------------------------------------------------- requests */

static bool good_id(const struct pkt_value *v) {
  return v->type == PKT_V_TEXT || v->type == PKT_V_INT || v->type == PKT_V_REAL ||
         v->type == PKT_V_NULL;
}

/* Why this is no request, or NULL. The id is taken wherever there is one. */
static const char *read_request(const struct pkt_value *v, struct request *q) {
  if (v->type == PKT_V_LIST) return "batches are not supported";
  if (v->type != PKT_V_MAP) return "a request is an object";
  const char *why = NULL;
  bool version = false, id = false;
  for (uint32_t i = 0; i < v->len; i++) {
    const struct pkt_member *m = &v->members[i];
    const struct pkt_value key = {.type = PKT_V_TEXT, .ptr = m->key, .len = m->key_len};
    if (pkt_value_is(&key, "id")) {
      id = good_id(&m->value);
      if (id) q->id = m->value;
    } else if (pkt_value_is(&key, "jsonrpc")) {
      version = pkt_value_is(&m->value, "2.0");
    } else if (pkt_value_is(&key, "method")) {
      q->method = &m->value;
    } else if (pkt_value_is(&key, "params")) {
      q->params = &m->value;
    } else {
      why = "a request has the members jsonrpc, id, method and params, and no others";
    }
  }
  if (why) return why;
  if (!version) return "\"jsonrpc\": \"2.0\" is missing";
  if (!id) return "\"id\" is missing, or neither text nor a number nor null";
  if (!q->method || q->method->type != PKT_V_TEXT) return "\"method\" is missing, or no text";
  return NULL;
}

static struct arguments arguments_of(const struct request *q) {
  struct arguments a = {0};
  if (!q->params) return a;
  a.at = q->params->items;
  a.len = q->params->len;
  return a;
}

static bool is_for_workers(const struct pkt_service *s, const struct pkt_value *method) {
  char *const *name = s->generation->on_worker;
  while (*name && !pkt_value_is(method, *name)) name++;
  return *name != NULL;
}

/* Methods in Lua, and those whose answer is one text. */
static enum pkt_outcome dispatch_lua(struct pkt_service *s, const struct request *q,
                                     struct arguments a, bool inline_size) {
  if (!s->owner && inline_size && !is_for_workers(s, q->method)) return PKT_TO_OWNER;
  if (reply_constant(s, q, a)) return PKT_REPLY;
  call_lua(s, q, a);
  bool ends = s->owner && pkt_value_is(q->method, "shut_down") && a.len == 0;
  return ends ? PKT_SHUT_DOWN : PKT_REPLY;
}

/* A method in C: how many parameters it takes, at least and at most; whether the first of them is a text,
** as a version handle is, and whether a wrong handle is passed over, as the reference does. Those that may
** take long are for workers. */
struct method {
  const char *name, *takes;
  void (*run)(struct pkt_service *s, const struct request *q, struct arguments a);
  uint32_t least, most;
  bool text_first, any_handle, is_long;
};

static const struct method methods[] = {
    {"build_pkt", "pkt_model_descriptor", pkt_method_build, 1, 1, false, false, false},
    {"reconstruct_pkt", "binary_pkt (base64), model_descriptor (may be left out)",
     pkt_method_reconstruct, 1, 2, true, false, false},
    {"build_pkt_ex", "pkt_model_descriptor, extra_options", pkt_method_build_ex, 2, 2, false, false,
     true},
    {"read_pcap", "pcap_base64", pkt_method_read_pcap, 1, 1, true, true, true},
    {"write_pcap", "packets_base64", pkt_method_write_pcap, 1, 1, true, true, true},
    {"run_field_engine", "pkt_model_descriptor, field_engine, range", pkt_method_run, 3, 3, false,
     false, true},
};

/* Does something stand in front of the method's own parameters, be it the right handle or not? */
static bool is_preceded(const struct pkt_service *s, const struct method *m, struct arguments a) {
  if (is_handled(s, a) || a.len > m->most) return true;
  if (a.len == 0 || a.at[0].type != PKT_V_TEXT) return false;
  return !m->text_first || (a.len > m->least && a.at[1].type == PKT_V_TEXT);
}

static void call_method(struct pkt_service *s, const struct request *q, const struct method *m,
                        struct arguments a) {
  bool right = is_handled(s, a);
  a.handled = is_preceded(s, m, a);
  if (a.handled) a = (struct arguments){a.at + 1, a.len - 1, true};
  char takes[PKT_MAX_MESSAGE];
  if (a.len < m->least || a.len > m->most) {
    snprintf(takes, sizeof takes, "%s takes client_v_handler (may be left out), %s", m->name,
             m->takes);
    pkt_answer_error(s, q, RPC_INVALID_PARAMS, "Invalid params: ", takes);
  } else if (a.handled && !right && !m->any_handle) {
    pkt_answer_error(s, q, RPC_FAILED, "Scapy Server: ",
                     "Provided version handler does not correspond to the server's version.\n"
                     "Update client to latest version.\nServer version:" MAJOR "." MINOR);
  } else {
    m->run(s, q, a);
  }
}

static enum pkt_outcome dispatch(struct pkt_service *s, const struct request *q, bool inline_only,
                                 bool inline_size) {
  struct arguments a = arguments_of(q);
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    if (!pkt_value_is(q->method, methods[i].name)) continue;
    if (inline_only && methods[i].is_long) return PKT_DEFER;
    call_method(s, q, &methods[i], a);
    return PKT_REPLY;
  }
  if (pkt_value_is(q->method, "reload") && a.len == 0) return PKT_RELOAD;
  if (inline_only && is_for_workers(s, q->method)) return PKT_DEFER;
  return dispatch_lua(s, q, a, inline_size);
}

static enum pkt_outcome answer(struct pkt_service *s, const char *text, size_t len,
                               bool inline_only) {
  struct request q = {.id = {.type = PKT_V_NULL}, .text = text};
  struct pkt_value v;
  struct pkt_err err = {0};
  if (pkt_json_read(&s->arena, text, len, &v, &err) != 0) {
    if (err.code == PKT_ERR_MEMORY)
      pkt_answer_error(s, &q, RPC_FAILED, "Scapy Server: ", "the request is too large");
    else
      pkt_answer_error(s, &q, RPC_PARSE_ERROR, "Parse Error: ", err.message);
    return PKT_REPLY;
  }
  const char *why = read_request(&v, &q);
  if (why) {
    pkt_answer_error(s, &q, RPC_INVALID_REQUEST, "Invalid Request: ", why);
    return PKT_REPLY;
  }
  if (q.params && q.params->type != PKT_V_LIST) {
    pkt_answer_error(s, &q, RPC_INVALID_PARAMS, "", "Invalid params: a list was expected");
    return PKT_REPLY;
  }
  return dispatch(s, &q, inline_only, len <= INLINE_BYTES);
}

enum pkt_outcome pkt_service_handle(struct pkt_service *s, const char *request, size_t len,
                                    bool inline_only, struct pkt_reply *reply) {
  if (inline_only && len > INLINE_BYTES) return PKT_DEFER;
  pkt_arena_reset(&s->arena);
  if (!s->out.data) pkt_take_back(s->lending, &s->out);
  s->may_wait = !inline_only;
  s->deferred = false;
  pkt_evaluator_begin(s->evaluator);
  enum pkt_outcome outcome = answer(s, request, len, inline_only);
  if (s->deferred) return PKT_DEFER;
  if (s->out.failed) {
    struct request q = {.id = {.type = PKT_V_NULL}};
    s->out.failed = false;
    pkt_answer_error(s, &q, RPC_FAILED, "Scapy Server: ", "out of memory");
  }
  *reply = (struct pkt_reply){.data = s->out.data, .len = s->out.len};
  if (outcome == PKT_REPLY && reply->len >= LEND_BYTES) reply->hint = pkt_lend(s->lending, &s->out);
  if (reply->hint) reply->release = pkt_lending_release;
  return outcome;
}

void pkt_service_reload_reply(struct pkt_service *s, const char *request, size_t len,
                              const struct pkt_err *err, struct pkt_reply *reply) {
  struct request q = {.id = {.type = PKT_V_NULL}, .text = request};
  struct pkt_value v;
  struct pkt_err ignored;
  pkt_arena_reset(&s->arena);
  if (pkt_json_read(&s->arena, request, len, &v, &ignored) == 0) (void)read_request(&v, &q);
  if (err) {
    pkt_answer_failure(s, &q, err);
  } else {
    pkt_answer_begin(s, &q);
    pkt_buf_lit(&s->out, "true}");
  }
  *reply = (struct pkt_reply){.data = s->out.data, .len = s->out.len};
}

/* ----------------------------------------------------------------------------- opening, closing */

/* Allocated: 'folder' followed by 'rest'; NULL without memory. */
static char *join(const char *folder, const char *rest) {
  char *path;
  return asprintf(&path, "%s%s", folder, rest) < 0 ? NULL : path;
}

static bool is_home(const char *folder) {
  char *path = join(folder, "/lua/luapkt/service.lua");
  bool found = path && access(path, R_OK) == 0;
  free(path);
  return found;
}

/* LUAPKT_HOME, beside the program in a source tree, or where 'make install' puts it. */
char *pkt_find_home(const char *given) {
  char exe[4096];
  const char *env = getenv("LUAPKT_HOME");
  if (given) return strdup(given);
  if (env && *env) return strdup(env);
  ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
  if (n <= 0) return NULL;
  exe[n] = 0;
  for (int up = 0; up < 3; up++) { /* build/luapkt, build/asan/luapkt, bin/luapkt */
    char *slash = strrchr(exe, '/');
    if (!slash) return NULL;
    *slash = 0;
    char *installed = join(exe, "/share/luapkt");
    if (installed && is_home(installed)) return installed;
    free(installed);
    if (is_home(exe)) return strdup(exe);
  }
  return NULL;
}

static size_t length(const char *const *list) {
  size_t n = 0;
  while (list && list[n]) n++;
  return n;
}

/* Add 'own', which is taken over, and 'more' at 'at'. Returns where they end, NULL without
** memory. */
static char **add_folders(char **at, char *own, const char *const *more) {
  if (!(*at++ = own)) return NULL;
  for (size_t k = 0; k < length(more); k++)
    if (!(*at++ = strdup(more[k]))) return NULL;
  return at;
}

/* A home without templates is one; a folder of protocols there must be. */
static int list_folders(struct generation *s, const struct pkt_service_options *options) {
  size_t n = length(options->protocol_dirs) + length(options->template_dirs);
  s->folders = calloc(n + 3, sizeof *s->folders);
  if (!s->folders) return -1;
  char **at = add_folders(s->folders, join(s->home, "/protocols"), options->protocol_dirs);
  if (!at) return -1;
  s->protocol_folders = (size_t)(at - s->folders);
  return add_folders(at, join(s->home, "/templates"), options->template_dirs) ? 0 : -1;
}

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
  lua_pushliteral(L, MAJOR "." MINOR);
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
  struct generation *s = lua_touserdata(L, 1);
  push_module(L, s, "luapkt.service");
  int module = lua_gettop(L);
  lua_getfield(L, module, "handle_of");
  lua_pushliteral(L, MAJOR);
  lua_pushliteral(L, MINOR);
  lua_call(L, 2, 1);
  snprintf(s->handle, sizeof s->handle, "%s", luaL_checkstring(L, -1));
  lua_getfield(L, module, "open");
  push_folders(L, s->folders, s->protocol_folders);
  push_folders(L, s->folders + s->protocol_folders, SIZE_MAX);
  push_info(L, s);
  lua_call(L, 3, 2);
  if (lua_isnil(L, -2)) return luaL_error(L, "%s", lua_tostring(L, -1));
  lua_pop(L, 1);
  lua_getfield(L, -1, "core");
  s->registry = pkt_core_registry(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, "luapkt.generation");
  lua_getfield(L, -1, "on_worker");
  keep_names(L, &s->on_worker);
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

/* Open a sharer's own Lua state. */
static int open_worker_lua(struct pkt_service *s, struct pkt_err *err) {
  lua_State *L = luaL_newstate();
  if (!L) return pkt_fail(err, PKT_ERR_MEMORY, "not enough memory");
  lua_pushcfunction(L, p_open_worker);
  lua_pushlightuserdata(L, s);
  int status = lua_pcall(L, 1, 0, 0);
  if (status == LUA_OK) {
    lua_gc(L, LUA_GCRESTART);
    lua_gc(L, LUA_GCCOLLECT);
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

static uint64_t entropy(void) {
  uint64_t v = 0;
  if (getrandom(&v, sizeof v, 0) != sizeof v) v = (uint64_t)getpid();
  return v;
}

static int open_lua(struct generation *g, bool plain, struct pkt_err *err) {
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

static void free_texts(char **list) {
  for (size_t i = 0; list && list[i]; i++) free(list[i]);
  free(list);
}

static void leave_generation(struct generation *g) {
  if (!g || atomic_fetch_sub(&g->users, 1) > 1) return;
  if (g->L) lua_close(g->L);
  pkt_heap_free(g->heap);
  free_texts(g->on_worker);
  free_texts(g->folders);
  pkt_answers_free(g->answers);
  free(g->home);
  free(g);
}

static struct generation *load_generation(const struct pkt_service_options *options,
                                          struct pkt_err *err) {
  struct generation *g = calloc(1, sizeof *g);
  if (!g) {
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    return NULL;
  }
  atomic_init(&g->users, 1);
  g->extras = options->extras;
  g->budget_ms = options->budget_ms;
  g->answers = pkt_answers_new();
  g->home = pkt_find_home(options->home);
  if (!g->home)
    pkt_fail(err, PKT_ERR_UNKNOWN, "the folders lua and protocols were not found; set LUAPKT_HOME");
  else if (!g->answers || list_folders(g, options) != 0)
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  else if (open_lua(g, options->plain_memory, err) == 0)
    return g;
  leave_generation(g);
  return NULL;
}

/* A service that takes over one use of the generation. */
static struct pkt_service *new_service(struct generation *g,
                                       const struct pkt_service_options *options,
                                       struct pkt_err *err) {
  struct pkt_service *s = calloc(1, sizeof *s);
  if (s)
    s->evaluator = pkt_evaluator_new(&options->expressions, g->answers, err);
  else
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  if (!s || !s->evaluator) {
    free(s);
    leave_generation(g);
    return NULL;
  }
  s->generation = g;
  s->registry = g->registry;
  s->reach = g->extras ? PKT_REACH_ALL : PKT_REACH_USUAL;
  s->lending = pkt_lending_new(KEEP_REPLY);
  pkt_arena_init(&s->arena, REQUEST_BYTES);
  s->out.limit = s->scratch.limit = REPLY_BYTES;
  pkt_rng_seed(&s->rng, options->seed ? options->seed : entropy());
  if (s->lending) return s;
  pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  pkt_service_close(s);
  return NULL;
}

struct pkt_service *pkt_service_open(const struct pkt_service_options *options,
                                     struct pkt_err *err) {
  struct generation *g = load_generation(options, err);
  struct pkt_service *s = g ? new_service(g, options, err) : NULL;
  if (s) s->owner = true;
  return s;
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

void pkt_service_settle(struct pkt_service *s) {
  if (!s->owner) return;
  lua_gc(s->generation->L, LUA_GCCOLLECT);
  malloc_trim(0);
}

struct pkt_service *pkt_service_share(struct pkt_service *s,
                                      const struct pkt_service_options *options,
                                      struct pkt_err *err) {
  atomic_fetch_add(&s->generation->users, 1);
  return new_service(s->generation, options, err);
}

void pkt_service_close(struct pkt_service *s) {
  if (!s) return;
  pkt_evaluator_free(s->evaluator);
  if (s->L) lua_close(s->L);
  leave_generation(s->generation);
  pkt_arena_free(&s->arena);
  pkt_lending_close(s->lending);
  pkt_buf_free(&s->out);
  pkt_buf_free(&s->packet);
  pkt_buf_free(&s->scratch);
  free(s);
}

const struct pkt_registry *pkt_service_registry(const struct pkt_service *s) { return s->registry; }

int pkt_service_plan(struct pkt_service *s, const char *id, struct pkt_buf *out,
                     struct pkt_err *err) {
  for (uint32_t i = 0; !id && i < s->registry->len; i++)
    pkt_buf_fmt(out, "%s\n", s->registry->plans[i].id);
  if (!id) return 0;
  const struct pkt_plan *plan = pkt_registry_find(s->registry, id, strlen(id));
  char quote[PKT_QUOTE_ROOM];
  if (!plan)
    return pkt_fail(err, PKT_ERR_UNKNOWN, "there is no protocol %s",
                    pkt_quote(quote, id, strlen(id)));
  pkt_plan_text(out, plan);
  return 0;
}

int pkt_service_expression_pid(const struct pkt_service *s) {
  return pkt_evaluator_pid(s->evaluator);
}

const char *const *pkt_service_folders(const struct pkt_service *s) {
  return (const char *const *)s->generation->folders;
}
