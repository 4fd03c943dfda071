local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function item(id, fields) return { id = id, fields = fields or {} } end

describe("Telnet", function()
  -- RFC 854, RFC 1073 and RFC 1091.
  local wire = unhex "fffd01 fffa1f00500018fff0 fffa1800" .. "vt100" .. unhex "fff0 fff1"
    .. "login: " .. unhex "ffff"

  it("has commands between data", function()
    assert.equal(wire, luapkt.build { { "Telnet", { items = {
      item("Telnet_Option", { command = "DO", option = "Echo" }), item "Telnet_WindowSize",
      item("Telnet_Suboption", { option = "Terminal Type", data = "\0vt100" }),
      item("Telnet_Command", { command = "NOP" }), item("Telnet_Data", { data = "login: " }),
      item("Telnet_Command", { command = "IAC" }) } } } })
  end)

  it("tells them apart", function()
    local items = luapkt.dissect(wire, "Telnet")[1].fields.items
    assert.equal("Telnet_Option", items[1].id)
    assert.equal(80, items[2].fields.width)
    assert.equal("\0vt100", items[3].fields.data)
    assert.equal(241, items[4].fields.command)
    assert.equal("login: ", items[5].fields.data)
    assert.equal(255, items[6].fields.command)
    assert.equal(6, #items)
  end)

  it("writes any bytes as they were read", function()
    for n = 0, #wire do
      local bytes = wire:sub(1, n)
      assert.equal(bytes, luapkt.generation().core:rebuild(bytes, "Telnet", true))
    end
  end)

  it("leaves a command that isn't whole as Raw", function()
    assert.equal("Raw", luapkt.dissect("hi\xff", "Telnet")[2].id)
    assert.equal("Raw", luapkt.dissect("hi\xff\xfd", "Telnet")[2].id)
  end)
end)
