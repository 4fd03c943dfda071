--- Messages over Ethernet that arrive whole, once and uncorrupted, or whose sender is told.
--
-- The two ends of the protocol that docs/raw-ethernet.md describes, without a socket: frames go in
-- and come out as bytes, and the time is a number of seconds that the caller says. So all of it can
-- be tried with any loss, and a clock of one's own. `luapkt.message` joins it to sockets.
-- @module luapkt.reliable

local core = require "luapkt.core"

local crc32c = core.wire.crc32c
local pack, unpack = string.pack, string.unpack

local reliable = {}

--- Every limit, with its reason.
reliable.limits = {
  message  = 16 << 20,  -- bytes of a message: a 65,535th of it fits in any frame
  memory   = 64 << 20,  -- bytes that a receiver holds of messages that aren't whole yet
  part     = 64,        -- bytes that a part costs beside its own
  sessions = 1024,      -- that a receiver knows at a time: each costs some hundred bytes
  keep     = 120,       -- seconds for which it knows a session after its last frame
  idle     = 90,        -- seconds after which it gives up parts of a message: more than `patience`
  patience = 60,        -- seconds without progress until a sender gives up: less than `keep`
  window   = 128,       -- parts on their way: they find room in a socket's buffer
  span     = 1024,      -- parts from the first missing on: what an acknowledgement tells of
  ranges   = 8,         -- of missing parts that an error names
}

local limits = reliable.limits

local TYPE    = "\x43\x21"
local MAGIC   = 0x4d6c
local VERSION = 1

local HELLO, WELCOME, DATA, ACK, DONE, REFUSAL = 1, 2, 3, 4, 5, 6
local COMPLETE, FULL = 1, 2
local TOO_LARGE, CORRUPT, NOT_TAKEN = 1, 2, 3

local reasons = {
  [TOO_LARGE] = { code = "limit",  message = "the receiver doesn't take so large a message" },
  [CORRUPT]   = { code = "malformed", message = "the message arrived whole, but with a wrong sum" },
  [NOT_TAKEN] = { code = "system", message = "the receiver's program didn't take the message" },
}

-- Ethernet's header, and ours without what depends on the kind.
local HEAD = ">c6c6c2I2I2BBc6c6I8I4I4"
local FIRST, CRC_AT, HEAD_SIZE = 15, 49, 52 -- places: of our bytes, of the sum; bytes in all
local UNCOUNTED = 16 -- bytes that the length doesn't count: Ethernet's header, and its own two
local DATA_HEAD = ">I4I4I2I2I4"
local DATA_SIZE = HEAD_SIZE + 16

-- ---------------------------------------------------------------------------------- the frames

-- `from` and `to` are six bytes each; `rest` is what the kind adds.
local function make_frame(from, to, kind, session, receiver, message, rest)
  local size = HEAD_SIZE - UNCOUNTED + #rest
  local head = pack(HEAD, to, from, TYPE, size, MAGIC, VERSION, kind, to, from, session, receiver,
    message)
  local sum = crc32c(head:sub(FIRST) .. "\0\0\0\0" .. rest)
  return head .. pack("<I4", sum) .. rest
end

-- Does the sum hold? It is worked out with zeros in its own place.
local function is_sound(frame, last)
  local sum = unpack("<I4", frame, CRC_AT)
  return sum == crc32c(frame:sub(FIRST, CRC_AT - 1) .. "\0\0\0\0" .. frame:sub(CRC_AT + 4, last))
end

local readers = {
  [HELLO] = function() return {} end,
  [DONE]  = function() return {} end,
  [WELCOME] = function(rest)
    if #rest < 4 then return nil end
    return { size = unpack(">I4", rest) }
  end,
  [DATA] = function(rest)
    if #rest < 16 then return nil end
    local size, sum, count, part, stamp = unpack(DATA_HEAD, rest)
    return { size = size, sum = sum, count = count, part = part, stamp = stamp,
             data = rest:sub(17) }
  end,
  [ACK] = function(rest)
    if #rest < 9 then return nil end
    local count, first, stamp, flags = unpack(">I2I2I4B", rest)
    return { count = count, next = first, stamp = stamp, flags = flags, parts = rest:sub(10) }
  end,
  [REFUSAL] = function(rest)
    if #rest < 1 then return nil end
    return { reason = rest:byte() }
  end,
}

