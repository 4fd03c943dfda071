#include "vocabulary.h"

#include <arpa/inet.h>
#include <lauxlib.h>
#include <lualib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/show.h"
#include "../engine/text.h"
#include "../wire/base64.h"
#include "../wire/bits.h"
#include "../wire/checksum.h"
#include "../wire/md5.h"
#include "sandbox.h"

/* A text, list or result that words make: what a field can take, and somewhat more. */
#define MAX_TEXT PKT_MAX_RESULT_BYTES
#define MAX_LIST PKT_MAX_RESULT_ITEMS
#define MAX_DEPTH PKT_MAX_RESULT_DEPTH
#define MAX_CALLS 30              /* within each other, where an address is joined to a text */
#define MAX_FORMAT 1024           /* characters of a format: 32 KiB of numbers */
#define MAX_PACKED (4 * MAX_TEXT) /* what pack() may count up before it makes a text */

/* Bytes that a word works through in the time of one instruction. */
#define BYTES_PER_STEP 16

static void charge_bytes(lua_State *L, size_t n) { pkt_sandbox_charge(L, 1 + n / BYTES_PER_STEP); }

/* Check, before it is made, that a text isn't too long, and charge for it. */
static void charge_text(lua_State *L, size_t n) {
  if (n > MAX_TEXT) luaL_error(L, "a text of more than %d bytes", MAX_TEXT);
  charge_bytes(L, n);
}

/* The text at 'arg', paid for; an address is its usual form. It is kept by a copy that is pushed. */
static const char *check_text(lua_State *L, int arg, size_t *n);

/* ----------------------------------------------------------------------------------- addresses */

/* An address is a value of its own, so that arithmetic knows where it ends. */
struct address {
  uint8_t width; /* 6, 4 or 16 */
  uint8_t bytes[16];
};

static char address_key; /* its address: where the registry keeps the class */

static const char *address_kind(unsigned width) {
  return width == 6 ? "MAC address" : width == 4 ? "IPv4 address" : "IPv6 address";
}

const uint8_t *pkt_test_address(lua_State *L, int index, unsigned *width) {
  if (lua_type(L, index) != LUA_TUSERDATA) return NULL;
  struct address *a = lua_touserdata(L, index); /* there are no others */
  *width = a->width;
  return a->bytes;
}

static void show_address(struct pkt_buf *b, const struct address *a) {
  if (a->width == 6)
    pkt_show_mac(b, pkt_get_be(a->bytes, 6));
  else if (a->width == 4)
    pkt_show_ipv4(b, pkt_get_be32(a->bytes));
  else
    pkt_show_ipv6(b, a->bytes);
}

/* Push an address as text. The buffer isn't Lua's, and small enough never to grow. */
static void push_shown(lua_State *L, const struct address *a) {
  char room[64];
  struct pkt_buf b = {.data = room, .cap = sizeof room, .limit = sizeof room};
  show_address(&b, a);
  lua_pushlstring(L, room, b.len);
}

