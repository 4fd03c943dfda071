local wire = require("luapkt.core").wire

describe("the Mersenne Twister", function()
  -- mt19937ar.out, which its authors publish beside their program.
  local published = {
    1067595299, 955945823, 477289528, 4107218783, 4228976476,
    3344332714, 3355579695, 227628506, 810200273, 2591290167,
  }

  it("gives its authors' numbers", function()
    assert.same(published, wire.mt19937(10, 0x123, 0x234, 0x345, 0x456))
  end)

  it("gives them beyond the first 624, too", function()
    local all = wire.mt19937(1000, 0x123, 0x234, 0x345, 0x456)
    assert.same({ 1397735321, 3460025646 }, { all[999], all[1000] }) -- the end of that list
  end)

  -- The last of 2000 that Python 3 draws after random.seed(61731 + (24903 << 32) + (42143 << 64)).
  it("gives reals of 53 bits", function()
    local all = wire.mt19937_reals(2000, 61731, 24903, 42143)
    assert.same({
      0.42926911085636965, 0.7201588855700332, 0.6333919228517475, 0.7736832705631943,
      0.1968855318182524, 0.2905825092831986, 0.9487850841241005, 0.13661415103641472,
      0.6890134426222364, 0.2004251497511469,
    }, { table.unpack(all, 1991) })
  end)

  it("needs a seed", function()
    assert.has_error(function() wire.mt19937(1) end)
  end)

  it("takes words of 32 bits only", function()
    assert.equal(1, #wire.mt19937(1, 0, 0xffffffff))
    for _, word in ipairs { -1, 1 << 32 } do
      local ok, err = pcall(wire.mt19937, 1, 5, word)
      assert.is_false(ok)
      assert.matches("#3 to '.-' %(a word of 32 bits expected%)", err)
    end
  end)
end)
