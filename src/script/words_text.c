/* words_text.c - texts and bytes. */
#include <lualib.h>
#include <string.h>

#include "../engine/text.h"
#include "../wire/base64.h"
#include "words.h"

#define MAX_FORMAT 1024                       /* characters of a format: 32 KiB of numbers */
#define MAX_PACKED (4 * PKT_MAX_RESULT_BYTES) /* what pack() may count up before it makes a text */

uint8_t *pkt_new_text(lua_State *L, size_t n) {
  pkt_charge_text(L, n);
  return lua_newuserdatauv(L, n ? n : 1, 0);
}

int pkt_finish_text(lua_State *L, const uint8_t *p, size_t n) {
  lua_pushlstring(L, (const char *)p, n);
  return 1;
}

const char *pkt_check_text(lua_State *L, int arg, size_t *n) {
  struct pkt_address *a = lua_touserdata(L, arg);
  if (a)
    pkt_push_shown(L, a);
  else
    lua_pushvalue(L, arg);
  luaL_argcheck(L, lua_isstring(L, -1), arg, "a text was expected");
  const char *text = lua_tolstring(L, -1, n);
  pkt_charge_bytes(L, *n);
  return text;
}

int pkt_word_hex(lua_State *L) {
  size_t n, digits = 0;
  const char *text = pkt_check_text(L, 1, &n);
  uint8_t *out = pkt_new_text(L, n / 2 + 1);
  for (size_t i = 0; i < n; i++) {
    int d = pkt_hex_digit(text[i]);
    if (d < 0 && strchr(" \t\r\n:-", text[i]) && text[i]) continue;
    luaL_argcheck(L, d >= 0, 1, "hexadecimal digits were expected");
    out[digits / 2] = (uint8_t)(digits % 2 ? out[digits / 2] << 4 | d : d);
    digits++;
  }
  luaL_argcheck(L, digits % 2 == 0, 1, "an even number of hexadecimal digits was expected");
  return pkt_finish_text(L, out, digits / 2);
}

int pkt_word_base64(lua_State *L) {
  size_t n, bad;
  const char *text = pkt_check_text(L, 1, &n);
  uint8_t *out = pkt_new_text(L, n / 4 * 3 + 3);
  ptrdiff_t size = pkt_base64_decode(out, text, n, &bad);
  luaL_argcheck(L, size >= 0, 1, "base64 was expected");
  return pkt_finish_text(L, out, (size_t)size);
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
    if (before + n > PKT_MAX_RESULT_BYTES)
      luaL_error(L, "a text of more than %d bytes", PKT_MAX_RESULT_BYTES);
    luaL_addlstring(b, text, n);
  } else if (lua_isinteger(L, index)) {
    lua_Integer v = lua_tointeger(L, index);
    if (v < 0 || v > 255) luaL_error(L, "%I is no byte, which is 0 to 255", v);
    luaL_addchar(b, (char)v);
  } else {
    luaL_error(L, "a %s is made of no bytes", luaL_typename(L, index));
  }
  pkt_charge_bytes(L, n);
}

