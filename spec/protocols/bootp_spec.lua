local luapkt  = require "luapkt"
local support = require "spec.support"
local unhex   = support.unhex

describe("BOOTP", function()
  local header = unhex "01010600 12345678 0000 8000" .. ("\0"):rep(16)
                 .. unhex "001122334455" .. ("\0"):rep(202)
  local cookie = unhex "63825363"

  it("pads its texts to their places", function()
    local bytes = luapkt.build {
      { "BOOTP", { xid = 0x12345678, flags = 0x8000, chaddr = unhex "001122334455" } },
    }
    assert.equal(header, bytes)
  end)

  it("is read with vendor data in place of the cookie", function()
    local layers = luapkt.dissect(header .. "vendor", "BOOTP")
    assert.equal(1, #layers)
    assert.equal("vendor", layers[1].fields.options)
    assert.equal(0x12345678, layers[1].fields.xid)
  end)

  it("gets the cookie when DHCP follows", function()
    local bytes = luapkt.build {
      { "BOOTP" }, { "DHCP", { options = { { "message-type", 1 }, "end" } } },
    }
    assert.equal(cookie .. unhex "350101 ff", bytes:sub(237))
  end)

  it("goes over UDP from port 67 to port 68", function()
    assert.equal(unhex "0043 0044", luapkt.build({ { "UDP" }, { "BOOTP" } }):sub(1, 4))
  end)

  it("is no message of a client to a client", function()
    assert.equal("Raw", luapkt.dissect(unhex "0044 0044 00f4 0000" .. header, "UDP")[2].id)
  end)

  describe("options", function()
    local wire = unhex [[ 350102 0104ffffff00 03040a000001 33040000 0e10 36040a000001
                          0608080808080808 0404 2b0676656e646f72 e00473697465 ff ]]

    it("are built by name and by number", function()
      local bytes = luapkt.build { { "DHCP", { options = {
        { "message-type", "offer" }, { "subnet_mask", "255.255.255.0" },
        { "router", "10.0.0.1" }, { "lease_time", 3600 }, { "server_id", "10.0.0.1" },
        { "name_server", "8.8.8.8", "8.8.4.4" },
        { "vendor_specific", "vendor" }, { 224, "site" }, "end",
      } } } }
      assert.equal(wire, bytes)
    end)

    it("are read back to the same bytes", function()
      local layers = luapkt.dissect(header .. cookie .. wire, "BOOTP")
      assert.equal("DHCP", layers[2].id)
      assert.equal(240, layers[2].offset)
      assert.equal(wire, luapkt.build { { "DHCP", { options = layers[2].fields.options } } })
    end)

    it("go on behind a pad, which only fills up (RFC 2132 section 3.1)", function()
      local padded = unhex "00 350101 0000 0c0161 ff"
      local options = luapkt.DHCP(padded).DHCP.options
      assert.same({ { "pad" }, { "message-type", 1 }, { "pad" }, { "pad" }, { "hostname", "a" },
        { "end" } }, options)
      assert.equal(padded, luapkt.DHCP { options = options }:bytes())
    end)

    it("keep the bytes behind them that are none, however they are read", function()
      local cut = unhex "350101 ff 0162"
      local p = luapkt.DHCP(cut)
      local rest = { vtype = "BYTES", base64 = luapkt.wire.base64 "\1b" }
      assert.same({ { "message-type", 1 }, { "end" }, rest }, p.DHCP.options)
      assert.equal(cut, luapkt.DHCP { options = p.DHCP.options }:bytes())
      local fields = luapkt.dissect(cut, "DHCP")[1].fields
      assert.equal(cut, luapkt.build { { "DHCP", fields } })
    end)

    it("have values of up to 255 bytes, which is what their length says", function()
      local value = ("v"):rep(255)
      local full = { { "vendor_specific", value }, "end" }
      assert.equal("\x2b\xff" .. value .. "\xff", luapkt.build { { "DHCP", { options = full } } })
      local addresses = { "router" }
      for i = 1, 63 do addresses[i + 1] = "10.0.0." .. i end
      local bytes = luapkt.build { { "DHCP", { options = { addresses } } } }
      assert.equal("\x03\xfc", bytes:sub(1, 2))
      local _, err = luapkt.build { { "DHCP", { options = { { 224, value .. "v" } } } } }
      assert.equal("DHCP.options: option 224: the value is longer than 255 bytes", err.message)
      _, err = luapkt.build { { "TCP", { options = { { 254, value:sub(1, 254) } } } } }
      assert.equal("TCP.options: option 254: the value is longer than 253 bytes", err.message)
    end)

    it("are codes where they are given as bytes", function()
      local service = support.service()
      local result = service:call("build_pkt", { { id = "DHCP", fields = { { id = "options",
        value = { vtype = "BYTES", base64 = luapkt.wire.base64 "\x35\xff" } } } } })
      service:close()
      assert.equal(unhex "3500 ff00", luapkt.wire.unbase64(result.binary))
      assert.same({ vtype = "BYTES", base64 = luapkt.wire.base64 "\x35\xff" },
                  result.data[1].fields[1].value)
    end)
  end)
end)
