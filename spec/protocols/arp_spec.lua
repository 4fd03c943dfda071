local luapkt  = require "luapkt"
local support = require "spec.support"
local unhex   = support.unhex

describe("ARP", function()
  -- RFC 826: who has 10.0.2.2?
  local request = unhex "0001 0800 06 04 0001  080027a9939e 0a00020f  000000000000 0a000202"

  it("is built", function()
    local fields = { hwsrc = "08:00:27:a9:93:9e", psrc = "10.0.2.15", pdst = "10.0.2.2" }
    assert.equal(request, luapkt.build { { "ARP", fields } })
  end)

  it("is read", function()
    assert.same({
      hwtype = 1, ptype = 0x0800, hwlen = 6, plen = 4, op = 1,
      hwsrc = "08:00:27:a9:93:9e", psrc = "10.0.2.15",
      hwdst = "00:00:00:00:00:00", pdst = "10.0.2.2",
    }, luapkt.dissect(request, "ARP")[1].fields)
  end)

  it("carries IPv6 addresses where the protocol type says so", function()
    local fields = { ptype = "IPv6", psrc = "fe80::1", pdst = "fe80::2" }
    local bytes = luapkt.build { { "ARP", fields } }
    assert.equal(8 + 2 * (6 + 16), #bytes)
    assert.equal(unhex "86dd 06 10", bytes:sub(3, 6))
    assert.equal("fe80::2", luapkt.dissect(bytes, "ARP")[1].fields.pdst)
  end)

  it("reads addresses of other lengths as bytes", function()
    local bytes = unhex "0007 0800 01 04 0001  2a 0a000001  00 0a000002"
    local arp = luapkt.dissect(bytes, "ARP")[1].fields
    assert.equal("\x2a", arp.hwsrc)
    assert.equal("10.0.0.1", arp.psrc)
  end)

  it("keeps lengths that were set wrong", function()
    assert.equal("\9", luapkt.build { { "ARP", { hwlen = 9 } } }:sub(5, 5))
  end)

  it("shows an address that wasn't read as one that is looked up", function()
    local service = support.service()
    local handle = service:call("get_version_handler", "1", "02")
    local frame = luapkt.build { { "Ether" }, { "Raw", { load = request:sub(1, 24) } } }
    frame = frame:sub(1, 12) .. unhex "0806" .. frame:sub(15)
    local layers = service:call("reconstruct_pkt", handle, luapkt.wire.base64(frame)).data
    service:close()
    local pdst = layers[2].fields[9]
    assert.equal("pdst", pdst.id)
    assert.same({ vtype = "EXPRESSION", expr = "0.0.0.0" }, pdst.value)
    assert.is_true(pdst.ignored)
  end)
end)
