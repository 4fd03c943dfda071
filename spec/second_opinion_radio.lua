-- What tshark should see in packets of link types other than Ethernet's: Bluetooth, IEEE 802.15.4
-- with Zigbee, IEEE 802.11, and the headers that sniffers put before them.
--
-- Each case has a name, a link type, the protocols that tshark should see, values of some of its
-- fields, and our layers. 'tail' is what the link type has behind them; 'warns' what tshark says of
-- a packet that is as it should be. They are read in this order: data of a connection come behind.

local capture = require "spec.capture"
local luapkt  = require "luapkt"
local support = require "spec.support"

-- https://www.tcpdump.org/linktypes.html
local ETHERNET, WLAN, PRISM, BLUETOOTH, PPI = 1, 105, 119, 201, 192
local WPAN, WPAN_NO_FCS, LE, LE_RADIO = 195, 230, 251, 256

-- A CRC of 'width' bits whose bits come lowest first; 'poly' is mirrored.
local function crc(bytes, poly, start)
  local sum = start
  for i = 1, #bytes do
    sum = sum ~ bytes:byte(i)
    for _ = 1, 8 do sum = sum & 1 == 1 and sum >> 1 ~ poly or sum >> 1 end
  end
  return sum
end

-- IEEE 802.15.4-2006 section 7.2.1.9: x^16 + x^12 + x^5 + 1.
local function wpan_fcs(bytes) return ("<I2"):pack(crc(bytes, 0x8408, 0)) end

-- The pairs of a table in the order of their keys.
local function sorted(map)
  local keys = {}
  for key in pairs(map) do table.insert(keys, key) end
  table.sort(keys)
  local i = 0
  return function()
    i = i + 1
    return keys[i], map[keys[i]]
  end
end

local function packets(text) return support.evaluate(text) end

local cases = {}

