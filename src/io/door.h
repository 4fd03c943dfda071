/* door.h - how many clients are let in.
**
** Every connection takes a file descriptor. Where none is left ZeroMQ's thread tries to accept the
** next one for ever, and the server can open no file of its own: so from some number on the kernel
** is told to pass over those who knock. They go on knocking, as TCP does, until somebody leaves.
** Where the kernel may not be told so, they are let in, and out again at once. */
#ifndef PKT_DOOR_H
#define PKT_DOOR_H

#include "../engine/err.h"

struct pkt_door;

/* Watch 'socket', not bound yet, by a thread. 'clients' are let in at a time, about, or as many as
** there are file descriptors for, if that is less or 'clients' is 0. 'own' are those that the
** server itself will open after it has bound the socket. NULL with *err filled in. */
struct pkt_door *pkt_door_start(void *context, void *socket, unsigned clients, unsigned own,
                                struct pkt_err *err);

/* Connections that may wait to be accepted: as many are still let in once the door is shut. */
int pkt_door_backlog(void);

/* After zmq_ctx_shutdown(), which ends the thread, and before zmq_ctx_term(). NULL does nothing. */
void pkt_door_stop(struct pkt_door *d);

#endif
