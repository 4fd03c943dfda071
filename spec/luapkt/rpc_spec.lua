local core     = require "luapkt.core"
local f        = require "luapkt.field"
local registry = require "luapkt.registry"
local rpc      = require "luapkt.rpc"

local array, null = core.json.array, core.json.null

local handle = "gCpT7kGF+TG7Jmm90XmxdQ=="
local info   = { handle = handle, version = "1.02", built_by = "luapkt" }

-- Lower carries two protocols and knows its length; Greedy takes all there is.
local function declarations()
  local list = {
    { id = "Raw", fields = { f.bytes("load", { default = "dummy" }) } },
    { id = "Padding", base = "Raw", hidden = true, fallback = "Padding" },
    { id = "Lower", extent = f.ref "len", fields = {
      f.u8("kind"), f.u8("len", { auto = f.header() + f.payload() }),
    } },
    { id = "First", over = { Lower = { kind = 1 } }, fields = { f.u8 "a" } },
    { id = "Second", hidden = true, over = { Lower = { kind = 2 } }, fields = { f.u8 "b" } },
    { id = "Quiet", over = { Lower = { kind = 4, listed = false } }, fields = { f.u8 "e" } },
    { id = "Extra", extra = true, over = { Lower = { kind = 5 } }, fields = { f.u8 "g" } },
    { id = "Beyond", extra = true, over = { Extra = { g = 1 } }, fields = { f.u8 "h" } },
    { id = "Stranger", fields = { f.u8 "c" } },
    { id = "Base", abstract = true, over = { Lower = { kind = 3 } }, fields = { f.u8 "d" } },
    { id = "Greedy", fields = { f.bytes "all" } },
  }
  for _, decl in ipairs(list) do decl.file = "spec" end
  return list
end

