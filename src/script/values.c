/* values.c - the engine's values to Lua, and back. */
#include "values.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../engine/limits.h"
#include "collected.h"
#include "errors.h"

#define ARRAY_MT "luapkt.array"
#define WIDE_MT "luapkt.u64"

/* ------------------------------------------------------------------------------- wide integers */

/* An integer beyond Lua's. */
struct wide {
  uint64_t num; /* the magnitude */
  bool negative;
};

static int wide_eq(lua_State *L) {
  const struct wide *a = luaL_checkudata(L, 1, WIDE_MT), *b = luaL_checkudata(L, 2, WIDE_MT);
  lua_pushboolean(L, a->num == b->num && a->negative == b->negative);
  return 1;
}

static int wide_tostring(lua_State *L) {
  const struct wide *v = luaL_checkudata(L, 1, WIDE_MT);
  char text[24]; /* a sign and the digits of 2^64 - 1 */
  snprintf(text, sizeof(text), "%s%llu", v->negative ? "-" : "", (unsigned long long)v->num);
  lua_pushstring(L, text);
  return 1;
}

static void push_wide(lua_State *L, bool negative, uint64_t num) {
  struct wide *v = lua_newuserdatauv(L, sizeof(*v), 0);
  v->num = num;
  v->negative = negative;
  if (luaL_newmetatable(L, WIDE_MT)) {
    static const luaL_Reg methods[] = {
        {"__eq", wide_eq}, {"__tostring", wide_tostring}, {NULL, NULL}};
    luaL_setfuncs(L, methods, 0);
  }
  lua_setmetatable(L, -2);
}

void pkt_lua_push_integer(lua_State *L, bool negative, uint64_t num) {
  if (num <= INT64_MAX)
    lua_pushinteger(L, negative ? -(lua_Integer)num : (lua_Integer)num);
  else if (negative && num == (uint64_t)INT64_MAX + 1)
    lua_pushinteger(L, LUA_MININTEGER);
  else
    push_wide(L, negative, num);
}

bool pkt_lua_to_wide(lua_State *L, int index, bool *negative, uint64_t *num) {
  const struct wide *v = luaL_testudata(L, index, WIDE_MT);
  if (!v) return false;
  *negative = v->negative;
  *num = v->num;
  return true;
}

/* ------------------------------------------------------------------------------- values to Lua */

void pkt_lua_push_array_mt(lua_State *L) { luaL_newmetatable(L, ARRAY_MT); }

/* A table's size hint; a wrong one only costs time. */
static int hint(uint32_t n) { return n > INT32_MAX ? INT32_MAX : (int)n; }

