-- Virtual Router Redundancy Protocol: version 2, RFC 3768 (authentication data as in RFC 2338); version 3,
-- RFC 5798, whose checksum covers a pseudo-header.
--
--    0   4   8       16      24      31
--   +---+---+-------+-------+-------+
--   |ver|typ| vrid  | prior.|ipcount|
--   | authtype| adv |    chksum     |   version 3: res(4) adv(12) instead
--   |           addrlist            |
--   |         auth1, auth2          |   version 2 only
--   +-------------------------------+

local f = require "luapkt.field"

return {
  {
    id     = "VRRP",
    scapy  = true,
    hidden = true,
    over   = { IP = { proto = 112 } },
    fields = {
      f.bits("version", 4, { default = 2 }),
      f.bits("type", 4,    { default = 1 }),
      f.u8  ("vrid",       { default = 1 }),
      f.u8  ("priority",   { default = 100 }),
      f.u8  ("ipcount",    { auto = f.count "addrlist" }),
      f.u8  ("authtype"),
      f.u8  ("adv",        { default = 1 }),
      f.u16 ("chksum",     { show = "hex", auto = f.checksum "inet" }),
      f.list("addrlist",   f.ipv4(), { count = f.ref "ipcount" }),
      f.u32 ("auth1"),
      f.u32 ("auth2"),
    },
  },

  {
    id         = "VRRPv3",
    hidden     = true,
    variant_of = { VRRP = f.peek(0, 4):eq(3) },
    over       = { IP = { { proto = 112, read = false } }, IPv6 = { { nh = 112, listed = false } } },
    fields = {
      f.bits  ("version", 4, { default = 3 }),
      f.bits  ("type", 4,    { default = 1 }),
      f.u8    ("vrid",       { default = 1 }),
      f.u8    ("priority",   { default = 100 }),
      f.u8    ("ipcount",    { auto = f.count "addrlist" }),
      f.bits  ("res", 4),
      f.bits  ("adv", 12,    { default = 100 }),
      f.u16   ("chksum",     { show = "hex", auto = f.checksum("inet", { pseudo = 112 }) }),
      f.choice("addrlist", {
        { when = f.under("nh"):eq(112), f.list(nil, f.ipv6(), { count = f.ref "ipcount" }) },
        { f.list(nil, f.ipv4(), { count = f.ref "ipcount" }) },
      }, { class = "FieldListField" }),
    },
  },
}
