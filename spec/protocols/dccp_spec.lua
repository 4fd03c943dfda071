local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local IP, DCCP, DCCPOption = luapkt.IP, luapkt.DCCP, luapkt.DCCPOption

-- The checksums are those that tshark expects of these bytes.
describe("DCCP", function()
  local function bytes_of(fields, load)
    local p = IP{ src = "16.0.0.1", dst = "48.0.0.1" } / DCCP(fields)
    return (load and p / load or p):bytes():sub(21)
  end

  -- RFC 4340 section 5.1: sequence numbers of 48 bits, section 5.3: a service code
  it("has options that fill 32-bit words, and says where its data begins", function()
    local bytes = bytes_of({ sport = 1024, service = 42,
                             options = { DCCPOption{ type = 41, data = "\0\0\0\1" } } }, "hello")
    assert.equal(unhex "0400 1389 07 00 332f 01 00 000000000000 0000002a 2906 00000001 0000"
      .. "hello", bytes)
  end)

  it("has a checksum over so many words as it says, and of the length of all", function()
    local bytes = bytes_of({ sport = 1024, type = "DataAck", seq = 5, ack = 6, cscov = 2 },
      "hello world")
    assert.equal(unhex "0400 1389 06 02 c451 09 00 000000000005 0000 000000000006"
      .. "hello world", bytes)
  end)

  it("has sequence numbers of 24 bits without X", function()
    local bytes = bytes_of { sport = 1024, type = "Ack", x = 0, seq24 = 5, ack24 = 6 }
    assert.equal(unhex "06 000005 00 000006", bytes:sub(9))
    assert.equal(4, bytes:byte(5))
  end)

  -- Section 5.6
  it("says why it resets a connection", function()
    local bytes = bytes_of { type = "Reset", reason = "No Connection" }
    assert.equal(unhex "0f 00 000000000000 0000 000000000000 03 000000", bytes:sub(9))
    local read = IP(luapkt.build { { "IP" }, { "DCCP", { type = 7, reason = 3 } } })
    assert.equal(3, read.DCCP.reason)
    assert.is_true(read:check().right)
  end)
end)
