/* spend.c - spend COMMAND [WORD...]: run it, all that it prints thrown away; print what it took by
** the clock, and the most memory that it had. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  double start = now();
  pid_t child = fork();
  if (child == 0) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  struct rusage used;
  int status;
  if (child < 0 || wait4(child, &status, 0, &used) != child || status != 0) return 1;
  printf("seconds %.4f memory_kb %ld\n", now() - start, used.ru_maxrss);
  return 0;
}
