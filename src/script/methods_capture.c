/* methods_capture.c - the methods about capture files. */
#include <stdio.h>

#include "../engine/capture.h"
#include "../engine/clock.h"
#include "../engine/dissect.h"
#include "service_inner.h"

/* Packets of one request: as many as a reply has room for, 2.5 KB each. */
#define MAX_PACKETS 20000

/* A packet of a link type; what its first protocol can't read is Raw. */
static struct pkt_packet *read_record(const struct pkt_service *s, struct pkt_arena *arena,
                                      const struct pkt_capture_record *r, struct pkt_err *err) {
  const struct pkt_registry *registry = s->registry;
  const struct pkt_plan *plan = pkt_dissect_link(registry, r->link, r->bytes, r->len);
  if (r->len == 0) return pkt_bare_packet(arena, plan, err); /* as reconstruct_pkt has it */
  struct pkt_packet *p = pkt_dissect(arena, plan, r->bytes, r->len, s->reach, err);
  bool unread = !p && (err->code == PKT_ERR_TRUNCATED || err->code == PKT_ERR_MALFORMED);
  return unread ? pkt_dissect(arena, registry->raw, r->bytes, r->len, s->reach, err) : p;
}

/* Append the packets of a capture, up to where it can't be read. Only whole ones are appended. */
static int append_records(struct pkt_service *s, struct pkt_capture_reader *r,
                          struct pkt_arena *arena, enum pkt_dialect dialect, struct pkt_err *err) {
  struct pkt_capture_record record;
  int got;
  for (uint32_t n = 0; (got = pkt_capture_next(r, &record, err)) > 0; n++) {
    if (n == MAX_PACKETS)
      return pkt_fail(err, PKT_ERR_LIMIT, "the capture has more than %d packets", MAX_PACKETS);
    size_t before = s->out.len;
    pkt_arena_reset(arena);
    struct pkt_packet *p = read_record(s, arena, &record, err);
    if (p && n > 0) pkt_buf_byte(&s->out, ',');
    if (!p || pkt_append_packet(s, arena, dialect, p, err) != 0) {
      s->out.len = before;
      return -1;
    }
  }
  return got;
}

static int append_capture(struct pkt_service *s, const uint8_t *bytes, size_t n,
                          enum pkt_dialect dialect, struct pkt_err *err) {
  struct pkt_capture_reader reader;
  struct pkt_arena arena; /* for one packet at a time */
  pkt_arena_init(&arena, 0);
  pkt_capture_reader_init(&reader);
  pkt_capture_feed(&reader, bytes, n);
  pkt_capture_finish(&reader);
  int status = append_records(s, &reader, &arena, dialect, err);
  pkt_capture_reader_free(&reader);
  pkt_arena_free(&arena);
  return status;
}

/* The capture can't be read, at least not behind the packets whose list begins at 'from' in the
** reply. The reply is the error, with them as its "data" (JSON-RPC 2.0 section 5.1). */
static void fail_behind(struct pkt_service *s, const struct request *q, size_t from,
                        const struct pkt_err *err) {
  struct pkt_buf packets = {0};
  if (s->out.len > from + 1) pkt_buf_add(&packets, s->out.data + from, s->out.len - from);
  pkt_answer_failure(s, q, err);
  if (packets.len > 0 && !packets.failed) {
    s->out.len -= 2; /* the braces */
    pkt_buf_lit(&s->out, ",\"data\":");
    pkt_buf_add(&s->out, packets.data, packets.len);
    pkt_buf_lit(&s->out, "]}}");
  }
  pkt_buf_free(&packets);
}

void pkt_method_read_pcap(struct pkt_service *s, const struct request *q, struct arguments a) {
  struct pkt_err err = {0};
  size_t n;
  const uint8_t *bytes = pkt_read_base64(s, &a.at[0], "the capture", &n, &err);
  pkt_answer_begin(s, q);
  size_t from = s->out.len;
  pkt_buf_byte(&s->out, '[');
  if (bytes && append_capture(s, bytes, n, pkt_dialect_of(a), &err) == 0)
    pkt_buf_lit(&s->out, "]}");
  else
    fail_behind(s, q, from, &err);
}

/* ----------------------------------------------------------------------------------- writing */

/* The list's packets as a pcap file into 'file'. */
static int write_records(struct pkt_service *s, const struct pkt_value *list, struct pkt_buf *file,
                         struct pkt_err *err) {
  struct pkt_capture_writer w;
  char what[32];
  if (list->type != PKT_V_LIST)
    return pkt_fail(err, PKT_ERR_VALUE, "packets_base64 is %s, not an array", pkt_value_kind(list));
  if (list->len > MAX_PACKETS)
    return pkt_fail(err, PKT_ERR_LIMIT, "%u packets; at most %d are written", list->len,
                    MAX_PACKETS);
  if (pkt_capture_begin(&w, file, PKT_PCAP_US, PKT_LINK_ETHERNET, err) != 0) return -1;
  for (uint32_t i = 0; i < list->len; i++) {
    struct pkt_capture_record r = {.time = pkt_clock(CLOCK_REALTIME)};
    size_t n = 0;
    snprintf(what, sizeof what, "packet %u", i + 1);
    r.bytes = pkt_read_base64(s, &list->items[i], what, &n, err);
    r.len = (uint32_t)n; /* a message is shorter than 2^32 bytes */
    if (!r.bytes) return -1;
    if (pkt_capture_write(&w, &r, err) != 0) {
      pkt_err_prefix(err, ": ");
      pkt_err_prefix(err, what);
      return -1;
    }
  }
  return 0;
}

void pkt_method_write_pcap(struct pkt_service *s, const struct request *q, struct arguments a) {
  struct pkt_err err = {0};
  const struct pkt_value *list = &a.at[0];
  struct pkt_buf file = {.len = 0};
  if (write_records(s, list, &file, &err) == 0) {
    pkt_answer_begin(s, q);
    pkt_buf_byte(&s->out, '"');
    pkt_buf_base64(&s->out, (const uint8_t *)file.data, file.len);
    pkt_buf_lit(&s->out, "\"}");
  } else {
    pkt_answer_failure(s, q, &err);
  }
  pkt_buf_free(&file);
}
