--- The field engine's compiler: what clients write about how a packet varies from one to the next,
-- to the instructions that TRex takes, and back.
--
-- A client's model is { instructions = { { id, parameters } }, global_parameters = { cache_size }}.
-- It is compiled in TRex's order, which shows in what is reported first: every instruction by
-- itself, the cache, what variables there are, what uses them, and at last what lies where. In the
-- result variables come first, each behind those that it depends on.
-- @module luapkt.field_engine

local core           = require "luapkt.core"
local answer         = require "luapkt.answer"
local fe_definitions = require "luapkt.fe_definitions"
local fe_values      = require "luapkt.fe_values"
local wide           = require "luapkt.wide"

local array, null = core.json.array, core.json.null
local shown = fe_values.shown

local field_engine = {}

-- Instructions of one program: TRex's own examples have a dozen.
local MAX_INSTRUCTIONS = 4096

local ZERO = wide.of(0)

-- An empty list counts: some clients can't tell the two apart.
local function is_object(v) return type(v) == "table" and #v == 0 end

-- ---------------------------------------------------------------------- one instruction alone

-- An instruction on its way through the compiler:
--   def         its entry of fe_definitions
--   parameters  by id, as the reader of fe_values returns them
--   members     of the result that aren't simply parameters
--   following   the instruction that declares its next_var

local function read_parameter(def, id, given, reader)
  local value, default = given[id], def.defaults[id]
  if value == nil then value = default end
  if value == nil then return nil, ("%s needs the parameter '%s'"):format(def.id, id) end
  return reader:read(id, value, default == null)
end

-- The parameters that aren't looked at where a variable has a list of values in place of a range.
local range = { init_value = true, min_value = true, max_value = true }

local function read_parameters(def, given, reader)
  local parameters = {}
  for id in pairs(given) do
    if not def.takes[id] then
      return nil, ("%s has no parameter %s"):format(def.id, answer.quote(tostring(id)))
    end
  end
  local listed, err = null, nil
  if def.takes.value_list then listed, err = read_parameter(def, "value_list", given, reader) end
  if listed == nil then return nil, err end
  for _, id in ipairs(def.parameters) do
    local what = listed
    if range[id] and listed ~= null then
      what = null
    elseif id ~= "value_list" then
      what, err = read_parameter(def, id, given, reader)
    end
    if what == nil then return nil, err end
    parameters[id] = what
  end
  return parameters
end

local function check_size(value, size)
  local largest = wide.largest(size:json())
  if largest < value then
    return nil, ("requested value %s with size %s is bigger than 0x%x")
      :format(shown(tostring(value)), tostring(size), largest.mag)
  end
  return true
end

-- A variable holds no negative numbers.
local function check_sign(value, id)
  if value < ZERO then return nil, ("%s (%s) is negative"):format(id, shown(tostring(value))) end
  return true
end

local function check_range(p)
  if p.max_value < p.min_value then
    return nil, ("max %s is lower than min %s "):format(
      shown(tostring(p.max_value)), shown(tostring(p.min_value)))
  end
  local ok, err = check_size(p.min_value, p.size)
  if ok then ok, err = check_size(p.max_value, p.size) end
  return ok, err
end

local function check_values(p)
  for _, value in ipairs(p.value_list) do
    local ok, err = check_size(value, p.size)
    if ok then ok, err = check_sign(value, "value_list") end
    if not ok then return nil, err end
  end
  return true
end

local function check_start(p)
  if p.init_value == null then p.init_value = p.op == "dec" and p.max_value or p.min_value end
  local ok, err = check_size(p.init_value, p.size)
  if not ok then return nil, err end
  if p.init_value < p.min_value or p.max_value < p.init_value then
    return nil, ("init_value must be between min_value %s and max_value %s")
      :format(tostring(p.min_value), tostring(p.max_value))
  end
  return check_sign(p.init_value, "init_value")
end

local function check_least(p) return check_sign(p.min_value, "min_value") end

local UNPADDED = "could not pad range to be a true cycle - "
  .. "'(max_value - min_value + 1) % step' should be zero"

