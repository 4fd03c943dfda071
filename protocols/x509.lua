-- X.509 certificates and lists of revoked ones, RFC 5280 appendix A, in ASN.1's Distinguished Encoding
-- Rules, X.690. Qualified certificates' statements, RFC 3739 section 3.2.6; Netscape's extensions, as
-- its Certificate Extensions of 1999 have them.

local f = require "luapkt.field"
local a = f.asn1

-- A protocol of this family, without what all of them have in common: `asn1` is the identifier octet of
-- the element that all fields are in; without it the only field is the element.
local function x509(id, title, asn1, fields)
  return { id = "X509_" .. id, title = "X.509 " .. title, hidden = true, asn1 = asn1, fields = fields }
end

local function names(id, opts)
  opts = opts or {}
  opts.of = "X509_GeneralName"
  return a.sequence_of(id, opts)
end

-- DirectoryString, and other strings that stand in its place
local function directory_string(id, opts)
  opts = opts or {}
  if not opts.optional then opts.default = { "PRINTABLE_STRING", "" } end
  return a.choice(id, {
    a.printable_string(), a.utf8_string(), a.ia5_string(), a.t61_string(), a.bmp_string(),
    a.universal_string(), a.visible_string(), a.numeric_string(), a.any(),
  }, opts)
end

local function time(id, opts)
  return a.choice(id, { a.utc_time(), a.generalized_time() }, opts)
end

local algorithm = { of = "X509_AlgorithmIdentifier", default = 1 }
local name      = { of = "X509_RDN" }
local dates     = { default = { "UTC_TIME", "700101000000Z" } }
local points    = { of = "X509_ExtDistributionPoint" }
local access    = { of = "X509_AccessDescription" }

-- The kinds of a general name; the first that is listed below stands for all of them.
local function general_name(id, title, tag, field, asn1)
  local decl = x509(id, title, asn1, { field })
  if tag ~= 0x82 then decl.variant_of = { X509_DNSName = f.peek(0, 8):eq(tag) } end
  return decl
end

local x400   = a.any("x400Address", { tag = 0xa3 })
local names_of_directory = a.sequence_of("directoryName", { of = "X509_RDN", tag = { 0xa4, 0x30 } })

local other_name = general_name("OtherName", "Other Name", 0xa0, nil, 0xa0)
other_name.fields = {
  a.oid("typeID", { default = "1.3.6.1.4.1.311.20.2.3" }),
  a.any("value",  { tag = 0xa0, default = "\x0c\0" }),
}
local party_name = general_name("EDIPartyName", "EDI Party Name", 0xa5, nil, 0xa5)
party_name.fields = {
  directory_string("nameAssigner", { tag = 0xa0, optional = true }),
  directory_string("partyName",    { tag = 0xa1 }),
}

local relative_name = x509("ExtNameRelativeToCRLIssuer", "Name Relative to CRL Issuer", nil, {
  a.set_of("nameRelativeToCRLIssuer", { of = "X509_AttributeTypeAndValue", tag = 0xa1 }),
})
relative_name.variant_of = { X509_ExtFullName = f.peek(0, 8):eq(0xa1) }

-- What an extension holds, by its identifier.
local extensions = {
  ref = "extnID",
  ["2.5.29.9"]           = "X509_ExtSubjectDirectoryAttributes",
  ["2.5.29.14"]          = "X509_ExtSubjectKeyIdentifier",
  ["2.5.29.15"]          = "X509_ExtKeyUsage",
  ["2.5.29.16"]          = "X509_ExtPrivateKeyUsagePeriod",
  ["2.5.29.17"]          = "X509_ExtSubjectAltName",
  ["2.5.29.18"]          = "X509_ExtIssuerAltName",
  ["2.5.29.19"]          = "X509_ExtBasicConstraints",
  ["2.5.29.20"]          = "X509_ExtCRLNumber",
  ["2.5.29.21"]          = "X509_ExtReasonCode",
  ["2.5.29.24"]          = "X509_ExtInvalidityDate",
  ["2.5.29.27"]          = "X509_ExtDeltaCRLIndicator",
  ["2.5.29.28"]          = "X509_ExtIssuingDistributionPoint",
  ["2.5.29.29"]          = "X509_ExtCertificateIssuer",
  ["2.5.29.30"]          = "X509_ExtNameConstraints",
  ["2.5.29.31"]          = "X509_ExtCRLDistributionPoints",
  ["2.5.29.32"]          = "X509_ExtCertificatePolicies",
  ["2.5.29.33"]          = "X509_ExtPolicyMappings",
  ["2.5.29.35"]          = "X509_ExtAuthorityKeyIdentifier",
  ["2.5.29.36"]          = "X509_ExtPolicyConstraints",
  ["2.5.29.37"]          = "X509_ExtExtendedKeyUsage",
  ["2.5.29.46"]          = "X509_ExtFreshestCRL",
  ["2.5.29.54"]          = "X509_ExtInhibitAnyPolicy",
  ["1.3.6.1.5.5.7.1.1"]  = "X509_ExtAuthInfoAccess",
  ["1.3.6.1.5.5.7.1.3"]  = "X509_ExtQcStatements",
  ["1.3.6.1.5.5.7.1.11"] = "X509_ExtSubjInfoAccess",
  ["2.16.840.1.113730.1.1"]  = "X509_ExtNetscapeCertType",
  ["2.16.840.1.113730.1.13"] = "X509_ExtComment",
}

