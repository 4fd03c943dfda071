-- The server without its socket: what it answers to requests, good ones and bad ones.

local luapkt  = require "luapkt"
local support = require "spec.support"

local json = luapkt.json
local array, null = json.array, json.null
local unhex = support.unhex
local base64, unbase64 = luapkt.wire.base64, luapkt.wire.unbase64

local service

setup(function() service = support.service() end)
teardown(function() service:close() end)

local function request(method, params, id)
  return json.encode { jsonrpc = "2.0", id = id or "good", method = method, params = params }
end

local function build(layers) return service:call("build_pkt", array(layers)) end

-- One layer with one field set.
local function build_field(id, field, value)
  return build { { id = id, fields = array { { id = field, value = value } } } }
end

local function bytes_of(result) return unbase64(result.binary) end

local function read(bytes, model)
  return service:call("reconstruct_pkt", base64(bytes), model or null)
end

-- The error of a text that is no good request, and its id.
local function refusal(text)
  local reply = service:send(text)
  assert.equal("2.0", reply.jsonrpc)
  assert.is_nil(reply.result)
  return reply.error, reply.id
end

-- -------------------------------------------------------------------------------------- errors

local good = request("build_pkt", array { array {
  { id = "Ether", fields = array { { id = "src", value = "00:11:22:33:44:55" } } },
  { id = "IP", fields = array { { id = "ttl", value = "0x20" }, { id = "flags", value = "DF" } } },
  { id = "TCP", fields = array { { id = "options", value = array { array { "MSS", 1460 } } } } },
} })

