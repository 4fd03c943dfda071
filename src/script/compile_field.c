/* compile_field.c - the declaration of a field to its op.
**
** read_op(), at the end, goes through all there is to a field. What is a subject of its own has a
** file: which options a declaration has (compile_field_options.c), elements of ASN.1
** (compile_asn1.c), what is worked out (compile_auto.c), what lists of options hold
** (compile_option_lists.c), and defaults (compile_default.c). */
#include <stdlib.h>
#include <string.h>

#include "collected.h"
#include "compile_field_options.h"
#include "core_json.h"

#define MAX_EPOCH ((lua_Integer)1 << 40) /* seconds: far beyond what is written as a date */

/* ------------------------------------------------------------------------------- kind and form */

static uint8_t read_kind(struct compiler *c, int t) {
  lua_getfield(c->L, t, "kind");
  int kind = pkt_word(c, c->kinds);
  lua_pop(c->L, 1);
  if (kind < 0) pkt_mistake(c, "unknown kind of field");
  return (uint8_t)kind;
}

/* The ways in which a field can be shown: the kinds of fields each is for, and the bits that a
** number has then (0: any). */
static const struct {
  const char *name;
  uint8_t show, width;
  uint32_t kinds;
} shows[] = {
    {"dec", PKT_SHOW_DEC, 0, FOR_NUMBERS},
    {"hex", PKT_SHOW_HEX, 0, FOR_NUMBERS | FOR(BYTES)},
    {"utc", PKT_SHOW_UTC, 0, FOR_NUMBERS},
    {"ms_of_day", PKT_SHOW_MS_OF_DAY, 0, FOR_NUMBERS},
    {"fixed8", PKT_SHOW_FIXED8, 0, FOR_NUMBERS},
    {"fixed16", PKT_SHOW_FIXED16, 0, FOR_NUMBERS},
    {"ntp", PKT_SHOW_NTP, 64, FOR_NUMBERS},
    {"ntp_number", PKT_SHOW_NTP_NUMBER, 64, FOR_NUMBERS},
    {"centi", PKT_SHOW_CENTI, 0, FOR_NUMBERS},
    {"quad", PKT_SHOW_QUAD, 0, FOR_NUMBERS},
    {"pair", PKT_SHOW_PAIR, 32, FOR_NUMBERS},
    {"boolean", PKT_SHOW_BOOLEAN, 1, FOR_NUMBERS},
    {"eui64", PKT_SHOW_EUI64, 64, FOR_NUMBERS},
    {"ipv6_option", PKT_SHOW_IPV6_OPTION, 8, FOR_NUMBERS},
    {"uuid", PKT_SHOW_UUID, 0, FOR(BYTES)},
};
enum { SHOWS = sizeof shows / sizeof *shows };

/* Raise what a field of this kind can be shown as. */
static void refuse_show(struct compiler *c, const struct pkt_op *op, const char *text) {
  char list[PKT_MAX_MESSAGE] = "";
  for (unsigned i = 0; i < SHOWS; i++)
    if (shows[i].kinds >> op->kind & 1) {
      if (*list) strncat(list, ", ", sizeof list - strlen(list) - 1);
      strncat(list, shows[i].name, sizeof list - strlen(list) - 1);
    }
  pkt_mistake(c, "'show' of a field of kind '%s' is one of %s, not '%s'", pkt_kind_names[op->kind],
              list, text);
}

static uint8_t read_show(struct compiler *c, int t, const struct pkt_op *op) {
  unsigned i = 0;
  lua_getfield(c->L, t, "show");
  const char *text = luaL_tolstring(c->L, -1, NULL);
  while (i < SHOWS && strcmp(shows[i].name, text) != 0) i++;
  if (i == SHOWS || !(shows[i].kinds >> op->kind & 1)) refuse_show(c, op, text);
  if (shows[i].width && op->width != shows[i].width)
    pkt_mistake(c, "what is shown as '%s' has %d bit%s", text, shows[i].width,
                shows[i].width == 1 ? "" : "s");
  lua_pop(c->L, 2);
  return shows[i].show;
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
  if (has(said, OPT_NOMINAL))
    return (uint32_t)pkt_said_number(c, said, OPT_NOMINAL, 0, PKT_MAX_PACKET);
  if (op->kind == PKT_PHANTOM) return 1;
  if (op->kind == PKT_IPV6) return 16;
  if (!is_number(op)) return 2;
  if (op->flags & PKT_OP_BITFIELD) return 0;
  return op->width == 24 ? 4 : op->width / 8u;
}

