/* service_lua.c - methods in Lua: they are called with a request's parameters, and what they return
** is written as JSON. */
#include <lauxlib.h>
#include <string.h>

#include "budget.h"
#include "core_json.h"
#include "service_inner.h"
#include "values.h"

/* What a method's parameters may come to in Lua: its text, and this for each value. */
#define LUA_BYTES (8u << 20)
#define LUA_VALUE_BYTES 64

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

void pkt_call_lua(struct pkt_service *s, const struct request *q, struct arguments a) {
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

/* methods:text(name), of the name that is a C string. Protected: may raise. */
static int p_constant(lua_State *L) {
  const char *name = lua_touserdata(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "luapkt.methods");
  lua_getfield(L, -1, "text");
  lua_insert(L, -2);
  lua_pushstring(L, name);
  lua_call(L, 2, 1);
  return 1;
}

/* The reply with this result, encoded when it is first asked for; NULL: it can't be made. */
static struct pkt_standing *standing_reply(struct generation *g, enum pkt_constant which) {
  static const char *const names[] = {"get_definitions", "get_all"};
  struct pkt_standing **standing = &g->standing[which];
  size_t n;
  if (*standing) return *standing;
  lua_settop(g->L, 0);
  lua_pushcfunction(g->L, p_constant);
  lua_pushlightuserdata(g->L, (void *)(uintptr_t)names[which]);
  if (lua_pcall(g->L, 1, 1, 0) == LUA_OK) {
    const char *text = lua_tolstring(g->L, -1, &n);
    *standing = pkt_standing_new(text, n);
  }
  lua_settop(g->L, 0);
  return *standing;
}

/* Does the request ask for what is the same for everyone? */
static bool asks_constant(const struct pkt_service *s, const struct request *q, struct arguments a,
                          enum pkt_constant *which) {
  if (pkt_is_handled(s, a)) a = (struct arguments){a.at + 1, a.len - 1, true};
  bool databases = a.len == 0 && pkt_value_is(q->method, "get_all");
  *which = databases ? PKT_DATABASES : PKT_ALL_DEFINITIONS;
  return databases ||
         (a.len == 1 && a.at[0].type == PKT_V_NULL && pkt_value_is(q->method, "get_definitions"));
}

bool pkt_reply_constant(struct pkt_service *s, const struct request *q, struct arguments a) {
  enum pkt_constant which;
  if (!s->owner || !asks_constant(s, q, a, &which)) return false;
  struct pkt_standing *standing = standing_reply(s->generation, which);
  if (!standing) return false; /* the general way reports it */
  pkt_answer_begin(s, q);
  if (!s->out.failed && pkt_standing_lend(standing, s->out.data, s->out.len, &s->lent) != 0)
    s->out.failed = true;
  return true;
}
