/* region.h - a piece of memory that a Lua state lives in, and is forgotten with.
**
** Blocks come from the region's start upwards; freed ones wait, by size, to be handed out again.
** Nothing is asked of the system, so it serves where no system call is allowed, and when it is used
** up, allocation fails: the caller's limit on memory. pkt_region_restore() gives back everything at
** once. A growing region asks its owner for further pieces instead. */
#ifndef PKT_REGION_H
#define PKT_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sizes up to 1 KiB in steps of 16 bytes, larger ones in four steps for each power of two. */
#define PKT_REGION_SMALL 64
#define PKT_REGION_CLASSES (PKT_REGION_SMALL + 4 * 40)

struct pkt_region;

/* Give the region a further piece, by pkt_region_go_on(). False: there is none. */
typedef bool pkt_region_more(struct pkt_region *r, void *data);

struct pkt_region {
  uint8_t *base, *end;
  uint8_t *top;                   /* what lies above was never handed out */
  size_t largest;                 /* a block of more bytes fits in no piece */
  pkt_region_more *more;          /* NULL: the region doesn't grow */
  void *data;                     /* for 'more' */
  void *free[PKT_REGION_CLASSES]; /* lists of freed blocks */
};

/* Use 'n' bytes at 'memory', which is aligned to 16 and stays the caller's. */
void pkt_region_init(struct pkt_region *r, void *memory, size_t n);

/* Begin without memory: 'more' is called for it, and gives pieces in which a block of 'largest'
** bytes and a quarter has room. */
void pkt_region_init_growing(struct pkt_region *r, size_t largest, pkt_region_more *more,
                             void *data);

/* Take new blocks from these 'n' bytes, aligned to 16; blocks handed out before stay as they
** are. */
void pkt_region_go_on(struct pkt_region *r, void *memory, size_t n);

/* What was handed out at some time, to come back to. */
struct pkt_region_copy {
  struct pkt_region region;
  uint8_t *bytes; /* what stood in the region's memory */
};

/* Copy what is handed out, to the end of the region, whose memory is less by that from now on; for
** one that doesn't grow. False: there is no room. */
bool pkt_region_keep(struct pkt_region *r, struct pkt_region_copy *copy);

/* Everything is as it was at pkt_region_keep(): each block where it was, with what stood in it. */
void pkt_region_restore(struct pkt_region *r, const struct pkt_region_copy *copy);

/* As lua_Alloc wants it: 'n' 0 frees, 'p' NULL allocates. 'old' is the size that 'p' was asked for,
** and means nothing where 'p' is NULL (Lua passes a type there). NULL where there is no memory; a
** block never fails to shrink. */
void *pkt_region_realloc(struct pkt_region *r, void *p, size_t old, size_t n);

#endif
