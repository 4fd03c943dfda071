#include "helper.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../engine/clock.h"
#include "sandbox.h"

#define PROGRAM "luapkt-expression"

/* From build/lib/luapkt/core.so or lib/lua/5.4/luapkt/core.so up to where the program may lie. */
#define MOST_FOLDERS_UP 5

/* How much longer than its own time limit an answer may take while other processes use the CPU:
** this many times that limit, plus as many ms. A process of low priority waits long for a little
** CPU time. */
#define PATIENCE 10
#define PATIENCE_MS 1000

/* How long a process may take to start: a few milliseconds, unless the machine is very busy. */
#define START_MS 2000

/* The most that poll() takes. */
#define MOST_MS INT_MAX

/* P_PIDFD of waitid(), which glibc has a name for only since 2.36. */
#define BY_DESCRIPTOR ((idtype_t)3)

struct pkt_helper {
  struct pkt_helper_limits limits;
  char *program; /* NULL: it wasn't found */
  pid_t pid;     /* 0: no process */
  int process;   /* a descriptor of it, since its id may be another's once it is gone; -1: none */
  int cpu;       /* that the process is to run on; -1: any */
  int fd;
  clockid_t clock; /* of the process's own time */
  alignas(16) uint8_t answer[PKT_MAX_ANSWER];
};

/* --------------------------------------------------------------------------------- the program */

static char *path_of(const char *folder, const char *rest) {
  char *path;
  if (asprintf(&path, "%s/%s", folder, rest) < 0) return NULL;
  if (access(path, X_OK) == 0) return path;
  free(path);
  return NULL;
}

/* In the folder of 'file', in those above it, or in the libexec of one of them. */
static char *find_above(const char *file) {
  char folder[PATH_MAX];
  if (!realpath(file, folder)) return NULL;
  for (int up = 0; up <= MOST_FOLDERS_UP; up++) {
    char *slash = strrchr(folder, '/');
    if (!slash) return NULL;
    *slash = 0;
    char *found = path_of(folder, PROGRAM);
    if (!found) found = path_of(folder, "libexec/luapkt/" PROGRAM);
    if (found) return found;
  }
  return NULL;
}

static char *find_program(void) {
  Dl_info here;
  char *found = NULL;
  if (dladdr((void *)(uintptr_t)find_above, &here) != 0) found = find_above(here.dli_fname);
  return found ? found : find_above("/proc/self/exe");
}

struct pkt_helper *pkt_helper_new(const char *program, const struct pkt_helper_limits *limits) {
  struct pkt_helper *h = calloc(1, sizeof *h);
  if (!h) return NULL;
  h->limits = *limits;
  if (h->limits.time_ms > MOST_MS) h->limits.time_ms = MOST_MS;
  h->fd = h->process = -1;
  h->program = program ? strdup(program) : find_program();
  return h;
}

/* --------------------------------------------------------------------------------- the process */

/* Wait for the child behind the descriptor as waitid() does, also where signals interrupt that. */
static int await(int process, int how) {
  siginfo_t info;
  int status;
  do status = waitid(BY_DESCRIPTOR, (id_t)process, &info, WEXITED | how);
  while (status < 0 && errno == EINTR);
  return status;
}

/* Get hold of the process that was just started. Where the program that this is part of ignores
** SIGCHLD, or waits for any child, nothing keeps the id of a process that is gone from being given
** to another: that is neither to be killed nor to be waited for. False: it is gone already, or
** there is no descriptor for it. */
static bool hold(struct pkt_helper *h) {
  h->process = (int)syscall(SYS_pidfd_open, h->pid, 0);
  if (h->process < 0) return errno == ENOSYS || errno == EPERM; /* not offered here: by its id */
  if (await(h->process, WNOHANG | WNOWAIT) == 0) return true;
  if (errno == EINVAL) return true; /* before Linux 5.4 only signals are sent so */
  close(h->process);                /* no child of ours has the id any more */
  h->process = -1;
  h->pid = 0;
  return false;
}

/* Kill the process, and wait until it is gone. */
static void kill_process(struct pkt_helper *h) {
  if (h->process >= 0) {
    syscall(SYS_pidfd_send_signal, h->process, SIGKILL, NULL, 0);
    if (await(h->process, 0) == 0 || errno != EINVAL) return;
  } else {
    kill(h->pid, SIGKILL);
  }
  while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR) {}
}

