local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex

describe("an element of ASN.1 that stands alone", function()
  it("is an INTEGER, an OBJECT IDENTIFIER, or a SEQUENCE of whatever there is", function()
    assert.equal("020180", hex(luapkt.build { { "ASN1P_INTEGER", { number = -128 } } }))
    assert.equal("06032b0601", hex(luapkt.build { { "ASN1P_OID", { oid = "1.3.6.1" } } }))
    local bytes = unhex "300c 020105 3000 1f8101 03 616263"
    assert.same({ unhex "020105", unhex "3000", unhex "1f810103616263" },
      luapkt.dissect(bytes, "ASN1P_PRIVSEQ")[1].fields.sequence)
    assert.equal(bytes, luapkt.build { { "ASN1P_PRIVSEQ", { sequence = {
      unhex "020105", unhex "3000", unhex "1f810103616263" } } } })
  end)

  it("of which the last member is cut holds the bytes that are there", function()
    local p = luapkt.packet(unhex "3008 020105 0409616263" .. "rest", "ASN1P_PRIVSEQ")
    assert.same({ unhex "020105", unhex "0409616263" }, p.ASN1P_PRIVSEQ.sequence)
    assert.equal("rest", p.Raw.load)
  end)
end)
