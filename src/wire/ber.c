/* ber.c - tags, lengths, integers and object identifiers (X.690). */
#include "ber.h"

#define LONG_FORM 0x80 /* a length octet: how many follow (X.690 section 8.1.3.5) */
#define RESERVED 0xff
#define HIGH_TAG 0x1f
#define MORE 0x80 /* another octet of a number in base 128 follows */
#define MAX_LENGTH 0x7fffffffu
#define MAX_OCTETS 10 /* of a number of 64 bits in base 128 */

/* The octets of a tag number behind the identifier; 0: they don't end. */
static size_t high_tag_size(const uint8_t *p, size_t n) {
  size_t size = 0;
  while (size < n && p[size] & MORE) size++;
  return size < n ? size + 1 : 0;
}

/* The length at p[0..n), of which there is at least an octet. */
static enum pkt_ber_status read_length(const uint8_t *p, size_t n, struct pkt_ber_head *head) {
  head->len = p[0];
  head->size++;
  if (p[0] < LONG_FORM) return PKT_BER_OK;
  if (p[0] == PKT_BER_INDEFINITE || p[0] == RESERVED) return PKT_BER_BAD;
  size_t octets = p[0] & 0x7f;
  uint32_t len = 0;
  for (size_t i = 1; i <= octets; i++) {
    if (i == n) return PKT_BER_SHORT;
    if (len > MAX_LENGTH >> 8) return PKT_BER_BAD;
    len = len << 8 | p[i];
  }
  head->len = len;
  head->size += (uint32_t)octets;
  return PKT_BER_OK;
}

enum pkt_ber_status pkt_ber_head_read(const uint8_t *p, size_t n, struct pkt_ber_head *head) {
  if (n == 0) return PKT_BER_SHORT;
  *head = (struct pkt_ber_head){.id = p[0], .high = (p[0] & HIGH_TAG) == HIGH_TAG, .size = 1};
  if (head->high) {
    size_t size = high_tag_size(p + 1, n - 1);
    if (size == 0) return PKT_BER_SHORT;
    head->size += (uint32_t)size;
  }
  if (head->size >= n) return PKT_BER_SHORT;
  return read_length(p + head->size, n - head->size, head);
}

size_t pkt_ber_size(const uint8_t *p, size_t n) {
  struct pkt_ber_head head;
  if (pkt_ber_head_read(p, n, &head) != PKT_BER_OK) return n;
  return head.len > n - head.size ? n : head.size + head.len;
}

size_t pkt_ber_head_write(uint8_t *out, uint8_t id, uint32_t len) {
  size_t octets = 0, at = 0;
  out[at++] = id;
  if (len >= LONG_FORM) {
    for (uint32_t rest = len; rest > 0; rest >>= 8) octets++;
    out[at++] = (uint8_t)(LONG_FORM | octets);
  } else {
    octets = 1;
  }
  while (octets-- > 0) out[at++] = (uint8_t)(len >> octets * 8);
  return at;
}

bool pkt_ber_int_read(const uint8_t *p, size_t n, uint64_t *num, bool *negative) {
  if (n == 0) return false;
  *negative = p[0] >> 7;
  uint8_t sign = *negative ? 0xff : 0;
  while (n > 1 && p[0] == sign && p[1] >> 7 == *negative) p++, n--; /* more than needed */
  if (n > 9 || (n == 9 && p[0] != 0)) return false;
  uint64_t v = *negative ? UINT64_MAX : 0;
  for (size_t i = 0; i < n; i++) v = v << 8 | p[i];
  *num = v;
  return true;
}

size_t pkt_ber_int_write(uint8_t *out, uint64_t num, bool negative) {
  size_t n = 1, at = 0;
  uint64_t sign = negative ? UINT64_MAX : 0;
  while (n < 9 && num >> (n * 8 - 1) != sign >> (n * 8 - 1)) n++; /* more than copies of the sign */
  if (n == 9) out[at++] = 0;
  for (size_t i = n == 9 ? 8 : n; i-- > 0;) out[at++] = (uint8_t)(num >> i * 8);
  return at;
}

/* A number in base 128, the most significant octet first, without a first octet of 0. */
static bool read_subidentifier(const uint8_t *p, size_t n, size_t *at, uint64_t *v) {
  *v = 0;
  if (p[*at] == MORE) return false;
  for (;;) {
    if (*at == n || *v >> 57 != 0) return false;
    uint8_t octet = p[(*at)++];
    *v = *v << 7 | (octet & 0x7f);
    if (!(octet & MORE)) return true;
  }
}

bool pkt_ber_oid_next(const uint8_t *p, size_t n, size_t *at, unsigned *index, uint64_t *number,
                      bool *bad) {
  size_t next = *at;
  uint64_t v;
  *bad = n == 0;
  if (*at >= n) return false;
  if (!read_subidentifier(p, n, &next, &v)) {
    *bad = true;
    return false;
  }
  uint64_t first = v < 80 ? v / 40 : 2;
  if (*index == 0) { /* the octets are read again for the second number */
    *number = first;
  } else {
    *number = *index == 1 ? v - first * 40 : v;
    *at = next;
  }
  ++*index;
  return true;
}

static size_t write_subidentifier(uint8_t out[MAX_OCTETS], uint64_t v) {
  size_t n = 1, at = 0;
  for (uint64_t rest = v >> 7; rest > 0 && n < MAX_OCTETS; rest >>= 7) n++;
  while (n-- > 0) out[at++] = (uint8_t)((v >> n * 7 & 0x7f) | (n > 0 ? MORE : 0));
  return at;
}

/* Digits up to a dot or the end. */
static bool read_arc(const char **text, const char *end, uint64_t *v) {
  const char *p = *text;
  *v = 0;
  for (; p < end && *p >= '0' && *p <= '9'; p++)
    if (__builtin_mul_overflow(*v, 10u, v) || __builtin_add_overflow(*v, (uint64_t)(*p - '0'), v))
      return false;
  bool any = p > *text, more = p < end && *p == '.';
  *text = more ? p + 1 : p;
  return any && (more ? p + 1 < end : p == end);
}

ptrdiff_t pkt_ber_oid_read(uint8_t *out, size_t room, const char *text, size_t n) {
  const char *end = text + n;
  uint64_t first, v;
  size_t at = 0;
  uint8_t octets[MAX_OCTETS];
  if (n > 0 && *text == '.') text++;
  if (!read_arc(&text, end, &first) || first > 2 || text == end) return -1;
  if (!read_arc(&text, end, &v) || (first < 2 && v >= 40)) return -1;
  if (v > UINT64_MAX - 80) return -1;
  for (v += first * 40;;) {
    size_t size = write_subidentifier(octets, v);
    if (size > room - at) return -1;
    for (size_t i = 0; i < size; i++) out[at++] = octets[i];
    if (text == end) return (ptrdiff_t)at;
    if (!read_arc(&text, end, &v)) return -1;
  }
}
