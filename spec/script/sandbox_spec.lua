-- Expressions that a stranger wrote: what they can't reach, can't use up, and can't leave behind.

local luapkt  = require "luapkt"
local support = require "spec.support"

local array = luapkt.json.array
local unbase64 = luapkt.wire.unbase64

-- The longest that an answer may take, in seconds: the limits many times over, as others use the
-- machine, too.
local MOST_SECONDS = support.is_sanitized() and 30 or 3

local service

-- The second one has the usual time, which on a busy machine another limit is overtaken by.
local hasty

setup(function()
  service = support.service { expressions = { time_ms = 2000 } }
  hasty = support.service()
end)

teardown(function()
  service:close()
  hasty:close()
end)

-- Seconds on the clock, with parts.
local function now()
  return tonumber(assert(support.read_file "/proc/uptime"):match "^%S+")
end

local function ask(one, text)
  local fields = array { { id = "load", value = { vtype = "EXPRESSION", expr = text } } }
  return one:call("build_pkt", array { { id = "Raw", fields = fields } })
end

-- The bytes that an expression comes to, or nil and the error.
local function value(text, one)
  local result, err = ask(one or service, text)
  if not result then return nil, err end
  return unbase64(result.binary)
end

-- The expression is refused with this code and message, in time, and the next one works.
local function refused(text, code, message)
  local since = now()
  local got, err = value(text)
  assert.is_nil(got)
  assert.is_true(now() - since < MOST_SECONDS)
  assert.same({ code, message }, { err.code, err.message })
  assert.equal("next", value [["ne" .. "xt"]])
end

local function fails(text, message)
  refused(text, -32098, "Scapy Server: Raw.load: " .. message)
end

-- The expression comes to 'wanted', or has found the stack moved where it joined an address. Gives
-- whether it is the former.
local function right_or_refused(wanted, text)
  local got, err = value(text)
  if got then
    assert.equal(wanted, got)
  else
    assert.equal("Scapy Server: Raw.load: '..' of an address with too many values in use: " ..
                 "use tostring()", err.message)
  end
  return got ~= nil
end

-- As the body of a function.
local function body(text) return "(function() " .. text .. " end)()" end

local steps = "the expression takes more than the 200000 steps that are allowed"
local memory = "the expression takes more than the 4096 KiB of memory that are allowed"
local took_long = "the expression takes longer than the 8 ms that are allowed"
local no_word = "there is no '%s' in expressions; " ..
                "the method get_expression_help lists what there is"

