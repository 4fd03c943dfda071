local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

describe("Dot1Q", function()
  local wire = unhex [[000000010000 000000020000 8100  b064 0800
                       45000014 00010000 40003ae8 10000001 30000001]]

  it("packs its tag", function()
    local tag = { prio = 5, id = 1, vlan = 100 }
    assert.equal(wire, luapkt.build { { "Ether" }, { "Dot1Q", tag }, { "IP" } })
  end)

  it("is read back", function()
    local layers = luapkt.dissect(wire, "Ether")
    assert.equal("Ether/Dot1Q/IP", ids(layers))
    assert.same({ prio = 5, id = 1, vlan = 100, type = 0x0800 }, layers[2].fields)
  end)

  it("takes vtype for type", function()
    assert.equal(unhex "0001 86dd", luapkt.build { { "Dot1Q", { vtype = 0x86dd } } })
  end)

  it("may hold a length for a type", function()
    local bytes = unhex "000000010000 000000020000 8100 0001 0003 424203 ffff"
    assert.equal("Ether/Dot1Q/LLC/Padding", ids(luapkt.dissect(bytes, "Ether")))
  end)
end)

describe("Dot1AD", function()
  local wire = unhex "000000010000 000000020000 88a8  6064 8100  00c8 0000"

  it("is the outer tag", function()
    local outer, inner = { vlan = 100, prio = 3 }, { vlan = 200 }
    assert.equal(wire, luapkt.build { { "Ether" }, { "Dot1AD", outer }, { "Dot1Q", inner } })
    assert.equal("Ether/Dot1AD/Dot1Q", ids(luapkt.dissect(wire, "Ether")))
  end)

  it("has its own ethertype under other headers, too", function()
    assert.equal(unhex "88a8", luapkt.build({ { "CookedLinux" }, { "Dot1AD" } }):sub(15, 16))
    assert.equal(unhex "88a8", luapkt.build({ { "SNAP" }, { "Dot1AD" } }):sub(4, 5))
    assert.equal(unhex "88a8", luapkt.build({ { "GRE" }, { "Dot1AD" } }):sub(3, 4))
  end)
end)
