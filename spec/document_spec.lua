-- The examples of the document on the TRex Scapy RPC server (its change log ends with 3.00), in its
-- order. Requests are written as it prints them, but for its comments and dots.

local luapkt  = require "luapkt"
local servers = require "spec.servers"
local support = require "spec.support"

local json = luapkt.json
local unbase64 = luapkt.wire.unbase64

local program = support.quote(support.program())
local handle  = '"gCpT7kGF+TG7Jmm90XmxdQ=="'

local service

setup(function() service = support.service() end)
teardown(function() service:close() end)

-- Call a method with parameters as text: "[...]" after a handle, or without one.
local function ask(method, params)
  local reply = service:send(('{"jsonrpc": "2.0", "id": "1", "method": "%s", "params": %s}'):format(
    method, params))
  assert.equal("1", reply.id)
  return reply.result, reply.error
end

-- The same without a handle and with one. What is shown as an expression may differ.
local function ask_both(method, params)
  local rest = params:match "^%[%s*(.*)%]$"
  local with_handle = ("[%s%s]"):format(handle, rest == "" and "" or ", " .. rest)
  local bare, err = ask(method, params)
  assert(bare ~= nil, err and err.message)
  local python, why = ask(method, with_handle)
  assert(python ~= nil, why and why.message)
  return bare, python
end

local field_of = support.field_of

local function value_of(layer, id) return field_of(layer, id).value end

-- Does `got` have all that `want` has? Members that it has beyond that are passed over.
local function assert_shows(want, got, place)
  if type(want) ~= "table" then return assert.equal(want, got, place) end
  assert.is_table(got, place)
  for key, value in pairs(want) do
    assert_shows(value, got[key], ("%s.%s"):format(place or "result", key))
  end
end

