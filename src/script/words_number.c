/* words_number.c - numbers, chance and sums. */
#include <math.h>

#include "../wire/checksum.h"
#include "../wire/md5.h"
#include "words.h"

/* ------------------------------------------------------------------------------------- numbers */

static int extreme(lua_State *L, int wanted) {
  int best = 1, n = lua_gettop(L);
  pkt_sandbox_charge(L, (size_t)n);
  luaL_checknumber(L, 1);
  for (int i = 2; i <= n; i++) {
    luaL_checknumber(L, i);
    bool less = lua_compare(L, i, best, LUA_OPLT);
    if (wanted < 0 ? less : lua_compare(L, best, i, LUA_OPLT)) best = i;
  }
  lua_pushvalue(L, best);
  return 1;
}

int pkt_word_min(lua_State *L) { return extreme(L, -1); }

int pkt_word_max(lua_State *L) { return extreme(L, 1); }

static int push_whole(lua_State *L, double v) {
  lua_Integer n;
  if (lua_numbertointeger(v, &n))
    lua_pushinteger(L, n);
  else
    lua_pushnumber(L, v);
  return 1;
}

int pkt_word_floor(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_settop(L, 1);
    return 1;
  }
  return push_whole(L, floor(luaL_checknumber(L, 1)));
}

int pkt_word_ceil(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_settop(L, 1);
    return 1;
  }
  return push_whole(L, ceil(luaL_checknumber(L, 1)));
}

int pkt_word_abs(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_Integer v = lua_tointeger(L, 1);
    lua_pushinteger(L, v < 0 ? (lua_Integer)(0 - (uint64_t)v) : v);
    return 1;
  }
  lua_pushnumber(L, fabs(luaL_checknumber(L, 1)));
  return 1;
}

/* -------------------------------------------------------------------------------------- chance */

uint64_t pkt_draw(lua_State *L) {
  struct pkt_sandbox *s = pkt_sandbox_of(L);
  s->varies = true;
  pkt_sandbox_charge(L, 1);
  return pkt_rng_next(&s->rng);
}

/* 0 to 'most', each as likely as the others: draws beyond the last whole multiple are thrown
** away. */
static uint64_t draw_up_to(lua_State *L, uint64_t most) {
  if (most == UINT64_MAX) return pkt_draw(L);
  uint64_t n = most + 1, limit = UINT64_MAX - (UINT64_MAX % n + 1) % n;
  uint64_t v;
  do v = pkt_draw(L);
  while (v > limit);
  return v % n;
}

int pkt_word_random(lua_State *L) {
  bool one = lua_isnoneornil(L, 2);
  lua_Integer low = one ? 1 : luaL_checkinteger(L, 1), high = luaL_checkinteger(L, one ? 1 : 2);
  luaL_argcheck(L, low <= high, one ? 1 : 2, "the range is empty");
  uint64_t v = draw_up_to(L, (uint64_t)high - (uint64_t)low);
  lua_pushinteger(L, (lua_Integer)((uint64_t)low + v));
  return 1;
}

int pkt_word_randbytes(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 0 && n <= PKT_MAX_RESULT_BYTES, 1, "0 to 65536 bytes were expected");
  uint8_t *out = pkt_new_text(L, (size_t)n);
  uint64_t v = 0;
  for (lua_Integer i = 0; i < n; i++, v >>= 8) {
    if (i % 8 == 0) v = pkt_draw(L);
    out[i] = (uint8_t)v;
  }
  return pkt_finish_text(L, out, (size_t)n);
}

/* ---------------------------------------------------------------------------------------- sums */

/* What 'sum' makes of a text, beginning with 'start'. */
static int push_sum(lua_State *L, uint32_t (*sum)(uint32_t, const uint8_t *, size_t),
                    uint32_t start) {
  size_t n;
  const char *p = pkt_check_text(L, 1, &n);
  lua_pushinteger(L, sum(start, (const uint8_t *)p, n));
  return 1;
}

int pkt_word_crc32(lua_State *L) { return push_sum(L, pkt_crc32, 0); }
int pkt_word_crc32c(lua_State *L) { return push_sum(L, pkt_crc32c, 0); }
int pkt_word_adler32(lua_State *L) { return push_sum(L, pkt_adler32, 1); }

int pkt_word_checksum(lua_State *L) {
  size_t n;
  const char *p = pkt_check_text(L, 1, &n);
  lua_pushinteger(L, pkt_inet_fold(pkt_inet_add(0, (const uint8_t *)p, n)));
  return 1;
}

int pkt_word_md5(lua_State *L) {
  size_t n;
  uint8_t sum[16];
  const char *p = pkt_check_text(L, 1, &n);
  pkt_charge_bytes(L, 4 * n);
  struct pkt_md5 m;
  pkt_md5_init(&m);
  pkt_md5_add(&m, p, n);
  pkt_md5_end(&m, sum);
  return pkt_finish_text(L, sum, sizeof sum);
}
