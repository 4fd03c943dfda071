-- Bluetooth's logical link control and what rides on it, Core Specification volume 3: L2CAP, part A
-- section 3.1, with the channels of section 2.1 and the signalling of section 4; the attribute
-- protocol, part F section 3.4; the security manager, part H sections 3.3, 3.5 and 3.6. Numbers are
-- least significant byte first.
--
--    0               16              32
--   +---------------+---------------+
--   |      len      |      cid      |  L2CAP
--   | code  |  id   |      len      |  signalling
--   +---------------+---------------+

local f = require "luapkt.field"

local cids = {
  [1] = "control",
  [4] = "attribute",
}

local codes = {
  [1]  = "rej",
  [2]  = "conn_req",
  [3]  = "conn_resp",
  [4]  = "conf_req",
  [5]  = "conf_resp",
  [6]  = "disconn_req",
  [7]  = "disconn_resp",
  [8]  = "echo_req",
  [9]  = "echo_resp",
  [10] = "info_req",
  [11] = "info_resp",
  [18] = "conn_param_update_req",
  [19] = "conn_param_update_resp",
}

local psms = {
  [1] = "SDP",
  [3] = "RFCOMM",
  [5] = "telephony control",
}

local results = {
  [0] = "success",
  [1] = "pend",
  [2] = "cr_bad_psm",
  [3] = "cr_sec_block",
  [4] = "cr_no_mem",
  [5] = "reserved",
  [6] = "cr_inval_scid",
  [7] = "cr_scid_in_use",
}

local status = {
  [0] = "no_info",
  [1] = "authen_pend",
  [2] = "author_pend",
  [3] = "reserved",
}

local results_confresp = {
  [0] = "success",
  [1] = "unaccept",
  [2] = "reject",
  [3] = "unknown",
}

local types = { "CL_MTU", "FEAT_MASK" }

local results_inforesp = {
  [0] = "success",
  [1] = "not_supp",
}

local flags = {
  [0] = "Cancel all prepared writes",
  [1] = "Immediately write all pending prepared values",
}

local iocaps = {
  [0] = "DisplayOnly",
  [1] = "DisplayYesNo",
  [2] = "KeyboardOnly",
  [3] = "NoInputNoOutput",
  [4] = "KeyboardDisplay",
}

local oobs = {
  [0] = "Not Present",
  [1] = "Present (from remote device)",
}

local atypes = {
  [0] = "public",
}

