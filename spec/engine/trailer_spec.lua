-- Fields behind what a layer carries, fields that begin at a multiple of bytes, and lists that go
-- on while a rule holds.

local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex, hex = support.unhex, support.hex

local PROTOCOLS = [[
local f = require "luapkt.field"
return {
  {
    id = "Outer", extent = f.ref "len",
    fields = {
      f.u8("len", { auto = f.header() + f.payload() + 3 }),
      f.u8("size", { auto = f.payload() }),
      f.u8("mark", { trailer = true, default = 0xee }),
      f.le16("sum", { trailer = true, auto = f.checksum("crc16", { over = "payload" }) }),
    },
  },
  { id = "Inner", over = { Outer = { when = f.peek(0, 8):ne(0x53) } },
    fields = { f.u8 "a", f.u16("end_", { trailer = true, default = 0xabcd }) } },
  { id = "Short", over = { Outer = { when = f.peek(0, 8):eq(0x53) } }, extent = f.ref "n",
    fields = { f.u8 "tag", f.u8 "n" } },
  { id = "Led", fields = {
      f.u8 "a", f.u16("b", { lead = 4, when = f.ref("a"):ne(0) }), f.bits("c", 4, { lead = 2 }),
      f.bits("d", 4),
  } },
  { id = "Word", fields = { f.bits("more", 1), f.bits("n", 7) }, fallback = "Padding" },
  { id = "Words", fields = { f.layers("words", { of = "Word", more = f.ref "more" }), f.u8 "z" } },
  { id = "Holder", fields = { f.layers("inners", { of = "Inner", size = 6 }) } },
}
]]

-- What a field of a layer is: set, unread, ...
local function state_of(layer, id)
  for field in layer:fields() do
    if field.id == id then return field.state end
  end
end

describe("a trailer", function()
  setup(function()
    local folder = support.tmpdir()
    support.write_file(folder .. "/trailer.lua", PROTOCOLS)
    assert(luapkt.load { "protocols", folder })
  end)
  teardown(function() assert(luapkt.load { "protocols" }) end)

  it("stands behind what the layer carries, an outer layer's behind an inner one's", function()
    local bytes = assert(luapkt.build { { "Outer" }, { "Inner", { a = 0x42 } } })
    assert.equal("0803" .. "42" .. "abcd" .. "ee", hex(bytes:sub(1, 6)))
    assert.equal(luapkt.wire.crc16(unhex "42 abcd"), (("<I2"):unpack(bytes, 7)))
    assert.equal(8, #bytes)
  end)

  it("is found at the end of the extent, before padding", function()
    local p = luapkt.packet(unhex "09 00 42 77 78 79 ee 3412  ffff", "Outer")
    assert.same({ "Outer", "Inner", "Raw", "Padding" },
      { p[1].kind, p[2].kind, p[3].kind, p[4].kind })
    assert.equal(0x1234, p.Outer.sum)
    assert.equal(0x7879, p.Inner.end_)
    assert.equal("w", p.Raw.load)
    assert.same({ 0, 2 }, { p.Outer:range() })
    p.Raw.load = "wide"
    assert.equal("09004277696465" .. "7879" .. "ee3412" .. "ffff", hex(p:bytes()))
  end)

  it("has Padding before it that lies inside what the layer carries", function()
    local bytes = unhex "0a 05 53 03 41 ffff ee 3412 dddd"
    local p = luapkt.packet(bytes, "Outer")
    local kinds = {}
    for layer in p:layers() do kinds[#kinds + 1] = layer.kind end
    assert.same({ "Outer", "Short", "Raw", "Padding", "Padding" }, kinds)
    assert.same({ 0xee, 0x1234 }, { p.Outer.mark, p.Outer.sum })
    assert.same({ hex(bytes), "530341", "41" },
      { hex(p:bytes()), hex(p.Outer:payload()), hex(p.Short:payload()) })
    p.Raw.load = "AB"
    assert.equal("0a055303" .. "4142" .. "ffff" .. "ee3412" .. "dddd", hex(p:bytes()))
    p.Outer.sum = nil
    local sum = luapkt.wire.crc16(unhex "5303 4142 ffff")
    assert.equal(sum, (("<I2"):unpack(p:bytes(), 10)))
    p.Short = nil
    assert.equal("0a05" .. "4142" .. "ffff" .. "ee", hex(p:bytes():sub(1, 7)))
  end)

  it("is not there where the bytes end before it", function()
    for n = 0, 4 do
      local bytes = unhex("05 00 01 02 03"):sub(1, n)
      local p = assert(luapkt.packet(bytes, "Outer"))
      assert.equal("unread", state_of(p.Outer, "sum"))
      assert.equal(hex(bytes), hex(p:bytes()))
    end
    local cut = luapkt.packet(unhex "05 00 01", "Outer")
    assert.equal("Inner", cut[2].kind)
  end)

  it("of an item of a list stands right behind its fields", function()
    local p = luapkt.packet(unhex "01 0002 03 0004", "Holder")
    local items = p.Holder.inners
    assert.same({ 1, 2, 3, 4 }, { items[1].a, items[1].end_, items[2].a, items[2].end_ })
    assert.equal("050006", hex(luapkt.build { { "Holder", { inners = {
      { id = "Inner", fields = { a = 5, end_ = 6 } } } } } }))
  end)

  it("is a number, and the last of the fields", function()
    local f, registry = require "luapkt.field", require "luapkt.registry"
    local function compiled(fields)
      local made, err = registry.compile {
        { id = "Raw", file = "spec", fields = { f.bytes "load" } },
        { id = "Padding", base = "Raw", file = "spec" },
        { id = "X", file = "spec", fields = fields },
      }
      return made or err
    end
    assert.matches("a trailer is a number of whole bytes that is always there",
      compiled { f.bits("a", 4, { trailer = true }) })
    assert.matches("a trailer is a number of whole bytes",
      compiled { f.bytes("a", { trailer = true }) })
    assert.matches("a is a trailer, but not the last field",
      compiled { f.u8("a", { trailer = true }), f.u8 "b" })
    assert.matches("'lead' is a whole number, 1 to 255", compiled { f.u8("a", { lead = 0 }) })
    assert.matches("a checksum is over the layer, its header or its payload",
      compiled { f.u16("a", { auto = f.checksum("inet", { over = "all" }) }) })
  end)

  it("aside, fields begin at a multiple of bytes where they are there", function()
    assert.equal("01000000" .. "1234" .. "50",
      hex(luapkt.build { { "Led", { a = 1, b = 0x1234, c = 5 } } }))
    assert.equal("0000" .. "56", hex(luapkt.build { { "Led", { c = 5, d = 6 } } }))
    local p = luapkt.dissect(unhex "01 ffffff 1234 56", "Led")[1].fields
    assert.same({ 0x1234, 5, 6 }, { p.b, p.c, p.d })
    for n = 0, 6 do
      local bytes = unhex("01 ffffff 1234 56"):sub(1, n)
      local layers, err = luapkt.packet(bytes, "Led")
      if layers then assert.equal(hex(bytes), hex(layers:bytes())) end
      assert.equal(n == 5 and "truncated" or nil, err and err.code)
    end
  end)

  it("aside, a list goes on while a rule holds of its items", function()
    local p = luapkt.dissect(unhex "81 82 03 04", "Words")[1].fields
    assert.equal(3, #p.words)
    assert.equal(4, p.z)
  end)
end)
