-- Bytes that are read: where they end, and what they say of themselves that can't be.

local luapkt  = require "luapkt"
local support = require "spec.support"

local unhex = support.unhex

local PROTOCOLS = [[
local f = require "luapkt.field"
return {
  { id = "Own", own = f.peek(0, 8) - 4, fallback = "Raw",
    fields = { f.u8 "size", f.bytes("data", {}) } },
  { id = "Element", own = f.peek(0, 8), fallback = "Element", fields = { f.u8 "size" } },
  { id = "Plain", fields = { f.u8 "first", f.bytes("rest", { default = "" }) } },
  { id = "Zero", base = "Plain", variant_of = { Plain = f.peek(8, 8):eq(0) },
    fields = { f.u8 "first", f.u8 "second" } },
  { id = "Run", fallback = "Raw",
    fields = { f.u8 "n", f.bytes("data", { size = f.ref "n" }), f.u32 "a", f.u32 "b", f.u8 "c" } },
  { id = "Cut", extent = f.ref "len", fallback = "Raw",
    fields = { f.u8 "len", f.u8 "kind", f.u16("sum", { trailer = true }) } },
  { id = "Counted", fallback = "Raw", fields = {
      f.u8 "n", f.list("numbers", f.u8(), { count = f.ref "n" - 2 }) } },
  { id = "Sized", fallback = "Raw", fields = {
      f.u8 "n", f.list("texts", f.bytes(nil, { size = f.ref "n" }), { size = 4 }) } },
  { id = "Line", own = f.peek(0, 8), fallback = "Raw", fields = {
      f.u8 "size", f.bytes("line", { up_to = { "\r\n" } }) } },
  { id = "Exact", fields = { f.u8 "n", f.bytes("data", { size = 4, exact = true }) } },
  { id = "Address", fields = { f.u8 "n", f.ipv6 "address" } },
  { id = "Prefix", fallback = "Raw", fields = {
      f.u8 "n", f.ipv6("address", { size = f.ref "n" }) } },
  { id = "Prefix4", fallback = "Raw", fields = {
      f.u8 "n", f.ipv4("address", { size = f.ref "n" }) } },
  { id = "Told", fallback = "Raw", fields = { f.u8 "n", f.bytes("text", { counted = 2 }) } },
  { id = "Nothing", fields = { f.bytes("none", { size = f.left() - f.left() }) } },
  { id = "Items", fallback = "Raw", fields = {
      f.u8 "n", f.layers("items", { of = "Nothing", size = 4 }) } },
}
]]

