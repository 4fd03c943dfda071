/* err.h - what went wrong, for a program and for a person.
**
** Functions that can fail take a 'struct pkt_err *' last, fill it in and return -1 or NULL. A
** message is lower case, names the protocol, the field, the value and what would be right, and
** holds valid UTF-8 without control characters: what it quotes has been cut and escaped. */
#ifndef PKT_ERR_H
#define PKT_ERR_H

#include <stddef.h>

#include "limits.h"

enum pkt_errcode {
  PKT_ERR_NONE,
  PKT_ERR_MEMORY,    /* no memory */
  PKT_ERR_SYNTAX,    /* text that can't be parsed */
  PKT_ERR_VALUE,     /* a value that doesn't fit its field */
  PKT_ERR_UNKNOWN,   /* no such protocol, field or method */
  PKT_ERR_TRUNCATED, /* bytes end early */
  PKT_ERR_MALFORMED, /* bytes that make no sense */
  PKT_ERR_LIMIT,     /* over a limit of limits.h */
  PKT_ERR_PROTOCOL,  /* a mistake in a protocol file */
  PKT_ERR_HOOK,      /* a Lua hook failed, or what evaluates expressions */
  PKT_ERR_SYSTEM,    /* what the system refused, and its reason */
  PKT_ERR_DENIED,    /* a right that the process doesn't have */
  PKT_ERR_TIMEOUT,   /* nothing came in the time that was given */
  PKT_ERR_LATER,     /* may take long: to be asked again where waiting is allowed */
};

struct pkt_err {
  enum pkt_errcode code;
  char message[PKT_MAX_MESSAGE];
};

/* Fill in *err (which may be NULL) as printf does; too long a message is cut at a character's
** end. Always returns -1, so that a function can 'return pkt_fail(...)'. */
int pkt_fail(struct pkt_err *err, enum pkt_errcode code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with "line N column N: " in front of 'what': where 'where' stands in 'text', both from
** 1, a column being a character. */
int pkt_fail_at(struct pkt_err *err, enum pkt_errcode code, const char *text, const char *where,
                const char *what);

/* The same with 'n' bytes of any kind as the message: controls and what is no UTF-8 are escaped. */
int pkt_fail_bytes(struct pkt_err *err, enum pkt_errcode code, const void *text, size_t n);

/* Put 'text' in front of the message that *err holds already. */
void pkt_err_prefix(struct pkt_err *err, const char *text);

/* Write 'n' bytes into 'out' as printable text in double quotes, at most PKT_MAX_QUOTE bytes of
** it, '...' where it was cut; controls and bytes that are no UTF-8 become \xNN. Returns 'out',
** which has room for PKT_QUOTE_ROOM bytes. */
#define PKT_QUOTE_ROOM (PKT_MAX_QUOTE * 4 + 8)
const char *pkt_quote(char *out, const void *text, size_t n);

#endif
