/* assign.h - a value into a slot: the one place where input forms are understood.
**
** Numbers may come as numbers, decimal or hexadecimal text, names of an enumeration; flags also as
** letters or as names joined by '+'; addresses as text or bytes; bytes as text or bytes; lists as
** lists. Within lists and nested packets {"vtype": "BYTES", "base64": ...} is bytes, as it is for a
** field; bytes that end a list of options and name none of them stand for themselves. Null and
** empty text unset a number. What a reply prints as 'value' or 'hvalue' of a number, an address or
** text is accepted. */
#ifndef PKT_ASSIGN_H
#define PKT_ASSIGN_H

#include "registry.h"

/* What a value may need beyond itself. */
struct pkt_context {
  struct pkt_arena *arena;
  const struct pkt_registry *registry;
  struct pkt_rng *rng; /* RANDOM draws from it */
};

/* xoshiro256** (Blackman and Vigna, public domain). Any seed will do; 64 bits come at a time. Good
** numbers, no secret ones. */
struct pkt_rng {
  uint64_t s[4];
};
void pkt_rng_seed(struct pkt_rng *rng, uint64_t seed);
uint64_t pkt_rng_next(struct pkt_rng *rng);

/* Set the slot of 'op' in 'layer' to 'v'. Returns 0, or -1 with an error that names protocol,
** field, value and what would be right; the slot is then as it was. */
int pkt_assign(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
               const struct pkt_value *v, struct pkt_err *err);

/* The same, from the field's bytes as they are on the wire. */
int pkt_assign_wire(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                    const uint8_t *bytes, size_t n, struct pkt_err *err);

/* Set a random value that the field can hold: a number, an address, 1 to 16 bytes or as many as it
** has, an option with a number or an address, one to four items of a list. Fields of packets have
** none. Returns 0, or -1 with *err filled in. */
int pkt_assign_random(struct pkt_context *c, struct pkt_layer *layer, const struct pkt_op *op,
                      struct pkt_err *err);

/* Fill in *err for an expression that calls something that is no protocol, as the value of field
** 'op' of 'plan'; both are NULL where it was for no field. Returns -1. */
int pkt_refuse_call(struct pkt_err *err, const struct pkt_plan *plan, const struct pkt_op *op,
                    const struct pkt_ctor *call);

/* Make a slot unset again: the default, or worked out. */
void pkt_unset(struct pkt_layer *layer, const struct pkt_op *op);

/* Set a default while a protocol is compiled: 'slot' need not belong to a layer. Returns 0, or -1
** with *err filled in. */
int pkt_assign_default(struct pkt_context *c, const struct pkt_plan *plan, const struct pkt_op *op,
                       const struct pkt_value *v, struct pkt_slot *slot, struct pkt_err *err);

#endif
