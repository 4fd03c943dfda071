/* compile_read.c - what stands in many places of declarations. */
#include "compile_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RULE_DEPTH 1000 /* operations within operations: alternatives of 'one_of' */
#define MAX_MATCHES 16      /* fields that say what follows */
#define MAX_NESTING 32      /* of fields within fields, and of lists within a default */
#define FIRST_CODE 64       /* instructions of a rule, until one is longer */

/* The line of the protocol file where the declaration has its mistake: as luapkt.written finds
** it. */
static int line_of_member(struct compiler *c) {
  lua_State *L = c->L;
  const char *const members[] = {c->member, c->lower};
  luaL_checkstack(L, 8, NULL);
  lua_pushvalue(L, c->line_of);
  lua_pushstring(L, c->plan->id);
  lua_rawget(L, c->ids);
  lua_newtable(L);
  for (int i = 0; i < 2 && members[i]; i++) {
    lua_pushstring(L, members[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_call(L, 2, 1);
  int line = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return line;
}

int pkt_mistake(struct compiler *c, const char *format, ...) {
  char why[PKT_MAX_MESSAGE];
  va_list args;
  va_start(args, format);
  vsnprintf(why, sizeof why, format, args);
  va_end(args);
  const struct pkt_plan *plan = c->plan;
  int line = c->field && c->line ? c->line : line_of_member(c);
  return luaL_error(c->L, "%s:%d: %s%s%s: %s", plan->file, line, plan->id, c->field ? "." : "",
                    c->field ? c->field : "", why);
}

void *pkt_compile_alloc(struct compiler *c, size_t n) {
  void *p = pkt_calloc(&c->r->arena, n ? n : 1);
  if (!p) luaL_error(c->L, "out of memory");
  return p;
}

void pkt_enter(struct compiler *c) {
  if (++c->depth > MAX_NESTING) pkt_mistake(c, "nested too deep");
}

void pkt_leave(struct compiler *c) { c->depth--; }

/* ---------------------------------------------------------------------------- reading tables */

int pkt_push_words(lua_State *L, const char *const *names, int n) {
  lua_createtable(L, 0, n);
  for (int i = 0; i < n; i++) {
    lua_pushinteger(L, i);
    lua_setfield(L, -2, names[i]);
  }
  return lua_gettop(L);
}

int pkt_word(struct compiler *c, int words) {
  int known;
  if (lua_isnil(c->L, -1)) return -1;
  lua_pushvalue(c->L, -1);
  lua_rawget(c->L, words);
  int word = (int)lua_tointegerx(c->L, -1, &known);
  lua_pop(c->L, 1);
  return known ? word : -1;
}

int pkt_find_text(const char *const *list, int n, const char *text) {
  for (int i = 0; i < n; i++)
    if (text && strcmp(list[i], text) == 0) return i;
  return -1;
}

const char *pkt_copy_text(struct compiler *c, uint32_t *len) {
  size_t n;
  const char *s = lua_tolstring(c->L, -1, &n);
  if (!s) pkt_mistake(c, "a text was expected, not a %s", luaL_typename(c->L, -1));
  char *copy = pkt_compile_alloc(c, n + 1);
  memcpy(copy, s, n);
  if (len) *len = (uint32_t)n;
  return copy;
}

const char *pkt_get_text(struct compiler *c, int t, const char *key, uint32_t *len) {
  const char *s = NULL;
  if (lua_getfield(c->L, t, key) == LUA_TSTRING) s = pkt_copy_text(c, len);
  lua_pop(c->L, 1);
  return s;
}

lua_Integer pkt_get_int(struct compiler *c, int t, const char *key, lua_Integer otherwise) {
  int ok;
  lua_getfield(c->L, t, key);
  lua_Integer v = lua_tointegerx(c->L, -1, &ok);
  lua_pop(c->L, 1);
  return ok ? v : otherwise;
}

bool pkt_get_flag(struct compiler *c, int t, const char *key) {
  lua_getfield(c->L, t, key);
  bool v = lua_toboolean(c->L, -1);
  lua_pop(c->L, 1);
  return v;
}

static bool has_member(struct compiler *c, int t, const char *key) {
  bool has = lua_getfield(c->L, t, key) != LUA_TNIL;
  lua_pop(c->L, 1);
  return has;
}

int pkt_push_table(struct compiler *c, int t, const char *key) {
  luaL_checkstack(c->L, 12, "declarations nested too deep");
  if (lua_getfield(c->L, t, key) == LUA_TTABLE) return lua_gettop(c->L);
  lua_pop(c->L, 1);
  return 0;
}

uint32_t pkt_length_of(struct compiler *c, int t) { return t ? (uint32_t)lua_rawlen(c->L, t) : 0; }

uint32_t pkt_count_members(lua_State *L, int t) {
  uint32_t n = 0;
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) n++;
  return n;
}

void pkt_known_members(struct compiler *c, int t, const char *of, const char *const known[]) {
  int n = 0;
  while (known[n]) n++;
  for (lua_pushnil(c->L); lua_next(c->L, t); lua_pop(c->L, 1)) {
    lua_pushvalue(c->L, -2);
    const char *key = luaL_tolstring(c->L, -1, NULL);
    if (pkt_find_text(known, n, key) < 0) pkt_mistake(c, "%s: unknown option '%s'", of, key);
    lua_pop(c->L, 2);
  }
}

int pkt_push_item(struct compiler *c, int t, uint32_t i) {
  luaL_checkstack(c->L, 12, "declarations nested too deep");
  lua_rawgeti(c->L, t, i + 1);
  return lua_gettop(c->L);
}

/* -------------------------------------------------------------------------- plans and slots */

int pkt_push_named(struct compiler *c) {
  if (lua_isnil(c->L, -1)) return 0;
  lua_pushvalue(c->L, -1);
  if (lua_rawget(c->L, c->ids) != LUA_TTABLE) {
    lua_pop(c->L, 1);
    return 0;
  }
  lua_remove(c->L, -2);
  return lua_gettop(c->L);
}

struct pkt_plan *pkt_plan_of(struct compiler *c, int t) {
  lua_Integer index = pkt_get_int(c, t, "index", 0);
  if (index < 1 || index > c->r->len) pkt_mistake(c, "internal: a plan's index is out of range");
  return &c->r->plans[index - 1];
}

struct pkt_plan *pkt_get_plan(struct compiler *c, int t, const char *key) {
  int decl = pkt_push_table(c, t, key);
  if (!decl) return NULL;
  struct pkt_plan *plan = pkt_plan_of(c, decl);
  lua_pop(c->L, 1);
  return plan;
}

struct pkt_plan *pkt_get_named(struct compiler *c, int t, const char *key) {
  struct pkt_plan *plan = NULL;
  if (lua_getfield(c->L, t, key) != LUA_TNIL) {
    int decl = pkt_push_named(c);
    if (!decl)
      pkt_mistake(c, "%s names '%s', which is no protocol", key, luaL_tolstring(c->L, -1, NULL));
    plan = pkt_plan_of(c, decl);
  }
  lua_pop(c->L, 1);
  return plan;
}

/* The slot that the id on top has in a table of slots, -1: none. Pops nothing. */
static int find_slot(struct compiler *c, int slots) {
  return slots && lua_type(c->L, -1) == LUA_TSTRING ? pkt_word(c, slots) : -1;
}

uint16_t pkt_read_slot(struct compiler *c) {
  if (lua_isnil(c->L, -1)) pkt_mistake(c, "'ref', a field's id, is missing");
  int slot = find_slot(c, c->slots);
  if (slot < 0)
    pkt_mistake(c, "the rule refers to '%s', which is no field of %s",
                luaL_tolstring(c->L, -1, NULL), c->plan->id);
  lua_pop(c->L, 1);
  return (uint16_t)slot;
}

uint16_t pkt_get_slot(struct compiler *c, int t, const char *key) {
  if (lua_getfield(c->L, t, key) != LUA_TNIL) return pkt_read_slot(c);
  lua_pop(c->L, 1);
  return PKT_NONE;
}

/* The value of a match, on top. */
static struct pkt_match read_match(struct compiler *c, uint16_t slot, const char *lower,
                                   const char *id) {
  struct pkt_match m = {.slot = slot};
  if (lua_type(c->L, -1) == LUA_TSTRING)
    m.bytes = (const uint8_t *)pkt_copy_text(c, &m.len);
  else if (lua_isinteger(c->L, -1))
    m.value = (uint64_t)lua_tointeger(c->L, -1);
  else
    pkt_mistake(c, "the value of %s.%s is neither a whole number nor bytes", lower, id);
  return m;
}

/* The order of matches: numbers before bytes, since riders are looked up by their first, and by the
** fields' ids. */
static bool comes_later(const struct pkt_match *a, const char *id, const struct pkt_match *b,
                        const char *other) {
  if (!a->bytes != !b->bytes) return a->bytes != NULL;
  return strcmp(id, other) > 0;
}

const struct pkt_match *pkt_read_matches(struct compiler *c, int t, int lower, uint16_t *count) {
  lua_State *L = c->L;
  const char *of = pkt_plan_of(c, lower)->id, *ids[MAX_MATCHES];
  struct pkt_match list[MAX_MATCHES];
  int slots = pkt_push_table(c, lower, "slots");
  unsigned n = 0;
  if (!t) pkt_mistake(c, "a table of fields of %s and their values was expected", of);
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    lua_pushvalue(L, -2);
    int slot = find_slot(c, slots);
    const char *id = slot < 0 ? luaL_tolstring(L, -1, NULL) : lua_tostring(L, -1);
    if (slot < 0) pkt_mistake(c, "%s has no field '%s'", of, id);
    if (n == MAX_MATCHES) pkt_mistake(c, "more than %d fields of %s", MAX_MATCHES, of);
    lua_pop(L, 1);
    unsigned at = n++;
    struct pkt_match match = read_match(c, (uint16_t)slot, of, id);
    for (; at > 0 && comes_later(&list[at - 1], ids[at - 1], &match, id); at--) {
      ids[at] = ids[at - 1];
      list[at] = list[at - 1];
    }
    ids[at] = id;
    list[at] = match;
  }
  lua_pop(L, 1); /* slots */
  struct pkt_match *kept = pkt_compile_alloc(c, n * sizeof *kept);
  memcpy(kept, list, n * sizeof *kept);
  *count = (uint16_t)n;
  return kept;
}

/* Can a field hold the number? What has no width holds none. */
static bool holds_number(const struct pkt_op *op, uint64_t value) {
  bool number = op->kind == PKT_UINT || op->kind == PKT_PHANTOM || op->kind == PKT_MAC ||
                op->kind == PKT_IPV4 || op->kind == PKT_CHOICE || op->kind == PKT_INTEGER;
  if (!number || op->width == 0 || op->width >= 64) return number;
  if (!(op->flags & PKT_OP_SIGNED)) return value >> op->width == 0;
  return ((int64_t)value < 0 ? ~value : value) >> (op->width - 1) == 0;
}

/* Only an address can be given as text where it is set: see convert_sets(). */
static bool holds_bytes(const struct pkt_op *op) {
  return op->kind != PKT_UINT && op->kind != PKT_PHANTOM && op->kind != PKT_MAC &&
         op->kind != PKT_IPV4;
}

void pkt_check_matches(struct compiler *c, const struct pkt_plan *lower,
                       const struct pkt_match *list, unsigned n, const char *what) {
  for (unsigned i = 0; i < n; i++) {
    const struct pkt_op *op = &lower->ops[list[i].slot];
    if (list[i].bytes && !holds_bytes(op))
      pkt_mistake(c, "%s: %s.%s is a number, not text", what, lower->id, op->id);
    if (!list[i].bytes && !holds_number(op, list[i].value))
      pkt_mistake(c, "%s: %s.%s can't be %lld", what, lower->id, op->id, (long long)list[i].value);
  }
}

/* ------------------------------------------------------------------------------------ rules */

static struct pkt_ins *add_ins(struct compiler *c, int op) {
  if (c->ncode == c->code_room) {
    uint32_t room = c->code_room ? c->code_room * 2 : FIRST_CODE;
    struct pkt_ins *more = pkt_compile_alloc(c, room * sizeof *more);
    if (c->ncode) memcpy(more, c->code, c->ncode * sizeof *more);
    c->code = more;
    c->code_room = room;
  }
  if (c->ncode == UINT16_MAX) pkt_mistake(c, "the rule is too long");
  struct pkt_ins *in = &c->code[c->ncode++];
  *in = (struct pkt_ins){.op = (uint8_t)op};
  return in;
}

/* The id on top, of a protocol that there is. Pops it. */
static const char *read_id(struct compiler *c) {
  int decl = pkt_push_named(c);
  if (!decl) pkt_mistake(c, "there is no protocol '%s'", luaL_tolstring(c->L, -1, NULL));
  const char *id = pkt_plan_of(c, decl)->id;
  lua_pop(c->L, 1);
  return id;
}

/* Is the layer above, or below, one of those whose ids are in the list that the rule holds? How
** many of those above are? Of what is behind the list has one id, and the rule is a number of
** bytes. */
static void read_ids(struct compiler *c, int t, int op) {
  lua_rawgeti(c->L, t, 1);
  int list = lua_gettop(c->L);
  uint32_t n = lua_istable(c->L, list) ? pkt_length_of(c, list) : 0;
  if (n == 0) pkt_mistake(c, "the rule '%s' names no protocol", pkt_rule_op_name((unsigned)op));
  for (uint32_t i = 0; i < n; i++) {
    pkt_push_item(c, list, i);
    const char *id = read_id(c);
    add_ins(c, op)->name = id;
    if (i > 0) add_ins(c, op == PKT_RULE_STACKED ? PKT_RULE_ADD : PKT_RULE_LOR);
  }
  lua_pop(c->L, 1); /* the list */
}

static lua_Integer get_operand(struct compiler *c, int t, int i) {
  lua_rawgeti(c->L, t, i);
  lua_Integer v = lua_tointeger(c->L, -1);
  lua_pop(c->L, 1);
  return v;
}

static bool is_rule(struct compiler *c, int t) {
  if (!lua_istable(c->L, t) || !lua_getmetatable(c->L, t)) return false;
  bool same = lua_rawequal(c->L, -1, c->rule);
  lua_pop(c->L, 1);
  return same;
}

/* Push the rule that is operand 'i' of the one at 't'. */
static int push_operand(struct compiler *c, int t, uint32_t i) {
  int at = pkt_push_item(c, t, i);
  if (!is_rule(c, at)) pkt_mistake(c, "a %s in a rule is none", luaL_typename(c->L, at));
  return at;
}

static int get_opcode(struct compiler *c, int t) {
  lua_pushvalue(c->L, c->op);
  lua_rawget(c->L, t);
  int op = pkt_word(c, c->opcodes);
  lua_pop(c->L, 1);
  return op;
}

static void read_operation(struct compiler *c, int t, int depth);

static void read_operands(struct compiler *c, int t, int op, int depth) {
  uint32_t n = pkt_length_of(c, t), from = 0;
  for (uint32_t i = 0; i < n; i++) {
    from = c->ncode;
    read_operation(c, push_operand(c, t, i), depth + 1);
    lua_pop(c->L, 1);
  }
  bool number = c->ncode == from + 1 && c->code[from].op == PKT_RULE_CONST;
  if (number && n == 2 && pkt_rule_by(op) >= 0)
    c->code[from].op = (uint8_t)pkt_rule_by(op);
  else
    add_ins(c, op);
}

/* Read a 'pick': the first operand decides which of the other two is worked out. */
static void read_pick(struct compiler *c, int t, int depth) {
  static const int ops[] = {PKT_RULE_THEN, PKT_RULE_ELSE};
  uint32_t from = 0;
  for (uint32_t i = 0; i < 3; i++) {
    read_operation(c, push_operand(c, t, i), depth + 1);
    lua_pop(c->L, 1);
    if (i < 2) add_ins(c, ops[i]);
    if (i > 0) c->code[from - 1].arg = (uint16_t)(c->ncode - from);
    from = c->ncode;
  }
}

/* Two conditions as one: the second is looked at only where the first leaves it open. */
static void read_halves(struct compiler *c, int t, int op, int depth) {
  read_operation(c, push_operand(c, t, 0), depth + 1);
  add_ins(c, op == PKT_RULE_LAND ? PKT_RULE_GUARD : PKT_RULE_ENOUGH);
  uint32_t from = c->ncode;
  read_operation(c, push_operand(c, t, 1), depth + 1);
  add_ins(c, op);
  c->code[from - 1].arg = (uint16_t)(c->ncode - from);
  lua_pop(c->L, 2);
}

/* Shorten jumps: where one half decides a 'both' or 'either', it also decides any enclosing ones
** of the same kind, and can jump behind all of them at once. */
static void join_halves(struct compiler *c) {
  const struct pkt_ins *end = c->code + c->ncode;
  for (struct pkt_ins *in = c->code + c->ncode; in-- > c->code;) {
    if (!pkt_rule_cuts_short(in)) continue;
    const struct pkt_ins *to = in + 1 + in->arg;
    if (to < end && to->op == in->op) in->arg = (uint16_t)(in->arg + 1 + to->arg);
  }
}

/* The rule at 't' as instructions: operands, then what is done with them. */
static void read_operation(struct compiler *c, int t, int depth) {
  if (depth > MAX_RULE_DEPTH) pkt_mistake(c, "the rule is too deep");
  int op = get_opcode(c, t);
  switch (op) {
    case -1: pkt_mistake(c, "internal: unknown rule"); break;
    case PKT_RULE_CONST: add_ins(c, op)->num = get_operand(c, t, 1); break;
    case PKT_RULE_REF:
    case PKT_RULE_SIZE:
    case PKT_RULE_PADDED:
    case PKT_RULE_COUNT:
    case PKT_RULE_GIVEN:
    case PKT_RULE_FORM:
      lua_rawgeti(c->L, t, 1);
      add_ins(c, op)->arg = pkt_read_slot(c);
      break;
    case PKT_RULE_UNDER: {
      lua_rawgeti(c->L, t, 1);
      const char *name = add_ins(c, op)->name = pkt_copy_text(c, NULL);
      c->looked_at[c->nlooked_at++ % MAX_LOOKED_AT] = name;
      lua_pop(c->L, 1);
      break;
    }
    case PKT_RULE_UNDER_SIZE:
    case PKT_RULE_TEXT_NUMBER:
    case PKT_RULE_TEXT_CHUNKS:
      lua_rawgeti(c->L, t, 1);
      add_ins(c, op)->name = pkt_copy_text(c, NULL);
      lua_pop(c->L, 1);
      break;
    case PKT_RULE_PEEK:
    case PKT_RULE_GLANCE: {
      lua_Integer bit = get_operand(c, t, 1), width = get_operand(c, t, 2);
      if (bit < 0 || bit > PKT_MAX_PACKET * 8 || width < 1 || width > 64)
        pkt_mistake(c, "%lld bits at bit %lld can't be peeked at", width, bit);
      struct pkt_ins *in = add_ins(c, op);
      in->num = bit;
      in->arg = (uint16_t)width;
      break;
    }
    case PKT_RULE_ABOVE:
    case PKT_RULE_BEHIND:
    case PKT_RULE_STACKED:
    case PKT_RULE_BELOW: read_ids(c, t, op); break;
    case PKT_RULE_IN:
      read_operation(c, push_operand(c, t, 0), depth + 1);
      lua_pop(c->L, 1);
      add_ins(c, op)->num = get_operand(c, t, 2);
      break;
    case PKT_RULE_PICK: read_pick(c, t, depth); break;
    case PKT_RULE_LAND:
    case PKT_RULE_LOR: read_halves(c, t, op, depth); break;
    default: read_operands(c, t, op, depth);
  }
}

/* The rule that was made of the value on top before; NULL: none was, or it is another in each
** layer. */
static const struct pkt_rule *pooled_rule(struct compiler *c) {
  lua_pushvalue(c->L, -1);
  lua_rawget(c->L, c->rules);
  const struct pkt_rule *rule = lua_touserdata(c->L, -1);
  lua_pop(c->L, 1);
  return rule;
}

/* Share the rule made of the value on top with other fields, if it reads nothing of its own
** layer. */
static void pool_rule(struct compiler *c, const struct pkt_rule *rule) {
  for (unsigned i = 0; i < rule->len; i++)
    if (pkt_rule_reads_slot(&rule->code[i])) return;
  lua_pushvalue(c->L, -1);
  lua_pushlightuserdata(c->L, (void *)(uintptr_t)rule);
  lua_rawset(c->L, c->rules);
}

const struct pkt_rule *pkt_read_rule(struct compiler *c, const char *what) {
  int at = lua_gettop(c->L);
  const struct pkt_rule *pooled = pooled_rule(c);
  if (pooled) return pooled;
  c->ncode = 0;
  if (lua_isinteger(c->L, at))
    add_ins(c, PKT_RULE_CONST)->num = lua_tointeger(c->L, at);
  else if (is_rule(c, at))
    read_operation(c, at, 0);
  else if (lua_isboolean(c->L, at)) /* as Lua's == gives for a rule and a number */
    pkt_mistake(c, "'%s' is a boolean, not a rule: rules are compared by methods, such as :eq(v)",
                what);
  else if (lua_type(c->L, at) == LUA_TNUMBER)
    pkt_mistake(c, "'%s' is %s, not a rule or an integer", what, luaL_tolstring(c->L, at, NULL));
  else
    pkt_mistake(c, "'%s' is a %s, not a rule", what, luaL_typename(c->L, at));
  join_halves(c);
  struct pkt_rule *rule = pkt_compile_alloc(c, sizeof *rule);
  struct pkt_ins *code = pkt_compile_alloc(c, c->ncode * sizeof *code);
  memcpy(code, c->code, c->ncode * sizeof *code);
  *rule = (struct pkt_rule){.len = (uint16_t)c->ncode, .code = code};
  if (!pkt_rule_check(rule, c->plan->nops)) pkt_mistake(c, "the rule is too deep");
  pkt_rule_quicken(rule);
  if (lua_istable(c->L, at)) pool_rule(c, rule);
  return rule;
}

const struct pkt_rule *pkt_get_rule(struct compiler *c, int t, const char *key, const char *what) {
  const struct pkt_rule *rule = NULL;
  luaL_checkstack(c->L, 12, "declarations nested too deep");
  if (lua_getfield(c->L, t, key) != LUA_TNIL) rule = pkt_read_rule(c, what);
  lua_pop(c->L, 1);
  return rule;
}

bool pkt_rule_refers(const struct pkt_rule *rule, unsigned slot) {
  for (unsigned i = 0; rule && i < rule->len; i++)
    if (rule->code[i].op == PKT_RULE_REF && rule->code[i].arg == slot) return true;
  return false;
}

uint16_t pkt_rule_refers_from(const struct pkt_rule *rule, unsigned slot) {
  for (unsigned i = 0; rule && i < rule->len; i++)
    if (rule->code[i].op == PKT_RULE_REF && rule->code[i].arg >= slot) return rule->code[i].arg;
  return PKT_NONE;
}

bool pkt_rule_measures_slot(const struct pkt_rule *rule, unsigned slot) {
  for (unsigned i = 0; rule && i < rule->len; i++) {
    const struct pkt_ins *in = &rule->code[i];
    if (pkt_rule_reads_slot(in) && in->op != PKT_RULE_GIVEN && in->arg == slot) return true;
  }
  return false;
}

bool pkt_rule_looks_ahead(const struct pkt_rule *rule, unsigned slot) {
  for (unsigned i = 0; rule && i < rule->len; i++)
    if (pkt_rule_reads_slot(&rule->code[i]) && rule->code[i].arg >= slot) return true;
  return false;
}

/* ------------------------------------------------------------------------------------ names */

/* Values below this, those of a byte, are found without a search. */
#define DIRECT_NAMES 256

static int by_value(const void *a, const void *b) {
  const struct pkt_name *x = a, *y = b;
  return (int64_t)x->value < (int64_t)y->value ? -1 : x->value != y->value;
}

static int by_text(const void *a, const void *b) {
  const struct pkt_name *x = a, *y = b;
  return strcmp(x->text, y->text);
}

/* The numbers of an enumeration, a name each, into 'list'. */
static uint32_t read_values(struct compiler *c, int t, struct pkt_name *list) {
  lua_State *L = c->L;
  uint32_t n = 0;
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    bool number = lua_isinteger(L, -2), text = lua_type(L, -1) == LUA_TSTRING;
    if (!number && lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), "aliases") == 0)
      continue;
    if (!number || !text) {
      const char *name = luaL_tolstring(L, -1, NULL), *value = luaL_tolstring(L, -3, NULL);
      pkt_mistake(c, "an enumeration maps whole numbers to names, not %s to %s", value, name);
    }
    list[n].value = (uint64_t)lua_tointeger(L, -2);
    list[n].text = pkt_copy_text(c, &list[n].len);
    n++;
  }
  qsort(list, n, sizeof *list, by_value);
  return n;
}

