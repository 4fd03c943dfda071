-- The field engine's compiler: what clients write, what TRex takes, and back. What is expected is
-- as TRex answers it (its API's documentation and recorded answers).

local core           = require "luapkt.core"
local fe_definitions = require "luapkt.fe_definitions"
local field_engine   = require "luapkt.field_engine"

local array, null, u64 = core.json.array, core.json.null, core.json.u64

-- Ether/Dot1Q/IP/IP/UDP
local ip_fields = { tos = 1, len = 2, ttl = 8, src = 12, dst = 16 }
local packet = { layers = {
  { id = "Ether", name = "Ethernet", offset = 0, fields = { dst = 0, src = 6, type = 12 } },
  { id = "Dot1Q", name = "802.1Q", offset = 14, fields = { vlan = 0 } },
  { id = "IP", name = "IP", offset = 18, fields = ip_fields },
  { id = "IP", name = "IP", offset = 38, fields = ip_fields },
  { id = "UDP", name = "UDP", offset = 58, fields = { sport = 0, dport = 2, len = 4 } },
} }

local function evaluate(text)
  return core.literal.read(text)
end

local function model(instructions, globals)
  return { instructions = array(instructions), global_parameters = globals or {} }
end

local function compile(instructions, globals)
  return field_engine.compile(packet, model(instructions, globals), evaluate)
end

local function instruction(id, parameters) return { id = id, parameters = parameters } end

local function with(base, more)
  local all = {}
  for k, v in pairs(base) do all[k] = v end
  for k, v in pairs(more or {}) do all[k] = v end
  return all
end

-- A variable v of one byte that counts from 0 to 255, but for what is said.
local function variable(more)
  return instruction("STLVmFlowVar", with({
    name = "v", min_value = "0", max_value = "255", size = "1", step = "1", op = "inc",
  }, more))
end

local function write(more)
  return instruction("STLVmWrFlowVar", with({ fv_name = "v", pkt_offset = "IP.src" }, more))
end

-- Instruction 'nth' of what these are compiled to.
local function compiled(instructions, nth)
  return assert(compile(instructions)).instructions[nth]
end

local function flow_var(more) return compiled({ variable(more) }, 1) end

local function assert_refused(message, ...)
  local result, err = compile(...)
  assert.is_nil(result)
  assert.equal(message, err)
end

describe("a field engine program", function()
  it("is empty for an empty model", function()
    for _, empty in ipairs { {}, array {}, { instructions = null, global_parameters = null },
                             model {} } do
      assert.same({ instructions = {} }, field_engine.compile(packet, empty, evaluate))
    end
  end)

  it("is TRex's example of a source address that counts", function()
    assert.same({
      cache = 500,
      instructions = {
        { type = "flow_var", name = "src", size = 4, op = "inc", next_var = null,
          split_to_cores = true, init_value = 0x10000001, min_value = 0x10000001,
          max_value = 0x100000fe, step = 1 },
        { type = "write_flow_var", name = "src", pkt_offset = 30, add_value = 0,
          is_big_endian = true },
        { type = "fix_checksum_ipv4", pkt_offset = 18 },
      },
    }, compile({
      instruction("STLVmFlowVar", {
        name = "src", min_value = "16.0.0.1", max_value = "16.0.0.254", size = 4, op = "inc",
      }),
      instruction("STLVmWrFlowVar", { fv_name = "src", pkt_offset = "IP.src" }),
      instruction("STLVmFixIpv4", { offset = "IP" }),
    }, { cache_size = 500 }))
  end)

  it("has what nobody gave as TRex has it", function()
    local v = instruction("STLVmFlowVar", { name = "v" })
    for _, case in ipairs {
      { v, { type = "flow_var", name = "v", size = 4, op = "inc", next_var = null, init_value = 0,
             split_to_cores = true, min_value = 0, max_value = 255, step = 1 } },
      { instruction("STLVmWrFlowVar", { fv_name = "v", pkt_offset = 3 }),
        { type = "write_flow_var", name = "v", pkt_offset = 3, add_value = 0,
          is_big_endian = true } },
      { instruction("STLVmWrMaskFlowVar", { fv_name = "v", pkt_offset = 3 }),
        { type = "write_mask_flow_var", name = "v", pkt_offset = 3, pkt_cast_size = 1,
          mask = 255, shift = 0, add_value = 0, is_big_endian = true } },
      { instruction("STLVmTrimPktSize", { fv_name = "v" }),
        { type = "trim_pkt_size", name = "v" } },
      { instruction("STLVmFixChecksumHw", { l3_offset = "IP:1", l4_offset = "UDP", l4_type = 11 }),
        { type = "fix_checksum_hw", l2_len = 38, l3_len = 20, l4_type = 11 } },
      { instruction("STLVmFixIcmpv6", { l3_offset = 14, l4_offset = 54 }),
        { type = "fix_checksum_icmpv6", l2_len = 14, l3_len = 40 } },
    } do
      local list = case[1] == v and { v } or { v, case[1] }
      assert.same(case[2], compiled(list, #list))
    end
    assert.same({
      type = "tuple_flow_var", name = "t", ip_min = 1, ip_max = 10, port_min = 1025,
      port_max = 65535, limit_flows = 100000, flags = 0,
    }, compiled({ instruction("STLVmTupleGen", { name = "t" }) }, 1))
    assert.same({
      type = "flow_var_rand_limit", name = "r", size = 4, limit = 100, seed = 5, min_value = 0,
      max_value = 0xffffffff, split_to_cores = true, next_var = null,
    }, compiled({ instruction("STLVmFlowVarRepeatableRandom", { name = "r", seed = 5 }) }, 1))
  end)

  it("has a seed of its own where none is given", function()
    for _, seed in ipairs { null, "None", "none" } do
      local r = instruction("STLVmFlowVarRepeatableRandom", { name = "r", seed = seed })
      local got = compiled({ r }, 1).seed
      assert.is_true(math.type(got) == "integer" and got >= 1 and got <= 32000)
    end
  end)
end)

describe("a parameter", function()
  it("may be a number in every form", function()
    for given, number in pairs {
      [7] = 7, ["7"] = 7, ["+7"] = 7, ["007"] = 7, [" 7 "] = 7, ["0x0F"] = 15, ["0.0.0.9"] = 9,
      ["00:00:00:00:00:0A"] = 10, ["00-00-00-00-00-0b"] = 11,
    } do
      assert.equal(number, flow_var { init_value = given }.init_value, tostring(given))
    end
    for _, seven in ipairs { { vtype = "EXPRESSION", expr = "3 + 4" },
                             { vtype = "EXPRESSION", expr = "'0.0.0.7'" },
                             { vtype = "OBJECT", value = 7 } } do
      assert.equal(7, flow_var { init_value = seven }.init_value)
    end
  end)

  -- As TRex's scapy_service.py: what has been evaluated isn't read once more.
  it("that is an expression's text is no number", function()
    local five = { vtype = "EXPRESSION", expr = "'5'" }
    assert_refused("Not valid IPv4 format: 5", { variable { init_value = five } })
    assert_refused("Argument: 'add_val' invalid type: 'str', expecting type(s): int.",
                   { variable(), write { add_val = five } })
  end)

  it("is a word or a number in small letters alone: others are names", function()
    for _, name in ipairs { "NONE", "True", "FALSE", "0X10" } do
      assert.equal(name, flow_var { name = name }.name)
    end
    assert_refused("Argument: 'is_big' invalid type: 'str', expecting type(s): bool.",
                   { variable(), write { is_big = "True" } })
    assert_refused("Not valid IPv4 format: 0X10", { variable { init_value = "0X10" } })
  end)

  it("may have 64 bits", function()
    local largest = u64 "18446744073709551615"
    for _, given in ipairs { largest, "18446744073709551615", "0xffffffffffffffff" } do
      assert.equal(largest, flow_var { size = 8, max_value = given }.max_value)
    end
  end)

  it("may be true, false or none, in words too", function()
    for given, is_big in pairs {
      [true] = true, [false] = false, ["true"] = true, ["false"] = false,
    } do
      assert.equal(is_big, compiled({ variable(), write { is_big = given } }, 2).is_big_endian)
    end
    for _, none in ipairs { null, "none", "None" } do
      assert.equal(0, flow_var { init_value = none, value_list = none, next_var = none }.init_value)
    end
  end)

  it("may be a list of values, or an expression or text that is one", function()
    for _, list in ipairs {
      array { 1, { vtype = "EXPRESSION", expr = "1 + 1" }, "0.0.0.3" },
      { vtype = "EXPRESSION", expr = "[1, 2, '0.0.0.3']" },
      { vtype = "EXPRESSION", expr = "(1, 2, 3)" }, "[1,2,3]",
    } do
      assert.same({
        type = "flow_var", name = "v", size = 1, op = "inc", next_var = null,
        split_to_cores = true, step = 1, value_list = { 1, 2, 3 },
      }, flow_var { value_list = list })
    end
    assert.same({}, flow_var { value_list = array {} }.value_list)
  end)

  -- As TRex's STLVmFlowVar: the rest of a range isn't even converted.
  it("that a list of values stands in for isn't looked at", function()
    local listed = flow_var {
      value_list = array { 300 }, size = 2, step = 70000, init_value = "x", min_value = "",
      max_value = null,
    }
    assert.same({ null, null, 70000 },
                { listed.min_value or null, listed.max_value or null, listed.step })
  end)

  it("of the wrong kind is refused as TRex refuses it", function()
    local function refuses(message, more) assert_refused(message, { variable(more) }) end
    refuses("Argument: 'name' invalid type: 'int', expecting type(s): str.", { name = "5" })
    refuses("Argument: 'name' invalid type: 'NoneType', expecting type(s): str.", { name = null })
    refuses("Argument: 'name' invalid type: 'bool', expecting type(s): str.", { name = true })
    refuses("Argument: 'size' invalid type: 'str', expecting type(s): int.", { size = "abc" })
    refuses("Argument: 'step' invalid type: 'float', expecting type(s): int, str.", { step = 1.5 })
    refuses("Argument: 'value_list' invalid type: 'int', expecting type(s): list.",
            { value_list = 5 })
    refuses("Argument: 'value_list' invalid type: 'dict', expecting type(s): list.",
            { value_list = { a = 1 } })
    refuses("Not valid IPv4 format: abc", { min_value = "abc" })
    refuses("Not valid IPv4 format: ", { min_value = "" })
    refuses("Not valid IPv4 format: 1.2.3.256", { min_value = "1.2.3.256" })
    refuses("Not valid IPv4 format: 01.2.3.4", { min_value = "01.2.3.4" })
    refuses("Not valid IPv4 format: 2", { value_list = array { 1, "2" } })
    refuses("init val[1] invalid None ", { value_list = array { 1, null } })
    refuses("init val[0] invalid a list ", { value_list = array { array { 1 } } })
    refuses("STLVmFlowVar has no parameter 'mask'", { mask = 1 })
    assert_refused("STLVmWrFlowVar needs the parameter 'pkt_offset'",
      { variable(), instruction("STLVmWrFlowVar", { fv_name = "v" }) })
    assert_refused("Argument: 'is_big' invalid type: 'str', expecting type(s): bool.",
      { variable(), write { is_big = "maybe" } })
    assert_refused("add_val 18446744073709551616 does not fit in 64 bits",
      { variable(), write { add_val = "18446744073709551616" } })
    for _, id in ipairs { "ip_min", "ip_max" } do
      assert_refused(
        "requested value 18446744073709551616 with size 8 is bigger than 0xffffffffffffffff",
        { instruction("STLVmTupleGen", { name = "t", [id] = "18446744073709551616" }) })
    end
  end)

  it("that is an expression is refused with the expression's mistake", function()
    local _, err = compile { variable { value_list = { vtype = "EXPRESSION", expr = "[1," } } }
    assert.matches("^value_list: line 1 column %d+: ", err)
    assert_refused('value_list: an EXPRESSION without a text as "expr"',
      { variable { value_list = { vtype = "EXPRESSION" } } })
  end)

  it("is quoted cut, without controls", function()
    assert_refused("Not valid IPv4 format: " .. ("x"):rep(40) .. "...",
      { variable { min_value = ("x"):rep(1000) } })
    assert_refused("Not valid IPv4 format: a\\x0a\\x00b", { variable { min_value = "a\n\0b" } })
    assert_refused("Variable \u{fc}n\u{ef}c defined twice ",
      { variable { name = "\u{fc}n\u{ef}c" }, variable { name = "\u{fc}n\u{ef}c" } })
  end)
end)

describe("a variable", function()
  it("starts at the end of its range that its operation begins with", function()
    assert.equal(10, flow_var { op = "inc", min_value = 10 }.init_value)
    assert.equal(255, flow_var { op = "dec", min_value = 10 }.init_value)
    assert.equal(10, flow_var { op = "random", min_value = 10 }.init_value)
    assert.equal(20, flow_var { op = "dec", min_value = 10, init_value = 20 }.init_value)
  end)

  -- TRex has the range grow when it loads the program, not before (handle_range_padding).
  it("keeps a range that is no multiple of its step", function()
    for _, op in ipairs { "inc", "dec", "random" } do
      local kept = flow_var { op = op, min_value = 5, max_value = 14, step = 4 }
      assert.same({ 5, 14 }, { kept.min_value, kept.max_value })
    end
    assert.equal(255, flow_var { step = 3 }.max_value)
  end)

  it("is checked as TRex checks it", function()
    local function refuses(message, more) assert_refused(message, { variable(more) }) end
    local unpadded = "could not pad range to be a true cycle - "
      .. "'(max_value - min_value + 1) % step' should be zero"
    refuses("Flow var has invalid size 3 ", { size = "3" })
    refuses("Flow var has invalid op rand ", { op = "rand" })
    refuses("Flow var has invalid op  ", { op = "" })
    refuses("Flow var has invalid op None ", { op = null })
    refuses("step 0 must be more than 0", { step = "0" })
    refuses("step -1 must be more than 0", { step = -1 })
    refuses("max 5 is lower than min 10 ", { min_value = "10", max_value = "5" })
    refuses("max -1 is lower than min 0 ", { max_value = "-1" })
    refuses("init_value must be between min_value 5 and max_value 9",
            { init_value = 1, min_value = 5, max_value = 9 })
    refuses("init_value must be between min_value 5 and max_value 9",
            { init_value = 10, min_value = 5, max_value = 9 })
    refuses("requested value 256 with size 1 is bigger than 0xff", { max_value = "256" })
    refuses("requested value 300 with size 1 is bigger than 0xff", { init_value = "300" })
    refuses("requested value 65536 with size 2 is bigger than 0xffff",
            { size = 2, max_value = "0x10000" })
    refuses("requested value 18446744073709551616 with size 8 is bigger than 0xffffffffffffffff",
            { size = 8, max_value = "18446744073709551616" })
    refuses("requested value 300 with size 1 is bigger than 0xff",
            { value_list = array { 1, 300 } })
    refuses("value_list (-3) is negative", { value_list = array { 1, -3 } })
    refuses("init_value (-5) is negative", { min_value = -5 })
    refuses("min_value (-5) is negative", { min_value = -5, init_value = 0 })
    refuses("requested value 256 with size 1 is bigger than 0xff", { step = 256 })
    refuses(unpadded, { size = 8, max_value = "18446744073709551614", step = 1000 })
    refuses(unpadded, { op = "dec", max_value = 10, step = 3 })
  end)

  it("that repeats its values is checked, too", function()
    local function refuses(message, more)
      assert_refused(message, { instruction("STLVmFlowVarRepeatableRandom",
        with({ name = "r", size = 1, seed = 1 }, more)) })
    end
    refuses("limit -3 must be more than 0", { limit = "-3" })
    refuses("limit 0 must be more than 0", { limit = 0 })
    refuses("requested value 256 with size 1 is bigger than 0xff", { max_value = 256 })
    refuses("max 2 is lower than min 9 ", { min_value = 9, max_value = 2 })
    refuses("min_value (-1) is negative", { min_value = -1 })
    refuses("Argument: 'seed' invalid type: 'str', expecting type(s): int.", { seed = "x" })
  end)

  it("is there once, and before it is used", function()
    assert_refused("Variable v defined twice ", { variable(), variable() })
    assert_refused("Variable t.ip defined twice ",
      { variable { name = "t.ip" }, instruction("STLVmTupleGen", { name = "t" }) })
    for _, id in ipairs { "STLVmWrFlowVar", "STLVmWrMaskFlowVar" } do
      assert_refused("Variable nope does not exist  ",
        { variable(), instruction(id, { fv_name = "nope", pkt_offset = 0 }) })
    end
    assert_refused("Variable t does not exist  ", {
      instruction("STLVmTupleGen", { name = "t" }),
      instruction("STLVmTrimPktSize", { fv_name = "t" }),
    })
  end)

  it("may drive another one, which then comes behind it and isn't split", function()
    local result = assert(compile {
      variable { name = "c" }, variable { name = "b", next_var = "c" },
      write { fv_name = "b" }, variable { name = "a", next_var = "b" },
    }).instructions
    local seen = {}
    for i, one in ipairs(result) do
      seen[i] = ("%s %s %s"):format(one.name, one.split_to_cores, one.type)
    end
    assert.same({ "a true flow_var", "b false flow_var", "c false flow_var",
                  "b nil write_flow_var" }, seen)
  end)

  -- As TRex's order_flow_vars: those of a tuple are none of them.
  it("comes first with all that it drives, wherever it is, and a tuple where it is", function()
    local result = assert(compile {
      instruction("STLVmFixIpv4", { offset = 18 }), instruction("STLVmTupleGen", { name = "t" }),
      variable { name = "b" }, variable { name = "c" }, variable { name = "a", next_var = "b" },
    }).instructions
    local seen = {}
    for i, one in ipairs(result) do seen[i] = one.name or one.type end
    assert.same({ "c", "a", "b", "fix_checksum_ipv4", "t" }, seen)
  end)

  it("is refused where it can't drive another one", function()
    assert_refused("Variable c is pointed by two vars.", {
      variable { name = "a", next_var = "c" }, variable { name = "b", next_var = "c" },
      variable { name = "c" },
    })
    assert_refused("Variable zzz does not exist  ", { variable { next_var = "zzz" } })
    assert_refused("Variable t.ip does not exist  ",
      { variable { next_var = "t.ip" }, instruction("STLVmTupleGen", { name = "t" }) })
    assert_refused("If next_var is defined then op can't be random. Check v ",
      { variable { op = "random", next_var = "w" }, variable { name = "w" } })
    assert_refused("Loops are forbidden for dependent variables", {
      variable { name = "a", next_var = "b" }, variable { name = "b", next_var = "c" },
      variable { name = "c", next_var = "a" }, variable { name = "d" },
    })
    assert_refused("Loops are forbidden for dependent variables",
                   { variable { name = "a", next_var = "a" } })
  end)
end)

describe("a place", function()
  local function place_of(offset, fixup)
    return compiled({ variable(), write { pkt_offset = offset, offset_fixup = fixup } }, 2)
      .pkt_offset
  end

  it("is a number of bytes", function()
    for given, offset in pairs { [26] = 26, ["26"] = 26, [" 26 "] = 26, [0] = 0, [2.9] = 2,
                                 [true] = 1, [1000] = 1000, [-2.9] = -2,
                                 [0xffffffff] = 0xffffffff, [-0xffffffff] = -0xffffffff } do
      assert.equal(offset, place_of(given))
    end
  end)

  it("is a field of a layer, by its id or its name", function()
    for given, offset in pairs {
      ["IP.src"] = 30, ["IP:0.src"] = 30, ["IP:1.src"] = 50, ["Ether.src"] = 6,
      ["Ethernet.src"] = 6, ["Dot1Q.vlan"] = 14, ["802|1Q.vlan"] = 14, ["UDP:0.dport"] = 60,
      ["IP: +1 .src"] = 50, ["IP:1:2.src"] = 50,
    } do
      assert.equal(offset, place_of(given), given)
    end
  end)

  it("may be moved", function()
    assert.equal(33, place_of("IP.src", "3"))
    assert.equal(29, place_of("IP.src", -1))
    assert.equal(5, place_of(2, 3))
  end)

  -- TRex is the one to refuse it, when it loads the program.
  it("may lie before the packet", function()
    assert.equal(-5, place_of("-5"))
    assert.equal(-1, place_of(0, -1))
    assert.equal(-3, place_of("0x1", "-4"))
  end)

  it("that isn't there is refused as TRex refuses it", function()
    local form = "Field desription should be layer:cnt.field Example: IP.src or IP:1.src"
    for given, message in pairs {
      ["Nope.src"] = "no layer Nope-0", ["ip.src"] = "no layer ip-0",
      ["IP:2.src"] = "no layer IP-2", ["IP.nope"] = "no layer IP-0.nope",
      [""] = form, ["IP"] = form, ["IP.src.x"] = form,
      ["802.1Q.vlan"] = form, ["IP:x.src"] = form, ["0X10"] = form,
      ["IP:-1.src"] = "no layer IP--1",
      ["IP:18446744073709551616.src"] = "no layer IP-9223372036854775807",
      [0x100000000] = "pkt_offset 4294967296 lies beyond any packet",
      [-0x100000000] = "pkt_offset -4294967296 lies beyond any packet",
      ["99999999999999999999"] = "pkt_offset 99999999999999999999 lies beyond any packet",
      [null] = "Argument: 'pkt_offset' invalid type: 'NoneType', expecting type(s): int, str.",
    } do
      assert_refused(message, { variable(), write { pkt_offset = given } })
    end
    assert_refused("offset_fixup 4294967296 lies beyond any packet",
      { variable(), write { offset_fixup = "0x100000000" } })
    assert_refused("offset_fixup 18446744073709551615 lies beyond any packet",
      { variable(), write { offset_fixup = "18446744073709551615" } })
  end)

  it("of a layer is known by the layer's name alone", function()
    local function fix(offset) return { instruction("STLVmFixIpv4", { offset = offset }) } end
    for given, offset in pairs { IP = 18, ["IP:1"] = 38, Ethernet = 0, ["802.1Q"] = 14,
                                 ["18"] = 18, ["0x12"] = 18, [0] = 0 } do
      assert.equal(offset, compiled(fix(given), 1).pkt_offset)
    end
    assert_refused("no layer 802|1Q-0", fix "802|1Q")
    assert_refused("no layer Ether-0", fix "Ether")
    assert_refused("no layer IP-2", fix "IP:2")
    assert_refused("no layer IPv6-0", fix "IPv6")
  end)

  it("of a header that a card is to fix is behind another", function()
    local function headers(l4_offset, l4_type)
      return { instruction("STLVmFixChecksumHw",
        { l3_offset = 14, l4_offset = l4_offset, l4_type = l4_type }) }
    end
    for _, l4_type in ipairs { 11, 13, 17 } do
      for _, l4 in ipairs { 1, 14, 21 } do
        assert_refused("l4_offset should be higher than l3_offset offset", headers(l4, l4_type))
      end
      assert.equal(8, compiled(headers(22, l4_type), 1).l3_len)
    end
    assert.equal(0, compiled(headers(0, 17), 1).l3_len) -- the card finds out how long it is
    assert_refused("l4_offset should be higher than l3_offset offset", headers(0, 11))
  end)

  it("of an ICMPv6 message is anywhere", function()
    for _, l4 in ipairs { 13, 14, 21, 54 } do
      local fix = instruction("STLVmFixIcmpv6", { l3_offset = 14, l4_offset = l4 })
      assert.equal(l4 - 14, compiled({ fix }, 1).l3_len)
    end
  end)

  it("is cast to 1, 2 or 4 bytes under a mask", function()
    for _, size in ipairs { "3", 8, 0, "x", null } do
      assert_refused("not valid cast size", { variable(), instruction("STLVmWrMaskFlowVar",
        { fv_name = "v", pkt_offset = 0, pkt_cast_size = size }) })
    end
  end)
end)

describe("a cache", function()
  it("has a size over 0", function()
    for given, cache in pairs { [500] = 500, ["500"] = 500, [1.5] = 1, [true] = 1, [" 7 "] = 7 } do
      assert.equal(cache, assert(compile({}, { cache_size = given })).cache)
    end
    for _, given in ipairs { 0, "0", -5, "-5", false } do
      assert.is_nil(assert(compile({}, { cache_size = given })).cache)
    end
    assert.is_nil(assert(compile({}, {})).cache)
  end)

  it("has a size that is a number", function()
    for _, given in ipairs { "1.5", "", "0x10", "none", "x", null, array { 1 }, ("9"):rep(30) } do
      assert_refused("Cache size must be a number", {}, { cache_size = given })
    end
  end)
end)

describe("a model", function()
  it("that has another shape is refused", function()
    local function refuses(message, bad)
      local _, err = field_engine.compile(packet, bad, evaluate)
      assert.equal(message, err)
    end
    refuses("field_engine is an object, not text", "x")
    refuses("field_engine is an object, not a list", array { 1 })
    refuses("instructions is a list, not an object", { instructions = { a = 1 } })
    refuses("instructions is a list, not a number", { instructions = 5 })
    refuses("global_parameters is an object, not text", { global_parameters = "x" })
    refuses('an instruction is an object with an "id"', model { 5 })
    refuses('an instruction is an object with an "id"', model { { id = 5 } })
    refuses("there is no instruction 'Nope'", model { instruction("Nope", {}) })
    refuses('STLVmFlowVar needs an object with its "parameters"', model { { id = "STLVmFlowVar" } })
  end)

  it("that has a member which is almost another one is refused", function()
    local function refuses(name, wanted, where, bad)
      local _, err = field_engine.compile(packet, bad, evaluate)
      assert.equal(("%s: there is no member '%s': '%s' is meant?"):format(where, name, wanted), err)
    end
    for _, name in ipairs { "params", "Parameters", "parameter", "para", "PARAMS" } do
      refuses(name, "parameters", "STLVmFixIpv4", model { { id = "STLVmFixIpv4", [name] = {} } })
    end
    refuses("instruction", "instructions", "field_engine", { instruction = array {} })
    refuses("globals", "global_parameters", "field_engine",
            { instructions = array {}, globals = {} })
    local answered = field_engine.answer(packet, { field_engines = {} }, evaluate)
    assert.equal("extra_options: there is no member 'field_engines': 'field_engine' is meant?",
                 answered.error)
  end)

  it("may have members of its own", function()
    for _, name in ipairs { "par", "note", "instructive_note", "p" } do
      local own = { instructions = array {}, [name] = 1 }
      assert.is_table(field_engine.compile(packet, own, evaluate))
    end
    local both = { instructions = array {}, Instructions = array { 1 }, instruction = 1 }
    assert.is_table(field_engine.compile(packet, both, evaluate))
  end)

  it("has up to 4096 instructions", function()
    local many = array {}
    for i = 1, 4096 do many[i] = instruction("STLVmFixIpv4", { offset = 14 }) end
    assert.equal(4096, #assert(compile(many)).instructions)
    many[4097] = many[1]
    assert_refused("there are more than 4096 instructions", many)
  end)

  it("has up to 65536 values in its lists", function()
    local half = array {}
    for i = 1, 32768 do half[i] = i & 0xff end
    local function listed(...)
      local list = array {}
      for i, values in ipairs { ... } do
        list[i] = variable { name = "v" .. i, value_list = values }
      end
      return list
    end
    assert.equal(32768, #assert(compile(listed(half, half))).instructions[2].value_list)
    assert_refused("there are more than 65536 values in lists", listed(half, half, array { 1 }))
  end)

  it("has up to 64 expressions", function()
    local many = array {}
    for i = 1, 64 do
      many[i] = variable { name = "v" .. i, max_value = { vtype = "EXPRESSION", expr = "9" } }
    end
    assert.equal(64, #assert(compile(many)).instructions)
    many[65] = variable { name = "w", value_list = "[1]" }
    assert_refused("value_list: there are more than 64 expressions", many)
  end)

  it("may have as long a chain of variables, in whatever order", function()
    local chain, reversed = array {}, array {}
    for i = 1, 4096 do
      chain[i] = variable { name = "v" .. i, next_var = i < 4096 and "v" .. i + 1 or null }
      reversed[4097 - i] = chain[i]
    end
    for _, many in ipairs { chain, reversed } do
      local result = assert(compile(many)).instructions
      assert.same({ "v1", "v2", "v4096" }, { result[1].name, result[2].name, result[4096].name })
    end
  end)
end)

-- ------------------------------------------------------------------------------------ and back

local function decompiled(result) return assert(field_engine.decompile(result)) end

-- Compiling what was decompiled gives the same.
local function assert_inverse(result)
  local back = decompiled(result)
  assert.same(result, assert(field_engine.compile({ layers = {} }, back, evaluate)))
  assert.same(back, decompiled(result))
end

local RANDOM_PROGRAMS = 300

-- Random programs of good instructions, the same ones in every run.
local function random_programs()
  local state = 1
  local function draw(n) -- 1 to n, of a linear congruential generator (Numerical Recipes)
    state = (state * 1664525 + 1013904223) & 0xffffffff
    return (state >> 8) % n + 1
  end
  local function one_of(list) return list[draw(#list)] end

  local function range(size)
    local most = (1 << math.min(8 * size, 62)) - 1
    local a, b = draw(1 << 20) % most, draw(1 << 20) % most
    return math.min(a, b), math.max(a, b)
  end

  local make = {}

  function make.STLVmFlowVar(name)
    local size = one_of { 1, 2, 4, 8 }
    local least, most = range(size)
    local p = { name = name, size = tostring(size), op = one_of { "inc", "dec", "random" },
                min_value = least, max_value = tostring(most), split_to_cores = draw(2) == 1 }
    if draw(4) == 1 then p.value_list = array { least, most, least } end
    if least > 3 and most < (1 << math.min(8 * size, 62)) - 4 then p.step = draw(3) end
    if draw(5) == 1 then p.size, p.max_value, p.step = 8, "0xffffffffffffffff", 1 end
    return p
  end

  function make.STLVmFlowVarRepeatableRandom(name)
    local size = one_of { 1, 2, 4, 8 }
    local least, most = range(size)
    return { name = name, size = size, limit = draw(1000), seed = draw(1000), min_value = least,
             max_value = draw(2) == 1 and most or null }
  end

  function make.STLVmTupleGen(name)
    return { name = name, ip_min = draw(1000), ip_max = "10.0.0." .. draw(200),
             port_min = draw(65535), port_max = draw(65535), limit_flows = draw(1000),
             flags = draw(2) - 1 }
  end

  local function use(name)
    local place = one_of { "IP.src", "IP:1.dst", "UDP.sport", "Ether.dst", 3, "17" }
    return one_of {
      instruction("STLVmWrFlowVar", {
        fv_name = name, pkt_offset = place, offset_fixup = draw(4) - 1, add_val = draw(9) - 5,
        is_big = one_of { true, false, "true" },
      }),
      instruction("STLVmWrMaskFlowVar", {
        fv_name = name, pkt_offset = place, pkt_cast_size = one_of { 1, "2", 4 },
        mask = draw(1 << 16), shift = draw(17) - 9, add_value = draw(9) - 5,
        is_big = draw(2) == 1,
      }),
      instruction("STLVmTrimPktSize", { fv_name = name }),
      instruction("STLVmFixIpv4", { offset = one_of { "IP", "IP:1", 18 } }),
      instruction("STLVmFixChecksumHw", {
        l3_offset = "IP:1", l4_offset = one_of { "UDP", 70 }, l4_type = one_of { 11, 13 },
      }),
      instruction("STLVmFixIcmpv6", { l3_offset = one_of { "IP", 14 }, l4_offset = 54 }),
    }
  end

  local ids = { "STLVmFlowVar", "STLVmFlowVar", "STLVmFlowVarRepeatableRandom", "STLVmTupleGen" }

  local function program()
    local list, before = array {}, nil
    for i = 1, draw(5) do
      local id, name = one_of(ids), "v" .. i
      local p = make[id](name)
      local drives = before and id == "STLVmFlowVar" and p.op ~= "random" and draw(2) == 1
      if drives then p.next_var = before end
      before = id ~= "STLVmTupleGen" and name or before
      table.insert(list, draw(2) == 1 and 1 or #list + 1, instruction(id, p))
      list[#list + 1] = use(id == "STLVmTupleGen" and name .. ".port" or name)
    end
    return list
  end

  local count = 0
  return function()
    count = count + 1
    if count <= RANDOM_PROGRAMS then return program(), draw(3) == 1 and draw(5000) or nil end
  end
end

describe("a compiled program", function()
  it("is decompiled to what compiles to it", function()
    for list, cache in random_programs() do
      assert_inverse(assert(compile(list, { cache_size = cache })))
    end
  end)

  it("shows all parameters, worked-out ones too", function()
    local back = decompiled(assert(compile {
      variable { name = "a", next_var = "b" }, variable { name = "b" },
      write { fv_name = "a", offset_fixup = 2 },
      instruction("STLVmFixChecksumHw", { l3_offset = "IP", l4_offset = "IP:1", l4_type = 11 }),
    }))
    for _, one in ipairs(back.instructions) do
      for _, id in ipairs(fe_definitions.by_id[one.id].parameters) do
        assert.is_not_nil(one.parameters[id], id)
      end
    end
    local b, wr, hw = back.instructions[2].parameters, back.instructions[3].parameters,
                      back.instructions[4].parameters
    assert.same({ "a", false, null }, { b.previous, b.split_to_cores, b.value_list })
    assert.same({ 32, 0 }, { wr.pkt_offset, wr.offset_fixup })
    assert.same({ 18, 38, 18, 20 }, { hw.l3_offset, hw.l4_offset, hw.l2_len, hw.l3_len })
    assert.is_nil(back.global_parameters)
  end)

  it("loses where in its range a variable starts, as it does in TRex", function()
    for op, start in pairs { inc = 0, dec = 200, random = 0 } do
      local back = decompiled { instructions = array { {
        type = "flow_var", name = "v", op = op, size = 4, step = 1, init_value = 5,
        min_value = 0, max_value = 200,
      } } }
      assert.equal(start, back.instructions[1].parameters.init_value)
    end
  end)

  -- As TRex's from_json.
  it("has its instructions in the order that they are in", function()
    local back = decompiled { instructions = array {
      { type = "fix_checksum_ipv4", pkt_offset = 14 },
      { type = "flow_var", name = "b", op = "inc", size = 1, step = 1 },
      { type = "flow_var", name = "5", op = "dec", size = 1, step = 1, max_value = 9,
        next_var = "b" },
    } }
    local fix, b, five = table.unpack(back.instructions)
    assert.equal("STLVmFixIpv4", fix.id)
    assert.same({ "b", "5", 0, 0 }, { b.parameters.name, b.parameters.previous,
                                      b.parameters.min_value, b.parameters.max_value })
    assert.same({ "5", 9 }, { five.parameters.name, five.parameters.max_value })
  end)

  it("that is none is refused", function()
    local function refuses(message, raw)
      local result, err = field_engine.decompile(raw)
      assert.is_nil(result)
      assert.equal(message, err)
    end
    local function one(raw) return { instructions = array { raw } } end
    refuses("from_json: missing field 'instructions' from JSON", {})
    refuses("from_json: missing field 'instructions' from JSON", { instructions = null })
    refuses("from_json: missing field 'type' from JSON", one {})
    refuses("from_json: missing field 'type' from JSON", one(5))
    refuses("from_json: unknown VM instruction type 'nope'", one { type = "nope" })
    refuses("from_json: unknown VM instruction type a number", one { type = 5 })
    refuses("from_json: missing field 'name' from JSON", one { type = "trim_pkt_size" })
    refuses("Variable v does not exist  ", one { type = "trim_pkt_size", name = "v" })
    refuses("l2_len and l3_len are lengths in bytes",
      one { type = "fix_checksum_icmpv6", l2_len = "14", l3_len = 40 })
    refuses("l2_len and l3_len are lengths in bytes",
      one { type = "fix_checksum_icmpv6", l2_len = -1, l3_len = 40 })
    refuses("l2_len and l3_len are lengths in bytes",
      one { type = "fix_checksum_icmpv6", l2_len = 14, l3_len = -1 })
    refuses("l2_len and l3_len are lengths in bytes",
      one { type = "fix_checksum_icmpv6", l2_len = 0xffffffff, l3_len = 1 })
    refuses("Cache size must be a number", { instructions = array {}, cache = "x" })
    refuses("Argument: 'value_list' invalid type: 'dict', expecting type(s): list.", one {
      type = "flow_var", name = "v", op = "inc", size = 1, step = 1,
      value_list = { vtype = "EXPRESSION", expr = "[1]" },
    })
    refuses("init val[0] invalid an object ", one {
      type = "flow_var", name = "v", op = "inc", size = 1, step = 1,
      value_list = array { { vtype = "EXPRESSION", expr = "1" } },
    })
  end)
end)
