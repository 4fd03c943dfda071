/* clock.h - what a clock says. */
#ifndef PKT_CLOCK_H
#define PKT_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds; 0 of a clock that isn't there any more, as that of a process that has ended. */
static inline int64_t pkt_clock(clockid_t clock) {
  struct timespec t = {.tv_sec = 0};
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#endif
