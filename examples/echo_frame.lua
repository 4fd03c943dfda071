-- Return the first frames that come, their addresses exchanged.
--
--    sudo luapkt run examples/echo_frame.lua eth0 1

local luapkt = require "luapkt"

local name, count = ...
assert(name, "which interface?")
local left = math.tointeger(tonumber(count or 1))

local sock <close> = assert(luapkt.socket.open { interface = name, timeout = 10 })

for raw in sock do
  local eth = luapkt.Ether(raw)
  print("Got packet: " .. tostring(eth))
  eth:reverse_address()
  assert(sock:send(eth))
  left = left - 1
  if left == 0 then break end
end
