/* core_shark.h - the part "shark" of the Lua module luapkt.core: a capture, packet by packet, its
** datagrams joined and its streams cut into messages, filtered and written out.
**
**   shark = core.shark.new(registry, reader [, bpf])  -- a reader of core.capture.reader(); 'bpf':
**                                                     -- a filter in the language of
**                                                     -- pcap-filter(7), by which packets are
**                                                     -- passed over before all else
**   p, about = shark:next()                    -- nil at the end; nil and { code, message }
**   shark:close()                              -- gives back its memory at once
**   n = shark:run(options)                     -- all that are left; or nil and { code, message }.
**                                              -- Where a function raises, what wasn't written yet
**                                              -- is lost
**
** 'p' is the same packet object every time, with other layers. A packet that completes more
** messages than find room in one comes several times. 'about' is a table, the same every time, too:
**
**   time, number, len, wire_len, link, comment   of the record; numbers from 1
**   own                                          how many layers were read from the record's own
**                                                bytes; nil: all. Others are of joined pieces
**   note                                         "piece": of a datagram that isn't whole yet;
**                                                "part": of a message that isn't; "repeated";
**                                                "cut", of a message too long for a packet; else
**                                                nil
**
**   source, check = core.shark.live(interface [, bpf [, promiscuous]])
**                                     -- for core.capture.reader(): what comes there; or nil and an
**                                     -- error. check(): how many packets found no room, as they
**                                     -- came too fast; or nil and the error in which it ended
**   ok, err = core.shark.check_filter(bpf)  -- true; or nil and an error: it is a filter for none
**                                           -- of the usual link types
**   core.shark.until_interrupted()  -- SIGINT and SIGTERM end captures, the second one the program
**   core.shark.is_terminal(fd)      -- does a person read or write there?
**   core.shark.is_same_file(path, path)  -- are both one regular file? "-": the standard input
**   text = core.shark.interfaces()  -- a line each; or nil and an error
**
** Of the packet that is being looked at:
**
**   shark:src(port)            the sender's address, with its port if 'port'; "" if it has none
**   shark:dst(port)            the receiver's
**   shark:line()               as in "text", without commands and colors
**   shark:summary()            what stands behind time and addresses in it
**   shark:time()               its time as text, seconds since 1970
**   shark:bytes()              the record's bytes
**   shark:own()                how many of its layers are its own, not what an ICMP error quotes
**
** Options of run(), all but 'write' to be left out:
**
**   write     a file of the io library; or function(text): true, or nil and why not, with which as
**             its error run() then ends
**   open      function(): called once the head of the capture was read: what 'write' is to be where
**             that is left out; or nil and why not, with which as its error run() then ends
**   idle      function(): called before more bytes of the capture are waited for
**   format    "text" (the default: a line each), "jsonl", "pcap", "pcapng", "none"; or a
**             function(p, about, shark) that returns text, or nil for none
**   behind    function(p, about, shark): what comes behind a packet's lines in "text", or nil
**   layers    ids of protocols, at most 8: the filter is called with the packet's first layer of
**             each, or nil, behind the others
**   needs     so many of these, from the first on, there must be: without them a packet isn't
**             wanted
**   filter    function(p, about, shark, ...): is the packet wanted?
**   careful   the same, asked where the filter raised. An error that it raises ends run(), or the
**             filter's, where this is left out
**   tell      'about' is filled in for the filter, too
**   want      id of a protocol: only packets with such a layer
**   commands  id of a protocol whose layers are commands: in "text" they have a line each...
**   command   ...function(layer): that line's text, or nil
**   only      only packets with commands
**   hold      what is to be written of other packets is kept back until the first command comes,
**             and dropped then; or until so many packets had none, or the capture ends
**   live      the capture comes as it is made, and somebody may look on: nothing is kept back for
**             more than a second
**   color     "text" is for a terminal that has colors
**   count     end after so many packets
*/
#ifndef PKT_CORE_SHARK_H
#define PKT_CORE_SHARK_H

#include <lua.h>

/* Push the table of functions. Returns 1 and sets no global. */
int pkt_open_shark(lua_State *L);

#endif
