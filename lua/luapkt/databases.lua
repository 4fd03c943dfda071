--- What the reference's clients call its databases: every protocol with its fields, each with its
-- class and its default, and every class with a regular expression for its values.
-- Classes are those of the reference, for clients know them by name. They follow from a field's
-- kind and options by the rules below; where an author knows better, the field says `class`.
-- @module luapkt.databases

local core   = require "luapkt.core"
local field  = require "luapkt.field"
local python = require "luapkt.python"

local array, literal = core.json.array, python.ascii

local databases = {}

-- ------------------------------------------------------------------------------------- classes

local by_width = { [8] = "Byte", [16] = "Short", [24] = "ThreeBytes", [32] = "Int", [64] = "Long" }
local by_show = {
  utc = "UTCTimeField", ms_of_day = "ICMPTimeStampField", fixed8 = "BCDFloatField",
  fixed16 = "FixedPointField", ntp = "TimeStampField", quad = "LifetimeField",
}

-- Does the rule say a field's length or count, in some unit?
local function measures(rule)
  if not field.is_rule(rule) or rule.op == "sub" or rule.op == "max" then return false end
  if rule.op == "size" or rule.op == "padded" or rule.op == "count" then return true end
  for _, operand in ipairs(rule) do
    if measures(operand) then return true end
  end
  return false
end

local function bits_class(fdecl)
  if fdecl.flags then return "FlagsField" end
  if fdecl.names then return "BitEnumField" end
  if fdecl.auto and measures(fdecl.auto) then return "BitFieldLenField" end
  return fdecl.show == "hex" and "XBitField" or "BitField"
end

local function integer_class(fdecl)
  if by_show[fdecl.show] then return by_show[fdecl.show] end
  if fdecl.bitfield then return bits_class(fdecl) end
  if fdecl.names_by then return "MultiEnumField" end
  if measures(fdecl.auto) then return fdecl.little and "LEFieldLenField" or "FieldLenField" end
  local hex = fdecl.show == "hex"
  if hex and fdecl.width == 24 then return "X3BytesField" end
  return (hex and "X" or "") .. (fdecl.little and "LE" or "") .. (fdecl.signed and "Signed" or "")
    .. (by_width[fdecl.width] or "Bit") .. (fdecl.names and "Enum" or "") .. "Field"
end

local function bytes_class(fdecl)
  local hex = fdecl.show == "hex" and "X" or ""
  if math.type(fdecl.size) == "integer" then return hex .. "StrFixedLenField" end
  if fdecl.ends then return "StrNullField" end
  return hex .. (fdecl.size and "StrLenField" or "StrField")
end

local function list_class(fdecl)
  if fdecl.item.kind == "ipv6" then return "IP6ListField" end
  return fdecl.item.kind == "name" and "DomainNameListField" or "FieldListField"
end

local function layers_class(fdecl)
  if not fdecl.chain then return "PacketListField" end
  return fdecl.of == "DNSQR" and "DNSQRField" or "DNSRRField"
end

local function options_class(fdecl)
  return fdecl.style == "dhcp" and "DHCPOptionsField" or "TCPOptionsField"
end

local by_kind = {
  uint    = integer_class,
  float   = function(fdecl) return fdecl.width == 32 and "IEEEFloatField" or "IEEEDoubleField" end,
  bytes   = bytes_class,
  list    = list_class,
  layers  = layers_class,
  layer   = function(fdecl) return fdecl.size and "PacketLenField" or "PacketField" end,
  name    = function(fdecl) return fdecl.size and "DomainNameField" or "DNSStrField" end,
  options = options_class,
  mac     = function() return "MACField" end,
  ipv4    = function() return "IPField" end,
  ipv6    = function() return "IP6Field" end,
  choice  = function() return "MultipleTypeField" end,
  phantom = function() return "_PhantomAutoPadField" end,
}

-- Kinds of fields that fill themselves up, so that the reference has no class around them for that.
local own_padding = { layers = true, options = true }

local sized_in_bits = {
  BitField = true, BitEnumField = true, BitFieldLenField = true, FlagsField = true,
  XBitField = true, FixedPointField = true, TimeStampField = true,
}

-- The classes of ASN.1 that aren't called as the type is.
local asn1_classes = {
  layer = "ASN1F_PACKET", layers = "ASN1F_SEQUENCE_OF", list = "ASN1F_SEQUENCE_OF",
  choice = "ASN1F_CHOICE",
}

local function asn1_class(fdecl)
  if fdecl.kind == "integer" and fdecl.names then return "ASN1F_enum_INTEGER" end
  return asn1_classes[fdecl.kind] or "ASN1F_" .. fdecl.element.name
