#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define RETRY_MS 10 /* between attempts to connect: a server that is just starting is there soon */

struct pkt_client {
  void *context, *socket; /* 'socket' is NULL after a time-out */
  int timeout_ms;
  char endpoint[];
};

static void disconnect(struct pkt_client *c) {
  if (c->socket != NULL) zmq_close(c->socket);
  c->socket = NULL;
}

static int connect_again(struct pkt_client *c, struct pkt_err *err) {
  int no_linger = 0, retry = RETRY_MS;
  if (c->socket != NULL) return 0;
  c->socket = zmq_socket(c->context, ZMQ_DEALER);
  if (c->socket == NULL)
    return pkt_fail(err, PKT_ERR_LIMIT, "can't open a socket: %s", zmq_strerror(errno));
  zmq_setsockopt(c->socket, ZMQ_LINGER, &no_linger, sizeof no_linger);
  zmq_setsockopt(c->socket, ZMQ_RECONNECT_IVL, &retry, sizeof retry);
  zmq_setsockopt(c->socket, ZMQ_RCVTIMEO, &c->timeout_ms, sizeof c->timeout_ms);
  zmq_setsockopt(c->socket, ZMQ_SNDTIMEO, &c->timeout_ms, sizeof c->timeout_ms);
  if (zmq_connect(c->socket, c->endpoint) == 0) return 0;
  pkt_fail(err, PKT_ERR_VALUE, "can't connect to %s: %s", c->endpoint, zmq_strerror(errno));
  disconnect(c);
  return -1;
}

struct pkt_client *pkt_client_open(const char *endpoint, int timeout_ms, struct pkt_err *err) {
  size_t n = strlen(endpoint) + 1;
  struct pkt_client *c = calloc(1, sizeof *c + n);
  if (c != NULL) c->context = zmq_ctx_new();
  if (c == NULL || c->context == NULL) {
    pkt_fail(err, PKT_ERR_MEMORY, "no memory for a client");
    free(c);
    return NULL;
  }
  memcpy(c->endpoint, endpoint, n);
  c->timeout_ms = timeout_ms;
  if (connect_again(c, err) == 0) return c;
  pkt_client_close(c);
  return NULL;
}

void pkt_client_close(struct pkt_client *c) {
  if (c == NULL) return;
  disconnect(c);
  zmq_ctx_term(c->context);
  free(c);
}

/* Receive the frames of one message; the last is the reply. */
static int recv_last(void *socket, zmq_msg_t *m) {
  do {
    int rc;
    do rc = zmq_msg_recv(m, socket, 0);
    while (rc < 0 && errno == EINTR);
    if (rc < 0) return -1;
  } while (zmq_msg_more(m));
  return 0;
}

static int no_answer(struct pkt_client *c, struct pkt_err *err) {
  int why = errno;
  disconnect(c);
  if (why != EAGAIN) return pkt_fail(err, PKT_ERR_VALUE, "%s: %s", c->endpoint, zmq_strerror(why));
  return pkt_fail(err, PKT_ERR_LIMIT, "no answer from %s within %d ms: is a server running there?",
                  c->endpoint, c->timeout_ms);
}

int pkt_client_call(struct pkt_client *c, const char *request, size_t len, struct pkt_buf *reply,
                    struct pkt_err *err) {
  if (connect_again(c, err) != 0) return -1;
  zmq_msg_t m;
  zmq_msg_init(&m);
  int rc = zmq_send(c->socket, "", 0, ZMQ_SNDMORE);
  if (rc >= 0) rc = zmq_send(c->socket, request, len, 0);
  if (rc >= 0) rc = recv_last(c->socket, &m);
  if (rc < 0) {
    no_answer(c, err);
  } else {
    pkt_buf_add(reply, zmq_msg_data(&m), zmq_msg_size(&m));
    if (reply->failed) rc = pkt_fail(err, PKT_ERR_MEMORY, "no memory for the reply");
  }
  zmq_msg_close(&m);
  return rc < 0 ? -1 : 0;
}
