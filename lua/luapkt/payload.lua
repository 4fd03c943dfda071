--- Which protocols may follow a layer: the result of `get_payload_classes`. A protocol may follow
-- another if both, built from their defaults (and their `sample`), read back as those two. So what
-- declarations say about each other (`over`, `next`, `fallback`, `carries`, `extent`) is tried in
-- the engine, not interpreted here a second time. A protocol all of whose ways to ride on the layer
-- have `listed = false` isn't suggested. A layer whose protocol declares `payloads` has those
-- instead.
-- @module luapkt.payload

local core  = require "luapkt.core"
local order = require "luapkt.order"

local payload = {}

local Payload = {}
Payload.__index = Payload

--- The answers for a generation, each worked out when it is first asked for.
-- @tparam table generation as `registry.load` returns it
-- @tparam[opt] boolean extras suggest protocols marked `extra` also behind those that aren't
function payload.new(generation, extras)
  local uppers = {}
  for _, decl in ipairs(order.sorted(generation.decls)) do
    local leaves_bytes = not decl.abstract and #(decl.fields or {}) > 0
    if leaves_bytes then uppers[#uppers + 1] = decl.id end
  end
  return setmetatable({
    generation = generation, extras = extras, uppers = uppers, known = {},
  }, Payload)
end

-- The ways in which `upper` says it rides on `lower`, those it takes over from another included.
local function ways_of(lower, upper)
  local ways = {}
  for _, rider in ipairs(lower.riders) do
    if rider.upper == upper then ways[#ways + 1] = rider end
  end
  local over = upper.over and upper.over[lower.id]
  if over and not over[1] then over = { over } end
  for _, way in ipairs(over or {}) do ways[#ways + 1] = way end
  return ways
end

local function is_unlisted(lower, upper)
  local ways = ways_of(lower, upper)
  for _, way in ipairs(ways) do
    if way.listed ~= false then return false end
  end
  return #ways > 0
end

-- The id of the last layer, when `upper` on `lower` is built and read back: a greedy protocol takes
-- in what follows it. `usual`: read without extra protocols. A protocol that isn't listed counts as
-- the fallback, as if nothing had read the bytes.
local function read_back(generation, lower, upper, usual)
  local below, above = generation.by_id[lower], generation.by_id[upper]
  local bytes = generation.core:build { { lower, below.sample }, { upper, above.sample } }
  local layers = bytes and generation.core:dissect(bytes, below.builds or lower, usual)
  if not layers then return nil end
  local last = layers[#layers].id
  if is_unlisted(below, generation.by_id[last]) then return below.fallback or "Raw" end
  return last
end

local function work_out(self, id)
  local list, by_id = core.json.array {}, self.generation.by_id
  local usual = not (self.extras or by_id[id].extra)
  local suggested = by_id[id].payloads
  for _, upper in ipairs(suggested or self.uppers) do
    local fits = suggested or not (usual and by_id[upper].extra)
      and read_back(self.generation, id, upper, usual) == upper
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
