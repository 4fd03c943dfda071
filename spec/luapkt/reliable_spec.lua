-- luapkt.reliable: both ends of the protocol over a wire of the spec's own making, with a clock of
-- its own, which loses, doubles, delays and changes frames as a seed has it.

local reliable = require "luapkt.reliable"
local support  = require "spec.support"

local A, B = "\2\0\0\0\0\1", "\2\0\0\0\0\2"

-- ------------------------------------------------------------------------------------- the wire

-- Numbers from 0 to 1 that depend on the seed alone: a linear congruence, as in C's own example.
local function generator(seed)
  local state = seed
  return function(most)
    state = (state * 6364136223846793005 + 1442695040888963407)
    local r = (state >> 33) / 2147483648
    return most and math.floor(r * most) + 1 or r
  end
end

local function flip(frame, random)
  local at = random(#frame)
  local bit = 1 << (random(8) - 1)
  return frame:sub(1, at - 1) .. string.char(frame:byte(at) ~ bit) .. frame:sub(at + 1)
end

local Wire = {}
Wire.__index = Wire

-- `faults`: the parts of all frames that each befalls: loss, double, late, bad; and `drop`, a
-- function of a frame that says whether it is lost.
local function new_wire(seed, faults)
  return setmetatable({ random = generator(seed), faults = faults or {}, now = 0, queue = {},
                        frames = 0, number = 0 }, Wire)
end

function Wire:put(frame, to)
  local late = self.random() < (self.faults.late or 0) and self.random() * 0.05 or 0
  self.number = self.number + 1
  table.insert(self.queue, { at = self.now + 0.001 + late, frame = frame, to = to,
                             number = self.number })
end

function Wire:send(frame, to)
  local faults = self.faults
  self.frames = self.frames + 1
  if self.random() < (faults.loss or 0) or faults.drop and faults.drop(frame, to) then return end
  if self.random() < (faults.bad or 0) then frame = flip(frame, self.random) end
  self:put(frame, to)
  if self.random() < (faults.double or 0) then self:put(frame, to) end
end

-- The frame that arrives first, not after `deadline`; the clock moves on.
function Wire:take(deadline)
  local first
  for i, e in ipairs(self.queue) do
    local best = self.queue[first]
    if not best or e.at < best.at or e.at == best.at and e.number < best.number then first = i end
  end
  if first and self.queue[first].at <= (deadline or math.huge) then
    local e = table.remove(self.queue, first)
    self.now = math.max(self.now, e.at)
    return e
  end
  if deadline then self.now = math.max(self.now, deadline) end
end

local function new_sender(options)
  local all = { from = A, to = B, session = 0x1122334455667788 }
  for k, v in pairs(options or {}) do all[k] = v end
  return reliable.sender(all)
end

-- A receiver that keeps what it is given in `receiver.got`.
local function new_receiver(options)
  local got = {}
  local all = { receiver = 77 }
  function all.deliver(message)
    table.insert(got, message)
    return true
  end
  for k, v in pairs(options or {}) do all[k] = v end
  local receiver = reliable.receiver(all)
  receiver.got = got
  return receiver
end

local function put_output(wire, sender)
  for frame in function() return sender:output(wire.now) end do wire:send(frame, "receiver") end
end

local function arrive(wire, e, sender, receiver)
  if e.to == "sender" then return sender:input(e.frame, wire.now) end
  local reply = receiver:input(e.frame, wire.now)
  if reply then wire:send(reply, "sender") end
end

-- Send a message, until its sender knows. Returns what `send` of a socket would.
local function send(wire, sender, receiver, message)
  local ok, err = sender:start(message, wire.now)
  if not ok then return nil, err end
  while sender.state == "sending" do
    put_output(wire, sender)
    local e = wire:take(sender:deadline())
    if e then arrive(wire, e, sender, receiver) end
  end
  put_output(wire, sender)
  return sender.state == "done" or nil, sender.err
end

-- All that is still on its way arrives.
local function settle(wire, sender, receiver)
  for e in function() return wire:take() end do arrive(wire, e, sender, receiver) end
end

local function random_bytes(n, seed)
  local random, words = generator(seed or 5), {}
  for i = 1, n // 4 + 1 do words[i] = ("I4"):pack(random(0xffffffff)) end
  return table.concat(words):sub(1, n)
end

-- --------------------------------------------------------------------------------------- specs

describe("a message", function()
  local sizes = { 0, 1, 2, 1446, 1447, 2 * 1446, 65535, 100000 }

  it("arrives, of any size", function()
    local wire, sender, receiver = new_wire(1), new_sender(), new_receiver()
    for i, size in ipairs(sizes) do
      local message = random_bytes(size, i)
      assert.is_true(send(wire, sender, receiver, message))
      assert.is_true(receiver.got[i] == message, size)
    end
    assert.equal(#sizes, #receiver.got)
  end)

  it("fits in frames of any size", function()
    for _, mtu in ipairs { 55, 100, 576, 1500, 9000 } do
      local wire, sender, receiver = new_wire(1), new_sender { mtu = mtu }, new_receiver()
      local most = 0
      wire.faults.drop = function(frame) most = math.max(most, #frame) return false end
      local message = random_bytes(2000)
      assert.is_true(send(wire, sender, receiver, message))
      assert.is_true(receiver.got[1] == message)
      assert.is_true(most <= mtu + 14)
    end
  end)

  it("of 1 MiB arrives whole and once over a wire with faults", function()
    local faults = { loss = 0.1, double = 0.1, late = 0.2, bad = 0.1 }
    local message = random_bytes(1 << 20)
    local wire, sender, receiver = new_wire(3, faults), new_sender(), new_receiver()
    assert.is_true(send(wire, sender, receiver, message))
    settle(wire, sender, receiver)
    assert.equal(1, #receiver.got)
    assert.is_true(receiver.got[1] == message)
  end)

  it("arrives whole and once whatever the faults, or its sender is told", function()
    for seed = 1, 150 do
      local random = generator(seed)
      local faults = { loss = random() * 0.6, double = random() * 0.5, late = random(),
                       bad = random() * 0.4 }
      local wire, sender, receiver = new_wire(seed, faults), new_sender(), new_receiver()
      local sent = {}
      for i = 1, 4 do
        local message = random_bytes(random(20000) - 1, seed * 10 + i)
        local ok, err = send(wire, sender, receiver, message)
        if ok then
          table.insert(sent, message)
        else
          assert.equal("timeout", err.code)
        end
      end
      settle(wire, sender, receiver)
      -- All that were said to have arrived did, in order, once; others may have, unheard of.
      local at = 1
      for _, message in ipairs(receiver.got) do
        if message == sent[at] then at = at + 1 end
      end
      assert.equal(#sent + 1, at, "seed " .. seed)
      local seen = {}
      for _, message in ipairs(receiver.got) do
        assert.is_nil(seen[message], "twice, seed " .. seed)
        seen[message] = true
      end
      assert.is_true(#receiver.got <= 4)
    end
  end)

  it("is not sent much more often than it must be", function()
    local wire, sender, receiver = new_wire(1), new_sender(), new_receiver()
    assert.is_true(send(wire, sender, receiver, random_bytes(1446 * 500)))
    settle(wire, sender, receiver)
    -- A greeting and its answer, parts and their acknowledgements, and the farewell.
    assert.equal(2 + 2 * 500 + 1, wire.frames)
  end)

  it("arrives over a wire that turns the order round", function()
    local wire, sender, receiver = new_wire(1), new_sender(), new_receiver()
    local count = 0
    function wire:put(frame, to)
      count = count + 1
      table.insert(self.queue, { at = self.now + 0.02 - count % 8 * 0.002, frame = frame, to = to,
                                 number = count })
    end
    local message = random_bytes(50000)
    assert.is_true(send(wire, sender, receiver, message))
    assert.is_true(receiver.got[1] == message)
  end)
end)

describe("a sender", function()
  it("is told that nobody is there", function()
    local wire, sender = new_wire(1, { loss = 1 }), new_sender { patience = 5 }
    local ok, err = send(wire, sender, new_receiver(), "hello")
    assert.is_nil(ok)
    assert.same({ code = "timeout", message = "message 1: nobody answered" }, err)
    assert.is_true(wire.now >= 5 and wire.now < 6)
  end)

  it("backs off while nobody answers", function()
    local wire = new_wire(1, { loss = 1 })
    send(wire, new_sender { patience = 10 }, new_receiver(), "hello")
    assert.is_true(wire.frames > 5 and wire.frames < 20, wire.frames)
  end)

  it("is told which parts are missing", function()
    local lost = { [3] = true, [4] = true, [5] = true, [9] = true }
    local wire, sender, receiver = new_wire(1), new_sender(), new_receiver()
    wire.faults.drop = function(frame)
      local read = reliable.read(frame)
      return read.kind == 3 and lost[read.part]
    end
    local ok, err = send(wire, sender, receiver, random_bytes(1446 * 12))
    assert.is_nil(ok)
    assert.equal("timeout", err.code)
    assert.equal("message 1: 4 of 12 parts were not acknowledged: 3 to 5, 9", err.message)
    assert.same({ { 3, 5 }, { 9, 9 } }, err.missing)
    assert.equal(0, #receiver.got)
    wire.faults.drop = nil
    assert.is_true(send(wire, sender, receiver, "the next one"))
    assert.same({ "the next one" }, receiver.got)
  end)

  it("is told that the word of its arrival was not heard", function()
    local wire, sender, receiver = new_wire(1), new_sender(), new_receiver()
    wire.faults.drop = function(frame, to)
      local read = reliable.read(frame)
      return to == "sender" and read.kind == 4 and read.flags & 1 == 1
    end
    local ok, err = send(wire, sender, receiver, "hello")
    assert.is_nil(ok)
    assert.equal("timeout", err.code)
    assert.same({ "hello" }, receiver.got)
  end)

  it("is told that its message is too large", function()
    local wire, receiver = new_wire(1), new_receiver { largest = 1000 }
    local ok, err = send(wire, new_sender(), receiver, random_bytes(1001))
    assert.is_nil(ok)
    assert.same({ code = "limit",
                  message = "message 1: it has 1001 bytes, and the receiver takes 1000 at most" },
      err)
    ok, err = new_sender():start(("x"):rep((16 << 20) + 1), 0)
    assert.is_nil(ok)
    assert.equal("a message has at most 16777216 bytes, not 16777217", err.message)
    ok, err = new_sender { mtu = 55 }:start(("x"):rep(65536), 0)
    assert.is_nil(ok)
    assert.equal("a message has at most 65535 bytes, not 65536", err.message)
  end)

  it("is told that its message was not taken", function()
    local wire, sender = new_wire(1), new_sender()
    local receiver = new_receiver { deliver = function() return false end }
    local ok, err = send(wire, sender, receiver, "hello")
    assert.is_nil(ok)
    assert.same({ code = "system",
                  message = "message 1: the receiver's program didn't take the message" }, err)
  end)

  it("is told that the receiver has no memory", function()
    local wire, receiver = new_wire(1), new_receiver { memory = 5000 }
    local ok, err = send(wire, new_sender(), receiver, random_bytes(10000))
    assert.is_nil(ok)
    assert.matches("; the receiver has no memory left$", err.message)
    assert.is_true(receiver.held <= 5000)
    assert.is_true(send(wire, new_sender { session = 9 }, receiver, "short"))
  end)

  it("has its message taken by no receiver that was started meanwhile", function()
    local wire, sender = new_wire(1), new_sender()
    local old, new = new_receiver(), new_receiver { receiver = 78 }
    wire.faults.drop = function(frame)
      local read = reliable.read(frame)
      return read.kind == 4 and read.flags & 1 == 1
    end
    local both = { input = function(_, frame, now)
      return (#old.got > 0 and new or old):input(frame, now)
    end }
    local ok, err = send(wire, sender, both, "hello")
    assert.is_nil(ok)
    assert.matches("; the receiver was started anew meanwhile$", err.message)
    assert.same({ "hello" }, old.got)
    assert.same({}, new.got)
    wire.faults.drop = nil
    assert.is_true(send(wire, sender, new, "again"))
    assert.same({ "again" }, new.got)
  end)

  -- docs/raw-ethernet.md: a window begins with 16 parts, grows by each that arrives and by one a
  -- round once it has been halved, which it is when parts are lost, as they are when one that was
  -- sent eight or more later has arrived.
  it("has fewer parts on their way after some are lost", function()
    local sender, receiver = new_sender(), new_receiver()
    local function output()
      local frames = {}
      for frame in function() return sender:output(0) end do table.insert(frames, frame) end
      return frames
    end
    local function parts(frames)
      local list = {}
      for i, frame in ipairs(frames) do list[i] = reliable.read(frame).part end
      return list
    end
    sender:start(random_bytes(1446 * 200), 0)
    sender:input(receiver:input(sender:output(0), 0), 0)
    local first = output()
    assert.same({ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }, parts(first))
    for i = 2, 8 do sender:input(receiver:input(first[i], 0), 0) end -- the first one is late
    local second = output() -- of a window of 16 + 7, of which 9 are on their way
    assert.same({ 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29 }, parts(second))
    sender:input(receiver:input(first[9], 0), 0) -- eight later: the first one counts as lost
    assert.same({}, parts(output())) -- of a window of 11, 21 are on their way
    for i = 10, 16 do sender:input(receiver:input(first[i], 0), 0) end
    assert.same({}, parts(output())) -- 14 are
    for i = 1, 4 do sender:input(receiver:input(second[i], 0), 0) end
    assert.same({ 0, 30 }, parts(output())) -- 10 are, of what is 12 by now
  end)

  -- RFC 6298 section 2: after an answer that took R, SRTT is R, RTTVAR R/2; after R', RTTVAR is
  -- 3/4 RTTVAR + 1/4 |SRTT - R'|, SRTT 7/8 SRTT + 1/8 R'; and the time is SRTT + 4 RTTVAR.
  it("waits as long as answers take, and as they differ", function()
    local sender, receiver = new_sender(), new_receiver()
    sender:start(random_bytes(1446 * 3), 0)
    sender:input(receiver:input(sender:output(0), 0), 0)
    local frames = {}
    for frame in function() return sender:output(0) end do table.insert(frames, frame) end
    sender:input(receiver:input(frames[1], 0), 0.1)
    assert.near(0.1 + 0.1 + 4 * 0.05, sender:deadline(), 1e-6)
    sender:input(receiver:input(frames[2], 0), 0.2)
    assert.near(0.2 + 0.1125 + 4 * 0.0625, sender:deadline(), 1e-6)
  end)

  it("passes over what isn't for it", function()
    local sender = new_sender()
    sender:start("hello", 0)
    local hello = sender:output(0)
    local other = new_receiver { receiver = 5 }
    local welcome = other:input(hello, 0)
    for i = 1, #welcome do
      local before = welcome:sub(1, i - 1)
      sender:input(before .. string.char(welcome:byte(i) ~ 1) .. welcome:sub(i + 1), 0)
      sender:input(before, 0)
    end
    assert.is_nil(sender.receiver)
    local stranger = new_sender { session = 1 }
    stranger:start("hello", 0)
    sender:input(other:input(stranger:output(0), 0), 0)
    assert.is_nil(sender.receiver)
    sender:input(welcome, 0)
    assert.equal(5, sender.receiver)
  end)
end)

describe("a receiver", function()
  -- A frame as protocols/ethermsg.lua has it.
  local function part(fields, to)
    local luapkt = require "luapkt"
    return luapkt.Ether{ src = "02:00:00:00:00:01", dst = to or "02:00:00:00:00:02" }
      / luapkt.EtherMsgPart(fields)
  end

  -- A sender that has been welcomed, and the first frames of a message.
  local function frames_of(receiver, message, options)
    local sender = new_sender(options)
    sender:start(message, 0)
    sender:input(receiver:input(sender:output(0), 0), 0)
    local frames = {}
    for frame in function() return sender:output(0) end do table.insert(frames, frame) end
    return frames, sender
  end

  it("takes a message once, however often and late its parts come", function()
    local receiver = new_receiver()
    local frames = frames_of(receiver, random_bytes(5000))
    for round = 0, 3 do
      for i = #frames, 1, -1 do assert.is_string(receiver:input(frames[i], round * 10)) end
    end
    assert.equal(1, #receiver.got)
  end)

  it("takes nothing without having welcomed its sender", function()
    local receiver = new_receiver()
    local frames = frames_of(new_receiver { receiver = 5 }, "hello")
    local reply = reliable.read(receiver:input(frames[1], 0))
    assert.same({ 2, 77 }, { reply.kind, reply.receiver })
    assert.equal(0, receiver.count)
    assert.same({}, receiver.got)
  end)

  it("answers nothing to what isn't of this protocol", function()
    local receiver = new_receiver()
    local random = generator(1)
    for _ = 1, 2000 do
      assert.is_nil(receiver:input(random_bytes(random(100), random(1 << 30)), 0))
    end
    assert.is_nil(receiver:input("", 0))
    local frame = frames_of(receiver, "hello")[1]
    for i = 0, #frame - 1 do assert.is_nil(receiver:input(frame:sub(1, i), 0)) end
    for i = 1, #frame do
      for bit = 0, 7 do
        local bad = frame:sub(1, i - 1) .. string.char(frame:byte(i) ~ 1 << bit) .. frame:sub(i + 1)
        assert.is_nil(receiver:input(bad, 0))
      end
    end
    assert.is_string(receiver:input(frame .. "what Ethernet fills up with", 0))
  end)

  it("confirms no message with a number that none has", function()
    local luapkt = require "luapkt"
    local receiver = new_receiver()
    local p = luapkt.Ether{ src = "02:00:00:00:00:01", dst = "02:00:00:00:00:02" }
      / luapkt.EtherMsgPart{ session = 5, receiver = receiver.receiver, message = 0, size = 5,
                             sum = luapkt.wire.crc32c "hello" } / "hello"
    assert.is_nil(receiver:input(p:bytes(), 0))
    p.EtherMsgPart.message = 1
    assert.equal(1, reliable.read(receiver:input(p:bytes(), 0)).flags) -- complete
    assert.same({ "hello" }, receiver.got)
  end)

  it("takes no parts that contradict each other", function()
    local receiver = new_receiver()
    local first = frames_of(receiver, random_bytes(5000, 1))
    local second = frames_of(receiver, random_bytes(5000, 2)) -- of the same session and number
    receiver:input(first[1], 0)
    for _, frame in ipairs(second) do assert.is_nil(receiver:input(frame, 0)) end
    for _, frame in ipairs(first) do receiver:input(frame, 0) end
    assert.same({ random_bytes(5000, 1) }, receiver.got)
  end)

  it("holds no more than it may, whoever sends", function()
    local receiver = new_receiver { memory = 100000 }
    local full = false
    for session = 1, 1100 do
      local frames = frames_of(receiver, random_bytes(5000), { session = session })
      for i = 1, #frames - 1 do
        local reply = reliable.read(receiver:input(frames[i], 0))
        full = full or reply.flags & 2 == 2
      end
    end
    assert.is_true(full)
    assert.is_true(receiver.held <= 100000)
    assert.equal(1024, receiver.count)
    local frames = frames_of(receiver, "hello", { session = 5000 })
    assert.equal(2, reliable.read(receiver:input(frames[1], 1)).flags) -- none is forgotten for it
    frames = frames_of(receiver, "hello", { session = 5001 })
    receiver:input(frames[1], 200) -- all others have been quiet for long
    assert.same({ 1, 0 }, { receiver.count, receiver.held })
    assert.same({ "hello" }, receiver.got)
  end)

  it("gives up a message for its sender's next one", function()
    local receiver = new_receiver()
    local frames, sender = frames_of(receiver, random_bytes(5000))
    receiver:input(frames[1], 0)
    assert.is_true(receiver.held > 0)
    sender:start("next", 0)
    sender:input(receiver:input(sender:output(0), 0), 0)
    receiver:input(sender:output(0), 0)
    assert.same({ "next" }, receiver.got)
    assert.equal(0, receiver.held)
    assert.is_nil(receiver:input(frames[2], 0))
  end)

  it("passes over what comes late of a message that was given up for the next one", function()
    local receiver = new_receiver()
    local old, sender = frames_of(receiver, random_bytes(5000, 1))
    receiver:input(old[1], 0)
    sender:start(random_bytes(5000, 2), 0)
    sender:input(receiver:input(sender:output(0), 0), 0)
    for frame in function() return sender:output(0) end do
      receiver:input(frame, 0)
      assert.is_nil(receiver:input(old[2], 0))
    end
    assert.same({ random_bytes(5000, 2) }, receiver.got)
  end)

  -- docs/raw-ethernet.md: parts are given up after 90 quiet seconds, a session after 120.
  it("knows which messages came for longer than it keeps parts of one", function()
    local receiver = new_receiver()
    local frames = frames_of(receiver, random_bytes(5000), { session = 1 })
    local short = frames_of(receiver, "hello", { session = 2 })
    receiver:input(frames[1], 0)
    receiver:input(short[1], 0)
    local stray = frames_of(new_receiver { receiver = 5 }, "x", { session = 3 })[1]
    local function look(now) -- how many sessions it knows when a frame comes, and if it holds parts
      receiver:input(stray, now)
      return { receiver.count, receiver.held > 0 }
    end
    assert.same({ 2, true }, look(90))
    assert.same({ 2, false }, look(92))
    assert.equal(1, reliable.read(receiver:input(short[1], 119)).flags) -- it is complete
    assert.same({ "hello" }, receiver.got)
    assert.same({ 1, false }, look(121))
    assert.same({ 1, false }, look(239))
    assert.same({ 0, false }, look(241))
  end)

  it("knows when its sender has heard", function()
    local receiver = new_receiver()
    local frames, sender = frames_of(receiver, "hello")
    assert.is_true(receiver:is_quiet())
    local ack = receiver:input(frames[1], 0)
    assert.is_false(receiver:is_quiet())
    sender:input(ack, 0)
    assert.equal("done", sender.state)
    local done = reliable.read(sender:output(0))
    assert.same({ 5, 77 }, { done.kind, done.receiver })
    for number = 78, 77, -1 do -- the farewell to another receiver isn't one to this
      assert.is_false(receiver:is_quiet())
      assert.is_nil(receiver:input(part { type = "done", session = done.session,
        receiver = number, message = 1 }:bytes(), 0))
    end
    assert.is_true(receiver:is_quiet())
  end)

  -- docs/raw-ethernet.md: all parts but the last have ceil(size / count) bytes.
  it("takes no parts that a message can't have", function()
    local function answered(size, count, number, data)
      local receiver = new_receiver()
      local data_part = part { session = 1, receiver = 77, message = 1, size = size, count = count,
        part = number }
      return receiver:input((data_part / data):bytes(), 0) ~= nil
    end
    assert.same({ true, true, true }, { answered(5, 3, 0, "ab"), answered(5, 3, 2, "e"),
      answered(0, 1, 0, "") })
    assert.same({ false, false, false }, { answered(5, 3, 0, "a"), answered(5, 3, 2, "ef"),
      answered(5, 3, 3, "") })
    -- of two bytes each, the last of these would begin where the message ends, or behind that
    assert.same({ false, false, false }, { answered(4, 3, 0, "ab"), answered(5, 4, 0, "ab"),
      answered(0, 0, 0, "") })
  end)

  it("answers nothing to a group", function()
    local receiver = new_receiver()
    local function hello(to) return receiver:input(part({ type = "hello" }, to):bytes(), 0) end
    assert.is_string(hello "02:00:00:00:00:02")
    assert.is_nil(hello "03:00:00:00:00:02")
    assert.is_nil(hello "ff:ff:ff:ff:ff:ff")
  end)

  it("takes no message that another address than the sum's was given to", function()
    local receiver = new_receiver()
    local frame = frames_of(receiver, "hello")[1]
    assert.is_nil(receiver:input("\2\0\0\0\0\9" .. frame:sub(7), 0))
    assert.is_nil(receiver:input(frame:sub(1, 6) .. "\2\0\0\0\0\9" .. frame:sub(13), 0))
  end)
end)

describe("the frames of a message", function()
  local luapkt = require "luapkt"

  it("are those of protocols/ethermsg.lua", function()
    local receiver = new_receiver()
    local sender = new_sender()
    sender:start("hello", 2)
    local hello = sender:output(2)
    local welcome = receiver:input(hello, 2)
    sender:input(welcome, 2)
    local data = sender:output(2)
    local ack = receiver:input(data, 2)
    sender:input(ack, 2)
    local kinds = {}
    for _, frame in ipairs { hello, welcome, data, ack, sender:output(2) } do
      local p = luapkt.packet(frame .. ("\0"):rep(10))
      assert.equal("EtherMsgPart", p[2].kind)
      assert.is_true(p:check().right)
      assert.equal(support.hex("\x11\x22\x33\x44\x55\x66\x77\x88"), ("%x"):format(p[2].session))
      table.insert(kinds, p[2]:show "type")
    end
    assert.same({ "hello", "welcome", "data", "ack", "done" }, kinds)
    local p = luapkt.packet(data)
    assert.same({ 5, 1, 0, 2000000, "hello" },
      { p[2].size, p[2].count, p[2].part, p[2].stamp, p.Raw.load })
    assert.equal("complete", luapkt.packet(ack)[2]:show "flags")
  end)

  it("are read from what that protocol builds", function()
    local p = luapkt.Ether{ src = "02:00:00:00:00:01", dst = "02:00:00:00:00:02" }
      / luapkt.EtherMsgPart{ session = 5, receiver = 6, message = 7, count = 2, part = 1, size = 9,
                             sum = 10, stamp = 11 } / "data"
    assert.same({ kind = 3, from = A, to = B, session = 5, receiver = 6, message = 7, count = 2,
                  part = 1, size = 9, sum = 10, stamp = 11, data = "data" },
      reliable.read(p:bytes()))
  end)
end)
