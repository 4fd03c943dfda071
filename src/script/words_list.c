/* words_list.c - lists and tables. */
#include <string.h>

#include "words.h"

/* Raise an error about a table, whose key at the top is none of a list. */
static void refuse_key(lua_State *L, const char *takes) {
  if (lua_type(L, -1) == LUA_TSTRING)
    luaL_error(L, "%s, not a table with the key '%s'", takes, lua_tostring(L, -1));
  if (lua_isinteger(L, -1))
    luaL_error(L, "%s, not a table with the key %I and none before it", takes,
               lua_tointeger(L, -1));
  luaL_error(L, "%s, not a table with a %s as a key", takes, luaL_typename(L, -1));
}

void pkt_check_list(lua_State *L, int index, const char *takes) {
  enum pkt_table_kind kind = pkt_table_kind(L, index);
  if (kind == PKT_TABLE_LAYER) luaL_error(L, "%s, not the packet %s", takes, lua_tostring(L, -1));
  if (kind == PKT_TABLE_CHAIN) luaL_error(L, "%s, not packets on each other", takes);
  lua_Integer n = (lua_Integer)lua_rawlen(L, index);
  pkt_sandbox_charge(L, (size_t)n);
  for (lua_pushnil(L); lua_next(L, index);) {
    lua_pop(L, 1);
    bool item = lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 && lua_tointeger(L, -1) <= n;
    if (!item) refuse_key(L, takes);
  }
}

