local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex
local json = luapkt.json

-- sysDescr.0, RFC 3418; as the request of RFC 1157 section 4.1.2
local request = unhex [[ 302b 020100 0406 7075626c6963
                         a01e 0204 12345678 020100 020100
                              3010 300e 0608 2b06010201010100 0502 0000 ]]
local get = unhex [[ 3029 020100 0406 7075626c6963
                     a01c 0204 12345678 020100 020100 300e 300c 0608 2b06010201010100 0500 ]]

local handle = "gCpT7kGF+TG7Jmm90XmxdQ=="
local service

setup(function() service = support.service() end)
teardown(function() service:close() end)

local function ask(dialect, method, ...)
  local params = json.array { ... }
  if dialect == "python" then table.insert(params, 1, handle) end
  local reply = service:send(json.encode {
    jsonrpc = "2.0", id = 1, method = method, params = params })
  return reply.result, reply.error and reply.error.message
end

local function field_of(result, layer, id) return support.field_of(result.data[layer], id) end

local function framed(message, port)
  return assert(luapkt.build { { "Ether" }, { "IP" }, { "UDP", { sport = port, dport = 40000 } },
    { "Raw", { load = message } } })
end

local function kinds(bytes)
  local list = {}
  for i, layer in ipairs(assert(luapkt.dissect(bytes, "Ether"))) do list[i] = layer.id end
  return list
end

describe("SNMP", function()
  it("builds a request, RFC 1157 section 4.1.2", function()
    assert.equal(hex(get), hex(assert(luapkt.build { { "SNMP", { version = "v1", PDU = {
      id = "SNMPget", fields = { id = 0x12345678, varbindlist = {
        { id = "SNMPvarbind", fields = { oid = "1.3.6.1.2.1.1.1.0" } } } } } } } })))
  end)

  it("is read, from port 161 as from 162", function()
    for _, port in ipairs { 161, 162 } do
      local layers = luapkt.dissect(framed(get, port), "Ether")
      local snmp = layers[4]
      assert.same({ "SNMP", 0, "public" }, { snmp.id, snmp.fields.version, snmp.fields.community })
      local pdu = snmp.fields.PDU[1]
      assert.same({ "SNMPget", 0x12345678, 0, 0 },
        { pdu.id, pdu.fields.id, pdu.fields.error, pdu.fields.error_index })
      local binding = pdu.fields.varbindlist[1]
      assert.equal("1.3.6.1.2.1.1.1.0", binding.fields.oid)
      assert.same({ "NULL", "" }, binding.fields.value)
    end
  end)

  it("sets both ports, so that it is read as what it is", function()
    local bytes = luapkt.build { { "Ether" }, { "IP" }, { "UDP" }, { "SNMP" } }
    assert.same({ "Ether", "IP", "UDP", "SNMP" }, kinds(bytes))
    assert.equal(unhex "00a1 00a1", bytes:sub(35, 38))
  end)

  it("is Raw where it isn't all there, and what is behind it, too", function()
    for n = 1, #get - 1 do
      assert.same({ "Ether", "IP", "UDP", "Raw" }, kinds(framed(get:sub(1, n), 161)))
    end
    assert.same({ "Ether", "IP", "UDP", "SNMP", "Raw" }, kinds(framed(get .. "x", 161)))
    local other_version = unhex "300d 020103 3008 020101 020201f4" -- a header, not a community
    assert.same({ "Ether", "IP", "UDP", "Raw" }, kinds(framed(other_version, 161)))
  end)

  it("has each of its PDUs by its identifier, RFC 3416 section 3", function()
    local tags = {
      SNMPget = 0xa0, SNMPnext = 0xa1, SNMPresponse = 0xa2, SNMPset = 0xa3, SNMPtrapv1 = 0xa4,
      SNMPbulk = 0xa5, SNMPinform = 0xa6, SNMPtrapv2 = 0xa7,
    }
    for id, tag in pairs(tags) do
      local bytes = assert(luapkt.build { { "SNMP", { PDU = { id = id } } } })
      assert.equal(tag, bytes:byte(14))
      assert.equal(id, luapkt.dissect(bytes, "SNMP")[1].fields.PDU[1].id)
    end
    local report = get:sub(1, 13) .. "\xa8" .. get:sub(15)
    assert.equal("Raw", luapkt.dissect(report, "SNMP")[1].fields.PDU[1].id)
  end)

  it("is kept byte for byte with lengths in a longer form than they need", function()
    local long = unhex [[ 3084 0000002d 0202 0001 0406 7075626c6963
                          a081 1e 0204 12345678 020100 020100
                                  3082 000e 300c 0608 2b06010201010100 0500 ]]
    local p = luapkt.packet(long, "SNMP")
    assert.equal(1, p.SNMP.version)
    assert.equal(long, p:bytes())
    p.SNMP.community = "private"
    assert.equal(hex(unhex "302d 020101 0407" .. "private" .. long:sub(19)), hex(p:bytes()))
  end)

  it("with a NULL of two octets shows them", function()
    local bytes = request
    local binding = luapkt.dissect(bytes, "SNMP")[1].fields.PDU[1].fields.varbindlist[1]
    assert.same({ "NULL", "\0\0" }, binding.fields.value)
    assert.equal(bytes, luapkt.generation().core:rebuild(bytes, "SNMP", true))
  end)
end)

