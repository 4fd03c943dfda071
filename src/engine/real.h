/* real.h - floating point numbers: as text, and as the bits of a field (IEEE 754).
**
** Texts are those of Python's repr: the shortest that reads back to the same number, with a point
** or an exponent in it, and an exponent below 1e-4 and from 1e16 on: 1.5, 1e+16, -0.0, inf, nan. */
#ifndef PKT_REAL_H
#define PKT_REAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PKT_REAL_ROOM 40 /* bytes that any of these texts takes, its NUL included */

/* Write the text of a number of 64 bits; returns its length. The locale doesn't matter. */
size_t pkt_real_text(char out[PKT_REAL_ROOM], double v);

/* Write the text of a field of 'width' bits, 32 or 64: the shortest that reads back to the same
** bits. A NaN other than the usual one, whose first mantissa bit alone is set, is nan(0x7fc00001):
** all of the field's bits. Returns its length. */
size_t pkt_float_text(char out[PKT_REAL_ROOM], unsigned width, uint64_t bits);

/* Is this the text of a number: what the functions above write, or anything else that JSON or Lua
** would write in decimal? 'nan' is set to the bits that nan(0x...) gives, or to 0. */
bool pkt_is_real_text(const char *text, size_t n, uint64_t *nan);

/* The bits of the field as a number, and the number nearest to 'v' as the bits of a field of
** 'width' bits. Every NaN becomes the usual one. */
double pkt_float_value(unsigned width, uint64_t bits);
uint64_t pkt_float_bits(unsigned width, double v);

/* Is a number too large for a field of so many bits? */
bool pkt_float_overflows(unsigned width, double v);

#endif
