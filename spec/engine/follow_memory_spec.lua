-- The memory that streams take, however many there are and whatever is missing of them.

local stream  = require "spec.stream"
local support = require "spec.support"

local query = stream.query
local ACK, FIN, SYN = stream.ACK, stream.FIN, stream.SYN

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
