#include "core_packet.h"

#include <lauxlib.h>

#include "../engine/build.h"
#include "../engine/copy.h"
#include "../engine/dissect.h"
#include "../engine/model.h"
#include "../engine/reply.h"
#include "../engine/show.h"
#include "core_packet_inner.h"
#include "errors.h"
#include "values.h"

#define PACKET_MT "luapkt.packet"
#define LAYER_MT "luapkt.layer"

/* What a packet may take beside. A change leaves the old value behind, so once a packet took this
** much more than twice what it needs, what it needs is copied and the rest given back. */
#define GROWTH ((size_t)256 << 10)
#define MOST ((size_t)64 << 20) /* the largest packet, with each byte in several nested lists */

/* User values of a packet: its registry, the bytes that it was read from, those that were built, and
** what names its lowest layers, made when first asked for. */
enum { REGISTRY = 1, SOURCE, BUILT, LAYERS, KEPT_LAYERS = 6, PACKET_VALUES = BUILT + KEPT_LAYERS };

const char pkt_packet_mark, pkt_layer_mark;

static void check_there(lua_State *L, const struct pkt_holder *h) {
  if (!h->packet) luaL_error(L, "the packet is finalized");
}

static struct pkt_holder *check_packet(lua_State *L, int index) {
  struct pkt_holder *h = pkt_with_mark(L, index, sizeof *h, &pkt_packet_mark);
  if (!h) luaL_typeerror(L, index, "packet");
  if (!h->packet) luaL_argerror(L, index, "the packet is finalized");
  pkt_holder_complete(L, h);
  return h;
}

/* ------------------------------------------------------------------------------------- memory */

static int l_free(lua_State *L) {
  struct pkt_holder *h = pkt_with_mark(L, 1, sizeof *h, &pkt_packet_mark);
  if (!h) return luaL_typeerror(L, 1, "packet");
  h->packet = NULL;
  pkt_arena_free(&h->arena);
  return 0;
}

/* The layers copied into a new arena; false, and all is as it was, without memory. */
static bool move_layers(struct pkt_holder *h) {
  struct pkt_arena fresh;
  pkt_arena_init(&fresh, MOST);
  fresh.block = PKT_HOLDER_ROOM;
  struct pkt_packet *p = pkt_packet_new(&fresh);
  for (uint32_t i = 0; p && i < h->packet->len; i++) {
    p->layers[i] = pkt_layer_copy(&fresh, h->packet->layers[i], &h->source);
    p = p->layers[i] ? p : NULL;
  }
  if (!p) {
    pkt_arena_free(&fresh);
    return false;
  }
  p->len = h->packet->len;
  pkt_arena_free(&h->arena);
  h->arena = fresh;
  h->packet = p;
  return true;
}

void pkt_holder_compact(struct pkt_holder *h) {
  (void)move_layers(h);
  h->compact_at = 2 * h->arena.used + GROWTH;
  h->told = h->told < h->arena.used ? h->told : h->arena.used;
}

void pkt_holder_tell(lua_State *L, struct pkt_holder *h) {
  size_t more = h->arena.used - h->told;
  h->told = h->arena.used;
  if (lua_gc(L, LUA_GCISRUNNING)) lua_gc(L, LUA_GCSTEP, (int)(more >> 10));
}

static void begin_room(struct pkt_holder *h) {
  uint8_t *room = h->room + (16 - (uintptr_t)h->room % 16) % 16;
  pkt_arena_init_in(&h->arena, room, PKT_HOLDER_ROOM, MOST);
}

