--- What `get_definitions` says about the field engine: its instructions, their parameters, the
-- parameters of a whole program, and instruction groups that an editor offers at once. Packet
-- editors draw their forms from this; nothing here depends on the protocols loaded.
-- @module luapkt.fe_definitions

local core = require "luapkt.core"

local array = core.json.array

local fe_definitions = {}

-- An ENUM that is `editable` takes other values beside those of its `dict`.
fe_definitions.feInstructionParameters = array {
  { id = "name", name = "Name", type = "ENUM", required = true, editable = true,
    defaultValue = "Not defined" },
  { id = "init_value", name = "Initial value", type = "STRING", defaultValue = "0" },
  { id = "max_value", name = "Maximum value", type = "STRING", defaultValue = "0" },
  { id = "min_value", name = "Minimum value", type = "STRING", defaultValue = "0" },
  { id = "step", name = "Step", type = "NUMBER", defaultValue = "1" },
  { id = "value_list", name = "List", type = "EXPRESSION", defaultValue = "None" },
  { id = "op", name = "Operation", type = "ENUM", required = true, defaultValue = "inc",
    dict = { inc = "Increment", dec = "Decrement", random = "Random" } },
  { id = "size", name = "Size", type = "ENUM", defaultValue = "4",
    dict = { ["1"] = "1", ["2"] = "2", ["4"] = "4", ["8"] = "8" } },
  { id = "fv_name", name = "Variable name", type = "ENUM", required = true, editable = true },
  { id = "pkt_offset", name = "Offset", type = "ENUM", required = true, editable = true,
    defaultValue = 0 },
  { id = "pkt_cast_size", name = "Packet cast size", type = "ENUM", defaultValue = 1,
    dict = { ["1"] = 1, ["2"] = 2, ["4"] = 4 } },
  { id = "shift", name = "Shift", type = "NUMBER", defaultValue = 0 },
  { id = "mask", name = "Mask", type = "STRING", defaultValue = "0xff" },
  { id = "offset_fixup", name = "offset_fixup", type = "NUMBER", defaultValue = 0 },
  { id = "add_val", name = "add_val", type = "NUMBER", defaultValue = 0 },
  { id = "add_value", name = "add_value", type = "NUMBER", defaultValue = 0 },
  { id = "is_big", name = "is_big", type = "ENUM", defaultValue = "true",
    dict = { ["true"] = "true", ["false"] = "false" } },
  { id = "offset", name = "Offset", type = "ENUM", required = true, editable = true,
    defaultValue = 0 },
  { id = "l3_offset", name = "L3 offset", type = "STRING", required = true, autocomplete = true,
    defaultValue = "IP" },
  { id = "l4_offset", name = "L4 offset", type = "STRING", required = true, defaultValue = "TCP" },
  { id = "ip_min", name = "Min IP", type = "STRING", defaultValue = "0.0.0.1" },
  { id = "ip_max", name = "Max IP", type = "STRING", defaultValue = "0.0.0.10" },
  { id = "port_max", name = "Max Port number", type = "NUMBER", defaultValue = 65535 },
  { id = "port_min", name = "Min Port number", type = "NUMBER", defaultValue = 1025 },
  { id = "limit_flows", name = "FLows limit", type = "NUMBER", defaultValue = 100000 },
  { id = "limit", name = "Limit", type = "NUMBER", defaultValue = 100 },
  { id = "seed", name = "Seed", type = "String", defaultValue = "None" },
  { id = "flags", name = "Flags", type = "NUMBER", defaultValue = 0 },
  { id = "l4_type", name = "L4 type", type = "ENUM", required = true, editable = false,
    defaultValue = "13", dict = { ["11"] = "L4_TYPE_UDP", ["13"] = "L4_TYPE_TCP" } },
}

fe_definitions.feParameters = array {
  { id = "cache_size", name = "Cache size", type = "NUMBER", defaultValue = "1000" },
}

