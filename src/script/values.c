/* values.c - Lua values to the engine's values and layers to Lua tables. */
#include "values.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "../engine/option.h"
#include "../engine/real.h"
#include "../engine/show.h"
#include "../wire/base64.h"

struct reader {
  lua_State *L;
  struct pkt_arena *arena;
  int depth;
};

#define FEW_MEMBERS 4 /* of a table: room for more is made when there are */

static struct pkt_value read_value(struct reader *r, int index);

static void *allocate(struct reader *r, size_t n) {
  void *p = pkt_alloc(r->arena, n);
  if (!p) luaL_error(r->L, "out of memory");
  return p;
}

static const char *copy_text(struct reader *r, int index, uint32_t *len) {
  size_t n;
  const char *s = lua_tolstring(r->L, index, &n);
  char *copy = allocate(r, n + 1);
  memcpy(copy, s, n + 1);
  *len = (uint32_t)n;
  return copy;
}

static struct pkt_value read_number(struct reader *r, int index) {
  struct pkt_value v = {.type = PKT_V_REAL};
  int whole;
  lua_Integer n = lua_tointegerx(r->L, index, &whole);
  if (whole && !(n == 0 && signbit(lua_tonumber(r->L, index)))) { /* -0.0 is no integer */
    v.type = PKT_V_INT;
    v.lua = true;
    v.negative = n < 0;
    v.num = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
  } else {
    v.real = lua_tonumber(r->L, index);
  }
  return v;
}

/* The fields of a table: named ones as members, in no order; numbered ones without a key, first. */
static struct pkt_member *read_members(struct reader *r, int t, uint32_t *count) {
  uint32_t n = 0, numbered = (uint32_t)lua_rawlen(r->L, t), room = numbered + FEW_MEMBERS;
  struct pkt_member *m = allocate(r, room * sizeof *m);
  for (; n < numbered; n++) {
    lua_rawgeti(r->L, t, n + 1);
    m[n] = (struct pkt_member){.value = read_value(r, lua_gettop(r->L))};
    lua_pop(r->L, 1);
  }
  for (lua_pushnil(r->L); lua_next(r->L, t); lua_pop(r->L, 1)) {
    if (lua_type(r->L, -2) != LUA_TSTRING) continue;
    if (n == room) {
      struct pkt_member *more = allocate(r, (room *= 2) * sizeof *m);
      m = memcpy(more, m, n * sizeof *m);
    }
    m[n] = (struct pkt_member){.value = read_value(r, lua_gettop(r->L))};
    m[n].key = copy_text(r, -2, &m[n].key_len);
    n++;
  }
  *count = n;
  return m;
}

static struct pkt_value read_list(struct reader *r, int t) {
  struct pkt_value v = {.type = PKT_V_LIST, .len = (uint32_t)lua_rawlen(r->L, t)};
  v.items = allocate(r, v.len * sizeof *v.items);
  for (uint32_t i = 0; i < v.len; i++) {
    lua_rawgeti(r->L, t, i + 1);
    v.items[i] = read_value(r, lua_gettop(r->L));
    lua_pop(r->L, 1);
  }
  return v;
}

/* { id = "DNSQR", fields = { qname = "x.org" }, above = { id = ... } } */
static struct pkt_value read_call(struct reader *r, int t) {
  struct pkt_value v = {.type = PKT_V_LAYER};
  v.layer = allocate(r, sizeof *v.layer);
  *v.layer = (struct pkt_ctor){0};
  lua_getfield(r->L, t, "id");
  v.layer->id = copy_text(r, -1, &v.layer->id_len);
  lua_pop(r->L, 1);
  if (lua_getfield(r->L, t, "fields") == LUA_TTABLE)
    v.layer->fields = read_members(r, lua_gettop(r->L), &v.layer->len);
  lua_pop(r->L, 1);
  if (lua_getfield(r->L, t, "above") == LUA_TTABLE) {
    struct pkt_value above = read_value(r, lua_gettop(r->L));
    if (above.type == PKT_V_LAYER) v.layer->above = above.layer;
  }
  lua_pop(r->L, 1);
  return v;
}

static struct pkt_value read_table(struct reader *r, int t) {
  lua_State *L = r->L;
  if (++r->depth > PKT_MAX_DEPTH) luaL_error(L, "tables nested deeper than %d", PKT_MAX_DEPTH);
  luaL_checkstack(L, 8, "tables nested too deep");
  struct pkt_value v;
  int has_id = lua_getfield(L, t, "id") == LUA_TSTRING;
  lua_pop(L, 1);
  lua_pushnil(L);
  bool empty = !lua_next(L, t);
  if (!empty) lua_pop(L, 2);
  if (has_id) {
    v = read_call(r, t);
  } else if (empty || lua_rawlen(L, t) > 0) {
    v = read_list(r, t);
  } else {
    v = (struct pkt_value){.type = PKT_V_MAP};
    v.members = read_members(r, t, &v.len);
  }
  r->depth--;
  return v;
}

