/* builtins.h - calls of the python dialect that give data, not packets: range(1, 3), bytes([1, 2]).
** The reader of literals takes them for packets, whose names it doesn't know. */
#ifndef PKT_BUILTINS_H
#define PKT_BUILTINS_H

#include "arena.h"
#include "err.h"
#include "value.h"

/* Put their values in place of such calls, in *v and in what it holds:
**   range(stop), range(start, stop), range(start, stop, step)   a list, at most PKT_MAX_ITEMS long
**   bytes([1, 2]), bytes(range(3)), bytes(b'a')                 bytes
**   TCPOptions([...]), DHCPOptions([...])                       the list
** Returns 0, or -1 with *err filled in: PKT_ERR_VALUE, PKT_ERR_LIMIT, PKT_ERR_MEMORY. */
int pkt_builtins_apply(struct pkt_arena *arena, struct pkt_value *v, struct pkt_err *err);

#endif