-- A variable comes back to its first value only if its range is a multiple of the step. TRex has
-- the range grow to that when it loads the program; there must be room for it.
local function check_cycle(p)
  if p.op == "random" then return true end
  local padding = wide.padding(p.min_value, p.max_value, p.step)
  local grown = p.op == "inc" and wide.sum(p.max_value, padding, wide.largest(8))
             or p.op == "dec" and wide.difference(p.min_value, padding)
  if not grown then return nil, UNPADDED end
  return true
end

local function is_positive(value) return ZERO < value end

-- id -> function(parameters): true, or nil and a message
local check = {}

function check.STLVmFlowVar(p)
  if not is_positive(p.step) then
    return nil, ("step %s must be more than 0"):format(shown(tostring(p.step)))
  end
  local ok, err = check_size(p.step, p.value_list == null and p.size or wide.of(8))
  if not ok then return nil, err end
  if p.value_list ~= null then return check_values(p) end
  for _, rule in ipairs { check_range, check_start, check_least, check_cycle } do
    ok, err = rule(p)
    if not ok then return nil, err end
  end
  return true
end

function check.STLVmFlowVarRepeatableRandom(p)
  if not is_positive(p.limit) then
    return nil, ("limit %s must be more than 0"):format(tostring(p.limit))
  end
  if p.seed == null then p.seed = wide.of(math.random(1, 32000)) end -- TRex draws it so
  if p.min_value == null then p.min_value = ZERO end
  if p.max_value == null then p.max_value = wide.largest(p.size:json()) end
  local ok, err = check_range(p)
  if not ok then return nil, err end
  return check_least(p)
end

-- TRex takes any numbers here, if they fit in 64 bits.
function check.STLVmTupleGen(p)
  local ok, err = check_size(p.ip_min, wide.of(8))
  if ok then ok, err = check_size(p.ip_max, wide.of(8)) end
  return ok, err
end

local function read_instruction(model, reader)
  if type(model) ~= "table" or type(model.id) ~= "string" then
    return nil, "an instruction is an object with an \"id\""
  end
  local def = fe_definitions.by_id[model.id]
  if not def then return nil, "there is no instruction " .. answer.quote(model.id) end
  local misspelt = answer.misspelt(model, "parameters")
  if misspelt then return nil, ("%s: %s"):format(def.id, misspelt) end
  if not is_object(model.parameters) then
    return nil, ("%s needs an object with its \"parameters\""):format(def.id)
  end
  local parameters, err = read_parameters(def, model.parameters, reader)
  if not parameters then return nil, err end
  if check[def.id] then
    local ok, why = check[def.id](parameters)
    if not ok then return nil, why end
  end
  return { def = def, parameters = parameters, members = {} }
end

local function read_instructions(list, evaluate)
  if list == nil or list == null then return {} end
  if not answer.is_list(list) and (type(list) ~= "table" or next(list)) then
    return nil, "instructions is a list, not " .. answer.kind_of(list)
  end
  if #list > MAX_INSTRUCTIONS then
    return nil, ("there are more than %d instructions"):format(MAX_INSTRUCTIONS)
  end
  local program, reader = {}, fe_values.reader(evaluate)
  for i, model in ipairs(list) do
    local instruction, err = read_instruction(model, reader)
    if not instruction then return nil, err end
    program[i] = instruction
  end
  return program
end

-- nil where there is no cache; or nil and a message
local function read_cache(globals)
  if globals == nil or globals == null then return nil end
  if not is_object(globals) then
    return nil, "global_parameters is an object, not " .. answer.kind_of(globals)
  end
  if globals.cache_size == nil then return nil end
  local cache, err = fe_values.read_cache_size(globals.cache_size)
  if not cache then return nil, err end
  return is_positive(wide.of(cache)) and cache or nil
end

-- ---------------------------------------------------------------------------------- variables

