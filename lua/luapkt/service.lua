--- What a service runs in its Lua state: one generation of protocols and the methods over it.
-- @module luapkt.service

local core     = require "luapkt.core"
local registry = require "luapkt.registry"
local rpc      = require "luapkt.rpc"
local samples  = require "luapkt.samples"

local service = {}

--- Load a generation: every protocol compiled, and each builds and dissects its own samples.
-- @tparam {string,...} folders
-- @tparam table info `handle`, `version`, `built_by`: what clients are told
-- @treturn table { core = registry, methods = methods, handle = text } or nil and a message
function service.open(folders, info)
  local generation, err = registry.load(folders)
  if not generation then return nil, err end
  local ok, why = samples.try(generation)
  if not ok then return nil, why end
  local methods = rpc.new(generation, info)
  return { core = generation.core, methods = methods, handle = info.handle }
end

--- The handle that clients of this version get.
service.handle_of = rpc.handle_of

service.null = core.json.null

return service
