-- Generic Routing Encapsulation, RFC 1701 and RFC 2784, with key and sequence number, RFC 2890;
-- its enhanced form for PPP, RFC 2637 section 4.1; mirrored frames, ERSPAN (type II of
-- draft-foschiano-erspan).
--
--    0 1 2 3 4 5   8       13      16                              31
--   +-+-+-+-+-+-----+---------+-----+-------------------------------+
--   |C|R|K|S|s|recur|  flags  |ver  |             proto             |
--   |            chksum             |            offset             |  with C or R
--   |                              key                              |  with K
--   |                        seqence_number                         |  with S
--   |                         routing (GRErouting)                  |  with R
--   +---------------------------------------------------------------+

local f = require "luapkt.field"

-- Is the bit set? A number that doesn't fit it is not 1, as the reference has it.
local function has(bit) return f.ref(bit):eq(1) end

-- The enhanced form is version 1, and always carries PPP.
local enhanced = f.peek(13, 3):eq(1):both(f.peek(16, 16):eq(0x880b))

return {
  {
    id   = "GRE",
    scapy = true,
    over = {
      IP   = { { proto = 47 }, rank = 2 },
      IPv6 = { { nh = 47 }, rank = 2 },
    },
    required = "proto",
    fields = {
      f.bits("chksum_present",      1),
      f.bits("routing_present",     1),
      f.bits("key_present",         1),
      f.bits("seqnum_present",      1),
      f.bits("strict_route_source", 1),
      f.bits("recursion_control",   3),
      f.bits("flags",               5),
      f.bits("version",             3),
      f.u16 ("proto",          { names = "ethertypes", show = "hex" }),
      f.u16 ("chksum",         { show = "hex", auto = f.checksum("inet", { when = has "chksum_present" }),
                                 when = has "chksum_present":either(has "routing_present") }),
      f.u16 ("offset",         { show = "hex", auto = 0,
                                 when = has "chksum_present":either(has "routing_present") }),
      f.u32 ("key",            { show = "hex", auto = 0, when = has "key_present" }),
      f.u32 ("seqence_number", { show = "hex", auto = 0, when = has "seqnum_present" }),
    },
  },
  -- Source routes, RFC 1701 section 3: entries one after another up to an empty one.
  {
    id    = "GRErouting",
    title = "GRE routing information",
    over  = { GRE = { { routing_present = 1 }, rank = 0 } },
    next  = { { when = f.ref "SRE_len", id = "GRErouting" }, { id = "Raw" } },
    fields = {
      f.u16  ("address_family"),
      f.u8   ("SRE_offset"),
      f.u8   ("SRE_len",      { auto = f.size "routing_info" }),
      f.bytes("routing_info", { size = f.ref "SRE_len" }),
    },
  },
  {
    id     = "GRE_PPTP",
    title  = "GRE PPTP",
    base   = "GRE",
    hidden = true,
    carries = "GRE",
    over   = {
      IP   = { { proto = 47, when = enhanced }, build = { proto = 47 } },
      IPv6 = { { nh = 47, when = enhanced }, build = { nh = 47 } },
    },
    fields = {
      f.bits("chksum_present",      1),
      f.bits("routing_present",     1),
      f.bits("key_present",         1, { default = 1 }),
      f.bits("seqnum_present",      1),
      f.bits("strict_route_source", 1),
      f.bits("recursion_control",   3),
      f.bits("acknum_present",      1),
      f.bits("flags",               4),
      f.bits("version",             3, { default = 1 }),
      f.u16 ("proto",          { default = 0x880b, names = "ethertypes", show = "hex" }),
      f.u16 ("payload_len",    { auto = f.payload() }),
      f.u16 ("call_id"),
      f.u32 ("seqence_number", { show = "hex", auto = 0, when = has "seqnum_present" }),
      f.u32 ("ack_number",     { show = "hex", auto = 0, when = has "acknum_present" }),
    },
  },
  {
    id     = "ERSPAN",
    over   = { GRE = { proto = 0x88be, seqnum_present = 1 } },
    fields = {
      f.bits("ver",         4),
      f.bits("vlan",       12),
      f.bits("cos",         3),
      f.bits("en",          2),
      f.bits("t",           1),
      f.bits("session_id", 10),
      f.bits("reserved",   12),
      f.bits("index",      20),
    },
  },
}
