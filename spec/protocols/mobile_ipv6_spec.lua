local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("the mobility header", function()
  it("counts its length in 8 bytes, and is padded to that", function()
    local bytes = luapkt.build { { "IPv6" }, { "MIP6MH_BU", { seq = 1 } } }
    assert.equal(unhex "3b 01 05 00", bytes:sub(41, 44))
    assert.equal(unhex "0001 d000 0003 0102 0000", bytes:sub(47))
    assert.equal("MIP6MH_BU", luapkt.dissect(bytes, "IPv6")[2].id)
  end)

  it("is told by its type, and is generic where nobody knows that", function()
    assert.equal("MIP6MH_CoT", luapkt.dissect(
      luapkt.build { { "IPv6" }, { "MIP6MH_CoT" } }, "IPv6")[2].id)
    local bytes = luapkt.build { { "IPv6" }, { "MIP6MH_Generic", { mhtype = 8 } } }
    assert.equal("MIP6MH_Generic", luapkt.dissect(bytes, "IPv6")[2].id)
  end)

  it("has options", function()
    local bytes = luapkt.build { { "MIP6MH_BU", { options = {
      { id = "MIP6OptAltCoA", fields = { acoa = "2001:db8::1" } },
    } } } }
    local options = luapkt.dissect(bytes, "MIP6MH_BU")[1].fields.options
    assert.equal("MIP6OptAltCoA", options[2].id)
    assert.equal("2001:db8::1", options[2].fields.acoa)
    assert.equal(32, #bytes)
  end)

  -- RFC 6275 section 6.2, RFC 3963 section 4.3, RFC 4285; scapy 2.5 builds the same.
  it("has options where they want to lie", function()
    local function options(...)
      local list = {}
      for i, id in ipairs { ... } do list[i] = { id = id, fields = {} } end
      return luapkt.build({ { "MIP6MH_BU", { options = list } } }):sub(13)
    end
    local zeros, pad4 = ("\0"):rep(16), unhex "0104 00000000"
    assert.equal(unhex "0202 0000 0104 00000000 0310" .. zeros,
      options("MIP6OptBRAdvice", "MIP6OptAltCoA"))
    assert.equal(unhex "0612 0040" .. zeros, options "MIP6OptMobNetPrefix")
    assert.equal(pad4 .. unhex "0a08 00000000 00000000 0102 0000",
      options "MIP6OptReplayProtection")
    assert.equal(unhex "00 0911 01 00000000" .. ("A"):rep(12), options "MIP6OptMsgAuth")
    assert.equal(pad4 .. unhex "0510" .. zeros:sub(1, 12), options "MIP6OptBindingAuthData")
  end)

  -- As scapy 2.5 has them.
  it("has options that are told by their types where they are alone, too", function()
    for otype, id in pairs { [0] = "Pad1", "PadN", "MIP6OptBRAdvice", [6] = "MIP6OptMobNetPrefix",
                             [12] = "MIP6OptCGAParams", [18] = "MIP6OptUnknown" } do
      assert.equal(id, luapkt.dissect(string.char(otype, 0), "MIP6OptUnknown")[1].id)
    end
  end)

  -- As scapy 2.5 has it.
  it("is none of fewer than four bytes, which don't say what message it is", function()
    local function read(bytes)
      local packet = luapkt.build { { "IPv6", { nh = 135 } }, { "Raw", { load = bytes } } }
      return luapkt.dissect(packet, "IPv6")[2].id
    end
    assert.equal("Raw", read ";\0\5")
    assert.equal("MIP6MH_BU", read ";\0\5\0")
    assert.equal("MIP6MH_Generic", read ";\0\9\0")
  end)
end)
