-- Zigbee over IEEE 802.15.4, Zigbee specification r20 (053474): the network layer, section 3.3.1,
-- and its commands, section 3.4; the payload of beacons, section 3.6.7; the auxiliary security
-- header, section 4.5.1; the application support layer, section 2.2.5, and its commands, section
-- 4.4.9; Inter-PAN frames, Smart Energy profile (075356) annex B; the frame of the Zigbee Cluster
-- Library (075123), sections 2.3 and 2.4, attributes and their types, sections 2.5 and 2.6.2, its
-- clusters, section 2.2, and two of them, Smart Energy profile annex D.3 and D.4. Numbers are least
-- significant byte first.
--
-- Clients of the reference know no group address in the application layer: where delivery_mode says
-- that there is one, section 2.2.5.1.3, it is read as the fields that come next. The integrity code
-- has 4 bytes, as network security has by default.

local f = require "luapkt.field"

local clusters = {
  [0]    = "basic",
  [1]    = "power_configuration",
  [2]    = "device_temperature_configuration",
  [3]    = "identify",
  [4]    = "groups",
  [5]    = "scenes",
  [6]    = "on_off",
  [7]    = "on_off_switch_configuration",
  [8]    = "level_control",
  [9]    = "alarms",
  [10]   = "time",
  [11]   = "rssi_location",
  [12]   = "analog_input",
  [13]   = "analog_output",
  [14]   = "analog_value",
  [15]   = "binary_input",
  [16]   = "binary_output",
  [17]   = "binary_value",
  [18]   = "multistate_input",
  [19]   = "multistate_output",
  [21]   = "commissioning",
  [256]  = "shade_configuration",
  [512]  = "pump_configuration_and_control",
  [513]  = "thermostat",
  [514]  = "fan_control",
  [515]  = "dehumidification_control",
  [516]  = "thermostat_user_interface_configuration",
  [768]  = "color_control",
  [769]  = "ballast_configuration",
  [1024] = "illuminance_measurement",
  [1025] = "illuminance_level_sensing",
  [1026] = "temperature_measurement",
  [1027] = "pressure_measurement",
  [1028] = "flow_measurement",
  [1029] = "relative_humidity_measurement",
  [1030] = "occupancy_sensing",
  [1280] = "ias_zone",
  [1281] = "ias_ace",
  [1282] = "ias_wd",
  [1536] = "generic_tunnel",
  [1537] = "bacnet_protocol_tunnel",
  [1538] = "analog_input_regular",
  [1539] = "analog_input_extended",
  [1540] = "analog_output_regular",
  [1541] = "analog_output_extended",
  [1542] = "analog_value_regular",
  [1543] = "analog_value_extended",
  [1544] = "binary_input_regular",
  [1545] = "binary_input_extended",
  [1546] = "binary_output_regular",
  [1547] = "binary_output_extended",
  [1548] = "binary_value_regular",
  [1549] = "binary_value_extended",
  [1550] = "multistate_input_regular",
  [1551] = "multistate_input_extended",
  [1552] = "multistate_output_regular",
  [1553] = "multistate_output_extended",
  [1554] = "multistate_value_regular",
  [1555] = "multistate_value",
  [1792] = "price",
  [1793] = "demand_response_and_load_control",
  [1794] = "metering",
  [1795] = "messaging",
  [1796] = "smart_energy_tunneling",
  [1797] = "prepayment",
  [2048] = "key_establishment",
}

local profiles = {
  [0]   = "ZigBee_Stack_Profile_1",
  [257] = "IPM_Industrial_Plant_Monitoring",
  [260] = "HA_Home_Automation",
  [261] = "CBA_Commercial_Building_Automation",
  [263] = "TA_Telecom_Applications",
  [264] = "HC_Health_Care",
  [265] = "SE_Smart_Energy_Profile",
}

local command_identifiers = {
  [0]  = "read_attributes",
  [1]  = "read_attributes_response",
  [3]  = "write_attributes_undivided",
  [4]  = "write_attributes_response",
  [5]  = "write_attributes_no_response",
  [6]  = "configure_reporting",
  [7]  = "configure_reporting_response",
  [8]  = "read_reporting_configuration",
  [9]  = "read_reporting_configuration_response",
  [10] = "report_attributes",
  [11] = "default_response",
  [12] = "discover_attributes",
  [13] = "discover_attributes_response",
}

