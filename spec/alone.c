/* alone.c - preloaded last, it keeps what is preloaded out of the programs that this one starts. */
#include <stdlib.h>

__attribute__((constructor)) static void stay_alone(void) { unsetenv("LD_PRELOAD"); }
