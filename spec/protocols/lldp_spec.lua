local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function tlv(id, fields) return { id = id, fields = fields or {} } end

describe("LLDP", function()
  -- The first and the last TLVs of a switch's frame.
  local wire = unhex [[
    0207 04 00 01 30 f9 ad a0   04 04 05 31 2f 31   06 02 0078
    08 17 53756d6d69743330302d34382d506f727420313030 3100
    0e04 0014 0014   10 0e 07 06 000130f9ada0 02 000003e9 00
    fe06 0080c2 01 01e8   fe09 00120f 01 03 6c00 0010   0000 ]]

  local tlvs = {
    tlv("LLDP_ChassisID", { value = "00:01:30:f9:ad:a0" }),
    tlv("LLDP_PortID", { subtype = "Interface name", value = "1/1" }),
    tlv("LLDP_TTL", { ttl = 120 }),
    tlv("LLDP_PortDescription", { description = "Summit300-48-Port 1001\0" }),
    tlv("LLDP_SystemCapabilities", { capabilities = "mac_bridge+router", enabled = 0x14 }),
    tlv("LLDP_ManagementAddress", {
      family = "802 media", address = "00:01:30:f9:ad:a0", numbering = "ifIndex",
      interface = 1001 }),
    tlv("LLDP_8021_PortVLAN", { vlan = 488 }),
    tlv("LLDP_8023_MACPHY", { autonegotiation = 3, pmd = 0x6c00, mau_type = 16 }),
    tlv "LLDP_End",
  }

  it("works out the lengths of its TLVs", function()
    assert.equal(wire, luapkt.build { { "LLDP", { tlvs = tlvs } } })
  end)

  it("reads TLVs by type and subtype", function()
    local read = luapkt.dissect(wire, "LLDP")[1].fields.tlvs
    for i, wanted in ipairs(tlvs) do assert.equal(wanted.id, read[i].id) end
    assert.equal(#tlvs, #read)
    assert.equal("00:01:30:f9:ad:a0", read[1].fields.value)
    assert.equal("1/1", read[2].fields.value)
    assert.equal("00:01:30:f9:ad:a0", read[6].fields.address)
    assert.equal(488, read[7].fields.vlan)
  end)

  it("ends at the TLV that says so", function()
    local layers = luapkt.dissect(wire .. "\0\0\0\0", "LLDP")
    assert.equal("Padding", layers[2].id)
  end)

  it("reads a TLV that is too short for its type as one of any type", function()
    local read = luapkt.dissect(unhex "0601 05 0e02 0014 0000", "LLDP")[1].fields.tlvs
    assert.equal("LLDP_TLV", read[1].id)
    assert.equal("\5", read[1].fields.value)
    assert.equal("LLDP_TLV", read[2].id)
    assert.equal("LLDP_End", read[3].id)
  end)

  it("keeps what a TLV has behind its fields", function()
    local bytes = unhex "0604 0078 abcd 0000"
    local read = luapkt.dissect(bytes, "LLDP")[1].fields.tlvs
    assert.equal("LLDP_TTL", read[1].id)
    assert.equal(2, #read)
    assert.equal(bytes, luapkt.generation().core:rebuild(bytes, "LLDP", true))
  end)

  it("takes ids as addresses of a family, or as text", function()
    local function built(fields) return luapkt.build { { "LLDP_ChassisID", fields } } end
    assert.equal(unhex "0206 05 01 0a000001", built { subtype = 5, value = "10.0.0.1" })
    assert.equal(unhex "0212 05 02 20010db8000000000000000000000001",
      built { subtype = 5, family = 2, value = "2001:db8::1" })
    assert.equal(unhex "0204 07 626f78", built { subtype = 7, value = "box" })
  end)
end)
