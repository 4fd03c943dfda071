#include "frames.h"

#include <errno.h>
#include <stdbool.h>

#include "../engine/buf.h"

/* Receive the next frame of a message into 'm', initialized here. False: there is none. */
static bool recv_frame(void *socket, zmq_msg_t *m) {
  zmq_msg_init(m);
  while (zmq_msg_recv(m, socket, ZMQ_DONTWAIT) < 0) {
    if (errno != EINTR) {
      zmq_msg_close(m);
      return false;
    }
  }
  return true;
}

/* [peer][request] or [peer]...[empty][request]. A bare empty frame is a lost delimiter, no request;
** an empty request behind a delimiter is one, since its REQ peer waits for an answer. What a device
** adds is a routing id: all of it stays in memory until the reply has been read. */
static bool well_formed(struct pkt_frames *f) {
  if (f->count < 2) return false;
  if (f->count == 2) return zmq_msg_size(&f->frame[1]) > 0;
  for (int i = 0; i < f->count - 2; i++)
    if (zmq_msg_size(&f->frame[i]) > PKT_MAX_ROUTING_ID) return false;
  return zmq_msg_size(&f->frame[f->count - 2]) == 0;
}

enum pkt_received pkt_frames_recv(void *socket, struct pkt_frames *f) {
  bool more = true, fits = true;
  f->count = 0;
  while (more) {
    zmq_msg_t extra;
    fits = f->count < PKT_MAX_FRAMES;
    zmq_msg_t *m = fits ? &f->frame[f->count] : &extra;
    if (!recv_frame(socket, m)) break; /* only before the first: the rest of a message is there */
    more = zmq_msg_more(m) != 0;
    if (fits)
      f->count++;
    else
      zmq_msg_close(m);
  }
  if (f->count == 0) return PKT_RECV_NONE;
  if (!more && fits && well_formed(f)) return PKT_RECV_REQUEST;
  pkt_frames_close(f);
  return PKT_RECV_BAD;
}

static void send_frame(void *socket, zmq_msg_t *m, int flags) {
  if (zmq_msg_send(m, socket, flags | ZMQ_DONTWAIT) < 0) zmq_msg_close(m);
}

void pkt_frames_reply(void *socket, struct pkt_frames *f, zmq_msg_t *reply) {
  for (int i = 0; i < f->count - 1; i++) send_frame(socket, &f->frame[i], ZMQ_SNDMORE);
  send_frame(socket, reply, 0);
  zmq_msg_close(&f->frame[f->count - 1]);
  f->count = 0;
}

void pkt_frames_move(struct pkt_frames *to, struct pkt_frames *from) {
  for (int i = 0; i < from->count; i++) {
    zmq_msg_init(&to->frame[i]);
    zmq_msg_move(&to->frame[i], &from->frame[i]);
    zmq_msg_close(&from->frame[i]);
  }
  to->count = from->count;
  from->count = 0;
}

void pkt_frames_close(struct pkt_frames *f) {
  for (int i = 0; i < f->count; i++) zmq_msg_close(&f->frame[i]);
  f->count = 0;
}

void pkt_frames_pack(zmq_msg_t *out, const struct pkt_reply *reply) {
  /* The library wants a pointer to non-const, which it hands to the release function only. */
  void *data = (void *)(uintptr_t)reply->data;
  if (reply->release != NULL) {
    if (zmq_msg_init_data(out, data, reply->len, reply->release, reply->hint) == 0) return;
    reply->release(data, reply->hint);
  } else if (zmq_msg_init_size(out, reply->len) == 0) {
    pkt_copy_long(zmq_msg_data(out), reply->data, reply->len);
    return;
  }
  zmq_msg_init(out);
}
