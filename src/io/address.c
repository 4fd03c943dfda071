#include "address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

bool pkt_address_is_ipv6(const char *address) { return strchr(address, ':') != NULL; }

bool pkt_address_endpoint(char out[PKT_ENDPOINT_ROOM], const char *address, unsigned port) {
  bool bracket = pkt_address_is_ipv6(address) && address[0] != '[';
  if (strlen(address) >= PKT_ADDRESS_ROOM) return false;
  snprintf(out, PKT_ENDPOINT_ROOM, bracket ? "tcp://[%s]:%u" : "tcp://%s:%u", address, port);
  return true;
}

static bool is_any(const char *address) {
  return strcmp(address, "*") == 0 || strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
}

static bool is_host(const char *address) {
  struct in6_addr any;
  return inet_pton(AF_INET, address, &any) == 1 || inet_pton(AF_INET6, address, &any) == 1;
}

/* 'name': only of that interface, or NULL. */
static bool first_ipv4(char out[PKT_ADDRESS_ROOM], const char *name) {
  struct ifaddrs *list, *i;
  bool found = false;
  if (getifaddrs(&list) != 0) return false;
  for (i = list; i != NULL && !found; i = i->ifa_next) {
    if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET || !(i->ifa_flags & IFF_UP))
      continue;
    if (name != NULL ? strcmp(name, i->ifa_name) != 0 : (i->ifa_flags & IFF_LOOPBACK) != 0)
      continue;
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)i->ifa_addr;
    found = inet_ntop(AF_INET, &in->sin_addr, out, PKT_ADDRESS_ROOM) != NULL;
  }
  freeifaddrs(list);
  return found;
}

void pkt_address_local(char out[PKT_ADDRESS_ROOM], const char *bound) {
  if (!is_any(bound) && is_host(bound)) {
    snprintf(out, PKT_ADDRESS_ROOM, "%s", bound);
    return;
  }
  if (first_ipv4(out, is_any(bound) ? NULL : bound)) return;
  snprintf(out, PKT_ADDRESS_ROOM, "127.0.0.1");
}
