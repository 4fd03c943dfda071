#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "options.h"
#include "parameter.h"
#include "rpc.h"
#include "target.h"

#define PROMPT "luapkt> "
#define MAX_WORDS 32 /* a method and its parameters: the largest method has five */

static const struct pkt_cli_option table[] = {
    PKT_TARGET_OPTIONS,
    {NULL, 0, NULL, NULL},
};

static const char help_text[] =
    "METHOD [JSON...]  call a method; each JSON is one parameter\n"
    "                  @FILE is the JSON in a file, base64:FILE its bytes\n"
    "methods           list the server's methods\n"
    "help              list them, after this text\n"
    "help METHOD       say what parameters it takes\n"
    "quit              end (so does Ctrl+D)\n";

struct console {
  struct pkt_rpc rpc;
  bool quit;
  bool failed; /* any line went wrong */
};

static void complain(struct console *c, const char *message) {
  fprintf(stderr, "%s\n", message);
  c->failed = true;
}

/* The end of the JSON value or name that starts at 'p': the first space outside strings, arrays
** and objects. */
static char *word_end(char *p) {
  int depth = 0;
  bool text = false;
  for (; *p != '\0'; p++) {
    if (text) {
      if (*p == '\\' && p[1] != '\0')
        p++;
      else if (*p == '"')
        text = false;
    } else if (*p == '"') {
      text = true;
    } else if (*p == '{' || *p == '[') {
      depth++;
    } else if (*p == '}' || *p == ']') {
      depth--;
    } else if (depth <= 0 && isspace((unsigned char)*p)) {
      break;
    }
  }
  return p;
}

/* Cut 'line' into words in place. Returns how many, or -1 if there are too many. */
static int split(char *line, const char **words) {
  int n = 0;
  for (;;) {
    while (isspace((unsigned char)*line)) line++;
    if (*line == '\0') return n;
    if (n == MAX_WORDS) return -1;
    words[n++] = line;
    line = word_end(line);
    if (*line != '\0') *line++ = '\0';
  }
}

/* Call METHOD with parameters as they were typed; 'params' is room for them. */
static int call(struct console *c, const char *const *words, int n, struct pkt_buf *params,
                struct pkt_rpc_answer *answer, struct pkt_err *err) {
  const char *texts[MAX_WORDS];
  for (int i = 1; i < n; i++) {
    if (pkt_parameter_read(&params[i], words[i], "\"TCP\"", err) != 0) return -1;
    texts[i] = params[i].data;
  }
  return pkt_rpc_call(&c->rpc, words[0], texts + 1, (size_t)n - 1, answer, err);
}

/* The answer to METHOD, or false, and reported. */
static bool ask(struct console *c, const char *const *words, int n, struct pkt_rpc_answer *answer) {
  struct pkt_buf params[MAX_WORDS] = {0};
  struct pkt_err err;
  int rc = call(c, words, n, params, answer, &err);
  for (int i = 1; i < n; i++) pkt_buf_free(&params[i]);
  if (rc != 0) {
    complain(c, err.message);
    return false;
  }
  if (answer->ok) return true;
  c->failed = true;
  pkt_rpc_print_error(stderr, answer->error);
  return false;
}

static void print_names(const struct pkt_value *list) {
  for (uint32_t i = 0; i < list->len; i++)
    if (list->items[i].type == PKT_V_TEXT)
      printf("%.*s\n", (int)list->items[i].len, list->items[i].ptr);
}

/* supported_methods gives an object by name, or a list of names. */
static void list_methods(struct console *c) {
  static const char *const words[] = {"supported_methods", "\"all\""};
  struct pkt_rpc_answer answer;
  if (!ask(c, words, 2, &answer)) return;
  const struct pkt_value *v = answer.result;
  if (v->type == PKT_V_LIST)
    print_names(v);
  else if (v->type != PKT_V_MAP)
    c->failed |= !pkt_rpc_print(stdout, v);
  for (uint32_t i = 0; v->type == PKT_V_MAP && i < v->len; i++)
    printf("%.*s\n", (int)v->members[i].key_len, v->members[i].key);
}

