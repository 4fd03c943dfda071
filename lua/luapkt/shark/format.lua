--- Format strings as Python's: `{timestamp:.3f} {src:>15} {TCP.flags!h}`.
--
-- `{NAME!CONVERSION:SPEC}`; names are those of `luapkt.shark.path`. A conversion `h` gives what a
-- person sees, `r` and `s` the text of the value. SPEC is
-- `[[FILL]ALIGN][SIGN][#][0][WIDTH][,|_][.PRECISION][TYPE]` with ALIGN `<`, `>`, `^` or `=`, SIGN
-- `+`, `-` or a blank, TYPE `b c d o x X e E f F g G n % s`
-- (https://docs.python.org/3/library/string.html, "Format Specification Mini-Language"). `{{` and
-- `}}` are braces. What isn't there is blank.
-- @module luapkt.shark.format

local path = require "luapkt.shark.path"

local format = {}

-- ------------------------------------------------------------------------------------- numbers

local function to_binary(n)
  local digits = {}
  repeat
    table.insert(digits, 1, n & 1)
    n = n >> 1
  until n == 0
  return table.concat(digits)
end

local function decimal(n) return (("%d"):format(n):gsub("^-", "")) end

-- A value doesn't fit what is asked for.
local function misfit(spec, what, ...)
  error(("{%s}: %s"):format(spec.field, what:format(...)), 0)
end

-- Digits of an integer's amount, by type; `c` is the character.
local integers = {
  d = decimal,
  n = decimal,
  b = to_binary,
  o = function(n) return ("%o"):format(n) end,
  x = function(n) return ("%x"):format(n) end,
  X = function(n) return ("%X"):format(n) end,
  c = utf8.char,
}
local prefixes = { b = "0b", o = "0o", x = "0x", X = "0X" }

-- The decimal digits of a number, so many, and where its point is: 1.25 is "125", 1.
local function digits_of(x, count)
  local first, rest, exponent = ("%%.%de"):format(count - 1):format(x):match "^(%d)%.?(%d*)e(.*)$"
  return first .. rest, math.tointeger(tonumber(exponent)) + 1
end

-- The fewest digits that are this number and no other.
local function shortest(x)
  local count = 1
  while count < 17 and tonumber(("%%.%dg"):format(count):format(x)) ~= x do count = count + 1 end
  return digits_of(x, count)
end

-- A number as `repr` writes it: at least one digit behind the point, and an exponent where it has
-- more than `most` digits before it. `alternate`: a point beside an exponent, too.
local function show_plainly(digits, point, most, alternate)
  if point <= -4 or point > most then
    local rest = (#digits > 1 or alternate) and "." .. digits:sub(2) or ""
    return ("%s%se%+03d"):format(digits:sub(1, 1), rest, point - 1)
  end
  if point <= 0 then return "0." .. ("0"):rep(-point) .. digits end
  digits = digits .. ("0"):rep(point + 1 - #digits)
  return digits:sub(1, point) .. "." .. digits:sub(point + 1)
end

local function show_without_type(x, spec)
  if not spec.precision then
    local digits, point = shortest(x)
    return show_plainly(digits, point, 16, spec.alternate)
  end
  local count = math.max(spec.precision, 1)
  local digits, point = digits_of(x, count)
  if not spec.alternate then digits = digits:match "^(%d.-)0*$" end
  return show_plainly(digits, point, count - 1, spec.alternate)
end

local function show_real(x, spec)
  if not spec.type then return show_without_type(x, spec) end
  local percent = spec.type == "%"
  local letter = percent and "f" or spec.type:gsub("F", "f"):gsub("n", "g")
  local how = ("%%%s.%d%s"):format(spec.alternate and "#" or "", spec.precision or 6, letter)
  return how:format(percent and x * 100 or x) .. (percent and "%" or "")
end

-- A number's digits without its sign, and the prefix of its base.
local function show_number(n, spec)
  if math.type(n) ~= "integer" or spec.type and not integers[spec.type] then
    return show_real(n < 0 and -n or n + 0.0, spec), ""
  end
  if spec.precision then misfit(spec, "a precision is for real numbers, not for integers") end
  local letter = spec.type or "d"
  if letter == "c" and not (n >= 0 and n <= 0x10ffff) then misfit(spec, "%d is no character", n) end
  return integers[letter](n < 0 and -n or n), spec.alternate and prefixes[letter] or ""
end

-- Digits in groups of `size` from the right, `mark` between them, with zeros before them until
-- there are at least `least` characters.
local function group(digits, mark, size, least)
  local parts = {}
  repeat
    local n = math.min(size, math.max(#digits, least, 1))
    local part = digits:sub(-n)
    table.insert(parts, 1, ("0"):rep(n - #part) .. part)
    digits = digits:sub(1, -n - 1)
    least = least - n - #mark
  until digits == "" and least + #mark <= 0
  return table.concat(parts, mark)
end

-- ------------------------------------------------------------------------------- padding to width

-- The characters of a text, or its bytes where it is no UTF-8.
local function length(text) return utf8.len(text) or #text end

local function pad(text, width, fill, align, head)
  local missing = (width or 0) - length(head .. text)
  if missing <= 0 then return head .. text end
  if align == "=" then return head .. fill:rep(missing) .. text end
  text = head .. text
  if align == "<" then return text .. fill:rep(missing) end
  if align == ">" then return fill:rep(missing) .. text end
  local left = missing // 2
  return fill:rep(left) .. text .. fill:rep(missing - left)
end

local function fill_of(spec) return spec.fill or spec.zero and "0" or " " end

local function pad_number(negative, digits, prefix, spec)
  local head = (negative and "-" or spec.sign ~= "-" and spec.sign or "") .. prefix
  local align, fill = spec.align or spec.zero and "=" or ">", fill_of(spec)
  local whole, rest = digits:match "^(%d+)(.*)$"
  if spec.group and ("xX"):find(spec.type or "d", 1, true) then whole, rest = digits, "" end
  if spec.group then
    local zeros = align == "=" and fill == "0"
    local least = zeros and (spec.width or 0) - #head - #rest or 0
    local size = prefixes[spec.type] and 4 or 3
    digits = group(whole, spec.group, size, least) .. rest
  end
  return pad(digits, spec.width, fill, align, head)
end

local function apply_number(n, spec)
  local digits, prefix = show_number(n, spec)
  return pad_number(n < 0, digits, prefix, spec)
end

-- A float of seconds since 1970 holds microseconds, but not nanoseconds: are those asked for, or
-- does the time have any?
local function is_finer(time, spec)
  local precision = (spec.type == "f" or spec.type == "F") and (spec.precision or 6)
  return precision and precision <= 9 and (precision > 6 or time % 1000 ~= 0)
end

-- Nanoseconds as seconds, rounded as Python rounds: half of the last digit to the even one.
local function apply_time(time, spec)
  local precision = spec.precision or 6
  local unit = math.tointeger(10 ^ (9 - precision))
  local amount = time < 0 and -time or time
  local count, rest = amount // unit, amount % unit * 2
  if rest > unit or rest == unit and count % 2 == 1 then count = count + 1 end
  local digits = ("%0" .. precision + 1 .. "d"):format(count)
  local point = (precision > 0 or spec.alternate) and "." or ""
  digits = digits:sub(1, #digits - precision) .. point .. digits:sub(#digits - precision + 1)
  return pad_number(time < 0, digits, "", spec)
end

-- The part of a spec that only numbers can have, or nil.
local function numeric_part(spec)
  return spec.sign or spec.alternate or spec.group or spec.align == "=" and "=" or nil
end

local function apply_text(text, spec)
  local odd = numeric_part(spec)
  if odd then misfit(spec, "'%s' is for numbers, not for %s", odd, text) end
  if spec.precision then
    local behind = utf8.offset(text, spec.precision + 1)
    if behind then text = text:sub(1, behind - 1) end
  end
  return pad(text, spec.width, fill_of(spec), spec.align or "<", "")
end

local function apply(value, shown, spec)
  if value == nil then return (" "):rep(spec.width or 0) end
  if type(value) == "number" and spec.type ~= "s" then return apply_number(value, spec) end
  if spec.type and spec.type ~= "s" then
    misfit(spec, "'%s' is for numbers, not for %s", spec.type, shown)
  end
  return apply_text(shown, spec)
end

-- ------------------------------------------------------------------------------------- reading

-- Is the type one that only integers take? A time is never one.
local function is_for_integers(spec) return integers[spec.type] and spec.type ~= "n" end

-- Does it ask for what is never possible with its type?
local function is_contradictory(spec)
  local kind = spec.type
  if not kind then return false end
  if kind == "s" then return numeric_part(spec) ~= nil end
  if spec.precision and integers[kind] and kind ~= "n" then return true end
  if spec.group and (kind == "n" or spec.group == "," and prefixes[kind]) then return true end
  return kind == "c" and (spec.sign or spec.alternate or spec.group) ~= nil
end

-- A SPEC taken apart; nil: it is none. `field`: the text of the whole field, for error messages.
local function read_spec(text, field)
  local spec = { field = field }
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
  spec.zero = take "(0)"
  spec.width = tonumber(take "(%d+)")
  spec.group = take "([,_])"
  spec.precision = tonumber(take "%.(%d+)")
  spec.type = take "([bcdoxXeEfFgGn%%s])"
  if at <= #text then return nil end
  if (spec.width or 0) > 1000 or (spec.precision or 0) > 99 then return nil end
  return not is_contradictory(spec) and spec or nil
end

-- `NAME!CONVERSION:SPEC` taken apart, what is left out being "". The colon of `IP:1.src` is part of
-- the name.
local function split_field(text)
  local name, nth, rest = text:match "^([%a_][%w_]*):(%d+)(%.[%a_].*)$"
  local head = nth and name .. ":" .. nth or ""
  local inner, conversion, spec = (rest or text):match "^([^!:]*)!?(%a?):?(.*)$"
  return head .. inner, conversion, spec
end

-- Why a spec can never fit the values of a field; nil: it may.
local function unfit(spec, conversion, is_text, is_time)
  local number = spec.type ~= "s" and spec.type or numeric_part(spec)
  if number and (is_text or conversion ~= "") then
    return ("'%s' is for numbers, not for text"):format(number)
  end
  if is_time and is_for_integers(spec) then
    return ("'%s' is for integers, not for a time"):format(spec.type)
  end
end

-- The text of a value without a format: an integer in decimal, whatever a person sees of it.
local function plain_text(value, shown)
  return math.type(value) == "integer" and tostring(value) or shown
end

-- `NAME!CONVERSION:SPEC` as a function of an item, or nil and what is wrong.
local function read_field(text)
  local name, conversion, spec_text = split_field(text)
  local value_of, is_text = path.compile(name)
  if not value_of then return nil, is_text end
  if not ("hrs"):find(conversion, 1, true) then
    return nil, ("there is no conversion '!%s': h, r or s"):format(conversion)
  end
  local spec = read_spec(spec_text, text)
  if not spec then return nil, ("'%s' is no format"):format(spec_text) end
  local is_time = name == "timestamp" and conversion == ""
  local why = unfit(spec, conversion, is_text, is_time)
  if why then return nil, why end
  if spec_text == "" and conversion == "" then
    return function(item) return plain_text(value_of(item)) end
  end
  return function(item)
    if is_time and is_finer(item.about.time, spec) then return apply_time(item.about.time, spec) end
    local value, shown = value_of(item)
    if conversion == "r" or conversion == "s" then shown = plain_text(value, shown) end
    if value ~= nil and conversion ~= "" then value = shown end
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
