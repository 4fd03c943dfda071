-- luapkt.asked: which of many packets need be looked at for an answer. What answers what is told by
-- luapkt.matching, whose specs are beside this one.

local asked  = require "luapkt.asked"
local luapkt = require "luapkt"

local Ether, ARP, IP, IPv6 = luapkt.Ether, luapkt.ARP, luapkt.IP, luapkt.IPv6
local TCP, UDP, ICMP, DNS, SCTP = luapkt.TCP, luapkt.UDP, luapkt.ICMP, luapkt.DNS, luapkt.SCTP
local Echo, Reply = luapkt.ICMPv6EchoRequest, luapkt.ICMPv6EchoReply

local hosts = { "10.0.0.2", "10.0.0.3", "224.0.0.1", "255.255.255.255", "0.0.0.0" }
local hosts6 = { "fd00::2", "ff02::1", "::" }

-- What one may ask with, of each kind and of several hosts.
local function questions()
  local list = {}
  local function add(p) list[#list + 1] = p end
  for _, host in ipairs(hosts) do
    for _, source in ipairs { "10.0.0.1", host == hosts[1] and "0.0.0.0" or nil } do
      local ip = IP{ src = source, dst = host }
      for port = 1, 2 do
        add(ip / TCP{ sport = 1000, dport = port, seq = 4, flags = "S" })
        add(ip / UDP{ sport = port, dport = 53 } / DNS{ id = port })
        add(ip / UDP{ sport = 1000, dport = port } / "x")
        add(ip / ICMP{ type = 8, id = 7, seq = port })
        add(ip / SCTP{ sport = 1000, dport = port })
      end
      add(ip / ICMP{ type = 3 })
      add(ip / "x")
      add(ip / IPv6{ src = "fd00::1", dst = "fd00::2" } / UDP{ sport = 1, dport = 2 })
      add(ip / UDP{ sport = 1000, dport = 4789 } / luapkt.VXLAN{ vni = 1 } / Ether{}
        / IP{ src = "10.1.0.1", dst = "10.1.0.2" } / TCP{ sport = 1000, dport = 1 })
      add(ip / "\3\232") -- read, it is cut within the ports
    end
    add(Ether{ dst = "ff:ff:ff:ff:ff:ff" } / ARP{ psrc = "10.0.0.1", pdst = host })
  end
  for _, host in ipairs(hosts6) do
    local ip = IPv6{ src = "fd00::1", dst = host }
    add(ip / TCP{ sport = 1000, dport = 1, flags = "S" })
    add(ip / Echo{ id = 7, seq = 1 })
    add(ip / Echo{ id = 7, seq = 2 })
    add(ip / luapkt.ICMPv6ND_NS{ tgt = "fd00::2" })
  end
  add(Ether{ src = "02:00:00:00:00:01", dst = "02:00:00:00:00:02", type = 0x88b5 } / "x")
  return list
end

-- As it was received.
local function read(p)
  return assert(luapkt.packet(p:bytes(), p[1].kind))
end

-- What may come back: each turned round, what quotes it, whole and cut, and what answers.
local function replies(list)
  local found = {}
  local function add(p) found[#found + 1] = read(p) end
  local function quote(bytes)
    add(IP{ src = "10.0.0.9", dst = "10.0.0.1" } / ICMP{ type = 11 } / bytes)
    add(IPv6{ src = "fd00::9", dst = "fd00::1" } / luapkt.ICMPv6TimeExceeded{} / bytes)
  end
  for _, p in ipairs(list) do
    local back = p:copy():reverse_address()
    if back:has(TCP) then back.TCP.flags, back.TCP.ack = "SA", 5 end
    if back:has(DNS) then back.DNS.qr = 1 end
    if back:has(ARP) then back.ARP.op = 2 end
    if back:has(ICMP) and back.ICMP.type == 8 then back.ICMP.type = 0 end
    if back:has(Echo) then
      local reply = Reply{ id = back[Echo].id, seq = back[Echo].seq }
      back:remove(Echo)
      back:append(reply)
    end
    add(back)
    if p:has(IP) or p:has(IPv6) then
      local bytes = p:bytes()
      quote(bytes)
      for n = 21, #bytes, 11 do quote(bytes:sub(1, n)) end
    end
  end
  add(IPv6{ src = "fd00::2", dst = "fd00::1" } / luapkt.ICMPv6ND_NA{ tgt = "fd00::2" })
  for _, host in ipairs { "10.0.0.2", "10.0.0.77" } do
    add(IP{ src = host, dst = "10.0.0.1" } / UDP{ sport = 2, dport = 1000 } / "y")
  end
  return found
end

describe("what a packet may answer", function()
  it("is among the packets that are named, which are in order", function()
    local list = questions()
    for i, p in ipairs(list) do list[i] = read(p) end
    local among = asked.among(list)
    local answered = 0
    for _, q in ipairs(replies(questions())) do
      local named, last = {}, 0
      for _, place in ipairs(among(q)) do
        assert.is_true(place > last)
        named[place], last = true, place
      end
      for i, p in ipairs(list) do
        if p:is_answered_by(q) then
          answered = answered + 1
          assert.is_true(named[i], ("%s\nanswers\n%s"):format(q, p))
        end
      end
    end
    assert.is_true(answered > 100)
  end)

  it("is one of many ports or hosts, and no other is named", function()
    local list = {}
    for port = 1, 100 do
      list[port] = IP{ src = "10.0.0.1", dst = "10.0.0.2" } / TCP{ sport = 1000, dport = port }
      list[100 + port] = IP{ src = "10.0.0.1", dst = "10.0.1." .. port } / ICMP{ type = 8, id = 1 }
      list[200 + port] = Ether{} / ARP{ psrc = "10.0.0.1", pdst = "10.0.1." .. port }
    end
    local among = asked.among(list)
    local back = IP{ src = "10.0.0.2", dst = "10.0.0.1" }
    assert.same({ 7 }, among(back / TCP{ sport = 7, dport = 1000 }))
    assert.same({ 107 }, among(IP{ src = "10.0.1.7", dst = "10.0.0.1" } / ICMP{ type = 0, id = 1 }))
    assert.same({ 207 }, among(Ether{} / ARP{ op = 2, psrc = "10.0.1.7", pdst = "10.0.0.1" }))
    local quoted = list[7]:bytes()
    local unreachable = IP{ src = "10.0.0.9", dst = "10.0.0.1" } / ICMP{ type = 3 } / quoted
    assert.same({ 7 }, among(read(unreachable)))
    assert.same({}, among(back / TCP{ sport = 7, dport = 1001 }))
  end)
end)
