local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

-- RFC 1001 section 14.1: "FRED" with 12 spaces is EGFCEFEECACACACACACACACACACACACA.
describe("a NetBIOS name", function()
  local query = unhex "0001 0110 0001 0000 0000 0000 20" .. "EGFCEFEECACACACACACACACACACACACA"
    .. unhex "00 0020 0001"

  it("is written in letters, two for each character", function()
    assert.equal(query, luapkt.build { { "NBNSQueryRequest", {
      NAME_TRN_ID = 1, QUESTION_NAME = "FRED", SUFFIX = 0x4341 } } })
  end)

  it("is read with the spaces that fill it", function()
    local fields = luapkt.dissect(query, "NBNSQueryRequest")[1].fields
    assert.equal("FRED           ", fields.QUESTION_NAME)
    assert.equal(0x4341, fields.SUFFIX)
  end)

  it("is cut after 15 characters", function()
    local bytes = luapkt.build { { "NBNSQueryRequest", { QUESTION_NAME = ("A"):rep(20) } } }
    assert.equal(50, #bytes)
    assert.equal(("EB"):rep(15) .. "AA", bytes:sub(14, 45))
  end)

  it("may be cut short", function()
    local layers = luapkt.dissect(query:sub(1, 16), "NBNSQueryRequest")
    assert.equal("F", layers[1].fields.QUESTION_NAME)
  end)
end)

describe("NetBIOS", function()
  it("is found by its ports", function()
    assert.equal(unhex "0035 0089", luapkt.build({ { "UDP" }, { "NBNSQueryRequest" } }):sub(1, 4))
    assert.equal(unhex "008a", luapkt.build({ { "UDP" }, { "NBTDatagram" } }):sub(3, 4))
    assert.equal(unhex "008b", luapkt.build({ { "TCP" }, { "NBTSession" } }):sub(3, 4))
  end)

  it("lists the names of a node", function()
    local bytes = luapkt.build { { "NBNSNodeStatusResponse" }, { "NBNSNodeStatusResponseService" } }
    assert.equal("WINDOWS        " .. unhex "00 04 00", bytes:sub(-18))
  end)
end)
