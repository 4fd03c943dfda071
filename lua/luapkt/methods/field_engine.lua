--- The methods about the field engine: instructions that vary a packet from one to the next.
-- @module luapkt.methods.field_engine

local core   = require "luapkt.core"
local answer = require "luapkt.answer"

local fail, kind_of, is_list = answer.fail, answer.kind_of, answer.is_list
local null = core.json.null

-- As many layers as a packet can have.
local MAX_LAYERS = 128

local methods = {
  build_pkt_ex = {
    handle = true, on_worker = true, params = { "pkt_model_descriptor", "extra_options" },
  },
  run_field_engine = {
    handle = true, on_worker = true, params = { "pkt_model_descriptor", "field_engine", "range" },
  },
}

methods.decompile_vm_raw = {
  handle = true,
  any_handle = true, -- as the reference has it, here and below
  on_worker = true,
  params = { "pkt_binary_base64", "vm_raw" },
  run = function(_, _, raw)
    if type(raw) ~= "table" then return fail("vm_raw is an object, not %s", kind_of(raw)) end
    local model, err = require("luapkt.field_engine").decompile(raw)
    if not model then return fail("%s", err) end
    return model
  end,
}

-- ------------------------------------------------------------------- values of a parameter

-- How often each protocol occurs in a packet's model; and their ids. Or nil and an error.
local function count_layers(model)
  local layer_ids, err = answer.layer_ids(model)
  if not layer_ids then return nil, err end
  if #layer_ids > MAX_LAYERS then return fail("a packet has up to %d layers", MAX_LAYERS) end
  local counts, ids = {}, {}
  for _, id in ipairs(layer_ids) do
    if not counts[id] then ids[#ids + 1] = id end
    counts[id] = (counts[id] or 0) + 1
  end
  return counts, ids
end

-- Call `each` with the id of every protocol in the packet, how often it is there, and a field's id.
-- Only protocols that get_definitions lists have fields here.
local function each_field(state, model, each)
  local counts, ids = count_layers(model)
  if not counts then return nil, ids end
  if #ids == 0 then return true end
  for _, protocol in ipairs(state:definitions():of(ids).protocols) do
    for _, field in ipairs(protocol.fields) do each(protocol.id, counts[protocol.id], field.id) end
  end
  return true
end

-- parameter -> function(state, packet model, field engine model): a list, or nil and an error
local values = {}

-- Names for variables: after what they may be written to.
function values.name(state, model)
  local names = {}
  local ok, err = each_field(state, model, function(protocol, _, field)
    names[#names + 1] = protocol .. "_" .. field
  end)
  if not ok then return nil, err end
  return names
end

-- All fields of all layers.
function values.pkt_offset(state, model)
  local places = {}
  local ok, err = each_field(state, model, function(protocol, count, field)
    if count == 1 then places[#places + 1] = protocol .. "." .. field end
    for i = 0, count > 1 and count - 1 or -1 do
      places[#places + 1] = ("%s:%d.%s"):format(protocol, i, field)
    end
  end)
  if not ok then return nil, err end
  return places
end

-- IPv4 headers: only their checksum is worked out at an `offset`.
function values.offset(_, model)
  local counts, err = count_layers(model)
  if not counts then return nil, err end
  local places = {}
  for i = 1, counts.IP or 0 do places[i] = "IP:" .. i - 1 end
  return places
end

-- The variables that there are.
function values.fv_name(_, _, options)
  local vm = type(options) == "table" and options.field_engine
  local instructions = type(vm) == "table" and vm.instructions
  if not is_list(instructions) then
    return fail "vm_instructions_model is an object with field_engine.instructions, a list"
  end
  local names = {}
  for _, instruction in ipairs(instructions) do
    local parameters = type(instruction) == "table" and instruction.parameters
    local name = type(parameters) == "table" and parameters.name
    if type(name) == "string" then names[#names + 1] = name end
  end
  return names
end

methods.load_instruction_parameter_values = {
  handle = true,
  any_handle = true,
  params = { "pkt_model_descriptor", "vm_instructions_model", "parameter_id" },
  run = function(state, model, options, id)
    local map = {}
    if id == null or not values[id] then return { map = map } end
    local list, err = values[id](state, model, options)
    if not list then return nil, err end
    for _, value in ipairs(list) do map[value] = value end
    return { map = map }
  end,
}

return methods
