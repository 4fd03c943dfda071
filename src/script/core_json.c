/* core_json.c - JSON for Lua: the writer of Lua values, and the functions. */
#include "core_json.h"

#include <lauxlib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/json.h"
#include "../engine/limits.h"
#include "collected.h"
#include "values.h"

/* The writer. Tables are read raw. What is written stays referenced from the stack: a finalizer may
** run at any allocation and change a table that is being written. */

struct writer {
  lua_State *L;
  struct pkt_buf *b;
  struct pkt_err *err;
  int depth; /* tables around the value */
};

static int write_value(struct writer *w, int index);

static bool has_array_mt(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  pkt_lua_push_array_mt(L);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

/* Count the keys of a table that are strings, and those that are 1 to n, its length. */
static int count_keys(struct writer *w, int t, size_t *names, size_t *items) {
  lua_State *L = w->L;
  lua_Integer n = (lua_Integer)lua_rawlen(L, t);
  *names = *items = 0;
  lua_pushnil(L);
  while (lua_next(L, t)) {
    lua_pop(L, 1); /* the value */
    if (lua_type(L, -1) == LUA_TSTRING) {
      ++*names;
    } else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 && lua_tointeger(L, -1) <= n) {
      ++*items;
    } else {
      pkt_fail(w->err, PKT_ERR_VALUE,
               "a table with a %s as key, expected strings, or 1 to n without holes",
               luaL_typename(L, -1));
      lua_pop(L, 1);
      return -1;
    }
  }
  if (*names && *items)
    return pkt_fail(w->err, PKT_ERR_VALUE, "a table with both items and string keys");
  if (*items && *items != (size_t)n) return pkt_fail(w->err, PKT_ERR_VALUE, "an array with holes");
  return 0;
}

static int write_array(struct writer *w, int t, size_t n) {
  int status = 0;
  pkt_buf_byte(w->b, '[');
  for (size_t i = 1; i <= n && status == 0; i++) {
    if (i > 1) pkt_buf_byte(w->b, ',');
    lua_rawgeti(w->L, t, (lua_Integer)i);
    status = write_value(w, lua_gettop(w->L));
    lua_pop(w->L, 1);
  }
  pkt_buf_byte(w->b, ']');
  return status;
}

/* A key of an object, and its number in the list of keys. */
struct key {
  const char *s;
  size_t len;
  lua_Integer at;
};

static int compare_keys(const void *a, const void *b) {
  const struct key *x = a, *y = b;
  size_t least = x->len < y->len ? x->len : y->len;
  int order = memcmp(x->s, y->s, least);
  return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Push a list of the string keys of 't', at most 'n', which keeps them alive, and a userdata with
** the same in order. */
static struct key *push_keys(lua_State *L, int t, size_t *n) {
  size_t i = 0;
  lua_createtable(L, *n > INT_MAX ? INT_MAX : (int)*n, 0);
  struct key *keys = lua_newuserdatauv(L, *n * sizeof(struct key), 0);
  lua_pushnil(L);
  while (lua_next(L, t)) {
    lua_pop(L, 1); /* the value */
    if (i == *n || lua_type(L, -1) != LUA_TSTRING) continue;
    struct key *k = &keys[i++];
    k->s = lua_tolstring(L, -1, &k->len);
    k->at = (lua_Integer)i;
    lua_pushvalue(L, -1);
    lua_rawseti(L, -4, k->at); /* the list lies under the userdata and the two keys */
  }
  *n = i;
  qsort(keys, i, sizeof(struct key), compare_keys);
  return keys;
}

static int write_object(struct writer *w, int t, size_t n) {
  lua_State *L = w->L;
  int status = 0;
  const struct key *keys = n ? push_keys(L, t, &n) : NULL;
  int list = lua_gettop(L) - 1; /* unless n is 0 */
  pkt_buf_byte(w->b, '{');
  for (size_t i = 0; i < n && status == 0; i++) {
    if (i > 0) pkt_buf_byte(w->b, ',');
    pkt_json_string(w->b, keys[i].s, keys[i].len);
    pkt_buf_byte(w->b, ':');
    lua_rawgeti(L, list, keys[i].at);
    lua_rawget(L, t);
    status = write_value(w, lua_gettop(L));
    lua_pop(L, 1);
  }
  pkt_buf_byte(w->b, '}');
  if (keys) lua_pop(L, 2);
  return status;
}

static int write_table(struct writer *w, int t) {
  size_t names, items;
  if (w->depth == PKT_MAX_DEPTH)
    return pkt_fail(w->err, PKT_ERR_LIMIT, "tables nested deeper than %d", PKT_MAX_DEPTH);
  if (count_keys(w, t, &names, &items) != 0) return -1;
  bool is_array = items > 0 || has_array_mt(w->L, t);
  if (is_array && names > 0) return pkt_fail(w->err, PKT_ERR_VALUE, "an array with string keys");
  w->depth++;
  int status = is_array ? write_array(w, t, items) : write_object(w, t, names);
  w->depth--;
  return status;
}

static void write_number(struct writer *w, int index) {
  struct pkt_value v = {.type = PKT_V_REAL};
  if (lua_isinteger(w->L, index)) {
    lua_Integer i = lua_tointeger(w->L, index);
    v.type = PKT_V_INT;
    v.negative = i < 0;
    v.num = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
  } else {
    v.real = lua_tonumber(w->L, index);
  }
  pkt_json_write(w->b, &v);
}

static int write_other(struct writer *w, int index) {
  bool negative;
  uint64_t num;
  if (!pkt_lua_to_wide(w->L, index, &negative, &num))
    return pkt_fail(w->err, PKT_ERR_VALUE, "a %s has no JSON form", luaL_typename(w->L, index));
  pkt_buf_i64(w->b, negative, num);
  return 0;
}

static void write_string(struct writer *w, int index) {
  size_t n;
  const char *s = lua_tolstring(w->L, index, &n);
  pkt_json_string(w->b, s, n);
}

/* 'index' is absolute. */
static int write_value(struct writer *w, int index) {
  if (!lua_checkstack(w->L, 8) || w->b->failed)
    return pkt_fail(w->err, PKT_ERR_MEMORY, "no memory for the text");
  switch (lua_type(w->L, index)) {
    case LUA_TNIL: pkt_buf_lit(w->b, "null"); return 0;
    case LUA_TBOOLEAN: pkt_buf_str(w->b, lua_toboolean(w->L, index) ? "true" : "false"); return 0;
    case LUA_TNUMBER: write_number(w, index); return 0;
    case LUA_TSTRING: write_string(w, index); return 0;
    case LUA_TTABLE: return write_table(w, index);
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(w->L, index)) return write_other(w, index);
      pkt_buf_lit(w->b, "null");
      return 0;
    default: return write_other(w, index);
  }
}