describe("an expression reaches", function()
  it("none of Lua's libraries", function()
    for _, name in ipairs { "string", "table", "math", "os", "io", "debug", "package", "coroutine",
                            "utf8", "_G", "load", "loadstring", "loadfile", "dofile", "require",
                            "print", "pcall", "xpcall", "error", "assert", "setmetatable",
                            "getmetatable", "rawget", "rawset", "rawequal", "rawlen", "next",
                            "collectgarbage", "warn", "_VERSION", "arg" } do
      fails(name .. " and 1", no_word:format(name))
      fails("_ENV." .. name, no_word:format(name))
      fails(("_ENV[%q]"):format(name), no_word:format(name))
    end
  end)

  it("no method of a text", function()
    local rep = "a text has no method 'rep' here: say rep(s, n [, between])"
    fails([[("x"):rep(9)]], rep)
    fails([[("x").rep]], rep)
    fails(body [[local s = lower("X") return s:rep(9)]], rep)
    fails(body 'local s = "x"\nreturn s:rep(9)', "line 2: " .. rep)
    -- Words that use Lua's own functions on texts leave it so.
    fails([[pack("z", "a") .. upper("b") .. ("x"):rep(9)]], rep)
    for _, name in ipairs { "gsub", "len", "pkt", "" } do
      fails(("(\"x\")[%q]"):format(name), ("a text has no method '%s' here; " ..
            "the method get_expression_help lists what there is"):format(name))
    end
    fails([[("x")[1] ]], "a text has no items here: say sub(s, i [, j])")
    fails(body [[local s = "x" s.y = 1]], "attempt to index a string value (local 's')")
    fails(body [[return "10" + 1]],
          "attempt to perform arithmetic on a string value (constant '10')")
  end)

  it("no field of a function", function()
    fails("IP.ttl", "IP makes a packet within a field; for this packet's ttl say pkt.IP.ttl")
    fails("rep.x .. IP.ttl", "attempt to index a function value (global 'rep')")
    fails("IP{} and rep.x", "a function has no fields")
    fails("IP[1]", "a function has no fields")
    fails(body "IP.ttl = 1", "attempt to index a function value (global 'IP')")
  end)

  it("no bytecode", function()
    local binary = string.dump(function() return 1 end, true):gsub("[\x80-\xff]", "")
    local _, err = value(binary)
    assert.equal(-32097, err.code)
    assert.equal("\27Lua", value [["\x1bLua"]]) -- a text like others
  end)

  it("no metatable of what it is given", function()
    fails([[ip"10.0.0.1".__add]], "attempt to index a address value")
    fails(body [[ip"10.0.0.1".x = 1]], "attempt to index a address value")
    fails([[IP{}.__div(1, 2)]], "IP.__div isn't set")
    fails([[IP{ __index = IP{} }.ttl .. ""]], "IP.ttl isn't set")
    fails(body [[local t = {} t.__call = t return t()]],
          "attempt to call a table value (local 't')")
  end)

  it("nothing that has to be closed", function()
    fails(body [[local x <close> = {} return 1]], "variable 'x' got a non-closable value")
    fails(body [[local x <close> = IP{} return 1]], "variable 'x' got a non-closable value")
    assert.equal("fine", value(body [[local x <close> = nil return "fine"]]))
    fails(body [[for i in pairs{}, nil, nil, {} do end]],
          "variable '(for state)' got a non-closable value")
  end)

  it("no address of the machine's memory", function()
    for _, text in ipairs { "tostring(%s)", "format('%%s', %s)", "upper(%s)", "hex(%s)",
                            "rep(%s, 2)", "crc32(%s)" } do
      for _, what in ipairs { "{}", "tostring", "IP", "IP{}", "pkt", "function() end" } do
        local _, err = value(text:format(what))
        assert.matches("bad argument #%d to '%w+' %(a text was expected%)$", err.message)
      end
    end
    for _, text in ipairs { "{} .. ''", "'' .. tostring", "tostring + 1", "-tostring", "{} < {}",
                            "#tostring",
                            "{} & 1", "concat{ {} }", "concat{ tostring }", "format('%d', {})",
                            "pack('j', {})", "pack('z', {})", "format('%p', {})", "max({}, {})",
                            "bytes(tostring)", "ip{}", "tonumber({}) .. ''", "({}).a.b", "({})()",
                            "format('%q', {})", "format('%a', 1)", "sub({}, 1)", "IP{} < IP{}",
                            "{ [{}] = 1 }", "{ [tostring] = 1 }", "tostring" } do
      local _, err = value(text)
      assert.same({ text, -32098 }, { text, err.code })
      assert.is_nil(err.message:find("0x", 1, true), err.message)
    end
  end)

  it("no file, folder or process, not even in messages", function()
    for _, text in ipairs { "nope", "{} .. ''", "ip'x'", body "local function f() f() end f()",
                            "rep('a', 1e9)", "format('%d', 'x')", "1 +", "x x", "pkt.IP" } do
      local _, err = value(text)
      for _, word in ipairs { "/", "luapkt-", "%.lua", "%.c:", "string \"", "expression:" } do
        assert.is_nil(err.message:find(word), err.message)
      end
    end
  end)
end)

