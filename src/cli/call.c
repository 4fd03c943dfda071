#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "options.h"
#include "rpc.h"
#include "target.h"

enum { OPT_RAW = 256 };

static const struct pkt_cli_option table[] = {
    {"raw", OPT_RAW, NULL, "print the whole reply as it came"},
    PKT_TARGET_OPTIONS,
    {NULL, 0, NULL, NULL},
};

struct arguments {
  struct pkt_options parser;
  struct pkt_target target;
  bool raw;
  const char **words; /* method and parameters; room for all of argv */
  size_t count;
};

/* Take one option or argument; the first argument is the method, the others are JSON. */
static bool set(struct arguments *a, int letter) {
  struct pkt_err err;
  if (letter == OPT_RAW) return a->raw = true;
  if (letter != PKT_OPT_ARGUMENT) return pkt_target_set(&a->target, &a->parser, letter);
  if (a->count > 0 && pkt_rpc_check(optarg, strlen(optarg), &err) != 0) {
    pkt_options_wrong(&a->parser, "parameter %zu is %s", a->count, err.message);
    return false;
  }
  a->words[a->count++] = optarg;
  return true;
}

static int print_answer(const struct arguments *a, const struct pkt_rpc *r,
                        const struct pkt_answer *answer) {
  if (a->raw) {
    fwrite(r->reply.data, 1, r->reply.len, stdout);
    fputc('\n', stdout);
  } else if (answer->ok) {
    pkt_rpc_print(stdout, answer->result);
  } else {
    pkt_rpc_print_error(stderr, answer->error);
  }
  return answer->ok ? PKT_EXIT_OK : PKT_EXIT_FAILED;
}

static int call(const struct arguments *a) {
  struct pkt_rpc r;
  struct pkt_err err;
  struct pkt_answer answer;
  int code = PKT_EXIT_FAILED;
  int rc = pkt_rpc_open(&r, a->target.endpoint, a->target.timeout_ms, &err);
  if (rc == 0 && a->target.handle) rc = pkt_rpc_handshake(&r, &err);
  if (rc == 0) rc = pkt_rpc_call(&r, a->words[0], a->words + 1, a->count - 1, &answer, &err);
  if (rc == 0)
    code = print_answer(a, &r, &answer);
  else
    fprintf(stderr, "luapkt call: %s\n", err.message);
  pkt_rpc_close(&r);
  return code;
}

int pkt_cmd_call(int argc, char **argv) {
  const char *words[argc];
  struct arguments a = {
      .parser = {.command = "luapkt call",
                 .usage = "[OPTION...] METHOD [JSON...]",
                 .summary = "Send one request and print its result. Each JSON is one parameter.",
                 .table = table},
      .words = words,
  };
  pkt_target_init(&a.target);
  int letter;
  while (!a.target.end && (letter = pkt_options_next(&a.parser, argc, argv)) != PKT_OPT_END)
    if (!set(&a, letter)) return PKT_EXIT_USAGE;
  if (a.target.end) return PKT_EXIT_OK;
  if (a.count == 0) return pkt_options_wrong(&a.parser, "which method?");
  return call(&a);
}
