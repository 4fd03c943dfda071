-- Templates: those that come with the program, each read by tshark; parameters; users' files, good
-- ones, bad ones, and those that nobody may have.

local capture   = require "spec.capture"
local luapkt    = require "luapkt"
local support   = require "spec.support"

local json = luapkt.json
local array, null = json.array, json.null
local quote, write_file = support.quote, support.write_file

local function document(service, template)
  local text, err = service:call("get_template", template)
  if not text then return nil, err end
  return json.decode(luapkt.wire.unbase64(text))
end

local function by_id(list)
  local found = {}
  for _, entry in ipairs(list) do found[entry.id] = entry end
  return found
end

-- --------------------------------------------------------------- those that come with the program

-- What tshark makes of each, behind "eth:".
local read_as = {
  ["ICMP echo request"] = "ethertype:ip:icmp",
  ["IGMP-JOIN"] = "ethertype:ip:igmp:igmp",
  ["TCP-SYN"] = "ethertype:ip:tcp",
  ["ARP/ARP probe"] = "ethertype:arp",
  ["ARP/ARP-REPLY"] = "ethertype:arp",
  ["ARP/ARP-REQUEST"] = "ethertype:arp",
  ["ARP/Gratuitous ARP"] = "ethertype:arp",
  ["Applications/HTTP GET"] = "ethertype:ip:tcp:http",
  ["Applications/NTP client"] = "ethertype:ip:udp:ntp",
  ["Applications/SIP OPTIONS"] = "ethertype:ip:udp:sip",
  ["Applications/Syslog"] = "ethertype:ip:udp:syslog",
  ["Applications/TFTP read"] = "ethertype:ip:udp:tftp",
  ["DHCP/DHCP-ACK"] = "ethertype:ip:udp:dhcp",
  ["DHCP/DHCP-DISCOVER"] = "ethertype:ip:udp:dhcp",
  ["DHCP/DHCP-OFFER"] = "ethertype:ip:udp:dhcp",
  ["DHCP/DHCP-RELEASE"] = "ethertype:ip:udp:dhcp",
  ["DHCP/DHCP-REQUEST"] = "ethertype:ip:udp:dhcp",
  ["DHCP/DHCPv6-SOLICIT"] = "ethertype:ipv6:udp:dhcpv6",
  ["DNS/Answer"] = "ethertype:ip:udp:dns",
  ["DNS/No such name"] = "ethertype:ip:udp:dns",
  ["DNS/Query"] = "ethertype:ip:udp:dns",
  ["Flows/IPv6 sources"] = "ethertype:ipv6:udp:data",
  ["Flows/MAC addresses"] = "ethertype:ip:udp:data",
  ["Flows/SYN flood"] = "ethertype:ip:tcp",
  ["Flows/TCP clients"] = "ethertype:ip:tcp",
  ["Flows/UDP destinations"] = "ethertype:ip:udp:data",
  ["Flows/UDP sizes"] = "ethertype:ip:udp:data",
  ["Flows/UDP sources"] = "ethertype:ip:udp:data",
  ["Flows/VLANs"] = "ethertype:vlan:ethertype:ip:udp:data",
  ["Flows/VXLANs"] = "ethertype:ip:udp:vxlan:eth:ethertype:ip:udp:data",
  ["ICMP/Echo reply"] = "ethertype:ip:icmp:data",
  ["ICMP/Fragmentation needed"] = "ethertype:ip:icmp:ip:udp",
  ["ICMP/Port unreachable"] = "ethertype:ip:icmp:ip:udp",
  ["ICMP/Time exceeded"] = "ethertype:ip:icmp:ip:udp",
  ["ICMPv6/Echo request"] = "ethertype:ipv6:icmpv6:data",
  ["ICMPv6/MLDv2 report"] = "ethertype:ipv6:ipv6.hopopts:icmpv6",
  ["ICMPv6/Neighbor advertisement"] = "ethertype:ipv6:icmpv6",
  ["ICMPv6/Neighbor solicitation"] = "ethertype:ipv6:icmpv6",
  ["ICMPv6/Packet too big"] = "ethertype:ipv6:icmpv6:ipv6:udp:data",
  ["ICMPv6/Router advertisement"] = "ethertype:ipv6:icmpv6",
  ["ICMPv6/Router solicitation"] = "ethertype:ipv6:icmpv6",
  ["IGMP/IGMPv3 join"] = "ethertype:ip:igmp:igmp",
  ["IGMP/Leave group"] = "ethertype:ip:igmp:igmp",
  ["IGMP/Membership query"] = "ethertype:ip:igmp:igmp",
  ["IPv4/First fragment"] = "ethertype:ip:udp:data",
  ["IPv4/ICMP"] = "ethertype:ip:icmp",
  ["IPv4/Jumbo frame"] = "ethertype:ip:udp:data",
  ["IPv4/Last fragment"] = "ethertype:ip:data",
  ["IPv4/Options"] = "ethertype:ip:udp:data",
  ["IPv4/TCP"] = "ethertype:ip:tcp",
  ["IPv4/UDP"] = "ethertype:ip:udp",
  ["IPv4/UDP sized"] = "ethertype:ip:udp:data",
  ["IPv6/Extension headers"] = "ethertype:ipv6:ipv6.hopopts:ipv6.dstopts:udp:data",
  ["IPv6/Fragment"] = "ethertype:ipv6:ipv6.fraghdr:udp:data",
  ["IPv6/ICMP"] = "ethertype:ipv6:icmpv6",
  ["IPv6/TCP"] = "ethertype:ipv6:tcp",
  ["IPv6/UDP"] = "ethertype:ipv6:udp",
  ["MPLS/L3VPN"] = capture.either("ethertype:mpls:ip:udp:data", "ethertype:mpls:udp:data"),
  ["MPLS/MPLS IPv4"] = capture.either("ethertype:mpls:ip:udp:data", "ethertype:mpls:udp:data"),
  ["MPLS/Pseudowire"] = capture.either(
    "ethertype:mpls:pwethheuristic:pwethcw:eth:ethertype:ip:udp:data",
    "ethertype:mpls:pwethcw:eth:ethertype:ip:udp:data"),
  ["PPPoE/PADI"] = "ethertype:pppoed",
  ["PPPoE/Session"] = "ethertype:pppoes:ppp:ip:udp:data",
  ["Routing/HSRP hello"] = "ethertype:ip:udp:hsrp",
  ["Routing/RIPv2 response"] = "ethertype:ip:udp:rip",
  ["Routing/VRRP advertisement"] = "ethertype:ip:vrrp",
  ["SCTP/SCTP-DATA"] = "ethertype:ip:sctp:data",
  ["SCTP/SCTP-INIT"] = "ethertype:ip:sctp",
  ["Switching/STP hello"] = "llc:stp",
  ["TCP/ACK with SACK"] = "ethertype:ip:tcp",
  ["TCP/FIN-ACK"] = "ethertype:ip:tcp",
  ["TCP/RST"] = "ethertype:ip:tcp",
  ["TCP/SYN with ECN"] = "ethertype:ip:tcp",
  ["TCP/SYN with options"] = "ethertype:ip:tcp",
  ["TCP/SYN-ACK"] = "ethertype:ip:tcp",
  ["Tunnels/4in6"] = "ethertype:ipv6:ip:udp:data",
  ["Tunnels/6in4"] = "ethertype:ip:ipv6:udp:data",
  ["Tunnels/GRE"] = "ethertype:ip:gre:ip:udp:data",
  ["Tunnels/IPv4 in IPv4"] = "ethertype:ip:ip:udp:data",
  ["Tunnels/NVGRE"] = "ethertype:ip:gre:eth:ethertype:ip:udp:data",
  ["Tunnels/VXLAN"] = "ethertype:ip:udp:vxlan:eth:ethertype:ip:udp:data",
  ["VLAN/802.1Q"] = "ethertype:vlan:ethertype:ip:udp:data",
  ["VLAN/Priority tag"] = "ethertype:vlan:ethertype:ipv6:udp:data",
  ["VLAN/QinQ"] = "ethertype:ieee8021ad:ethertype:vlan:ethertype:ip:udp:data",
}