describe("rpc", function()
  local generation = assert(registry.compile(declarations()))
  local methods = rpc.new(generation, info)

  local function call(name, ...)
    return methods:call(name, array { ... })
  end

  local function assert_error(code, message, result, err)
    assert.is_nil(result)
    assert.same({ code = code, message = message }, err)
  end

  describe("handle_of", function()
    it("gives the handles that clients know", function()
      assert.equal("gCpT7kGF+TG7Jmm90XmxdQ==", rpc.handle_of("1", "02"))
      assert.equal("LKQXUsz029t22P6IxIj9RA==", rpc.handle_of("1", "01"))
      assert.equal("1B2M2Y8AsgTpgAmY7PhCfg==", rpc.handle_of("", ""))
    end)
  end)

  describe("a call", function()
    it("of an unknown method is refused", function()
      for _, name in ipairs { "nope", "", "Get_Version", "__index", "call", "text" } do
        assert_error(-32601, "Method not found", call(name))
      end
    end)

    it("is understood with the version handle and without", function()
      assert.same(call("get_tree"), call("get_tree", handle))
      assert.same(call("get_definitions", null), call("get_definitions", handle, null))
    end)

    it("with a wrong handle is refused", function()
      local message = "Scapy Server: Provided version handler does not correspond to the server's "
        .. "version.\nUpdate client to latest version.\nServer version:1.02"
      for _, wrong in ipairs { "bad", "", 5, array {}, null } do
        assert_error(-32098, message, call("get_tree", wrong))
        assert_error(-32098, message, call("get_definitions", wrong, null))
      end
    end)

    it("with a wrong count of parameters is told which there are", function()
      assert_error(-32603,
        "Invalid params: get_definitions takes client_v_handler (may be left out), def_filter; "
        .. "1 were given", call("get_definitions", handle))
      assert_error(-32603, "Invalid params: get_tree takes client_v_handler or none; 2 were given",
        call("get_tree", handle, 1))
      assert_error(-32603, "Invalid params: get_version takes none; 1 were given",
        call("get_version", handle))
      assert_error(-32603,
        "Invalid params: get_version_handler takes client_v_major, client_v_minor; 3 were given",
        call("get_version_handler", "1", "02", "3"))
      assert.equal(-32603, select(2, call("supported_methods")).code)
      assert.equal(-32603, select(2, call("get_payload_classes")).code)
      assert.equal(-32603, select(2, call("reload", 1)).code)
    end)

    it("with a million parameters is refused", function()
      local many = array {}
      for i = 1, 1000000 do many[i] = 0 end
      assert.equal(-32603, select(2, methods:call("get_definitions", many)).code)
    end)

    it("with anything but a list of parameters is refused", function()
      assert.equal(-32603, select(2, methods:call("get_version", { a = 1 })).code)
      assert.equal(-32603, select(2, methods:call("get_version", null)).code)
    end)
  end)

  describe("get_version", function()
    it("says version and builder", function()
      assert.same({ version = "1.02", built_by = "luapkt" }, call "get_version")
    end)
  end)

  describe("get_version_handler", function()
    it("gives a handle for every version", function()
      assert.equal(handle, call("get_version_handler", "1", "02"))
      assert.equal("LKQXUsz029t22P6IxIj9RA==", call("get_version_handler", "1", "01"))
    end)

    it("refuses what is no text", function()
      assert_error(-32603, "Invalid params: client_v_major and client_v_minor are text, such as "
        .. '"1" and "02", not a number and null', call("get_version_handler", 1, null))
    end)
  end)

  describe("supported_methods", function()
    it("lists every method with its parameters", function()
      local all = call("supported_methods", "all")
      assert.same({ 2, { "client_v_handler", "pkt_model_descriptor" } }, all.build_pkt)
      assert.same({ 1, { "client_v_handler" } }, all.get_tree)
      assert.same({ 0, {} }, all.get_version)
      assert.equal('[0,[]]', core.json.encode(all.shut_down))
    end)

    it("lists only what can be called", function()
      for name in pairs(call("supported_methods", "all")) do
        assert.is_true(call("supported_methods", name))
        assert.not_equal(-32601, (select(2, call(name)) or {}).code)
      end
    end)

    it("knows a name or doesn't", function()
      assert.is_true(call("supported_methods", "reconstruct_pkt"))
      assert.is_false(call("supported_methods", "nope"))
      assert.is_false(call("supported_methods", "_pkt_data"))
      assert.equal(-32603, select(2, call("supported_methods", null)).code)
    end)
  end)

  describe("get_definitions", function()
    it("takes null and the empty list as all", function()
      assert.equal(6, #call("get_definitions", null).protocols)
      assert.equal(6, #call("get_definitions", array {}).protocols)
    end)

    it("takes a list of ids", function()
      local protocols = call("get_definitions", array { "First", "Nope" }).protocols
      assert.equal(1, #protocols)
      assert.equal("First", protocols[1].id)
    end)

    it("refuses another filter", function()
      assert_error(-32098,
        "Scapy Server: def_filter is null or a list of protocols' ids, not a number",
        call("get_definitions", 5))
      assert_error(-32098, "Scapy Server: def_filter[1] is null, not a protocol's id",
        call("get_definitions", array { "First", null }))
      assert.equal(-32098, select(2, call("get_definitions", {})).code)
      assert.equal(-32098, select(2, call("get_definitions", "First")).code)
    end)

    it("answers null as text, too", function()
      assert.equal(core.json.encode(call("get_definitions", null)), methods:text "get_definitions")
    end)
  end)

  describe("get_payload_classes", function()
    local function classes(...)
      local model = array {}
      for i, id in ipairs { ... } do model[i] = { id = id } end
      return call("get_payload_classes", model)
    end

    it("lists what reads back, hidden protocols too, and no abstract ones", function()
      assert.same({ "Raw", "Padding", "First", "Second" }, classes "Lower")
    end)

    it("leaves out what rides unlisted", function()
      local found = table.concat(classes "Lower", " ")
      assert.is_nil(found:find "Quiet")
    end)

    it("leaves out extra protocols, save behind one, or where they are wanted", function()
      assert.same({ "Raw", "Padding", "First", "Second" }, classes "Lower")
      assert.same({ "Raw", "Beyond" }, classes "Extra")
      local wanted = rpc.new(generation, { handle = handle, extras = true })
      assert.same({ "Raw", "Padding", "First", "Second", "Extra" },
        wanted:call("get_payload_classes", array { array { { id = "Lower" } } }))
    end)

    it("looks at the last layer only", function()
      assert.same(classes "Lower", classes("Stranger", "Lower"))
    end)

    it("lists Raw where nothing is known to follow", function()
      assert.same({ "Raw" }, classes "Stranger")
    end)

    it("lists only itself for what takes in all that follows", function()
      assert.same({ "Greedy" }, classes "Greedy")
      assert.same({ "Raw" }, classes "Raw")
    end)

    it("passes over a wrong handle, as it always did", function()
      assert.same(classes "Lower", call("get_payload_classes", "bad", array { { id = "Lower" } }))
    end)

    it("refuses what is no packet model", function()
      local function refuses(message, model)
        assert_error(-32098, "Scapy Server: " .. message, call("get_payload_classes", model))
      end
      refuses("the packet model is a list of layers, not null", null)
      refuses("the packet model is a list of layers, not an object", { id = "Lower" })
      refuses("the packet model has no layer", array {})
      refuses("layer 2 of the packet model is no object with a protocol's id",
        array { { id = "Lower" }, 5 })
      refuses("layer 1 of the packet model is no object with a protocol's id", array { { id = 5 } })
      refuses("there is no protocol 'Nope'", array { { id = "Nope" } })
      refuses("there is no protocol 'Base'", array { { id = "Base" } })
    end)

    it("cuts and escapes what it quotes", function()
      local model = array { { id = "\0\255%s" .. ("x"):rep(100) } }
      assert_error(-32098,
        "Scapy Server: there is no protocol '\\x00\\xff%s" .. ("x"):rep(36) .. "'...",
        call("get_payload_classes", model))
    end)
  end)

  describe("get_tree", function()
    it("gives the document's example", function()
      assert.equal('{"ALL":{"Ether":{"ARP":{},'
        .. '"IP":{"TCP":{"RAW":"payload"},"UDP":{"RAW":"payload"}}}}}',
        core.json.encode(call "get_tree"))
    end)
  end)

  describe("shut_down", function()
    it("says so", function()
      assert.equal("Server shut down command received - server had shut down", call "shut_down")
    end)
  end)
end)