static void end(struct pkt_helper *h) {
  if (h->fd >= 0) close(h->fd);
  h->fd = -1;
  if (h->pid == 0) return;
  kill_process(h);
  if (h->process >= 0) close(h->process);
  h->process = -1;
  h->pid = 0;
}

void pkt_helper_free(struct pkt_helper *h) {
  if (!h) return;
  end(h);
  free(h->program);
  free(h);
}

int pkt_helper_pid(const struct pkt_helper *h) { return h->pid; }

/* Start the program with 'fd' as its only descriptor, nothing in its environment, no signal blocked
** or ignored. Returns 0 or an errno. */
static int spawn(struct pkt_helper *h, int fd) {
  char memory[24], instructions[24];
  char *argv[] = {(char[]){PROGRAM}, memory, instructions, NULL}, *envp[] = {NULL};
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  snprintf(memory, sizeof memory, "%zu", h->limits.memory);
  snprintf(instructions, sizeof instructions, "%u", h->limits.instructions);
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int failed = posix_spawn_file_actions_adddup2(&files, fd, 0);
  if (!failed) failed = posix_spawn_file_actions_addclosefrom_np(&files, 1);
  if (!failed) failed = posix_spawn(&h->pid, h->program, &files, &attributes, argv, envp);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failed) h->pid = 0;
  return failed;
}

