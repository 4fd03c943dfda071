#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "options.h"
#include "parameter.h"
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
  const char *method;     /* NULL: none was given */
  struct pkt_buf *params; /* JSON, with a NUL behind; room for all of argv */
  const char **texts;     /* the same as C strings; as much room */
  size_t count;
};

/* Take one option or argument; the first argument is the method, the others are its parameters. */
static bool set(struct arguments *a, int letter) {
  struct pkt_err err;
  if (letter == OPT_RAW) return a->raw = true;
  if (letter != PKT_OPT_ARGUMENT) return pkt_target_set(&a->target, &a->parser, letter);
  if (!a->method) return (a->method = optarg) != NULL;
  if (pkt_parameter_read(&a->params[a->count++], optarg, "'\"TCP\"'", &err) == 0) return true;
  pkt_options_wrong(&a->parser, "parameter %zu is %s", a->count, err.message);
  return false;
}

static int print_answer(const struct arguments *a, const struct pkt_rpc *r,
                        const struct pkt_rpc_answer *answer) {
  if (a->raw) {
    fwrite(r->reply.data, 1, r->reply.len, stdout);
    fputc('\n', stdout);
  } else if (answer->ok) {
    return pkt_rpc_print(stdout, answer->result) ? PKT_EXIT_OK : PKT_EXIT_FAILED;
  } else {
    pkt_rpc_print_error(stderr, answer->error);
  }
  return answer->ok ? PKT_EXIT_OK : PKT_EXIT_FAILED;
}

static int call(const struct arguments *a) {
  struct pkt_rpc r;
  struct pkt_err err;
  struct pkt_rpc_answer answer;
  for (size_t i = 0; i < a->count; i++) a->texts[i] = a->params[i].data;
  int code = PKT_EXIT_FAILED;
  int rc = pkt_rpc_open(&r, a->target.endpoint, a->target.timeout_ms, &err);
  if (rc == 0 && a->target.handle) rc = pkt_rpc_handshake(&r, &err);
  if (rc == 0) rc = pkt_rpc_call(&r, a->method, a->texts, a->count, &answer, &err);
  if (rc == 0)
    code = print_answer(a, &r, &answer);
  else
    fprintf(stderr, "luapkt call: %s\n", err.message);
  pkt_rpc_close(&r);
  return code;
}

/* The exit code. */
static int parse_and_call(struct arguments *a, int argc, char **argv) {
  int letter;
  while (!a->target.end && (letter = pkt_options_next(&a->parser, argc, argv)) != PKT_OPT_END)
    if (!set(a, letter)) return PKT_EXIT_USAGE;
  if (a->target.end) return PKT_EXIT_OK;
  if (!a->method) return pkt_options_wrong(&a->parser, "which method?");
  return call(a);
}

int pkt_cmd_call(int argc, char **argv) {
  struct arguments a = {
      .parser = {.command = "luapkt call",
                 .usage = "[OPTION...] METHOD [JSON|@FILE|base64:FILE...]",
                 .summary = "Send one request and print its result. Each JSON is one parameter; "
                            "@FILE is the JSON\nin a file, base64:FILE the bytes of a file.",
                 .table = table},
      .params = calloc((size_t)argc, sizeof *a.params), /* there may be too many for the stack */
      .texts = calloc((size_t)argc, sizeof *a.texts),
  };
  int code = PKT_EXIT_FAILED;
  pkt_target_init(&a.target);
  if (a.params && a.texts)
    code = parse_and_call(&a, argc, argv);
  else
    fprintf(stderr, "luapkt call: no memory for the parameters\n");
  for (size_t i = 0; i < a.count; i++) pkt_buf_free(&a.params[i]);
  free(a.params);
  free(a.texts);
  return code;
}
