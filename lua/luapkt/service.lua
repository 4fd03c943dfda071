--- What a service runs in its Lua state: one generation of protocols and the methods over it.
-- @module luapkt.service

local core     = require "luapkt.core"
local registry = require "luapkt.registry"
local rpc      = require "luapkt.rpc"

local service = {}

-- The files of templates, folder by folder. They are read when first needed, or checked. The first
-- folder, which came with the program, may have been left out.
local function find_templates(folders)
  local found = {}
  for i, folder in ipairs(folders) do
    local paths, why = core.list_files(folder, "", true)
    if not paths and i > 1 then
      return nil, ("%s: %s"):format(folder:match "[^/]+$" or folder, why)
    end
    found[i] = { folder, paths or {} }
  end
  return found
end

--- Load a generation: every protocol compiled. `methods:check()` tries them.
-- @tparam {string,...} folders of protocols
-- @tparam {string,...} template_folders
-- @tparam table info `handle`, `version`, `built_by`: what clients are told; `extras`: whether
--   protocols that are marked 'extra' are listed
-- @treturn table { core = registry, methods = methods, names = names, on_worker = names }, or nil
--   and a message
function service.open(folders, template_folders, info)
  local generation, err = registry.load(folders)
  if not generation then return nil, err end
  local found, missing = find_templates(template_folders)
  if not found then return nil, missing end
  local names, on_worker = rpc.names()
  return {
    core      = generation.core,
    methods   = rpc.new(generation, info, found),
    names     = names,
    on_worker = on_worker,
  }
end

--- The handle that clients of this version get.
service.handle_of = rpc.handle_of

return service