/* The text that is shown when there is no value; NULL: JSON's null, for flags and for numbers
** that are shown in hexadecimal. */
static const char *none_text(struct compiler *c, int t, const struct said *said,
                             const struct pkt_op *op) {
  if (truly(said, OPT_NONE_TEXT)) return pkt_get_text(c, t, "none_text", NULL);
  if (op->show == PKT_SHOW_MS_OF_DAY) return "--";
  bool hex = op->show == PKT_SHOW_EUI64 || (op->show == PKT_SHOW_HEX && op->kind != PKT_BYTES);
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

/* Each name is of one bit, but for the one that 'unnamed' lets several have. */
static void check_flag_names(struct compiler *c, int t, const char *const *names, unsigned n) {
  const char *unnamed = pkt_get_text(c, t, "unnamed", NULL);
  for (unsigned i = 1; i < n; i++)
    for (unsigned k = 0; names[i] && k < i; k++)
      if (names[k] && strcmp(names[k], names[i]) == 0 &&
          (!unnamed || strcmp(names[i], unnamed) != 0))
        pkt_mistake(c, "the flags %u and %u are both called '%s'", k + 1, i + 1, names[i]);
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
  check_flag_names(c, t, names, op->width);
  op->flag_names = names;
  op->show = PKT_SHOW_FLAGS;
  if (letters) op->flags |= PKT_OP_LETTERS;
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
  pkt_check_said(c, said, op->kind);
  bool is_float = op->kind == PKT_FLOAT;
  if (is_float) op->kind = PKT_UINT;
  op->width = read_width(c, t, said, op);
  op->align = (uint16_t)pkt_said_number(c, said, OPT_ALIGN, 1, UINT16_MAX);
  op->fill = (uint8_t)pkt_said_number(c, said, OPT_FILL, 0, UINT8_MAX);
  op->lead = (uint8_t)pkt_said_number(c, said, OPT_LEAD, 1, UINT8_MAX);
  pkt_special_of(op)->epoch = pkt_said_number(c, said, OPT_EPOCH, -MAX_EPOCH, MAX_EPOCH);
  op->counted = (uint8_t)pkt_said_number(c, said, OPT_COUNTED, 1, 8);
  op->mask = read_mask(c, said, op);
  op->nominal = nominal_length(c, said, op);
  if (truly(said, OPT_SHOW)) op->show = read_show(c, t, op);
  if (op->show == PKT_SHOW_UUID && truly(said, OPT_LITTLE)) op->flags |= PKT_OP_MIRRORED;
  if (is_float) check_float(c, said, op);
  op->none_text = none_text(c, t, said, op);
  if (truly(said, OPT_FLAGS) && has(said, OPT_SHOW)) pkt_mistake(c, "flags are shown by name");
  if (truly(said, OPT_FLAGS)) read_flags(c, t, op);
}

/* ----------------------------------------------------------------------------- sizes and texts */

static void read_size(struct compiler *c, int t, const struct said *said, struct pkt_op *op) {
  bool bytes = op->kind == PKT_BYTES;
  if (has(said, OPT_SIZE)) {
    if (bytes && said->whole[OPT_SIZE] && said->num[OPT_SIZE] > 0)
      op->fixed_size = (uint32_t)pkt_said_number(c, said, OPT_SIZE, 1, PKT_MAX_PACKET);
    else
      op->size = pkt_get_rule(c, t, "size", "size");
  }
  if (op->show == PKT_SHOW_UUID && op->fixed_size != 0 && op->fixed_size != 16)
    pkt_mistake(c, "what is shown as 'uuid' has 16 bytes");
  if (bytes && has(said, OPT_ENDS)) {
    op->flags |= PKT_OP_ENDED;
    op->fill = (uint8_t)pkt_said_number(c, said, OPT_ENDS, 0, UINT8_MAX);
  }
  if ((op->flags & PKT_OP_FIT) && !op->size) pkt_mistake(c, "'fit' needs a size");
}

/* The texts that 'up_to' or 'one_of' lists. */
static void read_texts(struct compiler *c, int t, const struct said *said, struct pkt_op *op) {
  enum option o = truly(said, OPT_UP_TO) ? OPT_UP_TO : OPT_ONE_OF;
  if (!truly(said, o)) return;
  int list = pkt_push_table(c, t, pkt_option_name(o));
  struct pkt_texts *texts = pkt_compile_alloc(c, sizeof *texts);
  texts->len = pkt_length_of(c, list);
  if (op->kind != PKT_BYTES || texts->len < 1 || texts->len > PKT_MAX_TEXTS)
    pkt_mistake(c, "'%s' is a list of 1 to %d texts, of bytes", pkt_option_name(o), PKT_MAX_TEXTS);
  for (uint32_t i = 0; i < texts->len; i++) {
    pkt_push_item(c, list, i);
    if (lua_type(c->L, -1) != LUA_TSTRING || lua_rawlen(c->L, -1) == 0)
      pkt_mistake(c, "'%s': %s is no text", pkt_option_name(o), luaL_tolstring(c->L, -1, NULL));
    texts->texts[i] = (const uint8_t *)pkt_copy_text(c, &texts->lens[i]);
    uint8_t first = texts->texts[i][0];
    if (!memchr(texts->firsts, first, texts->nfirsts)) texts->firsts[texts->nfirsts++] = first;
    lua_pop(c->L, 1);
  }
  pkt_special_of(op)->texts = texts;
  lua_pop(c->L, 1);
}

/* -------------------------------------------------------------------------------- enumerations */

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
      const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
      if (strcmp(key, "ref") != 0)
        pkt_mistake(c, "'names_by' has a field's id as 'ref', and names by whole numbers");
      lua_pop(L, 1);
    }
  }
  qsort(cases, by->len, sizeof *cases, by_key);
  by->cases = cases;
  lua_pop(L, 1);
  return by;
}

