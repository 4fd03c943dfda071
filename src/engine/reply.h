/* reply.h - a built packet as the reply tree of build_pkt and reconstruct_pkt.
**
** The bytes are dissected again: what they really are gives real_id and valid_structure, fields
** that reading doesn't reach are 'ignored', and lists are shown as they read. Most of a reply is
** text that depends on the protocol alone; pkt_reply_prepare() lays it down once. */
#ifndef PKT_REPLY_H
#define PKT_REPLY_H

#include "buf.h"
#include "dissect.h"
#include "registry.h"
#include "show.h"

/* Lay down the constant text of every plan. Called once, before the registry is used.
** Returns 0, or -1 without memory. */
int pkt_reply_prepare(struct pkt_registry *r, struct pkt_err *err);

/* Append {"binary":"...","data":[...]} for a packet that pkt_build() has just built into 'bytes',
** expressions in dialect 'd'. 'scratch' is used for literals. The bytes are read as far as 'reach'
** has it, or as the packet's own layers ask. Returns 0, or -1 with *err filled in. */
int pkt_reply_write(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                    struct pkt_arena *arena, const struct pkt_packet *p, const uint8_t *bytes,
                    size_t n, enum pkt_reach reach, struct pkt_err *err);

#endif
