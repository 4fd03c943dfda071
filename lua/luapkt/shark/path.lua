--- Values of a packet by name: what `{...}` of a format and `-e` of `luapkt shark` stand for.
--
--    timestamp, number, len, note    of the packet; src, dst: between whom it goes
--    ethernet, ip, transport         its layers of these kinds
--    command                         the command that a line is about, or what the packet is
--    IP.src, IP:1.src                a field of a layer; of the second one of that protocol
--    transport.sport, DNS.qd[1].qname
--    DNS.qd.qname                    that of each item of a list, as text with commas between
--
-- @module luapkt.shark.path

local commands  = require "luapkt.shark.commands"
local core      = require "luapkt.core"
local protocols = require "luapkt.protocols"

local fields_of = require("luapkt.layer").fields

local raw = core.packet

local path = {}

-- The first layer of one of these protocols.
local function first_of(ids)
  return function(item)
    for _, id in ipairs(ids) do
      local place = protocols.generation().ids[id] and raw.find(item.packet, id)
      if place then return raw.layer(item.packet, place) end
    end
  end
end

local function about(name)
  return function(item) return item.about[name] end
end

-- Which layers these names stand for: those of which a packet has one.
local kinds = {
  ethernet  = { "Ether", "Dot3" },
  ip        = { "IP", "IPv6" },
  transport = { "TCP", "UDP", "SCTP" },
  command   = { commands.usual },
}

-- What the first name of a path stands for, of an item: { packet =, about =, shark =, layer = the
-- command or nil }.
local roots = {
  timestamp = function(item) return item.about.time / 1e9 end,
  number    = about "number",
  len       = about "wire_len",
  note      = about "note",
  src       = function(item) return item.shark:src() end,
  dst       = function(item) return item.shark:dst() end,
  ethernet  = first_of(kinds.ethernet),
  ip        = first_of(kinds.ip),
  transport = first_of(kinds.transport),
  command   = function(item) return item.layer or item.shark:summary() end,
}

-- Roots that have no fields.
local plain = { timestamp = true, number = true, len = true, note = true, src = true, dst = true }

-- How these roots are printed where no format says otherwise.
local texts = {
  timestamp = function(item) return item.shark:time() end,
  command   = function(item)
    return item.layer and commands.text(item.layer) or item.shark:summary()
  end,
}

local function is_layer(v)
  return type(v) == "userdata" and getmetatable(v) == raw.layer_class
end

