/* lending.h - the memory of large replies: lent to whoever sends them, and used again.
**
** A copy of a reply of megabytes goes into memory that is new each time, which the system hands out
** page by page: that takes longer than writing the reply. So a service lends the buffer itself, and
** goes on with one that came back. Lending is the service's thread's to do; giving back may happen
** in any thread, and after the service was closed. */
#ifndef PKT_LENDING_H
#define PKT_LENDING_H

#include "../engine/buf.h"

struct pkt_lending;

/* Buffers of up to 'keep' bytes are kept when they come back. NULL without memory. */
struct pkt_lending *pkt_lending_new(size_t keep);

/* The service is closed; what is still lent is freed when it is given back. NULL is fine. */
void pkt_lending_close(struct pkt_lending *l);

/* Lend the memory of 'b', which is empty afterwards. Returns the 'hint' to give it back with; NULL,
** and nothing happened: too many are out. */
void *pkt_lend(struct pkt_lending *l, struct pkt_buf *b);

/* Give a buffer without memory that of one that has come back, if there is one. Who asks for one
** large reply after the other then costs one buffer, not two. */
void pkt_take_back(struct pkt_lending *l, struct pkt_buf *b);

/* Give back: the 'release' of a struct pkt_reply. */
void pkt_lending_release(void *data, void *hint);

#endif