local frames = { [0] = "data", [1] = "command", [3] = "Inter-PAN" }
local nwk_flags = {
  "multicast", "security", "source_route", "extended_dst", "extended_src",
  "reserved1", "reserved2", "reserved3",
}
local key_types = { [0] = "data_key", "network_key", "key_transport_key", "key_load_key" }
local levels = {
  [0] = "None", "MIC-32", "MIC-64", "MIC-128", "ENC", "ENC-MIC-32", "ENC-MIC-64", "ENC-MIC-128",
}
local aps_flags = { "ack_format", "security", "ack_req", "extended_hdr" }
local stub_flags = { "reserved1", "security", "ack_req", "extended_hdr" }
local deliveries = { [0] = "unicast", "indirect", "broadcast", "group_addressing" }
local aps_frames = { [0] = "data", "command", "ack" }
local zcl_frames = { [0] = "profile-wide", "cluster-specific", "reserved2", "reserved3" }

local nwk_commands = {
  "route request", "route reply", "network status", "leave", "route record", "rejoin request",
  "rejoin response", "link status", "network report", "network update",
}

-- Section 3.4.3.3.1.
local nwk_status = {
  [0] = "No route available", "Tree link failure", "Non-tree link failure", "Low battery level",
  "No routing capacity", "No indirect capacity", "Indirect transaction expiry",
  "Target device unavailable", "Target address unallocated", "Parent link failure",
  "Validate route", "Source route failure", "Many-to-one route failure", "Address conflict",
  "Verify addresses", "PAN identifier update", "Network address update", "Bad frame counter",
  "Bad key sequence number",
}

local aps_commands = {
  "APS_CMD_SKKE_1", "APS_CMD_SKKE_2", "APS_CMD_SKKE_3", "APS_CMD_SKKE_4",
  "APS_CMD_TRANSPORT_KEY", "APS_CMD_UPDATE_DEVICE", "APS_CMD_REMOVE_DEVICE",
  "APS_CMD_REQUEST_KEY", "APS_CMD_SWITCH_KEY", "APS_CMD_EA_INIT_CHLNG", "APS_CMD_EA_RSP_CHLNG",
  "APS_CMD_EA_INIT_MAC_DATA", "APS_CMD_EA_RSP_MAC_DATA", "APS_CMD_TUNNEL",
}

-- Section 4.4.9.2.2.
local standard_keys = {
  [0] = "trust_center_master_key", "standard_network_key", "application_master_key",
  "application_link_key", "trust_center_link_key", "high_security_network_key",
}

local attribute_status = {
  [0]   = "SUCCESS",
  [2]   = "FAILURE",
  [128] = "MALFORMED_COMMAND",
  [129] = "UNSUP_CLUSTER_COMMAND",
  [130] = "UNSUP_GENERAL_COMMAND",
  [131] = "UNSUP_MANUF_CLUSTER_COMMAND",
  [132] = "UNSUP_MANUF_GENERAL_COMMAND",
  [133] = "INVALID_FIELD",
  [134] = "UNSUPPORTED_ATTRIBUTE",
  [135] = "INVALID_VALUE",
  [136] = "READ_ONLY",
  [137] = "INSUFFICIENT_SPACE",
  [138] = "DUPLICATE_EXISTS",
  [139] = "NOT_FOUND",
  [140] = "UNREPORTABLE_ATTRIBUTE",
  [141] = "INVALID_DATA_TYPE",
  [192] = "HARDWARE_FAILURE",
  [193] = "SOFTWARE_FAILURE",
  [194] = "CALIBRATION_ERROR",
}

-- The library's short names of types.
local data_types = {
  [0x00] = "no_data",
  [0x08] = "data8",   [0x09] = "data16", [0x0a] = "data24", [0x0b] = "data32",
  [0x0c] = "data40",  [0x0d] = "data48", [0x0e] = "data56", [0x0f] = "data64",
  [0x10] = "bool",
  [0x18] = "map8",    [0x19] = "map16",  [0x1a] = "map24",  [0x1b] = "map32",
  [0x1c] = "map40",   [0x1d] = "map48",  [0x1e] = "map56",  [0x1f] = "map64",
  [0x20] = "uint8",   [0x21] = "uint16", [0x22] = "uint24", [0x23] = "uint32",
  [0x24] = "uint40",  [0x25] = "uint48", [0x26] = "uint56", [0x27] = "uint64",
  [0x28] = "int8",    [0x29] = "int16",  [0x2a] = "int24",  [0x2b] = "int32",
  [0x2c] = "int40",   [0x2d] = "int48",  [0x2e] = "int56",  [0x2f] = "int64",
  [0x30] = "enum8",   [0x31] = "enum16",
  [0x38] = "semi",    [0x39] = "single", [0x3a] = "double",
  [0x41] = "octstr",  [0x42] = "string", [0x43] = "octstr16", [0x44] = "string16",
  [0x48] = "array",   [0x4c] = "struct", [0x50] = "set",    [0x51] = "bag",
  [0xe0] = "ToD",     [0xe1] = "date",   [0xe2] = "UTC",
  [0xe8] = "clusterId", [0xe9] = "attribId", [0xea] = "bacOID",
  [0xf0] = "EUI64",   [0xf1] = "key128", [0xff] = "unk",
}

