/* curve.h - CURVE: who may talk to the server, and in cipher.
**
** Keys are files of Z85 text, 40 characters a key, as curve_keygen prints them. */
#ifndef PKT_CURVE_H
#define PKT_CURVE_H

#include "../engine/err.h"

#define PKT_MAX_CURVE_KEYS 65536 /* in an allow list */

struct pkt_curve;

/* Make 'socket', not bound yet, a CURVE server with the secret key in a file. With a list of
** clients' public keys (a key a line, blank lines and lines with "# " in front left out), others
** are turned away by a ZAP handler (RFC 27) in a thread of its own; without ('allow' NULL) every
** client may connect. Returns NULL with *err filled in. */
struct pkt_curve *pkt_curve_start(void *context, void *socket, const char *secret,
                                  const char *allow, struct pkt_err *err);

/* After zmq_ctx_shutdown(), which ends the thread, and before zmq_ctx_term(). NULL does nothing. */
void pkt_curve_stop(struct pkt_curve *c);

#endif
