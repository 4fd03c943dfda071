#include "pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "thread.h"

#define STOP_MS 1000 /* for the threads that did start, when not all of them do */

struct worker {
  struct pkt_pool *pool;
  struct pkt_seat *seat;
  pthread_t thread;
};

/* 'lock' guards all but what never changes (workers, wake) and the seats, which guard
** themselves. */
struct pkt_pool {
  pthread_mutex_t lock;
  pthread_cond_t work;      /* 'queue', 'stopping' or a seat has changed */
  struct pkt_jobs queue;    /* waiting for a worker */
  struct pkt_jobs done;     /* waiting for the front */
  unsigned queued, running; /* jobs in 'queue', jobs in workers' hands */
  size_t queued_bytes;      /* requests in 'queue' */
  unsigned idle;            /* workers waiting for 'work' */
  bool stopping;
  int wake;
  unsigned workers; /* as told */
  unsigned started; /* threads to join: the starter's business */
  struct worker worker[];
};

void pkt_jobs_push(struct pkt_jobs *q, struct pkt_job *job) {
  job->next = NULL;
  if (q->head == NULL)
    q->head = job;
  else
    q->tail->next = job;
  q->tail = job;
}

struct pkt_job *pkt_jobs_pop(struct pkt_jobs *q) {
  struct pkt_job *job = q->head;
  if (job != NULL) q->head = job->next;
  return job;
}

struct pkt_job *pkt_job_new(struct pkt_frames *in) {
  struct pkt_job *job = malloc(sizeof *job);
  if (job == NULL) return NULL;
  pkt_frames_move(&job->in, in);
  zmq_msg_init(&job->out);
  job->outcome = PKT_DEFER;
  job->surplus = false;
  job->ticket = 0;
  return job;
}

void pkt_job_free(struct pkt_job *job) {
  if (job == NULL) return;
  pkt_frames_close(&job->in);
  zmq_msg_close(&job->out);
  free(job);
}

static size_t job_bytes(struct pkt_job *job) {
  size_t len;
  pkt_frames_request(&job->in, &len);
  return len;
}

/* With the lock held. */
static void enqueue(struct pkt_pool *p, struct pkt_job *job) {
  p->queued_bytes += job_bytes(job);
  p->queued++;
  pkt_jobs_push(&p->queue, job);
}

/* With the lock held. NULL: the queue is empty. */
static struct pkt_job *dequeue(struct pkt_pool *p) {
  struct pkt_job *job = pkt_jobs_pop(&p->queue);
  if (job == NULL) return NULL;
  p->queued--;
  p->queued_bytes -= job_bytes(job);
  return job;
}

/* With the lock held: hand a job that a worker had back to the front, or, when surplus work turned
** out to be long work, to the end of the queue, behind which nothing short is ever put. */
static void give_back(struct pkt_pool *p, struct pkt_job *job) {
  p->running--;
  if (job->outcome == PKT_DEFER && job->surplus) {
    job->surplus = false;
    enqueue(p, job);
    return;
  }
  if (p->done.head == NULL) pkt_wake(p->wake);
  pkt_jobs_push(&p->done, job);
}

static bool has_work(const struct worker *w) {
  const struct pkt_pool *p = w->pool;
  return p->queue.head != NULL || p->stopping || pkt_seat_has_fresh(w->seat);
}

/* Give 'finished' (may be NULL) back and wait for something to do. Returns false at the end; *job
** is NULL if there is only a fresh service to take. */
static bool next_job(struct worker *w, struct pkt_job *finished, struct pkt_job **job) {
  struct pkt_pool *p = w->pool;
  pthread_mutex_lock(&p->lock);
  if (finished != NULL) give_back(p, finished);
  p->idle++;
  while (!has_work(w)) pthread_cond_wait(&p->work, &p->lock);
  p->idle--;
  bool go_on = !p->stopping;
  *job = go_on ? dequeue(p) : NULL;
  if (*job != NULL) p->running++;
  pthread_mutex_unlock(&p->lock);
  return go_on;
}

