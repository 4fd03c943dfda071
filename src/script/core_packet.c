#include "core_packet.h"

#include <lauxlib.h>

#include "../engine/build.h"
#include "../engine/copy.h"
#include "../engine/dissect.h"
#include "../engine/model.h"
#include "../engine/reply.h"
#include "../engine/show.h"
#include "core.h"
#include "core_wire.h"
#include "values.h"

#define PACKET_MT "luapkt.packet"
#define LAYER_MT "luapkt.layer"

/* Bytes of a packet's memory within its userdata, which Lua's collector counts: enough for most.
** More comes in blocks of that size and larger. */
#define ROOM 4096

/* What a packet may take beside. A change leaves the old value behind, so once a packet took this
** much more than twice what it needs, what it needs is copied and the rest given back. */
#define GROWTH ((size_t)256 << 10)
#define MOST ((size_t)64 << 20) /* the largest packet, with each byte in several nested lists */

/* User values of a packet: its registry, the bytes that it was read from, those that were built, and
** what names its lowest layers, made when first asked for. */
enum { REGISTRY = 1, SOURCE, BUILT, LAYERS, KEPT_LAYERS = 6, PACKET_VALUES = BUILT + KEPT_LAYERS };

/* What a packet and a layer begin with: told by it, and their size, they need no look at tables. */
static const char packet_mark, layer_mark;

struct pkt_holder {
  const void *mark;
  struct pkt_packet *packet; /* NULL once it is finalized */
  struct pkt_workshop shop;
  struct pkt_arena arena; /* of all that the packet is */
  struct pkt_span source;
  size_t compact_at;       /* the size of the arena at which to compact it */
  size_t told;             /* the size that the collector was told of */
  uint32_t tags;           /* given to layers so far */
  bool built;              /* BUILT is what the slots say, and their places are right */
  bool refilled;           /* it is one packet after the other, and so are its layers */
  uint8_t room[ROOM + 16]; /* Lua aligns to 8 bytes, an arena begins at a multiple of 16 */
};

/* Names a layer of the packet that is its user value. */
struct handle {
  const void *mark;
  struct pkt_holder *packet;
  uint32_t tag;
  uint32_t place; /* where it was last */
};

/* The userdata of this size that begins with the mark; NULL: it is something else. */
static void *with_mark(lua_State *L, int index, size_t size, const void *mark) {
  void *p = lua_rawlen(L, index) == size ? lua_touserdata(L, index) : NULL;
  return p && *(const void **)p == mark ? p : NULL;
}

static void check_there(lua_State *L, const struct pkt_holder *h) {
  if (!h->packet) luaL_error(L, "the packet is finalized");
}

static struct pkt_holder *check_packet(lua_State *L, int index) {
  struct pkt_holder *h = with_mark(L, index, sizeof *h, &packet_mark);
  if (!h) luaL_typeerror(L, index, "packet");
  if (!h->packet) luaL_argerror(L, index, "the packet is finalized");
  return h;
}

/* ------------------------------------------------------------------------------------- memory */

static int l_free(lua_State *L) {
  struct pkt_holder *h = with_mark(L, 1, sizeof *h, &packet_mark);
  if (!h) return luaL_typeerror(L, 1, "packet");
  h->packet = NULL;
  pkt_arena_free(&h->arena);
  return 0;
}

