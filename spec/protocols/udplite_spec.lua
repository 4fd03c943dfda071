local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local IP, UDPLite = luapkt.IP, luapkt.UDPLite

-- The checksums are those that tshark expects of these bytes.
describe("UDP-Lite", function()
  local function sent(fields, load)
    return IP{ src = "16.0.0.1", dst = "48.0.0.1" } / UDPLite(fields) / load
  end
  local ports = { sport = 7, dport = 7 }

  it("has a checksum over as many bytes as it says, and of the length of all", function()
    local p = sent({ sport = 7, dport = 7, cov = 8 }, "abc")
    assert.equal(unhex "00070007 0008 bf54 616263", p:bytes():sub(21))
    local read = IP(p:bytes())
    assert.is_true(read:check().right)
    assert.same({ "IP", 8 }, { read:check()[4].pseudo, read:check()[4].covers.size })
  end)

  it("has one over everything where that is 0, or more than there is", function()
    local p = sent(ports, "abcd")
    assert.equal(unhex "00070007 0000 fa94 61626364", p:bytes():sub(21))
    assert.is_true(IP(p:bytes()):check().right)
    p = sent({ sport = 7, dport = 7, cov = 500 }, "abcd")
    assert.equal(unhex "00070007 01f4 f8a0 61626364", p:bytes():sub(21)) -- 500 less than the above
    assert.is_true(IP(p:bytes()):check().right)
  end)

  it("is read over both versions of IP", function()
    assert.equal(136, sent(ports, "a").IP.proto)
    local p = luapkt.IPv6{} / UDPLite{ cov = 8 } / "abc"
    assert.equal(136, p.IPv6.nh)
    local read = luapkt.IPv6(p:bytes())
    assert.is_true(read:check().right)
    assert.equal(8, read.UDPLite.cov)
  end)
end)
