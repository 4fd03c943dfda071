/* measure.c - what measures are about, and unsetting them. */
#include "measure.h"

#include "assign.h"
#include "fragments.h"

/* Does the measure count what the layer carries, too? */
static bool counts_payload(const struct pkt_op *op) {
  const struct pkt_rule *rule = op->autorule ? op->autorule : op->special->digits;
  if (op->sum) return op->sum->part != PKT_OVER_HEADER;
  for (unsigned i = 0; i < rule->len; i++)
    if (pkt_rule_counts_above(&rule->code[i])) return true;
  return false;
}

/* Is it a header quoted by an ICMP error, whose packet was longer than what is quoted of it? */
static bool is_cut_quote(const struct pkt_packet *p, uint32_t i) {
  const struct pkt_layer *layer = p->layers[i];
  struct pkt_scope scope = {.layer = layer,
                            .below = i > 0 ? p->layers[i - 1] : NULL,
                            .payload = (int64_t)layer->avail - layer->size,
                            .header = layer->size,
                            .total = layer->avail};
  if (!layer->plan->quote || !layer->plan->extent) return false;
  return pkt_rule_eval(layer->plan->extent, &scope) > layer->avail;
}

/* Does what the layer carries go on in other pieces, or end where the error's quote does? */
static bool carries_start(const struct pkt_packet *p, uint32_t i) {
  return pkt_is_piece(p, i) || is_cut_quote(p, i);
}

/* Is it the last layer with bytes of its own? */
static bool is_last(const struct pkt_packet *p, uint32_t i) {
  return i + 1 == p->len || p->layers[i + 1]->plan->is_padding;
}

bool pkt_measure_is_known(const struct pkt_packet *p, uint32_t i, const struct pkt_op *op) {
  bool payload = counts_payload(op);
  if (p->layers[i]->cut || (payload && is_cut_quote(p, i))) return false;
  for (uint32_t k = 0; k < i; k++)
    if (carries_start(p, k) && (payload || is_last(p, i))) return false;
  for (uint32_t k = i; payload && k < p->len; k++)
    if (p->layers[k]->joined) return false;
  return true;
}

bool pkt_measure_anew(struct pkt_layer *layer, const struct pkt_op *op) {
  unsigned i = (unsigned)(op - layer->plan->ops);
  struct pkt_slot *s = &layer->slots[i];
  bool set = s->state == PKT_SET;
  if (!layer->raw || op->special->digits) { /* text may take another number of bytes */
    pkt_unset(layer, op);
    return set;
  }
  if (!set) return false;
  pkt_unset_in_place(s, &layer->plan->defaults[i]);
  return layer->anew = true;
}
