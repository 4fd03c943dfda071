--- What clients learn about protocols and their fields: the result of `get_definitions`.
-- Everything follows from the declarations; a field's `label`, `names` and `definition` are what an
-- author says about it.
-- @module luapkt.definitions

local core           = require "luapkt.core"
local fe_definitions = require "luapkt.fe_definitions"
local order          = require "luapkt.order"
local shared         = require "luapkt.names"

local array = core.json.array

local definitions = {}

-- Clients keep bounds in 32 bits, so one that doesn't fit there is left out.
local MAX_BOUND = 0x7fffffff

-- Name to number. Of several numbers with one name, the largest is shown.
local function values_dict(names)
  local numbers = {}
  for value in pairs(names) do
    if value ~= "aliases" then numbers[#numbers + 1] = value end
  end
  table.sort(numbers)
  local dict = {}
  for _, value in ipairs(numbers) do dict[names[value]] = value end
  for text, value in pairs(names.aliases or {}) do dict[text] = value end
  return dict
end

-- The dictionary of an enumeration, or of the name of a shared one; kept in `made`, as many fields
-- have the same.
local function dict_of(names, made)
  if type(names) == "string" then names = shared[names] end
  made[names] = made[names] or values_dict(names)
  return made[names]
end

-- A table of a declaration as JSON: sequences, however deep, marked as arrays.
local function to_json(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for k, v in pairs(value) do copy[k] = to_json(v) end
  return #value > 0 and array(copy) or copy
end

local function is_beyond_bounds(key, value)
  return (key == "min" or key == "max") and (value > MAX_BOUND or value < -MAX_BOUND - 1)
end

-- Only whole fields that are always there come with their names: clients draw the others, bits and
-- conditional fields, as plain numbers.
local function lists_names(fdecl)
  return fdecl.names and not fdecl.bitfield and not fdecl.when
end

local function describe_field(fdecl, made)
  local described = { id = fdecl.id, name = fdecl.label or fdecl.id }
  for key, value in pairs(fdecl.definition or {}) do
    if not is_beyond_bounds(key, value) then described[key] = to_json(value) end
  end
  if lists_names(fdecl) then described.values_dict = dict_of(fdecl.names, made) end
  return described
end

local function describe(decl, made)
  local fields = array {}
  for _, fdecl in ipairs(decl.fields or {}) do
    if not fdecl.unlisted then fields[#fields + 1] = describe_field(fdecl, made) end
  end
  return { id = decl.id, name = decl.title or decl.id, fields = fields }
end

local Definitions = {}
Definitions.__index = Definitions

--- The definitions of a generation, all made here and now.
-- @tparam table generation as `registry.load` returns it
-- @tparam[opt] boolean extras list protocols marked `extra` like others
function definitions.new(generation, extras)
  local all, apart, made = array {}, {}, {}
  for _, decl in ipairs(order.sorted(generation.decls)) do
    if not decl.abstract and not decl.hidden then
      local list = decl.extra and not extras and apart or all
      list[#list + 1] = describe(decl, made)
    end
  end
  return setmetatable({ protocols = all, apart = apart }, Definitions)
end

local function result(protocols)
  return {
    protocols               = protocols,
    feInstructionParameters = fe_definitions.feInstructionParameters,
    feInstructions          = fe_definitions.feInstructions,
    feParameters            = fe_definitions.feParameters,
    feTemplates             = fe_definitions.feTemplates,
  }
end

--- The result for all protocols.
function Definitions:all()
  return result(self.protocols)
end

--- The result for the protocols with these ids, in the order of the whole, extra ones last. Ids
-- that no protocol has are passed over.
-- @tparam {string,...} ids
function Definitions:of(ids)
  local wanted, found = {}, array {}
  for _, id in ipairs(ids) do wanted[id] = true end
  for _, list in ipairs { self.protocols, self.apart } do
    for _, protocol in ipairs(list) do
      if wanted[protocol.id] then found[#found + 1] = protocol end
    end
  end
  return result(found)
end

--- The result for all protocols as JSON text.
function Definitions:text()
  self.encoded = self.encoded or core.json.encode(self:all())
  return self.encoded
end

return definitions
