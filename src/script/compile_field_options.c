/* compile_field_options.c - what the declaration of a field says. */
#include "compile_field_options.h"

/* What an option's value is. */
enum shape { ANY, TEXT, FLAG, TABLE };

static const struct {
  int type; /* of Lua */
  const char *text;
} shapes[] = {
    [ANY] = {LUA_TNONE, NULL}, /* of whichever */
    [TEXT] = {LUA_TSTRING, "a text"},
    [FLAG] = {LUA_TBOOLEAN, "true or false"},
    [TABLE] = {LUA_TTABLE, "a table"},
};

static const struct {
  const char *name;
  uint32_t kinds, flag;
  enum shape shape;
} options[] = {
#define X(name, text, kinds, shape, flag) {text, kinds, flag, shape},
    FIELD_OPTIONS(X)
#undef X
};

int pkt_push_options(lua_State *L) {
  const char *names[OPTION_COUNT];
  for (enum option o = 0; o < OPTION_COUNT; o++) names[o] = options[o].name;
  return pkt_push_words(L, names, OPTION_COUNT);
}

const char *pkt_option_name(enum option o) { return options[o].name; }

/* The option whose name is on top; any other is a mistake. Pops nothing. */
static int read_option(struct compiler *c) {
  int option = lua_type(c->L, -1) == LUA_TSTRING ? pkt_word(c, c->options) : -1;
  if (option < 0) pkt_mistake(c, "unknown option '%s'", luaL_tolstring(c->L, -1, NULL));
  return option;
}

/* The option's value is on top. */
static void check_shape(struct compiler *c, int option) {
  enum shape shape = options[option].shape;
  int type = lua_type(c->L, -1);
  if (shape == ANY || type == shapes[shape].type) return;
  pkt_mistake(c, "'%s' is %s, not a %s", options[option].name, shapes[shape].text,
              lua_typename(c->L, type));
}

void pkt_read_said(struct compiler *c, int t, struct said *said, struct pkt_op *op) {
  lua_State *L = c->L;
  *said = (struct said){.kinds = FOR_ANY};
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
    said->kinds &= options[option].kinds;
    op->flags |= options[option].flag;
  }
}

void pkt_check_said(struct compiler *c, const struct said *said, unsigned kind) {
  if (said->kinds >> kind & 1) return;
  for (enum option o = 0; o < OPTION_COUNT; o++)
    if (truly(said, o) && !(options[o].kinds >> kind & 1))
      pkt_mistake(c, "'%s' is not for a field of kind '%s'", options[o].name, pkt_kind_names[kind]);
}

lua_Integer pkt_said_number(struct compiler *c, const struct said *said, enum option o,
                            lua_Integer least, lua_Integer most) {
  if (!has(said, o)) return 0;
  if (!said->whole[o] || said->num[o] < least || said->num[o] > most)
    pkt_mistake(c, "'%s' is a whole number, %lld to %lld", options[o].name, least, most);
  return said->num[o];
}
