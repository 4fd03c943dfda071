/* expand.h - addresses of which a compressed header leaves out a part or all.
**
** A plan says by its rules of what form an address is; what is left out is a prefix, or follows
** from the address of the link below (RFC 6282 section 3.1.1 and 3.2.2). */
#ifndef PKT_EXPAND_H
#define PKT_EXPAND_H

#include "plan.h"

enum pkt_end { PKT_SOURCE, PKT_DESTINATION };

/* The address of layer 'i' at that end, whose plan has expansions for it. False: it can't be told
** without more than the packet has. */
bool pkt_expand(const struct pkt_packet *p, uint32_t i, enum pkt_end end, uint8_t out[16]);

#endif
