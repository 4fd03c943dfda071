-- Streams of TCP, read as messages: each once and whole, however segments part them (RFC 9293
-- section 3.4), whether they come twice, change places, or are missing.

local capture        = require "spec.capture"
local channel_access = require "luapkt.channel_access"
local core           = require "luapkt.core"
local luapkt         = require "luapkt"
local stream         = require "spec.stream"
local support        = require "spec.support"

local quote = support.quote
local ACK, FIN, RST, SYN = stream.ACK, stream.FIN, stream.RST, stream.SYN

-- A query over TCP (RFC 1035 section 4.2.2) with this id that asks for so many names, of 'label'
-- letters each.
local function query(id, names, label)
  label = label or 63
  local question = string.char(label) .. ("n"):rep(label) .. "\0\0\1\0\1"
  local body = (">I2I2I2I2I2I2"):pack(id, 0x0100, names or 1, 0, 0, 0)
    .. question:rep(names or 1)
  return (">s2"):pack(body)
end

-- Whether all of it is there: what the length says, the id, and the number of questions.
local function show_query(dns)
  return ("%d: %d of %d"):format(dns.id, #dns.qd, dns.length)
end

local function shown(...)
  local list = {}
  for i, message in ipairs { ... } do
    local length, id = (">I2I2"):unpack(message)
    list[i] = ("%d: %d of %d"):format(id, (">I2"):unpack(message, 7), length)
  end
  return list
end

local function queries(frames) return stream.messages(frames, "DNS", show_query) end

-- The segments of 'bytes', each 'size' bytes long.
local function parts(side, bytes, size)
  local frames = {}
  for at = 1, #bytes, size do frames[#frames + 1] = side:send(bytes:sub(at, at + size - 1)) end
  return frames
end

local function handshake(client, server)
  return client:send("", SYN), server:send("", SYN | ACK), client:send("", ACK)
end

describe("a stream's messages", function()
  it("come whole from two segments, wherever they are parted", function()
    local message = query(7, 3)
    for cut = 1, #message - 1 do
      local client = stream.connection(53)
      local frames = { client:send(message:sub(1, cut)), client:send(message:sub(cut + 1)) }
      assert.same(shown(message), queries(frames), "parted at " .. cut)
      assert.same({ "part", "DNS" }, stream.notes(frames), "parted at " .. cut)
    end
  end)

  it("come whole from segments of any size", function()
    local messages = { query(1), query(2, 40), query(3, 5), query(4), query(5, 2) }
    local bytes = table.concat(messages)
    for size = 1, 300, 3 do
      local client = stream.connection(53)
      assert.same(shown(table.unpack(messages)), queries(parts(client, bytes, size)),
        "segments of " .. size)
    end
  end)

  it("come all from one segment", function()
    local client = stream.connection(53)
    local messages, all = {}, 200
    for id = 1, all do messages[id] = query(id, 1, 14) end
    assert.same(shown(table.unpack(messages)), queries { client:send(table.concat(messages)) })
  end)

  it("come all from a datagram's largest segment", function()
    local client = stream.connection(179)
    local keepalive = ("\xff"):rep(16) .. "\0\19\4" -- RFC 4271 section 4.4
    local found = stream.messages({ client:send(keepalive:rep(3400)) }, "BGP",
      function(bgp) return bgp.type end)
    assert.equal(3400, #found)
  end)

  -- How long a message is, it may say only behind a marker (RFC 4271 section 4.1) or a type and
  -- version (RFC 8446 section 5.1).
  it("of other protocols come whole wherever they are parted", function()
    local function length(layer) return #layer:bytes() end
    for id, messages in pairs {
      BGP = { luapkt.BGP_Open{}:bytes(), luapkt.BGP_Update{}:bytes(),
        luapkt.BGP_Keepalive{}:bytes() },
      TLS = { luapkt.TLS_Handshake{ messages = luapkt.TLS_ClientHello{} }:bytes(),
        luapkt.TLS_ChangeCipherSpec{}:bytes(), luapkt.TLS{ data = ("x"):rep(300) }:bytes() },
    } do
      local bytes, wanted = table.concat(messages), {}
      for i, message in ipairs(messages) do wanted[i] = #message end
      for cut = 1, #bytes - 1 do
        local client = stream.connection(id == "BGP" and 179 or 443)
        assert.same(wanted, stream.messages({ client:send(bytes:sub(1, cut)),
          client:send(bytes:sub(cut + 1)) }, id, length), ("%s parted at %d"):format(id, cut))
      end
      for size = 1, 40 do
        local client = stream.connection(id == "BGP" and 179 or 443)
        assert.same(wanted, stream.messages(parts(client, bytes, size), id, length),
          ("%s in segments of %d"):format(id, size))
      end
    end
  end)

  it("that say of what kind they are come as that kind", function()
    local client = stream.connection(179)
    local bytes = luapkt.BGP_Open{}:bytes() .. luapkt.BGP_Keepalive{}:bytes()
    assert.same({ "BGP_Open", "BGP_Keepalive" }, stream.messages(parts(client, bytes, 11), "BGP",
      function(bgp) return bgp.kind end))
  end)

  it("are not taken twice where segments come again", function()
    local client = stream.connection(53)
    local one, two = query(1, 9), query(2, 9)
    local a, b = client:send(one:sub(1, 100)), client:send(one:sub(101))
    local c = client:send(two)
    local frames = { a, a, b, a, b, c, c, b, a }
    assert.same(shown(one, two), queries(frames))
    assert.same({ "part", "repeated", "DNS", "repeated", "repeated", "DNS", "repeated", "repeated",
      "repeated" }, stream.notes(frames))
  end)

  it("are those of another connection where numbers are far below the last ones", function()
    local client = stream.connection(53, { seq = { 3 << 24, 5000 } })
    local frames = { client:send(query(1)) }
    client.seq = 1 << 24
    for _, frame in ipairs(parts(client, query(2), 40)) do frames[#frames + 1] = frame end
    assert.same(shown(query(1), query(2)), queries(frames))
  end)

  it("are not taken twice where segments overlap", function()
    local messages = { query(1, 9), query(2, 9), query(3, 9) }
    local bytes = table.concat(messages)
    for step = 7, 300, 29 do
      for more = 1, 400, 39 do
        local client, frames = stream.connection(53), {}
        for at = 0, #bytes - 1, step do
          frames[#frames + 1] = client:segment(1000 + at, bytes:sub(at + 1, at + step + more))
        end
        assert.same(shown(table.unpack(messages)), queries(frames),
          ("%d bytes every %d"):format(step + more, step))
      end
    end
  end)

  it("come in order where segments don't", function()
    local messages = { query(1, 3), query(2, 5), query(3, 1), query(4, 2) }
    local bytes = table.concat(messages)
    for size = 90, 300, 30 do
      for from = 2, 6 do
        local client = stream.connection(53)
        local frames = parts(client, bytes, size)
        if from < #frames then
          frames[from], frames[from + 1] = frames[from + 1], frames[from]
          assert.same(shown(table.unpack(messages)), queries(frames),
            ("segments of %d, %d changed"):format(size, from))
        end
      end
    end
  end)

  it("come in order where the segments behind the first come backwards", function()
    local messages = { query(1, 3), query(2, 5), query(3, 1), query(4, 2) }
    local client = stream.connection(53)
    local frames = parts(client, table.concat(messages), 100)
    local backwards = { frames[1] }
    for i = #frames, 2, -1 do backwards[#backwards + 1] = frames[i] end
    assert.same(shown(table.unpack(messages)), queries(backwards))
  end)

  it("come in order where the first segments do not, after a SYN", function()
    local messages = { query(1, 3), query(2, 5), query(3, 1), query(4, 2) }
    for size = 60, 700, 80 do
      local client, server = stream.connection(53)
      local frames = { handshake(client, server) }
      local data = parts(client, table.concat(messages), size)
      data[1], data[2] = data[2], data[1]
      table.move(data, 1, #data, #frames + 1, frames)
      assert.same(shown(table.unpack(messages)), queries(frames), "segments of " .. size)
    end
  end)

  it("come in order over segments of random sizes, places and repeats", function()
    math.randomseed(7)
    for turn = 1, 200 do
      local client, server = stream.connection(53, { seq = { 0xffffff00 + turn, 5 } })
      local frames, messages = { handshake(client, server) }, {}
      for id = 1, 8 do messages[id] = query(id, math.random(1, 30)) end
      local wanted = shown(table.unpack(messages))
      local bytes, data, at = table.concat(messages), {}, 0
      local first = client.seq
      while at < #bytes do
        local size = math.random(1, 500)
        data[#data + 1] = client:segment(first + at, bytes:sub(at + 1, at + size))
        at = at + size
        if math.random(4) == 1 then at = math.max(0, at - math.random(1, 100)) end
      end
      for i = 1, #data - 1 do
        if math.random(3) == 1 then data[i], data[i + 1] = data[i + 1], data[i] end
      end
      for i = #data, 1, -1 do
        if math.random(5) == 1 then table.insert(data, math.random(i, #data + 1), data[i]) end
      end
      table.move(data, 1, #data, #frames + 1, frames)
      assert.same(wanted, queries(frames), "turn " .. turn)
    end
  end)

  it("go on where the numbers wrap", function()
    local messages = { query(1, 30), query(2, 30), query(3, 30) }
    local bytes = table.concat(messages)
    for before = 0, #bytes, 211 do
      local client, server = stream.connection(53, { seq = { 0x100000000 - before, 0xfffffff0 } })
      local frames = parts(client, bytes, 700)
      frames[3], frames[4] = frames[4], frames[3]
      frames[#frames + 1] = frames[2]
      frames[#frames + 1] = server:send(query(9, 2))
      assert.same(shown(messages[1], messages[2], messages[3], query(9, 2)), queries(frames))
    end
  end)

  it("aren't taken twice behind any number of bytes, though nobody saw the first", function()
    local client = stream.connection(53, { seq = { 0, 0 } })
    local frames, wanted = { client:send(query(1)) }, { query(1) }
    for id = 2, 20 do -- half a gigabyte each
      client.seq = (id - 1) << 29
      local message = query(id)
      frames[#frames + 1] = client:send(message)
      frames[#frames + 1] = client:send(query(100 + id))
      frames[#frames + 1] = client:segment(client.seq - #message, query(100 + id))
      wanted[#wanted + 1] = message
      wanted[#wanted + 1] = query(100 + id)
    end
    assert.same(shown(table.unpack(wanted)), queries(frames))
  end)

  it("of both directions don't disturb each other", function()
    local client, server = stream.connection(53)
    local asked, told = parts(client, query(1, 20) .. query(2, 7), 100),
      parts(server, query(101, 33) .. query(102, 3), 100)
    local frames = {}
    for i = 1, math.max(#asked, #told) do
      frames[#frames + 1] = asked[i]
      frames[#frames + 1] = told[i]
    end
    local found = queries(frames)
    table.sort(found)
    local wanted = shown(query(1, 20), query(2, 7), query(101, 33), query(102, 3))
    table.sort(wanted)
    assert.same(wanted, found)
  end)

  it("have bytes of their own, each of those that a segment carries", function()
    local client = stream.connection(53)
    local messages = { query(1, 2), query(2, 5), query(3, 1) }
    assert.same(messages, stream.messages({ client:send(table.concat(messages)) }, "DNS",
      function(dns) return dns:bytes() end))
  end)

  it("say who sent them", function()
    local client, server = stream.connection(53)
    local frames, ends = {}, {}
    for _, frame in ipairs(parts(client, query(1, 3), 100)) do frames[#frames + 1] = frame end
    for _, frame in ipairs(parts(server, query(2, 3), 100)) do frames[#frames + 1] = frame end
    stream.each(stream.pcap(frames), function(p, about, shark)
      if p.DNS then
        ends[#ends + 1] = { p.DNS.id, about.number, shark:src(true), shark:dst(true) }
      end
    end)
    assert.same({ { 1, 3, "10.0.0.1:40000", "10.0.0.2:53" },
      { 2, 6, "10.0.0.2:53", "10.0.0.1:40000" } }, ends)
  end)

  it("of many connections at once don't disturb each other", function()
    local frames, wanted = {}, {}
    local data = {}
    for i = 1, 500 do
      local client = stream.connection(53, { client = 1000 + i, hosts = { i % 7, 99 } })
      data[i] = parts(client, query(i, 4), 60)
      wanted[i] = shown(query(i, 4))[1]
    end
    for k = 1, #data[1] do
      for i = 1, #data do frames[#frames + 1] = data[i][k] end
    end
    assert.same(wanted, queries(frames))
  end)
end)

describe("where a segment is missing", function()
  it("what waited to the end comes then as the first of each connection came", function()
    local a = stream.connection(53, { client = 1001 })
    local b = stream.connection(53, { client = 1002 })
    local frames = { a:send(query(1)), b:send(query(2)) }
    a:send(query(3)) -- nobody saw these
    b:send(query(4))
    table.move({ a:send(query(5)), b:send(query(6)), a:send(query(7)) }, 1, 3, 3, frames)
    assert.same(shown(query(1), query(2), query(5), query(7), query(6)), queries(frames))
  end)

  local function with_gap(...)
    local client, server = stream.connection(53)
    local frames = { handshake(client, server) }
    frames[#frames + 1] = client:send(query(1, 3))
    client:send(query(2, 3)) -- nobody saw it
    for _, message in ipairs { ... } do frames[#frames + 1] = client:send(message) end
    return frames, client, server
  end

  it("messages go on behind it once the other side has got it", function()
    local frames, client, server = with_gap(query(3, 3))
    frames[#frames + 1] = server:acknowledge()
    frames[#frames + 1] = client:send(query(4, 3))
    assert.same(shown(query(1, 3), query(3, 3), query(4, 3)), queries(frames))
  end)

  it("messages go on with the other side's answer", function()
    local frames, client, server = with_gap(query(3, 3))
    frames[#frames + 1] = server:send(query(103, 2))
    frames[#frames + 1] = client:send(query(4, 3))
    local found = queries(frames)
    table.sort(found)
    local wanted = shown(query(1, 3), query(3, 3), query(4, 3), query(103, 2))
    table.sort(wanted)
    assert.same(wanted, found)
  end)

  it("it is waited for as long as the other side has not got it", function()
    local frames, client, server = with_gap()
    local late = client:segment(client.seq - #query(2, 3), query(2, 3))
    local missing = client.seq - #query(2, 3)
    for id = 3, 6 do
      frames[#frames + 1] = client:send(query(id, 3))
      frames[#frames + 1] = server:acknowledge(missing)
    end
    frames[#frames + 1] = late
    assert.same(shown(query(1, 3), query(2, 3), query(3, 3), query(4, 3), query(5, 3),
      query(6, 3)), queries(frames))
  end)

  it("the next one is waited for where it came, though after the other side's answer", function()
    local client, server = stream.connection(53)
    local frames, message = { client:send(query(1)) }, query(3, 3)
    local late, early = client:send(query(2):sub(1, 9)), client:send(query(2):sub(10))
    for _, frame in ipairs { early, server:acknowledge(), late } do frames[#frames + 1] = frame end
    late, early = client:send(message:sub(1, 9)), client:send(message:sub(10))
    for _, frame in ipairs { early, late } do frames[#frames + 1] = frame end
    assert.same(shown(query(1), query(2), message), queries(frames))
  end)

  it("messages go on where the capture ends, also behind several", function()
    local frames, client = with_gap(query(3, 3))
    client:send(query(4, 3)) -- nor was this
    frames[#frames + 1] = client:send(query(5, 3) .. query(6, 3))
    assert.same(shown(query(1, 3), query(3, 3), query(5, 3), query(6, 3)), queries(frames))
  end)

  it("messages go on where the connection is reset, and the capture ends", function()
    local frames, _, server = with_gap(query(3, 3))
    frames[#frames + 1] = server:segment(server.seq, "", stream.RST)
    assert.same(shown(query(1, 3), query(3, 3)), queries(frames))
  end)

  it("messages go on where the connection is reset, and others are still there", function()
    local frames, _, server = with_gap(query(3, 3))
    frames[#frames + 1] = server:segment(server.seq, "", stream.RST)
    local other = stream.connection(53, { client = 1001 })
    for id = 7, 8 do frames[#frames + 1] = other:send(query(id)) end
    assert.same(shown(query(1, 3), query(7), query(8), query(3, 3)), queries(frames))
  end)

  it("of both directions, the messages behind come in the order in which they came", function()
    for _, order in ipairs { { 3, 103 }, { 103, 3 } } do
      local client, server = stream.connection(53)
      local frames = { handshake(client, server) }
      frames[#frames + 1] = client:send(query(1))
      frames[#frames + 1] = server:send(query(101))
      local got = { [client] = server.seq, [server] = client.seq } -- what each has of the other
      client:send(query(2)) -- nobody saw these
      server:send(query(102))
      for _, id in ipairs(order) do
        local side = id == 3 and client or server
        frames[#frames + 1] = side:segment(side.seq, query(id), nil, got[side])
      end
      assert.same(shown(query(1), query(101), query(order[1]), query(order[2])), queries(frames))
    end
  end)

  it("messages go on where too much waits for it", function()
    local client = stream.connection(53)
    local frames, wanted = { client:send(query(1, 3)) }, { query(1, 3) }
    client:send(query(2, 3))
    for id = 3, 60 do
      wanted[#wanted + 1] = query(id, 200)
      for _, frame in ipairs(parts(client, wanted[#wanted], 4000)) do
        frames[#frames + 1] = frame
      end
    end
    assert.same(shown(table.unpack(wanted)), queries(frames))
  end)

  it("messages go on where too many segments wait for it", function()
    local client = stream.connection(53)
    local frames, wanted = { client:send(query(1, 3)) }, { query(1, 3) }
    client:send(query(2, 3))
    for id = 3, 150 do
      wanted[#wanted + 1] = query(id)
      for _, frame in ipairs(parts(client, wanted[#wanted], 2)) do frames[#frames + 1] = frame end
    end
    assert.is_true(#frames > 4096 + 100) -- how many may wait
    local last = shown(wanted[#wanted])[1]
    local found = {}
    stream.each(stream.pcap(frames), function(p, about)
      if p.DNS and p.DNS.id == 150 then found[#found + 1] = { show_query(p.DNS), about.number } end
    end)
    assert.same({ { last, #frames } }, found)
    assert.same(shown(table.unpack(wanted)), queries(frames))
  end)

  it("messages go on behind a jump in the numbers that no window explains", function()
    for _, jump in ipairs { 0x7000000, -0x7000000, 0x40000000, -0x40000000, 0x7fffff00 } do
      local client = stream.connection(53)
      local frames = { client:send(query(1, 3)) }
      client.seq = client.seq + jump
      frames[#frames + 1] = client:send(query(2, 3))
      frames[#frames + 1] = client:send(query(3, 3))
      assert.same(shown(query(1, 3), query(2, 3), query(3, 3)), queries(frames),
        "a jump of " .. jump)
    end
  end)
end)

describe("a connection", function()
  it("is followed from its middle on", function()
    local client = stream.connection(179)
    local update = ("\xff"):rep(16) .. "\0\23\2\0\0\0\0" -- RFC 4271 section 4.3
    local frames = { client:send(("end of a message"):rep(3)), client:send(update:sub(1, 5)),
      client:send(update:sub(6) .. update) }
    assert.same({ 2, 2 }, stream.messages(frames, "BGP", function(bgp) return bgp.type end))
  end)

  it("begins anew with a SYN on the same ports", function()
    local frames, wanted = {}, {}
    for turn = 1, 5 do
      local client, server = stream.connection(53, { seq = { turn * 77777, turn * 999 } })
      for _, frame in ipairs { handshake(client, server) } do frames[#frames + 1] = frame end
      -- its second message is never whole
      for _, message in ipairs { query(turn, 4), query(99, 9):sub(1, 50) } do
        frames[#frames + 1] = client:send(message)
      end
      frames[#frames + 1] = server:send(query(100 + turn, 3))
      wanted[#wanted + 1] = query(turn, 4)
      wanted[#wanted + 1] = query(100 + turn, 3)
    end
    assert.same(shown(table.unpack(wanted)), queries(frames))
  end)

  it("begins anew without what was missing of the one before", function()
    local client, server = stream.connection(53)
    local frames = { handshake(client, server) }
    frames[#frames + 1] = client:send(query(1))
    client:send(query(2):rep(9)) -- nobody saw it
    frames[#frames + 1] = client:send(query(3))
    frames[#frames + 1] = server:acknowledge()
    frames[#frames + 1] = client:send(query(4))
    client, server = stream.connection(53, { seq = { 1000 + #query(1), 9000 } })
    for _, frame in ipairs { handshake(client, server) } do frames[#frames + 1] = frame end
    local again = client:send(query(5))
    for _, frame in ipairs { again, client:send(query(6)), again } do
      frames[#frames + 1] = frame
    end
    local notes = stream.notes(frames)
    assert.same({ "DNS", "DNS", "repeated" }, { table.unpack(notes, #notes - 2) })
  end)

  it("begins anew behind a RST", function()
    local frames = {}
    for turn = 1, 3 do
      local client, server = stream.connection(53, { seq = { 1000, 5000 } })
      frames[#frames + 1] = client:send(query(turn, 4))
      frames[#frames + 1] = client:send(query(99, 9):sub(1, 50))
      frames[#frames + 1] = server:send("", RST)
    end
    assert.same(shown(query(1, 4), query(2, 4), query(3, 4)), queries(frames))
  end)

  it("ends with a FIN of either side, which may carry bytes", function()
    local client, server = stream.connection(53)
    local frames = { handshake(client, server) }
    frames[#frames + 1] = client:send(query(1, 4), FIN | ACK)
    frames[#frames + 1] = server:send(query(2, 4):sub(1, 20), ACK)
    frames[#frames + 1] = server:send(query(2, 4):sub(21), FIN | ACK)
    assert.same(shown(query(1, 4), query(2, 4)), queries(frames))
  end)

  it("doesn't end before the segments that a FIN overtook", function()
    local client, server = stream.connection(53)
    local frames = { handshake(client, server) }
    local bytes = query(1, 6)
    local a, b = client:send(bytes:sub(1, 100)), client:send(bytes:sub(101, 200))
    local c = client:send(bytes:sub(201), FIN | ACK)
    for _, frame in ipairs { a, server:send("", FIN | ACK), c, client:acknowledge(), b } do
      frames[#frames + 1] = frame
    end
    assert.same(shown(query(1, 6)), queries(frames))
  end)

  it("that has ended doesn't begin with what is sent again", function()
    local client, server = stream.connection(53)
    local frames = { handshake(client, server) }
    local last = client:send(query(1, 4), FIN | ACK)
    for _, frame in ipairs { last, server:send("", FIN | ACK), client:send("", ACK), last } do
      frames[#frames + 1] = frame
    end
    assert.same(shown(query(1, 4)), queries(frames))
  end)

  it("may carry bytes with its SYN", function() -- RFC 9293 section 3.4, RFC 7413
    local client, server = stream.connection(53)
    local first = client:send(query(1, 4), SYN)
    local frames = { first, server:send("", SYN | ACK), client:send(query(2, 4):sub(1, 30)),
      client:send(query(2, 4):sub(31)) }
    assert.same(shown(query(1, 4), query(2, 4)), queries(frames))
  end)

  it("isn't disturbed by probes of a byte that was sent before", function()
    local client, server = stream.connection(53)
    local frames = {}
    for id = 1, 4 do
      local bytes = query(id, 5)
      frames[#frames + 1] = client:send(bytes:sub(1, 70))
      frames[#frames + 1] = client:segment(client.seq - 1, "\0", ACK)
      frames[#frames + 1] = server:acknowledge()
      frames[#frames + 1] = client:send(bytes:sub(71))
    end
    assert.same(shown(query(1, 5), query(2, 5), query(3, 5), query(4, 5)), queries(frames))
  end)
end)

describe("the memory of streams", function()
  -- Kilobytes of this process that are in memory.
  local function resident()
    collectgarbage()
    return tonumber(support.read_file("/proc/self/statm"):match "^%d+ (%d+)") * 4
  end

  -- What a capture gives out, the frames of each call of 'make' in turn.
  local function source(make, turns)
    local head, turn = stream.pcap {}, 0
    return function()
      turn = turn + 1
      if turn == 1 then return head end
      return turn <= turns and stream.pcap(make(turn)):sub(#head + 1) or nil
    end
  end

  -- By how many kilobytes this process is larger at most than it was after a few turns, and how
  -- many packets came.
  local function grown(make, turns)
    stream.each(source(make, turns // 50), function() end)
    local before, most, count = resident(), 0, 0
    stream.each(source(make, turns), function()
      count = count + 1
      if count % (turns // 4) == 0 then most = math.max(most, resident()) end
    end)
    return most - before, count
  end

  if support.is_sanitized() then
    pending "isn't measured under sanitizers, which keep what is freed"
    return
  end

  it("is little where they are whole", function()
    local more, count = grown(function(turn)
      local client, server = stream.connection(53, { client = turn })
      return { client:send("", SYN), server:send("", SYN | ACK), client:send(query(1, 2)),
        server:send(query(2, 2), FIN | ACK), client:send("", FIN | ACK) }
    end, 20000)
    assert.equal(5 * 19999, count)
    assert.is_true(more < 20000, more .. " KB more")
  end)

  -- Before the others, as what they leave in memory counts as well.
  it("is bounded where what waits are long frames that carry little", function()
    local more = grown(function(turn)
      local client = stream.connection(53, { client = turn % 500 })
      local frames = turn < 500 and { client:send(query(1)) } or {}
      local seq = 1000 + #query(1) + turn // 500 * 2
      frames[#frames + 1] = client:segment(seq + 1, "x") .. ("\0"):rep(1400)
      return frames
    end, 150000) -- of 1.6 KB each
    assert.is_true(more < 130000, more .. " KB more")
  end)

  it("is bounded where no message becomes whole", function()
    local long = query(1, 900):sub(1, 60000) -- 62 KB
    local more, count = grown(function(turn)
      local client = stream.connection(53, { client = turn })
      return { client:send(long) }
    end, 3000)
    assert.equal(2999, count)
    assert.is_true(more < 130000, more .. " KB more")
  end)

  it("holds what was begun last", function()
    local message = query(1, 900) -- 62 KB
    local frames = {}
    for i = 1, 1500 do
      frames[i] = stream.connection(53, { client = i }):send(message:sub(1, 50000))
    end
    for i = 1500, 1, -1 do
      local client = stream.connection(53, { client = i })
      client.seq = client.seq + 50000
      frames[#frames + 1] = client:send(message:sub(50001) .. query(2))
    end
    local found = 0
    stream.each(stream.pcap(frames), function(p)
      if p.DNS and p.DNS.id == 1 then found = found + 1 end
    end)
    assert.is_true(found > 500 and found < 1400, found .. " were held")
  end)

  it("is bounded where what is missing never comes", function()
    local more = grown(function(turn)
      local client = stream.connection(53, { client = turn % 500 })
      client.seq = 1000 + turn // 500 * 1000
      local frames = turn < 500 and { client:send(query(1)) } or {}
      client.seq = client.seq + 500
      frames[#frames + 1] = client:segment(client.seq, ("x"):rep(900))
      return frames
    end, 50000)
    assert.is_true(more < 130000, more .. " KB more")
  end)

  it("is bounded where the longest frames of one connection wait", function()
    local client = stream.connection(53)
    local more = grown(function(turn)
      if turn == 2 then return { client:send(query(1)) } end
      return { client:segment(client.seq + turn, "x") .. ("\0"):rep(200000) }
    end, 1500)
    assert.is_true(more < 130000, more .. " KB more")
  end)

  it("doesn't grow with a message that is longer than any may be", function()
    -- RFC 5531 section 11: a record of 2^30 bytes; 100 MB of it are there
    local more = grown(function(turn)
      local client = stream.connection(111)
      client.seq = 1000 + (turn - 2) * 50000
      local head = turn == 2 and "\xc0\0\0\0" or ""
      return { client:send(head .. ("x"):rep(50000 - #head)) }
    end, 2000)
    assert.is_true(more < 20000, more .. " KB more")
  end)
end)

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
        assert.same({ size, 100, 40 }, stream.messages(parts(client, bytes, step), "RPC_Call",
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
      stream.each(stream.pcap(parts(server, answers(count), 1460)), function(p, about)
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
    support.write_file(path, stream.pcap(parts(server, answers(33000), 60000)))
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

describe("messages that become whole together", function()
  it("come all, where they are more than a packet may have", function()
    local client = stream.connection(53)
    local first, frames, wanted = query(1, 900), {}, { query(1, 900) }
    local head = client:send(first:sub(1, 100))
    local missing = client:send(first:sub(101, 200))
    for _, frame in ipairs(parts(client, first:sub(201), 60000)) do frames[#frames + 1] = frame end
    for id = 2, 8 do
      wanted[id] = query(id, 900)
      for _, frame in ipairs(parts(client, wanted[id], 60000)) do frames[#frames + 1] = frame end
    end
    table.insert(frames, 1, head)
    frames[#frames + 1] = missing
    assert.same(shown(table.unpack(wanted)), queries(frames))
  end)
end)

-- Channel Access's answers of 500 numbers each, to requests 0 up to 'count', behind a version. None
-- of the numbers looks like a command.
local function ca_answers(count)
  local data, messages = ("\64\1\2\3\4\5\6\7"):rep(500), { luapkt.CAVersionResponse{}:bytes() }
  for ioid = 0, count do
    messages[#messages + 1] = (">I2I2I2I2I4I4"):pack(15, #data, 6, 500, 1, ioid) .. data
  end
  return table.concat(messages)
end

-- The number of the packet and what it answers, of each answer.
local function ca_found(frames)
  local found = {}
  stream.each(stream.pcap(frames), function(p, about)
    for place = 1, #p do
      local layer = p[place]
      if layer.kind == "CAReadNotifyResponse" then
        found[#found + 1] = layer.ioid
      elseif layer.kind ~= "CAVersionResponse" and place > 3 and layer.kind ~= "Raw" then
        found[#found + 1] = ("%s in %d"):format(layer.kind, about.number)
      end
    end
  end)
  return found
end

local function without(list, ...)
  local gone, rest = {}, {}
  for _, i in ipairs { ... } do gone[i] = true end
  for i, v in ipairs(list) do
    if not gone[i] then rest[#rest + 1] = v end
  end
  return rest
end

describe("where a segment never comes", function()
  it("reading goes on behind the message that it was part of", function()
    local numbers = {}
    for ioid = 0, 9 do numbers[ioid + 1] = ioid end
    for lost = 2, 27 do
      local client, server = stream.connection(5064)
      local frames = { handshake(client, server) }
      local data = parts(server, ca_answers(9), 1448)
      table.move(without(data, lost), 1, #data - 1, #frames + 1, frames)
      local first = (1448 * (lost - 1) - 16) // 4016
      local last = math.min((1448 * lost - 17) // 4016, 9)
      local wanted = without(numbers, first + 1)
      -- where the start of a message is lost no segment begins with one
      if last ~= first then wanted = table.move(numbers, 1, first, 1, {}) end
      assert.same(wanted, ca_found(frames), "without segment " .. lost)
    end
  end)

  it("zeros of a value aren't taken for messages", function()
    local client, server = stream.connection(5064)
    local frames = { handshake(client, server) }
    local zeros = (">I2I2I2I2I4I4"):pack(15, 16000, 6, 2000, 1, 1) .. ("\0"):rep(16000)
    local bytes = luapkt.CAVersionResponse{}:bytes() .. zeros .. zeros .. ca_answers(1):sub(17)
    local data = parts(server, bytes, 1448)
    -- the start of the second is lost, so that nothing says how long it is
    table.move(without(data, 12), 1, #data - 1, #frames + 1, frames)
    frames[#frames + 1] = client:acknowledge()
    frames[#frames + 1] = server:send(luapkt.CAReadNotifyResponse{ ioid = 77 }:bytes())
    local found = ca_found(frames)
    assert.equal(77, found[#found])
    for _, answer in ipairs(found) do assert.is_number(answer) end
  end)

  it("messages behind it have their own packets' numbers", function()
    for _, acknowledged in ipairs { false, true } do
      local client, server = stream.connection(53)
      local frames, wanted = { client:send("", SYN), server:send("", SYN | ACK) }, {}
      for id = 1, 20 do
        local frame = client:send(query(id))
        if id ~= 5 then
          frames[#frames + 1] = frame
          wanted[#wanted + 1] = ("%d in %d"):format(id, #frames)
        end
        if acknowledged then frames[#frames + 1] = server:acknowledge() end
      end
      local found = {}
      stream.each(stream.pcap(frames), function(p, about)
        if p.DNS then found[#found + 1] = ("%d in %d"):format(p.DNS.id, about.number) end
      end)
      assert.same(wanted, found)
    end
  end)

  it("it is given up when nobody asked for it for seconds", function()
    local client = stream.connection(53)
    local frames = { client:send("", SYN), client:send(query(1)) }
    client:send(query(2))
    for id = 3, 8 do
      frames[#frames + 1] = 0.7
      frames[#frames + 1] = client:send(query(id))
    end
    local order = {}
    stream.each(stream.pcap(frames), function(p, about)
      order[#order + 1] = ("%s%d"):format(p.DNS and "DNS " or about.note or "", about.number)
    end)
    assert.same({ "1", "DNS 2", "part3", "part4", "part5", "part6", "DNS 3", "DNS 4", "DNS 5",
      "DNS 6", "DNS 7", "DNS 8" }, order)
  end)

  it("it isn't called repeated should it come late, nor is what came before the first", function()
    local client, server = stream.connection(53)
    local early = client:send(query(9))
    local frames = { client:send(query(1)) }
    local late = client:send(query(2))
    for id = 3, 4 do frames[#frames + 1] = client:send(query(id)) end
    frames[#frames + 1] = server:acknowledge()
    frames[#frames + 1] = client:send(query(5))
    frames[#frames + 1] = late
    frames[#frames + 1] = early
    frames[#frames + 1] = frames[1]
    local found = {}
    stream.each(stream.pcap(frames), function(p, about)
      if about.note ~= "part" then found[#found + 1] = about.note or p.DNS and p.DNS.id or "TCP" end
    end)
    assert.same({ 1, "TCP", 3, 4, 5, 2, 9, "repeated" }, found)
  end)

  it("what waited is counted once, by those who count packets", function()
    local client, server = stream.connection(53)
    local frames = { client:send(query(1)) }
    client:send(query(2))
    for id = 3, 4 do frames[#frames + 1] = client:send(query(id)) end
    frames[#frames + 1] = server:acknowledge()
    for id = 5, 6 do frames[#frames + 1] = client:send(query(id)) end
    local path = support.tmpdir() .. "/gap.pcap"
    support.write_file(path, stream.pcap(frames))
    for words, wanted in pairs { ["--proto DNS"] = "1 2 3 5 6 ", ["--proto DNS -c 3"] = "1 2 3 ",
      ["--proto any"] = "1 2 3 4 5 2 3 5 6 ", ["--proto any -c 5"] = "1 2 3 4 5 " } do
      local _, out = support.run(("%s shark %s --format '{number} ' %s"):format(
        quote(support.program()), words, quote(path)))
      assert.equal(wanted, (out:gsub("\n", "")), words)
    end
  end)
end)

describe("the first segments of a connection", function()
  it("come in order though the second alone is none that is known", function()
    local bytes = luapkt.CAVersionRequest{}:bytes()
    for cid = 1, 20 do
      bytes = bytes .. luapkt.CACreateChanRequest{ name = "rpi:color", cid = cid }:bytes()
    end
    for size = 40, 90 do
      local client, server = stream.connection(5064)
      local frames = { handshake(client, server) }
      local data = parts(client, bytes, size)
      data[1], data[2], data[3] = data[3], data[2], data[1]
      table.move(data, 1, #data, #frames + 1, frames)
      local found = stream.messages(frames, "CACreateChan", function(layer) return layer.cid end)
      assert.equal(20, #found, "segments of " .. size)
      assert.same({ 1, 20 }, { found[1], found[20] })
    end
  end)

  it("are Channel Access on any port, wherever they end", function()
    local bytes = luapkt.CAVersionRequest{}:bytes()
    for cid = 1, 50 do
      bytes = bytes .. luapkt.CACreateChanRequest{ name = "rpi:color", cid = cid }:bytes()
    end
    for _, size in ipairs { 17, 30, 31, 33, 44, 100, 110, 500, 1460 } do
      local client, server = stream.connection(50421)
      local frames = { handshake(client, server) }
      for _, frame in ipairs(parts(client, bytes, size)) do frames[#frames + 1] = frame end
      assert.equal(50, #stream.messages(frames, "CACreateChan", function(layer) return layer end),
        "segments of " .. size)
    end
  end)

  it("aren't put together where some between them never came", function()
    local client, server = stream.connection(50421)
    local bytes = luapkt.CAVersionRequest{}:bytes()
      .. luapkt.CACreateChanRequest{ name = "rpi:color", cid = 7 }:bytes()
    local frames = { handshake(client, server) }
    frames[#frames + 1] = client:send(bytes:sub(1, 6))
    client.seq = client.seq + 100
    frames[#frames + 1] = client:segment(client.seq, bytes:sub(7, 9))
    frames[#frames + 1] = server:acknowledge(client.seq + 3)
    frames[#frames + 1] = client:send(bytes:sub(7))
    assert.same({}, stream.messages(frames, "CAVersion", tostring))
  end)

  it("come in order also where the first came second, and nobody saw the start", function()
    local client = stream.connection(53)
    local frames = parts(client, query(1) .. query(2), 40)
    frames[1], frames[2] = frames[2], frames[1]
    assert.same(shown(query(1), query(2)), queries(frames))
  end)
end)

capture.describe_tshark("tshark", function()
  local path = support.tmpdir() .. "/stream.pcap"

  -- The ids of the messages that it finds, as it finds them with what comes too early put in order.
  local function ids_by_tshark(frames)
    support.write_file(path, stream.pcap(frames))
    local ok, out, err = support.run("tshark -o tcp.reassemble_out_of_order:TRUE -T fields"
      .. " -e dns.id -Y dns -r " .. quote(path))
    assert(ok, err)
    local ids = {}
    for id in out:gmatch "0x(%x+)" do ids[#ids + 1] = tonumber(id, 16) end
    return ids
  end

  local function ids_by_us(frames)
    return stream.messages(frames, "DNS", function(dns) return dns.id end)
  end

  local function built(change)
    local client, server = stream.connection(53, { seq = { 0xfffffe00, 77 } })
    local bytes = {}
    for id = 1, 12 do bytes[id] = query(id, id) end
    local frames = { handshake(client, server) }
    local data = parts(client, table.concat(bytes), 150)
    change(data, server)
    table.move(data, 1, #data, #frames + 1, frames)
    return frames
  end

  for name, change in pairs {
    ["in order"] = function() end,
    ["that come again"] = function(data)
      for i = #data - 3, 1, -3 do table.insert(data, i + 2, data[i]) end
    end,
    ["that change places"] = function(data)
      for i = 2, #data - 1, 3 do data[i], data[i + 1] = data[i + 1], data[i] end
    end,
    ["of which the first two change places"] = function(data)
      data[1], data[2] = data[2], data[1]
    end,
  } do
    it("finds the same messages in segments " .. name, function()
      local frames = built(change)
      assert.same(ids_by_tshark(frames), ids_by_us(frames))
      assert.equal(12, #ids_by_us(frames))
    end)
  end
end)
