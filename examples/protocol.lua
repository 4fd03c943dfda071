-- A protocol of one's own, used at once.
--
--    luapkt run examples/protocol.lua

local luapkt = require "luapkt"

local f = require "luapkt.field"

assert(luapkt.add {
  id     = "Beacon",
  title  = "Our beacon",
  over   = { UDP = { dport = 7777 } },
  fields = {
    f.u8("version",  { default = 1 }),
    f.u8("kind",     { names = { [1] = "hello", [2] = "bye" }, default = 1 }),
    f.u16("len",     { auto = f.payload() }),
    f.ipv4("sender", { default = "0.0.0.0" }),
  },
})

local p = luapkt.IP{ dst = "10.255.255.255" } / luapkt.UDP{ sport = 7777 }
  / luapkt.Beacon{ kind = "bye", sender = "10.0.0.7" } / "see you"

local read = luapkt.packet(p:bytes(), "IP")
print(read.Beacon)
