--- Field kinds and rules: the words that protocol files are written in.
-- Every constructor returns a plain table. A wrong argument raises with the line of the protocol
-- file. Nothing is checked against other fields here, since a field can't know its neighbours:
-- `luapkt.compile` and the core do that, and report the line noted in `at`.
-- docs/protocols.md says all that each word means to an author; here is what it returns.
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

-- A rule, or an integer as a constant one; anything else raises in the name of `what`.
local function operand(v, what)
  if getmetatable(v) == Rule then return v end
  if math.type(v) == "integer" then return rule("const", v) end
  error(("%s: a rule or an integer expected, got %s"):format(what, type(v)), 3)
end

local function compares_by_method()
  error("rules are compared by methods, such as :lt(v)", 2)
end

-- Lua makes booleans of what these operators return, so they can't return rules.
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

-- Comparisons are 1 or 0; min and max bound the value from above and below.
for _, op in ipairs { "eq", "ne", "lt", "le", "gt", "ge", "min", "max" } do
  Rule[op] = function(self, v) return rule(op, self, operand(v, op)) end
end

--- 1 where all bits of `mask` are set, else 0.
function Rule:has(mask)
  local bits = operand(mask, "has")
  return rule("eq", rule("band", self, bits), bits)
end

--- 1 where this rule and `r` hold (aren't 0); `r` isn't looked at where this one doesn't.
function Rule:both(r) return rule("land", self, operand(r, "both")) end

--- 1 where this rule or `r` holds; `r` isn't looked at where this one does.
function Rule:either(r) return rule("lor", self, operand(r, "either")) end

--- 1 where this rule doesn't hold.
function Rule:no() return rule("eq", self, rule("const", 0)) end

--- `a` where this rule holds, else `b`; the other isn't looked at.
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

--- 1 from `a` to `b`, both included.
function Rule:between(a, b)
  operand(a, "between")
  operand(b, "between")
  local small = math.type(a) == "integer" and math.type(b) == "integer" and 0 <= a and b <= 63
  if not small then return self:ge(a):both(self:le(b)) end
  local set = 0
  for v = a, b do set = set | 1 << v end
  return rule("in", self, set)
end

--- 1 where the value is one of those given, integers or rules.
function Rule:one_of(first, ...)
  for i = 1, select("#", ...) + 1 do operand((select(i, first, ...)), "one_of") end
  local set = select("#", ...) > 1 and as_set { first, ... }
  if set then return rule("in", self, set) end
  local any = self:eq(first)
  for _, v in ipairs { ... } do any = any:either(self:eq(v)) end
  return any
end

--- The metatable of rules.
field.Rule = Rule

--- Is a value a rule?
function field.is_rule(v) return getmetatable(v) == Rule end

-- A leaf about a field, which is named by its id; any but a text raises.
local function named_leaf(op)
  return function(id)
    if type(id) ~= "string" then
      error(("%s: a field's id expected, got %s"):format(op, type(id)), 2)
    end
    return rule(op, id)
  end
end

-- About a field, named by its id; sizes are in bytes.
field.ref        = named_leaf "ref"        -- the value of a field of this layer
field.under      = named_leaf "under"      -- the value of a field of the layer below, or 0
field.under_size = named_leaf "under_size" -- the size of a field of the layer below, or 0
field.size       = named_leaf "size"       -- a field's size without its padding
field.padded     = named_leaf "padded"     -- a field's size with its padding
field.count      = named_leaf "count"      -- how many items a list has
field.given      = named_leaf "given"      -- 1 if the field was set, else 0
field.form       = named_leaf "form"       -- which alternative an f.choice has, from 0

--- The bytes of this layer alone.
function field.header() return rule("header") end

--- The bytes of all layers above, without Padding.
function field.payload() return rule("payload") end

--- When reading, the bytes from this field's start to the end of the layer's extent; else 0.
function field.left() return rule("left") end

--- The bytes of this layer and all that it carries.
function field.total() return rule("total") end

--- The bytes of this layer alone, and `n` more: an integer or a rule. Below 0: as f.total().
function field.carrying(n) return rule("carrying", operand(n, "carrying")) end

--- 1 where the layer above is of one of these protocols, named by their ids; else 0.
function field.above(...) return rule("above", { ... }) end

--- The bytes from the nearest layer above of this protocol to the end of what it carries; 0: there
-- is none.
function field.behind(id) return rule("behind", { id }) end

--- How many of the layers above are of one of these protocols, named by their ids.
function field.stacked(...) return rule("stacked", { ... }) end

--- 1 where the layer below is of one of these protocols, named by their ids; else 0.
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

--- The same, with zeros where there are no such bits. (A `variant_of` that peeks at bits that
-- aren't there doesn't hold.)
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

--- A checksum, as the value of `auto`.
-- @tparam string kind one of `kinds_of_sums`; any other raises
-- @tparam[opt] table opts `over`, `from`, `without`, `pseudo`, `zero_as`...: see docs/protocols.md
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

-- new(kind, id, opts, width, key, value, more_key, more_value): a field's declaration, which is its
-- options and what the constructor adds to them. Widths are in bits. The line of the protocol file,
-- `at`, is that of the caller two calls up: so each constructor calls this itself.
local new = core.field

local function integer(width, key)
  return function(id, opts) return new("uint", id, opts, width, key, true) end
end

-- f.u8(id, opts) to f.u64, f.s8 to f.s64, and least significant byte first: f.le16, f.sle16...
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

-- f.f32 and f.f64, numbers of IEEE 754, and least significant byte first: f.lef32 and f.lef64.
for _, width in ipairs { 32, 64 } do
  field["f" .. width] = function(id, opts) return new("float", id, opts, width) end
  field["lef" .. width] = function(id, opts)
    return new("float", id, opts, width, "little", true)
  end
end

--- A number of 1 to 64 bits, wherever it begins in a byte.
function field.bits(id, width, opts)
  return new("uint", id, opts, width, "bitfield", true)
end

--- Bits that have names: a text with a letter for each, or a list, from the least significant on.
function field.flags(id, width, names, opts)
  return new("uint", id, opts, width, "bitfield", true, "flags", names)
end

--- A number that takes no bytes on the wire: a switch that other fields' rules ask about.
function field.phantom(id, opts) return new("phantom", id, opts, 32) end

--- An address of 48 bits.
function field.mac(id, opts) return new("mac", id, opts, 48) end

--- An address of 32 bits.
function field.ipv4(id, opts) return new("ipv4", id, opts, 32) end

--- An address of 128 bits.
function field.ipv6(id, opts) return new("ipv6", id, opts, 128) end

--- Bytes: `size` of them, up to what `ends` or `up_to` says, or all that is left.
function field.bytes(id, opts) return new("bytes", id, opts) end

--- A domain name (RFC 1035 section 3.1).
function field.name(id, opts) return new("name", id, opts) end

--- A list of values of the field `item`: `count` of them, `size` bytes, or all that is left.
function field.list(id, item, opts) return new("list", id, opts, nil, "item", item) end

--- A list of packets of the protocol `of`.
function field.layers(id, opts) return new("layers", id, opts) end

--- One packet of the protocol `of`.
function field.layer(id, opts) return new("layer", id, opts) end

--- Options of type, length and value, shown as pairs; `codes`: `{ name, form... }` by type.
function field.options(id, codes, opts) return new("options", id, opts, nil, "codes", codes) end

--- One of several forms, each `{ when = rule, field }`: the first whose rule holds, or the last.
function field.choice(id, alternatives, opts)
  return new("choice", id, opts, nil, "alternatives", alternatives)
end

-- ----------------------------------------------------------------------------- elements of ASN.1

-- The constructor of a type of ASN.1: its kind of field, its identifier octet (X.690 section 8.1.2,
-- X.680 section 8.6), its name, and its width in bits where that is fixed.
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

--- BOOLEAN.
function field.asn1.boolean(id, opts)
  return new("uint", id, opts, 8, "element", boolean, "names", booleans)
end

local sequence = { 0x30 }

--- A SEQUENCE OF values of the field `item`, which is no packet.
function field.asn1.list(id, item, opts)
  return new("list", id, opts, nil, "element", sequence, "item", item)
end

local choice = {}

--- CHOICE: one of several elements.
-- @tparam {field,...} elements fields of `field.asn1`
function field.asn1.choice(id, elements, opts)
  local alternatives = {}
  for i, element in ipairs(elements) do alternatives[i] = { element } end
  return new("choice", id, opts, nil, "element", choice, "alternatives", alternatives)
end

-- Lua's own message, that a nil value is called, wouldn't say which word is wrong.
return setmetatable(field, {
  __index = function(_, name)
    error(("there is no kind of field and no rule 'f.%s'"):format(tostring(name)), 2)
  end,
})
