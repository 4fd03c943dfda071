-- A wire with faults: frames of messages that come on either of a host's interfaces go out of the
-- other, but some are lost, doubled, held back or changed, as a seed has it.
--
--    luapkt run spec/relay.lua SEED LOSS DOUBLE LATE BAD     -- parts of 1

local socket = require "luapkt".socket

local seed, loss, double, late, bad = ...
loss, double, late, bad = tonumber(loss), tonumber(double), tonumber(late), tonumber(bad)
math.randomseed(math.tointeger(tonumber(seed)))

local left  = assert(socket.open { interface = "left", type = 0x4321, promiscuous = true })
local right = assert(socket.open { interface = "right", type = 0x4321, promiscuous = true })

local held = {} -- { frame, to }: let go after the next few

local function flip(frame)
  local at, bit = math.random(#frame), 1 << math.random(0, 7)
  return frame:sub(1, at - 1) .. string.char(frame:byte(at) ~ bit) .. frame:sub(at + 1)
end

local function release()
  for _, one in ipairs(held) do one[2]:send(one[1]) end
  held = {}
end

local function pass(frame, to)
  if math.random() < loss then return end
  if math.random() < bad then frame = flip(frame) end
  if math.random() < late then
    table.insert(held, { frame, to })
  else
    to:send(frame)
  end
  if math.random() < double then to:send(frame) end
end

-- Up to a hundred of what waits. True: there was any.
local function relay(from, to, timeout)
  for i = 1, 100 do
    local frame = from:recv { timeout = i == 1 and timeout or 0 }
    if not frame then return i > 1 end
    pass(frame, to)
    if #held >= 8 then release() end
  end
  return true
end

while true do
  local any = relay(left, right, 0.002)
  any = relay(right, left, 0) or any
  if not any then release() end
end
