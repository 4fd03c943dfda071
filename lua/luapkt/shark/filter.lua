--- Filters: expressions of Lua about a packet, `TCP and TCP.dport == 5064`.
--
-- Ids of protocols name the packet's first layer of that kind, or nil; `IP` may be any that is
-- known. `p` is the packet; `number`, `time` (nanoseconds since 1970), `len`, `note` and `bytes`
-- are what is known of it; `string`, `math` and all else that a Lua script has is there, too.
--
-- A comparison, or whatever else is an operand of `and`, `or` and `not`, that asks something of a
-- layer or field that isn't there is false (`luapkt.shark.guard`).
-- @module luapkt.shark.filter

local guard     = require "luapkt.shark.guard"
local packet    = require "luapkt.packet"
local path      = require "luapkt.shark.path"
local protocols = require "luapkt.protocols"

local has = require("luapkt.core").packet.has

local filter = {}

local known = {
  number = "about.number", time = "about.time", len = "about.wire_len", note = "about.note",
  bytes = "shark:bytes()", p = "p",
}

-- What other programs and formats call what a filter has by another name.
local meant_by = {
  timestamp = "time", frame = "number", pkt = "p", packet = "p", eth = "Ether", ethernet = "Ether",
  src = "IP.src", dst = "IP.dst",
}

-- The message about a name, or a member of `p`, that stands for nothing.
local function complaint(name, is_member)
  local hint = path.hint(name, protocols.generation().ids)
  local meant = not is_member and hint == "" and meant_by[name]
  return ("there is no '%s'%s"):format(name, meant and (": '%s' is meant?"):format(meant) or hint)
end

-- The globals that an expression sees: those of a script. Any other name raises; as nil it would
-- just make the expression false.
local environment = setmetatable({}, {
  __index = function(_, name)
    local value = _G[name]
    if value == nil then error(complaint(name), 0) end
    return value
  end,
})

local function is_protocol(name) return protocols.generation().ids[name] ~= nil end

-- What is wrong with a name, or the member that is asked of it; nil: nothing.
local function mistake(name, member)
  if not known[name] and not is_protocol(name) then return _G[name] == nil and complaint(name) end
  if not member then return nil end
  if name == "p" then
    return not is_protocol(member) and not packet.is_method(member)
      and ("p.%s: %s"):format(member, complaint(member, true))
  end
  if is_protocol(name) and not packet.is_attribute(member) and not path.has_field(name, member) then
    return ("%s has no field '%s'"):format(name, member)
  end
end

