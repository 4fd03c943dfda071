local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("NTP", function()
  local server = unhex [[ e4 01 0a 00 00008000 00010000 47505300 00000004 00000000
                          00000001 00000000 00000002 00000000 00000003 00000000 ]]

  it("has a name for the source at stratum 1, an address above", function()
    local bytes = luapkt.build { { "NTPHeader", {
      leap = 3, mode = 4, stratum = 1, ref_id = "GPS\0", delay = 0.5, dispersion = 1,
      ref = 4, orig = 1, recv = 2, sent = 3,  -- seconds
    } } }
    assert.equal(server, bytes)
    bytes = luapkt.build { { "NTPHeader", { stratum = 3, id = "10.1.2.3" } } }
    assert.equal(unhex "0a010203", bytes:sub(13, 16))
  end)

  it("is read", function()
    local header = luapkt.dissect(server, "NTPHeader")[1].fields
    assert.equal("GPS\0", header.ref_id)
    assert.equal(2 << 32, header.recv)
  end)

  it("carries a key id and a digest", function()
    local bytes = server .. unhex "00000001 000102030405060708090a0b0c0d0e0f"
    local authenticator = luapkt.dissect(bytes, "NTPHeader")[2]
    assert.equal("NTPAuthenticator", authenticator.id)
    assert.equal(1, authenticator.fields.key_id)
  end)

  it("carries extensions, RFC 7822", function()
    local extension = unhex "0104 0010 000102030405060708090a0b"
    local bytes = server .. extension .. ("\0"):rep(20)
    local extensions = luapkt.dissect(bytes, "NTPHeader")[2]
    assert.equal("NTPExtensions", extensions.id)
    assert.equal(16, extensions.fields.extensions[1].fields.len)
  end)

  it("is a control or private message by its mode", function()
    local udp = unhex "007b 007b 0014 0000"
    local control = unhex "16 02 0001 0000 0000 0000 0000"
    assert.equal("NTPControl", luapkt.dissect(udp .. control, "UDP")[2].id)
    assert.equal("NTPPrivate", luapkt.dissect(udp .. unhex "17 00 00 14 0000 0000", "UDP")[2].id)
    assert.equal(control, luapkt.build { { "NTPControl", { op_code = 2, sequence = 1 } } })
  end)

  it("is Raw where it has less than eight bytes", function()
    local udp = (">I2I2I2I2"):pack(123, 123, 16, 0)
    assert.equal("NTPHeader", luapkt.dissect(udp .. unhex "2300000000000000", "UDP")[2].id)
    assert.equal("Raw", luapkt.dissect(udp .. unhex "23000000000000", "UDP")[2].id)
  end)
end)
