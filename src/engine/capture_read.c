/* capture_read.c - pcap and pcapng read: a row of steps, each of which needs some bytes in one
** piece and says what comes next. */
#include "capture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "capture_blocks.h"

enum state {
  MAGIC,         /* the first four bytes of the file */
  PCAP_HEAD,     /* the rest of a pcap file's header */
  RECORD,        /* a pcap record's header */
  RECORD_LONGER, /* the same, of the longer kind */
  RECORD_BYTES,
  BLOCK,   /* type and length of a pcapng block */
  SECTION, /* the byte order of a section */
  BODY,    /* a block's rest, its length again included */
  TAIL,    /* the length at the end of a block that was passed over */
  FAILED,
};

static const uint8_t none[1]; /* where no bytes are */

#define LINE 64u    /* bytes of a line of the cache */
#define AHEAD 1024u /* how far ahead bytes are prefetched */

#define AT "byte %" PRIu64 ": "

static uint32_t get16(const struct pkt_capture_reader *r, const uint8_t *p) {
  uint16_t v;
  memcpy(&v, p, 2);
  return r->swap ? __builtin_bswap16(v) : v;
}

static uint32_t get32(const struct pkt_capture_reader *r, const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return r->swap ? __builtin_bswap32(v) : v;
}

static uint64_t get64(const struct pkt_capture_reader *r, const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return r->swap ? __builtin_bswap64(v) : v;
}

static int go(struct pkt_capture_reader *r, enum state state, uint32_t want) {
  r->state = (uint8_t)state;
  r->want = want;
  return 0;
}

/* On to the next record or block, which begins here. */
static int go_anew(struct pkt_capture_reader *r, enum state state, uint32_t want) {
  r->start = r->at;
  return go(r, state, want);
}

/* -------------------------------------------------------------------------------------- times */

static uint64_t power_of_10(unsigned n) {
  uint64_t v = 1;
  while (n-- > 0) v *= 10;
  return v;
}

/* Nanoseconds from units of time since 1970, as far as 64 bits reach. */
static int64_t time_of(const struct pkt_capture_iface *iface, uint64_t units) {
  unsigned n = iface->resolution & 0x7f;
  unsigned __int128 ns = units;
  if (iface->resolution & 0x80)
    ns = ns * 1000000000 >> n;
  else if (n <= 9)
    ns *= power_of_10(9 - n);
  else
    ns = n - 9 <= 19 ? ns / power_of_10(n - 9) : 0;
  __int128 t = (__int128)ns + (__int128)iface->offset * 1000000000;
  if (t > INT64_MAX) return INT64_MAX;
  return t < INT64_MIN ? INT64_MIN : (int64_t)t;
}

/* --------------------------------------------------------------------------------------- pcap */

static int add_iface(struct pkt_capture_reader *r, const struct pkt_capture_iface *iface) {
  if (r->iface_len == PKT_MAX_INTERFACES)
    return pkt_fail(&r->err, PKT_ERR_LIMIT, AT "more than %d interfaces in one section", r->start,
                    PKT_MAX_INTERFACES);
  if (r->iface_len == r->iface_cap) {
    uint32_t cap = r->iface_cap ? r->iface_cap * 2 : 4;
    struct pkt_capture_iface *more = realloc(r->ifaces, cap * sizeof *more);
    if (!more) return pkt_fail(&r->err, PKT_ERR_MEMORY, "out of memory");
    r->ifaces = more;
    r->iface_cap = cap;
  }
  r->ifaces[r->iface_len++] = *iface;
  return 0;
}

static enum state record_state(const struct pkt_capture_reader *r) {
  return r->block == PCAP_MAGIC_MODIFIED ? RECORD_LONGER : RECORD;
}

static int next_record(struct pkt_capture_reader *r) {
  enum state state = record_state(r);
  return go_anew(r, state, state == RECORD ? PCAP_RECORD : PCAP_RECORD_MODIFIED);
}