static void answer(struct pkt_service *service, struct pkt_job *job) {
  struct pkt_reply reply = {0};
  size_t len;
  const char *request = pkt_frames_request(&job->in, &len);
  job->outcome = pkt_service_handle(service, request, len, job->surplus, &reply);
  if (job->outcome == PKT_REPLY || job->outcome == PKT_SHUT_DOWN)
    pkt_frames_pack(&job->out, &reply);
}

static void *work(void *arg) {
  struct worker *w = arg;
  struct pkt_job *job = NULL;
  while (next_job(w, job, &job)) {
    pkt_seat_refresh(w->seat);
    if (job != NULL) answer(w->seat->current, job);
  }
  return NULL;
}

struct pkt_pool *pkt_pool_start(unsigned workers, struct pkt_seat *seats, int wake,
                                struct pkt_err *err) {
  struct pkt_pool *p = calloc(1, sizeof *p + workers * sizeof p->worker[0]);
  if (p == NULL) {
    pkt_fail(err, PKT_ERR_MEMORY, "no memory for %u workers", workers);
    return NULL;
  }
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->work, NULL);
  p->wake = wake;
  p->workers = workers;
  for (unsigned i = 0; i < workers; i++) {
    struct worker *w = &p->worker[i];
    *w = (struct worker){.pool = p, .seat = &seats[i]};
    if (pkt_thread_start(&w->thread, "luapkt-worker", work, w, err) != 0) {
      p->started = i;
      pkt_pool_stop(p, pkt_now_ms() + STOP_MS);
      return NULL;
    }
  }
  p->started = workers;
  return p;
}

/* With the lock held. */
static bool has_room(const struct pkt_pool *p, struct pkt_job *job) {
  return p->queued < PKT_MAX_QUEUED && p->queued_bytes + job_bytes(job) <= PKT_MAX_QUEUED_BYTES;
}

bool pkt_pool_push(struct pkt_pool *p, struct pkt_job *job) {
  pthread_mutex_lock(&p->lock);
  bool room = has_room(p, job);
  if (room) {
    enqueue(p, job);
    if (p->idle > 0) pthread_cond_signal(&p->work);
  }
  pthread_mutex_unlock(&p->lock);
  return room;
}

unsigned pkt_pool_idle(struct pkt_pool *p) {
  pthread_mutex_lock(&p->lock);
  unsigned idle = p->queue.head == NULL ? p->idle : 0;
  pthread_mutex_unlock(&p->lock);
  return idle;
}

struct pkt_jobs pkt_pool_done(struct pkt_pool *p) {
  pthread_mutex_lock(&p->lock);
  struct pkt_jobs done = p->done;
  p->done.head = NULL;
  pthread_mutex_unlock(&p->lock);
  return done;
}

bool pkt_pool_busy(struct pkt_pool *p) {
  pthread_mutex_lock(&p->lock);
  bool busy = p->queued > 0 || p->running > 0 || p->done.head != NULL;
  pthread_mutex_unlock(&p->lock);
  return busy;
}

void pkt_pool_nudge(struct pkt_pool *p) {
  pthread_mutex_lock(&p->lock);
  pthread_cond_broadcast(&p->work);
  pthread_mutex_unlock(&p->lock);
}

static void free_jobs(struct pkt_jobs *q) {
  for (struct pkt_job *job; (job = pkt_jobs_pop(q)) != NULL;) pkt_job_free(job);
}

bool pkt_pool_stop(struct pkt_pool *p, int64_t deadline) {
  bool all = true;
  pthread_mutex_lock(&p->lock);
  p->stopping = true;
  pthread_cond_broadcast(&p->work);
  pthread_mutex_unlock(&p->lock);
  for (unsigned i = 0; i < p->started; i++) all &= pkt_thread_join(p->worker[i].thread, deadline);
  if (!all) return false;
  free_jobs(&p->queue);
  free_jobs(&p->done);
  pthread_cond_destroy(&p->work);
  pthread_mutex_destroy(&p->lock);
  free(p);
  return true;
}
