/* region.h - a fixed piece of memory that a Lua state lives in, and is forgotten with.
**
** Blocks come from the region's start upwards; freed ones wait, by size, to be handed out again.
** Nothing is asked of the system, so it serves where no system call is allowed, and when it is
** used up, allocation fails: the caller's limit on memory. pkt_region_reset() gives back everything
** at once. */
#ifndef PKT_REGION_H
#define PKT_REGION_H

#include <stddef.h>
#include <stdint.h>

/* Sizes up to 1 KiB in steps of 16 bytes, larger ones in four steps for each power of two. */
#define PKT_REGION_SMALL 64
#define PKT_REGION_CLASSES (PKT_REGION_SMALL + 4 * 40)

struct pkt_region {
  uint8_t *base, *end;
  uint8_t *top;                   /* what lies above was never handed out */
  void *free[PKT_REGION_CLASSES]; /* lists of freed blocks */
};

/* Use 'n' bytes at 'memory', which is aligned to 16 and stays the caller's. */
void pkt_region_init(struct pkt_region *r, void *memory, size_t n);

/* Hand out nothing that was handed out before: all of it is free. */
void pkt_region_reset(struct pkt_region *r);

/* As lua_Alloc wants it: 'n' 0 frees, 'p' NULL allocates. 'old' is the size that 'p' was asked for,
** and means nothing where 'p' is NULL (Lua passes a type there). NULL where there is no memory; a
** block never fails to shrink. */
void *pkt_region_realloc(struct pkt_region *r, void *p, size_t old, size_t n);

#endif
