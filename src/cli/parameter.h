/* parameter.h - a parameter of a call as it is typed: JSON, or a file that holds it.
**
**   {"id": "Ether"}    JSON, one value
**   @model.json        the JSON in a file
**   base64:http.pcap   the bytes of a file, as the text that methods take bytes in */
#ifndef PKT_PARAMETER_H
#define PKT_PARAMETER_H

#include "../engine/buf.h"
#include "../engine/err.h"

/* Put the JSON that 'word' stands for into the empty 'out', with a NUL behind. Files are read up to
** the size of a request. Returns 0, or -1 with *err: what the parameter is instead ("not JSON:
** ...", "a file that can't be read: ..."), with a text as it is typed, 'quoted_text', for an
** example. 'out' is the caller's to free in either case. */
int pkt_parameter_read(struct pkt_buf *out, const char *word, const char *quoted_text,
                       struct pkt_err *err);

#endif
