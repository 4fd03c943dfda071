/* seat.h - one thread's place for a service, and how a fresh one gets there.
**
** The thread owns 'current' alone and never waits: between two requests it looks whether the
** loader has put a fresh service down, takes it, and leaves the old one for the loader to close.
** The two handover places are atomic; whoever exchanges a service out of one owns it. */
#ifndef PKT_SEAT_H
#define PKT_SEAT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "../script/service.h"

struct pkt_seat {
  struct pkt_service *current;         /* the thread's own */
  _Atomic(struct pkt_service *) fresh; /* from the loader, not taken yet */
  _Atomic(struct pkt_service *) old;   /* for the loader to close */
};

/* Is there a fresh service? The owning thread may ask at any time: it costs next to nothing. */
static inline bool pkt_seat_has_fresh(struct pkt_seat *s) {
  return atomic_load_explicit(&s->fresh, memory_order_relaxed) != NULL;
}

/* The owning thread: take a fresh service if there is one. True if the service has changed. */
static inline bool pkt_seat_refresh(struct pkt_seat *s) {
  if (!pkt_seat_has_fresh(s)) return false;
  struct pkt_service *fresh = atomic_exchange(&s->fresh, NULL);
  if (fresh == NULL) return false; /* replaced just now by a still fresher one, which will follow */
  struct pkt_service *left = atomic_exchange(&s->old, s->current);
  s->current = fresh;
  if (left != NULL) pkt_service_close(left); /* two reloads in a row: the loader hasn't been by */
  return true;
}

/* The loader: put a fresh service down; one that was never taken is closed. */
static inline void pkt_seat_offer(struct pkt_seat *s, struct pkt_service *fresh) {
  struct pkt_service *unused = atomic_exchange(&s->fresh, fresh);
  if (unused != NULL) pkt_service_close(unused);
}

/* The loader: close the service that the thread has left behind. */
static inline void pkt_seat_collect(struct pkt_seat *s) {
  struct pkt_service *old = atomic_exchange(&s->old, NULL);
  if (old != NULL) pkt_service_close(old);
}

/* When the thread is gone: close everything. */
static inline void pkt_seat_close(struct pkt_seat *s) {
  pkt_seat_offer(s, NULL);
  pkt_seat_collect(s);
  if (s->current != NULL) pkt_service_close(s->current);
  s->current = NULL;
}

#endif
