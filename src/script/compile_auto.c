/* compile_auto.c - how a field is worked out when its layer is built: a checksum, or a rule. */
#include "compile_field_options.h"

/* What a checksum covers: "layer", "header", "payload" or a rule. */
static void read_cover(struct compiler *c, int at, struct pkt_checksum *sum) {
  lua_getfield(c->L, at, "over");
  if (lua_type(c->L, -1) == LUA_TSTRING) {
    int part = pkt_find_text(pkt_part_names, PKT_PARTS, lua_tostring(c->L, -1));
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

/* The checksum that the table at 'at' declares. */
static const struct pkt_checksum *read_sum(struct compiler *c, int at) {
  static const char *const known[] = {"checksum", "over",      "pseudo", "zero_as", "when",
                                      "from",     "without",   "xor",    "own",     "words",
                                      "whole",    "only_ipv6", NULL};
  struct pkt_checksum *sum = pkt_compile_alloc(c, sizeof *sum);
  pkt_known_members(c, at, "checksum", known);
  lua_getfield(c->L, at, "checksum");
  sum->kind = (unsigned)pkt_find_text(pkt_sum_names, PKT_SUM_COUNT, lua_tostring(c->L, -1));
  lua_pop(c->L, 1);
  read_cover(c, at, sum);
  read_words(c, at, sum);
  sum->from = (uint32_t)sum_number(c, at, "from", 0, PKT_MAX_PACKET);
  sum->own = pkt_get_flag(c, at, "own");
  sum->whole = pkt_get_flag(c, at, "whole");
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
    if (pkt_rule_looks(&rule->code[i]))
      pkt_mistake(c, "'auto' is worked out when the layer is built: there is nothing to peek at");
  return rule;
}

void pkt_read_auto(struct compiler *c, int t, const struct said *said, struct pkt_op *op) {
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
    pkt_special_of(op)->digits = get_auto(c, t);
  else if (!lua_isinteger(c->L, at) || said->num[OPT_AUTO] != 0)
    pkt_mistake(c, "only numbers and MAC addresses are worked out; others can be 'auto = 0'");
  lua_pop(c->L, 1);
}
