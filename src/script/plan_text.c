/* plan_text.c - a plan as text. */
#include "plan_text.h"

static void add_rule(struct pkt_buf *b, const char *label, const struct pkt_rule *rule,
                     const struct pkt_plan *plan) {
  if (!rule) return;
  pkt_buf_fmt(b, "  %s(", label);
  for (unsigned i = 0; i < rule->len; i++) {
    const struct pkt_ins *in = &rule->code[i];
    if (pkt_rule_cuts_short(in)) continue;
    if (i) pkt_buf_byte(b, ' ');
    switch (in->op) {
      case PKT_RULE_CONST: pkt_buf_fmt(b, "%lld", (long long)in->num); break;
      case PKT_RULE_REF: pkt_buf_str(b, plan->ops[in->arg].id); break;
      case PKT_RULE_SIZE:
      case PKT_RULE_PADDED:
      case PKT_RULE_COUNT:
      case PKT_RULE_GIVEN:
      case PKT_RULE_FORM:
        pkt_buf_fmt(b, "%s:%s", pkt_rule_op_name(in->op), plan->ops[in->arg].id);
        break;
      case PKT_RULE_UNDER:
      case PKT_RULE_UNDER_SIZE:
      case PKT_RULE_TEXT_NUMBER:
      case PKT_RULE_TEXT_CHUNKS:
      case PKT_RULE_BELOW:
      case PKT_RULE_BEHIND:
      case PKT_RULE_STACKED:
      case PKT_RULE_ABOVE: pkt_buf_fmt(b, "%s:%s", pkt_rule_op_name(in->op), in->name); break;
      case PKT_RULE_PEEK:
      case PKT_RULE_GLANCE:
        pkt_buf_fmt(b, "%s:%lld+%u", pkt_rule_op_name(in->op), (long long)in->num, in->arg);
        break;
      case PKT_RULE_IN: pkt_buf_fmt(b, "in:0x%llx", (unsigned long long)in->num); break;
      default:
        if (pkt_rule_is_by(in->op)) pkt_buf_fmt(b, "%lld ", (long long)in->num);
        pkt_buf_str(b, pkt_rule_op_name(in->op));
    }
  }
  pkt_buf_byte(b, ')');
}

static void add_sum(struct pkt_buf *b, const struct pkt_checksum *sum) {
  if (!sum) return;
  pkt_buf_fmt(b, "  checksum(%s over %s", pkt_sum_names[sum->kind], pkt_part_names[sum->part]);
  if (sum->pseudo >= 0)
    pkt_buf_fmt(b, ", pseudo-header %d%s", sum->pseudo, sum->whole ? " of all" : "");
  pkt_buf_byte(b, ')');
}

/* The identifier octets of an element of ASN.1. */
static void add_element(struct pkt_buf *b, const struct pkt_element *e) {
  pkt_buf_lit(b, "element");
  for (unsigned i = 0; i < e->len; i++) pkt_buf_fmt(b, " 0x%02x", e->ids[i]);
  if (e->len == 0) pkt_buf_lit(b, " of its own");
}

static void add_op(struct pkt_buf *b, const struct pkt_plan *plan, unsigned i) {
  const struct pkt_op *op = &plan->ops[i];
  if (op->flags & PKT_OP_FIXED)
    pkt_buf_fmt(b, "%3u  @%-5u", i, op->bit);
  else
    pkt_buf_fmt(b, "%3u  @?    ", i);
  if (op->width)
    pkt_buf_fmt(b, " %4u bits ", op->width);
  else if (op->fixed_size)
    pkt_buf_fmt(b, " %4u bytes", op->fixed_size);
  else
    pkt_buf_lit(b, "  varying  ");
  const char *kind = op->show == PKT_SHOW_FLOAT ? "float" : pkt_kind_names[op->kind];
  pkt_buf_fmt(b, "  %-8s %s", kind, op->id);
  if (op->of) pkt_buf_fmt(b, "  of %s", op->of->id);
  if (op->special->pick_keys) pkt_buf_fmt(b, " (%u kinds)", op->special->pick_keys);
  if (op->names) pkt_buf_fmt(b, "  %u names", op->names->values);
  if (op->align) pkt_buf_fmt(b, "  align %u", op->align);
  if (op->lead) pkt_buf_fmt(b, "  lead %u", op->lead);
  if (op->flags & PKT_OP_TRAILER) pkt_buf_lit(b, "  trailer");
  if (op->element) {
    pkt_buf_lit(b, "  ");
    add_element(b, op->element);
    if (op->flags & PKT_OP_OPTIONAL) pkt_buf_lit(b, ", or none");
  }
  add_rule(b, "when", op->when, plan);
  add_rule(b, "size", op->size, plan);
  add_rule(b, "count", op->count, plan);
  add_rule(b, "auto", op->autorule, plan);
  add_rule(b, "auto", op->special->digits, plan);
  add_sum(b, op->sum);
  pkt_buf_byte(b, '\n');
}

