#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../script/chunks.h"
#include "../script/trial.h"
#include "cli.h"
#include "options.h"
#include "version.h"

static const struct {
  const char *name;
  const char *summary;
  int (*run)(int argc, char **argv);
} commands[] = {
    {"serve", "answer requests over ZeroMQ", pkt_cmd_serve},
    {"call", "send one request to a server and print its result", pkt_cmd_call},
    {"console", "send requests to a server, one a line", pkt_cmd_console},
    {"generate", "write packets into a capture file", pkt_cmd_generate},
    {"send", "send Ethernet frames", pkt_cmd_send},
    {"recv", "receive Ethernet frames and print them", pkt_cmd_recv},
    {"msg", "send or receive a message over Ethernet", pkt_cmd_msg},
    {"shark", "read captures and print what they say", pkt_cmd_shark},
    {"plan", "print what a protocol is compiled to", pkt_cmd_plan},
    {"run", "run a Lua script that works with packets", pkt_cmd_run},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static int help(FILE *out) {
  fprintf(out, "usage: luapkt COMMAND [OPTION...]\n"
               "A packet server and toolkit that is scripted in Lua.\n\n");
  for (size_t i = 0; i < COMMANDS; i++)
    fprintf(out, "  %-10s%s\n", commands[i].name, commands[i].summary);
  fprintf(out, "\n'luapkt COMMAND --help' lists the options of a command.\n");
  return out == stdout ? PKT_EXIT_OK : PKT_EXIT_USAGE;
}

/* All commands with their options, as JSON: what manual pages and completions are made of. Each
** command prints its own, as it would its help. */
static int describe(void) {
  pkt_options_describe();
  printf("[");
  for (size_t i = 0; i < COMMANDS; i++) {
    char name[32], help_word[] = "--help", *words[] = {name, help_word, NULL};
    snprintf(name, sizeof name, "%s", commands[i].name);
    printf("%s{\"name\":\"%s\",\"meaning\":\"%s\",\"help\":", i > 0 ? ",\n" : "", name,
           commands[i].summary);
    optind = 1; /* getopt begins anew */
    if (commands[i].run(2, words) != PKT_EXIT_OK) return PKT_EXIT_FAILED;
    printf("}");
  }
  printf("]\n");
  return fflush(stdout) == 0 ? PKT_EXIT_OK : PKT_EXIT_FAILED;
}

static int unknown(const char *name) {
  fprintf(stderr, "luapkt: unknown command '%s'\n", name);
  for (size_t i = 0; i < COMMANDS; i++)
    if (name[0] == commands[i].name[0])
      fprintf(stderr, "did you mean 'luapkt %s'?\n", commands[i].name);
  fprintf(stderr, "'luapkt --help' lists the commands\n");
  return PKT_EXIT_USAGE;
}

/* COMMANDS: there is none of this name. */
static size_t find(const char *name) {
  size_t i = 0;
  while (i < COMMANDS && strcmp(name, commands[i].name) != 0) i++;
  return i;
}

/* As COMMAND --help. */
static int help_for(char *name) {
  char help_word[] = "--help", *words[] = {name, help_word, NULL};
  size_t i = find(name);
  return i < COMMANDS ? commands[i].run(2, words) : unknown(name);
}

static int run(int argc, char **argv) {
  if (argc < 2) return help(stderr);
  const char *name = argv[1];
  size_t i = find(name);
  if (i < COMMANDS) return commands[i].run(argc - 1, argv + 1);
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
    printf("luapkt %s\n", LUAPKT_VERSION);
    return PKT_EXIT_OK;
  }
  if (strcmp(name, "help") == 0 && argc > 2) return help_for(argv[2]);
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
    return help(stdout);
  if (strcmp(name, "--describe") == 0) return describe();
  if (strcmp(name, PKT_TRIAL_WORD) == 0) pkt_trial_run(argc - 2, argv + 2); /* doesn't return */
  return unknown(name);
}

/* Occupy standard streams that are closed: otherwise the first socket or file that is opened
** would take such a place, and what is printed would go into it, even onto a wire. The
** placeholders can't be read, written, or reopened as /dev/stdin. */
static void hold_streams(void) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/", O_PATH) != fd) return;
}

/* What was printed may still be in a buffer, and writing it may fail. */
int main(int argc, char **argv) {
  hold_streams();
  pkt_known_chunks = &pkt_own_chunks;
  int code = run(argc, argv);
  bool lost = fflush(stdout) != 0 || ferror(stdout);
  if (code != PKT_EXIT_OK || !lost) return code;
  fprintf(stderr, "luapkt: the standard output can't be written\n");
  return PKT_EXIT_FAILED;
}
