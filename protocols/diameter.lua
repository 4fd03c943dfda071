-- Diameter, RFC 6733 sections 3 and 4: every message is a layer, and what follows one in a segment
-- is the next. Credit control, RFC 8506. Commands, applications and AVPs:
-- https://www.iana.org/assignments/aaa-parameters.
--
--    0       8                       31
--   +-------+-----------------------+
--   |version|          len          |
--   | flags |         code          |
--   |        application_id         |
--   |          hop_by_hop           |
--   |          end_to_end           |
--   +-------------------------------+
--   |             code              |   AVPs, padded to 32 bits; their length leaves that out
--   | flags |        length         |
--   |           vendor_id           |   with the flag V
--   |             value             |
--   +-------------------------------+

local f = require "luapkt.field"

local commands = {
  [257] = "Capabilities-Exchange", [258] = "Re-Auth", [265] = "AA", [268] = "Diameter-EAP",
  [271] = "Accounting", [272] = "Credit-Control", [274] = "Abort-Session", [275] = "Session-Termination",
  [280] = "Device-Watchdog", [282] = "Disconnect-Peer", [316] = "Update-Location",
  [317] = "Cancel-Location", [318] = "Authentication-Information",
}

local applications = {
  [0] = "Diameter common message", [1] = "NASREQ", [2] = "Mobile IPv4", [3] = "Diameter base accounting",
  [4] = "Credit Control", [5] = "EAP", [6] = "SIP", [16777216] = "3GPP Cx", [16777238] = "3GPP Gx",
  [16777251] = "3GPP S6a", [0xffffffff] = "Relay",
}

local codes = {
  [1] = "User-Name", [25] = "Class", [27] = "Session-Timeout", [33] = "Proxy-State", [50] = "Acct-Multi-Session-Id",
  [55] = "Event-Timestamp", [85] = "Acct-Interim-Interval", [257] = "Host-IP-Address",
  [258] = "Auth-Application-Id", [259] = "Acct-Application-Id", [260] = "Vendor-Specific-Application-Id",
  [261] = "Redirect-Host-Usage", [262] = "Redirect-Max-Cache-Time", [263] = "Session-Id",
  [264] = "Origin-Host", [265] = "Supported-Vendor-Id", [266] = "Vendor-Id", [267] = "Firmware-Revision",
  [268] = "Result-Code", [269] = "Product-Name", [270] = "Session-Binding", [271] = "Session-Server-Failover",
  [272] = "Multi-Round-Time-Out", [273] = "Disconnect-Cause", [274] = "Auth-Request-Type",
  [276] = "Auth-Grace-Period", [277] = "Auth-Session-State", [278] = "Origin-State-Id", [279] = "Failed-AVP",
  [280] = "Proxy-Host", [281] = "Error-Message", [282] = "Route-Record", [283] = "Destination-Realm",
  [284] = "Proxy-Info", [285] = "Re-Auth-Request-Type", [287] = "Accounting-Sub-Session-Id",
  [291] = "Authorization-Lifetime", [292] = "Redirect-Host", [293] = "Destination-Host",
  [294] = "Error-Reporting-Host", [295] = "Termination-Cause", [296] = "Origin-Realm",
  [297] = "Experimental-Result", [298] = "Experimental-Result-Code", [299] = "Inband-Security-Id",
  [411] = "CC-Correlation-Id", [412] = "CC-Input-Octets", [413] = "CC-Money", [414] = "CC-Output-Octets",
  [415] = "CC-Request-Number", [416] = "CC-Request-Type", [420] = "CC-Time", [421] = "CC-Total-Octets",
  [431] = "Granted-Service-Unit", [432] = "Rating-Group", [437] = "Requested-Service-Unit",
  [439] = "Service-Identifier", [443] = "Subscription-Id", [444] = "Subscription-Id-Data",
  [446] = "Used-Service-Unit", [448] = "Validity-Time", [450] = "Subscription-Id-Type",
  [455] = "Multiple-Services-Indicator", [456] = "Multiple-Services-Credit-Control",
  [458] = "User-Equipment-Info", [461] = "Service-Context-Id", [480] = "Accounting-Record-Type",
  [483] = "Accounting-Realtime-Required", [485] = "Accounting-Record-Number",
}

-- What the value of a code without a vendor is, where it isn't text: Unsigned32 and Enumerated
-- alike.
local UNSIGNED32 = {
  27, 85, 258, 259, 261, 262, 265, 266, 267, 268, 270, 271, 272, 273, 274, 276, 277, 278, 285, 291, 295, 298, 299,
  415, 416, 420, 432, 439, 448, 450, 455, 480, 483, 485,
}
local UNSIGNED64 = { 287, 412, 414, 421 }
local GROUPED = { 260, 279, 284, 297, 413, 431, 437, 443, 446, 456, 458 }
local ADDRESS = 257

