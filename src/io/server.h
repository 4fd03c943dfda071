/* server.h - the daemon: JSON-RPC over ZeroMQ, from the socket to the service and back.
**
** One thread, the front, owns the socket and answers what is quick itself: a request that hops
** between threads would cost more than its answer. What its service defers goes to the pool
** (pool.h), new protocols come from the loader (reload.h). */
#ifndef PKT_SERVER_H
#define PKT_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "../script/service.h"

#define PKT_DEFAULT_PORT 4507
#define PKT_MAX_WORKERS 256
#define PKT_MAX_MESSAGE_BYTES ((int64_t)PKT_MAX_TEXT) /* of one frame, where not told otherwise */

struct pkt_server_options {
  const char *bind;         /* "*", a numeric address or an interface's name */
  unsigned port;            /* 0: any that is free */
  unsigned workers;         /* 1 to PKT_MAX_WORKERS */
  int64_t max_message;      /* bytes of one frame; a peer that sends more is cut off */
  unsigned max_clients;     /* connections at a time; 0: as many as there are descriptors for */
  int heartbeat_ms;         /* between heartbeats to peers; 0: none */
  const char *curve_secret; /* file with the server's secret key, or NULL: no encryption */
  const char *curve_allow;  /* file with clients' public keys, or NULL: any client */
  struct pkt_service_options service; /* the front's; workers get seeds of their own */
};

/* Serve until SIGINT, SIGTERM or a 'shut_down' request. Call from the main thread before there are
** others. Returns 0, or -1 with *err filled in if it couldn't start. */
int pkt_server_run(const struct pkt_server_options *o, struct pkt_err *err);

#endif
