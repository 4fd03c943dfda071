/* capture_write.c - pcap and pcapng written, least significant byte first. */
#include "capture.h"

#include <inttypes.h>
#include <string.h>

#include "capture_blocks.h"

#define SECOND 1000000000 /* in nanoseconds */

static void put16(uint8_t *p, uint32_t v) {
  p[0] = (uint8_t)v;
  p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v) {
  put16(p, v);
  put16(p + 2, v >> 16);
}

/* 'n' more bytes at the end of 'out', not yet counted in; NULL without memory. */
static uint8_t *room_for(struct pkt_buf *out, size_t n, struct pkt_err *err) {
  if (pkt_buf_room(out, n)) return (uint8_t *)out->data + out->len;
  pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  return NULL;
}

/* What stands around every block: type and length before it, the length again behind it. */
static void frame_block(uint8_t *p, uint32_t type, uint32_t len) {
  put32(p, type);
  put32(p + 4, len);
  put32(p + len - 4, len);
}

static int put_pcap_header(struct pkt_capture_writer *w, uint32_t link, struct pkt_err *err) {
  uint8_t *p = room_for(w->out, PCAP_HEADER, err);
  if (!p) return -1;
  memset(p, 0, PCAP_HEADER);
  put32(p, w->format == PKT_PCAP_NS ? PCAP_MAGIC_NS : PCAP_MAGIC_US);
  put16(p + 4, 2); /* version 2.4 */
  put16(p + 6, 4);
  put32(p + 16, PKT_MAX_PACKET);
  put32(p + 20, link);
  w->out->len += PCAP_HEADER;
  return 0;
}

/* A section without options whose length isn't said. */
static int put_section(struct pkt_capture_writer *w, struct pkt_err *err) {
  uint8_t *p = room_for(w->out, 28, err);
  if (!p) return -1;
  frame_block(p, BLOCK_SECTION, 28);
  put32(p + 8, SECTION_MAGIC);
  put16(p + 12, 1); /* version 1.0 */
  put16(p + 14, 0);
  memset(p + 16, 0xff, 8);
  w->out->len += 28;
  return 0;
}

/* An interface whose times are in nanoseconds. */
int pkt_capture_interface(struct pkt_capture_writer *w, uint32_t link, struct pkt_err *err) {
  if (w->format != PKT_PCAPNG)
    return pkt_fail(err, PKT_ERR_VALUE, "a pcap file has one interface; pcapng files have several");
  if (w->interfaces >= PKT_MAX_INTERFACES)
    return pkt_fail(err, PKT_ERR_LIMIT, "more than %d interfaces", PKT_MAX_INTERFACES);
  if (link > UINT16_MAX)
    return pkt_fail(err, PKT_ERR_VALUE, "link type %" PRIu32 ": 0 to 65535 expected", link);
  uint8_t *p = room_for(w->out, 32, err);
  if (!p) return -1;
  memset(p, 0, 32);
  frame_block(p, BLOCK_INTERFACE, 32);
  put16(p + 8, link);
  put32(p + 12, PKT_MAX_PACKET);
  put16(p + 16, OPTION_TSRESOL);
  put16(p + 18, 1);
  p[20] = 9; /* 10^-9 s; an end of options, all 0, follows */
  w->out->len += 32;
  return (int)w->interfaces++;
}

int pkt_capture_begin(struct pkt_capture_writer *w, struct pkt_buf *out,
                      enum pkt_capture_format format, uint32_t link, struct pkt_err *err) {
  size_t before = out->len;
  *w = (struct pkt_capture_writer){.out = out, .format = format};
  if (link > UINT16_MAX)
    return pkt_fail(err, PKT_ERR_VALUE, "link type %" PRIu32 ": 0 to 65535 expected", link);
  if (format != PKT_PCAPNG) {
    w->interfaces = 1;
    return put_pcap_header(w, link, err);
  }
  if (put_section(w, err) == 0 && pkt_capture_interface(w, link, err) == 0) return 0;
  out->len = before;
  return -1;
}

static int check_time(const struct pkt_capture_writer *w, int64_t time, struct pkt_err *err) {
  if (time < 0)
    return pkt_fail(err, PKT_ERR_VALUE, "time %" PRId64 " ns: no time before 1970 can be written",
                    time);
  if (w->format != PKT_PCAPNG && time / SECOND > UINT32_MAX)
    return pkt_fail(err, PKT_ERR_VALUE, "time %" PRId64 " ns: a pcap file has times until 2106",
                    time);
  return 0;
}

