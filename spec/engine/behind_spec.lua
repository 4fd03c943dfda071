-- f.behind: how many bytes there are from a layer above on. Bytes are counted by hand.

local f      = require "luapkt.field"
local luapkt = require "luapkt"

describe("the bytes from a layer above on", function()
  setup(function()
    assert(luapkt.add {
      { id = "Before", fields = { f.u8("rest", { auto = f.behind "Behind" }) } },
      { id = "Between", over = { Before = {} }, fields = { f.u8 "x" } },
      { id = "Behind", over = { Between = {}, Switch = {} }, fields = { f.u8 "y" } },
      { id = "Switch", fields = {
        f.u8("rest", { auto = f.behind "Behind" }),
        f.u8("more", { default = 7, when = f.ref "rest":gt(0) }),
        f.u8 "z",
      } },
    })
  end)
  teardown(function() assert(luapkt.load { luapkt.folder() }) end)

  it("are those of it and of what it carries; none where it isn't there", function()
    local Before, Between, Behind = luapkt.Before, luapkt.Between, luapkt.Behind
    assert.equal("\4\0\0abc", (Before{} / Between{} / Behind{} / "abc"):bytes())
    assert.equal("\0\0abc", (Before{} / Between{} / "abc"):bytes())
  end)

  it("are a length: worked out anew by recompute(), told by check()", function()
    local p = luapkt.packet("\4\0\0abc", "Before")
    p.Raw.load = "abcdefgh"
    assert.equal("\9\0\0abcdefgh", p:recompute():bytes())
    local entries = luapkt.packet("\9\0\0abc", "Before"):check()
    assert.equal(1, #entries)
    assert.same({ "rest", "length", false, 9, 4 }, { entries[1].field, entries[1].what,
      entries[1].right, entries[1].value, entries[1].expected })
  end)

  it("are 0 for what is looked at before they are written, each time", function()
    local p = luapkt.Switch{} / luapkt.Behind{} / "abc"
    assert.equal("\4\0\0abc", p:bytes())
    p.Switch.z = 1
    assert.equal("\4\1\0abc", p:bytes())
  end)
end)
