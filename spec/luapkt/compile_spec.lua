-- Mistakes in declarations, and how they are reported.

local f        = require "luapkt.field"
local registry = require "luapkt.registry"

-- Compile a protocol beside the two that every generation has: true, or false and a message.
local function compiled(members)
  local decl = { id = "X", file = "spec", fields = { f.u8 "n" } }
  for k, v in pairs(members) do decl[k] = v end
  local made, err = registry.compile {
    { id = "Raw", file = "spec", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw", file = "spec" },
    decl,
  }
  return made ~= nil, err
end

describe("'link'", function()
  local six = f.peek(0, 4):eq(6)

  it("is a link type, or a list of them, some with a condition", function()
    for _, link in ipairs { 0, 65535, { 1, 2 }, { 1, { 2, 3, when = six } } } do
      assert.is_true(compiled { link = link })
    end
  end)

  it("is nothing else", function()
    for shown, link in pairs { ["65536"] = 65536, ["-1"] = -1, ["1.5"] = 1.5, ether = "ether",
                               ["65537"] = { 1, { 65537, when = six } } } do
      local ok, err = compiled { link = link }
      assert.is_false(ok)
      assert.equal("spec:1: X: link: a link type, 0 to 65535, was expected, not " .. shown, err)
    end
  end)

  it("has rules for conditions", function()
    local ok, err = compiled { link = { { 1, when = "six" } } }
    assert.is_false(ok)
    assert.equal("spec:1: X: 'link.when' is a string, not a rule", err)
  end)
end)
