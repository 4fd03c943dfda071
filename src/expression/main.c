/* main.c - the program luapkt-expression: evaluates expressions for one worker of luapkt, and can
** do nothing else.
**
** usage: luapkt-expression MEMORY INSTRUCTIONS
**
** It is started by script/helper.c with its questions and answers on descriptor 0, one message
** each, with no other descriptor and no environment. Its first message, PKT_HELPER_READY, says that
** it is confined. It ends when the other side is gone. */
#include <malloc.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../script/helper.h"
#include "../script/sandbox.h"
#include "confine.h"

/* The C library's own heap, for the rare cases where it needs one: it can't be asked for later. */
#define SPARE_HEAP (256u << 10)

enum { EXIT_USAGE = 2, EXIT_SYSTEM = 71 };

static alignas(16) uint8_t question[PKT_MAX_QUESTION];
static alignas(16) uint8_t answer[PKT_MAX_ANSWER];

static void keep_spare_heap(void) {
  mallopt(M_MMAP_THRESHOLD, INT32_MAX);
  mallopt(M_TRIM_THRESHOLD, INT32_MAX);
  free(malloc(SPARE_HEAP));
}

static void serve(struct pkt_sandbox *s) {
  static const char ready = PKT_HELPER_READY;
  if (write(STDIN_FILENO, &ready, 1) != 1) return;
  for (;;) {
    ssize_t n = read(STDIN_FILENO, question, sizeof question);
    if (n <= 0) return;
    size_t len = pkt_sandbox_run(s, question, (size_t)n, answer);
    if (write(STDIN_FILENO, answer, len) != (ssize_t)len) return;
  }
}

int main(int argc, char **argv) {
  static struct pkt_sandbox sandbox;
  struct pkt_sandbox_limits limits;
  if (argc != 3) return EXIT_USAGE;
  limits.memory = (size_t)strtoull(argv[1], NULL, 10) & ~(size_t)15;
  limits.instructions = (uint32_t)strtoul(argv[2], NULL, 10);
  void *memory = mmap(NULL, limits.memory, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return EXIT_SYSTEM;
  pkt_sandbox_init(&sandbox, &limits, memory);
  keep_spare_heap();
  if (pkt_confine(limits.memory) != 0) return EXIT_SYSTEM;
  serve(&sandbox);
  pkt_confined_exit(0);
}
