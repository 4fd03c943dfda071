/* name.h - domain names on the wire (RFC 1035 sections 3.1 and 4.1.4).
**
** As text a name ends in a dot; a byte of a label that is a dot, a backslash or no printable ASCII
** stands as it is: the text is bytes, and only the length tells where it ends. */
#ifndef PKT_NAME_H
#define PKT_NAME_H

#include "arena.h"
#include "buf.h"

/* Read the name at message[at]; its own bytes lie below 'end', pointers go anywhere before in the
** message. *text lies in the arena, *next is the byte behind the name, *pointed is set if there was
** a pointer. A name whose bytes run out, or that points forward or in a loop, ends there; *missing
** is how many bytes its last label lacks. Returns 0, or -1: it is longer than PKT_MAX_NAME or, where
** *text is NULL, there is no memory. */
int pkt_name_read(struct pkt_arena *arena, const uint8_t *message, uint32_t message_len,
                  uint32_t at, uint32_t end, const char **text, uint32_t *len, uint32_t *next,
                  uint32_t *missing, bool *pointed);

/* Where names and their endings lie in a message that is being written compressed. */
#define PKT_MAX_ENDINGS 256 /* later ones are written out; a message rarely has more names */
struct pkt_endings {
  size_t message; /* the message's first byte in the buffer */
  uint32_t len;
  uint16_t at[PKT_MAX_ENDINGS];
};

/* As pkt_name_write(), but with a pointer in place of an ending that is in the message already;
** what is written is noted in 'endings'. */
int pkt_name_compress(struct pkt_buf *out, struct pkt_endings *endings, const char *text,
                      uint32_t len);

/* How many empty labels follow the name that a node information query is about, not counting the
** one that ends it: a name of one label isn't fully qualified, and gets another (RFC 4620
** section 4). */
uint32_t pkt_name_node_fill(const char *text, uint32_t len);

/* Append the name as labels, uncompressed. A missing dot at the end is added. Returns 0, or -1: a
** label is empty or longer than 63 bytes, or the name longer than PKT_MAX_NAME. */
int pkt_name_write(struct pkt_buf *out, const char *text, uint32_t len);

/* A NetBIOS name in the letters of RFC 1001 section 14.1, two for each character: its 15 characters
** with the length before them; the last character, the suffix, isn't part of it. */
#define PKT_NETBIOS_SIZE 31

/* Write a name of 'len' characters, cut or filled with spaces up to 15. */
void pkt_name_netbios_write(uint8_t out[PKT_NETBIOS_SIZE], const uint8_t *name, uint32_t len);

/* Read a name from up to PKT_NETBIOS_SIZE bytes, whatever they are. Returns the characters read, 15
** at most. */
uint32_t pkt_name_netbios_read(uint8_t name[PKT_NETBIOS_SIZE], const uint8_t *p, uint32_t n);

#endif