--- Read a frame.
-- @tparam string frame its bytes, from Ethernet's header on
-- @treturn table `{ kind, from, to, session, receiver, message, ... }`; nil for what isn't one of
--   this protocol, or was changed on its way
function reliable.read(frame)
  if #frame < HEAD_SIZE then return nil end
  local to, from, ethertype, size, magic, version, kind, own_to, own_from, session, receiver,
    message = unpack(HEAD, frame)
  local last = UNCOUNTED + size
  if ethertype ~= TYPE or magic ~= MAGIC or version ~= VERSION then return nil end
  if to ~= own_to or from ~= own_from or to:byte() & 1 == 1 then return nil end
  if message == 0 then return nil end -- numbers begin with 1: 0 is before the first
  if last < HEAD_SIZE or last > #frame or not is_sound(frame, last) then return nil end
  local read = readers[kind] and readers[kind](frame:sub(HEAD_SIZE + 1, last))
  if not read then return nil end
  read.kind, read.from, read.to, read.session = kind, from, to, session
  read.receiver, read.message = receiver, message
  return read
end

-- Bytes of every part but the last.
local function part_size(size, count) return (size + count - 1) // count end

-- Bytes that part `part`, from 0, of a message has; nil where there is no such part.
local function size_of_part(size, count, part)
  if count == 0 or part >= count then return nil end
  local each = part_size(size, count)
  if (count - 1) * each >= size and count > 1 then return nil end
  return math.min(each, size - part * each)
end

-- -------------------------------------------------------------------------------- the sender

local Sender = {}
Sender.__index = Sender

-- Seconds: until the first answer is missed, and the bounds of that time later on.
local FIRST_WAIT, LEAST_WAIT, MOST_WAIT = 0.2, 0.03, 1
local LEAST_WINDOW, FIRST_WINDOW = 4, 16
local REORDERED = 8 -- parts sent later that arrived: then one counts as lost

--- One end that sends messages to another, one after the other.
-- @tparam table options `from`, `to`: MAC addresses, six bytes each; `session`: a random integer of
--   64 bits; `mtu`: bytes of a frame without Ethernet's header (1500); `patience`: seconds without
--   progress until it gives up (10)
function reliable.sender(options)
  local data = (options.mtu or 1500) + 14 - DATA_SIZE
  if data < 1 then error("sender: an mtu of more than 54 bytes expected", 2) end
  return setmetatable({
    from = options.from, to = options.to, session = options.session, room = data,
    patience = math.min(options.patience or 10, limits.patience),
    message = 0, state = "idle", wait = FIRST_WAIT,
  }, Sender)
end

local function cut_up(message, each, count)
  local parts = {}
  for i = 0, count - 1 do parts[i] = message:sub(i * each + 1, (i + 1) * each) end
  return parts
end

