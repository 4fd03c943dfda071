local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("Raw", function()
  it("is its bytes", function()
    assert.equal("hello", luapkt.build { { "Raw", { load = "hello" } } })
  end)

  it("is what nothing reads", function()
    local layers = luapkt.dissect(unhex "ffffffffffff 001122334455 88b5 0102", "Ether")
    assert.equal("Raw", layers[2].id)
    assert.equal(unhex "0102", layers[2].fields.load)
  end)
end)

describe("Padding", function()
  -- An ARP request filled up to Ethernet's 60 bytes, RFC 826 and RFC 894.
  local frame = unhex [[ffffffffffff 080027a9939e 0806  0001 0800 06 04 0001
                        080027a9939e 0a00020f 000000000000 0a000202]] .. ("\0"):rep(18)

  it("is what lies beyond a layer's end", function()
    local layers = luapkt.dissect(frame, "Ether")
    assert.equal("Padding", layers[3].id)
    assert.equal(42, layers[3].offset)
    assert.equal(18, #layers[3].fields.load)
  end)

  it("counts in no length and no checksum", function()
    local stack = { { "IP" }, { "UDP" } }
    local plain = luapkt.build(stack)
    stack[3] = { "Padding", { load = "trailer" } }
    assert.equal(plain .. "trailer", luapkt.build(stack))
  end)
end)
