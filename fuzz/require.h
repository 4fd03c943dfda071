/* require.h - what a fuzzer claims, checked. */
#ifndef FUZZ_REQUIRE_H
#define FUZZ_REQUIRE_H

#include <stdio.h>
#include <stdlib.h>

/* What isn't so is said, then the process ends as a crash. */
#define require(truth) ((truth) ? (void)0 : broken(#truth, __LINE__))

static inline void broken(const char *truth, int line) {
  fprintf(stderr, "line %d: not so: %s\n", line, truth);
  abort();
}

#endif
