--- Arguments of the library's functions, checked: a mistake is told where the call was made.
-- @module luapkt.arguments

local packet_class = require("luapkt.core").packet.packet_class

local arguments = {}

local function is_callable(v)
  local mt = getmetatable(v)
  return type(v) == "function" or type(mt) == "table" and mt.__call ~= nil
end

local is_of = {
  text    = function(v) return type(v) == "string" end,
  number  = function(v) return type(v) == "number" and v >= 0 end,
  count   = function(v) return math.type(v) == "integer" and v >= 0 end,
  boolean = function(v) return type(v) == "boolean" end,
  ["function"] = is_callable,
}

-- Of an argument of the function that called one of this module's.
local function wrong(n, name, what, ...)
  error(("bad argument #%d to '%s' (%s)"):format(n, name, what:format(...)), 4)
end

--- An argument of a call is of a type of Lua's; anything else raises.
-- @tparam string wanted the type, as `type` names it
-- @tparam string name the function's that was called with it
-- @tparam integer n which argument it is
function arguments.check(v, wanted, name, n)
  if type(v) ~= wanted then wrong(n, name, "%s expected, got %s", wanted, type(v)) end
end

--- An argument of a call is a packet; anything else raises.
-- @tparam string name the function's that was called with it
-- @tparam integer n which argument it is
function arguments.check_packet(v, name, n)
  if type(v) == "userdata" and getmetatable(v) == packet_class then return end
  wrong(n, name, "packet expected, got %s", type(v))
end

--- The options of a call: each known, and of its type.
-- @param options a table of them, or nil for none; anything else raises
-- @tparam table known by name: "text", "number" (not below 0), "count" (a whole one), "boolean",
--   "function" (or what can be called)
-- @tparam string name the function's that was called with them
-- @tparam integer n which argument they are
-- @treturn table the options
function arguments.options(options, known, name, n)
  if options == nil then return {} end
  if type(options) ~= "table" then wrong(n, name, "table expected, got %s", type(options)) end
  for key, value in pairs(options) do
    local wanted = known[key]
    if not wanted then
      wrong(n, name, "there is no option '%s'", tostring(key))
    elseif not is_of[wanted](value) then
      wrong(n, name, "'%s': %s expected, got %s", key, wanted,
        type(value) == "number" and tostring(value) or type(value))
    end
  end
  return options
end

return arguments
