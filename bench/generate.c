/* generate.c - how fast packets are made into a capture file: 64 bytes of Ether/IP/UDP with four
** counters and both checksums, by the field engine as 'luapkt generate' runs it, and by a plain C
** loop that makes the very same packets. Prints rates of CPU time; both write to the same folder.
**
** usage: generate [SECONDS [FOLDER [engine|plain]]] */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../src/engine/capture.h"
#include "../src/script/stream.h"
#include "../src/wire/bits.h"

#define FRAME 64
#define RECORD 16
#define CHUNK (256u << 10) /* bytes written at once */
#define FILE_BYTES (256u << 20)
#define SOURCES 65535 /* values of each counter */
#define TARGETS 256
#define PORTS 16384
#define IDS 65536

/* The counters as instructions; the payload is 22 bytes. */
static const char model[] =
    "{\"packet\":[{\"id\":\"Ether\"},{\"id\":\"IP\"},{\"id\":\"UDP\"},{\"id\":\"Raw\",\"fields\":"
    "[{\"id\":\"load\",\"value\":\"0123456789abcdefghijkl\"}]}],\"field_engine\":["
    "{\"type\":\"flow_var\",\"name\":\"src\",\"size\":4,\"op\":\"inc\",\"min_value\":167772161,"
    "\"max_value\":167837695,\"step\":1},"
    "{\"type\":\"flow_var\",\"name\":\"dst\",\"size\":4,\"op\":\"inc\",\"min_value\":805306368,"
    "\"max_value\":805310463,\"step\":16},"
    "{\"type\":\"flow_var\",\"name\":\"port\",\"size\":2,\"op\":\"inc\",\"min_value\":1024,"
    "\"max_value\":17407,\"step\":1},"
    "{\"type\":\"flow_var\",\"name\":\"id\",\"size\":2,\"op\":\"inc\",\"min_value\":0,"
    "\"max_value\":65535,\"step\":1},"
    "{\"type\":\"write_flow_var\",\"name\":\"src\",\"pkt_offset\":26},"
    "{\"type\":\"write_flow_var\",\"name\":\"dst\",\"pkt_offset\":30},"
    "{\"type\":\"write_flow_var\",\"name\":\"port\",\"pkt_offset\":34},"
    "{\"type\":\"write_flow_var\",\"name\":\"id\",\"pkt_offset\":18},"
    "{\"type\":\"fix_checksum_hw\",\"l2_len\":14,\"l3_len\":20,\"l4_type\":11}]}";

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what) {
  fprintf(stderr, "generate: %s\n", what);
  exit(1);
}

/* A file that begins anew when it is large: as a new file does, it takes memory while it grows. */
static struct {
  int fd;
  size_t len;
} out;

static void write_out(const void *bytes, size_t n) {
  if (write(out.fd, bytes, n) != (ssize_t)n) fail("the file can't be written");
  out.len += n;
  if (out.len < FILE_BYTES) return;
  out.len = 0;
  if (ftruncate(out.fd, 0) != 0 || lseek(out.fd, 0, SEEK_SET) != 0) fail("the file can't be cut");
}

/* ----------------------------------------------------------------------------- the field engine */

static double engine_rate(struct pkt_vm *vm, double seconds) {
  struct pkt_buf buf = {0};
  struct pkt_capture_writer writer;
  struct pkt_err err;
  uint64_t n = 0;
  if (pkt_capture_begin(&writer, &buf, PKT_PCAP_US, 1, &err) != 0) fail(err.message);
  double start = now(), end = start + seconds;
  while (now() < end) {
    while (buf.len < CHUNK) {
      uint32_t len;
      const uint8_t *bytes = pkt_vm_next(vm, &len);
      uint8_t *at = pkt_capture_put(&writer, (int64_t)n * 1000, len, &err);
      if (!at) fail(err.message);
      memcpy(at, bytes, len);
      n++;
    }
    write_out(buf.data, buf.len);
    buf.len = 0;
  }
  double rate = (double)n / (now() - start);
  pkt_buf_free(&buf);
  return rate;
}

/* ------------------------------------------------------------------------------ the plain loop */

struct plain {
  uint8_t frame[FRAME];        /* the fields that vary and the sums are 0 */
  uint64_t ip_sum, udp_sum;    /* over it, in memory order */
  uint32_t src, dst, port, id; /* counted from 0 */
};

static uint64_t sum_words(const uint8_t *p, size_t n) {
  uint64_t sum = 0;
  uint16_t w;
  for (; n > 1; p += 2, n -= 2) {
    memcpy(&w, p, 2);
    sum += w;
  }
  return sum;
}

