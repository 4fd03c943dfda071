/* core_socket.h - the part "socket" of the Lua module luapkt.core: raw sockets.
**
**   s = socket.open { layer = 2, interface = "eth0", type = 0x0800, filter = "tcp port 80",
**                     promiscuous = true, outgoing = true, send_only = true, buffer = bytes }
**   bytes, about = s:receive(nanoseconds)   -- below 0: wait for ever
**   sent = s:send(bytes or { bytes, ... }, count, rate)   -- count: how often; rate: a second
**   s:filter(text or nil)  s:drain()  s:close()
**   s:stats()              -- { received =, dropped =, sent = }
**   socket.interfaces()    -- { { name =, index =, mtu =, up =, mac = bytes, addresses =
**                          --     { { address = bytes, prefix = bits }, ... } }, ... }
**   socket.now()           -- nanoseconds of a clock that never goes back
**   socket.random(n)       -- n random bytes of the system, up to 256
**
** 'about' is { time =, wire_len =, interface = index, type = EtherType, kind = "host" | "broadcast"
** | "multicast" | "other" | "outgoing" }, and where it is so: tag = 16 bits, cut = true, unsummed =
** true. What can fail returns nil and { code, message }; send returns how many went out as a third
** value. Codes are those of raw.h, and "timeout". */
#ifndef PKT_CORE_SOCKET_H
#define PKT_CORE_SOCKET_H

#include <lua.h>

/* Push the table of functions. Returns 1 and sets no global. */
int pkt_open_socket(lua_State *L);

#endif
