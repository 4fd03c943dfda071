/* follow.h - streams: what TCP carries, put in order and cut into messages (RFC 9293 section 3.4).
**
** A connection is followed from the first message on whose protocol says how long its messages are
** ('pdu'). From then on every message of either direction is read once and whole, however segments
** split it, repeat it or change places. Where segments are missing from the capture, reading goes
** on behind the message that they were part of, where its size is known, or else with the next one
** that looks like messages: once the other side has got what is missing, or too much waits for it,
** or nobody asks for it any more, or the capture ends. What waited is then to be taken once more,
** each packet with the record that it came with: pkt_follow_left().
**
** From before its protocol is known, few bytes that may be the start of a message are kept, the
** numbers that connections were opened with, and what overtook the first bytes behind those.
**
** Memory is bounded by PKT_FOLLOW_MEMORY, and there are at most PKT_FOLLOW_CONNECTIONS: one that
** was quiet for long is forgotten for another. */
#ifndef PKT_FOLLOW_H
#define PKT_FOLLOW_H

#include "capture.h"
#include "dissect.h"

#define PKT_FOLLOW_MEMORY (64u << 20)
#define PKT_FOLLOW_CONNECTIONS 16384
/* Bytes of one direction, and segments, that may wait for a missing one: more than the usual
** window. */
#define PKT_FOLLOW_AHEAD 0x80000
#define PKT_FOLLOW_SEGMENTS 4096
/* Bytes that all waiting segments may take up, with the records they came with: a long record
** may carry little of a stream. */
#define PKT_FOLLOW_WAITING (PKT_FOLLOW_MEMORY / 4)
/* Seconds of the capture that segments wait after the other side was last seen not to have
** received what is missing: retransmissions mostly come within one (RFC 6298 section 2.4). */
#define PKT_FOLLOW_PATIENCE 2
#define PKT_FOLLOW_MESSAGES 32 /* in one result: more would not find room in a packet */

struct pkt_follow;

enum pkt_followed {
  PKT_FOLLOWED_PLAIN, /* the packet is to be read as it stands */
  PKT_FOLLOWED_AGAIN, /* all it carries was there before */
  PKT_FOLLOWED_HELD,  /* what it carries is kept until a message is whole, or a segment comes */
  PKT_FOLLOWED_WHOLE, /* messages are whole now: pkt_follow_next() */
};

/* Some whole messages. */
struct pkt_messages {
  const struct pkt_plan *plan; /* of the first */
  const uint8_t *bytes;        /* good until the next pkt_follow_take() */
  uint32_t len;
  bool more; /* others are behind these */
  bool cut;  /* it is one, as much of it as a packet has room for */
};

/* What a packet came with. */
struct pkt_followed_record {
  uint64_t number; /* of the record, as the caller counts */
  struct pkt_capture_record record;
  bool told; /* the caller has made something of it: pkt_follow_told() */
};

/* NULL without memory. */
struct pkt_follow *pkt_follow_new(void);
void pkt_follow_free(struct pkt_follow *f);

/* The index of the layer that carries a stream, or more messages than fit in one packet; p->len:
** there is none. */
uint32_t pkt_follow_find(const struct pkt_packet *p);

/* Take a packet whose layer 'at' is such a layer. Nothing of it is kept but what is copied.
** 'record' is what it was read from, all of it, or else NULL. */
enum pkt_followed pkt_follow_take(struct pkt_follow *f, const struct pkt_packet *p, uint32_t at,
                                  const struct pkt_followed_record *record);

/* A record whose segment has waited for another one that is no longer waited for. It has to be
** read and taken again, before any other record. 'ended': the capture is at its end, so no
** segment is waited for any more. Good until the next call; NULL: there is none. */
const struct pkt_followed_record *pkt_follow_left(struct pkt_follow *f, bool ended);

/* Note that the caller has shown the packet that was taken last, in case its record comes again
** from pkt_follow_left(). */
void pkt_follow_told(struct pkt_follow *f);

/* The next messages that the last packet made whole; false: there are no more. */
bool pkt_follow_next(struct pkt_follow *f, struct pkt_messages *out);

#endif
