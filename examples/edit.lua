-- Change packets that were read: a VLAN tag put in, a value changed, checksums made right again.
--
--    luapkt run examples/edit.lua in.pcap out.pcap

local luapkt = require "luapkt"

local Dot1Q, IP = luapkt.Dot1Q, luapkt.IP

local from, to = ...
assert(from and to, "which capture, and to which file?")
local reader = assert(luapkt.pcap.reader(from))
local writer = assert(luapkt.pcap.writer(to))

for packet, record in reader:packets() do
  packet:insert(2, Dot1Q{ vlan = 42 })
  if packet[IP] then
    packet[IP].ttl = packet[IP].ttl - 1
    packet:recompute()
  end
  assert(packet:check().right)
  assert(writer:write(packet, { time = record.time }))
end

assert(reader:check()) -- did reading come to the end?
assert(writer:close())
