/* raw_inner.h - what the files of raw sockets share: raw.c, raw_send.c, raw_filter.c. */
#ifndef PKT_RAW_INNER_H
#define PKT_RAW_INNER_H

#include "raw.h"

struct pkt_raw {
  int fd;         /* the packet socket */
  int fd4, fd6;   /* layer 3 sends through these; -1 until the first packet */
  int layer;      /* 2 or 3 */
  uint32_t index; /* of the interface; 0: all */
  char interface[PKT_RAW_NAME];
  bool has_type, outgoing;
  uint16_t type;
  struct pkt_raw_program *program; /* run here, not in the kernel; NULL: none */
  struct pkt_raw_stats stats;
  uint8_t *room; /* PKT_RAW_HEAD and PKT_MAX_PACKET bytes: what was received last */
};

#define PKT_RAW_HEAD 16 /* in front of a frame: room for a tag */

/* Fill in *err with what the system said about 'what'. Returns -1. */
int pkt_raw_fail(struct pkt_err *err, const char *what);

/* The same of the socket's interface, where it is bound to one: "receiving on eth0: ...". */
int pkt_raw_fail_on(const struct pkt_raw *r, struct pkt_err *err, const char *what);

/* The same where a socket couldn't be opened. */
int pkt_raw_fail_open(struct pkt_err *err);

/* Let the filter decide from now on. Returns 0, or -1 with *err, all as it was. */
int pkt_raw_attach(struct pkt_raw *r, const char *filter, struct pkt_err *err);

#endif
