/* unread.h - how many bytes of replies wait for each peer to read them.
**
** ZeroMQ keeps what a peer hasn't read. One that only asks would fill the server's memory with
** that, so it gets errors in place of replies from some amount on. ZeroMQ sends in order and tells
** when it is done with a message: a large one is counted from being sent until then, small ones
** together with one behind them. So the bound is PKT_MAX_UNREAD_EVER, and thrice PKT_UNREAD_SMALL
** for each connection. For the front's thread. */
#ifndef PKT_UNREAD_H
#define PKT_UNREAD_H

#include <stddef.h>
#include <zmq.h>

#define PKT_MAX_UNREAD (128u << 20)     /* bytes for one peer: two of the largest replies */
#define PKT_MAX_UNREAD_ALL (512u << 20) /* bytes for all; past that each one has its share: */
#define PKT_UNREAD_SHARE (1u << 20)     /* what a peer that does read never has */
#define PKT_MAX_UNREAD_EVER (1u << 30)  /* bytes for all; past that nobody gets a large reply */
#define PKT_UNREAD_SMALL (64u << 10)    /* bytes for one peer that aren't counted yet */

struct pkt_unread;

/* NULL without memory. */
struct pkt_unread *pkt_unread_new(void);

/* Free it; NULL is fine. ZeroMQ must be done with all messages: its context has ended. */
void pkt_unread_free(struct pkt_unread *u);

/* Why 'len' more bytes can't be sent to this peer; NULL: they can. 'peer' is the first frame of its
** requests. */
const char *pkt_unread_refusal(struct pkt_unread *u, zmq_msg_t *peer, size_t len);

/* 'reply' goes to this peer next: it becomes a message of the same bytes, which may be one that
** tells when ZeroMQ is done with it. Without memory it stays as it is, uncounted. */
void pkt_unread_count(struct pkt_unread *u, zmq_msg_t *peer, zmq_msg_t *reply);

#endif
