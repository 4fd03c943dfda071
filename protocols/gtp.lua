-- GPRS Tunnelling Protocol for user data, version 1, 3GPP TS 29.281 sections 5.1 and 5.2. What its
-- signalling messages carry is left as it is.
--
--    0     3   4   5 6 7 8               16                              31
--   +-----+---+---+-+-+-+---------------+-------------------------------+
--   |vers.|PT |res|E|S|N|   gtp_type    |            length             |  without these 8 bytes
--   |                               teid                                |
--   |              seq                  |     npdu      |    next_ex    |  with E, S or PN
--   |                          extensions ...                           |  where next_ex isn't 0
--   +-------------------------------------------------------------------+
--
-- An extension is a length in units of four bytes, its content, and the type of the next one.

local f = require "luapkt.field"

local types = {
  [1]   = "echo_request",
  [2]   = "echo_response",
  [26]  = "error_indication",
  [31]  = "supported_extension_headers_notification",
  [254] = "end_marker",
  [255] = "g_pdu",
}

local extensions = {
  [0x00] = "No more extension headers",
  [0x20] = "Service class indicator",
  [0x40] = "UDP port",
  [0x81] = "RAN container",
  [0x82] = "Long PDCP PDU number",
  [0x84] = "NR RAN container",
  [0x85] = "PDU session container",
  [0xc0] = "PDCP PDU number",
}

local is_first = f.peek(0, 3):eq(1) -- version
local long     = f.ref("E"):either(f.ref "S"):either(f.ref "PN")
local extended = f.ref("E"):eq(1):both(f.ref("next_ex"):ne(0))
local extension_data = (f.ref "length" * 4 - 2):max(0)

return {
  {
    id     = "GTP_U_Header",
    title  = "GTP-U Header",
    extra  = true,
    over   = {
      UDP = {
        { dport = 2152, when = is_first }, { sport = 2152, when = is_first },
        build = { sport = 2152, dport = 2152 },
      },
    },
    extent = f.ref "length" + 8,
    next   = {
      { when = f.ref("gtp_type"):ne(255), id = "Raw" },
      { when = f.peek(0, 4):eq(4), id = "IP" },
      { when = f.peek(0, 4):eq(6), id = "IPv6" },
    },
    fields = {
      f.bits  ("version", 3, { default = 1 }),
      f.bits  ("PT", 1,      { default = 1, names = { [0] = "GTP_prime", "GTP" } }),
      f.bits  ("reserved", 1),
      f.bits  ("E", 1),
      f.bits  ("S", 1),
      f.bits  ("PN", 1),
      f.u8    ("gtp_type",   { default = 255, names = types }),
      f.u16   ("length",     { auto = f.header() + f.payload() - 8 }),
      f.u32   ("teid",       { show = "hex" }),
      f.u16   ("seq",        { when = long }),
      f.u8    ("npdu",       { when = long }),
      f.u8    ("next_ex",    { when = long, names = extensions }),
      f.layers("extensions", { when = extended, of = "GTPUExtension", more = f.ref("next_ex"):ne(0) }),
    },
  },
  {
    id     = "GTPUExtension",
    title  = "GTP-U Extension Header",
    extra  = true,
    fields = {
      f.u8   ("length",  { auto = (f.size "data" + 5) // 4 }),
      -- A whole number of four bytes, 3GPP TS 29.281 section 5.2.1; a length that was set changes
      -- no data.
      f.choice("data",   {
        { when = f.given "length", f.bytes(nil, { size = extension_data, default = "\0\0" }) },
        { f.bytes(nil, { size = extension_data, default = "\0\0", fit = true }) },
      }),
      f.u8   ("next_ex", { names = extensions }),
    },
  },
}
