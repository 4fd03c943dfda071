#include "core_shark_wanted.h"

#include <lauxlib.h>

#include "layer_table.h"

const struct pkt_plan *pkt_wanted_take_plan(lua_State *L, const struct pkt_registry *r) {
  size_t n;
  const struct pkt_plan *plan = NULL;
  if (!lua_isnil(L, -1)) {
    const char *id = luaL_checklstring(L, -1, &n);
    plan = pkt_registry_find(r, id, n);
    if (!plan) luaL_error(L, "there is no protocol '%s'", id);
  }
  lua_pop(L, 1);
  return plan;
}

static void read_layers(lua_State *L, int options, const struct pkt_registry *r,
                        struct pkt_wanted *w) {
  if (lua_getfield(L, options, "layers") == LUA_TTABLE) {
    if (lua_rawlen(L, -1) > PKT_WANTED_LAYERS)
      luaL_error(L, "a filter is called with at most %d layers", PKT_WANTED_LAYERS);
    for (; lua_rawgeti(L, -1, w->nlayers + 1) != LUA_TNIL; w->nlayers++)
      w->layers[w->nlayers] = pkt_wanted_take_plan(L, r);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int integer_at(lua_State *L, int table, int i) {
  lua_rawgeti(L, table, i);
  int n = (int)luaL_checkinteger(L, -1);
  lua_pop(L, 1);
  return n;
}

static void read_comparison(lua_State *L, struct pkt_wanted_check *c) {
  static const char *const names[] = {"==", "~=", "<", ">=", ">", "<=", NULL};
  static const int operators[] = {LUA_OPEQ, LUA_OPEQ, LUA_OPLT, LUA_OPLT, LUA_OPLT, LUA_OPLT};
  int i = luaL_checkoption(L, -1, NULL, names);
  c->compare = operators[i];
  c->result = i % 2 == 0; /* each second one is the opposite of the first */
  c->swapped = i >= 4;
}

/* The check { layer, field, comparison, constant } on top, which the constant takes the place of.
** False: the layer has no such field of its own, and nothing is left. */
static bool read_check(lua_State *L, const struct pkt_wanted *w, struct pkt_wanted_check *c) {
  size_t n;
  int t = lua_gettop(L);
  c->layer = integer_at(L, t, 1) - 1;
  if (c->layer < 0 || c->layer >= w->needs) luaL_error(L, "a check of a layer that isn't needed");
  lua_rawgeti(L, t, 2);
  const char *field = luaL_checklstring(L, -1, &n);
  c->op = pkt_plan_op(w->layers[c->layer], field, n);
  lua_rawgeti(L, t, 3);
  read_comparison(L, c);
  lua_rawgeti(L, t, 4);
  lua_replace(L, t);
  lua_settop(L, c->op ? t : t - 1);
  c->constant = t;
  return c->op != NULL;
}

/* The list is below the constants. */
static void read_checks(lua_State *L, int options, struct pkt_wanted *w) {
  if (lua_getfield(L, options, "checks") != LUA_TTABLE) return;
  int list = lua_gettop(L), most = (int)lua_rawlen(L, list);
  for (int i = 1; i <= most && w->nchecks < PKT_WANTED_CHECKS; i++) {
    lua_rawgeti(L, list, i);
    luaL_checktype(L, -1, LUA_TTABLE);
    if (read_check(L, w, &w->checks[w->nchecks])) w->nchecks++;
  }
}

void pkt_wanted_read(lua_State *L, int options, const struct pkt_registry *r,
                     struct pkt_wanted *w) {
  *w = (struct pkt_wanted){.nlayers = 0};
  read_layers(L, options, r, w);
  lua_getfield(L, options, "needs");
  lua_Integer needs = luaL_optinteger(L, -1, 0);
  lua_pop(L, 1);
  w->needs = needs >= 0 && needs < w->nlayers ? (int)needs : w->nlayers;
  read_checks(L, options, w);
}

/* The first such layer; NULL: there is none. */
static const struct pkt_layer *find_layer(const struct pkt_packet *p, const struct pkt_plan *plan) {
  for (uint32_t i = 0; i < p->len; i++)
    if (pkt_plan_is_wanted(p->layers[i]->plan, plan)) return p->layers[i];
  return NULL;
}

bool pkt_wanted_has(const struct pkt_packet *p, const struct pkt_plan *plan) {
  return find_layer(p, plan) != NULL;
}

/* Does the check fail? What a filter would have to look for, or raise, is left to it. */
static bool fails(lua_State *L, const struct pkt_wanted *w, const struct pkt_wanted_check *c,
                  const struct pkt_layer *layer) {
  const struct pkt_plan *plan = w->layers[c->layer];
  if (layer->plan != plan) return false; /* a kind of it, with other fields */
  const struct pkt_slot *s = &layer->slots[c->op - plan->ops];
  if (s->state != PKT_SET || c->op->kind > PKT_BYTES) return false;
  pkt_lua_push_slot(L, c->op, s);
  bool known = c->compare == LUA_OPEQ || lua_type(L, -1) == lua_type(L, c->constant);
  int left = c->swapped ? c->constant : -1, right = c->swapped ? -1 : c->constant;
  bool failed = known && (lua_compare(L, left, right, c->compare) != 0) != c->result;
  lua_pop(L, 1);
  return failed;
}

bool pkt_wanted_may_pass(lua_State *L, const struct pkt_wanted *w, const struct pkt_packet *p) {
  const struct pkt_layer *layers[PKT_WANTED_LAYERS];
  for (int i = 0; i < w->needs; i++)
    if ((layers[i] = find_layer(p, w->layers[i])) == NULL) return false;
  for (int i = 0; i < w->nchecks; i++)
    if (fails(L, w, &w->checks[i], layers[w->checks[i].layer])) return false;
  return true;
}
