#include "core_socket.h"

#include <errno.h>
#include <lauxlib.h>
#include <string.h>
#include <sys/random.h>

#include "core.h"
#include "errors.h"
#include "sockets.h"

#define SOCKET_MT "luapkt.socket"

#define MAX_INTERFACES 256 /* of a host that are told */
#define MAX_RANDOM 256     /* bytes that getrandom(2) gives whole */

struct held {
  struct pkt_raw *raw; /* NULL once it is closed */
};

static struct pkt_raw *check_raw(lua_State *L) {
  struct held *h = luaL_checkudata(L, 1, SOCKET_MT);
  if (!h->raw) luaL_error(L, "the socket is closed");
  return h->raw;
}

/* ------------------------------------------------------------------------------------ opening */

static bool get_flag(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  bool set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return set;
}

/* A text of the options at 1, kept alive by them; NULL where there is none. */
static const char *get_text(lua_State *L, const char *name) {
  int type = lua_getfield(L, 1, name);
  const char *text = type == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  if (type != LUA_TNIL && !text)
    luaL_error(L, "'%s': text expected, got %s", name, luaL_typename(L, -1));
  if (text && strlen(text) != lua_rawlen(L, -1)) luaL_error(L, "'%s' has a zero byte", name);
  lua_pop(L, 1);
  return text;
}

/* A whole number of the options at 1. False: there is none. */
static bool get_number(lua_State *L, const char *name, lua_Integer most, lua_Integer *out) {
  int whole, type = lua_getfield(L, 1, name);
  *out = type == LUA_TNIL ? 0 : lua_tointegerx(L, -1, &whole);
  if (type != LUA_TNIL && (!whole || *out < 0 || *out > most))
    luaL_error(L, "'%s': a number from 0 to %I expected, got %s", name, most,
               luaL_tolstring(L, -1, NULL));
  lua_pop(L, 1);
  return type != LUA_TNIL;
}

static int l_open(lua_State *L) {
  struct pkt_err err = {0};
  lua_Integer layer, type, buffer;
  luaL_checktype(L, 1, LUA_TTABLE);
  if (!get_number(L, "layer", 3, &layer)) layer = 2;
  bool has_type = get_number(L, "type", UINT16_MAX, &type);
  get_number(L, "buffer", INT32_MAX, &buffer);
  struct pkt_raw_setup setup = {.layer = (int)layer,
                                .interface = get_text(L, "interface"),
                                .filter = get_text(L, "filter"),
                                .type = (uint16_t)type,
                                .has_type = has_type,
                                .send_only = get_flag(L, "send_only"),
                                .promiscuous = get_flag(L, "promiscuous"),
                                .outgoing = get_flag(L, "outgoing"),
                                .buffer = (uint32_t)buffer};
  struct held *h = lua_newuserdatauv(L, sizeof *h, 0);
  h->raw = NULL;
  luaL_setmetatable(L, SOCKET_MT);
  h->raw = pkt_sockets.open(&setup, &err);
  return h->raw ? 1 : pkt_lua_push_error(L, &err);
}

static int l_close(lua_State *L) {
  struct held *h = luaL_checkudata(L, 1, SOCKET_MT);
  pkt_sockets.close(h->raw);
  h->raw = NULL;
  return 0;
}

/* ---------------------------------------------------------------------------------- receiving */

static void set_flag(lua_State *L, const char *name, bool value) {
  if (!value) return;
  lua_pushboolean(L, true);
  lua_setfield(L, -2, name);
}

static void push_about(lua_State *L, const struct pkt_raw_frame *f) {
  static const char *const kinds[] = {"host", "broadcast", "multicast", "other", "outgoing"};
  lua_createtable(L, 0, 8);
  pkt_lua_set_integer(L, "time", f->time);
  pkt_lua_set_integer(L, "wire_len", f->wire_len);
  pkt_lua_set_integer(L, "interface", f->interface);
  pkt_lua_set_integer(L, "type", f->type);
  lua_pushstring(L, kinds[f->kind]);
  lua_setfield(L, -2, "kind");
  if (f->tagged) pkt_lua_set_integer(L, "tag", f->tag);
  set_flag(L, "cut", f->cut);
  set_flag(L, "unsummed", f->unsummed);
}

