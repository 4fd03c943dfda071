/* core_packet_layers.c - the layers of a packet: which they are, and how they are put together,
** taken away and read anew. */
#include <lauxlib.h>
#include <string.h>

#include "../engine/build.h"
#include "../engine/dissect.h"
#include "core_packet_inner.h"
#include "errors.h"

/* -------------------------------------------------------------------------------------- finding */

static int l_count(lua_State *L) {
  lua_pushinteger(L, pkt_check_packet(L, 1)->packet->len);
  return 1;
}

/* The index of the nth of the layers that are asked for by 'wanted'; how many there are: none. */
static uint32_t find_nth(const struct pkt_packet *p, const struct pkt_plan *wanted,
                         lua_Integer nth) {
  uint32_t i = 0;
  while (i < p->len && (!pkt_plan_is_wanted(p->layers[i]->plan, wanted) || --nth > 0)) i++;
  return i;
}

static int l_find(lua_State *L) {
  struct pkt_holder *h = pkt_check_packet(L, 1);
  size_t n;
  const char *id = luaL_checklstring(L, 2, &n);
  lua_Integer nth = luaL_optinteger(L, 3, 1);
  const struct pkt_plan *wanted = pkt_registry_find(h->shop.registry, id, n);
  if (!wanted) return luaL_error(L, "there is no protocol '%s'", id);
  uint32_t i = find_nth(h->packet, wanted, nth);
  if (i < h->packet->len)
    lua_pushinteger(L, (lua_Integer)i + 1);
  else
    lua_pushnil(L);
  return 1;
}

/* A place from 1 to 'most' as an index from 0. */
static uint32_t check_place(lua_State *L, int arg, uint32_t most) {
  lua_Integer place = luaL_checkinteger(L, arg);
  if (place < 1 || place > most)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "place of 1 to %d expected, got %I", (int)most, place));
  return (uint32_t)place - 1;
}

static void push_kind(lua_State *L, int index, struct pkt_holder *h,
                      const struct pkt_plan *wanted) {
  uint32_t i = find_nth(h->packet, wanted, 1);
  if (i < h->packet->len)
    pkt_push_handle(L, index, h, i);
  else
    lua_pushnil(L);
}

void pkt_push_refilled_kind(lua_State *L, int index, struct pkt_holder *h,
                            const struct pkt_plan *wanted) {
  pkt_check_there(L, h);
  push_kind(L, index, h, wanted);
}

static int l_layer(lua_State *L) {
  struct pkt_holder *h = pkt_check_packet(L, 1);
  lua_Integer place = luaL_checkinteger(L, 2);
  if (place < 1 || place > h->packet->len)
    lua_pushnil(L);
  else
    pkt_push_handle(L, 1, h, (uint32_t)place - 1);
  return 1;
}

/* ------------------------------------------------------------------------------------- changing */

/* Adjust Padding when layers are added or removed at index 'at': if layers above hold it, it is
** now held by so many more, or fewer. */
static void shift_padding(struct pkt_layer *layer, uint32_t at, int by) {
  if (layer->inside > at) layer->inside = (uint16_t)(layer->inside + by);
}

/* Copies of all layers of 'from' in front of layer 'at', in memory of the packet's own. */
static int insert_layers(struct pkt_holder *h, uint32_t at, const struct pkt_packet *from,
                         struct pkt_err *err) {
  struct pkt_layer *fresh[PKT_PACKET_ROOM];
  struct pkt_packet *p = h->packet;
  uint32_t n = from->len;
  if (p->len + n > PKT_MAX_LAYERS)
    return pkt_fail(err, PKT_ERR_LIMIT, "a packet holds at most %d layers", PKT_MAX_LAYERS);
  for (uint32_t i = 0; i < n; i++) {
    fresh[i] = pkt_layer_copy(&h->arena, from->layers[i], NULL);
    if (!fresh[i]) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    fresh[i]->tag = 0;
    shift_padding(fresh[i], 0, (int)at);
  }
  pkt_unbind(p, at);
  for (uint32_t i = 0; i < p->len; i++) shift_padding(p->layers[i], at, (int)n);
  memmove(p->layers + at + n, p->layers + at, (p->len - at) * sizeof *p->layers);
  memcpy(p->layers + at, fresh, n * sizeof *fresh);
  p->len += n;
  pkt_rebind(p, at);
  if (n > 0) pkt_rebind(p, at + n);
  return 0;
}

