-- Bluetooth Low Energy on the air, Core Specification 4.2 volume 6 part B: packets, section 2.1,
-- PDUs of advertising channels, section 2.3, and of data channels, section 2.4. What the radio said
-- stands before it (LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR, as it was first laid down: bits 7 to 9, 14
-- and 15 of its flags were reserved), or in a field of PPI. Numbers are least significant byte
-- first, save the subversion of a control PDU, which clients of the reference know otherwise. The
-- check sum, section 3.1.1, stands behind the PDU; it is worked out as on advertising channels.
--
--    0               32
--   +---------------+--------------------+-----+
--   |  access_addr  |        PDU         | crc |
--   +---------------+--------------------+-----+

local f = require "luapkt.field"

local versions = {
  [7] = "4.1",
}

local companys = {
  [15] = "Broadcom Corporation",
}

local addresses = { [0] = "public", "random" }
local llids = { "continue", "start", "control" }
local pdus = {
  [0] = "ADV_IND", "ADV_DIRECT_IND", "ADV_NONCONN_IND", "SCAN_REQ", "SCAN_RSP", "CONNECT_REQ",
  "ADV_SCAN_IND",
}
local rf_flags = {
  "dewhitened", "sig_power_valid", "noise_power_valid", "decrypted",
  "reference_access_address_valid", "access_address_offenses_valid", "channel_aliased",
  "res1", "res2", "res3", "crc_checked", "crc_valid", "mic_checked", "mic_valid",
  "res4", "res5",
}

return {
  {
    id     = "BTLE_RF",
    title  = "BTLE RF info header",
    payloads = { "BTLE" },
    next   = { { id = "BTLE" } },
    link   = 256,
    fields = {
      f.u8("rf_channel"),
      f.s8("signal", { default = -128 }),
      f.s8("noise", { default = -128 }),
      f.u8("access_address_offenses"),
      f.le32("reference_access_address", { show = "hex" }),
      f.flags("flags", 16, rf_flags, { little = true }),
    },
  },
  {
    id     = "BTLE",
    title  = "BT4LE",
    over   = { BTLE_RF = {} },
    link   = 251,
    fields = {
      f.le32("access_addr", { default = 0x8e89bed6, show = "hex" }),
      f.u24("crc", {
        trailer = true, auto = f.checksum("crc24", { over = "payload" }),
        show = "hex", class = "X3BytesField",
      }),
    },
  },
  {
    id     = "BTLE_ADV",
    title  = "BTLE advertising header",
    over   = { BTLE = { access_addr = 0x8e89bed6 } },
    fields = {
      f.bits("RxAdd", 1, { names = addresses }),
      f.bits("TxAdd", 1, { names = addresses }),
      f.bits("RFU", 2),
      f.bits("PDU_type", 4, { names = pdus }),
      f.bits("unused", 2),
      f.bits("Length", 6, { auto = f.payload(), show = "hex" }),
    },
  },
  {
    id     = "BTLE_DATA",
    title  = "BTLE data header",
    over   = { BTLE = { {}, rank = 2 } },
    fields = {
      f.bits("RFU", 3),
      f.bits("MD", 1),
      f.bits("SN", 1),
      f.bits("NESN", 1),
      f.bits("LLID", 2, { names = llids }),
      f.u8("len", { auto = f.payload() }),
    },
  },
  {
    id     = "BTLE_ADV_IND",
    title  = "BTLE ADV_IND",
    over   = { BTLE_ADV = { PDU_type = 0 } },
    fields = {
      f.mac("AdvA", { little = true }),
      f.layers("data", { of = "EIR_Hdr", stack = true }),
    },
  },
  {
    id     = "BTLE_ADV_DIRECT_IND",
    title  = "BTLE ADV_DIRECT_IND",
    over   = { BTLE_ADV = { PDU_type = 1 } },
    fields = {
      f.mac("AdvA", { little = true }),
      f.mac("InitA", { little = true }),
    },
  },
  {
    id     = "BTLE_ADV_NONCONN_IND",
    base   = "BTLE_ADV_IND",
    hidden = true,
    over   = { BTLE_ADV = { PDU_type = 2 } },
    fields = {
      f.mac("AdvA", { little = true }),
      f.layers("data", { of = "EIR_Hdr", stack = true }),
    },
  },
  {
    id     = "BTLE_ADV_SCAN_IND",
    base   = "BTLE_ADV_IND",
    hidden = true,
    over   = { BTLE_ADV = { PDU_type = 6 } },
    fields = {
      f.mac("AdvA", { little = true }),
      f.layers("data", { of = "EIR_Hdr", stack = true }),
    },
  },
  {
    id     = "BTLE_SCAN_REQ",
    title  = "BTLE scan request",
    over   = { BTLE_ADV = { PDU_type = 3 } },
    fields = {
      f.mac("ScanA", { little = true }),
      f.mac("AdvA", { little = true }),
    },
  },
  {
    id     = "BTLE_SCAN_RSP",
    title  = "BTLE scan response",
    over   = { BTLE_ADV = { PDU_type = 4 } },
    fields = {
      f.mac("AdvA", { little = true }),
      f.layers("data", { of = "EIR_Hdr", stack = true }),
    },
  },
  {
    id     = "BTLE_CONNECT_REQ",
    title  = "BTLE connect request",
    over   = { BTLE_ADV = { PDU_type = 5 } },
    fields = {
      f.mac("InitA", { little = true }),
      f.mac("AdvA", { little = true }),
      f.le32("AA", { show = "hex" }),
      f.le24("crc_init", { show = "hex" }),
      f.u8("win_size", { show = "hex" }),
      f.le16("win_offset", { show = "hex" }),
      f.le16("interval", { show = "hex" }),
      f.le16("latency", { show = "hex" }),
      f.le16("timeout", { show = "hex" }),
      f.bits("chM", 40, { show = "hex" }),
      f.bits("SCA", 3),
      f.bits("hop", 5),
    },
  },
  {
    id     = "CtrlPDU",
    over   = { BTLE_DATA = { LLID = 3 } },
    fields = {
      f.u8("optcode", { show = "hex" }),
      f.u8("version", { names = versions }),
      f.le16("Company", { names = companys }),
      f.u16("subversion", { show = "hex" }),
    },
  },
  {
    id     = "BTLE_PPI",
    hidden = true,
    over   = { PPI_Hdr = { pfh_type = 30006 } },
    fields = {
      f.u8("btle_version"),
      f.le16("btle_channel", { auto = 0 }),
      f.u8("btle_clkn_high", { auto = 0 }),
      f.le32("btle_clk_100ns", { auto = 0 }),
      f.s8("rssi_max", { auto = 0 }),
      f.s8("rssi_min", { auto = 0 }),
      f.s8("rssi_avg", { auto = 0 }),
      f.u8("rssi_count", { auto = 0 }),
    },
  },
}
