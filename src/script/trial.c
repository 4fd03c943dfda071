#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "budget.h"

#define LOOK_MS 50

#define ENDLESS "loading the files doesn't come to an end, or takes too much memory: given up"

/* What the process is told: numbers, the home or nothing, folders of protocols, a word that ends
** them, folders of templates. */
#define SETTINGS "%d %d %d %u %d" /* parent, extras, plain_memory, budget_ms, protocols' folders */
#define FIRST_FOLDER 2

#define ANSWER_FD (STDERR_FILENO + 1)

/* ------------------------------------------------------------------------------ in the process */

static _Noreturn void answer(const struct pkt_err *err) {
  ssize_t n = write(ANSWER_FD, err, sizeof *err);
  _exit(n == (ssize_t)sizeof *err ? 0 : 1);
}

/* Whatever is cut off by this goes with the process. */
static void give_up(int signal) {
  (void)signal;
  struct pkt_err err = {.code = PKT_ERR_PROTOCOL};
  if (!pkt_budget_late(err.message, sizeof err.message)) pkt_fail(&err, err.code, "%s", ENDLESS);
  answer(&err);
}

/* The process has none of the server's files, and the loader's mask of signals: what is sent to all
** processes of a group is the server's. */
static bool keep_apart(pid_t parent) {
  struct rlimit cpu = {PKT_TRIAL_CPU_S, PKT_TRIAL_CPU_S + 1}, none = {0, 0};
  struct rlimit stack = {PKT_TRIAL_STACK, PKT_TRIAL_STACK};
  sigset_t own;
  prctl(PR_SET_NAME, "luapkt-trial");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent || fcntl(ANSWER_FD, F_SETFD, FD_CLOEXEC) != 0) return false;
  (void)close_range(ANSWER_FD + 1, ~0u, 0); /* a wish: old systems can't */
  signal(SIGXCPU, give_up);
  sigemptyset(&own);
  sigaddset(&own, SIGXCPU);
  pthread_sigmask(SIG_UNBLOCK, &own, NULL);
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_STACK, &stack);
  setrlimit(RLIMIT_CPU, &cpu);
  return true;
}

void pkt_trial_run(int count, char **words) {
  struct pkt_service_options options = {0};
  struct pkt_err err = {0};
  int parent, extras, plain, folders;
  if (count < FIRST_FOLDER ||
      sscanf(words[0], SETTINGS, &parent, &extras, &plain, &options.budget_ms, &folders) != 5 ||
      folders < 0 || folders >= count - FIRST_FOLDER || !keep_apart(parent))
    return;
  options.extras = extras;
  options.plain_memory = plain;
  options.home = words[1][0] ? words[1] : NULL;
  words[FIRST_FOLDER + folders] = NULL;
  options.protocol_dirs = (const char *const *)words + FIRST_FOLDER;
  options.template_dirs = options.protocol_dirs + folders + 1;
  struct pkt_service *s = pkt_service_open(&options, &err);
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

static size_t length(const char *const *list) {
  size_t n = 0;
  while (list && list[n]) n++;
  return n;
}

/* Returns 0 or what is wrong, as errno has it. */
static int start(const struct pkt_service_options *o, int fd, pid_t *pid) {
  size_t protocols = length(o->protocol_dirs), templates = length(o->template_dirs), n = 0;
  char settings[80];
  const char **words = calloc(protocols + templates + 6, sizeof *words);
  posix_spawn_file_actions_t actions;
  if (!words) return ENOMEM;
  snprintf(settings, sizeof settings, SETTINGS, (int)getpid(), o->extras, o->plain_memory,
           (unsigned)o->budget_ms, (int)protocols);
  words[n++] = "luapkt";
  words[n++] = PKT_TRIAL_WORD;
  words[n++] = settings;
  words[n++] = o->home ? o->home : "";
  for (size_t i = 0; i < protocols; i++) words[n++] = o->protocol_dirs[i];
  words[n++] = "";
  for (size_t i = 0; i < templates; i++) words[n++] = o->template_dirs[i];
  int failed = posix_spawn_file_actions_init(&actions);
  if (failed == 0) {
    failed = posix_spawn_file_actions_adddup2(&actions, fd, ANSWER_FD);
    if (failed == 0)
      failed = posix_spawn(pid, "/proc/self/exe", &actions, NULL, (char **)words, environ);
    posix_spawn_file_actions_destroy(&actions);
  }
  free(words);
  return failed;
}

int pkt_service_try(const struct pkt_service_options *options, bool (*stopped)(void *arg),
                    void *arg, struct pkt_err *err) {
  int fds[2], status = 0;
  pid_t pid;
  if (pipe2(fds, O_CLOEXEC) != 0)
    return pkt_fail(err, PKT_ERR_SYSTEM, "can't open a pipe: %s", strerror(errno));
  int failed = start(options, fds[1], &pid);
  close(fds[1]);
  bool answered = failed == 0 && wait_for(fds[0], stopped, arg, err);
  close(fds[0]);
  if (failed != 0)
    return pkt_fail(err, PKT_ERR_SYSTEM, "can't start a process: %s", strerror(failed));
  kill(pid, SIGKILL);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (answered) return err->code == PKT_ERR_NONE ? 0 : -1;
  if (stopped(arg)) return pkt_fail(err, PKT_ERR_SYSTEM, "the server is ending");
  return say_end(status, err);
}