int pkt_word_seq(lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 1), last = luaL_checkinteger(L, 2);
  lua_Integer step = luaL_optinteger(L, 3, 1);
  luaL_argcheck(L, step != 0, 3, "a step that isn't 0 was expected");
  uint64_t span = step > 0 ? (uint64_t)last - (uint64_t)first : (uint64_t)first - (uint64_t)last;
  uint64_t size = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
  bool none = step > 0 ? last < first : last > first;
  uint64_t n = none ? 0 : span / size + 1;
  if (n > PKT_MAX_RESULT_ITEMS || (!none && n == 0))
    return luaL_error(L, "a list of more than %d items", PKT_MAX_RESULT_ITEMS);
  pkt_sandbox_charge(L, (size_t)n);
  lua_createtable(L, (int)n, 0);
  for (uint64_t i = 0; i < n; i++) {
    lua_pushinteger(L, (lua_Integer)((uint64_t)first + i * (uint64_t)step));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* Add a value to a list's end; gives the list. */
int pkt_word_insert(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  if (lua_gettop(L) > 2) return luaL_argerror(L, 3, "a value is put at the end, not at a place");
  lua_Unsigned n = lua_rawlen(L, 1);
  if (n >= PKT_MAX_RESULT_ITEMS)
    return luaL_error(L, "a list of more than %d items", PKT_MAX_RESULT_ITEMS);
  pkt_sandbox_charge(L, 1);
  lua_rawseti(L, 1, (lua_Integer)n + 1);
  return 1;
}

/* An expression can also call this step function itself, with any arguments. */
static int ipairs_step(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer i = luaL_checkinteger(L, 2) + 1;
  lua_pushinteger(L, i);
  return lua_rawgeti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

int pkt_word_ipairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_pushcfunction(L, ipairs_step);
  lua_insert(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

/* A key in the order of pairs: numbers first, then text, each ascending. */
struct key {
  const char *text; /* NULL: a number; kept by the table */
  size_t len;
  double num;
  lua_Integer whole; /* the number, where it is a whole one: a double can't hold all of them */
  bool is_whole;
};

static bool comes_before(const struct key *x, const struct key *y) {
  if (!x->text || !y->text) {
    if (x->text || y->text) return y->text != NULL;
    return x->num == y->num ? x->whole < y->whole : x->num < y->num;
  }
  int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
  return order ? order < 0 : x->len < y->len;
}

static void sift(struct key *keys, size_t at, size_t n) {
  for (size_t child; (child = 2 * at + 1) < n; at = child) {
    if (child + 1 < n && comes_before(&keys[child], &keys[child + 1])) child++;
    if (!comes_before(&keys[at], &keys[child])) return;
    struct key key = keys[at];
    keys[at] = keys[child];
    keys[child] = key;
  }
}

/* Heapsort: in place, where qsort() may ask the system for memory. */
static void sort_keys(struct key *keys, size_t n) {
  for (size_t i = n / 2; i-- > 0;) sift(keys, i, n);
  for (size_t i = n; i-- > 1;) {
    struct key last = keys[i];
    keys[i] = keys[0];
    keys[0] = last;
    sift(keys, 0, i);
  }
}

/* The key at 'index', which stays in its table. */
static struct key read_key(lua_State *L, int index) {
  struct key key = {.whole = LUA_MAXINTEGER};
  switch (lua_type(L, index)) {
    case LUA_TSTRING: key.text = lua_tolstring(L, index, &key.len); return key;
    case LUA_TNUMBER:
      key.num = lua_tonumber(L, index);
      key.is_whole = lua_isinteger(L, index);
      if (key.is_whole) key.whole = lua_tointeger(L, index);
      return key;
    default:
      luaL_error(L, "a table's keys have an order where all are numbers and texts; one is a %s",
                 luaL_typename(L, index));
      return key;
  }
}

static void push_key(lua_State *L, const struct key *key) {
  if (key->text)
    lua_pushlstring(L, key->text, key->len);
  else if (key->is_whole)
    lua_pushinteger(L, key->whole);
  else
    lua_pushnumber(L, key->num);
}

void pkt_push_sorted_keys(lua_State *L, int t) {
  size_t n = 0;
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) n++;
  if (n > PKT_MAX_RESULT_ITEMS)
    luaL_error(L, "a table of more than %d items", PKT_MAX_RESULT_ITEMS);
  pkt_sandbox_charge(L, n * 8);
  struct key *keys = lua_newuserdatauv(L, n * sizeof *keys + 1, 0);
  n = 0;
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) keys[n++] = read_key(L, -2);
  sort_keys(keys, n);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    push_key(L, &keys[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_remove(L, -2);
}

/* Upvalues: the table, its sorted keys, the place of the last one given. What a text calls it with
** doesn't matter. Keys whose value has gone since are passed over. */
static int pairs_step(lua_State *L) {
  lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));
  lua_settop(L, 0);
  while (lua_rawgeti(L, lua_upvalueindex(2), ++i) != LUA_TNIL) {
    lua_pushvalue(L, 1);
    bool there = lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL;
    if (there) break;
    lua_settop(L, 0);
    pkt_sandbox_charge(L, 1);
  }
  lua_pushinteger(L, i);
  lua_replace(L, lua_upvalueindex(3));
  return lua_gettop(L);
}

/* Lua's own order depends on where things lie in memory, which is nobody's business. */
int pkt_word_pairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  pkt_push_sorted_keys(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, pairs_step, 3);
  return 1;
}

int pkt_word_select(lua_State *L) {
  int n = lua_gettop(L);
  if (lua_type(L, 1) == LUA_TSTRING && strcmp(lua_tostring(L, 1), "#") == 0) {
    lua_pushinteger(L, n - 1);
    return 1;
  }
  lua_Integer i = luaL_checkinteger(L, 1);
  if (i < 0) i = n + i;
  luaL_argcheck(L, i >= 1, 1, "there is no such value");
  return i >= n ? 0 : n - (int)i;
}

int pkt_word_unpack(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Unsigned n = lua_rawlen(L, 1);
  if (n > 200) return luaL_error(L, "unpack takes a list of up to 200 items");
  pkt_sandbox_room(L, (int)n);
  pkt_sandbox_charge(L, (size_t)n);
  for (lua_Unsigned i = 1; i <= n; i++) lua_rawgeti(L, 1, (lua_Integer)i);
  return (int)n;
}

int pkt_word_type(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushstring(L, lua_touserdata(L, 1) ? "address" : luaL_typename(L, 1));
  return 1;
}
