#include "mt19937.h"

enum { N = PKT_MT19937_WORDS, MIDDLE = 397 };

/* The state for one number, from which seeding by an array starts. */
static void seed_one(struct pkt_mt19937 *m, uint32_t seed) {
  uint32_t *s = m->state;
  s[0] = seed;
  for (unsigned i = 1; i < N; i++) s[i] = 1812433253u * (s[i - 1] ^ s[i - 1] >> 30) + i;
}

/* Word 0 follows the last one: a copy of that takes its place. */
static unsigned step(struct pkt_mt19937 *m, unsigned i) {
  if (++i < N) return i;
  m->state[0] = m->state[N - 1];
  return 1;
}

void pkt_mt19937_seed(struct pkt_mt19937 *m, const uint32_t *words, size_t n) {
  uint32_t *s = m->state;
  unsigned i = 1;
  size_t word = 0;
  seed_one(m, 19650218);
  for (size_t k = n > N ? n : N; k > 0; k--) {
    s[i] = (s[i] ^ (s[i - 1] ^ s[i - 1] >> 30) * 1664525u) + words[word] + (uint32_t)word;
    i = step(m, i);
    if (++word == n) word = 0;
  }
  for (unsigned k = N - 1; k > 0; k--) {
    s[i] = (s[i] ^ (s[i - 1] ^ s[i - 1] >> 30) * 1566083941u) - i;
    i = step(m, i);
  }
  s[0] = 0x80000000;
  m->at = N;
}

/* All words anew, each from itself, the next one and the one 397 further on. */
static void twist(struct pkt_mt19937 *m) {
  uint32_t *s = m->state;
  for (unsigned i = 0; i < N; i++) {
    uint32_t y = (s[i] & 0x80000000) | (s[(i + 1) % N] & 0x7fffffff);
    s[i] = s[(i + MIDDLE) % N] ^ y >> 1 ^ (y & 1 ? 0x9908b0df : 0);
  }
  m->at = 0;
}

uint32_t pkt_mt19937_next(struct pkt_mt19937 *m) {
  if (m->at == N) twist(m);
  uint32_t y = m->state[m->at++];
  y ^= y >> 11;
  y ^= y << 7 & 0x9d2c5680;
  y ^= y << 15 & 0xefc60000;
  return y ^ y >> 18;
}

double pkt_mt19937_real(struct pkt_mt19937 *m) {
  uint32_t high = pkt_mt19937_next(m) >> 5, low = pkt_mt19937_next(m) >> 6;
  return (high * 67108864.0 + low) / 9007199254740992.0; /* (high * 2^26 + low) / 2^53 */
}
