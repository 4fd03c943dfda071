local luapkt  = require "luapkt"
local support = require "spec.support"

local json, unhex = luapkt.json, support.unhex

describe("IEEE 802.15.4", function()
  it("has addresses in the form that the frame control field says", function()
    local short = unhex "41 88 01 cdab 3412 7856" .. "data"
    local layers = luapkt.dissect(short, "Dot15d4")
    assert.equal("Dot15d4Data", layers[2].id)
    assert.equal(0xabcd, layers[2].fields.dest_panid)
    assert.equal(0x1234, layers[2].fields.dest_addr)
    assert.equal(0x5678, layers[2].fields.src_addr)
    local long = unhex "41 8c 01 cdab 0807060504030201 7856"
    assert.equal(0x0102030405060708, luapkt.dissect(long, "Dot15d4")[2].fields.dest_addr)
  end)

  it("is built so", function()
    assert.equal(unhex "41 88 01 cdab 3412 7856", luapkt.build {
      { "Dot15d4", { fcf_panidcompress = 1, fcf_srcaddrmode = "Short" } },
      { "Dot15d4Data", { dest_panid = 0xabcd, dest_addr = 0x1234, src_addr = 0x5678 } },
    })
  end)

  it("has addresses of the length that is asked for, also where they are set", function()
    assert.equal(unhex "01cc 01 cdab 0403020100000000 3412 0100000000000000", luapkt.build {
      { "Dot15d4", { fcf_srcaddrmode = "Long", fcf_destaddrmode = "Long" } },
      { "Dot15d4Data", { dest_panid = 0xabcd, dest_addr = 0x01020304, src_panid = 0x1234,
                         src_addr = 1 } },
    })
    local _, err = luapkt.build { { "Dot15d4" }, { "Dot15d4Data", { dest_addr = 0x10000 } } }
    assert.equal("Dot15d4Data.dest_addr: 65536 is out of range: 0 to 65535", err.message)
  end)

  it("has no PAN where there is no address", function()
    assert.equal(unhex "0180 01 3412 7856", luapkt.build {
      { "Dot15d4", { fcf_srcaddrmode = "Short", fcf_destaddrmode = "None" } },
      { "Dot15d4Data", { src_panid = 0x1234, src_addr = 0x5678 } },
    })
  end)

  it("has acknowledgments without addresses, and beacons with that of their sender", function()
    assert.equal(unhex "0200 01", luapkt.build { { "Dot15d4" }, { "Dot15d4Ack" } })
    assert.equal(unhex "0200 07",
      luapkt.build { { "Dot15d4", { fcf_frametype = "Ack", seqnum = 7 } } })
    assert.equal(unhex "0080 01 3412 7856 ff0f 80 00", luapkt.build {
      { "Dot15d4" }, { "Dot15d4Beacon", { src_panid = 0x1234, src_addr = 0x5678 } } })
    assert.equal(unhex "0008 01", luapkt.build { { "Dot15d4" } }) -- as clients know it
    assert.equal(unhex "0208 01",
      luapkt.build { { "Dot15d4", { fcf_destaddrmode = "Short" } }, { "Dot15d4Ack" } })
  end)

  it("says whose key it is secured with, in four bytes or in eight", function()
    local function secured(mode)
      return luapkt.build { { "Dot15d4AuxSecurityHeader", {
        sec_sc_keyidmode = mode, sec_keyid_keysource = 0x01020304, sec_keyid_keyindex = 9 } } }
    end
    assert.equal(unhex "10 00000000 04030201 09", secured(2))
    assert.equal(unhex "18 00000000 0403020100000000 09", secured(3))
  end)

  it("has commands", function()
    local bytes = luapkt.build { { "Dot15d4" }, { "Dot15d4Cmd" }, { "Dot15d4CmdAssocResp" } }
    assert.equal(unhex "03 08 01 ffff 0000 02 ffff 00", bytes)
    assert.equal("Dot15d4CmdAssocResp", luapkt.dissect(bytes, "Dot15d4")[3].id)
  end)

  it("has its check sum behind what it carries", function()
    local bytes = luapkt.build {
      { "Dot15d4FCS", { fcf_frametype = "Ack", fcf_destaddrmode = 0, seqnum = 9 } },
      { "Dot15d4Ack" },
    }
    assert.equal(unhex "02 00 09 7928", bytes) -- the sum as tshark has it, too
    local p = luapkt.packet(unhex "41 88 01 cdab 3412 7856 ff aa bb", "Dot15d4FCS")
    assert.equal(0xbbaa, p.Dot15d4FCS.fcs)
    assert.equal(unhex "cdab 3412 7856 ff", p.Dot15d4FCS:payload())
    assert.equal("\xff", p.Raw.load)
  end)
end)

describe("a bit that clients see as true or false", function()
  local service

  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  -- The field as it is shown, and the frame's first byte.
  local function pending(value)
    local result, err = service:call("build_pkt", json.array { json.array {
      { id = "Dot15d4", fields = json.array { { id = "fcf_pending", value = value } } },
    } }[1])
    assert(result, err and err.message)
    local field = result.data[1].fields[4]
    return field.value, field.hvalue, luapkt.wire.unbase64(result.binary):byte()
  end

  it("is shown as such", function()
    assert.same({ 0, false, 0 }, { pending(0) })
    assert.same({ 1, true, 0x10 }, { pending(1) })
  end)

  it("is taken as such, as a number and as text", function()
    for _, yes in ipairs { true, "True", "true", "1" } do
      assert.same({ 1, true, 0x10 }, { pending(yes) })
    end
    assert.same({ 0, false, 0 }, { pending(false) })
    for _, no in ipairs { "False", "false", "0" } do
      assert.same({ 0, false, 0 }, { pending(no) })
    end
  end)
end)