static struct pkt_value read_value(struct reader *r, int index) {
  struct pkt_value v = {.type = PKT_V_NULL};
  switch (lua_type(r->L, index)) {
    case LUA_TNIL:
    case LUA_TLIGHTUSERDATA: return v; /* json.null */
    case LUA_TBOOLEAN:
      v.type = PKT_V_BOOL;
      v.num = (uint64_t)lua_toboolean(r->L, index);
      return v;
    case LUA_TNUMBER: return read_number(r, index);
    case LUA_TSTRING:
      v.type = PKT_V_TEXT;
      v.ptr = copy_text(r, index, &v.len);
      return v;
    case LUA_TTABLE: return read_table(r, index);
    default: luaL_error(r->L, "a %s is no value of a field", luaL_typename(r->L, index));
  }
  return v;
}

struct pkt_value pkt_lua_to_value(lua_State *L, int index, struct pkt_arena *arena) {
  struct reader r = {.L = L, .arena = arena};
  return read_value(&r, lua_absindex(L, index));
}

struct pkt_value pkt_lua_to_map(lua_State *L, int index, struct pkt_arena *arena) {
  struct reader r = {.L = L, .arena = arena};
  struct pkt_value v = {.type = PKT_V_MAP};
  v.members = read_members(&r, lua_absindex(L, index), &v.len);
  return v;
}

/* ------------------------------------------------------------------------------- layers to Lua */

static void push_slot(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s);

static void push_address(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s) {
  struct pkt_buf b = {0};
  if (op->kind == PKT_MAC)
    pkt_show_mac(&b, s->num);
  else if (op->kind == PKT_IPV4)
    pkt_show_ipv4(&b, (uint32_t)s->num);
  else
    pkt_show_ipv6(&b, s->bytes);
  char text[64];
  size_t n = b.len < sizeof text ? b.len : sizeof text;
  if (n) memcpy(text, b.data, n);
  pkt_buf_free(&b); /* before a call that can raise */
  lua_pushlstring(L, text, n);
}

/* { name or code, part, part... }, { name, number, its bytes } */
static void push_option(lua_State *L, const struct pkt_option *o) {
  lua_newtable(L);
  if (o->def)
    lua_pushlstring(L, o->def->name, o->def->name_len);
  else
    lua_pushinteger(L, o->code);
  lua_rawseti(L, -2, 1);
  if (o->form == PKT_OPTION_FLAG) return;
  uint32_t at = 0;
  int i = 2;
  for (struct pkt_part part; pkt_option_part(o, at, (uint32_t)i - 2, &part);
       at += part.width, i++) {
    if (part.address) {
      struct pkt_op op = {.kind = PKT_IPV4};
      struct pkt_slot s = {.num = part.num};
      push_address(L, &op, &s);
    } else {
      lua_pushinteger(L, (lua_Integer)part.num);
    }
    lua_rawseti(L, -2, i);
  }
  if (pkt_option_said_width(o)) {
    lua_pushinteger(L, pkt_option_said_width(o));
    lua_rawseti(L, -2, i);
  }
  if (i > 2) return;
  lua_pushlstring(L, (const char *)o->data, o->len);
  lua_rawseti(L, -2, 2);
}

/* The room that the text of a value of ASN.1 needs: at most a digit for each bit. */
#define SCRIPT_TEXT(len) ((size_t)(len)*8 + 32)

/* A number, or text. */
static void push_element(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s) {
  size_t room = SCRIPT_TEXT(s->len);
  struct pkt_buf b = {0};
  luaL_Buffer text;
  char *out = luaL_buffinitsize(L, &text, room);
  bool is_text = pkt_show_script(&b, op, s);
  size_t n = b.len < room ? b.len : room;
  if (n) memcpy(out, b.data, n);
  pkt_buf_free(&b); /* before a call that can raise */
  luaL_pushresultsize(&text, n);
  if (is_text) return;
  lua_pop(L, 1);
  if (op->kind == PKT_INTEGER)
    lua_pushinteger(L, (lua_Integer)s->num);
  else
    lua_pushlstring(L, (const char *)s->bytes, s->len);
}

