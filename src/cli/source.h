/* source.h - what 'generate' and 'send' make packets of: a template, or a file with a model. */
#ifndef PKT_SOURCE_H
#define PKT_SOURCE_H

#include "../engine/buf.h"
#include "../script/stream.h"

/* Append the JSON text of 'source': a file, if there is one of this name; else a template. Returns
** 0, or -1: reported on the standard error, as 'command' says it. */
int pkt_source_read(struct pkt_service *s, const char *command, const char *source,
                    struct pkt_buf *out);

/* Print the templates' ids, one a line. Returns 0, or -1, reported as above. */
int pkt_source_list(struct pkt_service *s, const char *command);

#endif
