/* compile_field.c - the declaration of a field to its op. */
#include <stdlib.h>
#include <string.h>

#include "../engine/assign.h"
#include "../wire/ber.h"
#include "collected.h"
#include "compile_inner.h"
#include "core_json.h"

/* Kinds of fields that an option is for. */
#define FOR(kind) (1u << PKT_##kind)
#define FOR_ANY UINT32_MAX
#define FOR_UINT FOR(UINT)
#define FOR_NAMED (FOR(UINT) | FOR(PHANTOM) | FOR(INTEGER) | FOR(FLOAT))
#define FOR_WORKED_OUT (FOR(UINT) | FOR(MAC) | FOR(IPV4) | FOR(IPV6) | FOR(BYTES) | FOR(FLOAT))
#define FOR_BYTES FOR(BYTES)
#define FOR_NAME FOR(NAME)
#define FOR_NODES (FOR(NAME) | FOR(IPV4) | FOR(IPV6)) /* ...for those who write them as names */
#define FOR_LIST FOR(LIST)
#define FOR_LAYERS (FOR(LAYERS) | FOR(LAYER))
#define FOR_BYTES_OR_LAYERS (FOR_BYTES | FOR_LAYERS)
#define FOR_OPTIONS FOR(OPTIONS)
#define FOR_LISTS (FOR_LIST | FOR_LAYERS | FOR_OPTIONS)
#define FOR_SIZED (FOR_LISTS | FOR_BYTES | FOR_NODES)
#define FOR_CHOICE FOR(CHOICE)
#define FOR_UNNAMED \
  (FOR_LIST | FOR_LAYERS | FOR_CHOICE) /* elements that are no type of their own */

/* What an option's value is. Rules, numbers and what has several forms are checked where they are
** read. */
#define SHAPES(X)                        \
  X(ANY, LUA_TNONE, NULL)                \
  X(TEXT, LUA_TSTRING, "a text")         \
  X(FLAG, LUA_TBOOLEAN, "true or false") \
  X(TABLE, LUA_TTABLE, "a table")

enum shape {
#define X(name, type, text) SHAPE_##name,
  SHAPES(X)
#undef X
};

static const struct {
  int type; /* of Lua; LUA_TNONE: any */
  const char *text;
} shapes[] = {
#define X(name, type, text) {type, text},
    SHAPES(X)
#undef X
};

/* The options of a field, the flag of its op that each sets where it is true, the kinds of fields it
** is for, and its shape. Those that don't matter to packets, such as labels, are known all the same:
** any other is a mistake. */
#define OPTIONS(X)                                           \
  X(ID, "id", 0, FOR_ANY, TEXT)                              \
  X(AT, "at", 0, FOR_ANY, ANY)                               \
  X(KIND, "kind", 0, FOR_ANY, ANY)                           \
  X(ALIAS, "alias", 0, FOR_ANY, TEXT)                        \
  X(WIDTH, "width", 0, FOR_ANY, ANY)                         \
  X(SHOW, "show", 0, FOR_ANY, ANY)                           \
  X(DEFAULT, "default", 0, FOR_ANY, ANY)                     \
  X(NONE_TEXT, "none_text", 0, FOR_ANY, TEXT)                \
  X(EPOCH, "epoch", 0, FOR_UINT, ANY)                        \
  X(NOMINAL, "nominal", 0, FOR_ANY, ANY)                     \
  X(LITTLE, "little", 0, FOR_ANY, FLAG)                      \
  X(SIGNED, "signed", PKT_OP_SIGNED, FOR_UINT, FLAG)         \
  X(BITFIELD, "bitfield", PKT_OP_BITFIELD, FOR_UINT, FLAG)   \
  X(MASKED, "masked", PKT_OP_MASKED, FOR_UINT, FLAG)         \
  X(FLAGS, "flags", 0, FOR_UINT, ANY)                        \
  X(NAMES, "names", 0, FOR_NAMED, ANY)                       \
  X(NAMES_BY, "names_by", 0, FOR_UINT, ANY)                  \
  X(AUTO, "auto", 0, FOR_WORKED_OUT, ANY)                    \
  X(WHEN, "when", 0, FOR_ANY, ANY)                           \
  X(SIZE, "size", 0, FOR_SIZED, ANY)                         \
  X(COUNT, "count", 0, FOR_LISTS, ANY)                       \
  X(ALIGN, "align", 0, FOR_ANY, ANY)                         \
  X(ALIGN_OWN, "align_own", PKT_OP_ALIGN_OWN, FOR_ANY, FLAG) \
  X(APART, "apart", PKT_OP_APART, FOR_BYTES_OR_LAYERS, FLAG) \
  X(FILL, "fill", 0, FOR_ANY, ANY)                           \
  X(LEAD, "lead", 0, FOR_ANY, ANY)                           \
  X(TRAILER, "trailer", PKT_OP_TRAILER, FOR_ANY, FLAG)       \
  X(PAD, "pad", 0, FOR_LAYERS, TABLE)                        \
  X(ENDS, "ends", 0, FOR_BYTES_OR_LAYERS, ANY)               \
  X(MORE, "more", 0, FOR_LAYERS, ANY)                        \
  X(COUNTED, "counted", 0, FOR_BYTES, ANY)                   \
  X(FIT, "fit", PKT_OP_FIT, FOR_BYTES, FLAG)                 \
  X(EXACT, "exact", PKT_OP_EXACT, FOR_BYTES, FLAG)           \
  X(BITMAP, "bitmap", PKT_OP_BITMAP, FOR_BYTES, ANY)         \
  X(WHOLE, "whole", PKT_OP_WHOLE, FOR_NAME, FLAG)            \
  X(NODE, "node", PKT_OP_NODE, FOR_NODES, FLAG)              \
  X(PARTIAL, "partial", PKT_OP_PARTIAL, FOR_NAME, FLAG)      \
  X(OPTIONAL, "optional", PKT_OP_OPTIONAL, FOR_ANY, FLAG)    \
  X(NETBIOS, "netbios", PKT_OP_NETBIOS, FOR_BYTES, FLAG)     \
  X(ITEM, "item", 0, FOR_LIST, ANY)                          \
  X(OF, "of", 0, FOR_LAYERS, ANY)                            \
  X(CHAIN, "chain", PKT_OP_CHAIN, FOR_LAYERS, FLAG)          \
  X(FORGET, "forget", PKT_OP_FORGET, FOR_UINT, FLAG)         \
  X(KNOWN, "known", PKT_OP_KNOWN, FOR_LAYERS, FLAG)          \
  X(STACK, "stack", PKT_OP_STACK, FOR_LAYERS, FLAG)          \
  X(LAZY, "lazy", PKT_OP_LAZY, FOR_ANY, FLAG)                \
  X(CODES, "codes", 0, FOR_OPTIONS, ANY)                     \
  X(LENGTH, "length", 0, FOR_OPTIONS, TEXT)                  \
  X(STYLE, "style", 0, FOR_OPTIONS, TEXT)                    \
  X(ALTERNATIVES, "alternatives", 0, FOR_CHOICE, TABLE)      \
  X(BY_VALUE, "by_value", PKT_OP_BY_VALUE, FOR_CHOICE, FLAG) \
  X(LABEL, "label", 0, FOR_ANY, TEXT)                        \
  X(DEFINITION, "definition", 0, FOR_ANY, TABLE)             \
  X(TEXT, "text", 0, FOR_ANY, FLAG)                          \
  X(CLASS, "class", 0, FOR_ANY, TEXT)                        \
  X(PRINTED, "printed", 0, FOR_ANY, TEXT)                    \
  X(UP_TO, "up_to", PKT_OP_UP_TO, FOR_BYTES, ANY)            \
  X(ONE_OF, "one_of", PKT_OP_ONE_OF, FOR_BYTES, ANY)         \
  X(STOPS, "stops", 0, FOR_LAYERS, ANY)                      \
  X(XOR, "xor", 0, FOR_ANY, ANY)                             \
  X(LISTED_APART, "listed_apart", 0, FOR_CHOICE, FLAG)       \
  X(UNLISTED, "unlisted", 0, FOR_ANY, FLAG)                  \
  X(ELEMENT, "element", 0, FOR_ANY, ANY)                     \
  X(TAG, "tag", 0, FOR_ANY, ANY)                             \
  X(CHOOSE, "choose", 0, FOR_LAYERS, TABLE)

