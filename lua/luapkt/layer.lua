--- What several modules ask of a packet's layers.
-- @module luapkt.layer

local raw = require("luapkt.core").packet

local layer = {}

local function next_field(l, i)
  local field = raw.field(l, i + 1)
  if field then return i + 1, field end
end

--- Iterate over the fields of a layer in their order: number from 1, field as `core.packet.field`
-- gives it.
function layer.fields(l) return next_field, l, 0 end

--- The first layer of a packet that is of the protocol `id`, or nil.
function layer.find(p, id)
  local place = raw.find(p, id)
  return place and raw.layer(p, place)
end

return layer
