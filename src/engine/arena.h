/* arena.h - memory for one request: handed out in order, given back all at once.
**
** A worker keeps one arena and resets it between requests, so that a request costs no malloc
** once the first blocks are there. After a request that was larger than usual the extra blocks
** go back to the system, so that memory stays flat. */
#ifndef PKT_ARENA_H
#define PKT_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pkt_block;

struct pkt_arena {
  uint8_t *at;             /* the next free byte of the current block */
  uint8_t *end;            /* the end of the current block */
  struct pkt_block *first; /* kept over a reset */
  struct pkt_block *rest;  /* freed by a reset */
  size_t used;             /* bytes in the blocks of 'rest' */
  size_t limit;            /* 'used' may not pass this; 0: no limit */
  bool limited;            /* something was refused for that, since the last reset */
  size_t block;            /* the smallest block, in bytes; 0: that of a request */
  /* Called just before the first block is allocated, so that the arena's owner can arrange for
  ** it to be freed; a result other than 0 refuses the block. NULL: the owner frees the arena in
  ** any case. */
  int (*outgrown)(struct pkt_arena *a);
};

/* Start an empty arena; 'limit' bounds what it holds beyond its first block. Allocates nothing. */
void pkt_arena_init(struct pkt_arena *a, size_t limit);

/* The same for one packet, starting with the caller's 'n' bytes at 'memory', aligned to 16. What
** doesn't fit there goes into blocks of at least 'n' bytes. Such an arena must not be reset. */
void pkt_arena_init_in(struct pkt_arena *a, void *memory, size_t n, size_t limit);

/* 'n' bytes, aligned for any type, not cleared; NULL without memory or over the limit. */
void *pkt_alloc_slow(struct pkt_arena *a, size_t n);
static inline void *pkt_alloc(struct pkt_arena *a, size_t n) {
  size_t room = (n + 15 + (n == 0)) & ~(size_t)15; /* 0 bytes get an address of their own, too */
  if (room >= n && room <= (size_t)(a->end - a->at)) {
    void *p = a->at;
    a->at += room;
    return p;
  }
  return pkt_alloc_slow(a, n);
}

/* The same, cleared. */
void *pkt_calloc(struct pkt_arena *a, size_t n);

/* A copy of 'n' bytes, likewise. */
void *pkt_memdup(struct pkt_arena *a, const void *p, size_t n);

/* Give back all but the first 'n' of the 'room' bytes at 'p', if they were handed out last. */
static inline void pkt_arena_trim(struct pkt_arena *a, void *p, size_t room, size_t n) {
  uint8_t *end = (uint8_t *)p + ((room + 15) & ~(size_t)15);
  if (end == a->at) a->at = (uint8_t *)p + ((n + 15) & ~(size_t)15);
}

/* Everything handed out is gone; the first block stays. */
void pkt_arena_reset(struct pkt_arena *a);

/* Give everything back to the system. The arena can be used again. */
void pkt_arena_free(struct pkt_arena *a);

#endif
