/* expression_fuzz.c - any text evaluated as an expression: never a wrong access; always a
** well-formed answer within the limits; and the same one again, whatever was evaluated in between.
**
** The Lua of a system may be one that a text can crash (before 5.4.8). What is looked for here is
** ours, so such texts are left out where they are known, and memory is not the limit that ends most
** of them: see is_left_out().
**
** Input: a byte that is the seed and says whether there is a packet, then the text. */
#include <stdalign.h>

#include "../src/engine/buf.h"
#include "../src/engine/registry.h"
#include "../src/script/sandbox.h"
#include "packed.h"
#include "service.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Small enough that a text ends within milliseconds, large enough for every word. */
#define MEMORY (1u << 20)
#define INSTRUCTIONS 20000
#define MOST_TEXT 1024 /* beyond that nothing new happens, but the compiler takes long */

static struct pkt_service *service; /* open until the process ends */
static struct pkt_sandbox sandbox;
static alignas(16) uint8_t memory[MEMORY];
static alignas(16) uint8_t answer[PKT_MAX_ANSWER], again[PKT_MAX_ANSWER];
static struct pkt_buf view; /* a packet to look at */

static void make_view(const struct pkt_registry *registry) {
  static const char *const ids[] = {"Ether", "IP", "UDP", "DNS"};
  struct pkt_arena arena;
  struct pkt_err err;
  pkt_arena_init(&arena, 0);
  struct pkt_packet *p = pkt_packet_new(&arena);
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    const struct pkt_plan *plan = pkt_registry_find(registry, ids[i], strlen(ids[i]));
    require(p && plan && pkt_packet_push(p, pkt_layer_new(&arena, plan), &err) == 0);
  }
  pkt_packed_layers(&view, p, NULL);
  require(!view.failed && view.len <= PKT_MAX_VIEW);
  pkt_arena_free(&arena);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  service = open_service();
  make_view(pkt_service_registry(service));
  pkt_sandbox_init(&sandbox, &(struct pkt_sandbox_limits){MEMORY, INSTRUCTIONS}, memory);
  return 0;
}

/* Lua 5.4.4 goes on with a stack that is no more, where a call within '..' has moved it. Addresses
** are the only values that are called for '..'; vararg functions make frames of any size. */
static bool is_left_out(const char *text, size_t n) {
  return LUA_VERSION_RELEASE_NUM < 50408 && memmem(text, n, "...", 3) && memmem(text, n, "..", 2);
}

static void question(struct pkt_buf *b, uint8_t how, const char *text, size_t n) {
  static const char names[] = "DNSQR\0IP\0UDP\0IPOption_SSRR"; /* whether they stand in it or not */
  struct pkt_question q = {
      .text_len = (uint32_t)n,
      .names_len = sizeof names,
      .view_len = how & 1 ? (uint32_t)view.len : 0,
      .seed = how,
  };
  pkt_buf_add(b, &q, sizeof q);
  pkt_buf_add(b, text, n);
  pkt_buf_add(b, names, sizeof names);
  pkt_buf_add(b, view.data, q.view_len);
  require(!b->failed && b->len <= PKT_MAX_QUESTION);
}

static void check_value(const uint8_t *packed, size_t n) {
  struct pkt_arena arena;
  struct pkt_value v;
  struct pkt_err err;
  pkt_arena_init(&arena, ARENA_BYTES);
  require(pkt_packed_read(&arena, packed, n, &v, &err) == 0);
  require_sound(&v);
  pkt_arena_free(&arena);
}

static void check(const uint8_t *reply, size_t n) {
  struct pkt_answer head;
  require(n >= sizeof head && n <= PKT_MAX_ANSWER);
  memcpy(&head, reply, sizeof head);
  require(n == sizeof head + head.len && head.verdict <= PKT_VERDICT_LIMIT);
  if (head.verdict == PKT_VERDICT_VALUE)
    check_value(reply + sizeof head, head.len);
  else
    require(head.len > 0 && head.len <= PKT_MAX_MESSAGE);
}

static void ask_another(const char *text) {
  struct pkt_buf b = {.len = 0};
  question(&b, 0, text, strlen(text));
  check(again, pkt_sandbox_run(&sandbox, b.data, b.len, again));
  pkt_buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1 || size > MOST_TEXT + 1 || is_left_out((const char *)data + 1, size - 1)) return 0;
  struct pkt_buf b = {.len = 0};
  question(&b, data[0], (const char *)data + 1, size - 1);
  size_t n = pkt_sandbox_run(&sandbox, b.data, b.len, answer);
  check(answer, n);
  ask_another("(function() x = 1 tostring = 2 return 1 end)()");
  size_t len = pkt_sandbox_run(&sandbox, b.data, b.len, again);
  bool limited =
      answer[0] == PKT_VERDICT_LIMIT || again[0] == PKT_VERDICT_LIMIT; /* by collection */
  require(limited || (n == len && memcmp(answer, again, n) == 0));
  pkt_buf_free(&b);
  return 0;
}
