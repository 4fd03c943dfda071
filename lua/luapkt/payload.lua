--- Which protocols may follow a layer: the result of `get_payload_classes`.
-- A protocol may follow if the two, built from their defaults, read back as those two: what
-- protocols say about each other (`over`, `next`, `fallback`, `carries`, `extent`) is put to the
-- engine, not interpreted here a second time.
-- @module luapkt.payload

local core  = require "luapkt.core"
local order = require "luapkt.order"

local payload = {}

-- Suggested instead of everything that would fit, in this order.
local suggested = {
  Ether = { "IP", "IPv6", "Dot1Q", "Raw" },
  IP    = { "TCP", "UDP", "ICMP", "Raw" },
}

-- Without a byte in it a Raw layer leaves no trace to be read back.
local content = { Raw = { load = "dummy" }, Padding = { load = "dummy" } }

local Payload = {}
Payload.__index = Payload

--- The answers for a generation, each worked out when it is first asked for.
-- @tparam table generation as `registry.load` returns it
function payload.new(generation)
  local uppers = {}
  for _, decl in ipairs(order.sorted(generation.decls)) do
    local marker = #(decl.fields or {}) == 0  -- leaves no bytes either
    if not decl.abstract and not marker then uppers[#uppers + 1] = decl.id end
  end
  return setmetatable({ generation = generation, uppers = uppers, known = {} }, Payload)
end

-- Greedy protocols take in what follows them: then the upper one is only there if it is the same.
local function reads_back(registry, lower, upper)
  local bytes = registry:build { { lower, content[lower] }, { upper, content[upper] } }
  local layers = bytes and registry:dissect(bytes, lower)
  return layers ~= nil and layers[#layers].id == upper
end

local function work_out(self, id)
  local list = core.json.array {}
  for _, upper in ipairs(suggested[id] or self.uppers) do
    local fits
    if suggested[id] then
      fits = self.generation.by_id[upper] ~= nil
    else
      fits = reads_back(self.generation.core, id, upper)
    end
    if fits then list[#list + 1] = upper end
  end
  return list
end

--- The ids of the protocols that may follow the protocol `id`, which exists and isn't abstract.
function Payload:of(id)
  self.known[id] = self.known[id] or work_out(self, id)
  return self.known[id]
end

return payload
