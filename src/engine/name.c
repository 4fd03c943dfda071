/* name.c - domain names on the wire. */
#include "name.h"

#include "limits.h"

enum { LABEL_MAX = 63, POINTER = 0xc0 };

int pkt_name_read(struct pkt_arena *arena, const uint8_t *message, uint32_t message_len,
                  uint32_t at, uint32_t end, const char **text, uint32_t *len, uint32_t *next,
                  uint32_t *missing, bool *pointed) {
  char *out = pkt_alloc(arena, PKT_MAX_NAME + 1);
  uint32_t n = 0, lowest = at; /* a pointer must go below all that was read: no loop is possible */
  *next = *missing = 0;
  *text = out;
  if (!out) return -1;
  while (at < end && message[at] != 0) {
    uint8_t c = message[at];
    if (c & POINTER) { /* where only one of the two bits is set, too, as the reference has it */
      if (*next == 0) *next = at + 2 < end ? at + 2 : end;
      if (at + 2 > end) break;
      uint32_t target = (uint32_t)(c & ~POINTER) << 8 | message[at + 1];
      if (target >= lowest) break;
      *pointed = true;
      lowest = at = target;
      end = message_len;
    } else {
      uint32_t label = at + 1 + c <= end ? c : end - at - 1;
      if (*next == 0) *missing = c - label;
      if (n + label + 1 > PKT_MAX_NAME) return -1;
      memcpy(out + n, message + at + 1, label);
      n += label;
      out[n++] = '.';
      at += 1 + label;
    }
  }
  if (*next == 0) *next = at < end ? at + 1 : end;
  if (n == 0) out[n++] = '.';
  pkt_arena_trim(arena, out, PKT_MAX_NAME + 1, n);
  *len = n;
  return 0;
}

int pkt_name_write(struct pkt_buf *out, const char *text, uint32_t len) {
  if (len > 0 && text[len - 1] == '.') len--;
  if (len > PKT_MAX_NAME - 2) return -1;
  size_t start = out->len;
  uint32_t at = 0;
  while (at < len) {
    const char *dot = memchr(text + at, '.', len - at);
    uint32_t label = dot ? (uint32_t)(dot - text) - at : len - at;
    if (label == 0 || label > LABEL_MAX) {
      out->len = start;
      return -1;
    }
    pkt_buf_byte(out, (char)label);
    pkt_buf_add(out, text + at, label);
    at += label + 1;
  }
  pkt_buf_byte(out, 0);
  return 0;
}

/* Does message[at] hold the same name as name[0..n), in wire form and with its root label?
** Letters are equal only in the same case, so that what is written reads back unchanged. */
static bool same_name(const uint8_t *message, uint32_t at, const uint8_t *name, uint32_t n) {
  for (uint32_t i = 0; i < n;) {
    while ((message[at] & POINTER) == POINTER)
      at = (uint32_t)(message[at] & ~POINTER) << 8 | message[at + 1];
    uint32_t label = 1u + name[i];
    if (memcmp(message + at, name + i, label) != 0) return false;
    i += label;
    at += label;
  }
  return true;
}

static int find_ending(const struct pkt_buf *out, const struct pkt_endings *e, const uint8_t *name,
                       uint32_t n) {
  const uint8_t *message = (const uint8_t *)out->data + e->message;
  for (uint32_t i = 0; i < e->len; i++)
    if (same_name(message, e->at[i], name, n)) return e->at[i];
  return -1;
}

int pkt_name_compress(struct pkt_buf *out, struct pkt_endings *endings, const char *text,
                      uint32_t len) {
  size_t start = out->len;
  if (pkt_name_write(out, text, len) != 0) return -1;
  if (out->failed) return 0;
  uint8_t name[PKT_MAX_NAME + 1];
  uint32_t n = (uint32_t)(out->len - start), at = 0;
  memcpy(name, out->data + start, n);
  while (name[at] != 0) {
    int found = find_ending(out, endings, name + at, n - at);
    if (found >= 0) {
      out->len = start + at;
      pkt_buf_byte(out, (char)(POINTER | found >> 8));
      pkt_buf_byte(out, (char)found);
      return 0;
    }
    size_t place = start + at - endings->message;
    at += 1u + name[at];
    if (place < 0x4000 && endings->len < PKT_MAX_ENDINGS)
      endings->at[endings->len++] = (uint16_t)place;
  }
  return 0;
}

uint32_t pkt_name_node_fill(const char *text, uint32_t len) {
  if (len == 0) return 2;
  return memchr(text, '.', len) ? 0 : 1;
}

void pkt_name_netbios_write(uint8_t out[PKT_NETBIOS_SIZE], const uint8_t *name, uint32_t len) {
  *out++ = 32; /* the letters of 16 characters */
  for (uint32_t i = 0; i < 15; i++) {
    uint8_t c = i < len ? name[i] : ' ';
    *out++ = (uint8_t)('A' + (c >> 4));
    *out++ = (uint8_t)('A' + (c & 15));
  }
}

uint32_t pkt_name_netbios_read(uint8_t name[PKT_NETBIOS_SIZE], const uint8_t *p, uint32_t n) {
  uint32_t len = 0, i = n > 0 && p[0] == 32 ? 1 : 0; /* where there is no length, letters begin */
  for (; i + 1 < n; i += 2)
    name[len++] = (uint8_t)(((p[i] - 'A') & 15) << 4 | ((p[i + 1] - 'A') & 15));
  return len;
}
