-- Keys of RSA, RFC 8017 appendix A.1, in ASN.1's Distinguished Encoding Rules, X.690. A private key as
-- OpenSSL writes it is the PrivateKeyInfo of PKCS #8, RFC 5208 section 5.

local f = require "luapkt.field"
local a = f.asn1

return {
  {
    id     = "RSAPublicKey",
    title  = "RSA Public Key",
    hidden = true,
    asn1   = 0x30,
    fields = {
      a.integer("modulus",        { default = 10 }),
      a.integer("publicExponent", { default = 3 }),
    },
  },

  {
    id     = "RSAPrivateKey",
    title  = "RSA Private Key",
    hidden = true,
    asn1   = 0x30,
    fields = { -- the defaults are a key
      a.integer("version",         { names = { [0] = "two-prime", [1] = "multi" } }),
      a.integer("modulus",         { default = 10 }),
      a.integer("publicExponent",  { default = 3 }),
      a.integer("privateExponent", { default = 3 }),
      a.integer("prime1",          { default = 2 }),
      a.integer("prime2",          { default = 5 }),
      a.integer("exponent1"),
      a.integer("exponent2",       { default = 3 }),
      a.integer("coefficient",     { default = 1 }),
      a.sequence_of("otherPrimeInfos", { of = "RSAOtherPrimeInfo", optional = true }),
    },
  },

  {
    id     = "RSAOtherPrimeInfo",
    title  = "RSA Other Prime Info",
    hidden = true,
    asn1   = 0x30,
    fields = { a.integer "prime", a.integer "exponent", a.integer "coefficient" },
  },

  {
    id     = "RSAPrivateKey_OpenSSL",
    title  = "RSA Private Key with its Algorithm",
    hidden = true,
    asn1   = 0x30,
    fields = {
      a.integer("version"),
      a.packet ("privateKeyAlgorithm", { of = "X509_AlgorithmIdentifier", default = 1 }),
      a.packet ("privateKey",          { of = "RSAPrivateKey", tag = 0x04, default = 1 }),
      a.set_of ("attributes",          { of = "X509_Attribute", tag = 0xa0, optional = true }),
    },
  },
}
