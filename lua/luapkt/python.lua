--- Text and bytes as Python's `repr` writes them, for what people know from programs in Python.
-- @module luapkt.python

local python = {}

local escapes = { ["\\"] = "\\\\", ["\t"] = "\\t", ["\n"] = "\\n", ["\r"] = "\\r" }
for byte = 0, 255 do
  local c = string.char(byte)
  if byte < 32 or byte > 126 then escapes[c] = escapes[c] or ("\\x%02x"):format(byte) end
end

-- In single quotes, or in double ones where the text has single ones but no double ones. `escaped`
-- is the pattern of what is escaped besides the quote; text with none of `special`, which is that
-- and the single quote, stays as it is.
local function quoted(text, special, escaped)
  if not text:find(special) then return "'" .. text .. "'" end
  local quote = text:find("'", 1, true) and not text:find('"', 1, true) and '"' or "'"
  text = text:gsub(escaped, escapes)
  if quote == "'" then text = text:gsub("'", "\\'") end
  return quote .. text .. quote
end

--- Text with only printable ASCII in it; each byte of any other character is escaped.
-- @treturn string `'it\x00'`
function python.ascii(text) return quoted(text, "[^ -&%(-%[%]-~]", "[^ -%[%]-~]") end

--- Bytes.
-- @treturn string `b'it\x00'`
function python.bytes(bytes) return "b" .. python.ascii(bytes) end

--- Text in which the characters of UTF-8 stand for themselves, control characters excepted; the
-- bytes of text that isn't UTF-8 are escaped.
-- @treturn string `'größe'`
function python.text(text)
  if not utf8.len(text) then return python.ascii(text) end
  return quoted(text, "[%c\\']", "[%c\\]")
end

return python
