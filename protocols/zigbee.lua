-- Zigbee over IEEE 802.15.4, Zigbee specification r20 (053474): the network layer, section 3.3.1,
-- and its link status, section 3.4.8; the auxiliary security header, section 4.5.1; the application
-- support layer, section 2.2.5; Inter-PAN frames, Smart Energy profile (075356) annex B; the frame
-- of the Zigbee Cluster Library (075123), sections 2.3 and 2.4, its clusters, section 2.2, and two
-- of them, Smart Energy profile annex D.3 and D.4. Numbers are least significant byte first.
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
        show = "hex", when = f.ref("flags"):has(8),
        nominal = 2, class = "dot15d4AddressField (Cond)",
      }),
      f.le64("ext_src", {
        show = "hex", when = f.ref("flags"):has(16),
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