local results = {
  [1001] = "DIAMETER_MULTI_ROUND_AUTH", [2001] = "DIAMETER_SUCCESS", [2002] = "DIAMETER_LIMITED_SUCCESS",
  [3001] = "DIAMETER_COMMAND_UNSUPPORTED", [3002] = "DIAMETER_UNABLE_TO_DELIVER",
  [3003] = "DIAMETER_REALM_NOT_SERVED", [3004] = "DIAMETER_TOO_BUSY", [3007] = "DIAMETER_APPLICATION_UNSUPPORTED",
  [4001] = "DIAMETER_AUTHENTICATION_REJECTED", [5001] = "DIAMETER_AVP_UNSUPPORTED",
  [5002] = "DIAMETER_UNKNOWN_SESSION_ID", [5003] = "DIAMETER_AUTHORIZATION_REJECTED",
  [5004] = "DIAMETER_INVALID_AVP_VALUE", [5005] = "DIAMETER_MISSING_AVP", [5012] = "DIAMETER_UNABLE_TO_COMPLY",
}

local HEADER = 20 -- bytes

local has_vendor = f.ref "V"

local is_diameter = f.peek(0, 8):eq(1):both(f.peek(8, 24):ge(HEADER)):both((f.peek(8, 24) % 4):eq(0))
  :both(f.peek(36, 4):eq(0)) -- reserved flags

local function with_head(code, ...)
  return {
    f.u32 ("code",   { default = code, names = codes }),
    f.bits("V", 1),  -- of a vendor
    f.bits("M", 1,   { default = 1 }), -- mandatory
    f.bits("P", 1),
    f.bits("reserved", 5),
    f.u24 ("length", { auto = 8 + has_vendor * 4 + f.size "value" }),
    f.u32 ("vendor_id", { when = has_vendor }),
    ...,
  }
end

local value_size = (f.ref "length" - 8 - has_vendor * 4):max(0)

-- Codes of no vendor whose value has that length (nil: any).
local function avp(id, numbers, length, ...)
  local rule = f.peek(32, 1):eq(0):both(f.peek(0, 32):one_of(table.unpack(numbers)))
  if length then rule = rule:both(f.peek(40, 24):eq(8 + length)) end
  return {
    id = id, extra = true, base = "Diameter_AVP", variant_of = { Diameter_AVP = rule }, fields = with_head(numbers[1], ...),
  }
end

return {
  {
    id     = "Diameter",
    extra  = true,
    over   = { TCP = {
      { dport = 3868, when = is_diameter }, { sport = 3868, when = is_diameter },
      build = { sport = 3868, dport = 3868 },
    } },
    next   = { { when = is_diameter, id = "Diameter" } },
    pdu    = is_diameter:pick(f.peek(8, 24), 0),
    fields = {
      f.u8    ("version",        { default = 1 }),
      f.u24   ("len",            { auto = f.header() }),
      f.bits  ("R", 1,           { default = 1 }), -- a request
      f.bits  ("P", 1),                            -- proxiable
      f.bits  ("E", 1),                            -- an error
      f.bits  ("T", 1),                            -- maybe sent again
      f.bits  ("reserved", 4),
      f.u24   ("code",           { default = 257, names = commands }),
      f.u32   ("application_id", { names = applications }),
      f.u32   ("hop_by_hop",     { show = "hex" }),
      f.u32   ("end_to_end",     { show = "hex" }),
      f.layers("avps",           { of = "Diameter_AVP", size = (f.ref "len" - HEADER):max(0) }),
    },
  },

  -- Text, and what has no declaration below.
  {
    id     = "Diameter_AVP",
    title  = "Diameter AVP",
    extra  = true,
    fields = with_head(264, f.bytes("value", { size = value_size, align = 4 })),
  },
  avp("Diameter_ResultCode", { 268 }, 4, f.u32("value", { default = 2001, names = results })),
  avp("Diameter_Unsigned32", UNSIGNED32, 4, f.u32("value")),
  avp("Diameter_Unsigned64", UNSIGNED64, 8, f.u64("value")),
  avp("Diameter_Time", { 55 }, 4, f.u32("value", { show = "utc", epoch = -2208988800 })), -- of NTP, RFC 6733 section 4.3.1
  avp("Diameter_Grouped", GROUPED, nil, f.layers("value", { of = "Diameter_AVP", size = value_size })),
  {
    id = "Diameter_Address", extra = true, base = "Diameter_AVP",
    variant_of = { Diameter_AVP = f.peek(32, 1):eq(0):both(f.peek(0, 32):eq(ADDRESS)):both(f.peek(40, 24):eq(14))
      :both(f.peek(64, 16):eq(1)) },
    fields = {
      f.u32 ("code",    { default = ADDRESS, names = codes }),
      f.bits("V", 1),
      f.bits("M", 1,    { default = 1 }),
      f.bits("P", 1),
      f.bits("reserved", 5),
      f.u24 ("length",  { default = 14 }),
      f.u16 ("family",  { default = 1, names = { "IPv4", "IPv6" } }),
      f.ipv4("value",   { align = 4 }),
    },
  },
  {
    id = "Diameter_AddressIPv6", extra = true, base = "Diameter_AVP",
    variant_of = { Diameter_AVP = f.peek(32, 1):eq(0):both(f.peek(0, 32):eq(ADDRESS)):both(f.peek(40, 24):eq(26))
      :both(f.peek(64, 16):eq(2)) },
    fields = {
      f.u32 ("code",    { default = ADDRESS, names = codes }),
      f.bits("V", 1),
      f.bits("M", 1,    { default = 1 }),
      f.bits("P", 1),
      f.bits("reserved", 5),
      f.u24 ("length",  { default = 26 }),
      f.u16 ("family",  { default = 2, names = { "IPv4", "IPv6" } }),
      f.ipv6("value",   { align = 4 }),
    },
  },
}
