-- Packets with given values, and defaults for the rest.
--
--    luapkt run examples/create.lua

local luapkt = require "luapkt"

local IP, ICMP = luapkt.IP, luapkt.ICMP

local ip = IP{ src = "127.0.0.1", dst = "192.168.0.1" }
  / ICMP{ type = 8, id = 123, seq = 1 } / "foobar"

print(ip)
print(ip:hexdump())
