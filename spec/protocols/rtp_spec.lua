local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("RTP", function()
  local wire = unhex "92 80 0001 00000002 00000003 00000007 00000008  0001 0001 00000009"

  it("counts its sources and knows its extension", function()
    assert.equal(wire, luapkt.build {
      { "RTP", { marker = 1, sequence = 1, timestamp = 2, sourcesync = 3, sync = { 7, 8 } } },
      { "RTPExtension", { header_id = 1, header = { 9 } } },
    })
  end)

  it("is read", function()
    local layers = luapkt.dissect(wire, "RTP")
    assert.same({ 7, 8 }, layers[1].fields.sync)
    assert.equal("RTPExtension", layers[2].id)
    local plain = unhex "80 00 0001 00000002 00000003 6d65646961"
    assert.equal("Raw", luapkt.dissect(plain, "RTP")[2].id)
  end)
end)
