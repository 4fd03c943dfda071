-- Keys of elliptic curves, in ASN.1's Distinguished Encoding Rules, X.690: a private key, RFC 5915 section
-- 3; a curve's parameters, RFC 5480 section 2.1.1, spelled out as in SEC 1 version 2 (secg.org) appendix
-- C.2, after X9.62; a signature, RFC 3279 section 2.2.3. A private key as OpenSSL writes it has its
-- parameters before it.

local f = require "luapkt.field"
local a = f.asn1

return {
  {
    id     = "ECDSAPrivateKey_OpenSSL",
    title  = "ECDSA Params + Private Key",
    payloads = { "ECDSAPrivateKey_OpenSSL" },
    fields = {
      a.packet("ecparam",    { of = "ECParameters", default = 1 }),
      a.packet("privateKey", { of = "ECDSAPrivateKey", default = 1 }),
    },
  },

  {
    id     = "ECDSAPrivateKey",
    title  = "ECDSA Private Key",
    hidden = true,
    asn1   = 0x30,
    fields = {
      a.integer("version",    { default = 1, names = { "ecPrivkeyVer1" } }),
      a.octets ("privateKey"),
      a.packet ("parameters", { of = "ECParameters", tag = 0xa0, optional = true }),
      a.packet ("publicKey",  { of = "ECDSAPublicKey", tag = 0xa1, optional = true }),
    },
  },

  {
    id     = "ECDSAPublicKey",
    title  = "ECDSA Public Key",
    hidden = true,
    fields = { a.bits "ecPoint" },
  },

  {
    id     = "ECDSASignature",
    title  = "ECDSA Signature",
    hidden = true,
    asn1   = 0x30,
    fields = { a.integer "r", a.integer "s" },
  },

  {
    id     = "ECParameters",
    title  = "EC Parameters",
    hidden = true,
    fields = {
      a.choice("curve", { a.oid(), a.packet(nil, { of = "ECSpecifiedDomain" }), a.null() },
        { default = { "OID", "ansip384r1" } }),
    },
  },

  {
    id     = "ECSpecifiedDomain",
    title  = "EC Specified Domain",
    hidden = true,
    asn1   = 0x30,
    fields = {
      a.integer("version", { default = 1, names = { "ecdpVer1", "ecdpVer2", "ecdpVer3" } }),
      a.packet ("fieldID", { of = "ECFieldID", default = 1 }),
      a.packet ("curve",   { of = "ECCurve", default = 1 }),
      a.octets ("base"),
      a.integer("order"),
      a.integer("cofactor", { optional = true }),
    },
  },

  {
    id     = "ECFieldID",
    title  = "EC Field ID",
    hidden = true,
    asn1   = 0x30,
    fields = {
      a.oid    ("fieldType", { default = "prime-field" }),
      a.integer("prime"),
    },
  },

  {
    id     = "ECCurve",
    title  = "EC Curve",
    hidden = true,
    asn1   = 0x30,
    fields = {
      a.octets("a"),
      a.octets("b"),
      a.bits  ("seed", { optional = true }),
    },
  },
}
