--- Field kinds and rules: the words that protocol files are written in.
-- Every constructor returns a plain table; nothing is checked against other fields here, since a
-- field can't know its neighbours: `luapkt.compile` does that and reports the line noted in `at`.
-- What each word means to an author is in docs/protocols.md.
-- @module luapkt.field

local core = require "luapkt.core"

local field = {}

--- Marks a field that has no value until it is set: shown as None, written as nothing.
field.none = setmetatable({}, { __tostring = function() return "none" end })

-- ------------------------------------------------------------------------------------- rules

local Rule = {}
Rule.__index = Rule

local function rule(op, ...)
  return setmetatable({ op = op, ... }, Rule)
end

local function operand(v, what)
  if getmetatable(v) == Rule then return v end
  if math.type(v) == "integer" then return rule("const", v) end
  error(("%s: a rule or an integer expected, got %s"):format(what, type(v)), 3)
end

local function compares_by_method()
  error("rules are compared by methods, such as :lt(v)", 2)
end

-- Their results would be booleans.
Rule.__lt, Rule.__le = compares_by_method, compares_by_method

local binary = {
  __add = "add", __sub = "sub", __mul = "mul", __idiv = "div", __mod = "mod",
  __band = "band", __bor = "bor", __shl = "shl", __shr = "shr",
}
for event, op in pairs(binary) do
  Rule[event] = function(a, b) return rule(op, operand(a, op), operand(b, op)) end
end
Rule.__div = function() error("rules divide by //: they know whole numbers alone", 2) end
Rule.__pow = function() error("rules have no power ^; << shifts", 2) end
Rule.__unm = function(a) return rule("sub", rule("const", 0), a) end

for _, op in ipairs { "eq", "ne", "lt", "le", "gt", "ge", "min", "max" } do
  Rule[op] = function(self, v) return rule(op, self, operand(v, op)) end
end

--- All of these bits set?
function Rule:has(mask)
  local bits = operand(mask, "has")
  return rule("eq", rule("band", self, bits), bits)
end

function Rule:both(r) return rule("land", self, operand(r, "both")) end
function Rule:either(r) return rule("lor", self, operand(r, "either")) end
function Rule:no() return rule("eq", self, rule("const", 0)) end
function Rule:pick(a, b) return rule("pick", self, operand(a, "pick"), operand(b, "pick")) end

-- Numbers below 64 as the bits of one, or nil.
local function as_set(values)
  local set = 0
  for _, v in ipairs(values) do
    if math.type(v) ~= "integer" or v < 0 or v > 63 then return nil end
    set = set | 1 << v
  end
  return set
end

function Rule:between(a, b)
  operand(a, "between")
  operand(b, "between")
  local small = math.type(a) == "integer" and math.type(b) == "integer" and 0 <= a and b <= 63
  if not small then return self:ge(a):both(self:le(b)) end
  local set = 0
  for v = a, b do set = set | 1 << v end
  return rule("in", self, set)
end

function Rule:one_of(first, ...)
  for i = 1, select("#", ...) + 1 do operand((select(i, first, ...)), "one_of") end
  local set = select("#", ...) > 1 and as_set { first, ... }
  if set then return rule("in", self, set) end
  local any = self:eq(first)
  for _, v in ipairs { ... } do any = any:either(self:eq(v)) end
  return any
end

--- The metatable of rules, and whether a value is one.
field.Rule = Rule
function field.is_rule(v) return getmetatable(v) == Rule end

local function named_leaf(op)
  return function(id)
    if type(id) ~= "string" then
      error(("%s: a field's id expected, got %s"):format(op, type(id)), 2)
    end
    return rule(op, id)
  end
end

field.ref    = named_leaf "ref"
field.under  = named_leaf "under"
field.under_size = named_leaf "under_size"
field.size   = named_leaf "size"
field.padded = named_leaf "padded"
field.count  = named_leaf "count"
field.given  = named_leaf "given"
field.form   = named_leaf "form"

