/* compile_asn1.c - elements of ASN.1: their identifier octets, and object identifiers. */
#include <stdlib.h>
#include <string.h>

#include "../wire/ber.h"
#include "compile_field_options.h"

/* ------------------------------------------------------------------------------------ elements */

static void add_head(struct compiler *c, struct pkt_element *e, lua_Integer id) {
  if (id < 0 || id > UINT8_MAX || (id & 0x1f) == 0x1f)
    pkt_mistake(c, "an identifier octet was expected, with a tag number of 0 to 30");
  if (e->len == PKT_MAX_HEADS) pkt_mistake(c, "more than %d elements in each other", PKT_MAX_HEADS);
  e->ids[e->len++] = (uint8_t)id;
}

/* The identifier octets on top, one or a list. Pops them. */
static void add_heads(struct compiler *c, struct pkt_element *e) {
  int at = lua_gettop(c->L);
  bool list = lua_istable(c->L, at);
  for (uint32_t i = 0; list && i < pkt_length_of(c, at); i++) {
    pkt_push_item(c, at, i);
    add_head(c, e, lua_isinteger(c->L, -1) ? lua_tointeger(c->L, -1) : -1);
    lua_pop(c->L, 1);
  }
  if (!list && !lua_isnil(c->L, at))
    add_head(c, e, lua_isinteger(c->L, at) ? lua_tointeger(c->L, at) : -1);
  lua_pop(c->L, 1);
}

/* A BIT STRING around another element has no unused bits. */
static void mark_zeros(struct pkt_element *e, unsigned around) {
  for (unsigned i = 0; i < around; i++)
    if (e->ids[i] == PKT_BER_BITS) e->zeros |= (uint8_t)(1 << i);
}

const struct pkt_element *pkt_read_envelope(struct compiler *c, int t) {
  struct pkt_element *e = pkt_compile_alloc(c, sizeof *e);
  lua_getfield(c->L, t, "asn1");
  add_heads(c, e);
  mark_zeros(e, e->len);
  return e->len > 0 ? e : NULL;
}

/* The element of a type, which is at the table 'at', with the identifiers that the field has for
** it. */
static const struct pkt_element *make_element(struct compiler *c, int t, int at,
                                              const struct pkt_op *op) {
  struct pkt_element *e = pkt_compile_alloc(c, sizeof *e);
  if (lua_getfield(c->L, t, "tag") == LUA_TNIL) {
    lua_pop(c->L, 1);
    lua_pushvalue(c->L, at);
  }
  add_heads(c, e);
  mark_zeros(e, op->kind == PKT_BITS && e->len > 0 ? e->len - 1u : e->len);
  e->name = pkt_get_text(c, at, "name", NULL);
  e->oids = c->oids;
  return e;
}

/* There is one for all fields of a type that say no more of it. */
void pkt_read_field_element(struct compiler *c, int t, const struct said *said, struct pkt_op *op) {
  if (!has(said, OPT_ELEMENT)) return;
  int at = pkt_push_table(c, t, "element");
  if (!at) pkt_mistake(c, "'element' is what the constructors of f.asn1 say");
  bool plain = !has(said, OPT_TAG);
  lua_pushvalue(c->L, at);
  lua_rawget(c->L, c->pool);
  op->element = plain ? lua_touserdata(c->L, -1) : NULL;
  lua_pop(c->L, 1);
  if (!op->element) {
    op->element = make_element(c, t, at, op);
    lua_pushvalue(c->L, at);
    lua_pushlightuserdata(c->L, (void *)(uintptr_t)op->element);
    if (plain)
      lua_rawset(c->L, c->pool);
    else
      lua_pop(c->L, 2);
  }
  lua_pop(c->L, 1);
}

/* Elements that are no type of their own. */
static bool is_unnamed(const struct pkt_op *op) {
  return op->kind == PKT_LIST || op->kind == PKT_LAYERS || op->kind == PKT_LAYER ||
         op->kind == PKT_CHOICE;
}