static void read_enumerations(struct compiler *c, int t, const struct said *said,
                              struct pkt_op *op) {
  enum option names = truly(said, OPT_NAMES) ? OPT_NAMES : OPT_BITMAP;
  if (truly(said, names)) {
    lua_getfield(c->L, t, pkt_option_name(names));
    op->names = pkt_read_names(c);
  }
  if (truly(said, OPT_NAMES_BY)) op->names_by = read_names_by(c, t);
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
  pkt_special_of(op)->pick_keys = pkt_length_of(c, kinds);
  struct pkt_rider *riders = pkt_compile_alloc(c, op->special->pick_keys * sizeof *riders);
  struct pkt_riders *index = pkt_compile_alloc(c, sizeof *index);
  for (uint32_t i = 0; i < op->special->pick_keys; i++) {
    int at = pkt_push_item(c, kinds, i);
    c->plan = pkt_get_plan(c, at, "upper"); /* whose mistake it would be */
    c->field = NULL;
    c->member = "over";
    riders[i].upper = c->plan;
    riders[i].rank = (uint16_t)i; /* the first that is declared is taken */
    int match = pkt_push_table(c, at, "match");
    riders[i].match = pkt_read_matches(c, match, target, &riders[i].nmatches);
    lua_pop(c->L, 2); /* match, rider */
  }
  lua_pop(c->L, 1);
  c->plan = plan;
  c->field = field;
  c->member = NULL;
  pkt_index_riders(c, riders, op->special->pick_keys, op->of->nops, index);
  pkt_special_of(op)->kinds = riders;
  pkt_special_of(op)->by_kind = index;
}

/* What a list of layers is filled up with, and when it, or bytes, are. */
static void read_pad(struct compiler *c, int t, struct pkt_op *op) {
  static const char *const known[] = {"one", "many", "when", NULL};
  int pad = pkt_push_table(c, t, "pad");
  if (!pad) return;
  pkt_known_members(c, pad, "pad", known);
  pkt_special_of(op)->pad_one = pkt_get_named(c, pad, "one");
  pkt_special_of(op)->pad_many = pkt_get_named(c, pad, "many");
  pkt_special_of(op)->pad_when = pkt_get_rule(c, pad, "when", "pad.when");
  if (op->kind == PKT_BYTES && (op->special->pad_one || op->special->pad_many || !op->align))
    pkt_mistake(c, "bytes have a 'pad' of 'when' alone, beside 'align'");
  lua_pop(c->L, 1);
}

/* Whether another item follows is said by the fields of the one before, declared at 'target'. */
static void read_more(struct compiler *c, int t, int target, struct pkt_op *op) {
  struct pkt_plan *plan = c->plan;
  int slots = c->slots;
  c->plan = pkt_plan_of(c, target);
  c->slots = pkt_push_table(c, target, "slots");
  pkt_special_of(op)->more = pkt_get_rule(c, t, "more", "more");
  if (c->slots) lua_pop(c->L, 1);
  c->plan = plan;
  c->slots = slots;
}

