#include "server.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

#include "address.h"
#include "busy.h"
#include "curve.h"
#include "frames.h"
#include "log.h"
#include "notify.h"
#include "pool.h"
#include "reload.h"
#include "thread.h"

#define BATCH 32   /* requests answered in a row before signals and workers get a look */
#define HAND_OFF 8 /* surplus requests for each idle worker: fewer don't repay its waking up */
#define OWN_CPUS 2 /* busy already when there is a surplus: the front's and ZeroMQ's thread */
#define HIGH_WATER 10000    /* messages kept for a peer that doesn't read; then it loses replies */
#define BACKLOG 1024        /* connections not accepted yet: all of a test farm at once */
#define LINGER_MS 1000      /* for replies still on their way when the server ends */
#define LAST_READ_MS 100    /* at the end, for requests that have arrived already */
#define QUIET_MS 200        /* without a request after the start: time to tidy up */
#define GRACE_MS 3000       /* at the end, for requests that are being worked on */
#define JOIN_MS 200         /* after that, for threads to notice the end */
#define KEEPALIVE_IDLE_S 60 /* TCP keep-alive: a peer that lost its power is noticed after this */
#define KEEPALIVE_INTERVAL_S 10
#define KEEPALIVE_PROBES 6

struct counters {
  uint64_t requests; /* well-formed messages */
  uint64_t deferred; /* of those, left to workers as long */
  uint64_t surplus;  /* of those, left to workers because there were so many */
  uint64_t busy;     /* of those, refused */
  uint64_t dropped;  /* malformed messages, and requests nobody could answer */
};