enum option {
#define X(name, text, flag, kinds, shape) OPT_##name,
  OPTIONS(X)
#undef X
      OPTION_COUNT
};

static const char *const option_names[] = {
#define X(name, text, flag, kinds, shape) text,
    OPTIONS(X)
#undef X
};

static const uint32_t option_flags[] = {
#define X(name, text, flag, kinds, shape) flag,
    OPTIONS(X)
#undef X
};

static const uint32_t option_kinds[] = {
#define X(name, text, flag, kinds, shape) kinds,
    OPTIONS(X)
#undef X
};

static const uint8_t option_shapes[] = {
#define X(name, text, flag, kinds, shape) SHAPE_##shape,
    OPTIONS(X)
#undef X
};

/* What a declaration says: which options it has, which are true, and those that are whole numbers. */
struct said {
  bool given[OPTION_COUNT], truly[OPTION_COUNT], whole[OPTION_COUNT];
  lua_Integer num[OPTION_COUNT];
};

int pkt_push_options(lua_State *L) { return pkt_push_words(L, option_names, OPTION_COUNT); }

static bool has(const struct said *said, enum option o) { return said->given[o]; }
static bool truly(const struct said *said, enum option o) { return said->truly[o]; }

/* An option that is a number between these; 0 where it isn't given. */
static lua_Integer number_of(struct compiler *c, const struct said *said, enum option o,
                             lua_Integer least, lua_Integer most) {
  if (!has(said, o)) return 0;
  if (!said->whole[o] || said->num[o] < least || said->num[o] > most)
    pkt_mistake(c, "'%s' is a whole number, %lld to %lld", option_names[o], least, most);
  return said->num[o];
}

/* The option whose name is on top; any other is a mistake. Pops nothing. */
static int read_option(struct compiler *c) {
  int option = lua_type(c->L, -1) == LUA_TSTRING ? pkt_word(c, c->options) : -1;
  if (option < 0) pkt_mistake(c, "unknown option '%s'", luaL_tolstring(c->L, -1, NULL));
  return option;
}

/* The option's value is on top. */
static void check_shape(struct compiler *c, int option) {
  int wanted = shapes[option_shapes[option]].type, type = lua_type(c->L, -1);
  if (wanted == LUA_TNONE || type == wanted) return;
  const char *text = shapes[option_shapes[option]].text;
  pkt_mistake(c, "'%s' is %s, not a %s", option_names[option], text, lua_typename(c->L, type));
}

static void read_said(struct compiler *c, int t, struct said *said, struct pkt_op *op) {
  lua_State *L = c->L;
  *said = (struct said){0};
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    lua_pushvalue(L, -2);
    int option = read_option(c);
    lua_pop(L, 1);
    check_shape(c, option);
    said->given[option] = true;
    said->whole[option] = lua_isinteger(L, -1);
    if (said->whole[option]) said->num[option] = lua_tointeger(L, -1);
    if (!lua_toboolean(L, -1)) continue;
    said->truly[option] = true;
    op->flags |= option_flags[option];
  }
}

#define MAX_EPOCH ((lua_Integer)1 << 40) /* seconds: far beyond what is written as a date */

/* Fields within fields, and lists within a default: reading them recurses. Tables may even lie in
** themselves. Raises, or has to be left again. */
#define MAX_NESTING 32