describe("what a text puts where it isn't expected", function()
  it("in an iterator's arguments is no table", function()
    fails(body "local f = ipairs{ 1 } return f(1, 0)",
          "bad argument #1 to 'f' (table expected, got number)")
    fails(body "local f = ipairs{ 1 } return f('x', 0)",
          "bad argument #1 to 'f' (table expected, got string)")
    fails(body "local f = ipairs{ 1 } return f({}, {})",
          "bad argument #2 to 'f' (number expected, got table)")
    assert.equal("a1", value(body "local f = pairs{ a = 1 } local k, v = f(12345) return k .. v"))
    assert.equal("a1", value(body "local f = pairs{ a = 1 } local k, v = f(f, 7) return k .. v"))
  end)

  it("in a chain of layers is no layer", function()
    for _, what in ipairs { "5", "'x'", "{}", "true", "chain", "ip'1.2.3.4'", "tostring" } do
      fails(body("local chain = IP{}/UDP{} chain[1] = " .. what .. " return chain"),
            "layer 1 of layers on each other is none")
      fails(body("local chain = IP{}/UDP{} chain[3] = " .. what .. " return chain"),
            "layer 3 of layers on each other is none")
      fails(body("local chain = IP{}/UDP{} chain[2] = " .. what .. " return chain/chain"),
            "layer 2 of layers on each other is none")
    end
  end)

  it("in a chain of layers is not their number", function()
    local chain = "local chain = IP{}/UDP{} "
    fails(body(chain .. "chain[1] = nil chain[2] = nil return chain"),
          "of layers on each other none is left")
    for _, n in ipairs { 129, 500, 4000 } do
      fails(body(chain .. "for i = 3, " .. n .. " do chain[i] = chain[1] end return chain"),
            "more than 128 layers")
    end
  end)

  it("in the packet is nobody else's", function()
    fails(body "pkt[1] = 5 return layer.load",
          "attempt to index a number value (global 'layer')")
    fails(body "pkt[1] = nil return pkt.Raw", "there is no layer Raw so far")
    fails(body "layer.load = 1 return layer.nope", "Raw has no field 'nope'")
    assert.equal("dummy", value "pkt.Raw.load")
    assert.equal("dummy", value "layer.load")
  end)

  it("in names is text", function()
    fails([[pkt["a\0b"] ]], "there is no layer a so far")
    fails([[pkt["Raw:-1"] ]], "there is no layer Raw:-1 so far")
    fails([[pkt["Raw:1"] ]], "there is no layer Raw:1 so far")
    fails([[pkt["Raw:1e999"] ]], "there is no layer Raw:1e999 so far")
    fails("pkt[2]", "the packet has 1 layers so far")
    fails("pkt[{}]", "the packet has 1 layers so far")
    fails("layer[{}]", "Raw has no field 'table'")
    for _, key in ipairs { [["\xff"]], [[""]], [["a\0b"]], [["\27"]] } do
      for _, text in ipairs { "{ [%s] = 1 }", "IP{ [%s] = 1 }", "{ { [%s] = 1 } }" } do
        local _, err = value(text:format(key))
        assert.equal(-32098, err.code)
      end
    end
  end)
end)

