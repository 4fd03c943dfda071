/* rpc.h - JSON-RPC as 'call' and 'console' speak it. */
#ifndef PKT_RPC_H
#define PKT_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../engine/arena.h"
#include "../engine/buf.h"
#include "../engine/err.h"
#include "../engine/value.h"
#include "../io/client.h"

struct pkt_rpc {
  struct pkt_client *client;
  unsigned last_id;      /* of the last request */
  struct pkt_buf handle; /* what get_version_handler gave, as JSON; empty: none is sent */
  struct pkt_buf bare;   /* names of methods that take no handle, each with a NUL behind */
  struct pkt_buf request, reply;
  struct pkt_arena arena; /* the reply's values */
};

/* Connect. Returns 0, or -1 with *err filled in. */
int pkt_rpc_open(struct pkt_rpc *r, const char *endpoint, int timeout_ms, struct pkt_err *err);
void pkt_rpc_close(struct pkt_rpc *r);

/* Ask for the version handle and send it from now on with every call of a method that takes one.
** Returns 0, or -1 with *err: there is none. */
int pkt_rpc_handshake(struct pkt_rpc *r, struct pkt_err *err);

struct pkt_rpc_answer {
  bool ok;
  const struct pkt_value *result; /* if 'ok' */
  const struct pkt_value *error;  /* if not */
};

/* Call a method with 'n' parameters, each one JSON text (checked already). The answer lives until
** the next call; r->reply holds its text. Returns 0, or -1 with *err: no answer, or none that is
** JSON-RPC. */
int pkt_rpc_call(struct pkt_rpc *r, const char *method, const char *const *params, size_t n,
                 struct pkt_rpc_answer *answer, struct pkt_err *err);

/* Is this one JSON value? Otherwise *err says why, with a hint at how text is typed here: as
** 'quoted_text'. */
int pkt_rpc_check(const char *text, size_t len, const char *quoted_text, struct pkt_err *err);

/* Print a result over several lines, indented by two spaces. False, and reported, without memory. */
bool pkt_rpc_print(FILE *out, const struct pkt_value *v);

/* Print 'error CODE: message'. */
void pkt_rpc_print_error(FILE *out, const struct pkt_value *error);

#endif
