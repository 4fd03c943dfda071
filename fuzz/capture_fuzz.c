/* capture_fuzz.c - any bytes read as a capture file: never a wrong access; chunks of any size read
** as the whole does; and what was read, written as pcapng, reads the same again. */
#include "../src/engine/capture.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that can be seen of a record, into 'out'; no addresses. */
static void note(struct pkt_buf *out, const struct pkt_capture_record *r) {
  require(r->len <= PKT_MAX_PACKET);
  pkt_buf_fmt(out, "%lld %u %u %d %u:", (long long)r->time, r->len, r->wire_len, r->cut,
              r->comment_len);
  pkt_buf_add(out, r->bytes, r->len);
  pkt_buf_add(out, r->comment, r->comment_len);
}

static bool fits_writer(const struct pkt_capture_record *r) {
  return r->time >= 0 && (r->wire_len == 0 || r->wire_len >= r->len);
}

/* Read 'data' in chunks of 'step' bytes; note all of it in 'seen', and what a writer takes in
** 'written'. */
static void read_all(const uint8_t *data, size_t size, size_t step, struct pkt_buf *seen,
                     struct pkt_capture_writer *written, struct pkt_buf *expected) {
  struct pkt_capture_reader r;
  struct pkt_capture_record record;
  struct pkt_err err = {.code = PKT_ERR_NONE};
  size_t at = 0;
  int got;
  pkt_capture_reader_init(&r);
  for (;;) {
    got = pkt_capture_next(&r, &record, &err);
    if (got < 0 || (got == 0 && r.finished)) break;
    if (got == 0 && at == size) pkt_capture_finish(&r);
    if (got == 0 && at < size) {
      size_t n = size - at < step ? size - at : step;
      pkt_capture_feed(&r, data + at, n);
      at += n;
    }
    if (got == 0) continue;
    note(seen, &record);
    if (!written || !fits_writer(&record)) continue;
    record.interface = 0;
    record.cut = false;
    if (record.wire_len == 0) record.wire_len = record.len;
    require(pkt_capture_write(written, &record, &err) == 0);
    note(expected, &record);
  }
  if (got < 0) pkt_buf_str(seen, err.message);
  require((got < 0) == (err.code != PKT_ERR_NONE));
  pkt_capture_reader_free(&r);
}

static bool same(const struct pkt_buf *a, const struct pkt_buf *b) {
  return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct pkt_buf whole = {.len = 0}, parts = {.len = 0}, file = {.len = 0}, expected = {.len = 0};
  struct pkt_capture_writer w;
  require(pkt_capture_begin(&w, &file, PKT_PCAPNG, 1, NULL) == 0);
  read_all(data, size, size ? size : 1, &whole, &w, &expected);
  read_all(data, size, 7, &parts, NULL, NULL);
  require(same(&whole, &parts));
  parts.len = 0;
  read_all((const uint8_t *)file.data, file.len, 1000, &parts, NULL, NULL);
  require(same(&expected, &parts));
  pkt_buf_free(&whole);
  pkt_buf_free(&parts);
  pkt_buf_free(&file);
  pkt_buf_free(&expected);
  return 0;
}
