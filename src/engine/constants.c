/* constants.c - names that stand for values in the python dialect. */
#include "constants.h"

#define BYTES(text) .type = PKT_V_BYTES, .len = sizeof(text) - 1, .ptr = (text)
#define INT(n) .type = PKT_V_INT, .num = (n)

const struct pkt_constant pkt_constants[] = {
    {"ETHER_ANY", {BYTES("\0\0\0\0\0\0")}},
    {"ETHER_BROADCAST", {BYTES("\xff\xff\xff\xff\xff\xff")}},
    /* ethertypes, https://www.iana.org/assignments/ieee-802-numbers; all of them, Linux */
    {"ETH_P_ALL", {INT(3)}},
    {"ETH_P_IP", {INT(0x0800)}},
    {"ETH_P_ARP", {INT(0x0806)}},
    {"ETH_P_IPV6", {INT(0x86dd)}},
    {"ETH_P_MACSEC", {INT(0x88e5)}},
    /* hardware types, https://www.iana.org/assignments/arp-parameters; from PPP on, Linux */
    {"ARPHDR_ETHER", {INT(1)}},
    {"ARPHDR_METRICOM", {INT(23)}},
    {"ARPHDR_PPP", {INT(512)}},
    {"ARPHDR_LOOPBACK", {INT(772)}},
    {"ARPHDR_TUN", {INT(65534)}},
    {NULL, {0}},
};