/* Push a packet of the registry at 'registry', its layers still to be made. */
static struct pkt_holder *push_packet(lua_State *L, int registry) {
  struct pkt_workshop shop = pkt_core_workshop(L, registry);
  registry = lua_absindex(L, registry);
  struct pkt_holder *h = lua_newuserdatauv(L, sizeof *h, PACKET_VALUES);
  h->mark = &pkt_packet_mark;
  h->packet = NULL;
  h->shop = shop;
  h->source = (struct pkt_span){NULL, 0};
  h->compact_at = GROWTH;
  h->told = 0;
  h->tags = 0;
  h->built = h->refilled = false;
  begin_room(h);
  luaL_setmetatable(L, PACKET_MT); /* from here on the collector frees what is allocated */
  lua_pushvalue(L, registry);
  lua_setiuservalue(L, -2, REGISTRY);
  return h;
}

/* The same with room for layers. */
static struct pkt_holder *push_empty(lua_State *L, int registry) {
  struct pkt_holder *h = push_packet(L, registry);
  h->packet = pkt_packet_new(&h->arena);
  if (!h->packet) luaL_error(L, "out of memory");
  return h;
}

void pkt_holder_read_on(lua_State *L, struct pkt_holder *h) {
  struct pkt_err err;
  if (pkt_dissect_on(&h->arena, h->packet, PKT_REACH_ALL, &err) != 0)
    luaL_error(L, "%s", err.message);
}

/* ------------------------------------------------------------------------------ making packets */

static int fail_memory(struct pkt_err *err) {
  return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
}

/* A protocol by its id; NULL with *err filled in. */
static const struct pkt_plan *find_plan(const struct pkt_registry *r, const char *id, size_t n,
                                        struct pkt_err *err) {
  char quote[PKT_QUOTE_ROOM];
  const struct pkt_plan *plan = pkt_registry_find(r, id, n);
  if (!plan) pkt_fail(err, PKT_ERR_UNKNOWN, "there is no protocol %s", pkt_quote(quote, id, n));
  return plan;
}

/* The protocol with the id at 'index', or for whose number, a LINKTYPE, captures use it. */
static const struct pkt_plan *read_plan(lua_State *L, const struct pkt_registry *r, int index,
                                        const char *bytes, size_t n, struct pkt_err *err) {
  size_t len;
  if (lua_isinteger(L, index)) {
    lua_Integer link = lua_tointeger(L, index);
    luaL_argcheck(L, link >= 0 && link <= UINT16_MAX, index, "LINKTYPE of 0 to 65535 expected");
    return pkt_dissect_link(r, (uint32_t)link, (const uint8_t *)bytes, n);
  }
  const char *id = luaL_checklstring(L, index, &len);
  return find_plan(r, id, len, err);
}

static int l_new(lua_State *L) {
  push_empty(L, 1);
  return 1;
}

static int l_read(lua_State *L) {
  struct pkt_err err = {0};
  size_t n;
  const struct pkt_registry *r = pkt_core_registry(L, 1);
  const char *bytes = luaL_checklstring(L, 2, &n);
  const struct pkt_plan *plan = read_plan(L, r, 3, bytes, n, &err);
  if (!plan) return pkt_lua_push_error(L, &err);
  struct pkt_holder *h = push_packet(L, 1);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, -2, SOURCE);
  h->source = (struct pkt_span){(const uint8_t *)bytes, n};
  h->packet = pkt_dissect(&h->arena, plan, h->source.p, n, PKT_REACH_ALL, &err);
  if (!h->packet) return pkt_lua_push_error(L, &err);
  pkt_holder_settle(L, h);
  return 1;
}

/* Its memory is kept from one packet to the next. */
struct pkt_holder *pkt_push_refilled(lua_State *L, int registry) {
  struct pkt_holder *h = push_packet(L, registry);
  pkt_arena_init(&h->arena, MOST);
  h->packet = pkt_packet_new(&h->arena);
  h->refilled = true;
  if (!h->packet) luaL_error(L, "out of memory");
  return h;
}