static void read_layers(struct compiler *c, int t, struct pkt_op *op) {
  uint16_t n;
  lua_getfield(c->L, t, "of");
  int target = pkt_push_named(c);
  if (!target && lua_isnil(c->L, -1)) pkt_mistake(c, "'of', the protocol within, is missing");
  if (!target) pkt_mistake(c, "there is no protocol '%s'", luaL_tolstring(c->L, -1, NULL));
  op->of = pkt_plan_of(c, target);
  read_item_kinds(c, target, op);
  read_more(c, t, target, op);
  int ends = pkt_push_table(c, t, "ends");
  if (ends) {
    const struct pkt_match *match = pkt_read_matches(c, ends, target, &n);
    if (n > 0) pkt_special_of(op)->ends = match;
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1); /* target */
  read_pad(c, t, op);
  pkt_read_chosen(c, t, op);
}

static void read_list(struct compiler *c, int t, struct pkt_op *op) {
  struct pkt_op *item = pkt_compile_alloc(c, sizeof *item);
  struct pkt_slot unused = {0};
  int at = pkt_push_table(c, t, "item");
  if (!at || lua_getfield(c->L, at, "kind") == LUA_TNIL) /* the options may stand in its place */
    pkt_mistake(c, "a list needs an item, such as f.ipv4()");
  lua_pop(c->L, 1); /* kind */
  read_op(c, at, item, op, &unused);
  op->item = item;
  lua_pop(c->L, 1);
}

static void read_parts(struct compiler *c, int t, struct pkt_op *op) {
  switch (op->kind) {
    case PKT_LIST: read_list(c, t, op); break;
    case PKT_BYTES: read_pad(c, t, op); break;
    case PKT_LAYERS:
    case PKT_LAYER: read_layers(c, t, op); break;
    case PKT_OPTIONS: pkt_read_codes(c, t, op); break;
    case PKT_CHOICE: read_alternatives(c, t, op); break;
    default: break;
  }
}

/* ----------------------------------------------------------------------------------------- ops */

/* What stands behind the layer's payload is found by its size alone. */
static void check_trailer(struct compiler *c, const struct pkt_op *op) {
  if (!(op->flags & PKT_OP_TRAILER)) return;
  if (op->kind != PKT_UINT || op->width % 8 != 0 || op->when || op->align || op->lead || op->owner)
    pkt_mistake(c, "a trailer is a number of whole bytes that is always there");
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

/* Keep what was read into 'draft' for the op, if there is anything in it. */
static void keep_special(struct compiler *c, struct pkt_op *op, const struct pkt_special *draft) {
  op->special = &pkt_nothing_special;
  if (memcmp(draft, &pkt_nothing_special, sizeof *draft) == 0) return;
  struct pkt_special *own = pkt_compile_alloc(c, sizeof *own);
  *own = *draft;
  op->special = own;
}

static void read_op(struct compiler *c, int t, struct pkt_op *op, const struct pkt_op *owner,
                    struct pkt_slot *preset) {
  struct pkt_special draft = {0};
  struct said said;
  const char *field = c->field;
  int line = c->line;
  luaL_checkstack(c->L, 24, "declarations nested too deep");
  op->owner = owner;
  op->special = &draft;
  op->id = pkt_get_text(c, t, "id", &op->id_len);
  op->line = c->line = (int)pkt_get_int(c, t, "at", line);
  if (op->id) c->field = op->id;
  pkt_enter(c);
  pkt_read_said(c, t, &said, op);
  read_plain(c, t, &said, op);
  check_definition(c, t, &said);
  if (has(&said, OPT_WHEN)) op->when = pkt_get_rule(c, t, "when", "when");
  if (has(&said, OPT_COUNT)) op->count = pkt_get_rule(c, t, "count", "count");
  if (has(&said, OPT_STOPS)) pkt_special_of(op)->stops = pkt_get_rule(c, t, "stops", "stops");
  pkt_read_field_element(c, t, &said, op);
  read_size(c, t, &said, op);
  read_texts(c, t, &said, op);
  pkt_read_auto(c, t, &said, op);
  read_enumerations(c, t, &said, op);
  read_parts(c, t, op);
  bool aligned = op->kind != PKT_UINT || op->width % 8 == 0;
  op->access = choose_access(op, truly(&said, OPT_LITTLE), aligned);
  check_trailer(c, op);
  pkt_check_field_element(c, op);
  pkt_read_default(c, t, &said, op, preset);
  keep_special(c, op, &draft);
  pkt_leave(c);
  c->field = field;
  c->line = line;
}

void pkt_read_op(struct compiler *c, int t, struct pkt_op *op, struct pkt_slot *preset) {
  c->field = NULL;
  c->line = 0;
  read_op(c, t, op, NULL, preset);
}
