#include "reload.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../script/trial.h"
#include "log.h"
#include "thread.h"
#include "watch.h"

struct pkt_loader {
  struct pkt_loader_options options;
  struct pkt_service **fresh; /* the generation being loaded, one per seat */
  struct pkt_watch *watch;    /* NULL where the system can't watch */
  int wake;
  pthread_t thread;
  pthread_mutex_t lock; /* guards what follows */
  uint64_t asked;       /* the last ticket */
  bool stopping;
  struct pkt_loaded last;
};

static int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

static bool is_stopping(void *arg) {
  struct pkt_loader *l = arg;
  pthread_mutex_lock(&l->lock);
  bool stopping = l->stopping;
  pthread_mutex_unlock(&l->lock);
  return stopping;
}

/* Open a whole generation into 'fresh'. On an error none of it is left open. */
static int open_all(struct pkt_loader *l, struct pkt_err *err) {
  for (unsigned i = 0; i < l->options.count; i++) {
    const struct pkt_service_options *options = &l->options.services[i];
    l->fresh[i] =
        i == 0 ? pkt_service_open(options, err) : pkt_service_share(l->fresh[0], options, err);
    bool good = l->fresh[i] != NULL;
    if (i == 0 && good) good = pkt_service_settle(l->fresh[0], err) == 0;
    if (good) continue;
    pkt_service_close(l->fresh[i]);
    while (i > 0) pkt_service_close(l->fresh[--i]);
    return -1;
  }
  return 0;
}

static void collect_all(struct pkt_loader *l) {
  for (unsigned i = 0; i < l->options.count; i++) pkt_seat_collect(&l->options.seats[i]);
}

/* Has any seat still to take its fresh service, or left an old one? */
static bool unsettled(struct pkt_loader *l) {
  bool any = false;
  for (unsigned i = 0; i < l->options.count; i++) {
    struct pkt_seat *s = &l->options.seats[i];
    any |= pkt_seat_has_fresh(s) || atomic_load(&s->old) != NULL;
  }
  return any;
}

/* A new generation may read other folders than the last. True if anything has changed since the
** old folders were last looked at. */
static bool watch_again(struct pkt_loader *l, const char *const *folders) {
  struct pkt_err err;
  struct pkt_watch *before = l->watch;
  l->watch = pkt_watch_open(folders, &err);
  if (l->watch == NULL) pkt_log_error("%s; changes need 'reload' or SIGHUP", err.message);
  bool changed = before != NULL && pkt_watch_changed(before);
  pkt_watch_close(before);
  return changed;
}

static void finish(struct pkt_loader *l, uint64_t ticket, const struct pkt_err *err) {
  pthread_mutex_lock(&l->lock);
  l->last.ticket = ticket;
  l->last.failed = err != NULL;
  if (err != NULL) l->last.err = *err;
  if (err == NULL) l->last.reloads++;
  pthread_mutex_unlock(&l->lock);
  l->options.done(l->options.arg);
}

/* True if something changed while it was loading: then it must be done again. */
static bool reload(struct pkt_loader *l, uint64_t ticket) {
  struct pkt_err err;
  int64_t start = pkt_now_ms();
  if (l->watch != NULL) pkt_watch_changed(l->watch); /* what was changed up to now is read now */
  if (pkt_service_try(&l->options.services[0], is_stopping, l, &err) != 0 ||
      open_all(l, &err) != 0) {
    pkt_log_error("not reloaded: %s", err.message);
    finish(l, ticket, &err);
    /* The watch is the old one, and still holds what changed meanwhile. */
    bool returned = l->watch != NULL && pkt_watch_returned(l->watch);
    if (l->watch != NULL && !returned) pkt_watch_again(l->watch);
    return returned;
  }
  bool changed = watch_again(l, pkt_service_folders(l->fresh[0]));
  collect_all(l);
  for (unsigned i = 0; i < l->options.count; i++) pkt_seat_offer(&l->options.seats[i], l->fresh[i]);
  pkt_log_note("reloaded in %lld ms", (long long)(pkt_now_ms() - start));
  finish(l, ticket, NULL);
  return changed;
}

