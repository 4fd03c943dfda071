local core = require "luapkt.core"
local json, read = core.json, core.literal.read
local null = json.null
local rep = string.rep

-- The values expected here are what Python 3.11 makes of the same text.
local function same(cases)
  for _, case in ipairs(cases) do
    local value, err = read(case[1])
    assert.same(case[2], value, case[1] .. ": " .. (err and err.message or "another value"))
    assert.equal(math.type(case[2]), math.type(value), case[1])
  end
end

-- Each text fails with this code; where a message goes with it, with that message.
local function fails(code, cases)
  for _, case in ipairs(cases) do
    local text, message = case, nil
    if type(case) == "table" then text, message = case[1], case[2] end
    local value, err = read(text)
    assert.is_nil(value, text)
    assert.equal(code, err.code, text .. ": " .. err.message)
    if message then assert.equal(message, err.message) end
  end
end

describe("literal.read", function()
  it("reads one simple value", function()
    same {
      { [[None]], null },
      { [[True]], true },
      { [[ False ]], false },
      { [[5]], 5 },
      { [['a']], "a" },
      { [["a"]], "a" },
      { [[b'a']], "a" },
      { [[()]], {} },
      { [=[[]]=], {} },
      { [[{}]], {} },
    }
  end)

  it("reads integers, exact to 64 bits", function()
    same {
      { [[0]], 0 },
      { [[-5]], -5 },
      { [[--5]], 5 },
      { [[+5]], 5 },
      { [[0x1F]], 31 },
      { [[0XfF]], 255 },
      { [[0o17]], 15 },
      { [[0b101]], 5 },
      { [[1_000]], 1000 },
      { [[0x_1f]], 31 },
      { [[00]], 0 },
      { [[0_0]], 0 },
      { [[-0]], 0 },
      { [[18446744073709551615]], json.u64 "18446744073709551615" },
      { [[-18446744073709551615]], json.u64 "-18446744073709551615" },
    }
  end)

  it("reads reals", function()
    same {
      { [[1.5]], 1.5 },
      { [[1e3]], 1000.0 },
      { [[1E-2]], 0.01 },
      { [[.5]], 0.5 },
      { [[5.]], 5.0 },
      { [[1_0.2_5e-1_0]], 1.025e-09 },
      { [[00.5]], 0.5 },
      { [[01e1]], 10.0 },
      { [[-1.5]], -1.5 },
      { [[1.7976931348623157e308]], 1.7976931348623157e+308 },
      { [[5e-324]], 5e-324 },
    }
  end)

  it("reads text", function()
    same {
      { [['\x41\n']], "A\n" },
      { [['\xe9\101\0']], "\xc3\xa9A\x00" },
      { [['\u00e9\U0001f600']], "\xc3\xa9\xf0\x9f\x98\x80" },
      { [['\q\\\'\"']], "\\q\\'\"" },
      { [[r'\d\'']], "\\d\\'" },
      { [[u'a' 'b'  R'\c']], "ab\\c" },
      { [['hé']], "h\xc3\xa9" },
      { [['\400']], "\xc4\x80" },
      { "'a\\\nb'", "ab" },
      { "'''a\n'b''c'''", "a\n'b''c" },
      { "\"\"\"a\r\nb\rc\"\"\"", "a\nb\nc" },
      { [[""]], "" },
      { "'\t'", "\t" },
      { [['\a\b\f\n\r\t\v']], "\x07\x08\x0c\n\x0d\t\x0b" },
    }
  end)

  it("reads bytes", function()
    same {
      { [[b'\x00\xff']], "\x00\xff" },
      { [[b'\u0041\N']], "\\u0041\\N" },
      { [[rb'\x00' bR'\d']], "\\x00\\d" },
      { [[b'\400\377']], "\x00\xff" },
      { [[B"""a"b"""]], "a\"b" },
      { [[b'']], "" },
    }
  end)

  it("reads lists and tuples as arrays", function()
    same {
      { [=[[1, 2]]=], { 1, 2 } },
      { [[(1, 2)]], { 1, 2 } },
      { [[(1,)]], { 1 } },
      { [[1, 2]], { 1, 2 } },
      { [[1,]], { 1 } },
      { [=[[1, 2,]]=], { 1, 2 } },
      { "[\n 1,\r\n 2\n]", { 1, 2 } },
      { [=[[[], ()]]=], { {}, {} } },
      { [=[[('MSS', 1460), ('NOP', None), ('SAckOK', b'')]]=],
        { { "MSS", 1460 }, { "NOP", null }, { "SAckOK", "" } } },
      { [[(1)]], 1 },
      { [[((1))]], 1 },
    }
  end)

  it("reads maps, the last of equal keys winning", function()
    same {
      { [[{'a': 1}]], { ["a"] = 1 } },
      { [[{'a': [1], 'b': {'c': None},}]], { ["a"] = { 1 }, ["b"] = { ["c"] = null } } },
      { [[{'a': 1, 'b': 2, 'a': 3}]], { ["a"] = 3, ["b"] = 2 } },
    }
  end)

  it("works out numbers as Python does", function()
    same {
      { [[1+2*3]], 7 },
      { [[(1+2)*3]], 9 },
      { [[7/2]], 3.5 },
      { [[4/2]], 2.0 },
      { [[1-2-3]], -4 },
      { [[8/4/2]], 1.0 },
      { [[2*-3]], -6 },
      { [[0x10+1]], 17 },
      { [[1.5+1]], 2.5 },
      { [[1-0.5]], 0.5 },
      { [[True+True]], 2 },
      { [[-True]], -1 },
      { [[3*1.5]], 4.5 },
      { [[18446744073709551615-1]], json.u64 "18446744073709551614" },
      { [[18446744073709551615/3]], 6.148914691236517e+18 },
      { [[12345678901234567891/7]], 1.763668414462081e+18 },
      { [[1/3]], 0.3333333333333333 },
      { [[0/-5]], -0.0 },
      { [[18446744073709551615*1.0]], 1.8446744073709552e+19 },
      { [[10000000000000000000+8446744073709551615]], json.u64 "18446744073709551615" },
      { [[-18446744073709551615/18446744073709551614]], -1.0 },
    }
  end)

  it("joins and repeats", function()
    same {
      { [['a'+'b']], "ab" },
      { [[b'a'+b'b']], "ab" },
      { [=[[1]+[2]]=], { 1, 2 } },
      { [[[('NOP',None)]*3]], { { "NOP", null }, { "NOP", null }, { "NOP", null } } },
      { [[3*'ab']], "ababab" },
      { [[b'\x00\x01' * 4]], "\x00\x01\x00\x01\x00\x01\x00\x01" },
      { [['a'*3+'.com']], "aaa.com" },
      { [[[1]*0]], {} },
      { [['a'*-1]], "" },
      { [[[0]*True]], { 0 } },
      { [[[1, 2]*2]], { 1, 2, 1, 2 } },
    }
  end)

  it("tells an empty list from an empty map", function()
    assert.equal("[]", json.encode(read "()"))
    assert.equal("{}", json.encode(read "{}"))
  end)

  it("reads a call as a layer", function()
    same {
      { "DNSQR()", { id = "DNSQR", fields = {} } },
      { "DNSQR(qname='x.org', qtype = 1,)",
        { id = "DNSQR", fields = { qname = "x.org", qtype = 1 } } },
      { "IPOption (b'\\x83', 2, value=None)",
        { id = "IPOption", fields = { "\x83", 2, value = null } } },
      { "[IPOption_RR(routers=['1.1.1.1'],pointer=4)]",
        { { id = "IPOption_RR", fields = { routers = { "1.1.1.1" }, pointer = 4 } } } },
      { "range(1, 3)", { id = "range", fields = { 1, 3 } } },
      { "bytes(range(5))", { id = "bytes", fields = { { id = "range", fields = { 5 } } } } },
    }
  end)

  it("stacks calls from left to right", function()
    local b = { id = "B", fields = { x = 1 } }
    local c = { id = "C", fields = {} }
    same {
      { "A()/B(x=1)", { id = "A", fields = {}, above = b } },
      { "A(p=B(x=1)/C())",
        { id = "A", fields = { p = { id = "B", fields = { x = 1 }, above = c } } } },
      { "A()/(B()/C())/D()",
        { id = "A", fields = {}, above = { id = "B", fields = {},
          above = { id = "C", fields = {}, above = { id = "D", fields = {} } } } } },
    }
  end)

  it("has line ends within brackets only", function()
    same { { "\n (1\n+\n2)\n", 3 }, { "f(\r\n1\r\n)", { id = "f", fields = { 1 } } } }
    fails("no literal", { "1\n+2", "'a'\n'b'", "f\n(1)" })
  end)

  it("says where it stopped, what was expected and what it found", function()
    fails("syntax", {
      { "", "line 1 column 1: a value expected, not the end" },
      { "(", "line 1 column 2: a value expected, not the end" },
      { "[1)", "line 1 column 3: ',' or ']' expected, not ')'" },
      { "[1, x]", "line 1 column 5: a value or a call expected, not 'x'" },
      { "f(a=1 2)", "line 1 column 7: ',' or ')' expected, not '2'" },
      { "f(a=1, 2)", "line 1 column 8: argument without a name after one with it" },
      { "f(a=1, a=2)", "line 1 column 8: argument given twice" },
      { "[\n'h\u{e9}', ..]", "line 2 column 7: a value expected, not '..'" },
      { "['a' 1]", "line 1 column 6: ',' or ']' expected, not '1'" },
      { "[1 'a']", "line 1 column 4: ',' or ']' expected, not a string" },
      { "[1]\n+1", "line 1 column 4: the end expected, not the end of the line" },
      { "2**3", "line 1 column 2: the end expected, not '**'" },
      { "'abc", "line 1 column 1: string without an end" },
      { "'a\nb'", "line 1 column 1: string without an end on its line" },
      { "1L", "line 1 column 1: malformed number" },
      { "[x" .. rep("y", 60) .. "]",
        "line 1 column 2: a value or a call expected, not 'x" .. rep("y", 39) .. "'..." },
      { "$", "line 1 column 1: a value expected, not '$'" },
      { "\1", 'line 1 column 1: a value expected, not "\\x01"' },
    })
  end)

  it("keeps apart what has no value from what is no literal", function()
    fails("value", {
      { "1/0", "line 1 column 2: division by zero" },
      { "1.0/0", "line 1 column 4: division by zero" },
      { "1+[]", "line 1 column 2: '+' between a number and an array" },
      { "'a'+b'b'", "line 1 column 4: '+' between a string and bytes" },
      { "-'a'", "line 1 column 1: '-' before a string" },
      { "[A()/'a']", "line 1 column 5: '/' between a layer and a string" },
      { "18446744073709551616", "line 1 column 1: number beyond 2^64-1" },
      { "18446744073709551615+1", "line 1 column 21: the result is beyond 2^64-1" },
      { "4294967296*4294967296", "line 1 column 11: the result is beyond 2^64-1" },
      { "1e999", "line 1 column 1: number too large" },
      { "1e308*10", "line 1 column 6: the result is too large" },
      { "{1: 2}", "line 1 column 2: text expected as a key" },
      { "'\\ud800'", "line 1 column 2: lone surrogate" },
      { "'\\udfff'", "line 1 column 2: lone surrogate" },
      { "[1/0, 2+'a']", "line 1 column 3: division by zero" },
      "'a'*1.5", "'a'*'a'", "[1]-[1]", "None+1", "{}+{}",
    })
    fails("syntax", { { "[1/0, 2 3]", "line 1 column 9: ',' or ']' expected, not '3'" } })
    fails("no literal", { "1/0 .. 'x'", "min(1/0, 5)" })
    fails("value", { "[min(1/0, 5)]", "f(a=1/0)" })
  end)

  it("leaves to Lua what may be Lua", function()
    fails("no literal", {
      "true", "nil", "x", "ETHER_ANY", "'a' .. 'b'", "2^3", "7//2", "7%2", "1<<2", "#x", "not x",
      "not (x)", "1 and 2", "{1, 2}", "{a=1}", "{['a']=1}", "{1; 2}", "[[x]]", "[=[x]=]",
      "[[1],[x]]", "('x'):rep(3)", "f{1}", "f'a'", "x.y", "x[1]", "f(1)(2)", "f(1).x", "f(x)",
      "function(a, b) return a end", "(function() end)()", "0x1p4", "0x.8", "007", "...", "~1",
      "'\\u{41}'", "'\\z\n a'", "1 --[[ [1, ]]", "1 -- [", "b'\u{e9}'", "'\xff'", "x == y",
      "--",
    })
  end)

  it("refuses at once what Lua can't read either", function()
    fails("syntax", {
      "", " ", "[", "(1", "f(", "{", "1 +", ")", "1)", "(1]", "[x]", "[[x]", "[1 for x in y]",
      "(1, x)", "(), x", "f(a=x)", "f(**x)", "1e", "1j", "0b2", "1__0", "@", "1!", "\u{e9}",
      "'\\x4'", "'\\u12'", "'\\N{DASH}'", "'\\U00110000'", "[1] # one", "[1:2]", "[1] .. 'a'",
    })
  end)

  it("reads no Lua but calls as a literal", function()
    for _, text in ipairs { "x", "a.b", "a[1]", "f(x)", "[x for x in (1,)]", "lambda: 1", "{*'a'}",
                            "1 if True else 2", "f'{1}'", "1 < 2", "x := 1", "__import__" } do
      assert.is_nil((read(text)), text)
    end
    assert.same({ id = "eval", fields = { "1" } }, read "eval('1')")
  end)

  it("bounds the text, the nesting and the items", function()
    local longest = "'" .. rep("a", 65534) .. "'"
    assert.equal(65534, #read(longest))
    assert.equal(4096, #read("[" .. rep("1,", 4096) .. "]"))
    assert.is_table(read(rep("[", 64) .. rep("]", 64)))
    fails("limit", {
      { longest .. " ", "65537 bytes of text, at most 65536 are read" },
      { rep("[", 65) .. rep("]", 65), "line 1 column 65: nested deeper than 64" },
      rep("(", 65) .. "1" .. rep(")", 65), rep("f(", 65) .. rep(")", 65),
      rep("{'a':", 65) .. "1" .. rep("}", 65),
      "[" .. rep("1,", 4097) .. "]", rep("1,", 4097), "f(" .. rep("1,", 513) .. ")",
      "A()" .. rep("/A()", 128),
    })
  end)

  it("bounds what repeating makes, however it is nested", function()
    assert.equal(4096, #read "[0]*4096")
    assert.equal(65536, #read "'a'*65536")
    fails("limit", {
      { "[0]*4097", "line 1 column 4: the result is too large" },
      "'a'*65537", "b'ab'*32769", "[0]*18446744073709551615", "[[0]*4096]*4096",
      "[[[0]*4096]*4096]*4096", "['a'*65536]*5", "[f('a'*65536)]*5",
      "['a'*65536" .. rep(",'a'*65536", 4) .. "]",
      "'a'" .. rep("+'b'", 2000), "[0]*4096+[0]",
    })
  end)

  it("reads the reference's objects of ASN.1 as calls", function()
    same {
      { "<ASN1_OID['.1.3']>", { id = "ASN1_OID", fields = { ".1.3" } } },
      { "0x1 <ASN1_INTEGER[1]>", { id = "ASN1_INTEGER", fields = { 1 } } },
      { "[<ASN1_NULL[0]>, <ASN1_STRING[b'a]>']>]",
        { { id = "ASN1_NULL", fields = { 0 } }, { id = "ASN1_STRING", fields = { "a]>" } } } },
      { "f(x=<ASN1_BIT_STRING[0110...]=b'`' (4 unused bits)>)",
        { id = "f", fields = { x = { id = "ASN1_BIT_STRING", fields = { "`", 4 } } } } },
    }
    fails("syntax", {
      { "<ASN1_X", "line 1 column 8: '[' expected, not the end" },
      { "<ASN1_X[1", "line 1 column 10: ']' expected, not the end" },
      "<ASN1_X[1]", "<ASN1_X[]>", "<ASN1_X[1, 2]>", "<ASN1_BIT_STRING[01]>",
      "<ASN1_BIT_STRING[2]=b'' (0 unused bit)>", "[<ASN1_X[1]>",
    })
    fails("value", { "-<ASN1_X[1]>", "<ASN1_X[1]>+1" })
    fails("no literal", { "<X[1]>" })
    fails("no literal", { "1 <ASN1_X[1]", "1 <ASN1_X", "1 <ASN1_X[1]> 2" }) -- Lua compares
  end)

  it("reads many signs and many strings", function()
    assert.equal(1, read(rep("-", 65534) .. "1"))
    assert.equal(rep("a", 16000), read(rep("'a' ", 16000)))
  end)

  it("answers cleanly wherever a text is cut", function()
    local text = [==[[('MSS', 1460), A(x=b'\x00', y={'k': 0x1F})/B(-1.5e3), "\u00e9" 'z', ]==]
      .. "([1]+[2])*2]"
    assert.is_table(read(text))
    for n = 0, #text - 1 do
      local value, err = read(text:sub(1, n))
      assert.is_nil(value)
      assert.equal("syntax", err.code)
    end
  end)
end)
