local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("TCP", function()
  local network = { "IP", { src = "192.168.1.1", dst = "192.168.1.2" } }

  it("works out the header length and checksum that were left unset", function()
    local syn = luapkt.build { { "IP" }, { "TCP", { sport = 20, dport = 80 } } }
    assert.equal(unhex "00140050 00000000 00000000 50022000 4f7d0000", syn:sub(21))
  end)

  it("covers its payload", function()
    local tcp = { sport = 443, dport = 51000, seq = 100, ack = 200, flags = "PA", window = 501 }
    local load = {}
    for i = 0, 31 do load[#load + 1] = string.char(i) end
    local bytes = luapkt.build { network, { "TCP", tcp }, { "Raw", { load = table.concat(load) } } }
    assert.equal(unhex "01bbc738 00000064 000000c8 501801f5 6f430000", bytes:sub(21, 40))
  end)

  it("keeps a header length and a checksum that were set wrong", function()
    local bytes = luapkt.build { network, { "TCP", { dataofs = 15, chksum = 0xdead } } }
    assert.equal(unhex "f002", bytes:sub(33, 34))
    assert.equal(unhex "dead", bytes:sub(37, 38))
  end)

  it("spreads its flags over two bytes", function()
    assert.equal(unhex "50c0", luapkt.build { { "TCP", { flags = "EC" } } }:sub(13, 14))
    assert.equal(unhex "5100", luapkt.build { { "TCP", { flags = "N" } } }:sub(13, 14))
  end)

  -- RFC 9293 section 3.2, RFC 7323, RFC 2018; unknown ones by number
  local options = {
    { { { "MSS", 1460 }, { "NOP" }, { "NOP" }, { "SAckOK", "" } }, "020405b4 01 01 0402" },
    { { { "Timestamp", 123456, 654321 }, { "EOL" } }, "080a 0001e240 0009fbf1 0000" },
    { { { "NOP" }, { "NOP" }, { "SAck", 1, 2, 3, 4 } },
      "0101 0512 00000001 00000002 00000003 00000004" },
    { { { "NOP" }, { "WScale", 7 } }, "01 030307" },
    { { { "TFO", 1, 2 }, { "EOL" } }, "220a 00000001 00000002 0000" },
    { { { 254, "abcd" }, { "EOL" } }, "fe06 61626364 0000" },
  }

  for _, case in ipairs(options) do
    local list, bytes = case[1], unhex(case[2])

    it("builds and reads options " .. case[2], function()
      local tcp = luapkt.build { { "TCP", { options = list } } }
      assert.equal(bytes, tcp:sub(21))
      assert.equal(5 + #bytes // 4, tcp:byte(13) >> 4)
      assert.same(list, luapkt.dissect(tcp, "TCP")[1].fields.options)
    end)
  end

  it("pads options to 32 bits", function()
    local tcp = luapkt.build { { "TCP", { options = { { "WScale", 7 } } } } }
    assert.equal(unhex "030307 00", tcp:sub(21))
  end)

  it("is read", function()
    local tcp = luapkt.dissect(unhex "00140050 00000001 00000002 5fff2000 4f7d0003", "TCP")[1]
    assert.same({
      sport = 20, dport = 80, seq = 1, ack = 2, dataofs = 5, reserved = 7, flags = 0x1ff,
      window = 8192, chksum = 0x4f7d, urgptr = 3, options = {},
    }, tcp.fields)
  end)
end)
