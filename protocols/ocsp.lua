-- Responses of the Online Certificate Status Protocol, RFC 6960 section 4.2.1 and appendix B.1, in ASN.1's
-- Distinguished Encoding Rules, X.690.

local f = require "luapkt.field"
local a = f.asn1

local function ocsp(id, title, asn1, fields)
  return { id = "OCSP_" .. id, title = "OCSP " .. title, hidden = true, asn1 = asn1, fields = fields }
end

-- One of several that an element may be, told by its identifier octet.
local function variant(decl, of, tag)
  decl.variant_of = { ["OCSP_" .. of] = f.peek(0, 8):eq(tag) }
  return decl
end

local time = { default = "19700101000000Z" }

-- An element of its own in the RFC, but none that the Scapy server has.
local basic = ocsp("BasicResponse", "Basic Response", 0x30, {
  a.packet("tbsResponseData",    { of = "OCSP_ResponseData", default = 1 }),
  a.packet("signatureAlgorithm", { of = "X509_AlgorithmIdentifier", default = 1 }),
  a.bits  ("signature"),
  a.sequence_of("certs",         { of = "X509_Cert", tag = { 0xa0, 0x30 }, optional = true }),
})
basic.unlisted = true

return {
  ocsp("Response", "Response", 0x30, {
    a.enumerated("responseStatus", { names = {
      [0] = "successful", [1] = "malformedRequest", [2] = "internalError", [3] = "tryLater",
      [5] = "sigRequired", [6] = "unauthorized",
    } }),
    a.packet("responseBytes", { of = "OCSP_ResponseBytes", tag = 0xa0, optional = true }),
  }),
  ocsp("ResponseBytes", "Response Bytes", 0x30, {
    a.oid   ("responseType", { default = "basic-response" }),
    a.packet("response",     { of = "OCSP_BasicResponse", tag = 0x04, default = 1 }),
  }),
  basic,
  ocsp("ResponseData", "Response Data", 0x30, {
    a.integer("version",     { tag = { 0xa0, 0x02 }, optional = true, names = { [0] = "v1" } }),
    a.packet ("responderID", { of = "OCSP_ResponderID", default = 1 }),
    a.generalized_time("producedAt", time),
    a.sequence_of("responses",          { of = "OCSP_SingleResponse" }),
    a.sequence_of("responseExtensions", { of = "X509_Extension", tag = { 0xa1, 0x30 }, optional = true }),
  }),
  ocsp("ResponderID", "Responder ID", nil, {
    a.packet("responderID", { of = "OCSP_ByKey", default = 1 }),
  }),
  ocsp("ByKey", "Responder by Key", nil, { a.octets("byKey", { tag = { 0xa2, 0x04 } }) }),
  variant(ocsp("ByName", "Responder by Name", nil, {
    a.sequence_of("byName", { of = "X509_RDN", tag = { 0xa1, 0x30 } }),
  }), "ByKey", 0xa1),
  ocsp("SingleResponse", "Single Response", 0x30, {
    a.packet("certID",     { of = "OCSP_CertID", default = 1 }),
    a.packet("certStatus", { of = "OCSP_CertStatus", default = 1 }),
    a.generalized_time("thisUpdate", time),
    a.generalized_time("nextUpdate", { tag = { 0xa0, 0x18 }, optional = true }),
    a.sequence_of("singleExtensions", { of = "X509_Extension", tag = { 0xa1, 0x30 }, optional = true }),
  }),
  ocsp("CertID", "Certificate ID", 0x30, {
    a.packet ("hashAlgorithm",  { of = "X509_AlgorithmIdentifier", default = 1 }),
    a.octets ("issuerNameHash"),
    a.octets ("issuerKeyHash"),
    a.integer("serialNumber",   { default = 1 }),
  }),
  ocsp("CertStatus", "Certificate Status", nil, {
    a.packet("certStatus", { of = "OCSP_GoodInfo", default = 1 }),
  }),
  ocsp("GoodInfo", "Good", nil, { a.null("info", { tag = 0x80 }) }),
  variant(ocsp("RevokedInfo", "Revoked", 0xa1, {
    a.generalized_time("revocationTime", time),
    a.enumerated("revocationReason", { tag = { 0xa0, 0x0a }, optional = true, names = { -- RFC 5280, 5.3.1
      [0] = "unspecified", [1] = "keyCompromise", [2] = "cACompromise", [3] = "affiliationChanged",
      [4] = "superseded", [5] = "cessationOfOperation", [6] = "certificateHold",
      [8] = "removeFromCRL", [9] = "privilegeWithdrawn", [10] = "aACompromise",
    } }),
  }), "GoodInfo", 0xa1),
  variant(ocsp("UnknownInfo", "Unknown", nil, { a.null("info", { tag = 0x82 }) }), "GoodInfo", 0x82),
}