/* *out = a + n, or a - n where 'minus'. False: that is past the last address, or before the
** first. */
static bool add_address(const struct address *a, uint64_t n, bool minus, struct address *out) {
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
static int subtract_addresses(lua_State *L, const struct address *a, const struct address *b) {
  struct address low, gap;
  bool negative = memcmp(a->bytes, b->bytes, a->width) < 0;
  const struct address *high = negative ? b : a;
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

static int shift_address(lua_State *L, const struct address *a, lua_Integer n, bool minus) {
  struct address sum;
  uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
  if (!add_address(a, size, minus != (n < 0), &sum)) {
    push_shown(L, a);
    return luaL_error(L, "%s %s %I is no %s", lua_tostring(L, -1), minus ? "-" : "+", n,
                      address_kind(a->width));
  }
  pkt_push_address(L, sum.bytes, sum.width);
  return 1;
}

static int address_add(lua_State *L) {
  int which = lua_type(L, 1) == LUA_TUSERDATA ? 1 : 2;
  struct address *a = lua_touserdata(L, which);
  if (!lua_isinteger(L, 3 - which))
    return luaL_error(L, "a whole number is added to an address, not a %s",
                      luaL_typename(L, 3 - which));
  return shift_address(L, a, lua_tointeger(L, 3 - which), false);
}

static int address_sub(lua_State *L) {
  struct address *a = lua_touserdata(L, 1), *b = lua_touserdata(L, 2);
  if (a && b && a->width == b->width) return subtract_addresses(L, a, b);
  if (!a || !lua_isinteger(L, 2))
    return luaL_error(L, "a whole number, or an address of the same kind, is subtracted from an "
                         "address");
  return shift_address(L, a, lua_tointeger(L, 2), true);
}

static int compare_addresses(lua_State *L) {
  struct address *a = lua_touserdata(L, 1), *b = lua_touserdata(L, 2);
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
  struct address *a = lua_touserdata(L, 1), *b = lua_touserdata(L, 2);
  lua_pushboolean(L, a->width == b->width && memcmp(a->bytes, b->bytes, a->width) == 0);
  return 1;
}

/* Lua 5.4.4 uses its stack's old place after this event, where calling it has moved the stack: a
** text that calls itself over and over could come so far (see STACK_PLACES), so it isn't let on. */
static int address_concat(lua_State *L) {
  size_t n;
  lua_Debug deep;
  if (lua_getstack(L, MAX_CALLS, &deep))
    return luaL_error(L, "'..' of an address within %d calls: use tostring()", MAX_CALLS);
  for (int i = 1; i <= 2; i++) {
    check_text(L, i, &n);
    lua_replace(L, i);
  }
  lua_settop(L, 2);
  lua_concat(L, 2);
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
  struct address *a = lua_newuserdatauv(L, sizeof *a, 0);
  a->width = (uint8_t)width;
  memcpy(a->bytes, bytes, width);
  push_address_class(L);
  lua_setmetatable(L, -2);
}

static const char *check_text(lua_State *L, int arg, size_t *n) {
  struct address *a = lua_touserdata(L, arg);
  if (a)
    push_shown(L, a);
  else
    lua_pushvalue(L, arg);
  luaL_argcheck(L, lua_isstring(L, -1), arg, "a text was expected");
  const char *text = lua_tolstring(L, -1, n);
  charge_bytes(L, *n);
  return text;
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
    const char *text = check_text(L, 1, &n);
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

static int w_mac(lua_State *L) {
  return to_address(L, 6, read_mac, "a MAC address such as 00:11:22:33:44:55 was expected");
}

static int w_ip(lua_State *L) {
  return to_address(L, 4, read_ipv4, "an IPv4 address such as 10.0.0.1 was expected");
}

static int w_ip6(lua_State *L) {
  return to_address(L, 16, read_ipv6, "an IPv6 address such as 2001:db8::1 was expected");
}

/* ---------------------------------------------------------------------------------- text, bytes */

/* Room for 'n' bytes of a text, which finish_text() makes of it: a userdata of the state's own
** memory, so it goes with an error. */
static uint8_t *new_text(lua_State *L, size_t n) {
  charge_text(L, n);
  return lua_newuserdatauv(L, n ? n : 1, 0);
}

static int finish_text(lua_State *L, const uint8_t *p, size_t n) {
  lua_pushlstring(L, (const char *)p, n);
  return 1;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int w_hex(lua_State *L) {
  size_t n, digits = 0;
  const char *text = check_text(L, 1, &n);
  uint8_t *out = new_text(L, n / 2 + 1);
  for (size_t i = 0; i < n; i++) {
    int d = hex_digit(text[i]);
    if (d < 0 && strchr(" \t\r\n:-", text[i]) && text[i]) continue;
    luaL_argcheck(L, d >= 0, 1, "hexadecimal digits were expected");
    out[digits / 2] = (uint8_t)(digits % 2 ? out[digits / 2] << 4 | d : d);
    digits++;
  }
  luaL_argcheck(L, digits % 2 == 0, 1, "an even number of hexadecimal digits was expected");
  return finish_text(L, out, digits / 2);
}

static int w_base64(lua_State *L) {
  size_t n, bad;
  const char *text = check_text(L, 1, &n);
  uint8_t *out = new_text(L, n / 4 * 3 + 3);
  ptrdiff_t size = pkt_base64_decode(out, text, n, &bad);
  luaL_argcheck(L, size >= 0, 1, "base64 was expected");
  return finish_text(L, out, (size_t)size);
}

/* Append the bytes of the value at 'index': a number of 0 to 255, a text, or an address. */
static void add_bytes(lua_State *L, luaL_Buffer *b, int index) {
  unsigned width;
  size_t n = 1, before = luaL_bufflen(b);
  const uint8_t *address = pkt_test_address(L, index, &width);
  const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &n) : NULL;
  if (address) {
    luaL_addlstring(b, (const char *)address, width);
  } else if (text) {
    if (before + n > MAX_TEXT) luaL_error(L, "a text of more than %d bytes", MAX_TEXT);
    luaL_addlstring(b, text, n);
  } else if (lua_isinteger(L, index)) {
    lua_Integer v = lua_tointeger(L, index);
    if (v < 0 || v > 255) luaL_error(L, "%I is no byte, which is 0 to 255", v);
    luaL_addchar(b, (char)v);
  } else {
    luaL_error(L, "a %s is made of no bytes", luaL_typename(L, index));
  }
  charge_bytes(L, n);
}

/* The values to take bytes of are pushed one after the other above the arguments: lists unfolded. */
static int unfold(lua_State *L, int index, int depth) {
  if (depth > MAX_DEPTH) return luaL_error(L, "lists nested deeper than %d", MAX_DEPTH);
  if (lua_type(L, index) != LUA_TTABLE) {
    pkt_sandbox_room(L, 4);
    pkt_sandbox_charge(L, 1);
    lua_pushvalue(L, index);
    return 1;
  }
  int count = 0;
  for (lua_Unsigned i = 1; i <= lua_rawlen(L, index); i++) {
    pkt_sandbox_room(L, 4);
    pkt_sandbox_charge(L, 1); /* for empty lists, too: one list can stand in many places */
    lua_rawgeti(L, index, (lua_Integer)i);
    if (lua_type(L, -1) != LUA_TTABLE) {
      count++;
      continue;
    }
    int inner = lua_gettop(L);
    count += unfold(L, inner, depth + 1);
    lua_remove(L, inner);
  }
  return count;
}

static int w_bytes(lua_State *L) {
  luaL_Buffer b;
  int n = lua_gettop(L);
  for (int i = 1; i <= n; i++) unfold(L, i, 0);
  int last = lua_gettop(L);
  luaL_buffinit(L, &b);
  for (int i = n + 1; i <= last; i++) add_bytes(L, &b, i);
  luaL_pushresult(&b);
  return 1;
}

static int w_rep(lua_State *L) {
  size_t n, between = 0;
  lua_settop(L, 3);
  const char *text = check_text(L, 1, &n), *gap = "";
  lua_Integer times = luaL_checkinteger(L, 2);
  if (!lua_isnil(L, 3)) gap = check_text(L, 3, &between);
  if (times < 1) times = 0;
  if (n + between > 0 && (lua_Unsigned)times > MAX_TEXT / (n + between) + 1)
    return luaL_error(L, "a text of more than %d bytes", MAX_TEXT);
  if (n + between == 0) times = 0;
  size_t size = times ? (size_t)times * (n + between) - between : 0;
  uint8_t *out = new_text(L, size), *at = out;
  for (lua_Integer i = 0; i < times; i++) {
    if (i > 0 && between > 0) memcpy(at, gap, between);
    if (i > 0) at += between;
    if (n > 0) memcpy(at, text, n);
    at += n;
  }
  return finish_text(L, out, size);
}

/* string.pack and its like, taken out of Lua's library without the rest of it: opening it gives
** strings a metatable, which is taken away again. */
static char string_key;

static void push_string_function(lua_State *L, const char *name) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &string_key) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_pushcfunction(L, luaopen_string);
    lua_call(L, 0, 1);
    lua_pushliteral(L, "");
    lua_pushnil(L);
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &string_key);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, LUA_GNAME); /* where messages look up a function's name */
    lua_pop(L, 1);
  }
  lua_getfield(L, -1, name);
  lua_remove(L, -2);
}

