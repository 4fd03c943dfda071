#include "unread.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_SLOTS 64 /* a power of two */

/* A peer with something unread, or one that had something and wasn't swept away yet. */
struct account {
  struct account *next;  /* of the same slot */
  _Atomic(size_t) bytes; /* counted: with ZeroMQ */
  size_t uncounted;      /* sent since the last counted reply */
  bool is_new;           /* nothing was counted yet */
  uint32_t hash;
  size_t size;
  unsigned char peer[];
};

/* A reply that was sent as part of another message. */
struct counted {
  zmq_msg_t reply;
  size_t bytes; /* that it counts for, in both: */
  _Atomic(size_t) *one, *all;
};

struct pkt_unread {
  _Atomic(size_t) all;
  struct account **slots;
  uint32_t mask;  /* slots, less one */
  uint32_t basis; /* of hashes: one that no peer can know */
  uint32_t accounts;
};

struct pkt_unread *pkt_unread_new(void) {
  struct pkt_unread *u = calloc(1, sizeof *u);
  if (u == NULL) return NULL;
  u->slots = calloc(FIRST_SLOTS, sizeof *u->slots);
  u->mask = FIRST_SLOTS - 1;
  if (getrandom(&u->basis, sizeof u->basis, GRND_NONBLOCK) < 0) u->basis = 2166136261u;
  if (u->slots != NULL) return u;
  free(u);
  return NULL;
}

void pkt_unread_free(struct pkt_unread *u) {
  if (u == NULL) return;
  for (uint32_t i = 0; i <= u->mask; i++) {
    for (struct account *a = u->slots[i], *next; a != NULL; a = next) {
      next = a->next;
      free(a);
    }
  }
  free(u->slots);
  free(u);
}

/* FNV-1a, from a basis of our own: peers choose their names, and might choose colliding ones. */
static uint32_t hash_of(uint32_t basis, const unsigned char *peer, size_t size) {
  uint32_t h = basis;
  for (size_t i = 0; i < size; i++) h = (h ^ peer[i]) * 16777619u;
  return h;
}

static struct account *find(const struct pkt_unread *u, zmq_msg_t *peer, uint32_t *hash) {
  const unsigned char *name = zmq_msg_data(peer);
  size_t size = zmq_msg_size(peer);
  *hash = hash_of(u->basis, name, size);
  struct account *a = u->slots[*hash & u->mask];
  while (a != NULL && (a->hash != *hash || a->size != size || memcmp(a->peer, name, size) != 0))
    a = a->next;
  return a;
}

/* Has the peer read everything? No reply points to the account then. */
static bool is_settled(struct account *a) {
  return atomic_load_explicit(&a->bytes, memory_order_acquire) == 0;
}

/* Drop the accounts of peers that have read everything, and move the others to 'slots'. */
static void sweep_to(struct pkt_unread *u, struct account **slots, uint32_t mask) {
  uint32_t left = 0;
  for (uint32_t i = 0; i <= u->mask; i++) {
    for (struct account *a = u->slots[i], *next; a != NULL; a = next) {
      next = a->next;
      if (is_settled(a)) {
        free(a);
        continue;
      }
      a->next = slots[a->hash & mask];
      slots[a->hash & mask] = a;
      left++;
    }
  }
  free(u->slots);
  u->slots = slots;
  u->mask = mask;
  u->accounts = left;
}

/* With as many accounts as slots: sweep, and grow if most of them were of use. Without memory the
** lists get longer. */
static void make_room(struct pkt_unread *u) {
  uint32_t used = 0;
  for (uint32_t i = 0; i <= u->mask; i++)
    for (struct account *a = u->slots[i]; a != NULL; a = a->next) used += !is_settled(a);
  uint32_t mask = used > u->mask / 2 ? u->mask * 2 + 1 : u->mask;
  struct account **slots = calloc((size_t)mask + 1, sizeof *slots);
  if (slots != NULL) sweep_to(u, slots, mask);
}

