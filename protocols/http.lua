-- Hypertext Transfer Protocol 1.1, RFC 9112 sections 2 to 6: a message is a start line, lines of
-- headers and a blank one, then a body. What stands between the words and at the ends of lines are
-- fields of their own, so that any message is written as it was read. A body is all that is left of
-- a segment: its length isn't looked for in the headers. The only header that is worked out is
-- Content-Length (RFC 9110 section 8.6), as HTTP_ContentLength. A line that goes on in the next
-- (obs-fold) is a header without a colon there.
--
--   method sp1 uri sp2 version eol     POST /path HTTP/1.1
--   version sp1 status sp2 reason eol  HTTP/1.1 200 OK
--   name colon value eol               Host: example.com

local message = require "luapkt.text_message"

local begins = message.begins

local is_response = begins "HTTP"

-- RFC 9110 section 9.3, and PATCH of RFC 5789.
local is_request = begins("GET ", "HEAD", "POST", "PUT ", "DELE", "CONN", "OPTI", "TRAC", "PATC")

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
