/* frames.h - one request with its return address, as ZeroMQ frames.
**
** What a ROUTER socket receives is [peer][envelope...][request]. REQ peers send an empty frame
** before the request and devices on the way add their own before that; a DEALER may send the bare
** request. Whatever came before the request goes back unchanged before the reply. */
#ifndef PKT_FRAMES_H
#define PKT_FRAMES_H

#include <stddef.h>
#include <zmq.h>

#include "../script/service.h"

/* Peer, request, and an envelope of up to seven devices and a delimiter. */
#define PKT_MAX_FRAMES 10
#define PKT_MAX_ROUTING_ID 255 /* bytes (RFC 28 of ZeroMQ) */

struct pkt_frames {
  int count; /* frames in use; the last one is the request */
  zmq_msg_t frame[PKT_MAX_FRAMES];
};

enum pkt_received {
  PKT_RECV_NONE,    /* nothing is waiting */
  PKT_RECV_REQUEST, /* *f holds one */
  PKT_RECV_BAD,     /* a message that is no request was thrown away */
};

/* Receive one message without waiting. A request is the only frame, or follows an empty one;
** anything else (frames too many, one of the envelope too long, nothing at all) is thrown away. */
enum pkt_received pkt_frames_recv(void *socket, struct pkt_frames *f);

/* Send 'reply' to where *f came from, without waiting: a peer that is gone or doesn't read loses
** it. Takes 'reply' and empties *f. */
void pkt_frames_reply(void *socket, struct pkt_frames *f, zmq_msg_t *reply);

/* Move *from, which is left empty, to *to. */
void pkt_frames_move(struct pkt_frames *to, struct pkt_frames *from);

/* Free its frames; *f is empty then. */
void pkt_frames_close(struct pkt_frames *f);

/* Who sent it: the first frame, good until *f is changed. */
static inline zmq_msg_t *pkt_frames_peer(struct pkt_frames *f) { return &f->frame[0]; }

/* The request's bytes, good until *f is changed. */
static inline const char *pkt_frames_request(struct pkt_frames *f, size_t *len) {
  zmq_msg_t *last = &f->frame[f->count - 1];
  *len = zmq_msg_size(last);
  return zmq_msg_data(last);
}

/* Make a message of a reply: those that can be released are sent uncopied. 'out' is always a valid
** message afterwards, empty without memory. */
void pkt_frames_pack(zmq_msg_t *out, const struct pkt_reply *reply);

#endif
