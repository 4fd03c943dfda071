-- Internetwork Packet Exchange: Novell's "IPX Router Specification" section 1.1. Frames: Ethernet
-- II, 802.2, SNAP, and Novell's own, where the packet follows the length of an 802.3 frame; over
-- IP, RFC 1234; in PPP, RFC 1552.
--
--    0       8       16              31
--   +---------------+---------------+
--   |    chksum     |      len      |
--   | hops  | type  |    dst_net    |
--   |    dst_net    |   dst_node    |
--   |          dst_node             |
--   |  dst_socket   |    src_net    |
--   |    src_net    |   src_node    |
--   |          src_node             |
--   |  src_socket   |
--   +---------------+

local f = require "luapkt.field"

local types = {
  [0] = "IPX", [1] = "RIP", [2] = "Echo", [3] = "Error", [4] = "PEP", [5] = "SPX", [17] = "NCP",
  [20] = "NetBIOS",
}

local sockets = {
  [0x0451] = "NCP", [0x0452] = "SAP", [0x0453] = "RIP", [0x0455] = "NetBIOS",
  [0x0456] = "Diagnostics", [0x0457] = "Serialization", [0x9001] = "NLSP", [0x9004] = "IPXWAN",
}

return {
  {
    id     = "IPX",
    title  = "Internetwork Packet Exchange",
    extra  = true,
    over   = {
      Ether       = { type = 0x8137 },
      Dot1Q       = { type = 0x8137 },
      CookedLinux = { proto = 0x8137 },
      SNAP        = { code = 0x8137 },
      LLC         = { dsap = 0xe0, ssap = 0xe0, ctrl = 3 },
      Dot3        = { { when = f.peek(0, 16):eq(0xffff), rank = 0 } },
      PPP         = { proto = 0x2b },
      UDP         = { { dport = 213 }, { sport = 213 }, build = { sport = 213, dport = 213 } },
    },
    extent = f.ref "len",
    fields = {
      f.u16("chksum",     { default = 0xffff, show = "hex" }), -- none
      f.u16("len",        { auto = f.header() + f.payload() }),
      f.u8 ("hops"),
      f.u8 ("type",       { names = types }),
      f.u32("dst_net",    { show = "hex" }),
      f.mac("dst_node",   { default = "ff:ff:ff:ff:ff:ff" }),
      f.u16("dst_socket", { show = "hex", names = sockets, default = 0x0453 }),
      f.u32("src_net",    { show = "hex" }),
      f.mac("src_node"),
      f.u16("src_socket", { show = "hex", names = sockets, default = 0x0453 }),
    },
  },
}
