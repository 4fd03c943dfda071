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

/* Set in 'n' layers, each on the one before, what building sets in them since others are above:
** 'above' are those that will be on the last one, NULL where there is none. */
void pkt_bind(struct pkt_layer *const *layers, uint32_t n, const struct pkt_plan *const above[2]);

/* Layer 'i' of the packet is about to go, or another one to come below it. Fields of the layers
** below that say what stands there, and say it as building would, become loose. Others stay: they
** were meant. */
void pkt_unbind(struct pkt_packet *p, uint32_t i);

/* Layer 'i' has come there: of what is loose below it, that becomes unset which building sets for
** it, and so says what stands there now. The rest keeps its value: nothing else is known of it. */
void pkt_rebind(struct pkt_packet *p, uint32_t i);

/* What a checksum covers: bytes of the packet, its own among them as zeros. */
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
