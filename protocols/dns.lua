-- Domain Name System, RFC 1035 section 4.1; the ad and cd bits, RFC 4035 section 3; multicast DNS,
-- RFC 6762; Link-Local Multicast Name Resolution, RFC 4795 section 2.1.1. Questions and records are in
-- dns_records.lua.
--
--    0                                              15
--   +------------------------------------------------+
--   | length, over TCP only (RFC 1035 section 4.2.2) |
--   |                       id                       |
--   |qr|  opcode   |aa|tc|rd|ra| z|ad|cd|   rcode    |   LLMNR: qr opcode c tc(2) z(4) rcode
--   |                    qdcount                     |
--   |                    ancount                     |
--   |                    nscount                     |
--   |                    arcount                     |
--   |      qd, an, ns, ar: questions, records        |
--   +------------------------------------------------+

local f = require "luapkt.field"

local opcodes = { [0] = "QUERY", "IQUERY", "STATUS" }
-- LLMNR defines no other operation, RFC 4795 section 2.1.1; the reference names no other code.
local llmnr_opcodes, llmnr_rcodes = { [0] = "QUERY" }, { [0] = "ok" }
local rcodes  = { [0] = "ok", "format-error", "server-failure", "name-error", "not-implemented", "refused" }

local over_tcp = f.below("TCP")

return {
  {
    id      = "DNS",
    scapy   = true,
    message = "id",
    pdu     = f.peek(0, 16) + 2, -- over TCP
    over    = {
      UDP = {
        { sport = 53 }, { dport = 53 }, { sport = 5353 }, { dport = 5353 },
        build = { sport = 53, dport = 53 }, rank = 0,
      },
      TCP = { { sport = 53 }, { dport = 53 } },
    },
    fields = {
      f.u16 ("length",    { when = over_tcp, auto = f.header() + f.payload() - 2 }),
      f.u16 ("id"),
      f.bits("qr", 1),
      f.bits("opcode", 4, { names = opcodes }),
      f.bits("aa", 1),
      f.bits("tc", 1),
      f.bits("rd", 1,     { default = 1 }),
      f.bits("ra", 1),
      f.bits("z", 1),
      f.bits("ad", 1),
      f.bits("cd", 1),
      f.bits("rcode", 4,  { names = rcodes }),
      f.u16 ("qdcount",   { auto = f.count "qd", none_text = "0", class = "DNSRRCountField" }),
      f.u16 ("ancount",   { auto = f.count "an", none_text = "0", class = "DNSRRCountField" }),
      f.u16 ("nscount",   { auto = f.count "ns", none_text = "0", class = "DNSRRCountField" }),
      f.u16 ("arcount",   { auto = f.count "ar", none_text = "0", class = "DNSRRCountField" }),
      f.layers("qd",      { of = "DNSQR", count = f.ref "qdcount", chain = true }),
      f.layers("an",      { of = "DNSRR", count = f.ref "ancount", chain = true }),
      f.layers("ns",      { of = "DNSRR", count = f.ref "nscount", chain = true }),
      f.layers("ar",      { of = "DNSRR", count = f.ref "arcount", chain = true }),
    },
  },

  {
    id      = "LLMNRQuery",
    title   = "Link Local Multicast Node Resolution - Query",
    message = "id",
    over    = {
      UDP = {
        { sport = 5355, rank = 2 }, { dport = 5355, rank = 2 },
        build = { sport = 5355, dport = 5355 },
      },
    },
    fields = {
      f.u16 ("id"),
      f.bits("qr", 1),
      f.bits("opcode", 4, { names = llmnr_opcodes }),
      f.bits("c", 1),
      f.bits("tc", 2),
      f.bits("z", 4),
      f.bits("rcode", 4,  { names = llmnr_rcodes }),
      f.u16 ("qdcount",   { auto = f.count "qd", none_text = "0", class = "DNSRRCountField" }),
      f.u16 ("ancount",   { auto = f.count "an", none_text = "0", class = "DNSRRCountField" }),
      f.u16 ("nscount",   { auto = f.count "ns", none_text = "0", class = "DNSRRCountField" }),
      f.u16 ("arcount",   { auto = f.count "ar", none_text = "0", class = "DNSRRCountField" }),
      f.layers("qd",      { of = "DNSQR", count = f.ref "qdcount", chain = true }),
      f.layers("an",      { of = "DNSRR", count = f.ref "ancount", chain = true }),
      f.layers("ns",      { of = "DNSRR", count = f.ref "nscount", chain = true }),
      f.layers("ar",      { of = "DNSRR", count = f.ref "arcount", chain = true }),
    },
  },

  {
    id         = "LLMNRResponse",
    title      = "Link Local Multicast Node Resolution - Response",
    base       = "LLMNRQuery",
    hidden     = true,
    message    = "id",
    variant_of = { LLMNRQuery = f.peek(16, 1):eq(1) },
    over       = { UDP = { { sport = 5355, dport = 5355, read = false } } }, -- read as a variant of the query
    fields = {
      f.u16 ("id"),
      f.bits("qr", 1,     { default = 1 }),
      f.bits("opcode", 4, { names = llmnr_opcodes }),
      f.bits("c", 1),
      f.bits("tc", 2),
      f.bits("z", 4),
      f.bits("rcode", 4,  { names = llmnr_rcodes }),
      f.u16 ("qdcount",   { auto = f.count "qd", none_text = "0", class = "DNSRRCountField" }),
      f.u16 ("ancount",   { auto = f.count "an", none_text = "0", class = "DNSRRCountField" }),
      f.u16 ("nscount",   { auto = f.count "ns", none_text = "0", class = "DNSRRCountField" }),
      f.u16 ("arcount",   { auto = f.count "ar", none_text = "0", class = "DNSRRCountField" }),
      f.layers("qd",      { of = "DNSQR", count = f.ref "qdcount", chain = true }),
      f.layers("an",      { of = "DNSRR", count = f.ref "ancount", chain = true }),
      f.layers("ns",      { of = "DNSRR", count = f.ref "nscount", chain = true }),
      f.layers("ar",      { of = "DNSRR", count = f.ref "arcount", chain = true }),
    },
  },
}
