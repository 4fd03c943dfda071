/* quick.h - the value of a rule that looks at one number alone: no need to run it.
**
** Most sizes and conditions are of this kind, and reading asks for several in each layer. */
#ifndef PKT_QUICK_H
#define PKT_QUICK_H

#include "plan.h"

/* The number in a slot of any kind; what has none is 0. */
int64_t pkt_rule_number(const struct pkt_op *op, const struct pkt_slot *s);
static inline int64_t pkt_rule_slot(const struct pkt_layer *layer, unsigned slot) {
  const struct pkt_op *op = &layer->plan->ops[slot];
  const struct pkt_slot *s = &layer->slots[slot];
  return op->kind == PKT_UINT ? (int64_t)s->num : pkt_rule_number(op, s);
}

/* What a quick rule makes of the number 'v'. */
int64_t pkt_rule_amount_of(const struct pkt_rule *rule, int64_t v);
static inline int64_t pkt_rule_amount(const struct pkt_rule *rule, int64_t v) {
  if (rule->quick == PKT_QUICK_IN) return (uint64_t)v < 64 && (rule->set >> v & 1) != 0;
  if (rule->quick != PKT_QUICK_LINEAR) return pkt_rule_amount_of(rule, v);
  v = (int64_t)((uint64_t)v * (uint64_t)rule->scale + (uint64_t)rule->offset);
  return v < rule->least ? rule->least : v;
}

/* What PEEK and GLANCE see of the 'left' bytes that come next (NULL: there are none); *missing,
** unless it is NULL, is set where PEEK asks for more. */
int64_t pkt_rule_peek(const struct pkt_ins *in, const uint8_t *bytes, int64_t left, bool *missing);

/* The value of a rule for which pkt_rule_is_quick() is true. */
static inline int64_t pkt_rule_quick(const struct pkt_rule *rule, const struct pkt_layer *layer) {
  return pkt_rule_amount(rule, pkt_rule_slot(layer, rule->slot));
}

#endif
