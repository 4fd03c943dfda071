-- Extension headers of IPv6, RFC 8200 section 4, with their options; segment routing RFC 8754.
--
--    0               8              16              24              31
--   +---------------+---------------+---------------+---------------+
--   |      nh       |      len      |  options                      |  hop-by-hop, destination
--   |      nh       |      len      |     type      |    segleft    |  routing
--   |      nh       |     res1      |        offset           |r|m|  fragment
--   +---------------+---------------+---------------+---------------+
--
-- 'len' counts 8 bytes each beyond the first 8. What rides on IPv6 rides on these as well:
-- `carries = "IPv6"`, by the field 'nh', which each of them has.

local f = require "luapkt.field"

local autopad = { [0] = "Off", [1] = "On" }

-- The options of a header end where the header ends; what is left is filled with one padding
-- option, as is the gap before an option that wants to lie at 'place = { multiple, rest }'.
local function options()
  return f.layers("options", {
    of    = "HBHOptUnknown",
    size  = f.ref "len" * 8 + 6,
    align = 8,
    pad   = { one = "Pad1", many = "PadN", when = f.ref "autopad" },
    class = "_OptionsField",
  })
end

local function option_type(default)
  return f.u8("otype", {
    default = default, names = "ipv6_options", show = "ipv6_option", class = "_OTypeField",
  })
end

-- An item of both headers' lists.
local function option(otype)
  return {
    ["IPv6ExtHdrHopByHop.options"] = { otype = otype },
    ["IPv6ExtHdrDestOpt.options"]  = { otype = otype },
  }
end

-- The first byte of an option that is of this kind.
local function begins(otype) return f.peek(0, 8):eq(otype) end

-- One that pads the options of mobility headers as well.
local function padding(otype)
  local over = option(otype)
  over["MIP6MH_BU.options"] = { otype = otype }
  return over
end

local alerts = {
  [0]     = "Datagram contains a MLD message",
  [1]     = "Datagram contains RSVP message",
  [2]     = "Datagram contains an Active Network message",
  [68]    = "NSIS NATFW NSLP",
  [69]    = "MPLS OAM",
  [65535] = "Reserved",
}

