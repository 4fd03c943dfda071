-- Floating point fields: values in every form, and texts that are Python's.

local array   = require("luapkt.core").json.array
local f       = require "luapkt.field"
local luapkt  = require "luapkt"
local real    = require("luapkt.core").literal.real
local support = require "spec.support"

local hex, unhex = support.hex, support.unhex

local declarations = [[
local f = require "luapkt.field"
return {
  { id = "Reals", fields = {
    f.f32("single", { default = 1.5 }), f.f64 "double", f.lef32 "little", f.lef64 "less",
    f.u8("form", { default = 2 }),
    f.choice("any", {
      { when = f.ref "form":eq(0), f.f32() }, { when = f.ref "form":eq(1), f.s16() }, { f.f64() },
    }),
    f.list("list", f.f64(), { count = 2 }),
  } },
}
]]

local service

setup(function()
  local folder = support.tmpdir()
  support.write_file(folder .. "/reals.lua", declarations)
  assert(luapkt.add(folder .. "/reals.lua"))
  service = support.service { protocols = { folder } }
end)
teardown(function()
  service:close()
  luapkt.load {}
end)

local function set(fields) return luapkt.Reals(fields) end

local function build(id, value, ...)
  local params = { array { { id = "Reals", fields = array { { id = id, value = value } } } }, ... }
  return service:call("build_pkt", table.unpack(params))
end

local function field_of(result, id) return support.field_of(result.data[1], id) end

-- The bytes of a number, as Lua packs it.
local function packed(format, value) return hex(format:pack(value)) end

