local core        = require "luapkt.core"
local definitions = require "luapkt.definitions"
local f           = require "luapkt.field"
local order       = require "luapkt.order"
local registry    = require "luapkt.registry"
local support     = require "spec.support"

local array, decode = core.json.array, core.json.decode

-- A generation of these protocols and the two that every generation has.
local function generation(...)
  local decls = {
    { id = "Raw", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw", hidden = true },
    ...,
  }
  for _, decl in ipairs(decls) do decl.file = "spec" end
  return assert(registry.compile(decls))
end

local function described(field)
  local made = definitions.new(generation { id = "X", fields = { field } })
  return decode(made:text()).protocols[2].fields[1]
end

local function ids(result)
  local list = {}
  for i, protocol in ipairs(result.protocols) do list[i] = protocol.id end
  return list
end

describe("definitions", function()
  describe("of a field", function()
    it("are its id, and its label as its name", function()
      assert.same({ id = "a", name = "a" }, described(f.u8 "a"))
      assert.same({ id = "a", name = "An a" }, described(f.u8("a", { label = "An a" })))
    end)

    it("take in the members of 'definition'", function()
      local said = { type = "NUMBER", min = 1, max = 255, regex = "^x$", auto = true }
      local field = described(f.u8("a", { definition = said }))
      for key, value in pairs(said) do assert.equal(value, field[key]) end
    end)

    it("have arrays where 'definition' has lists", function()
      local bit = { name = "F", mask = 1, values = { { name = "Set", value = 1 } } }
      local said = { type = "BITMASK", bits = { bit } }
      local field = described(f.flags("a", 8, "F", { definition = said }))
      assert.equal(core.json.array_mt, getmetatable(field.bits))
      assert.equal(core.json.array_mt, getmetatable(field.bits[1].values))
      assert.same({ name = "Set", value = 1 }, field.bits[1].values[1])
    end)

    it("leave out bounds that 32 bits can't hold", function()
      local field = described(f.u32("a", { definition = { min = 0, max = 0xffffffff } }))
      assert.equal(0, field.min)
      assert.is_nil(field.max)
    end)

    it("list the numbers of an enumeration by name, aliases too", function()
      local names = { [1] = "one", [2] = "two", aliases = { uno = 1 } }
      local field = described(f.u8("a", { names = names }))
      assert.same({ one = 1, two = 2, uno = 1 }, field.values_dict)
    end)

    it("list an enumeration without names as an empty object", function()
      local made = definitions.new(generation { id = "X", fields = { f.u8("a", { names = {} }) } })
      assert.truthy(made:text():find('"values_dict":{}', 1, true))
    end)

    it("list shared enumerations", function()
      assert.equal(0x800, described(f.u16("a", { names = "ethertypes" })).values_dict.IPv4)
    end)

    it("list no names of bits and of conditional fields", function()
      local names = { [1] = "one" }
      local x = { id = "X", fields = {
        f.bits("b", 8, { names = names }),
        f.u8("c", { names = names, when = f.ref("b"):eq(1) }),
        f.u8("d", { names_by = { ref = "b", [1] = names } }),
      } }
      for _, field in ipairs(decode(definitions.new(generation(x)):text()).protocols[2].fields) do
        assert.is_nil(field.values_dict)
      end
    end)
  end)

  describe("of protocols", function()
    local fields = { f.u8 "a" }
    local made = definitions.new(generation(
      { id = "Zzz", fields = fields },
      { id = "UDP", fields = fields, title = "User Datagram Protocol" },
      { id = "Base", fields = fields, abstract = true },
      { id = "Quiet", fields = fields, hidden = true },
      { id = "Ours", fields = fields, extra = true },
      { id = "Ether", fields = fields }))

    it("come in the known order, new ones last, without abstract and hidden ones", function()
      assert.same({ "Raw", "Ether", "UDP", "Zzz" }, ids(made:all()))
    end)

    it("come with extra ones only if these are asked for", function()
      assert.same({ "UDP", "Ours" }, ids(made:of { "Ours", "UDP" }))
      local all = definitions.new(generation({ id = "Ours", fields = fields, extra = true }), true)
      assert.same({ "Raw", "Ours" }, ids(all:all()))
    end)

    it("keep that order whatever was asked for, without repeating", function()
      assert.same({ "Raw", "UDP" }, ids(made:of { "UDP", "Raw", "UDP" }))
    end)

    it("pass over ids that are unknown or not listed", function()
      assert.same({ "UDP" }, ids(made:of { "Nope", "Quiet", "Base", "UDP" }))
      assert.same({}, ids(made:of { "Nope" }))
    end)

    it("have the title as the name", function()
      assert.equal("User Datagram Protocol", made:of({ "UDP" }).protocols[1].name)
    end)

    it("are encoded once", function()
      local text = made:text()
      assert.equal(text, core.json.encode(made:all()))
      assert.equal(text, made:text())
    end)
  end)

  describe("of the field engine", function()
    local all = definitions.new(generation()):all()

    it("name only parameters that there are", function()
      local known = {}
      for _, parameter in ipairs(all.feInstructionParameters) do
        assert.is_string(parameter.type)
        known[parameter.id] = true
      end
      for _, instruction in ipairs(all.feInstructions) do
        for _, id in ipairs(instruction.parameters) do assert.is_true(known[id], id) end
      end
    end)

    it("have help in base64", function()
      for _, instruction in ipairs(all.feInstructions) do
        assert.truthy(core.wire.unbase64(instruction.help):find "%w")
      end
    end)

    it("have templates of instructions that there are", function()
      local known = {}
      for _, instruction in ipairs(all.feInstructions) do known[instruction.id] = true end
      for _, template in ipairs(all.feTemplates) do
        for _, id in ipairs(template.instructionIds) do assert.is_true(known[id], id) end
      end
    end)

    it("have a cache size", function()
      assert.equal("cache_size", all.feParameters[1].id)
    end)
  end)
end)

describe("the order of protocols", function()
  it("leaves the list it was given as it was", function()
    local decls = { { id = "Zzz" }, { id = "IP" }, { id = "Aaa" }, { id = "Ether" } }
    local sorted = {}
    for i, decl in ipairs(order.sorted(decls)) do sorted[i] = decl.id end
    assert.same({ "Ether", "IP", "Zzz", "Aaa" }, sorted)
    assert.equal("Zzz", decls[1].id)
  end)
end)

local shared = support.shared_dir()
if not shared then return end

-- Names of a values_dict may be more than were recorded; help texts are our own.
local function assert_like(want, got, path)
  assert.equal(type(want), type(got), path)
  if type(want) ~= "table" then return assert.equal(want, got, path) end
  for k, v in pairs(want) do
    if k ~= "help" then assert_like(v, got[k], path .. "." .. tostring(k)) end
  end
  for k in pairs(got) do
    assert(want[k] ~= nil or path:find "values_dict$", path .. "." .. tostring(k) .. " is too much")
  end
end

describe("the protocols that come with luapkt", function()
  local made, by_id

  setup(function()
    local loaded = assert(registry.load { "protocols" })
    made, by_id = decode(definitions.new(loaded):text()), {}
    for _, protocol in ipairs(made.protocols) do by_id[protocol.id] = protocol end
  end)

  local function recorded()
    return decode((support.read_file(shared .. "/conformance/definitions-all.jsonl"))).expect.result
  end

  it("are described as recorded", function()
    for _, want in ipairs(recorded().protocols) do
      if by_id[want.id] then assert_like(want, by_id[want.id], want.id) end
    end
  end)

  it("are listed in the recorded order", function()
    local place, last = {}, 0
    for i, want in ipairs(recorded().protocols) do place[want.id] = i end
    for _, protocol in ipairs(made.protocols) do
      if place[protocol.id] then
        assert.is_true(place[protocol.id] > last, protocol.id)
        last = place[protocol.id]
      end
    end
  end)

  it("come with the recorded facts about the field engine", function()
    local want = recorded()
    want.protocols, made.protocols = array {}, array {}
    assert_like(want, made, "result")
  end)
end)
