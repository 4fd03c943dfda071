--- Format strings as Python's: `{timestamp:.3f} {src:>15} {TCP.flags!h}`.
--
-- `{NAME!CONVERSION:SPEC}`; names are those of `luapkt.shark.path`. A conversion `h` gives what a
-- person sees, `r` and `s` the text of the value. SPEC is
-- `[[FILL]ALIGN][SIGN][#][0][WIDTH][,][.PRECISION][TYPE]` with ALIGN `<`, `>`, `^` or `=`, SIGN
-- `+`, `-` or a blank, TYPE `b c d o x X e E f F g G n % s`
-- (https://docs.python.org/3/library/string.html, "Format Specification Mini-Language"). `{{` and
-- `}}` are braces. What isn't there is empty.
-- @module luapkt.shark.format

local path = require "luapkt.shark.path"

local format = {}

-- ------------------------------------------------------------------------------------- numbers

local function to_base(n, base)
  if n == 0 then return "0" end
  local digits = {}
  while n ~= 0 do
    local digit = math.ult(n, base) and n or n % base
    if n < 0 then digit = (n & 0xf) % base end
    table.insert(digits, 1, ("0123456789abcdef"):sub(digit + 1, digit + 1))
    n = n < 0 and (n >> ({ [2] = 1, [8] = 3, [16] = 4 })[base]) or n // base
  end
  return table.concat(digits)
end

local function group(digits, mark)
  local whole, rest = digits:match "^(%d+)(.*)$"
  if not whole then return digits end
  local grouped = whole:reverse():gsub("(%d%d%d)", "%1" .. mark):reverse()
  return (grouped:gsub("^" .. mark, "")) .. rest
end

local integers = {
  d = function(n) return ("%d"):format(n) end,
  n = function(n) return ("%d"):format(n) end,
  b = function(n) return to_base(n, 2) end,
  o = function(n) return ("%o"):format(n) end,
  x = function(n) return ("%x"):format(n) end,
  X = function(n) return ("%X"):format(n) end,
  c = function(n) return utf8.char(n) end,
}
local prefixes = { b = "0b", o = "0o", x = "0x", X = "0X" }
local reals = { e = true, E = true, f = true, F = true, g = true, G = true }

local function show_real(x, spec)
  if spec.type == "%" then return ("%%.%df"):format(spec.precision or 6):format(x * 100) .. "%" end
  local letter = reals[spec.type] and spec.type or "g"
  local precision = spec.precision or 6
  if not spec.type and not spec.precision then precision = 17 end
  return (("%%.%d%s"):format(precision, letter:gsub("F", "f")):format(x))
end

-- A number's digits without its sign, and the prefix of its base.
local function show_number(n, spec)
  local integer = math.type(n) == "integer"
  if integer and (integers[spec.type] or (not spec.type and not spec.precision)) then
    local letter = spec.type or "d"
    return integers[letter](n), spec.alternate and prefixes[letter] or ""
  end
  return show_real(n, spec), ""
end

-- ------------------------------------------------------------------------------- padding to width

-- The characters of a text, or its bytes where it is no UTF-8.
local function length(text) return utf8.len(text) or #text end

local function pad(text, spec, align, head)
  local missing = (spec.width or 0) - length(head .. text)
  if missing <= 0 then return head .. text end
  local fill = spec.fill or " "
  if align == "=" then return head .. fill:rep(missing) .. text end
  text = head .. text
  if align == "<" then return text .. fill:rep(missing) end
  if align == ">" then return fill:rep(missing) .. text end
  local left = missing // 2
  return fill:rep(left) .. text .. fill:rep(missing - left)
end

local function apply_number(n, spec)
  local negative = n < 0 and spec.type ~= "c"
  local digits, prefix = show_number(negative and -n or n, spec)
  if spec.group then digits = group(digits, spec.group) end
  local sign = negative and "-" or spec.sign ~= "-" and spec.sign or ""
  return pad(digits, spec, spec.align or ">", sign .. prefix)
end

local function apply_text(text, spec)
  if spec.precision then
    local behind = utf8.offset(text, spec.precision + 1)
    if behind then text = text:sub(1, behind - 1) end
  end
  return pad(text, spec, spec.align or "<", "")
end

local function apply(value, shown, spec)
  if type(value) == "number" and spec.type ~= "s" then return apply_number(value, spec) end
  if spec.type and spec.type ~= "s" and value ~= nil then
    error(("'%s' is for numbers, not for %s"):format(spec.type, shown), 0)
  end
  return apply_text(shown, spec)
end

-- ------------------------------------------------------------------------------------- reading

local function read_spec(text)
  local spec = {}
  local at = 1
  local function take(pattern)
    local found, behind = text:match("^" .. pattern .. "()", at)
    if behind then at = behind end
    return found ~= "" and found or nil
  end
  local fill, align, behind = text:match "^(.[\128-\191]*)([<>=^])()"
  if fill then
    spec.fill, spec.align, at = fill, align, behind
  else
    spec.align = take "([<>=^])"
  end
  spec.sign = take "([+ -])"
  spec.alternate = take "(#)"
  if take "(0)" and not spec.align then spec.fill, spec.align = spec.fill or "0", "=" end
  spec.width = math.tointeger(take "(%d+)")
  spec.group = take "([,_])"
  spec.precision = math.tointeger(take "%.(%d+)")
  spec.type = take "([bcdoxXeEfFgGn%%s])"
  if at <= #text then return nil end
  if (spec.width or 0) > 1000 or (spec.precision or 0) > 99 then return nil end
  return spec
end

-- `NAME!h:SPEC` to a function of an item, or nil and what is wrong.
local function read_field(text)
  local name, nth, rest = text:match "^([%a_][%w_]*):(%d+)(%.[%a_].*)$"
  local head = nth and name .. ":" .. nth or ""
  local inner, conversion, spec_text = (rest or text):match "^([^!:]*)!?(%a?):?(.*)$"
  if not inner then return nil, "no name" end
  local value_of, why = path.compile(head .. inner)
  if not value_of then return nil, why end
  if not ("hrs"):find(conversion, 1, true) then
    return nil, ("there is no conversion '!%s': h, r or s"):format(conversion)
  end
  local spec = read_spec(spec_text)
  if not spec then return nil, ("'%s' is no format"):format(spec_text) end
  if spec_text == "" and conversion == "" then
    return function(item)
      local value, shown = value_of(item)
      if math.type(value) == "integer" then return tostring(value) end
      return shown
    end
  end
  return function(item)
    local value, shown = value_of(item)
    if conversion == "h" then value = shown end
    if conversion == "r" or conversion == "s" then value = tostring(value or "") end
    return apply(value, shown, spec)
  end
end

-- The text and the fields of a format, in order.
local function read_parts(text)
  local parts, at = {}, 1
  while at <= #text do
    local plain, behind = text:match("^([^{}]+)()", at)
    local double = text:match("^{{", at) or text:match("^}}", at)
    local field, after = text:match("^{([^{}]*)}()", at)
    if plain then
      parts[#parts + 1], at = plain, behind
    elseif double then
      parts[#parts + 1], at = double:sub(1, 1), at + 2
    elseif field then
      local part, why = read_field(field)
      if not part then return nil, ("column %d: {%s}: %s"):format(at, field, why) end
      parts[#parts + 1], at = part, after
    else
      local brace = text:sub(at, at)
      local what = brace == "{" and "isn't closed" or "closes nothing"
      local why = "column %d: '%s' %s; '%s%s' is the character"
      return nil, why:format(at, brace, what, brace, brace)
    end
  end
  return parts
end

--- What a format makes of packets.
-- @tparam string text the format
-- @treturn function called with an item (`luapkt.shark.path`), it returns text, and raises where a
--   value doesn't fit its format; or nil and what is wrong with the format, and where
function format.compile(text)
  local parts, why = read_parts(text)
  if not parts then return nil, why end
  local made = {}
  return function(item)
    for i, part in ipairs(parts) do
      made[i] = type(part) == "string" and part or part(item)
    end
    return table.concat(made, "", 1, #parts)
  end
end

return format
