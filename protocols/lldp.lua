-- Link Layer Discovery Protocol, IEEE 802.1AB-2016 clause 8: TLVs up to the one that ends them;
-- those of IEEE 802.1, annex D, and of IEEE 802.3, IEEE 802.3 clause 79.3; the subtypes of LLDP-MED
-- stay bytes (ANSI/TIA-1057). Address families are those of
-- https://www.iana.org/assignments/address-family-numbers.
--
--    0      7              16              31
--   +------+---------------+---------------+
--   | type |    length     |     value     |   every TLV; a length counts the value alone
--   +------+---------------+---------------+
--   | 127  |    length     |      oui      |   organizationally specific ones
--   | oui  |    subtype    |     value     |
--   +------+---------------+---------------+

local f = require "luapkt.field"

local types = {
  [0] = "End of LLDPDU", "Chassis ID", "Port ID", "Time To Live", "Port Description", "System Name",
  "System Description", "System Capabilities", "Management Address", [127] = "Organization Specific",
}

local chassis_subtypes = {
  "Chassis component", "Interface alias", "Port component", "MAC address", "Network address",
  "Interface name", "Locally assigned",
}

local port_subtypes = {
  "Interface alias", "Port component", "MAC address", "Network address", "Interface name",
  "Agent circuit ID", "Locally assigned",
}

local families = { [0] = "Reserved", "IPv4", "IPv6", [6] = "802 media" }

local capabilities = {
  "other", "repeater", "mac_bridge", "wlan_access_point", "router", "telephone", "docsis_cable_device",
  "station_only", "c_vlan", "s_vlan", "two_port_mac_relay",
}

local numbering = { "Unknown", "ifIndex", "System port number" }

local OUI_8021, OUI_8023, OUI_MED = 0x0080c2, 0x00120f, 0x0012bb

local ouis = { [OUI_8021] = "IEEE 802.1", [OUI_8023] = "IEEE 802.3", [OUI_MED] = "LLDP-MED" }

-- A TLV's type and length, the fields of its value behind them.
local function fields_of(number, ...)
  return {
    f.bits("type", 7,   { default = number, names = types }),
    f.bits("length", 9, { auto = f.header() - 2 }),
    ...,
  }
end

-- A TLV of that type, which bytes are where they have as many as its fields need.
local function tlv(id, number, least, ...)
  return {
    id = id, extra = true, base = "LLDP_TLV", extent = 2 + f.ref "length",
    variant_of = { LLDP_TLV = f.peek(0, 7):eq(number):both(f.peek(7, 9):ge(least)) },
    fields = fields_of(number, ...),
  }
end

local function org_tlv(id, oui, subtype, least, ...)
  local is_it = f.peek(0, 7):eq(127):both(f.peek(7, 9):ge(4 + least)):both(f.peek(16, 24):eq(oui))
  return {
    id = id, extra = true, base = "LLDP_TLV", extent = 2 + f.ref "length",
    variant_of = { LLDP_TLV = is_it:both(f.peek(40, 8):eq(subtype)) },
    fields = fields_of(127,
      f.u24("oui",     { default = oui, names = ouis, show = "hex" }),
      f.u8 ("subtype", { default = subtype }),
      ...),
  }
end

local rest = f.bytes("value", { size = f.ref "length" })

-- Is a form of so many bytes right? Always, when building.
local function of_size(bytes, whole) return f.left():eq(0):either(bytes:eq(whole)) end

-- What a chassis or port id is, by its subtype: a MAC address, an address of a family, or text.
local function id_forms(subtype, mac, network)
  local length, family = f.ref "length" - 1, f.ref "family"
  local in_family = f.ref(subtype):eq(network)
  return f.choice("value", {
    { when = f.ref(subtype):eq(mac):both(of_size(length, 6)), f.mac() },
    { when = in_family:both(family:eq(1)):both(of_size(length, 5)), f.ipv4() },
    { when = in_family:both(family:eq(2)):both(of_size(length, 17)), f.ipv6() },
    { f.bytes(nil, { size = length - in_family }) },
  })
end

