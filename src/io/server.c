/* server.c - the front at work: requests answered or passed on, and what comes back. */
#include "server.h"

#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

#include "address.h"
#include "busy.h"
#include "frames.h"
#include "log.h"
#include "server_inner.h"
#include "thread.h"

#define BATCH 32   /* requests answered in a row before signals and workers get a look */
#define HAND_OFF 8 /* surplus requests for each idle worker: fewer don't repay its waking up */
#define LAST_READ_MS 100       /* at the end, for requests that have arrived already */
#define QUIET_MS 200           /* without a request: time to tidy up */
#define KEPT_FREE (256u << 10) /* bytes that may stay free for requests to come */
#define GRACE_MS 3000          /* at the end, for requests that are being worked on */
#define JOIN_MS 200            /* after that, for threads to notice the end */

/* ---- requests and replies */

/* Send what may be sent, and count it. Takes 'out'. */
static void post(struct front *f, struct pkt_frames *in, zmq_msg_t *out) {
  if (pkt_log_wants_notes()) pkt_log_bytes("reply", zmq_msg_data(out), zmq_msg_size(out));
  pkt_unread_count(f->unread, pkt_frames_peer(in), out);
  pkt_frames_reply(f->socket, in, out);
}

/* Answer with an error of the code for "busy", and say why. */
static void refuse_as(struct front *f, struct pkt_frames *in, const char *why) {
  struct pkt_buf text = {0};
  zmq_msg_t out;
  size_t len;
  const char *request = pkt_frames_request(in, &len);
  pkt_busy_reply(&text, request, len, why);
  if (text.failed) text.len = 0; /* without memory: an empty reply, never half of one */
  pkt_frames_pack(&out, &(struct pkt_reply){.data = text.data, .len = text.len});
  pkt_buf_free(&text);
  post(f, in, &out);
}

/* A peer that asks and doesn't read gets an error in place of its reply. Takes 'out'. */
static void send_reply(struct front *f, struct pkt_frames *in, zmq_msg_t *out) {
  const char *why = pkt_unread_refusal(f->unread, pkt_frames_peer(in), zmq_msg_size(out));
  if (why == NULL) {
    post(f, in, out);
    return;
  }
  zmq_msg_close(out);
  f->count.unread++;
  refuse_as(f, in, why);
}

static void drop(struct front *f, struct pkt_frames *in) {
  f->count.dropped++;
  pkt_frames_close(in);
}

/* The queue is full. To stop reading until there is room would push back on the peers that filled
** it, but also silence all others, whose requests need no worker: so this one is refused. */
static void refuse(struct front *f, struct pkt_frames *in) {
  f->count.busy++;
  refuse_as(f, in, "too many requests are waiting");
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
      pkt_log_reopen();
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
  f->tidy = f->tidy && got != PKT_RECV_REQUEST;
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

/* Do what was put off to start quickly. A mistake in a template is logged, and no reason to end. */
static void settle(struct front *f) {
  struct pkt_err err;
  if (pkt_service_settle(f->seats[0].current, &err) != 0) pkt_log_error("%s", err.message);
  f->settled = true;
}

/* In a quiet moment after requests: what large ones have left goes back to the system. */
static void tidy(struct front *f) {
  if (!f->settled)
    settle(f);
  else if (mallinfo2().fordblks > KEPT_FREE)
    malloc_trim(0);
  f->tidy = true;
}

/* The shorter of two waiting times, of which -1 stands for no limit. */
static int sooner(int a, int b) { return b < 0 || (a >= 0 && a < b) ? a : b; }

static void serve(struct front *f) {
  bool more = true;
  while (!f->stopping) {
    bool untidy = !more && !f->tidy;
    int timeout = sooner(more ? 0 : untidy ? QUIET_MS : -1, pkt_notify_alive(&f->notify));
    if (!wait_and_see(f, timeout) && untidy) tidy(f);
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

/* ---- the whole of it */

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
      "requests %llu, deferred %llu, shared %llu, refused %llu, unread %llu, dropped %llu, "
      "reloads %llu",
      (unsigned long long)f->count.requests, (unsigned long long)f->count.deferred,
      (unsigned long long)f->count.surplus, (unsigned long long)f->count.busy,
      (unsigned long long)f->count.unread, (unsigned long long)f->count.dropped,
      (unsigned long long)last.reloads);
}

int pkt_server_run(const struct pkt_server_options *o, struct pkt_err *err) {
  struct front *f = calloc(1, sizeof *f); /* not on the stack: a thread left behind still uses it */
  if (f == NULL) return pkt_fail(err, PKT_ERR_MEMORY, "no memory");
  f->options = o;
  f->wake_fd = f->signal_fd = -1;
  pkt_notify_open(&f->notify);
  if (pkt_front_start(f, err) != 0) {
    pkt_front_end(f, pkt_now_ms() + GRACE_MS);
    return -1;
  }
  print_banner(f);
  tell_ready(f, NULL);
  serve(f);
  pkt_notify_stopping(&f->notify);
  serve_the_last(f);
  wait_for_workers(f, pkt_now_ms() + GRACE_MS);
  print_farewell(f);
  pkt_front_end(f, pkt_now_ms() + JOIN_MS);
  return 0;
}