/* Further names of the same numbers, by text. */
static uint32_t read_aliases(struct compiler *c, int t, struct pkt_name *list) {
  lua_State *L = c->L;
  uint32_t n = 0;
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING || !lua_isinteger(L, -1))
      pkt_mistake(c, "aliases map names to whole numbers");
    list[n].value = (uint64_t)lua_tointeger(L, -1);
    lua_pushvalue(L, -2);
    list[n].text = pkt_copy_text(c, &list[n].len);
    lua_pop(L, 1);
    n++;
  }
  qsort(list, n, sizeof *list, by_text);
  return n;
}

static void index_names(struct compiler *c, struct pkt_names *names) {
  uint32_t len = 0;
  for (uint32_t i = 0; i < names->values; i++) {
    uint64_t value = names->by_value[i].value;
    if (value < DIRECT_NAMES && value >= len) len = (uint32_t)value + 1;
  }
  names->direct_len = len;
  names->direct = pkt_compile_alloc(c, len * sizeof *names->direct);
  for (uint32_t i = 0; i < names->values; i++)
    if (names->by_value[i].value < len)
      names->direct[names->by_value[i].value] = &names->by_value[i];
}

static struct pkt_names *make_names(struct compiler *c, int t) {
  int aliases = pkt_push_table(c, t, "aliases");
  if (!aliases && has_member(c, t, "aliases")) pkt_mistake(c, "'aliases' is no table");
  uint32_t room = pkt_count_members(c->L, t) + (aliases ? pkt_count_members(c->L, aliases) : 0);
  struct pkt_names *names = pkt_compile_alloc(c, sizeof *names);
  struct pkt_name *list = pkt_compile_alloc(c, room * sizeof *list);
  names->by_value = names->by_text = list; /* those by text are more */
  names->values = names->texts = read_values(c, t, list);
  if (aliases) {
    names->texts += read_aliases(c, aliases, list + names->values);
    lua_pop(c->L, 1);
  }
  index_names(c, names);
  return names;
}

const struct pkt_names *pkt_read_names(struct compiler *c) {
  lua_State *L = c->L;
  if (lua_type(L, -1) == LUA_TSTRING) {
    lua_pushvalue(L, -1);
    if (lua_rawget(L, c->shared) != LUA_TTABLE)
      pkt_mistake(c, "there is no shared enumeration '%s'", lua_tostring(L, -2));
    lua_remove(L, -2);
  }
  if (!lua_istable(L, -1))
    pkt_mistake(c, "'names' is a %s, not a table or a shared name", luaL_typename(L, -1));
  int t = lua_gettop(L);
  lua_pushvalue(L, t);
  lua_rawget(L, c->pool);
  const struct pkt_names *names = lua_touserdata(L, -1);
  if (!names) {
    lua_pushvalue(L, t);
    lua_pushlightuserdata(L, (void *)(uintptr_t)(names = make_names(c, t)));
    lua_rawset(L, c->pool);
  }
  lua_settop(L, t - 1);
  return names;
}
