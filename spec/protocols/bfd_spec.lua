local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("BFD", function()
  -- RFC 5880 sections 4.1 and 4.2: up, with a password of six bytes.
  local wire = unhex [[20 c4 03 21 11111111 22222222 000f4240 000f4240 00000000
                       01 09 01 736563726574]]

  it("counts itself and its password", function()
    local fields = { flags = "A", echo_rx_interval = 0, auth_data = "\1secret" }
    assert.equal(wire, luapkt.build { { "BFD", fields } })
    assert.equal(unhex "20c00318", luapkt.build({ { "BFD" } }):sub(1, 4))
  end)

  it("ends where its length says", function()
    local layers = luapkt.dissect(wire .. "\0\0", "BFD")
    assert.equal("\1secret", layers[1].fields.auth_data)
    assert.equal("Padding", layers[2].id)
    assert.equal("\0\0", layers[2].fields.load)
  end)

  it("has a port for one hop and one for several", function()
    local bytes = luapkt.build { { "UDP" }, { "BFD" } }
    assert.equal(unhex "c000 0ec8", bytes:sub(1, 4))
    for _, dport in ipairs { 3784, 4784 } do
      bytes = luapkt.build { { "UDP", { dport = dport } }, { "BFD" } }
      assert.equal("BFD", luapkt.dissect(bytes, "UDP")[2].id)
    end
  end)
end)
