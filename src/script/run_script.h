/* run_script.h - Lua scripts and subcommands, run as lua5.4 runs a script, the module luapkt at
** hand. */
#ifndef PKT_RUN_SCRIPT_H
#define PKT_RUN_SCRIPT_H

/* Run words[0], a path or "-" for the standard input, with the words behind it as its arguments, as
** `...` and in the global `arg`; NULL ends them. 'home' is as in struct pkt_service_options; 'dirs'
** are further folders of protocols, NULL ends them. Returns 0, or -1: what went wrong is on the
** standard error. */
int pkt_run_script(const char *home, const char *const *dirs, char *const *words);

struct pkt_run_value {
  const char *name, *value;
};

#define PKT_RUN_WRONG (-2) /* what was asked for makes no sense */

/* Call the function that a module of luapkt is, with a table of 'values', which a NULL name ends.
** It returns true, or nil and { message =, usage = } or a text. Returns 0; -1, or PKT_RUN_WRONG
** where 'usage' is true: what went wrong is on the standard error, as 'command' says it. */
int pkt_run_module(const char *home, const char *command, const char *module,
                   const struct pkt_run_value *values);

#endif
