-- Connections whose streams are followed: where they begin, where they end and begin anew.

local luapkt = require "luapkt"
local stream = require "spec.stream"

local handshake, query = stream.handshake, stream.query
local queries, shown = stream.queries, stream.shown
local ACK, FIN, RST, SYN = stream.ACK, stream.FIN, stream.RST, stream.SYN

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

  it("that only one side has ended isn't forgotten before older ones", function()
    local older, answer = stream.connection(53, { client = 1 }), query(7, 4)
    local client, server = stream.connection(53, { client = 2 })
    local frames = { older:send(query(1)), client:send(query(2)), server:send(answer:sub(1, 30)),
      client:send("", FIN | ACK) }
    for i = 1, 16384 - 1 do -- one more than are followed
      local other = stream.connection(53, { client = 1000 + i, hosts = { i >> 8, 99 } })
      frames[#frames + 1] = other:send(query(3))
    end
    frames[#frames + 1] = server:send(answer:sub(31))
    local found = queries(frames)
    assert.equal(16384 + 2, #found)
    assert.equal(shown(answer)[1], found[#found])
  end)

  it("whose first bytes are no messages isn't waited for when some come", function()
    local client, server = stream.connection(179)
    local update = ("\xff"):rep(16) .. "\0\23\2\0\0\0\0" -- RFC 4271 section 4.3
    local frames = { handshake(client, server) }
    for _, bytes in ipairs { ("no message"):rep(5), ("nor is this"):rep(5), update } do
      frames[#frames + 1] = client:send(bytes)
    end
    assert.same({ "TCP", "TCP", "TCP", "Raw", "Raw", "BGP_Update" }, stream.notes(frames))
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

describe("the first segments of a connection", function()
  it("come in order though the second alone is none that is known", function()
    local bytes = luapkt.CAVersionRequest{}:bytes()
    for cid = 1, 20 do
      bytes = bytes .. luapkt.CACreateChanRequest{ name = "rpi:color", cid = cid }:bytes()
    end
    for size = 40, 90 do
      local client, server = stream.connection(5064)
      local frames = { handshake(client, server) }
      local data = client:parts(bytes, size)
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
      for _, frame in ipairs(client:parts(bytes, size)) do frames[#frames + 1] = frame end
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
    local frames = client:parts(query(1) .. query(2), 40)
    frames[1], frames[2] = frames[2], frames[1]
    assert.same(shown(query(1), query(2)), queries(frames))
  end)
end)