static int check_len(uint32_t len, struct pkt_err *err) {
  if (len <= PKT_MAX_PACKET) return 0;
  return pkt_fail(err, PKT_ERR_LIMIT, "a packet of %" PRIu32 " bytes; at most %d are written", len,
                  PKT_MAX_PACKET);
}

static uint8_t *put_pcap(struct pkt_capture_writer *w, int64_t time, uint32_t len,
                         uint32_t wire_len, struct pkt_err *err) {
  uint8_t *p = room_for(w->out, PCAP_RECORD + len, err);
  uint64_t t = (uint64_t)time;
  uint32_t rest = (uint32_t)(t % SECOND);
  if (!p) return NULL;
  put32(p, (uint32_t)(t / SECOND));
  put32(p + 4, w->format == PKT_PCAP_NS ? rest : rest / 1000);
  put32(p + 8, len);
  put32(p + 12, wire_len);
  w->out->len += PCAP_RECORD + len;
  return p + PCAP_RECORD;
}

/* An enhanced packet block with 'options' bytes behind the packet, to be stored by the caller. */
static uint8_t *put_block(struct pkt_capture_writer *w, const struct pkt_capture_record *r,
                          uint32_t options, struct pkt_err *err) {
  uint32_t padded = PADDED(r->len), total = 28 + padded + options + 4;
  uint8_t *p = room_for(w->out, total, err);
  if (!p) return NULL;
  frame_block(p, BLOCK_ENHANCED, total);
  put32(p + 8, r->interface);
  put32(p + 12, (uint32_t)((uint64_t)r->time >> 32));
  put32(p + 16, (uint32_t)r->time);
  put32(p + 20, r->len);
  put32(p + 24, r->wire_len ? r->wire_len : r->len);
  memset(p + 28 + r->len, 0, padded - r->len);
  w->out->len += total;
  return p + 28;
}

uint8_t *pkt_capture_put(struct pkt_capture_writer *w, int64_t time, uint32_t len,
                         struct pkt_err *err) {
  if (check_time(w, time, err) != 0 || check_len(len, err) != 0) return NULL;
  if (w->format != PKT_PCAPNG) return put_pcap(w, time, len, len, err);
  return put_block(w, &(struct pkt_capture_record){.time = time, .len = len}, 0, err);
}

/* A comment and the end of options, at 'p'. */
static void put_comment(uint8_t *p, const struct pkt_capture_record *r) {
  uint32_t padded = PADDED(r->comment_len);
  put16(p, OPTION_COMMENT);
  put16(p + 2, r->comment_len);
  memcpy(p + 4, r->comment, r->comment_len);
  memset(p + 4 + r->comment_len, 0, padded - r->comment_len + 4);
}

static int check_record(const struct pkt_capture_writer *w, const struct pkt_capture_record *r,
                        struct pkt_err *err) {
  if (check_time(w, r->time, err) != 0 || check_len(r->len, err) != 0) return -1;
  if (r->wire_len && r->wire_len < r->len)
    return pkt_fail(err, PKT_ERR_VALUE, "a packet of %" PRIu32 " bytes, %" PRIu32 " on the wire",
                    r->len, r->wire_len);
  if (r->interface >= w->interfaces)
    return pkt_fail(err, PKT_ERR_UNKNOWN, "interface %" PRIu32 ": there are %" PRIu32, r->interface,
                    w->interfaces);
  if (r->comment && w->format != PKT_PCAPNG)
    return pkt_fail(err, PKT_ERR_VALUE, "a pcap file has no comments; pcapng files have");
  if (r->comment && r->comment_len > UINT16_MAX)
    return pkt_fail(err, PKT_ERR_LIMIT, "a comment of %" PRIu32 " bytes; at most %d are written",
                    r->comment_len, UINT16_MAX);
  return 0;
}

int pkt_capture_write(struct pkt_capture_writer *w, const struct pkt_capture_record *r,
                      struct pkt_err *err) {
  if (check_record(w, r, err) != 0) return -1;
  uint32_t options = r->comment ? 4 + PADDED(r->comment_len) + 4 : 0;
  uint8_t *p = w->format == PKT_PCAPNG
                   ? put_block(w, r, options, err)
                   : put_pcap(w, r->time, r->len, r->wire_len ? r->wire_len : r->len, err);
  if (!p) return -1;
  if (r->len > 0) memcpy(p, r->bytes, r->len);
  if (r->comment) put_comment(p + PADDED(r->len), r);
  return 0;
}
