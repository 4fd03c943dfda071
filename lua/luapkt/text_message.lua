--- Fields of messages that are lines of text, as those of HTTP and SIP are: a start line, headers,
-- a blank line, a body (RFC 9112 section 2.1, RFC 3261 section 7). What stands between the words
-- and at the ends of lines are fields of their own, so any message is written as it was read.
-- @module luapkt.text_message

local f = require "luapkt.field"

local text_message = {}

-- The bytes of a message's head.
local HEAD = f.text_head()
text_message.HEAD = HEAD

local EOL = { "\r\n", "\n" }

local function word(id, default)
  return f.bytes(id, { up_to = { " ", "\r\n", "\n" }, default = default })
end
local function blank(id) return f.bytes(id, { one_of = { " " }, default = " " }) end
local function line(id, default) return f.bytes(id, { up_to = EOL, default = default }) end
local function eol(id) return f.bytes(id, { one_of = EOL, default = "\r\n" }) end

local is_blank_line = f.peek(0, 8):eq(10):either(f.peek(0, 16):eq(0x0d0a))

-- What follows the words of a start line; `header`: the id of the headers' protocol.
local function with_rest(header, ...)
  local fields = { ... }
  fields[#fields + 1] = eol "eol"
  fields[#fields + 1] = f.layers("headers", { of = header, stops = is_blank_line })
  fields[#fields + 1] = eol "blank"
  fields[#fields + 1] = f.bytes "body"
  return fields
end

--- A rule: what follows begins with one of these words of four characters.
function text_message.begins(...)
  local words = {}
  for i, text in ipairs { ... } do words[i] = (">I4"):unpack(text) end
  return f.peek(0, 32):one_of(table.unpack(words))
end

--- The fields of a request, with these defaults.
function text_message.request(header, method, uri, version)
  return with_rest(header, word("method", method), blank "sp1", word("uri", uri), blank "sp2",
    line("version", version))
end

--- The fields of a response.
function text_message.response(header, version, status, reason)
  return with_rest(header, word("version", version), blank "sp1", word("status", status),
    blank "sp2", line("reason", reason))
end

--- A rule for `pdu`: the bytes of the message that begins here, 0 where `begins` doesn't hold.
-- @param begins a rule: does a message begin here?
-- @param length a rule: the bytes of its body; -1 where it doesn't say, -2 where what it says makes
--   no sense, as `f.text_number` has it
-- @param unsaid a rule: the bytes of the whole message where its body's length is -1
function text_message.size(begins, length, unsaid)
  local whole = length:ge(0):pick(HEAD + length, length:eq(-1):pick(unsaid, 0))
  return begins:pick(HEAD:gt(0):pick(whole, 0), 0)
end

local function header(name, value)
  return {
    f.bytes("name",  { up_to = { ":", "\r\n", "\n" }, default = name }),
    f.bytes("colon", { one_of = { ": ", ":" }, default = ": " }),
    value,
    eol "eol",
  }
end

--- The fields of a header.
function text_message.header() return header(nil, line "value") end

--- The fields of a header that says how many bytes the body has: worked out where they aren't set.
function text_message.content_length()
  return header("Content-Length", f.bytes("value", { up_to = EOL, auto = f.under_size "body" }))
end

return text_message
