-- Literals of Python, with the interpreter as the second opinion.

local python  = require "luapkt.python"
local support = require "spec.support"

-- What Python's repr makes of each of the texts, which are given as their hexadecimal digits.
local function by_python(texts, decode)
  local folder = support.tmpdir()
  local lines = {}
  for i, text in ipairs(texts) do
    lines[i] = text:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  end
  support.write_file(folder .. "/in", table.concat(lines, "\n"))
  support.write_file(folder .. "/repr.py", ([[
import sys
sys.stdout.reconfigure(encoding="utf-8")
for line in open(sys.argv[1]).read().split("\n"):
    print(repr(bytes.fromhex(line)%s))
]]):format(decode))
  local _, out = support.run(("python3 %s/repr.py %s/in"):format(folder, folder))
  local found = {}
  for line in out:gmatch "[^\n]*" do table.insert(found, line) end
  return found
end

describe("bytes as Python writes them", function()
  it("are those of repr", function()
    local texts = { "", "abc", "it's", 'say "x"', [[both ' and "]], [[back\slash]], [[\']] }
    for byte = 0, 255 do table.insert(texts, "a" .. string.char(byte) .. "b") end
    for i, literal in ipairs(by_python(texts, "")) do
      if texts[i] then assert.equal(literal, python.bytes(texts[i])) end
    end
  end)
end)

describe("text as Python writes it", function()
  it("is that of repr, where it is UTF-8", function()
    local texts = { "", "abc", "it's", 'say "x"', [[both ' and "]], "größe", "5 €", "a\tb\nc\rd\\",
                    "\0\1\31\127" }
    for i, literal in ipairs(by_python(texts, ".decode()")) do
      if texts[i] then assert.equal(literal, python.text(texts[i])) end
    end
  end)

  it("has other bytes escaped, and all of them where ASCII is asked for", function()
    assert.equal([['\xff\'"']], python.text "\xff'\"")
    assert.equal([['gr\xc3\xb6\xc3\x9fe']], python.ascii "größe")
  end)
end)
