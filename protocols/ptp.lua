-- Precision Time Protocol, version 2, IEEE 1588-2019 clause 13 (of which 2008 is a subset), over
-- Ethernet, annex E, and over UDP, annexes C and D: port 319 for event messages, 320 for the
-- others.
--
--    0   4   8       16              31
--   +---+---+---+---+---------------+
--   |sdo|typ|min|ver|message_length |
--   |domain |min.sdo|     flags     |
--   |      correction, 8 bytes      |
--   |    message_type_specific      |
--   |    clock_identity, 8 bytes    |
--   |  port_number  |  sequence_id  |
--   |control| log_message_interval  |   one byte
--   +-------+-----------------------+

local f = require "luapkt.field"

local SYNC, DELAY_REQ, PDELAY_REQ, PDELAY_RESP = 0, 1, 2, 3
local FOLLOW_UP, DELAY_RESP, PDELAY_RESP_FOLLOW_UP, ANNOUNCE = 8, 9, 10, 11
local SIGNALING, MANAGEMENT = 12, 13

local message_types = {
  [SYNC] = "Sync", [DELAY_REQ] = "Delay_Req", [PDELAY_REQ] = "Pdelay_Req",
  [PDELAY_RESP] = "Pdelay_Resp", [FOLLOW_UP] = "Follow_Up", [DELAY_RESP] = "Delay_Resp",
  [PDELAY_RESP_FOLLOW_UP] = "Pdelay_Resp_Follow_Up", [ANNOUNCE] = "Announce",
  [SIGNALING] = "Signaling", [MANAGEMENT] = "Management",
}

-- Table 42: what version 1 told messages apart by.
local controls = { [SYNC] = 0, [DELAY_REQ] = 1, [FOLLOW_UP] = 2, [DELAY_RESP] = 3, [MANAGEMENT] = 4 }
local OTHER_CONTROL = 5

local flags = {
  "leap61", "leap59", "currentUtcOffsetValid", "ptpTimescale", "timeTraceable", "frequencyTraceable",
  "synchronizationUncertain", "", "alternateMaster", "twoStep", "unicast", "", "", "profileSpecific1",
  "profileSpecific2", "security",
}

local sources = {
  [0x10] = "ATOMIC_CLOCK", [0x20] = "GNSS", [0x30] = "TERRESTRIAL_RADIO", [0x39] = "SERIAL_TIME_CODE",
  [0x40] = "PTP", [0x50] = "NTP", [0x60] = "HAND_SET", [0x90] = "OTHER", [0xa0] = "INTERNAL_OSCILLATOR",
}

local tlv_types = {
  [0x0001] = "MANAGEMENT", [0x0002] = "MANAGEMENT_ERROR_STATUS", [0x0003] = "ORGANIZATION_EXTENSION",
  [0x0004] = "REQUEST_UNICAST_TRANSMISSION", [0x0005] = "GRANT_UNICAST_TRANSMISSION",
  [0x0006] = "CANCEL_UNICAST_TRANSMISSION", [0x0007] = "ACKNOWLEDGE_CANCEL_UNICAST_TRANSMISSION",
  [0x0008] = "PATH_TRACE", [0x0009] = "ALTERNATE_TIME_OFFSET_INDICATOR", [0x8008] = "PAD",
  [0x8009] = "AUTHENTICATION",
}

local actions = { [0] = "GET", "SET", "RESPONSE", "COMMAND", "ACKNOWLEDGE" }

local HEADER = 34            -- bytes of the common header
local NO_INTERVAL = 0x7f     -- of messages that aren't sent in intervals, table 43

local function is_version_2() return f.peek(12, 4):eq(2) end

local function timestamp(name)
  return f.u48(name .. "_seconds"), f.u32(name .. "_nanoseconds")
end

local function port(name)
  return f.bytes(name .. "_clock_identity", { size = 8, show = "hex", default = ("\0"):rep(8) }),
         f.u16(name .. "_port_number")
end

local function header(number, interval)
  return {
    f.bits ("major_sdo_id", 4),
    f.bits ("message_type", 4,  { default = number, names = message_types }),
    f.bits ("minor_version", 4),
    f.bits ("version", 4,       { default = 2 }),
    f.u16  ("message_length",   { auto = f.header() + f.payload() }),
    f.u8   ("domain"),
    f.u8   ("minor_sdo_id"),
    f.flags("flags", 16, flags),
    f.s64  ("correction"), -- in 2^-16 nanoseconds
    f.u32  ("message_type_specific"),
    f.bytes("clock_identity",   { size = 8, show = "hex", default = ("\0"):rep(8) }),
    f.u16  ("port_number",      { default = 1 }),
    f.u16  ("sequence_id"),
    f.u8   ("control",          { default = controls[number] or OTHER_CONTROL }),
    f.s8   ("log_message_interval", { default = interval }),
  }
end

