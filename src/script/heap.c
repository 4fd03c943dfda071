#include "heap.h"

#include <stdlib.h>
#include <string.h>

#include "../engine/pages.h"
#include "region.h"

/* gcc and clang say it each in their own way. */
#ifdef __has_feature
#define WATCHED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#else
#define WATCHED 0
#endif

#define CHUNK_BYTES ((size_t)16 << 20) /* what protocols need, and some templates, with room... */
#define HUGE_BYTES ((size_t)8 << 20)   /* ...in huge pages so far as they surely use all of them */
#define LARGE ((size_t)64 << 10)       /* from here on malloc() serves: it can give such back */

struct chunk {
  struct chunk *next;
  struct pkt_pages pages;
};

struct pkt_heap {
  struct pkt_region region; /* over the newest chunk */
  struct chunk *chunks;
  size_t large; /* larger blocks are malloc()'s */
};

/* Let the region go on in a new chunk; what is left of the old one, less than LARGE, is lost. */
static bool add_chunk(struct pkt_region *region, void *data) {
  struct pkt_heap *h = data;
  struct chunk *c = malloc(sizeof *c);
  void *memory = c ? pkt_pages_map(&c->pages, CHUNK_BYTES, HUGE_BYTES) : NULL;
  if (!memory) {
    free(c);
    return false;
  }
  c->next = h->chunks;
  h->chunks = c;
  pkt_region_go_on(region, memory, CHUNK_BYTES);
  return true;
}

struct pkt_heap *pkt_heap_new(bool plain) {
  struct pkt_heap *h = calloc(1, sizeof *h);
  if (!h) return NULL;
  h->large = plain || WATCHED ? 0 : LARGE;
  pkt_region_init_growing(&h->region, LARGE, add_chunk, h);
  return h;
}

void pkt_heap_free(struct pkt_heap *h) {
  struct chunk *next;
  for (struct chunk *c = h ? h->chunks : NULL; c; c = next) {
    next = c->next;
    pkt_pages_unmap(&c->pages);
    free(c);
  }
  free(h);
}

/* From one kind of memory to the other. */
static void *move(struct pkt_heap *h, void *p, size_t old, size_t n) {
  void *moved = n > h->large ? malloc(n) : pkt_region_realloc(&h->region, NULL, 0, n);
  if (!moved) return NULL;
  memcpy(moved, p, old < n ? old : n);
  pkt_heap_alloc(h, p, old, 0);
  return moved;
}

void *pkt_heap_alloc(void *heap, void *p, size_t old, size_t n) {
  struct pkt_heap *h = heap;
  bool large = n > h->large, was_large = p && old > h->large;
  if (p && n > 0 && was_large != large) return move(h, p, old, n);
  if (!was_large && !large) return pkt_region_realloc(&h->region, p, old, n);
  if (n > 0) return realloc(p, n);
  free(p);
  return NULL;
}
