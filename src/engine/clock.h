/* clock.h - times. */
#ifndef PKT_CLOCK_H
#define PKT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* The time of a clock in nanoseconds; 0 if the clock no longer exists, like that of a process
** that has ended. */
static inline int64_t pkt_clock(clockid_t clock) {
  struct timespec t = {.tv_sec = 0};
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Have more than 'span' nanoseconds passed between two times? They come from captures, so the
** difference may overflow 64 bits. */
static inline bool pkt_have_passed(uint64_t span, int64_t from, int64_t to) {
  return to > from && (uint64_t)to - (uint64_t)from > span;
}

#endif
