#include <stdio.h>
#include <getopt.h>

#include "../io/log.h"
#include "../io/server.h"
#include "cli.h"
#include "options.h"
#include "version.h"

#define DEFAULT_WORKERS 2 /* one long request leaves another worker free */
#define DEFAULT_LOG "luapkt.log"

enum {
  OPT_PORT = 's',
  OPT_BIND = 256,
  OPT_PROTOCOLS,
  OPT_TEMPLATES,
  OPT_EXTRA,
  OPT_WORKERS,
  OPT_SEED,
  OPT_MAX_MESSAGE,
  OPT_MAX_CLIENTS,
  OPT_HEARTBEAT,
  OPT_CURVE_SECRET,
  OPT_CURVE_ALLOW,
  OPT_HOME,
  OPT_EXPR_INSTRUCTIONS,
  OPT_EXPR_MEMORY,
  OPT_EXPR_TIME,
  OPT_EXPR_TEXT,
  OPT_NO_ISOLATE,
  OPT_VERSION,
};

static const struct pkt_cli_option table[] = {
    {"scapy-port", OPT_PORT, "PORT", "listen on this port (4507; 0: any that is free)"},
    {"port", 'p', "PORT", NULL},
    {"bind", OPT_BIND, "ADDR", "listen on this address or interface only (*: all IPv4)"},
    {"verbose", 'v', NULL, "print requests, replies, reloads, and counters at the end"},
    {"log", 'l', "[FILE]", "append all that to a file (" DEFAULT_LOG ")"},
    {"protocols", OPT_PROTOCOLS, "DIR", "load protocol files of this folder too; may be repeated"},
    {"templates", OPT_TEMPLATES, "DIR",
     "offer packet templates of this folder too; may be repeated"},
    {"extra-protocols", OPT_EXTRA, NULL,
     "read packets as protocols, too, that the Scapy server doesn't know, and list them"},
    {"workers", OPT_WORKERS, "N", "threads for requests that take long (2)"},
    {"seed", OPT_SEED, "N", "draw the same random values in every run (0: different ones)"},
    {"max-message", OPT_MAX_MESSAGE, "BYTES", "cut off clients that send more (67108864)"},
    {"max-clients", OPT_MAX_CLIENTS, "N",
     "let in about so many at a time (0: as many as there are file descriptors for)"},
    {"heartbeat", OPT_HEARTBEAT, "MS", "look for clients that are gone so often (0: never)"},
    {"curve-secret", OPT_CURVE_SECRET, "FILE", "encrypt (CURVE); the file holds the secret key"},
    {"curve-allow", OPT_CURVE_ALLOW, "FILE", "let in only clients whose public keys it lists"},
    {"home", OPT_HOME, "DIR", "where the folders lua, protocols and templates lie"},
    {"expr-instructions", OPT_EXPR_INSTRUCTIONS, "N",
     "let an expression take so many steps of Lua's machine (200000)"},
    {"expr-memory", OPT_EXPR_MEMORY, "KIB", "let it use so much memory (4096)"},
    {"expr-time", OPT_EXPR_TIME, "MS", "let it use so much of a processor's time (8)"},
    {"expr-text", OPT_EXPR_TEXT, "BYTES", "let its text be so long (4096)"},
    {"no-isolate", OPT_NO_ISOLATE, NULL,
     "evaluate expressions in the server's own process; needs Lua 5.4.8"},
    {"version", OPT_VERSION, NULL, "print the version"},
    {"help", 'h', NULL, "print this"},
    {NULL, 0, NULL, NULL},
};

struct arguments {
  struct pkt_options parser;
  struct pkt_server_options server;
  struct pkt_repeats protocols, templates;
  const char *log;
  bool verbose;
  bool end; /* nothing to serve: help or version was printed */
};

static bool number(struct arguments *a, const char *what, uint64_t min, uint64_t max,
                   uint64_t *out) {
  return pkt_options_number(&a->parser, what, optarg, min, max, out);
}

static bool add_dir(struct arguments *a, struct pkt_repeats *dirs, const char *option) {
  return pkt_options_repeat(&a->parser, option, optarg, dirs);
}

/* Budgets of expressions. */
static bool set_budget(struct arguments *a, int letter) {
  struct pkt_expression_limits *e = &a->server.service.expressions;
  uint64_t n = 0;
  bool ok = true;
  switch (letter) {
    case OPT_EXPR_INSTRUCTIONS:
      ok = number(a, "--expr-instructions", 1000, 1000000000, &n);
      e->helper.instructions = (uint32_t)n;
      break;
    case OPT_EXPR_MEMORY:
      ok = number(a, "--expr-memory", 64, 1u << 20, &n);
      e->helper.memory = (size_t)n << 10;
      break;
    case OPT_EXPR_TIME:
      ok = number(a, "--expr-time", 1, 10000, &n);
      e->helper.time_ms = (uint32_t)n;
      break;
    case OPT_EXPR_TEXT:
      ok = number(a, "--expr-text", 64, PKT_MAX_EXPRESSION, &n);
      e->text = (uint32_t)n;
      break;
  }
  return ok;
}

