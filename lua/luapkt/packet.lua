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

local function wrong(n, name, wanted, got)
  local what = is_packet(got) and "packet" or is_layer(got) and "layer" or type(got)
  error(("bad argument #%d to '%s' (%s expected, got %s)"):format(n, name, wanted, what), 3)
end

local function check_packet(p, name)
  if not is_packet(p) then wrong(1, name, "packet", p) end
end

-- ------------------------------------------------------------------------- values of fields

local lists = { options = true, layers = true, layer = true }

-- The fields of a layer that are set, as a value of another packet's field.
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

-- A packet as a record: the lowest layer, the others above it.
local function to_record(p)
  local record
  for place = raw.count(p), 1, -1 do
    local layer = raw.layer(p, place)
    record = { id = (raw.kind(layer)), fields = set_fields(layer), above = record }
  end
  return record
end

local function replace_objects(value)
  if is_packet(value) then return to_record(value) end
  if is_layer(value) then return { id = (raw.kind(value)), fields = set_fields(value) } end
  if type(value) ~= "table" then return value end
  local copy = {}
  for k, v in pairs(value) do copy[k] = replace_objects(v) end
  return copy
end

-- A value with records in place of packets, which mostly there are none of.
local function plain(value)
  return raw.holds_objects(value) and replace_objects(value) or value
end

-- A packet within a field, as it is read: its fields by name, beside `id`, `offset` and `fields`.
local Record = {
  __index = function(record, key)
    local fields = rawget(record, "fields")
    return fields and fields[key]
  end,
  __newindex = function(record, key, value) rawget(record, "fields")[key] = value end,
}

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
local function construct(id, what, level)
  if type(what) == "string" then return raw.read(registry(), what, id) end
  if what ~= nil and type(what) ~= "table" then
    error(("bad argument #1 to '%s' (table of fields or bytes expected, got %s)"):format(
      id, is_packet(what) and "packet" or type(what)), level + 1)
  end
  local p, err = raw.make(registry(), id, plain(what or {}))
  if not p then error(err.message, level + 1) end
  return p
end

Protocol.__name = "luapkt.protocol"
function Protocol.__call(protocol, what) return construct(protocol.id, what, 2) end
function Protocol.__tostring(protocol) return protocol.id end

local known = {}

--- The constructor of a protocol: `IP{ ttl = 1 }`, `IP()`, `IP(bytes)`; also a name for its layers,
-- `p[IP]`.
-- @tparam string id
-- @return the constructor, or nil where there is no such protocol
function packet.protocol(id)
  if not protocols.generation().by_id[id] then return nil end
  known[id] = known[id] or setmetatable({ id = id }, Protocol)
  return known[id]
end

-- One of a packet, a protocol's name for its defaults, or bytes for Raw.
local function to_packet(v, name, n)
  if is_packet(v) then return v end
  if is_protocol(v) then return construct(v.id, nil, 3) end
  if type(v) == "string" then return construct("Raw", { load = v }, 3) end
  if is_layer(v) then return packet.of(v) end
  return wrong(n, name, "packet, protocol or bytes", v)
end

-- -------------------------------------------------------------------------- putting together

--- A packet of one layer alone, copied.
function packet.of(layer)
  local p = raw.copy(raw.of(layer))
  local place = raw.place(layer)
  for i = raw.count(p), 1, -1 do
    if i ~= place then raw.remove(p, i) end
  end
  return p
end

local function combine(a, b, level)
  local p, err = raw.combine(to_packet(a, "/", 1), to_packet(b, "/", 2))
  if not p then error(err.message, level or 3) end
  return p
end

function Protocol.__div(a, b) return (combine(a, b)) end
function Protocol.__add(a, b) return (combine(a, b)) end

-- Read what carries a layer's payload as the caller says it is.
local function decode(p, rules)
  local place, layer = 1, raw.layer(p, 1)
  while layer do
    local above = raw.layer(p, place + 1)
    local id = above and raw.kind(above) ~= "Padding" and packet.rule_for(layer, rules)
    if id then
      local ok, err = raw.decode(p, place + 1, id)
      if not ok then return nil, err end
    end
    place = place + 1
    layer = raw.layer(p, place)
  end
  return p
end

