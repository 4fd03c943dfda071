/* build.h - slots to bytes.
**
** First pass, from the bottom up: every field is written where it belongs, auto fields as zeros.
** Second pass, from the innermost layer outwards: lengths, counts and numbers are worked out, then
** the layer's checksum. A slot that was set is never overwritten, even a wrong one. */
#ifndef PKT_BUILD_H
#define PKT_BUILD_H

#include "buf.h"
#include "plan.h"

/* Build the packet into 'out' (emptied first). Fills in every slot's place, every unset slot's
** value, every layer's offset and size. Layers that don't belong together are built all the same.
** Returns 0, or -1 with *err naming protocol and field. */
int pkt_build(struct pkt_packet *p, struct pkt_arena *arena, struct pkt_buf *out,
              struct pkt_err *err);

/* Set the fields that building would set in 'n' layers, each carrying the next, because of what
** they carry: the type of the next layer and the like. 'above' lists the plans that will be on
** top of the last one; NULL: nothing will. */
void pkt_bind(struct pkt_layer *const *layers, uint32_t n, const struct pkt_plan *const above[2]);

/* Call before layer 'i' of the packet is removed or another one is put below it. Fields of the
** layers below that name what they carry become loose if building would have set the same value;
** others were set on purpose and stay. */
void pkt_unbind(struct pkt_packet *p, uint32_t i);

/* Call after layer 'i' has been put in place. Loose fields below it that building sets because
** of this layer become unset, and so will name it. Other loose fields keep their value, since
** nothing better is known. */
void pkt_rebind(struct pkt_packet *p, uint32_t i);

/* The bytes of a packet that a checksum covers; the checksum field itself counts as zeros. */
struct pkt_cover {
  uint32_t from, to;               /* from a byte up to another... */
  uint32_t hole_from, hole_to;     /* ...without these in between; both 0: without none */
  const struct pkt_layer *network; /* whose addresses a pseudo-header holds; NULL: there is none */
};

/* What the checksum 'op' of layer 'i' covers, in a packet that was built or read. False: nothing,
** it is 0. */
bool pkt_build_cover(const struct pkt_packet *p, uint32_t i, const struct pkt_op *op,
                     struct pkt_cover *out);

#endif
