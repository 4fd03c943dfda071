-- Values in requests: every form that a field takes, and what is said of those it doesn't take.

local luapkt  = require "luapkt"
local support = require "spec.support"

local json = luapkt.json
local array, null = json.array, json.null
local unhex = support.unhex
local base64, unbase64 = luapkt.wire.base64, luapkt.wire.unbase64

local service

setup(function() service = support.service() end)
teardown(function() service:close() end)

-- One layer with one field set: the reply, or nil and the error.
local function build_field(id, field, value, from)
  return (from or service):call("build_pkt", array { array {
    { id = id, fields = array { { id = field, value = value } } },
  } }[1])
end

local function field_of(result, id) return support.field_of(result.data[1], id) end

-- The field's own bytes.
local function wire(result, id)
  local field = field_of(result, id)
  return unbase64(result.binary):sub(field.offset + 1, field.offset + field.length)
end

local function bytes(value) return { vtype = "BYTES", base64 = base64(value) } end
local function expr(text) return { vtype = "EXPRESSION", expr = text } end

-- ---------------------------------------------------------------------------------- one by one

-- protocol, field, value, the field's bytes
local taken = {
  { "IP", "ttl", 5, "05" },
  { "IP", "ttl", "5", "05" },
  { "IP", "ttl", "0x1f", "1f" },
  { "IP", "ttl", "0X1F", "1f" },
  { "IP", "ttl", "007", "07" },
  { "IP", "ttl", 5.0, "05" },
  { "IP", "ttl", "", "40" },
  { "IP", "ttl", null, "40" },
  { "IP", "ttl", "None", "40" },
  { "IP", "ttl", { vtype = "UNDEFINED" }, "40" },
  { "IP", "ttl", { vtype = "MACHINE", base64 = base64 "\7" }, "07" },
  { "IP", "ttl", { vtype = "OBJECT", value = 9 }, "09" },
  { "IP", "len", { vtype = "UNDEFINED" }, "0014" },
  { "IP", "len", 5, "0005" },
  { "IP", "proto", "udp", "11" },
  { "IP", "src", "10.0.0.1", "0a000001" },
  { "IP", "src", bytes "\10\0\0\2", "0a000002" },
  { "IP", "src", { vtype = "OBJECT", value = "10.0.0.3" }, "0a000003" },
  { "IP", "src", { vtype = "MACHINE", base64 = base64 "\10\0\0\4" }, "0a000004" },
  { "TCP", "seq", 4294967295, "ffffffff" },
  { "TCP", "seq", "4294967295", "ffffffff" },
  { "UDP", "chksum", "0xbeef", "beef" },
  { "Ether", "type", "ARP", "0806" },
  { "Ether", "type", "0x0806", "0806" },
  { "Ether", "src", "DE:AD:be:ef:00:01", "deadbeef0001" },
  { "Ether", "src", "de-ad-be-ef-00-01", "deadbeef0001" },
  { "Ether", "src", bytes "\1\2\3\4\5\6", "010203040506" },
  { "ARP", "op", "is-at", "0002" },
  { "ARP", "op", { vtype = "OBJECT", value = "is-at" }, "0002" },
  { "IPv6", "dst", "2001:DB8::1", "20010db8000000000000000000000001" },
  { "IPv6", "dst", "::ffff:1.2.3.4", "00000000000000000000ffff01020304" },
  { "IPv6", "dst", bytes(("\1"):rep(16)), ("01"):rep(16) },
  { "Raw", "load", "text", "74657874" },
  { "Raw", "load", "\u{e9}", "c3a9" },
  { "Raw", "load", bytes "\0\xff", "00ff" },
  { "Raw", "load", { vtype = "MACHINE", base64 = base64 "ab" }, "6162" },
  { "BOOTP", "chaddr", "abc", "61626300000000000000000000000000" },
  { "DUID_UUID", "uuid", "00112233-4455-6677-8899-aabbccddeeff",
    "00112233445566778899aabbccddeeff" },
  { "DUID_UUID", "uuid", "00112233445566778899AABBCCDDEEFF", "00112233445566778899aabbccddeeff" },
  { "DUID_UUID", "uuid", "UUID('00112233-4455-6677-8899-aabbccddeeff')",
    "00112233445566778899aabbccddeeff" },
  { "DUID_UUID", "uuid", expr "UUID('00112233-4455-6677-8899-aabbccddeeff')",
    "00112233445566778899aabbccddeeff" },
  { "DUID_UUID", "uuid", bytes(("\1"):rep(16)), ("01"):rep(16) },
  { "ATT_Handle_UUID128", "value", "00112233-4455-6677-8899-aabbccddeeff",
    "ffeeddccbbaa99887766554433221100" },
  { "ATT_Handle_UUID128", "value", "UUID('00112233-4455-6677-8899-aabbccddeeff')",
    "ffeeddccbbaa99887766554433221100" },
  { "DHCP6OptElapsedTime", "elapsedtime", 150, "0096" },
  { "DHCP6OptElapsedTime", "elapsedtime", "1.50 sec", "0096" },
  { "DHCP6OptElapsedTime", "elapsedtime", "infinity (0xffff)", "ffff" },
  { "DNSRRNSEC", "typebitmaps", array { 1, 15, 46, 47, 1234 }, -- the example of RFC 4034
    "000640010000000304" .. "1b" .. ("00"):rep(26) .. "20" },
  { "DNSRRNSEC", "typebitmaps", array { "A", "MX", "RRSIG", "NSEC" }, "0006400100000003" },
  { "DNSRRNSEC", "typebitmaps", bytes "\0\1\64", "000140" },
  -- an address of an expression is its bytes; a text is a text, also of one
  { "BOOTP", "chaddr", expr 'mac"02:00:00:00:00:01" + 1', "020000000002" .. ("00"):rep(10) },
  { "BOOTP", "chaddr", expr '"02:00"', "30323a3030" .. ("00"):rep(11) },
  { "BOOTP", "chaddr", expr 'tostring(mac(5))', "30303a30303a30303a30303a30303a30" },
  { "DUID_LL", "lladdr", expr 'mac"02:00:00:00:00:01"', "020000000001" },
  { "Raw", "load", expr 'ip"10.0.0.1"', "0a000001" },
  { "Raw", "load", expr 'ip6"2001:db8::1"', "20010db8000000000000000000000001" },
  { "Raw", "load", expr 'ip"10.0.0.1" .. ""', "31302e302e302e31" },
  { "ARP", "hwsrc", expr 'mac"02:00:00:00:00:01"', "020000000001" },
  { "DNSRR", "rdata", expr 'ip"10.0.0.1"', "0a000001" },
  { "DNSRR", "rrname", expr 'ip"10.0.0.1"', "023130013001300131" .. "00" },
  { "TFTP_RRQ", "filename", expr 'ip"10.0.0.1"', "31302e302e302e31" .. "00" }, -- in NETASCII
  { "SNMPvarbind", "value", expr 'ip"10.0.0.1"', "40040a000001" }, -- IpAddress: RFC 2578 7.1.5
  { "TCP", "options", expr '{{254, ip"10.0.0.1"}, "NOP", "EOL"}', "fe060a0000010100" },
  { "DHCP", "options", expr '{{"client_id", mac"02:00:00:00:00:01"}, {"server_id", ip"10.0.0.1"}}',
    "3d06020000000001" .. "36040a000001" },
  { "Ether", "dst", expr "ETHER_ANY", "000000000000" },
  { "Ether", "dst", expr "ETHER_BROADCAST", "ffffffffffff" },
  { "Ether", "type", expr "ETH_P_ARP", "0806" },
  { "ARP", "hwtype", expr "ARPHDR_PPP", "0200" },
  { "DUID_LL", "hwtype", "Asynchronous Transmission Mode (ATM)", "0015" }, -- the largest of three
}

