#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)64 << 10) /* the smallest block: an ordinary request and its reply */
#define BLOCK_MOST ((size_t)8 << 20)  /* blocks double up to here */

struct pkt_block {
  struct pkt_block *next;
  size_t size;
  alignas(16) uint8_t data[];
};

static struct pkt_block *new_block(size_t size) {
  struct pkt_block *b = malloc(sizeof(struct pkt_block) + size);
  if (!b) return NULL;
  b->next = NULL;
  b->size = size;
  return b;
}

void pkt_arena_init(struct pkt_arena *a, size_t limit) { *a = (struct pkt_arena){.limit = limit}; }

void pkt_arena_init_in(struct pkt_arena *a, void *memory, size_t n, size_t limit) {
  n &= ~(size_t)15;
  *a = (struct pkt_arena){.limit = limit, .block = n, .at = memory};
  a->end = a->at + n;
}

static size_t smallest_block(const struct pkt_arena *a) { return a->block ? a->block : BLOCK_SIZE; }

/* Hand out from a block from now on. */
static void enter(struct pkt_arena *a, struct pkt_block *b) {
  a->at = b->data;
  a->end = b->data + b->size;
}

/* The size of one more block that has to hold 'room' bytes: as large as all blocks so far,
** within the limit; 0 if the limit leaves no space for 'room' bytes. */
static size_t further_size(const struct pkt_arena *a, size_t room) {
  size_t left = a->limit ? a->limit - a->used : SIZE_MAX;
  size_t size = a->used > BLOCK_MOST ? BLOCK_MOST : a->used;
  if (size < smallest_block(a)) size = smallest_block(a);
  if (room > left) return 0;
  if (size > left) size = left & ~(size_t)15;
  return size > room ? size : room;
}

void *pkt_alloc_slow(struct pkt_arena *a, size_t n) {
  size_t room = n ? (n + 15) & ~(size_t)15 : 16;
  if (room < n || room > SIZE_MAX / 2) return NULL;
  if (!a->first) {
    if (a->outgrown && a->outgrown(a) != 0) return NULL;
    if (!(a->first = new_block(smallest_block(a)))) return NULL;
    enter(a, a->first);
    if (room <= smallest_block(a)) return pkt_alloc(a, room);
  }
  size_t size = further_size(a, room);
  a->limited |= size == 0;
  struct pkt_block *b = size ? new_block(size) : NULL;
  if (!b) return NULL;
  a->used += size;
  b->next = a->rest;
  a->rest = b;
  if (size - room < (size_t)(a->end - a->at)) return b->data; /* go on in the emptier one */
  enter(a, b);
  return pkt_alloc(a, room);
}

void *pkt_calloc(struct pkt_arena *a, size_t n) {
  void *p = pkt_alloc(a, n);
  if (p) memset(p, 0, n);
  return p;
}

void *pkt_memdup(struct pkt_arena *a, const void *p, size_t n) {
  void *copy = pkt_alloc(a, n ? n : 1); /* an empty copy isn't NULL either */
  if (copy && n) memcpy(copy, p, n);
  return copy;
}

static void free_blocks(struct pkt_block *b) {
  while (b) {
    struct pkt_block *next = b->next;
    free(b);
    b = next;
  }
}

void pkt_arena_reset(struct pkt_arena *a) {
  free_blocks(a->rest);
  a->rest = NULL;
  a->used = 0;
  a->limited = false;
  if (a->first) enter(a, a->first);
}

void pkt_arena_free(struct pkt_arena *a) {
  free_blocks(a->rest);
  free_blocks(a->first);
  *a = (struct pkt_arena){.limit = a->limit, .block = a->block};
}