describe("the document's error codes", function()
  local function refuses(code, message, text)
    local reply = service:send(text)
    assert.equal(code, reply.error.code)
    assert.equal(message, reply.error.message:sub(1, #message))
  end

  it("are those of its table", function()
    refuses(-32700, "Parse Error", '{"jsonrpc": "2.0", "id": "1", ')
    refuses(-32600, "Invalid Request", '{"jsonrpc": "2.0", "id": "1"}')
    refuses(-32601, "Method not found", '{"jsonrpc": "2.0", "id": "1", "method": "nope"}')
    refuses(-32603, "Invalid params",
            '{"jsonrpc": "2.0", "id": "1", "method": "build_pkt", "params": []}')
    refuses(-32098, "Scapy Server: ",
            '{"jsonrpc": "2.0", "id": "1", "method": "build_pkt", "params": [[{"id": "x"}]]}')
  end)

  it("have one for a syntax error in an expression", function()
    refuses(-32097, "Syntax Error: IP.options: line 1 column 12: ",
            '{"jsonrpc": "2.0", "id": "1", "method": "build_pkt", '
      .. '"params": [[{"id": "IP", "fields": [{"id": "options", '
      .. '"value": {"vtype": "EXPRESSION", "expr": "TCPOptions("}}]}]]}')
  end)

  it("refuse batches", function()
    refuses(-32600, "Invalid Request",
            '[{"jsonrpc": "2.0", "id": "1", "method": "get_version", "params": []}]')
  end)
end)

describe("the document's packet models", function()
  local function build(model) return ask_both("build_pkt", "[" .. model .. "]") end

  it("build two VLAN tags, the second with a 'vtype'", function()
    local result = build [=[
[
        { "id": "Ether", "fields": [{"id": "src", "value": "de:ad:be:ef:de:ad"}] },
        { "id": "Dot1Q"},
        { "id": "Dot1Q", "fields": [{"id": "vtype", "value": "1"}] },
        { "id": "IP", "fields": [{"id": "src", "value": "127.0.0.1"},
                                 {"id": "chksum", "value": "0x312"}] },
        { "id": "TCP", "fields": [{"id": "sport", "value": "443"}] }
]]=]
    local ether, outer, inner, ip, tcp = table.unpack(result.data)
    assert.equal("de:ad:be:ef:de:ad", value_of(ether, "src"))
    assert.equal(0x8100, value_of(outer, "type"))
    assert.equal(1, value_of(inner, "type"))
    assert.equal("127.0.0.1", value_of(ip, "src"))
    assert.equal(0x312, value_of(ip, "chksum"))
    assert.equal(443, value_of(tcp, "sport"))
    assert.equal(14 + 4 + 4 + 20 + 20, #unbase64(result.binary))
  end)

  it("take every kind of value", function()
    local result = build [=[
[
        { "id": "Ether"},
        { "id": "IP", "fields": [{"id": "ttl", "value": 7}, {"id": "proto", "value": "tcp"},
                                 {"id": "id", "value": {"vtype": "RANDOM"}},
                                 {"id": "len", "value": {"vtype": "UNDEFINED"}}] },
        { "id": "TCP", "fields": [{"id": "dport", "value": "0x50"},
             {"id": "options", "value": {"vtype": "EXPRESSION", "expr": "TCPOptions()"}}] },
        { "id": "Raw", "fields": [
            {
              "id": "load",
              "value": {"vtype": "BYTES", "base64": "bXkgcGF5bG9hZA=="}
            }
        ]}
]
]=]
    local _, ip, tcp, raw = table.unpack(result.data)
    assert.equal(7, value_of(ip, "ttl"))
    assert.equal(6, value_of(ip, "proto"))
    assert.equal(20 + 20 + #"my payload", value_of(ip, "len"))
    assert.equal(0x50, value_of(tcp, "dport"))
    assert.equal(5, value_of(tcp, "dataofs"))
    assert.equal("my payload", field_of(raw, "load").hvalue)
    assert.equal("my payload", unbase64(result.binary):sub(-10))
  end)
end)

describe("the document's result of build_pkt", function()
  local stack = '[[{"id": "Ether"}, {"id": "IP"}, {"id": "TCP"}]]'
  local binary = "AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA"

  -- Its fields by id: hvalue, length, offset, value.
  local shown = {
    { "Ether", 0, {
      dst  = { "00:00:00:01:00:00", 6, 0, "00:00:00:01:00:00" },
      type = { "IPv4", 2, 12, 2048 } } },
    { "IP", 14, {
      version = { "4", 0, 0, 4 },        ihl = { "5", 0, 0, 5 },     tos = { "0x0", 1, 1, 0 },
      len     = { "40", 2, 2, 40 },      id = { "1", 2, 4, 1 },      flags = { "", 0, 6, 0 },
      frag    = { "0", 0, 6, 0 },        ttl = { "64", 1, 8, 64 },   proto = { "tcp", 1, 9, 6 },
      chksum  = { "0x3ace", 2, 10, 15054 } } },
    { "TCP", 34, {
      sport = { "20", 2, 0, 20 } } },
  }

  local function check(result)
    assert.equal(binary, result.binary)
    for i, layer in ipairs(shown) do
      local got = result.data[i]
      assert.equal(layer[1], got.id)
      assert.is_string(got.name)
      assert.equal(layer[2], got.offset)
      for id, field in pairs(layer[3]) do
        assert_shows({ hvalue = field[1], length = field[2], offset = field[3], value = field[4] },
                     field_of(got, id), got.id .. "." .. id)
      end
    end
    assert.equal(3, #result.data)
  end

  it("is the one for a packet of defaults", function()
    for _, result in ipairs { ask_both("build_pkt", stack) } do check(result) end
  end)

  it("comes from its bytes as well", function()
    for _, result in ipairs { ask_both("reconstruct_pkt", ('["%s"]'):format(binary)) } do
      check(result)
    end
  end)

  it("shows an empty list of IP options over two bytes", function()
    local options = { expr = "[]", vtype = "EXPRESSION" }
    local _, result = ask_both("build_pkt", stack)
    assert_shows({ hvalue = "[]", length = 2, offset = 20, value = options },
                 field_of(result.data[2], "options"))
  end)

  it("shows TCP options as a list of pairs, and takes them so", function()
    local expr = "[('MSS', 1460), ('NOP', None), ('NOP', None), ('SAckOK', b'')]"
    local model = ('[[{"id": "Ether"}, {"id": "IP"}, {"id": "TCP", "fields": [{"id": "options", '
      .. '"value": {"expr": "%s", "vtype": "EXPRESSION"}}]}]]'):format(expr)
    local bare, python = ask_both("build_pkt", model)
    assert.equal(bare.binary, python.binary)
    assert_shows({ offset = 20, value = { expr = expr, vtype = "EXPRESSION" } },
                 field_of(python.data[3], "options"))
  end)

  it("can be changed: reconstruct_pkt takes fields to override", function()
    local changed = ask_both("reconstruct_pkt", ('["%s", [{"id": "Ether"}, '
      .. '{"id": "IP", "fields": [{"id": "ttl", "value": "5"}]}]]'):format(binary))
    assert.equal(5, value_of(changed.data[2], "ttl"))
    assert.equal(0x3ace, value_of(changed.data[2], "chksum"))
  end)
end)

describe("the document's result of build_pkt_ex", function()
  local function build(max)
    return ask_both("build_pkt_ex", ([=[
[[{"id": "Ether"}],
{
    "field_engine":{
        "instructions":[
            {
                "id":"STLVmFlowVar",
                "parameters": {
                    "name": "Ether_dst",
                    "init_value": "00:00:00:01:00:00",
                    "max_value": %s,
                    "min_value": "0",
                    "step": "1",
                    "size": "4",
                    "op": "inc"
                }
            },
            {
                "id":"STLVmWrFlowVar",
                "parameters": { "fv_name": "Ether_dst", "pkt_offset": "Ether.src" }
            }
        ],
        "global_parameters":{
            "cache_size":"1000"
        }
    }
}]]=]):format(max))
  end

  -- Its "max_value" is 0, below "init_value": TRex takes no such variable, so that is said.
  it("has the instructions that TRex takes", function()
    for _, max in ipairs { '"65536"', "65536", '"00:00:00:01:00:00"' } do
      local engine = build(max).field_engine
      assert.equal(json.null, engine.error)
      assert_shows({
        cache = 1000,
        instructions = {
          { name = "Ether_dst", max_value = 65536, min_value = 0, init_value = 65536, step = 1,
            size = 4, type = "flow_var", op = "inc" },
          { name = "Ether_dst", is_big_endian = true, pkt_offset = 6, type = "write_flow_var",
            add_value = 0 },
        },
      }, engine.instructions)
    end
  end)

  it("says what is wrong beside the packet", function()
    local result = build '"0"'
    assert.equal("init_value must be between min_value 0 and max_value 0",
                 result.field_engine.error)
    assert.equal(14, #unbase64(result.binary))
  end)
end)

describe("the document's definitions", function()
  local ids = '[["Ether", "TCP", "IP", "Dot1Q", "Raw"]]'

  -- Fields of its example.
  local shown = {
    Ether = { "dst", "src", "type" },
    TCP = { "sport", "dport", "seq", "ack", "dataofs", "reserved", "flags", "window", "chksum",
            "urgptr", "options" },
    IP = { "version", "ihl", "tos", "len", "id", "flags", "frag", "ttl", "proto", "chksum", "src",
           "dst", "options" },
    Dot1Q = { "prio", "id", "vlan", "type" },
    Raw = { "load" },
  }

  local function definitions()
    local by_id = {}
    for _, protocol in ipairs(ask_both("get_definitions", ids).protocols) do
      by_id[protocol.id] = protocol
    end
    return by_id
  end

  it("are those asked for, field by field", function()
    local by_id = definitions()
    for id, fields in pairs(shown) do
      local got = {}
      for i, field in ipairs(by_id[id].fields) do
        got[i] = field.id
        assert.is_string(field.name)
      end
      assert.same(fields, got)
    end
  end)

  it("have ethertypes by name", function()
    local by_id = definitions()
    for _, id in ipairs { "Ether", "Dot1Q" } do
      assert_shows({ ARP = 2054, IPv4 = 2048, IPv6 = 34525, PPP_SES = 34916, n_802_1Q = 33024,
                     LOOP = 36864 }, field_of(by_id[id], "type").values_dict)
    end
  end)

  it("have the bits of flags", function()
    local by_id, names = definitions(), {}
    local flags = field_of(by_id.TCP, "flags")
    assert.equal("BITMASK", flags.type)
    for i, bit in ipairs(flags.bits) do
      names[i] = bit.name
      assert.same({ { name = "Not Set", value = 0 }, { name = "Set", value = bit.mask } },
                  bit.values)
    end
    assert.same({ "URG", "ACK", "PSH", "RST", "SYN", "FIN" }, names)
    assert.equal(3, #field_of(by_id.IP, "flags").bits)
  end)

  it("have types and bounds", function()
    local by_id = definitions()
    assert_shows({ name = "Source port", type = "NUMBER", min = 0, max = 65535 },
                 field_of(by_id.TCP, "sport"))
    assert_shows({ name = "TTL", type = "NUMBER", min = 1, max = 255 }, field_of(by_id.IP, "ttl"))
    assert_shows({ name = "Payload", type = "BYTES" }, field_of(by_id.Raw, "load"))
    assert.is_true(field_of(by_id.IP, "ihl").auto)
  end)

  it("are those of all protocols for null", function()
    assert.is_true(#ask_both("get_definitions", "[null]").protocols > 100)
  end)
end)

describe("the document's command", function()
  it("supported_methods lists the methods with their parameters", function()
    local all = ask("supported_methods", '["all"]')
    for _, name in ipairs { "build_pkt", "check_update", "get_all", "get_tree", "get_version",
                            "supported_methods", "build_pkt_ex", "reconstruct_pkt",
                            "get_definitions", "get_templates", "get_template" } do
      assert.equal(all[name][1], #all[name][2])
      for _, parameter in ipairs(all[name][2]) do assert.is_string(parameter) end
      assert.is_true((ask("supported_methods", ('["%s"]'):format(name))))
    end
    assert.same({ 1, { "method_name" } }, all.supported_methods)
    assert.same({ 0, {} }, all.get_version)
    assert.is_false((ask("supported_methods", '["nope"]')))
  end)

  it("get_all gives the databases and their sums", function()
    local all = ask_both("get_all", "[]")
    local fields = {}
    for i, field in ipairs(all.db.ARP) do
      fields[i] = field[1]
      assert.equal(3, #field)
    end
    assert.same({ "hwtype", "ptype", "hwlen", "plen", "op", "hwsrc", "psrc", "hwdst", "pdst" },
                fields)
    assert.same({ "ptype", "XShortEnumField", "(2048)" }, all.db.ARP[2])
    assert.same({ "dst", "MACField", "('00:00:00:01:00:00')" }, all.db.Ether[1])
    assert.equal("empty", all.fields.BCDFloatField)
    for _, sum in ipairs { all.db_md5, all.fields_md5 } do assert.equal(16, #unbase64(sum)) end
  end)

  it("check_update compares the sums", function()
    local all = ask("get_all", "[]")
    local function check(db, fields)
      return ask("check_update", ('["%s", "%s"]'):format(db, fields))
    end
    assert.is_true((check(all.db_md5, all.fields_md5)))
    local _, err = check("md5_of_protocol_db", "md5_of_fields")
    assert.same({ code = -32098, message = "Scapy Server: Fields DB is not up to date" }, err)
    _, err = check("md5_of_protocol_db", all.fields_md5)
    assert.same({ code = -32098, message = "Scapy Server: Protocol DB is not up to date" }, err)
  end)

  it("get_version says version and builder", function()
    local result = ask("get_version", "[]")
    assert.is_string(result.version)
    assert.is_string(result.built_by)
  end)

  it("get_tree gives a tree", function()
    local raw = { RAW = "payload" }
    local tree = ask_both("get_tree", "[]")
    assert.same({ ALL = { Ether = { ARP = {}, IP = { TCP = raw, UDP = raw } } } }, tree)
  end)

  it("get_templates lists templates", function()
    local found
    for _, template in ipairs(ask_both("get_templates", "[]")) do
      if template.id == "TCP-SYN" then found = template end
    end
    assert.same({ id = "TCP-SYN", meta = { name = "TCP-SYN", description = "" } }, found)
  end)

  it("get_template gives JSON in base64, by object or by name", function()
    for _, params in ipairs { '[{"id": "TCP-SYN"}]', '["TCP-SYN"]' } do
      local template = json.decode(unbase64((ask_both("get_template", params))))
      local ids = {}
      for i, layer in ipairs(template.packet) do ids[i] = layer.id end
      assert.same({ "Ether", "IP", "TCP" }, ids)
    end
  end)
end)

describe("the document's server", function()
  it("is started with -s, answers, and is shut down remotely", function()
    local port = support.free_port()
    local server = servers.start("-s " .. port)
    assert.equal("***Scapy Server Started***", server.banner[1])
    assert.equal("Listening on port: " .. port, server.banner[2])
    assert.matches("^Server IP address: %d+%.%d+%.%d+%.%d+$", server.banner[3])
    assert.is_true((server:call "get_version"))
    assert.is_true((server:call "shut_down"))
    local rest, status, errors = server:ended()
    assert.same({ "Server: Shut down by remote user\n", 0, "" }, { rest, status, errors })
  end)

  it("listens on port 4507 unless it is told otherwise", function()
    local ok, help = support.run(program .. " serve --help")
    assert.is_true(ok)
    assert.matches("listen on this port (4507;", help, 1, true)
  end)
end)