-- What tshark has against some, and why that is as it must be: the reference's templates are as
-- they are.
local objected_to = {
  ["ARP/ARP-REPLY"] = "Source MAC must not be a group address",
  ["DHCP/DHCP-ACK"] = "malformed",      -- the head of a packet of 576 bytes
  ["DHCP/DHCP-DISCOVER"] = "malformed", -- the same
  ["TCP/RST"] = "Connection reset (RST)", -- what it is for
}

local function ask_tshark(packets)
  local path = support.tmpdir() .. "/templates.pcap"
  capture.write(path, packets)
  return capture.judged(path, nil, "-o tcp.analyze_sequence_numbers:FALSE")
end

-- The reference's own ids, and the names that it shows for them.
local references = {
  ["IGMP-JOIN"] = "IGMP-JOIN", ["ICMP echo request"] = "ICMP echo request", ["TCP-SYN"] = "TCP-SYN",
  ["IPv6/ICMP"] = "ICMP echo request", ["IPv6/TCP"] = "ICMP echo request",
  ["IPv6/UDP"] = "ICMP echo request", ["IPv4/ICMP"] = "ICMP echo request",
  ["IPv4/TCP"] = "ICMP echo request", ["IPv4/UDP"] = "ICMP echo request",
  ["DHCP/DHCP-ACK"] = "DHCP-ACK", ["DHCP/DHCP-REQUEST"] = "DHCP-REQUEST",
  ["DHCP/DHCP-DISCOVER"] = "DHCP-DISCOVER", ["ARP/ARP-REQUEST"] = "ARP-REPLY",
  ["ARP/ARP-REPLY"] = "ARP-REPLY",
}

