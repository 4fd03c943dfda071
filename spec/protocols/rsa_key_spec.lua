local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex

describe("a key of RSA", function()
  it("is a SEQUENCE of its numbers, RFC 8017 appendix A.1", function()
    assert.equal("3006" .. "02010a" .. "020103", hex(luapkt.build { { "RSAPublicKey" } }))
    local key = luapkt.dissect(unhex "300a 0205 00c0ffee01 020103", "RSAPublicKey")[1].fields
    assert.same({ 0xc0ffee01, 3 }, { key.modulus, key.publicExponent })
    assert.equal("301b" .. "020100" .. "02010a" .. "020103" .. "020103" .. "020102" .. "020105"
      .. "020100" .. "020103" .. "020101", hex(luapkt.build { { "RSAPrivateKey" } }))
  end)

  it("of several primes has more of them", function()
    local bytes = luapkt.build { { "RSAPrivateKey", { version = "multi", otherPrimeInfos = {
      { id = "RSAOtherPrimeInfo", fields = { prime = 7, exponent = 1, coefficient = 2 } } } } } }
    assert.equal("300b" .. "3009" .. "020107" .. "020101" .. "020102", hex(bytes:sub(-13)))
    local infos = luapkt.dissect(bytes, "RSAPrivateKey")[1].fields.otherPrimeInfos
    assert.equal(7, infos[1].fields.prime)
  end)

  local has_openssl = support.run "openssl version"

  -- What openssl writes with 'command', read as 'id'.
  local function from_openssl(command, id)
    local ok, bytes, err = support.run(command)
    assert(ok, err)
    local layers, why = luapkt.dissect(bytes, id)
    assert(layers, why and why.message)
    assert.equal(1, #layers)
    local core = luapkt.generation().core
    assert.equal(hex(bytes), hex(core:rebuild(bytes, id)))
    assert.equal(hex(bytes), hex(core:rebuild(bytes, id, true)))
    return layers[1].fields
  end

  it("is read as openssl writes it, and written so", function()
    if not has_openssl then pending "openssl is not installed" end
    local folder = support.tmpdir()
    local pem = folder .. "/key.pem"
    assert(support.run("openssl genrsa -out " .. pem .. " 1024"))
    local key = from_openssl("openssl pkey -in " .. pem .. " -traditional -outform DER",
      "RSAPrivateKey")
    assert.equal(65537, key.publicExponent)
    assert.is_nil(key.otherPrimeInfos)
    local wrapped = from_openssl("openssl pkcs8 -topk8 -nocrypt -in " .. pem .. " -outform DER",
      "RSAPrivateKey_OpenSSL")
    assert.equal("1.2.840.113549.1.1.1", wrapped.privateKeyAlgorithm[1].fields.algorithm)
    assert.equal(key.modulus, wrapped.privateKey[1].fields.modulus)
    local public = from_openssl("openssl rsa -in " .. pem .. " -RSAPublicKey_out -outform DER",
      "RSAPublicKey")
    assert.equal(key.modulus, public.modulus)
    local _, said = support.run("openssl rsa -noout -modulus -in " .. pem)
    assert.equal(said:match("=(%x+)"):lower():gsub("^0+", ""), (key.modulus:sub(3)))
  end)
end)
