-- The fields of a packet's layers, and what may be their values.

local luapkt  = require "luapkt"
local support = require "spec.support"
local usual   = require "spec.udp_packet"

local udp_packet, udp_wire = usual.new, usual.wire
local error_of = support.error_of

local hex, unhex = support.hex, support.unhex

local Ether, IP, TCP, UDP, ICMP = luapkt.Ether, luapkt.IP, luapkt.TCP, luapkt.UDP, luapkt.ICMP
local DNS, DNSQR, Raw = luapkt.DNS, luapkt.DNSQR, luapkt.Raw

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

  -- RFC 9293 section 3.2: the maximum segment size is option 2, of 4 bytes.
  it("may be a list of options with bytes behind them", function()
    local p = TCP{ options = { { "MSS", 1460 }, { vtype = "BYTES", base64 = "AQI=" } } }
    assert.equal("\2\4\5\xb4\1\2", p.TCP.options)
    assert.equal("\2\4\5\xb4\1\2\0\0", p:bytes():sub(21))
    assert.equal(p, luapkt.TCP{ options = p.TCP.options })
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
end)
