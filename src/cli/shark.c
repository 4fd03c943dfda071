/* shark.c - luapkt shark [FILE]: a capture's packets, printed as what they say.
**
** The words are read here; luapkt.shark.command does what they ask for. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/buf.h"
#include "../script/run_script.h"
#include "cli.h"
#include "options.h"
#include "version.h"

enum { OPT_PROTO = 256, OPT_FORMAT, OPT_STATS, OPT_CHECK, OPT_COLOR, OPT_PROTOCOLS, OPT_HOME };

static const struct pkt_cli_option table[] = {
    {"read", 'r', "FILE", "the capture, pcap or pcapng; '-' is the standard input (the default)"},
    {"interface", 'i', "IFACE", "capture there"},
    {"list-interfaces", 'D', NULL, "print the interfaces that packets can be captured on"},
    {"filter", 'f', "FILTER", "only what passes, as for tcpdump: 'udp port 5064'"},
    {"display-filter", 'Y', "LUA",
     "only packets for which this is true: 'TCP and TCP.dport == 80'"},
    {"proto", OPT_PROTO, "ID", "only packets with a layer of this protocol; 'any': all of them"},
    {"check", OPT_CHECK, NULL, "only packets with a wrong length or checksum, and what is wrong"},
    {"format", OPT_FORMAT, "FORMAT", "a line each, as in '{timestamp:.3f} {src:>15} {command}'"},
    {"type", 'T', "TYPE",
     "text (a line each, the default), jsonl, fields, tree, hex, pcap, pcapng"},
    {"field", 'e', "FIELD", "a column of -T fields: IP.src, TCP.flags!h; may be repeated"},
    {"columns", 'E', "NAME=VALUE", "of -T fields: header=y, separator=CHARACTER, quote=d"},
    {"count", 'c', "COUNT", "so many packets (all)"},
    {"write", 'w', "FILE", "write the packets into FILE, pcapng if it is called so; print nothing"},
    {"dump", 'x', NULL, "print the bytes of each packet, too"},
    {"stats", OPT_STATS, NULL, "print protocols, conversations and a histogram instead"},
    {"numeric", 'n', NULL, "numbers, not names: names are never looked up, so this is always so"},
    {"color", OPT_COLOR, "[WHEN]", "always, never, or auto: on a terminal without NO_COLOR (auto)"},
    {"protocols", OPT_PROTOCOLS, "DIR", "load protocol files of this folder too; may be repeated"},
    {"home", OPT_HOME, "DIR", "where the folders lua and protocols lie"},
    {"version", 'V', NULL, "print the version"},
    {"help", 'h', NULL, "print this"},
    {NULL, 0, NULL, NULL},
};

#define MAX_LIST 65536 /* bytes of all values of an option that may be repeated */

struct job {
  struct pkt_options parser;
  struct pkt_run_value values[sizeof table / sizeof *table + 1];
  size_t nvalues;
  struct pkt_buf fields, columns, protocols; /* a line each */
  const char *home;
  bool end;
  bool failed; /* it was asked for right, but a folder isn't there */
};

/* The value of this name, or the place for one. */
static struct pkt_run_value *find(struct job *j, const char *name) {
  struct pkt_run_value *v = j->values;
  while (v < j->values + j->nvalues && strcmp(v->name, name) != 0) v++;
  return v;
}

static void add(struct job *j, const char *name, const char *value) {
  struct pkt_run_value *v = find(j, name);
  if (v == j->values + j->nvalues) j->nvalues++;
  *v = (struct pkt_run_value){name, value};
}

static void add_line(struct pkt_buf *list) {
  if (list->len > 0) pkt_buf_byte(list, '\n');
  pkt_buf_str(list, optarg);
}

/* The name in the table, for whatever needs no look here. */
static const char *name_of(int letter) {
  const struct pkt_cli_option *o = table;
  while (o->letter != letter) o++;
  return o->name;
}

static bool set_count(struct job *j) {
  uint64_t count;
  if (!pkt_options_number(&j->parser, "--count", optarg, 1, INT64_MAX, &count)) return false;
  add(j, "count", optarg);
  return true;
}

static bool set_file(struct job *j) {
  if (find(j, "read") < j->values + j->nvalues)
    return pkt_options_wrong(&j->parser, "'%s' is one word too many", optarg), false;
  add(j, "read", optarg);
  return true;
}

static bool set_field(struct job *j) {
  if (*optarg == '\0') return pkt_options_wrong(&j->parser, "-e: a field expected"), false;
  add_line(&j->fields);
  return true;
}

/* Take one option. False: it is wrong, and reported. */
static bool set(struct job *j, int letter) {
  switch (letter) {
    case PKT_OPT_ARGUMENT: return set_file(j);
    case PKT_OPT_WRONG: return false;
    case 'c': return set_count(j);
    case 'e': return set_field(j);
    case 'E': add_line(&j->columns); return true;
    case OPT_PROTOCOLS:
      add_line(&j->protocols);
      j->failed = !pkt_options_folder(&j->parser, "--protocols", optarg);
      return !j->failed;
    case OPT_HOME: return pkt_options_home(&j->parser, optarg, &j->home);
    case 'V': printf("luapkt %s\n", LUAPKT_VERSION); return j->end = true;
    case 'h': pkt_options_help(&j->parser); return j->end = true;
    default: add(j, name_of(letter), optarg ? optarg : ""); return true;
  }
}

/* Hand over a list, if there is one. False: it is too long, and reported. */
static bool add_list(struct job *j, const char *name, struct pkt_buf *list) {
  if (list->len == 0 && !list->failed) return true;
  pkt_buf_byte(list, '\0');
  if (!list->failed) return add(j, name, list->data), true;
  return pkt_options_wrong(&j->parser, "%s: more than can be taken", name), false;
}

static int run(struct job *j) {
  if (!add_list(j, "fields", &j->fields) || !add_list(j, "columns", &j->columns) ||
      !add_list(j, "protocols", &j->protocols))
    return PKT_EXIT_USAGE;
  j->values[j->nvalues] = (struct pkt_run_value){NULL, NULL};
  switch (pkt_run_module(j->home, "luapkt shark", "luapkt.shark.command", j->values)) {
    case 0: return PKT_EXIT_OK;
    case PKT_RUN_WRONG: return PKT_EXIT_USAGE;
    default: return PKT_EXIT_FAILED;
  }
}

int pkt_cmd_shark(int argc, char **argv) {
  struct job j = {.parser = {.command = "luapkt shark",
                             .usage = "[OPTION...] [FILE]",
                             .summary = "Read a capture and print what its packets say: Channel "
                                        "Access commands where\nthere are any, else a line for "
                                        "each packet.",
                             .table = table},
                  .fields = {.limit = MAX_LIST},
                  .columns = {.limit = MAX_LIST},
                  .protocols = {.limit = MAX_LIST}};
  int letter, code = PKT_EXIT_OK;
  while (!j.end && code == PKT_EXIT_OK &&
         (letter = pkt_options_next(&j.parser, argc, argv)) != PKT_OPT_END)
    if (!set(&j, letter)) code = j.failed ? PKT_EXIT_FAILED : PKT_EXIT_USAGE;
  if (!j.end && code == PKT_EXIT_OK) code = run(&j);
  pkt_buf_free(&j.fields);
  pkt_buf_free(&j.columns);
  pkt_buf_free(&j.protocols);
  return code;
}
