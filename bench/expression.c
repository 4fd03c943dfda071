/* expression.c - what an expression adds to a request: pkt_service_handle() in a loop, with and
** without one.
**
** usage: expression SECONDS
**
** The request is build_pkt of Ether/IP/TCP with TCP's sport set: to a number; to an expression that
** is known by its text; to one of 60 characters that is new every time, so that the process beside
** the worker evaluates it. Prints a line for each: nanoseconds of CPU time of both processes
** together, and what that is more than the first: the median of many turns, one after the other, so
** that what else the machine does strikes all. The last line is the floor: messages as long there
** and back between two processes that do nothing else. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../src/script/service.h"

#define TURNS 31
#define QUESTION 100 /* bytes there and back of an expression of 60 characters */
#define ANSWER 17

static double seconds_of(clockid_t clock) {
  struct timespec t = {0};
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "expression: %s: %s\n", what, why);
  exit(1);
}

/* The only child: the process that evaluates. 0: there is none yet. */
static pid_t find_child(void) {
  char path[64];
  int pid = 0;
  snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
  FILE *f = fopen(path, "r");
  if (f == NULL) return 0;
  if (fscanf(f, "%d", &pid) != 1) pid = 0;
  fclose(f);
  return pid;
}

/* CPU time of this process and its child. */
static double cpu_time(void) {
  static clockid_t child;
  static pid_t pid;
  if (pid == 0 && (pid = find_child()) != 0) clock_getcpuclockid(pid, &child);
  return seconds_of(CLOCK_PROCESS_CPUTIME_ID) + (pid ? seconds_of(child) : 0);
}

static size_t write_request(char *out, size_t room, const char *value) {
  int n = snprintf(out, room,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"build_pkt\",\"params\":[[{\"id\":"
                   "\"Ether\"},{\"id\":\"IP\"},{\"id\":\"TCP\",\"fields\":[{\"id\":\"sport\","
                   "\"value\":%s}]}]]}",
                   value);
  return (size_t)n;
}

static void number(char *out, size_t room, unsigned i) {
  snprintf(out, room, "%u", 1000 + i % 60000);
}

static void known(char *out, size_t room, unsigned i) {
  (void)i;
  snprintf(out, room, "{\"vtype\":\"EXPRESSION\",\"expr\":\"max(1000, 2 ^ 10) + (5 & 3) * 7\"}");
}

/* 60 characters with the number. */
static void fresh(char *out, size_t room, unsigned i) {
  snprintf(out, room,
           "{\"vtype\":\"EXPRESSION\",\"expr\":\"(min(%08u, 60000) + floor(7.5) * 3) %% 50000 + "
           "crc32(\\\"ab\\\") %% 9\"}",
           i);
}

static void handle(struct pkt_service *s, const char *request, size_t len) {
  struct pkt_reply reply;
  pkt_service_handle(s, request, len, false, &reply);
  if (memmem(reply.data, reply.len < 64 ? reply.len : 64, "\"error\"", 7))
    fail("an error was answered", strndup(reply.data, reply.len));
  if (reply.release) reply.release((void *)(uintptr_t)reply.data, reply.hint);
}

/* Run for a while. CPU time of a request, in ns. */
static double run(struct pkt_service *s, void (*value)(char *, size_t, unsigned), double seconds) {
  static unsigned next;
  uint64_t count = 0;
  char text[256], request[512];
  double end = seconds_of(CLOCK_MONOTONIC) + seconds, start = cpu_time();
  do {
    for (int i = 0; i < 64; i++) {
      value(text, sizeof text, next++);
      handle(s, request, write_request(request, sizeof request, text));
    }
    count += 64;
  } while (seconds_of(CLOCK_MONOTONIC) < end);
  return (cpu_time() - start) / (double)count * 1e9;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *list, size_t n) {
  qsort(list, n, sizeof *list, by_size);
  return list[n / 2];
}

static void echo(int fd) {
  char message[QUESTION];
  while (read(fd, message, sizeof message) > 0)
    if (write(fd, message, ANSWER) < 0) break;
  _exit(0);
}

/* CPU time of a round trip in ns, both processes on one CPU as they are here. */
static double round_trip(double seconds) {
  char message[QUESTION] = {0};
  clockid_t clock;
  cpu_set_t set;
  int ends[2];
  uint64_t count = 0;
  CPU_ZERO(&set);
  CPU_SET(0, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0 ||
      socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
    fail("no round trip", "CPU 0 and a pair of sockets are needed");
  pid_t pid = fork();
  if (pid == 0) echo(ends[1]);
  if (pid < 0 || clock_getcpuclockid(pid, &clock) != 0) fail("no round trip", "no process");
  double start = seconds_of(CLOCK_PROCESS_CPUTIME_ID) + seconds_of(clock);
  double end = seconds_of(CLOCK_MONOTONIC) + seconds;
  for (; seconds_of(CLOCK_MONOTONIC) < end; count++)
    if (write(ends[0], message, QUESTION) < 0 || read(ends[0], message, sizeof message) < 0) break;
  double used = seconds_of(CLOCK_PROCESS_CPUTIME_ID) + seconds_of(clock) - start;
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  return used / (double)count * 1e9;
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*value)(char *, size_t, unsigned);
  } kinds[] = {{"a number", number}, {"a known expression", known}, {"a new one of 60", fresh}};
  double took[3][TURNS], plain = 0;
  if (argc != 2) {
    fprintf(stderr, "usage: expression SECONDS\n");
    return 2;
  }
  /* no expression is given up because the machine stood still for a moment */
  struct pkt_service_options options = {.seed = 1, .expressions = {.helper = {.time_ms = 1000}}};
  struct pkt_err err = {0};
  struct pkt_service *s = pkt_service_open(&options, &err);
  if (!s) fail("no service", err.message);
  run(s, fresh, 0.05); /* starts the other process */
  for (int turn = 0; turn < TURNS; turn++)
    for (int i = 0; i < 3; i++) took[i][turn] = run(s, kinds[i].value, atof(argv[1]) / TURNS);
  for (int i = 0; i < 3; i++) {
    double ns = median(took[i], TURNS);
    if (i == 0) plain = ns;
    printf("  %-20s %7.0f ns  %+7.0f ns\n", kinds[i].name, ns, ns - plain);
  }
  pkt_service_close(s);
  printf("  %-20s             %+7.0f ns\n", "a bare round trip", round_trip(atof(argv[1]) / TURNS));
  return 0;
}
