#include "region.h"

#include <string.h>

/* The class of blocks that hold 'n' bytes, and the bytes that one takes. */
static unsigned class_of(size_t n, size_t *size) {
  if (n <= PKT_REGION_SMALL * 16) {
    size_t step = (n + 15) / 16;
    *size = step * 16;
    return (unsigned)step - 1;
  }
  unsigned power = 63u - (unsigned)__builtin_clzll(n - 1); /* 2^power < n <= 2^(power + 1) */
  size_t step = (size_t)1 << (power - 2);
  size_t steps = (n - ((size_t)1 << power) + step - 1) / step; /* 1 to 4 */
  *size = ((size_t)1 << power) + steps * step;
  return PKT_REGION_SMALL + (power - 10) * 4 + (unsigned)steps - 1;
}

void pkt_region_init(struct pkt_region *r, void *memory, size_t n) {
  memset(r, 0, sizeof *r);
  r->largest = n;
  pkt_region_go_on(r, memory, n);
}

void pkt_region_init_growing(struct pkt_region *r, size_t largest, pkt_region_more *more,
                             void *data) {
  memset(r, 0, sizeof *r);
  r->largest = largest;
  r->more = more;
  r->data = data;
}

void pkt_region_go_on(struct pkt_region *r, void *memory, size_t n) {
  r->base = r->top = memory;
  r->end = r->base + n;
}

bool pkt_region_keep(struct pkt_region *r, struct pkt_region_copy *copy) {
  size_t n = (size_t)(r->top - r->base); /* of whole blocks, so it is a multiple of 16 */
  if (n > (size_t)(r->end - r->top)) return false;
  r->end -= n;
  memcpy(r->end, r->base, n);
  copy->bytes = r->end;
  copy->region = *r;
  return true;
}

void pkt_region_restore(struct pkt_region *r, const struct pkt_region_copy *copy) {
  *r = copy->region;
  memcpy(r->base, copy->bytes, (size_t)(r->top - r->base));
}

static void *take(struct pkt_region *r, size_t n) {
  size_t size;
  if (n > r->largest) return NULL;
  unsigned class = class_of(n, &size);
  void *p = r->free[class];
  if (p) {
    memcpy(&r->free[class], p, sizeof(void *)); /* the next one stands in its first bytes */
    return p;
  }
  if (size > (size_t)(r->end - r->top) && !(r->more && r->more(r, r->data))) return NULL;
  p = r->top;
  r->top += size;
  return p;
}

static void give(struct pkt_region *r, void *p, size_t n) {
  size_t size;
  unsigned class = class_of(n, &size);
  if ((uint8_t *)p + size == r->top) {
    r->top = p;
    return;
  }
  memcpy(p, &r->free[class], sizeof(void *));
  r->free[class] = p;
}

/* Let the topmost block grow where it stands. */
static int grow(struct pkt_region *r, void *p, size_t old, size_t n) {
  size_t before, after;
  class_of(old, &before);
  if ((uint8_t *)p + before != r->top || n > r->largest) return 0;
  class_of(n, &after);
  if (after > (size_t)(r->end - (uint8_t *)p)) return 0;
  r->top = (uint8_t *)p + after;
  return 1;
}

void *pkt_region_realloc(struct pkt_region *r, void *p, size_t old, size_t n) {
  size_t before, after;
  if (!p || old == 0) return n ? take(r, n) : NULL;
  if (n == 0) {
    give(r, p, old);
    return NULL;
  }
  if (n <= r->largest && class_of(old, &before) == class_of(n, &after)) return p;
  if (n > old && grow(r, p, old, n)) return p;
  void *moved = take(r, n);
  if (!moved) return n < old ? p : NULL;
  memcpy(moved, p, old < n ? old : n);
  give(r, p, old);
  return moved;
}