local function case(name, link, protocols, values, ...)
  table.insert(cases, {
    name = name, link = link, protocols = protocols, values = values, layers = { ... },
  })
  return cases[#cases]
end

local function bytes_as_shown(bytes) return support.hex(bytes) end

-- ---------------------------------------------------------------------- Bluetooth: the controller

local PEER, OTHER = "01:02:03:04:05:06", "0a:0b:0c:0d:0e:0f"
local KEY, RANDOM = "0123456789abcdef", "12345678"
local zeros = function(n) return { "Raw", { load = ("\0"):rep(n) } } end

local function command(opcode, id, fields, values, ...)
  values["bthci_cmd.opcode"] = ("0x%04x"):format(opcode)
  case(id, BLUETOOTH, "bluetooth:hci_h4:bthci_cmd", values,
    { "HCI_PHDR_Hdr" }, { "HCI_Hdr" }, { "HCI_Command_Hdr" }, { id, fields }, ...)
  return cases[#cases]
end

local function event(code, id, fields, values, ...)
  values["bthci_evt.code"] = ("0x%02x"):format(code)
  case(id, BLUETOOTH, "bluetooth:hci_h4:bthci_evt", values,
    { "HCI_PHDR_Hdr", { direction = 1 } }, { "HCI_Hdr" }, { "HCI_Event_Hdr" }, { id, fields }, ...)
end

command(0x0c03, "HCI_Cmd_Reset", {}, { ["bthci_cmd.param_length"] = "0" })
command(0x0c01, "HCI_Cmd_Set_Event_Mask", {}, { ["bthci_cmd.param_length"] = "8" })
command(0x0c05, "HCI_Cmd_Set_Event_Filter", {}, { ["bthci_cmd.filter_type"] = "0x00" })
command(0x0c16, "HCI_Cmd_Connect_Accept_Timeout", { timeout = 0x102 },
  { ["bthci_cmd.timeout"] = "258" })
command(0x0c6d, "HCI_Cmd_LE_Host_Supported", { simultaneous = 0 }, {
  ["bthci_cmd.le_supported_host"] = "0x01", ["bthci_cmd.le_simultaneous_host"] = "0x00" })
command(0x0c52, "HCI_Cmd_Write_Extended_Inquiry_Response",
  { fec_required = 1, eir_data = packets "{EIR_Hdr{}/EIR_TX_Power_Level{level = -3}}" }, {
    ["bthci_cmd.fec_required"] = "1", ["btcommon.eir_ad.entry.length"] = "2",
    ["btcommon.eir_ad.entry.type"] = "0x0a", ["btcommon.eir_ad.entry.power_level"] = "-3" },
  zeros(237)).protocols = "bluetooth:hci_h4:bthci_cmd:btcommon"
command(0x1009, "HCI_Cmd_Read_BD_Addr", {}, { ["bthci_cmd.param_length"] = "0" })
command(0x0c13, "HCI_Cmd_Write_Local_Name", { name = "me" }, { ["bthci_cmd.device_name"] = "me" })
command(0x0406, "HCI_Cmd_Disconnect", { handle = 0x123 }, {
  ["bthci_cmd.connection_handle"] = "0x0123", ["bthci_cmd.reason"] = "0x13" })
command(0x2002, "HCI_Cmd_LE_Read_Buffer_Size", {}, { ["bthci_cmd.param_length"] = "0" })
command(0x2005, "HCI_Cmd_LE_Set_Random_Address", { address = PEER },
  { ["bthci_cmd.bd_addr"] = PEER })
command(0x2006, "HCI_Cmd_LE_Set_Advertising_Parameters", {
  interval_min = 0x101, interval_max = 0x202, adv_type = "ADV_SCAN_IND", oatype = "random",
  daddr = PEER, channel_map = 3, filter_policy = 2 }, {
    ["bthci_cmd.le_advts_interval_min"] = "257", ["bthci_cmd.le_advts_interval_max"] = "514",
    ["bthci_cmd.le_advts_type"] = "0x02", ["bthci_cmd.le_own_address_type"] = "0x01",
    ["bthci_cmd.le_direct_address_type"] = "0x00", ["bthci_cmd.bd_addr"] = PEER,
    ["bthci_cmd.le_advts_ch_map_2"] = "0x01", ["bthci_cmd.le_advts_ch_map_3"] = "0x00",
    ["bthci_cmd.le_advts_filter_policy"] = "0x02" })
for id, opcode in sorted { HCI_Cmd_LE_Set_Advertising_Data = 0x2008,
                          HCI_Cmd_LE_Set_Scan_Response_Data = 0x2009 } do
  command(opcode, id, { data = "\2\1\6" }, {
    ["bthci_cmd.le_data_length"] = "3", ["btcommon.eir_ad.entry.type"] = "0x01" },
    zeros(28)).protocols = "bluetooth:hci_h4:bthci_cmd:btcommon"
end
command(0x200a, "HCI_Cmd_LE_Set_Advertise_Enable", { enable = 1 },
  { ["bthci_cmd.le_advts_enable"] = "0x01" })
command(0x200b, "HCI_Cmd_LE_Set_Scan_Parameters", {
  interval = 0x102, window = 0x101, atype = 1, policy = "whitelist" }, {
    ["bthci_cmd.le_scan_type"] = "0x01", ["bthci_cmd.le_scan_interval"] = "258",
    ["bthci_cmd.le_scan_window"] = "257", ["bthci_cmd.le_own_address_type"] = "0x01",
    ["bthci_cmd.le_scan_filter_policy"] = "0x01" })
command(0x200c, "HCI_Cmd_LE_Set_Scan_Enable", { filter_dups = 0 }, {
  ["bthci_cmd.le_scan_enable"] = "0x01", ["bthci_cmd.le_filter_duplicates"] = "0x00" })
command(0x200d, "HCI_Cmd_LE_Create_Connection", {
  interval = 0x101, window = 0x100, filter = 1, patype = "random", paddr = PEER,
  min_interval = 0x103, max_interval = 0x104, latency = 0x105, timeout = 0x106, min_ce = 0x107,
  max_ce = 0x108 }, {
    ["bthci_cmd.le_scan_interval"] = "257", ["bthci_cmd.le_scan_window"] = "256",
    ["bthci_cmd.le_initiator_filter_policy"] = "0x01", ["bthci_cmd.bd_addr"] = PEER,
    ["bthci_cmd.le_peer_address_type"] = "0x01", ["bthci_cmd.le_own_address_type"] = "0x00",
    ["bthci_cmd.le_con_interval_min"] = "259", ["bthci_cmd.le_con_interval_max"] = "260",
    ["bthci_cmd.le_con_latency"] = "261", ["bthci_cmd.le_supv_timeout"] = "262",
    ["bthci_cmd.le_min_ce_length"] = "263", ["bthci_cmd.le_max_ce_length"] = "264" })
command(0x200e, "HCI_Cmd_LE_Create_Connection_Cancel", {}, {})
command(0x200f, "HCI_Cmd_LE_Read_White_List_Size", {}, {})
command(0x2010, "HCI_Cmd_LE_Clear_White_List", {}, {})
for id, opcode in sorted { HCI_Cmd_LE_Add_Device_To_White_List = 0x2011,
                          HCI_Cmd_LE_Remove_Device_From_White_List = 0x2012 } do
  command(opcode, id, { atype = "random", address = PEER }, {
    ["bthci_cmd.le_address_type"] = "0x01", ["bthci_cmd.bd_addr"] = PEER })
end
command(0x2013, "HCI_Cmd_LE_Connection_Update", {
  handle = 0x123, min_interval = 0x103, max_interval = 0x104, latency = 0x105, timeout = 0x106,
  min_ce = 0x107, max_ce = 0x108 }, {
    ["bthci_cmd.connection_handle"] = "0x0123", ["bthci_cmd.le_con_interval_min"] = "259",
    ["bthci_cmd.le_con_interval_max"] = "260", ["bthci_cmd.le_con_latency"] = "261",
    ["bthci_cmd.le_supv_timeout"] = "262", ["bthci_cmd.le_min_ce_length"] = "263",
    ["bthci_cmd.le_max_ce_length"] = "264" })
command(0x2016, "HCI_Cmd_LE_Read_Remote_Used_Features", { handle = 0x123 },
  { ["bthci_cmd.connection_handle"] = "0x0123" })
command(0x2019, "HCI_Cmd_LE_Start_Encryption_Request",
  { handle = 0x123, rand = RANDOM, ediv = 0x203, ltk = KEY }, {
    ["bthci_cmd.connection_handle"] = "0x0123",
    ["bthci_cmd.le_random_number"] = bytes_as_shown(RANDOM),
    ["bthci_cmd.le_encrypted_diversifier"] = "0x0203",
    ["bthci_cmd.le_long_term_key"] = bytes_as_shown(KEY) })
command(0x201a, "HCI_Cmd_LE_Long_Term_Key_Request_Reply", { handle = 0x123, ltk = KEY }, {
  ["bthci_cmd.connection_handle"] = "0x0123",
  ["bthci_cmd.le_long_term_key"] = bytes_as_shown(KEY) })
command(0x201b, "HCI_Cmd_LE_Long_Term_Key_Request_Negative_Reply", { handle = 0x123 },
  { ["bthci_cmd.connection_handle"] = "0x0123" })

event(0x3e, "HCI_Event_LE_Meta", {}, {
  ["bthci_evt.le_meta_subevent"] = "0x01", ["bthci_evt.connection_handle"] = "0x0123",
  ["bthci_evt.role"] = "0x00", ["bthci_evt.le_peer_address_type"] = "0x01",
  ["bthci_evt.bd_addr"] = PEER, ["bthci_evt.le_con_interval"] = "259",
  ["bthci_evt.le_con_latency"] = "260", ["bthci_evt.le_supv_timeout"] = "261",
  [capture.either("bthci_evt.le_master_clock_accuracy",
                  "bthci_evt.le_central_clock_accuracy")] = "0x05" },
  { "HCI_LE_Meta_Connection_Complete", {
    handle = 0x123, patype = "random", paddr = PEER, interval = 0x103, latency = 0x104,
    supervision = 0x105 } })
event(0x3e, "HCI_Event_LE_Meta", {}, {
  ["bthci_evt.le_meta_subevent"] = "0x03", ["bthci_evt.connection_handle"] = "0x0123",
  ["bthci_evt.le_con_interval"] = "259", ["bthci_evt.le_con_latency"] = "260",
  ["bthci_evt.le_supv_timeout"] = "261" },
  { "HCI_LE_Meta_Connection_Update_Complete",
    { handle = 0x123, interval = 0x103, latency = 0x104, timeout = 0x105 } })
event(0x3e, "HCI_Event_LE_Meta", {}, {
  ["bthci_evt.le_meta_subevent"] = "0x05", ["bthci_evt.connection_handle"] = "0x0123",
  ["bthci_evt.le_random_number"] = bytes_as_shown(RANDOM),
  ["bthci_evt.le_encrypted_diversifier"] = "0x0203" },
  { "HCI_LE_Meta_Long_Term_Key_Request", { handle = 0x123, rand = RANDOM, ediv = 0x203 } })
event(0x3e, "HCI_Event_LE_Meta", {}, {
  ["bthci_evt.le_meta_subevent"] = "0x02", ["bthci_evt.le_num_reports"] = "2",
  ["bthci_evt.le_advts_event_type"] = "0x00,0x04", ["bthci_evt.le_peer_address_type"] = "0x00,0x01",
  ["bthci_evt.bd_addr"] = PEER .. "," .. OTHER, ["bthci_evt.data_length"] = "0,0",
  ["bthci_evt.rssi"] = "-40,-41" },
  { "HCI_LE_Meta_Advertising_Reports", { reports = packets([[{
    HCI_LE_Meta_Advertising_Report{addr = "]] .. PEER .. [[", rssi = -40},
    HCI_LE_Meta_Advertising_Report{type = "scan_rsp", atype = "random", rssi = -41,
                                   addr = "]] .. OTHER .. [["}}]]) } })
event(0x05, "HCI_Event_Disconnection_Complete", { handle = 0x321, reason = 0x13 }, {
  ["bthci_evt.connection_handle"] = "0x0321", ["bthci_evt.reason"] = "0x13" })
event(0x08, "HCI_Event_Encryption_Change", { handle = 0x123, enabled = 1 }, {
  ["bthci_evt.connection_handle"] = "0x0123", ["bthci_evt.encryption_enable"] = "0x01" })
event(0x0e, "HCI_Event_Command_Complete", { number = 3 }, {
  ["bthci_evt.num_command_packets"] = "3", ["bthci_evt.opcode"] = "0x1009",
  ["bthci_evt.status"] = "0x00", ["bthci_evt.bd_addr"] = PEER },
  { "HCI_Cmd_Complete_Read_BD_Addr", { addr = PEER } })
event(0x0f, "HCI_Event_Command_Status", { status = 0, number = 3, opcode = 0x0406 }, {
  ["bthci_evt.num_command_packets"] = "3", ["bthci_evt.opcode"] = "0x0406" })
event(0x13, "HCI_Event_Number_Of_Completed_Packets", { number = 1 },
  { ["bthci_evt.num_handles"] = "1", ["bthci_evt.connection_handle"] = "0x0123" },
  { "Raw", { load = "\x23\x01\5\0" } })

-- ------------------------------------------------------------------ Bluetooth: logical channels

local function channel(name, protocols, values, ...)
  case(name, BLUETOOTH, "bluetooth:hci_h4:bthci_acl:btl2cap" .. protocols, values,
    { "HCI_PHDR_Hdr" }, { "HCI_Hdr" }, { "HCI_ACL_Hdr", { PB = 2, handle = 0x123 } },
    { "L2CAP_Hdr" }, ...)
  values["bthci_acl.chandle"], values["bthci_acl.pb_flag"] = "0x0123", "2"
end

local function signal(code, id, fields, values)
  values["btl2cap.cmd_code"], values["btl2cap.cmd_ident"] = ("0x%02x"):format(code), "0x05"
  channel(id, "", values, { "L2CAP_CmdHdr", { id = 5 } }, { id, fields })
end

signal(1, "L2CAP_CmdRej", { reason = 0 }, { ["btl2cap.rej_reason"] = "0x0000" })
signal(2, "L2CAP_ConnReq", { psm = "RFCOMM", scid = 0x40 },
  { ["btl2cap.psm"] = "0x0003", ["btl2cap.scid"] = "0x0040" })
signal(3, "L2CAP_ConnResp", { dcid = 0x141, scid = 0x40, result = "pend", status = "author_pend" },
  { ["btl2cap.dcid"] = "0x0141", ["btl2cap.scid"] = "0x0040", ["btl2cap.result"] = "0x0001",
    ["btl2cap.status"] = "0x0002" })
signal(4, "L2CAP_ConfReq", { dcid = 0x141, flags = 1 },
  { ["btl2cap.dcid"] = "0x0141", ["btl2cap.flags.continuation"] = "1" })
signal(5, "L2CAP_ConfResp", { scid = 0x141, flags = 1, result = "reject" },
  { ["btl2cap.scid"] = "0x0141", ["btl2cap.flags.continuation"] = "1",
    ["btl2cap.conf_result"] = "0x0002" })
signal(6, "L2CAP_DisconnReq", { dcid = 0x141, scid = 0x142 },
  { ["btl2cap.dcid"] = "0x0141", ["btl2cap.scid"] = "0x0142" })
signal(7, "L2CAP_DisconnResp", { dcid = 0x141, scid = 0x142 },
  { ["btl2cap.dcid"] = "0x0141", ["btl2cap.scid"] = "0x0142" })
signal(10, "L2CAP_InfoReq", { type = "FEAT_MASK" }, { ["btl2cap.info_type"] = "0x0002" })
signal(11, "L2CAP_InfoResp", { type = 2, data = "\x80\0\0\0" }, { ["btl2cap.info_type"] = "0x0002",
  ["btl2cap.info_result"] = "0x0000", ["btl2cap.info_fixedchan"] = "1" })
signal(18, "L2CAP_Connection_Parameter_Update_Request",
  { min_interval = 6, max_interval = 12, slave_latency = 4, timeout_mult = 0x102 },
  { ["btl2cap.min_interval"] = "6", ["btl2cap.max_interval"] = "12",
    [capture.either("btl2cap.slave_latency", "btl2cap.peripheral_latency")] = "4",
    ["btl2cap.timeout_multiplier"] = "258" })
signal(19, "L2CAP_Connection_Parameter_Update_Response", { move_result = 1 },
  { ["btl2cap.move_result"] = "0x0001" })

-- tshark remembers of which type an attribute is, and what was asked for: responses come first.
local function attribute(opcode, id, fields, values)
  values["btatt.opcode"] = ("0x%02x"):format(opcode)
  channel(id, ":btatt", values, { "ATT_Hdr" }, { id, fields })
end

attribute(0x01, "ATT_Error_Response", { request = 2, handle = 0x102, ecode = 3 }, {
  ["btatt.req_opcode_in_error"] = "0x02", ["btatt.handle"] = "0x0102",
  ["btatt.error_code"] = "0x03" })
attribute(0x02, "ATT_Exchange_MTU_Request", { mtu = 0x102 }, { ["btatt.client_rx_mtu"] = "258" })
attribute(0x03, "ATT_Exchange_MTU_Response", { mtu = 0x102 }, { ["btatt.server_rx_mtu"] = "258" })
attribute(0x04, "ATT_Find_Information_Request", { start = 0x102 }, {
  ["btatt.starting_handle"] = "0x0102", ["btatt.ending_handle"] = "0xffff" })
attribute(0x05, "ATT_Find_Information_Response", { handles = packets [[{
  ATT_Handle{handle = 0x202, value = 0x2800}, ATT_Handle{handle = 0x203, value = 0x2803} }]] }, {
    ["btatt.uuid_format"] = "0x01", ["btatt.handle"] = "0x0202,0x0203",
    ["btatt.uuid16"] = "0x2800,0x2803" })
attribute(0x05, "ATT_Find_Information_Response", { format = 2, handles = packets [[{
  ATT_Handle_UUID128{handle = 0x302, value = "00112233-4455-6677-8899-aabbccddeeff"}}]] }, {
    ["btatt.uuid_format"] = "0x02", ["btatt.handle"] = "0x0302",
    ["btatt.uuid128"] = "ffeeddccbbaa99887766554433221100" })
attribute(0x06, "ATT_Find_By_Type_Value_Request", { uuid = 0x2800, data = "ab" }, {
  ["btatt.starting_handle"] = "0x0001", ["btatt.ending_handle"] = "0xffff",
  ["btatt.uuid16"] = "0x2800", ["btatt.value"] = "6162" })
attribute(0x07, "ATT_Find_By_Type_Value_Response",
  { handles = packets "{ATT_Handle{handle = 0x102, value = 0x304}}" }, {
    ["btatt.handle"] = "0x0102", ["btatt.group_end_handle"] = "0x0304" })
attribute(0x09, "ATT_Read_By_Type_Response", { handles = packets [[{
  ATT_Handle_Variable{handle = 0x102, value = "abc"},
  ATT_Handle_Variable{handle = 0x103, value = "def"} }]] }, {
    ["btatt.length"] = "5", ["btatt.handle"] = "0x0102,0x0103",
    ["btatt.value"] = "616263,646566" })
attribute(0x08, "ATT_Read_By_Type_Request_128bit", { uuid1 = 0x1716151413121110,
                                                     uuid2 = 0x1f1e1d1c1b1a1918 }, {
  ["btatt.starting_handle"] = "0x0001", ["btatt.ending_handle"] = "0xffff",
  ["btatt.uuid128"] = "101112131415161718191a1b1c1d1e1f" })
attribute(0x08, "ATT_Read_By_Type_Request", { uuid = 0x2803 }, { ["btatt.uuid16"] = "0x2803" })
attribute(0x0a, "ATT_Read_Request", { gatt_handle = 0x102 }, { ["btatt.handle"] = "0x0102" })
attribute(0x0b, "ATT_Read_Response", { value = "ab" }, { ["btatt.value"] = "6162" })
attribute(0x0c, "ATT_Read_Blob_Request", { gatt_handle = 0x102, offset = 0x304 },
  { ["btatt.handle"] = "0x0102", ["btatt.offset"] = "772" })
attribute(0x0d, "ATT_Read_Blob_Response", { value = "ab" }, { ["btatt.value"] = "6162" })
attribute(0x0e, "ATT_Read_Multiple_Request", { handles = { 0x102, 0x304 } },
  { ["btatt.handle"] = "0x0102,0x0304" })
attribute(0x0f, "ATT_Read_Multiple_Response", { values = "ab" }, { ["btatt.value"] = "6162" })
attribute(0x11, "ATT_Read_By_Group_Type_Response", { length = 6, data = "\1\0\5\0ab" }, {
  ["btatt.length"] = "6", ["btatt.handle"] = "0x0001", ["btatt.group_end_handle"] = "0x0005",
  ["btatt.value"] = "6162" })
attribute(0x10, "ATT_Read_By_Group_Type_Request", { start = 0x102, uuid = 0x2800 }, {
  ["btatt.starting_handle"] = "0x0102", ["btatt.ending_handle"] = "0xffff",
  ["btatt.uuid16"] = "0x2800" })
for id, opcode in sorted { ATT_Write_Request = 0x12, ATT_Write_Command = 0x52 } do
  attribute(opcode, id, { gatt_handle = 0x102, data = "x" },
    { ["btatt.handle"] = "0x0102", ["btatt.value"] = "78" })
end
attribute(0x13, "ATT_Write_Response", {}, {})
for id, opcode in sorted { ATT_Prepare_Write_Request = 0x16, ATT_Prepare_Write_Response = 0x17 } do
  attribute(opcode, id, { gatt_handle = 0x102, offset = 0x304, data = "x" },
    { ["btatt.handle"] = "0x0102", ["btatt.offset"] = "772", ["btatt.value"] = "78" })
end
attribute(0x18, "ATT_Execute_Write_Request", {}, { ["btatt.flags"] = "0x01" })
attribute(0x19, "ATT_Execute_Write_Response", {}, {})
for id, opcode in sorted { ATT_Handle_Value_Notification = 0x1b,
                          ATT_Handle_Value_Indication = 0x1d } do
  attribute(opcode, id, { gatt_handle = 0x102, value = "x" },
    { ["btatt.handle"] = "0x0102", ["btatt.value"] = "78" })
end

local function secure(opcode, id, fields, values)
  values["btsmp.opcode"] = ("0x%02x"):format(opcode)
  channel(id, ":btsmp", values, { "SM_Hdr" }, { id, fields })
end

for id, opcode in sorted { SM_Pairing_Request = 1, SM_Pairing_Response = 2 } do
  secure(opcode, id, { iocap = "DisplayYesNo", oob = 1, authentication = 5, max_key_size = 7,
                       initiator_key_distribution = 1, responder_key_distribution = 2 }, {
    ["btsmp.io_capability"] = "0x01", ["btsmp.oob_data_flags"] = "0x01",
    ["btsmp.authreq"] = "0x05", ["btsmp.max_enc_key_size"] = "7",
    ["btsmp.initiator_key_distribution"] = "0x01", ["btsmp.responder_key_distribution"] = "0x02" })
end
secure(3, "SM_Confirm", { confirm = KEY }, { ["btsmp.cfm_value"] = bytes_as_shown(KEY) })
secure(4, "SM_Random", { random = KEY }, { ["btsmp.random_value"] = bytes_as_shown(KEY) })
secure(5, "SM_Failed", { reason = 3 }, { ["btsmp.reason"] = "0x03" })
secure(6, "SM_Encryption_Information", { ltk = KEY },
  { ["btsmp.long_term_key"] = bytes_as_shown(KEY) })
secure(7, "SM_Master_Identification", { ediv = 0x102, rand = RANDOM },
  { ["btsmp.ediv"] = "0x0102", ["btsmp.random_value"] = bytes_as_shown(RANDOM) })
secure(8, "SM_Identity_Information", { irk = KEY },
  { ["btsmp.id_resolving_key"] = bytes_as_shown(KEY) })
secure(9, "SM_Identity_Address_Information", { address = PEER },
  { ["btsmp.address_type"] = "0x00", ["btsmp.bd_addr"] = PEER })
secure(10, "SM_Signing_Information", { csrk = KEY },
  { ["btsmp.signature_key"] = bytes_as_shown(KEY) })

-- --------------------------------------------------------------------- Bluetooth: on the air

-- tshark has no words for fields whose flag isn't set, and wants the radio's channel, of which 0 is
-- one for advertising.
local function advertise(pdu, header, id, fields, values)
  values["btle.advertising_header.pdu_type"] = ("0x%02x"):format(pdu)
  values["btle.access_address"] = "0x8e89bed6"
  case(id, LE_RADIO, "bluetooth:btle_rf:btle" .. (fields.data and ":btcommon" or ""), values,
    { "BTLE_RF", { signal = -40, flags = "dewhitened+sig_power_valid" } }, { "BTLE" },
    { "BTLE_ADV", header }, { id, fields })
end

advertise(0, { TxAdd = "random" }, "BTLE_ADV_IND", { AdvA = PEER, data = packets [[{
  EIR_Hdr{}/EIR_Flags{flags = "general_disc_mode+br_edr_not_supported"},
  EIR_Hdr{}/EIR_ShortenedLocalName{local_name = "m"},
  EIR_Hdr{}/EIR_CompleteLocalName{local_name = "me"},
  EIR_Hdr{}/EIR_Manufacturer_Specific_Data{company_id = 0x102} }]] }, {
    ["btle.advertising_header.randomized_tx"] = "1", ["btle.advertising_address"] = PEER,
    ["btle.advertising_header.length"] = "20", ["btle_rf.signal_dbm"] = "-40",
    ["btcommon.eir_ad.entry.type"] = "0x01,0x08,0x09,0xff",
    ["btcommon.eir_ad.entry.flags.le_limited_discoverable_mode"] = "0x00",
    ["btcommon.eir_ad.entry.flags.le_general_discoverable_mode"] = "0x01",
    ["btcommon.eir_ad.entry.flags.bredr_not_supported"] = "0x01",
    ["btcommon.eir_ad.entry.flags.le_bredr_support_controller"] = "0x00",
    ["btcommon.eir_ad.entry.device_name"] = "m,me",
    ["btcommon.eir_ad.entry.company_id"] = "0x0102" })
advertise(1, { RxAdd = "random" }, "BTLE_ADV_DIRECT_IND", { AdvA = PEER, InitA = OTHER }, {
  ["btle.advertising_header.randomized_rx"] = "1", ["btle.advertising_address"] = PEER,
  ["btle.target_address"] = OTHER })
advertise(2, {}, "BTLE_ADV_NONCONN_IND", { AdvA = PEER, data = packets [[{
  EIR_Hdr{}/EIR_IncompleteList16BitServiceUUIDs{svc_uuids = {0x1801}},
  EIR_Hdr{}/EIR_CompleteList16BitServiceUUIDs{svc_uuids = {0x180f, 0x180a}},
  EIR_Hdr{}/EIR_TX_Power_Level{level = -3},
  EIR_Hdr{}/EIR_ServiceData16BitUUID{svc_uuid = 0x180d}/Raw{load = "x"} }]] }, {
    ["btle.advertising_address"] = PEER, ["btcommon.eir_ad.entry.type"] = "0x02,0x03,0x0a,0x16",
    ["btcommon.eir_ad.entry.uuid_16"] = "0x1801,0x180f,0x180a,0x180d",
    ["btcommon.eir_ad.entry.power_level"] = "-3",
    ["btcommon.eir_ad.entry.service_data"] = "78" })
advertise(6, {}, "BTLE_ADV_SCAN_IND", { AdvA = PEER, data = packets [[{
  EIR_Hdr{}/EIR_IncompleteList128BitServiceUUIDs{svc_uuids =
    {"00112233-4455-6677-8899-aabbccddeeff"}} }]] }, {
    ["btle.advertising_address"] = PEER, ["btcommon.eir_ad.entry.type"] = "0x06",
    ["btcommon.eir_ad.entry.custom_uuid_128"] = "00112233445566778899aabbccddeeff" })
advertise(3, {}, "BTLE_SCAN_REQ", { AdvA = PEER, ScanA = OTHER }, {
  ["btle.advertising_address"] = PEER, ["btle.scanning_address"] = OTHER })
advertise(4, {}, "BTLE_SCAN_RSP", { AdvA = PEER, data = packets [[{
  EIR_Hdr{}/EIR_CompleteList128BitServiceUUIDs{},
  EIR_Hdr{}/EIR_Device_ID{vendor_id_source = 2, vendor_id = 0x304, product_id = 0x506,
                          version = 0x708} }]] }, {
    ["btle.advertising_address"] = PEER, ["btcommon.eir_ad.entry.type"] = "0x07,0x10",
    ["btcommon.eir_ad.entry.did.vendor_id_source"] = "0x0002",
    ["btcommon.eir_ad.entry.did.vendor_id"] = "0x0304",
    ["btcommon.eir_ad.entry.did.product_id"] = "0x0506",
    ["btcommon.eir_ad.entry.did.version"] = "0x0708" })
advertise(5, {}, "BTLE_CONNECT_REQ", {
  InitA = PEER, AdvA = OTHER, AA = 0x11223344, crc_init = 0x555555, win_size = 3,
  win_offset = 0x102, interval = 0x203, latency = 0x304, timeout = 0x405, chM = 0xffffffff1f,
  SCA = 1, hop = 9 }, {
    ["btle.initiator_address"] = PEER, ["btle.advertising_address"] = OTHER,
    ["btle.link_layer_data.access_address"] = "0x11223344",
    ["btle.link_layer_data.crc_init"] = "0x555555", ["btle.link_layer_data.window_size"] = "3",
    ["btle.link_layer_data.window_offset"] = "258", ["btle.link_layer_data.interval"] = "515",
    ["btle.link_layer_data.latency"] = "772", ["btle.link_layer_data.timeout"] = "1029",
    ["btle.link_layer_data.hop"] = "9", ["btle.link_layer_data.sleep_clock_accuracy"] = "1" })
cases[#cases].protocols = "bluetooth:btle_rf:btle:btcommon" -- where tshark has the channel map

-- Each bit of the radio's flags by its name.
for name, field in sorted {
  dewhitened = "dewhitened", sig_power_valid = "signal_dbm_valid",
  noise_power_valid = "noise_dbm_valid", decrypted = "decrypted",
  reference_access_address_valid = "reference_access_address_valid",
  access_address_offenses_valid = "access_address_offenses_valid",
  channel_aliased = "channel_aliased", crc_checked = "crc_checked", crc_valid = "crc_valid",
  mic_checked = "mic_checked", mic_valid = "mic_valid",
} do
  case("the radio's flag " .. name, LE_RADIO, "bluetooth:btle_rf:btle",
    { ["btle_rf.flags." .. field] = "1" }, { "BTLE_RF", { flags = name } }, { "BTLE" },
    { "BTLE_ADV" }, { "BTLE_SCAN_REQ" })
  if name == "crc_checked" then cases[#cases].warns = "Incorrect CRC" end -- none said it is right
end

local measured = case("what the radio measured", LE_RADIO, "bluetooth:btle_rf:btle", {
  ["btle_rf.channel"] = "39", ["btle_rf.signal_dbm"] = "-40", ["btle_rf.noise_dbm"] = "-90",
  ["btle_rf.access_address_offenses"] = "2",
  ["btle_rf.reference_access_address"] = "0x01020304" },
  { "BTLE_RF", { rf_channel = 39, signal = -40, noise = -90, access_address_offenses = 2,
                 reference_access_address = 0x01020304, flags = 0x37 } },
  { "BTLE" }, { "BTLE_ADV" }, { "BTLE_SCAN_REQ" })
measured.warns = "AccessAddress has errors present at capture"

local function on_data_channel(name, protocols, values, ...)
  values["btle.access_address"] = "0x11223344"
  case(name, LE_RADIO, "bluetooth:btle_rf:btle" .. protocols, values,
    { "BTLE_RF", { rf_channel = 3, flags = 1 } }, { "BTLE", { access_addr = 0x11223344 } }, ...
    )
end

on_data_channel("data of a logical channel", ":btl2cap:btatt", {
  ["btle.data_header.llid"] = "0x02", ["btle.data_header.more_data"] = "1",
  ["btle.data_header.next_expected_sequence_number"] = "1",
  ["btle.data_header.sequence_number"] = "0", ["btle.data_header.length"] = "7",
  ["btatt.client_rx_mtu"] = "258" },
  { "BTLE_DATA", { MD = 1, NESN = 1 } }, { "L2CAP_Hdr" }, { "ATT_Hdr" },
  { "ATT_Exchange_MTU_Request", { mtu = 0x102 } })
on_data_channel("a control PDU", "", {
  ["btle.data_header.llid"] = "0x03", ["btle.data_header.sequence_number"] = "1",
  ["btle.control_opcode"] = "0x0c", ["btle.control.version_number"] = "0x07",
  ["btle.control.company_id"] = "0x000f" },
  { "BTLE_DATA", { SN = 1 } }, { "CtrlPDU", { optcode = 0x0c, version = "4.1", Company = 15 } })

case("advertising without the radio's word", LE, "bluetooth:btle",
  { ["btle.advertising_address"] = PEER },
  { "BTLE" }, { "BTLE_ADV" }, { "BTLE_SCAN_REQ", { AdvA = PEER } })

-- ------------------------------------------------------------------------------- IEEE 802.15.4

local function wpan(name, values, ...)
  case(name, WPAN_NO_FCS, "wpan", values, ...)
  return cases[#cases]
end

wpan("an acknowledgment", {
  ["wpan.frame_type"] = "0x0002", ["wpan.dst_addr_mode"] = "0x0000",
  ["wpan.src_addr_mode"] = "0x0000", ["wpan.pending"] = "1", ["wpan.seq_no"] = "7" },
  { "Dot15d4", { fcf_pending = true, seqnum = 7 } }, { "Dot15d4Ack" })
wpan("data between short addresses", {
  ["wpan.frame_type"] = "0x0001", ["wpan.ack_request"] = "1", ["wpan.pan_id_compression"] = "0",
  ["wpan.dst_pan"] = "0x0102", ["wpan.dst16"] = "0x0304", ["wpan.src_pan"] = "0x0506",
  ["wpan.src16"] = "0x0708" },
  { "Dot15d4", { fcf_srcaddrmode = "Short", fcf_ackreq = true } },
  { "Dot15d4Data", { dest_panid = 0x102, dest_addr = 0x304, src_panid = 0x506,
                     src_addr = 0x708 } })
wpan("data between long addresses in one PAN", {
  ["wpan.pan_id_compression"] = "1", ["wpan.dst_pan"] = "0x0102", ["wpan.src_pan"] = "",
  ["wpan.dst64"] = "01:02:03:04:05:06:07:08", ["wpan.src64"] = "11:12:13:14:15:16:17:18" },
  { "Dot15d4", { fcf_srcaddrmode = "Long", fcf_destaddrmode = "Long", fcf_panidcompress = true } },
  { "Dot15d4Data", { dest_panid = 0x102, dest_addr = 0x0102030405060708,
                     src_addr = 0x1112131415161718 } })
wpan("data to the coordinator", {
  ["wpan.dst_addr_mode"] = "0x0000", ["wpan.dst_pan"] = "", ["wpan.src_pan"] = "0x0506",
  ["wpan.src16"] = "0x0708" },
  { "Dot15d4", { fcf_srcaddrmode = "Short", fcf_destaddrmode = "None" } },
  { "Dot15d4Data", { src_panid = 0x506, src_addr = 0x708 } })
wpan("a beacon", {
  ["wpan.frame_type"] = "0x0000", ["wpan.src_pan"] = "0x0102", ["wpan.src16"] = "0x0304",
  ["wpan.beacon_order"] = "5", ["wpan.superframe_order"] = "3", ["wpan.cap"] = "9",
  ["wpan.battery_ext"] = "1", ["wpan.bcn_coord"] = "0", ["wpan.assoc_permit"] = "1",
  ["wpan.gts.count"] = "0", ["wpan.gts.permit"] = "0" },
  { "Dot15d4" }, { "Dot15d4Beacon", {
    src_panid = 0x102, src_addr = 0x304, sf_sforder = 3, sf_beaconorder = 5,
    sf_assocpermit = true, sf_battlifeextend = true, sf_finalcapslot = 9,
    gts_spec_permit = false } })

local function wpan_command(number, modes, id, fields, values)
  values["wpan.frame_type"], values["wpan.cmd"] = "0x0003", ("0x%02x"):format(number)
  wpan(id, values, { "Dot15d4", modes }, { "Dot15d4Cmd" }, { id, fields })
end

local both_long = { fcf_srcaddrmode = "Long", fcf_destaddrmode = "Long" }

wpan_command(1, { fcf_srcaddrmode = "Long" }, "Dot15d4CmdAssocReq",
  { allocate_address = 1, device_type = 1, power_source = 1 }, {
    ["wpan.cinfo.alt_coord"] = "0", ["wpan.cinfo.device_type"] = "1",
    ["wpan.cinfo.power_src"] = "1", ["wpan.cinfo.idle_rx"] = "0",
    ["wpan.cinfo.sec_capable"] = "0", ["wpan.cinfo.alloc_addr"] = "1" })
wpan_command(1, { fcf_srcaddrmode = "Long" }, "Dot15d4CmdAssocReq",
  { alternate_pan_coordinator = 1, receiver_on_when_idle = 1, security_capability = 1 }, {
    ["wpan.cinfo.alt_coord"] = "1", ["wpan.cinfo.device_type"] = "0",
    ["wpan.cinfo.power_src"] = "0", ["wpan.cinfo.idle_rx"] = "1",
    ["wpan.cinfo.sec_capable"] = "1", ["wpan.cinfo.alloc_addr"] = "0" })
wpan_command(2, both_long, "Dot15d4CmdAssocResp",
  { short_address = 0x102, association_status = "PAN_at_capacity" },
  { ["wpan.asoc.addr"] = "0x0102", ["wpan.assoc.status"] = "0x01" })
wpan_command(3, both_long, "Dot15d4CmdDisassociation",
  { disassociation_reason = "coord_wishes_device_to_leave" },
  { ["wpan.disassoc.reason"] = "0x01" })
wpan_command(9, { fcf_srcaddrmode = "Short", fcf_destaddrmode = "None" }, "Dot15d4CmdGTSReq",
  { charact_type = 1, gts_len = 5 }, { ["wpan.gtsreq.length"] = "5",
    ["wpan.gtsreq.direction"] = "0", ["wpan.gtsreq.type"] = "1" })
wpan("Dot15d4CmdCoordRealign", {
  ["wpan.cmd"] = "0x08", ["wpan.realign.pan"] = "0x0102",
  ["wpan.realign.addr"] = capture.either("0x0304,0x0607", "0x0607"),
  ["wpan.realign.caddr"] = capture.either(nil, "0x0304"), ["wpan.realign.channel"] = "5" },
  { "Dot15d4", { fcf_srcaddrmode = "Long", fcf_destaddrmode = "Long", fcf_framever = 1 } },
  { "Dot15d4Cmd" }, { "Dot15d4CmdCoordRealign", {
    panid = 0x102, coord_address = 0x304, channel = 5, dev_address = 0x607 } })

for mode, source in sorted { [1] = "", [2] = "0x0000000008070605", [3] = "0x0807060504030201" } do
  local secured = wpan("a secured frame with key mode " .. mode, {
    ["wpan.security"] = "1", ["wpan.aux_sec.sec_level"] = "0x05",
    ["wpan.aux_sec.key_id_mode"] = ("0x%02x"):format(mode),
    ["wpan.aux_sec.frame_counter"] = "16909060", ["wpan.aux_sec.key_source"] = source,
    ["wpan.aux_sec.key_index"] = "0x09", ["wpan.mic"] = "65666768" },
    { "Dot15d4", { fcf_security = true, fcf_framever = 1, fcf_srcaddrmode = "Short" } },
    { "Dot15d4Data", { aux_sec_header = { id = "Dot15d4AuxSecurityHeader", fields = {
      sec_sc_seclevel = "ENC-MIC-32", sec_sc_keyidmode = mode, sec_framecounter = 0x1020304,
      sec_keyid_keysource = mode == 2 and 0x05060708 or 0x0102030405060708,
      sec_keyid_keyindex = 9 } } } },
    { "Raw", { load = "abcdefgh" } })
  if mode == 1 then secured.layers[2][2].aux_sec_header.fields.sec_keyid_keysource = nil end
  secured.protocols, secured.warns = "wpan:data", "No encryption key set - can't decrypt"
end

local with_fcs = case("a frame with its check sequence", WPAN, "wpan",
  { ["wpan.fcs_ok"] = "1", ["wpan.dst16"] = "0x0304" },
  { "Dot15d4" }, { "Dot15d4Data", { dest_addr = 0x304 } })
with_fcs.tail = wpan_fcs

-- ------------------------------------------------------------------------------------- Zigbee

local function zigbee(name, protocols, values, ...)
  return case(name, WPAN_NO_FCS, "wpan" .. protocols, values,
    { "Dot15d4", { fcf_srcaddrmode = "Short", fcf_panidcompress = true } },
    { "Dot15d4Data", { dest_panid = 0x102, dest_addr = 0, src_addr = 1 } }, ...)
end

local function application(fields)
  fields.counter = 9
  return { "ZigbeeAppDataPayload", fields }
end

local network = { "ZigbeeNWK", { destination = 0x102, source = 0x304 } }

zigbee("attributes that are asked for", ":zbee_nwk:zbee_aps:zbee_zcl", {
  ["zbee_nwk.frame_type"] = "0x0000", ["zbee_nwk.proto_version"] = "2",
  ["zbee_nwk.discovery"] = "0x0001", ["zbee_nwk.dst"] = "0x0102", ["zbee_nwk.src"] = "0x0304",
  ["zbee_nwk.radius"] = "30", ["zbee_nwk.seqno"] = "5", ["zbee_aps.ack_req"] = "1",
  ["zbee_aps.security"] = "0", ["zbee_aps.dst"] = "1", ["zbee_aps.src"] = "2",
  ["zbee_aps.cluster"] = "0x0006", ["zbee_aps.profile"] = "0x0104", ["zbee_aps.counter"] = "9",
  ["zbee_zcl.type"] = "0x00", ["zbee_zcl.ms"] = "0", ["zbee_zcl.dir"] = "1",
  ["zbee_zcl.ddr"] = "1", ["zbee_zcl.cmd.tsn"] = "7", ["zbee_zcl.cmd.id"] = "0x00" },
  { "ZigbeeNWK", { destination = 0x102, source = 0x304, radius = 30, seqnum = 5,
                   discover_route = 1 } },
  application { frame_control = "ack_req", dst_endpoint = 1, src_endpoint = 2,
                cluster = "on_off", profile = "HA_Home_Automation" },
  { "ZigbeeClusterLibrary", { disable_default_response = 1, direction = 1,
                              transaction_sequence = 7, command_identifier = "read_attributes" } },
  { "Raw", { load = "\0\0" } })
zigbee("a source route, and addresses of 64 bits", ":zbee_nwk:zbee_aps:zbee_zcl", {
  ["zbee_nwk.src_route"] = "1", ["zbee_nwk.ext_dst"] = "1", ["zbee_nwk.ext_src"] = "1",
  ["zbee_nwk.multicast"] = "0", ["zbee_nwk.security"] = "0",
  ["zbee_nwk.dst64"] = "01:02:03:04:05:06:07:08", ["zbee_nwk.src64"] = "11:12:13:14:15:16:17:18",
  ["zbee_nwk.relay.count"] = "2", ["zbee_nwk.relay.index"] = "1",
  ["zbee_nwk.relay"] = "1286,1800", ["zbee_aps.delivery"] = "0x02", ["zbee_zcl.ms"] = "1",
  ["zbee_zcl.type"] = "0x01", ["zbee_zcl.cmd.mc"] = "0x0102" },
  { "ZigbeeNWK", { destination = 0x102, source = 0x304,
                   flags = "source_route+extended_dst+extended_src",
                   ext_dst = 0x0102030405060708, ext_src = 0x1112131415161718,
                   relay_index = 1, relay_count = 2, relays = { 0x506, 0x708 } } },
  application { frame_control = 0, delivery_mode = "broadcast", cluster = 6, profile = 0x104 },
  { "ZigbeeClusterLibrary", { manufacturer_specific = 1, manufacturer_code = 0x102,
                              zcl_frametype = "cluster-specific" } })
zigbee("a secured frame", ":zbee_nwk:data", {
  ["zbee_nwk.security"] = "1", ["zbee.sec.key_id"] = "0x01", ["zbee.sec.ext_nonce"] = "1",
  ["zbee.sec.counter"] = "16909060", ["zbee.sec.src64"] = "11:12:13:14:15:16:17:18",
  ["zbee.sec.key_seqno"] = "3", ["zbee.sec.mic"] = "7778797a", ["data.data"] = "61626364" },
  { "ZigbeeNWK", { destination = 0x102, source = 0x304 } },
  { "ZigbeeSecurityHeader", { nwk_seclevel = "ENC-MIC-32", fc = 0x1020304,
                              source = 0x1112131415161718, key_seqnum = 3, data = "abcd",
                              mic = "wxyz" } }).warns = "Encrypted Payload"
zigbee("a fragment", ":zbee_nwk:zbee_aps:data", {
  ["zbee_aps.ext_header"] = "1", ["zbee_aps.fragmentation"] = "0x01", ["zbee_aps.block"] = "3" },
  network, application { frame_control = "extended_hdr", fragmentation = "first_block",
                         block_number = 3 }, { "Raw", { load = "abc" } })
zigbee("an acknowledgment of data", ":zbee_nwk:zbee_aps", {
  ["zbee_aps.type"] = "0x02", ["zbee_aps.ack_format"] = "0", ["zbee_aps.dst"] = "10",
  ["zbee_aps.cluster"] = "0x0006", ["zbee_aps.src"] = "10", ["zbee_aps.counter"] = "9" },
  network, application { frame_control = 0, aps_frametype = "ack", cluster = 6, profile = 0x104 })
zigbee("an acknowledgment of a command", ":zbee_nwk:zbee_aps", {
  ["zbee_aps.type"] = "0x02", ["zbee_aps.ack_format"] = "1", ["zbee_aps.dst"] = "",
  ["zbee_aps.counter"] = "9" },
  network, application { frame_control = "ack_format", aps_frametype = "ack" })
zigbee("a link's status", ":zbee_nwk", {
  ["zbee_nwk.frame_type"] = "0x0001", ["zbee_nwk.cmd.link.address"] = "0x0102",
  ["zbee_nwk.cmd.link.incoming_cost"] = "5", ["zbee_nwk.cmd.link.outgoing_cost"] = "3" },
  { "ZigbeeNWK", { destination = 0xfffc, source = 0x304, frametype = "command" } },
  { "Raw", { load = "\8\x61" } }, -- the command, and that there is one entry, first and last
  { "LinkStatusEntry", { neighbor_network_address = 0x102, outgoing_cost = 3,
                         incoming_cost = 5 } })

local function smart_energy(cluster, number, id, fields, values, dissector)
  zigbee(id, ":zbee_nwk:zbee_aps:zbee_zcl:zbee_zcl_se." .. dissector, values, network,
    application { frame_control = 0, cluster = cluster, profile = "SE_Smart_Energy_Profile" },
    { "ZigbeeClusterLibrary", { zcl_frametype = "cluster-specific",
                                command_identifier = number } },
    { id, fields })
end

smart_energy("metering", 0, "ZCLMeteringGetProfile",
  { Interval_Channel = 1, End_Time = 86400, NumberOfPeriods = 5 }, {
    ["zbee_zcl_se.met.get_profile.interval_channel"] = "1",
    ["zbee_zcl_se.met.get_profile.end_time"] = "Jan  2, 2000 00:00:00.000000000 UTC",
    ["zbee_zcl_se.met.get_profile.number_of_periods"] = "5" }, "met")
smart_energy("price", 0, "ZCLPriceGetCurrentPrice", { Requestor_Rx_On_When_Idle = 1 },
  { ["zbee_zcl_se.price.command_options"] = "0x01" }, "price")
smart_energy("price", 1, "ZCLPriceGetScheduledPrices",
  { start_time = 86400, number_of_events = 5 }, {
    ["zbee_zcl_se.price.start_time"] =
      capture.either("Jan  2, 2000 00:00:00.000000000 UTC", "86400"),
    ["zbee_zcl_se.price.number_of_events"] = "5" }, "price")

local function inter_pan(name, values, ...)
  return case(name, WPAN_NO_FCS, "wpan:zbee_nwk:zbee_aps:zbee_zcl", values,
    { "Dot15d4", { fcf_srcaddrmode = "Long" } },
    { "Dot15d4Data", { dest_panid = 0x102, src_panid = 0x304, src_addr = 5 } },
    { "ZigbeeNWKStub" }, ...)
end

inter_pan("data of another PAN", {
  ["zbee_nwk.frame_type"] = "0x0003", ["zbee_aps.type"] = "0x03", ["zbee_aps.delivery"] = "0x02",
  ["zbee_aps.cluster"] = "0x0b05", ["zbee_aps.profile"] = "0x0109", ["zbee_zcl.cmd.tsn"] = "7" },
  { "ZigbeeAppDataPayloadStub", { delivery_mode = "broadcast", cluster = 0xb05,
                                  profile = "SE_Smart_Energy_Profile", data = "\0\7\0\0\0" } })
inter_pan("data of another PAN for a group", {
  ["zbee_aps.delivery"] = "0x03", ["zbee_aps.group"] = "0x0506", ["zbee_aps.cluster"] = "0x0b05",
  ["zbee_aps.security"] = "0", ["zbee_aps.ack_req"] = "1" },
  { "ZigbeeAppDataPayloadStub", { delivery_mode = "group_addressing", group_addr = 0x506,
                                  frame_control = "ack_req", cluster = 0xb05, profile = 0x109,
                                  data = "\0\7\0\0\0" } })

-- --------------------------------------------------------- encapsulation: ZEP, PPI and Prism

local ethernet = { { "Ether" }, { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }, { "UDP" } }

-- A frame and its check sequence behind one of the two headers.
local function encapsulated(name, values, id, fields)
  local mac, body = { "Dot15d4" }, { "Dot15d4Data", { dest_addr = 0x304 } }
  local fcs = wpan_fcs(luapkt.build { mac, body })
  fields.channel, fields.device, fields.lqi_mode, fields.lqi_val = 11, 0x102, 1, 200
  values["udp.dstport"], values["wpan.dst16"], values["wpan.fcs_ok"] = "17754", "0x0304", "1"
  values["zep.channel_id"], values["zep.device_id"], values["zep.length"] = "11", "258", "9"
  case(name, ETHERNET, "eth:ethertype:ip:udp:zep:wpan", values, ethernet[1], ethernet[2],
    ethernet[3], { id, fields }, mac, body, { "Raw", { load = fcs } })
end

encapsulated("ZEP, version 1", { ["zep.version"] = "1", ["zep.lqi_mode"] = "1" }, "ZEP1",
  { ver = 1, len = 9 })
encapsulated("ZEP, version 2", {
  ["zep.version"] = "2", ["zep.type"] = "1", ["zep.lqi_mode"] = "1", ["zep.seqno"] = "5",
  ["zep.time"] = "Jan  1, 2020 00:00:00.000000000 UTC" }, "ZEP2",
  { ver = 2, type = 1, seq = 5, timestamp = 3786825600, length = 9 })

local ppi = "ppi:pcap_pktdata"

case("PPI before Bluetooth", PPI, ppi .. ":bluetooth:btle",
  { ["ppi.length"] = "24", ["ppi.dlt"] = "251", ["btle.advertising_address"] = PEER },
  { "PPI", { dlt = 251, headers = packets "{PPI_Hdr{}/BTLE_PPI{btle_channel = 37}}" } },
  { "BTLE" }, { "BTLE_ADV" }, { "BTLE_SCAN_REQ", { AdvA = PEER } })
case("PPI before IEEE 802.15.4", PPI, ppi .. ":wpan",
  { ["ppi.version"] = "0", ["ppi.length"] = "8", ["ppi.dlt"] = "230", ["wpan.dst16"] = "0x0304" },
  { "PPI" }, { "Dot15d4" }, { "Dot15d4Data", { dest_addr = 0x304 } })

local STATION = "02:00:00:00:00:01"

case("PPI before IEEE 802.11", PPI, "ppi:wlan_radio:wlan",
  { ["ppi.dlt"] = "105", ["wlan.ra"] = STATION },
  { "PPI" }, { "Dot11", { addr1 = STATION } }, { "Dot11Ack" })
case("Prism before IEEE 802.11", PRISM, "prism:wlan_radio:wlan", {
  ["prism.msgcode"] = "0x00000044", ["prism.msglen"] = "144", ["prism.devname"] = "wlan0",
  ["prism.did.channel"] = "11", ["prism.did.signal"] = "-40", ["prism.did.rate"] = "12",
  ["wlan.ra"] = STATION },
  { "PrismHeader", {
    dev = "wlan0", hosttime_did = 0x10044, hosttime_len = 4, mactime_did = 0x20044,
    mactime_len = 4, channel_did = 0x30044, channel_len = 4, channel = 11, rssi_did = 0x40044,
    rssi_len = 4, sq_did = 0x50044, sq_len = 4, signal_did = 0x60044, signal_len = 4, signal = -40,
    noise_did = 0x70044, noise_len = 4, rate_did = 0x80044, rate_len = 4, rate = 12,
    istx_did = 0x90044, istx_len = 4, frmlen_did = 0xa0044, frmlen_len = 4, frmlen = 10 } },
  { "Dot11", { addr1 = STATION } }, { "Dot11Ack" })

-- ----------------------------------------------------------------------------- IEEE 802.11

local AP = "02:00:00:00:00:02"

local function wlan(subtype, name, fields, values, ...)
  values["wlan.fc.type_subtype"] = ("0x%04x"):format(subtype)
  fields.addr1, fields.addr2 = STATION, AP
  return case(name, WLAN, "wlan", values, { "Dot11", fields }, ...)
end

local ssid = { "Dot11Elt", { ID = "SSID", info = "net" } }
local rates = { "Dot11EltRates", { rates = { 0x82, 0x84 } } }

wlan(8, "a beacon with elements", { addr3 = AP, SC = 0x1234 }, {
  ["wlan.ra"] = STATION, ["wlan.ta"] = AP, ["wlan.bssid"] = AP, ["wlan.frag"] = "4",
  ["wlan.seq"] = "291", ["wlan.fixed.timestamp"] = "5", ["wlan.fixed.beacon"] = "258",
  ["wlan.ssid"] = support.hex "net", ["wlan.supported_rates"] = "0x82,0x84",
  ["wlan.country_info.code"] = "US", ["wlan.country_info.fnm.fcn"] = "1",
  ["wlan.country_info.fnm.nc"] = "11", ["wlan.country_info.fnm.mtpl"] = "20",
  ["wlan.rsn.version"] = "1", ["wlan.rsn.gcs.type"] = "2", ["wlan.rsn.pcs.type"] = "4,2",
  ["wlan.rsn.akms.type"] = "2", ["wlan.rsn.capabilities.preauth"] = "1",
  ["wlan.rsn.capabilities.no_pairwise"] = "0",
  ["wlan.rsn.capabilities.ptksa_replay_counter"] = "0x0002",
  ["wlan.rsn.capabilities.gtksa_replay_counter"] = "0x0001",
  ["wlan.rsn.capabilities.mfpr"] = "0", ["wlan.rsn.capabilities.mfpc"] = "1",
  ["wlan.rsn.pmkid.count"] = "1", ["wlan.pmkid.akms"] = bytes_as_shown(KEY),
  ["wlan.wfa.ie.wpa.version"] = "1", ["wlan.wfa.ie.wpa.mcs.type"] = "4",
  ["wlan.tag.oui"] = "20722,1056816" },
  { "Dot11Beacon", { timestamp = 5, beacon_interval = 0x102 } }, ssid, rates,
  { "Dot11EltCountry", { country_string = "US ", descriptors = packets [[{
    Dot11EltCountryConstraintTriplet{num_channels = 11, mtp = 20}}]] } },
  { "Dot11EltRSN", {
    group_cipher_suite = { id = "RSNCipherSuite", fields = { cipher = "TKIP" } },
    pairwise_cipher_suites = packets '{RSNCipherSuite{}, RSNCipherSuite{cipher = "TKIP"}}',
    akm_suites = packets '{AKMSuite{suite = "PSK"}}', mfp_capable = 1, gtksa_replay_counter = 1,
    ptksa_replay_counter = 2, pre_auth = 1,
    pmkids = { id = "PMKIDListPacket", fields = { pmkid_list = { KEY } } } } },
  { "Dot11EltMicrosoftWPA" }, { "Dot11EltVendorSpecific", { oui = 0x102030, info = "abc" } })
wlan(0, "an association request", {}, { ["wlan.fixed.listen_ival"] = "0x0102" },
  { "Dot11AssoReq", { listen_interval = 0x102 } }, ssid, rates)
wlan(1, "an association response", {},
  { ["wlan.fixed.status_code"] = "0x0000", ["wlan.fixed.aid"] = "0x0001" },
  { "Dot11AssoResp", { AID = 0xc001 } }, rates)
wlan(2, "a reassociation request", {},
  { ["wlan.fixed.listen_ival"] = "0x00c8", ["wlan.fixed.current_ap"] = AP },
  { "Dot11ReassoReq", { current_AP = AP } }, ssid, rates)
wlan(3, "a reassociation response", {},
  { ["wlan.fixed.status_code"] = "0x0001", ["wlan.fixed.aid"] = "0x0000" },
  { "Dot11ReassoResp", { status = 1 } }, rates)
wlan(4, "a probe request", {}, { ["wlan.ssid"] = support.hex "net" }, { "Dot11ProbeReq" }, ssid,
  rates)
wlan(5, "a probe response", {}, { ["wlan.fixed.beacon"] = "100" }, { "Dot11ProbeResp" }, ssid,
  rates)
wlan(9, "an ATIM", {}, {}, { "Dot11ATIM" })
wlan(10, "a disassociation", {}, { ["wlan.fixed.reason_code"] = "0x0008" },
  { "Dot11Disas", { reason = "disas-ST-leaving" } })
wlan(11, "an authentication", {}, {
  ["wlan.fixed.auth.alg"] = "1", ["wlan.fixed.auth_seq"] = "0x0002",
  ["wlan.fixed.status_code"] = "0x000d", ["wlan.tag.challenge_text"] = "61626364" },
  { "Dot11Auth", { algo = "sharedkey", seqnum = 2, status = "algo-unsupported" } },
  { "Dot11Elt", { ID = "challenge", info = "abcd" } })
wlan(12, "a deauthentication", {}, { ["wlan.fixed.reason_code"] = "0x0007" },
  { "Dot11Deauth", { reason = "class3-from-nonass" } })

-- Each bit of the capabilities by its name, as far as tshark has one for it.
for name, field in sorted {
  ESS = "ess", IBSS = "ibss", privacy = "privacy", ["short-preamble"] = "short_preamble",
  ["short-slot"] = "short_slot_time",
} do
  wlan(1, "the capability " .. name, {}, { ["wlan.fixed.capabilities." .. field] = "1" },
    { "Dot11AssoResp", { cap = name } }, rates)
end
for name, bits in sorted { CFP = 0x4, ["CFP-req"] = 0x8, PBCC = 0x40, agility = 0x80, res8 = 0x100,
                          res9 = 0x200, res11 = 0x800, res12 = 0x1000, ["DSSS-OFDM"] = 0x2000,
                          res14 = 0x4000, res15 = 0x8000 } do
  wlan(1, "the capability " .. name, {}, { ["wlan.fixed.capabilities"] = ("0x%04x"):format(bits) },
    { "Dot11AssoResp", { cap = name } }, rates)
end

-- Each flag of the frame control field by its name; ATIM has nothing that would change with it.
for name, field in sorted { MF = "frag", retry = "retry", ["pw-mgt"] = "pwrmgt", MD = "moredata",
                           order = "order" } do
  wlan(9, "the flag " .. name, { FCfield = name }, { ["wlan.fc." .. field] = "1" },
    { "Dot11ATIM" }, name == "order" and { "Raw", { load = "\0\0\0\0" } } or nil)
end

-- Control frames: those of two addresses, and those of one.
for subtype, behind in sorted {
  [4] = "\0", [5] = "\0\0\0", [8] = "\0\0\0\0", [9] = "\4" .. ("\0"):rep(11), [10] = "",
  [11] = "", [14] = "", [15] = "",
} do
  wlan(0x10 + subtype, "a control frame of two addresses, subtype " .. subtype,
    { type = "Control", subtype = subtype },
    { ["wlan.ra"] = STATION, [subtype == 14 and "wlan.bssid" or "wlan.ta"] = AP },
    { "Raw", { load = behind } })
end
wlan(0x1c, "a clear to send", { type = "Control", subtype = 12 },
  { ["wlan.ra"] = STATION, ["wlan.ta"] = "" })
wlan(0x1d, "an acknowledgment of a frame", {}, { ["wlan.ra"] = STATION, ["wlan.ta"] = "" },
  { "Dot11Ack" })

local function data(subtype, name, protocols, fields, values, ...)
  fields.type, fields.addr3, fields.addr4 = "Data", PEER, OTHER
  wlan(0x20 + subtype, name, fields, values, ...).protocols = "wlan" .. protocols
end

data(0, "data between access points", ":llc:ip:udp", { FCfield = "to-DS+from-DS" },
  { ["wlan.ra"] = STATION, ["wlan.ta"] = AP, ["wlan.da"] = PEER, ["wlan.sa"] = OTHER },
  { "LLC" }, { "SNAP" }, ethernet[2], ethernet[3])
data(8, "data of a priority", ":llc:ip:udp", { FCfield = "to-DS" }, {
  ["wlan.da"] = PEER, ["wlan.sa"] = AP, ["wlan.qos.tid"] = "5", ["wlan.qos.bit4"] = "1",
  ["wlan.qos.ack"] = "0x0001", ["wlan.qos.queue_size"] = "7" },
  { "Dot11QoS", { TID = 5, EOSP = 1, Ack_Policy = 1, TXOP = 7 } }, { "LLC" }, { "SNAP" },
  ethernet[2], ethernet[3])
data(0, "WEP", ":data", { FCfield = "to-DS+wep" },
  { ["wlan.fc.protected"] = "1", ["wlan.wep.iv"] = "0x616263", ["wlan.wep.key"] = "1" },
  { "Dot11WEP", { iv = "abc", keyid = 0x40, wepdata = "xxxxxxxx", icv = 0x1020304 } })
data(0, "TKIP", ":data", { FCfield = "to-DS+wep" },
  { ["wlan.tkip.extiv"] = "0x060504030201", ["wlan.wep.key"] = "2" },
  { "Dot11TKIP", { TSC0 = 1, TSC1 = 2, WEPSeed = 0x22, TSC2 = 3, TSC3 = 4, TSC4 = 5, TSC5 = 6,
                   key_id = 2, ext_iv = 1, data = "abcdefghijklmnop" } })
data(0, "CCMP", ":data", { FCfield = "to-DS+wep" },
  { ["wlan.ccmp.extiv"] = "0x060504030201", ["wlan.wep.key"] = "2" },
  { "Dot11CCMP", { PN0 = 1, PN1 = 2, PN2 = 3, PN3 = 4, PN4 = 5, PN5 = 6, key_id = 2, ext_iv = 1,
                   data = "abcdefghijklmnop" } })

return cases
