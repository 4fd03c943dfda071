-- Which way do packets take to a host? Each router on it returns one whose time has run out.
--
--    sudo luapkt run examples/traceroute.lua 10.0.0.1

local luapkt = require "luapkt"

local IP, ICMP = luapkt.IP, luapkt.ICMP

local MOST_HOPS = 30

local host = assert(..., "which host?")
local sock <close> = assert(luapkt.socket.open { layer = 3, filter = "icmp", timeout = 1 })

for ttl = 1, MOST_HOPS do
  local probe = IP{ src = "0.0.0.0", dst = host, ttl = ttl }
    / ICMP{ type = "echo-request", id = 0x6c75, seq = ttl }
  local answer, took = sock:sr1(probe, { retry = 1 })
  if answer then
    print(("%2d  %s  %.3f ms"):format(ttl, answer.IP.src, took * 1000))
    if answer.IP.src == host then break end
  else
    assert(took.code == "timeout", took.message)
    print(("%2d  *"):format(ttl))
  end
end
