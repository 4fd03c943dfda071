-- Messages over Ethernet, with a wire on which the input decides what happens: frames are lost,
-- come twice, late or changed, and somebody else sends frames whose sums are right.
--
-- Claimed is that nothing raises; that what the ends count is so; that a frame of which a bit was
-- changed is none; that every message comes at most once, as it was sent, and exactly once where
-- its sender was told so; and that protocols/ethermsg.lua reads in a frame what luapkt.reliable
-- does.

local core     = require "luapkt.core"
local luapkt   = require "luapkt"
local reliable = require "luapkt.reliable"

local limits = reliable.limits

local A, B, C = "\2\0\0\0\0\1", "\2\0\0\0\0\2", "\2\0\0\0\0\3"
local SESSION, RECEIVER = 7, 77
local MTU = 60         -- six bytes in a part
local MOST_WAIT = 2000 -- milliseconds that pass at once
local LIFE = 30        -- seconds that a frame may be on its way: fewer than a session is known
local MOST_FRAMES = 64
local MOST_EVENTS = 2000

luapkt.Ether{}:bytes() -- loads the protocols before lines are counted

local World = {}
World.__index = World

-- ---------------------------------------------------------------------------------- the claims

local function count_keys(t)
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n
end

local function check_sender(s)
  if s.state == "idle" then return end
  assert(s.flying == count_keys(s.flight) and s.left == s.count - count_keys(s.acked))
  assert(s.base <= s.fresh and s.fresh <= s.count and s.left >= 0)
  assert(s.window >= 4 and s.window <= limits.window)
  assert(s.state == "sending" or s.state == "done" or s.state == "failed" and s.err.message)
end

local function check_receiver(r)
  local held = 0
  for _, session in pairs(r.sessions) do
    if session.current then held = held + session.current.bytes end
  end
  assert(r.held == held and held <= r.memory)
  assert(r.count == count_keys(r.sessions) and r.count <= limits.sessions)
end

local names = { "session", "receiver", "message", "size", "sum", "count", "part", "next", "stamp",
                "reason" }

-- The declaration reads the same, and finds the sum right, too.
local function check_declaration(frame)
  local read, p = reliable.read(frame), assert(luapkt.packet(frame))
  if not read then return end
  local layer = p.EtherMsgPart
  assert(layer and layer.type == read.kind, "no EtherMsgPart")
  for _, name in ipairs(names) do
    assert(read[name] == nil or layer[name] == read[name], name)
  end
  if read.data then assert(layer:payload() == read.data, "data") end
  if read.parts then assert((layer.parts or "") == read.parts, "parts") end
  for _, entry in ipairs(p:check()) do
    assert(entry.kind ~= "EtherMsgPart" or entry.field ~= "crc" or entry.right, "crc")
  end
end

-- -------------------------------------------------------------------------------- what happens

function World:byte()
  self.at = self.at + 1
  return self.input:byte(self.at) or 0
end

function World:number(bytes)
  local n = 0
  for _ = 1, bytes do n = n << 8 | self:byte() end
  return n
end

function World:put(frame, to)
  if not frame or #self.wire >= MOST_FRAMES then return end
  table.insert(self.wire, { frame = frame, to = to, at = self.now })
end

