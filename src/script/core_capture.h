/* core_capture.h - the part "capture" of the Lua module luapkt.core: capture files, read and
** written.
**
**   reader = capture.reader(source)  -- a capture as a string; a file of the io library, whose
**                                    -- packets come as soon as they are in it; or a function that
**                                    -- returns its next bytes as a string with each call, and nil
**                                    -- at the end. nil and { code, message } for a folder
**   for packet in reader do print(packet.time, #packet.bytes) end
**   assert(reader:check())           -- nil and { code, message } if reading ended in an error
**
**   writer = capture.writer("pcapng", 1)  -- "pcap", "pcap_ns" or "pcapng"; LINKTYPE, default 1
**   writer:write(bytes, { time = nanoseconds, comment = "..." })
**   file:write(writer:take())             -- all that was written since the last take()
**
** A packet read is { bytes =, time = nanoseconds since 1970, wire_len =, link =, interface =,
** fcs_len =, comment =, cut = }; 'comment' only where there is one, 'cut' only where it is true.
** What is given to write() beside the bytes has the same names: time, wire_len, interface,
** comment. Engine errors and their codes are those of capture.h. */
#ifndef PKT_CORE_CAPTURE_H
#define PKT_CORE_CAPTURE_H

#include <lua.h>
#include <stdbool.h>

#include "../engine/capture.h"

/* The reader at 'index', good while that is, for the caller alone: from now on no script takes
** packets of it. Raises where there is none, and where it is somebody's already. */
struct pkt_reader;
struct pkt_reader *pkt_take_reader(lua_State *L, int index);

/* Its next packet, as far as the bytes of that are there: as pkt_capture_next(). */
int pkt_capture_step(struct pkt_reader *r, struct pkt_capture_record *out, struct pkt_err *err);

/* Was the head read by which a capture is known? */
bool pkt_capture_begun(const struct pkt_reader *r);

/* The link type of the first interface that is described so far, -1 if none is; '*only': there will
** be no other. */
int pkt_capture_link(const struct pkt_reader *r, bool *only);

/* Ask the reader's source for more bytes, which may take its time. False: there are none. Raises
** what the source raises. */
bool pkt_capture_more(lua_State *L, int index);

/* Push the table of functions. Returns 1 and sets no global. */
int pkt_open_capture(lua_State *L);

#endif
