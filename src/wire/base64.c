#include "base64.h"

#include <stdbool.h>

#include "bits.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What a character stands for: 0 to 63, or one of these. */
enum { BAD = 64, SPACE = 65, PAD = 66 };

static uint8_t meaning[256];

/* Before main, so that threads find the table ready. */
__attribute__((constructor)) static void fill_meaning(void) {
  for (int i = 0; i < 256; i++) meaning[i] = BAD;
  for (uint8_t i = 0; i < 64; i++) meaning[(uint8_t)alphabet[i]] = i;
  meaning[' '] = meaning['\t'] = meaning['\r'] = meaning['\n'] = SPACE;
  meaning['='] = PAD;
}

/* Four characters for the low 24 bits. */
static inline void put_group(char *out, uint32_t v) {
  out[0] = alphabet[v >> 18 & 63];
  out[1] = alphabet[v >> 12 & 63];
  out[2] = alphabet[v >> 6 & 63];
  out[3] = alphabet[v & 63];
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

ptrdiff_t pkt_base64_decode(uint8_t *out, const char *text, size_t n, size_t *bad) {
  struct group g = {0, 0, 0};
  uint8_t *o = out;
  bool ended = false; /* by padding */
  size_t i = 0;
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
