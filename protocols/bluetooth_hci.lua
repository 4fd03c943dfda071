-- Bluetooth's host controller interface, Core Specification volume 4: the packet types of the UART
-- transport, part A section 2, with the direction before it (LINKTYPE_BLUETOOTH_HCI_H4_WITH_PHDR,
-- most significant byte first); ACL data, part E section 5.4.2; commands, sections 5.4.1, 7.1, 7.3,
-- 7.4 and 7.8; events, sections 5.4.4 and 7.7; error codes, volume 1 part F. Numbers are least
-- significant byte first.
--
--    0       8               24
--   +-------+---------------+-------+
--   | type  |    opcode     |  len  |  command
--   | type  | code  |  len  |          event
--   | type  |    handle     |  len     ACL data
--   +-------+---------------+-------+
--
-- What clients of the reference know is kept where the specification has it otherwise: advertising
-- and scan response data (31 bytes in sections 7.8.7 and 7.8.8) and extended inquiry responses (240
-- bytes in section 7.3.56) aren't filled up; the size of the white list has a status of its own
-- behind that of Command Complete; of completed packets only the number of handles is a field.

local f = require "luapkt.field"

local types = {
  [0]  = "Acknowledgement",
  [1]  = "Command",
  [2]  = "ACL Data",
  [3]  = "Synchronous",
  [4]  = "Event",
  [5]  = "Reserve",
  [14] = "Vendor",
  [15] = "Link Control",
}

local types_filter = {
  [0] = "clear",
}

local adv_types = {
  [0] = "ADV_IND",
  [1] = "ADV_DIRECT_IND",
  [2] = "ADV_SCAN_IND",
  [3] = "ADV_NONCONN_IND",
  [4] = "ADV_DIRECT_IND_LOW",
}

local oatypes = {
  [0] = "public",
  [1] = "random",
}

local filter_policys = {
  [0] = "all:all",
  [1] = "connect:all scan:whitelist",
  [2] = "connect:whitelist scan:all",
  [3] = "all:whitelist",
}

local types_parameters = { "active" }

local atypes = {
  [0] = "public",
}

local policys = {
  [0] = "all",
  [1] = "whitelist",
}

local filters = {
  [0] = "address",
}

local status = {
  [0] = "success",
}

local status_change = {
  [0] = "change has occurred",
}

local enableds = {
  [0] = "OFF",
  [1] = "ON (LE)",
  [2] = "ON (BR/EDR)",
}

local status_complete = {
  [0]  = "success",
  [1]  = "unknown command",
  [2]  = "no connection",
  [3]  = "hardware failure",
  [4]  = "page timeout",
  [5]  = "authentication failure",
  [6]  = "pin or key missing",
  [7]  = "memory full",
  [8]  = "connection timeout",
  [9]  = "max number of connections",
  [10] = "max number of sco connections",
  [11] = "acl connection exists",
  [12] = "command disallowed",
  [13] = "rejected limited resources",
  [14] = "rejected security",
  [15] = "rejected personal",
  [16] = "host timeout",
  [17] = "unsupported feature",
  [18] = "invalid parameters",
  [19] = "oe user ended connection",
  [20] = "oe low resources",
  [21] = "oe power off",
  [22] = "connection terminated",
  [23] = "repeated attempts",
  [24] = "pairing not allowed",
  [25] = "unknown lmp pdu",
  [26] = "unsupported remote feature",
  [27] = "sco offset rejected",
  [28] = "sco interval rejected",
  [29] = "air mode rejected",
  [30] = "invalid lmp parameters",
  [31] = "unspecified error",
  [32] = "unsupported lmp parameter value",
  [33] = "role change not allowed",
  [34] = "lmp response timeout",
  [35] = "lmp error transaction collision",
  [36] = "lmp pdu not allowed",
  [37] = "encryption mode not accepted",
  [38] = "unit link key used",
  [39] = "qos not supported",
  [40] = "instant passed",
  [41] = "pairing not supported",
  [42] = "transaction collision",
  [44] = "qos unacceptable parameter",
  [45] = "qos rejected",
  [46] = "classification not supported",
  [47] = "insufficient security",
  [48] = "parameter out of range",
  [50] = "role switch pending",
  [52] = "slot violation",
  [53] = "role switch failed",
  [54] = "eir too large",
  [55] = "simple pairing not supported",
  [56] = "host busy pairing",
}