/* Let recv() wait for as long as an answer may take. */
static int limit_waiting(const struct pkt_helper *h) {
  struct timeval most = {.tv_sec = h->limits.time_ms / 1000,
                         .tv_usec = (suseconds_t)(h->limits.time_ms % 1000 * 1000)};
  return setsockopt(h->fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
}

static int64_t milliseconds(clockid_t clock) { return pkt_clock(clock) / 1000000; }

/* Wait until the process has said that it is ready: what it takes to start is no expression's
** time. */
static bool is_ready(struct pkt_helper *h) {
  struct pollfd fd = {.fd = h->fd, .events = POLLIN};
  int64_t until = milliseconds(CLOCK_MONOTONIC) + START_MS, left = START_MS;
  char said = 0;
  while (left > 0 && poll(&fd, 1, (int)left) <= 0) left = until - milliseconds(CLOCK_MONOTONIC);
  return left > 0 && recv(h->fd, &said, 1, 0) == 1 && said == PKT_HELPER_READY;
}

/* Start the process, if there is none. */
static int start(struct pkt_helper *h, struct pkt_err *err) {
  int ends[2];
  if (h->pid != 0) return 0;
  if (!h->program) h->program = find_program(); /* it may have been installed by now */
  if (!h->program) return pkt_fail(err, PKT_ERR_HOOK, "the program " PROGRAM " is not installed");
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return pkt_fail(err, PKT_ERR_HOOK, "there is no descriptor for " PROGRAM);
  int failed = spawn(h, ends[1]);
  close(ends[1]);
  h->fd = ends[0];
  h->cpu = -1;
  if (!failed && hold(h) && clock_getcpuclockid(h->pid, &h->clock) == 0 && limit_waiting(h) == 0 &&
      is_ready(h))
    return 0;
  end(h);
  return pkt_fail(err, PKT_ERR_HOOK, PROGRAM " can't be started");
}

/* -------------------------------------------------------------------------- question and answer */

static int too_long(struct pkt_helper *h, struct pkt_err *err) {
  end(h);
  return pkt_fail(err, PKT_ERR_LIMIT, "the expression takes longer than the %u ms that are allowed",
                  h->limits.time_ms);
}

static int kept_waiting(struct pkt_helper *h, struct pkt_err *err) {
  end(h);
  return pkt_fail(
      err, PKT_ERR_HOOK,
      "the machine is too busy: the process that evaluates expressions had not even the "
      "%u ms that one may take",
      h->limits.time_ms);
}

/* Nothing came within the time that an answer may take. Other processes may have used the CPU
** meanwhile, so go on waiting as long as the helper uses less CPU time than its limit, counted
** from now. */
static int wait_longer(struct pkt_helper *h, struct pkt_err *err) {
  int64_t own = h->limits.time_ms, used = milliseconds(h->clock), spent = 0;
  int64_t until = milliseconds(CLOCK_MONOTONIC) + own * PATIENCE + PATIENCE_MS;
  struct pollfd fd = {.fd = h->fd, .events = POLLIN};
  while (spent < own && milliseconds(CLOCK_MONOTONIC) < until) {
    if (poll(&fd, 1, (int)(own - spent)) > 0) return 0;
    spent = milliseconds(h->clock) - used;
  }
  return spent < own ? kept_waiting(h, err) : too_long(h, err);
}

/* Keep a process, or for 0 this thread, on a processor. */
static bool keep_on(pid_t pid, int cpu) {
  cpu_set_t set;
  if (cpu < 0 || cpu >= CPU_SETSIZE) return false;
  CPU_ZERO(&set);
  CPU_SET((size_t)cpu, &set);
  return sched_setaffinity(pid, sizeof set, &set) == 0;
}

/* Does the process still run? Where that can't be told, it is taken to. */
static bool runs(const struct pkt_helper *h) {
  struct pollfd ended = {.fd = h->process, .events = POLLIN};
  return poll(&ended, 1, 0) == 0;
}

/* The worker sleeps while the process works, so one processor is enough for both: waking the
** process on another would cost more than most evaluations. */
static void keep_near(struct pkt_helper *h) {
  int cpu = sched_getcpu();
  if (cpu != h->cpu && runs(h)) h->cpu = keep_on(h->pid, cpu) ? cpu : -1;
}

/* Keep the worker on this CPU as well, while it waits: the kernel would wake it on an idle one,
** and the next question would drag the process there, too. False: it isn't kept. */
static bool stay(cpu_set_t *allowed) {
  return sched_getaffinity(0, sizeof *allowed, allowed) == 0 && keep_on(0, sched_getcpu());
}

static void leave(const cpu_set_t *allowed) { sched_setaffinity(0, sizeof *allowed, allowed); }

/* Send the question to the process; to a new one, if the old one had died in its sleep. */
static int send_question(struct pkt_helper *h, const void *question, size_t n,
                         struct pkt_err *err) {
  for (int turn = 0; turn < 2; turn++) {
    if (start(h, err) != 0) return -1;
    keep_near(h);
    if (send(h->fd, question, n, MSG_NOSIGNAL) == (ssize_t)n) return 0;
    end(h);
  }
  return pkt_fail(err, PKT_ERR_HOOK, PROGRAM " doesn't listen");
}

/* Is the answer as long as it says? What it holds is for the reader of packed values to check. */
static bool well_formed(const struct pkt_answer *a, ssize_t n) {
  return n >= (ssize_t)sizeof *a && a->verdict <= PKT_VERDICT_LIMIT &&
         (size_t)n == sizeof *a + a->len;
}

/* The answer to what was sent. *got is as recv() has it. */
static int receive_answer(struct pkt_helper *h, ssize_t *got, struct pkt_err *err) {
  *got = recv(h->fd, h->answer, sizeof h->answer, 0);
  if (*got >= 0 || (errno != EAGAIN && errno != EINTR)) return 0;
  if (wait_longer(h, err) != 0) return -1;
  *got = recv(h->fd, h->answer, sizeof h->answer, 0);
  return 0;
}

/* Send the question and wait for the answer. */
static int exchange(struct pkt_helper *h, const void *question, size_t n, ssize_t *got,
                    struct pkt_err *err) {
  cpu_set_t allowed;
  bool stays = stay(&allowed);
  int status = send_question(h, question, n, err);
  if (status == 0) status = receive_answer(h, got, err);
  int reason = errno;
  if (stays) leave(&allowed);
  errno = reason;
  return status;
}

int pkt_helper_ask(struct pkt_helper *h, const void *question, size_t n,
                   const struct pkt_answer **answer, struct pkt_err *err) {
  ssize_t got = -1;
  bool unread = true; /* the process was killed before it took the question, so another may */
  for (int turn = 0; turn < 2 && unread; turn++) {
    if (exchange(h, question, n, &got, err) != 0) return -1;
    unread = got < 0 && errno == ECONNRESET;
    if (unread) end(h);
  }
  *answer = (const struct pkt_answer *)h->answer;
  if (well_formed(*answer, got)) return 0;
  end(h);
  return pkt_fail(err, PKT_ERR_HOOK, "the expression ended the process that evaluates it");
}
