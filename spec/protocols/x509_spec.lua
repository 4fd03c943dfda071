local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex
local core = luapkt.generation().core

-- The first item of a list whose field has this value.
local function find(list, id, value)
  for _, item in ipairs(list) do
    if item.fields[id] == value then return item.fields end
  end
end

-- The text of a name, "C=DE, CN=x".
local function name_of(rdns)
  local words = {}
  for i, rdn in ipairs(rdns) do
    local one = rdn.fields.rdn[1].fields
    words[i] = one.type .. "=" .. one.value[1].fields.value[2]
  end
  return table.concat(words, ", ")
end

describe("a certificate's part", function()
  local function is_both(id, fields, text)
    local bytes = assert(luapkt.build { { id, fields } })
    assert.equal(hex(unhex(text)), hex(bytes))
    assert.equal(bytes, core:rebuild(bytes, id, true))
    return luapkt.dissect(bytes, id)[1].fields
  end

  it("is a relative name, RFC 5280 section 4.1.2.4", function()
    local fields = is_both("X509_RDN", { rdn = { { id = "X509_AttributeTypeAndValue", fields = {
      type = "0.9.2342.19200300.100.1.25",
      value = { id = "X509_AttributeValue", fields = { value = { "IA5_STRING", "com" } } } } } } },
      "3113 3011 060a 0992268993f22c640119 1603636f6d")
    assert.equal("0.9.2342.19200300.100.1.25", fields.rdn[1].fields.type)
  end)

  it("is a time span, section 4.1.2.5", function()
    local fields = is_both("X509_Validity", {
      notBefore = { "UTC_TIME", "040415142534Z" }, notAfter = { "UTC_TIME", "050415142534Z" } },
      "301e 170d3034303431353134323533345a 170d3035303431353134323533345a")
    assert.same({ "UTC_TIME", "040415142534Z" }, fields.notBefore)
    is_both("X509_Validity", { notAfter = { "GENERALIZED_TIME", "99991231235959Z" } },
      "3020 170d3730303130313030303030305a 180f39393939313233313233353935395a")
  end)

  it("is an extension, whose identifier says what it holds, section 4.2", function()
    local fields = is_both("X509_Extension", { extnID = "keyUsage", critical = true,
      extnValue = { id = "X509_ExtKeyUsage", fields = { keyUsage = "0000011" } } },
      "300e 0603551d0f 0101ff 0404 03020106")
    assert.equal("X509_ExtKeyUsage", fields.extnValue[1].id)
    fields = is_both("X509_Extension", { extnID = "1.2.3", extnValue = { id = "X509_ExtDefault",
      fields = { value = "any" } } }, "3009 06022a03 0403 616e79")
    local value = fields.extnValue[1]
    assert.same({ "X509_ExtDefault", "any" }, { value.id, value.fields.value })
    is_both("X509_Extension", { extnID = "basicConstraints", critical = true,
      extnValue = { id = "X509_ExtBasicConstraints",
                    fields = { cA = true, pathLenConstraint = 0 } } },
      "3012 0603551d13 0101ff 0408 3006 0101ff 020100")
  end)

  it("is a general name of any kind, section 4.2.1.6", function()
    for id, case in pairs {
      X509_DNSName       = { { dNSName = "a.b" }, "8203 612e62" },
      X509_RFC822Name    = { { rfc822Name = "a@b" }, "8103 614062" },
      X509_URI           = { { uniformResourceIdentifier = "a:b" }, "8603 613a62" },
      X509_IPAddress     = { { iPAddress = "\10\0\0\1" }, "8704 0a000001" },
      X509_RegisteredID  = { { registeredID = "1.2.3" }, "8802 2a03" },
      X509_DirectoryName = { {}, "a402 3000" },
      X509_OtherName     = { { typeID = "1.2.3", value = "\12\1x" }, "a009 06022a03 a003 0c0178" },
      X509_EDIPartyName  = { { partyName = { "UTF8_STRING", "x" } }, "a505 a103 0c0178" },
      X509_X400Address   = { {}, "a300" },
    } do
      local name = { id = id, fields = case[1] }
      local fields = is_both("X509_GeneralName", { generalName = name }, case[2])
      assert.equal(id, fields.generalName[1].id)
    end
  end)

  it("is a distribution point, section 4.2.1.13", function()
    local fields = is_both("X509_ExtDistributionPoint", {
      distributionPoint = { id = "X509_ExtDistributionPointName", fields = {
        distributionPointName = { id = "X509_ExtFullName", fields = { fullName = {
          { id = "X509_GeneralName", fields = { generalName = { id = "X509_URI", fields = {
            uniformResourceIdentifier = "a:b" } } } } } } } } }, reasons = "01" },
      "300d a007 a005 8603 613a62 8102 0640")
    assert.equal("01", fields.reasons)
    fields = is_both("X509_ExtDistributionPointName", {
      distributionPointName = { id = "X509_ExtNameRelativeToCRLIssuer" } }, "a100")
    assert.equal("X509_ExtNameRelativeToCRLIssuer", fields.distributionPointName[1].id)
  end)

  it("is an entry of a list of revoked ones, section 5.1", function()
    local fields = is_both("X509_RevokedCertificate", {
      userCertificate = 18, revocationDate = { "UTC_TIME", "041119155703Z" },
      crlEntryExtensions = { { id = "X509_Extension", fields = { extnID = "reasonCode",
        extnValue = { id = "X509_ExtReasonCode", fields = { cRLReason = "keyCompromise" } } } } } },
      "3020 020112 170d3034313131393135353730335a 300c 300a 0603551d15 0403 0a0101")
    assert.equal(1, fields.crlEntryExtensions[1].fields.extnValue[1].fields.cRLReason)
  end)
end)