void pkt_check_field_element(struct compiler *c, const struct pkt_op *op) {
  bool own = op->kind == PKT_INTEGER || op->kind == PKT_OID || op->kind == PKT_BITS;
  if (own && (!op->element || op->element->len == 0))
    pkt_mistake(c, "'%s' is for elements of ASN.1", pkt_kind_names[op->kind]);
  if (!op->element) return;
  bool named = op->element->name || is_unnamed(op);
  if (!named) pkt_mistake(c, "'element' is what the constructors of f.asn1 say");
  if (op->autorule || op->sum || op->align || op->lead || op->size || op->count || op->when)
    pkt_mistake(c, "an element of ASN.1 has no rules");
}

/* -------------------------------------------------------------------------- object identifiers */

/* The octets of the identifier that the text on top is. Pops nothing. */
static const uint8_t *read_identifier(struct compiler *c, uint32_t *len) {
  uint8_t octets[PKT_MAX_OID];
  size_t size;
  const char *text = luaL_tolstring(c->L, -1, &size);
  ptrdiff_t n = pkt_ber_oid_read(octets, sizeof octets, text, size);
  if (n < 0 && !c->plan) luaL_error(c->L, "'%s' is no object identifier", text);
  if (n < 0) pkt_mistake(c, "'%s' is no object identifier", text);
  uint8_t *copy = pkt_compile_alloc(c, (size_t)n);
  memcpy(copy, octets, (size_t)n);
  *len = (uint32_t)n;
  lua_pop(c->L, 1);
  return copy;
}

static int by_octets(const void *a, const void *b) {
  const struct pkt_oid *x = a, *y = b;
  int order = memcmp(x->bytes, y->bytes, x->len < y->len ? x->len : y->len);
  return order != 0 ? order : x->len < y->len ? -1 : x->len > y->len;
}

const struct pkt_oids *pkt_read_oids(struct compiler *c, int t) {
  lua_State *L = c->L;
  struct pkt_oids *oids = pkt_compile_alloc(c, sizeof *oids);
  int at = pkt_push_table(c, t, "oids");
  if (!at) return oids;
  uint32_t n = pkt_count_members(L, at);
  struct pkt_oid *list = pkt_compile_alloc(c, n * sizeof *list);
  for (lua_pushnil(L); lua_next(L, at); lua_pop(L, 1)) {
    struct pkt_oid *oid = &list[oids->len++];
    oid->name = pkt_copy_text(c, &oid->name_len);
    lua_pushvalue(L, -2);
    oid->bytes = read_identifier(c, &oid->len);
    lua_pop(L, 1);
  }
  qsort(list, n, sizeof *list, by_octets);
  oids->by_bytes = list;
  lua_pop(L, 1);
  return oids;
}

void pkt_read_chosen(struct compiler *c, int t, struct pkt_op *op) {
  lua_State *L = c->L;
  int at = pkt_push_table(c, t, "choose");
  if (!at) return;
  struct pkt_chosen *chosen = pkt_compile_alloc(c, sizeof *chosen);
  uint32_t n = pkt_count_members(L, at);
  struct pkt_pick *picks = pkt_compile_alloc(c, n * sizeof *picks);
  lua_getfield(L, at, "ref");
  chosen->slot = pkt_read_slot(c);
  for (lua_pushnil(L); lua_next(L, at); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) pkt_mistake(c, "'choose' is by object identifiers as text");
    if (strcmp(lua_tostring(L, -2), "ref") == 0) continue;
    struct pkt_pick *pick = &picks[chosen->len++];
    lua_pushvalue(L, -2);
    pick->bytes = read_identifier(c, &pick->len);
    lua_pop(L, 1);
    int decl = pkt_push_named(c);
    if (!decl) pkt_mistake(c, "there is no protocol '%s'", luaL_tolstring(L, -1, NULL));
    pick->plan = pkt_plan_of(c, decl);
  }
  chosen->picks = picks;
  pkt_special_of(op)->chosen = chosen;
  lua_pop(L, 1);
}
