/* core_shark_wanted.h - what a packet must have for a filter of Lua's to be asked about it: the
** layers and the values of fields that it begins with, so that it is called for few packets. */
#ifndef PKT_CORE_SHARK_WANTED_H
#define PKT_CORE_SHARK_WANTED_H

#include <lua.h>

#include "../engine/plan.h"
#include "../engine/registry.h"

#define PKT_WANTED_LAYERS 8 /* that a filter is called with */
#define PKT_WANTED_CHECKS 8 /* of fields, that are made before; more are the filter's */

/* What must hold of a field. */
struct pkt_wanted_check {
  int layer; /* of those that the filter asks about */
  const struct pkt_op *op;
  int constant; /* it is compared with what lies there on the stack... */
  int compare;  /* ...by this operator of lua_compare()'s... */
  bool swapped; /* ...with the constant on its left... */
  bool result;  /* ...and must give this */
};

struct pkt_wanted {
  const struct pkt_plan *layers[PKT_WANTED_LAYERS]; /* those that the filter asks about */
  int nlayers, needs; /* ...and so many of them, the first, there must be */
  int nchecks;
  struct pkt_wanted_check checks[PKT_WANTED_CHECKS];
};

/* Read what the table at 'options' says of it (luapkt.shark.filter): "layers", "needs" and
** "checks". Constants of checks stay on the stack, for which there must be PKT_WANTED_CHECKS places
** and LUA_MINSTACK. Raises: there is no such protocol, or too many. */
void pkt_wanted_read(lua_State *L, int options, const struct pkt_registry *r, struct pkt_wanted *w);

/* Has the packet such a layer? */
bool pkt_wanted_has(const struct pkt_packet *p, const struct pkt_plan *plan);

/* May the filter let the packet pass? It is to be asked. */
bool pkt_wanted_may_pass(lua_State *L, const struct pkt_wanted *w, const struct pkt_packet *p);

/* The protocol whose id is on top, popped; NULL: nil is there. Raises: there is none. */
const struct pkt_plan *pkt_wanted_take_plan(lua_State *L, const struct pkt_registry *r);

#endif