describe("a certificate of openssl", function()
  if not support.run "openssl version" then
    pending "isn't read: openssl is not installed"
    return
  end

  local folder
  setup(function() folder = support.tmpdir() end)

  local function openssl(command)
    local ok, out, err = support.run(("cd %s && openssl %s"):format(folder, command))
    assert(ok, err)
    return out
  end

  local function read(bytes, id)
    local layers, err = luapkt.dissect(bytes, id)
    assert(layers, err and err.message)
    assert.equal(1, #layers)
    assert.equal(id, layers[1].id)
    assert.equal(hex(bytes), hex(core:rebuild(bytes, id)))
    assert.equal(hex(bytes), hex(core:rebuild(bytes, id, true)))
    return layers[1].fields
  end

  -- All that are read as Raw, anywhere within a packet.
  local function count_raw(value)
    local n = 0
    if type(value) ~= "table" then return 0 end
    if value.id == "Raw" then n = 1 end
    for _, inner in pairs(value) do n = n + count_raw(inner) end
    return n
  end

  it("is read and written as it is", function()
    local bytes = openssl("req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=x "
      .. "-keyout /dev/null -outform DER")
    local cert = read(bytes, "X509_Cert")
    local signed = cert.tbsCertificate[1].fields
    assert.equal("2.5.4.3=x", name_of(signed.subject))
    assert.equal(2, signed.version)
    local key = signed.subjectPublicKeyInfo[1].fields
    assert.equal("1.2.840.113549.1.1.1", key.algorithm[1].fields.algorithm)
    assert.same({ "RSAPublicKey", 65537 },
      { key.subjectPublicKey[1].id, key.subjectPublicKey[1].fields.publicExponent })
    assert.equal(2 + 512, #cert.signatureValue)
    assert.equal(0, count_raw(cert))
  end)

  it("with many extensions has each as what it is", function()
    support.write_file(folder .. "/req.conf", [[
[req]
distinguished_name=dn
x509_extensions=ext
prompt=no
[dn]
C=DE
O=Example
CN=x
[other]
CN=other
[ext]
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid,issuer:always
basicConstraints=critical,CA:TRUE,pathlen:3
keyUsage=critical,digitalSignature,keyCertSign
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=@names
issuerAltName=DNS:i.example
crlDistributionPoints=URI:http://crl/
freshestCRL=URI:http://delta/
authorityInfoAccess=OCSP;URI:http://ocsp/
certificatePolicies=1.2.3.4,@pol
nameConstraints=permitted;DNS:example,excluded;IP:10.0.0.0/255.0.0.0
policyConstraints=requireExplicitPolicy:3,inhibitPolicyMapping:1
inhibitAnyPolicy=2
nsComment=hello
nsCertType=client
1.2.3.9=DER:0c03616263
[names]
DNS.1=a.example
IP.1=10.0.0.1
IP.2=2001:db8::1
email.1=a@b.c
URI.1=http://x/
RID.1=1.2.3
dirName.1=other
otherName.1=1.2.3.4;UTF8:o
[pol]
policyIdentifier=1.2.3.5
CPS.1=http://cps/
userNotice.1=@notice
[notice]
explicitText=notice
organization=Org
noticeNumbers=1,2
]])
    local bytes = openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 "
      .. "-config req.conf -keyout ca.key -out ca.der -outform DER && "
      .. "openssl x509 -in ca.der -inform DER -out ca.pem && cat ca.der")
    local cert = read(bytes, "X509_Cert")
    assert.equal(1, count_raw(cert)) -- the public key, a point of a curve
    local signed = cert.tbsCertificate[1].fields
    assert.equal("2.5.4.6=DE, 2.5.4.10=Example, 2.5.4.3=x", name_of(signed.issuer))
    local kinds = {}
    for i, extension in ipairs(signed.extensions) do
      kinds[i] = extension.fields.extnValue[1].id:sub(9)
    end
    assert.same({ "SubjectKeyIdentifier", "AuthorityKeyIdentifier", "BasicConstraints", "KeyUsage",
      "ExtendedKeyUsage", "SubjectAltName", "IssuerAltName", "CRLDistributionPoints", "FreshestCRL",
      "AuthInfoAccess", "CertificatePolicies", "NameConstraints", "PolicyConstraints",
      "InhibitAnyPolicy", "Comment", "NetscapeCertType", "Default" }, kinds)
    local constraints = find(signed.extensions, "extnID", "2.5.29.19")
    assert.is_true(constraints.critical)
    assert.equal(3, constraints.extnValue[1].fields.pathLenConstraint)
    local policies = find(signed.extensions, "extnID", "2.5.29.32").extnValue[1].fields
    local notice = policies.certificatePolicies[2].fields.policyQualifiers[2].fields.qualifier[1]
    assert.equal("X509_ExtUserNotice", notice.id)
    assert.same({ 1, 2 }, notice.fields.noticeRef[1].fields.noticeNumbers)
  end)

  it("is one for openssl when its subject is changed", function()
    local p = luapkt.packet(support.read_file(folder .. "/ca.der"), "X509_Cert")
    p.X509_Cert.tbsCertificate = { id = "X509_TBSCertificate", fields = {
      version = "v3", serialNumber = "0x123456789abcdef0123456789a", subject = {
        { id = "X509_RDN", fields = { rdn = { { id = "X509_AttributeTypeAndValue", fields = {
          type = "organizationName",
          value = { id = "X509_AttributeValue",
                    fields = { value = { "UTF8_STRING", "changed" } } } } } } } } },
      extensions = { { id = "X509_Extension", fields = { extnID = "keyUsage", critical = true,
        extnValue = { id = "X509_ExtKeyUsage", fields = { keyUsage = "1000001" } } } } } } }
    support.write_file(folder .. "/changed.der", p:bytes())
    local text = openssl("x509 -in changed.der -inform DER -noout -serial -subject -dates "
      .. "-ext keyUsage -nameopt RFC2253")
    assert.truthy(text:find("serial=123456789ABCDEF0123456789A", 1, true), text)
    assert.truthy(text:find("subject=O=changed", 1, true), text)
    assert.truthy(text:find("notAfter=Dec 31 23:59:59 2049 GMT", 1, true), text)
    assert.truthy(text:find("Digital Signature, CRL Sign", 1, true), text)
  end)

  it("has a list of revoked ones that is read and written, too", function()
    support.write_file(folder .. "/index.txt",
      "R\t491231235959Z\t261126000000Z,keyCompromise\t12\tunknown\t/CN=r\n")
    support.write_file(folder .. "/ca.conf", [[
[ca]
default_ca=my
[my]
database=index.txt
crlnumber=number
default_md=sha256
default_crl_days=1
crl_extensions=ext
[ext]
authorityKeyIdentifier=keyid
issuingDistributionPoint=critical,@idp
[idp]
fullname=URI:http://idp/
onlyuser=TRUE
onlysomereasons=keyCompromise
]])
    support.write_file(folder .. "/number", "0A\n")
    local bytes = openssl("ca -config ca.conf -gencrl -keyfile ca.key -cert ca.pem -out crl.pem "
      .. "2>/dev/null && openssl crl -in crl.pem -outform DER")
    local list = read(bytes, "X509_CRL").tbsCertList[1].fields
    assert.equal(1, list.version)
    local revoked = list.revokedCertificates[1].fields
    assert.equal(0x12, revoked.userCertificate)
    assert.equal(1, revoked.crlEntryExtensions[1].fields.extnValue[1].fields.cRLReason)
    assert.equal(10, find(list.crlExtensions, "extnID", "2.5.29.20").extnValue[1].fields.cRLNumber)
    local point = find(list.crlExtensions, "extnID", "2.5.29.28").extnValue[1].fields
    assert.same({ true, "01" }, { point.onlyContainsUserCerts, point.onlySomeReasons })
    assert.equal(0, count_raw(list))
  end)

  it("answers cleanly however short it is, and whatever byte of it is wrong", function()
    local bytes = support.read_file(folder .. "/ca.der")
    for n = 0, #bytes - 1, 7 do
      local layers, err = luapkt.dissect(bytes:sub(1, n), "X509_Cert")
      assert.is_nil(layers)
      assert.equal("truncated", err.code)
    end
    math.randomseed(3)
    for i = 1, #bytes, 3 do
      local wrong = bytes:sub(1, i - 1) .. string.char(math.random(0, 255)) .. bytes:sub(i + 1)
      local again = core:rebuild(wrong, "X509_Cert")
      assert.is_true(again == nil or again == wrong)
      core:rebuild(wrong, "X509_Cert", true)
    end
  end)
end)