-- What an expression is about: each name that stands for something of a packet, in order. Or nil
-- and what is wrong: a name that stands for nothing, or a field that no such layer has.
local function names_in(tree)
  local names, seen, wrong = {}, {}, nil
  guard.each_name(tree, function(name, member, in_function)
    wrong = wrong or not in_function and mistake(name, member)
    if (known[name] or is_protocol(name)) and not seen[name] then
      seen[name] = true
      names[#names + 1] = name
    end
  end)
  if wrong then return nil, wrong end
  return names
end

-- Why a field of this class never equals the value, or nil: it may. A number never equals text, be
-- that a number in quotes (TCP.dport == "80") or the word that people see in its place
-- (TCP.flags == "SA").
local function unlike(class, name, member, comparison, value)
  local is_text, field = type(value) == "string", name .. "." .. member
  if class == "address" and not is_text then
    return ("%s is an address, which is text: %s %s '...'"):format(field, field, comparison)
  elseif class ~= "number" or not is_text then
    return nil
  elseif tonumber(value) then
    return ("%s is a number, not text: %s %s %s, without quotes"):format(field, field, comparison,
      value)
  end
  return ("%s is a number; what a person sees of it: %s:show '%s' %s '%s'"):format(field, name,
    member, comparison, value)
end

-- What is wrong with the comparisons, or nil.
local function unlike_values(tree)
  local wrong
  guard.each_comparison(tree, function(name, member, comparison, value)
    local equal = comparison == "==" or comparison == "~="
    if wrong or not equal or not is_protocol(name) then return end
    wrong = unlike(path.class_of(name, member), name, member, comparison, value)
  end)
  return wrong
end

-- What is wrong with the operands of `and` and `or`, or nil: bits of a number are a number, and Lua
-- takes each for true, 0 as well (TCP.flags & 2).
local function always_true(tree)
  return guard.has_bare_bits(tree)
    and "A & B is a number, and each number is true, 0 as well: A & B ~= 0" or nil
end

-- ------------------------------------------------------------------------------------- guarding

-- The guard of `filter`, which looks only whether the layer is there: mostly that is what is
-- missing.
local function layer_is_there(name, text) return name and is_protocol(name) and text or nil end

-- Types of values that have members.
local holders = { table = true, userdata = true, string = true }

-- Is there a value, its member of the first key, the member of that of the second, and so on? True
-- or nil. A layer may lack a field that others of its kind have. For a value of a type without
-- members it is true: evaluating the expression itself then says what is wrong.
local function there(value, ...)
  for i = 1, select("#", ...) do
    local key = select(i, ...)
    if value == nil then return nil end
    if not holders[type(value)] then return true end
    local lacks = packet.is_layer(value) and not packet.is_attribute(key) and not has(value, key)
    if lacks then return nil end
    value = value[key]
  end
  return value ~= nil or nil
end

-- The guard of `careful`, which looks whether every value is there that the operand uses.
local function all_is_there(name, text, keys)
  if name and not known[name] and not is_protocol(name) then return nil end
  return ("there(%s)"):format(table.concat({ text, table.unpack(keys) }, ", "))
end

-- ------------------------------------------------------------------------------------ compiling

-- Layers that shark:run() finds for a filter; the function looks for others itself.
local most_layers = 8

-- The layers that shark:run() is to find, the parameters that the function has, the text that names
-- what else is asked for, and whether something of it is about the record.
local function head_for(names)
  local given, layers, head, tell = { "p", "about", "shark" }, {}, {}, false
  for _, name in ipairs(names) do
    tell = tell or (known[name] or ""):find "^about" ~= nil
    if not known[name] and #layers < most_layers then
      layers[#layers + 1] = name
      given[#given + 1] = name
    elseif name ~= "p" then
      head[#head + 1] = ("local %s = %s"):format(name, known[name] or "p." .. name)
    end
  end
  return layers, table.concat(given, ", "), table.concat(head, " "), tell
end

-- How many of the layers, from the first on, there must be, and what must hold of their fields: a
-- list of { place of the layer, field, comparison, value }. Layers are in the order of the text.
local function begins_with(tree, layers)
  local places, needs, checks = {}, 0, {}
  for i, name in ipairs(layers) do places[name] = i end
  for _, operand in ipairs(guard.beginning(tree)) do
    local place = places[operand.name]
    if not place then break end
    needs = math.max(needs, place)
    if operand.member then
      checks[#checks + 1] = { place, operand.member, operand.comparison, operand.value }
    end
  end
  return needs, checks
end

-- Operators of other filter languages, as Lua names them in its messages, with what Lua has
-- instead.
local others = {
  ["&"] = "and", ["|"] = "or", ["!"] = "not, or ~= for !=", ["="] = "==",
  eq = "==", ne = "~=", gt = ">", lt = "<", ge = ">=", le = "<=", xor = "(not A) ~= (not B)",
  contains = "A:find('B', 1, true)", matches = "A:find 'B' with its patterns",
  ["in"] = "A == 1 or A == 2",
}

-- Lua's message about text that it can't compile, with a hint where another language is meant.
local function told(why)
  local near = why:match "near '(.*)'$" or ""
  local meant = others[near]
  if why:find("malformed number", 1, true) and near:find "%..*%." then
    return ("%s: an address is text, in quotes"):format(why:gsub("^filter:%d+: ", ""))
  end
  return why:gsub("^filter:%d+: ", "") .. (meant and (": Lua has %s"):format(meant) or "")
end

--- Compile an expression to functions that say whether a packet is wanted.
-- @tparam string text an expression
-- @treturn table for shark:run(): `filter`, a function of the packet, what is known of it, the
--   shark and the layers that it is about; `careful`, the same, which looks first whether
--   everything is there, to be asked where that one raises; `layers`, the ids of these layers;
--   `needs`, how many of them there must be, and `checks`, what must hold of their fields, before
--   the functions are asked; `tell`, whether they have to be told of the record. Or nil and what is
--   wrong with the text
function filter.compile(text)
  local plain, why = load("return " .. text, "=filter", "t", environment)
  if not plain then return nil, told(why) end
  local tree = guard.read(text)
  if #tree == 0 or tree[1].text == ";" then return nil, "an expression was expected" end
  local names, wrong = names_in(tree)
  wrong = wrong or unlike_values(tree) or always_true(tree)
  if wrong then return nil, wrong end
  local layers, given, head, tell = head_for(names)
  local function compile(guards_of, ...)
    local source = ("local there = ... return function(%s) %s return %s end"):format(given, head,
      guard.render(tree, guards_of))
    local made, unfit = load(source, "=filter", "t", environment) -- not in a function
    if not made then return nil, told(unfit) end
    return made(...)
  end
  local needs, checks = begins_with(tree, layers)
  local careful, unfit = compile(all_is_there, there)
  if not careful then return nil, unfit end
  return { filter = compile(layer_is_there), careful = careful,
    layers = layers, needs = needs, checks = checks, tell = tell }
end

return filter
