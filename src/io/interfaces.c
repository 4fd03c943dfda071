/* interfaces.c - what network interfaces this host has. */
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "raw_inner.h"

/* The entry for this name among the '*n' there are, or the next free one; NULL: there is no
** room. */
static struct pkt_raw_interface *find(struct pkt_raw_interface *all, int *n, int room,
                                      const char *name) {
  for (int i = 0; i < *n; i++)
    if (strcmp(all[i].name, name) == 0) return &all[i];
  if (*n == room) return NULL;
  struct pkt_raw_interface *fresh = &all[(*n)++];
  memset(fresh, 0, sizeof *fresh);
  snprintf(fresh->name, sizeof fresh->name, "%s", name);
  fresh->index = if_nametoindex(name);
  return fresh;
}

static uint8_t count_bits(const uint8_t *mask, size_t n) {
  int bits = 0;
  for (size_t i = 0; i < n; i++) bits += __builtin_popcount(mask[i]);
  return (uint8_t)bits;
}

static void add_address(struct pkt_raw_interface *to, const uint8_t *bytes, const uint8_t *mask,
                        uint8_t n) {
  if (to->naddresses == PKT_RAW_ADDRESSES) return;
  struct pkt_raw_address *a = &to->addresses[to->naddresses++];
  memcpy(a->bytes, bytes, n);
  a->len = n;
  a->prefix = mask ? count_bits(mask, n) : (uint8_t)(n * 8);
}

static const uint8_t *bytes_of(const struct sockaddr *a) {
  const void *p = a;
  if (!a) return NULL;
  return a->sa_family == AF_INET ? (const uint8_t *)&((const struct sockaddr_in *)p)->sin_addr
                                 : (const uint8_t *)&((const struct sockaddr_in6 *)p)->sin6_addr;
}

static void add(struct pkt_raw_interface *to, const struct ifaddrs *i) {
  to->up = (i->ifa_flags & IFF_UP) != 0;
  if (!i->ifa_addr) return;
  const void *address = i->ifa_addr;
  const struct sockaddr_ll *link = address;
  switch (i->ifa_addr->sa_family) {
    case AF_INET: add_address(to, bytes_of(i->ifa_addr), bytes_of(i->ifa_netmask), 4); break;
    case AF_INET6: add_address(to, bytes_of(i->ifa_addr), bytes_of(i->ifa_netmask), 16); break;
    case AF_PACKET:
      to->has_mac = link->sll_halen == 6;
      if (to->has_mac) memcpy(to->mac, link->sll_addr, 6);
      break;
    default: break;
  }
}

static void add_mtu(struct pkt_raw_interface *all, int n) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  for (int i = 0; fd >= 0 && i < n; i++) {
    struct ifreq request = {.ifr_flags = 0};
    memcpy(request.ifr_name, all[i].name, sizeof request.ifr_name);
    if (ioctl(fd, SIOCGIFMTU, &request) == 0) all[i].mtu = (uint32_t)request.ifr_mtu;
  }
  if (fd >= 0) close(fd);
}

int pkt_raw_interfaces(struct pkt_raw_interface *out, int room, struct pkt_err *err) {
  struct ifaddrs *list;
  int n = 0;
  if (getifaddrs(&list) != 0) return pkt_raw_fail(err, "the interfaces can't be told");
  for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
    struct pkt_raw_interface *to = find(out, &n, room, i->ifa_name);
    if (to) add(to, i);
  }
  freeifaddrs(list);
  add_mtu(out, n);
  return n;
}
