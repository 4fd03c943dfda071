-- Return the first frames that come, their addresses exchanged.
--
--    sudo luapkt run examples/echo_frame.lua eth0 1
--    sudo luapkt run examples/echo_frame.lua eth0 1 "ether proto 0x88b5"

local luapkt = require "luapkt"

local name, count, filter = ...
assert(name, "which interface?")
local left = math.tointeger(tonumber(count or 1))

local sock <close> = assert(luapkt.socket.open {
  interface = name, filter = filter, timeout = 10,
})

for raw in sock do
  local eth = luapkt.Ether(raw)
  print("Got packet: " .. tostring(eth))
  eth:reverse_address()
  assert(sock:send(eth))
  left = left - 1
  if left == 0 then break end
end
