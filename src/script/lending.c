#include "lending.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Buffers out at a time: a few replies on their way to clients that ask again before they have the
** last one. */
#define MOST 4

/* One buffer: while it is lent, the borrower's; else the service's thread's. */
struct loan {
  struct pkt_lending *lending;
  atomic_bool lent;
  char *data;
  size_t cap;
};

struct pkt_lending {
  atomic_int users; /* the service, and who has a buffer */
  size_t keep;
  struct loan loans[MOST];
};

struct pkt_lending *pkt_lending_new(size_t keep) {
  struct pkt_lending *l = calloc(1, sizeof *l);
  if (!l) return NULL;
  atomic_init(&l->users, 1);
  l->keep = keep;
  for (int i = 0; i < MOST; i++) l->loans[i].lending = l;
  return l;
}

static void leave(struct pkt_lending *l) {
  if (atomic_fetch_sub(&l->users, 1) > 1) return;
  for (int i = 0; i < MOST; i++) free(l->loans[i].data);
  free(l);
}

void pkt_lending_close(struct pkt_lending *l) {
  if (l) leave(l);
}

/* One that isn't lent, the one with the most memory if there are several; NULL: all are. */
static struct loan *free_loan(struct pkt_lending *l) {
  struct loan *best = NULL;
  for (int i = 0; i < MOST; i++) {
    struct loan *loan = &l->loans[i];
    if (!atomic_load(&loan->lent) && (!best || loan->cap > best->cap)) best = loan;
  }
  return best;
}

/* The memory of a loan that isn't lent for that of a buffer, which is empty afterwards. */
static void swap(struct loan *loan, struct pkt_buf *b) {
  struct pkt_buf back = {.data = loan->data, .cap = loan->cap, .limit = b->limit};
  loan->data = b->data;
  loan->cap = b->cap;
  *b = back;
}

void pkt_take_back(struct pkt_lending *l, struct pkt_buf *b) {
  struct loan *loan = free_loan(l);
  if (loan) swap(loan, b);
}

void *pkt_lend(struct pkt_lending *l, struct pkt_buf *b) {
  struct loan *loan = free_loan(l);
  if (!loan) return NULL;
  swap(loan, b);
  atomic_fetch_add(&l->users, 1);
  atomic_store(&loan->lent, true);
  return loan;
}

void pkt_lending_release(void *data, void *hint) {
  struct loan *loan = hint;
  struct pkt_lending *l = loan->lending;
  if (loan->cap > l->keep) {
    free(data);
    loan->data = NULL;
    loan->cap = 0;
  }
  atomic_store(&loan->lent, false);
  leave(l);
}
