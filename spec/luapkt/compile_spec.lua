-- Mistakes in declarations, and how they are reported.

local f        = require "luapkt.field"
local registry = require "luapkt.registry"

-- Compile a protocol beside the two that every generation has: true, or false and a message.
local function compiled(members)
  local decl = { id = "X", file = "spec", fields = { f.u8 "n" } }
  for k, v in pairs(members) do decl[k] = v end
  local made, err = registry.compile {
    { id = "Raw", file = "spec", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw", file = "spec" },
    decl,
  }
  return made ~= nil, err
end

describe("an id", function()
  it("is there, and a word", function()
    for shown, id in pairs { ["no id"] = false, ["5"] = 5, ["a b"] = "a b", [""] = "" } do
      local made, err = registry.compile { { id = id or nil, file = "spec", fields = {} } }
      assert.is_nil(made)
      assert.equal(("spec:1: %s: a protocol needs an id of letters, digits and _"):format(shown),
                   err)
    end
  end)
end)

describe("'link'", function()
  local six = f.peek(0, 4):eq(6)

  it("is a link type, or a list of them, some with a condition", function()
    for _, link in ipairs { 0, 65535, { 1, 2 }, { 1, { 2, 3, when = six } } } do
      assert.is_true(compiled { link = link })
    end
  end)

  it("is nothing else", function()
    for shown, link in pairs { ["65536"] = 65536, ["-1"] = -1, ["1.5"] = 1.5, ether = "ether",
                               ["65537"] = { 1, { 65537, when = six } } } do
      local ok, err = compiled { link = link }
      assert.is_false(ok)
      assert.equal("spec:1: X: link: a link type, 0 to 65535, was expected, not " .. shown, err)
    end
  end)

  it("has rules for conditions", function()
    local ok, err = compiled { link = { { 1, when = "six" } } }
    assert.is_false(ok)
    assert.equal("spec:1: X: 'link.when' is a string, not a rule", err)
  end)
end)

describe("a mistake in a field", function()
  local other = f.u8 "n"

  -- The message of a protocol with these fields, without what says where: the line is this file's.
  local function mistake_of(...)
    local ok, err = compiled { fields = { ... } }
    assert.is_false(ok)
    return (err:gsub("^spec:%d+: ", ""))
  end

  local function is_said(message, ...)
    assert.equal(message, mistake_of(other, ...))
  end

  it("names what has no text by its type, not by its address", function()
    is_said("X.a: unknown option 'a table'", f.u8("a", { [{}] = 1 }))
    is_said("X.a: a width of 1 to 64 bits was expected, not a table", f.bits("a", {}))
    is_said("X.a: a width of 1 to 64 bits was expected, not a function", f.bits("a", print))
    is_said("X.a: an enumeration maps whole numbers to names, not a table to 1",
            f.u8("a", { names = { [{}] = 1 } }))
    for message, members in pairs {
      ["unknown member 'a table'"] = { [{}] = 1 },
      ["payloads: an id was expected, not a table"] = { payloads = { {} } },
      ["carries: there is no protocol 'a table'"] = { carries = { {} } },
    } do
      local ok, err = compiled(members)
      assert.same({ false, "spec:1: X: " .. message }, { ok, err })
    end
  end)

  it("is said with the protocol, the field and what would be right", function()
    is_said("X.a: unknown option 'nmes'", f.u8("a", { nmes = {} }))
    is_said("X.a: a width of 1 to 64 bits was expected, not 70", f.bits("a", 70))
    is_said("X.a: unknown kind of field", { id = "a", kind = "u7" })
    is_said("X.a: 'size' is 1.5, not a rule or an integer", f.bytes("a", { size = 1.5 }))
    is_said("X.a: 'size' is 1000.0, not a rule or an integer", f.bytes("a", { size = 1e3 }))
    is_said("X.a: more names than the field has bits", f.flags("a", 2, "abc"))
    is_said("X.a: more names than the field has bits", f.flags("a", 8, { "a", "b", "c", "d", "e",
      "f", "g", "h", "i" }))
    is_said("X.a: only numbers and MAC addresses are worked out; others can be 'auto = 0'",
      f.bytes("a", { auto = 3 }))
    is_said("X.a: 'fit' needs a size", f.bytes("a", { fit = true }))
    local padded = "X.a: bytes have a 'pad' of 'when' alone, beside 'align'"
    is_said(padded, f.bytes("a", { pad = { when = 1 } }))
    is_said(padded, f.bytes("a", { align = 8, pad = { many = "X" } }))
    is_said("X.a: a list needs an item, such as f.ipv4()", f.list("a", 3))
    is_said("X.a: a list needs an item, such as f.ipv4()", f.list("a", { count = 2 }))
    is_said("X.a: there is no protocol 'Nope'", f.layers("a", { of = "Nope" }))
    is_said("X.a: 'of', the protocol within, is missing", f.layers("a"))
    is_said("X.a: the last alternative must have no 'when'",
      f.choice("a", { { when = 1, f.u8() } }))
    is_said("X.a: alternative 1: { when = rule, field } was expected", f.choice("a", { 3 }))
  end)

  it("may be two flags of one name", function()
    is_said("X.a: the flags 1 and 3 are both called 'S'", f.flags("a", 8, "SFS"))
    is_said("X.a: the flags 2 and 3 are both called 'MF'", f.flags("a", 3, { "DF", "MF", "MF" }))
    is_said("X.a: the flags 2 and 3 are both called '?'", f.flags("a", 8, "S??"))
    is_said("X.a: the flags 1 and 2 are both called 'S'", f.flags("a", 4, "SS?", { unnamed = "?" }))
    assert.is_true(compiled { fields = { f.flags("a", 8, { "A", "", "B", false, "" }) } })
    assert.is_true(compiled { fields = { f.flags("a", 8, "S??F?", { unnamed = "?" }) } })
  end)

  it("may be a word that there isn't, or what no rule can do", function()
    local function is_raised(message, mistake)
      local ok, err = pcall(mistake)
      assert.is_false(ok)
      assert.equal(message, (err:gsub("^[^:]*compile_spec.lua:%d+: ", "")))
    end
    is_raised("there is no kind of field and no rule 'f.u9'", function() return f.u9 "a" end)
    is_raised("rules divide by //: they know whole numbers alone", function()
      return f.ref "a" / 2
    end)
    is_raised("rules have no power ^; << shifts", function() return 2 ^ f.ref "a" end)
  end)

  it("may be the place of bits of a number of two bytes", function()
    local wrong = "X.%s: bits with 'little' fill two bytes, from an even one, at a fixed place"
    local twelve, four = f.bits("a", 12, { little = true }), f.bits("b", 4, { little = true })
    assert.equal(wrong:format "a", mistake_of(other, twelve, four))
    assert.equal(wrong:format "a", mistake_of(f.bytes "n", twelve, four))
    assert.equal(wrong:format "n", mistake_of(four, other))
    wrong = "X: bits with 'little' do not fill the last two bytes"
    assert.equal(wrong, mistake_of(other, other, four))
    assert.is_true(compiled { fields = { other, other, twelve, four } })
    assert.is_true(compiled { fields = { twelve, four, f.bytes("c", { ends = 0 }), other } })
  end)

  it("may be in a rule", function()
    is_said("X.a: the rule refers to 'y', which is no field of X", f.u8("a", { auto = f.ref "y" }))
    is_said("X.a: 'auto' is a table, not a rule", f.u8("a", { auto = {} }))
    is_said("X.a: 'when' is a string, not a rule", f.u8("a", { when = "n" }))
    is_said("X.a: 'when' is a boolean, not a rule: rules are compared by methods, such as :eq(v)",
      f.u8("a", { when = f.ref "n" == 1 }))
    for _, leaf in ipairs { "above", "below", "stacked" } do
      is_said("X.a: there is no protocol 'Rwa'", f.u8("a", { when = f[leaf]("Raw", "Rwa") }))
      local nothing = ("X.a: the rule '%s' names no protocol"):format(leaf)
      is_said(nothing, f.u8("a", { when = f[leaf]() }))
    end
    assert.error_matches(function() return f.ref "n" < 1 end,
      "rules are compared by methods, such as :lt%(v%)$")
    assert.error_matches(function() return f.ref("n"):eq(1):both(f.ref "n" == 1) end,
      "both: a rule or an integer expected, got boolean$")
    for name, call in pairs {
      one_of = function() local _ = f.ref("n"):one_of { 1, 2 } end,
      between = function() local _ = f.ref("n"):between(1) end,
    } do
      local _, err = pcall(call) -- with the author's line
      assert.matches("compile_spec%.lua:%d+: " .. name .. ": a rule or an integer expected", err)
    end
    local deep = f.ref "n"
    for _ = 1, 2000 do deep = deep + 1 end
    is_said("X.a: the rule is too deep", f.u8("a", { auto = deep }))
  end)

  -- n + (n + (n + ...)): all numbers are there before the first two are added.
  it("may be a rule that needs more than 32 numbers at once", function()
    local function sum(numbers)
      local rule = f.ref "n"
      for _ = 2, numbers do rule = f.ref "n" + rule end
      return f.u16("a", { auto = rule })
    end
    is_said("X.a: the rule is too deep", sum(33))
    assert.is_true(compiled { fields = { other, sum(32) } })
  end)

  it("may be that something lies in itself", function()
    local list, default = f.list("a", f.u8()), {}
    list.item, default[1] = list, default
    is_said("X.a: nested too deep", list)
    is_said("X.a: nested too deep", f.list("a", f.u8(), { default = default }))
    local rule = f.ref "n" + 1
    rule[1] = rule
    is_said("X.a: the rule is too deep", f.u8("a", { auto = rule }))
  end)

  it("may be in an enumeration", function()
    is_said("X.a: there is no shared enumeration 'nope'", f.u8("a", { names = "nope" }))
    is_said("X.a: 'names' is a number, not a table or a shared name", f.u8("a", { names = 3 }))
    is_said("X.a: 'ref', a field's id, is missing", f.u8("a", { names_by = { [1] = {} } }))
    is_said("X.a: an enumeration maps whole numbers to names, not x to 3",
      f.u8("a", { names = { x = 3 } }))
    is_said("X.a: 'names_by' has a field's id as 'ref', and names by whole numbers",
      f.u8("a", { names_by = { ref = "n", one = {} } }))
  end)

  it("may be in options", function()
    is_said("X.a: option 300: a code of 0 to 255 and { name, form... } were expected",
      f.options("a", { [300] = {} }))
    for _, form in ipairs { "foo", "u9", "u0", "u128", "u8x" } do
      is_said(("X.a: option 30: unknown form '%s'"):format(form),
        f.options("a", { [30] = { "x", "u8", form } }))
    end
    is_said("X.a: 'length' is 'all' or 'value', not 'valeu'",
      f.options("a", {}, { length = "valeu" }))
    is_said("X.a: 'style' is 'tcp', 'dhcp' or 'attributes', not 'dns'",
      f.options("a", {}, { style = "dns" }))
    is_said("X.a: an option has too many parts",
      f.options("a", { [30] = { "x", "u8", "u16", "u8", "u16", "u8" } }))
  end)

  it("may be how it is shown", function()
    local shows = "dec, hex, utc, ms_of_day, fixed8, fixed16, ntp, ntp_number, centi, quad, " ..
      "pair, boolean, eui64, ipv6_option"
    for _, wrong in ipairs { "octal", "uuid" } do
      is_said(("X.a: 'show' of a field of kind 'uint' is one of %s, not '%s'"):format(shows, wrong),
        f.u8("a", { show = wrong }))
    end
    is_said("X.a: 'show' of a field of kind 'bytes' is one of hex, uuid, not 'utc'",
      f.bytes("a", { show = "utc" }))
    for kind, field in pairs {
      mac = f.mac, ipv4 = f.ipv4, ipv6 = f.ipv6, name = f.name, list = function(id, opts)
        return f.list(id, f.u8(), opts)
      end,
    } do
      is_said(("X.a: 'show' is not for a field of kind '%s'"):format(kind),
        field("a", { show = "hex" }))
    end
    is_said("X.a: what is shown as 'boolean' has 1 bit", f.bits("a", 2, { show = "boolean" }))
    is_said("X.a: what is shown as 'pair' has 32 bits", f.u16("a", { show = "pair" }))
    is_said("X.a: what is shown as 'ntp' has 64 bits", f.u32("a", { show = "ntp" }))
    is_said("X.a: what is shown as 'uuid' has 16 bytes", f.bytes("a", { show = "uuid", size = 4 }))
    is_said("X.a: flags are shown by name", f.flags("a", 8, "abc", { show = "hex" }))
  end)

  it("may be a name that is another field's", function()
    is_said("X.a: its alias 'n' is that of 'n', too", f.u8("a", { alias = "n" }))
    is_said("X.a: its alias 'q' is that of 'b', too", f.u8("a", { alias = "q" }),
      f.u8("b", { alias = "q" }))
    local given = f.ref("n"):eq(1)
    assert.is_true(compiled {
      fields = { other, f.u8("a", { alias = "q", when = given }),
        f.u16("a", { alias = "q", when = given:no() }) },
    })
  end)

  it("is found before its default is looked at", function()
    for kind, default in pairs { oid = "1.3.6", integer = 1 } do
      local field = f.asn1[kind]("a", { default = default })
      field.element = nil
      assert.equal(("X.a: '%s' is for elements of ASN.1"):format(kind), (mistake_of(field)))
    end
  end)

  it("has the line of its constructor", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local field = f.u8("a", { nmes = {} })
    local _, err = compiled { fields = { field } }
    assert.equal(("spec:%d: X.a: unknown option 'nmes'"):format(line), err)
  end)
end)

describe("fields that can't be read", function()
  local function is_said(message, ...)
    local ok, err = compiled { fields = { ... } }
    assert.is_false(ok)
    assert.equal("X." .. message, (err:gsub("^spec:%d+: X%.", "X.")))
  end

  it("need one that is read later", function()
    local later, rule = f.u8 "later", f.ref "later"
    local message = "a: the rule refers to 'later', which is read no earlier"
    is_said(message, f.bytes("a", { size = rule }), later)
    is_said(message, f.u8("a", { when = rule:eq(1) }), later)
    is_said(message, f.list("a", f.u8(), { count = rule }), later)
    is_said(message, f.list("a", f.bytes(nil, { size = rule })), later)
    is_said(message, f.choice("a", { { f.u8(), when = rule }, { f.u16() } }), later)
    is_said(message, f.bytes("a", { size = 2, align = 4, pad = { when = rule } }), later)
    is_said("a: the rule refers to 'a', which is read no earlier", f.u8("a", { when = f.ref "a" }))
    assert.is_true(compiled { fields = { f.u8("a", { auto = rule }), later } })
  end)

  it("need their own size", function()
    local own = "a: the rule refers to 'a', which is read no earlier"
    is_said(own, f.bytes("a", { size = f.size "a" }))
    is_said(own, f.bytes("a", { size = f.size "a" + 1, fit = true }))
    is_said(own, f.bytes("a", { size = f.padded "a" }))
    is_said(own, f.list("a", f.u8(), { count = f.count "a" }))
    is_said(own, f.list("a", f.u8(), { size = f.size "a" }))
    is_said(own, f.choice("a", { { f.u8(), when = 1 }, { f.bytes(nil, { size = f.form "a" }) } }))
    assert.is_true(compiled {
      fields = { f.bytes("a", { size = 2 }), f.bytes("b", { size = f.size "a" }) },
    })
  end)

  it("have a form that is never taken", function()
    is_said("a: alternative 1 has no 'when', so that no later one is taken",
      f.choice("a", { { f.u8() }, { f.u16() } }))
  end)

  it("leave a byte unfinished", function()
    is_said("b: the layer ends 7 bits behind the start of a byte", f.bits("a", 4), f.bits("b", 3))
    is_said("b: it begins 4 bits behind the start of a byte", f.bits("a", 4), f.bytes "b")
    is_said("b: it begins 1 bit behind the start of a byte", f.bits("a", 9), f.bytes "b")
    assert.is_true(compiled { fields = { f.bits("a", 4), f.u16 "b", f.bits("c", 4) } })
    local given = f.ref("a"):eq(1)
    assert.is_true(compiled {
      fields = {
        f.bits("a", 4), f.bits("b", 4, { when = given }), f.bits("c", 4, { when = given:no() }),
      },
    })
  end)
end)

describe("what a rule asks about", function()
  local fields = {
    f.bits("bits", 4), f.bits("rest", 4), f.u16 "number", f.bytes("text", { size = 2 }),
    f.list("list", f.u8(), { count = 2 }), f.name "name", f.phantom "switch",
    f.choice("form", { { f.u8(), when = f.ref("bits"):eq(1) }, { f.list(nil, f.u8()), when = 1 },
      { f.bytes() } }),
  }

  local function compiled_with(field)
    return compiled { fields = { field, table.unpack(fields) } }
  end

  local function is_said(message, rule)
    local ok, err = compiled_with(f.u8("a", { auto = rule }))
    assert.is_false(ok)
    assert.equal("X.a: " .. message, (err:gsub("^spec:%d+: ", "")))
  end

  it("is what its kind of field has", function()
    for leaf, kinds in pairs {
      ref = { text = "bytes", list = "list", name = "name" },
      size = { bits = "uint", switch = "phantom" }, padded = { rest = "uint" },
      count = { number = "uint", text = "bytes" }, form = { number = "uint", list = "list" },
    } do
      for id, kind in pairs(kinds) do
        is_said(("f.%s is not for a field of kind '%s', which '%s' is"):format(leaf, kind, id),
          f[leaf](id))
      end
    end
    for _, rule in ipairs {
      f.ref "form", f.count "form", f.form "form", f.size "number", f.size "name", f.given "text",
    } do
      assert.is_true(compiled_with(f.u8("a", { auto = rule })))
    end
  end)

  it("is a field of some protocol below", function()
    for _, leaf in ipairs { "under", "under_size" } do
      is_said(("f.%s refers to 'nope', which is no field of a protocol that it can be asked about")
        :format(leaf), f[leaf] "nope")
    end
    assert.is_true(compiled_with(f.u8("a", { auto = f.under_size "load" })))
    is_said("f.under refers to 'load', which is no field of a protocol that it can be asked about",
      f.under "load")
  end)

  it("is looked at wherever there are rules", function()
    local message, rule = "f.ref is not for a field of kind 'bytes', which 'n' is", f.ref "n"
    local text = f.bytes("n", { size = 2 })
    for _, field in ipairs {
      f.u8("a", { when = rule:eq(1) }), f.bytes("a", { size = rule }),
      f.list("a", f.bytes(nil, { size = rule })),
      f.choice("a", { { f.u8(), when = rule }, { f.u16() } }),
      f.u16("a", { auto = f.checksum("inet", { over = rule }) }),
      f.layers("a", { of = "X", more = rule }),
    } do
      local ok, err = compiled { fields = { text, field } }
      assert.is_false(ok)
      assert.equal("X.a: " .. message, (err:gsub("^spec:%d+: ", "")))
    end
    local _, err = compiled { fields = { text }, extent = rule }
    assert.equal("spec:1: X: " .. message, err)
    _, err = compiled { fields = { text, f.u8("a", { names_by = { ref = "n" } }) } }
    assert.matches("X%.a: 'names_by' is by a number, not by 'n'$", err)
  end)
end)

describe("fields that are worked out from each other", function()
  it("are not, where a value is cut to what depends on its size", function()
    for _, size in ipairs { f.header(), f.payload(), f.behind "Raw" } do
      local ok, err = compiled { fields = {
        f.u8("len", { auto = size }), f.bytes("a", { size = f.ref "len" - 1, fit = true }),
      } }
      assert.is_false(ok)
      assert.matches("X%.a: 'fit' cuts it to a size by 'len', "
        .. "which is worked out from what was written$", err)
    end
    assert.is_true(compiled { fields = {
      f.u8("len", { auto = f.size "a" }), f.bytes("a", { size = f.ref "len", fit = true }),
    } })
  end)

  it("are not, in a circle", function()
    local a, b, c = f.u8("a", { auto = f.ref "b" + 1 }), f.u8("b", { auto = f.ref "c" }),
      f.u8("c", { auto = f.ref "a" })
    local ok, err = compiled { fields = { a, b, c } }
    assert.is_false(ok)
    assert.matches("X%.a: it is worked out from itself, by way of 'c'$", err)
    ok, err = compiled { fields = { f.u8("a", { auto = f.ref "a" + 1 }) } }
    assert.is_false(ok)
    assert.matches("X%.a: it is worked out from itself$", err)
  end)

  it("are in an order of their own, not that of the fields", function()
    local made = assert(registry.compile {
      { id = "Raw", file = "spec", fields = { f.bytes "load" } },
      { id = "Padding", base = "Raw", file = "spec" },
      { id = "X", file = "spec", fields = {
        f.u8("a", { auto = f.ref "b" + 1 }), f.bytes("text", { default = "abc", size = 3 }),
        f.u8("b", { auto = f.ref "c" * 2 }), f.u8("c", { auto = f.header() }),
      } },
    })
    assert.equal("\13abc\12\6", made.core:build { { "X" } })
  end)
end)

describe("what can't be worked out", function()
  local function is_said(message, field)
    field.at = 9
    local ok, err = compiled { fields = { f.u8 "n", field } }
    assert.is_false(ok)
    assert.equal("spec:9: X.a: " .. message, err)
  end

  it("is bytes that are yet to be read", function()
    local message = "'auto' is worked out when the layer is built: there is nothing to peek at"
    is_said(message, f.u8("a", { auto = f.peek(0, 8) }))
    is_said(message, f.u8("a", { auto = f.glance(0, 8) + 1 }))
    is_said(message, f.u8("a", { auto = f.text_head() }))
    is_said(message, f.u8("a", { auto = f.text_number "l" }))
    is_said(message, f.u8("a", { auto = f.text_chunks "c" }))
    is_said(message, f.u8("a", { auto = f.asked() }))
  end)

  it("is a checksum of a kind that there isn't", function()
    assert.error_matches(function() f.checksum "inet16" end, "checksum: there is no kind 'inet16'; "
      .. "there are adler32, crc16, crc24, crc32, crc32c, fletcher, inet, inet_signed$")
  end)

  it("is a checksum of other options", function()
    local function sum(options) return f.u16("a", { auto = f.checksum("inet", options) }) end
    is_said("checksum: unknown option 'psuedo'", sum { psuedo = 17 })
    is_said("checksum: 'pseudo' is a whole number, 0 to 255", sum { pseudo = "udp" })
    is_said("checksum: 'pseudo' is a whole number, 0 to 255", sum { pseudo = 256 })
    is_said("checksum: 'xor' is a whole number, 0 to 4294967295", sum { xor = -1 })
    is_said("a checksum has up to 4 words", sum { words = { 1, 2, 3, 4, 5 } })
    is_said("'checksum.words' is a string, not a rule", sum { words = { "a" } })
  end)
end)

describe("a mistake in what a protocol says about others", function()
  local function is_said(message, members)
    local ok, err = compiled(members)
    assert.is_false(ok)
    assert.equal("spec:1: X: " .. message, err)
  end

  it("is said with the protocol", function()
    is_said("fallback names 'Nope', which is no protocol", { fallback = "Nope" })
    is_said("next[1] has no id", { next = { {} } })
    is_said("Raw has no field 'lod'", { over = { Raw = { lod = 1 } } })
    is_said("the value of Raw.load is neither a whole number nor bytes",
      { over = { Raw = { load = 1.5 } } })
    is_said("'when' is a string, not a rule", { over = { Raw = { when = "x" } } })
    is_said("the rule refers to 'n', which is no field of X", { variant_of = { Raw = f.ref "n" } })
    is_said("the rule refers to 'm', which is no field of X", { required = "m" })
    is_said("'own' is a string, not a rule", { own = "x" })
    is_said("the rule refers to 'n', which is no field of X", { own = f.ref "n" })
    is_said("payloads: an id was expected, not 5", { payloads = { 5 } })
    for _, member in ipairs { "payloads", "sample" } do
      is_said(("'%s' is a string, not a table"):format(member), { [member] = "x" })
    end
  end)

  it("is fields that are none", function()
    is_said("'fields' is a number, not a table", { fields = 5 })
    for _, wrong in ipairs { 5, "n", print, {}, f.ref "n" } do
      is_said('field 1 is no field, as f.u8("id") makes one', { fields = { wrong } })
    end
  end)

  it("is fields that are no list", function()
    is_said("'fields' is no list", { fields = { f.u8 "n", m = f.u8 "m" } })
  end)

  it("is no place", function()
    local message = "place: { unit, rest } was expected, a unit of 1 to 255 and less than that"
    for _, place in ipairs { { "a", "b" }, { 4 }, { 4, 4 }, { 0, 0 }, { 256, 0 }, { 4, -1 } } do
      is_said(message, { place = place })
    end
    assert.is_true(compiled { place = { 4, 2 } })
  end)

  it("is a protocol that there isn't", function()
    local there_is_none = ": there is no protocol 'Nope'"
    is_said("over" .. there_is_none, { over = { Nope = { x = 1 } } })
    is_said("over" .. there_is_none, { over = { ["Nope.options"] = { x = 1 } } })
    is_said("over: Raw has no list of layers 'load'", { over = { ["Raw.load"] = { x = 1 } } })
    is_said("below" .. there_is_none, { over = { Raw = { {}, below = { Nope = { x = 1 } } } } })
    is_said("next" .. there_is_none, { next = { { id = "Nope" } } })
    is_said("payloads" .. there_is_none, { payloads = { "Raw", "Nope" } })
    is_said("carries" .. there_is_none, { carries = "Nope" })
    is_said("carries" .. there_is_none, { carries = { "Nope", n = "m" } })
    is_said("variant_of" .. there_is_none, { variant_of = { Nope = f.peek(0, 8):eq(1) } })
    is_said("base" .. there_is_none, { base = "Nope" })
  end)

  it("is a base that is a kind of it", function()
    is_said("base: it is a kind of itself", { base = "X" })
    local made, err = registry.compile {
      { id = "Raw", file = "spec", fields = { f.bytes "load" } },
      { id = "Padding", base = "Raw", file = "spec" },
      { id = "X", base = "Y", file = "spec" },
      { id = "Y", base = "X", file = "spec" },
    }
    assert.is_nil(made)
    assert.equal("spec:1: X: base: it is a kind of itself", err)
  end)

  it("is what is no table, and no rank", function()
    is_said("over.Raw[2] is a number, not a table", { over = { Raw = { {}, 5 } } })
    is_said("over.Raw.build is a number, not a table", { over = { Raw = { {}, build = 5 } } })
    is_said("over.Raw.below is a boolean, not a table", { over = { Raw = { {}, below = true } } })
    for _, rank in ipairs { "x", -1, 65536, 1.5 } do
      local message = "over.Raw: a rank of 0 to 65535 was expected, not " .. rank
      is_said(message, { over = { Raw = { {}, rank = rank } } })
      is_said(message, { over = { Raw = { { rank = rank } } } })
    end
    is_said("next: a list of { id =, when = }", { next = { when = 5 } })
  end)

  it("is a list where it is by protocol", function()
    is_said("over: a table by protocol was expected, as { Raw = ... }, not a list",
      { over = { "Raw" } })
    is_said("over: a table by protocol was expected, as { UDP = ... }, not a list",
      { over = { { dport = 5 } } })
    is_said("variant_of: a table by protocol was expected, as { Raw = ... }, not a list",
      { variant_of = { "Raw" } })
  end)

  it("is what is said of all ways, and is for one", function()
    for _, word in ipairs { "biuld", "load", "when" } do
      is_said(("over.Raw: '%s' is not for several ways"):format(word),
        { over = { Raw = { { load = "x" }, [word] = { load = "y" } } } })
    end
  end)

  it("is an option that there isn't", function()
    is_said("pseudo: unknown option 'dts'", { pseudo = { src = "n", dts = "n" } })
    is_said("next: unknown option 'whne'", { next = { { id = "Raw", whne = 1 } } })
    is_said("pieces: unknown option 'kye'", { pieces = { kye = {} } })
    is_said("segments: unknown option 'syn'", { segments = { syn = 1 } })
    local ok, err = compiled { fields = { f.layers("a", { of = "Raw", pad = { on = "Raw" } }) } }
    assert.is_false(ok)
    assert.matches("X%.a: pad: unknown option 'on'$", err)
    for _, id in ipairs { "X", "None" } do
      local made, why = registry.compile {
        { id = "Raw", file = "spec", fields = { f.bytes "load" } },
        { id = "Padding", base = "Raw", file = "spec" },
        { id = "None", file = "spec" },
        { id = "X", file = "spec", fields = {
          f.layers("a", { of = "Raw", align = 4, pad = { many = id } }), f.u8 "n" } },
      }
      assert.is_nil(made)
      local wanted = ("X.a: pad: the last field of %s is to be bytes, which fill"):format(id)
      assert.equal(wanted, (why:gsub("^spec:%d+: ", "")))
    end
  end)
end)

describe("what a kind of the lower layer is told by building", function()
  local made = assert(registry.compile {
    { id = "Raw", file = "spec", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw", file = "spec" },
    { id = "L", file = "spec", fields = { f.u8 "a", f.u8 "b", f.u8 "port" } },
    { id = "Moved", base = "L", file = "spec", fields = { f.u8 "port", f.u8 "a", f.u16 "b" } },
    { id = "Without", base = "L", file = "spec", fields = { f.u8 "a" } },
    { id = "Text", base = "L", file = "spec", fields = { f.bytes("port", { size = 1 }) } },
    { id = "X", over = { L = { port = 7 } }, file = "spec", fields = { f.u8 "n" } },
  })

  it("is in its field of that name, wherever that is", function()
    assert.equal("\0\0\7\0", made.core:build { { "L" }, { "X" } })
    assert.equal("\7\0\0\0\0", made.core:build { { "Moved" }, { "X" } })
    assert.equal("\9\0\0\0\0", made.core:build { { "Moved", { port = 9 } }, { "X" } })
  end)

  it("is left out where it has none such", function()
    assert.equal("\0\0", made.core:build { { "Without" }, { "X" } })
    assert.equal("\0", made.core:build({ { "Text" }, { "X" } }):sub(-1))
  end)
end)

describe("a value that a field of the lower layer can't have", function()
  local lower = {
    id = "L", file = "spec",
    fields = {
      f.u16 "port", f.s8 "sign", f.ipv4 "ip", f.ipv6 "ip6", f.bytes("text", { size = 2 }),
      f.layers("items", { of = "I", ends = { kind = 0 } }),
    },
  }
  local item = { id = "I", file = "spec", fields = { f.u8 "kind" } }

  local function refused(over)
    local made, err = registry.compile {
      { id = "Raw", file = "spec", fields = { f.bytes "load" } },
      { id = "Padding", base = "Raw", file = "spec" },
      lower, item,
      { id = "X", over = over, file = "spec", fields = { f.u8 "n" } },
    }
    return not made and err
  end

  it("is refused, whether it is read or built", function()
    for value, message in pairs {
      [{ port = 499999 }] = "L.port can't be 499999", [{ port = -1 }] = "L.port can't be -1",
      [{ sign = 128 }] = "L.sign can't be 128", [{ sign = -129 }] = "L.sign can't be -129",
      [{ ip6 = 5 }] = "L.ip6 can't be 5", [{ text = 5 }] = "L.text can't be 5",
      [{ ip = 1 << 32 }] = "L.ip can't be 4294967296",
    } do
      assert.equal("spec:1: X: over: " .. message, refused { L = value })
      assert.equal("spec:1: X: over: " .. message, refused { L = { {}, build = value } })
    end
    assert.equal("spec:1: X: over: L.port is a number, not text", refused { L = { port = "abc" } })
    assert.matches("^spec:1: X: over%.L%.port: ", refused { L = { {}, build = { port = "abc" } } })
    assert.equal("spec:1: X: over: I.kind can't be 256", refused { ["L.items"] = { kind = 256 } })
  end)

  it("is another than these", function()
    for _, value in ipairs {
      { port = 65535 }, { sign = -128 }, { text = "ab" }, { ip = 0xffffffff },
    } do
      assert.is_false(refused { L = value })
    end
    assert.is_false(refused { L = { {}, build = { ip = "10.0.0.1", ip6 = "::1" } } })
    assert.is_false(refused { ["L.items"] = { kind = 255 } })
  end)
end)

describe("Raw", function()
  it("has to be bytes of any size", function()
    for _, field in ipairs { f.u8 "load", f.bytes("load", { size = 4 }), f.name "load",
      f.bytes("load", { when = f.left():gt(4) }) } do
      local made, err = registry.compile {
        { id = "Raw", fields = { field }, file = "spec" },
        { id = "Padding", base = "Raw", file = "spec" },
      }
      assert.is_nil(made)
      assert.equal("spec:1: Raw: 'load' has to be bytes of any size: every packet may need them",
        err)
    end
  end)
end)

describe("the default of layers", function()
  it("has no such layers itself without end", function()
    for _, kind in ipairs { "layer", "layers" } do
      local ok, err = compiled { fields = { f.u8 "n", f[kind]("a", { of = "X", default = 1 }) } }
      assert.is_false(ok)
      assert.matches("X%.a: the default has layers in layers without end$", err)
    end
    assert.is_true(compiled { fields = { f.u8 "n", f.layers("a", { of = "X" }) } })
  end)

  it("is that of a form, too", function()
    local function choice(of)
      return { f.u8("n", { default = 2 }), f.choice("a", {
        { when = f.ref("n"):eq(1), f.u8() }, { f.layer(nil, { of = of, default = 1 }) },
      }) }
    end
    local made = assert(registry.compile {
      { id = "Raw", file = "spec", fields = { f.bytes("load", { default = "ab" }) } },
      { id = "Padding", base = "Raw", file = "spec" },
      { id = "X", file = "spec", fields = choice "Raw" },
    })
    assert.equal("\2ab", made.core:build { { "X" } })
    assert.truthy(made.core:dissect("\2cd", "X"))
    local ok, err = compiled { fields = choice "X" }
    assert.is_false(ok)
    assert.matches("X%.a: the default has layers in layers without end$", err)
  end)

  it("is no more than a few layers in all, however they lie in each other", function()
    local decls = {
      { id = "Raw", file = "spec", fields = { f.bytes "load" } },
      { id = "Padding", base = "Raw", file = "spec" },
    }
    local function add(id, of, default)
      local fields = { f.layers("a", { of = of, default = default }) }
      table.insert(decls, { id = id, file = "spec", fields = fields })
    end
    add("X1", "Raw", 15)
    add("X2", "X1", 16)
    assert.truthy(registry.compile(decls)) -- 16 and 16 times 15
    for i = 3, 14 do add("X" .. i, "X" .. i - 1, 16) end
    local made, err = registry.compile(decls)
    assert.is_nil(made)
    assert.matches("X3%.a: the default has more than 256 layers in layers$", err)
  end)

  it("is how many there are", function()
    assert.is_true(compiled { fields = { f.layers("a", { of = "Raw", default = 2 }) } })
    assert.is_true(compiled { fields = { f.layer("a", { of = "Raw", default = 1 }) } })
  end)

  it("is no more than a few", function()
    for _, many in ipairs { -1, 17 } do
      local ok, err = compiled { fields = { f.layers("a", { of = "Raw", default = many }) } }
      assert.is_false(ok)
      assert.truthy(err:find("the default of layers is how many there are, up to 16", 1, true), err)
    end
  end)
end)
