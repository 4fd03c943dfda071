local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("IPv6", function()
  local wire = unhex [[62e12345 00081140 20010db8000000000000000000000001
                       20010db8000000000000000000000002  00350035 0008a3ff]]
  local header = { tc = 0x2e, fl = 0x12345, src = "2001:db8::1", dst = "2001:db8::2" }

  it("works out the payload length and sets the next header", function()
    assert.equal(wire, luapkt.build { { "IPv6", header }, { "UDP" } })
  end)

  it("keeps what was set, right or wrong", function()
    local bytes = luapkt.build { { "IPv6", { plen = 5, nh = 59 } }, { "UDP" } }
    assert.equal(unhex "0005 3b", bytes:sub(5, 7))
  end)

  it("is read", function()
    assert.same({
      version = 6, tc = 0x2e, fl = 0x12345, plen = 8, nh = 17, hlim = 64,
      src = "2001:db8::1", dst = "2001:db8::2",
    }, luapkt.dissect(wire, "IPv6")[1].fields)
  end)

  it("ends where its length says", function()
    local layers = luapkt.dissect(wire .. "trailer", "IPv6")
    assert.equal("Padding", layers[3].id)
    assert.equal(48, layers[3].offset)
  end)
end)

describe("IPerror6", function()
  it("is the packet that an ICMPv6 error quotes", function()
    local quoted = luapkt.build { { "IPv6" }, { "UDP" } }
    local bytes = luapkt.build { { "ICMPv6PacketTooBig" }, { "Raw", { load = quoted } } }
    local layers = luapkt.dissect(bytes, "ICMPv6PacketTooBig")
    assert.equal("IPerror6", layers[2].id)
    assert.equal("UDPerror", layers[3].id)
  end)
end)