/* Call string.NAME with all arguments. */
static int call_string(lua_State *L, const char *name, int results) {
  push_string_function(L, name);
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, results);
  return lua_gettop(L);
}

/* The bytes that numbers in a format ask for, as in "c1000", all together. */
static size_t fixed_sizes(const char *format) {
  size_t sum = 0, number = 0;
  for (const char *p = format; *p; p++) {
    bool digit = *p >= '0' && *p <= '9';
    if (digit && number <= MAX_TEXT) number = number * 10 + (size_t)(*p - '0');
    if (!digit) number = 0;
    if (digit) sum += number;
    if (sum > MAX_PACKED) break;
  }
  return sum;
}

/* Besides what it says in numbers, a format makes at most 32 bytes a character (a number of 16
** bytes behind 15 of padding), and what its texts hold: that is paid for. A text of a fixed size is
** counted twice, so only what can't come to less than a text's limit is refused beforehand. */
static int w_pack(lua_State *L) {
  size_t n;
  check_text(L, 1, &n);
  lua_pop(L, 1);
  luaL_argcheck(L, n <= MAX_FORMAT, 1, "a shorter format was expected");
  size_t size = fixed_sizes(luaL_checkstring(L, 1)) + n * 32;
  for (int i = 2; i <= lua_gettop(L); i++)
    if (lua_type(L, i) == LUA_TSTRING) size += lua_rawlen(L, i);
  charge_bytes(L, size);
  if (size <= MAX_PACKED) call_string(L, "pack", 1);
  if (size > MAX_PACKED || lua_rawlen(L, -1) > MAX_TEXT)
    return luaL_error(L, "a text of more than %d bytes", MAX_TEXT);
  return 1;
}

/* Call string.NAME of one text. */
static int call_with_text(lua_State *L, const char *name) {
  size_t n;
  check_text(L, 1, &n);
  lua_replace(L, 1);
  lua_settop(L, 1);
  return call_string(L, name, 1);
}

static int w_upper(lua_State *L) { return call_with_text(L, "upper"); }

static int w_lower(lua_State *L) { return call_with_text(L, "lower"); }

