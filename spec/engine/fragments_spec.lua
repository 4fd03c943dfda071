-- Datagrams in pieces, joined: IPv4 (RFC 791 section 3.2) and IPv6 (RFC 8200 section 4.5). Pieces
-- are made by hand, and by scapy; tshark joins the same.

local capture = require "spec.capture"
local luapkt  = require "luapkt"
local stream  = require "spec.stream"
local support = require "spec.support"

local quote = support.quote
local IP, UDP = luapkt.IP, luapkt.UDP

local ETHER6 = ("\2"):rep(12) .. "\x86\xdd"

-- A datagram of UDP with so many bytes, each of which tells where it stands.
local function udp(size)
  local parts = {}
  for i = 1, (size + 3) // 4 do parts[i] = (">I4"):pack(i * 2654435761 & 0xffffffff) end
  local load = table.concat(parts):sub(1, size)
  return (">I2I2I2I2"):pack(1000, 2000, (8 + size) & 0xffff, 0) .. load, load
end

-- Bytes `from` up to before `to` of what an IPv4 datagram carries (RFC 791 section 3.1).
local function piece4(whole, from, to, more)
  more = more or {}
  local last = to >= #whole
  local offset = (more.offset or from) // 8 | (last and not more.open and 0 or 0x2000)
  return stream.datagram(more.from or 1, more.to or 2, more.proto or 17, whole:sub(from + 1, to),
    { id = more.id or 77, flags_offset = offset, len = more.len })
end

