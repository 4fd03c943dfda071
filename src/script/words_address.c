/* words_address.c - addresses as values of their own, and the words that make them. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/show.h"
#include "../wire/bits.h"
#include "words.h"

static char address_key; /* its address: where the registry keeps the class */

static const char *address_kind(unsigned width) {
  return width == 6 ? "MAC address" : width == 4 ? "IPv4 address" : "IPv6 address";
}

const uint8_t *pkt_test_address(lua_State *L, int index, unsigned *width) {
  if (lua_type(L, index) != LUA_TUSERDATA) return NULL;
  struct pkt_address *a = lua_touserdata(L, index); /* there are no others */
  *width = a->width;
  return a->bytes;
}

static void show_address(struct pkt_buf *b, const struct pkt_address *a) {
  if (a->width == 6)
    pkt_show_mac(b, pkt_get_be(a->bytes, 6));
  else if (a->width == 4)
    pkt_show_ipv4(b, pkt_get_be32(a->bytes));
  else
    pkt_show_ipv6(b, a->bytes);
}

/* Push an address as text. The buffer isn't Lua's, and small enough never to grow. */
void pkt_push_shown(lua_State *L, const struct pkt_address *a) {
  char room[64];
  struct pkt_buf b = {.data = room, .cap = sizeof room, .limit = sizeof room};
  show_address(&b, a);
  lua_pushlstring(L, room, b.len);
}

/* *out = a + n, or a - n where 'minus'. False: that is past the last address, or before the
** first. */
static bool add_address(const struct pkt_address *a, uint64_t n, bool minus,
                        struct pkt_address *out) {
  *out = *a;
  unsigned carry = 0;
  for (unsigned i = a->width; i-- > 0; n >>= 8) {
    unsigned byte = (unsigned)(n & 0xff) + carry, old = a->bytes[i];
    out->bytes[i] = (uint8_t)(minus ? old - byte : old + byte);
    carry = minus ? old < byte : old + byte > 0xff;
  }
  return carry == 0 && n == 0;
}

/* The difference of two addresses of one width. */
static int subtract_addresses(lua_State *L, const struct pkt_address *a,
                              const struct pkt_address *b) {
  struct pkt_address low, gap;
  bool negative = memcmp(a->bytes, b->bytes, a->width) < 0;
  const struct pkt_address *high = negative ? b : a;
  low = negative ? *a : *b;
  unsigned borrow = 0;
  gap = *high;
  for (unsigned i = a->width; i-- > 0;) {
    unsigned byte = low.bytes[i] + borrow;
    borrow = high->bytes[i] < byte;
    gap.bytes[i] = (uint8_t)(high->bytes[i] - byte);
  }
  uint64_t n =
      pkt_get_be(gap.bytes + (a->width > 8 ? a->width - 8 : 0), a->width > 8 ? 8 : a->width);
  for (unsigned i = 0; a->width > 8 && i < a->width - 8u; i++)
    if (gap.bytes[i] != 0) return luaL_error(L, "the addresses are too far apart");
  if (n > INT64_MAX) return luaL_error(L, "the addresses are too far apart");
  lua_pushinteger(L, negative ? -(lua_Integer)n : (lua_Integer)n);
  return 1;
}

static int shift_address(lua_State *L, const struct pkt_address *a, lua_Integer n, bool minus) {
  struct pkt_address sum;
  uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
  if (!add_address(a, size, minus != (n < 0), &sum)) {
    pkt_push_shown(L, a);
    return luaL_error(L, "%s %s %I is no %s", lua_tostring(L, -1), minus ? "-" : "+", n,
                      address_kind(a->width));
  }
  pkt_push_address(L, sum.bytes, sum.width);
  return 1;
}

static int address_add(lua_State *L) {
  int which = lua_type(L, 1) == LUA_TUSERDATA ? 1 : 2;
  struct pkt_address *a = lua_touserdata(L, which);
  if (!lua_isinteger(L, 3 - which))
    return luaL_error(L, "a whole number is added to an address, not a %s",
                      luaL_typename(L, 3 - which));
  return shift_address(L, a, lua_tointeger(L, 3 - which), false);
}

static int address_sub(lua_State *L) {
  struct pkt_address *a = lua_touserdata(L, 1), *b = lua_touserdata(L, 2);
  if (a && b && a->width == b->width) return subtract_addresses(L, a, b);
  if (!a || !lua_isinteger(L, 2))
    return luaL_error(L, "a whole number, or an address of the same kind, is subtracted from an "
                         "address");
  return shift_address(L, a, lua_tointeger(L, 2), true);
}

static int compare_addresses(lua_State *L) {
  struct pkt_address *a = lua_touserdata(L, 1), *b = lua_touserdata(L, 2);
  if (!a || !b || a->width != b->width)
    return luaL_error(L, "only addresses of one kind are compared");
  return memcmp(a->bytes, b->bytes, a->width);
}

static int address_lt(lua_State *L) {
  lua_pushboolean(L, compare_addresses(L) < 0);
  return 1;
}

static int address_le(lua_State *L) {
  lua_pushboolean(L, compare_addresses(L) <= 0);
  return 1;
}

static int address_eq(lua_State *L) {
  struct pkt_address *a = lua_touserdata(L, 1), *b = lua_touserdata(L, 2);
  lua_pushboolean(L, a->width == b->width && memcmp(a->bytes, b->bytes, a->width) == 0);
  return 1;
}