static int w_reverse(lua_State *L) { return call_with_text(L, "reverse"); }

static int w_sub(lua_State *L) {
  size_t n;
  check_text(L, 1, &n);
  lua_replace(L, 1);
  return call_string(L, "sub", 1);
}

/* Only as many as fit on the stack anyhow. */
static int w_byte(lua_State *L) {
  size_t n;
  check_text(L, 1, &n);
  lua_replace(L, 1);
  int count = call_string(L, "byte", LUA_MULTRET);
  pkt_sandbox_charge(L, (size_t)count);
  return count;
}

/* The end of a conversion that starts behind '%', or NULL: only such as take a number or a text,
** with a width and a precision of two digits at most. */
static const char *conversion_end(const char *p) {
  p += strspn(p, "-+ #0");
  for (int part = 0; part < 2; part++) {
    size_t digits = strspn(p, "0123456789");
    if (digits > 2) return NULL;
    p += digits;
    if (part == 0 && *p != '.') break;
    if (part == 0) p++;
  }
  return *p && strchr("diucxXoeEfgGs", *p) ? p : NULL;
}

static int w_format(lua_State *L) {
  size_t n;
  int arg = 1;
  const char *format = check_text(L, 1, &n), *end = format + n;
  size_t size = n;
  luaL_argcheck(L, strlen(format) == n, 1, "a text without zeros was expected");
  lua_pop(L, 1);
  for (const char *p = format; (p = memchr(p, '%', (size_t)(end - p))); p++) {
    if (p[1] == '%' && p++) continue;
    const char *kind = conversion_end(p + 1);
    if (!kind)
      return luaL_error(L, "format takes %%d %%u %%x %%X %%o %%c %%e %%f %%g %%s, with "
                           "two digits of width at most");
    if (++arg > lua_gettop(L)) return luaL_error(L, "format has no value for argument %d", arg);
    if (*kind == 's') { /* an address too, and nothing whose text would be a pointer */
      size_t len;
      check_text(L, arg, &len);
      lua_replace(L, arg);
      size += len;
    }
    size += 400; /* the largest number, "%99.99f" of 1e308 */
    p = kind;
  }
  charge_text(L, size < MAX_TEXT ? size : MAX_TEXT);
  if (size > 8 * MAX_TEXT) return luaL_error(L, "a text of more than %d bytes", MAX_TEXT);
  return call_string(L, "format", 1);
}

static int w_concat(lua_State *L) {
  luaL_Buffer b;
  size_t gap_len = 0, n, size = 0;
  const char *gap = "";
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  if (!lua_isnil(L, 2)) gap = check_text(L, 2, &gap_len);
  luaL_buffinit(L, &b);
  for (lua_Unsigned i = 1; i <= lua_rawlen(L, 1); i++) {
    if (i > 1) luaL_addlstring(&b, gap, gap_len);
    lua_rawgeti(L, 1, (lua_Integer)i);
    struct address *a = lua_touserdata(L, -1);
    if (a) {
      push_shown(L, a);
      lua_remove(L, -2);
    }
    if (!lua_isstring(L, -1))
      return luaL_error(L, "item %d of the list is a %s, not a text", (int)i, luaL_typename(L, -1));
    lua_tolstring(L, -1, &n);
    size += n + gap_len;
    if (size > MAX_TEXT + gap_len) return luaL_error(L, "a text of more than %d bytes", MAX_TEXT);
    charge_bytes(L, n + gap_len);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  return 1;
}

static int w_tostring(lua_State *L) {
  size_t n;
  if (lua_isboolean(L, 1)) {
    lua_pushstring(L, lua_toboolean(L, 1) ? "true" : "false");
    return 1;
  }
  if (lua_isnil(L, 1)) {
    lua_pushliteral(L, "nil");
    return 1;
  }
  check_text(L, 1, &n);
  return 1;
}

/* Of digits in base 2 to 36, as Lua's; the sign in front. */
static int number_in_base(lua_State *L, lua_Integer base) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  luaL_argcheck(L, base >= 2 && base <= 36, 2, "a base of 2 to 36 was expected");
  charge_bytes(L, n);
  bool minus = n > 0 && *text == '-';
  uint64_t v = 0;
  for (size_t i = minus; i < n; i++) {
    char c = text[i];
    int d = c >= '0' && c <= '9'                 ? c - '0'
            : (c | 32) >= 'a' && (c | 32) <= 'z' ? (c | 32) - 87
                                                 : 99;
    if (d >= base) return luaL_pushfail(L), 1;
    v = v * (uint64_t)base + (uint64_t)d;
  }
  if (n == (size_t)minus) return luaL_pushfail(L), 1;
  lua_pushinteger(L, (lua_Integer)(minus ? 0 - v : v));
  return 1;
}

