/* json_fuzz.c - any bytes read as JSON: never a wrong access, and what was read writes as text that
** reads and writes the same again. */
#include "../src/engine/json.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read 'text' and append it anew to 'out'. False when it isn't JSON. */
static bool rewrite(const char *text, size_t len, struct pkt_buf *out) {
  struct pkt_arena arena;
  struct pkt_value v;
  struct pkt_err err = {.code = PKT_ERR_NONE};
  pkt_arena_init(&arena, 16u << 20);
  bool good = pkt_json_read(&arena, text, len, &v, &err) == 0;
  if (good) pkt_json_write(out, &v);
  require(good == (err.code == PKT_ERR_NONE));
  pkt_arena_free(&arena);
  return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct pkt_buf once = {.len = 0}, twice = {.len = 0};
  if (rewrite((const char *)data, size, &once)) {
    require(rewrite(once.data, once.len, &twice));
    require(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
  }
  once.len = twice.len = 0;
  pkt_json_string(&twice, (const char *)data, size); /* valid, whatever the bytes are */
  require(rewrite(twice.data, twice.len, &once));
  once.len = twice.len = 0;
  pkt_json_latin1(&twice, data, size);
  require(rewrite(twice.data, twice.len, &once));
  pkt_buf_free(&once);
  pkt_buf_free(&twice);
  return 0;
}
