/* ends.c - between whom a packet goes. */
#include "ends.h"

#include <string.h>

static void take(const struct pkt_layer *layer, uint16_t slot, struct pkt_address *out) {
  const struct pkt_slot *s = &layer->slots[slot];
  memset(out, 0, sizeof *out);
  if (layer->plan->ops[slot].kind == PKT_IPV4) {
    out->len = 4;
    pkt_put_be32(out->bytes, (uint32_t)s->num);
  } else if (s->len == 16) {
    out->len = 16;
    memcpy(out->bytes, s->bytes, 16);
  }
}

bool pkt_ends(const struct pkt_packet *p, uint32_t at, struct pkt_address *src,
              struct pkt_address *dst) {
  for (uint32_t i = at + 1; i-- > 0;) {
    const struct pkt_plan *plan = p->layers[i]->plan;
    if (plan->pseudo_src == PKT_NONE || plan->pseudo_dst == PKT_NONE) continue;
    take(p->layers[i], plan->pseudo_src, src);
    take(p->layers[i], plan->pseudo_dst, dst);
    return src->len > 0 && dst->len > 0;
  }
  return false;
}
