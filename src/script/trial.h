/* trial.h - a service opened and checked in a process of its own first. Lua's own functions can't
** be interrupted: a pattern that never comes to an end, or a crash, takes only that process.
**
** It is the program anew, since one that is forked beside threads may wait for ever for a lock that
** one of them held. */
#ifndef PKT_TRIAL_H
#define PKT_TRIAL_H

#include "service.h"

#define PKT_TRIAL_CPU_S 12         /* more than the ten seconds in which Lua's instructions end */
#define PKT_TRIAL_S 60             /* the same for files that wait, and on a machine that is busy */
#define PKT_TRIAL_STACK (3u << 18) /* less than a thread has that loads the same then */

#define PKT_TRIAL_WORD "--try" /* the command, which isn't for people */

/* Returns 0, or -1 with *err filled in: what pkt_service_open() or pkt_service_check() says, or
** that neither has come to an end. 'stopped' is asked now and then whether to give up at once. */
int pkt_service_try(const struct pkt_service_options *options, bool (*stopped)(void *arg),
                    void *arg, struct pkt_err *err);

/* What the process does, with what follows the command. Returns only where that makes no sense. */
void pkt_trial_run(int count, char **words);

#endif
