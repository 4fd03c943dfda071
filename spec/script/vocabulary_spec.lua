-- The words of expressions: each by an example, by a second implementation, and with what it
-- doesn't take.

local luapkt  = require "luapkt"
local support = require "spec.support"

local array = luapkt.json.array
local unhex, hex = support.unhex, support.hex

local service

setup(function() service = support.service { expressions = { time_ms = 1000 } } end)
teardown(function() service:close() end)

-- The bytes that an expression comes to, or nil and the message.
local function value(text)
  local fields = array { { id = "load", value = { vtype = "EXPRESSION", expr = text } } }
  local result, err = service:call("build_pkt", array { { id = "Raw", fields = fields } })
  if not result then return nil, (err.message:gsub("^Scapy Server: Raw.load: ", "")) end
  return luapkt.wire.unbase64(result.binary)
end

-- In a function's body, so that it is Lua whatever it looks like.
local function lua(text) return value("(function() return " .. text .. " end)()") end

local function gives(wanted, text)
  local got, err = lua(text)
  assert.equal(wanted, got, text .. ": " .. tostring(err))
end

local function fails(message, text)
  local got, err = lua(text)
  assert.is_nil(got)
  assert.equal(message, err)
end

-- As a text of Lua.
local function quoted(s)
  return '"' .. s:gsub(".", function(c) return ("\\x%02x"):format(c:byte()) end) .. '"'
end

local texts = { "", "a", "abc", "123456789", "\0", "\0\0\0", "\xff", ("x"):rep(63), ("y"):rep(64),
                ("z"):rep(65), "The quick brown fox" }
do
  local all = {}
  for i = 0, 255 do all[i + 1] = string.char(i) end
  table.insert(texts, table.concat(all))
end