static bool set_number(struct arguments *a, int letter) {
  struct pkt_server_options *s = &a->server;
  uint64_t n = 0;
  bool ok = true;
  switch (letter) {
    case OPT_PORT:
    case 'p': ok = number(a, "--port", 0, 65535, &n), s->port = (unsigned)n; break;
    case OPT_WORKERS:
      ok = number(a, "--workers", 1, PKT_MAX_WORKERS, &n), s->workers = (unsigned)n;
      break;
    case OPT_SEED: ok = number(a, "--seed", 0, UINT64_MAX, &s->service.seed); break;
    case OPT_MAX_MESSAGE:
      ok = number(a, "--max-message", 1024, PKT_MAX_MESSAGE_BYTES, &n), s->max_message = (int64_t)n;
      break;
    case OPT_MAX_CLIENTS:
      ok = number(a, "--max-clients", 0, 1000000, &n), s->max_clients = (unsigned)n;
      break;
    case OPT_HEARTBEAT:
      ok = number(a, "--heartbeat", 0, 1000000, &n), s->heartbeat_ms = (int)n;
      break;
    default: return set_budget(a, letter);
  }
  return ok;
}

static bool set_bind(struct arguments *a) {
  a->server.bind = optarg;
  if (*optarg != '\0') return true;
  pkt_options_wrong(&a->parser, "--bind: an address or an interface expected, got nothing");
  return false;
}

/* Take one option. False: it is wrong, and reported. */
static bool set(struct arguments *a, int letter) {
  switch (letter) {
    case OPT_BIND: return set_bind(a);
    case OPT_PROTOCOLS: return add_dir(a, &a->protocols, "--protocols");
    case OPT_TEMPLATES: return add_dir(a, &a->templates, "--templates");
    case OPT_CURVE_SECRET: a->server.curve_secret = optarg; break;
    case OPT_CURVE_ALLOW: a->server.curve_allow = optarg; break;
    case OPT_HOME: return pkt_options_home(&a->parser, optarg, &a->server.service.home);
    case OPT_EXTRA: a->server.service.extras = true; break;
    case OPT_NO_ISOLATE: a->server.service.expressions.in_process = true; break;
    case 'v': a->verbose = true; break;
    case 'l': a->log = optarg != NULL ? optarg : DEFAULT_LOG; break;
    case 'h': pkt_options_help(&a->parser), a->end = true; break;
    case OPT_VERSION: printf("luapkt %s\n", LUAPKT_VERSION), a->end = true; break;
    case PKT_OPT_ARGUMENT:
      pkt_options_wrong(&a->parser, "unexpected argument '%s'", optarg);
      return false;
    case PKT_OPT_WRONG: return false;
    default: return set_number(a, letter);
  }
  return true;
}

static bool parse(struct arguments *a, int argc, char **argv) {
  int letter;
  while (!a->end && (letter = pkt_options_next(&a->parser, argc, argv)) != PKT_OPT_END)
    if (!set(a, letter)) return false;
  if (a->server.curve_allow == NULL || a->server.curve_secret != NULL) return true;
  pkt_options_wrong(&a->parser, "--curve-allow needs --curve-secret");
  return false;
}

static int serve(struct arguments *a) {
  struct pkt_err err;
  if (!pkt_options_folders(&a->parser, "--protocols", &a->protocols) ||
      !pkt_options_folders(&a->parser, "--templates", &a->templates))
    return PKT_EXIT_FAILED;
  int failed = pkt_log_open(a->log, a->verbose, &err);
  if (failed == 0) failed = pkt_server_run(&a->server, &err);
  if (failed != 0) pkt_log_error("%s", err.message);
  return failed == 0 ? PKT_EXIT_OK : PKT_EXIT_FAILED;
}

int pkt_cmd_serve(int argc, char **argv) {
  struct arguments a = {
      .parser = {.command = "luapkt serve",
                 .usage = "[OPTION...]",
                 .summary = "Answer JSON-RPC 2.0 requests over ZeroMQ until Ctrl+C or 'shut_down'.",
                 .table = table},
      .server = {.bind = "*",
                 .port = PKT_DEFAULT_PORT,
                 .workers = DEFAULT_WORKERS,
                 .max_message = PKT_MAX_MESSAGE_BYTES},
  };
  a.server.service.protocol_dirs = a.protocols.list;
  a.server.service.template_dirs = a.templates.list;
  if (!parse(&a, argc, argv)) return PKT_EXIT_USAGE;
  return a.end ? PKT_EXIT_OK : serve(&a);
}
