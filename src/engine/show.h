/* show.h - slots as text: the 'value' and 'hvalue' of replies.
**
** Numbers, addresses and bytes have a JSON form of their own; lists, options and nested packets
** are shown as an EXPRESSION, whose text is in one of two dialects:
**   PKT_PYTHON  as the reference prints it: [('MSS', 1460), ('NOP', None)], [10.0.0.1],
**               DNSQR(qname=b'x.org.',qtype=1,qclass=1), [message-type=discover end]
**               <ASN1_OID['1.3.6.1']>
**   PKT_LUA     what Lua evaluates to the same value: {{"MSS", 1460}, {"NOP"}}, {"10.0.0.1"},
**               DNSQR{qname="x.org.", qtype=1, qclass=1}, {{"message-type", "discover"}, {"end"}}
** Either is taken as a value again and gives the same bytes.
**
** All of these append to a buffer, which remembers what failed (buf.h), and change nothing else.
** 's' is what the field 'op' of 'layer' holds, or an item of it: the layer's slot or a copy. */
#ifndef PKT_SHOW_H
#define PKT_SHOW_H

#include "buf.h"
#include "plan.h"

enum pkt_dialect { PKT_PYTHON, PKT_LUA, PKT_DIALECTS };

/* Append '"value":V,"hvalue":H' of a field: a slot of the layer's own. 'scratch', another buffer,
** is emptied and used for texts that are quoted. */
void pkt_show_field(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                    const struct pkt_layer *layer, const struct pkt_op *op,
                    const struct pkt_slot *s);

/* Append what a person sees of a slot, without quotes: names of values, flags and options, times,
** addresses; bytes as text where all of them can be printed, otherwise in hexadecimal; lists and
** packets as PKT_LUA has them; nothing where there is no value. */
void pkt_show_plain(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                    const struct pkt_slot *s);

/* Append a slot as a literal of the dialect: what stands behind '=' in a constructor call. That of
** no value is nil or None. */
void pkt_show_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                      const struct pkt_op *op, const struct pkt_slot *s);

/* Append the text that scripts see for an INTEGER beyond 2^63-1, a BIT STRING, or an OBJECT
** IDENTIFIER (its numbers). Returns false, and appends nothing, for any other INTEGER, which
** scripts see as a number, and for octets that are no identifier's. 'op' is of one of these
** kinds, and 's' has a value. */
bool pkt_show_script(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s);

/* Append a number that is a float of 32 or 64 bits, given by these, in quotes where it is no number
** to JSON, Lua or Python: nan, inf. 'quote' is 0 for none. */
void pkt_show_float(struct pkt_buf *b, const struct pkt_op *op, uint64_t bits, char quote);

/* Append an address in its usual form: 00:11:22:33:44:55, 10.0.0.1, 2001:db8::1 (RFC 5952). The
** first byte on the wire is a number's most significant one. */
void pkt_show_mac(struct pkt_buf *b, uint64_t mac);
void pkt_show_ipv4(struct pkt_buf *b, uint32_t addr);
void pkt_show_ipv6(struct pkt_buf *b, const uint8_t addr[16]);

#endif
