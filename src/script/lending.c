#include "lending.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { HOME, LENT, BACK };

struct pkt_lending {
  atomic_int users; /* the service, and whoever has the buffer */
  atomic_int state; /* only the service's thread changes it, but for LENT to BACK */
  char *data;
  size_t cap;
};

struct pkt_lending *pkt_lending_new(void) {
  struct pkt_lending *l = calloc(1, sizeof *l);
  if (l) atomic_init(&l->users, 1);
  return l;
}

static void leave(struct pkt_lending *l) {
  if (atomic_fetch_sub(&l->users, 1) > 1) return;
  free(l->data);
  free(l);
}

void pkt_lending_close(struct pkt_lending *l) {
  if (l) leave(l);
}

bool pkt_lend(struct pkt_lending *l, struct pkt_buf *b) {
  if (atomic_load(&l->state) != HOME) return false;
  l->data = b->data;
  l->cap = b->cap;
  *b = (struct pkt_buf){.limit = b->limit};
  atomic_fetch_add(&l->users, 1);
  atomic_store(&l->state, LENT);
  return true;
}

void pkt_lending_take(struct pkt_lending *l, struct pkt_buf *b) {
  if (atomic_load(&l->state) != BACK) return;
  if (b->cap < l->cap) {
    free(b->data);
    b->data = l->data;
    b->cap = l->cap;
  } else {
    free(l->data);
  }
  l->data = NULL;
  atomic_store(&l->state, HOME);
}

void pkt_lending_release(void *data, void *lending) {
  struct pkt_lending *l = lending;
  (void)data;
  atomic_store(&l->state, BACK);
  leave(l);
}