static uint16_t fold(uint64_t sum) {
  sum = (sum >> 32) + (sum & 0xffffffff);
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  return (uint16_t)~sum;
}

static void start_plain(struct plain *p, const uint8_t *frame) {
  *p = (struct plain){.src = 0};
  memcpy(p->frame, frame, FRAME);
  memset(p->frame + 18, 0, 2);
  memset(p->frame + 24, 0, 12);
  memset(p->frame + 40, 0, 2);
  p->ip_sum = sum_words(p->frame + 14, 20);
  p->udp_sum =
      sum_words(p->frame + 34, FRAME - 34) + __builtin_bswap16(17) + __builtin_bswap16(FRAME - 34);
}

static inline uint32_t next(uint32_t at, uint32_t step, uint32_t range) {
  at += step;
  return at >= range ? at - range : at;
}

static inline void make_plain(struct plain *p, uint8_t *at) {
  uint32_t src = __builtin_bswap32(167772161 + p->src);
  uint32_t dst = __builtin_bswap32(805306368 + p->dst);
  uint16_t port = __builtin_bswap16((uint16_t)(1024 + p->port));
  uint16_t id = __builtin_bswap16((uint16_t)p->id);
  uint64_t addresses = (uint64_t)src + dst;
  uint16_t ip = fold(p->ip_sum + addresses + id), udp = fold(p->udp_sum + addresses + port);
  if (udp == 0) udp = 0xffff;
  memcpy(at, p->frame, FRAME);
  memcpy(at + 18, &id, 2);
  memcpy(at + 24, &ip, 2);
  memcpy(at + 26, &src, 4);
  memcpy(at + 30, &dst, 4);
  memcpy(at + 34, &port, 2);
  memcpy(at + 40, &udp, 2);
  p->src = next(p->src, 1, SOURCES);
  p->dst = next(p->dst, 16, TARGETS * 16);
  p->port = next(p->port, 1, PORTS);
  p->id = next(p->id, 1, IDS);
}

static double plain_rate(struct plain *p, double seconds) {
  static uint8_t chunk[CHUNK];
  uint64_t n = 0;
  double start = now(), end = start + seconds;
  while (now() < end) {
    uint8_t *at = chunk;
    for (; at + RECORD + FRAME <= chunk + CHUNK; at += RECORD + FRAME) {
      uint32_t head[4] = {(uint32_t)(n / 1000000), (uint32_t)(n % 1000000), FRAME, FRAME};
      memcpy(at, head, RECORD);
      make_plain(p, at + RECORD);
      n++;
    }
    write_out(chunk, (size_t)(at - chunk));
  }
  return (double)n / (now() - start);
}

/* The two make the same packets, also after all counters have gone around. */
static void compare(struct pkt_vm *vm, struct plain *p) {
  uint8_t frame[FRAME];
  for (int i = 0; i < 200000; i++) {
    uint32_t len;
    const uint8_t *bytes = pkt_vm_next(vm, &len);
    make_plain(p, frame);
    if (len != FRAME || memcmp(bytes, frame, FRAME) != 0) fail("the packets differ");
  }
}

static void print_rate(const char *part, double rate) {
  printf("  %-8s %11.0f/s  %7.1f ns\n", part, rate, 1e9 / rate);
}

int main(int argc, char **argv) {
  double seconds = argc > 1 ? atof(argv[1]) : 1;
  const char *folder = argc > 2 ? argv[2] : "/dev/shm", *part = argc > 3 ? argv[3] : NULL;
  struct pkt_service_options options = {.seed = 1};
  struct pkt_stream stream;
  struct pkt_err err = {0};
  struct plain plain;
  uint32_t len;
  struct pkt_service *s = pkt_service_open(&options, &err);
  if (!s || pkt_service_stream(s, model, strlen(model), 1, &stream, &err) != 0) fail(err.message);
  start_plain(&plain, pkt_vm_next(stream.vm, &len));
  pkt_vm_seek(stream.vm, 0);
  compare(stream.vm, &plain);
  out.fd = open(folder, O_TMPFILE | O_RDWR, 0600);
  if (out.fd < 0) fail("there can't be a file in that folder");
  if (!part || strcmp(part, "engine") == 0) print_rate("engine", engine_rate(stream.vm, seconds));
  if (!part || strcmp(part, "plain") == 0) print_rate("plain", plain_rate(&plain, seconds));
  close(out.fd);
  pkt_service_close(s);
  return 0;
}
