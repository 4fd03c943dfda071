/* ber.h - ASN.1's Basic Encoding Rules (X.690): tags, lengths and the values that aren't just
** bytes.
**
** An element is an identifier octet, a length and so many content octets (X.690 section 8.1).
** Written is what the Distinguished Encoding Rules ask for (section 10.1): the shortest form. Read
** is any definite length; the indefinite form is none here. */
#ifndef PKT_BER_H
#define PKT_BER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PKT_BER_INDEFINITE 0x80 /* a length octet: up to end-of-contents (X.690 section 8.1.3.6) */
#define PKT_BER_BITS 0x03       /* the identifier octet of a BIT STRING */

struct pkt_ber_head {
  uint8_t id;    /* the identifier octet: the first, where a high tag number takes more */
  bool high;     /* so it does (X.690 section 8.1.2.4) */
  uint32_t size; /* bytes of identifier and length */
  uint32_t len;  /* content octets that were announced; they may be more than there are */
};

enum pkt_ber_status { PKT_BER_OK, PKT_BER_SHORT, PKT_BER_BAD };

/* Read identifier and length from p[0..n): SHORT where the bytes end within them, BAD for a length
** that isn't definite or is 2^31 or more. */
enum pkt_ber_status pkt_ber_head_read(const uint8_t *p, size_t n, struct pkt_ber_head *head);

/* The bytes of the element at p[0..n) that are there; 'n' where no head can be read. */
size_t pkt_ber_size(const uint8_t *p, size_t n);

/* Write identifier and length in their shortest form. Returns their bytes, PKT_BER_HEAD at most. */
#define PKT_BER_HEAD 6
size_t pkt_ber_head_write(uint8_t *out, uint8_t id, uint32_t len);

/* An INTEGER from its 'n' content octets (X.690 section 8.3), in two's complement: -2^63 to 2^64-1.
** False: it is beyond that, or there are none. */
bool pkt_ber_int_read(const uint8_t *p, size_t n, uint64_t *num, bool *negative);

/* Its content octets, as few as possible; 'negative': 'num' is in two's complement. Returns how
** many, PKT_BER_INT at most. */
#define PKT_BER_INT 9
size_t pkt_ber_int_write(uint8_t *out, uint64_t num, bool negative);

/* The next number of an OBJECT IDENTIFIER's content octets (X.690 section 8.19), of which the first
** two are in one: it is given as two. '*at' and '*index' begin at 0. Returns false at the end, and
** with *bad set where the octets are none of one, or a number is 2^64 or more. */
bool pkt_ber_oid_next(const uint8_t *p, size_t n, size_t *at, unsigned *index, uint64_t *number,
                      bool *bad);

/* The content octets of an identifier in dotted form, "1.3.6.1" or ".1.3.6.1": two numbers at
** least. Returns how many, or -1: it is none, or takes more than 'room'. */
ptrdiff_t pkt_ber_oid_read(uint8_t *out, size_t room, const char *text, size_t n);

#endif