int pkt_refill(lua_State *L, struct pkt_holder *h, uint32_t link, const uint8_t *bytes, size_t n,
               const struct pkt_sought *sought, struct pkt_err *err) {
  check_there(L, h);
  const struct pkt_registry *r = h->shop.registry;
  pkt_arena_reset(&h->arena);
  h->told = 0;
  h->built = false;
  uint8_t *copy = pkt_memdup(&h->arena, bytes, n);
  const struct pkt_plan *plan = pkt_dissect_link(r, link, bytes, n);
  struct pkt_packet *p = NULL;
  if (copy) p = pkt_dissect_sought(&h->arena, plan, copy, n, PKT_REACH_ALL, sought, err);
  if (copy && !p) p = pkt_dissect(&h->arena, r->raw, copy, n, PKT_REACH_ALL, err);
  h->packet = p ? p : pkt_packet_new(&h->arena);
  if (!h->packet) luaL_error(L, "out of memory");
  pkt_holder_settle(L, h);
  return p ? 0 : -1;
}

struct pkt_packet *pkt_refilled_part(lua_State *L, struct pkt_holder *h) {
  check_there(L, h);
  return h->packet;
}

struct pkt_packet *pkt_refilled(lua_State *L, struct pkt_holder *h) {
  check_there(L, h);
  pkt_holder_complete(L, h);
  return h->packet;
}

struct pkt_packet *pkt_refilled_anew(lua_State *L, struct pkt_holder *h, struct pkt_arena **arena) {
  check_there(L, h);
  pkt_holder_touch(h);
  *arena = &h->arena;
  return h->packet;
}

int pkt_holder_set(struct pkt_holder *h, struct pkt_layer *layer, const struct pkt_op *op,
                   struct pkt_value *v, struct pkt_err *err) {
  struct pkt_model_reader r = {
      .context = {.arena = &h->arena, .registry = h->shop.registry, .rng = h->shop.rng}};
  bool list = op->kind == PKT_OPTIONS || op->kind == PKT_LAYERS || op->kind == PKT_LAYER;
  if (list && v->type == PKT_V_TEXT) v->type = PKT_V_BYTES;
  if (op->kind != PKT_CHOICE) v->lua = true;
  return pkt_model_set(&r, h->packet, layer, op, v, err);
}

int pkt_no_field(struct pkt_err *err, const struct pkt_layer *layer, const char *id, size_t n) {
  char quote[PKT_QUOTE_ROOM];
  return pkt_fail(err, PKT_ERR_UNKNOWN, "%s has no field %s", layer->plan->id,
                  pkt_quote(quote, id, n));
}

/* DNS{compress = true}: how the layer is written, where no field has that name. */
static bool is_way_of_writing(const struct pkt_member *m) {
  return m->key_len == 8 && memcmp(m->key, "compress", 8) == 0 && m->value.type == PKT_V_BOOL;
}

static int set_member(struct pkt_holder *h, struct pkt_layer *layer, struct pkt_member *m, int pass,
                      struct pkt_err *err) {
  if (!m->key) return pkt_fail(err, PKT_ERR_VALUE, "%s: fields are named", layer->plan->id);
  const struct pkt_op *op = pkt_plan_op(layer->plan, m->key, m->key_len);
  if (!op && is_way_of_writing(m)) {
    layer->compress = m->value.num != 0;
    return 0;
  }
  if (!op) return pkt_no_field(err, layer, m->key, m->key_len);
  return pkt_op_is_late(op) == (pass == 1) ? pkt_holder_set(h, layer, op, &m->value, err) : 0;
}

/* Those whose form depends on other fields come last. */
static int set_members(struct pkt_holder *h, struct pkt_layer *layer, struct pkt_value *map,
                       struct pkt_err *err) {
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < map->len; i++)
      if (set_member(h, layer, &map->members[i], pass, err) != 0) return -1;
  return 0;
}

