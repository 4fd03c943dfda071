local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function item(id, fields) return { id = id, fields = fields or {} } end

describe("STUN", function()
  -- RFC 5769 section 2.2, whose padding is blanks; zeros in ours.
  local function response(pad)
    return unhex "0101 003c 2112a442 b7e7a701bc34d686fa87dfae 8022 000b" .. "test vector" .. pad
      .. unhex [[ 0020 0008 00 01 a147 e112a643
                  0008 0014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7  8028 0004 c07d4c96 ]]
  end

  local stun = { "STUN", {
    type = "Binding Success Response", transaction_id = unhex "b7e7a701bc34d686fa87dfae",
    attributes = {
      item("STUN_Attribute", { type = "SOFTWARE", value = "test vector" }),
      item("STUN_XorMappedAddress", { port = 32853, address = "192.0.2.1" }),
      item("STUN_MessageIntegrity", { hmac = unhex "2b91f599fd9e90c38c7489f92af9ba53f06be7d7" }),
      item("STUN_Fingerprint", { crc = 0xc07d4c96 }),
    },
  } }

  it("XORs what a NAT could mistake for an address, and pads attributes", function()
    assert.equal(response "\0", luapkt.build { stun })
  end)

  describe("with a fingerprint, RFC 8489 section 14.7,", function()
    -- From RFC 5769 section 2.1, with fewer attributes; the sum is that of Python's zlib.
    local request = unhex "0001 0030 2112a442 b7e7a701bc34d686fa87dfae 8022 0010"
      .. "STUN test client" .. unhex [[0024 0004 6e0001ff 8029 0008 932ff9b151263b36
                                       8028 0004 38ef5eb3]]

    local function built(fields)
      return luapkt.STUN{
        type = "Binding Success Response", transaction_id = unhex "b7e7a701bc34d686fa87dfae",
        attributes = {
          item("STUN_Attribute", { type = "SOFTWARE", length = 11, value = "test vector " }),
          stun[2].attributes[2], stun[2].attributes[3], item("STUN_Fingerprint", fields),
        },
      }
    end

    it("works it out", function()
      assert.equal(response " ", built():bytes())
      assert.equal(response " ", (luapkt.IP{} / luapkt.UDP{} / built()):bytes():sub(29))
    end)

    it("works it out anew, and keeps one that is set", function()
      local p = built()
      local bytes = p:bytes()
      p.STUN.transaction_id = ("x"):rep(12)
      assert.are_not.equal(bytes:sub(-4), p:bytes():sub(-4))
      p.STUN.transaction_id = unhex "b7e7a701bc34d686fa87dfae"
      assert.equal(bytes, p:bytes())
      assert.equal(unhex "00000007", built({ crc = 7 }):bytes():sub(-4))
    end)

    it("counts what comes before it, whatever that says", function()
      local p = luapkt.packet(request, "STUN")
      assert.equal(request, p:recompute():bytes())
      p = luapkt.packet(request:sub(1, -2) .. "\0", "STUN")
      assert.equal(request, p:recompute():bytes())
    end)

    it("is 0 where there is nothing to count", function()
      assert.equal(unhex "8028 0004 00000000", luapkt.STUN_Fingerprint{}:bytes())
      assert.same({ offset = 0, size = 0 }, luapkt.STUN_Fingerprint{}:check()[2].covers)
    end)
  end)

  it("reads RFC 5769's response", function()
    local fields = luapkt.dissect(response " ", "STUN")[1].fields
    local attributes = fields.attributes
    assert.equal("test vector", attributes[1].fields.value)
    assert.equal(32853, attributes[2].fields.port)
    assert.equal("192.0.2.1", attributes[2].fields.address)
    assert.equal(0xc07d4c96, attributes[4].fields.crc)
    assert.equal(4, #attributes)
  end)

  it("has IPv6 addresses as they are on the wire", function() -- RFC 5769 section 2.3
    local bytes = unhex "0020 0014 00 02 a147 0113a9faa5d3f179bc25f4b5bed2b9d9"
    local fields = luapkt.dissect(bytes, "STUN_Attribute")[1].fields
    assert.equal(32853, fields.port)
    assert.equal(bytes:sub(9), fields.x_address)
  end)

  it("reads an attribute of another length as one of any type", function()
    local layer = luapkt.dissect(unhex "000d 0003 01020300", "STUN_Attribute")[1]
    assert.equal("STUN_Attribute", layer.id)
    assert.equal("\1\2\3", layer.fields.value)
  end)

  it("is told by its cookie", function()
    local layers = { { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }, { "UDP" }, stun }
    local bytes = luapkt.build(layers)
    assert.equal(unhex "0d960d96", bytes:sub(21, 24))
    assert.equal("STUN", luapkt.dissect(bytes, "IP")[3].id)
    local other = bytes:sub(1, 32) .. "\0" .. bytes:sub(34)
    assert.equal("Raw", luapkt.dissect(other, "IP")[3].id)
  end)
end)
