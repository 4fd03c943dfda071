-- What the core hands out to scripts can't be freed while it is in use, nor taken by two at once.

local core      = require "luapkt.core"
local luapkt    = require "luapkt"
local protocols = require "luapkt.protocols"
local stream    = require "spec.stream"

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

  it("can be used after a function of it has raised", function()
    local shark = stream.shark(frames)
    assert.has_error(function()
      shark:run { format = "text", write = function() error("no room", 0) end }
    end, "no room")
    shark:close()
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
