-- Filters: what an expression is true of. How it ends the command, spec/cli/shark_spec.lua tells.

local filter = require "luapkt.shark.filter"
local luapkt = require "luapkt"
local stream = require "spec.stream"

local Ether, IP, IPv6, TCP, UDP = luapkt.Ether, luapkt.IP, luapkt.IPv6, luapkt.TCP, luapkt.UDP

local ip = IP{ src = "10.0.0.1", dst = "10.0.0.2" }
local frames = {}
for i, p in ipairs {
  Ether{} / luapkt.ARP{},
  Ether{} / ip / UDP{ sport = 4242, dport = 53 }
    / luapkt.DNS{ qd = luapkt.DNSQR{ qname = "x.org" } },
  Ether{} / ip / TCP{ sport = 4243, dport = 80, flags = "S" },
  Ether{} / IPv6{} / UDP{ sport = 1, dport = 4000 } / "hello",
  Ether{} / IP{ src = "10.0.0.2" } / luapkt.ICMP{ type = 0 },
} do
  frames[i] = p:bytes()
end
local bytes = stream.pcap(frames)

-- What a function makes of each packet that an expression is true of, a list; or nil and what was
-- wrong.
local function made(text, capture, make)
  local run, why = filter.compile(text)
  if not run then return nil, why end
  local found = {}
  function run.write() return true end
  function run.format(p, about) found[#found + 1] = make(p, about) end
  local _, err = stream.shark(capture):run(run)
  if err then error(err.message, 0) end
  return found
end

-- The numbers of the packets that an expression is true of, or nil and what was wrong.
local function matched(text)
  local found, why = made(text, bytes, function(_, about) return about.number end)
  return found and table.concat(found, " "), why
end

describe("a filter", function()
  for text, wanted in pairs {
    ["TCP"] = "3", ["not TCP"] = "1 2 4 5", ["true"] = "1 2 3 4 5", ["false"] = "", ["nil"] = "",
    ["TCP and TCP.dport == 80"] = "3", ["TCP.dport == 80"] = "3", ["TCP.dport ~= 80"] = "",
    ["UDP.sport > 4000"] = "2", ["UDP.sport + 1 == 2"] = "4", ["-UDP.sport == -1"] = "4",
    ["UDP.sport .. '' == '1'"] = "4", ["UDP.sport == 1 or TCP.sport == 4243"] = "3 4",
    ["(UDP and UDP.sport == 1) or (TCP and TCP.sport == 4243)"] = "3 4",
    ["TCP.flags & 2 ~= 0"] = "3", ["TCP:show 'flags' == 'S'"] = "3",
    ["IP.src == '10.0.0.2' or ARP"] = "1 5", ["ARP or IP.src == '10.0.0.2'"] = "1 5",
    ["DNS.qd[1].qname == 'x.org.'"] = "2", ["DNS.qd[1].qname:find 'org'"] = "2",
    ["DNS.qd[2].qname"] = "", ["#DNS.qd == 1"] = "2",
    ["number == 2"] = "2", ["number % 2 == 1"] = "1 3 5", ["len > 60"] = "2 4",
    ["time < 1700000000003000000"] = "1 2", ["bytes:sub(13, 14) == '\\8\\6'"] = "1",
    ["bytes:find('hello', 1, true)"] = "4", ["#bytes == len"] = "1 2 3 4 5", ["note"] = "",
    ["p:has 'ICMP'"] = "5", ["#p == 3 and p[2].kind == 'IP'"] = "3 5",
    ["p.UDP.dport == 53"] = "2", ["p['UDP'].dport == 53"] = "2", ["p['IP:1']"] = "",
    ["math.max(1, 2) == 2"] = "1 2 3 4 5", ["IP and not UDP and not TCP"] = "5",
    ["'TCP' == 'x' or ARP"] = "1", ["'nothing \\'here' == \"'or\" or ARP"] = "1",
    ["({ key = 1 }).key == 1 and ARP"] = "1", ["[[text]] == 'text' and ARP"] = "1",
    ["('TCP'):lower() == 'tcp' and IPv6"] = "4",
    ["not (TCP.dport == 80)"] = "1 2 4 5", ["not TCP.dport"] = "1 2 4 5",
    ["not TCP or TCP.dport == 81"] = "1 2 4 5", ["TCP.dport == 80 or UDP.sport == 4242"] = "2 3",
    ["(TCP or UDP).dport == 80"] = "3", ["(TCP and TCP.dport or UDP.dport) > 60"] = "3 4",
    ["math.max(TCP.dport, 1) == 80 or UDP.sport == 1"] = "3 4",
    ["math.max(UDP and UDP.sport or 0, TCP and TCP.dport or 0) > 79"] = "2 3",
    ["(UDP.sport == 1 or TCP) and number > 3"] = "4", ["ARP or DNS.qd[2].qname:find 'x'"] = "1",
    ["ARP or DNS.qd[5 - 3].qname > 'a'"] = "1", ["p.TCP.dport > 1 or p.UDP.dport > 53"] = "3 4",
    ["ARP or note:find 'part'"] = "1", ["IP.src > '10.0.0.1' or UDP.sport < 2 -- or so"] = "4 5",
    ["TCP.dport == 0x50 or UDP.sport == 1e0 or UDP.sport == .4242e+4"] = "2 3 4",
    ["(function(t) if t then return t.dport == 80 end end)(TCP) or ARP"] = "1 3",
    ["(function() return TCP and TCP.dport == 80 end)() or ARP"] = "1 3",
    ["(function(IP) return IP.ttl == 1 end){ ttl = 1 } and ARP"] = "1",
    ["(function(...) return ... end)(IP) and UDP"] = "2",
    ["IP.src == [=[10.0.0.2]] or TCP]=] or ARP"] = "1", ["TCP.kind == 'TCP' or ARP"] = "1 3",
    ["({ TCP, UDP })[1].dport == 80 or ARP"] = "1 3",
    ["ARP.hwsrc:find 'x' == nil or UDP"] = "1 2 4",
    ["IP and IP.ttl == 64 and TCP and TCP.dport == 80"] = "3", ["IP and IPv6"] = "", ["IP, IPv6"] =
      "2 3 5", ["UDP.sport >= 1 and DNS"] = "2", ["ARP.op ~= 2 and number == 1"] = "1",
    ["IP.src == '10.0.0.2' and not TCP"] = "5", ["number > 1 and IP.len > 1 and UDP"] = "2",
    ["IP.src == '10.0.0.1' and (TCP or UDP)"] = "2 3", ["IP.ttl == 60 + 4 and ICMP"] = "5",
    ["IP.ttl == 64"] = "2 3 5", ["IP.ttl ~= 64"] = "", ["IP.ttl < 65"] = "2 3 5",
    ["IP.ttl <= 63"] = "", ["IP.ttl >= 64"] = "2 3 5", ["IP.ttl > 64"] = "",
    ["IP.ttl > 63.5"] = "2 3 5", ["IP.ttl == 64.0"] = "2 3 5",
    ["IP.src == '10.0.0.1'"] = "2 3", ["IP.src > '10.0.0.1'"] = "5", ["IP.src <= '10.0.0.1'"] =
      "2 3", ["IP.kind == 'IP' and UDP"] = "2", ["IP.options == 5"] = "",
    ["TCP.options ~= 5"] = "3",
    ["IP and IP.ttl == 0x40 and IP.id == 1 and TCP.dport ~= 443 and TCP.sport == 4243"] = "3",
    ["IP.ttl ~= 1 and IP.ttl ~= 2 and IP.ttl ~= 3 and IP.ttl ~= 4 and IP.ttl ~= 5 and IP.ttl ~= 6 "
      .. "and IP.ttl ~= 7 and IP.ttl ~= 8 and IP.ttl ~= 9 and IP.ttl ~= 64"] = "",
    ["SCTP or IGMP or GRE or VXLAN or MPLS or Dot1Q or IPv6 or ICMP or ARP or TCP"] = "1 3 4 5",
  } do
    it("may be " .. text, function() assert.equal(wanted, matched(text)) end)
  end

  for text, complaint in pairs {
    ["TPC"] = "there is no 'TPC'", ["tcp.dport == 80"] = "there is no 'tcp': 'TCP' is meant?",
    ["nothing.at == 1"] = "there is no 'nothing'", ["TCP and"] = "unexpected symbol near <eof>",
    ["TCP && IP"] = "unexpected symbol near '&': Lua has and",
    ["TCP || IP"] = "unexpected symbol near '|': Lua has or",
    ["!TCP"] = "unexpected symbol near '!': Lua has not, or ~= for !=",
    ["TCP.dport != 1"] = "<eof> expected near '!': Lua has not, or ~= for !=",
    ["TCP.dport = 1"] = "<eof> expected near '=': Lua has ==",
    ["1 +"] = "unexpected symbol near <eof>", ["TCP) or (UDP"] = "<eof> expected near ')'",
    ["TCP end"] = "<eof> expected near 'end'", ["ARP and nothing"] = "there is no 'nothing'",
    ["UDP.sprot == 1"] = "UDP has no field 'sprot'", ["ARP or DNS.id == DNS.nothing"] =
      "DNS has no field 'nothing'", ["UDP and udp.sport"] = "there is no 'udp': 'UDP' is meant?",
    [""] = "an expression was expected", [" -- nothing"] = "an expression was expected",
    [";"] = "an expression was expected", ["TCP;"] = "')' expected near ';'",
    ["(...)"] = "cannot use '...' outside a vararg function near '...'",
    ["IP.ttl eq 64"] = "<eof> expected near 'eq': Lua has ==",
    ["IP.ttl in {64}"] = "<eof> expected near 'in': Lua has A == 1 or A == 2",
    ["bytes contains 'x'"] = "<eof> expected near 'contains': Lua has A:find('B', 1, true)",
    ["IP.src == 10.0.0.1"] = "malformed number near '10.0.0.1': an address is text, in quotes",
    ["IP.ttl == 6x"] = "malformed number near '6x'",
    ["TCP.flags == 'SA'"] =
      "TCP.flags is a number; what a person sees of it: TCP:show 'flags' == 'SA'",
    ["UDP or (IP.src == '1' and IP.proto ~= 'tcp')"] =
      "IP.proto is a number; what a person sees of it: IP:show 'proto' ~= 'tcp'",
    ["TCP.dport == '80'"] = "TCP.dport is a number, not text: TCP.dport == 80, without quotes",
    ["UDP or TCP.dport ~= '0x50'"] =
      "TCP.dport is a number, not text: TCP.dport ~= 0x50, without quotes",
    ["IP.src == 5"] = "IP.src is an address, which is text: IP.src == '...'",
    ["Ether.dst ~= 5 and TCP"] = "Ether.dst is an address, which is text: Ether.dst ~= '...'",
    ["TCP.flags & 2"] = "A & B is a number, and each number is true, 0 as well: A & B ~= 0",
    ["UDP or (TCP and not (TCP.flags & 2))"] =
      "A & B is a number, and each number is true, 0 as well: A & B ~= 0",
    ["timestamp > 1"] = "there is no 'timestamp': 'time' is meant?",
    ["frame.len > 100"] = "there is no 'frame': 'number' is meant?",
    ["src == '10.0.0.1'"] = "there is no 'src': 'IP.src' is meant?",
    ["eth.type == 0x800"] = "there is no 'eth': 'Ether' is meant?",
    ["p.src == 'x'"] = "p.src: there is no 'src'", ["p.tcp"] =
      "p.tcp: there is no 'tcp': 'TCP' is meant?",
    ["p.IP and 'x' == other"] =
      "there is no 'other'", ["'it\\'s' == other"] = "there is no 'other'",
  } do
    it("can't be " .. text, function()
      assert.same({ nil, complaint }, { matched(text) })
    end)
  end

  for text, complaint in pairs {
    ["error 'no'"] = "filter:1: no",
    ["IP.ttl + {} == 1"] = "filter:1: attempt to perform arithmetic on a table value",
    ["IP.src > 5 and SCTP"] = "filter:1: attempt to compare number with string",
    ["string.nothing()"] = "filter:1: attempt to call a nil value (field 'nothing')",
    ["(function() return nothing end)()"] = "there is no 'nothing'",
    ["TCP.flags.S"] = "filter:1: attempt to index a number value (field 'flags')",
    ["IP.ttl + nil"] = "filter:1: attempt to perform arithmetic on a nil value",
    ["(function() local t return t.x end)()"] =
      "filter:1: attempt to index a nil value (local 't')",
    ["ARP or IP.ttl > math.nothing"] =
      "filter:1: attempt to compare nil with number",
  } do
    it("goes wrong in " .. text, function()
      local ok, why = pcall(matched, text)
      assert.same({ false, complaint }, { ok, why })
    end)
  end

  it("finds no field in a layer of another kind, or that was cut", function()
    local other = Ether{} / ip / UDP{ dport = 5064 } / luapkt.CASearchRequest{ name = "x", cid = 1 }
      / luapkt.CANotFoundResponse{ cid = 2 }
    local echo = Ether{} / ip / UDP{ dport = 5064 } / luapkt.CAEcho{}
    local run = assert(filter.compile "CA.name:find 'x' or TCP.dport > 79 or CA.command == 23")
    local found = {}
    function run.write() return true end
    function run.format(_, about) found[#found + 1] = about.number end
    local some = { echo:bytes(), frames[3]:sub(1, 36), other:bytes(), frames[3] }
    assert(stream.shark(stream.pcap(some)):run(run))
    assert.same({ 1, 3, 4 }, found)
  end)

  it("is not asked about packets that its beginning tells apart", function()
    local run, calls = assert(filter.compile "IP.ttl == 64 and TCP.dport < 80 and TCP.seq"), 0
    assert.same({ { 1, "ttl", "==", 64 }, { 2, "dport", "<", 80 } }, run.checks)
    function run.filter() calls = calls + 1 end
    function run.write() return true end
    run.format = "none"
    assert(stream.shark(bytes):run(run))
    assert.equal(0, calls)
    run.checks[2][4] = 81
    assert(stream.shark(bytes):run(run))
    assert.equal(1, calls)
  end)

  it("sets nothing", function()
    assert.equal("1 2 3 4 5", matched "(function() local x = 1 return x end)() == 1")
    assert.is_nil(rawget(_G, "x"))
  end)

  it("is of what is new in a message, too", function()
    local run = assert(filter.compile "DNS.id == 2")
    local function dns(id)
      local body = luapkt.DNS{ id = id, qd = luapkt.DNSQR{ qname = "x.org" } }:bytes()
      return (">s2"):pack(body)
    end
    local client = stream.connection(53)
    local frames_of = { client:send(dns(1)), client:send(dns(2):sub(1, 9)),
      client:send(dns(2):sub(10)) }
    local found = {}
    function run.write() return true end
    function run.format(_, about) found[#found + 1] = about.number end
    stream.shark(stream.pcap(frames_of)):run(run)
    assert.same({ 3 }, found)
  end)
end)

-- Layers that a filter doesn't ask for aren't read before it has passed a packet.
describe("a packet that a filter is asked about", function()
  local function kinds(p)
    local ids = {}
    for i, layer in ipairs(p) do ids[i] = layer.kind end
    return table.concat(ids, " ")
  end

  for _, text in ipairs {
    "IP", "UDP", "UDP.sport == 4242", "number == 2", "UDP and #p == 4", "p[4].kind == 'DNS'",
    "UDP and p:bytes() == bytes", "UDP and #(p / p) == 8", "UDP and #p:copy() == 4",
    "UDP and p:has 'DNS'", "UDP and p.DNS.qd[1].qname == 'x.org.'",
    "UDP and tostring(p):find 'x.org'", "UDP.len == 31 and UDP.chksum ~= 0",
    "(function(udp) udp.dport = 5353 return p.DNS end)(UDP)",
    "(function(udp) udp.dport = nil return p.DNS end)(UDP) and UDP.dport == 53",
    "UDP and (function() p:remove 'IP' return #p == 3 end)()",
  } do
    it("is whole behind " .. text, function()
      local found = assert(made(text, stream.pcap{ frames[1], frames[2] }, kinds))
      assert.matches("DNS$", found[#found])
    end)
  end

  it("has all messages of its datagram", function()
    local echoes = {}
    for i = 1, 300 do echoes[i] = luapkt.CAEcho{}:bytes() end
    local frame = stream.datagram(1, 2, 17, (">I2I2I2I2"):pack(5064, 5064, 8 + 4800, 0)
      .. table.concat(echoes))
    local count = 0
    local found = made("UDP.dport == 5064", stream.pcap{ frame }, function(p)
      for _, layer in ipairs(p) do count = count + (layer.kind == "CAEcho" and 1 or 0) end
      return #p
    end)
    assert.equal(300, count)
    assert.is_true(#found > 1)
  end)

  it("is joined with what came before, though the filter doesn't ask for streams", function()
    local message = (">s2"):pack(luapkt.DNS{ qd = luapkt.DNSQR{ qname = "x.org" } }:bytes())
    local client = stream.connection(53)
    local capture = stream.pcap{ client:send(message:sub(1, 9)), client:send(message:sub(10)) }
    assert.same({ "Ether IP TCP Raw", "Ether IP TCP DNS" }, made("IP", capture, kinds))
  end)

  it("gives its piece to a later one, though the filter doesn't pass it", function()
    local f = require "luapkt.field"
    local fields = { f.u16("message"), f.u16("piece"), f.u8("last") }
    finally(function() assert(luapkt.load{ luapkt.folder() }) end)
    assert(luapkt.add{ id = "FilterPieces", over = { UDP = { dport = 6999 } }, fields = fields,
      pieces = { key = { "message" }, at = f.ref "piece" * 8, more = 1 - f.ref "last" } })
    local function piece(number, text, last)
      local body = (">I2I2I2I2 I2I2B"):pack(number, 6999, 8 + 5 + #text, 0, 1, number, last) .. text
      return stream.datagram(1, 2, 17, body)
    end
    local capture = stream.pcap{ piece(0, "to lose ", 0), piece(1, "nothing", 1) }
    local found = made("UDP.sport == 1", capture, function(p) return p.Raw.load end)
    assert.same({ "to lose nothing" }, found)
  end)
end)