static bool is_pcap_magic(uint32_t v) {
  return v == PCAP_MAGIC_US || v == PCAP_MAGIC_NS || v == PCAP_MAGIC_MODIFIED;
}

static int read_magic(struct pkt_capture_reader *r, const uint8_t *p) {
  uint32_t magic = get32(r, p);
  if (magic == BLOCK_SECTION) {
    r->block = BLOCK_SECTION;
    return go(r, SECTION, 8);
  }
  r->swap = !is_pcap_magic(magic);
  r->block = get32(r, p);
  if (is_pcap_magic(r->block)) return go(r, PCAP_HEAD, PCAP_HEADER - 4);
  bool gzip = p[0] == 0x1f && p[1] == 0x8b; /* RFC 1952 section 2.3.1 */
  return pkt_fail(&r->err, PKT_ERR_MALFORMED,
                  AT "%02x%02x%02x%02x begins neither a pcap nor a pcapng file%s", r->start, p[0],
                  p[1], p[2], p[3], gzip ? ": unpack it first, as zcat does" : "");
}

/* From the version on. Versions before 2.4 and a mistaken 543 had the two lengths of a record in
** either order. The link type's upper bits say how many 16-bit words of frame check sequence every
** packet has (draft-ietf-opsawg-pcap section 4). */
static int read_pcap_head(struct pkt_capture_reader *r, const uint8_t *p) {
  uint32_t major = get16(r, p), minor = get16(r, p + 2), link = get32(r, p + 16);
  struct pkt_capture_iface iface = {.link = (uint16_t)link};
  iface.resolution = r->block == PCAP_MAGIC_NS ? 9 : 6;
  if (link & 0x04000000) iface.fcs_len = (uint8_t)((link >> 28) * 2);
  r->old = major == 543 || (major == 2 && minor < 4);
  r->begun = r->pcap = true;
  if (add_iface(r, &iface) != 0) return -1;
  return next_record(r);
}

static int check_len(struct pkt_capture_reader *r, uint32_t len) {
  if (len <= PKT_MAX_PACKET) return 0;
  return pkt_fail(&r->err, PKT_ERR_LIMIT,
                  AT "a packet of %" PRIu32 " bytes, it says; at most %d are taken", r->start, len,
                  PKT_MAX_PACKET);
}

static int read_record(struct pkt_capture_reader *r, const uint8_t *p) {
  const struct pkt_capture_iface *iface = &r->ifaces[0];
  uint64_t unit = r->block == PCAP_MAGIC_NS ? 1 : 1000;
  uint32_t len = get32(r, p + 8), wire_len = get32(r, p + 12);
  if (r->old && len > wire_len) {
    uint32_t other = len;
    len = wire_len;
    wire_len = other;
  }
  r->record = (struct pkt_capture_record){
      .time = (int64_t)(get32(r, p) * UINT64_C(1000000000) + get32(r, p + 4) * unit),
      .len = len,
      .wire_len = wire_len,
      .link = iface->link,
      .fcs_len = iface->fcs_len,
  };
  return go(r, RECORD_BYTES, len <= PKT_MAX_PACKET ? len : PKT_MAX_PACKET + 1);
}

/* A packet that is too long is refused only here, not when its header is read: if the file ends
** before that, the length was wrong or the rest has yet to be written, and the bytes that are
** there count. */
static int read_record_bytes(struct pkt_capture_reader *r, const uint8_t *p) {
  if (check_len(r, r->record.len) != 0) return -1;
  r->record.bytes = p;
  next_record(r);
  return 1;
}

/* ------------------------------------------------------------------------------------- pcapng */

struct option {
  uint32_t code, len;
  const uint8_t *value;
};

