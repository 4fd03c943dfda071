--- What a worker runs in its own Lua state: methods that need no protocol declarations.
-- @module luapkt.worker

local answer       = require "luapkt.answer"
local call         = require "luapkt.call"
local field_engine = require "luapkt.methods.field_engine"

local worker = {}

local methods = {}
for name, method in pairs(field_engine) do methods[name] = method.on_worker and method or nil end

local Methods = {}
Methods.__index = Methods

--- A worker's methods.
-- @tparam table info `handle`, `version`, `built_by`: what clients are told
function worker.open(info)
  return setmetatable({ info = info }, Methods)
end

--- Call a method. Those that a worker doesn't have are answered by the service, which has the
-- declarations; only a request so large that it would hold up all others there comes here, and is
-- refused.
-- @tparam string name
-- @tparam table params a list
-- @return as `call.run`
function Methods:call(name, params)
  if not methods[name] then
    return answer.fail "the request is too large for this method, which takes up to 64 KiB"
  end
  return call.run(methods, self, name, params)
end

return worker
