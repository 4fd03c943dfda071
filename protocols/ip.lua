-- Internet Protocol, version 4, RFC 791 section 3.1. The options are in ip_options.lua.
--
--    0       4       8              16              31
--   +-------+-------+---------------+---------------+
--   |version|  ihl  |      tos      |      len      |
--   |              id               |flags|  frag   |
--   |      ttl      |     proto     |    chksum     |
--   |                      src                      |
--   |                      dst                      |
--   |           options, padded to 32 bits          |
--   +-----------------------------------------------+

local f = require "luapkt.field"

local number   = { type = "NUMBER" }
local computed = { type = "NUMBER", auto = true }
local address  = { type = "IP_ADDRESS" }

local function bit(name, mask, unset, set)
  local values = { { name = unset, value = 0 }, { name = set, value = mask } }
  return { name = name, mask = mask, values = values }
end

local bitmask = {
  type = "BITMASK",
  bits = {
    bit("Reserved", 4, "Not Set", "Set"),
    bit("Fragment", 2, "May fragment (0)", "Don't fragment (1)"),
    bit("More Fragments(MF)", 1, "Not Set", "Set"),
  },
}

return {
  {
    id    = "IP",
    scapy = true,
    title = "IPv4",
    payloads = { "TCP", "UDP", "ICMP", "Raw" },
    link  = { 12, 14, 101, 228 },  -- LINKTYPE_RAW, the first two as some systems number it
    offset_name = "IP",
    over  = {
      Ether       = { type = 0x0800 },
      Dot1Q       = { type = 0x0800 },
      CookedLinux = { proto = 0x0800 },
      SNAP        = { code = 0x0800 },
      Loopback    = { type = 2 },
      PPP         = { proto = 0x0021 },
      IP          = { proto = 4 },
      IPv6        = { nh = 4 },
      GRE         = { proto = 0x0800 },
      AH          = { { nh = 0 }, { nh = 4 } },
      MPLS        = { { s = 1, when = f.peek(0, 4):eq(4) }, build = { label = 0 } },
      BIER        = { { Proto = 4, listed = false } },
      VXLAN       = { { NextProtocol = 1 }, build = { NextProtocol = 1, flags = 12 } },
    },
    -- Less than a header is no length: 0 means that the network card was to cut segments.
    required = "len",
    extent = f.carrying(f.ref "len" - f.ref "ihl" * 4),
    -- A length that was set is taken at its word.
    pseudo = { src = "src", dst = "dst", len = (f.ref "len" - f.header()):max(0), unless_unset = "len" },
    pieces = { key = { "id", "proto" }, at = f.ref "frag" * 8, more = f.ref("flags"):has(1) },
    next   = { { when = f.ref("frag"):gt(0), id = "Raw" } },  -- only a first fragment has a header
    fields = {
      f.bits ("version", 4, { default = 4, label = "Version" }),
      f.bits ("ihl",     4, { auto = f.header() // 4, label = "IHL", definition = computed }),
      f.u8   ("tos",      { show = "hex", label = "TOS", definition = number }),
      f.u16  ("len",      { auto = f.header() + f.payload(), label = "Total Length",
                            definition = computed }),
      f.u16  ("id",       { default = 1, label = "Identification", definition = number }),
      f.flags("flags",   3, { "MF", "DF", "evil" }, { label = "Flags", definition = bitmask }),
      f.bits ("frag",   13, { label = "Fragment offset", definition = number }),
      f.u8   ("ttl",      { default = 64, label = "TTL",
                            definition = { type = "NUMBER", min = 1, max = 255 } }),
      f.u8   ("proto",    { names = "ip_protos", label = "Protocol" }),
      f.u16  ("chksum",   { auto = f.checksum("inet", { over = "header" }), show = "hex",
                            label = "Checksum", definition = { type = "STRING", auto = true } }),
      f.ipv4 ("src",      { default = "16.0.0.1", label = "Source address", definition = address }),
      f.ipv4 ("dst",      { default = "48.0.0.1", label = "Destination address",
                            definition = address }),
      f.layers("options", { of = "IPOption", size = f.ref "ihl" * 4 - 20, align = 4,
                            label = "Options", definition = { type = "IP_OPTIONS" } }),
    },
  },
  -- The header of a datagram quoted in an ICMP error, RFC 792. Its 'len' is that of the whole
  -- datagram, of which only the start is there.
  {
    id      = "IPerror",
    title   = "IP in ICMP",
    base    = "IP",
    carries = "IP",
    hidden  = true,
    quote   = true,
    over    = {
      -- The type is the sender's to choose, so building sets none.
      ICMP = { { type = 3 }, { type = 4 }, { type = 5 }, { type = 11 }, { type = 12 }, build = {} },
      IPerror = { { proto = 4 }, rank = 0 },  -- what is quoted is quoted throughout
    },
  },
}
