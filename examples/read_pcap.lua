-- Read a capture and print who sends what over TCP to whom.
--
--    luapkt run examples/read_pcap.lua packets_ether.pcap

local luapkt = require "luapkt"

local Ether, IP, TCP = luapkt.Ether, luapkt.IP, luapkt.TCP

local reader = assert(luapkt.pcap.reader((assert(..., "which capture?"))))

for time, bytes in reader do
  local eth = Ether(bytes)
  if eth[TCP] and eth[IP] then
    print(("%d: %s:%s -> %s:%s"):format(time, eth[IP].src, eth[TCP].sport, eth[IP].dst,
      eth[TCP].dport))
  end
end

assert(reader:check()) -- did reading come to the end?
