/* engine.c - what the engine alone does in a second on one core: packets built from slots and
** dissected into slots, through plans, no requests. Prints rates and, as the ceiling of the same
** run, the rate of copying the packet's bytes.
**
** usage: engine [SECONDS [build|dissect|copy]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../src/engine/assign.h"
#include "../src/engine/build.h"
#include "../src/engine/dissect.h"
#include "../src/engine/registry.h"
#include "../src/script/service.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what) {
  fprintf(stderr, "engine: %s\n", what);
  exit(1);
}

static struct pkt_layer *push(struct pkt_context *c, struct pkt_packet *p, const char *id) {
  struct pkt_err err;
  const struct pkt_plan *plan = pkt_registry_find(c->registry, id, strlen(id));
  struct pkt_layer *layer = plan ? pkt_layer_new(c->arena, plan) : NULL;
  if (!layer || pkt_packet_push(p, layer, &err) != 0) fail(id);
  return layer;
}

static void set(struct pkt_context *c, struct pkt_layer *layer, const char *id,
                struct pkt_value v) {
  struct pkt_err err;
  const struct pkt_op *op = pkt_plan_op(layer->plan, id, strlen(id));
  if (!op || pkt_assign(c, layer, op, &v, &err) != 0) fail(id);
}

static struct pkt_value number(uint64_t n) {
  return (struct pkt_value){.type = PKT_V_INT, .num = n};
}

static struct pkt_value text(const char *s) {
  return (struct pkt_value){.type = PKT_V_TEXT, .ptr = s, .len = (uint32_t)strlen(s)};
}

static struct pkt_value list(struct pkt_value *items, uint32_t n) {
  return (struct pkt_value){.type = PKT_V_LIST, .items = items, .len = n};
}

/* Ether/IP/TCP with MSS, SAckOK, Timestamp, NOP and WScale: 20 bytes of options. */
static struct pkt_packet *make_packet(struct pkt_context *c) {
  struct pkt_packet *p = pkt_packet_new(c->arena);
  if (!p) fail("memory");
  push(c, p, "Ether");
  set(c, push(c, p, "IP"), "src", text("10.0.0.1"));
  struct pkt_value mss[] = {text("MSS"), number(1460)};
  struct pkt_value sack[] = {text("SAckOK"), text("")};
  struct pkt_value stamps[] = {number(1), number(0)};
  struct pkt_value stamp[] = {text("Timestamp"), list(stamps, 2)};
  struct pkt_value scale[] = {text("WScale"), number(7)};
  struct pkt_value options[] = {list(mss, 2), list(sack, 2), list(stamp, 2), text("NOP"),
                                list(scale, 2)};
  set(c, push(c, p, "TCP"), "options", list(options, 5));
  return p;
}

/* Builds and dissects a second, with the source address and the ports changed for every packet. */
static double build_rate(struct pkt_context *c, struct pkt_packet *p, struct pkt_buf *out,
                         double seconds) {
  struct pkt_err err;
  struct pkt_slot *src = &p->layers[1]->slots[10], *sport = &p->layers[2]->slots[0];
  uint64_t n = 0;
  double start = now(), end = start + seconds;
  for (; (n & 1023) != 0 || now() < end; n++) {
    *src = (struct pkt_slot){.num = 0x0a000000 + (n & 0xffff), .state = PKT_SET};
    *sport = (struct pkt_slot){.num = 1024 + (n & 0x3fff), .state = PKT_SET};
    if (pkt_build(p, c->arena, out, &err) != 0) fail(err.message);
  }
  return (double)n / (now() - start);
}

static double dissect_rate(struct pkt_arena *arena, const struct pkt_plan *ether,
                           const struct pkt_buf *bytes, double seconds) {
  struct pkt_err err;
  uint64_t n = 0;
  double start = now(), end = start + seconds;
  for (; (n & 1023) != 0 || now() < end; n++) {
    pkt_arena_reset(arena);
    const struct pkt_packet *p =
        pkt_dissect(arena, ether, (const uint8_t *)bytes->data, bytes->len, PKT_REACH_USUAL, &err);
    if (!p || p->len != 3 || p->layers[2]->slots[10].list->len != 5) fail("dissect");
  }
  return (double)n / (now() - start);
}

static double copy_rate(const struct pkt_buf *bytes, double seconds) {
  static char ring[1 << 16];
  uint64_t n = 0;
  double start = now(), end = start + seconds;
  for (; (n & 1023) != 0 || now() < end; n++) {
    char *at = ring + (n * 128 & 0xff00);
    memcpy(at, bytes->data, bytes->len);
    __asm__ volatile("" : : "r"(at) : "memory");
  }
  return (double)n / (now() - start);
}

/* Is this part asked for? */
static bool wanted(int argc, char **argv, const char *part) {
  return argc < 3 || strcmp(argv[2], part) == 0;
}

static void print_rate(const char *part, double rate) {
  printf("  %-8s %11.0f/s  %7.1f ns\n", part, rate, 1e9 / rate);
}

int main(int argc, char **argv) {
  double seconds = argc > 1 ? atof(argv[1]) : 1;
  struct pkt_service_options options = {.seed = 1};
  struct pkt_err err = {0};
  struct pkt_service *s = pkt_service_open(&options, &err);
  if (!s) fail(err.message);
  struct pkt_arena arena, scratch;
  struct pkt_buf out = {0};
  pkt_arena_init(&arena, 0);
  pkt_arena_init(&scratch, 0);
  struct pkt_context c = {.arena = &arena, .registry = pkt_service_registry(s)};
  struct pkt_packet *p = make_packet(&c);
  if (pkt_build(p, &arena, &out, &err) != 0) fail(err.message);
  printf("Ether/IP/TCP with 20 bytes of options (%zu bytes), on one core\n", out.len);
  if (wanted(argc, argv, "build")) print_rate("build", build_rate(&c, p, &out, seconds));
  if (wanted(argc, argv, "dissect"))
    print_rate("dissect", dissect_rate(&scratch, p->layers[0]->plan, &out, seconds));
  if (wanted(argc, argv, "copy")) print_rate("copy", copy_rate(&out, seconds));
  pkt_arena_free(&arena);
  pkt_arena_free(&scratch);
  pkt_buf_free(&out);
  pkt_service_close(s);
  return 0;
}
