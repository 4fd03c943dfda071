-- Packets as objects. Bytes are those of RFCs and of the second implementation, or built as
-- luapkt.build has them, whose own specs know the right ones.

local capture = require "spec.capture"
local luapkt  = require "luapkt"
local support = require "spec.support"

local hex, unhex = support.hex, support.unhex

local Ether, IP, TCP, UDP, ICMP = luapkt.Ether, luapkt.IP, luapkt.TCP, luapkt.UDP, luapkt.ICMP
local IPv6, Dot1Q, DNS, DNSQR, Raw = luapkt.IPv6, luapkt.Dot1Q, luapkt.DNS, luapkt.DNSQR, luapkt.Raw

-- IP and UDP of spec/protocols/udp_spec.lua, with checksums that were worked out by hand.
local udp_wire = unhex "4500001c 00010000 401166ce 0a000001 0a000002  0001 0002 0008 ebd8"

local function udp_packet()
  return IP{ src = "10.0.0.1", dst = "10.0.0.2" } / UDP{ sport = 1, dport = 2 }
end

local function error_of(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  return (tostring(err):gsub("^[^:]+:%d+: ", ""))
end

-- Bytes of memory that the process has in use.
local function resident()
  local status = assert(support.read_file "/proc/self/status")
  return tonumber(status:match "VmRSS:%s+(%d+) kB") * 1024
end

describe("a constructor", function()
  it("makes a packet, / and + put packets together", function()
    assert.equal(udp_wire, udp_packet():bytes())
    assert.equal(udp_wire, (IP{ src = "10.0.0.1", dst = "10.0.0.2" }
      + UDP{ sport = 1, dport = 2 }):bytes())
  end)

  it("takes defaults, protocols and bytes", function()
    local p = Ether / IP() / UDP{} / "abc"
    assert.equal(luapkt.build { { "Ether" }, { "IP" }, { "UDP" }, { "Raw", { load = "abc" } } },
      p:bytes())
  end)

  it("reads bytes", function()
    local p = IP(udp_wire)
    assert.equal(2, #p)
    assert.equal("10.0.0.1", p.IP.src)
    assert.equal(1, p.UDP.sport)
  end)

  it("answers bytes that are none with an error", function()
    local p, err = IP(("x"):rep(0x40001))
    assert.is_nil(p)
    assert.equal("limit", err.code)
  end)

  it("leaves what it puts together alone", function()
    local ip, udp = IP{}, UDP{}
    local p = ip / udp
    p.UDP.dport = 99
    assert.equal(1, #ip)
    assert.equal(53, udp.UDP.dport)
  end)

  it("raises for a field or value that is wrong", function()
    assert.equal('IP has no field "x"', error_of(IP, { x = 1 }))
    assert.equal("IP.ttl: 300 is out of range: 0 to 255", error_of(IP, { ttl = 300 }))
    assert.equal("bad argument #1 to 'IP' (table of fields or bytes expected, got number)",
      error_of(IP, 7))
    assert.equal("IP: fields are named", error_of(IP, { 7 }))
    assert.equal('IP has no field "true"', error_of(IP, { [true] = 7 }))
    assert.equal('IP has no field "a table"', error_of(IP, { [{}] = 7 }))
    assert.equal('IP has no field "a function"', error_of(IP, { [print] = 7 }))
    assert.equal('IP has no field "2"', error_of(IP, { [2] = 7 }))
    local _, err = luapkt.build { { "IP", 7 } }
    assert.equal("IP: a table of fields expected, got number", err.message)
    _, err = luapkt.packet { { "IP", 7 } }
    assert.equal("IP: a table of fields expected, got number", err.message)
  end)

  it("leaves modules their names, which are members as well", function()
    for _, name in ipairs { "channel_access", "field", "flow", "message", "pcap", "reliable",
      "shark", "socket" } do
      assert.equal(require("luapkt." .. name), luapkt[name])
    end
  end)

  it("is there for every protocol, and for nothing else", function()
    for id in pairs(luapkt.generation().by_id) do assert.equal(id, tostring(luapkt[id])) end
    assert.equal("luapkt has neither a function nor a protocol 'Foo'",
      error_of(function() return luapkt.Foo end))
    assert.equal("luapkt has neither a function nor a protocol 'ether', but 'Ether'",
      error_of(function() return luapkt.ether end))
  end)

  it("is a name in an imported environment", function()
    local chunk = assert(load("return IP{ ttl = 7 } / UDP{}, print", "=x", "t", luapkt.import()))
    local p, print_function = chunk()
    assert.equal(7, p.IP.ttl)
    assert.equal(print, print_function)
    local mine = { IP = 5 }
    local env = luapkt.import(mine)
    env.x = 1
    assert.same({ 5, UDP, 1 }, { env.IP, env.UDP, mine.x })
  end)
end)

describe("the layers of a packet", function()
  local p

  before_each(function()
    p = Ether{} / IP{ src = "1.1.1.1" } / IP{ src = "2.2.2.2" } / TCP{ dport = 80 } / "x"
  end)

  it("are found by id, constructor, place and number", function()
    assert.equal("1.1.1.1", p.IP.src)
    assert.equal("1.1.1.1", p[IP].src)
    assert.equal("2.2.2.2", p["IP:1"].src)
    assert.equal("TCP", p[4].kind)
    assert.is_nil(p[6])
    assert.is_nil(p["IP:2"])
    assert.is_nil(p[UDP])
    assert.is_true(p:has(TCP))
    assert.is_false(p:has "UDP")
  end)

  it("of a kind are found by what they are a kind of", function()
    local q = IPv6{} / luapkt.ICMPv6EchoRequest{}
    assert.equal("ICMPv6EchoRequest", q.ICMPv6EchoRequest.kind)
  end)

  it("raise by names that no protocol has", function()
    assert.equal("there is no protocol 'tcp', but 'TCP'", error_of(function() return p.tcp end))
    assert.equal("there is no protocol 'ttl'; IP has such a field: p.IP.ttl",
      error_of(function() return p.ttl end))
    assert.equal("there is no protocol 'nothing'", error_of(function() return p.nothing end))
    assert.equal("a layer is named by its place, id or protocol, not by a boolean",
      error_of(function() return p[true] end))
  end)

  it("are iterated over and counted", function()
    local kinds = {}
    for layer in p:layers() do kinds[layer.place] = layer.kind end
    assert.same({ "Ether", "IP", "IP", "TCP", "Raw" }, kinds)
    assert.equal(5, #p)
  end)

  it("may be removed while they are iterated over", function()
    local q = Ether{} / Dot1Q{} / Dot1Q{} / Dot1Q{} / IP{}
    for layer in q:layers() do
      if layer.kind == "Dot1Q" then q:remove(layer) end
    end
    assert.same({ 2, "IP" }, { #q, q[2].kind })
    local seen = 0
    for layer in (Ether{} / Dot1Q{} / IP{}):layers() do
      seen = seen + 1
      if layer.kind == "Ether" then layer.packet:remove(2) end
    end
    assert.equal(2, seen)
  end)

  it("are inserted, and what is below says so", function()
    local q = luapkt.packet((Ether{} / IP{} / UDP{}):bytes())
    assert.equal(0x800, q.Ether.type)
    q:insert(2, Dot1Q{ vlan = 5 })
    assert.same({ 0x8100, 0x800 }, { q.Ether.type, q.Dot1Q.type })
    q:remove(Dot1Q)
    assert.equal(hex((Ether{} / IP{} / UDP{}):bytes()), hex(q:bytes()))
  end)

  it("stay as they are said to be where that was meant", function()
    local q = Ether{ type = 0x1234 } / IP{}
    q:insert(2, Dot1Q{})
    assert.equal(0x1234, q.Ether.type)
  end)

  it("leave what is below as it was read where nothing says it anew", function()
    local function ends(q) return { q.TCP.sport, q.TCP.dport } end
    local response = Ether{} / IP{} / TCP{ sport = 80, dport = 5555 } / "HTTP/1.1 200 OK\r\n\r\n"
    local q = luapkt.packet(response:bytes())
    assert.equal("HTTP_Response", q[4].kind)
    q[4] = "HTTP/1.1 200 odd\r\n\r\n"
    assert.same({ 80, 5555 }, ends(q))
    q:remove(4)
    assert.same({ 80, 5555 }, ends(q))
    local report = "\x16\0\x09\x04\xe0\0\0\xfb" -- IGMPv2, of 224.0.0.251
    local igmp = IP{ ttl = 1, tos = 0xc0, dst = "224.0.0.22", proto = 2 } / report
    q = luapkt.packet(igmp:bytes(), "IP")
    q[2] = "odd"
    assert.same({ 1, 0xc0, "224.0.0.22", 2 }, { q.IP.ttl, q.IP.tos, q.IP.dst, q.IP.proto })
    local frozen = q:copy():freeze()
    q[2] = UDP{}
    assert.same({ 1, 0xc0, "224.0.0.22", 17 }, { q.IP.ttl, q.IP.tos, q.IP.dst, q.IP.proto })
    frozen:remove(2)
    frozen:freeze():append(UDP{})
    assert.equal(2, frozen.IP.proto)
  end)

  it("don't take a frame's address with them", function()
    -- IEEE 802.1AB-2016 table 7-1: the nearest customer bridge's, which isn't what building sets
    local tlvs = "\2\7\4\0\1\x30\xf9\xad\xa0\4\4\5\x31\x2f\x31\6\2\0\x78\0\0"
    for _, dst in ipairs { "\1\x80\xc2\0\0\x0e", "\1\x80\xc2\0\0\0" } do
      local head = dst .. "\0\1\x30\xf9\xad\xa0"
      local bytes = head .. "\x88\xcc" .. tlvs
      local q = luapkt.packet(bytes)
      q:insert(2, Dot1Q{ vlan = 5 })
      assert.equal(hex(head .. "\x81\0\0\5\x88\xcc" .. tlvs), hex(q:bytes()))
      q:remove(Dot1Q)
      assert.equal(hex(bytes), hex(q:bytes()))
    end
  end)

  it("are removed and replaced by assignment", function()
    p[2] = nil
    assert.equal("2.2.2.2", p.IP.src)
    p.TCP = UDP{ dport = 53 }
    assert.equal(4, #p)
    assert.equal(17, p.IP.proto)
    p[5] = "yz"
    assert.equal("yz", p[5].load)
    p.ICMP = nil
    assert.equal(5, #p)
    assert.equal("the packet has no layer 9 to replace", error_of(function() p[9] = Raw{} end))
    local none, err = p:remove "ICMP"
    assert.is_nil(none)
    assert.equal("unknown", err.code)
  end)

  it("fail cleanly once they are removed", function()
    local layer, kept = p.IP, p.TCP
    p:remove(IP)
    assert.equal("the layer was removed from its packet", error_of(function() return layer.src end))
    local function assign() layer.src = "1.2.3.4" end
    assert.equal("the layer was removed from its packet", error_of(assign))
    assert.truthy(error_of(kept.show, layer, "src"):find(
      "the layer was removed from its packet", 1, true))
    assert.equal("(a layer that was removed)", tostring(layer))
    assert.equal(80, kept.dport)
    assert.equal(3, kept.place)
  end)

  it("come below Padding on top of what was read", function()
    local frame = (Ether{} / IP{}):bytes() .. ("\0"):rep(26)
    local q = luapkt.packet(frame)
    assert.equal("Padding", q[3].kind)
    q = q:recompute() / UDP{}
    assert.equal("UDP", q[3].kind)
    assert.equal(28, q.IP.len)
    assert.equal(#frame + 8, #q:bytes())
  end)

  it("are at most 128", function()
    local q = IP{}
    for _ = 1, 7 do q = q / q end
    assert.equal(128, #q)
    assert.equal("a packet holds at most 128 layers", error_of(function() return q / IP{} end))
    assert.equal("a packet holds at most 128 layers", error_of(q.insert, q, 1, IP{}))
  end)

  it("may be a packet's own", function()
    local q = IP{} / UDP{}
    q:insert(1, q)
    assert.equal(4, #q)
    local r = q.UDP / "x"
    assert.same({ 2, "UDP" }, { #r, r[1].kind })
  end)
end)

describe("a wrong call", function()
  -- The message, and in which line from 'first' on.
  local function where(f)
    local first = debug.getinfo(f, "S").linedefined
    local ok, err = pcall(f)
    assert.is_false(ok)
    local line, message = err:match "packet_spec%.lua:(%d+): (.*)$"
    return message and { message, line - first } or err
  end

  it("says in which line it is", function()
    local p, other, both = udp_packet(), udp_packet(), {}
    both[1], both[2] = both, both
    local q = udp_packet()
    local gone = q.UDP
    q:remove(UDP)
    local range = "IP.ttl: 300 is out of range: 0 to 255"
    local function inner()
      local unmade = IP{ ttl = 300 }
      return unmade
    end
    assert.same({ range, 1 }, where(inner))
    assert.same({ range, 1 }, where(function()
      p.IP.ttl = 300
    end))
    for message, f in pairs {
      ['IP has no field "nix"'] = function() return (p.IP:get "nix") end,
      ['UDP has no field "nix"'] = function() p.UDP:put("nix", 1) end,
      ["bad argument #1 to '/' (packet, protocol or bytes expected, got number)"] =
        function() return 5 / IP{} end,
      ["bad argument #2 to 'insert' (place of 1 to 3 expected, got 9)"] =
        function() p:insert(9, "x") end,
      ["the packet has no layer UDP of another packet to replace"] =
        function() p[other.UDP] = TCP{} end,
      ["IP.ttl: a function is no value of a field"] = function() return (IP{ ttl = print }) end,
      ["UDP.sport: a thread is no value of a field"] =
        function() p.UDP.sport = coroutine.create(print) end,
      ["IP.options: tables nested deeper than 64"] = function() p.IP.options = both end,
      ["IP is a protocol: of a packet p, p.IP.ttl is set"] = function() IP.ttl = 5 end,
      ["bad argument #3 to 'diff' (list of names expected, got string)"] =
        function() p:diff(p, "IP.id") end,
      ["bad argument #1 to 'bytes' (layer expected, got nil)"] =
        function() luapkt.layer.bytes() end,
      ["bad argument #1 to 'range' (layer expected, got packet)"] =
        function() luapkt.layer.range(p) end,
      ["bad argument #1 to 'has' (layer expected, got number)"] =
        function() luapkt.layer.has(5, "ttl") end,
      ["the layer was removed from its packet"] = function() p:append(gone) end,
      ["bad argument #1 to 'build' (table expected, got nil)"] =
        function() luapkt.build(nil) end,
      ["bad argument #1 to 'dissect' (string expected, got number)"] =
        function() luapkt.dissect(5) end,
      ["there is no protocol 'Nope'"] = function() luapkt.dissect("x", "Nope") end,
      ["there is no protocol 'Nix'"] = function() luapkt.rebuild("x", "Nix") end,
      ["bad argument #1 to 'plan' (string expected, got table)"] =
        function() luapkt.plan{} end,
      ["bad argument #1 to 'load' (folder 2 is a number)"] =
        function() luapkt.load{ luapkt.folder(), 5 } end,
    } do
      assert.same({ message, 0 }, where(f))
    end
    assert.equal("bad argument #1 to 'load' (list of folders expected, got nil)",
      error_of(luapkt.load))
  end)
end)

describe("the value of a field", function()
  local function built(fields)
    local bytes, err = luapkt.build { { "IP", fields } }
    assert.is_nil(bytes)
    return err.message
  end

  it("is nothing that has no form in a packet", function()
    assert.equal("IP.ttl: a function is no value of a field", built { ttl = print })
    assert.equal("IP.options: a function is no value of a field", built { options = { { print } } })
    assert.equal("IP.options: a: a function is no value of a field",
      built { options = { { a = print } } })
    assert.equal('IP."a b": a thread is no value of a field',
      built { ["a b"] = coroutine.create(print) })
  end)

  it("isn't nested without end", function()
    local both = {}
    both[1], both[2] = both, both
    assert.equal("IP.options: tables nested deeper than 64", built { options = both })
    both[3] = IP{}
    assert.equal("IP.options: tables nested deeper than 64", error_of(IP, { options = both }))
    local ok, err = (IP{}).IP:put("options", both) -- what can be expected to fail is answered
    assert.is_nil(ok)
    assert.equal("IP.options: tables nested deeper than 64", err.message)
  end)
end)

describe("a field", function()
  it("is set, read, and made automatic again", function()
    local p = udp_packet()
    p.IP.ttl = 3
    assert.equal(3, p.IP.ttl)
    assert.equal(28, p.IP.len)
    p.IP.len = 99
    assert.equal(99, p.IP.len)
    p.IP.len, p.IP.ttl = nil, nil
    assert.equal(udp_wire, p:bytes())
  end)

  it("raises where it isn't, or can't be that", function()
    local p = udp_packet()
    assert.equal('IP has no field "tll"', error_of(function() p.IP.tll = 3 end))
    assert.equal('IP has no field "tll"', error_of(function() return p.IP.tll end))
    assert.equal('IP.src: "nowhere" is not an IPv4 address such as 10.0.0.1',
      error_of(function() p.IP.src = "nowhere" end))
    assert.equal(udp_wire, p:bytes())
  end)

  it("of a list is empty where nothing of it is missing", function()
    for _, case in ipairs {
      { IP{} / TCP{}, "options" }, { IP{} / TCP{} / "x", "options", 2 },
      { IP{} / luapkt.OSPF{} / luapkt.OSPF_Hello{}, "neighbors" }, { IP{} / UDP{} / DNS{}, "qd" },
      { IP{} / luapkt.SCTP{} / luapkt.SCTPChunkInit{}, "params" },
    } do
      local built = case[1]
      local place = case[3] or #built
      for _, p in ipairs { built, IP(built:bytes()) } do
        assert.same({}, p[place][case[2]])
      end
    end
    -- 12 bytes of options (RFC 9293 section 3.1), and none of them
    assert.is_nil(IP((IP{} / TCP{ dataofs = 8 }):bytes()).TCP.options)
    assert.truthy(tostring(TCP{}):find("options: {}", 1, true))
  end)

  it("answers with an error where that is asked for", function()
    local p = udp_packet()
    local ok, err = p.IP:put("ttl", 300)
    assert.is_nil(ok)
    assert.same({ code = "value", message = "IP.ttl: 300 is out of range: 0 to 255" }, err)
    assert.is_true(p.IP:put("ttl", 30))
    assert.equal(30, p.IP:get "ttl")
  end)

  it("of the protocol goes before what all layers have", function()
    local p = ICMP{ type = 8, id = 123 }
    assert.equal(123, p.ICMP.id)
    local added = Raw{}.Raw
    assert.same({ "Raw", 1 }, { added.kind, added.place })
  end)

  it("takes names, flags, addresses as bytes and the server's forms", function()
    local p = Ether{ src = "\0\1\2\3\4\5" } / IP{ proto = "udp", flags = "DF" }
      / TCP{ flags = "SA" }
    assert.equal("00:01:02:03:04:05", p.Ether.src)
    assert.same({ 17, 2, 0x12 }, { p.IP.proto, p.IP.flags, p.TCP.flags })
    p.IP.src = { vtype = "BYTES", base64 = "AQIDBA==" }
    assert.equal("1.2.3.4", p.IP.src)
    p.IP.ttl = { vtype = "RANDOM" }
    assert.is_true(p.IP.ttl <= 255)
    p.IP.ttl = { vtype = "UNDEFINED" }
    assert.equal(64, p.IP.ttl)
  end)

  it("may be a list of options", function()
    local p = TCP{ options = { { "MSS", 1460 }, { "NOP" }, { "WScale", 7 } } }
    assert.equal("MSS", p.TCP.options[1][1])
    assert.equal(28, #p:bytes())
    p.TCP.options = "\1\1\1\0"
    assert.equal("\1\1\1\0", p:bytes():sub(21))
    p.TCP.options = p.TCP.options
    assert.equal("\1\1\1\0", p:bytes():sub(21))
  end)

  it("may hold packets", function()
    local p = DNS{ qd = DNSQR{ qname = "x.org" } / DNSQR{ qname = "y.org", qtype = "MX" } }
    assert.equal("x.org", p.DNS.qd[1].qname)
    assert.equal(15, p.DNS.qd[2].qtype)
    assert.equal(2, p.DNS.qdcount)
    local questions = p.DNS.qd
    questions[1].qname = "example.com"
    p.DNS.qd = questions
    assert.equal("\7example\3com\0", p:bytes():sub(13, 25))
    local q = IP{ options = { luapkt.IPOption_RR{ routers = { "1.2.3.4" } } } }
    assert.equal("1.2.3.4", q.IP.options[1].routers[1])
  end)

  it("of names that are written anew, compressed, is right when it is written again", function()
    local read = luapkt.packet(DNS{ qd = DNSQR{ qname = "a.example.org" }, an = luapkt.DNSRR{
      rrname = "a.example.org", rdata = "1.2.3.4" }, compress = true }:bytes(), "DNS")
    local long = read.DNS.an
    read.DNS.qd = DNSQR{ qname = "other.net" } -- so that the answer's pointer leads elsewhere
    local bytes = read:bytes()
    assert.equal("a.example.org.", luapkt.packet(bytes, "DNS").DNS.an[1].rrname)
    -- copied, the answer is longer than what it was read from, as sanitizers would see
    assert.equal(hex(bytes), hex((UDP{} / read):bytes():sub(9)))
    read.DNS.an = long
    assert.equal(hex(bytes), hex(read:bytes()))
  end)

  it("is shown with its place, its names and where its value is from", function()
    local p = luapkt.packet((Ether{} / IP{} / TCP{ flags = "S", dport = 80 }):bytes())
    p.TCP.sport = 1234
    p.TCP.chksum = nil
    local by_id = {}
    for field in p.TCP:fields() do by_id[field.id] = field end
    assert.equal("S", p.TCP:show "flags")
    assert.same({ 2, "S", 103, 9 }, { by_id.flags.value, by_id.flags.text, by_id.flags.bit_offset,
      by_id.flags.bit_length })
    assert.same({ "set", "auto", 16, 2 },
      { by_id.sport.state, by_id.chksum.state, by_id.chksum.offset, by_id.dport.offset })
  end)

  it("holds 64 bits, also where Lua has them below 0", function()
    local p = luapkt.NTPHeader{}
    for field in p[1]:fields() do
      if field.id == "recv" then p[1].recv = field.value end
    end
    assert.equal(p:bytes(), p:copy():bytes())
  end)

  it("holds them in lists and in one of several forms, too", function()
    local large = 0x8006000000000000
    local communities = luapkt.BGP_ExtendedCommunities { communities = { large } }
    assert.equal(unhex "8006000000000000", communities:bytes():sub(-8))
    local frame = luapkt.Dot15d4 { fcf_srcaddrmode = 3 } / luapkt.Dot15d4Data { src_addr = large }
    assert.equal(unhex "0000000000000680", frame:bytes():sub(-8))
  end)

  it("takes a UUID's bytes, which are its value", function()
    local bytes = unhex "00112233445566778899aabbccddeeff"
    local p = luapkt.DUID_UUID { uuid = bytes }
    assert.equal(bytes, p.DUID_UUID.uuid)
    p.DUID_UUID.uuid = p.DUID_UUID.uuid
    assert.equal(unhex "0004" .. bytes, p:bytes())
    local att = luapkt.ATT_Handle_UUID128 { value = bytes }
    assert.equal(unhex "0000" .. bytes, att:bytes())
  end)

  it("keeps its value when much is assigned, in bounded memory", function()
    local p = IP{} / UDP{} / Raw{}
    local texts = {} -- made before: of texts that are garbage, Lua leaves as many as it has others
    for i = 1, 10 do texts[i] = ("x"):rep(60000) .. 999 + i end
    collectgarbage()
    local before = resident()
    for i = 0, 1999 do p.Raw.load = texts[i % 10 + 1] end
    assert.equal(texts[10], p.Raw.load)
    assert.equal(60032, p.IP.len)
    local limit = support.is_sanitized() and 512 or 8 -- sanitizers keep freed memory for a while
    assert.is_true(resident() - before < limit << 20)
  end)
end)

describe("packets made while others are kept", function()
  local bytes = (IP{} / UDP{ sport = 1, dport = 1 } / "abc"):bytes()
  local mode

  -- How much more than what is in use, and as much again, which Lua leaves garbage for, its memory
  -- is in MiB, at most, and how much resident memory grows, while 'make' is called so often.
  local function measure(times, make)
    local kept, most = {}, 0
    for i = 1, 2000 do kept[i] = IP(bytes) end
    collectgarbage()
    local before, resident_before = collectgarbage "count", resident()
    for i = 1, times do
      make(i)
      most = math.max(most, collectgarbage "count")
    end
    assert.equal(2000, #kept)
    local garbage = before / 1024
    return (most - before) / 1024 - garbage,
      (resident() - resident_before) / (1 << 20) - garbage
  end

  after_each(function()
    collectgarbage(mode)
    collectgarbage()
  end)

  for _, collector in ipairs { "incremental", "generational" } do
    it("are collected as fast by a collector that is " .. collector, function()
      mode = collectgarbage(collector)
      assert.is_true(measure(30000, function() IP(bytes) end) < 64)
    end)

    it("give back what they have beside, by a collector that is " .. collector, function()
      mode = collectgarbage(collector)
      local large = ("x"):rep(20000)
      local p
      local _, beside = measure(6000, function(i)
        p = IP(bytes)
        local function enlarge() p.Raw.load = large end
        if i % 2 == 0 then coroutine.wrap(enlarge)() else enlarge() end
        assert.equal(20028, #p:copy():bytes())
      end)
      assert.equal(large, p.Raw.load)
      assert.is_true(beside < (support.is_sanitized() and 512 or 96))
    end)
  end
end)

describe("a layer", function()
  it("has a range, bytes and a payload", function()
    local p = Ether{} / IP(udp_wire) / ("\0"):rep(0)
    assert.same({ 14, 20 }, { p.IP:range() })
    assert.equal(udp_wire:sub(1, 20), p.IP:bytes())
    assert.equal(udp_wire:sub(21), p.IP:payload())
    local padded = luapkt.packet((Ether{} / IP(udp_wire)):bytes() .. ("\0"):rep(18))
    assert.equal(udp_wire:sub(21), padded.IP:payload())
    assert.equal(padded, padded.IP.packet)
  end)

  it("prints as a tree", function()
    local text = tostring(IP(udp_wire))
    assert.truthy(text:find("IP (IPv4), 20 bytes at 0\n  version: 4\n", 1, true))
    assert.truthy(text:find("  proto: udp (17)\n  chksum: 0x66ce\n  src: 10.0.0.1\n", 1, true))
    assert.truthy(tostring(IP(udp_wire).UDP):find "^UDP.-, 8 bytes at 20\n  sport: 1\n")
  end)
end)

describe("a packet", function()
  it("is equal to one with the same bytes", function()
    assert.is_true(udp_packet() == IP(udp_wire))
    assert.is_false(udp_packet() == IP{})
  end)

  it("dumps its bytes", function()
    assert.equal("0000  45 00 00 1c 00 01 00 00 40 11 66 ce 0a 00 00 01   E.......@.f.....\n"
      .. "0010  0a 00 00 02 00 01 00 02 00 08 eb d8" .. (" "):rep(15) .. "............",
      udp_packet():hexdump())
  end)

  it("can be frozen", function()
    local p = udp_packet():freeze()
    p.IP.ttl = 1
    assert.same({ 0x66ce, 28 }, { p.IP.chksum, p.IP.len })
    p.UDP = nil
    assert.equal(28, p.IP.len)
  end)

  it("recomputes lengths and checksums that were read", function()
    local p = IP(udp_wire) / "abcd"
    p.IP.ttl = 3
    assert.same({ 28, 0x66ce }, { p.IP.len, p.IP.chksum })
    p:recompute()
    local wanted = IP{ src = "10.0.0.1", dst = "10.0.0.2", ttl = 3 }
      / UDP{ sport = 1, dport = 2 } / "abcd"
    assert.equal(wanted, p)
  end)

  -- RFC 791: the option is its three first bytes and four an address
  it("recomputes those of packets in fields", function()
    local option = { length = 3, routers = { "1.1.1.1" } }
    local p = IP{ options = { luapkt.IPOption_RR(option) } }
    assert.equal("070304", hex(p:bytes()):sub(41, 46))
    assert.equal("070704", hex(p:recompute():bytes()):sub(41, 46))
    p = IP(p:bytes())
    p.IP.options = "\7\3\4\1\1\1\1\0" -- bytes are meant as they are
    assert.equal("0703040101010100", hex(p:recompute():bytes()):sub(41))
  end)

  -- RFC 792: an error quotes the header and 64 bits, of 40 bytes here.
  it("recomputes nothing that is about bytes which an error doesn't quote", function()
    local syn = IP{ src = "10.0.0.1", dst = "8.8.8.8", ttl = 1 } / TCP{ sport = 33000, dport = 443 }
    local bytes = (IP{} / ICMP{ type = "time-exceeded" } / syn:bytes():sub(1, 28)):bytes()
    local p = luapkt.packet(bytes, "IP")
    assert.is_true(p:check().right)
    assert.equal(hex(bytes), hex(p:recompute():bytes()))
    p.IPerror.chksum = 1 -- the quoted header is there
    assert.equal(hex(bytes), hex(p:recompute():bytes()))
  end)

  it("recomputes a frame that was cut as far as it goes", function()
    local whole = (Ether{} / IP{} / TCP{}):bytes()
    for n = 34, #whole do
      local p = luapkt.packet(whole:sub(1, n), "Ether"):recompute()
      assert.same({ n, n - 14, #whole == n }, { #p:bytes(), p.IP.len, p:bytes() == whole })
      assert.is_true(not p.TCP or n < 48 or p.TCP.dataofs == 5)
    end
  end)

  -- RFC 791: the length and the checksum are the whole datagram's, RFC 768.
  it("recomputes nothing of a datagram of which a piece is there", function()
    local whole = IP{} / UDP{ sport = 9999, dport = 9999 } / ("x"):rep(100)
    local piece = IP{ proto = 17, flags = "MF" } / whole:bytes():sub(21, 84)
    local p = luapkt.packet(piece:bytes(), "IP")
    assert.is_true(p:check().right)
    assert.equal(hex(piece:bytes()), hex(p:recompute():bytes()))
    p.UDP.dport = 9998
    assert.same({ 108, whole.UDP.chksum }, { p:recompute().UDP.len, p.UDP.chksum })
    p = luapkt.packet((IPv6{} / luapkt.IPv6ExtHdrFragment{ nh = 17, m = 1 }
      / whole:bytes():sub(21, 84)):bytes(), "IPv6")
    assert.same({ 108, 64 + 8 }, { p:recompute().UDP.len, p.IPv6.plen })
  end)

  -- RFC 4191 section 2.3: the length decides how much of the prefix is there.
  it("recomputes no length that decides what there is", function()
    local bytes = (IPv6{} / luapkt.ICMPv6ND_RA{}
      / luapkt.ICMPv6NDOptRouteInfo{ len = 3, plen = 64, prefix = "2001:db8::" }):bytes()
    assert.equal(hex(bytes), hex(luapkt.packet(bytes, "IPv6"):recompute():bytes()))
  end)

  -- IEEE 802.3 section 79.3.2: 7 bytes, and 5 more of later versions.
  it("makes up no fields of a shorter form", function()
    local bytes = unhex "fe07 00120f 02 07 01 01"
    assert.equal(hex(bytes), hex(luapkt.packet(bytes, "LLDP_8023_PowerViaMDI"):recompute():bytes()))
  end)

  it("recomputes what was frozen or changed since", function()
    local p = IP(udp_wire)
    p.IP.chksum = 1
    p = IP(p:bytes()):recompute():freeze()
    assert.equal(hex(udp_wire), hex(p:bytes()))
    p:recompute().UDP.dport = 3
    assert.equal(IP{ src = "10.0.0.1", dst = "10.0.0.2" } / UDP{ sport = 1, dport = 3 }, p)
  end)

  -- The sum of RFC 2328 section 12.1.7 in the middle of a packet that was read, which covers it.
  it("recomputes what was read of packets in fields, however deep", function()
    local right = IP{} / luapkt.OSPF{} / luapkt.OSPF_LSUpdate{ lsas = {
      luapkt.OSPF_RouterLSA{ links = { luapkt.OSPF_Link{}, luapkt.OSPF_Link{ ntos = 0 } } },
      luapkt.OSPF_NetworkLSA{ routers = { "1.2.3.4" } },
    } }
    local bytes = right:bytes()
    local at = bytes:find("\xff\xff\xff\0\1\2\3\4", 1, true) + 3 -- in the second one's mask
    local wrong = bytes:sub(1, at - 1) .. "\x80" .. bytes:sub(at + 1)
    local p = IP(wrong)
    local changed = right:copy()
    changed.OSPF_LSUpdate.lsas = {
      luapkt.OSPF_RouterLSA{ links = { luapkt.OSPF_Link{}, luapkt.OSPF_Link{} } },
      luapkt.OSPF_NetworkLSA{ network_mask = "255.255.255.128", routers = { "1.2.3.4" } },
    }
    assert.equal(hex(changed:bytes()), hex(p:recompute():bytes()))
    assert.are_not.equal(hex(wrong), hex(p:bytes()))
    assert.equal(hex(bytes), hex(IP(bytes):recompute():bytes()))
  end)

  it("that can't be built answers with an error", function()
    local p = UDP{} / Raw{ load = ("x"):rep(0x40000) }
    local bytes, err = p:bytes()
    assert.is_nil(bytes)
    assert.equal("limit", err.code)
    assert.is_nil(p.UDP.len)
    assert.equal(53, p.UDP.dport)
    assert.truthy(tostring(p):find "^%(can't be built: ")
    for method in ("to_json to_lua to_scapy hexdump freeze check identical"):gmatch "%S+" do
      local none, why = p[method](p)
      assert.is_nil(none)
      assert.equal("limit", why.code, method)
    end
  end)

  it("is made of a list", function()
    assert.equal(udp_packet(), luapkt.packet {
      { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } },
      { id = "UDP", fields = { sport = 1, dport = 2 } },
    })
    assert.equal(udp_packet(), luapkt.packet { udp_packet().IP, UDP{ sport = 1, dport = 2 } })
    local none, err = luapkt.packet { { "IP", { ttl = 300 } } }
    assert.is_nil(none)
    assert.equal("IP.ttl: 300 is out of range: 0 to 255", err.message)
    none, err = luapkt.packet { { "Nope" } }
    assert.is_nil(none)
    assert.equal('there is no protocol "Nope"', err.message)
    assert.equal("", luapkt.packet({}):bytes())
    assert.equal('{"binary":null,"data":[]}', luapkt.packet({}):to_json())
    none, err = luapkt.packet({}):to_lua()
    assert.is_nil(none)
    assert.equal("the packet has no layers", err.message)
  end)

  it("is read by a capture's link type, or as a protocol", function()
    assert.equal("Ether", luapkt.packet((Ether{} / IP{}):bytes(), 1)[1].kind)
    assert.equal("Raw", luapkt.packet(udp_wire, 65000)[1].kind)
    assert.equal("IP", luapkt.packet(udp_wire, IP)[1].kind)
    local none, err = luapkt.packet(udp_wire, "Nope")
    assert.is_nil(none)
    assert.equal("unknown", err.code)
  end)

  it("is read as the caller says", function()
    local bytes = (IP{} / UDP{ sport = 9, dport = 8053 } / DNS{ qd = DNSQR{} }):bytes()
    assert.equal("Raw", luapkt.packet(bytes, "IP")[3].kind)
    local p = luapkt.packet(bytes, "IP", { decode = { UDP = { [8053] = "DNS" } } })
    assert.equal("DNS", p[3].kind)
    assert.equal(1, p.DNS.qdcount)
    assert.equal(bytes, p:bytes())
    for _, name in ipairs { "udp", UDP } do
      p = luapkt.packet(bytes, "IP", { decode = { [name] = { [8053] = "dns" } } })
      assert.equal("DNS", p[3].kind)
    end
    p = luapkt.packet(bytes, "IP", { decode = { ["IP.proto"] = { [17] = Raw } } })
    assert.same({ 2, "Raw" }, { #p, p[2].kind })
    assert.equal(bytes, p:bytes())
  end)

  it("raises where what the caller says can't be", function()
    local function raised(options, id)
      return error_of(function() return luapkt.packet(udp_wire, id or "IP", options) end)
    end
    for message, rules in pairs {
      ["decode: there is no protocol 'nope'"] = { nope = {} },
      ['decode: IP has no field "prot"'] = { ["IP.prot"] = {} },
      ["decode: rules are by protocols and fields, not by a boolean"] = { [true] = {} },
      ["decode: of UDP a table of protocols by values expected, got number"] = { UDP = 5 },
      ["decode: a table of rules expected"] = 5,
      ["decode: of UDP a port of 0 to 65535 expected, got '53'"] = { UDP = { ["53"] = "DNS" } },
      ["decode: of UDP a port of 0 to 65535 expected, got 70000"] = { udp = { [70000] = "DNS" } },
      ["decode: of TCP a port of 0 to 65535 expected, got 80.5"] = { TCP = { [80.5] = "HTTP" } },
      ["decode: IP has no ports; ['IP.FIELD'] names a field"] = { IP = { [17] = "TCP" } },
    } do
      assert.equal(message, raised { decode = rules })
    end
    assert.equal("bad argument #3 to 'packet' (there is no option 'decod')", raised { decod = {} })
    assert.equal("bad argument #2 to 'packet' (protocol or LINKTYPE expected, got table)",
      raised(nil, {}))
    assert.equal("bad argument #2 to 'packet' (LINKTYPE of 0 to 65535 expected, got 70000)",
      raised(nil, 70000))
    assert.equal("'dissect' takes no options: 'packet' does",
      error_of(function() luapkt.dissect(udp_wire, "IP", {}) end))
  end)

  it("keeps Padding when something else is read otherwise", function()
    local bytes = (Ether{} / IP{} / UDP{ sport = 9, dport = 8053 } / "abc"):bytes()
      .. ("\0"):rep(15)
    local p = luapkt.packet(bytes, "Ether", { decode = { UDP = { [9] = "DNS" } } })
    assert.equal("Padding", p[#p].kind)
    assert.equal(hex(bytes), hex(p:bytes()))
  end)
end)

describe("check", function()
  it("tells what is right, wrong, and what it would be", function()
    local p = IP(udp_wire)
    assert.is_true(p:check().right)
    p.UDP.dport = 3
    local check = p:check()
    assert.is_false(check.right)
    local by = {}
    for _, entry in ipairs(check) do by[entry.kind .. "." .. entry.field] = entry end
    assert.is_true(by["IP.len"].right)
    assert.is_true(by["IP.chksum"].right)
    assert.same({ false, 0xebd8, 0xebd7, 26, 2 }, { by["UDP.chksum"].right, by["UDP.chksum"].value,
      by["UDP.chksum"].expected, by["UDP.chksum"].offset, by["UDP.chksum"].size })
    assert.same({ offset = 20, size = 8, pseudo = true }, by["UDP.chksum"].covers)
    assert.same({ offset = 0, size = 20 }, by["IP.chksum"].covers)
    assert.equal("length", by["UDP.len"].what)
  end)

  it("judges each field by the others as they are", function()
    local p = udp_packet()
    p.IP.len = 20
    local by = {}
    for _, entry in ipairs(p:check()) do by[entry.kind .. "." .. entry.field] = entry end
    assert.same({ false, 28 }, { by["IP.len"].right, by["IP.len"].expected })
    assert.is_true(by["IP.chksum"].right) -- it is that of the wrong length
  end)

  it("takes the length in UDP's pseudo-header from UDP, whatever IP holds behind it", function()
    local bytes = unhex [[ 45000020 00010000 401166ca 0a000001 0a000002
                           0001 0002 0008 ebd8  78787878 ]] -- RFC 768: length 8
    local p = luapkt.packet(bytes, "IP")
    local entries = p:check()
    assert.equal("UDP.chksum", entries[#entries].kind .. "." .. entries[#entries].field)
    assert.same({ true, 0xebd8 }, { entries[#entries].right, entries[#entries].expected })
  end)

  it("knows a checksum that was left out, RFC 768, and that IPv6 has none such", function()
    local p = IP{} / UDP{ chksum = 0 }
    local entries = p:check()
    local sum = entries[#entries]
    assert.same({ "chksum", true, true }, { sum.field, sum.right, sum.unused })
    entries = (IPv6{} / IP{} / UDP{ chksum = 0 }):check() -- the network layer right below counts
    sum = entries[#entries]
    assert.same({ "chksum", true, true }, { sum.field, sum.right, sum.unused })
    entries = (IPv6{} / UDP{ chksum = 0 }):check()
    sum = entries[#entries]
    assert.same({ "chksum", false }, { sum.field, sum.right })
  end)
end)

describe("diff", function()
  it("names the fields that differ", function()
    local p, q = udp_packet(), udp_packet()
    assert.same({}, p:diff(q))
    q.IP.ttl = 3
    local found = p:diff(q)
    assert.same({ layer = 1, kind = "IP", field = "ttl", a = 64, b = 3,
      a_text = "64", b_text = "3" }, found[1])
    assert.same({ 2, "chksum" }, { #found, found[2].field })
    assert.same({}, p:diff(q, { "IP.ttl", "chksum" }))
    assert.same({}, p:diff(q, { "IP" }))
  end)

  it("names no fields that take the same bytes", function()
    for _, p in ipairs {
      IP{} / TCP{}, IP{} / UDP{} / DNS{ qd = DNSQR{ qname = "x.org" } },
      IP{} / UDP{} / luapkt.BOOTP{ chaddr = "00:11:22:33:44:55" },
      IP{} / luapkt.OSPF{ authtype = 1, auth = "pw" },
    } do
      local q = IP(p:bytes())
      assert.same({ {}, {} }, { p:diff(q), q:diff(p) })
    end
  end)

  it("names layers that differ", function()
    local found = (IP{} / UDP{}):diff(IP{} / TCP{} / "x", { "IP" })
    assert.same({ layer = 2, a = "UDP", b = "TCP", a_text = "UDP", b_text = "TCP" }, found[1])
    assert.same({ layer = 3, b = "Raw", a_text = "", b_text = "Raw" }, found[2])
  end)
end)

describe("identical", function()
  it("tells which field couldn't hold what", function()
    assert.is_true(IP(udp_wire):identical())
    local wire = (IP{} / TCP{ options = { { "NOP" } } }):bytes()
    local data = luapkt.SCTPChunkData{ data = "abc" }:bytes()
    local p = luapkt.packet(data:sub(1, -2) .. "\7", "SCTPChunkData") -- its fill isn't zero
    assert.is_true(luapkt.packet(wire, "IP"):identical())
    local same, why = p:identical()
    assert.is_false(same)
    assert.same({ layer = 1, kind = "SCTPChunkData", offset = #data - 1, bytes = 7, built = 0 },
      why[1])
    assert.truthy(p:to_lua():find '^SCTPChunkData%("')
  end)
end)

describe("whatever is done to a packet", function()
  local raw = require("luapkt.core").packet
  local ids = {}
  for id, decl in pairs(luapkt.generation().by_id) do
    if not decl.abstract then table.insert(ids, id) end
  end
  table.sort(ids)

  local values = {
    0, -1, 255, 1 << 32, math.mininteger, 1.5, true, "", "x", "1.2.3.4", ("y"):rep(300), {},
    { 1, 2 }, { { "MSS", 3 } }, { "NOP" }, { a = 1 }, { id = "Nope" }, { vtype = "RANDOM" },
    { vtype = "BYTES", base64 = "AAAA" }, { { id = "DNSQR", fields = {} } },
  }

  local random -- numbers that are the same in every run
  local function one_of(list) return list[random(#list)] end
  local function any_packet() return luapkt[one_of(ids)]() end

  local function any_field(layer)
    local names = {}
    for field in layer:fields() do table.insert(names, field.id) end
    return names[1] and one_of(names)
  end

  local function edit(layer, value)
    local id = any_field(layer)
    if id then layer[id] = value(layer, id) end
  end

  local edits = {
    function(_, layer) edit(layer, function() return one_of(values) end) end,
    function(_, layer) edit(layer, function() return nil end) end,
    function(_, layer) edit(layer, function(_, id) return layer[id] end) end,
    function(_, layer) edit(layer, any_packet) end,
    function(p) p:insert(random(#p + 1), any_packet()) end,
    function(p) p:remove(random(#p + 1)) end,
    function(p) if p:freeze() then p:recompute() end end,
    function(p) return p:to_json(), p:check(), p:to_scapy(), p:identical() end,
    function(p) return p:to_lua(), tostring(p) end,
    function(p) raw.decode(p, random(#p), one_of(ids)) end,
    function(p) p:insert(1, #p < 20 and p or any_packet()) end,
  }

  -- What a mistake of the caller's raises, not one of the library's.
  local function is_refusal(message)
    return not message:find "attempt to" and not message:find "lua/luapkt/[%w_]+%.lua:%d+: [^b]"
  end

  it("is refused cleanly or done, and leaves a packet", function()
    local state = 1
    function random(n)
      state = state * 6364136223846793005 + 1442695040888963407
      return (state >> 33) % n + 1
    end
    for _ = 1, 1500 do
      local p, kept = any_packet(), {}
      for _ = 1, 8 do
        local layer = p[random(math.max(#p, 1))]
        if not layer then break end
        table.insert(kept, layer)
        local ok, err = pcall(one_of(edits), p, layer)
        assert(ok or is_refusal(err), err)
        local bytes = p:bytes()
        if bytes then assert.equal(bytes, p:copy():bytes()) end
        for _, one in ipairs(kept) do assert.is_string(tostring(one)) end
      end
    end
  end)
end)

local function is_fallback(code) return code:find '^[%w_]+%("' ~= nil end

-- All that a packet of these bytes promises.
local function try(bytes, id)
  local p = assert(luapkt.packet(bytes, id))
  assert.equal(hex(bytes), hex(p:bytes()))
  assert.equal(hex(bytes), hex(p:copy():bytes()))
  local code = p:to_lua()
  assert.equal(hex(bytes), hex(load("return " .. code, "=p", "t", luapkt.import())():bytes()))
  assert.equal(luapkt.rebuild(bytes, id) == bytes, (p:identical()))
  assert.same({}, p:diff(p:copy()))
  for _, entry in ipairs(p:check()) do assert.truthy(entry.right ~= nil or entry.why) end
  assert.equal(hex(bytes), hex(p:copy():freeze():bytes()))
  assert.is_string(tostring(p))
  local again = p:copy():recompute()
  if p:check().right then assert.equal(hex(bytes), hex(again:bytes())) end
  for place = 1, #again do assert.is_string(tostring(again[place])) end
  return p, code
end

describe("every protocol", function()
  it("makes the packet that luapkt.build makes, and reads it", function()
    for _, decl in ipairs(luapkt.generation().decls) do
      if not decl.abstract then
        local bytes = luapkt.build { { decl.id } }
        local p = luapkt[decl.id]()
        assert.equal(hex(bytes), hex(p:bytes()), decl.id)
        assert.equal(bytes, p:copy():freeze():bytes(), decl.id)
        if #bytes > 0 then try(bytes, decl.id) end
      end
    end
  end)
end)

describe("captured packets", function()
  local shared = support.shared_dir()
  local listing = shared and select(2, support.run("ls " .. shared .. "/captures/*.pcap")) or ""
  local packets = {}
  for path in listing:gmatch "[^\n]+" do
    for _, bytes in ipairs(capture.read(path) or {}) do table.insert(packets, bytes) end
  end
  if #packets == 0 then
    pending "are skipped: there is no ../shared/captures"
    return
  end

  it("come back as they were, also through Lua", function()
    local written = 0
    for _, bytes in ipairs(packets) do
      local _, code = try(bytes, "Ether")
      if not is_fallback(code) then written = written + 1 end
    end
    assert.is_true(written > #packets * 0.98)
  end)

  it("have the reply tree that the server answers with", function()
    local service = support.service { extras = true } -- which the library reads, always
    for _, bytes in ipairs(packets) do
      local answer = service:call("reconstruct_pkt", luapkt.wire.base64(bytes), luapkt.json.null)
      local tree = luapkt.json.decode(luapkt.packet(bytes):to_json())
      assert.equal(luapkt.json.encode(answer), luapkt.json.encode(tree))
    end
    service:close()
  end)
end)

describe("to_scapy", function()
  local has_scapy = support.run "/usr/bin/python3 -c 'import scapy'"
  if not has_scapy then
    pending "isn't tried: there is no scapy"
    return
  end

  local function assert_same(packets)
    local lines = { "from scapy.all import *", "import sys" }
    for _, p in ipairs(packets) do
      table.insert(lines, "print(bytes(" .. p:to_scapy() .. ").hex())")
    end
    local path = support.tmpdir() .. "/packets.py"
    support.write_file(path, table.concat(lines, "\n"))
    local ok, out, err = support.run("/usr/bin/python3 " .. path)
    assert(ok, err)
    local i = 0
    for line in out:gmatch "%x+" do
      i = i + 1
      assert.equal(hex(packets[i]:bytes()), line, packets[i]:to_scapy())
    end
    assert.equal(#packets, i)
  end

  -- Frozen, it has all of its fields by name.
  it("makes the same bytes with Scapy of every protocol", function()
    local packets = {}
    for _, decl in ipairs(luapkt.generation().decls) do
      local p = not decl.abstract and luapkt[decl.id]()
      if p and #p:bytes() > 0 then
        packets[#packets + 1] = p
        packets[#packets + 1] = p:copy():freeze()
      end
    end
    assert_same(packets)
  end)

  it("makes the same bytes of what was read, however odd it is", function()
    local head = "\2\0\0\0\0\2\2\0\0\0\0\1\8\0"
    local tcp = IP{} / TCP{ dataofs = 7, chksum = 0 } / "\0\0\0\0\0\0\0\1payload"
    local dns = IP{} / UDP{ sport = 53, dport = 1024 } / DNS{ compress = true,
      qd = DNSQR{ qname = "a.example.org" },
      an = luapkt.DNSRR{ rrname = "a.example.org", rdata = "1.2.3.4" } }
    local packets = {}
    for _, bytes in ipairs {
      tcp:bytes(), -- an end of options before their end
      (IP{} / TCP{ dataofs = 7, options = "\x02\x04\5\xb4\x08\1\x08\0" }):bytes(), -- a wrong length
      (IP{} / TCP{}):bytes():sub(1, 30), -- it ends within a layer
      (IP{} / TCP{}):bytes():sub(1, 10),
      dns:bytes(), -- names that point back
      dns:bytes():sub(1, 50),
      (IP{ proto = 1 } / "\xcf\0\x40\x5c\2\0\x0b\0abc"):bytes(), -- a type that isn't known
      (IP{} / UDP{} / "\0\1\1\0\0\1\0\9\0\0\0\0\1x\0\0\1\0\1"):bytes(), -- fewer than it says
    } do
      packets[#packets + 1] = assert(luapkt.packet(head .. bytes))
    end
    assert_same(packets)
  end)

  it("names the layers up to one that Scapy hasn't just so", function()
    local p = Ether{} / IP{} / luapkt.OSPF{} / luapkt.OSPF_Hello{} / luapkt.Padding{ load = "1" }
    local code = p:to_scapy()
    assert.truthy(code:find "^Ether%(.*%)/IP%(.*proto=89.*%)/Raw%(load=.*%)/Padding%(load=b'1'%)$")
    assert_same { p, IP{} / UDP{} / luapkt.SNMP{}, IP{} / TCP{} / luapkt.BGP{},
      IP{ options = { luapkt.IPOption_RR{ routers = { "1.2.3.4" } } } } / UDP{ chksum = 1 } }
  end)

  it("makes the same bytes with Scapy", function()
    assert_same {
      Ether{ src = "00:11:22:33:44:55", dst = "66:77:88:99:aa:bb" } / udp_packet()
        / "it's \\ \0\xff",
      IP{ dst = "10.1.1.1", src = "10.1.1.2", flags = "DF" } / TCP{ dport = 80, flags = "SA",
        options = { { "MSS", 1460 }, { "NOP" }, { "WScale", 7 }, { "Timestamp", 1, 2 } } },
      IP{ dst = "10.1.1.1", src = "10.1.1.2" } / UDP{} / DNS{ qd = DNSQR{ qname = "x.org" } },
      IP(udp_wire),
      luapkt.BOOTP{} / luapkt.DHCP{ options = { { "message-type", "discover" },
        { "server_id", "1.2.3.4" }, { "end" } } },
      luapkt.STP{},
    }
  end)
end)

describe("added protocols", function()
  local f = require "luapkt.field"
  local folder = "protocols"

  teardown(function() assert(luapkt.load { folder }) end)

  local function decl(more)
    local d = {
      id = "Ping9", over = { UDP = { dport = 9999 } },
      fields = { f.u16("seq", { default = 7 }), f.u8("len", { auto = f.payload() }) },
    }
    for k, v in pairs(more or {}) do d[k] = v end
    return d
  end

  it("are known at once", function()
    assert.is_true(luapkt.add(decl()))
    local p = luapkt.IP{} / luapkt.UDP{ sport = 1 } / luapkt.Ping9{ seq = 3 } / "abc"
    assert.equal(9999, p.UDP.dport)
    assert.equal("\0\3\3abc", p.UDP:payload())
    assert.equal(3, luapkt.packet(p:bytes(), "IP").Ping9.seq)
    assert.is_true(luapkt.add(decl { fields = { f.u8("seq", { default = 7 }) } }))
    assert.equal("\7", luapkt.Ping9{}:bytes())
  end)

  it("stay where another comes, and are declared anew when that is asked for", function()
    assert.is_true(luapkt.add(decl { id = "Ping5" }))
    assert.is_true(luapkt.add(decl { id = "Ping6" }))
    assert.equal(3, #luapkt.Ping5{}:bytes())
    local generation = luapkt.generation()
    assert.is_true(generation.ids.Ping5 and generation.ids.Ping6)
    assert.equal("added", generation.by_id.Ping6.file)
    assert.equal("seq", generation.by_id.Ping5.fields[1].id)
    assert.equal("protocols/ip.lua", generation.by_id.IP.file)
  end)

  it("leave little for Lua's collector to look at", function()
    local path = support.tmpdir() .. "/live.lua"
    support.write_file(path, [[
      local luapkt = require "luapkt"
      luapkt.build { { "IP" } }
      collectgarbage()
      collectgarbage()
      print(math.ceil(collectgarbage "count"))]])
    local ok, out = support.run(support.quote(support.program()) .. " run " .. path)
    assert.is_true(ok)
    assert.is_true(tonumber(out) < 2000, out .. " KiB") -- 6,300 with all declarations
  end)

  it("don't mix with packets from before", function()
    local old = luapkt.IP{}
    assert.is_true(luapkt.add(decl { id = "Ping8" }))
    assert.equal("\69", old:bytes():sub(1, 1))
    assert.truthy(error_of(function() return old / luapkt.Ping8{} end):find(
      "the packet was made before protocols were loaded or added", 1, true))
  end)

  it("come from a file", function()
    local path = support.tmpdir() .. "/ping7.lua"
    support.write_file(path, [[
      local f = require "luapkt.field"
      return { id = "Ping7", fields = { f.u32("x") } }]])
    assert.is_true(luapkt.add(path))
    assert.equal(4, #luapkt.Ping7{}:bytes())
  end)

  it("with a mistake change nothing", function()
    local ok, err = luapkt.add { id = "Bad", fields = { f.u8("x", { auto = f.ref "nope" }) } }
    assert.is_nil(ok)
    assert.truthy(err:find "Bad%.x: the rule refers to 'nope'")
    assert.is_nil((luapkt.add "/nowhere/nothing.lua"))
    assert.is_nil((luapkt.add {}))
    assert.truthy(error_of(luapkt.add, 7):find "declaration or path expected, got number")
    assert.equal(20, #luapkt.IP{}:bytes())
  end)
end)
