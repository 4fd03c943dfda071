/* core_vm.h - the part "vm" of the Lua module luapkt.core: the field engine.
**
**   vm = core.vm.new(instructions, bytes [, { seed = 1, registry = core, id = "Ether" }])
**   vm:packet(n)     the bytes of packet n, the first being 0
**   vm:variables(n)  { { name = "src", value = 1 }, ... }: the variables' values in it
**   vm:cycle()       after how many packets all that is written repeats, 2^64-1 standing for more
**   vm:warnings()    { "...", ... }
**
** The instructions are a table, or JSON text, in the form that vm.h takes; numbers over 2^63-1 are
** json.u64. With a registry as core.compile returns it, the bytes are read as that protocol, so
** that warnings name fields. new() returns nil and { code, message } for instructions that can't be
** run. Packets next to each other are made one from the other; any other is found at once. */
#ifndef PKT_CORE_VM_H
#define PKT_CORE_VM_H

#include <lua.h>

/* Push the table of functions. Returns 1 and sets no global. */
int pkt_open_vm(lua_State *L);

#endif
