local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("IPX", function()
  local packet = unhex [[
    ffff 0023 00 01 00000010 ffffffffffff 0453 00000020 020000000001 0453 ]] .. "hello"
  local fields = {
    type = "RIP", dst_net = 0x10, src_net = 0x20, src_node = "02:00:00:00:00:01",
  }
  local addresses = { dst = "ff:ff:ff:ff:ff:ff", src = "02:00:00:00:00:01" }
  local mac = unhex "ffffffffffff 020000000001"
  local hi = { "Raw", { load = "hello" } }

  it("works out its length", function()
    assert.equal(packet, luapkt.build { { "IPX", fields }, hi })
  end)

  it("rides on frames in four ways", function()
    local ways = {
      { unhex "8137", { "Ether", addresses } },
      { unhex "0023", { "Dot3", addresses } },
      { unhex "0026 e0e003", { "Dot3", addresses }, { "LLC" } },
      { unhex "002b aaaa03 000000 8137", { "Dot3", addresses }, { "LLC" }, { "SNAP" } },
    }
    for _, way in ipairs(ways) do
      local layers = table.move(way, 2, #way, 1, {})
      table.insert(layers, { "IPX", fields })
      table.insert(layers, hi)
      local bytes = mac .. way[1] .. packet
      assert.equal(bytes, luapkt.build(layers))
      local read = luapkt.dissect(bytes)
      for i, layer in ipairs(layers) do assert.equal(layer[1], read[i].id) end
    end
  end)

  it("ends where its length says", function()
    local layers = luapkt.dissect(packet .. "\0\0", "IPX")
    assert.equal("hello", layers[2].fields.load)
    assert.equal("Padding", layers[3].id)
  end)
end)
