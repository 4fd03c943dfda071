-- What the TRex packet editor makes of replies. It can't be changed, and what it can't read it
-- can't show; so each function says what is wrong with a reply in its eyes, or what it reads there.

local core = require "luapkt.core"

local json, null = core.json, core.json.null

local editor = {}

local function is_list(v) return getmetatable(v) == json.array_mt end
local function is_object(v) return type(v) == "table" and not is_list(v) end
local function is_text(v) return type(v) == "string" end
local function is_integer(v) return math.type(v) == "integer" end

-- Complaints about one reply, each with the place that it is about.
local Complaints = {}
Complaints.__index = Complaints

local function complaints() return setmetatable({}, Complaints) end

function Complaints:unless(holds, what, ...)
  if not holds then self[#self + 1] = what:format(...) end
  return holds
end

-- The complaints as a list that compares with {}.
local function plain(c) return setmetatable(c, nil) end

-- ------------------------------------------------------------------------------------ envelopes

--- What is wrong with the envelope of a reply to the request with this id.
-- @treturn {string,...} complaints
function editor.envelope(reply, id)
  local c = complaints()
  c:unless(reply.jsonrpc == "2.0", "jsonrpc isn't \"2.0\"")
  c:unless(reply.id == id and type(reply.id) == type(id), "the id isn't that of the request")
  c:unless((reply.result == nil) ~= (reply.error == nil), "not one of result and error")
  if reply.error ~= nil and c:unless(is_object(reply.error), "the error is no object") then
    c:unless(is_text(reply.error.message), "error.message is no text")
    c:unless(is_integer(reply.error.code), "error.code is no number")
  end
  return plain(c)
end

-- ---------------------------------------------------------------------------------- definitions

local function fits_32_bits(v)
  return v == nil or is_integer(v) and v >= -0x80000000 and v <= 0x7fffffff
end

local function check_bits(c, place, bits)
  if not c:unless(is_list(bits) and #bits > 0, "%s: bits is no list", place) then return end
  for _, bit in ipairs(bits) do
    c:unless(is_text(bit.name) and is_integer(bit.mask), "%s: a bit without name or mask", place)
    if c:unless(is_list(bit.values), "%s: a bit without values", place) then
      for _, v in ipairs(bit.values) do
        c:unless(is_text(v.name) and is_integer(v.value), "%s: a value without a name", place)
      end
    end
  end
end

local function check_values_dict(c, place, dict)
  if not c:unless(is_object(dict), "%s: values_dict is no object", place) then return end
  for name, value in pairs(dict) do
    c:unless(is_integer(value), "%s: values_dict.%s is no number", place, name)
  end
end

local function check_field(c, protocol, field)
  local place = ("%s.%s"):format(protocol.id, tostring(field.id))
  c:unless(is_text(field.id) and is_text(field.name), "%s: no id or no name", place)
  c:unless(field.type == nil or is_text(field.type), "%s: the type is no text", place)
  c:unless(fits_32_bits(field.min) and fits_32_bits(field.max), "%s: min or max", place)
  if field.type == "BITMASK" then check_bits(c, place, field.bits) end
  c:unless(field.bits == nil or field.type == "BITMASK", "%s: bits of no BITMASK", place)
  if field.values_dict ~= nil then check_values_dict(c, place, field.values_dict) end
end

-- The ids of a list of things that each have one.
local function ids_of(c, list, what)
  local ids = {}
  if not c:unless(is_list(list), "%s is no list", what) then return ids end
  for _, item in ipairs(list) do
    if c:unless(is_text(item.id), "%s: one without an id", what) then ids[item.id] = item end
  end
  return ids
end

local function check_instructions(c, result)
  local parameters = ids_of(c, result.feInstructionParameters, "feInstructionParameters")
  for id, parameter in pairs(parameters) do
    c:unless(is_text(parameter.type), "the parameter %s has no type", id)
  end
  local instructions = ids_of(c, result.feInstructions, "feInstructions")
  for id, instruction in pairs(instructions) do
    local help = is_text(instruction.help) and core.wire.unbase64(instruction.help)
    c:unless(help and #help > 0, "the help of %s is no text in base64", id)
    for _, parameter in ipairs(instruction.parameters) do
      c:unless(parameters[parameter], "%s takes %s, which isn't defined", id, parameter)
    end
  end
  for id, template in pairs(ids_of(c, result.feTemplates, "feTemplates")) do
    for _, instruction in ipairs(template.instructionIds) do
      c:unless(instructions[instruction], "%s: there is no %s", id, instruction)
    end
  end
end

--- What is wrong with a result of get_definitions.
-- @treturn {string,...} complaints
function editor.definitions(result)
  local c = complaints()
  for _, protocol in pairs(ids_of(c, result.protocols, "protocols")) do
    c:unless(is_text(protocol.name), "%s has no name", protocol.id)
    if c:unless(is_list(protocol.fields), "%s has no fields", protocol.id) then
      for _, field in ipairs(protocol.fields) do check_field(c, protocol, field) end
    end
  end
  check_instructions(c, result)
  local options = ids_of(c, result.feParameters, "feParameters")
  c:unless(options.cache_size and is_text(options.cache_size.type), "no cache_size")
  return plain(c)
end

-- -------------------------------------------------------------------------------------- packets

-- Types of fields by protocol and field, as the editor looks them up.
local types_of = setmetatable({}, { __mode = "k" })

local function field_type(definitions, protocol, field)
  local types = types_of[definitions]
  if not types then
    types = {}
    for _, p in ipairs(definitions.protocols) do
      for _, f in ipairs(p.fields) do types[p.id .. "." .. f.id] = f.type end
    end
    types_of[definitions] = types
  end
  return types[protocol .. "." .. field]
end

local function is_strict_base64(text)
  return is_text(text) and not text:find "[^%w+/=]" and #text % 4 == 0
    and core.wire.unbase64(text) ~= nil
end

-- A field that isn't there: the reference shows it as an expression of null.
local function is_absent(field)
  local value = field.value
  return is_object(value) and value.vtype == "EXPRESSION" and value.expr == null
    and field.hvalue == null
end

-- It takes numbers and booleans for text.
local function has_text(field)
  local kind = type(field.hvalue)
  return kind == "string" or kind == "number" or kind == "boolean"
end

local function check_value(c, place, value)
  if type(value) ~= "table" then
    return c:unless(value ~= nil, "%s has no value", place)
  end
  c:unless(is_object(value) and is_text(value.vtype), "%s: a value without a vtype", place)
  if value.vtype == "EXPRESSION" then c:unless(is_text(value.expr), "%s: no expr", place) end
  if value.vtype == "BYTES" then
    c:unless(is_strict_base64(value.base64), "%s: bytes not in base64", place)
  end
end

local function check_layer(c, layer, definitions)
  c:unless(is_text(layer.id), "a layer without an id")
  c:unless(is_integer(layer.offset), "%s has no offset", layer.id)
  if not c:unless(is_list(layer.fields), "%s has no fields", layer.id) then return end
  for _, field in ipairs(layer.fields) do
    local place = layer.id .. "." .. tostring(field.id)
    c:unless(is_integer(field.offset), "%s is no field of the packet: no offset", place)
    c:unless(is_integer(field.length), "%s is no field of the packet: no length", place)
    if not is_absent(field) then
      c:unless(has_text(field), "%s has no hvalue", place)
      check_value(c, place, field.value)
    end
    if field_type(definitions, layer.id, field.id) == "BITMASK" then
      c:unless(is_integer(field.value), "%s: the value of a BITMASK is no number", place)
    end
  end
end

local function check_field_engine(c, engine)
  if engine == nil or not c:unless(is_object(engine), "field_engine is no object") then return end
  c:unless(engine.error ~= nil, "field_engine has no error")
  c:unless(engine.error == null or is_text(engine.error), "field_engine.error is no text")
end

-- Are the layers those that were asked for, in their order?
local function check_order(c, data, model)
  c:unless(#data == #model, "%d layers were asked for, %d came", #model, #data)
  for i, layer in ipairs(model) do
    local id = data[i] and data[i].id
    c:unless(id == layer.id or id == "Raw" and layer.id == "Padding",
             "layer %d is %s, not %s", i, tostring(id), layer.id)
  end
end

--- What is wrong with a packet in a reply.
-- @tparam table result of build_pkt, build_pkt_ex or reconstruct_pkt, or an item of read_pcap
-- @tparam table definitions a result of get_definitions
-- @tparam[opt] table model the layers that were asked for
-- @treturn {string,...} complaints
function editor.packet(result, definitions, model)
  local c = complaints()
  local nothing = result.binary == null and #result.data == 0 -- all layers were deleted
  c:unless(nothing or is_strict_base64(result.binary), "binary isn't in base64, or not strictly")
  check_field_engine(c, result.field_engine)
  if c:unless(is_list(result.data), "data is no list") then
    for _, layer in ipairs(result.data) do check_layer(c, layer, definitions) end
    if model then check_order(c, result.data, model) end
  end
  return plain(c)
end

--- The layers that the editor sends once it has read a packet: what is primitive as the text that
-- was shown, the rest as it came.
-- @tparam table data of a reply
-- @tparam[opt] function keeps true for a field whose value, not hvalue, is to be sent
function editor.model_of(data, keeps)
  local model = json.array {}
  for _, layer in ipairs(data) do
    local fields = json.array {}
    for _, field in ipairs(layer.fields) do
      local value = field.value
      if type(value) ~= "table" and not (keeps and keeps(layer, field)) then
        value = tostring(field.hvalue)
      end
      fields[#fields + 1] = { id = field.id, value = value }
    end
    model[#model + 1] = { id = layer.id, fields = fields }
  end
  return model
end

-- ---------------------------------------------------------------------------------- TCP options

-- Lenient JSON: lists, text in double quotes, and bare words, which are text as well.
local read_lenient

local function read_list(text, at)
  local list = {}
  at = text:match("^%s*()", at + 1)
  if text:sub(at, at) == "]" then return list, at + 1 end
  while true do
    local item, behind = read_lenient(text, at)
    list[#list + 1] = item
    local sep, next_at = text:match("^%s*([,%]])%s*()", behind)
    if not sep then error("neither comma nor bracket in " .. text, 0) end
    if sep == "]" then return list, next_at end
    at = next_at
  end
end

function read_lenient(text, at)
  local first = text:match("^%s*()", at)
  if text:sub(first, first) == "[" then return read_list(text, first) end
  local quoted, after = text:match('^"([^"]*)"()', first)
  if quoted then return quoted, after end
  local word, behind = text:match("^([^%s,%[%]\"]+)()", first)
  if not word then error("no value at " .. first .. " in " .. text, 0) end
  return word, behind
end

--- The rows of its table of TCP options, as the editor reads them from an expression.
-- @treturn table a list of { name, value }; or nil and a message
function editor.tcp_options(expr)
  local text = expr:gsub("b'", "'"):gsub("'", '"'):gsub("%(", "["):gsub("%)", "]")
  local ok, rows, behind = pcall(read_lenient, text, 1)
  if not ok then return nil, rows end
  if type(rows) ~= "table" or behind <= #text then return nil, "no list: " .. text end
  for _, row in ipairs(rows) do
    if type(row) ~= "table" or #row ~= 2 or type(row[1]) ~= "string" then
      return nil, "a row that isn't name and value: " .. text
    end
  end
  return rows
end

return editor
