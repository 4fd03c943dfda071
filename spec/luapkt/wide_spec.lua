-- Whole numbers of 64 bits and a sign.

local core = require "luapkt.core"
local wide = require "luapkt.wide"

local LARGEST = "18446744073709551615" -- 2^64 - 1

local function n(text) return assert(wide.read(text), text) end

describe("a wide number", function()
  it("is read from decimal and hex, with a sign", function()
    for text, shown in pairs {
      ["0"] = "0", ["007"] = "7", ["+5"] = "5", ["-5"] = "-5", ["-0"] = "0", ["0x1F"] = "31",
      ["0X1f"] = "31", ["-0x10"] = "-16", ["0x000000000000000000ff"] = "255",
      ["9223372036854775807"] = "9223372036854775807",
      ["9223372036854775808"] = "9223372036854775808",
      [LARGEST] = LARGEST, ["-" .. LARGEST] = "-" .. LARGEST, ["0xffffffffffffffff"] = LARGEST,
    } do
      assert.equal(shown, tostring(n(text)))
    end
  end)

  it("is read from nothing else", function()
    for _, text in ipairs { "", " ", "1 ", "1.0", "1e3", "0x", "x", "ff", "--1", "1_000", "0b1" } do
      assert.is_nil(wide.read(text))
    end
  end)

  it("is kept as far as a message needs it where it is larger", function()
    for _, text in ipairs { "18446744073709551616", "99999999999999999999", ("9"):rep(40) } do
      assert.is_true(n(text).huge)
      assert.equal(text, tostring(n(text)))
    end
    assert.is_true(n("0x10000000000000000").huge)
    assert.is_nil(n(LARGEST).huge)
  end)

  it("is a Lua integer, or one of JSON's, and is given back as that", function()
    for _, v in ipairs { 0, 1, -1, math.maxinteger, math.mininteger, core.json.u64(LARGEST) } do
      assert.equal(v, wide.of(v):json())
    end
    for _, v in ipairs { 1.0, "1", true, core.json.null, {} } do assert.is_nil(wide.of(v)) end
    assert.is_nil(wide.of(nil))
  end)

  it("is less than another by value", function()
    local order = {
      "-99999999999999999999", "-" .. LARGEST, "-9223372036854775809", "-1", "0", "1",
      "9223372036854775807", "9223372036854775808", LARGEST, "18446744073709551616",
    }
    for i, a in ipairs(order) do
      for k, b in ipairs(order) do assert.equal(i < k, n(a) < n(b), a .. " < " .. b) end
    end
  end)

  it("has a largest one for each size", function()
    assert.equal("255", tostring(wide.largest(1)))
    assert.equal("4294967295", tostring(wide.largest(4)))
    assert.equal(LARGEST, tostring(wide.largest(8)))
  end)

  it("is added and subtracted within bounds", function()
    assert.equal("7", tostring(wide.sum(n "3", n "4", n "7")))
    assert.is_nil(wide.sum(n "3", n "5", n "7"))
    assert.equal(LARGEST, tostring(wide.sum(n "18446744073709551614", n "1", n(LARGEST))))
    assert.is_nil(wide.sum(n(LARGEST), n "1", n(LARGEST)))
    assert.is_nil(wide.sum(n "8", n "0", n "7"))
    assert.equal("1", tostring(wide.difference(n "4", n "3")))
    assert.is_nil(wide.difference(n "3", n "4"))
  end)

  it("says what a range lacks to be a multiple of a step", function()
    -- from, to, step; computed with Python's integers
    for _, case in ipairs {
      { "0", "255", "1", "0" }, { "0", "10", "3", "1" }, { "0", "11", "3", "0" },
      { "5", "5", "7", "6" }, { "0", LARGEST, "2", "0" }, { "0", LARGEST, "3", "2" },
      { "0", "18446744073709551614", "1000", "385" },
      { "0", LARGEST, LARGEST, "18446744073709551614" },
      { "1", LARGEST, LARGEST, "0" }, { "0", "1", LARGEST, "18446744073709551613" },
      { "0", "18446744073709551614", "9223372036854775809", "3" },
    } do
      local padding = wide.padding(n(case[1]), n(case[2]), n(case[3]))
      assert.equal(case[4], tostring(padding), table.concat(case, " "))
    end
  end)
end)
