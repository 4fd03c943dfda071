--- Templates: ready-made packets, a file each, that clients ask for by id.
--
-- An id is the file's place below its folder, without its ending: `IPv4/TCP` is IPv4/TCP.lua. Two
-- kinds of files are known: templates in Lua, which docs/templates.md describes, and `.trp` files,
-- which packet editors save. The latter are handed on as they are; only their shape is checked.
-- They are read with `core.json`, which is always there (lua-cjson may not be) and is as strict
-- with them as with requests.
--
-- Ids are looked up among the files that were found when the folders were scanned; no id ever
-- becomes a path. Files are read when they are first needed, so that a server answers before it has
-- read all.
-- @module luapkt.templates

local core         = require "luapkt.core"
local answer       = require "luapkt.answer"
local surroundings = require "luapkt.surroundings"
local model        = require "luapkt.template.model"
local parameters   = require "luapkt.template.parameters"
local written      = require "luapkt.written"

local array, is_array = core.json.array, answer.is_list

local templates = {}

local Set = {}
Set.__index = Set

-- ------------------------------------------------------------------------------------- folders

local ENDINGS = { lua = true, trp = true }

-- Add a folder's templates. One of an earlier folder gives way to its namesake; two of the same
-- folder are a mistake.
local function add_folder(set, folder, paths)
  local shown, here = folder:match "([^/]+)/*$", {}
  for _, path in ipairs(paths) do
    local place = path:sub(#folder + 1):gsub("^/+", "")
    local id, ending = place:match "^(.+)%.(%w+)$"
    if ENDINGS[ending] then
      local entry = { id = id, path = path, shown = shown .. "/" .. place, ending = ending }
      if here[id] then
        entry.mistake = ("%s/%s: is there as .lua and as .trp"):format(shown, id)
      end
      here[id], set.by_id[id] = true, entry
    end
  end
end

-- Those in no group first; then group by group.
local function sort_key(id)
  local group, name = id:match "^(.*)/([^/]*)$"
  return (group or "") .. "\0" .. (name or id)
end

--- The templates of some folders, none read yet.
-- @tparam {{string,{string,...}},...} found each folder, and the files below it
-- @tparam table generation the protocols, as `registry.load` returns them
-- @treturn table the set
function templates.open(found, generation)
  local set = setmetatable({ by_id = {}, ids = {}, generation = generation }, Set)
  for _, pair in ipairs(found) do add_folder(set, pair[1], pair[2]) end
  for id in pairs(set.by_id) do table.insert(set.ids, id) end
  table.sort(set.ids, function(a, b) return sort_key(a) < sort_key(b) end)
  return set
end

-- ------------------------------------------------------------------------------------ mistakes

local function fail(word, format, ...)
  error({ word = word, message = format:format(...) }, 0)
end

-- What a file has raised, which may be anything, as text or as a table with a message.
local function told(e)
  if type(e) == "string" or (type(e) == "table" and type(e.message) == "string") then return e end
  return { message = ("it raises %s as its error, not text"):format(answer.kind_of(e)) }
end

-- What went wrong, with file and line; `e` is what was raised.
local function message_of(entry, source, e)
  e = told(e)
  if type(e) ~= "table" then
    return e:sub(1, #entry.shown) == entry.shown and e or ("%s: %s"):format(entry.shown, e)
  end
  local line = written.line_of_word(source, e.word, e.ids)
  local place = line and ("%s:%d"):format(entry.shown, line) or entry.shown
  return ("%s: %s"):format(place, e.message)
end

-- ---------------------------------------------------------------------------------- Lua files

local MEMBERS = {
  name = "string", description = "string", parameters = "table", packet = "table",
  field_engine = "table", build = "function",
}

local function check_members(t)
  for key, value in pairs(t) do
    local wanted = MEMBERS[key]
    if not wanted then fail(tostring(key), "a template has no '%s'", tostring(key)) end
    if type(value) ~= wanted then
      fail(key, "%s is a %s, not a %s", key, type(value), wanted)
    end
  end
  if (t.build == nil) == (t.packet == nil) then
    fail("packet", "a template has either packet or build, a function that returns one")
  end
  if t.build and t.field_engine then
    fail("field_engine", "build returns the field engine as well, as its second value")
  end
end

local function read_lua(entry, source)
  local chunk, syntax = load(source, "=" .. entry.shown, "t", surroundings.new())
  if not chunk then error(syntax, 0) end
  local t = chunk()
  if type(t) ~= "table" then
    fail(nil, "a template file returns a table, this one returns %s",
         t == nil and "nothing" or "a " .. type(t))
  end
  check_members(t)
  local declared = parameters.declare(t.parameters)
  if t.packet and t.parameters and next(t.parameters) then
    fail("parameters", "parameters are for build, a function: a fixed packet takes none")
  end
  return {
    name        = t.name or entry.id:match "[^/]+$",
    description = t.description or "",
    parameters  = declared,
    build       = t.build or function() return t.packet, t.field_engine end,
  }
end

-- --------------------------------------------------------------------------------- .trp files

local function text_or(value, other) return type(value) == "string" and value or other end

local function read_trp(entry, source)
  local document, err = core.json.decode(source)
  if document == nil then fail(nil, "is not JSON: %s", err.message) end
  local layers = type(document) == "table" and document.packet
  if not is_array(layers) then fail("packet", "there is no list 'packet'") end
  for i, layer in ipairs(layers) do
    if type(layer) ~= "table" or type(layer.id) ~= "string" then
      fail("packet", "layer %d has no protocol's id", i)
    end
  end
  local meta = type(document.metadata) == "table" and document.metadata or {}
  return {
    name        = text_or(meta.caption, entry.id:match "[^/]+$"),
    description = text_or(meta.description, ""),
    parameters  = parameters.declare(),
    text        = source,
  }
end

local readers = { lua = read_lua, trp = read_trp }

local BYTE_ORDER_MARK = "\xef\xbb\xbf" -- which editors on Windows put before text

-- ------------------------------------------------------------------------------- one template

local NO_MEMORY = "not enough memory" -- Lua's own error, which isn't the file's fault

-- The template of an entry, read once; nil and what is wrong with it.
local function template_of(entry)
  if entry.template or entry.mistake then return entry.template, entry.mistake end
  local source, why = core.read_file(entry.path)
  if not source then
    entry.mistake = ("%s: %s"):format(entry.shown, why)
    return nil, entry.mistake
  end
  if source:sub(1, 3) == BYTE_ORDER_MARK then source = source:sub(4) end
  -- A file that doesn't come to an end ends the call that is under way: then this stays.
  entry.mistake = ("%s: doesn't come to an end"):format(entry.shown)
  local ok, result = pcall(readers[entry.ending], entry, source)
  entry.mistake = nil
  if ok then
    entry.template, entry.source = result, source
  elseif result == NO_MEMORY then
    error(result, 0)
  else
    entry.mistake = message_of(entry, source, result)
  end
  return entry.template, entry.mistake
end

-- The document of a template in Lua; raises.
local function document_of(set, template, values)
  local packet, engine = template.build(values)
  if packet == nil and type(engine) == "string" then fail(nil, "%s", engine) end
  return model.document(set.generation.by_id, template, packet, engine)
end

-- The ids of the layers up to the first that can't be built on its own; nil: all can.
local function ids_to_mistake(set, layers)
  local ids = {}
  for i, layer in ipairs(layers) do
    ids[i] = layer.id
    if not set.generation.core:build { layer } then return ids end
  end
end

-- What keeps compiled instructions from being run for a packet, such as a write behind its end.
local function run_mistake(program, bytes)
  local vm, err = core.vm.new(program.instructions, bytes)
  return not vm and err.message:gsub("^instruction %d+ %b(): ", "") or nil
end

-- Compile the document's instructions for the packet's bytes, and raise the first mistake. Where
-- one has an expression in Lua, whose value isn't known here, nothing is raised.
local function try_engine(set, document, layers, bytes)
  local list = document.feInstructions
  if #list == 0 then return end
  local compile = require("luapkt.field_engine").compile
  local places, unknown = set.generation.core:places(layers), false
  local function evaluate(text)
    local value, err = model.evaluate(set.generation.by_id, text)
    unknown = unknown or (value == nil and err == nil)
    return value, err or { message = "an expression in Lua" }
  end
  local function mistake(n)
    local first = array(table.move(list, 1, n, 1, {}))
    local client = { instructions = first, global_parameters = document.fePrarameters }
    local program, why = compile(places, client, evaluate)
    if not program then return why end
    return run_mistake(program, bytes)
  end
  local why = mistake(#list)
  if not why or unknown then return end
  local ids = {}
  for n, instruction in ipairs(list) do
    ids[n] = instruction.id
    if mistake(n) == why then break end
  end
  why = why:gsub(" +$", "")
  error({ ids = ids, message = ("instruction %d: %s"):format(#ids, why) }, 0)
end

-- Build the packet that the template makes from the parameters given, and the defaults of the
-- others.
local function try_build(set, template, given)
  local values, why = parameters.read(template.parameters, given)
  if not values then fail(nil, "%s", why) end
  local document = document_of(set, template, values)
  local layers = model.layers(set.generation.by_id, document)
  local bytes, err = set.generation.core:build(layers)
  if bytes then return try_engine(set, document, layers, bytes) end
  local word = err.message:match "^[%w_]+%.([%w_]+)"
  error({ word = word, ids = ids_to_mistake(set, layers), message = err.message }, 0)
end

-- With the defaults; and, as fields without a value aren't seen, with all parameters having one.
local function try(set, template)
  try_build(set, template)
  local examples = parameters.examples(template.parameters)
  if examples then try_build(set, template, examples) end
end

local function check(set, entry)
  local template, mistake = template_of(entry)
  if not template then return nil, mistake end
  if template.text or entry.tried then return true end
  local ok, e = pcall(try, set, template)
  if not ok then return nil, message_of(entry, entry.source, e) end
  entry.tried = true
  return true
end

-- ------------------------------------------------------------------------------------- a set

--- Read every template, and build those in Lua, their field engine, too: from their defaults, and
-- from examples of what has none.
-- @treturn boolean true, or nil and the first mistake, with file and line
function Set:check()
  for _, id in ipairs(self.ids) do
    local ok, mistake = check(self, self.by_id[id])
    if not ok then return nil, mistake end
  end
  return true
end

--- What is wrong with one template, for its author.
-- @tparam string id one that there is
-- @treturn string with file and line, or nil
function Set:mistake(id) return select(2, check(self, self.by_id[id])) end

--- Is there a template of this id?
function Set:has(id) return self.by_id[id] ~= nil end

local MAX_MEANT = 4096 -- bytes of an id: as many as a path has

local function bare(id) return (id:lower():gsub("%.%w+$", "")) end

--- The id that is probably meant by an unknown one, which has another case or a file's ending.
-- @treturn string or nil
function Set:meant(id)
  if #id > MAX_MEANT then return nil end
  local wanted = bare(id)
  for _, known in ipairs(self.ids) do
    if bare(known) == wanted then return known end
  end
end

--- All templates, as `get_templates` answers; those with a mistake are left out.
function Set:list()
  local list = array {}
  for _, id in ipairs(self.ids) do
    local template = template_of(self.by_id[id])
    if template then
      local meta = { name = template.name, description = template.description }
      list[#list + 1] = { id = id, meta = meta }
    end
  end
  return list
end

-- What a client is told of an author's mistake: no client learns of files.
local BROKEN = "it has a mistake; the method 'reload' says which"

--- A template as JSON text.
-- @tparam string id one that there is
-- @tparam[opt] table given parameters, as JSON gives them
-- @treturn string; or nil and a message that names no file
function Set:text(id, given)
  local entry = self.by_id[id]
  local template = template_of(entry)
  if not template then return nil, BROKEN end
  local values, why = parameters.read(template.parameters, given)
  if not values then return nil, why end
  if template.text then return template.text end
  local ok, result = pcall(document_of, self, template, values)
  if ok then return core.json.encode(result) end
  result = told(result)
  if type(result) == "table" then return nil, result.message end
  return nil, (result:gsub("^.-:(%d+): ", "line %1: ", 1))
end

--- What a template is: `id`, `name`, `description` and its parameters.
-- @tparam string id one that there is
-- @treturn table fit for `core.json.encode`; or nil and a message
function Set:describe(id)
  local template = template_of(self.by_id[id])
  if not template then return nil, BROKEN end
  return {
    id = id, name = template.name, description = template.description,
    parameters = parameters.describe(template.parameters),
  }
end

return templates
