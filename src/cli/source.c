#include "source.h"

#include <stdio.h>
#include <sys/stat.h>

#include "file.h"

#define MAX_MODEL (16u << 20) /* bytes of a model */

int pkt_source_read(struct pkt_service *s, const char *command, const char *source,
                    struct pkt_buf *out) {
  struct stat st;
  struct pkt_err err;
  if (stat(source, &st) == 0 && !S_ISDIR(st.st_mode)) {
    if (pkt_file_read(out, source, MAX_MODEL, &err) == 0) return 0;
    fprintf(stderr, "%s: %s\n", command, err.message);
    return -1;
  }
  if (pkt_service_template(s, source, out, &err) == 0) return 0;
  fprintf(stderr, "%s: there is no file '%s', and: %s\n", command, source, err.message);
  return -1;
}
