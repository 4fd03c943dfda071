/* start.c - how long a server takes from being started to its first answer, and its memory then.
**
** usage: start RUNS PORT REQUESTFILE COMMAND...
**
** COMMAND is to serve on PORT of 127.0.0.1. Prints one line: the median, least and most of RUNS
** times in milliseconds, and the kilobytes that the last one had resident. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define MAX_RUNS 1000
#define RETRY_MS 1     /* the pause between two tries to connect */
#define STALL_MS 10000 /* no answer for so long: there won't be one */

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "start: %s: %s\n", what, why);
  exit(1);
}

static char *read_request(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  char *text = NULL;
  size_t room = 0;
  ssize_t n = f != NULL ? getdelim(&text, &room, EOF, f) : -1;
  if (n <= 0) fail(path, "no request");
  fclose(f);
  *size = (size_t)n;
  return text;
}

/* The server says what it serves; that is not for this output. */
static pid_t spawn(char **command) {
  pid_t pid = fork();
  if (pid < 0) fail("fork", strerror(errno));
  if (pid > 0) return pid;
  if (!freopen("/dev/null", "w", stdout)) _exit(126);
  execvp(command[0], command);
  fail(command[0], strerror(errno));
  return 0;
}

static void *connect_to(void *context, const char *port) {
  char endpoint[64];
  int none = 0, retry = RETRY_MS, stall = STALL_MS;
  void *socket = zmq_socket(context, ZMQ_REQ);
  if (socket == NULL) fail("socket", zmq_strerror(errno));
  zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
  zmq_setsockopt(socket, ZMQ_RECONNECT_IVL, &retry, sizeof retry);
  zmq_setsockopt(socket, ZMQ_RCVTIMEO, &stall, sizeof stall);
  snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%s", port);
  if (zmq_connect(socket, endpoint) != 0) fail(endpoint, zmq_strerror(errno));
  return socket;
}

static long resident_kb(pid_t pid) {
  char path[64], line[256];
  long kb = 0;
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *f = fopen(path, "r");
  while (f != NULL && fgets(line, sizeof line, f) != NULL) sscanf(line, "VmRSS: %ld", &kb);
  if (f != NULL) fclose(f);
  return kb;
}

static double first_answer(void *context, const char *port, const char *request, size_t size,
                           char **command, long *kb) {
  char reply[1];
  double start = now_ms();
  pid_t pid = spawn(command);
  void *socket = connect_to(context, port);
  int got = zmq_send(socket, request, size, 0);
  if (got >= 0) got = zmq_recv(socket, reply, sizeof reply, 0);
  double took = now_ms() - start;
  *kb = resident_kb(pid);
  zmq_close(socket);
  kill(pid, SIGTERM);
  waitpid(pid, NULL, 0);
  if (got < 0) fail(command[0], "no answer");
  return took;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  static double took[MAX_RUNS];
  int runs = argc > 4 ? atoi(argv[1]) : 0;
  if (runs < 1 || runs > MAX_RUNS) {
    fprintf(stderr, "usage: start RUNS PORT REQUESTFILE COMMAND...\n");
    return 2;
  }
  size_t size;
  long kb = 0;
  char *request = read_request(argv[3], &size);
  void *context = zmq_ctx_new();
  for (int i = 0; i < runs; i++)
    took[i] = first_answer(context, argv[2], request, size, argv + 4, &kb);
  qsort(took, (size_t)runs, sizeof took[0], compare);
  printf("median_ms %.1f least_ms %.1f most_ms %.1f rss_kb %ld\n", took[runs / 2], took[0],
         took[runs - 1], kb);
  zmq_ctx_term(context);
  free(request);
  return 0;
}
