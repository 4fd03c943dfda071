-- What the core hands out to scripts can't be freed while it is in use, nor taken by two at once.

local core      = require "luapkt.core"
local luapkt    = require "luapkt"
local protocols = require "luapkt.protocols"
local stream    = require "spec.stream"
local support   = require "spec.support"

describe("an object of the core", function()
  it("has no finalizer that a script can call", function()
    local shark = stream.shark(stream.pcap {})
    local objects = {
      protocols.generation().core, core.vm.new("[]", ("\0"):rep(60)), shark, core.capture.reader "",
      core.capture.open "/dev/null", luapkt.IP {}, luapkt.IP {}.IP,
    }
    for i, object in ipairs(objects) do
      assert.equal("userdata", type(object))
      local ok, found = pcall(function() return object.__gc end)
      assert.is_true(not ok or found == nil, tostring(i))
      local mt = getmetatable(object)
      assert.is_true(type(mt) == "string" or mt.__gc == nil or pcall(mt.__gc, object), tostring(i))
    end
    collectgarbage()
    assert.equal(20, #luapkt.IP {}:bytes())
  end)
end)

-- The finalizer is marked before the objects are, so it runs after theirs.
describe("an object that is met when a state is closed", function()
  local script = [=[
    local met
    kept = setmetatable({}, { __gc = function() print(select(2, pcall(met))) end })
    local luapkt, core = require "luapkt", require "luapkt.core"
    local registry = require("luapkt.protocols").generation().core
    local p, vm = luapkt.IP {}, core.vm.new("[]", "12345678")
    local layer = p.IP
    local big = luapkt.Raw { load = ("x"):rep(60000) } / "y"
    function met() return %s end]=]

  for what, wanted in pairs {
    ["registry:dissect('', 'IP')"]     = "the registry is finalized",
    ["core.packet.new(registry)"]      = "the registry is finalized",
    ["vm:packet(0)"]                   = "the field engine is finalized",
    ["core.packet.json(p)"]            = "the packet is finalized",
    ["core.packet.count(big)"]         = "the packet is finalized",
    ["core.packet.text(layer, 'ttl')"] = "its packet is finalized",
    ["layer.ttl"]                      = "its packet is finalized",
    ["p / p"]                          = "finalized",
  } do
    it("is refused: " .. what, function()
      local path = support.tmpname()
      support.write_file(path, script:format(what))
      local ok, out, err = support.run(("%s run %s"):format(support.quote(support.program()),
        path))
      os.remove(path)
      assert(ok, err)
      assert.truthy(out:find(wanted, 1, true), out)
    end)
  end
end)

describe("a shark that runs", function()
  local frames = stream.pcap { ("\0"):rep(60), ("\1"):rep(60) }

  for name, misuse in pairs {
    close = function(shark) shark:close() end,
    run   = function(shark) shark:run { format = "none" } end,
    next  = function(shark) shark:next() end,
  } do
    it("refuses " .. name .. " of what it calls, and goes on afterwards", function()
      local shark = stream.shark(frames)
      local mistake = "the shark is at a packet: what run() calls can't take or end it"
      local done, err = shark:run { format = "none", filter = function(_, _, s) misuse(s) end }
      assert.is_nil(done)
      assert.truthy(err.message:find(mistake, 1, true), err.message)
      local seen = 0
      local function pass()
        seen = seen + 1
        return true
      end
      assert.equal(1, shark:run { format = "none", filter = pass })
      assert.equal(1, seen)
      shark:close()
      assert.has_error(function() shark:next() end, "the shark is closed")
      shark:close()
    end)
  end

  it("has its reader alone", function()
    local reader = core.capture.reader(frames)
    local registry = protocols.generation().core
    local shark = core.shark.new(registry, reader)
    local mistake = "the reader is a shark's, which takes its packets"
    assert.has_error(function() reader:next() end, mistake)
    assert.has_error(function() reader:each(registry, print) end, mistake)
    assert.has_error(function() core.shark.new(registry, reader) end, mistake)
    assert.equal(2, shark:run { format = "none" })
    assert.is_true(reader:check())
  end)

  it("can be closed by its source", function()
    local shark
    shark = stream.shark(function()
      shark:close()
      return frames
    end)
    assert.has_error(function() shark:next() end, "the shark is closed")
  end)

  it("can be used after a function of it has raised", function()
    local shark = stream.shark(frames)
    assert.has_error(function()
      shark:run { format = "text", write = function() error("no room", 0) end }
    end, "no room")
    shark:close()
  end)
end)

describe("a shark's packet", function()
  -- A query over TCP (RFC 1035 section 4.2.2).
  local query = (">s2"):pack("\0\1\1\0\0\1\0\0\0\0\0\0\1n\0\0\1\0\1")
  local client = stream.connection(53)
  local bytes = stream.pcap { client:send(query:rep(3)), client:send(query) }

  -- Change the packet until its layers lie elsewhere.
  local function move(p)
    local other = luapkt.IP {} / luapkt.UDP {}
    for _ = 1, 5000 do
      core.packet.insert(p, 1, other)
      core.packet.remove(p, 1)
      core.packet.remove(p, 1)
    end
  end

  local function empty(p)
    move(p)
    while core.packet.count(p) > 0 do core.packet.remove(p, 1) end
    move(p) -- nothing is left where the layers were
  end

  local function run(options)
    local parts = {}
    function options.write(text)
      parts[#parts + 1] = text
      return true
    end
    assert.equal(2, stream.shark(bytes):run(options))
    return select(2, table.concat(parts):gsub("\n", "\n"))
  end

  it("may be changed by what is called with it", function()
    local function filter(p)
      move(p)
      return true
    end
    for _, format in ipairs { "text", "jsonl" } do
      assert.equal(4, run { format = format, filter = filter })
    end
    local packet
    local shared = { format = "text", commands = "DNS" }
    function shared.filter(p)
      packet = p
      return true
    end
    function shared.command()
      move(packet)
      return "query"
    end
    assert.equal(4, run(shared))
  end)

  it("may be changed where it holds only some of its datagram's messages", function()
    local echo = luapkt.CAEcho {}:bytes()
    local datagram = (">I2I2I2I2"):pack(5064, 5064, 8 + 400 * #echo, 0) .. echo:rep(400)
    local shark, count = stream.shark(stream.pcap { stream.datagram(1, 2, 17, datagram) }), 0
    for p, about in function() return shark:next() end do
      assert.is_nil(about.note)
      for place = 1, core.packet.count(p) do
        if core.packet.is(core.packet.layer(p, place), "CA") then count = count + 1 end
      end
      move(p)
    end
    assert.equal(400, count)
  end)

  it("may be emptied, and then carries no further messages", function()
    local function filter(p)
      empty(p)
      return true
    end
    for _, format in ipairs { "text", "jsonl" } do
      assert.equal(2, run { format = format, filter = filter })
    end
    local shark, count = stream.shark(bytes), 0
    for p in function() return (shark:next()) end do
      empty(p)
      assert.equal("", shark:summary())
      count = count + 1
    end
    assert.equal(2, count)
  end)
end)

describe("an input that is closed", function()
  it("is not read from", function()
    local input = core.capture.open "-"
    local reader = core.capture.reader(input)
    input:close()
    local packet, err = reader:next()
    assert.is_nil(packet)
    assert.equal("the input is closed", err.message:match "[^:]*$":match "^ *(.*)$")
  end)
end)
