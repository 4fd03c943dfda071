--- Channel Access (EPICS) for people: the text of a command, as caproto-shark prints it, which is
-- that of Python objects: `SearchRequest(name='rpi:color', cid=24593, version=13, reply=5)`.
-- What the fields are called, and their values, is in `protocols/channel_access.lua`.
-- @module luapkt.channel_access

local core   = require "luapkt.core"
local packet = require "luapkt.packet"
local python = require "luapkt.python"
local status = require "luapkt.channel_access_status"

local channel_access = {}

local kind, value, shown = core.packet.kind, core.packet.value, core.packet.text
local range, layer_bytes = core.packet.range, packet.layer.bytes
local real = core.literal.real
local bytes_text, name_text = python.bytes, python.text
local format, concat = string.format, table.concat

local HEADER, LONG_HEADER, LONG = 16, 24, 0xffff
local EPOCH = 631152000 -- 1990-01-01, in seconds since 1970

-- ------------------------------------------------------------------------------ Python's texts

-- The text in place of a value of which Python can make none: its error.
local function failure(message) return "(repr: " .. message .. ")" end

local NO_BUFFER = failure "tuple index out of range"

-- The text of an enumeration's values, by number, with the names that the protocol's field has.
local function enumeration(class, field)
  local known = {}
  return function(layer, number)
    local text = known[number]
    if text then return text end
    local name = shown(layer, field)
    text = name:find "%D" and format("<%s.%s: %d>", class, name, number)
      or failure(format("%d is not a valid %s", number, class))
    if name:find "%D" then known[number] = text end
    return text
  end
end

local type_text     = enumeration("ChannelType", "data_type")
local alarm_text    = enumeration("AlarmStatus", "alarm_status")
local severity_text = enumeration("AlarmSeverity", "alarm_severity")

local status_texts = {}
for number, code in pairs(status.by_value) do
  status_texts[number] = format(
    "CAStatusCode(name='%s', code=%d, code_with_severity=%d, severity=<CASeverity.%s: %d>, "
      .. "success=%d, defunct=%s, description=%s)", code.name, code.number, number,
    status.severities[code.severity], code.severity, number & 1,
    code.defunct and "True" or "False", name_text(code.description))
end
local function status_text(number) return status_texts[number] or failure(tostring(number)) end

local rights = { [0] = "<AccessRights.NO_ACCESS: 0>" }

-- <AccessRights.READ|WRITE: 3>; bits without a name as a number behind those that have one.
local function rights_text(layer)
  local bits = value(layer, "access_rights")
  local text = rights[bits]
  if text then return text end
  local names = shown(layer, "access_rights"):gsub("%+?bit%d+", ""):gsub("%+", "|")
  local others = bits & ~3
  if others ~= 0 then names = names .. (names ~= "" and "|" or "") .. others end
  text = format("<AccessRights.%s: %d>", names, bits)
  if others == 0 then rights[bits] = text end
  return text
end

-- -------------------------------------------------------------------------------------- values

local function real_list(items)
  local texts = {}
  for i = 1, #items do texts[i] = real(items[i]) end
  return concat(texts, ", ")
end

local function whole_list(items) return concat(items, ", ") end

local function signed_bytes(bytes)
  local texts = {}
  for i = 1, #bytes do
    local byte = bytes:byte(i)
    texts[i] = byte < 128 and byte or byte - 256
  end
  return concat(texts, ", ")
end

local function array(letter, items_text)
  local before = "Array('" .. letter .. "', ["
  return function(items) return before .. items_text(items) .. "])" end
end

local function strings_text(strings)
  local texts = {}
  for i = 1, #strings do texts[i] = bytes_text(strings[i]) end
  return "[" .. concat(texts, ", ") .. "]"
end

-- By the type of the items: a data_type below 35, modulo 7.
local value_texts = {
  [0] = strings_text, array("h", whole_list), array("f", real_list), array("H", whole_list),
  array("b", signed_bytes), array("i", whole_list), array("d", real_list),
}
local other_bases = { [35] = 3, [36] = 3, [37] = 0, [38] = 0 }

