local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("RADIUS", function()
  local wire = unhex [[ 01 05 001f 30313233343536373839616263646566
                        01 05 626f62  04 06 0a000001 ]]

  it("works out its lengths", function()
    local attributes = {
      { id = "RadiusAttribute", fields = { type = 1, value = "bob" } },
      { id = "RadiusAttr_NAS_IP_Address", fields = { value = "10.0.0.1" } },
    }
    assert.equal(wire, luapkt.build {
      { "Radius", { id = 5, authenticator = "0123456789abcdef", attributes = attributes } },
    })
  end)

  -- As scapy 2.5 reads it.
  it("has attributes that carry nothing", function()
    for _, bytes in ipairs { unhex "01 03 61", unhex "04 06 0a000001" } do
      assert.equal("Padding", luapkt.dissect(bytes .. "x", "RadiusAttribute")[2].id)
    end
  end)

  it("reads attributes by their type", function()
    local attributes = luapkt.dissect(wire, "Radius")[1].fields.attributes
    assert.equal("RadiusAttribute", attributes[1].id)
    assert.equal("bob", attributes[1].fields.value)
    assert.equal("RadiusAttr_NAS_IP_Address", attributes[2].id)
    assert.equal("10.0.0.1", attributes[2].fields.value)
  end)

  it("keeps a length that was set wrong", function()
    assert.equal(unhex "0009", luapkt.build({ { "Radius", { len = 9 } } }):sub(3, 4))
  end)
end)
