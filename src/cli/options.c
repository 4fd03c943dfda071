#include "options.h"

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/json.h"
#include "cli.h"

static int takes(const struct pkt_cli_option *o) {
  if (o->arg == NULL) return no_argument;
  return o->arg[0] == '[' ? optional_argument : required_argument;
}

static void fill_long(const struct pkt_cli_option *table, struct option out[PKT_MAX_OPTIONS + 1]) {
  const struct option *end = out + PKT_MAX_OPTIONS;
  for (; table->name != NULL; table++) {
    assert(out < end); /* else PKT_MAX_OPTIONS is to be raised */
    *out++ = (struct option){.name = table->name, .has_arg = takes(table), .val = table->letter};
  }
  *out = (struct option){0};
}

static void fill_short(const struct pkt_cli_option *table, char *out) {
  *out++ = '+'; /* stop at an argument: those are told apart here, not by getopt */
  for (; table->name != NULL; table++) {
    if (table->letter > 255) continue;
    *out++ = (char)table->letter;
    for (int colons = takes(table); colons > 0; colons--) *out++ = ':';
  }
  *out = '\0';
}

/* "-5" is a number that is passed on, "-p" an option, "-" a file by convention. */
static bool is_argument(const char *text) {
  return text[0] != '-' || text[1] == '\0' || isdigit((unsigned char)text[1]);
}

/* An optional value may also be the next word. */
static void take_next_word(const struct pkt_options *o, int letter, int argc, char **argv) {
  const struct pkt_cli_option *t = o->table;
  while (t->name != NULL && t->letter != letter) t++;
  if (t->name == NULL || takes(t) != optional_argument || optarg != NULL) return;
  if (optind < argc && argv[optind][0] != '-') optarg = argv[optind++];
}

int pkt_options_next(struct pkt_options *o, int argc, char **argv) {
  struct option longs[PKT_MAX_OPTIONS + 1];
  char shorts[PKT_MAX_OPTIONS * 3 + 2];
  if (optind < argc && (o->only_arguments || is_argument(argv[optind]))) {
    optarg = argv[optind++];
    return PKT_OPT_ARGUMENT;
  }
  if (o->only_arguments) return PKT_OPT_END; /* getopt would begin them again */
  fill_long(o->table, longs);
  fill_short(o->table, shorts);
  char *name = argv[0];
  argv[0] = (char *)(uintptr_t)o->command; /* getopt's messages begin with it */
  int got = getopt_long(argc, argv, shorts, longs, NULL);
  argv[0] = name;
  if (got == PKT_OPT_END && optind < argc) { /* after '--' */
    o->only_arguments = true;
    return pkt_options_next(o, argc, argv);
  }
  if (got == PKT_OPT_WRONG) fprintf(stderr, "try '%s --help'\n", o->command);
  take_next_word(o, got, argc, argv);
  return got;
}

/* "-p, --port PORT", and the other names that follow in the table. */
static const struct pkt_cli_option *help_line(const struct pkt_cli_option *t) {
  char names[128];
  size_t n = 0;
  const struct pkt_cli_option *first = t;
  do {
    const char *comma = n > 0 ? ", " : "";
    if (t->letter < 256)
      n += (size_t)snprintf(names + n, sizeof names - n, "%s-%c", comma, t->letter);
    comma = n > 0 ? ", " : "";
    n += (size_t)snprintf(names + n, sizeof names - n, "%s--%s", comma, t->name);
    t++;
  } while (t->name != NULL && t->help == NULL);
  if (first->arg != NULL) snprintf(names + n, sizeof names - n, " %s", first->arg);
  printf(strlen(names) > 26 ? "  %s\n%-30s%s\n" : "  %-26s%s  %s\n", names, "", first->help);
  return t;
}

static void print_help(const struct pkt_options *o) {
  printf("usage: %s %s\n%s\n\n", o->command, o->usage, o->summary);
  for (const struct pkt_cli_option *t = o->table; t->name != NULL;) t = help_line(t);
}

static void add_member(struct pkt_buf *b, const char *key, const char *value) {
  pkt_buf_fmt(b, ",\"%s\":", key);
  pkt_json_string(b, value, strlen(value));
}

