/* follow_segment.c - segments that came before those that they follow. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "follow_inner.h"

#define PATIENCE (PKT_FOLLOW_PATIENCE * UINT64_C(1000000000))

static uint32_t record_memory(const struct pkt_followed_record *r) {
  return r ? (uint32_t)sizeof *r + r->record.len : 0;
}

static uint32_t segment_memory(const struct pkt_segment *s) { return (uint32_t)sizeof *s + s->len; }

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

bool pkt_segment_keep(struct pkt_follow *f, struct pkt_direction *d, uint32_t seq, const uint8_t *p,
                      uint32_t n, const struct pkt_followed_record *record) {
  bool last = d->ahead && pkt_seq_is_before(d->last->seq, seq);
  struct pkt_segment **at = last ? &d->last->next : &d->ahead;
  while (*at && pkt_seq_is_before((*at)->seq, seq)) at = &(*at)->next;
  if (*at && (*at)->seq == seq && (*at)->len >= n) return true;
  struct pkt_segment *s = malloc(sizeof *s + n);
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
  d->ahead_memory += segment_memory(s) + record_memory(s->record);
  return true;
}

struct pkt_followed_record *pkt_segment_take_record(struct pkt_direction *d) {
  struct pkt_followed_record *r = d->ahead->record;
  d->ahead_memory -= record_memory(r);
  d->ahead->record = NULL;
  return r;
}

void pkt_segment_drop(struct pkt_direction *d) {
  struct pkt_segment *s = d->ahead;
  free(pkt_segment_take_record(d));
  d->ahead = s->next;
  d->ahead_count--;
  d->ahead_len -= s->len;
  d->ahead_memory -= segment_memory(s);
  free(s);
}

void pkt_segment_drop_all(struct pkt_direction *d) {
  while (d->ahead) pkt_segment_drop(d);
}

bool pkt_segment_may_wait(const struct pkt_follow *f, const struct pkt_direction *d) {
  bool overdue = d->ahead && pkt_have_passed(PATIENCE, d->since, f->time);
  return !d->lost && !overdue && d->ahead_len <= PKT_FOLLOW_AHEAD &&
         d->ahead_count <= PKT_FOLLOW_SEGMENTS && d->ahead_memory <= PKT_FOLLOW_WAITING;
}

void pkt_direction_append(struct pkt_direction *d, const uint8_t *p, uint32_t n) {
  d->next += n;
  uint32_t skipped = d->skip < n ? (uint32_t)d->skip : n;
  d->skip -= skipped;
  pkt_buf_add(&d->held, p + skipped, n - skipped);
}

void pkt_segment_append(struct pkt_direction *d) {
  const struct pkt_segment *s = d->ahead;
  uint32_t known = d->next - s->seq;
  if (known < s->len) pkt_direction_append(d, s->bytes + known, s->len - known);
  pkt_segment_drop(d);
}

void pkt_segment_append_ready(struct pkt_direction *d) {
  while (pkt_segment_is_ready(d)) pkt_segment_append(d);
  d->lost = d->lost && d->ahead;
}
