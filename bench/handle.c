/* handle.c - what a request costs without sockets: pkt_service_handle() in a loop on one core.
**
** usage: handle SECONDS REQUESTFILE...
**
** Prints a line for each request: nanoseconds, requests per second, bytes of its reply. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../src/script/service.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "handle: %s: %s\n", what, why);
  exit(1);
}

static char *read_file(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f) fail(path, "can't be read");
  char *text = NULL;
  size_t room = 0;
  ssize_t n = getdelim(&text, &room, EOF, f);
  fclose(f);
  if (n <= 0) fail(path, "is empty");
  *size = (size_t)n;
  return text;
}

static size_t handle(struct pkt_service *s, const char *request, size_t len) {
  struct pkt_reply reply;
  pkt_service_handle(s, request, len, false, &reply);
  if (reply.release) reply.release((void *)(uintptr_t)reply.data, reply.hint);
  return reply.len;
}

/* Ask once, and see that it is no error: what is measured is the request's own work. */
static size_t first_reply(struct pkt_service *s, const char *path, const char *request,
                          size_t len) {
  struct pkt_reply reply;
  pkt_service_handle(s, request, len, false, &reply);
  if (memmem(reply.data, reply.len < 64 ? reply.len : 64, "\"error\"", 7))
    fail(path, strndup(reply.data, reply.len));
  if (reply.release) reply.release((void *)(uintptr_t)reply.data, reply.hint);
  return reply.len;
}

static double nanoseconds(struct pkt_service *s, const char *request, size_t len, double seconds) {
  uint64_t n = 0;
  double start = now(), end = start + seconds, at = start;
  for (; (n & 63) != 0 || (at = now()) < end; n++) handle(s, request, len);
  return (at - start) / (double)n * 1e9;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: handle SECONDS REQUESTFILE...\n");
    return 2;
  }
  struct pkt_service_options options = {.seed = 1};
  struct pkt_err err = {0};
  struct pkt_service *s = pkt_service_open(&options, &err);
  if (!s) fail("no service", err.message);
  for (int i = 2; i < argc; i++) {
    size_t len;
    char *request = read_file(argv[i], &len);
    size_t reply = first_reply(s, argv[i], request, len);
    double ns = nanoseconds(s, request, len, atof(argv[1]));
    const char *slash = strrchr(argv[i], '/');
    printf("  %-24s %9.0f ns  %9.0f/s  %6zu bytes\n", slash ? slash + 1 : argv[i], ns, 1e9 / ns,
           reply);
    free(request);
  }
  pkt_service_close(s);
  return 0;
}
