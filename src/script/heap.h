/* heap.h - the memory of a Lua state that loads much at once, as all protocols are.
**
** Lua says how large a block is when it gives it back, so blocks need no headers and lie close
** together, in chunks that the system is asked to make of huge pages: loading touches some 10 MB
** for the first time, and that takes longer page by page than all the rest of it. Large blocks are
** malloc()'s; all are in a plain heap, and under AddressSanitizer, which so sees each. */
#ifndef PKT_HEAP_H
#define PKT_HEAP_H

#include <stdbool.h>
#include <stddef.h>

struct pkt_heap;

/* 'plain': every block comes from malloc(). NULL without memory. */
struct pkt_heap *pkt_heap_new(bool plain);

/* Give back all memory: every block is gone, or never used again. NULL is fine. */
void pkt_heap_free(struct pkt_heap *h);

/* A lua_Alloc, 'heap' being a struct pkt_heap. For one thread at a time. */
void *pkt_heap_alloc(void *heap, void *p, size_t old, size_t n);

#endif
