/* rule.c - the loop that runs rules. */
#include "rule.h"

#include <string.h>

#include "../wire/bits.h"
#include "limits.h"
#include "quick.h"
#include "text_head.h"

static const struct {
  const char *name;
  int takes;
} ops[] = {
#define X(name, text, takes) {text, takes},
    PKT_RULE_OPS(X) PKT_RULE_BINARIES(X)
#undef X
#define X(name, text, takes) {text, takes - 1},
        PKT_RULE_BINARIES(X)
#undef X
};

const char *pkt_rule_op_name(unsigned op) { return op < PKT_RULE_OP_COUNT ? ops[op].name : "?"; }

bool pkt_rule_looks(const struct pkt_ins *in) {
  return in->op == PKT_RULE_PEEK || in->op == PKT_RULE_GLANCE || in->op == PKT_RULE_TEXT_HEAD ||
         in->op == PKT_RULE_TEXT_NUMBER || in->op == PKT_RULE_TEXT_CHUNKS ||
         in->op == PKT_RULE_ASKED;
}

bool pkt_rule_reads_slot(const struct pkt_ins *in) {
  return in->op == PKT_RULE_REF || in->op == PKT_RULE_SIZE || in->op == PKT_RULE_PADDED ||
         in->op == PKT_RULE_COUNT || in->op == PKT_RULE_GIVEN || in->op == PKT_RULE_FORM;
}

/* Is it one of the jumps that choose between the two values of a 'pick'? */
static bool chooses(const struct pkt_ins *in) {
  return in->op == PKT_RULE_THEN || in->op == PKT_RULE_ELSE;
}

static bool is_jump(const struct pkt_ins *in) { return chooses(in) || pkt_rule_cuts_short(in); }

bool pkt_rule_check(const struct pkt_rule *rule, unsigned slots) {
  int depth = 0;
  for (unsigned i = 0; i < rule->len; i++) {
    const struct pkt_ins *in = &rule->code[i];
    if (in->op >= PKT_RULE_OP_COUNT) return false;
    if (pkt_rule_reads_slot(in) && in->arg >= slots) return false;
    if (is_jump(in) && in->arg > rule->len - i - 1) return false;
    depth -= ops[in->op].takes;
    if (depth < 0) return false;
    depth += !chooses(in); /* as if both values were made, and the one that isn't taken dropped */
    if (depth > PKT_MAX_STACK) return false;
  }
  return depth == 1;
}

bool pkt_rule_measures(const struct pkt_rule *rule) {
  for (unsigned i = 0; rule && i < rule->len; i++) {
    switch (rule->code[i].op) {
      case PKT_RULE_SIZE:
      case PKT_RULE_UNDER_SIZE:
      case PKT_RULE_PADDED:
      case PKT_RULE_COUNT:
      case PKT_RULE_HEADER:
      case PKT_RULE_PAYLOAD:
      case PKT_RULE_BEHIND:
      case PKT_RULE_TOTAL: return true;
      default: break;
    }
  }
  return false;
}

int64_t pkt_rule_number(const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  switch (op->kind) {
    case PKT_UINT:
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_PHANTOM: return (int64_t)s->num;
    case PKT_INTEGER: return pkt_slot_is_big(s) ? 0 : (int64_t)s->num;
    default: return 0;
  }
}

static int64_t slot_count(const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  switch (op->kind) {
    case PKT_LIST:
    case PKT_LAYERS:
    case PKT_LAYER:
    case PKT_OPTIONS: return s->list ? s->list->len : 0;
    default: return 0;
  }
}

/* Bytes on the wire; before they are written, the bytes that the value will take. */
static int64_t slot_size(const struct pkt_op *op, const struct pkt_slot *s) {
  if (s->state == PKT_UNREAD) return 0;
  if (s->nbits != 0 || s->state != PKT_SET) return (s->nbits + 7) / 8;
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  switch (op->kind) {
    case PKT_BYTES: return s->len;
    case PKT_MAC:
    case PKT_IPV4: return op->width / 8;
    case PKT_IPV6: return 16;
    default: return 0;
  }
}