-- The bytes of an attribute by its type: numbers grow by a byte from type to type, strings have their
-- length before them (all ones: there is no string), and the others take what is left.
local kind = f.ref "attribute_data_type"
local short_string = f.peek(0, 8):eq(0xff):pick(1, 1 + f.peek(0, 8))
local long_length = f.peek(8, 8) << 8 | f.peek(0, 8)
local long_string = long_length:eq(0xffff):pick(2, 2 + long_length)
local attribute_size = kind:between(0x08, 0x0f):pick(kind - 0x07,
  kind:between(0x18, 0x1f):pick(kind - 0x17,
  kind:between(0x20, 0x27):pick(kind - 0x1f,
  kind:between(0x28, 0x2f):pick(kind - 0x27,
  kind:one_of(0x10, 0x30):pick(1,
  kind:one_of(0x31, 0x38, 0xe8, 0xe9):pick(2,
  kind:one_of(0x39, 0xe0, 0xe1, 0xe2, 0xea):pick(4,
  kind:one_of(0x3a, 0xf0):pick(8,
  kind:eq(0xf1):pick(16,
  kind:one_of(0x00, 0xff):pick(0,
  kind:one_of(0x41, 0x42):pick(short_string,
  kind:one_of(0x43, 0x44):pick(long_string, f.left()))))))))))))

local function command(n) return f.ref("cmd_identifier"):eq(n) end

-- An address of IEEE 802.15.4 of 8 bytes.
local function long_address(id, when)
  local cond = when ~= nil and " (Cond)" or ""
  return f.le64(id, {
    show = "eui64", when = when, nominal = 2, class = "dot15d4AddressField" .. cond,
  })
end

local is_request, is_reply = command(1), command(2)
local is_skke = f.ref("cmd_identifier"):between(1, 4)
local is_transport = command(5)
local carries_network_key = is_transport:both(f.ref("key_type"):one_of(1, 5))
-- An application's key comes with its partner's address instead, which is no field here.
local is_for_device = is_transport:both(f.ref("key_type"):one_of(0, 1, 4, 5))

local above_network = {
  { when = f.ref("flags"):has(2),     id = "ZigbeeSecurityHeader" },
  { when = f.ref("frametype"):eq(0), id = "ZigbeeAppDataPayload" },
}

local is_routed = f.ref("flags"):has(4)
-- Data, and an acknowledgment of data rather than of a command, section 2.2.5.2.3.
local is_data = f.ref("aps_frametype"):eq(0)
  :either(f.ref("aps_frametype"):eq(2):both(f.ref("frame_control"):has(1):no()))
local is_addressed = is_data:both(f.ref("delivery_mode"):one_of(0, 2))
local is_extended = is_data:both(f.ref("frame_control"):has(8))

