/* shown.h - what the reference shows of a value and Python can't read, back to the value.
**
** An EXPRESSION in a reply of the reference isn't always one. These are read here:
**   [10.0.0.1, 10.0.0.2], [ ::1 ], ['a.org'], [DNS Recursive Name Server Option]   lists
**   [message-type=discover router=10.0.0.1 domain=b'a.org' end]                     DHCP options
**   0.0.0.0, ::1, host                                     an address or a name that stands alone
**   --                                                     no value, where that is shown so
** None of them is Lua, and what is a literal as well means the same as one. */
#ifndef PKT_SHOWN_H
#define PKT_SHOWN_H

#include "plan.h"

/* Is 'text' what the reference shows of a value of this field? If so the value is in *out, parts of
** it in 'arena', others in 'text', which must outlive it. Names in it are looked up, the rest is
** for pkt_assign() to check. False also where memory is lacking. */
bool pkt_shown_read(struct pkt_arena *arena, const struct pkt_op *op, const char *text, size_t len,
                    struct pkt_value *out);

/* Is this a host's name that stands alone, and can't be taken for anything else? */
bool pkt_is_bare_name(const char *p, size_t n);

#endif
