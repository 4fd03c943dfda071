local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("Mobile IP", function()
  it("asks for a registration", function()
    local bytes = luapkt.build {
      { "UDP" }, { "MobileIP" }, { "MobileIPRRQ", { homeaddr = "10.0.0.1" } },
    }
    assert.equal(unhex "01 00 00b4 0a000001 00000000 00000000 0000000000000000", bytes:sub(9))
    assert.equal(unhex "01b2 01b2", bytes:sub(1, 4))
  end)

  it("answers", function()
    assert.equal(unhex "03 00 00b4", luapkt.build({ { "MobileIP" }, { "MobileIPRRP" } }):sub(1, 4))
  end)

  it("carries packets", function()
    local bytes = luapkt.build { { "MobileIP" }, { "MobileIPTunnelData" }, { "IP" } }
    assert.equal(unhex "04 04 0000 45", bytes:sub(1, 5))
    assert.equal("IP", luapkt.dissect(bytes, "MobileIP")[3].id)
  end)
end)