local status_status = {
  [0] = "pending",
}

local events = {
  [1] = "connection_complete",
  [2] = "advertising_report",
  [3] = "connection_update_complete",
  [5] = "long_term_key_request",
}

local roles = {
  [0] = "master",
}

local types_report = {
  [0] = "conn_und",
  [4] = "scan_rsp",
}

local types_hdr = {
  [1]   = "flags",
  [2]   = "incomplete_list_16_bit_svc_uuids",
  [3]   = "complete_list_16_bit_svc_uuids",
  [4]   = "incomplete_list_32_bit_svc_uuids",
  [5]   = "complete_list_32_bit_svc_uuids",
  [6]   = "incomplete_list_128_bit_svc_uuids",
  [7]   = "complete_list_128_bit_svc_uuids",
  [8]   = "shortened_local_name",
  [9]   = "complete_local_name",
  [10]  = "tx_power_level",
  [13]  = "class_of_device",
  [14]  = "simple_pairing_hash",
  [15]  = "simple_pairing_rand",
  [16]  = "sec_mgr_tk",
  [17]  = "sec_mgr_oob_flags",
  [18]  = "slave_conn_intvl_range",
  [20]  = "list_16_bit_svc_sollication_uuids",
  [21]  = "list_128_bit_svc_sollication_uuids",
  [22]  = "svc_data_16_bit_uuid",
  [23]  = "pub_target_addr",
  [24]  = "rand_target_addr",
  [25]  = "appearance",
  [26]  = "adv_intvl",
  [27]  = "le_addr",
  [28]  = "le_role",
  [29]  = "simple_pairing_hash_256",
  [30]  = "simple_pairing_rand_256",
  [31]  = "list_32_bit_svc_sollication_uuids",
  [32]  = "svc_data_32_bit_uuid",
  [33]  = "svc_data_128_bit_uuid",
  [34]  = "sec_conn_confirm",
  [35]  = "sec_conn_rand",
  [36]  = "uri",
  [37]  = "indoor_positioning",
  [38]  = "transport_discovery",
  [39]  = "le_supported_features",
  [40]  = "channel_map_update",
  [41]  = "mesh_pb_adv",
  [42]  = "mesh_message",
  [43]  = "mesh_beacon",
  [61]  = "3d_information",
  [255] = "mfg_specific_data",
}

local zeros8, zeros16 = ("\0"):rep(8), ("\0"):rep(16)

local eir_flags = {
  "limited_disc_mode", "general_disc_mode", "br_edr_not_supported",
  "simul_le_br_edr_ctrl", "simul_le_br_edr_host",
}

