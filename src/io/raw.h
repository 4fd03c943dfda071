/* raw.h - raw sockets: frames (layer 2) and IP packets (layer 3), sent and received as they are.
**
** Frames go through an AF_PACKET socket, packet(7). IP packets are received by one as well, without
** their link layer, and sent through a raw IP socket, raw(7), so that the kernel finds their way;
** it fills in an IPv4 header's total length and checksum, and its id and source where they are 0.
** What is asked for is set up before the socket is bound, so nothing else is ever received, and
** all from then on is.
**
** A VLAN tag that the device or the kernel took out is put back (PACKET_AUXDATA). A filter runs in
** the kernel, which looks at frames without that tag; one that asks for a vlan is therefore run
** here. Filters are compiled by libpcap, which is loaded when the first one is.
**
** All functions are for one thread at a time. Codes of errors: PKT_ERR_DENIED without CAP_NET_RAW,
** PKT_ERR_UNKNOWN for an interface that isn't there, PKT_ERR_SYNTAX for a filter, PKT_ERR_VALUE for
** what can't be sent, PKT_ERR_SYSTEM for all else that the system refuses. */
#ifndef PKT_RAW_H
#define PKT_RAW_H

#include "../script/sockets.h"

/* Bytes that the kernel holds until they are received: a thousand full frames and their overhead.
** Without CAP_NET_ADMIN it may be less: net.core.rmem_max. */
#define PKT_RAW_BUFFER (4u << 20)

#define PKT_RAW_BATCH 256              /* frames for one system call */
#define PKT_RAW_BATCH_BYTES (1u << 20) /* of frames that have to be copied for one */

/* Milliseconds that sending waits for a queue that is full before it gives up. */
#define PKT_RAW_PATIENCE_MS 1000

/* Open a socket. NULL with *err: see above. */
struct pkt_raw *pkt_raw_open(const struct pkt_raw_setup *setup, struct pkt_err *err);
void pkt_raw_close(struct pkt_raw *r);

/* Wait up to 'timeout' nanoseconds (below 0: for ever; 0: not at all) for a frame. Returns 1 with
** *out; 0: none came; -1 with *err, also where a signal came first. */
int pkt_raw_receive(struct pkt_raw *r, int64_t timeout, struct pkt_raw_frame *out,
                    struct pkt_err *err);

/* Send 'count' frames, 'rate' a second (0: as fast as they go). Returns 0, or -1 with *err; *sent
** is how many went out in either case. */
int pkt_raw_send(struct pkt_raw *r, const struct pkt_raw_source *source, uint64_t count,
                 uint64_t rate, uint64_t *sent, struct pkt_err *err);

/* Let pkt_raw_send() end, with success, before it sends more. For signal handlers. */
void pkt_raw_stop(int signal);

/* Which signal was that? 0: none came. */
int pkt_raw_stopped(void);

/* The source address that the kernel gives an IP packet which leaves it to it. Returns its bytes, 4
** or 16; 0: there is no way to the packet's destination; or -1 with *err. */
int pkt_raw_find_source(const struct pkt_raw *r, const struct pkt_raw_piece *packet,
                        uint8_t out[16], struct pkt_err *err);

/* Receive by another filter from now on; NULL: all. What came before is thrown away. Returns 0, or
** -1 with *err: PKT_ERR_SYNTAX, PKT_ERR_LIMIT or no libpcap, and nothing has changed; or
** PKT_ERR_SYSTEM, and nothing is received until a filter is set. */
int pkt_raw_filter(struct pkt_raw *r, const char *filter, struct pkt_err *err);

/* Throw away what has come so far and wasn't received. Returns 0, or -1 with *err. */
int pkt_raw_drain(struct pkt_raw *r, struct pkt_err *err);

/* What happened since the socket was opened. */
void pkt_raw_stats(struct pkt_raw *r, struct pkt_raw_stats *out);

/* The host's interfaces, at most 'room' of them. Returns how many, or -1 with *err. */
int pkt_raw_interfaces(struct pkt_raw_interface *out, int room, struct pkt_err *err);

/* Nanoseconds of a clock that never goes back. */
int64_t pkt_raw_now(void);

/* A filter for packets of captures with this LINKTYPE, in the language of pcap-filter(7), to be run
** here. NULL with *err: PKT_ERR_SYNTAX, PKT_ERR_LIMIT, PKT_ERR_MEMORY, or PKT_ERR_SYSTEM without
** libpcap. */
struct pkt_raw_program *pkt_raw_compile(const char *filter, uint32_t link, struct pkt_err *err);

/* Does a packet of which 'len' of 'wire_len' bytes are there pass it? */
bool pkt_raw_passes(const struct pkt_raw_program *p, const uint8_t *bytes, uint32_t len,
                    uint32_t wire_len);
void pkt_raw_program_free(struct pkt_raw_program *p);

#endif