function field.header() return rule("header") end
function field.payload() return rule("payload") end
function field.left() return rule("left") end
function field.total() return rule("total") end
function field.carrying(n) return rule("carrying", operand(n, "carrying")) end
function field.above(...) return rule("above", { ... }) end
function field.behind(id) return rule("behind", { id }) end
function field.below(...) return rule("below", { ... }) end

local function looking(op)
  return function(bit, width)
    local whole = math.type(bit) == "integer" and math.type(width) == "integer"
    if not whole or width < 1 or width > 32 or bit < 0 then
      error(op .. ": a bit position and a width of 1 to 32 expected", 2)
    end
    return rule(op, bit, width)
  end
end

--- `width` bits (1 to 32) at bit `bit` of the bytes about to be read.
field.peek = looking "peek"

--- The same where they need not be there: a kind of a protocol is told without them, too.
field.glance = looking "glance"

--- The bytes of the head of lines of text that is about to be read: a start line, header lines and
-- a blank one. 0 where it is longer than 16 KiB.
function field.text_head() return rule("text_head") end

local function of_header_lines(op)
  return function(...)
    for i = 1, math.max(1, select("#", ...)) do
      local name = select(i, ...)
      if type(name) ~= "string" or not name:find "^[^%s:]+$" then
        error(op .. ": names of header lines expected", 2)
      end
    end
    return rule(op, table.concat({ ... }, " "))
  end
end

--- The number that a header line of that head says, by one of these names: -1 where no line has
-- one, -2 where it says anything else.
field.text_number = of_header_lines "text_number"

--- The bytes of the chunks and the trailer section behind that head, where "chunked" is the last
-- word that the header lines with one of these names list; more than are there where their end
-- isn't. -1 where it isn't the last word, -2 where the chunks make no sense.
field.text_chunks = of_header_lines "text_chunks"

--- What was asked (`asks`) that the message about to be read answers, in `pdu`; 0: unknown.
function field.asked() return rule("asked") end

local sums = {}
local kinds_of_sums = "adler32, crc16, crc24, crc32, crc32c, fletcher, inet, inet_signed"
for kind in kinds_of_sums:gmatch "%w[%w_]*" do sums[kind] = true end

--- A checksum as the value of `auto`.
function field.checksum(kind, opts)
  if not sums[kind] then
    local none = "checksum: there is no kind '%s'; there are %s"
    error(none:format(tostring(kind), kinds_of_sums), 2)
  end
  local sum = { over = "layer" }
  for option, value in pairs(opts or {}) do sum[option] = value end
  sum.checksum = kind
  return sum
end

-- ------------------------------------------------------------------------------------ fields

-- A declaration: its options, and what the constructor adds to them:
-- new(kind, id, opts, width, key, value, more_key, more_value).
-- The core looks two calls up for the line of the protocol file.
local new = core.field

local function integer(width, key)
  return function(id, opts) return new("uint", id, opts, width, key, true) end
end

for _, width in ipairs { 8, 16, 24, 32, 48, 64 } do
  field["u" .. width] = integer(width, width == 24 and "masked")
  field["s" .. width] = integer(width, "signed")
  if width > 8 then
    field["le" .. width] = integer(width, "little")
    field["sle" .. width] = function(id, opts)
      return new("uint", id, opts, width, "little", true, "signed", true)
    end
  end
end

for _, width in ipairs { 32, 64 } do
  field["f" .. width] = function(id, opts) return new("float", id, opts, width) end
  field["lef" .. width] = function(id, opts)
    return new("float", id, opts, width, "little", true)
  end
end

function field.bits(id, width, opts)
  return new("uint", id, opts, width, "bitfield", true)
end

function field.flags(id, width, names, opts)
  return new("uint", id, opts, width, "bitfield", true, "flags", names)
end