/* Lua 5.4.4 uses its stack's old place after this event, where calling it has made the stack move:
** such a text isn't let on. It takes many values, or many calls within each other. */
static int address_concat(lua_State *L) {
  size_t n;
  for (int i = 1; i <= 2; i++) {
    pkt_check_text(L, i, &n);
    lua_replace(L, i);
  }
  lua_settop(L, 2);
  lua_concat(L, 2);
  if (pkt_sandbox_moved(L))
    return luaL_error(L, "'..' of an address with too many values in use: use tostring()");
  return 1;
}

static void push_address_class(lua_State *L) {
  static const luaL_Reg events[] = {{"__add", address_add},
                                    {"__sub", address_sub},
                                    {"__lt", address_lt},
                                    {"__le", address_le},
                                    {"__eq", address_eq},
                                    {"__concat", address_concat},
                                    {NULL, NULL}};
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &address_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  luaL_newlib(L, events);
  lua_pushliteral(L, "address");
  lua_setfield(L, -2, "__name");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &address_key);
}

void pkt_push_address(lua_State *L, const uint8_t *bytes, unsigned width) {
  struct pkt_address *a = lua_newuserdatauv(L, sizeof *a, 0);
  a->width = (uint8_t)width;
  memcpy(a->bytes, bytes, width);
  push_address_class(L);
  lua_setmetatable(L, -2);
}

/* The argument as an address: one already, a number, its bytes, or a text that 'read' takes. */
static int to_address(lua_State *L, unsigned width, bool (*read)(const char *, uint8_t *),
                      const char *wanted) {
  uint8_t bytes[16] = {0};
  unsigned given;
  const uint8_t *same = pkt_test_address(L, 1, &given);
  if (same && given == width) {
    lua_settop(L, 1);
    return 1;
  }
  if (lua_isinteger(L, 1) && width < 16) {
    lua_Integer v = lua_tointeger(L, 1);
    luaL_argcheck(L, v >= 0 && (uint64_t)v >> (8 * width) == 0, 1, wanted);
    pkt_put_be(bytes, width, (uint64_t)v);
  } else {
    size_t n;
    const char *text = pkt_check_text(L, 1, &n);
    if (strlen(text) != n || !read(text, bytes)) {
      luaL_argcheck(L, n == width, 1, wanted);
      memcpy(bytes, text, width);
    }
  }
  pkt_push_address(L, bytes, width);
  return 1;
}

static bool read_ipv4(const char *text, uint8_t *out) { return inet_pton(AF_INET, text, out) == 1; }

static bool read_ipv6(const char *text, uint8_t *out) {
  return inet_pton(AF_INET6, text, out) == 1;
}

/* Six groups of one or two hexadecimal digits, ':' or '-' between them. */
static bool read_mac(const char *text, uint8_t *out) {
  for (int i = 0; i < 6; i++) {
    char *end;
    if (i > 0 && *text != ':' && *text != '-') return false;
    if (i > 0) text++;
    size_t digits = strspn(text, "0123456789abcdefABCDEF");
    if (digits < 1 || digits > 2) return false;
    out[i] = (uint8_t)strtoul(text, &end, 16);
    text += digits;
  }
  return *text == 0;
}

int pkt_word_mac(lua_State *L) {
  return to_address(L, 6, read_mac, "a MAC address such as 00:11:22:33:44:55 was expected");
}

int pkt_word_ip(lua_State *L) {
  return to_address(L, 4, read_ipv4, "an IPv4 address such as 10.0.0.1 was expected");
}

int pkt_word_ip6(lua_State *L) {
  return to_address(L, 16, read_ipv6, "an IPv6 address such as 2001:db8::1 was expected");
}

/* A unicast address of local administration (IEEE 802 section 8.4), so that it is nobody's. */
int pkt_word_randmac(lua_State *L) {
  uint8_t bytes[6];
  pkt_put_be(bytes, 6, pkt_draw(L) >> 16);
  bytes[0] = (uint8_t)((bytes[0] & 0xfc) | 2);
  pkt_push_address(L, bytes, 6);
  return 1;
}

/* "10.0.0.0/8": the bits behind the prefix drawn, those before it as given. */
int pkt_word_randip(lua_State *L) {
  char text[64];
  uint8_t bytes[16], chance[16];
  size_t n;
  const char *given = pkt_check_text(L, 1, &n), *slash = memchr(given, '/', n);
  size_t len = slash ? (size_t)(slash - given) : n;
  bool v6 = memchr(given, ':', n) != NULL, ok = len < sizeof text;
  unsigned width = v6 ? 16 : 4;
  unsigned long bits = slash ? strtoul(slash + 1, NULL, 10) : 0;
  if (ok) memcpy(text, given, len);
  text[ok ? len : 0] = 0;
  ok = ok && (v6 ? read_ipv6(text, bytes) : read_ipv4(text, bytes)) && bits <= 8 * width;
  ok = ok && strlen(given) == n && slash && slash[1];
  ok = ok && strspn(slash + 1, "0123456789") == strlen(slash + 1);
  luaL_argcheck(L, ok, 1, "a network such as 10.0.0.0/8 or 2001:db8::/32 was expected");
  pkt_put_be64(chance, pkt_draw(L));
  pkt_put_be64(chance + 8, pkt_draw(L));
  for (unsigned i = 0; i < width; i++) {
    unsigned fixed = bits > 8 * i ? (unsigned)bits - 8 * i : 0; /* of this byte and those behind */
    uint8_t mask = (uint8_t)(fixed >= 8 ? 0 : 0xff >> fixed);
    bytes[i] = (uint8_t)((bytes[i] & ~mask) | (chance[i] & mask));
  }
  pkt_push_address(L, bytes, width);
  return 1;
}
