-- The memory of packets that are made and changed. Each measurement is made in a process of its
-- own, in which nothing else was before.

local support = require "spec.support"

-- What each script begins with; the function gives the bytes of memory that the process has in use.
local HEAD = [[
local luapkt = require "luapkt"
local IP, UDP, Raw = luapkt.IP, luapkt.UDP, luapkt.Raw

local function resident()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmRSS:%s+(%d+) kB") * 1024
end
]]

-- What a script prints, a number.
local function number_of(script)
  local path = support.tmpdir() .. "/measured.lua"
  support.write_file(path, HEAD .. script)
  local ok, out, err = support.run(("%s run %s"):format(support.quote(support.program()),
    support.quote(path)))
  assert(ok, err)
  return assert(tonumber(out), out)
end

describe("a field", function()
  it("keeps its value when much is assigned, in bounded memory", function()
    local grown = number_of [[
local p = IP{} / UDP{} / Raw{}
local texts = {} -- made before: of texts that are garbage, Lua leaves as many as it has others
for i = 1, 10 do texts[i] = ("x"):rep(60000) .. 999 + i end
collectgarbage()
local before = resident()
for i = 0, 1999 do p.Raw.load = texts[i % 10 + 1] end
assert(texts[10] == p.Raw.load)
assert(60032 == p.IP.len)
print(resident() - before)
]]
    local limit = support.is_sanitized() and 512 or 8 -- sanitizers keep freed memory for a while
    assert.is_true(grown < limit << 20, grown .. " bytes more")
  end)
end)

describe("packets made while others are kept", function()
  -- How much more than what is in use, and as much again, which Lua leaves garbage for, its memory
  -- is in MiB, at most, and how much resident memory grows, while 'make' is called so often.
  local MEASURE = [[
local bytes = (IP{} / UDP{ sport = 1, dport = 1 } / "abc"):bytes()

local function measure(times, make)
  local kept, most = {}, 0
  for i = 1, 2000 do kept[i] = IP(bytes) end
  collectgarbage()
  local before, resident_before = collectgarbage "count", resident()
  for i = 1, times do
    make(i)
    most = math.max(most, collectgarbage "count")
  end
  assert(2000 == #kept)
  local garbage = before / 1024
  return (most - before) / 1024 - garbage,
    (resident() - resident_before) / (1 << 20) - garbage
end
]]

  for _, collector in ipairs { "incremental", "generational" } do
    local head = MEASURE .. ("collectgarbage %q\n"):format(collector)

    it("are collected as fast by a collector that is " .. collector, function()
      local most = number_of(head .. [[
print((measure(30000, function() IP(bytes) end)))
]])
      assert.is_true(most < 64, most .. " MiB more")
    end)

    it("give back what they have beside, by a collector that is " .. collector, function()
      local beside = number_of(head .. [[
local large = ("x"):rep(20000)
local p
local _, beside = measure(6000, function(i)
  p = IP(bytes)
  local function enlarge() p.Raw.load = large end
  if i % 2 == 0 then coroutine.wrap(enlarge)() else enlarge() end
  assert(20028 == #p:copy():bytes())
end)
assert(large == p.Raw.load)
print(beside)
]])
      assert.is_true(beside < (support.is_sanitized() and 512 or 96), beside .. " MiB more")
    end)
  end
end)