static int64_t slot_padded(const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->align == 0) return s->nbits / 8;
  uint32_t unit = op->align * 8u;
  uint32_t end = (s->bit + s->nbits + unit - 1) / unit * unit;
  return (end - s->bit) / 8;
}

static int64_t field_by_name(const struct pkt_layer *layer, const char *name) {
  if (!layer) return 0;
  const struct pkt_op *op = pkt_plan_op(layer->plan, name, strlen(name));
  return op ? pkt_rule_number(op, &layer->slots[op - layer->plan->ops]) : 0;
}

static int64_t size_by_name(const struct pkt_layer *layer, const char *name) {
  const struct pkt_op *op = layer ? pkt_plan_op(layer->plan, name, strlen(name)) : NULL;
  return op ? slot_size(op, &layer->slots[op - layer->plan->ops]) : 0;
}

int64_t pkt_rule_peek(const struct pkt_ins *in, const uint8_t *bytes, int64_t left, bool *missing) {
  if (!bytes || in->num + in->arg > left * 8) {
    if (missing && in->op == PKT_RULE_PEEK) *missing = true;
    return 0;
  }
  int64_t byte = in->num / 8;
  unsigned bit = in->num & 7;
  if (left - byte >= 8 && bit + in->arg <= 64)
    return (int64_t)(pkt_get_be64(bytes + byte) << bit >> (64 - in->arg));
  return (int64_t)pkt_get_bits(bytes, (uint32_t)in->num, in->arg);
}

static int64_t peek(const struct pkt_scope *s, const struct pkt_ins *in) {
  return pkt_rule_peek(in, s->peek, s->left, s->missing);
}

static int64_t find_head(const struct pkt_scope *s) {
  if (s->text && s->text->head != 0) return s->text->head;
  int64_t size = s->peek && s->left > 0 ? pkt_text_head(s->peek, (size_t)s->left) : PKT_HEAD_PART;
  if (size == PKT_HEAD_PART && s->missing) *s->missing = true;
  if (s->text) s->text->head = size;
  return size;
}

/* The bytes of the chunks behind a head of 'n' bytes. */
static int64_t find_chunks(const struct pkt_scope *s, size_t n, const char *names) {
  struct pkt_text anew = {0}, *text = s->text ? s->text : &anew;
  if (!pkt_text_is_chunked(s->peek, n, names)) return PKT_NO_NUMBER;
  if (text->chunk == 0) text->chunk = pkt_text_first_chunk(s->peek, n);
  int64_t end = pkt_text_chunks(s->peek, (size_t)s->left, &text->chunk);
  return end != PKT_BAD_CHUNKS ? end - (int64_t)n : PKT_BAD_NUMBER;
}

/* The bytes of the head of lines that comes next, or what a header line of it says, or the bytes of
** the chunks behind it. */
static int64_t look_at_head(const struct pkt_scope *s, const struct pkt_ins *in) {
  int64_t size = find_head(s);
  if (in->op == PKT_RULE_TEXT_HEAD) return size > 0 ? size : 0;
  if (size <= 0) return PKT_NO_NUMBER;
  if (in->op == PKT_RULE_TEXT_CHUNKS) return find_chunks(s, (size_t)size, in->name);
  return pkt_text_number(s->peek, (size_t)size, in->name);
}

static int64_t size_behind(const struct pkt_scope *s, const char *id) {
  for (uint32_t i = 0; i < s->nbehind; i++)
    if (strcmp(s->behind[i]->plan->id, id) == 0) return s->behind[i]->avail;
  return 0;
}

static int64_t count_stacked(const struct pkt_scope *s, const char *id) {
  int64_t n = 0;
  for (uint32_t i = 0; i < s->nbehind; i++) n += strcmp(s->behind[i]->plan->id, id) == 0;
  return n;
}

