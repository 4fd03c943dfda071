/* log.h - what the server tells whoever runs it.
**
** Errors always go to standard error; notes only when verbose. With a log file everything goes
** there too. A line is written whole, so threads may log at the same time. */
#ifndef PKT_LOG_H
#define PKT_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "../engine/err.h"

#define PKT_LOG_LINE 1024 /* bytes of one line: what is longer is cut */

/* Choose where lines go: 'path' may be NULL, and is kept. Call before there are threads. The file
** stays open, a thread that the server couldn't end may still write to it; each line is flushed.
** Returns 0, or -1 with *err filled in when the file can't be opened. */
int pkt_log_open(const char *path, bool verbose, struct pkt_err *err);

/* Open the log file anew, as its name may lead to another one by now. Where that fails, the one
** that is open goes on. */
void pkt_log_reopen(void);

/* Does anybody read notes? Ask before working one out. */
bool pkt_log_wants_notes(void);

/* A line, printf-like, without the line end. */
void pkt_log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void pkt_log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A note of bytes from outside: cut, controls and non-ASCII shown as dots. */
void pkt_log_bytes(const char *what, const void *bytes, size_t len);

#endif
