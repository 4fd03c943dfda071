/* capture_blocks.h - numbers of the capture formats, for capture_read.c and capture_write.c.
**
** draft-ietf-opsawg-pcap sections 4 and 5, draft-ietf-opsawg-pcapng sections 3.5 and 4. */
#ifndef PKT_CAPTURE_BLOCKS_H
#define PKT_CAPTURE_BLOCKS_H

#define PCAP_MAGIC_US 0xa1b2c3d4u       /* times in microseconds */
#define PCAP_MAGIC_NS 0xa1b23c4du       /* times in nanoseconds */
#define PCAP_MAGIC_MODIFIED 0xa1b2cd34u /* longer record headers, of a once patched libpcap */

#define PCAP_HEADER 24u
#define PCAP_RECORD 16u
#define PCAP_RECORD_MODIFIED 24u /* further: interface, protocol, kind of packet */

#define SECTION_MAGIC 0x1a2b3c4du

enum {
  BLOCK_INTERFACE = 1,
  BLOCK_PACKET = 2, /* obsolete */
  BLOCK_SIMPLE = 3,
  BLOCK_ENHANCED = 6,
  BLOCK_SECTION = 0x0a0d0d0a, /* reads the same in both byte orders */
};

enum {
  OPTION_END = 0,
  OPTION_COMMENT = 1,
  OPTION_TSRESOL = 9,   /* of an interface: a byte, 10^-n or (top bit set) 2^-n seconds */
  OPTION_FCSLEN = 13,   /* of an interface: a byte */
  OPTION_TSOFFSET = 14, /* of an interface: signed 64-bit seconds to add */
  OPTION_FLAGS = 2,     /* of a packet: 32 bits, bits 5 to 8 the frame check sequence's bytes */
};

/* Blocks and options are padded to whole 32-bit words. */
#define PADDED(n) (((n) + 3u) & ~3u)

#endif
