/* server_start.c - the server's start: signals, services, the socket, threads; and its end. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

#include "address.h"
#include "log.h"
#include "server_inner.h"
#include "thread.h"

#define OWN_CPUS 2       /* busy already when there is a surplus: the front's and ZeroMQ's thread */
#define HIGH_WATER 10000 /* messages kept for a peer that doesn't read; then it loses replies */
#define MOST_WAITING 256 /* requests of a peer that are received ahead; then TCP holds it up */
#define LOADER_FILES 2   /* what the loader keeps open; every seat has one file for its helper */
#define HANDSHAKE_MS 10000  /* until then a connection is to say that it speaks ZeroMQ */
#define LINGER_MS 1000      /* for replies still on their way when the server ends */
#define KEEPALIVE_IDLE_S 60 /* TCP keep-alive: a peer that lost its power is noticed after this */
#define KEEPALIVE_INTERVAL_S 10
#define KEEPALIVE_PROBES 6

/* ---- the start */

static int block_signals(struct front *f, struct pkt_err *err) {
  static const int ours[] = {SIGINT, SIGTERM, SIGHUP};
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
    signal(ours[i], SIG_DFL); /* a shell ignores SIGINT for what it starts in the background */
    sigaddset(&set, ours[i]);
  }
  signal(SIGPIPE, SIG_IGN); /* whoever read our output may be gone */
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  f->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  f->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (f->signal_fd >= 0 && f->wake_fd >= 0) return 0;
  return pkt_fail(err, PKT_ERR_LIMIT, "no file descriptors: %s", strerror(errno));
}

/* A connection is a file descriptor; the usual soft limit of 1024 is for programs with select(). */
static void raise_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static int make_seats(struct front *f, struct pkt_err *err) {
  f->seat_count = f->options->workers + 1;
  f->seats = calloc(f->seat_count, sizeof *f->seats);
  f->services = calloc(f->seat_count, sizeof *f->services);
  if (f->seats == NULL || f->services == NULL)
    return pkt_fail(err, PKT_ERR_MEMORY, "no memory for %u workers", f->options->workers);
  for (unsigned i = 0; i < f->seat_count; i++) {
    f->services[i] = f->options->service;
    if (f->services[i].seed != 0) f->services[i].seed += i; /* no two draw the same numbers */
  }
  f->seats[0].current = pkt_service_open(&f->services[0], err);
  for (unsigned i = 1; i < f->seat_count && f->seats[i - 1].current != NULL; i++)
    f->seats[i].current = pkt_service_share(f->seats[0].current, &f->services[i], err);
  return f->seats[f->seat_count - 1].current != NULL ? 0 : -1;
}

struct setting {
  int option, value;
};

static void apply(void *socket, const struct setting *settings, size_t n) {
  for (size_t i = 0; i < n; i++)
    zmq_setsockopt(socket, settings[i].option, &settings[i].value, sizeof settings[i].value);
}

