local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex

describe("a key of an elliptic curve", function()
  -- As openssl ecparam -name prime256v1 -genkey starts and goes on.
  local curve = unhex "0608 2a8648ce3d030107"

  it("is two elements, each with its length", function()
    local key = unhex "3081 86 020101 0481 80" .. ("k"):rep(128)
    local p = luapkt.dissect(curve .. key .. "more", "ECDSAPrivateKey_OpenSSL")
    local fields = p[1].fields
    assert.same({ "ECParameters", { "OID", "1.2.840.10045.3.1.7" } },
      { fields.ecparam[1].id, fields.ecparam[1].fields.curve })
    local private = fields.privateKey[1]
    assert.same({ "ECDSAPrivateKey", 1, ("k"):rep(128) },
      { private.id, private.fields.version, private.fields.privateKey })
    assert.equal("more", p[2].fields.load)
    local long = unhex "3082 0107 020101 0482 0100" .. ("k"):rep(256)
    p = luapkt.dissect(curve .. long, "ECDSAPrivateKey_OpenSSL")
    assert.equal(("k"):rep(256), p[1].fields.privateKey[1].fields.privateKey)
    local core = luapkt.generation().core
    assert.equal(curve .. long, core:rebuild(curve .. long, "ECDSAPrivateKey_OpenSSL", true))
  end)

  it("of which one is none has it as Raw", function()
    local key = unhex "3081 80" .. ("k"):rep(128)
    local p = luapkt.dissect(curve .. key .. "more", "ECDSAPrivateKey_OpenSSL")
    local private = p[1].fields.privateKey[1]
    assert.same({ "Raw", key }, { private.id, private.fields.load })
    assert.equal("more", p[2].fields.load)
  end)

  it("may have its parameters and its public key with it, RFC 5915 section 3", function()
    local bytes = luapkt.build { { "ECDSAPrivateKey", {
      privateKey = "\1", parameters = { id = "ECParameters" }, publicKey = { id = "ECDSAPublicKey",
        fields = { ecPoint = "0x0405" } } } } }
    assert.equal("3016" .. "020101" .. "040101" .. "a007" .. "06052b81040022"
      .. "a105" .. "0303000405", hex(bytes))
  end)

  it("may be on a curve that is spelled out, X9.62", function()
    local bytes = luapkt.build { { "ECParameters", { curve = { id = "ECSpecifiedDomain", fields = {
      order = 7, cofactor = 1 } } } } }
    assert.equal("301f" .. "020101" .. "300c" .. "06072a8648ce3d0101" .. "020100"
      .. "3004" .. "0400" .. "0400" .. "0400" .. "020107" .. "020101", hex(bytes))
  end)

  it("signs with two numbers, RFC 3279 section 2.2.3", function()
    local bytes = luapkt.build { { "ECDSASignature", { r = 128, s = 1 } } }
    assert.equal("3007" .. "02020080" .. "020101", hex(bytes))
  end)

  it("is read as openssl writes it, and written so", function()
    if not support.run "openssl version" then pending "openssl is not installed" end
    local core = luapkt.generation().core
    for _, form in ipairs { "named_curve", "explicit" } do
      local command = "openssl ecparam -name secp384r1 -outform DER -param_enc " .. form
      local ok, bytes, err = support.run(command .. " -genkey -noout")
      assert(ok, err)
      assert.equal(hex(bytes), hex(core:rebuild(bytes, "ECDSAPrivateKey", true)))
      local layers = luapkt.dissect(bytes, "ECDSAPrivateKey")
      assert.equal(1, #layers)
      local key = layers[1].fields
      assert.equal(48, #key.privateKey)
      assert.equal("ECDSAPublicKey", key.publicKey[1].id)
      local curve_of = key.parameters[1].fields.curve
      local wanted = form == "explicit" and "ECSpecifiedDomain" or "1.3.132.0.34"
      assert.equal(wanted, curve_of[1].id or curve_of[2])
      ok, bytes, err = support.run(command)
      assert(ok, err)
      assert.equal(hex(bytes), hex(core:rebuild(bytes, "ECParameters", true)))
    end
  end)
end)
