/* run_script.h - a Lua script run as lua5.4 runs one, the module luapkt at hand. */
#ifndef PKT_RUN_SCRIPT_H
#define PKT_RUN_SCRIPT_H

/* Run words[0], a path or "-" for the standard input, with the words behind it as its arguments, as
** `...` and in the global `arg`; NULL ends them. 'home' is as in struct pkt_service_options. Returns
** 0, or -1: what went wrong is on the standard error. */
int pkt_run_script(const char *home, char *const *words);

#endif