/* Print a method's parameters, the version handle left out: nobody types it here. 'about' is
** their number and the list of their names. */
static void print_parameters(const char *method, const struct pkt_value *about) {
  const struct pkt_value *names = NULL;
  if (about->type == PKT_V_LIST && about->len == 2) names = &about->items[1];
  fputs(method, stdout);
  for (uint32_t i = 0; names && names->type == PKT_V_LIST && i < names->len; i++) {
    const struct pkt_value *name = &names->items[i];
    if (name->type == PKT_V_TEXT && !pkt_value_is(name, "client_v_handler"))
      printf(" %.*s", (int)name->len, name->ptr);
  }
  putchar('\n');
}

static void explain(struct console *c, const char *method) {
  static const char *const words[] = {"supported_methods", "\"all\""};
  struct pkt_rpc_answer answer;
  if (!ask(c, words, 2, &answer)) return;
  const struct pkt_value *about = pkt_value_get(answer.result, method);
  if (about)
    print_parameters(method, about);
  else
    complain(c, "there is no such method; 'methods' lists what there is");
}

static void run_line(struct console *c, char *line) {
  const char *words[MAX_WORDS];
  struct pkt_rpc_answer answer;
  int n = split(line, words);
  if (n == 0) return;
  if (n < 0) {
    complain(c, "too many words in the line");
  } else if (n == 1 && (strcmp(words[0], "quit") == 0 || strcmp(words[0], "exit") == 0)) {
    c->quit = true;
  } else if (n == 1 && strcmp(words[0], "help") == 0) {
    fputs(help_text, stdout);
    list_methods(c);
  } else if (n == 2 && strcmp(words[0], "help") == 0) {
    explain(c, words[1]);
  } else if (n == 1 && strcmp(words[0], "methods") == 0) {
    list_methods(c);
  } else if (ask(c, words, n, &answer)) {
    c->failed |= !pkt_rpc_print(stdout, answer.result);
  }
  fflush(stdout);
}

/* Read lines until 'quit' or the end. The terminal itself edits the line being typed. */
static void run(struct console *c) {
  bool prompt = isatty(STDIN_FILENO) != 0;
  char *line = NULL;
  size_t room = 0;
  while (!c->quit) {
    if (prompt) fputs(PROMPT, stdout), fflush(stdout);
    if (getline(&line, &room, stdin) < 0) break; /* the end, or an error */
    line[strcspn(line, "\n")] = '\0';
    run_line(c, line);
  }
  if (ferror(stdin)) complain(c, "luapkt console: the standard input can't be read");
  if (prompt && !c->quit) putchar('\n');
  free(line);
}

static int open_and_run(const struct pkt_target *t) {
  struct console c = {0};
  struct pkt_err err;
  int rc = pkt_rpc_open(&c.rpc, t->endpoint, t->timeout_ms, &err);
  if (rc == 0 && t->handle) rc = pkt_rpc_handshake(&c.rpc, &err);
  if (rc == 0)
    run(&c);
  else
    complain(&c, err.message);
  pkt_rpc_close(&c.rpc);
  return c.failed && (rc != 0 || !isatty(STDIN_FILENO)) ? PKT_EXIT_FAILED : PKT_EXIT_OK;
}

int pkt_cmd_console(int argc, char **argv) {
  struct pkt_options parser = {.command = "luapkt console",
                               .usage = "[OPTION...]",
                               .summary = "Send requests, one a line; 'help' tells more.",
                               .table = table};
  struct pkt_target target;
  pkt_target_init(&target);
  int letter;
  while (!target.end && (letter = pkt_options_next(&parser, argc, argv)) != PKT_OPT_END) {
    if (letter == PKT_OPT_ARGUMENT) return pkt_options_wrong(&parser, "no arguments expected");
    if (!pkt_target_set(&target, &parser, letter)) return PKT_EXIT_USAGE;
  }
  return target.end ? PKT_EXIT_OK : open_and_run(&target);
}
