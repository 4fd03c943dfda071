-- The memory of the state that loads protocols: a program of its own, heap.c beside this, gives and
-- takes blocks of all sizes at random and looks at what they hold.

local support = require "spec.support"

describe("a heap", function()
  local program

  setup(function()
    program = support.build_c("spec/script/heap.c",
      "src/script/heap.c src/script/region.c src/engine/pages.c")
  end)

  for _, kind in ipairs { "chunks", "plain" } do
    it("keeps what its blocks hold, and goes on in further memory: " .. kind, function()
      local ok, out, err = support.run(program .. " 300000 " .. kind)
      assert.is_true(ok, err)
      assert.is_true(tonumber(out) > 5e7) -- bytes at once
    end)
  end
end)