struct front {
  const struct pkt_server_options *options;
  struct pkt_service_options *services; /* one per seat */
  bool settled;                         /* what starting left behind is given back */
  struct pkt_seat *seats;               /* 0: the front's; worker i's is i + 1 */
  unsigned seat_count;
  unsigned sharers; /* workers that a surplus may go to: those with a CPU to run on */
  void *context, *socket;
  struct pkt_curve *curve;
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

/* ---- requests and replies */

static void send_reply(struct front *f, struct pkt_frames *in, zmq_msg_t *out) {
  if (pkt_log_wants_notes()) pkt_log_bytes("reply", zmq_msg_data(out), zmq_msg_size(out));
  pkt_frames_reply(f->socket, in, out);
}

static void drop(struct front *f, struct pkt_frames *in) {
  f->count.dropped++;
  pkt_frames_close(in);
}

/* The queue is full. To stop reading until there is room would push back on the peers that filled
** it, but also silence all others, whose requests need no worker: so this one is refused. */
static void refuse(struct front *f, struct pkt_frames *in) {
  struct pkt_buf text = {0};
  zmq_msg_t out;
  size_t len;
  const char *request = pkt_frames_request(in, &len);
  f->count.busy++;
  pkt_busy_reply(&text, request, len);
  pkt_frames_pack(&out, &(struct pkt_reply){.data = text.data, .len = text.len});
  pkt_buf_free(&text);
  send_reply(f, in, &out);
}

static void queue_job(struct front *f, struct pkt_job *job) {
  if (pkt_pool_push(f->pool, job)) return;
  refuse(f, &job->in);
  pkt_job_free(job);
}

static void defer(struct front *f, struct pkt_frames *in) {
  struct pkt_job *job = pkt_job_new(in);
  f->count.deferred++;
  if (job == NULL)
    drop(f, in);
  else
    queue_job(f, job);
}

/* Returns the reload's ticket. */
static uint64_t ask_reload(struct front *f) {
  uint64_t ticket = pkt_loader_ask(f->loader);
  if (f->stopping) return ticket;
  f->told_reload = ticket;
  pkt_notify_reloading(&f->notify);
  return ticket;
}

/* Takes the job. */
static void await_reload(struct front *f, struct pkt_job *job) {
  if (f->reloading_count == PKT_MAX_QUEUED) {
    refuse(f, &job->in);
    pkt_job_free(job);
    return;
  }
  job->ticket = ask_reload(f);
  pkt_jobs_push(&f->reloading, job);
  f->reloading_count++;
}

static void stop_remotely(struct front *f) { f->stopping = f->remote = true; }

/* Answer a request on this thread, or pass it on if that could take long. */
static void handle(struct front *f, struct pkt_frames *in) {
  struct pkt_reply reply = {0};
  struct pkt_job *job;
  zmq_msg_t out;
  size_t len;
  const char *request = pkt_frames_request(in, &len);
  if (pkt_log_wants_notes()) pkt_log_bytes("request", request, len);
  switch (pkt_service_handle(f->seats[0].current, request, len, true, &reply)) {
    case PKT_SHUT_DOWN: stop_remotely(f); /* fall through */
    case PKT_REPLY:
      pkt_frames_pack(&out, &reply);
      send_reply(f, in, &out);
      break;
    case PKT_DEFER: defer(f, in); break;
    case PKT_TO_OWNER: drop(f, in); break; /* never: the front's service is the owner */
    case PKT_RELOAD:
      job = pkt_job_new(in);
      if (job != NULL)
        await_reload(f, job);
      else
        drop(f, in);
      break;
  }
}

/* ---- what comes back from the other threads */

/* Takes the job. */
static void finish_job(struct front *f, struct pkt_job *job) {
  switch (job->outcome) {
    case PKT_RELOAD: await_reload(f, job); return;
    case PKT_SHUT_DOWN: stop_remotely(f); /* fall through */
    case PKT_REPLY: send_reply(f, &job->in, &job->out); break;
    case PKT_DEFER: refuse(f, &job->in); break; /* no worker could take it */
    case PKT_TO_OWNER: handle(f, &job->in); break;
  }
  pkt_job_free(job);
}

static void finish_jobs(struct front *f) {
  struct pkt_jobs done = pkt_pool_done(f->pool);
  for (struct pkt_job *job; (job = pkt_jobs_pop(&done)) != NULL;) finish_job(f, job);
}

static void answer_reload(struct front *f, struct pkt_job *job, const struct pkt_loaded *loaded) {
  struct pkt_reply reply = {0};
  size_t len;
  const char *request = pkt_frames_request(&job->in, &len);
  pkt_service_reload_reply(f->seats[0].current, request, len, loaded->failed ? &loaded->err : NULL,
                           &reply);
  pkt_frames_pack(&job->out, &reply);
  send_reply(f, &job->in, &job->out);
  pkt_job_free(job);
}

/* To the service manager: requests are answered. 'failed': the reload that is over, if it went
** wrong. */
static void tell_ready(struct front *f, const struct pkt_err *failed) {
  pkt_notify_ready(&f->notify, "Listening on port %u%s%s", f->port,
                   failed != NULL ? "; not reloaded: " : "", failed != NULL ? failed->message : "");
}

static void finish_reloads(struct front *f) {
  struct pkt_loaded loaded;
  pkt_loader_result(f->loader, &loaded);
  if (f->told_reload != 0 && f->told_reload <= loaded.ticket) {
    f->told_reload = 0;
    tell_ready(f, loaded.failed ? &loaded.err : NULL);
  }
  while (f->reloading.head != NULL && f->reloading.head->ticket <= loaded.ticket) {
    f->reloading_count--;
    answer_reload(f, pkt_jobs_pop(&f->reloading), &loaded);
  }
}

/* Some thread has something for the front. */
static void on_wake(struct front *f) {
  pkt_wake_clear(f->wake_fd);
  pkt_seat_refresh(&f->seats[0]);
  finish_jobs(f);
  finish_reloads(f);
}

static void on_signal(struct front *f) {
  struct signalfd_siginfo info;
  while (read(f->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGHUP) {
      ask_reload(f);
    } else {
      f->hurry = f->stopping;
      f->stopping = true;
    }
  }
}

/* ---- the loop */

/* Receive and count the next request. False: nothing is waiting. */
static bool next_request(struct front *f, struct pkt_frames *in) {
  enum pkt_received got;
  while ((got = pkt_frames_recv(f->socket, in)) == PKT_RECV_BAD) f->count.dropped++;
  f->count.requests += got == PKT_RECV_REQUEST;
  return got == PKT_RECV_REQUEST;
}

/* Hand requests that are waiting to idle workers. False: nothing is waiting any more. */
static bool share(struct front *f) {
  unsigned idle = f->sharers > 0 ? pkt_pool_idle(f->pool) : 0;
  unsigned shares = (idle < f->sharers ? idle : f->sharers) * HAND_OFF;
  struct pkt_frames in;
  for (; shares > 0; shares--) {
    if (!next_request(f, &in)) return false;
    struct pkt_job *job = pkt_job_new(&in);
    if (job == NULL) {
      drop(f, &in);
      continue;
    }
    job->surplus = true;
    f->count.surplus++;
    queue_job(f, job);
  }
  return true;
}

/* Answer what is waiting, up to a batch. True: there may be more. Where it returns false the socket
** has just said that it is empty, so its file descriptor will tell of the next message: that
** only reports changes, which every call on the socket uses up. */
static bool drain(struct front *f) {
  struct pkt_frames in;
  for (int i = 0; i < BATCH; i++) {
    if (!next_request(f, &in)) return false;
    handle(f, &in);
    if (f->stopping) return true;
  }
  return share(f);
}

/* Wait for something to happen, up to 'timeout' ms (-1: for ever), and see to all of it but
** requests. False: nothing happened. poll() itself, as zmq_poll() asks the kernel twice. */
static bool wait_and_see(struct front *f, int timeout) {
  struct pollfd fds[3] = {{.fd = f->socket_fd, .events = POLLIN},
                          {.fd = f->wake_fd, .events = POLLIN},
                          {.fd = f->signal_fd, .events = POLLIN}};
  int happened = poll(fds, 3, timeout);
  if (happened <= 0) return happened < 0; /* a signal happened */
  if (fds[1].revents) on_wake(f);
  if (fds[2].revents) on_signal(f);
  return true;
}

/* What starting has put off. A mistake in a template is no reason to end. */
static void settle(struct front *f) {
  struct pkt_err err;
  if (pkt_service_check(f->seats[0].current, &err) != 0) pkt_log_error("%s", err.message);
  pkt_service_settle(f->seats[0].current);
  f->settled = true;
}

/* Of two times to wait, of which -1 is for ever. */
static int sooner(int a, int b) { return b < 0 || (a >= 0 && a < b) ? a : b; }

static void serve(struct front *f) {
  bool more = true;
  while (!f->stopping) {
    bool tidy = !more && !f->settled; /* in the first quiet moment after the start */
    int timeout = sooner(more ? 0 : tidy ? QUIET_MS : -1, pkt_notify_alive(&f->notify));
    if (!wait_and_see(f, timeout) && tidy) {
      settle(f);
    }
    if (!f->stopping) more = drain(f);
  }
}

/* Answer what had arrived when the end came, within bounds. */
static void serve_the_last(struct front *f) {
  int64_t until = pkt_now_ms() + LAST_READ_MS;
  struct pkt_frames in;
  while (pkt_now_ms() < until && next_request(f, &in)) handle(f, &in);
}

static void wait_for_workers(struct front *f, int64_t until) {
  while (!f->hurry && (pkt_pool_busy(f->pool) || f->reloading.head != NULL)) {
    int64_t left = until - pkt_now_ms();
    if (left <= 0) break;
    struct pollfd fds[2] = {{.fd = f->wake_fd, .events = POLLIN},
                            {.fd = f->signal_fd, .events = POLLIN}};
    if (poll(fds, 2, (int)left) <= 0) continue;
    if (fds[0].revents) on_wake(f);
    if (fds[1].revents) on_signal(f);
  }
}

/* ---- start and end */

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
      {ZMQ_RCVHWM, HIGH_WATER},
      {ZMQ_SNDHWM, HIGH_WATER},
      {ZMQ_BACKLOG, BACKLOG},
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
  return bind_socket(f, err);
}

