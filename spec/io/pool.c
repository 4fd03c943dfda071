/* pool.c - requests put into the queue of a pool without workers; pool_spec.lua builds and runs it.
** Each argument is the size of one, for which a line says if there was room. */
#include <stdio.h>
#include <stdlib.h>

#include "../../src/io/log.h"
#include "../../src/io/pool.h"
#include "../../src/io/thread.h"

/* Nothing is ever answered here. */
enum pkt_outcome pkt_service_handle(struct pkt_service *s, const char *request, size_t len,
                                    bool surplus, struct pkt_reply *reply) {
  (void)s, (void)request, (void)len, (void)surplus, (void)reply;
  abort();
}

void pkt_service_close(struct pkt_service *s) {
  (void)s;
  abort();
}

int main(int argc, char **argv) {
  struct pkt_err err;
  struct pkt_pool *pool = pkt_pool_start(0, NULL, -1, &err);
  if (!pool) return 1;
  for (int i = 1; i < argc; i++) {
    struct pkt_frames f = {.count = 2};
    zmq_msg_init(&f.frame[0]);
    zmq_msg_init_size(&f.frame[1], strtoull(argv[i], NULL, 10)); /* never touched */
    struct pkt_job *job = pkt_job_new(&f);
    bool room = pkt_pool_push(pool, job);
    puts(room ? "room" : "full");
    if (!room) pkt_job_free(job);
  }
  return pkt_pool_stop(pool, 0) ? 0 : 1;
}
