--- Who talks to whom: sessions, directions, answers.
--
-- A layer has addresses where it has both fields of a pair: `src` and `dst`, `sport` and `dport`,
-- `hwsrc` and `hwdst`, `psrc` and `pdst`. So this works for added protocols as well.
-- @module luapkt.flow

local check = require("luapkt.arguments").check_packet
local raw   = require("luapkt.core").packet

local flow = {}

local pairs_of_fields = {
  { "src", "dst" }, { "sport", "dport" }, { "hwsrc", "hwdst" }, { "psrc", "pdst" },
}

-- Every pair of addresses of the packet: { layer, kind, from, to, names }.
local function ends_of(p)
  local found = {}
  for place = 1, raw.count(p) do
    local layer = raw.layer(p, place)
    for _, names in ipairs(pairs_of_fields) do
      if raw.has(layer, names[1]) and raw.has(layer, names[2]) then
        local from, to = raw.value(layer, names[1]), raw.value(layer, names[2])
        if from ~= nil and to ~= nil then
          found[#found + 1] = { layer = layer, kind = raw.kind(layer), names = names,
                                from = from, to = to }
        end
      end
    end
  end
  return found
end

-- Link addresses change from hop to hop, and say nothing of a session where others do.
local function is_link(pair)
  return pair.kind == "Ether" or pair.kind == "Dot3"
end

--- Exchange the addresses of all layers, as an answer has them.
-- @treturn packet p itself
function flow.reverse_address(p)
  check(p, "reverse_address", 1)
  for _, pair in ipairs(ends_of(p)) do
    assert(raw.set(pair.layer, pair.names[1], pair.to))
    assert(raw.set(pair.layer, pair.names[2], pair.from))
  end
  return p
end

local function is_like(a, b, reverse)
  for i, pair in ipairs(a) do
    local from, to = b[i].from, b[i].to
    if reverse then from, to = to, from end
    if pair.kind ~= b[i].kind or pair.from ~= from or pair.to ~= to then return false end
  end
  return true
end

--- Does `q` go the same way as `p`, or back?
-- @treturn string "same", "reverse", "both" (between an address and itself); nil: neither
function flow.direction(p, q)
  check(p, "direction", 1)
  check(q, "direction", 2)
  local a, b = ends_of(p), ends_of(q)
  if #a == 0 or #a ~= #b then return nil end
  local same, reverse = is_like(a, b, false), is_like(a, b, true)
  if same and reverse then return "both" end
  return same and "same" or reverse and "reverse" or nil
end

--- Does `q` go in this direction, seen from `p`?
-- @tparam string direction "same" or "reverse"
function flow.is_direction(p, q, direction)
  check(p, "is_direction", 1)
  check(q, "is_direction", 2)
  if direction ~= "same" and direction ~= "reverse" then
    error("bad argument #3 to 'is_direction' (\"same\" or \"reverse\" expected)", 2)
  end
  local found = flow.direction(p, q)
  return found == direction or found == "both"
end

--- A text that all packets of a session have, in both directions: its protocols, addresses and
-- ports, Ethernet's only where there are no others.
-- @treturn string the key, nil where the packet has no addresses
-- @treturn boolean whether the packet goes the way in which the key names the ends
function flow.key(p)
  check(p, "key", 1)
  local pairs_found, kinds, from, to = ends_of(p), {}, {}, {}
  local only_link = true
  for _, pair in ipairs(pairs_found) do only_link = only_link and is_link(pair) end
  for _, pair in ipairs(pairs_found) do
    if only_link or not is_link(pair) then
      kinds[#kinds + 1] = pair.kind
      from[#from + 1], to[#to + 1] = tostring(pair.from), tostring(pair.to)
    end
  end
  if #kinds == 0 then return nil end
  local a, b = table.concat(from, " "), table.concat(to, " ")
  local forward = a <= b
  if not forward then a, b = b, a end
  return ("%s %s <-> %s"):format(table.concat(kinds, "/"), a, b), forward
end

return flow
