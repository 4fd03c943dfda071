-- Spanning Tree Protocol, IEEE 802.1D clause 9.3: configuration messages. The times are in units
-- of 1/256 second.

local f = require "luapkt.field"

return {
  id    = "STP",
  scapy = true,
  title = "Spanning Tree Protocol",
  over  = {
    LLC  = { dsap = 0x42, ssap = 0x42, ctrl = 3 },
    SNAP = { code = 0x010b },  -- Cisco's per-VLAN kind
  },
  fields = {
    f.u16("proto"),
    f.u8 ("version"),
    f.u8 ("bpdutype"),
    f.u8 ("bpduflags"),
    f.u16("rootid"),
    f.mac("rootmac"),
    f.u32("pathcost"),
    f.u16("bridgeid"),
    f.mac("bridgemac"),
    f.u16("portid"),
    -- In 256ths of a second: 1 is 0x0100 on the wire.
    f.u16("age",       { default = 1,  show = "fixed8" }),
    f.u16("maxage",    { default = 20, show = "fixed8" }),
    f.u16("hellotime", { default = 2,  show = "fixed8" }),
    f.u16("fwddelay",  { default = 15, show = "fixed8" }),
  },
}