describe("an expression can't use up", function()
  local function is_stopped(text)
    local since = now()
    local got, err = value(text, hasty)
    assert.is_nil(got)
    assert.is_true(now() - since < MOST_SECONDS)
    local why = err.message:gsub("^Scapy Server: Raw.load: ", "")
    assert.is_true(why == steps or why == memory or why == took_long, text .. ": " .. err.message)
    assert.equal(-32098, err.code)
    assert.equal("next", value([["ne" .. "xt"]], hasty))
  end

  it("the processor by loops", function()
    fails(body "while true do end", steps)
    fails(body "repeat until false", steps)
    fails(body "::a:: goto a", steps)
    fails(body "for i = 1, 1e18 do end", steps)
    fails(body "for i = 1, 9223372036854775807 do end", steps)
    fails(body "for i = 1.5, 1e300 do end", steps)
    fails(body "local function f() return f() end return f()", steps)
    fails(body "for i in function() return 1 end do end", steps)
    fails(body "local x x = function() return x() end x()", steps)
  end)

  it("the processor by words", function()
    for _, call in ipairs { "rep('a', 65536)", "md5(s)", "crc32(s)", "checksum(s)", "upper(s)",
                            "reverse(s)", "sub(s, 1)", "byte(s, 1, 200)", "bytes(s)", "hex(s)",
                            "concat{ s }", "seq(1, 4096)", "randbytes(65536)", "format('%s', s)",
                            "pack('z', s)", "tonumber(s)", "ip6'::1' + 1", "random(9)", "pairs(t)",
                            "max(1, 2)", "unpack(t)", "IP(t)", "IP{}/UDP{}", "insert({}, 1)",
                            "adler32(s)", "tostring(s)" } do
      is_stopped(body("local s, t = rep('a', 30000), seq(1, 200) while true do local x = " ..
                      call .. " end"))
    end
  end)

  it("the processor by lists that stand in themselves", function()
    local nested = "local t = {} for d = 1, 14 do local n = {} for i = 1, 50 do n[i] = t end " ..
                   "t = n end return "
    is_stopped(body(nested .. "bytes(t)"))
    fails(body "local t = {} for i = 1, 100 do t[i] = t end return bytes(t)",
          "lists nested deeper than 16")
    fails(body(nested .. "concat(t)"), "item 1 of the list is a table, not a text")
    fails(body(nested .. "t"), "the value has more than 4096 items")
  end)

  it("the processor by long steps", function()
    local long = "local s = rep('\\0', 65536) s = s .. s .. s .. s local a, b = s .. 'x', s .. 'y' "
    is_stopped(body(long .. "while true do local c = a < b end"))
    is_stopped(body(long .. "while true do local c = a == b end"))
    is_stopped(body(long .. "while true do local c = a .. b end"))
    is_stopped(body "local t = seq(1, 4096) while true do local n = #t end")
    is_stopped("(function(...) local function f(...) return select('#', ...) end " ..
               "while true do f(...) end end)(byte(rep('a', 9000), 1, -1))")
    is_stopped(body "local t = {} for i = 1, 4000 do t['k' .. i] = i end while 1 do pairs(t) end")
  end)

  it("memory", function()
    fails(body "local s = 'x' while true do s = s .. s end", memory)
    fails(body "local t = {} for i = 1, 1e9 do t[i] = i end", memory)
    fails(body "local t = {} for i = 1, 1e9 do t['k' .. i] = i end", memory)
    fails(body "local t = {} for i = 1, 1e9 do t[i] = {} end", memory)
    fails(body "local function f() return 1 + f() end return f()", memory)
    is_stopped(body "local t = {} while true do t = { t, function() return t end } end")
    is_stopped(body "local t = {} for i = 1, 1e9 do t[i] = rep(tostring(i), 1000) end")
    is_stopped(body "local t = {} for i = 1, 1e9 do t[i] = ip'1.2.3.4' + i end")
    is_stopped(body "local t = {} for i = 1, 1e9 do t[i] = IP{} end")
    is_stopped(body "local s = rep('a', 65536) local t = {} for i = 1, 1e9 do t[i] = s .. i end")
  end)

  it("the stack", function()
    fails("byte(rep('a', 65536), 1, -1)", "stack overflow (string slice too long)")
    fails("max(unpack(seq(1, 201)))", "unpack takes a list of up to 200 items")
    is_stopped(body "local function f(...) return f(1, ...) end return f()")
    -- Lua 5.4.4 and the '..' of many addresses: each takes a call, on a stack that moves.
    for n = 2, 190, 4 do
      local got = value(body("local a = ip'1.2.3.4' return " .. ("a .. "):rep(n - 1) .. "a"))
      assert.equal(("1.2.3.4"):rep(n), got)
      local deep = "local a = ip'1.2.3.4' local function f(n) if n > 0 then return (f(n - 1)) " ..
                   "end return " .. ("a .. "):rep(n - 1) .. "a end return f(%d)"
      assert.equal(("1.2.3.4"):rep(n), (value(body(deep:format(n % 25)))))
      right_or_refused(("1.2.3.4"):rep(n), body(deep:format(40 + n)))
    end
  end)

  -- Calls within each other, each with many values, so that the stack is full just where an address
  -- is joined: Lua 5.4.4 then goes on with the place where the stack was before.
  it("the stack, where it is enlarged for the '..' of an address", function()
    local text = body("local a = ip'1.2.3.4' local function f(n, ...) if n == 0 then " ..
                      "local b, c, d = ... return 'a' .. a .. 'b' .. a .. 'c' end " ..
                      "local r = f(n - 1, ...) return r end return f(%d, unpack(seq(1, %d)))")
    local stopped, all = 0, 0
    for calls = 4, 14 do
      for values = 60, 200 do
        all = all + 1
        local ok = right_or_refused("a1.2.3.4b1.2.3.4c", (text:format(calls, values)))
        stopped = stopped + (ok and 0 or 1)
      end
    end
    assert.is_true(stopped > 0 and stopped < all / 20)
  end)

  it("the stack, where it is cut while addresses are joined", function()
    local text = body("local a, n = ip'1.2.3.4', 0 local function f(n) if n > 0 then " ..
                      "return (f(n - 1)) end return 0 end f(%d) for i = 1, 2000 do " ..
                      "if 'a' .. a .. 'b' .. a .. 'c' == 'a1.2.3.4b1.2.3.4c' then n = n + 1 end " ..
                      "end return tostring(n)")
    for calls = 1000, 5000, 500 do right_or_refused("2000", (text:format(calls))) end
  end)

  it("the compiler", function()
    for _, one in ipairs { "%s.b", "%s or a", "%s and a", "%s..a", "%s^a", "%s,a", "%s==a",
                           "%s:b()",
                           "%s()", "%s{}", "%s[1]", "not %s", "-%s", "- %s", "~%s", "#%s", "(%s)",
                           "{%s}", "{a=%s}", "{[%s]=1}", "a(%s)", "a[%s]", "a..%s", "a or %s",
                           "function() return %s end", body "return %s",
                           body "local a = {} return %s",
                           body "if a then return %s end", body "do return %s end",
                           body "for a = 1, %s do end", body "local a, b = %s return a" } do
      local grown, last = "a", nil
      while #grown <= 4096 do
        last, grown = grown, (one:gsub("%%s", function() return grown end))
      end
      for _, text in ipairs { last, last:sub(1, -2), last .. "(" } do
        local since = now()
        local got, err = value(text)
        assert.is_true(got ~= nil or err.code == -32097 or err.code == -32098, one)
        if err then assert.is_nil(err.message:find "ended the process", one) end
        assert.is_true(now() - since < MOST_SECONDS)
      end
      assert.equal("next", value [["ne" .. "xt"]])
    end
  end)

  it("the compiler by long chains within a function", function()
    for _, part in ipairs { ".b", "[1]", ":b()", "()", "{}", ".b.c", "''" } do
      for _, head in ipairs { "local a = {} a.b = a return a", "a = {} a.b = a return a",
                              "local a a = function() return a end return a" } do
        local _, err = value(body(head .. part:rep((4000 - #head) // #part)))
        if err then assert.is_nil(err.message:find "ended the process", head .. part) end
      end
    end
  end)

  it("room for names", function()
    local names, gotos = {}, {}
    for i = 1, 300 do names[i] = "a" .. i end
    for i = 1, 200 do gotos[i] = "goto x" .. i end
    local _, err = value(body("local " .. table.concat(names, ",")))
    assert.same({ -32097, "Syntax Error: Raw.load: line 1 column 915: too many local variables " ..
                  "(limit is 200) in function at line 1 near ','" }, { err.code, err.message })
    _, err = value(body(table.concat(gotos, " ")))
    assert.equal(-32097, err.code)
  end)

  it("the time of others: texts, results, sizes have an end", function()
    fails(("x"):rep(4097), "4097 bytes of Lua, at most 4096 are read")
    assert.equal(("x"):rep(4094), value('"' .. ("x"):rep(4094) .. '"'))
    for _, text in ipairs { "rep('a', 65537)", "rep('a', 1e15)", "rep('ab', 32769)",
                            "rep('', 3, rep('a', 65536))", "concat({ rep('a', 65536), 'b' })",
                            "bytes(rep('a', 65536), 'b')",
                            "pack('zz', rep('a', 60000), rep('b', 60000))",
                            "pack('c65537', '')", "pack('c99999999999999999999', '')" } do
      fails(text, "a text of more than 65536 bytes")
    end
    assert.equal(65536, #value "rep('a', 65536)")
    assert.equal(60000, #value "pack('c60000', rep('a', 60000))")
    fails("rep('a', 2^63)", "bad argument #2 to 'rep' (number has no integer representation)")
    fails("rep('a', 60000) .. rep('b', 60000)", "the value has more than 65536 bytes")
    fails("{ rep('a', 60000), rep('b', 60000) }", "the value has more than 65536 bytes")
    local _, long = value(body "local s = rep('x', 60000) return layer[s .. s .. s .. s]")
    local most = 511 -- bytes of an error message
    local told = "Scapy Server: Raw.load: Raw has no field '" .. ("x"):rep(most)
    assert.equal(told:sub(1, #long.message), long.message)
    assert.is_true(#long.message <= most + #"Scapy Server: ", #long.message)
    fails("seq(1, 4097)", "a list of more than 4096 items")
    fails("seq(-9223372036854775807 - 1, 9223372036854775807)", "a list of more than 4096 items")
    fails("insert(seq(1, 4096), 1)", "a list of more than 4096 items")
    assert.equal("\7", value "pack(rep(' ', 1023) .. 'b', 7)")
    fails("pack(rep('b', 1025))", "bad argument #1 to 'pack' (a shorter format was expected)")
    fails("pack('i17', 1)", "integral size (17) out of limits [1,16]")
    fails("randbytes(65537)", "bad argument #1 to 'randbytes' (0 to 65536 bytes were expected)")
    fails("randbytes(-1)", "bad argument #1 to 'randbytes' (0 to 65536 bytes were expected)")
    local widths = "format takes %d %u %x %X %o %c %e %f %g %s, with two digits of width at most"
    for _, how in ipairs { "%100d", "%.100f", "%99999999999d", "%", "%5", "%1.2.3f", "%n", "%p",
                           "%q", "%a", "%ld", "%*d", "%\\0d" } do
      local _, err = value(("format('%s', 1)"):format(how))
      if how ~= "%\\0d" then assert.equal("Scapy Server: Raw.load: " .. widths, err.message) end
      assert.equal(-32098, err.code)
    end
    assert.equal(("%99.99f"):format(1e308), value "format('%99.99f', 1e308)")
  end)
end)

describe("a result", function()
  it("that holds itself is refused", function()
    fails(body "local t = {} t.t = t return t", "the value has more than 16 levels")
    fails(body "local t = {} t[1] = t return t", "the value has more than 16 levels")
    fails(body "local l = IP{} l.options = l return l", "the value has more than 16 levels")
    fails(body "local l = IP{} l[1] = l return l", "the value has more than 16 levels")
    fails(body "local t = IP{}/UDP{} t[1].x = t return t", "the value has more than 16 levels")
    fails(body "local t = IP{} t = t/t for i = 1, 20 do t = t/t end return t",
          "more than 128 layers")
    local doubled = "local t = IP{} for i = 1, 7 do t = t/t end "
    assert.equal("128", value(body(doubled .. "return '128'")))
    fails(body(doubled .. "t = t/UDP{} return '129'"), "more than 128 layers")
  end)

  it("nested too deep is refused", function()
    fails(body "local t = 1 for i = 1, 16 do t = { t } end return t",
          "the value has more than 16 levels")
    fails(body "local t = 1 for i = 1, 16 do t = { a = t } end return t",
          "the value has more than 16 levels")
    local _, err = value(body "local t = 1 for i = 1, 15 do t = { t } end return t")
    assert.equal("Scapy Server: Raw.load: an array is not text or bytes", err.message)
  end)

  it("with many entries is refused", function()
    fails(body "local t = {} for i = 1, 1e6 do t[i] = i end return t", memory)
    fails(body "local t = seq(1, 4096) t[4097] = 1 return t", "the value has more than 4096 items")
    fails("{ seq(1, 4000), seq(1, 4000) }", "the value has more than 4096 items")
    fails(body "local t = {} for i = 1, 4097 do t['k' .. i] = 1 end return t",
          "the value has more than 4096 items")
  end)

  it("with as many entries as a list may have is taken", function()
    local _, err = value "seq(1, 4096)"
    assert.equal("Scapy Server: Raw.load: an array is not text or bytes", err.message)
    fails("{ seq(1, 4096) }", "the value has more than 4096 items")
  end)

  it("of keys that no value has is refused", function()
    fails("{ [true] = 1 }", "a boolean is no key of a value")
    fails("{ [{}] = 1 }", "a table is no key of a value")
    fails("{ [1.5] = 1 }", "a number is no key of a value")
    fails("{ [1] = 1, [3] = 1 }", "a list whose places 1 to 2 aren't all there")
    fails("{ [-1] = 1 }", "a list whose places 1 to 1 aren't all there")
    fails("{ 1, a = 2 }", "a table with items and names is neither a list nor a set of fields")
  end)

  it("that is no value is refused", function()
    fails("tostring", "a function is no value of a field")
    fails("IP", "a function is no value of a field")
    fails("{ function() end }", "a function is no value of a field")
    fails(body "return", "the expression has 0 values, one was expected")
    fails(body "return 1, 2", "the expression has 2 values, one was expected")
  end)
end)

describe("a mistake in the grammar", function()
  local statement = "; statements stand in (function() ... end)()"

  -- Line and column of where the token stands, and the token.
  for _, case in ipairs {
    { "1 +", "line 1 column 4: a value expected, not the end" },
    { "tostring(1))", "line 1 column 12: the end expected, not ')'" },
    { "function() return 1", "line 1 column 20: 'end' expected near <eof>" },
    { "(function()\n  return 1 1\nend)()",
      "line 2 column 12: 'end' expected (to close 'function' at line 1) near '1'" },
    { "(function()\n  local x =\nend)()", "line 3 column 1: unexpected symbol near 'end'" },
    { "x = 5", "line 1 column 3: <eof> expected near '='" },
    { "local x", "line 1 column 1: unexpected symbol near 'local'" .. statement },
    { "goto x", "line 1 column 1: unexpected symbol near 'goto'" .. statement },
    { "\n  return 5", "line 2 column 3: unexpected symbol near 'return'" .. statement },
    { "while true do end", "line 1 column 1: unexpected symbol near 'while'" .. statement },
    { "1 + if", "line 1 column 5: unexpected symbol near 'if'" },
    { "1 return", "line 1 column 3: <eof> expected near 'return'" },
    { "(function() goto x end)()", "line 1 column 25: no visible label 'x' for <goto> at line 1" },
    { "(function() break end)()", "line 1 column 24: break outside loop at line 1" },
  } do
    it("is told with its place: " .. case[1]:gsub("\n", " "), function()
      refused(case[1], -32097, "Syntax Error: Raw.load: " .. case[2])
    end)
  end
end)

describe("the next expression", function()
  it("finds no names that the last one set", function()
    assert.equal("1", value(body "x = 1 _ENV.y = 2 return tostring(x)"))
    fails("x", no_word:format "x")
    fails("y", no_word:format "y")
  end)

  it("finds protocols by their whole names", function()
    for _, text in ipairs { "IP{} / IPv6{} / IPv{}", "IPv{} / IPv6{}" } do
      fails(text, no_word:format "IPv")
    end
  end)

  it("finds all words as they were", function()
    assert.equal("mine", value(body "tostring = function() return 'mine' end return tostring(1)"))
    assert.equal("1", value "tostring(1)")
    assert.equal("mine", value(body "_ENV.hex = nil IP = 1 pkt = 'mine' return pkt"))
    assert.equal("\xde", value "hex'de'")
    assert.equal("dummy", value "pkt.Raw.load")
  end)

  it("finds the packet as it is", function()
    assert.equal("mine", value(body "layer.load = 'mine' pkt.Raw.load = 'mine' return layer.load"))
    assert.equal("dummy", value "layer.load .. ''")
  end)

  it("draws other numbers, and the same ones with the same seed", function()
    local function draws(seed)
      local one <close> = setmetatable({}, { __close = function(self) self.s:close() end })
      one.s = support.service { seed = seed }
      local list = {}
      for i = 1, 5 do list[i] = value("randbytes(8)", one.s) end
      return table.concat(list)
    end
    local first = draws(7)
    assert.equal(first, draws(7))
    assert.not_equal(first, draws(8))
    local seen = {}
    for at = 1, 40, 8 do
      assert.is_nil(seen[first:sub(at, at + 7)])
      seen[first:sub(at, at + 7)] = true
    end
  end)

  it("doesn't get the answer of one that looks the same", function()
    local ids = {}
    for i = 1, 3 do
      local result = service:call("build_pkt", array {
        { id = "Ether" }, { id = "IP", fields = array { { id = "ttl", value = i } } },
        { id = "Raw", fields = array {
          { id = "load", value = { vtype = "EXPRESSION", expr = "tostring(pkt.IP.ttl)" } } } } })
      ids[i] = unbase64(result.binary):sub(35)
    end
    assert.same({ "1", "2", "3" }, ids)
    assert.not_equal(value "randbytes(8)", value "randbytes(8)")
  end)

  it("names its keys in the same order always", function()
    local messages = {}
    for _ = 1, 8 do
      local one = support.service()
      local _, err = value("IP{ zz = 1, yy = 2, aa = 3, mm = 4, bb = 5 }", one)
      messages[err.message] = true
      local result = ask(one, body [[local n = "" for k in pairs{ c = 1, a = 1, b = 1, [2] = 1,
        [-1] = 1, [2^53] = 1, [9007199254740993] = 1, [1.5] = 1 } do n = n .. k .. " " end
        return n]])
      messages[unbase64(result.binary)] = true
      one:close()
    end
    assert.is_true(messages["-1 1.5 2 9007199254740992 9007199254740993 a b c "])
    local n = 0
    for _ in pairs(messages) do n = n + 1 end
    assert.equal(2, n)
  end)
end)

describe("limits", function()
  local function with(limits, test)
    local one = support.service { expressions = limits }
    local ok, err = pcall(test, one)
    one:close()
    if not ok then error(err, 0) end
  end

  it("on memory end every text cleanly, wherever they are reached", function()
    local texts = {
      body "local t = {} for i = 1, 500 do t[i] = { i } end return concat{ #t, format('%d', 5) }",
      body "local s = '' for i = 1, 99 do s = s .. pack('>I4', i) .. upper('x') end return md5(s)",
      "rep('a', 20000) .. concat(seq(1, 500)) .. bytes{ 1, { 2, ip'1.2.3.4' } }",
      body "local n = '' for k, v in pairs{ a = 1, b = 2, 3 } do n = n .. k .. v end return md5(n)",
      "pkt.Raw.load .. layer.load .. tostring(ip'10.0.0.1' + 5) .. ip'1.2.3.4' .. mac'1:2:3:4:5:6'",
      body "local t = IP{}/UDP{} for i = 1, 5 do t = t/t end return tostring(#t)",
    }
    local few = support.is_sanitized() -- each is tried in a service of its own
    local to, step = 1 << 20, few and 12288 or 4096
    for i, text in ipairs(texts) do
      local wanted, failures, at = value(text), 0, step + i * step // #texts
      assert.is_string(wanted)
      local got
      repeat
        with({ memory = at, time_ms = 2000 }, function(one)
          local err
          got, err = value(text, one)
          if got then return end
          failures = failures + 1
          assert.same({ -32098, ("Scapy Server: Raw.load: the expression takes more than the %d " ..
            "KiB of memory that are allowed"):format(at >> 10) }, { err.code, err.message })
          local _, again = value(text, one)
          assert.equal(err.message, again and again.message)
        end)
        at = at + step
      until got or at > to
      assert.equal(wanted, got)
      assert.is_true(failures > (few and 0 or 2))
    end
  end)

  it("on steps are the ones that were given", function()
    with({ instructions = 1000 }, function(one)
      local _, err = value(body "for i = 1, 2000 do end return 'x'", one)
      assert.equal("Scapy Server: Raw.load: the expression takes more than the 1000 steps that " ..
                   "are allowed", err.message)
      assert.equal("x", value(body "for i = 1, 100 do end return 'x'", one))
      local join = "local s = rep('x', 6400) for i = 1, %d do local t = s .. i end return 'x'"
      assert.equal("x", value(body(join:format(4)), one)) -- 64 bytes count as a step
      _, err = value(body(join:format(20)), one)
      assert.matches("takes more than the 1000 steps", err and err.message)
    end)
  end)

  it("on time are the ones that were given", function()
    with({ instructions = 0xffffffff, time_ms = 30 }, function(one)
      local since = now()
      local _, err = value(body "while true do end", one)
      assert.equal("Scapy Server: Raw.load: the expression takes longer than the 30 ms that are " ..
                   "allowed", err.message)
      assert.is_true(now() - since < MOST_SECONDS)
      assert.equal("x", value("'x' .. ''", one))
    end)
  end)

  it("on text are the ones that were given, up to what there is", function()
    with({ text = 10 }, function(one)
      local _, err = value("'x' .. 'y' ", one)
      assert.equal("Scapy Server: Raw.load: 11 bytes of Lua, at most 10 are read", err.message)
      assert.equal("xy", value("'x' .. 'y'", one))
    end)
    with({ text = 0xffffffff }, function(one)
      local long = "'x' .. 'y'" .. (" "):rep(16384 - 10)
      assert.equal("xy", value(long, one))
      local _, err = value(long .. " ", one)
      assert.equal("Scapy Server: Raw.load: 16385 bytes of Lua, at most 16384 are read",
                   err.message)
    end)
  end)

  it("that no machine has are an error of the request", function()
    for _, memory_limit in ipairs { 1, 1 << 50, math.maxinteger } do
      with({ memory = memory_limit }, function(one)
        local _, err = value("'x' .. ''", one)
        assert.same({ -32098, "Scapy Server: Raw.load: luapkt-expression can't be started" },
                    { err.code, err.message })
      end)
    end
    with({ time_ms = 0xffffffff }, function(one) assert.equal("x", value("'x' .. ''", one)) end)
    for _, limits in ipairs { { memory = -1 }, { instructions = 1 << 32 }, { time_ms = "x" },
                              { text = 1.5 }, 5 } do
      assert.has_error(function() support.service { expressions = limits } end)
    end
  end)

  it("are a request's, too", function()
    with({ instructions = 0xffffffff, time_ms = 1000 }, function(one)
      local fields = {}
      for i = 1, 200 do
        fields[i] = { id = "load", value = { vtype = "EXPRESSION",
          expr = body("for i = 1, 2e6 do end return '" .. i .. "'") } }
      end
      local since = now()
      local _, err = one:call("build_pkt", array { { id = "Raw", fields = array(fields) } })
      assert.same({ -32098, "Scapy Server: Raw.load: the request's expressions take more than " ..
                    "the 500 ms that are allowed" }, { err.code, err.message })
      assert.is_true(now() - since < MOST_SECONDS)
      assert.equal("x", value("'x' .. ''", one))
    end)
  end)
end)
