/* fragments.h - datagrams in pieces, put together again: IPv4 (RFC 791 section 3.2), IPv6 (RFC 8200
** section 4.5), and whatever declares 'pieces'.
**
** Pieces may come in any order and more than once. Where two of them overlap, what came first
** counts (of IPv6 a datagram with an overlap would be dropped, RFC 5722, and never be seen whole by
** its receiver: it is here, so that it can be looked at). Memory is bounded: of datagrams that
** never become whole the one that was begun first is forgotten, by age or for want of room. */
#ifndef PKT_FRAGMENTS_H
#define PKT_FRAGMENTS_H

#include "packet.h"

#define PKT_DATAGRAM_SIZE 0x10000 /* bytes that a datagram's pieces may have together */
#define PKT_DATAGRAMS 256         /* that are being put together at once */
#define PKT_DATAGRAM_PATIENCE 30  /* seconds until one is given up (RFC 791 section 3.2) */

struct pkt_fragments;

enum pkt_joined {
  PKT_JOINED_NOT,  /* the packet is no piece, or one that can't be joined */
  PKT_JOINED_HELD, /* it is kept until the others come */
  PKT_JOINED_NOW,  /* it was the last that was missing */
};

/* What a packet that was the last piece carries, now that it is whole. */
struct pkt_joined_datagram {
  uint32_t layer;      /* the index of the layer that carries it */
  const uint8_t *head; /* that layer's bytes as the first piece had them... */
  uint32_t head_len;
  const uint8_t *bytes; /* ...and the datagram; both good until the next call */
  uint32_t len;
};

/* NULL without memory. Everything it holds is at most PKT_DATAGRAMS times PKT_DATAGRAM_SIZE
** bytes. */
struct pkt_fragments *pkt_fragments_new(void);
void pkt_fragments_free(struct pkt_fragments *f);

/* Does layer 'at' carry a piece of a datagram, and not the whole, joined? */
bool pkt_is_piece(const struct pkt_packet *p, uint32_t at);

/* Is there a piece in the packet? Layers from 'from' on are looked at; its index, or p->len. */
uint32_t pkt_fragments_find(const struct pkt_packet *p, uint32_t from);

/* Take a packet whose layer 'at' carries a piece, captured at 'time', nanoseconds since 1970. */
enum pkt_joined pkt_fragments_take(struct pkt_fragments *f, const struct pkt_packet *p, uint32_t at,
                                   int64_t time, struct pkt_joined_datagram *out);

#endif