/* The leaves that are more than a look into the scope. */
static int64_t leaf(const struct pkt_ins *in, const struct pkt_scope *s) {
  const struct pkt_layer *layer = s->layer;
  const struct pkt_op *op = layer ? &layer->plan->ops[in->arg] : NULL;
  const struct pkt_slot *slot = layer ? &layer->slots[in->arg] : NULL;
  switch (in->op) {
    case PKT_RULE_SIZE: return slot ? slot_size(op, slot) : 0;
    case PKT_RULE_GIVEN: return slot && slot->state == PKT_SET;
    case PKT_RULE_FORM: return slot ? slot->alt : 0;
    case PKT_RULE_PADDED: return slot ? slot_padded(op, slot) : 0;
    case PKT_RULE_COUNT: return slot ? slot_count(op, slot) : 0;
    case PKT_RULE_UNDER: return field_by_name(s->below, in->name);
    case PKT_RULE_UNDER_SIZE: return size_by_name(s->below, in->name);
    case PKT_RULE_PEEK:
    case PKT_RULE_GLANCE: return peek(s, in);
    case PKT_RULE_TEXT_HEAD:
    case PKT_RULE_TEXT_NUMBER:
    case PKT_RULE_TEXT_CHUNKS: return look_at_head(s, in);
    case PKT_RULE_ASKED: return s->asked;
    case PKT_RULE_BELOW: return s->below && strcmp(s->below->plan->id, in->name) == 0;
    case PKT_RULE_BEHIND: return size_behind(s, in->name);
    case PKT_RULE_STACKED: return count_stacked(s, in->name);
    case PKT_RULE_ABOVE: return s->above && strcmp(s->above->plan->id, in->name) == 0;
    default: return 0;
  }
}

/* Sums wrap, as unsigned arithmetic does. */
#define WRAP(a, op, b) ((int64_t)((uint64_t)(a)op(uint64_t)(b)))

/* The two values on top, or the one on top and a number, become one. */
#define BINARY(name, value)        \
  case PKT_RULE_##name: {          \
    int64_t b = top, a = *under--; \
    top = (value);                 \
    break;                         \
  }                                \
  case PKT_RULE_##name##_BY: {     \
    int64_t b = in->num, a = top;  \
    top = (value);                 \
    break;                         \
  }

/* One more value on top. */
#define PUSH(name, value) \
  case PKT_RULE_##name:   \
    *++under = top;       \
    top = (value);        \
    break;

/* One term of a rule while it is looked at: a number, the slot's value times one, or whether that
** value is in a set. */
struct term {
  uint8_t quick; /* enum pkt_quick; NONE: a number, 'offset' */
  uint64_t set;
  int64_t scale, offset, least;
};

/* Reduce a comparison of 'a' with the number 'b', or with the number beside it, to one term. */
static bool compare(struct term *a, const struct term *b, int beside, uint8_t quick) {
  bool plain = a->quick == PKT_QUICK_LINEAR && a->scale == 1 && a->offset == 0 &&
               a->least == INT64_MIN && b->quick == PKT_QUICK_NONE;
  *a = (struct term){.quick = quick, .offset = WRAP(b->offset, +, beside)};
  return plain;
}

/* Reduce 'a == number' to one term. */
static bool equals(struct term *a, const struct term *b) {
  bool number = b->quick == PKT_QUICK_NONE;
  if (a->quick == PKT_QUICK_BITS) {
    a->quick = PKT_QUICK_MASKED;
    a->offset = b->offset;
    return number;
  }
  if (a->quick == PKT_QUICK_IN) { /* not so: 'no()' */
    a->quick = PKT_QUICK_NOT_IN;
    return number && b->offset == 0;
  }
  if (b->offset < 0 || b->offset > 63) return compare(a, b, 0, PKT_QUICK_SAME);
  bool plain = compare(a, b, 0, PKT_QUICK_IN);
  a->set = (uint64_t)1 << b->offset;
  return plain;
}

static bool is_constant(const struct term *t) {
  return t->quick == PKT_QUICK_IN || t->quick == PKT_QUICK_SAME || t->quick == PKT_QUICK_ANY;
}

static bool either(struct term *a, const struct term *b) {
  a->set |= b->set;
  if (a->quick == PKT_QUICK_IN && b->quick == PKT_QUICK_IN) return true;
  bool any = is_constant(a) && is_constant(b);
  a->quick = PKT_QUICK_ANY;
  return any;
}

