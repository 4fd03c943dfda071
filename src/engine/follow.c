/* follow.c - streams: what TCP carries, put in order and cut into messages. */
#include <stdlib.h>
#include <string.h>

#include "follow_inner.h"

#define FEW 32       /* bytes by which every protocol can tell that it begins here */
#define LOOKED_AT 16 /* messages, one behind the other, by which it is known that they are some */

/* Bytes that segments which come again may lie behind: more than the usual window. What lies further
** behind is of a later connection between the same ports. */
#define BEHIND 0x1000000

struct pkt_follow *pkt_follow_new(void) {
  return calloc(1, sizeof(struct pkt_follow));
}

/* ---------------------------------------------------------------------------------- directions */

/* Remove what was handed out by the call before. */
static void clear_done(struct pkt_direction *d) {
  if (d->done == 0) return;
  memmove(d->held.data, d->held.data + d->done, d->held.len - d->done);
  d->held.len -= d->done;
  d->done = 0;
  if (d->held.len == 0) pkt_buf_clear(&d->held, 4096);
}

/* Nothing is known of what comes next. */
static void lose(struct pkt_direction *d) {
  d->synced = false;
  d->lost = false;
  d->skip = 0;
  d->wanted = 0;
  d->done = d->held.len;
}

static void restart(struct pkt_direction *d) {
  pkt_segment_drop_all(d);
  lose(d);
  d->opened = d->begun = d->closed = false;
  d->gap = d->behind = 0;
}

void pkt_follow_free(struct pkt_follow *f) {
  if (!f) return;
  while (f->oldest) pkt_connection_forget(f, f->oldest);
  pkt_pages_unmap(&f->pages);
  pkt_buf_free(&f->datagram);
  free(f->left);
  free(f);
}

