--- Channel Access (EPICS) for people: the text of a command, as caproto-shark prints it, which is that
-- of Python objects: `SearchRequest(name='rpi:color', cid=24593, version=13, reply=5)`.
-- What the fields are called, and their values, is in `protocols/channel_access.lua`.
-- @module luapkt.channel_access

local core   = require "luapkt.core"
local status = require "luapkt.channel_access_status"

local channel_access = {}

local real = core.literal.real
local format, concat = string.format, table.concat

local HEADER, LONG_HEADER, LONG = 16, 24, 0xffff
local EPOCH = 631152000 -- 1990-01-01, in seconds since 1970

-- ------------------------------------------------------------------------------ Python's texts

local escapes = { ["\\"] = "\\\\", ["\t"] = "\\t", ["\n"] = "\\n", ["\r"] = "\\r" }
for byte = 0, 255 do
  local c = string.char(byte)
  if byte < 32 or byte > 126 then escapes[c] = escapes[c] or format("\\x%02x", byte) end
end

-- In single quotes, or in double ones where there are single ones in it and no double ones.
local function quoted(text, special)
  if not text:find(special) then return "'" .. text .. "'" end
  local quote = text:find("'", 1, true) and not text:find('"', 1, true) and '"' or "'"
  text = text:gsub(special == "[^ -&%(-%[%]-~]" and "[^ -%[%]-~]" or "[%c\\\127]", escapes)
  if quote == "'" then text = text:gsub("'", "\\'") end
  return quote .. text .. quote
end

local function bytes_text(bytes) return "b" .. quoted(bytes, "[^ -&%(-%[%]-~]") end

-- Text that is UTF-8 stands for itself; other bytes are escaped.
local function name_text(name)
  return quoted(name, utf8.len(name) and "[%c\\'\127]" or "[^ -&%(-%[%]-~]")
end

-- What is printed of a value that can't be had: what Python says of it.
local function failure(message) return "(repr: " .. message .. ")" end

local NO_BUFFER = failure "tuple index out of range"

-- The text of an enumeration's values, by number, with the names that the protocol's field has.
local function enumeration(class, field)
  local known = {}
  return function(layer, value)
    local text = known[value]
    if text then return text end
    local name = layer:show(field)
    text = name:find "%D" and format("<%s.%s: %d>", class, name, value)
      or failure(format("%d is not a valid %s", value, class))
    if name:find "%D" then known[value] = text end
    return text
  end
end

local type_text     = enumeration("ChannelType", "data_type")
local alarm_text    = enumeration("AlarmStatus", "alarm_status")
local severity_text = enumeration("AlarmSeverity", "alarm_severity")

local status_texts = {}
for value, code in pairs(status.by_value) do
  status_texts[value] = format(
    "CAStatusCode(name='%s', code=%d, code_with_severity=%d, severity=<CASeverity.%s: %d>, success=%d, "
      .. "defunct=%s, description=%s)", code.name, code.number, value, status.severities[code.severity],
    code.severity, value & 1, code.defunct and "True" or "False", name_text(code.description))
end
local function status_text(value) return status_texts[value] or failure(tostring(value)) end

local rights = { [0] = "<AccessRights.NO_ACCESS: 0>" }

-- <AccessRights.READ|WRITE: 3>; bits without a name as a number behind those that have one.
local function rights_text(layer)
  local value = layer.access_rights
  local text = rights[value]
  if not text then
    local names = layer:show("access_rights"):gsub("%+?bit%d+", "")
    local others = value & ~3
    if others ~= 0 then names = names .. (names ~= "" and "|" or "") .. others end
    text = format("<AccessRights.%s: %d>", names:gsub("%+", "|"), value)
    if others == 0 then rights[value] = text end
  end
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

local words_text = array("H", whole_list)

-- By type of value, which a data_type below 35 has modulo 7; then the others.
local value_texts = {
  [0] = strings_text, array("h", whole_list), array("f", real_list), words_text,
  array("b", signed_bytes), array("i", whole_list), array("d", real_list),
}
local other_values = { [35] = words_text, [36] = words_text, [37] = strings_text, [38] = strings_text }