/* The option at *p, which goes on to the next. Returns 1; 0: they end here; -1: it goes beyond the
** block. */
static int next_option(struct pkt_capture_reader *r, const uint8_t **p, const uint8_t *end,
                       struct option *o) {
  if (end - *p < 4) return 0;
  *o = (struct option){get16(r, *p), get16(r, *p + 2), *p + 4};
  if (o->code == OPTION_END) return 0;
  if (PADDED(o->len) > (size_t)(end - o->value))
    return pkt_fail(&r->err, PKT_ERR_MALFORMED,
                    AT "option %" PRIu32 " of %" PRIu32 " bytes goes beyond its block", r->start,
                    o->code, o->len);
  *p = o->value + PADDED(o->len);
  return 1;
}

/* if_fcslen was in bytes at first, then in bits. */
static uint8_t fcs_bytes(uint8_t said) { return said > 8 ? said / 8 : said; }

static int read_interface(struct pkt_capture_reader *r, const uint8_t *p, const uint8_t *end) {
  struct pkt_capture_iface iface = {.resolution = 6};
  struct option o;
  int more;
  if (end - p < 8)
    return pkt_fail(&r->err, PKT_ERR_MALFORMED, AT "an interface block of %" PRIu32 " bytes",
                    r->start, r->length);
  iface.link = (uint16_t)get16(r, p);
  iface.snap = get32(r, p + 4);
  for (p += 8; (more = next_option(r, &p, end, &o)) > 0;) {
    if (o.code == OPTION_TSRESOL && o.len == 1) iface.resolution = o.value[0];
    if (o.code == OPTION_FCSLEN && o.len == 1) iface.fcs_len = fcs_bytes(o.value[0]);
    if (o.code == OPTION_TSOFFSET && o.len == 8) iface.offset = (int64_t)get64(r, o.value);
  }
  return more < 0 ? -1 : add_iface(r, &iface);
}

/* One more comment (section 3.5: there may be several) for the record. */
static int add_comment(struct pkt_capture_reader *r, struct pkt_capture_record *record,
                       const struct option *o) {
  struct pkt_buf *all = &r->comments;
  if (!record->comment) {
    record->comment = (const char *)o->value;
    record->comment_len = o->len;
    return 0;
  }
  if (record->comment_len + 1 + o->len > UINT16_MAX) return 0;
  if (record->comment != all->data) {
    all->len = 0;
    pkt_buf_add(all, record->comment, record->comment_len);
  }
  pkt_buf_byte(all, '\n');
  pkt_buf_add(all, o->value, o->len);
  if (all->failed) return pkt_fail(&r->err, PKT_ERR_MEMORY, "out of memory");
  record->comment = all->data;
  record->comment_len = (uint32_t)all->len;
  return 0;
}

static int read_packet_options(struct pkt_capture_reader *r, struct pkt_capture_record *record,
                               const uint8_t *p, const uint8_t *end) {
  struct option o;
  int more;
  while ((more = next_option(r, &p, end, &o)) > 0) {
    if (o.code == OPTION_FLAGS && o.len == 4 && (get32(r, o.value) >> 5 & 15) != 0)
      record->fcs_len = get32(r, o.value) >> 5 & 15;
    if (o.code == OPTION_COMMENT && add_comment(r, record, &o) != 0) return -1;
  }
  return more < 0 ? -1 : 1;
}

/* The interface that a packet block names, into the record. */
static const struct pkt_capture_iface *set_interface(struct pkt_capture_reader *r,
                                                     struct pkt_capture_record *record,
                                                     uint32_t number) {
  if (number >= r->iface_len) {
    pkt_fail(&r->err, PKT_ERR_MALFORMED,
             AT "a packet of interface %" PRIu32 "; %" PRIu32 " are described before it", r->start,
             number, r->iface_len);
    return NULL;
  }
  const struct pkt_capture_iface *iface = &r->ifaces[number];
  *record = (struct pkt_capture_record){
      .interface = number, .link = iface->link, .fcs_len = iface->fcs_len};
  return iface;
}