--- What `rules` say of a layer: `{ UDP = { [8053] = "DNS" } }`, by either port, or
-- `{ ["IP.proto"] = { [200] = "TCP" } }`, by any field.
function packet.rule_for(layer, rules)
  local kind = raw.kind(layer)
  for name, values in pairs(rules) do
    local protocol, field = name:match "^([^.]+)%.(.+)$"
    for _, id in ipairs { field or "dport", not field and "sport" or nil } do
      if (protocol or name) == kind and raw.has(layer, id) then
        local found = values[raw.value(layer, id)]
        if found then return tostring(found) end
      end
    end
  end
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
    local made, err = raw.make(registry(), id, plain(fields))
    if not made then return nil, err end
    q = made
  end
  q = to_packet(q, "packet", 1)
  return raw.insert(p, raw.top(p, q), q)
end

--- A packet from bytes, or from a list of layers.
-- @tparam string|table what bytes; or layers, lowest first, each a packet, `{ "IP", { ttl = 1 } }`
--   or `{ id = "IP", fields = { ttl = 1 } }`
-- @param[opt="Ether"] id of bytes: the protocol of the lowest layer, its constructor, or the
--   LINKTYPE of a capture as a number
-- @tparam[opt] table options `decode`: protocols by the values of fields below them
-- @return the packet, or nil and `{ code, message }`
function packet.new(what, id, options)
  if type(what) == "string" then
    local first = is_protocol(id) and id.id or id or "Ether"
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
  for other in pairs(protocols.generation().by_id) do
    if other:lower() == id:lower() then return (", but '%s'"):format(other) end
  end
  return ""
end

-- The place of what names a layer: a place, an id, an id and how many come before, a constructor.
local function place_of(p, key, level)
  if math.type(key) == "integer" then return key end
  if is_protocol(key) then return raw.find(p, key.id) end
  if is_layer(key) then return rawequal(raw.of(key), p) and raw.place(key) or nil end
  if type(key) == "string" then
    local id, before = key:match "^(.-):(%d+)$"
    id = id or key
    if protocols.generation().by_id[id] then
      return raw.find(p, id, before and math.tointeger(before) + 1)
    end
    error(("there is no protocol '%s'%s"):format(id, spelt_as(id)), level + 1)
  end
  error(("a layer is named by its place, id or protocol, not by a %s"):format(type(key)), level + 1)
end

--- The layer that `key` names, or nil: `"IP"`, `"IP:1"` for the second, `IP`, or a place from 1.
function Packet.get(p, key)
  check_packet(p, "get")
  local place = place_of(p, key, 2)
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
  local ok, err = raw.insert(p, place, to_packet(q, "insert", 3))
  if not ok then error(err.message, 2) end
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
  local place = place_of(p, key, 2)
  if not place or place < 1 or place > raw.count(p) then
    return core.fail("unknown", "the packet has no layer " .. tostring(key))
  end
  raw.remove(p, place)
  return p
end

--- Iterate over the layers, lowest first. A layer that is removed meanwhile is passed over.
function Packet.layers(p)
  check_packet(p, "layers")
  local place = 0
  return function()
    place = place + 1
    return raw.layer(p, place)
  end
end

--- The same packet once more.
function Packet.copy(p)
  check_packet(p, "copy")
  return raw.copy(p)
end

-- -------------------------------------------------------------------------- packets as a whole

--- The packet's bytes, or nil and `{ code, message }`.
-- @function Packet.bytes
Packet.bytes = raw.bytes

--- All that is worked out, or a default, becomes set: it stays when other fields change.
-- @treturn packet p, or nil and an error
function Packet.freeze(p)
  check_packet(p, "freeze")
  local ok, err = raw.freeze(p)
  if not ok then return nil, err end
  return p
end

--- Lengths and checksums are worked out again, also where they were set or read, and also those of
-- packets in fields. All else stays as it was read. What is about bytes that aren't there stays,
-- too: of a datagram of which this is a piece, of what an error quotes, of a layer that was cut.
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

--- Text of Lua that makes the packet: it evaluates to the same bytes where the protocols' names are
-- known (`luapkt.import`). Set fields are written out; a packet whose fields can't hold all of its
-- bytes is written as its bytes. Or nil and an error.
function Packet.to_lua(p)
  check_packet(p, "to_lua")
  local wanted, err = bytes_of_layers(p)
  if not wanted then return nil, err end
  local code = text.lua(p)
  local chunk = load("return " .. code, "=packet", "t", packet.environment())
  local ok, q = pcall(chunk or error)
  if ok and is_packet(q) and raw.bytes(q) == wanted then return code end
  if not ok and tostring(q):find "memory" then error(q, 0) end
  return text.lua_bytes(p, wanted)
