/* plan.c - luapkt plan [ID...]: what protocols were compiled to. */
#include <getopt.h>
#include <stdio.h>

#include "../script/service.h"
#include "cli.h"
#include "options.h"

enum { OPT_PROTOCOLS = 256, OPT_HOME };

static const struct pkt_cli_option table[] = {
    {"protocols", OPT_PROTOCOLS, "DIR", "load protocol files of this folder too; may be repeated"},
    {"home", OPT_HOME, "DIR", "where the folders lua and protocols lie"},
    {"help", 'h', NULL, "print this"},
    {NULL, 0, NULL, NULL},
};

static int print_plans(const struct pkt_service_options *options, char *const *ids, int count) {
  struct pkt_err err = {0};
  struct pkt_service *s = pkt_service_open(options, &err);
  if (!s) {
    fprintf(stderr, "luapkt plan: %s\n", err.message);
    return PKT_EXIT_FAILED;
  }
  struct pkt_buf text = {0};
  int code = PKT_EXIT_OK;
  for (int i = 0; i < (count ? count : 1); i++) {
    if (pkt_service_plan(s, count ? ids[i] : NULL, &text, &err) == 0) continue;
    fprintf(stderr, "luapkt plan: %s; 'luapkt plan' alone lists them\n", err.message);
    code = PKT_EXIT_FAILED;
  }
  if (text.failed) {
    fprintf(stderr, "luapkt plan: out of memory\n");
    code = PKT_EXIT_FAILED;
  } else if (text.len) {
    fwrite(text.data, 1, text.len, stdout);
  }
  pkt_buf_free(&text);
  pkt_service_close(s);
  return code;
}

int pkt_cmd_plan(int argc, char **argv) {
  struct pkt_options parser = {.command = "luapkt plan",
                               .usage = "[OPTION...] [ID...]",
                               .summary = "Print what protocols were compiled to, or list them.",
                               .table = table};
  struct pkt_repeats dirs = {.count = 0};
  struct pkt_service_options options = {.protocol_dirs = dirs.list};
  int count = 0, letter;
  while ((letter = pkt_options_next(&parser, argc, argv)) != PKT_OPT_END) {
    switch (letter) {
      case PKT_OPT_ARGUMENT: argv[count++] = optarg; break; /* behind what was read already */
      case OPT_PROTOCOLS:
        if (!pkt_options_repeat(&parser, "--protocols", optarg, &dirs)) return PKT_EXIT_USAGE;
        break;
      case OPT_HOME:
        if (!pkt_options_home(&parser, optarg, &options.home)) return PKT_EXIT_USAGE;
        break;
      case 'h': pkt_options_help(&parser); return PKT_EXIT_OK;
      default: return PKT_EXIT_USAGE;
    }
  }
  if (!pkt_options_folders(&parser, "--protocols", &dirs)) return PKT_EXIT_FAILED;
  return print_plans(&options, argv, count);
}