end

-- A class with what stands behind it: "BitField (Cond) (3 bits)".
local function class_of(fdecl, conditional)
  if fdecl.class then return fdecl.class end
  if fdecl.element then return asn1_class(fdecl) end
  local padded = fdecl.align and not own_padding[fdecl.kind]
  local class = padded and "PadField" or by_kind[fdecl.kind](fdecl)
  local text = conditional and class .. " (Cond)" or class
  if fdecl.names_by then text = ("%s (Depends on %s)"):format(text, fdecl.names_by.ref) end
  if not sized_in_bits[class] then return text end
  return ("%s (%d %s)"):format(text, fdecl.width, fdecl.width == 1 and "bit" or "bits")
end

-- What clients check values of a class against; "empty": nothing.
local regexes = {
  IPField  = "^(25[0-5]|2[0-4][0-9]|[0-1]{1}[0-9]{2}|[1-9]{1}[0-9]{1}|[1-9])"
    .. "\\.(25[0-5]|2[0-4][0-9]|[0-1]{1}[0-9]{2}|[1-9]{1}[0-9]{1}|[1-9]|0)"
    .. "\\.(25[0-5]|2[0-4][0-9]|[0-1]{1}[0-9]{2}|[1-9]{1}[0-9]{1}|[1-9]|0)"
    .. "\\.(25[0-5]|2[0-4][0-9]|[0-1]{1}[0-9]{2}|[1-9]{1}[0-9]{1}|[0-9])$",
  MACField = "^([0-9a-fA-F][0-9a-fA-F]:){5}([0-9a-fA-F][0-9a-fA-F])$",
}

-- ------------------------------------------------------------------------------------ defaults

