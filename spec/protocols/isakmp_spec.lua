local capture = require "spec.capture"
local luapkt  = require "luapkt"
local support = require "spec.support"

local hex, unhex = support.hex, support.unhex
local json, unbase64 = luapkt.json, luapkt.wire.unbase64

describe("ISAKMP", function()
  it("says which payload is next, and its length", function()
    local bytes = luapkt.build {
      { "ISAKMP", { init_cookie = "12345678" } },
      { "ISAKMP_payload_VendorID", { load = "vendor" } },
      { "ISAKMP_payload_Hash", { load = "hash" } },
    }
    assert.equal("12345678" .. unhex "0000000000000000 0d 10 00 00 00000000 0000002e"
      .. unhex "08 00 000a" .. "vendor" .. unhex "00 00 0008" .. "hash", bytes)
    local layers = luapkt.dissect(bytes, "ISAKMP")
    assert.equal("ISAKMP_payload_VendorID", layers[2].id)
    assert.equal("vendor", layers[2].fields.load)
    assert.equal("ISAKMP_payload_Hash", layers[3].id)
  end)

  it("reads nothing into what is encrypted", function()
    local layers = luapkt.dissect(luapkt.build {
      { "ISAKMP", { next_payload = "SA", flags = "encryption" } }, { "Raw", { load = "secret" } },
    }, "ISAKMP")
    assert.equal("Raw", layers[2].id)
  end)

  it("reads a payload of a kind without fields of its own as bytes", function()
    local layers = luapkt.dissect(luapkt.build {
      { "ISAKMP", { next_payload = "CERT" } }, { "ISAKMP_payload", { load = "cert" } },
    }, "ISAKMP")
    assert.equal("ISAKMP_payload", layers[2].id)
    assert.equal("cert", layers[2].fields.load)
  end)

  it("has proposals within a security association", function()
    local bytes = luapkt.build {
      { "ISAKMP" },
      { "ISAKMP_payload_SA", { prop = { id = "ISAKMP_payload_Proposal", fields = {
        trans_nb = 1,
        trans = { id = "ISAKMP_payload_Transform", fields = { num = 1,
                  transforms = unhex "80010007 80020002" } },
      } } } },
    }
    assert.equal(unhex [[ 00000024 00000001 00000001 00000018 01010001
                          00000010 01010000 80010007 80020002 ]], bytes:sub(29))
    local proposal = luapkt.dissect(bytes, "ISAKMP")[2].fields.prop[1]
    assert.equal("ISAKMP_payload_Proposal", proposal.id)
    assert.same({ { "Encryption", 7 }, { "Hash", 2 } }, proposal.fields.trans[1].fields.transforms)
  end)
end)

-- As Scapy's default says, Raw(). Its defaults that are packets are among a packet's fields even
-- where the bytes end before them, and come first in a call.
describe("a packet of no bytes within an ISAKMP payload", function()
  local service, python

  setup(function()
    service = support.service()
    python = assert(service:call("get_version_handler", "1", "02"))
  end)
  teardown(function() service:close() end)

  local function shown(layer, id, ...)
    local params = { ... }
    table.insert(params, json.array { layer })
    local result = assert(service:call("build_pkt", table.unpack(params)))
    for _, field in ipairs(result.data[1].fields) do
      if field.id == id then return field, hex(unbase64(result.binary)) end
    end
  end

  local function expression(text) return { vtype = "EXPRESSION", expr = text } end

  local function association(prop)
    return shown({ id = "ISAKMP_payload_SA", fields = json.array {
      { id = "prop", value = prop },
    } }, "prop", python)
  end

  it("is shown where there is none", function()
    for layer, id in pairs { ISAKMP_payload_SA = "prop", ISAKMP_payload_Proposal = "trans" } do
      local field = shown({ id = layer }, id, python)
      assert.same(expression "Raw()", field.value)
      assert.equal("Raw()", field.hvalue)
      assert.is_nil(field.ignored)
    end
  end)

  it("is taken as it is shown", function()
    local field, bytes = association(expression "Raw()")
    assert.same(expression "Raw()", field.value)
    assert.equal("0000000c0000000100000001", bytes)
  end)

  it("comes before the other fields in a call", function()
    local field, bytes = association(expression "ISAKMP_payload_Proposal()")
    assert.equal("ISAKMP_payload_Proposal(trans=Raw(),next_payload=0,res=0,length=8,proposal=1,"
      .. "proto=1,SPIsize=0,trans_nb=0)", field.value.expr)
    assert.equal("000000140000000100000001" .. "0000000801010000", bytes)
    assert.equal(field.value.expr, association(field.value).value.expr)
  end)

  it("is no value in Lua", function()
    local field = shown({ id = "ISAKMP_payload_SA" }, "prop")
    assert.same(expression "nil", field.value)
    assert.equal("nil", field.hvalue)
    local layer = luapkt.dissect(luapkt.build { { "ISAKMP_payload_SA" } }, "ISAKMP_payload_SA")[1]
    assert.is_nil(layer.fields.prop)
  end)
end)

