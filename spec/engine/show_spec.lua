-- Expressions in replies: the reference's literals for a client with a version handle, Lua for one
-- without. What the reference prints is compared with recordings elsewhere.

local luapkt  = require "luapkt"
local support = require "spec.support"

local json = luapkt.json
local array, null = json.array, json.null
local base64, unbase64 = luapkt.wire.base64, luapkt.wire.unbase64
local hex, unhex = support.hex, support.unhex

local handle = "gCpT7kGF+TG7Jmm90XmxdQ=="

local service

-- Lists of what no other protocol has in one.
local declarations = [[
local f = require "luapkt.field"
return {
  { id = "Named", fields = { f.u64("v", { names =
    { [0xffffffffffffffff] = "all", [300] = "three", [400] = "four" } }) } },
  { id = "Box", fields = { f.layers("items", { of = "Item" }) } },
  { id = "Item", fields = {
    f.u64("big"), f.u32("steps", { show = "fixed16" }), f.u8("end"), f.s8("small"),
    f.bytes("tail", { size = 2 }),
  } },
}
]]

setup(function()
  local folder = support.tmpdir()
  support.write_file(folder .. "/box.lua", declarations)
  service = support.service { protocols = { folder } }
end)
teardown(function() service:close() end)

local function build(handled, layers)
  if handled then return assert(service:call("build_pkt", handle, array(layers))) end
  return assert(service:call("build_pkt", array(layers)))
end

local function one(id, field, value)
  return { { id = id, fields = array { { id = field, value = value } } } }
end

