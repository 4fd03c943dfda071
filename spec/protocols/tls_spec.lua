local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

local function item(id, fields) return { id = id, fields = fields or {} } end

local function rebuilt(bytes) return luapkt.generation().core:rebuild(bytes, "TLS", true) end

describe("a TLS handshake", function()
  -- RFC 8448 section 3, "send handshake record".
  local random = unhex "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7"
  local share = unhex "99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c"
  local hello = unhex "16 0301 00c4 01 0000c0 0303" .. random .. unhex [[
    00 0006 1301 1303 1302 01 00 0091
    0000 000b 0009 00 0006 736572766572  ff01 0001 00
    000a 0014 0012 001d 0017 0018 0019 0100 0101 0102 0103 0104  0023 0000
    0033 0026 0024 001d 0020]] .. share .. unhex [[ 002b 0003 02 0304
    000d 0020 001e 0403 0503 0603 0203 0804 0805 0806 0401 0501 0601 0201 0402 0502 0602 0202
    002d 0002 01 01  001c 0002 4001 ]]

  it("works out all the lengths of a hello", function()
    assert.equal(hello, luapkt.build { { "TLS_Handshake", { version = 0x0301, messages = {
      item("TLS_ClientHello", {
        random = random, cipher_suites = { 0x1301, 0x1303, 0x1302 }, extensions = {
          item("TLS_ServerName", { names = { item("TLS_HostName", { name = "server" }) } }),
          item("TLS_Extension", { type = "renegotiation_info", data = "\0" }),
          item("TLS_SupportedGroups", { groups = { 29, 23, 24, 25, 256, 257, 258, 259, 260 } }),
          item("TLS_Extension", { type = "session_ticket" }),
          item("TLS_ClientKeyShares", { shares = {
            item("TLS_KeyShareEntry", { share = share }) } }),
          item("TLS_SupportedVersions", { versions = { 0x0304 } }),
          item("TLS_SignatureAlgorithms", { algorithms = {
            0x0403, 0x0503, 0x0603, 0x0203, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201,
            0x0402, 0x0502, 0x0602, 0x0202 } }),
          item("TLS_PSKKeyExchangeModes", { modes = { 1 } }),
          item("TLS_Extension", { type = "record_size_limit", data = "\x40\1" }),
        } }) } } } })
  end)

  it("is read, extensions by their type", function()
    local layer = luapkt.dissect(hello, "TLS")[1]
    assert.equal("TLS_Handshake", layer.id)
    local fields = layer.fields.messages[1].fields
    assert.same({ 0x1301, 0x1303, 0x1302 }, fields.cipher_suites)
    assert.equal(9, #fields.extensions)
    assert.equal("server", fields.extensions[1].fields.names[1].fields.name)
    assert.equal(share, fields.extensions[5].fields.shares[1].fields.share)
    assert.same({ 0x0304 }, fields.extensions[6].fields.versions)
    assert.equal(hello, rebuilt(hello))
  end)

  it("may have no extensions, or none of them", function()
    local message = unhex "02 000026 0301" .. random .. unhex "00 002f 00"
    local with_length = unhex "02 000028 0301" .. random .. unhex "00 002f 00 0000"
    local done = unhex "0e 000000"
    for _, first in ipairs { message, with_length } do
      local bytes = unhex "16 0301" .. (">s2"):pack(first .. done)
      local messages = luapkt.dissect(bytes, "TLS")[1].fields.messages
      assert.equal("TLS_ServerHello", messages[1].id)
      assert.equal(0x2f, messages[1].fields.cipher_suite)
      assert.equal("TLS_ServerHelloDone", messages[2].id)
      assert.equal(bytes, rebuilt(bytes))
    end
  end)

  it("has certificates", function()
    local bytes = unhex "0b 000010 00000d 000003 616263 000004 64656667"
    assert.equal(bytes, luapkt.build { { "TLS_Certificate", { certificates = {
      item("TLS_CertificateEntry", { certificate = "abc" }),
      item("TLS_CertificateEntry", { certificate = "defg" }) } } } })
    local fields = luapkt.dissect(bytes, "TLS_HandshakeMessage")[1].fields
    assert.equal("defg", fields.certificates[2].fields.certificate)
  end)

  it("stays bytes where it is encrypted, or goes on in the next record", function()
    local encrypted = unhex "16 0303 0028" .. ("\xa5"):rep(40)
    assert.equal("TLS", luapkt.dissect(encrypted, "TLS")[1].id)
    local part = unhex "16 0303 0008 01 001000 03030000"
    assert.equal("TLS", luapkt.dissect(part, "TLS")[1].id)
    assert.equal(8, #luapkt.dissect(part, "TLS")[1].fields.data)
  end)
end)

describe("TLS", function()
  local records = unhex "14 0303 0001 01  15 0303 0002 02 28  17 0303 0003 616263"

  it("has one record behind the other", function()
    assert.equal(records, luapkt.build {
      { "TLS_ChangeCipherSpec" }, { "TLS_Alert", { level = "fatal", description = 40 } },
      { "TLS", { data = "abc" } } })
    local layers = luapkt.dissect(records .. "rest", "TLS")
    assert.equal("TLS_ChangeCipherSpec", layers[1].id)
    assert.equal("TLS_Alert", layers[2].id)
    assert.equal("TLS", layers[3].id)
    assert.equal("abc", layers[3].fields.data)
    assert.equal("Raw", layers[4].id)
  end)

  it("is told by the type, version and length of a record", function()
    local ip = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
    local function third(load)
      local bytes = luapkt.build { ip, { "TCP", { dport = 443 } }, { "Raw", { load = load } } }
      return luapkt.dissect(bytes, "IP")[3].id
    end
    assert.equal("TLS_ChangeCipherSpec", third(records))
    assert.equal("Raw", third(unhex "19 0303 0001 01"))
    assert.equal("Raw", third(unhex "14 0203 0001 01"))
    assert.equal("Raw", third(unhex "17 0303 4801 01"))
    assert.equal("Raw", third "GET / HTTP/1.1\r\n\r\n")
  end)
end)