-- The names of a flags field, from bit 0, and what stands between those that are set.
local function flag_names(fdecl)
  if type(fdecl.flags) ~= "string" then return fdecl.flags, "+" end
  local names = {}
  for letter in fdecl.flags:gmatch "." do names[#names + 1] = letter end
  return names, ""
end

-- The number of a default in one of the forms that clients may use: a number, true or false, or a
-- list, whose first item counts.
local function number_of(default)
  if type(default) == "table" then return number_of(default[1]) end
  return default == true and 1 or default or 0
end

-- The number of a default of flags, which may be given by names.
local function flags_value(fdecl, names)
  if type(fdecl.default) ~= "string" then return number_of(fdecl.default) end
  local value = 0
  for word in fdecl.default:gmatch(type(fdecl.flags) == "string" and "." or "[^+]+") do
    for bit, name in ipairs(names) do
      if name == word then value = value | 1 << (bit - 1) end
    end
  end
  return value
end

local function flags_text(fdecl)
  local names, between = flag_names(fdecl)
  local value, set = flags_value(fdecl, names), {}
  for bit = 1, fdecl.width do
    if value >> (bit - 1) & 1 == 1 then set[#set + 1] = names[bit] or "bit " .. bit - 1 end
  end
  return ("<Flag %d (%s)>"):format(value, table.concat(set, between))
end

-- A default as text, which may be an address given as a number.
local function literal_default(fdecl, otherwise)
  return literal(tostring(fdecl.default or otherwise))
end

local zero_address = { mac = "00:00:00:00:00:00", ipv4 = "0.0.0.0", ipv6 = "::" }

local function list_text(items)
  local texts = {}
  for i, item in ipairs(type(items) == "table" and items or { items }) do
    texts[i] = type(item) == "string" and literal(item) or tostring(item)
  end
  return ("[%s]"):format(table.concat(texts, ", "))
end

local function float_text(fdecl)
  local default = fdecl.default or 0
  return type(default) == "string" and default or core.literal.real(default)
end

local text_of_kind = {
  uint    = function(fdecl) return tostring(fdecl.default or 0) end,
  float   = float_text,
  phantom = function(fdecl) return tostring(fdecl.default or 0) end,
  bytes   = function(fdecl) return python.bytes(fdecl.default or "") end,
  name    = function(fdecl) return python.bytes(fdecl.default or "") end,
  options = function() return "b''" end,
  list    = function(fdecl) return list_text(fdecl.default) end,
  layers  = function(fdecl) return fdecl.chain and "None" or "[]" end,
  layer   = function(fdecl) return ("<%s  |>"):format(fdecl.of) end,
}
for kind, zero in pairs(zero_address) do
  text_of_kind[kind] = function(fdecl) return literal_default(fdecl, zero) end
end

-- What is between the brackets of an object of ASN.1.
local function asn1_value(fdecl)
  if fdecl.kind == "integer" then return tostring(number_of(fdecl.default)) end
  if fdecl.element.name == "NULL" then return "0" end
  return literal_default(fdecl, zero_address[fdecl.kind] or "")
end

-- A default as an object of ASN.1; lists and packets are none.
local function asn1_text(fdecl)
  if fdecl.kind == "choice" and fdecl.default then
    for _, form in ipairs(fdecl.alternatives) do
      local name = form[1].element.name
      if name == fdecl.default[1] then
        return ("<ASN1_%s[%s]>"):format(name, asn1_value {
          kind = form[1].kind, element = form[1].element, default = fdecl.default[2],
        })
      end
    end
  end
  if not fdecl.element.name or fdecl.optional and not fdecl.default then return nil end
  if fdecl.kind == "bits" then return "<ASN1_BIT_STRING[]=b'' (0 unused bit)>" end
  local object = ("<ASN1_%s[%s]>"):format(fdecl.element.name, asn1_value(fdecl))
  local number = fdecl.kind == "integer" and math.tointeger(number_of(fdecl.default))
  return number and ("0x%x %s"):format(number, object) or object
end

-- The defaults of these classes aren't printed as values.
local text_of_class = {
  DestIP6Field = "None", DestMACField = "None", SourceIPField = "None", NonceField = "<RandBin>",
  NIQueryDataField = "(1, b'\\x00\\x00\\x00')", NIReplyDataField = "(0, None)", _DUIDField = "b''",
}

local function default_text(fdecl)
  local fixed = fdecl.printed or text_of_class[fdecl.class]
  if fixed then return fixed end
  local worked_out = fdecl.auto ~= nil and fdecl.default == nil
  if worked_out or fdecl.default == field.none then return "None" end
  if fdecl.element then
    local object = asn1_text(fdecl)
    if object then return object end
    if fdecl.optional then return "None" end
  end
  if fdecl.flags then return flags_text(fdecl) end
  if fdecl.kind == "choice" then fdecl = fdecl.alternatives[#fdecl.alternatives][1] end
  return text_of_kind[fdecl.kind](fdecl)
end

-- --------------------------------------------------------------------------------- protocols

-- What the reference lists is a line "name: class: (default)" taken apart at every ": ".
local function entry(fdecl, id, conditional)
  local parts = array { id, class_of(fdecl, conditional) }
  local rest = "(" .. default_text(fdecl) .. ")"
  for part in (rest .. ": "):gmatch "(.-): " do parts[#parts + 1] = part end
  return parts
end

local function add_field(list, fdecl)
  if fdecl.unlisted then return end
  if not fdecl.listed_apart then
    list[#list + 1] = entry(fdecl, fdecl.id, fdecl.when ~= nil)
    return
  end
  for i = #fdecl.alternatives, 1, -1 do
    list[#list + 1] = entry(fdecl.alternatives[i][1], fdecl.id, true)
  end
end

-- The fields of a protocol; none where its id has an underscore, as the reference has it.
local function describe(decl)
  local list = array {}
  if decl.id:find("_", 1, true) then return list end
  for _, fdecl in ipairs(decl.fields or {}) do add_field(list, fdecl) end
  return list
end

local function sum(table_)
  return core.wire.base64(core.wire.md5(core.json.encode(table_)))
end

local function regex_of(class)
  return regexes[class] or "empty"
end

local Databases = {}
Databases.__index = Databases

--- The databases of a generation, made here and now.
-- @tparam table generation as `registry.load` returns it
-- @tparam[opt] boolean extras with protocols marked `extra`
-- @treturn table with `db`, protocols' fields by id; `fields`, regular expressions by class; and
-- `db_md5` and `fields_md5`, sums in base64 of their JSON texts
function databases.new(generation, extras)
  local db, fields = {}, {}
  for _, decl in ipairs(generation.decls) do
    if not decl.unlisted and (extras or not decl.extra) then db[decl.id] = describe(decl) end
  end
  for _, list in pairs(db) do
    for _, item in ipairs(list) do fields[item[2]] = regex_of(item[2]) end
  end
  return setmetatable({
    db = db, fields = fields, db_md5 = sum(db), fields_md5 = sum(fields),
  }, Databases)
end

--- The result of `get_all`.
function Databases:all()
  return {
    db = self.db, fields = self.fields, db_md5 = self.db_md5, fields_md5 = self.fields_md5,
  }
end

--- The same as JSON text, encoded once.
function Databases:text()
  self.encoded = self.encoded or core.json.encode(self:all())
  return self.encoded
end

return databases
