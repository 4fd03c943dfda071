local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex = support.unhex

describe("LLTD", function()
  it("says the addresses of the frame again", function()
    local bytes = luapkt.build {
      { "Ether", { dst = "02:00:00:00:00:02", src = "02:00:00:00:00:01" } },
      { "LLTD" }, { "LLTDHello" },
    }
    assert.equal(unhex "88d9 01 01 00 01 020000000002 020000000001 0000", bytes:sub(13, 32))
  end)

  -- As scapy 2.5 shows what was not read of a field that is worked out.
  it("has no addresses where it ends before them", function()
    local service = support.service()
    local cut = luapkt.wire.base64(unhex "000000010000 000000020000 88d9 01 01 00 01")
    local layers = assert(service:call("reconstruct_pkt", cut, service.json.array {})).data
    service:close()
    for _, id in ipairs { "real_dst", "real_src" } do
      local field = support.field_of(layers[2], id)
      assert.same({ vtype = "EXPRESSION", expr = "nil" }, field.value)
      assert.is_true(field.ignored)
    end
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