end

--- Text of Python that makes the packet with Scapy: calls with the fields that are set, of layers
-- whose protocols declare `scapy`; from the first other one on, it is Raw. Or nil and an error.
function Packet.to_scapy(p)
  check_packet(p, "to_scapy")
  local ok, err = bytes_of_layers(p)
  if not ok then return nil, err end
  return text.scapy(p)
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
  return inspect.diff(p, q, ignore)
end

--- Do the fields hold all that the bytes say? See `luapkt.inspect`.
function Packet.identical(p)
  check_packet(p, "identical")
  return inspect.identical(p)
end

-- ------------------------------------------------------------------------------------- layers

--- The value of a field; nil where it isn't there. A name that is no field raises.
function Layer.get(layer, id) return dress(raw.value(layer, id)) end

--- Set a field; nil makes it a default, or worked out, again.
-- @treturn boolean true, or nil and `{ code, message }`: what an assignment raises
function Layer.put(layer, id, value) return raw.set(layer, id, plain(value)) end

--- Is there a field of this name?
function Layer.has(layer, id) return raw.has(layer, id) == true end

--- What a person sees of a field: names of values, flags, options.
function Layer.show(layer, id) return raw.text(layer, id) end

--- Iterate over the fields in their order: `{ id, value, text, kind, state, offset, bit_offset,
-- bit_length }`. Places count from the start of the layer; `state` is "set", "default", "auto"
-- (worked out), "absent" (its condition doesn't hold) or "unread" (the bytes ended before).
function Layer.fields(layer)
  local next_field, l, i = fields_of(layer)
  return function()
    local field
    i, field = next_field(l, i)
    if field then dress(field.value) end
    return field
  end
end

--- Where the layer lies: its first byte, from 0, and its size; or nil and an error.
function Layer.range(layer)
  local first, size = raw.range(layer)
  return first, size
end

--- The bytes of the layer alone; or nil and an error.
function Layer.bytes(layer)
  local bytes, err = raw.bytes(raw.of(layer))
  if not bytes then return nil, err end
  local first, size = raw.range(layer)
  return bytes:sub(first + 1, first + size)
end

--- The bytes that the layer carries, without Padding and trailers; or nil and an error.
function Layer.payload(layer)
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

-- The core's functions do what is usual, and call these for the rest: the caller stands one level
-- further up.

-- Is there such a field? Raises, at 'level', where there is no layer any more.
local function has_field(layer, key, level)
  local has = raw.has(layer, key)
  if has == nil then error("the layer was removed from its packet", level + 1) end
  return has
end

-- Fields come first: a protocol may have one that is called like a method.
raw.layer_class.__index = raw.layer_index(function(layer, key)
  if has_field(layer, key, 3) then return dress(raw.value(layer, key)) end
  local method = Layer[key]
  if method then return method end
  local property = properties[key]
  if property then return property(layer) end
  error(('%s has no field "%s"'):format(raw.kind(layer), tostring(key)), 3)
end, dress)

raw.layer_class.__newindex = raw.layer_newindex(function(layer, key, value)
  if not has_field(layer, key, 3) then
    error(('%s has no field "%s"'):format(raw.kind(layer), tostring(key)), 3)
  end
  local ok, err = raw.set(layer, key, plain(value))
  if not ok then error(err.message, 3) end
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
  local place = place_of(p, key, 3)
  return place and raw.layer(p, place)
end, Packet)

-- p.IP = nil, p[2] = Dot1Q{}: a layer is removed, or replaced.
function raw.packet_class.__newindex(p, key, value)
  local place = place_of(p, key, 2)
  local count = raw.count(p)
  if not place or place < 1 or place > count + 1 then
    if value == nil then return end
    error(("the packet has no layer %s to replace"):format(tostring(key)), 2)
  end
  local q = value ~= nil and to_packet(value, "=", 2)
  if place <= count then raw.remove(p, place) end
  if not q then return end
  local ok, err = raw.insert(p, place, q)
  if not ok then error(err.message, 2) end
end

raw.packet_class.__len = raw.count
function raw.packet_class.__tostring(p) return text.packet(p) end
raw.packet_class.__div = raw.packet_divide(function(a, b) return (combine(a, b, 4)) end)
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
