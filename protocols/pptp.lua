-- Point-to-Point Tunneling Protocol: the control connection, RFC 2637 section 2. What is tunneled
-- goes in GRE (gre.lua).
--
--    0               8              16                             31
--   +---------------+---------------+-------------------------------+
--   |              len              |             type              |
--   |                         magic_cookie                          |
--   |         ctrl_msg_type         |          reserved_0           |
--   |                              ...                              |
--   +---------------------------------------------------------------+

local f = require "luapkt.field"

local types = { [1] = "Control Message", [2] = "Managemenent Message" }

local messages = {
  [1]  = "Start-Control-Connection-Request",
  [2]  = "Start-Control-Connection-Reply",
  [3]  = "Stop-Control-Connection-Request",
  [4]  = "Stop-Control-Connection-Reply",
  [5]  = "Echo-Request",
  [6]  = "Echo-Reply",
  [7]  = "Outgoing-Call-Request",
  [8]  = "Outgoing-Call-Reply",
  [9]  = "Incoming-Call-Request",
  [10] = "Incoming-Call-Reply",
  [11] = "Incoming-Call-Connected",
  [12] = "Call-Clear-Request",
  [13] = "Call-Disconnect-Notify",
  [14] = "WAN-Error-Notify",
  [15] = "Set-Link-Info",
}

local errors = {  -- section 2.16
  [0] = "None",
  [1] = "Not-Connected",
  [2] = "Bad-Format",
  [3] = "Bad-Value",
  [4] = "No-Resource",
  [5] = "Bad-Call ID",
  [6] = "PAC-Error",
}

local results = { [1] = "OK", [2] = "General error" }

local start_results = {
  [1] = "OK",
  [2] = "General error",
  [3] = "Command channel already exists",
  [4] = "Not authorized",
  [5] = "Unsupported protocol version",
}

local stop_reasons = { [1] = "None", [2] = "Stop-Protocol", [3] = "Stop-Local-Shutdown" }

local outgoing_results = {
  [1] = "Connected",
  [2] = "General error",
  [3] = "No Carrier",
  [4] = "Busy",
  [5] = "No dial tone",
  [6] = "Time-out",
  [7] = "Do not accept",
}

local incoming_results = { [1] = "Connected", [2] = "General error", [3] = "Do not accept" }

local disconnect_results = {
  [1] = "Lost Carrier",
  [2] = "General error",
  [3] = "Admin Shutdown",
  [4] = "Request",
}

local bearers  = { [1] = "Analog channel", [2] = "Digital channel", [3] = "Any type of channel" }
local framings = { [1] = "Asynchronous framing", [2] = "Synchronous framing", [3] = "Any type of framing" }

local framing_flags = { "Asynchronous Framing supported", "Synchronous Framing supported" }
local bearer_flags  = { "Analog access supported", "Digital access supported" }

