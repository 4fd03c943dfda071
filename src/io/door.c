#include "door.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include "log.h"
#include "thread.h"

#define ENDPOINT "inproc://luapkt-door"
#define MOST_RESERVED 2048 /* file descriptors: for files, helpers, and who is in the backlog */
#define MOST_BACKLOG 1024  /* connections not accepted yet: all of a test farm at once */
#define LOOK_MS 100        /* while it is shut: has somebody left? */

/* The kernel gives out the lowest file descriptor that is free: one that is 'first_out' says that
** all below are taken. That needs no count of who leaves, which ZeroMQ doesn't always tell. */
struct pkt_door {
  void *events; /* the thread's socket */
  pthread_t thread;
  bool running;
  unsigned clients, own;
  int listener;  /* -1: not known yet */
  int first_out; /* the first file descriptor that's too many */
  bool shut, told;
};

static int descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX) return INT_MAX;
  return (int)limit.rlim_cur;
}

static int reserved(void) {
  int quarter = descriptors() / 4;
  return quarter < MOST_RESERVED ? quarter : MOST_RESERVED;
}

int pkt_door_backlog(void) {
  int half = reserved() / 2;
  return half < MOST_BACKLOG ? half + 1 : MOST_BACKLOG;
}

/* -1: there is none. */
static int lowest_free(const struct pkt_door *d) {
  int fd = fcntl(d->listener, F_DUPFD_CLOEXEC, 0);
  if (fd >= 0) close(fd);
  return fd;
}

static void shut(struct pkt_door *d) {
  struct sock_filter nothing = {.code = BPF_RET | BPF_K};
  struct sock_fprog program = {.len = 1, .filter = &nothing};
  d->shut = setsockopt(d->listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
  if (!d->told) pkt_log_error("no more clients are let in until some have left");
  d->told = true;
}

/* 0: it isn't bound to a port. */
static in_port_t port_of(int fd) {
  union {
    struct sockaddr any;
    struct sockaddr_in ip;
    struct sockaddr_in6 ipv6;
  } here = {{0}};
  socklen_t size = sizeof here;
  if (getsockname(fd, &here.any, &size) != 0) return 0;
  if (here.any.sa_family == AF_INET) return here.ip.sin_port;
  return here.any.sa_family == AF_INET6 ? here.ipv6.sin6_port : 0;
}

/* Let in, and one too many: some kernels take filters from root alone. ZeroMQ closes it then. By
** now the file descriptor may be another's, but for the port. */
static void turn_away(const struct pkt_door *d, int fd) {
  if (port_of(fd) != 0 && port_of(fd) == port_of(d->listener)) shutdown(fd, SHUT_RDWR);
}

static void open_again(struct pkt_door *d) {
  int ignored = 0;
  setsockopt(d->listener, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored);
  d->shut = false;
}

/* Wait for an event. 0: none has come while the door is shut; -1: the end. */
static int next_event(struct pkt_door *d, int32_t *value) {
  struct {
    uint16_t event;
    int32_t value;
  } __attribute__((packed)) got = {0};
  char endpoint[1];
  int wait = d->shut ? LOOK_MS : -1;
  zmq_setsockopt(d->events, ZMQ_RCVTIMEO, &wait, sizeof wait);
  while (zmq_recv(d->events, &got, sizeof got, 0) < 0) {
    if (errno == EAGAIN) return 0;
    if (errno != EINTR) return -1;
  }
  zmq_recv(d->events, endpoint, sizeof endpoint, ZMQ_DONTWAIT);
  *value = got.value;
  return got.event;
}

static void begin(struct pkt_door *d, int listener) {
  d->listener = listener;
  int64_t first = (int64_t)lowest_free(d) + d->own + d->clients;
  d->first_out = descriptors() - reserved();
  if (d->clients > 0 && first < d->first_out) d->first_out = (int)first;
}

static void *run(void *arg) {
  struct pkt_door *d = arg;
  int event;
  int32_t value = -1; /* a file descriptor */
  while ((event = next_event(d, &value)) >= 0 && event != ZMQ_EVENT_MONITOR_STOPPED) {
    if (event == ZMQ_EVENT_LISTENING) begin(d, value);
    if (event == ZMQ_EVENT_ACCEPTED && value >= d->first_out - 1 && !d->shut) shut(d);
    if (event == ZMQ_EVENT_ACCEPTED && value >= d->first_out && !d->shut) turn_away(d, value);
    if (!d->shut) continue;
    int lowest = lowest_free(d);
    if (lowest >= 0 && lowest < d->first_out) open_again(d);
  }
  zmq_close(d->events);
  return NULL;
}

static int start(struct pkt_door *d, void *context, void *socket, struct pkt_err *err) {
  const int wanted = ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_MONITOR_STOPPED;
  int none = 0;
  d->events = zmq_socket(context, ZMQ_PAIR);
  if (d->events == NULL ||
      zmq_setsockopt(d->events, ZMQ_RCVHWM, &none, sizeof none) != 0 || /* or ZeroMQ would wait */
      zmq_setsockopt(d->events, ZMQ_LINGER, &none, sizeof none) != 0 ||
      zmq_socket_monitor(socket, ENDPOINT, wanted) != 0 || zmq_connect(d->events, ENDPOINT) != 0)
    return pkt_fail(err, PKT_ERR_LIMIT, "can't watch the socket: %s", zmq_strerror(errno));
  if (pkt_thread_start(&d->thread, "luapkt-door", run, d, err) != 0) return -1;
  d->running = true;
  return 0;
}

struct pkt_door *pkt_door_start(void *context, void *socket, unsigned clients, unsigned own,
                                struct pkt_err *err) {
  struct pkt_door *d = calloc(1, sizeof *d);
  if (d == NULL) {
    pkt_fail(err, PKT_ERR_MEMORY, "no memory for a socket");
    return NULL;
  }
  *d = (struct pkt_door){.clients = clients, .own = own, .listener = -1};
  if (start(d, context, socket, err) == 0) return d;
  if (d->events != NULL) zmq_close(d->events);
  free(d);
  return NULL;
}

void pkt_door_stop(struct pkt_door *d) {
  if (d == NULL) return;
  if (d->running) pthread_join(d->thread, NULL);
  free(d);
}
