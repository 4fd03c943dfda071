/* compile_default.c - what a field's slot holds when nobody sets it. */
#include "../engine/assign.h"
#include "compile_field_options.h"

/* The Lua value at the top of the stack as a value in the registry's arena. */
static struct pkt_value read_value(struct compiler *c, bool bytes) {
  lua_State *L = c->L;
  struct pkt_value v = {.type = PKT_V_NULL};
  switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
      v.type = PKT_V_BOOL;
      v.num = (uint64_t)lua_toboolean(L, -1);
      break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, -1)) {
        lua_Integer n = lua_tointeger(L, -1);
        v.type = PKT_V_INT;
        v.negative = n < 0;
        v.num = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
      } else {
        v.type = PKT_V_REAL;
        v.real = lua_tonumber(L, -1);
      }
      break;
    case LUA_TSTRING:
      v.type = bytes ? PKT_V_BYTES : PKT_V_TEXT;
      v.ptr = pkt_copy_text(c, &v.len);
      break;
    case LUA_TTABLE: {
      int t = lua_gettop(L);
      pkt_enter(c);
      v.type = PKT_V_LIST;
      v.len = pkt_length_of(c, t);
      if (pkt_count_members(L, t) != v.len) pkt_mistake(c, "the default is a table, but no list");
      v.items = pkt_compile_alloc(c, v.len * sizeof *v.items);
      for (uint32_t i = 0; i < v.len; i++) {
        pkt_push_item(c, t, i);
        v.items[i] = read_value(c, bytes);
        lua_pop(L, 1);
      }
      pkt_leave(c);
      break;
    }
    default: pkt_mistake(c, "the default is neither a number, text nor a list");
  }
  return v;
}

static void empty_default(struct compiler *c, const struct pkt_op *op, struct pkt_slot *s) {
  static const uint8_t zeros[16];
  switch (op->kind) {
    case PKT_OID:
    case PKT_BITS: /* 0.0, no bits */
      s->bytes = zeros;
      s->len = 1;
      break;
    case PKT_IPV6:
      s->bytes = zeros;
      s->len = 16;
      break;
    case PKT_NAME:
      s->bytes = (const uint8_t *)".";
      s->len = 1;
      break;
    case PKT_LIST:
    case PKT_LAYERS:
      s->list = op->flags & PKT_OP_CHAIN ? NULL : pkt_compile_alloc(c, sizeof *s->list);
      break;
    default: break;
  }
}

static bool is_list_kind(const struct pkt_op *op) {
  return op->kind == PKT_LIST || op->kind == PKT_LAYERS;
}

/* Push the default that is declared; nil where there is none, or it is said that there is none. */
static void push_default(struct compiler *c, int t, const struct said *said) {
  lua_pushnil(c->L);
  if (!has(said, OPT_DEFAULT)) return;
  lua_pop(c->L, 1);
  lua_getfield(c->L, t, "default");
  if (!lua_rawequal(c->L, -1, c->none)) return;
  lua_pop(c->L, 1);
  lua_pushnil(c->L);
}

/* Has the field no value until it is set? The default is on top. */
static bool is_none(struct compiler *c, const struct said *said, const struct pkt_op *op) {
  bool undefined = lua_isnil(c->L, -1);
  if (op->sum) return true;
  if (op->element && (op->flags & PKT_OP_OPTIONAL) && undefined) return true;
  bool shown = op->kind == PKT_UINT || op->kind == PKT_BYTES || op->kind == PKT_MAC;
  if (has(said, OPT_AUTO)) return undefined && shown;
  return undefined && has(said, OPT_DEFAULT);
}

static void assign_default(struct compiler *c, const struct pkt_op *op, struct pkt_slot *s) {
  struct pkt_context context = {.arena = &c->r->arena, .registry = c->r};
  struct pkt_value v = read_value(c, op->kind == PKT_BYTES);
  struct pkt_err err;
  if (pkt_assign_default(&context, c->plan, op, &v, s, &err) == 0) return;
  if (err.code == PKT_ERR_MEMORY)
    luaL_error(c->L, "%s", err.message);
  else
    luaL_error(c->L, "%s:%d: the default of %s", c->plan->file, c->line, err.message);
}

static bool has_layers(const struct pkt_op *op) {
  return op->kind == PKT_LAYER || op->kind == PKT_LAYERS;
}

