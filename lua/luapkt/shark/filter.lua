--- Filters: expressions of Lua about a packet, `TCP and TCP.dport == 5064`.
--
-- Ids of protocols name the packet's first layer of that kind, or nil; `IP` may be any that is
-- known. `p` is the packet; `number`, `time` (nanoseconds since 1970), `len`, `note` and `bytes`
-- are what is known of it; `string`, `math` and all else that a Lua script has is there, too.
-- @module luapkt.shark.filter

local protocols = require "luapkt.protocols"

local filter = {}

local known = {
  number = "about.number", time = "about.time", len = "about.wire_len", note = "about.note",
  bytes = "shark:bytes()", p = "p",
}

-- What is said of a name that stands for nothing.
local function complaint(name)
  local hint = ""
  for id in pairs(protocols.generation().by_id) do
    if id:lower() == name:lower() then hint = (": '%s' is meant?"):format(id) end
  end
  return ("there is no '%s'%s"):format(name, hint)
end

-- What stands for names that aren't locals: the script's globals. A name that isn't there is a
-- mistake, not just false.
local environment = setmetatable({}, {
  __index = function(_, name)
    local value = _G[name]
    if value == nil then error(complaint(name), 0) end
    return value
  end,
})

-- The text with its strings empty.
local function without_strings(text)
  local parts, at = {}, 1
  local from, _, mark = text:find "([\"'])"
  while from do
    parts[#parts + 1] = text:sub(at, from - 1)
    local behind = from + 1
    repeat
      behind = text:find("[\\" .. mark .. "]", behind)
      local escapes = behind and text:sub(behind, behind) == "\\"
      if escapes then behind = behind + 2 end
    until not escapes
    at = (behind or #text) + 1
    from, _, mark = text:find("([\"'])", at)
  end
  parts[#parts + 1] = text:sub(at)
  return table.concat(parts, "''")
end

local words = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat "
  .. "return then true until while"):gmatch "%a+" do
  words[word] = true
end

-- A name that stands for nothing, where the text has one: what is seen of texts without names of
-- their own.
local function find_unknown(text)
  if text:find "%[=*%[" or text:find "%-%-" then return nil end
  text = without_strings(text)
  if text:find "%f[%w_]function%f[^%w_]" then return nil end
  for before, name, behind in (" " .. text):gmatch "([^%w_]%s*)%f[%a_]([%a_][%w_]*)()" do
    local is_member = before:find "^[.:]" or (" " .. text):find("^%s*=[^=]", behind)
    local is_known = words[name] or known[name] or protocols.generation().by_id[name]
    if not is_member and not is_known and _G[name] == nil then return name end
  end
end

-- Each name of the text that stands for something, and what for; in order.
local function names_in(text)
  local names, seen = {}, {}
  for before, name in (" " .. text):gmatch "([^%w_])([%a_][%w_]*)" do
    local is_known = known[name] or protocols.generation().by_id[name]
    if before ~= "." and before ~= ":" and is_known and not seen[name] then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  return names
end

-- Layers that shark:run() finds for a filter; the function looks for others itself.
local most_layers = 8

--- What tells whether a packet is wanted.
-- @tparam string text an expression
-- @treturn function for shark:run(): of the packet, what is known of it, the shark and the layers
--   that it is about; or nil
-- @treturn {string,...} the ids of these layers, for shark:run(); or what is wrong with the text
-- @treturn boolean whether it has to be told of the record
function filter.compile(text)
  local plain, why = load("return " .. text, "=filter", "t", environment)
  if not plain then return nil, (why:gsub("^filter:%d+: ", "")) end
  local given, layers, head, tell = { "p", "about", "shark" }, {}, {}, false
  for _, name in ipairs(names_in(text)) do
    tell = tell or (known[name] or ""):find "^about" ~= nil
    if not known[name] and #layers < most_layers then
      layers[#layers + 1] = name
      given[#given + 1] = name
    elseif name ~= "p" then
      head[#head + 1] = ("local %s = %s"):format(name, known[name] or "p." .. name)
    end
  end
  local unknown = find_unknown(text)
  if unknown then return nil, complaint(unknown) end
  local source = ("local %s = ... %s return %s"):format(table.concat(given, ", "),
    table.concat(head, " "), text)
  return load(source, "=filter", "t", environment), layers, tell
end

return filter
