-- Fields that are elements of ASN.1. Octets are those of X.690's examples where it has some, else
-- what its sections say.

local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex
local json, null = luapkt.json, luapkt.json.null

local PROTOCOLS = [[
local f = require "luapkt.field"
local a = f.asn1
return {
  { id = "Int",   fields = { a.integer("n", { names = { [7] = "seven" } }) } },
  { id = "Bits",  fields = { a.bits "b" } },
  { id = "Oid",   fields = { a.oid "o" } },
  { id = "Text",  fields = { a.octets("t", { default = "abc" }) } },
  { id = "Flag",  fields = { a.boolean "f" } },
  { id = "BitsOr", fields = {
      a.choice("c", { a.bits(), a.integer() }, { default = { "BIT_STRING", "0110" } }) } },
  { id = "Times", fields = {
      a.choice("t", { a.utc_time(), a.generalized_time(), a.integer(), a.any() },
               { default = { "UTC_TIME", "700101000000Z" } }) } },
  { id = "Seq", asn1 = 0x30, fields = {
      a.integer("first", { default = 5 }), a.octets("maybe", { tag = 0x80, optional = true }),
      a.integer("deep", { tag = { 0xa1, 0x02 }, optional = true }),
      a.octets("last", { default = "z" }) } },
  { id = "Seqs",  fields = { a.sequence_of("list", { of = "Seq" }) } },
  { id = "Ints",  fields = { a.list("list", a.integer()) } },
  { id = "Deep", asn1 = 0x30, fields = { a.packet("deeper", { of = "Deep", optional = true }) } },
  { id = "Box", asn1 = 0x30, fields = {
      a.oid("what", { default = "1.2.3" }),
      a.packet("within", { of = "Any", tag = 0x04, default = 1,
                           choose = { ref = "what", ["1.2.3"] = "Int", ["1.2.4"] = "Seq" } }) } },
  { id = "Any", fields = { f.bytes "any" } },
  { id = "Key", fields = { a.packet("key", { of = "Int", tag = 0x03, default = 1 }) } },
}
]]

local service

setup(function()
  local folder = support.tmpdir()
  support.write_file(folder .. "/asn1.lua", PROTOCOLS)
  assert(luapkt.load { "protocols", folder })
  service = support.service { protocols = { folder } }
end)
teardown(function()
  service:close()
  assert(luapkt.load { "protocols" })
end)

local function built(id, fields)
  local bytes, err = luapkt.build { { id, fields } }
  return bytes and hex(bytes), err and err.message
end

local function read(id, text)
  local layers, err = luapkt.dissect(unhex(text), id)
  return layers and layers[1].fields, err
end

-- The octets of a value, and the value that they read as.
local function is_encoded(id, field, cases)
  for _, case in ipairs(cases) do
    local value, text, back = table.unpack(case)
    assert.equal(text, built(id, { [field] = value }))
    local fields = assert(read(id, text))
    if back == nil then back = value end
    assert.same(back, fields[field])
  end
end

describe("an INTEGER", function()
  it("has as few octets as it needs, X.690 section 8.3.2", function()
    is_encoded("Int", "n", {
      { 0, "020100" }, { 127, "02017f" }, { 128, "02020080" }, { 255, "020200ff" },
      { 256, "02020100" }, { -1, "0201ff" }, { -128, "020180" }, { -129, "0202ff7f" },
      { math.maxinteger, "02087fffffffffffffff" }, { math.mininteger, "02088000000000000000" },
      { "18446744073709551615", "020900ffffffffffffffff", "18446744073709551615" },
    })
  end)

  it("may have any size, as text in hexadecimal", function()
    is_encoded("Int", "n", {
      { "0x10000000000000000", "0209010000000000000000" },
      { "-0x10000000000000000", "0209ff0000000000000000" },
      { "0xff" .. ("00"):rep(127), "02818100ff" .. ("00"):rep(127) },
    })
  end)

  it("is read where it has more octets than it needs, and kept so", function()
    local bytes = unhex "0204 00000005"
    local p = luapkt.packet(bytes, "Int")
    assert.equal(5, p.Int.n)
    assert.equal(bytes, p:bytes())
    p.Int.n = 6
    assert.equal("020106", hex(p:bytes()))
  end)

  it("takes names and octets, and refuses what is no whole number", function()
    assert.equal("020107", built("Int", { n = "seven" }))
    local bytes = { vtype = "BYTES", base64 = luapkt.wire.base64(unhex "0102030405060708090a") }
    assert.equal("020a0102030405060708090a", built("Int", { n = bytes }))
    for value, message in pairs {
      ["0x"] = 'Int.n: "0x" is not a whole number, in hexadecimal where it has more than 64 bits',
      [1.5] = "Int.n: 1.5 is not a whole number",
    } do
      local bytes_of, err = built("Int", { n = value })
      assert.is_nil(bytes_of)
      assert.equal(message, err)
    end
  end)

  it("of no octets is none", function()
    local _, err = read("Int", "0200")
    assert.equal("malformed", err.code)
    assert.equal("Int.n: there is no content at byte 2", err.message)
  end)
end)

