/* file.h - files that are named on the command line, read whole. */
#ifndef PKT_FILE_H
#define PKT_FILE_H

#include "../engine/buf.h"
#include "../engine/err.h"

/* Append a file of up to 'max' bytes to the empty 'out'. Returns 0, or -1 with *err: the path and
** what is wrong with it, PKT_ERR_LIMIT where it is larger. */
int pkt_file_read(struct pkt_buf *out, const char *path, size_t max, struct pkt_err *err);

#endif