describe("a float", function()
  it("is written as IEEE 754 has it, in either order", function()
    for _, v in ipairs { 0.0, 1.5, -2.25, 0.1, 1e30, -1e-30, 2.0 ^ -149, math.huge, -math.huge } do
      local bytes = set({ single = v, double = v, little = v, less = v }):bytes()
      assert.equal(packed(">f", v), hex(bytes:sub(1, 4)))
      assert.equal(packed(">d", v), hex(bytes:sub(5, 12)))
      assert.equal(packed("<f", v), hex(bytes:sub(13, 16)))
      assert.equal(packed("<d", v), hex(bytes:sub(17, 24)))
    end
    assert.equal("80000000", hex(set({ single = -0.0 }):bytes():sub(1, 4)))
    assert.equal("7fc00000", hex(set({ single = 0 / 0 }):bytes():sub(1, 4)))
    assert.equal("3fc00000", hex(set({}):bytes():sub(1, 4)))
  end)

  it("is a float in Lua, which an integer becomes", function()
    local p = set { single = 3, double = "0x10", list = { 1, 2.5 } }
    assert.equal("float", math.type(p.Reals.single))
    assert.same({ 3.0, 16.0 }, { p.Reals.single, p.Reals.double })
    assert.same({ 1.0, 2.5 }, p.Reals.list)
    p.Reals.double = p.Reals.single / 2
    assert.equal(1.5, p.Reals.double)
    assert.equal("1.5", p.Reals:show "double")
  end)

  it("is a number in JSON, and the same for people", function()
    for value, text in pairs { [0.1] = "0.1", [-2] = "-2.0", [1e22] = "1e+22",
                               [1e15] = "1000000000000000.0" } do
      local field = field_of(assert(build("double", value)), "double")
      assert.equal(value + 0.0, field.value)
      assert.equal(text, field.hvalue)
    end
    assert.equal("0.1", field_of(assert(build("single", 0.1)), "single").hvalue)
  end)

  it("is text in JSON where JSON has no such number", function()
    local texts = {
      inf = "7f800000", ["-inf"] = "ff800000", nan = "7fc00000",
      ["nan(0x7f800001)"] = "7f800001", ["nan(0xffc00000)"] = "ffc00000",
    }
    for text, bits in pairs(texts) do
      local result = assert(build("single", text))
      assert.equal(bits, hex(luapkt.wire.unbase64(result.binary):sub(1, 4)))
      local field = field_of(result, "single")
      assert.same({ text, text }, { field.value, field.hvalue })
    end
  end)

  it("takes numbers as text", function()
    for text, value in pairs { ["1.5"] = 1.5, ["-2"] = -2.0, ["1e3"] = 1000.0, [".5"] = 0.5,
                               ["5."] = 5.0, ["+7"] = 7.0, ["1E-2"] = 0.01 } do
      assert.equal(value, field_of(assert(build("double", text)), "double").value)
    end
  end)

  it("refuses what is no number, or too large", function()
    local function complaint(id, value)
      local result, err = build(id, value)
      assert.is_nil(result)
      return err.message
    end
    for _, text in ipairs { "x", "1.5.2", "1e", "e5", "--1", "nan(0x1)", "nan(0x7f8000010)", "0x",
                            "1,5", " 1" } do
      local message = complaint("single", text)
      assert.match("^Scapy Server: Reals.single: \".*\" is not a number$", message)
    end
    assert.equal("Scapy Server: Reals.single: 1e+39 is out of range: -3.40282e+38 to 3.40282e+38",
      complaint("single", 1e39))
    assert.equal("Scapy Server: Reals.double: a boolean is not a number", complaint("double", true))
  end)

  it("is what an expression gives, in either dialect", function()
    local function expression(text) return { vtype = "EXPRESSION", expr = text } end
    assert.equal(0.75, field_of(assert(build("double", expression "3 / 4")), "double").value)
    assert.equal("inf", field_of(assert(build("double", expression "2 ^ 1024")), "double").value)
    local result = assert(build("list", expression "[0.5, -1]"))
    assert.equal("{0.5, -1.0}", field_of(result, "list").value.expr)
    result = assert(build("list", expression "{1.5, pkt.Reals.single}"))
    assert.equal("{1.5, 1.5}", field_of(result, "list").hvalue)
  end)

  it("is taken back as it is shown in a list", function()
    local handle = "gCpT7kGF+TG7Jmm90XmxdQ=="
    for _, values in ipairs { { 0.1, 1e300 }, { "nan", -1 }, { "inf", "-inf" } } do
      local result = assert(build("list", array(values)))
      local shown = field_of(result, "list").value
      assert.equal(result.binary, assert(build("list", shown)).binary)
      local python = assert(service:call("build_pkt", handle, array {
        { id = "Reals", fields = array { { id = "list", value = array(values) } } } }))
      assert.equal(result.binary, assert(build("list", field_of(python, "list").value)).binary)
    end
  end)

  it("is finite where it is drawn", function()
    for _ = 1, 200 do
      local bytes = luapkt.wire.unbase64(assert(build("double", { vtype = "RANDOM" })).binary)
      local v = (">d"):unpack(bytes, 5)
      assert.is_true(v == v and math.abs(v) < 2)
    end
  end)

  it("changes its form with another field", function()
    local p = set { form = 2, any = 7 }
    assert.equal(7.0, p.Reals.any)
    p.Reals.form = 1
    assert.same({ 7, "integer" }, { p.Reals.any, math.type(p.Reals.any) })
    p.Reals.form = 0
    assert.equal(packed(">f", 7.0), hex(p:bytes():sub(26, 29)))
    p = set { form = 2, any = 0.5 }
    p.Reals.form = 1
    local none, err = p:bytes()
    assert.is_nil(none)
    assert.match("0.5 is not a whole number", err.message)
  end)

  it("reads as it was written", function()
    local bytes = unhex "3dcccccd 3fb999999999999a 00000040 000000000000f8ff 00 7f800001"
      .. (">dd"):pack(1e-5, 5e-324)
    local p = assert(luapkt.packet(bytes, "Reals"))
    assert.is_true(p:identical())
    assert.equal("0.1", p.Reals:show "single")
    assert.equal(0.1, p.Reals.double)
    assert.equal(2.0, p.Reals.little)
    assert.equal("nan(0x7f800001)", p.Reals:show "any")
    assert.same({ 1e-5, 5e-324 }, p.Reals.list)
    assert.equal("nan(0xfff8000000000000)", p.Reals:show "less")
    local same = assert(load("return " .. p:to_lua(), "=", "t", luapkt.import {}))()
    assert.equal(hex(bytes), hex(same:bytes()))
  end)

  it("is a kind of its own for whom declares it", function()
    local registry = require "luapkt.registry"
    local function mistake(field)
      local _, err = registry.compile {
        { id = "Raw", file = "spec", fields = { f.bytes "load" } },
        { id = "Padding", base = "Raw", file = "spec" },
        { id = "X", file = "spec", fields = { field } },
      }
      return (err:gsub("^spec:%d+: ", ""))
    end
    local no_more = "X.a: a float has no names, and is neither worked out nor XORed"
    assert.equal(no_more, mistake(f.f32("a", { names = { "one" } })))
    assert.equal(no_more, mistake(f.f64("a", { auto = f.payload() })))
    assert.equal(no_more, mistake(f.f32("a", { xor = 1 })))
    assert.equal("X.a: a float is shown as a number", mistake(f.f32("a", { show = "hex" })))
    assert.match("1e%+40 is out of range", mistake(f.f32("a", { default = 1e40 })))
  end)
end)

