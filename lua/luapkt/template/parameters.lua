--- The parameters of a template: the kinds that there are, declaring them, and reading the values
-- that clients give.
--
-- Clients send JSON values. Any value may be sent as text, as editors send nothing else.
-- @module luapkt.template.parameters

local core   = require "luapkt.core"
local answer = require "luapkt.answer"

local array, null = core.json.array, core.json.null

local parameters = {}

-- Text and bytes go into a packet, of which an Ethernet frame holds some 1500 bytes; `max` allows
-- more, up to what an IP packet holds.
local DEFAULT_LENGTH, MAX_LENGTH = 1024, 65535

local function is_text(v) return type(v) == "string" end

-- The integer that a text spells, in decimal or, after 0x, in hexadecimal; nil: it spells none that
-- Lua has. (tonumber would wrap one in hexadecimal, and round one in decimal.)
local function integer_of(text)
  local digits = text:match "^0x(%x+)$"
  if not digits then
    local n = text:find "^-?%d+$" and tonumber(text)
    return math.type(n) == "integer" and n or nil
  end
  local n = #digits:match "^0*(.*)$" <= 16 and tonumber(text)
  return n and n >= 0 and n or nil
end

local function read_number(value, decl)
  local n = is_text(value) and integer_of(value) or value
  if math.type(n) ~= "integer" or n < decl.min or n > decl.max then return nil end
  return n
end

local function read_text(value, decl)
  return is_text(value) and #value <= (decl.max or DEFAULT_LENGTH) and value or nil
end

local function read_bytes(value, decl)
  if type(value) == "table" and value.vtype == "BYTES" and is_text(value.base64) then
    value = core.wire.unbase64(value.base64)
  end
  return read_text(value, decl)
end

local function read_mac(value)
  local pairs_of_digits = "^%x%x" .. (":%x%x"):rep(5) .. "$"
  return is_text(value) and value:find(pairs_of_digits) and value:lower() or nil
end

