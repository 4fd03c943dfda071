/* address.h - the addresses a server listens on and shows. No name is ever looked up. */
#ifndef PKT_ADDRESS_H
#define PKT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define PKT_ADDRESS_ROOM 64 /* bytes of a numeric address or an interface name, NUL included */
#define PKT_ENDPOINT_ROOM (PKT_ADDRESS_ROOM + 16)

/* Write the ZeroMQ endpoint of an address ('*', IPv4, IPv6 or interface) and port. False if the
** address is too long to be one. */
bool pkt_address_endpoint(char out[PKT_ENDPOINT_ROOM], const char *address, unsigned port);

/* Is this address, one that pkt_address_endpoint() takes, of IPv6? */
bool pkt_address_is_ipv6(const char *address);

/* Write the address to reach this host under: 'bound' where that is one host's, or the first IPv4
** address of an interface that is up and no loopback, or else 127.0.0.1. */
void pkt_address_local(char out[PKT_ADDRESS_ROOM], const char *bound);

#endif
