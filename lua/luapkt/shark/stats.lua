--- Statistics of a capture, as tables for people: `luapkt shark --stats`.
--
-- Memory is bounded: once 100,000 conversations are known, all further ones are counted together.
-- @module luapkt.shark.stats

local core = require "luapkt.core"

local raw = core.packet

local stats = {}

local MOST_TALKS  = 100000 -- conversations that are told apart
local SHOWN_TALKS = 20
local BUCKETS     = 40     -- of the histogram: rows that fit on a screen
local BAR         = 50     -- characters of its longest bar

local Stats = {}
Stats.__index = Stats

--- Statistics in which nothing is counted yet.
function stats.new()
  return setmetatable({
    packets = 0, bytes = 0, tree = { children = {}, order = {} },
    talks = {}, order = {}, width = 1, buckets = {}, low = 0, high = -1,
  }, Stats)
end

local function count_layers(node, p, len)
  for place = 1, raw.count(p) do
    local id = raw.kind(raw.layer(p, place))
    local child = node.children[id]
    if not child then
      child = { id = id, packets = 0, bytes = 0, children = {}, order = {} }
      node.children[id] = child
      node.order[#node.order + 1] = child
    end
    child.packets = child.packets + 1
    child.bytes = child.bytes + len
    node = child
  end
end

-- The conversation that a packet belongs to, and whether it goes the other way.
local function find_talk(self, a, b)
  local there, back = a .. " " .. b, b .. " " .. a
  local talk = self.talks[there]
  if talk then return talk, false end
  talk = self.talks[back]
  if talk then return talk, true end
  if #self.order >= MOST_TALKS then
    a, b, there = "others", "", "others"
    if self.talks[there] then return self.talks[there], false end
  end
  talk = { a = a, b = b, packets = { 0, 0 }, bytes = { 0, 0 } }
  self.talks[there] = talk
  self.order[#self.order + 1] = talk
  return talk, false
end

local function count_talk(self, shark, about)
  local a, b = shark:src(true), shark:dst(true)
  if a == "" and b == "" then return end
  local talk, back = find_talk(self, a, b)
  local way = back and 2 or 1
  talk.packets[way] = talk.packets[way] + 1
  talk.bytes[way] = talk.bytes[way] + about.wire_len
  talk.first = math.min(talk.first or about.time, about.time)
  talk.last = math.max(talk.last or about.time, about.time)
end

-- Two rows of the histogram become one.
local function widen(self)
  local merged = {}
  for i, n in pairs(self.buckets) do merged[i // 2] = (merged[i // 2] or 0) + n end
  self.buckets, self.width = merged, self.width * 2
end

local NANOSECOND = 1000000000

-- Rows are counted from the start of the first packet's second.
local function count_time(self, time)
  self.origin = self.origin or time // NANOSECOND * NANOSECOND
  local row = (time - self.origin) // (self.width * NANOSECOND)
  if row < self.low then self.low = row end
  if row > self.high then self.high = row end
  while self.high - self.low >= BUCKETS do
    widen(self)
    self.low, self.high, row = self.low // 2, self.high // 2, row // 2
  end
  self.buckets[row] = (self.buckets[row] or 0) + 1
end

--- Count a packet.
function Stats:add(p, about, shark)
  if about.number <= (self.last or 0) then return end -- the same one, with further messages
  self.last = about.number
  self.packets = self.packets + 1
  self.bytes = self.bytes + about.wire_len
  self.first = math.min(self.first or about.time, about.time)
  self.final = math.max(self.final or about.time, about.time)
  count_layers(self.tree, p, about.wire_len)
  count_talk(self, shark, about)
  count_time(self, about.time)
end

-- -------------------------------------------------------------------------------------- tables

local function share(n, of) return ("%5.1f%%"):format(of > 0 and 100 * n / of or 0) end

local function show_tree(self, node, depth, lines)
  table.sort(node.order, function(x, y)
    if x.packets ~= y.packets then return x.packets > y.packets end
    return x.id < y.id
  end)
  for _, child in ipairs(node.order) do
    local name = ("  "):rep(depth) .. child.id
    lines[#lines + 1] = ("%-40s %12d %s %14d %s"):format(name, child.packets,
      share(child.packets, self.packets), child.bytes, share(child.bytes, self.bytes))
    show_tree(self, child, depth + 1, lines)
  end
end

local function seconds(ns) return ("%.6f"):format(ns / NANOSECOND) end

local function show_talks(self, lines)
  local function total(talk) return talk.bytes[1] + talk.bytes[2] end
  table.sort(self.order, function(x, y)
    if total(x) ~= total(y) then return total(x) > total(y) end
    return x.a .. x.b < y.a .. y.b
  end)
  for i = 1, math.min(#self.order, SHOWN_TALKS) do
    local talk = self.order[i]
    lines[#lines + 1] = ("%-45s %-45s %9d %12d %9d %12d %14s"):format(talk.a, talk.b,
      talk.packets[1], talk.bytes[1], talk.packets[2], talk.bytes[2],
      seconds(talk.last - talk.first))
  end
  local more = #self.order - SHOWN_TALKS
  if more > 0 then lines[#lines + 1] = ("... and %d more"):format(more) end
end

local function show_histogram(self, lines)
  local most = 1
  for _, n in pairs(self.buckets) do most = math.max(most, n) end
  for row = self.low, self.high do
    local n = self.buckets[row] or 0
    local bar = ("#"):rep((n * BAR + most - 1) // most)
    lines[#lines + 1] = ("%12d s %10d %s"):format(row * self.width, n, bar)
  end
end

--- The tables.
-- @treturn string lines
function Stats:report()
  local duration = seconds((self.final or 0) - (self.first or 0))
  local lines = {
    ("%d packets, %d bytes, %s seconds"):format(self.packets, self.bytes, duration), "",
    ("%-40s %12s %6s %14s %6s"):format("Protocols", "packets", "", "bytes", ""),
  }
  show_tree(self, self.tree, 0, lines)
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("%-45s %-45s %9s %12s %9s %12s %14s"):format("Conversations: A", "B", "A->B",
    "bytes", "B->A", "bytes", "seconds")
  show_talks(self, lines)
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("%14s %10s"):format("From", "packets")
  show_histogram(self, lines)
  return (table.concat(lines, "\n"):gsub(" +\n", "\n")) .. "\n"
end

return stats
