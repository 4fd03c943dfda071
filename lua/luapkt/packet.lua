--- Packets as objects: what scripts build, read, edit and compare.
--
--    local Ether, IP, UDP = luapkt.Ether, luapkt.IP, luapkt.UDP
--    local p = Ether{} / IP{ dst = "10.0.0.1" } / UDP{ dport = 53 } / "payload"
--    p.IP.ttl = 3
--    print(p, p.UDP.chksum, #p:bytes())
--
-- A packet's layers are its own: putting packets together copies them. What isn't set is a default,
-- or worked out when it is asked for. Names of methods are in lower case, ids of protocols aren't.
-- @module luapkt.packet

local core      = require "luapkt.core"
local inspect   = require "luapkt.inspect"
local protocols = require "luapkt.protocols"
local text      = require "luapkt.text"

local fields_of = require("luapkt.layer").fields

local raw = core.packet

local packet = {}

local Packet, Layer, Protocol = {}, {}, {}

local function is_packet(v) return type(v) == "userdata" and getmetatable(v) == raw.packet_class end
local function is_layer(v) return type(v) == "userdata" and getmetatable(v) == raw.layer_class end
local function is_protocol(v) return getmetatable(v) == Protocol end

local here = debug.getinfo(1, "S").source

-- Raise an error with the caller's line: that of the first function from here on which is neither
-- in this file nor in C.
local function blame(message)
  local level = 2
  local info = debug.getinfo(level, "S")
  while info and (info.source == here or info.what == "C") do
    level = level + 1
    info = debug.getinfo(level, "S")
  end
  error(message, info and level or 0)
end

local function wrong(n, name, wanted, got)
  local what = is_packet(got) and "packet" or is_layer(got) and "layer" or type(got)
  blame(("bad argument #%d to '%s' (%s expected, got %s)"):format(n, name, wanted, what))
end

local function check_packet(p, name)
  if not is_packet(p) then wrong(1, name, "packet", p) end
end

-- ------------------------------------------------------------------------- values of fields

local MAX_DEPTH = 64 -- values within values: PKT_MAX_DEPTH

local lists = { options = true, layers = true, layer = true }

-- The set fields of a layer by id, as they are set in a record: see to_record().
local function set_fields(layer)
  local fields = {}
  for _, field in fields_of(layer) do
    local value = field.value
    if lists[field.kind] and type(value) == "string" then
      value = { vtype = "BYTES", base64 = core.wire.base64(value) }
    end
    if field.state == "set" and fields[field.id] == nil then fields[field.id] = value end
  end
  return fields
end

-- A packet as a record, which is how one within a field is given: the lowest layer's id and fields,
-- with the record of the layers above it as `above`.
local function to_record(p)
  local record
  for place = raw.count(p), 1, -1 do
    local layer = raw.layer(p, place)
    record = { id = (raw.kind(layer)), fields = set_fields(layer), above = record }
  end
  return record
end

-- Stands for what is nested too deep: the core refuses it and names the field.
local endless = {}
endless[1] = endless

-- A value with records in place of the packets and layers in it.
local function replace_objects(value, depth)
  if is_packet(value) then return to_record(value) end
  if is_layer(value) then return { id = (raw.kind(value)), fields = set_fields(value) } end
  if type(value) ~= "table" then return value end
  if depth > MAX_DEPTH then return endless end
  local copy = {}
  for k, v in pairs(value) do
    copy[k] = replace_objects(v, depth + 1)
    if copy[k] == endless then return endless end -- there may be no end of looking
  end
  return copy
end

-- The same, without copying a value that has no packets in it, as most have none.
local function plain(value)
  return raw.holds_objects(value) and replace_objects(value, 1) or value
end

-- The same for each of the fields of a layer.
local function plain_fields(fields)
  if not raw.holds_objects(fields) then return fields end
  local copy = {}
  for id, value in pairs(fields) do copy[id] = plain(value) end
  return copy
end

-- A packet within a field, as it is read: its fields by name, beside `id`, `offset` and `fields`.
local Record = {
  __index = function(record, key)
    local fields = rawget(record, "fields")
    return fields and fields[key]
  end,
  __newindex = function(record, key, value) rawget(record, "fields")[key] = value end,
}

-- Make records of the tables for packets in a value. Returns the value.
local function dress(value)
  if type(value) ~= "table" then return value end
  if value.id and value.fields then
    for _, v in pairs(value.fields) do dress(v) end
    return setmetatable(value, Record)
  end
  for _, v in pairs(value) do dress(v) end
  return value
end

-- ---------------------------------------------------------------------------------- protocols

local function registry() return protocols.generation().core end

-- What a constructor is called with becomes a packet; a wrong field or value raises.
local function construct(id, what)
  if type(what) == "string" then return raw.read(registry(), what, id) end
  if what ~= nil and type(what) ~= "table" then
    wrong(1, id, "table of fields or bytes", what)
  end
  local p, err = raw.make(registry(), id, plain_fields(what or {}))
  if not p then blame(err.message) end
  return p
end

-- The id of each constructor. It isn't a member of the constructor, in which nothing can be set: a
-- field that is set in a protocol, as by `IP.ttl = 1`, raises.
local ids = {}

Protocol.__name = "luapkt.protocol"
function Protocol.__index(protocol, key) return key == "id" and ids[protocol] or nil end
function Protocol.__newindex(protocol, key)
  local id, name = ids[protocol], tostring(key)
  blame(("%s is a protocol: of a packet p, p.%s.%s is set"):format(id, id, name))
end
function Protocol.__call(protocol, what) return construct(ids[protocol], what) end
function Protocol.__tostring(protocol) return ids[protocol] end

local known = {}

--- The constructor of a protocol: `IP{ ttl = 1 }`, `IP()`, `IP(bytes)`; also a name for its layers,
-- `p[IP]`.
-- @tparam string id
-- @return the constructor, or nil where there is no such protocol
function packet.protocol(id)
  if not protocols.generation().ids[id] then return nil end
  if not known[id] then
    known[id] = setmetatable({}, Protocol)
    ids[known[id]] = id
  end
  return known[id]
end

-- A packet of what may stand for one: a packet itself, a constructor for its defaults, bytes for
-- Raw, or a layer. Anything else raises.
local function to_packet(v, name, n)
  if is_packet(v) then return v end
  if is_protocol(v) then return construct(ids[v]) end
  if type(v) == "string" then return construct("Raw", { load = v }) end
  if is_layer(v) then return packet.of(v) end
  return wrong(n, name, "packet, protocol or bytes", v)
end

-- -------------------------------------------------------------------------- putting together

local function check_layer(layer, name)
  if not is_layer(layer) then wrong(1, name, "layer", layer) end
  if raw.has(layer, "") == nil then blame "the layer was removed from its packet" end
end

--- A packet of one layer alone, copied.
function packet.of(layer)
  check_layer(layer, "of")
  local p = raw.copy(raw.of(layer))
  local place = raw.place(layer)
  for i = raw.count(p), 1, -1 do
    if i ~= place then raw.remove(p, i) end
  end
  return p
end

local function combine(a, b)
  local p, err = raw.combine(to_packet(a, "/", 1), to_packet(b, "/", 2))
  if not p then blame(err.message) end
  return p
end

function Protocol.__div(a, b) return (combine(a, b)) end
function Protocol.__add(a, b) return (combine(a, b)) end

local function declares(id, name)
  return protocols.generation().core:declares(id, name, true) ~= nil
end

-- The id of the protocol that a rule of `decode` is about, and its field or nil; raises where there
-- is no such protocol or field.
local function rule_about(name)
  if is_protocol(name) then return name.id end
  if type(name) ~= "string" then
    blame(("decode: rules are by protocols and fields, not by a %s"):format(type(name)))
  end
  local first, field = name:match "^([^.]+)%.(.+)$"
  local id = protocols.find(first or name)
  if not id then blame(("decode: there is no protocol '%s'"):format(first or name)) end
  if field and not declares(id, field) then
    blame(('decode: %s has no field "%s"'):format(id, field))
  end
  return id, field
end

-- Raise where protocols by a layer's ports are of a layer without ports, or by what is no port:
-- such a rule would never be followed.
local function check_ports(id, values)
  if not declares(id, "dport") and not declares(id, "sport") then
    blame(("decode: %s has no ports; ['%s.FIELD'] names a field"):format(id, id))
  end
  for port in pairs(values) do
    local number = type(port) == "number" and math.tointeger(port)
    if not number or number < 0 or number > 65535 then
      blame(("decode: of %s a port of 0 to 65535 expected, got %s"):format(id,
        type(port) == "string" and ("'%s'"):format(port) or tostring(port)))
    end
  end
end

-- Rules as a list of { kind, its fields, protocols by their values }.
local function read_rules(rules)
  local list = {}
  if type(rules) ~= "table" then blame "decode: a table of rules expected" end
  for name, values in pairs(rules) do
    local id, field = rule_about(name)
    if type(values) ~= "table" then
      blame(("decode: of %s a table of protocols by values expected, got %s"):format(
        tostring(name), type(values)))
    end
    if not field then check_ports(id, values) end
    list[#list + 1] = { id, field and { field } or { "dport", "sport" }, values }
  end
  return list
end

-- The id of the protocol that the rules choose for what a layer carries, or nil.
local function rule_for(layer, rules)
  local kind = raw.kind(layer)
  for _, rule in ipairs(rules) do
    for _, id in ipairs(rule[1] == kind and rule[2] or {}) do
      local found = raw.has(layer, id) and rule[3][raw.value(layer, id)]
      if found then return protocols.find(tostring(found)) or tostring(found) end
    end
  end
end

-- Read the payloads of the packet anew where the rules choose their protocol.
-- @return the packet, or nil and an error
local function decode(p, rules)
  rules = read_rules(rules)
  local place, layer = 1, raw.layer(p, 1)
  while layer do
    local above = raw.layer(p, place + 1)
    local id = above and raw.kind(above) ~= "Padding" and rule_for(layer, rules)
    if id then
      local ok, err = raw.decode(p, place + 1, id)
      if not ok then return nil, err end
    end
    place = place + 1
    layer = raw.layer(p, place)
  end
  return p
end

-- One layer of a list: a packet, or a table as `luapkt.build` takes it.
local function build_layer(p, item)
  local q = item
  if type(item) == "table" and not is_protocol(item) then
    local id = type(item[1]) == "string" and item[1] or item.id
    if type(id) ~= "string" then
      return core.fail("value", "a layer needs a protocol's id")
    end
    local fields = item.fields or item[2] or {}
    if type(fields) ~= "table" then
      return core.fail("value", ("%s: a table of fields expected, got %s"):format(id, type(fields)))
    end
    local made, err = raw.make(registry(), id, plain_fields(fields))
    if not made then return nil, err end
    q = made
  end
  q = to_packet(q, "packet", 1)
  return raw.insert(p, raw.top(p, q), q)
end

local function check_first(id)
  local link = math.type(id) == "integer"
  if not link and type(id) ~= "string" then wrong(2, "packet", "protocol or LINKTYPE", id) end
  if link and (id < 0 or id > 65535) then
    blame(("bad argument #2 to 'packet' (LINKTYPE of 0 to 65535 expected, got %d)"):format(id))
  end
end

local function check_options(options)
  if options == nil then return end
  if type(options) ~= "table" then wrong(3, "packet", "table of options", options) end
  for name in pairs(options) do
    if name ~= "decode" then
      blame(("bad argument #3 to 'packet' (there is no option '%s')"):format(tostring(name)))
    end
  end
end

--- A packet from bytes, or from a list of layers.
-- @tparam string|table what bytes; or layers, lowest first, each a packet, `{ "IP", { ttl = 1 } }`
--   or `{ id = "IP", fields = { ttl = 1 } }`
-- @param[opt="Ether"] id of bytes: the protocol of the lowest layer, its constructor, or the
--   LINKTYPE of a capture as a number
-- @tparam[opt] table options `decode`: protocols by the values of fields below them:
--   `{ UDP = { [8053] = "DNS" } }`, by either port, or `{ ["IP.proto"] = { [200] = "TCP" } }`, by
--   any field; what is no protocol or field raises
-- @return the packet, or nil and `{ code, message }`
function packet.new(what, id, options)
  if type(what) == "string" then
    local first = is_protocol(id) and id.id or id or "Ether"
    check_first(first)
    check_options(options)
    local p, err = raw.read(registry(), what, first)
    if not p then return nil, err end
    if options and options.decode then return decode(p, options.decode) end
    return p
  end
  if type(what) ~= "table" then wrong(1, "packet", "bytes or list of layers", what) end
  local p = raw.new(registry())
  for _, item in ipairs(what) do
    local ok, err = build_layer(p, item)
    if not ok then return nil, err end
  end
  return p
end

-- ----------------------------------------------------------------------------- packets' layers

local function spelt_as(id)
  local other = protocols.find(id)
  return other and (", but '%s'"):format(other) or ""
end

-- A hint for whoever asks the packet for a field that one of its layers has; "" where none has it.
local function hint_of(p, id)
  for place = 1, raw.count(p) do
    local layer = raw.layer(p, place)
    if raw.has(layer, id) then
      return ("; %s has such a field: p.%s.%s"):format(raw.kind(layer), raw.kind(layer), id)
    end
  end
  return ""
end

-- The place of the layer that `key` names: a place, a layer of this packet, a constructor, an id,
-- or an id and how many layers of that protocol come before ("IP:1"). Nil: the packet has none.
local function place_of(p, key)
  if math.type(key) == "integer" then return key end
  if is_protocol(key) then return raw.find(p, ids[key]) end
  if is_layer(key) then return rawequal(raw.of(key), p) and raw.place(key) or nil end
  if type(key) == "string" then
    local id, before = key:match "^(.-):(%d+)$"
    id = id or key
    if protocols.generation().ids[id] then
      if not before then return raw.find(p, id) end
      before = math.tointeger(before) -- nil: more than there can be
      return before and raw.find(p, id, before + 1)
    end
    local hint = spelt_as(id)
    blame(("there is no protocol '%s'%s"):format(id, hint ~= "" and hint or hint_of(p, id)))
  end
  blame(("a layer is named by its place, id or protocol, not by a %s"):format(type(key)))
end

-- What names a layer, for messages.
local function layer_name(key)
  if not is_layer(key) then return tostring(key) end
  return raw.has(key, "") == nil and "that was removed" or raw.kind(key) .. " of another packet"
end

--- The layer that `key` names, or nil: `"IP"`, `"IP:1"` for the second, `IP`, or a place from 1.
function Packet.get(p, key)
  check_packet(p, "get")
  local place = place_of(p, key)
  return place and raw.layer(p, place)
end

--- Is there such a layer?
function Packet.has(p, key)
  check_packet(p, "has")
  return Packet.get(p, key) ~= nil
end

--- Put `q`, a packet, protocol or bytes, in front of the layer at a place.
-- The layer below says what follows it, if it did so before.
-- @treturn packet p
function Packet.insert(p, place, q)
  check_packet(p, "insert")
  if math.type(place) ~= "integer" then wrong(2, "insert", "place", place) end
  local most = raw.count(p) + 1
  if place < 1 or place > most then
    blame(("bad argument #2 to 'insert' (place of 1 to %d expected, got %d)"):format(most, place))
  end
  local ok, err = raw.insert(p, place, to_packet(q, "insert", 3))
  if not ok then blame(err.message) end
  return p
end

--- Put `q` on top, below Padding.
-- @treturn packet p
function Packet.append(p, q)
  check_packet(p, "append")
  q = to_packet(q, "append", 2)
  return Packet.insert(p, raw.top(p, q), q)
end

--- Take a layer away.
-- @return the packet, or nil and an error where there is no such layer
function Packet.remove(p, key)
  check_packet(p, "remove")
  local place = place_of(p, key)
  if not place or place < 1 or place > raw.count(p) then
    return core.fail("unknown", "the packet has no layer " .. layer_name(key))
  end
  raw.remove(p, place)
  return p
end

--- Iterate over the layers that there are now, lowest first. One that is removed meanwhile is
-- passed over.
function Packet.layers(p)
  check_packet(p, "layers")
  local layers, i = {}, 0
  for place = 1, raw.count(p) do layers[place] = raw.layer(p, place) end
  return function()
    repeat i = i + 1 until not layers[i] or raw.has(layers[i], "") ~= nil
    return layers[i]
  end
end

--- A copy of the packet.
function Packet.copy(p)
  check_packet(p, "copy")
  return raw.copy(p)
end

-- -------------------------------------------------------------------------- packets as a whole

--- The packet's bytes, or nil and `{ code, message }`.
-- @function Packet.bytes
Packet.bytes = raw.bytes

--- Set every field to the value that it has by default or worked out, so that it stays when other
-- fields change.
-- @treturn packet p, or nil and an error
function Packet.freeze(p)
  check_packet(p, "freeze")
  local ok, err = raw.freeze(p)
  if not ok then return nil, err end
  return p
end

--- Work lengths and checksums out again, even where they were set or read, and in packets within
-- fields as well. All else stays as it was read. So do lengths and checksums over bytes that aren't
-- there: of a datagram of which this is a piece, of what an ICMP error quotes, of a layer that was
-- cut.
-- @treturn packet p
function Packet.recompute(p)
  check_packet(p, "recompute")
  raw.recompute(p)
  return p
end

--- The reply tree of the server's `build_pkt`, as JSON text; or nil and an error.
function Packet.to_json(p)
  check_packet(p, "to_json")
  return raw.json(p)
end

-- The bytes of a packet that has any layers.
local function bytes_of_layers(p)
  if raw.count(p) == 0 then return core.fail("value", "the packet has no layers") end
  return raw.bytes(p)
end

-- The packet that text of Lua makes; nil: it makes none. Raises without memory.
local function evaluate(code)
  local ok, q = pcall(load("return " .. code, "=packet", "t", packet.environment()) or error)
  if not ok and tostring(q):find "memory" then error(q, 0) end
  return ok and is_packet(q) and q or nil
end

--- Text of Lua that makes the packet: it evaluates to the same bytes where the protocols' names are
-- known (`luapkt.import`). Set fields are written out; a packet whose fields can't hold all of its
-- bytes is written as its bytes. Or nil and an error.
function Packet.to_lua(p)
  check_packet(p, "to_lua")
  local wanted, err = bytes_of_layers(p)
  if not wanted then return nil, err end
  local code = text.lua(p)
  local q = evaluate(code)
  if q and raw.bytes(q) == wanted then return code end
  return text.lua_bytes(p, wanted)
end

--- Text of Python that makes the packet with Scapy: calls with the fields that are set, of layers
-- whose protocols declare `scapy`; from the first other one on, it is Raw. Or nil and an error.
function Packet.to_scapy(p)
  check_packet(p, "to_scapy")
  local ok, err = bytes_of_layers(p)
  if not ok then return nil, err end
  return text.scapy(p, evaluate(text.lua(p)))
end

--- The bytes as a hexadecimal dump; or nil and an error.
function Packet.hexdump(p)
  check_packet(p, "hexdump")
  local bytes, err = raw.bytes(p)
  if not bytes then return nil, err end
  return text.hexdump(bytes)
end

--- Every length and checksum: is it right? See `luapkt.inspect`.
function Packet.check(p)
  check_packet(p, "check")
  return inspect.check(p)
end

--- How two packets differ, field by field. See `luapkt.inspect`.
function Packet.diff(p, q, ignore)
  check_packet(p, "diff")
  if not is_packet(q) then wrong(2, "diff", "packet", q) end
  if ignore ~= nil and type(ignore) ~= "table" then wrong(3, "diff", "list of names", ignore) end
  return inspect.diff(p, q, ignore)
end

--- Do the fields hold all that the bytes say? See `luapkt.inspect`.
function Packet.identical(p)
  check_packet(p, "identical")
  return inspect.identical(p)
end

-- ------------------------------------------------------------------------------------- layers

-- Is there such a field? Raises where there is no layer any more.
local function has_field(layer, key)
  local has = raw.has(layer, key)
  if has == nil then blame "the layer was removed from its packet" end
  return has
end

local function check_field(layer, name, key)
  if not is_layer(layer) then wrong(1, name, "layer", layer) end
  if has_field(layer, key) then return end
  blame(('%s has no field "%s"'):format(raw.kind(layer), tostring(key)))
end

--- The value of a field; nil where it isn't there. A name that is no field raises.
function Layer.get(layer, id)
  check_field(layer, "get", id)
  return dress(raw.value(layer, id))
end

--- Set a field; nil makes it a default, or worked out, again.
-- @treturn boolean true, or nil and `{ code, message }`: what an assignment raises
function Layer.put(layer, id, value)
  check_field(layer, "put", id)
  return raw.set(layer, id, plain(value))
end

--- Is there a field of this name?
function Layer.has(layer, id)
  check_layer(layer, "has")
  return raw.has(layer, id) == true
end

--- What a person sees of a field: names of values, flags, options.
function Layer.show(layer, id)
  check_field(layer, "show", id)
  return raw.text(layer, id)
end

--- Iterate over the fields in their order: `{ id, value, text, kind, state, offset, bit_offset,
-- bit_length }`. Places count from the start of the layer; `state` is "set", "default", "auto"
-- (worked out), "absent" (its condition doesn't hold) or "unread" (the bytes ended before).
function Layer.fields(layer)
  check_layer(layer, "fields")
  local next_field, l, i = fields_of(layer)
  return function()
    check_layer(layer, "fields")
    local field
    i, field = next_field(l, i)
    if field then dress(field.value) end
    return field
  end
end

--- Where the layer lies: its first byte, from 0, and its size; or nil and an error.
function Layer.range(layer)
  check_layer(layer, "range")
  local first, size = raw.range(layer)
  return first, size
end

--- The bytes of the layer alone; or nil and an error.
function Layer.bytes(layer)
  check_layer(layer, "bytes")
  local bytes, err = raw.bytes(raw.of(layer))
  if not bytes then return nil, err end
  local first, size = raw.range(layer)
  return bytes:sub(first + 1, first + size)
end

--- The bytes that the layer carries, without Padding and trailers; or nil and an error.
function Layer.payload(layer)
  check_layer(layer, "payload")
  local p = raw.of(layer)
  local bytes, err = raw.bytes(p)
  if not bytes then return nil, err end
  local first, size, behind = raw.range(layer)
  return bytes:sub(first + size + 1, inspect.end_of(p) - behind)
end

local properties = {
  kind   = function(layer) return (raw.kind(layer)) end,
  title  = function(layer) return select(2, raw.kind(layer)) end,
  place  = raw.place,
  packet = raw.of,
}

--- Is it the name of a method that every packet has?
function packet.is_method(name) return Packet[name] ~= nil end

--- Is it the name of a method or property that every layer has?
function packet.is_attribute(name) return Layer[name] ~= nil or properties[name] ~= nil end

-- Metamethods. The core's functions do what is usual, and call these for the rest.

-- Fields come first: a protocol may have one that is called like a method.
raw.layer_class.__index = raw.layer_index(function(layer, key)
  if has_field(layer, key) then return dress(raw.value(layer, key)) end
  local method = Layer[key]
  if method then return method end
  local property = properties[key]
  if property then return property(layer) end
  return check_field(layer, "get", key)
end, dress)

raw.layer_class.__newindex = raw.layer_newindex(function(layer, key, value)
  check_field(layer, "put", key)
  local ok, err = raw.set(layer, key, plain(value))
  if not ok then blame(err.message) end
end)

function raw.layer_class.__tostring(layer)
  if raw.has(layer, "") == nil then return "(a layer that was removed)" end
  return text.layer(layer)
end

function raw.layer_class.__eq(a, b)
  return is_layer(a) and is_layer(b) and rawequal(raw.of(a), raw.of(b))
    and raw.place(a) == raw.place(b)
end
function raw.layer_class.__div(a, b) return (combine(a, b)) end
function raw.layer_class.__add(a, b) return (combine(a, b)) end

raw.packet_class.__index = raw.packet_index(function(p, key)
  local place = place_of(p, key)
  return place and raw.layer(p, place)
end, Packet)

-- p.IP = nil, p[2] = Dot1Q{}: a layer is removed, or replaced.
function raw.packet_class.__newindex(p, key, value)
  local place = place_of(p, key)
  local count = raw.count(p)
  if not place or place < 1 or place > count + 1 then
    if value == nil then return end
    blame(("the packet has no layer %s to replace"):format(layer_name(key)))
  end
  local q = value ~= nil and to_packet(value, "=", 2)
  if place <= count then raw.remove(p, place) end
  if not q then return end
  local ok, err = raw.insert(p, place, q)
  if not ok then blame(err.message) end
end

raw.packet_class.__len = raw.count
function raw.packet_class.__tostring(p) return text.packet(p) end
raw.packet_class.__div = raw.packet_divide(function(a, b) return (combine(a, b)) end)
raw.packet_class.__add = raw.packet_class.__div

--- Packets are equal when their bytes are.
function raw.packet_class.__eq(a, b)
  if not (is_packet(a) and is_packet(b)) then return false end
  local bytes = raw.bytes(a)
  return bytes ~= nil and bytes == raw.bytes(b)
end

--- A table in which the protocols' ids are names, beside those of `base` (none if left out).
-- @tparam[opt] table base
function packet.environment(base)
  return setmetatable({}, {
    __index = function(_, name)
      local value = base and base[name]
      if value ~= nil or type(name) ~= "string" then return value end
      return packet.protocol(name)
    end,
    __newindex = base,
  })
end

packet.methods, packet.layer = Packet, Layer
packet.is_packet, packet.is_layer = is_packet, is_layer

return packet
