/* server_inner.h - what the files behind server.h share: the front, which is the thread that owns
** the socket.
**
** server.c answers requests and passes them on, server_start.c starts the front and ends it. */
#ifndef PKT_SERVER_INNER_H
#define PKT_SERVER_INNER_H

#include "curve.h"
#include "door.h"
#include "notify.h"
#include "pool.h"
#include "reload.h"
#include "server.h"
#include "unread.h"

struct counters {
  uint64_t requests; /* well-formed messages */
  uint64_t deferred; /* of those, left to workers as long */
  uint64_t surplus;  /* of those, left to workers because there were so many */
  uint64_t busy;     /* of those, refused: the queue was full */
  uint64_t unread;   /* of those, refused: their peers don't read */
  uint64_t dropped;  /* malformed messages, and requests nobody could answer */
};

struct front {
  const struct pkt_server_options *options;
  struct pkt_service_options *services; /* one per seat */
  bool settled;                         /* what starting left behind is given back */
  bool tidy;                            /* ...and what the last requests have */
  struct pkt_seat *seats;               /* 0: the front's; worker i's is i + 1 */
  unsigned seat_count;
  unsigned sharers; /* workers that a surplus may go to: those with a CPU to run on */
  void *context, *socket;
  struct pkt_curve *curve;
  struct pkt_door *door;
  struct pkt_unread *unread;
  struct pkt_pool *pool;
  struct pkt_loader *loader;
  struct pkt_jobs reloading; /* 'reload' requests without a reply yet, oldest first */
  unsigned reloading_count;
  struct pkt_notify notify;
  uint64_t told_reload; /* the ticket of a reload that the service manager knows of; 0: none */
  int socket_fd, wake_fd, signal_fd;
  unsigned port;
  bool stopping; /* no more requests are read */
  bool hurry;    /* a second signal: don't wait for workers either */
  bool remote;   /* stopped by a 'shut_down' request */
  struct counters count;
};

/* Open services and the socket, and start the threads: 'options' is set, 'notify' open, the file
** descriptors are -1, the rest is zero. Returns 0, or -1 with *err filled in; pkt_front_end() is
** due in either case. */
int pkt_front_start(struct front *f, struct pkt_err *err);

/* End the threads until 'deadline', as by pkt_now_ms(), then close and free all. The threads end
** before the socket goes: their last messages belong to it. */
void pkt_front_end(struct front *f, int64_t deadline);

#endif
