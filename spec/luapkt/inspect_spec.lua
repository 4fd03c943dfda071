-- Questions about packets: which lengths and checksums are right and what they cover, how two
-- packets differ, what one can't hold. Places are counted by hand from the headers of the RFCs.

local f       = require "luapkt.field"
local luapkt  = require "luapkt"
local support = require "spec.support"
local usual   = require "spec.udp_packet"

local udp_packet, udp_wire = usual.new, usual.wire

local unhex = support.unhex

local DNS, DNSQR = luapkt.DNS, luapkt.DNSQR
local Dot1Q, Ether = luapkt.Dot1Q, luapkt.Ether
local Dot11FCS, IP, IPv6, TCP, UDP = luapkt.Dot11FCS, luapkt.IP, luapkt.IPv6, luapkt.TCP, luapkt.UDP
local CDP, SCTP = luapkt.CDP, luapkt.SCTP
local OSPF, OSPF_Hello = luapkt.OSPF, luapkt.OSPF_Hello
local PIM, PIM_Register = luapkt.PIM, luapkt.PIM_Register

-- What is said of the last checksum of a packet, or of one of its kind.
local function sum_of(p, kind)
  local found
  for _, entry in ipairs(p:check()) do
    if entry.what == "checksum" and (not kind or entry.kind == kind) then found = entry end
  end
  return found
end

describe("a checksum", function()
  it("covers the layer and all it carries, and says whose addresses besides", function()
    local entry = sum_of(IP{} / UDP{} / "abc")
    assert.same({ offset = 20, size = 11, pseudo = true }, entry.covers)
    assert.equal("IP", entry.pseudo)
    entry = sum_of(IPv6{} / luapkt.IPv6ExtHdrHopByHop{} / TCP{} / "abc")
    assert.same({ offset = 48, size = 23, pseudo = true }, entry.covers)
    assert.equal("IPv6", entry.pseudo)
  end)

  it("covers no Padding, and no trailer", function()
    assert.same({ offset = 20, size = 11, pseudo = true },
      sum_of(IP{} / UDP{} / "abc" / luapkt.Padding{ load = "1234" }).covers)
    -- IEEE 802.11 section 9.2.4.8: the fields of the header and the frame body
    local p = Dot11FCS{ type = 2 } / "abc"
    assert.same({ offset = 0, size = 27 }, sum_of(p).covers)
    assert.same({ offset = 0, size = 27 }, sum_of(luapkt.packet(p:bytes(), "Dot11FCS")).covers)
  end)

  it("covers nothing where it is 0 for want of a network layer", function()
    local entry = sum_of(UDP{} / "abc")
    assert.same({ { offset = 0, size = 0 }, 0 }, { entry.covers, entry.expected })
    assert.is_nil(entry.pseudo)
  end)

  -- RFC 2328 section D.4: the whole packet but for the 64 bits of authentication
  it("covers what lies about a field that it leaves out", function()
    local p = IP{} / OSPF{ authtype = 1, auth = "password" } / OSPF_Hello{}
    local covers = sum_of(p, "OSPF").covers
    assert.same({ offset = 20, size = 44, { offset = 20, size = 16 }, { offset = 44, size = 20 } },
      covers)
    local read = luapkt.packet(p:bytes(), "IP")
    assert.same(covers, sum_of(read, "OSPF").covers)
    assert.is_true(sum_of(read, "OSPF").right)
  end)

  it("ends before a field that it leaves out, where that is the last", function()
    local p = OSPF{ type = 9, authtype = 1, auth = "password" }
    assert.same({ offset = 0, size = 16 }, sum_of(p).covers)
  end)

  -- RFC 2328 section D.4.3: not computed with cryptographic authentication
  it("covers nothing where there is none", function()
    local entry = sum_of(IP{} / OSPF{ authtype = 2 } / OSPF_Hello{}, "OSPF")
    assert.same({ { offset = 20, size = 0 }, 0 }, { entry.covers, entry.expected })
  end)

  -- RFC 2328 section 12.1.7: the LSA without its age
  it("covers nothing before where it begins", function()
    local lsa = luapkt.OSPF_NetworkLSA{ routers = { "1.2.3.4" } } -- 20, 4 and 4 bytes
    assert.same({ offset = 2, size = 26 }, sum_of(lsa).covers)
  end)

  -- RFC 7761 section 4.9: of a Register the first 8 bytes, with the pseudo-header of IPv6 alone
  it("covers so many bytes as its rule says", function()
    local inner = IP{} / UDP{} / "abc"
    local entry = sum_of(IP{} / PIM{} / PIM_Register{} / inner, "PIM")
    assert.same({ offset = 20, size = 8 }, entry.covers)
    assert.is_nil(entry.pseudo)
    entry = sum_of(IPv6{} / PIM{} / PIM_Register{} / inner, "PIM")
    assert.same({ offset = 40, size = 8, pseudo = true }, entry.covers)
    assert.equal("IPv6", entry.pseudo)
    entry = sum_of(IP{} / PIM{ type = 0 } / luapkt.PIM_Hello{ options = "\0\1\0\2\0\105" })
    assert.same({ offset = 20, size = 10 }, entry.covers)
  end)

  it("of SCTP and CDP is over all of it", function()
    assert.same({ offset = 20, size = 16 },
      sum_of(IP{} / SCTP{} / luapkt.SCTPChunkCookieAck{}).covers) -- 12 and 4 bytes, RFC 9260
    assert.same({ offset = 0, size = 4 }, sum_of(CDP{ tlvs = {} }).covers)
  end)
end)

