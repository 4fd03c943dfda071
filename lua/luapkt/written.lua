--- Finds the line of a declaration, of one of its members, or of a word of a template. A Lua table
-- doesn't know its line, so the line is looked for in the file's text when a mistake is reported.
-- @module luapkt.written

local core = require "luapkt.core"

local written = {}

local function lines_of(source)
  local lines = {}
  for line in (source .. "\n"):gmatch "(.-)\r?\n" do lines[#lines + 1] = line end
  return lines
end

local function escaped(word) return (word:gsub("%W", "%%%0")) end

-- The first of the lines from `first` to `last` that has one of the patterns, and what stands
-- before it; nil: none has.
local function find(lines, first, last, ...)
  for i = first, last do
    for k = 1, select("#", ...) do
      local at = lines[i]:find((select(k, ...)))
      if at then return i, lines[i]:sub(1, at - 1) end
    end
  end
end

-- The lines from that of its id to the one before the next that is written in the same way; nil: it
-- isn't found.
local function lines_of_declaration(lines, id)
  local any_id = "%f[%w_]id%s*=%s*[\"']"
  local first, before = find(lines, 1, #lines, any_id .. escaped(id) .. "[\"']")
  if not first then return nil end
  local next_one = find(lines, first + 1, #lines, "^" .. escaped(before) .. any_id)
  return first, next_one and next_one - 1 or #lines
end

-- A member as it is written in a table: `over =`, `["IP.options"] =`, or an item: `"UDP"`.
local function patterns(member)
  local word = escaped(tostring(member))
  return "%f[%w_]" .. word .. "%s*=", "[\"']" .. word .. "[\"']"
end

--- The line of a member of a declaration: that of the innermost member that is found, or of its id.
-- @tparam table decl as `registry.read_file` returns it
-- @tparam[opt] {string,...} members each in the one before: { "over", "UDP" }
-- @treturn integer `decl.line` where it isn't found in a file
function written.line(decl, members)
  local source = decl.path and core.read_file(decl.path)
  if not source then return decl.line or 1 end
  local lines = lines_of(source)
  local line, last = lines_of_declaration(lines, tostring(decl.id))
  if not line then return decl.line or 1 end
  for _, member in ipairs(members or {}) do
    local inner = find(lines, line, last, patterns(member))
    if not inner then break end
    line = inner
  end
  return line
end

-- The place behind these ids, which stand in quotes one after the other; nil: they don't.
local function behind(text, ids)
  local from = 1
  for _, id in ipairs(ids) do
    local _, last = text:find("[\"']" .. escaped(id) .. "[\"']", from)
    if not last then return nil end
    from = last + 1
  end
  return from
end

--- The line of a word: the first behind the ids, or else the first at all; without a word, that of
-- the last id. Comments don't count.
-- @tparam string source
-- @tparam[opt] string word
-- @tparam[opt] {string,...} ids one after the other, each in quotes
-- @treturn integer or nil: there is none
function written.line_of_word(source, word, ids)
  local text = source:gsub("%-%-[^\n]*", "")
  local pattern = word and word ~= "" and "%f[%w_]" .. escaped(word) .. "%f[^%w_]"
  local from = ids and #ids > 0 and behind(text, ids)
  local at = pattern and (text:find(pattern, from or 1) or text:find(pattern)) or from
  if not at then return nil end
  return select(2, text:sub(1, at - 1):gsub("\n", "")) + 1
end

return written
