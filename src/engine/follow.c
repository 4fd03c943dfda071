/* follow.c - streams: what TCP carries, put in order and cut into messages. */
#include <stdlib.h>
#include <string.h>

#include "follow_inner.h"
#include "text_head.h"

#define FEW 32       /* bytes by which every protocol can tell that it begins here */
#define LOOKED_AT 16 /* messages, one behind the other, by which it is known that they are some */

/* How many bytes a retransmission may lie behind what was seen: more than any usual window. What
** lies further behind belongs to a later connection between the same ports. */
#define BEHIND 0x1000000

struct pkt_follow *pkt_follow_new(void) {
  struct pkt_follow *f = calloc(1, sizeof *f);
  return f;
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

/* Forget where the direction was: nothing is known of what comes next. */
static void lose(struct pkt_direction *d) {
  d->synced = false;
  d->lost = false;
  d->in_chunks = false;
  d->skip = 0;
  d->wanted = 0;
  d->chunk = 0;
  d->done = (uint32_t)d->held.len;
}

/* The same, and forget which questions are open: what is lost may have been an answer or another
** question. */
static void give_up(struct pkt_connection *c, struct pkt_direction *d) {
  lose(d);
  for (int i = 0; i < 2; i++) c->asked[i] = pkt_questions_lost(c->asked[i]);
}

static void restart(struct pkt_connection *c, struct pkt_direction *d) {
  pkt_segment_drop_all(d);
  lose(d);
  d->opened = d->begun = d->closed = false;
  d->gap = d->behind = 0;
  c->asked[d != c->ways] = 0;
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

/* The questions that were open before some bytes of a direction, the last of which precedes the
** byte with number 'next'. */
static struct pkt_talk talk_of(const struct pkt_follow *f, const struct pkt_connection *c,
                               const struct pkt_direction *d, uint32_t next) {
  bool second = d != c->ways;
  return (struct pkt_talk){c->asked[!second], c->asked[second], next, f->ack};
}

static void keep_talk(struct pkt_connection *c, const struct pkt_direction *d,
                      const struct pkt_talk *talk) {
  bool second = d != c->ways;
  c->asked[!second] = talk->asked;
  c->asked[second] = talk->asks;
}

bool pkt_follow_next(struct pkt_follow *f, struct pkt_messages *out) {
  struct pkt_talk talk = {.asked = f->asked};
  struct pkt_rest rest;
  if (f->out.len == 0) return false;
  *out = f->out;
  unsigned most = pkt_messages_at_once(f->out.plan);
  size_t room = f->out.len < f->room ? f->out.len : f->room;
  size_t n = pkt_whole_messages(f->out.plan, f->out.bytes, room, f->room, most, &talk, &rest);
  out->cut = n == 0;
  if (out->cut) pkt_talk_turn(&talk, f->out.plan, f->out.bytes, room);
  f->asked = talk.asked;
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
  bool known;     /* the rest is known: what pkt_message_plan() returned... */
  unsigned asked; /* ...given that this was asked */
  const struct pkt_plan *plan;
  int64_t size;
};

/* The protocol of the payload if it answers the first of these questions, as pkt_message_plan()
** finds it. The result is kept. */
static const struct pkt_plan *plan_of(struct payload *b, uint64_t asked) {
  if (b->known && b->asked == pkt_question(asked)) return b->plan;
  b->plan = pkt_message_plan(b->layer, b->p, b->n, asked, &b->size);
  b->known = true;
  b->asked = pkt_question(asked);
  return b->plan;
}

/* Do these bytes look like messages, one behind the other, from the first of them on? */
static bool are_messages(const struct pkt_plan *plan, struct payload *b, struct pkt_talk talk) {
  bool begins = plan_of(b, talk.asked) == plan;
  const uint8_t *p = b->p;
  size_t n = b->n;
  int64_t size = b->size;
  for (unsigned i = 1; begins && size != PKT_INCOMPLETE && (uint64_t)size <= n; i++) {
    pkt_talk_turn(&talk, plan, p, n);
    p += size;
    n -= (size_t)size;
    if (i == LOOKED_AT || n < FEW) break;
    begins = pkt_message_plan(b->layer, p, n, talk.asked, &size) == plan;
  }
  return begins;
}

/* How many bytes are still to come of the message that is being read; 0: there is none, or its
** size isn't known. */
static uint64_t rest_of_message(const struct pkt_connection *c, const struct pkt_direction *d) {
  if (d->skip > 0 || d->in_chunks) return d->skip;
  if (d->chunk > 0) return d->chunk > d->held.len ? d->chunk - d->held.len : 0;
  uint64_t asked = c->asked[d == c->ways];
  int64_t size = pkt_message_size(c->plan, (const uint8_t *)d->held.data, d->held.len, asked);
  return size > (int64_t)d->held.len ? (uint64_t)size - d->held.len : 0;
}

/* Give up what is missing. Reading goes on behind the message that it was part of, if that
** message's size is known and it ends no earlier than the gap; otherwise with the first waiting
** segment that looks like the start of messages. What was held is dropped. */
static void pass_over_gap(struct pkt_follow *f, struct pkt_connection *c, struct pkt_direction *d,
                          const struct pkt_layer *layer) {
  uint64_t rest = d->synced ? rest_of_message(c, d) : 0;
  uint32_t missing = d->ahead->seq - d->next;
  bool chunks = d->in_chunks || d->chunk > 0;
  bool within = rest > 0 && rest >= missing;
  struct pkt_talk talk = talk_of(f, c, d, d->next);
  d->gap = d->synced ? d->next : d->ahead->seq;
  if (within && d->skip == 0 && !d->in_chunks)
    pkt_talk_turn(&talk, c->plan, (const uint8_t *)d->held.data, d->held.len);
  give_up(c, d);
  clear_done(d);
  if (within) {
    keep_talk(c, d, &talk);
    pkt_direction_sync(d, d->ahead->seq);
    d->skip = rest - missing;
    d->in_chunks = chunks;
  }
  while (d->ahead && !d->synced) {
    const struct pkt_segment *s = d->ahead;
    struct payload b = {.layer = layer, .p = s->bytes, .n = s->len, .seq = s->seq};
    if (are_messages(c->plan, &b, (struct pkt_talk){0}))
      pkt_direction_sync(d, s->seq);
    else
      pkt_segment_drop(d);
  }
  d->behind = d->ahead ? d->ahead->seq : d->gap;
}

/* Remove 'n' bytes of a message from what is held, behind the first 'at'; those that haven't
** arrived yet are skipped when they do. */
static void cut(struct pkt_direction *d, size_t at, uint64_t n) {
  size_t behind = d->held.len - at, there = n < behind ? (size_t)n : behind;
  memmove(d->held.data + at, d->held.data + at + there, behind - there);
  d->held.len -= there;
  d->skip = n - there;
}

/* Skip what can be skipped of a chunked message that is too long to be held: some of its chunks,
** or all of them to its end. Returns whether another message may begin here. */
static bool pass_chunks(struct pkt_connection *c, struct pkt_direction *d) {
  int64_t end = pkt_text_chunks((const uint8_t *)d->held.data, d->held.len, &d->chunk);
  bool whole = end <= (int64_t)d->held.len;
  uint64_t passed = whole ? (uint64_t)end : d->chunk;
  d->chunk = 0;
  cut(d, 0, passed);
  d->wanted = whole ? 0 : (size_t)((uint64_t)end - passed);
  d->in_chunks = !whole;
  if (end == PKT_BAD_CHUNKS) give_up(c, d);
  return end != PKT_BAD_CHUNKS && whole;
}

/* Is it unknown where the chunks continue behind what there is room for, because the line that
** says so isn't complete? */
static bool is_in_line(const struct pkt_rest *rest, size_t room) {
  return rest->chunk > 0 && rest->chunk < room;
}

/* How many bytes have to be held before it is worth looking at such a message again. */
static size_t wanted_of(const struct pkt_rest *rest, size_t room) {
  if (rest->size <= 0) return 0;
  bool whole = (uint64_t)rest->size <= room || is_in_line(rest, room);
  return whole ? (size_t)rest->size : room;
}

/* Are there still too few bytes for the message that is held, which is of chunks? */
static bool lacks_chunks(const struct pkt_follow *f, struct pkt_direction *d) {
  struct pkt_rest rest;
  rest.size = pkt_text_chunks((const uint8_t *)d->held.data, d->held.len, &d->chunk);
  rest.chunk = d->chunk;
  if (rest.size > (int64_t)d->held.len) d->wanted = wanted_of(&rest, f->room);
  return d->held.len < d->wanted;
}

/* Is it known without a look at the whole message that what is held doesn't end one? */
static bool is_short(const struct pkt_follow *f, struct pkt_connection *c,
                     struct pkt_direction *d) {
  if (d->held.failed) return false;
  if (d->held.len == 0 || d->held.len < d->wanted) return true;
  if (d->in_chunks) return !pass_chunks(c, d);
  return d->chunk > 0 && lacks_chunks(f, d);
}

/* Do 'left' bytes begin a message that has to be cut because there isn't room for all of it? */
static bool is_too_long(const struct pkt_rest *rest, size_t left, size_t room) {
  return rest->size > (int64_t)room && left >= room && !is_in_line(rest, room);
}

/* Cut a message: it ends behind the room that there is for it, and the rest of it, behind the
** first 'at' bytes held, is skipped. */
static void cut_message(struct pkt_direction *d, size_t at, size_t room, struct pkt_rest *rest) {
  d->in_chunks = rest->chunk > 0;
  cut(d, at, (d->in_chunks ? rest->chunk : (uint64_t)rest->size) - room);
  *rest = (struct pkt_rest){.size = PKT_INCOMPLETE};
}

/* Hand out the messages that are whole by now. One that is longer than a packet may be is cut. */
static enum pkt_followed hand_out(struct pkt_follow *f, struct pkt_connection *c,
                                  struct pkt_direction *d) {
  struct pkt_talk talk = talk_of(f, c, d, d->next);
  struct pkt_rest rest = {.size = d->held.failed ? PKT_NO_MESSAGE : PKT_INCOMPLETE};
  size_t used = 0;
  if (is_short(f, c, d)) return PKT_FOLLOWED_HELD;
  if (d->held.failed) pkt_buf_clear(&d->held, 0);
  const uint8_t *p = (const uint8_t *)d->held.data;
  while (used < d->held.len && !d->in_chunks) {
    size_t left = d->held.len - used;
    used += pkt_whole_messages(c->plan, p + used, left, f->room, UINT32_MAX, &talk, &rest);
    left = d->held.len - used;
    if (!is_too_long(&rest, left, f->room)) break;
    pkt_talk_turn(&talk, c->plan, p + used, left);
    used += f->room;
    cut_message(d, used, f->room, &rest);
  }
  f->asked = c->asked[d == c->ways];
  keep_talk(c, d, &talk);
  d->done = (uint32_t)used;
  d->wanted = wanted_of(&rest, f->room);
  d->chunk = rest.chunk;
  if (rest.size == PKT_NO_MESSAGE) give_up(c, d);
  f->out = (struct pkt_messages){.plan = c->plan, .bytes = p, .len = (uint32_t)used};
  return used > 0 ? PKT_FOLLOWED_WHOLE : PKT_FOLLOWED_HELD;
}

/* Is the payload known to be just one message of this protocol? */
static bool is_one(const struct payload *b, const struct pkt_plan *plan, uint64_t asked) {
  return b->known && b->asked == pkt_question(asked) && b->plan == plan && b->size == b->n;
}

/* Bytes that come next, where none are held: mostly they are whole messages. */
static enum pkt_followed take_fresh(struct pkt_follow *f, struct pkt_connection *c,
                                    struct pkt_direction *d, const struct payload *b) {
  struct pkt_talk talk = talk_of(f, c, d, d->next + b->n);
  struct pkt_rest rest = {.size = PKT_INCOMPLETE};
  size_t used = b->n;
  if (b->n <= f->room && is_one(b, c->plan, talk.asked))
    pkt_talk_turn(&talk, c->plan, b->p, b->n);
  else
    used = pkt_whole_messages(c->plan, b->p, b->n, f->room, pkt_messages_at_once(c->plan), &talk,
                              &rest);
  if (used < b->n && rest.size == PKT_NO_MESSAGE) {
    give_up(c, d);
    return PKT_FOLLOWED_PLAIN;
  }
  if (used == b->n) {
    keep_talk(c, d, &talk);
    d->next += b->n;
    return PKT_FOLLOWED_PLAIN;
  }
  pkt_direction_append(d, b->p, b->n);
  return hand_out(f, c, d);
}

/* May bytes that begin here be the start of a message? The first few bytes of a direction don't
** tell. */
static bool may_begin(const struct pkt_follow *f, const struct pkt_connection *c,
                      const struct pkt_direction *d, struct payload *b) {
  struct pkt_talk talk = talk_of(f, c, d, 0);
  if (b->n < FEW && !d->begun)
    return pkt_message_size(c->plan, b->p, b->n, talk.asked) != PKT_NO_MESSAGE;
  return are_messages(c->plan, b, talk);
}

/* Keep 'first' from lagging too far behind 'next', where it no longer matters what was seen:
** sequence numbers can be compared only with nearby ones. */
static void forget_first(struct pkt_direction *d) {
  if (!d->opened && d->next - d->first > BEHIND) d->first = d->next - BEHIND;
}

/* Were bytes that begin here never seen, though later ones were? */
static bool was_missed(const struct pkt_direction *d, uint32_t seq) {
  bool in_gap = !pkt_seq_is_before(seq, d->gap) && pkt_seq_is_before(seq, d->behind);
  return in_gap || (!d->opened && pkt_seq_is_before(seq, d->first));
}

/* Handle bytes that precede everything else of a direction whose start wasn't seen: reading
** begins with them if the others directly follow and none of those was handed out. Returns
** whether it does. */
static bool begin_earlier(struct pkt_follow *f, struct pkt_direction *d, uint32_t seq, uint32_t n) {
  bool adjoins = !d->opened && pkt_seq_is_before(seq, d->first) && seq + n == d->first;
  if (!adjoins || d->next - d->first != d->held.len) return false;
  if (!pkt_segment_keep(f, d, d->first, (const uint8_t *)d->held.data, (uint32_t)d->held.len, NULL))
    return false;
  pkt_buf_clear(&d->held, 4096);
  d->wanted = 0;
  d->chunk = 0;
  d->first = d->next = seq;
  return true;
}

/* Take the first waiting segment, which is handed in again because what it waited for won't
** come, together with those behind it whose records are unknown. */
static enum pkt_followed take_waiting(struct pkt_follow *f, struct pkt_connection *c,
                                      struct pkt_direction *d, const struct pkt_layer *layer) {
  if (!pkt_segment_is_ready(d)) pass_over_gap(f, c, d, layer);
  while (pkt_segment_is_ready(d) && !d->ahead->record) pkt_segment_append(d);
  d->since = f->time;
  return hand_out(f, c, d);
}

static enum pkt_followed take(struct pkt_follow *f, struct pkt_connection *c,
                              struct pkt_direction *d, struct payload *b) {
  uint32_t seq = b->seq;
  clear_done(d);
  if (f->again && d->ahead) return take_waiting(f, c, d, b->layer);
  if (d->synced && pkt_seq_is_before(seq, d->next) && d->next - seq > BEHIND) restart(c, d);
  if (!d->synced) {
    if (!may_begin(f, c, d, b)) return PKT_FOLLOWED_PLAIN;
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
  bool fresh = known == 0 && d->held.len == 0 && d->skip == 0 && !d->in_chunks && !d->ahead;
  if (fresh) return take_fresh(f, c, d, b);
  pkt_direction_append(d, b->p + known, b->n - known);
  pkt_segment_append_ready(d);
  return hand_out(f, c, d);
}

/* Take bytes that arrived early on a connection whose protocol isn't known yet. They are kept if
** they look like that protocol's, or if only its first bytes can tell what they are. */
static enum pkt_followed take_early(struct pkt_follow *f, struct pkt_connection *c,
                                    struct pkt_direction *d, struct payload *b) {
  if (plan_of(b, 0)) {
    bool kept = pkt_segment_keep(f, d, b->seq, b->p, b->n, f->taken);
    return kept ? PKT_FOLLOWED_HELD : PKT_FOLLOWED_PLAIN;
  }
  bool full = d->ahead_len + b->n > PKT_FOLLOW_EARLY;
  if (full || !pkt_segment_keep(f, d, b->seq, b->p, b->n, NULL)) f->ending = c;
  return PKT_FOLLOWED_PLAIN;
}

/* Take bytes of a connection whose protocol isn't known yet, because too few have come or not
** the first ones. */
static enum pkt_followed take_first(struct pkt_follow *f, struct pkt_connection *c,
                                    struct pkt_direction *d, struct payload *b) {
  const struct pkt_plan *plan = NULL;
  int64_t size;
  uint32_t seq = b->seq;
  bool ahead = d->synced && pkt_seq_is_before(d->next, seq) && seq - d->next <= PKT_FOLLOW_AHEAD;
  bool waits = ahead && pkt_segment_may_wait(f, d);
  if (waits && (d->opened || plan_of(b, 0))) return take_early(f, c, d, b);
  if (d->held.len == 0 || seq != d->next) {
    if (!ahead && (!d->synced || seq != d->next)) restart(c, d);
    c->plan = plan_of(b, 0);
    if (c->plan) return take(f, c, d, b);
    lose(d); /* what is held doesn't go on with these bytes */
    clear_done(d);
    pkt_direction_sync(d, seq);
  }
  pkt_direction_append(d, b->p, b->n);
  pkt_segment_append_ready(d);
  if (!d->held.failed)
    plan = pkt_message_plan(b->layer, (const uint8_t *)d->held.data, d->held.len, 0, &size);
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
    restart(c, mine);
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
  return b->n < FEW || plan_of(b, 0); /* a message that is cut may be bytes only */
}

/* Was what tells segments apart read? */
static bool is_read(const struct pkt_layer *layer) {
  const struct pkt_segments *s = layer->plan->segments;
  return layer->slots[s->src].state != PKT_UNREAD && layer->slots[s->ack].state != PKT_UNREAD;
}

/* Was everything that the direction carries seen? Then anything further is a retransmission. */
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

/* At the end of the capture: the direction whose first waiting segment came before those of all
** other directions, or did so when the end was reached; NULL: none wait. */
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

/* A waiting segment whose record is unknown can't be handed out, and is dropped. */
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
  const struct pkt_plan *plan = pkt_dissect_next(layer, NULL, p, n, PKT_REACH_ALL);
  pkt_buf_clear(&f->datagram, 0);
  if (plan->pdu) pkt_buf_add(&f->datagram, p, n);
  if (f->datagram.failed || f->datagram.len == 0) return PKT_FOLLOWED_PLAIN;
  f->out = (struct pkt_messages){
      .plan = plan, .bytes = (const uint8_t *)f->datagram.data, .len = (uint32_t)f->datagram.len};
  return PKT_FOLLOWED_WHOLE;
}

/* Bytes that a packet has room for behind this layer: none where datagrams within datagrams,
** joined, have made it longer than any that is read at once. */
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
  f->asked = 0;
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
  f->ack = (uint32_t)layer->slots[layer->plan->segments->ack].num;
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
