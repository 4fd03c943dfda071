--- Loading protocol files: folders to one registry, or nothing and a message.
-- A registry is one generation: all protocols loaded together and compiled. `luapkt.samples` tries
-- each on itself. Nothing here changes what is in use; whoever asked for the registry takes it up,
-- or not.
-- @module luapkt.registry

local core         = require "luapkt.core"
local compile      = require "luapkt.compile"
local raised       = require "luapkt.raised"
local surroundings = require "luapkt.surroundings"

local registry = {}

local function base_name(path) return path:match "[^/]+$" end

-- Where a message says the mistake is: the folder's own name and the file, never a whole path.
local function shown_name(path)
  local folder, file = path:match "([^/]+)/([^/]+)$"
  return folder and folder .. "/" .. file or path
end

--- The line that stands for a declaration in messages, where the line of a mistake itself can't be
-- found in the file: that of its first field, as a table doesn't know its own.
-- @treturn integer 1 where it has no fields
function registry.line_of(decl)
  local fields = type(decl.fields) == "table" and decl.fields or {}
  for _, field in ipairs(fields) do
    if type(field) == "table" and math.type(field.at) == "integer" then return field.at end
  end
  return 1
end

-- The declarations that the file's chunk makes, each with `file`, `path` and `line`; or nil and
-- what is wrong with what it returns.
local function declarations_of(chunk, name, path)
  local result = chunk()
  if type(result) ~= "table" then
    return nil, ("a protocol file returns a table, this one returns %s"):format(
      result == nil and "nothing" or "a " .. type(result))
  end
  local decls = {}
  for i, decl in ipairs(result.id ~= nil and { result } or result) do
    if type(decl) ~= "table" then
      return nil, ("declaration %d is a %s, not a table"):format(i, type(decl))
    end
    decl.file, decl.path, decl.line = name, path, registry.line_of(decl)
    decls[i] = decl
  end
  if #decls == 0 then return nil, "the file declares no protocol" end
  return decls
end

-- The declarations that the file's chunk makes, each with `file`, `path` and `line`; or nil and a
-- message.
local function declare(chunk, path)
  local name = shown_name(path)
  debug.setupvalue(chunk, 1, surroundings.new())
  local ok, decls, why = pcall(declarations_of, chunk, name, path)
  if not ok then return nil, raised.text(name, decls) end
  if not decls then return nil, ("%s: %s"):format(name, why) end
  return decls
end

--- The declarations of one protocol file, each with `file`, `path` and `line`.
-- @tparam string path
-- @tparam[opt] table code as for `registry.read`
-- @treturn {decl,...} or nil and a message
function registry.read_file(path, code)
  local chunk, why = core.load_file(path, shown_name(path))
  if not chunk then return nil, why end
  if code then code[#code + 1] = { path = path, bytes = string.dump(chunk) } end
  return declare(chunk, path)
end

--- The declarations that files made when they were read, made once more.
-- @tparam table code as `registry.read` left it
-- @treturn {decl,...} or nil and a message
function registry.read_again(code)
  local all = {}
  for _, file in ipairs(code) do
    local decls, err = declare(load(file.bytes, nil, "b"), file.path)
    if not decls then return nil, err end
    table.move(decls, 1, #decls, #all + 1, all)
  end
  return all
end

--- The declarations of every `*.lua` below the folders, in order of their names.
-- @tparam {string,...} folders
-- @tparam[opt] table code a list to which each file's compiled chunk is added, for
--   `registry.read_again`
-- @treturn {decl,...} or nil and a message
function registry.read(folders, code)
  local all = {}
  for _, folder in ipairs(folders) do
    local files, why = core.list_files(folder, ".lua")
    if not files then return nil, ("%s: %s"):format(base_name(folder) or folder, why) end
    table.sort(files)
    for _, path in ipairs(files) do
      local decls, err = registry.read_file(path, code)
      if not decls then return nil, err end
      table.move(decls, 1, #decls, #all + 1, all)
    end
  end
  return all
end

--- Load every `*.lua` below the folders; compile and check all of it.
-- @tparam {string,...} folders
-- @treturn table { core = compiled registry, decls = declarations in order, by_id = those by id }
--   or nil and a message
function registry.load(folders)
  local all, err = registry.read(folders)
  if not all then return nil, err end
  return registry.compile(all)
end

--- Compile declarations that are tables already, each with `id` and `file`.
-- @treturn table as `registry.load`, or nil and a message
function registry.compile(decls)
  local linked, why = compile.link(decls)
  if not linked then return nil, raised.without_addresses(why) end
  local ok, compiled = xpcall(core.compile, raised.placed, linked)
  if not ok then return nil, raised.without_addresses(compiled) end
  return { core = compiled, decls = linked.protocols, by_id = linked.ids }
end

return registry