static int l_make(lua_State *L) {
  struct pkt_err err = {0};
  size_t n;
  const char *id = luaL_checklstring(L, 2, &n);
  luaL_checktype(L, 3, LUA_TTABLE);
  const struct pkt_plan *plan = find_plan(pkt_core_registry(L, 1), id, n, &err);
  if (!plan) return pkt_lua_push_error(L, &err);
  if (plan->abstract) {
    pkt_fail(&err, PKT_ERR_UNKNOWN, "%s is a family of protocols, none itself", plan->id);
    return pkt_lua_push_error(L, &err);
  }
  struct pkt_holder *h = push_empty(L, 1);
  struct pkt_layer *layer = pkt_layer_new(&h->arena, plan->builds ? plan->builds : plan);
  if (!layer) return luaL_error(L, "out of memory");
  struct pkt_value map = pkt_lua_to_map(L, 3, &h->arena);
  if (set_members(h, layer, &map, &err) != 0) return pkt_lua_push_error(L, &err);
  h->packet->layers[h->packet->len++] = layer;
  pkt_holder_settle(L, h);
  return 1;
}

/* Is there a userdata, as packets and layers are, in the value on top? Deeper than values may be
** nested is not looked. */
static bool holds_objects(lua_State *L, int depth) {
  if (lua_isuserdata(L, -1)) return true;
  if (!lua_istable(L, -1) || depth == PKT_MAX_DEPTH) return false;
  luaL_checkstack(L, 3, "values nested too deep");
  bool found = false;
  for (lua_pushnil(L); !found && lua_next(L, -2) != 0; lua_pop(L, 1))
    found = holds_objects(L, depth + 1);
  if (found) lua_pop(L, 1); /* the key */
  return found;
}

static int l_holds_objects(lua_State *L) {
  lua_settop(L, 1);
  lua_pushboolean(L, holds_objects(L, 0));
  return 1;
}

/* The registry of the packet at 'index', pushed. */
static void push_registry(lua_State *L, int index) { lua_getiuservalue(L, index, REGISTRY); }

/* Push a packet with the layers of that at 1, copied. What it was read from is shared. */
static struct pkt_holder *push_copy(lua_State *L, const struct pkt_holder *from) {
  push_registry(L, 1);
  struct pkt_holder *h = push_empty(L, -1);
  lua_remove(L, -2); /* the registry */
  if (from->source.p) {
    lua_getiuservalue(L, 1, SOURCE);
    lua_setiuservalue(L, -2, SOURCE);
    h->source = from->source;
  }
  for (uint32_t i = 0; i < from->packet->len; i++) {
    struct pkt_layer *layer = pkt_layer_copy(&h->arena, from->packet->layers[i], &h->source);
    if (!layer) luaL_error(L, "out of memory");
    layer->tag = 0;
    h->packet->layers[h->packet->len++] = layer;
  }
  return h;
}

static int l_copy(lua_State *L) {
  const struct pkt_holder *from = check_packet(L, 1);
  struct pkt_holder *h = push_copy(L, from);
  if (from->built) {
    lua_getiuservalue(L, 1, BUILT);
    lua_setiuservalue(L, -2, BUILT);
    h->built = true;
  }
  pkt_holder_settle(L, h);
  return 1;
}

/* ------------------------------------------------------------------------------------ building */

int pkt_holder_build(lua_State *L, int index, struct pkt_holder *h, struct pkt_err *err) {
  if (h->built) return 0;
  struct pkt_buf *out = h->shop.out;
  if (pkt_build(h->packet, &h->arena, out, err) != 0) return -1;
  lua_pushlstring(L, out->data, out->len);
  lua_setiuservalue(L, index, BUILT);
  h->built = true;
  return 0;
}

