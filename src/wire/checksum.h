/* checksum.h - the sums that packets carry. Pure functions over bytes, any length, any alignment.
**
** The Internet checksum works on a partial sum, so that a pseudo-header, a header and a payload
** can be added one after the other:
**
**   uint64_t sum = pkt_inet_add(0, pseudo, 12);
**   sum = pkt_inet_add(sum, segment, n);      -- only the last piece may have an odd length
**   pkt_put_be16(at, pkt_inet_fold(sum));
*/
#ifndef PKT_CHECKSUM_H
#define PKT_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Add 'n' bytes to a partial sum (RFC 1071). The partial sum is in host order and is only good
** for these two functions. */
uint64_t pkt_inet_add(uint64_t sum, const uint8_t *p, size_t n);

/* The checksum to store with pkt_put_be16: the complement of the folded sum. */
uint16_t pkt_inet_fold(uint64_t sum);

/* CRC-32 (IEEE 802.3: reflected, 0x04c11db7), CRC-32C (RFC 9260 appendix A: reflected, 0x1edc6f41)
** and Adler-32 (RFC 1950 section 9) of 'n' bytes. 'crc' is the sum so far: 0 (1 for Adler-32) at
** the start, so that pieces can be added. */
uint32_t pkt_crc32(uint32_t crc, const uint8_t *p, size_t n);
uint32_t pkt_crc32c(uint32_t crc, const uint8_t *p, size_t n);
uint32_t pkt_adler32(uint32_t adler, const uint8_t *p, size_t n);

/* The two check bytes of Fletcher's sum over 'n' bytes (RFC 905 annex B, RFC 1008), which go to
** p[at] and p[at + 1], what is there now not counted: at + 2 <= n. Neither is ever 0. */
uint16_t pkt_fletcher16(const uint8_t *p, size_t n, size_t at);

/* Add 'n' bytes to a partial sum as Cisco's CDP does: the last of an odd number isn't the high half
** of a word, but a signed number of its own. */
uint64_t pkt_inet_add_signed(uint64_t sum, const uint8_t *p, size_t n);

/* The frame check sequence of IEEE 802.15.4 (clause 7.2.10: CRC-16 of ITU-T, reflected, 0x1021,
** with nothing at the start or the end) and the CRC of Bluetooth Low Energy (Core Specification
** volume 6 part B section 3.1.1: 24 bits, reflected, 0x00065b), in the same way: 'crc' is the sum
** so far, at the start 0 and what the link says, on advertising channels PKT_CRC24_ADVERTISING.
** Both are stored least significant byte first. */
#define PKT_CRC24_ADVERTISING 0xaaaaaa /* 0x555555 with its bits in the order of the sum */
uint32_t pkt_crc16(uint32_t crc, const uint8_t *p, size_t n);
uint32_t pkt_crc24(uint32_t crc, const uint8_t *p, size_t n);

#endif
