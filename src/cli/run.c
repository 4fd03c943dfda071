/* run.c - luapkt run SCRIPT [ARG...]: a Lua script with the packet library. */
#include <getopt.h>
#include <stddef.h>

#include "../script/run_script.h"
#include "cli.h"
#include "options.h"

enum { OPT_PROTOCOLS = 256, OPT_HOME };

static const struct pkt_cli_option table[] = {
    {"protocols", OPT_PROTOCOLS, "DIR", "load protocol files of this folder too; may be repeated"},
    {"home", OPT_HOME, "DIR", "where the folders lua and protocols lie"},
    {"help", 'h', NULL, "print this"},
    {NULL, 0, NULL, NULL},
};

int pkt_cmd_run(int argc, char **argv) {
  struct pkt_options parser = {.command = "luapkt run",
                               .usage = "[OPTION...] SCRIPT [ARG...]",
                               .summary =
                                   "Run a Lua script that can require \"luapkt\"; '-' is the "
                                   "standard input.",
                               .table = table};
  struct pkt_repeats dirs = {.count = 0};
  const char *home = NULL;
  int letter;
  while ((letter = pkt_options_next(&parser, argc, argv)) != PKT_OPT_END) {
    switch (letter) {
      case PKT_OPT_ARGUMENT: /* what follows the script is the script's */
        if (!pkt_options_folders(&parser, "--protocols", &dirs)) return PKT_EXIT_FAILED;
        return pkt_run_script(home, dirs.list, argv + optind - 1) == 0 ? PKT_EXIT_OK
                                                                       : PKT_EXIT_FAILED;
      case OPT_PROTOCOLS:
        if (!pkt_options_repeat(&parser, "--protocols", optarg, &dirs)) return PKT_EXIT_USAGE;
        break;
      case OPT_HOME:
        if (!pkt_options_home(&parser, optarg, &home)) return PKT_EXIT_USAGE;
        break;
      case 'h': pkt_options_help(&parser); return PKT_EXIT_OK;
      default: return PKT_EXIT_USAGE;
    }
  }
  return pkt_options_wrong(&parser, "which script?");
}