static bool has_same_registry(const struct pkt_holder *h, const struct pkt_holder *other,
                              struct pkt_err *err) {
  if (h->shop.registry == other->shop.registry) return true;
  pkt_fail(err, PKT_ERR_VALUE, "the packet was made before protocols were loaded or added");
  return false;
}

static int l_insert(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = pkt_check_packet(L, 1), *from = pkt_check_packet(L, 3);
  uint32_t at = check_place(L, 2, h->packet->len + 1);
  if (!has_same_registry(h, from, &err) || insert_layers(h, at, from->packet, &err) != 0)
    return pkt_lua_push_error(L, &err);
  pkt_holder_touch(h);
  pkt_holder_settle(L, h);
  lua_pushboolean(L, true);
  return 1;
}

/* Where layers go that are put on top: before Padding. */
static uint32_t top_of(const struct pkt_packet *p, const struct pkt_packet *upper) {
  uint32_t at = p->len;
  if (upper->len > 0 && upper->layers[0]->plan->is_padding) return at;
  while (at > 0 && p->layers[at - 1]->plan->is_padding) at--;
  return at;
}

static int l_top(lua_State *L) {
  lua_pushinteger(
      L, (lua_Integer)top_of(pkt_check_packet(L, 1)->packet, pkt_check_packet(L, 2)->packet) + 1);
  return 1;
}

/* Push the packet at 1 with the layers of the other on top. */
static int push_combined(lua_State *L, struct pkt_holder *from, struct pkt_holder *upper,
                         struct pkt_err *err) {
  pkt_holder_complete(L, from);
  pkt_holder_complete(L, upper);
  struct pkt_holder *h = pkt_push_copy(L, from);
  if (insert_layers(h, top_of(h->packet, upper->packet), upper->packet, err) != 0) return -1;
  pkt_holder_settle(L, h);
  return 0;
}

static int l_combine(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *from = pkt_check_packet(L, 1), *upper = pkt_check_packet(L, 2);
  if (has_same_registry(from, upper, &err) && push_combined(L, from, upper, &err) == 0) return 1;
  return pkt_lua_push_error(L, &err);
}

static int l_remove(lua_State *L) {
  struct pkt_holder *h = pkt_check_packet(L, 1);
  struct pkt_packet *p = h->packet;
  uint32_t at = check_place(L, 2, p->len);
  pkt_unbind(p, at);
  p->len--;
  for (uint32_t i = 0; i <= p->len; i++) shift_padding(p->layers[i], at, -1);
  memmove(p->layers + at, p->layers + at + 1, (p->len - at) * sizeof *p->layers);
  pkt_rebind(p, at);
  pkt_holder_touch(h);
  return 0;
}

/* Put the layers of 'read', whose bytes begin at 'offset', in place of those from 'at' on; Padding
** stays behind them, and is held by none of them. */
static int replace_layers(struct pkt_packet *p, uint32_t at, const struct pkt_packet *read,
                          uint32_t offset, struct pkt_err *err) {
  uint32_t end = p->len;
  while (end > at + 1 && p->layers[end - 1]->plan->is_padding) end--;
  uint32_t behind = p->len - end;
  if (at + read->len + behind > PKT_PACKET_ROOM)
    return pkt_fail(err, PKT_ERR_LIMIT, "a packet holds at most %d layers", PKT_MAX_LAYERS);
  memmove(p->layers + at + read->len, p->layers + end, behind * sizeof *p->layers);
  for (uint32_t i = 0; i < behind; i++) {
    struct pkt_layer *padding = p->layers[at + read->len + i];
    if (padding->inside > at) padding->inside = (uint16_t)at;
  }
  for (uint32_t i = 0; i < read->len; i++) {
    p->layers[at + i] = read->layers[i];
    read->layers[i]->offset += offset;
    if (read->layers[i]->plan->is_padding) read->layers[i]->inside += (uint16_t)at;
  }
  p->len = at + read->len + behind;
  return 0;
}