-- A kind of message, with what all of them begin with put before its own fields. Its length is
-- the one that the RFC gives it, or what clients are used to in its place; it is never worked out.
local function message(id, title, kind, length, fields)
  local its_type = f.peek(64, 16):eq(kind)
  local head = {
    f.u16("len",           { default = length, class = "LenField" }),
    f.u16("type",          { default = 1, names = types }),
    f.u32("magic_cookie",  { default = 0x1a2b3c4d, show = "hex" }),
    f.u16("ctrl_msg_type", { default = kind, names = messages }),
    f.u16("reserved_0",    { show = "hex" }),
  }
  return {
    id         = id,
    title      = title,
    base       = "PPTP",
    hidden     = true,
    variant_of = { PPTP = its_type },
    over       = { TCP = { { dport = 1723, when = its_type }, { sport = 1723, when = its_type },
                           build = { dport = 1723 } } },
    fields     = table.move(fields, 1, #fields, #head + 1, head),
  }
end

return {
  {
    id   = "PPTP",
    over = { TCP = { { dport = 1723, listed = false }, { sport = 1723, listed = false }, rank = 2 } },
    required = "ctrl_msg_type", -- of this kind and of all others
    pdu  = f.peek(32, 32):eq(0x1a2b3c4d):pick(f.peek(0, 16), 0),
    fields = {
      f.u16  ("len",           { auto = f.size "data" + 12 }),
      f.u16  ("type",          { default = 1, names = types }),
      f.u32  ("magic_cookie",  { default = 0x1a2b3c4d, show = "hex" }),
      f.u16  ("ctrl_msg_type", { default = 1, names = messages }),
      f.u16  ("reserved_0",    { show = "hex" }),
      f.bytes("data",          { size = f.ref "len" - 12 }),
    },
  },
  message("PPTPStartControlConnectionRequest", "PPTP Start Control Connection Request", 1, 156, {
    f.u16  ("protocol_version", { default = 1 }),
    f.u16  ("reserved_1",       { show = "hex" }),
    f.flags("framing_capabilities", 32, framing_flags),
    f.flags("bearer_capabilities",  32, bearer_flags),
    f.u16  ("maximum_channels",  { default = 65535 }),
    f.u16  ("firmware_revision", { default = 256 }),
    f.bytes("host_name",         { size = 64, default = "linux" }),
    f.bytes("vendor_string",     { size = 64, default = "" }),
  }),
  message("PPTPStartControlConnectionReply", "PPTP Start Control Connection Reply", 2, 156, {
    f.u16  ("protocol_version", { default = 1 }),
    f.u8   ("result_code",      { default = 1, names = start_results }),
    f.u8   ("error_code",       { names = errors }),
    f.flags("framing_capabilities", 32, framing_flags),
    f.flags("bearer_capabilities",  32, bearer_flags),
    f.u16  ("maximum_channels",  { default = 65535 }),
    f.u16  ("firmware_revision", { default = 256 }),
    f.bytes("host_name",         { size = 64, default = "linux" }),
    f.bytes("vendor_string",     { size = 64, default = "" }),
  }),
  message("PPTPStopControlConnectionRequest", "PPTP Stop Control Connection Request", 3, 16, {
    f.u8 ("reason",     { default = 1, names = stop_reasons }),
    f.u8 ("reserved_1", { show = "hex" }),
    f.u16("reserved_2", { show = "hex" }),
  }),
  message("PPTPStopControlConnectionReply", "PPTP Stop Control Connection Reply", 4, 16, {
    f.u8 ("result_code", { default = 1, names = results }),
    f.u8 ("error_code",  { names = errors }),
    f.u16("reserved_2",  { show = "hex" }),
  }),
  message("PPTPEchoRequest", "PPTP Echo Request", 5, 16, {
    f.u32("identifier", { auto = 0 }),
  }),
  message("PPTPEchoReply", "PPTP Echo Reply", 6, 20, {
    f.u32("identifier",  { auto = 0 }),
    f.u8 ("result_code", { default = 1, names = results }),
    f.u8 ("error_code",  { names = errors }),
    f.u16("reserved_1",  { show = "hex" }),
  }),
  message("PPTPOutgoingCallRequest", "PPTP Outgoing Call Request", 7, 168, {
    f.u16  ("call_id",      { default = 1 }),
    f.u16  ("call_serial_number"),
    f.u32  ("minimum_bps",  { default = 32768 }),
    f.u32  ("maximum_bps",  { default = 0x80000000 }),
    f.u32  ("bearer_type",  { default = 3, names = bearers }),
    f.u32  ("framing_type", { default = 3, names = framings }),
    f.u16  ("pkt_window_size", { default = 16 }),
    f.u16  ("pkt_proc_delay"),
    f.u16  ("phone_number_len"),
    f.u16  ("reserved_1",   { show = "hex" }),
    f.bytes("phone_number", { size = 64, default = "" }),
    f.bytes("subaddress",   { size = 64, default = "" }),
  }),
  message("PPTPOutgoingCallReply", "PPTP Outgoing Call Reply", 8, 32, {
    f.u16("call_id",         { default = 1 }),
    f.u16("peer_call_id",    { default = 1 }),
    f.u8 ("result_code",     { default = 1, names = outgoing_results }),
    f.u8 ("error_code",      { names = errors }),
    f.u16("cause_code"),
    f.u32("connect_speed",   { default = 100000000 }),
    f.u16("pkt_window_size", { default = 16 }),
    f.u16("pkt_proc_delay"),
    f.u32("channel_id"),
  }),
  message("PPTPIncomingCallRequest", "PPTP Incoming Call Request", 9, 220, {
    f.u16  ("call_id",            { default = 1 }),
    f.u16  ("call_serial_number", { default = 1 }),
    f.u32  ("bearer_type",        { default = 3, names = bearers }),
    f.u32  ("channel_id"),
    f.u16  ("dialed_number_len"),
    f.u16  ("dialing_number_len"),
    f.bytes("dialed_number",      { size = 64, default = "" }),
    f.bytes("dialing_number",     { size = 64, default = "" }),
    f.bytes("subaddress",         { size = 64, default = "" }),
  }),
  message("PPTPIncomingCallReply", "PPTP Incoming Call Reply", 10, 148, {
    f.u16("call_id",         { default = 1 }),
    f.u16("peer_call_id",    { default = 1 }),
    f.u8 ("result_code",     { default = 1, names = incoming_results }),
    f.u8 ("error_code",      { names = errors }),
    f.u16("pkt_window_size", { default = 64 }),
    f.u16("pkt_transmit_delay"),
    f.u16("reserved_1",      { show = "hex" }),
  }),
  message("PPTPIncomingCallConnected", "PPTP Incoming Call Connected", 11, 28, {
    f.u16("peer_call_id",    { default = 1 }),
    f.u16("reserved_1",      { show = "hex" }),
    f.u32("connect_speed",   { default = 100000000 }),
    f.u16("pkt_window_size", { default = 64 }),
    f.u16("pkt_transmit_delay"),
    f.u32("framing_type",    { default = 1, names = framings }),
  }),
  message("PPTPCallClearRequest", "PPTP Call Clear Request", 12, 16, {
    f.u16("call_id",    { default = 1 }),
    f.u16("reserved_1", { show = "hex" }),
  }),
  message("PPTPCallDisconnectNotify", "PPTP Call Disconnect Notify", 13, 148, {
    f.u16  ("call_id",        { default = 1 }),
    f.u8   ("result_code",    { default = 1, names = disconnect_results }),
    f.u8   ("error_code",     { names = errors }),
    f.u16  ("cause_code"),
    f.u16  ("reserved_1",     { show = "hex" }),
    f.bytes("call_statistic", { size = 128, default = "" }),
  }),
  message("PPTPWANErrorNotify", "PPTP WAN Error Notify", 14, 40, {
    f.u16("peer_call_id", { default = 1 }),
    f.u16("reserved_1",   { show = "hex" }),
    f.u32("crc_errors"),
    f.u32("framing_errors"),
    f.u32("hardware_overruns"),
    f.u32("buffer_overruns"),
    f.u32("time_out_errors"),
    f.u32("alignment_errors"),
  }),
  message("PPTPSetLinkInfo", "PPTP Set Link Info", 15, 24, {
    f.u16("peer_call_id", { default = 1 }),
    f.u16("reserved_1",   { show = "hex" }),
    f.u32("send_accm",    { show = "hex" }),
    f.u32("receive_accm", { show = "hex" }),
  }),
}
