--- Tries each protocol on itself: it is built from its defaults, read back and built again until
-- the bytes no longer change. (The first bytes may differ from the next ones: defaults need not
-- agree with each other, and some bytes are read as a kind of the protocol.) A `sample` is built,
-- too. So mistakes that compiling can't see, such as a size rule that leaves bytes behind, are
-- found before a generation is used.
-- @module luapkt.samples

local written = require "luapkt.written"

local samples = {}

local max_turns = 8 -- a length that disagrees with its field takes a few turns to settle

-- Why bytes can't be read and built again: reading fails, or else building.
local function trouble(core, bytes, decl, failed)
  local layers, unreadable = core:dissect(bytes, decl.id)
  if not layers then return "its own bytes can't be read: " .. unreadable.message end
  return "what was read can't be built: " .. failed.message
end

local function try_defaults(core, decl)
  local bytes, err = core:build { { decl.id } }
  if not bytes then return nil, err.message end
  if bytes == "" then return true end
  for _ = 1, max_turns do
    local again, failed = core:rebuild(bytes, decl.id, true)
    if not again then return nil, trouble(core, bytes, decl, failed) end
    if again == bytes then return true end
    bytes = again
  end
  return nil, ("built and read %d times it is still not the same bytes"):format(max_turns)
end

local function try_sample(core, decl)
  local bytes, err = core:build { { decl.id, decl.sample } }
  if not bytes then return nil, "sample: " .. err.message end
  return true
end

--- Try every protocol of a generation.
-- @treturn boolean true, or nil and a message that names file and protocol
function samples.try(generation)
  for _, decl in ipairs(generation.decls) do
    if not decl.abstract then
      local ok, why = try_defaults(generation.core, decl)
      if ok and decl.sample then ok, why = try_sample(generation.core, decl) end
      if not ok then
        return nil, ("%s:%d: %s: %s"):format(decl.file, written.line(decl), decl.id, why)
      end
    end
  end
  return true
end

return samples
