local capture = require "spec.capture"
local luapkt  = require "luapkt"
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

  -- https://www.radiotap.org: bit 31 says that another word follows.
  it("says that there are further words only where there are", function()
    assert.equal("0000080000000000", hex(luapkt.build { { "RadioTap", { Ext = {} } } }))
    assert.equal("00000c000000008000000000", hex(luapkt.build { { "RadioTap", { Ext = { {} } } } }))
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

describe("radiotap's fields", function()
  local IEEE802_11_RADIOTAP = 127

  it("that are set say that they are there", function()
    local p = luapkt.RadioTap{ Rate = 2, dBm_TX_Power = 20, A_MPDU_flags = 1 }
    assert.equal("Rate+dBm_TX_Power+A_MPDU", p.RadioTap:show "present")
    p.RadioTap.Rate = nil
    assert.equal("dBm_TX_Power+A_MPDU", p.RadioTap:show "present")
    assert.equal("", luapkt.RadioTap{}[1]:show "present")
    p = luapkt.RadioTap{ present = "Rate", dBm_TX_Power = 20 } -- what is set is meant
    assert.equal("Rate", p.RadioTap:show "present")
    assert.equal("000009000400000000", hex(p:bytes()))
    p = luapkt.RadioTap{ Rate = 0, hemuou_per_user_2 = 0x3f } -- as if they were not
    assert.equal("0000080000000000", hex(p:bytes()))
  end)

  it("are what tshark takes them for, the server's and others", function()
    if not capture.has_tshark() then pending "there is no tshark" end
    local fields = {
      mac_timestamp = 5, Rate = 12, ChannelFrequency = 2412, ChannelFlags = "CCK+2GHz",
      Lock_Quality = 77, TX_Attenuation = 300, dB_TX_Attenuation = 301, dBm_TX_Power = -3,
      Antenna = 2, dB_AntSignal = 40, dB_AntNoise = 41, RTS_retries = 3, data_retries = 4,
      A_MPDU_ref = 9, zero_length_PSDU = "vendor_specific", lsig_data1 = "rate+length",
      lsig_data2 = 0x123d,
    }
    local p = luapkt.RadioTap(fields) / luapkt.Dot11{ type = 2 } / "abc"
    local path = support.tmpdir() .. "/radiotap.pcapng"
    capture.write(path, { p:bytes() }, { IEEE802_11_RADIOTAP })
    local wanted = {
      mactime = "5", datarate = "6", ["channel.freq"] = "2412", ["channel.flags"] = "0x00a0",
      quality = "77", txattenuation = "300", db_txattenuation = "301", txpower = "-3",
      antenna = "2", db_antsignal = "40", db_antnoise = "41", data_retries = "4",
      ["ampdu.reference"] = "9", ["0_len_psdu.type"] = "0xff", length = "50",
    }
    local names, said = {}, {}
    for name in pairs(wanted) do table.insert(names, "radiotap." .. name) end
    for name, value in pairs(capture.tshark(path, names)[1]) do
      said[name:match "^radiotap%.(.*)$"] = value
    end
    assert.same(wanted, said)
    local read = luapkt.packet(p:bytes(), IEEE802_11_RADIOTAP)
    assert.is_true(read:identical())
    for _, name in ipairs { "TX_Attenuation", "dBm_TX_Power", "RTS_retries", "lsig_data2" } do
      assert.equal(fields[name], read.RadioTap[name])
    end
  end)
end)