return {
  {
    id     = "LLDP",
    title  = "Link Layer Discovery Protocol",
    extra  = true,
    over   = {
      Ether  = { { type = 0x88cc }, build = { type = 0x88cc, dst = "01:80:c2:00:00:0e" } },
      Dot1Q  = { type = 0x88cc },
      Dot1AD = { type = 0x88cc },
    },
    fallback = "Padding",
    fields = {
      f.layers("tlvs", { of = "LLDP_TLV", ends = { type = 0 } }),
    },
  },

  -- A TLV of a type that has no declaration below, or too short for it.
  {
    id     = "LLDP_TLV",
    title  = "LLDP TLV",
    extra  = true,
    extent = 2 + f.ref "length",
    fields = {
      f.bits ("type", 7,   { default = 127, names = types }),
      f.bits ("length", 9, { auto = f.header() - 2 }),
      f.bytes("value",     { size = f.ref "length" }),
    },
  },

  tlv("LLDP_End", 0, 0, rest),
  tlv("LLDP_ChassisID", 1, 2,
    f.u8("subtype", { default = 4, names = chassis_subtypes }),
    f.u8("family",  { default = 1, names = families, when = f.ref "subtype":eq(5) }),
    id_forms("subtype", 4, 5)),
  tlv("LLDP_PortID", 2, 2,
    f.u8("subtype", { default = 3, names = port_subtypes }),
    f.u8("family",  { default = 1, names = families, when = f.ref "subtype":eq(4) }),
    id_forms("subtype", 3, 4)),
  tlv("LLDP_TTL", 3, 2,
    f.u16("ttl", { default = 120 })),
  tlv("LLDP_PortDescription", 4, 0,
    f.bytes("description", { size = f.ref "length" })),
  tlv("LLDP_SystemName", 5, 0,
    f.bytes("name", { size = f.ref "length" })),
  tlv("LLDP_SystemDescription", 6, 0,
    f.bytes("description", { size = f.ref "length" })),
  tlv("LLDP_SystemCapabilities", 7, 4,
    f.flags("capabilities", 16, capabilities),
    f.flags("enabled", 16, capabilities)),
  tlv("LLDP_ManagementAddress", 8, 9,
    f.u8   ("address_length", { auto = f.size "address" + 1 }),
    f.u8   ("family",         { default = 1, names = families }),
    f.choice("address", {
      { when = f.ref "family":eq(1):both(of_size(f.ref "address_length", 5)), f.ipv4() },
      { when = f.ref "family":eq(2):both(of_size(f.ref "address_length", 17)), f.ipv6() },
      { when = f.ref "family":eq(6):both(of_size(f.ref "address_length", 7)), f.mac() },
      { f.bytes(nil, { size = (f.ref "address_length" - 1):max(0) }) },
    }),
    f.u8   ("numbering",  { default = 1, names = numbering }),
    f.u32  ("interface"),
    f.u8   ("oid_length", { auto = f.size "oid" }),
    f.bytes("oid",        { size = f.ref "oid_length" })),

  -- Of an organization that has no declaration below.
  {
    id = "LLDP_Org", extra = true, base = "LLDP_TLV", extent = 2 + f.ref "length",
    variant_of = { LLDP_TLV = f.peek(0, 7):eq(127):both(f.peek(7, 9):ge(4))
      :both(f.peek(16, 24):ne(OUI_8021)):both(f.peek(16, 24):ne(OUI_8023)) },
    fields = fields_of(127,
      f.u24  ("oui",     { default = OUI_MED, names = ouis, show = "hex" }),
      f.u8   ("subtype", { default = 1 }),
      f.bytes("value",   { size = f.ref "length" - 4 })),
  },

  org_tlv("LLDP_8021_PortVLAN", OUI_8021, 1, 2,
    f.u16("vlan", { default = 1 })),
  org_tlv("LLDP_8021_ProtocolVLAN", OUI_8021, 2, 3,
    f.flags("flags", 8, { "reserved", "supported", "enabled" }),
    f.u16("vlan")),
  org_tlv("LLDP_8021_VLANName", OUI_8021, 3, 3,
    f.u16  ("vlan", { default = 1 }),
    f.u8   ("name_length", { auto = f.size "name" }),
    f.bytes("name", { size = f.ref "name_length" })),
  org_tlv("LLDP_8021_ProtocolIdentity", OUI_8021, 4, 1,
    f.u8   ("protocol_length", { auto = f.size "protocol" }),
    f.bytes("protocol", { size = f.ref "protocol_length" })),
  org_tlv("LLDP_8021_ManagementVLAN", OUI_8021, 6, 2,
    f.u16("vlan", { default = 1 })),
  org_tlv("LLDP_8021_LinkAggregation", OUI_8021, 7, 5,
    f.flags("status", 8, { "capable", "enabled" }),
    f.u32("port_id")),

  org_tlv("LLDP_8023_MACPHY", OUI_8023, 1, 5,
    f.flags("autonegotiation", 8, { "supported", "enabled" }),
    f.u16("pmd",      { show = "hex" }),
    f.u16("mau_type")),
  org_tlv("LLDP_8023_PowerViaMDI", OUI_8023, 2, 3,
    f.flags("support", 8, { "pse", "supported", "enabled", "pair_control" }),
    f.u8("power_pair",  { default = 1 }),
    f.u8("power_class", { default = 1 }),
    f.u8("power_type",  { when = f.left():eq(0):either(f.ref "length":ge(12)) }),
    f.u16("requested",  { when = f.left():eq(0):either(f.ref "length":ge(12)) }),
    f.u16("allocated",  { when = f.left():eq(0):either(f.ref "length":ge(12)) })),
  org_tlv("LLDP_8023_LinkAggregation", OUI_8023, 3, 5,
    f.flags("status", 8, { "capable", "enabled" }),
    f.u32("port_id")),
  org_tlv("LLDP_8023_MaxFrameSize", OUI_8023, 4, 2,
    f.u16("size", { default = 1518 })),
}
