-- Address Resolution Protocol, RFC 826; further operations RFC 903 (reverse), RFC 1931 and RFC 2390.
--
--    0               8              16              31
--   +---------------+---------------+---------------+
--   |            hwtype             |     ptype     |
--   |     hwlen     |     plen      |      op       |
--   |   hwsrc (hwlen bytes), psrc (plen bytes)      |
--   |   hwdst (hwlen bytes), pdst (plen bytes)      |
--   +-----------------------------------------------+

local f = require "luapkt.field"

local operations = {
  [1] = "who-has",
  [2] = "is-at",
  [3] = "RARP-req",
  [4] = "RARP-rep",
  [5] = "Dyn-RARP-req",
  [6] = "Dyn-RAR-rep",
  [7] = "Dyn-RARP-err",
  [8] = "InARP-req",
  [9] = "InARP-rep",
}

local ethernet = f.ref("hwtype"):eq(1):both(f.ref("hwlen"):eq(6))
local ipv4     = f.ref("ptype"):eq(0x0800):both(f.ref("plen"):eq(4))
local ipv6     = f.ref("ptype"):eq(0x86dd):both(f.ref("plen"):eq(16))

-- Addresses of another kind are bytes, cut or filled up to the length that is stated.
local hardware = { { when = ethernet, f.mac() }, { f.bytes(nil, { size = f.ref "hwlen", fit = true }) } }
local protocol = { { when = ipv4, f.ipv4(nil, { lazy = true }) }, { when = ipv6, f.ipv6() },
                   { f.bytes(nil, { size = f.ref "plen", fit = true }) } }
local sender   = { { when = ipv4, f.ipv4(nil, { default = "16.0.0.1" }) }, { when = ipv6, f.ipv6() },
                   { f.bytes(nil, { size = f.ref "plen", fit = true }) } }

return {
  id   = "ARP",
  scapy = true,
  over = {
    Ether       = { type = 0x0806 },
    Dot1Q       = { type = 0x0806 },
    CookedLinux = { proto = 0x0806 },
    SNAP        = { code = 0x0806 },
    GRE         = { proto = 0x0806 },
  },
  fallback = "Padding",
  fields = {
    f.u16("hwtype", { default = 1, show = "hex" }),
    f.u16("ptype",  { default = 0x0800, names = "ethertypes", show = "hex" }),
    f.u8 ("hwlen",  { auto = f.given("hwsrc"):pick(f.size "hwsrc", 6) }),
    f.u8 ("plen",   { auto = f.given("psrc"):pick(f.size "psrc", f.ref("ptype"):eq(0x86dd):pick(16, 4)) }),
    f.u16("op",     { default = 1, names = operations }),
    f.choice("hwsrc", hardware, { printed = "None" }),
    f.choice("psrc",  sender, { printed = "None" }),
    f.choice("hwdst", hardware, { printed = "None" }),
    f.choice("pdst",  protocol, { printed = "None" }),
  },
}
