--- The methods that clients call: what each takes and what it answers.
-- @module luapkt.rpc

local answer = require "luapkt.answer"
local call   = require "luapkt.call"
local core   = require "luapkt.core"

local array = core.json.array
local refuse, kind_of = answer.refuse, answer.kind_of
local INVALID_PARAMS = answer.INVALID_PARAMS

local rpc = {}

--- The handle of a version: opaque to clients, the same for all servers of that version.
function rpc.handle_of(major, minor)
  local version = major .. minor
  return core.wire.base64(core.wire.md5(version .. version))
end

-- ------------------------------------------------------------------------------------ methods

-- name -> { params = { what stands in the call, without the handle },
--           handle = true where a handle comes first,
--           any_handle = true where a wrong one is passed over,
--           on_worker = true where workers answer, which have no generation at hand: it takes
--             packets or time, but no declarations,
--           run = function(state, params...) -> result, or nil and an error }
-- Those without `run` are answered before Lua is asked; they are here to be listed. The ones about
-- the server itself stand here, each other group in a module of its own.
local methods = {}
for _, group in ipairs {
  "captures", "databases", "expressions", "field_engine", "packets", "templates",
} do
  for name, method in pairs(require("luapkt.methods." .. group)) do methods[name] = method end
end

methods.reload = { params = {} }

methods.get_version = {
  params = {},
  run = function(state)
    return { version = state.info.version, built_by = state.info.built_by }
  end,
}

methods.get_version_handler = {
  params = { "client_v_major", "client_v_minor" },
  run = function(_, major, minor)
    if type(major) ~= "string" or type(minor) ~= "string" then
      return refuse(INVALID_PARAMS, "Invalid params: client_v_major and client_v_minor are text, "
        .. "such as \"1\" and \"02\", not %s and %s", kind_of(major), kind_of(minor))
    end
    return rpc.handle_of(major, minor)
  end,
}

-- { name: [how many parameters, [their names]] }
local function list_methods()
  local list = {}
  for name, method in pairs(methods) do
    local params = array(table.move(method.params, 1, #method.params, 1, {}))
    if method.handle then table.insert(params, 1, "client_v_handler") end
    list[name] = array { #params, params }
  end
  return list
end

methods.supported_methods = {
  params = { "method_name" },
  run = function(_, name)
    if type(name) ~= "string" then
      return refuse(INVALID_PARAMS,
        "Invalid params: method_name is a method's name or \"all\", not %s", kind_of(name))
    end
    if name == "all" then return list_methods() end
    return methods[name] ~= nil
  end,
}

methods.shut_down = {
  params = {},
  run = function()  -- whoever called this ends the server
    return "Server shut down command received - server had shut down"
  end,
}

-- -------------------------------------------------------------------------------------- calls

--- The names of all methods, and of those that are left to workers.
-- @treturn {string,...}
-- @treturn {string,...}
function rpc.names()
  local all, on_worker = {}, {}
  for name, method in pairs(methods) do
    all[#all + 1] = name
    if method.on_worker then on_worker[#on_worker + 1] = name end
  end
  return all, on_worker
end

local Methods = {}
Methods.__index = Methods

--- The methods over one generation of protocols.
-- @tparam table generation as `registry.load` returns it
-- @tparam table info `handle`, `version`, `built_by` and `extras`, as for `service.open`
-- @tparam[opt] table found the files of templates, as `templates.open` takes them
function rpc.new(generation, info, found)
  return setmetatable({
    generation = generation,
    info       = info,
    found      = found or {},
  }, Methods)
end

-- Modules that few clients need are loaded when the first one asks, so that a server starts sooner.

--- What clients learn about protocols, made when the first one asks.
function Methods:definitions()
  self.made_definitions = self.made_definitions
    or require("luapkt.definitions").new(self.generation, self.info.extras)
  return self.made_definitions
end

--- What can follow a layer, made when the first one asks.
function Methods:payload()
  self.made_payload = self.made_payload
    or require("luapkt.payload").new(self.generation, self.info.extras)
  return self.made_payload
end

--- The templates, made when first needed: a server that starts reads none.
-- @treturn table as `templates.open` returns it
function Methods:templates()
  self.made_templates = self.made_templates
    or require("luapkt.templates").open(self.found, self.generation)
  return self.made_templates
end

--- Look for the mistakes that opening doesn't find: every protocol builds and dissects its own
-- samples, and every template is built.
-- @treturn boolean true, or nil and a message with file and line
function Methods:check()
  local ok, why = require("luapkt.samples").try(self.generation)
  if not ok then return nil, why end
  return self:templates():check()
end

--- What is wrong with a template, for its author.
-- @treturn string with file and line, or nil: nothing is, or there is no such template
function Methods:mistake(id)
  local set = self:templates()
  return set:has(id) and set:mistake(id) or nil
end

--- The databases of protocols and of fields' classes, made when the first one asks.
function Methods:databases()
  self.made_databases = self.made_databases
    or require("luapkt.databases").new(self.generation, self.info.extras)
  return self.made_databases
end

--- Call a method.
-- @tparam string name
-- @tparam table params a list
-- @return the result, fit for `core.json.encode`; or nil and { code = , message = }
function Methods:call(name, params)
  return call.run(methods, self, name, params)
end

--- The JSON text of what a method answers that is the same for everyone: `get_definitions` for all
-- protocols, and `get_all`. Each is encoded once.
function Methods:text(name)
  return (name == "get_all" and self:databases() or self:definitions()):text()
end

return rpc
