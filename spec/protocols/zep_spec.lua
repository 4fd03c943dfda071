local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("ZEP", function()
  it("carries frames in UDP", function()
    local bytes = luapkt.build { { "UDP" }, { "ZEP2", { ver = 2 } }, { "Dot15d4" } }
    assert.equal(unhex "455a 455a", bytes:sub(1, 4))
    assert.equal("EX" .. unhex "02", bytes:sub(9, 11))
    local layers = luapkt.dissect(bytes, "UDP")
    assert.equal("ZEP2", layers[2].id)
    assert.equal("Dot15d4", layers[3].id)
  end)

  it("is told by its first bytes", function()
    local bytes = luapkt.build { { "UDP" }, { "ZEP1", { ver = 1 } } }
    assert.equal("ZEP1", luapkt.dissect(bytes, "UDP")[2].id)
    assert.equal("Raw", luapkt.dissect(unhex "455a 455a 000a 0000 5858", "UDP")[2].id)
    local ack = unhex "455a 455a 0010 0000 4558 02 02 00000005"
    assert.equal("Raw", luapkt.dissect(ack, "UDP")[2].id)
  end)
end)
