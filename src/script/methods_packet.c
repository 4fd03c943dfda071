/* methods_packet.c - the methods that build and read packets. */
#include "../engine/build.h"
#include "../engine/constants.h"
#include "../engine/dissect.h"
#include "../engine/literal.h"
#include "../engine/reply.h"
#include "../wire/base64.h"
#include "service_inner.h"

static int read_expression(void *data, struct pkt_context *c, const char *text, size_t len,
                           struct pkt_value *out, struct pkt_err *err) {
  (void)data;
  return pkt_literal_read_named(c->arena, pkt_constants, text, len, out, err) == 0 ? 0 : -1;
}

static struct pkt_model_reader model_reader(struct pkt_service *s) {
  return (struct pkt_model_reader){
      .context = {.arena = &s->arena, .registry = s->registry, .rng = &s->rng},
      .expression = read_expression,
  };
}

/* A client that has a version handle is one of the reference's, and gets the reference's literals. */
static enum pkt_dialect dialect_of(bool handled) { return handled ? PKT_PYTHON : PKT_LUA; }

static void reply_packet(struct pkt_service *s, const struct request *q, struct pkt_packet *p,
                         enum pkt_dialect dialect) {
  struct pkt_err err = {0};
  if (p->len == 0) {
    pkt_answer_begin(s, q);
    pkt_buf_lit(&s->out, "{\"data\":[],\"binary\":null}}");
    return;
  }
  if (pkt_build(p, &s->arena, &s->packet, &err) != 0) {
    pkt_answer_failure(s, q, &err);
    return;
  }
  pkt_answer_begin(s, q);
  if (pkt_reply_write(&s->out, &s->scratch, dialect, &s->arena, p, (const uint8_t *)s->packet.data,
                      s->packet.len, &err) != 0) {
    pkt_answer_failure(s, q, &err);
    return;
  }
  pkt_buf_byte(&s->out, '}');
}

void pkt_method_build(struct pkt_service *s, const struct request *q, struct arguments a) {
  struct pkt_err err = {0};
  bool bare_handle = a.len == 1 && a.at[0].type == PKT_V_TEXT;
  if (a.len == 2 && !pkt_is_handle(s, &a.at[0])) {
    pkt_answer_wrong_handle(s, q);
    return;
  }
  if (a.len < 1 || a.len > 2 || bare_handle) {
    pkt_answer_error(
        s, q, RPC_INVALID_PARAMS, "",
        "Invalid params: build_pkt takes client_v_handler (may be left out), pkt_model_descriptor");
    return;
  }
  struct pkt_model_reader r = model_reader(s);
  struct pkt_packet *p = pkt_model_read(&r, &a.at[a.len - 1], &err);
  if (p)
    reply_packet(s, q, p, dialect_of(a.len == 2));
  else
    pkt_answer_failure(s, q, &err);
}

/* The packet's bytes; an empty binary is a default Ethernet frame. */
static struct pkt_packet *read_binary(struct pkt_service *s, const struct pkt_value *text,
                                      struct pkt_err *err) {
  const struct pkt_plan *ether = pkt_registry_find(s->registry, "Ether", 5);
  if (!ether) {
    pkt_fail(err, PKT_ERR_UNKNOWN, "there is no protocol Ether to read a packet as");
    return NULL;
  }
  if (text->type != PKT_V_TEXT) {
    pkt_fail(err, PKT_ERR_VALUE, "the packet is %s, not text in base64", pkt_value_kind(text));
    return NULL;
  }
  uint8_t *bytes = pkt_alloc(&s->arena, text->len / 4 * 3 + 3);
  size_t bad;
  ptrdiff_t n = bytes ? pkt_base64_decode(bytes, text->ptr, text->len, &bad) : 0;
  if (!bytes || n < 0) {
    if (bytes)
      pkt_fail(err, PKT_ERR_VALUE, "the packet is no base64 at character %zu", bad + 1);
    else
      pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    return NULL;
  }
  if (n > 0) return pkt_dissect(&s->arena, ether, bytes, (size_t)n, err);
  struct pkt_packet *p = pkt_packet_new(&s->arena);
  struct pkt_layer *layer = p ? pkt_layer_new(&s->arena, ether) : NULL;
  if (!layer || pkt_packet_push(p, layer, err) != 0) return NULL;
  return p;
}

void pkt_method_reconstruct(struct pkt_service *s, const struct request *q, struct arguments a) {
  struct pkt_err err = {0};
  bool handled = a.len == 3 || (a.len == 2 && a.at[1].type == PKT_V_TEXT);
  uint32_t n = a.len - (handled ? 1 : 0);
  const struct pkt_value *at = handled ? a.at + 1 : a.at;
  if (n < 1 || n > 2 || (!handled && pkt_is_handle(s, &at[0]))) {
    pkt_answer_error(s, q, RPC_INVALID_PARAMS, "",
                     "Invalid params: reconstruct_pkt takes client_v_handler (may be left out), "
                     "binary_pkt (base64), model_descriptor (may be left out)");
    return;
  }
  if (handled && !pkt_is_handle(s, &a.at[0])) {
    pkt_answer_wrong_handle(s, q);
    return;
  }
  struct pkt_packet *p = read_binary(s, &at[0], &err);
  struct pkt_model_reader r = model_reader(s);
  if (p && pkt_model_edit(&r, p, n > 1 ? &at[1] : NULL, &err) == 0)
    reply_packet(s, q, p, dialect_of(handled));
  else
    pkt_answer_failure(s, q, &err);
}
