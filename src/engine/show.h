/* show.h - slots as text: the 'value' and 'hvalue' of replies, and the reference's literals.
**
** Numbers, addresses and bytes have a JSON form of their own; lists, options and nested packets
** are shown as an EXPRESSION whose text is the reference's literal: [('MSS', 1460)],
** [IPOption_NOP(copy_flag=0,...)], DNSQR(qname=b'x.org.',qtype=1,qclass=1). */
#ifndef PKT_SHOW_H
#define PKT_SHOW_H

#include "buf.h"
#include "plan.h"

/* Append '"value":V,"hvalue":H' of a slot of this layer. 'scratch' is used for literals. */
void pkt_show_field(struct pkt_buf *b, struct pkt_buf *scratch, const struct pkt_layer *layer,
                    const struct pkt_op *op, const struct pkt_slot *s);

/* Append the literal of a slot: what stands behind '=' in a constructor call. */
void pkt_show_literal(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                      const struct pkt_slot *s);

/* Append bytes as a literal: b'\x00a'. */
void pkt_show_bytes_literal(struct pkt_buf *b, const uint8_t *p, size_t n);

/* One part of an option's value, a number or an IPv4 address. */
struct pkt_part {
  uint64_t num;
  unsigned width; /* bytes */
  bool address;
};

/* Part 'i', which starts at byte 'at' of the value. False: there is no such part, or the option's
** bytes are not of the form that its code has, and stand for themselves. */
bool pkt_option_part(const struct pkt_option *o, uint32_t at, uint32_t i, struct pkt_part *part);

/* Append an address in its usual form: 00:11:22:33:44:55, 10.0.0.1, 2001:db8::1 (RFC 5952). */
void pkt_show_mac(struct pkt_buf *b, uint64_t mac);
void pkt_show_ipv4(struct pkt_buf *b, uint32_t addr);
void pkt_show_ipv6(struct pkt_buf *b, const uint8_t addr[16]);

#endif
