/* service.c - the whole server without its socket: requests are read, and answered by methods. */
#include "service.h"

#include <stdio.h>

#include "../engine/json.h"
#include "service_inner.h"

/* A reply from this size on is lent to the sender rather than copied. */
#define LEND_BYTES (256u << 10)

/* A request above this goes to a worker: its cost isn't small. */
#define INLINE_BYTES (64u << 10)

/* Likewise one that turns out to take more than this for its values and packets, or for its reply:
** short texts can stand for long lists. That is some milliseconds of work. */
#define INLINE_REQUEST_BYTES (256u << 10)
#define INLINE_REPLY_BYTES (512u << 10)

static bool good_id(const struct pkt_value *v) {
  return v->type == PKT_V_TEXT || v->type == PKT_V_INT || v->type == PKT_V_REAL ||
         v->type == PKT_V_NULL;
}

/* Why this is no request, or NULL. The id is taken wherever there is one. */
static const char *read_request(const struct pkt_value *v, struct request *q) {
  if (v->type == PKT_V_LIST) return "batches are not supported";
  if (v->type != PKT_V_MAP) return "a request is an object";
  const char *why = NULL;
  bool version = false, id = false;
  for (uint32_t i = 0; i < v->len; i++) {
    const struct pkt_member *m = &v->members[i];
    const struct pkt_value key = {.type = PKT_V_TEXT, .ptr = m->key, .len = m->key_len};
    if (pkt_value_is(&key, "id")) {
      id = good_id(&m->value);
      if (id) q->id = m->value;
    } else if (pkt_value_is(&key, "jsonrpc")) {
      version = pkt_value_is(&m->value, "2.0");
    } else if (pkt_value_is(&key, "method")) {
      q->method = &m->value;
    } else if (pkt_value_is(&key, "params")) {
      q->params = &m->value;
    } else {
      why = "a request has the members jsonrpc, id, method and params, and no others";
    }
  }
  if (why) return why;
  if (!version) return "\"jsonrpc\": \"2.0\" is missing";
  if (!id) return "\"id\" is missing, or neither text nor a number nor null";
  if (!q->method || q->method->type != PKT_V_TEXT) return "\"method\" is missing, or no text";
  return NULL;
}

static struct arguments arguments_of(const struct request *q) {
  struct arguments a = {0};
  if (!q->params) return a;
  a.at = q->params->items;
  a.len = q->params->len;
  return a;
}

static bool is_one_of(char *const *names, const struct pkt_value *method) {
  while (*names && !pkt_value_is(method, *names)) names++;
  return *names != NULL;
}

/* Methods in Lua, and those whose answer is one text. */
static enum pkt_outcome dispatch_lua(struct pkt_service *s, const struct request *q,
                                     struct arguments a, bool inline_size) {
  if (!s->owner && inline_size && !is_one_of(s->generation->on_worker, q->method))
    return PKT_TO_OWNER;
  if (pkt_reply_constant(s, q, a)) return PKT_REPLY;
  bool payload = s->owner && pkt_value_is(q->method, "get_payload_classes");
  if (payload && !pkt_check_payload_model(s, q, a)) return PKT_REPLY;
  pkt_call_lua(s, q, a);
  bool ends = s->owner && pkt_value_is(q->method, "shut_down") && a.len == 0;
  return ends ? PKT_SHUT_DOWN : PKT_REPLY;
}

/* A method in C: how many parameters it takes, at least and at most; whether the first of them is a
** text, as a version handle is, and whether a wrong handle is passed over, as the reference does.
** Those that may take long are for workers. */
struct method {
  const char *name, *takes;
  void (*run)(struct pkt_service *s, const struct request *q, struct arguments a);
  uint32_t least, most;
  bool text_first, any_handle, is_long;
};

static const struct method methods[] = {
    {"build_pkt", "pkt_model_descriptor", pkt_method_build, 1, 1, false, false, false},
    {"reconstruct_pkt", "binary_pkt (base64), model_descriptor (may be left out)",
     pkt_method_reconstruct, 1, 2, true, false, false},
    {"build_pkt_ex", "pkt_model_descriptor, extra_options", pkt_method_build_ex, 2, 2, false, false,
     true},
    {"read_pcap", "pcap_base64", pkt_method_read_pcap, 1, 1, true, true, true},
    {"write_pcap", "packets_base64", pkt_method_write_pcap, 1, 1, true, true, true},
    {"run_field_engine", "pkt_model_descriptor, field_engine, range", pkt_method_run, 3, 3, false,
     false, true},
};

/* Does something stand in front of the method's own parameters, be it the right handle or not? */
static bool is_preceded(const struct pkt_service *s, const struct method *m, struct arguments a) {
  if (pkt_is_handled(s, a) || a.len > m->most) return true;
  if (a.len == 0 || a.at[0].type != PKT_V_TEXT) return false;
  return !m->text_first || (a.len > m->least && a.at[1].type == PKT_V_TEXT);
}

