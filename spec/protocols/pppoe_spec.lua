local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

describe("PPPoE", function()
  -- RFC 2516 section 6
  local ip   = unhex "45000014 00010000 40003ae8 10000001 30000001"
  local wire = unhex "11 00 1234 0016  0021" .. ip

  it("works out its length", function()
    assert.equal(wire, luapkt.build { { "PPPoE", { sessionid = 0x1234 } }, { "PPP" }, { "IP" } })
  end)

  it("keeps a length that was set wrong", function()
    assert.equal(unhex "0009", luapkt.build { { "PPPoE", { len = 9 } } }:sub(5, 6))
  end)

  it("is read, and what lies beyond its length is padding", function()
    local layers = luapkt.dissect(wire .. "\0\0\0\0", "PPPoE")
    assert.equal("PPPoE/PPP/IP/Padding", ids(layers))
    assert.equal(28, layers[4].offset)
  end)

  it("carries PPP in a session only", function()
    local other = wire:sub(1, 1) .. "\1" .. wire:sub(3)
    assert.equal("PPPoE/Raw", ids(luapkt.dissect(other, "PPPoE")))
  end)

  -- RFC 1661 section 6.5
  it("carries PPP with its protocol in one byte, too", function()
    assert.equal("PPPoE/PPP_/IP", ids(luapkt.dissect(unhex "11 00 0001 0015  21" .. ip, "PPPoE")))
  end)
end)

describe("PPPoE discovery", function()
  -- RFC 2516 appendix A: an offer, with the name of the concentrator and a cookie.
  local wire = unhex "11 07 0000 0012  0102 0004 61632d31  0104 0006 636f6f6b6965"
  local tags = {
    { id = "PPPoETag", fields = { tag_type = 0x0102, tag_value = "ac-1" } },
    { id = "PPPoETag", fields = { tag_type = "AC-Cookie", tag_value = "cookie" } },
  }

  it("works out the lengths of its tags and its own", function()
    local stack = { { "PPPoED", { code = 7 } }, { "PPPoED_Tags", { tag_list = tags } } }
    assert.equal(wire, luapkt.build(stack))
  end)

  it("is read", function()
    local layers = luapkt.dissect(wire, "PPPoED")
    assert.equal("PPPoED/PPPoED_Tags", ids(layers))
    local list = layers[2].fields.tag_list
    assert.equal(2, #list)
    assert.equal("ac-1", list[1].fields.tag_value)
    assert.equal(0x0104, list[2].fields.tag_type)
  end)

  -- PADQ, RFC 5578 section 5.4
  it("has tags under codes that came later, and none in another type of message", function()
    assert.equal("PPPoED/PPPoED_Tags",
                 ids(luapkt.dissect(unhex "11 0c 0001 0004 0107 0000", "PPPoED")))
    assert.equal("PPPoED/Raw", ids(luapkt.dissect(unhex "12 09 0000 0001 03", "PPPoED")))
  end)

  it("has its own type on Ethernet", function()
    assert.equal(unhex "8863", luapkt.build({ { "Ether" }, { "PPPoED" } }):sub(13, 14))
    assert.equal(unhex "8864", luapkt.build({ { "Ether" }, { "PPPoE" } }):sub(13, 14))
  end)
end)
