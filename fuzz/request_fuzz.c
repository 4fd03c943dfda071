/* request_fuzz.c - any text as a request: never a wrong access; the reply is a JSON-RPC answer with
** the request's id and a known error code; a good request in between is answered as ever.
**
** The protocols are those that the program finds: LUAPKT_HOME, or beside it. */
#include <stdio.h>
#include <stdlib.h>

#include "../src/engine/arena.h"
#include "../src/engine/json.h"
#include "../src/script/service.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char good[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"build_pkt\",\"params\":[[{\"id\":\"Ether\"},"
    "{\"id\":\"IP\",\"fields\":[{\"id\":\"src\",\"value\":\"10.0.0.1\"}]},{\"id\":\"TCP\"}]]}";

static struct pkt_service *service;
static char *good_reply;
static size_t good_len;

static void require(int truth) {
  if (!truth) abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  struct pkt_service_options options = {.seed = 1};
  struct pkt_reply reply = {0};
  struct pkt_err err;
  (void)argc;
  (void)argv;
  service = pkt_service_open(&options, &err);
  if (!service) fprintf(stderr, "request_fuzz: %s\n", err.message);
  require(service != NULL);
  require(pkt_service_handle(service, good, sizeof good - 1, false, &reply) == PKT_REPLY);
  good_len = reply.len;
  good_reply = malloc(good_len);
  require(good_reply != NULL);
  memcpy(good_reply, reply.data, good_len);
  return 0;
}

static void release(const struct pkt_reply *reply) {
  if (reply->release) reply->release((void *)(uintptr_t)reply->data, reply->hint);
}

/* JSON-RPC 2.0, section 5.1, and the document's own codes. */
static bool known_code(const struct pkt_value *code) {
  static const unsigned codes[] = {32700, 32600, 32601, 32603, 32097, 32098};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (code && code->type == PKT_V_INT && code->negative && code->num == codes[i]) return true;
  return false;
}

static void check_error(const struct pkt_value *error) {
  const struct pkt_value *message = pkt_value_get(error, "message");
  require(known_code(pkt_value_get(error, "code")));
  require(message && message->type == PKT_V_TEXT && message->len > 0);
}

/* {"jsonrpc":"2.0","id":...,"result" or "error":...} and nothing else. */
static void check_reply(const struct pkt_reply *reply) {
  struct pkt_arena arena;
  struct pkt_value v;
  struct pkt_err err;
  pkt_arena_init(&arena, 0);
  require(pkt_json_read(&arena, reply->data, reply->len, &v, &err) == 0);
  const struct pkt_value *error = pkt_value_get(&v, "error");
  require(v.type == PKT_V_MAP && v.len == 3 && pkt_value_get(&v, "id"));
  require(pkt_value_is(pkt_value_get(&v, "jsonrpc"), "2.0"));
  require((error != NULL) != (pkt_value_get(&v, "result") != NULL));
  if (error) check_error(error);
  pkt_arena_free(&arena);
}

static void check_good(void) {
  struct pkt_reply reply = {0};
  require(pkt_service_handle(service, good, sizeof good - 1, false, &reply) == PKT_REPLY);
  require(reply.len == good_len && memcmp(reply.data, good_reply, good_len) == 0);
  release(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *text = (const char *)data;
  struct pkt_reply reply = {0};
  enum pkt_outcome outcome = pkt_service_handle(service, text, size, false, &reply);
  require(outcome != PKT_DEFER);
  if (outcome == PKT_RELOAD) pkt_service_reload_reply(service, text, size, NULL, &reply);
  check_reply(&reply);
  release(&reply);
  check_good();
  return 0;
}
