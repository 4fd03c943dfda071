/* sandbox_inner.h - what the files behind sandbox.h share.
**
** sandbox.c runs an expression in a state of its own; sandbox_view.c unpacks the packet that it may
** look at, sandbox_result.c packs what it comes to. */
#ifndef PKT_SANDBOX_INNER_H
#define PKT_SANDBOX_INNER_H

#include "sandbox.h"

/* Pack the value at 'index', an absolute one, from 'at' on and before 'end', as packed.h has it.
** Returns where it ends. Raises for what is no value of a field, and where it is too large. */
uint8_t *pkt_sandbox_pack(lua_State *L, int index, uint8_t *at, uint8_t *end);

#endif
