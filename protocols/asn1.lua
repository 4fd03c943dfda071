-- Elements of ASN.1 that stand alone, X.690: what the Scapy server calls so.

local f = require "luapkt.field"
local a = f.asn1

return {
  { id = "ASN1P_INTEGER", title = "ASN.1 Integer", hidden = true, fields = { a.integer "number" } },
  { id = "ASN1P_OID",     title = "ASN.1 Object Identifier", hidden = true, fields = { a.oid "oid" } },

  -- A sequence of elements of any kind.
  {
    id     = "ASN1P_PRIVSEQ",
    title  = "ASN.1 Sequence",
    hidden = true,
    fields = { a.list("sequence", a.any()) },
  },
}
