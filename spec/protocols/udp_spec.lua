local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("UDP", function()
  local wire = unhex "4500001c 00010000 401166ce 0a000001 0a000002  0001 0002 0008 ebd8"

  local function stack(udp, load)
    local layers = { { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }, { "UDP", udp } }
    if load then layers[3] = { "Raw", { load = load } } end
    return layers
  end

  it("works out the length and checksum that were left unset", function()
    assert.equal(wire, luapkt.build(stack { sport = 1, dport = 2 }))
  end)

  it("keeps a length and a checksum that were set wrong", function()
    local bytes = luapkt.build(stack { len = 9, chksum = 0xdead })
    assert.equal(unhex "0009 dead", bytes:sub(-4))
  end)

  it("stores a checksum of zero as ones, RFC 768", function()
    -- the checksum above, less the two that either length grows by: the sum comes to all ones
    local bytes = luapkt.build(stack({ sport = 1, dport = 2 }, unhex "ebd4"))
    assert.equal(unhex "000a ffff", bytes:sub(25, 28))
  end)

  -- As the reference, for which the length of the pseudo-header is no less than 0.
  it("is over a length of 0 where IP says to be shorter than its header", function()
    for _, len in ipairs { 0, 19, 20 } do
      local bytes = luapkt.build { { "IP", { src = "10.0.0.1", dst = "10.0.0.2", len = len } },
        { "UDP", { sport = 1, dport = 2 } } }
      assert.equal(0, luapkt.wire.inet(bytes:sub(13, 20), "\0\x11\0\0", bytes:sub(21)))
    end
  end)

  it("stores no checksum without a network layer", function()
    assert.equal(unhex "00350035 00080000", luapkt.build { { "UDP" } })
  end)

  it("stores no checksum where it isn't the network layer that it is on", function()
    for _, below in ipairs { "UDP", "UDPerror", "TCPerror", "ICMPerror", "GRE_PPTP", "GENEVE" } do
      local bytes = assert(luapkt.build { { "IP" }, { below }, { "UDP" } })
      assert.equal(unhex "00350035 00080000", bytes:sub(-8))
    end
  end)

  it("covers IPv6 addresses, RFC 8200 section 8.1", function()
    local bytes = luapkt.build {
      { "IPv6", { src = "::1", dst = "::1" } },
      { "UDP", { sport = 1, dport = 2 } },
      { "Raw", { load = "v6" } },
    }
    assert.equal(unhex "00010002 000a899f", bytes:sub(41, 48))
  end)

  it("is read", function()
    local udp = luapkt.dissect(wire, "IP")[2]
    assert.equal(20, udp.offset)
    assert.same({ sport = 1, dport = 2, len = 8, chksum = 0xebd8 }, udp.fields)
  end)

  it("ends where its length says", function()
    local layers = luapkt.dissect(unhex "04000400 00080000 626579", "UDP")
    assert.equal("Padding", layers[2].id)
  end)
end)
