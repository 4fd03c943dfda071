/* service_reply.c - replies: their head, errors, and what stands before a result. */
#include <string.h>

#include "../engine/json.h"
#include "service_inner.h"

#define KEEP_SCRATCH (256u << 10) /* what a worker keeps of it between requests */

static const char failure[] = "Scapy Server: ";

static void begin_reply(struct pkt_service *s, const struct request *q) {
  pkt_buf_clear(&s->out, PKT_KEEP_REPLY);
  pkt_buf_lit(&s->out, "{\"jsonrpc\":\"2.0\",\"id\":");
  if (q->id.type == PKT_V_REAL) /* as it was sent, also where no double is the same */
    pkt_buf_add(&s->out, q->text + q->id.len, strspn(q->text + q->id.len, "+-.0123456789eE"));
  else
    pkt_json_write(&s->out, &q->id);
}

void pkt_answer_error(struct pkt_service *s, const struct request *q, int code, const char *prefix,
                      const char *message) {
  begin_reply(s, q);
  pkt_buf_fmt(&s->out, ",\"error\":{\"code\":%d,\"message\":", code);
  pkt_buf_clear(&s->scratch, KEEP_SCRATCH);
  pkt_buf_str(&s->scratch, prefix);
  pkt_buf_str(&s->scratch, message);
  s->out.failed |= s->scratch.failed;
  pkt_json_string(&s->out, s->scratch.data, s->scratch.len);
  pkt_buf_lit(&s->out, "}}");
}

void pkt_answer_failure(struct pkt_service *s, const struct request *q, const struct pkt_err *err) {
  if (err->code == PKT_ERR_LATER) {
    s->deferred = true;
    return;
  }
  if (err->code == PKT_ERR_SYNTAX)
    pkt_answer_error(s, q, RPC_SYNTAX_ERROR, "Syntax Error: ", err->message);
  else
    pkt_answer_error(s, q, RPC_FAILED, failure, err->message);
}

struct pkt_value pkt_service_why(const struct pkt_value *error) {
  const struct pkt_value *message = pkt_value_get(error, "message");
  if (!message || message->type != PKT_V_TEXT)
    return (struct pkt_value){.type = PKT_V_TEXT, .ptr = ""};
  struct pkt_value why = *message;
  uint32_t n = sizeof failure - 1;
  if (why.len > n && memcmp(why.ptr, failure, n) == 0) {
    why.ptr += n;
    why.len -= n;
  }
  return why;
}

void pkt_answer_begin(struct pkt_service *s, const struct request *q) {
  begin_reply(s, q);
  pkt_buf_lit(&s->out, ",\"result\":");
}
