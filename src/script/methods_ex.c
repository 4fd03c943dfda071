/* methods_ex.c - build_pkt_ex: a packet, and the instructions that vary it from one to the next.
**
** The packet is built here; what a client says about the field engine is compiled in Lua, by
** luapkt.field_engine, from where things lie in the packet. A mistake in it is part of the answer,
** in "field_engine": the packet is shown all the same. */
#include <lauxlib.h>
#include <string.h>

#include "../engine/json.h"
#include "core_json.h"
#include "layer_table.h"
#include "service_inner.h"
#include "values.h"

struct ex_call {
  struct pkt_service *s;
  const struct pkt_packet *packet;
  const struct pkt_value *options;
  struct pkt_buf *out; /* what the answer is appended to, as JSON */
};

/* evaluate(text) -> value, or nil and { message = }. Upvalue 1 is the call. */
static int l_evaluate(lua_State *L) {
  const struct ex_call *call = lua_touserdata(L, lua_upvalueindex(1));
  struct pkt_value v;
  struct pkt_err err = {0};
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  if (pkt_service_evaluate(call->s, call->packet, text, n, &v, &err) == 0) {
    if (pkt_fits_lua(&v, 1)) return pkt_lua_push_value(L, &v);
    pkt_fail(&err, PKT_ERR_LIMIT, "the expression has too many values");
  }
  lua_pushnil(L);
  lua_createtable(L, 0, 1);
  lua_pushstring(L, err.message);
  lua_setfield(L, -2, "message");
  return 2;
}

/* Push what luapkt.field_engine evaluates expressions with, good for this request. */
static void push_evaluate(lua_State *L, const struct ex_call *call) {
  lua_pushlightuserdata(L, (void *)call);
  lua_pushcclosure(L, l_evaluate, 1);
}

/* Push the module luapkt.field_engine, which is loaded when it is first needed. May raise. */
static void push_field_engine(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "luapkt.field_engine");
  lua_call(L, 1, 1);
}

/* Append what the member "field_engine" holds. Protected: may raise. */
static int p_answer(lua_State *L) {
  const struct ex_call *call = lua_touserdata(L, 1);
  struct pkt_err err;
  push_field_engine(L);
  lua_getfield(L, -1, "answer");
  pkt_push_places(L, call->packet);
  pkt_lua_push_value(L, call->options);
  push_evaluate(L, call);
  lua_call(L, 3, 1);
  if (pkt_lua_write_json(L, -1, call->out, &err) != 0) return luaL_error(L, "%s", err.message);
  return 0;
}

static void reply_with_instructions(struct pkt_service *s, const struct request *q,
                                    struct pkt_packet *p, const struct pkt_value *options,
                                    enum pkt_dialect dialect) {
  struct ex_call call = {s, p, options, &s->out};
  struct pkt_err err = {0};
  lua_State *L = pkt_service_lua(s, &err);
  if (!L) {
    pkt_answer_failure(s, q, &err);
    return;
  }
  if (!pkt_answer_packet(s, q, p, dialect)) return;
  pkt_buf_lit(&s->out, ",\"field_engine\":");
  lua_settop(L, 0);
  lua_pushcfunction(L, p_answer);
  lua_pushlightuserdata(L, &call);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK)
    pkt_buf_lit(&s->out, "}}");
  else
    pkt_answer_raised(s, q, L);
}

/* The answer's instructions, or its error. */
static int take_instructions(const struct pkt_value *answer, struct pkt_value *out,
                             struct pkt_err *err) {
  const struct pkt_value *why = pkt_value_get(answer, "error");
  const struct pkt_value *list = pkt_value_get(answer, "instructions");
  if (why && why->type == PKT_V_TEXT && why->len > 0)
    return pkt_fail(err, PKT_ERR_VALUE, "field_engine: %.*s", (int)why->len, why->ptr);
  if (!list) return pkt_fail(err, PKT_ERR_VALUE, "the field engine has no instructions");
  *out = *list;
  return 0;
}

/* Let Lua answer into 'out'. What it raises says where by file and line, but not by folder. */
static int ask_lua(lua_State *L, struct ex_call *call, struct pkt_err *err) {
  lua_settop(L, 0);
  lua_pushcfunction(L, p_answer);
  lua_pushlightuserdata(L, call);
  int status = lua_pcall(L, 1, 0, 0);
  if (status == LUA_OK && !call->out->failed) return 0;
  const char *why = status == LUA_OK || status == LUA_ERRMEM ? NULL : lua_tostring(L, -1);
  if (!why) return pkt_fail(err, PKT_ERR_MEMORY, "not enough memory");
  const char *slash = strrchr(why, '/');
  return pkt_fail(err, PKT_ERR_VALUE, "%s", slash ? slash + 1 : why);
}

int pkt_compile_instructions(struct pkt_service *s, const struct pkt_packet *p,
                             const struct pkt_value *options, struct pkt_value *out,
                             struct pkt_err *err) {
  struct pkt_buf text = {0};
  struct ex_call call = {s, p, options, &text};
  struct pkt_value answer;
  if (!pkt_fits_lua(options, 1))
    return pkt_fail(err, PKT_ERR_LIMIT, "the field engine holds too many values");
  lua_State *L = pkt_service_lua(s, err);
  int status = L ? ask_lua(L, &call, err) : -1;
  size_t len = text.len;
  char *copy = status == 0 ? pkt_memdup(&s->arena, text.data, len) : NULL;
  pkt_buf_free(&text);
  if (status != 0) return -1;
  if (!copy) return pkt_fail(err, PKT_ERR_MEMORY, "not enough memory");
  if (pkt_json_read(&s->arena, copy, len, &answer, err) != 0) return -1;
  return take_instructions(&answer, out, err);
}

void pkt_method_build_ex(struct pkt_service *s, const struct request *q, struct arguments a) {
  struct pkt_err err = {0};
  const struct pkt_value *options = &a.at[1];
  struct pkt_model_reader r = pkt_service_reader(s);
  struct pkt_packet *p = pkt_model_read(&r, &a.at[0], &err);
  if (p && !pkt_fits_lua(options, 1)) {
    pkt_fail(&err, PKT_ERR_LIMIT, "extra_options hold too many values");
    p = NULL;
  }
  if (p)
    reply_with_instructions(s, q, p, options, pkt_dialect_of(a));
  else
    pkt_answer_failure(s, q, &err);
}
