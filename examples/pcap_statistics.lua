-- What is in a capture? Packets and bytes of each protocol and of each conversation, and how large
-- packets are.
--
--    luapkt run examples/pcap_statistics.lua packets_ether.pcap

local luapkt = require "luapkt"

-- Every size up to one of these, as tshark -z plen,tree has them.
local SIZES = { 19, 39, 79, 159, 319, 639, 1279, 2559, 5119, math.huge }

local protocols, conversations, sizes, all = {}, {}, {}, { packets = 0, bytes = 0 }

local function count(counter, bytes)
  counter.packets = counter.packets + 1
  counter.bytes = counter.bytes + bytes
end

local function count_in(counters, key, bytes)
  counters[key] = counters[key] or { key = key, packets = 0, bytes = 0 }
  count(counters[key], bytes)
end

-- Once each, however many of its layers there are.
local function count_protocols(p, bytes)
  local seen = {}
  for layer in p:layers() do
    if not seen[layer.kind] then count_in(protocols, layer.kind, bytes) end
    seen[layer.kind] = true
  end
end

local function size_of(bytes)
  local i = 1
  while bytes > SIZES[i] do i = i + 1 end
  return i
end

-- Most packets first, and by their names where there are as many.
local function sorted(counters)
  local list = {}
  for _, counter in pairs(counters) do table.insert(list, counter) end
  table.sort(list, function(a, b)
    if a.packets ~= b.packets then return a.packets > b.packets end
    return a.key < b.key
  end)
  return list
end

local function print_counter(counter, name)
  print(("%9d packets %12d bytes  %s"):format(counter.packets, counter.bytes, name))
end

local function print_all(title, counters)
  print(title)
  for _, counter in ipairs(sorted(counters)) do print_counter(counter, counter.key) end
end

local function print_sizes()
  print "Sizes"
  for i, most in ipairs(SIZES) do
    local least = i == 1 and 0 or SIZES[i - 1] + 1
    local range = most == math.huge and ("%d and more"):format(least)
      or ("%d-%d"):format(least, most)
    if sizes[i] then print_counter(sizes[i], range) end
  end
end

local reader = assert(luapkt.pcap.reader((assert(..., "which capture?"))))

local packets, err = reader:each(function(p, _, wire_len)
  count(all, wire_len)
  count_protocols(p, wire_len)
  local conversation = luapkt.flow.key(p)
  if conversation then count_in(conversations, conversation, wire_len) end
  count_in(sizes, size_of(wire_len), wire_len)
end)

print_counter(all, "in all")
print_all("Protocols", protocols)
print_all("Conversations", conversations)
print_sizes()
assert(packets, err) -- did reading come to the end?