static int l_bytes(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = check_packet(L, 1);
  if (pkt_holder_build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  pkt_holder_settle(L, h);
  lua_getiuservalue(L, 1, BUILT);
  return 1;
}

static int write_json(struct pkt_holder *h, const char *bytes, size_t n, struct pkt_err *err) {
  struct pkt_buf *out = h->shop.out;
  pkt_buf_clear(out, SIZE_MAX);
  out->limit = PKT_MAX_TEXT;
  if (h->packet->len > 0)
    return pkt_reply_write(out, h->shop.scratch, PKT_LUA, h->shop.arena, h->packet,
                           (const uint8_t *)bytes, n, PKT_REACH_ALL, err);
  pkt_buf_lit(out, "{\"binary\":null,\"data\":[]}");
  return out->failed ? fail_memory(err) : 0;
}

static int l_json(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = check_packet(L, 1);
  size_t n;
  if (pkt_holder_build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_getiuservalue(L, 1, BUILT);
  const char *bytes = lua_tolstring(L, -1, &n);
  pkt_arena_reset(h->shop.arena);
  if (write_json(h, bytes, n, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_pushlstring(L, h->shop.out->data, h->shop.out->len);
  pkt_holder_settle(L, h);
  return 1;
}

static void freeze_layer(struct pkt_layer *layer) {
  for (unsigned i = 0; i < layer->plan->nops; i++) {
    struct pkt_slot *s = &layer->slots[i];
    if ((s->state == PKT_UNSET && !s->none) || s->state == PKT_WORKED) s->state = PKT_SET;
  }
}

static int l_freeze(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = check_packet(L, 1);
  if (pkt_holder_build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  for (uint32_t i = 0; i < h->packet->len; i++) freeze_layer(h->packet->layers[i]);
  pkt_holder_settle(L, h);
  lua_pushboolean(L, true);
  return 1;
}

static void recompute_layer(const struct pkt_packet *p, uint32_t i) {
  struct pkt_layer *layer = p->layers[i];
  const struct pkt_plan *plan = layer->plan;
  pkt_unset_inner(layer);
  for (unsigned k = 0; k < plan->nops; k++) {
    const struct pkt_op *op = &plan->ops[k];
    if (pkt_is_measure(op) && pkt_measure_is_known(p, i, op)) pkt_measure_anew(layer, op);
  }
}

/* From the top down: what is known of a layer is told by those below as they were. */
static int l_recompute(lua_State *L) {
  struct pkt_err ignored;
  struct pkt_holder *h = check_packet(L, 1);
  (void)pkt_holder_build(L, 1, h, &ignored); /* layers' sizes */
  for (uint32_t i = h->packet->len; i-- > 0;) recompute_layer(h->packet, i);
  pkt_holder_touch(h);
  pkt_holder_settle(L, h);
  return 0;
}

/* -------------------------------------------------------------------------------------- layers */

static int l_count(lua_State *L) {
  lua_pushinteger(L, check_packet(L, 1)->packet->len);
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
  struct pkt_holder *h = check_packet(L, 1);
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

/* Push what was pushed before for the layer at place 'i' of the packet at 'index', if it is kept. */
static bool push_kept(lua_State *L, int index, const struct pkt_holder *h, uint32_t i) {
  if (i >= KEPT_LAYERS) return false;
  lua_getiuservalue(L, index, LAYERS + (int)i);
  struct pkt_handle *handle = lua_touserdata(L, -1);
  if (handle && h->refilled) handle->tag = h->packet->layers[i]->tag;
  if (handle && handle->tag == h->packet->layers[i]->tag) {
    handle->place = i;
    return true;
  }
  lua_pop(L, 1);
  return false;
}

/* Push what names the layer at place 'i' of the packet at 'index'. */
static void push_handle(lua_State *L, int index, struct pkt_holder *h, uint32_t i) {
  struct pkt_layer *layer = h->packet->layers[i];
  if (layer->tag == 0) layer->tag = ++h->tags;
  if (push_kept(L, index, h, i)) return;
  struct pkt_handle *handle = lua_newuserdatauv(L, sizeof *handle, 1);
  *handle = (struct pkt_handle){&pkt_layer_mark, h, layer->tag, i};
  luaL_setmetatable(L, LAYER_MT);
  lua_pushvalue(L, index);
  lua_setiuservalue(L, -2, 1);
  if (i >= KEPT_LAYERS) return;
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, index, LAYERS + (int)i);
}

void pkt_push_refilled_layer(lua_State *L, int index, struct pkt_holder *h, uint32_t i) {
  check_there(L, h);
  push_handle(L, index, h, i);
}

static void push_kind(lua_State *L, int index, struct pkt_holder *h,
                      const struct pkt_plan *wanted) {
  uint32_t i = find_nth(h->packet, wanted, 1);
  if (i < h->packet->len)
    push_handle(L, index, h, i);
  else
    lua_pushnil(L);
}

void pkt_push_refilled_kind(lua_State *L, int index, struct pkt_holder *h,
                            const struct pkt_plan *wanted) {
  check_there(L, h);
  push_kind(L, index, h, wanted);
}

static int l_layer(lua_State *L) {
  struct pkt_holder *h = check_packet(L, 1);
  lua_Integer place = luaL_checkinteger(L, 2);
  if (place < 1 || place > h->packet->len)
    lua_pushnil(L);
  else
    push_handle(L, 1, h, (uint32_t)place - 1);
  return 1;
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
    if (!fresh[i]) return fail_memory(err);
    fresh[i]->tag = 0;
  }
  pkt_unbind(p, at);
  memmove(p->layers + at + n, p->layers + at, (p->len - at) * sizeof *p->layers);
  memcpy(p->layers + at, fresh, n * sizeof *fresh);
  p->len += n;
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
  struct pkt_holder *h = check_packet(L, 1), *from = check_packet(L, 3);
  uint32_t at = check_place(L, 2, h->packet->len + 1);
  if (!has_same_registry(h, from, &err) || insert_layers(h, at, from->packet, &err) != 0)
    return pkt_lua_push_error(L, &err);
  pkt_holder_touch(h);
  pkt_holder_settle(L, h);
  lua_pushboolean(L, true);
  return 1;
}

/* Where layers go that are put on top: before Padding, which no length covers. */
static uint32_t top_of(const struct pkt_packet *p, const struct pkt_packet *upper) {
  uint32_t at = p->len;
  if (upper->len > 0 && upper->layers[0]->plan->is_padding) return at;
  while (at > 0 && p->layers[at - 1]->plan->is_padding) at--;
  return at;
}

static int l_top(lua_State *L) {
  lua_pushinteger(L,
                  (lua_Integer)top_of(check_packet(L, 1)->packet, check_packet(L, 2)->packet) + 1);
  return 1;
}

/* Push the packet at 1 with the layers of the other on top. */
static int push_combined(lua_State *L, const struct pkt_holder *from,
                         const struct pkt_holder *upper, struct pkt_err *err) {
  struct pkt_holder *h = push_copy(L, from);
  if (insert_layers(h, top_of(h->packet, upper->packet), upper->packet, err) != 0) return -1;
  pkt_holder_settle(L, h);
  return 0;
}

static int l_combine(lua_State *L) {
  struct pkt_err err = {0};
  const struct pkt_holder *from = check_packet(L, 1), *upper = check_packet(L, 2);
  if (has_same_registry(from, upper, &err) && push_combined(L, from, upper, &err) == 0) return 1;
  return pkt_lua_push_error(L, &err);
}

static int l_remove(lua_State *L) {
  struct pkt_holder *h = check_packet(L, 1);
  struct pkt_packet *p = h->packet;
  uint32_t at = check_place(L, 2, p->len);
  pkt_unbind(p, at);
  p->len--;
  memmove(p->layers + at, p->layers + at + 1, (p->len - at) * sizeof *p->layers);
  pkt_holder_touch(h);
  return 0;
}

/* Put the layers of 'read', whose bytes begin at 'offset', in place of those from 'at' on; Padding
** of what lies below stays behind them. */
static int replace_layers(struct pkt_packet *p, uint32_t at, const struct pkt_packet *read,
                          uint32_t offset, struct pkt_err *err) {
  uint32_t end = p->len;
  while (end > at + 1 && p->layers[end - 1]->plan->is_padding) end--;
  uint32_t behind = p->len - end;
  if (at + read->len + behind > PKT_PACKET_ROOM)
    return pkt_fail(err, PKT_ERR_LIMIT, "a packet holds at most %d layers", PKT_MAX_LAYERS);
  memmove(p->layers + at + read->len, p->layers + end, behind * sizeof *p->layers);
  for (uint32_t i = 0; i < read->len; i++) {
    p->layers[at + i] = read->layers[i];
    read->layers[i]->offset += offset;
  }
  p->len = at + read->len + behind;
  return 0;
}

static int l_decode(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = check_packet(L, 1);
  struct pkt_packet *p = h->packet;
  uint32_t at = check_place(L, 2, p->len), end = p->len;
  size_t len;
  const char *id = luaL_checklstring(L, 3, &len);
  const struct pkt_plan *plan = find_plan(h->shop.registry, id, len, &err);
  if (!plan || pkt_holder_build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_getiuservalue(L, 1, BUILT);
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
  struct pkt_holder *h = check_packet(L, 1);
  h->packet->layers[check_place(L, 2, h->packet->len)]->raw = NULL;
  pkt_holder_touch(h);
  return 0;
}

/* --------------------------------------------------------------------------- the usual indexing */

/* What scripts do most, p.IP and layer.ttl, is done here; the rest is left to Lua's functions, which
** are upvalue 1 of these. */
int pkt_leave_to_lua(lua_State *L, int arguments) {
  lua_settop(L, arguments);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, arguments, 1);
  return 1;
}

/* p.IP, p:bytes(); upvalue 2 is the table of methods */
static int l_index_packet(lua_State *L) {
  size_t n;
  if (lua_type(L, 2) != LUA_TSTRING) return pkt_leave_to_lua(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
  struct pkt_holder *h = check_packet(L, 1);
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
  const struct pkt_holder *from = pkt_with_mark(L, 1, sizeof *from, &pkt_packet_mark);
  const struct pkt_holder *upper = pkt_with_mark(L, 2, sizeof *upper, &pkt_packet_mark);
  bool usual =
      from && upper && from->packet && upper->packet && from->shop.registry == upper->shop.registry;
  if (usual && push_combined(L, from, upper, &ignored) == 0) return 1;
  return pkt_leave_to_lua(L, 2);
}

int pkt_push_usual(lua_State *L, lua_CFunction f, int upvalues) {
  for (int i = 1; i <= upvalues; i++) luaL_checkany(L, i);
  lua_settop(L, upvalues);
  lua_pushcclosure(L, f, upvalues);
  return 1;
}

static int l_packet_index(lua_State *L) { return pkt_push_usual(L, l_index_packet, 2); }
static int l_packet_divide(lua_State *L) { return pkt_push_usual(L, l_divide, 1); }

int pkt_open_packet(lua_State *L) {
  static const luaL_Reg functions[] = {{"new", l_new},
                                       {"make", l_make},
                                       {"read", l_read},
                                       {"copy", l_copy},
                                       {"count", l_count},
                                       {"find", l_find},
                                       {"layer", l_layer},
                                       {"insert", l_insert},
                                       {"top", l_top},
                                       {"combine", l_combine},
                                       {"remove", l_remove},
                                       {"decode", l_decode},
                                       {"bytes", l_bytes},
                                       {"json", l_json},
                                       {"freeze", l_freeze},
                                       {"recompute", l_recompute},
                                       {"forget", l_forget},
                                       {"holds_objects", l_holds_objects},
                                       {"packet_index", l_packet_index},
                                       {"packet_divide", l_packet_divide},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  pkt_add_layer_functions(L);
  luaL_newmetatable(L, PACKET_MT);
  lua_pushcfunction(L, l_free);
  lua_setfield(L, -2, "__gc");
  lua_setfield(L, -2, "packet_class");
  luaL_newmetatable(L, LAYER_MT);
  lua_setfield(L, -2, "layer_class");
  return 1;
}
