/* fragments.c - datagrams in pieces, put together again. */
#include "../wire/mix.h"
#include "fragments.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dissect.h"
#include "ends.h"

#define UNIT 8 /* bytes: where pieces begin, and all but the last end (RFC 791 section 3.1) */
#define UNITS (PKT_DATAGRAM_SIZE / UNIT)

/* Whose datagram, and which of theirs. */
struct key {
  const struct pkt_plan *plan;
  struct pkt_address src, dst;
  uint64_t fields[PKT_MAX_KEYS];
};

struct datagram {
  bool used;
  uint64_t hash;
  struct key key;
  int64_t begun;              /* when its first piece came, nanoseconds since 1970 */
  uint64_t number;            /* counts up: an older datagram has a lower one */
  uint8_t *bytes;             /* PKT_DATAGRAM_SIZE of them */
  uint32_t total;             /* bytes of the whole; 0: not known yet */
  uint32_t units;             /* that are there */
  uint64_t there[UNITS / 64]; /* a bit for each unit */
  uint8_t *head;              /* of the first piece; NULL: not here yet */
  uint32_t head_len;
};

struct pkt_fragments {
  struct datagram slots[PKT_DATAGRAMS];
  uint64_t begun;        /* datagrams so far */
  struct datagram *done; /* that was handed out by the last call; NULL: none */
};

struct pkt_fragments *pkt_fragments_new(void) {
  struct pkt_fragments *f = calloc(1, sizeof *f);
  return f;
}

static void forget(struct datagram *d) {
  free(d->bytes);
  free(d->head);
  *d = (struct datagram){0};
}

void pkt_fragments_free(struct pkt_fragments *f) {
  if (!f) return;
  for (unsigned i = 0; i < PKT_DATAGRAMS; i++) forget(&f->slots[i]);
  free(f);
}

static struct pkt_scope scope_of(const struct pkt_packet *p, uint32_t at) {
  return (struct pkt_scope){.layer = p->layers[at], .below = at > 0 ? p->layers[at - 1] : NULL};
}

/* Of a layer that may carry pieces. */
static bool carries_piece(const struct pkt_packet *p, uint32_t at) {
  const struct pkt_layer *layer = p->layers[at];
  const struct pkt_pieces *pieces = layer->plan->pieces;
  if (layer->unread || layer->joined) return false;
  struct pkt_scope scope = scope_of(p, at);
  return pkt_rule_eval(pieces->at, &scope) != 0 || pkt_rule_eval(pieces->more, &scope) != 0;
}

bool pkt_is_piece(const struct pkt_packet *p, uint32_t at) {
  return p->layers[at]->plan->pieces && carries_piece(p, at);
}

uint32_t pkt_fragments_find(const struct pkt_packet *p, uint32_t from) {
  for (; from < p->len; from++)
    if (p->layers[from]->plan->pieces && carries_piece(p, from)) break;
  return from;
}

static bool make_key(const struct pkt_packet *p, uint32_t at, struct key *key) {
  const struct pkt_layer *layer = p->layers[at];
  const struct pkt_pieces *pieces = layer->plan->pieces;
  memset(key, 0, sizeof *key);
  key->plan = layer->plan;
  for (unsigned i = 0; i < pieces->nkeys; i++) key->fields[i] = layer->slots[pieces->keys[i]].num;
  return pkt_ends(p, at, &key->src, &key->dst);
}

static uint64_t hash_key(const struct key *key) {
  uint64_t hash = pkt_mix(1, key->src.bytes, 16);
  hash = pkt_mix(hash, key->dst.bytes, 16);
  return pkt_mix(hash, key->fields, sizeof key->fields);
}

static bool same_key(const struct key *a, const struct key *b) {
  return a->plan == b->plan && memcmp(a->src.bytes, b->src.bytes, 16) == 0 &&
         memcmp(a->dst.bytes, b->dst.bytes, 16) == 0 &&
         memcmp(a->fields, b->fields, sizeof a->fields) == 0;
}

static bool is_stale(const struct datagram *d, int64_t now) {
  return pkt_have_passed(PKT_DATAGRAM_PATIENCE * UINT64_C(1000000000), d->begun, now);
}

