local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("TPKT", function()
  -- A connection request of ISO 8073 class 0 within.
  local wire = unhex "03 00 000b 06e00000000100"

  it("counts itself and what it carries", function()
    assert.equal(wire, luapkt.build { { "TPKT" }, { "Raw", { load = wire:sub(5) } } })
  end)

  it("ends where its length says", function()
    local layers = luapkt.dissect(wire .. wire, "TPKT")
    assert.equal(wire:sub(5), layers[2].fields.load)
    assert.equal(wire, layers[3].fields.load)
  end)

  it("is told by its version", function()
    local ip = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
    local bytes = luapkt.build { ip, { "TCP" }, { "TPKT" }, { "Raw", { load = "123" } } }
    assert.equal(unhex "00660066", bytes:sub(21, 24))
    assert.equal("TPKT", luapkt.dissect(bytes, "IP")[3].id)
    assert.equal("Raw", luapkt.dissect(bytes:sub(1, 40) .. "\4" .. bytes:sub(42), "IP")[3].id)
  end)
end)