describe("every word", function()
  local words = require("luapkt.core").expression_words()

  -- What its example comes to, in the bytes of a field.
  local wanted = {
    DHCPOptions = true, TCPOptions = true, -- lists: below
    abs = "5", adler32 = "152961502", -- 0x091e01de
    base64 = unhex "deadbeef", byte = "65", bytes = unhex "dead 6162 0102 0a000001", ceil = "2",
    checksum = tostring(~0x4500 & 0xffff), concat = "a.b",
    crc32 = tostring(0xcbf43926), crc32c = tostring(0xe3069283), -- the check values of the CRCs
    floor = "1", format = "host-007", hex = unhex "deadbeef", insert = "1 2 3",
    ip = "10.0.0.6", ip6 = "2001:db8::6", ipairs = "3", lower = "abc", mac = "00:11:22:33:44:56",
    max = "2", md5 = unhex "900150983cd24fb0d6963f7d28e17f72", -- RFC 1321 section A.5
    min = "1", pack = unhex "0001 00000002", pairs = "1", randbytes = true, randip = true,
    randmac = true, random = true, rep = "ababab", reverse = "cba", select = "20",
    seq = "1 2 3 4 5", sub = "bcd", tonumber = "255", tostring = "12", type = "number",
    unpack = "2", upper = "ABC",
  }

  for _, word in ipairs(words) do
    it("says what it is: " .. word.name, function()
      assert.matches("^" .. word.name .. "[%(%.{]", word.usage)
      assert.is_true(#word.meaning > 0 and not word.meaning:find "[^.]%.$")
    end)

    if word.example then
      it("has an example: " .. word.name, function()
        local text = word.example
        assert.matches(word.name, text, 1, true)
        local right = wanted[word.name]
        assert.is_not_nil(right)
        local as_text = ("(function(v) if type(v) == 'table' then return concat(v, ' ') end " ..
                         "return v .. '' end)(%s)"):format(text)
        local got, err = value(right == true and ("type(%s)"):format(text) or as_text)
        assert.is_string(got, err)
        if right ~= true then assert.equal(right, got) end
      end)
    end
  end

  it("is in the list in the order of names", function()
    for i = 2, #words do assert.is_true(words[i - 1].name < words[i].name) end
  end)

  it("takes no arguments, or the wrong ones, with a message that names it", function()
    local takes_none = { DHCPOptions = true, TCPOptions = true, bytes = true, randmac = true }
    local words_arguments = { "", "nil", "function() end", "{ {} }", "IP{}" }
    for _, word in ipairs(words) do
      if word.example and not takes_none[word.name] then
        for _, arguments in ipairs(words_arguments) do
          local got, err = lua(("type((%s(%s)))"):format(word.name, arguments))
          if not got then
            assert.is_true(err:find(word.name, 1, true) ~= nil or err:find "item 1" ~= nil, err)
          end
        end
      end
    end
  end)
end)

describe("sums", function()
  it("are those of a second implementation", function()
    local inet = function(s)
      local sum = 0
      for at = 1, #s, 2 do sum = sum + s:byte(at) * 256 + (s:byte(at + 1) or 0) end
      while sum > 0xffff do sum = (sum >> 16) + (sum & 0xffff) end
      return ~sum & 0xffff
    end
    -- Bit by bit, reflected.
    local function crc(s, polynomial)
      local sum = 0xffffffff
      for i = 1, #s do
        sum = sum ~ s:byte(i)
        for _ = 1, 8 do sum = sum & 1 == 1 and sum >> 1 ~ polynomial or sum >> 1 end
      end
      return ~sum & 0xffffffff
    end
    local function adler(s)
      local a, b = 1, 0
      for i = 1, #s do
        a = (a + s:byte(i)) % 65521
        b = (b + a) % 65521
      end
      return b << 16 | a
    end
    for _, s in ipairs(texts) do
      gives(tostring(inet(s)), ("tostring(checksum(%s))"):format(quoted(s)))
      gives(tostring(crc(s, 0xedb88320)), ("tostring(crc32(%s))"):format(quoted(s)))
      gives(tostring(crc(s, 0x82f63b78)), ("tostring(crc32c(%s))"):format(quoted(s)))
      gives(tostring(adler(s)), ("tostring(adler32(%s))"):format(quoted(s)))
    end
  end)

  it("are those of the RFCs", function()
    -- RFC 3720 section B.4: 32 bytes of zeros, of ones, counting up and down.
    gives(tostring(0x8a9136aa), "tostring(crc32c(rep('\\0', 32)))")
    gives(tostring(0x62a8ab43), "tostring(crc32c(rep('\\xff', 32)))")
    gives(tostring(0x46dd794e), "tostring(crc32c(bytes(seq(0, 31))))")
    gives(tostring(0x113fdb5c), "tostring(crc32c(bytes(seq(31, 0, -1))))")
    gives(tostring(~0xddf2 & 0xffff), "tostring(checksum(hex'0001f203f4f5f6f7'))") -- RFC 1071
    gives(tostring(0x11e60398), "tostring(adler32('Wikipedia'))")
    for text, sum in pairs { -- RFC 1321 section A.5
      [""] = "d41d8cd98f00b204e9800998ecf8427e", a = "0cc175b9c0f1b6a831c399e269772661",
      ["message digest"] = "f96b697d7cb7938d525a2f31aaf161d0",
    } do
      gives(unhex(sum), ("md5(%q)"):format(text))
    end
  end)

  it("take numbers and addresses as their text, and nothing else", function()
    gives(value "tostring(crc32('12'))", "tostring(crc32(12))")
    gives(value "tostring(crc32('1.2.3.4'))", "tostring(crc32(ip'1.2.3.4'))")
    for _, word in ipairs { "checksum", "crc32", "crc32c", "adler32", "md5" } do
      fails(("bad argument #1 to '%s' (a text was expected)"):format(word), word .. "()")
      fails(("bad argument #1 to '%s' (a text was expected)"):format(word), word .. "(true)")
    end
  end)
end)

describe("texts", function()
  it("are what Lua's own functions make of them", function()
    for _, s in ipairs(texts) do
      local q = quoted(s)
      gives(s:upper(), ("upper(%s)"):format(q))
      gives(s:lower(), ("lower(%s)"):format(q))
      gives(s:reverse(), ("reverse(%s)"):format(q))
      gives(s:rep(3, "-"), ("rep(%s, 3, '-')"):format(q))
      for _, range in ipairs { "1", "2, 3", "-2", "0", "-1, 1", "2, -2", "3, 100", "-100, 2" } do
        local wanted = load(("return (%s):sub(%s)"):format(q, range))()
        gives(wanted, ("sub(%s, %s)"):format(q, range))
        wanted = load(("return (%s):byte(%s)"):format(q, range))
        local list = { wanted() }
        gives(table.concat(list, ","), ("concat({ byte(%s, %s) }, ',')"):format(q, range))
      end
      gives(s, ("bytes(byte(%s, 1, -1))"):format(q))
      gives(s, ("base64('%s')"):format(luapkt.wire.base64(s)))
      gives(s, ("hex('%s')"):format(hex(s)))
      gives(s, ("concat{ %s }"):format(q))
    end
  end)

  it("are packed as by Lua's string.pack", function()
    for _, arguments in ipairs {
      "'>I2I4', 1, 2", "'<i3', -5", "'>i16', -1", "'=j', 5", "'b', -128", "'B', 255", "'>h', -2",
      "'z', 'abc'", "'s1', 'abc'", "'>s2', ''", "'c5', 'ab'", "'x'", "'!4 b i4', 1, 2",
      "'!8 b Xi8 b', 1, 2", "'>f', 1.5", "'<d', 0.1", "'>n', -3", "'', 5",
      "'>I1 I2 I3 I4', 1, 2, 3, 4",
      "'!16 b Xi16', 1", "'>T', 7", "'l', 3", "' > I2 ', 9",
    } do
      gives(load("return string.pack(" .. arguments .. ")")(), "pack(" .. arguments .. ")")
    end
    gives(("x"):rep(60000), "pack('c60000', rep('x', 60000))")
    gives("\0\5hello", "pack('>s2', 'hello')")
    fails("bad argument #2 to 'pack' (integer overflow)", "pack('b', 128)")
    fails("bad argument #2 to 'pack' (unsigned overflow)", "pack('B', 256)")
    fails("bad argument #2 to 'pack' (number expected, got nil)", "pack('i')")
    fails("invalid format option 'q'", "pack('q', 1)")
    fails("bad argument #2 to 'pack' (string longer than given size)", "pack('c1', 'ab')")
    fails("bad argument #1 to 'pack' (a text was expected)", "pack({})")
  end)

  it("are formatted as by C's printf", function()
    for _, arguments in ipairs {
      "'%d', 5", "'%5d|', 5", "'%-5d|', 5", "'%05d', -5", "'%+d', 5", "'%x', 255", "'%#X', 255",
      "'%o', 8", "'%c', 65", "'%.3f', 1/3", "'%e', 12345.678", "'%g', 1e20", "'%s', 'ab'",
      "'%5s|', 'ab'", "'%.1s', 'ab'", "'%%'", "'%d%%', 5", "'', 5", "'%s-%s', 1, 2.5",
      "'%s %5s|', true, nil", "'%.1s', false",
      "'%99d', 1", "'%.99f', 1/3", "'%i', 7",
    } do
      gives(load("return string.format(" .. arguments .. ")")(), "format(" .. arguments .. ")")
    end
    gives("10.0.0.1 00:11:22:33:44:55",
          "format('%s %s', ip'10.0.0.1', mac'00:11:22:33:44:55')")
    fails("format has no value for argument 3", "format('%d %d', 1)")
    fails("bad argument #2 to 'format' (number expected, got string)", "format('%d', 'x')")
    fails("bad argument #2 to 'format' (number has no integer representation)",
          "format('%d', 1.5)")
    fails("bad argument #1 to 'format' (a text without zeros was expected)", "format('\\0%d', 1)")
  end)

  it("come of lists and numbers", function()
    gives("1-a-10.0.0.1", "concat({ 1, 'a', ip'10.0.0.1' }, '-')")
    gives("", "concat{}")
    gives("\1\2ab\10\0\0\1\3\4", "bytes(1, { 2, 'ab', { ip'10.0.0.1' } }, {}, 3, { { { 4 } } })")
    gives("", "bytes()")
    fails("256 is no byte, which is 0 to 255", "bytes(256)")
    fails("DHCPOptions takes a list, as options have an order: " ..
          '{{"message-type", "discover"}, "end"}', "DHCPOptions{ [53] = 1 }")
    local takes = "bytes takes numbers, texts, addresses and lists of them, not "
    fails(takes .. "packets on each other", "bytes(IP{} / UDP{})")
    fails(takes .. "the packet DNSQR", "bytes({ 1, { DNSQR{ qname = 'x' } } })")
    fails(takes .. "a table with the key 'x'", "bytes({ 65, x = 1 })")
    fails(takes .. "a table with the key 2 and none before it", "bytes({ [2] = 65 })")
    fails("concat takes a list of texts, numbers and addresses, not a table with the key 'a'",
          "concat{ a = 1 }")
    fails("-1 is no byte, which is 0 to 255", "bytes{ 1, -1 }")
    fails("a boolean is made of no bytes", "bytes(true)")
    fails("a number is made of no bytes", "bytes(1.5)")
    fails("bad argument #1 to 'hex' (hexadecimal digits were expected)", "hex'xy'")
    fails("bad argument #1 to 'hex' (an even number of hexadecimal digits was expected)",
          "hex'abc'")
    gives("\xde\xad\xbe\xef", "hex' DE:ad\\n-be ef\\t'")
    fails("bad argument #1 to 'base64' (base64 was expected)", "base64'a'")
    fails("bad argument #2 to 'rep' (number expected, got nil)", "rep('a')")
  end)
end)

describe("numbers", function()
  it("are what Lua's own functions make of them", function()
    for _, n in ipairs { "0", "-1", "1.5", "-1.5", "1e300", "2^53", "9223372036854775807", "-0.5",
                         "math.mininteger", "1e15", "0.1" } do
      local text = n:gsub("math.mininteger", "(-9223372036854775807 - 1)")
      for _, word in ipairs { "floor", "ceil", "abs" } do
        local wanted = tostring(load(("return math.%s(%s)"):format(word, n))())
        gives(wanted, ("tostring(%s(%s))"):format(word, text))
      end
    end
    gives("5", "tostring(min(1/0, 5))") -- Lua's, which has an infinite number
    gives("9 -3 2.5", "concat({ max(1, 9, -3), min(1, 9, -3), max(2.5, 1) }, ' ')")
    gives("1", "tostring(min(1))")
    fails("bad argument #1 to 'max' (number expected, got no value)", "max()")
    fails("bad argument #2 to 'max' (number expected, got boolean)", "max(1, true)")
  end)

  it("are read as Lua's tonumber reads them", function()
    for _, arguments in ipairs { "'12'", "' 0x1F '", "'1e3'", "'1.5'", "'abc'", "''", "'1 2'",
                                 "'ff', 16", "'-ff', 16", "' 12\\n', 10",
                                 "' -  1', 10", "'\\0', 10", "'  ', 10", "'zz', 36", "'8', 8",
                                 "'101', 2", "5",
                                 "'0x'", "'1e'", "'inf'", "'nan'", "'9223372036854775808'" } do
      gives(tostring(load("return tonumber(" .. arguments .. ")")()),
            "tostring(tonumber(" .. arguments .. "))")
    end
    fails("bad argument #2 to 'tonumber' (a base of 2 to 36 was expected)", "tonumber('1', 37)")
    fails("bad argument #1 to 'tonumber' (value expected)", "tonumber()")
  end)
end)

describe("lists", function()
  local function list(text) return ("concat(%s, ' ')"):format(text) end

  it("are counted up, down, and not at all", function()
    for _, range in ipairs { "1, 5", "5, 1, -2", "1, 10, 3", "0, 0", "5, 1", "1, 5, -1",
                              "-3, 3, 2" } do
      local wanted = {}
      for i in load(("return coroutine.wrap(function() for i = %s do coroutine.yield(i) end end)")
                      :format(range))() do
        table.insert(wanted, i)
      end
      gives(table.concat(wanted, " "), list("seq(" .. range .. ")"))
    end
    gives("9223372036854775806 9223372036854775807",
          list "seq(9223372036854775806, 9223372036854775807)")
    fails("bad argument #3 to 'seq' (a step that isn't 0 was expected)", "seq(1, 2, 0)")
    fails("bad argument #1 to 'seq' (number has no integer representation)", "seq(1.5, 2)")
  end)

  it("are walked in their order", function()
    gives("1a 2b ", [[(function() local s = "" for i, v in ipairs{ "a", "b", nil, "d" } do
      s = s .. i .. v .. " " end return s end)()]])
    gives("-1 1 2.5 10 a b ", [[(function() local s = "" for k in pairs{ b = 1, a = 1, [10] = 1,
      [2.5] = 1, [-1] = 1, 5 } do s = s .. k .. " " end return s end)()]])
    gives("a", [[(function() local s, t = "", { a = 1, b = 2, c = 3 } for k in pairs(t) do
      t.b, t.c, t.d = nil, nil, 1 s = s .. k end return s end)()]])
    fails("a table's keys have an order where all are numbers and texts; one is a boolean",
          "pairs{ [true] = 1 }")
    fails("bad argument #1 to 'pairs' (table expected, got no value)", "pairs()")
    fails("bad argument #1 to 'ipairs' (table expected, got string)", "ipairs('a')")
  end)

  it("are added to, taken apart and counted", function()
    gives("1 2 3", list "insert({ 1, 2 }, 3)")
    gives("3", [[tostring(select("#", 1, nil, 3))]])
    gives("20 30", list "{ select(2, 10, 20, 30) }")
    gives("30", list "{ select(-1, 10, 20, 30) }")
    fails("bad argument #1 to 'select' (there is no such value)", "select(0, 1)")
    fails("bad argument #1 to 'select' (there is no such value)", "select(-2, 1)")
    gives("3 2 1", list "{ (function(a, b, c) return c, b, a end)(unpack{ 1, 2, 3 }) }")
    fails("bad argument #2 to 'insert' (value expected)", "insert{}")
    fails("bad argument #3 to 'insert' (a value is put at the end, not at a place)",
      "insert({ 1, 2 }, 1, 3)")
  end)
end)

describe("addresses", function()
  it("count within their kind", function()
    gives("10.0.1.0", "tostring(ip'10.0.0.255' + 1)")
    gives("9.255.255.255", "tostring(ip'10.0.0.0' - 1)")
    gives("10.0.0.5", "tostring(5 + ip'10.0.0.0')")
    gives("2001:db8:0:1::", "tostring(ip6'2001:db8::ffff:ffff:ffff:ffff' + 1)")
    gives("00:11:22:33:45:00", "tostring(mac'00:11:22:33:44:ff' + 1)")
    gives("256", "tostring(ip'10.0.1.0' - ip'10.0.0.0')")
    gives("-1", "tostring(ip6'::1' - ip6'::2')")
    for _, n in ipairs { 0, 1, 255, 256, 65535, 1 << 24, 0xfffffff } do
      local sum = 0x0a000000 + n
      gives(("%d.%d.%d.%d"):format(sum >> 24, sum >> 16 & 255, sum >> 8 & 255, sum & 255),
            ("tostring(ip'10.0.0.0' + %d)"):format(n))
      gives("10.0.0.0", ("tostring(ip'10.0.0.0' + %d - %d)"):format(n, n))
    end
    fails("255.255.255.255 + 1 is no IPv4 address", "ip'255.255.255.255' + 1")
    fails("0.0.0.0 - 1 is no IPv4 address", "ip'0.0.0.0' - 1")
    fails(":: + -1 is no IPv6 address", "ip6'::' + -1")
    fails("ff:ff:ff:ff:ff:ff + 9223372036854775807 is no MAC address",
          "mac'ff:ff:ff:ff:ff:ff' + 9223372036854775807")
    fails("the addresses are too far apart", "ip6'8000::' - ip6'::'")
    fails("a whole number is added to an address, not a number", "ip'1.2.3.4' + 1.5")
  end)

  it("are compared within their kind", function()
    gives("true false true true", "concat({ tostring(ip'1.2.3.4' < ip'1.2.3.5'), tostring(" ..
          "ip'1.2.3.4' > ip'1.2.3.5'), tostring(ip'1.2.3.4' == ip'1.2.3.4'), tostring(" ..
          "ip'1.2.3.4' <= ip'1.2.3.4') }, ' ')")
    gives("false", "tostring(ip'1.2.3.4' == mac'00:00:01:02:03:04')")
    fails("only addresses of one kind are compared", "ip'1.2.3.4' < ip6'::1'")
    fails("only addresses of one kind are compared", "ip'1.2.3.4' < 5")
  end)

  it("come of texts, numbers and bytes", function()
    gives("10.0.0.1", "tostring(ip(0x0a000001))")
    gives("10.0.0.1", "tostring(ip(hex'0a000001'))")
    gives("00:00:00:00:00:05", "tostring(mac(5))")
    gives("0a:0b:0c:01:02:03", "tostring(mac'A-b-0C-1-2-3')")
    gives("2001:db8::1", "tostring(ip6(bytes(ip6'2001:db8::1')))")
    gives("1.2.3.4", "tostring(ip(ip'1.2.3.4'))")
    gives("address", "type(ip'1.2.3.4')")
    for word, kind in pairs { ip = "an IPv4 address such as 10.0.0.1",
                              ip6 = "an IPv6 address such as 2001:db8::1",
                              mac = "a MAC address such as 00:11:22:33:44:55" } do
      for _, text in ipairs { "'x'", "''", "'1.2.3'", "'1.2.3.4.5'", "'1.2.3.4\\0'", "'::1\\0x'",
                              "'1.2.3.256'", "'1:2:3:4:5'", "'1:2:3:4:5:6:'", "-1", "1 << 62" } do
        fails(("bad argument #1 to '%s' (%s was expected)"):format(word, kind),
              word .. "(" .. text .. ")")
      end
    end
  end)
end)

describe("chance", function()
  it("stays within its range", function()
    for _, range in ipairs { "1, 6", "-3, 3", "5, 5",
                              "-9223372036854775807, 9223372036854775807" } do
      local low, high = range:match "(%-?%d+), (%-?%d+)"
      for _ = 1, 30 do
        local n = math.tointeger((lua("tostring(random(" .. range .. "))")))
        assert.is_true(n >= math.tointeger(low) and n <= math.tointeger(high))
      end
    end
    for _ = 1, 30 do
      local n = math.tointeger((lua "tostring(random(6))"))
      assert.is_true(n >= 1 and n <= 6)
    end
    fails("bad argument #1 to 'random' (the range is empty)", "random(0)")
    fails("bad argument #2 to 'random' (the range is empty)", "random(2, 1)")
    fails("bad argument #1 to 'random' (number expected, got no value)", "random()")
  end)

  it("keeps a network's prefix", function()
    for _ = 1, 30 do
      assert.matches("^10%.1%.2%.%d+$", (lua "tostring(randip'10.1.2.0/24')"))
      assert.equal("10.1.2.3", (lua "tostring(randip'10.1.2.3/32')"))
      assert.matches("^2001:db8:", (lua "tostring(randip'2001:db8::/32')"))
      local odd = math.tointeger((lua "tostring(randip'10.0.0.128/25' - ip'10.0.0.0')"))
      assert.is_true(odd >= 128 and odd <= 255)
    end
    for _, text in ipairs { "10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1",
                            "10.0.0/8", "::/129", "10.0.0.1\\0/8", "/8", "",
                            "10.0.0.0/99999999999999999999" } do
      fails("bad argument #1 to 'randip' (a network such as 10.0.0.0/8 or 2001:db8::/32 was " ..
            "expected)", "randip'" .. text .. "'")
    end
  end)

  it("gives MAC addresses that are nobody's", function()
    for _ = 1, 30 do
      local first = (lua "bytes(randmac())"):byte()
      assert.equal(2, first & 3)
    end
  end)

  it("gives as many bytes as asked for", function()
    for _, n in ipairs { 0, 1, 7, 8, 9, 1000, 65536 } do
      assert.equal(n, #lua("randbytes(" .. n .. ")"))
    end
  end)
end)

describe("the packet", function()
  local function see(text)
    local result, err = service:call("build_pkt", array {
      { id = "Ether", fields = array { { id = "src", value = "00:11:22:33:44:55" } } },
      { id = "IP", fields = array { { id = "src", value = "10.0.0.1" } } },
      { id = "IP", fields = array { { id = "src", value = "10.0.0.2" },
                                    { id = "ttl", value = 9 } } },
      { id = "Raw", fields = array {
        { id = "load", value = { vtype = "EXPRESSION", expr = text } } } } })
    if not result then return nil, (err.message:gsub("^Scapy Server: Raw.load: ", "")) end
    return luapkt.wire.unbase64(result.binary):sub(14 + 20 + 20 + 1)
  end

  it("is seen as far as it is set", function()
    assert.equal("00:11:22:33:44:55", (see "pkt.Ether.src .. ''"))
    assert.equal("10.0.0.1", (see "pkt.IP.src .. ''"))
    assert.equal("10.0.0.2", (see [[pkt["IP:1"].src .. ""]]))
    assert.equal("10.0.0.3", (see "tostring(pkt[3].src + 1)"))
    assert.equal("9", (see "tostring(pkt[3].ttl)"))
    assert.equal("4", (see "tostring(#pkt)"))
    assert.equal("dummy", (see "layer.load"))
  end)

  it("shows values of every kind as tables, numbers and texts", function()
    local function of(model, text)
      local list = array(model)
      list[#list + 1] = { id = "Raw", fields = array {
        { id = "load", value = { vtype = "EXPRESSION", expr = text } } } }
      local result, err = service:call("build_pkt", list)
      assert.is_nil(err and err.message)
      local load = result.data[#list].fields[1].value
      return luapkt.wire.unbase64(load.base64)
    end
    local function set(id, field, to)
      return { id = id, fields = array { { id = field, value = to } } }
    end
    local expression = function(text) return { vtype = "EXPRESSION", expr = text } end

    local variables = set("SNMP", "PDU", expression [[SNMPget{ id = -5, varbindlist = {
      SNMPvarbind{ oid = "1.3.6.1", value = 7 }, SNMPvarbind{ oid = "1.3.6.2" } } }]])
    local pdu = "pkt.SNMP.PDU[1]"
    assert.equal("public 1", of({ variables }, "pkt.SNMP.community .. ' ' .. pkt.SNMP.version"))
    assert.equal("-5", of({ variables }, ("tostring(%s.id)"):format(pdu)))
    assert.equal("1.3.6.1 INTEGER 7", of({ variables },
      ("(function(v) return v.oid .. ' ' .. v.value[1] .. ' ' .. v.value[2] end)" ..
       "(%s.varbindlist[1])"):format(pdu)))

    local ipv6 = set("IPv6", "src", "2001:db8::1")
    assert.equal("2001:db8::2", of({ ipv6 }, "tostring(pkt.IPv6.src + 1)"))
    local route = set("IPOption_RR", "routers", array { "1.2.3.4" })
    assert.equal("1.2.3.5", of({ set("IP", "options", array { route }) },
      "tostring(pkt.IP.options[1].routers[1] + 1)"))
    local options = set("TCP", "options", array { array { "MSS", 1460 }, array { 99, "ab" } })
    assert.equal("MSS 1460 99 ab", of({ { id = "IP" }, options },
      "(function(o) return concat({ o[1][1], o[1][2], o[2][1], o[2][2] }, ' ') end)" ..
      "(pkt.TCP.options)"))
    assert.equal("0.5", of({ set("STP", "age", "0.5") }, "tostring(pkt.STP.age)"))
  end)

  it("says what is above, as it will on the wire", function()
    assert.equal("2048 4 0", (see [[pkt.Ether.type .. " " .. pkt.IP.proto .. " " .. pkt[3].proto]]))
    local sport = { id = "sport", value = { vtype = "EXPRESSION", expr = "layer.dport + 1" } }
    for _, case in ipairs {
      { array { { id = "UDP", fields = array { sport } }, { id = "VXLAN" } }, "12b6 12b5" },
      { array { { id = "UDP", fields = array { sport } } }, "0036 0035" },
    } do
      local result = assert(service:call("build_pkt", case[1]))
      assert.equal(unhex(case[2]), luapkt.wire.unbase64(result.binary):sub(1, 4))
    end
    local deep = { id = "prio", value = { vtype = "EXPRESSION", expr = "(pkt.IP.proto - 16)" } }
    local result = assert(service:call("build_pkt", array { { id = "IP" }, { id = "UDP" },
      { id = "VXLAN" }, { id = "Ether" }, { id = "Dot1Q", fields = array { deep } } }))
    assert.equal(unhex "2001", luapkt.wire.unbase64(result.binary):sub(-4, -3))
  end)

  it("says which field a constructor wasn't given", function()
    for text, message in pairs {
      ["IP{}.src"] = "IP.src isn't set",
      ["DNSQR().qname"] = "DNSQR.qname isn't set",
      ["DNSQR()[0]"] = "DNSQR[0] isn't set",
      ["IP{ src = '10.0.0.1' }.dst"] = "IP.dst isn't set",
      ["(IP{} / UDP{}).src"] =
        "layers on each other have no field 'src', but each has fields: [1].src",
      ["(IP{} / UDP{})[3]"] = "of layers on each other there are those from 1 to 2",
    } do
      local _, err = see(text)
      assert.equal(message, err)
    end
    assert.equal("10.0.0.1", (see "IP{ src = '10.0.0.1' }.src"))
    assert.equal("5", (see "tostring((IP{} / UDP{ dport = 5 })[2].dport)"))
  end)

  it("says what isn't there", function()
    for text, message in pairs {
      ["pkt.IP.len"] = "IP.len has no value yet",
      ["pkt.IP.nope"] = "IP has no field 'nope'",
      ["pkt.TCP.sport"] = "there is no layer TCP so far",
      ['pkt["IP:2"].src'] = "there is no layer IP:2 so far",
      ['pkt["IP:1x"].src'] = "there is no layer IP:1x so far",
      ["pkt[5].src"] = "the packet has 4 layers so far",
    } do
      local _, err = see(text)
      assert.equal(message, err)
    end
  end)

  it("that is too large to be seen can't be looked at", function()
    local fields = array { { id = "load", value = ("x"):rep(70000) } }
    local function behind(text)
      return service:call("build_pkt", array { { id = "Raw", fields = fields }, { id = "Raw",
        fields = array { { id = "load", value = { vtype = "EXPRESSION", expr = text } } } } })
    end
    local _, err = behind "pkt.Raw.load"
    assert.matches("^Scapy Server: layer 2: Raw.load: the packet so far is too large to be " ..
                   "looked at: %d+ bytes, at most 65536 are$", err.message)
    assert.is_table((behind "upper('x')"))
  end)
end)
