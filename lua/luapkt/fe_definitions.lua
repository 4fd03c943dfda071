--- The instructions of the field engine and their parameters, in one place: what `get_definitions`
-- says about them, from which packet editors draw their forms, and what luapkt.field_engine goes
-- by. Nothing here depends on the protocols loaded.
-- @module luapkt.fe_definitions

local core = require "luapkt.core"

local array, null = core.json.array, core.json.null

local fe_definitions = {}

-- ------------------------------------------------------------------------------- parameters

-- Editors are told all members but `takes`, which is the kind of value that luapkt.fe_values reads.
-- An ENUM that is `editable` takes other values beside those of its `dict`. The names and defaults,
-- odd spellings included, are those that the reference has.
local parameters = {
  { id = "name", takes = "text", name = "Name", type = "ENUM", required = true, editable = true,
    defaultValue = "Not defined" },
  { id = "init_value", takes = "value", name = "Initial value", type = "STRING",
    defaultValue = "0" },
  { id = "max_value", takes = "value", name = "Maximum value", type = "STRING",
    defaultValue = "0" },
  { id = "min_value", takes = "value", name = "Minimum value", type = "STRING",
    defaultValue = "0" },
  { id = "step", takes = "value", name = "Step", type = "NUMBER", defaultValue = "1" },
  { id = "value_list", takes = "list", name = "List", type = "EXPRESSION", defaultValue = "None" },
  { id = "op", takes = "op", name = "Operation", type = "ENUM", required = true,
    defaultValue = "inc", dict = { inc = "Increment", dec = "Decrement", random = "Random" } },
  { id = "size", takes = "size", name = "Size", type = "ENUM", defaultValue = "4",
    dict = { ["1"] = "1", ["2"] = "2", ["4"] = "4", ["8"] = "8" } },
  { id = "fv_name", takes = "text", name = "Variable name", type = "ENUM", required = true,
    editable = true },
  { id = "pkt_offset", takes = "place", name = "Offset", type = "ENUM", required = true,
    editable = true, defaultValue = 0 },
  { id = "pkt_cast_size", takes = "cast_size", name = "Packet cast size", type = "ENUM",
    defaultValue = 1, dict = { ["1"] = 1, ["2"] = 2, ["4"] = 4 } },
  { id = "shift", takes = "number", name = "Shift", type = "NUMBER", defaultValue = 0 },
  { id = "mask", takes = "number", name = "Mask", type = "STRING", defaultValue = "0xff" },
  { id = "offset_fixup", takes = "distance", name = "offset_fixup", type = "NUMBER",
    defaultValue = 0 },
  { id = "add_val", takes = "number", name = "add_val", type = "NUMBER", defaultValue = 0 },
  { id = "add_value", takes = "number", name = "add_value", type = "NUMBER", defaultValue = 0 },
  { id = "is_big", takes = "boolean", name = "is_big", type = "ENUM", defaultValue = "true",
    dict = { ["true"] = "true", ["false"] = "false" } },
  { id = "offset", takes = "place", name = "Offset", type = "ENUM", required = true,
    editable = true, defaultValue = 0 },
  { id = "l3_offset", takes = "place", name = "L3 offset", type = "STRING", required = true,
    autocomplete = true, defaultValue = "IP" },
  { id = "l4_offset", takes = "place", name = "L4 offset", type = "STRING", required = true,
    defaultValue = "TCP" },
  { id = "ip_min", takes = "value", name = "Min IP", type = "STRING", defaultValue = "0.0.0.1" },
  { id = "ip_max", takes = "value", name = "Max IP", type = "STRING", defaultValue = "0.0.0.10" },
  { id = "port_max", takes = "number", name = "Max Port number", type = "NUMBER",
    defaultValue = 65535 },
  { id = "port_min", takes = "number", name = "Min Port number", type = "NUMBER",
    defaultValue = 1025 },
  { id = "limit_flows", takes = "number", name = "FLows limit", type = "NUMBER",
    defaultValue = 100000 },
  { id = "limit", takes = "number", name = "Limit", type = "NUMBER", defaultValue = 100 },
  { id = "seed", takes = "number", name = "Seed", type = "String", defaultValue = "None" },
  { id = "flags", takes = "number", name = "Flags", type = "NUMBER", defaultValue = 0 },
  { id = "l4_type", takes = "number", name = "L4 type", type = "ENUM", required = true,
    editable = false, defaultValue = "13",
    dict = { ["11"] = "L4_TYPE_UDP", ["13"] = "L4_TYPE_TCP" } },
}

-- Parameters that no editor shows, with the kind of value that each takes.
local hidden = {
  next_var       = "text", -- a variable that takes its next value whenever this one starts again
  split_to_cores = "boolean", -- each core of the sender gets a part of the values
  -- What `decompile_vm_raw` shows beside the parameters; it is worked out, whatever a client says.
  previous       = "text",
  l2_len         = "number",
  l3_len         = "number",
}

