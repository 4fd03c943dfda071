/* sought.c - which layers can lie above which. */
#include "sought.h"

#include <stdlib.h>

/* Bits beside those of what is sought. */
enum {
  PIECES = 1 << PKT_MAX_SOUGHT,
  MESSAGE = PIECES << 1, /* of a stream, or one behind another */
};

/* What may be found in a layer that is read as this plan and in those above it, where that layer
** is not the first. */
static unsigned within(const struct pkt_sought *s, const struct pkt_plan *plan) {
  unsigned bits = s->prospects[plan->index].within;
  return plan->pdu ? bits | MESSAGE : bits;
}

static unsigned within_riders(const struct pkt_sought *s, const struct pkt_riders *riders) {
  unsigned bits = 0;
  for (unsigned i = 0; i < riders->nloose; i++) bits |= within(s, riders->loose[i]->upper);
  for (const struct pkt_table *t = riders->tables; t < riders->tables + riders->ntables; t++)
    for (const struct pkt_bucket *b = t->buckets; b <= t->buckets + t->mask; b++)
      for (uint32_t i = 0; i < b->len; i++) bits |= within(s, b->riders[i]->upper);
  return bits;
}

static unsigned within_next(const struct pkt_sought *s, const struct pkt_next *next, unsigned n) {
  unsigned bits = 0;
  for (unsigned i = 0; i < n; i++) bits |= within(s, next[i].plan);
  return bits;
}

/* What may be above a layer of this plan, or in a variant of it, by what is known so far. */
static unsigned beyond(const struct pkt_sought *s, const struct pkt_plan *plan) {
  return within_riders(s, &plan->riders) | within_next(s, plan->next, plan->nnext) |
         within_next(s, plan->variants, plan->nvariants) |
         (plan->fallback ? within(s, plan->fallback) : 0);
}

/* What is sought in a layer of this plan itself. */
static unsigned own(const struct pkt_plan *plan, const struct pkt_plan *const *plans, unsigned n) {
  unsigned bits = 0;
  for (unsigned i = 0; i < n; i++)
    if (pkt_plan_is_wanted(plan, plans[i])) bits |= 1u << i;
  return bits;
}

/* Propagate: what can lie above a plan can also lie above the plans below it. Repeated until
** nothing new is found. */
static void spread(const struct pkt_registry *r, struct pkt_sought *s) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (uint32_t i = s->len; i-- > 0;) { /* those declared later mostly lie above */
      unsigned bits = s->prospects[i].within | beyond(s, &r->plans[i]);
      changed |= bits != s->prospects[i].within;
      s->prospects[i].within = (uint16_t)bits;
    }
  }
}

static bool is_anywhere(const struct pkt_plan *plan) { return plan->is_raw || plan->is_padding; }

struct pkt_sought *pkt_sought_new(const struct pkt_registry *r, const struct pkt_plan *const *plans,
                                  unsigned n) {
  if (n > PKT_MAX_SOUGHT) return NULL;
  for (unsigned i = 0; i < n; i++)
    if (is_anywhere(plans[i])) return NULL;
  struct pkt_sought *s = calloc(1, sizeof *s + r->len * sizeof *s->prospects);
  if (!s) return NULL;
  s->len = r->len;
  for (uint32_t i = 0; i < r->len; i++) {
    const struct pkt_plan *plan = &r->plans[i];
    unsigned bits = own(plan, plans, n);
    s->prospects[i].is = (uint16_t)(plan->segments ? bits | MESSAGE : bits);
    s->prospects[i].within = (uint16_t)(plan->pieces ? bits | PIECES : bits);
  }
  spread(r, s);
  return s;
}