/* Combine two terms into one; false: the result is no term of a known form. */
static bool join(struct term *a, const struct term *b, int op) {
  bool number = b->quick == PKT_QUICK_NONE;
  bool linear = number && a->quick == PKT_QUICK_LINEAR && a->least == INT64_MIN;
  switch (op) {
    case PKT_RULE_EQ: return equals(a, b);
    case PKT_RULE_NE: return compare(a, b, 0, PKT_QUICK_OTHER);
    case PKT_RULE_GT: return compare(a, b, 0, PKT_QUICK_MORE);
    case PKT_RULE_LT: return compare(a, b, 0, PKT_QUICK_LESS);
    case PKT_RULE_GE: return b->offset > INT64_MIN && compare(a, b, -1, PKT_QUICK_MORE);
    case PKT_RULE_LE: return b->offset < INT64_MAX && compare(a, b, 1, PKT_QUICK_LESS);
    case PKT_RULE_LOR: return either(a, b);
    case PKT_RULE_BAND:
      if (!compare(a, b, 0, PKT_QUICK_BITS)) return false;
      a->set = (uint64_t)a->offset;
      return true;
    case PKT_RULE_MAX: a->least = b->offset; return linear;
    case PKT_RULE_MUL:
      a->scale = WRAP(a->scale, *, b->offset);
      a->offset = WRAP(a->offset, *, b->offset);
      return linear;
    case PKT_RULE_ADD: a->offset = WRAP(a->offset, +, b->offset); return linear;
    case PKT_RULE_SUB: a->offset = WRAP(a->offset, -, b->offset); return linear;
    default: return false;
  }
}

/* Is the slot's value in a set? */
static bool is_in(struct term *a, uint64_t set) {
  bool plain = compare(a, &(struct term){.quick = PKT_QUICK_NONE}, 0, PKT_QUICK_IN);
  a->set = set;
  return plain;
}

/* Evaluate the rule over terms instead of numbers. False: it looks at more than one slot, or
** does something that no term can express. */
static bool look_through(const struct pkt_rule *rule, struct term *out) {
  struct term stack[PKT_MAX_STACK + 1];
  const struct pkt_ins *first = &rule->code[0];
  int depth = 0;
  stack[0] = (struct term){.quick = PKT_QUICK_NONE};
  for (unsigned i = 0; i < rule->len; i++) {
    const struct pkt_ins *in = &rule->code[i];
    if (pkt_rule_cuts_short(in)) continue;
    if (in->op == PKT_RULE_CONST) {
      stack[depth++] = (struct term){.offset = in->num};
    } else if (in->op == PKT_RULE_REF || in->op == PKT_RULE_PEEK) {
      if (in->op != first->op || in->arg != first->arg || in->num != first->num) return false;
      stack[depth++] = (struct term){.quick = PKT_QUICK_LINEAR, .scale = 1, .least = INT64_MIN};
    } else if (in->op == PKT_RULE_IN) {
      if (depth < 1 || !is_in(&stack[depth - 1], (uint64_t)in->num)) return false;
    } else if (pkt_rule_is_by(in->op)) {
      struct term number = {.offset = in->num};
      if (depth < 1 || !join(&stack[depth - 1], &number, pkt_rule_unby(in->op))) return false;
    } else {
      if (depth < 2 || !join(&stack[depth - 2], &stack[depth - 1], in->op)) return false;
      depth--;
    }
  }
  *out = stack[0];
  return depth == 1 && out->quick != PKT_QUICK_NONE;
}

void pkt_rule_quicken(struct pkt_rule *rule) {
  struct term t;
  rule->quick = PKT_QUICK_NONE;
  if (!look_through(rule, &t)) return;
  rule->quick = t.quick;
  rule->peeks = rule->code[0].op == PKT_RULE_PEEK;
  rule->slot = rule->code[0].arg;
  rule->set = t.set;
  rule->scale = t.scale;
  rule->offset = t.offset;
  rule->least = t.least;
}

static bool is_member(int64_t set, int64_t v) {
  return (uint64_t)v < 64 && ((uint64_t)set >> v & 1) != 0;
}

static bool is_any(const struct pkt_rule *rule, int64_t v) {
  for (const struct pkt_ins *in = rule->code; in < rule->code + rule->len; in++) {
    if (in->op == PKT_RULE_EQ_BY && in->num == v) return true;
    if (in->op == PKT_RULE_IN && is_member(in->num, v)) return true;
  }
  return false;
}

