-- Rules, those that amount to a look at one field among them: what they give for many values of it
-- is what Lua's own arithmetic gives.

local luapkt   = require "luapkt"
local f        = require "luapkt.field"
local registry = require "luapkt.registry"

local n = f.ref "n"

local function truth(v) return v and 1 or 0 end

-- The 64 bits as a number that isn't negative, in text where Lua has none.
local function unsigned(v) return v < 0 and ("0x%016x"):format(v) or v end

-- A rule, and the same in Lua.
local rules = {
  { n, function(v) return v end },
  { n * 4 - 20, function(v) return v * 4 - 20 end },
  { (n * 4 - 20):max(0), function(v) return math.max(v * 4 - 20, 0) end },
  { (n + 3) * 2, function(v) return (v + 3) * 2 end },
  { (n:max(5) + 1), function(v) return math.max(v, 5) + 1 end },
  { n:eq(7), function(v) return truth(v == 7) end },
  { n:eq(64), function(v) return truth(v == 64) end },
  { n:eq(-1), function(v) return truth(v == -1) end },
  { n:one_of(1, 5, 63), function(v) return truth(v == 1 or v == 5 or v == 63) end },
  { n:one_of(0, 2, 62), function(v) return truth(v == 0 or v == 2 or v == 62) end },
  { (n + 1):one_of(1, 5, 63), function(v) return truth(v == 0 or v == 4 or v == 62) end },
  { n:one_of(1, 5, 63) + 1, function(v) return truth(v == 1 or v == 5 or v == 63) + 1 end },
  { n:one_of(1, 5, 64), function(v) return truth(v == 1 or v == 5 or v == 64) end },
  { n:one_of(1, 64), function(v) return truth(v == 1 or v == 64) end },
  { n:one_of(255, 0xffffffff, 70), function(v)
    return truth(v == 255 or v == 0xffffffff or v == 70)
  end },
  { n:one_of(1, 2, 3):either(n:eq(70)), function(v)
    return truth(v == 1 or v == 2 or v == 3 or v == 70)
  end },
  { n:eq(70):either(n:one_of(1, 2, 3)), function(v)
    return truth(v == 1 or v == 2 or v == 3 or v == 70)
  end },
  { n:one_of(1, 255):no(), function(v) return truth(v ~= 1 and v ~= 255) end },
  { n:one_of(3, 4):no(), function(v) return truth(not (v == 3 or v == 4)) end },
  { n:eq(3):no():no(), function(v) return truth(v == 3) end },
  { n:eq(3):eq(1), function(v) return truth(v == 3) end },
  { n:ne(9), function(v) return truth(v ~= 9) end },
  { n:gt(9), function(v) return truth(v > 9) end },
  { n:ge(9), function(v) return truth(v >= 9) end },
  { n:lt(9), function(v) return truth(v < 9) end },
  { n:le(9), function(v) return truth(v <= 9) end },
  { n:le(-1), function(v) return truth(v <= -1) end },
  { n:ge(math.mininteger), function() return 1 end },
  { n:lt(math.mininteger), function() return 0 end },
  { n:le(math.maxinteger), function() return 1 end },
  { n:ge(9):no(), function(v) return truth(v < 9) end },
  { (n * 2):le(9), function(v) return truth(v * 2 <= 9) end },
  { (n + 1):gt(9), function(v) return truth(v + 1 > 9) end },
  { n & 0x0c, function(v) return v & 0x0c end },
  { n:has(6), function(v) return truth(v & 6 == 6) end },
  { (n & 6):eq(0), function(v) return truth(v & 6 == 0) end },
  { (n & 6):no(), function(v) return truth(v & 6 == 0) end },
  { (n * 2) & 6, function(v) return v * 2 & 6 end },
  { n:eq(2):both(n:gt(1)), function(v) return truth(v == 2 and v > 1) end },
  { n:eq(2):either(n:gt(60)), function(v) return truth(v == 2 or v > 60) end },
  { n:gt(2):both(n:lt(9):both(n:ne(5))), function(v) return truth(v > 2 and v < 9 and v ~= 5) end },
  { n:gt(2):both(n:lt(9)):both(n:ne(5)), function(v) return truth(v > 2 and v < 9 and v ~= 5) end },
  { n:gt(2):both(n:lt(9)):no(), function(v) return truth(not (v > 2 and v < 9)) end },
  { n:gt(2):both(n:lt(9)) + 1, function(v) return truth(v > 2 and v < 9) + 1 end },
  { n:gt(60):either(n:gt(2):both(n:lt(9))), function(v)
    return truth(v > 60 or v > 2 and v < 9)
  end },
  { n:both(n + 1), function(v) return truth(v ~= 0 and v ~= -1) end },
  { -n, function(v) return -v end },
  { n - n, function() return 0 end },
  { n:gt(3):pick(n + 1, 7), function(v) return v > 3 and v + 1 or 7 end },
  { 7 - n, function(v) return 7 - v end },
  { n - (n - 3), function() return 3 end },
  { (n & 0xff) // 3 * 3, function(v) return (v & 0xff) // 3 * 3 end },
  { n:gt(3):pick(5, 7) * 2, function(v) return v > 3 and 10 or 14 end },
  { n + n:gt(3):pick(5, 7), function(v) return v + (v > 3 and 5 or 7) end },
  { n:gt(3):pick(n:gt(10):pick(1, n * 2), 7) + n, function(v)
    return (v > 3 and (v > 10 and 1 or v * 2) or 7) + v
  end },
  { n:gt(3):pick(7, n:gt(1):pick(n * 2, 1)) + n, function(v)
    return (v > 3 and 7 or (v > 1 and v * 2 or 1)) + v
  end },
  { n:between(0, 63), function(v) return truth(v >= 0 and v <= 63) end },
  { n:between(20, 24), function(v) return truth(v >= 20 and v <= 24) end },
  { n:between(24, 20), function() return 0 end },
  { n:between(60, 64), function(v) return truth(v >= 60 and v <= 64) end },
  { n:between(-1, 3), function(v) return truth(v >= -1 and v <= 3) end },
  { n:min(6), function(v) return math.min(v, 6) end },
}

-- All ways in which conditions lie in each other, `depth` deep, with halves of all values.
local function nested_rules(depth)
  local function bit(i) return { n & 1 << i, function(v) return v & 1 << i end } end
  local function combine(a, b)
    local both, either = a[1]:both(b[1]), a[1]:either(b[1])
    return {
      { both, function(v) return truth(a[2](v) ~= 0 and b[2](v) ~= 0) end },
      { either, function(v) return truth(a[2](v) ~= 0 or b[2](v) ~= 0) end },
      { both + a[1], function(v) return truth(a[2](v) ~= 0 and b[2](v) ~= 0) + a[2](v) end },
      { either:pick(b[1], 5), function(v)
        return (a[2](v) ~= 0 or b[2](v) ~= 0) and b[2](v) or 5
      end },
    }
  end
  local left = { bit(0) }
  for i = 1, depth do
    local wider = {}
    for _, inner in ipairs(left) do
      for _, rule in ipairs(combine(inner, bit(i))) do table.insert(wider, rule) end
      for _, rule in ipairs(combine(bit(i), inner)) do table.insert(wider, rule) end
    end
    left = wider
  end
  return left
end

describe("conditions in conditions", function()
  local AT_ONCE = 64 -- fields of one protocol

  local function try(rules_of)
    local fields = { f.u64 "n" }
    for i, rule in ipairs(rules_of) do fields[i + 1] = f.u64("r" .. i, { auto = rule[1] }) end
    local generation = assert(registry.compile {
      { id = "Raw", fields = { f.bytes "load" }, file = "spec" },
      { id = "Padding", base = "Raw", file = "spec" },
      { id = "X", fields = fields, file = "spec" },
    })
    for v = 0, 15 do
      local bytes = assert(generation.core:build { { "X", { n = v } } })
      for i, rule in ipairs(rules_of) do
        assert.equal(rule[2](v), ((">i8"):unpack(bytes, 8 * i + 1)), ("n = %d"):format(v))
      end
    end
  end

  it("are what Lua's are", function()
    local nested = nested_rules(3)
    for from = 1, #nested, AT_ONCE do
      try(table.move(nested, from, math.min(from + AT_ONCE, #nested + 1) - 1, 1, {}))
    end
  end)
end)

describe("a rule", function()
  local values = { 255, 256, 0xffffffff, 0x7fffffffffffffff, math.mininteger, -1 }
  for v = 0, 70 do values[#values + 1] = v end

  for i, rule in ipairs(rules) do
    it("gives what Lua gives: " .. i, function()
      local generation = assert(registry.compile {
        { id = "Raw", fields = { f.bytes "load" }, file = "spec" },
        { id = "Padding", base = "Raw", file = "spec" },
        { id = "X", fields = { f.u64 "n", f.u64("r", { auto = rule[1] }) }, file = "spec" },
      })
      for _, v in ipairs(values) do
        local bytes = assert(generation.core:build { { "X", { n = unsigned(v) } } })
        assert.equal(rule[2](v), ((">i8"):unpack(bytes, 9)), ("n = %d"):format(v))
      end
    end)
  end

  it("of bytes carried is the header and these, or all there is", function()
    local bytes = ("\x45\0\0\x1e"):rep(1) .. ("\0"):rep(16) .. ("x"):rep(30)
    local layers = luapkt.dissect(bytes, "IP")
    assert.same({ "IP", "Raw", "Padding" }, { layers[1].id, layers[2].id, layers[3].id })
    assert.equal(10, #layers[2].fields.load)
    local lying = "\x45\0\0\x13" .. bytes:sub(5) -- less than its own header
    assert.equal(30, #luapkt.dissect(lying, "IP")[2].fields.load)
  end)
end)

describe("a rule about what follows", function()
  local function following(rule)
    return assert(registry.compile {
      { id = "Raw", fields = { f.bytes "load" }, file = "spec" },
      { id = "Padding", base = "Raw", file = "spec" },
      { id = "X", fields = { f.u8 "n" }, file = "spec" },
      { id = "Y", over = { X = { when = rule } }, fields = { f.bytes "m" }, file = "spec" },
    })
  end

  local peeked = {
    { f.peek(8, 8):eq(3), function(v) return v == 3 end },
    { f.peek(8, 8):one_of(3, 200), function(v) return v == 3 or v == 200 end },
    { f.peek(8, 8):one_of(3, 20, 40), function(v) return v == 3 or v == 20 or v == 40 end },
    { f.peek(8, 8):gt(100), function(v) return v > 100 end },
    { f.peek(8, 8):has(0x81), function(v) return v & 0x81 == 0x81 end },
    { f.peek(8, 8):eq(3):either(f.peek(9, 7):eq(4)), function(v)
      return v == 3 or v & 0x7f == 4
    end },
  }

  for i, rule in ipairs(peeked) do
    it("gives what Lua gives: " .. i, function()
      local generation = following(rule[1])
      for v = 0, 255 do
        local layers = generation.core:dissect("\0\0" .. string.char(v), "X")
        assert.equal(rule[2](v) and "Y" or "Raw", layers[2].id, tostring(v))
      end
      assert.equal("Raw", generation.core:dissect("\0\0", "X")[2].id) -- there are no such bits
    end)
  end
end)

describe("a look at bits that need not be there", function()
  local function reader(look)
    local generation = assert(registry.compile {
      { id = "Raw", fields = { f.bytes "load" }, file = "spec" },
      { id = "Padding", base = "Raw", file = "spec" },
      { id = "X", fields = { f.u8 "n" }, file = "spec" },
      { id = "Y", base = "X", variant_of = { X = look(8, 8):eq(0) }, fields = { f.u8 "m" },
        file = "spec" },
    })
    return function(bytes) return generation.core:dissect(bytes, "X")[1].id end
  end

  it("takes them for zeros", function()
    local read = reader(f.glance)
    assert.same({ "Y", "Y", "X" }, { read "a", read "a\0", read "ab" })
  end)

  it("says nothing where they have to be", function()
    local read = reader(f.peek)
    assert.same({ "X", "Y", "X" }, { read "a", read "a\0", read "ab" })
  end)

  it("isn't taken where a choice falls on something else", function()
    local read = reader(function(bit, width)
      return f.peek(0, 8):eq(0x61):pick(f.peek(bit, width), 0)
    end)
    assert.same({ "X", "Y", "X" }, { read "a", read "a\0", read "ab" })
    assert.same({ "Y", "Y" }, { read "b", read "bb" }) -- the second byte isn't asked for
  end)
end)

-- RFC 9112 section 2.1
describe("a look at the head of lines of text", function()
  -- The bytes of a field that takes so many as the rule says.
  local function taker(rule)
    local generation = assert(registry.compile {
      { id = "Raw", fields = { f.bytes "load" }, file = "spec" },
      { id = "Padding", base = "Raw", file = "spec" },
      { id = "X", fields = { f.bytes("a", { size = rule:max(0) }) }, file = "spec" },
    })
    return function(bytes) return #(generation.core:dissect(bytes, "X")[1].fields.a or "") end
  end

  it("gives its size", function()
    local take = taker(f.text_head())
    for bytes, size in pairs {
      ["a\r\n\r\nbody"] = 5, ["a\n\nbody"] = 3, ["a\r\nb: c\r\n\r\nx\r\n\r\n"] = 11,
      ["a\r\n\n"] = 4, ["\r\n"] = 2,
      ["a\r\r\n\n"] = 5, ["a\r\n \r\n\r\n"] = 8, ["a\r\n\r"] = 0, ["a"] = 0, [""] = 0,
    } do
      assert.equal(size, take(bytes), ("%q"):format(bytes))
    end
  end)

  it("gives the number in one of its lines", function()
    local take = taker(f.text_number("Size", "s") + 2) -- 1: there is none; 0: it is bad
    local rest = ("x"):rep(40)
    for lines, size in pairs {
      ["size: 7\r\n"] = 9, ["S:7\n"] = 9, ["a: 1\r\nSIZE \t: \t7 \t\r\nb: 2\r\n"] = 9,
      ["s: 0\r\n"] = 2, ["s: 3\r\nsize: 3\r\n"] = 5, ["sizes: 7\r\n"] = 1, ["siz: 7\r\n"] = 1,
      [" s: 7\r\n"] = 1, ["s\r\n"] = 1, [""] = 1, ["s:\r\n"] = 0, ["s: 7 7\r\n"] = 0,
      ["s: 3\r\ns: 4\r\n"] = 0, ["s: +3\r\n"] = 0, ["s: 3\r\n\t4\r\n"] = 0,
    } do
      assert.equal(size, take("s: 9\r\n" .. lines .. "\r\n" .. rest), ("%q"):format(lines))
    end
  end)

  -- RFC 9112 section 7.1
  it("gives the bytes of the chunks behind it", function()
    local take = taker(f.text_chunks("Coding", "c") + 2) -- 1: there are none; 0: they are bad
    local rest, none = ("x"):rep(40), "0\r\n\r\n"
    for lines, sizes in pairs {
      ["coding: chunked\r\n"] = { [none] = 7, ["1\nx\n0\r\na\n\r\n"] = 13, ["x\r\n"] = 0 },
      ["C:\tgzip,chunked \n"] = { [none] = 7, ["10\r\n" .. rest:sub(1, 16) .. "\r\n0\n\n"] = 27 },
      ["c: a\r\nC: Chunked\r\n"] = { [none] = 7 },
      ["c: chunked\r\nC: a\r\n"] = { [none] = 1 },
      ["c: a chunked\r\n"] = { [none] = 1 }, ["c: a, chunked , \r\n"] = { [none] = 7 },
      ["d: chunked\r\n"] = { [none] = 1 }, ["c:\r\n"] = { [none] = 1 },
      ["c: ,chunked\r\n"] = { [none] = 7 },
    } do
      for body, size in pairs(sizes) do
        assert.equal(size, take("a\r\n" .. lines .. "\r\n" .. body .. rest),
          ("%q"):format(lines .. body))
      end
    end
  end)

  it("takes names alone", function()
    for _, leaf in ipairs { "text_number", "text_chunks" } do
      for _, names in ipairs { {}, { "a b" }, { "a:" }, { "" }, { "a", 1 } } do
        assert.error_matches(function() f[leaf](table.unpack(names)) end,
          leaf .. ": names of header lines expected")
      end
    end
  end)
end)

describe("numbers that follow a field of any size", function()
  local generation = assert(registry.compile {
    { id = "Raw", fields = { f.bytes "load" }, file = "spec" },
    { id = "Padding", base = "Raw", file = "spec" },
    { id = "X", file = "spec", fields = {
      f.u8("size"), f.bytes("text", { size = f.ref "size" }),
      f.bits("a", 3), f.bits("b", 13), f.u16 "c", f.u24 "d", f.ipv4 "e", f.bits("f", 1),
      f.bits("g", 7), f.u64 "h", f.u8("after"),
    } },
  })

  -- Lua's own unpacking, field by field.
  local function expected(bytes)
    local text, ab, c, d, e, fg, h, after = (">s1I2I2I3c4BI8B"):unpack(bytes)
    return {
      size = #text, text = text, a = ab >> 13, b = ab & 0x1fff, c = c, d = d,
      e = ("%d.%d.%d.%d"):format(e:byte(1, -1)), f = fg >> 7, g = fg & 0x7f, h = h, after = after,
    }
  end

  it("are read wherever they begin", function()
    for size = 0, 9 do
      local bytes = string.char(size)
      for i = 1, size + 21 do bytes = bytes .. string.char((i * 73 + size * 31) & 0x7f) end
      local read = assert(generation.core:dissect(bytes, "X"))[1].fields
      assert.same(expected(bytes), read)
    end
  end)

  it("are read one by one where the bytes end among them", function()
    local bytes = "\1x" .. ("\x81"):rep(21)
    local seen = 0
    for length = 0, #bytes - 1 do
      local layers = generation.core:dissect(bytes:sub(1, length), "X")
      if layers then
        local wanted = expected(bytes)
        for id, value in pairs(layers[1].fields) do
          if length >= 20 and id ~= "after" and id ~= "h" then assert.equal(wanted[id], value) end
          seen = seen + 1
        end
      end
    end
    assert.is_true(seen > 20)
  end)
end)
