#include "bits.h"

uint64_t pkt_get_be(const uint8_t *p, unsigned n) {
  uint64_t v = 0;
  for (unsigned i = 0; i < n; i++) v = v << 8 | p[i];
  return v;
}

uint64_t pkt_get_le(const uint8_t *p, unsigned n) {
  uint64_t v = 0;
  while (n > 0) v = v << 8 | p[--n];
  return v;
}

void pkt_put_be(uint8_t *p, unsigned n, uint64_t v) {
  for (; n > 0; v >>= 8) p[--n] = (uint8_t)v;
}

void pkt_put_le(uint8_t *p, unsigned n, uint64_t v) {
  for (unsigned i = 0; i < n; i++, v >>= 8) p[i] = (uint8_t)v;
}

/* The low 'width' bits, 1 to 64. */
static uint64_t low_bits(uint64_t v, unsigned width) { return v & (UINT64_MAX >> (64 - width)); }

uint64_t pkt_get_bits(const uint8_t *p, uint32_t bit, unsigned width) {
  unsigned end = (bit & 7) + width; /* counted from the first byte, up to 71 */
  p += bit / 8;
  if (end > 64) { /* the range touches nine bytes */
    unsigned tail = end - 64;
    return low_bits(pkt_get_be64(p) << tail | p[8] >> (8 - tail), width);
  }
  unsigned bytes = (end + 7) / 8;
  return low_bits(pkt_get_be(p, bytes) >> (bytes * 8 - end), width);
}

void pkt_put_bits(uint8_t *p, uint32_t bit, unsigned width, uint64_t v) {
  p += bit / 8;
  for (unsigned end = (bit & 7) + width; width > 0;) { /* from the last byte back to the first */
    unsigned used = (end & 7) ? (end & 7) : 8;         /* bits of this byte before 'end' */
    unsigned take = used < width ? used : width;
    uint8_t mask = (uint8_t)(((1u << take) - 1) << (8 - used));
    uint8_t *b = &p[(end - 1) / 8];
    *b = (uint8_t)((*b & ~mask) | ((v << (8 - used)) & mask));
    v >>= take;
    end -= take;
    width -= take;
  }
}
