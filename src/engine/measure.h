/* measure.h - lengths, counts and checksums: which of them can be told, and working them out anew.
**
** Of a layer that is as it was read only those fields change: the layer keeps all its other bytes,
** so none is made up for a field that wasn't read, and none is lost that no field holds. */
#ifndef PKT_MEASURE_H
#define PKT_MEASURE_H

#include "plan.h"

/* Is the field a length, a count or a checksum, which says what another part of the packet is? */
static inline bool pkt_is_measure(const struct pkt_op *op) {
  return op->sum || pkt_rule_measures(op->autorule) || pkt_rule_measures(op->special->digits);
}

/* The packets that the field holds; NULL: none. */
static inline struct pkt_list *pkt_items(const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  if (op->kind != PKT_LAYERS && op->kind != PKT_LAYER) return NULL;
  return s->state == PKT_SET && !s->none && s->list && !s->list->as_bytes ? s->list : NULL;
}

/* Unset a slot where it lies, in a layer that isn't written field by field. */
static inline void pkt_unset_in_place(struct pkt_slot *s, const struct pkt_slot *preset) {
  uint32_t bit = s->bit, nbits = s->nbits;
  *s = *preset;
  s->bit = bit;
  s->nbits = nbits;
  s->none = false;
}

/* Is all there that this measure of layer 'i' is about, in a packet that was built or read? A piece
** of a datagram, the start of one that an error quotes, and a layer that was cut have less of
** it. */
bool pkt_measure_is_known(const struct pkt_packet *p, uint32_t i, const struct pkt_op *op);

/* Have building work the measure out from now on, if it was set or read. Returns true if it was;
** then the list that the layer is an item of has to be marked: as holding such an item or, if
** the layer has no 'raw', as one to be written anew. */
bool pkt_measure_anew(struct pkt_layer *layer, const struct pkt_op *op);

#endif
