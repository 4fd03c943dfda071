/* echo.c - the ceiling of a ZeroMQ server: answers every request with the same bytes.
**
** usage: echo ENDPOINT BYTES
**
** One thread, one REP socket, nothing read of the request. Prints the endpoint once it serves:
** with tcp://127.0.0.1:* the system chooses a port. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static int fail(const char *what) {
  fprintf(stderr, "echo: %s: %s\n", what, zmq_strerror(errno));
  return 1;
}

/* Until the socket fails. */
static void answer_all(void *socket, const char *reply, size_t size) {
  zmq_msg_t request;
  zmq_msg_init(&request);
  while (zmq_msg_recv(&request, socket, 0) >= 0)
    if (zmq_send(socket, reply, size, 0) < 0) break;
  zmq_msg_close(&request);
}

static void print_endpoint(void *socket) {
  char endpoint[256];
  size_t size = sizeof endpoint;
  if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0) puts(endpoint);
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: echo ENDPOINT BYTES\n");
    return 2;
  }
  size_t size = strtoul(argv[2], NULL, 10);
  char *reply = malloc(size + 1);
  void *context = zmq_ctx_new();
  void *socket = context != NULL ? zmq_socket(context, ZMQ_REP) : NULL;
  if (reply == NULL || socket == NULL) return fail("no socket");
  memset(reply, 'x', size);
  if (zmq_bind(socket, argv[1]) != 0) return fail(argv[1]);
  print_endpoint(socket);
  answer_all(socket, reply, size);
  return fail("receive");
}
