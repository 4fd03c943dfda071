/* busy.h - the answer to a request that there is no time or no room for. */
#ifndef PKT_BUSY_H
#define PKT_BUSY_H

#include <stddef.h>

#include "../engine/buf.h"

/* Bytes of a request worth reading for its id when there is no time. */
#define PKT_BUSY_READ (64u << 10)

/* Bytes of an id, as JSON, that such an answer has room for: nothing bounds how many are unread. */
#define PKT_BUSY_ID 256

/* Write a JSON-RPC error -32098 with the id of the request, or null where it can't be read or
** is too long. 'why' is text that JSON takes as it is. */
void pkt_busy_reply(struct pkt_buf *out, const char *request, size_t len, const char *why);

#endif
