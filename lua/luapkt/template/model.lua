--- Turns a template's packet and field engine, as its author writes them, into what clients get.
--
-- A layer is `{ "IP", ttl = 3 }`, an instruction `{ "STLVmFixIpv4", offset = "IP" }`;
-- docs/templates.md says it all. Clients get a packet model: every value is text, bytes in base64,
-- or an expression in the python dialect, which is what the reference and its editor read.
--
-- A mistake of the author's is raised as { message = , word = , ids = }. Its line is then found by
-- looking in the file for `word`, behind the `ids` of the layers or instructions before it.
-- @module luapkt.template.model

local core           = require "luapkt.core"
local fe_definitions = require "luapkt.fe_definitions"

local array, null = core.json.array, core.json.null

local model = {}

local DEFAULT_CACHE_SIZE = 1000 -- packets that a client works out ahead; what the reference has
local MAX_DEPTH = 16            -- tables within tables: PKT_MAX_NEST

-- `word`: nil for the field that is at hand.
local function fail(ctx, word, format, ...)
  local message = format:format(...)
  error({ word = word or ctx.field, ids = ctx.ids, message = message }, 0)
end

local function sorted_keys(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

-- Check that a table has nothing but the items of a list: other members, and items behind a nil,
-- would be lost. `what`: what it is a list of; `member`: a name that may stand in it all the same.
local function check_list(ctx, t, what, member)
  for key in pairs(t) do
    if math.type(key) ~= "integer" and key ~= member then
      fail(ctx, tostring(key), "%s: a list of %ss has no '%s'", ctx.where, what, tostring(key))
    end
  end
  local n = 0
  for i in ipairs(t) do n = i end
  for key in pairs(t) do
    if key ~= member and (key < 1 or key > n) then
      fail(ctx, nil, "%s: %s %d is nil, and more are behind it", ctx.where, what, n + 1)
    end
  end
end

-- ---------------------------------------------------------------------------------- protocols

-- The protocol that a layer or a record is of.
local function protocol(ctx, id)
  local decl = ctx.by_id[id]
  if decl and decl.builds then decl = ctx.by_id[decl.builds] end
  if not decl or decl.abstract then
    fail(ctx, id, "%s: there is no protocol '%s'", ctx.where, tostring(id))
  end
  return decl
end

-- The fields of a protocol: { id = its place }, aliases too.
local function places(ctx, decl)
  local known = ctx.places[decl]
  if known then return known end
  known = {}
  for i, fdecl in ipairs(decl.fields or {}) do
    known[fdecl.id] = i
    if fdecl.alias then known[fdecl.alias] = i end
  end
  ctx.places[decl] = known
  return known
end

-- What a layer or record sets: a list of { id, value }, ordered as the protocol has its fields;
-- pairs that the author wrote come first and stay as they are.
local function fields_of(ctx, decl, t)
  local known, list, named, set = places(ctx, decl), {}, {}, {}
  local function check(id)
    local place = known[id]
    if not place then
      id = tostring(id)
      fail(ctx, id, "%s: %s has no field '%s'", ctx.where, decl.id, id)
    end
    if set[place] then fail(ctx, id, "%s: %s.%s is set twice", ctx.where, decl.id, id) end
    set[place] = true
  end
  for i = 2, #t do
    local pair = t[i]
    if type(pair) ~= "table" or type(pair[1]) ~= "string" or pair[2] == nil then
      fail(ctx, decl.id, "%s: item %d is no pair { field, value }", ctx.where, i)
    end
    check(pair[1])
    list[#list + 1] = pair
  end
  for _, key in ipairs(sorted_keys(t)) do
    if math.type(key) ~= "integer" or key < 1 or key > #t then
      check(key)
      named[#named + 1] = { key, t[key] }
    end
  end
  table.sort(named, function(a, b) return known[a[1]] < known[b[1]] end)
  return table.move(named, 1, #named, #list + 1, list)
end

-- ------------------------------------------------------------------- values as python literals

local python

local function is_plain(text) return not text:find "[^ -~]" end

-- Text that is not ASCII, or empty, as bytes: the reference takes bytes wherever it takes text.
local function python_text(text)
  local quoted = text:gsub("[\\']", "\\%0"):gsub("[^ -~]", function(c)
    return ("\\x%02x"):format(c:byte())
  end)
  return (text ~= "" and is_plain(text) and "'" or "b'") .. quoted .. "'"
end

local function python_record(ctx, t, depth)
  local decl, parts = protocol(ctx, t[1]), {}
  for i, pair in ipairs(fields_of(ctx, decl, t)) do
    parts[i] = ("%s=%s"):format(pair[1], python(ctx, pair[2], depth, true))
  end
  return ("%s(%s)"):format(decl.id, table.concat(parts, ", "))
end

-- A record has named fields, or is the id of a protocol and nothing else.
local function is_record(ctx, t)
  if type(t[1]) ~= "string" then return false end
  for k in pairs(t) do
    if type(k) == "string" then return true end
  end
  return #t == 1 and ctx.by_id[t[1]] ~= nil
end

-- A field's own list is a list; what lies in it, options and their values, are tuples. An option
-- without a value has None.
local function python_list(ctx, t, depth, outermost)
  local parts = {}
  for i, item in ipairs(t) do parts[i] = python(ctx, item, depth, false) end
  if outermost then return "[" .. table.concat(parts, ", ") .. "]" end
  if #parts == 1 then parts[2] = type(t[1]) == "string" and "None" or "" end
  return "(" .. table.concat(parts, ", ") .. ")"
end

-- The shortest text that reads back as the number. A whole number has no point: an author who
-- writes 128 / 2 means an integer.
local function python_real(ctx, value)
  if value ~= value or value == math.huge or value == -math.huge then
    fail(ctx, nil, "%s: %s is no number that a field has", ctx.where, tostring(value))
  end
  return math.tointeger(value) and ("%d"):format(value) or core.literal.real(value)
end

function python(ctx, value, depth, outermost)
  if depth > MAX_DEPTH then
    fail(ctx, nil, "%s: tables nested deeper than %d", ctx.where, MAX_DEPTH)
  end
  if value == null then return "None" end
  local kind = math.type(value) or type(value)
  if kind == "integer" then return ("%d"):format(value) end
  if kind == "float" then return python_real(ctx, value) end
  if kind == "boolean" then return value and "True" or "False" end
  if kind == "string" then return python_text(value) end
  if kind ~= "table" then fail(ctx, nil, "%s: a %s is no value of a field", ctx.where, kind) end
  if is_record(ctx, value) then return python_record(ctx, value, depth + 1) end
  check_list(ctx, value, "value")
  return python_list(ctx, value, depth + 1, outermost)
end

-- ------------------------------------------------------------------------- values for clients

local VTYPES = {
  UNDEFINED = true, BYTES = true, RANDOM = true, MACHINE = true, OBJECT = true, EXPRESSION = true,
}

-- Members of value objects that are text, and what kind of text.
local BASE64 = "text in base64"
local TEXTS = { expr = "text", base64 = BASE64, template_base64 = BASE64 }

-- A value object that the author wrote, such as { vtype = "RANDOM" }.
local function value_object(ctx, t)
  if type(t.vtype) ~= "string" then fail(ctx, "vtype", "%s: vtype is no text", ctx.where) end
  if not VTYPES[t.vtype] then
    local there_are = table.concat(sorted_keys(VTYPES), ", ")
    fail(ctx, t.vtype, "%s: there is no vtype '%s'; there are %s", ctx.where, t.vtype, there_are)
  end
  for member, kind in pairs(TEXTS) do
    local v = t[member]
    if v ~= nil and (type(v) ~= "string" or kind == BASE64 and not core.wire.unbase64(v)) then
      fail(ctx, member, "%s: %s is no %s", ctx.where, member, kind)
    end
  end
  if t.vtype == "EXPRESSION" and t.expr == nil then
    fail(ctx, t.vtype, "%s: an EXPRESSION needs its text as expr", ctx.where)
  end
  local copy = {}
  for k, v in pairs(t) do
    if type(v) == "table" or type(v) == "function" then
      fail(ctx, tostring(k), "%s: %s is neither text nor a number", ctx.where, tostring(k))
    end
    copy[k] = v
  end
  return copy
end

local function client_value(ctx, value)
  local kind = math.type(value) or type(value)
  if kind == "string" then
    return is_plain(value) and value or { vtype = "BYTES", base64 = core.wire.base64(value) }
  end
  if kind == "boolean" then return value and "1" or "0" end
  if kind == "integer" or kind == "float" then return (python(ctx, value, 0)) end
  if kind == "table" and value.vtype ~= nil then return value_object(ctx, value) end
  return { vtype = "EXPRESSION", expr = python(ctx, value, 0, true) }
end

local function client_layer(ctx, i, layer)
  ctx.where, ctx.field = ("layer %d"):format(i), nil
  if type(layer) ~= "table" or type(layer[1]) ~= "string" then
    fail(ctx, nil, "%s is no table that begins with a protocol's id", ctx.where)
  end
  ctx.ids[i] = layer[1]
  local decl, fields = protocol(ctx, layer[1]), array {}
  for k, pair in ipairs(fields_of(ctx, decl, layer)) do
    ctx.where, ctx.field = ("layer %d, %s.%s"):format(i, layer[1], pair[1]), pair[1]
    fields[k] = { id = pair[1], value = client_value(ctx, pair[2]) }
  end
  return { id = layer[1], fields = fields }
end

-- ------------------------------------------------------------------------------- field engine

-- Parameters that the reference takes although its definitions don't list them.
local UNLISTED = {
  STLVmFlowVar                 = { "next_var", "split_to_cores" },
  STLVmFlowVarRepeatableRandom = { "next_var", "split_to_cores" },
  STLVmWrMaskFlowVar           = { "offset_fixup" },
}

-- { instruction = { parameter = is it required? } }
local function list_instructions()
  local required, known = {}, {}
  for _, parameter in ipairs(fe_definitions.feInstructionParameters) do
    required[parameter.id] = parameter.required or false
  end
  for _, instruction in ipairs(fe_definitions.feInstructions) do
    local parameters = {}
    for _, id in ipairs(instruction.parameters) do parameters[id] = required[id] end
    for _, id in ipairs(UNLISTED[instruction.id] or {}) do parameters[id] = false end
    known[instruction.id] = parameters
  end
  return known
end

local instructions = list_instructions()

-- The field engine reads two kinds of value objects.
local function parameter_object(ctx, id, value)
  local where = ctx.where
  ctx.where = ("%s, %s"):format(where, id)
  local object = value_object(ctx, value)
  if object.vtype ~= "EXPRESSION" and object.vtype ~= "OBJECT" then
    fail(ctx, object.vtype, "%s: %s is for fields; here are EXPRESSION and OBJECT", ctx.where,
         object.vtype)
  end
  ctx.where = where
  return object
end

local function parameter_value(ctx, id, value)
  local kind = math.type(value) or type(value)
  if kind == "table" and value.vtype ~= nil then return parameter_object(ctx, id, value) end
  if kind == "boolean" then return value and "true" or "false" end
  if kind == "string" then return value end
  if kind == "integer" then return ("%d"):format(value) end
  if kind == "table" then return python(ctx, value, 0, true) end
  return fail(ctx, id, "%s: %s is a %s, not text, a number or a list", ctx.where, id, kind)
end

local function client_instruction(ctx, i, instruction)
  ctx.where = ("instruction %d"):format(i)
  if type(instruction) ~= "table" or type(instruction[1]) ~= "string" then
    fail(ctx, nil, "%s is no table that begins with an instruction's id", ctx.where)
  end
  local id, parameters = instruction[1], {}
  ctx.ids[i] = id
  local known = instructions[id]
  if not known then fail(ctx, id, "%s: there is no instruction '%s'", ctx.where, id) end
  for _, key in ipairs(sorted_keys(instruction)) do
    if key ~= 1 then
      if known[key] == nil then
        fail(ctx, tostring(key), "%s: %s has no parameter '%s'", ctx.where, id, tostring(key))
      end
      parameters[key] = parameter_value(ctx, key, instruction[key])
    end
  end
  for key, required in pairs(known) do
    if required and not parameters[key] then
      fail(ctx, id, "%s: %s needs its parameter '%s'", ctx.where, id, key)
    end
  end
  return { id = id, parameters = parameters }
end

-- The instructions, and the size of the cache as text.
local function client_engine(ctx, engine)
  ctx.ids, ctx.field = {}, nil
  if type(engine) ~= "table" then
    fail(ctx, "field_engine", "field_engine is a %s, not a list of instructions", type(engine))
  end
  local list, size = array {}, engine.cache_size or DEFAULT_CACHE_SIZE
  if math.type(size) ~= "integer" or size < 0 then
    fail(ctx, "cache_size", "cache_size is no whole number from 0 up")
  end
  ctx.where = "field_engine"
  check_list(ctx, engine, "instruction", "cache_size")
  for i, instruction in ipairs(engine) do list[i] = client_instruction(ctx, i, instruction) end
  return list, ("%d"):format(size)
end

-- -------------------------------------------------------------------------------- the document

--- A template's packet and field engine as the object that the reference calls a `.trp` file, with
-- its members spelled as they are there. Raises the author's mistakes, as said above.
-- @tparam table protocols by id, of one generation
-- @tparam {name=string,description=string} meta
-- @tparam {layer,...} packet
-- @tparam[opt] {instruction,...} engine may have `cache_size`
function model.document(protocols, meta, packet, engine)
  local ctx = { by_id = protocols, places = {}, where = "", ids = {} }
  if type(packet) ~= "table" or #packet == 0 then
    fail(ctx, "packet", "packet is %s, not a list of layers",
         type(packet) == "table" and "empty" or "a " .. type(packet))
  end
  ctx.where = "packet"
  check_list(ctx, packet, "layer")
  local layers = array {}
  for i, layer in ipairs(packet) do layers[i] = client_layer(ctx, i, layer) end
  local list, cache_size = client_engine(ctx, engine or {})
  local metadata = { caption = meta.name }
  if meta.description ~= "" then metadata.description = meta.description end
  return {
    fileType       = "trex-packet-editor",
    version        = "1.0.0",
    metadata       = metadata,
    packet         = layers,
    fePrarameters  = { cache_size = cache_size },
    feInstructions = list,
  }
end

-- Are all constructors in a value that was read those of protocols? Others may be words of Lua
-- expressions.
local function has_protocols(by_id, value)
  if type(value) ~= "table" then return true end
  if type(value.id) == "string" and type(value.fields) == "table" and not by_id[value.id] then
    return false
  end
  for _, part in pairs(value) do
    if not has_protocols(by_id, part) then return false end
  end
  return true
end

--- The value of an expression in the python dialect. Those in Lua are evaluated elsewhere.
-- @tparam table protocols by id
-- @tparam string text
-- @return its value; or nil and the mistake in it, `{ code, message }`; or nil alone, for one in
--   Lua
function model.evaluate(protocols, text)
  local value, err = core.literal.read(text)
  if value == nil and err.code ~= "no literal" then return nil, err end
  return has_protocols(protocols, value) and value or nil
end

-- A client's value as `registry:build` takes it; nil for one that a server makes up.
local function engine_value(ctx, value)
  if type(value) ~= "table" then return value end
  if value.vtype == "BYTES" and value.base64 then return core.wire.unbase64(value.base64) end
  if value.vtype == "EXPRESSION" then
    local result, err = model.evaluate(ctx.by_id, value.expr)
    if err then
      fail(ctx, nil, "%s.%s: %s: %s", ctx.ids[#ctx.ids], ctx.field, value.expr, err.message)
    end
    return result
  end
end

--- The layers of a document as `registry:build` takes them. Raises as `model.document` does.
-- @tparam table protocols by id
-- @tparam table document
function model.layers(protocols, document)
  local layers, ctx = {}, { by_id = protocols, ids = {} }
  for i, layer in ipairs(document.packet) do
    local fields = {}
    ctx.ids[i] = layer.id
    for _, field in ipairs(layer.fields) do
      ctx.field = field.id
      fields[field.id] = engine_value(ctx, field.value)
    end
    layers[i] = { id = layer.id, fields = fields }
  end
  return layers
end

return model