return {
  {
    id     = "HCI_PHDR_Hdr",
    title  = "HCI PHDR transport layer",
    link   = 201,
    fields = {
      f.u32("direction"),
    },
  },
  {
    id     = "HCI_Hdr",
    title  = "HCI header",
    over   = { HCI_PHDR_Hdr = {} },
    link   = 187,
    fields = {
      f.u8("type", { default = 2, names = types }),
    },
  },
  {
    id     = "HCI_ACL_Hdr",
    title  = "HCI ACL header",
    over   = { HCI_Hdr = { type = 2 } },
    extent = f.ref "len" + 4,
    fields = {
      f.bits("BC", 2, { little = true }),
      f.bits("PB", 2, { little = true }),
      f.bits("handle", 12, { little = true }),
      f.le16("len", { auto = f.payload() }),
    },
  },
  {
    id     = "HCI_Command_Hdr",
    title  = "HCI Command header",
    over   = { HCI_Hdr = { type = 1 } },
    extent = f.ref "len" + 3,
    fields = {
      f.le16("opcode", { show = "hex" }),
      f.u8("len", { auto = f.payload() }),
    },
  },
  {
    id     = "HCI_Cmd_Reset",
    hidden = true,
    over   = { HCI_Command_Hdr = { opcode = 0x0c03 } },
  },
  {
    id     = "HCI_Cmd_Set_Event_Mask",
    title  = "Set Event Mask",
    over   = { HCI_Command_Hdr = { opcode = 0x0c01 } },
    fields = {
      f.bytes("mask", { default = "\xff\xff\xfb\xff\x07\xf8\xbf\x3d", size = 8 }),
    },
  },
  {
    id     = "HCI_Cmd_Set_Event_Filter",
    title  = "Set Event Filter",
    over   = { HCI_Command_Hdr = { opcode = 0x0c05 } },
    fields = {
      f.u8("type", { names = types_filter }),
    },
  },
  {
    id     = "HCI_Cmd_Connect_Accept_Timeout",
    title  = "Connection Attempt Timeout",
    over   = { HCI_Command_Hdr = { opcode = 0x0c16 } },
    fields = {
      f.le16("timeout", { default = 32000 }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Host_Supported",
    title  = "LE Host Supported",
    over   = { HCI_Command_Hdr = { opcode = 0x0c6d } },
    fields = {
      f.u8("supported", { default = 1 }),
      f.u8("simultaneous", { default = 1 }),
    },
  },
  {
    id     = "HCI_Cmd_Write_Extended_Inquiry_Response",
    title  = "Write Extended Inquiry Response",
    payloads = {},
    over   = { HCI_Command_Hdr = { opcode = 0x0c52 } },
    fields = {
      f.u8("fec_required"),
      f.layers("eir_data", { of = "EIR_Hdr", stack = true }),
    },
  },
  {
    id     = "HCI_Cmd_Read_BD_Addr",
    hidden = true,
    over   = { HCI_Command_Hdr = { opcode = 0x1009 } },
  },
  {
    id     = "HCI_Cmd_Write_Local_Name",
    hidden = true,
    over   = { HCI_Command_Hdr = { opcode = 0x0c13 } },
    fields = {
      f.bytes("name", { size = 248 }),
    },
  },
  {
    id     = "HCI_Cmd_Disconnect",
    title  = "Disconnect",
    over   = { HCI_Command_Hdr = { opcode = 0x0406 } },
    fields = {
      f.le16("handle", { show = "hex" }),
      f.u8("reason", { default = 0x13 }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Read_Buffer_Size",
    hidden = true,
    over   = { HCI_Command_Hdr = { opcode = 0x2002 } },
  },
  {
    id     = "HCI_Cmd_LE_Set_Random_Address",
    title  = "LE Set Random Address",
    over   = { HCI_Command_Hdr = { opcode = 0x2005 } },
    fields = {
      f.mac("address", { little = true }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Set_Advertising_Parameters",
    title  = "LE Set Advertising Parameters",
    over   = { HCI_Command_Hdr = { opcode = 0x2006 } },
    fields = {
      f.le16("interval_min", { default = 2048 }),
      f.le16("interval_max", { default = 2048 }),
      f.u8("adv_type", { names = adv_types }),
      f.u8("oatype", { names = oatypes }),
      f.u8("datype", { names = oatypes }),
      f.mac("daddr", { little = true }),
      f.u8("channel_map", { default = 7 }),
      f.u8("filter_policy", { names = filter_policys }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Set_Advertising_Data",
    title  = "LE Set Advertising Data",
    payloads = {},
    over   = { HCI_Command_Hdr = { opcode = 0x2008 } },
    fields = {
      f.u8("len", { auto = f.size "data" }),
      f.bytes("data", { size = f.ref "len" }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Set_Scan_Response_Data",
    title  = "LE Set Scan Response Data",
    over   = { HCI_Command_Hdr = { opcode = 0x2009 } },
    fields = {
      f.u8("len", { auto = f.size "data" }),
      f.bytes("data", { size = f.ref "len" }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Set_Advertise_Enable",
    title  = "LE Set Advertise Enable",
    over   = { HCI_Command_Hdr = { opcode = 0x200a } },
    fields = {
      f.u8("enable"),
    },
  },
  {
    id     = "HCI_Cmd_LE_Set_Scan_Parameters",
    title  = "LE Set Scan Parameters",
    over   = { HCI_Command_Hdr = { opcode = 0x200b } },
    fields = {
      f.u8("type", { default = 1, names = types_parameters }),
      f.le16("interval", { default = 16, show = "hex" }),
      f.le16("window", { default = 16, show = "hex" }),
      f.u8("atype", { names = atypes }),
      f.u8("policy", { names = policys }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Set_Scan_Enable",
    title  = "LE Set Scan Enable",
    over   = { HCI_Command_Hdr = { opcode = 0x200c } },
    fields = {
      f.u8("enable", { default = 1 }),
      f.u8("filter_dups", { default = 1 }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Create_Connection",
    title  = "LE Create Connection",
    over   = { HCI_Command_Hdr = { opcode = 0x200d } },
    fields = {
      f.le16("interval", { default = 96 }),
      f.le16("window", { default = 48 }),
      f.u8("filter", { names = filters }),
      f.u8("patype", { names = oatypes }),
      f.mac("paddr", { little = true }),
      f.u8("atype", { names = oatypes }),
      f.le16("min_interval", { default = 40 }),
      f.le16("max_interval", { default = 56 }),
      f.le16("latency"),
      f.le16("timeout", { default = 42 }),
      f.le16("min_ce"),
      f.le16("max_ce"),
    },
  },
  {
    id     = "HCI_Cmd_LE_Create_Connection_Cancel",
    hidden = true,
    over   = { HCI_Command_Hdr = { opcode = 0x200e } },
  },
  {
    id     = "HCI_Cmd_LE_Read_White_List_Size",
    hidden = true,
    over   = { HCI_Command_Hdr = { opcode = 0x200f } },
  },
  {
    id     = "HCI_Cmd_LE_Clear_White_List",
    hidden = true,
    over   = { HCI_Command_Hdr = { opcode = 0x2010 } },
  },
  {
    id     = "HCI_Cmd_LE_Add_Device_To_White_List",
    title  = "LE Add Device to White List",
    over   = { HCI_Command_Hdr = { opcode = 0x2011 } },
    fields = {
      f.u8("atype", { names = oatypes }),
      f.mac("address", { little = true }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Remove_Device_From_White_List",
    base   = "HCI_Cmd_LE_Add_Device_To_White_List",
    hidden = true,
    over   = { HCI_Command_Hdr = { opcode = 0x2012 } },
    fields = {
      f.u8("atype", { names = oatypes }),
      f.mac("address", { little = true }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Connection_Update",
    title  = "LE Connection Update",
    over   = { HCI_Command_Hdr = { opcode = 0x2013 } },
    fields = {
      f.le16("handle", { show = "hex" }),
      f.le16("min_interval", { show = "hex" }),
      f.le16("max_interval", { show = "hex" }),
      f.le16("latency", { show = "hex" }),
      f.le16("timeout", { show = "hex" }),
      f.le16("min_ce"),
      f.le16("max_ce", { default = 0xffff }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Read_Remote_Used_Features",
    title  = "LE Read Remote Used Features",
    over   = { HCI_Command_Hdr = { opcode = 0x2016 } },
    fields = {
      f.le16("handle", { default = 64 }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Start_Encryption_Request",
    title  = "LE Start Encryption",
    over   = { HCI_Command_Hdr = { opcode = 0x2019 } },
    fields = {
      f.le16("handle"),
      f.bytes("rand", { default = zeros8, size = 8 }),
      f.le16("ediv", { show = "hex" }),
      f.bytes("ltk", { default = zeros16, size = 16 }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Long_Term_Key_Request_Reply",
    title  = "LE Long Term Key Request Reply",
    over   = { HCI_Command_Hdr = { opcode = 0x201a } },
    fields = {
      f.le16("handle"),
      f.bytes("ltk", { default = zeros16, size = 16 }),
    },
  },
  {
    id     = "HCI_Cmd_LE_Long_Term_Key_Request_Negative_Reply",
    title  = "LE Long Term Key Request Negative Reply",
    over   = { HCI_Command_Hdr = { opcode = 0x201b } },
    fields = {
      f.le16("handle"),
    },
  },
  {
    id     = "HCI_Event_Hdr",
    title  = "HCI Event header",
    over   = { HCI_Hdr = { type = 4 } },
    extent = f.ref "len" + 2,
    fields = {
      f.u8("code", { show = "hex" }),
      f.u8("len", { auto = f.payload() }),
    },
  },
  {
    id     = "HCI_Event_Disconnection_Complete",
    title  = "Disconnection Complete",
    over   = { HCI_Event_Hdr = { code = 0x05 } },
    fields = {
      f.u8("status", { names = status }),
      f.le16("handle"),
      f.u8("reason", { show = "hex" }),
    },
  },
  {
    id     = "HCI_Event_Encryption_Change",
    title  = "Encryption Change",
    over   = { HCI_Event_Hdr = { code = 0x08 } },
    fields = {
      f.u8("status", { names = status_change }),
      f.le16("handle"),
      f.u8("enabled", { names = enableds }),
    },
  },
  {
    id     = "HCI_Event_Command_Complete",
    title  = "Command Complete",
    over   = { HCI_Event_Hdr = { code = 0x0e } },
    fields = {
      f.u8("number"),
      f.le16("opcode", { show = "hex" }),
      f.u8("status", { names = status_complete }),
    },
  },
  {
    id     = "HCI_Cmd_Complete_Read_BD_Addr",
    title  = "Read BD Addr",
    over   = { HCI_Event_Command_Complete = { opcode = 0x1009 } },
    fields = {
      f.mac("addr", { little = true }),
    },
  },
  {
    id     = "HCI_Cmd_Complete_LE_Read_White_List_Size",
    title  = "LE Read White List Size",
    over   = { HCI_Event_Command_Complete = { opcode = 0x200f } },
    fields = {
      f.u8("status"),
      f.u8("size"),
    },
  },
  {
    id     = "HCI_Event_Command_Status",
    title  = "Command Status",
    over   = { HCI_Event_Hdr = { code = 0x0f } },
    fields = {
      f.u8("status", { names = status_status }),
      f.u8("number"),
      f.le16("opcode", { show = "hex" }),
    },
  },
  {
    id     = "HCI_Event_Number_Of_Completed_Packets",
    title  = "Number Of Completed Packets",
    over   = { HCI_Event_Hdr = { code = 0x13 } },
    fields = {
      f.u8("number"),
    },
  },
  {
    id     = "HCI_Event_LE_Meta",
    title  = "LE Meta",
    over   = { HCI_Event_Hdr = { code = 0x3e } },
    fields = {
      f.u8("event", { names = events }),
    },
  },
  {
    id     = "HCI_LE_Meta_Connection_Complete",
    title  = "Connection Complete",
    over   = { HCI_Event_LE_Meta = { event = 1 } },
    fields = {
      f.u8("status", { names = status }),
      f.le16("handle"),
      f.u8("role", { names = roles }),
      f.u8("patype", { names = oatypes }),
      f.mac("paddr", { little = true }),
      f.le16("interval", { default = 54 }),
      f.le16("latency"),
      f.le16("supervision", { default = 42 }),
      f.u8("clock_latency", { default = 5, show = "hex" }),
    },
  },
  {
    id     = "HCI_LE_Meta_Connection_Update_Complete",
    title  = "Connection Update Complete",
    over   = { HCI_Event_LE_Meta = { event = 3 } },
    fields = {
      f.u8("status", { names = status }),
      f.le16("handle"),
      f.le16("interval", { default = 54 }),
      f.le16("latency"),
      f.le16("timeout", { default = 42 }),
    },
  },
  {
    id     = "HCI_LE_Meta_Advertising_Report",
    title  = "Advertising Report",
    fallback = "Padding",
    fields = {
      f.u8("type", { names = types_report }),
      f.u8("atype", { names = oatypes }),
      f.mac("addr", { little = true }),
      f.u8("len", { auto = f.size "data" }),
      f.layers("data", { of = "EIR_Hdr", stack = true, size = f.ref "len" }),
      f.s8("rssi"),
    },
  },
  {
    id     = "HCI_LE_Meta_Advertising_Reports",
    title  = "Advertising Reports",
    over   = { HCI_Event_LE_Meta = { event = 2 } },
    fields = {
      f.u8("len", { auto = f.count "reports" }),
      f.layers("reports", { of = "HCI_LE_Meta_Advertising_Report", count = f.ref "len" }),
    },
  },
  {
    id     = "HCI_LE_Meta_Long_Term_Key_Request",
    title  = "Long Term Key Request",
    over   = { HCI_Event_LE_Meta = { event = 5 } },
    fields = {
      f.le16("handle"),
      f.bytes("rand", { default = zeros8, size = 8 }),
      f.le16("ediv", { show = "hex" }),
    },
  },

  -- Extended inquiry response and advertising data, Core Specification volume 3 part C sections 8
  -- and 11; what they hold, Core Specification Supplement part A section 1; their types,
  -- Bluetooth's Assigned Numbers section 2.3.
  {
    id     = "EIR_Element",
    hidden = true,
  },
  {
    id     = "EIR_Hdr",
    title  = "EIR Header",
    extent = f.ref "len" + 1,
    fields = {
      f.u8("len", { auto = f.payload() + 1 }),
      f.u8("type", { names = types_hdr }),
    },
  },
  {
    id     = "EIR_Raw",
    hidden = true,
    over   = { EIR_Hdr = { {}, rank = 2 } },
    fields = {
      f.bytes("data"),
    },
  },
  {
    id     = "EIR_Flags",
    hidden = true,
    over   = { EIR_Hdr = { type = 1 } },
    fields = {
      f.flags("flags", 8, eir_flags, { default = 2 }),
    },
  },
  {
    id     = "EIR_IncompleteList16BitServiceUUIDs",
    base   = "EIR_CompleteList16BitServiceUUIDs",
    hidden = true,
    over   = { EIR_Hdr = { type = 2 } },
    fields = {
      f.list("svc_uuids", f.le16(nil, { show = "hex" })),
    },
  },
  {
    id     = "EIR_CompleteList16BitServiceUUIDs",
    hidden = true,
    over   = { EIR_Hdr = { type = 3 } },
    fields = {
      f.list("svc_uuids", f.le16(nil, { show = "hex" })),
    },
  },
  {
    id     = "EIR_IncompleteList128BitServiceUUIDs",
    base   = "EIR_CompleteList128BitServiceUUIDs",
    hidden = true,
    over   = { EIR_Hdr = { type = 6 } },
    fields = {
      f.list("svc_uuids", f.bytes(nil, { size = 16, show = "uuid", little = true })),
    },
  },
  {
    id     = "EIR_CompleteList128BitServiceUUIDs",
    hidden = true,
    over   = { EIR_Hdr = { type = 7 } },
    fields = {
      f.list("svc_uuids", f.bytes(nil, { size = 16, show = "uuid", little = true })),
    },
  },
  {
    id     = "EIR_ShortenedLocalName",
    base   = "EIR_CompleteLocalName",
    hidden = true,
    over   = { EIR_Hdr = { type = 8 } },
    fields = {
      f.bytes("local_name"),
    },
  },
  {
    id     = "EIR_CompleteLocalName",
    hidden = true,
    over   = { EIR_Hdr = { type = 9 } },
    fields = {
      f.bytes("local_name"),
    },
  },
  {
    id     = "EIR_TX_Power_Level",
    hidden = true,
    over   = { EIR_Hdr = { type = 10 } },
    fields = {
      f.s8("level"),
    },
  },
  {
    id     = "EIR_Device_ID",
    hidden = true,
    over   = { EIR_Hdr = { type = 16 } },
    fields = {
      f.le16("vendor_id_source", { show = "hex" }),
      f.le16("vendor_id", { show = "hex" }),
      f.le16("product_id", { show = "hex" }),
      f.le16("version", { show = "hex" }),
    },
  },
  {
    id     = "EIR_ServiceData16BitUUID",
    hidden = true,
    over   = { EIR_Hdr = { type = 22 } },
    fields = {
      f.le16("svc_uuid", { show = "hex", auto = 0 }),
    },
  },
  {
    id     = "EIR_Manufacturer_Specific_Data",
    hidden = true,
    over   = { EIR_Hdr = { type = 255 } },
    fields = {
      f.le16("company_id", { show = "hex", auto = 0 }),
    },
  },
}
