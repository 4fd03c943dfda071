--- Loading protocol files: folders to one registry, or nothing and a message.
-- A registry is one generation: all protocols loaded together and compiled. `luapkt.samples` tries
-- each on itself. Nothing here changes what is in use; whoever asked for the registry takes it up,
-- or not.
-- @module luapkt.registry

local core         = require "luapkt.core"
local compile      = require "luapkt.compile"
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

-- Types of values whose text is but their address.
local NO_TEXT = { ["table"] = true, ["function"] = true, ["thread"] = true, ["userdata"] = true }

-- A message in which a value without a text is quoted: what it is, in place of its address in
-- memory, which says nothing to an author and is nobody else's business.
local function without_addresses(message)
  if type(message) ~= "string" then return message end
  return (message:gsub("(%a+): 0x%x+", function(kind) return NO_TEXT[kind] and "a " .. kind end))
end

-- What a file raised, cut to its first line, and with the file's name. (Where a module isn't found,
-- Lua lists in further lines where it has looked.)
local function raised(name, e)
  local ok, text = pcall(tostring, e)
  local without_text = NO_TEXT[type(e)] and not (debug.getmetatable(e) or {}).__tostring
  if not ok or without_text then
    return ("%s: it raises a %s as its error, not text"):format(name, type(e))
  end
  local line = without_addresses((text:gsub(":?\n.*", "")))
  return line:find(name, 1, true) and line or ("%s: %s"):format(name, line)
end

-- The declarations that the file's chunk makes, each with `file`, `path` and `line`; or nil and a
-- message.
local function declare(chunk, path)
  local name = shown_name(path)
  debug.setupvalue(chunk, 1, surroundings.new())
  local ok, result = pcall(chunk)
  if not ok then return nil, raised(name, result) end
  if type(result) ~= "table" then
    local mistake = "%s: a protocol file returns a table, this one returns %s"
    return nil, mistake:format(name, result == nil and "nothing" or "a " .. type(result))
  end
  local list = result.id ~= nil and { result } or result
  local decls = {}
  for i, decl in ipairs(list) do
    if type(decl) ~= "table" then
      return nil, ("%s: declaration %d is a %s, not a table"):format(name, i, type(decl))
    end
    decl.file, decl.path, decl.line = name, path, registry.line_of(decl)
    decls[i] = decl
  end
  if #decls == 0 then return nil, name .. ": the file declares no protocol" end
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
  if not linked then return nil, without_addresses(why) end
  local ok, compiled = pcall(core.compile, linked)
  if not ok then return nil, without_addresses(compiled) end
  return { core = compiled, decls = linked.protocols, by_id = linked.ids }
end

return registry
