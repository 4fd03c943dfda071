/* constants.h - names that stand for values in the python dialect: those of the reference's
** namespace that are of use as a field's value. */
#ifndef PKT_CONSTANTS_H
#define PKT_CONSTANTS_H

#include "value.h"

struct pkt_constant {
  const char *name;
  struct pkt_value value;
};

/* All of them; behind the last one stands a name that is NULL. */
extern const struct pkt_constant pkt_constants[];

#endif
