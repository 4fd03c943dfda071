/* core_wire.c - bits, sums and codings for Lua; each function says above it how it is called. */
#include "core_wire.h"

#include <lauxlib.h>
#include <string.h>

#include "../wire/base64.h"
#include "../wire/bits.h"
#include "../wire/checksum.h"
#include "../wire/md5.h"
#include "../wire/mt19937.h"
#include "errors.h"

/* Integers at any place of a string. Offsets count from 0, as they do in RFCs. */

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

/* Sums and codings. */

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
  return pkt_lua_push_failure(L, "syntax",
                              lua_pushfstring(L, "offset %I: %s", (lua_Integer)bad, what));
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

#define MOST_NUMBERS (1 << 20) /* of a generator at once */

/* Argument 1 says how many. */
static lua_Integer check_count(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 0 && n <= MOST_NUMBERS, 1, "0 to 1048576 numbers expected");
  return n;
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
  lua_Integer n = check_count(L);
  struct pkt_mt19937 m = seed_mt19937(L);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_pushinteger(L, pkt_mt19937_next(&m));
    lua_rawseti(L, -2, i);
  }
  return 1;
}

/* mt19937_reals(n, word, ...) -> the first 'n' reals in [0, 1) after that seed */
static int wire_mt19937_reals(lua_State *L) {
  lua_Integer n = check_count(L);
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
