-- The lines that mistakes in protocol files are said to be in.

local registry = require "luapkt.registry"
local samples  = require "luapkt.samples"
local support  = require "spec.support"

local folder = support.tmpdir()
support.write_file(folder .. "/basic.lua", [[
local f = require "luapkt.field"
return {
  { id = "Raw", fields = { f.bytes "load" } },
  { id = "Padding", base = "Raw" },
  { id = "Low", fields = { f.u8 "kind", f.layers("items", { of = "Item" }) } },
  { id = "Item", fields = { f.u8 "code" } },
}
]])

-- Load a file with this text beside those protocols: its mistake.
local function mistake_of(text)
  support.write_file(folder .. "/mine.lua", text)
  local made, err = registry.load { folder }
  if made then made, err = samples.try(made) end
  assert.is_nil(made)
  return (err:gsub("^[^:]*/mine.lua", "mine.lua"))
end

-- Two declarations; the second has these members, from line 10 on.
local function members(text)
  return mistake_of(([[
local f = require "luapkt.field"

return {
  {
    id     = "First",
    over   = { Low = { kind = 1 } }, -- next = none
    fields = { f.u8 "a" },
  },
  {
%s
    fields = {
      f.u8 "n",
    },
  },
}
]]):format(text))
end

describe("the line of a mistake", function()
  it("is that of the member", function()
    assert.equal("mine.lua:12: X: unknown member 'titel'",
      members '    id    = "X",\n\n    titel = "X",\n')
    assert.equal("mine.lua:11: X: 'title' is a number, not a string",
      members '    id    = "X",\n    title = 5,\n')
    assert.equal("mine.lua:11: X: fallback names 'Nope', which is no protocol",
      members '    id = "X",\n    fallback = "Nope",\n')
    assert.equal("mine.lua:12: X: next: there is no protocol 'Nope'",
      members '    id   = "X",\n    next = {\n      { id = "Nope" },\n    },\n')
    assert.equal("mine.lua:12: X: 'extent' is a string, not a rule",
      members '    id     = "X",\n    next   = { { id = "Raw" } },\n    extent = "n",\n')
    assert.equal("mine.lua:11: X: 'extent' is a string, not a rule",
      members '    id     = "X",\n    extent = "n",\n')
    assert.equal("mine.lua:11: X: base: there is no protocol 'Lwo'",
      members '    id   = "X",\n    base = "Lwo",\n')
  end)

  it("is that of the lower protocol in 'over'", function()
    local over = '    id   = "X",\n    over = {\n      Raw = { load = "x" },\n      %s,\n    },\n'
    for mistake, line in pairs {
      ["Low has no field 'knd'"] = "Low = { knd = 1 }",
      ["over: Low.kind can't be 256"] = "Low = { kind = 256 }",
      ["over.Low is a number, not a table"] = "Low = 5",
      ["over.Low: a rank of 0 to 65535 was expected, not -1"] = "Low = { kind = 1, rank = -1 }",
      ["over: there is no protocol 'Lwo'"] = "Lwo = { kind = 1 }",
      ["over: Low has no list of layers 'itms'"] = '["Low.itms"] = { code = 1 }',
    } do
      assert.equal("mine.lua:13: X: " .. mistake, members(over:format(line)))
    end
    local wanted = "over: a table by protocol was expected, as { Low = ... }, not a list"
    assert.equal("mine.lua:11: X: " .. wanted,
      members '    id   = "X",\n    over = { "Low" },\n')
  end)

  it("is that of the id for what no member has", function()
    assert.equal("mine.lua:11: X: the id is taken by " .. folder:match "[^/]*$" .. "/mine.lua",
      (mistake_of [[
local f = require "luapkt.field"
local function one(id, width) return { id = id, fields = { f["u" .. width] "n" } } end

return {
  one("X", 8),




  {
    id     = "X",
    fields = { f.u8 "n" },
  },
}
]]))
    assert.equal("mine.lua:11: X: built and read 8 times it is still not the same bytes",
      mistake_of [[
local f = require "luapkt.field"

-- What precedes it.




return {
  title  = "Of no kind",

  id     = "X",
  fields = {
    f.bytes "rest",
    f.u8 "n",
  },
}
]])
  end)

  it("is that of its first field where a function makes it", function()
    assert.equal("mine.lua:2: X: fallback names 'Nope', which is no protocol", mistake_of [[
local f = require "luapkt.field"
local fields = { f.u8 "n" }
local function one(id) return { id = id, fallback = "Nope", fields = fields } end
return { one("X") }
]])
  end)
end)