/* The loader's thread: services are ready, or aren't. */
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

static int start(struct front *f, struct pkt_err *err) {
  raise_file_limit();
  f->sharers = count_sharers(f->options->workers);
  if (block_signals(f, err) != 0 || make_seats(f, err) != 0) return -1;
  if (open_socket(f, err) != 0) return -1;
  return start_threads(f, err);
}

static void print_banner(const struct front *f) {
  char address[PKT_ADDRESS_ROOM];
  pkt_address_local(address, f->options->bind);
  printf("***Scapy Server Started***\nListening on port: %u\nServer IP address: %s\n", f->port,
         address);
  fflush(stdout);
}

static void print_farewell(struct front *f) {
  struct pkt_loaded last;
  pkt_loader_result(f->loader, &last);
  if (f->remote) printf("Server: Shut down by remote user\n");
  fflush(stdout);
  pkt_log_note(
      "requests %llu, deferred %llu, shared %llu, refused %llu, dropped %llu, reloads %llu",
      (unsigned long long)f->count.requests, (unsigned long long)f->count.deferred,
      (unsigned long long)f->count.surplus, (unsigned long long)f->count.busy,
      (unsigned long long)f->count.dropped, (unsigned long long)last.reloads);
}

static void close_socket(struct front *f) {
  if (f->socket != NULL) zmq_close(f->socket);
  if (f->context != NULL) zmq_ctx_shutdown(f->context);
  pkt_curve_stop(f->curve);
  if (f->context != NULL) zmq_ctx_term(f->context); /* waits for replies on their way */
}