static int l_receive(lua_State *L) {
  struct pkt_raw *r = check_raw(L);
  struct pkt_raw_frame frame;
  struct pkt_err err = {0};
  int got = pkt_sockets.receive(r, luaL_checkinteger(L, 2), &frame, &err);
  if (got == 0) pkt_fail(&err, PKT_ERR_TIMEOUT, "nothing came in time");
  if (got <= 0) return pkt_lua_push_error(L, &err);
  lua_pushlstring(L, (const char *)frame.bytes, frame.len);
  push_about(L, &frame);
  return 2;
}

static int answer(lua_State *L, int status, const struct pkt_err *err) {
  if (status != 0) return pkt_lua_push_error(L, err);
  lua_pushboolean(L, true);
  return 1;
}

static int l_filter(lua_State *L) {
  struct pkt_raw *r = check_raw(L);
  struct pkt_err err = {0};
  size_t n = 0;
  const char *filter = luaL_optlstring(L, 2, NULL, &n);
  luaL_argcheck(L, !filter || strlen(filter) == n, 2, "has a zero byte");
  return answer(L, pkt_sockets.filter(r, filter, &err), &err);
}

static int l_drain(lua_State *L) {
  struct pkt_raw *r = check_raw(L);
  struct pkt_err err = {0};
  return answer(L, pkt_sockets.drain(r, &err), &err);
}

static int l_stats(lua_State *L) {
  struct pkt_raw_stats stats;
  pkt_sockets.stats(check_raw(L), &stats);
  lua_createtable(L, 0, 3);
  pkt_lua_set_integer(L, "received", (lua_Integer)stats.received);
  pkt_lua_set_integer(L, "dropped", (lua_Integer)stats.dropped);
  pkt_lua_set_integer(L, "sent", (lua_Integer)stats.sent);
  return 1;
}

/* ------------------------------------------------------------------------------------ sending */

/* The frames of one call, over and over. */
struct frames {
  uint64_t len, next;
  struct pkt_raw_piece pieces[];
};

static struct pkt_raw_piece next_frame(void *ctx) {
  struct frames *f = ctx;
  struct pkt_raw_piece p = f->pieces[f->next++];
  if (f->next == f->len) f->next = 0;
  return p;
}

static struct pkt_raw_piece check_piece(lua_State *L, int index) {
  size_t n;
  if (lua_type(L, index) != LUA_TSTRING)
    luaL_argerror(L, 2, lua_pushfstring(L, "bytes expected, got %s", luaL_typename(L, index)));
  const char *bytes = lua_tolstring(L, index, &n);
  luaL_argcheck(L, n <= PKT_MAX_PACKET, 2, "more bytes than a packet may have");
  return (struct pkt_raw_piece){.bytes = (const uint8_t *)bytes, .len = (uint32_t)n};
}

/* What is at 2 as a userdata on the stack; the strings are kept alive by what is there. */
static struct frames *push_frames(lua_State *L) {
  size_t n = lua_istable(L, 2) ? lua_rawlen(L, 2) : 1;
  struct frames *f = lua_newuserdatauv(L, sizeof *f + n * sizeof *f->pieces, 0);
  f->len = n;
  f->next = 0;
  if (!lua_istable(L, 2)) {
    f->pieces[0] = check_piece(L, 2);
    return f;
  }
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    f->pieces[i] = check_piece(L, -1);
    lua_pop(L, 1);
  }
  return f;
}

