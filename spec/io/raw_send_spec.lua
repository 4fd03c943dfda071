-- When frames go out that are sent at a rate. No spec can wait for the numbers at which it matters:
-- a program of its own, raw_send.c beside this, works it out.

local support = require "spec.support"

describe("a frame's time", function()
  local program

  setup(function() program = support.build_c("spec/io/raw_send.c", "") end)

  it("is its number divided by the rate, behind the start, however many went before", function()
    for _, case in ipairs {
      { 7, 0, 3, 7 },
      { 0, 1, 3, 333333333 },
      { 1000, 10000, 1000, 10000001000 },
      -- ten hours at a million each second: 36,000,000,000 frames times 10^9 don't fit in 64 bits
      { 5, 36000000000, 1000000, 36000000000005 },
      { 5, 9223372037, 1000, 9223372037000005 }, -- the first that doesn't fit with a sign
      { 0, 1 << 40, 1 << 20, 1048576000000000 },
    } do
      local start, number, rate, due = table.unpack(case)
      local ok, out = support.run(("%s %d %d %d"):format(program, start, number, rate))
      assert.is_true(ok)
      assert.equal(("%d\n"):format(due), out)
    end
  end)
end)
