/* packed_fuzz.c - any bytes read as a packed value: never a wrong access; what was read is a sound
** value within the limits, and shares nothing with the bytes. */
#include "packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct pkt_arena arena;
  struct pkt_value v;
  struct pkt_err err = {.code = PKT_ERR_NONE};
  uint8_t *bytes = malloc(size + 1);
  require(bytes != NULL);
  if (size > 0) memcpy(bytes, data, size);
  pkt_arena_init(&arena, ARENA_BYTES);
  int status = pkt_packed_read(&arena, bytes, size, &v, &err);
  require((status == 0) == (err.code == PKT_ERR_NONE));
  free(bytes); /* so that pointers into it are found */
  if (status == 0)
    require_sound(&v);
  else
    require(err.code == PKT_ERR_MALFORMED || err.code == PKT_ERR_LIMIT);
  pkt_arena_free(&arena);
  return 0;
}
