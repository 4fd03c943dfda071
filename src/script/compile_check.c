/* compile_check.c - what a protocol's fields can't be beside each other, once they are read. */
#include <string.h>

#include "compile_field_options.h"

void pkt_at_field(struct compiler *c, const struct pkt_op *op) {
  c->field = op->id;
  c->line = op->line;
}

/* ------------------------------------------------------------------------------- one by one */

/* The first slot, from slot 'i' on, whose number is needed by the rules by which field 'i' is
** read; 'i' itself if the rule for its own size asks for it; PKT_NONE if there is none. */
static uint16_t not_yet_read(const struct pkt_op *op, unsigned i) {
  const struct pkt_special *special = op->special;
  const struct pkt_rule *fill = special->pad_many ? NULL : special->pad_when; /* read, too */
  const struct pkt_rule *const rules[] = {op->when, op->size, op->count, special->stops, fill};
  uint16_t slot = op->item ? not_yet_read(op->item, i) : PKT_NONE;
  for (size_t k = 0; k < sizeof rules / sizeof *rules && slot == PKT_NONE; k++)
    slot = pkt_rule_refers_from(rules[k], i);
  bool by_itself = pkt_rule_measures_slot(op->size, i) || pkt_rule_measures_slot(op->count, i);
  if (slot == PKT_NONE && by_itself) slot = (uint16_t)i;
  for (uint32_t k = 0; k < op->nalts && slot == PKT_NONE; k++) {
    slot = pkt_rule_refers_from(op->alts[k].when, i);
    if (slot == PKT_NONE) slot = not_yet_read(op->alts[k].op, i);
  }
  return slot;
}

static void check_order(struct compiler *c, const struct pkt_plan *plan) {
  for (unsigned i = 0; i < plan->nops; i++) {
    uint16_t slot = not_yet_read(&plan->ops[i], i);
    if (slot == PKT_NONE) continue;
    pkt_at_field(c, &plan->ops[i]);
    pkt_mistake(c, "the rule refers to '%s', which is read no earlier", plan->ops[slot].id);
  }
}

/* At how many bits behind a byte boundary a field ends that begins 'bits' behind one; -1: that
** varies. */
static int bits_behind(const struct pkt_op *op, int bits) {
  bool number = op->kind == PKT_UINT || op->kind == PKT_MAC || op->kind == PKT_IPV4;
  if (op->kind == PKT_PHANTOM || bits < 0 || (op->when && op->width % 8 == 0)) return bits;
  if (op->when || !number) return op->kind == PKT_CHOICE || op->when ? -1 : 0;
  return (bits + op->width) % 8;
}

static void refuse_place(struct compiler *c, const char *what, int bits) {
  pkt_mistake(c, "%s %d bit%s behind the start of a byte", what, bits, bits == 1 ? "" : "s");
}

/* Only numbers begin within a byte, and none of a layer's bytes is left unfinished. */
static void check_bytes(struct compiler *c, const struct pkt_plan *plan) {
  int bits = 0;
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_op *op = &plan->ops[i];
    bool whole = op->kind != PKT_UINT && op->kind != PKT_MAC && op->kind != PKT_IPV4 &&
                 op->kind != PKT_PHANTOM && op->kind != PKT_CHOICE;
    pkt_at_field(c, op);
    if (whole && bits > 0) refuse_place(c, "it begins", bits);
    bits = bits_behind(op, bits);
  }
  if (bits > 0) refuse_place(c, "the layer ends", bits);
}

/* Check that no field's alias is the id or alias of another field, unless the two have the same
** id. */
static void check_aliases(struct compiler *c, const struct pkt_plan *plan) {
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_op *op = &plan->ops[i];
    for (unsigned k = 0; op->alias && k < plan->nops; k++) {
      const struct pkt_op *other = &plan->ops[k];
      bool taken = strcmp(op->alias, other->id) == 0 ||
                   (other->alias && strcmp(op->alias, other->alias) == 0);
      if (!taken || strcmp(op->id, other->id) == 0) continue;
      pkt_at_field(c, op);
      pkt_mistake(c, "its alias '%s' is that of '%s', too", op->alias, other->id);
    }
  }
}

