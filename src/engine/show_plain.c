/* show_plain.c - what a person sees of a value: numbers with their names, flags and times,
** addresses, UUIDs, floats. */
#include "show_inner.h"

#include <arpa/inet.h>
#include <time.h>

#include "real.h"

void pkt_show_mac(struct pkt_buf *b, uint64_t mac) {
  char text[17];
  for (int i = 0; i < 6; i++) {
    unsigned byte = (unsigned)(mac >> (40 - 8 * i)) & 0xff;
    text[3 * i] = pkt_hex_char(byte >> 4);
    text[3 * i + 1] = pkt_hex_char(byte);
    if (i < 5) text[3 * i + 2] = ':';
  }
  pkt_buf_add(b, text, sizeof text);
}

void pkt_show_ipv4(struct pkt_buf *b, uint32_t addr) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    pkt_buf_u64(b, addr >> shift & 0xff);
    if (shift) pkt_buf_byte(b, '.');
  }
}

void pkt_show_ipv6(struct pkt_buf *b, const uint8_t addr[16]) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, addr, text, sizeof text);
  pkt_buf_str(b, text);
}

void pkt_show_address(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->kind == PKT_MAC)
    pkt_show_mac(b, s->num);
  else if (op->kind == PKT_IPV4)
    pkt_show_ipv4(b, (uint32_t)s->num);
  else
    pkt_show_ipv6(b, s->bytes);
}

void pkt_show_real(struct pkt_buf *b, double v) {
  char text[PKT_REAL_ROOM];
  pkt_buf_add(b, text, pkt_real_text(text, v));
}

void pkt_show_float(struct pkt_buf *b, const struct pkt_op *op, uint64_t bits, char quote) {
  char text[PKT_REAL_ROOM];
  size_t n = pkt_float_text(text, op->width, bits);
  bool quoted = quote && (text[n - 1] < '0' || text[n - 1] > '9');
  if (quoted) pkt_buf_byte(b, quote);
  pkt_buf_add(b, text, n);
  if (quoted) pkt_buf_byte(b, quote);
}

static void show_time(struct pkt_buf *b, int64_t seconds) {
  struct tm tm;
  time_t t = (time_t)seconds;
  char text[64];
  if (!gmtime_r(&t, &tm)) return;
  strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &tm);
  pkt_buf_str(b, text);
}

/* A time stamp of NTP with its number; dates from before 1950 are no matter to the reference. */
static void show_ntp_number(struct pkt_buf *b, uint64_t v) {
  if (v >> 32 < PKT_NTP_OLD)
    pkt_buf_lit(b, PKT_NTP_OLD_TEXT);
  else
    show_time(b, (int64_t)(v >> 32) - PKT_NTP_TO_UNIX);
  pkt_buf_fmt(b, " (%llu)", (unsigned long long)v);
}

static void show_flags(struct pkt_buf *b, const struct pkt_op *op, uint64_t v) {
  bool first = true;
  for (unsigned i = 0; i < op->width; i++) {
    if (!(v >> i & 1)) continue;
    if (!first && !(op->flags & PKT_OP_LETTERS)) pkt_buf_byte(b, '+');
    first = false;
    if (op->flag_names[i])
      pkt_buf_str(b, op->flag_names[i]);
    else
      pkt_buf_fmt(b, "bit%u", i);
  }
}

