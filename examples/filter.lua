-- Of a capture, the packets that a function lets through: here those from a TCP port.
--
--    luapkt run examples/filter.lua in.pcap 80

local luapkt = require "luapkt"

local path, port = ...
port = assert(math.tointeger(tonumber(port)), "which port?")

local function is_wanted(packet)
  return packet.TCP ~= nil and packet.TCP.sport == port
end

local reader = assert(luapkt.pcap.reader(path))

for packet in reader:packets() do
  if is_wanted(packet) then print("got answer: " .. tostring(packet)) end
end

assert(reader:check()) -- did reading come to the end?
