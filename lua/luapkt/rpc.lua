--- The methods that clients call: what each takes, what it answers, and what is wrong with a call.
--
-- Clients of the reference server put a version handle in front of the parameters of most methods;
-- the protocol's document shows the same methods without. Both are understood, and one place
-- (`arguments`) tells them apart.
-- @module luapkt.rpc

local answer      = require "luapkt.answer"
local core        = require "luapkt.core"
local definitions = require "luapkt.definitions"
local captures    = require "luapkt.methods.captures"
local packets     = require "luapkt.methods.packets"
local payload     = require "luapkt.payload"
local templates   = require "luapkt.methods.templates"

local array = core.json.array
local refuse, fail, kind_of, is_list = answer.refuse, answer.fail, answer.kind_of, answer.is_list
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
--           run = function(state, params...) -> result, or nil and an error }
-- Those without `run` are answered before Lua is asked; they are here to be listed. The ones about
-- the server itself stand here, each other group in a module of its own.
local methods = {}
for _, group in ipairs { packets, captures, templates } do
  for name, method in pairs(group) do methods[name] = method end
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

local function wrong_count(name, method, count)
  local takes = table.concat(method.params, ", ")
  if takes == "" then takes = "none" end
  if method.handle then
    takes = #method.params == 0 and "client_v_handler or none"
      or ("client_v_handler (may be left out), %s"):format(takes)
  end
  return refuse(INVALID_PARAMS, "Invalid params: %s takes %s; %d were given", name, takes, count)
end

-- Where the parameters begin that the method itself takes; or nil and an error.
local function arguments(state, name, method, params)
  local count, own = #params, #method.params
  local skip = 0
  if method.handle then
    if params[1] == state.info.handle then
      skip = 1
    elseif count == own + 1 then
      if not method.any_handle then
        return fail("Provided version handler does not correspond to the server's version.\n"
          .. "Update client to latest version.\nServer version:%s", state.info.version)
      end
      skip = 1
    end
  end
  if count - skip ~= own then return wrong_count(name, method, count) end
  return 1 + skip
end

local Methods = {}
Methods.__index = Methods

--- The methods over one generation of protocols.
-- @tparam table generation as `registry.load` returns it
-- @tparam table info `handle`, `version`, `built_by`: what clients are told
-- @tparam[opt] table found the files of templates, as `templates.open` takes them
function rpc.new(generation, info, found)
  return setmetatable({
    generation = generation,
    info       = info,
    found      = found or {},
    payload    = payload.new(generation),
  }, Methods)
end

--- What clients learn about protocols, made when the first one asks.
function Methods:definitions()
  self.made_definitions = self.made_definitions or definitions.new(self.generation)
  return self.made_definitions
end

--- The templates, made when first needed: a server that starts reads none.
-- @treturn table as `templates.open` returns it, or nil and a message
function Methods:templates()
  if not self.made_templates then
    local set, why = require("luapkt.templates").open(self.found, self.generation)
    if not set then return nil, why end
    self.made_templates = set
  end
  return self.made_templates
end

--- Look for mistakes in what is made when first needed.
-- @treturn boolean true, or nil and a message with file and line
function Methods:check()
  local set, why = self:templates()
  if not set then return nil, why end
  return set:check()
end

--- Call a method.
-- @tparam string name
-- @tparam table params a list
-- @return the result, fit for `core.json.encode`; or nil and { code = , message = }
function Methods:call(name, params)
  local method = methods[name]
  if not method then return refuse(answer.NOT_FOUND, "Method not found") end
  if not is_list(params) and (type(params) ~= "table" or next(params)) then
    return refuse(INVALID_PARAMS, "Invalid params: a list was expected, not %s", kind_of(params))
  end
  local first, err = arguments(self, name, method, params)
  if not first then return nil, err end
  if not method.run then return fail("%s is not answered here", name) end
  return method.run(self, table.unpack(params, first, #params))
end

--- The JSON text of what `get_definitions` answers for all protocols, encoded once.
function Methods:definitions_text()
  return self:definitions():text()
end

return rpc
