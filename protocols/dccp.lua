-- Datagram Congestion Control Protocol, RFC 4340 section 5. A packet has sequence numbers of 48 bits
-- (X) or, of Data, Ack and DataAck alone, of 24.
--
--    0               8       12      16              24            31
--   +---------------+---------------+---------------+---------------+
--   |             sport             |             dport             |
--   |    dataofs    | ccval | cscov |            chksum             |  in 32-bit units
--   | res |  type |x|      res2     |  seq: 48 bits with X          |
--   |                              ...                              |
--   |              res3             |  ack: of most types           |
--   |                              ...                              |
--   |  service: of Request and Response; or what Reset says         |
--   |                          options ...                          |
--   +---------------------------------------------------------------+

local f = require "luapkt.field"

local types = {
  [0] = "Request", "Response", "Data", "Ack", "DataAck", "CloseReq", "Close", "Reset", "Sync",
  "SyncAck",
}

-- Section 5.6.
local resets = {
  [0] = "Unspecified", "Closed", "Aborted", "No Connection", "Packet Error", "Option Error",
  "Mandatory Error", "Connection Refused", "Bad Service Code", "Too Busy", "Bad Init Cookie",
  "Aggression Penalty",
}

-- Section 5.8.
local options = {
  [0]  = "Padding",
  [1]  = "Mandatory",
  [2]  = "Slow Receiver",
  [32] = "Change L",
  [33] = "Confirm L",
  [34] = "Change R",
  [35] = "Confirm R",
  [36] = "Init Cookie",
  [37] = "NDP Count",
  [38] = "Ack Vector (Nonce 0)",
  [39] = "Ack Vector (Nonce 1)",
  [40] = "Data Dropped",
  [41] = "Timestamp",
  [42] = "Timestamp Echo",
  [43] = "Elapsed Time",
  [44] = "Data Checksum",
}

local type = f.ref "type"
local is_long, is_short = f.ref("x"):eq(1), f.ref("x"):eq(0)
local is_reset = type:eq(7)
local has_ack = type:one_of(0, 2):no()

-- The header and so many units of 32 bits of what follows; all where 'cscov' is 0 (section 9.2).
local cscov = f.ref "cscov"
local covered = cscov:eq(0):pick(f.header() + f.payload(), f.header() + (cscov - 1) * 4)

return {
  {
    id     = "DCCP",
    title  = "Datagram Congestion Control Protocol",
    extra  = true,
    over   = { IP = { proto = 33 }, IPv6 = { nh = 33 } },
    fields = {
      f.u16   ("sport",   { default = 5001, label = "Source port" }),
      f.u16   ("dport",   { default = 5001, label = "Destination port" }),
      f.u8    ("dataofs", { auto = f.header() // 4 }),
      f.bits  ("ccval", 4),
      f.bits  ("cscov", 4),
      f.u16   ("chksum",  { show = "hex",
                            auto = f.checksum("inet", { pseudo = 33, whole = true, over = covered }) }),
      f.bits  ("res", 3),
      f.bits  ("type", 4, { names = types }),
      f.bits  ("x", 1,    { default = 1 }),
      f.u8    ("res2",    { when = is_long }),
      f.u48   ("seq",     { when = is_long }),
      f.u24   ("seq24",   { when = is_short }),
      f.u16   ("res3",    { when = is_long:both(has_ack) }),
      f.u48   ("ack",     { when = is_long:both(has_ack) }),
      f.u8    ("res4",    { when = is_short:both(has_ack) }),
      f.u24   ("ack24",   { when = is_short:both(has_ack) }),
      f.u32   ("service", { when = type:le(1), show = "hex" }),
      f.u8    ("reason",  { when = is_reset, names = resets }),
      f.bytes ("data",    { when = is_reset, size = 3, show = "hex" }),
      f.layers("options", { of = "DCCPOption", size = f.ref "dataofs" * 4 - f.header(), align = 4 }),
    },
  },
  {
    id     = "DCCPOption",
    title  = "DCCP Option",
    extra  = true,
    fields = {
      f.u8   ("type", { names = options }),
      f.u8   ("len",  { when = type:ge(32), auto = f.size "data" + 2 }),
      f.bytes("data", { when = type:ge(32), size = (f.ref "len" - 2):max(0), show = "hex" }),
    },
  },
}
