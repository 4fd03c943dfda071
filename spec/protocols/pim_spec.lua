local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function item(id, fields) return { id = id, fields = fields or {} } end

-- The expected bytes are laid out as RFC 7761 section 4.9 has them; tshark takes the checksums.
describe("PIM", function()
  local hello = unhex [[ 20 00 982f
    0001 0002 0069  0002 0004 01f4 09c4  0013 0004 00000001  0014 0004 00003039
    0018 0006 01 00 0a000009  0016 0000 ]]

  it("says hello with options", function()
    assert.equal(hello, luapkt.build { { "PIM" }, { "PIM_Hello", { options = {
      item "PIM_Holdtime", item "PIM_LANPruneDelay", item "PIM_DRPriority",
      item("PIM_GenerationID", { generation_id = 12345 }),
      item("PIM_AddressList", { addresses = { item("PIM_Unicast", { address = "10.0.0.9" }) } }),
      item "PIM_HelloOption" } } } })
  end)

  it("reads options by type and length", function()
    local options = luapkt.dissect(hello, "PIM")[2].fields.options
    assert.equal(105, options[1].fields.holdtime)
    assert.equal("10.0.0.9", options[5].fields.addresses[1].fields.address)
    assert.equal("PIM_HelloOption", options[6].id)
    local odd = luapkt.dissect(unhex "20 00 0000 0001 0001 69", "PIM")[2].fields.options
    assert.equal("PIM_HelloOption", odd[1].id)
    assert.equal("\x69", odd[1].fields.value)
  end)

  local join = unhex [[ 23 00 cedd  01 00 0a000009  00 01 00d2
    01 00 00 20 ef000001  0001 0000  01 00 07 20 0a000003 ]]

  it("joins groups", function()
    assert.equal(join, luapkt.build { { "PIM" }, { "PIM_JoinPrune", {
      upstream_neighbor = "10.0.0.9", groups = {
        item("PIM_JoinPruneGroup", { address = "239.0.0.1", joined = {
          item("PIM_Source", { address = "10.0.0.3", W = 1, R = 1 }) } }) } } } })
    local fields = luapkt.dissect(join, "PIM")[2].fields
    assert.equal("10.0.0.9", fields.upstream_neighbor)
    assert.equal("10.0.0.3", fields.groups[1].fields.joined[1].fields.address)
  end)

  it("takes the family from the address", function()
    local bytes = luapkt.build { { "PIM" }, { "PIM_RegisterStop", {
      group = "ff0e::1", source = "2001:db8::3" } } }
    assert.equal(unhex [[ 02 00 00 80 ff0e0000000000000000000000000001
                          02 00 20010db8000000000000000000000003 ]], bytes:sub(5))
    local fields = luapkt.dissect(bytes, "PIM")[2].fields
    assert.equal("ff0e::1", fields.group)
    assert.equal("2001:db8::3", fields.source)
  end)

  it("leaves a registered packet out of its checksum", function()
    local function register(load)
      return luapkt.build { { "PIM" }, { "PIM_Register" }, { "IP", { src = "10.0.0.3" } }, load }
    end
    local bytes = register { "Raw", { load = "one" } }
    assert.equal(unhex "2100 deff 00000000", bytes:sub(1, 8)) -- RFC 1071 over these eight
    assert.equal(bytes:sub(1, 8), register({ "Raw", { load = "another" } }):sub(1, 8))
    assert.equal("IP", luapkt.dissect(bytes, "PIM")[3].id)
  end)

  it("isn't version 1", function()
    local ip = luapkt.build { { "IP", { proto = 103 } }, { "Raw", { load = "\x14\0\0\0" } } }
    assert.equal("Raw", luapkt.dissect(ip, "IP")[2].id)
  end)
end)
