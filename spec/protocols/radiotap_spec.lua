local luapkt = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex

describe("radiotap", function()
  it("has fields that begin at a multiple of their alignment", function()
    local bytes = luapkt.build { { "RadioTap", {
      present = "Flags+Rate+Channel+dBm_AntSignal+A_MPDU", Rate = 12, ChannelFrequency = 2412,
      dBm_AntSignal = -50, A_MPDU_ref = 7,
    } } }
    assert.equal("00001800" .. "2e001000" .. "00" .. "0c" .. "6c09" .. "0000" .. "ce" .. "00"
      .. "07000000" .. "00000000", hex(bytes))
    assert.equal(24, ("<I2"):unpack(bytes, 3))
    local p = luapkt.dissect(bytes, "RadioTap")[1].fields
    assert.same({ 12, 2412, -50, 7 },
      { p.Rate, p.ChannelFrequency, p.dBm_AntSignal, p.A_MPDU_ref })
  end)

  it("has further words, as long as each says so", function()
    local p = luapkt.packet(unhex "0000 1400 02000080 00000080 00000000 10 aabbcc", "RadioTap")
    assert.equal(2, #p.RadioTap.Ext)
    assert.equal("FCS", p.RadioTap:show "Flags")
    assert.equal(unhex "aabbcc", p.RadioTap.notdecoded)
  end)

  it("leaves what stands behind an unknown field as it is", function()
    local bytes = unhex "0000 0e00 32000000 10 00 0102 ce 00"
    local p = luapkt.packet(bytes, "RadioTap")
    assert.equal(unhex "00 0102 ce 00", p.RadioTap.notdecoded)
    assert.is_nil(p.RadioTap.dBm_AntSignal)
    assert.equal(bytes, p:bytes())
  end)

  it("says whether the frame has its check sum", function()
    local frame = {
      { "Dot11FCS" }, { "Dot11Beacon" }, { "Dot11Elt", { ID = "SSID", info = "net" } },
    }
    local with = luapkt.build { { "RadioTap", { present = "Flags", Flags = "FCS" } },
                                table.unpack(frame) }
    assert.equal("Dot11FCS", luapkt.dissect(with, "RadioTap")[2].id)
    frame[1][1] = "Dot11"
    local without = luapkt.build { { "RadioTap", { present = "Flags" } }, table.unpack(frame) }
    assert.equal("Dot11", luapkt.dissect(without, "RadioTap")[2].id)
    assert.equal(#with, #without + 4)
  end)
end)
