/* lending.h - the memory of large replies: lent to whoever sends them, and had back for the next.
**
** A copy of a reply of megabytes goes into memory that is new each time, which the system hands out
** page by page: that takes longer than writing the reply. So a service lends the buffer itself. It
** has one such buffer out at a time. Lending and taking back are the service's thread's to do;
** giving back may happen in any thread, and after the service was closed. */
#ifndef PKT_LENDING_H
#define PKT_LENDING_H

#include "../engine/buf.h"

struct pkt_lending;

/* NULL without memory. */
struct pkt_lending *pkt_lending_new(void);

/* The service is closed; what is still lent is freed when it is given back. NULL is fine. */
void pkt_lending_close(struct pkt_lending *l);

/* Lend what 'b' holds; 'b' is empty afterwards. False, and nothing happened: the last one isn't
** back yet. */
bool pkt_lend(struct pkt_lending *l, struct pkt_buf *b);

/* Had something back? Then 'b', which is empty, has its memory from now on. */
void pkt_lending_take(struct pkt_lending *l, struct pkt_buf *b);

/* Give back: the 'release' of a struct pkt_reply, whose 'hint' is the lending. */
void pkt_lending_release(void *data, void *lending);

#endif
