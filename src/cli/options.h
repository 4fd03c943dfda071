/* options.h - one table of options that is both parsed by and printed as help. */
#ifndef PKT_OPTIONS_H
#define PKT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pkt_cli_option {
  const char *name; /* long form, without dashes */
  int letter;       /* short form, or a number over 255 where there is none */
  const char *arg;  /* what it takes, for the help; NULL: nothing; "[FILE]": may be left out */
  const char *help; /* NULL: another name for the option above */
};

#define PKT_MAX_OPTIONS 32 /* in one table; raise it with the largest table */

struct pkt_options {
  const char *command;                /* "luapkt serve" */
  const char *usage;                  /* what follows the command in the usage line */
  const char *summary;                /* one line of what it does */
  const struct pkt_cli_option *table; /* ends with a NULL name */
  bool only_arguments;                /* private: '--' was seen */
};

enum {
  PKT_OPT_END = -1,
  PKT_OPT_ARGUMENT = 1, /* optarg is an argument that is no option; a negative number is one */
  PKT_OPT_WRONG = '?',  /* reported already */
};

/* The next option's letter, its value in optarg, or one of the above. */
int pkt_options_next(struct pkt_options *o, int argc, char **argv);

/* Print them for a person, or, after pkt_options_describe(), as a JSON object:
**
**   {"command": "luapkt serve", "usage": "[OPTION...]", "summary": "Answer...", "options": [
**     {"names": ["-s", "--scapy-port", "-p", "--port"], "arg": "PORT", "help": "listen..."}]}
**
** An option that takes nothing has no "arg"; one whose value may be left out has "[FILE]". */
void pkt_options_help(const struct pkt_options *o);
void pkt_options_describe(void);

/* Report a wrong command line, printf-like. Returns the exit code for it. */
int pkt_options_wrong(const struct pkt_options *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Read a decimal number from 'min' to 'max'. False, and reported, if 'text' is none. */
bool pkt_options_number(const struct pkt_options *o, const char *what, const char *text,
                        uint64_t min, uint64_t max, uint64_t *out);

/* The values of an option that may be repeated. */
#define PKT_MAX_REPEATS 64
struct pkt_repeats {
  const char *list[PKT_MAX_REPEATS + 1]; /* NULL-terminated */
  size_t count;
};

/* Add a value of the option 'what'. False, and reported, if there were too many. */
bool pkt_options_repeat(const struct pkt_options *o, const char *what, const char *value,
                        struct pkt_repeats *out);

/* Can the folder that the option 'what' names be opened? If not, that is reported, with its whole
** path. */
bool pkt_options_folder(const struct pkt_options *o, const char *what, const char *path);

/* The same of all values of an option. */
bool pkt_options_folders(const struct pkt_options *o, const char *what,
                         const struct pkt_repeats *paths);

/* Take a value of --home. False, and reported, if there is no folder 'lua' or 'protocols' in it. */
bool pkt_options_home(const struct pkt_options *o, const char *path, const char **out);

/* Put an argument behind the *n there are in 'words', which has room for 'most'. False, and
** reported, if it is one too many. */
bool pkt_options_word(const struct pkt_options *o, const char *word, int most, const char **words,
                      int *n);

#endif
