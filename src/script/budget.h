/* budget.h - an end to Lua code that may not come to one: files of protocols and templates, which
** their authors make mistakes in. */
#ifndef PKT_BUDGET_H
#define PKT_BUDGET_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* lua_pcall() of what lies on the stack, a function below its 'nargs' arguments, for no results and
** at most 'ms' of the thread's processor time (0: as a rule), and half a GiB of memory. Beyond that
** an error is raised, through every pcall() there may be, that says in which file and line. 'L' is
** a state's main thread; calls don't nest. */
int pkt_budget_pcall(lua_State *L, int nargs, uint32_t ms);

/* The same for the program's own code, which isn't watched until it calls pkt_budget_watch(),
** since watching costs a tenth of its time. */
int pkt_budget_trust(lua_State *L, int nargs, uint32_t ms);

/* Why the call that is under way takes too long, where nothing raises it: for the handler of a
** signal in a process that then ends. False: no call is under way. */
bool pkt_budget_late(char *why, size_t room);

/* Call before running code of others: from now on the call that is under way is watched. */
void pkt_budget_watch(lua_State *L);

#endif
