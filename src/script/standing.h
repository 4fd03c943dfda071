/* standing.h - a reply whose result never changes, ready to be sent.
**
** Only the head, with the request's id, differs from one such reply to the next. Copies of the rest
** stand in memory with room before them: the head is written there, and what is sent is the copy
** itself. Lending is the owner's thread's to do; giving back may happen in any thread, and after
** the owner has closed it. */
#ifndef PKT_STANDING_H
#define PKT_STANDING_H

#include <stddef.h>

struct pkt_reply;
struct pkt_standing;

/* A standing reply with this result, which is copied. NULL without memory. */
struct pkt_standing *pkt_standing_new(const char *result, size_t len);

/* Its owner is done with it; it goes when the last copy is given back. NULL is fine. */
void pkt_standing_close(struct pkt_standing *s);

/* Fill in a reply: a head of 'n' bytes, which ends with "\"result\":", the result, and the closing
** brace. Its 'release' gives the copy back. Returns 0, or -1 without memory: nothing happened. */
int pkt_standing_lend(struct pkt_standing *s, const char *head, size_t n, struct pkt_reply *reply);

#endif
