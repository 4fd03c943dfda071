-- Session Initiation Protocol, RFC 3261 section 7: a message is a start line, lines of headers and
-- a blank one, then a body. What stands between the words and at the ends of lines are fields of
-- their own, so that any message is written as it was read. No header is worked out. A header that
-- goes on in the next line is there a header without a colon.
--
--   method sp1 uri sp2 version eol     INVITE sip:bob@example.com SIP/2.0
--   version sp1 status sp2 reason eol  SIP/2.0 200 OK
--   name colon value eol               Via: SIP/2.0/UDP 10.0.0.1

local f = require "luapkt.field"

local EOL = { "\r\n", "\n" }

local function word(id, default) return f.bytes(id, { up_to = { " ", "\r\n", "\n" }, default = default }) end
local function blank(id) return f.bytes(id, { one_of = { " " }, default = " " }) end
local function line(id, default) return f.bytes(id, { up_to = EOL, default = default }) end
local function eol(id) return f.bytes(id, { one_of = EOL, default = "\r\n" }) end

local function begins(text) return f.peek(0, 32):eq((">I4"):unpack(text)) end

local is_response = begins "SIP/"

-- INVITE, ACK, BYE, CANCEL, REGISTER and OPTIONS, RFC 3261; INFO 6086, MESSAGE 3428, NOTIFY and
-- SUBSCRIBE 6665, PRACK 3262, PUBLISH 3903, REFER 3515, UPDATE 3311.
local is_request = begins "INVI":either(begins "ACK "):either(begins "BYE "):either(begins "CANC")
  :either(begins "REGI"):either(begins "OPTI"):either(begins "INFO"):either(begins "MESS")
  :either(begins "NOTI"):either(begins "SUBS"):either(begins "PRAC"):either(begins "PUBL")
  :either(begins "REFE"):either(begins "UPDA")

local is_blank_line = f.peek(0, 8):eq(10):either(f.peek(0, 16):eq(0x0d0a))

local ports = {
  { dport = 5060, when = is_request:either(is_response) }, { sport = 5060, when = is_request:either(is_response) },
  build = { sport = 5060, dport = 5060 },
}

local headers = f.layers("headers", { of = "SIP_Header", stops = is_blank_line })
local body    = f.bytes("body")

local request = {
  word ("method",  "OPTIONS"),
  blank("sp1"),
  word ("uri",     "sip:example.com"),
  blank("sp2"),
  line ("version", "SIP/2.0"),
  eol  ("eol"),
  headers,
  eol  ("blank"),
  body,
}

return {
  {
    id     = "SIP",
    title  = "SIP Request",
    extra  = true,
    over   = { UDP = ports, TCP = ports },
    builds = "SIP_Request",
    fields = request,
  },
  {
    id     = "SIP_Request",
    title  = "SIP Request",
    extra  = true,
    base   = "SIP",
    variant_of = { SIP = is_response:no() },
    fields = request,
  },
  {
    id     = "SIP_Response",
    title  = "SIP Response",
    extra  = true,
    base   = "SIP",
    variant_of = { SIP = is_response },
    fields = {
      word ("version", "SIP/2.0"),
      blank("sp1"),
      word ("status",  "200"),
      blank("sp2"),
      line ("reason",  "OK"),
      eol  ("eol"),
      headers,
      eol  ("blank"),
      body,
    },
  },
  {
    id     = "SIP_Header",
    title  = "SIP Header",
    extra  = true,
    fields = {
      f.bytes("name",  { up_to = { ":", "\r\n", "\n" } }),
      f.bytes("colon", { one_of = { ": ", ":" }, default = ": " }),
      line   ("value"),
      eol    ("eol"),
    },
  },
}
