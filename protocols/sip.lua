-- Session Initiation Protocol, RFC 3261 section 7: a message is a start line, lines of headers and
-- a blank one, then a body. What stands between the words and at the ends of lines are fields of
-- their own, so that any message is written as it was read. The only header that is worked out is
-- Content-Length (section 20.14), as SIP_ContentLength. A header that goes on in the next line is
-- there a header without a colon.
--
--   method sp1 uri sp2 version eol     INVITE sip:bob@example.com SIP/2.0
--   version sp1 status sp2 reason eol  SIP/2.0 200 OK
--   name colon value eol               Via: SIP/2.0/UDP 10.0.0.1

local f       = require "luapkt.field"
local message = require "luapkt.text_message"

local begins = message.begins

local is_response = begins "SIP/"

-- INVITE, ACK, BYE, CANCEL, REGISTER and OPTIONS, RFC 3261; INFO 6086, MESSAGE 3428, NOTIFY and
-- SUBSCRIBE 6665, PRACK 3262, PUBLISH 3903, REFER 3515, UPDATE 3311.
local is_request = begins("INVI", "ACK ", "BYE ", "CANC", "REGI", "OPTI", "INFO", "MESS", "NOTI", "SUBS",
                          "PRAC", "PUBL", "REFE", "UPDA")

-- RFC 3261 section 18.3: where Content-Length is missing, nothing follows.
local size = message.size(is_request:either(is_response), f.text_number("Content-Length", "l"),
  message.HEAD)

-- RFC 5626 section 3.5.1: between messages of a stream, a ping of two line ends, a pong of one.
local is_line_end = f.glance(0, 16):eq(0x0d0a)
local is_ping     = f.glance(0, 32):eq(0x0d0a0d0a)

local ports = {
  { dport = 5060, when = is_request:either(is_response) }, { sport = 5060, when = is_request:either(is_response) },
  build = { sport = 5060, dport = 5060 },
}

local request = message.request("SIP_Header", "OPTIONS", "sip:example.com", "SIP/2.0")

return {
  {
    id     = "SIP",
    title  = "SIP Request",
    extra  = true,
    over   = { UDP = ports, TCP = ports },
    pdu    = f.peek(0, 16):eq(0x0d0a):pick(is_ping:pick(4, 2), size),
    builds = "SIP_Request",
    fields = request,
  },
  {
    id     = "SIP_Request",
    title  = "SIP Request",
    extra  = true,
    base   = "SIP",
    variant_of = { SIP = is_response:no():both(is_line_end:no()) },
    fields = request,
  },
  {
    id     = "SIP_Response",
    title  = "SIP Response",
    extra  = true,
    base   = "SIP",
    variant_of = { SIP = is_response },
    fields = message.response("SIP_Header", "SIP/2.0", "200", "OK"),
  },
  {
    id     = "SIP_KeepAlive",
    title  = "SIP Keep-Alive",
    extra  = true,
    base   = "SIP",
    variant_of = { SIP = is_line_end },
    fields = { f.bytes("ends", { default = "\r\n\r\n" }) },
  },
  {
    id     = "SIP_Header",
    title  = "SIP Header",
    extra  = true,
    fields = message.header(),
  },
  {
    id     = "SIP_ContentLength",
    title  = "SIP Content-Length",
    extra  = true,
    over   = { ["SIP.headers"] = { { name = "Content-Length" }, { name = "l" }, { name = "content-length" } } },
    fields = message.content_length(),
  },
}
