/* err.h - what went wrong, for a program and for a person.
**
** Functions that can fail take a 'struct pkt_err *' last, fill it in and return -1 or NULL. A
** message is lower case, names the protocol, the field, the value and what would be right, and
** holds valid UTF-8 without control characters: what it quotes has been cut and escaped. */
#ifndef PKT_ERR_H
#define PKT_ERR_H

#include <stddef.h>

#include "limits.h"

/* The codes, and their names in Lua. */
#define PKT_ERR_CODES(X)                                                           \
  X(NONE, "none")                                                                  \
  X(MEMORY, "memory")       /* no memory */                                        \
  X(SYNTAX, "syntax")       /* text that can't be parsed */                        \
  X(VALUE, "value")         /* a value that doesn't fit its field */               \
  X(UNKNOWN, "unknown")     /* no such protocol, field or method */                \
  X(TRUNCATED, "truncated") /* bytes end early */                                  \
  X(MALFORMED, "malformed") /* bytes that make no sense */                         \
  X(LIMIT, "limit")         /* over a limit of limits.h */                         \
  X(PROTOCOL, "protocol")   /* a mistake in a protocol file */                     \
  X(HOOK, "hook")           /* a Lua hook failed, or what evaluates expressions */ \
  X(SYSTEM, "system")       /* what the system refused, and its reason */          \
  X(DENIED, "denied")       /* a right that the process doesn't have */            \
  X(TIMEOUT, "timeout")     /* nothing came in the time that was given */          \
  X(LATER, "later")         /* may take long: to be asked again where waiting is allowed */

enum pkt_errcode {
#define X(code, name) PKT_ERR_##code,
  PKT_ERR_CODES(X)
#undef X
};

struct pkt_err {
  enum pkt_errcode code;
  char message[PKT_MAX_MESSAGE];
};

/* The name of a code, in static memory. */
const char *pkt_err_name(enum pkt_errcode code);

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