/* Is the slot worked out from the layer's size, which is known once its fields are written? */
static bool is_known_late(const struct pkt_plan *plan, unsigned slot) {
  const struct pkt_rule *rule = plan->ops[slot].autorule;
  for (unsigned i = 0; rule && i < rule->len; i++)
    if (rule->code[i].op == PKT_RULE_HEADER || pkt_rule_counts_above(&rule->code[i])) return true;
  return false;
}

/* Check that the size that a value is cut to is known by the time it is written. */
static void check_fit(struct compiler *c, const struct pkt_plan *plan, const struct pkt_op *op) {
  const struct pkt_rule *size = op->flags & PKT_OP_FIT ? op->size : NULL;
  for (unsigned i = 0; size && i < size->len; i++) {
    const struct pkt_ins *in = &size->code[i];
    if (in->op == PKT_RULE_REF && is_known_late(plan, in->arg))
      pkt_mistake(c, "'fit' cuts it to a size by '%s', which is worked out from what was written",
                  plan->ops[in->arg].id);
  }
  for (uint32_t i = 0; i < op->nalts; i++) check_fit(c, plan, op->alts[i].op);
}

void pkt_check_fields(struct compiler *c, const struct pkt_plan *plan) {
  for (unsigned i = 0; i < plan->nops; i++) {
    pkt_at_field(c, &plan->ops[i]);
    check_fit(c, plan, &plan->ops[i]);
  }
  check_order(c, plan);
  check_bytes(c, plan);
  check_aliases(c, plan);
  c->field = NULL;
}

/* ------------------------------------------------------------------- what is worked out */

static bool is_among(const uint16_t *slots, unsigned n, unsigned slot) {
  for (unsigned i = 0; i < n; i++)
    if (slots[i] == slot) return true;
  return false;
}

/* The slots on the way to 'slot', each worked out from the next, stand at the end of the list, the
** last first. */
static void list_auto(struct compiler *c, struct pkt_plan *plan, uint16_t *autos, unsigned slot,
                      unsigned depth) {
  const struct pkt_op *op = &plan->ops[slot];
  uint16_t *way = autos + plan->nops - depth;
  if (!op->autorule || is_among(autos, plan->nautos, slot)) return;
  if (is_among(way, depth, slot)) {
    const char *last = plan->ops[way[0]].id;
    bool itself = way[0] == slot;
    pkt_at_field(c, op);
    pkt_mistake(c, "it is worked out from itself%s%s%s", itself ? "" : ", by way of '",
                itself ? "" : last, itself ? "" : "'");
  }
  way[-1] = (uint16_t)slot;
  for (unsigned i = 0; i < op->autorule->len; i++)
    if (op->autorule->code[i].op == PKT_RULE_REF)
      list_auto(c, plan, autos, op->autorule->code[i].arg, depth + 1);
  autos[plan->nautos++] = (uint16_t)slot;
}

void pkt_list_auto(struct compiler *c, struct pkt_plan *plan, uint16_t *autos, unsigned slot) {
  list_auto(c, plan, autos, slot, 0);
}

/* -------------------------------------------------------------------- what rules ask about */

#define NUMBERS (FOR(UINT) | FOR(MAC) | FOR(IPV4) | FOR(PHANTOM) | FOR(INTEGER))

/* The kinds of fields that an instruction of a rule has an answer about. */
static uint32_t askable(const struct pkt_ins *in) {
  switch (in->op) {
    case PKT_RULE_REF:
    case PKT_RULE_UNDER: return NUMBERS;
    case PKT_RULE_SIZE:
    case PKT_RULE_PADDED:
    case PKT_RULE_UNDER_SIZE: return ~FOR(PHANTOM);
    case PKT_RULE_COUNT: return FOR_LISTS;
    case PKT_RULE_FORM: return FOR(CHOICE);
    default: return FOR_ANY;
  }
}

