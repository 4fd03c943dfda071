--- What a file of protocols or templates sees as its globals: Lua's own, and nothing by mistake.
-- A name that is mistyped would be nil, and what it says left out without a word. What a file sets
-- stays its own.
-- @module luapkt.surroundings

local surroundings = {}

local Known = {}

function Known.__index(_, name)
  local value = _G[name]
  if value == nil then error(("there is no variable '%s'"):format(tostring(name)), 2) end
  return value
end

--- The globals of one file.
-- @treturn table for `load`, or as the first upvalue of a chunk
function surroundings.new() return setmetatable({}, Known) end

return surroundings
