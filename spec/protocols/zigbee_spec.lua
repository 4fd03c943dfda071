local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("Zigbee", function()
  it("has a network header", function()
    assert.equal(unhex "08 00 0000 0000 00 01", luapkt.build { { "ZigbeeNWK" } })
  end)

  it("carries application data", function()
    local bytes = luapkt.build {
      { "ZigbeeNWK" },
      { "ZigbeeAppDataPayload", { frame_control = 0, profile = 0x0104, counter = 7 } },
    }
    assert.equal(unhex "00 0a 0000 0401 0a 07", bytes:sub(9))
    assert.equal("ZigbeeAppDataPayload", luapkt.dissect(bytes, "ZigbeeNWK")[2].id)
  end)

  it("acknowledges a command without saying what was addressed", function()
    local function ack(format)
      return luapkt.build { { "ZigbeeAppDataPayload", {
        frame_control = format, aps_frametype = "ack", counter = 9 } } }
    end
    assert.equal(unhex "12 09", ack "ack_format")
    assert.equal(unhex "02 0a 0000 0000 0a 09", ack(0))
  end)

  it("has a security header where its flag says so", function()
    local bytes = luapkt.build {
      { "ZigbeeNWK" }, { "ZigbeeSecurityHeader", { data = "secret", mic = "1234" } },
    }
    assert.equal(0x02, bytes:byte(2))
    local fields = luapkt.dissect(bytes, "ZigbeeNWK")[2].fields
    assert.equal("secret", fields.data)
    assert.equal("1234", fields.mic)
  end)

  it("has commands", function()
    local reply = unhex "02 20 07 3412 7856 09 0807060504030201"
    local p = luapkt.dissect(reply, "ZigbeeNWKCommandPayload")[1].fields
    local command = luapkt.packet(reply, "ZigbeeNWKCommandPayload")[1]
    assert.equal("route reply", command:show "cmd_identifier")
    assert.equal(1, p.responder_addr_bit)
    assert.equal(0x0102030405060708, p.responder_addr)
    local status = luapkt.packet(unhex "09 00 0000 0000 00 01  03 0b 3412", "ZigbeeNWK")
    assert.equal("ZigbeeNWKCommandPayload", status[2].kind)
    assert.equal("Source route failure", status[2]:show "status_code")
    local links = luapkt.dissect(unhex "08 62 3412 11 7856 23", "ZigbeeNWKCommandPayload")[1].fields
    assert.equal(2, links.entry_count)
    assert.equal(2, #links.link_status_list)
    local moved = luapkt.dissect(unhex "01 00  06 0807060504030201 3412 01", "ZigbeeAppDataPayload")
    assert.equal("ZigbeeAppCommandPayload", moved[2].id)
  end)

  it("has a payload in beacons", function()
    local beacon = unhex "00 22 84 0807060504030201 ffffff 00"
    local p = luapkt.dissect(beacon, "ZigBeeBeacon")[1].fields
    assert.same({ 2, 2, 1, 0, 1, 0x0102030405060708, 0xffffff },
      { p.nwkc_protocol_version, p.stack_profile, p.end_device_capacity, p.device_depth,
        p.router_capacity, p.extended_pan_id, p.tx_offset })
  end)

  it("has attributes of the size that their type says", function()
    local frame = unhex "18 07 01  0000 00 20 03  0400 00 42 03 616263  0700 86"
    local p = luapkt.packet(frame, "ZigbeeClusterLibrary")
    assert.equal("ZCLGeneralReadAttributesResponse", p[2].kind)
    local records = p[2].read_attribute_status_record
    assert.equal(3, #records)
    assert.equal(unhex "03", records[1].attribute_value)
    assert.equal("\3abc", records[2].attribute_value)
    assert.equal(134, records[3].status)
  end)
end)
