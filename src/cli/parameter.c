#include "parameter.h"

#include <string.h>

#include "../engine/limits.h"
#include "file.h"
#include "rpc.h"

/* What follows 'prefix' in 'word', or NULL. */
static const char *behind(const char *word, const char *prefix) {
  size_t n = strlen(prefix);
  return strncmp(word, prefix, n) == 0 ? word + n : NULL;
}

static int read_file(struct pkt_buf *out, const char *path, struct pkt_err *err) {
  int rc = pkt_file_read(out, path, PKT_MAX_TEXT, err);
  if (rc != 0) pkt_err_prefix(err, "a file that can't be read: ");
  return rc;
}

static int read_bytes(struct pkt_buf *out, const char *path, struct pkt_err *err) {
  struct pkt_buf bytes = {0};
  int rc = read_file(&bytes, path, err);
  if (rc == 0) {
    pkt_buf_byte(out, '"');
    pkt_buf_base64(out, (const uint8_t *)bytes.data, bytes.len);
    pkt_buf_byte(out, '"');
  }
  pkt_buf_free(&bytes);
  return rc;
}

int pkt_parameter_read(struct pkt_buf *out, const char *word, const char *quoted_text,
                       struct pkt_err *err) {
  const char *bytes = behind(word, "base64:");
  const char *json = behind(word, "@");
  int rc = 0;
  if (bytes)
    rc = read_bytes(out, bytes, err);
  else if (json)
    rc = read_file(out, json, err);
  else
    pkt_buf_str(out, word);
  size_t len = out->len;
  pkt_buf_byte(out, '\0');
  if (rc == 0 && out->failed) rc = pkt_fail(err, PKT_ERR_MEMORY, "too large for this memory");
  return rc == 0 ? pkt_rpc_check(out->data, len, quoted_text, err) : rc;
}
