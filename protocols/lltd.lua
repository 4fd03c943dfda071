-- Link Layer Topology Discovery, Microsoft's [MS-LLTD]: the base header, section 2.2.1, the messages
-- of topology discovery and the attributes of a station, section 2.2.2.
--
--    0       8       16      24      31
--   +-------+-------+-------+-------+
--   |version|  tos  |reserv.|functi.|
--   |      real_dst, real_src       |   6 bytes each
--   |  xid or seq   |
--   +---------------+

local f = require "luapkt.field"

local tos = {
  [0] = "Topology discovery",
  [1] = "Quick discovery",
  [2] = "QoS diagnostics",
}

local emit_types = {
  [0] = "Train",
  [1] = "Probe",
}

local receive_types = {
  [0] = "Probe",
  [1] = "ARP or ICMPv6",
}

local large_types = {
  [14] = "Icon image",
  [17] = "Friendly Name",
  [19] = "Hardware ID",
  [22] = "AP Association Table",
  [24] = "Detailed Icon Image",
  [26] = "Component Table",
  [28] = "Repeater AP Table",
}

local types = {
  [0]  = "End Of Property",
  [1]  = "Host ID",
  [2]  = "Characteristics",
  [3]  = "Physical Medium",
  [7]  = "IPv4 Address",
  [9]  = "802.11 Max Rate",
  [10] = "Performance Counter Frequency",
  [12] = "Link Speed",
  [14] = "Icon Image",
  [15] = "Machine Name",
  [18] = "Device UUID",
  [20] = "QoS Characteristics",
  [21] = "802.11 Physical Medium",
  [24] = "Detailed Icon Image",
}

local functions = {
  ref = "tos",
  [0] = {
    [0] = "Discover", "Hello", "Emit", "Train", "Probe", "Ack", "Query", "QueryResp", "Reset",
    "Charge", "Flat", "QueryLargeTlv", "QueryLargeTlvResp",
  },
  [1] = { [0] = "Discover", [1] = "Hello", [8] = "Reset" },
  [2] = {
    [0] = "QosInitializeSink", "QosReady", "QosProbe", "QosQuery", "QosQueryResp", "QosReset",
    "QosError", "QosAck", "QosCounterSnapshot", "QosCounterResult", "QosCounterLease",
  },
}

-- https://www.iana.org/assignments/ianaiftype-mib
local interfaces = { [6] = "ethernetCsmacd" }

local radio_media = { [0] = "Unknown" }

