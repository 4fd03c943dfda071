-- The layers of a packet: how they are found, put in, replaced and taken out.

local luapkt  = require "luapkt"
local support = require "spec.support"

local udp_wire = require("spec.udp_packet").wire
local error_of = support.error_of

local hex = support.hex

local Ether, IP, TCP, UDP, IPv6 = luapkt.Ether, luapkt.IP, luapkt.TCP, luapkt.UDP, luapkt.IPv6
local Dot1Q, Raw = luapkt.Dot1Q, luapkt.Raw

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