describe("a request", function()
  local function refuses(text, code, message, id)
    local err, got_id = refusal(text)
    assert.equal(code, err.code)
    assert.equal(message, err.message:sub(1, #message))
    assert.equal(id, got_id)
  end

  it("that is not JSON is a parse error", function()
    for _, text in ipairs { "", " ", "nonsense", "\0", "{", "[1,]", "{\"id\":1,}", "'x'", "\xff",
                            "{\"id\":1}}", "1 2", "{\"id\":\"\xff\"}", "nul", "\xef\xbb\xbf{}" } do
      refuses(text, -32700, "Parse Error: ", null)
    end
  end)

  it("that ends too early is a parse error, wherever it ends", function()
    for n = 0, #good - 1 do refuses(good:sub(1, n), -32700, "Parse Error: ", null) end
  end)

  it("with a member twice is a parse error", function()
    refuses('{"jsonrpc":"2.0","id":1,"id":2,"method":"get_version"}', -32700, "Parse Error: ", null)
  end)

  it("nested too deep is a parse error", function()
    for _, open in ipairs { "[", '{"a":', '[{"a":' } do
      refuses(open:rep(100000), -32700, "Parse Error: ", null)
    end
    local deep = ("["):rep(100000) .. ("]"):rep(100000)
    refuses('{"jsonrpc":"2.0","id":1,"method":"get_version","params":' .. deep .. "}", -32700,
            "Parse Error: ", null)
  end)

  it("that is no object is no request", function()
    for _, text in ipairs { "null", "true", "1", '"get_version"' } do
      refuses(text, -32600, "Invalid Request: ", null)
    end
  end)

  it("in a batch is no request", function()
    refuses("[]", -32600, "Invalid Request: ", null)
    refuses("[" .. good .. "]", -32600, "Invalid Request: ", null)
  end)

  it("without a part of a request is none", function()
    refuses("{}", -32600, "Invalid Request: ", null)
    refuses('{"jsonrpc":"2.0","method":"get_version"}', -32600, "Invalid Request: ", null)
    refuses('{"id":7,"method":"get_version"}', -32600, "Invalid Request: ", 7)
    refuses('{"jsonrpc":"1.0","id":7,"method":"get_version"}', -32600, "Invalid Request: ", 7)
    refuses('{"jsonrpc":2.0,"id":7,"method":"get_version"}', -32600, "Invalid Request: ", 7)
    refuses('{"jsonrpc":"2.0","id":7}', -32600, "Invalid Request: ", 7)
    refuses('{"jsonrpc":"2.0","id":7,"method":1}', -32600, "Invalid Request: ", 7)
  end)

  it("with an id that is none, or with more members, is none", function()
    for _, id in ipairs { "true", "[1]", "{}" } do
      refuses('{"jsonrpc":"2.0","id":' .. id .. ',"method":"get_version"}', -32600,
              "Invalid Request: ", null)
    end
    refuses('{"jsonrpc":"2.0","id":7,"method":"get_version","more":1}', -32600,
            "Invalid Request: ", 7)
  end)

  it("may have null as its id, JSON-RPC 2.0 section 4, and gets a number as it was sent", function()
    for id, back in pairs {
      null = "null", ["0"] = "0", ["-0"] = "0", ["-1"] = "-1", ["1.50"] = "1.50", ["1e2"] = "1e2",
      ["18446744073709551615"] = "18446744073709551615",
    } do
      local text = '{"jsonrpc":"2.0","method":"get_version","params":[],"id":' .. id .. "}"
      local head = '{"jsonrpc":"2.0","id":' .. back .. ',"result":'
      assert.equal(head, service.core:handle(text):sub(1, #head))
    end
  end)

  it("for what is the same for everyone has its own id, however long that is", function()
    for _, method in ipairs { "get_definitions", "get_all" } do
      local params = method == "get_all" and array {} or array { null }
      local rest
      for _, n in ipairs { 1, 400, 2, 470, 480, 490, 500, 512, 600, 70000, 1 } do
        local id = ("i"):rep(n)
        local reply = service.core:handle(request(method, params, id))
        local head = '{"jsonrpc":"2.0","id":"' .. id .. '","result":'
        assert.equal(head, reply:sub(1, #head))
        rest = rest or reply:sub(#head + 1)
        assert.is_true(reply:sub(#head + 1) == rest, n)
      end
    end
  end)

  it("for an unknown method is told so", function()
    for _, name in ipairs { "nope", "", "Build_Pkt", "build_pkt ", "_pkt_data", "__index", "call",
                            "new", ("x"):rep(100000) } do
      local err = refusal(request(name, array {}))
      assert.same({ code = -32601, message = "Method not found" }, err)
    end
  end)

  it("with wrong params is told so", function()
    local function wrong(method, params)
      local reply, outcome = service:send(request(method, params, 3))
      assert.equal("reply", outcome)
      assert.equal(-32603, reply.error.code)
      assert.equal("Invalid params: ", reply.error.message:sub(1, 16))
      assert.equal(3, reply.id)
    end
    for _, method in ipairs { "build_pkt", "reconstruct_pkt", "get_definitions", "get_version",
                              "get_payload_classes", "supported_methods", "shut_down", "reload" } do
      wrong(method, { a = 1 })
      wrong(method, "x")
      wrong(method, null)
      wrong(method, array { 1, 2, 3, 4 })
    end
    wrong("build_pkt", array {})
    wrong("reconstruct_pkt", array {})
    wrong("get_version_handler", array { "1" })
  end)

  it("that the server can't follow is answered with what went wrong", function()
    local err = refusal(request("build_pkt", array { array { { id = "Nope" } } }))
    assert.same({ code = -32098, message = 'Scapy Server: there is no protocol "Nope"' }, err)
    err = refusal(request("get_tree", array { "not the handle" }))
    assert.equal(-32098, err.code)
  end)

  it("that has an id in another case is told which is meant", function()
    local function why(...)
      return refusal(request("build_pkt", array { array { ... } })).message
    end
    local ttl = array { { id = "TTL", value = 1 } }
    assert.equal('Scapy Server: there is no protocol "ether": "Ether" is meant?',
                 why { id = "ether" })
    assert.equal('Scapy Server: IP has no field "TTL": "ttl" is meant?',
                 why { id = "IP", fields = ttl })
    assert.equal('Scapy Server: there is no protocol "IP\\x00"', why { id = "IP\0" })
  end)

  it("with a syntax error in an expression is told so", function()
    local _, err = build_field("IP", "ttl", { vtype = "EXPRESSION", expr = "[1," })
    assert.equal(-32097, err.code)
    assert.equal("Syntax Error: IP.ttl: ", err.message:sub(1, 22))
  end)
end)

describe("an id", function()
  it("comes back as it was sent", function()
    for _, id in ipairs { "1", "0", "-1", "18446744073709551615", "-9223372036854775808",
                          "9007199254740993", "1.5", "1.50", "18446744073709551616", "-1e-7",
                          "123456789012345678901234567890", "null", '""', '"1"', '"a \\"b\\" \\\\"',
                          '"\u{e9}\u{1f600}"', '"' .. ("x"):rep(5000) .. '"' } do
      for _, method in ipairs { "get_version", "nope" } do
        local text = '{"jsonrpc":"2.0","id":' .. id .. ',"method":"' .. method .. '"}'
        assert.truthy(service.core:handle(text):find('"id":' .. id .. ",", 1, true), id)
      end
    end
  end)
end)

-- ---------------------------------------------------------------------------------- hostility

-- ------------------------------------------------------------------- the field engine, workers

local function instruction(id, parameters) return { id = id, parameters = parameters } end

local function varied(value_list)
  return { field_engine = { global_parameters = { cache_size = "9" }, instructions = array {
    instruction("STLVmFlowVar", { name = "v", value_list = value_list }),
    instruction("STLVmWrFlowVar", { fv_name = "v", pkt_offset = "IP.src" }),
    instruction("STLVmFixIpv4", { offset = "IP" }),
  } } }
end

local ether_ip = array { { id = "Ether" }, { id = "IP" } }

describe("build_pkt_ex", function()
  local handle = "gCpT7kGF+TG7Jmm90XmxdQ=="

  it("answers as build_pkt does, and the instructions", function()
    local result = assert(service:call("build_pkt_ex", ether_ip, varied(array { 1, "10.0.0.1" })))
    local engine = result.field_engine
    result.field_engine = nil
    assert.same(build(ether_ip), result)
    assert.same({
      error = null, vm_instructions_expressions = {},
      instructions = { cache = 9, instructions = {
        { type = "flow_var", name = "v", size = 4, op = "inc", step = 1, next_var = null,
          split_to_cores = true, value_list = { 1, 0x0a000001 } },
        { type = "write_flow_var", name = "v", pkt_offset = 26, add_value = 0,
          is_big_endian = true },
        { type = "fix_checksum_ipv4", pkt_offset = 14 },
      } },
    }, engine)
  end)

  it("is understood with the version handle and without", function()
    local with = service:call("build_pkt_ex", handle, ether_ip, {})
    local without = service:call("build_pkt_ex", ether_ip, {})
    assert.equal(with.binary, without.binary)
    assert.same(with.field_engine, without.field_engine)
  end)

  it("evaluates expressions as fields do", function()
    local expression = { vtype = "EXPRESSION", expr = "[1, 2] + [3] * 2" }
    local result = service:call("build_pkt_ex", ether_ip, varied(expression))
    assert.same({ 1, 2, 3, 3 }, result.field_engine.instructions.instructions[1].value_list)
  end)

  it("lets expressions look at the packet as it is built", function()
    local function first(expr, name)
      local model = varied(null)
      model.field_engine.instructions[1].parameters[name or "value_list"] =
        { vtype = "EXPRESSION", expr = expr }
      local engine = service:call("build_pkt_ex", ether_ip, model).field_engine
      return engine.error ~= null and engine.error or engine.instructions.instructions[1]
    end
    assert.same({ 0x10000001, 0x10000004 }, first("{pkt.IP.src, pkt.IP.src + 3}").value_list)
    assert.equal(20 + 64, first("pkt.IP.len + pkt.IP.ttl", "max_value").max_value)
    assert.equal("value_list: there is no layer TCP so far", first "{pkt.TCP.sport}")
    assert.equal("value_list: this is for no field of a layer: say pkt.LAYER.FIELD",
                 first "{layer.src}")
  end)

  it("says so where an expression calls what there isn't", function()
    for _, expr in ipairs { "seqq(1, 5)", "[1, seqq(1, 5)]" } do
      local list = { vtype = "EXPRESSION", expr = expr }
      local result = service:call("build_pkt_ex", ether_ip, varied(list))
      assert.equal('value_list: there is no protocol "seqq"; the method get_expression_help lists '
                   .. "the words of expressions", result.field_engine.error)
    end
  end)

  it("knows places behind fields of variable size", function()
    local options = { vtype = "EXPRESSION", expr = "[IPOption_NOP()]" }
    local stack = array { { id = "Ether" }, { id = "UDP" },
      { id = "IP", fields = array { { id = "options", value = options } } } }
    stack[2], stack[3] = stack[3], stack[2]
    local result = service:call("build_pkt_ex", stack, { field_engine = { instructions = array {
      instruction("STLVmFlowVar", { name = "v" }),
      instruction("STLVmWrFlowVar", { fv_name = "v", pkt_offset = "UDP.dport" }),
    } } })
    assert.equal(14 + 24 + 2, result.field_engine.instructions.instructions[2].pkt_offset)
  end)

  it("shows the packet also where the instructions are wrong", function()
    local model = varied(array { 1, 2 })
    model.field_engine.instructions[3].parameters.offset = "IPv6"
    for message, options in pairs {
      ["no layer IPv6-0"] = model,
      ["Cache size must be a number"] = {
        field_engine = { global_parameters = { cache_size = "" } },
      },
      ["field_engine is an object, not text"] = { field_engine = "x" },
      ["extra_options is an object, not a number"] = 5,
    } do
      local result = assert(service:call("build_pkt_ex", ether_ip, options))
      assert.same({ error = message, instructions = {}, vm_instructions_expressions = {} },
                  result.field_engine)
      assert.equal(build(ether_ip).binary, result.binary)
    end
  end)

  it("takes no instructions for none", function()
    for _, options in ipairs { null, {}, { field_engine = null }, { field_engine = {} } } do
      assert.same({ error = null, instructions = { instructions = {} },
                    vm_instructions_expressions = {} },
                  assert(service:call("build_pkt_ex", ether_ip, options)).field_engine)
    end
  end)

  it("refuses what it can't show", function()
    local function refuses(code, message, ...)
      local _, err = service:call("build_pkt_ex", ...)
      assert.equal(code, err.code)
      assert.equal(message, err.message:sub(1, #message))
    end
    refuses(-32603, "Invalid params: build_pkt_ex takes ")
    refuses(-32603, "Invalid params: build_pkt_ex takes ", ether_ip)
    refuses(-32603, "Invalid params: build_pkt_ex takes ", handle, ether_ip)
    refuses(-32603, "Invalid params: build_pkt_ex takes ", handle, ether_ip, {}, 1)
    refuses(-32098, "Scapy Server: Provided version handler ", "bad", ether_ip, {})
    refuses(-32098, "Scapy Server: the packet model is empty, not a list", array {}, {})
    refuses(-32098, "Scapy Server: there is no protocol", array { { id = "Nope" } }, {})
    local many = array {}
    for i = 1, 200000 do many[i] = 1 end
    refuses(-32098, "Scapy Server: extra_options hold too many values", ether_ip, varied(many))
  end)
end)

describe("a layer of a model", function()
  local frame = luapkt.wire.base64(("\0"):rep(12) .. "\x08\0" .. ("\0"):rep(20))

  local function refuses(message, ...)
    local result, err = service:call(...)
    assert.is_nil(result)
    assert.same({ code = -32098, message = "Scapy Server: " .. message }, err)
  end

  it("is refused where a member is almost \"fields\" or \"delete\"", function()
    for _, name in ipairs { "field", "Fields", "FIELD", "fieldss" } do
      local layer = { id = "IP", [name] = array {} }
      local message = ('IP: a layer has no member "%s": "fields" is meant?'):format(name)
      refuses(message, "build_pkt", array { { id = "Ether" }, layer })
      refuses(message, "build_pkt_ex", array { { id = "Ether" }, layer }, {})
      refuses(message, "reconstruct_pkt", frame, array { { id = "Ether" }, layer })
    end
    refuses('layer 2: IP: a layer has no member "field": "fields" is meant?', "build_pkt",
            array { { id = "IP" }, { id = "IP", field = array {} } })
    refuses('Ether: a layer has no member "deleted": "delete" is meant?', "reconstruct_pkt", frame,
            array { { id = "Ether", deleted = true } })
  end)

  it("is refused where it is another than the packet's, which is said once", function()
    local message = "Protocol id inconsistent: layer 2 of the packet is IP, the model says "
    refuses(message .. "ARP", "reconstruct_pkt", frame, array { { id = "Ether" }, { id = "ARP" } })
    refuses(message .. "Ether", "reconstruct_pkt", frame,
            array { { id = "Ether" }, { id = "Ether" } })
  end)

  it("may have members of its own", function()
    for _, name in ipairs { "f", "fi", "fie", "filed", "fields_of_mine", "offset", "del" } do
      local model = array { { id = "Ether", [name] = true } }
      assert.is_table((service:call("build_pkt", model)))
      assert.is_table((service:call("reconstruct_pkt", frame, model)))
    end
    local both = array { { id = "IP", fields = array {}, field = 1, Fields = 2 } }
    assert.is_table((service:call("build_pkt", both)))
  end)
end)

describe("get_payload_classes", function()
  local function ask(fields) return service:call("get_payload_classes", array {
    { id = "Ether" }, { id = "IP", fields = fields },
  }) end

  it("refuses a model as build_pkt does", function()
    for _, field in ipairs { { id = "nope", value = 1 }, { id = "TTL", value = 1 }, { id = "ttl" },
                             { id = "ttl", value = 256 }, { id = "src", value = "x" },
                             { id = "ttl", value = { vtype = "EXPRESSION", expr = "(1" } } } do
      local _, wanted = service:call("build_pkt", array {
        { id = "Ether" }, { id = "IP", fields = array { field } } })
      local result, err = ask(array { field })
      assert.is_nil(result)
      assert.same(wanted, err)
    end
    for _, model in ipairs { array {}, null, array { {} }, array { { id = "Nope" } },
                             array { { id = "ether" } }, array { { id = "IP", field = 1 } } } do
      local _, wanted = service:call("build_pkt", model)
      assert.same({ nil, wanted }, { service:call("get_payload_classes", model) })
    end
  end)

  it("takes a model that build_pkt takes", function()
    for _, value in ipairs { 5, "5", null, { vtype = "RANDOM" },
                             { vtype = "EXPRESSION", expr = "(2 + 3)" },
                             { vtype = "EXPRESSION", expr = "max(1, 2)" } } do
      assert.same({ "TCP", "UDP", "ICMP", "Raw" }, ask(array { { id = "ttl", value = value } }))
    end
  end)
end)

describe("a shared service", function()
  local worker

  before_each(function() worker = assert(service.core:share()) end)
  after_each(function() worker:close() end)

  local function same(text)
    assert.equal(service.core:handle(text), (worker:handle(text)))
  end

  it("answers what needs no declarations", function()
    same(good)
    same(request("build_pkt_ex", array { ether_ip, varied(array { 1, 2 }) }))
    same(request("build_pkt_ex", array {}))
    local raw = { instructions = array { { type = "fix_checksum_ipv4", pkt_offset = 14 } } }
    same(request("decompile_vm_raw", array { "", raw }))
    same(request("decompile_vm_raw", array { "", { instructions = 5 } }))
  end)

  it("leaves the rest to the first one", function()
    for _, method in ipairs { "get_version", "get_tree", "supported_methods", "shut_down",
                              "get_definitions", "load_instruction_parameter_values" } do
      for _, inline in ipairs { true, false } do
        local reply, outcome = worker:handle(request(method, array {}), inline)
        assert.same({ "", "to_owner" }, { reply, outcome })
      end
    end
  end)

  it("knows which methods there are, however large the request is", function()
    for _, method in ipairs { "nope", ("x"):rep(100000) } do
      local reply = json.decode((worker:handle(request(method, array { ("x"):rep(70000) }))))
      assert.same({ code = -32601, message = "Method not found" }, reply.error)
    end
  end)

  it("refuses what would hold the first one up", function()
    local reply = json.decode((worker:handle(request("get_payload_classes", array {
      array { { id = ("x"):rep(70000) } },
    }))))
    assert.equal("Scapy Server: the request is too large for this method, which takes up to 64 KiB",
                 reply.error.message)
  end)

  it("is left what turns out to take long, and leaves it itself where there is more", function()
    local function dns(layers, questions)
      local list = { vtype = "EXPRESSION", expr = ("[DNSQR(qname='.')]*%d"):format(questions) }
      local packet = array {}
      for i = 1, layers do
        packet[i] = { id = "DNS", fields = array { { id = "qd", value = list } } }
      end
      return request("build_pkt", array { packet })
    end
    local large = { ["a reply"] = dns(20, 600), ["values"] = dns(128, 4000) }
    for what, text in pairs(large) do
      local reply, outcome = service.core:handle(text, true)
      assert.same({ "", "defer" }, { reply, outcome }, what)
      reply, outcome = worker:handle(text, true)
      assert.same({ "", "defer" }, { reply, outcome }, what)
      reply, outcome = worker:handle(text)
      assert.equal("reply", outcome)
      assert.equal(service.core:handle(text), reply)
    end
    local small = dns(4, 50)
    local reply, outcome = service.core:handle(small, true)
    assert.equal("reply", outcome)
    assert.equal(worker:handle(small), reply)
  end)

  it("is left what may take long", function()
    for _, method in ipairs { "build_pkt_ex", "decompile_vm_raw" } do
      for _, one in ipairs { service.core, worker } do
        assert.equal("defer", select(2, one:handle(request(method, array {}), true)))
      end
    end
    assert.equal("reply", select(2, service.core:handle(good, true)))
  end)

  it("outlives the first one", function()
    local first = support.service()
    local shared = assert(first.core:share())
    local text = request("build_pkt_ex", array { ether_ip, varied(array { 1 }) })
    local wanted = first.core:handle(text)
    first:close()
    assert.equal(wanted, (shared:handle(text)))
    shared:close()
    assert.has_error(function() shared:share() end, "the service is closed")
  end)
end)

describe("a hostile request", function()
  local answer

  setup(function() answer = service.core:handle(good) end)

  -- Nothing of a bad request is left when the next one comes.
  after_each(function() assert.equal(answer, service.core:handle(good)) end)

  it("with a million layers is refused", function()
    local many = '[{"id":"IP"}' .. (',{"id":"IP"}'):rep(999999) .. "]"
    local text = '{"jsonrpc":"2.0","id":1,"method":"%s","params":[%s]}'
    local err, id = refusal(text:format("build_pkt", many))
    assert.equal(-32098, err.code)
    assert.equal("Scapy Server: a packet holds at most 128 layers, not 1000000", err.message)
    assert.equal(1, id)
    err = refusal(text:format("reconstruct_pkt", '"AAAA",' .. many))
    assert.equal(-32098, err.code)
  end)

  it("with as many layers as there may be is answered", function()
    local layers = { { id = "Ether" } }
    for i = 2, 128 do layers[i] = { id = "Dot1Q" } end
    assert.equal(128, #assert(build(layers)).data)
    assert.equal(14 + 127 * 4, #bytes_of(assert(build(layers))))
  end)

  it("with fields, items or text without end is refused", function()
    local fields = {}
    for i = 1, 20000 do fields[i] = { id = "ttl", value = i % 256 } end
    assert.truthy(build { { id = "IP", fields = array(fields) } })
    local items = {}
    for i = 1, 5000 do items[i] = array { "NOP" } end
    local _, err = build_field("TCP", "options", array(items))
    assert.equal("Scapy Server: TCP.options: 5000 items are more than 4096", err.message)
    _, err = build_field("Raw", "load", ("x"):rep(0x40001))
    assert.equal(-32098, err.code)
    local loads = {}
    for i = 1, 30 do
      loads[i] = { id = "Raw", fields = array { { id = "load", value = ("x"):rep(10000) } } }
    end
    _, err = build(loads)
    assert.equal(-32098, err and err.code)
    local long = { [("x"):rep(1 << 20):rep(9)] = 1 }
    _, err = service:call("get_definitions", long)
    assert.equal("Scapy Server: the parameters hold too many values for this method", err.message)
  end)

  it("with packets in packets without end is refused", function()
    for _, depth in ipairs { 100, 1000, 10000 } do
      local open, close = "[DHCP6OptIA_NA(ianaopts=", ")]"
      local text = open:rep(depth) .. "[]" .. close:rep(depth)
      local _, err = build_field("DHCP6OptIA_NA", "ianaopts", { vtype = "EXPRESSION", expr = text })
      assert.is_true(err.code == -32097 or err.code == -32098)
    end
  end)

  it("with a message that ends before its last fields is answered", function()
    for n = 1, 8 do -- of an unknown ICMP type, which may have two fields 'unused' and has none
      local icmp = ("7661ea31ae0000"):sub(1, 2 * n)
      local head = "000000010000 0000fcfdffff 0800 45000018 00020000 40013ae2 10000001 30000001"
      local bytes = unhex(head .. icmp)
      assert.equal(bytes, bytes_of(assert(read(bytes))))
    end
  end)

  -- Frames whose lengths and offsets lie. All of them come back as they are.

  local function ip(length, proto, body)
    return ("0800 4500 %s 0001 0000 40 %s 0000 0a000001 0a000002 "):format(length, proto) .. body
  end

  -- With `head` in place of version and header length, and options.
  local function ip_head(head, options)
    return ("0800 %s00 0018 0001 0000 4000 0000 0a000001 0a000002 "):format(head) .. options
  end

  local function tcp(dataofs, options)
    local head = ("0014 0050 00000000 00000000 %s002 2000 0000 0000 "):format(dataofs)
    return ip("002c", "06", head .. options)
  end

  local function udp(sport, dport, body)
    return ip("0000", "11", ("%s %s 0000 0000 "):format(sport, dport) .. body)
  end

  local function ip6(nh, body)
    return ("86dd 60000000 0018 %s ff"):format(nh) .. ("00"):rep(32) .. body
  end

  -- Counts of the four sections, then the message's body.
  local function dns(counts, body)
    return udp("ea60", "0035", "0001 0100 " .. counts .. " " .. body)
  end

  local function sctp(chunk)
    return ip("0024", "84", "00500050 00000000 00000000 " .. chunk .. " 00000000")
  end

  local function ppp(body) return "8864 1100 0000 000a " .. body end

  local zeros = ("00"):rep(16)
  local long_name = ("3f" .. ("61"):rep(63)):rep(3) .. "00 0001 0001"

  local lies = {
    { "an IP header length of 0", ip_head("40", "") },
    { "an IP header length of 60", ip_head("4f", "") },
    { "an IP length of 0", ip("0000", "11", "00350035 00080000") },
    { "an IP length below its header", ip("0004", "11", "00350035 00080000") },
    { "an IP length of 65535", ip("ffff", "11", "00350035 00080000") },
    { "an IP option length of 0", ip_head("46", "8700 0000") },
    { "an IP option length of 1", ip_head("46", "8701 0000") },
    { "an IP option length of 255", ip_head("46", "87ff 0000") },
    { "a TCP header length of 0", tcp("0", "") },
    { "a TCP header length of 60", tcp("f", "") },
    { "a TCP option length of 0", tcp("6", "0200 0000") },
    { "a TCP option length of 1", tcp("6", "0201 0000") },
    { "a TCP option length of 255", tcp("6", "02ff 0000") },
    { "a UDP length of 0", ip("001c", "11", "ea60ea60 0000 0000") },
    { "a UDP length of 7", ip("001c", "11", "ea60ea60 0007 0000") },
    { "a UDP length of 65535", ip("001c", "11", "ea60ea60 ffff 0000") },
    { "an 802.3 length of 1500", "05dc 4242 03" },
    { "an 802.3 length of 0", "0000 4242 03 0000" },
    { "a PPPoE length of 65535", "8864 1100 0000 ffff 0021" },
    { "a PPPoE length of 0", "8864 1100 0000 0000 0021" },
    { "a PPPoE tag length of 65535", "8863 1109 0000 0004 0101 ffff" },
    { "an LCP length of 0", ppp "c021 0101 0000" },
    { "an LCP option length of 0", ppp "c021 0101 0008 0100 05dc" },
    { "an LCP option length of 255", ppp "c021 0101 0008 01ff 05dc" },
    { "ARP address lengths of 255", "0806 0001 0800 ffff 0001 0011 2233 4455" },
    { "an IPv6 length of 65535", "86dd 60000000 ffff 11 40" .. ("00"):rep(32) .. "00350035" },
    { "a hop-by-hop length of 255", ip6("00", "11ff 0104 00000000") },
    { "a hop-by-hop option length of 255", ip6("00", "1100 05ff 00000000") },
    { "255 routing segments", ip6("2b", "11ff 00ff 00000000") },
    { "an ND option length of 0", ip6("3a", "8700 0000 00000000" .. zeros .. "0100 0000") },
    { "an ND option length of 255", ip6("3a", "8700 0000 00000000" .. zeros .. "01ff 0000") },
    { "an SCTP chunk length of 0", sctp "00030000" },
    { "an SCTP chunk length of 3", sctp "00030003" },
    { "an SCTP chunk length of 65535", sctp "0003ffff" },
    { "a DHCP option length of 255",
      udp("0044", "0043", "0101 0600" .. ("00"):rep(232) .. "63825363 35ff 01") },
    { "IGMPv3 record counts of 65535",
      ip("0000", "02", "2200 0000 0000 ffff 0100 ffff e0000001") },
    { "a RADIUS length of 0", udp("0714", "0714", "0100 0000" .. zeros .. "0100") },
    { "a NetFlow count of 65535",
      udp("0807", "0807", "0009 ffff" .. zeros .. "0000 0000 0100 0000") },
    { "an MPLS stack without a bottom", "8847" .. ("00000040"):rep(200) },
    { "VLAN tags without end", ("8100 0001"):rep(300) },
    { "tunnels without end",
      "0800" .. ("4500 0000 0001 0000 4004 0000 0a000001 0a000002"):rep(200) },
    { "a DNS pointer to itself", dns("0001 0000 0000 0000", "c00c 0001 0001") },
    { "DNS pointers to each other", dns("0002 0000 0000 0000", "c012 0001 0001 c00c 0001 0001") },
    { "a DNS pointer beyond the end", dns("0001 0000 0000 0000", "ffff 0001 0001") },
    { "a DNS pointer into its own name", dns("0001 0000 0000 0000", "01 61 c00c 0001 0001") },
    { "half a DNS pointer", dns("0001 0000 0000 0000", "c0") },
    { "DNS labels beyond the end", dns("0001 0000 0000 0000", "3f61 6161") },
    { "DNS labels of a reserved kind", dns("0001 0000 0000 0000", "8061 6100 0001 0001") },
    { "65535 DNS questions", dns("ffff ffff ffff ffff", "0000 0100 01") },
    { "a DNS record length of 65535",
      dns("0000 0001 0000 0000", "00 0001 0001 00000000 ffff 01") },
    { "a DNS record length of 0", dns("0000 0001 0000 0000", "00 0001 0001 00000000 0000") },
    { "a lying length in an OPT record",
      dns("0000 0000 0000 0001", "00 0029 1000 00000000 0004 0003 ffff") },
    { "DNS names that all point to a long one",
      dns("ffff 0000 0000 0000", long_name .. ("c00c 0001 0001"):rep(3000)) },
  }

  for _, lie in ipairs(lies) do
    it("with " .. lie[1] .. " is answered", function()
      local bytes = unhex("000102030405 060708090a0b" .. lie[2])
      local result, err = read(bytes)
      assert(result, err and err.message)
      assert.equal(bytes, bytes_of(result))
      local edited = read(bytes, array { { id = result.data[1].id, fields = array {} } })
      assert.equal(bytes, bytes_of(edited))
    end)
  end

  -- Replaced and left out: every part of good requests, by every kind of JSON value.
  local models = {
    [=[{"method":"build_pkt","params":[[
      {"id":"Ether","fields":[{"id":"src","value":"00:11:22:33:44:55"}]},
      {"id":"IP","fields":[
        {"id":"ttl","value":5},
        {"id":"id","value":"0x10"},
        {"id":"proto","value":{"vtype":"UNDEFINED"}},
        {"id":"tos","value":{"vtype":"RANDOM"}},
        {"id":"dst","value":{"vtype":"OBJECT","value":"10.0.0.1"}},
        {"id":"src","value":{"vtype":"MACHINE","base64":"CgAAAQ=="}},
        {"id":"options","value":[{"id":"IPOption_NOP","fields":[]}]}]},
      {"id":"TCP","fields":[
        {"id":"flags","value":"SA"},
        {"id":"options","value":[["MSS",1460],["NOP",null]]}]},
      {"id":"Raw","fields":[{"id":"load","value":{"vtype":"BYTES","base64":"YQ=="}}]}]]}]=],
    [=[{"method":"build_pkt","params":[[
      {"id":"DNS","fields":[
        {"id":"qd","value":[{"id":"DNSQR","fields":[{"id":"qname","value":"x.org"}]}]},
        {"id":"an","value":[{"rrname":"x.org","rdata":"10.0.0.1"}]}]}]]}]=],
    [=[{"method":"build_pkt","params":[[
      {"id":"IP","fields":[{"id":"options","value":
        {"vtype":"EXPRESSION","expr":"[IPOption_RR(routers=['1.2.3.4'])]"}}]}]]}]=],
    [=[{"method":"build_pkt","params":[[
      {"id":"DHCP","fields":[{"id":"options","value":[["message-type",1],"end"]}]}]]}]=],
    [=[{"method":"reconstruct_pkt","params":["AAAAAQAAAAAAAgAACABFAAAUAAEAAEAAOxQQAAABMAAAAQ==",[
      {"id":"Ether","fields":[{"id":"type","value":{"vtype":"UNDEFINED"}}]},
      {"id":"IP","fields":[],"delete":false},
      {"id":"UDP","delete":true}]]}]=],
    [=[{"method":"get_definitions","params":[["IP","TCP"]]}]=],
    [=[{"method":"get_payload_classes","params":[[{"id":"Ether"},{"id":"IP"}]]}]=],
    [=[{"method":"supported_methods","params":["all"]}]=],
    [=[{"method":"get_template","params":[{"id":"VLAN/QinQ","parameters":{
      "outer":5,"inner":"6","src":"10.0.0.1"}}]}]=],
    [=[{"method":"describe_template","params":[{"id":"VLAN/QinQ"}]}]=],
    [=[{"method":"get_version_handler","params":["1","02"]}]=],
    [=[{"method":"build_pkt_ex","params":[[{"id":"IP"}],{"field_engine":{"instructions":[
        {"id":"STLVmFlowVar","parameters":{"name":"v","size":"2","max_value":"9","next_var":"w"}},
        {"id":"STLVmFlowVar","parameters":{"name":"w","value_list":
          {"vtype":"EXPRESSION","expr":"[1]"}}},
        {"id":"STLVmTupleGen","parameters":{"name":"t","ip_max":"1.0.0.0"}},
        {"id":"STLVmFlowVarRepeatableRandom","parameters":{"name":"r","seed":null}},
        {"id":"STLVmWrMaskFlowVar","parameters":{"fv_name":"v","pkt_offset":"IP.id","mask":"0xf"}},
        {"id":"STLVmFixChecksumHw","parameters":{"l3_offset":"IP","l4_offset":20,"l4_type":11}}],
        "global_parameters":{"cache_size":"5"}}}]}]=],
    [=[{"method":"decompile_vm_raw","params":["AAAA",{"cache":5,"instructions":[
        {"type":"flow_var","name":"v","size":1,"op":"inc","step":1,"init_value":0,"min_value":0,
         "max_value":9,"next_var":null,"split_to_cores":true},
        {"type":"write_flow_var","name":"v","pkt_offset":1,"add_value":0,"is_big_endian":true},
        {"type":"fix_checksum_icmpv6","l2_len":14,"l3_len":40}]}]}]=],
    [=[{"method":"load_instruction_parameter_values","params":[[{"id":"Ether"},{"id":"IP"}],
        {"field_engine":{"instructions":[{"id":"x","parameters":{"name":"v"}}]}},"fv_name"]}]=],
    [=[{"method":"load_instruction_parameter_values","params":[[{"id":"Ether"},{"id":"IP"}],{},
        "pkt_offset"]}]=],
  }

  local odd = {
    null, true, false, 0, -1, 300, 1.5, 1e300, "", "x", "0x", "\0", array {}, array { array {} },
    array { null }, {}, { id = 1 }, { vtype = "NOPE" }, { vtype = 5 }, { id = "IP", fields = 5 },
  }

  -- Every way to spoil a part of `value`: replace it or leave it out; `spoil` gets each.
  local function each_spoilt(value, spoil, put)
    for _, other in ipairs(odd) do put(other); spoil() end
    put(nil)
    spoil()
    put(value)
    if type(value) ~= "table" then return end
    local keys = {}
    for k in pairs(value) do table.insert(keys, k) end
    for _, k in ipairs(keys) do
      local last = type(k) == "number" and k == #value
      each_spoilt(value[k], spoil, function(v)
        -- a hole in an array is none, but the last item can be missing
        if v == nil and type(k) == "number" and not last then v = null end
        value[k] = v
      end)
    end
  end

  local codes = {
    [-32700] = true, [-32600] = true, [-32601] = true, [-32603] = true, [-32097] = true,
    [-32098] = true,
  }

  for i, text in ipairs(models) do
    local method = text:match '"method":"(.-)"'

    it(("with anything anywhere is answered or refused: %d, %s"):format(i, method), function()
      local root = { json.decode(text) }
      root[1].jsonrpc, root[1].id = "2.0", "spoilt"
      assert.is_nil(service:send(json.encode(root[1])).error)
      local count = 0
      each_spoilt(root[1], function()
        local spoilt = root[1] == nil and "" or json.encode(root[1])
        local reply = service:send(spoilt)
        count = count + 1
        assert.equal("2.0", reply.jsonrpc)
        if reply.error then
          local message = reply.error.message
          assert.is_true(codes[reply.error.code], spoilt)
          assert.is_true(#message < 600, spoilt)
          assert.is_nil(message:find "%.lua" or message:find "%(null%)", spoilt)
        else
          assert.truthy(reply.result ~= nil, spoilt)
        end
        assert.equal(answer, service.core:handle(good), spoilt)
      end, function(v) root[1] = v end)
      assert.is_true(count > 100)
    end)
  end
end)

-- -------------------------------------------------------------------------------- extra protocols

describe("protocols that the Scapy server doesn't know", function()
  local folder, usual, wanted
  local eth = unhex "000000010000000000020000 88b6"

  setup(function()
    folder = support.tmpdir()
    support.write_file(folder .. "/extra.lua", [[
      local f = require "luapkt.field"
      return {
        { id = "Lab", extra = true, over = { Ether = { type = 34998 } }, fields = { f.u8 "kind" } },
        { id = "LabTail", extra = true, over = { Lab = { kind = 1 } }, fields = { f.u8 "end" } },
      }
    ]])
    usual  = support.service { protocols = { folder } }
    wanted = support.service { protocols = { folder }, extras = true }
  end)

  teardown(function()
    usual:close()
    wanted:close()
    os.execute("rm -r " .. support.quote(folder))
  end)

  local function ids(result)
    local list = {}
    for i, layer in ipairs(result.data) do list[i] = layer.id .. "=" .. tostring(layer.real_id) end
    return table.concat(list, " ")
  end

  local function reread(s, model)
    return ids(s:call("reconstruct_pkt", base64(eth .. "\1\2"), model or null))
  end

  it("leave what they carry Raw, unless a model names one", function()
    assert.equal("Ether=Ether Raw=Raw", reread(usual))
    assert.equal("Ether=Ether Raw=Raw", reread(usual, array { { id = "Ether" }, { id = "Raw" } }))
    assert.equal("Ether=Ether Lab=Lab LabTail=LabTail",
      reread(usual, array { { id = "Ether" }, { id = "Lab" } }))
  end)

  it("are read back from what was built of them", function()
    local model = array { { id = "Ether" }, { id = "Lab" }, { id = "LabTail" } }
    assert.equal("Ether=Ether Lab=Lab LabTail=LabTail", ids(usual:call("build_pkt", model)))
  end)

  it("are read like others where the server is told so", function()
    assert.equal("Ether=Ether Lab=Lab LabTail=LabTail", reread(wanted))
  end)

  it("are in no list, unless the server is told so", function()
    assert.is_nil(usual:call("get_all").db.Lab)
    assert.same({ { "kind", "ByteField", "(0)" } }, wanted:call("get_all").db.Lab)
    assert.equal(1, #usual:call("get_definitions", array { "Lab" }).protocols)
  end)

  it("are read by the library", function()
    local core = require("luapkt.registry").load { "protocols", folder }.core
    assert.equal(3, #core:dissect(eth .. "\1\2", "Ether"))
    assert.equal(2, #core:dissect(eth .. "\1\2", "Ether", true))
  end)
end)