-- A handle with its value is as long as all in the list; of 16 bits where there is none.
local length_of_handles = f.count("handles"):ne(0)
  :pick(f.size("handles") // f.count("handles"):max(1), 4)

local length_of_value = f.under("len"):ne(0):pick((f.under "len" - 2):max(0), f.left())

local zeros8, zeros16 = ("\0"):rep(8), ("\0"):rep(16)

return {
  {
    id     = "L2CAP_Hdr",
    title  = "L2CAP header",
    over   = { HCI_ACL_Hdr = {}, BTLE_DATA = { LLID = 2 } },
    fields = {
      f.le16("len", { auto = f.payload() }),
      f.le16("cid", { names = cids }),
    },
  },
  {
    id     = "L2CAP_CmdHdr",
    title  = "L2CAP command header",
    over   = { L2CAP_Hdr = { { cid = 1 }, { cid = 5 }, build = { cid = 5 } } }, -- 5 is low energy's
    fields = {
      f.u8("code", { default = 8, names = codes }),
      f.u8("id"),
      f.le16("len", { auto = f.payload() }),
    },
  },
  {
    id     = "L2CAP_CmdRej",
    title  = "L2CAP Command Rej",
    over   = { L2CAP_CmdHdr = { code = 1 } },
    fields = {
      f.le16("reason"),
    },
  },
  {
    id     = "L2CAP_ConnReq",
    title  = "L2CAP Conn Req",
    over   = { L2CAP_CmdHdr = { code = 2 } },
    fields = {
      f.le16("psm", { names = psms }),
      f.le16("scid"),
    },
  },
  {
    id     = "L2CAP_ConnResp",
    title  = "L2CAP Conn Resp",
    over   = { L2CAP_CmdHdr = { code = 3 } },
    fields = {
      f.le16("dcid"),
      f.le16("scid"),
      f.le16("result", { names = results }),
      f.le16("status", { names = status }),
    },
  },
  {
    id     = "L2CAP_ConfReq",
    title  = "L2CAP Conf Req",
    over   = { L2CAP_CmdHdr = { code = 4 } },
    fields = {
      f.le16("dcid"),
      f.le16("flags"),
    },
  },
  {
    id     = "L2CAP_ConfResp",
    title  = "L2CAP Conf Resp",
    over   = { L2CAP_CmdHdr = { code = 5 } },
    fields = {
      f.le16("scid"),
      f.le16("flags"),
      f.le16("result", { names = results_confresp }),
    },
  },
  {
    id     = "L2CAP_DisconnReq",
    title  = "L2CAP Disconn Req",
    over   = { L2CAP_CmdHdr = { code = 6 } },
    fields = {
      f.le16("dcid"),
      f.le16("scid"),
    },
  },
  {
    id     = "L2CAP_DisconnResp",
    title  = "L2CAP Disconn Resp",
    over   = { L2CAP_CmdHdr = { code = 7 } },
    fields = {
      f.le16("dcid"),
      f.le16("scid"),
    },
  },
  {
    id     = "L2CAP_InfoReq",
    title  = "L2CAP Info Req",
    over   = { L2CAP_CmdHdr = { code = 10 } },
    fields = {
      f.le16("type", { names = types }),
      f.bytes("data"),
    },
  },
  {
    id     = "L2CAP_InfoResp",
    title  = "L2CAP Info Resp",
    over   = { L2CAP_CmdHdr = { code = 11 } },
    fields = {
      f.le16("type"),
      f.le16("result", { names = results_inforesp }),
      f.bytes("data"),
    },
  },
  {
    id     = "L2CAP_Connection_Parameter_Update_Request",
    title  = "L2CAP Connection Parameter Update Request",
    over   = { L2CAP_CmdHdr = { code = 18 } },
    fields = {
      f.le16("min_interval"),
      f.le16("max_interval"),
      f.le16("slave_latency"),
      f.le16("timeout_mult"),
    },
  },
  {
    id     = "L2CAP_Connection_Parameter_Update_Response",
    title  = "L2CAP Connection Parameter Update Response",
    over   = { L2CAP_CmdHdr = { code = 19 } },
    fields = {
      f.le16("move_result"),
    },
  },

  -- The attribute protocol, part F section 3.4.
  {
    id     = "ATT_Hdr",
    title  = "ATT header",
    over   = { L2CAP_Hdr = { cid = 4 } },
    fields = {
      f.u8("opcode", { show = "hex", auto = 0 }),
    },
  },
  {
    id     = "ATT_Handle",
    title  = "ATT Short Handle",
    fallback = "Padding",
    fields = {
      f.le16("handle", { show = "hex" }),
      f.le16("value", { show = "hex" }),
    },
  },
  {
    id     = "ATT_Handle_UUID128",
    title  = "ATT Handle (UUID 128)",
    fallback = "Padding",
    fields = {
      f.le16("handle", { show = "hex" }),
      f.bytes("value", { default = zeros16, size = 16, show = "uuid", little = true }),
    },
  },
  {
    id     = "ATT_Handle_Variable",
    hidden = true,
    fallback = "Padding",
    fields = {
      f.le16("handle", { show = "hex" }),
      f.bytes("value", { size = length_of_value }),
    },
  },
  {
    id     = "ATT_Error_Response",
    title  = "Error Response",
    over   = { ATT_Hdr = { opcode = 0x01 } },
    fields = {
      f.u8("request", { show = "hex" }),
      f.le16("handle"),
      f.u8("ecode"),
    },
  },
  {
    id     = "ATT_Exchange_MTU_Request",
    title  = "Exchange MTU Request",
    over   = { ATT_Hdr = { opcode = 0x02 } },
    fields = {
      f.le16("mtu"),
    },
  },
  {
    id     = "ATT_Exchange_MTU_Response",
    title  = "Exchange MTU Response",
    over   = { ATT_Hdr = { opcode = 0x03 } },
    fields = {
      f.le16("mtu"),
    },
  },
  {
    id     = "ATT_Find_Information_Request",
    title  = "Find Information Request",
    over   = { ATT_Hdr = { opcode = 0x04 } },
    fields = {
      f.le16("start", { show = "hex" }),
      f.le16("end", { default = 0xffff, show = "hex" }),
    },
  },
  {
    id     = "ATT_Find_Information_Response",
    title  = "Find Information Response",
    over   = { ATT_Hdr = { opcode = 0x05 } },
    fields = {
      f.u8("format", { default = 1, show = "hex" }),
      f.layers("handles", { of = "ATT_Handle", when = f.ref("format"):eq(1) }),
      f.layers("handles", { of = "ATT_Handle_UUID128", when = f.ref("format"):eq(2) }),
    },
  },
  {
    id     = "ATT_Find_By_Type_Value_Request",
    title  = "Find By Type Value Request",
    over   = { ATT_Hdr = { opcode = 0x06 } },
    fields = {
      f.le16("start", { default = 1, show = "hex" }),
      f.le16("end", { default = 0xffff, show = "hex" }),
      f.le16("uuid", { show = "hex", auto = 0 }),
      f.bytes("data"),
    },
  },
  {
    id     = "ATT_Find_By_Type_Value_Response",
    title  = "Find By Type Value Response",
    over   = { ATT_Hdr = { opcode = 0x07 } },
    fields = {
      f.layers("handles", { of = "ATT_Handle" }),
    },
  },
  {
    id     = "ATT_Read_By_Type_Request_128bit",
    title  = "Read By Type Request",
    over   = { ATT_Hdr = { opcode = 8, when = f.left():eq(20) } },
    fields = {
      f.le16("start", { default = 1, show = "hex" }),
      f.le16("end", { default = 0xffff, show = "hex" }),
      f.le64("uuid1", { show = "hex", auto = 0 }),
      f.le64("uuid2", { show = "hex", auto = 0 }),
    },
  },
  {
    id     = "ATT_Read_By_Type_Request",
    title  = "Read By Type Request",
    over   = { ATT_Hdr = { opcode = 0x08 } },
    fields = {
      f.le16("start", { default = 1, show = "hex" }),
      f.le16("end", { default = 0xffff, show = "hex" }),
      f.le16("uuid", { show = "hex", auto = 0 }),
    },
  },
  {
    id     = "ATT_Read_By_Type_Response",
    title  = "Read By Type Response",
    over   = { ATT_Hdr = { opcode = 0x09 } },
    fields = {
      f.u8("len", { auto = length_of_handles }),
      f.layers("handles", { of = "ATT_Handle_Variable" }),
    },
  },
  {
    id     = "ATT_Read_Request",
    title  = "Read Request",
    over   = { ATT_Hdr = { opcode = 0x0a } },
    fields = {
      f.le16("gatt_handle", { show = "hex" }),
    },
  },
  {
    id     = "ATT_Read_Response",
    title  = "Read Response",
    over   = { ATT_Hdr = { opcode = 0x0b } },
    fields = {
      f.bytes("value"),
    },
  },
  {
    id     = "ATT_Read_Blob_Request",
    title  = "Read Blob Request",
    over   = { ATT_Hdr = { opcode = 0x0c } },
    fields = {
      f.le16("gatt_handle", { show = "hex" }),
      f.le16("offset"),
    },
  },
  {
    id     = "ATT_Read_Blob_Response",
    title  = "Read Blob Response",
    over   = { ATT_Hdr = { opcode = 0x0d } },
    fields = {
      f.bytes("value"),
    },
  },
  {
    id     = "ATT_Read_Multiple_Request",
    title  = "Read Multiple Request",
    over   = { ATT_Hdr = { opcode = 0x0e } },
    fields = {
      f.list("handles", f.le16(nil, { show = "hex" })),
    },
  },
  {
    id     = "ATT_Read_Multiple_Response",
    title  = "Read Multiple Response",
    over   = { ATT_Hdr = { opcode = 0x0f } },
    fields = {
      f.bytes("values"),
    },
  },
  {
    id     = "ATT_Read_By_Group_Type_Request",
    title  = "Read By Group Type Request",
    over   = { ATT_Hdr = { opcode = 0x10 } },
    fields = {
      f.le16("start", { show = "hex" }),
      f.le16("end", { default = 0xffff, show = "hex" }),
      f.le16("uuid", { show = "hex" }),
    },
  },
  {
    id     = "ATT_Read_By_Group_Type_Response",
    title  = "Read By Group Type Response",
    over   = { ATT_Hdr = { opcode = 0x11 } },
    fields = {
      f.u8("length", { show = "hex" }),
      f.bytes("data"),
    },
  },
  {
    id     = "ATT_Write_Request",
    title  = "Write Request",
    over   = { ATT_Hdr = { opcode = 0x12 } },
    fields = {
      f.le16("gatt_handle", { show = "hex" }),
      f.bytes("data"),
    },
  },
  {
    id     = "ATT_Write_Command",
    title  = "Write Request",
    over   = { ATT_Hdr = { opcode = 0x52 } },
    fields = {
      f.le16("gatt_handle", { show = "hex" }),
      f.bytes("data"),
    },
  },
  {
    id     = "ATT_Write_Response",
    hidden = true,
    over   = { ATT_Hdr = { opcode = 0x13 } },
  },
  {
    id     = "ATT_Prepare_Write_Request",
    title  = "Prepare Write Request",
    over   = { ATT_Hdr = { opcode = 0x16 } },
    fields = {
      f.le16("gatt_handle", { show = "hex" }),
      f.le16("offset"),
      f.bytes("data"),
    },
  },
  {
    id     = "ATT_Prepare_Write_Response",
    base   = "ATT_Prepare_Write_Request",
    hidden = true,
    over   = { ATT_Hdr = { opcode = 0x17 } },
    fields = {
      f.le16("gatt_handle", { show = "hex" }),
      f.le16("offset"),
      f.bytes("data"),
    },
  },
  {
    id     = "ATT_Execute_Write_Request",
    title  = "Execute Write Request",
    over   = { ATT_Hdr = { opcode = 0x18 } },
    fields = {
      f.u8("flags", { default = 1, names = flags }),
    },
  },
  {
    id     = "ATT_Execute_Write_Response",
    hidden = true,
    over   = { ATT_Hdr = { opcode = 0x19 } },
  },
  {
    id     = "ATT_Handle_Value_Notification",
    title  = "Handle Value Notification",
    over   = { ATT_Hdr = { opcode = 0x1b } },
    fields = {
      f.le16("gatt_handle", { show = "hex" }),
      f.bytes("value"),
    },
  },
  {
    id     = "ATT_Handle_Value_Indication",
    title  = "Handle Value Indication",
    over   = { ATT_Hdr = { opcode = 0x1d } },
    fields = {
      f.le16("gatt_handle", { show = "hex" }),
      f.bytes("value"),
    },
  },

  -- The security manager protocol, part H sections 3.5 and 3.6.
  {
    id     = "SM_Hdr",
    title  = "SM header",
    over   = { L2CAP_Hdr = { cid = 6 } },
    fields = {
      f.u8("sm_command", { auto = 0 }),
    },
  },
  {
    id     = "SM_Pairing_Request",
    title  = "Pairing Request",
    over   = { SM_Hdr = { sm_command = 1 } },
    fields = {
      f.u8("iocap", { default = 3, names = iocaps }),
      f.u8("oob", { names = oobs }),
      f.bits("authentication", 8),
      f.u8("max_key_size", { default = 16 }),
      f.u8("initiator_key_distribution"),
      f.u8("responder_key_distribution"),
    },
  },
  {
    id     = "SM_Pairing_Response",
    title  = "Pairing Response",
    over   = { SM_Hdr = { sm_command = 2 } },
    fields = {
      f.u8("iocap", { default = 3, names = iocaps }),
      f.u8("oob", { names = oobs }),
      f.bits("authentication", 8),
      f.u8("max_key_size", { default = 16 }),
      f.u8("initiator_key_distribution"),
      f.u8("responder_key_distribution"),
    },
  },
  {
    id     = "SM_Confirm",
    title  = "Pairing Confirm",
    over   = { SM_Hdr = { sm_command = 3 } },
    fields = {
      f.bytes("confirm", { default = zeros16, size = 16 }),
    },
  },
  {
    id     = "SM_Random",
    title  = "Pairing Random",
    over   = { SM_Hdr = { sm_command = 4 } },
    fields = {
      f.bytes("random", { default = zeros16, size = 16 }),
    },
  },
  {
    id     = "SM_Failed",
    title  = "Pairing Failed",
    over   = { SM_Hdr = { sm_command = 5 } },
    fields = {
      f.u8("reason", { show = "hex" }),
    },
  },
  {
    id     = "SM_Encryption_Information",
    title  = "Encryption Information",
    over   = { SM_Hdr = { sm_command = 6 } },
    fields = {
      f.bytes("ltk", { default = zeros16, size = 16 }),
    },
  },
  {
    id     = "SM_Master_Identification",
    title  = "Master Identification",
    over   = { SM_Hdr = { sm_command = 7 } },
    fields = {
      f.le16("ediv", { show = "hex" }),
      f.bytes("rand", { default = zeros8, size = 8 }),
    },
  },
  {
    id     = "SM_Identity_Information",
    title  = "Identity Information",
    over   = { SM_Hdr = { sm_command = 8 } },
    fields = {
      f.bytes("irk", { default = zeros16, size = 16 }),
    },
  },
  {
    id     = "SM_Identity_Address_Information",
    title  = "Identity Address Information",
    over   = { SM_Hdr = { sm_command = 9 } },
    fields = {
      f.u8("atype", { names = atypes }),
      f.mac("address", { little = true }),
    },
  },
  {
    id     = "SM_Signing_Information",
    title  = "Signing Information",
    over   = { SM_Hdr = { sm_command = 10 } },
    fields = {
      f.bytes("csrk", { default = zeros16, size = 16 }),
    },
  },
}
