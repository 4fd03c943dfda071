-- run_field_engine: the packets that a field engine's instructions make.

local core    = require "luapkt.core"
local support = require "spec.support"

local json, hex = core.json, support.hex
local array = json.array

local service

setup(function() service = support.service() end)
teardown(function() service:close() end)

local function field(id, value) return { id = id, value = value } end

local model = array {
  { id = "Ether" },
  { id = "IP", fields = array { field("src", "10.0.0.1"), field("dst", "10.0.0.2") } },
  { id = "UDP", fields = array { field("sport", "1"), field("dport", "2") } },
}

local function instruction(id, parameters) return { id = id, parameters = parameters } end

-- What an editor writes: all values are text.
local function client(...)
  return { field_engine = { instructions = array { ... }, global_parameters = json.decode "{}" } }
end

local ttl = instruction("STLVmFlowVar", { name = "ttl", size = "1", op = "inc", step = "1",
  min_value = "1", max_value = "4" })
local write_ttl = instruction("STLVmWrFlowVar", { fv_name = "ttl", pkt_offset = "IP.ttl" })
local fix = instruction("STLVmFixIpv4", { offset = "IP" })

local function run(engine, range)
  return service:call("run_field_engine", model, engine, range or { count = 6 })
end

local function refused(message, engine, range, packet)
  range = range or { count = 1 }
  local result, err = service:call("run_field_engine", packet or model, engine, range)
  assert.is_nil(result)
  assert.same({ code = -32098, message = "Scapy Server: " .. message }, err)
end

local function bytes(packet) return core.wire.unbase64(packet) end

describe("run_field_engine", function()
  it("makes the packets that a client's instructions ask for", function()
    local result = run(client(ttl, write_ttl, fix))
    assert.equal(6, #result.packets)
    assert.same({ { ttl = 1 }, { ttl = 2 }, { ttl = 3 }, { ttl = 4 }, { ttl = 1 }, { ttl = 2 } },
      result.variables)
    assert.equal(4, result.cycle)
    assert.same(array {}, result.warnings)
    for i, packet in ipairs(result.packets) do
      assert.equal((i - 1) % 4 + 1, bytes(packet):byte(23))
      assert.equal(0, core.wire.inet(bytes(packet):sub(15, 34)))
    end
  end)

  it("makes what build_pkt has built where nothing varies", function()
    local built = service:call("build_pkt", model)
    for _, engine in ipairs { client(), json.null, array {} } do
      assert.same({ built.binary, built.binary }, run(engine, { count = 2 }).packets)
    end
  end)

  it("takes what build_pkt_ex answers, and its instructions alone", function()
    local wanted = run(client(ttl, write_ttl, fix))
    local answer = service:call("build_pkt_ex", model, client(ttl, write_ttl, fix))
    assert.same(wanted, run(answer))
    assert.same(wanted, run(answer.field_engine))
    assert.same(wanted, run(answer.field_engine.instructions))
    assert.same(wanted, run(answer.field_engine.instructions.instructions))
  end)

  it("begins anywhere", function()
    local all = run(client(ttl, write_ttl), { count = 6 })
    local some = run(client(ttl, write_ttl), { start = 3, count = 2 })
    assert.same({ all.packets[4], all.packets[5] }, some.packets)
    assert.same({ { ttl = 4 }, { ttl = 1 } }, some.variables)
    local far = { start = 4000000000000000 }
    assert.same({ { ttl = 1 } }, run(client(ttl, write_ttl), far).variables)
  end)

  it("has a seed for what is random", function()
    local random = instruction("STLVmFlowVar", { name = "v", min_value = "0", max_value = "65535",
      size = "2", step = "1", op = "random" })
    local write = instruction("STLVmWrFlowVar", { fv_name = "v", pkt_offset = "IP.id" })
    local engine = client(random, write)
    assert.same({ { v = 41 }, { v = 18467 } }, run(engine, { count = 2 }).variables)
    assert.same({ { v = 38 } }, run(engine, { seed = 0 }).variables)
  end)

  it("warns of what a tester may not have meant", function()
    assert.same({ "IP.ttl varies under the checksum IP.chksum, which no instruction behind it "
      .. "fixes" },
      run(client(ttl, write_ttl)).warnings)
  end)

  it("takes a version handle in front", function()
    local handle = service:call("get_version_handler", "1", "02")
    assert.truthy(service:call("run_field_engine", handle, model, client(), { count = 1 }))
    local _, err = service:call("run_field_engine", "x", model, client(), { count = 1 })
    assert.matches("version handler does not correspond", err.message)
    _, err = service:call("run_field_engine", model)
    assert.equal(-32603, err.code)
  end)

  it("is among the methods", function()
    assert.same({ 4, { "client_v_handler", "pkt_model_descriptor", "field_engine", "range" } },
      service:call("supported_methods", "all").run_field_engine)
  end)

  it("says what is wrong", function()
    refused("range is an array, not an object with start, count and seed (each may be left out)",
      client(), array {})
    refused('a range has start, count and seed, and no "cuont"', client(), { cuont = 2 })
    refused('a field_engine has instructions and global_parameters, and no "instruction"',
      { field_engine = { instruction = array {} } }, { count = 2 })
    refused('a field_engine has instructions and global_parameters, and no "field_engin"',
      { field_engin = { instructions = array {} } }, { count = 2 })
    refused("count is 0, not from 1 to 4096", client(), { count = 0 })
    refused("count is 4097, not from 1 to 4096", client(), { count = 4097 })
    refused("start is -1, not from 0 to 9223372036854771711", client(), { start = -1 })
    refused("seed is a string, not a whole number", client(), { seed = "1" })
    refused("count is a real number, not a whole number", client(), { count = 1.5 })
    refused("field_engine is a string, not an object", "x")
    refused("the packet model is empty, not a list of layers", client(), nil, array {})
    refused('instruction 1: there is no instruction "x"', array { { type = "x" } })
    local _, err = run(client(instruction("x", {})))
    assert.matches("^Scapy Server: field_engine: ", err.message)
  end)

  it("doesn't work on one request for long", function()
    local load = { id = "Raw", fields = array { field("load", ("x"):rep(60000)) } }
    local long = array { { id = "Ether" }, { id = "IP" }, { id = "UDP" }, load }
    refused("count is 4096: of this packet at most 628 are made at once", client(),
      { count = 4096 }, long)
  end)

  it("is answered by workers, too", function()
    local worker = assert(service.core:share())
    local request = json.encode { jsonrpc = "2.0", id = 1, method = "run_field_engine",
      params = array { model, client(ttl, write_ttl, fix), { count = 2 } } }
    local _, outcome = service.core:handle(request, true)
    assert.equal("defer", outcome)
    local reply = json.decode((worker:handle(request)))
    assert.same({ { ttl = 1 }, { ttl = 2 } }, reply.result.variables)
    assert.equal(hex(bytes(run(client(ttl, write_ttl, fix)).packets[1])),
      hex(bytes(reply.result.packets[1])))
    worker:close()
  end)
end)
