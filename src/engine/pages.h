/* pages.h - memory straight from the system, of huge pages where it has them.
**
** For what is filled once and stays: touching memory for the first time costs a fault for every
** page, and huge ones are few. */
#ifndef PKT_PAGES_H
#define PKT_PAGES_H

#include <stddef.h>

struct pkt_pages {
  void *mapped; /* NULL: nothing */
  size_t size;
};

/* At least 'n' bytes, zeroed, that begin where a huge page can, the first 'huge' of them in such
** pages if possible: one of them is taken whole, however little of it is used. NULL without
** memory. */
void *pkt_pages_map(struct pkt_pages *pages, size_t n, size_t huge);

/* Return the memory from 'from' on to the system. It stays usable, reads as zeros and takes
** memory again once it is touched. Does nothing if 'from' doesn't lie within the pages. */
void pkt_pages_trim(const struct pkt_pages *pages, const void *from);

/* Give them back; nothing to give back is fine. */
void pkt_pages_unmap(struct pkt_pages *pages);

#endif