static void call_method(struct pkt_service *s, const struct request *q, const struct method *m,
                        struct arguments a) {
  bool right = pkt_is_handled(s, a);
  a.handled = is_preceded(s, m, a);
  if (a.handled) a = (struct arguments){a.at + 1, a.len - 1, true};
  char takes[PKT_MAX_MESSAGE];
  if (a.len < m->least || a.len > m->most) {
    snprintf(takes, sizeof takes, "%s takes client_v_handler (may be left out), %s", m->name,
             m->takes);
    pkt_answer_error(s, q, RPC_INVALID_PARAMS, "Invalid params: ", takes);
  } else if (a.handled && !right && !m->any_handle) {
    pkt_answer_error(s, q, RPC_FAILED, "Scapy Server: ",
                     "Provided version handler does not correspond to the server's version.\n"
                     "Update client to latest version.\nServer version:" PKT_MAJOR "." PKT_MINOR);
  } else {
    m->run(s, q, a);
  }
}

static enum pkt_outcome dispatch(struct pkt_service *s, const struct request *q, bool inline_only,
                                 bool inline_size) {
  struct arguments a = arguments_of(q);
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    if (!pkt_value_is(q->method, methods[i].name)) continue;
    if (inline_only && methods[i].is_long) return PKT_DEFER;
    if (inline_only) {
      s->arena.limit = INLINE_REQUEST_BYTES;
      s->out.limit = INLINE_REPLY_BYTES;
    }
    call_method(s, q, &methods[i], a);
    s->deferred |= inline_only && (s->arena.limited || s->out.failed);
    return PKT_REPLY;
  }
  if (pkt_value_is(q->method, "reload") && a.len == 0) return PKT_RELOAD;
  if (!is_one_of(s->generation->methods, q->method)) {
    pkt_answer_error(s, q, RPC_NO_METHOD, "", "Method not found");
    return PKT_REPLY;
  }
  if (inline_only && is_one_of(s->generation->on_worker, q->method)) return PKT_DEFER;
  return dispatch_lua(s, q, a, inline_size);
}

static enum pkt_outcome answer(struct pkt_service *s, const char *text, size_t len,
                               bool inline_only) {
  struct request q = {.id = {.type = PKT_V_NULL}, .text = text};
  struct pkt_value v;
  struct pkt_err err = {0};
  if (pkt_json_read(&s->arena, text, len, &v, &err) != 0) {
    if (err.code == PKT_ERR_MEMORY)
      pkt_answer_error(s, &q, RPC_FAILED, "Scapy Server: ",
                       s->arena.limited ? "the request is too large" : "out of memory");
    else
      pkt_answer_error(s, &q, RPC_PARSE_ERROR, "Parse Error: ", err.message);
    return PKT_REPLY;
  }
  const char *why = read_request(&v, &q);
  if (why) {
    pkt_answer_error(s, &q, RPC_INVALID_REQUEST, "Invalid Request: ", why);
    return PKT_REPLY;
  }
  if (q.params && q.params->type != PKT_V_LIST) {
    pkt_answer_error(s, &q, RPC_INVALID_PARAMS, "", "Invalid params: a list was expected");
    return PKT_REPLY;
  }
  return dispatch(s, &q, inline_only, len <= INLINE_BYTES);
}

/* What was written; where there was no memory for it, a text that needs none. */
static struct pkt_reply take_reply(const struct pkt_service *s) {
  static const char out_of_memory[] =
      "{\"jsonrpc\":\"2.0\",\"id\":null,"
      "\"error\":{\"code\":-32098,\"message\":\"Scapy Server: out of memory\"}}";
  if (s->lent.data) return s->lent;
  if (s->out.failed)
    return (struct pkt_reply){.data = out_of_memory, .len = sizeof out_of_memory - 1};
  return (struct pkt_reply){.data = s->out.data, .len = s->out.len};
}

/* Forget the last request, and what bounds it had. */
static void begin_request(struct pkt_service *s) {
  pkt_arena_reset(&s->arena);
  s->arena.limit = PKT_REQUEST_BYTES;
  s->out.limit = PKT_REPLY_BYTES;
  s->lent = (struct pkt_reply){0};
}

enum pkt_outcome pkt_service_handle(struct pkt_service *s, const char *request, size_t len,
                                    bool inline_only, struct pkt_reply *reply) {
  if (inline_only && len > INLINE_BYTES) return PKT_DEFER;
  begin_request(s);
  if (!s->out.data) pkt_take_back(s->lending, &s->out);
  s->may_wait = !inline_only;
  s->deferred = false;
  pkt_evaluator_begin(s->evaluator);
  enum pkt_outcome outcome = answer(s, request, len, inline_only);
  if (s->deferred) return PKT_DEFER;
  *reply = take_reply(s);
  if (outcome != PKT_REPLY || reply->release || reply->len < LEND_BYTES) return outcome;
  reply->hint = pkt_lend(s->lending, &s->out);
  if (reply->hint) reply->release = pkt_lending_release;
  return outcome;
}

void pkt_service_reload_reply(struct pkt_service *s, const char *request, size_t len,
                              const struct pkt_err *err, struct pkt_reply *reply) {
  struct request q = {.id = {.type = PKT_V_NULL}, .text = request};
  struct pkt_value v;
  struct pkt_err ignored;
  begin_request(s);
  if (pkt_json_read(&s->arena, request, len, &v, &ignored) == 0) (void)read_request(&v, &q);
  if (err) {
    pkt_answer_failure(s, &q, err);
  } else {
    pkt_answer_begin(s, &q);
    pkt_buf_lit(&s->out, "true}");
  }
  *reply = take_reply(s);
}
