#include "base64.h"

#include <stdbool.h>

#include "bits.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What a character stands for: 0 to 63, or one of these. */
enum { BAD = 64, SPACE = 65, PAD = 66 };

static uint8_t meaning[256];

/* Two characters for every twelve bits. */
static char pairs[4096][2];

/* Before main, so that threads find the table ready. */
__attribute__((constructor)) static void fill_meaning(void) {
  for (int i = 0; i < 256; i++) meaning[i] = BAD;
  for (uint8_t i = 0; i < 64; i++) meaning[(uint8_t)alphabet[i]] = i;
  meaning[' '] = meaning['\t'] = meaning['\r'] = meaning['\n'] = SPACE;
  meaning['='] = PAD;
  for (int i = 0; i < 4096; i++) {
    pairs[i][0] = alphabet[i >> 6];
    pairs[i][1] = alphabet[i & 63];
  }
}

/* Four characters for the low 24 bits. */
static inline void put_group(char *out, uint32_t v) {
  memcpy(out, pairs[v >> 12 & 4095], 2);
  memcpy(out + 2, pairs[v & 4095], 2);
}

void pkt_base64_encode(char *out, const uint8_t *p, size_t n) {
  for (; n >= 8; p += 6, n -= 6, out += 8) { /* one load of eight bytes, of which six count */
    uint64_t v = pkt_get_be64(p);
    put_group(out, (uint32_t)(v >> 40));
    put_group(out + 4, (uint32_t)(v >> 16));
  }
  for (; n >= 3; p += 3, n -= 3, out += 4) put_group(out, (uint32_t)pkt_get_be(p, 3));
  if (n == 0) return;
  put_group(out, (uint32_t)pkt_get_be(p, (unsigned)n) << (24 - 8 * n));
  if (n == 1) out[2] = '=';
  out[3] = '=';
}

/* One group as it is read: 'count' characters, of which 'pads' are padding. */
struct group {
  uint32_t bits;
  unsigned count, pads;
};

/* Take one character. False when it doesn't belong here. */
static bool take(struct group *g, uint8_t m) {
  if (m == PAD) {
    if (g->count < 2) return false;
    g->pads++;
    m = 0;
  } else if (m == BAD || g->pads > 0) {
    return false;
  }
  g->bits = g->bits << 6 | m;
  g->count++;
  return true;
}

/* Whole groups of the alphabet's characters from the start of 'text'. Returns how many. */
static size_t decode_plain(uint8_t *out, const uint8_t *text, size_t n) {
  size_t groups = 0;
  /* not the last group: one byte more is written */
  for (; n >= 8; text += 4, n -= 4, out += 3, groups++) {
    uint32_t a = meaning[text[0]], b = meaning[text[1]], c = meaning[text[2]], d = meaning[text[3]];
    if ((a | b | c | d) & 0xc0) break;
    pkt_put_be32(out, (a << 18 | b << 12 | c << 6 | d) << 8);
  }
  return groups;
}

ptrdiff_t pkt_base64_decode(uint8_t *out, const char *text, size_t n, size_t *bad) {
  struct group g = {0, 0, 0};
  bool ended = false; /* by padding */
  size_t groups = decode_plain(out, (const uint8_t *)text, n), i = groups * 4;
  uint8_t *o = out + groups * 3;
  for (; i < n; i++) {
    uint8_t m = meaning[(uint8_t)text[i]];
    if (m == SPACE) continue;
    if (ended || !take(&g, m)) break;
    if (g.count < 4) continue;
    uint8_t bytes[4];
    pkt_put_be32(bytes, g.bits << 8);
    for (unsigned k = 0; k < 3 - g.pads; k++) *o++ = bytes[k];
    ended = g.pads > 0;
    g = (struct group){0, 0, 0};
  }
  if (i == n && g.count == 0) return o - out;
  if (bad) *bad = i;
  return -1;
}
