/* follow.c - streams: what TCP carries, put in order and cut into messages. */
#include "../wire/mix.h"
#include "follow.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "ends.h"

#define BUCKETS (2 * PKT_FOLLOW_CONNECTIONS) /* of the table of connections, a power of two */
#define OPENINGS 4096                        /* of those that carried nothing; a power of two */
#define FEW 32       /* bytes by which every protocol can tell that it begins here */
#define LOOKED_AT 16 /* messages, one behind the other, by which it is known that they are some */
#define EARLY 0x8000 /* bytes that are kept of a direction that was opened, before its first */

#define PATIENCE (PKT_FOLLOW_PATIENCE * UINT64_C(1000000000))

/* Bytes that segments which come again may lie behind: more than the usual window. What lies further
** behind is of a later connection between the same ports. */
#define BEHIND 0x1000000

/* A segment that came before the one that it follows. */
struct segment {
  struct segment *next; /* behind it in the stream */
  uint32_t seq, len;
  struct pkt_followed_record *record; /* that it came with; NULL: unknown */
  uint8_t bytes[];
};

struct direction {
  bool synced;          /* 'next' is known, and begins or continues a message */
  bool opened;          /* its start was seen */
  bool begun;           /* something was, from... */
  uint32_t first;       /* ...the byte with this number on */
  bool closed;          /* its end was seen */
  bool lost;            /* the other side has got what is missing here */
  uint32_t next;        /* number of the byte that comes next */
  uint32_t gap, behind; /* numbers of what was given up last, from the one to before the other */
  int64_t since; /* when it was last known that something is missing, nanoseconds since 1970 */
  struct pkt_buf held;   /* the start of a message, behind... */
  size_t done;           /* ...bytes that were handed out */
  size_t wanted;         /* bytes to be held before it is looked at again; 0: unknown */
  uint64_t skip;         /* bytes to come of a message that was too long to be held */
  struct segment *ahead; /* in order... */
  struct segment *last;  /* ...up to this one; meaningless where there are none */
  uint32_t ahead_count;  /* of those... */
  uint32_t ahead_len;    /* ...the bytes they carry... */
  size_t ahead_memory;   /* ...and the bytes that they take up here */
};

struct side {
  struct pkt_address address;
  uint64_t port;
};

struct connection {
  struct connection *chain;         /* of its bucket */
  struct connection *older, *newer; /* by when they were last used */
  uint64_t hash;
  struct side sides[2];
  const struct pkt_plan *plan; /* of its messages; NULL: too little was seen to know */
  struct direction ways[2];    /* what each side sends */
  size_t memory;               /* bytes that it holds beside itself */
};

/* That a direction was opened, before it carries something. */
struct opening {
  uint64_t hash;  /* of its sides; 0: none */
  uint32_t first; /* number of the first byte */
};

struct pkt_follow {
  struct connection *buckets[BUCKETS];
  struct opening openings[OPENINGS];
  struct connection *oldest, *newest;
  struct connection *waiting; /* at the end: in those older than this one no segment waits */
  struct connection *ending;  /* to be forgotten with the next call */
  struct connection
      *passing; /* where segments wait no longer for one that is missing; NULL: none */
  uint32_t connections;
  size_t memory;
  struct pkt_messages out;                 /* what is left to hand out */
  struct pkt_buf datagram;                 /* ...of it, where no connection holds it */
  size_t room;                             /* bytes of messages that the packet has room for */
  const struct pkt_followed_record *taken; /* what the packet that is being taken came with */
  int64_t time;                            /* of the last of those that came first now */
  struct pkt_followed_record *left;        /* that was handed out last */
  bool again;                              /* what is being taken came with that one */
  struct pkt_followed_record *kept; /* the copy of 'taken', where its segment waits; or NULL */
};

struct pkt_follow *pkt_follow_new(void) {
  return calloc(1, sizeof(struct pkt_follow));
}

/* --------------------------------------------------------------------------------- connections */

static size_t record_memory(const struct pkt_followed_record *r) {
  return r ? sizeof *r + r->record.len : 0;
}

/* Does 'a' come before 'b'? Numbers wrap (RFC 9293 section 3.4). */
static bool is_before(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }

