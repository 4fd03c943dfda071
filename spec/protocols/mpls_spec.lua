local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function ids(layers)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer.id end
  return table.concat(list, "/")
end

local ip    = unhex "45000014 00010000 40003ae8 10000001 30000001"
local frame = unhex "aa0000010000 000000020000 9000"

describe("MPLS", function()
  -- RFC 3032 section 2.1: label 5, then label 16 with class 1 and time to live 64 at the bottom.
  local wire = unhex "000050ff 00010340"

  it("is built, the bottom marked", function()
    local bytes = luapkt.build {
      { "MPLS", { label = 5, ttl = 255 } }, { "MPLS", { label = 16, cos = 1, ttl = 64 } },
    }
    assert.equal(wire, bytes)
  end)

  it("is read", function()
    local layers = luapkt.dissect(wire .. ip, "MPLS")
    assert.equal("MPLS/MPLS/IP", ids(layers))
    assert.same({ label = 5, cos = 0, s = 0, ttl = 255 }, layers[1].fields)
    assert.same({ label = 16, cos = 1, s = 1, ttl = 64 }, layers[2].fields)
  end)

  -- RFC 3032 section 2.1: explicit null.
  it("has the reserved label of what it carries", function()
    assert.equal(unhex "00000100", luapkt.build({ { "MPLS" }, { "IP" } }):sub(1, 4))
    assert.equal(unhex "00002100", luapkt.build({ { "MPLS" }, { "IPv6" } }):sub(1, 4))
  end)

  it("keeps a label and a bottom bit that were set", function()
    local bytes = luapkt.build { { "MPLS", { label = 100, s = 0 } }, { "IP" } }
    assert.equal(unhex "00064000", bytes:sub(1, 4))
  end)

  it("tells by the first bits below the last label what follows", function()
    assert.equal("MPLS/IP", ids(luapkt.dissect(unhex "00003100" .. ip, "MPLS")))
    assert.equal("MPLS/Ether", ids(luapkt.dissect(unhex "00003100" .. frame, "MPLS")))
    local with_word = unhex "00003100 00000001" .. frame
    assert.equal("MPLS/EoMCW/Ether", ids(luapkt.dissect(with_word, "MPLS")))
    assert.equal("MPLS/BIER", ids(luapkt.dissect(unhex "00003100 50200000 00020000", "MPLS")))
  end)

  it("rides on Ethernet, GRE and IP", function()
    local lower = { Ether = { 13, "8847" }, GRE = { 3, "8847" }, IP = { 10, "89" } }
    for id, want in pairs(lower) do
      local bytes, value = luapkt.build { { id }, { "MPLS" } }, unhex(want[2])
      assert.equal(value, bytes:sub(want[1], want[1] + #value - 1))
    end
  end)
end)

describe("What follows the last label", function()
  -- RFC 4448 section 4.6: the control word begins with 16 bits of zero; the others as scapy 2.5
  -- has them.
  it("is a control word or a frame by its first two bytes", function()
    local function read(hex) return ids(luapkt.dissect(unhex("00003100" .. hex), "MPLS")) end
    assert.equal("MPLS/Ether", read "001122334455 000000020000 9000")
    assert.equal("MPLS/Ether", read "01005e000001 000000020000 9000")
    assert.equal("MPLS/EoMCW/Ether", read "00000001 001122334455 000000020000 9000")
    assert.equal("MPLS/EoMCW", read "00000001")
    assert.equal("MPLS/Raw", read "00")
  end)
end)

describe("BIER", function()
  -- RFC 8296 section 2.1: a string of 64 bits.
  it("is built", function()
    local fields = { length = 1, RSV = 2, DSCP = 0x2e, Proto = 6, BFRID = 7 }
    fields.BitString = "\0\0\0\0\0\0\0\5"
    local wire = unhex "50 10 00 00  2b 86 0007  0000000000000005"
    assert.equal(wire, luapkt.build { { "BIER", fields } })
  end)

  it("has a bit string of the length that it states", function()
    local bytes = unhex "50 10 00 00  00 04 0007  0000000000000005" .. ip
    local layers = luapkt.dissect(bytes, "BIER")
    assert.equal("BIER/IP", ids(layers))
    assert.equal("\0\0\0\0\0\0\0\5", layers[1].fields.BitString)
    assert.equal(16, layers[2].offset)
  end)

  it("takes what is there where that is less", function()
    local layers = luapkt.dissect(unhex "50 10 00 00  00 04 0007  ffff", "BIER")
    assert.equal("BIER", ids(layers))
    assert.equal(unhex "ffff", layers[1].fields.BitString)
  end)

  it("follows the label of its table on UDP", function()
    local bytes = luapkt.build { { "UDP", { sport = 1024 } }, { "BIFT" }, { "BIER" } }
    assert.equal(unhex "1fca", bytes:sub(3, 4))
    assert.equal("UDP/BIFT/BIER", ids(luapkt.dissect(bytes, "UDP")))
  end)
end)
