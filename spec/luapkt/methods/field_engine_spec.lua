-- The methods about the field engine that need declarations: the values a parameter may have.

local core     = require "luapkt.core"
local f        = require "luapkt.field"
local registry = require "luapkt.registry"
local rpc      = require "luapkt.rpc"

local array, null = core.json.array, core.json.null

local info = { handle = "handle", version = "1.02", built_by = "luapkt" }

local function declarations()
  local list = {
    { id = "Raw", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw", hidden = true },
    { id = "Upper", title = "The upper one", fields = { f.u8 "a", f.u8 "b" } },
    { id = "IP", fields = { f.u8 "src" } },
  }
  for _, decl in ipairs(list) do decl.file = "spec" end
  return list
end

describe("load_instruction_parameter_values", function()
  local methods = rpc.new(assert(registry.compile(declarations())), info)

  local function call(...)
    return methods:call("load_instruction_parameter_values", array { ... })
  end

  local function stack(...)
    local model = array {}
    for i, id in ipairs { ... } do model[i] = { id = id } end
    return model
  end

  -- The values, sorted; each stands for itself.
  local function values(model, id, options)
    local list = {}
    for key, value in pairs(assert(call(model, options or {}, id)).map) do
      assert.equal(key, value)
      table.insert(list, key)
    end
    table.sort(list)
    return list
  end

  it("gives names of fields for variables, each once", function()
    assert.same({ "IP_src", "Upper_a", "Upper_b" }, values(stack("IP", "Upper", "IP"), "name"))
  end)

  it("gives places of fields, numbered where a layer is there more than once", function()
    assert.same({ "IP:0.src", "IP:1.src", "Raw.load" },
                values(stack("IP", "IP", "Raw"), "pkt_offset"))
  end)

  it("gives the IPv4 headers for checksums", function()
    assert.same({ "IP:0" }, values(stack("Upper", "IP"), "offset"))
    assert.same({ "IP:0", "IP:1" }, values(stack("IP", "Upper", "IP"), "offset"))
    assert.same({}, values(stack "Upper", "offset"))
  end)

  it("gives the variables that there are", function()
    local function named(name) return { id = "any", parameters = { name = name } } end
    local options = { field_engine = { instructions = array {
      named "a", { id = "none" }, named(5), named "b", 7, named(null), named "a",
    } } }
    assert.same({ "a", "b" }, values(stack "Nope", "fv_name", options))
  end)

  it("gives none for protocols that are unknown or not listed, and for other parameters", function()
    for _, id in ipairs { "name", "pkt_offset", "offset" } do
      assert.same({}, values(stack("Nope", "Padding"), id))
      assert.same({}, values(array {}, id))
    end
    for _, id in ipairs { "size", "op", "mask", "l3_offset", "nope", "", null, 5 } do
      assert.equal('{"map":{}}', core.json.encode(call(stack "IP", {}, id)))
    end
  end)

  it("passes over a wrong handle, as it always did", function()
    assert.same(call(stack "IP", {}, "name"), call("bad", stack "IP", {}, "name"))
  end)

  it("refuses what is no packet model, and no model of instructions", function()
    local function refuses(message, ...)
      local _, err = call(...)
      assert.same({ code = -32098, message = "Scapy Server: " .. message }, err)
    end
    refuses("the packet model is a list of layers, not null", null, {}, "name")
    refuses("layer 2 of the packet model is no object with a protocol's id",
      array { { id = "IP" }, 5 }, {}, "pkt_offset")
    local many = array {}
    for i = 1, 129 do many[i] = { id = "IP" } end
    refuses("a packet has up to 128 layers", many, {}, "offset")
    local shape = "vm_instructions_model is an object with field_engine.instructions, a list"
    for _, options in ipairs { null, {}, { field_engine = {} }, { field_engine = 5 }, 5,
                               { field_engine = { instructions = null } } } do
      refuses(shape, array {}, options, "fv_name")
    end
  end)
end)