static int l_decode(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = pkt_check_packet(L, 1);
  struct pkt_packet *p = h->packet;
  uint32_t at = check_place(L, 2, p->len), end = p->len;
  size_t len;
  const char *id = luaL_checklstring(L, 3, &len);
  const struct pkt_plan *plan = pkt_find_plan(h->shop.registry, id, len, &err);
  if (!plan || pkt_holder_build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_getiuservalue(L, 1, PKT_HOLDER_BUILT);
  const char *bytes = lua_tolstring(L, -1, &len);
  while (end > at + 1 && p->layers[end - 1]->plan->is_padding) len = p->layers[--end]->offset;
  if (at > 0) len -= pkt_packet_trailers(p, at - 1);
  uint32_t offset = p->layers[at]->offset;
  luaL_argcheck(L, offset <= len, 2, "no layer that carries anything");
  const uint8_t *copy = pkt_memdup(&h->arena, bytes + offset, len - offset);
  if (!copy) return luaL_error(L, "out of memory");
  const struct pkt_packet *read =
      pkt_dissect(&h->arena, plan, copy, len - offset, PKT_REACH_ALL, &err);
  if (!read || replace_layers(p, at, read, offset, &err) != 0) return pkt_lua_push_error(L, &err);
  pkt_holder_touch(h);
  pkt_holder_settle(L, h);
  lua_pushboolean(L, true);
  return 1;
}

static int l_forget(lua_State *L) {
  struct pkt_holder *h = pkt_check_packet(L, 1);
  h->packet->layers[check_place(L, 2, h->packet->len)]->raw = NULL;
  pkt_holder_touch(h);
  return 0;
}

/* ------------------------------------------------------------------------- what scripts do most */

/* p.IP, p:bytes(); upvalue 2 is the table of methods */
static int l_index_packet(lua_State *L) {
  size_t n;
  if (lua_type(L, 2) != LUA_TSTRING) return pkt_leave_to_lua(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
  struct pkt_holder *h = pkt_check_packet(L, 1);
  const char *id = lua_tolstring(L, 2, &n);
  const struct pkt_plan *plan = pkt_registry_find(h->shop.registry, id, n);
  if (!plan) return pkt_leave_to_lua(L, 2);
  push_kind(L, 1, h, plan);
  return 1;
}

/* p / q of two packets; what fails does so in Lua's function */
static int l_divide(lua_State *L) {
  struct pkt_err ignored;
  lua_settop(L, 2);
  struct pkt_holder *from = pkt_with_mark(L, 1, sizeof *from, &pkt_packet_mark);
  struct pkt_holder *upper = pkt_with_mark(L, 2, sizeof *upper, &pkt_packet_mark);
  bool usual = from && upper && pkt_holder_is_there(from) && pkt_holder_is_there(upper) &&
               from->shop.registry == upper->shop.registry;
  if (usual && push_combined(L, from, upper, &ignored) == 0) return 1;
  return pkt_leave_to_lua(L, 2);
}

static int l_packet_index(lua_State *L) { return pkt_push_usual(L, l_index_packet, 2); }
static int l_packet_divide(lua_State *L) { return pkt_push_usual(L, l_divide, 1); }

void pkt_add_packet_layers(lua_State *L) {
  static const luaL_Reg functions[] = {{"count", l_count},
                                       {"find", l_find},
                                       {"layer", l_layer},
                                       {"insert", l_insert},
                                       {"top", l_top},
                                       {"combine", l_combine},
                                       {"remove", l_remove},
                                       {"decode", l_decode},
                                       {"forget", l_forget},
                                       {"packet_index", l_packet_index},
                                       {"packet_divide", l_packet_divide},
                                       {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
