-- The field engine: its rules by hand, and many random programs beside a plain reading of them.

local core      = require "luapkt.core"
local reference = require "spec.engine.vm_reference"
local support   = require "spec.support"

local unhex, hex = support.unhex, support.hex
local json = core.json

-- Ether/IP/UDP, 10.0.0.1:1 to 10.0.0.2:2, no data (RFC 768, RFC 791); the sums are right.
local udp = unhex [[
  000000010000 000000020000 0800
  4500001c 00010000 401166ce 0a000001 0a000002  0001 0002 0008 ebd8
]]

local function new(instructions, bytes, options)
  return core.vm.new(instructions, bytes or udp, options)
end

local function machine(instructions, bytes, options)
  local vm, err = new(instructions, bytes, options)
  return vm or error(err.message, 2)
end

-- A machine with one variable, which is written nowhere.
local function one(var)
  var.type = var.type or "flow_var"
  var.name = var.name or "v"
  return machine { var }
end

-- The values of variable `i` (1 where it isn't said) in `count` packets, as text.
local function sequence(vm, count, i, start)
  local list = {}
  for n = start or 0, (start or 0) + count - 1 do
    list[#list + 1] = tostring(vm:variables(n)[i or 1].value)
  end
  return table.concat(list, " ")
end

-- The same from anywhere, found without the packets before: last to first.
local function backwards(vm, count, i)
  local list = {}
  for n = count - 1, 0, -1 do table.insert(list, 1, tostring(vm:variables(n)[i or 1].value)) end
  return table.concat(list, " ")
end

local function refused(instructions, bytes)
  local vm, err = new(instructions, bytes)
  assert.is_nil(vm)
  return err.message
end

describe("a field engine's counter", function()
  it("begins with init_value and uses up one step to wrap", function()
    local vm = one { size = 1, op = "inc", init_value = 5, min_value = 0, max_value = 9, step = 3 }
    assert.equal("5 8 1 4 7 0 3 6 9 2 5", sequence(vm, 11))
    assert.equal("5 8 1 4 7 0 3 6 9 2 5", backwards(vm, 11))
  end)

  it("goes down likewise", function()
    local vm = one { size = 1, op = "dec", init_value = 5, min_value = 0, max_value = 9, step = 3 }
    assert.equal("5 2 9 6 3 0 7 4 1 8 5", sequence(vm, 11))
    assert.equal("5 2 9 6 3 0 7 4 1 8 5", backwards(vm, 11))
  end)

  it("begins at its end where init_value is left out", function()
    assert.equal("3 4", sequence(one { size = 2, op = "inc", min_value = 3, max_value = 9 }, 2))
    assert.equal("9 8", sequence(one { size = 2, op = "dec", min_value = 3, max_value = 9 }, 2))
  end)

  it("counts steps modulo its range", function()
    local vm = one { size = 1, op = "inc", init_value = 0, min_value = 0, max_value = 9, step = 13 }
    assert.equal("0 3 6 9 2", sequence(vm, 5))
    vm = one { size = 1, op = "inc", init_value = 4, min_value = 0, max_value = 9, step = 20 }
    assert.equal("4 4 4", sequence(vm, 3))
  end)

  it("has all of 64 bits", function()
    local vm = machine [=[[{"type":"flow_var","name":"v","size":8,"op":"inc","step":1,
      "init_value":18446744073709551614,"min_value":0,"max_value":18446744073709551615}]]=]
    assert.equal("18446744073709551614 18446744073709551615 0 1", sequence(vm, 4))
    assert.equal(tostring(json.decode "18446744073709551615"), tostring(vm:variables(1)[1].value))
    assert.equal("9223372036854775805", sequence(vm, 1, 1, math.maxinteger))
    local wide = [=[[{"type":"flow_var","name":"v","size":8,"op":"inc","step":%u,
      "init_value":0,"min_value":0,"max_value":18446744073709551615},
      {"type":"write_flow_var","name":"v","pkt_offset":0}]]=]
    for shift = 61, 62 do -- 2^64 by steps of 2^61 is 8 of them
      local step = ("%d"):format(1 << shift)
      assert.equal(1 << (64 - shift), machine((wide:gsub("%%u", step))):cycle())
    end
  end)

  it("is found far away at once", function()
    local vm = one { size = 4, op = "inc", min_value = 7, max_value = 1006, step = 3 }
    local n = 10 ^ 15 // 1 | 0
    assert.equal(tostring(7 + n * 3 % 1000), sequence(vm, 1, 1, n))
  end)
end)

describe("a value list", function()
  it("begins with its first element, and with its last for dec", function()
    local list = { 10, 20, 30, 40 }
    local up = one { size = 1, op = "inc", step = 1, value_list = list }
    local down = one { size = 1, op = "dec", step = 1, value_list = list }
    assert.equal("10 20 30 40 10", sequence(up, 5))
    assert.equal("40 30 20 10 40", sequence(down, 5))
  end)

  it("moves by its step modulo its length", function()
    local vm = one { size = 1, op = "inc", step = 7, value_list = { 10, 20, 30, 40, 50 } }
    assert.equal("10 30 50 20 40 10", sequence(vm, 6))
    assert.equal("10 30 50 20 40 10", backwards(vm, 6))
  end)
end)

-- The generator by hand: from 1 the states are 2745024, 2968794667, ... The 15-bit numbers of seed
-- 1 are known from the C library that has this generator: 41, 18467, 6334, 26500, 19169, 15724.
describe("a random variable", function()
  it("of one and two bytes has one number of the generator", function()
    local vm = one { size = 2, op = "random", min_value = 0, max_value = 65535 }
    assert.equal("41 18467 6334 26500 19169 15724", sequence(vm, 6))
    assert.equal("41 18467 6334 26500 19169 15724", backwards(vm, 6))
    vm = one { size = 1, op = "random", min_value = 10, max_value = 19 }
    assert.equal("11 17 14 10 19 14", sequence(vm, 6))
  end)

  it("of four bytes has two, of eight four, the first in front", function()
    local vm = one { size = 4, op = "random", min_value = 0, max_value = 0xffffffff }
    assert.equal(("%d %d"):format((41 << 16) + 18467, (6334 << 16) + 26500), sequence(vm, 2))
    vm = machine [=[[{"type":"flow_var","name":"v","size":8,"op":"random","min_value":0,
      "max_value":18446744073709551615}]]=]
    assert.equal(("%d"):format(((41 << 16) + 18467) << 32 | (6334 << 16) + 26500), sequence(vm, 1))
  end)

  it("takes an element of its list", function()
    local vm = one { size = 1, op = "random", value_list = { 1, 2, 3 } }
    assert.equal("3 3 2 2 3 2", sequence(vm, 6)) -- 41 % 3 = 2, 18467 % 3 = 2, 6334 % 3 = 1...
  end)

  it("shares the stream's generator with the others, in the order of instructions", function()
    local vm = machine {
      { type = "flow_var", name = "a", size = 2, op = "random", min_value = 0, max_value = 65535 },
      { type = "flow_var", name = "b", size = 2, op = "random", min_value = 0, max_value = 65535 },
    }
    assert.equal("41 6334 19169", sequence(vm, 3, 1))
    assert.equal("18467 26500 15724", sequence(vm, 3, 2))
    assert.equal("18467 26500 15724", backwards(vm, 3, 2))
  end)

  it("has no seed beyond 32 bits", function()
    for _, seed in ipairs { -1, 1 << 32 } do
      assert.error_matches(function() machine({}, udp, { seed = seed }) end,
        "a seed of 0 to 4294967295 expected")
    end
  end)

  it("has the stream's seed", function()
    local a = { { type = "flow_var", name = "v", size = 2, op = "random", min_value = 0,
      max_value = 65535 } }
    assert.equal("38", sequence(machine(a, udp, { seed = 0 }), 1))
  end)

  it("of its own generator repeats after so many values", function()
    local vm = one { type = "flow_var_rand_limit", size = 2, limit = 3, seed = 1, min_value = 0,
      max_value = 65535 }
    assert.equal("41 18467 6334 41 18467 6334 41", sequence(vm, 7))
    assert.equal("41 18467 6334 41 18467 6334 41", backwards(vm, 7))
    assert.equal(1, vm:cycle()) -- nothing of it is in the packets
    assert.equal(3, machine({
      { type = "flow_var_rand_limit", name = "v", size = 2, limit = 3, seed = 1, min_value = 0,
        max_value = 65535 },
      { type = "write_flow_var", name = "v", pkt_offset = 0 },
    }):cycle())
  end)
end)

describe("a chained variable", function()
  local function chain(first, second, third)
    first.next_var, second.next_var = "b", third and "c"
    local list = { first, second, third }
    for i, var in ipairs(list) do
      var.type, var.name, var.size = "flow_var", ("abc"):sub(i, i), 1
      var.op, var.step = var.op or "inc", var.step or 1
    end
    return machine(list)
  end

  it("moves only when the one before it wraps", function()
    local vm = chain({ min_value = 0, max_value = 2 }, { min_value = 7, max_value = 8 })
    assert.equal("0 1 2 0 1 2 0", sequence(vm, 7, 1))
    assert.equal("7 7 7 8 8 8 7", sequence(vm, 7, 2))
    assert.equal("7 7 7 8 8 8 7", backwards(vm, 7, 2))
  end)

  it("has its init_value in the first packet, wherever the one before it begins", function()
    local vm = chain({ min_value = 0, max_value = 2, init_value = 1 },
      { min_value = 0, max_value = 9, init_value = 4 })
    assert.equal("1 2 0 1 2 0", sequence(vm, 6, 1))
    assert.equal("4 4 5 5 5 6", sequence(vm, 6, 2))
  end)

  it("moves a third one", function()
    local vm = chain({ min_value = 0, max_value = 1 }, { min_value = 0, max_value = 1 },
      { min_value = 0, max_value = 9, op = "dec" })
    assert.equal("9 9 9 9 8 8 8 8 7", sequence(vm, 9, 3))
    assert.equal("9 9 9 9 8 8 8 8 7", backwards(vm, 9, 3))
    assert.equal(tostring(9 - (10 ^ 12 // 1 | 0) // 4 % 10), sequence(vm, 1, 3, 10 ^ 12 // 1 | 0))
  end)

  it("moves also where all that the one before it has counted is more than 64 bits", function()
    local vm = machine {
      { type = "flow_var", name = "a", size = 8, op = "inc", min_value = 0,
        max_value = math.maxinteger, step = 1 << 62, next_var = "b" },
      { type = "flow_var", name = "b", size = 1, op = "inc", min_value = 0, max_value = 200 },
    }
    assert.equal("0 0 1 1 2 2 3 3 4 4 5 5", sequence(vm, 12, 2))
    assert.equal("0 0 1 1 2 2 3 3 4 4 5 5", backwards(vm, 12, 2))
  end)

  it("moves when a list begins again", function()
    local vm = chain({ value_list = { 5, 6, 7 } }, { min_value = 0, max_value = 9 })
    assert.equal("0 0 0 1 1 1 2", sequence(vm, 7, 2))
  end)

  it("is refused where a chain bites its tail or meets another", function()
    local function var(name, next_var)
      return { type = "flow_var", name = name, size = 1, op = "inc", min_value = 0, max_value = 1,
        next_var = next_var }
    end
    assert.equal([[instruction 2 (flow_var "b"): next_var: "a" comes back to this one]],
      refused { var("a", "b"), var("b", "a") })
    assert.equal([[instruction 1 (flow_var "a"): next_var: "a" comes back to this one]],
      refused { var("a", "a") })
    assert.equal('instruction 2 (flow_var "b"): next_var: "c" is the next_var of another one '
      .. "already",
      refused { var("a", "c"), var("b", "c"), var "c" })
    assert.equal([[instruction 1 (flow_var "a"): next_var: there is no variable "x"]],
      refused { var("a", "x") })
  end)
end)

describe("a tuple", function()
  local function tuple(t)
    t.type, t.name = "tuple_flow_var", "t"
    t.flags, t.limit_flows = t.flags or 0, t.limit_flows or 0
    return machine { t }
  end

  it("counts addresses, and a port when they wrap", function()
    local vm = tuple { ip_min = 1, ip_max = 3, port_min = 10, port_max = 11 }
    assert.equal("t.ip", vm:variables(0)[1].name)
    assert.equal("t.port", vm:variables(0)[2].name)
    assert.equal("1 2 3 1 2 3 1", sequence(vm, 7, 1))
    assert.equal("10 10 10 11 11 11 10", sequence(vm, 7, 2))
    assert.equal("10 10 10 11 11 11 10", backwards(vm, 7, 2))
  end)

  it("begins anew after limit_flows", function()
    local vm = tuple { ip_min = 1, ip_max = 3, port_min = 10, port_max = 20, limit_flows = 4 }
    assert.equal("1 2 3 1 1 2 3 1 1", sequence(vm, 9, 1))
    assert.equal("10 10 10 11 10 10 10 11 10", sequence(vm, 9, 2))
    assert.equal("10 10 10 11 10 10 10 11 10", backwards(vm, 9, 2))
  end)

  it("repeats after all its flows, or after so many as its limit", function()
    local function cycle(limit)
      return machine({
        { type = "tuple_flow_var", name = "t", ip_min = 1, ip_max = 2, port_min = 10,
          port_max = 11, flags = 0, limit_flows = limit },
        { type = "write_flow_var", name = "t.port", pkt_offset = 0 },
      }):cycle()
    end
    assert.same({ 4, 3, 6, 4 }, { cycle(0), cycle(3), cycle(6), cycle(8) }) -- 8: twice the same
  end)

  it("without a limit goes on past 65535 at 1025", function()
    local vm = tuple { ip_min = 1, ip_max = 2, port_min = 65534, port_max = 65534, flags = 1,
      limit_flows = 3 }
    assert.equal("65534 65534 65535 65535 1025 1025 1026", sequence(vm, 7, 2))
    assert.equal("65534 65534 65535 65535 1025 1025 1026", backwards(vm, 7, 2))
    local round = 2 * (65536 - 1025)
    assert.equal("1025 1025 1026", sequence(vm, 3, 2, 4 + 7 * round))
  end)

  it("without a limit repeats, but for ports before 1025, which come once", function()
    local function unlimited(port_min, written)
      return machine({
        { type = "tuple_flow_var", name = "t", ip_min = 1, ip_max = 2, port_min = port_min,
          port_max = 65535, flags = 1, limit_flows = 0 },
        { type = "write_flow_var", name = written or "t.port", pkt_offset = 0 },
      })
    end
    for _, port_min in ipairs { 1025, 2000, 65535 } do
      local vm = unlimited(port_min)
      assert.equal(2 * (65536 - 1025), vm:cycle())
      assert.same({}, vm:warnings())
      assert.equal(vm:packet(0), vm:packet(vm:cycle()))
    end
    for _, port_min in ipairs { 0, 1024 } do
      local vm = unlimited(port_min)
      assert.equal("18446744073709551615", core.json.encode(vm:cycle()))
      assert.same({ '"t" never repeats its ports before 1025: '
        .. "without a limit, that one follows 65535" }, vm:warnings())
    end
    assert.same({}, unlimited(0, "t.ip"):warnings())
  end)
end)

describe("a write", function()
  local function var(size, value)
    return { type = "flow_var", name = "v", size = size, op = "inc", min_value = value,
      max_value = value }
  end

  local function written(size, value, write)
    write.name = "v"
    write.type = write.type or "write_flow_var"
    write.pkt_offset = 4
    return hex(machine({ var(size, value), write }, unhex "ffffffffffffffffffffffffffffffff")
      :packet(0):sub(5, 12))
  end

  it("has the variable's size, either end first", function()
    assert.equal("12ffffffffffffff", written(1, 0x12, {}))
    assert.equal("1234ffffffffffff", written(2, 0x1234, {}))
    assert.equal("3412ffffffffffff", written(2, 0x1234, { is_big_endian = false }))
    assert.equal("12345678ffffffff", written(4, 0x12345678, {}))
    assert.equal("78563412ffffffff", written(4, 0x12345678, { is_big_endian = false }))
    assert.equal("123456789abcdef0", written(8, 0x123456789abcdef0, {}))
    assert.equal("f0debc9a78563412", written(8, 0x123456789abcdef0, { is_big_endian = false }))
  end)

  it("adds add_value, in the variable's size", function()
    assert.equal("01ffffffffffffff", written(1, 0xff, { add_value = 2 }))
    assert.equal("1233ffffffffffff", written(2, 0x1234, { add_value = -1 }))
  end)

  it("with a mask keeps the other bits", function()
    local function masked(cast, mask, shift, more)
      local write = { type = "write_mask_flow_var", mask = mask, shift = shift }
      write.pkt_cast_size = cast
      for k, v in pairs(more or {}) do write[k] = v end
      return written(2, 0x0123, write)
    end
    assert.equal("3fffffffffffffff", masked(1, 0xf0, 4))
    assert.equal("f2ffffffffffffff", masked(1, 0x0f, -4))
    assert.equal("f123ffffffffffff", masked(2, 0x0fff, 0))
    assert.equal("23f1ffffffffffff", masked(2, 0x0fff, 0, { is_big_endian = false }))
    assert.equal("f124ffffffffffff", masked(2, 0x0fff, 0, { add_value = 1 }))
    assert.equal("01230000ffffffff", masked(4, 0xffffffff, 16))
    assert.equal("00000000ffffffff", masked(4, 0xffffffff, 32))
    assert.equal("00000000ffffffff", masked(4, 0xffffffff, -32))
  end)

  it("before the variable's instruction has the value of the packet before", function()
    local vm = machine {
      { type = "write_flow_var", name = "v", pkt_offset = 0 },
      { type = "flow_var", name = "v", size = 1, op = "inc", init_value = 5, min_value = 0,
        max_value = 9 },
    }
    assert.equal(4, vm:packet(0):byte(1))
    assert.equal(5, vm:packet(1):byte(1))
    assert.same({ '"v" is written before it moves: each packet carries what was the value before' },
      vm:warnings())
  end)
end)

describe("the length of a packet", function()
  it("follows a variable, without changing the headers", function()
    local vm = machine {
      { type = "flow_var", name = "v", size = 2, op = "inc", min_value = 34, max_value = 42 },
      { type = "trim_pkt_size", name = "v" },
    }
    for n = 0, 8 do assert.equal(udp:sub(1, 34 + n), vm:packet(n)) end
    assert.equal(udp:sub(1, 34), vm:packet(9))
  end)

  it("is at most that of the packet", function()
    assert.equal([[instruction 2 (trim_pkt_size "v"): the variable's greatest value 43 is over ]]
      .. "the packet's 42 bytes", refused {
      { type = "flow_var", name = "v", size = 2, op = "inc", min_value = 34, max_value = 43 },
      { type = "trim_pkt_size", name = "v" },
    })
  end)
end)

describe("a cache", function()
  it("makes the first packets repeat", function()
    local vm = machine {
      cache = 3,
      instructions = {
        { type = "flow_var", name = "v", size = 2, op = "random", min_value = 0,
          max_value = 65535 },
        { type = "write_flow_var", name = "v", pkt_offset = 0 },
      },
    }
    assert.equal("41 18467 6334 41 18467 6334 41", sequence(vm, 7))
    assert.equal("41 18467 6334 41 18467 6334 41", backwards(vm, 7))
    assert.equal(3, vm:cycle())
  end)

  it("makes no longer cycle where it holds the variables' own so many times", function()
    local function cycle(cache)
      return machine({ cache = cache, instructions = {
        { type = "flow_var", name = "v", size = 1, op = "inc", min_value = 0, max_value = 9 },
        { type = "write_flow_var", name = "v", pkt_offset = 0 },
      } }):cycle()
    end
    assert.same({ 10, 10, 15, 9 }, { cycle(20), cycle(10), cycle(15), cycle(9) })
  end)
end)

describe("a checksum", function()
  local function byte_var(value)
    return { type = "flow_var", name = "v", size = 1, op = "inc", min_value = value,
      max_value = 255, init_value = value }
  end

  it("of an IPv4 header is fixed", function()
    local vm = machine {
      byte_var(64), { type = "write_flow_var", name = "v", pkt_offset = 22 },
      { type = "fix_checksum_ipv4", pkt_offset = 14 },
    }
    assert.equal(hex(udp), hex(vm:packet(0)))
    for n = 0, 300 do assert.equal(0, core.wire.inet(vm:packet(n):sub(15, 34))) end
  end)

  it("of UDP is fixed, and never 0", function()
    local vm = machine {
      { type = "flow_var", name = "v", size = 2, op = "inc", init_value = 1, min_value = 0,
        max_value = 65535 },
      { type = "write_flow_var", name = "v", pkt_offset = 34 },
      { type = "fix_checksum_hw", l2_len = 14, l3_len = 20, l4_type = 11 },
    }
    assert.equal(hex(udp), hex(vm:packet(0)))
    local zero = 0xebd8 -- the port with which the sum is 0: one more, one less
    assert.equal("ebd900020008ffff", hex(vm:packet(zero):sub(35)))
    assert.equal("ebd800020008" .. "0001", hex(vm:packet(zero - 1):sub(35)))
  end)

  it("of type IP alone leaves what is above", function()
    local vm = machine {
      byte_var(63), { type = "write_flow_var", name = "v", pkt_offset = 22 },
      { type = "fix_checksum_hw", l2_len = 14, l3_len = 20, l4_type = 17 },
    }
    assert.equal("67ce", hex(vm:packet(0):sub(25, 26)))
    assert.equal(udp:sub(35), vm:packet(0):sub(35))
  end)

  it("of type IP alone finds out how long the header is", function()
    local vm = machine {
      byte_var(63), { type = "write_flow_var", name = "v", pkt_offset = 22 },
      { type = "fix_checksum_hw", l2_len = 14, l3_len = 0, l4_type = 17 },
    }
    assert.equal("67ce", hex(vm:packet(0):sub(25, 26)))
    assert.has_error(function()
      machine { { type = "fix_checksum_hw", l2_len = 14, l3_len = 0, l4_type = 11 } }
    end)
  end)

  -- Found by fuzzing: the second would lie where the first has its lengths, if there were one.
  it("isn't stored where there is no IP header", function()
    local bytes = ("\0"):rep(90)
    local vm = machine({
      byte_var(1), { type = "write_flow_var", name = "v", pkt_offset = 89 },
      { type = "fix_checksum_hw", l2_len = 23, l3_len = 40, l4_type = 11 },
      { type = "fix_checksum_hw", l2_len = 14, l3_len = 40, l4_type = 11 },
    }, bytes)
    assert.equal(hex(bytes:sub(1, 89) .. "\1"), hex(vm:packet(0)))
  end)

  it("doesn't count what lies behind the IP datagram", function()
    local instructions = {
      byte_var(64), { type = "write_flow_var", name = "v", pkt_offset = 22 },
      { type = "fix_checksum_hw", l2_len = 14, l3_len = 20, l4_type = 11 },
    }
    local padded = udp .. ("x"):rep(18)
    assert.equal(hex(padded), hex(machine(instructions, padded):packet(0)))
  end)

  -- Is the checksum of IPv6 and UDP right, of `len` bytes from 54 on?
  local function is_right6(packet, len)
    local ends = packet:sub(23, 54)
    return core.wire.inet(ends, (">I4I4"):pack(len, 17), packet:sub(55, 54 + len)) == 0
  end

  it("over IPv6 is of as much as the header says, also where that varies", function()
    local packet = ("\0"):rep(14) .. unhex "6000000000081140" .. ("a"):rep(32)
      .. unhex "00010002000c0000" .. ("data"):rep(4)
    local vm = machine({
      { type = "flow_var", name = "v", size = 2, op = "inc", min_value = 8, max_value = 24 },
      { type = "write_flow_var", name = "v", pkt_offset = 18 },
      { type = "fix_checksum_hw", l2_len = 14, l3_len = 40, l4_type = 11 },
    }, packet)
    for n = 0, 16 do assert.is_true(is_right6(vm:packet(n), 8 + n), n) end
  end)

  it("is added to at even and at odd places at once", function()
    local packet = ("\0"):rep(14) .. "\x4f" .. ("\0"):rep(16) .. "\x45" .. ("\0"):rep(48)
    local vm = machine({
      { type = "flow_var", name = "v", size = 2, op = "inc", min_value = 255, max_value = 65535,
        step = 255 },
      { type = "write_flow_var", name = "v", pkt_offset = 36 },
      { type = "fix_checksum_ipv4", pkt_offset = 31 }, -- 31 to 51, within
      { type = "fix_checksum_ipv4", pkt_offset = 14 }, -- 14 to 74
    }, packet)
    for n = 0, 20 do
      assert.equal(0, core.wire.inet(vm:packet(n):sub(15, 74)))
      assert.equal(0, core.wire.inet(vm:packet(n):sub(32, 51)))
    end
  end)

  -- What was added folds to 0x1ffff, and that to 0x10000.
  it("that is worked out anew is folded until it has 16 bits", function()
    local packet = ("\0"):rep(14) .. unhex "4500001c 6bd34000 40110000 dffffffe efffffff"
      .. ("\0"):rep(8)
    local vm = machine({
      { type = "flow_var", name = "v", size = 1, op = "inc", min_value = 0x45, max_value = 0x45 },
      { type = "write_flow_var", name = "v", pkt_offset = 14 },
      { type = "fix_checksum_ipv4", pkt_offset = 14 },
    }, packet)
    assert.equal(0, core.wire.inet(vm:packet(0):sub(15, 34)))
  end)

  it("is right, however many there are", function()
    local program = { byte_var(64), { type = "write_flow_var", name = "v", pkt_offset = 22 } }
    for i = 1, 100 do program[2 + i] = { type = "fix_checksum_ipv4", pkt_offset = 14 } end
    local vm = machine(program)
    for n = 0, 9 do assert.equal(0, core.wire.inet(vm:packet(n):sub(15, 34))) end
  end)

  -- The words of eight bytes as they are added come just below 2^64 here, so that each value
  -- makes a carry.
  it("loses no carry", function()
    local function sum(a, b) return a + b + (math.ult(a + b, a) and 1 or 0) end
    local head = unhex "4500002c 00010000 40110000 0a000001 0a000002 0000 0002 0018 0000"
    local total = sum(sum(("<i8"):unpack(head, 13), ("<i8"):unpack(head, 21)),
      ("<i8"):unpack((">I4I4"):pack(24, 17)))
    for _, want in ipairs { -2, -256, -0x8000 } do
      local bytes = ("\0"):rep(14) .. head .. ("<i8i8"):pack(sum(want, ~total), 0)
      local program = {
        { type = "flow_var", name = "v", size = 2, op = "inc", min_value = 1, max_value = 65535,
          step = 771 },
        { type = "write_flow_var", name = "v", pkt_offset = 34 },
        { type = "fix_checksum_hw", l2_len = 14, l3_len = 20, l4_type = 11 },
      }
      local vm = machine(program, bytes)
      for n = 0, 80 do
        local packet = vm:packet(n)
        assert.equal(0, core.wire.inet(packet:sub(27, 34), "\0\x11\0\x18", packet:sub(35)))
      end
    end
  end)
end)

describe("a cycle", function()
  local function written(list)
    local instructions = {}
    for i, var in ipairs(list) do
      var.type, var.name, var.size = var.type or "flow_var", "v" .. i, var.size or 1
      instructions[#instructions + 1] = var
    end
    for i in ipairs(list) do
      instructions[#instructions + 1] = { type = "write_flow_var", name = "v" .. i,
        pkt_offset = 8 * (i - 1) }
    end
    return machine(instructions, ("\0"):rep(64))
  end

  local function inc(max, step, more)
    local var = { op = "inc", min_value = 0, max_value = max, step = step }
    for k, v in pairs(more or {}) do var[k] = v end
    return var
  end

  it("is that of all variables together", function()
    assert.equal(10, written({ inc(9, 3) }):cycle())
    assert.equal(5, written({ inc(9, 4) }):cycle())
    assert.equal(12, written({ inc(3, 1), inc(5, 1) }):cycle())
    local list = { op = "dec", step = 1, value_list = { 1, 2, 3 } }
    assert.equal(12, written({ inc(3, 1), list }):cycle())
  end)

  it("is one packet where nothing moves", function()
    assert.equal(1, written({ inc(9, 0) }):cycle())
    assert.equal(1, machine([=[[{"type":"flow_var","name":"v","size":8,"op":"inc","step":0,
      "min_value":0,"max_value":18446744073709551615},
      {"type":"write_flow_var","name":"v","pkt_offset":0}]]=]):cycle())
  end)

  it("counts what moves less often", function()
    assert.equal(12, written({ inc(3, 1, { next_var = "v2" }), inc(2, 1) }):cycle())
    assert.equal(60, written({ inc(3, 1, { next_var = "v2" }), inc(2, 1, { next_var = "v3" }),
      inc(4, 1) }):cycle())
    -- 10 values in steps of 3 come around 3 times in 10 packets
    assert.equal(10, written({ inc(9, 3, { next_var = "v2" }), inc(2, 1) }):cycle())
  end)

  it("is true to the bytes, wherever one can look", function()
    for _, list in ipairs {
      { inc(9, 3, { next_var = "v2" }), inc(3, 1) },
      { { op = "dec", step = 2, value_list = { 1, 2, 3, 4, 5 }, next_var = "v2" }, inc(3, 2) },
      { { type = "flow_var_rand_limit", limit = 4, seed = 9, min_value = 0, max_value = 255,
        next_var = "v2" }, inc(2, 1) },
    } do
      local vm = written(list)
      local seen, first = {}, nil
      for n = 0, 3 * vm:cycle() do
        local packet = vm:packet(n)
        first = first or seen[packet] and n
        seen[packet] = true
        assert.equal(packet, vm:packet(n % vm:cycle()))
      end
      assert.truthy(first and first <= vm:cycle())
    end
  end)

  it("of random values is that of the generator's bits", function()
    -- 256 values are the low 24 bits of the state
    assert.equal(1 << 24, written({ { op = "random", min_value = 0, max_value = 255 } }):cycle())
    assert.equal(1 << 31, written({ { op = "random", min_value = 0, max_value = 99 } }):cycle())
    -- there are 15 bits in a number, however many the variable has
    assert.equal(1 << 31,
      written({ { op = "random", size = 2, min_value = 0, max_value = 65535 } }):cycle())
    local vm = written { { op = "random", min_value = 0, max_value = 255 } }
    assert.equal(vm:packet(12345), vm:packet(12345 + (1 << 24)))
    assert.not_equal(sequence(vm, 20, 1, 5), sequence(vm, 20, 1, 5 + (1 << 23)))
  end)

  it("that is too long is said to be so", function()
    local vm = written { inc(0xffffffff, 1, { size = 4 }), inc(0xfffffffe, 1, { size = 4 }),
      inc(0xfffffffd, 1, { size = 4 }) }
    assert.equal("18446744073709551615", tostring(vm:cycle()))
    assert.equal("the packets repeat only after 18446744073709551615 or more", vm:warnings()[1])
  end)
end)

describe("what can't be run", function()
  local flow = { type = "flow_var", name = "v", size = 1, op = "inc", min_value = 0,
    max_value = 255 }

  local function with(changes)
    local copy = {}
    for k, v in pairs(flow) do copy[k] = v end
    for k, v in pairs(changes) do copy[k] = v end
    return refused { copy }
  end

  local function acted(action) return refused { flow, action } end

  it("is told by instruction, parameter and value", function()
    assert.equal("instruction 1 is a number, not an object", refused { 1 })
    assert.equal("instruction 1 has no type", refused { {} , flow })
    assert.equal('instruction 1: there is no instruction "x"', refused { { type = "x" } })
    assert.equal('instruction 1 (flow_var "v"): size is 3, not 1, 2, 4 or 8', with { size = 3 })
    assert.equal('instruction 1 (flow_var "v"): op is "x", not inc, dec or random',
      with { op = "x" })
    assert.equal('instruction 1 (flow_var "v"): max_value is 256, not a number from 0 to 255',
      with { max_value = 256 })
    assert.equal('instruction 1 (flow_var "v"): max_value 1 is less than min_value 2',
      with { min_value = 2, max_value = 1 })
    assert.equal('instruction 1 (flow_var "v"): init_value is 9, not a number from 0 to 5',
      with { max_value = 5, init_value = 9 })
    assert.equal('instruction 1 (flow_var "v"): step is -1, not a number from 0 to '
      .. "18446744073709551615", with { step = -1 })
    assert.equal('instruction 1 (flow_var "v"): value_list is empty',
      with { value_list = json.array {} })
    assert.equal('instruction 1 (flow_var "v"): value_list[2] is 300, not a number from 0 to 255',
      with { value_list = { 1, 300 } })
    assert.equal("instruction 1 (flow_var): name is missing", refused { { type = "flow_var" } })
    assert.equal('instruction 2 (flow_var "v"): there is a variable of this name already',
      refused { flow, flow })
    assert.equal('instruction 2 (write_flow_var "w"): there is no variable of this name',
      acted { type = "write_flow_var", name = "w", pkt_offset = 0 })
    assert.equal('instruction 2 (write_flow_var "v"): 1 bytes at pkt_offset 42 are not within the '
      .. "packet's 42 bytes", acted { type = "write_flow_var", name = "v", pkt_offset = 42 })
    assert.equal('instruction 2 (write_mask_flow_var "v"): pkt_cast_size is 3, not 1, 2 or 4',
      acted { type = "write_mask_flow_var", name = "v", pkt_offset = 0, pkt_cast_size = 3 })
    assert.equal('instruction 2 (fix_checksum_hw): l4_type is 99, not 11 (UDP), 13 (TCP) or 17 '
      .. "(IP alone)", acted { type = "fix_checksum_hw", l2_len = 14, l3_len = 20, l4_type = 99 })
    assert.equal("instruction 2 (fix_checksum_hw): l2_len 14 and l3_len 20 leave less than 18 of "
      .. "the packet's 42 bytes",
      acted { type = "fix_checksum_hw", l2_len = 14, l3_len = 20, l4_type = 13 })
    assert.equal("instruction 2 (fix_checksum_ipv4): there is no IPv4 header at 0: its length says "
      .. "0 bytes", acted { type = "fix_checksum_ipv4", pkt_offset = 0 })
    assert.equal('instruction 1 (tuple_flow_var "t"): ip_max 1 is less than ip_min 2', refused {
      { type = "tuple_flow_var", name = "t", ip_min = 2, ip_max = 1, port_min = 1, port_max = 2 } })
    assert.equal('instruction 2 (write_flow_var "t"): a tuple is written as NAME.ip and NAME.port',
      refused {
        { type = "tuple_flow_var", name = "t", ip_min = 1, ip_max = 2, port_min = 1, port_max = 2 },
        { type = "write_flow_var", name = "t", pkt_offset = 0 } })
    assert.equal('instruction 1 (flow_var_rand_limit "r"): limit is 0, not a number from 1 to '
      .. "18446744073709551615", refused {
      { type = "flow_var_rand_limit", name = "r", size = 1, limit = 0, min_value = 0,
        max_value = 1 } })
  end)

  it("is too much", function()
    local many = {}
    for i = 1, 513 do many[i] = flow end
    assert.equal("513 instructions are over the limit of 512", refused(many))
    table.remove(many)
    assert.equal('instruction 2 (flow_var "v"): there is a variable of this name already',
      refused(many))
    local list = {}
    for i = 1, 4097 do list[i] = 0 end
    assert.equal('instruction 1 (flow_var "v"): value_list has 4097 values, over the limit of 4096',
      with { value_list = list })
    assert.equal("the packet has no bytes", refused({}, ""))
    local most = ("x"):rep(262144)
    assert.equal(most, machine({}, most):packet(0))
    assert.equal("the packet has 262145 bytes, over the limit of 262144", refused({}, most .. "x"))
    assert.equal("cache is negative, not a number of packets",
      refused { cache = -1, instructions = { flow } })
    assert.equal("the instructions are missing, not a list", refused { cache = 1 })
  end)
end)

describe("a warning", function()
  local registry

  setup(function()
    registry = assert(require("luapkt.registry").load { "protocols" }).core
  end)

  -- What is said about a program over Ether/IP/UDP, without what is said about its own frame.
  local function warnings(...)
    return machine({ ... }, udp, { registry = registry }):warnings()
  end

  local function var(more)
    local v = { type = "flow_var", name = "v", size = 1, op = "inc", min_value = 0,
      max_value = 255 }
    for k, x in pairs(more or {}) do v[k] = x end
    return v
  end

  local function write(at) return { type = "write_flow_var", name = "v", pkt_offset = at } end

  local function fix(l2_len, l4_type)
    return { type = "fix_checksum_hw", l2_len = l2_len, l3_len = 20, l4_type = l4_type }
  end

  local hw = fix(14, 11)

  it("isn't given for what is right", function()
    assert.same({}, warnings(var { size = 4, max_value = 0xffffffff }, write(26), hw))
    assert.same({}, warnings(var(), write(0)))
  end)

  it("names the checksums that nothing fixes", function()
    assert.same({
      "IP.src varies under the checksum IP.chksum, which no instruction behind it fixes",
      "IP.src varies under the checksum UDP.chksum, which no instruction behind it fixes",
    }, warnings(var { size = 4 }, write(26)))
    assert.same({
      "IP.src varies under the checksum UDP.chksum, which no instruction behind it fixes",
    }, warnings(var { size = 4 }, write(26), { type = "fix_checksum_ipv4", pkt_offset = 14 }))
    assert.same({
      "IP.ttl varies under the checksum IP.chksum, which no instruction behind it fixes",
    }, warnings(var(), hw, write(22)))
    assert.same({
      '"v" is wider than one field: it is written over IP.ttl, IP.proto',
      "IP.ttl, IP.proto vary under the checksum IP.chksum, which no instruction behind it fixes",
    }, warnings(var { size = 2 }, hw, write(22)))
  end)

  it("says of which layer a field is, where several are of one protocol", function()
    local tunnel = require("luapkt").build { { "IP" }, { "IP" } }
    local list = machine({ var { size = 4 }, write(32) }, tunnel, { registry = registry,
      id = "IP" }):warnings()
    assert.same({ "IP:1.src varies under the checksum IP:1.chksum, which no instruction behind it "
      .. "fixes" }, list)
  end)

  -- OSPF over IP, its checksum at byte 12 without the 8 bytes at 16: RFC 2328 section D.4.
  it("isn't given for what a checksum leaves out", function()
    local ospf = require("luapkt").build { { "OSPF", { authtype = 1 } }, { "OSPF_Hello", {} } }
    local function said(at)
      return machine({ var(), write(at) }, ospf, { registry = registry, id = "OSPF" }):warnings()
    end
    assert.same({}, said(23))
    assert.same({ "OSPF.area_id varies under the checksum OSPF.chksum, which no instruction behind "
      .. "it fixes" }, said(11))
    assert.same({ "OSPF_Hello.network_mask varies under the checksum OSPF.chksum, which no "
      .. "instruction behind it fixes" }, said(24))
  end)

  it("names the fields that a variable is too wide for", function()
    assert.same({ '"v" is wider than one field: it is written over UDP.sport, UDP.dport' },
      warnings(var { size = 4 }, write(34), hw))
    assert.same({ '"v" is wider than one field: it is written over IP.version, IP.ihl' },
      warnings(var(), write(14), hw))
    assert.same({}, warnings(var { max_value = 15 }, { type = "write_mask_flow_var", name = "v",
      pkt_offset = 14, pkt_cast_size = 1, mask = 15 }, hw))
  end)

  it("tells of ranges that don't close", function()
    assert.same({ '"v" drifts: its step of 3 doesn\'t divide the 256 values of its range, so each '
      .. "round begins elsewhere" }, warnings(var { step = 3 }, write(0)))
    assert.same({ '"v" never moves: its step is a multiple of the 256 values of its range' },
      warnings(var { step = 256 }, write(0)))
    assert.same({ '"v" has only one value' }, warnings(var { max_value = 0 }, write(0)))
  end)

  it("counts the values of the largest range", function()
    local all = var { size = 8, max_value = json.decode "18446744073709551615", step = 3 }
    assert.same({ '"v" drifts: its step of 3 doesn\'t divide the 2^64 values of its range, so each '
      .. "round begins elsewhere" }, { warnings(all, write(0))[1] })
  end)

  it("tells of what has no effect", function()
    assert.same({ '"v" is written nowhere' }, warnings(var()))
    assert.same({ '"v" is written nowhere' },
      warnings(var(), var { name = "w" }, { type = "write_flow_var", name = "w", pkt_offset = 0 }))
    assert.same({ "instruction 3 overwrites what instruction 2 writes at byte 0" },
      warnings(var(), write(0), write(0)))
    assert.same({ "instruction 2 writes nothing: the mask 0xff00 has no bit in 1 byte" },
      warnings(var(), { type = "write_mask_flow_var", name = "v", pkt_offset = 0,
        pkt_cast_size = 1, mask = 0xff00 }))
    assert.same({ "instruction 2 writes nothing: the mask 0x10000 has no bit in 2 bytes" },
      warnings(var(), { type = "write_mask_flow_var", name = "v", pkt_offset = 0,
        pkt_cast_size = 2, mask = 0x10000 }))
    assert.same({ '"v" has values that the mask 0xf0 cuts' },
      warnings(var(), { type = "write_mask_flow_var", name = "v", pkt_offset = 0,
        pkt_cast_size = 1, mask = 0xf0, shift = 4 }))
    assert.same({ "instruction 3 fixes nothing: there is no such header at byte 0" },
      warnings(var(), write(1), fix(0, 17)))
  end)

  it("tells of sums that don't fit", function()
    local function sum(size, most, add)
      return warnings(var { size = size, max_value = most },
        { type = "write_flow_var", name = "v", pkt_offset = 0, add_value = add })
    end
    assert.same({}, sum(1, 250, 5)) -- 2^8 - 1
    assert.same({ '"v" and add_value 6 are more than 1 byte holds: the sum wraps' }, sum(1, 250, 6))
    assert.same({}, sum(2, 65000, 535)) -- 2^16 - 1
    assert.same({ '"v" and add_value 536 are more than 2 bytes hold: the sum wraps' },
      sum(2, 65000, 536))
  end)

  it("tells of headers that don't follow a length that varies", function()
    local size = var { size = 2, min_value = 34, max_value = 42 }
    local trim = { type = "trim_pkt_size", name = "v" }
    assert.same({
      "the packet's length varies under the checksum UDP.chksum, which no instruction behind it "
        .. "fixes",
      [[the packet's length follows "v", and IP.len doesn't: nothing writes it]],
      [[the packet's length follows "v", and UDP.len doesn't: nothing writes it]],
    }, warnings(size, trim))
    assert.same({}, warnings(size, trim, write(16), write(38), hw))
  end)

  it("isn't given for a checksum that only one of two headers has", function()
    -- Ether/IPv6/UDP: a network card has no checksum to put into the IPv6 header
    local ipv6 = unhex [[000000010000 000000020000 86dd 6000000000081140
      20010db8000000000000000000000001 20010db8000000000000000000000002 0035003500080000]]
    assert.same({}, machine({ var(), write(53), { type = "fix_checksum_hw", l2_len = 14,
      l3_len = 40, l4_type = 11 } }, ipv6, { registry = registry }):warnings())
  end)

  it("tells of values that the generator doesn't have", function()
    assert.same({ '"v" is drawn from 32768 numbers: values over 32767 never occur' },
      warnings(var { op = "random", size = 2, max_value = 65535 }, write(0)))
  end)

  it("tells of a checksum at a wrong place", function()
    assert.same({ "instruction 3 stores a checksum at byte 32, where IP.dst is" },
      warnings(var(), write(0), fix(22, 17)))
  end)

  it("tells of a cache shorter than the cycle", function()
    assert.same({ "the first 10 packets repeat, although the variables' values would only "
      .. "after 256" },
      machine({ cache = 10, instructions = { var(), write(0) } }):warnings())
  end)
end)

-- --------------------------------------------------------------------------- random programs

-- A generator of its own, so that the programs are the same everywhere.
local Dice = {}
Dice.__index = Dice

local function new_dice(seed) return setmetatable({ state = seed * 2 + 1 }, Dice) end

-- A number from low to high.
function Dice:roll(low, high)
  self.state = self.state * 6364136223846793005 + 1442695040888963407
  return low + (self.state >> 33) % (high - low + 1)
end

function Dice:one_of(list) return list[self:roll(1, #list)] end

function Dice:is(percent) return self:roll(1, 100) <= percent end

function Dice:bytes(n)
  local list = {}
  for i = 1, n do list[i] = string.char(self:roll(0, 255)) end
  return table.concat(list)
end

-- A packet over IPv4 or IPv6, its sums unset; where its headers lie.
local function random_packet(dice)
  local payload = dice:bytes(dice:roll(0, 40))
  if dice:is(20) then payload = ("\0"):rep(#payload) end
  local l4 = dice:one_of { 11, 13 }
  local head = l4 == 11 and dice:bytes(4) .. (">I2I2"):pack(8 + #payload, 0) or dice:bytes(20)
  local link = dice:bytes(dice:one_of { 14, 14, 15 }) -- 15: an odd place for all that follows
  local proto, n = l4 == 11 and 17 or 6, #head + #payload
  local pad = dice:is(20) and dice:bytes(6) or ""
  if dice:is(60) then
    local ip = ("\x45\0" .. (">I2I2I2BBI2"):pack(20 + n, 1, 0, 64, proto, 0)) .. dice:bytes(8)
    return link .. ip .. head .. payload .. pad, #link, 20, l4
  end
  local ip = "\x60\0\0\0" .. (">I2BB"):pack(n, proto, 64) .. dice:bytes(32)
  return link .. ip .. head .. payload .. pad, #link, 40, l4
end

local function random_range(dice, size)
  local most = size == 8 and math.maxinteger or (1 << 8 * size) - 1
  local low = dice:is(50) and 0 or dice:roll(0, math.min(most, 300))
  local high = dice:is(20) and most or math.min(most, low + dice:roll(0, 40))
  return low, math.max(low, high)
end

local function random_var(dice, name)
  local size = dice:one_of { 1, 2, 4, 8 }
  if dice:is(10) then
    local ip, port = dice:roll(0, 1000), dice:roll(0, 3000)
    if dice:is(20) then port = 65530 end
    return { type = "tuple_flow_var", name = name, ip_min = ip, ip_max = ip + dice:roll(0, 5),
      port_min = port, port_max = port + dice:roll(0, 5), limit_flows = dice:one_of { 0, 7, 30, 1 },
      flags = dice:roll(0, 1) }
  end
  local low, high = random_range(dice, size)
  local var = { type = "flow_var", name = name, size = size,
    op = dice:one_of { "inc", "dec", "random" }, min_value = low, max_value = high,
    step = dice:one_of { 1, 1, 2, 3, 7, 100, 0 } }
  if dice:is(15) then
    var.type, var.op, var.limit, var.seed = "flow_var_rand_limit", nil, dice:roll(1, 9),
      dice:roll(0, 1 << 32)
  elseif dice:is(20) then
    var.value_list, var.min_value, var.max_value = {}, nil, nil
    for i = 1, dice:roll(1, 7) do var.value_list[i] = dice:roll(0, 255) end
  end
  if var.min_value and (var.op == "inc" or var.op == "dec") then
    var.init_value = dice:one_of { low, high, dice:roll(low, math.min(high, low + 30)) }
  end
  return var
end

local function random_write(dice, vars, len)
  local var = dice:one_of(vars)
  local name, size = var.name, var.size
  if var.type == "tuple_flow_var" then
    local part = dice:one_of { "ip", "port" }
    name, size = name .. "." .. part, part == "ip" and 4 or 2
  end
  local write = { type = "write_flow_var", name = name, is_big_endian = dice:is(80),
    add_value = dice:one_of { 0, 0, 1, -1, 1000, -300 } }
  if dice:is(30) then
    size = dice:one_of { 1, 2, 4 }
    write.type, write.pkt_cast_size = "write_mask_flow_var", size
    write.mask, write.shift = dice:roll(0, 0xffffffff), dice:roll(-33 + 1, 32)
    if dice:is(50) then write.mask, write.shift = dice:roll(0, 255), dice:roll(-4, 4) end
  end
  write.pkt_offset = dice:roll(0, len - size)
  return write
end

local function random_fix(dice, l2, l3, l4)
  if dice:is(25) and l3 == 20 then return { type = "fix_checksum_ipv4", pkt_offset = l2 } end
  if dice:is(15) then return { type = "fix_checksum_icmpv6", l2_len = l2, l3_len = l3 } end
  return { type = "fix_checksum_hw", l2_len = l2, l3_len = l3, l4_type = dice:is(85) and l4 or 17 }
end

local function chain(dice, vars)
  local free = {}
  for i, var in ipairs(vars) do free[i] = var end
  for i = 1, #free - 1 do
    if free[i].type ~= "tuple_flow_var" and dice:is(40) then free[i].next_var = free[i + 1].name end
  end
end

-- Instructions in an order that makes sense most of the time.
local function random_program(dice)
  local base, l2, l3, l4 = random_packet(dice)
  local vars, program = {}, {}
  for i = 1, dice:roll(1, 5) do vars[i] = random_var(dice, "v" .. i) end
  chain(dice, vars)
  for _, var in ipairs(vars) do program[#program + 1] = var end
  -- either anywhere, or only where the sums' coverage stays as it is: addresses and above
  local anywhere = dice:is(40)
  for _ = 1, dice:roll(0, 5) do
    local write = random_write(dice, vars, #base)
    if not anywhere then
      local size = write.pkt_cast_size or 8
      write.pkt_offset = dice:one_of { l2 + l3 - 8, l2 + l3 - 16 + 4, l2 + l3, #base - size, 0 }
      if write.pkt_offset < 0 or write.pkt_offset > #base - 8 then write.pkt_offset = 0 end
    end
    program[#program + 1] = write
  end
  for _ = 1, dice:roll(0, 3) do program[#program + 1] = random_fix(dice, l2, l3, l4) end
  if dice:is(15) then
    table.insert(program, dice:roll(1, #program + 1), { type = "flow_var", name = "len", size = 2,
      op = dice:one_of { "inc", "random" }, min_value = 0, max_value = #base,
      init_value = #base // 2, step = 3 })
    table.insert(program, dice:roll(1, #program + 1), { type = "trim_pkt_size", name = "len" })
  end
  if dice:is(15) then -- any order
    for i = #program, 2, -1 do
      local k = dice:roll(1, i)
      program[i], program[k] = program[k], program[i]
    end
  end
  return program, base, dice:is(15) and dice:roll(1, 30) or nil
end

local function values(vm, n)
  local list = {}
  for i, v in ipairs(vm:variables(n)) do list[i] = ("%s=%s"):format(v.name, v.value) end
  return table.concat(list, " ")
end

local function compare(seed)
  local dice = new_dice(seed)
  local program, base, cache = random_program(dice)
  local count = 60
  local wanted, wanted_values = reference.run(program, base, count, seed, cache)
  local vm = machine({ instructions = program, cache = cache }, base, { seed = seed })
  local function check(n, how)
    local packet = vm:packet(n)
    if packet ~= wanted[n + 1] or values(vm, n) ~= wanted_values[n + 1] then
      error(("program %d, packet %d %s:\n%s\n%s\n%s\nnot\n%s\n%s"):format(seed, n, how,
        json.encode(program), hex(packet), values(vm, n), hex(wanted[n + 1]), wanted_values[n + 1]))
    end
  end
  for n = 0, count - 1 do check(n, "in turn") end
  for _ = 1, 15 do check(dice:roll(0, count - 1), "alone") end
  for n = count - 1, count - 10, -1 do check(n, "backwards") end
end

describe("random programs", function()
  it("make the packets that the rules ask for, in turn and from anywhere", function()
    for seed = 1, 1500 do compare(seed) end
  end)

  it("are found far away as they are reached in turn", function()
    for seed = 2001, 2300 do
      local dice = new_dice(seed)
      local program, base = random_program(dice)
      local vm, other = machine(program, base), machine(program, base)
      local start = dice:roll(1, 1 << 30) << dice:roll(0, 30)
      for n = start, start + 40 do
        other:packet(0)
        assert.equal(hex(other:packet(n)), hex(vm:packet(n)))
        assert.equal(values(other, n), values(vm, n))
      end
    end
  end)
end)
