-- Internet Protocol, version 6, RFC 8200 section 3. The extension headers are in ipv6_ext.lua.
--
--    0       4       8       12      16              24              31
--   +-------+---------------+---------------------------------------+
--   |version|      tc       |                  fl                   |
--   |             plen              |      nh       |     hlim      |
--   |                         src (128 bits)                        |
--   |                         dst (128 bits)                        |
--   +---------------------------------------------------------------+

local f = require "luapkt.field"

return {
  {
    id   = "IPv6",
    scapy = true,
    link = { 229, { 12, 14, 101, when = f.peek(0, 4):eq(6) } },
    over = {
      Ether       = { type = 0x86dd },
      Dot1Q       = { type = 0x86dd },
      CookedLinux = { proto = 0x86dd },
      SNAP        = { code = 0x86dd },
      Loopback    = { type = 10 },  -- AF_INET6 of Linux
      PPP         = { proto = 0x0057 },
      IP          = { proto = 41 },
      IPv6        = { nh = 41 },
      GRE         = { proto = 0x86dd },
      AH          = { nh = 41 },
      MPLS        = { { s = 1, when = f.peek(0, 4):eq(6) }, build = { label = 2 } },
      BIER        = { Proto = 6 },
      VXLAN       = { { NextProtocol = 2 }, build = { NextProtocol = 2, flags = 12 } },
    },
    extent = 40 + f.ref "plen",
    pseudo = { src = "src", dst = "dst" },
    fields = {
      f.bits("version", 4, { default = 6 }),
      f.bits("tc",      8),
      f.bits("fl",     20),
      f.u16 ("plen",    { auto = f.payload() }),
      f.u8  ("nh",      { default = 59, names = "ipv6_nh" }),
      f.u8  ("hlim",    { default = 64 }),
      f.ipv6("src",     { default = "::2" }),
      f.ipv6("dst",     { default = "::1", lazy = true, class = "DestIP6Field" }),
    },
  },
  -- The header of a packet quoted in an ICMPv6 error, RFC 4443 section 3. Its 'plen' is that of
  -- the whole packet, of which only the start is there.
  {
    id      = "IPerror6",
    title   = "IPv6 in ICMPv6",
    base    = "IPv6",
    carries = "IPv6",
    hidden  = true,
    quote   = true,
    over    = {
      ICMPv6DestUnreach  = {},
      ICMPv6PacketTooBig = {},
      ICMPv6TimeExceeded = {},
      ICMPv6ParamProblem = {},
    },
  },
  -- What a checksum over IPv6 covers besides the packet, RFC 8200 section 8.1; it is never sent.
  {
    id     = "PseudoIPv6",
    title  = "Pseudo IPv6 Header",
    fields = {
      f.ipv6("src"),
      f.ipv6("dst"),
      f.u16 ("uplen", { auto = f.payload() }),
      f.bits("zero", 24),
      f.u8  ("nh"),
    },
  },
}
