local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("VRRP", function()
  local version2 = unhex "2105 64 02 01 01 af2a 01010101 02020202 61626364 00000000"

  it("counts its addresses", function()
    assert.equal(version2, luapkt.build { { "VRRP", {
      vrid = 5, authtype = 1, addrlist = { "1.1.1.1", "2.2.2.2" }, auth1 = 0x61626364,
    } } })
  end)

  it("is read", function()
    local vrrp = luapkt.dissect(version2, "VRRP")[1].fields
    assert.same({ "1.1.1.1", "2.2.2.2" }, vrrp.addrlist)
    assert.equal(0x61626364, vrrp.auth1)
  end)
end)

describe("VRRPv3", function()
  it("has the network layer's addresses in its checksum", function()
    local bytes = luapkt.build {
      { "IP", { src = "16.0.0.1", dst = "48.0.0.1" } },
      { "VRRPv3", { vrid = 5, priority = 255, addrlist = { "1.1.1.1" } } },
    }
    assert.equal(unhex "3105 ff 01 0064 8d14 01010101", bytes:sub(21))
    assert.equal("VRRPv3", luapkt.dissect(bytes, "IP")[2].id)
  end)

  it("has IPv6 addresses over IPv6", function()
    local bytes = luapkt.build {
      { "IPv6", { src = "fe80::2", dst = "ff02::12", hlim = 255 } },
      { "VRRPv3", { vrid = 5, priority = 255, addrlist = { "fe80::1" } } },
    }
    assert.equal(unhex "3105 ff 01 0064 d2f2 fe80 000000000000 00000000 00000001", bytes:sub(41))
    assert.same({ "fe80::1" }, luapkt.dissect(bytes, "IPv6")[2].fields.addrlist)
  end)

  -- RFC 5798 section 5.2.1; so has it tshark, while scapy 2.5 takes eight bytes for version 2.
  it("is told by its version, without addresses, too", function()
    local bytes = luapkt.build { { "IP" }, { "VRRPv3" } }
    local layer = luapkt.dissect(bytes, "IP")[2]
    assert.equal("VRRPv3", layer.id)
    assert.equal(100, layer.fields.adv)
    assert.equal(bytes, luapkt.rebuild(bytes, "IP"))
    local version2 = luapkt.build { { "IP" }, { "VRRP" } }
    assert.equal("VRRP", luapkt.dissect(version2, "IP")[2].id)
  end)
end)
