/* client.h - one request at a time to a server, with a time limit.
**
** Works like a REQ socket that isn't stuck when an answer fails to come: after a time-out the
** connection is thrown away, and with it an answer that may still come. */
#ifndef PKT_CLIENT_H
#define PKT_CLIENT_H

#include <stddef.h>

#include "../engine/buf.h"
#include "../engine/err.h"

struct pkt_client;

/* A client of the server at a ZeroMQ endpoint, "tcp://127.0.0.1:4507", that waits for each answer
** up to 'timeout_ms'. NULL with *err filled in. Whether there is a server shows with the first
** call. */
struct pkt_client *pkt_client_open(const char *endpoint, int timeout_ms, struct pkt_err *err);

/* Close and free it; NULL is fine. */
void pkt_client_close(struct pkt_client *c);

/* Send a request and append the reply to 'reply'. Returns 0, or -1 with *err filled in:
** PKT_ERR_LIMIT where no answer came in time. */
int pkt_client_call(struct pkt_client *c, const char *request, size_t len, struct pkt_buf *reply,
                    struct pkt_err *err);

#endif
