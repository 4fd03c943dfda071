--- What several modules ask of a packet's layer.
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

return layer