/* sent = s:send(what, times, rate), or nil, an error and how many went out before it */
static int l_send(lua_State *L) {
  struct pkt_raw *r = check_raw(L);
  struct pkt_err err = {0};
  uint64_t sent = 0;
  lua_Integer times = luaL_checkinteger(L, 3), rate = luaL_checkinteger(L, 4);
  luaL_argcheck(L, times >= 0 && times <= INT64_MAX >> 24, 3, "too often");
  luaL_argcheck(L, rate >= 0, 4, "a rate is not below 0");
  struct frames *f = push_frames(L);
  luaL_argcheck(L, f->len < 1u << 24, 2, "too many frames at once");
  const struct pkt_raw_source source = {
      .next = next_frame, .ctx = f, .life = f->len == 1 ? PKT_RAW_SAME : PKT_RAW_STAYS};
  int status = pkt_sockets.send(r, &source, f->len * (uint64_t)times, (uint64_t)rate, &sent, &err);
  if (status != 0) pkt_lua_push_error(L, &err);
  lua_pushinteger(L, (lua_Integer)sent);
  return status != 0 ? 3 : 1;
}

/* address = s:source(packet): the bytes of the source that its route has, none where there is no
** route; or nil and an error */
static int l_source(lua_State *L) {
  const struct pkt_raw *r = check_raw(L);
  const struct pkt_raw_piece packet = check_piece(L, 2);
  struct pkt_err err = {0};
  uint8_t source[16];
  int n = pkt_sockets.find_source(r, &packet, source, &err);
  if (n < 0) return pkt_lua_push_error(L, &err);
  lua_pushlstring(L, (const char *)source, (size_t)n);
  return 1;
}

/* --------------------------------------------------------------------------------- interfaces */

static void push_interface(lua_State *L, const struct pkt_raw_interface *i) {
  lua_createtable(L, 0, 6);
  lua_pushstring(L, i->name);
  lua_setfield(L, -2, "name");
  pkt_lua_set_integer(L, "index", i->index);
  pkt_lua_set_integer(L, "mtu", i->mtu);
  lua_pushboolean(L, i->up);
  lua_setfield(L, -2, "up");
  if (i->has_mac) {
    lua_pushlstring(L, (const char *)i->mac, sizeof i->mac);
    lua_setfield(L, -2, "mac");
  }
  lua_createtable(L, (int)i->naddresses, 0);
  for (uint32_t k = 0; k < i->naddresses; k++) {
    lua_createtable(L, 0, 2);
    lua_pushlstring(L, (const char *)i->addresses[k].bytes, i->addresses[k].len);
    lua_setfield(L, -2, "address");
    pkt_lua_set_integer(L, "prefix", i->addresses[k].prefix);
    lua_rawseti(L, -2, (lua_Integer)k + 1);
  }
  lua_setfield(L, -2, "addresses");
}

static int l_interfaces(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_raw_interface *all = lua_newuserdatauv(L, MAX_INTERFACES * sizeof *all, 0);
  int n = pkt_sockets.interfaces(all, MAX_INTERFACES, &err);
  if (n < 0) return pkt_lua_push_error(L, &err);
  lua_createtable(L, n, 0);
  for (int i = 0; i < n; i++) {
    push_interface(L, &all[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int l_now(lua_State *L) {
  lua_pushinteger(L, pkt_sockets.now());
  return 1;
}

static int l_random(lua_State *L) {
  char bytes[MAX_RANDOM];
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 0 && n <= MAX_RANDOM, 1, "0 to 256 expected");
  if (getrandom(bytes, (size_t)n, 0) != n)
    return luaL_error(L, "no random numbers: %s", strerror(errno));
  lua_pushlstring(L, bytes, (size_t)n);
  return 1;
}

int pkt_open_socket(lua_State *L) {
  static const luaL_Reg functions[] = {{"open", l_open},
                                       {"interfaces", l_interfaces},
                                       {"now", l_now},
                                       {"random", l_random},
                                       {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"receive", l_receive}, {"send", l_send},   {"filter", l_filter},
      {"drain", l_drain},     {"stats", l_stats}, {"source", l_source},
      {"close", l_close},     {"__gc", l_close},  {NULL, NULL}};
  pkt_make_class(L, SOCKET_MT, methods);
  luaL_newlib(L, functions);
  return 1;
}