static void add_matches(struct pkt_buf *b, const struct pkt_plan *plan, const struct pkt_match *m,
                        unsigned n) {
  for (unsigned i = 0; i < n; i++) {
    pkt_buf_fmt(b, " %s=", plan->ops[m[i].slot].id);
    if (m[i].bytes)
      pkt_buf_fmt(b, "%u bytes", m[i].len);
    else
      pkt_buf_u64(b, m[i].value);
  }
}

static void add_rider(struct pkt_buf *b, const struct pkt_plan *plan, const struct pkt_rider *r) {
  pkt_buf_fmt(b, "  %s when", r->upper->id);
  add_matches(b, plan, r->match, r->nmatches);
  if (r->nmatches == 0) pkt_buf_lit(b, " always");
  add_rule(b, "and", r->when, r->upper);
  if (r->rank != PKT_USUAL_RANK) pkt_buf_fmt(b, "  rank %u", r->rank);
  pkt_buf_byte(b, '\n');
}

static void add_followers(struct pkt_buf *b, const struct pkt_plan *plan) {
  pkt_buf_lit(b, "followed by\n");
  for (unsigned i = 0; i < plan->nnext; i++) {
    pkt_buf_fmt(b, "  %s", plan->next[i].plan->id);
    add_rule(b, "first, when", plan->next[i].when, plan);
    pkt_buf_byte(b, '\n');
  }
  const struct pkt_riders *riders = &plan->riders;
  for (unsigned i = 0; i < riders->ntables; i++)
    for (uint32_t h = 0; h <= riders->tables[i].mask; h++)
      for (uint32_t k = 0; k < riders->tables[i].buckets[h].len; k++)
        add_rider(b, plan, riders->tables[i].buckets[h].riders[k]);
  for (unsigned i = 0; i < riders->nloose; i++) add_rider(b, plan, riders->loose[i]);
  pkt_buf_fmt(b, "  %s otherwise\n", plan->fallback->id);
}

void pkt_plan_text(struct pkt_buf *b, const struct pkt_plan *plan) {
  pkt_buf_fmt(b, "%s: %s (%s)\n", plan->id, plan->title, plan->file);
  if (plan->base) pkt_buf_fmt(b, "a kind of %s\n", plan->base->id);
  pkt_buf_fmt(b, plan->fixed ? "%u fields, %u bytes\n" : "%u fields, size varies\n", plan->nops,
              plan->size);
  if (plan->element) {
    pkt_buf_lit(b, "within ");
    add_element(b, plan->element);
    pkt_buf_byte(b, '\n');
  }
  for (unsigned i = 0; i < plan->nops; i++) add_op(b, plan, i);
  if (plan->extent) {
    pkt_buf_lit(b, "ends with its payload at");
    add_rule(b, "extent", plan->extent, plan);
    pkt_buf_byte(b, '\n');
  }
  if (plan->own) {
    pkt_buf_lit(b, "ends itself at");
    add_rule(b, "own", plan->own, plan);
    pkt_buf_byte(b, '\n');
  }
  add_followers(b, plan);
  for (unsigned i = 0; i < plan->nbindings; i++) {
    pkt_buf_fmt(b, "over %s", plan->bindings[i].lower->id);
    if (plan->bindings[i].through) pkt_buf_fmt(b, " and %s", plan->bindings[i].through->id);
    pkt_buf_lit(b, " sets");
    add_matches(b, plan->bindings[i].lower, plan->bindings[i].sets, plan->bindings[i].nsets);
    pkt_buf_byte(b, '\n');
  }
}
