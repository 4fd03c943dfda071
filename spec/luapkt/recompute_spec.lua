-- Lengths and checksums of packets that were read, worked out anew.

local luapkt  = require "luapkt"
local support = require "spec.support"

local udp_wire = require("spec.udp_packet").wire

local hex, unhex = support.hex, support.unhex

local Ether, IP, TCP, UDP, ICMP = luapkt.Ether, luapkt.IP, luapkt.TCP, luapkt.UDP, luapkt.ICMP
local IPv6 = luapkt.IPv6

describe("recompute", function()
  it("works out lengths and checksums that were read", function()
    local p = IP(udp_wire) / "abcd"
    p.IP.ttl = 3
    assert.same({ 28, 0x66ce }, { p.IP.len, p.IP.chksum })
    p:recompute()
    local wanted = IP{ src = "10.0.0.1", dst = "10.0.0.2", ttl = 3 }
      / UDP{ sport = 1, dport = 2 } / "abcd"
    assert.equal(wanted, p)
  end)

  -- RFC 791: the option is its three first bytes and four an address
  it("works out those of packets in fields", function()
    local option = { length = 3, routers = { "1.1.1.1" } }
    local p = IP{ options = { luapkt.IPOption_RR(option) } }
    assert.equal("070304", hex(p:bytes()):sub(41, 46))
    assert.equal("070704", hex(p:recompute():bytes()):sub(41, 46))
    p = IP(p:bytes())
    p.IP.options = "\7\3\4\1\1\1\1\0" -- bytes are meant as they are
    assert.equal("0703040101010100", hex(p:recompute():bytes()):sub(41))
  end)

  -- RFC 792: an error quotes the header and 64 bits, of 40 bytes here.
  it("works out nothing that is about bytes which an error doesn't quote", function()
    local syn = IP{ src = "10.0.0.1", dst = "8.8.8.8", ttl = 1 } / TCP{ sport = 33000, dport = 443 }
    local bytes = (IP{} / ICMP{ type = "time-exceeded" } / syn:bytes():sub(1, 28)):bytes()
    local p = luapkt.packet(bytes, "IP")
    assert.is_true(p:check().right)
    assert.equal(hex(bytes), hex(p:recompute():bytes()))
    p.IPerror.chksum = 1 -- the quoted header is there
    assert.equal(hex(bytes), hex(p:recompute():bytes()))
  end)

  it("works out a frame that was cut as far as it goes", function()
    local whole = (Ether{} / IP{} / TCP{}):bytes()
    for n = 34, #whole do
      local p = luapkt.packet(whole:sub(1, n), "Ether"):recompute()
      assert.same({ n, n - 14, #whole == n }, { #p:bytes(), p.IP.len, p:bytes() == whole })
      assert.is_true(not p.TCP or n < 48 or p.TCP.dataofs == 5)
    end
  end)

  -- RFC 791: the length and the checksum are the whole datagram's, RFC 768.
  it("works out nothing of a datagram of which a piece is there", function()
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
  it("works out no length that decides what there is", function()
    local bytes = (IPv6{} / luapkt.ICMPv6ND_RA{}
      / luapkt.ICMPv6NDOptRouteInfo{ len = 3, plen = 64, prefix = "2001:db8::" }):bytes()
    assert.equal(hex(bytes), hex(luapkt.packet(bytes, "IPv6"):recompute():bytes()))
  end)

  -- IEEE 802.3 section 79.3.2: 7 bytes, and 5 more of later versions.
  it("makes up no fields of a shorter form", function()
    local bytes = unhex "fe07 00120f 02 07 01 01"
    assert.equal(hex(bytes), hex(luapkt.packet(bytes, "LLDP_8023_PowerViaMDI"):recompute():bytes()))
  end)

  it("works out what was frozen or changed since", function()
    local p = IP(udp_wire)
    p.IP.chksum = 1
    p = IP(p:bytes()):recompute():freeze()
    assert.equal(hex(udp_wire), hex(p:bytes()))
    p:recompute().UDP.dport = 3
    assert.equal(IP{ src = "10.0.0.1", dst = "10.0.0.2" } / UDP{ sport = 1, dport = 3 }, p)
  end)

  -- The sum of RFC 2328 section 12.1.7 in the middle of a packet that was read, which covers it.
  it("works out what was read of packets in fields, however deep", function()
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
end)
