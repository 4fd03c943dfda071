--- Packets as text: a tree and a dump for people, and code in Lua or Python that makes the packet.
-- @module luapkt.text

local core      = require "luapkt.core"
local inspect   = require "luapkt.inspect"
local protocols = require "luapkt.protocols"

local fields_of = require("luapkt.layer").fields

local raw = core.packet

local text = {}

local function layers_of(p)
  local place = 0
  return function()
    place = place + 1
    local layer = raw.layer(p, place)
    return layer and place, layer
  end
end

-- What a person sees of a value, with the number in brackets where that is a name.
local function show_value(shown, number)
  if number and shown == "" then return tostring(number) end
  if not number or shown:find "^%-?%d[%d.]*$" or shown:find "^0x%x+$" then return shown end
  return ("%s (%s)"):format(shown, number)
end

local function show_fields(layer, lines)
  local i, id, shown, number = 1, raw.shown(layer, 1)
  while id do
    if shown then
      local line = "  " .. id .. ": " .. show_value(shown, number)
      lines[#lines + 1] = line:find("%s", -1) and line:match "^(.-)%s*$" or line
    end
    i = i + 1
    id, shown, number = raw.shown(layer, i)
  end
end

local function show_layer(layer, lines)
  local first, size = raw.range(layer)
  local kind, title = raw.kind(layer)
  local name = kind == title and kind or ("%s (%s)"):format(kind, title)
  if first then name = ("%s, %d bytes at %d"):format(name, size, first) end
  lines[#lines + 1] = name
  show_fields(layer, lines)
end

--- A layer with its fields, a line each.
function text.layer(layer)
  local lines = {}
  show_layer(layer, lines)
  return table.concat(lines, "\n")
end

--- A packet with all of its layers' fields, a line each.
function text.packet(p)
  local lines = {}
  local ok, err = raw.bytes(p)
  if not ok then lines[1] = "(can't be built: " .. err.message .. ")" end
  for _, layer in layers_of(p) do show_layer(layer, lines) end
  return table.concat(lines, "\n")
end

--- Bytes in lines of sixteen: their place, hexadecimal, and what can be printed.
-- @function text.hexdump
text.hexdump = core.hexdump

local function is_name(id)
  return id:find "^[%a_][%w_]*$" ~= nil and load("local " .. id) ~= nil
end

-- IP{ttl=1}; a field of the same id as one before it can't be named.
local function call_lua(layer)
  local arguments, seen = {}, {}
  if raw.compressed(layer) and not raw.has(layer, "compress") then
    arguments[1] = "compress=true"
  end
  for i, field in fields_of(layer) do
    local literal = field.state == "set" and not seen[field.id] and raw.literal(layer, i)
    if literal and literal ~= "nil" then
      local key = is_name(field.id) and field.id or ("[%q]"):format(field.id)
      arguments[#arguments + 1] = key .. "=" .. literal
    end
    seen[field.id] = true
  end
  return ("%s{%s}"):format(raw.kind(layer), table.concat(arguments, ", "))
end

local function join(p, call, between)
  local calls = {}
  for place, layer in layers_of(p) do calls[place] = call(layer) end
  return table.concat(calls, between)
end

--- The set fields as calls of constructors.
function text.lua(p)
  return join(p, call_lua, " / ")
end

local function escape(c) return ("\\x%02x"):format(c:byte()) end

--- The bytes as a call of the lowest layer's constructor.
function text.lua_bytes(p, bytes)
  local escaped = bytes:gsub('[%c\x7f-\xff"\\]', escape)
  return ('%s("%s")'):format(raw.kind(raw.layer(p, 1)), escaped)
end

local python_words = {}
for word in ("and as assert async await break class continue def del elif else except False "
  .. "finally for from global if import in is lambda None nonlocal not or pass raise return True "
  .. "try while with yield"):gmatch "%S+" do python_words[word] = true end

local function quoted(s)
  return "b'" .. s:gsub("[%c\x7f-\xff'\\]", escape) .. "'"
end

local function python_part(v)
  if math.type(v) == "integer" then return tostring(v) end
  local plain = type(v) == "string" and v:find "^[%w.:_-]+$"
  return plain and "'" .. v .. "'" or quoted(v)
end

-- [('message-type', 1), 'end']: DHCP's options, which Scapy prints in a form that it doesn't read.
local function python_options(list)
  local items = {}
  for i, option in ipairs(list) do
    local parts = {}
    for k, part in ipairs(option) do parts[k] = python_part(part) end
    items[i] = #parts == 1 and parts[1] or "(" .. table.concat(parts, ", ") .. ")"
  end
  return "[" .. table.concat(items, ", ") .. "]"
end

-- Does Scapy make the same bytes of all these fields? Of packets in fields, too.
local function is_scapys(id, value)
  if id and not protocols.generation().core:is_scapys(id) then return false end
  if type(value) ~= "table" then return true end
  if value.vtype then return false end -- bytes behind the last item of a list
  for _, v in pairs(value) do
    if type(v) == "table" and not is_scapys(v.fields and v.id, v) then return false end
  end
  return true
end

-- Can a layer be written as a call of Scapy's constructor? Not where names are compressed, which
-- only a method of Scapy's does; nor where the bytes ended before a field, which Scapy would make
-- up; nor where a list of packets has bytes in its place, to which Scapy would add an item.
local function has_call(layer)
  if raw.compressed(layer) or not is_scapys(raw.kind(layer)) then return false end
  for _, field in fields_of(layer) do
    local is_odd = field.kind == "layers" and type(field.value) == "string"
    if field.state == "unread" or is_odd or not is_scapys(nil, field.value) then return false end
  end
  return true
end

-- Kinds of fields whose defaults differ in Scapy: addresses are those of its host, bytes are empty,
-- and a list of packets may have an item.
local other_defaults = { ipv4 = true, ipv6 = true, mac = true, bytes = true, layers = true }

-- Must a field be an argument of the call? If it is set, or if Scapy has another default; and where
-- not all layers are calls, also if a layer above sets it (such as the number of the next layer).
local function is_written(field, all_named)
  if field.state == "set" then return true end
  if field.state == "default" then return other_defaults[field.kind] end
  return field.state == "auto" and not field.auto and not all_named
end

local function call_python(layer, all_named)
  local arguments, seen = {}, {}
  for i, field in fields_of(layer) do
    local written = is_written(field, all_named) and not seen[field.id]
    local literal = written and raw.literal(layer, i, true)
    local none = literal == "None" and field.kind ~= "layers"
    local empty = literal == "[]" and field.state == "default"
    if literal and not none and not empty then
      if field.kind == "options" and literal:find "^%[[^%(%]]" then
        local value = field.value
        literal = type(value) == "table" and python_options(value) or quoted(value)
      end
      local key = field.id .. (python_words[field.id] and "_" or "")
      arguments[#arguments + 1] = key .. "=" .. literal
    end
    seen[field.id] = true
  end
  return ("%s(%s)"):format(raw.kind(layer), table.concat(arguments, ", "))
end

local function bytes_of(p, place)
  local layer = p and raw.layer(p, place)
  if not layer or not raw.bytes(p) then return nil end
  local first, size = raw.range(layer)
  return raw.bytes(p):sub(first + 1, first + size)
end

-- How many layers are written as calls, from the lowest on: those that fields alone make again.
local function count_calls(p, again)
  for place, layer in layers_of(p) do
    if not has_call(layer) or bytes_of(p, place) ~= bytes_of(again, place) then return place - 1 end
  end
  return raw.count(p)
end

--- The set fields as calls of Scapy's constructors, as far as the layers are of protocols that
-- Scapy has just so; bytes from there on.
-- @param p a packet
-- @param again what `text.lua` of it makes; nil: that can't be made
function text.scapy(p, again)
  local count, calls = count_calls(p, again), {}
  local rest = raw.layer(p, count + 1)
  for place = 1, count do calls[place] = call_python(raw.layer(p, place), not rest) end
  if rest then
    local bytes, last = raw.bytes(p), inspect.end_of(p)
    calls[count + 1] = ("Raw(load=%s)"):format(quoted(bytes:sub(raw.range(rest) + 1, last)))
    if last < #bytes then
      calls[count + 2] = ("Padding(load=%s)"):format(quoted(bytes:sub(last + 1)))
    end
  end
  return table.concat(calls, "/")
end

return text
