/* copy.h - layers copied from arena to arena. */
#ifndef PKT_COPY_H
#define PKT_COPY_H

#include "plan.h"

/* Bytes that outlive both a layer and its copy, which then points into them, too. */
struct pkt_span {
  const uint8_t *p;
  size_t n;
};

/* A copy of the layer with all it holds: lists, nested packets, bytes. It shares the plan, and what
** lies in 'shared' (NULL: nothing). NULL without memory. */
struct pkt_layer *pkt_layer_copy(struct pkt_arena *arena, const struct pkt_layer *layer,
                                 const struct pkt_span *shared);

#endif