static void configure(struct front *f) {
  const struct pkt_server_options *o = f->options;
  const struct setting settings[] = {
      {ZMQ_RCVHWM, MOST_WAITING},
      {ZMQ_SNDHWM, HIGH_WATER},
      {ZMQ_BACKLOG, pkt_door_backlog()},
      {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
      {ZMQ_LINGER, LINGER_MS},
      {ZMQ_IPV6, pkt_address_is_ipv6(o->bind)},
      {ZMQ_TCP_KEEPALIVE, 1},
      {ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_S},
      {ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_INTERVAL_S},
      {ZMQ_TCP_KEEPALIVE_CNT, KEEPALIVE_PROBES},
  };
  const struct setting heartbeats[] = {
      {ZMQ_HEARTBEAT_IVL, o->heartbeat_ms},
      {ZMQ_HEARTBEAT_TIMEOUT, o->heartbeat_ms * 3},
      {ZMQ_HEARTBEAT_TTL, o->heartbeat_ms * 3},
  };
  apply(f->socket, settings, sizeof settings / sizeof settings[0]);
  if (o->heartbeat_ms > 0) apply(f->socket, heartbeats, sizeof heartbeats / sizeof heartbeats[0]);
  zmq_setsockopt(f->socket, ZMQ_MAXMSGSIZE, &o->max_message, sizeof o->max_message);
}

/* Port 0 becomes one that is free: ask which. */
static void learn_port(struct front *f) {
  char endpoint[256] = "";
  size_t size = sizeof endpoint;
  f->port = f->options->port;
  if (zmq_getsockopt(f->socket, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0) return;
  const char *colon = strrchr(endpoint, ':');
  if (colon != NULL) f->port = (unsigned)strtoul(colon + 1, NULL, 10);
}

static int bind_socket(struct front *f, struct pkt_err *err) {
  const struct pkt_server_options *o = f->options;
  char endpoint[PKT_ENDPOINT_ROOM];
  if (!pkt_address_endpoint(endpoint, o->bind, o->port))
    return pkt_fail(err, PKT_ERR_VALUE, "can't listen on %s: no such address", o->bind);
  if (zmq_bind(f->socket, endpoint) == 0) {
    learn_port(f);
    return 0;
  }
  if (errno == EADDRINUSE)
    return pkt_fail(err, PKT_ERR_VALUE, "can't listen on port %u: the port is taken", o->port);
  if (errno == ENODEV || errno == EINVAL)
    return pkt_fail(err, PKT_ERR_VALUE, "can't listen on %s: no such address or interface",
                    o->bind);
  return pkt_fail(err, PKT_ERR_VALUE, "can't listen on %s: %s", endpoint, zmq_strerror(errno));
}

static int open_socket(struct front *f, struct pkt_err *err) {
  const struct pkt_server_options *o = f->options;
  f->unread = pkt_unread_new();
  if (f->unread == NULL) return pkt_fail(err, PKT_ERR_MEMORY, "no memory for a socket");
  f->context = zmq_ctx_new();
  f->socket = f->context != NULL ? zmq_socket(f->context, ZMQ_ROUTER) : NULL;
  if (f->socket == NULL)
    return pkt_fail(err, PKT_ERR_LIMIT, "can't open a socket: %s", zmq_strerror(errno));
  configure(f);
  if (o->curve_secret != NULL) {
    f->curve = pkt_curve_start(f->context, f->socket, o->curve_secret, o->curve_allow, err);
    if (f->curve == NULL) return -1;
  }
  size_t size = sizeof f->socket_fd;
  if (zmq_getsockopt(f->socket, ZMQ_FD, &f->socket_fd, &size) != 0)
    return pkt_fail(err, PKT_ERR_LIMIT, "can't open a socket: %s", zmq_strerror(errno));
  f->door =
      pkt_door_start(f->context, f->socket, o->max_clients, f->seat_count + LOADER_FILES, err);
  return f->door != NULL ? bind_socket(f, err) : -1;
}

/* Called by the loader's thread when a reload is over, well or not. */
static void loaded(void *arg) {
  struct front *f = arg;
  pkt_pool_nudge(f->pool);
  pkt_wake(f->wake_fd);
}

static int start_threads(struct front *f, struct pkt_err *err) {
  struct pkt_loader_options loader = {.seats = f->seats,
                                      .services = f->services,
                                      .count = f->seat_count,
                                      .folders = pkt_service_folders(f->seats[0].current),
                                      .done = loaded,
                                      .arg = f};
  f->pool = pkt_pool_start(f->options->workers, f->seats + 1, f->wake_fd, err);
  if (f->pool == NULL) return -1;
  f->loader = pkt_loader_start(&loader, err);
  return f->loader != NULL ? 0 : -1;
}

/* Without spare CPUs sharing only costs: measured with two, a fifth of the throughput. A lone
** worker is kept for what takes long. */
static unsigned count_sharers(unsigned workers) {
  cpu_set_t set;
  if (workers < 2 || sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  unsigned cpus = (unsigned)CPU_COUNT(&set);
  unsigned spare = cpus > OWN_CPUS ? cpus - OWN_CPUS : 0;
  return spare < workers ? spare : workers;
}

int pkt_front_start(struct front *f, struct pkt_err *err) {
  raise_file_limit();
  f->sharers = count_sharers(f->options->workers);
  if (block_signals(f, err) != 0 || make_seats(f, err) != 0) return -1;
  if (open_socket(f, err) != 0) return -1;
  return start_threads(f, err);
}

/* ---- the end */

static void close_socket(struct front *f) {
  if (f->socket != NULL) zmq_close(f->socket);
  if (f->context != NULL) zmq_ctx_shutdown(f->context);
  pkt_curve_stop(f->curve);
  pkt_door_stop(f->door);
  if (f->context != NULL) zmq_ctx_term(f->context); /* waits for replies on their way */
}

/* False: a thread couldn't be ended, and uses what belongs to 'f' until the process ends. */
static bool end_threads(struct front *f, int64_t deadline) {
  if (f->loader != NULL && !pkt_loader_stop(f->loader, deadline)) return false;
  return f->pool == NULL || pkt_pool_stop(f->pool, deadline);
}

static void free_front(struct front *f) {
  for (unsigned i = 0; f->seats != NULL && i < f->seat_count; i++) pkt_seat_close(&f->seats[i]);
  pkt_unread_free(f->unread);
  free(f->seats);
  free(f->services);
  if (f->wake_fd >= 0) close(f->wake_fd);
  if (f->signal_fd >= 0) close(f->signal_fd);
  pkt_notify_close(&f->notify);
  free(f);
}

void pkt_front_end(struct front *f, int64_t deadline) {
  for (struct pkt_job *job; (job = pkt_jobs_pop(&f->reloading)) != NULL;) pkt_job_free(job);
  bool ended = end_threads(f, deadline);
  close_socket(f);
  if (ended)
    free_front(f);
  else
    pkt_log_error("ended without a thread that was still at work");
}
