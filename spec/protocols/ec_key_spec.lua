local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("a key of an elliptic curve", function()
  -- As openssl ecparam -name prime256v1 -genkey -outform DER starts and goes on.
  local curve = unhex "06 08 2a8648ce3d030107"

  it("is two elements, each with its length", function()
    local key = unhex "30 81 80" .. ("k"):rep(128)
    local p = luapkt.dissect(curve .. key .. "more", "ECDSAPrivateKey_OpenSSL")
    assert.same({ curve, key }, { p[1].fields.ecparam, p[1].fields.privateKey })
    assert.equal("more", p[2].fields.load)
    local long = unhex "30 82 0100" .. ("k"):rep(256)
    p = luapkt.dissect(curve .. long, "ECDSAPrivateKey_OpenSSL")
    assert.equal(long, p[1].fields.privateKey)
  end)
end)