return {
  -- section 4.1, certificates
  x509("Cert", "Certificate", 0x30, {
    a.packet("tbsCertificate",     { of = "X509_TBSCertificate", default = 1 }),
    a.packet("signatureAlgorithm", algorithm),
    a.bits  ("signatureValue"),
  }),
  x509("TBSCertificate", "Certificate To Be Signed", 0x30, {
    a.integer("version",              { tag = { 0xa0, 0x02 }, optional = true,
                                        names = { [0] = "v1", [1] = "v2", [2] = "v3" } }),
    a.integer("serialNumber",         { default = 1 }),
    a.packet ("signature",            algorithm),
    a.sequence_of("issuer",           name),
    a.packet ("validity",             { of = "X509_Validity", default = 1 }),
    a.sequence_of("subject",          name),
    a.packet ("subjectPublicKeyInfo", { of = "X509_SubjectPublicKeyInfo", default = 1 }),
    a.bits   ("issuerUniqueID",       { tag = 0x81, optional = true }),
    a.bits   ("subjectUniqueID",      { tag = 0x82, optional = true }),
    a.sequence_of("extensions",       { of = "X509_Extension", tag = { 0xa3, 0x30 }, optional = true }),
  }),
  x509("AlgorithmIdentifier", "Algorithm Identifier", 0x30, {
    a.oid   ("algorithm",  { default = "rsaEncryption" }),
    a.choice("parameters", { a.null(), a.oid(), a.any() }, { optional = true }),
  }),
  x509("Validity", "Validity", 0x30, {
    time("notBefore", dates),
    time("notAfter",  { default = { "UTC_TIME", "491231235959Z" } }),
  }),
  x509("SubjectPublicKeyInfo", "Subject Public Key Info", 0x30, {
    a.packet("algorithm",        algorithm),
    a.packet("subjectPublicKey", { of = "RSAPublicKey", tag = 0x03, default = 1 }), -- other keys are Raw
  }),

  -- names
  x509("RDN", "Relative Distinguished Name", nil, {
    a.set_of("rdn", { of = "X509_AttributeTypeAndValue", default = 1 }),
  }),
  x509("AttributeTypeAndValue", "Attribute Type and Value", 0x30, {
    a.oid   ("type",  { default = "commonName" }),
    a.packet("value", { of = "X509_AttributeValue", default = 1 }),
  }),
  x509("AttributeValue", "Attribute Value", nil, { directory_string "value" }),
  x509("Attribute", "Attribute", 0x30, {
    a.oid   ("type",   { default = "commonName" }),
    a.set_of("values", { of = "X509_AttributeValue" }),
  }),

  -- section 4.2.1.6, general names
  x509("GeneralName", "General Name", nil, {
    a.packet("generalName", { of = "X509_DNSName", default = 1 }),
  }),
  general_name("DNSName",       "DNS Name",         0x82, a.ia5_string("dNSName", { tag = 0x82 })),
  general_name("RFC822Name",    "Mail Address",     0x81, a.ia5_string("rfc822Name", { tag = 0x81 })),
  general_name("URI",           "URI",              0x86, a.ia5_string("uniformResourceIdentifier",
                                                                       { tag = 0x86 })),
  general_name("IPAddress",     "IP Address",       0x87, a.octets("iPAddress",
                                                                   { tag = 0x87, default = "\0\0\0\0" })),
  general_name("RegisteredID",  "Registered ID",    0x88, a.oid("registeredID", { tag = 0x88 })),
  general_name("X400Address",   "X.400 Address",    0xa3, x400),
  general_name("DirectoryName", "Directory Name",   0xa4, names_of_directory),
  other_name,
  party_name,

  -- section 4.2, extensions
  x509("Extensions", "Extensions", nil, {
    a.sequence_of("extensions", { of = "X509_Extension" }),
  }),
  x509("Extension", "Extension", 0x30, {
    a.oid    ("extnID",    { default = "basicConstraints" }),
    a.boolean("critical",  { optional = true }),
    a.packet ("extnValue", { of = "X509_ExtDefault", tag = 0x04, default = 1, choose = extensions }),
  }),
  x509("ExtDefault", "Extension of any Kind", nil, {
    f.bytes("value", { default = "\x30\0" }),
  }),
  x509("ExtAuthorityKeyIdentifier", "Authority Key Identifier", 0x30, {
    a.octets ("keyIdentifier",             { tag = 0x80, optional = true }),
    names    ("authorityCertIssuer",       { tag = 0xa1, optional = true }),
    a.integer("authorityCertSerialNumber", { tag = 0x82, optional = true }),
  }),
  x509("ExtSubjectKeyIdentifier", "Subject Key Identifier", nil, { a.octets "keyIdentifier" }),
  x509("ExtKeyUsage", "Key Usage", nil, { a.bits "keyUsage" }),
  x509("ExtPrivateKeyUsagePeriod", "Private Key Usage Period", 0x30, {
    a.generalized_time("notBefore", { tag = 0x80, optional = true }),
    a.generalized_time("notAfter",  { tag = 0x81, optional = true }),
  }),
  x509("ExtCertificatePolicies", "Certificate Policies", nil, {
    a.sequence_of("certificatePolicies", { of = "X509_ExtPolicyInformation" }),
  }),
  x509("ExtPolicyInformation", "Policy Information", 0x30, {
    a.oid        ("policyIdentifier", { default = "anyPolicy" }),
    a.sequence_of("policyQualifiers", { of = "X509_ExtPolicyQualifierInfo", optional = true }),
  }),
  x509("ExtPolicyQualifierInfo", "Policy Qualifier Info", 0x30, {
    a.oid   ("policyQualifierId", { default = "cps" }),
    a.choice("qualifier", { a.ia5_string(), a.packet(nil, { of = "X509_ExtUserNotice" }), a.any() },
      { default = { "IA5_STRING", "" } }),
  }),
  x509("ExtUserNotice", "User Notice", 0x30, {
    a.packet        ("noticeRef",    { of = "X509_ExtNoticeReference", optional = true }),
    directory_string("explicitText", { optional = true }),
  }),
  x509("ExtNoticeReference", "Notice Reference", 0x30, {
    directory_string "organization",
    a.list("noticeNumbers", a.integer()),
  }),
  x509("ExtPolicyMappings", "Policy Mappings", nil, {
    a.sequence_of("policyMappings", { of = "X509_PolicyMapping" }),
  }),
  x509("PolicyMapping", "Policy Mapping", 0x30, {
    a.oid "issuerDomainPolicy", a.oid "subjectDomainPolicy",
  }),
  x509("ExtSubjectAltName", "Subject Alternative Name", nil, { names "subjectAltName" }),
  x509("ExtIssuerAltName", "Issuer Alternative Name", nil, { names "issuerAltName" }),
  x509("ExtSubjectDirectoryAttributes", "Subject Directory Attributes", nil, {
    a.sequence_of("subjectDirectoryAttributes", { of = "X509_Attribute" }),
  }),
  x509("ExtBasicConstraints", "Basic Constraints", 0x30, {
    a.boolean("cA",                { optional = true }),
    a.integer("pathLenConstraint", { optional = true }),
  }),
  x509("ExtNameConstraints", "Name Constraints", 0x30, {
    a.sequence_of("permittedSubtrees", { of = "X509_ExtGeneralSubtree", tag = 0xa0, optional = true }),
    a.sequence_of("excludedSubtrees",  { of = "X509_ExtGeneralSubtree", tag = 0xa1, optional = true }),
  }),
  x509("ExtGeneralSubtree", "General Subtree", 0x30, {
    a.packet ("base",    { of = "X509_GeneralName", default = 1 }),
    a.integer("minimum", { tag = 0x80, optional = true }),
    a.integer("maximum", { tag = 0x81, optional = true }),
  }),
  x509("ExtPolicyConstraints", "Policy Constraints", 0x30, {
    a.integer("requireExplicitPolicy", { tag = 0x80, optional = true }),
    a.integer("inhibitPolicyMapping",  { tag = 0x81, optional = true }),
  }),
  x509("ExtExtendedKeyUsage", "Extended Key Usage", nil, { a.list("extendedKeyUsage", a.oid()) }),
  x509("ExtCRLDistributionPoints", "CRL Distribution Points", nil, {
    a.sequence_of("cRLDistributionPoints", points),
  }),
  x509("ExtDistributionPoint", "Distribution Point", 0x30, {
    a.packet("distributionPoint", { of = "X509_ExtDistributionPointName", tag = 0xa0, optional = true }),
    a.bits  ("reasons",           { tag = 0x81, optional = true }),
    names   ("cRLIssuer",         { tag = 0xa2, optional = true }),
  }),
  x509("ExtDistributionPointName", "Distribution Point Name", nil, {
    a.packet("distributionPointName", { of = "X509_ExtFullName", default = 1 }),
  }),
  x509("ExtFullName", "Full Name", nil, { names("fullName", { tag = 0xa0 }) }),
  relative_name,
  x509("ExtFreshestCRL", "Freshest CRL", nil, { a.sequence_of("cRLDistributionPoints", points) }),
  x509("ExtInhibitAnyPolicy", "Inhibit Any Policy", nil, { a.integer "skipCerts" }),
  x509("ExtAuthInfoAccess", "Authority Information Access", nil, {
    a.sequence_of("authorityInfoAccess", access),
  }),
  x509("ExtSubjInfoAccess", "Subject Information Access", nil, {
    a.sequence_of("subjectInfoAccess", access),
  }),
  x509("AccessDescription", "Access Description", 0x30, {
    a.oid   ("accessMethod",   { default = "ocsp" }),
    a.packet("accessLocation", { of = "X509_GeneralName", default = 1 }),
  }),
  x509("ExtQcStatements", "QC Statements", nil, {
    a.sequence_of("qcStatements", { of = "X509_ExtQcStatement" }),
  }),
  x509("ExtQcStatement", "QC Statement", 0x30, {
    a.oid("statementId", { default = "1.3.6.1.5.5.7.11.1" }),
    a.any("statementInfo", { optional = true }),
  }),
  x509("ExtNetscapeCertType", "Netscape Certificate Type", nil, { a.bits "netscapeCertType" }),
  x509("ExtComment", "Netscape Comment", nil, { a.ia5_string "comment" }),

  -- section 5, lists of revoked certificates
  x509("CRL", "Certificate Revocation List", 0x30, {
    a.packet("tbsCertList",        { of = "X509_TBSCertList", default = 1 }),
    a.packet("signatureAlgorithm", algorithm),
    a.bits  ("signatureValue"),
  }),
  x509("TBSCertList", "Certificate List To Be Signed", 0x30, {
    a.integer("version",       { optional = true, names = { [0] = "v1", [1] = "v2" } }),
    a.packet ("signature",     algorithm),
    a.sequence_of("issuer",    name),
    time     ("thisUpdate",    dates),
    time     ("nextUpdate",    { optional = true }),
    a.sequence_of("revokedCertificates", { of = "X509_RevokedCertificate", optional = true }),
    a.sequence_of("crlExtensions", { of = "X509_Extension", tag = { 0xa0, 0x30 }, optional = true }),
  }),
  x509("RevokedCertificate", "Revoked Certificate", 0x30, {
    a.integer("userCertificate", { default = 1 }),
    time     ("revocationDate",  dates),
    a.sequence_of("crlEntryExtensions", { of = "X509_Extension", optional = true }),
  }),
  x509("ExtCRLNumber", "CRL Number", nil, { a.integer "cRLNumber" }),
  x509("ExtDeltaCRLIndicator", "Delta CRL Indicator", nil, { a.integer "deltaCRLIndicator" }),
  x509("ExtIssuingDistributionPoint", "Issuing Distribution Point", 0x30, {
    a.packet ("distributionPoint", { of = "X509_ExtDistributionPointName", tag = 0xa0, optional = true }),
    a.boolean("onlyContainsUserCerts",      { tag = 0x81, optional = true }),
    a.boolean("onlyContainsCACerts",        { tag = 0x82, optional = true }),
    a.bits   ("onlySomeReasons",            { tag = 0x83, optional = true }),
    a.boolean("indirectCRL",                { tag = 0x84, optional = true }),
    a.boolean("onlyContainsAttributeCerts", { tag = 0x85, optional = true }),
  }),
  x509("ExtReasonCode", "Reason Code", nil, {
    a.enumerated("cRLReason", { names = { -- section 5.3.1
      [0] = "unspecified", [1] = "keyCompromise", [2] = "cACompromise", [3] = "affiliationChanged",
      [4] = "superseded", [5] = "cessationOfOperation", [6] = "certificateHold",
      [8] = "removeFromCRL", [9] = "privilegeWithdrawn", [10] = "aACompromise",
    } }),
  }),
  x509("ExtInvalidityDate", "Invalidity Date", nil, {
    a.generalized_time("invalidityDate", { default = "19700101000000Z" }),
  }),
  x509("ExtCertificateIssuer", "Certificate Issuer", nil, { names "certificateIssuer" }),
}
