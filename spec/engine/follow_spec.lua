-- Streams of TCP, read as messages: each once and whole, however segments part them (RFC 9293
-- section 3.4), whether they come twice or change places. What is missing: follow_gap_spec.lua.

local capture = require "spec.capture"
local luapkt  = require "luapkt"
local stream  = require "spec.stream"
local support = require "spec.support"

local quote = support.quote
local handshake, query = stream.handshake, stream.query
local queries, shown = stream.queries, stream.shown

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
      assert.same(shown(table.unpack(messages)), queries(client:parts(bytes, size)),
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
        assert.same(wanted, stream.messages(client:parts(bytes, size), id, length),
          ("%s in segments of %d"):format(id, size))
      end
    end
  end)

  it("that say of what kind they are come as that kind", function()
    local client = stream.connection(179)
    local bytes = luapkt.BGP_Open{}:bytes() .. luapkt.BGP_Keepalive{}:bytes()
    assert.same({ "BGP_Open", "BGP_Keepalive" }, stream.messages(client:parts(bytes, 11), "BGP",
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
    for _, frame in ipairs(client:parts(query(2), 40)) do frames[#frames + 1] = frame end
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
        local frames = client:parts(bytes, size)
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
    local frames = client:parts(table.concat(messages), 100)
    local backwards = { frames[1] }
    for i = #frames, 2, -1 do backwards[#backwards + 1] = frames[i] end
    assert.same(shown(table.unpack(messages)), queries(backwards))
  end)

  it("come in order where the first segments do not, after a SYN", function()
    local messages = { query(1, 3), query(2, 5), query(3, 1), query(4, 2) }
    for size = 60, 700, 80 do
      local client, server = stream.connection(53)
      local frames = { handshake(client, server) }
      local data = client:parts(table.concat(messages), size)
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
      local frames = client:parts(bytes, 700)
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
      frames[#frames + 1] = client:segment(client.seq - 2 * #message, message)
      wanted[#wanted + 1] = message
      wanted[#wanted + 1] = query(100 + id)
    end
    assert.same(shown(table.unpack(wanted)), queries(frames))
  end)

  it("of both directions don't disturb each other", function()
    local client, server = stream.connection(53)
    local asked, told = client:parts(query(1, 20) .. query(2, 7), 100),
      server:parts(query(101, 33) .. query(102, 3), 100)
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
    for _, frame in ipairs(client:parts(query(1, 3), 100)) do frames[#frames + 1] = frame end
    for _, frame in ipairs(server:parts(query(2, 3), 100)) do frames[#frames + 1] = frame end
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
      data[i] = client:parts(query(i, 4), 60)
      wanted[i] = shown(query(i, 4))[1]
    end
    for k = 1, #data[1] do
      for i = 1, #data do frames[#frames + 1] = data[i][k] end
    end
    assert.same(wanted, queries(frames))
  end)
end)

describe("messages that become whole together", function()
  it("come all, where they are more than a packet may have", function()
    local client = stream.connection(53)
    local first, frames, wanted = query(1, 900), {}, { query(1, 900) }
    local head = client:send(first:sub(1, 100))
    local missing = client:send(first:sub(101, 200))
    for _, frame in ipairs(client:parts(first:sub(201), 60000)) do frames[#frames + 1] = frame end
    for id = 2, 8 do
      wanted[id] = query(id, 900)
      for _, frame in ipairs(client:parts(wanted[id], 60000)) do frames[#frames + 1] = frame end
    end
    table.insert(frames, 1, head)
    frames[#frames + 1] = missing
    assert.same(shown(table.unpack(wanted)), queries(frames))
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
    local data = client:parts(table.concat(bytes), 150)
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
