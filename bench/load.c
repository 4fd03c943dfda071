/* load.c - a closed loop of requests: WINDOW of them are always in flight.
**
** usage: load ENDPOINT REQUESTFILE WINDOW SECONDS
**
** One DEALER socket. Prints one line: requests per second, the median and 99th percentile of the
** latency in microseconds, the size of the last reply, how many replies were JSON-RPC errors. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#define MAX_WINDOW 4096
#define STALL_MS 5000 /* no reply for so long: something is lost, the figures are worth nothing */
#define ERROR_WITHIN 256 /* an error reply says so in its first bytes */
#define WARM_UP 10       /* a tenth of the time isn't counted */

struct load {
  void *socket;
  char *request;
  size_t size;
  uint64_t sent[MAX_WINDOW]; /* when, in ns; a ring, as replies come in order of requests */
  uint64_t next, answered;   /* requests and replies so far */
  uint32_t *latency;         /* of each counted reply, in ns */
  size_t count, room;
  size_t errors, reply_bytes;
};

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int fail(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, zmq_strerror(errno));
  return 1;
}

/* The file's bytes without the line feeds at its end. */
static char *read_request(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (f == NULL) return NULL;
  char *text = NULL;
  size_t room = 0;
  ssize_t n = getdelim(&text, &room, EOF, f);
  fclose(f);
  while (n > 0 && text[n - 1] == '\n') n--;
  *size = n > 0 ? (size_t)n : 0;
  return text;
}

static int send_one(struct load *l) {
  if (zmq_send(l->socket, "", 0, ZMQ_SNDMORE) < 0) return -1;
  if (zmq_send(l->socket, l->request, l->size, 0) < 0) return -1;
  l->sent[l->next++ % MAX_WINDOW] = now_ns();
  return 0;
}

static bool is_error(const char *reply, size_t size) {
  size_t n = size < ERROR_WITHIN ? size : ERROR_WITHIN;
  return memmem(reply, n, "\"error\"", 7) != NULL && memmem(reply, n, "\"code\"", 6) != NULL;
}

static int count_reply(struct load *l, zmq_msg_t *m, uint64_t latency) {
  if (l->count == l->room) {
    size_t room = l->room == 0 ? 1u << 20 : l->room * 2;
    uint32_t *bigger = realloc(l->latency, room * sizeof *bigger);
    if (bigger == NULL) return -1;
    l->latency = bigger;
    l->room = room;
  }
  l->latency[l->count++] = latency < UINT32_MAX ? (uint32_t)latency : UINT32_MAX;
  l->reply_bytes = zmq_msg_size(m);
  l->errors += is_error(zmq_msg_data(m), l->reply_bytes);
  return 0;
}

/* Receive the delimiter and the reply. */
static int recv_one(struct load *l, bool counted) {
  zmq_msg_t m;
  zmq_msg_init(&m);
  int rc;
  do rc = zmq_msg_recv(&m, l->socket, 0);
  while (rc >= 0 && zmq_msg_more(&m));
  uint64_t latency = now_ns() - l->sent[l->answered++ % MAX_WINDOW];
  if (rc >= 0 && counted) rc = count_reply(l, &m, latency);
  zmq_msg_close(&m);
  return rc < 0 ? -1 : 0;
}

/* Returns the seconds that were counted, or -1. */
static double run(struct load *l, int window, double seconds) {
  uint64_t total = (uint64_t)(seconds * 1e9);
  uint64_t start = now_ns(), from = start + total / WARM_UP, end = start + total, at = start;
  for (int i = 0; i < window; i++)
    if (send_one(l) != 0) return -1;
  while (at < end) {
    if (recv_one(l, at >= from) != 0 || send_one(l) != 0) return -1;
    at = now_ns();
  }
  return (double)(at - from) / 1e9;
}

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static double percentile(const struct load *l, double part) {
  if (l->count == 0) return 0;
  return l->latency[(size_t)(part * (double)(l->count - 1))] / 1e3;
}

static void report(struct load *l, double seconds) {
  if (l->count > 0) qsort(l->latency, l->count, sizeof l->latency[0], compare);
  printf("rps %.0f p50_us %.1f p99_us %.1f reply_bytes %zu errors %zu\n",
         (double)l->count / seconds, percentile(l, 0.5), percentile(l, 0.99), l->reply_bytes,
         l->errors);
}

static int connect_to(struct load *l, const char *endpoint) {
  int none = 0, stall = STALL_MS, window = MAX_WINDOW * 4;
  void *context = zmq_ctx_new();
  l->socket = context != NULL ? zmq_socket(context, ZMQ_DEALER) : NULL;
  if (l->socket == NULL) return -1;
  zmq_setsockopt(l->socket, ZMQ_LINGER, &none, sizeof none);
  zmq_setsockopt(l->socket, ZMQ_RCVTIMEO, &stall, sizeof stall);
  zmq_setsockopt(l->socket, ZMQ_SNDHWM, &window, sizeof window);
  zmq_setsockopt(l->socket, ZMQ_RCVHWM, &window, sizeof window);
  return zmq_connect(l->socket, endpoint);
}

int main(int argc, char **argv) {
  static struct load l;
  int window = argc == 5 ? atoi(argv[3]) : 0;
  double seconds = argc == 5 ? atof(argv[4]) : 0;
  if (window < 1 || window > MAX_WINDOW || seconds <= 0) {
    fprintf(stderr, "usage: load ENDPOINT REQUESTFILE WINDOW SECONDS (window 1 to %d)\n",
            MAX_WINDOW);
    return 2;
  }
  l.request = read_request(argv[2], &l.size);
  if (l.request == NULL) {
    perror(argv[2]);
    return 1;
  }
  if (connect_to(&l, argv[1]) != 0) return fail(argv[1]);
  double counted = run(&l, window, seconds);
  if (counted < 0) return fail("no reply");
  report(&l, counted);
  return 0;
}