/* Enhanced and obsolete packet blocks, which differ in the first word. */
static int read_packet(struct pkt_capture_reader *r, const uint8_t *p, const uint8_t *end,
                       struct pkt_capture_record *record) {
  if (end - p < 20)
    return pkt_fail(&r->err, PKT_ERR_MALFORMED, AT "a packet block of %" PRIu32 " bytes", r->start,
                    r->length);
  uint32_t number = r->block == BLOCK_ENHANCED ? get32(r, p) : get16(r, p), len = get32(r, p + 12);
  const struct pkt_capture_iface *iface = set_interface(r, record, number);
  if (!iface || check_len(r, len) != 0) return -1;
  size_t room = (size_t)(end - p) - 20;
  if (len > room)
    return pkt_fail(&r->err, PKT_ERR_MALFORMED,
                    AT "a packet of %" PRIu32 " bytes in a block with room for %zu", r->start, len,
                    room);
  record->time = time_of(iface, (uint64_t)get32(r, p + 4) << 32 | get32(r, p + 8));
  record->wire_len = get32(r, p + 16);
  record->bytes = p + 20;
  record->len = len;
  return PADDED(len) < room ? read_packet_options(r, record, p + 20 + PADDED(len), end) : 1;
}

/* A simple packet block, of the first interface. */
static int read_simple(struct pkt_capture_reader *r, const uint8_t *p, const uint8_t *end,
                       struct pkt_capture_record *record) {
  if (end - p < 4)
    return pkt_fail(&r->err, PKT_ERR_MALFORMED, AT "a packet block of %" PRIu32 " bytes", r->start,
                    r->length);
  const struct pkt_capture_iface *iface = set_interface(r, record, 0);
  if (!iface) return -1;
  uint32_t wire_len = get32(r, p), room = (uint32_t)(end - p) - 4;
  uint32_t len = iface->snap && iface->snap < wire_len ? iface->snap : wire_len;
  if (len > room) len = room;
  if (check_len(r, len) != 0) return -1;
  record->wire_len = wire_len;
  record->bytes = p + 4;
  record->len = len;
  return 1;
}

static int next_block(struct pkt_capture_reader *r) { return go_anew(r, BLOCK, 8); }

static bool is_taken(uint32_t block) {
  return block == BLOCK_INTERFACE || block == BLOCK_PACKET || block == BLOCK_SIMPLE ||
         block == BLOCK_ENHANCED || block == BLOCK_SECTION;
}

/* The length of a block whose first 'head' bytes are read: on to the rest. */
static int begin_block(struct pkt_capture_reader *r, uint32_t length, uint32_t head) {
  r->length = length;
  if (length < head + 4 || length % 4 != 0)
    return pkt_fail(&r->err, PKT_ERR_MALFORMED,
                    AT "a block of type %" PRIu32 " and %" PRIu32 " bytes: at least %" PRIu32
                       ", a multiple of 4, were expected",
                    r->start, r->block, length, head + 4);
  if (!is_taken(r->block)) {
    r->skip = length - head - 4;
    return go(r, TAIL, 4);
  }
  if (length > PKT_MAX_BLOCK)
    return pkt_fail(&r->err, PKT_ERR_LIMIT,
                    AT "a block of %" PRIu32 " bytes, it says; at most %d are taken", r->start,
                    length, PKT_MAX_BLOCK);
  return go(r, BODY, length - head);
}

static int read_block(struct pkt_capture_reader *r, const uint8_t *p) {
  r->block = get32(r, p);
  if (r->block != BLOCK_SECTION) return begin_block(r, get32(r, p + 4), 8);
  memcpy(&r->length, p + 4, 4); /* in whatever byte order the section is going to have */
  return go(r, SECTION, 4);
}

/* The byte order of a section; of the first one, its length as well. */
static int read_section(struct pkt_capture_reader *r, const uint8_t *p) {
  if (r->want == 8) memcpy(&r->length, p, 4);
  const uint8_t *magic = p + r->want - 4;
  r->swap = false;
  r->swap = get32(r, magic) != SECTION_MAGIC;
  if (get32(r, magic) != SECTION_MAGIC)
    return pkt_fail(&r->err, PKT_ERR_MALFORMED,
                    AT "a section whose byte order is %02x%02x%02x%02x: 1a2b3c4d or 4d3c2b1a were "
                       "expected",
                    r->start, magic[0], magic[1], magic[2], magic[3]);
  r->iface_len = 0;
  return begin_block(r, r->swap ? __builtin_bswap32(r->length) : r->length, 12);
}