/* The option and the other names that follow it in the table. */
static const struct pkt_cli_option *add_option(struct pkt_buf *b, const struct pkt_cli_option *t) {
  const struct pkt_cli_option *first = t;
  const char *comma = "";
  pkt_buf_lit(b, "{\"names\":[");
  do {
    if (t->letter < 256) pkt_buf_fmt(b, "%s\"-%c\"", comma, t->letter), comma = ",";
    pkt_buf_fmt(b, "%s\"--%s\"", comma, t->name), comma = ",";
    t++;
  } while (t->name != NULL && t->help == NULL);
  pkt_buf_byte(b, ']');
  if (first->arg != NULL) add_member(b, "arg", first->arg);
  add_member(b, "help", first->help);
  pkt_buf_byte(b, '}');
  return t;
}

static void print_json(const struct pkt_options *o) {
  struct pkt_buf b = {0};
  pkt_buf_lit(&b, "{\"command\":");
  pkt_json_string(&b, o->command, strlen(o->command));
  add_member(&b, "usage", o->usage);
  add_member(&b, "summary", o->summary);
  pkt_buf_lit(&b, ",\"options\":[");
  for (const struct pkt_cli_option *t = o->table; t->name != NULL;) {
    if (t != o->table) pkt_buf_byte(&b, ',');
    t = add_option(&b, t);
  }
  pkt_buf_lit(&b, "]}");
  if (!b.failed) fwrite(b.data, 1, b.len, stdout);
  pkt_buf_free(&b);
}

static void (*print)(const struct pkt_options *o) = print_help;

void pkt_options_help(const struct pkt_options *o) { print(o); }

void pkt_options_describe(void) { print = print_json; }

int pkt_options_wrong(const struct pkt_options *o, const char *format, ...) {
  va_list args;
  fprintf(stderr, "%s: ", o->command);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fprintf(stderr, "\ntry '%s --help'\n", o->command);
  return PKT_EXIT_USAGE;
}

bool pkt_options_number(const struct pkt_options *o, const char *what, const char *text,
                        uint64_t min, uint64_t max, uint64_t *out) {
  char *end = NULL;
  errno = 0;
  if (isdigit((unsigned char)text[0])) *out = strtoull(text, &end, 10);
  if (end != NULL && *end == '\0' && errno == 0 && *out >= min && *out <= max) return true;
  pkt_options_wrong(o, "%s: a number from %llu to %llu expected, got '%s'", what,
                    (unsigned long long)min, (unsigned long long)max, text);
  return false;
}

bool pkt_options_repeat(const struct pkt_options *o, const char *what, const char *value,
                        struct pkt_repeats *out) {
  if (out->count == PKT_MAX_REPEATS) {
    pkt_options_wrong(o, "%s more than %d times", what, PKT_MAX_REPEATS);
    return false;
  }
  out->list[out->count++] = value;
  return true;
}

bool pkt_options_folder(const struct pkt_options *o, const char *what, const char *path) {
  DIR *dir = opendir(path);
  if (dir != NULL) return closedir(dir), true;
  fprintf(stderr, "%s: %s: %s%s%s\n", o->command, what, path, *path != '\0' ? ": " : "",
          *path != '\0' ? strerror(errno) : "a folder expected, got nothing");
  return false;
}

bool pkt_options_folders(const struct pkt_options *o, const char *what,
                         const struct pkt_repeats *paths) {
  for (size_t i = 0; i < paths->count; i++)
    if (!pkt_options_folder(o, what, paths->list[i])) return false;
  return true;
}

bool pkt_options_home(const struct pkt_options *o, const char *path, const char **out) {
  static const char *const needed[] = {"", "/lua", "/protocols"};
  struct pkt_buf inner = {0};
  bool good = true;
  for (size_t i = 0; i < sizeof needed / sizeof needed[0] && good; i++) {
    inner.len = 0;
    pkt_buf_fmt(&inner, "%s%s", path, *path != '\0' ? needed[i] : "");
    pkt_buf_byte(&inner, '\0');
    good = !inner.failed && pkt_options_folder(o, "--home", inner.data);
  }
  pkt_buf_free(&inner);
  *out = path;
  return good;
}

bool pkt_options_word(const struct pkt_options *o, const char *word, int most, const char **words,
                      int *n) {
  if (*n == most) {
    pkt_options_wrong(o, "'%s' is one word too many", word);
    return false;
  }
  words[(*n)++] = word;
  return true;
}
