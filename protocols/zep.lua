-- Zigbee Encapsulation Protocol: frames of IEEE 802.15.4 in UDP, as sniffers send them, to port
-- 17754; version 1, and version 2 with a time stamp as NTP has it. There is no specification of it;
-- so it is in the documentation of RIOT (net_zep), and tshark reads it so.

local f = require "luapkt.field"

local is_zep = f.peek(0, 16):eq(0x4558)

-- An acknowledgment of version 2 has but a sequence number.
local is_ack = f.peek(16, 16):eq(0x0202)

local function over_udp(is_it)
  return { UDP = {
    { dport = 17754, when = is_it }, { sport = 17754, when = is_it },
    build = { sport = 17754, dport = 17754 },
  } }
end

return {
  {
    id     = "ZEP1",
    base   = "ZEP2",
    hidden = true,
    over   = over_udp(is_zep:both(f.peek(16, 8):eq(1))),
    fields = {
      f.bytes("preamble", { default = "EX", size = 2 }),
      f.u8("ver"),
      f.u8("channel"),
      f.u16("device"),
      f.u8("lqi_mode"),
      f.u8("lqi_val"),
      f.bits("res", 56),
      f.u8("len"),
    },
  },
  {
    id     = "ZEP2",
    title  = "Zigbee Encapsulation Protocol (V2)",
    payloads = { "Raw", "Dot15d4" },
    over   = over_udp(is_zep:both(f.peek(16, 8):ne(1)):both(is_ack:no())), -- 2, or none it knows
    fields = {
      f.bytes("preamble", { default = "EX", size = 2 }),
      f.u8("ver"),
      f.u8("type"),
      f.u8("channel"),
      f.u16("device"),
      f.u8("lqi_mode", { default = 1 }),
      f.u8("lqi_val"),
      f.u64("timestamp", { show = "ntp", bitfield = true }),
      f.u32("seq"),
      f.bits("res", 64, { align = 10, align_own = true, class = "BitField (80 bits)" }),
      f.u8("length"),
    },
  },
}