/* What is asked for: the last ticket. False at the end. */
static bool look(struct pkt_loader *l, uint64_t *asked) {
  pthread_mutex_lock(&l->lock);
  *asked = l->asked;
  bool go_on = !l->stopping;
  pthread_mutex_unlock(&l->lock);
  return go_on;
}

/* Wait for a wake-up or a change, until 'due' at the latest (0: there is no deadline, but old
** services may have to be closed meanwhile). Returns whether something changed. */
static bool wait_until(struct pkt_loader *l, int64_t due) {
  struct pollfd fds[2] = {{.fd = l->wake, .events = POLLIN},
                          {.fd = l->watch ? pkt_watch_fd(l->watch) : -1, .events = POLLIN}};
  int64_t left = unsettled(l) ? PKT_RELOAD_QUIET_MS : -1;
  if (left < 0 && l->watch != NULL && pkt_watch_lacks(l->watch)) left = PKT_RELOAD_LOOK_MS;
  if (due != 0) left = due > pkt_now_ms() ? due - pkt_now_ms() : 0;
  int ready = poll(fds, 2, (int)left);
  if (l->watch != NULL && pkt_watch_returned(l->watch)) return true;
  if (ready <= 0) return false;
  if (fds[0].revents) pkt_wake_clear(l->wake);
  return fds[1].revents && pkt_watch_changed(l->watch);
}

/* Between reloads: 'due' is when a change that was seen has had its quiet time, 'latest' when it
** is loaded in any case. */
static void *run(void *arg) {
  struct pkt_loader *l = arg;
  uint64_t asked, done = 0;
  int64_t due = 0, latest = 0;
  while (look(l, &asked)) {
    if (asked > done || (due != 0 && pkt_now_ms() >= due)) {
      done = asked;
      due = reload(l, asked) ? pkt_now_ms() + PKT_RELOAD_QUIET_MS : 0;
      latest = due;
    } else if (wait_until(l, due)) {
      int64_t now = pkt_now_ms();
      if (due == 0) latest = now + PKT_RELOAD_LATEST_MS;
      due = at_most(now + PKT_RELOAD_QUIET_MS, latest);
    } else {
      collect_all(l);
    }
  }
  return NULL;
}

static void free_loader(struct pkt_loader *l) {
  pkt_watch_close(l->watch);
  if (l->wake >= 0) close(l->wake);
  pthread_mutex_destroy(&l->lock);
  free(l->fresh);
  free(l);
}

struct pkt_loader *pkt_loader_start(const struct pkt_loader_options *options, struct pkt_err *err) {
  struct pkt_loader *l = calloc(1, sizeof *l);
  if (l == NULL) {
    pkt_fail(err, PKT_ERR_MEMORY, "no memory for the loader");
    return NULL;
  }
  l->options = *options;
  pthread_mutex_init(&l->lock, NULL);
  l->fresh = calloc(options->count, sizeof(struct pkt_service *));
  l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (l->wake < 0 || l->fresh == NULL) {
    pkt_fail(err, PKT_ERR_MEMORY, "can't start the loader: %s", strerror(errno));
    free_loader(l);
    return NULL;
  }
  watch_again(l, options->folders);
  if (pkt_thread_start(&l->thread, "luapkt-loader", run, l, err) == 0) return l;
  free_loader(l);
  return NULL;
}

uint64_t pkt_loader_ask(struct pkt_loader *l) {
  pthread_mutex_lock(&l->lock);
  uint64_t ticket = ++l->asked;
  pthread_mutex_unlock(&l->lock);
  pkt_wake(l->wake);
  return ticket;
}

void pkt_loader_result(struct pkt_loader *l, struct pkt_loaded *out) {
  pthread_mutex_lock(&l->lock);
  *out = l->last;
  pthread_mutex_unlock(&l->lock);
}

bool pkt_loader_stop(struct pkt_loader *l, int64_t deadline) {
  pthread_mutex_lock(&l->lock);
  l->stopping = true;
  pthread_mutex_unlock(&l->lock);
  pkt_wake(l->wake);
  if (!pkt_thread_join(l->thread, deadline)) return false;
  free_loader(l);
  return true;
}
