-- docs/shark.md: its commands print what it says that they print, of the captures that it makes.

local console = require "spec.console"
local luapkt  = require "luapkt"
local support = require "spec.support"

local text = support.read_file "docs/shark.md"
local folder = support.tmpdir()

-- The blocks of Lua, run with files of the folder; what they print.
local function run_lua(block)
  local printed = {}
  local function note(...)
    local words = table.pack(...)
    for i = 1, words.n do words[i] = tostring(words[i]) end
    table.insert(printed, table.concat(words, " "))
  end
  local here = block:gsub('"([%w_]+%.pcap)"', function(name)
    return ("%q"):format(folder .. "/" .. name)
  end)
  local names = setmetatable({ print = note, luapkt = luapkt }, { __index = _G })
  assert(load(here, "=shark.md", "t", names))()
  return table.concat(printed, "\n")
end

describe("docs/shark.md", function()
  local blocks = {}
  for block in text:gmatch "\n```lua\n(.-)```" do blocks[#blocks + 1] = block end
  run_lua(blocks[1])

  for _, entry in ipairs(console.commands(text)) do
    it("shows what is printed by: " .. entry.command, function()
      assert.equal(entry.printed, console.run(folder, entry.command))
    end)
  end

  it("shows what the library prints", function()
    for _, block in ipairs(blocks) do
      local said = {}
      for line in block:gmatch "%-%->%s?([^\n]*)" do table.insert(said, line) end
      assert.equal(table.concat(said, "\n"), run_lua(block))
    end
  end)

  it("names every option", function()
    local help = console.run(folder, "luapkt shark --help")
    for short, long in help:gmatch "\n  (%-?%a?),? ?%-%-([%w-]+)" do
      local named = text:find("--" .. long, 1, true)
        or short ~= "" and (text:find("`" .. short, 1, true)
        or text:find(" " .. short .. " ", 1, true))
      local usual = ("help version home read numeric"):find(long, 1, true)
      assert.truthy(named or usual, long)
    end
  end)
end)
