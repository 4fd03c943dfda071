local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

describe("L2TP", function()
  -- RFC 2661 section 3.1
  it("is built, and asks UDP for its port", function()
    local bytes = luapkt.build { { "UDP" }, { "L2TP", { tunnel_id = 1, session_id = 2 } } }
    assert.equal(unhex "06a5 06a5 000e 0000  0002 0001 0002", bytes)
  end)

  it("has a length and sequence numbers where it says so", function()
    local fields = { hdr = "control+length+sequence", ns = 1, nr = 2 }
    local wire = unhex "c802 0000 0000 0000 0001 0002"
    assert.equal(wire, luapkt.build { { "L2TP", fields } })
    local l2tp = luapkt.dissect(wire, "L2TP")[1].fields
    assert.equal(0xc80, l2tp.hdr)
    assert.equal(1, l2tp.ns)
    assert.equal(2, l2tp.nr)
  end)

  it("fills the offset up to 4 bytes", function()
    local bytes = luapkt.build { { "L2TP", { hdr = "offset", offset = 4 } } }
    assert.equal(unhex "0202 0000 0000 0004 0000", bytes)
  end)

  it("carries PPP, and control messages as they are", function()
    assert.equal("L2TP/PPP/Raw", ids(luapkt.dissect(unhex "0002 0001 0002 c025 00", "L2TP")))
    assert.equal("L2TP/Raw", ids(luapkt.dissect(unhex "8002 0001 0002 0021 45", "L2TP")))
  end)
end)
