--- An index of packets that wait for an answer. It finds the few that a packet may answer, so that
-- `luapkt.matching` need not compare each packet that arrives with all of them.
--
-- Packets are listed by a key: the values that `luapkt.matching` requires to be equal in a packet
-- and its answer. Packets without such values are in a list of their own, which is always searched.
-- @module luapkt.asked

local find = require("luapkt.layer").find
local raw  = require("luapkt.core").packet

local asked = {}

-- A layer's values as a key with the address of the host that is asked, "" for any; nil where one
-- of the values isn't there.
local function join(kind, layer, a, b, address)
  a, b = raw.value(layer, a), raw.value(layer, b)
  return a and b and ("%s %d %d %s"):format(kind, a, b, address)
end

-- Is it the address of a single host? Not a group's, a broadcast, or an unset one.
local function is_of_one(address)
  local first = tonumber(address:match "^(%d+)%.")
  return not (address:find "^ff" or address == "::" or first == 0 or first and first >= 224)
end

-- What asks, and by which fields: as matching has them.
local questions = {
  { "TCP", "sport", "dport" }, { "UDP", "sport", "dport" }, { "ICMP", "id", "seq" },
  { "ICMPv6EchoRequest", "id", "seq" },
}

-- The key of a packet that asks, or nil.
local function key_of(p)
  local v4, v6, arp = find(p, "IP"), find(p, "IPv6"), find(p, "ARP")
  if arp then
    local wanted = not (v4 or v6) and raw.value(arp, "pdst")
    return wanted and "ARP " .. tostring(wanted)
  end
  local network = not (v4 and v6) and (v4 or v6)
  if not network then return nil end
  local to = raw.value(network, "dst")
  for _, question in ipairs(questions) do
    local id, a, b = table.unpack(question)
    local layer = find(p, id)
    if layer then return to and join(id, layer, a, b, is_of_one(to) and to or "") end
  end
end

-- Layer that answers or is quoted, which question that is about, and the fields that say so.
local answers = {
  { "TCP", "TCP", "dport", "sport" }, { "UDP", "UDP", "dport", "sport" },
  { "ICMP", "ICMP", "id", "seq" }, { "ICMPv6EchoReply", "ICMPv6EchoRequest", "id", "seq" },
}
local quotations = {
  { "TCPerror", "TCP", "sport", "dport" }, { "UDPerror", "UDP", "sport", "dport" },
  { "ICMPerror", "ICMP", "id", "seq" }, { "ICMPv6EchoRequest", "ICMPv6EchoRequest", "id", "seq" },
}

-- Put keys into a list: of each of these layers that is there, with each of the addresses. False
-- where a layer is cut, so that it has none.
local function add_keys(keys, q, how, addresses)
  local whole = true
  for _, one in ipairs(how) do
    local id, question, a, b = table.unpack(one)
    local layer = find(q, id)
    for _, address in ipairs(layer and addresses or {}) do
      local key = join(question, layer, a, b, address)
      keys[#keys + 1] = key
      whole = whole and key ~= nil
    end
  end
  return whole
end

local function addresses_of(q, field, ...)
  local found = { "" }
  for _, id in ipairs { ... } do
    local layer = find(q, id)
    found[#found + 1] = layer and raw.value(layer, field)
  end
  return found
end

-- The keys of what a packet may answer; nil where that may be anything: it quotes what is cut.
local function keys_of(q)
  local keys, quoted = {}, addresses_of(q, "dst", "IPerror", "IPerror6")
  add_keys(keys, q, answers, addresses_of(q, "src", "IP", "IPv6"))
  if #quoted > 1 and not add_keys(keys, q, quotations, quoted) then return nil end
  local arp = find(q, "ARP")
  local teller = arp and raw.value(arp, "psrc")
  keys[#keys + 1] = teller and "ARP " .. tostring(teller)
  return keys
end

-- Two rising lists of numbers as one, in which a number that both have is there once.
local function merge(a, b)
  if #a == 0 then return b end
  local found, i, k = {}, 1, 1
  while a[i] or b[k] do
    local least = math.min(a[i] or math.huge, b[k] or math.huge)
    found[#found + 1] = least
    if a[i] == least then i = i + 1 end
    if b[k] == least then k = k + 1 end
  end
  return found
end

--- Make a function that says which of some packets another one may answer.
-- @tparam {packet,...} packets
-- @treturn function called with a packet, it returns a list of places in `packets`, rising: all
--   that it answers are among them
function asked.among(packets)
  local all, unkeyed, by_key = {}, {}, {}
  for i, p in ipairs(packets) do
    local key = key_of(p)
    local list = unkeyed
    if key then
      list = by_key[key] or {}
      by_key[key] = list
    end
    list[#list + 1], all[i] = i, i
  end
  return function(q)
    local keys = keys_of(q)
    if not keys then return all end
    local found = unkeyed
    for _, key in ipairs(keys) do
      if by_key[key] then found = merge(found, by_key[key]) end
    end
    return found
  end
end

return asked
