local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex = support.unhex

describe("Bluetooth Low Energy", function()
  it("advertises", function()
    local bytes = luapkt.build {
      { "BTLE" }, { "BTLE_ADV" }, { "BTLE_ADV_IND", { AdvA = "01:02:03:04:05:06" } },
    }
    assert.equal(unhex "d6be898e 00 06 060504030201 8761c6", bytes)
    assert.equal("BTLE_ADV_IND", luapkt.dissect(bytes, "BTLE")[3].id)
  end)

  it("says of itself what elements say, each with its type and length", function()
    local bytes = unhex "060504030201 02 01 06 03 09 6d65 03 03 0f18 02 4d 78"
    local layer = assert(luapkt.dissect(bytes, "BTLE_ADV_IND"))[1]
    local ids = {}
    for i, item in ipairs(layer.fields.data) do ids[i] = item.id end
    assert.same({ "EIR_Hdr", "EIR_Flags", "EIR_Hdr", "EIR_CompleteLocalName", "EIR_Hdr",
                  "EIR_CompleteList16BitServiceUUIDs", "EIR_Hdr", "EIR_Raw" }, ids)
    assert.equal("me", layer.fields.data[4].fields.local_name)
    assert.equal(bytes, luapkt.build { { "BTLE_ADV_IND", {
      AdvA = "01:02:03:04:05:06",
      data = support.evaluate [[{ EIR_Hdr{}/EIR_Flags{flags = 6},
        EIR_Hdr{}/EIR_CompleteLocalName{local_name = "me"},
        EIR_Hdr{}/EIR_CompleteList16BitServiceUUIDs{svc_uuids = {0x180f}},
        EIR_Hdr{type = 0x4d}/Raw{load = "x"} }]] } } })
  end)

  it("connects", function()
    local bytes = luapkt.build { { "BTLE_CONNECT_REQ", {
      InitA = "01:02:03:04:05:06", AdvA = "0a:0b:0c:0d:0e:0f", AA = 0x11223344,
      crc_init = 0x556677, win_size = 3, interval = 24, timeout = 0x102, SCA = 1, hop = 9 } } }
    assert.equal(unhex [[060504030201 0f0e0d0c0b0a 44332211 776655 03 0000 1800 0000 0201
                         0000000000 29]], bytes)
  end)

  it("has its check sum behind the PDU, which lengths don't count", function()
    local p = luapkt.packet(unhex "d6be898e 02 07 000000000000 ff 123456", "BTLE")
    assert.equal(0x123456, p.BTLE.crc)
    assert.equal(unhex "02 07 000000000000 ff", p.BTLE:payload())
    assert.equal(unhex "d6be898e", p.BTLE:bytes())
    assert.equal("BTLE_ADV_NONCONN_IND", p[3].kind)
    p.BTLE.crc = nil
    assert.equal(7, p.BTLE_ADV.Length)
    assert.equal(unhex "d6be898e 02 06 000000000000 670942",
      luapkt.build { { "BTLE" }, { "BTLE_ADV" }, { "BTLE_ADV_NONCONN_IND" } })
  end)

  it("has the radio's word before it", function()
    local layers = luapkt.dissect(unhex "25 b0 80 00 00000000 0100 d6be898e 03 00", "BTLE_RF")
    assert.equal(37, layers[1].fields.rf_channel)
    assert.equal(-80, layers[1].fields.signal)
    assert.equal(1, layers[1].fields.flags)
    assert.equal("BTLE_ADV", layers[3].id)
  end)
end)

describe("A request to connect", function()
  -- As scapy 2.5 shows it.
  it("has a map of channels that is shown in hexadecimal digits", function()
    local service = support.service()
    local layer = assert(service:call("build_pkt", { { id = "BTLE_CONNECT_REQ" } })).data[1]
    service:close()
    local shown = {}
    for _, field in ipairs(layer.fields) do shown[field.id] = field end
    assert.equal("0x0", shown.chM.hvalue)
  end)
end)
