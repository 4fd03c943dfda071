#include "confine.h"

#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The others come first: whoever waits for the processor to answer a plain request gets it. */
#define NICE 10

/* Program, libraries, stack and what the C library keeps. */
#define OWN_MEMORY (64u << 20)

#ifndef __SANITIZE_ADDRESS__
static int limit(int what, rlim_t value) {
  return setrlimit((__rlimit_resource_t)what, &(struct rlimit){value, value});
}

/* Strict mode leaves read, write, _exit and sigreturn. It can't be left, and any other call ends the
** process. */
int pkt_confine(size_t memory) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* whoever started it is gone: so is it */
  if (setpriority(PRIO_PROCESS, 0, NICE) != 0) return -1;
  if (limit(RLIMIT_AS, OWN_MEMORY + memory) != 0 || limit(RLIMIT_CORE, 0) != 0) return -1;
  if (limit(RLIMIT_FSIZE, 0) != 0 || limit(RLIMIT_NPROC, 0) != 0 || limit(RLIMIT_NOFILE, 0) != 0)
    return -1;
  if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
}
#else
/* The sanitizer maps terabytes and asks the system for more all the time: under it the process is
** tested, not trusted. */
int pkt_confine(size_t memory) {
  (void)memory;
  return prctl(PR_SET_PDEATHSIG, SIGKILL);
}
#endif

void pkt_confined_exit(int status) {
  for (;;) syscall(SYS_exit, status); /* exit_group, which _exit() is, is not left */
}
