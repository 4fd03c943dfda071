/* mt19937.h - the Mersenne Twister MT19937 (Matsumoto and Nishimura, ACM TOMACS 8(1), 1998), with
** their seeding by an array of 2002. Python's random draws from it, too: random.seed(n) of an
** integer is the array of the 32-bit words of abs(n), least significant first, and random.random()
** is pkt_mt19937_real(). Good numbers, no secret ones. */
#ifndef PKT_MT19937_H
#define PKT_MT19937_H

#include <stddef.h>
#include <stdint.h>

#define PKT_MT19937_WORDS 624

struct pkt_mt19937 {
  uint32_t state[PKT_MT19937_WORDS];
  unsigned at; /* the next word of 'state' to hand out */
};

/* Start from 'n' words, at least one. */
void pkt_mt19937_seed(struct pkt_mt19937 *m, const uint32_t *words, size_t n);

/* The next 32 bits. */
uint32_t pkt_mt19937_next(struct pkt_mt19937 *m);

/* The next real in [0, 1), of 53 random bits: takes two times 32. */
double pkt_mt19937_real(struct pkt_mt19937 *m);

#endif
