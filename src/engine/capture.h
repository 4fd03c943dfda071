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

enum pkt_capture_format { PKT_PCAP_US, PKT_PCAP_NS, PKT_PCAPNG };

/* One packet of a capture file. */
struct pkt_capture_record {
  int64_t time;         /* nanoseconds since 1970-01-01 00:00 UTC */
  const uint8_t *bytes; /* what was captured, 'len' bytes */
  uint32_t len;         /* at most PKT_MAX_PACKET */
  uint32_t wire_len;    /* bytes on the wire; written: 0 means 'len' */
  uint32_t interface;   /* pcapng: from 0, in order of the section's interface blocks */
  uint32_t link;        /* LINKTYPE of that interface; read only */
  uint32_t
      fcs_len; /* bytes at the end that are a frame check sequence, as far as said; read only */
  bool cut;    /* the file ends within this packet; read only */
  const char *comment;  /* pcapng: the first comment, 'comment_len' bytes of text; NULL: none */
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

#endif
