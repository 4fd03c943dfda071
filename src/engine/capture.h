/* capture.h - capture files: pcap and pcapng, read and written as bytes.
**
** Nothing here opens a file. A writer appends to a buffer that its caller empties; a reader is fed
** chunks of any size and hands out one packet after the other, in memory that depends on the
** largest packet alone, so that both work on a pipe.
**
** Formats: draft-ietf-opsawg-pcap (file header, section 4; packet record, section 5) and
** draft-ietf-opsawg-pcapng (options, section 3.5; blocks, section 4). Numbers of link types are
** those of the LINKTYPE registry, https://www.tcpdump.org/linktypes.html. */
#ifndef PKT_CAPTURE_H
#define PKT_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

/* The link types that code speaks of. */
enum {
  PKT_LINK_NULL = 0,
  PKT_LINK_ETHERNET = 1,
  PKT_LINK_PPP = 9,
  PKT_LINK_RAW = 101, /* IP, of either version */
  PKT_LINK_WLAN = 105,
  PKT_LINK_SLL = 113,
  PKT_LINK_RADIOTAP = 127,
};

enum pkt_capture_format { PKT_PCAP_US, PKT_PCAP_NS, PKT_PCAPNG };

/* One packet of a capture file. */
struct pkt_capture_record {
  int64_t time;         /* nanoseconds since 1970-01-01 00:00 UTC */
  const uint8_t *bytes; /* what was captured, 'len' bytes */
  uint32_t len;         /* at most PKT_MAX_PACKET */
  uint32_t wire_len;    /* bytes on the wire; written: 0 means 'len' */
  uint32_t interface;   /* pcapng: from 0, in order of the section's interface blocks */
  uint32_t link;        /* LINKTYPE of that interface; read only */
  uint32_t fcs_len;     /* the last bytes, a frame check sequence; 0: none, or unsaid; read only */
  bool cut;             /* pcap: the file ends within this packet; read only */
  const char *comment;  /* pcapng: 'comment_len' bytes of text; NULL: none */
  uint32_t comment_len; /* at most UINT16_MAX */
};

/* ----------------------------------------------------------------------------------- writing */

/* Appends to 'out', which belongs to the caller: whenever it likes, the caller takes the bytes away
** and sets out->len to 0. Owns nothing. */
struct pkt_capture_writer {
  struct pkt_buf *out;
  enum pkt_capture_format format;
  uint32_t interfaces; /* described so far */
};

/* Begin a file: its header and one interface of link type 'link' (0 to UINT16_MAX), number 0.
** Returns 0, or -1 with *err filled in and 'out' as it was. */
int pkt_capture_begin(struct pkt_capture_writer *w, struct pkt_buf *out,
                      enum pkt_capture_format format, uint32_t link, struct pkt_err *err);

/* pcapng: describe one more interface. Returns its number, or -1 with *err filled in. */
int pkt_capture_interface(struct pkt_capture_writer *w, uint32_t link, struct pkt_err *err);

/* Append the header of a packet of 'len' bytes on interface 0, and room for it. Returns where its
** bytes are to be stored, good until the next call that appends to 'out', or NULL with *err filled
** in: a time that the format can't hold (pcap: until 2106, neither before 1970), too long a
** packet, no memory. */
uint8_t *pkt_capture_put(struct pkt_capture_writer *w, int64_t time, uint32_t len,
                         struct pkt_err *err);

/* Append a packet. Returns 0, or -1 with *err filled in and 'out' as it was: as above, and an
** interface that wasn't described, or a comment in a pcap file. */
int pkt_capture_write(struct pkt_capture_writer *w, const struct pkt_capture_record *r,
                      struct pkt_err *err);

/* ----------------------------------------------------------------------------------- reading

** pcap: both byte orders, times in micro- and nanoseconds, and the longer record headers that a
** once patched libpcap wrote. pcapng: both byte orders, any number of sections and interfaces,
** enhanced, simple and obsolete packet blocks; other blocks are passed over. A packet's comments
** are one, a line each, as far as they fit in its UINT16_MAX bytes. */

struct pkt_capture_iface {
  int64_t offset; /* seconds to add to its times */
  uint32_t snap;  /* most bytes captured of a packet; 0: no limit */
  uint16_t link;
  uint8_t resolution; /* as in if_tsresol */
  uint8_t fcs_len;    /* bytes */
};

struct pkt_capture_reader {
  uint8_t state;
  bool swap;       /* the file's byte order isn't this machine's */
  bool begun;      /* the head of the file was read */
  bool pcap;       /* it is pcap's: there is one interface */
  bool finished;   /* there will be no further bytes */
  bool old;        /* pcap before 2.4: the two lengths may have changed places */
  uint64_t at;     /* bytes of the file read so far */
  uint64_t start;  /* where the record or block begins that is being read */
  uint64_t skip;   /* bytes to pass over */
  uint32_t want;   /* bytes that the next step needs in one piece */
  uint32_t block;  /* pcap: the file's magic number; pcapng: the type of the block being read... */
  uint32_t length; /* ...and its length */
  const uint8_t *chunk; /* what is left of the last chunk, the caller's */
  size_t left;
  struct pkt_buf held;     /* the part of 'want' bytes that came with earlier chunks */
  struct pkt_buf comments; /* of the last packet, where there was more than one */
  struct pkt_capture_iface *ifaces;
  uint32_t iface_len, iface_cap;
  struct pkt_capture_record record; /* pcap: what the record's header says */
  struct pkt_err err;               /* why nothing more can be read */
};

/* Begin to read a file; free what the reader has allocated, after which it has to be initialized
** again before any other use. */
void pkt_capture_reader_init(struct pkt_capture_reader *r);
void pkt_capture_reader_free(struct pkt_capture_reader *r);

/* Hand in the file's next 'n' bytes, or say that there are no more. The bytes are borrowed until
** pkt_capture_next() returns 0, and may be handed in only then, or at first. */
void pkt_capture_feed(struct pkt_capture_reader *r, const void *bytes, size_t n);
void pkt_capture_finish(struct pkt_capture_reader *r);

/* After pkt_capture_next() has returned 0: the least number of further bytes with which it can
** make progress. A caller that reads no more than that from a pipe never waits for bytes that
** aren't needed yet. */
uint64_t pkt_capture_wants(const struct pkt_capture_reader *r);

/* The file can't be read any further, for this reason: pkt_capture_next() says so from now on. */
void pkt_capture_break(struct pkt_capture_reader *r, const char *why);

/* The next packet into *out, whose bytes and comment are good until the next call on this reader.
** Returns 1; 0 when it needs more bytes, or when finished; or -1 with *err filled in, from then on
** always: PKT_ERR_TRUNCATED for a file that ends early (in pcap, after what there is of its last
** packet, marked 'cut'), PKT_ERR_MALFORMED for bytes that make no sense, PKT_ERR_LIMIT for a packet
** or block over a limit, PKT_ERR_SYSTEM where reading broke off. The message begins with
** "byte N: ", the place in the file. */
int pkt_capture_next(struct pkt_capture_reader *r, struct pkt_capture_record *out,
                     struct pkt_err *err);

#endif
