local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("ISAKMP", function()
  it("says which payload is next, and its length", function()
    local bytes = luapkt.build {
      { "ISAKMP", { init_cookie = "12345678" } },
      { "ISAKMP_payload_VendorID", { load = "vendor" } },
      { "ISAKMP_payload_Hash", { load = "hash" } },
    }
    assert.equal("12345678" .. unhex "0000000000000000 0d 10 00 00 00000000 0000002e"
      .. unhex "08 00 000a" .. "vendor" .. unhex "00 00 0008" .. "hash", bytes)
    local layers = luapkt.dissect(bytes, "ISAKMP")
    assert.equal("ISAKMP_payload_VendorID", layers[2].id)
    assert.equal("vendor", layers[2].fields.load)
    assert.equal("ISAKMP_payload_Hash", layers[3].id)
  end)

  it("reads nothing into what is encrypted", function()
    local layers = luapkt.dissect(luapkt.build {
      { "ISAKMP", { next_payload = "SA", flags = "encryption" } }, { "Raw", { load = "secret" } },
    }, "ISAKMP")
    assert.equal("Raw", layers[2].id)
  end)

  it("reads a payload of a kind without fields of its own as bytes", function()
    local layers = luapkt.dissect(luapkt.build {
      { "ISAKMP", { next_payload = "CERT" } }, { "ISAKMP_payload", { load = "cert" } },
    }, "ISAKMP")
    assert.equal("ISAKMP_payload", layers[2].id)
    assert.equal("cert", layers[2].fields.load)
  end)

  it("has proposals within a security association", function()
    local bytes = luapkt.build {
      { "ISAKMP" },
      { "ISAKMP_payload_SA", { prop = { id = "ISAKMP_payload_Proposal", fields = {
        trans_nb = 1,
        trans = { id = "ISAKMP_payload_Transform", fields = { num = 1,
                  transforms = unhex "80010007 80020002" } },
      } } } },
    }
    assert.equal(unhex [[ 00000024 00000001 00000001 00000018 01010001
                          00000010 01010000 80010007 80020002 ]], bytes:sub(29))
    local proposal = luapkt.dissect(bytes, "ISAKMP")[2].fields.prop[1]
    assert.equal("ISAKMP_payload_Proposal", proposal.id)
    assert.equal(unhex "80010007 80020002", proposal.fields.trans[1].fields.transforms)
  end)
end)
