-- Layer Two Tunneling Protocol, version 2, RFC 2661 section 3.1. Its control messages are left as
-- they are.
--
--    0 1 2 3 4 5 6 7 8      12     16                             31
--   +-+-+-+-+-+-+-+-+-------+-------+-------------------------------+
--   |T|L|x|x|S|x|O|P|x x x x|version|  len (with L: length)         |
--   |           tunnel_id           |          session_id           |
--   |              ns               |              nr               |  with S: sequence
--   |            offset             |              ...              |  with O: offset
--   +-------------------------------+-------------------------------+

local f = require "luapkt.field"

local flag_names = {
  "res00", "res01", "res02", "res03", "priority", "offset",
  "res06", "sequence", "res08", "res09", "length", "control",
}

local flags = f.ref "hdr"

return {
  {
    id   = "L2TP",
    scapy = true,
    over = {
      UDP = { { dport = 1701 }, { sport = 1701 }, build = { sport = 1701, dport = 1701 } },
    },
    next = { { when = flags:has(0x800), id = "Raw" } },
    fields = {
      f.flags("hdr",    12, flag_names),
      f.bits ("version", 4, { default = 2, names = { [2] = "L2TPv2" } }),
      f.u16  ("len",        { when = flags:has(0x400) }),
      f.u16  ("tunnel_id"),
      f.u16  ("session_id"),
      f.u16  ("ns",         { when = flags:has(0x80) }),
      f.u16  ("nr",         { when = flags:has(0x80) }),
      f.u16  ("offset",     { when = flags:has(0x20), align = 4, align_own = true, class = "PadField (Cond)" }),
    },
  },
}
