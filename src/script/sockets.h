/* sockets.h - raw sockets, as the module luapkt.core reaches them.
**
** The module touches no socket itself: it is handed a table of functions. src/io/raw.h and
** src/io/live.h say what each of them does, src/io/raw.c defines the table. */
#ifndef PKT_SOCKETS_H
#define PKT_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../engine/buf.h"
#include "../engine/err.h"

/* Milliseconds that reading a pipe or an interface waits for bytes, before it says that none
** came. */
#define PKT_LIVE_WAIT 1000

struct pkt_raw;
struct pkt_live;

struct pkt_raw_setup {
  int layer;             /* 2: frames; 3: IP packets, whose frames the kernel makes */
  const char *interface; /* its name; NULL: all of them, which layer 2 can't send to */
  const char *filter;    /* what is received, in the language of pcap-filter(7); NULL: all */
  uint16_t type;         /* receive this EtherType only; 0: any */
  bool has_type;         /* 'type' counts, also where it is 0 */
  bool send_only;        /* nothing is received */
  bool promiscuous;      /* also frames to other hosts' addresses */
  bool outgoing;         /* also what this host sends */
  uint32_t buffer;       /* bytes that the kernel holds for us; 0: PKT_RAW_BUFFER */
};

/* To whom a frame went; the numbers are those of packet(7). */
enum pkt_raw_kind {
  PKT_RAW_HOST,
  PKT_RAW_BROADCAST,
  PKT_RAW_MULTICAST,
  PKT_RAW_OTHER,
  PKT_RAW_OUTGOING,
};

struct pkt_raw_frame {
  const uint8_t *bytes; /* good until the next call with the socket */
  uint32_t len;
  uint32_t wire_len;  /* 'len', or more where 'cut' */
  int64_t time;       /* nanoseconds since 1970, by the kernel */
  uint32_t interface; /* its index */
  uint16_t type;      /* EtherType behind a tag that was taken out */
  uint16_t tag;       /* the tag's 16 bits behind its EtherType, where 'tagged' */
  enum pkt_raw_kind kind;
  bool tagged;   /* the device or the kernel had taken a VLAN tag out; a frame has it again */
  bool cut;      /* longer than PKT_MAX_PACKET */
  bool unsummed; /* sent by this host, its TCP or UDP checksum left to the device */
};

struct pkt_raw_stats {
  uint64_t received, dropped; /* frames that passed the kernel's filter, and that found no room */
  uint64_t sent;
};

struct pkt_raw_piece {
  const uint8_t *bytes;
  uint32_t len;
};

/* Where frames to send come from. */
struct pkt_raw_source {
  struct pkt_raw_piece (*next)(void *ctx);
  void *ctx;
  enum {
    PKT_RAW_SAME,   /* always the same frame */
    PKT_RAW_STAYS,  /* good until all is sent */
    PKT_RAW_PASSES, /* only until the next call */
  } life;           /* of 'bytes' */
};

#define PKT_RAW_NAME 16      /* bytes of an interface's name, its NUL included (IFNAMSIZ) */
#define PKT_RAW_ADDRESSES 16 /* of one interface that are told */

struct pkt_raw_address {
  uint8_t bytes[16];
  uint8_t len;    /* 4 or 16 */
  uint8_t prefix; /* bits of the network */
};

struct pkt_raw_interface {
  char name[PKT_RAW_NAME];
  uint32_t index, mtu;
  bool up, has_mac;
  uint8_t mac[6];
  uint32_t naddresses;
  struct pkt_raw_address addresses[PKT_RAW_ADDRESSES];
};

struct pkt_raw_program; /* a compiled filter */

struct pkt_sockets {
  struct pkt_raw *(*open)(const struct pkt_raw_setup *setup, struct pkt_err *err);
  void (*close)(struct pkt_raw *r);
  int (*receive)(struct pkt_raw *r, int64_t timeout, struct pkt_raw_frame *out,
                 struct pkt_err *err);
  int (*send)(struct pkt_raw *r, const struct pkt_raw_source *source, uint64_t count, uint64_t rate,
              uint64_t *sent, struct pkt_err *err);
  int (*find_source)(const struct pkt_raw *r, const struct pkt_raw_piece *packet, uint8_t out[16],
                     struct pkt_err *err);
  int (*filter)(struct pkt_raw *r, const char *filter, struct pkt_err *err);
  int (*drain)(struct pkt_raw *r, struct pkt_err *err);
  void (*stats)(struct pkt_raw *r, struct pkt_raw_stats *out);
  int (*interfaces)(struct pkt_raw_interface *out, int room, struct pkt_err *err);
  int64_t (*now)(void);
  struct pkt_raw_program *(*compile)(const char *filter, uint32_t link, struct pkt_err *err);
  bool (*passes)(const struct pkt_raw_program *p, const uint8_t *bytes, uint32_t len,
                 uint32_t wire_len);
  void (*forget)(struct pkt_raw_program *p);
  struct pkt_live *(*live_open)(const char *interface, const char *filter, bool promiscuous,
                                struct pkt_err *err);
  int (*live_read)(struct pkt_live *l, struct pkt_buf *out, struct pkt_err *err);
  void (*live_stop)(int signal);
  bool (*live_stopped)(void);
  uint64_t (*live_lost)(const struct pkt_live *);
  void (*live_close)(struct pkt_live *l);
  int (*live_interfaces)(struct pkt_buf *out, struct pkt_err *err);
};

extern const struct pkt_sockets pkt_sockets;

#endif
