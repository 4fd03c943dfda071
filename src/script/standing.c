#include "standing.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/buf.h"
#include "service.h"

/* The room for a head. A longer one, for an id that no client makes up, gets a copy of its own. */
#define ROOM 512

/* Copies that are kept. ZeroMQ gives the one it has sent back a moment after the client has it, so
** that who asks one request after the other needs one or two; whoever asks for more at a time gets
** copies that last for one reply. */
#define KEPT 2

/* While it is lent, the head is the borrower's; the rest is only read, by whomever. */
struct copy {
  struct pkt_standing *standing;
  size_t room; /* before the rest */
  bool kept;
  atomic_bool lent;
  char memory[];
};

struct pkt_standing {
  atomic_int users;          /* the owner, and who has a copy */
  size_t len;                /* of the rest: the result, and the reply's closing brace */
  struct copy *copies[KEPT]; /* the first is there from the beginning; then NULL until needed */
};

/* Without its rest. NULL without memory. */
static struct copy *new_copy(struct pkt_standing *s, size_t room) {
  struct copy *c = malloc(sizeof *c + room + s->len);
  if (!c) return NULL;
  c->standing = s;
  c->room = room;
  c->kept = false;
  atomic_init(&c->lent, false);
  return c;
}

static char *rest_of(struct copy *c) { return c->memory + c->room; }

struct pkt_standing *pkt_standing_new(const char *result, size_t len) {
  struct pkt_standing *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->len = len + 1;
  atomic_init(&s->users, 1);
  struct copy *first = s->copies[0] = new_copy(s, ROOM);
  if (!first) {
    free(s);
    return NULL;
  }
  first->kept = true;
  memcpy(rest_of(first), result, len);
  rest_of(first)[len] = '}';
  return s;
}

static void leave(struct pkt_standing *s) {
  if (atomic_fetch_sub(&s->users, 1) > 1) return;
  for (int i = 0; i < KEPT; i++) free(s->copies[i]);
  free(s);
}

void pkt_standing_close(struct pkt_standing *s) {
  if (s) leave(s);
}

/* A copy with so much room that isn't lent; NULL without memory. */
static struct copy *free_copy(struct pkt_standing *s, size_t room) {
  int i = 0;
  while (i < KEPT && s->copies[i] && (room > ROOM || atomic_load(&s->copies[i]->lent))) i++;
  if (i < KEPT && s->copies[i]) return s->copies[i];
  struct copy *c = new_copy(s, room > ROOM ? room : ROOM);
  if (!c) return NULL;
  pkt_copy_long(rest_of(c), rest_of(s->copies[0]), s->len);
  c->kept = i < KEPT && room <= ROOM;
  if (c->kept) s->copies[i] = c;
  return c;
}

static void release(void *data, void *hint) {
  struct copy *c = hint;
  struct pkt_standing *s = c->standing;
  (void)data;
  if (c->kept)
    atomic_store(&c->lent, false);
  else
    free(c);
  leave(s);
}

int pkt_standing_lend(struct pkt_standing *s, const char *head, size_t n, struct pkt_reply *reply) {
  struct copy *c = free_copy(s, n);
  if (!c) return -1;
  char *data = rest_of(c) - n;
  memcpy(data, head, n);
  atomic_fetch_add(&s->users, 1);
  atomic_store(&c->lent, true);
  *reply = (struct pkt_reply){.data = data, .len = n + s->len, .release = release, .hint = c};
  return 0;
}
