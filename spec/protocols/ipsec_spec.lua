local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("AH", function()
  it("is built with its value", function()
    assert.equal(unhex "06 04 0000 00000001 00000002 000102030405060708090a0b",
      luapkt.build { { "AH", { nh = 6, payloadlen = 4, spi = 1, seq = 2,
                               icv = unhex "000102030405060708090a0b" } } })
  end)

  it("is as long as it says, in 4 bytes less 2", function()
    local bytes = unhex "29 02 0000 00000001 00000002 00010203" .. luapkt.build { { "IPv6" } }
    local layers = luapkt.dissect(bytes, "AH")
    assert.equal(unhex "00010203", layers[1].fields.icv)
    assert.equal("IPv6", layers[2].id)
  end)

  it("rides on IP and on IPv6, also behind extension headers", function()
    assert.equal(51, luapkt.build { { "IP" }, { "AH" } }:byte(10))
    assert.equal(51, luapkt.build { { "IPv6" }, { "AH" } }:byte(7))
    assert.equal(51, luapkt.build { { "IPv6" }, { "IPv6ExtHdrDestOpt" }, { "AH" } }:byte(41))
  end)
end)

describe("ESP", function()
  it("is a number, a count and what nobody can read", function()
    local bytes = luapkt.build { { "IP" }, { "ESP", { spi = 0x1000, seq = 5, data = "secret" } } }
    assert.equal(unhex "00001000 00000005" .. "secret", bytes:sub(21))
    assert.equal("secret", luapkt.dissect(bytes, "IP")[2].fields.data)
  end)

  it("may be in UDP", function()
    local bytes = luapkt.build { { "UDP" }, { "ESP" } }
    assert.equal(unhex "1194", bytes:sub(1, 2))
    assert.equal("ESP", luapkt.dissect(unhex "1194 1194 0010 0000 00000001 00000002", "UDP")[2].id)
  end)
end)
