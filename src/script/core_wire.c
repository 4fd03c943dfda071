#include "core_wire.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/arena.h"
#include "../engine/json.h"
#include "../engine/literal.h"
#include "../engine/real.h"
#include "../wire/base64.h"
#include "../wire/bits.h"
#include "../wire/checksum.h"
#include "../wire/md5.h"
#include "../wire/mt19937.h"

#define ERROR_MT "luapkt.error"
#define ARRAY_MT "luapkt.array"
#define U64_MT "luapkt.u64"
#define ARENA_MT "luapkt.arena"
#define BUF_MT "luapkt.buf"

static int l_error_text(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "message");
  luaL_tolstring(L, -1, NULL);
  return 1;
}

/* Pop a code and a message, push nil and an error table: as text it is the message, as which
** assert() raises it. */
static int make_error(lua_State *L) {
  lua_createtable(L, 0, 2);
  lua_insert(L, -3);
  lua_setfield(L, -3, "message");
  lua_setfield(L, -2, "code");
  if (luaL_newmetatable(L, ERROR_MT)) {
    lua_pushcfunction(L, l_error_text);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

static int answer_err(lua_State *L, const char *code, const char *message) {
  lua_pushstring(L, code);
  lua_pushstring(L, message);
  return make_error(L);
}

int pkt_lua_push_error(lua_State *L, const struct pkt_err *err) {
  return answer_err(L, pkt_err_name(err->code), err->message);
}

int pkt_lua_fail(lua_State *L) {
  luaL_checkany(L, 1);
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  return make_error(L);
}

void pkt_lua_set_integer(lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

/* wire: integers at any place of a string. Offsets count from 0, as they do in RFCs. */

static const uint8_t *check_bytes(lua_State *L, int arg, size_t *n) {
  return (const uint8_t *)luaL_checklstring(L, arg, n);
}

/* A place in a string: arguments 2 and 3 are its start and its size, both in bits or both in bytes,
** within 'total'; the size is at most 'most'. */
struct place {
  const uint8_t *s;
  size_t len; /* bytes of 's' */
  uint32_t at;
  unsigned size;
};

static struct place check_place(lua_State *L, unsigned unit, lua_Integer most) {
  struct place p;
  p.s = check_bytes(L, 1, &p.len);
  lua_Integer at = luaL_checkinteger(L, 2), size = luaL_checkinteger(L, 3);
  size_t total = p.len > UINT32_MAX / unit ? UINT32_MAX : p.len * unit;
  luaL_argcheck(L, size >= 1 && size <= most, 3,
                lua_pushfstring(L, "1 to %I expected, got %I", most, size));
  luaL_argcheck(L, at >= 0 && (size_t)at <= total && (size_t)size <= total - (size_t)at, 2,
                "place outside the string");
  p.at = (uint32_t)at;
  p.size = (unsigned)size;
  return p;
}

/* Argument 4, of 'width' bits; all 64 bits of an integer where the width is 64. */
static uint64_t check_unsigned(lua_State *L, unsigned width) {
  uint64_t v = (uint64_t)luaL_checkinteger(L, 4);
  luaL_argcheck(L, width == 64 || v >> width == 0, 4,
                lua_pushfstring(L, "%I does not fit in %d bits", (lua_Integer)v, (int)width));
  return v;
}

/* Start a result that is a copy of the string; its bytes. */
static uint8_t *copy_string(lua_State *L, luaL_Buffer *b, const struct place *p) {
  char *copy = luaL_buffinitsize(L, b, p->len);
  memcpy(copy, p->s, p->len);
  return (uint8_t *)copy;
}

/* get_bits(s, bit, width) -> integer. Bit 0 is the most significant bit of the first byte; 1 to 64
** bits. An integer of 64 bits is negative when its top bit is set. */
static int wire_get_bits(lua_State *L) {
  struct place p = check_place(L, 8, 64);
  lua_pushinteger(L, (lua_Integer)pkt_get_bits(p.s, p.at, p.size));
  return 1;
}

/* put_bits(s, bit, width, v) -> s with 'v' at that place */
static int wire_put_bits(lua_State *L) {
  struct place p = check_place(L, 8, 64);
  uint64_t v = check_unsigned(L, p.size);
  luaL_Buffer b;
  pkt_put_bits(copy_string(L, &b, &p), p.at, p.size, v);
  luaL_pushresultsize(&b, p.len);
  return 1;
}

/* get_be(s, offset, n) -> integer of 1 to 8 bytes, most significant byte first */
static int wire_get_be(lua_State *L) {
  struct place p = check_place(L, 1, 8);
  lua_pushinteger(L, (lua_Integer)pkt_get_be(p.s + p.at, p.size));
  return 1;
}

/* get_le(s, offset, n) -> integer of 1 to 8 bytes, least significant byte first */
static int wire_get_le(lua_State *L) {
  struct place p = check_place(L, 1, 8);
  lua_pushinteger(L, (lua_Integer)pkt_get_le(p.s + p.at, p.size));
  return 1;
}

/* put_be(s, offset, n, v) -> s with 'v' at that place */
static int wire_put_be(lua_State *L) {
  struct place p = check_place(L, 1, 8);
  uint64_t v = check_unsigned(L, p.size * 8);
  luaL_Buffer b;
  pkt_put_be(copy_string(L, &b, &p) + p.at, p.size, v);
  luaL_pushresultsize(&b, p.len);
  return 1;
}

/* put_le(s, offset, n, v) -> s with 'v' at that place */
static int wire_put_le(lua_State *L) {
  struct place p = check_place(L, 1, 8);
  uint64_t v = check_unsigned(L, p.size * 8);
  luaL_Buffer b;
  pkt_put_le(copy_string(L, &b, &p) + p.at, p.size, v);
  luaL_pushresultsize(&b, p.len);
  return 1;
}

/* wire: sums and codings. */

/* inet(s, ...) -> the Internet checksum of the strings as if they were one */
static int wire_inet(lua_State *L) {
  int last = lua_gettop(L);
  uint64_t sum = 0;
  luaL_checkstring(L, 1);
  for (int i = 1; i <= last; i++) {
    size_t n;
    const uint8_t *s = check_bytes(L, i, &n);
    luaL_argcheck(L, i == last || n % 2 == 0, i, "only the last piece may have an odd length");
    sum = pkt_inet_add(sum, s, n);
  }
  lua_pushinteger(L, pkt_inet_fold(sum));
  return 1;
}

/* The sums of 32 bits: f(s [, sum so far]) -> sum */
static int sum32(lua_State *L, uint32_t (*add)(uint32_t, const uint8_t *, size_t), uint32_t start) {
  size_t n;
  const uint8_t *s = check_bytes(L, 1, &n);
  lua_Integer so_far = luaL_optinteger(L, 2, start);
  luaL_argcheck(L, so_far >= 0 && so_far <= UINT32_MAX, 2, "a sum of 32 bits expected");
  lua_pushinteger(L, add((uint32_t)so_far, s, n));
  return 1;
}

static int wire_crc32(lua_State *L) { return sum32(L, pkt_crc32, 0); }
static int wire_crc32c(lua_State *L) { return sum32(L, pkt_crc32c, 0); }
static int wire_adler32(lua_State *L) { return sum32(L, pkt_adler32, 1); }
static int wire_crc16(lua_State *L) { return sum32(L, pkt_crc16, 0); }
static int wire_crc24(lua_State *L) { return sum32(L, pkt_crc24, PKT_CRC24_ADVERTISING); }

/* fletcher(s, offset) -> the check bytes for that place as a number of 16 bits */
static int wire_fletcher(lua_State *L) {
  size_t n;
  const uint8_t *s = check_bytes(L, 1, &n);
  lua_Integer at = luaL_checkinteger(L, 2);
  luaL_argcheck(L, n >= 2 && at >= 0 && at <= (lua_Integer)n - 2, 2, "offset out of range");
  lua_pushinteger(L, pkt_fletcher16(s, n, (size_t)at));
  return 1;
}

/* base64(s) -> text, padded */
static int wire_base64(lua_State *L) {
  size_t n;
  const uint8_t *s = check_bytes(L, 1, &n);
  luaL_Buffer b;
  luaL_argcheck(L, n <= SIZE_MAX / 4, 1, "string too long");
  pkt_base64_encode(luaL_buffinitsize(L, &b, pkt_base64_size(n)), s, n);
  luaL_pushresultsize(&b, pkt_base64_size(n));
  return 1;
}

/* unbase64(text) -> bytes, or nil and an error of code "syntax" */
static int wire_unbase64(lua_State *L) {
  size_t n, bad;
  const char *text = luaL_checklstring(L, 1, &n);
  luaL_Buffer b;
  uint8_t *out = (uint8_t *)luaL_buffinitsize(L, &b, n / 4 * 3 + 3);
  ptrdiff_t size = pkt_base64_decode(out, text, n, &bad);
  if (size >= 0) {
    luaL_pushresultsize(&b, (size_t)size);
    return 1;
  }
  luaL_pushresultsize(&b, 0);
  const char *what = bad == n ? "base64 ends in the middle of a group" : "not base64";
  return answer_err(L, "syntax", lua_pushfstring(L, "offset %I: %s", (lua_Integer)bad, what));
}

/* md5(s) -> 16 bytes */
static int wire_md5(lua_State *L) {
  size_t n;
  const uint8_t *s = check_bytes(L, 1, &n);
  struct pkt_md5 m;
  uint8_t digest[16];
  pkt_md5_init(&m);
  pkt_md5_add(&m, s, n);
  pkt_md5_end(&m, digest);
  lua_pushlstring(L, (const char *)digest, sizeof(digest));
  return 1;
}

/* Arguments 2 and on are the words that a generator starts from; a table for what it gives. */
static struct pkt_mt19937 seed_mt19937(lua_State *L) {
  struct pkt_mt19937 m;
  uint32_t words[16];
  int n = lua_gettop(L) - 1;
  luaL_argcheck(L, n >= 1 && n <= 16, 2, "1 to 16 words expected");
  for (int i = 0; i < n; i++) {
    lua_Integer word = luaL_checkinteger(L, i + 2);
    luaL_argcheck(L, word >= 0 && word <= UINT32_MAX, i + 2, "a word of 32 bits expected");
    words[i] = (uint32_t)word;
  }
  pkt_mt19937_seed(&m, words, (size_t)n);
  lua_newtable(L);
  return m;
}

/* mt19937(n, word, ...) -> the first 'n' integers of 32 bits after that seed */
static int wire_mt19937(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  struct pkt_mt19937 m = seed_mt19937(L);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_pushinteger(L, pkt_mt19937_next(&m));
    lua_rawseti(L, -2, i);
  }
  return 1;
}

/* mt19937_reals(n, word, ...) -> the first 'n' reals in [0, 1) after that seed */
static int wire_mt19937_reals(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  struct pkt_mt19937 m = seed_mt19937(L);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_pushnumber(L, pkt_mt19937_real(&m));
    lua_rawseti(L, -2, i);
  }
  return 1;
}

int pkt_open_wire(lua_State *L) {
  static const luaL_Reg functions[] = {{"get_bits", wire_get_bits},
                                       {"put_bits", wire_put_bits},
                                       {"get_be", wire_get_be},
                                       {"put_be", wire_put_be},
                                       {"get_le", wire_get_le},
                                       {"put_le", wire_put_le},
                                       {"inet", wire_inet},
                                       {"crc16", wire_crc16},
                                       {"crc24", wire_crc24},
                                       {"crc32", wire_crc32},
                                       {"crc32c", wire_crc32c},
                                       {"adler32", wire_adler32},
                                       {"fletcher", wire_fletcher},
                                       {"base64", wire_base64},
                                       {"unbase64", wire_unbase64},
                                       {"md5", wire_md5},
                                       {"mt19937", wire_mt19937},
                                       {"mt19937_reals", wire_mt19937_reals},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}

/* json: memory held by userdata, so that an error raised in between leaks nothing. */

static int arena_gc(lua_State *L) {
  pkt_arena_free(luaL_checkudata(L, 1, ARENA_MT));
  return 0;
}

static int buf_gc(lua_State *L) {
  pkt_buf_free(luaL_checkudata(L, 1, BUF_MT));
  return 0;
}

/* Give the userdata on top the metatable 'name', which has only a __gc. */
static void set_gc(lua_State *L, const char *name, lua_CFunction gc) {
  if (luaL_newmetatable(L, name)) {
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
}

static struct pkt_arena *push_arena(lua_State *L) {
  struct pkt_arena *a = lua_newuserdatauv(L, sizeof(*a), 0);
  pkt_arena_init(a, 0);
  set_gc(L, ARENA_MT, arena_gc);
  return a;
}

struct pkt_buf *pkt_lua_push_buf(lua_State *L) {
  struct pkt_buf *b = lua_newuserdatauv(L, sizeof(*b), 0);
  *b = (struct pkt_buf){.len = 0};
  set_gc(L, BUF_MT, buf_gc);
  return b;
}

/* json.u64: an integer beyond Lua's. */

struct u64 {
  uint64_t num; /* the magnitude */
  bool negative;
};

static int u64_eq(lua_State *L) {
  const struct u64 *a = luaL_checkudata(L, 1, U64_MT), *b = luaL_checkudata(L, 2, U64_MT);
  lua_pushboolean(L, a->num == b->num && a->negative == b->negative);
  return 1;
}

static int u64_tostring(lua_State *L) {
  const struct u64 *v = luaL_checkudata(L, 1, U64_MT);
  char text[24]; /* a sign and the digits of 2^64 - 1 */
  snprintf(text, sizeof(text), "%s%llu", v->negative ? "-" : "", (unsigned long long)v->num);
  lua_pushstring(L, text);
  return 1;
}

static void push_u64(lua_State *L, bool negative, uint64_t num) {
  struct u64 *v = lua_newuserdatauv(L, sizeof(*v), 0);
  v->num = num;
  v->negative = negative;
  if (luaL_newmetatable(L, U64_MT)) {
    static const luaL_Reg methods[] = {
        {"__eq", u64_eq}, {"__tostring", u64_tostring}, {NULL, NULL}};
    luaL_setfuncs(L, methods, 0);
  }
  lua_setmetatable(L, -2);
}

/* Values to Lua. */

static void push_int(lua_State *L, bool negative, uint64_t num) {
  if (num <= INT64_MAX)
    lua_pushinteger(L, negative ? -(lua_Integer)num : (lua_Integer)num);
  else if (negative && num == (uint64_t)INT64_MAX + 1)
    lua_pushinteger(L, LUA_MININTEGER);
  else
    push_u64(L, negative, num);
}

/* A table's size hint; a wrong one only costs time. */
static int hint(uint32_t n) { return n > INT32_MAX ? INT32_MAX : (int)n; }

static void push_list(lua_State *L, const struct pkt_value *v) {
  lua_createtable(L, hint(v->len), 0);
  luaL_newmetatable(L, ARRAY_MT);
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
    case PKT_V_INT: push_int(L, v->negative, v->num); break;
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

/* Values from Lua. Tables are read raw. What is written stays referenced from the stack: a
** finalizer may run at any allocation and change a table that is being written. */

struct writer {
  lua_State *L;
  struct pkt_buf *b;
  struct pkt_err *err;
  int depth; /* tables around the value */
};

static int write_value(struct writer *w, int index);

static bool has_array_mt(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  luaL_newmetatable(L, ARRAY_MT);
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
  lua_createtable(L, hint((uint32_t)*n), 0);
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
  const struct u64 *v = luaL_testudata(w->L, index, U64_MT);
  if (!v)
    return pkt_fail(w->err, PKT_ERR_VALUE, "a %s has no JSON form", luaL_typename(w->L, index));
  pkt_buf_i64(w->b, v->negative, v->num);
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

/* json: the functions. */

/* The value that was read into 'arena', which is freed; or nil and an error, where 'code' isn't
** NULL. */
static int answer_value(lua_State *L, struct pkt_arena *arena, const struct pkt_value *v,
                        const char *code, const struct pkt_err *err) {
  int results = code ? answer_err(L, code, err->message) : pkt_lua_push_value(L, v);
  pkt_arena_free(arena);
  return results;
}

/* decode(text) -> value, or nil and an error: code "syntax", "limit" or "memory", and a message
** with line and column */
static int json_decode(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  struct pkt_value v;
  struct pkt_err err;
  struct pkt_arena *arena = push_arena(L);
  int status = pkt_json_read(arena, text, n, &v, &err);
  return answer_value(L, arena, &v, status == 0 ? NULL : pkt_err_name(err.code), &err);
}

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
  luaL_newmetatable(L, ARRAY_MT);
  lua_setmetatable(L, 1);
  return 1;
}

/* u64(text) -> the integer written in 'text', from -2^64+1 to 2^64-1: a Lua integer where it
** fits */
static int json_u64(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  struct pkt_value v;
  struct pkt_arena *arena = push_arena(L);
  bool good = pkt_json_read(arena, text, n, &v, NULL) == 0 && v.type == PKT_V_INT;
  pkt_arena_free(arena);
  luaL_argcheck(L, good, 1, "an integer of 64 bits and a sign expected");
  push_int(L, v.negative, v.num);
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
  luaL_newmetatable(L, ARRAY_MT);
  lua_setfield(L, -2, "array_mt");
  return 1;
}

/* literal: the python dialect. */

/* read(text) -> value, or nil and an error: code "syntax", "value", "limit" or "memory", or
** "no literal" where the text may be Lua; and a message with line and column */
static int literal_read(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  struct pkt_value v;
  struct pkt_err err;
  struct pkt_arena *arena = push_arena(L);
  int status = pkt_literal_read(arena, text, n, &v, &err);
  const char *code = status == 0 ? NULL : status > 0 ? "no literal" : pkt_err_name(err.code);
  return answer_value(L, arena, &v, code, &err);
}

/* real(number) -> text: the shortest that reads back, as Python's repr has it */
static int literal_real(lua_State *L) {
  char text[PKT_REAL_ROOM];
  size_t n = pkt_real_text(text, luaL_checknumber(L, 1));
  lua_pushlstring(L, text, n);
  return 1;
}

int pkt_open_literal(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"read", literal_read}, {"real", literal_real}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
