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
end)
