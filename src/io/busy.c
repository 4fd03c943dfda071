#include "busy.h"

#include "../engine/arena.h"
#include "../engine/json.h"

static void write_id(struct pkt_buf *out, const struct pkt_value *id) {
  size_t before = out->len;
  bool usable =
      id != NULL && (id->type == PKT_V_TEXT || id->type == PKT_V_INT || id->type == PKT_V_REAL);
  if (usable) pkt_json_write(out, id);
  if (usable && out->len - before <= PKT_BUSY_ID) return;
  out->len = before;
  pkt_buf_lit(out, "null");
}

void pkt_busy_reply(struct pkt_buf *out, const char *request, size_t len, const char *why) {
  struct pkt_arena arena;
  struct pkt_value v;
  pkt_arena_init(&arena, (size_t)PKT_BUSY_READ * 64);
  bool read = len <= PKT_BUSY_READ && pkt_json_read(&arena, request, len, &v, NULL) == 0;
  pkt_buf_lit(out, "{\"jsonrpc\":\"2.0\",\"id\":");
  write_id(out, read ? pkt_value_get(&v, "id") : NULL);
  pkt_buf_lit(out, ",\"error\":{\"code\":-32098,\"message\":\"Scapy Server: busy, ");
  pkt_buf_str(out, why);
  pkt_buf_lit(out, "\"}}");
  pkt_arena_free(&arena);
}