static int w_tonumber(lua_State *L) {
  luaL_checkany(L, 1);
  if (!lua_isnoneornil(L, 2)) return number_in_base(L, luaL_checkinteger(L, 2));
  if (lua_type(L, 1) == LUA_TNUMBER) {
    lua_settop(L, 1);
    return 1;
  }
  size_t n;
  const char *text = lua_tolstring(L, 1, &n);
  if (text) charge_bytes(L, n);
  if (!text || lua_stringtonumber(L, text) != n + 1) luaL_pushfail(L);
  return 1;
}

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

static int w_min(lua_State *L) { return extreme(L, -1); }

static int w_max(lua_State *L) { return extreme(L, 1); }

static int push_whole(lua_State *L, double v) {
  lua_Integer n;
  if (lua_numbertointeger(v, &n))
    lua_pushinteger(L, n);
  else
    lua_pushnumber(L, v);
  return 1;
}

static int w_floor(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_settop(L, 1);
    return 1;
  }
  return push_whole(L, floor(luaL_checknumber(L, 1)));
}

static int w_ceil(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_settop(L, 1);
    return 1;
  }
  return push_whole(L, ceil(luaL_checknumber(L, 1)));
}

static int w_abs(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_Integer v = lua_tointeger(L, 1);
    lua_pushinteger(L, v < 0 ? (lua_Integer)(0 - (uint64_t)v) : v);
    return 1;
  }
  lua_pushnumber(L, fabs(luaL_checknumber(L, 1)));
  return 1;
}

/* -------------------------------------------------------------------------------------- chance */

static uint64_t draw(lua_State *L) {
  struct pkt_sandbox *s = pkt_sandbox_of(L);
  s->varies = true;
  pkt_sandbox_charge(L, 1);
  return pkt_rng_next(&s->rng);
}

/* 0 to 'most', each as likely as the others: draws beyond the last whole multiple are thrown
** away. */
static uint64_t draw_up_to(lua_State *L, uint64_t most) {
  if (most == UINT64_MAX) return draw(L);
  uint64_t n = most + 1, limit = UINT64_MAX - (UINT64_MAX % n + 1) % n;
  uint64_t v;
  do v = draw(L);
  while (v > limit);
  return v % n;
}

static int w_random(lua_State *L) {
  bool one = lua_isnoneornil(L, 2);
  lua_Integer low = one ? 1 : luaL_checkinteger(L, 1), high = luaL_checkinteger(L, one ? 1 : 2);
  luaL_argcheck(L, low <= high, one ? 1 : 2, "the range is empty");
  uint64_t v = draw_up_to(L, (uint64_t)high - (uint64_t)low);
  lua_pushinteger(L, (lua_Integer)((uint64_t)low + v));
  return 1;
}

/* A unicast address of local administration (IEEE 802 section 8.4), so that it is nobody's. */
static int w_randmac(lua_State *L) {
  uint8_t bytes[6];
  pkt_put_be(bytes, 6, draw(L) >> 16);
  bytes[0] = (uint8_t)((bytes[0] & 0xfc) | 2);
  pkt_push_address(L, bytes, 6);
  return 1;
}

/* "10.0.0.0/8": the bits behind the prefix drawn, those before it as given. */
static int w_randip(lua_State *L) {
  char text[64];
  uint8_t bytes[16], chance[16];
  size_t n;
  const char *given = check_text(L, 1, &n), *slash = memchr(given, '/', n);
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
  pkt_put_be64(chance, draw(L));
  pkt_put_be64(chance + 8, draw(L));
  for (unsigned i = 0; i < width; i++) {
    unsigned fixed = bits > 8 * i ? (unsigned)bits - 8 * i : 0; /* of this byte and those behind */
    uint8_t mask = (uint8_t)(fixed >= 8 ? 0 : 0xff >> fixed);
    bytes[i] = (uint8_t)((bytes[i] & ~mask) | (chance[i] & mask));
  }
  pkt_push_address(L, bytes, width);
  return 1;
}

static int w_randbytes(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 0 && n <= MAX_TEXT, 1, "0 to 65536 bytes were expected");
  uint8_t *out = new_text(L, (size_t)n);
  uint64_t v = 0;
  for (lua_Integer i = 0; i < n; i++, v >>= 8) {
    if (i % 8 == 0) v = draw(L);
    out[i] = (uint8_t)v;
  }
  return finish_text(L, out, (size_t)n);
}

/* ---------------------------------------------------------------------------------------- sums */

static int push_sum(lua_State *L, uint32_t sum) {
  lua_pushinteger(L, sum);
  return 1;
}

static int w_crc32(lua_State *L) {
  size_t n;
  const char *p = check_text(L, 1, &n);
  return push_sum(L, pkt_crc32(0, (const uint8_t *)p, n));
}

