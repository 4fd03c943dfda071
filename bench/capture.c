/* capture.c - packets of a capture file read into slots: every field of every layer.
**
** usage: capture FILE [RUNS]
**
** The file lies in memory. Prints a line: packets, and the median of RUNS rates, for packets read
** as the daemon does, and as extra protocols, too. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../src/engine/capture.h"
#include "../src/engine/dissect.h"
#include "../src/engine/pages.h"
#include "../src/script/service.h"

#define MAX_RUNS 100

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *why) {
  fprintf(stderr, "capture: %s\n", why);
  exit(1);
}

/* The file's bytes, in huge pages where there are any, as the plain C loop has them that this is
** compared with. */
static char *read_file(struct pkt_pages *pages, const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f || fseek(f, 0, SEEK_END) != 0) fail("no such file");
  long n = ftell(f);
  rewind(f);
  char *bytes = n > 0 ? pkt_pages_map(pages, (size_t)n, (size_t)n) : NULL;
  if (!bytes) fail("out of memory");
  *size = fread(bytes, 1, (size_t)n, f);
  fclose(f);
  return bytes;
}

/* Read all packets; returns how many there are. */
static uint64_t walk(const struct pkt_registry *r, const char *bytes, size_t n,
                     enum pkt_reach reach) {
  struct pkt_capture_reader reader;
  struct pkt_capture_record record;
  struct pkt_arena arena;
  struct pkt_err err;
  uint64_t count = 0;
  pkt_arena_init(&arena, 0);
  pkt_capture_reader_init(&reader);
  pkt_capture_feed(&reader, bytes, n);
  pkt_capture_finish(&reader);
  int got;
  for (; (got = pkt_capture_next(&reader, &record, &err)) > 0; count++) {
    const struct pkt_plan *plan = pkt_dissect_link(r, record.link, record.bytes, record.len);
    pkt_arena_reset(&arena);
    if (!pkt_dissect(&arena, plan, record.bytes, record.len, reach, &err)) fail(err.message);
  }
  if (got < 0) fail(err.message);
  pkt_capture_reader_free(&reader);
  pkt_arena_free(&arena);
  return count;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The median rate of so many runs. */
static double rate(const struct pkt_registry *r, const char *bytes, size_t n, int runs,
                   enum pkt_reach reach) {
  double rates[MAX_RUNS];
  for (int i = 0; i < runs; i++) {
    double start = now();
    uint64_t count = walk(r, bytes, n, reach);
    rates[i] = (double)count / (now() - start);
  }
  qsort(rates, (size_t)runs, sizeof *rates, by_size);
  return rates[runs / 2];
}

int main(int argc, char **argv) {
  struct pkt_service_options options = {.seed = 1};
  struct pkt_err err = {0};
  struct pkt_pages pages;
  size_t size = 0;
  int runs = argc > 2 ? atoi(argv[2]) : 7;
  if (argc < 2 || runs < 1 || runs > MAX_RUNS) fail("usage: capture FILE [RUNS]");
  char *bytes = read_file(&pages, argv[1], &size);
  struct pkt_service *s = pkt_service_open(&options, &err);
  if (!s) fail(err.message);
  const struct pkt_registry *r = pkt_service_registry(s);
  printf("packets %llu ", (unsigned long long)walk(r, bytes, size, PKT_REACH_USUAL));
  printf("usual_pps %.0f ", rate(r, bytes, size, runs, PKT_REACH_USUAL));
  printf("all_pps %.0f\n", rate(r, bytes, size, runs, PKT_REACH_ALL));
  pkt_service_close(s);
  pkt_pages_unmap(&pages);
  return 0;
}
