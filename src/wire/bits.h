/* bits.h - integers at any bit of a byte string, both byte orders.
**
** Bit 0 is the most significant bit of byte 0 (the numbering of RFC diagrams). Widths are 1 to
** 64. Nothing here checks bounds: the caller has seen that bits [bit, bit + width) lie inside. */
#ifndef PKT_BITS_H
#define PKT_BITS_H

#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "written for little-endian processors");

/* 2, 4 or 8 bytes as one number, most significant byte first. */
static inline uint16_t pkt_get_be16(const uint8_t *p) {
  uint16_t v;
  memcpy(&v, p, 2);
  return __builtin_bswap16(v);
}

static inline uint32_t pkt_get_be32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return __builtin_bswap32(v);
}

static inline uint64_t pkt_get_be64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return __builtin_bswap64(v);
}

static inline void pkt_put_be16(uint8_t *p, uint16_t v) {
  v = __builtin_bswap16(v);
  memcpy(p, &v, 2);
}

static inline void pkt_put_be32(uint8_t *p, uint32_t v) {
  v = __builtin_bswap32(v);
  memcpy(p, &v, 4);
}

static inline void pkt_put_be64(uint8_t *p, uint64_t v) {
  v = __builtin_bswap64(v);
  memcpy(p, &v, 8);
}

/* 'n' bytes (1 to 8) as one number, most or least significant byte first. */
uint64_t pkt_get_be(const uint8_t *p, unsigned n);
uint64_t pkt_get_le(const uint8_t *p, unsigned n);
void pkt_put_be(uint8_t *p, unsigned n, uint64_t v);
void pkt_put_le(uint8_t *p, unsigned n, uint64_t v);

/* 'width' bits at bit 'bit', most significant bit first. pkt_put_bits stores the low 'width' bits
** of 'v' and leaves the bits around them as they are. */
uint64_t pkt_get_bits(const uint8_t *p, uint32_t bit, unsigned width);
void pkt_put_bits(uint8_t *p, uint32_t bit, unsigned width, uint64_t v);

/* A two's complement number of 'width' bits, the others 0, as one of 64. */
static inline uint64_t pkt_sign_extend(uint64_t v, unsigned width) {
  if (width < 64 && (v >> (width - 1) & 1)) v |= ~(uint64_t)0 << width;
  return v;
}

#endif