/* The layers copied into a new arena; false, and all is as it was, without memory. */
static bool move_layers(struct pkt_holder *h) {
  struct pkt_arena fresh;
  pkt_arena_init(&fresh, MOST);
  fresh.block = ROOM;
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

/* Rarely needed, and so apart from who asks whether it is. */
__attribute__((noinline)) static void compact(struct pkt_holder *h) {
  (void)move_layers(h);
  h->compact_at = 2 * h->arena.used + GROWTH;
  h->told = h->told < h->arena.used ? h->told : h->arena.used;
}

/* What lies beyond the userdata the collector learns of by a step that is as long. */
__attribute__((noinline)) static void tell_collector(lua_State *L, struct pkt_holder *h) {
  size_t more = h->arena.used - h->told;
  h->told = h->arena.used;
  if (lua_gc(L, LUA_GCISRUNNING)) lua_gc(L, LUA_GCSTEP, (int)(more >> 10));
}

/* Called last in what may have made the packet larger: no pointer into it is good afterwards. */
static inline void settle(lua_State *L, struct pkt_holder *h) {
  if (h->arena.used > h->compact_at) compact(h);
  if (h->arena.used > h->told + ROOM) tell_collector(L, h);
}

static void begin_room(struct pkt_holder *h) {
  uint8_t *room = h->room + (16 - (uintptr_t)h->room % 16) % 16;
  pkt_arena_init_in(&h->arena, room, ROOM, MOST);
}

/* Push a packet of the registry at 'registry', its layers still to be made. */
static struct pkt_holder *push_packet(lua_State *L, int registry) {
  struct pkt_workshop shop = pkt_core_workshop(L, registry);
  registry = lua_absindex(L, registry);
  struct pkt_holder *h = lua_newuserdatauv(L, sizeof *h, PACKET_VALUES);
  h->mark = &packet_mark;
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
  settle(L, h);
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
               struct pkt_err *err) {
  check_there(L, h);
  const struct pkt_registry *r = h->shop.registry;
  pkt_arena_reset(&h->arena);
  h->told = 0;
  h->built = false;
  uint8_t *copy = pkt_memdup(&h->arena, bytes, n);
  const struct pkt_plan *plan = pkt_dissect_link(r, link, bytes, n);
  struct pkt_packet *p = NULL;
  if (copy) p = pkt_dissect(&h->arena, plan, copy, n, PKT_REACH_ALL, err);
  if (copy && !p) p = pkt_dissect(&h->arena, r->raw, copy, n, PKT_REACH_ALL, err);
  h->packet = p ? p : pkt_packet_new(&h->arena);
  if (!h->packet) luaL_error(L, "out of memory");
  settle(L, h);
  return p ? 0 : -1;
}

struct pkt_packet *pkt_refilled(lua_State *L, struct pkt_holder *h, struct pkt_arena **arena) {
  check_there(L, h);
  *arena = &h->arena;
  return h->packet;
}

/* Text may be the bytes of an address, save where the value tells the field's form; for a list it is
** the bytes that it takes, since nothing else is meant by it in Lua. */
static int set_value(struct pkt_holder *h, struct pkt_layer *layer, const struct pkt_op *op,
                     struct pkt_value *v, struct pkt_err *err) {
  struct pkt_model_reader r = {
      .context = {.arena = &h->arena, .registry = h->shop.registry, .rng = h->shop.rng}};
  bool list = op->kind == PKT_OPTIONS || op->kind == PKT_LAYERS || op->kind == PKT_LAYER;
  if (list && v->type == PKT_V_TEXT) v->type = PKT_V_BYTES;
  if (op->kind != PKT_CHOICE) v->lua = true;
  return pkt_model_set(&r, h->packet, layer, op, v, err);
}

static int fail_field(struct pkt_err *err, const struct pkt_layer *layer, const char *id,
                      size_t n) {
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
  if (!op) return fail_field(err, layer, m->key, m->key_len);
  return pkt_op_is_late(op) == (pass == 1) ? set_value(h, layer, op, &m->value, err) : 0;
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
  settle(L, h);
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
  settle(L, h);
  return 1;
}

/* ------------------------------------------------------------------------------------ building */

/* Bytes, places and all that is worked out, as they are now. */
static int build(lua_State *L, int index, struct pkt_holder *h, struct pkt_err *err) {
  if (h->built) return 0;
  struct pkt_buf *out = h->shop.out;
  if (pkt_build(h->packet, &h->arena, out, err) != 0) return -1;
  lua_pushlstring(L, out->data, out->len);
  lua_setiuservalue(L, index, BUILT);
  h->built = true;
  return 0;
}

/* The packet's bytes changed. */
static void touch(struct pkt_holder *h) { h->built = false; }

static int l_bytes(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = check_packet(L, 1);
  if (build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  settle(L, h);
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
  if (build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_getiuservalue(L, 1, BUILT);
  const char *bytes = lua_tolstring(L, -1, &n);
  pkt_arena_reset(h->shop.arena);
  if (write_json(h, bytes, n, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_pushlstring(L, h->shop.out->data, h->shop.out->len);
  settle(L, h);
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
  if (build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
  for (uint32_t i = 0; i < h->packet->len; i++) freeze_layer(h->packet->layers[i]);
  settle(L, h);
  lua_pushboolean(L, true);
  return 1;
}

static bool is_worked_out(const struct pkt_op *op) { return op->autorule || op->digits || op->sum; }

/* Does the rule measure or count, as that of a length does? */
static bool is_length(const struct pkt_rule *rule) {
  for (unsigned i = 0; rule && i < rule->len; i++) {
    switch (rule->code[i].op) {
      case PKT_RULE_SIZE:
      case PKT_RULE_UNDER_SIZE:
      case PKT_RULE_PADDED:
      case PKT_RULE_COUNT:
      case PKT_RULE_HEADER:
      case PKT_RULE_PAYLOAD:
      case PKT_RULE_TOTAL: return true;
      default: break;
    }
  }
  return false;
}

static bool recompute_layer(struct pkt_layer *layer);

/* The packets in a field; true: any of them has to be written anew, and so has the field. What was
** set as bytes, or has bytes that no packet holds, stays. */
static bool recompute_field(const struct pkt_op *op, const struct pkt_slot *s) {
  bool changed = false;
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  if (op->kind != PKT_LAYERS && op->kind != PKT_LAYER) return false;
  struct pkt_list *list = s->state == PKT_SET && !s->none ? s->list : NULL;
  if (!list || list->as_bytes || list->rest) return false;
  for (uint32_t i = 0; i < list->len; i++) changed |= recompute_layer(list->layers[i]);
  if (changed) list->raw = NULL;
  return changed;
}

/* True: a field that was set isn't any more, here or in what fields hold. */
static bool recompute_layer(struct pkt_layer *layer) {
  const struct pkt_plan *plan = layer->plan;
  bool changed = false;
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_op *op = &plan->ops[i];
    const struct pkt_slot *s = &layer->slots[i];
    if (op->sum || is_length(op->autorule) || is_length(op->digits)) {
      changed |= s->state == PKT_SET;
      pkt_unset(layer, op);
    } else {
      changed |= recompute_field(op, s);
    }
  }
  if (changed) layer->raw = NULL;
  return changed;
}

static int l_recompute(lua_State *L) {
  struct pkt_holder *h = check_packet(L, 1);
  for (uint32_t i = 0; i < h->packet->len; i++) (void)recompute_layer(h->packet->layers[i]);
  touch(h);
  return 0;
}

/* -------------------------------------------------------------------------------------- layers */

static int l_count(lua_State *L) {
  lua_pushinteger(L, check_packet(L, 1)->packet->len);
  return 1;
}

/* Is a layer of this plan what is asked for by 'wanted': it, a kind of it, or what it builds? */
static bool is_wanted(const struct pkt_plan *plan, const struct pkt_plan *wanted) {
  if (plan == wanted->builds) return true;
  while (plan && plan != wanted) plan = plan->base;
  return plan != NULL;
}

/* The index of the nth of the layers that are asked for by 'wanted'; how many there are: none. */
static uint32_t find_nth(const struct pkt_packet *p, const struct pkt_plan *wanted,
                         lua_Integer nth) {
  uint32_t i = 0;
  while (i < p->len && (!is_wanted(p->layers[i]->plan, wanted) || --nth > 0)) i++;
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
  struct handle *handle = lua_touserdata(L, -1);
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
  struct handle *handle = lua_newuserdatauv(L, sizeof *handle, 1);
  *handle = (struct handle){&layer_mark, h, layer->tag, i};
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

static void check_same_registry(lua_State *L, const struct pkt_holder *h,
                                const struct pkt_holder *other, int arg) {
  luaL_argcheck(L, h->shop.registry == other->shop.registry, arg,
                "the packet was made before protocols were loaded or added");
}

static int l_insert(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_holder *h = check_packet(L, 1), *from = check_packet(L, 3);
  uint32_t at = check_place(L, 2, h->packet->len + 1);
  check_same_registry(L, h, from, 3);
  if (insert_layers(h, at, from->packet, &err) != 0) return pkt_lua_push_error(L, &err);
  touch(h);
  settle(L, h);
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
  settle(L, h);
  return 0;
}

static int l_combine(lua_State *L) {
  struct pkt_err err = {0};
  const struct pkt_holder *from = check_packet(L, 1), *upper = check_packet(L, 2);
  check_same_registry(L, from, upper, 2);
  return push_combined(L, from, upper, &err) == 0 ? 1 : pkt_lua_push_error(L, &err);
}

static int l_remove(lua_State *L) {
  struct pkt_holder *h = check_packet(L, 1);
  struct pkt_packet *p = h->packet;
  uint32_t at = check_place(L, 2, p->len);
  pkt_unbind(p, at);
  p->len--;
  memmove(p->layers + at, p->layers + at + 1, (p->len - at) * sizeof *p->layers);
  touch(h);
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
  if (!plan || build(L, 1, h, &err) != 0) return pkt_lua_push_error(L, &err);
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
  touch(h);
  settle(L, h);
  lua_pushboolean(L, true);
  return 1;
}

static int l_forget(lua_State *L) {
  struct pkt_holder *h = check_packet(L, 1);
  h->packet->layers[check_place(L, 2, h->packet->len)]->raw = NULL;
  touch(h);
  return 0;
}

/* -------------------------------------------------------------------------------------- fields */

/* A layer that a function was called with. */
struct view {
  struct pkt_holder *h;
  struct pkt_layer *layer;
  uint32_t place;
};

static bool has_tag(const struct pkt_packet *p, uint32_t i, uint32_t tag) {
  return i < p->len && p->layers[i]->tag == tag;
}

/* The layer at argument 1; false: its packet lost it. */
static bool find_layer(lua_State *L, struct view *v) {
  struct handle *handle = with_mark(L, 1, sizeof *handle, &layer_mark);
  if (!handle) luaL_typeerror(L, 1, "layer");
  v->h = handle->packet;
  if (!v->h->packet) luaL_argerror(L, 1, "its packet is finalized");
  const struct pkt_packet *p = v->h->packet;
  uint32_t i = handle->place;
  if (!has_tag(p, i, handle->tag))
    for (i = 0; i < p->len && !has_tag(p, i, handle->tag);) i++;
  if (i == p->len) return false;
  handle->place = v->place = i;
  v->layer = p->layers[i];
  return true;
}

static struct view check_layer(lua_State *L) {
  struct view v;
  if (!find_layer(L, &v)) luaL_argerror(L, 1, "the layer was removed from its packet");
  return v;
}

/* Build the layer's packet. */
static int build_around(lua_State *L, const struct view *v, struct pkt_err *err) {
  if (v->h->built) return 0;
  lua_getiuservalue(L, 1, 1);
  int status = build(L, lua_gettop(L), v->h, err);
  lua_pop(L, 1);
  return status;
}

static const struct pkt_slot *slot_of(const struct view *v, const struct pkt_op *op) {
  return &v->layer->slots[op - v->layer->plan->ops];
}

/* Of fields of one id the first that is there, or the first. */
static const struct pkt_op *present(const struct view *v, const struct pkt_op *first) {
  for (const struct pkt_op *op = first; op; op = pkt_plan_twin(v->layer->plan, op)) {
    uint8_t state = slot_of(v, op)->state;
    if (state != PKT_ABSENT && state != PKT_UNREAD) return op;
  }
  return first;
}

/* The field that argument 2 names, or counts from 1; raises: there is none. */
static const struct pkt_op *check_op(lua_State *L, const struct view *v) {
  const struct pkt_plan *plan = v->layer->plan;
  struct pkt_err err;
  if (lua_isinteger(L, 2)) {
    lua_Integer i = lua_tointeger(L, 2);
    luaL_argcheck(L, i >= 1 && i <= plan->nops, 2, "the layer has no field of that number");
    return &plan->ops[i - 1];
  }
  size_t n;
  const char *id = luaL_checklstring(L, 2, &n);
  const struct pkt_op *op = pkt_plan_op(plan, id, n);
  if (op) return present(v, op);
  fail_field(&err, v->layer, id, n);
  luaL_argerror(L, 2, err.message);
  return NULL;
}

/* What a list was set to as bytes is bytes. */
static void push_value(lua_State *L, const struct view *v, const struct pkt_op *op) {
  const struct pkt_slot *s = slot_of(v, op);
  const struct pkt_op *form = op->kind == PKT_CHOICE ? op->alts[s->alt].op : op;
  bool list = form->kind == PKT_OPTIONS || form->kind == PKT_LAYERS || form->kind == PKT_LAYER;
  bool unknown = s->state == PKT_UNSET && is_worked_out(op) && !v->h->built;
  if (s->state == PKT_ABSENT || s->state == PKT_UNREAD || unknown)
    lua_pushnil(L);
  else if (list && s->list && (s->list->as_bytes || s->list->rest) && !s->none)
    lua_pushlstring(L, (const char *)s->list->raw, s->list->raw_len);
  else
    pkt_lua_push_slot(L, op, s);
}

/* Building finds out what is not set, and what a list or one of several forms is. */
static bool stands(const struct view *v, const struct pkt_op *op) {
  return v->h->built || (slot_of(v, op)->state == PKT_SET && op->kind <= PKT_BYTES);
}

static void push_built_value(lua_State *L, const struct view *v, const struct pkt_op *op) {
  struct pkt_err ignored;
  if (!stands(v, op)) (void)build_around(L, v, &ignored);
  push_value(L, v, op);
}

static int l_value(lua_State *L) {
  struct view v = check_layer(L);
  push_built_value(L, &v, check_op(L, &v));
  return 1;
}

/* Push what 'out' holds. */
static int push_text(lua_State *L, const struct view *v) {
  struct pkt_buf *out = v->h->shop.out;
  if (out->failed) return luaL_error(L, "out of memory");
  lua_pushlstring(L, out->data ? out->data : "", out->len);
  return 1;
}

static struct pkt_buf *begin_text(const struct view *v) {
  struct pkt_buf *out = v->h->shop.out;
  pkt_buf_clear(out, SIZE_MAX);
  out->limit = PKT_MAX_TEXT;
  return out;
}

static int push_plain(lua_State *L, const struct view *v, const struct pkt_op *op) {
  const struct pkt_slot *s = slot_of(v, op);
  struct pkt_buf *out = begin_text(v);
  if (s->state != PKT_ABSENT && s->state != PKT_UNREAD) pkt_show_plain(out, v->layer, op, s);
  return push_text(L, v);
}

static int l_text(lua_State *L) {
  struct pkt_err ignored;
  struct view v = check_layer(L);
  const struct pkt_op *op = check_op(L, &v);
  (void)build_around(L, &v, &ignored);
  return push_plain(L, &v, op);
}

static int l_literal(lua_State *L) {
  struct pkt_err ignored;
  lua_settop(L, 3);
  struct view v = check_layer(L);
  const struct pkt_op *op = check_op(L, &v);
  (void)build_around(L, &v, &ignored);
  pkt_show_literal(begin_text(&v), lua_toboolean(L, 3) ? PKT_PYTHON : PKT_LUA, v.layer, op,
                   slot_of(&v, op));
  return push_text(L, &v);
}

static void set_integer(lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static void set_role(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s) {
  static const char *const states[] = {"default", "set", "auto", "absent", "unread"};
  bool worked = s->state == PKT_UNSET && is_worked_out(op);
  lua_pushstring(L, states[worked ? PKT_WORKED : s->state]);
  lua_setfield(L, -2, "state");
  if (!op->sum && !is_length(op->autorule) && !is_length(op->digits)) return;
  lua_pushstring(L, op->sum ? "checksum" : "length");
  lua_setfield(L, -2, "auto");
  if (!op->sum) return;
  lua_pushboolean(L, op->sum->zero_as != 0);
  lua_setfield(L, -2, "optional");
}

/* { id =, kind =, value =, text =, state =, offset =, bit_offset =, bit_length = }; of lengths and
** checksums also auto = "length" or "checksum", and of the latter whether it is optional. */
static int l_field(lua_State *L) {
  struct pkt_err ignored;
  struct view v = check_layer(L);
  lua_Integer i = luaL_checkinteger(L, 2);
  if (i < 1 || i > v.layer->plan->nops) {
    lua_pushnil(L);
    return 1;
  }
  (void)build_around(L, &v, &ignored);
  const struct pkt_op *op = &v.layer->plan->ops[i - 1];
  const struct pkt_slot *s = slot_of(&v, op);
  lua_createtable(L, 0, 8);
  lua_pushlstring(L, op->id, op->id_len);
  lua_setfield(L, -2, "id");
  push_value(L, &v, op);
  lua_setfield(L, -2, "value");
  push_plain(L, &v, op);
  lua_setfield(L, -2, "text");
  lua_pushstring(L, pkt_kind_names[op->kind == PKT_CHOICE ? op->alts[s->alt].op->kind : op->kind]);
  lua_setfield(L, -2, "kind");
  set_integer(L, "offset", s->bit / 8);
  set_integer(L, "bit_offset", s->bit);
  set_integer(L, "bit_length", s->nbits);
  set_role(L, op, s);
  return 1;
}

/* Append { offset =, size = } to the list on top, unless it is empty. */
static void push_range(lua_State *L, uint32_t from, uint32_t to) {
  if (from == to) return;
  lua_createtable(L, 0, 2);
  set_integer(L, "offset", from);
  set_integer(L, "size", to - from);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* cover(l, number) -> what this checksum covers: a list of ranges, from the first byte of the packet
** to the last one, and the id of the layer whose addresses a pseudo-header holds, or nil */
static int l_cover(lua_State *L) {
  struct pkt_err err = {0};
  struct pkt_cover c;
  struct view v = check_layer(L);
  const struct pkt_op *op = check_op(L, &v);
  luaL_argcheck(L, op->sum, 2, "checksum expected");
  if (build_around(L, &v, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_newtable(L);
  if (!pkt_build_cover(v.h->packet, v.place, op, &c)) return 1;
  bool hole = c.hole_from < c.hole_to;
  push_range(L, c.from, hole ? c.hole_from : c.to);
  if (hole) push_range(L, c.hole_to, c.to);
  lua_pushstring(L, c.network ? c.network->plan->id : NULL);
  return 2;
}

/* Set a field to the value at 3, nil unsets it. Returns 0, or -1 with *err filled in. */
static int set_field(lua_State *L, const struct view *v, const struct pkt_op *op,
                     struct pkt_err *err) {
  int status = 0;
  if (lua_isnil(L, 3)) {
    pkt_unset(v->layer, op);
  } else {
    struct pkt_value value = pkt_lua_to_value(L, 3, &v->h->arena);
    status = set_value(v->h, v->layer, op, &value, err);
  }
  if (status == 0) touch(v->h);
  settle(L, v->h);
  return status;
}

static int l_set(lua_State *L) {
  struct pkt_err err = {0};
  lua_settop(L, 3);
  struct view v = check_layer(L);
  if (set_field(L, &v, check_op(L, &v), &err) != 0) return pkt_lua_push_error(L, &err);
  lua_pushboolean(L, true);
  return 1;
}

/* nil: the layer was removed from its packet */
static int l_has(lua_State *L) {
  struct view v;
  size_t n;
  if (!find_layer(L, &v)) {
    lua_pushnil(L);
    return 1;
  }
  const char *id = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &n) : NULL;
  lua_pushboolean(L, id && pkt_plan_op(v.layer->plan, id, n));
  return 1;
}

static int l_kind(lua_State *L) {
  const struct pkt_plan *plan = check_layer(L).layer->plan;
  lua_pushlstring(L, plan->id, plan->id_len);
  lua_pushstring(L, plan->title);
  return 2;
}

static int l_is(lua_State *L) {
  struct view v = check_layer(L);
  size_t n;
  const char *id = luaL_checklstring(L, 2, &n);
  const struct pkt_plan *wanted = pkt_registry_find(v.h->shop.registry, id, n);
  lua_pushboolean(L, wanted && is_wanted(v.layer->plan, wanted));
  return 1;
}

static int l_compressed(lua_State *L) {
  lua_pushboolean(L, check_layer(L).layer->compress);
  return 1;
}

static int l_place(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_layer(L).place + 1);
  return 1;
}

static int l_of(lua_State *L) {
  check_layer(L);
  lua_getiuservalue(L, 1, 1);
  return 1;
}

/* range(layer) -> its first byte, its size, and the bytes between what it carries and the end of the
** packet (or its Padding): trailers, its own and those of layers below */
static int l_range(lua_State *L) {
  struct pkt_err err = {0};
  struct view v = check_layer(L);
  if (build_around(L, &v, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_pushinteger(L, v.layer->offset);
  lua_pushinteger(L, v.layer->size);
  lua_pushinteger(L, pkt_packet_trailers(v.h->packet, v.place));
  return 3;
}

/* --------------------------------------------------------------------------- the usual indexing */

/* What scripts do most, p.IP and layer.ttl, is done here; the rest is left to Lua's functions, which
** are upvalue 1 of these. */
static int leave_to_lua(lua_State *L, int arguments) {
  lua_settop(L, arguments);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, arguments, 1);
  return 1;
}

/* The field that the string at 2 names in the layer at 1; NULL: it is something else. */
static const struct pkt_op *usual_op(lua_State *L, struct view *v) {
  size_t n;
  if (lua_type(L, 2) != LUA_TSTRING || !find_layer(L, v)) return NULL;
  const char *id = lua_tolstring(L, 2, &n);
  return pkt_plan_op(v->layer->plan, id, n);
}

/* layer.ttl; upvalue 2 makes of a table what scripts see */
static int l_index_layer(lua_State *L) {
  struct view v;
  const struct pkt_op *op = usual_op(L, &v);
  if (!op) return leave_to_lua(L, 2);
  push_built_value(L, &v, op);
  if (!lua_istable(L, -1)) return 1;
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, -2);
  lua_call(L, 1, 1);
  return 1;
}

/* layer.ttl = 1; what is refused is so by Lua's function, which says where the caller is */
static int l_assign_layer(lua_State *L) {
  struct pkt_err ignored;
  struct view v;
  int type = lua_type(L, 3);
  bool simple = type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TNIL;
  const struct pkt_op *op = simple ? usual_op(L, &v) : NULL;
  if (!op || set_field(L, &v, op, &ignored) != 0) return leave_to_lua(L, 3);
  return 0;
}

/* p.IP, p:bytes(); upvalue 2 is the table of methods */
static int l_index_packet(lua_State *L) {
  size_t n;
  if (lua_type(L, 2) != LUA_TSTRING) return leave_to_lua(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
  struct pkt_holder *h = check_packet(L, 1);
  const char *id = lua_tolstring(L, 2, &n);
  const struct pkt_plan *plan = pkt_registry_find(h->shop.registry, id, n);
  if (!plan) return leave_to_lua(L, 2);
  push_kind(L, 1, h, plan);
  return 1;
}

/* p / q of two packets; what fails does so in Lua's function */
static int l_divide(lua_State *L) {
  struct pkt_err ignored;
  lua_settop(L, 2);
  const struct pkt_holder *from = with_mark(L, 1, sizeof *from, &packet_mark);
  const struct pkt_holder *upper = with_mark(L, 2, sizeof *upper, &packet_mark);
  bool usual =
      from && upper && from->packet && upper->packet && from->shop.registry == upper->shop.registry;
  if (usual && push_combined(L, from, upper, &ignored) == 0) return 1;
  return leave_to_lua(L, 2);
}

static int push_usual(lua_State *L, lua_CFunction f, int upvalues) {
  for (int i = 1; i <= upvalues; i++) luaL_checkany(L, i);
  lua_settop(L, upvalues);
  lua_pushcclosure(L, f, upvalues);
  return 1;
}

static int l_layer_index(lua_State *L) { return push_usual(L, l_index_layer, 2); }
static int l_layer_newindex(lua_State *L) { return push_usual(L, l_assign_layer, 1); }
static int l_packet_index(lua_State *L) { return push_usual(L, l_index_packet, 2); }
static int l_packet_divide(lua_State *L) { return push_usual(L, l_divide, 1); }

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
                                       {"kind", l_kind},
                                       {"is", l_is},
                                       {"place", l_place},
                                       {"of", l_of},
                                       {"range", l_range},
                                       {"value", l_value},
                                       {"text", l_text},
                                       {"literal", l_literal},
                                       {"field", l_field},
                                       {"cover", l_cover},
                                       {"has", l_has},
                                       {"set", l_set},
                                       {"compressed", l_compressed},
                                       {"holds_objects", l_holds_objects},
                                       {"layer_index", l_layer_index},
                                       {"layer_newindex", l_layer_newindex},
                                       {"packet_index", l_packet_index},
                                       {"packet_divide", l_packet_divide},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  luaL_newmetatable(L, PACKET_MT);
  lua_pushcfunction(L, l_free);
  lua_setfield(L, -2, "__gc");
  lua_setfield(L, -2, "packet_class");
  luaL_newmetatable(L, LAYER_MT);
  lua_setfield(L, -2, "layer_class");
  return 1;
}