describe("bytes that are read", function()
  setup(function()
    local folder = support.tmpdir()
    support.write_file(folder .. "/dissect.lua", PROTOCOLS)
    assert(luapkt.load { "protocols", folder })
  end)
  teardown(function() assert(luapkt.load { "protocols" }) end)

  it("are at most 262144", function()
    local most = ("x"):rep(262144)
    assert.equal(most, luapkt.packet(most, "Raw").Raw.load)
    local layers, err = luapkt.dissect(most .. "x", "Raw")
    assert.is_nil(layers)
    assert.same({ "limit", "262145 bytes are more than the 262144 that a packet may have" },
      { err.code, err.message })
  end)

  it("are Raw behind 128 layers", function()
    local bytes = unhex("00018100"):rep(300)
    local p = luapkt.packet(bytes, "Dot1Q")
    assert.same({ 129, "Dot1Q", "Raw" }, { #p, p[128].kind, p[129].kind })
    assert.equal(bytes:sub(128 * 4 + 1), p[129].load)
    assert.equal(bytes, p:bytes())
  end)

  it("are all the layer's where it says to have fewer than none, or more than there are", function()
    for _, size in ipairs { 0, 3, 9, 255 } do
      local p = luapkt.packet(string.char(size) .. "abcd", "Own")
      assert.same({ 1, "abcd" }, { #p, p.Own.data }, size)
    end
    local p = luapkt.packet("\7abcd", "Own")
    assert.same({ 2, "ab", "cd" }, { #p, p.Own.data, p.Raw.load })
  end)

  it("are layers of their own behind a layer's fields, up to 128 in all", function()
    local bytes = ("\3ab"):rep(200)
    local p = luapkt.packet(bytes, "Element")
    assert.same({ 129, "Element", "Raw" }, { #p, p[127].kind, p[128].kind })
    assert.equal("ab", p[128].load)
    assert.equal(bytes:sub(64 * 3 + 1), p[129].load)
    assert.equal(bytes, p:bytes())
    p = luapkt.packet("\1" .. bytes, "Element")
    assert.same({ 129, "Element", "Raw" }, { #p, p[128].kind, p[129].kind })
    assert.equal("\1" .. bytes, p:bytes())
  end)

  it("are no variant that looks behind their end", function()
    assert.equal("Zero", luapkt.packet("\1\0", "Plain")[1].kind)
    assert.equal("Plain", luapkt.packet("\1", "Plain")[1].kind)
  end)

  it("may end within numbers behind a field of any size", function()
    local whole = unhex "02 6162 01020304 05060708 09"
    for n, numbers in pairs {
      [3] = {}, [7] = { 0x1020304 }, [11] = { 0x1020304, 0x5060708 },
      [12] = { 0x1020304, 0x5060708, 9 },
    } do
      local p = luapkt.packet(whole:sub(1, n), "Run")
      assert.same(numbers, { p.Run.a, p.Run.b, p.Run.c })
      assert.equal(whole:sub(1, n), p:bytes())
    end
    for n, message in pairs {
      [6] = "Run.a: 32 bits at byte 3, but only 24 are left",
      [10] = "Run.b: 32 bits at byte 7, but only 24 are left",
    } do
      local layers, err = luapkt.dissect(whole:sub(1, n), "Run")
      assert.is_nil(layers)
      assert.same({ "truncated", message }, { err.code, err.message })
    end
  end)

  it("are no items of a list that says to have fewer than none", function()
    for n, count in pairs { [0] = 0, [1] = 0, [2] = 0, [3] = 1, [4] = 2, [255] = 3 } do
      local p = luapkt.packet(string.char(n) .. "\7\8\9", "Counted")
      assert.equal(count, #p.Counted.numbers)
      assert.equal(("\7\8\9"):sub(count + 1), p.Raw and p.Raw.load or "")
    end
  end)

  it("are no items that have none of them", function()
    local p = luapkt.packet("\0abcdefg", "Sized")
    assert.same({ 0, "efg" }, { #p.Sized.texts, p.Raw.load })
    p = luapkt.packet("\2abcdefg", "Sized")
    assert.same({ "ab", "cd", "efg" }, { p.Sized.texts[1], p.Sized.texts[2], p.Raw.load })
    p = luapkt.packet("\0abcdefg", "Items")
    assert.same({ 0, "efg" }, { #p.Items.items, p.Raw.load })
  end)

  it("may end within those that say how many they are, or within the number of them", function()
    for n, text in pairs { [1] = false, [3] = "", [4] = "a", [5] = "ab", [6] = "ab" } do
      local p = luapkt.packet(("\1\0\2abc"):sub(1, n), "Told")
      assert.equal(text or nil, p.Told.text)
    end
    local layers, err = luapkt.dissect("\1\0", "Told")
    assert.is_nil(layers)
    assert.same({ "truncated", "Told.text: 16 bits at byte 1, but only 8 are left" },
      { err.code, err.message })
    assert.equal(3 + 65535, #luapkt.build { { "Told", { text = ("x"):rep(65535) } } })
    layers, err = luapkt.build { { "Told", { text = ("x"):rep(65536) } } }
    assert.is_nil(layers)
    assert.equal("Told.text: the bytes are more than their count can say", err.message)
  end)

  it("are no text that ends behind them", function()
    local p = luapkt.packet("\4ab\r\nxyz", "Line")
    assert.same({ "ab\r", "\nxyz" }, { p.Line.line, p.Raw.load })
    assert.equal("ab", luapkt.packet("\5ab\r\nxyz", "Line").Line.line)
  end)

  it("may be too few for a field of a fixed size", function()
    for id, size in pairs { Exact = 4, Address = 16 } do
      assert.equal(size + 1, #luapkt.packet(("x"):rep(size + 1), id):bytes())
      local layers, err = luapkt.dissect(("x"):rep(size), id)
      assert.is_nil(layers)
      assert.equal("truncated", err.code)
      assert.matches(("%d bits at byte 1, but only %d are left"):format(size * 8, size * 8 - 8),
        err.message, 1, true)
    end
  end)

  it("are at most an address of the bytes that a rule gives it", function()
    local bytes = unhex "20010db8 00010002 00030004 00050006" .. ("x"):rep(40)
    for n, rest in pairs { [4] = 52, [16] = 40, [17] = 40, [50] = 40 } do
      local p = luapkt.packet(string.char(n) .. bytes, "Prefix")
      assert.equal(n == 4 and "2001:db8::" or "2001:db8:1:2:3:4:5:6", p.Prefix.address)
      assert.equal(rest, #p.Raw.load)
    end
    for n, size in pairs { [0] = 0, [15] = 15, [16] = 16, [17] = 16, [255] = 16 } do
      local built = luapkt.build { { "Prefix", { n = n, address = "2001:db8:1:2:3:4:5:6" } } }
      assert.equal(string.char(n) .. bytes:sub(1, size), built)
    end
    for n, address in pairs { [0] = "0.0.0.0", [3] = "10.1.2.0", [4] = "10.1.2.3",
                              [5] = "10.1.2.3", [255] = "10.1.2.3" } do
      local p = luapkt.packet(string.char(n) .. "\10\1\2\3rest", "Prefix4")
      assert.equal(address, p.Prefix4.address)
      local built = luapkt.build { { "Prefix4", { n = n, address = "10.1.2.3" } } }
      assert.equal(string.char(n) .. ("\10\1\2\3"):sub(1, n), built)
    end
  end)

  it("hold the header and the trailer, however short the layer says to be", function()
    for _, len in ipairs { 0, 1, 2, 3, 4 } do
      local p = luapkt.packet(string.char(len) .. "\9\xab\xcdxyz", "Cut")
      assert.same({ 2, 0xabcd, "xyz" }, { #p, p.Cut.sum, p[2].load }, len)
    end
    local p = luapkt.packet("\5\9x\xab\xcdyz", "Cut")
    assert.same({ "x", 0xabcd, "yz" }, { p.Raw.load, p.Cut.sum, p.Padding.load })
  end)
end)
