#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int pkt_file_read(struct pkt_buf *out, const char *path, size_t max, struct pkt_err *err) {
  char chunk[4096];
  size_t n;
  FILE *f = fopen(path, "rbe");
  while (f && !out->failed && out->len <= max && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
    pkt_buf_add(out, chunk, n);
  bool bad = !f || ferror(f);
  const char *why = bad ? strerror(errno) : out->failed ? "out of memory" : NULL;
  if (f) fclose(f);
  if (why) return pkt_fail(err, PKT_ERR_VALUE, "%s: %s", path, why);
  if (out->len <= max) return 0;
  return pkt_fail(err, PKT_ERR_LIMIT, "%s: more than %zu bytes", path, max);
}
