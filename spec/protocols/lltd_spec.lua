local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("LLTD", function()
  it("says the addresses of the frame again", function()
    local bytes = luapkt.build {
      { "Ether", { dst = "02:00:00:00:00:02", src = "02:00:00:00:00:01" } },
      { "LLTD" }, { "LLTDHello" },
    }
    assert.equal(unhex "88d9 01 01 00 01 020000000002 020000000001 0000", bytes:sub(13, 32))
  end)

  it("has attributes up to the one that ends them", function()
    local bytes = luapkt.build {
      { "LLTDHello" }, { "LLTDAttributeHostID", { mac = "02:00:00:00:00:07" } },
      { "LLTDAttributeEOP" },
    }
    assert.equal(unhex "01 06 020000000007 00", bytes:sub(15))
    local layers = luapkt.dissect(bytes .. "\0", "LLTDHello")
    assert.equal("LLTDAttributeHostID", layers[2].id)
    assert.equal("LLTDAttributeEOP", layers[3].id)
    assert.equal("Padding", layers[4].id)
  end)

  it("counts the stations that were seen", function()
    local bytes = luapkt.build { { "LLTDDiscover", { stations_list = { "02:00:00:00:00:07" } } } }
    assert.equal(unhex "0000 0001 020000000007", bytes)
    local fields = luapkt.dissect(bytes, "LLTDDiscover")[1].fields
    assert.same({ "02:00:00:00:00:07" }, fields.stations_list)
  end)
end)
