#include "checksum.h"

#include <string.h>

#include "bits.h"

/* Add with the carry brought round: a sum modulo 2^64 - 1, of which 2^16 - 1 is a divisor, so
** that it folds to the sum of RFC 1071. */
static inline uint64_t add_round(uint64_t sum, uint64_t w) {
  sum += w;
  return sum + (sum < w);
}

static inline uint64_t load(const uint8_t *p, size_t n) {
  uint64_t w = 0;
  memcpy(&w, p, n);
  return w;
}

/* 'n' is a multiple of 32; four sums, so that no addition waits for the one before it. */
static uint64_t add_blocks(uint64_t sum, const uint8_t *p, size_t n) {
  uint64_t s[4] = {sum, 0, 0, 0};
  for (const uint8_t *end = p + n; p < end; p += 32) {
    s[0] = add_round(s[0], load(p, 8));
    s[1] = add_round(s[1], load(p + 8, 8));
    s[2] = add_round(s[2], load(p + 16, 8));
    s[3] = add_round(s[3], load(p + 24, 8));
  }
  return add_round(add_round(s[0], s[1]), add_round(s[2], s[3]));
}

uint64_t pkt_inet_add(uint64_t sum, const uint8_t *p, size_t n) {
  size_t blocks = n & ~(size_t)31;
  if (blocks > 0) {
    sum = add_blocks(sum, p, blocks);
    p += blocks;
    n -= blocks;
  }
  for (; n >= 8; p += 8, n -= 8) sum = add_round(sum, load(p, 8));
  if (n & 4) {
    sum = add_round(sum, load(p, 4));
    p += 4;
  }
  if (n & 2) {
    sum = add_round(sum, load(p, 2));
    p += 2;
  }
  if (n & 1) sum = add_round(sum, load(p, 1)); /* as if a zero byte followed */
  return sum;
}

uint16_t pkt_inet_fold(uint64_t sum) {
  uint32_t half = (uint32_t)(sum >> 32) + (uint32_t)sum;
  half += half < (uint32_t)sum;
  half = (half >> 16) + (half & 0xffff);
  half += half >> 16;
  uint16_t folded = (uint16_t)~half;
  uint8_t bytes[2];
  memcpy(bytes, &folded, 2); /* the sum is in memory order */
  return pkt_get_be16(bytes);
}

/* Tables for eight bytes a step: table[k][b] is the sum of byte b followed by k zero bytes. */
typedef uint32_t crc_table[8][256];

static crc_table ieee, castagnoli;

static void fill_table(crc_table table, uint32_t polynomial) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (polynomial & (0 - (crc & 1)));
    table[0][i] = crc;
  }
  for (int k = 1; k < 8; k++)
    for (int i = 0; i < 256; i++)
      table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 0xff];
}

/* Before main, so that threads find the tables ready. Polynomials with their bits reversed. */
__attribute__((constructor)) static void fill_tables(void) {
  fill_table(ieee, 0xedb88320);
  fill_table(castagnoli, 0x82f63b78);
}

static uint32_t load_le32(const uint8_t *p) {
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t crc_add(const crc_table table, uint32_t crc, const uint8_t *p, size_t n) {
  crc = ~crc;
  for (; n >= 8; p += 8, n -= 8) {
    uint32_t low = crc ^ load_le32(p);
    crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^
          table[4][low >> 24] ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
  }
  for (; n > 0; p++, n--) crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xff];
  return ~crc;
}

uint32_t pkt_crc32(uint32_t crc, const uint8_t *p, size_t n) { return crc_add(ieee, crc, p, n); }

uint32_t pkt_crc32c(uint32_t crc, const uint8_t *p, size_t n) {
  return crc_add(castagnoli, crc, p, n);
}

/* Reflected sums without tables for whole steps: frames of radios are short. */
static uint32_t crc_short(uint32_t polynomial, uint32_t crc, const uint8_t *p, size_t n) {
  for (; n > 0; p++, n--) {
    crc ^= *p;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (polynomial & (0 - (crc & 1)));
  }
  return crc;
}

uint32_t pkt_crc16(uint32_t crc, const uint8_t *p, size_t n) {
  return crc_short(0x8408, crc, p, n);
}

uint32_t pkt_crc24(uint32_t crc, const uint8_t *p, size_t n) {
  return crc_short(0xda6000, crc, p, n);
}

#define ADLER_MOD 65521u /* the largest prime under 2^16 */
#define ADLER_RUN 5552   /* the most bytes whose sums stay below 2^32 */

uint32_t pkt_adler32(uint32_t adler, const uint8_t *p, size_t n) {
  uint32_t a = adler & 0xffff, b = adler >> 16;
  while (n > 0) {
    size_t run = n < ADLER_RUN ? n : ADLER_RUN;
    for (size_t i = 0; i < run; i++) {
      a += p[i];
      b += a;
    }
    a %= ADLER_MOD;
    b %= ADLER_MOD;
    p += run;
    n -= run;
  }
  return b << 16 | a;
}

/* The sums of 'n' bytes that are 'c0' and 'c1' so far, both modulo 255. */
static void fletcher_add(uint32_t *c0, uint32_t *c1, const uint8_t *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    *c0 = (*c0 + p[i]) % 255;
    *c1 = (*c1 + *c0) % 255;
  }
}

uint16_t pkt_fletcher16(const uint8_t *p, size_t n, size_t at) {
  static const uint8_t zeros[2];
  uint32_t c0 = 0, c1 = 0;
  fletcher_add(&c0, &c1, p, at);
  fletcher_add(&c0, &c1, zeros, 2);
  fletcher_add(&c0, &c1, p + at + 2, n - at - 2);
  uint32_t behind = (uint32_t)((n - at - 1) % 255);
  uint32_t x = (behind * c0 + 255 - c1) % 255, y = (510 - c0 - x) % 255;
  return (uint16_t)((x ? x : 255) << 8 | (y ? y : 255)); /* 0 would say that there is no sum */
}

uint64_t pkt_inet_add_signed(uint64_t sum, const uint8_t *p, size_t n) {
  uint8_t word[2] = {0, 0};
  sum = pkt_inet_add(sum, p, n & ~(size_t)1);
  if (n % 2 == 0) return sum;
  word[1] = p[n - 1];
  if (p[n - 1] & 0x80) { /* b - 256, in the arithmetic of these sums */
    word[0] = 0xff;
    word[1]--;
  }
  return pkt_inet_add(sum, word, 2);
}
