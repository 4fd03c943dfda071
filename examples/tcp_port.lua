-- Ask a TCP port, and print what it sends back: found by a filter, and again by what answers what.
--
--    sudo luapkt run examples/tcp_port.lua 127.0.0.1 127.0.0.1 80

local luapkt = require "luapkt"

local IP, TCP = luapkt.IP, luapkt.TCP

local from, to, port = ...
assert(to, "from which address, and to which?")
port = math.tointeger(tonumber(port or 80))

local syn = IP{ src = from, dst = to } / TCP{ sport = 20000, dport = port, flags = "S" }
local sock <close> = assert(luapkt.socket.open { layer = 3, timeout = 2 })

assert(sock:send(syn))
local found = assert(sock:recvp { filter = function(p) return p.TCP and p.TCP.sport == port end })
for _, p in ipairs(found) do print("got answer: " .. tostring(p)) end

for _, p in ipairs(assert(sock:sr(syn, { count = 1 }))) do
  print(("got layer 3 packet: %s after %.3f ms"):format(p.answer.TCP:show "flags", p.took * 1000))
end
