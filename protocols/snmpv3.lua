-- Simple Network Management Protocol, version 3: the message, RFC 3412 section 6, and the parameters of the
-- User-based Security Model, RFC 3414 section 2.4. The PDUs are those of version 2 (snmp.lua) and the
-- Report-PDU, RFC 3416 section 3.
--
--   SNMPv3Message ::= SEQUENCE { msgVersion INTEGER, msgGlobalData HeaderData,
--                                msgSecurityParameters OCTET STRING, msgData ScopedPduData }
--   HeaderData    ::= SEQUENCE { msgID, msgMaxSize INTEGER, msgFlags OCTET STRING, msgSecurityModel INTEGER }
--   ScopedPduData ::= CHOICE { plaintext ScopedPDU, encryptedPDU OCTET STRING }
--   ScopedPDU     ::= SEQUENCE { contextEngineID, contextName OCTET STRING, data PDU }

local f = require "luapkt.field"
local a = f.asn1

-- RFC 3411 section 5
local security_models = { [1] = "SNMPv1", [2] = "SNMPv2c", [3] = "USM", [4] = "TSM" }

-- A message begins with a SEQUENCE, of any length, and the INTEGER 3.
local function version_at(octet) return f.peek(octet * 8, 24):eq(0x020103) end

local is_v3 = f.peek(0, 8):eq(0x30):both(
  f.peek(8, 8):lt(0x80):both(version_at(2))
    :either(f.peek(8, 8):eq(0x81):both(version_at(3)))
    :either(f.peek(8, 8):eq(0x82):both(version_at(4))))

local function on(port)
  return { dport = port, when = is_v3, rank = 0 }, { sport = port, when = is_v3, rank = 0 }
end

local requests_to, requests_from = on(161)
local traps_to, traps_from = on(162)

return {
  {
    id     = "SNMPv3",
    title  = "SNMP, Version 3",
    extra  = true,
    asn1   = 0x30,
    over   = { UDP = {
      requests_to, requests_from, traps_to, traps_from,
      build = { sport = 161, dport = 161 },
    } },
    fields = {
      a.integer("msgVersion",            { default = 3 }),
      a.packet ("msgGlobalData",         { of = "SNMPv3_HeaderData", default = 1 }),
      a.packet ("msgSecurityParameters", { of = "SNMPv3_USM", tag = 0x04, default = 1 }),
      a.choice ("msgData", { a.packet(nil, { of = "SNMPv3_ScopedPDU" }), a.octets() },
        { default = { "STRING", "" } }),
    },
  },

  {
    id     = "SNMPv3_HeaderData",
    title  = "SNMPv3 Header Data",
    extra  = true,
    asn1   = 0x30,
    fields = {
      a.integer("msgID"),
      a.integer("msgMaxSize",       { default = 65507 }),
      a.octets ("msgFlags",         { default = "\4" }), -- 1 authFlag, 2 privFlag, 4 reportableFlag
      a.integer("msgSecurityModel", { default = 3, names = security_models }),
    },
  },

  {
    id     = "SNMPv3_USM",
    title  = "SNMPv3 User-based Security Model",
    extra  = true,
    asn1   = 0x30,
    fields = {
      a.octets ("msgAuthoritativeEngineID"),
      a.integer("msgAuthoritativeEngineBoots"),
      a.integer("msgAuthoritativeEngineTime"),
      a.octets ("msgUserName"),
      a.octets ("msgAuthenticationParameters"),
      a.octets ("msgPrivacyParameters"),
    },
  },

  {
    id     = "SNMPv3_ScopedPDU",
    title  = "SNMPv3 Scoped PDU",
    extra  = true,
    asn1   = 0x30,
    fields = {
      a.octets("contextEngineID"),
      a.octets("contextName"),
      a.packet("data", { of = "SNMPreport", default = 1 }), -- or another PDU, by its identifier
    },
  },

  {
    id     = "SNMPreport",
    title  = "SNMP Report",
    extra  = true,
    asn1   = 0xa8,
    fields = {
      a.integer("id"),
      a.integer("error"),
      a.integer("error_index"),
      a.sequence_of("varbindlist", { of = "SNMPvarbind" }),
    },
  },
}
