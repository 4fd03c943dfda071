local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex

-- By hand after RFC 3412 section 6 and RFC 3414 section 2.4; tshark reads it so, too: see
-- second_opinion_internet_spec.lua.
local plain = unhex [[ 3060 020103
  300e 020107 020300ffe3 040104 020103
  041f 301d 040a 80000000016162636465 020103 020207d0 040462657274 0400 0400
  302a 040a 80000000016162636465 0403637478
       a017 020105 020100 020100 300c 300a 0606 2b0601020101 0500 ]]

local sealed = unhex [[ 303f 020103
  300e 020107 020300ffe3 040103 020103
  041e 301c 0405 8000000001 020103 020207d0 040462657274 0402 6161 0402 7070
  040a 73656372657420706475 ]]

local engine = "\x80\0\0\0\1abcde"

local function item(id, fields) return { id = id, fields = fields } end

local function message(flags, parameters, data)
  parameters.msgUserName = "bert"
  parameters.msgAuthoritativeEngineBoots = 3
  parameters.msgAuthoritativeEngineTime = 2000
  return { "SNMPv3", {
    msgGlobalData = item("SNMPv3_HeaderData", { msgID = 7, msgFlags = flags }),
    msgSecurityParameters = item("SNMPv3_USM", parameters),
    msgData = data,
  } }
end

local function framed(bytes, port)
  return assert(luapkt.build { { "IP" }, { "UDP", { sport = 40000, dport = port } },
    { "Raw", { load = bytes } } })
end

describe("SNMPv3", function()
  it("builds a request in plain text", function()
    local get = item("SNMPget", { id = 5, varbindlist = { item("SNMPvarbind",
      { oid = "1.3.6.1.2.1.1" }) } })
    local scoped = item("SNMPv3_ScopedPDU", { contextEngineID = engine, contextName = "ctx",
      data = get })
    assert.equal(hex(plain), hex(assert(luapkt.build {
      message("\4", { msgAuthoritativeEngineID = engine }, scoped) })))
  end)

  it("builds a message whose PDU is encrypted", function()
    assert.equal(hex(sealed), hex(assert(luapkt.build { message("\3", {
      msgAuthoritativeEngineID = "\x80\0\0\0\1", msgAuthenticationParameters = "aa",
      msgPrivacyParameters = "pp" }, { "STRING", "secret pdu" }) })))
  end)

  it("is read from the ports of SNMP", function()
    for _, port in ipairs { 161, 162 } do
      local p = luapkt.packet(framed(plain, port), "IP")
      assert.equal("SNMPv3", p[3].kind)
      local header = p.SNMPv3.msgGlobalData[1]
      assert.same({ 7, 65507, "\4", 3 }, { header.msgID, header.msgMaxSize, header.msgFlags,
        header.msgSecurityModel })
      local user = p.SNMPv3.msgSecurityParameters[1]
      assert.same({ engine, 3, 2000, "bert", "", "" }, { user.msgAuthoritativeEngineID,
        user.msgAuthoritativeEngineBoots, user.msgAuthoritativeEngineTime, user.msgUserName,
        user.msgAuthenticationParameters, user.msgPrivacyParameters })
      assert.is_true(p:identical())
    end
    assert.equal("secret pdu",
      luapkt.packet(framed(sealed, 161), "IP").SNMPv3:show "msgData":match "secret pdu")
  end)

  it("is told from other versions however long the message is", function()
    for _, n in ipairs { 10, 200, 300 } do
      local long = assert(luapkt.build { message("\3", {}, { "STRING", ("x"):rep(n) }) })
      assert.equal("SNMPv3", luapkt.dissect(framed(long, 161), "IP")[3].id)
      local other = assert(luapkt.build { { "SNMP", { community = ("x"):rep(n) } } })
      assert.equal("SNMP", luapkt.dissect(framed(other, 161), "IP")[3].id)
    end
  end)
end)
