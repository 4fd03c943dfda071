--- The globals that a file of protocols or templates sees: Lua's own. A name that isn't among them
-- raises: as nil, a mistyped name would silently leave out a field's option, say. What a file
-- assigns to a global name stays in that file.
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
