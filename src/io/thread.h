/* thread.h - threads with a stack of a known size, that end within a known time. */
#ifndef PKT_THREAD_H
#define PKT_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "../engine/err.h"

/* Lua's own C recursion is bounded at 200 levels, which take about a quarter of this; the default
** of 8 MiB would only be more to touch. */
#define PKT_THREAD_STACK (1u << 20)

/* Start a thread that runs run(arg), its stack being PKT_THREAD_STACK bytes; 'name', up to 15
** characters, is what the system shows it as. Returns 0, or -1 with *err filled in. */
int pkt_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *arg,
                     struct pkt_err *err);

/* Wait for a thread until 'deadline' (of pkt_now_ms). False if it still runs: it is detached, and
** what it uses must stay. */
bool pkt_thread_join(pthread_t thread, int64_t deadline);

/* Milliseconds of a clock that never goes back. */
int64_t pkt_now_ms(void);

/* Make an eventfd readable; empty it. */
void pkt_wake(int fd);
void pkt_wake_clear(int fd);

#endif