describe("SNMP through the service", function()
  it("is dissected, edited and built again", function()
    local binary = luapkt.wire.base64(framed(get, 161))
    for _, dialect in ipairs { "python", "lua" } do
      local result = assert(ask(dialect, "reconstruct_pkt", binary, json.array {
        { id = "Ether" }, { id = "IP" }, { id = "UDP" },
        { id = "SNMP", fields = json.array { { id = "community", value = "secret" } } } }))
      assert.equal(hex(unhex "3029 020100 0406" .. "secret" .. get:sub(14)),
        hex(luapkt.wire.unbase64(result.binary):sub(43)))
      assert.equal("SNMP", result.data[4].real_id)
      assert.same({ 2, 5, 13 }, { field_of(result, 4, "version").offset,
        field_of(result, 4, "community").offset, field_of(result, 4, "PDU").offset })
      assert.equal("v1", field_of(result, 4, "version").hvalue)
    end
  end)

  it("shows a PDU in the words of either dialect", function()
    local model = json.array { { id = "SNMP", fields = json.array { { id = "PDU", value = {
      id = "SNMPresponse", fields = json.array { { id = "varbindlist", value = json.array {
        { oid = "1.3.6.1.2.1.1.3.0", value = json.array { "TIME_TICKS", 5 } } } } } } } } } }
    local result = assert(ask("python", "build_pkt", model))
    assert.equal("SNMPresponse(varbindlist=[SNMPvarbind(oid=<ASN1_OID['1.3.6.1.2.1.1.3.0']>,"
      .. "value=0x5 <ASN1_TIME_TICKS[5]>)],id=0x0 <ASN1_INTEGER[0]>,error=0x0 <ASN1_INTEGER[0]>,"
      .. "error_index=0x0 <ASN1_INTEGER[0]>)", field_of(result, 1, "PDU").value.expr)
    result = assert(ask("lua", "build_pkt", model))
    assert.equal('SNMPresponse{varbindlist={SNMPvarbind{oid="1.3.6.1.2.1.1.3.0", '
      .. 'value={"TIME_TICKS", 5}}}, id=0, error=0, error_index=0}',
      field_of(result, 1, "PDU").value.expr)
  end)

  it("says what is wrong with a value", function()
    local function refused(id, value)
      local _, err = ask("lua", "build_pkt", json.array {
        { id = "SNMPvarbind", fields = json.array { { id = id, value = value } } } })
      return err
    end
    assert.equal('Scapy Server: SNMPvarbind.oid: "public" is not an object identifier such as '
      .. "1.3.6.1", refused("oid", "public"))
    assert.equal('Scapy Server: SNMPvarbind.value: "ten" is not an IPv4 address such as 10.0.0.1',
      refused("value", json.array { "IPADDRESS", "ten" }))
  end)
end)
