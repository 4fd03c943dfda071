--- Where in its file a declaration, or a member of it, is written. A Lua table doesn't know its
-- line: it is looked for in the text once there is a mistake to tell.
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

return written
