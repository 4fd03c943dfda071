/* libpcap.h - libpcap, loaded when something needs it for the first time, so that neither the
** program nor the Lua module needs it to start. */
#ifndef PKT_LIBPCAP_H
#define PKT_LIBPCAP_H

#include <pcap.h>

/* Its functions that are used: their names without 'pcap_'. */
#define PKT_LIBPCAP_FUNCTIONS(X) \
  X(open_dead)                   \
  X(compile)                     \
  X(freecode)                    \
  X(geterr)                      \
  X(close)                       \
  X(offline_filter)              \
  X(create)                      \
  X(set_snaplen)                 \
  X(set_promisc)                 \
  X(set_timeout)                 \
  X(set_buffer_size)             \
  X(set_immediate_mode)          \
  X(activate)                    \
  X(statustostr)                 \
  X(setfilter)                   \
  X(datalink)                    \
  X(dispatch)                    \
  X(breakloop)                   \
  X(get_selectable_fd)           \
  X(stats)                       \
  X(findalldevs)                 \
  X(freealldevs)

struct pkt_libpcap {
#define X(name) __typeof__(pcap_##name) *name;
  PKT_LIBPCAP_FUNCTIONS(X)
#undef X
};

/* NULL: it isn't there. */
const struct pkt_libpcap *pkt_libpcap(void);

#endif
