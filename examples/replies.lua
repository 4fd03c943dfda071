-- Match replies: for each session of a capture, the packets each way; and the answers to one.
--
--    luapkt run examples/replies.lua in.pcap

local luapkt = require "luapkt"

local flow = luapkt.flow

local sessions, order = {}, {}
local first, answers = nil, 0

local reader = assert(luapkt.pcap.reader((assert(..., "which capture?"))))

for packet in reader:packets() do
  local key, forward = flow.key(packet)
  if key then
    local session = sessions[key]
    if not session then
      session = { [true] = 0, [false] = 0 }
      sessions[key] = session
      table.insert(order, key)
    end
    session[forward] = session[forward] + 1
  end
  first = first or packet
  if first:is_direction(packet, "reverse") then answers = answers + 1 end
end

for _, key in ipairs(order) do
  print(("%s: %d there, %d back"):format(key, sessions[key][true], sessions[key][false]))
end
print("answers to the first packet: " .. answers)

assert(reader:check()) -- did reading come to the end?
