-- VLAN tags: IEEE 802.1Q, and the outer tag of stacked ones, IEEE 802.1ad.
--
--    0     3 4              16              31
--   +-----+-+--------------+---------------+
--   |prio |i|     vlan     |     type      |    i: drop eligible, formerly canonical format
--   +-----+-+--------------+---------------+

local f = require "luapkt.field"

local is_length = f.ref("type"):le(1500)  -- instead of a type, as in 802.3

return {
  {
    id     = "Dot1Q",
    scapy  = true,
    title  = "802.1Q",
    over   = {
      Ether       = { type = 0x8100 },
      Dot1Q       = { type = 0x8100 },
      CookedLinux = { proto = 0x8100 },
      SNAP        = { code = 0x8100 },
      GRE         = { proto = 0x8100 },
    },
    extent = is_length:pick(4 + f.ref "type", f.total()),
    next   = { { when = is_length, id = "LLC" } },
    fields = {
      f.bits("prio", 3),
      f.bits("id",   1),
      f.bits("vlan", 12, { default = 1 }),
      f.u16 ("type",     { names = "ethertypes", show = "hex", alias = "vtype" }),
    },
  },
  {
    id      = "Dot1AD",
    scapy   = true,
    title   = "802_1AD",
    base    = "Dot1Q",
    carries = "Dot1Q",
    hidden  = true,
    over    = {
      Ether       = { type = 0x88a8 },
      Dot1Q       = { type = 0x88a8 },
      CookedLinux = { { proto = 0x88a8, listed = false } },
      SNAP        = { { code = 0x88a8, listed = false } },
      GRE         = { { proto = 0x88a8, listed = false } },
    },
  },
}