/* NULL without memory. */
static struct account *account_of(struct pkt_unread *u, zmq_msg_t *peer) {
  uint32_t hash;
  struct account *a = find(u, peer, &hash);
  if (a != NULL) return a;
  if (u->accounts > u->mask) make_room(u);
  size_t size = zmq_msg_size(peer);
  a = malloc(sizeof *a + size);
  if (a == NULL) return NULL;
  struct account **slot = &u->slots[hash & u->mask];
  *a = (struct account){.next = *slot, .hash = hash, .size = size, .is_new = true};
  memcpy(a->peer, zmq_msg_data(peer), size);
  *slot = a;
  u->accounts++;
  return a;
}

/* The bytes that one peer may leave unread while all together have left 'all'; 'settled': this
** peer has none yet. */
static size_t limit(size_t all, bool settled) {
  if (all > PKT_MAX_UNREAD_EVER) return PKT_UNREAD_SMALL;
  if (settled) return SIZE_MAX;
  return all > PKT_MAX_UNREAD_ALL ? PKT_UNREAD_SHARE : PKT_MAX_UNREAD;
}

const char *pkt_unread_refusal(struct pkt_unread *u, zmq_msg_t *peer, size_t len) {
  uint32_t hash;
  size_t all = atomic_load_explicit(&u->all, memory_order_relaxed);
  if (all + len <= PKT_UNREAD_SHARE) return NULL;
  struct account *a = find(u, peer, &hash);
  size_t bytes = a != NULL ? atomic_load_explicit(&a->bytes, memory_order_relaxed) : 0;
  if (bytes + len <= limit(all + len, bytes == 0)) return NULL;
  return bytes == 0 ? "too many replies to other clients are unread"
                    : "too many replies to this client are unread: read them first";
}

/* What ZeroMQ calls when it is done with a counted reply, from one of its threads. */
static void read_on(void *data, void *hint) {
  struct counted *c = hint;
  (void)data;
  zmq_msg_close(&c->reply);
  /* The account may be freed once it is settled: it is touched last. */
  atomic_fetch_sub_explicit(c->all, c->bytes, memory_order_relaxed);
  atomic_fetch_sub_explicit(c->one, c->bytes, memory_order_release);
  free(c);
}

/* Put *reply into a message that counts for 'bytes'. False without memory: nothing has changed. */
static bool wrap(zmq_msg_t *reply, size_t bytes, _Atomic(size_t) *one, _Atomic(size_t) *all) {
  struct counted *c = malloc(sizeof *c);
  zmq_msg_t out;
  if (c == NULL) return false;
  *c = (struct counted){.bytes = bytes, .one = one, .all = all};
  zmq_msg_init(&c->reply);
  zmq_msg_move(&c->reply, reply);
  size_t len = zmq_msg_size(&c->reply);
  if (zmq_msg_init_data(&out, zmq_msg_data(&c->reply), len, read_on, c) != 0) {
    zmq_msg_move(reply, &c->reply);
    free(c);
    return false;
  }
  zmq_msg_move(reply, &out);
  atomic_fetch_add_explicit(one, bytes, memory_order_relaxed);
  atomic_fetch_add_explicit(all, bytes, memory_order_relaxed);
  return true;
}

void pkt_unread_count(struct pkt_unread *u, zmq_msg_t *peer, zmq_msg_t *reply) {
  struct account *a = account_of(u, peer);
  if (a == NULL) return;
  a->uncounted += zmq_msg_size(reply);
  /* What isn't counted is forgotten with a swept account: the first of a new one always counts, or
  ** peers enough to have all of them swept again and again would never have anything counted. */
  if (a->uncounted < PKT_UNREAD_SMALL && !a->is_new) return;
  if (!wrap(reply, a->uncounted, &a->bytes, &u->all)) return;
  a->uncounted = 0;
  a->is_new = false;
}
