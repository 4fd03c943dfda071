-- The queue of requests that wait for a worker: its bounds are those of src/io/pool.h. A program of
-- its own, pool.c beside this, fills it with requests that nobody answers.

local support = require "spec.support"

describe("the queue of requests", function()
  local MIB = 1 << 20
  local program

  setup(function()
    program = support.build_c("spec/io/pool.c", "src/io/pool.c src/io/frames.c src/io/thread.c "
      .. "src/engine/err.c src/engine/buf.c -lzmq -lpthread")
  end)

  -- For how many requests of these sizes in a row there is room, and what comes behind those.
  local function filled(sizes)
    local ok, out, err = support.run(program .. " " .. table.concat(sizes, " "))
    assert(ok, err)
    local room, rest = out:match "^([room\n]*)(.*)$"
    return select(2, room:gsub("room\n", "")), rest
  end

  it("holds 256 MiB, and then not a byte more", function()
    assert.same({ 4, "full\n" },
      { filled { 64 * MIB, 64 * MIB, 64 * MIB, 64 * MIB, 1 } })
    assert.same({ 5, "" }, { filled { 64 * MIB, 64 * MIB, 64 * MIB, 64 * MIB - 1, 1 } })
  end)

  it("leaves room for a small one where a large one has none", function()
    assert.same({ 3, "full\nroom\n" },
      { filled { 64 * MIB, 64 * MIB, 64 * MIB, 64 * MIB + 1, 64 * MIB } })
  end)

  it("holds 1,024", function()
    local sizes = {}
    for i = 1, 1025 do sizes[i] = 1 end
    assert.same({ 1024, "full\n" }, { filled(sizes) })
  end)
end)
