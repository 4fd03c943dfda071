#include "confine.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
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

/* The architecture whose numbers of system calls are meant. */
#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

/* Any call but read, write and exit ends the process, for ever. Where the architecture isn't known,
** strict mode does the same; it isn't the rule since it also forbids the time stamp counter, and
** switching that costs a third of an evaluation. */
static int forbid_calls(void) {
#ifdef ARCH
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
#else
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
#endif
}

int pkt_confine(size_t memory) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* whoever started it is gone: so is it */
  if (setpriority(PRIO_PROCESS, 0, NICE) != 0) return -1;
  if (limit(RLIMIT_AS, OWN_MEMORY + memory) != 0 || limit(RLIMIT_CORE, 0) != 0) return -1;
  if (limit(RLIMIT_FSIZE, 0) != 0 || limit(RLIMIT_NPROC, 0) != 0 || limit(RLIMIT_NOFILE, 0) != 0)
    return -1;
  if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return forbid_calls();
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