/* The kinds that a field has, in any of its forms. */
static uint32_t kinds_of(const struct pkt_op *op) {
  uint32_t kinds = 1u << op->kind;
  for (uint32_t i = 0; i < op->nalts; i++) kinds |= kinds_of(op->alts[i].op);
  return kinds;
}

static bool has_answer(const struct pkt_op *op, const struct pkt_ins *in) {
  bool measures =
      in->op == PKT_RULE_SIZE || in->op == PKT_RULE_PADDED || in->op == PKT_RULE_UNDER_SIZE;
  if (measures && op->kind == PKT_UINT && op->width % 8 != 0) return false; /* no whole bytes */
  return (kinds_of(op) & askable(in)) != 0;
}

/* Of the layer below it is known only that it is one of all. */
static void check_under(struct compiler *c, const struct pkt_ins *in) {
  size_t len = strlen(in->name);
  for (uint32_t i = 0; i < c->r->len; i++) {
    const struct pkt_op *op = pkt_plan_op(&c->r->plans[i], in->name, len);
    if (op && has_answer(op, in)) return;
  }
  pkt_mistake(c, "f.%s refers to '%s', which is no field of a protocol that it can be asked about",
              pkt_rule_op_name(in->op), in->name);
}

static void check_rule(struct compiler *c, const struct pkt_plan *of, const struct pkt_rule *rule) {
  for (unsigned i = 0; rule && i < rule->len; i++) {
    const struct pkt_ins *in = &rule->code[i];
    if (in->op == PKT_RULE_UNDER || in->op == PKT_RULE_UNDER_SIZE) check_under(c, in);
    if (!pkt_rule_reads_slot(in)) continue;
    const struct pkt_op *op = &of->ops[in->arg];
    if (has_answer(op, in)) continue;
    pkt_mistake(c, "f.%s is not for a field of kind '%s', which '%s' is", pkt_rule_op_name(in->op),
                pkt_kind_names[op->kind], op->id);
  }
}

static void check_sum(struct compiler *c, const struct pkt_plan *plan,
                      const struct pkt_checksum *sum) {
  if (!sum) return;
  check_rule(c, plan, sum->when);
  check_rule(c, plan, sum->over);
  for (unsigned i = 0; i < sum->nwords; i++) check_rule(c, plan, sum->words[i]);
}

static void check_rules_of(struct compiler *c, const struct pkt_plan *plan,
                           const struct pkt_op *op) {
  const struct pkt_rule *const rules[] = {op->when,
                                          op->size,
                                          op->count,
                                          op->special->stops,
                                          op->autorule,
                                          op->special->digits,
                                          op->special->pad_when};
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) check_rule(c, plan, rules[i]);
  if (op->special->more) check_rule(c, op->of, op->special->more);
  check_sum(c, plan, op->sum);
  if (op->names_by && !(kinds_of(&plan->ops[op->names_by->slot]) & NUMBERS))
    pkt_mistake(c, "'names_by' is by a number, not by '%s'", plan->ops[op->names_by->slot].id);
  for (uint32_t i = 0; i < op->nalts; i++) {
    check_rule(c, plan, op->alts[i].when);
    check_rules_of(c, plan, op->alts[i].op);
  }
  if (op->item) check_rules_of(c, plan, op->item);
}

void pkt_check_rules(struct compiler *c, const struct pkt_plan *plan) {
  for (unsigned i = 0; i < plan->nops; i++) {
    pkt_at_field(c, &plan->ops[i]);
    check_rules_of(c, plan, &plan->ops[i]);
  }
  c->field = NULL;
  c->member = "extent";
  check_rule(c, plan, plan->extent);
  c->member = "pseudo";
  check_rule(c, plan, plan->pseudo_when);
  check_rule(c, plan, plan->pseudo_len);
  c->member = "next";
  for (unsigned i = 0; i < plan->nnext; i++) check_rule(c, plan, plan->next[i].when);
}