static int check_section(struct pkt_capture_reader *r, const uint8_t *p, const uint8_t *end) {
  uint32_t major = end - p < 4 ? 0 : get16(r, p);
  r->begun = true;
  if (major == 1) return 0;
  return pkt_fail(&r->err, PKT_ERR_MALFORMED, AT "a section of version %" PRIu32 "; 1 is known",
                  r->start, major);
}

static int check_tail(struct pkt_capture_reader *r, const uint8_t *p) {
  uint32_t length = get32(r, p);
  if (length == r->length) return 0;
  return pkt_fail(&r->err, PKT_ERR_MALFORMED,
                  AT "a block of %" PRIu32 " bytes that says at its end that it has %" PRIu32,
                  r->start, r->length, length);
}

static int read_body(struct pkt_capture_reader *r, const uint8_t *p,
                     struct pkt_capture_record *record) {
  const uint8_t *end = p + r->want - 4;
  int got;
  if (check_tail(r, end) != 0) return -1;
  if (r->block == BLOCK_SECTION)
    got = check_section(r, p, end);
  else if (r->block == BLOCK_INTERFACE)
    got = read_interface(r, p, end);
  else if (r->block == BLOCK_SIMPLE)
    got = read_simple(r, p, end, record);
  else
    got = read_packet(r, p, end, record);
  next_block(r);
  return got;
}

static int read_tail(struct pkt_capture_reader *r, const uint8_t *p) {
  return check_tail(r, p) == 0 ? next_block(r) : -1;
}

/* ------------------------------------------------------------------------------------ the file */

void pkt_capture_reader_init(struct pkt_capture_reader *r) {
  *r = (struct pkt_capture_reader){0};
  go(r, MAGIC, 4);
}

void pkt_capture_reader_free(struct pkt_capture_reader *r) {
  pkt_buf_free(&r->held);
  pkt_buf_free(&r->comments);
  free(r->ifaces);
  *r = (struct pkt_capture_reader){.state = FAILED};
}

void pkt_capture_feed(struct pkt_capture_reader *r, const void *bytes, size_t n) {
  r->chunk = bytes;
  r->left = n;
}

void pkt_capture_finish(struct pkt_capture_reader *r) { r->finished = true; }

uint64_t pkt_capture_wants(const struct pkt_capture_reader *r) {
  return r->skip > 0 ? r->skip : r->want - r->held.len;
}

void pkt_capture_break(struct pkt_capture_reader *r, const char *why) {
  pkt_fail(&r->err, PKT_ERR_SYSTEM, AT "the file can't be read: %s", r->at, why);
  r->state = FAILED;
}

static void advance(struct pkt_capture_reader *r, size_t n) {
  r->chunk += n;
  r->left -= n;
  r->at += n;
}

/* Pass over what is to be passed over. False when the chunk ends before that. */
static bool skip_bytes(struct pkt_capture_reader *r) {
  size_t n = r->skip < r->left ? (size_t)r->skip : r->left;
  if (n == 0) return r->skip == 0;
  advance(r, n);
  r->skip -= n;
  return r->skip == 0;
}

/* The next 'want' bytes in one piece: from the chunk, or gathered where it ended amid them. False
** when there are too few. */
static bool take(struct pkt_capture_reader *r, const uint8_t **p) {
  size_t n = r->want - r->held.len;
  *p = r->chunk ? r->chunk : none;
  if (r->held.len == 0 && r->left >= n) {
    if (n > 0) advance(r, n);
    return true;
  }
  if (n > r->left) n = r->left;
  pkt_buf_add(&r->held, r->chunk, n);
  if (n > 0) advance(r, n);
  if (r->held.len < r->want) return false;
  *p = (const uint8_t *)r->held.data;
  r->held.len = 0;
  return true;
}

