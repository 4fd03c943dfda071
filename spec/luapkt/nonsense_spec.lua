-- Nonsense in declarations: it is refused with its place, or means something; nothing crashes, also
-- when what was compiled is built and read.

local f         = require "luapkt.field"
local protocols = require "luapkt.protocols"
local registry  = require "luapkt.registry"
local samples   = require "luapkt.samples"

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

local function try(generation)
  samples.try(generation)
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
      assert.is_true(compiled > 20 and refused > 500, compiled .. ", " .. refused)
    end)
  end
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
