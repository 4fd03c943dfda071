/* chunks.c - protocols and modules that were compiled when the program was. CHUNKS is the file that
** has them. */
#include "chunks.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../wire/mix.h"

__asm__(".section .rodata\n"
        ".balign 8\n"
        "pkt_chunks_begin:\n"
        ".incbin \"" CHUNKS "\"\n"
        "pkt_chunks_end:\n"
        ".byte 0\n"
        ".previous\n");

extern const char pkt_chunks_begin[] __attribute__((visibility("hidden")));
extern const char pkt_chunks_end[] __attribute__((visibility("hidden")));

static const char *find(const char *text, size_t n, size_t *len) {
  const struct pkt_chunk *chunks = (const void *)(pkt_chunks_begin + sizeof(uint64_t));
  uint64_t count, hash = pkt_mix(0, text, n);
  memcpy(&count, pkt_chunks_begin, sizeof count);
  for (const struct pkt_chunk *c = chunks; c < chunks + count; c++) {
    if (c->hash != hash || c->size != n) continue;
    *len = (size_t)c->len;
    return (const char *)(chunks + count) + c->at;
  }
  return NULL;
}

/* Drop the chunks from memory; the system reads them from the program's file again when they are
** needed. */
static void forget(void) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t begin = ((uintptr_t)pkt_chunks_begin + page - 1) & ~(page - 1);
  uintptr_t end = (uintptr_t)pkt_chunks_end & ~(page - 1);
  if (begin < end) (void)madvise((void *)begin, end - begin, MADV_DONTNEED); /* a wish */
}

static atomic_bool rests;

static void loaded(void) {
  if (atomic_load(&rests)) forget();
}

static void rest(void) {
  atomic_store(&rests, true);
  forget();
}

const struct pkt_known_chunks pkt_own_chunks = {find, loaded, rest};
