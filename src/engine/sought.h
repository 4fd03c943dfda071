/* sought.h - the layers that somebody looks for in packets, and which layers they can lie above.
**
** Dissecting ends early where nothing that is sought can come any more: pkt_dissect_sought().
** Whatever is sought, datagrams and streams are joined of all that belongs to them: so layers with
** 'pieces' are read, and those with 'segments' that may carry messages, and where there are none of
** those messages, which may be one behind the other. */
#ifndef PKT_SOUGHT_H
#define PKT_SOUGHT_H

#include "registry.h"

#define PKT_MAX_SOUGHT 12 /* protocols */

struct pkt_sought;

/* What is sought: layers that count as one of the 'n' plans, pkt_plan_is_wanted(). It is the
** caller's, to free(), and good while the registry is. NULL: nothing can be left out, as one of
** them is Raw or Padding, which may be anywhere, or there are too many; or there is no memory. */
struct pkt_sought *pkt_sought_new(const struct pkt_registry *r, const struct pkt_plan *const *plans,
                                  unsigned n);

struct pkt_prospect {
  uint16_t is;     /* what is found with a layer of this plan, a bit each */
  uint16_t within; /* what may be in it and above it */
};

struct pkt_sought {
  uint32_t len;                    /* plans of the registry... */
  struct pkt_prospect prospects[]; /* ...and of each */
};

/* May something be in a layer that is read as 'plan', or above it, that isn't among 'found'? */
static inline bool pkt_is_promising(const struct pkt_sought *s, unsigned found,
                                    const struct pkt_plan *plan) {
  return (s->prospects[plan->index].within & ~found) != 0;
}

#endif