-- RFC 2408 section 3.3; the numbers are those of RFC 2409 appendix A.
describe("the attributes of ISAKMP_payload_Transform", function()
  local service

  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  -- How a list given as JSON, or as an expression, reads in a reply, and its bytes in hex.
  local function ask(value, ...)
    local params = { ... }
    if type(value) == "string" then value = { vtype = "EXPRESSION", expr = value } end
    local model = json.array { {
      id = "ISAKMP_payload_Transform", fields = json.array { { id = "transforms", value = value } },
    } }
    table.insert(params, model)
    local result, err = service:call("build_pkt", table.unpack(params))
    if not result then return nil, err.message end
    local field = result.data[1].fields[7]
    return hex(unbase64(result.binary):sub(9)), field.value.expr or field.value, field.hvalue
  end

  local function ask_python(value)
    return ask(value, assert(service:call("get_version_handler", "1", "02")))
  end

  it("are a pair each, with names for types and values, in Lua", function()
    local bytes, expr, hvalue = ask '{{"Encryption", "AES-CBC"}, {"KeyLength", 256}}'
    assert.equal("80010007800e0100", bytes)
    assert.equal('{{"Encryption", "AES-CBC"}, {"KeyLength", 256}}', expr)
    assert.equal(expr, hvalue)
  end)

  it("are the same in Python", function()
    local bytes, expr = ask_python "[('Encryption', 'AES-CBC'), ('Hash', 'SHA'), ('PRF', 5)]"
    assert.equal("8001000780020002800d0005", bytes)
    assert.equal("[('Encryption', 'AES-CBC'), ('Hash', 'SHA'), ('PRF', 5)]", expr)
  end)

  it("are taken as lists of JSON, numbers as text too", function()
    assert.equal("80010005800b0001800e0080", (ask(json.array {
      json.array { "Encryption", "3DES-CBC" }, json.array { 11, "seconds" },
      json.array { "KeyLength", "128" },
    })))
  end)

  it("have numbers that no two bytes hold in the long form, without zeros before them", function()
    local bytes, expr = ask '{{"LifeDuration", 86400}}'
    assert.equal("000c0003015180", bytes)
    assert.equal('{{"LifeDuration", 86400}}', expr)
    assert.equal("000c00050100000000", (ask '{{"LifeDuration", 4294967296}}'))
    assert.equal("800cffff", (ask '{{"LifeDuration", 65535}}'))
  end)

  it("say how many bytes a number of the long form takes where it could take others", function()
    for _, case in ipairs {
      { "000c000400000e10", '{{"LifeDuration", 3600, 4}}' },
      { "000c000400015180", '{{"LifeDuration", 86400, 4}}' },  -- as RFC 2407 section 4.5.4 has it
      { "000100020007",     '{{"Encryption", "AES-CBC", 2}}' },
    } do
      local bytes, expr = ask(case[2])
      assert.equal(case[1], bytes)
      assert.equal(case[2], expr)
    end
  end)

  it("have numbers for types and values without a name", function()
    local bytes, expr = ask "{{32001, 1}, {2, 77}}"
    assert.equal("fd0100018002004d", bytes)
    assert.equal('{{32001, 1}, {"Hash", 77}}', expr)
  end)

  it("have bytes where a number would be too long, or is given so", function()
    local text = "[('GroupPrime', b'" .. ("\\xff"):rep(8) .. "\\x01')]"
    local bytes, expr = ask_python(text)
    assert.equal("00060009ffffffffffffffff01", bytes)
    assert.equal(text, expr)
    local prime = '{{"GroupPrime", {vtype="BYTES", base64="//////////8B"}}}'
    bytes, expr = ask(prime)
    assert.equal("00060009ffffffffffffffff01", bytes)
    assert.equal(prime, expr)
  end)

  it("are written as they were read, whatever their form", function()
    for _, bytes in ipairs {
      unhex "80010007 000c0004 00000e10 fd01ffff 00060000", unhex "000c0003 015180 00010002 0007",
    } do
      local wire = unhex "0000" .. string.pack(">I2", 8 + #bytes) .. unhex "01010000" .. bytes
      local layers = luapkt.dissect(wire, "ISAKMP_payload_Transform")
      assert.equal(wire, luapkt.build(layers))
      local again = { { "ISAKMP_payload_Transform", { num = 1,
                        transforms = layers[1].fields.transforms } } }
      assert.equal(wire, luapkt.build(again))
    end
  end)

  it("are bytes, all of them, where the last one is cut", function()
    local wire = unhex "00000010 01010000 80010007 000c0004"
    local transforms = luapkt.dissect(wire, "ISAKMP_payload_Transform")[1]
    assert.equal(wire, luapkt.build { transforms })
    local cut = unbase64 "gAEABwAMAAQ="
    local bytes, value = ask { vtype = "BYTES", base64 = luapkt.wire.base64(cut) }
    assert.equal(hex(cut), bytes)
    assert.same({ vtype = "BYTES", base64 = "gAEABwAMAAQ=" }, value)
  end)

  it("are seen by expressions, with the size of a number that has to be said", function()
    local result = assert(service:call("build_pkt", json.array {
      { id = "ISAKMP_payload_Transform", fields = json.array {
        { id = "transforms", value = { vtype = "EXPRESSION",
                                       expr = '{{"LifeDuration", 3600, 4}, {"Hash", "SHA"}}' } },
        { id = "num", value = { vtype = "EXPRESSION",
                                expr = "pkt.ISAKMP_payload_Transform.transforms[1][3]" } },
        { id = "res2", value = { vtype = "EXPRESSION",
                                 expr = "#pkt.ISAKMP_payload_Transform.transforms[2]" } },
      } },
    }))
    assert.equal("04010002", hex(unbase64(result.binary):sub(5, 8)))
  end)

  it("are one, of a type with a name, where it is drawn", function()
    local bytes, expr = ask { vtype = "RANDOM" }
    assert.equal(8, #bytes)
    assert.is_truthy(expr:match '^{{"%a+", [%w"-^%[%] ]+}}$', expr)
  end)

  it("are refused where they make no sense, and say why", function()
    for _, case in ipairs {
      { '{{"Encryption", "ROT13"}}',
        'option Encryption: "ROT13" is not a number or a name such as DES-CBC' },
      { '{{"KeyLength", "long"}}',
        'option KeyLength: "long" is not a whole number from 0 on' },
      { '{{"KeyLength"}}',                "option KeyLength: it has no value" },
      { '{{"LifeDuration", 1, 9}}',
        "option LifeDuration: a size of 1 to 8 bytes was expected behind the number" },
      { '{{"LifeDuration", 256, 1}}',     "option LifeDuration: 256 is out of range: 0 to 255" },
      { '{{"LifeDuration", 1, 2, 3}}',
        "option LifeDuration: one value was expected, and its size in bytes" },
      { '{{"KeyLength", -1}}',            "option KeyLength: -1 is not a whole number from 0 on" },
    } do
      local bytes, why = ask(case[1])
      assert.is_nil(bytes)
      assert.equal("Scapy Server: ISAKMP_payload_Transform.transforms: " .. case[2], why)
    end
    for _, list in ipairs { '{{"Colour", 1}}', "{{32768, 1}}", "{{-1, 1}}", "{{}}" } do
      local bytes, why = ask(list)
      assert.is_nil(bytes)
      assert.is_truthy(why:find("ISAKMP_payload_Transform.transforms", 1, true), why)
    end
  end)
end)

capture.describe_tshark("tshark", function()
  it("reads the attributes that we build", function()
    local path = support.tmpdir() .. "/ike.pcap"
    capture.write(path, { (luapkt.build {
      { "Ether" }, { "IP" }, { "UDP", { sport = 500, dport = 500 } },
      { "ISAKMP", { init_cookie = "12345678", exch_type = 2 } },
      { "ISAKMP_payload_SA", { prop = { id = "ISAKMP_payload_Proposal", fields = {
        trans_nb = 1,
        trans = { id = "ISAKMP_payload_Transform", fields = { num = 1, transforms = {
          { "Encryption", "AES-CBC" }, { "Hash", "SHA2-256" },
          { "Authentication", "pre-shared key" }, { "GroupDescription", "2048-bit MODP" },
          { "GroupType", "ECP" }, { "LifeType", "seconds" }, { "LifeDuration", 86400, 4 },
          { "KeyLength", 256 }, { "GroupPrime", "\x80" .. ("x"):rep(11) },
        } } },
      } } } },
    }) })
    local want = {
      ["_ws.malformed"]                          = "",
      ["isakmp.ike.attr.encryption_algorithm"]   = "7",
      ["isakmp.ike.attr.hash_algorithm"]         = "4",
      ["isakmp.ike.attr.authentication_method"]  = "1",
      ["isakmp.ike.attr.group_description"]      = "14",
      ["isakmp.ike.attr.group_type"]             = "2",
      ["isakmp.ike.attr.life_type"]              = "1",
      ["isakmp.ike.attr.life_duration"]          = "86400",
      ["isakmp.ike.attr.key_length"]             = "256",
      ["isakmp.ike.attr.group_prime"]            = "80" .. ("78"):rep(11),
    }
    local fields = {}
    for field in pairs(want) do table.insert(fields, field) end
    assert.same(want, capture.tshark(path, fields)[1])
  end)
end)
