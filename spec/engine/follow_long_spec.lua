-- Messages in streams, and segments, that a packet has no room for.

local channel_access = require "luapkt.channel_access"
local core           = require "luapkt.core"
local luapkt         = require "luapkt"
local stream         = require "spec.stream"
local support        = require "spec.support"

local quote = support.quote
local ACK = stream.ACK

describe("a message that is longer than a packet may be", function()
  it("is read as far as one may be, and the next one is whole", function()
    local function rpc(size) -- RFC 5531 section 11, and section 9: a call
      return (">I4"):pack(0x80000000 | size) .. (">I4I4I4I4I4I4"):pack(size, 0, 2, 100000, 2, 4)
        .. ("x"):rep(size - 24)
    end
    for _, size in ipairs { 0x3fffb, 0x3fffc, 0x3fffd, 300000, 1000000 } do
      for _, step in ipairs { 1460, 60000 } do
        local client = stream.connection(111)
        local bytes = rpc(size) .. rpc(100) .. rpc(40)
        assert.same({ size, 100, 40 }, stream.messages(client:parts(bytes, step), "RPC_Call",
          function(call) return call.xid end), ("%d bytes in segments of %d"):format(size, step))
      end
    end
  end)
end)

describe("a message that fills a packet but for the layers below it", function()
  -- Channel Access's answer with so many numbers, in a long header, and a short one behind it.
  local function answers(count)
    local long = (">I2I2I2I2I4I4I4I4"):pack(15, 0xffff, 6, 0, 1, 7, count * 8, count)
    return long .. ("\0"):rep(count * 8) .. luapkt.CAReadNotifyResponse{ ioid = 8 }:bytes()
  end

  local most = (0x40000 - 14 - 20 - 20 - 24) // 8

  for _, case in ipairs { { most, nil }, { most + 1, "cut" }, { 0x40000 // 8 + 1, "cut" } } do
    local count, note = table.unpack(case, 1, 2)
    it(("of %d numbers is %s"):format(count, note or "whole"), function()
      local _, server = stream.connection(5064)
      local found = {}
      stream.each(stream.pcap(server:parts(answers(count), 1460)), function(p, about)
        local layer = p.CAReadNotifyResponse
        if not layer then return end
        assert.is_true(#p:bytes() <= 0x40000)
        found[#found + 1] = { layer.ioid, about.note, channel_access.text(layer) ~= nil }
      end)
      assert.same({ { 7, note, not note }, { 8, nil, true } }, found)
    end)
  end

  it("has a line all the same where it is cut, and the next one has its own", function()
    local _, server = stream.connection(5064)
    local path = support.tmpdir() .. "/long.pcap"
    support.write_file(path, stream.pcap(server:parts(answers(33000), 60000)))
    local ok, out = support.run(("%s shark %s"):format(quote(support.program()), quote(path)))
    assert.is_true(ok)
    assert.truthy(out:find "CAReadNotifyResponse%([^\n]*ioid=7[^\n]* bytes%) %[cut%]\n")
    assert.truthy(out:find "ReadNotifyResponse%([^\n]*ioid=8, metadata=None%)\n$")
  end)
end)

-- Pieces of IPv6 (RFC 8200 section 4.5) within joined ones: a packet whose segment begins behind
-- the most bytes that a packet may have.
describe("a segment that a packet has no room for", function()
  local hosts = ("\0"):rep(15) .. "\1" .. ("\0"):rep(15) .. "\2"
  local wlan = "\8\0" .. ("\0"):rep(22) .. "\xaa\xaa\3\0\0\0\x86\xdd"

  local function frame(radiotap, payload)
    return "\0\0" .. ("<I2I4"):pack(radiotap, 0) .. ("\0"):rep(radiotap - 8) .. wlan
      .. (">I4I2BB"):pack(6 << 28, #payload, 44, 64) .. hosts .. payload
  end

  local function piece(id, at, more, bytes)
    return ("\60\0" .. (">I2I4"):pack(at | more, id)) .. bytes
  end

  -- Headers of destination options, 2 KiB each: PadN (RFC 8200 section 4.2).
  local function options(n, next_header)
    local function pad(size) return "\1" .. string.char(size) .. ("\0"):rep(size) end
    local padding = "\255" .. pad(252):rep(8) .. pad(12)
    return ("\60" .. padding):rep(n - 1) .. string.char(next_header) .. padding
  end

  -- The frames that carry it, all but the last one with first pieces.
  local function frames_of(bytes, seq)
    local frames = {}
    local tcp = (">I2I2I4I4BBI2I2I2"):pack(5064, 40000, seq, 1, 0x50, ACK, 8192, 0, 0)
    local datagram = options(4, 6) .. tcp .. bytes
    for id = 4, 1, -1 do
      local cut = (#datagram - 1) // 8 * 8
      frames[#frames + 1] = frame(8, piece(id, 0, 1, datagram:sub(1, cut)))
      datagram = piece(id, cut, 0, datagram:sub(cut + 1))
      if id > 1 then datagram = options(31, 44) .. datagram end
    end
    frames[#frames + 1] = frame(65535, datagram)
    return frames
  end

  it("is read as it stands, and what comes behind it is read, too", function()
    local answer = (">I2I2I2I2I4I4I4I4"):pack(15, 0xffff, 6, 0, 1, 7, 300000, 37500)
      .. ("\0"):rep(300000)
    local frames = {}
    for at = 1, #answer, 50000 do
      table.move(frames_of(answer:sub(at, at + 49999), at), 1, 5, #frames + 1, frames)
    end
    local most, last = 0, 0
    stream.each(stream.pcap(frames, 127), function(p, about) -- LINKTYPE_IEEE802_11_RADIOTAP
      if p.TCP then most = math.max(most, core.packet.count(p)) end
      last = about.number
    end)
    assert.is_true(most > 100, most .. " layers")
    assert.equal(#frames, last)
  end)
end)