-- protocol, field, value, what is said of it behind "Scapy Server: "
local refused = {
  { "IP", "ttl", 256, "IP.ttl: 256 is out of range: 0 to 255" },
  { "IP", "ttl", -1, "IP.ttl: -1 is out of range: 0 to 255" },
  { "IP", "ttl", "256", "IP.ttl: 256 is out of range: 0 to 255" },
  { "IP", "ttl", "0x100", "IP.ttl: 256 is out of range: 0 to 255" },
  { "IP", "ttl", 1e3, "IP.ttl: 1000 is out of range: 0 to 255" },
  { "IP", "ttl", 1.5, "IP.ttl: 1.5 is not a whole number" },
  { "IP", "ttl", 1e300, "IP.ttl: 1e+300 is out of range: 0 to 255" },
  { "IP", "ttl", 18446744073709551616.0,
    "IP.ttl: 18446744073709551616 is out of range: 0 to 255" },
  { "IP", "ttl", "-1", 'IP.ttl: "-1" is not a number from 0 to 255' },
  { "IP", "ttl", "1L", 'IP.ttl: "1L" is not a number from 0 to 255' },
  { "IP", "ttl", " 1", 'IP.ttl: " 1" is not a number from 0 to 255' },
  { "IP", "ttl", "1.5", 'IP.ttl: "1.5" is not a number from 0 to 255' },
  { "IP", "ttl", "0x", 'IP.ttl: "0x" is not a number from 0 to 255' },
  { "IP", "ttl", "0xg", 'IP.ttl: "0xg" is not a number from 0 to 255' },
  { "IP", "ttl", "many", 'IP.ttl: "many" is not a number from 0 to 255' },
  { "IP", "ttl", array {}, "IP.ttl: an array is not a number" },
  { "IP", "ttl", {}, 'IP.ttl: an object needs a "vtype", such as {"vtype": "UNDEFINED"}' },
  { "IP", "ttl", bytes "a", "IP.ttl: bytes are no number" },
  { "TCP", "seq", 4294967296, "TCP.seq: 4294967296 is out of range: 0 to 4294967295" },
  { "TCP", "seq", "99999999999999999999",
    'TCP.seq: "99999999999999999999" is not a number below 2^64' },
  { "TCP", "flags", "SX", 'TCP.flags: "SX" is not made of the flags FSRPAUECN' },
  { "IP", "flags", "DF+XX", 'IP.flags: "DF+XX" is not made of the flags MF DF evil joined by +' },
  { "IP", "flags", "DF+", 'IP.flags: "DF+" is not made of the flags MF DF evil joined by +' },
  { "IP", "proto", "UDP?", 'IP.proto: "UDP?" is not a number or a name such as hopopt' },
  { "ARP", "op", "IS-AT", 'ARP.op: "IS-AT" is not a number or a name such as who-has' },
  { "IP", "src", "10.0.0.256", 'IP.src: "10.0.0.256" is not an IPv4 address such as 10.0.0.1' },
  { "IP", "src", "localhost", 'IP.src: "localhost" is not an IPv4 address such as 10.0.0.1' },
  { "IP", "src", 5, "IP.src: 5 is not an IPv4 address such as 10.0.0.1" },
  { "IP", "src", bytes "\1\2\3",
    'IP.src: "\\x01\\x02\\x03" is not an IPv4 address such as 10.0.0.1' },
  { "IPv6", "src", "::g", 'IPv6.src: "::g" is not an IPv6 address such as 2001:db8::1' },
  { "Ether", "src", "00:11:22:33:44",
    'Ether.src: "00:11:22:33:44" is not a MAC address such as 00:11:22:33:44:55' },
  { "Raw", "load", 5, "Raw.load: 5 is not text or bytes" },
  { "Raw", "load", array {}, "Raw.load: an array is not text or bytes" },
  { "Raw", "load", { vtype = "BYTES", base64 = "a" }, "Raw.load: no base64 at character 2" },
  { "Raw", "load", { vtype = "BYTES", base64 = "a*==" }, "Raw.load: no base64 at character 2" },
  { "Raw", "load", { vtype = "BYTES" }, 'Raw.load: "base64" with a text was expected' },
  { "Raw", "load", { vtype = "NOPE" },
    'Raw.load: there is no vtype "NOPE"; there are UNDEFINED, BYTES, RANDOM, MACHINE, OBJECT and '
      .. "EXPRESSION" },
  { "IP", "ttl", { vtype = "OBJECT" }, 'IP.ttl: "value" was expected beside "vtype": "OBJECT"' },
  { "IP", "ttl", { vtype = "OBJECT", value = "9" }, "IP.ttl: a number was expected, not text" },
  { "IP", "ttl", { vtype = "MACHINE" }, 'IP.ttl: "base64" with a text was expected' },
  { "IP", "nope", 1, 'IP has no field "nope"' },
  { "DNSQR", "qname", ("a"):rep(64), 'DNSQR.qname: "' .. ("a"):rep(40)
    .. '"... is not a domain name of labels of 1 to 63 bytes, 255 in all' },
  { "DNSQR", "qname", "a..b",
    'DNSQR.qname: "a..b" is not a domain name of labels of 1 to 63 bytes, 255 in all' },
  { "TCP", "options", array { array { "NOPE", 1 } }, 'TCP.options: there is no option "NOPE"' },
  { "TCP", "options", array { array { "MSS", 65536 } },
    "TCP.options: option MSS: 65536 is out of range: 0 to 65535" },
  { "TCP", "options", array { array { 256, "a" } },
    "TCP.options: 256 is not the number of an option, which is 0 to 255" },
  { "DHCP", "options", array { array { "message-type", "DISCOVER" } },
    'DHCP.options: option message-type: "DISCOVER" is not a number or a name such as discover' },
  { "DHCP", "options", array { array { "message-type", -1 } },
    "DHCP.options: option message-type: -1 is not a whole number from 0 on" },
  { "DHCP", "options", array { array { "hostname", 1.5 } },
    "DHCP.options: option hostname: 1.5 is not bytes or text" },
  { "DNS", "qd", array { { id = "DNSQR", value = { qname = "x" } } },
    'DNS.qd: an object is not a packet, which has "id" and "fields"' },
  { "TCP", "options", array { array { "MSS", 1, 2 } },
    "TCP.options: option MSS: 1 values were expected, not 2" },
  { "DHCP", "options", array { array { "router", "nope" } },
    'DHCP.options: option router: "nope" is not an IPv4 address such as 10.0.0.1' },
  { "DUID_UUID", "uuid", "00112233-4455-6677-8899-aabbccddeef",
    'DUID_UUID.uuid: "00112233-4455-6677-8899-aabbccddeef" is not a UUID such as ' ..
    "00112233-4455-6677-8899-aabbccddeeff" },
  { "DNSRRNSEC", "typebitmaps", array { "nope" },
    'DNSRRNSEC.typebitmaps: "nope" is not a type of records: a number up to 65535 or a name ' ..
    "such as A" },
  { "DUID_UUID", "uuid", bytes "short",
    'DUID_UUID.uuid: "short" is not a UUID such as 00112233-4455-6677-8899-aabbccddeeff' },
  { "DHCP6OptElapsedTime", "elapsedtime", "656.00 sec",
    "DHCP6OptElapsedTime.elapsedtime: 65600 is out of range: 0 to 65535" },
}

