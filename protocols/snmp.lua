-- Simple Network Management Protocol: version 1, RFC 1157 section 4; version 2c, RFC 1901 section 3, with
-- the PDUs of RFC 3416 section 3 and the values of RFC 2578 section 2, section 7.1. All of it is in ASN.1's
-- Basic Encoding Rules, X.690.
--
--   Message ::= SEQUENCE { version INTEGER, community OCTET STRING, PDU }
--   PDU ::= [n] IMPLICIT SEQUENCE { request-id, error-status, error-index, variable-bindings }
--   VarBind ::= SEQUENCE { name OBJECT IDENTIFIER, value }

local f = require "luapkt.field"
local a = f.asn1

-- RFC 3416 section 3
local errors = {
  [0]  = "noError",          [1]  = "tooBig",              [2]  = "noSuchName",
  [3]  = "badValue",         [4]  = "readOnly",            [5]  = "genErr",
  [6]  = "noAccess",         [7]  = "wrongType",           [8]  = "wrongLength",
  [9]  = "wrongEncoding",    [10] = "wrongValue",          [11] = "noCreation",
  [12] = "inconsistentValue", [13] = "resourceUnavailable", [14] = "commitFailed",
  [15] = "undoFailed",       [16] = "authorizationError",  [17] = "notWritable",
  [18] = "inconsistentName",
}

-- RFC 1157 section 4.1.6
local traps = {
  [0] = "coldStart", [1] = "warmStart", [2] = "linkDown", [3] = "linkUp",
  [4] = "authenticationFailure", [5] = "egpNeighborLoss", [6] = "enterpriseSpecific",
}

local request = {
  a.integer("id"),
  a.integer("error", { names = errors }),
  a.integer("error_index"),
  a.sequence_of("varbindlist", { of = "SNMPvarbind" }),
}

-- A PDU other than the first: which it is, is its identifier octet.
local function pdu(id, title, tag, fields)
  return {
    id         = id,
    title      = title,
    hidden     = true,
    asn1       = tag,
    variant_of = { SNMPget = f.peek(0, 8):eq(tag), SNMPreport = f.peek(0, 8):eq(tag) },
    fields     = fields or request,
  }
end

return {
  {
    id     = "SNMP",
    title  = "SNMP",
    hidden = true,
    asn1   = 0x30,
    over   = { UDP = {
      { dport = 161, listed = false }, { sport = 161, listed = false },
      { dport = 162, listed = false }, { sport = 162, listed = false },
      build = { sport = 161, dport = 161 },
    } },
    fields = {
      a.integer("version",  { default = 1, names = { [0] = "v1", [1] = "v2c", [2] = "v2", [3] = "v3" } }),
      a.octets("community", { default = "public" }),
      a.packet("PDU",       { of = "SNMPget", default = 1, class = "ASN1F_CHOICE" }),
    },
  },

  {
    id         = "SNMPget",
    title      = "SNMP Get Request",
    hidden     = true,
    asn1       = 0xa0,
    variant_of = { SNMPreport = f.peek(0, 8):eq(0xa0) }, -- see snmpv3.lua
    fields     = request,
  },

  pdu("SNMPnext",     "SNMP Get Next Request", 0xa1),
  pdu("SNMPresponse", "SNMP Response",         0xa2),
  pdu("SNMPset",      "SNMP Set Request",      0xa3),

  pdu("SNMPtrapv1", "SNMP Trap of Version 1", 0xa4, { -- RFC 1157 section 4.1.6
    a.oid("enterprise", { default = ".1.3" }),
    a.ipaddress("agent_addr"),
    a.integer("generic_trap", { names = traps }),
    a.integer("specific_trap"),
    a.time_ticks("time_stamp"),
    a.sequence_of("varbindlist", { of = "SNMPvarbind" }),
  }),

  pdu("SNMPbulk", "SNMP Get Bulk Request", 0xa5, { -- RFC 3416 section 4.2.3
    a.integer("id"),
    a.integer("non_repeaters"),
    a.integer("max_repetitions"),
    a.sequence_of("varbindlist", { of = "SNMPvarbind" }),
  }),

  pdu("SNMPinform", "SNMP Inform Request",     0xa6),
  pdu("SNMPtrapv2", "SNMP Trap of Version 2",  0xa7),

  {
    id     = "SNMPvarbind",
    title  = "SNMP Variable Binding",
    hidden = true,
    asn1   = 0x30,
    fields = {
      a.oid("oid", { default = ".1.3" }),
      a.choice("value", {
        a.integer(), a.octets(), a.oid(), a.null(), a.ipaddress(), a.counter32(), a.gauge32(),
        a.time_ticks(), a.opaque(), a.counter64(),
        a.no_such_object(), a.no_such_instance(), a.end_of_mib_view(), -- RFC 3416 section 3
        a.any(),
      }, { default = { "NULL", "" }, class = "ASN1F_field" }),
    },
  },
}
