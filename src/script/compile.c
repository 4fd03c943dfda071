/* compile.c - flat declarations to plans. */
#include "compile.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/assign.h"
#include "../engine/reply.h"

/* Fields that rules of the layer above refer to, by name; more are a mistake. */
#define MAX_LOOKED_AT 64

struct compiler {
  lua_State *L;
  const char *looked_at[MAX_LOOKED_AT];
  uint32_t nlooked_at;
  struct pkt_registry *r;
  struct pkt_names *names; /* the pool of enumerations */
  uint32_t nnames;
  struct pkt_plan *plan; /* the one that is being filled in */
  int line;              /* of the field that is being filled in */
  const char *field;
};

/* ---------------------------------------------------------------------------- reading tables */

static int mistake(struct compiler *c, const char *why) {
  if (c->field)
    return luaL_error(c->L, "%s:%d: %s.%s: %s", c->plan->file, c->line, c->plan->id, c->field, why);
  return luaL_error(c->L, "%s: %s: %s", c->plan->file, c->plan->id, why);
}

static void *allocate(struct compiler *c, size_t n) {
  void *p = pkt_calloc(&c->r->arena, n ? n : 1);
  if (!p) luaL_error(c->L, "out of memory");
  return p;
}

/* A copy of the string at the top of the stack, NUL-terminated. */
static const char *copy_string(struct compiler *c, uint32_t *len) {
  size_t n;
  const char *s = lua_tolstring(c->L, -1, &n);
  char *copy = allocate(c, n + 1);
  if (n > 0) memcpy(copy, s, n);
  if (len) *len = (uint32_t)n;
  return copy;
}

static const char *get_string(struct compiler *c, int t, const char *key, uint32_t *len) {
  const char *s = NULL;
  if (lua_getfield(c->L, t, key) == LUA_TSTRING) s = copy_string(c, len);
  lua_pop(c->L, 1);
  return s;
}

static lua_Integer get_int(struct compiler *c, int t, const char *key, lua_Integer otherwise) {
  int ok;
  lua_getfield(c->L, t, key);
  lua_Integer v = lua_tointegerx(c->L, -1, &ok);
  lua_pop(c->L, 1);
  return ok ? v : otherwise;
}

static bool get_flag(struct compiler *c, int t, const char *key) {
  lua_getfield(c->L, t, key);
  bool v = lua_toboolean(c->L, -1);
  lua_pop(c->L, 1);
  return v;
}

/* Push field 'key' if it is a table; its absolute index, or 0 (nothing pushed). */
static int push_table(struct compiler *c, int t, const char *key) {
  luaL_checkstack(c->L, 8, "declarations nested too deep");
  if (lua_getfield(c->L, t, key) == LUA_TTABLE) return lua_gettop(c->L);
  lua_pop(c->L, 1);
  return 0;
}

static uint32_t length_of(struct compiler *c, int t) { return (uint32_t)lua_rawlen(c->L, t); }

/* Push item 'i' (from 0) of the list at 't'. */
static int push_item(struct compiler *c, int t, uint32_t i) {
  luaL_checkstack(c->L, 8, "declarations nested too deep");
  lua_rawgeti(c->L, t, i + 1);
  return lua_gettop(c->L);
}

static const struct pkt_plan *plan_at(struct compiler *c, lua_Integer index) {
  if (index < 1 || index > c->r->len) mistake(c, "internal: a plan's index is out of range");
  return &c->r->plans[index - 1];
}

static const struct pkt_plan *get_plan(struct compiler *c, int t, const char *key) {
  lua_Integer index = get_int(c, t, key, 0);
  return index ? plan_at(c, index) : NULL;
}

/* -------------------------------------------------------------------------- rules, matches */

static const struct pkt_rule *read_rule(struct compiler *c, int t) {
  uint32_t n = length_of(c, t);
  struct pkt_rule *rule = allocate(c, sizeof *rule);
  struct pkt_ins *code = allocate(c, n * sizeof *code);
  for (uint32_t i = 0; i < n; i++) {
    int in = push_item(c, t, i);
    lua_getfield(c->L, in, "op");
    int op = pkt_rule_op_find(lua_tostring(c->L, -1));
    lua_pop(c->L, 1);
    if (op < 0) mistake(c, "internal: unknown rule");
    code[i].op = (uint8_t)op;
    code[i].arg = (uint16_t)get_int(c, in, "arg", 0);
    code[i].num = get_int(c, in, "num", 0);
    code[i].name = get_string(c, in, "name", NULL);
    if (op == PKT_RULE_UNDER) c->looked_at[c->nlooked_at++ % MAX_LOOKED_AT] = code[i].name;
    lua_pop(c->L, 1); /* the instruction */
  }
  rule->len = (uint16_t)n;
  rule->code = code;
  if (!pkt_rule_check(rule, c->plan->nops)) mistake(c, "the rule is too deep");
  return rule;
}

static const struct pkt_rule *get_rule(struct compiler *c, int t, const char *key) {
  int at = push_table(c, t, key);
  if (!at) return NULL;
  const struct pkt_rule *rule = read_rule(c, at);
  lua_pop(c->L, 1);
  return rule;
}