/* The values to take bytes of are pushed one after the other above the arguments: lists
** unfolded. */
static int unfold(lua_State *L, int index, int depth) {
  if (depth > PKT_MAX_RESULT_DEPTH)
    return luaL_error(L, "lists nested deeper than %d", PKT_MAX_RESULT_DEPTH);
  if (lua_type(L, index) != LUA_TTABLE) {
    pkt_sandbox_room(L, 4);
    pkt_sandbox_charge(L, 1);
    lua_pushvalue(L, index);
    return 1;
  }
  pkt_check_list(L, index, "bytes takes numbers, texts, addresses and lists of them");
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

int pkt_word_bytes(lua_State *L) {
  luaL_Buffer b;
  int n = lua_gettop(L);
  for (int i = 1; i <= n; i++) unfold(L, i, 0);
  int last = lua_gettop(L);
  luaL_buffinit(L, &b);
  for (int i = n + 1; i <= last; i++) add_bytes(L, &b, i);
  luaL_pushresult(&b);
  return 1;
}

int pkt_word_rep(lua_State *L) {
  size_t n, between = 0;
  lua_settop(L, 3);
  const char *text = pkt_check_text(L, 1, &n), *gap = "";
  lua_Integer times = luaL_checkinteger(L, 2);
  if (!lua_isnil(L, 3)) gap = pkt_check_text(L, 3, &between);
  if (times < 1) times = 0;
  if (n + between > 0 && (lua_Unsigned)times > PKT_MAX_RESULT_BYTES / (n + between) + 1)
    return luaL_error(L, "a text of more than %d bytes", PKT_MAX_RESULT_BYTES);
  if (n + between == 0) times = 0;
  size_t size = times ? (size_t)times * (n + between) - between : 0;
  uint8_t *out = pkt_new_text(L, size), *at = out;
  for (lua_Integer i = 0; i < times; i++) {
    if (i > 0 && between > 0) memcpy(at, gap, between);
    if (i > 0) at += between;
    if (n > 0) memcpy(at, text, n);
    at += n;
  }
  return pkt_finish_text(L, out, size);
}

/* ("ab"):rep(3), or ("ab")[1]. */
static int deny_method(lua_State *L) {
  size_t n;
  if (lua_type(L, 2) != LUA_TSTRING)
    return luaL_error(L, "a text has no items here: say %s", pkt_word_find("sub", 3)->usage);
  const char *name = lua_tolstring(L, 2, &n);
  const struct pkt_word *word = pkt_word_find(name, n);
  if (word && word->run)
    return luaL_error(L, "a text has no method '%s' here: say %s", name, word->usage);
  return luaL_error(L,
                    "a text has no method '%s' here; the method get_expression_help lists what "
                    "there is",
                    name);
}

void pkt_deny_methods(lua_State *L) {
  lua_pushliteral(L, "");
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, deny_method);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
}

/* string.pack and its like, taken out of Lua's library without the rest of it: opening it gives
** strings a metatable with all of it, which is taken away again. */
static char string_key;

static void push_string_function(lua_State *L, const char *name) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &string_key) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_pushcfunction(L, luaopen_string);
    lua_call(L, 0, 1);
    pkt_deny_methods(L);
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
    if (digit && number <= PKT_MAX_RESULT_BYTES) number = number * 10 + (size_t)(*p - '0');
    if (!digit) number = 0;
    if (digit) sum += number;
    if (sum > MAX_PACKED) break;
  }
  return sum;
}

/* Besides what it says in numbers, a format makes at most 32 bytes a character (a number of 16
** bytes behind 15 of padding), and what its texts hold: that is paid for. A text of a fixed size is
** counted twice, so only what can't come to less than a text's limit is refused beforehand. */
int pkt_word_pack(lua_State *L) {
  size_t n;
  pkt_check_text(L, 1, &n);
  lua_pop(L, 1);
  luaL_argcheck(L, n <= MAX_FORMAT, 1, "a shorter format was expected");
  size_t size = fixed_sizes(luaL_checkstring(L, 1)) + n * 32;
  for (int i = 2; i <= lua_gettop(L); i++)
    if (lua_type(L, i) == LUA_TSTRING) size += lua_rawlen(L, i);
  pkt_charge_bytes(L, size);
  if (size <= MAX_PACKED) call_string(L, "pack", 1);
  if (size > MAX_PACKED || lua_rawlen(L, -1) > PKT_MAX_RESULT_BYTES)
    return luaL_error(L, "a text of more than %d bytes", PKT_MAX_RESULT_BYTES);
  return 1;
}

/* Call string.NAME of one text. */
static int call_with_text(lua_State *L, const char *name) {
  size_t n;
  pkt_check_text(L, 1, &n);
  lua_replace(L, 1);
  lua_settop(L, 1);
  return call_string(L, name, 1);
}

int pkt_word_upper(lua_State *L) { return call_with_text(L, "upper"); }

int pkt_word_lower(lua_State *L) { return call_with_text(L, "lower"); }

int pkt_word_reverse(lua_State *L) { return call_with_text(L, "reverse"); }

int pkt_word_sub(lua_State *L) {
  size_t n;
  pkt_check_text(L, 1, &n);
  lua_replace(L, 1);
  return call_string(L, "sub", 1);
}

