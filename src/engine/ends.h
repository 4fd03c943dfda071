/* ends.h - between whom a packet goes: addresses, as network layers have them. */
#ifndef PKT_ENDS_H
#define PKT_ENDS_H

#include "plan.h"

struct pkt_address {
  uint8_t bytes[16]; /* zeros behind 'len' */
  uint32_t len;      /* 4 or 16; 0: there is none */
};

/* The addresses of the network layer at or below layer 'at' that is nearest to it. False: there is
** none. */
bool pkt_ends(const struct pkt_packet *p, uint32_t at, struct pkt_address *src,
              struct pkt_address *dst);

#endif
