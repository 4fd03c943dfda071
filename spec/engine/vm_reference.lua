-- The field engine's rules in plain Lua: packet by packet, on a fresh copy each, every checksum
-- worked out anew. Slow, and written from the rules alone; the engine is compared with it.

local reference = {}

local ult = math.ult

-- a modulo b, both unsigned; b 0 stands for 2^64.
local function umod(a, b)
  if b == 0 then return a end
  if b < 0 then return ult(a, b) and a or a - b end
  local rest = a - (((a >> 1) // b) << 1) * b
  return ult(rest, b) and rest or rest - b
end

local function mask_of(size) return size == 8 and -1 or (1 << 8 * size) - 1 end

-- ------------------------------------------------------------------------------- variables

local function draw15(generator)
  generator.s = (214013 * generator.s + 2531011) & 0xffffffff
  return generator.s >> 16 & 0x7fff
end

local function draw32(generator)
  local high = draw15(generator)
  return (high << 16) + draw15(generator)
end

local function draw(generator, size)
  if size <= 2 then return draw15(generator) end
  if size == 4 then return draw32(generator) end
  local high = draw32(generator)
  return high << 32 | draw32(generator)
end

local function drawn(var, generator)
  local r = draw(generator, var.size)
  if var.value_list then return var.value_list[umod(r, #var.value_list) + 1] end
  return var.min_value + umod(r, var.max_value - var.min_value + 1)
end

-- One step of a counter within low..high; and whether it went around.
local function up(v, step, low, high)
  local room = high - v
  if not ult(room, step) then return v + step, false end
  return low + (step - room - 1), true
end

local function down(v, step, low, high)
  local room = v - low
  if not ult(room, step) then return v - step, false end
  return high - (step - room - 1), true
end

-- kind of variable -> function(state of it, the stream's generator) -> has it come around?
local movers = {}

function movers.inc(s)
  local move, around = s.dec and down or up, true
  if s.started then
    s.at, around = move(s.at, s.step, s.low, s.high)
  else
    s.at = s.first
  end
  s.started = true
  s.value = s.list and s.list[s.at + 1] or s.at
  return around
end

function movers.random(s, generator)
  s.value = drawn(s.var, generator)
  return false
end

function movers.rand_limit(s)
  local around = s.left == 0
  if around then s.generator, s.left = { s = s.var.seed & 0xffffffff }, s.var.limit end
  s.left = s.left - 1
  s.value = drawn(s.var, s.generator)
  return around
end

function movers.tuple(s)
  local var = s.var
  local unlimited = var.flags & 1 == 1
  if not s.started or (not unlimited and s.flows == var.limit_flows and s.flows > 0) then
    s.ip, s.port, s.flows, s.started = var.ip_min, var.port_min, 1, true
  else
    s.flows = s.flows + 1
    s.ip = s.ip + 1
    if s.ip > var.ip_max then
      s.ip, s.port = var.ip_min, s.port + 1
      if unlimited then
        if s.port > 65535 then s.port = 1025 end
      elseif s.port > var.port_max then
        s.port = var.port_min
      end
    end
  end
  return false
end

-- What a counter begins with, and what it had one step before.
local function counter(var)
  local s = { var = var, mover = "inc", dec = var.op == "dec" }
  s.list = var.value_list
  s.low, s.high = var.min_value, var.max_value
  if s.list then s.low, s.high = 0, #s.list - 1 end
  s.step = umod(var.step, s.high - s.low + 1)
  s.first = s.list and (s.dec and s.high or s.low) or var.init_value
  local before = (s.dec and up or down)(s.first, s.step, s.low, s.high)
  s.value = s.list and s.list[before + 1] or before
  return s
end

local function new_state(var)
  if var.type == "tuple_flow_var" then
    return { var = var, mover = "tuple", ip = var.ip_min, port = var.port_min, flows = 0 }
  end
  local least = var.value_list and var.value_list[1] or var.min_value
  if var.type == "flow_var_rand_limit" then
    return { var = var, mover = "rand_limit", left = 0, value = least }
  end
  if var.op == "random" then return { var = var, mover = "random", value = least } end
  return counter(var)
end

-- ------------------------------------------------------------------------------- checksums

local function sum16(bytes)
  if #bytes % 2 == 1 then bytes = bytes .. "\0" end
  local sum = 0
  for at = 1, #bytes, 2 do sum = sum + (">I2"):unpack(bytes, at) end
  while sum > 0xffff do sum = (sum >> 16) + (sum & 0xffff) end
  return ~sum & 0xffff
end

local function put(packet, at, bytes)
  return packet:sub(1, at) .. bytes .. packet:sub(at + #bytes + 1)
end

local function fix_ipv4(packet, at, len)
  local clear = put(packet, at + 10, "\0\0")
  return put(packet, at + 10, (">I2"):pack(sum16(clear:sub(at + 1, at + len))))
end

-- `len` is that of the packet as it is sent; behind it there may be more bytes.
local function fix_above_ip(packet, len, l3, l3_len, place, proto)
  local at = l3 + l3_len + place
  local version = packet:byte(l3 + 1) >> 4
  if len < at + 2 or (version ~= 4 and version ~= 6) then return packet end
  if version == 4 and proto == 58 or l3_len < (version == 4 and 20 or 40) then return packet end
  local clear = put(packet, at, "\0\0")
  local last, addresses
  if version == 4 then
    last = l3 + (">I2"):unpack(packet, l3 + 3)
    addresses = clear:sub(l3 + 13, l3 + 20)
  else
    last = l3 + 40 + (">I2"):unpack(packet, l3 + 5)
    addresses = clear:sub(l3 + 9, l3 + 40)
  end
  if last > len or last < at + 2 then last = len end
  local segment = clear:sub(l3 + l3_len + 1, last)
  local sum = sum16(addresses .. (">I4I4"):pack(#segment, proto) .. segment)
  if sum == 0 and proto == 17 then sum = 0xffff end
  return put(packet, at, (">I2"):pack(sum))
end

-- -------------------------------------------------------------------------------- instructions

-- type -> function(stream, instruction)
local actions = {}

local function value_of(stream, name)
  local tuple, part = name:match "^(.*)%.(%a+)$"
  local s = tuple and stream.states[tuple]
  if s then return s[part], part == "ip" and 4 or 2 end
  return stream.states[name].value, stream.states[name].var.size
end

function actions.write_flow_var(stream, i)
  local v, size = value_of(stream, i.name)
  local form = (i.is_big_endian and ">I" or "<I") .. size
  v = v + i.add_value & mask_of(size)
  stream.packet = put(stream.packet, i.pkt_offset, form:pack(v))
end

function actions.write_mask_flow_var(stream, i)
  local size = i.pkt_cast_size
  local form = (i.is_big_endian and ">I" or "<I") .. size
  local v = value_of(stream, i.name) + i.add_value & 0xffffffff
  if i.shift >= 0 then v = v << i.shift & 0xffffffff else v = v >> -i.shift end
  local old = form:unpack(stream.packet, i.pkt_offset + 1)
  local new = (old & ~i.mask) | (v & i.mask)
  stream.packet = put(stream.packet, i.pkt_offset, form:pack(new & mask_of(size)))
end

function actions.fix_checksum_ipv4(stream, i)
  local len = (stream.packet:byte(i.pkt_offset + 1) & 15) * 4
  stream.packet = fix_ipv4(stream.packet, i.pkt_offset, len)
end

function actions.fix_checksum_hw(stream, i)
  local l3 = i.l2_len
  if stream.packet:byte(l3 + 1) >> 4 == 4 then
    stream.packet = fix_ipv4(stream.packet, l3, i.l3_len)
  end
  local place, proto = table.unpack(({ [11] = { 6, 17 }, [13] = { 16, 6 } })[i.l4_type] or {})
  if place then
    stream.packet = fix_above_ip(stream.packet, stream.len, l3, i.l3_len, place, proto)
  end
end

function actions.fix_checksum_icmpv6(stream, i)
  stream.packet = fix_above_ip(stream.packet, stream.len, i.l2_len, i.l3_len, 2, 58)
end

function actions.trim_pkt_size(stream, i)
  stream.len = value_of(stream, i.name) & 0xffff
end

local function move(stream, name)
  local s = stream.states[name]
  local around = movers[s.mover](s, stream.generator)
  if (around or stream.number == 0) and s.var.next_var then move(stream, s.var.next_var) end
end

local function start(stream)
  stream.generator = { s = stream.seed }
  stream.number = 0
  stream.states, stream.moved = {}, {}
  for _, i in ipairs(stream.instructions) do
    if i.next_var then stream.moved[i.next_var] = true end
    if not actions[i.type] then stream.states[i.name] = new_state(i) end
  end
end

-- The next packet.
local function step(stream)
  if stream.cache and stream.number == stream.cache then start(stream) end
  stream.packet, stream.len = stream.base, #stream.base
  for _, i in ipairs(stream.instructions) do
    if actions[i.type] then
      actions[i.type](stream, i)
    elseif not stream.moved[i.name] then
      move(stream, i.name)
    end
  end
  stream.number = stream.number + 1
  return stream.packet:sub(1, stream.len)
end

local function values(stream)
  local list = {}
  local function add(name, value) list[#list + 1] = ("%s=%d"):format(name, value) end
  for _, i in ipairs(stream.instructions) do
    local s = not actions[i.type] and stream.states[i.name]
    if s and s.mover == "tuple" then
      add(i.name .. ".ip", s.ip)
      add(i.name .. ".port", s.port)
    elseif s then
      add(i.name, s.value)
    end
  end
  return table.concat(list, " ")
end

--- The first `count` packets of a stream, and the variables' values in each as one text.
-- @tparam {table,...} instructions as TRex has them, with all parameters
-- @tparam string base
-- @tparam number count
-- @tparam[opt] number seed
-- @tparam[opt] number cache
function reference.run(instructions, base, count, seed, cache)
  local stream = { instructions = instructions, base = base, seed = seed or 1, cache = cache }
  local packets, all = {}, {}
  start(stream)
  for n = 1, count do
    packets[n] = step(stream)
    all[n] = values(stream)
  end
  return packets, all
end

return reference