return {
  {
    id     = "LLTD",
    over   = { Ether = { type = 0x88d9 }, Dot1Q = { type = 0x88d9 }, Dot1AD = { type = 0x88d9 } },
    fields = {
      f.u8("version", { default = 1 }),
      f.u8("tos", { names = tos }),
      f.u8("reserved"),
      f.u8("function", { names_by = functions }),
      f.mac("real_dst", { auto = f.under "dst" }),
      f.mac("real_src", { auto = f.under "src" }),
      f.u16("xid", { when = f.ref("function"):one_of(0, 8) }),
      f.u16("seq", { when = f.ref("function"):one_of(0, 8):no() }),
    },
  },
  {
    id     = "LLTDHello",
    title  = "LLTD - Hello",
    over   = { LLTD = { { tos = 0, ["function"] = 1 }, { tos = 1, ["function"] = 1 }, build = { tos = 1, ["function"] = 1 } } },
    fields = {
      f.u16("gen_number"),
      f.mac("current_mapper_address"),
      f.mac("apparent_mapper_address"),
    },
  },
  {
    id     = "LLTDDiscover",
    title  = "LLTD - Discover",
    over   = { LLTD = { { tos = 0, ["function"] = 0 }, { tos = 1, ["function"] = 0 }, build = { tos = 1, ["function"] = 0 } } },
    fields = {
      f.u16("gen_number"),
      f.u16("stations_count", { auto = f.count "stations_list" }),
      f.list("stations_list", f.mac(), { count = f.ref "stations_count" }),
    },
  },
  {
    id     = "LLTDEmiteeDesc",
    title  = "LLTD - Emitee Desc",
    fallback = "Padding",
    fields = {
      f.u8("type", { names = emit_types }),
      f.u8("pause"),
      f.mac("src", { auto = 0 }),
      f.mac("dst"),
    },
  },
  {
    id     = "LLTDEmit",
    title  = "LLTD - Emit",
    over   = { LLTD = { tos = 0, ["function"] = 2 } },
    fields = {
      f.u16("descs_count", { auto = f.count "descs_list" }),
      f.layers("descs_list", { of = "LLTDEmiteeDesc", count = f.ref "descs_count" }),
    },
  },
  {
    id     = "LLTDRecveeDesc",
    title  = "LLTD - Recvee Desc",
    fallback = "Padding",
    fields = {
      f.u16("type", { names = receive_types }),
      f.mac("real_src"),
      f.mac("ether_src"),
      f.mac("ether_dst"),
    },
  },
  {
    id     = "LLTDQueryResp",
    title  = "LLTD - Query Response",
    over   = { LLTD = { tos = 0, ["function"] = 7 } },
    fields = {
      f.flags("flags", 2, "RM"),
      f.bits("descs_count", 14, { auto = f.count "descs_list", class = "BitField (14 bits)" }),
      f.layers("descs_list", { of = "LLTDRecveeDesc", count = f.ref "descs_count" }),
    },
  },
  {
    id     = "LLTDQueryLargeTlv",
    title  = "LLTD - Query Large Tlv",
    over   = { LLTD = { tos = 0, ["function"] = 11 } },
    fields = {
      f.u8("type", { default = 14, names = large_types }),
      f.u24("offset"),
    },
  },
  {
    id     = "LLTDQueryLargeTlvResp",
    title  = "LLTD - Query Large Tlv Response",
    over   = { LLTD = { tos = 0, ["function"] = 12 } },
    fields = {
      f.flags("flags", 2, "RM"),
      f.bits("len", 14, { auto = f.size "value", class = "BitField (14 bits)" }),
      f.bytes("value", { size = f.ref "len" }),
    },
  },
  {
    id     = "LLTDAttribute",
    title  = "LLTD Attribute",
    over   = { LLTDHello = {} },
    next   = { { when = f.ref("type"):eq(0), id = "Padding" }, { id = "LLTDAttribute" } },
    payloads = { -- to the reference others follow the last of them, which is the default, too
      "LLTDAttributeEOP", "LLTDAttributeHostID", "LLTDAttributeCharacteristics",
      "LLTDAttributePhysicalMedium", "LLTDAttributeIPv4Address", "LLTDAttributeIPv6Address",
      "LLTDAttribute80211MaxRate", "LLTDAttributePerformanceCounterFrequency",
      "LLTDAttributeLinkSpeed", "LLTDAttributeMachineName", "LLTDAttributeDeviceUUID",
      "LLTDAttributeQOSCharacteristics", "LLTDAttribute80211PhysicalMedium",
      "LLTDAttributeSeesList", "LLTDAttributeLargeTLV",
    },
    fields = {
      f.u8("type", { names = types }),
      f.u8("len", { auto = f.size "value" }),
      f.bytes("value", { size = f.ref "len" }),
    },
  },
  {
    id     = "LLTDAttributeEOP",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(0) },
    next   = { { id = "Padding" } },
    fields = {
      f.u8("type", { names = types }),
    },
  },
  {
    id     = "LLTDAttributeHostID",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(1) },
    fields = {
      f.u8("type", { default = 1, names = types }),
      f.u8("len", { default = 6 }),
      f.mac("mac"),
    },
  },
  {
    id     = "LLTDAttributeCharacteristics",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(2) },
    fields = {
      f.u8("type", { default = 2, names = types }),
      f.u8("len", { auto = f.size "reserved2" + 2 }),
      f.flags("flags", 5, "PXFML"),
      f.bits("reserved1", 11),
      f.bytes("reserved2", { size = f.ref "len" - 2 }),
    },
  },
  {
    id     = "LLTDAttributePhysicalMedium",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(3) },
    fields = {
      f.u8("type", { default = 3, names = types }),
      f.u8("len", { default = 4 }),
      f.u32("medium", { default = 6, names = interfaces }),
    },
  },
  {
    id     = "LLTDAttributeIPv4Address",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(7) },
    fields = {
      f.u8("type", { default = 7, names = types }),
      f.u8("len", { default = 4 }),
      f.ipv4("ipv4"),
    },
  },
  {
    id     = "LLTDAttributeIPv6Address",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(8) },
    fields = {
      f.u8("type", { default = 8, names = types }),
      f.u8("len", { default = 16 }),
      f.ipv6("ipv6"),
    },
  },
  {
    id     = "LLTDAttribute80211MaxRate",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(9) },
    fields = {
      f.u8("type", { default = 9, names = types }),
      f.u8("len", { default = 2 }),
      f.u16("rate"),
    },
  },
  {
    id     = "LLTDAttributePerformanceCounterFrequency",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(10) },
    fields = {
      f.u8("type", { default = 10, names = types }),
      f.u8("len", { default = 8 }),
      f.u64("freq"),
    },
  },
  {
    id     = "LLTDAttributeLinkSpeed",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(12) },
    fields = {
      f.u8("type", { default = 12, names = types }),
      f.u8("len", { default = 4 }),
      f.u32("speed"),
    },
  },
  {
    id     = "LLTDAttributeLargeTLV",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(14) },
    fields = {
      f.u8("type", { default = 14, names = types }),
      f.u8("len"),
    },
  },
  {
    id     = "LLTDAttributeMachineName",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(15) },
    fields = {
      f.u8("type", { default = 15, names = types }),
      f.u8("len", { auto = f.size "hostname" }),
      f.bytes("hostname", { size = f.ref "len", class = "StrLenFieldUtf16" }),
    },
  },
  {
    id     = "LLTDAttributeDeviceUUID",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(18) },
    fields = {
      f.u8("type", { default = 18, names = types }),
      f.u8("len", { auto = f.size "uuid" }),
      f.bytes("uuid", { default = ("\0"):rep(16), size = f.ref "len" }),
    },
  },
  {
    id     = "LLTDAttributeQOSCharacteristics",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(20) },
    fields = {
      f.u8("type", { default = 20, names = types }),
      f.u8("len", { default = 4 }),
      f.flags("flags", 3, "EQP"),
      f.bits("reserved1", 13),
      f.u16("reserved2"),
    },
  },
  {
    id     = "LLTDAttribute80211PhysicalMedium",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(21) },
    fields = {
      f.u8("type", { default = 21, names = types }),
      f.u8("len", { default = 1 }),
      f.u8("medium", { names = radio_media }),
    },
  },
  {
    id     = "LLTDAttributeSeesList",
    hidden = true,
    base   = "LLTDAttribute",
    variant_of = { LLTDAttribute = f.peek(0, 8):eq(25) },
    fields = {
      f.u8("type", { default = 25, names = types }),
      f.u8("len", { default = 2 }),
      f.u16("max_entries"),
    },
  },
}
