-- Format strings: as Python's str.format does them, with the interpreter as the second opinion
-- (https://docs.python.org/3/library/string.html, "Format Specification Mini-Language").

local format  = require "luapkt.shark.format"
local luapkt  = require "luapkt"
local support = require "spec.support"

local quote = support.quote

-- An item of which these are asked for: an integer, a real number, a text.
local function item(value)
  return {
    about = { number = value.i, note = value.s, time = value.f },
    shark = { time = function() return "the time" end },
  }
end

-- As 'timestamp' is what an item has of real numbers: nanoseconds that are seconds.
local function at(seconds) return { f = seconds * 1e9 } end

local function ours(spec, value)
  local name = value.i and "number" or value.s and "note" or "timestamp"
  local f, why = format.compile(("{%s:%s}"):format(name, spec))
  if not f then return nil, why end
  local ok, text = pcall(f, item(value))
  return ok and text or nil, text
end

-- Reads lines of a spec, a tab, and a value in Python; prints what it makes of each, or "error".
local PYTHON = [[
import sys
for line in sys.stdin.buffer.read().decode("utf-8").split("\n")[:-1]:
    spec, value = line.split("\t")
    try:
        text = ("{:" + spec + "}").format(eval(value)).encode("unicode_escape").decode()
    except (ValueError, OverflowError):
        text = "error"
    print("=" + text)
]]

local function ask_python(lines)
  local folder = support.tmpdir()
  support.write_file(folder .. "/ask.py", PYTHON)
  support.write_file(folder .. "/lines", table.concat(lines, "\n") .. "\n")
  local ok, out, err = support.run(
    ("cd %s && python3 ask.py <lines"):format(quote(folder)))
  assert(ok, err)
  local answers = {}
  for line in out:gmatch "=([^\n]*)\n" do answers[#answers + 1] = line end
  assert.equal(#lines, #answers)
  return answers
end

-- As Python's "unicode_escape" has it.
local function escape(text)
  local parts = {}
  for _, code in utf8.codes(text) do
    local c = utf8.char(code)
    if code == 0x5c then c = "\\\\" elseif code == 10 then c = "\\n" elseif code == 9 then c = "\\t"
    elseif code == 13 then c = "\\r" elseif code > 0xffff then c = ("\\U%08x"):format(code)
    elseif code > 0xff then c = ("\\u%04x"):format(code)
    elseif code < 32 or code > 126 then c = ("\\x%02x"):format(code) end
    parts[#parts + 1] = c
  end
  return table.concat(parts)
end

local integers = { 0, 1, 7, 53, 255, 1000, 65535, 1234567, 4294967295, 1099511627776 }
local reals = { 0, 0.5, 1.25, 3.14159, 1000, 1550000000.25, 123456.789, 0.001 }
local texts = { "", "x", "10.0.0.1", "caf\xc3\xa9", "a longer text than any width" }

local aligns = { "", "", "", "<", ">", "^", "=", "*<", ".>", "_^", "0=", "\xc3\xa9^", " <", "<<" }
local signs  = { "", "", "", "+", "-", " " }
local widths = { "", "", "1", "9", "20" }
local groups = { "", "", "", ",", "_" }
local precisions = { "", "", "", ".0", ".1", ".3", ".12" }

local function one_of(list) return list[math.random(#list)] end

describe("a format", function()
  local has_python = support.run "python3 -c pass"

  -- Every pair of options is there often; Python says what each is.
  local function compare(values, letters, count, show)
    math.randomseed(5)
    local lines, made = {}, {}
    for i = 1, count do
      local spec = table.concat { one_of(aligns), one_of(signs), one_of { "", "", "#" },
        one_of { "", "", "0" }, one_of(widths), one_of(groups), one_of(precisions),
        one_of(letters) }
      local value = one_of(values)
      if spec == "" then spec = "<" end -- times alone have a format of their own
      made[i] = { spec, value }
      lines[i] = spec .. "\t" .. show(value)
    end
    local wrong = {}
    for i, answer in ipairs(ask_python(lines)) do
      local spec, value = made[i][1], made[i][2]
      local text = ours(spec, value)
      text = text and escape(text) or "error"
      if text ~= answer then
        wrong[#wrong + 1] = ("%q of %s: Python %q, ours %q"):format(spec, show(value), answer, text)
      end
    end
    assert(#wrong == 0, ("%d of %d differ:\n%s"):format(#wrong, count,
      table.concat(wrong, "\n", 1, math.min(#wrong, 15))))
  end

  local function listed(list, wrap)
    local values = {}
    for i, v in ipairs(list) do values[i] = wrap(v) end
    return values
  end

  if has_python then
    it("of integers is Python's", function()
      compare(listed(integers, function(n) return { i = n } end),
        { "", "d", "b", "o", "x", "X", "e", "E", "f", "F", "g", "G", "n", "%" }, 8000,
        function(value) return ("%d"):format(value.i) end)
    end)

    it("of a character is Python's", function()
      compare(listed({ 65, 233, 8364, 128512 }, function(n) return { i = n } end), { "c" }, 1000,
        function(value) return ("%d"):format(value.i) end)
    end)

    it("of real numbers is Python's", function()
      compare(listed(reals, at), { "", "e", "E", "f", "F", "g", "G", "n", "%" }, 8000,
        function(value) return ("%.17g"):format(value.f / 1e9 + 0.0) .. (value.f % 1e9 == 0 and ".0"
          or "") end)
    end)

    it("of text is Python's", function()
      compare(listed(texts, function(s) return { s = s } end), { "", "s" }, 4000,
        function(value) return ("'%s'"):format(value.s) end)
    end)
  else
    pending "isn't compared: there is no python3"
  end

  it("of what isn't there is blank", function()
    for spec, wanted in pairs { [""] = "", ["6"] = "      ", ["06d"] = "      ", ["<6x"] = "      ",
      ["*^4"] = "    ", [".2f"] = "" } do
      assert.equal(wanted, format.compile(("{note:%s}"):format(spec))(item {}), spec)
    end
  end)

  it("has plain text and braces", function()
    assert.equal("a{b}c 7%", format.compile "a{{b}}c {number}%"(item { i = 7 }))
    assert.equal("", format.compile ""(item {}))
  end)

  it("says what is wrong with it, and where", function()
    for text, complaint in pairs {
      ["ab{"] = "column 3: '{' isn't closed; '{{' is the character",
      ["}"] = "column 1: '}' closes nothing; '}}' is the character",
      ["{}"] = "column 1: {}: there is no protocol or value ''",
      ["x{nothing}"] = "column 2: {nothing}: there is no protocol or value 'nothing'",
      ["{number!z}"] = "column 1: {number!z}: there is no conversion '!z': h, r or s",
      ["{number:zz}"] = "column 1: {number:zz}: 'zz' is no format",
      ["{number:1001d}"] = "column 1: {number:1001d}: '1001d' is no format",
      ["{number:99999999999999999999d}"] = "column 1: {number:99999999999999999999d}: "
        .. "'99999999999999999999d' is no format",
      ["{timestamp:.99999999999999999999f}"] = "column 1: {timestamp:.99999999999999999999f}: "
        .. "'.99999999999999999999f' is no format",
      ["{IP..src}"] = "column 1: {IP..src}: '..src' is neither .FIELD nor [INDEX]",
      ["{DNS.qd[0].qname}"] = "column 1: {DNS.qd[0].qname}: the first of a list is [1]",
      ["{src.x}"] = "column 1: {src.x}: 'src' has no fields",
      ["{number[1]}"] = "column 1: {number[1]}: 'number' has no fields",
      ["{ip.tll}"] = "column 1: {ip.tll}: ip has no field 'tll'",
      ["{ethernet.x}"] = "column 1: {ethernet.x}: ethernet has no field 'x'",
      ["{transport.ports}"] = "column 1: {transport.ports}: transport has no field 'ports'",
      ["{command.nome}"] = "column 1: {command.nome}: command has no field 'nome'",
      ["{timestamp:d}"] = "column 1: {timestamp:d}: 'd' is for integers, not for a time",
      ["{IP.src[x]}"] = "column 1: {IP.src[x]}: '[x]' is neither .FIELD nor [INDEX]",
    } do
      local f, why = format.compile(text)
      assert.same({ nil, complaint }, { f, why }, text)
    end
  end)

  it("converts what a person sees, or what the value is", function()
    local p = luapkt.IP{ src = "10.0.0.1" } / luapkt.TCP{ flags = "SA" }
    local function of(text)
      return (format.compile(text)({ packet = p, about = {}, shark = {} }))
    end
    assert.equal("18 SA    18  0x12", of
      "{TCP.flags} {TCP.flags!h} {TCP.flags!r:>5} {TCP.flags:>#5x}")
    assert.equal("10.0.0.1|  10.0.0.1|", of "{IP.src!s}|{IP.src!h:>10}|{UDP.sport!s}")
    assert.equal("10.0.0.1 .", of "{ip.src} {IP:1.src}.")
    assert.equal("|    |", of "|{UDP.sport!h:*^4}|")
  end)

  it("has a time to the nanosecond, where it is asked for so, or the time is", function()
    local function of(spec, time)
      return (format.compile(("{timestamp:%s}"):format(spec))(item { f = time }))
    end
    assert.equal("1700000000.123456789", of(".9f", 1700000000123456789))
    assert.equal("1700000000.000005000", of(".9f", 1700000000000005000))
    assert.equal("1700000000.123456", of("f", 1700000000123456400))
    assert.equal("4294967295.999999999", of(".9F", 4294967295999999999))
    assert.equal("1700000001.000000", of(".6f", 1700000000999999999))
    assert.equal("0.0000002 0.0000002", of(".7f", 150) .. " " .. of(".7f", 250)) -- half to even
    assert.equal("2 0.", of(".0f", 1500000001) .. " " .. of("#.0f", 499999999))
    assert.equal("+000,001,700,000,000.00000001", of("=+029,.8f", 1700000000000000010))
    assert.equal("-1.000000001", of(".9f", -1000000001))
    assert.equal("1700000000.1234567165", of(".10f", 1700000000123456789)) -- as a float has it
  end)

  it("has an item of a list as Lua has it", function()
    local p = luapkt.TCP{ options = { { "MSS", 1460 }, { "NOP" } } }
    local q = luapkt.DNS{ qd = luapkt.DNSQR{ qname = 'a"b\n' } }
    local function of(packet, text)
      return (format.compile(text)({ packet = packet, about = {}, shark = {} }))
    end
    assert.equal('{"MSS", 1460} {"NOP"} MSS ', of(p,
      "{TCP.options[1]} {TCP.options[2]} {TCP.options[1][1]} {TCP.options[3]}"))
    assert.equal('DNSQR{qname="a\\"b\\x0a", qtype=1, qclass=1}', of(q, "{DNS.qd[1]}"))
  end)

  it("has a field of every item of a list, as tshark has", function()
    local function of(text, ...)
      local questions = {}
      for i, name in ipairs { ... } do questions[i] = luapkt.DNSQR{ qname = name, qtype = i } end
      local p = luapkt.DNS{ qd = questions }
      return (format.compile(text)({ packet = p, about = {}, shark = {} }))
    end
    assert.equal("a.org.,b.org.", of("{DNS.qd.qname}", "a.org.", "b.org."))
    assert.equal("1,2 1", of("{DNS.qd.qtype} {DNS.qd[1].qtype}", "a.org.", "b.org."))
    assert.equal("a.org. 0x1", of("{DNS.qd.qname} {DNS.qd.qtype:#x}", "a.org."))
    assert.equal("<>", of("<{DNS.qd.qname}>"))
    assert.equal("", of("{DNS.qd.nothing}", "a.org"))
  end)

  it("has nothing at a place that is more than a list or packet has", function()
    local p = luapkt.IP{ src = "10.0.0.1" } / luapkt.UDP() / luapkt.DNS{ qd = luapkt.DNSQR() }
    local function of(text) return assert(format.compile(text))({ packet = p }) end
    for _, place in ipairs { "9", "9223372036854775807", "99999999999999999999" } do
      assert.equal("<|>", of(("<{IP:%s.src}|{DNS.qd[%s]}>"):format(place, place)))
    end
  end)

  it("for numbers of a text is refused when the text comes", function()
    local text, why = ours("d", { s = "text" })
    assert.same({ nil, "{note:d}: 'd' is for numbers, not for text" }, { text, why })
  end)

  it("that a value doesn't fit is named", function()
    local line = assert(format.compile "{number:3d} {len:5.1}")
    assert.error_matches(function() line { about = { number = 1, wire_len = 60 } } end,
      "^{len:5.1}: a precision is for real numbers, not for integers$")
  end)
end)
