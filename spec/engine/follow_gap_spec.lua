-- Streams of TCP of which segments are missing: how long those are waited for, and where reading
-- goes on without them.

local luapkt  = require "luapkt"
local stream  = require "spec.stream"
local support = require "spec.support"

local quote = support.quote
local handshake, query = stream.handshake, stream.query
local queries, show_query, shown = stream.queries, stream.show_query, stream.shown
local ACK, SYN = stream.ACK, stream.SYN

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
      for _, frame in ipairs(client:parts(wanted[#wanted], 4000)) do
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
      for _, frame in ipairs(client:parts(wanted[#wanted], 2)) do frames[#frames + 1] = frame end
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
      local data = server:parts(ca_answers(9), 1448)
      table.move(without(data, lost), 1, #data - 1, #frames + 1, frames)
      local first = (1448 * (lost - 1) - 16) // 4016
      local last = math.min((1448 * lost - 17) // 4016, 9)
      local wanted = without(numbers, first + 1)
      -- where the start of a message is lost no segment begins with one
      if last ~= first then wanted = table.move(numbers, 1, first, 1, {}) end
      assert.same(wanted, ca_found(frames), "without segment " .. lost)
    end
  end)

  it("reading goes on where it is the end of a message, though the next tells little", function()
    for size = 1, 15 do -- of a header of 16 bytes
      local client, server = stream.connection(5064)
      local bytes = ca_answers(2) -- 16 bytes, and three of 4016
      local frames = { handshake(client, server) }
      frames[#frames + 1] = server:send(bytes:sub(1, 1016))
      server:send(bytes:sub(1017, 4032)) -- nobody saw it
      frames[#frames + 1] = server:send(bytes:sub(4033, 4032 + size))
      frames[#frames + 1] = client:acknowledge()
      frames[#frames + 1] = server:send(bytes:sub(4033 + size))
      assert.same({ 1, 2 }, ca_found(frames), size .. " bytes")
    end
  end)

  it("zeros of a value aren't taken for messages", function()
    local client, server = stream.connection(5064)
    local frames = { handshake(client, server) }
    local zeros = (">I2I2I2I2I4I4"):pack(15, 16000, 6, 2000, 1, 1) .. ("\0"):rep(16000)
    local bytes = luapkt.CAVersionResponse{}:bytes() .. zeros .. zeros .. ca_answers(1):sub(17)
    local data = server:parts(bytes, 1448)
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