-- The same of IPv6: a Fragment header of 8 bytes (RFC 8200 section 4.5).
local function piece6(whole, from, to, more)
  more = more or {}
  local load = whole:sub(from + 1, to)
  local address = "\x20\1\x0d\xb8" .. ("\0"):rep(11)
  return ETHER6 .. (">I4I2BB"):pack(0x60000000, 8 + #load, 44, 64)
    .. address .. string.char(more.from or 1) .. address .. string.char(more.to or 2)
    .. (">BBI2I4"):pack(more.proto or 17, 0, from | (to < #whole and 1 or 0), more.id or 77) .. load
end

-- For each packet of a capture its note, or what its topmost layer carries.
local function seen(frames)
  local found = {}
  stream.each(stream.pcap(frames), function(p, about)
    local raw = p.Raw
    found[#found + 1] = about.note or raw and p.UDP and raw.load or p[#p].kind
  end)
  return found
end

local orders = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } }

for name, piece in pairs { IPv4 = piece4, IPv6 = piece6 } do
  describe("pieces of " .. name, function()
    local whole, load = udp(3000)
    local pieces = { piece(whole, 0, 1480), piece(whole, 1480, 2000), piece(whole, 2000, #whole) }

    local function assert_seen(wanted, frames) assert.same(wanted, seen(frames)) end

    it("are joined in any order", function()
      for _, order in ipairs(orders) do
        assert.same({ "piece", "piece", load },
          seen { pieces[order[1]], pieces[order[2]], pieces[order[3]] }, table.concat(order, " "))
      end
    end)

    it("may come twice", function()
      for _, order in ipairs(orders) do
        local a, b, c = pieces[order[1]], pieces[order[2]], pieces[order[3]]
        assert_seen({ "piece", "piece", "piece", "piece", load }, { a, a, b, a, c })
      end
    end)

    it("may overlap: what came first counts", function()
      local wrong = whole:sub(1, 1000) .. ("x"):rep(1000) .. whole:sub(2001)
      assert_seen({ "piece", "piece", load }, { pieces[1], piece(whole, 1000, 2000), pieces[3] })
      assert_seen({ "piece", "piece", load }, { pieces[1], piece(whole, 1472, 2504), pieces[3] })
      -- bytes 1000 to 1480 are there already
      assert_seen({ "piece", "piece", "piece", load }, { pieces[1], piece(wrong, 1000, 1480),
        piece(whole, 1480, 2000), pieces[3] })
    end)

    it("are joined again where another datagram has the same number", function()
      local other, other_load = udp(2500)
      local frames = { pieces[1], pieces[2], pieces[3], piece(other, 0, 1000),
        piece(other, 1000, #other) }
      assert_seen({ "piece", "piece", load, "piece", other_load }, frames)
    end)

    it("stay pieces where one is missing", function()
      assert_seen({ "piece", "piece" }, { pieces[2], pieces[3] })
      assert_seen({ "piece", "piece" }, { pieces[1], pieces[3] })
      assert_seen({ "piece", "piece" }, { pieces[1], pieces[2] })
    end)

    it("of two datagrams may be mixed", function()
      local other, other_load = udp(2600)
      for change, value in pairs { id = 78, from = 3, to = 4 } do
        local function others(from, to) return piece(other, from, to, { [change] = value }) end
        assert_seen({ "piece", "piece", "piece", "piece", other_load, load }, { pieces[1],
          others(1480, 2000), others(0, 1480), pieces[3], others(2000, #other), pieces[2] })
      end
    end)

    it("are any size of eight bytes", function()
      local small, small_load = udp(200)
      for size = 8, 208, 8 do
        local frames = {}
        for from = 0, #small - 1, size do
          frames[#frames + 1] = piece(small, from, math.min(from + size, #small))
        end
        local found = seen(frames)
        assert.equal(small_load, found[#found], "pieces of " .. size)
      end
    end)

    it("are as many bytes as a datagram has", function()
      local most, most_load = udp(name == "IPv4" and 65535 - 20 - 8 or 65535 - 8)
      local frames = {}
      for from = 0, #most - 1, 1480 do
        frames[#frames + 1] = piece(most, from, math.min(from + 1480, #most))
      end
      math.randomseed(4)
      for i = #frames, 2, -1 do
        local k = math.random(i)
        frames[i], frames[k] = frames[k], frames[i]
      end
      local found = seen(frames)
      assert.equal(#most_load, #found[#found])
      assert.equal(most_load, found[#found])
    end)

    it("that reach beyond a datagram's most bytes are joined with nothing", function()
      local long = udp(65000)
      local found = seen { piece(long, 0, 1480), piece(("x"):rep(70000), 65528, 65600),
        piece(long, 1480, 2960) }
      assert.same({ "piece", "piece" }, { found[1], found[3] })
      assert.is_not.equal("piece", found[2])
    end)

    it("of many datagrams may come at once", function()
      local frames, wanted = {}, {}
      for id = 1, 256 do
        frames[#frames + 1] = piece(whole, 0, 1480, { id = id })
        wanted[#wanted + 1] = "piece"
      end
      for id = 256, 1, -1 do
        frames[#frames + 1] = piece(whole, 1480, #whole, { id = id })
        wanted[#wanted + 1] = load
      end
      assert_seen(wanted, frames)
    end)

    it("of too many datagrams are those of the last", function()
      local frames, wanted = {}, {}
      for id = 1, 300 do
        frames[id] = piece(whole, 0, 1480, { id = id })
        frames[601 - id] = piece(whole, 1480, #whole, { id = id })
        wanted[id], wanted[601 - id] = "piece", id > 300 - 256 and load or "piece"
      end
      assert_seen(wanted, frames)
    end)

    it("are waited for half a minute", function() -- RFC 791 section 3.2
      assert_seen({ "piece", "piece", load }, { pieces[1], 20, pieces[2], 9, pieces[3] })
      assert_seen({ "piece", "piece", "piece" }, { pieces[1], pieces[2], 31, pieces[3] })
      assert_seen({ "piece", "piece", "piece", "piece", load }, { pieces[1], 31, pieces[2],
        pieces[3], pieces[3], pieces[1] })
    end)

    it("are not waited for from one end of time to the other", function()
      -- draft-ietf-opsawg-pcapng section 4.2: if_tsoffset, seconds
      local file = capture.pcapng { { offset = -9000000000, pieces[1] },
        { offset = 9000000000, pieces[2], pieces[3] } }
      local notes = {}
      stream.each(file, function(_, about) notes[#notes + 1] = about.note or "whole" end)
      assert.same({ "piece", "piece", "piece" }, notes)
    end)

    it("that aren't of eight bytes are joined with nothing", function()
      -- "piece" is what waits; this one can't
      local odd = piece(whole, 0, 1479)
      assert.is_not.equal("piece", seen { odd }[1])
      assert_seen({ "piece", "piece" }, { pieces[2], pieces[3] })
      local found = seen { odd, pieces[2], pieces[3] }
      assert.same({ "piece", "piece" }, { found[2], found[3] })
    end)

    it("that disagree about the end are of two datagrams: what came first counts", function()
      local ends = piece(whole:sub(1, 2003), 2000, 2003)
      local others = { piece(whole:sub(1, 2008), 2000, 2008), piece(whole, 2000, 2008), pieces[3] }
      for _, other in ipairs(others) do
        local found = seen { ends, other, pieces[1], pieces[2] }
        assert.is_not.equal("piece", found[2])
        assert.equal(load:sub(1, 1995), found[4])
      end
    end)

    it("are one packet with its last piece's record", function()
      local numbers, joined = {}, {}
      stream.each(stream.pcap(pieces), function(p, about, shark)
        numbers[#numbers + 1] = about.number
        if p.UDP and not about.note then
          joined[#joined + 1] = about.number
          assert.equal(#pieces[3], about.wire_len)
          assert.equal(support.hex(pieces[3]), support.hex(shark:bytes()))
          assert.matches(":1000$", shark:src(true))
          assert.matches(":2000$", shark:dst(true))
          assert.equal(3008, p.UDP.len)
        end
      end)
      assert.same({ { 1, 2, 3 }, { 3 } }, { numbers, joined })
    end)
  end)
end

describe("pieces of IPv4", function()
  local whole, load = udp(3000)

  it("of other protocols between the same hosts are others", function() -- RFC 791 section 3.2
    assert.same({ "piece", "piece", load }, seen { piece4(whole, 0, 1480),
      piece4(("x"):rep(3008), 1480, 3008, { proto = 99 }), piece4(whole, 1480, #whole) })
  end)

  it("with a length that lies are joined with nothing that isn't there", function()
    -- the header says 4000 bytes, or less than itself
    for _, len in ipairs { 4000, 19, 0 } do
      local found = seen { piece4(whole, 0, 1480, { len = len }), piece4(whole, 1480, #whole) }
      assert.is_true(found[2] == "piece" or found[2] == load, tostring(len))
    end
    local short = seen { piece4(whole, 0, 1480, { len = 20 + 800 }), piece4(whole, 1480, #whole),
      piece4(whole, 800, 1480) }
    assert.same({ "piece", "piece", load }, short)
  end)

  it("have the head of the first one", function()
    local heads = {}
    stream.each(stream.pcap { piece4(whole, 1480, #whole), piece4(whole, 0, 1480) },
      function(p, about) heads[about.number] = { p.IP.frag, p.IP.flags, p.IP.len } end)
    assert.same({ 0, 1, 1500 }, heads[2])
  end)

  -- RFC 791 section 3.2: only the last one says where the datagram ends, and all bytes count.
  it("may reach as far as the last one, and no further, without being the last", function()
    local first, last = piece4(whole, 0, 1480), piece4(whole, 2000, #whole)
    assert.same({ "piece", "piece", load },
      seen { first, last, piece4(whole, 1480, #whole, { open = true }) })
    local longer = whole .. ("x"):rep(8)
    local found = seen { first, last, piece4(longer, 1480, #longer, { open = true }) }
    assert.same({ "piece", "piece" }, { found[1], found[2] })
    assert.is_not.equal(load, found[3])
    assert.is_not.equal("piece", found[3])
  end)

  -- RFC 2003, RFC 2784
  it("are joined within tunnels, and tunnels in pieces are", function()
    local inner_load = ("tunnel"):rep(500)
    local inner = (IP{ src = "1.1.1.1", dst = "2.2.2.2", id = 5 } / UDP{ sport = 6, dport = 7 }
      / inner_load):bytes()
    for proto, head in pairs { [4] = "", [47] = "\0\0\8\0" } do
      local outer = head .. inner
      assert.same({ "piece", inner_load }, seen { piece4(outer, 0, 1480, { proto = proto }),
        piece4(outer, 1480, #outer, { proto = proto }) })
      -- the inner one in pieces, each in a datagram of its own
      local frames = {}
      for from = 0, #inner - 21, 1000 do
        local part = inner:sub(21 + from, 20 + from + 1000)
        local more = from + 1000 < #inner - 20 and 1 or 0
        local small = IP{ src = "1.1.1.1", dst = "2.2.2.2", id = 5, proto = 17, frag = from // 8,
          flags = more } / part
        frames[#frames + 1] = stream.datagram(1, 2, proto, head .. small:bytes())
      end
      local found = seen(frames)
      assert.same({ "piece", "piece", inner_load, "piece" }, { found[1], found[2],
        found[#found], found[#found - 1] })
      -- and those in pieces again
      local twice = {}
      for i, frame in ipairs(frames) do
        local carried = frame:sub(35)
        twice[#twice + 1] = piece4(carried, 0, 600, { proto = proto, id = i })
        if #carried > 600 then
          twice[#twice + 1] = piece4(carried, 600, #carried, { proto = proto, id = i })
        end
      end
      found = seen(twice)
      assert.equal(inner_load, found[#found])
    end
  end)

  it("carry segments, too", function()
    local client = stream.connection(53)
    local message = (">s2"):pack((">I2I2I2I2I2I2"):pack(5, 0x100, 20, 0, 0, 0)
      .. (("\63" .. ("n"):rep(63) .. "\0\0\1\0\1"):rep(20)))
    local frames = {}
    for at = 1, #message, 700 do
      local segment = client:send(message:sub(at, at + 699)):sub(35)
      frames[#frames + 1] = piece4(segment, 0, 400, { proto = 6, id = at })
      frames[#frames + 1] = piece4(segment, 400, #segment, { proto = 6, id = at })
    end
    assert.same({ "5 20" }, stream.messages(frames, "DNS", function(dns)
      return ("%d %d"):format(dns.id, #dns.qd)
    end))
  end)
end)

describe("pieces by scapy", function()
  if not support.run "/usr/bin/python3 -c 'import scapy'" then
    pending "aren't joined: it is not installed"
    return
  end

  -- The frames that expressions of scapy's are, in hex, one expression a line.
  local function ask(...)
    local folder = support.tmpdir()
    support.write_file(folder .. "/ask.py", [[
import sys, logging
logging.getLogger("scapy").setLevel(logging.CRITICAL)
from scapy.all import *
for line in open(sys.argv[1]):
    for p in eval(line):
        print(bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / p).hex())
]])
    support.write_file(folder .. "/lines", table.concat({ ... }, "\n") .. "\n")
    local ok, out, err = support.run(
      ("cd %s && /usr/bin/python3 ask.py lines"):format(quote(folder)))
    assert(ok, err)
    local frames = {}
    for hex in out:gmatch "%x+" do frames[#frames + 1] = support.unhex(hex) end
    return frames
  end

  it("are joined", function()
    local four = ask("fragment(IP(src='10.0.0.1',dst='10.0.0.2',id=3)/UDP(sport=1,dport=2)"
      .. "/(b'abcd'*1000), 600)")
    local found = seen(four)
    assert.is_true(#found > 5)
    assert.equal(("abcd"):rep(1000), found[#found])
    local six = ask("fragment6(IPv6(src='2001:db8::1',dst='2001:db8::2')/IPv6ExtHdrFragment(id=9)"
      .. "/UDP(sport=1,dport=2)/(b'abcd'*1000), 700)")
    found = seen(six)
    assert.is_true(#found > 5)
    assert.equal(("abcd"):rep(1000), found[#found])
  end)
end)

capture.describe_tshark("tshark", function()
  it("joins the same pieces", function()
    local whole = udp(2000)
    local frames = {}
    for name, piece in pairs { IPv4 = piece4, IPv6 = piece6 } do
      local count = #name -- of either, the same numbers with another order
      for id, order in ipairs(orders) do
        local pieces = { piece(whole, 0, 800, { id = id }), piece(whole, 800, 1600, { id = id }),
          piece(whole, 1600, #whole, { id = id }) }
        for i = 1, 3 do
          if id % count ~= 0 or i ~= 3 then frames[#frames + 1] = pieces[order[i]] end
        end
      end
    end
    local path = support.tmpdir() .. "/pieces.pcap"
    support.write_file(path, stream.pcap(frames))
    local theirs = capture.tshark(path, { "udp.length" })
    local ours = {}
    stream.each(stream.pcap(frames), function(p, about)
      ours[about.number] = p.UDP and not about.note and tostring(p.UDP.len) or ""
    end)
    for i, packet in ipairs(theirs) do theirs[i] = packet["udp.length"] end
    assert.same(theirs, ours)
  end)
end)