/* A list of so many layers as the number on top says, which pkt_make_layers() makes. */
static void reserve_layers(struct compiler *c, struct pkt_slot *s) {
  lua_Integer n = lua_tointeger(c->L, -1);
  if (n < 0 || n > PKT_MAX_DEFAULT_LAYERS)
    pkt_mistake(c, "the default of layers is how many there are, up to %d", PKT_MAX_DEFAULT_LAYERS);
  if (!s->list) s->list = pkt_compile_alloc(c, sizeof *s->list);
  s->list->len = (uint32_t)n;
  s->list->layers = pkt_compile_alloc(c, (size_t)n * sizeof(struct pkt_layer *));
}

/* Layers that a plan has by default. */
struct nesting {
  struct compiler *c;
  unsigned total; /* so far */
};

static void check_nesting(struct nesting *n, const struct pkt_plan *plan, unsigned depth);

/* The same for one field, or a form of it, whose slot is 's' until it is set. */
static void check_nesting_of(struct nesting *n, const struct pkt_op *op, const struct pkt_slot *s,
                             unsigned depth) {
  uint32_t len = has_layers(op) && s->list ? s->list->len : 0;
  for (uint32_t i = 0; i < len; i++) {
    if (++n->total > PKT_MAX_DEFAULT_TOTAL)
      pkt_mistake(n->c, "the default has more than %d layers in layers", PKT_MAX_DEFAULT_TOTAL);
    check_nesting(n, op->of, depth + 1);
  }
  for (uint32_t i = 0; i < op->nalts; i++)
    check_nesting_of(n, op->alts[i].op, &op->alts[i].preset, depth);
}

/* Raise where the layers that a plan has by default have some themselves, and so on without end, or
** too many. */
static void check_nesting(struct nesting *n, const struct pkt_plan *plan, unsigned depth) {
  if (depth > PKT_MAX_NEST) pkt_mistake(n->c, "the default has layers in layers without end");
  for (unsigned i = 0; i < plan->nops; i++) {
    if (depth == 0) pkt_at_field(n->c, &plan->ops[i]);
    check_nesting_of(n, &plan->ops[i], &plan->defaults[i], depth);
  }
}

static void make_layers(struct compiler *c, const struct pkt_op *op, const struct pkt_slot *s) {
  struct pkt_list *list = has_layers(op) ? s->list : NULL;
  for (uint32_t k = 0; list && k < list->len; k++) {
    list->layers[k] = pkt_layer_new(&c->r->arena, op->of);
    if (!list->layers[k]) luaL_error(c->L, "out of memory");
  }
  for (uint32_t i = 0; i < op->nalts; i++) make_layers(c, op->alts[i].op, &op->alts[i].preset);
}

void pkt_make_layers(struct compiler *c, struct pkt_plan *plan) {
  check_nesting(&(struct nesting){.c = c}, plan, 0);
  c->field = NULL;
  for (unsigned i = 0; i < plan->nops; i++) make_layers(c, &plan->ops[i], &plan->defaults[i]);
}

void pkt_read_default(struct compiler *c, int t, const struct said *said, struct pkt_op *op,
                      struct pkt_slot *s) {
  empty_default(c, op, s);
  push_default(c, t, said);
  s->none = is_none(c, said, op) || op->kind == PKT_CHOICE;
  if (op->kind == PKT_CHOICE && is_list_kind(op->alts[op->nalts - 1].op)) { /* an empty list */
    *s = op->alts[op->nalts - 1].preset;
    s->alt = (uint8_t)(op->nalts - 1);
    op->flags |= PKT_OP_LISTED;
  }
  if (is_list_kind(op) && !s->none && !(op->flags & PKT_OP_CHAIN)) op->flags |= PKT_OP_LISTED;
  if (op->kind == PKT_LAYER && s->none && has(said, OPT_NONE_TEXT)) op->flags |= PKT_OP_LISTED;
  if (op->kind == PKT_CHOICE && op->element && lua_isnil(c->L, -1) &&
      !(op->flags & PKT_OP_OPTIONAL))
    pkt_mistake(c, "one of several elements needs a default");
  bool no_packet = op->kind == PKT_LAYER && lua_isstring(c->L, -1); /* "" */
  if (has_layers(op) && lua_isinteger(c->L, -1)) {
    reserve_layers(c, s);
  } else if (!lua_isnil(c->L, -1) && !no_packet) {
    if (op->kind == PKT_CHOICE) s->none = false;
    assign_default(c, op, s);
  }
  lua_pop(c->L, 1);
}
