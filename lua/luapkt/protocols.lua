--- The protocols that a script uses: those that came with luapkt, loaded at first need, with others
-- beside them or in their place.
-- @module luapkt.protocols

local core     = require "luapkt.core"
local registry = require "luapkt.registry"

local protocols = {}

local _, module_path = ... -- as require() says where it found this

-- The folder of the protocol files. It is looked for in the program's home or LUAPKT_HOME, and then
-- by this module's place: in the source tree (lua/luapkt), installed (share/lua/5.4/luapkt beside
-- share/luapkt), or in a rock, which has all of it in one folder.
local function find_folder()
  local home = core.home or os.getenv "LUAPKT_HOME"
  local here = module_path and module_path:match "^(.*/)" or "./"
  local places = {}
  for i, up in ipairs { "../../", "../../../luapkt/", "../../../../luapkt/", "" } do
    places[i] = here .. up .. "protocols"
  end
  if home and home ~= "" then table.insert(places, 1, home .. "/protocols") end
  for _, place in ipairs(places) do
    if core.list_files(place, ".lua") then return place end
  end
  return nil, "the folder 'protocols' was not found; set LUAPKT_HOME"
end

--- The folder of the protocols that came with luapkt; raises where it isn't found.
function protocols.folder() return assert(find_folder()) end

-- The declarations of both lists; of two with the same id, that of `second`.
local function joined(first, second)
  local replaced, all = {}, {}
  for _, decl in ipairs(second) do replaced[decl.id or decl] = true end
  for _, decl in ipairs(first) do
    if not replaced[decl.id] then all[#all + 1] = decl end
  end
  return table.move(second, 1, #second, #all + 1, all)
end

-- A generation keeps the compiled registry, but not the declarations that it was compiled from: so
-- many tables would cost each round of Lua's collector more than all that a script makes. They are
-- made anew when `decls` or `by_id` is asked for, which then keep them, and when a protocol is
-- added.
local Generation = {}

-- Call `load` while the collector rests: nearly all that loading makes is needed until its end, so
-- looking for garbage isn't worth the time.
local function without_collecting(load, ...)
  local was_running = collectgarbage "isrunning"
  collectgarbage "stop"
  local ok, result, err = pcall(load, ...)
  if was_running then collectgarbage "restart" end
  if not ok then error(result, 0) end
  return result, err
end

local function declared(generation)
  local decls, err = registry.read_again(generation.code)
  if not decls then return nil, err end
  return joined(decls, generation.added)
end

function Generation:__index(name)
  if name ~= "decls" and name ~= "by_id" then return nil end
  local made = without_collecting(function()
    return assert(registry.compile(assert(declared(self))))
  end)
  self.decls, self.by_id = made.decls, made.by_id
  return made[name]
end

local current

local function take_up(decls, code, added)
  local fresh, err = registry.compile(decls)
  if not fresh then return nil, err end
  local ids = {}
  for id in pairs(fresh.by_id) do ids[id] = true end
  current = setmetatable({
    core = fresh.core, ids = ids, fields = {}, code = code, added = added,
  }, Generation)
  return true
end

--- The protocols in use.
-- @treturn table { core = compiled registry, ids = the set of their ids }; made when asked
--   for, and kept then: `decls`, the declarations in order, and `by_id`
function protocols.generation()
  if not current then assert(protocols.load { protocols.folder() }) end
  return current
end

--- The ids of a protocol's fields, in the order of the wire: not to be changed.
-- @tparam string id of a protocol that there is
function protocols.fields(id)
  local generation = protocols.generation()
  local list = generation.fields[id]
  if not list then
    list = generation.core:fields(id)
    generation.fields[id] = list
  end
  return list
end

--- The protocol of this id, or else the one whose id differs from it in case alone.
-- @treturn string its id, or nil where there is none, or several
function protocols.find(id)
  local generation = protocols.generation()
  if generation.ids[id] then return id end
  if not generation.folded then
    generation.folded = {}
    for other in pairs(generation.ids) do
      local lower = other:lower()
      generation.folded[lower] = generation.folded[lower] == nil and other
    end
  end
  return generation.folded[id:lower()] or nil
end

--- Use the protocols of these folders from now on, and no others: where the first is
-- `protocols.folder()`, beside those that came with luapkt.
-- @tparam {string,...} folders
-- @treturn boolean true, or nil and a message; the protocols in use then stay
function protocols.load(folders)
  if type(folders) ~= "table" then
    error(("bad argument #1 to 'load' (list of folders expected, got %s)"):format(type(folders)), 2)
  end
  for i, folder in ipairs(folders) do
    if type(folder) ~= "string" then
      error(("bad argument #1 to 'load' (folder %d is a %s)"):format(i, type(folder)), 2)
    end
  end
  local code = {}
  local decls, err = without_collecting(registry.read, folders, code)
  if not decls then return nil, err end
  return without_collecting(take_up, decls, code, {})
end

-- Copies of the declarations that a script passed, with the names that messages about them have.
local function named(decl)
  local list = decl.id ~= nil and { decl } or decl
  local copies = {}
  for i, one in ipairs(list) do
    if type(one) ~= "table" then return nil, ("declaration %d is a %s"):format(i, type(one)) end
    local copy = { file = "added" }
    for k, v in pairs(one) do copy[k] = v end
    copy.line = copy.line or registry.line_of(copy)
    copies[i] = copy
  end
  if #copies == 0 then return nil, "there is no declaration" end
  return copies
end

--- Use a further protocol, or several, beside those in use; one of the same id takes the old one's
-- place. Packets that were made before keep the protocols they were made with.
-- @tparam table|string what a declaration, a list of them, or the path of a protocol file
-- @treturn boolean true, or nil and a message; nothing changes then
function protocols.add(what)
  if type(what) ~= "table" and type(what) ~= "string" then
    error(("bad argument #1 to 'add' (declaration or path expected, got %s)"):format(type(what)), 2)
  end
  local generation = protocols.generation()
  local decls, err
  if type(what) == "string" then
    decls, err = registry.read_file(what)
  else
    decls, err = named(what)
  end
  if not decls then return nil, err end
  local known, why = without_collecting(declared, generation)
  if not known then return nil, why end
  return without_collecting(take_up, joined(known, decls), generation.code,
    joined(generation.added, decls))
end

return protocols