/* Remove the first of the segments that wait. */
static void drop_first(struct direction *d) {
  struct segment *s = d->ahead;
  d->ahead = s->next;
  d->ahead_count--;
  d->ahead_len -= s->len;
  d->ahead_memory -= sizeof *s + s->len + record_memory(s->record);
  free(s->record);
  free(s);
}

static void drop_ahead(struct direction *d) {
  while (d->ahead) drop_first(d);
}

/* Remove what was handed out by the call before. */
static void clear_done(struct direction *d) {
  if (d->done == 0) return;
  memmove(d->held.data, d->held.data + d->done, d->held.len - d->done);
  d->held.len -= d->done;
  d->done = 0;
  if (d->held.len == 0) pkt_buf_clear(&d->held, 4096);
}

/* Nothing is known of what comes next. */
static void lose(struct direction *d) {
  d->synced = false;
  d->lost = false;
  d->skip = 0;
  d->wanted = 0;
  d->done = d->held.len;
}

static void restart(struct direction *d) {
  drop_ahead(d);
  lose(d);
  d->opened = d->begun = d->closed = false;
  d->gap = d->behind = 0;
}

/* The next byte is this one. */
static void sync_at(struct direction *d, uint32_t seq) {
  d->synced = true;
  d->next = seq;
  if (!d->begun || (!d->opened && is_before(seq, d->first))) d->first = seq;
  d->begun = true;
}

/* The next byte is this one, and the direction's first. */
static void open_at(struct direction *d, uint32_t first) {
  sync_at(d, first);
  d->opened = true;
}

static void unlink_age(struct pkt_follow *f, struct connection *c) {
  if (f->waiting == c) f->waiting = c->newer;
  *(c->older ? &c->older->newer : &f->oldest) = c->newer;
  *(c->newer ? &c->newer->older : &f->newest) = c->older;
}

static void link_newest(struct pkt_follow *f, struct connection *c) {
  c->older = f->newest;
  c->newer = NULL;
  *(f->newest ? &f->newest->newer : &f->oldest) = c;
  f->newest = c;
}

/* Make it the next to be forgotten. */
static void link_oldest(struct pkt_follow *f, struct connection *c) {
  unlink_age(f, c);
  c->older = NULL;
  c->newer = f->oldest;
  *(f->oldest ? &f->oldest->older : &f->newest) = c;
  f->oldest = c;
}

static void forget(struct pkt_follow *f, struct connection *c) {
  struct connection **at = &f->buckets[c->hash % BUCKETS];
  while (*at != c) at = &(*at)->chain;
  *at = c->chain;
  unlink_age(f, c);
  for (int i = 0; i < 2; i++) {
    drop_ahead(&c->ways[i]);
    pkt_buf_free(&c->ways[i].held);
  }
  f->memory -= c->memory;
  f->connections--;
  if (f->passing == c) f->passing = NULL;
  free(c);
}

void pkt_follow_free(struct pkt_follow *f) {
  if (!f) return;
  while (f->oldest) forget(f, f->oldest);
  pkt_buf_free(&f->datagram);
  free(f->left);
  free(f);
}

static bool read_sides(const struct pkt_packet *p, uint32_t at, struct side sides[2]) {
  const struct pkt_layer *layer = p->layers[at];
  const struct pkt_segments *s = layer->plan->segments;
  memset(sides, 0, 2 * sizeof *sides);
  sides[0].port = layer->slots[s->src].num;
  sides[1].port = layer->slots[s->dst].num;
  return pkt_ends(p, at, &sides[0].address, &sides[1].address);
}

