-- The memory of the state that loads protocols: a program of its own, heap.c beside this, gives and
-- takes blocks of all sizes at random and looks at what they hold.

local support = require "spec.support"

describe("a heap", function()
  local folder, program
  local flags = support.is_sanitized() and "-fsanitize=address,undefined" or ""

  setup(function()
    folder = support.tmpdir()
    program = support.quote(folder .. "/heap")
    assert(support.run(("${CC:-cc} -std=c11 -O1 -D_GNU_SOURCE %s -o %s spec/script/heap.c "
      .. "src/script/heap.c src/script/region.c src/engine/pages.c"):format(flags, program)))
  end)

  teardown(function() support.run("rm -r " .. support.quote(folder)) end)

  for _, kind in ipairs { "chunks", "plain" } do
    it("keeps what its blocks hold, and goes on in further memory: " .. kind, function()
      local ok, out, err = support.run(program .. " 300000 " .. kind)
      assert.is_true(ok, err)
      assert.is_true(tonumber(out) > 5e7) -- bytes at once
    end)
  end
end)