local function describe_value(value)
  local text = json.encode(value)
  return #text > 60 and text:sub(1, 57) .. "..." or text
end

describe("a value", function()
  for _, case in ipairs(taken) do
    local id, field, value, hex = table.unpack(case)
    it(("is taken: %s.%s = %s"):format(id, field, describe_value(value)), function()
      local result, err = build_field(id, field, value)
      assert(result, err and err.message)
      assert.equal(hex, support.hex(wire(result, field)))
    end)
  end

  for _, case in ipairs(refused) do
    local id, field, value, message = table.unpack(case)
    it(("is refused: %s.%s = %s"):format(id, field, describe_value(value)), function()
      local result, err = build_field(id, field, value)
      assert.is_nil(result)
      assert.same({ code = -32098, message = "Scapy Server: " .. message }, err)
    end)
  end

  -- The reference takes null for no value: the field has its default again, which for Raw is empty.
  it("that is null is the default, be it text or not", function()
    local undefined = { vtype = "UNDEFINED" }
    for _, none in ipairs { json.null, undefined, { vtype = "EXPRESSION", expr = "None" } } do
      assert.equal("cisco\0\0\0", wire(build_field("HSRP", "auth", none), "auth"))
      assert.equal("octet", field_of(build_field("TFTP_RRQ", "mode", none), "mode").hvalue)
      assert.same({ vtype = "EXPRESSION", expr = "nil" },
                  field_of(build_field("ESP", "data", none), "data").value)
      assert.equal("", build_field("Raw", "load", none).binary)
      assert.equal("", build_field("Padding", "load", none).binary)
    end
  end)

  -- As Scapy looks names up: True is 1 there.
  it("that is true is shown by the name of 1, if that has one", function()
    local function shown(id, field, value)
      return field_of(build_field(id, field, value), field).hvalue
    end
    assert.equal("icmp", shown("IP", "proto", true))
    assert.equal("hopopt", shown("IP", "proto", false))
    assert.equal("QUERY", shown("DNS", "opcode", false))
    assert.equal("F", shown("TCP", "flags", true))
    assert.equal("True", shown("IP", "ttl", true))
    assert.equal("False", shown("Dot1Q", "vlan", false))
  end)

  -- Scapy packs them as four.
  it("of three bytes may have four, of which the last three are written", function()
    local result = build_field("VXLAN", "vni", 0xff000001)
    assert.equal(unhex "000001", wire(result, "vni"))
    assert.equal(0xff000001, field_of(result, "vni").value)
    for value, given in pairs { [-1] = "-1", [1 << 32] = "4294967296" } do
      local _, err = build_field("VXLAN", "vni", value)
      assert.equal("Scapy Server: VXLAN.vni: " .. given .. " is out of range: 0 to 4294967295",
                   err.message)
    end
  end)

  -- As Scapy's Net: from the first address on.
  it("that is a network is its first address", function()
    for network, address in pairs {
      ["1.2.3.4/32"] = "1.2.3.4", ["1.2.3.7/30"] = "1.2.3.4", ["1.2.3.4/24"] = "1.2.3.0",
      ["1.255.3.4/9"] = "1.128.0.0", ["1.2.3.4/0"] = "0.0.0.0",
    } do
      assert.equal(address, field_of(build_field("IP", "dst", network), "dst").value)
    end
    for _, bits in ipairs { "33", "4294967297", "18446744073709551615", "99999999999999999999",
                            "0x10", "" } do
      local _, err = build_field("IP", "dst", "1.2.3.4/" .. bits)
      assert.matches("is not an IPv4 address", err and err.message)
    end
  end)

  it("with a name of its own is an alias", function()
    assert.equal(unhex "86dd", wire(build_field("Dot1Q", "vtype", 0x86dd), "type"))
  end)

  it("of too many bits is cut, and shown as it was given", function()
    local result = build_field("IP", "version", 0x25)
    assert.equal(0x55, unbase64(result.binary):byte(1))
    assert.equal(0x25, field_of(result, "version").value)
  end)

  it("that was set wrong is kept", function()
    local result = service:call("build_pkt", array {
      { id = "IP", fields = array {
        { id = "ihl", value = 3 }, { id = "chksum", value = "0xdead" } } },
      { id = "UDP", fields = array { { id = "len", value = 1 } } },
    })
    assert.equal(unhex "43 00", unbase64(result.binary):sub(1, 2))
    assert.equal(unhex "dead", unbase64(result.binary):sub(11, 12))
    assert.equal(unhex "0001", unbase64(result.binary):sub(25, 26))
  end)

  it("is that of all fields of its id", function()
    local result = service:call("build_pkt", array { array {
      { id = "ZigbeeNWKStub", fields = array { { id = "reserved", value = 1 } } },
    } }[1])
    assert.equal(unhex "4b 01", unbase64(result.binary)) -- two bits and eight
  end)

  it("is that of those of its id that are there, whichever comes first", function()
    local function key(mode, source)
      local result, err = service:call("build_pkt", array { array { { id =
        "Dot15d4AuxSecurityHeader", fields = array {
          { id = "sec_keyid_keysource", value = source },
          { id = "sec_sc_keyidmode", value = mode } } } } }[1])
      return result and unbase64(result.binary):sub(6), err and err.message
    end
    assert.equal(unhex "04030201 ff", (key(2, 0x01020304)))
    assert.equal(unhex "0807060504030201 ff", (key(3, 0x0102030405060708)))
    local _, err = key(2, 0x0102030405060708)
    assert.equal("Scapy Server: Dot15d4AuxSecurityHeader.sec_keyid_keysource: " ..
      "72623859790382856 is out of range: 0 to 4294967295", err)
    assert.equal(unhex "0700000000000000 ff",
      (key(3, { vtype = "MACHINE", base64 = base64 "\7\0\0\0\0\0\0\0" })))
    assert.equal(9, #key(3, { vtype = "RANDOM" }))
  end)

  it("is so in a packet within a field, too", function()
    local result, err = service:call("build_pkt", array { array {
      { id = "Dot15d4", fields = array { { id = "fcf_security", value = true } } },
      { id = "Dot15d4Data", fields = array { { id = "aux_sec_header", value = {
        id = "Dot15d4AuxSecurityHeader", fields = array {
          { id = "sec_keyid_keysource", value = 0x0102030405060708 },
          { id = "sec_sc_keyidmode", value = 3 } } } } } },
    } }[1])
    assert(result, err and err.message)
    assert.equal(unhex "18 00000000 0807060504030201 ff", unbase64(result.binary):sub(8))
  end)

  it("is the last where a field is given twice", function()
    local result = service:call("build_pkt", array { { id = "IP", fields = array {
      { id = "ttl", value = 1 }, { id = "ttl", value = 2 } } } })
    assert.equal("\2", wire(result, "ttl"))
  end)

  -- It was kept by its address, which was gone when it was shown.
  it("that is shown as it was given is shown so in every form it is given in", function()
    local plain_value = build_field("Ether", "src", 5)
    assert.equal(5, field_of(plain_value, "src").value)
    assert.same(plain_value, build_field("Ether", "src", { vtype = "EXPRESSION", expr = "5" }))
    assert.same(plain_value, build_field("Ether", "src", { vtype = "OBJECT", value = 5 }))
  end)

  it("that is long or odd is quoted short and escaped", function()
    local _, err = build_field("IP", "ttl", "\0\27[31m\u{e9}" .. ("x"):rep(10000))
    assert.equal('Scapy Server: IP.ttl: "\\x00\\x1b[31m\u{e9}' .. ("x"):rep(32)
      .. '"... is not a number from 0 to 255', err.message)
  end)
end)

describe("flags", function()
  -- flag letters and names, as they are shown
  for _, case in ipairs {
    { "TCP", "flags", "S", 2 }, { "TCP", "flags", "SA", 18 }, { "TCP", "flags", "FSRPAUECN", 511 },
    { "IP", "flags", "DF", 2 }, { "IP", "flags", "MF+DF", 3 }, { "IP", "flags", "MF+DF+evil", 7 },
  } do
    local id, field, text, value = table.unpack(case)
    it(("are taken and shown: %s.%s = %s"):format(id, field, text), function()
      local shown = field_of(build_field(id, field, text), field)
      assert.equal(value, shown.value)
      assert.equal(text, shown.hvalue)
    end)
  end

  it("are shown in one order, whatever order they came in", function()
    assert.equal("SA", field_of(build_field("TCP", "flags", "AS"), "flags").hvalue)
    assert.equal("MF+DF", field_of(build_field("IP", "flags", "DF+MF"), "flags").hvalue)
  end)

  it("are empty where none is set", function()
    assert.equal("", field_of(build_field("TCP", "flags", 0), "flags").hvalue)
  end)
end)

describe("options in the python dialect", function()
  local function options(text)
    local result, err = build_field("TCP", "options", expr(text))
    return result and unbase64(result.binary):sub(21), err and err.message
  end

  it("leave out what has no known name, as the reference does", function()
    assert.equal("", options "[('Bogus', 1)]")
    assert.equal(unhex "030307 00", options "[('MD5', b'abc'), ('WScale', 7)]")
  end)

  it("have text for bytes", function()
    assert.equal(unhex "0205616263 000000", options "[('MSS', 'abc')]")
  end)

  it("in Lua are errors where they are wrong", function()
    local _, err = options '{{"Bogus", 1}}'
    assert.equal('Scapy Server: TCP.options: there is no option "Bogus"', err)
    _, err = options '{{"MSS", "abc"}}'
    assert.equal('Scapy Server: TCP.options: option MSS: "abc" ' ..
                 'is not a whole number from 0 on', err)
  end)
end)

describe("a text that an expression gives a list", function()
  it("is its bytes, of options and of packets", function()
    for _, case in ipairs { { "IP", 21 }, { "TCP", 21 } } do
      local result, err = build_field(case[1], "options", expr "hex'83' .. hex'0704 01020304 00'")
      assert(result, err and err.message)
      assert.equal(unhex "83070401020304 00", unbase64(result.binary):sub(case[2]))
    end
    local _, err = build_field("IP", "options", "abc")
    assert.equal('Scapy Server: IP.options: "abc" is not a list; for a constructor call use '
      .. '{"vtype": "EXPRESSION"}', err.message)
  end)
end)

describe("a packet of an expression, as an item of a list", function()
  -- Scapy's Raw() is empty; "dummy" is what the server gives a layer of a packet.
  it("has no bytes where it is Raw() or Padding()", function()
    for _, call in ipairs { "Raw", "Padding" } do
      local option = "DHCP6OptUnknown(optcode=7,data=b'ab')"
      local result = assert(build_field("DHCP6OptIA_NA", "ianaopts", expr(
        ("[%s,%s()]"):format(option, call))))
      assert.equal(unhex "0007 0002" .. "ab", wire(result, "ianaopts"))
      result = assert(build_field("DHCP6OptIA_NA", "ianaopts", expr(("[%s(b'xy')]"):format(call))))
      assert.equal("xy", wire(result, "ianaopts"))
    end
    local result = assert(service:call("build_pkt", array { { id = "Raw" } }))
    assert.equal("dummy", unbase64(result.binary))
  end)
end)

describe("a packet from its bytes", function()
  local function options(text)
    local result, err = build_field("IP", "options", expr(text))
    assert(result, err and err.message)
    return field_of(result, "options").value.expr, unbase64(result.binary):sub(21)
  end

  it("is of the kind that they say", function()
    local routed = "IPOption(b'\\x83\\x07\\x04\\x01\\x02\\x03\\x04')"
    local shown, wire_bytes = options("[" .. routed .. ", IPOption_EOL()]")
    assert.equal(unhex "83070401020304 00", wire_bytes)
    assert.equal('{IPOption_LSRR{routers={"1.2.3.4"}, copy_flag=1, optclass=0, option=3, ' ..
                 "length=7, pointer=4}, IPOption_EOL{copy_flag=0, optclass=0, option=0}}", shown)
  end)

  it("has its defaults where there are none", function()
    local _, wire_bytes = options "IPOption_NOP(b'')"
    assert.equal(unhex "01000000", wire_bytes)
  end)

  it("keeps bytes that it doesn't read", function()
    local _, wire_bytes = options "IPOption_EOL(b'\\x00abc')"
    assert.equal("\0abc", wire_bytes)
  end)

  it("is an error where they are too few", function()
    local result, err = build_field("DNS", "qd", expr "DNSQR(b'\\x01a\\x00\\x00')")
    assert.is_nil(result)
    assert.equal(-32098, err.code)
    assert.truthy(err.message:find("DNSQR.qtype", 1, true))
  end)

  it("is text where a field is named", function()
    local result = build_field("DNS", "qd", expr "DNSQR(qname=b'a')")
    assert.equal(unhex "0161 00 0001 0001", unbase64(result.binary):sub(13))
  end)
end)

describe("a model of a packet from its bytes", function()
  local cut = unhex "000000010000 000000020000 0800 4500001c" -- within the IPv4 header

  local function reconstruct(packet, model)
    return service:call("reconstruct_pkt", base64(packet), array(model))
  end

  -- As the reference's reconstruct_pkt, which looks at "delete" first.
  it("cuts off a layer whatever it calls it", function()
    for _, layer in ipairs { { id = "IP", delete = true }, { id = "Nope", delete = true },
                             { delete = true } } do
      local result = assert(reconstruct(cut, { { id = "Ether" }, layer }))
      assert.equal(cut:sub(1, 14), unbase64(result.binary))
    end
  end)

  it("takes an empty object for an empty list", function()
    local none = {}
    local result = assert(service:call("reconstruct_pkt", base64(cut), none))
    assert.equal(cut, unbase64(result.binary))
    result = assert(reconstruct(cut, { { id = "Ether", fields = none } }))
    assert.equal(cut, unbase64(result.binary))
    local none_such, err = reconstruct(cut, { { id = "Ether", fields = { a = 1 } } })
    assert.is_nil(none_such)
    assert.equal('Scapy Server: Ether: "fields" is an object, not a list of {"id", "value"}',
      err.message)
  end)

  -- As Scapy's delfieldval: what was never set takes nothing away.
  it("leaves it cut where it undoes what wasn't read", function()
    for field, size in pairs { chksum = 18, ttl = 18, len = 34 } do
      local result = assert(reconstruct(cut, { { id = "Ether" }, { id = "IP", fields = array {
        { id = field, value = { vtype = "UNDEFINED" } } } } }))
      assert.equal(size, #unbase64(result.binary), field)
    end
  end)
end)

describe("an expression", function()
  it("may come in base64", function()
    local result = build_field("IP", "ttl", expr { base64 = base64 "7" })
    assert.equal("\7", wire(result, "ttl"))
    local _, err = build_field("IP", "ttl", expr { base64 = base64 "'\xff'" })
    assert.equal(-32097, err.code)
    assert.equal('Syntax Error: IP.ttl: the bytes of "expr" are no text in UTF-8', err.message)
  end)
end)

describe("a call that gives data", function()
  local function loads(text)
    local result, err = build_field("Raw", "load", expr(text))
    return result and unbase64(result.binary), err and err.message
  end

  it("is a range of numbers, or bytes", function()
    assert.equal("\0\1\2\3\4", loads "bytes(range(5))")
    assert.equal("\1\2", loads "bytes(range(1, 3))")
    assert.equal("\5\3\1", loads "bytes(range(5, 0, -2))")
    assert.equal("", loads "bytes(range(3, 1))")
    assert.equal("\3", loads "bytes(3)") -- Lua's word
    assert.equal("ab", loads "bytes(b'ab')")
    assert.equal("\1", wire(build_field("IP", "ttl", expr "range(1, 3)"), "ttl")) -- the first
  end)

  it("is a list of options, as Lua's words make one of a table", function()
    local function options(layer, text)
      local result = assert(build_field(layer, "options", expr(text)))
      return support.field_of(result.data[1], "options").value.expr
    end
    assert.equal('{{"MSS", 1460}, {"NOP"}, {"WScale", 7}}',
                 options("TCP", "TCPOptions([('MSS', 1460), 'NOP', ('WScale', 7)])"))
    assert.equal('{{"MSS", 1460}}', options("TCP", "TCPOptions([['MSS', 1460]])"))
    assert.equal('{{"message-type", "discover"}, {"end"}}',
                 options("DHCP", "DHCPOptions([('message-type', 'discover'), 'end'])"))
  end)

  it("is taken inside lists and packets", function()
    local result = build_field("IP", "options", expr "[IPOption(value=bytes(range(2)),option=9)]")
    assert.equal(unhex "09040001", unbase64(result.binary):sub(21))
  end)

  it("says what is wrong with it", function()
    for text, message in pairs {
      ["bytes([256])"] = "bytes: a list of numbers up to 255 was expected",
      ["range()"] = "range: one to three whole numbers were expected",
      ["range(1, 2, 0)"] = "range: one to three whole numbers were expected",
      ["range(0, 5000)"] = "range: more than 4096 numbers",
      ["[range(4096)]*1000"] = "range, bytes: more than 262144 items and bytes",
      ["range(2)/range(2)"] = 'there is no protocol "range"; the method get_expression_help '
        .. "lists the words of expressions",
      ["char(65)"] = 'there is no protocol "char"; the method get_expression_help lists the words '
        .. "of expressions",
    } do
      local bytes_of, said = loads(text)
      assert.is_nil(bytes_of)
      assert.equal("Scapy Server: Raw.load: " .. message, said)
    end
  end)
end)

describe("lists as JSON", function()
  it("may have items with a vtype", function()
    local result = build_field("TCP", "options", array {
      expr "('MSS', 1460)", array { "NOP" }, { vtype = "OBJECT", value = "NOP" },
      array { 254, "ab" },
    })
    assert.equal(unhex "020405b4 01 01 fe046162 0000", unbase64(result.binary):sub(21))
    local _, err = build_field("TCP", "options", array { { vtype = "MACHINE" } })
    assert.equal("Scapy Server: TCP.options[1]: within a value there may be objects of the " ..
                 "vtypes EXPRESSION, BYTES, RANDOM, OBJECT and UNDEFINED", err.message)
  end)

  local random = { vtype = "RANDOM" }

  it("have random values where a number, an address or bytes stand", function()
    local seen, drawn = {}, 0
    for _ = 1, 20 do
      local mss = build_field("TCP", "options", array { array { "MSS", random } }).binary
      if not seen[mss] then seen[mss], drawn = true, drawn + 1 end
      assert.equal("\2\4", unbase64(mss):sub(21, 22))
    end
    assert.is_true(drawn > 10)
    local record = { id = "DNSRR", fields = array { { id = "rdata", value = random } } }
    local built = unbase64(build_field("DNS", "an", array { record }).binary)
    assert.equal(unhex "00 0001 0001 00000000 0004", built:sub(13, 23))
    assert.equal(12 + 11 + 4, #built)
    local _, err = build_field("TCP", "options", array { random })
    assert.equal("Scapy Server: TCP.options: an object is not an option: [name or number, value]",
                 err.message)
  end)

  it("of addresses are random as a whole, and in their items", function()
    local id, field = "ICMPv6MLDMultAddrRec", "sources"
    for _, value in ipairs { random, array { random, "::1" } } do
      local list = field_of(build_field(id, field, value), field).value
      assert.is_not_nil(list)
      assert.equal(0, (#unbase64(build_field(id, field, value).binary) - 20) % 16)
    end
  end)

  it("have a packet's field once, by its place or by its name", function()
    for _, text in ipairs { "DNSQR('x', qname='y')", "DNSQR{ 'x', qname = 'y' }" } do
      local _, err = build_field("DNS", "qd", expr(text))
      assert.equal("Scapy Server: DNS.qd: DNSQR.qname is given twice", err.message)
    end
    assert(build_field("DNS", "qd", expr "DNSQR('x', qtype=1)"))
  end)

  it("say where in them something is wrong", function()
    for _, record in ipairs {
      { id = "DNSQR", fields = array { { id = "qname", value = expr "1 +" } } },
      { qname = expr "1 +" },
    } do
      local _, err = build_field("DNS", "qd", array { { id = "DNSQR" }, record })
      assert.matches("^Syntax Error: DNS%.qd%[2%]%.qname: line 1 column %d+: ", err.message)
    end
  end)

  it("are of the layer that an error names where there are several", function()
    local fields = array { { id = "ttl", value = 300 } }
    local twice = array { { id = "IP" }, { id = "IP", fields = fields } }
    local _, err = service:call("build_pkt", twice)
    assert.equal("Scapy Server: layer 2: IP.ttl: 300 is out of range: 0 to 255", err.message)
  end)

  it("give TCP options", function()
    local options = array {
      array { "MSS", 1460 }, array { "SAckOK", "" }, array { "Timestamp", 1, 2 }, "NOP",
      array { "WScale", "7" }, array { 254, "ab" },
    }
    local result = build_field("TCP", "options", options)
    assert.equal(unhex "020405b4 0402 080a0000000100000002 01 030307 fe046162",
                 unbase64(result.binary):sub(21))
    assert.equal('{{"MSS", 1460}, {"SAckOK", ""}, {"Timestamp", 1, 2}, {"NOP"}, {"WScale", 7}, '
      .. '{254, "ab"}}', field_of(result, "options").hvalue)
  end)

  it("give IP options", function()
    local options = array {
      { id = "IPOption_RR", fields = array { { id = "routers", value = array { "1.2.3.4" } } } },
    }
    local result = build_field("IP", "options", options)
    assert.equal(unhex "070704 01020304 00", unbase64(result.binary):sub(21))
  end)

  it("give DNS records", function()
    local result = service:call("build_pkt", array { { id = "DNS", fields = array {
      { id = "qd", value = array { { id = "DNSQR", fields = array {
        { id = "qname", value = "x.org" } } } } },
      { id = "an", value = array { { id = "DNSRR", fields = array {
        { id = "rrname", value = "x.org" }, { id = "rdata", value = "10.0.0.1" } } } } },
    } } })
    assert.equal(unhex [[0000 0100 0001 0001 0000 0000 0178036f726700 0001 0001
                         0178036f726700 0001 0001 00000000 0004 0a000001]], unbase64(result.binary))
  end)

  it("give DHCP options", function()
    local options = array {
      array { "message-type", "discover" }, array { "router", "1.2.3.4" }, "end",
    }
    local result = build_field("DHCP", "options", options)
    assert.equal(unhex "350101 030401020304 ff", unbase64(result.binary))
  end)
end)

-- ------------------------------------------------------------------------------ all protocols

-- Those whose text a client could send back; lists are shown as literals.
local plain = {
  uint = true, mac = true, ipv4 = true, ipv6 = true, bytes = true, name = true, phantom = true,
  choice = true,
}

-- Each plain field of each protocol: `check` gets the protocol and the field's declaration and
-- place, and returns what is wrong.
local function each_field(check)
  local list = {}
  for _, decl in ipairs(luapkt.generation().decls) do
    for i, fdecl in ipairs(decl.fields or {}) do
      if not decl.abstract and plain[fdecl.kind] then
        local complaint = check(decl, fdecl, i)
        if complaint then table.insert(list, ("%s.%s: %s"):format(decl.id, fdecl.id, complaint)) end
      end
    end
  end
  return list
end

-- The packet that a field's shown value gives when it is sent back: empty text, which flags of
-- which none is set are shown as, is no value (QUIRKS), and so gives the default.
local function expected_back(decl, fdecl, shown, result)
  if not (fdecl.flags and shown.hvalue == "") then return result.binary end
  return assert(service:call("build_pkt", array { { id = decl.id } })).binary
end

-- What is wrong when what a field shows is sent back.
local function send_back(decl, fdecl, i, result)
  local shown = result.data[1].fields[i]
  if shown.hvalue == "<binary>" then return nil end
  local expression = type(shown.value) == "table" and shown.value.vtype == "EXPRESSION"
  local may_be_list = fdecl.kind == "choice" and expression -- whose hvalue is for people
  local again, err = build_field(decl.id, fdecl.id, may_be_list and shown.value or shown.hvalue)
  if not again then return ("%s is refused: %s"):format(json.encode(shown.hvalue), err.message) end
  local wanted = expected_back(decl, fdecl, shown, result)
  if not support.says_less(fdecl) and again.binary ~= wanted then
    return ("%s gives other bytes"):format(json.encode(shown.hvalue))
  end
end

describe("every field of every protocol", function()
  it("takes back what it shows of its default", function()
    assert.same({}, each_field(function(decl, fdecl, i)
      local result = assert(service:call("build_pkt", array { { id = decl.id } }))
      return send_back(decl, fdecl, i, result)
    end))
  end)

  it("takes back what it shows of random values", function()
    assert.same({}, each_field(function(decl, fdecl, i)
      for _ = 1, 3 do
        local result, err = build_field(decl.id, fdecl.id, { vtype = "RANDOM" })
        if not result then return not err.message:find "no random values" and err.message or nil end
        local complaint = send_back(decl, fdecl, i, result)
        if complaint then return complaint end
      end
    end))
  end)

  it("takes the names of its values", function()
    local shared = require "luapkt.names"
    local count = 0
    assert.same({}, each_field(function(decl, fdecl, i)
      local names = type(fdecl.names) == "string" and shared[fdecl.names] or fdecl.names
      for value, text in pairs(names or {}) do
        local in_range = value ~= "aliases" and value >> fdecl.width == 0
        if in_range then
          local result, err = build_field(decl.id, fdecl.id, text)
          if not result then return err.message end
          local shown = result.data[1].fields[i]
          if fdecl.kind == "phantom" then -- which the reference shows as it was given
            local same = build_field(decl.id, fdecl.id, value)
            if shown.value ~= text or result.binary ~= same.binary then return text end
          elseif names[shown.value] ~= text then
            return ("%s gives %s"):format(text, json.encode(shown.value))
          end
          count = count + 1
        end
      end
    end))
    assert.is_true(count > 1000)
  end)

  it("says in its own name what is wrong with nonsense", function()
    local nonsense = "no such value!"
    assert.same({}, each_field(function(decl, fdecl)
      local kind = fdecl.kind
      if kind == "bytes" or kind == "name" or kind == "choice" then return end
      local result, err = build_field(decl.id, fdecl.id, nonsense)
      if result then return "takes nonsense" end
      local place = ("Scapy Server: %s.%s: "):format(decl.builds or decl.id, fdecl.id)
      if err.code ~= -32098 or err.message:sub(1, #place) ~= place
          or not err.message:find(nonsense, 1, true) then
        return err.message
      end
    end))
  end)

  it("says in its own name which range it has", function()
    local count = 0
    assert.same({}, each_field(function(decl, fdecl, i)
      local width = fdecl.width
      if fdecl.kind ~= "uint" or width > 62 or decl.slots[fdecl.id] ~= i - 1 then return end
      -- bits and three bytes are cut, as in the reference; fixed-point numbers aren't so counted
      if fdecl.bitfield or width == 24 or fdecl.show == "fixed8" then return end
      local least, most = 0, (1 << width) - 1
      if fdecl.signed then least, most = -(1 << (width - 1)), (1 << (width - 1)) - 1 end
      for _, value in ipairs { most + 1, least - 1 } do
        local result, err = build_field(decl.id, fdecl.id, value)
        if result then return "takes " .. value end
        local message = ("Scapy Server: %s.%s: %d is out of range: %d to %d"):format(
          decl.builds or decl.id, fdecl.id, value, least, most)
        if err.message ~= message then return err.message end
        count = count + 1
      end
    end))
    assert.is_true(count > 1000)
  end)
end)

describe("RANDOM", function()
  local random = { vtype = "RANDOM" }

  local function draw(seed)
    local from = support.service { seed = seed }
    local drawn = {}
    for _, case in ipairs { { "IP", "ttl" }, { "IP", "src" }, { "Ether", "dst" }, { "IPv6", "dst" },
                            { "TCP", "seq" }, { "Raw", "load" }, { "TCP", "flags" } } do
      table.insert(drawn, build_field(case[1], case[2], random, from).binary)
    end
    from:close()
    return drawn
  end

  it("draws the same values with the same seed, others with another", function()
    assert.same(draw(1), draw(1))
    local one, two = draw(1), draw(2)
    for i in ipairs(one) do assert.not_equal(one[i], two[i]) end
  end)

  it("draws anew for each field", function()
    local result = service:call("build_pkt", array { { id = "Ether", fields = array {
      { id = "src", value = random }, { id = "dst", value = random } } } })
    assert.not_equal(field_of(result, "src").value, field_of(result, "dst").value)
  end)

  it("makes names of letters", function()
    local seen = {}
    for _ = 1, 50 do
      local result = build_field("DNSQR", "qname", random)
      local name = field_of(result, "qname").hvalue
      for label in name:gmatch "[^.]+" do assert.truthy(label:find "^%l%l?%l?%l?%l?%l?%l?%l?$") end
      assert.equal(#name + 1 + 4, #unbase64(result.binary)) -- a length for each dot, and the root
      seen[name] = true
    end
    assert.is_truthy(next(seen, next(seen)))
  end)

  it("reaches every value of a small field", function()
    local seen, count = {}, 0
    for _ = 1, 200 do
      local value = field_of(build_field("IP", "flags", random), "flags").value
      if not seen[value] then seen[value], count = true, count + 1 end
    end
    assert.equal(8, count)
  end)
end)
