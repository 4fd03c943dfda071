-- f.stacked: how many of the layers above are of some protocols. Counted by hand.

local f      = require "luapkt.field"
local luapkt = require "luapkt"

describe("the number of layers above", function()
  setup(function()
    assert(luapkt.add {
      { id = "Counter", fields = { f.u8("n", { auto = f.stacked("One", "Two") }) } },
      { id = "One", over = { Counter = {}, One = {}, Two = {} }, fields = { f.u8 "x" } },
      { id = "Two", over = { Counter = {}, One = {}, Two = {} }, fields = { f.u8 "y" } },
    })
  end)
  teardown(function() assert(luapkt.load { luapkt.folder() }) end)

  it("is that of all that are named, however high", function()
    local Counter, One, Two = luapkt.Counter, luapkt.One, luapkt.Two
    assert.equal("\3\0\0\0abc", (Counter{} / One{} / Two{} / One{} / "abc"):bytes())
    assert.equal("\0abc", (Counter{} / "abc"):bytes())
    assert.equal("\0", Counter{}:bytes())
  end)

  it("changes with them, unless it was set", function()
    local p = luapkt.Counter{} / luapkt.One{}
    assert.equal("\1\0", p:bytes())
    assert.equal("\2\0\0", (p / luapkt.Two{}):bytes())
    assert.equal("\9\0", (luapkt.Counter{ n = 9 } / luapkt.One{}):bytes())
  end)

  it("is no length: what another says is not told as wrong", function()
    assert.is_true(luapkt.packet("\9\0", "Counter"):check().right)
  end)
end)
