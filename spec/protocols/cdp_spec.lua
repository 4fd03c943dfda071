local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function tlv(id, fields) return { id = id, fields = fields or {} } end

-- The expected bytes are as tshark reads them without complaint, checksums included.
describe("CDP", function()
  local wire = unhex [[
    01000ccccccc 020000000001 0056  aaaa03 00000c 2000   02 b4 b99d
    0001 0006 7231
    0002 002d 00000002 01 01 cc 0004 0a000001
                       02 08 aaaa0300000086dd 0010 20010db8000000000000000000000001
    0003 0009 4769302f31   0004 0008 00000009   000a 0006 0007 ]]

  local layers = {
    { "Dot3", { src = "02:00:00:00:00:01", dst = "01:00:0c:cc:cc:cc" } }, { "LLC" }, { "SNAP" },
    { "CDP", { tlvs = {
      tlv("CDP_DeviceID", { device_id = "r1" }),
      tlv("CDP_Addresses", { addresses = {
        tlv("CDP_Address", { address = "10.0.0.1" }),
        tlv("CDP_AddressIPv6", { address = "2001:db8::1" }) } }),
      tlv("CDP_PortID", { port_id = "Gi0/1" }),
      tlv("CDP_Capabilities", { capabilities = "router+switch" }),
      tlv("CDP_NativeVLAN", { vlan = 7 }),
    } } },
  }

  it("works out lengths, counts and the checksum", function()
    assert.equal(wire, luapkt.build(layers))
  end)

  it("reads TLVs by type", function()
    local cdp = luapkt.dissect(wire)[4]
    assert.equal("CDP", cdp.id)
    local tlvs = cdp.fields.tlvs
    assert.equal("r1", tlvs[1].fields.device_id)
    assert.equal("10.0.0.1", tlvs[2].fields.addresses[1].fields.address)
    assert.equal("2001:db8::1", tlvs[2].fields.addresses[2].fields.address)
    assert.equal(7, tlvs[5].fields.vlan)
  end)

  it("adds an odd last byte to the checksum as a signed number", function()
    local function sum(last)
      local bytes = luapkt.build { { "CDP", { tlvs = {
        tlv("CDP_DeviceID", { device_id = "r1" .. last }) } } } }
      return bytes:sub(3, 4)
    end
    assert.equal(unhex "8a93", sum "\x7f")
    assert.equal(unhex "8b92", sum "\x80")
    assert.equal(unhex "8b13", sum "\xff")
  end)

  it("keeps TLVs of other types as bytes", function()
    local bytes = unhex "02 b4 0000 7777 0006 abcd 000a 0005 07"
    local tlvs = luapkt.dissect(bytes, "CDP")[1].fields.tlvs
    assert.equal("CDP_TLV", tlvs[1].id)
    assert.equal("\xab\xcd", tlvs[1].fields.value)
    assert.equal("CDP_TLV", tlvs[2].id) -- too short for a VLAN
  end)
end)
