-- Texts that the reference shows as expressions, though Python can't read them.

local luapkt  = require "luapkt"
local support = require "spec.support"

local json = luapkt.json
local array, null = json.array, json.null
local unbase64 = luapkt.wire.unbase64
local hex = support.hex

local handle = "gCpT7kGF+TG7Jmm90XmxdQ=="
local service

setup(function() service = support.service() end)
teardown(function() service:close() end)

local function build(id, field, value)
  local result, err = service:call("build_pkt", array { { id = id, fields = array {
    { id = field, value = value } } } })
  return result and hex(unbase64(result.binary)), err and err.message, err and err.code
end

local function expression(text) return { vtype = "EXPRESSION", expr = text } end

describe("what the reference shows", function()
  -- protocol, field, what is shown, the same as a list
  local same = {
    { "IGMPv3mq", "srcaddrs", "[10.0.0.1, 10.0.0.2]", array { "10.0.0.1", "10.0.0.2" } },
    { "IPv6ExtHdrRouting", "addresses", "[ ::1, 2001:db8::1 ]", array { "::1", "2001:db8::1" } },
    { "DHCP6OptDNSDomains", "dnsdomains", "['example.com.']", array { "example.com" } },
    { "DHCP6OptOptReq", "reqopts",
      "[DNS Recursive Name Server Option, Domain Search List option]", array { 23, 24 } },
    { "DHCP6OptOptReq", "reqopts", "[23, 24]", array { 23, 24 } },
    { "VRRP", "addrlist", "[1.1.1.1]", array { "1.1.1.1" } },
    { "LLTDDiscover", "stations_list", "[00:00:00:00:00:01, 0a:0b:0c:0d:0e:0f]",
      array { "00:00:00:00:00:01", "0a:0b:0c:0d:0e:0f" } },
    { "DHCP", "options", "[message-type=discover end pad pad]",
      array { array { "message-type", 1 }, "end", "pad", "pad" } },
    { "DHCP", "options", "[router=10.0.0.1 name_server=8.8.8.8,8.8.4.4 lease_time=3600]",
      array { array { "router", "10.0.0.1" }, array { "name_server", "8.8.8.8", "8.8.4.4" },
              array { "lease_time", 3600 } } },
    { "DHCP", "options", [=[[hostname=b'a b]\'=' vendor_class_id=b"it's" 254=b'\x01']]=],
      array { array { "hostname", "a b]'=" }, array { "vendor_class_id", "it's" },
              array { 254, "\1" } } },
    { "IPv6", "dst", "::1", "::1" },
    { "ARP", "pdst", "0.0.0.0", "0.0.0.0" },
    { "ICMP", "ts_ori", "--", null },
    { "GRE", "chksum", null, null },
  }

  for _, case in ipairs(same) do
    local id, field, text, value = table.unpack(case)

    it(("is taken: %s.%s %s"):format(id, field, json.encode(text)), function()
      assert.equal(assert(build(id, field, value)), assert(build(id, field, expression(text))))
    end)
  end

  -- As scapy 2.5 shows them.
  for text, list in pairs {
    ["[00:00:00:00:00:01, 0a:0b:0c:0d:0e:0f]"] = { "LLTDDiscover", "stations_list",
      array { "00:00:00:00:00:01", "0a:0b:0c:0d:0e:0f" } },
    ["[9, 10]"] = { "RTPExtension", "header", array { 9, 10 } },
  } do
    it("of a list is its items as people see them: " .. text, function()
      local id, field, value = table.unpack(list)
      local result = assert(service:call("build_pkt", handle, array {
        { id = id, fields = array { { id = field, value = value } } } }))
      assert.equal(text, support.field_of(result.data[1], field).value.expr)
    end)
  end

  it("may be units of four seconds", function()
    assert.equal(assert(build("MIP6MH_BU", "mhtime", 5)),
                 assert(build("MIP6MH_BU", "mhtime", "20 sec")))
  end)

  it("may have bytes behind DHCP's options", function()
    assert.equal("350101ff64756d6d79",
                 assert(build("DHCP", "options", expression "[message-type=discover end dummy]")))
  end)

  it("has dots for bytes that can't be printed, which can't be known", function()
    local made, message, code = build("DHCP", "options", expression "[end a..b]")
    assert.is_nil(made)
    assert.equal(-32097, code)
    assert.truthy(message:find("DHCP.options: ", 1, true))
  end)

  it("is the name of a host, alone", function()
    assert.truthy(assert(build("ICMPv6NIQueryName", "data", expression "host")):find(
      hex "\4host\0\0", 1, true))
  end)

  it("is a UUID", function()
    assert.equal("000400112233445566778899aabbccddeeff", assert(build("DUID_UUID", "uuid",
      expression "UUID('00112233-4455-6677-8899-aabbccddeeff')")))
    local _, message = build("DUID_UUID", "uuid", expression "UUID('0011')")
    assert.truthy(message:find('DUID_UUID.uuid: "0011" is not a UUID such as', 1, true))
    _, message = build("DUID_UUID", "uuid", expression "Other('0011')")
    assert.truthy(message:find('DUID_UUID.uuid: there is no protocol "Other"', 1, true))
  end)

  it("is refused where it is cut or isn't known", function()
    for _, case in ipairs {
      { "IGMPv3mq", "srcaddrs", "[10.0.0.1, 10.0.0.2" }, { "IGMPv3mq", "srcaddrs", "[10.0.0.1,]" },
      { "IGMPv3mq", "srcaddrs", "[10.0.0.1, ]" }, { "IGMPv3mq", "srcaddrs", "[10.0.0.1 10.0.0.2]" },
      { "IGMPv3mq", "srcaddrs", "[10.0.0.256]" },
      { "LLTDDiscover", "stations_list", "[00:00:00:00:00]" },
      { "LLTDDiscover", "stations_list", "[00:00:00:00:00-01]" },
      { "DHCP6OptOptReq", "reqopts", "[No Such Option]" },
      { "DHCP", "options", "[message-type=discover" }, { "DHCP", "options", "[message-type=]" },
      { "DHCP", "options", "[router=10.0.0.1,]" }, { "DHCP", "options", "[nosuch]" },
      { "DHCP", "options", "[hostname=b'a]" }, { "DHCP", "options", "[300]" },
      { "IPv6", "dst", "::1::" }, { "ARP", "pdst", "pkt" }, { "TCP", "options", "[MSS=1460]" },
    } do
      local made, message = build(case[1], case[2], expression(case[3]))
      assert.is_nil(made, case[3])
      assert.truthy(message:find(("%s.%s: "):format(case[1], case[2]), 1, true), message)
    end
  end)
end)

