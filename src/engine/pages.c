#include "pages.h"

#include <stdint.h>
#include <sys/mman.h>

#define PAGE ((uintptr_t)4 << 10)
#define HUGE_PAGE ((size_t)2 << 20)

void *pkt_pages_map(struct pkt_pages *pages, size_t n, size_t huge) {
  pages->mapped = NULL;
  if (n > SIZE_MAX - HUGE_PAGE) return NULL;
  pages->size = n + HUGE_PAGE; /* room to begin at a multiple of it */
  void *p = mmap(NULL, pages->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return NULL;
  pages->mapped = p;
  size_t past = (uintptr_t)p % HUGE_PAGE;
  uint8_t *memory = (uint8_t *)p + (past > 0 ? HUGE_PAGE - past : 0);
  (void)madvise(memory, huge < n ? huge : n, MADV_HUGEPAGE); /* a wish: small pages do as well */
  return memory;
}

void pkt_pages_trim(const struct pkt_pages *pages, const void *from) {
  uintptr_t begin = (uintptr_t)pages->mapped, end = begin + pages->size;
  uintptr_t at = ((uintptr_t)from + PAGE - 1) & ~(PAGE - 1);
  if (!pages->mapped || at < begin || at >= end) return;
  uint8_t *rest = (uint8_t *)pages->mapped + (at - begin);
  (void)madvise(rest, end - at, MADV_NOHUGEPAGE); /* or the system makes a huge page of it again */
  (void)madvise(rest, end - at, MADV_DONTNEED);
}

void pkt_pages_unmap(struct pkt_pages *pages) {
  if (pages->mapped) munmap(pages->mapped, pages->size);
  pages->mapped = NULL;
}