-- Name to the instruction that declares it.
local function declare_all(program)
  local variables = {}
  for _, instruction in ipairs(program) do
    for _, pattern in ipairs(instruction.def.declares or {}) do
      local name = instruction.parameters.name .. pattern:sub(#"NAME" + 1)
      if variables[name] then return nil, ("Variable %s defined twice "):format(shown(name)) end
      variables[name] = instruction
    end
  end
  return variables
end

local function undeclared(name) return ("Variable %s does not exist  "):format(shown(name)) end

local function depend(instruction, variables)
  local p = instruction.parameters
  local following = variables[p.next_var]
  if not following or following.parameters.previous == nil then
    return nil, undeclared(p.next_var)
  end
  if p.op == "random" then
    return nil, ("If next_var is defined then op can't be random. Check %s "):format(shown(p.name))
  end
  if following.parameters.previous ~= null then
    return nil, ("Variable %s is pointed by two vars."):format(shown(p.next_var))
  end
  instruction.following = following
  following.parameters.previous = p.name
  following.parameters.split_to_cores = false
  return true
end

-- Check the variables that an instruction names.
local function refer(instruction, variables)
  local p = instruction.parameters
  if p.fv_name and not variables[p.fv_name] then return nil, undeclared(p.fv_name) end
  if (p.next_var or null) == null then return true end
  return depend(instruction, variables)
end

local function refer_all(program, variables)
  for _, instruction in ipairs(program) do
    if instruction.parameters.previous then instruction.parameters.previous = null end
  end
  for _, instruction in ipairs(program) do
    local ok, err = refer(instruction, variables)
    if not ok then return nil, err end
  end
  return true
end

-- The program with its variables first: each that no other one drives, followed by those that it
-- drives, one by the other. Tuples count as other instructions, which keep their order.
local function order(program)
  local ordered, others = {}, {}
  for _, instruction in ipairs(program) do
    local previous = instruction.parameters.previous
    if previous == nil then table.insert(others, instruction) end
    local variable = previous == null and instruction or nil
    while variable do
      table.insert(ordered, variable)
      variable = variable.following
    end
  end
  if #ordered + #others < #program then
    return nil, "Loops are forbidden for dependent variables"
  end
  return table.move(others, 1, #others, #ordered + 1, ordered)
end

-- ------------------------------------------------------------------------------------- places

-- "IP:1" -> "IP", 1. Nil for what has no such form.
local function read_layer(text)
  local name, nth = text:match "^([^:]*):%s*([+-]?%d+)%s*%f[:\0]"
  if name then return name, math.tointeger(tonumber(nth)) or math.maxinteger end
  if not text:find(":", 1, true) then return text, 0 end
end

-- The nth layer of that name, from 0; or nil and a message. 'by_id': its id is a name, too.
local function find_layer(packet, name, nth, by_id)
  local seen = 0
  for _, layer in ipairs(packet.layers) do
    if layer.name == name or (by_id and layer.id == name) then
      if seen == nth then return layer end
      seen = seen + 1
    end
  end
  return nil, ("no layer %s-%d"):format(shown(name), nth)
end

-- The words, and the spelling, are TRex's.
local DESCRIPTION = "Field desription should be layer:cnt.field Example: IP.src or IP:1.src"

-- Where a field lies: "IP.src", "IP:1.src". A dot in a layer's name is written as |.
local function field_place(packet, place)
  if type(place) ~= "string" then return place end
  local where, field = place:match "^([^.]*)%.([^.]*)$"
  local name, nth = read_layer((where or ":"):gsub("|", "."))
  if not name then return nil, DESCRIPTION end
  local layer, err = find_layer(packet, name, nth, true)
  if not layer then return nil, err end
  local offset = layer.fields[field]
  if not offset then return nil, ("no layer %s-%d.%s"):format(shown(name), nth, shown(field)) end
  return layer.offset + offset
end

-- Where a layer starts: "IP", "IP:1". Only its name counts here, not its id.
local function layer_place(packet, place)
  if type(place) ~= "string" then return place end
  local name, nth = read_layer(place)
  if not name then return nil, DESCRIPTION end
  local layer, err = find_layer(packet, name, nth, false)
  if not layer then return nil, err end
  return layer.offset
end

-- ------------------------------------------------------------------------------------ members

-- id -> function(instruction, packet): true with its `members` filled in, or nil and a message
local place = {}

local function place_write(instruction, packet)
  local p = instruction.parameters
  local offset, err = field_place(packet, p.pkt_offset)
  if not offset then return nil, err end
  instruction.members.pkt_offset = offset + p.offset_fixup
  return true
end

place.STLVmWrFlowVar     = place_write
place.STLVmWrMaskFlowVar = place_write

function place.STLVmFixIpv4(instruction, packet)
  local offset, err = layer_place(packet, instruction.parameters.offset)
  if not offset then return nil, err end
  instruction.members.offset = offset
  return true
end

local function place_headers(instruction, packet)
  local p, members = instruction.parameters, instruction.members
  local l3, l4, err
  l3, err = layer_place(packet, p.l3_offset)
  if not l3 then return nil, err end
  l4, err = layer_place(packet, p.l4_offset)
  if not l4 then return nil, err end
  members.l2_len, members.l3_len = l3, l4 - l3
  return true
end

-- A network header that a card works a checksum out over: TRex wants it to have this size at least.
local MIN_L3 = 8

-- The l4_type of a network header alone. How long that is may be left to TRex, with an l4_offset
-- of 0.
local IP_ALONE = wide.of(17)

function place.STLVmFixChecksumHw(instruction, packet)
  local ok, err = place_headers(instruction, packet)
  if not ok then return nil, err end
  local members = instruction.members
  local is_alone = not (instruction.parameters.l4_type < IP_ALONE
                        or IP_ALONE < instruction.parameters.l4_type)
  if is_alone and members.l2_len + members.l3_len == 0 then
    members.l3_len = 0
  elseif members.l3_len < MIN_L3 then
    return nil, "l4_offset should be higher than l3_offset offset"
  end
  return true
end

place.STLVmFixIcmpv6 = place_headers

local function place_all(program, packet)
  for _, instruction in ipairs(program) do
    local id = instruction.def.id
    if place[id] then
      local ok, err = place[id](instruction, packet)
      if not ok then return nil, err end
    end
  end
  return true
end

-- ------------------------------------------------------------------------------------ results

local function to_json(v)
  if wide.is(v) then return v:json() end
  if type(v) ~= "table" then return v end
  local list = array {}
  for i, item in ipairs(v) do list[i] = to_json(item) end
  return list
end

-- A member without a value is left out, but for next_var.
local function emit(instruction)
  local emitted = { type = instruction.def.type }
  for member, parameter in pairs(instruction.def.members) do
    local value = instruction.members[parameter]
    if value == nil then value = instruction.parameters[parameter] end
    if value ~= null or member == "next_var" then emitted[member] = to_json(value) end
  end
  return emitted
end

-- A program with everything in it checked, in the order that it is compiled to; or nil and a
-- message.
local function assemble(packet, program)
  local variables, err = declare_all(program)
  if not variables then return nil, err end
  local ok, ordered
  ok, err = refer_all(program, variables)
  if not ok then return nil, err end
  ordered, err = order(program)
  if not ordered then return nil, err end
  ok, err = place_all(ordered, packet)
  if not ok then return nil, err end
  return ordered
end

--- Compile a client's model.
-- @tparam table packet { layers = { { id, name, offset, fields = { id = offset } } } }: where
-- things lie in bytes, layers from the start of the packet, fields from that of their layer; the
-- name is a protocol's `offset_name`
-- @tparam table model as JSON has it; what it lacks or has as null is empty
-- @tparam function evaluate text of an expression -> its value, or nil and { message = }
-- @treturn table { instructions = { ... }, cache = integer or nil }, fit for `core.json.encode`: an
-- integer over 2^63 - 1 is a `json.u64`. Or nil and a message
function field_engine.compile(packet, model, evaluate)
  if not is_object(model) then
    return nil, "field_engine is an object, not " .. answer.kind_of(model)
  end
  local misspelt = answer.misspelt(model, "instructions", "global_parameters")
  if misspelt then return nil, "field_engine: " .. misspelt end
  local cache
  local program, err = read_instructions(model.instructions, evaluate)
  if not program then return nil, err end
  cache, err = read_cache(model.global_parameters)
  if err then return nil, err end
  program, err = assemble(packet, program)
  if not program then return nil, err end
  local instructions = array {}
  for i, instruction in ipairs(program) do instructions[i] = emit(instruction) end
  return { instructions = instructions, cache = cache }
end

-- ------------------------------------------------------------------------------------ and back

-- Members that a compiled instruction may lack; a kind: only such a one may. What a variable starts
-- with is always worked out anew from its other members: clients of TRex know it so.
local optional = {
  next_var = true, split_to_cores = true, init_value = true, value_list = true, flags = true,
  min_value = "flow_var", max_value = "flow_var",
}

local function may_lack(member, kind)
  return optional[member] == true or optional[member] == kind
end

local function missing(field)
  return nil, ("from_json: missing field '%s' from JSON"):format(field)
end

-- A compiled instruction as a client writes it.
local function to_model(raw)
  local kind = type(raw) == "table" and raw.type
  if not kind then return missing "type" end
  local def = type(kind) == "string" and fe_definitions.by_type[kind]
  if not def then
    return nil, ("from_json: unknown VM instruction type %s"):format(
      type(kind) == "string" and answer.quote(kind) or answer.kind_of(kind))
  end
  local parameters = {}
  for member, parameter in pairs(def.members) do
    if raw[member] == nil and not may_lack(member, kind) then return missing(member) end
    if member ~= "init_value" then parameters[parameter] = raw[member] end
  end
  if kind == "flow_var" then parameters.max_value = raw.max_value or 0 end
  return { id = def.id, parameters = parameters }
end

-- Headers are written by their lengths, read by their places.
local function place_lengths(model)
  local p = model.parameters
  local l2, l3 = wide.of(p.l2_len), wide.of(p.l3_len)
  local l4 = l2 and l3 and wide.sum(l2, l3, wide.largest(4))
  if not l4 or l2.negative or l3.negative then
    return nil, "l2_len and l3_len are lengths in bytes"
  end
  p.l3_offset, p.l4_offset = p.l2_len, l4:json()
  return model
end

local function to_models(list)
  if not answer.is_list(list) then return missing "instructions" end
  local models = array {}
  for i, raw in ipairs(list) do
    local model, err = to_model(raw)
    if model and fe_definitions.by_id[model.id].members.l2_len then
      model, err = place_lengths(model)
    end
    if not model then return nil, err end
    models[i] = model
  end
  return models
end

local function show(instruction)
  local parameters = {}
  for _, id in ipairs(instruction.def.parameters) do
    local value = instruction.parameters[id]
    if value == null then value = instruction.members[id] or null end
    parameters[id] = to_json(value)
  end
  return { id = instruction.def.id, parameters = parameters }
end

--- What a client would have written to get these instructions. Compiling that gives them again,
-- but for what a variable starts with: TRex has it at the range's end, wherever it was.
-- @tparam table raw { instructions = { ... }, cache = integer or nil }, as `compile` returns it
-- @treturn table { instructions, global_parameters }, or nil and a message
function field_engine.decompile(raw)
  local models, err = to_models(raw.instructions)
  if not models then return nil, err end
  local program, ok
  program, err = read_instructions(models)
  if not program then return nil, err end
  ok, err = assemble({ layers = {} }, program)
  if not ok then return nil, err end
  local instructions = array {}
  for i, instruction in ipairs(program) do instructions[i] = show(instruction) end
  if raw.cache == nil or raw.cache == null then return { instructions = instructions } end
  local cache, why = fe_values.read_cache_size(raw.cache)
  if not cache then return nil, why end
  return { instructions = instructions, global_parameters = { cache_size = cache } }
end

--- What `build_pkt_ex` answers beside the packet.
-- @tparam table packet as for `compile`
-- @param options the method's `extra_options`: { field_engine = a model }
-- @tparam function evaluate as for `compile`
-- @treturn table { instructions, error, vm_instructions_expressions }
function field_engine.answer(packet, options, evaluate)
  local program, err
  if options == null then options = {} end
  local misspelt = is_object(options) and answer.misspelt(options, "field_engine")
  if misspelt then
    err = "extra_options: " .. misspelt
  elseif is_object(options) then
    local model = options.field_engine or null
    program, err = field_engine.compile(packet, model == null and {} or model, evaluate)
  else
    err = "extra_options is an object, not " .. answer.kind_of(options)
  end
  return {
    instructions                = program or array {},
    error                       = err or null,
    vm_instructions_expressions = array {},
  }
end

return field_engine