describe("text for a list", function()
  it("isn't guessed at: an expression says what it is", function()
    for _, case in ipairs { { "TCP", "options" }, { "DHCP", "options" }, { "IP", "options" } } do
      for _, text in ipairs { "[('MSS', 1460)]", "message-type=discover", "[end]", "abc" } do
        local made, message, code = build(case[1], case[2], text)
        assert.is_nil(made)
        assert.equal(-32098, code)
        assert.truthy(message:find('{"vtype": "EXPRESSION"}', 1, true), message)
      end
    end
  end)
end)

describe("bytes within a list", function()
  local wrapped = { vtype = "BYTES", base64 = "BbQ=" }

  it("are given as those of a field are", function()
    for code, first in pairs { MSS = "02", [254] = "fe" } do
      local made = assert(build("TCP", "options", array { array { code, wrapped } }))
      assert.equal(first .. "0405b4", made:sub(41))
    end
  end)

  it("are those of a field of a packet in it, too", function()
    assert.truthy(assert(build("DNS", "an", array { { id = "DNSRR", fields = array {
      { id = "type", value = 65280 }, { id = "rdata", value = wrapped } } } })):find "000205b4$")
  end)

  it("are base64", function()
    local _, message = build("TCP", "options", array { array { "MSS",
      { vtype = "BYTES", base64 = "!" } } })
    assert.truthy(message:find('TCP.options: "!" is not base64', 1, true))
    _, message = build("TCP", "options", array { array { "MSS", { vtype = "BYTES" } } })
    assert.truthy(message:find("TCP.options: an object is not bytes", 1, true))
  end)
end)
