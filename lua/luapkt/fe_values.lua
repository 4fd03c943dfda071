--- Reads the parameters of field engine instructions as clients write them.
--
-- A number may be written as a number, as text in decimal or (after 0x) in hex, or as a MAC
-- address; a value also as an IPv4 address. "true" and "false" are booleans; "None", "none" and
-- null mean no value. An EXPRESSION stands for what it evaluates to, an OBJECT for its value; in
-- their results, and in lists, text doesn't stand for a number, as in TRex. Errors have TRex's
-- words wherever it has an error of that kind, odd spaces and spellings included.
-- @module luapkt.fe_values

local core           = require "luapkt.core"
local answer         = require "luapkt.answer"
local fe_definitions = require "luapkt.fe_definitions"
local wide           = require "luapkt.wide"

local null = core.json.null

local fe_values = {}

-- Limits for one program. An expression may run for 8 ms, if `--expr-time` doesn't say otherwise,
-- so all of them for about half a second. Lists may have as many values as a variable of two bytes.
local MAX_EXPRESSIONS = 64
local MAX_VALUES      = 0x10000

local MAX_SHOWN = 40

--- A client's text within a message that has quotes of its own: cut to MAX_SHOWN characters, with
-- control characters escaped, or all but ASCII where it isn't UTF-8.
function fe_values.shown(text)
  local length = utf8.len(text)
  local cut = length and utf8.offset(text, math.min(length, MAX_SHOWN) + 1) - 1 or MAX_SHOWN
  local escaped = text:sub(1, cut):gsub(length and "%c" or "[^ -~]", function(c)
    return ("\\x%02x"):format(c:byte())
  end)
  return escaped .. (cut < #text and "..." or "")
end

local shown = fe_values.shown

-- ---------------------------------------------------------------------------------- what it is

local words = { none = null, None = null, ["true"] = true, ["false"] = false }

-- Decimal digits, with spaces around them.
local function read_decimal(text)
  local digits = text:match "^%s*([+-]?%d+)%s*$"
  return digits and wide.read(digits)
end

local function read_number(text)
  return read_decimal(text) or (text:find "^0x" and wide.read(text))
end

local function read_mac(text)
  local mac = text:match "^(%x%x:%x%x:%x%x:%x%x:%x%x:%x%x)$"
           or text:match "^(%x%x%-%x%x%-%x%x%-%x%x%-%x%x%-%x%x)$"
  return mac and wide.read("0x" .. mac:gsub("[:-]", ""))
end

local function read_text(text)
  local word = words[text]
  if word ~= nil then return word end
  return read_number(text) or read_mac(text) or text
end

-- A value of JSON or of an expression: null, a boolean, a wide number, a float, text, a table.
local function plain(v) return wide.of(v) or v end

-- The name that TRex gives to the type of a plain value.
local function type_of(v)
  if v == null then return "NoneType" end
  if wide.is(v) then return "int" end
  if type(v) == "table" then return answer.is_list(v) and "list" or "dict" end
  return ({ boolean = "bool", number = "float", string = "str" })[type(v)]
end

-- A plain value as a message shows it.
local function as_shown(v)
  if v == null then return "None" end
  if type(v) == "boolean" then return v and "True" or "False" end
  if type(v) == "table" and not wide.is(v) then return answer.kind_of(v) end
  return shown(tostring(v))
end

local function wrong_type(id, v, wanted)
  return nil, ("Argument: '%s' invalid type: '%s', expecting type(s): %s.")
    :format(id, type_of(v), wanted)
end

-- ------------------------------------------------------------------------------------- kinds

-- kind -> function(plain value, parameter's id, reader): the value, or nil and a message
local read = {}

function read.text(v, id)
  if type(v) ~= "string" then return wrong_type(id, v, "str") end
  return v
end

function read.boolean(v, id)
  if type(v) ~= "boolean" then return wrong_type(id, v, "bool") end
  return v
end

function read.number(v, id)
  if not wide.is(v) then return wrong_type(id, v, "int") end
  if v.huge then return nil, ("%s %s does not fit in 64 bits"):format(id, shown(tostring(v))) end
  return v
end

local function read_ipv4(text)
  local parts = { text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$" }
  local address = 0
  for _, part in ipairs(parts) do
    if part:find "^0." or tonumber(part) > 255 then return nil end
    address = address << 8 | tonumber(part)
  end
  return #parts == 4 and wide.of(address) or nil
end

function read.value(v, id)
  if type(v) == "string" then
    local address = read_ipv4(v)
    if not address then return nil, "Not valid IPv4 format: " .. shown(v) end
    return address
  end
  if not wide.is(v) then return wrong_type(id, v, "int, str") end
  return v
end

function read.op(v, id)
  if not fe_definitions.choices[id][v] then
    return nil, ("Flow var has invalid op %s "):format(as_shown(v))
  end
  return v
end

function read.size(v, id)
  if not wide.is(v) then return wrong_type(id, v, "int") end
  if not fe_definitions.choices[id][tostring(v)] then
    return nil, ("Flow var has invalid size %s "):format(shown(tostring(v)))
  end
  return v
end

function read.cast_size(v, id)
  if not wide.is(v) or not fe_definitions.choices[id][tostring(v)] then
    return nil, "not valid cast size"
  end
  return v
end

-- What an OBJECT or an EXPRESSION stands for; anything else is itself. Nil and a message where an
-- expression fails.
local function unwrap(reader, v)
  if type(v) ~= "table" or not reader.evaluate then return v end
  if v.vtype == "OBJECT" then return v.value == nil and null or v.value end
  if v.vtype ~= "EXPRESSION" then return v end
  if type(v.expr) ~= "string" then return nil, "an EXPRESSION without a text as \"expr\"" end
  return reader:evaluated(v.expr)
end

function read.list(v, id, reader)
  if not answer.is_list(v) then return wrong_type(id, v, "list") end
  if #v > reader.values then
    return nil, ("there are more than %d values in lists"):format(MAX_VALUES)
  end
  reader.values = reader.values - #v
  local values = {}
  for i, given in ipairs(v) do
    local item, err = unwrap(reader, given)
    if item == nil then return nil, ("%s: %s"):format(id, err) end
    item = plain(item)
    if not wide.is(item) and type(item) ~= "string" then
      return nil, ("init val[%d] invalid %s "):format(i - 1, as_shown(item))
    end
    values[i], err = read.value(item, id)
    if not values[i] then return nil, err end
  end
  return values
end

-- ------------------------------------------------------------------------------------ places

-- A whole number as Python's int() takes one: also a boolean, or a float whose fraction goes; from
-- text in decimal alone. Nil for anything else.
local function integer(v)
  if type(v) == "boolean" then return wide.of(v and 1 or 0) end
  if math.type(v) == "float" then
    return wide.of(math.tointeger(v < 0 and math.ceil(v) or math.floor(v)))
  end
  if type(v) == "string" then return read_decimal(v) end
  return wide.of(v)
end

-- Beyond any packet, and small enough that two of them can be added.
local MIN_PLACE, MAX_PLACE = wide.of(-0xffffffff), wide.of(0xffffffff)

-- Bytes from the start of the packet. They may be negative: `offset_fixup` is added to a place, and
-- only the sum must lie in the packet.
local function read_distance(number, id)
  if number < MIN_PLACE or MAX_PLACE < number then
    return nil, ("%s %s lies beyond any packet"):format(id, shown(tostring(number)))
  end
  return number:json()
end

-- Bytes, or text that says which field or layer.
function read.place(v, id)
  if type(v) == "string" then return v end
  local number = wide.is(v) and v or integer(v)
  if not number then return wrong_type(id, v, "int, str") end
  return read_distance(number, id)
end

function read.distance(v, id)
  local number, err = read.number(v, id)
  if not number then return nil, err end
  return read_distance(number, id)
end

-- --------------------------------------------------------------------------------------- all

local Reader = {}
Reader.__index = Reader

--- A reader for the parameters of one program.
-- @tparam function evaluate text -> value, or nil and { message = }; without it, values are taken
-- as they are: those of compiled instructions
function fe_values.reader(evaluate)
  return setmetatable({
    evaluate = evaluate, expressions = MAX_EXPRESSIONS, values = MAX_VALUES,
  }, Reader)
end

-- What the text of an expression evaluates to; or nil and a message.
function Reader:evaluated(text)
  if self.expressions == 0 then
    return nil, ("there are more than %d expressions"):format(MAX_EXPRESSIONS)
  end
  self.expressions = self.expressions - 1
  local value, err = self.evaluate(text)
  if value == nil then return nil, err.message end
  return value
end

-- The value that a client has written, for a parameter of this kind. Text is read as a number, a
-- word or an address; for a list it is an expression, since editors send a list as it was typed.
local function resolve(reader, kind, v)
  if type(v) ~= "string" then return unwrap(reader, v) end
  if not reader.evaluate then return v end
  if kind == "place" then return read_number(v) or v end
  if kind == "list" and words[v] == nil then return reader:evaluated(v) end
  return read_text(v)
end

--- Read a parameter.
-- @tparam string id the parameter's, one of `fe_definitions.takes`
-- @param v as JSON or an expression has it
-- @tparam boolean optional may it be null?
-- @return null, text, a boolean, a wide number, a list of those, or (for a place or a distance) a
-- Lua integer; or nil and a message
function Reader:read(id, v, optional)
  local kind = fe_definitions.takes[id]
  local value, err = resolve(self, kind, v)
  if value == nil then return nil, ("%s: %s"):format(id, err) end
  value = plain(value)
  if value == null and optional then return null end
  return read[kind](value, id, self)
end

--- The size of a program's cache: 0 or less for none.
-- @treturn integer or a `json.u64`; or nil and a message
function fe_values.read_cache_size(v)
  local number = integer(v)
  if not number or number.huge then return nil, "Cache size must be a number" end
  return number:json()
end

return fe_values
