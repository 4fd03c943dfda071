local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

describe("GENEVE", function()
  -- RFC 8926 section 3: 16 bytes of options, the first padded to 8 bytes and critical.
  local wire = unhex "04 00 0800 001234 00  0102 80 02 6162636465660000  0100 05 00"
  local fields = {
    vni = 0x1234,
    options = {
      { id = "GeneveOptions", fields = { classid = 0x102, type = 0x80, data = "abcdef" } },
      { id = "GeneveOptions", fields = { classid = 0x100, type = 5 } },
    },
  }

  it("counts its options, and names what it carries", function()
    local ip = luapkt.build { { "IP" } }
    assert.equal(wire .. ip, luapkt.build { { "GENEVE", fields }, { "IP" } })
    for id, proto in pairs { Ether = "6558", IPv6 = "86dd", MPLS = "8847" } do
      local bytes = luapkt.build { { "GENEVE" }, { id } }
      assert.equal(unhex("0000" .. proto), bytes:sub(1, 4))
      assert.equal("GENEVE/" .. id, ids(luapkt.dissect(bytes, "GENEVE")))
    end
  end)

  it("reads its options", function()
    local bytes = wire .. luapkt.build { { "IP" } }
    local p = luapkt.packet(bytes, "GENEVE")
    assert.equal("GENEVE/IP", ids(luapkt.dissect(bytes, "GENEVE")))
    assert.equal("abcdef\0\0", p.GENEVE.options[1].data)
    assert.equal(0x100, p.GENEVE.options[2].classid)
    assert.equal(2, #p.GENEVE.options)
    assert.equal(bytes, p:bytes())
  end)

  it("is told by its port", function()
    local bytes = luapkt.build { { "UDP", { sport = 1 } }, { "GENEVE" }, { "Ether" } }
    assert.equal(unhex "17c1", bytes:sub(3, 4))
    assert.equal("UDP/GENEVE/Ether", ids(luapkt.dissect(bytes, "UDP")))
  end)
end)
