-- Streams in specs: segments of TCP made by hand (RFC 9293 section 3.1), captures of them in
-- memory, and what the shark makes of one.

local core      = require "luapkt.core"
local packet    = require "luapkt.packet"
local protocols = require "luapkt.protocols"

local stream = {}

local FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
stream.FIN, stream.SYN, stream.RST, stream.PSH, stream.ACK = FIN, SYN, RST, PSH, ACK

--- An Ethernet frame with an IPv4 datagram (RFC 791 section 3.1) of this protocol between hosts
-- 10.0.`a` and 10.0.`b`, numbers of 16 bits. `more` may have `id`, `flags_offset` (the 16 bits that
-- tell of pieces) and `len` (what the header says).
function stream.datagram(a, b, protocol, payload, more)
  more = more or {}
  local head = (">BBI2 I2I2 BBI2"):pack(0x45, 0, more.len or 20 + #payload, more.id or 0,
    more.flags_offset or 0, 64, protocol, 0)
  return ("\2\0\0\0\0\2\2\0\0\0\0\1\8\0") .. head
    .. ("\10\0" .. (">I2"):pack(a)) .. ("\10\0" .. (">I2"):pack(b)) .. payload
end

--- One side of a connection, with the number of its next byte, which may be above 2^32.
-- `other` is the side that it talks to.
local Side = {}
Side.__index = Side

--- Two sides of a connection: hosts 1 and 2.
-- @tparam number port of the second one
-- @tparam[opt] table options `client` (a port), `hosts` (two numbers), `seq` (two numbers)
function stream.connection(port, options)
  options = options or {}
  local hosts, seq = options.hosts or { 1, 2 }, options.seq or { 1000, 5000 }
  local a = setmetatable({ host = hosts[1], port = options.client or 40000, seq = seq[1] }, Side)
  local b = setmetatable({ host = hosts[2], port = port, seq = seq[2] }, Side)
  a.other, b.other = b, a
  return a, b
end

--- A segment with these flags, which begins at `seq`.
function Side:segment(seq, bytes, flags, ack)
  local tcp = (">I2I2I4I4BBI2I2I2"):pack(self.port, self.other.port, seq & 0xffffffff,
    (ack or self.other.seq) & 0xffffffff, 0x50, flags or PSH | ACK, 8192, 0, 0)
  return stream.datagram(self.host, self.other.host, 6, tcp .. bytes)
end

--- The segment that comes next.
function Side:send(bytes, flags)
  local segment = self:segment(self.seq, bytes, flags)
  self.seq = self.seq + #bytes
  if ((flags or 0) & (SYN | FIN)) ~= 0 then self.seq = self.seq + 1 end
  return segment
end

--- A segment that acknowledges all up to here, or up to `ack`.
function Side:acknowledge(ack) return self:segment(self.seq, "", ACK, ack) end

--- The segments of `bytes` that the side sends, each `size` bytes long.
function Side:parts(bytes, size)
  local frames = {}
  for at = 1, #bytes, size do frames[#frames + 1] = self:send(bytes:sub(at, at + size - 1)) end
  return frames
end

--- The three segments that open a connection.
function stream.handshake(client, server)
  return client:send("", SYN), server:send("", SYN | ACK), client:send("", ACK)
end

--- A capture of frames, a millisecond apart, as a pcap file. Where an item is a number, the frames
-- behind it come so many seconds later.
-- @tparam {string|number,...} frames
-- @tparam[opt=1] number link
function stream.pcap(frames, link)
  local parts = { ("<I4I2I2i4I4I4I4"):pack(0xa1b2c3d4, 2, 4, 0, 0, 0x40000, link or 1) }
  local time = 1700000000 * 1000
  for _, frame in ipairs(frames) do
    if type(frame) == "number" then
      time = time + frame * 1000
    else
      time = time + 1
      parts[#parts + 1] = ("<I4I4I4I4"):pack(time // 1000, time % 1000 * 1000, #frame, #frame)
      parts[#parts + 1] = frame
    end
  end
  return table.concat(parts)
end

--- A shark that reads a capture's bytes, or what a function returns.
function stream.shark(source)
  return core.shark.new(protocols.generation().core, core.capture.reader(source))
end

--- Call a function with each packet that the shark makes of a capture, and what is known of it.
function stream.each(bytes, f)
  local shark = stream.shark(bytes)
  local p, about = shark:next()
  while p do
    f(p, about, shark)
    p, about = shark:next()
  end
  assert(not about, about and about.message)
end

--- The layers of one protocol in all packets of a capture of these frames, each as `show` makes
-- text of it, in order.
function stream.messages(frames, id, show)
  local found = {}
  stream.each(stream.pcap(frames), function(p)
    for place = 1, core.packet.count(p) do
      local layer = core.packet.layer(p, place)
      if core.packet.is(layer, id) then found[#found + 1] = show(layer) end
    end
  end)
  return found
end

-- Messages of which each tells by itself if it came whole: DNS over TCP.

--- A query (RFC 1035 section 4.2.2) with this id that asks for so many names, of `label` letters
-- each.
function stream.query(id, names, label)
  label = label or 63
  local question = string.char(label) .. ("n"):rep(label) .. "\0\0\1\0\1"
  local body = (">I2I2I2I2I2I2"):pack(id, 0x0100, names or 1, 0, 0, 0)
    .. question:rep(names or 1)
  return (">s2"):pack(body)
end

--- Of a query that was read, whether all of it is there: what the length says, the id, and the
-- number of questions.
function stream.show_query(dns)
  return ("%d: %d of %d"):format(dns.id, #dns.qd, dns.length)
end

--- The same of queries as they were sent.
function stream.shown(...)
  local list = {}
  for i, message in ipairs { ... } do
    local length, id = (">I2I2"):unpack(message)
    list[i] = ("%d: %d of %d"):format(id, (">I2"):unpack(message, 7), length)
  end
  return list
end

--- The queries in a capture of these frames, as `show_query` has them.
function stream.queries(frames) return stream.messages(frames, "DNS", stream.show_query) end

--- What a packet is: its layers, without the link and network layer and with its note.
function stream.notes(frames)
  local found = {}
  stream.each(stream.pcap(frames), function(p, about)
    found[#found + 1] = about.note or core.packet.kind(core.packet.layer(p, core.packet.count(p)))
  end)
  return found
end

--- The packet that bytes are, read alone.
function stream.read(bytes, id) return assert(packet.new(bytes, id)) end

return stream
