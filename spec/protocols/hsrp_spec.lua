local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("HSRP", function()
  local hello = unhex "00 00 10 03 0a 78 01 00 636973636f000000 c0a80101"

  it("is built", function()
    assert.equal(hello, luapkt.build { { "HSRP" } })
  end)

  it("is read over its port", function()
    local layers = luapkt.dissect(unhex "07c1 07c1 001c 0000" .. hello, "UDP")
    assert.equal("HSRP", layers[2].id)
    assert.equal("192.168.1.1", layers[2].fields.virtualIP)
  end)

  it("may have an MD5 digest behind it", function()
    local bytes = luapkt.build { { "HSRP" }, { "HSRPmd5", { algo = 1, keyid = 2 } } }
    assert.equal(unhex "04 1c 01 00 0000 10000001 00000002" .. ("\0"):rep(16), bytes:sub(21))
    assert.equal("HSRPmd5", luapkt.dissect(bytes, "HSRP")[2].id)
  end)

  it("goes to its group over IPv6", function()
    local bytes = luapkt.build { { "IPv6" }, { "UDP" }, { "HSRP" } }
    assert.equal("ff02::66", luapkt.dissect(bytes, "IPv6")[1].fields.dst)
    bytes = luapkt.build { { "IPv6", { dst = "fe80::1" } }, { "UDP" }, { "HSRP" } }
    assert.equal("fe80::1", luapkt.dissect(bytes, "IPv6")[1].fields.dst)
    bytes = luapkt.build { { "IPv6" }, { "TCP" }, { "HSRP" } }
    assert.equal("::1", luapkt.dissect(bytes, "IPv6")[1].fields.dst)
  end)
end)
