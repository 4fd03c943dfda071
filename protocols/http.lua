-- Hypertext Transfer Protocol 1.1, RFC 9112 sections 2 to 6: a message is a start line, lines of
-- headers and a blank one, then a body. What stands between the words and at the ends of lines are
-- fields of their own, so that any message is written as it was read. A body is all that is left; in
-- a stream, the bytes that Content-Length says, or chunks and their trailer section (section 7.1) as
-- they are on the wire. The only header that is worked out is Content-Length (RFC 9110 section 8.6),
-- as HTTP_ContentLength. A line that goes on in the next (obs-fold) is a header without a colon there.
--
--   method sp1 uri sp2 version eol     POST /path HTTP/1.1
--   version sp1 status sp2 reason eol  HTTP/1.1 200 OK
--   name colon value eol               Host: example.com

local f       = require "luapkt.field"
local message = require "luapkt.text_message"

local begins = message.begins

local is_response = begins "HTTP"

-- RFC 9110 section 9.3, and PATCH of RFC 5789.
local is_request = begins("GET ", "HEAD", "POST", "PUT ", "DELE", "CONN", "OPTI", "TRAC", "PATC")

-- What a request asks for, as far as it matters to the length of the answer.
local HEAD, CONNECT, OTHER = 1, 2, 3
local asks = begins "HEAD":pick(HEAD, begins "CONN":pick(CONNECT, OTHER))

-- RFC 9112 section 6.3. Where it isn't known what was asked, an answer to HEAD is taken to have the
-- body that it speaks of.
local has_coding = f.text_number("Transfer-Encoding"):ne(-1)
local is_1xx     = f.peek(9 * 8, 8):eq(0x31)
local is_204_304 = f.peek(9 * 8, 24):one_of(0x323034, 0x333034)
local is_2xx     = f.peek(9 * 8, 8):eq(0x32)
local is_empty   = is_response:both(is_1xx:either(is_204_304):either(f.asked():eq(HEAD))
  :either(f.asked():eq(CONNECT):both(is_2xx)))
local length     = is_empty:pick(0,
  has_coding:pick(f.text_chunks "Transfer-Encoding":max(-1), f.text_number "Content-Length"))
-- Where a body ends isn't known then, or as a chunk makes no sense: it is what is there of it.
local is_open = is_response:either(has_coding)

local function ports(...)
  local ways = { build = { dport = (...) } }
  for _, port in ipairs { ... } do
    table.insert(ways, { dport = port, when = is_request:either(is_response) })
    table.insert(ways, { sport = port, when = is_request:either(is_response) })
  end
  return ways
end

local request = message.request("HTTP_Header", "GET", "/", "HTTP/1.1")

return {
  {
    id     = "HTTP",
    title  = "HTTP Request",
    extra  = true,
    over   = { TCP = ports(80, 8080, 8000, 3128) },
    -- RFC 9110 section 15.2: behind an interim response another comes.
    asks   = is_response:pick(is_1xx:pick(0, -1), asks),
    pdu    = message.size(is_request:either(is_response), length, is_open:pick(f.left(), message.HEAD)),
    builds = "HTTP_Request",
    fields = request,
  },
  {
    id     = "HTTP_Request",
    title  = "HTTP Request",
    extra  = true,
    base   = "HTTP",
    variant_of = { HTTP = is_response:no() },
    fields = request,
  },
  {
    id     = "HTTP_Response",
    title  = "HTTP Response",
    extra  = true,
    base   = "HTTP",
    over   = { TCP = { { sport = 80, read = false }, build = { sport = 80 } } },
    variant_of = { HTTP = is_response },
    fields = message.response("HTTP_Header", "HTTP/1.1", "200", "OK"),
  },
  {
    id     = "HTTP_Header",
    title  = "HTTP Header",
    extra  = true,
    fields = message.header(),
  },
  {
    id     = "HTTP_ContentLength",
    title  = "HTTP Content-Length",
    extra  = true,
    over   = { ["HTTP.headers"] = { { name = "Content-Length" }, { name = "content-length" } } },
    fields = message.content_length(),
  },
}
