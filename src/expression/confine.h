/* confine.h - what the expression process gives up before it reads its first question. */
#ifndef PKT_CONFINE_H
#define PKT_CONFINE_H

#include <stddef.h>

/* Give up all system calls but read, write and exit, on descriptors that are open already; before
** that, the right to more memory than 'memory' bytes beyond the program's own, to files, to other
** processes, and to most of the processor's time. Returns 0, or -1: the system refused, and nothing
** a stranger wrote may be run. */
int pkt_confine(size_t memory);

/* End the process by the one call that is left. */
_Noreturn void pkt_confined_exit(int status);

#endif