int pkt_lua_write_json(lua_State *L, int index, struct pkt_buf *b, struct pkt_err *err) {
  struct writer w = {L, b, err, 0};
  int top = lua_gettop(L);
  int status = write_value(&w, lua_absindex(L, index));
  lua_settop(L, top);
  if (status == 0 && b->failed) return pkt_fail(err, PKT_ERR_MEMORY, "no memory for the text");
  return status;
}

/* The functions. */

/* decode(text) -> value, or nil and an error: code "syntax", "limit" or "memory", and a message
** with line and column */
static int json_decode(lua_State *L) { return pkt_lua_read_text(L, pkt_json_read); }

/* encode(value) -> text. An object's keys are in byte order; NaN and infinities become null; bytes
** that are no UTF-8 become U+FFFD. Raises for what has no JSON form. */
static int json_encode(lua_State *L) {
  struct pkt_err err;
  luaL_checkany(L, 1);
  struct pkt_buf *b = pkt_lua_push_buf(L);
  if (pkt_lua_write_json(L, 1, b, &err) != 0) {
    pkt_buf_free(b);
    return err.code == PKT_ERR_MEMORY ? luaL_error(L, "%s", err.message)
                                      : luaL_argerror(L, 1, err.message);
  }
  lua_pushlstring(L, b->data, b->len);
  pkt_buf_free(b);
  return 1;
}

/* array(t) -> t, marked as an array; without an argument a new empty one */
static int json_array(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  pkt_lua_push_array_mt(L);
  lua_setmetatable(L, 1);
  return 1;
}

/* u64(text) -> the integer written in 'text', from -2^64+1 to 2^64-1: a Lua integer where it
** fits */
static int json_u64(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  struct pkt_value v;
  struct pkt_arena *arena = pkt_lua_push_arena(L);
  struct pkt_err err = {0};
  bool good = pkt_json_read(arena, text, n, &v, &err) == 0 && v.type == PKT_V_INT;
  pkt_arena_free(arena);
  if (err.code == PKT_ERR_MEMORY) return luaL_error(L, "%s", err.message);
  luaL_argcheck(L, good, 1, "an integer of 64 bits and a sign expected");
  pkt_lua_push_integer(L, v.negative, v.num);
  return 1;
}

int pkt_open_json(lua_State *L) {
  static const luaL_Reg functions[] = {{"decode", json_decode},
                                       {"encode", json_encode},
                                       {"array", json_array},
                                       {"u64", json_u64},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  pkt_lua_push_array_mt(L);
  lua_setfield(L, -2, "array_mt");
  return 1;
}
