/* expand.c - addresses of which a compressed header leaves out a part or all. */
#include "expand.h"

#include <string.h>

#include "../wire/bits.h"

static const struct pkt_expansion *find_form(const struct pkt_layer *layer, enum pkt_end end) {
  const struct pkt_expansions *all = &layer->plan->expansions[end];
  const struct pkt_scope scope = {.layer = layer};
  for (uint32_t i = 0; i < all->len; i++)
    if (pkt_rule_eval(all->list[i].when, &scope)) return &all->list[i];
  return NULL;
}

/* The interface's identifier from the address that it has on the link: 64 bits, or 16. */
static bool identify(const struct pkt_layer *link, enum pkt_end end, uint8_t out[8]) {
  uint16_t slot = link->plan->link_ends[end];
  const struct pkt_slot *s = &link->slots[slot];
  const struct pkt_op *op = &link->plan->ops[slot];
  if (s->state == PKT_ABSENT || s->state == PKT_UNREAD) return false;
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  if (op->width == 64)
    pkt_put_be64(out, s->num ^ (uint64_t)2 << 56); /* the bit of universal addresses, RFC 4291 */
  else
    pkt_put_be64(out, 0xfffe000000 | (s->num & 0xffff));
  return true;
}

static bool identify_below(const struct pkt_packet *p, uint32_t i, enum pkt_end end,
                           uint8_t out[8]) {
  while (i-- > 0)
    if (p->layers[i]->plan->link_ends[end] != PKT_NONE) return identify(p->layers[i], end, out);
  return false;
}

bool pkt_expand(const struct pkt_packet *p, uint32_t i, enum pkt_end end, uint8_t out[16]) {
  const struct pkt_layer *layer = p->layers[i];
  const struct pkt_plan *plan = layer->plan;
  const struct pkt_slot *s = &layer->slots[end == PKT_SOURCE ? plan->pseudo_src : plan->pseudo_dst];
  const struct pkt_expansion *form = find_form(layer, end);
  if (!form) return false;
  memcpy(out, form->prefix, 16);
  if (form->link) return identify_below(p, i, end, out + 8);
  uint32_t head = form->head < s->len ? form->head : s->len, rest = s->len - head;
  if (s->len > 16 || head + rest > 16) return false;
  if (head > 0) memcpy(out + 1, s->bytes, head);
  if (rest > 0) memcpy(out + 16 - rest, s->bytes + head, rest);
  return true;
}