/* { type, value }, which says which of several forms it is; a packet does so itself. */
static void push_form(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s) {
  const char *name = op->element ? op->element->name : NULL;
  if (!name) {
    push_slot(L, op, s);
    return;
  }
  lua_createtable(L, 2, 0);
  lua_pushstring(L, name);
  lua_rawseti(L, -2, 1);
  push_slot(L, op, s);
  lua_rawseti(L, -2, 2);
}

/* { vtype = "BYTES", base64 = ... }: bytes where text means something else. */
static void push_wrapped(lua_State *L, const uint8_t *p, uint32_t n) {
  size_t size = pkt_base64_size(n);
  luaL_Buffer text;
  lua_createtable(L, 0, 2);
  lua_pushliteral(L, "BYTES");
  lua_setfield(L, -2, "vtype");
  pkt_base64_encode(luaL_buffinitsize(L, &text, size), p, n);
  luaL_pushresultsize(&text, size);
  lua_setfield(L, -2, "base64");
}

static void push_list(lua_State *L, const struct pkt_op *op, const struct pkt_list *list) {
  luaL_checkstack(L, 8, "packets nested too deep");
  if (list && op->kind == PKT_OPTIONS && pkt_options_are_bytes(op, list)) {
    lua_pushlstring(L, (const char *)list->raw, list->raw_len);
    return;
  }
  lua_newtable(L);
  for (uint32_t i = 0; list && i < list->len; i++) {
    switch (op->kind) {
      case PKT_LIST: push_slot(L, op->item, &list->slots[i]); break;
      case PKT_OPTIONS: push_option(L, &list->options[i]); break;
      default: pkt_lua_push_layer(L, list->layers[i]);
    }
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  if (!list || list->rest == 0) return;
  push_wrapped(L, pkt_list_rest(list), list->rest);
  lua_rawseti(L, -2, (lua_Integer)list->len + 1);
}

/* Fixed-point numbers in units, where a double holds them exactly. */
static void push_number(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->show == PKT_SHOW_FLOAT) {
    lua_pushnumber(L, pkt_float_value(op->width, s->num));
    return;
  }
  unsigned behind = op->show == PKT_SHOW_FIXED8 ? 8 : op->show == PKT_SHOW_FIXED16 ? 16 : 0;
  uint64_t steps = (uint64_t)1 << behind;
  if (s->num & (steps - 1))
    lua_pushnumber(L, (double)s->num / (double)steps);
  else
    lua_pushinteger(L, (lua_Integer)(s->num >> behind));
}

static void push_slot(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s) {
  if (s->none) {
    lua_pushnil(L);
    return;
  }
  switch (op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM:
      if (op->element && (s->num == 0 || s->num == 0xff))
        lua_pushboolean(L, s->num != 0);
      else
        push_number(L, op, s);
      break;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: push_address(L, op, s); break;
    case PKT_BYTES:
    case PKT_NAME: lua_pushlstring(L, (const char *)s->bytes, s->len); break;
    case PKT_CHOICE: push_form(L, op->alts[s->alt].op, s); break;
    case PKT_INTEGER:
    case PKT_OID:
    case PKT_BITS: push_element(L, op, s); break;
    default: push_list(L, op, s->list);
  }
}

void pkt_lua_push_slot(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s) {
  bool simple = op->kind < PKT_LIST; /* takes a place or two, which there always are */
  if (!simple) luaL_checkstack(L, 8, "packets nested too deep");
  push_slot(L, op, s);
}

static bool has_key(lua_State *L, const char *key) {
  bool has = lua_getfield(L, -1, key) != LUA_TNIL;
  lua_pop(L, 1);
  return has;
}

void pkt_lua_push_layer(lua_State *L, const struct pkt_layer *layer) {
  luaL_checkstack(L, 8, "packets nested too deep");
  lua_newtable(L);
  lua_pushlstring(L, layer->plan->id, layer->plan->id_len);
  lua_setfield(L, -2, "id");
  lua_pushinteger(L, layer->offset);
  lua_setfield(L, -2, "offset");
  lua_newtable(L);
  for (unsigned i = 0; i < layer->plan->nops; i++) {
    const struct pkt_slot *s = &layer->slots[i];
    const struct pkt_op *op = &layer->plan->ops[i];
    bool empty = s->state == PKT_UNREAD && (op->kind == PKT_OPTIONS || (op->flags & PKT_OP_LISTED));
    if ((s->state == PKT_UNREAD && !empty) || s->state == PKT_ABSENT) continue;
    if (s->state == PKT_UNREAD && has_key(L, op->id)) continue; /* another field of that id is */
    push_slot(L, op, s);
    lua_setfield(L, -2, op->id);
  }
  lua_setfield(L, -2, "fields");
}