static bool same_side(const struct side *a, const struct side *b) {
  return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

static uint64_t hash_side(const struct side *s) {
  return pkt_mix(pkt_mix(1, s->address.bytes, s->address.len), &s->port, sizeof s->port);
}

/* The same for both directions. */
static uint64_t hash_sides(const struct side sides[2]) {
  uint64_t a = hash_side(&sides[0]), b = hash_side(&sides[1]);
  return (a + b) ^ (a ^ b) >> 17;
}

/* Where it is noted that 'from' opened a connection to 'to'; *hash tells it from others. */
static struct opening *opening_of(struct pkt_follow *f, const struct side *from,
                                  const struct side *to, uint64_t *hash) {
  uint64_t ends[2] = {hash_side(from), hash_side(to)};
  *hash = pkt_mix(1, ends, sizeof ends) | 1;
  return &f->openings[*hash / 2 % OPENINGS];
}

static void note_opening(struct pkt_follow *f, const struct side sides[2], uint32_t first) {
  uint64_t hash;
  struct opening *o = opening_of(f, &sides[0], &sides[1], &hash);
  *o = (struct opening){hash, first};
}

/* What was noted of the direction from 'from' to 'to' goes into it. */
static void take_opening(struct pkt_follow *f, struct direction *d, const struct side *from,
                         const struct side *to) {
  uint64_t hash;
  struct opening *o = opening_of(f, from, to, &hash);
  if (o->hash != hash) return;
  open_at(d, o->first);
  o->hash = 0;
}

/* Do bytes that begin here come before the first of a connection that was opened? Where they are
** the first, and nothing that is followed, others of it don't count either. */
static bool overtakes(struct pkt_follow *f, const struct side sides[2], uint32_t seq) {
  uint64_t hash;
  struct opening *o = opening_of(f, &sides[0], &sides[1], &hash);
  if (o->hash != hash) return false;
  bool early = seq != o->first && seq - o->first <= EARLY;
  if (!early) o->hash = 0;
  return early;
}

/* The connection between two sides, and which of them sends; NULL: it isn't followed. */
static struct connection *find(struct pkt_follow *f, const struct side sides[2], int *sender) {
  uint64_t hash = hash_sides(sides);
  for (struct connection *c = f->buckets[hash % BUCKETS]; c; c = c->chain) {
    if (c->hash != hash) continue;
    for (*sender = 0; *sender < 2; ++*sender)
      if (same_side(&sides[0], &c->sides[*sender]) && same_side(&sides[1], &c->sides[!*sender]))
        return c;
  }
  return NULL;
}

/* NULL without memory. */
static struct connection *begin(struct pkt_follow *f, const struct side sides[2]) {
  if (f->connections == PKT_FOLLOW_CONNECTIONS) forget(f, f->oldest);
  struct connection *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  c->hash = hash_sides(sides);
  memcpy(c->sides, sides, sizeof c->sides);
  for (int i = 0; i < 2; i++) take_opening(f, &c->ways[i], &sides[i], &sides[!i]);
  c->chain = f->buckets[c->hash % BUCKETS];
  f->buckets[c->hash % BUCKETS] = c;
  link_newest(f, c);
  f->connections++;
  return c;
}

/* Count what the connection holds by now, and forget others where that is too much. */
static void account(struct pkt_follow *f, struct connection *c) {
  size_t now = 0;
  for (int i = 0; i < 2; i++) now += c->ways[i].held.cap + c->ways[i].ahead_memory;
  f->memory += now - c->memory;
  c->memory = now;
  unlink_age(f, c);
  link_newest(f, c);
  while (f->memory > PKT_FOLLOW_MEMORY && f->oldest != c) forget(f, f->oldest);
}

/* ------------------------------------------------------------------------------------ messages */

enum { NO_MESSAGE = -1, INCOMPLETE = 0 };

/* The bytes of the message that begins here, as it says; INCOMPLETE: too few to know. */
static int64_t message_size(const struct pkt_plan *plan, const uint8_t *p, size_t n) {
  bool missing = false;
  int64_t head = 0;
  struct pkt_scope scope = {
      .peek = p, .left = (int64_t)n, .total = (int64_t)n, .missing = &missing, .head = &head};
  int64_t size = n > 0 ? pkt_rule_eval(plan->pdu, &scope) : 0;
  if (n == 0 || missing) return INCOMPLETE;
  return size < 1 ? NO_MESSAGE : size;
}

/* The bytes of the whole messages, at most 'most', that 'n' bytes begin with. 'end' is what stands
** behind them: the size of a message that isn't whole or needs more than 'room' bytes, INCOMPLETE
** or NO_MESSAGE. */
static size_t whole_messages(const struct pkt_plan *plan, const uint8_t *p, size_t n, size_t room,
                             unsigned most, int64_t *end) {
  size_t used = 0;
  *end = INCOMPLETE;
  for (unsigned i = 0; i < most && used < n; i++) {
    *end = message_size(plan, p + used, n - used);
    if (*end <= 0 || (uint64_t)*end > room || (uint64_t)*end > n - used) break;
    used += (size_t)*end;
    *end = INCOMPLETE;
  }
  return used;
}

/* How many messages are read as one packet: one, where a message isn't followed by the next. */
static unsigned at_once(const struct pkt_plan *plan) {
  for (unsigned i = 0; i < plan->nnext; i++)
    if (plan->next[i].plan == plan) return PKT_FOLLOW_MESSAGES;
  return 1;
}

bool pkt_follow_next(struct pkt_follow *f, struct pkt_messages *out) {
  int64_t end;
  if (f->out.len == 0) return false;
  *out = f->out;
  unsigned most = at_once(f->out.plan);
  size_t room = f->out.len < f->room ? f->out.len : f->room;
  size_t n = whole_messages(f->out.plan, f->out.bytes, room, f->room, most, &end);
  out->cut = n == 0;
  out->len = (uint32_t)(out->cut ? room : n);
  f->out.bytes += out->len;
  f->out.len -= out->len;
  out->more = f->out.len > 0;
  return true;
}

/* ------------------------------------------------------------------------------------- streams */

/* A copy of a record, its bytes behind it; NULL without memory, or of none. */
static struct pkt_followed_record *copy_record(const struct pkt_followed_record *r) {
  struct pkt_followed_record *copy = r ? malloc(sizeof *copy + r->record.len) : NULL;
  if (!copy) return NULL;
  *copy = *r;
  memcpy(copy + 1, r->record.bytes, r->record.len);
  copy->record.bytes = (const uint8_t *)(copy + 1);
  copy->record.comment = NULL;
  return copy;
}

/* Keep a copy of a segment that came too early, with what it came with, or NULL. False without
** memory. */
static bool keep_ahead(struct pkt_follow *f, struct direction *d, uint32_t seq, const uint8_t *p,
                       uint32_t n, const struct pkt_followed_record *record) {
  struct segment **at = d->ahead && is_before(d->last->seq, seq) ? &d->last->next : &d->ahead;
  while (*at && is_before((*at)->seq, seq)) at = &(*at)->next;
  if (*at && (*at)->seq == seq && (*at)->len >= n) return true;
  struct segment *s = malloc(sizeof *s + n);
  if (!s) return false;
  s->seq = seq;
  s->len = n;
  s->record = f->kept = copy_record(record);
  if (!d->ahead) d->since = f->time;
  memcpy(s->bytes, p, n);
  s->next = *at;
  *at = s;
  if (!s->next) d->last = s;
  d->ahead_count++;
  d->ahead_len += n;
  d->ahead_memory += sizeof *s + n + record_memory(s->record);
  return true;
}

/* May segments wait for one that is missing? */
static bool may_wait(const struct pkt_follow *f, const struct direction *d) {
  bool overdue = d->ahead && pkt_have_passed(PATIENCE, d->since, f->time);
  return !d->lost && !overdue && d->ahead_len <= PKT_FOLLOW_AHEAD &&
         d->ahead_count <= PKT_FOLLOW_SEGMENTS && d->ahead_memory <= PKT_FOLLOW_WAITING;
}

/* Bytes that come next in the stream. */
static void append(struct direction *d, const uint8_t *p, uint32_t n) {
  d->next += n;
  uint32_t skipped = d->skip < n ? (uint32_t)d->skip : n;
  d->skip -= skipped;
  pkt_buf_add(&d->held, p + skipped, n - skipped);
}

/* Do segments wait, and not for any that is missing? */
static bool is_ready(const struct direction *d) {
  return d->ahead && d->synced && !is_before(d->next, d->ahead->seq);
}

/* The first of the segments that wait is next. */
static void take_one_ahead(struct direction *d) {
  const struct segment *s = d->ahead;
  uint32_t known = d->next - s->seq;
  if (known < s->len) append(d, s->bytes + known, s->len - known);
  drop_first(d);
}

/* The segments that were waiting for these bytes. Where none wait any more, nothing is missing. */
static void take_ahead(struct direction *d) {
  while (is_ready(d)) take_one_ahead(d);
  d->lost = d->lost && d->ahead;
}

/* The protocol of what a layer carries, if it says how long its messages are, and the size of the
** first, as message_size() has it; else NULL. */
static const struct pkt_plan *plan_of(const struct pkt_layer *layer, const uint8_t *p, size_t n,
                                      int64_t *size) {
  const struct pkt_plan *plan = pkt_dissect_next(layer, p, n, PKT_REACH_ALL);
  while (plan->base && plan->base->pdu) plan = plan->base; /* the next one may be of another kind */
  *size = plan->pdu ? message_size(plan, p, n) : NO_MESSAGE;
  return *size != NO_MESSAGE ? plan : NULL;
}

/* Do these bytes of a stream that 'layer' carries look like messages, one behind the other, from
** the first of them on? */
static bool are_messages(const struct pkt_plan *plan, const struct pkt_layer *layer,
                         const uint8_t *p, size_t n) {
  for (unsigned i = 0; i < LOOKED_AT && (i == 0 || n >= FEW); i++) {
    int64_t size;
    if (plan_of(layer, p, n, &size) != plan) return false;
    if (size == INCOMPLETE || (uint64_t)size > n) return true;
    p += size;
    n -= (size_t)size;
  }
  return true;
}

/* Bytes to come until the message ends that is being read; 0: none is, or that isn't known. */
static uint64_t rest_of_message(const struct connection *c, const struct direction *d) {
  if (d->skip > 0) return d->skip;
  int64_t size = message_size(c->plan, (const uint8_t *)d->held.data, d->held.len);
  return size > (int64_t)d->held.len ? (uint64_t)size - d->held.len : 0;
}

/* What is missing won't come: go on behind the message that it was part of, where that one's size
** is known and it ends no earlier; else with the first of the segments that wait that looks like
** messages. What was held is gone. */
static void pass_over_gap(const struct connection *c, struct direction *d,
                          const struct pkt_layer *layer) {
  uint64_t rest = d->synced ? rest_of_message(c, d) : 0;
  uint32_t missing = d->ahead->seq - d->next;
  bool within = rest > 0 && rest >= missing;
  d->gap = d->synced ? d->next : d->ahead->seq;
  lose(d);
  clear_done(d);
  if (within) {
    sync_at(d, d->ahead->seq);
    d->skip = rest - missing;
  }
  while (d->ahead && !d->synced) {
    const struct segment *s = d->ahead;
    if (are_messages(c->plan, layer, s->bytes, s->len))
      sync_at(d, s->seq);
    else
      drop_first(d);
  }
  d->behind = d->ahead ? d->ahead->seq : d->gap;
}

/* Remove 'n' bytes of a message behind the first 'at' that are held; those that aren't there yet are
** passed over when they come. */
static void cut(struct direction *d, size_t at, uint64_t n) {
  size_t behind = d->held.len - at, there = n < behind ? (size_t)n : behind;
  memmove(d->held.data + at, d->held.data + at + there, behind - there);
  d->held.len -= there;
  d->skip = n - there;
}

/* Hand out the messages that are whole by now. One that is longer than a packet may be is cut. */
static enum pkt_followed hand_out(struct pkt_follow *f, const struct connection *c,
                                  struct direction *d) {
  int64_t end = d->held.failed ? NO_MESSAGE : INCOMPLETE;
  size_t used = 0;
  if (d->held.len < d->wanted && !d->held.failed) return PKT_FOLLOWED_HELD;
  if (d->held.failed) pkt_buf_clear(&d->held, 0);
  const uint8_t *p = (const uint8_t *)d->held.data;
  while (used < d->held.len) {
    used += whole_messages(c->plan, p + used, d->held.len - used, f->room, UINT32_MAX, &end);
    if (end <= (int64_t)f->room || d->held.len - used < f->room) break;
    used += f->room;
    cut(d, used, (uint64_t)end - f->room);
    end = INCOMPLETE;
  }
  d->done = used;
  d->wanted = end > (int64_t)f->room ? f->room : end > 0 ? (size_t)end : 0;
  if (end == NO_MESSAGE) lose(d);
  f->out = (struct pkt_messages){.plan = c->plan, .bytes = p, .len = (uint32_t)used};
  return used > 0 ? PKT_FOLLOWED_WHOLE : PKT_FOLLOWED_HELD;
}

/* Bytes that come next, where none are held: mostly they are whole messages. */
static enum pkt_followed take_fresh(struct pkt_follow *f, const struct connection *c,
                                    struct direction *d, const uint8_t *p, uint32_t n) {
  int64_t end;
  size_t used = whole_messages(c->plan, p, n, f->room, at_once(c->plan), &end);
  if (used < n && end == NO_MESSAGE) {
    lose(d);
    return PKT_FOLLOWED_PLAIN;
  }
  if (used == n) {
    d->next += n;
    return PKT_FOLLOWED_PLAIN;
  }
  append(d, p, n);
  return hand_out(f, c, d);
}

/* May bytes that begin here be the start of a message? By few of a direction's first nobody can
** tell. */
static bool may_begin(const struct connection *c, const struct direction *d,
                      const struct pkt_layer *layer, const uint8_t *p, uint32_t n) {
  if (n < FEW && !d->begun) return message_size(c->plan, p, n) != NO_MESSAGE;
  return are_messages(c->plan, layer, p, n);
}

/* Of bytes that are too far behind it doesn't matter whether they were seen: numbers can be compared
** only with those that are near. */
static void forget_first(struct direction *d) {
  if (!d->opened && d->next - d->first > BEHIND) d->first = d->next - BEHIND;
}

/* Were bytes that begin here never seen, though later ones were? */
static bool was_missed(const struct direction *d, uint32_t seq) {
  bool in_gap = !is_before(seq, d->gap) && is_before(seq, d->behind);
  return in_gap || (!d->opened && is_before(seq, d->first));
}

/* Bytes that come before all others of a direction whose start nobody saw: reading begins with
** them, where they are right before those and none of those was handed out. Returns whether it
** does. */
static bool begin_earlier(struct pkt_follow *f, struct direction *d, uint32_t seq, uint32_t n) {
  bool adjoins = !d->opened && is_before(seq, d->first) && seq + n == d->first;
  if (!adjoins || d->skip > 0 || d->next - d->first != d->held.len) return false;
  if (!keep_ahead(f, d, d->first, (const uint8_t *)d->held.data, (uint32_t)d->held.len, NULL))
    return false;
  pkt_buf_clear(&d->held, 4096);
  d->wanted = 0;
  d->first = d->next = seq;
  return true;
}

/* The first of the segments that wait, which comes again as what it waited for doesn't; and those
** behind it of which it isn't known what they came with. */
static enum pkt_followed take_waiting(struct pkt_follow *f, const struct connection *c,
                                      struct direction *d, const struct pkt_layer *layer) {
  if (!is_ready(d)) pass_over_gap(c, d, layer);
  while (is_ready(d) && !d->ahead->record) take_one_ahead(d);
  d->since = f->time;
  return hand_out(f, c, d);
}

static enum pkt_followed take(struct pkt_follow *f, struct connection *c, struct direction *d,
                              const struct pkt_layer *layer, uint32_t seq, const uint8_t *p,
                              uint32_t n) {
  clear_done(d);
  if (f->again && d->ahead) return take_waiting(f, c, d, layer);
  if (d->synced && is_before(seq, d->next) && d->next - seq > BEHIND) restart(d);
  if (!d->synced) {
    if (!may_begin(c, d, layer, p, n)) return PKT_FOLLOWED_PLAIN;
    sync_at(d, seq);
  }
  forget_first(d);
  if (is_before(seq, d->next) && was_missed(d, seq) && !begin_earlier(f, d, seq, n))
    return PKT_FOLLOWED_PLAIN;
  uint32_t known = is_before(seq, d->next) ? d->next - seq : 0;
  if (known >= n) return PKT_FOLLOWED_AGAIN;
  if (is_before(d->next, seq)) {
    if (!keep_ahead(f, d, seq, p, n, f->taken)) return PKT_FOLLOWED_PLAIN;
    if (may_wait(f, d) && seq - d->next <= PKT_FOLLOW_AHEAD) return PKT_FOLLOWED_HELD;
    d->lost = true;
    f->passing = c;
    return PKT_FOLLOWED_HELD;
  }
  bool fresh = known == 0 && d->held.len == 0 && d->skip == 0 && !d->ahead;
  if (fresh) return take_fresh(f, c, d, p, n);
  append(d, p + known, n - known);
  take_ahead(d);
  return hand_out(f, c, d);
}

/* Bytes of a connection whose protocol isn't known yet, as only few came, or not the first ones. */
static enum pkt_followed take_first(struct pkt_follow *f, struct connection *c, struct direction *d,
                                    const struct pkt_layer *layer, uint32_t seq, const uint8_t *p,
                                    uint32_t n) {
  const struct pkt_plan *plan;
  int64_t size;
  bool ahead = d->synced && is_before(d->next, seq) && seq - d->next <= PKT_FOLLOW_AHEAD;
  if (ahead && may_wait(f, d) && plan_of(layer, p, n, &size))
    return keep_ahead(f, d, seq, p, n, f->taken) ? PKT_FOLLOWED_HELD : PKT_FOLLOWED_PLAIN;
  if (ahead && may_wait(f, d) && d->opened) { /* what it is may be known by its first bytes only */
    if (d->ahead_len + n > EARLY || !keep_ahead(f, d, seq, p, n, NULL)) f->ending = c;
    return PKT_FOLLOWED_PLAIN;
  }
  if (d->held.len == 0 || seq != d->next) {
    if (!ahead && (!d->synced || seq != d->next)) restart(d);
    c->plan = plan_of(layer, p, n, &size);
    if (c->plan) return take(f, c, d, layer, seq, p, n);
    lose(d); /* what is held doesn't go on with these bytes */
    clear_done(d);
    sync_at(d, seq);
  }
  append(d, p, n);
  take_ahead(d);
  plan = d->held.failed ? NULL : plan_of(layer, (const uint8_t *)d->held.data, d->held.len, &size);
  if (!plan && (d->held.failed || d->held.len >= FEW)) f->ending = c;
  c->plan = plan;
  if (!plan) return PKT_FOLLOWED_PLAIN;
  return hand_out(f, c, d);
}

static bool opens(const struct pkt_scope *scope) {
  return pkt_rule_eval(scope->layer->plan->segments->opens, scope) != 0;
}

/* What the packet says of the connection beside the bytes that it carries, which begin at 'seq'.
** False: no bytes count. */
static bool take_signs(struct pkt_follow *f, struct connection *c, int sender, uint32_t seq,
                       const struct pkt_scope *scope) {
  const struct pkt_segments *s = scope->layer->plan->segments;
  struct direction *mine = &c->ways[sender], *theirs = &c->ways[!sender];
  if (pkt_rule_eval(s->breaks, scope)) {
    if (!mine->ahead && !theirs->ahead) f->ending = c;
    return false;
  }
  if (opens(scope) && !(mine->opened && mine->first == seq)) { /* else it comes again */
    restart(mine);
    clear_done(mine);
    open_at(mine, seq);
  }
  if (theirs->ahead) {
    theirs->lost |= is_before(theirs->next, (uint32_t)scope->layer->slots[s->ack].num);
    theirs->since = f->time;
  }
  mine->closed = mine->closed || pkt_rule_eval(s->closes, scope);
  return true;
}

/* Is it worth a connection that this layer carries these bytes? */
static bool is_promising(const struct pkt_packet *p, uint32_t at, const uint8_t *bytes,
                         uint32_t n) {
  const struct pkt_plan *above = at + 1 < p->len ? p->layers[at + 1]->plan : p->above;
  int64_t size;
  if (!above || !above->is_raw) return above && above->pdu;
  return n < FEW ||
         plan_of(p->layers[at], bytes, n, &size); /* a message that is cut may be bytes only */
}

/* Was what tells segments apart read? */
static bool is_read(const struct pkt_layer *layer) {
  const struct pkt_segments *s = layer->plan->segments;
  return layer->slots[s->src].state != PKT_UNREAD && layer->slots[s->ack].state != PKT_UNREAD;
}

/* Was all seen that it carries? What comes then comes again. */
static bool is_over(const struct connection *c) {
  return c->ways[0].closed && c->ways[1].closed && !c->ways[0].ahead && !c->ways[1].ahead;
}

uint32_t pkt_follow_find(const struct pkt_packet *p) {
  bool full = p->len >= PKT_MAX_LAYERS;
  uint32_t at = 0;
  while (at < p->len && !p->layers[at]->plan->segments &&
         !(full && at + 1 < p->len && p->layers[at + 1]->plan->pdu))
    at++;
  return at;
}

/* The direction of some connection in which segments wait; NULL: there is none. A connection that is
** used again becomes the newest, and so is looked at again. */
static struct direction *find_waiting(struct pkt_follow *f) {
  if (!f->waiting) f->waiting = f->oldest;
  for (struct connection *c = f->waiting; c; c = f->waiting = c->newer)
    for (int i = 0; i < 2; i++)
      if (c->ways[i].ahead) return &c->ways[i];
  return NULL;
}

/* The same, where the connection is one whose segments wait no longer. */
static struct direction *find_passing(struct pkt_follow *f) {
  for (int i = 0; f->passing && i < 2; i++) {
    struct direction *d = &f->passing->ways[i];
    if (d->ahead && (d->lost || is_ready(d))) return d;
  }
  f->passing = NULL;
  return NULL;
}

/* Where it isn't known what the first segment came with, it is forgotten. */
const struct pkt_followed_record *pkt_follow_left(struct pkt_follow *f, bool ended) {
  struct direction *d;
  free(f->left);
  f->left = f->kept = NULL;
  while (!f->left && (d = ended ? find_waiting(f) : find_passing(f))) {
    f->left = d->ahead->record;
    d->ahead_memory -= record_memory(f->left);
    d->ahead->record = NULL;
    d->lost = d->lost || ended;
    if (!f->left) drop_first(d);
  }
  return f->left;
}

void pkt_follow_told(struct pkt_follow *f) {
  if (f->kept) f->kept->told = true;
}

/* More messages than find room in a packet, which nothing parts. */
static enum pkt_followed take_datagram(struct pkt_follow *f, const struct pkt_layer *layer,
                                       const uint8_t *p, uint32_t n) {
  const struct pkt_plan *plan = pkt_dissect_next(layer, p, n, PKT_REACH_ALL);
  pkt_buf_clear(&f->datagram, 0);
  if (plan->pdu) pkt_buf_add(&f->datagram, p, n);
  if (f->datagram.failed || f->datagram.len == 0) return PKT_FOLLOWED_PLAIN;
  f->out = (struct pkt_messages){
      .plan = plan, .bytes = (const uint8_t *)f->datagram.data, .len = (uint32_t)f->datagram.len};
  return PKT_FOLLOWED_WHOLE;
}

/* Bytes that a packet has room for behind this layer: none where datagrams within datagrams, joined,
** have made it longer than any that is read at once. */
static size_t room_behind(const struct pkt_layer *layer) {
  uint32_t end = layer->offset + layer->size;
  return end < PKT_MAX_PACKET ? PKT_MAX_PACKET - end : 0;
}

enum pkt_followed pkt_follow_take(struct pkt_follow *f, const struct pkt_packet *p, uint32_t at,
                                  const struct pkt_followed_record *record) {
  const struct pkt_layer *layer = p->layers[at], *below = at > 0 ? p->layers[at - 1] : NULL;
  struct side sides[2];
  int sender = 0;
  if (f->ending) forget(f, f->ending);
  f->ending = NULL;
  f->out.len = 0;
  f->taken = record;
  f->kept = NULL;
  f->again = record && f->left && record->record.bytes == f->left->record.bytes;
  if (record && !f->again) f->time = record->record.time;
  f->room = room_behind(layer);
  if (!layer->raw || f->room == 0) return PKT_FOLLOWED_PLAIN;
  const uint8_t *bytes = layer->raw + layer->size;
  uint32_t n = pkt_dissect_carried(layer, below);
  if (!layer->plan->segments) return take_datagram(f, layer, bytes, n);
  if (!is_read(layer) || !read_sides(p, at, sides)) return PKT_FOLLOWED_PLAIN;
  struct pkt_scope scope = {.layer = layer, .below = below};
  bool open = opens(&scope);
  uint32_t seq = (uint32_t)layer->slots[layer->plan->segments->seq].num + open;
  struct connection *c = f->connections > 0 ? find(f, sides, &sender) : NULL;
  if (!c && open) note_opening(f, sides, seq);
  bool worth = !c && n > 0 && (is_promising(p, at, bytes, n) || overtakes(f, sides, seq));
  if (worth) c = begin(f, sides);
  if (!c || !take_signs(f, c, sender, seq, &scope) || n == 0) return PKT_FOLLOWED_PLAIN;
  struct direction *way = &c->ways[sender];
  enum pkt_followed verdict =
      c->plan ? take(f, c, way, layer, seq, bytes, n) : take_first(f, c, way, layer, seq, bytes, n);
  account(f, c);
  if (is_over(c)) link_oldest(f, c);
  return verdict;
}