static void push_list(lua_State *L, const struct pkt_value *v) {
  lua_createtable(L, hint(v->len), 0);
  pkt_lua_push_array_mt(L);
  lua_setmetatable(L, -2);
  for (uint32_t i = 0; i < v->len; i++) {
    pkt_lua_push_value(L, &v->items[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

static void push_map(lua_State *L, const struct pkt_value *v) {
  lua_createtable(L, 0, hint(v->len));
  for (uint32_t i = 0; i < v->len; i++) {
    lua_pushlstring(L, v->members[i].key, v->members[i].key_len);
    pkt_lua_push_value(L, &v->members[i].value);
    lua_rawset(L, -3);
  }
}

static void push_arguments(lua_State *L, const struct pkt_ctor *c) {
  lua_createtable(L, 0, hint(c->len));
  for (uint32_t i = 0; i < c->len; i++) {
    const struct pkt_member *m = &c->fields[i];
    if (m->key)
      lua_pushlstring(L, m->key, m->key_len);
    else
      lua_pushinteger(L, (lua_Integer)i + 1); /* those without a name come first */
    pkt_lua_push_value(L, &m->value);
    lua_rawset(L, -3);
  }
}

static void push_ctor(lua_State *L, const struct pkt_ctor *c) {
  lua_createtable(L, 0, 3);
  lua_pushlstring(L, c->id, c->id_len);
  lua_setfield(L, -2, "id");
  push_arguments(L, c);
  lua_setfield(L, -2, "fields");
}

/* The lowest layer stays on the stack, and the last one while the next is made. */
static void push_layers(lua_State *L, const struct pkt_ctor *c) {
  push_ctor(L, c);
  lua_pushvalue(L, -1);
  for (c = c->above; c; c = c->above) {
    push_ctor(L, c);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "above");
    lua_remove(L, -2);
  }
  lua_pop(L, 1);
}

int pkt_lua_push_value(lua_State *L, const struct pkt_value *v) {
  luaL_checkstack(L, 8, "value nested too deep");
  switch (v->type) {
    case PKT_V_BOOL: lua_pushboolean(L, v->num != 0); break;
    case PKT_V_INT: pkt_lua_push_integer(L, v->negative, v->num); break;
    case PKT_V_REAL: lua_pushnumber(L, v->real); break;
    case PKT_V_TEXT:
    case PKT_V_BYTES: lua_pushlstring(L, v->len ? v->ptr : "", v->len); break;
    case PKT_V_LIST: push_list(L, v); break;
    case PKT_V_MAP: push_map(L, v); break;
    case PKT_V_LAYER: push_layers(L, v->layer); break;
    default: lua_pushlightuserdata(L, NULL); break;
  }
  return 1;
}

int pkt_lua_read_text(lua_State *L, pkt_text_reader *read) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  struct pkt_value v;
  struct pkt_err err;
  struct pkt_arena *arena = pkt_lua_push_arena(L);
  int results, status = read(arena, text, n, &v, &err);
  if (status == 0)
    results = pkt_lua_push_value(L, &v);
  else if (status > 0)
    results = pkt_lua_push_failure(L, "no literal", err.message);
  else
    results = pkt_lua_push_error(L, &err);
  pkt_arena_free(arena);
  return results;
}

/* ----------------------------------------------------------------------------- values from Lua */

struct reader {
  lua_State *L;
  struct pkt_arena *arena;
  struct pkt_err *err;
  bool failed; /* why, is in *err: what is read from then on means nothing */
  int depth;
};

#define FEW_MEMBERS 4 /* of a table: room for more is made when there are */

static struct pkt_value read_value(struct reader *r, int index);

static void *allocate(struct reader *r, size_t n) {
  void *p = pkt_alloc(r->arena, n);
  if (!p) luaL_error(r->L, "out of memory");
  return p;
}

/* What has no form, *err saying why: null, and reading ends. */
static struct pkt_value unfit(struct reader *r) {
  r->failed = true;
  return (struct pkt_value){.type = PKT_V_NULL};
}

/* Put the member's name in front of what is wrong with its value. */
static void name_member(struct reader *r, const struct pkt_member *m) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  char name[PKT_QUOTE_ROOM + 4], quote[PKT_QUOTE_ROOM];
  bool plain = m->key_len <= PKT_MAX_QUOTE && strspn(m->key, letters) == m->key_len;
  snprintf(name, sizeof name, "%s: ", plain ? m->key : pkt_quote(quote, m->key, m->key_len));
  pkt_err_prefix(r->err, name);
}

static const char *copy_text(struct reader *r, int index, uint32_t *len) {
  size_t n;
  const char *s = lua_tolstring(r->L, index, &n);
  char *copy = allocate(r, n + 1);
  memcpy(copy, s, n + 1);
  *len = (uint32_t)n;
  return copy;
}

static struct pkt_value read_number(struct reader *r, int index) {
  struct pkt_value v = {.type = PKT_V_REAL};
  int whole;
  lua_Integer n = lua_tointegerx(r->L, index, &whole);
  if (whole && !(n == 0 && signbit(lua_tonumber(r->L, index)))) { /* -0.0 is no integer */
    v.type = PKT_V_INT;
    v.lua = true;
    v.negative = n < 0;
    v.num = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
  } else {
    v.real = lua_tonumber(r->L, index);
  }
  return v;
}

/* Is the key below the top the place of a value without a name? What is neither place nor name is
** taken as a name, which nothing has. */
static bool is_place(lua_State *L, uint32_t numbered) {
  lua_Integer place = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
  return place >= 1 && (lua_Unsigned)place <= numbered;
}

/* The fields of a table: named ones as members, in no order; numbered ones without a key, first. */
static struct pkt_member *read_members(struct reader *r, int t, uint32_t *count) {
  uint32_t n = 0, numbered = (uint32_t)lua_rawlen(r->L, t), room = numbered + FEW_MEMBERS;
  struct pkt_member *m = allocate(r, room * sizeof *m);
  for (; n < numbered && !r->failed; n++) {
    lua_rawgeti(r->L, t, n + 1);
    m[n] = (struct pkt_member){.value = read_value(r, lua_gettop(r->L))};
    lua_pop(r->L, 1);
  }
  for (lua_pushnil(r->L); !r->failed && lua_next(r->L, t); lua_pop(r->L, 1)) {
    if (is_place(r->L, numbered)) continue;
    if (n == room) {
      struct pkt_member *more = allocate(r, (room *= 2) * sizeof *m);
      m = memcpy(more, m, n * sizeof *m);
    }
    m[n] = (struct pkt_member){.value = read_value(r, lua_gettop(r->L))};
    if (lua_type(r->L, -2) == LUA_TSTRING)
      lua_pushvalue(r->L, -2);
    else if (lua_isnumber(r->L, -2) || lua_isboolean(r->L, -2))
      luaL_tolstring(r->L, -2, NULL);
    else
      lua_pushfstring(r->L, "a %s", luaL_typename(r->L, -2)); /* its text would be its address */
    m[n].key = copy_text(r, -1, &m[n].key_len);
    lua_pop(r->L, 1);
    if (r->failed) name_member(r, &m[n]);
    n++;
  }
  if (r->failed) lua_pop(r->L, 1); /* the key */
  *count = n;
  return m;
}

static struct pkt_value read_list(struct reader *r, int t) {
  struct pkt_value v = {.type = PKT_V_LIST, .len = (uint32_t)lua_rawlen(r->L, t)};
  v.items = allocate(r, v.len * sizeof *v.items);
  for (uint32_t i = 0; i < v.len && !r->failed; i++) {
    lua_rawgeti(r->L, t, i + 1);
    v.items[i] = read_value(r, lua_gettop(r->L));
    lua_pop(r->L, 1);
  }
  return v;
}

/* { id = "DNSQR", fields = { qname = "x.org" }, above = { id = ... } } */
static struct pkt_value read_call(struct reader *r, int t) {
  struct pkt_value v = {.type = PKT_V_LAYER};
  v.layer = allocate(r, sizeof *v.layer);
  *v.layer = (struct pkt_ctor){0};
  lua_getfield(r->L, t, "id");
  v.layer->id = copy_text(r, -1, &v.layer->id_len);
  lua_pop(r->L, 1);
  if (lua_getfield(r->L, t, "fields") == LUA_TTABLE)
    v.layer->fields = read_members(r, lua_gettop(r->L), &v.layer->len);
  lua_pop(r->L, 1);
  if (lua_getfield(r->L, t, "above") == LUA_TTABLE) {
    struct pkt_value above = read_value(r, lua_gettop(r->L));
    if (above.type == PKT_V_LAYER) v.layer->above = above.layer;
  }
  lua_pop(r->L, 1);
  return v;
}

static bool is_empty(lua_State *L, int t) {
  lua_pushnil(L);
  if (!lua_next(L, t)) return true;
  lua_pop(L, 2);
  return false;
}

static struct pkt_value read_table(struct reader *r, int t) {
  lua_State *L = r->L;
  if (++r->depth > PKT_MAX_DEPTH) {
    pkt_fail(r->err, PKT_ERR_LIMIT, "tables nested deeper than %d", PKT_MAX_DEPTH);
    return unfit(r);
  }
  luaL_checkstack(L, 8, "tables nested too deep");
  struct pkt_value v;
  bool has_id = lua_getfield(L, t, "id") == LUA_TSTRING;
  lua_pop(L, 1);
  if (has_id) {
    v = read_call(r, t);
  } else if (lua_rawlen(L, t) > 0 || is_empty(L, t)) {
    v = read_list(r, t);
  } else {
    v = (struct pkt_value){.type = PKT_V_MAP};
    v.members = read_members(r, t, &v.len);
  }
  r->depth--;
  return v;
}

static struct pkt_value read_value(struct reader *r, int index) {
  struct pkt_value v = {.type = PKT_V_NULL};
  switch (lua_type(r->L, index)) {
    case LUA_TNIL:
    case LUA_TLIGHTUSERDATA: return v; /* json.null */
    case LUA_TBOOLEAN:
      v.type = PKT_V_BOOL;
      v.num = (uint64_t)lua_toboolean(r->L, index);
      return v;
    case LUA_TNUMBER: return read_number(r, index);
    case LUA_TSTRING:
      v.type = PKT_V_TEXT;
      v.ptr = copy_text(r, index, &v.len);
      return v;
    case LUA_TTABLE: return read_table(r, index);
    default:
      pkt_fail(r->err, PKT_ERR_VALUE, "a %s is no value of a field", luaL_typename(r->L, index));
      return unfit(r);
  }
}

int pkt_lua_to_value(lua_State *L, int index, struct pkt_arena *arena, struct pkt_value *out,
                     struct pkt_err *err) {
  struct reader r = {.L = L, .arena = arena, .err = err};
  *out = read_value(&r, lua_absindex(L, index));
  return r.failed ? -1 : 0;
}

int pkt_lua_to_map(lua_State *L, int index, struct pkt_arena *arena, struct pkt_value *out,
                   struct pkt_err *err) {
  struct reader r = {.L = L, .arena = arena, .err = err};
  *out = (struct pkt_value){.type = PKT_V_MAP};
  out->members = read_members(&r, lua_absindex(L, index), &out->len);
  return r.failed ? -1 : 0;
}