/* { { slot, number or bytes }, ... } */
static const struct pkt_match *read_matches(struct compiler *c, int t, uint16_t *count) {
  uint32_t n = length_of(c, t);
  struct pkt_match *m = allocate(c, n * sizeof *m);
  for (uint32_t i = 0; i < n; i++) {
    int pair = push_item(c, t, i);
    lua_rawgeti(c->L, pair, 1);
    m[i].slot = (uint16_t)lua_tointeger(c->L, -1);
    if (lua_rawgeti(c->L, pair, 2) == LUA_TSTRING)
      m[i].bytes = (const uint8_t *)copy_string(c, &m[i].len);
    else
      m[i].value = (uint64_t)lua_tointeger(c->L, -1);
    lua_pop(c->L, 3); /* value, slot, pair */
  }
  *count = (uint16_t)n;
  return m;
}

static const struct pkt_match *get_matches(struct compiler *c, int t, const char *key,
                                           uint16_t *count) {
  int at = push_table(c, t, key);
  *count = 0;
  if (!at) return NULL;
  const struct pkt_match *m = read_matches(c, at, count);
  lua_pop(c->L, 1);
  return m;
}

/* ------------------------------------------------------------------------------------ names */

static struct pkt_name *read_name_list(struct compiler *c, int t, const char *key,
                                       uint32_t *count) {
  int list = push_table(c, t, key);
  *count = length_of(c, list);
  struct pkt_name *names = allocate(c, *count * sizeof *names);
  for (uint32_t i = 0; i < *count; i++) {
    int pair = push_item(c, list, i);
    lua_rawgeti(c->L, pair, 1);
    names[i].value = (uint64_t)lua_tointeger(c->L, -1);
    lua_rawgeti(c->L, pair, 2);
    names[i].text = copy_string(c, &names[i].len);
    lua_pop(c->L, 3); /* text, value, pair */
  }
  lua_pop(c->L, 1); /* the list */
  return names;
}

/* Values below this are found without a search. */
#define DIRECT_NAMES 256

static void index_names(struct compiler *c, struct pkt_names *n) {
  n->direct_len = DIRECT_NAMES;
  n->direct = allocate(c, DIRECT_NAMES * sizeof *n->direct);
  for (uint32_t i = 0; i < n->values; i++)
    if (n->by_value[i].value < DIRECT_NAMES) n->direct[n->by_value[i].value] = &n->by_value[i];
}

static void read_names(struct compiler *c, int root) {
  int list = push_table(c, root, "names");
  c->nnames = length_of(c, list);
  c->names = allocate(c, c->nnames * sizeof *c->names);
  for (uint32_t i = 0; i < c->nnames; i++) {
    int t = push_item(c, list, i);
    c->names[i].by_value = read_name_list(c, t, "values", &c->names[i].values);
    c->names[i].by_text = read_name_list(c, t, "texts", &c->names[i].texts);
    index_names(c, &c->names[i]);
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
}

static const struct pkt_names *names_at(struct compiler *c, lua_Integer index) {
  if (index < 1 || index > c->nnames) return NULL;
  return &c->names[index - 1];
}

static const struct pkt_names_by *get_names_by(struct compiler *c, int t) {
  int at = push_table(c, t, "names_by");
  if (!at) return NULL;
  struct pkt_names_by *by = allocate(c, sizeof *by);
  by->slot = (uint16_t)get_int(c, at, "slot", 0);
  int cases = push_table(c, at, "cases");
  by->len = length_of(c, cases);
  struct pkt_names_case *list = allocate(c, by->len * sizeof *list);
  for (uint32_t i = 0; i < by->len; i++) {
    int pair = push_item(c, cases, i);
    lua_rawgeti(c->L, pair, 1);
    list[i].key = (uint64_t)lua_tointeger(c->L, -1);
    lua_rawgeti(c->L, pair, 2);
    list[i].names = names_at(c, lua_tointeger(c->L, -1));
    lua_pop(c->L, 3); /* index, key, pair */
  }
  by->cases = list;
  lua_pop(c->L, 2); /* cases, names_by */
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
      v.ptr = copy_string(c, &v.len);
      break;
    case LUA_TTABLE: {
      int t = lua_gettop(L);
      v.type = PKT_V_LIST;
      v.len = length_of(c, t);
      v.items = allocate(c, v.len * sizeof *v.items);
      for (uint32_t i = 0; i < v.len; i++) {
        push_item(c, t, i);
        v.items[i] = read_value(c, bytes);
        lua_pop(L, 1);
      }
      break;
    }
    default: mistake(c, "the default is neither a number, text nor a list");
  }
  return v;
}

static void empty_default(struct compiler *c, const struct pkt_op *op, struct pkt_slot *s) {
  static const uint8_t zeros[16];
  switch (op->kind) {
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
      s->list = op->flags & PKT_OP_CHAIN ? NULL : allocate(c, sizeof *s->list);
      break;
    default: break;
  }
}

static bool is_list_kind(const struct pkt_op *op) {
  return op->kind == PKT_LIST || op->kind == PKT_LAYERS;
}