int64_t pkt_rule_amount_of(const struct pkt_rule *rule, int64_t v) {
  switch (rule->quick) {
    case PKT_QUICK_NOT_IN: return (uint64_t)v > 63 || (rule->set >> v & 1) == 0;
    case PKT_QUICK_MASKED: return (int64_t)((uint64_t)v & rule->set) == rule->offset;
    case PKT_QUICK_BITS: return (int64_t)((uint64_t)v & rule->set);
    case PKT_QUICK_ANY: return is_any(rule, v);
    case PKT_QUICK_SAME: return v == rule->offset;
    case PKT_QUICK_OTHER: return v != rule->offset;
    case PKT_QUICK_MORE: return v > rule->offset;
    case PKT_QUICK_LESS: return v < rule->offset;
    default: return 0;
  }
}

/* 0 where there is none. Most rules divide sizes by 2, 4 or 8, and a shift takes a tenth of the
** time of a division. */
static int64_t quotient(int64_t a, int64_t b) {
  if (a >= 0 && b > 0 && (b & (b - 1)) == 0) return a >> __builtin_ctzll((uint64_t)b);
  return b == 0 || (b == -1 && a == INT64_MIN) ? 0 : a / b;
}

/* Run the rule's instructions. */
static int64_t run(const struct pkt_rule *rule, const struct pkt_scope *scope) {
  const struct pkt_layer *layer = scope->layer;
  int64_t stack[PKT_MAX_STACK + 1];
  int64_t *under = stack,
          top = 0; /* the values, the last one apart; the first place is never used */
  const struct pkt_ins *end = rule->code + rule->len;
  for (const struct pkt_ins *in = rule->code; in < end; in++) {
    switch (in->op) {
      PUSH(CONST, in->num)
      PUSH(REF, layer ? pkt_rule_slot(layer, in->arg) : 0)
      PUSH(HEADER, scope->header)
      PUSH(PAYLOAD, scope->payload)
      PUSH(LEFT, scope->left)
      PUSH(TOTAL, scope->total)
      BINARY(ADD, WRAP(a, +, b))
      BINARY(SUB, WRAP(a, -, b))
      BINARY(MUL, WRAP(a, *, b))
      BINARY(DIV, quotient(a, b))
      BINARY(MOD, b == 0 || b == -1 ? 0 : a % b)
      BINARY(BAND, a & b)
      BINARY(BOR, a | b)
      BINARY(SHL, (uint64_t)b > 63 ? 0 : WRAP(a, <<, b))
      BINARY(SHR, (uint64_t)b > 63 ? 0 : WRAP(a, >>, b))
      BINARY(EQ, a == b)
      BINARY(NE, a != b)
      BINARY(LT, a < b)
      BINARY(LE, a <= b)
      BINARY(GT, a > b)
      BINARY(GE, a >= b)
      BINARY(MIN, a < b ? a : b)
      BINARY(MAX, a > b ? a : b)
      BINARY(LAND, a != 0 && b != 0)
      BINARY(LOR, a != 0 || b != 0)
      case PKT_RULE_CARRYING: top = top < 0 ? scope->total : WRAP(scope->header, +, top); break;
      case PKT_RULE_IN: top = is_member(in->num, top); break;
      case PKT_RULE_GUARD:
        if (top == 0) in += in->arg;
        break;
      case PKT_RULE_ENOUGH:
        if (top == 0) break;
        top = 1;
        in += in->arg;
        break;
      case PKT_RULE_THEN:
        if (top == 0) in += in->arg;
        top = *under--;
        break;
      case PKT_RULE_ELSE: in += in->arg; break;
      default: *++under = top; top = leaf(in, scope);
    }
  }
  return top;
}

int64_t pkt_rule_eval(const struct pkt_rule *rule, const struct pkt_scope *scope) {
  if (rule->quick == PKT_QUICK_NONE) return run(rule, scope);
  if (rule->peeks) return pkt_rule_amount(rule, peek(scope, &rule->code[0]));
  return scope->layer ? pkt_rule_quick(rule, scope->layer) : pkt_rule_amount(rule, 0);
}
