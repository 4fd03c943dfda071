/* packet.c - making packets and layers. */
#include "packet.h"

#include <string.h>

#include "plan.h"

struct pkt_layer *pkt_layer_new(struct pkt_arena *arena, const struct pkt_plan *plan) {
  struct pkt_layer *layer = pkt_layer_alloc(arena, plan, plan->nops);
  if (layer) memcpy(layer->slots, plan->defaults, plan->nops * sizeof *layer->slots);
  return layer;
}

struct pkt_packet *pkt_packet_new(struct pkt_arena *arena) {
  struct pkt_packet *p = pkt_alloc(arena, sizeof *p + PKT_PACKET_ROOM * sizeof(struct pkt_layer *));
  if (!p) return NULL;
  *p = (struct pkt_packet){.layers = (struct pkt_layer **)(p + 1)};
  return p;
}

uint32_t pkt_packet_trailers(const struct pkt_packet *p, uint32_t i) {
  uint32_t n = 0, inside = 0;
  for (uint32_t k = p->len; k-- > 0 && p->layers[k]->plan->is_padding;)
    inside = p->layers[k]->inside;
  for (uint32_t k = inside; k <= i && k < p->len; k++) n += p->layers[k]->trailer;
  return n;
}

int pkt_packet_push(struct pkt_packet *p, struct pkt_layer *layer, struct pkt_err *err) {
  if (p->len >= PKT_MAX_LAYERS)
    return pkt_fail(err, PKT_ERR_LIMIT, "a packet holds at most %d layers", PKT_MAX_LAYERS);
  p->layers[p->len++] = layer;
  return 0;
}