/* False: a thread couldn't be ended, and uses what belongs to 'f' until the process ends. */
static bool end_threads(struct front *f, int64_t deadline) {
  if (f->loader != NULL && !pkt_loader_stop(f->loader, deadline)) return false;
  return f->pool == NULL || pkt_pool_stop(f->pool, deadline);
}

static void free_front(struct front *f) {
  for (unsigned i = 0; f->seats != NULL && i < f->seat_count; i++) pkt_seat_close(&f->seats[i]);
  free(f->seats);
  free(f->services);
  if (f->wake_fd >= 0) close(f->wake_fd);
  if (f->signal_fd >= 0) close(f->signal_fd);
  pkt_notify_close(&f->notify);
  free(f);
}

/* Joins the threads before the socket goes: their last messages belong to it. */
static void end(struct front *f, int64_t deadline) {
  for (struct pkt_job *job; (job = pkt_jobs_pop(&f->reloading)) != NULL;) pkt_job_free(job);
  bool ended = end_threads(f, deadline);
  close_socket(f);
  if (ended)
    free_front(f);
  else
    pkt_log_error("ended without a thread that was still at work");
}

int pkt_server_run(const struct pkt_server_options *o, struct pkt_err *err) {
  struct front *f = calloc(1, sizeof *f); /* not on the stack: a thread left behind still uses it */
  if (f == NULL) return pkt_fail(err, PKT_ERR_MEMORY, "no memory");
  f->options = o;
  f->wake_fd = f->signal_fd = -1;
  pkt_notify_open(&f->notify);
  if (start(f, err) != 0) {
    end(f, pkt_now_ms() + GRACE_MS);
    return -1;
  }
  print_banner(f);
  tell_ready(f, NULL);
  serve(f);
  pkt_notify_stopping(&f->notify);
  serve_the_last(f);
  wait_for_workers(f, pkt_now_ms() + GRACE_MS);
  print_farewell(f);
  end(f, pkt_now_ms() + JOIN_MS);
  return 0;
}