-- A layer as `UDP(sport=41600, dport=5064, len=56, chksum=0x52f1)`: each field that is there.
local function show_layer(layer)
  local parts = {}
  for i, field in fields_of(layer) do
    if field.state ~= "absent" and field.state ~= "unread" then
      parts[#parts + 1] = field.id .. "=" .. raw.literal(layer, i, true)
    end
  end
  return ("%s(%s)"):format(raw.kind(layer), table.concat(parts, ", "))
end

-- Text in double quotes; what would end the text or the line, and all but ASCII, is escaped.
local function quoted(text)
  return '"' .. text:gsub('[%c"\\\127-\255]', function(c)
    return (c == '"' or c == "\\") and "\\" .. c or ("\\x%02x"):format(c:byte())
  end) .. '"'
end

-- An item of a list, in Lua: DNSQR{qname="x.org.", qtype=1, qclass=1}, {"MSS", 1460}.
local function show_item(value)
  if type(value) == "string" then return quoted(value) end
  if type(value) ~= "table" then return tostring(value) end
  local parts, fields = {}, value.fields
  for i, one in ipairs(value) do parts[i] = show_item(one) end
  local id = fields and protocols.generation().ids[value.id] and value.id
  for _, one in ipairs(id and protocols.fields(id) or {}) do
    local it = fields[one]
    if it ~= nil then parts[#parts + 1] = one .. "=" .. show_item(it) end
  end
  return ("%s{%s}"):format(id or "", table.concat(parts, ", "))
end

local function show(value)
  if value == nil then return "" end
  if is_layer(value) then return show_layer(value) end
  if type(value) == "table" then return show_item(value) end
  if math.type(value) == "float" then return ("%.17g"):format(value) end
  return tostring(value)
end

local step

-- What the items of a list have by this name: if several have, all of it as text.
local function of_items(list, name)
  local parts, last = {}, nil
  for _, item in ipairs(list) do
    local value, shown = step(item, name)
    if value ~= nil then
      parts[#parts + 1] = shown or show(value)
      last = value
    end
  end
  if #parts < 2 then return last, parts[1] end
  return table.concat(parts, ",")
end

-- One step from a value: to a field of a layer, or to an item of a table, and what a person sees of
-- it. Nil where there is none: only some layers of a kind may have the field.
function step(value, key)
  if is_layer(value) then
    if not raw.has(value, key) then return nil end
    return value[key], raw.text(value, key)
  end
  if type(value) ~= "table" then return nil end
  if value[key] == nil and type(key) == "string" then return of_items(value, key) end
  return value[key]
end

-- A function that finds in an item what the first name of a path stands for; `nth`: how many layers
-- of that protocol come before, or nil. Nil: the name stands for nothing.
local function find_root(name, nth)
  if roots[name] and not nth then return roots[name] end
  if not protocols.generation().ids[name] then return nil end
  return function(item)
    local place = nth ~= math.maxinteger and raw.find(item.packet, name, (nth or 0) + 1)
    return place and raw.layer(item.packet, place)
  end
end

-- A place in a list or among layers, of its decimal digits. One beyond Lua's integers is one that
-- nothing has.
local function place_of(digits) return digits and (math.tointeger(digits) or math.maxinteger) end

-- The names and indices behind the first name, or nil and what is wrong with them.
local function read_steps(text)
  local steps, at = {}, 1
  while at <= #text do
    local name, behind = text:match("^%.([%a_][%w_]*)()", at)
    local index, after = text:match("^%[(%d+)%]()", at)
    if not name and not index then
      return nil, ("'%s' is neither .FIELD nor [INDEX]"):format(text:sub(at))
    end
    if index and not index:find "[1-9]" then return nil, "the first of a list is [1]" end
    steps[#steps + 1] = name or place_of(index)
    at = behind or after
  end
  return steps
end

--- The class of a field's values ("number", "address", "other"), for the protocols that a name
-- stands for; nil: none of them has such a field.
function path.class_of(name, field)
  local class
  for _, id in ipairs(kinds[name] or { name }) do
    local one = protocols.generation().core:declares(id, field)
    if one and class and one ~= class then return "other" end
    class = one or class
  end
  return class
end

--- Does the protocol have such a field, or one that is a kind of it?
function path.has_field(id, field) return path.class_of(id, field) ~= nil end

--- A hint for a message about an unknown name: `: 'TCP' is meant?` where one of the keys of `names`
-- differs from it only in case, else "".
function path.hint(name, names)
  for other in pairs(names) do
    if other:lower() == name:lower() then return (": '%s' is meant?"):format(other) end
  end
  return ""
end

local function no_root(name)
  local hint = path.hint(name, roots)
  if hint == "" then hint = path.hint(name, protocols.generation().ids) end
  return ("there is no protocol or value '%s'%s"):format(name, hint)
end

--- A function that finds in an item what a name without steps stands for; nil: there is no such
-- name. Protocols aren't among them.
function path.find(name) return roots[name] end

--- Compile a path to a function that finds its value.
-- @tparam string text a name as above
-- @treturn function called with an item, it returns the value (nil: there is none), and the text
--   that a person sees of it; or nil
-- @return true where the value is text for certain; or what is wrong with the name
function path.compile(text)
  local name, nth, behind = text:match "^([%a_][%w_]*):(%d+)()"
  if not name then name, behind = text:match "^([%a_][%w_]*)()" end
  local root = name and find_root(name, place_of(nth))
  if not root then return nil, no_root(name or text) end
  local steps, why = read_steps(text:sub(behind))
  if not steps then return nil, why end
  if plain[name] and #steps > 0 then return nil, ("'%s' has no fields"):format(name) end
  local field = not plain[name] and steps[1]
  if type(field) == "string" and not path.has_field(name, field) then
    return nil, ("%s has no field '%s'"):format(name, field)
  end
  local is_field = type(field) == "string" and #steps == 1
  local is_text = is_field and path.class_of(name, field) == "address"
    or #steps == 0 and (name == "src" or name == "dst")
  local as_text = #steps == 0 and texts[name]
  return function(item)
    local value, shown = root(item), nil
    for _, key in ipairs(steps) do value, shown = step(value, key) end
    if as_text then shown = as_text(item) end
    if type(value) == "table" and next(value) == nil then shown = "" end -- a list of nothing
    return value, shown or show(value)
  end, is_text
end

return path
