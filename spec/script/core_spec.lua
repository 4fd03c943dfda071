-- The functions of luapkt.core, called with anything: they raise or answer, and no more.

local support = require "spec.support"

-- Each function and method, with up to three values of all kinds. Left out is what waits, what
-- captures, and what the collector calls.
local script = [[
local core, luapkt = require "luapkt.core", require "luapkt"
local waits = { live = true, receive = true, drain = true, until_interrupted = true, __gc = true }

local functions, seen = {}, {}
local function add(t)
  if seen[t] then return end
  seen[t] = true
  for name, v in pairs(t) do
    if type(v) == "table" then add(v) end
    if type(v) == "function" and not waits[name] then functions[#functions + 1] = v end
  end
end
add(core)
for name, v in pairs(debug.getregistry()) do
  if type(name) == "string" and name:find "^luapkt%." and type(v) == "table" then add(v) end
end

local function values()
  local packet = luapkt.Ether{} / luapkt.IP{} / luapkt.DNS{ qd = { luapkt.DNSQR{} } }
  local writer, cyclic = core.capture.writer("pcapng", 1), {}
  writer:write(packet:bytes())
  cyclic[1], cyclic.id, cyclic.protocols = cyclic, cyclic, cyclic
  local capture = writer:take()
  local registry = luapkt.generation().core
  return {
    true, 0, 1, -1, 65536, math.maxinteger, math.mininteger, 1.5, 0/0, "", "x", "IP", "pcap",
    ("\\255"):rep(5000), print, coroutine.create(print), io.stdin, cyclic, {}, { 1, {}, "x" },
    setmetatable({}, { __index = error, __len = function() return 1e9 end }),
    { { "IP", { ttl = 1 } } }, { id = "IP", fields = {} }, core.json.u64 "1", core.json.null,
    registry, packet, packet.IP, packet.DNS.qd, packet.DNS.qd[1], writer, capture,
    core.capture.reader(capture), core.shark.new(registry, core.capture.reader(capture)),
    core.vm.new({}, "abc"),
  }
end

local calls = 0
for _, f in ipairs(functions) do
  for i = 0, #values() do
    local all = values()
    pcall(f, all[i])
    pcall(f, all[i], all[(i * 7 + calls) % #all + 1])
    pcall(f, all[i], 1 + calls % 9)
    pcall(f, all[i], all[(i * 11 + calls) % #all + 1], all[(i * 13 + calls) % #all + 1])
    calls = calls + 4
  end
end
print(calls > 10000)
]]

describe("luapkt.core", function()
  it("takes no harm from wrong arguments", function()
    local dir = support.tmpdir()
    support.write_file(dir .. "/script.lua", script)
    local ok, out, err = support.run(("%s run %s/script.lua </dev/null"):format(
      support.quote(support.program()), support.quote(dir)))
    assert.equal("", err)
    assert.same({ true, "true\n" }, { ok, out })
  end)

  it("works out anew what is worked out at all", function()
    local core, luapkt = require "luapkt.core", require "luapkt"
    local ok, why = pcall(core.packet.measure, luapkt.IP{}.IP, "ttl")
    assert.is_false(ok)
    assert.matches("length or checksum expected", why)
    assert.is_true(core.packet.measure(luapkt.IP{}.IP, "chksum"))
  end)

  it("compiles only what was linked", function()
    local core = require "luapkt.core"
    for _, value in ipairs { {}, { protocols = {} }, { protocols = {}, ids = {} }, 5, "x" } do
      local ok, why = pcall(core.compile, value)
      assert.is_false(ok)
      assert.matches("%(declarations linked by luapkt%.compile expected, got " .. type(value), why)
    end
  end)
end)
