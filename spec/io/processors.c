/* processors.c - a host of eight processors, whatever this one has.
**
** Preloaded, it stands before the C library's function that says which ones a program may use. */
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>

#define PROCESSORS 8

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set) {
  (void)pid;
  memset(set, 0, size);
  for (int i = 0; i < PROCESSORS; i++) CPU_SET_S(i, size, set);
  return 0;
}