-- How an item of a type is packed, and its size in bytes. The core reads more items than a list may
-- hold as bytes, which are unpacked here.
local packed = {
  [0] = "c40", ">i2", ">f", ">I2", "B", ">i4", ">d", sizes = { [0] = 40, 2, 4, 2, 1, 4, 8 },
}

local function unpack_items(bytes, base)
  local items, size, how = {}, packed.sizes[base], packed[base]
  for at = 1, #bytes - size + 1, size do
    local item = how:unpack(bytes, at)
    items[#items + 1] = base == 0 and item:match "^[^\0]*" or item
  end
  return items
end

local function value_text(layer, data_type)
  local data = value(layer, "data")
  local base = data_type < 35 and data_type % 7 or other_bases[data_type]
  local text = value_texts[base]
  if base == 4 then return text(data or "") end
  return text(type(data) == "string" and unpack_items(data, base) or data or {})
end

-- Seconds with the microseconds that Python keeps: 1549046400.123456.
local function time_text(layer)
  local seconds = value(layer, "seconds") + EPOCH
  local microseconds = value(layer, "nanoseconds") // 1000
  local text = format("%d.%06d", seconds + microseconds // 1000000, microseconds % 1000000)
  return (text:gsub("0+$", "", 1):gsub("%.$", ".0"))
end

local char_texts = {}
for byte = 0, 255 do char_texts[byte] = bytes_text(string.char(byte)) end
local function char_limit(n) return char_texts[n] end

-- By type of value: how its limits are printed.
local limit_texts = { tostring, real, nil, char_limit, tostring, real }

local limits = {
  "upper_disp_limit", "lower_disp_limit", "upper_alarm_limit", "upper_warning_limit",
  "lower_warning_limit", "lower_alarm_limit", "upper_ctrl_limit", "lower_ctrl_limit",
}

-- The metadata of numbers in GR and CTRL types: limits, and for floats how many decimals to show.
local function add_limits(layer, data_type, parts)
  local base = data_type % 7
  local text = limit_texts[base]
  for i = 1, data_type < 28 and 6 or 8 do
    local name = limits[i]
    parts[i + 2] = name .. "=" .. text(value(layer, name))
  end
  if base == 2 or base == 6 then parts[#parts + 1] = "precision=" .. value(layer, "precision") end
  parts[#parts + 1] = "units=" .. bytes_text(value(layer, "units"))
end

-- The metadata of ENUM in GR and CTRL types: the names, as a tuple of Python.
local function add_enum_strings(layer, _, parts)
  local texts, strings = {}, value(layer, "enum_strings")
  for i = 1, math.min(value(layer, "no_str"), #strings) do texts[i] = bytes_text(strings[i]) end
  parts[3] = "enum_strings=(" .. concat(texts, ", ") .. (#texts == 1 and ",)" or ")")
end

local function add_time(layer, _, parts) parts[3] = "timestamp=" .. time_text(layer) end

-- CTRL_STRING has nothing, but some servers send a time with it.
local function add_no_limits(layer, data_type, parts)
  if value(layer, "seconds") then add_time(layer, data_type, parts) end
end

local function add_acknowledgements(layer, _, parts)
  parts[3], parts[4] = "ackt=" .. value(layer, "ackt"), "acks=" .. value(layer, "acks")
end

-- By data_type: what follows the status and its severity.
local add_metadata = { [28] = add_no_limits, [37] = add_acknowledgements }
for data_type = 14, 20 do add_metadata[data_type] = add_time end
for _, data_type in ipairs { 22, 23, 25, 26, 27, 29, 30, 32, 33, 34 } do
  add_metadata[data_type] = add_limits
end
add_metadata[24], add_metadata[31] = add_enum_strings, add_enum_strings

-- What stands before a value.
local function metadata_text(layer, data_type)
  local alarm = data_type >= 7 and value(layer, "alarm_status")
  if not alarm then return "None" end
  local parts = {
    "status=" .. alarm_text(layer, alarm),
    "severity=" .. severity_text(layer, value(layer, "alarm_severity")),
  }
  local add = add_metadata[data_type]
  if add then add(layer, data_type, parts) end
  return "DBR_" .. shown(layer, "data_type") .. "(" .. concat(parts, ", ") .. ")"
end

-- ------------------------------------------------------------------------------------ commands

local function is_long(layer)
  return value(layer, "payload_size") == LONG and value(layer, "data_count") == 0
end

local function payload_size(layer)
  return is_long(layer) and value(layer, "payload_size_ext") or value(layer, "payload_size")
end

local function header_size(layer) return is_long(layer) and LONG_HEADER or HEADER end

-- Are all of its header and its payload there? Not where they were cut for want of room.
local function is_whole(layer)
  local at, size = range(layer)
  return at and size >= HEADER and size >= header_size(layer) + payload_size(layer)
end

local function count_of(layer)
  local count = value(layer, "data_count")
  if count == 0 and is_long(layer) then return value(layer, "data_count_ext") or 0 end
  return count
end

local function type_of(layer) return type_text(layer, value(layer, "data_type")) end
local function status_of(layer) return status_text(value(layer, "status")) end

-- The start of what has a value: its data, type and count; and the end.
local function begin_value(name, layer, data_type)
  return name .. "(data=" .. value_text(layer, data_type) .. ", data_type="
    .. type_text(layer, data_type) .. ", data_count=" .. count_of(layer)
end
local function end_value(layer, data_type)
  return ", metadata=" .. metadata_text(layer, data_type) .. ")"
end

local function response_with_value(name, id)
  return function(layer)
    local data_type = value(layer, "data_type")
    return begin_value(name, layer, data_type) .. ", status=" .. status_of(layer) .. ", " .. id
      .. "=" .. value(layer, id) .. end_value(layer, data_type)
  end
end

local function request_with_value(name)
  return function(layer)
    local data_type = value(layer, "data_type")
    return begin_value(name, layer, data_type) .. ", sid=" .. value(layer, "sid") .. ", ioid="
      .. value(layer, "ioid") .. end_value(layer, data_type)
  end
end

local function request_with_count(name)
  return function(layer)
    return format("%s(data_type=%s, data_count=%d, sid=%d, ioid=%d)", name, type_of(layer),
      count_of(layer), value(layer, "sid"), value(layer, "ioid"))
  end
end

-- A command whose texts are its fields', up to four in this order: of names, addresses and numbers.
local function plain(name, ...)
  local parts, ids = {}, { ... }
  for i, id in ipairs(ids) do
    local is_address = id:match "address$" or id == "ip"
    parts[i] = id .. (is_address and "='%s'" or id == "name" and "=%s" or "=%d")
  end
  local pattern = name .. "(" .. concat(parts, ", ") .. ")"
  local a, b, c, d = table.unpack(ids)
  if not a then return function() return pattern end end
  return function(layer)
    local first = value(layer, a)
    if a == "name" then first = name_text(first) end
    return format(pattern, first, b and value(layer, b), c and value(layer, c),
      d and value(layer, d))
  end
end

local function subscription_text(layer, sid, low, high, to, mask)
  return format("EventAddRequestOrResponse(data_type=%s, data_count=%d, sid=%d, subscriptionid=%d, "
    .. "low=%s, high=%s, to=%s, mask=%d)", type_of(layer), count_of(layer), sid,
    value(layer, "subscriptionid"), real(low), real(high), real(to), mask)
end

local value_event = response_with_value("EventAddResponse", "subscriptionid")

-- A payload of 16 bytes may be that of a request, or a value of that size: the text names both, and
-- has the fields of a request.
local function event_text(layer)
  if payload_size(layer) ~= 16 then return value_event(layer) end
  local at = header_size(layer) + 1
  local low, high, to, mask = (">fffI2"):unpack(layer_bytes(layer), at)
  return subscription_text(layer, value(layer, "status"), low, high, to, mask)
end

-- An event without a value: there is no buffer to find it in.
local function empty_event_text(layer)
  return format("EventAddResponse(data=%s, data_type=%s, data_count=%d, status=%s, "
    .. "subscriptionid=%d, metadata=%s)", NO_BUFFER, type_of(layer), count_of(layer),
    status_text(value(layer, "sid")), value(layer, "subscriptionid"), NO_BUFFER)
end

local function header_text(header)
  return format("MessageHeader(command=%d, payload_size=%d, data_type=%d, data_count=%d, "
    .. "parameter1=%d, parameter2=%d)", header.command,
    header.payload_size_ext or header.payload_size, header.data_type,
    header.data_count_ext or header.data_count, header.parameter1, header.parameter2)
end

-- The message with the zeros behind it.
local function error_text(layer)
  local request = value(layer, "original_request")[1].fields
  local message = value(layer, "error_message") or ""
  local size = payload_size(layer) - (request.payload_size_ext and LONG_HEADER or HEADER)
  message = message .. ("\0"):rep(size - #message)
  return format("ErrorResponse(original_request=%s, cid=%d, status=%s, "
    .. "error_message=bytearray(%s))", header_text(request), value(layer, "cid"), status_of(layer),
    bytes_text(message))
end

local texts = {
  CAVersionRequest          = plain("VersionRequest", "priority", "version"),
  CAVersionResponse         = plain("VersionResponse", "version"),
  CASearchRequest           = plain("SearchRequest", "name", "cid", "version", "reply"),
  CASearchResponse          = plain("SearchResponse", "port", "ip", "cid", "version"),
  CANotFoundResponse        = plain("NotFoundResponse", "version", "cid"),
  CABeacon                  = plain("Beacon", "version", "server_port", "beacon_id", "address"),
  CARepeaterConfirmResponse = plain("RepeaterConfirmResponse", "repeater_address"),
  CARepeaterRegisterRequest = plain("RepeaterRegisterRequest", "client_address"),
  CAClientNameRequest       = plain("ClientNameRequest", "name"),
  CAHostNameRequest         = plain("HostNameRequest", "name"),
  CAEcho                    = plain("EchoRequestOrResponse"),
  CAEventsOffRequest        = plain("EventsOffRequest"),
  CAEventsOnRequest         = plain("EventsOnRequest"),
  CAReadSyncRequest         = plain("ReadSyncRequest"),
  CACreateChanRequest       = plain("CreateChanRequest", "name", "cid", "version"),
  CACreateChFailResponse    = plain("CreateChFailResponse", "cid"),
  CAClearChannel            = plain("ClearChannelRequestOrResponse", "sid", "cid"),
  CAServerDisconnResponse   = plain("ServerDisconnResponse", "cid"),
  CAReadRequest             = request_with_count "ReadRequest",
  CAReadNotifyRequest       = request_with_count "ReadNotifyRequest",
  CAReadResponse            = request_with_value "ReadResponse",
  CAWriteRequest            = request_with_value "WriteRequest",
  CAWriteNotifyRequest      = request_with_value "WriteNotifyRequest",
  CAReadNotifyResponse      = response_with_value("ReadNotifyResponse", "ioid"),
  CAEventAddResponse        = event_text,
  CAEventCancelResponse     = empty_event_text,
  CAErrorResponse           = error_text,
}

function texts.CAAccessRightsResponse(layer)
  return format("AccessRightsResponse(cid=%d, access_rights=%s)", value(layer, "cid"),
    rights_text(layer))
end

function texts.CACreateChanResponse(layer)
  return format("CreateChanResponse(data_type=%s, data_count=%d, cid=%d, sid=%d)", type_of(layer),
    count_of(layer), value(layer, "cid"), value(layer, "sid"))
end

function texts.CAEventAddRequest(layer)
  return subscription_text(layer, value(layer, "sid"), value(layer, "low"), value(layer, "high"),
    value(layer, "to"), value(layer, "mask"))
end

function texts.CAEventCancelRequest(layer)
  return format("EventCancelRequest(data_type=%s, sid=%d, subscriptionid=%d)", type_of(layer),
    value(layer, "sid"), value(layer, "subscriptionid"))
end

function texts.CAWriteNotifyResponse(layer)
  return format("WriteNotifyResponse(data_type=%s, data_count=%d, status=%s, ioid=%d)",
    type_of(layer), count_of(layer), status_of(layer), value(layer, "ioid"))
end

--- The text of a command.
-- @param layer a layer of a packet (`luapkt.packet`), of any protocol
-- @treturn string the text; nil where the layer is no command of Channel Access, none that is
--   known, or isn't whole
function channel_access.text(layer)
  local text = texts[kind(layer)]
  return text and is_whole(layer) and text(layer) or nil
end

return channel_access