--- By parameter: the kind of value that it takes, and the values that it can have as the keys of a
-- table, where there are only a few.
fe_definitions.takes, fe_definitions.choices = {}, {}
fe_definitions.feInstructionParameters = array {}
for i, parameter in ipairs(parameters) do
  local shown = {}
  for key, value in pairs(parameter) do
    if key ~= "takes" then shown[key] = value end
  end
  fe_definitions.feInstructionParameters[i] = shown
  fe_definitions.takes[parameter.id] = parameter.takes
  fe_definitions.choices[parameter.id] = not parameter.editable and parameter.dict or nil
end
for id, kind in pairs(hidden) do fe_definitions.takes[id] = kind end

fe_definitions.feParameters = array {
  { id = "cache_size", name = "Cache size", type = "NUMBER", defaultValue = "1000" },
}

fe_definitions.feTemplates = array {
  { id = "simple_flow_var", name = "Simple variable",
    instructionIds = array { "STLVmFlowVar", "STLVmWrFlowVar" } },
  { id = "rep_rand_var", name = "Repeatable random",
    instructionIds = array { "STLVmFlowVarRepeatableRandom", "STLVmWrFlowVar" } },
}

-- ----------------------------------------------------------------------------- instructions

-- id        what clients call it
-- type      what it is called in a compiled program
-- shown     its parameters, as editors list them; also: those that no editor shows
-- defaults  of parameters that may be left out; null: none
-- members   what its parameters become in a compiled program: member = parameter, or both in one
-- declares  what it declares variables as, NAME standing for its parameter `name`
local instructions = {
  {
    id = "STLVmFlowVar", type = "flow_var",
    shown = { "name", "init_value", "max_value", "min_value", "step", "size", "op", "value_list" },
    also = { "split_to_cores", "next_var", "previous" },
    defaults = {
      init_value = null, max_value = 255, min_value = 0, step = 1, size = 4, op = "inc",
      value_list = null, split_to_cores = true, next_var = null, previous = null,
    },
    members = {
      "name", "size", "op", "next_var", "split_to_cores", "init_value", "min_value", "max_value",
      "value_list", "step",
    },
    declares = { "NAME" },
    help = [[
Declare a variable that changes from one packet to the next. It is written nowhere by itself: a
write instruction puts it into the packet.

name        the variable's name
size        its size in bytes: 1, 2, 4 or 8
op          how it changes: inc, dec or random
min_value   the range it stays in; after the last value it starts again
max_value   at the other end
init_value  the first value; if not given, min_value, or max_value for dec
step        how far inc and dec go
value_list  values to take in turn, in place of a range
]],
  },
  {
    id = "STLVmWrFlowVar", type = "write_flow_var",
    shown = { "fv_name", "pkt_offset", "offset_fixup", "add_val", "is_big" },
    defaults = { offset_fixup = 0, add_val = 0, is_big = true },
    members = { name = "fv_name", "pkt_offset", add_value = "add_val", is_big_endian = "is_big" },
    help = [[
Write a variable into the packet, in as many bytes as the variable has.

fv_name       the variable's name
pkt_offset    where: bytes from the start of the packet, or a field such as IP.src or IP:1.src
              (the second IP layer)
offset_fixup  bytes to add to that place
add_val       a number to add to the value that is written
is_big        true: most significant byte first; false: least significant byte first
]],
  },
  {
    id = "STLVmWrMaskFlowVar", type = "write_mask_flow_var",
    shown = { "fv_name", "pkt_offset", "pkt_cast_size", "mask", "shift", "add_value", "is_big" },
    also = { "offset_fixup" },
    defaults = {
      pkt_cast_size = 1, mask = 0xff, shift = 0, add_value = 0, is_big = true,
      offset_fixup = 0,
    },
    members = {
      name = "fv_name", "pkt_offset", "pkt_cast_size", "mask", "shift", "add_value",
      is_big_endian = "is_big",
    },
    help = [[
Write some bits of a variable into the packet. add_value is added to the variable, the sum is
shifted, and what pkt_cast_size bytes hold of it replaces the packet's bits under the mask.

fv_name        the variable's name
pkt_offset     where: bytes from the start of the packet, or a field such as IP.tos
pkt_cast_size  bytes that are written: 1, 2 or 4
mask           the bits that are written
shift          bits to shift to the left; a negative number shifts to the right
add_value      a number to add to the variable
is_big         true: most significant byte first; false: least significant byte first
]],
  },
  {
    id = "STLVmFixIpv4", type = "fix_checksum_ipv4",
    shown = { "offset" },
    members = { pkt_offset = "offset" },
    help = [[
Work out the checksum of an IPv4 header again, after the instructions before it have changed it.

offset  where the header starts: bytes from the start of the packet, or IP, IP:1 (the second one)
]],
  },
  {
    id = "STLVmTrimPktSize", type = "trim_pkt_size",
    shown = { "fv_name" },
    members = { name = "fv_name" },
    help = [[
Cut the packet to as many bytes as a variable says. Lengths and checksums inside the packet stay as
they are; other instructions have to write them.

fv_name  the variable's name
]],
  },
  {
    id = "STLVmTupleGen", type = "tuple_flow_var",
    shown = { "name", "ip_min", "ip_max", "port_min", "port_max", "limit_flows", "flags" },
    defaults = {
      ip_min = "0.0.0.1", ip_max = "0.0.0.10", port_min = 1025, port_max = 65535,
      limit_flows = 100000, flags = 0,
    },
    members = { "name", "ip_min", "ip_max", "port_min", "port_max", "limit_flows", "flags" },
    declares = { "NAME.ip", "NAME.port" },
    help = [[
Declare two variables that go together, NAME.ip of 4 bytes and NAME.port of 2: the address counts
up with every packet, and whenever it starts again the port goes one further. After limit_flows
pairs both start again.

name         the name of the pair
ip_min       the first address, as a number or a.b.c.d
ip_max       the last address
port_min     the first port
port_max     the last port
limit_flows  how many pairs there are
flags        1: all ports, whatever port_min and port_max say
]],
  },
  {
    id = "STLVmFlowVarRepeatableRandom", type = "flow_var_rand_limit",
    shown = { "name", "size", "limit", "seed", "min_value", "max_value" },
    also = { "split_to_cores", "next_var", "previous" },
    defaults = {
      size = 4, limit = 100, seed = null, min_value = null, max_value = null,
      split_to_cores = true, next_var = null, previous = null,
    },
    members = {
      "name", "size", "limit", "seed", "min_value", "max_value", "split_to_cores", "next_var",
    },
    declares = { "NAME" },
    help = [[
Declare a variable that takes random values, the same ones again and again. A value can occur more
than once.

name       the variable's name
size       its size in bytes: 1, 2, 4 or 8
limit      how many values there are before they repeat
seed       the same seed gives the same values
min_value  the smallest value
max_value  the largest value
]],
  },
  {
    id = "STLVmFixChecksumHw", type = "fix_checksum_hw",
    shown = { "l3_offset", "l4_offset", "l4_type" },
    also = { "l2_len", "l3_len" },
    defaults = { l2_len = null, l3_len = null },
    members = { "l2_len", "l3_len", "l4_type" },
    help = [[
Work out the checksums of a network header and of the TCP or UDP header in it again. The network
card does the work and has to be able to. STLVmFixIpv4 does without it for IPv4 alone.

l3_offset  where the network header starts: bytes from the start of the packet, or IP, IPv6, IP:1
l4_offset  where the transport header starts: bytes, or TCP, UDP
l4_type    which transport header it is
]],
  },
  {
    id = "STLVmFixIcmpv6", type = "fix_checksum_icmpv6",
    shown = { "l3_offset", "l4_offset" },
    also = { "l2_len", "l3_len" },
    defaults = { l2_len = null, l3_len = null },
    members = { "l2_len", "l3_len" },
    help = [[
Work out the checksum of an ICMPv6 message again.

l3_offset  where the IPv6 header starts: bytes from the start of the packet, or IPv6, IPv6:1
l4_offset  where the message starts: bytes, or the name of its layer, such as ICMPv6 Echo Request
]],
  },
}

--- Instructions by `id` and by `type`, each with `parameters`: all it takes, in order; and `takes`,
-- the kind of each.
fe_definitions.by_id, fe_definitions.by_type = {}, {}
fe_definitions.feInstructions = array {}

-- { "name", add_value = "add_val" } -> { name = "name", add_value = "add_val" }
local function spell_out(members)
  local all = {}
  for member, parameter in pairs(members) do
    all[math.type(member) and parameter or member] = parameter
  end
  return all
end

for i, instruction in ipairs(instructions) do
  local all = {}
  for _, list in ipairs { instruction.shown, instruction.also or {} } do
    table.move(list, 1, #list, #all + 1, all)
  end
  instruction.parameters, instruction.takes = all, {}
  for _, id in ipairs(all) do instruction.takes[id] = fe_definitions.takes[id] end
  instruction.members = spell_out(instruction.members)
  instruction.defaults = instruction.defaults or {}
  fe_definitions.by_id[instruction.id] = instruction
  fe_definitions.by_type[instruction.type] = instruction
  fe_definitions.feInstructions[i] = {
    id         = instruction.id,
    parameters = array(instruction.shown),
    help       = core.wire.base64(instruction.help), -- as clients expect it
  }
end

return fe_definitions
