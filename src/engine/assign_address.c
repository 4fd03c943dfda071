/* assign_address.c - addresses of Ethernet, IPv4 and IPv6. */
#include <arpa/inet.h>
#include <string.h>

#include "../wire/bits.h"
#include "assign_inner.h"
#include "text.h"

/* Six groups of one or two hexadecimal digits, separated by ':' or '-'. *odd is set where the
** text differs from how the address would be shown, for instance by a group of one digit. */
static bool read_mac(const char *p, uint32_t n, uint64_t *mac, bool *odd) {
  uint64_t v = 0;
  uint32_t at = 0;
  for (int group = 0; group < 6; group++) {
    if (group > 0) {
      if (at >= n || (p[at] != ':' && p[at] != '-')) return false;
      if (p[at] == '-') *odd = true;
      at++;
    }
    if (at >= n || pkt_hex_digit(p[at]) < 0) return false;
    unsigned byte = (unsigned)pkt_hex_digit(p[at++]);
    if (at < n && pkt_hex_digit(p[at]) >= 0)
      byte = byte << 4 | (unsigned)pkt_hex_digit(p[at++]);
    else
      *odd = true;
    v = v << 8 | byte;
  }
  for (uint32_t i = 0; i < n; i++)
    if (p[i] >= 'A' && p[i] <= 'F') *odd = true;
  *mac = v;
  if (at < n && p[at] == ':') *odd = true; /* the reference takes the first six of more groups */
  return at == n || p[at] == ':';
}

int pkt_set_mac(struct pkt_target *t, const struct pkt_value *v) {
  uint64_t mac;
  bool text = v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
  if (v->type == PKT_V_BYTES && v->len == 6) {
    t->slot->num = pkt_get_be((const uint8_t *)v->ptr, 6);
  } else if (text && read_mac(v->ptr, v->len, &mac, &t->odd)) {
    t->slot->num = mac;
    t->odd |= v->type == PKT_V_BYTES;
  } else if (pkt_are_bytes(v, 6)) {
    t->slot->num = pkt_get_be((const uint8_t *)v->ptr, 6);
  } else if (v->type == PKT_V_INT && !v->negative && v->num >> 48 == 0) {
    t->slot->num = v->num;
    t->odd = true;
  } else {
    return pkt_refuse(t, v, "a MAC address such as 00:11:22:33:44:55");
  }
  return 0;
}

/* The bits of a network, in decimal digits alone. False: they are none, or too many. */
static bool read_prefix(const char *text, uint64_t *bits) {
  size_t n = strlen(text);
  return strspn(text, "0123456789") == n && pkt_read_number(text, (uint32_t)n, bits) && *bits <= 32;
}

/* The reference takes the first address of a network, 10.0.0.1/30, and the first four of more
** parts; what it takes is cut out of 'text' here. Returns the bits that are the network's. */
static unsigned cut_address(char *text) {
  unsigned dots = 0;
  uint64_t bits = 32, said;
  for (char *p = text; *p; p++) {
    if (*p == '.' && ++dots == 4) *p = 0;
    if (*p == '/' && read_prefix(p + 1, &said)) {
      bits = said;
      *p = 0;
    }
    if (*p == 0) break;
  }
  return (unsigned)bits;
}

static uint32_t first_of_network(uint32_t address, unsigned bits) {
  return bits == 0 ? 0 : address & UINT32_MAX << (32 - bits);
}

int pkt_set_ipv4(struct pkt_target *t, const struct pkt_value *v) {
  char text[64];
  struct in_addr a;
  if (v->type == PKT_V_BYTES && v->len == 4) {
    t->slot->num = pkt_get_be32((const uint8_t *)v->ptr);
    return 0;
  }
  bool given =
      (v->type == PKT_V_TEXT || v->type == PKT_V_BYTES) && pkt_value_string(text, sizeof text, v);
  unsigned bits = given ? cut_address(text) : 32;
  if (given && inet_pton(AF_INET, text, &a) == 1) {
    t->slot->num = first_of_network(ntohl(a.s_addr), bits);
    return 0;
  }
  /* short forms, 10.1 for 10.0.0.1 (inet(3)); a bare number is none, nor is an octal one */
  if (given && strchr(text, '.') && !strstr(text, "0x") &&
      strspn(text, "0123456789.") == strlen(text) && inet_aton(text, &a)) {
    bool octal = false;
    for (const char *p = text; p; p = strchr(p, '.') ? strchr(p, '.') + 1 : NULL)
      if (p[0] == '0' && p[1] >= '0' && p[1] <= '9') octal = true;
    if (!octal) {
      t->slot->num = ntohl(a.s_addr);
      t->odd = true;
      return 0;
    }
  }
  if (pkt_are_bytes(v, 4)) {
    t->slot->num = pkt_get_be32((const uint8_t *)v->ptr);
    return 0;
  }
  return pkt_refuse(t, v, "an IPv4 address such as 10.0.0.1");
}

int pkt_set_ipv6(struct pkt_target *t, const struct pkt_value *v) {
  char text[64];
  uint8_t addr[16];
  if (v->type == PKT_V_BYTES && v->len == 16) {
    memcpy(addr, v->ptr, 16);
  } else {
    bool given =
        (v->type == PKT_V_TEXT || v->type == PKT_V_BYTES) && pkt_value_string(text, sizeof text, v);
    bool read = given && inet_pton(AF_INET6, text, addr) == 1;
    if (!read && !pkt_are_bytes(v, 16))
      return pkt_refuse(t, v, "an IPv6 address such as 2001:db8::1");
    if (!read) memcpy(addr, v->ptr, 16);
  }
  return pkt_set_copy(t, addr, 16);
}
