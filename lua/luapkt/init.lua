--- Packets in Lua: build and dissect with the protocols that came with luapkt, no server needed.
--
--    local luapkt = require "luapkt"
--    local bytes = luapkt.build { { "Ether" }, { "IP", { dst = "10.0.0.2" } }, { "UDP" } }
--    for _, layer in ipairs(luapkt.dissect(bytes, "Ether")) do print(layer.id, layer.offset) end
-- @module luapkt

local core     = require "luapkt.core"
local registry = require "luapkt.registry"

local luapkt = { wire = core.wire, json = core.json }

-- The folder of the protocol files: LUAPKT_HOME, else beside this module as it lies in the source
-- tree (lua/luapkt) or where it is installed (share/lua/5.4/luapkt beside share/luapkt).
local function find_protocols()
  local home = os.getenv "LUAPKT_HOME"
  local here = debug.getinfo(1, "S").source:match "^@(.*)[^/]*$":match "^(.*/)" or "./"
  local places = {}
  for i, up in ipairs { "../../", "../../../luapkt/", "../../../../luapkt/" } do
    places[i] = here .. up .. "protocols"
  end
  if home and home ~= "" then table.insert(places, 1, home .. "/protocols") end
  for _, place in ipairs(places) do
    if core.list_files(place, ".lua") then return place end
  end
  return nil, "the folder 'protocols' was not found; set LUAPKT_HOME"
end

local current

local function generation()
  if not current then
    local folder = assert(find_protocols())
    current = assert(registry.load { folder })
  end
  return current
end

--- The protocols in use, loaded at first need.
-- @treturn table { core = compiled registry, decls = ..., by_id = ... }
luapkt.generation = generation

--- Use the protocols of these folders from now on.
-- @tparam {string,...} folders
-- @treturn boolean true, or nil and a message; the protocols in use then stay
function luapkt.load(folders)
  local fresh, err = registry.load(folders)
  if not fresh then return nil, err end
  current = fresh
  return true
end

--- Build a packet, lowest layer first.
-- @tparam {layer,...} layers each `{ "IP", { ttl = 1 } }` or `{ id = "IP", fields = { ttl = 1 } }`
-- @treturn string the bytes, or nil and `{ code, message }`
function luapkt.build(layers) return generation().core:build(layers) end

--- Dissect bytes.
-- @tparam string bytes
-- @tparam[opt="Ether"] string id the protocol of the lowest layer; an unknown one raises
-- @treturn {layer,...} each `{ id, offset, fields }`, or nil and `{ code, message }`
function luapkt.dissect(bytes, id) return generation().core:dissect(bytes, id or "Ether") end

--- Dissect bytes and build them again from the fields' values.
-- @treturn string the bytes, or nil and `{ code, message }`
function luapkt.rebuild(bytes, id) return generation().core:rebuild(bytes, id or "Ether", true) end

--- What a protocol was compiled to, as text.
function luapkt.plan(id) return generation().core:plan(id) end

return luapkt
