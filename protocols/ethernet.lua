-- Ethernet II and IEEE 802.3, with what follows a length instead of a type: LLC (IEEE 802.2) and
-- SNAP (RFC 1042). Beside them the pseudo link layers of capture files: Linux "cooked"
-- (LINKTYPE_LINUX_SLL, and LINKTYPE_LINUX_SLL2, which names the interface: what `tcpdump -i any`
-- writes) and BSD loopback (LINKTYPE_NULL).
--
--    0                        6                        12            14
--   +------------------------+------------------------+-------------+
--   |          dst           |          src           | type or len |
--   +------------------------+------------------------+-------------+

local f = require "luapkt.field"

local mac = { type = "MAC_ADDRESS", regex = "^([0-9A-Fa-f]{2}[:-]){5}([0-9A-Fa-f]{2})$" }

local packet_types = {
  [0] = "unicast",
  [1] = "broadcast",
  [2] = "multicast",
  [3] = "unicast-to-another-host",
  [4] = "sent-by-us",
}

local address_families = {
  [2]  = "IPv4",
  [7]  = "OSI",
  [16] = "Appletalk",
  [23] = "Netware IPX/SPX",
  [30] = "IPv6",
}

return {
  {
    id    = "Ether",
    scapy = true,
    title = "Ethernet II",
    payloads = { "IP", "IPv6", "Dot1Q", "Raw" },
    link  = 1,
    offset_name = "Ethernet",
    variant_of  = { Dot3 = f.peek(96, 16):gt(1500) },  -- no length, IEEE 802.3 section 3.2.6
    over  = {
      CookedLinux = { proto = 1 },
      Ether       = { type = 1 },
      SNAP        = { code = 1 },
      GRE         = { proto = 0x6558 },
      ERSPAN      = {},
      EoMCW       = {},
      VXLAN       = {
        { NextProtocol = 3 }, { NextProtocol = 0 },  -- also where none is defined
        build = { NextProtocol = 3, flags = 12 },
      },
    },
    fields = {
      f.mac("dst",  { default = "00:00:00:01:00:00", label = "Destination", definition = mac }),
      f.mac("src",  { default = "00:00:00:02:00:00", label = "Source",      definition = mac }),
      f.u16("type", { default = 0x9000, names = "ethertypes", show = "hex", label = "Type" }),
    },
  },
  {
    id         = "Dot3",
    scapy      = true,
    title      = "802.3",
    variant_of = { Ether = f.peek(96, 16):le(1500) },
    extent     = 14 + f.ref "len",
    fields = {
      f.mac("dst", { class = "DestMACField" }),
      f.mac("src"),
      f.u16("len", { auto = f.payload(), class = "LenField" }),
    },
  },
  {
    id   = "LLC",
    scapy = true,
    over = {
      Dot3        = {},
      Ether       = { { type = 0x8870 }, { type = 0x7a } },
      Dot1Q       = { { type = 0x8870 }, { type = 0x7a } },
      CookedLinux = { proto = 0x7a },
      GRE         = { proto = 0x7a },
      Dot11       = { type = 2 },
    },
    fields = {
      f.u8("dsap", { show = "hex" }),
      f.u8("ssap", { show = "hex" }),
      f.u8("ctrl"),
    },
  },
  {
    id   = "SNAP",
    scapy = true,
    over = { LLC = { dsap = 0xaa, ssap = 0xaa, ctrl = 3 } },
    fields = {
      f.u24("OUI",  { show = "hex" }),
      f.u16("code", { names = "ethertypes", show = "hex" }),
    },
  },
  {
    id    = "CookedLinux",
    scapy = true,
    title = "cooked linux",
    link  = 113,
    fields = {
      f.u16  ("pkttype",    { names = packet_types }),
      f.u16  ("lladdrtype", { default = 512, show = "hex" }),
      f.u16  ("lladdrlen"),
      f.bytes("src",        { size = 8 }),
      f.u16  ("proto",      { default = 0x0800, names = "ethertypes", show = "hex" }),
    },
  },
  {
    id      = "CookedLinuxV2",
    scapy   = true,
    extra   = true,
    title   = "cooked linux v2",
    link    = 276,
    carries = "CookedLinux",
    fields = {
      f.u16  ("proto",      { default = 0x0800, names = "ethertypes", show = "hex" }),
      f.u16  ("reserved"),
      f.u32  ("ifindex"),
      f.u16  ("lladdrtype", { default = 512, show = "hex" }),
      f.u8   ("pkttype",    { names = packet_types }),
      f.u8   ("lladdrlen"),
      f.bytes("src",        { size = 8 }),
    },
  },
  {
    id   = "Loopback",
    scapy = true,
    link = 0,
    fields = {
      f.le32("type", { default = 2, names = address_families, class = "LoIntEnumField" }),  -- in the byte order of the host
    },
  },
}
