local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function tlv(id, fields) return { id = id, fields = fields or {} } end

describe("DTP", function()
  local wire = unhex [[
    01000ccccccc 020000000001 0025  aaaa03 00000c 2004  01
    0001 0008 6c616200  0002 0005 83  0003 0005 a5  0004 000a 020000000001 ]]

  it("works out the lengths of its TLVs", function()
    assert.equal(wire, luapkt.build {
      { "Dot3", { src = "02:00:00:00:00:01", dst = "01:00:0c:cc:cc:cc" } }, { "LLC" }, { "SNAP" },
      { "DTP", { tlvs = {
        tlv("DTP_Domain", { domain = "lab\0" }), tlv("DTP_Status", { operating = "Trunk" }),
        tlv "DTP_Type", tlv("DTP_Neighbor", { neighbor = "02:00:00:00:00:01" }) } } },
    })
  end)

  it("is read", function()
    local tlvs = luapkt.dissect(wire)[4].fields.tlvs
    assert.equal("lab\0", tlvs[1].fields.domain)
    assert.equal(3, tlvs[2].fields.mode)
    assert.equal(5, tlvs[3].fields.configured)
    assert.equal("02:00:00:00:00:01", tlvs[4].fields.neighbor)
  end)

  it("keeps TLVs of other types as bytes", function()
    local tlvs = luapkt.dissect(unhex "01 0009 0006 abcd", "DTP")[1].fields.tlvs
    assert.equal("DTP_TLV", tlvs[1].id)
    assert.equal("\xab\xcd", tlvs[1].fields.value)
  end)
end)
