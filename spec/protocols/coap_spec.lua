local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("CoAP", function()
  -- RFC 7252 appendix A, figures 16 and 17.
  local get   = unhex "40 01 7d34 bb" .. "temperature"
  local reply = unhex "60 45 7d34 ff" .. "22.3 C"

  it("has options, and payload behind a marker", function()
    local options = { { delta = 11, value = "temperature" } }
    assert.equal(get, luapkt.build { { "CoAP", { code = "GET", msg_id = 0x7d34,
                                                 options = options } } })
    assert.equal(reply, luapkt.build { { "CoAP", { type = "ACK", code = 69, msg_id = 0x7d34 } },
                                       { "Raw", { load = "22.3 C" } } })
    local layers = luapkt.dissect(reply, "CoAP")
    assert.equal("Raw", layers[2].id)
    assert.equal("22.3 C", layers[2].fields.load)
    assert.is_nil(luapkt.dissect(get, "CoAP")[2])
    assert.equal("temperature", luapkt.packet(get, "CoAP").CoAP.options[1].value)
  end)

  -- Section 3.1: from 13 on a number has a byte more, from 269 on two.
  it("extends what doesn't fit in four bits", function()
    for size, head in pairs {
      [0] = "d0 0b", [12] = "dc 0b", [13] = "dd 0b 00", [268] = "dd 0b ff", [269] = "de 0b 0000",
      [300] = "de 0b 001f",
    } do
      local value = ("x"):rep(size)
      local bytes = unhex("41 00 0000 54" .. head) .. value
      local fields = { token = "T", options = { { delta = 13, delta_ext8 = 11, value = value } } }
      assert.equal(bytes, luapkt.build { { "CoAP", fields } })
      local p = luapkt.packet(bytes .. unhex "e1 1389 01", "CoAP")
      assert.equal(2, #p.CoAP.options)
      assert.equal(value, p.CoAP.options[1].value)
      assert.equal(0x1389, p.CoAP.options[2].delta_ext16)
      assert.equal(bytes .. unhex "e1 1389 01", p:bytes())
    end
  end)

  it("keeps a length that is set, also where the value is shorter", function()
    local function build(len)
      return luapkt.build { { "CoAPOption", { len = len, value = "ab" } } }
    end
    assert.equal(unhex "0d 00 6162", build(13))
    assert.equal(unhex "0e 0000 6162", build(14))
  end)

  it("is told by its port and its version", function()
    local bytes = luapkt.build { { "UDP" }, { "CoAP" } }
    assert.equal(unhex "1633 1633", bytes:sub(1, 4))
    assert.equal("CoAP", luapkt.dissect(bytes, "UDP")[2].id)
    assert.equal("Raw", luapkt.dissect(bytes:sub(1, 8) .. "\x80" .. bytes:sub(10), "UDP")[2].id)
  end)
end)
