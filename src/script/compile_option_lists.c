/* compile_option_lists.c - the options that stand in lists of them, such as TCP's and DHCP's: for
** each code a name, and the form of its bytes. */
#include <stdlib.h>
#include <string.h>

#include "compile_inner.h"

static int by_code(const void *a, const void *b) {
  const struct pkt_optdef *x = a, *y = b;
  return x->code - y->code;
}

/* What a part of an option is: "u16" is two bytes wide, "u16*" as many of them as there are. False:
** it is no number of whole bytes, up to 64 bits. */
static bool read_part(const char *text, unsigned *width, bool *many) {
  char *end;
  if (text[0] != 'u' || text[1] < '0' || text[1] > '9') return false;
  unsigned long bits = strtoul(text + 1, &end, 10);
  *width = (unsigned)bits / 8;
  *many = *end == '*';
  return bits > 0 && bits <= 64 && bits % 8 == 0 && end[*many] == 0;
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

/* Which of the words does member 'key' of the declaration hold? 'words' ends with NULL; 0, the
** first word, if there is no such member. 'wanted' is how a message lists the words. */
static unsigned read_word(struct compiler *c, int t, const char *key, const char *const words[],
                          const char *wanted) {
  unsigned at = 0;
  if (lua_getfield(c->L, t, key) != LUA_TNIL) {
    const char *text = luaL_tolstring(c->L, -1, NULL);
    while (words[at] && strcmp(words[at], text) != 0) at++;
    if (!words[at]) pkt_mistake(c, "'%s' is %s, not '%s'", key, wanted, text);
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
  return at;
}

void pkt_read_codes(struct compiler *c, int t, struct pkt_op *op) {
  static const char *const lengths[] = {"all", "value", NULL};
  static const char *const styles[] = {"tcp", "dhcp", "attributes", NULL};
  static const uint32_t counted[] = {PKT_OP_CODE_ALL, 0};
  static const uint32_t styled[] = {0, PKT_OP_DHCP, PKT_OP_ATTRIBUTES};
  lua_State *L = c->L;
  int at = pkt_push_table(c, t, "codes");
  if (!at) pkt_mistake(c, "'codes' is no table");
  pkt_special_of(op)->ncodes = pkt_count_members(L, at);
  struct pkt_optdef *codes = pkt_compile_alloc(c, op->special->ncodes * sizeof *codes);
  const struct pkt_optdef **index = pkt_compile_alloc(c, 256 * sizeof *index);
  struct pkt_optdef *next = codes;
  for (lua_pushnil(L); lua_next(L, at); lua_pop(L, 1)) read_code(c, next++);
  qsort(codes, op->special->ncodes, sizeof *codes, by_code);
  for (uint32_t i = 0; i < op->special->ncodes; i++) index[codes[i].code] = &codes[i];
  pkt_special_of(op)->codes = codes;
  pkt_special_of(op)->by_code = index;
  op->flags |= counted[read_word(c, t, "length", lengths, "'all' or 'value'")] |
               styled[read_word(c, t, "style", styles, "'tcp', 'dhcp' or 'attributes'")];
  lua_pop(L, 1);
}