return {
  {
    id      = "IPv6ExtHdrHopByHop",
    scapy   = true,
    title   = "IPv6 Extension Header - Hop-by-Hop Options Header",
    hidden  = true,
    over    = { IPv6 = { nh = 0 } },
    carries = "IPv6",
    fields  = {
      f.u8     ("nh",      { default = 59, names = "ipv6_nh" }),
      f.u8     ("len",     { auto = (f.header() - 8) // 8, class = "FieldLenField" }),
      f.phantom("autopad", { default = 1, names = autopad }),
      options(),
    },
  },
  {
    id      = "IPv6ExtHdrDestOpt",
    title   = "IPv6 Extension Header - Destination Options Header",
    hidden  = true,
    over    = { IPv6 = { nh = 60 } },
    carries = "IPv6",
    -- A home address is the source that checksums cover, RFC 6275 section 6.1.7.
    pseudo  = { src = "options.HAO.hoa" },
    fields  = {
      f.u8     ("nh",      { default = 59, names = "ipv6_nh" }),
      f.u8     ("len",     { auto = (f.header() - 8) // 8, class = "FieldLenField" }),
      f.phantom("autopad", { default = 1, names = autopad }),
      options(),
    },
  },
  {
    id      = "IPv6ExtHdrRouting",
    scapy   = true,
    title   = "IPv6 Option Header Routing",
    hidden  = true,
    over    = { IPv6 = { { nh = 43, rank = 2 } } },
    carries = "IPv6",
    pseudo  = { last = "addresses", when = f.ref("segleft"):gt(0) },
    fields  = {
      f.u8  ("nh",        { default = 59, names = "ipv6_nh" }),
      f.u8  ("len",       { auto = f.size "addresses" // 8 }),
      f.u8  ("type"),
      f.u8  ("segleft",   { auto = f.count "addresses", class = "ByteField" }),
      f.bits("reserved", 32),
      f.list("addresses", f.ipv6(), { size = f.ref "len" * 8 }),
    },
  },
  {
    id      = "IPv6ExtHdrSegmentRouting",
    title   = "IPv6 Option Header Segment Routing",
    hidden  = true,
    over    = { IPv6 = { { nh = 43, when = f.peek(16, 8):eq(4) }, build = { nh = 43 } } },
    carries = "IPv6",
    -- The list runs backwards: its first segment is the final destination.
    pseudo  = { first = "addresses", when = f.ref("segleft"):gt(0) },
    fields  = {
      f.u8    ("nh",          { default = 59, names = "ipv6_nh" }),
      f.u8    ("len",         { auto = (f.header() - 8) // 8 }),
      f.u8    ("type",        { default = 4 }),
      f.u8    ("segleft",     { auto = (f.count "addresses" - 1):max(0) }),
      f.u8    ("lastentry",   { auto = (f.count "addresses" - 1):max(0) }),
      f.bits  ("unused1",   1),
      f.bits  ("protected", 1),
      f.bits  ("oam",       1),
      f.bits  ("alert",     1),
      f.bits  ("hmac",      1),
      f.bits  ("unused2",   3),
      f.u16   ("tag"),
      f.list  ("addresses",   f.ipv6(), { default = { "::1" }, count = f.ref "lastentry" + 1 }),
      f.layers("tlv_objects", { of    = "IPv6ExtHdrSegmentRoutingTLV",
                                size  = (f.ref "len" * 8 - f.size "addresses"):max(0),
                                align = 8,
                                pad   = { one  = "IPv6ExtHdrSegmentRoutingTLVPad1",
                                          many = "IPv6ExtHdrSegmentRoutingTLVPadding" } }),
    },
  },
  {
    id      = "IPv6ExtHdrFragment",
    scapy   = true,
    title   = "IPv6 Extension Header - Fragmentation header",
    hidden  = true,
    over    = { IPv6 = { nh = 44 } },
    carries = "IPv6",
    pieces  = { key = { "id" }, at = f.ref "offset" * 8, more = f.ref "m" },
    fields  = {
      f.u8  ("nh",     { default = 59, names = "ipv6_nh" }),
      f.bits("res1",   8),
      f.bits("offset", 13),
      f.bits("res2",   2),
      f.bits("m",      1),
      f.u32 ("id",     { auto = 0 }),
    },
  },

  -- Options, RFC 8200 section 4.2.
  {
    id       = "HBHOptUnknown",
    title    = "Scapy6 Unknown Option",
    fallback = "Padding",
    fields   = {
      option_type(1),
      f.u8   ("optlen",  { auto = f.size "optdata" }),
      f.bytes("optdata", { size = f.ref "optlen" }),
    },
  },
  {
    id         = "Pad1",
    variant_of = { HBHOptUnknown = begins(0), MIP6OptUnknown = begins(0) },
    over       = padding(0),
    fallback   = "Padding",
    fields     = {
      option_type(),
    },
  },
  {
    id         = "PadN",
    variant_of = { HBHOptUnknown = begins(1), MIP6OptUnknown = begins(1) },
    over       = padding(1),
    fallback   = "Padding",
    fields     = {
      option_type(1),
      f.u8   ("optlen",  { auto = f.size "optdata" }),
      f.bytes("optdata", { size = f.ref "optlen" }),
    },
  },
  -- RFC 2711
  {
    id         = "RouterAlert",
    title      = "Router Alert",
    variant_of = { HBHOptUnknown = begins(5) },
    over       = option(5),
    place      = { 2, 0 },
    fallback   = "Padding",
    fields     = {
      option_type(5),
      f.u8 ("optlen", { default = 2 }),
      f.u16("value",  { auto = 0, names = alerts }),
    },
  },
  -- RFC 2675
  {
    id         = "Jumbo",
    title      = "Jumbo Payload",
    variant_of = { HBHOptUnknown = begins(194) },
    over       = option(194),
    place      = { 4, 2 },
    fallback   = "Padding",
    fields     = {
      option_type(194),
      f.u8 ("optlen",    { default = 4 }),
      f.u32("jumboplen", { auto = 0 }),
    },
  },
  -- RFC 6275 section 6.3
  {
    id         = "HAO",
    title      = "Home Address Option",
    variant_of = { HBHOptUnknown = begins(201) },
    over       = option(201),
    place      = { 8, 6 },
    fallback   = "Padding",
    fields     = {
      option_type(201),
      f.u8  ("optlen", { default = 16 }),
      f.ipv6("hoa"),
    },
  },

  -- TLVs of the segment routing header, RFC 8754 section 2.1. The node TLVs are from its drafts.
  {
    id       = "IPv6ExtHdrSegmentRoutingTLV",
    title    = "IPv6 Option Header Segment Routing - Generic TLV",
    fallback = "Padding",
    fields   = {
      f.u8   ("type"),
      f.u8   ("len"),
      f.u8   ("reserved"),
      f.u8   ("flags"),
      f.bytes("value", { size = f.ref "len" - 2 }),
    },
  },
  {
    id     = "IPv6ExtHdrSegmentRoutingTLVIngressNode",
    title  = "IPv6 Option Header Segment Routing - Ingress Node TLV",
    base   = "IPv6ExtHdrSegmentRoutingTLV",
    hidden = true,
    over   = { ["IPv6ExtHdrSegmentRouting.tlv_objects"] = { type = 1 } },
    fields = {
      f.u8  ("type", { default = 1 }),
      f.u8  ("len",  { default = 18 }),
      f.u8  ("reserved"),
      f.u8  ("flags"),
      f.ipv6("ingress_node", { default = "::1" }),
    },
  },
  {
    id     = "IPv6ExtHdrSegmentRoutingTLVEgressNode",
    title  = "IPv6 Option Header Segment Routing - Egress Node TLV",
    base   = "IPv6ExtHdrSegmentRoutingTLV",
    hidden = true,
    over   = { ["IPv6ExtHdrSegmentRouting.tlv_objects"] = { type = 2 } },
    fields = {
      f.u8  ("type", { default = 2 }),
      f.u8  ("len",  { default = 18 }),
      f.u8  ("reserved"),
      f.u8  ("flags"),
      f.ipv6("egress_node", { default = "::1" }),
    },
  },
  {
    id     = "IPv6ExtHdrSegmentRoutingTLVPadding",
    title  = "IPv6 Option Header Segment Routing - Padding TLV",
    base   = "IPv6ExtHdrSegmentRoutingTLV",
    hidden = true,
    over   = { ["IPv6ExtHdrSegmentRouting.tlv_objects"] = { type = 4 } },
    fields = {
      f.u8   ("type",    { default = 4 }),
      f.u8   ("len",     { auto = f.size "padding" }),
      f.bytes("padding", { default = "\0", size = f.ref "len" }),
    },
  },
  {
    -- One byte, section 2.1.1.1. Elsewhere than at the end a type of 0 is read as the reference does.
    id         = "IPv6ExtHdrSegmentRoutingTLVPad1",
    title      = "IPv6 Option Header Segment Routing - Pad1 TLV",
    hidden     = true,
    unlisted   = true,
    variant_of = { IPv6ExtHdrSegmentRoutingTLV = begins(0):both(f.left():eq(1)) },
    fallback   = "Padding",
    fields     = {
      f.u8("type"),
    },
  },
}