static void enter(struct compiler *c) {
  if (++c->depth > MAX_NESTING) pkt_mistake(c, "nested too deep");
}

static void leave(struct compiler *c) { c->depth--; }

/* ---------------------------------------------------------------------------- kind and form */

static int find_text(const char *const *list, int n, const char *text) {
  for (int i = 0; i < n; i++)
    if (text && strcmp(list[i], text) == 0) return i;
  return -1;
}

/* Is an option this text? */
static bool is_text(struct compiler *c, int t, enum option o, const char *text) {
  lua_getfield(c->L, t, option_names[o]);
  bool same = lua_type(c->L, -1) == LUA_TSTRING && strcmp(lua_tostring(c->L, -1), text) == 0;
  lua_pop(c->L, 1);
  return same;
}

static uint8_t read_kind(struct compiler *c, int t) {
  lua_getfield(c->L, t, "kind");
  int kind = pkt_word(c, c->kinds);
  lua_pop(c->L, 1);
  if (kind < 0) pkt_mistake(c, "unknown kind of field");
  return (uint8_t)kind;
}

static uint8_t read_show(struct compiler *c, int t) {
  static const char *const names[] = {"dec",    "hex",     "flags",  "utc",   "ms_of_day",
                                      "fixed8", "fixed16", "ntp",    "centi", "pair",
                                      "uuid",   "quad",    "boolean"};
  lua_getfield(c->L, t, "show");
  int show = find_text(names, sizeof names / sizeof *names, lua_tostring(c->L, -1));
  if (show < 0 || show == PKT_SHOW_FLAGS)
    pkt_mistake(c, "unknown 'show': '%s'", luaL_tolstring(c->L, -1, NULL));
  lua_pop(c->L, 1);
  return (uint8_t)show;
}

static bool is_number(const struct pkt_op *op) {
  return op->kind == PKT_UINT || op->kind == PKT_MAC || op->kind == PKT_IPV4 ||
         op->kind == PKT_PHANTOM;
}

static uint16_t read_width(struct compiler *c, int t, const struct said *said,
                           const struct pkt_op *op) {
  lua_Integer width = said->num[OPT_WIDTH];
  if (is_number(op) && (width < 1 || width > 64)) {
    lua_getfield(c->L, t, "width");
    pkt_mistake(c, "a width of 1 to 64 bits was expected, not %s", luaL_tolstring(c->L, -1, NULL));
  }
  return (uint16_t)width;
}

/* What a number is XORed with; one that is worked out isn't. */
static uint64_t read_mask(struct compiler *c, const struct said *said, const struct pkt_op *op) {
  lua_Integer mask = said->num[OPT_XOR];
  if (!has(said, OPT_XOR)) return 0;
  if (!is_number(op) || op->kind == PKT_PHANTOM || has(said, OPT_AUTO) || !truly(said, OPT_XOR))
    pkt_mistake(c, "'xor' is for numbers and addresses that aren't worked out");
  bool fits = op->width == 64 || (uint64_t)mask >> op->width == 0;
  if (!fits) pkt_mistake(c, "'xor' doesn't fit in %u bits", op->width);
  return (uint64_t)mask;
}

/* The bytes that the reference shows for a field that takes none. */
static uint32_t nominal_length(struct compiler *c, const struct said *said,
                               const struct pkt_op *op) {
  if (has(said, OPT_NOMINAL)) return (uint32_t)number_of(c, said, OPT_NOMINAL, 0, PKT_MAX_PACKET);
  if (op->kind == PKT_PHANTOM) return 1;
  if (op->kind == PKT_IPV6) return 16;
  if (!is_number(op)) return 2;
  if (op->flags & PKT_OP_BITFIELD) return 0;
  return op->width == 24 ? 4 : op->width / 8u;
}

/* What is shown for no value: null for numbers that are shown in hexadecimal and for flags. */
static const char *none_text(struct compiler *c, int t, const struct said *said,
                             const struct pkt_op *op) {
  if (truly(said, OPT_NONE_TEXT)) return pkt_get_text(c, t, "none_text", NULL);
  if (op->show == PKT_SHOW_MS_OF_DAY) return "--";
  bool hex = op->show == PKT_SHOW_HEX && op->kind != PKT_BYTES;
  return hex || truly(said, OPT_FLAGS) ? NULL : "None";
}

/* How a number is reached, once it is known whether it starts on a byte. */
static uint8_t choose_access(const struct pkt_op *op, bool little, bool aligned) {
  if (little && op->width % 8 != 0) return PKT_AT_LITTLE16;
  if (!aligned || op->width % 8 != 0) return PKT_AT_BITS;
  if (op->width == 8) return PKT_AT_U8;
  if (little) return PKT_AT_LE;
  switch (op->width) {
    case 16: return PKT_AT_BE16;
    case 32: return PKT_AT_BE32;
    case 64: return PKT_AT_BE64;
    default: return PKT_AT_BE;
  }
}

static const char *letter(struct compiler *c, char of) {
  if (!of) return NULL;
  char *text = pkt_compile_alloc(c, 2);
  text[0] = of;
  return text;
}