local function read_ipv4(value)
  if not is_text(value) then return nil end
  local parts = { value:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$" }
  for _, part in ipairs(parts) do
    if #part > 3 or part:find "^0." or tonumber(part) > 255 then return nil end
  end
  return #parts == 4 and value or nil
end

-- How many 16-bit groups a part of an IPv6 address has; nil: it is none.
local function groups(text)
  if text == "" then return 0 end
  local n = 0
  for group in (text .. ":"):gmatch "(.-):" do
    if not group:find "^%x%x?%x?%x?$" then return nil end
    n = n + 1
  end
  return n
end

-- RFC 4291 section 2.2.
local function read_ipv6(value)
  if not is_text(value) or #value > 45 then return nil end
  local text = value
  local head, tail = value:match "^(.*:)([%d.]+)$"
  if head and tail:find("%.") then
    if not read_ipv4(tail) then return nil end
    text = head .. "0:0"
  end
  local left, right = text:match "^(.-)::(.*)$"
  local count = groups(left or text)
  local more = left and groups(right)
  if not count or (left and not more) then return nil end
  if left then return count + more <= 7 and value or nil end
  return count == 8 and value or nil
end

local function read_choice(value, decl)
  for _, choice in ipairs(decl.choices) do
    if tostring(choice) == tostring(value) then return choice end
  end
end

local BOOLEANS = { [true] = true, [false] = false, ["true"] = true, ["false"] = false }

local function read_boolean(value) return BOOLEANS[value] end

local function up_to(what)
  return function(decl) return ("%s of up to %d bytes"):format(what, decl.max or DEFAULT_LENGTH) end
end

local function fixed(what)
  return function() return what end
end

local MAC, IPV4, IPV6 = "00:11:22:33:44:55", "192.0.2.1", "2001:db8::1"

-- By kind: { a function that reads a value (nil: it isn't right), one that says what would be
-- right, one that gives an example }. All are called with the parameter's declaration last.
local kinds = {
  number  = { read_number, function(decl)
    return ("a whole number from %d to %d"):format(decl.min, decl.max)
  end, function(decl) return decl.min end },
  text    = { read_text, up_to "text", fixed "x" },
  bytes   = { read_bytes, up_to "text, or {\"vtype\": \"BYTES\", \"base64\": ...},", fixed "x" },
  mac     = { read_mac, fixed("an address such as " .. MAC), fixed(MAC) },
  ipv4    = { read_ipv4, fixed("an address such as " .. IPV4), fixed(IPV4) },
  ipv6    = { read_ipv6, fixed("an address such as " .. IPV6), fixed(IPV6) },
  boolean = { read_boolean, fixed "true or false", fixed(true) },
  choice  = { read_choice, function(decl)
    local names = {}
    for i, choice in ipairs(decl.choices) do names[i] = tostring(choice) end
    return "one of " .. table.concat(names, ", ")
  end, function(decl) return decl.choices[1] end },
}

-- ------------------------------------------------------------------------------- declarations

local MEMBERS = { id = "string", type = "string", doc = "string", default = true,
                  min = "number", max = "number", choices = "table" }

local function fail(word, format, ...)
  error({ word = word, message = format:format(...) }, 0)
end

local function check_members(decl, id)
  for key, value in pairs(decl) do
    local wanted = MEMBERS[key]
    if not wanted then fail(key, "parameter '%s' has no '%s'", id, tostring(key)) end
    if wanted ~= true and type(value) ~= wanted then
      fail(id, "parameter '%s': %s is a %s, not a %s", id, key, type(value), wanted)
    end
  end
end

local function is_whole(n, least, most)
  return math.type(n) == "integer" and n >= least and n <= most
end

local function check_choices(id, choices)
  local n = 0
  for key in pairs(choices or {}) do
    local kind = type(choices[key])
    if math.type(key) ~= "integer" or (kind ~= "string" and kind ~= "number") then
      fail(id, "parameter '%s': choices are a list of texts and numbers", id)
    end
    n = n + 1
  end
  if n == 0 then fail(id, "parameter '%s': there are no choices", id) end
  if n ~= #choices then fail(id, "parameter '%s': one of the choices is nil", id) end
end

-- The members that bound a parameter's values, each with the types that have it.
local BOUNDS = {
  min     = { number = true },
  max     = { number = true, text = true, bytes = true },
  choices = { choice = true },
}

local function check_bounds(decl)
  local id, kind = decl.id, decl.type
  for member, types in pairs(BOUNDS) do
    if decl[member] ~= nil and not types[kind] then
      fail(id, "parameter '%s': type \"%s\" has no %s", id, kind, member)
    end
  end
  if kind == "number" then
    if math.type(decl.min) ~= "integer" or math.type(decl.max) ~= "integer" then
      fail(id, "parameter '%s': a number needs min and max, whole numbers", id)
    end
    if decl.min > decl.max then
      fail(id, "parameter '%s': min %d is above max %d", id, decl.min, decl.max)
    end
  elseif kind == "choice" then
    check_choices(id, decl.choices)
  elseif decl.max and not is_whole(decl.max, 1, MAX_LENGTH) then
    fail(id, "parameter '%s': max is no whole number from 1 to %d", id, MAX_LENGTH)
  end
end

local function check(decl, i)
  if type(decl) ~= "table" or type(decl.id) ~= "string" or not decl.id:find "^[%a_][%w_]*$" then
    fail("parameters", "parameter %d has no id that is a name in Lua", i)
  end
  check_members(decl, decl.id)
  local kind = kinds[decl.type]
  if not kind then
    fail(decl.id, "parameter '%s': there is no type '%s'", decl.id, tostring(decl.type))
  end
  check_bounds(decl)
  if decl.default ~= nil and kind[1](decl.default, decl) == nil then
    fail(decl.id, "parameter '%s': the default is not %s", decl.id, kind[2](decl))
  end
end

--- Check what an author declared. Raises a mistake as `luapkt.template.model` does.
-- @tparam {table,...} list may be nil
-- @treturn table { list = the declarations, by_id = }
function parameters.declare(list)
  if list == nil then list = {} end
  if type(list) ~= "table" then
    fail("parameters", "parameters is a %s, not a list", type(list))
  end
  local declared = { list = {}, by_id = {} }
  for key in pairs(list) do
    if math.type(key) ~= "integer" then
      fail(tostring(key), "parameters is a list, and has no '%s'", tostring(key))
    end
  end
  for i, decl in ipairs(list) do
    check(decl, i)
    if declared.by_id[decl.id] then fail(decl.id, "parameter '%s' is there twice", decl.id) end
    declared.list[i], declared.by_id[decl.id] = decl, decl
  end
  return declared
end

-- -------------------------------------------------------------------------------------- values

local function shown(value)
  if is_text(value) then return answer.quote(value) end
  local kind = answer.kind_of(value)
  if kind == "a number" or type(value) == "boolean" then return tostring(value) end
  return kind
end

-- Reading a parameter that isn't declared is the author's mistake.
local function values_of(declared)
  return setmetatable({}, { __index = function(_, id)
    if not declared.by_id[id] then
      error(("there is no parameter '%s'"):format(tostring(id)), 2)
    end
  end })
end

local function unknown(declared, id)
  local ids = {}
  for i, decl in ipairs(declared.list) do ids[i] = decl.id end
  return ("there is no parameter %s; there %s"):format(answer.quote(id),
    #ids == 0 and "are none" or "is " .. table.concat(ids, ", "))
end

--- The values that a template is made with: those given, the defaults of the others.
-- @tparam table declared as `parameters.declare` returns it
-- @tparam[opt] table given a client's values by id, as JSON gives them; null means the default
-- @treturn table by id; or nil and a message that names parameter, value and what would be right
function parameters.read(declared, given)
  local values = values_of(declared)
  for _, decl in ipairs(declared.list) do
    if decl.default ~= nil then rawset(values, decl.id, kinds[decl.type][1](decl.default, decl)) end
  end
  for id, value in pairs(given or {}) do
    local decl = declared.by_id[id]
    if not decl then return nil, unknown(declared, tostring(id)) end
    if value ~= null then
      local read, right = table.unpack(kinds[decl.type])
      local got = read(value, decl)
      if got == nil then
        return nil, ("parameter %s: %s is not %s"):format(id, shown(value), right(decl))
      end
      rawset(values, id, got)
    end
  end
  return values
end

--- A value for each parameter that has no default, by id; nil if all have one.
function parameters.examples(declared)
  local examples
  for _, decl in ipairs(declared.list) do
    if decl.default == nil then
      examples = examples or {}
      examples[decl.id] = kinds[decl.type][3](decl)
    end
  end
  return examples
end

--- The declarations, fit for `core.json.encode`.
function parameters.describe(declared)
  local described = array {}
  for i, decl in ipairs(declared.list) do
    local copy = {}
    for key, value in pairs(decl) do copy[key] = value end
    if copy.choices then copy.choices = array { table.unpack(copy.choices) } end
    if copy.type == "bytes" and copy.default then
      copy.default = { vtype = "BYTES", base64 = core.wire.base64(copy.default) }
    end
    described[i] = copy
  end
  return described
end

return parameters
