--- Packets in Lua: built, read, edited and compared with the protocols that came with luapkt, no
-- server needed.
--
--    local luapkt = require "luapkt"
--    local Ether, IP, UDP = luapkt.Ether, luapkt.IP, luapkt.UDP
--    local p = Ether{} / IP{ dst = "10.0.0.2" } / UDP{ dport = 53 }
--    for layer in luapkt.packet(p:bytes()):layers() do print(layer.kind, layer.place) end
--
-- Every protocol's id is a name of this module: its constructor, loaded at first need.
-- docs/library.md shows all of it by example.
-- @module luapkt

local check     = require("luapkt.arguments").check
local core      = require "luapkt.core"
local flow      = require "luapkt.flow"
local matching  = require "luapkt.matching"
local packet    = require "luapkt.packet"
local pcap      = require "luapkt.pcap"
local protocols = require "luapkt.protocols"
local shark     = require "luapkt.shark"
local socket    = require "luapkt.socket"

local luapkt = {
  wire = core.wire, json = core.json, flow = flow, pcap = pcap, socket = socket, shark = shark,
}

packet.methods.reverse_address = flow.reverse_address
packet.methods.is_direction = flow.is_direction
packet.methods.is_answered_by = matching.is_answered_by

luapkt.generation = protocols.generation
luapkt.folder     = protocols.folder
luapkt.load       = protocols.load
luapkt.add        = protocols.add
luapkt.packet     = packet.new
luapkt.is_packet  = packet.is_packet

--- The functions of layers by name, for protocols with a field that is called like one of them:
-- `luapkt.layer.show(layer, "flags")`.
luapkt.layer      = packet.layer

--- The protocols' ids as names: `local _ENV = luapkt.import()` for a whole script or function. With
-- a table, its names come first, and new ones are set in it.
-- @tparam[opt] table base the global table if left out
-- @treturn table an environment
function luapkt.import(base)
  if base ~= nil then check(base, "table", "import", 1) end
  return packet.environment(base or _G)
end

-- The id of a protocol that there is, which the function that called this one was called with.
local function check_known(id)
  if not protocols.generation().ids[id] then
    error(("there is no protocol '%s'"):format(id), 3)
  end
end

--- Build a packet, lowest layer first.
-- @tparam {layer,...} layers each `{ "IP", { ttl = 1 } }` or `{ id = "IP", fields = { ttl = 1 } }`
-- @treturn string the bytes, or nil and `{ code, message }`
function luapkt.build(layers)
  check(layers, "table", "build", 1)
  return protocols.generation().core:build(layers)
end

--- Dissect bytes to plain tables.
-- @tparam string bytes
-- @tparam[opt="Ether"] string id the protocol of the lowest layer; an unknown one raises
-- @treturn {layer,...} each `{ id, offset, fields }`, or nil and `{ code, message }`
function luapkt.dissect(bytes, id, ...)
  if select("#", ...) > 0 then error("'dissect' takes no options: 'packet' does", 2) end
  id = id or "Ether"
  check(bytes, "string", "dissect", 1)
  check(id, "string", "dissect", 2)
  check_known(id)
  return protocols.generation().core:dissect(bytes, id)
end

--- Dissect bytes and build them again from the fields' values.
-- @treturn string the bytes, or nil and `{ code, message }`
function luapkt.rebuild(bytes, id)
  id = id or "Ether"
  check(bytes, "string", "rebuild", 1)
  check(id, "string", "rebuild", 2)
  check_known(id)
  return protocols.generation().core:rebuild(bytes, id, true)
end

--- What a protocol was compiled to, as text.
function luapkt.plan(id)
  check(id, "string", "plan", 1)
  check_known(id)
  return protocols.generation().core:plan(id)
end

-- Modules that few scripts want, loaded at first need.
local modules = { channel_access = true, field = true, message = true, reliable = true }

return setmetatable(luapkt, {
  __index = function(_, name)
    if type(name) ~= "string" then return nil end
    if modules[name] then
      luapkt[name] = require("luapkt." .. name)
      return luapkt[name]
    end
    local protocol = packet.protocol(name)
    if protocol then return protocol end
    local other = protocols.find(name)
    local but = other and (", but '%s'"):format(other) or ""
    error(("luapkt has neither a function nor a protocol '%s'%s"):format(name, but), 2)
  end,
})