/* The default of the op whose declaration is at 't'. */
static void read_default(struct compiler *c, int t, struct pkt_op *op, struct pkt_slot *s) {
  empty_default(c, op, s);
  s->none = get_flag(c, t, "none") || op->kind == PKT_CHOICE;
  if (op->kind == PKT_CHOICE && is_list_kind(op->alts[op->nalts - 1].op)) { /* an empty list */
    *s = op->alts[op->nalts - 1].preset;
    s->alt = (uint8_t)(op->nalts - 1);
    op->flags |= PKT_OP_LISTED;
  }
  if (is_list_kind(op) && !s->none && !(op->flags & PKT_OP_CHAIN)) op->flags |= PKT_OP_LISTED;
  lua_getfield(c->L, t, "default");
  bool no_packet = op->kind == PKT_LAYER && lua_isstring(c->L, -1); /* "" */
  if (!lua_isnil(c->L, -1) && !no_packet) {
    struct pkt_context context = {.arena = &c->r->arena, .registry = c->r};
    struct pkt_value v = read_value(c, op->kind == PKT_BYTES);
    struct pkt_err err;
    if (op->kind == PKT_CHOICE) s->none = false;
    if (pkt_assign_default(&context, c->plan, op, &v, s, &err) != 0)
      luaL_error(c->L, "%s:%d: the default of %s", c->plan->file, c->line, err.message);
  }
  lua_pop(c->L, 1);
}

/* ------------------------------------------------------------------------------------- ops */

static int find_text(const char *const *list, int n, const char *text) {
  for (int i = 0; i < n; i++)
    if (text && strcmp(list[i], text) == 0) return i;
  return -1;
}

static uint8_t read_kind(struct compiler *c, int t) {
  lua_getfield(c->L, t, "kind");
  int kind = find_text(pkt_kind_names, PKT_KIND_COUNT, lua_tostring(c->L, -1));
  lua_pop(c->L, 1);
  if (kind < 0) mistake(c, "unknown kind of field");
  return (uint8_t)kind;
}

static uint8_t read_show(struct compiler *c, int t) {
  static const char *const names[] = {"dec",     "hex", "flags", "utc",  "ms_of_day", "fixed8",
                                      "fixed16", "ntp", "centi", "pair", "uuid"};
  if (lua_getfield(c->L, t, "show") == LUA_TNIL) {
    lua_pop(c->L, 1);
    return PKT_SHOW_DEC;
  }
  int show = find_text(names, sizeof names / sizeof *names, lua_tostring(c->L, -1));
  lua_pop(c->L, 1);
  if (show < 0) mistake(c, "unknown 'show'");
  return (uint8_t)show;
}

static uint32_t read_flags(struct compiler *c, int t, const struct pkt_op *op) {
  static const struct {
    const char *key;
    unsigned flag;
  } keys[] = {
      {"signed", PKT_OP_SIGNED},     {"bitfield", PKT_OP_BITFIELD}, {"letters", PKT_OP_LETTERS},
      {"chain", PKT_OP_CHAIN},       {"dhcp", PKT_OP_DHCP},         {"fit", PKT_OP_FIT},
      {"forget", PKT_OP_FORGET},     {"masked", PKT_OP_MASKED},     {"align_own", PKT_OP_ALIGN_OWN},
      {"exact", PKT_OP_EXACT},       {"whole", PKT_OP_WHOLE},       {"lazy", PKT_OP_LAZY},
      {"by_value", PKT_OP_BY_VALUE}, {"node", PKT_OP_NODE},         {"partial", PKT_OP_PARTIAL},
      {"optional", PKT_OP_OPTIONAL}, {"known", PKT_OP_KNOWN},       {"stack", PKT_OP_STACK},
      {"apart", PKT_OP_APART},       {"bitmap", PKT_OP_BITMAP}};
  unsigned flags = 0;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (get_flag(c, t, keys[i].key)) flags |= keys[i].flag;
  if (op->kind == PKT_OPTIONS) {
    lua_getfield(c->L, t, "length");
    const char *length = lua_tostring(c->L, -1);
    if (!length || strcmp(length, "all") == 0) flags |= PKT_OP_CODE_ALL;
    lua_pop(c->L, 1);
  }
  return flags;
}

