--- Whole numbers from -2^64 + 1 to 2^64 - 1, twice what a Lua integer holds. Larger ones are kept
-- as far as an error message needs them: they are more than any other, and fit nowhere.
-- @module luapkt.wide

local core = require "luapkt.core"

local wide = {}

-- mag: the magnitude, 64 bits without a sign, in a Lua integer; digits instead where it's `huge`.
local Wide = {}
Wide.__index = Wide

local function make(negative, mag)
  return setmetatable({ negative = negative and mag ~= 0, mag = mag }, Wide)
end

local function make_huge(negative, digits)
  return setmetatable({ negative = negative, huge = true, digits = digits }, Wide)
end

local MOST = -1                   -- 2^64 - 1 in 64 bits
local TENTH = 1844674407370955161 -- a tenth of that, with 5 left over

local function read_decimal(negative, digits)
  local mag = 0
  for digit in digits:gmatch "%d" do
    local d = tonumber(digit)
    if math.ult(TENTH, mag) or (mag == TENTH and d > 5) then return make_huge(negative, digits) end
    mag = mag * 10 + d
  end
  return make(negative, mag)
end

local function read_hex(negative, digits)
  local significant = digits:match "^0*(.*)$"
  if #significant > 16 then return make_huge(negative, "0x" .. significant) end
  return make(negative, tonumber(significant == "" and "0" or "0x" .. significant))
end

--- The number that a text spells, in decimal or after 0x in hex; nil for any other text.
function wide.read(text)
  local sign, digits = text:match "^([+-]?)0[xX](%x+)$"
  if digits then return read_hex(sign == "-", digits) end
  sign, digits = text:match "^([+-]?)(%d+)$"
  if digits then return read_decimal(sign == "-", digits) end
end

--- A Lua integer or a `json.u64` as such a number; nil for any other value.
function wide.of(v)
  if math.type(v) == "integer" then return make(v < 0, v < 0 and -v or v) end
  if type(v) == "userdata" and v ~= core.json.null then return wide.read(tostring(v)) end
end

--- Is a value such a number?
function wide.is(v) return getmetatable(v) == Wide end

--- The largest number that fits in `size` bytes, 1 to 8.
function wide.largest(size)
  return make(false, size == 8 and MOST or (1 << 8 * size) - 1)
end

local function less(a, b)
  if a.huge or b.huge then return not a.huge end
  return math.ult(a.mag, b.mag)
end

function Wide.__lt(a, b)
  if a.negative ~= b.negative then return a.negative end
  if a.negative then a, b = b, a end
  return less(a, b)
end

-- The remainder of a / b without signs; b isn't 0.
local function remainder(a, b)
  if b < 0 then return math.ult(a, b) and a or a - b end
  if a >= 0 then return a % b end
  local r = a - (((a >> 1) // b) << 1) * b
  return math.ult(r, b) and r or r - b
end

--- The number that must be added to `most - least + 1`, the count of numbers in a range, to make it
-- a multiple of `step`. The caller has checked that none is negative or huge, and that step isn't
-- 0.
function wide.padding(least, most, step)
  local over = remainder(most.mag - least.mag, step.mag) + 1 -- 1 to step
  return make(false, step.mag - over)
end

--- a + b where that is at most `limit`, nil where it is more. None is negative or huge.
function wide.sum(a, b, limit)
  if math.ult(limit.mag, a.mag) or math.ult(limit.mag - a.mag, b.mag) then return nil end
  return make(false, a.mag + b.mag)
end

--- a - b, nil where that is negative. Neither is negative or huge.
function wide.difference(a, b)
  if math.ult(a.mag, b.mag) then return nil end
  return make(false, a.mag - b.mag)
end

--- As a value of JSON: a Lua integer, or a `json.u64` where it doesn't fit in one. Not of a huge
-- one.
function Wide:json()
  if self.mag >= 0 then return self.negative and -self.mag or self.mag end
  return core.json.u64(tostring(self))
end

function Wide:__tostring()
  local sign = self.negative and "-" or ""
  if self.huge then return sign .. self.digits end
  if self.mag >= 0 then return sign .. self.mag end
  local tens = (self.mag >> 1) // 5
  return ("%s%d%d"):format(sign, tens, self.mag - tens * 10)
end

return wide
