local json = require("luapkt.core").json

-- decode() refuses 'text', and this is what it says.
local function refusal(text)
  local value, err = json.decode(text)
  assert.is_nil(value)
  assert.is_table(err)
  return err.message, err.code
end

local function refused(text, message)
  local got, code = refusal(text)
  assert.equal("syntax", code)
  assert.equal(message, got)
end

-- 'text' comes back as it was.
local function kept(text) assert.equal(text, json.encode(json.decode(text))) end

describe("json.decode", function()
  it("reads the five kinds of simple values", function()
    assert.equal(json.null, json.decode "null")
    assert.is_true(json.decode "true")
    assert.is_false(json.decode " false\r\n")
    assert.equal(12, json.decode "\t12 ")
    assert.equal("x", json.decode [["x"]])
  end)

  it("reads arrays and objects", function()
    local value = json.decode [[ { "a" : [ 1 , {"b":[]} , "" ] , "" : null } ]]
    assert.equal(1, value.a[1])
    assert.equal(0, #value.a[2].b)
    assert.equal("", value.a[3])
    assert.equal(json.null, value[""])
  end)

  it("keeps a null member apart from a missing one", function()
    local value = json.decode [[{"a":null}]]
    assert.equal(json.null, value.a)
    assert.is_nil(value.b)
  end)

  describe("numbers", function()
    it("keeps integers exact to 64 bits", function()
      assert.equal(math.maxinteger, json.decode "9223372036854775807")
      assert.equal(math.mininteger, json.decode "-9223372036854775808")
      assert.equal("integer", math.type(json.decode "9007199254740993"))
      assert.equal("18446744073709551615", tostring(json.decode "18446744073709551615"))
      assert.equal("-18446744073709551615", tostring(json.decode "-18446744073709551615"))
      assert.equal(json.decode "9223372036854775808", json.u64 "9223372036854775808")
      assert.not_equal(json.decode "9223372036854775808", json.decode "-9223372036854775809")
    end)

    it("makes larger integers reals", function()
      assert.equal(18446744073709551616.0, json.decode "18446744073709551616")
      assert.equal(-1e30, json.decode "-1000000000000000000000000000000")
    end)

    it("makes what has a point or an exponent a real", function()
      for text, want in pairs {
        ["1.0"] = 1.0, ["1e3"] = 1000.0, ["1E+2"] = 100.0, ["-0.5"] = -0.5, ["0e1"] = 0.0,
        ["123.456e-2"] = 1.23456, ["4.9e-324"] = 4.9e-324, ["1e-400"] = 0.0,
        ["1.7976931348623157e308"] = 1.7976931348623157e308,
        ["0." .. ("3"):rep(200)] = 1 / 3,
      } do
        local got = json.decode(text)
        assert.equal("float", math.type(got))
        assert.equal(want, got)
      end
    end)

    it("reads -0 as the integer 0, -0.0 as a real", function()
      assert.equal("0", json.encode(json.decode "-0"))
      assert.equal("-0.0", json.encode(json.decode "-0.0"))
    end)

    it("refuses what RFC 8259 section 6 doesn't have", function()
      refused("+1", "line 1 column 1: expected a value")
      refused(".5", "line 1 column 1: expected a value")
      refused("1.", "line 1 column 3: expected a digit")
      refused("[1.]", "line 1 column 4: expected a digit")
      refused("1.e1", "line 1 column 3: expected a digit")
      refused("1e", "line 1 column 3: expected a digit")
      refused("1e+", "line 1 column 4: expected a digit")
      refused("-", "line 1 column 2: expected a digit")
      refused("-x", "line 1 column 2: expected a digit")
      refused("01", "line 1 column 1: number with a leading zero")
      refused("-00", "line 1 column 2: number with a leading zero")
      refused("0x1F", "line 1 column 2: text after the value")
      refused("1_000", "line 1 column 2: text after the value")
      refused("NaN", "line 1 column 1: expected a value")
      refused("Infinity", "line 1 column 1: expected a value")
      refused("-Infinity", "line 1 column 2: expected a digit")
      refused("1e400", "line 1 column 1: number too large")
      refused("[" .. ("9"):rep(400) .. "]", "line 1 column 2: number too large")
    end)

    it("is not led astray by the locale", function()
      local before = os.setlocale(nil, "numeric")
      for _, name in ipairs { "de_DE.UTF-8", "fr_FR.UTF-8" } do  -- where they are installed
        os.setlocale(name, "numeric")
      end
      assert.equal("[0.5,1.5e-07]", json.encode(json.decode "[0.5,1.5e-7]"))
      os.setlocale(before, "numeric")
    end)
  end)

  describe("strings", function()
    it("reads every escape", function()
      assert.equal('"\\/\b\f\n\r\t', json.decode [["\"\\\/\b\f\n\r\t"]])
      assert.equal("A\0\u{e9}\u{20ac}\u{ffff}", json.decode [["\u0041\u0000\u00E9\u20aC\uffff"]])
      assert.equal("\u{1f600}\u{10ffff}", json.decode [["\ud83d\ude00\uDBFF\uDFFF"]])
      assert.equal("\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{10000}",
        json.decode [["\u007f\u0080\u07ff\u0800\ud7ff\ue000\ud800\udc00"]])
      assert.equal("plain before \n and after", json.decode [["plain before \n and after"]])
    end)

    it("keeps strings with escapes apart", function()
      local list = json.decode [=[["\"aaaaaaaaaaaaaaaa", "\"bbbbbbbbbbbbbbbb", "\\\"c\\"]]=]
      assert.same({ '"aaaaaaaaaaaaaaaa', '"bbbbbbbbbbbbbbbb', '\\"c\\' }, { table.unpack(list) })
    end)

    it("reads UTF-8 of all lengths, DEL and non-characters", function()
      for _, s in ipairs { "\u{80}", "\u{7ff}", "\u{800}", "\u{d7ff}", "\u{e000}", "\u{ffff}",
                           "\u{10000}", "\u{10ffff}", "\x7f", "\u{2028}" } do
        assert.equal(s, json.decode('"' .. s .. '"'))
        assert.equal("1234567" .. s .. "12345678", json.decode('"1234567' .. s .. '12345678"'))
      end
    end)

    it("finds the end of a string at every length", function()
      for n = 0, 40 do
        local s = ("s"):rep(n)
        assert.equal(s, json.decode('"' .. s .. '"'))
        assert.equal(s .. "\n" .. s, json.decode('"' .. s .. "\\n" .. s .. '"'))
        refused('"' .. s, "line 1 column 1: string without an end")
        refused('"' .. s .. "\1" .. s .. '"',
          ("line 1 column %d: control character in a string"):format(n + 2))
      end
    end)

    it("refuses control characters", function()
      for c = 0, 31 do
        refused('["' .. string.char(c) .. '"]', "line 1 column 3: control character in a string")
        refused('["1234' .. string.char(c) .. '678901234567"]',
          "line 1 column 7: control character in a string")
      end
    end)

    it("refuses invalid UTF-8", function()
      for _, bytes in ipairs {
        "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff", "\xe9",
        "\xe2\x82\x7f", "\xe2\x82\xc0", "\xf0\x90\xc0\x80", "\xf0\x90\x80\xc0",
      } do
        refused('"' .. bytes .. '"', "line 1 column 2: invalid UTF-8")
        refused('"\\n' .. bytes .. '"', "line 1 column 4: invalid UTF-8")
      end
      refused('"a\xc3', "line 1 column 3: invalid UTF-8")
    end)

    it("refuses wrong escapes and lone surrogates", function()
      refused([["\x41"]], "line 1 column 2: unknown escape")
      refused([["\u12"]], "line 1 column 2: expected four hex digits after \\u")
      refused([["\u12g4"]], "line 1 column 2: expected four hex digits after \\u")
      refused([["\U0041"]], "line 1 column 2: unknown escape")
      refused([["ab\ud800"]], "line 1 column 4: lone surrogate")
      refused([["\udc00"]], "line 1 column 2: lone surrogate")
      refused([["\ud800\u0041"]], "line 1 column 2: lone surrogate")
      refused([["\ud800\ud800"]], "line 1 column 2: lone surrogate")
      refused([["\ud800x"]], "line 1 column 2: lone surrogate")
      refused([["\ud800\ndc00"]], "line 1 column 2: lone surrogate")
      refused([["\udc00\udc00"]], "line 1 column 2: lone surrogate")
      refused([["\udfff"]], "line 1 column 2: lone surrogate")
      refused([["\ud83d\ude00]], "line 1 column 1: string without an end")
      refused('"\\', "line 1 column 2: unknown escape")
      refused('"\\"', "line 1 column 1: string without an end")
      refused('"\\u00', "line 1 column 2: expected four hex digits after \\u")
      refused("'x'", "line 1 column 1: expected a value")
    end)
  end)

  describe("structure", function()
    it("says what it expected, and where", function()
      refused("", "line 1 column 1: expected a value")
      refused("  \n ", "line 2 column 2: expected a value")
      refused("[", "line 1 column 2: expected a value")
      refused("[1", "line 1 column 3: expected ',' or ']'")
      refused("[1 2]", "line 1 column 4: expected ',' or ']'")
      refused("[1,]", "line 1 column 4: expected a value")
      refused("[,1]", "line 1 column 2: expected a value")
      refused("[1}", "line 1 column 3: expected ',' or ']'")
      refused("]", "line 1 column 1: expected a value")
      refused("{", "line 1 column 2: expected a key in quotes")
      refused("{a:1}", "line 1 column 2: expected a key in quotes")
      refused("{1:1}", "line 1 column 2: expected a key in quotes")
      refused('{"a"}', "line 1 column 5: expected ':'")
      refused('{"a" 1}', "line 1 column 6: expected ':'")
      refused('{"a":}', "line 1 column 6: expected a value")
      refused('{"a":1,}', "line 1 column 8: expected a key in quotes")
      refused('{"a":1 "b":2}', "line 1 column 8: expected ',' or '}'")
      refused('{"a":1]', "line 1 column 7: expected ',' or '}'")
      refused("tru", "line 1 column 1: expected a value")
      refused("True", "line 1 column 1: expected a value")
      refused("nul", "line 1 column 1: expected a value")
      refused("[1] x", "line 1 column 5: text after the value")
      refused("{} {}", "line 1 column 4: text after the value")
      refused("1\0", "line 1 column 2: text after the value")
      refused("[1,/* */2]", "line 1 column 4: expected a value")
      refused("\xef\xbb\xbf{}", "line 1 column 1: byte order mark, expected a value")
      refused("\xef\xbb\xbf", "line 1 column 1: byte order mark, expected a value")
      refused("\v1", "line 1 column 1: expected a value")
      refused("\u{a0}1", "line 1 column 1: expected a value")
    end)

    it("counts lines, and columns in characters", function()
      refused('{\n  "a": "\u{e9}\u{20ac}" x}', "line 2 column 13: expected ',' or '}'")
      refused("[1,\r\n\r\n2,,", "line 3 column 3: expected a value")
    end)

    it("refuses every beginning of a text", function()
      local text = [[{"a":[1,-2.5e+3,"\u00e9\n",{"b":true}],"c":[null,false]}]]
      assert.is_table(json.decode(text))
      for n = 0, #text - 1 do refusal(text:sub(1, n)) end
    end)

    it("takes 64 levels and no more", function()
      assert.is_table(json.decode(("["):rep(64) .. ("]"):rep(64)))
      assert.is_table(json.decode(('{"a":'):rep(64) .. "1" .. ("}"):rep(64)))
      local message, code = refusal(("["):rep(65) .. ("]"):rep(65))
      assert.equal("line 1 column 65: nested deeper than 64", message)
      assert.equal("limit", code)
      message, code = refusal(("["):rep(1000000))
      assert.equal("line 1 column 65: nested deeper than 64", message)
      assert.equal("limit", code)
    end)
  end)

  it("takes 64 MiB of text and no more", function()
    local most = ("x"):rep(1 << 20):rep(64)
    refused(most, "line 1 column 1: expected a value")
    local message, code = refusal(most .. "x")
    assert.equal("67108865 bytes of text, at most 67108864 are read", message)
    assert.equal("limit", code)
  end)

  describe("duplicate keys", function()
    it("are refused, however they are written", function()
      refused('{"a":1,"a":2}', 'line 1 column 8: duplicate key "a"')
      refused('{"":1,"":2}', 'line 1 column 7: duplicate key ""')
      refused([[{"a":1,"\u0061":2}]], 'line 1 column 18: duplicate key "a"')
      refused('[{"b":{"a":1,\n"a":2}}]', 'line 2 column 1: duplicate key "a"')
    end)

    it("may stand in different objects", function()
      kept '[{"a":{"a":1}},{"a":2}]'
    end)

    it("are found among many", function()
      for _, n in ipairs { 2, 11, 12, 13, 16, 17, 33, 1000, 100000 } do
        local parts = {}
        for i = 1, n do parts[i] = ('"k%d":0'):format(i) end
        local text = table.concat(parts, ",")
        assert.is_table(json.decode("{" .. text .. "}"))
        for _, twin in ipairs { 1, n // 2 + 1, n } do
          refused(("{%s,\n\"k%d\":0}"):format(text, twin),
            ('line 2 column 1: duplicate key "k%d"'):format(twin))
        end
      end
    end)

    it("are found in good time, also when they start alike", function()
      local parts, prefix = {}, ("x"):rep(200)
      for i = 1, 100000 do parts[i] = ('"%s%d":0'):format(prefix, i) end
      local text = "{" .. table.concat(parts, ",") .. "}"
      local start = os.clock()
      assert.is_table(json.decode(text))
      assert.is_true(os.clock() - start < 5)
    end)
  end)

  it("takes long arrays", function()
    local parts = {}
    for i = 1, 50000 do parts[i] = ("[%d]"):format(i) end
    local value = json.decode("[" .. table.concat(parts, ",") .. "]")
    assert.equal(50000, #value)
    for _, i in ipairs { 1, 255, 256, 257, 49999, 50000 } do assert.equal(i, value[i][1]) end
  end)

  it("wants text", function()
    assert.error_matches(function() json.decode() end, "bad argument #1")
    assert.error_matches(function() json.decode {} end, "bad argument #1")
  end)
end)

describe("json.encode", function()
  it("gives back what decode read", function()
    for _, text in ipairs {
      "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808",
      "9223372036854775808", "18446744073709551615", "-18446744073709551615", "1.0", "-0.0", "0.1",
      "1e+20", "5e-324", "1000000000000000.0", "1e+16",
      "1.7976931348623157e+308", "0.30000000000000004", '""',
      '"\u{e9}"', "[]", "{}", "[[],{}]", '{"a":[],"b":{}}', "[null]", '[1,"1",1.0]',
    } do kept(text) end
  end)

  it("tells arrays and objects apart", function()
    assert.equal("{}", json.encode {})
    assert.equal("[]", json.encode(json.array {}))
    assert.equal("[]", json.encode(json.array()))
    assert.equal("[1,2]", json.encode { 1, 2 })
    assert.equal(json.array_mt, getmetatable(json.decode "[]"))
    assert.is_nil(getmetatable(json.decode "{}"))
    assert.equal("[]", json.encode(setmetatable({}, json.array_mt)))
  end)

  it("puts keys in the order of their bytes", function()
    assert.equal('{"":0,"A":1,"a":2,"a\\u0000":3,"aa":4,"b":5,"\u{e9}":6}',
      json.encode { b = 5, aa = 4, a = 2, A = 1, [""] = 0, ["a\0"] = 3, ["\u{e9}"] = 6 })
    local many, want = {}, {}
    for i = 1, 1000 do
      many[("k%04d"):format(i)] = i
      want[i] = ('"k%04d":%d'):format(i, i)
    end
    assert.equal("{" .. table.concat(want, ",") .. "}", json.encode(many))
  end)

  it("escapes what must be, and nothing else", function()
    assert.equal([["\"\\/\b\f\n\r\t\u0000\u001f]] .. '\x7f\u{2028}"',
      json.encode "\"\\/\b\f\n\r\t\0\31\x7f\u{2028}")
    for n = 0, 20 do
      local s = ("s"):rep(n)
      assert.equal('"' .. s .. "\\n" .. s .. '"', json.encode(s .. "\n" .. s))
    end
  end)

  it("lets no invalid UTF-8 out", function()
    assert.equal('"a\u{fffd}b"', json.encode "a\xffb")
    assert.equal('"\u{fffd}\u{fffd}"', json.encode "\xc3\xc3")
    assert.equal('"\u{fffd}\u{fffd}\u{fffd}"', json.encode "\xed\xa0\x80")
  end)

  it("writes reals in the shortest form that reads back", function()
    for _, case in ipairs { { 0.1, "0.1" }, { 1 / 3, "0.3333333333333333" }, { 100.0, "100.0" },
                            { 1e100, "1e+100" }, { 2.0 ^ 53, "9007199254740992.0" } } do
      assert.equal(case[2], json.encode(case[1]))
      assert.equal(case[1], json.decode(json.encode(case[1])))
    end
  end)

  it("writes NaN and infinities as null", function()
    assert.equal("[null,null,null]", json.encode { 0 / 0, 1 / 0, -1 / 0 })
  end)

  it("writes nil and json.null as null", function()
    assert.equal("null", json.encode(nil))
    assert.equal('{"a":null}', json.encode { a = json.null })
  end)

  it("refuses what has no JSON form", function()
    assert.error_matches(function() json.encode(print) end, "a function has no JSON form")
    assert.error_matches(function() json.encode { { a = print } } end, "a function has no JSON")
    assert.error_matches(function() json.encode(coroutine.create(print)) end, "a thread has no")
    assert.error_matches(function() json.encode(io.stdout) end, "has no JSON form")
    local light = debug.upvalueid(function() return json end, 1)
    assert.error_matches(function() json.encode(light) end, "a userdata has no JSON form")
    assert.error_matches(function() json.encode() end, "bad argument #1")
  end)

  it("refuses tables that are neither array nor object", function()
    for _, t in ipairs { { 1, a = 2 }, { [2] = 1 }, { [1.5] = 1 }, { [true] = 1 }, { [0] = 1, 2 },
                         { 1, [3] = 3 }, json.array { a = 1 }, { [json.null] = 1 } } do
      assert.error_matches(function() json.encode(t) end, "bad argument #1")
    end
    assert.error_matches(function() json.encode { 1, a = 2 } end, "both items and string keys")
    assert.error_matches(function() json.encode { [true] = 1 } end, "a boolean as key")
    for _, t in ipairs { { [0] = 1 }, { [0] = 1, 2 }, { [2] = 1 }, { [-1] = 1 } } do
      assert.error_matches(function() json.encode(t) end, "a number as key, expected strings, or 1")
    end
    assert.error_matches(function() json.encode { 1, nil, 3 } end, "an array with holes")
  end)

  it("refuses tables within themselves, and over 64 levels", function()
    local loop = {}
    loop.a = { loop }
    assert.error_matches(function() json.encode(loop) end, "nested deeper than 64")
    local deep = json.array {}
    for _ = 2, 64 do deep = { deep } end
    assert.equal(("["):rep(64) .. ("]"):rep(64), json.encode(deep))
    assert.error_matches(function() json.encode { deep } end, "nested deeper than 64")
    assert.equal("[" .. ("{},"):rep(99) .. "{}]",
      json.encode(json.decode("[" .. ("{},"):rep(99) .. "{}]")))
  end)

  it("runs no metamethods", function()
    local t = setmetatable({ a = 1 }, {
      __index = error, __len = error, __pairs = error, __tostring = error,
    })
    assert.equal('{"a":1}', json.encode(t))
  end)
end)

describe("json.u64", function()
  it("is a Lua integer where it fits", function()
    assert.equal(5, json.u64 "5")
    assert.equal(math.mininteger, json.u64 "-9223372036854775808")
    assert.equal("userdata", type(json.u64 "9223372036854775808"))
  end)

  it("equals by value", function()
    assert.is_true(json.u64 "18446744073709551615" == json.u64 "18446744073709551615")
    assert.is_false(json.u64 "18446744073709551615" == json.u64 "18446744073709551614")
    assert.is_false(json.u64 "18446744073709551615" == json.u64 "-18446744073709551615")
  end)

  it("refuses what is no such integer", function()
    for _, text in ipairs { "", "x", "1.0", "18446744073709551616", "[]", "null", "0x10" } do
      assert.error_matches(function() json.u64(text) end, "bad argument #1")
    end
  end)
end)