/* One step with the bytes it wanted: 1: *out is a packet; 0: go on; -1: r->err says why not. */
static int step(struct pkt_capture_reader *r, const uint8_t *p, struct pkt_capture_record *out) {
  int got;
  switch ((enum state)r->state) {
    case MAGIC: return read_magic(r, p);
    case PCAP_HEAD: return read_pcap_head(r, p);
    case RECORD:
    case RECORD_LONGER: return read_record(r, p);
    case RECORD_BYTES:
      got = read_record_bytes(r, p);
      *out = r->record;
      return got;
    case BLOCK: return read_block(r, p);
    case SECTION: return read_section(r, p);
    case BODY: return read_body(r, p, out);
    case TAIL: return read_tail(r, p);
    case FAILED: break;
  }
  return -1;
}

static const char *part_name(enum state state) {
  if (state == MAGIC || state == PCAP_HEAD || state == SECTION) return "the head of the capture";
  return state == RECORD || state == RECORD_LONGER ? "the head of a packet" : "a block";
}

static void fail_truncated(struct pkt_capture_reader *r) {
  if (r->state == RECORD_BYTES)
    pkt_fail(&r->err, PKT_ERR_TRUNCATED,
             AT "the file ends within a packet of %" PRIu32 " bytes that begins at byte %" PRIu64,
             r->at, r->record.len, r->start);
  else
    pkt_fail(&r->err, PKT_ERR_TRUNCATED, AT "the file ends within %s that begins at byte %" PRIu64,
             r->at, part_name((enum state)r->state), r->start);
}

/* Hand out what there is of the pcap record within which the file ends. */
static int cut_packet(struct pkt_capture_reader *r, struct pkt_capture_record *out) {
  if (r->state != RECORD_BYTES) return -1;
  *out = r->record;
  out->bytes = r->held.len ? (const uint8_t *)r->held.data : none;
  out->len = (uint32_t)r->held.len;
  out->cut = true;
  return 1;
}

/* There are too few bytes for the next step: more are needed, or this is the file's end, or it
** ends early. */
static int at_end(struct pkt_capture_reader *r, struct pkt_capture_record *out) {
  if (r->held.failed) return pkt_fail(&r->err, PKT_ERR_MEMORY, "out of memory");
  if (!r->finished) return 0;
  if (r->at == r->start && r->begun) return 0;
  if (r->at == 0)
    return pkt_fail(&r->err, PKT_ERR_TRUNCATED, AT "an empty file is no capture", r->at);
  fail_truncated(r);
  int got = cut_packet(r, out);
  r->state = FAILED;
  return got;
}

/* Prefetch bytes some distance ahead, as many as were just consumed, so that each cache line is
** requested once and arrives in time. Addresses beyond the chunk do no harm. */
static void prefetch(const struct pkt_capture_reader *r, uint64_t passed) {
  size_t at = passed < AHEAD ? (size_t)(AHEAD - passed) : 0;
  for (; at < AHEAD; at += LINE) __builtin_prefetch(r->chunk + at);
}

static int read_next(struct pkt_capture_reader *r, struct pkt_capture_record *out) {
  const uint8_t *p;
  uint64_t before = r->at;
  int got = 0;
  while (got == 0) {
    if (r->state == FAILED) return -1;
    if (!skip_bytes(r) || !take(r, &p)) return at_end(r, out);
    got = step(r, p, out);
  }
  if (got > 0) prefetch(r, r->at - before);
  return got;
}

int pkt_capture_next(struct pkt_capture_reader *r, struct pkt_capture_record *out,
                     struct pkt_err *err) {
  int got = read_next(r, out);
  if (got < 0) {
    r->state = FAILED;
    if (err) *err = r->err;
  }
  return got;
}
