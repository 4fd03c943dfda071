/* dissect.h - bytes to slots.
**
** Dissecting never fails whole: what can't be read as the protocol that should follow is a Raw
** layer, what lies beyond an extent is Padding. Only the first layer can fail. */
#ifndef PKT_DISSECT_H
#define PKT_DISSECT_H

#include "sought.h"

/* Which protocols bytes may be read as. Those marked 'extra' are unknown to the Scapy server:
** its clients expect Raw in their place, unless they mention such a protocol themselves. */
enum pkt_reach { PKT_REACH_ALL, PKT_REACH_USUAL };

/* The reach for reading back a packet that was put together from layers: 'reach', or
** PKT_REACH_ALL if one of its layers is an extra protocol. */
enum pkt_reach pkt_reach_of(const struct pkt_packet *p, enum pkt_reach reach);

/* Read 'n' bytes, the first layer as 'plan' (or a variant of it). The packet points into
** 'bytes'.
** Returns NULL with *err filled in: PKT_ERR_TRUNCATED, PKT_ERR_MALFORMED, PKT_ERR_MEMORY. */
struct pkt_packet *pkt_dissect(struct pkt_arena *arena, const struct pkt_plan *plan,
                               const uint8_t *bytes, size_t n, enum pkt_reach reach,
                               struct pkt_err *err);

/* The same, but layers that can neither be nor carry anything that is 'sought' may be left for
** pkt_dissect_on(): then packet->above isn't NULL. NULL for 'sought': nothing is left. */
struct pkt_packet *pkt_dissect_sought(struct pkt_arena *arena, const struct pkt_plan *plan,
                                      const uint8_t *bytes, size_t n, enum pkt_reach reach,
                                      const struct pkt_sought *sought, struct pkt_err *err);

/* Read what was left of a packet, if anything was. Returns 0, or -1 with *err filled in:
** PKT_ERR_MEMORY. */
int pkt_dissect_on(struct pkt_arena *arena, struct pkt_packet *p, enum pkt_reach reach,
                   struct pkt_err *err);

/* Read 'n' bytes as what layer 'at' of a packet carries, in place of all layers above it: the first
** of them as 'plan', NULL: as what follows that layer. The bytes need not be part of the packet's,
** but offsets count as if they lay behind the layer. The packet points into them, too. Returns 0,
** or -1 with *err filled in, the layers above gone: PKT_ERR_MEMORY, PKT_ERR_LIMIT. */
int pkt_dissect_above(struct pkt_arena *arena, struct pkt_packet *p, uint32_t at,
                      const struct pkt_plan *plan, const uint8_t *bytes, size_t n,
                      enum pkt_reach reach, struct pkt_err *err);

/* The bytes that a layer that was read carries; 'below' is the layer below it, or NULL. */
uint32_t pkt_dissect_carried(const struct pkt_layer *layer, const struct pkt_layer *below);

/* Which plan reads these bytes as what 'layer' carries? 'below' is the layer below it, or NULL. */
const struct pkt_plan *pkt_dissect_next(const struct pkt_layer *layer,
                                        const struct pkt_layer *below, const uint8_t *bytes,
                                        size_t n, enum pkt_reach reach);

/* Read one layer with exactly this plan, nothing above it. 'below' may be NULL. The same errors. */
struct pkt_layer *pkt_dissect_layer(struct pkt_arena *arena, const struct pkt_plan *plan,
                                    const struct pkt_layer *below, const uint8_t *bytes, size_t n,
                                    struct pkt_err *err);

/* Read one field of 'layer' from its bytes alone, which it must use up (options may leave some).
** The same errors. */
int pkt_dissect_field(struct pkt_arena *arena, struct pkt_layer *layer, const struct pkt_op *op,
                      const uint8_t *bytes, size_t n, struct pkt_slot *slot, struct pkt_err *err);

/* Which plan reads these bytes: 'plan' itself or a variant of it. */
const struct pkt_plan *pkt_dissect_variant(const struct pkt_plan *plan, const uint8_t *bytes,
                                           size_t n);

/* Which plan reads a packet of a capture of this LINKTYPE; Raw where no protocol answers to it. */
const struct pkt_plan *pkt_dissect_link(const struct pkt_registry *r, uint32_t type,
                                        const uint8_t *bytes, size_t n);

#endif