/* Names of bits: letters, or a list of texts, of which some may be false or empty. */
static void read_flags(struct compiler *c, int t, struct pkt_op *op) {
  lua_getfield(c->L, t, "flags");
  int list = lua_gettop(c->L);
  bool letters = lua_type(c->L, list) == LUA_TSTRING;
  if (!letters && !lua_istable(c->L, list)) pkt_mistake(c, "flags need names");
  if (lua_rawlen(c->L, list) > op->width) pkt_mistake(c, "more names than the field has bits");
  const char **names = pkt_compile_alloc(c, op->width * sizeof *names);
  const char *texts = letters ? lua_tostring(c->L, list) : NULL;
  for (unsigned i = 0; i < op->width; i++) {
    if (letters) {
      names[i] = letter(c, i < lua_rawlen(c->L, list) ? texts[i] : 0);
      continue;
    }
    lua_rawgeti(c->L, list, i + 1);
    if (lua_toboolean(c->L, -1) && lua_type(c->L, -1) != LUA_TSTRING)
      pkt_mistake(c, "a flag's name is a text, not a %s", luaL_typename(c->L, -1));
    bool named = lua_isstring(c->L, -1) && *lua_tostring(c->L, -1);
    if (named) names[i] = pkt_copy_text(c, NULL);
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
  op->flag_names = names;
  op->show = PKT_SHOW_FLAGS;
  if (letters) op->flags |= PKT_OP_LETTERS;
}

/* ------------------------------------------------------------------------------ enumerations */

static int by_key(const void *a, const void *b) {
  const struct pkt_names_case *x = a, *y = b;
  return (int64_t)x->key < (int64_t)y->key ? -1 : x->key != y->key;
}

/* { ref = a field's id, [its value] = names, ... } */
static const struct pkt_names_by *read_names_by(struct compiler *c, int t) {
  lua_State *L = c->L;
  int at = pkt_push_table(c, t, "names_by");
  if (!at) pkt_mistake(c, "'names_by' is no table");
  struct pkt_names_by *by = pkt_compile_alloc(c, sizeof *by);
  lua_getfield(L, at, "ref");
  by->slot = pkt_read_slot(c);
  struct pkt_names_case *cases = pkt_compile_alloc(c, pkt_count_members(L, at) * sizeof *cases);
  for (lua_pushnil(L); lua_next(L, at);) {
    if (lua_isinteger(L, -2)) {
      cases[by->len].key = (uint64_t)lua_tointeger(L, -2);
      cases[by->len++].names = pkt_read_names(c);
    } else {
      lua_pop(L, 1); /* 'ref' */
    }
  }
  qsort(cases, by->len, sizeof *cases, by_key);
  by->cases = cases;
  lua_pop(L, 1);
  return by;
}

/* --------------------------------------------------------------------------------- defaults */

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
      enter(c);
      v.type = PKT_V_LIST;
      v.len = pkt_length_of(c, t);
      if (pkt_count_members(L, t) != v.len) pkt_mistake(c, "the default is a table, but no list");
      v.items = pkt_compile_alloc(c, v.len * sizeof *v.items);
      for (uint32_t i = 0; i < v.len; i++) {
        pkt_push_item(c, t, i);
        v.items[i] = read_value(c, bytes);
        lua_pop(L, 1);
      }
      leave(c);
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
  if (has(said, OPT_AUTO)) return undefined && (op->kind == PKT_UINT || op->kind == PKT_BYTES);
  return undefined && has(said, OPT_DEFAULT);
}

