/* helper.h - the process beside a worker in which expressions are evaluated.
**
** It is a program of its own, luapkt-expression, that has given up everything but answering: so a
** text that crashes Lua, or that no bound within Lua can stop, costs one answer and a new process,
** and one that takes Lua over finds nothing to reach. It is started with the first question and
** again whenever it is gone. A helper belongs to one thread at a time. */
#ifndef PKT_HELPER_H
#define PKT_HELPER_H

#include <stddef.h>
#include <stdint.h>

#include "../engine/err.h"

struct pkt_helper_limits {
  size_t memory;         /* bytes that Lua has for one expression */
  uint32_t instructions; /* of Lua's machine for one expression */
  uint32_t time_ms;      /* for one expression, by the clock. Where nothing has come by then, the
                         ** process gets as much of the processor's time once more, since others may
                         ** have had the processor: waiting for that may take longer */
};

#define PKT_HELPER_MEMORY (4u << 20)   /* the largest value (64 KiB) many times over */
#define PKT_HELPER_INSTRUCTIONS 200000 /* a loop over the longest list forty times: about 2 ms */
/* Far beyond what the instructions take, unless each is long. */
#define PKT_HELPER_TIME_MS 8

/* The one byte that a process says when it is ready for its first question. */
#define PKT_HELPER_READY 'r'

struct pkt_helper;

/* A helper, its process not started yet. 'program' NULL: found beside the program or the library
** that this is part of, or under its ../libexec/luapkt. NULL without memory. */
struct pkt_helper *pkt_helper_new(const char *program, const struct pkt_helper_limits *limits);

/* End the process. NULL is fine. */
void pkt_helper_free(struct pkt_helper *h);

/* Ask the question of 'n' bytes; *answer is its answer (see sandbox.h), well-formed, good until the
** next question. Returns 0, or -1 with *err: PKT_ERR_LIMIT where it took too long, PKT_ERR_HOOK
** where the process ended or there is none. */
struct pkt_answer;
int pkt_helper_ask(struct pkt_helper *h, const void *question, size_t n,
                   const struct pkt_answer **answer, struct pkt_err *err);

/* The process's id; 0: there is none now. */
int pkt_helper_pid(const struct pkt_helper *h);

#endif
