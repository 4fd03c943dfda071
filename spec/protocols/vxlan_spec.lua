local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

local frame = unhex "000000010000 000000020000 9000"

describe("VXLAN", function()
  it("says what it carries, and asks UDP for its port", function()
    local bytes = luapkt.build { { "UDP" }, { "VXLAN", { vni = 100 } }, { "Ether" } }
    assert.equal(unhex "12b5 12b5 001e 0000  0c 0000 03 000064 00" .. frame, bytes)
  end)

  -- RFC 7348 section 5
  it("carries a frame when it says nothing", function()
    local bytes = unhex "08 000000 ffffff 00" .. frame
    local layers = luapkt.dissect(bytes, "VXLAN")
    assert.equal("VXLAN/Ether", ids(layers))
    assert.equal(0xffffff, layers[1].fields.vni)
    assert.equal(bytes, luapkt.build { { "VXLAN", { flags = "Instance", vni = 0xffffff } },
                                       { "Raw", { load = frame } } })
  end)

  it("reads the protocol that is named", function()
    local ip = luapkt.build { { "IP" } }
    assert.equal("VXLAN/IP", ids(luapkt.dissect(unhex "0c 0000 01 000005 00" .. ip, "VXLAN")))
    local ipv6 = luapkt.build { { "IPv6" } }
    assert.equal("VXLAN/IPv6", ids(luapkt.dissect(unhex "0c 0000 02 000005 00" .. ipv6, "VXLAN")))
  end)

  -- 4 is NSH (draft-ietf-nvo3-vxlan-gpe), which isn't a frame.
  it("leaves a protocol that isn't known as it is", function()
    for number, id in pairs { [0] = "Ether", [3] = "Ether", [4] = "Raw", [9] = "Raw" } do
      local wire = unhex("0c 0000" .. ("%02x"):format(number) .. "000005 00") .. frame
      assert.equal("VXLAN/" .. id, ids(luapkt.dissect(wire, "VXLAN")):sub(1, 6 + #id))
    end
  end)

  it("has a group policy where it says so", function()
    local fields = { flags = 0x88, gpflags = 0x48, gpid = 100, vni = 5 }
    assert.equal(unhex "88 48 0064 000005 00", luapkt.build { { "VXLAN", fields } })
    local vxlan = luapkt.dissect(unhex "88 48 0064 000005 00" .. frame, "VXLAN")[1].fields
    for name, value in pairs(fields) do assert.equal(value, vxlan[name]) end
  end)

  it("is found by both of its ports", function()
    for _, dport in ipairs { 4789, 8472 } do
      local bytes = luapkt.build { { "UDP", { dport = dport } }, { "VXLAN" }, { "Ether" } }
      assert.equal("UDP/VXLAN/Ether", ids(luapkt.dissect(bytes, "UDP")))
    end
  end)
end)