local function field_of(result, id) return support.field_of(result.data[#result.data], id) end

-- The expression that is shown of a field, checked to be what a person sees, too.
local function shown(layers, id, handled)
  local field = field_of(build(handled, layers), id)
  assert.equal("EXPRESSION", field.value.vtype)
  assert.equal(field.value.expr, field.hvalue)
  return field.value.expr
end

local function expression(text) return { vtype = "EXPRESSION", expr = text } end

local function bytes(value) return { vtype = "BYTES", base64 = base64(value) } end

local function machine(value) return { vtype = "MACHINE", base64 = base64(value) } end

describe("the dialect of a reply", function()
  local options = one("TCP", "options", array {
    array { "MSS", 1460 }, "NOP", array { "WScale", 7 } })

  it("is the reference's for a client with a handle", function()
    assert.equal("[('MSS', 1460), ('NOP', None), ('WScale', 7)]", shown(options, "options", true))
  end)

  it("is Lua for one without", function()
    assert.equal('{{"MSS", 1460}, {"NOP"}, {"WScale", 7}}', shown(options, "options"))
  end)

  it("is settled for reconstruct_pkt in the same way", function()
    local binary = build(false, { { id = "Ether" }, { id = "IP" }, options[1] }).binary
    local lua = assert(service:call("reconstruct_pkt", binary, null))
    local python = assert(service:call("reconstruct_pkt", handle, binary, null))
    assert.equal('{{"MSS", 1460}, {"NOP"}, {"WScale", 7}}', field_of(lua, "options").value.expr)
    assert.equal("[('MSS', 1460), ('NOP', None), ('WScale', 7)]",
                 field_of(python, "options").value.expr)
  end)

  it("changes nothing but expressions", function()
    local model = { { id = "Ether" }, { id = "IP" }, { id = "UDP" } }
    local lua, python = build(false, model), build(true, model)
    assert.equal("{}", lua.data[2].fields[13].hvalue)
    for _, result in ipairs { lua, python } do result.data[2].fields[13] = nil end
    assert.equal(json.encode(python), json.encode(lua))
  end)
end)

describe("bytes", function()
  -- As Scapy lists what it was given (`IP(bytes(IP(options=[b"\1\1\1\1"])))`): each is one item.
  it("given for a list of packets are shown as the packets that they are", function()
    local nop = "IPOption_NOP(copy_flag=0,optclass=0,option=1)"
    local nops = "[" .. table.concat({ nop, nop, nop, nop }, ", ") .. "]"
    for _, value in ipairs { bytes "\1\1\1\1", expression [[b'\x01\x01\x01\x01']] } do
      assert.equal(nops, shown(one("IP", "options", value), "options", true))
    end
    assert.equal("[]", shown(one("IP", "options", bytes ""), "options", true))
  end)

  it("given for a section of DNS are shown as bytes", function()
    local value = bytes "\3www\0\0\1\0\1"
    assert.same(value, field_of(build(true, one("DNS", "qd", value)), "qd").value)
  end)
end)

describe("a number", function()
  -- Python's hex(-1).
  it("in hexadecimal has its sign", function()
    local field = field_of(build(true, one("ICMPv6HAADReply", "res", -1)), "res")
    assert.same({ -1, "-0x1" }, { field.value, field.hvalue })
  end)

  -- As an EUI-64 is written (IEEE 802, Guidelines for EUI, "Hexadecimal representation").
  it("that is an address of IEEE 802.15.4 is shown by its bytes unless it is short", function()
    local layers = { { id = "ZigbeeNWK", fields = array {
      { id = "flags", value = 8 }, { id = "ext_dst", value = 0x00124b0001020304 } } } }
    local result = build(true, layers)
    local field = field_of(result, "ext_dst")
    assert.equal("00:12:4b:00:01:02:03:04", field.hvalue)
    layers[1].fields[2].value = field.hvalue
    assert.equal(result.binary, build(true, layers).binary)
    layers[1].fields[2].value = 0xffff
    assert.equal("0xffff", field_of(build(true, layers), "ext_dst").hvalue)
    for _, wrong in ipairs { "00:12:4b:00:01:02:03:0g", "00-12-4b-00-01-02-03-04", "00:12" } do
      layers[1].fields[2].value = wrong
      assert.is_nil((service:call("build_pkt", handle, layers)), wrong)
    end
  end)

  -- RFC 8200 section 4.2.
  it("of an option without a name says what its highest bits mean", function()
    for number, said in pairs {
      [0x1e] = "30 [00: skip, 0: Don't change en-route]",
      [0x7e] = "126 [01: discard, 1: May change en-route]",
      [0x9e] = "158 [10: discard+ICMP, 0: Don't change en-route]",
      [0xfe] = "254 [11: discard+ICMP not mcast, 1: May change en-route]",
    } do
      local field = field_of(build(true, one("HBHOptUnknown", "otype", number)), "otype")
      assert.same({ number, said }, { field.value, field.hvalue })
      local again = field_of(build(true, one("HBHOptUnknown", "otype", said)), "otype")
      assert.equal(number, again.value)
    end
    for _, wrong in ipairs { "30 [", "[]", "30[]", "256 []", "x []", " []" } do
      local result = service:call("build_pkt", handle, one("HBHOptUnknown", "otype", wrong))
      assert.is_nil(result, wrong)
    end
  end)
end)

describe("an expression in Lua", function()
  -- layers, field, text
  local texts = {
    { "no options", one("IP", "options", array {}), "options", "{}" },
    { "options with several values", one("TCP", "options", array {
      array { "Timestamp", 1, 2 }, array { "SAckOK", "" }, array { 254, "a\"" } }), "options",
      [[{{"Timestamp", 1, 2}, {"SAckOK", ""}, {254, "a\""}}]] },
    { "an option with bytes that aren't its number",
      one("TCP", "options", expression [=[[('MSS', b'5'), ('NOP', None)]]=]), "options",
      [[{{"MSS", {vtype="BYTES", base64="NQ=="}}, {"NOP"}}]] },
    { "an option without its number", one("TCP", "options", expression
      "[('MSS', b''), ('SAckOK', b'')]"), "options", [[{{"MSS"}, {"SAckOK", ""}}]] },
    { "DHCP options", one("DHCP", "options", array {
      array { "message-type", "discover" }, array { "name_server", "8.8.8.8", "8.8.4.4" },
      array { "hostname", "x" }, "end" }), "options",
      [[{{"message-type", "discover"}, {"name_server", "8.8.8.8", "8.8.4.4"}, ]] ..
      [[{"hostname", "x"}, {"end"}}]] },
    { "addresses", one("VRRP", "addrlist", array { "1.1.1.1", "2.2.2.2" }), "addrlist",
      [[{"1.1.1.1", "2.2.2.2"}]] },
    { "a packet within a packet", one("DNS", "qd", expression "DNSQR(qname='x.org')"), "qd",
      [[DNSQR{qname="x.org.", qtype=1, qclass=1}]] },
    { "packets on each other", one("DNS", "qd", expression "DNSQR(qname='a')/DNSQR(qname='b')"),
      "qd", [[DNSQR{qname="a.", qtype=1, qclass=1}/DNSQR{qname="b.", qtype=1, qclass=1}]] },
    { "a list of packets", one("IP", "options", expression "[IPOption_NOP()]"), "options",
      "{IPOption_NOP{copy_flag=0, optclass=0, option=1}, " ..
      "IPOption_EOL{copy_flag=0, optclass=0, option=0}, " ..
      "IPOption_EOL{copy_flag=0, optclass=0, option=0}, " ..
      "IPOption_EOL{copy_flag=0, optclass=0, option=0}}" },
    { "bytes", one("IPv6ExtHdrHopByHop", "options",
      expression [=[[PadN(optdata=b'\x00\xff\n\\"')]]=]),
      "options", [[{PadN{otype=1, optlen=5, optdata="\x00\xff\n\\\""}, ]] ..
      [[PadN{otype=1, optlen=5, optdata="\x00\x00\x00\x00\x00"}}]] },
    { "numbers that Lua's integers and names that its grammar can't hold",
      one("Box", "items", array { { id = "Item", fields = array {
        { id = "big", value = "18446744073709551615" }, { id = "steps", value = 0.001953125 },
        { id = "end", value = 7 }, { id = "small", value = -1 },
        { id = "tail", value = "'" } } } }),
      "items", [[{Item{big="18446744073709551615", steps=0.001953125, ["end"]=7, small=-1, ]] ..
      [[tail="'\x00"}}]] },
  }

  for _, case in ipairs(texts) do
    local what, layers, field, text = table.unpack(case)

    it("shows " .. what, function() assert.equal(text, shown(layers, field)) end)
  end

  it("gives the same bytes where its value is set", function()
    for _, case in ipairs(texts) do
      local what, layers, field, text = table.unpack(case)
      if layers[1].id ~= "Box" then
        local made = assert(luapkt.build { { layers[1].id, { [field] = support.evaluate(text) } } })
        assert.equal(hex(unbase64(build(false, layers).binary)), hex(made), what)
      end
    end
  end)

  it("is nil for no value", function()
    local field = field_of(build(false, { { id = "Ether" }, { id = "GRE" } }), "key")
    assert.same({ expression "nil", null }, { field.value, field.hvalue })
    for _, id in ipairs { "length", "an" } do
      field = field_of(build(false, { { id = "DNS" } }), id)
      assert.same({ expression "nil", "nil" }, { field.value, field.hvalue })
    end
  end)

  it("is nil, as it is None, for a person who sends back what is seen", function()
    for _, none in ipairs { "nil", "None" } do
      for _, case in ipairs { { "IP", "len" }, { "DNS", "an" }, { "ICMP", "gw" } } do
        assert.equal(build(false, { { id = case[1] } }).binary,
                     build(false, one(case[1], case[2], none)).binary)
      end
    end
  end)

  it("is a text for an address that stands in for one that wasn't read", function()
    local binary = base64(unhex "000000010000 000000020000 86dd 6000000000003b40")
    local result = assert(service:call("reconstruct_pkt", binary, null))
    local field = field_of(result, "dst")
    assert.same({ expression '"::1"', "::1" }, { field.value, field.hvalue })
  end)

  it("isn't needed for a fixed-point number, whose value is what is taken for its bytes", function()
    for _, case in ipairs {
      { "NTPHeader", "delay", 0.5, 4, "00008000", 0.5, 32768 },
      { "NTPHeader", "delay", 1, 4, "00010000", 65536, 65536 },
      { "NTPHeader", "sent", 0.25, 40, "0000000040000000", 0.25, 1073741824 },
      { "STP", "maxage", 1.5, 29, "0180", 1.5, 1 },
      { "STP", "maxage", 20, 29, "1400", 20, 20 },
    } do
      local id, name, given, at, wire, in_lua, in_python = table.unpack(case)
      local result = build(false, one(id, name, given))
      assert.equal(wire, hex(unbase64(result.binary):sub(at + 1, at + #wire / 2)))
      assert.equal(in_lua, field_of(result, name).value)
      assert.equal(result.binary, build(false, one(id, name, in_lua)).binary)
      assert.equal(in_python, field_of(build(true, one(id, name, given)), name).value)
    end
  end)

  it("has the bytes that are no option as the last item of DHCP's", function()
    local wire = unhex "350101 ff 01" .. "b"
    local field = field_of(build(false, one("DHCP", "options", machine(wire))), "options")
    local expected = '{{"message-type", "discover"}, {"end"}, {vtype="BYTES", base64="AWI="}}'
    assert.same(expression(expected), field.value)
    assert.equal(wire, unbase64(build(false, one("DHCP", "options", field.value)).binary))
  end)

  it("is bytes for a node's name that doesn't look like one", function()
    for name, expected in pairs {
      ["host"] = "host", ["host.\0"] = "b'host.\\x00'", ["a b"] = "b'a b'", ["pkt.x"] = "b'pkt.x'",
    } do
      local model = one("ICMPv6NIQueryName", "data", bytes(name))
      local result = build(true, model)
      local field = field_of(result, "data")
      assert.same({ expression(expected), name }, { field.value, field.hvalue })
      assert.equal(result.binary, build(true, one("ICMPv6NIQueryName", "data", field.value)).binary)
    end
  end)
end)

describe("a number of 64 bits", function()
  it("has its name also beside one above 2^63, where Lua's integers are negative", function()
    for text, wanted in pairs {
      ["300"] = "three", ["400"] = "four", ["18446744073709551615"] = "all", ["301"] = "301",
    } do
      local field = field_of(build(true, one("Named", "v", text)), "v")
      assert.equal(wanted, tostring(field.hvalue))
    end
  end)
end)