describe("the text of a number", function()
  local texts = {
    { 0.0, "0.0" }, { -0.0, "-0.0" }, { 1.0, "1.0" }, { 100.0, "100.0" }, { 0.1, "0.1" },
    { 1 / 3, "0.3333333333333333" }, { 1e15, "1000000000000000.0" }, { 1e16, "1e+16" },
    { 123456789012345680.0, "1.2345678901234568e+17" }, { 0.0001, "0.0001" }, { 0.00001, "1e-05" },
    { 5e-324, "5e-324" }, { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { 2.0 ^ -44, "5.684341886080802e-14" }, { 9007199254740993.0, "9007199254740992.0" },
    { math.huge, "inf" }, { -math.huge, "-inf" }, { 0 / 0, "nan" },
  }

  it("is the shortest that reads back", function()
    for _, case in ipairs(texts) do assert.equal(case[2], real(case[1])) end
  end)

  -- As many numbers of each kind: any bits, a few decimals, powers of two.
  local function sample()
    local numbers, state = {}, 1
    local function draw()
      state = state * 6364136223846793005 + 1442695040888963407
      return state ~ state >> 29
    end
    for i = 1, 3000 do
      local v = (">d"):unpack((">i8"):pack(draw()))
      if v ~= v or v == math.huge or v == -math.huge then v = 0.0 end
      numbers[3 * i - 2] = v
      numbers[3 * i - 1] = draw() % 10000000 / 10 ^ (draw() % 8)
      numbers[3 * i] = 2.0 ^ (draw() % 2000 - 1060)
    end
    return numbers
  end

  it("is Python's, of numbers of 64 bits and of 32", function()
    if not support.run "/usr/bin/python3 -c 1" then return pending "no Python" end
    local path, numbers, lines = support.tmpname(), sample(), {}
    for i, v in ipairs(numbers) do lines[i] = hex((">d"):pack(v)) end
    support.write_file(path, table.concat(lines, "\n"))
    local ok, out = support.run("/usr/bin/python3 -c 'import struct; [print(repr(struct.unpack("
      .. "\">d\", bytes.fromhex(line))[0])) for line in open(\"" .. path .. "\")]'")
    os.remove(path)
    assert.is_true(ok)
    local i = 0
    for line in out:gmatch "[^\n]+" do
      i = i + 1
      assert.equal(line, real(numbers[i]))
    end
    assert.equal(#numbers, i)
  end)

  it("of 32 bits is the shortest of these", function()
    for _, v in ipairs(sample()) do
      local single = (">f"):unpack((">f"):pack(v))
      if single == single and math.abs(single) < math.huge then
        local text = set({ single = single }).Reals:show "single"
        assert.equal(packed(">f", single), packed(">f", tonumber(text)))
        local digits = text:gsub("e.*", ""):gsub("%D", ""):gsub("^0+", ""):gsub("0+$", "")
        local shorter = tonumber(("%%.%de"):format(math.max(#digits - 2, 0)):format(single))
        if #digits > 1 then assert.not_equal(packed(">f", single), packed(">f", shorter)) end
      end
    end
  end)
end)
