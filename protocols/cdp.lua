-- Cisco Discovery Protocol, version 2, over SNAP with Cisco's OUI. There is no standard: layout, types
-- and values are those that tshark knows.
--
--    0       8       16              31
--   +-------+-------+---------------+
--   |version|  ttl  |    chksum     |
--   +-------+-------+---------------+
--   |     type      |    length     |   every TLV; a length counts type and length as well
--   |            value              |
--   +-------------------------------+

local f = require "luapkt.field"

local types = {
  "Device ID", "Addresses", "Port ID", "Capabilities", "Software version", "Platform", "IP Prefix",
  "Protocol Hello", "VTP Management Domain", "Native VLAN", "Duplex", [14] = "VoIP VLAN Reply",
  [15] = "VoIP VLAN Query", [16] = "Power consumption", [17] = "MTU", [18] = "Trust Bitmap",
  [19] = "Untrusted Port CoS", [20] = "System Name", [21] = "System Object ID",
  [22] = "Management Address", [23] = "Location", [25] = "Power Requested", [26] = "Power Available",
}

local capabilities = {
  "router", "transparent_bridge", "source_route_bridge", "switch", "host", "igmp_capable", "repeater",
  "voip_phone", "remotely_managed", "cvta", "two_port_mac_relay",
}

local NLPID_IP    = "\xcc"                      -- ISO/IEC TR 9577
local SNAP_OF_IP6 = "\xaa\xaa\3\0\0\0\x86\xdd"  -- LLC and SNAP in front of IPv6

-- A TLV of that type, which bytes are where they have as many as its fields need.
local function tlv(id, number, least, ...)
  return {
    id = id, extra = true, base = "CDP_TLV", extent = f.ref "length",
    variant_of = { CDP_TLV = f.peek(0, 16):eq(number):both(f.peek(16, 16):ge(4 + least)) },
    fields = {
      f.u16("type",   { default = number, names = types }),
      f.u16("length", { auto = f.header() }),
      ...,
    },
  }
end

local function text(id) return f.bytes(id, { size = f.ref "length" - 4 }) end

local function addresses(id, number)
  return tlv(id, number, 4,
    f.u32   ("count",     { auto = f.count "addresses" }),
    f.layers("addresses", { of = "CDP_Address", count = f.ref "count", size = f.ref "length" - 8 }))
end

return {
  {
    id     = "CDP",
    title  = "Cisco Discovery Protocol",
    extra  = true,
    over   = { SNAP = { OUI = 0x00000c, code = 0x2000 } },
    fields = {
      f.u8    ("version", { default = 2 }),
      f.u8    ("ttl",     { default = 180 }),
      f.u16   ("chksum",  { show = "hex", auto = f.checksum "inet_signed" }),
      f.layers("tlvs",    { of = "CDP_TLV" }),
    },
  },

  -- A TLV of a type that has no declaration below, or too short for it.
  {
    id     = "CDP_TLV",
    title  = "CDP TLV",
    extra  = true,
    extent = f.ref "length",
    fields = {
      f.u16  ("type",   { default = 21, names = types }),
      f.u16  ("length", { auto = f.header() }),
      f.bytes("value",  { size = (f.ref "length" - 4):max(0) }),
    },
  },

  {
    id     = "CDP_Address",
    title  = "CDP Address",
    extra  = true,
    fields = {
      f.u8   ("protocol_type",   { default = 1, names = { "NLPID", "802.2" } }),
      f.u8   ("protocol_length", { auto = f.size "protocol" }),
      f.bytes("protocol",        { size = f.ref "protocol_length", show = "hex", default = NLPID_IP }),
      f.u16  ("length",          { auto = f.size "address" }),
      f.choice("address", {
        { when = f.ref "protocol_type":eq(1):both(f.left():eq(0):either(f.ref "length":eq(4))), f.ipv4() },
        { f.bytes(nil, { size = f.ref "length" }) },
      }),
    },
  },
  {
    id         = "CDP_AddressIPv6",
    title      = "CDP IPv6 Address",
    extra      = true,
    base       = "CDP_Address",
    variant_of = { CDP_Address = f.peek(0, 16):eq(0x0208):both(f.peek(16, 32):eq(0xaaaa0300))
      :both(f.peek(48, 32):eq(0x000086dd)):both(f.peek(80, 16):eq(16)) },
    fields = {
      f.u8   ("protocol_type",   { default = 2, names = { "NLPID", "802.2" } }),
      f.u8   ("protocol_length", { default = 8 }),
      f.bytes("protocol",        { size = 8, show = "hex", default = SNAP_OF_IP6 }),
      f.u16  ("length",          { default = 16 }),
      f.ipv6 ("address"),
    },
  },

  tlv("CDP_DeviceID", 1, 0, text "device_id"),
  addresses("CDP_Addresses", 2),
  tlv("CDP_PortID", 3, 0, text "port_id"),
  tlv("CDP_Capabilities", 4, 4, f.flags("capabilities", 32, capabilities)),
  tlv("CDP_SoftwareVersion", 5, 0, text "software_version"),
  tlv("CDP_Platform", 6, 0, text "platform"),
  tlv("CDP_IPPrefixes", 7, 0,
    f.layers("prefixes", { of = "CDP_IPPrefix", size = f.ref "length" - 4 })),
  tlv("CDP_ProtocolHello", 8, 5,
    f.u24  ("oui",         { default = 0x00000c, show = "hex" }),
    f.u16  ("protocol_id", { default = 0x0112, show = "hex" }),
    f.bytes("data",        { size = f.ref "length" - 9 })),
  tlv("CDP_VTPDomain", 9, 0, text "domain"),
  tlv("CDP_NativeVLAN", 10, 2, f.u16("vlan", { default = 1 })),
  tlv("CDP_Duplex", 11, 1, f.u8("duplex", { default = 1, names = { [0] = "Half", "Full" } })),
  tlv("CDP_VoIPVLANReply", 14, 3, f.u8("data", { default = 1 }), f.u16("vlan")),
  tlv("CDP_VoIPVLANQuery", 15, 3, f.u8("data", { default = 1 }), f.u16("vlan")),
  tlv("CDP_PowerConsumption", 16, 2, f.u16("power")), -- in milliwatts
  tlv("CDP_MTU", 17, 4, f.u32("mtu", { default = 1500 })),
  tlv("CDP_TrustBitmap", 18, 1, f.u8("trust", { show = "hex" })),
  tlv("CDP_UntrustedPortCoS", 19, 1, f.u8("cos")),
  tlv("CDP_SystemName", 20, 0, text "name"),
  addresses("CDP_ManagementAddresses", 22),
  tlv("CDP_Location", 23, 1, f.u8("location_type"),
    f.bytes("location", { size = f.ref "length" - 5 })),
  tlv("CDP_PowerRequested", 25, 4,
    f.u16 ("request_id"),
    f.u16 ("management_id"),
    f.list("power", f.u32(), { size = f.ref "length" - 8 })),
  tlv("CDP_PowerAvailable", 26, 4,
    f.u16 ("request_id"),
    f.u16 ("management_id"),
    f.list("power", f.u32(), { size = f.ref "length" - 8 })),

  {
    id     = "CDP_IPPrefix",
    title  = "CDP IP Prefix",
    extra  = true,
    fields = {
      f.ipv4("prefix"),
      f.u8  ("length", { default = 24 }),
    },
  },
}
