/* mix.h - hashes of bytes, to find things by: nobody is kept from making two that are the same. */
#ifndef PKT_MIX_H
#define PKT_MIX_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Mix 'n' bytes into a hash; begin with any number. Bytes are taken eight at a time, in the order
** of this machine. */
static inline uint64_t pkt_mix(uint64_t hash, const void *bytes, size_t n) {
  const uint8_t *p = bytes;
  for (size_t i = 0; i < n; i += 8) {
    uint64_t word = 0;
    memcpy(&word, p + i, n - i < 8 ? n - i : 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
  }
  return hash;
}

#endif
