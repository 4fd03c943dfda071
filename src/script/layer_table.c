/* layer_table.c - layers and slots to Lua. */
#include "layer_table.h"

#include <lauxlib.h>
#include <string.h>

#include "../engine/option.h"
#include "../engine/real.h"
#include "../engine/show.h"
#include "../wire/base64.h"

static void push_slot(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s);

/* The buffer isn't Lua's, and small enough never to grow. */
static void push_address(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s) {
  char room[64];
  struct pkt_buf b = {.data = room, .cap = sizeof room, .limit = sizeof room};
  if (op->kind == PKT_MAC)
    pkt_show_mac(&b, s->num);
  else if (op->kind == PKT_IPV4)
    pkt_show_ipv4(&b, (uint32_t)s->num);
  else
    pkt_show_ipv6(&b, s->bytes);
  lua_pushlstring(L, room, b.len);
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
      struct pkt_op op = {.kind = PKT_IPV4, .special = &pkt_nothing_special};
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
#define SCRIPT_TEXT(len) (8 * (size_t)(len) + 32)

/* A number, or text. */
static void push_element(lua_State *L, const struct pkt_op *op, const struct pkt_slot *s) {
  size_t room = SCRIPT_TEXT(s->len);
  struct pkt_buf b = {0};
  luaL_Buffer text;
  char *out = luaL_buffinitsize(L, &text, room);
  bool is_text = pkt_show_script(&b, op, s), failed = b.failed;
  size_t n = b.len < room ? b.len : room;
  if (n) memcpy(out, b.data, n);
  pkt_buf_free(&b); /* before a call that can raise */
  if (failed) luaL_error(L, "out of memory");
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
    bool list = op->kind == PKT_OPTIONS || (op->flags & PKT_OP_LISTED && op->kind != PKT_LAYER);
    bool empty = s->state == PKT_UNREAD && list;
    if ((s->state == PKT_UNREAD && !empty) || s->state == PKT_ABSENT) continue;
    if (s->state == PKT_UNREAD && has_key(L, op->id)) continue; /* another field of that id is */
    push_slot(L, op, s);
    lua_setfield(L, -2, op->id);
  }
  lua_setfield(L, -2, "fields");
}

/* fields: id -> bytes from the start of the layer. Of two fields with the same id the first
** counts. */
static void push_field_places(lua_State *L, const struct pkt_layer *layer) {
  const struct pkt_plan *plan = layer->plan;
  lua_createtable(L, 0, plan->nops);
  for (unsigned i = plan->nops; i-- > 0;) {
    lua_pushinteger(L, layer->slots[i].bit / 8);
    lua_setfield(L, -2, plan->ops[i].id);
  }
}

static void push_place(lua_State *L, const struct pkt_layer *layer) {
  lua_createtable(L, 0, 4);
  lua_pushstring(L, layer->plan->id);
  lua_setfield(L, -2, "id");
  lua_pushstring(L, layer->plan->offset_name);
  lua_setfield(L, -2, "name");
  lua_pushinteger(L, layer->offset);
  lua_setfield(L, -2, "offset");
  push_field_places(L, layer);
  lua_setfield(L, -2, "fields");
}

/* { layers = { { id, name, offset, fields }, ... } } */
void pkt_push_places(lua_State *L, const struct pkt_packet *p) {
  lua_createtable(L, 0, 1);
  lua_createtable(L, (int)p->len, 0);
  for (uint32_t i = 0; i < p->len; i++) {
    push_place(L, p->layers[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "layers");
}
