-- What replies show is taken back: a packet that is built from the values of a reply has the bytes
-- that the reply was about. So it is for every protocol and for every recorded request of
-- ../shared/conformance, in the reference's dialect and in Lua's, and with the expressions as they
-- were recorded.

local luapkt  = require "luapkt"
local replay  = require "spec.replay"
local support = require "spec.support"

local json, null = luapkt.json, luapkt.json.null
local array, base64 = json.array, luapkt.wire.base64

local generation = luapkt.generation()
local by_id = generation.by_id
local handle = "gCpT7kGF+TG7Jmm90XmxdQ=="

local groups = table.move(replay.OF_PACKETS, 1, #replay.OF_PACKETS, 1, {})
table.insert(groups, "templates")

-- Recordings whose replies say less than the bytes: everywhere, or in one way of sending back.
local says_less = {
  ["lengths contradict a list, which is shown as its bytes read"] = { anywhere = true,
    "build-ether-ip-ihl-15-udp-raw-load-g-template-size-60-template_base64-b64-b-ab",
    "build-ether-ip-ihl-5-options-e-ipoption_nop-udp",
    "build-ether-ip-ihl-7-options-e-ipoption_nop-udp-raw-load-abcdefgh",
    "build-ether-ip-tcp-dataofs-5-options-e-mss-1460",
    "build-ether-ip-udp-dns-qdcount-0-qd-e-dnsqr-qname-example.com",
    "build-ether-ipv6-ipv6exthdrrouting-len-0-addresses-e-1-udp",
    "build-ether-dot1q-prio-0-id-0-vlan-10-type-0x800-ip-version-4-ihl-6-tos-0x0-len-32-id-1-f" ..
    "-554218",
    "build-ether-ip-options-e-ipoption_nop-41",
    "edit-eth-ip-tcp-raw-ip.options-expression-ipoption_nop",
    "edit-eth-ip-tcp-raw-ip.options-expression-ipoption_rr-cb4f8b",
    "edit-eth-ip-udp-dns-dns.an-expression-dnsrr-rrname-ff41ba",
    "edit-eth-ip-udp-dns-dns.qdcount-n0",
    "roundtrip-ether-ip-ihl-4-udp",
    "roundtrip-ether-ip-ihl-7-options-e-ipoption_nop-udp-raw-load-abcdefgh",
  },
  ["so they do, and the reference reads otherwise"] = { recorded = true,
    "build-ether-ip-udp-dns-qdcount-2-qd-e-dnsqr-qname-example.com",
    "roundtrip-ether-ip-udp-dns-qdcount-2-qd-e-dnsqr-qname-example.com",
  },
  ["the reference's bytes aren't what it shows"] = { recorded = true,
    "value-ether.dst-n1",
    "value-arp.hwsrc-s-empty",
    "value-arp.hwsrc-s-zz",
    "default-lowpanmesh",
  },
  ["the bytes are those of another protocol"] = { anywhere = true,
    "roundtrip-ether-ip-udp-mpls-ip",
    "roundtrip-stack-ether-ip-udp-ip-udp",
    "roundtrip-stack-ether-ip-udp-nbnsnodestatusresponse-nbnsnodestatusresponseservice",
    "roundtrip-stack-ether-ip-udp-nbnsnodestatusresponse-nbnsnodestatusresponseservice" ..
    "-nbnsnodestatusresponseend",
  },
  ["the list is cut"] = { anywhere = true,
    "truncated-eth-ip-tcp-opts-at-61-of-63",
    "truncated-eth-ip-udp-dns-at-58-of-73",
    "truncated-hbh-at-58-of-70",
  },
  ["what is behind DHCP's options is shown as options and as padding"] = { anywhere = true,
    "append-dhcp-raw",
    "append-dhcp-raw-default",
    "append-dhcp-raw-dummy",
    "zero-padding-dhcp-plus-1",
    "zero-padding-dhcp-plus-46",
  },
  ["padding within a field isn't shown"] = { anywhere = true, "garbage-udp-port-1701-8" },
  ["fixed-point numbers are shown in steps or cut in Python, and taken in units"] = {
    values = true, recorded = true,
    "build-ether-ip-udp-sport-123-dport-123-ntpheader-leap-3-mode-4-stratum-1-id-127.0.0.1-ref" ..
    "-d118f1",
    "value-stp.age-f1.5",
  },
  ["empty text leaves flags as they are"] = { hvalues = true,
    "edit-eth-ip-tcp-raw-tcp.flags-n0",
  },
  ["a value that the field can't hold is shown as it was given"] = { hvalues = true,
    "value-dot1q.prio-nneg1",
    "value-dot1q.vlan-nneg1",
    "value-ip.frag-nneg1",
    "value-ip.version-nneg1",
    "value-ip.ttl-bool-true",
    "value-tcp.sport-bool-true",
  },
}

local function exceptions(way)
  local names = {}
  for _, list in pairs(says_less) do
    for _, name in ipairs((list.anywhere or list[way]) and list or {}) do names[name] = true end
  end
  return names
end

-- --------------------------------------------------------------------------------- sending back

local service

local function ask(method, dialect, params)
  if dialect == "python" then params = array { handle, table.unpack(params) } end
  local request = { jsonrpc = "2.0", id = 1, method = method, params = params }
  local reply = service:send(json.encode(request))
  return reply.result, reply.error and reply.error.message
end

-- The first protocol that is shown as Raw and has as many fields as the layer.
local function shown_as_raw(layer)
  for _, decl in ipairs(generation.decls) do
    if decl.shown == "Raw" and #decl.fields == #layer.fields then return decl.id end
  end
end

-- A layer that is shown as Raw may be Padding, or one with more than its bytes.
local function id_of(layer)
  if layer.id ~= "Raw" then return layer.id end
  if #layer.fields > 1 then return shown_as_raw(layer) end
  return layer.real_id == "Padding" and "Padding" or "Raw"
end

local function is_partly_read(layer)
  for _, field in ipairs(layer.fields) do
    if not field.ignored then return layer.valid_structure end
  end
  return false
end

-- The fields that the bytes have: what was cut off is shown with its default.
local function each_field(layer)
  local partly = is_partly_read(layer)
  local i = 0
  return function()
    repeat i = i + 1 until not (layer.fields[i] and layer.fields[i].ignored and partly)
    return layer.fields[i], i
  end
end

local function build_again(data, dialect, choose)
  local model = array {}
  for _, layer in ipairs(data) do
    local fields = array {}
    for field, i in each_field(layer) do
      table.insert(fields, { id = field.id, value = choose(field, id_of(layer), i) })
    end
    table.insert(model, { id = id_of(layer), fields = fields })
  end
  local result, err = ask("build_pkt", dialect, array { model })
  return result and result.binary, err
end

local primitive = {
  uint = true, mac = true, ipv4 = true, ipv6 = true, bytes = true, name = true, phantom = true,
}

local ways = {}

function ways.values(data)
  return build_again(data, "python", function(field) return field.value end)
end

function ways.hvalues(data)
  return build_again(data, "python", function(field, id, i)
    local decl = by_id[id].fields[i]
    local shown = primitive[decl.kind] and field.hvalue ~= "<binary>"
      and not support.says_less(decl)
    if shown then return field.hvalue end
    return field.value
  end)
end

ways.recorded = ways.values

function ways.lua(data)
  return build_again(data, "lua", function(field) return field.value end)
end

-- As a script would: the values of expressions, through the library.
local function lua_value(value)
  if type(value) == "table" and value.vtype == "EXPRESSION" then
    return support.evaluate(value.expr)
  end
  if type(value) == "userdata" and value ~= null then return tostring(value) end
  return value
end

function ways.library(data)
  local layers = {}
  for i, layer in ipairs(data) do
    local fields = {}
    for field in each_field(layer) do fields[field.id] = lua_value(field.value) end
    layers[i] = { id_of(layer), fields }
  end
  local bytes, err = luapkt.build(layers)
  return bytes and base64(bytes), err and err.message
end

-- What is wrong when the reply is sent back, if anything is. Where the bytes aren't what was asked
-- for, or end early, the values have to be taken and may give others.
local function complaint(way, result)
  local again, err = ways[way](result.data)
  if not again then return err end
  if again == result.binary or not support.is_whole(result.data) then return nil end
  local unhex = luapkt.wire.unbase64
  return ("%s became %s"):format(support.hex(unhex(result.binary)), support.hex(unhex(again)))
end

local function has_packet(result)
  return type(result) == "table" and type(result.data) == "table"
    and type(result.binary) == "string"
end

-- Which dialect is asked for to be sent back in this way.
local dialects = {
  values = "python", hvalues = "python", recorded = "python", lua = "lua", library = "lua",
}

-- ------------------------------------------------------------------------------------- protocols

local drawn = { uint = true, mac = true, ipv4 = true, ipv6 = true, bytes = true }
local fixed_point = { fixed8 = true, fixed16 = true, ntp = true }

-- Defaults that contradict themselves: a length of 20 beside no bytes; no bytes where one is usual.
local contradict = { DNSRRTSIG = true, IPv6ExtHdrSegmentRoutingTLVPadding = true }

-- The models by which each protocol is tried: alone; with random values, which reach what no
-- default does; and in the lists that it comes in.
local function models_of(decl, dialect)
  local random = array {}
  for _, field in ipairs(decl.fields or {}) do
    local exact = (dialect == "lua" or not fixed_point[field.show])
      and not support.says_less(field)
    if drawn[field.kind] and exact and not field.auto then
      table.insert(random, { id = field.id, value = { vtype = "RANDOM" } })
    end
  end
  local models = { { id = decl.id }, { id = decl.id, fields = random } }
  for _, place in ipairs(not contradict[decl.id] and decl.rides_in or {}) do
    local owner, list = place.list:match "^(.-)%.(.*)$"
    table.insert(models, { id = owner, fields = array { { id = list, value = array {
      { id = decl.id, fields = array {} }, { id = decl.id, fields = array {} } } } } })
  end
  return models
end

local function try_protocols(way)
  local complaints, count = {}, 0
  for _, decl in ipairs(generation.decls) do
    for i, model in ipairs(decl.abstract and {} or models_of(decl, dialects[way])) do
      local result, err = ask("build_pkt", dialects[way], array { array { model } })
      if result then count = count + 1 end
      local wrong = not result and i == 1 and err or has_packet(result) and complaint(way, result)
      if wrong then table.insert(complaints, ("%s %d: %s"):format(decl.id, i, wrong)) end
    end
  end
  return complaints, count
end

-- ------------------------------------------------------------------------------------ recordings

-- Expressions of another reply instead of a reply's own, where it shows the same layers.
local function take_expressions(result, from)
  for i, layer in ipairs(result.data) do
    local other = from.data[i]
    for k, field in ipairs(other and other.id == layer.id and layer.fields or {}) do
      local value = other.fields[k] and other.fields[k].id == field.id and other.fields[k].value
      if type(value) == "table" and value.vtype == "EXPRESSION" then field.value = value end
    end
  end
end

local function has_random_bytes(vector)
  for _, path in ipairs(vector.ignore or {}) do
    if path == "binary" then return true end
  end
end

-- Our reply to a recorded request; with the expressions that were recorded where they are to be
-- sent back. Where it has other bytes, and not by chance, all of the recorded one.
local function reply_to(vector, way)
  local params = array {}
  for _, param in ipairs(vector.params) do
    if param ~= "@HANDLE" then table.insert(params, param) end
  end
  local result = ask(vector.method, dialects[way], params)
  local recorded = vector.expect.result
  if way ~= "recorded" or not has_packet(result) then return result end
  if not has_packet(recorded) or vector.compare ~= "exact" or has_random_bytes(vector) then
    return nil
  end
  if result.binary ~= recorded.binary then return recorded end
  take_expressions(result, recorded)
  return result
end

local function is_packet_method(vector)
  return vector.method == "build_pkt" or vector.method == "reconstruct_pkt"
end

local tried = {} -- how many replies were sent back, by way

local function try_group(path, way)
  local complaints, excepted = {}, exceptions(way)
  for _, vector in ipairs(replay.load(path)) do
    local result = is_packet_method(vector) and vector.expect.result
      and reply_to(vector, way)
    if has_packet(result) then
      tried[way] = (tried[way] or 0) + 1
      local wrong = complaint(way, result)
      if excepted[vector.name] and not wrong then wrong = "is no exception any more"
      elseif excepted[vector.name] then wrong = nil end
      if wrong then table.insert(complaints, vector.name .. ": " .. wrong) end
    end
  end
  return complaints
end

describe("what replies show is taken back", function()
  local shared = support.shared_dir()

  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  for _, way in ipairs { "values", "hvalues", "lua", "library" } do
    it(("of every protocol: %s"):format(way), function()
      local complaints, count = try_protocols(way)
      assert.same({}, complaints)
      assert.is_true(count > 900, count)
    end)
  end

  if not shared then return end

  for _, way in ipairs { "values", "hvalues", "lua", "library", "recorded" } do
    for _, group in ipairs(groups) do
      it(("of the recorded requests of %s: %s"):format(group, way), function()
        local path = ("%s/conformance/%s.jsonl"):format(shared, group)
        assert.same({}, try_group(path, way))
      end)
    end

    it(("of many recorded requests: %s"):format(way), function()
      assert.is_true(tried[way] > 1500, tried[way])
    end)
  end
end)
