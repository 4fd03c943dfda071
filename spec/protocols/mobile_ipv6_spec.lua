local luapkt  = require "luapkt"
local support = require "spec.support"

local json, unbase64 = luapkt.json, luapkt.wire.unbase64
local unhex = support.unhex

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

  it("has no check sum on IPv4, which has no pseudo-header for it", function()
    local function sum(network)
      local bytes = luapkt.build { { network }, { "MIP6MH_CoT" } }
      return luapkt.dissect(bytes:sub(network == "IP" and 21 or 41), "MIP6MH_CoT")[1].fields.cksum
    end
    assert.equal(0, sum "IP")
    assert.not_equal(0, sum "IPv6")
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

  -- As scapy 2.5 has it, but for the dates, which it has a day and some minutes too early.
  it("has a time stamp that is a number of 64 bits, shown as a date and taken as it is shown",
    function()
      local service = support.service()
      local function stamp(value)
        local layer = { id = "MIP6OptReplayProtection" }
        if value then layer.fields = json.array { { id = "timestamp", value = value } } end
        local result, err = service:call("build_pkt", json.array { layer })
        if not result then return nil, err.message end
        local field = support.field_of(result.data[1], "timestamp")
        return unbase64(result.binary):sub(3), field.value, field.hvalue
      end
      local old = "Some date a few decades ago (%d)"
      for _, case in ipairs {
        { nil, 0, old:format(0) }, { 5, 5, old:format(5) }, { "0x100000000", 1 << 32 },
        { 1576799999 << 32, 1576799999 << 32, old:format(1576799999 << 32) },
        { 1576800000 << 32, 1576800000 << 32,
          "Tue, 20 Dec 1949 00:00:00 +0000 (6772304432332800000)" },
        { "16750372454400000000", json.u64("16750372454400000000"),
          "Wed, 02 Aug 2023 21:20:00 +0000 (16750372454400000000)" },
      } do
        local bytes, value, shown = stamp(case[1])
        assert.equal(tostring(case[2]), tostring(value))
        if case[3] then assert.equal(case[3], shown) end
        assert.same({ bytes, value, shown }, { stamp(shown) })
      end
      assert.equal(unhex "0000000000000005", (stamp(5)))
      for _, wrong in ipairs {
        old:sub(1, -6), old:format(5) .. "x", "(5)", "yesterday (5)",
        (old:gsub("%%d", "18446744073709551616")), (old:gsub("%%d", "-1")),
      } do
        local _, err = stamp(wrong)
        assert.truthy(err:find("is not a number from 0 to 18446744073709551615", 1, true))
      end
      service:close()
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
