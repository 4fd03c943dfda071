-- Constrained Application Protocol, RFC 7252 section 3, on UDP. An option's number is the sum of the
-- deltas up to it. Payload follows a marker.
--
--    0   2   4       8               16                              31
--   +---+---+-------+---------------+-------------------------------+
--   |ver|typ|  tkl  |     code      |            msg_id             |
--   |                           token ...                           |
--   |                          options ...                          |
--   | paymark (ff)  |
--   +---------------+
--
-- An option:
--
--    0       4       8
--   +-------+-------+------------------+----------------+-----------+
--   | delta |  len  | delta_ext8 or 16 | len_ext8 or 16 | value ... |  where delta, len are 13 or 14
--   +-------+-------+------------------+----------------+-----------+

local f = require "luapkt.field"

local codes = {
  [0]   = "Empty",
  [1]   = "GET",
  [2]   = "POST",
  [3]   = "PUT",
  [4]   = "DELETE",
  [65]  = "2.01 Created",
  [66]  = "2.02 Deleted",
  [67]  = "2.03 Valid",
  [68]  = "2.04 Changed",
  [69]  = "2.05 Content",
  [128] = "4.00 Bad Request",
  [129] = "4.01 Unauthorized",
  [130] = "4.02 Bad Option",
  [131] = "4.03 Forbidden",
  [132] = "4.04 Not Found",
  [133] = "4.05 Method Not Allowed",
  [134] = "4.06 Not Acceptable",
  [140] = "4.12 Precondition Failed",
  [141] = "4.13 Request Entity Too Large",
  [143] = "4.15 Unsupported Content-Format",
  [160] = "5.00 Internal Server Error",
  [161] = "5.01 Not Implemented",
  [162] = "5.02 Bad Gateway",
  [163] = "5.03 Service Unavailable",
  [164] = "5.04 Gateway Timeout",
  [165] = "5.05 Proxying Not Supported",
}

local is_coap = f.peek(0, 2):eq(1) -- version

local delta, len, size = f.ref "delta", f.ref "len", f.size "value"

-- A length as the first byte of an option has it, section 3.1.
local short_length = size:lt(13):pick(size, size:lt(269):pick(13, 14))

local value_size = len:eq(13):pick(f.ref "len_ext8" + 13, len:eq(14):pick(f.ref "len_ext16" + 269, len))

return {
  {
    id     = "CoAP",
    extra  = true,
    over   = {
      UDP = {
        { dport = 5683, when = is_coap }, { sport = 5683, when = is_coap },
        build = { sport = 5683, dport = 5683 },
      },
    },
    next   = { { id = "Raw" } },
    fields = {
      f.bits  ("ver", 2,   { default = 1 }),
      f.bits  ("type", 2,  { names = { [0] = "CON", "NON", "ACK", "RST" } }),
      f.bits  ("tkl", 4,   { auto = f.size "token" }),
      f.u8    ("code",     { names = codes }),
      f.u16   ("msg_id",   { show = "hex" }),
      f.bytes ("token",    { size = f.ref "tkl" }),
      f.layers("options",  { of = "CoAPOption", stops = f.peek(0, 8):eq(0xff) }),
      f.u8    ("paymark",  { default = 0xff, show = "hex", when = f.left():gt(0):either(f.above "Raw") }),
    },
  },
  {
    id     = "CoAPOption",
    title  = "CoAP Option",
    extra  = true,
    fields = {
      f.bits ("delta", 4),
      f.bits ("len", 4,      { auto = short_length }),
      f.u8   ("delta_ext8",  { when = delta:eq(13) }),
      f.u16  ("delta_ext16", { when = delta:eq(14) }),
      f.u8   ("len_ext8",    { when = len:eq(13), auto = (size - 13):max(0) }),
      f.u16  ("len_ext16",   { when = len:eq(14), auto = (size - 269):max(0) }),
      f.bytes("value",       { size = value_size }),
    },
  },
}
