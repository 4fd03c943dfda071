/* gather.h - a stack on which a reader gathers items, or characters, until their number is known.
**
** It starts within itself and goes on in an arena. It moves as it grows, so a place on it is an
** offset. */
#ifndef PKT_GATHER_H
#define PKT_GATHER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"

struct pkt_gather {
  struct pkt_arena *arena;
  uint8_t *data;
  size_t used, cap; /* bytes */
  _Alignas(16) uint8_t small[4096];
};

static inline void pkt_gather_init(struct pkt_gather *g, struct pkt_arena *arena) {
  g->arena = arena; /* 'small' is large, and needs no clearing */
  g->data = g->small;
  g->used = 0;
  g->cap = sizeof g->small;
}

/* Make room for 'n' more bytes. Returns 0, or -1 without memory. */
static inline int pkt_gather_room(struct pkt_gather *g, size_t n) {
  while (n > g->cap - g->used) {
    uint8_t *more = pkt_alloc(g->arena, g->cap * 2);
    if (!more) return -1;
    memcpy(more, g->data, g->used);
    g->data = more;
    g->cap *= 2;
  }
  return 0;
}

/* Move what lies above 'base' to memory of its own: *out, NULL when it is nothing. Returns 0, or -1
** without memory. */
static inline int pkt_gather_take(struct pkt_gather *g, size_t base, void **out) {
  size_t n = g->used - base;
  g->used = base;
  *out = NULL;
  if (n == 0) return 0;
  *out = pkt_memdup(g->arena, g->data + base, n);
  return *out ? 0 : -1;
}

#endif
