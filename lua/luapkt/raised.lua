--- What the code of protocol files raised, which may be anything, as a message for their authors.
-- @module luapkt.raised

local raised = {}

-- Types of values whose text is but their address.
local NO_TEXT = { ["table"] = true, ["function"] = true, ["thread"] = true, ["userdata"] = true }

--- A message in which a value without a text is quoted: what it is, in place of its address in
-- memory, which says nothing to an author and is nobody else's business.
function raised.without_addresses(message)
  message = message:gsub("file %(0x%x+%)", "a file")
  return (message:gsub("(%a+): 0x%x+", function(kind) return NO_TEXT[kind] and "a " .. kind end))
end

--- What was raised, cut to its first line, and with the place of whoever raised it. (Where a module
-- isn't found, Lua lists in further lines where it has looked.)
-- @tparam string place such as a file's name
function raised.text(place, e)
  local ok, text = pcall(tostring, e)
  local without_text = NO_TEXT[type(e)] and not rawget(debug.getmetatable(e) or {}, "__tostring")
  if not ok or without_text then
    return ("%s: it raises a %s as its error, not text"):format(place, type(e))
  end
  local line = raised.without_addresses((text:gsub(":?\n.*", "")))
  return line:find(place, 1, true) and line or ("%s: %s"):format(place, line)
end

--- For `xpcall` with functions that raise text: what else was raised, by a metamethod of a
-- declaration, as text that says where.
-- @param e
-- @tparam[opt=2] integer first the level on the stack where those begin that may have raised it
function raised.placed(e, first)
  if type(e) == "string" then return e end
  for level = first or 2, math.maxinteger do
    local info = debug.getinfo(level, "Sl")
    if not info then return raised.text("a declaration", e) end
    if info.currentline > 0 then
      return raised.text(("%s:%d"):format(info.short_src, info.currentline), e)
    end
  end
end

return raised
