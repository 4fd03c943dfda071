local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("the Prism header", function()
  it("is 144 bytes before a frame", function()
    local bytes = luapkt.build { { "PrismHeader", { dev = "wlan0", signal = -60 } }, { "Dot11" } }
    assert.equal(168, #bytes)
    assert.equal(unhex "44000000 90000000" .. "wlan0", bytes:sub(1, 13))
    local layers = luapkt.dissect(bytes, "PrismHeader")
    assert.equal(-60, layers[1].fields.signal)
    assert.equal("Dot11", layers[2].id)
  end)
end)