describe("a template that comes with the program", function()
  local service, list, built, seen = nil, nil, {}, {}

  local function build(template)
    local doc, err = document(service, template)
    if not doc then return nil, err end
    local result, failed = service:call("build_pkt", doc.packet)
    return result and luapkt.wire.unbase64(result.binary), failed, result
  end

  setup(function()
    service = support.service()
    list = service:call("get_templates")
    for i, entry in ipairs(list) do built[i] = assert(build { id = entry.id }) end
    if capture.has_tshark() then
      for i, packet in ipairs(ask_tshark(built)) do seen[list[i].id] = packet end
    end
  end)
  teardown(function() service:close() end)

  it("is there for each that the reference has, under the same name", function()
    local found = by_id(list)
    for id, name in pairs(references) do
      assert.same({ id = id, meta = { name = name, description = "" } }, found[id])
    end
  end)

  it("is one of those listed here, which are in order: groups last, each by name", function()
    local ids, wanted = {}, {}
    for i, entry in ipairs(list) do ids[i] = entry.id end
    for id in pairs(read_as) do table.insert(wanted, id) end
    table.sort(wanted, function(a, b)
      local ga, gb = a:match "^(.*)/" or "", b:match "^(.*)/" or ""
      if ga ~= gb then return ga < gb end
      return a < b
    end)
    assert.same(wanted, ids)
  end)

  for id, protocols in pairs(read_as) do
    it("is read by tshark as what it is: " .. id, function()
      if not capture.has_tshark() then return pending "tshark is not installed" end
      assert.equal("eth:" .. protocols, seen[id]["frame.protocols"])
      local found = capture.objection(seen[id], capture.WARNING)
      if not objected_to[id] then return assert.is_nil(found) end
      assert.equal(objected_to[id], (found or "nothing"):sub(1, #objected_to[id]))
    end)
  end

  it("is read by us as what was asked for", function()
    for _, entry in ipairs(list) do
      local _, _, result = build { id = entry.id }
      for _, layer in ipairs(result.data) do
        -- DHCP without an option is nothing
        local empty = layer.id == "DHCP" and objected_to[entry.id]
        assert.is_true(layer.valid_structure or empty ~= nil, entry.id .. ": " .. layer.id)
      end
    end
  end)

  -- Values at the edges of what a parameter takes.
  local function edges(parameter)
    if parameter.type == "number" then return { parameter.min, parameter.max } end
    if parameter.type == "choice" then return parameter.choices end
    if parameter.type == "boolean" then return { true, false } end
    if parameter.type == "mac" then return { "02:00:00:00:00:01" } end
    if parameter.type == "ipv4" then return { "10.1.2.3", "203.0.113.1" } end
    if parameter.type == "ipv6" then return { "2001:db8:ffff::a:b" } end
    return { "x" }
  end

  it("is built with every value of its parameters", function()
    local count = 0
    for _, entry in ipairs(list) do
      for _, parameter in ipairs(service:call("describe_template", entry.id).parameters) do
        assert.is_string(parameter.doc, entry.id)
        for _, value in ipairs(edges(parameter)) do
          local bytes, err = build { id = entry.id, parameters = { [parameter.id] = value } }
          local what = ("%s: %s = %s: "):format(entry.id, parameter.id, tostring(value))
          local message = err and err.message or ""
          assert(bytes or message:find "first is above last$", what .. message)
          count = count + 1
        end
      end
    end
    assert.is_true(count > 300)
  end)

  it("has no range that ends below its start", function()
    for _, id in ipairs { "Flows/UDP sources", "Flows/UDP destinations", "Flows/TCP clients" } do
      local range = { first = "10.0.0.9", last = "10.0.0.10" }
      assert.is_string(build { id = id, parameters = range })
      range = { first = "10.0.0.10", last = "10.0.0.9" }
      local _, err = build { id = id, parameters = range }
      assert.matches("first is above last$", err.message)
    end
  end)

  it("varies without a warning, so none of its packets repeat too early", function()
    local varied = 0
    for _, entry in ipairs(list) do
      local doc = document(service, entry.id)
      if #doc.feInstructions > 0 then
        local client = { instructions = doc.feInstructions, global_parameters = doc.fePrarameters }
        local run, err = service:call("run_field_engine", doc.packet, { field_engine = client },
                                      { count = 1 })
        assert(run, entry.id .. ": " .. (err and err.message or ""))
        assert.same({}, run.warnings, entry.id)
        varied = varied + 1
      end
    end
    assert.is_true(varied >= 9)
  end)

  it("has no layer for data that there is none of", function()
    local doc = document(service, { id = "ICMP/Echo reply", parameters = { data = "" } })
    assert.equal("ICMP", doc.packet[#doc.packet].id)
  end)

  it("has values that end up in the packet", function()
    local bytes = build { id = "IPv4/TCP", parameters = {
      src = "10.0.0.1", dst = "10.0.0.2", sport = "0x1234", dport = 443,
    } }
    assert.equal(support.unhex "0a000001 0a000002 1234 01bb", bytes:sub(27, 38))
    bytes = build { id = "VLAN/QinQ", parameters = { outer = 7, inner = 8 } }
    assert.equal(support.unhex "88a8 0007 8100 0008", bytes:sub(13, 20))
    bytes = build { id = "TCP/SYN with options", parameters = { mss = 1400, scale = 3 } }
    assert.equal(support.unhex "02040578 0402 080a 00000001 00000000 01 030303", bytes:sub(-20))
    bytes = build { id = "ICMPv6/Neighbor solicitation",
                    parameters = { target = "2001:db8::2:34" } }
    assert.equal(support.unhex "3333ff020034", bytes:sub(1, 6))
    assert.equal(support.unhex "ff0200000000000000000001ff020034", bytes:sub(39, 54))
  end)

  it("has the field engine's instructions as text, as editors send them", function()
    local doc = document(service, { id = "Flows/UDP destinations",
                                    parameters = { last = "198.51.100.9", op = "random" } })
    assert.same({ cache_size = "0" }, doc.fePrarameters)
    assert.same({
      { id = "STLVmFlowVar", parameters = {
        name = "dst", size = "4", op = "random", step = "1", init_value = "198.51.100.1",
        min_value = "198.51.100.1", max_value = "198.51.100.9" } },
      { id = "STLVmWrFlowVar", parameters = { fv_name = "dst", pkt_offset = "IP.dst" } },
      { id = "STLVmFixChecksumHw", parameters = {
        l3_offset = "IP", l4_offset = "UDP", l4_type = "11" } },
    }, doc.feInstructions)
  end)

  it("is the reference's document, to the last member", function()
    assert.same({
      fileType = "trex-packet-editor", version = "1.0.0", metadata = { caption = "TCP-SYN" },
      packet = {
        { id = "Ether", fields = {} }, { id = "IP", fields = {} },
        { id = "TCP", fields = { { id = "flags", value = "" } } },
      },
      fePrarameters = { cache_size = "1000" }, feInstructions = {},
    }, document(service, { id = "TCP-SYN" }))
  end)
end)

-- --------------------------------------------------------------------------------------- requests

describe("get_template", function()
  local service
  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  local function refusal(template)
    local result, err = service:call("get_template", template)
    assert.is_nil(result)
    assert.equal(-32098, err.code)
    return (err.message:gsub("^Scapy Server: ", ""))
  end

  it("takes an object or a name, with a handle or without", function()
    local handle = service:call("get_version_handler", "1", "02")
    local text = service:call("get_template", "TCP-SYN")
    assert.equal(text, service:call("get_template", { id = "TCP-SYN" }))
    assert.equal(text, service:call("get_template", handle, { id = "TCP-SYN", meta = {} }))
    assert.equal(text, service:call("get_template", handle, "TCP-SYN"))
    assert.equal(text, service:call("get_template", { id = "TCP-SYN", parameters = {} }))
    assert.equal(text, service:call("get_template", { id = "TCP-SYN", parameters = null }))
    assert.equal(text, service:call("get_template",
                                    { id = "TCP-SYN", parameters = { dst = null } }))
  end)

  it("refuses what is no template", function()
    assert.equal("there is no template 'nope'", refusal "nope")
    assert.equal("there is no template ''", refusal { id = "" })
    assert.equal("there is no template 'tcp-syn': 'TCP-SYN' is meant?", refusal "tcp-syn")
    assert.equal("there is no template 'vlan/QinQ.lua': 'VLAN/QinQ' is meant?",
                 refusal "vlan/QinQ.lua")
    assert.equal("there is no template 'TCP-SYN\\x00'", refusal { id = "TCP-SYN\0" })
    assert.equal("the template's id is a number, not text", refusal { id = 5 })
    assert.equal("the template's id is missing", refusal {})
    assert.equal("the template is null, not an object with an id", refusal(null))
    assert.equal("the template is a list, not an object with an id", refusal(array { "TCP-SYN" }))
    assert.equal("the template's parameters are a list, not an object",
                 refusal { id = "TCP-SYN", parameters = array { 1 } })
    assert.equal("the template's parameters are text, not an object",
                 refusal { id = "TCP-SYN", parameters = "dst" })
    for _, name in ipairs { "params", "param", "Parameters", "parameter" } do
      assert.equal(("the template: there is no member '%s': 'parameters' is meant?"):format(name),
                   refusal { id = "TCP-SYN", [name] = {} })
    end
  end)

  it("answers nothing to an id that no file may have, as the reference does", function()
    for _, id in ipairs { "../templates/TCP-SYN", "IPv4/../TCP-SYN", "IPv4\\TCP", "a:b", "a;b",
                          "TCP+SYN", "[x]", ".." } do
      assert.equal("", service:call("get_template", { id = id }))
    end
  end)

  it("knows no path, however it is written", function()
    local here = assert(io.popen "pwd"):read "l"
    for _, id in ipairs { "/etc/passwd", here .. "/templates/TCP-SYN", "./TCP-SYN", "TCP-SYN.lua",
                          "IPv4/", "/TCP-SYN", "IPv4//TCP", "tcp-syn", "templates/TCP-SYN",
                          ("x"):rep(100000), "~/x", "TCP-SYN\n", "%2e%2e/TCP-SYN" } do
      local message = refusal { id = id }
      assert.matches("^there is no template ", message)
      assert.is_true(#message < 200)
    end
  end)

  it("says which parameter is wrong, and what would be right", function()
    local function wrong(id, parameters, message)
      assert.equal(("template '%s': %s"):format(id, message), refusal {
        id = id, parameters = parameters })
    end
    wrong("VLAN/802.1Q", { vlan = 4095 },
          "parameter vlan: 4095 is not a whole number from 0 to 4094")
    wrong("VLAN/802.1Q", { vlan = 1.5 },
          "parameter vlan: 1.5 is not a whole number from 0 to 4094")
    wrong("VLAN/802.1Q", { vlan = "many" },
          "parameter vlan: 'many' is not a whole number from 0 to 4094")
    wrong("VLAN/802.1Q", { vlan = "0x10000000000000005" }, -- 2^64 + 5
          "parameter vlan: '0x10000000000000005' is not a whole number from 0 to 4094")
    wrong("VLAN/802.1Q", { vlan = array {} },
          "parameter vlan: a list is not a whole number from 0 to 4094")
    wrong("VLAN/802.1Q", { vlan = true },
          "parameter vlan: true is not a whole number from 0 to 4094")
    wrong("VLAN/802.1Q", { src = "192.0.2.256" },
          "parameter src: '192.0.2.256' is not an address such as 192.0.2.1")
    wrong("VLAN/802.1Q", { src = "192.0.02.1" },
          "parameter src: '192.0.02.1' is not an address such as 192.0.2.1")
    wrong("VLAN/802.1Q", { id = 5 },
          "there is no parameter 'id'; there is vlan, prio, src, dst")
    wrong("DHCP/DHCP-ACK", { x = 5 }, "there is no parameter 'x'; there are none")
    wrong("ARP/ARP probe", { mac = "00:11:22:33:44" },
          "parameter mac: '00:11:22:33:44' is not an address such as 00:11:22:33:44:55")
    wrong("DNS/Query", { type = "ANY" }, "parameter type: 'ANY' is not one of A, AAAA, CNAME, MX, "
      .. "NS, PTR, SOA, SRV, TXT")
    wrong("DNS/Query", { name = ("a"):rep(254) }, "parameter name: '" .. ("a"):rep(40)
      .. "'... is not text of up to 253 bytes")
    wrong("ICMPv6/Neighbor advertisement", { router = "yes" },
          "parameter router: 'yes' is not true or false")
    wrong("SCTP/SCTP-DATA", { data = { vtype = "BYTES", base64 = "!" } }, "parameter data: "
      .. "an object is not text, or {\"vtype\": \"BYTES\", \"base64\": ...}, of up to 1400 bytes")
  end)

  it("knows IPv6 addresses, RFC 4291 section 2.2", function()
    local function take(address)
      return service:call("get_template", { id = "IPv6/UDP", parameters = { dst = address } })
    end
    for _, good in ipairs {
      "::", "::1", "2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a", "1::",
      "1:2:3:4:5:6:7::", "::ffff:192.0.2.1", "1:2:3:4:5:6:192.0.2.1", "0:0:0:0:0:0:0:1",
    } do
      assert(take(good), good)
    end
    for _, bad in ipairs {
      "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7:8::",
      "12345::", "g::", "::1%eth0", "::192.0.2.300", "192.0.2.1", "1:2:3:4:5:6:7:192.0.2.1", "1:",
      ":1", "::1/64",
    } do
      assert.is_nil((take(bad)), bad)
    end
  end)
end)

describe("describe_template", function()
  it("says what parameters there are", function()
    local service = support.service()
    local function vlan(id, default, doc)
      return { id = id, type = "number", min = 0, max = 4094, default = default, doc = doc }
    end
    assert.same({
      id = "VLAN/QinQ", name = "QinQ",
      description = "A UDP datagram with a service tag and a customer tag",
      parameters = {
        vlan("outer", 1000, "service VLAN"),
        vlan("inner", 100, "customer VLAN"),
        { id = "src", type = "ipv4", default = "192.0.2.1", doc = "source address" },
        { id = "dst", type = "ipv4", default = "198.51.100.1", doc = "destination address" },
      },
    }, service:call("describe_template", { id = "VLAN/QinQ" }))
    local _, err = service:call("describe_template", "nope")
    assert.equal("Scapy Server: there is no template 'nope'", err.message)
    for _, id in ipairs { "../VLAN/QinQ", "VLAN\\QinQ", "a:b" } do
      local described, refused = service:call("describe_template", { id = id })
      assert.is_nil(described)
      assert.equal(("Scapy Server: there is no template '%s'"):format(id), refused.message)
    end
    service:close()
  end)
end)

-- ------------------------------------------------------------------------------------ users' files

describe("a folder of templates", function()
  local folder, service

  before_each(function()
    folder = support.tmpdir() .. "/mine"
    assert(os.execute("mkdir " .. quote(folder)))
  end)
  after_each(function()
    if service then service:close() end
    service = nil
  end)

  local function put(name, text)
    local path = folder .. "/" .. name
    os.execute("mkdir -p " .. quote(path:match "^(.*)/"))
    write_file(path, text)
    return path
  end

  local function open()
    service = support.service { templates = { folder } }
    return service
  end

  local function found(id) return by_id(open():call("get_templates"))[id] end

  -- The mistake that is found in a file.
  local function mistake(text, name)
    put(name or "t.lua", text)
    local ok, why = open().core:check()
    assert.is_nil(ok)
    return why
  end

  local udp = 'return { packet = { { "Ether" }, { "IP" }, { "UDP", dport = 4000 } } }'

  it("may have truth values, which are 1 and 0 to the clients", function()
    put("t.lua", 'return { packet = { { "IP", ttl = true }, { "IP", ttl = false } } }')
    local packet = document(open(), "t").packet
    assert.same({ "1", "0" }, { packet[1].fields[1].value, packet[2].fields[1].value })
  end)

  it("is offered beside those that came with the program", function()
    put("mine.lua", udp)
    put("deep/er/mine.lua", udp)
    assert.same({ id = "mine", meta = { name = "mine", description = "" } }, found "mine")
    local list = by_id(service:call("get_templates"))
    assert.truthy(list["deep/er/mine"] and list["TCP-SYN"])
    assert.equal("4000", document(service, "deep/er/mine").packet[3].fields[1].value)
    assert.is_true(service.core:check())
  end)

  it("goes before the program's where the ids are equal", function()
    put("TCP-SYN.lua", udp)
    assert.equal("UDP", document(open(), "TCP-SYN").packet[3].id)
  end)

  it("that isn't there is a mistake without a path", function()
    local core = require "luapkt.core"
    local none, why = core.service { home = ".", templates = { folder .. "/none" } }
    assert.is_nil(none)
    assert.equal("none: No such file or directory", why)
  end)

  it("is not left by links", function()
    local outside = support.tmpdir()
    write_file(outside .. "/secret.lua", udp)
    put("inside.lua", udp)
    os.execute(("cd %s && ln -s %s/secret.lua secret.lua && ln -s %s out && ln -s inside.lua in.lua"
      .. " && ln -s nowhere.lua broken.lua && ln -s . loop"):format(
      quote(folder), quote(outside), quote(outside)))
    local list = by_id(open():call("get_templates"))
    assert.truthy(list["inside"])
    assert.truthy(list["in"])
    assert.is_nil(list["secret"] or list["out/secret"] or list["broken"])
    for _, id in ipairs { "secret", "out/secret", "broken" } do
      local _, err = service:call("get_template", { id = id })
      assert.equal(("Scapy Server: there is no template '%s'"):format(id), err.message)
    end
    assert.is_true(service.core:check())
  end)

  it("may have a template twice only in different folders", function()
    put("twice.lua", udp)
    assert.equal("mine/twice: is there as .lua and as .trp", mistake("{}", "twice.trp"))
    assert(service:call("get_template", "TCP-SYN"))
    local _, err = service:call("get_template", "twice")
    assert.matches("it has a mistake", err.message)
  end)

  describe("with a .trp file", function()
    local saved = [[
{"fileType":"trex-packet-editor","version":"1.0.0","metadata":{"caption":"From the editor"},
 "packet":[{"id":"Ether","fields":[]},{"id":"IP","fields":[]},{"id":"TCP","fields":[
   {"id":"options","value":{"vtype":"EXPRESSION",
     "expr":"[('MSS', 1460), ('NOP', None), ('SAckOK', b'')]"}}]}],
 "fePrarameters":{"cache_size":"1000"},"feInstructions":[]}
]]

    it("hands it on as it is", function()
      put("group/saved.trp", saved)
      assert.same({ id = "group/saved", meta = { name = "From the editor", description = "" } },
                  found "group/saved")
      local text = service:call("get_template", { id = "group/saved" })
      assert.equal(saved, luapkt.wire.unbase64(text))
      local built = service:call("build_pkt", json.decode(saved).packet)
      assert.equal(support.unhex "020405b4 01 0402 00", luapkt.wire.unbase64(built.binary):sub(-8))
      local _, err = service:call("get_template", { id = "group/saved", parameters = { a = 1 } })
      assert.equal("Scapy Server: template 'group/saved': there is no parameter 'a'; "
        .. "there are none", err.message)
      assert.is_true(service.core:check())
    end)

    it("passes over a byte order mark, and does without a caption", function()
      put("bom.trp", '\xef\xbb\xbf{"packet":[]}')
      assert.equal("bom", found("bom").meta.name)
      assert.same({ packet = {} }, document(service, "bom"))
    end)

    it("finds mistakes in it", function()
      assert.equal("mine/t.trp: is not JSON: line 1 column 2: ",
                   mistake("{", "t.trp"):gsub("(column 2: ).*", "%1"))
      assert.equal("mine/t.trp: there is no list 'packet'", mistake("{}", "t.trp"))
      assert.equal("mine/t.trp: there is no list 'packet'", mistake("[]", "t.trp"))
      assert.equal("mine/t.trp:2: layer 2 has no protocol's id",
                   mistake('{\n"packet":[{"id":"IP"},{}]}', "t.trp"))
    end)
  end)

  -- Each mistake: the text, and what is said of it.
  local mistakes = {
    { "return {\n  packet = { {\"Ether\" }\n",
      "mine/t.lua:3: '}' expected (to close '{' at line 2) near <eof>" },
    { "return 5", "mine/t.lua: a template file returns a table, this one returns a number" },
    { "local t = {}", "mine/t.lua: a template file returns a table, this one returns nothing" },
    { "local x = nil\nreturn x.y", "mine/t.lua:2: attempt to index a nil value (local 'x')" },
    { "return {}",
      "mine/t.lua: a template has either packet or build, a function that returns one" },
    { "return {\n  pakket = {},\n}", "mine/t.lua:2: a template has no 'pakket'" },
    { "return {\n  name = 5,\n  packet = {} }", "mine/t.lua:2: name is a number, not a string" },
    { "return {\n  packet = {} }", "mine/t.lua:2: packet is empty, not a list of layers" },
    { "return { packet = { { \"Ether\" },\n  { \"Nope\" } } }",
      "mine/t.lua:2: layer 2: there is no protocol 'Nope'" },
    { "return { packet = { { \"Ether\" },\n  { \"IP\",\n    dts = \"1.2.3.4\" } } }",
      "mine/t.lua:3: layer 2: IP has no field 'dts'" },
    { "return { packet = { 5 } }",
      "mine/t.lua: layer 1 is no table that begins with a protocol's id" },
    { "return { packet = { { \"IP\", { \"ttl\" } } } }",
      "mine/t.lua:1: layer 1: item 2 is no pair { field, value }" },
    { "return { packet = { { \"IP\",\n  ttl = 300 } } }", "mine/t.lua:2: IP.ttl: ", true },
    { "return { packet = { { \"IP\",\n  ttl = print } } }",
      "mine/t.lua:2: layer 1, IP.ttl: a function is no value of a field" },
    { "-- A ttl.\nreturn { packet = { { \"IP\", ttl = 3 }, { \"UDP\" },\n  { \"IP\",\n"
        .. "    ttl = 300 } } }", "mine/t.lua:4: IP.ttl: 300 is out of range: 0 to 255" },
    { "return { packet = { { \"Ether\" },\n  { \"IP\", options = { { \"Nope\", 3 } } } } }",
      "mine/t.lua:2: IPOption.copy_flag: \"Nope\" is not a number from 0 to 1" },
    { "return { packet = { { \"IP\",\n  id = { vtype = \"RANDM\" } } } }",
      "mine/t.lua:2: layer 1, IP.id: there is no vtype 'RANDM'; there are BYTES, EXPRESSION, "
        .. "MACHINE, OBJECT, RANDOM, UNDEFINED" },
    { "return { packet = { { \"IP\",\n  id = { vtype = \"EXPRESSION\", expr = \"1 +\" } } } }",
      "mine/t.lua:2: IP.id: 1 +: ", true },
    { "return { packet = { { \"DNS\",\n  qd = { { \"DNSQR\",\n qnam = \"x\" } } } } }",
      "mine/t.lua:3: layer 1, DNS.qd: DNSQR has no field 'qnam'" },
    { "local t = {} t[1] = t\nreturn { packet = { { \"IP\", options = t } } }",
      "mine/t.lua:2: layer 1, IP.options: tables nested deeper than 16" },
    { "return { packet = { { \"IP\" } }, field_engine = {\n  { \"STLVmNope\" } } }",
      "mine/t.lua:2: instruction 1: there is no instruction 'STLVmNope'" },
    { "return { packet = { { \"IP\" } }, field_engine = {\n { \"STLVmFixIpv4\", ofset = 1 } } }",
      "mine/t.lua:2: instruction 1: STLVmFixIpv4 has no parameter 'ofset'" },
    { "return { packet = { { \"IP\" } }, field_engine = {\n { \"STLVmFixIpv4\" } } }",
      "mine/t.lua:2: instruction 1: STLVmFixIpv4 needs its parameter 'offset'" },
    { "return { packet = { { \"IP\" } }, field_engine = { cache_size = -1 } }",
      "mine/t.lua:1: cache_size is no whole number from 0 up" },
    { "return { packet = { { \"IP\" } }, parameters = {\n { id = \"a\", type = \"int\" } } }",
      "mine/t.lua:2: parameter 'a': there is no type 'int'" },
    { "return { packet = { { \"IP\" } }, parameters = {\n { id = \"a\", type = \"number\" } } }",
      "mine/t.lua:2: parameter 'a': a number needs min and max, whole numbers" },
    { "return { packet = { { \"IP\" } }, parameters = { { id = \"b\", type = \"ipv4\",\n"
        .. "  default = \"1.2.3\" } } }",
      "mine/t.lua:1: parameter 'b': the default is not an address such as 192.0.2.1" },
    { "return { packet = { { \"IP\" } }, parameters = { { id = \"b\", type = \"ipv4\",\n"
        .. "  defualt = \"1.2.3.4\" } } }",
      "mine/t.lua:2: parameter 'b' has no 'defualt'" },
    { "return { packet = { { \"IP\" } }, parameters = { { id = \"1x\", type = \"ipv4\" } } }",
      "mine/t.lua:1: parameter 1 has no id that is a name in Lua" },
    { "return { packet = { { \"IP\" } }, parameters = { { id = \"b\", type = \"ipv4\" },\n"
        .. "  { id = \"b\", type = \"mac\" } } }", "mine/t.lua:1: parameter 'b' is there twice" },
    { "return { packet = { { \"IP\" } },\n  parameters = { { id = \"b\", type = \"mac\" } } }",
      "mine/t.lua:2: parameters are for build, a function: a fixed packet takes none" },
    { "return { packet = { { \"Ether\" },\n  { \"IP\", { \"ttl\", 3 },\n    ttl = 4 } } }",
      "mine/t.lua:2: layer 2: IP.ttl is set twice" },
    { "return { build = function(p)\n  return { { \"IP\", src = p.scr } }\nend }",
      "mine/t.lua:2: there is no parameter 'scr'" },
    { "return { parameters = { { id = \"a\", type = \"ipv4\" } },\n  build = function(p)\n"
        .. "  return { { \"IP\", dts = p.a } }\nend }",
      "mine/t.lua:3: layer 1: IP has no field 'dts'" },
    { "return { packet = { { 'Ether' },\n{ 'IP', ttl = hops } } }",
      "mine/t.lua:2: there is no variable 'hops'" },
    { "return {\nbuild = function() return { { 'IP', ttl = hops } } end }",
      "mine/t.lua:2: there is no variable 'hops'" },
    { "return { build = function() return nil, \"no luck\" end }", "mine/t.lua: no luck" },
    { "return { build = function() end }", "mine/t.lua: packet is a nil, not a list of layers" },
    { "return { build = function() error { code = 1 } end }",
      "mine/t.lua: it raises an object as its error, not text" },
    { "return { build = function() error() end }",
      "mine/t.lua: it raises a nil as its error, not text" },
    { "return { packet = { { \"Ether\" },\n  IP = { ttl = 3 } } }",
      "mine/t.lua:2: packet: a list of layers has no 'IP'" },
    { "local tag = nil\nreturn { packet = { { \"Ether\" }, tag, { \"IP\" } } }",
      "mine/t.lua: packet: layer 2 is nil, and more are behind it" },
    { "return { packet = { { \"IP\", [true] = 1 } } }",
      "mine/t.lua:1: layer 1: IP has no field 'true'" },
    { "return { packet = { { \"IP\" }, { \"TCP\",\n"
        .. "  options = { { \"NOP\" }, nil, { \"EOL\" } } } } }",
      "mine/t.lua:2: layer 2, TCP.options: value 2 is nil, and more are behind it" },
    { "return { packet = { { \"IP\" }, { \"TCP\",\n  options = { MSS = 1460 } } } }",
      "mine/t.lua:2: layer 2, TCP.options: a list of values has no 'MSS'" },
    { "return { packet = { { \"IP\",\n  ttl = 1 / 0 } } }",
      "mine/t.lua:2: layer 1, IP.ttl: inf is no number that a field has" },
    { "return { packet = { { \"Raw\",\n  load = { vtype = \"BYTES\", base64 = \"!\" } } } }",
      "mine/t.lua:2: layer 1, Raw.load: base64 is no text in base64" },
    { "return { packet = { { \"Raw\",\n  load = { vtype = \"EXPRESSION\" } } } }",
      "mine/t.lua:2: layer 1, Raw.load: an EXPRESSION needs its text as expr" },
    { "return { packet = { { \"IP\" } }, field_engine = { \"STLVmFixIpv4\", offset = \"IP\" } }",
      "mine/t.lua:1: field_engine: a list of instructions has no 'offset'" },
    { "return { packet = { { \"IP\" } }, parameters = {\n"
        .. "  { id = \"a\", type = \"number\", min = 2, max = 1 } } }",
      "mine/t.lua:2: parameter 'a': min 2 is above max 1" },
    { "return { packet = { { \"IP\" } }, parameters = {\n"
        .. "  { id = \"a\", type = \"text\", max = -1 } } }",
      "mine/t.lua:2: parameter 'a': max is no whole number from 1 to 65535" },
    { "return { packet = { { \"IP\" } }, parameters = {\n"
        .. "  { id = \"a\", type = \"mac\", min = 1 } } }",
      "mine/t.lua:2: parameter 'a': type \"mac\" has no min" },
    { "return { packet = { { \"IP\" } }, parameters = {\n"
        .. "  { id = \"a\", type = \"choice\", choices = { {}, {} } } } }",
      "mine/t.lua:2: parameter 'a': choices are a list of texts and numbers" },
    { "return { packet = { { \"IP\" } }, parameters = {\n"
        .. "  { id = \"a\", type = \"choice\", choices = { \"x\", nil, \"y\" } } } }",
      "mine/t.lua:2: parameter 'a': one of the choices is nil" },
    { "return { packet = { { \"IP\" } }, field_engine = {\n"
        .. "  { \"STLVmFlowVar\", name = \"t\", size = 1, op = \"inc\", max_value = 9 },\n"
        .. "  { \"STLVmWrFlowVar\", fv_name = \"ttl\", pkt_offset = \"IP.ttl\" } } }",
      "mine/t.lua:3: instruction 2: Variable ttl does not exist" },
    { "return { packet = { { \"IP\" } }, field_engine = {\n"
        .. "  { \"STLVmFlowVar\", name = \"t\", size = 1, op = \"inc\", max_value = 300 },\n"
        .. "  { \"STLVmWrFlowVar\", fv_name = \"t\", pkt_offset = \"IP.ttl\" } } }",
      "mine/t.lua:2: instruction 1: requested value 300 with size 1 is bigger than 0xff" },
    { "return { packet = { { \"IP\" } }, field_engine = {\n"
        .. "  { \"STLVmFlowVar\", name = \"t\", size = 1, op = \"inc\", max_value = 9 },\n"
        .. "  { \"STLVmFixIpv4\", offset = \"IP\" },\n"
        .. "  { \"STLVmWrFlowVar\", fv_name = \"t\", pkt_offset = \"TCP.sport\" } } }",
      "mine/t.lua:4: instruction 3: no layer TCP-0" },
    { "return { packet = { { \"IP\" } }, field_engine = {\n"
        .. "  { \"STLVmFlowVar\", name = \"t\", size = 4, op = \"inc\", max_value = 9 },\n"
        .. "  { \"STLVmFixIpv4\", offset = \"IP\" },\n"
        .. "  { \"STLVmWrFlowVar\", fv_name = \"t\", pkt_offset = 17 } } }",
      "mine/t.lua:4: instruction 3: 4 bytes at pkt_offset 17 are not within the packet's 20 "
        .. "bytes" },
    { "return { packet = { { \"IP\" } }, field_engine = {\n"
        .. "  { \"STLVmFlowVar\", name = \"t\", value_list = { vtype = \"EXPRESSION\" } } } }",
      "mine/t.lua:2: instruction 1, value_list: an EXPRESSION needs its text as expr" },
    { "return { packet = { { \"IP\" } }, field_engine = {\n"
        .. "  { \"STLVmFlowVar\", name = \"t\", init_value = { vtype = \"RANDOM\" } } } }",
      "mine/t.lua:2: instruction 1, init_value: RANDOM is for fields; here are EXPRESSION and "
        .. "OBJECT" },
    { "return { packet = { { \"IP\" } }, field_engine = {\n"
        .. "  { \"STLVmFlowVar\", name = \"t\", op = \"inc\", init_value = {\n"
        .. "    vtype = \"EXPRESSION\", expr = \"(1\" } } } }",
      "mine/t.lua:2: instruction 1: init_value: line 1 column 3: ',' or ')' expected, not the "
        .. "end" },
  }

  for i, case in ipairs(mistakes) do
    it(("finds a mistake in a template: %d, %s"):format(i, case[2]), function()
      local why = mistake(case[1])
      assert.equal(case[2], case[3] and why:sub(1, #case[2]) or why)
      -- the others are answered, and clients learn of no file
      assert(service:call("get_template", "TCP-SYN"))
      local _, err = service:call("get_template", "t")
      assert.is_nil(err and err.message:find("t.lua", 1, true))
    end)
  end

  it("leaves a broken template out of the list", function()
    put("broken.lua", "return {")
    put("good.lua", udp)
    assert.truthy(found "good")
    assert.is_nil(by_id(service:call("get_templates")).broken)
    local _, err = service:call("get_template", "broken")
    assert.equal("Scapy Server: template 'broken': it has a mistake; "
      .. "the method 'reload' says which", err.message)
  end)

  it("writes values in the form in which clients take them", function()
    put("values.lua", [[
return {
  build = function()
    return {
      { "Ether", { "type", 0x800 }, dst = "00:00:5e:00:53:01" },
      { "IP", flags = "DF", options = { { "IPOption_RR", routers = { "1.2.3.4" } },
                                        { "IPOption_NOP" } } },
      { "TCP", options = { { "MSS", 1460 }, { "NOP" }, { "SAckOK", "" },
                           { "Timestamp", { 1, 0 } } } },
      { "Raw", load = "it's \0" },
    }, { cache_size = 5, { "STLVmFlowVar", name = "v", op = "inc", value_list = { 1, 2 } } }
  end,
}
]])
    local doc = document(open(), "values")
    local function expr(text) return { vtype = "EXPRESSION", expr = text } end
    assert.same({
      { id = "Ether", fields = { { id = "type", value = "2048" },
                                 { id = "dst", value = "00:00:5e:00:53:01" } } },
      { id = "IP", fields = { { id = "flags", value = "DF" }, { id = "options",
        value = expr "[IPOption_RR(routers=['1.2.3.4']), IPOption_NOP()]" } } },
      { id = "TCP", fields = { { id = "options", value = expr
        "[('MSS', 1460), ('NOP', None), ('SAckOK', b''), ('Timestamp', (1, 0))]" } } },
      { id = "Raw", fields = { { id = "load", value = {
        vtype = "BYTES", base64 = luapkt.wire.base64 "it's \0" } } } },
    }, doc.packet)
    assert.equal("5", doc.fePrarameters.cache_size)
    assert.same({ name = "v", op = "inc", value_list = "[1, 2]" }, doc.feInstructions[1].parameters)
    assert(service:call("build_pkt", doc.packet))
    assert.is_true(service.core:check())
  end)

  it("passes value objects on", function()
    put("random.lua", 'return { packet = { { "IP", id = { vtype = "RANDOM" } } } }')
    assert.same({ { id = "id", value = { vtype = "RANDOM" } } },
                document(open(), "random").packet[1].fields)
    assert.is_true(service.core:check())
  end)

  it("passes expressions in Lua on", function()
    put("lua.lua", [[
return {
  packet = {
    { "IP", src = { vtype = "EXPRESSION", expr = "ip'10.0.0.1' + 5" },
            dst = { vtype = "EXPRESSION", expr = "randip('10.0.0.7/32')" },
            id = { vtype = "EXPRESSION", expr = "random(7, 7)" } },
    { "Raw", load = { vtype = "EXPRESSION", expr = "rep('ab', 2) .. hex'00'" } },
  },
  field_engine = {
    { "STLVmFlowVar", name = "t", size = 1, op = "inc", value_list = "seq(1, 3)" },
    { "STLVmWrFlowVar", fv_name = "t", pkt_offset = "IP.ttl" },
  },
}
]])
    local doc = document(open(), "lua")
    assert.is_true(service.core:check())
    local built = assert(service:call("build_pkt", doc.packet))
    local bytes = luapkt.wire.unbase64(built.binary)
    assert.equal(support.unhex "0007", bytes:sub(5, 6))
    assert.equal(support.unhex "0a0000060a000007" .. "abab\0", bytes:sub(13))
  end)

  it("takes expressions as parameters of the field engine", function()
    put("near.lua", [[
return {
  packet = { { "IP" } },
  field_engine = {
    { "STLVmFlowVar", name = "v", op = "inc",
      init_value = { vtype = "EXPRESSION", expr = "pkt.IP.src" },
      min_value = { vtype = "EXPRESSION", expr = "pkt.IP.src" },
      max_value = { vtype = "EXPRESSION", expr = "pkt.IP.src + 9" } },
    { "STLVmWrFlowVar", fv_name = "v", pkt_offset = "IP.src" },
  },
}
]])
    local doc = document(open(), "near")
    assert.is_true(service.core:check())
    assert.same({ vtype = "EXPRESSION", expr = "pkt.IP.src + 9" },
                doc.feInstructions[1].parameters.max_value)
    local built = assert(service:call("build_pkt_ex", doc.packet,
      { field_engine = { instructions = doc.feInstructions } }))
    local v = built.field_engine.instructions.instructions[1]
    assert.same({ 0x10000001, 0x1000000a }, { v.min_value, v.max_value })
  end)

  it("writes numbers as short as they are exact", function()
    put("real.lua", 'return { packet = { { "IP", ttl = 128 / 2 }, '
      .. '{ "UDP" }, { "NTPHeader", delay = 0.1, dispersion = 0.5 } } }')
    local doc = document(open(), "real")
    assert.same({ { id = "ttl", value = "64" } }, doc.packet[1].fields)
    assert.same({ { id = "delay", value = "0.1" }, { id = "dispersion", value = "0.5" } },
                doc.packet[3].fields)
  end)

  it("may begin with a byte order mark", function()
    put("marked.lua", "\xef\xbb\xbf" .. udp)
    assert.equal("4000", document(open(), "marked").packet[3].fields[1].value)
    assert.is_true(service.core:check())
  end)

  it("says what a function refuses, by its line but not by its file", function()
    put("picky.lua", [[
return {
  parameters = { { id = "n", type = "number", min = 0, max = 3, default = 0 } },
  build = function(p)
    if p.n == 1 then return nil, "one is too few" end
    if p.n == 2 then error "two are too many" end
    return { { "IP", ttl = p.n } }
  end,
}
]])
    local function refusal(n)
      local _, err = open():call("get_template", { id = "picky", parameters = { n = n } })
      service:close()
      service = nil
      return err and err.message
    end
    assert.is_nil(refusal(0))
    assert.equal("Scapy Server: template 'picky': one is too few", refusal(1))
    assert.equal("Scapy Server: template 'picky': line 5: two are too many", refusal(2))
    assert.is_nil(refusal(3))
  end)
end)