describe("what isn't all there", function()
  it("has no right lengths and checksums, nor wrong ones", function()
    local udp = IP{} / UDP{ sport = 9, dport = 9 } / ("x"):rep(100)
    local p = luapkt.packet((IP{} / luapkt.ICMP{ type = 3 } / udp:bytes():sub(1, 28)):bytes(), "IP")
    local unknown, right = {}, {}
    for _, entry in ipairs(p:check()) do
      local list = entry.right == nil and unknown or right
      list[#list + 1] = entry.kind .. "." .. entry.field
      if entry.right == nil then assert.equal("not all that it is about is there", entry.why) end
    end
    assert.same({ "IPerror.len", "UDPerror.len", "UDPerror.chksum" }, unknown)
    assert.same({ "IP.ihl", "IP.len", "IP.chksum", "ICMP.chksum", "IPerror.ihl", "IPerror.chksum" },
      right)
  end)
end)

-- Frames by Scapy 2.5, the inner one filled up to 60 bytes.
local VXLAN_FRAME = support.unhex(
  "020000000004 020000000003 0800 45000060000100004011f688c0000201c0000202 000712b5004c63af" ..
  "0800000000000500 020000000002 020000000001 0800 4500001c00010000401166ce0a0000010a000002" ..
  "000100020008ebd8" .. ("00"):rep(18))
local UDP_SURPLUS = support.unhex( -- RFC 9868: behind the datagram, and in IP's length
  "4500002000010000401166ca0a0000010a000002 00010002000a836b 6869 0001")
local OSPF_SURPLUS = support.unhex( -- from a capture, without the option L: nothing says what it is
  "01005e000005c0010f7800000800 45c0004c03f800000159ca9a0a000002e0000005" ..
  "0201002cc0a8670100000001c9f80001636973636f000000 fffffff8000a0201000000280a00000200000000" ..
  "fff600030001000400000001 ")

-- The same with ARP in it, which has no length: what is behind it counts, though it is Padding.
local VXLAN_ARP = support.unhex(
  "020000000004 020000000003 0800 45000060000100004011f688c0000201c0000202 000712b5004c0058" ..
  "0800000000000500 ffffffffffff 020000000001 0806 0001080006040001 020000000001 0a000001" ..
  "000000000000 0a000002" .. ("5a"):rep(18))

describe("bytes behind an inner length", function()
  it("count in the lengths and checksums of what holds them", function()
    local frames = {
      [VXLAN_FRAME] = "Ether", [VXLAN_ARP] = "Ether", [OSPF_SURPLUS] = "Ether",
      [UDP_SURPLUS] = "IP",
    }
    for bytes, first in pairs(frames) do
      local p = luapkt.packet(bytes, first)
      assert.equal("Padding", p[#p].kind)
      assert.is_true(p:check().right)
      assert.equal(bytes, p:recompute():bytes())
    end
  end)

  it("are in them wherever layers are put in, taken away or read anew", function()
    local p = luapkt.packet(UDP_SURPLUS, "IP")
    local tagged = Ether{} / Dot1Q{} / p
    tagged.IP.len = nil
    assert.equal(32, tagged.IP.len)
    tagged.Dot1Q = nil
    tagged.IP.len = nil
    assert.equal(32, tagged.IP.len)
    tagged:insert(3, luapkt.IPv6ExtHdrDestOpt{})
    tagged.UDP.len = nil
    assert.same({ 32 + 8, 10 }, { tagged.IP.len, tagged.UDP.len })
    local outer = luapkt.packet(VXLAN_FRAME)
    assert.equal(18, #outer.Padding.load)
    outer["IP:1"] = nil
    outer.IP.len = nil
    assert.equal(96 - 20, outer.IP.len)
  end)

  it("are in what carries a packet that has them", function()
    local arp = luapkt.packet(VXLAN_ARP:sub(51), "Ether")
    assert.equal("Padding", arp[3].kind)
    local p = IP{} / UDP{} / luapkt.VXLAN{} / arp
    assert.same({ 20 + 8 + 8 + 60, 8 + 8 + 60 }, { p.IP.len, p.UDP.len })
  end)

  it("aren't, where a packet is given them", function()
    local p = IP{} / UDP{} / "hi" / luapkt.Padding{ load = "1234" }
    assert.equal(30, p.IP.len)
  end)
end)

describe("what is all there", function()
  it("has right ones, though its last field has no bytes", function()
    -- Parts none of which is missing: what tells of later ones is empty.
    local p = luapkt.Ether{} / luapkt.EtherMsgPart{ type = 4, session = 5, count = 2, next = 2 }
    local read, judged = luapkt.packet(p:bytes()), {}
    for i, e in ipairs(read:check()) do judged[i] = ("%s: %s"):format(e.field, e.right) end
    assert.same({ "len: true", "crc: true" }, judged)
  end)
end)

describe("a length or checksum of a packet in a field", function()
  -- The entries of those that are in fields, each as text.
  local function inner_of(p)
    local list, checked = {}, p:check()
    for _, e in ipairs(checked) do
      if e.within then
        list[#list + 1] = ("%d %s %s.%s %s at %d+%d: %s, %s"):format(e.layer, e.within, e.kind,
          e.field, e.what, e.offset, e.size, e.value, e.expected)
      end
    end
    return list, checked.right
  end

  local function with_byte(bytes, at, byte)
    return bytes:sub(1, at) .. string.char(byte) .. bytes:sub(at + 2)
  end

  it("has the way to it, and its place in the packet", function()
    local p = IP{ options = { luapkt.IPOption_RR{ routers = { "1.2.3.4" } },
      luapkt.IPOption_NOP{} } } / UDP{}
    local entry = "1 options[1] IPOption_RR.length length at 21+1: 7, 7" -- RFC 791 section 3.1
    assert.same({ { entry }, true }, { inner_of(p) })
    assert.same({ { entry }, true }, { inner_of(luapkt.packet(p:bytes(), "IP")) })
  end)

  it("is wrong where it says something else than its packet is", function()
    local p = IP{ options = { luapkt.IPOption_RR{ length = 9, routers = { "1.2.3.4" } } } } / UDP{}
    local list, right = inner_of(p)
    assert.is_false(right)
    assert.same({ "1 options[1] IPOption_RR.length length at 21+1: 9, 7" }, list)
  end)

  it("is right beside one that is wrong, also where it was worked out", function()
    local p = IP{ options = { luapkt.IPOption_RR{ length = 9, routers = { "1.2.3.4" } },
      luapkt.IPOption_LSRR{ routers = { "1.2.3.4", "5.6.7.8" } } } }
    assert.equal("1 options[2] IPOption_LSRR.length length at 28+1: 11, 11", (inner_of(p))[2])
  end)

  it("may be in a packet in a packet", function()
    local link = luapkt.OSPF_Link{}
    local p = IP{} / OSPF{} / luapkt.OSPF_LSUpdate{ lsas = {
      luapkt.OSPF_RouterLSA{ links = { link, link } }, luapkt.OSPF_RouterLSA{ links = { link } } } }
    -- RFC 2328 sections A.3.5, A.4.1 and A.4.2: IP 20, OSPF 24, count 4, LSA 24, link 12
    local list = inner_of(luapkt.packet(p:bytes(), "IP"))
    assert.equal("3 lsas[1] OSPF_RouterLSA.length length at 66+2: 48, 48", list[2])
    assert.equal("3 lsas[1].links[2] OSPF_Link.ntos length at 93+1: 0, 0", list[5])
    assert.equal("3 lsas[2] OSPF_RouterLSA.length length at 114+2: 36, 36", list[7])
    assert.equal(9, #list)
  end)

  it("would be what makes the sum come out", function()
    local p = IP{} / OSPF{} / luapkt.OSPF_LSUpdate{ lsas = { luapkt.OSPF_RouterLSA{
      links = { luapkt.OSPF_Link{} } } } }
    local bytes = with_byte(p:bytes(), 64, 0x12)
    local entry
    for _, e in ipairs(luapkt.packet(bytes, "IP"):check()) do
      if e.within and e.what == "checksum" then entry = e end
    end
    assert.is_false(entry.right)
    -- RFC 2328 section 12.1.7, RFC 905 annex B: over all but the age both sums are 0 modulo 255
    local lsa = bytes:sub(51, 64) .. (">I2"):pack(entry.expected) .. bytes:sub(67)
    local c0, c1 = 0, 0
    for i = 1, #lsa do
      c0 = (c0 + lsa:byte(i)) % 255
      c1 = (c1 + c0) % 255
    end
    assert.same({ 0, 0 }, { c0, c1 })
  end)
end)

describe("the bytes that are covered", function()
  -- Any byte of them, changed, makes the sum another; any other doesn't, but for a pseudo-header's.
  local function covered(entry)
    local set, list = {}, #entry.covers > 0 and entry.covers or { entry.covers }
    for _, range in ipairs(list) do
      for at = range.offset, range.offset + range.size - 1 do set[at] = true end
    end
    for at = entry.offset, entry.offset + entry.size - 1 do set[at] = nil end
    return set
  end

  -- What the sum of the last layer would be with one byte changed; its own fields decide nothing.
  local function expected(bytes, first, at)
    local changed = bytes:sub(1, at) .. string.char(bytes:byte(at + 1) ~ 0x10) .. bytes:sub(at + 2)
    return sum_of(luapkt.packet(changed, first)).expected
  end

  for _, case in ipairs {
    { "OSPF", OSPF{ type = 9, authtype = 1, auth = "password" } / "abcdef", from = 4, to = 29 },
    { "OSPF_NetworkLSA", luapkt.OSPF_NetworkLSA{ routers = { "1.2.3.4" } }, from = 0, to = 17 },
    { "PIM", PIM{} / "abcdefgh", from = 4, to = 11 },
  } do
    it("are those on which " .. case[1] .. " depends", function()
      local bytes = case[2]:bytes()
      local entry = sum_of(luapkt.packet(bytes, case[1]))
      local set = covered(entry)
      for at = case.from, case.to do
        local own = at >= entry.offset and at < entry.offset + entry.size
        if not own then
          local other = expected(bytes, case[1], at) ~= entry.expected
          assert.equal(set[at] or false, other, ("byte %d"):format(at))
        end
      end
    end)
  end
end)

-- What the whole packet tells at once is what each field tells alone.

describe("a packet that comes out the same", function()
  local inspect = require "luapkt.inspect"

  local function has_wrong(p)
    for _, entry in ipairs(assert(p:check())) do
      if entry.right == false then return true end
    end
    return false
  end

  it("has no field that is wrong, and one with a byte changed is found out", function()
    local list = {
      Ether{} / IP{} / UDP{} / "abc", Ether{} / IPv6{} / TCP{} / "abcd",
      Ether{} / IP{} / SCTP{} / luapkt.SCTPChunkCookieAck{}, CDP{} / "x",
      Ether{} / IP{} / OSPF{} / OSPF_Hello{}, Ether{} / IP{ flags = 1 } / UDP{},
      Ether{} / IP{} / luapkt.ICMP{ type = 3 } / luapkt.IPerror{} / luapkt.UDPerror{},
    }
    local right, wrong = 0, 0
    for _, p in ipairs(list) do
      local whole = p:bytes()
      for at = 0, #whole do
        local bytes = at == 0 and whole or whole:sub(1, at - 1)
          .. string.char(whole:byte(at) ~ 4) .. whole:sub(at + 1)
        local q = luapkt.packet(bytes, p[1].kind)
        local is_wrong = has_wrong(q)
        assert.is_false(inspect.is_right(q) and is_wrong, ("%s, byte %d"):format(p[2].kind, at))
        if at == 0 then assert.is_true(inspect.is_right(q)) end
        if is_wrong then wrong = wrong + 1 else right = right + 1 end
      end
    end
    assert.is_true(right > 50 and wrong > 200, right .. " " .. wrong)
  end)

  it("may have left a checksum out", function() -- which is no mistake, RFC 768
    local p = luapkt.packet((IP{} / UDP{ chksum = 0 } / "x"):bytes(), "IP")
    assert.is_false(has_wrong(p))
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

  it("names no field of bytes between two", function()
    finally(function() assert(luapkt.load { luapkt.folder() }) end)
    assert(luapkt.add {
      id = "Filled",
      fields = { f.u8 "n", f.bytes("a", { size = f.ref "n", align = 4 }), f.u8 "b" },
    })
    local same, why = luapkt.packet("\2ab\7\9", "Filled"):identical()
    assert.is_false(same)
    assert.same({ layer = 1, kind = "Filled", offset = 3, bytes = 7, built = 0 }, why[1])
    same, why = luapkt.packet("\2ab\0\9", "Filled"):identical()
    assert.same({ true, {} }, { same, why })
  end)
end)