static int w_crc32c(lua_State *L) {
  size_t n;
  const char *p = check_text(L, 1, &n);
  return push_sum(L, pkt_crc32c(0, (const uint8_t *)p, n));
}

static int w_adler32(lua_State *L) {
  size_t n;
  const char *p = check_text(L, 1, &n);
  return push_sum(L, pkt_adler32(1, (const uint8_t *)p, n));
}

static int w_checksum(lua_State *L) {
  size_t n;
  const char *p = check_text(L, 1, &n);
  return push_sum(L, pkt_inet_fold(pkt_inet_add(0, (const uint8_t *)p, n)));
}

static int w_md5(lua_State *L) {
  size_t n;
  uint8_t sum[16];
  const char *p = check_text(L, 1, &n);
  charge_bytes(L, 4 * n);
  struct pkt_md5 m;
  pkt_md5_init(&m);
  pkt_md5_add(&m, p, n);
  pkt_md5_end(&m, sum);
  return finish_text(L, sum, sizeof sum);
}

/* --------------------------------------------------------------------------------------- lists */

static int w_seq(lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 1), last = luaL_checkinteger(L, 2);
  lua_Integer step = luaL_optinteger(L, 3, 1);
  luaL_argcheck(L, step != 0, 3, "a step that isn't 0 was expected");
  uint64_t span = step > 0 ? (uint64_t)last - (uint64_t)first : (uint64_t)first - (uint64_t)last;
  uint64_t size = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
  bool none = step > 0 ? last < first : last > first;
  uint64_t n = none ? 0 : span / size + 1;
  if (n > MAX_LIST || (!none && n == 0))
    return luaL_error(L, "a list of more than %d items", MAX_LIST);
  pkt_sandbox_charge(L, (size_t)n);
  lua_createtable(L, (int)n, 0);
  for (uint64_t i = 0; i < n; i++) {
    lua_pushinteger(L, (lua_Integer)((uint64_t)first + i * (uint64_t)step));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* Add a value to a list's end; gives the list. */
static int w_insert(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  lua_Unsigned n = lua_rawlen(L, 1);
  if (n >= MAX_LIST) return luaL_error(L, "a list of more than %d items", MAX_LIST);
  pkt_sandbox_charge(L, 1);
  lua_rawseti(L, 1, (lua_Integer)n + 1);
  return 1;
}

/* Texts can call it by themselves, with anything. */
static int ipairs_step(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer i = luaL_checkinteger(L, 2) + 1;
  lua_pushinteger(L, i);
  return lua_rawgeti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

static int w_ipairs(lua_State *L) {
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
  if (n > MAX_LIST) luaL_error(L, "a table of more than %d items", MAX_LIST);
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
static int w_pairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  pkt_push_sorted_keys(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, pairs_step, 3);
  return 1;
}

static int w_select(lua_State *L) {
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

static int w_unpack(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Unsigned n = lua_rawlen(L, 1);
  if (n > 200) return luaL_error(L, "unpack takes a list of up to 200 items");
  pkt_sandbox_room(L, (int)n);
  pkt_sandbox_charge(L, (size_t)n);
  for (lua_Unsigned i = 1; i <= n; i++) lua_rawgeti(L, 1, (lua_Integer)i);
  return (int)n;
}

static int w_type(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushstring(L, lua_touserdata(L, 1) ? "address" : luaL_typename(L, 1));
  return 1;
}

/* ------------------------------------------------------------------------------- nested packets */

static char layer_key, chain_key; /* their addresses: where a class keeps what it is */

enum pkt_table_kind pkt_table_kind(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return PKT_TABLE_PLAIN;
  if (lua_rawgetp(L, -1, &layer_key) == LUA_TSTRING) {
    lua_remove(L, -2);
    return PKT_TABLE_LAYER;
  }
  bool chain = lua_rawgetp(L, -2, &chain_key) == LUA_TBOOLEAN;
  lua_pop(L, 3);
  return chain ? PKT_TABLE_CHAIN : PKT_TABLE_PLAIN;
}

static void push_chain_class(lua_State *L);

/* Append the layers of the value at 'index' to the table at the top. */
static void add_to_chain(lua_State *L, int index) {
  lua_Integer at = (lua_Integer)lua_rawlen(L, -1);
  switch (pkt_table_kind(L, index)) {
    case PKT_TABLE_LAYER:
      lua_pop(L, 1);
      lua_pushvalue(L, index);
      lua_rawseti(L, -2, at + 1);
      return;
    case PKT_TABLE_CHAIN:
      for (lua_Unsigned i = 1; i <= lua_rawlen(L, index); i++) {
        lua_rawgeti(L, index, (lua_Integer)i);
        lua_rawseti(L, -2, at + (lua_Integer)i);
      }
      return;
    default: luaL_error(L, "a %s is no layer to put on another", luaL_typename(L, index));
  }
}

/* A{}/B{} */
static int put_on_top(lua_State *L) {
  lua_newtable(L);
  add_to_chain(L, 1);
  add_to_chain(L, 2);
  if (lua_rawlen(L, -1) > PKT_MAX_LAYERS)
    return luaL_error(L, "more than %d layers", PKT_MAX_LAYERS);
  pkt_sandbox_charge(L, lua_rawlen(L, -1));
  push_chain_class(L);
  lua_setmetatable(L, -2);
  return 1;
}

static void push_chain_class(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &chain_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushboolean(L, 1);
  lua_rawsetp(L, -2, &chain_key);
  lua_pushcfunction(L, put_on_top);
  lua_setfield(L, -2, "__div");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &chain_key);
}

void pkt_push_layer_class(lua_State *L, int index) {
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, index);
  lua_rawsetp(L, -2, &layer_key);
  lua_pushcfunction(L, put_on_top);
  lua_setfield(L, -2, "__div");
}

/* Set the items and members of the table at 1 in the table at 'made'. */
static void copy_fields(lua_State *L, int made) {
  for (lua_pushnil(L); lua_next(L, 1);) {
    pkt_sandbox_charge(L, 1);
    lua_pushvalue(L, -2); /* key, value, key */
    lua_insert(L, -2);    /* key, key, value */
    lua_rawset(L, made);
  }
}

/* DNSQR{qname = "x.org"}, DNSQR("x.org"), DNSQR(). Upvalues: id, class. */
static int construct(lua_State *L) {
  int n = lua_gettop(L), made = n + 1;
  bool fields = n == 1 && lua_type(L, 1) == LUA_TTABLE && !lua_getmetatable(L, 1);
  lua_settop(L, n);
  lua_newtable(L);
  pkt_sandbox_charge(L, (size_t)made);
  if (fields) copy_fields(L, made);
  for (int i = 1; !fields && i <= n; i++) {
    lua_pushvalue(L, i);
    lua_rawseti(L, made, i);
  }
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_setmetatable(L, made);
  return 1;
}

void pkt_push_constructor(lua_State *L) {
  pkt_push_layer_class(L, lua_gettop(L));
  lua_pushcclosure(L, construct, 2);
}

/* Options are a plain list; a name alone stands for an option without a value. The word is there so
** that a text says what it means, and that TCPOptions() is an empty list. */
static int options_of(lua_State *L, const char *word) {
  int n = lua_gettop(L);
  if (n == 0) lua_newtable(L);
  if (n > 1 || lua_type(L, 1) != LUA_TTABLE)
    return luaL_error(L, "%s takes a list such as {{\"MSS\", 1460}, \"NOP\"}", word);
  if (lua_rawlen(L, 1) == 0 && (lua_pushnil(L), lua_next(L, 1)))
    return luaL_error(L, "%s takes a list, as options have an order: {{\"MSS\", 1460}, \"NOP\"}",
                      word);
  lua_settop(L, 1);
  return 1;
}

static int w_tcp_options(lua_State *L) { return options_of(L, "TCPOptions"); }

static int w_dhcp_options(lua_State *L) {
  int n = lua_gettop(L);
  if (n > 0 && lua_type(L, 1) != LUA_TTABLE)
    return luaL_error(L, "DHCPOptions takes a list such as "
                         "{{\"message-type\", \"discover\"}, \"end\"}");
  return options_of(L, "DHCPOptions");
}

/* ----------------------------------------------------------------------------------- the words */

/* In byte order of their names: pkt_word_find() halves. */
const struct pkt_word pkt_words[] = {
    {"DHCPOptions", w_dhcp_options, "DHCPOptions{...}", "a list of DHCP options",
     "DHCPOptions{{\"message-type\", \"discover\"}, \"end\"}"},
    {"TCPOptions", w_tcp_options, "TCPOptions{...}",
     "a list of TCP options, each a name or a kind with its value",
     "TCPOptions{{\"MSS\", 1460}, \"NOP\", {\"WScale\", 7}, {254, \"\\x01\"}}"},
    {"abs", w_abs, "abs(n)", "the number without its sign", "abs(-5)"},
    {"adler32", w_adler32, "adler32(s)", "the Adler-32 of bytes (RFC 1950)",
     "adler32(\"123456789\")"},
    {"base64", w_base64, "base64(s)", "the bytes that a base64 text stands for",
     "base64\"3q2+7w==\""},
    {"byte", w_byte, "byte(s [, i [, j]])", "the numbers of a text's bytes", "byte(\"A\")"},
    {"bytes", w_bytes, "bytes(...)", "the bytes of numbers, texts, addresses and lists of them",
     "bytes(0xde, 0xad, \"ab\", {1, 2}, ip\"10.0.0.1\")"},
    {"ceil", w_ceil, "ceil(n)", "the smallest whole number from n on", "ceil(1.5)"},
    {"checksum", w_checksum, "checksum(s)", "the Internet checksum of bytes (RFC 1071)",
     "checksum(\"\\x45\\x00\")"},
    {"concat", w_concat, "concat(list [, between])", "the texts of a list joined",
     "concat({\"a\", \"b\"}, \".\")"},
    {"crc32", w_crc32, "crc32(s)", "the CRC-32 of bytes (IEEE 802.3)", "crc32(\"123456789\")"},
    {"crc32c", w_crc32c, "crc32c(s)", "the CRC-32C of bytes (RFC 9260)", "crc32c(\"123456789\")"},
    {"floor", w_floor, "floor(n)", "the largest whole number up to n", "floor(1.5)"},
    {"format", w_format, "format(how, ...)", "a text with values in it, as C's printf makes it",
     "format(\"host-%03d\", 7)"},
    {"hex", w_hex, "hex(s)", "the bytes that hexadecimal digits stand for", "hex\"dead beef\""},
    {"insert", w_insert, "insert(list, v)", "the list, with a value put at its end",
     "insert({1, 2}, 3)"},
    {"ip", w_ip, "ip(s)", "an IPv4 address, to count from: ip\"10.0.0.1\" + 5",
     "ip\"10.0.0.1\" + 5"},
    {"ip6", w_ip6, "ip6(s)", "an IPv6 address, to count from", "ip6\"2001:db8::1\" + 5"},
    {"ipairs", w_ipairs, "ipairs(list)", "for loops over a list",
     "(function() local n = 0 for _, v in ipairs{1, 2} do n = n + v end return n end)()"},
    {"layer", NULL, "layer.FIELD", "a field of this layer, as far as it is set", NULL},
    {"lower", w_lower, "lower(s)", "the text in lower case", "lower(\"ABC\")"},
    {"mac", w_mac, "mac(s)", "a MAC address, to count from", "mac\"00:11:22:33:44:55\" + 1"},
    {"max", w_max, "max(n, ...)", "the largest number", "max(1, 2)"},
    {"md5", w_md5, "md5(s)", "the MD5 of bytes (RFC 1321), 16 bytes", "md5(\"abc\")"},
    {"min", w_min, "min(n, ...)", "the smallest number", "min(1, 2)"},
    {"pack", w_pack, "pack(format, ...)", "values as bytes, by Lua's string.pack",
     "pack(\">I2I4\", 1, 2)"},
    {"pairs", w_pairs, "pairs(t)", "for loops over a table, in the order of its keys",
     "(function() local n = 0 for _, v in pairs{a = 1} do n = n + v end return n end)()"},
    {"pkt", NULL, "pkt.LAYER.FIELD, pkt[\"IP:1\"].src, pkt[1].dst",
     "what is set in the packet so far", NULL},
    {"randbytes", w_randbytes, "randbytes(n)", "random bytes", "randbytes(4)"},
    {"randip", w_randip, "randip(network)", "a random address of a network",
     "randip(\"10.0.0.0/8\")"},
    {"randmac", w_randmac, "randmac()", "a random MAC address of local administration",
     "randmac()"},
    {"random", w_random, "random([low,] high)", "a random whole number from low (or 1) to high",
     "random(1, 6)"},
    {"rep", w_rep, "rep(s, n [, between])", "a text n times", "rep(\"ab\", 3)"},
    {"reverse", w_reverse, "reverse(s)", "the bytes from the last to the first",
     "reverse(\"abc\")"},
    {"select", w_select, "select(i, ...)", "the values from the i-th on", "select(2, 10, 20)"},
    {"seq", w_seq, "seq(first, last [, step])", "a list of numbers, the last one included",
     "seq(1, 5)"},
    {"sub", w_sub, "sub(s, i [, j])", "the part of a text from place i to place j",
     "sub(\"abcdef\", 2, 4)"},
    {"tonumber", w_tonumber, "tonumber(s [, base])", "the number that a text spells",
     "tonumber(\"ff\", 16)"},
    {"tostring", w_tostring, "tostring(v)", "a number, boolean or address as text", "tostring(12)"},
    {"type", w_type, "type(v)", "\"number\", \"string\", \"table\"...", "type(1)"},
    {"unpack", w_unpack, "unpack(list)", "the items of a list one by one", "max(unpack{1, 2})"},
    {"upper", w_upper, "upper(s)", "the text in upper case", "upper(\"abc\")"},
};
const unsigned pkt_word_count = sizeof pkt_words / sizeof *pkt_words;

const struct pkt_word *pkt_word_find(const char *name, size_t len) {
  unsigned low = 0, high = pkt_word_count;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    const char *word = pkt_words[middle].name;
    size_t n = strlen(word);
    int order = memcmp(name, word, len < n ? len : n);
    if (order == 0 && len == n) return &pkt_words[middle];
    if (order < 0 || (order == 0 && len < n))
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}
