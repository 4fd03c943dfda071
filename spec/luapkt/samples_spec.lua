-- Protocols tried on themselves before they are used, and what is said of those that fail.

local f        = require "luapkt.field"
local registry = require "luapkt.registry"
local samples  = require "luapkt.samples"

-- Try a protocol beside the two that every generation has: true, or nil and a message.
local function tried(members)
  local decl = { id = "X", file = "spec", fields = { f.u8 "n", f.bytes("text", { size = 4 }) } }
  for k, v in pairs(members) do decl[k] = v end
  return samples.try(assert(registry.compile {
    { id = "Raw", file = "spec", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw", file = "spec" },
    decl,
  }))
end

describe("a protocol", function()
  it("has a sample that can be built", function()
    assert.is_true(tried { sample = { n = 3, text = "abcd" } })
    for message, sample in pairs {
      ["X has no field 'm'"] = { m = 1 },
      ["X.n: 300 is out of range: 0 to 255"] = { n = 300 },
    } do
      local ok, why = tried { sample = sample }
      assert.is_nil(ok)
      assert.equal("spec:1: X: sample: " .. message, why)
    end
  end)

  it("reads what it builds", function()
    local ok, why = tried { fields = { f.bytes "rest", f.u8 "n" } }
    assert.is_nil(ok)
    assert.matches("^spec:1: X: built and read 8 times it is still not the same bytes$", why)
  end)
end)
