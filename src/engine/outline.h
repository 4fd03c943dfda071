/* outline.h - packets of a capture as text: a line each, or a JSON object each.
**
** A line is who speaks to whom, and the topmost layer that is more than bytes, with what is not as
** by default:
**
**   10.0.0.1:4242->10.0.0.2:53 DNS(id=7, rd=1, qd={DNSQR{qname="x.org.", qtype=1, qclass=1}})
**
** An object has a member for each layer, and in that one for each field that is there, with its
** value: a number, an address or a domain name as text, bytes as hexadecimal digits (text where the
** protocol is one of text lines), lists as arrays, packets within a field as objects with their
** "id", options as arrays of name and values; null is no value. Layers of the same protocol are
** "IP", "IP:1", ...
**
** Where memory is short, the buffer says that it has failed. */
#ifndef PKT_OUTLINE_H
#define PKT_OUTLINE_H

#include "buf.h"
#include "registry.h"

struct pkt_outline; /* what is written the same for each packet */

/* NULL without memory. The registry must outlive it. */
struct pkt_outline *pkt_outline_new(const struct pkt_registry *r);
void pkt_outline_free(struct pkt_outline *o);

/* How many of the packet's layers are what it is itself, not what an ICMP error quotes. */
uint32_t pkt_outline_own(const struct pkt_packet *p);

/* Append a time, nanoseconds since 1970, as seconds with as many digits as count, one at least:
** 1550000010.01 */
void pkt_outline_time(struct pkt_buf *b, int64_t time);

/* Append who sent the packet ('src'), or to whom: the address of the innermost network layer, or
** else of the link layer, and if 'port' the port above it, where there is one: 10.0.0.1:53,
** [2001:db8::1]:53. Nothing where there is no address. */
void pkt_outline_end(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_packet *p, bool src,
                     bool port);

/* Append the name of the topmost such layer and its fields, as above, and how many bytes are on it;
** bytes that could do something to a terminal are dots. A packet without layers has none. */
void pkt_outline_summary(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_packet *p);

/* Append the members of the packet's object, with a comma before each: ,"src":...,"Ether":{...} */
void pkt_outline_members(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_packet *p);

#endif
