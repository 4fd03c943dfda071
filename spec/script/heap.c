/* heap.c - blocks of a heap given, moved and taken back at random, each filled with what it should
** hold; heap_spec.lua builds and runs it. usage: heap ROUNDS PLAIN */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/script/heap.h"

#define BLOCKS 65536 /* some 60 MB at once: several chunks */

static struct {
  unsigned char *p;
  size_t n;
  unsigned char filled;
} blocks[BLOCKS];

static uint64_t state = 88172645463325252u;

static uint64_t draw(void) { /* Marsaglia's xorshift64 */
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

/* Most blocks are small, some go past the size that the heap leaves to malloc(). */
static size_t draw_size(void) {
  unsigned kind = draw() % 64;
  if (kind == 0) return 1 + draw() % 200000;
  if (kind == 1) return 65536 - 8 + draw() % 16;
  return 1 + draw() % (kind < 16 ? 4096 : 256);
}

static void check(unsigned i, size_t n) {
  for (size_t k = 0; k < n; k++) assert(blocks[i].p[k] == blocks[i].filled);
}

static void put(struct pkt_heap *h, unsigned i, size_t n) {
  size_t old = blocks[i].n, kept = old < n ? old : n;
  unsigned char *p = pkt_heap_alloc(h, blocks[i].p, blocks[i].p ? old : 5 /* a Lua type */, n);
  assert((p != NULL) == (n > 0) && (uintptr_t)p % 16 == 0);
  blocks[i].p = p;
  blocks[i].n = n;
  check(i, kept);
  blocks[i].filled = (unsigned char)draw();
  if (n > 0) memset(p, blocks[i].filled, n);
}

int main(int argc, char **argv) {
  assert(argc == 3);
  struct pkt_heap *h = pkt_heap_new(strcmp(argv[2], "plain") == 0);
  assert(h);
  size_t held = 0, most = 0;
  for (long round = atol(argv[1]); round > 0; round--) {
    unsigned i = (unsigned)(draw() % BLOCKS);
    check(i, blocks[i].n);
    held -= blocks[i].n;
    put(h, i, blocks[i].p && draw() % 3 == 0 ? 0 : draw_size());
    held += blocks[i].n;
    if (held > most) most = held;
  }
  for (unsigned i = 0; i < BLOCKS; i++) check(i, blocks[i].n), put(h, i, 0);
  pkt_heap_free(h);
  pkt_heap_free(NULL);
  printf("%zu\n", most);
  return 0;
}