return {
  {
    id     = "ZigbeeNWK",
    title  = "Zigbee Network Layer",
    payloads = { "Raw", "ZigbeeSecurityHeader", "ZigbeeAppDataPayload", "ZigbeeClusterLibrary" },
    next   = above_network,
    fields = {
      f.bits("discover_route", 2),
      f.bits("proto_version", 4, { default = 2 }),
      f.bits("frametype", 2, { names = frames }),
      f.flags("flags", 8, nwk_flags),
      f.le16("destination", { show = "hex" }),
      f.le16("source", { show = "hex" }),
      f.u8("radius"),
      f.u8("seqnum", { default = 1 }),
      f.le64("ext_dst", {
        show = "eui64", when = f.ref("flags"):has(8),
        nominal = 2, class = "dot15d4AddressField (Cond)",
      }),
      f.le64("ext_src", {
        show = "eui64", when = f.ref("flags"):has(16),
        nominal = 2, class = "dot15d4AddressField (Cond)",
      }),
      f.u8("relay_count", { default = 1, when = is_routed }),
      f.u8("relay_index", { when = is_routed }),
      f.list("relays", f.le16(nil, {
        show = "hex" }), { count = f.ref "relay_count", when = is_routed,
      }),
    },
  },
  {
    id     = "LinkStatusEntry",
    title  = "ZigBee Link Status Entry",
    fallback = "Padding",
    fields = {
      f.le16("neighbor_network_address", { show = "hex" }),
      f.bits("reserved1", 1),
      f.bits("outgoing_cost", 3),
      f.bits("reserved2", 1),
      f.bits("incoming_cost", 3),
    },
  },
  {
    id     = "ZigbeeNWKCommandPayload",
    title  = "Zigbee Network Layer Command Payload",
    over   = { ZigbeeNWK = { { frametype = 1, listed = false } } },
    fields = {
      f.u8("cmd_identifier", { default = 1, names = nwk_commands }),
      -- route request
      f.bits("reserved", 1, { when = is_request }),
      f.bits("multicast", 1, { when = is_request }),
      f.bits("dest_addr_bit", 1, { when = is_request }),
      f.bits("many_to_one", 2, { when = is_request, names = { [0] = "not_m2one" } }),
      f.bits("reserved", 3, { when = is_request }),
      f.u8("route_request_identifier", { when = is_request }),
      f.le16("destination_address", { show = "hex", when = is_request }),
      f.u8("path_cost", { when = is_request }),
      long_address("ext_dst", is_request:both(f.ref "dest_addr_bit")),
      -- route reply
      f.bits("reserved", 1, { when = is_reply }),
      f.bits("multicast", 1, { when = is_reply }),
      f.bits("responder_addr_bit", 1, { when = is_reply }),
      f.bits("originator_addr_bit", 1, { when = is_reply }),
      f.bits("reserved", 4, { when = is_reply }),
      f.u8("route_request_identifier", { when = is_reply }),
      f.le16("originator_address", { show = "hex", when = is_reply }),
      f.le16("responder_address", { show = "hex", when = is_reply }),
      f.u8("path_cost", { when = is_reply }),
      long_address("originator_addr", is_reply:both(f.ref "originator_addr_bit")),
      long_address("responder_addr", is_reply:both(f.ref "responder_addr_bit")),
      -- network status
      f.u8("status_code", { when = command(3), names = nwk_status }),
      f.le16("destination_address", { show = "hex", when = command(3) }),
      -- leave
      f.bits("remove_children", 1, { when = command(4) }),
      f.bits("request", 1, { when = command(4) }),
      f.bits("rejoin", 1, { when = command(4) }),
      f.bits("reserved", 5, { when = command(4) }),
      -- route record
      f.u8("rr_relay_count", { when = command(5) }),
      f.list("rr_relay_list", f.le16(nil, { show = "hex" }), {
        count = f.ref "rr_relay_count", when = command(5),
      }),
      -- rejoin request
      f.bits("allocate_address", 1, { when = command(6) }),
      f.bits("security_capability", 1, { when = command(6) }),
      f.bits("reserved2", 1, { when = command(6) }),
      f.bits("reserved1", 1, { when = command(6) }),
      f.bits("receiver_on_when_idle", 1, { when = command(6) }),
      f.bits("power_source", 1, { when = command(6) }),
      f.bits("device_type", 1, { when = command(6) }),
      f.bits("alternate_pan_coordinator", 1, { when = command(6) }),
      -- rejoin response
      f.le16("network_address", { default = 0xffff, show = "hex", when = command(7) }),
      f.u8("rejoin_status", { when = command(7) }),
      -- link status
      f.bits("reserved", 1, { when = command(8) }),
      f.bits("last_frame", 1, { when = command(8) }),
      f.bits("first_frame", 1, { when = command(8) }),
      f.bits("entry_count", 5, { when = command(8) }),
      f.layers("link_status_list", {
        of = "LinkStatusEntry", count = f.ref "entry_count", when = command(8),
      }),
      -- network report
      f.bits("report_command_identifier", 3, {
        when = command(9), names = { [0] = "PAN identifier conflict" },
      }),
      f.bits("report_information_count", 5, { when = command(9) }),
      long_address("epid", command(9)),
      f.list("PAN_ID_conflict_report", f.le16(nil, { show = "hex" }), {
        count = f.ref "report_information_count", when = command(9),
      }),
      -- network update
      f.bits("update_command_identifier", 3, {
        when = command(10), names = { [0] = "PAN Identifier Update" },
      }),
      f.bits("update_information_count", 5, { when = command(10) }),
      long_address("epid", command(10)),
      f.u8("update_id", { when = command(10) }),
      f.le16("new_PAN_ID", { show = "hex", when = command(10) }),
    },
  },
  {
    id     = "ZigbeeSecurityHeader",
    title  = "Zigbee Security Header",
    over   = { ZigbeeNWK = { { flags = 2, read = false } } },
    unlisted = true,
    fields = {
      f.flags("reserved1", 2, { "reserved1", "reserved2" }),
      f.bits("extended_nonce", 1, { default = 1 }),
      f.bits("key_type", 2, { default = 1, names = key_types }),
      f.bits("nwk_seclevel", 3, { names = levels }),
      f.le32("fc", { show = "hex" }),
      f.le64("source", { show = "hex", when = f.ref "extended_nonce" }),
      f.u8("key_seqnum", { when = f.ref("key_type"):eq(1) }),
      f.bytes("data", { size = -4 }),
      f.bytes("mic"),
    },
  },
  {
    id     = "ZigbeeAppDataPayload",
    title  = "Zigbee Application Layer Data Payload (General APS Frame Format)",
    over   = { ZigbeeNWK = { { frametype = 0, read = false } } },
    fields = {
      f.flags("frame_control", 4, aps_flags, { default = 2 }),
      f.bits("delivery_mode", 2, { names = deliveries }),
      f.bits("aps_frametype", 2, { names = aps_frames }),
      f.u8("dst_endpoint", { default = 10, when = is_addressed }),
      f.le16("cluster", { when = is_data, names = clusters, class = "EnumField (Cond)" }),
      f.le16("profile", { when = is_data, names = profiles, class = "EnumField (Cond)" }),
      f.u8("src_endpoint", { default = 10, when = is_data }),
      f.u8("counter"),
      f.u8("fragmentation", {
        when = is_extended, names = { [0] = "none", "first_block", "middle_block" },
      }),
      f.u8("block_number", { when = is_extended:both(f.ref("fragmentation"):one_of(1, 2)) }),
    },
  },
  {
    -- Of a request for a key, 'key' is the address of the partner that it is shared with.
    id     = "ZigbeeAppCommandPayload",
    title  = "Zigbee Application Layer Command Payload",
    over   = { ZigbeeAppDataPayload = { { aps_frametype = 1, listed = false } } },
    fields = {
      f.u8("cmd_identifier", { default = 1, names = aps_commands }),
      long_address("initiator", is_skke),
      long_address("responder", is_skke),
      f.bytes("data", { size = 16, when = is_skke, printed = "0" }),
      f.u8("key_type", { when = is_transport, names = standard_keys }),
      f.bytes("key", { size = 16, default = f.none, when = is_transport }),
      f.u8("key_seqnum", { when = carries_network_key }),
      long_address("dest_addr", is_for_device),
      long_address("src_addr", is_for_device),
      long_address("address", command(6)),
      f.le16("short_address", { show = "hex", when = command(6) }),
      f.u8("status", { when = command(6) }),
      long_address("address", command(7)),
      f.u8("key_type", { when = command(8), names = standard_keys }),
      f.bytes("key", { size = 8, default = f.none, when = command(8) }),
      f.bytes("seqnum", { size = 1, default = f.none, when = command(9) }),
      f.bytes("data", { when = command(14) }),
    },
  },
  {
    id     = "ZigBeeBeacon",
    title  = "ZigBee Beacon Payload",
    over   = { Dot15d4Beacon = { { when = f.peek(0, 8):eq(0), listed = false } } },
    required = "update_id",
    fields = {
      f.u8("proto_id"),
      f.bits("nwkc_protocol_version", 4),
      f.bits("stack_profile", 4),
      f.bits("end_device_capacity", 1),
      f.bits("device_depth", 4),
      f.bits("router_capacity", 1),
      f.bits("reserved", 2),
      long_address "extended_pan_id",
      f.le24("tx_offset", { class = "BitField (24 bits)" }),
      f.u8("update_id"),
    },
  },
  {
    id     = "ZigbeeNWKStub",
    title  = "Zigbee Network Layer for Inter-PAN Transmission",
    fields = {
      f.bits("reserved", 2),
      f.bits("proto_version", 4, { default = 2 }),
      f.bits("frametype", 2, { default = 3 }),
      f.bits("reserved", 8),
    },
  },
  {
    id     = "ZigbeeAppDataPayloadStub",
    title  = "Zigbee Application Layer Data Payload for Inter-PAN Transmission",
    over   = { ZigbeeNWKStub = { frametype = 3 } },
    fields = {
      f.flags("frame_control", 4, stub_flags),
      f.bits("delivery_mode", 2, { names = deliveries }),
      f.bits("frametype", 2, { default = 3 }),
      f.le16("group_addr", { show = "hex", when = f.ref("delivery_mode"):eq(3) }),
      f.le16("cluster", { names = clusters, class = "EnumField" }),
      f.le16("profile", { names = profiles, class = "EnumField" }),
      f.bytes("data", { when = f.ref("frametype"):eq(3) }),
    },
  },
  {
    id     = "ZigbeeClusterLibrary",
    title  = "Zigbee Cluster Library (ZCL) Frame",
    fields = {
      f.bits("reserved", 3),
      f.bits("disable_default_response", 1),
      f.bits("direction", 1),
      f.bits("manufacturer_specific", 1),
      f.bits("zcl_frametype", 2, { names = zcl_frames }),
      f.le16("manufacturer_code", { show = "hex", when = f.ref "manufacturer_specific" }),
      f.u8("transaction_sequence"),
      f.u8("command_identifier", { names = command_identifiers }),
    },
  },
  {
    id     = "ZCLReadAttributeStatusRecord",
    title  = "ZCL Read Attribute Status Record",
    fallback = "Padding",
    fields = {
      f.le16("attribute_identifier", { show = "hex" }),
      f.u8("status", { names = attribute_status }),
      f.u8("attribute_data_type", { names = data_types, when = f.ref("status"):eq(0) }),
      f.bytes("attribute_value", {
        size = attribute_size, when = f.ref("status"):eq(0), class = "_DiscreteString (Cond)",
      }),
    },
  },
  {
    id     = "ZCLGeneralReadAttributes",
    title  = "General Domain: Command Frame Payload: read_attributes",
    over   = { ZigbeeClusterLibrary = { { zcl_frametype = 0, command_identifier = 0, listed = false } } },
    fields = {
      f.list("attribute_identifiers", f.le16(nil, { show = "hex" })),
    },
  },
  {
    id     = "ZCLGeneralReadAttributesResponse",
    title  = "General Domain: Command Frame Payload: read_attributes_response",
    over   = { ZigbeeClusterLibrary = { { zcl_frametype = 0, command_identifier = 1, listed = false } } },
    fields = {
      f.layers("read_attribute_status_record", { of = "ZCLReadAttributeStatusRecord" }),
    },
  },
  {
    id     = "ZCLPricePublishPrice",
    title  = "Price Cluster: Publish Price Command (Server: Generated)",
    payloads = {},
    fields = {
      f.le32("provider_id", { show = "hex" }),
      f.bytes("rate_label", { counted = 1, class = "StrLenField" }),
      f.le32("issuer_event_id", { show = "hex" }),
      f.le32("current_time", { show = "hex" }),
      f.u8("unit_of_measure"),
      f.le16("currency", { show = "hex" }),
      f.u8("price_trailing_digit"),
      f.u8("number_of_price_tiers"),
      f.le32("start_time", { show = "hex" }),
      f.le16("duration_in_minutes", { show = "hex" }),
      f.le32("price", { show = "hex" }),
      f.u8("price_ratio"),
      f.le32("generation_price", { show = "hex" }),
      f.u8("generation_price_ratio"),
      f.le32("alternate_cost_delivered", { show = "hex" }),
      f.u8("alternate_cost_unit"),
      f.u8("alternate_cost_trailing_digit"),
      f.u8("number_of_block_thresholds"),
      f.u8("price_control"),
    },
  },
  {
    id     = "ZCLMeteringGetProfile",
    title  = "Metering Cluster: Get Profile Command (Server: Received)",
    fields = {
      f.u8("Interval_Channel"),
      f.le32("End_Time", { show = "hex" }),
      f.u8("NumberOfPeriods", { default = 1 }),
    },
  },
  {
    id     = "ZCLPriceGetCurrentPrice",
    title  = "Price Cluster: Get Current Price Command (Server: Received)",
    fields = {
      f.bits("reserved", 7),
      f.bits("Requestor_Rx_On_When_Idle", 1),
    },
  },
  {
    id     = "ZCLPriceGetScheduledPrices",
    title  = "Price Cluster: Get Scheduled Prices Command (Server: Received)",
    fields = {
      f.le32("start_time", { show = "hex" }),
      f.u8("number_of_events"),
    },
  },
}
