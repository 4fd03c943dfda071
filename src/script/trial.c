#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "budget.h"

#define LOOK_MS 50

#define ENDLESS "loading the files doesn't come to an end, or takes too much memory: given up"

/* ------------------------------------------------------------------------------ in the process */

static int answer_fd; /* of this process */

static _Noreturn void answer(const struct pkt_err *err) {
  ssize_t n = write(answer_fd, err, sizeof *err);
  _exit(n == (ssize_t)sizeof *err ? 0 : 1);
}

/* Whatever is cut off by this goes with the process. */
static void give_up(int signal) {
  (void)signal;
  struct pkt_err err = {.code = PKT_ERR_PROTOCOL};
  if (!pkt_budget_late(err.message, sizeof err.message)) pkt_fail(&err, err.code, "%s", ENDLESS);
  answer(&err);
}

/* The process belongs to one of the server's threads, and to none of the server's sockets and files.
** It keeps the thread's mask of signals: what is sent to all processes of a group is the server's. */
static void keep_apart(int fd, pid_t parent) {
  struct rlimit cpu = {PKT_TRIAL_CPU_S, PKT_TRIAL_CPU_S + 1}, none = {0, 0};
  sigset_t own;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  answer_fd = dup2(fd, STDERR_FILENO + 1);
  if (answer_fd < 0 || fcntl(answer_fd, F_SETFD, FD_CLOEXEC) != 0) _exit(1);
  (void)close_range((unsigned)answer_fd + 1, ~0u, 0); /* a wish: old systems can't */
  signal(SIGXCPU, give_up);
  sigemptyset(&own);
  sigaddset(&own, SIGXCPU);
  pthread_sigmask(SIG_UNBLOCK, &own, NULL);
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_CPU, &cpu);
}

static _Noreturn void try(const struct pkt_service_options *options) {
  struct pkt_err err = {0};
  struct pkt_service *s = pkt_service_open(options, &err);
  if (s && pkt_service_check(s, &err) == 0) err.code = PKT_ERR_NONE;
  answer(&err);
}

/* ------------------------------------------------------------------------------ and beside it */

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Its answer. False: there is none, as it was stopped, or came to a bad end. */
static bool wait_for(int fd, bool (*stopped)(void *arg), void *arg, struct pkt_err *err) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  int64_t until = now_ms() + PKT_TRIAL_S * 1000;
  while (now_ms() < until && !stopped(arg)) {
    int ready = poll(&p, 1, LOOK_MS);
    if (ready > 0) return read(fd, err, sizeof *err) == (ssize_t)sizeof *err;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

/* Why there is no answer. */
static int say_end(int status, struct pkt_err *err) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
    return pkt_fail(err, PKT_ERR_PROTOCOL, "%s", ENDLESS);
  return pkt_fail(err, PKT_ERR_PROTOCOL, "loading the files crashes: %s",
                  WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "the process ends");
}

int pkt_service_try(const struct pkt_service_options *options, bool (*stopped)(void *arg),
                    void *arg, struct pkt_err *err) {
  int fds[2], status = 0;
  pid_t parent = getpid();
  if (pipe2(fds, O_CLOEXEC) != 0)
    return pkt_fail(err, PKT_ERR_SYSTEM, "can't open a pipe: %s", strerror(errno));
  pid_t pid = fork();
  if (pid == 0) {
    keep_apart(fds[1], parent);
    try(options);
  }
  int failed = errno;
  close(fds[1]);
  bool answered = pid > 0 && wait_for(fds[0], stopped, arg, err);
  close(fds[0]);
  if (pid < 0)
    return pkt_fail(err, PKT_ERR_SYSTEM, "can't start a process: %s", strerror(failed));
  kill(pid, SIGKILL);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (answered) return err->code == PKT_ERR_NONE ? 0 : -1;
  if (stopped(arg)) return pkt_fail(err, PKT_ERR_SYSTEM, "the server is ending");
  return say_end(status, err);
}
