-- Kinds of fields and what rules can say of them, by protocols made for it. What the kinds that the
-- Scapy server's protocols need do is seen in the specs of those protocols.

local f        = require "luapkt.field"
local registry = require "luapkt.registry"
local unhex    = require("spec.support").unhex

-- A protocol X of these fields, beside those that every generation has and others.
local function generation(fields, ...)
  local made, err = registry.compile {
    { id = "Raw", file = "spec", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw", file = "spec" },
    { id = "X", file = "spec", fields = fields },
    ...,
  }
  return assert(made, err).core
end

local function mistake(...)
  local _, err = registry.compile {
    { id = "Raw", file = "spec", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw", file = "spec" },
    { id = "X", file = "spec", fields = { f.u8 "n", ... } },
  }
  return (err:gsub("^spec:%d+: ", ""))
end

describe("text", function()
  local core = generation {
    f.bytes("word", { up_to = { " ", "\r\n", "\n" } }),
    f.bytes("gap",  { one_of = { " ", "  " }, default = " " }),
    f.bytes("line", { up_to = { "\r\n", "\n" } }),
    f.bytes("ends", { one_of = { "\r\n", "\n" }, default = "\r\n" }),
  }

  local function read(bytes)
    local fields = core:dissect(bytes, "X")[1].fields
    assert.equal(bytes, core:rebuild(bytes, "X", true))
    return { fields.word, fields.gap, fields.line, fields.ends }
  end

  it("goes up to the first of some texts", function()
    assert.same({ "a", " ", "b c", "\r\n" }, read "a b c\r\nrest")
    assert.same({ "a", " ", "\rb", "\n" }, read "a \rb\nrest")
    assert.same({ "a", "", "", "\n" }, read "a\n")
  end)

  it("goes up to the end where none of them comes", function()
    assert.same({ "abc\r", "", "", "" }, read "abc\r")
    assert.same({ "a", " ", "bc", "" }, read "a bc")
    assert.same({ "", "", "", "" }, read "")
  end)

  it("is the longest of several, or nothing", function()
    assert.same({ "a", "  ", "b", "\n" }, read "a  b\n")
    assert.same({ "a", "  ", " b", "\n" }, read "a   b\n")
  end)

  it("is written as it was set, or by default", function()
    assert.equal("a \r\n", core:build { { "X", { word = "a" } } })
    assert.equal("a b\n", core:build { { "X", { word = "a", line = "b", ends = "\n" } } })
  end)

  it("may end in a byte of some value", function()
    local sized = generation {
      f.bytes("fixed", { size = 4, ends = 0 }),
      f.u8 "n", f.bytes("within", { size = f.ref "n", ends = 0 }), f.bytes "rest",
    }
    local function fields_of(bytes)
      local fields = sized:dissect(bytes, "X")[1].fields
      return { fields.fixed, fields.within, fields.rest }
    end
    assert.same({ "ab", "cd", "ef" }, fields_of "ab\0x\4cd\0ef")
    assert.same({ "abcd", "cd", "e\0f" }, fields_of "abcd\2cde\0f")
    assert.same({ "ab", "cd" }, fields_of "ab\0\0\4cd")
    local fields = { fixed = "ab", n = 4, within = "cd", rest = "ef" }
    assert.equal("ab\0\0\4cd\0ef", sized:build { { "X", fields } })
    assert.equal("abcd\0\0", sized:build { { "X", { fixed = "abcde" } } })
  end)

  it("has one to eight texts", function()
    local wrong = "X.a: 'up_to' is a list of 1 to 8 texts, of bytes"
    assert.equal(wrong, mistake(f.bytes("a", { up_to = {} })))
    assert.equal(wrong, mistake(f.bytes("a", { up_to = "x" })))
    assert.equal("X.a: 'up_to' is not for a field of kind 'uint'",
      mistake(f.u8("a", { up_to = { "x" } })))
    assert.equal(wrong, mistake(f.bytes("a", { up_to = { "1", "2", "3", "4", "5", "6", "7", "8",
      "9" } })))
    assert.equal("X.a: 'one_of': 7 is no text", mistake(f.bytes("a", { one_of = { 7 } })))
    assert.equal("X.a: 'one_of':  is no text", mistake(f.bytes("a", { one_of = { "" } })))
  end)
end)

describe("a list of layers", function()
  local core = generation({ f.layers("items", { of = "Item", stops = f.peek(0, 8):eq(0) }) },
    { id = "Item", file = "spec", fields = { f.u16 "n" } })

  it("stops before bytes that its rule names", function()
    local layers = core:dissect(unhex "0101 0102 0003", "X")
    assert.equal(2, #layers[1].fields.items)
    assert.equal(unhex "0003", layers[2].fields.load)
    assert.equal(0, #core:dissect(unhex "0003", "X")[1].fields.items)
  end)
end)

describe("a number that is XORed", function()
  local core = generation {
    f.u16("n", { xor = 0x2112 }), f.ipv4("a", { xor = 0x2112a442 }), f.bits("high", 4, { xor = 5 }),
    f.bits("low", 4), f.s8("s", { xor = 0xff }),
  }

  it("is itself in fields only", function() -- RFC 5769 section 2.2
    local wire = unhex "a147 e112a643 51 01"
    assert.equal(wire, core:build { { "X", { n = 32853, a = "192.0.2.1", low = 1, s = -2 } } })
    local fields = core:dissect(wire, "X")[1].fields
    assert.equal(32853, fields.n)
    assert.equal("192.0.2.1", fields.a)
    assert.equal(0, fields.high)
    assert.equal(-2, fields.s)
  end)

  it("is written by its default, too", function()
    assert.equal(unhex "2112 2112a442 50 ff", core:build { { "X" } })
  end)

  it("fits, and isn't worked out", function()
    assert.equal("X.a: 'xor' doesn't fit in 8 bits", mistake(f.u8("a", { xor = 256 })))
    local wrong = "X.a: 'xor' is for numbers and addresses that aren't worked out"
    assert.equal(wrong, mistake(f.u8("a", { xor = 1, auto = f.header() })))
    assert.equal(wrong, mistake(f.bytes("a", { xor = 1 })))
  end)
end)

describe("an IPv4 address of a size", function()
  local core = generation {
    f.u8("bits"), f.ipv4("net", { size = (f.ref "bits" + 7) // 8 }), f.u8("behind"),
  }

  it("has so many of its bytes", function()
    for bits, hex in pairs { [0] = "", [1] = "c6", [9] = "c633", [24] = "c63364",
      [32] = "c6336401" } do
      local wire = unhex(("%02x %s 07"):format(bits, hex))
      local net = core:dissect(wire, "X")[1].fields.net
      assert.equal(wire, core:build { { "X", { bits = bits, net = net, behind = 7 } } })
    end
    assert.equal("198.51.0.0", core:dissect(unhex "0a c633 07", "X")[1].fields.net)
  end)

  it("has four at most", function()
    local layers = core:dissect(unhex "ff c6336401 07", "X")
    assert.equal("198.51.100.1", layers[1].fields.net)
    assert.equal(7, layers[1].fields.behind)
    assert.equal("198.51.0.0", core:dissect(unhex "20 c633", "X")[1].fields.net)
  end)
end)

describe("a checksum", function()
  local function summed(kind, opts)
    return generation { f.u16 "age", f.u16("sum", { auto = f.checksum(kind, opts) }),
                        f.bytes("key", { size = 2 }), f.bytes "data" }
  end

  local function sum_of(core, fields)
    return (">I2"):unpack(core:build { { "X", fields } }, 3)
  end

  it("leaves out bytes at the start, and a field", function()
    local core = summed("inet", { from = 2, without = "key" })
    assert.equal(~0x0102 & 0xffff, sum_of(core, { age = 5, key = "ab", data = "\1\2" }))
    local bytes = core:build { { "X", { key = "ab", data = "\1\2" } } }
    assert.equal("ab", bytes:sub(5, 6))
  end)

  it("covers as many bytes as its rule says", function()
    local core = summed("inet", { over = f.header() - f.size "data" })
    assert.equal(~0x0005 & 0xffff, sum_of(core, { age = 5, data = "\1\2" }))
    core = summed("inet", { over = f.ref "age" })
    assert.equal(~0x7 & 0xffff, sum_of(core, { age = 7, key = "\0\0", data = "\0" }))
    assert.equal(0xffff, sum_of(core, { age = 0, key = "ab" }))
    assert.equal(~(0xffff - 0x100 + 1) & 0xffff, sum_of(core, { age = 0xff00 })) -- all there are
  end)

  it("of bytes is a number in decimal digits", function()
    local core = generation { f.bytes("n", { size = 3, auto = f.size "data" * 50 }),
                              f.bytes "data" }
    assert.equal("100ab", core:build { { "X", { data = "ab" } } })
    assert.equal("007ab", core:build { { "X", { n = "007", data = "ab" } } })
  end)

  it("has a place for Fletcher's, or is 0", function()
    assert.equal(0, sum_of(summed("fletcher", { from = 4 }), {}))
    assert.equal(0, sum_of(summed("fletcher", { over = 3 }), { age = 1 }))
    assert.is_true(sum_of(summed("fletcher", {}), { age = 1 }) ~= 0)
  end)

  it("names a field that is there", function()
    assert.equal("X.a: the rule refers to 'b', which is no field of X",
      mistake(f.u16("a", { auto = f.checksum("inet", { without = "b" }) })))
  end)
end)

describe("a rule that asks about a later field", function()
  -- What is asked is what the field is by default, since it hasn't been read.
  local core = generation({
    f.u8("n", { when = f.count "items":eq(0):both(f.given("items"):no()) }),
    f.bytes("text", { size = f.size "items" + 1 }),
    f.layers("items", { of = "Item" }),
  }, { id = "Item", file = "spec", fields = { f.u8 "n" } })

  it("gets an answer", function()
    local fields = core:dissect("\1\2\3\4", "X")[1].fields
    assert.equal(1, fields.n)
    assert.equal("\2", fields.text)
    assert.equal(2, #fields.items)
  end)
end)