static void assign_default(struct compiler *c, const struct pkt_op *op, struct pkt_slot *s) {
  struct pkt_context context = {.arena = &c->r->arena, .registry = c->r};
  struct pkt_value v = read_value(c, op->kind == PKT_BYTES);
  struct pkt_err err;
  if (pkt_assign_default(&context, c->plan, op, &v, s, &err) != 0)
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

void pkt_make_layers(struct compiler *c, struct pkt_plan *plan) {
  for (unsigned i = 0; i < plan->nops; i++) {
    struct pkt_list *list = has_layers(&plan->ops[i]) ? plan->defaults[i].list : NULL;
    for (uint32_t k = 0; list && k < list->len; k++) {
      list->layers[k] = pkt_layer_new(&c->r->arena, plan->ops[i].of);
      if (!list->layers[k]) luaL_error(c->L, "out of memory");
    }
  }
}

static void read_default(struct compiler *c, int t, const struct said *said, struct pkt_op *op,
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

/* ---------------------------------------------------------------------- sizes and what's auto */

static void read_size(struct compiler *c, int t, const struct said *said, struct pkt_op *op) {
  bool bytes = op->kind == PKT_BYTES;
  if (has(said, OPT_SIZE)) {
    if (bytes && said->whole[OPT_SIZE] && said->num[OPT_SIZE] > 0)
      op->fixed_size = (uint32_t)number_of(c, said, OPT_SIZE, 1, PKT_MAX_PACKET);
    else
      op->size = pkt_get_rule(c, t, "size", "size");
  }
  if (bytes && has(said, OPT_ENDS)) {
    op->flags |= PKT_OP_ENDED;
    op->fill = (uint8_t)number_of(c, said, OPT_ENDS, 0, UINT8_MAX);
  }
  if ((op->flags & PKT_OP_FIT) && !op->size) pkt_mistake(c, "'fit' needs a size");
}

/* The texts that 'up_to' or 'one_of' lists. */
static void read_texts(struct compiler *c, int t, const struct said *said, struct pkt_op *op) {
  enum option o = truly(said, OPT_UP_TO) ? OPT_UP_TO : OPT_ONE_OF;
  if (!truly(said, o)) return;
  int list = pkt_push_table(c, t, option_names[o]);
  struct pkt_texts *texts = pkt_compile_alloc(c, sizeof *texts);
  texts->len = pkt_length_of(c, list);
  if (op->kind != PKT_BYTES || texts->len < 1 || texts->len > PKT_MAX_TEXTS)
    pkt_mistake(c, "'%s' is a list of 1 to %d texts, of bytes", option_names[o], PKT_MAX_TEXTS);
  for (uint32_t i = 0; i < texts->len; i++) {
    pkt_push_item(c, list, i);
    if (lua_type(c->L, -1) != LUA_TSTRING || lua_rawlen(c->L, -1) == 0)
      pkt_mistake(c, "'%s': %s is no text", option_names[o], luaL_tolstring(c->L, -1, NULL));
    texts->texts[i] = (const uint8_t *)pkt_copy_text(c, &texts->lens[i]);
    uint8_t first = texts->texts[i][0];
    if (!memchr(texts->firsts, first, texts->nfirsts)) texts->firsts[texts->nfirsts++] = first;
    lua_pop(c->L, 1);
  }
  op->texts = texts;
  lua_pop(c->L, 1);
}

/* What a checksum covers: "layer", "header", "payload" or a rule. */
static void read_cover(struct compiler *c, int at, struct pkt_checksum *sum) {
  lua_getfield(c->L, at, "over");
  if (lua_type(c->L, -1) == LUA_TSTRING) {
    int part = find_text(pkt_part_names, PKT_PARTS, lua_tostring(c->L, -1));
    if (part < 0) pkt_mistake(c, "a checksum is over the layer, its header or its payload");
    sum->part = (unsigned)part;
  } else {
    sum->over = pkt_get_rule(c, at, "over", "checksum.over");
  }
  lua_pop(c->L, 1);
  sum->without = pkt_get_slot(c, at, "without");
}

/* The words of a header that a checksum covers, though it isn't there: a rule each. */
static void read_words(struct compiler *c, int at, struct pkt_checksum *sum) {
  int list = pkt_push_table(c, at, "words");
  if (!list) return;
  uint32_t n = pkt_length_of(c, list);
  if (n > PKT_MAX_WORDS) pkt_mistake(c, "a checksum has up to %d words", PKT_MAX_WORDS);
  sum->nwords = (uint8_t)n;
  for (unsigned i = 0; i < n; i++) {
    pkt_push_item(c, list, i);
    sum->words[i] = pkt_read_rule(c, "checksum.words");
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
}

/* The options of a checksum that are numbers: 'otherwise' where one isn't given. */
static lua_Integer sum_number(struct compiler *c, int at, const char *key, lua_Integer otherwise,
                              lua_Integer most) {
  int type = lua_getfield(c->L, at, key);
  lua_Integer n = lua_isinteger(c->L, -1) ? lua_tointeger(c->L, -1) : -1;
  if (type != LUA_TNIL && (n < 0 || n > most))
    pkt_mistake(c, "checksum: '%s' is a whole number, 0 to %lld", key, most);
  lua_pop(c->L, 1);
  return type == LUA_TNIL ? otherwise : n;
}

static void check_sum_options(struct compiler *c, int at) {
  static const char *const known[] = {"checksum", "over",      "pseudo", "zero_as", "when", "from",
                                      "without",  "only_ipv6", "xor",    "own",     "words"};
  for (lua_pushnil(c->L); lua_next(c->L, at); lua_pop(c->L, 1)) {
    lua_pushvalue(c->L, -2);
    const char *key = luaL_tolstring(c->L, -1, NULL);
    if (find_text(known, sizeof known / sizeof *known, key) < 0)
      pkt_mistake(c, "checksum: unknown option '%s'", key);
    lua_pop(c->L, 2);
  }
}

/* The checksum that the table at 'at' declares. */
static const struct pkt_checksum *read_sum(struct compiler *c, int at) {
  struct pkt_checksum *sum = pkt_compile_alloc(c, sizeof *sum);
  check_sum_options(c, at);
  lua_getfield(c->L, at, "checksum");
  sum->kind = (unsigned)find_text(pkt_sum_names, PKT_SUM_COUNT, lua_tostring(c->L, -1));
  lua_pop(c->L, 1);
  read_cover(c, at, sum);
  read_words(c, at, sum);
  sum->from = (uint32_t)sum_number(c, at, "from", 0, PKT_MAX_PACKET);
  sum->own = pkt_get_flag(c, at, "own");
  sum->pseudo = (int)sum_number(c, at, "pseudo", -1, UINT8_MAX);
  sum->pseudo_ipv6 = pkt_get_flag(c, at, "only_ipv6");
  sum->zero_as = (uint32_t)sum_number(c, at, "zero_as", 0, UINT32_MAX);
  sum->mask = (uint32_t)sum_number(c, at, "xor", 0, UINT32_MAX);
  sum->when = pkt_get_rule(c, at, "when", "checksum.when");
  return sum;
}

/* What is worked out knows no bytes that are yet to be read. */
static const struct pkt_rule *get_auto(struct compiler *c, int t) {
  const struct pkt_rule *rule = pkt_get_rule(c, t, "auto", "auto");
  for (unsigned i = 0; i < rule->len; i++)
    if (rule->code[i].op == PKT_RULE_PEEK || rule->code[i].op == PKT_RULE_GLANCE)
      pkt_mistake(c, "'auto' is worked out when the layer is built: there is nothing to peek at");
  return rule;
}

static void read_auto(struct compiler *c, int t, const struct said *said, struct pkt_op *op) {
  if (!has(said, OPT_AUTO)) return;
  lua_getfield(c->L, t, "auto");
  int at = lua_gettop(c->L);
  bool sum = lua_istable(c->L, at) && pkt_get_flag(c, at, "checksum");
  if (sum && (op->kind != PKT_UINT || op->width % 8 != 0))
    pkt_mistake(c, "a checksum is a number of whole bytes");
  if (sum)
    op->sum = read_sum(c, at);
  else if (op->kind == PKT_UINT || op->kind == PKT_MAC)
    op->autorule = get_auto(c, t);
  else if (op->kind == PKT_BYTES && lua_istable(c->L, at))
    op->digits = get_auto(c, t);
  else if (!lua_isinteger(c->L, at) || said->num[OPT_AUTO] != 0)
    pkt_mistake(c, "only numbers and MAC addresses are worked out; others can be 'auto = 0'");
  lua_pop(c->L, 1);
}

/* ---------------------------------------------------------------------------------- options */

static int by_code(const void *a, const void *b) {
  const struct pkt_optdef *x = a, *y = b;
  return x->code - y->code;
}

/* What a part of an option is: "u16" is two bytes wide, "u16*" as many of them as there are. */
static bool read_part(const char *text, unsigned *width, bool *many) {
  char *end;
  if (text[0] != 'u' || text[1] < '0' || text[1] > '9') return false;
  *width = (unsigned)strtoul(text + 1, &end, 10) / 8;
  *many = *end == '*';
  return *width > 0 && end[*many] == 0;
}

static void add_ints(struct compiler *c, struct pkt_optdef *def, unsigned part, const char *text) {
  unsigned width = 0;
  bool many = false;
  read_part(text, &width, &many);
  if (part < PKT_MAX_PARTS) def->widths[part] = (uint8_t)width;
  if (def->form == PKT_FORM_INTS && def->width != width)
    def->width = 0; /* they differ */
  else
    def->width = (uint8_t)width;
  if (part >= PKT_MAX_PARTS && !def->width) pkt_mistake(c, "an option has too many parts");
  def->form = PKT_FORM_INTS;
  def->count = many ? 0 : (uint8_t)(def->count + 1);
}

/* The text on top says what bytes come next, as part 'part' from 0. */
static void add_form(struct compiler *c, struct pkt_optdef *def, unsigned part) {
  const char *text = luaL_tolstring(c->L, -1, NULL);
  unsigned width;
  bool many;
  if (read_part(text, &width, &many)) {
    add_ints(c, def, part, text);
  } else if (strcmp(text, "ipv4") == 0 || strcmp(text, "ipv4*") == 0) {
    def->form = PKT_FORM_IPV4;
    def->width = 4;
    def->count = text[4] == 0;
  } else if (strcmp(text, "none") == 0 || strcmp(text, "flag") == 0) {
    def->form = PKT_FORM_FLAG;
  } else if (strcmp(text, "bytes") != 0) {
    pkt_mistake(c, "option %d: unknown form '%s'", def->code, text);
  }
  lua_pop(c->L, 1);
}

/* { name, form... } on top, of the code below it. Pops nothing. */
static void read_code(struct compiler *c, struct pkt_optdef *def) {
  lua_State *L = c->L;
  int t = lua_gettop(L);
  lua_Integer code = lua_isinteger(L, t - 1) ? lua_tointeger(L, t - 1) : -1;
  if (code < 0 || code > 255 || !lua_istable(L, t))
    pkt_mistake(c, "option %s: a code of 0 to 255 and { name, form... } were expected",
                luaL_tolstring(L, t - 1, NULL));
  def->code = (uint16_t)code;
  if (lua_rawgeti(L, t, 1) != LUA_TSTRING) pkt_mistake(c, "option %d needs a name", def->code);
  def->name = pkt_copy_text(c, &def->name_len);
  lua_pop(L, 1);
  for (uint32_t i = 1; i < pkt_length_of(c, t); i++) {
    pkt_push_item(c, t, i);
    add_form(c, def, i - 1);
    lua_pop(L, 1);
  }
  if (lua_getfield(L, t, "names") != LUA_TNIL)
    def->names = pkt_read_names(c);
  else
    lua_pop(L, 1);
}

static void read_codes(struct compiler *c, int t, struct pkt_op *op) {
  lua_State *L = c->L;
  int at = pkt_push_table(c, t, "codes");
  if (!at) pkt_mistake(c, "'codes' is no table");
  op->ncodes = pkt_count_members(L, at);
  struct pkt_optdef *codes = pkt_compile_alloc(c, op->ncodes * sizeof *codes);
  const struct pkt_optdef **index = pkt_compile_alloc(c, 256 * sizeof *index);
  struct pkt_optdef *next = codes;
  for (lua_pushnil(L); lua_next(L, at); lua_pop(L, 1)) read_code(c, next++);
  qsort(codes, op->ncodes, sizeof *codes, by_code);
  for (uint32_t i = 0; i < op->ncodes; i++) index[codes[i].code] = &codes[i];
  op->codes = codes;
  op->by_code = index;
  if (!is_text(c, t, OPT_LENGTH, "value")) op->flags |= PKT_OP_CODE_ALL;
  if (is_text(c, t, OPT_STYLE, "dhcp")) op->flags |= PKT_OP_DHCP;
  if (is_text(c, t, OPT_STYLE, "attributes")) op->flags |= PKT_OP_ATTRIBUTES;
  lua_pop(L, 1);
}

/* ------------------------------------------------------------------------- elements of ASN.1 */

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

/* The element of a type, which is at the table 'at', with the identifiers that the field has for it. */
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

/* One for all fields of a type that say no more of it. */
static void read_element(struct compiler *c, int t, const struct said *said, struct pkt_op *op) {
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

/* { ref = a field's id, [an object identifier] = a protocol's id, ... } */
static void read_chosen(struct compiler *c, int t, struct pkt_op *op) {
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
  op->chosen = chosen;
  lua_pop(L, 1);
}

/* What an element can't be: something of a fixed place, or that is worked out. */
static void check_element(struct compiler *c, const struct pkt_op *op) {
  bool own = op->kind == PKT_INTEGER || op->kind == PKT_OID || op->kind == PKT_BITS;
  if (own && (!op->element || op->element->len == 0))
    pkt_mistake(c, "'%s' is for elements of ASN.1", pkt_kind_names[op->kind]);
  if (!op->element) return;
  bool named = op->element->name || FOR_UNNAMED >> op->kind & 1;
  if (!named) pkt_mistake(c, "'element' is what the constructors of f.asn1 say");
  if (op->autorule || op->sum || op->align || op->lead || op->size || op->count || op->when)
    pkt_mistake(c, "an element of ASN.1 has no rules");
}

/* ------------------------------------------------------------------------ fields within fields */

static void read_op(struct compiler *c, int t, struct pkt_op *op, const struct pkt_op *owner,
                    struct pkt_slot *preset);

static void read_alternatives(struct compiler *c, int t, struct pkt_op *op) {
  int list = pkt_push_table(c, t, "alternatives");
  op->nalts = pkt_length_of(c, list);
  if (op->nalts > 255) pkt_mistake(c, "too many alternatives");
  struct pkt_alternative *alts = pkt_compile_alloc(c, op->nalts * sizeof *alts);
  for (uint32_t i = 0; i < op->nalts; i++) {
    int at = pkt_push_item(c, list, i);
    if (!lua_istable(c->L, at) || lua_rawgeti(c->L, at, 1) != LUA_TTABLE)
      pkt_mistake(c, "alternative %d: { when = rule, field } was expected", (int)i + 1);
    struct pkt_op *alt = pkt_compile_alloc(c, sizeof *alt);
    alts[i].when = pkt_get_rule(c, at, "when", "when");
    if (!alts[i].when && !op->element && i + 1 < op->nalts)
      pkt_mistake(c, "alternative %d has no 'when', so that no later one is taken", (int)i + 1);
    read_op(c, at + 1, alt, op, &alts[i].preset);
    alts[i].op = alt;
    if (op->element && !alt->element) pkt_mistake(c, "form %d is no element of ASN.1", (int)i + 1);
    lua_pop(c->L, 2); /* the field, the alternative */
  }
  if (op->nalts == 0 || alts[op->nalts - 1].when)
    pkt_mistake(c, "the last alternative must have no 'when'");
  op->alts = alts;
  lua_pop(c->L, 1);
}

/* Which plan an item has, by the values of its fields; the declaration of items is at 'target'. */
static void read_item_kinds(struct compiler *c, int target, struct pkt_op *op) {
  struct pkt_plan *plan = c->plan;
  const char *field = c->field;
  int kinds = pkt_push_table(c, target, "item_riders");
  if (!kinds) return;
  op->pick_keys = pkt_length_of(c, kinds);
  struct pkt_rider *riders = pkt_compile_alloc(c, op->pick_keys * sizeof *riders);
  struct pkt_riders *index = pkt_compile_alloc(c, sizeof *index);
  for (uint32_t i = 0; i < op->pick_keys; i++) {
    int at = pkt_push_item(c, kinds, i);
    c->plan = pkt_get_plan(c, at, "upper"); /* whose mistake it would be */
    c->field = NULL;
    riders[i].upper = c->plan;
    riders[i].rank = (uint16_t)i; /* the first that is declared is taken */
    int match = pkt_push_table(c, at, "match");
    riders[i].match = pkt_read_matches(c, match, target, &riders[i].nmatches);
    lua_pop(c->L, 2); /* match, rider */
  }
  lua_pop(c->L, 1);
  c->plan = plan;
  c->field = field;
  pkt_index_riders(c, riders, op->pick_keys, op->of->nops, index);
  op->kinds = riders;
  op->by_kind = index;
}

/* What a list of layers is filled up with. */
static void read_pad(struct compiler *c, int t, struct pkt_op *op) {
  int pad = pkt_push_table(c, t, "pad");
  if (!pad) return;
  op->pad_one = pkt_get_named(c, pad, "one");
  op->pad_many = pkt_get_named(c, pad, "many");
  op->pad_when = pkt_get_rule(c, pad, "when", "pad.when");
  lua_pop(c->L, 1);
}

/* Whether another item follows is said by the fields of the one before, declared at 'target'. */
static void read_more(struct compiler *c, int t, int target, struct pkt_op *op) {
  struct pkt_plan *plan = c->plan;
  int slots = c->slots;
  c->plan = pkt_plan_of(c, target);
  c->slots = pkt_push_table(c, target, "slots");
  op->more = pkt_get_rule(c, t, "more", "more");
  if (c->slots) lua_pop(c->L, 1);
  c->plan = plan;
  c->slots = slots;
}

static void read_layers(struct compiler *c, int t, struct pkt_op *op) {
  uint16_t n;
  lua_getfield(c->L, t, "of");
  int target = pkt_push_named(c);
  if (!target) pkt_mistake(c, "there is no protocol '%s'", luaL_tolstring(c->L, -1, NULL));
  op->of = pkt_plan_of(c, target);
  read_item_kinds(c, target, op);
  read_more(c, t, target, op);
  int ends = pkt_push_table(c, t, "ends");
  if (ends) {
    const struct pkt_match *match = pkt_read_matches(c, ends, target, &n);
    if (n > 0) op->ends = match;
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1); /* target */
  read_pad(c, t, op);
  read_chosen(c, t, op);
}

static void read_list(struct compiler *c, int t, struct pkt_op *op) {
  struct pkt_op *item = pkt_compile_alloc(c, sizeof *item);
  struct pkt_slot unused = {0};
  int at = pkt_push_table(c, t, "item");
  if (!at) pkt_mistake(c, "a list needs an item, such as f.ipv4()");
  read_op(c, at, item, op, &unused);
  op->item = item;
  lua_pop(c->L, 1);
}

static void read_parts(struct compiler *c, int t, struct pkt_op *op) {
  switch (op->kind) {
    case PKT_LIST: read_list(c, t, op); break;
    case PKT_LAYERS:
    case PKT_LAYER: read_layers(c, t, op); break;
    case PKT_OPTIONS: read_codes(c, t, op); break;
    case PKT_CHOICE: read_alternatives(c, t, op); break;
    default: break;
  }
}

/* -------------------------------------------------------------------------------------- ops */

static void check_options(struct compiler *c, const struct said *said, unsigned kind) {
  for (enum option o = 0; o < OPTION_COUNT; o++)
    if (truly(said, o) && !(option_kinds[o] >> kind & 1))
      pkt_mistake(c, "'%s' is not for a field of kind '%s'", option_names[o], pkt_kind_names[kind]);
}

/* A float is a number whose bits mean something else. */
static void check_float(struct compiler *c, const struct said *said, struct pkt_op *op) {
  if ((op->width != 32 && op->width != 64) || op->flags & (PKT_OP_SIGNED | PKT_OP_BITFIELD))
    pkt_mistake(c, "a float has 32 or 64 bits");
  if (has(said, OPT_AUTO) || has(said, OPT_NAMES) || has(said, OPT_NAMES_BY) || op->mask)
    pkt_mistake(c, "a float has no names, and is neither worked out nor XORed");
  if (has(said, OPT_SHOW)) pkt_mistake(c, "a float is shown as a number");
  op->show = PKT_SHOW_FLOAT;
}

/* Numbers and texts. */
static void read_plain(struct compiler *c, int t, const struct said *said, struct pkt_op *op) {
  if (has(said, OPT_ALIAS)) op->alias = pkt_get_text(c, t, "alias", NULL);
  op->kind = read_kind(c, t);
  check_options(c, said, op->kind);
  bool is_float = op->kind == PKT_FLOAT;
  if (is_float) op->kind = PKT_UINT;
  op->width = read_width(c, t, said, op);
  op->align = (uint16_t)number_of(c, said, OPT_ALIGN, 1, UINT16_MAX);
  op->fill = (uint8_t)number_of(c, said, OPT_FILL, 0, UINT8_MAX);
  op->lead = (uint8_t)number_of(c, said, OPT_LEAD, 1, UINT8_MAX);
  op->epoch = number_of(c, said, OPT_EPOCH, -MAX_EPOCH, MAX_EPOCH);
  op->counted = (uint8_t)number_of(c, said, OPT_COUNTED, 1, 8);
  op->mask = read_mask(c, said, op);
  op->nominal = nominal_length(c, said, op);
  if (truly(said, OPT_SHOW)) op->show = read_show(c, t);
  if (op->show == PKT_SHOW_UUID && truly(said, OPT_LITTLE)) op->flags |= PKT_OP_MIRRORED;
  if (op->show == PKT_SHOW_BOOLEAN && op->width != 1) pkt_mistake(c, "a boolean has one bit");
  if (is_float) check_float(c, said, op);
  op->none_text = none_text(c, t, said, op);
  if (truly(said, OPT_FLAGS)) read_flags(c, t, op);
}

/* What stands behind the layer's payload is found by its size alone. */
static void check_trailer(struct compiler *c, const struct pkt_op *op) {
  if (!(op->flags & PKT_OP_TRAILER)) return;
  if (op->kind != PKT_UINT || op->width % 8 != 0 || op->when || op->align || op->lead || op->owner)
    pkt_mistake(c, "a trailer is a number of whole bytes that is always there");
}

static void read_enumerations(struct compiler *c, int t, const struct said *said,
                              struct pkt_op *op) {
  enum option names = truly(said, OPT_NAMES) ? OPT_NAMES : OPT_BITMAP;
  if (truly(said, names)) {
    lua_getfield(c->L, t, option_names[names]);
    op->names = pkt_read_names(c);
  }
  if (truly(said, OPT_NAMES_BY)) op->names_by = read_names_by(c, t);
}

/* Members for get_definitions: what has a JSON form, by names; bounds are numbers. */
static void check_definition(struct compiler *c, int t, const struct said *said) {
  lua_State *L = c->L;
  struct pkt_err err;
  if (!has(said, OPT_DEFINITION)) return;
  int at = pkt_push_table(c, t, "definition");
  struct pkt_buf *json = pkt_lua_push_buf(L);
  if (pkt_lua_write_json(L, at, json, &err) != 0) pkt_mistake(c, "'definition': %s", err.message);
  pkt_buf_free(json);
  if (lua_rawlen(L, at) > 0) pkt_mistake(c, "'definition' has members by name, not a list");
  for (int max = 0; max < 2; max++) {
    const char *key = max ? "max" : "min";
    int type = lua_getfield(L, at, key);
    if (type != LUA_TNIL && type != LUA_TNUMBER)
      pkt_mistake(c, "'definition': %s is a number, not a %s", key, lua_typename(L, type));
  }
  lua_settop(L, at - 1);
}

static void read_op(struct compiler *c, int t, struct pkt_op *op, const struct pkt_op *owner,
                    struct pkt_slot *preset) {
  struct said said;
  const char *field = c->field;
  int line = c->line;
  luaL_checkstack(c->L, 24, "declarations nested too deep");
  op->owner = owner;
  op->id = pkt_get_text(c, t, "id", &op->id_len);
  op->line = c->line = (int)pkt_get_int(c, t, "at", line);
  if (op->id) c->field = op->id;
  enter(c);
  read_said(c, t, &said, op);
  read_plain(c, t, &said, op);
  check_definition(c, t, &said);
  if (has(&said, OPT_WHEN)) op->when = pkt_get_rule(c, t, "when", "when");
  if (has(&said, OPT_COUNT)) op->count = pkt_get_rule(c, t, "count", "count");
  if (has(&said, OPT_STOPS)) op->stops = pkt_get_rule(c, t, "stops", "stops");
  read_element(c, t, &said, op);
  read_size(c, t, &said, op);
  read_texts(c, t, &said, op);
  read_auto(c, t, &said, op);
  read_enumerations(c, t, &said, op);
  read_parts(c, t, op);
  bool aligned = op->kind != PKT_UINT || op->width % 8 == 0;
  op->access = choose_access(op, truly(&said, OPT_LITTLE), aligned);
  check_trailer(c, op);
  check_element(c, op);
  read_default(c, t, &said, op, preset);
  leave(c);
  c->field = field;
  c->line = line;
}

void pkt_read_op(struct compiler *c, int t, struct pkt_op *op, struct pkt_slot *preset) {
  c->field = NULL;
  c->line = 0;
  read_op(c, t, op, NULL, preset);
}
