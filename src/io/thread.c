#include "thread.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../engine/clock.h"

int64_t pkt_now_ms(void) { return pkt_clock(CLOCK_MONOTONIC) / 1000000; }

int pkt_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *arg,
                     struct pkt_err *err) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, PKT_THREAD_STACK);
  int failed = pthread_create(thread, &attr, run, arg);
  pthread_attr_destroy(&attr);
  if (failed != 0)
    return pkt_fail(err, PKT_ERR_LIMIT, "can't start the thread %s: %s", name, strerror(failed));
  pthread_setname_np(*thread, name);
  return 0;
}

bool pkt_thread_join(pthread_t thread, int64_t deadline) {
  int64_t left = deadline - pkt_now_ms();
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until); /* the only clock that this call knows */
  if (left > 0) {
    int64_t ns = until.tv_nsec + (left % 1000) * 1000000;
    until.tv_sec += left / 1000 + ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
  }
  if (pthread_timedjoin_np(thread, NULL, &until) == 0) return true;
  pthread_detach(thread);
  return false;
}

void pkt_wake(int fd) {
  uint64_t one = 1;
  ssize_t n = write(fd, &one, sizeof one);
  (void)n; /* it fails only when the counter is full, and then the fd is readable anyway */
}

void pkt_wake_clear(int fd) {
  uint64_t count;
  ssize_t n = read(fd, &count, sizeof count);
  (void)n; /* EAGAIN: it was empty */
}
