/* follow_connection.c - the table of connections, and of those that were opened. */
#include <stdlib.h>
#include <string.h>

#include "../wire/mix.h"
#include "follow_inner.h"

void pkt_direction_sync(struct pkt_direction *d, uint32_t seq) {
  d->synced = true;
  d->next = seq;
  if (!d->begun || (!d->opened && pkt_seq_is_before(seq, d->first))) d->first = seq;
  d->begun = true;
}

void pkt_direction_open(struct pkt_direction *d, uint32_t first) {
  pkt_direction_sync(d, first);
  d->opened = true;
}

/* --------------------------------------------------------------------------------------- sides */

static bool same_side(const struct pkt_side *a, const struct pkt_side *b) {
  return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

static uint64_t hash_side(const struct pkt_side *s) {
  return pkt_mix(pkt_mix(1, s->address.bytes, s->address.len), &s->port, sizeof s->port);
}

/* The same for both directions. */
static uint64_t hash_sides(const struct pkt_side sides[2]) {
  uint64_t a = hash_side(&sides[0]), b = hash_side(&sides[1]);
  return (a + b) ^ (a ^ b) >> 17;
}

/* ------------------------------------------------------------------------------------ openings */

/* Where it is noted that 'from' opened a connection to 'to'; *hash tells it from others. */
static struct pkt_opening *opening_of(struct pkt_follow *f, const struct pkt_side *from,
                                      const struct pkt_side *to, uint64_t *hash) {
  uint64_t ends[2] = {hash_side(from), hash_side(to)};
  *hash = pkt_mix(1, ends, sizeof ends) | 1;
  return &f->openings[*hash / 2 % PKT_FOLLOW_OPENINGS];
}

void pkt_opening_note(struct pkt_follow *f, const struct pkt_side sides[2], uint32_t first) {
  uint64_t hash;
  struct pkt_opening *o = opening_of(f, &sides[0], &sides[1], &hash);
  *o = (struct pkt_opening){hash, first};
}

/* What was noted of the direction from 'from' to 'to' goes into it. */
static void take_opening(struct pkt_follow *f, struct pkt_direction *d, const struct pkt_side *from,
                         const struct pkt_side *to) {
  uint64_t hash;
  struct pkt_opening *o = opening_of(f, from, to, &hash);
  if (o->hash != hash) return;
  pkt_direction_open(d, o->first);
  o->hash = 0;
}

bool pkt_opening_is_overtaken(struct pkt_follow *f, const struct pkt_side sides[2], uint32_t seq) {
  uint64_t hash;
  struct pkt_opening *o = opening_of(f, &sides[0], &sides[1], &hash);
  if (o->hash != hash) return false;
  bool early = seq != o->first && seq - o->first <= PKT_FOLLOW_EARLY;
  if (!early) o->hash = 0;
  return early;
}

/* ------------------------------------------------------------------------------------ the order */

static void unlink_age(struct pkt_follow *f, struct pkt_connection *c) {
  if (f->waiting == c) f->waiting = c->newer;
  *(c->older ? &c->older->newer : &f->oldest) = c->newer;
  *(c->newer ? &c->newer->older : &f->newest) = c->older;
}

static void link_newest(struct pkt_follow *f, struct pkt_connection *c) {
  c->older = f->newest;
  c->newer = NULL;
  c->used = false;
  *(f->newest ? &f->newest->newer : &f->oldest) = c;
  f->newest = c;
}

void pkt_connection_link_oldest(struct pkt_follow *f, struct pkt_connection *c) {
  unlink_age(f, c);
  c->older = NULL;
  c->newer = f->oldest;
  c->used = false;
  *(f->oldest ? &f->oldest->older : &f->newest) = c;
  f->oldest = c;
}

/* Forget the oldest connection that wasn't used since it was last looked at, sparing 'but';
** those that were used count as new again. Reordering the list with every packet instead would
** touch the memory of three connections. */
static void forget_one(struct pkt_follow *f, const struct pkt_connection *but) {
  for (;;) {
    struct pkt_connection *c = f->oldest;
    if (!c->used && c != but) {
      pkt_connection_forget(f, c);
      return;
    }
    unlink_age(f, c);
    link_newest(f, c);
  }
}

/* The number of the record of the first segment that waits, if any is known; else the highest. */
static uint64_t number_waiting(const struct pkt_direction *d) {
  return d && d->ahead && d->ahead->record ? d->ahead->record->number : UINT64_MAX;
}

struct pkt_direction *pkt_connection_first_waiting(struct pkt_connection *c) {
  struct pkt_direction *a = &c->ways[0], *b = &c->ways[1];
  bool second = !a->ahead || (b->ahead && number_waiting(b) < number_waiting(a));
  struct pkt_direction *first = second ? b : a;
  return first->ahead ? first : NULL;
}

static int by_waiting(const void *a, const void *b) {
  uint64_t x = number_waiting(pkt_connection_first_waiting(*(struct pkt_connection *const *)a));
  uint64_t y = number_waiting(pkt_connection_first_waiting(*(struct pkt_connection *const *)b));
  return (x > y) - (x < y);
}

void pkt_connection_sort(struct pkt_follow *f) {
  struct pkt_connection **all = calloc(f->connections, sizeof(struct pkt_connection *));
  if (!all) return;
  uint32_t n = 0;
  for (struct pkt_connection *c = f->oldest; c; c = c->newer) all[n++] = c;
  qsort(all, n, sizeof(struct pkt_connection *), by_waiting);
  f->oldest = f->newest = NULL;
  for (uint32_t i = 0; i < n; i++) link_newest(f, all[i]);
  free(all);
}

/* --------------------------------------------------------------------------------- connections */

/* Memory for one, zeroed; NULL: there is none. */
static struct pkt_connection *take_memory(struct pkt_follow *f) {
  struct pkt_connection *c = f->spare;
  size_t size = PKT_FOLLOW_CONNECTIONS * sizeof *c;
  if (!f->pool && !(f->pool = pkt_pages_map(&f->pages, size, size))) return NULL;
  if (!c) return &f->pool[f->pooled++];
  f->spare = c->chain;
  memset(c, 0, sizeof *c);
  return c;
}

void pkt_connection_forget(struct pkt_follow *f, struct pkt_connection *c) {
  struct pkt_connection **at = &f->buckets[c->hash % PKT_FOLLOW_BUCKETS];
  while (*at != c) at = &(*at)->chain;
  *at = c->chain;
  unlink_age(f, c);
  for (int i = 0; i < 2; i++) {
    f->memory -= pkt_direction_memory(&c->ways[i]);
    pkt_segment_drop_all(&c->ways[i]);
    pkt_buf_free(&c->ways[i].held);
  }
  f->connections--;
  if (f->passing == c) f->passing = NULL;
  c->chain = f->spare;
  f->spare = c;
}

struct pkt_connection *pkt_connection_find(struct pkt_follow *f, const struct pkt_side sides[2],
                                           int *sender) {
  uint64_t hash = hash_sides(sides);
  for (struct pkt_connection *c = f->buckets[hash % PKT_FOLLOW_BUCKETS]; c; c = c->chain) {
    if (c->hash != hash) continue;
    for (*sender = 0; *sender < 2; ++*sender)
      if (same_side(&sides[0], &c->sides[*sender]) && same_side(&sides[1], &c->sides[!*sender]))
        return c;
  }
  return NULL;
}

struct pkt_connection *pkt_connection_begin(struct pkt_follow *f, const struct pkt_side sides[2]) {
  if (f->connections == PKT_FOLLOW_CONNECTIONS) forget_one(f, NULL);
  struct pkt_connection *c = take_memory(f);
  if (!c) return NULL;
  c->hash = hash_sides(sides);
  memcpy(c->sides, sides, sizeof c->sides);
  for (int i = 0; i < 2; i++) take_opening(f, &c->ways[i], &sides[i], &sides[!i]);
  c->chain = f->buckets[c->hash % PKT_FOLLOW_BUCKETS];
  f->buckets[c->hash % PKT_FOLLOW_BUCKETS] = c;
  link_newest(f, c);
  f->connections++;
  return c;
}

void pkt_connection_account(struct pkt_follow *f, struct pkt_connection *c,
                            const struct pkt_direction *d, size_t before) {
  f->memory += pkt_direction_memory(d) - before;
  c->used = true;
  while (f->memory > PKT_FOLLOW_MEMORY && f->connections > 1) forget_one(f, c);
}
