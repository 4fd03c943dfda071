-- tools/manual/usage: what a usage line says.

local usage = require "tools.manual.usage"

-- The forms as text again, choices divided by '/', with marks: ? optional, + repeated, = literal,
-- - option.
local function read(line)
  local forms, has_options = usage.read(line)
  local shown = {}
  for i, form in ipairs(forms) do
    local items = {}
    for j, item in ipairs(form) do
      items[j] = table.concat(item.choices, "/") .. (item.optional and "?" or "")
        .. (item.repeated and "+" or "") .. (item.literal and "=" or "")
        .. (item.option and "-" or "")
    end
    shown[i] = table.concat(items, " ")
  end
  return shown, has_options
end

describe("a usage line", function()
  it("has words that stand for what is given, and words that are given so", function()
    assert.same({ "send= IFACE SRC" }, (read "send IFACE SRC"))
  end)

  it("has options, or none", function()
    assert.is_true(select(2, read "[OPTION...] ID"))
    assert.is_false(select(2, read "ID"))
    assert.same({ "" }, (read "[OPTION...]"))
  end)

  it("says what may be left out, be repeated, and be chosen among", function()
    assert.same({ "METHOD JSON/@FILE/base64:FILE?+" }, (read "METHOD [JSON|@FILE|base64:FILE...]"))
    assert.same({ "TEMPLATE/MODEL.json" }, (read "TEMPLATE|MODEL.json"))
  end)

  it("has forms", function()
    assert.same({ "IFACE SRC", "--packet- SOURCE IFACE", "--list-" },
      (read "[OPTION...] IFACE SRC | --packet SOURCE IFACE | --list"))
  end)
end)