-- A message of that type: the header, 'size' bytes of its own fields, then TLVs.
local function message(id, number, interval, size, ...)
  local fields = header(number, interval)
  local own = { ... }
  table.move(own, 1, #own, #fields + 1, fields)
  table.insert(fields, f.layers("tlvs", { of = "PTP_TLV", size = (f.ref "message_length" - HEADER - size):max(0) }))
  local udp_port = number < FOLLOW_UP and 319 or 320
  return {
    id = id, extra = true, base = "PTP",
    variant_of = { PTP = is_version_2():both(f.peek(4, 4):eq(number)) },
    over = {
      Ether = { { type = 0x88f7, read = false }, build = { type = 0x88f7, dst = "01:1b:19:00:00:00" } },
      UDP   = { { dport = udp_port, read = false }, build = { sport = udp_port, dport = udp_port } },
    },
    fields = fields,
  }
end

local any = header(SIGNALING, NO_INTERVAL)
table.insert(any, f.bytes("body", { size = (f.ref "message_length" - HEADER):max(0) }))

return {
  -- A message of a type that has no declaration below.
  {
    id     = "PTP",
    title  = "Precision Time Protocol",
    extra  = true,
    over   = {
      Ether  = { { type = 0x88f7, when = is_version_2() } },
      Dot1Q  = { { type = 0x88f7, when = is_version_2() } },
      Dot1AD = { { type = 0x88f7, when = is_version_2() } },
      UDP    = {
        { dport = 319, when = is_version_2() }, { sport = 319, when = is_version_2() },
        { dport = 320, when = is_version_2() }, { sport = 320, when = is_version_2() },
        build = { sport = 320, dport = 320 },
      },
    },
    extent = f.ref "message_length",
    fields = any,
  },

  message("PTP_Sync", SYNC, 0, 10, timestamp "origin"),
  message("PTP_Delay_Req", DELAY_REQ, NO_INTERVAL, 10, timestamp "origin"),
  message("PTP_Pdelay_Req", PDELAY_REQ, NO_INTERVAL, 20,
    f.u48("origin_seconds"), f.u32("origin_nanoseconds"),
    f.bytes("reserved", { size = 10, default = ("\0"):rep(10) })),
  message("PTP_Pdelay_Resp", PDELAY_RESP, NO_INTERVAL, 20,
    f.u48("request_receipt_seconds"), f.u32("request_receipt_nanoseconds"), port "requesting"),
  message("PTP_Follow_Up", FOLLOW_UP, 0, 10, timestamp "precise_origin"),
  message("PTP_Delay_Resp", DELAY_RESP, 0, 20,
    f.u48("receive_seconds"), f.u32("receive_nanoseconds"), port "requesting"),
  message("PTP_Pdelay_Resp_Follow_Up", PDELAY_RESP_FOLLOW_UP, NO_INTERVAL, 20,
    f.u48("response_origin_seconds"), f.u32("response_origin_nanoseconds"), port "requesting"),
  message("PTP_Announce", ANNOUNCE, 1, 30,
    f.u48  ("origin_seconds"),
    f.u32  ("origin_nanoseconds"),
    f.s16  ("current_utc_offset",        { default = 37 }),
    f.u8   ("reserved"),
    f.u8   ("grandmaster_priority1",     { default = 128 }),
    f.u8   ("grandmaster_clock_class",   { default = 248 }),
    f.u8   ("grandmaster_clock_accuracy", { default = 0xfe, show = "hex" }),
    f.u16  ("grandmaster_offset_scaled_log_variance", { default = 0xffff, show = "hex" }),
    f.u8   ("grandmaster_priority2",     { default = 128 }),
    f.bytes("grandmaster_identity",      { size = 8, show = "hex", default = ("\0"):rep(8) }),
    f.u16  ("steps_removed"),
    f.u8   ("time_source",               { default = 0xa0, names = sources })),
  message("PTP_Signaling", SIGNALING, NO_INTERVAL, 10, port "target"),
  message("PTP_Management", MANAGEMENT, NO_INTERVAL, 14,
    f.bytes("target_clock_identity", { size = 8, show = "hex", default = ("\xff"):rep(8) }),
    f.u16  ("target_port_number",    { default = 0xffff }),
    f.u8   ("starting_boundary_hops", { default = 1 }),
    f.u8   ("boundary_hops",         { default = 1 }),
    f.bits ("reserved", 4),
    f.bits ("action", 4,             { names = actions }),
    f.u8   ("reserved2")),

  {
    id     = "PTP_TLV",
    title  = "PTP TLV",
    extra  = true,
    fields = {
      f.u16  ("type",   { default = 8, names = tlv_types }),
      f.u16  ("length", { auto = f.header() - 4 }),
      f.bytes("value",  { size = f.ref "length" }),
    },
  },
  {
    id         = "PTP_ManagementTLV",
    title      = "PTP Management TLV",
    extra      = true,
    base       = "PTP_TLV",
    variant_of = { PTP_TLV = f.peek(0, 16):eq(1):both(f.peek(16, 16):ge(2)) },
    fields = {
      f.u16  ("type",          { default = 1, names = tlv_types }),
      f.u16  ("length",        { auto = f.header() - 4 }),
      f.u16  ("management_id", { show = "hex" }),
      f.bytes("value",         { size = f.ref "length" - 2 }),
    },
  },
}
