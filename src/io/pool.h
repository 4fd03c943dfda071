/* pool.h - the worker threads that answer what would hold up the front.
**
** Jobs wait in one queue and go to a worker only when it is idle, so that a request which takes
** forever costs its own worker and nothing else. Finished jobs wait in a second queue; an eventfd
** tells the front, which alone talks to the socket. */
#ifndef PKT_POOL_H
#define PKT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frames.h"
#include "seat.h"

#define PKT_MAX_QUEUED 1024               /* jobs waiting: at 10 ms each, ten seconds of work */
#define PKT_MAX_QUEUED_BYTES (256u << 20) /* bytes of requests waiting: four of the largest */

struct pkt_job {
  struct pkt_job *next;
  struct pkt_frames in;     /* the request; kept until the reply is sent */
  zmq_msg_t out;            /* the reply; valid once done, if 'outcome' has one */
  enum pkt_outcome outcome; /* once done */
  bool surplus;             /* the front could answer it inline, but has more than enough to do */
  uint64_t ticket;          /* of the reload it waits for (the front's business) */
};

/* First in, first out; for one thread at a time. */
struct pkt_jobs {
  struct pkt_job *head, *tail;
};

/* Put a job at the end; take the first, NULL: there is none. */
void pkt_jobs_push(struct pkt_jobs *q, struct pkt_job *job);
struct pkt_job *pkt_jobs_pop(struct pkt_jobs *q);

/* A job that takes over the request *in; NULL without memory, *in as it was. */
struct pkt_job *pkt_job_new(struct pkt_frames *in);

/* Free it, with its request and its reply; NULL is fine. */
void pkt_job_free(struct pkt_job *job);

struct pkt_pool;

/* Start 'workers' threads; worker i uses seats[i], where a service sits. 'wake' becomes readable
** whenever a job is done. Returns NULL with *err filled in. Borrows everything until
** pkt_pool_stop(). */
struct pkt_pool *pkt_pool_start(unsigned workers, struct pkt_seat *seats, int wake,
                                struct pkt_err *err);

/* Queue a job. False if the queue is full: the job stays the caller's. */
bool pkt_pool_push(struct pkt_pool *p, struct pkt_job *job);

/* Workers with nothing to do and nothing waiting for them; 0 while there is a queue. */
unsigned pkt_pool_idle(struct pkt_pool *p);

/* Take all finished jobs. */
struct pkt_jobs pkt_pool_done(struct pkt_pool *p);

/* Is any job queued, running or finished but not taken? */
bool pkt_pool_busy(struct pkt_pool *p);

/* Idle workers look at their seats: call after offering fresh services. */
void pkt_pool_nudge(struct pkt_pool *p);

/* End the threads, dropping what is queued, and free the pool. A worker that is still at its
** request at 'deadline' (of pkt_now_ms) is left behind, and with it the pool: false, and what was
** lent to it must stay as long as the process. */
bool pkt_pool_stop(struct pkt_pool *p, int64_t deadline);

#endif
