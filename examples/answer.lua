-- Answer every packet of a capture with itself, its addresses exchanged.
--
--    luapkt run examples/answer.lua in.pcap out.pcap

local luapkt = require "luapkt"

local from, to = ...
assert(from and to, "which capture, and to which file?")
local reader = assert(luapkt.pcap.reader(from))
local writer = assert(luapkt.pcap.writer(to))

for packet, record in reader:packets() do
  packet:reverse_address()
  assert(writer:write(packet, { time = record.time + 1000 })) -- a microsecond later
end

assert(reader:check()) -- did reading come to the end?
assert(writer:close())
