local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex = support.unhex

describe("a frame of IEEE 802.11", function()
  it("has the addresses of its kind", function()
    assert.equal(24, #luapkt.build { { "Dot11" } })
    assert.equal(10, #luapkt.build { { "Dot11" }, { "Dot11Ack" } })
    assert.equal(30, #luapkt.build { { "Dot11", { type = "Data", FCfield = "to-DS+from-DS" } } })
  end)

  it("carries elements behind the body of a beacon", function()
    local bytes = luapkt.build {
      { "Dot11" }, { "Dot11Beacon" }, { "Dot11Elt", { ID = "SSID", info = "net" } },
      { "Dot11EltRates", { rates = { 0x82, 0x84 } } },
    }
    assert.equal(unhex "80 00 0000", bytes:sub(1, 4))
    assert.equal(unhex "0000000000000000 6400 0000 00 03 6e6574 01 02 82 84", bytes:sub(25))
    local layers = luapkt.dissect(bytes, "Dot11")
    assert.equal("net", layers[3].fields.info)
    assert.same({ 0x82, 0x84 }, layers[4].fields.rates)
  end)

  it("says what protects it, a cipher and a key management unless told otherwise", function()
    local bytes = luapkt.build { { "Dot11EltRSN" } }
    assert.equal(unhex "30 14 0100 000fac04 0100 000fac04 0100 000fac01 0000", bytes)
    local layer = luapkt.dissect(bytes, "Dot11Elt")[1]
    assert.equal("Dot11EltRSN", layer.id)
    assert.equal("RSNCipherSuite", layer.fields.pairwise_cipher_suites[1].id)
  end)

  it("tells the vendors' elements apart", function()
    assert.equal("Dot11EltMicrosoftWPA", luapkt.dissect(
      luapkt.build { { "Dot11EltMicrosoftWPA" } }, "Dot11Elt")[1].id)
    assert.equal("Dot11EltVendorSpecific",
      luapkt.dissect(unhex "dd 04 0050f2 02", "Dot11Elt")[1].id)
  end)

  -- IEEE 802.11 section 9.4.2.1: an element has as many bytes as it says, and others follow it.
  it("carries elements behind those of every kind, and what they hold beyond fields", function()
    local function kinds(bytes)
      local found = {}
      local p = assert(luapkt.packet(unhex(bytes), "Dot11Elt"))
      for layer in p:layers() do found[#found + 1] = layer.kind:gsub("^Dot11Elt", "") end
      assert.equal(unhex(bytes), p:bytes())
      return table.concat(found, " ")
    end
    local rates, channel, country = "01 04 82848b96", "03 01 06", "07 06 444520 010d14"
    local wpa = "dd 16 0050f201 0100 0050f202 0100 0050f202 0100 0050f202"
    assert.equal(" Rates  Country MicrosoftWPA VendorSpecific Rates",
      kinds("00 05 68656c6c6f" .. rates .. channel .. country .. wpa .. "dd 05 0050f20402"
        .. "32 01 6c"))
    local rsn = "0100 000fac04 0100 000fac04 0100 000fac02 c000"
    assert.equal("RSN ", kinds("30 14" .. rsn .. channel))
    assert.equal("RSN Raw ", kinds("30 1a" .. rsn .. "0000 000fac06" .. channel)) -- for groups
    assert.equal("  Rates", kinds("30 02 0100" .. channel .. rates)) -- too few for fields
    assert.equal("  ", kinds("00 00 dd 02 0102" .. channel))
    assert.equal("Rates ", kinds("01 00 03 01")) -- cut
  end)

  -- IEEE 802.11 section 9.4.2.24: a suite for management frames behind the list of keys.
  it("counts in an element's length what it holds beyond fields", function()
    local bytes = unhex("30 1a 0100 000fac04 0100 000fac04 0100 000fac02 c000 0000 000fac06" ..
      "03 01 06")
    local p = luapkt.packet(bytes, "Dot11Elt")
    assert.is_true(p:check().right)
    assert.equal(bytes, p:recompute():bytes())
    p.Dot11EltRSN.len = 9
    assert.equal(bytes, p:recompute():bytes())
    p.Raw.load = unhex "000fac06 000fac0b"
    assert.equal(0x1e, p:recompute().Dot11EltRSN.len)
    assert.equal("Dot11Elt", luapkt.packet(p:bytes(), "Dot11Elt")[3].kind)
    p.Raw = nil
    assert.equal(0x16, p:recompute().Dot11EltRSN.len)
  end)

  it("tells how a body is encrypted", function()
    local head = unhex "08 40 0000" .. ("\0"):rep(20)
    local function read(body) return luapkt.dissect(head .. unhex(body), "Dot11")[2].id end
    assert.equal("Dot11WEP", read "010203 00 aabb 00000000")
    assert.equal("Dot11TKIP", read "01 21 02 20 00000000 aabb")
    assert.equal("Dot11CCMP", read "01 02 00 20 00000000 aabb")
  end)

  it("has its check sum behind what it carries", function()
    local bytes = luapkt.build { { "Dot11FCS" }, { "Dot11Beacon" }, { "Dot11Elt" } }
    local p = luapkt.packet(bytes, "Dot11FCS")
    assert.equal(luapkt.wire.crc32(bytes:sub(1, -5)), (("<I4"):unpack(bytes, #bytes - 3)))
    assert.equal("Dot11Elt", p[3].kind)
    assert.equal(#bytes - 4, #p.Dot11FCS:bytes() + #p.Dot11FCS:payload())
  end)
end)

describe("A frame with its check sequence", function()
  -- As scapy 2.5 says. Without the sequence, bytes end before that address: default-dot11.
  it("was read past the fourth address, which isn't there", function()
    local service = support.service()
    local layer = assert(service:call("build_pkt", { { id = "Dot11FCS" } })).data[1]
    service:close()
    local shown = {}
    for _, field in ipairs(layer.fields) do shown[field.id] = field end
    assert.is_nil(shown.addr4.ignored)
    assert.equal(24, shown.addr4.offset)
    assert.equal(24, shown.fcs.offset)
  end)
end)