static void show_ms_of_day(struct pkt_buf *b, uint64_t ms) {
  pkt_buf_fmt(b, "%u:%u:%u.%u", (unsigned)(ms / 3600000), (unsigned)(ms / 60000 % 60),
              (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
}

/* Hundredths of a second; the most that two bytes hold stands for more than that. */
static void show_centi(struct pkt_buf *b, const struct pkt_op *op, uint64_t v) {
  if (op->width < 64 && v == ((uint64_t)1 << op->width) - 1)
    pkt_buf_fmt(b, "infinity (0x%llx)", (unsigned long long)v);
  else
    pkt_buf_fmt(b, "%llu.%02u sec", (unsigned long long)v / 100, (unsigned)(v % 100));
}

/* Units of four seconds. */
static void show_quad(struct pkt_buf *b, uint64_t v) {
  pkt_buf_fmt(b, "%llu sec", (unsigned long long)v * 4);
}

void pkt_show_pair(struct pkt_buf *b, uint64_t v) {
  pkt_buf_fmt(b, "%u:%u", (unsigned)(v >> 16), (unsigned)(v & 0xffff));
}

void pkt_show_uuid(struct pkt_buf *b, const struct pkt_op *op, const uint8_t p[16]) {
  for (unsigned i = 0; i < 16; i++) {
    uint8_t byte = p[op->flags & PKT_OP_MIRRORED ? 15 - i : i];
    if (i == 4 || i == 6 || i == 8 || i == 10) pkt_buf_byte(b, '-');
    pkt_buf_add(b, (char[]){pkt_hex_char(byte >> 4), pkt_hex_char(byte)}, 2);
  }
}

static void show_eui64(struct pkt_buf *b, uint64_t v) {
  if (v <= 0xffff) {
    pkt_buf_hex(b, v);
    return;
  }
  for (int shift = 56; shift >= 0; shift -= 8)
    pkt_buf_fmt(b, "%s%02x", shift < 56 ? ":" : "", (unsigned)(v >> shift & 0xff));
}

/* What the highest two bits ask of those who don't know the option, and the third of routers. */
static void show_ipv6_option(struct pkt_buf *b, unsigned type) {
  static const char *const unknown[] = {"00: skip", "01: discard", "10: discard+ICMP",
                                        "11: discard+ICMP not mcast"};
  pkt_buf_fmt(b, "%u [%s, %s]", type, unknown[type >> 6 & 3],
              type & 0x20 ? "1: May change en-route" : "0: Don't change en-route");
}

bool pkt_show_number(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                     const struct pkt_slot *s) {
  const struct pkt_names *names = pkt_op_names(op, layer);
  if (op->show == PKT_SHOW_BOOLEAN && s->num <= 1) {
    pkt_buf_str(b, s->num ? "true" : "false");
    return false;
  }
  if (names && !s->negative) {
    const struct pkt_name *n = pkt_names_find(names, s->num);
    if (n) {
      pkt_buf_add(b, n->text, n->len);
      return true;
    }
  }
  switch (op->show) {
    case PKT_SHOW_HEX:
      if (s->negative) pkt_buf_byte(b, '-');
      pkt_buf_hex(b, s->negative ? 0 - s->num : s->num);
      return true;
    case PKT_SHOW_FLOAT: pkt_show_float(b, op, s->num, 0); return true;
    case PKT_SHOW_FLAGS: show_flags(b, op, s->num); return true;
    case PKT_SHOW_CENTI: show_centi(b, op, s->num); return true;
    case PKT_SHOW_QUAD: show_quad(b, s->num); return true;
    case PKT_SHOW_PAIR: pkt_show_pair(b, s->num); return true;
    case PKT_SHOW_MS_OF_DAY: show_ms_of_day(b, s->num); return true;
    case PKT_SHOW_UTC:
      show_time(b, (int64_t)s->num + op->special->epoch);
      pkt_buf_fmt(b, " (%lld)", (long long)s->num + op->special->epoch);
      return true;
    case PKT_SHOW_EUI64: show_eui64(b, s->num); return true;
    case PKT_SHOW_IPV6_OPTION: show_ipv6_option(b, (unsigned)s->num); return true;
    case PKT_SHOW_FIXED8:
      if ((layer->raw && s->state == PKT_SET) || s->num % 256 != 0)
        pkt_show_real(b, (double)s->num / 256);
      else
        pkt_buf_u64(b, s->num / 256);
      return true;
    case PKT_SHOW_FIXED16: pkt_show_real(b, (double)s->num / 65536); return false;
    case PKT_SHOW_NTP: {
      double seconds = (double)(s->num >> 32) + (double)(uint32_t)s->num / 4294967296.0;
      if (seconds < PKT_NTP_TO_UNIX) {
        pkt_show_real(b, seconds);
        return false;
      }
      show_time(b, (int64_t)(s->num >> 32) - PKT_NTP_TO_UNIX);
      return true;
    }
    case PKT_SHOW_NTP_NUMBER: show_ntp_number(b, s->num); return true;
    default: pkt_show_int(b, s); return op->names_by == NULL;
  }
}

static void show_plain_bytes(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  bool text = true;
  for (uint32_t i = 0; i < n; i++) text = text && p[i] >= 0x20 && p[i] < 0x7f;
  if (text) {
    pkt_buf_add(b, p, n);
    return;
  }
  for (uint32_t i = 0; i < n; i++)
    pkt_buf_add(b, (char[]){pkt_hex_char(p[i] >> 4), pkt_hex_char(p[i])}, 2);
}

void pkt_show_plain(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                    const struct pkt_slot *s) {
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  if (s->none) return;
  switch (op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM: (void)pkt_show_number(b, layer, op, s); break;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: pkt_show_address(b, op, s); break;
    case PKT_BYTES:
    case PKT_NAME:
      if (pkt_is_uuid(op, s))
        pkt_show_uuid(b, op, s->bytes);
      else
        show_plain_bytes(b, s->bytes, s->len);
      break;
    case PKT_INTEGER: pkt_show_plain_integer(b, op, s); break;
    case PKT_OID:
      if (!pkt_show_oid(b, op, s)) show_plain_bytes(b, s->bytes, s->len);
      break;
    case PKT_BITS: pkt_show_bits(b, s); break;
    case PKT_OPTIONS:
      if (s->list && s->list->raw_len + s->list->len > 0)
        pkt_show_literal(b, PKT_LUA, layer, op, s);
      else
        pkt_buf_lit(b, "{}"); /* not as bytes, of which a default is */
      break;
    default: pkt_show_literal(b, PKT_LUA, layer, op, s);
  }
}
