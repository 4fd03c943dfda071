/* option.h - one option of a list, as it lies on the wire.
**
** Most have a byte of code and one of length before their value (RFC 9293 section 3.1, RFC 2132
** section 2), or are a code alone. Data attributes (RFC 2408 section 3.3) have a type of 15 bits;
** the bit before it says whether two bytes of value follow, or two of length and so much value. */
#ifndef PKT_OPTION_H
#define PKT_OPTION_H

#include "plan.h"

#define PKT_MAX_ATTRIBUTE 0x7fff       /* the largest type of a data attribute */
#define PKT_MAX_ATTRIBUTE_BYTES 0xffff /* of its value */

/* Read the option at p[0..n), n > 0, into 'o', which borrows its value. Returns the bytes it takes,
** or 0 when they are none. DHCP's and attributes must be whole; others are cut where the bytes
** end. */
uint32_t pkt_option_read(const struct pkt_op *op, const uint8_t *p, uint32_t n,
                         struct pkt_option *o);

/* Is it a data attribute? */
bool pkt_option_is_attribute(const struct pkt_option *o);

/* Bytes that it takes. */
static inline uint32_t pkt_option_size(const struct pkt_option *o) {
  switch (o->form) {
    case PKT_OPTION_FLAG: return 1;
    case PKT_OPTION_LONG: return 4 + o->len;
    default: return 2 + o->len;
  }
}

/* The most bytes that the value of one of the field's options may have: what its length can say. */
uint32_t pkt_option_room(const struct pkt_op *op);

/* Store it at 'p', where there is room for it. Returns the byte behind it. */
uint8_t *pkt_option_write(const struct pkt_op *op, const struct pkt_option *o, uint8_t *p);

/* How many bytes the number of an attribute takes: 2 if its type says that it is basic,
** otherwise as many as it needs. */
unsigned pkt_attribute_width(uint64_t num);

/* One part of an option's value, a number or an IPv4 address. */
struct pkt_part {
  uint64_t num;
  unsigned width; /* bytes */
  bool address;
};

/* Part 'i', which starts at byte 'at' of the value. False: there is no such part, or the option's
** bytes are not of the form that its code has, and stand for themselves. */
bool pkt_option_part(const struct pkt_option *o, uint32_t at, uint32_t i, struct pkt_part *part);

/* The size in bytes that has to be stated with an attribute's number, because it would be
** written with another size otherwise; 0: it needn't be, or the option is no attribute. */
unsigned pkt_option_said_width(const struct pkt_option *o);

/* Is this list shown as bytes? It is if it was set as bytes, or if bytes that are no option
** follow its options. In a list of DHCP options, where bytes mean something else, those bytes
** are the last item. */
bool pkt_options_are_bytes(const struct pkt_op *op, const struct pkt_list *list);

#endif