function World:start()
  if self.sender.state == "sending" then return end
  local size = self:byte() * (self:byte() & 3)
  local text = string.char(#self.texts & 255):rep(size) .. #self.texts
  table.insert(self.texts, text)
  assert(self.sender:start(text, self.now))
end

function World:output()
  self:put(self.sender:output(self.now), "receiver")
  check_sender(self.sender)
  if self.sender.state == "done" then
    local text = self.texts[#self.texts]
    assert(self.got[text] == 1, "the sender was told of what didn't come")
  end
end

function World:arrive(i)
  local e = table.remove(self.wire, i or 1)
  if not e then return end
  if e.to == "receiver" then
    self:put(self.receiver:input(e.frame, self.now), "sender")
    check_receiver(self.receiver)
  else
    self.sender:input(e.frame, self.now)
    check_sender(self.sender)
  end
end

function World:change()
  local e = table.remove(self.wire, 1)
  if not e then return end
  local at, bit = self:number(2) % #e.frame + 1, 1 << (self:byte() & 7)
  local frame = e.frame:sub(1, at - 1) .. string.char(e.frame:byte(at) ~ bit) .. e.frame:sub(at + 1)
  assert(reliable.read(frame) == nil, "a changed frame is read")
  assert(self.receiver:input(frame, self.now) == nil)
end

function World:pass(milliseconds)
  self.now = self.now + milliseconds / 1000
  while self.wire[1] and self.now - self.wire[1].at > LIFE do table.remove(self.wire, 1) end
end

-- A frame as the input has it, its sum being right.
function World:forge(from, to, session, receiver)
  local kind, message, size = self:byte(), self:byte(), self:byte() % 40
  local rest = self.input:sub(self.at + 1, self.at + size)
  self.at = self.at + #rest
  local head = (">c6c6I2"):pack(to, from, 0x4321)
  local body = (">I2I2BBc6c6I8I4I4"):pack(36 + #rest, 0x4d6c, 1, kind % 8, to, from, session,
    receiver, message)
  local sum = core.wire.crc32c(body .. "\0\0\0\0" .. rest)
  return head .. body .. ("<I4"):pack(sum) .. rest .. ("\0"):rep(self:byte() & 3)
end

function World:forge_for_receiver()
  local receiver = self:byte() & 7 == 0 and 1 or RECEIVER
  local frame = self:forge(C, B, self:byte(), receiver)
  check_declaration(frame)
  local answer = self.receiver:input(frame, self.now)
  assert(not answer or reliable.read(answer), "an answer that is none")
  check_receiver(self.receiver)
end

-- The other sender is told all kinds of lies; it may believe them, but it can't be broken.
function World:forge_for_sender()
  local victim = self.victim
  if victim.state ~= "sending" then assert(victim:start(("v"):rep(self:byte()), self.now)) end
  local frame = self:forge(B, C, SESSION, victim.receiver or RECEIVER)
  -- no message has the number 0
  if self:byte() & 1 == 1 then victim.message = math.max(1, frame:byte(48)) end
  victim:input(frame, self.now)
  check_sender(victim)
  for _ = 1, self:byte() & 15 do
    local out = victim:output(self.now)
    assert(not out or reliable.read(out), "a frame that is none")
  end
  check_sender(victim)
end

function World:wait() self:pass(self:number(2) % MOST_WAIT) end

function World:lose() table.remove(self.wire, 1) end

function World:double()
  local e = self.wire[1]
  if e then self:put(e.frame, e.to) end
end

function World:overtake()
  if #self.wire > 0 then self:arrive(self:byte() % #self.wire + 1) end
end

function World:go_on()
  for _ = 1, 20 do
    self:output()
    self:arrive()
  end
end

local events = {
  World.start, World.output, World.arrive, World.go_on, World.change, World.wait, World.lose,
  World.double, World.overtake, World.forge_for_receiver, World.forge_for_sender,
}

local function new_world(input)
  local world = setmetatable({ input = input, at = 0, now = 0, wire = {}, texts = {}, got = {} },
    World)
  world.sender = reliable.sender { from = A, to = B, session = SESSION, mtu = MTU }
  world.victim = reliable.sender { from = C, to = B, session = SESSION, mtu = MTU }
  world.receiver = reliable.receiver {
    receiver = RECEIVER, memory = 4096, largest = 700,
    deliver = function(text, about)
      if about.from ~= A then return world:byte() & 1 == 0 end
      assert(world.texts[about.message] == text, "not what was sent")
      world.got[text] = (world.got[text] or 0) + 1
      assert(world.got[text] == 1, "a message came twice")
      return true
    end,
  }
  return world
end

return function(input)
  local world = new_world(input)
  for _ = 1, MOST_EVENTS do
    if world.at >= #input then break end
    events[world:byte() % #events + 1](world)
  end
  for _ = 1, 200 do -- nothing is lost any more
    world:output()
    world:arrive()
    if #world.wire == 0 then world:pass(200) end
  end
end