function field.phantom(id, opts) return new("phantom", id, opts, 32) end
function field.mac(id, opts) return new("mac", id, opts, 48) end
function field.ipv4(id, opts) return new("ipv4", id, opts, 32) end
function field.ipv6(id, opts) return new("ipv6", id, opts, 128) end
function field.bytes(id, opts) return new("bytes", id, opts) end
function field.name(id, opts) return new("name", id, opts) end
function field.list(id, item, opts) return new("list", id, opts, nil, "item", item) end
function field.layers(id, opts) return new("layers", id, opts) end
function field.layer(id, opts) return new("layer", id, opts) end
function field.options(id, codes, opts) return new("options", id, opts, nil, "codes", codes) end
function field.choice(id, alternatives, opts)
  return new("choice", id, opts, nil, "alternatives", alternatives)
end

-- ----------------------------------------------------------------------------- elements of ASN.1

-- A type: its kind of field, its identifier octet (X.690 section 8.1.2, X.680 section 8.6), what it
-- is called, and the width where it has one.
local function asn1(kind, id, name, width)
  local element = { id, name = name }
  return function(field_id, opts) return new(kind, field_id, opts, width, "element", element) end
end

--- Fields that are elements of ASN.1, by type.
field.asn1 = {
  integer           = asn1("integer", 0x02, "INTEGER"),
  bits              = asn1("bits", 0x03, "BIT_STRING"),
  octets            = asn1("bytes", 0x04, "STRING"),
  null              = asn1("bytes", 0x05, "NULL"),
  oid               = asn1("oid", 0x06, "OID"),
  enumerated        = asn1("integer", 0x0a, "ENUMERATED"),
  utf8_string       = asn1("bytes", 0x0c, "UTF8_STRING"),
  numeric_string    = asn1("bytes", 0x12, "NUMERIC_STRING"),
  printable_string  = asn1("bytes", 0x13, "PRINTABLE_STRING"),
  t61_string        = asn1("bytes", 0x14, "T61_STRING"),
  ia5_string        = asn1("bytes", 0x16, "IA5_STRING"),
  utc_time          = asn1("bytes", 0x17, "UTC_TIME"),
  generalized_time  = asn1("bytes", 0x18, "GENERALIZED_TIME"),
  visible_string    = asn1("bytes", 0x1a, "ISO646_STRING"),
  universal_string  = asn1("bytes", 0x1c, "UNIVERSAL_STRING"),
  bmp_string        = asn1("bytes", 0x1e, "BMP_STRING"),
  ipaddress         = asn1("ipv4", 0x40, "IPADDRESS", 32),
  counter32         = asn1("integer", 0x41, "COUNTER32"),
  gauge32           = asn1("integer", 0x42, "GAUGE32"),
  time_ticks        = asn1("integer", 0x43, "TIME_TICKS"),
  opaque            = asn1("bytes", 0x44, "OPAQUE"),
  counter64         = asn1("integer", 0x46, "COUNTER64"),
  no_such_object    = asn1("bytes", 0x80, "NO_SUCH_OBJECT"),
  no_such_instance  = asn1("bytes", 0x81, "NO_SUCH_INSTANCE"),
  end_of_mib_view   = asn1("bytes", 0x82, "END_OF_MIB_VIEW"),
  any               = asn1("bytes", nil, "ANY"),
  packet            = asn1("layer"),
  sequence_of       = asn1("layers", 0x30),
  set_of            = asn1("layers", 0x31),
}

local booleans, boolean = { [0] = "False", [0xff] = "True" }, { 0x01, name = "BOOLEAN" }

function field.asn1.boolean(id, opts)
  return new("uint", id, opts, 8, "element", boolean, "names", booleans)
end

local sequence = { 0x30 }

--- A SEQUENCE OF what is no packet.
function field.asn1.list(id, item, opts)
  return new("list", id, opts, nil, "element", sequence, "item", item)
end

local choice = {}

--- One of several elements.
function field.asn1.choice(id, elements, opts)
  local alternatives = {}
  for i, element in ipairs(elements) do alternatives[i] = { element } end
  return new("choice", id, opts, nil, "element", choice, "alternatives", alternatives)
end

-- A nil that is called would say less.
return setmetatable(field, {
  __index = function(_, name)
    error(("there is no kind of field and no rule 'f.%s'"):format(tostring(name)), 2)
  end,
})