/* Only as many as fit on the stack anyhow. */
int pkt_word_byte(lua_State *L) {
  size_t n;
  pkt_check_text(L, 1, &n);
  lua_replace(L, 1);
  int count = call_string(L, "byte", LUA_MULTRET);
  pkt_sandbox_charge(L, (size_t)count);
  return count;
}

/* Push the text of what 'tostring' takes: an address too, and nothing whose text would be a
** pointer. */
static void push_shown(lua_State *L, int arg, size_t *n) {
  *n = 0;
  if (lua_isboolean(L, arg))
    lua_pushstring(L, lua_toboolean(L, arg) ? "true" : "false");
  else if (lua_isnil(L, arg))
    lua_pushliteral(L, "nil");
  else
    pkt_check_text(L, arg, n);
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

int pkt_word_format(lua_State *L) {
  size_t n;
  int arg = 1;
  const char *format = pkt_check_text(L, 1, &n), *end = format + n;
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
    if (*kind == 's') {
      size_t len;
      push_shown(L, arg, &len);
      lua_replace(L, arg);
      size += len;
    }
    size += 400; /* the largest number, "%99.99f" of 1e308 */
    p = kind;
  }
  pkt_charge_text(L, size < PKT_MAX_RESULT_BYTES ? size : PKT_MAX_RESULT_BYTES);
  if (size > 8 * PKT_MAX_RESULT_BYTES)
    return luaL_error(L, "a text of more than %d bytes", PKT_MAX_RESULT_BYTES);
  return call_string(L, "format", 1);
}

int pkt_word_concat(lua_State *L) {
  luaL_Buffer b;
  size_t gap_len = 0, n, size = 0;
  const char *gap = "";
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  pkt_check_list(L, 1, "concat takes a list of texts, numbers and addresses");
  if (!lua_isnil(L, 2)) gap = pkt_check_text(L, 2, &gap_len);
  luaL_buffinit(L, &b);
  for (lua_Unsigned i = 1; i <= lua_rawlen(L, 1); i++) {
    if (i > 1) luaL_addlstring(&b, gap, gap_len);
    lua_rawgeti(L, 1, (lua_Integer)i);
    struct pkt_address *a = lua_touserdata(L, -1);
    if (a) {
      pkt_push_shown(L, a);
      lua_remove(L, -2);
    }
    if (!lua_isstring(L, -1))
      return luaL_error(L, "item %d of the list is a %s, not a text", (int)i, luaL_typename(L, -1));
    lua_tolstring(L, -1, &n);
    size += n + gap_len;
    if (size > PKT_MAX_RESULT_BYTES + gap_len)
      return luaL_error(L, "a text of more than %d bytes", PKT_MAX_RESULT_BYTES);
    pkt_charge_bytes(L, n + gap_len);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  return 1;
}

int pkt_word_tostring(lua_State *L) {
  size_t n;
  push_shown(L, 1, &n);
  return 1;
}

static bool is_space(char c) { return c != '\0' && strchr(" \t\n\v\f\r", c) != NULL; }

/* Of digits in base 2 to 36, as Lua's; the sign in front, and space around. */
static int number_in_base(lua_State *L, lua_Integer base) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  luaL_argcheck(L, base >= 2 && base <= 36, 2, "a base of 2 to 36 was expected");
  pkt_charge_bytes(L, n);
  while (n > 0 && is_space(text[n - 1])) n--;
  for (; n > 0 && is_space(*text); n--) text++;
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

int pkt_word_tonumber(lua_State *L) {
  luaL_checkany(L, 1);
  if (!lua_isnoneornil(L, 2)) return number_in_base(L, luaL_checkinteger(L, 2));
  if (lua_type(L, 1) == LUA_TNUMBER) {
    lua_settop(L, 1);
    return 1;
  }
  size_t n;
  const char *text = lua_tolstring(L, 1, &n);
  if (text) pkt_charge_bytes(L, n);
  if (!text || lua_stringtonumber(L, text) != n + 1) luaL_pushfail(L);
  return 1;
}
