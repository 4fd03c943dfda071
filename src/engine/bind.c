/* bind.c - what one layer sets in another. */
#include <string.h>

#include "assign.h"
#include "build_inner.h"

static void apply(const struct pkt_binding *b, struct pkt_layer *lower) {
  lower->bound = true;
  for (unsigned k = 0; k < b->nsets; k++) {
    struct pkt_slot *s = &lower->slots[b->sets[k].slot];
    if (s->state != PKT_UNSET) continue;
    s->num = b->sets[k].value;
    s->none = false;
    s->state = PKT_WORKED;
    if (b->sets[k].bytes) {
      s->bytes = b->sets[k].bytes;
      s->len = b->sets[k].len;
    }
  }
}

/* Of a protocol's bindings those with a layer between, or those without one. */
static const struct pkt_binding *first_binding(const struct pkt_plan *upper,
                                               const struct pkt_layer *through) {
  return upper->bindings + (through ? upper->nbindings - upper->ndeep : 0);
}
static const struct pkt_binding *last_binding(const struct pkt_plan *upper,
                                              const struct pkt_layer *through) {
  return upper->bindings + upper->nbindings - (through ? 0 : upper->ndeep);
}

void pkt_bind(struct pkt_layer *lower, const struct pkt_layer *through,
              const struct pkt_plan *upper) {
  if (lower->raw) return;
  for (; upper; upper = upper->base) {
    const struct pkt_binding *end = last_binding(upper, through);
    for (const struct pkt_binding *b = first_binding(upper, through); b < end; b++) {
      if (b->lower != lower->plan && !pkt_plan_is_kind(lower->plan, b->lower)) continue;
      if (through && !pkt_plan_is_kind(through->plan, b->through)) continue;
      apply(b, lower);
      return;
    }
  }
}

static bool says(const struct pkt_slot *s, const struct pkt_match *m) {
  if (s->state != PKT_SET) return false;
  if (!m->bytes) return s->num == m->value;
  return s->len == m->len && memcmp(s->bytes, m->bytes, m->len) == 0;
}

static void unapply(const struct pkt_binding *b, struct pkt_layer *lower) {
  for (unsigned k = 0; k < b->nsets; k++)
    if (says(&lower->slots[b->sets[k].slot], &b->sets[k]))
      pkt_unset(lower, &lower->plan->ops[b->sets[k].slot]);
}

/* Take back what pkt_bind() set, or reading found as it would have been set. */
static void unbind(struct pkt_layer *lower, const struct pkt_layer *through,
                   const struct pkt_plan *upper) {
  for (; upper; upper = upper->base) {
    const struct pkt_binding *end = last_binding(upper, through);
    for (const struct pkt_binding *b = first_binding(upper, through); b < end; b++) {
      if (!pkt_plan_is_kind(lower->plan, b->lower)) continue;
      if (!through || pkt_plan_is_kind(through->plan, b->through)) unapply(b, lower);
    }
  }
}

void pkt_unbind(struct pkt_packet *p, uint32_t i) {
  struct pkt_layer *const *at = p->layers;
  if (i == 0 || i >= p->len) return;
  unbind(at[i - 1], NULL, at[i]->plan);
  if (i > 1) unbind(at[i - 2], at[i - 1], at[i]->plan);
  if (i + 1 < p->len) unbind(at[i - 1], at[i], at[i + 1]->plan);
}