--- Begin with a message. The one before is over, whatever became of it.
-- @tparam string message
-- @tparam number now seconds
-- @treturn boolean true, or nil and `{ code, message }`
function Sender:start(message, now)
  local size = #message
  local count = math.max(1, (size + self.room - 1) // self.room)
  if size > limits.message or count > 65535 then
    local most = math.min(limits.message, 65535 * self.room)
    return core.fail("limit", ("a message has at most %d bytes, not %d"):format(most, size))
  end
  self.message = self.message + 1
  self.size, self.sum, self.count = size, crc32c(message), count
  self.parts = cut_up(message, part_size(size, count), count)
  self.acked, self.left, self.base, self.fresh = {}, count, 0, 0
  self.flight, self.flying, self.lost, self.order, self.recovered = {}, 0, {}, 0, 0
  self.window, self.threshold = FIRST_WINDOW, limits.window
  self.state, self.err, self.restarted, self.full = "sending", nil, false, false
  self.progress, self.timer = now, now
  self.bye, self.receiver = false, nil -- it is asked for anew: it may have been restarted
  return true
end

local function frame_of(sender, kind, rest)
  return make_frame(sender.from, sender.to, kind, sender.session, sender.receiver or 0,
    sender.message, rest)
end

local function stamp_of(now) return math.floor(now * 1e6) & 0xffffffff end

local function data_frame(sender, part, now)
  return frame_of(sender, DATA, pack(DATA_HEAD, sender.size, sender.sum, sender.count, part,
    stamp_of(now)) .. sender.parts[part])
end

-- "5, 9 to 12": the parts that weren't acknowledged, from 0; and the same as a list of ranges.
local function missing_parts(sender)
  local ranges = {}
  for part = 0, sender.count - 1 do
    if not sender.acked[part] then
      local range = ranges[#ranges]
      if range and range[2] == part - 1 then
        range[2] = part
      else
        table.insert(ranges, { part, part })
      end
    end
  end
  local words = {}
  for i = 1, math.min(#ranges, limits.ranges) do
    local first, last = ranges[i][1], ranges[i][2]
    words[i] = first == last and tostring(first) or ("%d to %d"):format(first, last)
  end
  return table.concat(words, ", ") .. (#ranges > limits.ranges and ", ..." or ""), ranges
end

local function why_given_up(sender)
  if not sender.receiver then return "nobody answered" end
  local words, ranges = missing_parts(sender)
  if sender.left == 0 then return "all parts arrived, but not the word that it was taken" end
  return ("%d of %d parts were not acknowledged: %s"):format(sender.left, sender.count, words),
    ranges
end

local function fail(sender, code, message, missing)
  sender.state = "failed"
  local _, err = core.fail(code, ("message %d: %s"):format(sender.message, message))
  err.missing = missing
  sender.err = err
end

local function give_up(sender)
  local message, missing = why_given_up(sender)
  if sender.restarted then
    message = message .. "; the receiver was started anew meanwhile"
  elseif sender.full then
    message = message .. "; the receiver has no memory left"
  end
  fail(sender, "timeout", message, missing)
end

-- A part that was on its way counts as lost: it will be sent again.
local function lose(sender, part)
  sender.flight[part] = nil
  sender.flying = sender.flying - 1
  table.insert(sender.lost, part)
end

-- Nothing was heard for too long: all that is on its way is lost.
local function time_out(sender, now)
  local all = {}
  for part in pairs(sender.flight) do table.insert(all, part) end
  table.sort(all)
  for _, part in ipairs(all) do lose(sender, part) end
  sender.threshold = math.max(LEAST_WINDOW, sender.window / 2)
  sender.window = LEAST_WINDOW
  sender.wait = math.min(sender.wait * 2, MOST_WAIT)
  sender.timer = now + sender.wait
end

-- What to send next: a lost part, or the next new one; nil where the window is full.
local function next_part(sender)
  if sender.flying >= math.floor(sender.window) then return nil end
  while #sender.lost > 0 do
    local part = table.remove(sender.lost, 1)
    if not sender.acked[part] then return part end
  end
  if sender.fresh < sender.count and sender.fresh < sender.base + limits.span then
    sender.fresh = sender.fresh + 1
    return sender.fresh - 1
  end
end

local function fly(sender, part, now)
  if sender.flying == 0 then sender.timer = now + sender.wait end
  sender.order = sender.order + 1
  sender.flight[part] = sender.order
  sender.flying = sender.flying + 1
  return data_frame(sender, part, now)
end

-- All parts arrived, but not yet the word that the message was taken: a part again asks for it.
local function probe(sender, now)
  if now < sender.timer then return nil end
  sender.wait = math.min(sender.wait * 2, MOST_WAIT)
  sender.timer = now + sender.wait
  return data_frame(sender, 0, now)
end

local function greet(sender, now)
  if now < sender.timer then return nil end
  sender.timer = now + sender.wait
  sender.wait = math.min(sender.wait * 2, MOST_WAIT)
  return frame_of(sender, HELLO, "")
end

--- The next frame to send now; nil where there is none for now. To be called until then.
-- @tparam number now seconds
function Sender:output(now)
  if self.bye then
    self.bye = false
    return frame_of(self, DONE, "")
  end
  if self.state ~= "sending" then return nil end
  if now >= self.progress + self.patience then return give_up(self) end -- as deadline() has it
  if not self.receiver then return greet(self, now) end
  if self.left == 0 then return probe(self, now) end
  if self.flying > 0 and now >= self.timer then time_out(self, now) end
  local part = next_part(self)
  return part and fly(self, part, now)
end

--- When `output` is to be asked again, if nothing comes in before: seconds; nil: never.
function Sender:deadline()
  if self.state ~= "sending" then return nil end
  return math.min(self.timer, self.progress + self.patience)
end

-- The time that an answer takes: RFC 6298 section 2, with our own bounds.
local function note_time(sender, stamp, now)
  local took = ((stamp_of(now) - stamp) & 0xffffffff) / 1e6
  if took > limits.patience then return end
  if sender.mean then
    sender.spread = 0.75 * sender.spread + 0.25 * math.abs(sender.mean - took)
    sender.mean = 0.875 * sender.mean + 0.125 * took
  else
    sender.mean, sender.spread = took, took / 2
  end
  sender.wait = math.max(LEAST_WAIT, math.min(sender.mean + 4 * sender.spread, MOST_WAIT))
end

-- Note that a part arrived. Returns the order in which it was sent, 0 where it had been given up
-- for lost; nil: that isn't news.
local function take_part(sender, part)
  if part >= sender.fresh or sender.acked[part] then return nil end
  local order = sender.flight[part]
  sender.acked[part] = true
  sender.left = sender.left - 1
  if not order then return 0 end
  sender.flight[part] = nil
  sender.flying = sender.flying - 1
  return order
end

-- Parts sent long before one that arrived are lost; a window that lost some is halved, once for all
-- that were on their way.
local function find_lost(sender, latest)
  local gone = {}
  for part, order in pairs(sender.flight) do
    if order + REORDERED <= latest then table.insert(gone, part) end
  end
  if #gone == 0 then return end
  table.sort(gone)
  local first = sender.flight[gone[1]]
  for _, part in ipairs(gone) do lose(sender, part) end
  if first <= sender.recovered then return end
  sender.recovered = sender.order
  sender.window = math.max(LEAST_WINDOW, sender.window / 2)
  sender.threshold = sender.window
end

local function widen(sender, news)
  local more = sender.window < sender.threshold and news or news / sender.window
  sender.window = math.min(limits.window, sender.window + more)
end

-- The parts that an acknowledgement tells of: all before `next`, and those with a bit.
local function parts_of(ack, base)
  local list = {}
  for part = base, ack.next - 1 do table.insert(list, part) end
  for i = 1, #ack.parts do
    local byte = ack.parts:byte(i)
    for bit = 0, 7 do
      if byte >> (7 - bit) & 1 == 1 then table.insert(list, ack.next + (i - 1) * 8 + bit) end
    end
  end
  return list
end

local function take_ack(sender, ack, now)
  local news, latest = 0, 0
  for _, part in ipairs(parts_of(ack, sender.base)) do
    local order = take_part(sender, part)
    if order then
      news = news + 1
      latest = math.max(latest, order)
    end
  end
  while sender.acked[sender.base] do sender.base = sender.base + 1 end
  sender.full = ack.flags & FULL ~= 0
  if news == 0 then return end
  note_time(sender, ack.stamp, now)
  sender.progress, sender.timer = now, now + sender.wait
  find_lost(sender, latest)
  widen(sender, news)
end

local inputs = {
  [WELCOME] = function(sender, frame, now)
    if sender.receiver then
      sender.restarted = sender.restarted or frame.receiver ~= sender.receiver
      return
    end
    if frame.receiver == 0 then return end
    sender.receiver = frame.receiver
    sender.wait, sender.timer, sender.progress = FIRST_WAIT, now, now
    if sender.size > frame.size then
      fail(sender, "limit", ("it has %d bytes, and the receiver takes %d at most"):format(
        sender.size, frame.size))
    end
  end,
  [ACK] = function(sender, frame, now)
    if frame.count ~= sender.count or frame.next > sender.fresh then return end
    if #frame.parts * 8 > limits.span + 8 then return end
    take_ack(sender, frame, now)
    if frame.flags & COMPLETE ~= 0 and sender.left == 0 then
      sender.state, sender.bye = "done", true
    end
  end,
  [REFUSAL] = function(sender, frame)
    local reason = reasons[frame.reason] or { code = "system", message = "the receiver refused it" }
    fail(sender, reason.code, reason.message)
    sender.bye = true
  end,
}

--- Take a frame that came. What isn't meant for this end is passed over.
-- @tparam string bytes
-- @tparam number now seconds
function Sender:input(bytes, now)
  local frame = reliable.read(bytes)
  if not frame or frame.from ~= self.to or frame.to ~= self.from then return end
  if frame.session ~= self.session then return end
  local input = inputs[frame.kind]
  if not input then return end
  if frame.message ~= self.message then return end
  if frame.kind ~= WELCOME and frame.receiver ~= self.receiver then return end
  if self.state == "sending" then
    input(self, frame, now)
  elseif self.state == "done" and frame.kind == ACK then
    self.bye = true -- it doesn't know yet that we know
  end
end

-- ------------------------------------------------------------------------------- the receiver

local Receiver = {}
Receiver.__index = Receiver

--- The end that receives messages, from any number of senders.
-- @tparam table options `receiver`: a random integer of 32 bits, not 0, that tells this receiver
--   from one that was there before; `deliver`: a function that is called with each message that is
--   whole, and `{ from, to, session, message }`: if it returns true the sender is told that the
--   message arrived, else that it wasn't taken; `largest`: bytes of a message; `memory`: bytes of
--   messages that aren't whole
function reliable.receiver(options)
  return setmetatable({
    receiver = options.receiver, deliver = options.deliver,
    largest = math.min(options.largest or limits.message, limits.message),
    memory = options.memory or limits.memory,
    sessions = {}, count = 0, held = 0, looked = 0,
  }, Receiver)
end

local function reply_to(receiver, frame, kind, rest)
  return make_frame(frame.to, frame.from, kind, frame.session, receiver.receiver, frame.message,
    rest)
end

local function refuse(receiver, frame, reason)
  return reply_to(receiver, frame, REFUSAL, string.char(reason))
end

local function welcome(receiver, frame)
  return reply_to(receiver, frame, WELCOME, pack(">I4", receiver.largest))
end

-- Bits of the parts that came, from the first missing one on, up to the last that came.
local function bits_of(message)
  local bytes, last = {}, 0
  local most = math.min(message.highest, message.next + limits.span - 1)
  for first = message.next, most, 8 do
    local byte = 0
    for bit = 0, 7 do
      if message.parts[first + bit] then byte = byte | 1 << (7 - bit) end
    end
    table.insert(bytes, string.char(byte))
    if byte ~= 0 then last = #bytes end
  end
  return table.concat(bytes, "", 1, last)
end

local function acknowledge(receiver, frame, first, flags, bits)
  return reply_to(receiver, frame, ACK, pack(">I2I2I4B", frame.count, first, frame.stamp, flags)
    .. bits)
end

local function forget_message(receiver, session)
  if session.current then receiver.held = receiver.held - session.current.bytes end
  session.current = nil
end

-- Forget sessions, and their unfinished messages, that have been quiet for too long. This looks for
-- them once a second at most.
local function expire(receiver, now)
  if now - receiver.looked < 1 then return end
  receiver.looked = now
  for key, session in pairs(receiver.sessions) do
    if now - session.seen > limits.idle then forget_message(receiver, session) end
    if now - session.seen > limits.keep then
      receiver.sessions[key] = nil
      receiver.count = receiver.count - 1
    end
  end
end

-- A session that is known is never given up for a new one: else a message could come twice.
local function find_session(receiver, frame, now)
  local key = pack(">c6I8", frame.from, frame.session)
  local session = receiver.sessions[key]
  if not session then
    if receiver.count >= limits.sessions then return nil end
    session = { last = 0 }
    receiver.sessions[key] = session
    receiver.count = receiver.count + 1
  end
  session.seen = now
  return session
end

-- The message that the frame is of, begun if it is the session's next; nil for one that is over.
local function find_message(receiver, session, frame)
  local current = session.current
  if frame.message <= session.last then return nil end
  if current and current.number > frame.message then return nil end
  if not current or current.number < frame.message then
    forget_message(receiver, session) -- its sender gave it up
    current = { number = frame.message, size = frame.size, sum = frame.sum, count = frame.count,
                parts = {}, have = 0, next = 0, highest = -1, bytes = 0 }
    session.current = current
  end
  if current.size ~= frame.size or current.sum ~= frame.sum or current.count ~= frame.count then
    return nil
  end
  return current
end

local function cost_of(frame) return #frame.data + limits.part end

local function store(receiver, message, frame)
  message.parts[frame.part] = frame.data
  message.have = message.have + 1
  message.highest = math.max(message.highest, frame.part)
  message.bytes = message.bytes + cost_of(frame)
  receiver.held = receiver.held + cost_of(frame)
  while message.parts[message.next] do message.next = message.next + 1 end
end

-- The message is whole: hand it to the program, and note what its sender is to be told.
local function finish(receiver, session, frame)
  local current = session.current
  local message = table.concat(current.parts, "", 0, current.count - 1)
  forget_message(receiver, session)
  session.last, session.finished = frame.message, false
  if crc32c(message) ~= frame.sum then
    session.refusal = CORRUPT
  else
    local taken = receiver.deliver(message, {
      from = frame.from, to = frame.to, session = frame.session, message = frame.message,
    })
    session.refusal = not taken and NOT_TAKEN or nil
  end
end

local function verdict(receiver, session, frame)
  if session.refusal then return refuse(receiver, frame, session.refusal) end
  return acknowledge(receiver, frame, frame.count, COMPLETE, "")
end

-- Is it a part as the frame's own numbers have it?
local function is_part(frame)
  return #frame.data == size_of_part(frame.size, frame.count, frame.part)
end

local function take_data(receiver, frame, now)
  if frame.receiver ~= receiver.receiver then return welcome(receiver, frame) end
  if not is_part(frame) then return nil end
  if frame.size > receiver.largest then return refuse(receiver, frame, TOO_LARGE) end
  local session = find_session(receiver, frame, now)
  if not session then return acknowledge(receiver, frame, 0, FULL, "") end
  if frame.message == session.last then return verdict(receiver, session, frame) end
  local message = find_message(receiver, session, frame)
  if not message then return nil end
  local flags = 0
  if not message.parts[frame.part] then
    if receiver.held + cost_of(frame) <= receiver.memory then
      store(receiver, message, frame)
    else
      flags = FULL
    end
  end
  if message.have == message.count then
    finish(receiver, session, frame)
    return verdict(receiver, session, frame)
  end
  return acknowledge(receiver, frame, message.next, flags, bits_of(message))
end

--- Take a frame that came. What isn't of this protocol is passed over.
-- @tparam string bytes
-- @tparam number now seconds
-- @treturn string the frame to answer with; nil: none
function Receiver:input(bytes, now)
  local frame = reliable.read(bytes)
  if not frame then return nil end
  expire(self, now)
  if frame.kind == HELLO then return welcome(self, frame) end
  if frame.kind == DATA then return take_data(self, frame, now) end
  if frame.kind ~= DONE or frame.receiver ~= self.receiver then return nil end
  local session = self.sessions[pack(">c6I8", frame.from, frame.session)]
  if session and frame.message == session.last then session.finished = true end
end

--- Do all senders know what became of their last messages?
-- @treturn boolean
function Receiver:is_quiet()
  for _, session in pairs(self.sessions) do
    if session.last > 0 and not session.finished then return false end
  end
  return true
end

return reliable