local function value_text(layer, data_type)
  local data = layer.data
  local text = data_type < 35 and value_texts[data_type % 7] or other_values[data_type]
  return text(data or (text == value_texts[4] and "" or {}))
end

-- Seconds with the microseconds that Python keeps: 1549046400.123456.
local function time_text(layer)
  local seconds, microseconds = layer.seconds + EPOCH, layer.nanoseconds // 1000
  local text = format("%d.%06d", seconds + microseconds // 1000000, microseconds % 1000000)
  return (text:gsub("0+$", "", 1):gsub("%.$", ".0"))
end

local limits = {
  "upper_disp_limit", "lower_disp_limit", "upper_alarm_limit", "upper_warning_limit",
  "lower_warning_limit", "lower_alarm_limit", "upper_ctrl_limit", "lower_ctrl_limit",
}

local function limit_text(value, is_char)
  if is_char then return bytes_text(string.char(value)) end
  return math.type(value) == "float" and real(value) or tostring(value)
end

local function add_limits(layer, data_type, parts)
  for i = 1, data_type < 28 and 6 or 8 do
    local name = limits[i]
    parts[#parts + 1] = name .. "=" .. limit_text(layer[name], data_type % 7 == 4)
  end
  if layer.precision then parts[#parts + 1] = "precision=" .. layer.precision end
  parts[#parts + 1] = "units=" .. bytes_text(layer.units)
end

-- A tuple: one of a single item has a comma behind that.
local function enum_strings_text(layer)
  local texts, strings = {}, layer.enum_strings
  for i = 1, math.min(layer.no_str, #strings) do texts[i] = bytes_text(strings[i]) end
  return "(" .. concat(texts, ", ") .. (#texts == 1 and ",)" or ")")
end

-- What stands before a value.
local function metadata_text(layer, data_type)
  local alarm = layer.alarm_status
  if not alarm then return "None" end
  local parts = {
    "status=" .. alarm_text(layer, alarm), "severity=" .. severity_text(layer, layer.alarm_severity),
  }
  if layer.seconds then
    parts[3] = "timestamp=" .. time_text(layer)
  elseif layer.units then
    add_limits(layer, data_type, parts)
  elseif layer.no_str then
    parts[3] = "enum_strings=" .. enum_strings_text(layer)
  elseif layer.ackt then
    parts[3], parts[4] = "ackt=" .. layer.ackt, "acks=" .. layer.acks
  end
  return format("DBR_%s(%s)", layer:show "data_type", concat(parts, ", "))
end

-- ------------------------------------------------------------------------------------ commands

local function is_long(layer) return layer.payload_size == LONG and layer.data_count == 0 end

local function count_of(layer)
  local count = layer.data_count
  if count == 0 and is_long(layer) then return layer.data_count_ext or 0 end
  return count
end

-- The start of what has a value: its data, type and count.
local function begin_value(name, layer, data_type)
  return format("%s(data=%s, data_type=%s, data_count=%d", name, value_text(layer, data_type),
    type_text(layer, data_type), count_of(layer))
end

local function response_with_value(name, id)
  return function(layer)
    local data_type = layer.data_type
    return format("%s, status=%s, %s=%d, metadata=%s)", begin_value(name, layer, data_type),
      status_text(layer.status), id, layer[id], metadata_text(layer, data_type))
  end
end

local function request_with_value(name)
  return function(layer)
    local data_type = layer.data_type
    return format("%s, sid=%d, ioid=%d, metadata=%s)", begin_value(name, layer, data_type), layer.sid,
      layer.ioid, metadata_text(layer, data_type))
  end
end

local function request_with_count(name)
  return function(layer)
    return format("%s(data_type=%s, data_count=%d, sid=%d, ioid=%d)", name,
      type_text(layer, layer.data_type), count_of(layer), layer.sid, layer.ioid)
  end
end

-- A command whose texts are its fields', in this order: of names, addresses, and numbers.
local function plain(name, ...)
  local parts, ids = {}, { ... }
  for i, id in ipairs(ids) do
    local text = id:match "address$" or id == "ip"
    parts[i] = id .. (text and "='%s'" or id == "name" and "=%s" or "=%d")
  end
  local pattern = name .. "(" .. concat(parts, ", ") .. ")"
  local a, b, c, d = ids[1], ids[2], ids[3], ids[4]
  if not a then return function() return pattern end end
  local first_is_name = a == "name"
  return function(layer)
    local first = layer[a]
    return format(pattern, first_is_name and name_text(first) or first, b and layer[b], c and layer[c],
      d and layer[d])
  end
end

local function subscription_text(layer, low, high, to, mask, sid)
  return format("EventAddRequestOrResponse(data_type=%s, data_count=%d, sid=%d, subscriptionid=%d, "
    .. "low=%s, high=%s, to=%s, mask=%d)", type_text(layer, layer.data_type), count_of(layer), sid,
    layer.subscriptionid, real(low), real(high), real(to), mask)
end

local event = response_with_value("EventAddResponse", "subscriptionid")

-- A payload of 16 bytes is that of a request, or a value: which, is nothing that the text says, nor
-- that it can be.
local function event_text(layer)
  if (is_long(layer) and layer.payload_size_ext or layer.payload_size) ~= 16 then return event(layer) end
  local bytes = layer:bytes()
  local at = is_long(layer) and LONG_HEADER or HEADER
  if #bytes < at + 16 then return nil end
  local low, high, to, mask = (">fffI2"):unpack(bytes, at + 1)
  return subscription_text(layer, low, high, to, mask, layer.status)
end

-- An event without a value: there is no buffer to find it in.
local function empty_event_text(layer)
  return format("EventAddResponse(data=%s, data_type=%s, data_count=%d, status=%s, subscriptionid=%d, "
    .. "metadata=%s)", NO_BUFFER, type_text(layer, layer.data_type), count_of(layer),
    status_text(layer.sid), layer.subscriptionid, NO_BUFFER)
end

local function error_text(layer)
  local header = layer.original_request[1].fields
  local message = layer.error_message or ""
  local size = #layer:bytes() - HEADER - (header.payload_size_ext and LONG_HEADER or HEADER)
  return format("ErrorResponse(original_request=MessageHeader(command=%d, payload_size=%d, data_type=%d, "
    .. "data_count=%d, parameter1=%d, parameter2=%d), cid=%d, status=%s, error_message=bytearray(%s))",
    header.command, header.payload_size_ext or header.payload_size, header.data_type,
    header.data_count_ext or header.data_count, header.parameter1, header.parameter2, layer.cid,
    status_text(layer.status), bytes_text(message .. ("\0"):rep(size - #message)))
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
  return format("AccessRightsResponse(cid=%d, access_rights=%s)", layer.cid, rights_text(layer))
end

function texts.CACreateChanResponse(layer)
  return format("CreateChanResponse(data_type=%s, data_count=%d, cid=%d, sid=%d)",
    type_text(layer, layer.data_type), count_of(layer), layer.cid, layer.sid)
end

function texts.CAEventAddRequest(layer)
  return subscription_text(layer, layer.low, layer.high, layer.to, layer.mask, layer.sid)
end

function texts.CAEventCancelRequest(layer)
  return format("EventCancelRequest(data_type=%s, sid=%d, subscriptionid=%d)",
    type_text(layer, layer.data_type), layer.sid, layer.subscriptionid)
end

function texts.CAWriteNotifyResponse(layer)
  return format("WriteNotifyResponse(data_type=%s, data_count=%d, status=%s, ioid=%d)",
    type_text(layer, layer.data_type), count_of(layer), status_text(layer.status), layer.ioid)
end

--- The text of a command.
-- @param layer a layer of a packet (`luapkt.packet`), of any kind
-- @treturn string the text, or nil where the layer is no command of Channel Access, none that is
--   known, or not whole
function channel_access.text(layer)
  local text = texts[layer.kind]
  return text and text(layer)
end

return channel_access
