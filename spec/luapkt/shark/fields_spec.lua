-- Columns: what stands between separators. Which values there are, spec/cli/shark_spec.lua tells.

local fields = require "luapkt.shark.fields"

local function line_of(text, ...)
  local line = assert(fields.compile({ "note", "number" }, assert(fields.settings { ... })))
  return line { about = { note = text, number = 7 } }
end

describe("a column", function()
  it("ends no column and no line", function()
    assert.equal("a\\tb\\nc\\rd\\\\e\\x00f\t7", line_of "a\tb\nc\rd\\e\0f")
  end)

  it("has quotes that end with it", function() -- RFC 4180 section 2
    assert.equal('"say ""x""","7"', line_of('say "x"', "quote=d", "separator=,"))
    assert.equal("'it''s' '7'", line_of("it's", "quote=s", "separator=/s"))
    assert.equal("it's 7", line_of("it's", "quote=n", "separator=/s"))
  end)

  it("is empty where there is nothing", function()
    assert.equal("\t7", line_of(nil))
    assert.equal('"","7"', line_of(nil, "quote=d", "separator=,"))
  end)

  it("has a name above it", function()
    local _, head = fields.compile({ "number", "IP.src!h" }, assert(fields.settings { "header=y" }))
    assert.equal("number\tIP.src!h\n", head)
    _, head = fields.compile({ "number" }, assert(fields.settings {}))
    assert.equal("", head)
  end)
end)
