/* packet.c - making packets and layers. */
#include "packet.h"

#include "plan.h"

struct pkt_layer *pkt_layer_new(struct pkt_arena *arena, const struct pkt_plan *plan) {
  size_t slots = plan->nops * sizeof(struct pkt_slot);
  struct pkt_layer *layer = pkt_calloc(arena, sizeof *layer + slots);
  if (!layer) return NULL;
  layer->plan = plan;
  layer->slots = (struct pkt_slot *)(layer + 1);
  return layer;
}

struct pkt_packet *pkt_packet_new(struct pkt_arena *arena) {
  struct pkt_packet *p =
      pkt_alloc(arena, sizeof *p + PKT_MAX_LAYERS * sizeof(struct pkt_layer *));
  if (!p) return NULL;
  p->len = 0;
  p->layers = (struct pkt_layer **)(p + 1);
  return p;
}

int pkt_packet_push(struct pkt_packet *p, struct pkt_layer *layer, struct pkt_err *err) {
  if (p->len == PKT_MAX_LAYERS)
    return pkt_fail(err, PKT_ERR_LIMIT, "a packet holds at most %d layers", PKT_MAX_LAYERS);
  p->layers[p->len++] = layer;
  return 0;
}