describe("a BIT STRING", function()
  it("says how many bits are unused, X.690 section 8.6.4", function()
    assert.equal("0307040a3b5f291cd0", built("Bits", {
      b = "00001010" .. "00111011" .. "01011111" .. "00101001" .. "00011100" .. "1101" }))
    is_encoded("Bits", "b", {
      { "", "030100", "0x" }, { "0x0a3b", "0303000a3b" }, { "101", "030205a0" },
      { "00000000", "03020000", "0x00" },
    })
  end)

  it("with an impossible number of them is malformed", function()
    for _, text in ipairs { "0300", "030101", "03020800" } do
      local _, err = read("Bits", text)
      assert.equal("malformed", err.code)
    end
  end)
end)

describe("an OBJECT IDENTIFIER", function()
  it("has seven bits to an octet, X.690 section 8.19.5", function()
    is_encoded("Oid", "o", {
      { "2.999.3", "0603883703" }, { "1.2.840.113549", "06062a864886f70d" }, { "0.0", "060100" },
      { "2.47", "06017f" }, { "2.48", "06028100" }, { "1.39", "06014f" }, { "2.0", "060150" },
      { ".1.3.6.1", "06032b0601", "1.3.6.1" }, { "commonName", "0603550403", "2.5.4.3" },
      { "1.3.18446744073709551615", "060b2b81ffffffffffffffff7f" },
      { "2.18446744073709551535", "060a81ffffffffffffffff7f" },
      { "1.3" .. (".1"):rep(1023), "068204002b" .. ("01"):rep(1023) },
    })
  end)

  it("is what its text says, or refused", function()
    for _, text in ipairs {
      "", "1", "3.1", "1.40", "1..2", "1.2.", "1.2.x", "1.3.18446744073709551616",
      "1.3.99999999999999999999", "2.18446744073709551536", "1.3" .. (".1"):rep(1024),
    } do
      local bytes, err = built("Oid", { o = text })
      assert.is_nil(bytes, text)
      assert.truthy(err:find("is not an object identifier such as 1.3.6.1", 1, true), err)
    end
  end)

  it("of octets that are none is those octets", function()
    for _, octets in ipairs { "", "2b86", "80", "8001", "2b8001", "2bffffffffffffffffffff7f" } do
      local text = ("06%02x%s"):format(#octets // 2, octets)
      assert.equal(unhex(octets), read("Oid", text).o)
    end
  end)
end)

describe("a BOOLEAN", function()
  it("is written as the Distinguished Encoding Rules ask, X.690 section 11.1", function()
    is_encoded("Flag", "f", { { true, "0101ff" }, { false, "010100" }, { 1, "010101" } })
  end)
end)

describe("a length", function()
  it("is in its shortest form when it is written, X.690 section 10.1", function()
    for n, head in pairs {
      [0] = "0400", [127] = "047f", [128] = "048180", [255] = "0481ff", [256] = "04820100",
      [65536] = "0483010000",
    } do
      assert.equal(head, built("Text", { t = ("x"):rep(n) }):sub(1, #head))
    end
  end)

  it("may be in any definite form when it is read, and is kept so", function()
    for _, head in ipairs { "0403", "048103", "04820003", "0484 00000003" } do
      local bytes = unhex(head) .. "xyz"
      local p = luapkt.packet(bytes, "Text")
      assert.equal("xyz", p.Text.t)
      assert.equal(bytes, p:bytes())
    end
    local p = luapkt.packet(unhex "3081 0f 020109 800141 a1820003 020107 0400" .. "rest", "Seq")
    assert.same({ 9, "A", 7, "" }, { p.Seq.first, p.Seq.maybe, p.Seq.deep, p.Seq.last })
    assert.equal("rest", p.Raw.load)
  end)

  it("of the indefinite form, or beyond all there is, is refused", function()
    for text, code in pairs {
      ["0480616200"] = "malformed", ["04ff61"] = "malformed",
      ["0488010000000000000161"] = "malformed", ["040461"] = "truncated",
      ["0482ffff61"] = "truncated", ["0484"] = "truncated", ["04"] = "truncated",
      ["0481"] = "truncated", ["048201"] = "truncated",
    } do
      local _, err = read("Text", text)
      assert.equal(code, err and err.code, text)
    end
  end)
end)

describe("a SEQUENCE", function()
  it("is around all of the layer's fields", function()
    assert.equal("3006" .. "020105" .. "04017a", built("Seq"))
    assert.equal("300e" .. "020105" .. "800141" .. "a103020107" .. "04017a",
      built("Seq", { maybe = "A", deep = 7 }))
  end)

  it("shows what is left out as None, and takes that", function()
    local fields = read("Seq", "3006 020105 04017a")
    assert.is_nil(fields.maybe)
    assert.equal("3006" .. "020105" .. "04017a", built("Seq", { maybe = null }))
    local result = service:call("build_pkt", json.array { { id = "Seq" } })
    assert.equal("nil", result.data[1].fields[2].hvalue)
    assert.is_nil(result.data[1].fields[2].ignored)
  end)

  it("has places for its members that count the heads in", function()
    local result = service:call("build_pkt", json.array { { id = "Seq", fields = json.array {
      { id = "maybe", value = ("x"):rep(200) } } } })
    local places = {}
    for i, field in ipairs(result.data[1].fields) do
      places[i] = { field.offset, field.bit_length // 8 }
    end
    assert.same({ { 3, 3 }, { 6, 203 }, { 209, 0 }, { 209, 3 } }, places)
  end)

  it("with more in it than its members is none", function()
    local _, err = read("Seq", "3009 020105 04017a 020101")
    assert.equal("malformed", err.code)
    assert.equal("Seq: the element has more in it at byte 8", err.message)
  end)

  it("says where it stopped, however short the bytes are", function()
    local whole = unhex "300e 020105 800141 a103020107 04017a"
    for n = 0, #whole - 1 do
      local _, err = luapkt.dissect(whole:sub(1, n), "Seq")
      assert.equal("truncated", err.code)
    end
  end)
end)

describe("a SEQUENCE OF", function()
  it("holds packets or plain elements", function()
    assert.equal("3010" .. ("3006" .. "020105" .. "04017a"):rep(2),
      built("Seqs", { list = { {}, {} } }))
    assert.equal("3007" .. "020101" .. "02020080", built("Ints", { list = { 1, 128 } }))
    assert.same({ 1, 128 }, read("Ints", "3007 020101 02020080").list)
    assert.equal("3000", built("Ints"))
  end)

  it("has what is no such packet as Raw, and the others all the same", function()
    local bytes = unhex "3013 3006 020105 04017a 0401ff 3006 020106 04017a"
    local list = luapkt.dissect(bytes, "Seqs")[1].fields.list
    assert.same({ "Seq", "Raw", "Seq" }, { list[1].id, list[2].id, list[3].id })
    assert.equal(unhex "0401ff", list[2].fields.load)
    assert.equal(bytes, luapkt.generation().core:rebuild(bytes, "Seqs", true))
  end)

  it("is written anew with what was read kept as it was", function()
    local p = luapkt.packet(unhex "3082 0010 308105 020105 0400 3006 020106 04017a", "Seqs")
    assert.equal("30820010" .. "3081050201050400" .. "3006" .. "020106" .. "04017a", hex(p:bytes()))
    p.Seqs.list = { p.Seqs.list[2] }
    assert.equal("3008" .. "3006" .. "020106" .. "04017a", hex(p:bytes()))
  end)
end)

describe("a CHOICE", function()
  it("is the form that its value tells, or that is named", function()
    for value, text in pairs {
      [7] = "020107", ["240101000000Z"] = "170d3234303130313030303030305a",
    } do
      assert.equal(text, built("Times", { t = value }))
    end
    for _, value in ipairs {
      { "GENERALIZED_TIME", "20240101000000Z" }, "GENERALIZED_TIME: 20240101000000Z",
    } do
      assert.equal("180f32303234303130313030303030305a", built("Times", { t = value }))
    end
    assert.same({ "INTEGER", 7 }, read("Times", "020107").t)
    assert.same({ "ANY", unhex "0c0161" }, read("Times", "0c0161").t)
    assert.equal("0c0161", built("Times", { t = { "ANY", unhex "0c0161" } }))
  end)

  it("says what it could be where it is nothing of it", function()
    local bytes, err = built("Times", { t = {} })
    assert.is_nil(bytes)
    assert.equal('Times.t: an array is not a value, or its type and value: ["UTC_TIME", ...]', err)
  end)
end)

describe("a packet within an element", function()
  it("is what another field says it is", function()
    local list = read("Box", "300b 06022a03 0405 0203 010203")
    assert.equal("Int", list.within[1].id)
    assert.equal(0x010203, list.within[1].fields.n)
    list = read("Box", "300e 06022a04 0408 3006 020105 04017a")
    assert.equal("Seq", list.within[1].id)
    assert.equal("300e06022a04" .. "0408" .. "3006" .. "020105" .. "04017a",
      built("Box", { what = "1.2.4", within = { id = "Seq" } }))
  end)

  it("is what it may be otherwise where that isn't all of it, or another is said", function()
    local list = read("Box", "300a 06022a03 0404 02010100")
    assert.equal("Any", list.within[1].id)
    assert.equal(unhex "02010100", list.within[1].fields.any)
    assert.equal("Any", read("Box", "3009 06022a09 0403 020101").within[1].id)
  end)

  it("in a BIT STRING has no unused bits", function()
    assert.equal("030400020100", built "Key")
    assert.equal("Raw", read("Key", "0303000401").key[1].id)
    local _, err = read("Key", "030401020100")
    assert.equal("malformed", err.code)
  end)

  it("is limited in depth", function()
    local bytes = unhex "3000"
    for _ = 1, 12 do bytes = unhex "30" .. string.char(#bytes) .. bytes end
    assert.truthy(luapkt.dissect(bytes, "Deep"))
    for _ = 1, 12 do bytes = unhex "30" .. string.char(#bytes) .. bytes end
    local _, err = luapkt.dissect(bytes, "Deep")
    assert.equal("limit", err.code)
    assert.equal("packets nested deeper than 16", err.message)
  end)
end)

-- ---------------------------------------------------------------------------------- dialects

local handle = "gCpT7kGF+TG7Jmm90XmxdQ=="

local function ask(dialect, model)
  local params = json.array { json.array { model } }
  if dialect == "python" then table.insert(params, 1, handle) end
  local reply = service:send(json.encode {
    jsonrpc = "2.0", id = 1, method = "build_pkt", params = params })
  return assert(reply.result, reply.error and reply.error.message)
end

-- What a field of a protocol shows of a value, in a dialect.
local function shown(dialect, id, field, value)
  local fields = json.array { value ~= nil and { id = field, value = value } or nil }
  local result = ask(dialect, { id = id, fields = fields })
  for _, one in ipairs(result.data[1].fields) do
    if one.id == field then return one, result.binary end
  end
end

describe("elements in replies", function()
  it("are numbers, text or bytes, and the same for people", function()
    for _, case in ipairs {
      { "Int", "n", 7, 7, "seven" }, { "Int", "n", -5, -5, "-5" },
      { "Oid", "o", "2.5.4.3", "2.5.4.3", "commonName" }, { "Oid", "o", "1.2.3", "1.2.3", "1.2.3" },
      { "Bits", "b", "101", "101", "101" }, { "Flag", "f", true, 255, "True" },
    } do
      local id, field, value, back, hvalue = table.unpack(case)
      for _, dialect in ipairs { "python", "lua" } do
        local one = shown(dialect, id, field, value)
        assert.same({ back, hvalue }, { one.value, one.hvalue })
      end
    end
    local big = shown("python", "Int", "n", "0x10000000000000000")
    assert.same({ vtype = "BYTES", base64 = luapkt.wire.base64(unhex "010000000000000000") },
      big.value)
    assert.equal("0x10000000000000000", big.hvalue)
    assert.same({ vtype = "BYTES", base64 = "CjU=" }, shown("lua", "Bits", "b", "0x0a35").value)
  end)

  it("of several forms are expressions that say which", function()
    assert.equal("<ASN1_UTC_TIME[b'700101000000Z']>", shown("python", "Times", "t").value.expr)
    assert.equal('{"UTC_TIME", "700101000000Z"}', shown("lua", "Times", "t").value.expr)
    assert.equal("UTC_TIME: 700101000000Z", shown("lua", "Times", "t").hvalue)
    assert.equal("0x7 <ASN1_INTEGER[7]>", shown("python", "Times", "t", 7).value.expr)
  end)

  it("of bits are shown as scapy 2.5 shows the object", function()
    assert.equal("<ASN1_BIT_STRING[0110]=b'`' (4 unused bits)>",
      shown("python", "BitsOr", "c").value.expr)
  end)

  it("are taken back in either dialect", function()
    local seqs = json.array {
      { first = -300, maybe = "\1\2", deep = "0x123456789abcdef0123456789" }, { last = "'\"" },
    }
    for _, case in ipairs {
      { "Seqs", "list", seqs }, { "Times", "t", 7 },
      { "Times", "t", json.array { "ANY", "\12\1a" } },
      { "Times", "t", -7 }, { "Key", "key", { n = 5 } },
      { "Box", "within", { id = "Seq", fields = json.array { { id = "deep", value = 1 } } } },
    } do
      local id, field, value = table.unpack(case)
      for _, dialect in ipairs { "python", "lua" } do
        local one, binary = shown(dialect, id, field, value)
        local _, again = shown(dialect, id, field, one.value)
        assert.equal(binary, again)
      end
    end
  end)
end)

describe("the reference's objects", function()
  local function built_from(id, field, text)
    local _, binary = shown("python", id, field, { vtype = "EXPRESSION", expr = text })
    return hex(luapkt.wire.unbase64(binary))
  end

  it("are read", function()
    assert.equal("020105", built_from("Int", "n", "0x5 <ASN1_INTEGER[5]>"))
    assert.equal("020105", built_from("Int", "n", "<ASN1_INTEGER[5]>"))
    assert.equal("06032b0601", built_from("Oid", "o", "<ASN1_OID['.1.3.6.1']>"))
    assert.equal("04026162", built_from("Text", "t", "<ASN1_STRING[b'ab']>"))
    assert.equal("04026162", built_from("Text", "t", "<ASN1_STRING['ab']>"))
    assert.equal("030204f0",
      built_from("Bits", "b", [[<ASN1_BIT_STRING[1111]=b'\xf0' (4 unused bits)>]]))
    assert.equal("030100", built_from("Bits", "b", "<ASN1_BIT_STRING[]=b'' (0 unused bit)>"))
  end)

  it("that are none are refused", function()
    for _, text in ipairs {
      "<ASN1_INTEGER[5]", "<ASN1_INTEGER 5>", "<ASN1_BIT_STRING[01]>", "<ASN1_OID[]>", "<X[5]>",
    } do
      local value = { vtype = "EXPRESSION", expr = text }
      local reply = service:send(json.encode {
        jsonrpc = "2.0", id = 1, method = "build_pkt",
        params = { handle, { { id = "Int", fields = { { id = "n", value = value } } } } } })
      assert.truthy(reply.error, text)
    end
  end)
end)

describe("a mistake in a declaration", function()
  for declared, why in pairs {
    ['a.choice("x", { a.null() })'] = "one of several elements needs a default",
    ['a.integer("x", { when = f.left():gt(1) })'] = "an element of ASN.1 has no rules",
    ['a.integer("x", { tag = 0x1f })'] =
      "an identifier octet was expected, with a tag number of 0 to 30",
    ['a.integer("x", { tag = { 1, 2, 3, 4, 5 } })'] = "more than 4 elements in each other",
    ['a.choice("x", { a.null(), f.u8() }, { default = 1 })'] = "form 2 is no element of ASN.1",
    ['a.packet("x", { of = "Int", choose = { ref = "y", "Int" } })'] =
      "'choose' is by object identifiers as text",
    ['a.integer("x", { tag = {} })'] = "'integer' is for elements of ASN.1",
    ['a.packet("x", { of = "Int", choose = { ref = "x", ["1.x"] = "Int" } })'] =
      "'1.x' is no object identifier",
  } do
    it("is told: " .. why, function()
      local folder = support.tmpdir()
      support.write_file(folder .. "/wrong.lua", ([[
local f = require "luapkt.field"
local a = f.asn1
return { id = "Wrong", fields = { a.integer "y", %s } }]]):format(declared:gsub('"Int"', '"SNMP"')))
      local loaded, err = luapkt.load { "protocols", folder }
      assert.is_nil(loaded)
      assert.truthy(tostring(err):find("Wrong.x: " .. why, 1, true), tostring(err))
    end)
  end
end)
