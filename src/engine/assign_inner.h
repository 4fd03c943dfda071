/* assign_inner.h - what the files behind assign.h share: the slot that is being set, the setters of
** the kinds of fields, and what several of those need.
**
** assign.c has what all kinds have in common: what unsets a field, defaults, fields of one id, the
** choice between forms; for the rest it calls the setter of the field's kind. Those are in
** assign_number.c, assign_address.c, assign_bytes.c, assign_list.c (packets within fields too),
** assign_option.c and assign_asn1.c; assign_random.c makes values up. */
#ifndef PKT_ASSIGN_INNER_H
#define PKT_ASSIGN_INNER_H

#include "assign.h"

/* What is being set, for the conversions and for messages. */
struct pkt_target {
  struct pkt_context *c;
  const struct pkt_plan *plan;
  struct pkt_layer *layer; /* NULL while a default is compiled */
  const struct pkt_op *op;
  struct pkt_slot *slot;
  struct pkt_err *err;
  bool odd; /* the field can't show the value as it was given */
};

/* Describe a value for an error message: text is quoted, a number is written out, of anything
** else only the kind is named. */
const char *pkt_describe(char out[PKT_QUOTE_ROOM], const struct pkt_value *v);

/* Fail without memory, or with "IP.ttl: "abc" is not 'wanted'". Both return -1. */
int pkt_no_memory(struct pkt_target *t);
int pkt_refuse(struct pkt_target *t, const struct pkt_value *v, const char *wanted);

/* Set the target to a value, by the setter of its kind. Returns 0, or -1 with an error; there may
** be anything in the slot then. So do all setters below. */
int pkt_set_value(struct pkt_target *t, const struct pkt_value *v);

int pkt_set_uint(struct pkt_target *t, const struct pkt_value *v);
int pkt_set_mac(struct pkt_target *t, const struct pkt_value *v);
int pkt_set_ipv4(struct pkt_target *t, const struct pkt_value *v);
int pkt_set_ipv6(struct pkt_target *t, const struct pkt_value *v);
int pkt_set_bytes(struct pkt_target *t, const struct pkt_value *v);
int pkt_set_name(struct pkt_target *t, const struct pkt_value *v);
int pkt_set_list(struct pkt_target *t, const struct pkt_value *v);
int pkt_set_layers(struct pkt_target *t, const struct pkt_value *v); /* a list of packets, or one */
int pkt_set_options(struct pkt_target *t, const struct pkt_value *v);

/* The same for elements of ASN.1; pkt_set_forms() for one that has several forms. */
int pkt_set_integer(struct pkt_target *t, const struct pkt_value *v);
int pkt_set_oid(struct pkt_target *t, const struct pkt_value *v);
int pkt_set_bits(struct pkt_target *t, const struct pkt_value *v);
int pkt_set_forms(struct pkt_target *t, const struct pkt_value *v);

/* Is this ASN1_NAME(value), which is how <ASN1_NAME[value]> is read? And set an element of ASN.1 to
** what is in it. */
bool pkt_is_object(const struct pkt_value *v);
int pkt_set_object(struct pkt_target *t, const struct pkt_value *v);

/* Is this {"vtype": "RANDOM"}? And set the target to a random value; the context has a
** generator. */
bool pkt_is_random(const struct pkt_value *v);
int pkt_set_random(struct pkt_target *t);

/* Set the target's bytes to a copy of these. */
static inline int pkt_set_copy(struct pkt_target *t, const void *p, uint32_t n) {
  t->slot->bytes = pkt_memdup(t->c->arena, p, n);
  t->slot->len = n;
  return t->slot->bytes ? 0 : pkt_no_memory(t);
}

/* Set a list to the bytes it takes on the wire: kept, and shown, as such. */
int pkt_set_list_bytes(struct pkt_target *t, const struct pkt_value *v);

/* Set a list of 'n' items, each by its value; where 'items' is NULL, each to a random one. */
int pkt_set_items(struct pkt_target *t, const struct pkt_value *items, uint32_t n);

/* An empty list for the target, with room for so many items of 'size' bytes, cleared. NULL with an
** error: they are too many, or there is no memory. */
struct pkt_list *pkt_new_list(struct pkt_target *t, uint32_t items, size_t size);

/* Make the target a BIT STRING of 'n' bytes, the last 'unused' bits of which don't count.
** Returns its content octets, the count of unused bits first and then zeros for the caller to
** fill in; NULL without memory. */
uint8_t *pkt_new_bits(struct pkt_target *t, uint32_t n, unsigned unused);

/* Are these 'n' bytes? Lua has one type for text and bytes. */
static inline bool pkt_are_bytes(const struct pkt_value *v, uint32_t n) {
  return v->len == n && (v->type == PKT_V_BYTES || (v->type == PKT_V_TEXT && v->lua));
}

/* What stands for itself where bytes are wanted: of an address its own, not those of its text. */
static inline struct pkt_value pkt_as_bytes(const struct pkt_value *v) {
  if (v->type != PKT_V_TEXT || v->address == 0) return *v;
  return (struct pkt_value){.type = PKT_V_BYTES, .len = v->address, .ptr = v->ptr + v->len};
}

/* Is this {"vtype": "BYTES", "base64": ...}? And the bytes in it, to *out; 0, or -1 with an
** error. */
bool pkt_is_wrapped(const struct pkt_value *v);
int pkt_unwrap(struct pkt_target *t, const struct pkt_value *v, struct pkt_value *out);

/* Read decimal digits, or 0x and hexadecimal digits, with nothing around them. False: these are
** none, or the number is too large; *v may be anything then. */
bool pkt_read_number(const char *p, uint32_t n, uint64_t *v);

#endif
