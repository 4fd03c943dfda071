#include "answers.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct entry {
  uint64_t hash;
  uint64_t used;  /* when: the store's clock; 0: the place is free */
  uint32_t len;   /* of the text */
  uint32_t n;     /* of the value behind it */
  uint8_t *bytes; /* text, value */
};

struct pkt_answers {
  pthread_mutex_t lock;
  uint64_t clock; /* counts look-ups that found something */
  struct entry rows[PKT_ANSWERS_ROWS][PKT_ANSWERS_COLUMNS];
};

struct pkt_answers *pkt_answers_new(void) {
  struct pkt_answers *a = calloc(1, sizeof *a);
  if (a) pthread_mutex_init(&a->lock, NULL);
  return a;
}

void pkt_answers_free(struct pkt_answers *a) {
  if (!a) return;
  for (size_t i = 0; i < PKT_ANSWERS_ROWS; i++)
    for (size_t k = 0; k < PKT_ANSWERS_COLUMNS; k++) free(a->rows[i][k].bytes);
  pthread_mutex_destroy(&a->lock);
  free(a);
}

/* FNV-1a. Texts may be chosen to collide in one row, but that costs no more than evaluating them
** anew. */
static uint64_t hash_of(const char *text, size_t len) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < len; i++) h = (h ^ (uint8_t)text[i]) * 0x100000001b3u;
  return h;
}

static struct entry *row_of(struct pkt_answers *a, uint64_t hash) {
  return a->rows[(hash ^ hash >> 32) % PKT_ANSWERS_ROWS];
}

/* With the lock held. NULL: the text isn't in the row. */
static struct entry *find(struct entry *row, uint64_t hash, const char *text, size_t len) {
  for (size_t k = 0; k < PKT_ANSWERS_COLUMNS; k++) {
    struct entry *e = &row[k];
    if (e->used > 0 && e->hash == hash && e->len == len && memcmp(e->bytes, text, len) == 0)
      return e;
  }
  return NULL;
}

const void *pkt_answers_find(struct pkt_answers *a, const char *text, size_t len,
                             struct pkt_arena *arena, size_t *n) {
  if (len > PKT_ANSWERS_BYTES) return NULL;
  uint64_t hash = hash_of(text, len);
  const void *copy = NULL;
  pthread_mutex_lock(&a->lock);
  struct entry *e = find(row_of(a, hash), hash, text, len);
  if (e) {
    e->used = ++a->clock;
    *n = e->n;
    copy = pkt_memdup(arena, e->bytes + e->len, e->n);
  }
  pthread_mutex_unlock(&a->lock);
  return copy;
}

static struct entry *longest_unused(struct entry *row) {
  struct entry *oldest = row;
  for (size_t k = 1; k < PKT_ANSWERS_COLUMNS; k++)
    if (row[k].used < oldest->used) oldest = &row[k];
  return oldest;
}

void pkt_answers_keep(struct pkt_answers *a, const char *text, size_t len, const void *value,
                      size_t n) {
  if (len + n > PKT_ANSWERS_BYTES) return;
  uint8_t *bytes = malloc(len + n);
  if (!bytes) return;
  memcpy(bytes, text, len);
  memcpy(bytes + len, value, n);
  uint64_t hash = hash_of(text, len);
  pthread_mutex_lock(&a->lock);
  struct entry *row = row_of(a, hash), *e = find(row, hash, text, len);
  if (!e) e = longest_unused(row);
  uint8_t *left = e->bytes;
  *e = (struct entry){hash, ++a->clock, (uint32_t)len, (uint32_t)n, bytes};
  pthread_mutex_unlock(&a->lock);
  free(left);
}