static bool read_sides(const struct pkt_packet *p, uint32_t at, struct pkt_side sides[2]) {
  const struct pkt_layer *layer = p->layers[at];
  const struct pkt_segments *s = layer->plan->segments;
  memset(sides, 0, 2 * sizeof *sides);
  sides[0].port = layer->slots[s->src].num;
  sides[1].port = layer->slots[s->dst].num;
  return pkt_ends(p, at, &sides[0].address, &sides[1].address);
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

/* The bytes of a stream that a packet carries, and what they begin with. */
struct payload {
  const struct pkt_layer *layer; /* that carries them */
  const uint8_t *p;
  uint32_t n, seq;
  bool known; /* these are, by plan_of(): */
  const struct pkt_plan *plan;
  int64_t size;
};

/* The protocol of what a layer carries, if it says how long its messages are, and the size of the
** first, as message_size() has it; else NULL. */
static const struct pkt_plan *plan_of(const struct pkt_layer *layer, const uint8_t *p, size_t n,
                                      int64_t *size) {
  const struct pkt_plan *plan = pkt_dissect_next(layer, p, n, PKT_REACH_ALL);
  while (plan->base && plan->base->pdu) plan = plan->base; /* the next one may be of another kind */
  *size = plan->pdu ? message_size(plan, p, n) : NO_MESSAGE;
  return *size != NO_MESSAGE ? plan : NULL;
}

/* The same of a packet's bytes, found once. */
static const struct pkt_plan *plan_of_payload(struct payload *b) {
  if (!b->known) b->plan = plan_of(b->layer, b->p, b->n, &b->size);
  b->known = true;
  return b->plan;
}

/* Do these bytes look like messages, one behind the other, from the first of them on? */
static bool are_messages(const struct pkt_plan *plan, struct payload *b) {
  bool begins = plan_of_payload(b) == plan;
  const uint8_t *p = b->p;
  size_t n = b->n;
  int64_t size = b->size;
  for (unsigned i = 1; begins && size != INCOMPLETE && (uint64_t)size <= n; i++) {
    p += size;
    n -= (size_t)size;
    if (i == LOOKED_AT || n < FEW) break;
    begins = plan_of(b->layer, p, n, &size) == plan;
  }
  return begins;
}

/* Bytes to come until the message ends that is being read; 0: none is, or that isn't known. */
static uint64_t rest_of_message(const struct pkt_connection *c, const struct pkt_direction *d) {
  if (d->skip > 0) return d->skip;
  int64_t size = message_size(c->plan, (const uint8_t *)d->held.data, d->held.len);
  return size > (int64_t)d->held.len ? (uint64_t)size - d->held.len : 0;
}

/* What is missing won't come: go on behind the message that it was part of, where that one's size
** is known and it ends no earlier; else with the first of the segments that wait that looks like
** messages. What was held is gone. */
static void pass_over_gap(const struct pkt_connection *c, struct pkt_direction *d,
                          const struct pkt_layer *layer) {
  uint64_t rest = d->synced ? rest_of_message(c, d) : 0;
  uint32_t missing = d->ahead->seq - d->next;
  bool within = rest > 0 && rest >= missing;
  d->gap = d->synced ? d->next : d->ahead->seq;
  lose(d);
  clear_done(d);
  if (within) {
    pkt_direction_sync(d, d->ahead->seq);
    d->skip = rest - missing;
  }
  while (d->ahead && !d->synced) {
    const struct pkt_segment *s = d->ahead;
    struct payload b = {.layer = layer, .p = s->bytes, .n = s->len, .seq = s->seq};
    if (are_messages(c->plan, &b))
      pkt_direction_sync(d, s->seq);
    else
      pkt_segment_drop(d);
  }
  d->behind = d->ahead ? d->ahead->seq : d->gap;
}

/* Remove 'n' bytes of a message behind the first 'at' that are held; those that aren't there yet are
** passed over when they come. */
static void cut(struct pkt_direction *d, size_t at, uint64_t n) {
  size_t behind = d->held.len - at, there = n < behind ? (size_t)n : behind;
  memmove(d->held.data + at, d->held.data + at + there, behind - there);
  d->held.len -= there;
  d->skip = n - there;
}

/* Hand out the messages that are whole by now. One that is longer than a packet may be is cut. */
static enum pkt_followed hand_out(struct pkt_follow *f, const struct pkt_connection *c,
                                  struct pkt_direction *d) {
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
static enum pkt_followed take_fresh(struct pkt_follow *f, const struct pkt_connection *c,
                                    struct pkt_direction *d, const struct payload *b) {
  int64_t end;
  bool one = b->known && b->plan == c->plan && b->size == b->n && b->n <= f->room;
  size_t used = one ? b->n : whole_messages(c->plan, b->p, b->n, f->room, at_once(c->plan), &end);
  if (used < b->n && end == NO_MESSAGE) {
    lose(d);
    return PKT_FOLLOWED_PLAIN;
  }
  if (used == b->n) {
    d->next += b->n;
    return PKT_FOLLOWED_PLAIN;
  }
  pkt_direction_append(d, b->p, b->n);
  return hand_out(f, c, d);
}

/* May bytes that begin here be the start of a message? By few of a direction's first nobody can
** tell. */
static bool may_begin(const struct pkt_connection *c, const struct pkt_direction *d,
                      struct payload *b) {
  if (b->n < FEW && !d->begun) return message_size(c->plan, b->p, b->n) != NO_MESSAGE;
  return are_messages(c->plan, b);
}

/* Of bytes that are too far behind it doesn't matter whether they were seen: numbers can be compared
** only with those that are near. */
static void forget_first(struct pkt_direction *d) {
  if (!d->opened && d->next - d->first > BEHIND) d->first = d->next - BEHIND;
}

/* Were bytes that begin here never seen, though later ones were? */
static bool was_missed(const struct pkt_direction *d, uint32_t seq) {
  bool in_gap = !pkt_seq_is_before(seq, d->gap) && pkt_seq_is_before(seq, d->behind);
  return in_gap || (!d->opened && pkt_seq_is_before(seq, d->first));
}

/* Bytes that come before all others of a direction whose start nobody saw: reading begins with
** them, where they are right before those and none of those was handed out. Returns whether it
** does. */
static bool begin_earlier(struct pkt_follow *f, struct pkt_direction *d, uint32_t seq, uint32_t n) {
  bool adjoins = !d->opened && pkt_seq_is_before(seq, d->first) && seq + n == d->first;
  if (!adjoins || d->skip > 0 || d->next - d->first != d->held.len) return false;
  if (!pkt_segment_keep(f, d, d->first, (const uint8_t *)d->held.data, (uint32_t)d->held.len, NULL))
    return false;
  pkt_buf_clear(&d->held, 4096);
  d->wanted = 0;
  d->first = d->next = seq;
  return true;
}

/* The first of the segments that wait, which comes again as what it waited for doesn't; and those
** behind it of which it isn't known what they came with. */
static enum pkt_followed take_waiting(struct pkt_follow *f, const struct pkt_connection *c,
                                      struct pkt_direction *d, const struct pkt_layer *layer) {
  if (!pkt_segment_is_ready(d)) pass_over_gap(c, d, layer);
  while (pkt_segment_is_ready(d) && !d->ahead->record) pkt_segment_append(d);
  d->since = f->time;
  return hand_out(f, c, d);
}

static enum pkt_followed take(struct pkt_follow *f, struct pkt_connection *c,
                              struct pkt_direction *d, struct payload *b) {
  uint32_t seq = b->seq;
  clear_done(d);
  if (f->again && d->ahead) return take_waiting(f, c, d, b->layer);
  if (d->synced && pkt_seq_is_before(seq, d->next) && d->next - seq > BEHIND) restart(d);
  if (!d->synced) {
    if (!may_begin(c, d, b)) return PKT_FOLLOWED_PLAIN;
    pkt_direction_sync(d, seq);
  }
  forget_first(d);
  if (pkt_seq_is_before(seq, d->next) && was_missed(d, seq) && !begin_earlier(f, d, seq, b->n))
    return PKT_FOLLOWED_PLAIN;
  uint32_t known = pkt_seq_is_before(seq, d->next) ? d->next - seq : 0;
  if (known >= b->n) return PKT_FOLLOWED_AGAIN;
  if (pkt_seq_is_before(d->next, seq)) {
    if (!pkt_segment_keep(f, d, seq, b->p, b->n, f->taken)) return PKT_FOLLOWED_PLAIN;
    if (pkt_segment_may_wait(f, d) && seq - d->next <= PKT_FOLLOW_AHEAD) return PKT_FOLLOWED_HELD;
    d->lost = true;
    f->passing = c;
    return PKT_FOLLOWED_HELD;
  }
  bool fresh = known == 0 && d->held.len == 0 && d->skip == 0 && !d->ahead;
  if (fresh) return take_fresh(f, c, d, b);
  pkt_direction_append(d, b->p + known, b->n - known);
  pkt_segment_append_ready(d);
  return hand_out(f, c, d);
}

/* Bytes of a connection whose protocol isn't known yet that came early: kept, if they look like its, or
** else since what they are may be known by its first bytes only. */
static enum pkt_followed take_early(struct pkt_follow *f, struct pkt_connection *c,
                                    struct pkt_direction *d, struct payload *b) {
  if (plan_of_payload(b)) {
    bool kept = pkt_segment_keep(f, d, b->seq, b->p, b->n, f->taken);
    return kept ? PKT_FOLLOWED_HELD : PKT_FOLLOWED_PLAIN;
  }
  bool full = d->ahead_len + b->n > PKT_FOLLOW_EARLY;
  if (full || !pkt_segment_keep(f, d, b->seq, b->p, b->n, NULL)) f->ending = c;
  return PKT_FOLLOWED_PLAIN;
}

/* Bytes of a connection whose protocol isn't known yet, as only few came, or not the first ones. */
static enum pkt_followed take_first(struct pkt_follow *f, struct pkt_connection *c,
                                    struct pkt_direction *d, struct payload *b) {
  const struct pkt_plan *plan = NULL;
  int64_t size;
  uint32_t seq = b->seq;
  bool ahead = d->synced && pkt_seq_is_before(d->next, seq) && seq - d->next <= PKT_FOLLOW_AHEAD;
  bool waits = ahead && pkt_segment_may_wait(f, d);
  if (waits && (d->opened || plan_of_payload(b))) return take_early(f, c, d, b);
  if (d->held.len == 0 || seq != d->next) {
    if (!ahead && (!d->synced || seq != d->next)) restart(d);
    c->plan = plan_of_payload(b);
    if (c->plan) return take(f, c, d, b);
    lose(d); /* what is held doesn't go on with these bytes */
    clear_done(d);
    pkt_direction_sync(d, seq);
  }
  pkt_direction_append(d, b->p, b->n);
  pkt_segment_append_ready(d);
  if (!d->held.failed) plan = plan_of(b->layer, (const uint8_t *)d->held.data, d->held.len, &size);
  if (!plan && (d->held.failed || d->held.len >= FEW)) f->ending = c;
  c->plan = plan;
  return plan ? hand_out(f, c, d) : PKT_FOLLOWED_PLAIN;
}

static bool opens(const struct pkt_scope *scope) {
  return pkt_rule_eval(scope->layer->plan->segments->opens, scope) != 0;
}

/* What the packet says of the connection beside the bytes that it carries, which begin at 'seq'.
** False: no bytes count. */
static bool take_signs(struct pkt_follow *f, struct pkt_connection *c, int sender, uint32_t seq,
                       const struct pkt_scope *scope) {
  const struct pkt_segments *s = scope->layer->plan->segments;
  struct pkt_direction *mine = &c->ways[sender], *theirs = &c->ways[!sender];
  if (pkt_rule_eval(s->breaks, scope)) {
    if (!mine->ahead && !theirs->ahead) f->ending = c;
    return false;
  }
  if (opens(scope) && !(mine->opened && mine->first == seq)) { /* else it comes again */
    restart(mine);
    clear_done(mine);
    pkt_direction_open(mine, seq);
  }
  if (theirs->ahead) {
    theirs->lost |= pkt_seq_is_before(theirs->next, (uint32_t)scope->layer->slots[s->ack].num);
    theirs->since = f->time;
  }
  mine->closed = mine->closed || pkt_rule_eval(s->closes, scope);
  return true;
}

/* Is it worth a connection that layer 'at' carries these bytes? */
static bool is_promising(const struct pkt_packet *p, uint32_t at, struct payload *b) {
  const struct pkt_plan *above = at + 1 < p->len ? p->layers[at + 1]->plan : p->above;
  if (!above || !above->is_raw) return above && above->pdu;
  return b->n < FEW || plan_of_payload(b); /* a message that is cut may be bytes only */
}

/* Was what tells segments apart read? */
static bool is_read(const struct pkt_layer *layer) {
  const struct pkt_segments *s = layer->plan->segments;
  return layer->slots[s->src].state != PKT_UNREAD && layer->slots[s->ack].state != PKT_UNREAD;
}

/* Was all seen that it carries? What comes then comes again. */
static bool is_over(const struct pkt_direction *way, const struct pkt_direction *other) {
  return way->closed && other->closed && !way->ahead && !other->ahead;
}

uint32_t pkt_follow_find(const struct pkt_packet *p) {
  bool full = p->len >= PKT_MAX_LAYERS;
  uint32_t at = 0;
  while (at < p->len && !p->layers[at]->plan->segments &&
         !(full && at + 1 < p->len && p->layers[at + 1]->plan->pdu))
    at++;
  return at;
}

/* At the end of the capture, the direction in which segments wait whose first one came before those of
** all others, or did when the end was met; NULL: none do. */
static struct pkt_direction *find_waiting(struct pkt_follow *f) {
  if (!f->waiting) {
    pkt_connection_sort(f);
    f->waiting = f->oldest;
  }
  for (struct pkt_connection *c = f->waiting; c; c = f->waiting = c->newer) {
    struct pkt_direction *d = pkt_connection_first_waiting(c);
    if (d) return d;
  }
  return NULL;
}

/* The same, where the connection is one whose segments wait no longer. */
static struct pkt_direction *find_passing(struct pkt_follow *f) {
  for (int i = 0; f->passing && i < 2; i++) {
    struct pkt_direction *d = &f->passing->ways[i];
    if (d->ahead && (d->lost || pkt_segment_is_ready(d))) return d;
  }
  f->passing = NULL;
  return NULL;
}

/* Where it isn't known what the first segment came with, it is forgotten. */
const struct pkt_followed_record *pkt_follow_left(struct pkt_follow *f, bool ended) {
  struct pkt_direction *d;
  free(f->left);
  f->left = f->kept = NULL;
  while (!f->left && (d = ended ? find_waiting(f) : find_passing(f))) {
    size_t before = pkt_direction_memory(d);
    f->left = pkt_segment_take_record(d);
    d->lost = d->lost || ended;
    if (!f->left) pkt_segment_drop(d);
    f->memory += pkt_direction_memory(d) - before;
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
  struct pkt_side sides[2];
  int sender = 0;
  if (f->ending) pkt_connection_forget(f, f->ending);
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
  struct payload b = {.layer = layer, .p = bytes, .n = n, .seq = seq};
  struct pkt_connection *c = f->connections > 0 ? pkt_connection_find(f, sides, &sender) : NULL;
  if (!c && open) pkt_opening_note(f, sides, seq);
  bool worth = !c && n > 0 && (is_promising(p, at, &b) || pkt_opening_is_overtaken(f, sides, seq));
  if (worth) c = pkt_connection_begin(f, sides);
  if (!c) return PKT_FOLLOWED_PLAIN;
  struct pkt_direction *way = &c->ways[sender];
  size_t before = pkt_direction_memory(way);
  enum pkt_followed verdict = PKT_FOLLOWED_PLAIN;
  if (take_signs(f, c, sender, seq, &scope) && n > 0)
    verdict = c->plan ? take(f, c, way, &b) : take_first(f, c, way, &b);
  pkt_connection_account(f, c, way, before);
  if (is_over(way, &c->ways[!sender])) pkt_connection_link_oldest(f, c);
  return verdict;
}
