-- Nonsense in declarations: it is refused with its place, or means something; nothing crashes, also
-- when what was compiled is built and read.

local databases   = require "luapkt.databases"
local definitions = require "luapkt.definitions"
local f           = require "luapkt.field"
local payload     = require "luapkt.payload"
local protocols   = require "luapkt.protocols"
local registry    = require "luapkt.registry"
local samples     = require "luapkt.samples"

local a = f.asn1

local decls = assert(registry.read { protocols.folder() })

-- The keys of all tables in a list that are texts, in order.
local function keys_of(list)
  local seen, names = {}, {}
  for _, t in ipairs(list) do
    for name in pairs(t) do
      if type(name) == "string" and not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
  end
  table.sort(names)
  return names
end

-- Every option that a field has in some protocol file.
local function all_options()
  local fields = {}
  for _, decl in ipairs(decls) do
    for _, field in ipairs(decl.fields or {}) do fields[#fields + 1] = field end
  end
  return keys_of(fields)
end

local values = {
  false, true, 0, -1, 7, 256, 65536, 1 << 40, math.mininteger, 1.5, 0 / 0, "", "x", "n", "Y",
  ("y"):rep(70), {}, { 1 }, { "a", "b" }, { [0] = "zero" }, { id = "X" }, { {} }, { { "a", 1 } },
  { ref = "n" }, { f.u8 "q" }, f.u8 "z", f.ref "n", f.ref "nothing", f.peek(0, 8), f.left(),
  f.checksum "inet", f.ref "n" * 1000000, f.ref "n" - 1000000, print,
}

-- A field with these options, beside what it needs.
local function of(protocol)
  return function(make)
    return function(options)
      if options.of == nil then options.of = protocol end
      return make("x", options)
    end
  end
end

local kinds = {
  bits = function(o) return f.bits("x", 8, o) end,
  bytes = function(o) return f.bytes("x", o) end,
  choice = function(o) return f.choice("x", { { f.u8(), when = f.ref "n" }, { f.bytes() } }, o) end,
  f32 = function(o) return f.f32("x", o) end,
  flags = function(o) return f.flags("x", 8, { "a", "b" }, o) end,
  ipv4 = function(o) return f.ipv4("x", o) end,
  ipv6 = function(o) return f.ipv6("x", o) end,
  layer = of "Y" (f.layer),
  layers = of "Y" (f.layers),
  list = function(o) return f.list("x", f.u16(), o) end,
  mac = function(o) return f.mac("x", o) end,
  name = function(o) return f.name("x", o) end,
  options = function(o) return f.options("x", { [2] = { "MSS", "u16" } }, o) end,
  phantom = function(o) return f.phantom("x", o) end,
  u16 = function(o) return f.u16("x", o) end,
  ["an element: bits"] = function(o) return a.bits("x", o) end,
  ["an element: choice"] = function(o)
    return a.choice("x", { a.packet(nil, { of = "Z" }), a.octets() }, o)
  end,
  ["an element: integer"] = function(o) return a.integer("x", o) end,
  ["an element: octets"] = function(o) return a.octets("x", o) end,
  ["an element: oid"] = function(o) return a.oid("x", o) end,
  ["an element: packet"] = of "Z" (a.packet),
  ["an element: packets"] = of "Z" (a.sequence_of),
}

local function compile(field, member, value)
  local decl = { id = "X", fields = { f.u8 "n", field, f.bytes "rest" }, file = "spec", line = 7 }
  if member then decl[member] = value end
  return registry.compile {
    { id = "Raw", fields = { f.bytes "load" }, file = "spec" },
    { id = "Padding", base = "Raw", file = "spec" },
    { id = "Y", fields = { f.u8 "a", f.u16 "b" }, file = "spec" },
    { id = "Z", asn1 = 0x30, fields = { a.integer "a" }, file = "spec" },
    decl,
  }
end

-- What clients are told of a generation: a mistake that only shows there is one of every client.
local function describe_all(generation)
  definitions.new(generation, true):text()
  databases.new(generation, true):text()
  for _, decl in ipairs(generation.decls) do payload.new(generation, true):of(decl.id) end
end

local function try(generation)
  samples.try(generation)
  describe_all(generation)
  for _, bytes in ipairs { "", "\0", "\1\2\3", ("\7"):rep(9), ("\255"):rep(40), "\48\3\2\1\5" } do
    generation.core:dissect(bytes, "X")
    generation.core:rebuild(bytes, "X", true)
  end
  for _, value in ipairs { 0, -1, 300, "", "abc", {}, { 1, 2 }, { id = "Y" }, 1.5, true } do
    generation.core:build { { "X", { n = 5, x = value } } }
  end
end

describe("nonsense as an option of", function()
  local names = all_options()

  for kind, make in pairs(kinds) do
    it(kind .. " is refused, or means something", function()
      local compiled, refused = 0, 0
      for _, name in ipairs(names) do
        for i, value in ipairs(values) do
          local made, field = pcall(make, { [name] = value })
          local generation, err
          if made then generation, err = compile(field) end
          if generation then
            compiled = compiled + 1
            try(generation)
          else
            refused = refused + 1
            -- what a constructor refuses has the place of its call
            local place = made and "^spec:%-?%d+: .*[XYZ]" or ": " -- those here are tail calls
            assert.matches(place, made and err or field, 1, ("%s: value %d"):format(name, i))
          end
        end
      end
      assert.is_true(compiled > 5 and refused > 500, compiled .. ", " .. refused)
    end)
  end
end)

describe("what no field can be", function()
  local itself = {}
  itself.itself = itself
  local refused = {
    { { label = 5 }, "'label' is a text, not a number" },
    { { label = print }, "'label' is a text, not a function" },
    { { class = {} }, "'class' is a text, not a table" },
    { { printed = {} }, "'printed' is a text, not a table" },
    { { unlisted = "no" }, "'unlisted' is true or false, not a string" },
    { { definition = "x" }, "'definition' is a table, not a string" },
    { { definition = { min = "x" } }, "'definition': min is a number, not a string" },
    { { definition = { regex = print } }, "'definition': a function has no JSON form" },
    { { definition = { "NUMBER" } }, "'definition' has members by name, not a list" },
    { { definition = itself }, "'definition': tables nested deeper than 64" },
    { { names = { aliases = 5 } }, "'aliases' is no table" },
    { { flags = { true } }, "a flag's name is a text, not a boolean" },
    { { default = f.ref "n" }, "the default is a table, but no list" },
    { { element = {} }, "'element' is what the constructors of f.asn1 say" },
  }

  for _, case in ipairs(refused) do
    it(("is refused with its line: %s"):format(case[2]), function()
      local field = f.u8("x", case[1])
      field.at = 12
      local generation, err = compile(field)
      assert.is_nil(generation)
      assert.equal("spec:12: X.x: " .. case[2], err)
    end)
  end

  it("is a field without an id", function()
    for _, id in ipairs { "", {}, 5 } do
      local field = f.u8(id)
      field.at = 12
      assert.same({ nil, "spec:12: X: field 2 has no id" }, { compile(field) })
    end
  end)
end)

describe("a default in a form that clients use", function()
  it("is listed", function()
    local names = { [2] = "two" }
    local function listed(field)
      local generation = assert(compile(field))
      describe_all(generation)
      return databases.new(generation, true).db.X[2][3]
    end
    assert.equal("(inf)", listed(f.f32("x", { default = "inf" })))
    assert.equal("('7')", listed(f.mac("x", { default = 7 })))
    assert.equal("([7])", listed(f.list("x", f.u8(), { default = 7 })))
    assert.equal("(<Flag 1 (A)>)", listed(f.flags("x", 8, "AB", { default = true })))
    assert.equal("(<Flag 2 (B)>)", listed(f.flags("x", 8, "AB", { default = { 2 } })))
    assert.equal("(two)", listed(f.u8("x", { default = "two", names = names })))
    local element = a.integer("x", { default = "two", names = names })
    assert.equal("(<ASN1_INTEGER[two]>)", listed(element))
  end)
end)

describe("nonsense in a protocol", function()
  local strange = {
    { Y = true }, { Y = {} }, { Y = { a = 1 } }, { Y = { a = "x" } }, { Y = { { a = 1 } } },
    { Y = { nothing = 1 } }, { Y = { { a = 1, when = 5 }, build = -1 } }, { X = { n = 1 } },
    { Nothing = { a = 1 } }, { Y = f.peek(0, 8):eq(1) }, { { when = f.ref "n", "Y" } }, { { "Y" } },
    { src = "n", dst = "n" }, { src = "nothing" }, { at = f.ref "n", more = 1, key = { "n" } },
  }

  for _, member in ipairs(keys_of(decls)) do
    it(("is refused, or means something: '%s'"):format(member), function()
      for _, list in ipairs { values, strange } do
        for i, value in ipairs(list) do
          local generation, err = compile(f.u16 "x", member, value)
          if not generation then
            assert.is_string(err, member .. i)
          elseif member ~= "id" then
            try(generation)
          end
        end
      end
    end)
  end
end)

describe("a member of a protocol", function()
  it("is of its type", function()
    local refused = {
      { "title", 5, "a number, not a string" }, { "title", {}, "a table, not a string" },
      { "abstract", "no", "a string, not a boolean" }, { "over", "Y", "a string, not a table" },
      { "carries", 5, "a number, not a string or table" },
    }
    for _, case in ipairs(refused) do
      local wanted = ("spec:7: X: '%s' is %s"):format(case[1], case[3])
      assert.same({ nil, wanted }, { compile(f.u8 "x", case[1], case[2]) })
    end
  end)
end)

describe("a rule that isn't one", function()
  it("is refused within another", function()
    local rule = f.ref "n" + 1
    for _, wrong in ipairs { 5, "n", {}, print } do
      rule[1] = wrong
      local generation, err = compile(f.u8("x", { auto = rule }))
      assert.is_nil(generation)
      assert.matches("^spec:%d+: X%.x: a %a+ in a rule is none$", err)
    end
  end)
end)
