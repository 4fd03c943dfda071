local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("PPI", function()
  it("counts its header, least significant byte first", function()
    assert.equal(unhex "00 00 0800 69000000" .. luapkt.build { { "Dot11" } },
      luapkt.build { { "PPI" }, { "Dot11" } })
  end)

  it("says what the packet is", function()
    assert.equal("Dot11", luapkt.dissect(luapkt.build { { "PPI" }, { "Dot11" } }, "PPI")[2].id)
  end)
end)
