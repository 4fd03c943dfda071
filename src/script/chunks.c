/* chunks.c - protocols and modules that were compiled when the program was. CHUNKS is the file that has them. */
#include "chunks.h"

#include <string.h>

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

const char *pkt_chunk_find(const char *text, size_t n, size_t *len) {
  struct pkt_chunk head;
  uint64_t hash = pkt_mix(0, text, n);
  for (const char *at = pkt_chunks_begin; at < pkt_chunks_end;
       at += sizeof head + (head.len + 7) / 8 * 8) {
    memcpy(&head, at, sizeof head);
    if (head.hash != hash || head.size != n) continue;
    *len = (size_t)head.len;
    return at + sizeof head;
  }
  return NULL;
}
