local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("Skinny", function()
  it("has the least significant byte first", function()
    local bytes = luapkt.build { { "Skinny", { len = 4, msg = "KeepAliveMessage" } } }
    assert.equal(unhex "04000000 00000000 00000000", bytes)
    assert.equal(0x100, luapkt.dissect(unhex "04000000 00000000 00010000", "Skinny")[1].fields.msg)
  end)

  it("is found by its port", function()
    assert.equal(unhex "07d0 07d0", luapkt.build({ { "TCP" }, { "Skinny" } }):sub(1, 4))
  end)
end)
