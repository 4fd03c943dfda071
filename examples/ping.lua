-- Is a host there, and how far away?
--
--    sudo luapkt run examples/ping.lua 10.0.0.1 3

local luapkt = require "luapkt"

local IP, ICMP = luapkt.IP, luapkt.ICMP

local host, count = ...
assert(host, "which host?")
count = math.tointeger(tonumber(count or 3))

local sock <close> = assert(luapkt.socket.open { layer = 3, filter = "icmp", timeout = 1 })

for seq = 1, count do
  local echo = IP{ src = "0.0.0.0", dst = host }
    / ICMP{ type = "echo-request", id = 0x6c75, seq = seq } / "luapkt"
  local answer, took = sock:sr1(echo)
  if not answer then
    print(("%d: %s"):format(seq, took.message))
  elseif answer.ICMP.type == 0 then
    print(("%d: %d bytes from %s, ttl %d, %.3f ms"):format(seq, #answer.ICMP:payload(),
      answer.IP.src, answer.IP.ttl, took * 1000))
  else
    print(("%d: %s says %s"):format(seq, answer.IP.src, answer.ICMP:show "type"))
  end
end