/* The datagram that the piece belongs to: one that was begun, or a new one in place of the oldest
** if need be. NULL without memory. */
static struct datagram *find(struct pkt_fragments *f, const struct key *key, int64_t now) {
  uint64_t hash = hash_key(key);
  struct datagram *place = &f->slots[0];
  for (unsigned i = 0; i < PKT_DATAGRAMS; i++) {
    struct datagram *d = &f->slots[i];
    if (d->used && is_stale(d, now)) forget(d);
    if (d->used && d->hash == hash && same_key(&d->key, key)) return d;
    if (place->used && (!d->used || d->number < place->number)) place = d;
  }
  forget(place);
  place->bytes = malloc(PKT_DATAGRAM_SIZE);
  if (!place->bytes) return NULL;
  place->used = true;
  place->hash = hash;
  place->key = *key;
  place->begun = now;
  place->number = f->begun++;
  return place;
}

/* Note what a piece that ends at 'end' says about where the datagram ends. False: an earlier
** piece contradicts it, so the two aren't of the same datagram. */
static bool set_end(struct datagram *d, uint32_t end, bool more) {
  if (d->total != 0 && (more ? end > d->total : end != d->total)) return false;
  if (!more) d->total = end;
  return true;
}

/* Copy the units of a piece that weren't there. The last one of a datagram may be shorter. */
static void fill(struct datagram *d, uint32_t at, const uint8_t *p, uint32_t n) {
  for (uint32_t i = 0; i < n; i += UNIT) {
    uint32_t unit = (at + i) / UNIT;
    uint64_t bit = (uint64_t)1 << unit % 64;
    if (d->there[unit / 64] & bit) continue;
    d->there[unit / 64] |= bit;
    d->units++;
    memcpy(d->bytes + at + i, p + i, n - i < UNIT ? n - i : UNIT);
  }
}

static bool keep_head(struct datagram *d, const struct pkt_layer *layer) {
  if (d->head) return true;
  d->head = malloc(layer->size + 1u);
  if (!d->head) return false;
  memcpy(d->head, layer->raw, layer->size);
  d->head_len = layer->size;
  return true;
}

/* Is every unit of it there? */
static bool is_whole(const struct datagram *d) {
  uint32_t units = (d->total + UNIT - 1) / UNIT, there = 0;
  if (!d->head || d->total == 0 || d->units < units) return false;
  while (there < units && d->there[there / 64] >> there % 64 & 1) there++;
  return there == units;
}

enum pkt_joined pkt_fragments_take(struct pkt_fragments *f, const struct pkt_packet *p, uint32_t at,
                                   int64_t time, struct pkt_joined_datagram *out) {
  const struct pkt_layer *layer = p->layers[at];
  struct pkt_scope scope = scope_of(p, at);
  int64_t place = pkt_rule_eval(layer->plan->pieces->at, &scope);
  bool more = pkt_rule_eval(layer->plan->pieces->more, &scope) != 0;
  uint32_t n = layer->raw ? pkt_dissect_carried(layer, scope.below) : 0;
  struct key key;
  if (f->done) forget(f->done);
  f->done = NULL;
  bool odd = more && n % UNIT != 0; /* cut when it was captured, or a lie */
  bool fits = place >= 0 && place % UNIT == 0 && place + n <= PKT_DATAGRAM_SIZE;
  if (n == 0 || odd || !fits || !make_key(p, at, &key)) return PKT_JOINED_NOT;
  struct datagram *d = find(f, &key, time);
  if (!d || !set_end(d, (uint32_t)place + n, more)) return PKT_JOINED_NOT;
  if (place == 0 && !keep_head(d, layer)) return PKT_JOINED_NOT;
  fill(d, (uint32_t)place, layer->raw + layer->size, n);
  if (!is_whole(d)) return PKT_JOINED_HELD;
  *out = (struct pkt_joined_datagram){at, d->head, d->head_len, d->bytes, d->total};
  f->done = d;
  return PKT_JOINED_NOW;
}
