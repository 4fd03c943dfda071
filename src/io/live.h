/* live.h - packets captured on an interface by libpcap, as the bytes of a pcap file.
**
** All functions are for one thread at a time, but pkt_live_stop(). Codes of errors: PKT_ERR_DENIED
** where the system doesn't let us capture, PKT_ERR_SYNTAX for a filter, PKT_ERR_SYSTEM for all
** else, such as an interface that isn't there, or no libpcap. */
#ifndef PKT_LIVE_H
#define PKT_LIVE_H

#include "../engine/buf.h"
#include "../script/sockets.h"

/* Begin to capture on an interface (its name, or "any") what passes 'filter', in the language of
** pcap-filter(7) (NULL: all), also frames to others if 'promiscuous'. NULL with *err. */
struct pkt_live *pkt_live_open(const char *interface, const char *filter, bool promiscuous,
                               struct pkt_err *err);

/* Append to 'out' a pcap file's head, the first time; later, wait for packets and append those that
** came, none where PKT_LIVE_WAIT was over. Returns 1; 0: pkt_live_stop() was called; or -1 with
** *err. */
int pkt_live_read(struct pkt_live *l, struct pkt_buf *out, struct pkt_err *err);

/* Let a pkt_live_read() that waits, and all later ones, of any interface return 0. For signal
** handlers. */
void pkt_live_stop(int signal);

/* Was it called? */
bool pkt_live_stopped(void);

/* How many packets found no room, since they came faster than they were taken. */
uint64_t pkt_live_lost(const struct pkt_live *l);

/* End capturing, and free it; NULL is fine. */
void pkt_live_close(struct pkt_live *l);

/* Append the interfaces that packets can be captured on, a line each: name, tab, what it is.
** Returns 0, or -1 with *err. */
int pkt_live_interfaces(struct pkt_buf *out, struct pkt_err *err);

#endif
