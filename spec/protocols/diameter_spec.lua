local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function item(id, fields) return { id = id, fields = fields or {} } end

-- Laid out as RFC 6733 sections 3 and 4.1 have it; tshark reads such messages.
describe("Diameter", function()
  local wire = unhex [[
    01 000050 80 000101 00000000 00000001 00000002
    00000108 40 00000a 6d65 0000
    00000101 40 00000e 0001 0a000001 0000
    00000104 40 000020  0000010a 40 00000c 000028af  00000102 40 00000c 00000004 ]]

  local message = { "Diameter", { hop_by_hop = 1, end_to_end = 2, avps = {
    item("Diameter_AVP", { code = "Origin-Host", value = "me" }),
    item("Diameter_Address", { value = "10.0.0.1" }),
    item("Diameter_Grouped", { code = "Vendor-Specific-Application-Id", value = {
      item("Diameter_Unsigned32", { code = "Vendor-Id", value = 10415 }),
      item("Diameter_Unsigned32", { code = "Auth-Application-Id", value = 4 }) } }),
  } } }

  it("works out lengths, without the padding of an AVP", function()
    assert.equal(wire, luapkt.build { message })
  end)

  it("reads AVPs by their code, groups too", function()
    local avps = luapkt.dissect(luapkt.build { message }, "Diameter")[1].fields.avps
    assert.equal("me", avps[1].fields.value)
    assert.equal("10.0.0.1", avps[2].fields.value)
    assert.equal("Diameter_Grouped", avps[3].id)
    assert.equal(10415, avps[3].fields.value[1].fields.value)
    assert.equal(4, avps[3].fields.value[2].fields.value)
  end)

  it("leaves the codes of vendors as bytes", function()
    local bytes = unhex "00000104 c0 000010 000028af 01020304"
    local layer = luapkt.dissect(bytes, "Diameter_AVP")[1]
    assert.equal("Diameter_AVP", layer.id)
    assert.equal(10415, layer.fields.vendor_id)
    assert.equal("\1\2\3\4", layer.fields.value)
    assert.equal(bytes, luapkt.build { { "Diameter_AVP", {
      code = 260, V = 1, vendor_id = 10415, value = "\1\2\3\4" } } })
  end)

  it("has one message behind the other", function()
    local bytes = luapkt.build { message, { "Diameter", { R = 0 } } }
    local layers = luapkt.dissect(bytes .. "rest", "Diameter")
    assert.equal("Diameter", layers[2].id)
    assert.equal("Raw", layers[3].id)
  end)

  it("counts time from 1900, RFC 6733 section 4.3.1", function()
    local time = luapkt.Diameter_Time{ value = "Thu, 01 Jan 1970 00:00:01 +0000" }
    assert.equal(unhex "83aa7e81", time:bytes():sub(-4))
    assert.matches("^Thu, 01 Jan 1970 00:00:01 %+0000",
      luapkt.packet(time:bytes(), "Diameter_Time").Diameter_Time:show "value")
  end)

  it("isn't what other bytes are", function()
    local ip = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
    local bytes = luapkt.build { ip, { "TCP" }, message }
    assert.equal(unhex "0f1c0f1c", bytes:sub(21, 24))
    assert.equal("Diameter", luapkt.dissect(bytes, "IP")[3].id)
    assert.equal("Raw", luapkt.dissect(bytes:sub(1, 40) .. "\2" .. bytes:sub(42), "IP")[3].id)
  end)
end)
