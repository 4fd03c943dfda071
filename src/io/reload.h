/* reload.h - new protocols without a stop: a thread that loads fresh services and hands them out.
**
** What is to be loaded is tried in a process of its own first (trial.h), which may hang or crash.
** Then the loader opens one fresh service per seat; only when all of them are open does any seat
** get one. On an error nothing changes, and the error is logged and kept for whoever asked. Reloads
** are asked for by ticket, or by a change under the watched folders; those that come while one
** runs are done together by the next. */
#ifndef PKT_RELOAD_H
#define PKT_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "seat.h"

#define PKT_RELOAD_QUIET_MS 100  /* a change is over when nothing happened for so long */
#define PKT_RELOAD_LOOK_MS 250   /* a folder that has gone is looked for so often */
#define PKT_RELOAD_LATEST_MS 500 /* but a folder that is never quiet is loaded after so long */

struct pkt_loader;

struct pkt_loader_options {
  struct pkt_seat *seats;
  const struct pkt_service_options *services; /* one per seat */
  unsigned count;                             /* of seats */
  const char *const *folders;                 /* to watch, NULL-terminated; copied */
  void (*done)(void *arg); /* called by the loader's thread after every reload, failed ones too */
  void *arg;
};

/* Start the thread. Borrows the seats and options until pkt_loader_stop(). NULL: *err. */
struct pkt_loader *pkt_loader_start(const struct pkt_loader_options *options, struct pkt_err *err);

/* Ask for a reload that starts after now. Returns its ticket. */
uint64_t pkt_loader_ask(struct pkt_loader *l);

struct pkt_loaded {
  uint64_t ticket;  /* all reloads up to this ticket are over */
  uint64_t reloads; /* how many succeeded so far */
  bool failed;      /* the last one: then 'err' */
  struct pkt_err err;
};

/* How the last reload went; for any thread. */
void pkt_loader_result(struct pkt_loader *l, struct pkt_loaded *out);

/* End the thread and free the loader. False if it is still loading at 'deadline' (of
** pkt_now_ms): then it is left behind, and what was lent to it must stay. */
bool pkt_loader_stop(struct pkt_loader *l, int64_t deadline);

#endif