fe_definitions.feTemplates = array {
  { id = "simple_flow_var", name = "Simple variable",
    instructionIds = array { "STLVmFlowVar", "STLVmWrFlowVar" } },
  { id = "rep_rand_var", name = "Repeatable random",
    instructionIds = array { "STLVmFlowVarRepeatableRandom", "STLVmWrFlowVar" } },
}

-- Clients want the help text in base64.
local function instruction(id, parameters, help)
  return { id = id, parameters = array(parameters), help = core.wire.base64(help) }
end

fe_definitions.feInstructions = array {
  instruction("STLVmFlowVar",
    { "name", "init_value", "max_value", "min_value", "step", "size", "op", "value_list" }, [[
Declare a variable that changes from one packet to the next. It is written nowhere by itself: a
write instruction puts it into the packet.

name        the variable's name
size        its size in bytes: 1, 2, 4 or 8
op          how it changes: inc, dec or random
min_value   the range it stays in; after the last value it starts again
max_value   at the other end
init_value  the first value; min_value if not given
step        how far inc and dec go
value_list  values to take in turn, in place of a range
]]),
  instruction("STLVmWrFlowVar",
    { "fv_name", "pkt_offset", "offset_fixup", "add_val", "is_big" }, [[
Write a variable into the packet, in as many bytes as the variable has.

fv_name       the variable's name
pkt_offset    where: bytes from the start of the packet, or a field such as IP.src or IP:1.src
              (the second IP layer)
offset_fixup  bytes to add to that place
add_val       a number to add to the value that is written
is_big        true: most significant byte first; false: least significant byte first
]]),
  instruction("STLVmWrMaskFlowVar",
    { "fv_name", "pkt_offset", "pkt_cast_size", "mask", "shift", "add_value", "is_big" }, [[
Write some bits of a variable into the packet. The variable is cast to pkt_cast_size, add_value is
added, the sum is shifted, and its bits under the mask replace those of the packet.

fv_name        the variable's name
pkt_offset     where: bytes from the start of the packet, or a field such as IP.tos
pkt_cast_size  bytes that are written: 1, 2 or 4
mask           the bits that are written
shift          bits to shift to the left; a negative number shifts to the right
add_value      a number to add to the variable
is_big         true: most significant byte first; false: least significant byte first
]]),
  instruction("STLVmFixIpv4", { "offset" }, [[
Work out the checksum of an IPv4 header again, after the instructions before it have changed it.

offset  where the header starts: bytes from the start of the packet, or IP, IP:1 (the second one)
]]),
  instruction("STLVmTrimPktSize", { "fv_name" }, [[
Cut the packet to as many bytes as a variable says. Lengths and checksums inside the packet stay as
they are; other instructions have to write them.

fv_name  the variable's name
]]),
  instruction("STLVmTupleGen",
    { "name", "ip_min", "ip_max", "port_min", "port_max", "limit_flows", "flags" }, [[
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
]]),
  instruction("STLVmFlowVarRepeatableRandom",
    { "name", "size", "limit", "seed", "min_value", "max_value" }, [[
Declare a variable that takes random values, the same ones again and again. A value can occur more
than once.

name       the variable's name
size       its size in bytes: 1, 2, 4 or 8
limit      how many values there are before they repeat
seed       the same seed gives the same values
min_value  the smallest value
max_value  the largest value
]]),
  instruction("STLVmFixChecksumHw", { "l3_offset", "l4_offset", "l4_type" }, [[
Work out the checksums of a network header and of the TCP or UDP header in it again. The network
card does the work and has to be able to. STLVmFixIpv4 does without it for IPv4 alone.

l3_offset  where the network header starts: bytes from the start of the packet, or IP, IPv6, IP:1
l4_offset  where the transport header starts: bytes, or TCP, UDP
l4_type    which transport header it is
]]),
  instruction("STLVmFixIcmpv6", { "l3_offset", "l4_offset" }, [[
Work out the checksum of an ICMPv6 message again.

l3_offset  where the IPv6 header starts: bytes from the start of the packet, or IPv6, IPv6:1
l4_offset  where the message starts: bytes, or the layer's id
]]),
}

return fe_definitions