/* How a number is reached, once it is known whether it starts on a byte. */
static uint8_t choose_access(const struct pkt_op *op, bool little, bool aligned) {
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

static const char *const *get_flag_names(struct compiler *c, int t, unsigned width) {
  int list = push_table(c, t, "flag_names");
  if (!list) return NULL;
  const char **names = allocate(c, width * sizeof *names);
  for (unsigned i = 0; i < width; i++) {
    if (lua_rawgeti(c->L, list, i + 1) == LUA_TSTRING) names[i] = copy_string(c, NULL);
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
  return names;
}

static const struct pkt_checksum *get_sum(struct compiler *c, int t) {
  static const char *const kinds[] = {"inet", "crc32c", "crc32", "adler32"};
  int at = push_table(c, t, "sum");
  if (!at) return NULL;
  struct pkt_checksum *sum = allocate(c, sizeof *sum);
  lua_getfield(c->L, at, "checksum");
  sum->kind = (unsigned)find_text(kinds, 4, lua_tostring(c->L, -1));
  lua_getfield(c->L, at, "over");
  const char *over = lua_tostring(c->L, -1);
  sum->header_only = over && strcmp(over, "header") == 0;
  lua_pop(c->L, 2);
  sum->pseudo = (int)get_int(c, at, "pseudo", -1);
  sum->zero_as = (uint32_t)get_int(c, at, "zero_as", 0);
  sum->when = get_rule(c, at, "when");
  lua_pop(c->L, 1);
  return sum;
}

static void read_code(struct compiler *c, int t, struct pkt_optdef *def) {
  static const char *const forms[] = {"bytes", "flag", "ints", "ipv4"};
  def->code = (uint16_t)get_int(c, t, "code", 0);
  def->width = (uint8_t)get_int(c, t, "width", 0);
  def->count = (uint8_t)get_int(c, t, "count", 0);
  def->name = get_string(c, t, "name", &def->name_len);
  def->names = names_at(c, get_int(c, t, "names", 0));
  lua_getfield(c->L, t, "form");
  int form = find_text(forms, 4, lua_tostring(c->L, -1));
  lua_pop(c->L, 1);
  if (form < 0 || !def->name) mistake(c, "an option needs a name and a known form");
  def->form = (uint8_t)form;
  int widths = push_table(c, t, "widths");
  if (!widths) return;
  if (length_of(c, widths) > PKT_MAX_PARTS) mistake(c, "an option has too many parts");
  def->width = 0;
  def->count = (uint8_t)length_of(c, widths);
  for (uint32_t i = 0; i < def->count; i++) {
    lua_rawgeti(c->L, widths, i + 1);
    def->widths[i] = (uint8_t)lua_tointeger(c->L, -1);
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
}

static void read_codes(struct compiler *c, int t, struct pkt_op *op) {
  int list = push_table(c, t, "codes");
  if (!list) return;
  op->ncodes = length_of(c, list);
  struct pkt_optdef *codes = allocate(c, op->ncodes * sizeof *codes);
  const struct pkt_optdef **by_code = allocate(c, 256 * sizeof *by_code);
  for (uint32_t i = 0; i < op->ncodes; i++) {
    int at = push_item(c, list, i);
    read_code(c, at, &codes[i]);
    by_code[codes[i].code & 255] = &codes[i];
    lua_pop(c->L, 1);
  }
  op->codes = codes;
  op->by_code = by_code;
  lua_pop(c->L, 1);
}

static void read_op(struct compiler *c, int t, struct pkt_op *op, const struct pkt_op *owner,
                    struct pkt_slot *preset);

static void read_alternatives(struct compiler *c, int t, struct pkt_op *op) {
  int list = push_table(c, t, "alternatives");
  if (!list) return;
  op->nalts = length_of(c, list);
  if (op->nalts > 255) mistake(c, "too many alternatives");
  struct pkt_alternative *alts = allocate(c, op->nalts * sizeof *alts);
  for (uint32_t i = 0; i < op->nalts; i++) {
    int at = push_item(c, list, i);
    int decl = push_table(c, at, "op");
    struct pkt_op *alt = allocate(c, sizeof *alt);
    read_op(c, decl, alt, op, &alts[i].preset);
    alts[i].when = get_rule(c, at, "when");
    alts[i].op = alt;
    lua_pop(c->L, 2); /* decl, alternative */
  }
  op->alts = alts;
  lua_pop(c->L, 1);
}

static void read_of(struct compiler *c, int t, struct pkt_op *op) {
  op->of = get_plan(c, t, "of");
  op->pad_one = get_plan(c, t, "pad_one");
  op->pad_many = get_plan(c, t, "pad_many");
  op->pad_when = get_rule(c, t, "pad_when");
  int kinds = push_table(c, t, "kinds");
  if (kinds) {
    op->pick_keys = length_of(c, kinds);
    struct pkt_rider *riders = allocate(c, op->pick_keys * sizeof *riders);
    for (uint32_t i = 0; i < op->pick_keys; i++) {
      int at = push_item(c, kinds, i);
      riders[i].upper = get_plan(c, at, "upper");
      riders[i].match = get_matches(c, at, "match", &riders[i].nmatches);
      lua_pop(c->L, 1);
    }
    op->kinds = riders;
    lua_pop(c->L, 1);
  }
  int ends = push_table(c, t, "ends");
  if (ends) {
    struct pkt_match *m = allocate(c, sizeof *m);
    lua_rawgeti(c->L, ends, 1);
    lua_rawgeti(c->L, ends, 2);
    m->slot = (uint16_t)lua_tointeger(c->L, -2);
    m->value = (uint64_t)lua_tointeger(c->L, -1);
    op->ends = m;
    lua_pop(c->L, 3);
  }
}

/* Everything of an op but its place in the layer. */
static void read_op(struct compiler *c, int t, struct pkt_op *op, const struct pkt_op *owner,
                    struct pkt_slot *preset) {
  op->owner = owner;
  op->id = get_string(c, t, "id", &op->id_len);
  op->alias = get_string(c, t, "alias", NULL);
  op->line = (int)get_int(c, t, "line", 0);
  if (!owner) {
    c->field = op->id;
    c->line = op->line;
  }
  op->kind = read_kind(c, t);
  op->show = read_show(c, t);
  op->width = (uint16_t)get_int(c, t, "width", 0);
  op->align = (uint16_t)get_int(c, t, "align", 0);
  op->fill = (uint8_t)get_int(c, t, "fill", 0);
  op->epoch = (int32_t)get_int(c, t, "epoch", 0);
  op->nominal = (uint32_t)get_int(c, t, "nominal", 0);
  op->fixed_size = (uint32_t)get_int(c, t, "fixed_size", 0);
  lua_Integer terminator = get_int(c, t, "terminator", -1);
  op->counted = (uint8_t)get_int(c, t, "counted", 0);
  op->none_text = get_string(c, t, "none_text", NULL);
  op->flags = read_flags(c, t, op);
  if (terminator >= 0) {
    op->flags |= PKT_OP_ENDED;
    op->fill = (uint8_t)terminator;
  }
  op->when = get_rule(c, t, "when");
  op->size = get_rule(c, t, "size");
  op->count = get_rule(c, t, "count");
  op->autorule = get_rule(c, t, "auto");
  op->sum = get_sum(c, t);
  op->names = names_at(c, get_int(c, t, "names", 0));
  op->names_by = get_names_by(c, t);
  op->flag_names = get_flag_names(c, t, op->width);
  if (op->show == PKT_SHOW_FLAGS && !op->flag_names) mistake(c, "flags need names");
  if ((op->flags & PKT_OP_FIT) && !op->size) mistake(c, "'fit' needs a size");
  read_codes(c, t, op);
  if (op->kind == PKT_LAYERS || op->kind == PKT_LAYER) read_of(c, t, op);
  read_alternatives(c, t, op);
  if (op->kind == PKT_LIST) {
    int item = push_table(c, t, "item");
    struct pkt_op *it = allocate(c, sizeof *it);
    struct pkt_slot unused = {0};
    if (!item) mistake(c, "a list needs an item");
    read_op(c, item, it, op, &unused);
    op->item = it;
    lua_pop(c->L, 1);
  }
  bool aligned = op->kind != PKT_UINT || op->width % 8 == 0;
  op->access = choose_access(op, get_flag(c, t, "little"), aligned);
  read_default(c, t, op, preset);
}

/* Bits within one, two or four bytes at a known place are read as those bytes. */
static void narrow_access(struct pkt_op *op) {
  static const uint8_t accesses[] = {0, PKT_AT_BITS8, PKT_AT_BITS16};
  uint32_t span = (op->bit % 8 + op->width + 7) / 8;
  if (op->access != PKT_AT_BITS || span > 2) return;
  op->access = accesses[span];
  op->shift = (uint8_t)(span * 8 - op->bit % 8 - op->width);
}

static bool rule_refers(const struct pkt_rule *rule, unsigned slot) {
  for (unsigned i = 0; rule && i < rule->len; i++)
    if (rule->code[i].op == PKT_RULE_REF && rule->code[i].arg == slot) return true;
  return false;
}

/* Do presence, form or size of any field depend on this slot while the layer is being written? */
static bool needed_early(const struct pkt_plan *plan, unsigned slot) {
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_op *op = &plan->ops[i];
    if (rule_refers(op->when, slot) || rule_refers(op->pad_when, slot)) return true;
    for (uint32_t k = 0; k < op->nalts; k++)
      if (rule_refers(op->alts[k].when, slot) || rule_refers(op->alts[k].op->size, slot))
        return true;
    if ((op->flags & PKT_OP_FIT) && rule_refers(op->size, slot)) return true;
  }
  return false;
}

/* The windows of the leading numbers: NULL where there are less than eight bytes, or one of the
** numbers has another byte order, a sign, or nine bytes to lie in. */
static const struct pkt_window *make_windows(struct compiler *c, const struct pkt_plan *plan,
                                             const struct pkt_op *ops) {
  if (plan->fixed_size < 8) return NULL;
  struct pkt_window *windows = allocate(c, plan->nfixed * sizeof *windows);
  for (unsigned i = 0; i < plan->nfixed; i++) {
    uint32_t byte = ops[i].bit / 8;
    if (byte > plan->fixed_size - 8) byte = plan->fixed_size - 8;
    uint32_t up = ops[i].bit - byte * 8;
    bool odd = ops[i].access == PKT_AT_LE || (ops[i].flags & PKT_OP_SIGNED);
    if (odd || up + ops[i].width > 64 || byte > UINT16_MAX) return NULL;
    windows[i] = (struct pkt_window){(uint16_t)byte, (uint8_t)up, (uint8_t)(64 - ops[i].width)};
  }
  return windows;
}

/* The leading numbers at fixed places, as bytes with their defaults and as slots that were read. */
static void make_image(struct compiler *c, struct pkt_plan *plan, struct pkt_op *ops,
                       struct pkt_slot *defaults) {
  uint32_t bits = 0, whole = 0;
  for (unsigned i = 0; i < plan->nops; i++) {
    if (ops[i].flags & PKT_OP_FIXED) {
      defaults[i].bit = ops[i].bit;
      defaults[i].nbits = ops[i].kind == PKT_PHANTOM ? 0 : ops[i].width;
    }
    ops[i].early = ops[i].autorule && needed_early(plan, i);
  }
  for (unsigned i = 0; i < plan->nops; i++) {
    bool number = ops[i].kind == PKT_UINT || ops[i].kind == PKT_MAC || ops[i].kind == PKT_IPV4;
    if (!number || !(ops[i].flags & PKT_OP_FIXED)) break;
    bits += ops[i].width;
    if (bits % 8 != 0) continue;
    plan->nfixed = (uint16_t)(i + 1);
    whole = bits / 8;
  }
  plan->fixed_size = whole;
  uint8_t *image = allocate(c, whole);
  struct pkt_slot *seen = allocate(c, plan->nfixed * sizeof *seen);
  for (unsigned i = 0; i < plan->nfixed; i++) {
    pkt_op_store(&ops[i], image, ops[i].bit, defaults[i].num);
    seen[i] = (struct pkt_slot){.bit = ops[i].bit, .nbits = ops[i].width, .state = PKT_SET};
  }
  plan->image = image;
  plan->windows = make_windows(c, plan, ops);
  plan->seen = seen;
}

/* Find each op's place where nothing before it varies, and read numbers by bits where they don't
** start on a byte. Behind a field of unknown size a bit field's place within its byte is known,
** since such fields take whole bytes. */
static void place_ops(struct pkt_plan *plan, struct pkt_op *ops, const struct pkt_slot *defaults) {
  uint32_t bit = 0;
  bool fixed = true;
  for (unsigned i = 0; i < plan->nops; i++) {
    struct pkt_op *op = &ops[i];
    bool number = op->kind == PKT_UINT || op->kind == PKT_MAC || op->kind == PKT_IPV4;
    if (number && op->access != PKT_AT_BITS && bit % 8 != 0) op->access = PKT_AT_BITS;
    op->bit = bit;
    uint32_t width = op->kind == PKT_PHANTOM ? 0 : number || op->kind == PKT_IPV6 ? op->width : 0;
    if (op->kind == PKT_BYTES) width = op->fixed_size * 8;
    bool valued = !defaults[i].none || op->autorule || op->sum;
    bool known = valued && !op->when && !op->align && !op->size &&
                 (number || op->kind == PKT_IPV6 || op->kind == PKT_PHANTOM);
    if (fixed && known) {
      op->flags |= PKT_OP_FIXED;
      if (number) narrow_access(op);
    }
    fixed =
        fixed && (known || (!op->when && !op->align && op->kind == PKT_BYTES && op->fixed_size));
    bit += width;
    if (!fixed && !number) bit = 0;
  }
  plan->fixed = fixed;
  plan->size = fixed ? bit / 8 : 0;
}

static void list_autos(struct compiler *c, struct pkt_plan *plan, struct pkt_op *ops) {
  uint16_t *autos = allocate(c, plan->nops * sizeof *autos);
  uint16_t *sums = allocate(c, plan->nops * sizeof *sums);
  for (unsigned i = 0; i < plan->nops; i++) {
    if (plan->ops[i].autorule) autos[plan->nautos++] = (uint16_t)i;
    if (plan->ops[i].sum) sums[plan->nsums++] = (uint16_t)i;
    for (unsigned k = 0; k < i; k++) {
      if (strcmp(plan->ops[k].id, plan->ops[i].id) != 0) continue;
      ops[k].flags |= PKT_OP_TWIN;
      ops[i].flags |= PKT_OP_TWIN;
    }
  }
  plan->autos = autos;
  plan->sums = sums;
}

static void read_fields(struct compiler *c, int t, struct pkt_plan *plan) {
  int list = push_table(c, t, "fields");
  struct pkt_op *ops = allocate(c, plan->nops * sizeof *ops);
  struct pkt_slot *defaults = allocate(c, plan->nops * sizeof *defaults);
  for (uint32_t i = 0; i < plan->nops; i++) {
    int at = push_item(c, list, i);
    read_op(c, at, &ops[i], NULL, &defaults[i]);
    lua_pop(c->L, 1);
  }
  c->field = NULL;
  place_ops(plan, ops, defaults);
  plan->ops = ops;
  plan->defaults = defaults;
  make_image(c, plan, ops, defaults);
  list_autos(c, plan, ops);
  lua_pop(c->L, 1);
}

/* ------------------------------------------------------------------------------------- links */

static const struct pkt_next *get_nexts(struct compiler *c, int t, const char *key,
                                        uint16_t *count) {
  int list = push_table(c, t, key);
  *count = list ? (uint16_t)length_of(c, list) : 0;
  struct pkt_next *nexts = allocate(c, *count * sizeof *nexts);
  for (uint32_t i = 0; i < *count; i++) {
    int at = push_item(c, list, i);
    nexts[i].when = get_rule(c, at, "when");
    nexts[i].plan = get_plan(c, at, "plan");
    lua_pop(c->L, 1);
  }
  if (list) lua_pop(c->L, 1);
  return nexts;
}

/* Values given as text, such as addresses, become what the lower layer's slots hold. */
static void convert_sets(struct compiler *c, struct pkt_binding *b) {
  struct pkt_context context = {.arena = &c->r->arena, .registry = c->r};
  for (unsigned i = 0; i < b->nsets; i++) {
    struct pkt_match *m = (struct pkt_match *)(uintptr_t)&b->sets[i];
    const struct pkt_op *op = &b->lower->ops[m->slot];
    if (!m->bytes || op->kind == PKT_BYTES) continue;
    struct pkt_value text = {.type = PKT_V_TEXT, .len = m->len, .ptr = (const char *)m->bytes};
    struct pkt_slot slot = {0};
    struct pkt_err err;
    if (pkt_assign_default(&context, b->lower, op, &text, &slot, &err) != 0)
      luaL_error(c->L, "%s: %s: over.%s", c->plan->file, c->plan->id, err.message);
    bool bytes = op->kind == PKT_IPV6 || op->kind == PKT_NAME;
    *m = (struct pkt_match){.slot = m->slot, .value = slot.num};
    if (!bytes) continue;
    m->bytes = slot.bytes;
    m->len = slot.len;
  }
}

static void read_bindings(struct compiler *c, int t, struct pkt_plan *plan) {
  int list = push_table(c, t, "bindings");
  if (!list) return;
  plan->nbindings = (uint16_t)length_of(c, list);
  struct pkt_binding *bindings = allocate(c, plan->nbindings * sizeof *bindings);
  for (uint32_t i = 0; i < plan->nbindings; i++) {
    int at = push_item(c, list, i);
    bindings[i].lower = get_plan(c, at, "lower");
    bindings[i].through = get_plan(c, at, "through");
    bindings[i].sets = get_matches(c, at, "sets", &bindings[i].nsets);
    convert_sets(c, &bindings[i]);
    lua_pop(c->L, 1);
  }
  plan->bindings = bindings;
  lua_pop(c->L, 1);
}

/* The match that a rider is looked up by: its first number; NULL: it has none. */
static const struct pkt_match *key_of(const struct pkt_rider *r) {
  for (unsigned i = 0; i < r->nmatches; i++)
    if (!r->match[i].bytes) return &r->match[i];
  return NULL;
}

static int by_rank(const void *a, const void *b) {
  const struct pkt_rider *x = *(const struct pkt_rider *const *)a;
  const struct pkt_rider *y = *(const struct pkt_rider *const *)b;
  if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
  return x < y ? -1 : x > y; /* as they were declared */
}

static void fill_bucket(struct compiler *c, struct pkt_bucket *b, const struct pkt_rider *riders,
                        uint32_t n, uint16_t slot) {
  const struct pkt_rider **list = allocate(c, n * sizeof *list);
  uint32_t len = 0;
  for (uint32_t i = 0; i < n; i++) {
    const struct pkt_match *key = key_of(&riders[i]);
    if (key && key->slot == slot && key->value == b->value) list[len++] = &riders[i];
  }
  qsort(list, len, sizeof *list, by_rank);
  b->len = len;
  b->riders = list;
}

static void fill_table(struct compiler *c, struct pkt_table *t, const struct pkt_rider *riders,
                       uint32_t n) {
  uint32_t size = 4;
  while (size < n * 2 + 2) size *= 2;
  struct pkt_bucket *buckets = allocate(c, size * sizeof *buckets);
  t->mask = size - 1;
  t->buckets = buckets;
  for (uint32_t i = 0; i < n; i++) {
    const struct pkt_match *key = key_of(&riders[i]);
    if (!key || key->slot != t->slot) continue;
    uint32_t h = (uint32_t)(key->value * 0x9e3779b97f4a7c15u >> 32) & t->mask;
    while (buckets[h].len != 0 && buckets[h].value != key->value) h = (h + 1) & t->mask;
    if (buckets[h].len != 0) continue;
    buckets[h].value = key->value;
    fill_bucket(c, &buckets[h], riders, n, t->slot);
  }
}

static void index_riders(struct compiler *c, struct pkt_plan *plan, const struct pkt_rider *riders,
                         uint32_t n) {
  struct pkt_table *tables = allocate(c, plan->nops * sizeof *tables + 1);
  const struct pkt_rider **loose = allocate(c, n * sizeof *loose);
  for (uint32_t i = 0; i < n; i++) {
    const struct pkt_match *key = key_of(&riders[i]);
    if (!key) {
      loose[plan->nloose++] = &riders[i];
      continue;
    }
    unsigned k = 0;
    while (k < plan->ntables && tables[k].slot != key->slot) k++;
    if (k < plan->ntables) continue;
    tables[k].slot = key->slot;
    plan->ntables++;
    fill_table(c, &tables[k], riders, n);
  }
  qsort(loose, plan->nloose, sizeof *loose, by_rank);
  plan->tables = tables;
  plan->loose = loose;
}

static void read_riders(struct compiler *c, int t, struct pkt_plan *plan) {
  int list = push_table(c, t, "riders");
  if (!list) return;
  uint32_t n = length_of(c, list);
  struct pkt_rider *riders = allocate(c, n * sizeof *riders);
  for (uint32_t i = 0; i < n; i++) {
    int at = push_item(c, list, i);
    riders[i].upper = get_plan(c, at, "upper");
    riders[i].rank = (uint16_t)get_int(c, at, "rank", 1);
    riders[i].match = get_matches(c, at, "match", &riders[i].nmatches);
    riders[i].when = get_rule(c, at, "when");
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
  index_riders(c, plan, riders, n);
}

/* Auto fields that another layer's rules look at are guessed before they are worked out. */
static void guess_early(const struct pkt_rule *rule, const struct pkt_plan *plan) {
  for (unsigned i = 0; i < plan->nautos; i++)
    if (rule_refers(rule, plan->autos[i]))
      ((struct pkt_op *)(uintptr_t)&plan->ops[plan->autos[i]])->early = true;
}

static void read_pseudo(struct compiler *c, int t, struct pkt_plan *plan) {
  int at = push_table(c, t, "pseudo");
  plan->pseudo_src = (uint16_t)get_int(c, at, "src", PKT_NONE);
  plan->pseudo_dst = (uint16_t)get_int(c, at, "dst", PKT_NONE);
  plan->pseudo_last = (uint16_t)get_int(c, at, "last", PKT_NONE);
  plan->pseudo_item = get_plan(c, at, "item");
  plan->pseudo_items = (uint16_t)get_int(c, at, "items", PKT_NONE);
  plan->pseudo_item_slot = (uint16_t)get_int(c, at, "item_slot", PKT_NONE);
  plan->pseudo_first = get_flag(c, at, "first");
  plan->pseudo_through = get_flag(c, at, "through");
  plan->pseudo_when = get_rule(c, at, "when");
  guess_early(plan->pseudo_when, plan);
  plan->pseudo_len = get_rule(c, at, "len");
  plan->pseudo_len_slot = (uint16_t)get_int(c, at, "len_slot", PKT_NONE);
  lua_pop(c->L, 1);
}

static void read_place(struct compiler *c, int t, struct pkt_plan *plan) {
  int at = push_table(c, t, "place");
  if (!at) return;
  lua_rawgeti(c->L, at, 1);
  lua_rawgeti(c->L, at, 2);
  plan->place_unit = (uint8_t)lua_tointeger(c->L, -2);
  plan->place_rest = (uint8_t)lua_tointeger(c->L, -1);
  lua_pop(c->L, 3);
}

static void read_links(struct compiler *c, int t, struct pkt_plan *plan) {
  plan->base = get_plan(c, t, "base");
  plan->fallback = get_plan(c, t, "fallback");
  plan->builds = get_plan(c, t, "builds");
  plan->extent = get_rule(c, t, "extent");
  plan->required = (uint16_t)get_int(c, t, "required", PKT_NONE);
  plan->message = (uint16_t)get_int(c, t, "message", PKT_NONE);
  plan->next = get_nexts(c, t, "next", &plan->nnext);
  plan->variants = get_nexts(c, t, "variants", &plan->nvariants);
  plan->raw = c->r->raw;
  plan->padding = c->r->padding;
  plan->is_raw = plan == c->r->raw;
  plan->is_padding = plan == c->r->padding;
  read_bindings(c, t, plan);
  read_riders(c, t, plan);
  read_pseudo(c, t, plan);
  read_place(c, t, plan);
}

/* What the table of plans needs before any plan is read: ids, so that plans can name each other. */
static void read_heads(struct compiler *c, int list) {
  c->r->len = length_of(c, list);
  c->r->plans = allocate(c, c->r->len * sizeof *c->r->plans);
  for (uint32_t i = 0; i < c->r->len; i++) {
    struct pkt_plan *plan = &c->r->plans[i];
    int t = push_item(c, list, i);
    plan->index = i;
    plan->id = get_string(c, t, "id", &plan->id_len);
    plan->title = get_string(c, t, "title", NULL);
    plan->offset_name = get_string(c, t, "offset_name", NULL);
    plan->file = get_string(c, t, "file", NULL);
    plan->abstract = get_flag(c, t, "abstract");
    plan->hidden = get_flag(c, t, "hidden");
    int fields = push_table(c, t, "fields");
    c->plan = plan;
    if (length_of(c, fields) > PKT_MAX_FIELDS) mistake(c, "too many fields");
    plan->nops = (uint16_t)length_of(c, fields);
    lua_pop(c->L, 2); /* fields, protocol */
  }
}

static void read_links_of_captures(struct compiler *c, int root) {
  int list = push_table(c, root, "links");
  if (!list) return;
  uint32_t n = length_of(c, list);
  struct pkt_link *links = allocate(c, n * sizeof *links);
  for (uint32_t i = 0; i < n; i++) {
    int t = push_item(c, list, i);
    links[i].plan = get_plan(c, t, "plan");
    c->plan = &c->r->plans[links[i].plan->index];
    links[i].type = (uint16_t)get_int(c, t, "type", 0);
    links[i].when = get_rule(c, t, "when");
    lua_pop(c->L, 1);
  }
  c->r->links = links;
  c->r->nlinks = n;
  lua_pop(c->L, 1);
}

static const struct pkt_plan *required(struct compiler *c, const char *id) {
  const struct pkt_plan *plan = pkt_registry_find(c->r, id, strlen(id));
  if (!plan || plan->nops != 1)
    luaL_error(c->L, "there is no protocol %s of one field, which every packet may need", id);
  return plan;
}

/* The same for fields that a rule of the layer above names. */
static void guess_looked_at(struct compiler *c, const struct pkt_plan *plan) {
  if (c->nlooked_at > MAX_LOOKED_AT) mistake(c, "too many rules with 'under'");
  for (uint32_t i = 0; i < c->nlooked_at; i++) {
    const struct pkt_op *op = pkt_plan_op(plan, c->looked_at[i], strlen(c->looked_at[i]));
    if (op && op->autorule) ((struct pkt_op *)(uintptr_t)op)->early = true;
  }
}

void pkt_compile(lua_State *L, int index, struct pkt_registry *r) {
  struct compiler c = {.L = L, .r = r};
  struct pkt_err err;
  int root = lua_absindex(L, index);
  int list = push_table(&c, root, "protocols");
  if (!list) luaL_error(L, "a table with a list of protocols was expected");
  read_names(&c, root);
  read_heads(&c, list);
  if (pkt_registry_hash(r, &err) != 0) luaL_error(L, "%s", err.message);
  r->raw = required(&c, "Raw");
  r->padding = required(&c, "Padding");
  /* fields first: defaults and matches read the fields of other plans */
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t i = 0; i < r->len; i++) {
      int t = push_item(&c, list, i);
      c.plan = &r->plans[i];
      if (pass == 0)
        read_fields(&c, t, &r->plans[i]);
      else
        read_links(&c, t, &r->plans[i]);
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
  read_links_of_captures(&c, root);
  for (uint32_t i = 0; i < r->len; i++) guess_looked_at(&c, &r->plans[i]);
  if (pkt_reply_prepare(r, &err) != 0) luaL_error(L, "%s", err.message);
}
